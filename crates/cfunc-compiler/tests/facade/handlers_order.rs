//! What handlers put beside a node runs as often, and in the order, as Python would run the node.

use cfunc_compiler::ast::{BinaryOperator, Expression, ExpressionKind, Statement};
use cfunc_compiler::{CompilationContext, ExpressionNode, Span, StatementNode, TransformApi, builders};

use crate::common::{body, context_with, gives, request};

/// `log = 10 * log + digit`, of a state of the source.
fn logged(span: Span, digit: i64) -> Statement {
    let log = || builders::name(span, "log");
    let shifted = builders::binary(span, builders::constant(span, 10), BinaryOperator::Multiply, log());
    let sum = builders::binary(span, shifted, BinaryOperator::Add, builders::constant(span, digit));
    builders::assign(span, log(), sum)
}

/// The value, once it is there, and then the digit.
fn after(api: &mut dyn TransformApi, value: Expression, digit: i64) -> Expression {
    let span = value.span;
    let held = api.new_local("held", span);
    builders::sequence(span, vec![builders::assign(span, held.clone(), value), logged(span, digit)], held)
}

fn is_of(expression: &Expression, first: &str) -> bool {
    matches!(&expression.kind, ExpressionKind::Name { name, .. } if name.starts_with(first))
}

/// Every kind of node logs a digit: an expression when its value is there, a statement before it runs.
fn logging() -> CompilationContext {
    context_with(|registrar| {
        for (node, digit) in [
            (ExpressionNode::Call, 1),
            (ExpressionNode::Subscript, 2),
            (ExpressionNode::Attribute, 3),
            (ExpressionNode::Compare, 4),
            (ExpressionNode::Name, 5),
        ] {
            registrar.after_expression(node, 0, move |api, original, result| {
                let is_logged = match &original.kind {
                    ExpressionKind::Name { .. } => is_of(original, "v"),
                    ExpressionKind::Call { function, .. } => is_of(function, "abs"),
                    _ => true,
                };
                Ok(if is_logged { after(api, result, digit) } else { result })
            });
        }
        for (node, digit) in [
            (StatementNode::For, 0),
            (StatementNode::Expression, 6),
            (StatementNode::Return, 7),
            (StatementNode::Assign, 8),
            (StatementNode::AugmentedAssign, 9),
        ] {
            registrar.after_statement(node, 0, move |_api, original, mut result| {
                result.insert(0, logged(original.span, digit));
                Ok(result)
            });
        }
        Ok(())
    })
}

#[test]
fn effects_run_as_often_and_in_the_order_of_python() {
    let context = logging();
    for (lines, x, expected) in [
        // The test of a `while`, once a round and once more.
        ("v = x\n    while v < 3:\n        v += 1", 1, "8_54_9_54_9_54_7"),
        ("v = x\n    while not abs(v) == 2 or v < 0:\n        v += 4", -2, "8_514_54_9_514_54_7"),
        // What is not evaluated does not log.
        ("v = x\n    t = v > 5 and abs(v) > 0", 1, "8_8_54_7"),
        ("v = x\n    t = v > 5 and abs(v) > 0", 6, "8_8_54_514_7"),
        ("v = x\n    t = v > 5 or abs(v) > 0", 1, "8_8_54_514_7"),
        ("v = x\n    t = abs(v) if v < 0 else v + 0", 1, "8_8_54_5_7"),
        ("v = x\n    t = abs(v) if v < 0 else v + 0", -1, "8_8_54_51_7"),
        ("v = x\n    t = 1 < v < abs(v)", 1, "8_8_54_7"),
        ("v = x\n    t = 1 < v < abs(v)", 2, "8_8_5514_7"),
        ("v = x\n    t = 1 < v < abs(v) == 2 != v", 3, "8_8_5514_7"),
        // Operands before what they are of, from left to right.
        ("v = x\n    t = abs(abs(v))", 1, "8_8_511_7"),
        ("v = x\n    t = abs(v) + v.real * (v, 5)[v]", 0, "8_8_51_53_55_2_7"),
        ("v = x\n    abs(v)", 4, "8_6_51_7"),
        ("v = x\n    t = u = abs(v)", 4, "8_8_51_7"),
        ("v = x\n    t = (w := abs(v)) + w", 4, "8_8_51_7"),
        ("v = x\n    t = max(abs(v), v, abs(3)) if v else 0", 4, "8_8_5_51_5_1_7"),
        // The index of an augmented assignment's target, once; the iterable of a `for`, once.
        ("xs = [0, 0]\n    v = x\n    xs[abs(v)] += abs(v)", 1, "8_8_9_51_51_7"),
        ("v = x\n    xs = [1, 2]\n    xs[abs(v)] = v", 1, "8_8_8_5_51_7"),
        ("v = x\n    for i in range(abs(v)):\n        v = i", 2, "8_0_51_8_8_7"),
        ("v = x\n    for i in range(abs(v)):\n        if v == 2:\n            break", 2, "8_0_51_54_7"),
        // Ways through `try`, `match` and `assert`.
        ("v = x\n    try:\n        t = [1][abs(v)]\n    except IndexError:\n        v = 0", 5, "8_8_51_8_7"),
        (
            "v = x\n    match abs(v):\n        case 1 if v < 0:\n            pass\n        case _:\n            v",
            1,
            "8_51_54_65_7",
        ),
        ("v = x\n    assert abs(v) < 9, 'too large'", 1, "8_514_7"),
    ] {
        let text = body(&format!("log: State[int] = 1\n    {lines}\n    return log"));
        let expected = format!("1{}", expected.replace('_', ""));
        gives(&context, &request(&text), x, expected.parse().expect("up to 18 digits"));
    }
    // Defaults and decorators are no code of the node.
    let text = "def f(x: Signal[int], k: int = abs(-3)) -> Signal[int]:\n    log: State[int] = 1\n    return log + k\n";
    gives(&context, &request(text), 0, 20);
}
