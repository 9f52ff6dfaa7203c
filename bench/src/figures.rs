//! Results as data: every figure of every table, in a file beside the document, so that later runs can be compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::goals::Goal;
use crate::report::{Part, Table};

/// The version of the file.
const FORMAT: u32 = 1;

/// Which of two ratios is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Better {
    /// The lower one.
    Less,
    /// The higher one.
    More,
}

/// One figure: what a cell of a table says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// The title of the table's first column, which tells tables of a part apart.
    pub(crate) table: String,
    /// The first cell of the row.
    pub(crate) row: String,
    /// The title of the column.
    pub(crate) column: String,
    /// The figure, a median where it has a spread.
    pub(crate) value: f64,
    /// What a tenth of the samples lie below, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) low: Option<f64>,
    /// What a tenth of the samples lie above, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) high: Option<f64>,
    /// What it is measured in; `ratio` where two times of one run were divided.
    pub(crate) unit: String,
    /// Of ratios, which is the better one. Figures without it depend on the machine and are not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) better: Option<Better>,
}

impl Figure {
    /// How far the ends of the spread are from the median, as a share of it.
    pub(crate) fn relative_spread(&self) -> Option<f64> {
        let (low, high) = (self.low?, self.high?);
        Some((high - self.value).max(self.value - low) / self.value.abs().max(f64::MIN_POSITIVE))
    }
}

/// What one part found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// The day.
    pub(crate) date: String,
    /// What measures it again.
    pub(crate) command: String,
    /// The figures, in the order of the document.
    pub(crate) figures: Vec<Figure>,
    /// The goals that it checked.
    #[serde(default)]
    pub(crate) goals: Vec<Goal>,
}

/// The figures of all parts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Results {
    format: u32,
    /// By the name of the part.
    pub(crate) parts: BTreeMap<String, Measured>,
}

impl Results {
    /// The stored results; none where the file is not there.
    ///
    /// # Errors
    ///
    /// The file is none of ours.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let results: Self = serde_json::from_str(&text).with_context(|| format!("in {}", path.display()))?;
        anyhow::ensure!(results.format == FORMAT, "{} has format {}", path.display(), results.format);
        Ok(results)
    }

    /// Takes what a part found in the place of what it found before.
    pub(crate) fn take(&mut self, part: &Part, date: &str) {
        let measured = Measured {
            date: date.to_owned(),
            command: part.command(),
            figures: part.figures().to_vec(),
            goals: part.goals().to_vec(),
        };
        self.parts.insert(part.name().to_owned(), measured);
    }

    /// Writes the file, a figure a line, so that changes can be read.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub(crate) fn store(&self, path: &Path) -> Result<()> {
        fs::write(path, self.text()?).with_context(|| format!("writing {}", path.display()))
    }

    fn text(&self) -> Result<String> {
        let mut text = format!("{{\n\"format\": {FORMAT},\n\"parts\": {{");
        for (index, (name, part)) in self.parts.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let [name, date, command] = [name, &part.date, &part.command].map(|text| serde_json::json!(text));
            text.push_str(&format!("{comma}\n{name}: {{\n\"date\": {date},\n\"command\": {command},\n\"figures\": ["));
            for (index, figure) in part.figures.iter().enumerate() {
                text.push_str(if index == 0 { "\n" } else { ",\n" });
                text.push_str(&serde_json::to_string(figure)?);
            }
            text.push_str("\n],\n\"goals\": [");
            for (index, goal) in part.goals.iter().enumerate() {
                text.push_str(if index == 0 { "\n" } else { ",\n" });
                text.push_str(&serde_json::to_string(goal)?);
            }
            text.push_str("\n]}");
        }
        text.push_str("\n}}\n");
        Ok(text)
    }
}

/// The figures of a table of a part.
pub(crate) fn of_table(part: &str, table: &Table) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    let name = &*table.head().first().map_or_else(String::new, |title| plain(title));
    // What a goal is measured by stands in another table.
    if name == "goal" {
        return figures;
    }
    let mut group = String::new();
    for cells in table.rows() {
        let Some(first) = cells.first() else { continue };
        // A row without a name belongs to the one above.
        if !first.is_empty() {
            group = plain(first);
        }
        let row = match (table.head().get(1), cells.get(1)) {
            (Some(title), Some(second)) if title == "lines" => format!("{group}, {second} lines"),
            (Some(title), Some(second)) if title == "by" => format!("{group}, {}", plain(second)),
            _ => group.clone(),
        };
        let names = ["lines", "by"];
        for (title, cell) in table.head().iter().zip(cells).skip(1).filter(|(title, _)| !names.contains(&&***title)) {
            let Some(number) = Number::read(cell) else { continue };
            let (unit, better) = kind(part, name, title, &row, &number);
            figures.push(Figure {
                table: name.to_owned(),
                row: row.clone(),
                column: plain(title),
                value: number.value,
                low: number.spread.map(|(low, _)| low),
                high: number.spread.map(|(_, high)| high),
                unit,
                better,
            });
        }
    }
    figures
}

/// A title without what makes it bold or code.
fn plain(title: &str) -> String {
    title.trim_matches(['*', ' ']).replace('`', "")
}

/// The unit of a figure, and of ratios which one is better.
fn kind(part: &str, table: &str, title: &str, row: &str, number: &Number) -> (String, Option<Better>) {
    let is_code = title.starts_with('`');
    let title = &*plain(title);
    if number.is_percentage {
        return ("%".to_owned(), None);
    }
    let ratio = |better| ("ratio".to_owned(), Some(better));
    // What is compared stands first in what is divided, other than where the other one's time is told in ours.
    let is_of_others =
        ["peer to ", "CPython to ", "times faster", "times"].iter().any(|begin| title.starts_with(begin));
    if is_of_others || row.starts_with("two threads to ") {
        return ratio(Better::More);
    }
    if title.contains(" to ") && !is_code
        || title.starts_with("to ")
        || title.contains("ratio")
        || row.contains("ratio")
        || title == "growth"
    {
        return ratio(Better::Less);
    }
    // The growth of single stages is what the memory of the machine makes of it.
    if table.starts_with("growth") {
        return if title == "own stages" && table.contains("instructions") {
            ratio(Better::Less)
        } else {
            ("ratio".to_owned(), None)
        };
    }
    let known = [("(ms)", "ms"), ("milliseconds", "ms"), ("µs", "µs"), ("microseconds", "µs"), ("KiB", "KiB")];
    let known = known.iter().chain(&[
        ("MB", "MB"),
        ("rows a second", "rows/s"),
        ("events a second", "M/s"),
        ("a second", "1/s"),
    ]);
    let said = known.into_iter().find(|(mark, _)| title.contains(mark)).map(|(_, unit)| *unit);
    let unit = said.unwrap_or(match part {
        "compile" | "rules" | "scale" | "repeat" => "µs",
        "run" => "ms",
        "memory" => "KiB",
        "instructions" => "instructions",
        "size" => "MB",
        _ => "ns",
    });
    (unit.to_owned(), None)
}

/// What a cell says: `**1.23 (1.2 to 1.3)**, goal …`, `1,234`, `+0.4 %`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Number {
    value: f64,
    spread: Option<(f64, f64)>,
    is_percentage: bool,
}

impl Number {
    fn read(cell: &str) -> Option<Self> {
        let (value, rest) = leading_number(cell.trim_start_matches('*'))?;
        let spread = rest.strip_prefix(" (").and_then(|rest| {
            let (low, rest) = leading_number(rest)?;
            let (high, _) = leading_number(rest.strip_prefix(" to ")?)?;
            Some((low, high))
        });
        // What is a word of its own is a name or a sentence, such as `2 of 3`.
        let ends = [" (", "*", ",", " %"].iter().any(|end| rest.starts_with(end)) || rest.is_empty();
        ends.then_some(Self { value, spread, is_percentage: rest.starts_with(" %") })
    }
}

/// The number that a text begins with, and what follows.
fn leading_number(text: &str) -> Option<(f64, &str)> {
    let is_part = |(index, letter): (usize, char)| match letter {
        '+' | '-' => index == 0,
        // A comma between digits groups them.
        ',' => text[index + 1..].starts_with(|next: char| next.is_ascii_digit()),
        _ => letter.is_ascii_digit() || letter == '.',
    };
    let end = text.char_indices().find(|place| !is_part(*place)).map_or(text.len(), |(index, _)| index);
    let value = text[..end].replace(',', "").parse().ok()?;
    Some((value, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::{Better, Number, Results, of_table};
    use crate::report::{Part, Table};

    #[test]
    fn cells_are_read() {
        let read = |cell: &str| Number::read(cell).map(|number| (number.value, number.spread, number.is_percentage));
        assert_eq!(read("1,234 (1,200 to 1,300)"), Some((1234.0, Some((1200.0, 1300.0)), false)));
        assert_eq!(read("**2.17 (2.04 to 2.28)**, goal at most 2.2: reached"), Some((2.17, Some((2.04, 2.28)), false)));
        assert_eq!(read("**+0.19 %**, goal less than 2 %: reached"), Some((0.19, None, true)));
        assert_eq!(read("-"), None);
        assert_eq!(read("reached"), None);
        assert_eq!(read("28 of 28"), None);
        assert_eq!(read("`ema`"), None);
    }

    #[test]
    fn ratios_are_told_from_times() {
        let mut table = Table::new(&["case", "compiled", "peer", "peer to compiled", "to Rust"]);
        table.row(["`a`", "5.00 (4.00 to 6.00)", "10.0", "2.00", "1.10 (1.00 to 1.20)"].map(str::to_owned));
        let figures = of_table("tick", &table);
        let kinds: Vec<_> = figures.iter().map(|figure| (&*figure.column, &*figure.unit, figure.better)).collect();
        let expected = [
            ("compiled", "ns", None),
            ("peer", "ns", None),
            ("peer to compiled", "ratio", Some(Better::More)),
            ("to Rust", "ratio", Some(Better::Less)),
        ];
        assert_eq!(kinds, expected);
        assert_eq!((&*figures[0].table, &*figures[0].row, figures[0].relative_spread()), ("case", "a", Some(0.2)));
    }

    #[test]
    fn rows_without_a_name_belong_to_the_one_above() {
        let mut table = Table::new(&["shape", "lines", "parse"]);
        table.row(["loops", "100", "3.59"].map(str::to_owned));
        table.row(["", "1,000", "3.41"].map(str::to_owned));
        let rows: Vec<_> = of_table("scale", &table).into_iter().map(|figure| figure.row).collect();
        assert_eq!(rows, ["loops, 100 lines", "loops, 1,000 lines"]);
    }

    #[test]
    fn names_have_no_marks() {
        let mut table = Table::new(&["what", "**MB**"]);
        table.row(["`cfunc`, Cranelift", "20.0"].map(str::to_owned));
        table.row(["Python and `import numba`", "196"].map(str::to_owned));
        let names: Vec<_> = of_table("size", &table).into_iter().map(|figure| (figure.row, figure.column)).collect();
        let expected = [("cfunc, Cranelift", "MB"), ("Python and import numba", "MB")];
        assert_eq!(names, expected.map(|(row, column)| (row.to_owned(), column.to_owned())));
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let mut part = Part::new("tick", "Ticks");
        part.goal("at most 1", "2", false);
        let mut table = Table::new(&["case", "compiled"]);
        table.row(["`a`", "5.00 (4.00 to 6.00)"].map(str::to_owned));
        part.table(&table);
        let mut results = Results { format: super::FORMAT, ..Results::default() };
        results.take(&part, "2026-01-02");
        let folder = std::env::temp_dir().join(format!("cfunc-bench-figures-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("results.json");
        results.store(&path).expect("written");
        assert_eq!(Results::load(&path).expect("read"), results);
        std::fs::remove_dir_all(&folder).expect("removed");
        assert!(Results::load(&path).expect("none").parts.is_empty());
    }
}
