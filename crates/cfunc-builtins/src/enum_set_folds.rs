//! Sets of members of an enumeration that are known when a node is compiled.

use cfunc_context::{FoldArguments, Operation, Registrar};
use cfunc_models::Value;
use cfunc_syntax::ast::{BinaryOperator, CompareOperator};

use crate::enum_set_operations::OPERATORS;
use crate::enum_sets::NAME;
use crate::enumeration::number_of;

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    for (operator, _) in OPERATORS {
        registrar.fold_kind(Operation::Binary(operator), NAME, move |arguments| {
            let (class, left, right) = pair(arguments, operator.text())?;
            let bits = match operator {
                BinaryOperator::BitOr => left | right,
                BinaryOperator::BitAnd => left & right,
                BinaryOperator::BitXor => left ^ right,
                _ => left & !right,
            };
            Ok(Value::set_of_members(class, bits))
        });
    }
    for operator in [
        CompareOperator::Equal,
        CompareOperator::NotEqual,
        CompareOperator::Less,
        CompareOperator::LessOrEqual,
        CompareOperator::Greater,
        CompareOperator::GreaterOrEqual,
    ] {
        registrar.fold_kind(Operation::Compare(operator), NAME, move |arguments| {
            let (_, left, right) = pair(arguments, operator.text())?;
            Ok(Value::Boolean(match operator {
                CompareOperator::NotEqual => left != right,
                CompareOperator::Less => left & !right == 0 && left != right,
                CompareOperator::LessOrEqual => left & !right == 0,
                CompareOperator::Greater => right & !left == 0 && left != right,
                CompareOperator::GreaterOrEqual => right & !left == 0,
                _ => left == right,
            }))
        });
    }
    registrar.fold_kind(Operation::Contains, NAME, |arguments| match arguments.positional {
        [set, member @ Value::Record(of, _)] => match (set.known_set(), number_of(member)) {
            (Some((class, bits)), Some(position)) if class == of => {
                Ok(Value::Boolean((0..128).contains(&position) && bits >> position & 1 == 1))
            }
            _ => Err(format!("{member} is no member of the enum of the set")),
        },
        _ => Err(format!("`in` is not defined so for {NAME}")),
    });
    let (length, truth) = (registrar.function("len"), registrar.function("bool"));
    for callable in [Operation::Length.id(), length] {
        registrar
            .fold_kind(callable, NAME, |arguments| Ok(Value::Integer(i64::from(only(arguments, "len")?.count_ones()))));
    }
    for callable in [Operation::Truth.id(), truth] {
        registrar.fold_kind(callable, NAME, |arguments| Ok(Value::Boolean(only(arguments, "bool")? != 0)));
    }
}

fn only(arguments: &FoldArguments<'_>, what: &str) -> Result<u128, String> {
    match arguments.positional {
        [set] => set.known_set().map(|(_, bits)| bits),
        _ => None,
    }
    .ok_or_else(|| format!("{what} takes one value"))
}

/// The class of two sets and the bits of each.
fn pair<'a>(arguments: &FoldArguments<'a>, operator: &str) -> Result<(&'a str, u128, u128), String> {
    let [left, right] = arguments.positional else { return Err(format!("`{operator}` takes two values")) };
    match (left.known_set(), right.known_set()) {
        (Some((class, left)), Some((other, right))) if class == other => Ok((class, left, right)),
        (Some((class, _)), Some((other, _))) => {
            Err(format!("`{operator}` is not defined for sets of `{class}` and `{other}`"))
        }
        _ => Err(format!("`{operator}` is not defined for {} and {}", left.kind(), right.kind())),
    }
}
