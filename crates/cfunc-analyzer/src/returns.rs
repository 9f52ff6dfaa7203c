//! The return annotation: outputs as the handlers understand them.

use cfunc_context::OutputDeclaration;
use cfunc_models::{CellForm, Diagnostic, codes};
use cfunc_syntax::ast::{Expression, FunctionDefinition};

use crate::analyze::Analyzer;

impl Analyzer<'_, '_> {
    /// The outputs; none after an error that is reported.
    pub(crate) fn outputs(&mut self, definition: &FunctionDefinition) -> OutputDeclaration {
        let none = OutputDeclaration { outputs: Vec::new(), named: false };
        let Some(annotation) = &definition.returns else {
            let message = format!("`{}` has no return annotation", definition.name);
            let diagnostic = Diagnostic::error(codes::RETURN_ANNOTATION, definition.name_span, message);
            self.report(
                diagnostic.expected("the outputs after `->`").hint("write `-> <outputs>:` at the end of the line"),
            );
            self.reported.outputs = true;
            return none;
        };
        match self.output(annotation) {
            Ok(Some(declaration)) => {
                self.check_outputs(definition, annotation, &declaration);
                declaration
            }
            Ok(None) => {
                let expected = "a registered kind of output";
                self.unknown_annotation(codes::RETURN_ANNOTATION, annotation, "the return value", expected);
                self.reported.outputs = true;
                none
            }
            Err(diagnostic) => {
                self.report(*diagnostic);
                self.reported.outputs = true;
                none
            }
        }
    }

    fn check_outputs(
        &mut self,
        definition: &FunctionDefinition,
        annotation: &Expression,
        declaration: &OutputDeclaration,
    ) {
        for output in &declaration.outputs {
            if matches!(self.types.definition(output.ty).cell, CellForm::None | CellForm::Object) {
                let message = format!("a value of type `{}` cannot be an output", self.types.name(output.ty));
                let diagnostic = Diagnostic::error(codes::RETURN_ANNOTATION, annotation.span, message);
                self.report(
                    diagnostic
                        .expected("a type that a cell holds")
                        .hint("give out the numbers it is made of one by one"),
                );
            }
        }
        if declaration.outputs.is_empty() && definition.parameters.is_empty() {
            let message = format!("`{}` has neither parameters nor outputs", definition.name);
            let diagnostic = Diagnostic::error(codes::RETURN_ANNOTATION, annotation.span, message);
            self.report(diagnostic.hint("a node without inputs needs an output"));
        }
    }

    /// What the first output handler that knows the annotation makes of it.
    pub(crate) fn output(&mut self, annotation: &Expression) -> Result<Option<OutputDeclaration>, Box<Diagnostic>> {
        for handler in self.scope.context().output_handlers() {
            if let Some(declaration) = handler.parse(&mut self.api(), annotation)? {
                return Ok(Some(declaration));
            }
        }
        Ok(None)
    }
}
