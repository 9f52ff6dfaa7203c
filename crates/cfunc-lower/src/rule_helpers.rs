//! Functions of Python code that rules call: each is a function of the module for the types that it is called with.

use std::sync::Arc;

use cfunc_context::{CompilationContext, EmittedPython, LowerError, PythonCode, RuleUses};
use cfunc_infer::PythonTyper;
use cfunc_ir::Module;
use cfunc_models::{CompilationOptions, Span, Type, TypeTable};
use cfunc_sources::RuleFunctionId;

use crate::helpers::HelperFrame;

/// Those that were emitted.
pub(crate) struct RuleFunctions<'a> {
    pub(crate) context: &'a CompilationContext,
    pub(crate) options: &'a CompilationOptions,
    pub(crate) types: &'a TypeTable,
    pub(crate) typer: Option<Arc<PythonTyper>>,
    pub(crate) emitted: Vec<(RuleFunctionId, Vec<Type>, EmittedPython)>,
    /// How many were begun.
    pub(crate) count: usize,
}

impl RuleFunctions<'_> {
    /// It for a function that is emitted meanwhile, to be put back then.
    pub(crate) fn take_out(&mut self) -> Self {
        let (typer, emitted) = (self.typer.take(), std::mem::take(&mut self.emitted));
        Self { typer, emitted, ..*self }
    }
}

impl PythonCode for RuleFunctions<'_> {
    fn emit(
        &mut self,
        module: &mut Module,
        uses: &mut RuleUses,
        function: RuleFunctionId,
        arguments: &[Type],
        span: Span,
    ) -> Result<EmittedPython, LowerError> {
        let known = self.emitted.iter().find(|(id, types, _)| *id == function && types == arguments);
        if let Some((_, _, emitted)) = known {
            return Ok(emitted.clone());
        }
        let Some(typer) = self.typer.clone() else {
            return Err(LowerError::new("functions of Python code are not emitted here"));
        };
        let told = |diagnostic: Box<cfunc_models::Diagnostic>| LowerError::new(diagnostic.message);
        uses.enter_python(function, span).map_err(told)?;
        // Types that its body makes are its own: nothing outside of it has values of them.
        let mut types = self.types.clone();
        let typed = match typer.specialise(&mut types, uses, function, arguments, span) {
            Ok(typed) => typed,
            Err(diagnostic) => {
                uses.leave_python();
                return Err(told(diagnostic));
            }
        };
        typed.helpers.iter().for_each(|helper| uses.append(&helper.function.uses));
        self.count += 1;
        let inner = RuleFunctions {
            context: self.context,
            options: self.options,
            types: &types,
            typer: Some(typer),
            emitted: std::mem::take(&mut self.emitted),
            count: self.count,
        };
        let mut frame = HelperFrame {
            context: self.context,
            types: &types,
            options: self.options,
            helpers: &typed.helpers,
            prefix: format!("rule{}_helper", self.count),
            uses: std::mem::take(uses),
            emitted: Vec::new(),
            rule_functions: inner,
            is_held: false,
            span,
            // Its places may be of another text.
            fixed_span: Some(span),
        };
        let outcome = frame.emit(module, typed.entry);
        *uses = frame.uses;
        uses.leave_python();
        (self.emitted, self.count) = (frame.rule_functions.emitted, frame.rule_functions.count);
        let helper = outcome?;
        let emitted = EmittedPython {
            function: helper.function,
            result: typed.result,
            fails: helper.fails,
            defaults: typed.defaults,
        };
        self.emitted.push((function, arguments.to_vec(), emitted.clone()));
        Ok(emitted)
    }
}
