//! Parameters: inputs as the handlers understand them, else constants of registered types.

use std::sync::Arc;

use cfunc_context::{AnalysisApi, CustomType, HandlerResult, InputHandler, ParameterDeclaration, bind_by_default};
use cfunc_models::{Diagnostic, ParameterModel, Value, codes};
use cfunc_sources::CONSTANT_CATEGORY;
use cfunc_syntax::ast::{Expression, FunctionDefinition, Parameter, ParameterKind};

use crate::analyze::Analyzer;

impl<'scope> Analyzer<'_, 'scope> {
    /// The parameters that could be understood; the others are reported.
    pub(crate) fn parameters(&mut self, definition: &FunctionDefinition) -> Vec<ParameterModel> {
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
                    match self.parameter(parameter, definition) {
                        Some(model) => models.push(model),
                        None => self.reported.names.push(Arc::clone(&parameter.name)),
                    }
                }
            }
        }
        models
    }

    fn parameter(&mut self, parameter: &Parameter, definition: &FunctionDefinition) -> Option<ParameterModel> {
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
        let found = match self.input(parameter, annotation) {
            Ok(found) => found,
            Err(diagnostic) => {
                self.report(*diagnostic);
                return None;
            }
        };
        let found = found.or_else(|| {
            let ty = self.scope.type_of(self.types, annotation)?;
            Some((ParameterDeclaration::constant(ty), Reader::None))
        });
        let Some((declaration, reader)) = found else {
            let what = format!("the parameter `{}`", parameter.name);
            let expected = "a registered kind of input, or the registered type of a constant";
            self.unknown_annotation(codes::UNKNOWN_ANNOTATION, annotation, &what, expected);
            return None;
        };
        let (ty, category) = (declaration.ty, Arc::clone(&declaration.category));
        let known = self.scope.context().layout().categories().iter().any(|known| known.id() == &*category);
        if !known {
            let message = format!("the source category `{category}` of `{}` is not registered", parameter.name);
            let diagnostic = Diagnostic::error(codes::EXTENSION, parameter.span, message);
            self.report(diagnostic.hint("the extension of its input handler must register the category"));
            return None;
        }
        let bound = match self.bound(parameter, &declaration, reader) {
            Ok(bound) => bound,
            Err(diagnostic) => {
                self.report(*diagnostic);
                let value = if *category == *CONSTANT_CATEGORY { self.some_value(ty) } else { declaration.value };
                return Some(ParameterModel {
                    name: Arc::clone(&parameter.name),
                    span: parameter.span,
                    ty,
                    category,
                    value,
                });
            }
        };
        let value = if *category == *CONSTANT_CATEGORY {
            self.constant(parameter, ty, definition, bound.or(declaration.value))
        } else {
            bound.or(declaration.value)
        };
        Some(ParameterModel { name: Arc::clone(&parameter.name), span: parameter.span, ty, category, value })
    }

    /// What becomes of what the host bound to a parameter.
    fn bound(
        &mut self,
        parameter: &Parameter,
        declaration: &ParameterDeclaration,
        reader: Reader<'_>,
    ) -> HandlerResult<Option<Value>> {
        let Some(argument) = self.bindings.get(&parameter.name) else { return Ok(None) };
        let mut api = self.api();
        match reader {
            Reader::Handler(handler) => handler.bind(&mut api, parameter, declaration, argument),
            Reader::Custom(custom) => custom.bind_input(&mut api, parameter, declaration, argument),
            Reader::None => bind_by_default(parameter, declaration, argument),
        }
    }

    pub(crate) fn api(&mut self) -> AnalysisApi<'_> {
        AnalysisApi { scope: self.scope, types: self.types, definition: self.definition, bindings: self.bindings }
    }

    /// What the first input handler or custom type that knows the annotation makes of it.
    pub(crate) fn input(
        &mut self,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> HandlerResult<Option<(ParameterDeclaration, Reader<'scope>)>> {
        let context = self.scope.context();
        for handler in context.input_handlers() {
            if let Some(declaration) = handler.parse(&mut self.api(), parameter, annotation)? {
                return Ok(Some((declaration, Reader::Handler(&**handler))));
            }
        }
        for custom in context.custom_types() {
            if let Some(declaration) = custom.parse_input(&mut self.api(), parameter, annotation)? {
                return Ok(Some((declaration, Reader::Custom(custom))));
            }
        }
        Ok(None)
    }
}

/// Who made the declaration of a parameter.
pub(crate) enum Reader<'a> {
    /// An input handler.
    Handler(&'a dyn InputHandler),
    /// A custom type.
    Custom(&'a dyn CustomType),
    /// Nobody but the type itself.
    None,
}
