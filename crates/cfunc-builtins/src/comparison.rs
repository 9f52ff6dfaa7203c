//! `==`, `!=`, `<` … of numbers. An integer beside a float is converted first, as in the reference.

use cfunc_context::{Operand, Operation, Registrar};
use cfunc_ir::{FloatCondition, IntegerCondition};
use cfunc_models::Type;
use cfunc_syntax::ast::CompareOperator;

/// The comparisons by value, with the conditions they are.
pub(crate) const COMPARISONS: [(CompareOperator, IntegerCondition, FloatCondition); 6] = [
    (CompareOperator::Equal, IntegerCondition::Equal, FloatCondition::Equal),
    (CompareOperator::NotEqual, IntegerCondition::NotEqual, FloatCondition::NotEqual),
    (CompareOperator::Less, IntegerCondition::SignedLess, FloatCondition::Less),
    (CompareOperator::LessOrEqual, IntegerCondition::SignedLessOrEqual, FloatCondition::LessOrEqual),
    (CompareOperator::Greater, IntegerCondition::SignedGreater, FloatCondition::Greater),
    (CompareOperator::GreaterOrEqual, IntegerCondition::SignedGreaterOrEqual, FloatCondition::GreaterOrEqual),
];

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    compare_integers(registrar, Type::BOOLEAN);
    compare_integers(registrar, Type::INT64);
    for (operator, _, condition) in COMPARISONS {
        let parameters = [Type::FLOAT64; 2];
        registrar.builtin(Operation::Compare(operator), &parameters, Type::BOOLEAN, move |b, signature, operands| {
            let result = b.float_compare(condition, operands[0].value(), operands[1].value());
            Ok(Operand::scalar(signature.result, result))
        });
    }
}

/// Registers the comparisons between two values of a type held as one integer.
pub(crate) fn compare_integers(registrar: &mut Registrar<'_>, ty: Type) {
    for (operator, condition, _) in COMPARISONS {
        registrar.builtin(Operation::Compare(operator), &[ty; 2], Type::BOOLEAN, move |b, signature, operands| {
            let result = b.integer_compare(condition, operands[0].value(), operands[1].value());
            Ok(Operand::scalar(signature.result, result))
        });
    }
}
