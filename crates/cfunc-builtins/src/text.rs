//! Texts: literals as values. They may be compared and measured.
//!
//! A text is the address of static data: its count of characters and of bytes, 64 bits each, then its bytes as UTF-8.
//! Equal texts of a module have one address.

use cfunc_context::{LowerContext, Operand, Operation, Registrar, TypingAnswer};
use cfunc_ir::{BinaryOperation, ConvertOperation, IntegerCondition, MemoryClass, Value as IrValue};
use cfunc_models::{Representation, Type, Value};
use cfunc_syntax::ast::CompareOperator;

use crate::comparison::COMPARISONS;

/// Where the count of bytes and the bytes are.
const BYTE_COUNT: i32 = 8;
const BYTES: i32 = 16;

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    let constructor = registrar.types().definition(Type::TEXT).constructor;
    registrar.lower_constant(constructor, |b, ty, value| {
        let Value::Text(text) = value else { return Err(crate::constants::not_a_constant("str", value)) };
        let mut contents = Vec::with_capacity(text.len() + 16);
        for count in [text.chars().count(), text.len()] {
            contents.extend_from_slice(&(count as u64).to_le_bytes());
        }
        contents.extend_from_slice(text.as_bytes());
        Ok(Operand::scalar(ty, b.static_data(8, contents, Vec::new())))
    });
    let code_point = registrar.function("ord");
    registrar.type_callable(code_point, |_call| {
        TypingAnswer::No("it takes a literal of one character, which is known at compile time".to_owned())
    });
    registrar.type_callable(Operation::GetItem, |call| match call.arguments {
        [text, _] if text.ty == Type::TEXT => {
            TypingAnswer::No("a text is compared and measured as a whole, and has no elements here".to_owned())
        }
        _ => TypingAnswer::No(String::new()),
    });
    registrar.builtin(Operation::Length, &[Type::TEXT], Type::INT64, |b, signature, operands| {
        let length = b.load(Representation::I64, operands[0].value(), 0, MemoryClass::Constant);
        Ok(Operand::scalar(signature.result, length))
    });
    registrar.builtin(Operation::Truth, &[Type::TEXT], Type::BOOLEAN, |b, signature, operands| {
        let length = b.load(Representation::I64, operands[0].value(), 0, MemoryClass::Constant);
        let some = b.integer_compare_constant(IntegerCondition::NotEqual, length, 0);
        Ok(Operand::scalar(signature.result, some))
    });
    for (operator, condition, _) in COMPARISONS {
        let equality = matches!(operator, CompareOperator::Equal | CompareOperator::NotEqual);
        registrar.builtin(
            Operation::Compare(operator),
            &[Type::TEXT; 2],
            Type::BOOLEAN,
            move |b, signature, operands| {
                let (left, right) = (operands[0].value(), operands[1].value());
                let result = if equality {
                    let [left, right] = [left, right]
                        .map(|text| b.convert(ConvertOperation::PointerToInteger, text, Representation::I64));
                    b.integer_compare(condition, left, right)
                } else {
                    let difference = difference(b, left, right);
                    b.integer_compare_constant(condition, difference, 0)
                };
                Ok(Operand::scalar(signature.result, result))
            },
        );
    }
}

/// Less than, equal to or greater than 0 as a text is before, at or after another: by the first bytes that differ, which
/// are in the order of the characters, else by the lengths.
fn difference(b: &mut LowerContext<'_, '_>, left: IrValue, right: IrValue) -> IrValue {
    let result = b.declare_variable(Representation::I64);
    let index = b.declare_variable(Representation::I64);
    let lengths = [left, right].map(|text| b.load(Representation::I64, text, BYTE_COUNT, MemoryClass::Constant));
    let by_length = b.binary(BinaryOperation::IntegerSubtract, lengths[0], lengths[1]);
    b.define_variable(result, by_length);
    let zero = b.int64(0);
    b.define_variable(index, zero);
    let shorter = b.integer_compare(IntegerCondition::SignedLess, lengths[0], lengths[1]);
    let common = b.select(shorter, lengths[0], lengths[1]);
    let [head, round, differ, next, done] = [0; 5].map(|_| b.create_block());
    b.jump(head, &[]);
    b.switch_to(head);
    let position = b.use_variable(index);
    let more = b.integer_compare(IntegerCondition::SignedLess, position, common);
    b.branch(more, round, done);
    b.switch_to(round);
    let bytes = [left, right].map(|text| {
        let address = b.pointer_add(text, position);
        let byte = b.load(Representation::I8, address, BYTES, MemoryClass::Constant);
        b.convert(ConvertOperation::ZeroExtend, byte, Representation::I64)
    });
    let by_byte = b.binary(BinaryOperation::IntegerSubtract, bytes[0], bytes[1]);
    let same = b.integer_compare_constant(IntegerCondition::Equal, by_byte, 0);
    b.branch(same, next, differ);
    b.switch_to(differ);
    b.define_variable(result, by_byte);
    b.jump(done, &[]);
    b.switch_to(next);
    let one = b.int64(1);
    let following = b.binary(BinaryOperation::IntegerAdd, position, one);
    b.define_variable(index, following);
    b.jump(head, &[]);
    b.switch_to(done);
    b.use_variable(result)
}
