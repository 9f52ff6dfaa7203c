//! Constant folding and algebra that is exact: integers wrap, doubles follow IEEE 754.
//!
//! One instruction at a time, from its operands; no operation on doubles is reassociated, and none is folded into a nan,
//! whose sign and payload are the machine's. Nothing is divided at compile time where the division is undefined.

use cfunc_models::Representation::{self, F64, I8, I16, I32, I64, I128, Pointer};

use crate::passes::subject::{Subject, integer_of};
use crate::ssa::rewrite;
use crate::{
    BinaryOperation, ConvertOperation, FloatCondition, Function, Instruction, InstructionData, IntegerCondition,
    UnaryOperation, Value,
};

/// What an instruction is worth.
pub(crate) enum Folded {
    /// A value that is there already.
    Value(Value),
    /// Another instruction of one result.
    Instruction(InstructionData),
}

/// Folds every instruction of the function.
pub(crate) fn fold(subject: &mut Subject<'_>) {
    let mut replacement: Vec<Option<Value>> = Vec::new();
    for index in 0..subject.function.layout.len() {
        let block = subject.function.layout[index];
        for position in 0..subject.function.block(block).instructions.len() {
            let instruction = subject.function.block(block).instructions[position];
            if !replacement.is_empty() {
                subject.function.instructions[instruction.index()].for_each_operand_mut(|value| {
                    if let Some(other) = replacement[value.index()] {
                        *value = other;
                    }
                });
            }
            // Each step makes an instruction simpler; the bound is for rules that should not but do disagree.
            for _ in 0..8 {
                let Some(folded) = fold_instruction(subject.function, instruction) else {
                    break;
                };
                if !subject.changes.allow() {
                    return finish(subject.function, &replacement);
                }
                match folded {
                    Folded::Instruction(data) => subject.function.instructions[instruction.index()] = data,
                    Folded::Value(value) => {
                        if replacement.is_empty() {
                            replacement = vec![None; subject.function.values.len()];
                        }
                        let value = replacement[value.index()].unwrap_or(value);
                        let result = subject.function.results(instruction)[0];
                        replacement[result.index()] = Some(value);
                        break;
                    }
                }
            }
        }
    }
    finish(subject.function, &replacement);
}

/// Uses may stand before definitions in the layout, so what was replaced late is replaced everywhere.
fn finish(function: &mut Function, replacement: &[Option<Value>]) {
    if replacement.is_empty() {
        return;
    }
    let mut last = replacement.to_vec();
    for entry in &mut last {
        let mut steps = 0;
        while let Some(next) = entry.and_then(|value| replacement[value.index()]) {
            *entry = Some(next);
            steps += 1;
            if steps > replacement.len() {
                break;
            }
        }
    }
    rewrite(function, &last);
}

/// What an instruction of one result is worth, where it is worth less than itself.
pub(crate) fn fold_instruction(function: &Function, instruction: Instruction) -> Option<Folded> {
    match function.instruction(instruction) {
        InstructionData::Unary { operation, operand } => fold_unary(function, *operation, *operand),
        InstructionData::Binary { operation, left, right } => {
            let representation = function.representation(*left);
            if representation == F64 {
                fold_float(function, *operation, *left, *right)
            } else {
                fold_integer(function, *operation, *left, *right, representation)
            }
        }
        InstructionData::IntegerCompare { condition, left, right } => fold_compare(function, *condition, *left, *right),
        InstructionData::FloatCompare { condition, left, right } => {
            let (left, right) = (float_of(function, *left)?, float_of(function, *right)?);
            Some(integer(I8, i64::from(compare_floats(*condition, left, right))))
        }
        InstructionData::Select { condition, if_true, if_false } => {
            fold_select(function, *condition, *if_true, *if_false)
        }
        InstructionData::Convert { operation, operand, to } => fold_convert(function, *operation, *operand, *to),
        InstructionData::PointerAdd { address, offset } => {
            (integer_of(function, *offset)? == 0).then_some(Folded::Value(*address))
        }
        _ => None,
    }
}

fn integer(representation: Representation, value: i64) -> Folded {
    Folded::Instruction(InstructionData::IntegerConstant { representation, value })
}

/// A double constant, unless it is a nan.
fn float(value: f64) -> Option<Folded> {
    (!value.is_nan()).then_some(Folded::Instruction(InstructionData::FloatConstant { bits: value.to_bits() }))
}

fn float_of(function: &Function, value: Value) -> Option<f64> {
    match function.defining_instruction(value)? {
        InstructionData::FloatConstant { bits } => Some(f64::from_bits(*bits)),
        _ => None,
    }
}

/// The width in bits of an integer that fits into 64.
const fn width(representation: Representation) -> Option<u32> {
    match representation {
        I8 => Some(8),
        I16 => Some(16),
        I32 => Some(32),
        I64 => Some(64),
        I128 | F64 | Pointer => None,
    }
}

/// The low bits, as a signed number.
const fn wrap(value: i64, width: u32) -> i64 {
    let unused = 64 - width;
    value << unused >> unused
}

/// The low bits, as an unsigned number.
const fn unsigned(value: i64, width: u32) -> u64 {
    value.cast_unsigned() & (u64::MAX >> (64 - width))
}

fn fold_unary(function: &Function, operation: UnaryOperation, operand: Value) -> Option<Folded> {
    let representation = function.representation(operand);
    if representation != F64 {
        if let Some(InstructionData::Unary { operation: inner, operand: innermost }) =
            function.defining_instruction(operand)
            && *inner == operation
        {
            return Some(Folded::Value(*innermost));
        }
        let (value, width) = (integer_of(function, operand)?, width(representation)?);
        let value = match operation {
            UnaryOperation::IntegerNegate => value.wrapping_neg(),
            UnaryOperation::IntegerNot => !value,
            _ => return None,
        };
        return Some(integer(representation, wrap(value, width)));
    }
    if let Some(value) = float_of(function, operand) {
        return float(match operation {
            UnaryOperation::FloatNegate => -value,
            UnaryOperation::FloatAbsolute => value.abs(),
            UnaryOperation::FloatSquareRoot => value.sqrt(),
            UnaryOperation::FloatFloor => value.floor(),
            UnaryOperation::FloatCeil => value.ceil(),
            UnaryOperation::FloatTruncate => value.trunc(),
            UnaryOperation::FloatNearest => value.round_ties_even(),
            UnaryOperation::IntegerNegate | UnaryOperation::IntegerNot => return None,
        });
    }
    let InstructionData::Unary { operation: inner, operand: innermost } = function.defining_instruction(operand)?
    else {
        return None;
    };
    match (operation, inner) {
        (UnaryOperation::FloatNegate, UnaryOperation::FloatNegate) => Some(Folded::Value(*innermost)),
        (UnaryOperation::FloatAbsolute, UnaryOperation::FloatAbsolute) => Some(Folded::Value(operand)),
        (UnaryOperation::FloatAbsolute, UnaryOperation::FloatNegate) => {
            Some(Folded::Instruction(InstructionData::Unary { operation, operand: *innermost }))
        }
        _ => None,
    }
}

fn fold_float(function: &Function, operation: BinaryOperation, left: Value, right: Value) -> Option<Folded> {
    let constant = float_of(function, right);
    if let (Some(left), Some(right)) = (float_of(function, left), constant) {
        return float(match operation {
            BinaryOperation::FloatAdd => left + right,
            BinaryOperation::FloatSubtract => left - right,
            BinaryOperation::FloatMultiply => left * right,
            BinaryOperation::FloatDivide => left / right,
            BinaryOperation::FloatCopySign if !right.is_nan() => left.copysign(right),
            _ => return None,
        });
    }
    let is_one = |value: f64| value.to_bits() == 1f64.to_bits();
    match operation {
        // x + -0.0, x - 0.0, x * 1.0 and x / 1.0 are x, also for zeros of either sign.
        BinaryOperation::FloatAdd => {
            let zero = |value: Value| float_of(function, value).is_some_and(|value| value.to_bits() == 1 << 63);
            if zero(right) {
                return Some(Folded::Value(left));
            }
            zero(left).then_some(Folded::Value(right))
        }
        BinaryOperation::FloatSubtract => (constant?.to_bits() == 0).then_some(Folded::Value(left)),
        BinaryOperation::FloatMultiply => {
            if constant.is_some_and(is_one) {
                return Some(Folded::Value(left));
            }
            float_of(function, left).is_some_and(is_one).then_some(Folded::Value(right))
        }
        BinaryOperation::FloatDivide => is_one(constant?).then_some(Folded::Value(left)),
        _ => None,
    }
}

fn fold_integer(
    function: &Function,
    operation: BinaryOperation,
    left: Value,
    right: Value,
    representation: Representation,
) -> Option<Folded> {
    let (a, b) = (integer_of(function, left), integer_of(function, right));
    if let (Some(a), Some(b), Some(width)) = (a, b, width(representation)) {
        return evaluate_integer(operation, a, b, width).map(|value| integer(representation, value));
    }
    let zero = || Some(integer(representation, 0));
    let (keep_left, keep_right) = (Some(Folded::Value(left)), Some(Folded::Value(right)));
    match (operation, a, b) {
        (
            BinaryOperation::IntegerAdd
            | BinaryOperation::IntegerSubtract
            | BinaryOperation::BitOr
            | BinaryOperation::BitXor
            | BinaryOperation::ShiftLeft
            | BinaryOperation::ShiftRightSigned
            | BinaryOperation::ShiftRightUnsigned,
            _,
            Some(0),
        )
        | (BinaryOperation::IntegerMultiply | BinaryOperation::SignedDivide, _, Some(1))
        | (BinaryOperation::BitAnd, _, Some(-1)) => keep_left,
        (BinaryOperation::IntegerAdd | BinaryOperation::BitOr | BinaryOperation::BitXor, Some(0), _)
        | (BinaryOperation::IntegerMultiply, Some(1), _)
        | (BinaryOperation::BitAnd, Some(-1), _) => keep_right,
        (BinaryOperation::IntegerMultiply | BinaryOperation::BitAnd, Some(0), _)
        | (BinaryOperation::IntegerMultiply | BinaryOperation::BitAnd, _, Some(0))
        | (BinaryOperation::SignedRemainder, _, Some(1)) => zero(),
        (BinaryOperation::IntegerSubtract | BinaryOperation::BitXor, ..) if left == right => zero(),
        (BinaryOperation::BitAnd | BinaryOperation::BitOr, ..) if left == right => keep_left,
        // A truth value in the place of a truth value.
        (BinaryOperation::BitAnd, _, Some(1)) if is_truth(function, left) => keep_left,
        (BinaryOperation::BitAnd, Some(1), _) if is_truth(function, right) => keep_right,
        _ => None,
    }
}

/// The result of an operation on constants, where it is defined.
fn evaluate_integer(operation: BinaryOperation, a: i64, b: i64, width: u32) -> Option<i64> {
    let count = u32::try_from(unsigned(b, width) % u64::from(width)).unwrap_or(0);
    let value = match operation {
        BinaryOperation::IntegerAdd => a.wrapping_add(b),
        BinaryOperation::IntegerSubtract => a.wrapping_sub(b),
        BinaryOperation::IntegerMultiply => a.wrapping_mul(b),
        BinaryOperation::SignedDivide if b != 0 && b != -1 => a / b,
        BinaryOperation::SignedRemainder if b != 0 && b != -1 => a % b,
        BinaryOperation::BitAnd => a & b,
        BinaryOperation::BitOr => a | b,
        BinaryOperation::BitXor => a ^ b,
        BinaryOperation::ShiftLeft => a << count,
        BinaryOperation::ShiftRightSigned => a >> count,
        BinaryOperation::ShiftRightUnsigned => (unsigned(a, width) >> count).cast_signed(),
        _ => return None,
    };
    Some(wrap(value, width))
}

fn fold_compare(function: &Function, condition: IntegerCondition, left: Value, right: Value) -> Option<Folded> {
    if left == right {
        return Some(integer(I8, i64::from(compare_integers(condition, 0, 0, 64))));
    }
    let constant = integer_of(function, right)?;
    if let (Some(value), Some(width)) = (integer_of(function, left), width(function.representation(left))) {
        return Some(integer(I8, i64::from(compare_integers(condition, value, constant, width))));
    }
    // A truth value compared with 0 is itself or its opposite.
    if constant == 0 && is_truth(function, left) {
        if condition == IntegerCondition::NotEqual {
            return Some(Folded::Value(left));
        }
        if condition == IntegerCondition::Equal {
            return opposite(function.defining_instruction(left)?).map(Folded::Instruction);
        }
    }
    // What is left of a division that rounds down is 0 where that of one that cuts off is.
    if constant == 0 && matches!(condition, IntegerCondition::Equal | IntegerCondition::NotEqual) {
        let left = rounded_rest(function, left)?;
        return Some(Folded::Instruction(InstructionData::IntegerCompare { condition, left, right }));
    }
    None
}

/// What a division by a constant that cuts off leaves, where a value is what it leaves once it rounds down: below 0 the
/// constant is added.
fn rounded_rest(function: &Function, value: Value) -> Option<Value> {
    let binary = |value: Value, wanted: BinaryOperation| match function.defining_instruction(value)? {
        InstructionData::Binary { operation, left, right } if *operation == wanted => Some((*left, *right)),
        _ => None,
    };
    let InstructionData::Select { condition, if_true, if_false: rest } = *function.defining_instruction(value)? else {
        return None;
    };
    let (added_to, divisor) = binary(if_true, BinaryOperation::IntegerAdd)?;
    let InstructionData::IntegerCompare { condition: IntegerCondition::SignedLess, left: asked, right: zero } =
        *function.defining_instruction(condition)?
    else {
        return None;
    };
    let (_, by) = binary(rest, BinaryOperation::SignedRemainder)?;
    let constant = integer_of(function, divisor).filter(|constant| *constant > 0)?;
    let is_it = added_to == rest
        && asked == rest
        && integer_of(function, zero) == Some(0)
        && integer_of(function, by) == Some(constant);
    is_it.then_some(rest)
}

/// Whether a value is 0 or 1 by what gives it.
pub(crate) fn is_truth(function: &Function, value: Value) -> bool {
    match function.defining_instruction(value) {
        Some(InstructionData::IntegerCompare { .. } | InstructionData::FloatCompare { .. }) => true,
        Some(InstructionData::IntegerConstant { representation: I8, value }) => matches!(value, 0 | 1),
        _ => false,
    }
}

/// The comparison that holds where this one does not. For doubles only the conditions that have one among them.
fn opposite(data: &InstructionData) -> Option<InstructionData> {
    match data {
        InstructionData::IntegerCompare { condition, left, right } => Some(InstructionData::IntegerCompare {
            condition: opposite_condition(*condition),
            left: *left,
            right: *right,
        }),
        InstructionData::FloatCompare { condition, left, right } => {
            let condition = match condition {
                FloatCondition::Equal => FloatCondition::NotEqual,
                FloatCondition::NotEqual => FloatCondition::Equal,
                FloatCondition::Ordered => FloatCondition::Unordered,
                FloatCondition::Unordered => FloatCondition::Ordered,
                FloatCondition::Less
                | FloatCondition::LessOrEqual
                | FloatCondition::Greater
                | FloatCondition::GreaterOrEqual => return None,
            };
            Some(InstructionData::FloatCompare { condition, left: *left, right: *right })
        }
        _ => None,
    }
}

/// The condition that holds where this one does not.
pub(crate) const fn opposite_condition(condition: IntegerCondition) -> IntegerCondition {
    match condition {
        IntegerCondition::Equal => IntegerCondition::NotEqual,
        IntegerCondition::NotEqual => IntegerCondition::Equal,
        IntegerCondition::SignedLess => IntegerCondition::SignedGreaterOrEqual,
        IntegerCondition::SignedLessOrEqual => IntegerCondition::SignedGreater,
        IntegerCondition::SignedGreater => IntegerCondition::SignedLessOrEqual,
        IntegerCondition::SignedGreaterOrEqual => IntegerCondition::SignedLess,
        IntegerCondition::UnsignedLess => IntegerCondition::UnsignedGreaterOrEqual,
        IntegerCondition::UnsignedLessOrEqual => IntegerCondition::UnsignedGreater,
        IntegerCondition::UnsignedGreater => IntegerCondition::UnsignedLessOrEqual,
        IntegerCondition::UnsignedGreaterOrEqual => IntegerCondition::UnsignedLess,
    }
}

/// The result of a comparison of constants of a width in bits.
pub(crate) const fn compare_integers(condition: IntegerCondition, left: i64, right: i64, width: u32) -> bool {
    let (unsigned_left, unsigned_right) = (unsigned(left, width), unsigned(right, width));
    match condition {
        IntegerCondition::Equal => left == right,
        IntegerCondition::NotEqual => left != right,
        IntegerCondition::SignedLess => left < right,
        IntegerCondition::SignedLessOrEqual => left <= right,
        IntegerCondition::SignedGreater => left > right,
        IntegerCondition::SignedGreaterOrEqual => left >= right,
        IntegerCondition::UnsignedLess => unsigned_left < unsigned_right,
        IntegerCondition::UnsignedLessOrEqual => unsigned_left <= unsigned_right,
        IntegerCondition::UnsignedGreater => unsigned_left > unsigned_right,
        IntegerCondition::UnsignedGreaterOrEqual => unsigned_left >= unsigned_right,
    }
}

fn compare_floats(condition: FloatCondition, left: f64, right: f64) -> bool {
    let unordered = left.is_nan() || right.is_nan();
    match condition {
        FloatCondition::Equal => left == right,
        FloatCondition::NotEqual => left != right,
        FloatCondition::Less => left < right,
        FloatCondition::LessOrEqual => left <= right,
        FloatCondition::Greater => left > right,
        FloatCondition::GreaterOrEqual => left >= right,
        FloatCondition::Unordered => unordered,
        FloatCondition::Ordered => !unordered,
    }
}

fn fold_select(function: &Function, condition: Value, if_true: Value, if_false: Value) -> Option<Folded> {
    if if_true == if_false {
        return Some(Folded::Value(if_true));
    }
    if let Some(condition) = integer_of(function, condition) {
        return Some(Folded::Value(if condition != 0 { if_true } else { if_false }));
    }
    // A truth value made from a truth value.
    if function.representation(if_true) == I8
        && is_truth(function, condition)
        && let (Some(if_true), Some(if_false)) = (integer_of(function, if_true), integer_of(function, if_false))
    {
        if (if_true, if_false) == (1, 0) {
            return Some(Folded::Value(condition));
        }
        if (if_true, if_false) == (0, 1) {
            return opposite(function.defining_instruction(condition)?).map(Folded::Instruction);
        }
    }
    None
}

fn fold_convert(
    function: &Function,
    operation: ConvertOperation,
    operand: Value,
    to: Representation,
) -> Option<Folded> {
    if let Some(value) = float_of(function, operand) {
        return match operation {
            ConvertOperation::FloatToSignedSaturating => Some(integer(I64, saturate(value))),
            ConvertOperation::Bitcast if !value.is_nan() => Some(integer(I64, value.to_bits().cast_signed())),
            _ => None,
        };
    }
    let (value, from) = (integer_of(function, operand)?, width(function.representation(operand))?);
    match operation {
        ConvertOperation::SignExtend => Some(integer(to, value)),
        ConvertOperation::ZeroExtend => match width(to) {
            Some(_) => Some(integer(to, unsigned(value, from).cast_signed())),
            None => (value >= 0).then_some(integer(to, value)),
        },
        ConvertOperation::Truncate => Some(integer(to, wrap(value, width(to)?))),
        ConvertOperation::SignedToFloat => float(to_float(value)),
        ConvertOperation::Bitcast => float(f64::from_bits(value.cast_unsigned())),
        ConvertOperation::FloatToSignedSaturating | ConvertOperation::PointerToInteger => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the conversion saturates, which is what is asked for")]
const fn saturate(value: f64) -> i64 {
    value as i64
}

#[expect(clippy::cast_precision_loss, reason = "the conversion rounds to nearest, which is what is asked for")]
const fn to_float(value: i64) -> f64 {
    value as f64
}
