//! The goals, and what the stored figures say of them.

use crate::figures::{Figure, Measured, Results};
use crate::report::{FIRST, Part, Table, verdict};
use crate::statistics::{digits, geometric_mean};

/// What was measured of a goal.
struct Outcome {
    measured: String,
    is_reached: bool,
}

impl Outcome {
    fn new(measured: String, is_reached: bool) -> Self {
        Self { measured, is_reached }
    }
}

/// A goal.
struct Goal {
    what: &'static str,
    goal: &'static str,
    /// The part whose figures decide it.
    part: &'static str,
    /// `None` where its figures are not there.
    decide: fn(&Measured) -> Option<Outcome>,
}

/// The bound for each scalar case.
const LEAST_OF_CASES: f64 = 0.8;

const GOALS: [Goal; 9] = [
    Goal {
        what: "compilation, median of the corpus, Cranelift, against the peer",
        goal: "200 times faster",
        part: "compile",
        decide: |part| {
            let mut times = rows(part, |figure| figure.column == "times faster than the peer");
            times.sort_by(f64::total_cmp);
            let middle = *times.get(times.len() / 2)?;
            Some(Outcome::new(format!("{} ({} cases)", digits(middle), times.len()), middle >= 200.0))
        },
    },
    Goal {
        what: "cold process to first tick, against the peer",
        goal: "100 times faster",
        part: "cold",
        decide: |part| {
            let times: Vec<_> = part.column(|figure| figure.column == "times faster than the peer").collect();
            let least = times.iter().map(|(_, times)| *times).min_by(f64::total_cmp)?;
            let all: Vec<String> = times.iter().map(|(row, times)| format!("{row} {}", digits(*times))).collect();
            Some(Outcome::new(all.join(", "), least >= 100.0))
        },
    },
    Goal {
        what: "peer's time / ours, a tick on Cranelift, scalar streaming cases",
        goal: "geometric mean at least 1.0; no case under 0.8",
        part: "tick",
        decide: |part| {
            let is_wanted = |figure: &Figure| is_peer_to_ours(figure) && figure.row.starts_with("streaming/");
            let cases: Vec<_> = part.column(is_wanted).collect();
            let mean = geometric_mean(cases.iter().map(|(_, ratio)| *ratio))?;
            let below = |bound: f64| -> Vec<String> {
                let cases = cases.iter().filter(|(_, ratio)| *ratio < bound);
                cases
                    .map(|(row, ratio)| format!("{} {}", row.trim_start_matches("streaming/"), digits(*ratio)))
                    .collect()
            };
            let is_reached = mean >= 1.0 && below(LEAST_OF_CASES).is_empty();
            let slower = below(1.0);
            let slower = if slower.is_empty() { "none".to_owned() } else { slower.join(", ") };
            Some(Outcome::new(format!("{}; under 1.0: {slower}", digits(mean)), is_reached))
        },
    },
    Goal {
        what: "peer's time / ours, nodes with containers",
        goal: "geometric mean at least 2.5",
        part: "containers",
        decide: |part| {
            let mean = geometric_mean(rows(part, is_peer_to_ours))?;
            Some(Outcome::new(digits(mean), mean >= 2.5))
        },
    },
    Goal {
        what: "a tick, Cranelift against Rust -O3 through the same ABI",
        goal: "geometric mean at most 1.25",
        part: "tick",
        decide: |part| at_most(part, 1.25, |figure| figure.column == "Cranelift to Rust"),
    },
    Goal {
        what: "a tick, LLVM against Rust -O3 through the same ABI",
        goal: "geometric mean at most 1.1",
        part: "tick",
        decide: |part| at_most(part, 1.1, |figure| figure.column == "LLVM O3 to Rust"),
    },
    Goal {
        what: "repeated compilation of the same source, options and context",
        goal: "under 10 µs",
        part: "repeat",
        decide: |part| {
            let times = rows(part, |figure| figure.table == "source" && figure.column == "found");
            let most = times.into_iter().max_by(f64::total_cmp)?;
            Some(Outcome::new(format!("{} µs", digits(most)), most < 10.0))
        },
    },
    Goal {
        what: "memory a node at 10,000 nodes, Cranelift",
        goal: "under 12 kB",
        part: "memory",
        decide: |part| {
            let sizes = rows(part, |figure| figure.row == "cranelift" && figure.column == "KiB a node");
            let bytes = sizes.first()? * 1024.0;
            Some(Outcome::new(format!("{} bytes", digits(bytes)), bytes < 12_000.0))
        },
    },
    Goal {
        what: "compilation throughput on 2 threads, against two processes",
        goal: "at least 0.95",
        part: "threads",
        decide: |part| {
            let ratio = *rows(part, |figure| figure.row == "two threads to two processes").first()?;
            Some(Outcome::new(digits(ratio), ratio >= 0.95))
        },
    },
];

/// Whether a figure is the peer's time over ours by Cranelift.
fn is_peer_to_ours(figure: &Figure) -> bool {
    figure.column == "peer to Cranelift"
}

fn rows(part: &Measured, is_wanted: impl Fn(&Figure) -> bool) -> Vec<f64> {
    part.column(is_wanted).map(|(_, value)| value).collect()
}

/// A geometric mean that has a bound.
fn at_most(part: &Measured, bound: f64, is_wanted: impl Fn(&Figure) -> bool) -> Option<Outcome> {
    let mean = geometric_mean(rows(part, is_wanted))?;
    Some(Outcome::new(digits(mean), mean <= bound))
}

/// Whether the figures say something of a goal.
pub(crate) fn is_decided(results: &Results) -> bool {
    GOALS.iter().any(|goal| results.parts.get(goal.part).and_then(goal.decide).is_some())
}

/// The goals and what the figures say of them, a row each.
pub(crate) fn part(results: &Results) -> Part {
    let mut part = Part::plain(FIRST, "Goals");
    part.paragraph(
        "Each as a ratio of what was measured in one run, or as it says; computed from the figures of the parts below, which \
         `docs/benchmarks.json` has as data.",
    );
    let mut table = Table::new(&["goal", "is", "measured", "", "command"]);
    for goal in &GOALS {
        let measured = results.parts.get(goal.part);
        let outcome = measured.and_then(goal.decide);
        let (found, reached) = outcome.map_or_else(
            || ("not measured".to_owned(), String::new()),
            |outcome| (outcome.measured, verdict(outcome.is_reached).to_owned()),
        );
        let command = format!("`cargo xtask bench {}`", goal.part);
        table.row([goal.what.to_owned(), goal.goal.to_owned(), found, reached, command]);
    }
    part.table(&table);
    part
}

#[cfg(test)]
mod tests {
    use super::part;
    use crate::figures::Results;
    use crate::report::{Part, Table};

    fn results(name: &'static str, table: &Table) -> Results {
        let mut measured = Part::new(name, "A part");
        measured.table(table);
        let mut results = Results::default();
        results.take(&measured, "2026-01-02");
        results
    }

    #[test]
    fn a_case_that_is_too_slow_misses_the_goal() {
        let mut table = Table::new(&["case", "peer to Cranelift", "Cranelift to Rust"]);
        table.row(["`streaming/a`", "2.00", "1.20"].map(str::to_owned));
        table.row(["`streaming/b`", "0.900", "1.20"].map(str::to_owned));
        table.row(["`state/c`", "0.100", "1.20"].map(str::to_owned));
        let text = part(&results("tick", &table)).text().to_owned();
        assert!(text.contains("| 1.34; under 1.0: b 0.900 | reached |"), "{text}");
        assert!(text.contains("| 1.20 | reached |"), "{text}");
        assert!(text.contains("| not measured |  |"), "{text}");
        let mut table = Table::new(&["case", "peer to Cranelift", "Cranelift to Rust"]);
        table.row(["`streaming/a`", "2.00", "1.30"].map(str::to_owned));
        table.row(["`streaming/b`", "0.790", "1.30"].map(str::to_owned));
        let text = part(&results("tick", &table)).text().to_owned();
        assert!(text.contains("under 1.0: b 0.790 | **missed** |"), "{text}");
        assert!(text.contains("| 1.30 | **missed** |"), "{text}");
    }
}
