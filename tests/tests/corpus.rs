//! Every recorded case, on every engine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cfunc_cli::replay::{CaseFailure, find_cases, replay_case, replay_case_with};
use cfunc_compiler::ir::testing::RandomNumbers;
use cfunc_compiler::ir::{Pass, Pipeline};
use cfunc_compiler::{Backend, PassLevel, backends, backends_at_all_levels};
use cfunc_tests::{Passed, context, engines_that_inline, path};

/// The cases of later issues.
#[derive(serde::Deserialize)]
struct Pending {
    #[serde(default)]
    issue: Vec<PendingIssue>,
}

/// One later issue and the cases it brings.
#[derive(serde::Deserialize)]
struct PendingIssue {
    title: String,
    cases: Vec<String>,
}

fn pending() -> Pending {
    let text = std::fs::read_to_string(path("pending.toml")).expect("the list of pending cases is there");
    toml::from_str(&text).expect("the list of pending cases is TOML")
}

/// `category/name` of a case's file.
fn name(corpus: &Path, case: &Path) -> String {
    let relative = case.strip_prefix(corpus).unwrap_or(case).with_extension("");
    relative.to_string_lossy().replace('\\', "/")
}

#[test]
fn recorded_cases_pass_on_every_engine_unless_pending() {
    let corpus: PathBuf = path("corpus");
    let (context, engines) = (context(), backends_at_all_levels());
    assert!(engines.len() >= 2, "the interpreter and a native engine are present");
    let cases = find_cases(&[&corpus]).expect("the corpus is readable");
    let pending: BTreeSet<String> = pending().issue.into_iter().flat_map(|issue| issue.cases).collect();
    let (mut run, mut wrong) = (0, Vec::new());
    for case in &cases {
        let failures = replay_case(&context, case, &engines);
        match (pending.contains(&name(&corpus, case)), failures.is_empty()) {
            (false, true) => run += 1,
            (false, false) => wrong.extend(failures.iter().map(CaseFailure::to_string)),
            (true, true) => wrong.push(format!("{} passes: take it off tests/pending.toml", name(&corpus, case))),
            (true, false) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(run > 0, "no case was run");
}

#[test]
fn recorded_cases_pass_where_the_runtime_is_inlined() {
    let (corpus, context, engines) = (path("corpus"), context(), engines_that_inline());
    if engines.is_empty() {
        return;
    }
    let pending: BTreeSet<String> = pending().issue.into_iter().flat_map(|issue| issue.cases).collect();
    let cases = find_cases(&[&corpus]).expect("the corpus is readable");
    let cases = cases.iter().filter(|case| !pending.contains(&name(&corpus, case)));
    let failures = cases.flat_map(|case| replay_case(&context, case, &engines));
    let wrong: Vec<String> = failures.map(|failure| failure.to_string()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn recorded_cases_pass_with_no_and_with_all_passes() {
    let corpus: PathBuf = path("corpus");
    let (context, engines) = (context(), backends());
    let pending: BTreeSet<String> = pending().issue.into_iter().flat_map(|issue| issue.cases).collect();
    let mut wrong = Vec::new();
    for case in &find_cases(&[&corpus]).expect("the corpus is readable") {
        if pending.contains(&name(&corpus, case)) {
            continue;
        }
        for level in [PassLevel::None, PassLevel::Full] {
            let failures = replay_case_with(&context, case, &engines, level);
            wrong.extend(failures.iter().map(|failure| format!("{level:?}: {failure}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Orders of passes that are tried on each case beside each pass alone; PROPTEST_CASES asks for all passes and more orders.
fn thorough() -> bool {
    std::env::var("PROPTEST_CASES").is_ok()
}

#[test]
fn recorded_cases_pass_with_each_pass_alone_and_with_all_in_random_order() {
    let corpus: PathBuf = path("corpus");
    let (context, engines) = (context(), backends());
    let pending: BTreeSet<String> = pending().issue.into_iter().flat_map(|issue| issue.cases).collect();
    let cases = find_cases(&[&corpus]).expect("the corpus is readable");
    let cases = cases.iter().filter(|case| !pending.contains(&name(&corpus, case)));
    let mut wrong = Vec::new();
    for (number, case) in cases.enumerate() {
        let mut random = RandomNumbers::new(number as u64);
        let mut orders: Vec<Vec<Pass>> = Pass::ALL.iter().map(|pass| vec![*pass]).collect();
        if !thorough() {
            // One of them a case, each in its turn.
            orders = vec![orders.swap_remove(number % Pass::ALL.len())];
        }
        let random_orders = if thorough() { 10 } else { 1 };
        orders.extend((0..random_orders).map(|_| (0..14).map(|_| random.pick(Pass::ALL)).collect()));
        for order in orders {
            let passed = engines.iter().map(|engine| {
                let pipeline = Pipeline::new(&order).verify(true);
                Arc::new(Passed { pipeline, engine: Arc::clone(engine) }) as Arc<dyn Backend>
            });
            let passed: Vec<_> = passed.collect();
            let failures = replay_case_with(&context, case, &passed, PassLevel::None);
            wrong.extend(failures.iter().map(|failure| format!("{order:?}: {failure}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pending_cases_exist_once_under_a_title() {
    let mut seen = BTreeSet::new();
    for issue in pending().issue {
        assert!(!issue.title.is_empty());
        for case in issue.cases {
            assert!(path("corpus").join(format!("{case}.json")).is_file(), "{case} is no case");
            assert!(seen.insert(case.clone()), "{case} is listed twice");
        }
    }
}
