//! What input and output handlers are written against.

use std::sync::Arc;

use cfunc_models::{Diagnostic, HostObject, OutputModel, Span, Type, TypeTable, Value, codes};
use cfunc_sources::CONSTANT_CATEGORY;
use cfunc_syntax::ast::{Expression, FunctionDefinition, Parameter};
use cfunc_syntax::is_too_deep;

use crate::panics::asked_host;
use crate::transform::HandlerResult;
use crate::{Bindings, BoundArgument, GlobalDefinition, ModuleScope, fold_constant};

/// What a handler may ask while annotations are read.
pub struct AnalysisApi<'a> {
    /// The names of the source.
    pub scope: &'a ModuleScope<'a>,
    /// The types known so far; handlers may add members of families.
    pub types: &'a mut TypeTable,
    /// The function, body included.
    pub definition: &'a FunctionDefinition,
    /// What the host bound to its parameters.
    pub bindings: &'a Bindings,
}

impl AnalysisApi<'_> {
    /// What a name or dotted name in an annotation stands for.
    pub fn definition_of(&self, annotation: &Expression) -> Option<&GlobalDefinition> {
        self.scope.definition_of(annotation)
    }

    /// The type that an annotation is: of a custom type, a registered one, or one of a family with types in brackets.
    pub fn type_of(&mut self, annotation: &Expression) -> Option<Type> {
        self.scope.type_of(self.types, annotation)
    }

    /// Why an annotation is no type though all names in it are known, and where that stands.
    pub fn type_problem(&mut self, annotation: &Expression) -> Option<(Span, String)> {
        self.scope.type_problem(self.types, annotation)
    }

    /// Whether an annotation is the marker of a name.
    pub fn is_marker(&self, annotation: &Expression, marker: &str) -> bool {
        let found = self.definition_of(annotation).and_then(|definition| definition.marker.as_ref());
        found.is_some_and(|found| *found.0 == *marker)
    }

    /// What the host bound to a parameter.
    pub fn bound(&self, parameter: &str) -> Option<&BoundArgument> {
        self.bindings.get(parameter)
    }

    /// The type of the values of an object, by the function that the host gave with the request.
    pub fn type_of_object(&mut self, object: &HostObject) -> Option<Type> {
        let typing = self.bindings.object_typing()?;
        asked_host("the function of `type_of_objects`", || typing(self, object))
    }

    /// The value of an expression that is known at compile time: of literals, constants of the module, and globals handed
    /// to the compile.
    ///
    /// # Errors
    ///
    /// What is wrong with it, where it has no value.
    pub fn value_of(&self, expression: &Expression) -> Option<Result<Value, Box<Diagnostic>>> {
        if is_too_deep(expression) {
            return None;
        }
        fold_constant(self.scope, expression)
    }
}

/// What an input handler makes of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterDeclaration {
    /// The type of its value.
    pub ty: Type,
    /// The id of the source category that makes its variable.
    pub category: Arc<str>,
    /// What the category is to know of it, such as the keys of a container; part of the semantic key. What is bound to
    /// the parameter takes its place.
    pub value: Option<Value>,
}

impl ParameterDeclaration {
    /// A parameter of a type and a category.
    pub fn new(ty: Type, category: &str) -> Self {
        Self { ty, category: category.into(), value: None }
    }

    /// A parameter whose value is bound when the function is compiled.
    pub fn constant(ty: Type) -> Self {
        Self::new(ty, CONSTANT_CATEGORY)
    }

    /// The same with what its category is to know of it.
    #[must_use]
    pub fn with_value(self, value: impl Into<Value>) -> Self {
        Self { value: Some(value.into()), ..self }
    }
}

/// Reads the annotation of a parameter.
pub trait InputHandler: Send + Sync {
    /// The parameter, where the annotation is of this handler's kind. It may look at what is bound to the parameter: at
    /// the type of an object, say.
    ///
    /// # Errors
    ///
    /// A diagnostic where it is of this handler's kind and wrong.
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> HandlerResult<Option<ParameterDeclaration>>;

    /// Checks and converts what the host bound to a parameter that this handler declared; what it gives is the value of
    /// the parameter, which its category sees and the semantic key holds.
    ///
    /// Without it, constants take values, others take objects and nothing becomes of them here.
    ///
    /// # Errors
    ///
    /// A diagnostic where the parameter does not take it.
    fn bind(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        declaration: &ParameterDeclaration,
        argument: &BoundArgument,
    ) -> HandlerResult<Option<Value>> {
        let _ = api;
        bind_by_default(parameter, declaration, argument)
    }
}

/// What becomes of an argument that no handler looks at.
///
/// # Errors
///
/// Where a value is bound to what is no constant, or an object to a constant.
pub fn bind_by_default(
    parameter: &Parameter,
    declaration: &ParameterDeclaration,
    argument: &BoundArgument,
) -> HandlerResult<Option<Value>> {
    let is_constant = *declaration.category == *CONSTANT_CATEGORY;
    match (argument, is_constant) {
        (BoundArgument::Value(value), true) => Ok(Some(value.clone())),
        (BoundArgument::Object(_), false) => Ok(None),
        (BoundArgument::Value(_), false) => {
            let message = format!("a value is bound to `{}`, which is no constant", parameter.name);
            let diagnostic = Diagnostic::error(codes::UNKNOWN_CONSTANT, parameter.span, message);
            Err(Box::new(diagnostic.hint("annotate the parameter with a plain type, or bind no value")))
        }
        (BoundArgument::Object(_), true) => {
            let message = format!("an object of the host is bound to the constant `{}`", parameter.name);
            let diagnostic = Diagnostic::error(codes::CONSTANT_TYPE, parameter.span, message);
            Err(Box::new(diagnostic.expected("a value").hint("bind a value, or annotate it as an input")))
        }
    }
}

/// What an output handler makes of a return annotation.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputDeclaration {
    /// The outputs in order.
    pub outputs: Vec<OutputModel>,
    /// Whether they are named ones.
    pub named: bool,
}

/// Reads the return annotation.
pub trait OutputHandler: Send + Sync {
    /// The outputs, where the annotation is of this handler's kind. It may look at the function's body. Each `return` is
    /// checked against them: as many values at most, of types that the outputs take.
    ///
    /// # Errors
    ///
    /// A diagnostic where it is of this handler's kind and wrong.
    fn parse(&self, api: &mut AnalysisApi<'_>, annotation: &Expression) -> HandlerResult<Option<OutputDeclaration>>;
}
