//! The one entry: everything a function declares.

use std::sync::Arc;

use cfunc_context::{Bindings, ModuleScope};
use cfunc_models::{Diagnostic, Diagnostics, FunctionModel, ReportedDeclarations, TypeTable, codes};
use cfunc_syntax::ast::FunctionDefinition;

/// Diagnostics after which no more are kept; all of the analyzer's are errors.
const MOST_DIAGNOSTICS: usize = 100;

/// What the stages of the analysis share.
pub(crate) struct Analyzer<'a, 'scope> {
    pub(crate) scope: &'a ModuleScope<'scope>,
    pub(crate) types: &'a mut TypeTable,
    pub(crate) definition: &'a FunctionDefinition,
    pub(crate) bindings: &'a Bindings,
    pub(crate) diagnostics: Diagnostics,
    pub(crate) reported: ReportedDeclarations,
}

impl<'a, 'scope> Analyzer<'a, 'scope> {
    pub(crate) fn new(
        scope: &'a ModuleScope<'scope>,
        types: &'a mut TypeTable,
        definition: &'a FunctionDefinition,
        bindings: &'a Bindings,
    ) -> Self {
        Self {
            scope,
            types,
            definition,
            bindings,
            diagnostics: Diagnostics::new(),
            reported: ReportedDeclarations::default(),
        }
    }
}

impl Analyzer<'_, '_> {
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MOST_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }
}

/// Reads what a function declares, and binds arguments to its parameters by name. Of a constant parameter that nothing is
/// bound to and that has no default, [`Bindings::unbound`] gives some value of its type, so that the function can be
/// checked without a host.
///
/// The model holds every declaration that is right, and the names of those that are not, so that the body can be looked
/// at in any case; with an error among the diagnostics it is not fit to be compiled. There are up to a hundred
/// diagnostics, by place in the source.
pub fn analyze(
    scope: &ModuleScope<'_>,
    types: &mut TypeTable,
    definition: &FunctionDefinition,
    bindings: &Bindings,
) -> (FunctionModel, Diagnostics) {
    let mut analyzer = Analyzer::new(scope, types, definition, bindings);
    if definition.is_async {
        let message = format!("the node `{}` is an `async def`", definition.name);
        let diagnostic = Diagnostic::error(codes::UNSUPPORTED, definition.name_span, message);
        analyzer.report(diagnostic.hint("a node is called once a tick and never waits: use `def`"));
    }
    let parameters = analyzer.parameters(definition);
    analyzer.refuse_unknown_constants(definition, &parameters);
    let outputs = analyzer.outputs(definition);
    let states = analyzer.states(definition);
    let annotated = analyzer.annotated(definition);
    let Analyzer { mut diagnostics, reported, .. } = analyzer;
    diagnostics.sort();
    let model = FunctionModel {
        annotated,
        name: Arc::clone(&definition.name),
        span: definition.name_span,
        parameters,
        outputs: outputs.outputs,
        named_outputs: outputs.named,
        states,
        reported,
    };
    (model, diagnostics)
}
