//! Functions written in Python that rules call, and that see each other.

use crate::common::{compiled, context, on_every_engine, request};
use cfunc_compiler::{
    CompilationContext, CompileRequest, Extension, ExtensionId, NodeErrorKind, Registrar, RegistrationError, Source,
    Type, TypeSpec, TypingAnswer, compile, defaults,
};

/// `smooth(old, new)` of anything that its Python code takes; `weighted(n)` by the module's own `weight`.
struct Smoothing {
    share: &'static str,
}

impl Extension for Smoothing {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("smoothing", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let source = format!(
            "SHARE = {}\n\ndef blend(old, new, share=SHARE):\n    return mix(old, new, share)\n\n\
             def mix(a, b, share):\n    if a > 100:\n        raise ValueError('too much')\n    return a + (b - a) * share\n",
            self.share
        );
        let blend = registrar.python_callable("blend", &source)?;
        let smooth = registrar.function("smooth");
        registrar.type_callable(smooth, move |call| match call.resolve(blend, call.arguments) {
            Ok(resolution) => TypingAnswer::Signature(resolution.signature),
            Err(error) => TypingAnswer::No(call.describe(&error)),
        });
        let any = TypeSpec::VariableArguments(Box::new(TypeSpec::Any));
        registrar.lower_builtin(smooth, [any], move |b, _signature, operands| b.call(blend, operands));

        let weight = registrar.module_callable("weight");
        let weighted = registrar.function("weighted");
        registrar.builtin(weighted, &[Type::INT64], Type::INT64, move |b, signature, operands| {
            let weight = b.call(weight, operands)?;
            b.cast(weight, signature.result)
        });
        Ok(())
    }
}

fn smoothing(share: &'static str) -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    builder.with(Smoothing { share }).build().expect("the extensions fit together")
}

const NODE: &str = "
def weight(n):
    return n * 10 if n != 7 else 1 << -n

def f(x: Signal[int]) -> Signal[float]:
    return smooth(x, 2) + smooth(1.5, x) + weighted(x) + weighted(x + 1)
";

#[test]
fn rules_call_functions_of_python_code() {
    on_every_engine(|engine| {
        let request = request(NODE).function("f").backend(engine);
        let result = compile(&smoothing("0.5"), &request).unwrap_or_else(|error| panic!("{error}"));
        let mut node = result.instantiate().expect("numbers have cells");
        let (x, out) = (node.input::<i64>("x").expect("an input"), node.output::<f64>(0).expect("an output"));
        node.start().expect("START");
        node.set(x, 4);
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), Some(3.0 + 2.75 + 40.0 + 50.0));
        for (value, kind) in [(101, NodeErrorKind::ValueError), (7, NodeErrorKind::ValueError)] {
            node.set(x, value);
            assert_eq!(node.execute().expect_err("it raises").kind, kind);
        }
        node.set(x, 0);
        node.execute().expect("a tick after errors");
        assert_eq!(node.ticked(out), Some(1.0 + 0.75 + 0.0 + 10.0));
    });
}

#[test]
fn keys_cover_the_code_that_rules_call() {
    let key = |context: &CompilationContext, text: &str| {
        compile(context, &request(text).function("f"))
            .unwrap_or_else(|error| panic!("{error}"))
            .semantic_key()
            .to_owned()
    };
    let first = key(&smoothing("0.5"), NODE);
    assert_eq!(first, key(&smoothing("0.5"), NODE));
    assert_ne!(first, key(&smoothing("0.25"), NODE), "the code of the extension");
    assert_ne!(first, key(&smoothing("0.5"), &NODE.replace("n * 10", "n * 11")), "the code of the module");
}

#[test]
fn what_is_wrong_with_the_code_is_told_where_the_rule_is_asked() {
    let refused = |text: &str| compile(&smoothing("0.5"), &request(text)).expect_err("it is wrong").to_string();
    let without = refused("def f(x: Signal[int]) -> Signal[int]:\n    return weighted(x)\n");
    assert!(without.contains("a rule calls `weight`, which the module does not define"), "{without}");
    let text = refused("def f(x: Signal[int]) -> Signal[float]:\n    return smooth('a', x)\n");
    assert!(text.contains("in `blend`, which a rule calls: "), "{text}");
    let count = refused("def f(x: Signal[int]) -> Signal[float]:\n    return smooth(x)\n");
    assert!(count.contains("a rule calls `blend` with 1 arguments: there is none for `new`"), "{count}");
}

/// Rules whose Python code leads back to them: at typing, and while they emit.
struct Circle;

impl Extension for Circle {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("circle", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let there = registrar.python_callable("there", "def there(x):\n    return back(x)\n")?;
        let back_again = registrar.python_callable("back_again", "def back_again(x):\n    return forth(x) + 1\n")?;
        let (forth, back) = (registrar.function("forth"), registrar.function("back"));
        for (function, callable) in [(forth, there), (back, back_again)] {
            registrar.type_callable(function, move |call| match call.resolve(callable, call.arguments) {
                Ok(resolution) => TypingAnswer::Signature(resolution.signature),
                Err(error) => TypingAnswer::No(call.describe(&error)),
            });
            registrar
                .lower_builtin(function, [TypeSpec::Any], move |b, _signature, operands| b.call(callable, operands));
        }
        let own = registrar.python_callable("own", "def own(x):\n    return again(x)\n")?;
        let again = registrar.function("again");
        registrar.builtin(again, &[Type::INT64], Type::INT64, move |b, _signature, operands| b.call(own, operands));
        Ok(())
    }
}

#[test]
fn recursion_by_way_of_rules_shows_the_cycle() {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    let context = builder.with(Circle).build().expect("the extensions fit together");
    for (call, cycle) in [("forth", "there -> back_again -> there"), ("again", "own -> own")] {
        let text = format!("def f(x: Signal[int]) -> Signal[int]:\n    return {call}(x)\n");
        let error = compile(&context, &request(&text)).expect_err("it never ends").to_string();
        assert!(error.contains(&format!("calls itself by way of rules: {cycle}")), "{error}");
    }
}

#[test]
fn functions_of_the_host_see_each_other() {
    let text = "\ndef f(x: Signal[int]) -> Signal[int]:\n    return outer(x)\n";
    let given = |inner: &str| {
        let outer = Source::new("outer.py", "def outer(n):\n    return inner(n, LIMIT) + 1\n");
        request(text)
            .global("LIMIT", 10)
            .global_function("outer", outer)
            .global_function("inner", Source::new("inner.py", inner))
    };
    on_every_engine(|engine| {
        let request = given("def inner(n, most):\n    return n if n < most else most\n").backend(engine);
        let result = compiled(&request);
        let mut node = result.instantiate().expect("ints have cells");
        let (x, out) = (node.input::<i64>("x").expect("an input"), node.output::<i64>(0).expect("an output"));
        node.start().expect("START");
        for (value, expected) in [(3, 4), (30, 11)] {
            node.set(x, value);
            node.execute().expect("a tick");
            assert_eq!(node.ticked(out), Some(expected));
        }
    });
    let circle = given("def inner(n, most):\n    return outer(n - most)\n");
    let error = compile(&context(), &circle).expect_err("it never ends").to_string();
    assert!(error.contains("`outer` calls itself: outer -> inner -> outer"), "{error}");
}

/// Two functions under dotted names, each in a module of its own.
struct Library;

impl Extension for Library {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("library", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.python_function("lib.double", "def double(x):\n    return x * 2\n")?;
        registrar.python_function("lib.four", "from lib import double\n\ndef four(x):\n    return double(double(x))\n")
    }
}

#[test]
fn registered_functions_see_each_other() {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    let context = builder.with(Library).build().expect("the extensions fit together");
    let text = "from lib import four\n\ndef f(x: Signal[int]) -> Signal[int]:\n    return four(x)\n";
    let compile = |request: &CompileRequest| compile(&context, request).unwrap_or_else(|error| panic!("{error}"));
    let mut node = compile(&request(text)).instantiate().expect("ints have cells");
    let (x, out) = (node.input::<i64>("x").expect("an input"), node.output::<i64>(0).expect("an output"));
    node.start().expect("START");
    node.set(x, 3);
    node.execute().expect("a tick");
    assert_eq!(node.ticked(out), Some(12));
}
