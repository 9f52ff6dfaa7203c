//! The goals: parts register what they check, and one table lists all of them.

use serde::{Deserialize, Serialize};

use crate::figures::Results;
use crate::report::{FIRST, Part, Table};
use crate::statistics::{digits, geometric_mean};

/// A goal that a part checks, and what it measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Goal {
    /// What is measured, of what, and the bound.
    pub(crate) goal: String,
    /// The figure that decides it.
    pub(crate) measured: String,
    /// Whether it is reached.
    pub(crate) reached: bool,
}

impl Goal {
    /// A goal and what was measured.
    pub(crate) fn new(goal: impl Into<String>, measured: impl Into<String>, reached: bool) -> Self {
        Self { goal: goal.into(), measured: measured.into(), reached }
    }

    /// What tables say of it.
    pub(crate) fn verdict(&self) -> &'static str {
        verdict(self.reached)
    }

    /// Its cells in a table of goals.
    pub(crate) fn cells(&self) -> [String; 3] {
        [self.goal.clone(), self.measured.clone(), self.verdict().to_owned()]
    }
}

/// Private, so that what a table says of a goal is registered.
fn verdict(reached: bool) -> &'static str {
    if reached { REACHED } else { MISSED }
}

const REACHED: &str = "reached";
const MISSED: &str = "**missed**";

/// A goal that each row of a table has.
#[derive(Debug)]
#[must_use = "the part takes it"]
pub(crate) struct Each {
    goal: String,
    count: usize,
    missed: Vec<String>,
}

impl Each {
    /// A goal, without rows yet.
    pub(crate) fn new(goal: impl Into<String>) -> Self {
        Self { goal: goal.into(), count: 0, missed: Vec::new() }
    }

    /// A row by its name with what was measured; what the row says of the goal.
    pub(crate) fn row(&mut self, name: &str, measured: &str, reached: bool) -> &'static str {
        self.count += 1;
        if !reached {
            self.missed.push(format!("{name} {measured}"));
        }
        verdict(reached)
    }

    /// The goal for all rows; none without any.
    pub(crate) fn goal(self) -> Option<Goal> {
        let Self { goal, count, missed } = self;
        let mut measured = format!("{} of {count}", count - missed.len());
        if !missed.is_empty() {
            measured.push_str(&format!("; not by {}", missed.join(", ")));
        }
        (count > 0).then(|| Goal::new(goal, measured, missed.is_empty()))
    }
}

/// The goals that a document of its own checks: the rows of its tables that end in a verdict.
pub(crate) fn of_document(text: &str) -> Vec<Goal> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim().strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
        let [goal, measured, says] = cells[..] else { return None };
        (says == REACHED || says == MISSED).then(|| Goal::new(goal, measured, says == REACHED))
    };
    text.lines().filter_map(row).collect()
}

/// How many times the time of LLVM O3 nodes of all kinds may take on Cranelift, in the geometric mean.
const ALL_NODES: f64 = 1.25;

/// The parts that measure that, each of its own nodes.
const PARTS_OF_NODES: [&str; 2] = ["tick", "containers"];

/// The goal that the figures of several parts decide together, where all of them are there.
fn of_all_nodes(results: &Results) -> Option<Goal> {
    let mut ratios = Vec::new();
    for part in PARTS_OF_NODES {
        let figures = &results.parts.get(part)?.figures;
        ratios.extend(figures.iter().filter(|figure| figure.column == "Cranelift to LLVM O3"));
    }
    let worst = ratios.iter().max_by(|left, right| left.value.total_cmp(&right.value))?;
    let mean = geometric_mean(ratios.iter().map(|figure| figure.value))?;
    let goal =
        format!("Cranelift to LLVM O3, all {} nodes of both parts, geometric mean at most {ALL_NODES}", ratios.len());
    let measured = format!("{}; most {} ({})", digits(mean), digits(worst.value), worst.row);
    Some(Goal::new(goal, measured, mean <= ALL_NODES))
}

/// The document with a part of its own that has goals too.
pub(crate) const OTHER_DOCUMENT: &str = "llvm-parity.md";

/// All goals of the results, in the order of the parts, and those of [`OTHER_DOCUMENT`].
pub(crate) fn part(results: &Results, order: &[String], of_other: &[Goal]) -> Part {
    let mut part = Part::plain(FIRST, "Goals");
    let mut table = Table::new(&["goal", "measured", "", "part"]);
    let (mut count, mut missed, mut not_measured) = (0, 0, Vec::new());
    let mut row = |goal: &Goal, of: String| {
        count += 1;
        missed += usize::from(!goal.reached);
        table.row(goal.cells().into_iter().chain([of]));
    };
    for name in order {
        match results.parts.get(name) {
            Some(measured) => measured.goals.iter().for_each(|goal| row(goal, format!("`{name}`"))),
            None => not_measured.push(format!("`{name}`")),
        }
    }
    let of_all = PARTS_OF_NODES.map(|part| format!("`{part}`")).join(", ");
    of_all_nodes(results).iter().for_each(|goal| row(goal, of_all.clone()));
    of_other.iter().for_each(|goal| row(goal, format!("[{OTHER_DOCUMENT}]({OTHER_DOCUMENT})")));
    part.paragraph(format!(
        "Every goal that a part checks, with what it measured. Reached: {}; missed: {missed}. `cargo xtask bench PART` \
         measures a part anew; `docs/benchmarks.json` has its figures as data.",
        count - missed
    ));
    part.table(&table);
    if !not_measured.is_empty() {
        part.paragraph(format!("Not measured: {}.", not_measured.join(", ")));
    }
    part
}

#[cfg(test)]
mod tests {
    use super::{Each, Goal, of_document, part};
    use crate::figures::Results;
    use crate::report::{Part, Table};

    #[test]
    fn parts_have_a_goal_together() {
        let mut results = Results::default();
        let order = ["tick", "containers"].map(str::to_owned);
        for (name, ratio, missing) in [("tick", "2.00", true), ("containers", "0.500", false)] {
            let mut measured = Part::new(name, "A part");
            let mut table = Table::new(&["node", "Cranelift to LLVM O3", "peer to LLVM O3"]);
            table.row([format!("`a {name}`"), ratio.to_owned(), "9.00".to_owned()]);
            measured.table(&table);
            results.take(&measured, "2026-01-02");
            let text = part(&results, &order, &[]).text().to_owned();
            let row = "all 2 nodes of both parts, geometric mean at most 1.25 | 1.00; most 2.00 (a tick) | reached | `tick`, `containers` |";
            assert_eq!(!text.contains(row), missing, "{text}");
        }
    }

    #[test]
    fn every_goal_that_a_part_registers_is_listed() {
        let mut results = Results::default();
        let mut tick = Part::new("tick", "Ticks");
        assert_eq!(tick.goal("at most 1.1", "1.30", false), "**missed**");
        assert_eq!(tick.goal("at most 1.5", "1.30", true), "reached");
        results.take(&tick, "2026-01-02");
        let mut compile = Part::new("compile", "Compilation");
        compile.goal("200 times", "215", true);
        results.take(&compile, "2026-01-02");
        let order = ["compile", "tick", "cold"].map(str::to_owned);
        let other = [Goal::new("95 %", "88 %", false)];
        let text = part(&results, &order, &other).text().to_owned();
        let rows = "| 200 times | 215 | reached | `compile` |\n| at most 1.1 | 1.30 | **missed** | `tick` |\n\
                    | at most 1.5 | 1.30 | reached | `tick` |\n\
                    | 95 % | 88 % | **missed** | [llvm-parity.md](llvm-parity.md) |\n";
        assert!(text.contains(rows), "{text}");
        assert!(text.contains("Reached: 2; missed: 2."), "{text}");
        assert!(text.contains("Not measured: `cold`."), "{text}");
    }

    #[test]
    fn rows_that_miss_a_goal_are_named() {
        let mut each = Each::new("at most 3, each");
        assert_eq!(each.row("a", "2.00", true), "reached");
        assert_eq!(each.row("b", "4.00", false), "**missed**");
        assert_eq!(each.goal(), Some(Goal::new("at most 3, each", "1 of 2; not by b 4.00", false)));
        assert_eq!(Each::new("nothing").goal(), None);
    }

    #[test]
    fn goals_of_another_document_are_its_rows_with_a_verdict() {
        let text = "| | measured | |\n| --- | --- | --- |\n| cases | 120 |  |\n| no more, goal 95 % | 106, 88.3 % | **missed** |\n";
        assert_eq!(of_document(text), [Goal::new("no more, goal 95 %", "106, 88.3 %", false)]);
        assert_eq!(of_document("| a | 1 | reached |\n"), [Goal::new("a", "1", true)]);
    }
}
