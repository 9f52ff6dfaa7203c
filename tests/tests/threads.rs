//! Eight threads at once, in one context and in contexts of their own: every recorded case gives what was recorded.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Barrier;

use cfunc_cli::replay::{CaseFailure, find_cases, replay_case};
use cfunc_compiler::{CompilationContext, CompileRequest, PassLevel, Source, backends_at_all_levels, compile};
use cfunc_tests::{context, engines_that_are_quick, path};

/// Threads at once.
const THREADS: usize = 8;

/// The cases that pass on one thread.
fn passing(context: &CompilationContext) -> Vec<PathBuf> {
    let cases = find_cases(&[path("corpus")]).expect("the corpus is readable");
    let engines = engines_that_are_quick();
    let passing: Vec<PathBuf> =
        cases.into_iter().filter(|case| replay_case(context, case, &engines).is_empty()).collect();
    assert!(passing.len() > 250, "most cases pass: {}", passing.len());
    passing
}

/// Runs all cases on each of eight threads, each beginning elsewhere, in the contexts that they are given.
fn run(contexts: &[CompilationContext]) {
    let cases = passing(&context());
    // The engines are shared: they hold targets, scratch and the memory of code.
    let engines = engines_that_are_quick();
    let start = Barrier::new(THREADS);
    let wrong: BTreeSet<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (cases, engines, start) = (&cases, &engines, &start);
                let context = &contexts[thread % contexts.len()];
                scope.spawn(move || {
                    let (behind, before) = cases.split_at(cases.len() * thread / THREADS);
                    start.wait();
                    let cases = before.iter().chain(behind);
                    let failures = cases.flat_map(|case| replay_case(context, case, engines));
                    failures.map(|failure: CaseFailure| failure.to_string()).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn eight_threads_share_a_context() {
    run(&[context()]);
}

#[test]
fn eight_threads_have_contexts_of_their_own() {
    let contexts: Vec<CompilationContext> = (0..THREADS).map(|_| context()).collect();
    run(&contexts);
}

#[test]
fn eight_threads_run_instances_of_one_result() {
    let text = "\
def scan(x: Signal[int]) -> Signal[int]:
    total: State[int] = 0
    for i in range(x):
        total += i * i % 7
    return total // (x - 3)
";
    let options = cfunc_compiler::CompilationOptions {
        error_model: cfunc_compiler::ErrorModel::Python,
        passes: PassLevel::Full,
        ..cfunc_compiler::CompilationOptions::default()
    };
    let context = context();
    for engine in backends_at_all_levels() {
        let request = CompileRequest::new(Source::new("scan.py", text)).options(options.clone()).backend(engine);
        let result = compile(&context, &request).expect("it compiles");
        let start = Barrier::new(THREADS);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (result, start) = (&result, &start);
                scope.spawn(move || {
                    let mut node = result.instantiate().expect("ints have cells");
                    let (x, out) =
                        (node.input::<i64>("x").expect("an input"), node.output::<i64>(0).expect("an output"));
                    node.start().expect("START");
                    start.wait();
                    let mut total = 0;
                    for tick in 0..500_i64 {
                        let value = (tick + i64::try_from(thread).expect("few threads")) % 23;
                        node.set(x, value);
                        let ended = node.execute();
                        total += (0..value).map(|i| i * i % 7).sum::<i64>();
                        // An error of one thread's node is none of another's.
                        assert_eq!(ended.is_err(), value == 3, "tick {tick} of thread {thread}");
                        if value != 3 {
                            assert_eq!(node.ticked(out), Some(floor(total, value - 3)));
                        }
                    }
                });
            }
        });
    }
}

/// Floor division, as Python's.
fn floor(dividend: i64, divisor: i64) -> i64 {
    let quotient = dividend / divisor;
    quotient - i64::from(dividend % divisor != 0 && (dividend < 0) != (divisor < 0))
}
