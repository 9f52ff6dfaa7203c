//! `print`: values and literals to the hook of the host.

use cfunc_context::{
    Conversion, LowerContext, LowerError, Operand, Operation, Registrar, RegistrationError, TypeSpec, TypingAnswer,
    TypingContext, exact,
};
use cfunc_ir::Value as IrValue;
use cfunc_models::{CellForm, DataModel, Diagnostic, Effects, RuntimeFunction, Type, Value, codes};

use crate::emit::boolean_to_integer;

/// The types of the keyword arguments, which tell them apart once the call is resolved.
#[derive(Clone, Copy)]
struct Keywords {
    separator: Type,
    end: Type,
    /// Of what changes nothing: `flush`.
    ignored: Type,
}

pub(crate) fn register(registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
    let mut keyword = |name: &str| {
        let ty = registrar.types_mut().define(name, DataModel::Empty, CellForm::None);
        let constructor = registrar.types().definition(ty).constructor;
        registrar.convert_value(constructor, |value| Some(value.clone()));
        registrar.lower_constant(constructor, |_b, ty, _value| Ok(Operand::new(ty, &[])));
        for from in [Type::TEXT, Type::NONE, Type::BOOLEAN] {
            registrar.lower_cast(exact(from), exact(ty), Conversion::Safe, |_b, _from, to, _operand| {
                Ok(Operand::new(to, &[]))
            });
        }
        ty
    };
    let keywords =
        Keywords { separator: keyword("print sep"), end: keyword("print end"), ignored: keyword("print flush") };
    let function = registrar.function("print");
    registrar.type_callable(function, move |call| signature(call, keywords));
    registrar.lower_builtin(function, [TypeSpec::VariableArguments(Box::new(TypeSpec::Any))], move |b, _, operands| {
        print(b, keywords, operands)
    });
    printed(registrar, Type::INT64, |b, value| write(b, RuntimeFunction::PrintInteger, &[value]));
    printed(registrar, Type::FLOAT64, |b, value| write(b, RuntimeFunction::PrintFloat, &[value]));
    printed(registrar, Type::BOOLEAN, |b, value| {
        let (yes, no) = (text_address(b, "True"), text_address(b, "False"));
        let text = b.select(value, yes, no);
        let five = b.int64(5);
        let shorter = boolean_to_integer(b, value);
        let length = b.binary(cfunc_ir::BinaryOperation::IntegerSubtract, five, shorter);
        write(b, RuntimeFunction::PrintText, &[text, length]);
    });
    registrar.builtin(Operation::Print, &[Type::NONE], Type::NONE, |b, signature, _operands| {
        print_text(b, "None");
        Ok(Operand::new(signature.result, &[]))
    });
    Ok(())
}

/// Registers how a type of one component is printed.
pub(crate) fn printed(registrar: &mut Registrar<'_>, ty: Type, emitter: fn(&mut LowerContext<'_, '_>, IrValue)) {
    registrar.builtin(Operation::Print, &[ty], Type::NONE, move |b, signature, operands| {
        emitter(b, operands[0].value());
        Ok(Operand::new(signature.result, &[]))
    });
}

/// Calls a function of the runtime that has no result.
pub(crate) fn write(b: &mut LowerContext<'_, '_>, function: RuntimeFunction, arguments: &[IrValue]) {
    debug_assert_eq!(function.description().effects, Effects::Writes);
    b.call_runtime(function, arguments);
}

fn signature(call: &mut TypingContext<'_>, keywords: Keywords) -> TypingAnswer {
    let mut parameters = Vec::with_capacity(call.arguments.len() + call.keywords.len());
    for argument in call.arguments {
        let is_text = argument.ty == Type::TEXT && matches!(argument.constant, Some(Value::Text(_)));
        let operand = std::slice::from_ref(argument);
        if !is_text && call.resolve(Operation::Print, operand).is_err() {
            return TypingAnswer::No(format!("a value of type {} cannot be printed", call.types.name(argument.ty)));
        }
        parameters.push(argument.ty);
    }
    for (name, argument) in call.keywords {
        let text = matches!(argument.constant, Some(Value::Text(_) | Value::None));
        parameters.push(match &**name {
            "sep" if text => keywords.separator,
            "end" if text => keywords.end,
            "flush" if matches!(argument.constant, Some(Value::Boolean(_))) => keywords.ignored,
            "sep" | "end" | "flush" => {
                let message = format!("`{name}` of `print` is not known at compile time");
                let expected = if &**name == "flush" { "True or False" } else { "a text literal or None" };
                let diagnostic = Diagnostic::error(codes::CALL_ARGUMENTS, argument.span, message);
                let diagnostic = diagnostic.expected(expected).hint("print values as arguments of their own");
                return TypingAnswer::Error(Box::new(diagnostic));
            }
            _ => return TypingAnswer::No(format!("it takes no keyword argument `{name}`")),
        });
    }
    TypingAnswer::Signature(cfunc_context::Signature::new(&parameters, Type::NONE))
}

/// All operands are evaluated: what is written is not torn by an error.
fn print(b: &mut LowerContext<'_, '_>, keywords: Keywords, operands: &[Operand]) -> Result<Operand, LowerError> {
    let constants = b.constants;
    let constant = |index: usize| constants.get(index).cloned().flatten();
    let (mut separator, mut end) = (" ".to_owned(), "\n".to_owned());
    let mut values = Vec::with_capacity(operands.len());
    for (index, operand) in operands.iter().enumerate() {
        let target = if operand.ty == keywords.separator {
            &mut separator
        } else if operand.ty == keywords.end {
            &mut end
        } else {
            if operand.ty != keywords.ignored {
                values.push((index, operand));
            }
            continue;
        };
        if let Some(Value::Text(text)) = constant(index) {
            *target = text;
        }
    }
    // Literals next to each other are one text.
    let mut text = String::new();
    for (position, (index, operand)) in values.into_iter().enumerate() {
        if position > 0 {
            text.push_str(&separator);
        }
        match constant(index) {
            Some(Value::Text(literal)) => text.push_str(&literal),
            _ => {
                print_text(b, &text);
                text.clear();
                b.call(Operation::Print, std::slice::from_ref(operand))?;
            }
        }
    }
    text.push_str(&end);
    print_text(b, &text);
    write(b, RuntimeFunction::PrintEnd, &[]);
    Ok(Operand::new(Type::NONE, &[]))
}

/// A text of `print`.
pub(crate) fn print_text(b: &mut LowerContext<'_, '_>, text: &str) {
    if text.is_empty() {
        return;
    }
    let address = text_address(b, text);
    let length = b.int64(i64::try_from(text.len()).unwrap_or(i64::MAX));
    write(b, RuntimeFunction::PrintText, &[address, length]);
}

pub(crate) fn text_address(b: &mut LowerContext<'_, '_>, text: &str) -> IrValue {
    b.static_data(1, text.as_bytes().to_vec(), Vec::new())
}
