//! Helpers: each specialisation is a function of the module, emitted when a call first needs it.
//!
//! It takes the components of its arguments and returns those of its result; where it can fail, a status of i32
//! follows: 0, or the number of the error site plus one. The caller passes a failure on to its own error target.

use cfunc_context::{CompilationContext, ErrorTarget, LowerError, Operand, OwnedValues, RuleUses};
use cfunc_infer::{SpecialisationId, TypedHelper};
use cfunc_ir::{Block, FunctionBuilder, FunctionId, Module, Signature, Value};
use cfunc_models::{CompilationOptions, Representation, Span, TypeTable};
use smallvec::SmallVec;

use crate::borrowing::borrowing_slots;
use crate::frame::Lowering;
use crate::rule_helpers::RuleFunctions;

/// The representation of a status.
const STATUS: Representation = Representation::I32;

/// A helper that was emitted.
#[derive(Clone, Copy)]
pub(crate) struct EmittedHelper {
    pub(crate) function: FunctionId,
    /// Whether a status follows the results.
    pub(crate) fails: bool,
}

/// What a helper is emitted with; what changes on the way is given back in it.
pub(crate) struct HelperFrame<'a> {
    pub(crate) context: &'a CompilationContext,
    pub(crate) types: &'a TypeTable,
    pub(crate) options: &'a CompilationOptions,
    /// The helpers of the whole function.
    pub(crate) helpers: &'a [TypedHelper],
    /// What the names of their functions begin with.
    pub(crate) prefix: String,
    pub(crate) uses: RuleUses,
    /// Those that were emitted.
    pub(crate) emitted: Vec<Option<EmittedHelper>>,
    pub(crate) rule_functions: RuleFunctions<'a>,
    /// Whether what calls it holds the arguments until it returns, whatever it does.
    pub(crate) is_held: bool,
    /// Where it is called.
    pub(crate) span: Span,
    /// Where everything stands whose own spans are of another text.
    pub(crate) fixed_span: Option<Span>,
}

impl<'a> HelperFrame<'a> {
    /// The function of a helper, emitted on first use. Its callees come before it in the module, and it before its
    /// caller, which is finished later.
    pub(crate) fn emit(&mut self, module: &mut Module, id: SpecialisationId) -> Result<EmittedHelper, LowerError> {
        let helpers = self.helpers;
        let index = id.0 as usize;
        let helper = helpers.get(index).ok_or_else(|| LowerError::new("a call of no helper"))?;
        let function = &helper.function;
        let components = |slot: cfunc_infer::SlotId| self.types.components(function.slots[slot.0 as usize].ty);
        let parameters: SmallVec<[Representation; 8]> =
            helper.parameters.iter().flat_map(|slot| components(*slot)).collect();
        let results = components(helper.result);
        let name = format!("{}{index}", self.prefix);
        let builder = FunctionBuilder::new(module, &name, Signature::new(&parameters, &results));
        let mut inner = Lowering {
            builder,
            context: self.context,
            types: self.types,
            options: self.options,
            function,
            slots: Vec::new(),
            flags: vec![None; function.tracked.len()],
            set_last: foldhash::HashMap::default(),
            error_target: ErrorTarget::default(),
            owned: OwnedValues::default(),
            lasting: Vec::new(),
            borrowing: if self.is_held { borrowing_slots(helper) } else { Vec::new() },
            origins: Vec::new(),
            own_constants: foldhash::HashMap::default(),
            returns: Vec::new(),
            uses: std::mem::take(&mut self.uses),
            loops: Vec::new(),
            span: self.span,
            finallies: Vec::new(),
            handled: Vec::new(),
            rounds: None,
            fixed_span: self.fixed_span.or(helper.is_foreign.then_some(self.span)),
            helpers,
            prefix: self.prefix.clone(),
            emitted: std::mem::take(&mut self.emitted),
            rule_functions: self.rule_functions.take_out(),
            exit: None,
        };
        let outcome = inner.helper_body(helper);
        let Lowering { builder, uses, emitted, rule_functions, span, .. } = inner;
        let finished = outcome.map(|fails| EmittedHelper { function: builder.finish(), fails });
        (self.uses, self.emitted, self.rule_functions) = (uses, emitted, rule_functions);
        if finished.is_err() {
            self.span = span;
        }
        let finished = finished?;
        if self.emitted.len() <= index {
            self.emitted.resize(index + 1, None);
        }
        self.emitted[index] = Some(finished);
        Ok(finished)
    }
}

impl Lowering<'_, '_> {
    /// Calls a helper on arguments in the order of its parameters.
    pub(crate) fn call_helper(&mut self, id: SpecialisationId, arguments: &[Operand]) -> Result<Operand, LowerError> {
        let helpers = self.helpers;
        let helper = helpers.get(id.0 as usize).ok_or_else(|| LowerError::new("a call of no helper"))?;
        let EmittedHelper { function, fails } = self.emitted_helper(id)?;
        let values: SmallVec<[Value; 8]> =
            arguments.iter().flat_map(|argument| argument.values.iter().copied()).collect();
        let result = helper.function.slots[helper.result.0 as usize].ty;
        Ok(self.rules().call_emitted(function, fails, result, &values))
    }

    fn emitted_helper(&mut self, id: SpecialisationId) -> Result<EmittedHelper, LowerError> {
        if let Some(Some(emitted)) = self.emitted.get(id.0 as usize) {
            return Ok(*emitted);
        }
        let mut frame = HelperFrame {
            context: self.context,
            types: self.types,
            options: self.options,
            helpers: self.helpers,
            prefix: self.prefix.clone(),
            uses: std::mem::take(&mut self.uses),
            emitted: std::mem::take(&mut self.emitted),
            rule_functions: self.rule_functions.take_out(),
            // The host holds what it calls with.
            is_held: self.function.call.as_ref().is_some_and(|call| call.function == id),
            span: self.span,
            fixed_span: self.fixed_span,
        };
        let outcome = frame.emit(self.builder.module(), id);
        (self.uses, self.emitted, self.rule_functions) = (frame.uses, frame.emitted, frame.rule_functions);
        if outcome.is_err() {
            // What is wrong is where the helper says it.
            self.span = frame.span;
        }
        outcome
    }

    /// Emits a body; whether it can fail.
    fn helper_body(&mut self, helper: &TypedHelper) -> Result<bool, LowerError> {
        let (mut first, mark) = (0, self.owned.mark());
        for slot in &helper.parameters {
            let ty = self.function.slots[slot.0 as usize].ty;
            let count = self.types.components(ty).len();
            let values = (first..first + count).map(|position| self.builder.parameter(position)).collect();
            self.write_slot(*slot, &Operand { ty, values })?;
            first += count;
        }
        self.end_statement(mark)?;
        let exit = self.builder.create_block();
        self.exit = Some(exit);
        self.copy_constants(&helper.function.body)?;
        self.statements(&helper.function.body)?;
        if !self.builder.is_terminated() {
            self.builder.jump(exit, &[]);
        }
        self.builder.switch_to(exit);
        // The caller owns the result; what else the frame owns goes.
        let result = self.read_slot(helper.result);
        let mut values = self.take(&result)?.values;
        self.rules().release_all()?;
        let error = self.error_target.exit();
        if error.is_some() {
            let components = self.types.components(self.function.slots[helper.result.0 as usize].ty);
            let results: SmallVec<[Representation; 4]> = components.into_iter().chain([STATUS]).collect();
            self.builder.set_results(&results);
            values.push(self.builder.integer_constant(STATUS, 0));
        }
        self.builder.return_values(&values);
        if let Some(block) = error {
            self.helper_error_exit(helper, block)?;
        }
        Ok(error.is_some())
    }

    /// A failure: results that nobody reads, and the site.
    fn helper_error_exit(&mut self, helper: &TypedHelper, block: Block) -> Result<(), LowerError> {
        self.builder.switch_to(block);
        self.rules().release_all()?;
        let site = self.builder.function().block(block).parameters[0];
        let components = self.types.components(self.function.slots[helper.result.0 as usize].ty);
        let mut values: SmallVec<[Value; 4]> =
            components.iter().map(|component| self.builder.zero(*component)).collect();
        let one = self.builder.integer_constant(STATUS, 1);
        values.push(self.builder.binary(cfunc_ir::BinaryOperation::IntegerAdd, site, one));
        self.builder.return_values(&values);
        Ok(())
    }

    /// The block that a `return` of a helper goes to.
    pub(crate) fn exit_block(&self) -> Result<Block, LowerError> {
        self.exit.ok_or_else(|| LowerError::new("a result is returned outside of a helper"))
    }
}
