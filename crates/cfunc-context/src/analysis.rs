//! What input and output handlers are written against.

use std::sync::Arc;

use cfunc_models::{Diagnostic, OutputModel, Type, TypeTable};
use cfunc_syntax::ast::{Expression, Parameter};

use crate::{GlobalDefinition, ModuleScope};

/// What a handler may ask while annotations are read.
pub struct AnalysisApi<'a> {
    /// The names of the source.
    pub scope: &'a ModuleScope<'a>,
    /// The types known so far; handlers may add members of families.
    pub types: &'a mut TypeTable,
}

impl AnalysisApi<'_> {
    /// What a name or dotted name in an annotation stands for.
    pub fn definition_of(&self, annotation: &Expression) -> Option<&GlobalDefinition> {
        self.scope.definition_of(annotation)
    }

    /// The type that an annotation is: a registered one, or one of a family with types in brackets.
    pub fn type_of(&mut self, annotation: &Expression) -> Option<Type> {
        self.scope.type_of(self.types, annotation)
    }

    /// Whether an annotation is the marker of a name.
    pub fn is_marker(&self, annotation: &Expression, marker: &str) -> bool {
        let found = self.definition_of(annotation).and_then(|definition| definition.marker.as_ref());
        found.is_some_and(|found| *found.0 == *marker)
    }
}

/// What an input handler makes of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterDeclaration {
    /// The type of its value.
    pub ty: Type,
    /// The id of the source category that makes its variable.
    pub category: Arc<str>,
}

/// Reads the annotation of a parameter.
pub trait InputHandler: Send + Sync {
    /// The parameter, where the annotation is of this handler's kind.
    ///
    /// # Errors
    ///
    /// A diagnostic where it is of this handler's kind and wrong.
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> Result<Option<ParameterDeclaration>, Box<Diagnostic>>;
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
    /// The outputs, where the annotation is of this handler's kind.
    ///
    /// # Errors
    ///
    /// A diagnostic where it is of this handler's kind and wrong.
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        annotation: &Expression,
    ) -> Result<Option<OutputDeclaration>, Box<Diagnostic>>;
}
