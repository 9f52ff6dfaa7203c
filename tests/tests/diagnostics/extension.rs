//! An extension whose rules do not hold to their contract.

use cfunc_compiler::ir::BinaryOperation;
use cfunc_compiler::{
    CompilationContext, Extension, ExtensionId, Operand, Registrar, RegistrationError, Type, defaults,
};

struct Broken;

impl Extension for Broken {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("broken", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let twice = registrar.function("twice");
        registrar.builtin(twice, &[Type::INT64], Type::INT64, |_context, _signature, _operands| {
            Ok(Operand::new(Type::INT64, &[]))
        });
        Ok(())
    }
}

/// What the page of E0901 shows to be right.
struct Mended;

impl Extension for Mended {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("mended", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let twice = registrar.function("twice");
        registrar.builtin(twice, &[Type::INT64], Type::INT64, |context, _signature, operands| {
            let value = operands[0].value();
            Ok(Operand::scalar(Type::INT64, context.binary(BinaryOperation::IntegerAdd, value, value)))
        });
        Ok(())
    }
}

/// The context of nodes with one of the two.
pub(crate) fn context(broken: bool) -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    let builder = if broken { builder.with(Broken) } else { builder.with(Mended) };
    builder.build().expect("they register together")
}
