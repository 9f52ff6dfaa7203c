//! Any text gives a result or diagnostics: no panic, no second of waiting, no memory without bound. `cargo xtask nightly`
//! tries many more than a test run does.

use std::path::Path;
use std::sync::OnceLock;

use cfunc_compiler::CompilationContext;
use cfunc_tests::{FRAGMENTS, Mutation, context, front_end_holds, mutated, path, property_configuration};
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::TestCaseError;
use proptest::{collection, prop_assert, proptest, sample};

/// Texts that each property tries; PROPTEST_CASES asks for more.
const CASES: u32 = 150;

/// What the process may hold of memory at most, in KiB.
const MOST_MEMORY: u64 = 1 << 20;

fn shared_context() -> &'static CompilationContext {
    static CONTEXT: OnceLock<CompilationContext> = OnceLock::new();
    CONTEXT.get_or_init(context)
}

/// Every Python source of the recorded cases, the cases of diagnostics and the examples.
fn sources() -> &'static [String] {
    static SOURCES: OnceLock<Vec<String>> = OnceLock::new();
    SOURCES.get_or_init(|| {
        let mut sources = Vec::new();
        for folder in ["corpus", "diagnostics", "../examples"] {
            collect(&path(folder), &mut sources);
        }
        sources.sort();
        assert!(sources.len() > 50, "{} sources", sources.len());
        sources
    })
}

fn collect(folder: &Path, sources: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let file = entry.expect("the folder is readable").path();
        if file.is_dir() {
            collect(&file, sources);
        } else if file.extension().is_some_and(|extension| extension == "py") {
            sources.push(std::fs::read_to_string(&file).expect("the source is readable"));
        }
    }
}

#[track_caller]
fn holds(text: &str) -> Result<(), TestCaseError> {
    let outcome = front_end_holds(shared_context(), text);
    prop_assert!(outcome.is_ok(), "{}\n---\n{text}\n---", outcome.unwrap_err());
    let memory = peak_memory();
    prop_assert!(memory <= MOST_MEMORY, "{memory} KiB\n---\n{text}\n---");
    Ok(())
}

/// The most memory that the process ever held, in KiB; 0 where the system does not tell.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = any::<u16>;
    let fragment = || 0..FRAGMENTS.len();
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(place, length)| Mutation::Remove(place, length)),
        (place(), fragment()).prop_map(|(place, index)| Mutation::Insert(place, index)),
        (place(), fragment()).prop_map(|(place, index)| Mutation::Replace(place, index)),
        (place(), 0..40_u8, any::<u8>()).prop_map(|(place, length, times)| Mutation::Repeat(place, length, times)),
        (place(), any::<u8>(), place()).prop_map(|(place, length, to)| Mutation::Copy(place, length, to)),
        (place(), place()).prop_map(|(first, second)| Mutation::SwapLines(first, second)),
        (place(), any::<bool>()).prop_map(|(place, deeper)| Mutation::Indent(place, deeper)),
    ]
}

proptest! {
    #![proptest_config(property_configuration(CASES))]

    #[test]
    fn bytes(bytes in collection::vec(any::<u8>(), 0..2_000)) {
        holds(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn fragments_of_python(indices in collection::vec(0..FRAGMENTS.len(), 0..200)) {
        let text: String = indices.iter().map(|index| FRAGMENTS[*index]).collect();
        holds(&text)?;
        holds(&format!("@node\ndef f(x: Signal[int]) -> Signal[int]:\n    {}", text.replace('\n', "\n    ")))?;
    }

    #[test]
    fn mutated_sources(
        source in sample::select(sources()),
        mutations in collection::vec(mutation(), 1..8),
    ) {
        holds(&mutated(&source, &mutations))?;
    }

    #[test]
    fn sources_joined(
        first in sample::select(sources()),
        second in sample::select(sources()),
        mutations in collection::vec(mutation(), 0..4),
    ) {
        holds(&mutated(&format!("{first}\n{second}"), &mutations))?;
    }
}

#[test]
fn mutations_change_texts_as_they_say() {
    let text = "ab = 1\n    c\n";
    for (mutation, expected) in [
        (Mutation::Remove(0, 5), "1\n    c\n"),
        (Mutation::Insert(0, 14), "(ab = 1\n    c\n"),
        (Mutation::Replace(5_000, 14), "( = 1\n    c\n"),
        (Mutation::Repeat(0, 2, 2), "ababab = 1\n    c\n"),
        (Mutation::Copy(0, 2, 65_535), "ab = 1\n    cab\n"),
        (Mutation::SwapLines(0, 30_000), "    c\nab = 1\n"),
        (Mutation::Indent(40_000, false), "ab = 1\nc\n"),
        (Mutation::Indent(0, true), "    ab = 1\n    c\n"),
    ] {
        assert_eq!(mutated(text, &[mutation]), expected, "{mutation:?}");
    }
}
