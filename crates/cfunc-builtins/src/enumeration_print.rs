//! `print` of members of an `Enum`; those of an `IntEnum` are printed as the ints that they are.

use cfunc_context::{LowerContext, Operand, Operation, Registrar, Signature, TypeSpec, TypingAnswer};
use cfunc_ir::IntegerCondition;
use cfunc_models::{RuntimeFunction, Type, TypeConstructor};

use crate::emit::either;
use crate::enumeration::widened;
use crate::print::{print_text, text_address, write};
use crate::tuple::NOT_MINE;

/// Registers what is printed of a family: `Side.BUY`, and `Side(7)` of what a cell held and no member is.
pub(crate) fn register(registrar: &mut Registrar<'_>, family: TypeConstructor) {
    registrar.type_callable(Operation::Print, move |call| match call.arguments {
        [member] if call.types.definition(member.ty).constructor == family => {
            TypingAnswer::Signature(Signature::new(&[member.ty], Type::NONE))
        }
        _ => NOT_MINE,
    });
    registrar.lower_builtin(Operation::Print, [TypeSpec::Constructor(family)], |b, signature, operands| {
        print_member(b, &operands[0]);
        Ok(Operand::new(signature.result, &[]))
    });
}

fn print_member(b: &mut LowerContext<'_, '_>, member: &Operand) {
    let types = b.types;
    let definition = types.definition(member.ty);
    let class = &definition.name;
    let (named, other, done) = (b.create_block(), b.create_block(), b.create_block());
    let mut chosen = None;
    let mut is_known = b.boolean(false);
    for (name, value) in &definition.members {
        let text = format!("{class}.{name}");
        let length = b.int64(i64::try_from(text.len()).unwrap_or(i64::MAX));
        let text = text_address(b, &text);
        let here = b.integer_compare_constant(IntegerCondition::Equal, member.value(), *value);
        is_known = either(b, is_known, here);
        chosen = Some(match chosen {
            None => (text, length),
            Some((texts, lengths)) => (b.select(here, text, texts), b.select(here, length, lengths)),
        });
    }
    b.branch(is_known, named, other);
    b.switch_to(named);
    if let Some((text, length)) = chosen {
        write(b, RuntimeFunction::PrintText, &[text, length]);
    }
    b.jump(done, &[]);
    b.switch_to(other);
    print_text(b, &format!("{class}("));
    let value = widened(b, member.value());
    write(b, RuntimeFunction::PrintInteger, &[value]);
    print_text(b, ")");
    b.jump(done, &[]);
    b.switch_to(done);
}
