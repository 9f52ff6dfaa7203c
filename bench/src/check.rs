//! Compares a run with the stored figures: ratios only, since times are the machine's.

use std::fmt::{self, Write};

use crate::figures::{Better, Figure, Measured};
use crate::statistics::digits;

/// By how much a ratio may change beyond the noise that was seen.
const MARGIN: f64 = 0.1;

/// The noise of a ratio beside whose row nothing has a spread.
const UNKNOWN: f64 = 0.15;

/// A ratio that is worse than it was, beyond the noise.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Regression {
    /// Part, row and column.
    pub(crate) name: String,
    before: f64,
    now: f64,
    /// By how many times it is worse, from 1 on.
    worse: f64,
    /// By how many times it may be.
    tolerance: f64,
}

impl fmt::Display for Regression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, before, now, worse, tolerance } = self;
        write!(formatter, "{name}: {} was {}, ", digits(*now), digits(*before))?;
        write!(formatter, "{:.0} % worse, noise up to {:.0} %", (worse - 1.0) * 100.0, (tolerance - 1.0) * 100.0)
    }
}

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Comparison {
    /// How many ratios both have.
    pub(crate) compared: usize,
    /// How many are better by more than the noise.
    pub(crate) better: usize,
    /// What is worse.
    pub(crate) regressions: Vec<Regression>,
}

/// Compares what a part found with what is stored of it.
pub(crate) fn compare(part: &str, stored: &Measured, now: &[Figure]) -> Comparison {
    let mut comparison = Comparison::default();
    for figure in now {
        let Some(better) = figure.better else { continue };
        let is_same =
            |other: &&Figure| (&other.table, &other.row, &other.column) == (&figure.table, &figure.row, &figure.column);
        let Some(before) = stored.figures.iter().find(is_same) else { continue };
        if before.value <= 0.0 || figure.value <= 0.0 {
            continue;
        }
        comparison.compared += 1;
        let worse = match better {
            Better::Less => figure.value / before.value,
            Better::More => before.value / figure.value,
        };
        let tolerance = 1.0 + MARGIN + noise(before, &stored.figures) + noise(figure, now);
        if worse > tolerance {
            let name = format!("{part}, {}, {}", figure.row, figure.column);
            comparison.regressions.push(Regression { name, before: before.value, now: figure.value, worse, tolerance });
        } else if worse < 1.0 / tolerance {
            comparison.better += 1;
        }
    }
    comparison
}

/// How much of a figure is noise: its own spread; where it has none, that of the two noisiest of its row, which it is made
/// of at worst.
fn noise(figure: &Figure, all: &[Figure]) -> f64 {
    if let Some(spread) = figure.relative_spread() {
        return spread;
    }
    let row = all.iter().filter(|other| other.row == figure.row && other.better.is_none());
    let mut spreads: Vec<f64> = row.filter_map(Figure::relative_spread).collect();
    spreads.sort_by(|left, right| right.total_cmp(left));
    if spreads.is_empty() { UNKNOWN } else { spreads.iter().take(2).sum() }
}

/// The comparison of two runs: what is worse in both of them.
pub(crate) fn confirmed(first: &Comparison, second: Comparison) -> Comparison {
    let was_worse = |regression: &Regression| first.regressions.iter().any(|known| known.name == regression.name);
    Comparison { regressions: second.regressions.into_iter().filter(was_worse).collect(), ..second }
}

/// What is said at the end; of what is worse, in which runs it was.
pub(crate) fn summary(comparisons: &[Comparison], not_stored: &[&str], runs: &str) -> String {
    let sum = |of: fn(&Comparison) -> usize| comparisons.iter().map(of).sum::<usize>();
    let mut text = format!(
        "{} ratios compared with docs/benchmarks.json: {} worse beyond the noise {runs}, {} better\n",
        sum(|comparison| comparison.compared),
        sum(|comparison| comparison.regressions.len()),
        sum(|comparison| comparison.better),
    );
    for regression in comparisons.iter().flat_map(|comparison| &comparison.regressions) {
        // Writing to a String does not fail.
        let _infallible = writeln!(text, "- regression: {regression}");
    }
    if !not_stored.is_empty() {
        let _infallible = writeln!(text, "not stored, and not compared: {}", not_stored.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Comparison, compare, confirmed, summary};
    use crate::figures::{Better, Figure, Measured};

    fn ratio(row: &str, value: f64, spread: Option<(f64, f64)>, better: Better) -> Figure {
        Figure {
            table: "case".to_owned(),
            row: row.to_owned(),
            column: "to Rust".to_owned(),
            value,
            low: spread.map(|(low, _)| low),
            high: spread.map(|(_, high)| high),
            unit: "ratio".to_owned(),
            better: Some(better),
        }
    }

    fn compared(before: Figure, now: Figure) -> Comparison {
        compare("tick", &Measured { figures: vec![before], ..Measured::default() }, &[now])
    }

    #[test]
    fn what_is_worse_beyond_the_noise_is_named() {
        let steady = Some((0.98, 1.02));
        let before = ratio("a", 1.0, steady, Better::Less);
        let found = compared(before.clone(), ratio("a", 1.5, Some((1.45, 1.55)), Better::Less));
        assert_eq!((found.compared, found.regressions.len()), (1, 1));
        let text = summary(&[found], &[], "in two runs");
        assert!(text.contains("regression: tick, a, to Rust: 1.50 was 1.00, 50 % worse"), "{text}");
        assert!(compared(before.clone(), ratio("a", 1.1, Some((1.08, 1.12)), Better::Less)).regressions.is_empty());
        // The same change within the noise of the run.
        assert!(compared(before.clone(), ratio("a", 1.5, Some((0.8, 2.2)), Better::Less)).regressions.is_empty());
        assert_eq!(compared(before, ratio("a", 0.5, Some((0.49, 0.51)), Better::Less)).better, 1);
    }

    #[test]
    fn more_is_better_where_it_says_so() {
        let before = ratio("a", 200.0, Some((195.0, 205.0)), Better::More);
        assert_eq!(compared(before.clone(), ratio("a", 100.0, Some((98.0, 102.0)), Better::More)).regressions.len(), 1);
        assert!(compared(before, ratio("a", 300.0, None, Better::More)).regressions.is_empty());
    }

    #[test]
    fn noise_of_the_row_stands_for_that_of_the_ratio() {
        let time = |spread: f64| {
            let mut figure = ratio("a", 10.0, Some((10.0 - spread, 10.0 + spread)), Better::Less);
            figure.column = "compiled".to_owned();
            figure.better = None;
            figure
        };
        let measured = |spread| Measured {
            figures: vec![time(spread), ratio("a", 1.0, None, Better::Less)],
            ..Measured::default()
        };
        let now = |spread| vec![time(spread), ratio("a", 1.3, None, Better::Less)];
        assert_eq!(compare("tick", &measured(0.1), &now(0.1)).regressions.len(), 1);
        assert!(compare("tick", &measured(2.0), &now(2.0)).regressions.is_empty());
    }

    #[test]
    fn one_bad_run_is_not_enough() {
        let before = ratio("a", 1.0, Some((1.0, 1.0)), Better::Less);
        let worse = compared(before.clone(), ratio("a", 2.0, Some((2.0, 2.0)), Better::Less));
        let same = compared(before, ratio("a", 1.0, Some((1.0, 1.0)), Better::Less));
        assert!(confirmed(&worse, same.clone()).regressions.is_empty());
        assert_eq!(confirmed(&worse, worse.clone()).regressions.len(), 1);
        assert!(confirmed(&same, worse).regressions.is_empty());
    }
}
