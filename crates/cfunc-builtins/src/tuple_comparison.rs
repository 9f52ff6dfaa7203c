//! Comparison of tuples: element by element, as far as it takes to decide.

use cfunc_context::{
    Argument, LowerContext, LowerError, Operand, Operation, Registrar, Signature, TypeSpec, TypingAnswer, TypingContext,
};
use cfunc_models::{Representation, Type, Value};
use cfunc_syntax::ast::CompareOperator;

use crate::comparison::COMPARISONS;
use crate::tuple::{NOT_MINE, TupleFamily, parts};

/// `==`, by which elements are looked for.
pub(crate) const EQUAL: Operation = Operation::Compare(CompareOperator::Equal);

pub(crate) fn register(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    for (operator, ..) in COMPARISONS {
        let operation = Operation::Compare(operator);
        registrar.type_callable(operation, move |call| type_comparison(call, tuples, operator));
        let family = || TypeSpec::Constructor(tuples.constructor);
        registrar.lower_builtin(operation, [family(), family()], move |b, signature, operands| {
            let (left, right) = (parts(b, &operands[0]), parts(b, &operands[1]));
            compare(b, signature, operator, &left, &right)
        });
    }
}

/// What a comparison of two lengths gives.
fn compare_lengths(operator: CompareOperator, left: usize, right: usize) -> bool {
    match operator {
        CompareOperator::Equal => left == right,
        CompareOperator::NotEqual => left != right,
        CompareOperator::Less => left < right,
        CompareOperator::LessOrEqual => left <= right,
        CompareOperator::Greater => left > right,
        CompareOperator::GreaterOrEqual => left >= right,
        CompareOperator::Is | CompareOperator::IsNot | CompareOperator::In | CompareOperator::NotIn => false,
    }
}

const fn is_equality(operator: CompareOperator) -> bool {
    matches!(operator, CompareOperator::Equal | CompareOperator::NotEqual)
}

fn type_comparison(call: &mut TypingContext<'_>, tuples: TupleFamily, operator: CompareOperator) -> TypingAnswer {
    let [left, right] = call.arguments else { return NOT_MINE };
    let (left, right) = (left.ty, right.ty);
    let Some((first, second)) = tuples.elements(call.types, left).zip(tuples.elements(call.types, right)) else {
        return NOT_MINE;
    };
    let (first, second) = (first.to_vec(), second.to_vec());
    let signature = Signature::new(&[left, right], Type::BOOLEAN);
    if is_equality(operator) && first.len() != second.len() {
        return TypingAnswer::Known(signature, Value::Boolean(operator == CompareOperator::NotEqual));
    }
    for (left, right) in first.iter().zip(&second) {
        let argument = |ty| Argument { ty, constant: None, span: call.span };
        let pair = [argument(*left), argument(*right)];
        for operation in [EQUAL, Operation::Compare(operator)] {
            if let Err(error) = call.resolve(operation, &pair) {
                return TypingAnswer::No(call.describe(&error));
            }
        }
    }
    TypingAnswer::Signature(signature)
}

/// The first elements that are not equal decide, else the lengths.
fn compare(
    b: &mut LowerContext<'_, '_>,
    signature: &Signature,
    operator: CompareOperator,
    left: &[Operand],
    right: &[Operand],
) -> Result<Operand, LowerError> {
    if is_equality(operator) && left.len() != right.len() {
        return Ok(Operand::scalar(signature.result, b.boolean(operator == CompareOperator::NotEqual)));
    }
    let result = b.declare_variable(Representation::I8);
    let done = b.create_block();
    for (left, right) in left.iter().zip(right) {
        let pair = [left.clone(), right.clone()];
        let equal = b.call(EQUAL, &pair)?.value();
        let (next, differ) = (b.create_block(), b.create_block());
        b.branch(equal, next, differ);
        b.switch_to(differ);
        let decided = if is_equality(operator) {
            b.boolean(operator == CompareOperator::NotEqual)
        } else {
            b.call(Operation::Compare(operator), &pair)?.value()
        };
        b.define_variable(result, decided);
        b.jump(done, &[]);
        b.switch_to(next);
    }
    let decided = b.boolean(compare_lengths(operator, left.len(), right.len()));
    b.define_variable(result, decided);
    b.jump(done, &[]);
    b.switch_to(done);
    let result = b.use_variable(result);
    Ok(Operand::scalar(signature.result, result))
}
