//! Operators and functions on values that are known at compile time: initial states, module constants, arguments of
//! constructors.
//!
//! They give what generated code gives without Python's error model.

use std::cmp::Ordering;

use cfunc_context::{FoldArguments, Operation, Registrar};
use cfunc_models::Value;
use cfunc_syntax::ast::{BinaryOperator, CompareOperator, UnaryOperator};

use crate::fold_exact::{BEYOND_128_BITS, exact_numbers, nearest, whole, whole_part};
use crate::fold_numbers::{
    float, float_power_of_integer, floats, floor_divide, integers, modulo, power_modulo, quotient,
    rounded_float_quotient, rounded_product, rounded_quotient, undefined,
};
use crate::time_zoned::fold;

type FoldFunction = fn(&[Value]) -> Result<Value, String>;

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    for operator in BinaryOperator::ALL.iter().copied() {
        fold(registrar, Operation::Binary(operator), move |arguments| match arguments.positional {
            [left, right] => binary(operator, left, right, arguments.exact),
            other => Err(wrong_count(operator.text(), other.len())),
        });
    }
    for operator in UnaryOperator::ALL.iter().copied() {
        fold(registrar, Operation::Unary(operator), move |arguments| match arguments.positional {
            [operand] => unary(operator, operand, arguments.exact),
            other => Err(wrong_count(operator.text(), other.len())),
        });
    }
    for operator in CompareOperator::ALL.iter().copied() {
        if matches!(
            operator,
            CompareOperator::Is | CompareOperator::IsNot | CompareOperator::In | CompareOperator::NotIn
        ) {
            // Identity and membership are not questions of values alone.
            continue;
        }
        fold(registrar, Operation::Compare(operator), move |arguments| match arguments.positional {
            [left, right] => compare(operator, left, right),
            other => Err(wrong_count(operator.text(), other.len())),
        });
    }
    fold(registrar, Operation::Truth, |arguments| to_boolean(arguments.positional));
    let callable = registrar.function("int");
    fold(registrar, callable, |arguments| to_integer(without_keywords("int", arguments)?, arguments.exact));
    let functions: [(&str, FoldFunction); 5] = [
        ("float", to_float),
        ("bool", to_boolean),
        ("abs", absolute),
        ("min", |values| extreme("min", values, |candidate, taken| candidate < taken)),
        ("max", |values| extreme("max", values, |candidate, taken| candidate > taken)),
    ];
    for (name, function) in functions {
        let callable = registrar.function(name);
        fold(registrar, callable, move |arguments| function(without_keywords(name, arguments)?));
    }
    let callable = registrar.function("pow");
    fold(registrar, callable, power);
    let callable = registrar.function("ord");
    fold(registrar, callable, |arguments| match without_keywords("ord", arguments)? {
        [Value::Text(text)] => code_point(text),
        other => Err(wrong_count("ord", other.len())),
    });
    let callable = registrar.function("len");
    fold(registrar, callable, |arguments| match without_keywords("len", arguments)? {
        [value] => length(value),
        other => Err(wrong_count("len", other.len())),
    });
}

fn power(arguments: &FoldArguments<'_>) -> Result<Value, String> {
    let names = ["base", "exp", "mod"];
    match crate::time_constructors::ordered("pow", names, arguments)? {
        [Some(base), Some(exponent), None | Some(Value::None)] => {
            binary(BinaryOperator::Power, base, exponent, arguments.exact)
        }
        [Some(base), Some(exponent), Some(modulus)] => match (promoted(base), promoted(exponent), promoted(modulus)) {
            (Value::Integer(base), Value::Integer(exponent), Value::Integer(modulus)) => {
                power_modulo(base, exponent, modulus).map(Value::Integer)
            }
            _ => Err("with a modulus, pow takes integers".to_owned()),
        },
        _ => Err(wrong_count("pow", arguments.positional.len())),
    }
}

fn without_keywords<'a>(name: &str, arguments: &FoldArguments<'a>) -> Result<&'a [Value], String> {
    match arguments.keywords.first() {
        Some((keyword, _)) => Err(format!("{name} takes no keyword argument `{keyword}`")),
        None => Ok(arguments.positional),
    }
}

fn wrong_count(name: &str, count: usize) -> String {
    format!("`{name}` does not take {count} constants")
}

/// A truth value as the integer it is; anything else as it is.
fn promoted(value: &Value) -> Value {
    match value {
        Value::Boolean(value) => Value::Integer(i64::from(*value)),
        other => crate::enumeration::integer_of(other).unwrap_or_else(|| other.clone()),
    }
}

fn binary(operator: BinaryOperator, left: &Value, right: &Value, exact: bool) -> Result<Value, String> {
    let numbers = if exact { exact_numbers } else { numbers };
    match (operator, left, right) {
        (BinaryOperator::BitAnd, Value::Boolean(left), Value::Boolean(right)) => Ok(Value::Boolean(left & right)),
        (BinaryOperator::BitOr, Value::Boolean(left), Value::Boolean(right)) => Ok(Value::Boolean(left | right)),
        (BinaryOperator::BitXor, Value::Boolean(left), Value::Boolean(right)) => Ok(Value::Boolean(left ^ right)),
        // `int | float`, for `isinstance`.
        (BinaryOperator::BitOr, left, right) if is_type(left) && is_type(right) => {
            Ok(Value::Tuple(vec![left.clone(), right.clone()]))
        }
        (BinaryOperator::Add, Value::Text(left), Value::Text(right)) => Ok(Value::Text(format!("{left}{right}"))),
        (BinaryOperator::Multiply, Value::Text(text), count) | (BinaryOperator::Multiply, count, Value::Text(text)) => {
            repeated(text, &promoted(count))
        }
        (BinaryOperator::Add, Value::Tuple(left), Value::Tuple(right)) => {
            Ok(Value::Tuple(left.iter().chain(right).cloned().collect()))
        }
        _ => {
            let (left, right) = (promoted(left), promoted(right));
            numbers(operator, &left, &right)
                .or_else(|| times(operator, &left, &right).map(Ok))
                .or_else(|| numbers(operator, &beside(&left, &right), &beside(&right, &left)))
                .unwrap_or_else(|| Err(undefined(operator, left.kind(), right.kind())))
        }
    }
}

/// A text some times; as much of it as Python's compiler would put into a program.
fn repeated(text: &str, count: &Value) -> Result<Value, String> {
    const MOST_CHARACTERS: usize = 4_096;
    let Value::Integer(count) = count else { return Err(undefined(BinaryOperator::Multiply, "str", count.kind())) };
    let count = usize::try_from(*count).unwrap_or(0);
    match text.chars().count().checked_mul(count) {
        Some(0..=MOST_CHARACTERS) => Ok(Value::Text(text.repeat(count))),
        _ => Err(format!("the text is longer than {MOST_CHARACTERS} characters")),
    }
}

/// Whether a value is a type, or several that `|` joined. None is one beside another.
fn is_type(value: &Value) -> bool {
    match value {
        Value::Tuple(values) => !values.is_empty() && values.iter().all(is_type),
        other => *other == Value::None || other.type_name().is_some(),
    }
}

fn numbers(operator: BinaryOperator, left: &Value, right: &Value) -> Option<Result<Value, String>> {
    match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => Some(integers(operator, *left, *right)),
        (Value::Float(left), Value::Integer(right)) if operator == BinaryOperator::Power => {
            Some(float_power_of_integer(*left, *right).map(Value::Float))
        }
        (Value::Float(left), Value::Integer(right)) => Some(floats(operator, *left, float(*right))),
        (Value::Integer(left), Value::Float(right)) => Some(floats(operator, float(*left), *right)),
        (Value::Float(left), Value::Float(right)) => Some(floats(operator, *left, *right)),
        _ => None,
    }
}

/// What Python defines between times, and between a duration and a number.
fn times(operator: BinaryOperator, left: &Value, right: &Value) -> Option<Value> {
    use BinaryOperator::{Add, Divide, FloorDivide, Modulo, Multiply, Subtract};
    Some(match (operator, left, right) {
        (Add, Value::Datetime(left), Value::Timedelta(right))
        | (Add, Value::Timedelta(left), Value::Datetime(right)) => Value::Datetime(left.wrapping_add(*right)),
        (Add, Value::Timedelta(left), Value::Timedelta(right)) => Value::Timedelta(left.wrapping_add(*right)),
        (Subtract, Value::Datetime(left), Value::Timedelta(right)) => Value::Datetime(left.wrapping_sub(*right)),
        (Subtract, Value::Datetime(left), Value::Datetime(right))
        | (Subtract, Value::Timedelta(left), Value::Timedelta(right)) => Value::Timedelta(left.wrapping_sub(*right)),
        (Multiply, Value::Timedelta(left), Value::Integer(right))
        | (Multiply, Value::Integer(left), Value::Timedelta(right)) => Value::Timedelta(left.wrapping_mul(*right)),
        (Multiply, Value::Timedelta(time), Value::Float(factor))
        | (Multiply, Value::Float(factor), Value::Timedelta(time)) => Value::Timedelta(rounded_product(*time, *factor)),
        (FloorDivide, Value::Timedelta(left), Value::Integer(right)) => Value::Timedelta(floor_divide(*left, *right)),
        (FloorDivide, Value::Timedelta(left), Value::Timedelta(right)) => Value::Integer(floor_divide(*left, *right)),
        (Modulo, Value::Timedelta(left), Value::Timedelta(right)) => Value::Timedelta(modulo(*left, *right)),
        #[expect(clippy::cast_possible_truncation, reason = "wrapping is what generated code does")]
        (Divide, Value::Timedelta(left), Value::Integer(right)) => {
            Value::Timedelta(rounded_quotient(i128::from(*left), i128::from(*right)) as i64)
        }
        (Divide, Value::Timedelta(left), Value::Float(right)) => {
            Value::Timedelta(rounded_float_quotient(*left, *right))
        }
        (Divide, Value::Timedelta(left), Value::Timedelta(right)) => Value::Float(quotient(*left, *right)),
        _ => return None,
    })
}

/// A time as the integer of its nanoseconds; anything else as it is.
fn nanoseconds(value: &Value) -> Value {
    match value {
        Value::Datetime(nanoseconds) | Value::Timedelta(nanoseconds) => Value::Integer(*nanoseconds),
        other => other.clone(),
    }
}

/// A time as the number of its nanoseconds that is of another's type; anything else as it is.
fn beside(value: &Value, other: &Value) -> Value {
    match (nanoseconds(value), other) {
        (Value::Integer(nanoseconds), Value::Float(_)) => Value::Float(float(nanoseconds)),
        (number, _) => number,
    }
}

fn unary(operator: UnaryOperator, operand: &Value, exact: bool) -> Result<Value, String> {
    let value = promoted(operand);
    if exact && let Some(whole) = whole(&value) {
        return Ok(match operator {
            UnaryOperator::Not => Value::Boolean(whole == Some(0)),
            UnaryOperator::Plus => value,
            UnaryOperator::Negate => Value::integer(whole.and_then(i128::checked_neg)),
            UnaryOperator::Invert => Value::integer(whole.map(|whole| !whole)),
        });
    }
    Ok(match (operator, &value) {
        (UnaryOperator::Not, _) => Value::Boolean(!truth(&value)?),
        (UnaryOperator::Plus, Value::Integer(_) | Value::Float(_) | Value::Timedelta(_)) => value,
        (UnaryOperator::Negate, Value::Integer(value)) => Value::Integer(value.wrapping_neg()),
        (UnaryOperator::Negate, Value::Float(value)) => Value::Float(-value),
        (UnaryOperator::Negate, Value::Timedelta(value)) => Value::Timedelta(value.wrapping_neg()),
        (UnaryOperator::Invert, Value::Integer(value)) => Value::Integer(!value),
        (_, Value::Datetime(_) | Value::Timedelta(_)) => return unary(operator, &nanoseconds(&value), exact),
        _ => return Err(format!("`{}` is not defined for {}", operator.text(), operand.kind())),
    })
}

fn compare(operator: CompareOperator, left: &Value, right: &Value) -> Result<Value, String> {
    if let (Value::Tuple(left), Value::Tuple(right)) = (left, right) {
        // The first elements that are not equal decide, else the lengths.
        for (left, right) in left.iter().zip(right) {
            if compare(CompareOperator::Equal, left, right)? != Value::Boolean(true) {
                return match operator {
                    CompareOperator::Equal => Ok(Value::Boolean(false)),
                    CompareOperator::NotEqual => Ok(Value::Boolean(true)),
                    _ => compare(operator, left, right),
                };
            }
        }
        return compare(operator, &count(left.len()), &count(right.len()));
    }
    let ordering = match (&nanoseconds(&promoted(left)), &nanoseconds(&promoted(right))) {
        (Value::Integer(left), Value::Integer(right)) => Some(left.cmp(right)),
        (Value::LargeInteger(None), _) | (_, Value::LargeInteger(None)) => return Err(BEYOND_128_BITS.to_owned()),
        (Value::LargeInteger(Some(left)), Value::Integer(right)) => Some((**left).cmp(&i128::from(*right))),
        (Value::Integer(left), Value::LargeInteger(Some(right))) => Some(i128::from(*left).cmp(right)),
        (Value::LargeInteger(left), Value::LargeInteger(right)) => Some(left.cmp(right)),
        (Value::LargeInteger(Some(left)), Value::Float(right)) => nearest(**left).partial_cmp(right),
        (Value::Float(left), Value::LargeInteger(Some(right))) => left.partial_cmp(&nearest(**right)),
        (Value::Integer(left), Value::Float(right)) => float(*left).partial_cmp(right),
        (Value::Float(left), Value::Integer(right)) => left.partial_cmp(&float(*right)),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        // Texts are in the order of code points, which that of UTF-8 is.
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Record(left, left_fields), Value::Record(right, right_fields))
            if left == right && matches!(operator, CompareOperator::Equal | CompareOperator::NotEqual) =>
        {
            (left_fields == right_fields).then_some(Ordering::Equal)
        }
        _ => {
            let (left, right) = (left.kind(), right.kind());
            return Err(format!("`{}` is not defined for {left} and {right}", operator.text()));
        }
    };
    Ok(Value::Boolean(match operator {
        CompareOperator::Equal => ordering == Some(Ordering::Equal),
        CompareOperator::NotEqual => ordering != Some(Ordering::Equal),
        CompareOperator::Less => ordering == Some(Ordering::Less),
        CompareOperator::LessOrEqual => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
        CompareOperator::Greater => ordering == Some(Ordering::Greater),
        CompareOperator::GreaterOrEqual => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
        CompareOperator::Is | CompareOperator::IsNot | CompareOperator::In | CompareOperator::NotIn => {
            return Err(format!("`{}` is not evaluated at compile time", operator.text()));
        }
    }))
}

/// The truth of a value of the built-in types. What is true of a registered type its extension says.
fn truth(value: &Value) -> Result<bool, String> {
    if let Some(integer) = crate::enumeration::integer_of(value) {
        return truth(&integer);
    }
    Ok(match value {
        Value::None => false,
        Value::Boolean(value) => *value,
        Value::Integer(value) | Value::Datetime(value) | Value::Timedelta(value) => *value != 0,
        Value::LargeInteger(_) => true,
        Value::Float(value) => *value != 0.0,
        Value::Text(value) => !value.is_empty(),
        Value::Tuple(values) | Value::List(values) => !values.is_empty(),
        Value::Dict(entries) => !entries.is_empty(),
        Value::Record(..) | Value::Host(_) => {
            return Err(format!("the truth of {} is not known at compile time", value.kind()));
        }
    })
}

fn to_integer(values: &[Value], exact: bool) -> Result<Value, String> {
    match values {
        [] => Ok(Value::Integer(0)),
        [value] => match nanoseconds(&promoted(value)) {
            number @ (Value::Integer(_) | Value::LargeInteger(_)) => Ok(number),
            Value::Float(value) if exact => whole_part(value),
            #[expect(clippy::cast_possible_truncation, reason = "saturation is what generated code does")]
            Value::Float(value) => Ok(Value::Integer(value as i64)),
            other => Err(format!("int is not defined for {}", other.kind())),
        },
        other => Err(wrong_count("int", other.len())),
    }
}

fn to_float(values: &[Value]) -> Result<Value, String> {
    match values {
        [] => Ok(Value::Float(0.0)),
        [Value::Text(text)] => {
            parse_float(text).map(Value::Float).ok_or_else(|| format!("could not convert string to float: {text:?}"))
        }
        [value] => match nanoseconds(&promoted(value)) {
            Value::Integer(value) => Ok(Value::Float(float(value))),
            Value::LargeInteger(Some(value)) => Ok(Value::Float(nearest(*value))),
            Value::Float(value) => Ok(Value::Float(value)),
            other => Err(format!("float is not defined for {}", other.kind())),
        },
        other => Err(wrong_count("float", other.len())),
    }
}

/// As Python reads a float: white space around, underscores between digits, `inf`, `infinity` and `nan` in any case.
fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let digit_at = |index: Option<usize>| index.and_then(|index| bytes.get(index)).is_some_and(u8::is_ascii_digit);
    let underscores = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_');
    for (index, _) in underscores {
        if !digit_at(index.checked_sub(1)) || !digit_at(Some(index + 1)) {
            return None;
        }
    }
    text.replace('_', "").parse().ok()
}

fn to_boolean(values: &[Value]) -> Result<Value, String> {
    match values {
        [] => Ok(Value::Boolean(false)),
        [value] => truth(value).map(Value::Boolean),
        other => Err(wrong_count("bool", other.len())),
    }
}

fn absolute(values: &[Value]) -> Result<Value, String> {
    let [value] = values else { return Err(wrong_count("abs", values.len())) };
    match promoted(value) {
        Value::Integer(value) => Ok(Value::Integer(value.wrapping_abs())),
        Value::LargeInteger(value) => Ok(Value::integer(value.and_then(|value| value.checked_abs()))),
        Value::Float(value) => Ok(Value::Float(value.abs())),
        Value::Timedelta(value) => Ok(Value::Timedelta(value.wrapping_abs())),
        other => Err(format!("abs is not defined for {}", other.kind())),
    }
}

fn extreme(name: &str, values: &[Value], better: fn(f64, f64) -> bool) -> Result<Value, String> {
    // One argument is a tuple of them.
    let values = match values {
        [Value::Tuple(elements)] => elements,
        other => other,
    };
    let Some((first, rest)) = values.split_first() else { return Err(format!("{name}() arg is an empty sequence")) };
    let undefined = |value: &Value| format!("{name} is not defined for {}", value.kind());
    let mut any_float = matches!(first, Value::Float(_));
    let mut all_boolean = matches!(first, Value::Boolean(_));
    let mut taken = first;
    for value in rest {
        any_float |= matches!(value, Value::Float(_));
        all_boolean &= matches!(value, Value::Boolean(_));
        let is_better = match (promoted(value), promoted(taken)) {
            (Value::Integer(value), Value::Integer(taken))
            | (Value::Datetime(value), Value::Datetime(taken))
            | (Value::Timedelta(value), Value::Timedelta(taken)) => {
                // The sign of the order, which a double holds exactly.
                better(f64::from(value.cmp(&taken) as i8), 0.0)
            }
            (Value::Float(value), Value::Float(taken)) => better(value, taken),
            (Value::Integer(value), Value::Float(taken)) => better(float(value), taken),
            (Value::Float(value), Value::Integer(taken)) => better(value, float(taken)),
            _ => return Err(undefined(value)),
        };
        if is_better {
            taken = value;
        }
    }
    match (taken, any_float, all_boolean) {
        (Value::Boolean(_), _, true) => Ok(taken.clone()),
        (_, true, _) => to_float(std::slice::from_ref(taken)),
        (Value::Boolean(_) | Value::Integer(_) | Value::Datetime(_) | Value::Timedelta(_), false, _) => {
            Ok(promoted(taken))
        }
        _ => Err(undefined(taken)),
    }
}

fn code_point(text: &str) -> Result<Value, String> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) => Ok(Value::Integer(i64::from(u32::from(only)))),
        _ => Err("ord takes a text of one character".to_owned()),
    }
}

fn length(value: &Value) -> Result<Value, String> {
    let length = match value {
        Value::Text(text) => text.chars().count(),
        Value::Tuple(values) | Value::List(values) => values.len(),
        Value::Dict(entries) => entries.len(),
        other => return Err(format!("len is not defined for {}", other.kind())),
    };
    Ok(count(length))
}

fn count(number: usize) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}
