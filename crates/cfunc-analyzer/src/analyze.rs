//! The one entry: everything a function declares.

use std::sync::Arc;

use cfunc_context::ModuleScope;
use cfunc_models::{Diagnostic, Diagnostics, FunctionModel, ReportedDeclarations, TypeTable, Value, codes};
use cfunc_syntax::ast::FunctionDefinition;
use indexmap::IndexMap;

/// What becomes of a constant parameter that has neither a bound value nor a default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConstantMode {
    /// It is an error.
    #[default]
    Bound,
    /// It gets some value of its type, so that the function can be checked without a host.
    MayBeUnbound,
}

/// Diagnostics after which no more are kept; all of the analyzer's are errors.
const MOST_DIAGNOSTICS: usize = 100;

/// What the stages of the analysis share.
pub(crate) struct Analyzer<'a, 'scope> {
    pub(crate) scope: &'a ModuleScope<'scope>,
    pub(crate) types: &'a mut TypeTable,
    pub(crate) diagnostics: Diagnostics,
    pub(crate) reported: ReportedDeclarations,
}

impl<'a, 'scope> Analyzer<'a, 'scope> {
    pub(crate) fn new(scope: &'a ModuleScope<'scope>, types: &'a mut TypeTable) -> Self {
        Self { scope, types, diagnostics: Diagnostics::new(), reported: ReportedDeclarations::default() }
    }
}

impl Analyzer<'_, '_> {
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MOST_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }
}

/// Reads what a function declares, and binds `constants` to its constant parameters by name.
///
/// The model holds every declaration that is right, and the names of those that are not, so that the body can be looked
/// at in any case; with an error among the diagnostics it is not fit to be compiled. There are up to a hundred
/// diagnostics, by place in the source.
pub fn analyze(
    scope: &ModuleScope<'_>,
    types: &mut TypeTable,
    definition: &FunctionDefinition,
    constants: &IndexMap<String, Value>,
    mode: ConstantMode,
) -> (FunctionModel, Diagnostics) {
    let mut analyzer = Analyzer::new(scope, types);
    if definition.is_async {
        let message = format!("the node `{}` is an `async def`", definition.name);
        let diagnostic = Diagnostic::error(codes::UNSUPPORTED, definition.name_span, message);
        analyzer.report(diagnostic.hint("a node is called once a tick and never waits: use `def`"));
    }
    let parameters = analyzer.parameters(definition, constants, mode);
    analyzer.refuse_unknown_constants(definition, &parameters, constants);
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
