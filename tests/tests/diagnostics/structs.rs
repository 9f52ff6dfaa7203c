//! The structs of a host that cases and pages name: `Trade`, and `Book` with an array in it.

use cfunc_compiler::{
    CfuncStruct, CompilationContext, Extension, ExtensionId, RegisterStructs, Registrar, RegistrationError, defaults,
    foreign_function,
};

#[derive(Clone, Copy, CfuncStruct)]
#[repr(C)]
struct Trade {
    price: f64,
    size: i32,
}

fn double(trade: &mut Trade) {
    trade.size *= 2;
}

fn value_of(trade: &Trade) -> f64 {
    trade.price * f64::from(trade.size)
}

#[derive(Clone, Copy, CfuncStruct)]
#[repr(C)]
struct Book {
    levels: [f64; 4],
}

struct Structs;

impl Extension for Structs {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("structs", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.structure::<Trade>()?;
        registrar.structure::<Book>()?;
        registrar.foreign_function(foreign_function!(fn double(trade: &mut Trade)))?;
        registrar.foreign_function(foreign_function!(fn value_of(trade: &Trade) -> f64))
    }
}

/// The context of nodes with these structs.
pub(crate) fn context() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Structs);
    builder.build().expect("they register together")
}
