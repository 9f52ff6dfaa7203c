//! Nodes with containers over many ticks: their memory stays what it is.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cfunc_cli::replay::{case_request, find_cases};
use cfunc_compiler::{
    CompilationOptions, CompileRequest, MemoryCounters, NodeInstance, Source, Value, compile, default_backend,
};
use cfunc_tests::{context, path};

/// The categories with containers.
const CATEGORIES: [&str; 6] = ["lists", "lists2", "lists3", "dicts", "dicts2", "dicts3"];

/// Ticks between START and STOP: windows of states that only grow would take the square of them.
const LIFE: i64 = 50;

/// The counters are of the whole process: one test at a time looks at them.
fn alone() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

fn set_inputs(instance: &mut NodeInstance, count: usize, number: i64) {
    for index in 0..count {
        let number = number + i64::try_from(index).unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
        let values = [
            Value::Integer(number),
            Value::Float(number as f64 * 0.5),
            Value::Boolean(number % 2 == 0),
            Value::Datetime(number),
            Value::Timedelta(number),
        ];
        assert!(values.iter().any(|value| instance.set_value(index, value).is_ok()), "input {index}");
    }
}

/// Runs every case for so many ticks on machine code; what it holds never exceeds what it held in the first tenth by more
/// than its lives differ.
fn soak(ticks: i64) {
    let _alone = alone();
    let context = context();
    let folders: Vec<PathBuf> = CATEGORIES.iter().map(|category| path("corpus").join(category)).collect();
    let mut run = 0;
    for case in find_cases(&folders).expect("the corpus is readable") {
        let Ok(request) = case_request(&case) else { continue };
        let options = CompilationOptions { interruptible: true, ..CompilationOptions::default() };
        let backend = default_backend().expect("there is an engine");
        let Ok(result) = compile(&context, &request.options(options).backend(backend)) else { continue };
        let what = case.display();
        let mut instance = result.instantiate().expect("cases have cells");
        // Some inputs make a loop of a case go on for ever; such ticks may not take most of the time.
        instance.set_deadline(Some(Duration::from_micros(200)));
        let lives = ticks / LIFE;
        let (mut early, mut late) = (0, 0);
        for life in 0..lives {
            instance.start().expect("START succeeds");
            for tick in 0..LIFE {
                set_inputs(&mut instance, result.inputs().len(), (tick * 7 + life % 10) % 23 - 5);
                // A node error is as good as any other end of a tick.
                let _outcome = instance.execute();
            }
            let held = MemoryCounters::read().bytes;
            let most = if life < lives / 10 { &mut early } else { &mut late };
            *most = held.max(*most);
            instance.stop().expect("STOP succeeds");
            let counters = MemoryCounters::read();
            assert_eq!((counters.blocks, counters.bytes), (0, 0), "{what} after {life} lives");
        }
        assert!(late <= early, "{what} held {early} bytes at first, and {late} later");
        run += 1;
    }
    assert!(run > 60, "{run} cases ran");
}

/// `CFUNC_SOAK_TICKS` says how many; `cargo xtask nightly` asks for a million, which takes minutes.
#[test]
fn memory_is_flat_over_many_ticks() {
    let ticks = std::env::var("CFUNC_SOAK_TICKS").map_or(5_000, |ticks| ticks.parse().expect("a number of ticks"));
    soak(ticks);
}

const REBOUND: &str = "
@numba_node
def rebound(x: Signal[int]) -> Signal[int]:
    kept: State[list[int]] = []
    xs = [x]
    d = {x: 1}
    total = 0
    for i in range(1000000):
        ys = xs
        xs = [i, i + 1]
        d = {i: len(ys)}
        total += ys[0] + d[i]
    kept = xs
    return total
";

#[test]
fn a_local_that_is_bound_anew_does_not_grow_memory() {
    let _alone = alone();
    let context = context();
    // The interpreter takes long over a million rounds; what owns what is decided before either.
    let backend = default_backend().expect("there is an engine");
    let request = CompileRequest::new(Source::new("rebound.py", REBOUND)).backend(backend);
    let result = compile(&context, &request).expect("it compiles");
    let mut instance = result.instantiate().expect("it has cells");
    instance.set_memory_limit(NonZeroU64::new(4_096)).expect("it is not started");
    instance.start().expect("START succeeds");
    let allocations = MemoryCounters::read().allocations;
    for _ in 0..2 {
        set_inputs(&mut instance, 1, 7);
        instance.execute().expect("it stays below the limit");
        assert!(instance.memory_used().is_some_and(|used| used < 1_024), "{:?}", instance.memory_used());
    }
    assert!(MemoryCounters::read().allocations > allocations + 2_000_000, "each round makes containers");
    instance.stop().expect("STOP succeeds");
    assert_eq!(MemoryCounters::read().bytes, 0);
}
