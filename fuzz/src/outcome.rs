//! What a run of a program gave, in the same form for engines and oracle.

use serde::Deserialize;

use crate::call_run;
use crate::host::words_of;
use crate::kind::Kind;
use crate::tree::Program;

/// What one call gave: START first, then the ticks, then STOP. Of a plain function, its result is the one output, and the
/// arguments after the call are the states.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CallOutcome {
    /// The kind of the node error.
    pub error: Option<String>,
    /// Its message; for readers.
    #[serde(default)]
    pub message: Option<String>,
    /// Outputs in order; `None` where one did not tick. Values as in [`Cell::value`](crate::tree::Cell::value).
    pub outputs: Vec<Option<Vec<i64>>>,
    /// States in the order of their declarations.
    #[serde(deserialize_with = "in_order")]
    pub states: Vec<Vec<i64>>,
}

/// States come by name, in the order of their declarations.
fn in_order<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<i64>>, D::Error> {
    let map = serde_json::Map::<String, serde_json::Value>::deserialize(deserializer)?;
    map.into_iter().map(|(_, words)| serde_json::from_value(words).map_err(serde::de::Error::custom)).collect()
}

/// How far floats may lie apart that the C library decides, in units of the last place.
const ROUGH_ULPS: u64 = 64;

/// Where two runs differ; `None` where they do not. With a tolerance, rough outputs may lie apart.
pub fn difference(program: &Program, left: &[CallOutcome], right: &[CallOutcome], tolerant: bool) -> Option<String> {
    if let Some(plain) = &program.plain {
        return call_run::difference(plain, left, right);
    }
    // Near a zero of lgamma, results of two libraries have few digits in common.
    let absolute = if program.source().contains("math.lgamma") { 1e-14 } else { 0.0 };
    if left.len() != right.len() {
        return Some(format!("{} calls against {}", left.len(), right.len()));
    }
    for (index, (left, right)) in left.iter().zip(right).enumerate() {
        let call = match index {
            0 => "START".to_owned(),
            index if index == program.ticks.len() + 1 => "STOP".to_owned(),
            index => format!("tick {index}"),
        };
        if left.error != right.error {
            let show = |outcome: &CallOutcome| match (&outcome.error, &outcome.message) {
                (Some(kind), Some(message)) => format!("{kind} ({message})"),
                (Some(kind), None) => kind.clone(),
                (None, _) => "no error".to_owned(),
            };
            return Some(format!("{call}: {} against {}", show(left), show(right)));
        }
        for (index, output) in program.outputs.iter().enumerate() {
            let tolerant = tolerant && output.rough;
            let (left, right) = (left.outputs.get(index), right.outputs.get(index));
            let (Some(left), Some(right)) = (left, right) else { return Some(format!("{call}: no output {index}")) };
            let same = match (left, right) {
                (Some(left), Some(right)) => agree(output.kind, left, right, tolerant.then_some(absolute)),
                (left, right) => left == right,
            };
            if !same {
                let show = |value: &Option<Vec<i64>>| {
                    value.as_ref().map_or("no tick".to_owned(), |value| show(output.kind, value))
                };
                return Some(format!(
                    "{call}: output {index} `{}`: {} against {}",
                    output.name,
                    show(left),
                    show(right)
                ));
            }
        }
        for (index, (state, _)) in program.states.iter().enumerate() {
            let (left, right) = (left.states.get(index), right.states.get(index));
            let (Some(left), Some(right)) = (left, right) else { return Some(format!("{call}: no state {index}")) };
            if !agree(state.kind, left, right, None) {
                let (left, right) = (show(state.kind, left), show(state.kind, right));
                return Some(format!("{call}: state `{}`: {left} against {right}", state.name));
            }
        }
    }
    None
}

/// Whether two values are the same; with an absolute tolerance, floats also where they are near.
fn agree(kind: Kind, left: &[i64], right: &[i64], absolute: Option<f64>) -> bool {
    let words = words_of(kind);
    let mut pairs = words.iter().zip(left.iter().zip(right));
    left.len() == right.len() && pairs.all(|(word, (left, right))| same(word.kind, *left, *right, absolute))
}

fn same(kind: Kind, left: i64, right: i64, absolute: Option<f64>) -> bool {
    if left == right || kind != Kind::Float {
        return left == right;
    }
    let (left, right) = (f64::from_bits(left.cast_unsigned()), f64::from_bits(right.cast_unsigned()));
    if left.is_nan() || right.is_nan() {
        return left.is_nan() && right.is_nan();
    }
    let Some(absolute) = absolute else { return false };
    // Doubles of one sign are ordered as their bits.
    let near =
        left.is_sign_negative() == right.is_sign_negative() && left.to_bits().abs_diff(right.to_bits()) <= ROUGH_ULPS;
    near || left == right || (left - right).abs() <= absolute
}

/// A value of a cell, for readers.
pub fn show(kind: Kind, words: &[i64]) -> String {
    let shown: Vec<String> =
        words_of(kind).into_iter().zip(words).map(|(word, value)| show_word(word.kind, *value)).collect();
    if kind.is_struct() { format!("{}({})", kind.name(), shown.join(", ")) } else { shown.join(" ") }
}

fn show_word(kind: Kind, word: i64) -> String {
    match kind {
        Kind::Float => format!("{:?}", f64::from_bits(word.cast_unsigned())),
        Kind::Bool => (word != 0).to_string(),
        Kind::Delta | Kind::Time => format!("{word} ns"),
        Kind::Flags | Kind::Marks => format!("{word:#x}"),
        _ => word.to_string(),
    }
}
