//! Parameters: inputs as the handlers understand them, else constants of registered types.

use std::sync::Arc;

use cfunc_context::{AnalysisApi, ParameterDeclaration};
use cfunc_models::{Diagnostic, ParameterModel, Value, codes};
use cfunc_sources::CONSTANT_CATEGORY;
use cfunc_syntax::ast::{Expression, FunctionDefinition, Parameter, ParameterKind};
use indexmap::IndexMap;

use crate::analyze::{Analyzer, ConstantMode};

impl Analyzer<'_, '_> {
    /// The parameters that could be understood; the others are reported.
    pub(crate) fn parameters(
        &mut self,
        definition: &FunctionDefinition,
        constants: &IndexMap<String, Value>,
        mode: ConstantMode,
    ) -> Vec<ParameterModel> {
        let mut models = Vec::new();
        for parameter in &definition.parameters {
            match parameter.kind {
                ParameterKind::VariadicPositional | ParameterKind::VariadicKeyword => {
                    let message = format!("`{}` takes any number of arguments", parameter.name);
                    let diagnostic = Diagnostic::error(codes::PARAMETER_KIND, parameter.span, message);
                    self.report(diagnostic.hint("name every input and constant as a parameter of its own"));
                    self.reported.names.push(Arc::clone(&parameter.name));
                }
                ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly => {
                    match self.parameter(parameter, definition, constants, mode) {
                        Some(model) => models.push(model),
                        None => self.reported.names.push(Arc::clone(&parameter.name)),
                    }
                }
            }
        }
        models
    }

    fn parameter(
        &mut self,
        parameter: &Parameter,
        definition: &FunctionDefinition,
        constants: &IndexMap<String, Value>,
        mode: ConstantMode,
    ) -> Option<ParameterModel> {
        let Some(annotation) = &parameter.annotation else {
            let message = format!("the parameter `{}` has no annotation", parameter.name);
            let diagnostic = Diagnostic::error(codes::MISSING_ANNOTATION, parameter.span, message);
            self.report(
                diagnostic
                    .expected("what it is: an input, or the type of a constant")
                    .hint(format!("write `{}: <type>`", parameter.name)),
            );
            return None;
        };
        let declaration = match self.input(parameter, annotation) {
            Ok(declaration) => declaration,
            Err(diagnostic) => {
                self.report(*diagnostic);
                return None;
            }
        };
        let declaration = declaration.or_else(|| {
            let ty = self.scope.type_of(self.types, annotation)?;
            Some(ParameterDeclaration { ty, category: CONSTANT_CATEGORY.into() })
        });
        let Some(ParameterDeclaration { ty, category }) = declaration else {
            let what = format!("the parameter `{}`", parameter.name);
            let expected = "a registered kind of input, or the registered type of a constant";
            self.unknown_annotation(codes::UNKNOWN_ANNOTATION, annotation, &what, expected);
            return None;
        };
        let known = self.scope.context().layout().categories().iter().any(|known| known.id() == &*category);
        if !known {
            let message = format!("the source category `{category}` of `{}` is not registered", parameter.name);
            let diagnostic = Diagnostic::error(codes::EXTENSION, parameter.span, message);
            self.report(diagnostic.hint("the extension of its input handler must register the category"));
            return None;
        }
        let value = if *category == *CONSTANT_CATEGORY {
            self.constant(parameter, ty, definition, constants, mode)
        } else {
            None
        };
        Some(ParameterModel { name: Arc::clone(&parameter.name), span: parameter.span, ty, category, value })
    }

    /// What the first input handler that knows the annotation makes of it.
    pub(crate) fn input(
        &mut self,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> Result<Option<ParameterDeclaration>, Box<Diagnostic>> {
        for handler in self.scope.context().input_handlers() {
            let mut api = AnalysisApi { scope: self.scope, types: self.types };
            if let Some(declaration) = handler.parse(&mut api, parameter, annotation)? {
                return Ok(Some(declaration));
            }
        }
        Ok(None)
    }
}
