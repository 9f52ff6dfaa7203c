//! The frame of a compiled function: phases, exits, and the state of lowering.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use cfunc_context::{
    CompilationContext, ErrorTarget, ExtensionPanic, LowerContext, LowerError, Operand, OwnedValues, PanicSource,
    PythonFunctions, RuleUses,
};
use cfunc_infer::{EdgeId, SlotId, TypedFunction, TypedHelper, TypedStatement};
use cfunc_ir::{
    Block, FunctionBuilder, IntegerCondition, MemoryClass, Module, Signature, Value, Variable, VerifierErrors,
};
use cfunc_models::{
    AbiParameterId, AbiRole, CompilationOptions, Diagnostic, Diagnostics, LifecyclePhase, Representation,
    RuntimeFunction, Span, Type, TypeTable, VariableId, codes,
};
use cfunc_syntax::ast::LocalId;
use foldhash::HashMap;

use crate::exceptions::FinallyBlock;
use smallvec::SmallVec;

use crate::helpers::EmittedHelper;
use crate::ownership::Origin;
use crate::rule_helpers::RuleFunctions;

/// The name of the exported function within its module; the backend exports it under the native name.
const ENTRY_NAME: &str = "entry";

/// What to do about a rule's error.
const CONTRACT_HINT: &str = "a rule of an extension does not hold to its contract";

/// What lowering gives.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The module of the function.
    pub module: Module,
    /// What rules left to other rules, in the order of emission: calls, casts and constants.
    pub uses: RuleUses,
}

/// Emits the module of a function.
///
/// # Errors
///
/// A diagnostic of code `E0901` where a rule fails or does not give what its signature says.
pub fn lower(
    context: &CompilationContext,
    types: &TypeTable,
    options: &CompilationOptions,
    function: &TypedFunction,
) -> Result<Lowered, Diagnostics> {
    emit(context, types, options, function, RuleUses::default())
}

/// Says which rule of an extension emitted what the verifier of the IR refuses, if one did: a diagnostic of code
/// `E0901`. The function is the one that the module was made of.
pub fn blame(
    context: &CompilationContext,
    types: &TypeTable,
    options: &CompilationOptions,
    function: &TypedFunction,
    errors: &VerifierErrors,
) -> Option<Diagnostic> {
    // Emitted once more, and traced: what keeps to the rules need not pay for it.
    let uses = emit(context, types, options, function, RuleUses::tracing()).ok()?.uses;
    errors.errors.iter().find_map(|error| {
        let (rule, span) = uses.emitter(error.function.as_deref()?, error.instruction?.index())?;
        let message = format!("{}: {error}", context.registry().describe_rule(rule));
        Some(Diagnostic::error(codes::EXTENSION, span, message).hint(CONTRACT_HINT))
    })
}

fn emit(
    context: &CompilationContext,
    types: &TypeTable,
    options: &CompilationOptions,
    function: &TypedFunction,
    uses: RuleUses,
) -> Result<Lowered, Diagnostics> {
    let mut module = Module::new();
    let signature = match &function.call {
        Some(_) => crate::entry::signature(),
        None => {
            let parameters = context.layout().parameters().iter().map(|parameter| parameter.representation);
            Signature::new(&parameters.collect::<SmallVec<[Representation; 8]>>(), &[])
        }
    };
    let builder = FunctionBuilder::new(&mut module, ENTRY_NAME, signature);
    let mut lowering = Lowering {
        builder,
        context,
        types,
        options,
        function,
        slots: Vec::new(),
        flags: vec![None; function.tracked.len()],
        set_last: HashMap::default(),
        error_target: ErrorTarget::default(),
        owned: OwnedValues::default(),
        lasting: Vec::new(),
        borrowing: Vec::new(),
        origins: Vec::new(),
        own_constants: HashMap::default(),
        returns: Vec::new(),
        uses: uses.with_python(function.python.clone().map(|typer| typer as Arc<dyn PythonFunctions>)),
        loops: Vec::new(),
        finallies: Vec::new(),
        handled: Vec::new(),
        rounds: None,
        span: function.function.span,
        fixed_span: None,
        helpers: &function.helpers,
        prefix: "helper".to_owned(),
        emitted: Vec::new(),
        rule_functions: RuleFunctions {
            context,
            options,
            types,
            typer: function.python.clone(),
            emitted: Vec::new(),
            count: 0,
        },
        exit: None,
    };
    match lowering.guarded() {
        Ok(()) => {
            let Lowering { builder, uses, .. } = lowering;
            module.entry = Some(builder.finish());
            Ok(Lowered { module, uses })
        }
        Err(error) => {
            let message = match error.rule {
                Some(rule) => format!("{}: {}", context.registry().describe_rule(rule), error.message),
                None => error.message,
            };
            let span = lowering.fixed_span.unwrap_or(lowering.span);
            Err(Diagnostic::error(codes::EXTENSION, span, message).hint(CONTRACT_HINT).into())
        }
    }
}

/// A loop being emitted.
#[derive(Clone, Copy)]
pub(crate) struct LoopBlocks {
    pub(crate) head: Block,
    pub(crate) exit: Block,
}

/// The state of lowering one function.
pub(crate) struct Lowering<'a, 'module> {
    pub(crate) builder: FunctionBuilder<'module>,
    pub(crate) context: &'a CompilationContext,
    pub(crate) types: &'a TypeTable,
    pub(crate) options: &'a CompilationOptions,
    pub(crate) function: &'a TypedFunction,
    /// The variables of each slot's components, made on first use.
    pub(crate) slots: Vec<Option<SmallVec<[Variable; 2]>>>,
    /// Whether a tracked local is bound, by local.
    pub(crate) flags: Vec<Option<Variable>>,
    /// Which slot of a local was set last, by local, for those that selections ask for: its number plus one, i32.
    pub(crate) set_last: HashMap<LocalId, Variable>,
    pub(crate) error_target: ErrorTarget,
    /// What the frame owns.
    pub(crate) owned: OwnedValues,
    /// The variables of slots among it.
    pub(crate) lasting: Vec<Variable>,
    /// By slot, whether what it holds has an owner until the function returns; none does beyond its end.
    pub(crate) borrowing: Vec<bool>,
    /// Where owned values were read in the statement that is being emitted.
    pub(crate) origins: Vec<Origin>,
    /// The values that this call has of constants for itself.
    pub(crate) own_constants: HashMap<VariableId, Variable>,
    /// Blocks that return from the frame.
    pub(crate) returns: Vec<Block>,
    pub(crate) uses: RuleUses,
    pub(crate) loops: Vec<LoopBlocks>,
    /// The `try` statements with `finally` around the current statement, which leaves through them.
    pub(crate) finallies: Vec<FinallyBlock>,
    /// The sites of the errors that the clauses around the current statement stopped.
    pub(crate) handled: Vec<Value>,
    /// How many rounds of loops may go by before the next poll, once a loop polls.
    pub(crate) rounds: Option<Variable>,
    /// Where the operation stands that is being emitted.
    pub(crate) span: Span,
    /// Where everything stands whose own spans are of another text: the call that it is for.
    pub(crate) fixed_span: Option<Span>,
    /// The helpers of the whole function.
    pub(crate) helpers: &'a [TypedHelper],
    /// What the names of their functions begin with.
    pub(crate) prefix: String,
    /// Those that were emitted.
    pub(crate) emitted: Vec<Option<EmittedHelper>>,
    /// The functions of Python code that rules call.
    pub(crate) rule_functions: RuleFunctions<'a>,
    /// Where `return` of a helper goes.
    pub(crate) exit: Option<Block>,
}

impl<'module> Lowering<'_, 'module> {
    /// What rules are given.
    pub(crate) fn rules(&mut self) -> LowerContext<'_, 'module> {
        LowerContext {
            builder: &mut self.builder,
            context: self.context,
            types: self.types,
            options: self.options,
            span: self.fixed_span.unwrap_or(self.span),
            error_target: &mut self.error_target,
            attribute: None,
            constants: &[],
            owned: &mut self.owned,
            uses: &mut self.uses,
            in_rule: false,
            python: Some(&mut self.rule_functions),
            rounds: &mut self.rounds,
        }
    }

    /// The phases, or the call; a panic of a rule is an error that names it. Rules are not the compiler's: an index beyond the
    /// operands that one was written for must not end the host's process.
    fn guarded(&mut self) -> Result<(), LowerError> {
        let body = || match &self.function.call {
            Some(call) => self.call(call),
            None => self.phases(),
        };
        catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
            // What is half built is given up with this error.
            let Some(rule) = self.uses.running() else { resume_unwind(payload) };
            let panic = ExtensionPanic::of(PanicSource::Rule(rule), payload);
            match panic.source {
                PanicSource::Rule(rule) => {
                    Err(LowerError { message: format!("it panicked: {}", panic.message), rule: Some(rule) })
                }
                PanicSource::Part { .. } | PanicSource::Host(_) => panic.resume(),
            }
        })
    }

    fn phases(&mut self) -> Result<(), LowerError> {
        let function = self.function;
        let Some(phase) = self.parameter_of(AbiRole::Phase) else {
            return Err(LowerError::new("no source category brings the lifecycle phase"));
        };
        let phase = self.abi(phase);
        let bodies = [
            (LifecyclePhase::Execute, &function.body),
            (LifecyclePhase::Start, &function.start),
            (LifecyclePhase::Stop, &function.stop),
        ];
        for (wanted, body) in bodies {
            // What cells own is released by STOP, whatever its body does.
            let releases = wanted == LifecyclePhase::Stop && self.owns_cells();
            if body.is_empty() && !releases && !self.has_lifecycles() {
                continue;
            }
            let (taken, next) = (self.builder.create_block(), self.builder.create_block());
            let code = wanted as i8;
            let is_phase = self.builder.integer_compare_constant(IntegerCondition::Equal, phase, i64::from(code));
            self.builder.branch(is_phase, taken, next);
            self.builder.switch_to(taken);
            self.phase(wanted, body, releases)?;
            self.builder.switch_to(next);
        }
        self.builder.return_values(&[]);
        Ok(())
    }

    fn phase(&mut self, phase: LifecyclePhase, body: &[TypedStatement], releases: bool) -> Result<(), LowerError> {
        self.error_target = ErrorTarget::default();
        self.owned = OwnedValues::default();
        self.lasting.clear();
        self.own_constants.clear();
        self.enter_phase(phase, !body.is_empty())?;
        self.copy_constants(body)?;
        self.statements(body)?;
        if !self.builder.is_terminated() {
            self.return_here();
        }
        if let Some(block) = self.error_target.exit() {
            self.builder.switch_to(block);
            self.error_exit(phase, block);
        }
        self.release_at_returns(phase, releases)
    }

    /// Ends the phase here.
    pub(crate) fn return_here(&mut self) {
        self.builder.return_values(&[]);
        self.returns.push(self.builder.current_block());
    }

    /// What a node error does that nothing in the node catches: no output is ticked, the error is recorded.
    fn error_exit(&mut self, phase: LifecyclePhase, block: Block) {
        let site = self.builder.function().block(block).parameters[0];
        // Only EXECUTE ticks outputs; a host may pass no arrays in the other phases.
        if phase == LifecyclePhase::Execute
            && !self.function.function.outputs.is_empty()
            && let Some(ticked) = self.parameter_of(AbiRole::OutputTicked)
        {
            let ticked = self.abi(ticked);
            let zero = self.builder.boolean(false);
            for (offset, _) in (0i32..).zip(&self.function.function.outputs) {
                self.builder.store(zero, ticked, offset, MemoryClass::OutputTicked);
            }
        }
        let descriptor = self.builder.module().unit_descriptor();
        let descriptor = self.builder.data_address(descriptor, 0);
        self.builder.call_runtime(RuntimeFunction::ErrorRaise, &[descriptor, site]);
        self.return_here();
    }

    // The signature.

    fn parameter_of(&self, role: AbiRole) -> Option<AbiParameterId> {
        let position = self.context.layout().parameters().iter().position(|parameter| parameter.role == role)?;
        u32::try_from(position).ok().map(AbiParameterId)
    }

    /// The value of a parameter of the compiled function.
    pub(crate) fn abi(&self, parameter: AbiParameterId) -> Value {
        self.builder.parameter(parameter.0 as usize)
    }

    // Slots.

    fn slot_variables(&mut self, slot: SlotId) -> SmallVec<[Variable; 2]> {
        let index = slot.0 as usize;
        if self.slots.len() <= index {
            self.slots.resize(index + 1, None);
        }
        if let Some(variables) = &self.slots[index] {
            return variables.clone();
        }
        let components = self.types.components(self.function.slots[index].ty);
        let variables: SmallVec<[Variable; 2]> =
            components.iter().map(|component| self.builder.declare_variable(*component)).collect();
        self.slots[index] = Some(variables.clone());
        variables
    }

    pub(crate) fn read_slot(&mut self, slot: SlotId) -> Operand {
        let variables = self.slot_variables(slot);
        let values: SmallVec<[Value; 2]> =
            variables.iter().map(|variable| self.builder.use_variable(*variable)).collect();
        let operand = Operand { ty: self.function.slots[slot.0 as usize].ty, values };
        self.note_origins(slot, &operand);
        operand
    }

    pub(crate) fn write_slot(&mut self, slot: SlotId, operand: &Operand) -> Result<(), LowerError> {
        let variables = self.slot_variables(slot);
        let values = self.displace(slot, &variables, operand)?;
        for (variable, value) in variables.iter().zip(values) {
            self.builder.define_variable(*variable, value);
        }
        if let Some(Some(local)) = self.function.selected.get(slot.0 as usize) {
            let (last, number) = (self.last_set(*local), self.slot_number(slot));
            self.builder.define_variable(last, number);
        }
        Ok(())
    }

    /// Variables for a result that several paths give.
    pub(crate) fn result_variables(&mut self, ty: Type) -> SmallVec<[Variable; 2]> {
        let components = self.types.components(ty);
        components.iter().map(|component| self.builder.declare_variable(*component)).collect()
    }

    pub(crate) fn define_result(&mut self, variables: &[Variable], operand: &Operand) -> Result<(), LowerError> {
        let taken = self.take(operand)?;
        for (variable, value) in variables.iter().zip(&taken.values) {
            self.builder.define_variable(*variable, *value);
        }
        Ok(())
    }

    pub(crate) fn use_result(&mut self, ty: Type, variables: &[Variable]) -> Operand {
        let values = variables.iter().map(|variable| self.builder.use_variable(*variable)).collect();
        let operand = Operand { ty, values };
        self.rules().own(&operand);
        operand
    }

    /// Whether a tracked local is bound: i8 of 0 or 1.
    pub(crate) fn is_bound(&mut self, local: LocalId) -> Value {
        let flag = self.flag(local);
        self.builder.use_variable(flag)
    }

    pub(crate) fn note_bound(&mut self, local: LocalId) {
        if self.function.tracked[local.0 as usize] {
            let flag = self.flag(local);
            let one = self.builder.boolean(true);
            self.builder.define_variable(flag, one);
        }
    }

    /// Whether a tracked local is bound becomes false.
    pub(crate) fn note_unbound(&mut self, local: LocalId) {
        if self.function.tracked[local.0 as usize] {
            let flag = self.flag(local);
            let zero = self.builder.boolean(false);
            self.builder.define_variable(flag, zero);
        }
    }

    fn flag(&mut self, local: LocalId) -> Variable {
        let index = local.0 as usize;
        if let Some(flag) = self.flags[index] {
            return flag;
        }
        let flag = self.builder.declare_variable(Representation::I8);
        self.flags[index] = Some(flag);
        flag
    }

    /// At the start of a round of a loop.
    pub(crate) fn poll(&mut self) {
        self.rules().poll();
    }

    /// The conversions of an edge.
    pub(crate) fn edge(&mut self, edge: EdgeId) -> Result<(), LowerError> {
        let function = self.function;
        let mark = self.owned.mark();
        for conversion in &function.edges[edge.0 as usize] {
            let from = self.read_slot(conversion.from);
            let to = function.slots[conversion.to.0 as usize].ty;
            let converted = self.cast(from, to)?;
            self.write_slot(conversion.to, &converted)?;
        }
        self.end_statement(mark)
    }
}
