//! The memory of containers: every case gives it back, whatever it did and wherever an allocation failed.

use std::alloc::{Layout, alloc, dealloc, realloc};
use std::cell::Cell;
use std::ffi::c_void;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use cfunc_cli::replay::{case_request, find_cases};
use cfunc_compiler::{
    Allocator, CompilationContext, CompilationOptions, CompilationResult, CompileRequest, MemoryCounters,
    NodeErrorKind, NodeInstance, SnapshotError, Source, Value, backends_at_all_levels, compile,
};
use cfunc_tests::{context, engines_that_inline, path};

thread_local! {
    /// How many allocations succeed before one fails; below zero: none fails.
    static LEFT: Cell<i64> = const { Cell::new(-1) };
    static FAILED: Cell<bool> = const { Cell::new(false) };
}

fn fails() -> bool {
    let left = LEFT.get();
    if left >= 0 {
        LEFT.set(left - 1);
    }
    if left == 0 {
        FAILED.set(true);
    }
    left == 0
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size.max(1), 16).expect("a size below the half of memory")
}

extern "C" fn allocate(_user: *mut c_void, size: usize) -> *mut c_void {
    if fails() {
        return std::ptr::null_mut();
    }
    // SAFETY: the size is not 0.
    unsafe { alloc(layout(size)).cast() }
}

/// # Safety
///
/// A block of `allocate` or `reallocate`, of `old` bytes.
unsafe extern "C" fn reallocate(_user: *mut c_void, block: *mut c_void, old: usize, new: usize) -> *mut c_void {
    if fails() {
        return std::ptr::null_mut();
    }
    // SAFETY: the block came from here with the old size.
    unsafe { realloc(block.cast(), layout(old), new.max(1)).cast() }
}

/// # Safety
///
/// A block of `allocate` or `reallocate`, of `size` bytes, that nothing uses any more.
unsafe extern "C" fn release(_user: *mut c_void, block: *mut c_void, size: usize) {
    // SAFETY: the block came from here with this size.
    unsafe { dealloc(block.cast(), layout(size)) };
}

/// The counters are of the whole process: one test at a time looks at them.
fn alone() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    static INSTALLED: Once = Once::new();
    let guard = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
    INSTALLED.call_once(|| {
        let allocator = Allocator { allocate, reallocate, release, user: std::ptr::null_mut() };
        // SAFETY: the functions are static, and keep to their contract.
        assert!(unsafe { allocator.install() }, "nothing was allocated before");
    });
    guard
}

#[track_caller]
fn assert_empty(what: &str) {
    let counters = MemoryCounters::read();
    assert_eq!((counters.blocks, counters.bytes), (0, 0), "{what}");
}

/// The cases that may hold containers: what a source says of lists and dicts, it says with one of these.
fn cases() -> Vec<PathBuf> {
    let mut cases = find_cases(&[path("corpus")]).expect("the corpus is readable");
    cases.retain(|case| {
        let source = std::fs::read_to_string(case.with_extension("py")).expect("a case has a node");
        ["create_new_", "List", "Dict", "list", "dict", "[", "{", "sorted"].iter().any(|part| source.contains(part))
    });
    cases
}

/// The case on the interpreter and on the default engine, where it compiles, and on one of the others: these take turns.
fn compiled(context: &CompilationContext, number: usize, case: &std::path::Path) -> Vec<CompilationResult> {
    let Ok(request) = case_request(case) else { return Vec::new() };
    // Numbers that a node was not written for may keep it going for long.
    let options = CompilationOptions { interruptible: true, ..CompilationOptions::default() };
    let request = request.options(options);
    let mut engines = backends_at_all_levels();
    let mut others = engines.split_off(2);
    others.extend(engines_that_inline());
    engines.extend(others.get(number % others.len().max(1)).cloned());
    engines.into_iter().filter_map(|backend| compile(context, &request.clone().backend(backend)).ok()).collect()
}

/// Sets every input to a number, as far as its type takes it.
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

/// How long a call may take.
const DEADLINE: Duration = Duration::from_millis(20);

/// How many ticks a node runs before it is stopped.
const LIFE: i64 = 40;

#[test]
fn every_case_gives_its_memory_back() {
    let _alone = alone();
    let context = context();
    let (mut run, mut held) = (0, 0);
    for (number, case) in cases().into_iter().enumerate() {
        for result in compiled(&context, number, &case) {
            // Windows of states that only grow would take the square of the ticks.
            let lives = if result.backend_name() == "interpreter" { 1 } else { 1_000 / LIFE };
            let mut instance = result.instantiate().expect("cases have cells");
            instance.set_deadline(Some(DEADLINE));
            for life in 0..lives {
                instance.start().expect("START succeeds");
                for tick in 0..if lives == 1 { 5 } else { LIFE } {
                    set_inputs(&mut instance, result.inputs().len(), (tick * 7 + life) % 23 - 5);
                    // A node error is as good as any other end of a tick.
                    let _outcome = instance.execute();
                }
                held += i64::from(MemoryCounters::read().blocks > 0);
                instance.stop().expect("STOP succeeds");
                assert_empty(&format!("{} on the {}", case.display(), result.backend_name()));
            }
            run += 1;
        }
    }
    assert!(run > 120 && held > 50, "{run} cases ran, {held} of them held memory between ticks");
}

#[test]
fn a_failed_allocation_is_a_node_error_that_leaks_nothing() {
    // The interpreter calls the same functions of the runtime, at a hundredth of the speed.
    const MOST_FAILURES: i64 = 1_500;
    const MOST_FAILURES_INTERPRETED: i64 = 40;
    let _alone = alone();
    let context = context();
    let (mut failures, mut unfinished) = (0, Vec::new());
    for (number, case) in cases().into_iter().enumerate() {
        for result in compiled(&context, number, &case) {
            let is_interpreted = result.backend_name() == "interpreter";
            let most = if is_interpreted { MOST_FAILURES_INTERPRETED } else { MOST_FAILURES };
            for allowed in 0.. {
                if allowed == most {
                    // Allocations of a loop of thousands of rounds, which differ in the round alone.
                    unfinished.extend((!is_interpreted).then(|| case.display().to_string()));
                    break;
                }
                let mut instance = result.instantiate().expect("cases have cells");
                instance.set_deadline(Some(DEADLINE));
                FAILED.set(false);
                LEFT.set(allowed);
                let mut kinds = Vec::new();
                match instance.start() {
                    Ok(()) => {
                        for tick in 0..8 {
                            set_inputs(&mut instance, result.inputs().len(), tick * 5 % 9);
                            kinds.extend(instance.execute().err().map(|error| error.kind));
                        }
                        kinds.extend(instance.stop().err().map(|error| error.kind));
                    }
                    Err(error) => kinds.push(error.kind),
                }
                LEFT.set(-1);
                let what = format!("{} on the {}, allocation {allowed}", case.display(), result.backend_name());
                assert_empty(&what);
                if !FAILED.get() {
                    break;
                }
                failures += 1;
                // A node may catch it, and go on.
                let catches = result.source().text().contains("except");
                assert!(catches || kinds.contains(&NodeErrorKind::MemoryError), "{what}: {kinds:?}");
                // The node is usable again.
                instance.start().expect("START succeeds");
                instance.stop().expect("STOP succeeds");
            }
        }
    }
    assert!(failures > 500, "{failures} allocations failed");
    assert!(unfinished.len() <= 3, "{unfinished:?} allocate more often");
}

#[test]
fn a_failed_allocation_of_a_restore_leaves_the_node_as_it_was() {
    let _alone = alone();
    let context = context();
    let (mut failures, mut restored) = (0, 0);
    for (number, case) in cases().into_iter().enumerate() {
        for result in compiled(&context, number, &case) {
            if result.metadata().nrt_state_indices().is_empty() {
                continue;
            }
            let node = |ticks: i64| {
                let mut instance = result.instantiate().expect("cases have cells");
                instance.set_deadline(Some(DEADLINE));
                instance.start().expect("START succeeds");
                for tick in 0..ticks {
                    set_inputs(&mut instance, result.inputs().len(), tick * 5 % 9);
                    let _outcome = instance.execute();
                }
                instance
            };
            let saved = node(7).snapshot().expect("it is saved");
            assert_empty("a snapshot");
            let mut instance = node(2);
            let (before, held) = (instance.snapshot().expect("it is saved"), MemoryCounters::read());
            for allowed in 0.. {
                let what = format!("{} on the {}, allocation {allowed}", case.display(), result.backend_name());
                FAILED.set(false);
                LEFT.set(allowed);
                let outcome = instance.restore(&saved);
                LEFT.set(-1);
                if !FAILED.get() {
                    outcome.expect("there is memory");
                    break;
                }
                failures += 1;
                let error = outcome.expect_err("an allocation failed");
                assert!(
                    matches!(error, SnapshotError::Memory { kind: NodeErrorKind::MemoryError, .. }),
                    "{what}: {error}"
                );
                assert_eq!(instance.snapshot().as_ref(), Ok(&before), "{what}");
                let now = MemoryCounters::read();
                assert_eq!((now.blocks, now.bytes), (held.blocks, held.bytes), "{what}");
            }
            restored += 1;
            assert_eq!(instance.snapshot(), Ok(saved), "{}", case.display());
            set_inputs(&mut instance, result.inputs().len(), 3);
            let _outcome = instance.execute();
            drop(instance);
            assert_empty(&format!("{} on the {}", case.display(), result.backend_name()));
        }
    }
    assert!(restored > 80 && failures > restored, "{failures} failures of {restored} nodes");
}

const GROWING: &str = "
@numba_node
def growing(x: Signal[int]) -> Signal[int]:
    xs: State[NumbaList] = create_new_list(int)
    try:
        for i in range(x):
            xs.append(i)
    except Exception:
        return -1
    return len(xs)
";

#[test]
fn a_memory_cap_ends_the_call_and_not_the_node() {
    let _alone = alone();
    let context = context();
    for backend in backends_at_all_levels().into_iter().chain(engines_that_inline()) {
        let request = CompileRequest::new(Source::new("growing.py", GROWING)).backend(backend);
        let result = compile(&context, &request).expect("it compiles");
        let mut instance = result.instantiate().expect("it has cells");
        instance.set_memory_limit(NonZeroU64::new(4_096)).expect("it is not started");
        instance.start().expect("START succeeds");
        set_inputs(&mut instance, 1, 100);
        instance.execute().expect("it fits");
        assert!(instance.memory_used().is_some_and(|used| used > 800 && used <= 4_096));
        set_inputs(&mut instance, 1, 10_000);
        let error = instance.execute().expect_err("it does not fit");
        assert_eq!(error.kind, NodeErrorKind::MemoryLimit);
        assert!(instance.set_memory_limit(None).is_err());
        instance.stop().expect("STOP succeeds");
        assert_eq!(instance.memory_used(), Some(0));
        instance.set_memory_limit(None).expect("it is stopped");
        instance.start().expect("START succeeds");
        instance.execute().expect("nothing limits it");
        drop(instance);
        assert_empty("a cap");
    }
}
