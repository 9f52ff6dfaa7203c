//! Which pictures are made of which figures.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::figures::{Figure, Results};
use crate::plot::{Axis, Chart};
use crate::report::Part;

/// A picture of a part.
struct Plot {
    part: &'static str,
    file: &'static str,
    title: &'static str,
    axis: Axis,
    /// Columns that become bars, each where it is there.
    columns: &'static [&'static str],
    line: Option<f64>,
    /// Whether the second word of a row's name is a bar of the group that the first one names.
    by: bool,
}

const PLOTS: [Plot; 7] = [
    Plot {
        part: "compile",
        file: "compile.svg",
        title: "Compilation: how many times faster than the peer",
        axis: Axis::Linear,
        columns: &["times faster than the peer"],
        line: Some(200.0),
        by: false,
    },
    Plot {
        part: "cold",
        file: "cold.svg",
        title: "Cold process to first tick, milliseconds",
        axis: Axis::Logarithmic,
        columns: &["milliseconds"],
        line: None,
        by: false,
    },
    Plot {
        part: "tick",
        file: "tick.svg",
        title: "Ticks of recorded cases: the peer's time over ours (above 1 is faster)",
        axis: Axis::Logarithmic,
        columns: &["peer to Cranelift", "peer to LLVM O3"],
        line: Some(1.0),
        by: false,
    },
    Plot {
        part: "containers",
        file: "containers.svg",
        title: "Lists and dicts: others' time over ours (above 1 is faster)",
        axis: Axis::Logarithmic,
        columns: &["peer to Cranelift", "CPython to Cranelift"],
        line: Some(1.0),
        by: false,
    },
    Plot {
        part: "large",
        file: "large.svg",
        title: "Larger nodes: nanoseconds a tick",
        axis: Axis::Logarithmic,
        columns: &["time"],
        line: None,
        by: true,
    },
    Plot {
        part: "options",
        file: "options.svg",
        title: "Cost of options: time with over time without",
        axis: Axis::Linear,
        columns: &["with to without"],
        line: Some(1.0),
        by: true,
    },
    Plot {
        part: "size",
        file: "size.svg",
        title: "On disk, megabytes with libraries",
        axis: Axis::Logarithmic,
        columns: &["with its libraries, MB"],
        line: None,
        by: false,
    },
];

/// Adds the picture of a part to it, where there is one.
pub(crate) fn add_to(part: &mut Part) {
    let name = part.name();
    for plot in PLOTS.iter().filter(|plot| plot.part == name) {
        if !chart(plot, part.figures()).groups.is_empty() {
            part.picture(plot.file, plot.title);
        }
    }
}

/// Writes the pictures of a part.
///
/// # Errors
///
/// They cannot be written.
pub(crate) fn write(folder: &Path, part: &str, results: &Results) -> Result<()> {
    let Some(measured) = results.parts.get(part) else { return Ok(()) };
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    for plot in PLOTS.iter().filter(|plot| plot.part == part) {
        let chart = chart(plot, &measured.figures);
        if !chart.groups.is_empty() {
            let path = folder.join(plot.file);
            fs::write(&path, chart.svg()).with_context(|| format!("writing {}", path.display()))?;
        }
    }
    Ok(())
}

fn chart(plot: &Plot, figures: &[Figure]) -> Chart {
    let mut series: Vec<String> = Vec::new();
    let mut groups: Vec<(String, Vec<Option<f64>>)> = Vec::new();
    for figure in figures.iter().filter(|figure| plot.columns.contains(&&*figure.column) && figure.value > 0.0) {
        let (group, bar) = match figure.row.split_once(", ") {
            Some((group, bar)) if plot.by => (group, bar),
            _ => (&*figure.row, &*figure.column),
        };
        let index = series.iter().position(|known| known == bar).unwrap_or_else(|| {
            series.push(bar.to_owned());
            series.len() - 1
        });
        let place = groups.iter().position(|(known, _)| known == group).unwrap_or_else(|| {
            groups.push((group.to_owned(), Vec::new()));
            groups.len() - 1
        });
        let values = &mut groups[place].1;
        values.resize(values.len().max(index + 1), None);
        values[index] = Some(figure.value);
    }
    Chart { title: plot.title.to_owned(), axis: plot.axis, series, groups, line: plot.line }
}

#[cfg(test)]
mod tests {
    use super::{PLOTS, chart};
    use crate::report::{Part, Table};

    #[test]
    fn rows_become_groups_and_ways_become_bars() {
        let mut part = Part::new("large", "Larger nodes");
        let mut table = Table::new(&["node", "by", "time"]);
        table.row(["`a`", "Cranelift", "5.00 (4.00 to 6.00)"].map(str::to_owned));
        table.row(["`a`", "Rust", "4.00"].map(str::to_owned));
        table.row(["`b`", "Rust", "8.00"].map(str::to_owned));
        part.table(&table);
        let plot = PLOTS.iter().find(|plot| plot.part == "large").expect("there is one");
        let chart = chart(plot, part.figures());
        assert_eq!(chart.series, ["Cranelift", "Rust"]);
        let expected = [("a".to_owned(), vec![Some(5.0), Some(4.0)]), ("b".to_owned(), vec![None, Some(8.0)])];
        assert_eq!(chart.groups, expected);
    }
}
