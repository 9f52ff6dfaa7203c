//! Bugs that are put into an engine, or into the rules that all engines share: the fuzzer finds each, and shrinks it.

use std::sync::Arc;
use std::time::Duration;

use cfunc_compiler::exact;
use cfunc_compiler::ir::ConvertOperation;
use cfunc_compiler::ir::{
    BinaryOperation, FloatCondition, Function, InstructionData, IntegerCondition, MemoryClass, Module, Terminator,
    UnaryOperation, Value,
};
use cfunc_compiler::{
    Backend, BackendError, CodeText, CompilationContext, CompilationOptions, CompiledCode, Extension, ExtensionId,
    Interpreter, LowerContext, NativeValue, Operand, Operation, Registrar, RegistrationError, Representation,
    SymbolTable, Type, TypeSpec, ast, backends, defaults,
};
use cfunc_fuzz::{Failure, FailureKind, Fuzzer, HostTypes, PLAIN, context, shrink};

use crate::oracle;

/// The programs within which each bug is found.
const PROGRAMS: u64 = 600;

/// The time of a call, and the instructions of the interpreter, after which a bug made it endless.
const DEADLINE: Duration = Duration::from_millis(500);
const BUDGET: u64 = 300_000;

/// The largest size that what is found is shrunk to: statements, expressions, ticks and cells.
const SIZE: usize = 24;

/// Changes one function of a module.
type Mutation = fn(&mut Function);

/// Engine code of a module that a mutation changed before.
#[derive(Debug)]
struct Mutant {
    engine: Arc<dyn Backend>,
    mutation: Mutation,
}

impl Backend for Mutant {
    fn name(&self) -> &'static str {
        "mutant"
    }

    fn compile(
        &self,
        module: &Module,
        symbols: &SymbolTable,
        options: &CompilationOptions,
    ) -> Result<Arc<dyn CompiledCode>, BackendError> {
        let mut module = module.clone();
        module.functions.iter_mut().for_each(self.mutation);
        self.engine.compile(&module, symbols, options)
    }

    fn text(&self, module: &Module, options: &CompilationOptions, kind: CodeText) -> Result<String, BackendError> {
        self.engine.text(module, options, kind)
    }

    fn ignored_options(&self, options: &CompilationOptions) -> Vec<&'static str> {
        self.engine.ignored_options(options)
    }
}

fn each_instruction(function: &mut Function, change: impl Fn(&mut InstructionData)) {
    function.instructions.iter_mut().for_each(change);
}

/// Removes the last store of a class.
fn lose_store(function: &mut Function, lost: MemoryClass) {
    let is_lost = |data: &InstructionData| matches!(data, InstructionData::Store { class, .. } if *class == lost);
    let instructions = &function.instructions;
    for block in function.blocks.iter_mut().rev() {
        if let Some(position) = block.instructions.iter().rposition(|id| is_lost(&instructions[id.index()])) {
            block.instructions.remove(position);
            return;
        }
    }
}

/// Swaps the last two values of one representation that a jump passes on.
fn swap_arguments(function: &mut Function) {
    let values = &function.values;
    let representation = |value: Value| values[value.index()].0;
    for block in function.blocks.iter_mut().rev() {
        if let Some(Terminator::Jump(target)) = &mut block.terminator
            && let [.., first, second] = target.arguments.as_mut_slice()
            && first != second
            && representation(*first) == representation(*second)
        {
            std::mem::swap(first, second);
            return;
        }
    }
}

const MUTATIONS: &[(&str, Mutation)] = &[
    ("a shift to the right drops the sign", |function| {
        each_instruction(function, |data| {
            if let InstructionData::Binary { operation, .. } = data
                && *operation == BinaryOperation::ShiftRightSigned
            {
                *operation = BinaryOperation::ShiftRightUnsigned;
            }
        });
    }),
    ("less is less or equal", |function| {
        each_instruction(function, |data| {
            if let InstructionData::IntegerCompare { condition, .. } = data
                && *condition == IntegerCondition::SignedLess
            {
                *condition = IntegerCondition::SignedLessOrEqual;
            }
        });
    }),
    ("floats that are equal are not at least as large", |function| {
        each_instruction(function, |data| {
            if let InstructionData::FloatCompare { condition, .. } = data
                && *condition == FloatCondition::GreaterOrEqual
            {
                *condition = FloatCondition::Greater;
            }
        });
    }),
    ("a state is not stored", |function| lose_store(function, MemoryClass::State)),
    ("an output does not tick", |function| lose_store(function, MemoryClass::OutputTicked)),
    ("values of a join are swapped", swap_arguments),
];

/// A rule of the built-ins with another lowering.
struct WrongRule {
    operation: Register,
}

impl Extension for WrongRule {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("wrong", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        (self.operation)(registrar);
        Ok(())
    }
}

/// Registers a rule.
type Register = fn(&mut Registrar<'_>);

/// Emits what a rule gives.
type Emit = fn(&mut LowerContext<'_, '_>, &[Operand]) -> Value;

fn lower(registrar: &mut Registrar<'_>, operation: Operation, parameters: &[Type], emit: Emit) {
    let specs: Vec<TypeSpec> = parameters.iter().copied().map(TypeSpec::Exact).collect();
    registrar.lower_builtin(operation, specs, move |b, signature, operands| {
        let value = emit(b, operands);
        Ok(Operand::scalar(signature.result, value))
    });
}

/// `//` of ints towards zero.
fn truncated_division(b: &mut LowerContext<'_, '_>, operands: &[Operand]) -> Value {
    let (left, right) = (operands[0].value(), operands[1].value());
    let zero = b.integer_compare_constant(IntegerCondition::Equal, right, 0);
    let minus_one = b.integer_compare_constant(IntegerCondition::Equal, right, -1);
    let one = b.int64(1);
    let divisor = b.select(zero, one, right);
    let divisor = b.select(minus_one, one, divisor);
    let quotient = b.binary(BinaryOperation::SignedDivide, left, divisor);
    let negated = b.unary(UnaryOperation::IntegerNegate, left);
    let quotient = b.select(minus_one, negated, quotient);
    let nothing = b.int64(0);
    b.select(zero, nothing, quotient)
}

/// The lowering rules that are taken out, and what comes in their place.
const WRONG_RULES: &[(&str, &str, Register)] = &[
    ("division rounds towards zero", "//(int, int)", |registrar| {
        let operation = Operation::Binary(ast::BinaryOperator::FloorDivide);
        lower(registrar, operation, &[Type::INT64; 2], truncated_division);
    }),
    ("negation loses the sign of zero", "-(float)", |registrar| {
        let operation = Operation::Unary(ast::UnaryOperator::Negate);
        lower(registrar, operation, &[Type::FLOAT64], |b, operands| {
            let zero = b.float64(0.0);
            b.binary(BinaryOperation::FloatSubtract, zero, operands[0].value())
        });
    }),
    ("a shift takes its count modulo 64", "<<(int, int)", |registrar| {
        let operation = Operation::Binary(ast::BinaryOperator::LeftShift);
        lower(registrar, operation, &[Type::INT64; 2], |b, operands| {
            b.binary(BinaryOperation::ShiftLeft, operands[0].value(), operands[1].value())
        });
    }),
    ("a product loses its high half", "*(int, int)", |registrar| {
        let operation = Operation::Binary(ast::BinaryOperator::Multiply);
        lower(registrar, operation, &[Type::INT64; 2], |b, operands| {
            let product = b.binary(BinaryOperation::IntegerMultiply, operands[0].value(), operands[1].value());
            let half = b.convert(ConvertOperation::Truncate, product, Representation::I32);
            b.convert(ConvertOperation::SignExtend, half, Representation::I64)
        });
    }),
];

/// The boxing rules that are taken out, and what comes in their place.
const WRONG_BOXING: &[(&str, &str, Register)] = &[
    ("an int of a call loses its high half", "unbox(int)", |registrar| {
        registrar.unbox_word(
            exact(Type::INT64),
            |value| match value {
                cfunc_compiler::Value::Integer(value) => Some(value.cast_unsigned() & 0xffff_ffff),
                cfunc_compiler::Value::Boolean(value) => Some((*value).into()),
                _ => None,
            },
            |_context, _ty, _value| NativeValue::error("no int"),
        );
    }),
    ("a float that a call gives has no negative zero", "box(float)", |registrar| {
        registrar.box_word(exact(Type::FLOAT64), |bits| cfunc_compiler::Value::Float(f64::from_bits(bits) + 0.0));
    }),
];

#[test]
fn bugs_of_boxing_are_found() {
    let Some(oracle) = oracle() else { return };
    let mut fuzzer = Fuzzer::new(Some(oracle)).expect("the compiler takes probes");
    fuzzer.without_sets();
    fuzzer.without_structs();
    fuzzer.set_deadline(DEADLINE);
    for (bug, rule, register) in WRONG_BOXING {
        fuzzer.replace(wrong_context(rule, *register), backends());
        assert_eq!(find(&mut fuzzer, bug, PLAIN), FailureKind::Oracle, "{bug}");
    }
}

fn wrong_context(rule: &'static str, operation: Register) -> CompilationContext {
    CompilationContext::builder()
        .with(defaults())
        .with(cfunc_signals::extension())
        .with(HostTypes)
        .with(WrongRule { operation })
        .without_rule(move |info| info.name == rule && info.extension.name == "builtins")
        .build()
        .expect("a context with another rule")
}

/// Fuzzes until a bug is found in a program that shrinks to a small one, and says which kind it was. A program may be
/// caught in a form that no single step makes smaller; the next one shows the bug as well.
fn find(fuzzer: &mut Fuzzer, bug: &str, step: u64) -> FailureKind {
    let mut smallest: Option<(usize, String)> = None;
    for seed in (1..=PROGRAMS).map(|number| number * step) {
        let program = fuzzer.generate(seed);
        // One that does not end any more would be shrunk slowly; the bug shows in others.
        let Some(failure) = fuzzer.check(&program).filter(|failure| failure.kind != FailureKind::Endless) else {
            continue;
        };
        let like = |found: Option<Failure>| found.is_some_and(|found| found.is_like(&failure));
        let smaller = shrink(&program, 1500, |candidate| like(fuzzer.check(candidate)));
        assert!(
            like(fuzzer.check(&smaller)),
            "{bug}: what is left of seed {seed} does not fail:\n{}",
            smaller.source()
        );
        if smaller.size() <= SIZE {
            return failure.kind;
        }
        if smallest.as_ref().is_none_or(|(size, _)| smaller.size() < *size) {
            smallest = Some((smaller.size(), smaller.source()));
        }
    }
    panic!("{bug}: not found in {PROGRAMS} programs, or not shrunk to {SIZE} parts: {smallest:?}");
}

#[test]
fn bugs_of_an_engine_are_found() {
    let mut fuzzer = Fuzzer::new(None).expect("the compiler takes probes");
    fuzzer.without_containers();
    fuzzer.without_sets();
    fuzzer.without_structs();
    fuzzer.set_deadline(DEADLINE);
    let engines = backends();
    assert!(engines.len() >= 2, "there is something to compare with");
    for (bug, mutation) in MUTATIONS {
        // On machine code there would be no end to a loop that a mutation made endless.
        let engine = Arc::new(Interpreter::new().with_budget(BUDGET));
        let mutant: Arc<dyn Backend> = Arc::new(Mutant { engine, mutation: *mutation });
        let sound = Arc::clone(engines.last().expect("an engine"));
        fuzzer.replace(context().expect("a context"), vec![sound, mutant]);
        assert_eq!(find(&mut fuzzer, bug, 1), FailureKind::Engines, "{bug}");
    }
}

#[test]
fn bugs_that_all_engines_share_are_found() {
    let Some(oracle) = oracle() else { return };
    let mut fuzzer = Fuzzer::new(Some(oracle)).expect("the compiler takes probes");
    fuzzer.without_sets();
    fuzzer.without_structs();
    fuzzer.set_deadline(DEADLINE);
    for (bug, rule, operation) in WRONG_RULES {
        fuzzer.replace(wrong_context(rule, *operation), backends());
        assert_eq!(find(&mut fuzzer, bug, 1), FailureKind::Oracle, "{bug}");
    }
}

#[test]
fn there_are_ten() {
    assert_eq!(MUTATIONS.len() + WRONG_RULES.len(), 10);
}
