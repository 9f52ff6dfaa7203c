//! `print` of structs: the name, and the fields as they are printed by themselves. What is at an address is elsewhere.

use cfunc_context::{LowerContext, LowerError, Operand, Operation, Registrar, Signature, TypeSpec, TypingAnswer};
use cfunc_models::{FieldForm, Kept, Type, TypeConstructor};

use crate::iteration::result_of;
use crate::print::print_text;
use crate::struct_memory::layout_of;
use crate::tuple::NOT_MINE;

/// What stands for a struct that a field is the address of.
const ELSEWHERE: &str = "...";

pub(crate) fn register(registrar: &mut Registrar<'_>, copies: TypeConstructor) {
    registrar.type_callable(Operation::Print, |call| {
        let [value] = call.arguments else { return NOT_MINE };
        let Some((place, layout)) = call.types.struct_of(value.ty) else { return NOT_MINE };
        let inside: Vec<Type> =
            layout.fields.iter().filter(|field| field.form != FieldForm::Address).map(|field| field.ty).collect();
        let copy = match call.types.kept_form(place) {
            Some(Kept::As(copy)) => *copy,
            Some(Kept::Not(reason)) => return TypingAnswer::No(reason.clone()),
            None => return NOT_MINE,
        };
        match inside.into_iter().find(|ty| result_of(call, Operation::Print, &[*ty]).is_none()) {
            Some(ty) => TypingAnswer::No(format!("a field of type {} is not printed", call.types.name(ty))),
            None => TypingAnswer::Signature(Signature::new(&[copy], Type::NONE)),
        }
    });
    registrar.lower_builtin(Operation::Print, [TypeSpec::Constructor(copies)], |b, signature, operands| {
        print_copy(b, &operands[0])?;
        Ok(Operand::new(signature.result, &[]))
    });
}

fn print_copy(b: &mut LowerContext<'_, '_>, copy: &Operand) -> Result<(), LowerError> {
    let types = b.types;
    let place = types.place_of_copy(copy.ty).unwrap_or(copy.ty);
    let mut text = format!("{}(", types.name(place));
    for (position, field) in layout_of(types, place)?.fields.iter().enumerate() {
        text.push_str(if position > 0 { ", " } else { "" });
        text.push_str(&field.name);
        text.push('=');
        if field.form == FieldForm::Address {
            text.push_str(ELSEWHERE);
            continue;
        }
        print_text(b, &text);
        text.clear();
        let value = b.field(copy, &field.name)?;
        b.call(Operation::Print, &[value])?;
    }
    text.push(')');
    print_text(b, &text);
    Ok(())
}
