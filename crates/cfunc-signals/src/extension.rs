//! What is registered.

use cfunc_compiler::{ExpressionNode, Extension, ExtensionId, Registrar, RegistrationError, StatementNode};

use crate::annotations::{ANNOTATED, OUTPUTS, SIGNAL, SignalInput, SignalOutput};
use crate::category::SignalCategory;
use crate::outputs::SET_OUTPUT;
use crate::{flags, outputs};

/// The extension that brings signals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signals;

/// The extension that brings signals, for a context's builder.
pub const fn extension() -> Signals {
    Signals
}

impl Extension for Signals {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("signals", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        for marker in [SIGNAL, OUTPUTS, SET_OUTPUT] {
            registrar.marker(marker)?;
        }
        match registrar.marker(ANNOTATED) {
            // It is Python's own name: another extension may have brought it.
            Ok(()) | Err(RegistrationError::DuplicateGlobal(_)) => {}
            Err(error) => return Err(error),
        }
        registrar.source_category(SignalCategory);
        registrar.input_handler(SignalInput);
        registrar.output_handler(SignalOutput);
        registrar.before_expression(ExpressionNode::Call, 0, flags::called);
        registrar.before_expression(ExpressionNode::Attribute, 0, flags::uncalled);
        registrar.before_expression(ExpressionNode::Call, 0, outputs::called);
        registrar.before_statement(StatementNode::Expression, 0, outputs::stated);
        Ok(())
    }
}
