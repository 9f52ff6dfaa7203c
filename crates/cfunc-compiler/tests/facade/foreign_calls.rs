//! Calls of a host's functions in loops: made as often as what is declared of them says.

use std::cell::Cell;
use std::sync::Arc;

use cfunc_compiler::ir::Signature;
use cfunc_compiler::{
    CompilationContext, CompileRequest, Effects, Extension, ExtensionId, Operand, Registrar, RegistrationError,
    Representation, Source, SymbolTable, Type, compile, defaults, foreign_function,
};

use crate::common::{context_with, gives, on_every_engine, request};

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

/// Counts its calls, which no compiled code can see.
extern "C" fn triple(value: i64) -> i64 {
    CALLS.with(|calls| calls.set(calls.get() + 1));
    value * 3
}

/// One function under three names, with other effects declared of each.
struct Host;

impl Extension for Host {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("host", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        for (name, effects) in [("pure", Effects::Pure), ("reads", Effects::Reads), ("writes", Effects::Writes)] {
            let callable = registrar.function(name);
            registrar.builtin(callable, &[Type::INT64], Type::INT64, move |b, _signature, operands| {
                let native = Signature::new(&[Representation::I64], &[Representation::I64]);
                let value = b.call_external_value("host_triple", native, effects, &[operands[0].value()])?;
                Ok(Operand::scalar(Type::INT64, value))
            });
        }
        Ok(())
    }
}

/// A loop whose rounds make one call and write nothing; one whose rounds write a state; one value asked for twice; one
/// that nobody uses. Calls made of each when the function is pure, reads, writes.
const CASES: &[(&str, [usize; 3])] = &[
    (
        "def f(x: Signal[int]) -> Signal[int]:
    total = 0
    for i in range(5):
        total += CALLED(x)
    return total
",
        [1, 1, 5],
    ),
    (
        "def f(x: Signal[int]) -> Signal[int]:
    total: State[int] = 0
    total = 0
    for i in range(5):
        total += CALLED(x)
    return total
",
        [1, 5, 5],
    ),
    (
        "def f(x: Signal[int]) -> Signal[int]:
    return CALLED(x) * 2 + CALLED(x) * 3
",
        [1, 2, 2],
    ),
    (
        "def f(x: Signal[int]) -> Signal[int]:
    for i in range(5):
        unused = CALLED(i)
    return 15 * x
",
        [0, 0, 5],
    ),
    (
        "def f(x: Signal[int]) -> Signal[int]:
    for i in range(0):
        total = CALLED(i)
    return 15 * x
",
        [0, 0, 0],
    ),
];

#[test]
fn calls_in_loops_are_made_as_often_as_their_effects_say() {
    let context = CompilationContext::builder()
        .with(defaults())
        .with(cfunc_signals::extension())
        .with(Host)
        .build()
        .expect("the extensions fit together");
    on_every_engine(|engine| {
        for (text, expected) in CASES {
            for (name, expected) in ["pure", "reads", "writes"].into_iter().zip(expected) {
                let text = text.replace("CALLED", name);
                let mut symbols = SymbolTable::new();
                // SAFETY: the function has the signature that the rules declare, and may be called from every thread.
                unsafe { symbols.register("host_triple", triple as *const u8) };
                let request = CompileRequest::new(Source::new("node.py", text.as_str()))
                    .symbols(Arc::new(symbols))
                    .backend(Arc::clone(&engine));
                let compiled = compile(&context, &request).unwrap_or_else(|error| panic!("{error}"));
                let mut node = compiled.instantiate().expect("ints have cells");
                let (input, output) = (node.input::<i64>("x").expect("an int"), node.output::<i64>(0).expect("an int"));
                node.start().expect("START");
                node.set(input, 7);
                CALLS.set(0);
                node.execute().expect("EXECUTE");
                assert_eq!(node.ticked(output), Some(105), "{} on {}", text, engine.name());
                // LLVM may merge more calls than the passes do, of functions that do not write.
                let may_merge = engine.name().starts_with("llvm") && name != "writes";
                let made = CALLS.get();
                assert!(
                    made == *expected || may_merge && made < *expected,
                    "{made} calls: {text} on {}",
                    engine.name()
                );
            }
        }
    });
}

/// By the names that the compiler has for its own functions.
fn entry(x: i64) -> i64 {
    x + 1
}

fn helper0(x: i64) -> i64 {
    2 * x
}

#[test]
fn functions_of_a_host_have_the_names_it_gives_them() {
    let context = context_with(|registrar| {
        registrar.foreign_function(foreign_function!(fn entry(x: i64) -> i64))?;
        registrar.foreign_function(foreign_function!(fn helper0(x: i64) -> i64))
    });
    let text = "
def triple(x: int) -> int:
    total = 0
    for i in range(3):
        total += helper0(x)
    return total

def f(x: Signal[int]) -> Signal[int]:
    return entry(triple(x))
";
    gives(&context, &request(text).function("f"), 5, 31);
}
