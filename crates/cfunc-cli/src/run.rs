//! `cfunc run`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cfunc_compiler::{AccessError, CompilationResult, NodeError, NodeInstance};

use crate::arguments::{OnError, RunArguments};
use crate::cell::CellKind;
use crate::failure::Failure;
use crate::header::{bind_columns, wanted_columns};
use crate::input::Rows;
use crate::message;
use crate::node;
use crate::output::RowWriter;
use crate::progress::Progress;
use crate::slots::{InputSlot, OutputSlot};
use crate::snapshot;
use crate::summary::{Summary, TickClock};
use crate::time::TimeFormat;

/// Node errors that are printed before the others are only counted.
const SHOWN_ERRORS: u64 = 5;

/// Compiles a node and runs it over the rows of a file.
pub(crate) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let format = arguments
        .time_format
        .as_deref()
        .map(|text| TimeFormat::new(text).map_err(|error| Failure::usage(format!("--time-format: {error}"))))
        .transpose()?;
    let context = node::context()?;
    let (result, compile) = node::compile_node(&context, &arguments.node)?;
    let wanted = wanted_columns(&result, &arguments.columns)?;
    let rows = Rows::open(&arguments.input)?;
    let bindings = bind_columns(rows.name(), &rows.header(), &wanted)?;
    refuse_overwriting(arguments)?;
    let restored = arguments.restore.as_deref().map(snapshot::read).transpose()?;

    let mut instance =
        result.instantiate().map_err(|error| Failure::failed(format!("the node cannot be made: {error}")))?;
    let inaccessible = |error: AccessError| Failure::failed(format!("internal error of the command: {error}"));
    let inputs = bindings
        .into_iter()
        .map(|binding| Ok((InputSlot::new(&instance, &binding.input, &binding.kind)?, binding.column, binding.kind)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(inaccessible)?;
    let outputs = OutputSlot::all(&result, &instance).map_err(inaccessible)?;
    instance.set_deadline(arguments.deadline.map(Duration::from_millis));
    match (&arguments.restore, &restored) {
        (Some(path), Some(bytes)) => snapshot::restore(&mut instance, path, bytes, arguments.compatible)?,
        _ => instance.start().map_err(|error| Failure::failed(describe(&result, &error, "at START")))?,
    }
    let mut writer = RowWriter::open(arguments.output.as_deref())?;
    writer.header(&output_names(&result))?;

    let progress = Progress::new(rows.size(), arguments.output.is_none());
    let mut run =
        Run { result: &result, inputs, outputs, instance, rows, writer, progress, clock: TickClock::new(), errors: 0 };
    let start = Instant::now();
    let ended = run.all_rows(arguments.limit.unwrap_or(u64::MAX), arguments.on_error, format.as_ref());
    // What the rows before a failure gave is written whatever ended the run.
    let written = run.writer.finish();
    let elapsed = start.elapsed();
    let saved = match &arguments.snapshot_out {
        // One of a run that failed would be of a row in the middle.
        Some(path) if ended.is_ok() && written.is_ok() => snapshot::write(&run.instance, path),
        _ => Ok(()),
    };
    let stopped = run.instance.stop();
    let Run { rows, writer, progress, clock, errors, .. } = run;
    drop(progress);
    if matches!(ended, Err(Failure::OutputClosed)) || matches!(written, Err(Failure::OutputClosed)) {
        return Err(Failure::OutputClosed);
    }
    if arguments.on_error == OnError::Skip && errors > SHOWN_ERRORS {
        message::line(&format!("… and {} more errors", errors - SHOWN_ERRORS));
    }
    let summary = Summary {
        rows: rows.row(),
        ticks: clock.calls(),
        written: writer.rows(),
        errors,
        compile,
        tick: clock.mean(),
        run: elapsed,
        native_name: result.native_name().to_owned(),
    };
    summary.print();
    ended?;
    written?;
    saved?;
    stopped.map_err(|error| Failure::failed(describe(&result, &error, "at STOP")))
}

/// A run under way.
struct Run<'a> {
    result: &'a CompilationResult,
    /// Each input with its column and what that holds.
    inputs: Vec<(InputSlot, usize, CellKind)>,
    outputs: Vec<OutputSlot>,
    instance: NodeInstance,
    rows: Rows,
    writer: RowWriter,
    progress: Progress,
    clock: TickClock,
    errors: u64,
}

impl Run<'_> {
    fn all_rows(&mut self, limit: u64, on_error: OnError, format: Option<&TimeFormat>) -> Result<(), Failure> {
        while self.rows.row() < limit && self.rows.advance()? {
            let row = self.rows.row();
            self.progress.row(row, || self.rows.position());
            if !self.set_inputs(format)? {
                continue;
            }
            let instance = &mut self.instance;
            if let Err(error) = self.clock.call(|| instance.execute()) {
                self.errors += 1;
                if on_error == OnError::Stop || self.errors <= SHOWN_ERRORS {
                    self.progress.message(&describe(self.result, &error, &format!("at row {row}")));
                }
                if on_error == OnError::Stop {
                    return Err(Failure::Reported);
                }
                continue;
            }
            self.writer.begin(row);
            for output in &self.outputs {
                self.writer.value(output.get(&self.instance).as_ref());
            }
            self.writer.end()?;
        }
        Ok(())
    }

    /// Puts the cells of the current row into the inputs; whether any ticked.
    fn set_inputs(&mut self, format: Option<&TimeFormat>) -> Result<bool, Failure> {
        let mut ticked = false;
        for (input, column, kind) in &self.inputs {
            let cell = self.rows.cell(*column);
            if cell.is_empty() {
                continue;
            }
            let value = kind.parse(cell, format).map_err(|expected| self.rows.bad_cell(*column, expected))?;
            input.set(&mut self.instance, &value);
            ticked = true;
        }
        Ok(ticked)
    }
}

/// The columns of the output: named outputs by name, a single one by the function's name.
fn output_names(result: &CompilationResult) -> Vec<String> {
    result.outputs().iter().map(|output| output.name.as_deref().unwrap_or(result.function_name()).to_owned()).collect()
}

/// `FILE:line:column: error: KIND at row N: message`.
fn describe(result: &CompilationResult, error: &NodeError, place: &str) -> String {
    let position = result
        .error_position(error)
        .map(|(name, line, column)| format!("{name}:{line}:{column}: "))
        .unwrap_or_default();
    let message = if error.message.is_empty() { String::new() } else { format!(": {}", error.message) };
    format!("{position}error: {} {place}{message}", error.kind.name())
}

/// Refuses to write where the run reads, which would empty the file first, to write two things to one file, and to begin
/// a run whose snapshot has no folder to go to.
fn refuse_overwriting(arguments: &RunArguments) -> Result<(), Failure> {
    let written = [("--output", &arguments.output), ("--snapshot-out", &arguments.snapshot_out)];
    let (source, _) = node::split_node(&arguments.node.node);
    let read = [("--input reads", &arguments.input), ("holds the node", &source)];
    for (option, path) in written.iter().filter_map(|(option, path)| Some((option, path.as_deref()?))) {
        let place = place(path);
        if let Some((use_of, _)) = read.iter().find(|(_, read)| place == self::place(read)) {
            return Err(Failure::usage(format!("{option} is the file that {use_of}")));
        }
        if path.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
            return Err(Failure::usage(format!("{option}: cannot write {}: there is no such folder", path.display())));
        }
    }
    match (&arguments.output, &arguments.snapshot_out, &arguments.restore) {
        (Some(output), Some(snapshot), _) if place(output) == place(snapshot) => {
            Err(Failure::usage("--output and --snapshot-out are one file"))
        }
        (Some(output), _, Some(restored)) if place(output) == place(restored) => {
            Err(Failure::usage("--output is the file that --restore reads"))
        }
        _ => Ok(()),
    }
}

/// Where a file is, whatever way its path takes; one that is not there yet, by the folder that it would be in.
fn place(path: &Path) -> PathBuf {
    let in_folder = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(std::fs::canonicalize(folder).ok()?.join(path.file_name()?))
    };
    std::fs::canonicalize(path).ok().or_else(in_folder).unwrap_or_else(|| path.to_owned())
}
