//! An extension whose rules do not hold to their contract.

use cfunc_compiler::ir::BinaryOperation;
use cfunc_compiler::{
    CompilationContext, Extension, ExtensionId, ForeignFunction, Operand, Registrar, RegistrationError, Type, defaults,
    foreign_function,
};

fn mid_price() -> f64 {
    100.5
}

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
        registrar.foreign_function(ForeignFunction::new("mid_price").result(Type::FLOAT64))?;
        Ok(())
    }
}

/// What the pages of E0604 and E0901 show to be right.
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
        registrar.foreign_function(foreign_function!(fn mid_price() -> f64))?;
        Ok(())
    }
}

/// The context of nodes with one of the two.
pub(crate) fn context(broken: bool) -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    let builder = if broken { builder.with(Broken) } else { builder.with(Mended) };
    builder.build().expect("they register together")
}
