//! The document of results: tables in Markdown, each part between markers, so that one part can be measured anew and
//! what was written by hand outside of the markers stays.

use std::fmt::{self, Write};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::figures::{self, Figure};
use crate::goals::{Each, Goal};

/// The head of a document that does not exist yet.
const HEAD: &str = "# Benchmarks\n\n\
    Written by `cargo xtask bench`; text outside of the marked parts is kept. A figure with two more in brackets is a median of\n\
    samples, of which a tenth lie below the first and a tenth above the second. What others are, the text of a part says: the\n\
    least of several, counts, sizes, or something that happens once in a process. Figures that are compared are of one run, in\n\
    which each had its turn in every round; where that is not so, the text says it.\n";

/// A table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these columns.
    pub(crate) fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|title| (*title).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| cell.replace('|', "\\|")).collect());
    }
}

impl Table {
    /// The titles of the columns.
    pub(crate) fn head(&self) -> &[String] {
        &self.head
    }

    /// The rows.
    pub(crate) fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
        writeln!(formatter, "{}", line(&self.head))?;
        writeln!(formatter, "|{}", " --- |".repeat(self.head.len()))?;
        self.rows.iter().try_for_each(|row| writeln!(formatter, "{}", line(row)))
    }
}

/// What one part found: paragraphs and tables.
#[derive(Debug)]
pub(crate) struct Part {
    name: &'static str,
    text: String,
    figures: Vec<Figure>,
    goals: Vec<Goal>,
}

impl Part {
    /// A part by its name on the command line, which its markers have too, with its title.
    pub(crate) fn new(name: &'static str, title: &str) -> Self {
        let mut part = Self::plain(name, title);
        part.paragraph(format!("`{}`", part.command()));
        part
    }

    /// A part that is no measurement of its own.
    pub(crate) fn plain(name: &'static str, title: &str) -> Self {
        Self { name, text: format!("## {title}\n"), figures: Vec::new(), goals: Vec::new() }
    }

    /// The name of its markers.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// What measures it.
    pub(crate) fn command(&self) -> String {
        format!("cargo xtask bench {}", self.name)
    }

    /// The figures of its tables.
    pub(crate) fn figures(&self) -> &[Figure] {
        &self.figures
    }

    /// The goals that it checks.
    pub(crate) fn goals(&self) -> &[Goal] {
        &self.goals
    }

    /// Registers a goal, which the table of all goals has too; gives what the part says of it.
    pub(crate) fn goal(&mut self, goal: impl Into<String>, measured: impl Into<String>, reached: bool) -> &'static str {
        let goal = Goal::new(goal, measured, reached);
        let verdict = goal.verdict();
        self.goals.push(goal);
        verdict
    }

    /// Registers a goal that each row of a table has; gives how many reach it.
    pub(crate) fn goal_of_each(&mut self, each: Each) -> String {
        let goal = each.goal();
        let measured = goal.as_ref().map_or_else(|| "none".to_owned(), |goal| goal.measured.clone());
        self.goals.extend(goal);
        measured
    }

    /// Adds a table of the goals that were registered so far.
    pub(crate) fn table_of_goals(&mut self) {
        let mut table = Table::new(&["goal", "measured", ""]);
        self.goals.iter().for_each(|goal| table.row(goal.cells()));
        self.table(&table);
    }

    /// Adds a paragraph.
    pub(crate) fn paragraph(&mut self, text: impl AsRef<str>) {
        self.text.push('\n');
        let mut length = 0;
        for word in text.as_ref().split_whitespace() {
            if length > 0 && length + 1 + word.len() > 120 {
                self.text.push('\n');
                length = 0;
            }
            if length > 0 {
                self.text.push(' ');
                length += 1;
            }
            self.text.push_str(word);
            length += word.len();
        }
        self.text.push('\n');
    }

    /// Adds a picture of `docs/plots`, with what it shows.
    pub(crate) fn picture(&mut self, file: &str, what: &str) {
        let _infallible = write!(self.text, "\n![{what}](plots/{file})\n");
    }

    /// Adds a table, whose figures are stored.
    pub(crate) fn table(&mut self, table: &Table) {
        self.figures.extend(figures::of_table(self.name, table));
        // Writing to a String does not fail.
        let _infallible = write!(self.text, "\n{table}");
    }

    /// The part as it stands in the document.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// What was written by hand behind a part of a document, up to the next part.
pub(crate) fn text_behind<'a>(document: &'a str, part: &str) -> &'a str {
    let end = format!("<!-- end {part} -->");
    let behind = document.find(&end).map_or("", |at| &document[at + end.len()..]);
    behind.split("<!-- begin ").next().unwrap_or_default()
}

/// Puts a part in its place in the document.
///
/// # Errors
///
/// The document cannot be read or written.
pub(crate) fn write(path: &Path, part: &Part) -> Result<()> {
    let old = if path.exists() {
        fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?
    } else {
        HEAD.to_owned()
    };
    fs::write(path, with_part(&old, part)).with_context(|| format!("writing {}", path.display()))
}

/// The name of the part that stands before all others.
pub(crate) const FIRST: &str = "goals";

/// The document with a part replaced, or added at its end.
fn with_part(document: &str, part: &Part) -> String {
    let (begin, end) = (format!("<!-- begin {} -->", part.name), format!("<!-- end {} -->", part.name));
    let marked = format!("{begin}\n\n{}\n{end}", part.text);
    let place = document.find(&begin).and_then(|from| Some((from, from + document[from..].find(&end)? + end.len())));
    match place {
        Some((from, to)) => format!("{}{marked}{}", &document[..from], &document[to..]),
        None if part.name == FIRST => {
            let at = document.find("<!-- begin ").unwrap_or(document.len());
            format!("{}\n\n{marked}\n\n{}", document[..at].trim_end(), &document[at..])
        }
        None => format!("{}\n\n{marked}\n", document.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST, HEAD, Part, Table, text_behind, with_part};

    #[test]
    fn a_part_is_replaced_in_its_place() {
        let mut part = Part::new("tick", "Ticks");
        part.paragraph("old words");
        let document = with_part(&with_part(HEAD, &part), &Part::new("run", "Runs"));
        let by_hand = document.replace("<!-- end tick -->", "<!-- end tick -->\n\nBy hand.");
        let mut part = Part::new("tick", "Ticks");
        part.paragraph("new words");
        let changed = with_part(&by_hand, &part);
        assert_eq!(changed, by_hand.replace("old words", "new words"));
        assert!(changed.contains("By hand.") && changed.contains("## Runs"));
    }

    #[test]
    fn what_was_written_by_hand_belongs_to_the_part_before() {
        let document = with_part(&with_part(HEAD, &Part::new("tick", "Ticks")), &Part::new("run", "Runs"));
        let by_hand = document.replace("<!-- end tick -->", "<!-- end tick -->\n\nBy hand.");
        assert_eq!(text_behind(&by_hand, "tick").trim(), "By hand.");
        assert_eq!(text_behind(&by_hand, "run").trim(), "");
        assert_eq!(text_behind(&by_hand, "cold"), "");
    }

    #[test]
    fn goals_stand_first() {
        let document = with_part(HEAD, &Part::new("tick", "Ticks"));
        let document = with_part(&document, &Part::plain(FIRST, "Goals"));
        assert!(document.starts_with(HEAD.trim_end()));
        assert!(document.find("## Goals") < document.find("## Ticks"), "{document}");
        assert_eq!(with_part(&document, &Part::plain(FIRST, "Goals")), document);
    }

    #[test]
    fn parts_say_what_measures_them() {
        assert!(Part::new("tick", "Ticks").text().contains("\n`cargo xtask bench tick`\n"));
    }

    #[test]
    fn tables_are_markdown() {
        let mut table = Table::new(&["what", "time"]);
        table.row(["a|b".to_owned(), "1".to_owned()]);
        assert_eq!(table.to_string(), "| what | time |\n| --- | --- |\n| a\\|b | 1 |\n");
    }

    #[test]
    fn paragraphs_are_wrapped() {
        let mut part = Part::new("tick", "Ticks");
        part.paragraph("word ".repeat(100));
        assert!(part.text().lines().all(|line| line.len() <= 120));
        assert_eq!(part.text().matches("word").count(), 100);
    }
}
