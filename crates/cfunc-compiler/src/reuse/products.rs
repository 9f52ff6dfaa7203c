//! What the stages of a compilation made, which only those need who look at it, or make other code of it.
//!
//! Most units live without: their code, and what a host must know to call it, is a fraction of it. It is made again from the
//! request when it is asked for, and then kept.

use cfunc_context::RuleUses;
use cfunc_infer::TypedFunction;
use cfunc_ir::Module;

use crate::CompileError;
use crate::call::made_call;
use crate::compile::{Unobserved, made_node};
use crate::unit::Unit;

/// What the stages before the backend made.
pub(crate) struct Products {
    pub(crate) transformed: String,
    pub(crate) typed: TypedFunction,
    /// The rules that declarations used.
    pub(crate) declared: RuleUses,
    /// The rules that other rules used to lower operations.
    pub(crate) lowered: RuleUses,
    /// What the backend got.
    pub(crate) module: Module,
}

impl Unit {
    /// What the stages made: kept, or made again.
    ///
    /// # Errors
    ///
    /// [`CompileError`] where what could be compiled once cannot be again, or becomes another function: something that is
    /// registered does not give the same answer each time, and does not say so.
    pub(crate) fn products(&self) -> Result<&Products, CompileError> {
        if let Some(products) = self.products.get() {
            return Ok(products);
        }
        let (context, request) = (&self.context, &self.order.request);
        let made = match &self.order.arguments {
            None => made_node(context, request, &mut Unobserved, |made, _, _| Ok(made))?,
            Some(arguments) => made_call(context, request, arguments, &mut Unobserved, |made, _, _| Ok(made))?,
        };
        if made.hash != self.hash {
            let name = &self.function.name;
            let message = format!(
                "`{name}` became another function when it was compiled again: a rule or handler that \
                does not give the same answers each time must be registered as such"
            );
            return Err(CompileError::Internal(message));
        }
        Ok(self.products.get_or_init(|| Box::new(made.products)))
    }
}
