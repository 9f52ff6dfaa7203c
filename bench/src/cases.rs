//! Sources to measure: the four-line moving average, and the recorded cases that need numbers and times only.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use cfunc_compiler::{CompileRequest, Source, Value};
use serde::Deserialize;

/// Categories of recorded cases that are measured beside the peer.
const CATEGORIES: [&str; 2] = ["streaming", "state"];

/// Categories of recorded cases over which passes are weighed.
const PASS_CATEGORIES: [&str; 5] = ["streaming", "state", "helpers", "lists", "lists3"];

/// Categories of recorded cases about lists and dicts.
const CONTAINER_CATEGORIES: [&str; 8] =
    ["streaming", "state", "lists", "lists2", "lists3", "dicts", "dicts2", "dicts3"];

/// The moving average of four lines.
pub(crate) const EMA: &str = "\
def ema(x: Signal[float], alpha: float) -> Signal[float]:
    y: State[float] = 0.0
    y = alpha * x + (1.0 - alpha) * y
    return y
";

/// The weight of the newest value in [`EMA`].
pub(crate) const ALPHA: f64 = 0.1;

/// The request for [`EMA`], compiled each time.
pub(crate) fn ema() -> CompileRequest {
    CompileRequest::new(Source::new("ema.py", EMA)).constant("alpha", ALPHA).reuse(false)
}

/// A recorded case.
pub(crate) struct Case {
    /// `category/name`.
    pub(crate) name: String,
    /// Its description.
    pub(crate) path: PathBuf,
    /// Its source text.
    pub(crate) text: String,
    /// What compiles it, each time.
    pub(crate) request: CompileRequest,
    /// Cells of the inputs, row after row.
    pub(crate) rows: Vec<u64>,
    /// Whether a state is a list or a dict.
    has_containers: bool,
    /// Whether a row ends in a node error, or the peer gives something else.
    pub(crate) has_errors: bool,
}

#[derive(Deserialize)]
struct Description {
    function: String,
    constants: serde_json::Map<String, serde_json::Value>,
    inputs: Vec<Slot>,
    outputs: Vec<Slot>,
    state_slots: Vec<Slot>,
    ticks: Vec<Tick>,
    options: Option<serde_json::Value>,
    #[serde(default)]
    expected: Vec<Expected>,
    peer_expected: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Expected {
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Slot {
    #[serde(rename = "type")]
    ty: String,
}

#[derive(Deserialize)]
struct Tick {
    values: Vec<serde_json::Value>,
}

impl Slot {
    fn is_scalar(&self) -> bool {
        matches!(self.ty.as_str(), "int" | "float" | "bool" | "datetime" | "timedelta")
    }

    fn is_container(&self) -> bool {
        self.ty.starts_with("list[") || self.ty.starts_with("dict[")
    }
}

/// The scalar cases of the measured categories, by name.
///
/// # Errors
///
/// A folder or file cannot be read, or is not as docs/cases.md says.
pub(crate) fn scalar_cases(corpus: &Path) -> Result<Vec<Case>> {
    cases(corpus, &CATEGORIES, false)
}

/// The cases of more categories, those whose states are lists and dicts too.
///
/// # Errors
///
/// As [`scalar_cases`].
pub(crate) fn cases_for_passes(corpus: &Path) -> Result<Vec<Case>> {
    cases(corpus, &PASS_CATEGORIES, true)
}

/// The cases with lists and dicts in their states that the peer may run: those in which nothing goes wrong, since it reads
/// and writes what it does not own where an index is out of range.
///
/// # Errors
///
/// As [`scalar_cases`].
pub(crate) fn container_cases(corpus: &Path) -> Result<Vec<Case>> {
    let mut found = cases(corpus, &CONTAINER_CATEGORIES, true)?;
    found.retain(|case| case.has_containers && !case.has_errors);
    Ok(found)
}

/// Every case of numbers and times alone, of any category.
///
/// # Errors
///
/// As [`scalar_cases`].
pub(crate) fn all_cases(corpus: &Path) -> Result<Vec<Case>> {
    let entries = fs::read_dir(corpus).with_context(|| format!("reading {}", corpus.display()))?;
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.extend(entry.file_name().to_str().map(str::to_owned));
        }
    }
    folders.sort();
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    cases(corpus, &folders, false)
}

fn cases(corpus: &Path, categories: &[&str], containers: bool) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for category in categories {
        let folder = corpus.join(category);
        let entries = fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
        let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
        paths.sort();
        for path in paths {
            cases.extend(load(category, path, containers)?);
        }
    }
    Ok(cases)
}

/// One case; `None` where it needs more than numbers and defaults, and containers in states where they are wanted.
fn load(category: &str, path: PathBuf, containers: bool) -> Result<Option<Case>> {
    let read = |path: &Path| fs::read_to_string(path).with_context(|| format!("reading {}", path.display()));
    let description = read(&path)?;
    let described: Description =
        serde_json::from_str(&description).with_context(|| format!("in {}", path.display()))?;
    let text = read(&path.with_extension("py"))?;
    let scalars = described.inputs.iter().chain(&described.outputs).all(Slot::is_scalar);
    let states = described.state_slots.iter().all(|slot| slot.is_scalar() || containers && slot.is_container());
    if !scalars || !states || described.inputs.is_empty() || described.ticks.is_empty() || described.options.is_some() {
        return Ok(None);
    }
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let name = format!("{category}/{stem}");
    let source = Source::new(format!("{stem}.py"), text.as_str());
    let mut request = CompileRequest::new(source).function(described.function).reuse(false);
    for (constant, value) in described.constants {
        let Some(value) = number(&value) else {
            return Ok(None);
        };
        request = request.constant(constant, value);
    }
    let mut rows = Vec::new();
    for tick in &described.ticks {
        for (value, slot) in tick.values.iter().zip(&described.inputs) {
            rows.push(cell(value, &slot.ty).with_context(|| format!("an input value of {name}: {value}"))?);
        }
    }
    let has_containers = described.state_slots.iter().any(Slot::is_container);
    let has_errors = described.peer_expected.is_some() || described.expected.iter().any(|row| row.error.is_some());
    Ok(Some(Case { name, path, text, request, rows, has_containers, has_errors }))
}

/// A constant of the description.
fn number(value: &serde_json::Value) -> Option<Value> {
    match value {
        serde_json::Value::Bool(value) => Some(Value::Boolean(*value)),
        serde_json::Value::Number(number) => {
            number.as_i64().map(Value::Integer).or_else(|| number.as_f64().map(Value::Float))
        }
        _ => None,
    }
}

/// The cell of an input value of the description.
fn cell(value: &serde_json::Value, ty: &str) -> Option<u64> {
    let float = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.parse().ok(),
        _ => value.as_f64(),
    };
    match ty {
        "float" => float(value).map(f64::to_bits),
        "bool" => value.as_bool().map(u64::from).or_else(|| value.as_u64()),
        _ => value.as_i64().map(i64::cast_unsigned),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{cell, scalar_cases};

    #[test]
    fn cells_hold_the_bits_of_their_type() {
        assert_eq!(cell(&serde_json::json!(1), "float"), Some(1.0_f64.to_bits()));
        assert_eq!(cell(&serde_json::json!("-inf"), "float"), Some(f64::NEG_INFINITY.to_bits()));
        assert_eq!(cell(&serde_json::json!(-1), "int"), Some(u64::MAX));
        assert_eq!(cell(&serde_json::json!(true), "bool"), Some(1));
        assert_eq!(cell(&serde_json::json!("x"), "int"), None);
    }

    #[test]
    fn the_corpus_has_scalar_cases_and_others() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus");
        let names: Vec<String> = scalar_cases(&corpus).expect("readable").into_iter().map(|case| case.name).collect();
        assert!(names.iter().any(|name| name == "streaming/s_ema"));
        assert!(!names.iter().any(|name| name == "streaming/s_mode"), "it has a dict");
    }
}
