//! Engines and CPython agree on programs of fixed seeds.

use std::path::Path;
use std::time::{Duration, Instant};

use cfunc_fuzz::{Coverage, Fuzzer, case_files, describe_ticks, shrink};

use crate::oracle;

/// The programs that are run, if the time is enough for them.
const PROGRAMS: u64 = 400;

/// The time after which no new program is run.
const TIME: Duration = Duration::from_secs(20);

/// The programs that are made to see that each construct is in one.
const MADE: u64 = 6000;

#[test]
fn engines_and_cpython_agree() {
    let mut fuzzer = Fuzzer::new(oracle()).expect("the compiler takes probes");
    let start = Instant::now();
    let mut programs = 0;
    for seed in 1..=PROGRAMS {
        if start.elapsed() > TIME {
            break;
        }
        programs += 1;
        fuzzer.take_turn(seed);
        let program = fuzzer.generate(seed);
        let Some(failure) = fuzzer.check(&program) else { continue };
        let smaller =
            shrink(&program, 2000, |candidate| fuzzer.check(candidate).is_some_and(|found| found.is_like(&failure)));
        let expected = fuzzer.expected(&smaller).map(|expected| case_files(&smaller, &expected).json);
        panic!(
            "seed {seed}: {:?}: {}\n{}{}{}",
            failure.kind,
            failure.message,
            smaller.source(),
            describe_ticks(&smaller),
            expected.unwrap_or_default()
        );
    }
    assert!(programs > 20, "{programs} programs in {TIME:?}: the machine is too slow to say anything");
}

#[test]
fn every_construct_that_is_taken_is_made() {
    let fuzzer = Fuzzer::new(None).expect("the compiler takes probes");
    let mut coverage = Coverage::new(&fuzzer.table);
    (1..=MADE).for_each(|seed| coverage.add(&fuzzer.generate(seed)));
    let missing = coverage.missing(&fuzzer);
    assert!(missing.is_empty(), "in none of {MADE} programs: {}", missing.join(", "));
}

/// Words of a text that are `m` and a number: names that patterns bind.
fn captured(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    words.filter(|word| {
        let number = word.strip_prefix('m').unwrap_or_default();
        !number.is_empty() && number.chars().all(|character| character.is_ascii_digit())
    })
}

#[test]
fn what_a_case_names_does_not_keep_its_match() {
    let fuzzer = Fuzzer::new(None).expect("the compiler takes probes");
    let mut shrunk = 0;
    for seed in 1..=2000 {
        let program = fuzzer.generate(seed);
        let source = program.source();
        let lines: Vec<&str> = source.lines().map(str::trim).collect();
        // A new local that is made of what the case before it names.
        let wanted = lines.windows(2).find_map(|pair| {
            let names: Vec<&str> = captured(pair[0]).collect();
            let marker = pair[1].split_once(" = ").map(|(name, _)| name)?;
            let fits = pair[0].starts_with("case ") && !names.is_empty() && marker.starts_with('v');
            (fits && captured(pair[1]).any(|name| names.contains(&name))).then(|| format!("{marker} = "))
        });
        let Some(wanted) = wanted else { continue };
        let name = |line: &str| captured(line).next().map(str::to_owned);
        let smaller = shrink(&program, 3000, |candidate| {
            let text = candidate.source();
            let lines = || text.lines().map(str::trim);
            let reads = lines().any(|line| line.starts_with(&wanted) && name(line).is_some());
            let is_bound = |name: &str| {
                lines().any(|line| {
                    line.starts_with(&format!("{name} = "))
                        || line.starts_with("case ") && captured(line).any(|word| word == name)
                })
            };
            reads && captured(&text).all(is_bound)
        });
        assert!(!smaller.source().contains("match "), "seed {seed} keeps its match:\n{}", smaller.source());
        shrunk += 1;
        if shrunk == 5 {
            return;
        }
    }
    panic!("{shrunk} programs have a case whose names are read");
}

/// What the compiler does not take yet is on a list, so that nothing is left out in silence, and nothing stays out.
#[test]
fn what_is_not_taken_is_known() {
    let fuzzer = Fuzzer::new(None).expect("the compiler takes probes");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("unsupported.txt");
    let names: Vec<&str> = fuzzer.unsupported.iter().map(|unsupported| unsupported.name).collect();
    let found: String = names.iter().map(|name| format!("{name}\n")).collect();
    if std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
        std::fs::write(&path, &found).expect("the list can be written");
    }
    let known = std::fs::read_to_string(&path).expect("the list is there");
    let reasons: Vec<String> = fuzzer
        .unsupported
        .iter()
        .filter(|unsupported| !known.lines().any(|line| line == unsupported.name))
        .map(|unsupported| format!("refused: {}: {}", unsupported.name, unsupported.reason))
        .collect();
    let taken: Vec<&str> = known.lines().filter(|line| !names.contains(line)).collect();
    assert!(reasons.is_empty(), "{}", reasons.join("\n"));
    assert!(taken.is_empty(), "taken now, bless fuzz/unsupported.txt: {}", taken.join(", "));
}
