//! What syntax tree handlers are written against.

use cfunc_models::{AbiParameterId, Diagnostic, FunctionModel, VariableId};
use cfunc_sources::VariableModel;
use cfunc_syntax::ast::{Expression, Statement};

use crate::GlobalDefinition;

/// What a handler may ask and do while a function is transformed.
pub trait TransformApi {
    /// What the function declares.
    fn function(&self) -> &FunctionModel;

    /// The input, state or constant that a name expression stands for.
    fn variable_of(&self, expression: &Expression) -> Option<(VariableId, &VariableModel)>;

    /// The variable of an output, by its position.
    fn output(&self, position: u32) -> Option<VariableId>;

    /// A parameter of the compiled function, by name.
    fn abi_parameter(&self, name: &str) -> Option<AbiParameterId>;

    /// What a name or dotted name stands for, where it is registered and no local of the function.
    fn definition_of(&self, expression: &Expression) -> Option<&GlobalDefinition>;

    /// Transforms a part as the transformer itself would.
    fn transform(&mut self, expression: Expression) -> Expression;

    /// Reports an error or warning and goes on.
    fn report(&mut self, diagnostic: Diagnostic);
}

/// Rewrites calls. Handlers run in ascending priority; the first answer other than `None` stands.
pub trait CallHandler: Send + Sync {
    /// What stands for a call (an [`cfunc_syntax::ast::ExpressionKind::Call`] not transformed yet); `None` passes it on.
    ///
    /// # Errors
    ///
    /// A diagnostic where the call is of this handler's kind and wrong.
    fn handle(&self, api: &mut dyn TransformApi, call: &Expression) -> Result<Option<Expression>, Box<Diagnostic>>;

    /// What is wrong with an attribute (an [`cfunc_syntax::ast::ExpressionKind::Attribute`]) that is not called, where
    /// this handler rewrites calls of it: `x.ticked` without brackets. `None` for all others.
    fn uncalled(&self, _api: &dyn TransformApi, _attribute: &Expression) -> Option<Diagnostic> {
        None
    }
}

/// Rewrites expression statements. Handlers run in ascending priority; the first answer other than `None` stands.
pub trait StatementHandler: Send + Sync {
    /// What stands for an expression statement (not transformed yet); `None` passes it on.
    ///
    /// # Errors
    ///
    /// A diagnostic where the statement is of this handler's kind and wrong.
    fn handle(
        &self,
        api: &mut dyn TransformApi,
        expression: &Expression,
    ) -> Result<Option<Vec<Statement>>, Box<Diagnostic>>;
}
