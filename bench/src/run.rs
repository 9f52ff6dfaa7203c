//! The command line tool over files: the example's prices, and many generated rows.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::peer::{run as run_command, scratch};
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::{Spread, digits};

/// Milliseconds that the example may take, start of the process included.
const EXAMPLE_GOAL: f64 = 50.0;

/// Rows a second that generated rows should reach.
const ROWS_GOAL: f64 = 2e6;

/// Runs over the generated rows.
const GENERATED_ROUNDS: usize = 5;

/// Measures the command line tool.
///
/// # Errors
///
/// The tool is not built or fails, or files cannot be written.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let tool = tool()?;
    let scratch = scratch(&settings.target)?;
    let node = settings.root.join("examples/nodes/ema.py");
    let prices = settings.root.join("examples/data/sp500_daily.csv");
    let output = scratch.join("out.csv");
    let mut part = Part::new("run", "The command line tool");

    let arguments = |input: &Path, column: Option<&str>| {
        let mut command = Command::new(&tool);
        command.arg("run").arg(&node).arg("--input").arg(input).arg("--output").arg(&output);
        command.args(column.map(|column| format!("--column=price={column}")));
        command.arg("--const=alpha=0.1");
        command
    };
    let mut times = Vec::new();
    for round in 0..=settings.run_rounds {
        let time = seconds(&mut arguments(&prices, Some("Close")))?;
        if round > 0 {
            times.push(time * 1e3);
        }
    }
    let whole = Spread::of(&times).context("no rounds")?;
    let mut start = Vec::new();
    for _ in 0..settings.run_rounds {
        start.push(seconds(Command::new(&tool).arg("--version"))? * 1e3);
    }
    let start = Spread::of(&start).context("no rounds")?;
    part.paragraph(
        "`cfunc run examples/nodes/ema.py --input examples/data/sp500_daily.csv --column price=Close --const alpha=0.1 --output \
         FILE`: 5,031 rows, in milliseconds from the start of the process to its end.",
    );
    let mut table = Table::new(&["", "milliseconds"]);
    let goal = format!("`cfunc run` over the example's prices under {EXAMPLE_GOAL} ms");
    let reached = part.goal(goal, digits(whole.median), whole.median < EXAMPLE_GOAL);
    table.row(["whole run".to_owned(), format!("{whole}, goal under {EXAMPLE_GOAL}: {reached}")]);
    table.row(["of that, a process that does nothing (`cfunc --version`)".to_owned(), start.to_string()]);
    part.table(&table);

    let rows = settings.generated_rows;
    let generated = scratch.join(format!("rows-{rows}.csv"));
    generate(&generated, rows)?;
    let mut rates = Vec::new();
    for _ in 0..GENERATED_ROUNDS {
        rates.push(rows as f64 / seconds(&mut arguments(&generated, None))?);
    }
    let rate = Spread::of(&rates).context("no rounds")?;
    let size = |path: &PathBuf| fs::metadata(path).map(|data| digits(data.len() as f64 / 1e6)).unwrap_or_default();
    part.paragraph(format!(
        "The same node over {} generated rows of one column, `price`, with two decimals ({} MB in, {} MB out), whole \
         runs:",
        digits(rows as f64),
        size(&generated),
        size(&output),
    ));
    let mut table = Table::new(&["", "rows a second"]);
    let goal = format!("`cfunc run`, at least {} rows a second in and out", digits(ROWS_GOAL));
    let reached = part.goal(goal, digits(rate.median), rate.median >= ROWS_GOAL);
    table.row(["in and out".to_owned(), format!("{rate}, goal at least {}: {reached}", digits(ROWS_GOAL))]);
    part.table(&table);
    for path in [&generated, &output] {
        fs::remove_file(path).with_context(|| format!("removing {}", path.display()))?;
    }
    Ok(part)
}

/// The tool, which is built into the folder of this program.
pub(crate) fn tool() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let tool = own.with_file_name(format!("cfunc{}", std::env::consts::EXE_SUFFIX));
    ensure!(tool.exists(), "{} is missing: cargo build --release -p cfunc-cli", tool.display());
    Ok(tool)
}

/// How long a command takes.
fn seconds(command: &mut Command) -> Result<f64> {
    let begin = Instant::now();
    run_command(command)?;
    Ok(begin.elapsed().as_secs_f64())
}

/// Writes a file of one column that wanders around 100.
fn generate(path: &Path, rows: u64) -> Result<()> {
    let mut file = BufWriter::new(File::create(path).with_context(|| format!("writing {}", path.display()))?);
    writeln!(file, "price")?;
    let mut state = 1_u64;
    let mut cents = 10_000_i64;
    for _ in 0..rows {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        cents = (cents + (state >> 60).cast_signed() - 7).clamp(100, 99_999);
        writeln!(file, "{}.{:02}", cents / 100, cents % 100)?;
    }
    file.flush()?;
    Ok(())
}
