use cfunc_models::{AbiParameterId, Span, Type, Value, VariableId};
use cfunc_syntax::ast::BinaryOperator;
use cfunc_syntax::{builders, print_expression, print_module, print_statements};
use expect_test::{Expect, expect};

use crate::module;

const HERE: Span = Span::new(0, 0);

#[track_caller]
fn check(source: &str, expect: Expect) {
    expect.assert_eq(&print_module(&module(source)));
}

#[test]
fn fewest_parentheses() {
    check(
        "x = ((a) + (b * c)) - (d - (e))\ny = (-(a)) ** (-(b)) ** c\nz = not (not (a in b)) and (c or d)\n",
        expect![[r#"
            x = a + b * c - (d - e)
            y = (-a) ** (-b) ** c
            z = not not a in b and (c or d)
        "#]],
    );
    check(
        "x = ((yes) if (a if b else c) else (d if e else f))\n",
        expect![[r#"
        x = yes if (a if b else c) else d if e else f
    "#]],
    );
    check(
        "x[(1, 2)], (y), *z = ((1, 2), 3, *[4])\nreturns = (a,)\n",
        expect![[r#"
        x[1, 2], y, *z = ((1, 2), 3, *[4])
        returns = (a,)
    "#]],
    );
    check(
        "(x := 1)\nif (y := 2): pass\nf((z := 3), k=(w := 4))\n",
        expect![[r#"
        (x := 1)
        if y := 2:
            pass
        f(z := 3, k=(w := 4))
    "#]],
    );
}

#[test]
fn statements() {
    check(
        "if a:\n  b\nelse:\n  if c: d\n  else: e\n\nfor (i, j) in (k, l): pass  # comment\ntry: a\nexcept (b): c\nfinally: d\n",
        expect![[r#"
            if a:
                b
            elif c:
                d
            else:
                e
            for i, j in k, l:
                pass
            try:
                a
            except b:
                c
            finally:
                d
        "#]],
    );
    check(
        "@a\ndef f(a, /, b: \"Signal[ int ]\" = (1), *, c=2, **d) -> (x): 'doc'; return (a, b)\n",
        expect![[r#"
        @a
        def f(a, /, b: Signal[int] = 1, *, c=2, **d) -> x:
            "doc"
            return a, b
    "#]],
    );
    check(
        "match (x):\n  case (1 | 2) as y if (z): pass\n  case (a, [*_]): pass\n  case (-1.5): pass\n",
        expect![[r#"
        match x:
            case 1 | 2 as y if z:
                pass
            case [a, [*_]]:
                pass
            case -1.5:
                pass
    "#]],
    );
}

#[test]
fn values() {
    let value = |value: Value| print_expression(&builders::constant(HERE, value));
    let power = |base: Value| {
        let base = builders::constant(HERE, base);
        let two = builders::constant(HERE, 2_i64);
        print_expression(&builders::binary(HERE, base, BinaryOperator::Power, two))
    };
    let payload = f64::from_bits(f64::NAN.to_bits() + 1);
    let lines = [
        value(Value::Float(1.0)),
        value(Value::Float(-0.0)),
        value(Value::Float(1e300)),
        value(Value::Float(f64::INFINITY)),
        value(Value::Float(f64::NEG_INFINITY)),
        value(Value::Float(f64::NAN)),
        value(Value::Float(payload)),
        value(Value::Integer(i64::MIN)),
        power(Value::Integer(-3)),
        power(Value::Float(-0.5)),
        value(Value::Datetime(-5)),
        value(Value::Timedelta(7)),
        value(Value::Tuple(vec![Value::Integer(-1)])),
        value(Value::List(vec![Value::None, Value::Boolean(true)])),
        value(Value::Dict(vec![(Value::from("a\"\n\u{7f}é\u{200b}"), Value::List(vec![]))])),
        value(Value::Record("Point".to_owned(), vec![("x".to_owned(), Value::Integer(1))])),
        print_expression(&builders::attribute(HERE, builders::constant(HERE, -1_i64), "real")),
    ];
    expect![[r#"
        1.0
        -0.0
        1e300
        float("inf")
        float("-inf")
        float("nan")
        __float_bits__(0x7ff8000000000001)
        -9223372036854775808
        (-3) ** 2
        (-0.5) ** 2
        datetime(-5 ns)
        timedelta(7 ns)
        (-1,)
        [None, True]
        {"a\"\n\x7f\xe9\u200b": []}
        Point(x=1)
        (-1).real"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn intrinsics() {
    let element = builders::abi_element(HERE, AbiParameterId(5), 2, Type::BOOLEAN);
    let sum = builders::binary(HERE, element, BinaryOperator::Add, builders::name(HERE, "x"));
    let store = builders::store_output(HERE, VariableId(3), sum);
    let test = builders::if_statement(HERE, builders::name(HERE, "y"), vec![store], vec![]);
    expect![[r#"
        if y:
            __store_output__(3, __abi_element__(5, 2) + x)
    "#]]
    .assert_eq(&print_statements(&[test]));
}
