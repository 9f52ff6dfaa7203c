use cfunc_compiler::{
    CompilationContext, CompileError, CompileRequest, Diagnostics, Extension, ExtensionId, MetadataValue, Registrar,
    RegistrationError, Source, Stage, Type, Value, codes, compile, defaults,
};
use expect_test::{Expect, expect};

use crate::extension;

fn context() -> CompilationContext {
    CompilationContext::builder().with(defaults()).with(extension()).build().expect("they stand beside each other")
}

/// Each diagnostic under the line it is about.
fn print_diagnostics(source: &str, diagnostics: &Diagnostics) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let (start, end) = (diagnostic.span.start as usize, diagnostic.span.end as usize);
        let line_start = source[..start].rfind('\n').map_or(0, |index| index + 1);
        let line = source[line_start..].lines().next().unwrap_or_default();
        let underline = "^".repeat((end - start).clamp(1, (line_start + line.len() - start).max(1)));
        // The bar keeps the indentation when the expectation is moved.
        text += &format!("| {line}\n| {}{underline} {diagnostic}\n", " ".repeat(start - line_start));
    }
    text
}

/// The function after all handlers ran, or what is wrong.
#[track_caller]
fn check(source: &str, expect: Expect) {
    let text = match compile(&context(), &CompileRequest::new(Source::new("test.py", source))) {
        Ok(result) => {
            // The body alone; comments tell of locals and phases.
            let text = result.dump(Stage::Transformed).expect("it needs no backend");
            text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect()
        }
        Err(CompileError::Diagnostics { diagnostics, .. }) => print_diagnostics(source, &diagnostics),
        Err(error) => panic!("{error}"),
    };
    expect.assert_eq(&text);
}

/// What is wrong with the return annotation of a function that returns nothing.
#[track_caller]
fn check_output(annotation: &str, expect: Expect) {
    check(&format!("def f(x: Signal[int]) -> {annotation}:\n    return\n"), expect);
}

#[test]
fn inputs_and_an_output() {
    check(
        "import nodes as nd\ndef f(x: nd.Signal[float], y: 'Signal[int]', k: 'int' = 2) -> Signal[float]:\n    \
         return x + y + k\n",
        expect![[r#"
            __store_outputs__(None, x + y + k)
            return
        "#]],
    );
}

#[test]
fn invalid_inputs() {
    check(
        "def f(a: Signal, b: Signal[flaot], c: Signal[str], d: Signal[int, int], e: Signal[3]) -> Signal[int]:\n    \
         return\n",
        expect![[r#"
            | def f(a: Signal, b: Signal[flaot], c: Signal[str], d: Signal[int, int], e: Signal[3]) -> Signal[int]:
            |          ^^^^^^ [E0202] the signal has no type; expected `Signal[<type>]` (name its type: `Signal[float]`)
            | def f(a: Signal, b: Signal[flaot], c: Signal[str], d: Signal[int, int], e: Signal[3]) -> Signal[int]:
            |                            ^^^^^ [E0202] this is not a type that a signal can have; expected a registered type (did you mean `float`?)
            | def f(a: Signal, b: Signal[flaot], c: Signal[str], d: Signal[int, int], e: Signal[3]) -> Signal[int]:
            |                                              ^^^ [E0202] a signal cannot be of type `str`; expected a type that a cell holds (keep the value in a state, and let each number go in or out by itself)
            | def f(a: Signal, b: Signal[flaot], c: Signal[str], d: Signal[int, int], e: Signal[3]) -> Signal[int]:
            |                                                              ^^^^^^^^ [E0202] this is not a type that a signal can have; expected a registered type (write a type that is registered: `bool`, `datetime`, `float`, `int`, `timedelta`)
            | def f(a: Signal, b: Signal[flaot], c: Signal[str], d: Signal[int, int], e: Signal[3]) -> Signal[int]:
            |                                                                                   ^ [E0202] this is not a type that a signal can have; expected a registered type (write a type that is registered: `bool`, `datetime`, `float`, `int`, `timedelta`)
        "#]],
    );
}

#[test]
fn signals_have_no_default() {
    check(
        "def f(a: Signal[float] = 1.0, b: Signal[int] = None) -> Signal[int]:\n    return\n",
        expect![[r#"
        | def f(a: Signal[float] = 1.0, b: Signal[int] = None) -> Signal[int]:
        |                          ^^^ [E0205] the signal `a` has a default (leave it out: `a.valid()` tells whether the signal has a value)
        | def f(a: Signal[float] = 1.0, b: Signal[int] = None) -> Signal[int]:
        |                                                ^^^^ [E0205] the signal `b` has a default (leave it out: `b.valid()` tells whether the signal has a value)
    "#]],
    );
}

/// Every diagnostic of a source, on its way through all stages.
#[track_caller]
fn check_all(source: &str, expect: Expect) {
    let found = cfunc_compiler::check(&context(), &Source::new("test.py", source));
    expect.assert_eq(&print_diagnostics(source, &found));
}

#[test]
fn nothing_is_reported_twice() {
    check_all(
        "def f(x: Signal[int]) -> Signal[int]:\n    1 = x\n    x + 1 = 2\n    x.y += 1\n    x.y = 1\n    (a, b): int = 1\n    (x, a) += 1\n    *c = x\n    return 9223372036854775808 + a + b\n",
        expect![[r#"
            |     1 = x
            |     ^ [E0104] cannot assign to a literal; expected a name, an attribute, a subscript, or a tuple of them (assign to a name of its own)
            |     x + 1 = 2
            |     ^^^^^ [E0104] cannot assign to the result of an operation; expected a name, an attribute, a subscript, or a tuple of them (write `==` to compare)
            |     x.y += 1
            |     ^^^ [E0305] int has no attribute `y` (a value of type int has `conjugate`, `imag`, `real` alone)
            |     x.y = 1
            |     ^^^ [E0305] int has no attribute to assign to: `y` (a value of type int has `conjugate`, `imag`, `real` alone)
            |     (a, b): int = 1
            |     ^^^^^^ [E0104] an annotation takes one target; expected a name, an attribute or a subscript (write one statement for each)
            |     (x, a) += 1
            |     ^^^^^^ [E0104] an assignment with an operator takes one target; expected a name, an attribute or a subscript (write one statement for each)
            |     *c = x
            |     ^^ [E0104] a starred target must stand in a tuple or list; expected a target without `*` (write a comma behind it)
            |     return 9223372036854775808 + a + b
            |            ^^^^^^^^^^^^^^^^^^^ [E0005] this integer does not fit into 64 bits; expected a value from -9223372036854775808 to 9223372036854775807 (write it as a float, with `.0` behind it)
        "#]],
    );
    check_all(
        "def f(x: Signal[int], k: int = 9223372036854775808) -> Signal[int]:\n    s: State[int] = -(9223372036854775808)\n    s += k\n    return s\n",
        expect![[r#"
            | def f(x: Signal[int], k: int = 9223372036854775808) -> Signal[int]:
            |                                ^^^^^^^^^^^^^^^^^^^ [E0005] this integer does not fit into 64 bits; expected a value from -9223372036854775808 to 9223372036854775807 (write it as a float, with `.0` behind it)
        "#]],
    );
}

#[test]
fn builtins_of_python_are_not_misspelled() {
    check_all(
        "def f(x: Signal[int], k: int = 1) -> Signal[int]:\n    print(x)\n    a = list(x)\n    b = sum(prnt)\n    return ragne(x)\ndef g(x: Signal[int], k: list = 1) -> Signal[int]:\n    return x\n",
        expect![[r#"
            |     a = list(x)
            |         ^^^^^^^ [E0304] `list` is not defined for int (use a value of another type here)
            |     b = sum(prnt)
            |             ^^^^ [E0101] the name `prnt` is not known (did you mean `print`?)
            |     return ragne(x)
            |            ^^^^^ [E0101] the name `ragne` is not known (did you mean `range`?)
            | def g(x: Signal[int], k: list = 1) -> Signal[int]:
            |                          ^^^^ [E0202] the annotation of the parameter `k`: `list` is complete with the types of what it holds in brackets; expected a registered kind of input, or the registered type of a constant (put types that fit into the brackets, or change the class that they name)
        "#]],
    );
}

#[test]
fn names_have_one_normal_form() {
    check(
        "def f(ｘ: Signal[int], k: ｉｎｔ = 2) -> Signal[int]:\n    ﬁrst = x.ｔｉｃｋｅｄ()\n    return first + ｘ + ｋ + math.ｐｉ\n",
        expect![[r#"
            first = __abi_element__(5, 0)
            __store_outputs__(None, first + x + k + math.pi)
            return
        "#]],
    );
}

#[test]
fn hints_say_what_works() {
    check_all(
        "def f(x: Signal[int]) -> Signal[int]:\n    ...\n    z = ...\n    a = [x]\n    b = 1j\n    c = f'{x}'\n    d = b'a'\n    e = {x: 1}\n    g = {x}\n    h = lambda: x\n    i = [x for x in y]\n    with x: pass\n    def j(): pass\n    class k: pass\n    yield x\n    await x\n    return x\n",
        expect![[r#"
            |     z = ...
            |         ^^^ [E0401] `...` is not supported in a node (write `pass` for a statement that does nothing)
            |     b = 1j
            |         ^^ [E0401] a complex number is not supported in a node (keep the real and the imaginary part in two floats)
            |     c = f'{x}'
            |         ^^^^^^ [E0401] an f-string is not supported in a node (nodes make no text; `print(x, y)` writes values)
            |     d = b'a'
            |         ^^^^ [E0401] a bytes literal is not supported in a node (write it with statements and expressions that nodes have)
            |     g = {x}
            |         ^^^ [E0401] a set is not supported in a node (compare with each value: `x == 1 or x == 2`)
            |     h = lambda: x
            |         ^^^^^^^^^ [E0401] `lambda` is not supported in a node (write the expression where it is used)
            |     i = [x for x in y]
            |         ^^^^^^^^^^^^^^ [E0401] a list comprehension is not supported in a node (fill a list in a `for` loop, with `append`)
            |     with x: pass
            |     ^^^^^^^^^^^^ [E0401] `with` is not supported in a node (write the statements of its block without it)
            |     def j(): pass
            |     ^^^^^^^^^^^^^ [E0401] a function definition is not supported in a node (write its statements where it is called)
            |     class k: pass
            |     ^^^^^^^^^^^^^ [E0401] a class definition is not supported in a node (keep each value in a local or a state of its own)
            |     yield x
            |     ^^^^^^^ [E0401] `yield` is not supported in a node (`return` a value, and keep what the next tick needs in a state)
            |     await x
            |     ^^^^^^^ [E0401] `await` is not supported in a node (a node is called once a tick and never waits)
        "#]],
    );
}

#[test]
fn invalid_outputs() {
    check_output(
        "Signal",
        expect![[r#"
            | def f(x: Signal[int]) -> Signal:
            |                          ^^^^^^ [E0204] the signal has no type; expected `Signal[<type>]` (name its type: `Signal[float]`)
        "#]],
    );
    check_output(
        "Signal[integer]",
        expect![[r#"
            | def f(x: Signal[int]) -> Signal[integer]:
            |                                 ^^^^^^^ [E0204] this is not a type that a signal can have; expected a registered type (write a type that is registered: `bool`, `datetime`, `float`, `int`, `timedelta`)
        "#]],
    );
    check_output(
        "Outputs",
        expect![[r#"
            | def f(x: Signal[int]) -> Outputs:
            |                          ^^^^^^^ [E0204] the outputs have no names and types; expected `Annotated[Outputs, {"name": <type>, …}]` (name every output and its type: `Annotated[Outputs, {"high": float, "low": float}]`)
        "#]],
    );
    check_output(
        "Outputs[{'a': int}]",
        expect![[r#"
            | def f(x: Signal[int]) -> Outputs[{'a': int}]:
            |                          ^^^^^^^^^^^^^^^^^^^ [E0204] `Outputs` takes no brackets; expected `Annotated[Outputs, {"name": <type>, …}]` (name every output and its type: `Annotated[Outputs, {"high": float, "low": float}]`)
        "#]],
    );
    check_output(
        "Annotated[Outputs, int]",
        expect![[r#"
            | def f(x: Signal[int]) -> Annotated[Outputs, int]:
            |                                             ^^^ [E0204] the outputs are not a dict of names and types; expected `Annotated[Outputs, {"name": <type>, …}]` (name every output and its type: `Annotated[Outputs, {"high": float, "low": float}]`)
        "#]],
    );
    check_output(
        "Annotated[Outputs, {}]",
        expect![[r#"
            | def f(x: Signal[int]) -> Annotated[Outputs, {}]:
            |                                             ^^ [E0204] there are no outputs; expected `Annotated[Outputs, {"name": <type>, …}]` (name every output and its type: `Annotated[Outputs, {"high": float, "low": float}]`)
        "#]],
    );
    check_output(
        "Annotated[Outputs, {'a': int}, 1]",
        expect![[r#"
            | def f(x: Signal[int]) -> Annotated[Outputs, {'a': int}, 1]:
            |                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ [E0204] `Outputs` is annotated with one dict; expected `Annotated[Outputs, {"name": <type>, …}]` (name every output and its type: `Annotated[Outputs, {"high": float, "low": float}]`)
        "#]],
    );
    check_output(
        "Annotated[Outputs, {'a': int, 'b': float, 'a': int}]",
        expect![[r#"
            | def f(x: Signal[int]) -> Annotated[Outputs, {'a': int, 'b': float, 'a': int}]:
            |                                                                    ^^^ [E0103] two outputs have the name `a` (give each output a name of its own)
        "#]],
    );
    check_output(
        "Annotated[Outputs, {a: int}]",
        expect![[r#"
            | def f(x: Signal[int]) -> Annotated[Outputs, {a: int}]:
            |                                              ^ [E0204] the name of an output is not a string literal; expected `Annotated[Outputs, {"name": <type>, …}]` (name every output and its type: `Annotated[Outputs, {"high": float, "low": float}]`)
        "#]],
    );
    check_output(
        "Annotated[Outputs, {'a': str}]",
        expect![[r#"
            | def f(x: Signal[int]) -> Annotated[Outputs, {'a': str}]:
            |                                                   ^^^ [E0204] an output cannot be of type `str`; expected a type that a cell holds (keep the value in a state, and let each number go in or out by itself)
        "#]],
    );
    check_output(
        "Annotated[Outputs, {**a}]",
        expect![[r#"
            | def f(x: Signal[int]) -> Annotated[Outputs, {**a}]:
            |                                                ^ [E0204] the outputs are named one by one; expected `Annotated[Outputs, {"name": <type>, …}]` (name every output and its type: `Annotated[Outputs, {"high": float, "low": float}]`)
        "#]],
    );
    check_output(
        "Annotated[int, {'a': int}]",
        expect![[r#"
            | def f(x: Signal[int]) -> Annotated[int, {'a': int}]:
            |                          ^^^^^^^^^^^^^^^^^^^^^^^^^^ [E0204] nothing registered understands the annotation of the return value; expected a registered kind of output (annotations are made of registered names: `Annotated`, `Outputs`, `Signal`, `State`, `bool`, `float`, `int`, `set_output`, `str`)
        "#]],
    );
}

#[test]
fn too_many_outputs() {
    let names: Vec<String> = (0..1_001).map(|number| format!("'o{number}': int")).collect();
    let source = format!("def f(x: Signal[int]) -> Annotated[Outputs, {{{}}}]:\n    return\n", names.join(","));
    match compile(&context(), &CompileRequest::new(Source::new("test.py", source))) {
        Err(CompileError::Diagnostics { diagnostics, .. }) => {
            let found: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
            assert_eq!(found, [codes::LIMIT_COUNT]);
        }
        _ => panic!("so many outputs are refused"),
    }
}

#[test]
fn ticked_and_valid() {
    check(
        "def f(x: Signal[int], y: Signal[int]) -> Signal[int]:\n    y = 3\n    if x.ticked() and y.ticked() and not \
         y.valid():\n        return input_ticked[0] + input_valid[1] * 10 + output_ticked[0]\n",
        expect![[r#"
            y = 3
            if __abi_element__(5, 0) and __abi_element__(5, 1) and not __abi_element__(6, 1):
                __store_outputs__(None, __abi_element__(5, 0) + __abi_element__(6, 1) * 10 + __abi_element__(1, 0))
                return
        "#]],
    );
    check(
        "def f(x: Signal[int], k: int = 1) -> Signal[int]:\n    if x.ticked(1) or x.valid(a=1):\n        return \
         input_ticked[1]\n",
        expect![[r#"
            |     if x.ticked(1) or x.valid(a=1):
            |        ^^^^^^^^^^^ [E0304] `x.ticked()` takes no arguments; expected no arguments (write `x.ticked()`)
            |     if x.ticked(1) or x.valid(a=1):
            |                       ^^^^^^^^^^^^ [E0304] `x.valid()` takes no arguments; expected no arguments (write `x.valid()`)
            |         return input_ticked[1]
            |                             ^ [E0005] `input_ticked` has no element 1; expected 0 (elements are numbered in the order of the parameters, from 0)
        "#]],
    );
}

#[test]
fn set_output() {
    check(
        "import nodes as nd\ndef f(x: Signal[int]) -> Annotated[Outputs, {'hi': int, 'lo': float}]:\n    hi = x + 1\n    \
         set_output('hi', hi)\n    if x > 2:\n        nd.set_output('lo', 1.5)\n        return None, 2.5\n    return hi, \
         1.5\n",
        expect![[r#"
            hi = x + 1
            __store_output__(0, hi)
            if x > 2:
                __store_output__(1, 1.5)
                __store_output__(1, 2.5)
                return
            _return_0 = hi
            __store_output__(0, _return_0)
            __store_output__(1, 1.5)
            return
        "#]],
    );
    check(
        "def f(x: Signal[int]) -> Annotated[Outputs, {'high': int, 'low': float}]:\n    name = 1\n    \
         set_output('hihg', x)\n    set_output('middle', x)\n    set_output(name, x)\n    set_output('low', None)\n    \
         set_output('low')\n    set_output('low', value=x)\n    a = set_output('low', x)\n    return \
         set_output('low', x)\n",
        expect![[r#"
            |     set_output('hihg', x)
            |                ^^^^^^ [E0502] there is no output `hihg`; expected one of high, low (did you mean `high`?)
            |     set_output('middle', x)
            |                ^^^^^^^^ [E0502] there is no output `middle`; expected one of high, low (name an output of the return annotation)
            |     set_output(name, x)
            |                ^^^^ [E0503] the name of the output is not a string literal; expected `set_output("<name>", <value>)` (name the output by a string, and write the value behind it)
            |     set_output('low', None)
            |                       ^^^^ [E0503] None cannot be written to an output; expected `set_output("<name>", <value>)` (leave the call out: an output that is not written does not tick)
            |     set_output('low')
            |     ^^^^^^^^^^^^^^^^^ [E0503] `set_output` takes a name and a value; expected `set_output("<name>", <value>)` (name the output by a string, and write the value behind it)
            |     set_output('low', value=x)
            |     ^^^^^^^^^^^^^^^^^^^^^^^^^^ [E0503] `set_output` takes a name and a value; expected `set_output("<name>", <value>)` (name the output by a string, and write the value behind it)
            |     a = set_output('low', x)
            |         ^^^^^^^^^^^^^^^^^^^^ [E0503] `set_output` has no value (write it as a statement of its own)
            |     return set_output('low', x)
            |            ^^^^^^^^^^^^^^^^^^^^ [E0503] `set_output` has no value (write it as a statement of its own)
        "#]],
    );
    check(
        "def f(x: Signal[int]) -> Signal[int]:\n    set_output('f', x)\n",
        expect![[r#"
            |     set_output('f', x)
            |                ^^^ [E0503] the function has no named outputs; expected outputs with names (use `return`, or declare `Annotated[Outputs, {…}]`)
        "#]],
    );
}

#[test]
fn metadata() {
    let source = "def f(b: Signal[int], k: int = 1, *, a: Signal[float]) -> Signal[int]:\n    return b + k\n";
    let result = compile(&context(), &CompileRequest::new(Source::new("test.py", source)))
        .unwrap_or_else(|error| panic!("{error}"));
    let metadata = result.metadata();
    assert_eq!(
        metadata.get("ordered_input_signals"),
        Some(&MetadataValue::Texts(vec!["b".to_owned(), "a".to_owned()]))
    );
    assert_eq!(metadata.get("input_types"), Some(&MetadataValue::Types(vec![Type::INT64, Type::FLOAT64])));
}

#[test]
fn annotated_may_be_there_already() {
    struct Annotated;
    impl Extension for Annotated {
        fn id(&self) -> ExtensionId {
            ExtensionId::new("annotated", 1)
        }

        fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
            registrar.marker("Annotated")
        }
    }
    assert!(CompilationContext::builder().with(Annotated).with(extension()).build().is_ok());
}

#[test]
fn a_node_runs() {
    let source = "def f(x: Signal[int], y: Signal[float]) -> Annotated[Outputs, {'sum': int, 'fresh': bool}]:\n    \
                  total: State[int] = -1\n    total += x\n    x = 0\n    set_output('fresh', x.ticked() and not \
                  y.valid())\n    if total > 5:\n        return total, None\n";
    let result = compile(&context(), &CompileRequest::new(Source::new("test.py", source)))
        .unwrap_or_else(|error| panic!("{error}"));
    let mut node = result.instantiate().expect("ints and floats are in every instance");
    node.start().expect("no error");
    let mut ticks = Vec::new();
    for (index, value) in [(0, Value::Integer(3)), (0, Value::Integer(4)), (1, Value::Float(0.5))] {
        node.set_value(index, &value).expect("it is of the input's type");
        node.execute().expect("no error");
        ticks.push((node.output_value(0), node.output_value(1)));
    }
    node.stop().expect("no error");
    let fresh = |value| Some(Value::Boolean(value));
    let expected =
        [(None, fresh(true)), (Some(Value::Integer(6)), fresh(true)), (Some(Value::Integer(10)), fresh(false))];
    assert_eq!(ticks, expected);
}
