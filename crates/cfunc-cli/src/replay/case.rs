//! What the JSON file of a case says.

use cfunc_compiler::{
    CompilationOptions, CompileRequest, ErrorModel, MissingKey, NodeErrorKind, PassLevel, Source, Value,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value as Json};

use super::compare::Tolerance;
use super::json::{SlotKind, constant};

/// A case, checked: every list has the length that it must have.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) function: String,
    pub(super) constants: Vec<(String, Value)>,
    pub(super) options: CompilationOptions,
    pub(super) inputs: Vec<Slot>,
    pub(super) outputs: Vec<OutputSlot>,
    pub(super) states: Vec<Slot>,
    pub(super) state_values: Vec<Value>,
    pub(super) nrt_state_indices: Vec<i64>,
    pub(super) tolerance: Tolerance,
    pub(super) ticks: Vec<Tick>,
    /// Cells of the states after the last tick; `None` for what is not compared.
    pub(super) state_after: Vec<Option<Value>>,
}

/// An input or a state.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) name: String,
    /// The type's name.
    pub(super) ty: String,
    pub(super) kind: SlotKind,
}

/// An output, without a name where it is the only one.
#[derive(Debug)]
pub(super) struct OutputSlot {
    pub(super) name: Option<String>,
    pub(super) ty: String,
}

/// What goes in and what must come out.
#[derive(Debug)]
pub(super) struct Tick {
    /// Values of the input cells; `None` leaves a cell as it is.
    pub(super) values: Vec<Option<Value>>,
    pub(super) ticked: Vec<bool>,
    pub(super) valid: Vec<bool>,
    /// The node error that ends the call.
    pub(super) error: Option<NodeErrorKind>,
    /// Values of the outputs; `None` where one does not tick.
    pub(super) outputs: Vec<Option<Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    function: String,
    #[serde(default)]
    constants: Map<String, Json>,
    #[serde(default)]
    call_globals: Option<Vec<Json>>,
    inputs: Vec<RawSlot>,
    outputs: Vec<RawOutput>,
    #[serde(default)]
    state_slots: Vec<RawSlot>,
    #[serde(default)]
    state_values: Vec<Json>,
    #[serde(default)]
    nrt_state_indices: Vec<i64>,
    #[serde(default)]
    options: RawOptions,
    compare: String,
    ticks: Vec<RawTick>,
    expected: Vec<RawExpected>,
    #[serde(default)]
    state_after: Option<Vec<Json>>,
    // For readers of the case alone.
    #[serde(default, rename = "category")]
    _category: IgnoredAny,
    #[serde(default, rename = "notes")]
    _notes: IgnoredAny,
    #[serde(default, rename = "peer_expected")]
    _peer_expected: IgnoredAny,
    #[serde(default, rename = "differs_from_cpython")]
    _differs_from_cpython: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSlot {
    name: String,
    #[serde(rename = "type")]
    ty: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOutput {
    name: Option<String>,
    #[serde(rename = "type")]
    ty: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOptions {
    #[serde(default)]
    error_model: Option<String>,
    #[serde(default)]
    checked_integers: bool,
    #[serde(default)]
    missing_key: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTick {
    values: Vec<Json>,
    ticked: Vec<u8>,
    valid: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExpected {
    outputs: Vec<Json>,
    ticked: Vec<u8>,
    #[serde(default)]
    error: Option<String>,
}

impl Case {
    /// What compiles the case, on the default engine.
    /// The same case with the passes of a level.
    pub(super) fn with_passes(mut self, passes: PassLevel) -> Self {
        self.options.passes = passes;
        self
    }

    pub(super) fn request(&self, source: Source) -> CompileRequest {
        let request = CompileRequest::new(source).function(self.function.as_str()).options(self.options.clone());
        self.constants.iter().fold(request, |request, (name, value)| request.constant(name.as_str(), value.clone()))
    }

    /// Reads the JSON text of a case. What is not known is an error, since a case that says more than is looked at
    /// would pass silently.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let raw: RawCase = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if let Some(other) = raw.call_globals.iter().flatten().find(|global| **global != "math") {
            return Err(format!("call_globals: {other} is not known"));
        }
        let inputs = slots("inputs", raw.inputs)?;
        let states = slots("state_slots", raw.state_slots)?;
        let outputs = raw
            .outputs
            .into_iter()
            .map(|raw| match SlotKind::parse(&raw.ty) {
                Some(kind) => Ok((OutputSlot { name: raw.name, ty: raw.ty }, kind)),
                None => Err(format!("outputs: the type `{}` is not known", raw.ty)),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let (outputs, output_kinds): (Vec<_>, Vec<_>) = outputs.into_iter().unzip();
        same_length("state_values", raw.state_values.len(), states.len())?;
        same_length("expected", raw.expected.len(), raw.ticks.len())?;
        let constants = raw
            .constants
            .iter()
            .map(|(name, json)| {
                Ok((name.clone(), constant(json).map_err(|error| format!("constants: {name}: {error}"))?))
            })
            .collect::<Result<_, String>>()?;
        let state_values =
            states.iter().zip(&raw.state_values).map(|(slot, json)| slot.kind.value(json)).collect::<Result<_, _>>()?;
        let ticks = raw
            .ticks
            .iter()
            .zip(&raw.expected)
            .enumerate()
            .map(|(index, (tick, expected))| {
                read_tick(tick, expected, &inputs, &output_kinds)
                    .map_err(|error| format!("tick {}: {error}", index + 1))
            })
            .collect::<Result<_, _>>()?;
        let state_after = match &raw.state_after {
            Some(values) => {
                same_length("state_after", values.len(), states.len())?;
                optional_values(values, states.iter().map(|slot| slot.kind))?
            }
            None => vec![None; states.len()],
        };
        Ok(Self {
            function: raw.function,
            constants,
            options: options(&raw.options)?,
            inputs,
            outputs,
            states,
            state_values,
            nrt_state_indices: raw.nrt_state_indices,
            tolerance: Tolerance::parse(&raw.compare)?,
            ticks,
            state_after,
        })
    }
}

fn slots(what: &str, raw: Vec<RawSlot>) -> Result<Vec<Slot>, String> {
    raw.into_iter()
        .map(|raw| match SlotKind::parse(&raw.ty) {
            Some(kind) => Ok(Slot { name: raw.name, ty: raw.ty, kind }),
            None => Err(format!("{what}: the type `{}` is not known", raw.ty)),
        })
        .collect()
}

fn options(raw: &RawOptions) -> Result<CompilationOptions, String> {
    Ok(CompilationOptions {
        error_model: match raw.error_model.as_deref() {
            None | Some("numpy") => ErrorModel::Numpy,
            Some("python") => ErrorModel::Python,
            Some(other) => return Err(format!("options: the error_model `{other}` is not known")),
        },
        missing_key: match raw.missing_key.as_deref() {
            None | Some("error") => MissingKey::Error,
            Some("zero") => MissingKey::Zero,
            Some(other) => return Err(format!("options: the missing_key `{other}` is not known")),
        },
        checked_integers: raw.checked_integers,
        verify: true,
        ..CompilationOptions::default()
    })
}

fn read_tick(raw: &RawTick, expected: &RawExpected, inputs: &[Slot], outputs: &[SlotKind]) -> Result<Tick, String> {
    for (what, length) in [("values", raw.values.len()), ("ticked", raw.ticked.len()), ("valid", raw.valid.len())] {
        same_length(what, length, inputs.len())?;
    }
    same_length("expected outputs", expected.outputs.len(), outputs.len())?;
    same_length("expected ticked", expected.ticked.len(), outputs.len())?;
    let ticked = flags(&expected.ticked)?;
    let values = optional_values(&expected.outputs, outputs.iter().copied())?;
    if values.iter().zip(&ticked).any(|(value, ticked)| value.is_some() != *ticked) {
        return Err("expected: an output has a value exactly where it ticked".to_owned());
    }
    let error = match expected.error.as_deref() {
        Some(name) => {
            Some(NodeErrorKind::from_name(name).ok_or_else(|| format!("expected: the error `{name}` is not known"))?)
        }
        None => None,
    };
    if error.is_some() && ticked.contains(&true) {
        return Err("expected: nothing ticks in a call that ends in an error".to_owned());
    }
    Ok(Tick {
        values: optional_values(&raw.values, inputs.iter().map(|slot| slot.kind))?,
        ticked: flags(&raw.ticked)?,
        valid: flags(&raw.valid)?,
        error,
        outputs: values,
    })
}

fn optional_values(values: &[Json], kinds: impl Iterator<Item = SlotKind>) -> Result<Vec<Option<Value>>, String> {
    values
        .iter()
        .zip(kinds)
        .map(|(json, kind)| if json.is_null() { Ok(None) } else { kind.value(json).map(Some) })
        .collect()
}

fn flags(raw: &[u8]) -> Result<Vec<bool>, String> {
    raw.iter()
        .map(|flag| match flag {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(format!("the flag {other} is neither 0 nor 1")),
        })
        .collect()
}

fn same_length(what: &str, length: usize, expected: usize) -> Result<(), String> {
    if length == expected { Ok(()) } else { Err(format!("{what}: expected {expected} entries, found {length}")) }
}

#[cfg(test)]
mod tests {
    use super::Case;
    use cfunc_compiler::{ErrorModel, NodeErrorKind, Value};

    const CASE: &str = r#"{
        "function": "f", "constants": {"k": 2}, "call_globals": ["math"],
        "inputs": [{"name": "x", "type": "float"}], "outputs": [{"name": null, "type": "int"}],
        "state_slots": [{"name": "s", "type": "list[int]"}], "state_values": [0], "nrt_state_indices": [0],
        "options": {"error_model": "python"}, "compare": "ulp:2",
        "ticks": [{"values": ["nan"], "ticked": [1], "valid": [1]}, {"values": [null], "ticked": [0], "valid": [1]}],
        "expected": [{"outputs": [3], "ticked": [1]}, {"outputs": [null], "ticked": [0], "error": "KeyError"}],
        "state_after": [null]
    }"#;

    #[test]
    fn a_case() {
        let case = Case::read(CASE).expect("a case");
        assert_eq!(case.constants, [("k".to_owned(), Value::Integer(2))]);
        assert_eq!(case.options.error_model, ErrorModel::Python);
        assert_eq!(case.ticks[0].outputs, [Some(Value::Integer(3))]);
        assert_eq!((&case.ticks[1].values, case.ticks[1].error), (&vec![None], Some(NodeErrorKind::KeyError)));
        assert_eq!(case.state_after, [None]);
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        for (from, to) in [
            (r#""compare": "ulp:2""#, r#""compare": "close""#),
            (r#""compare": "ulp:2""#, r#""compare": "exact", "seed": 1"#),
            (r#""error_model": "python""#, r#""error_model": "c""#),
            (r#""error_model": "python""#, r#""fast": true"#),
            (r#"["math"]"#, r#"["numpy"]"#),
            (r#""KeyError""#, r#""Oops""#),
            (r#""type": "float""#, r#""type": "complex""#),
            (r#""state_values": [0]"#, r#""state_values": []"#),
            (r#""outputs": [3]"#, r#""outputs": [null]"#),
            (r#""outputs": [3]"#, r#""outputs": [3.5]"#),
            (r#"{"outputs": [3], "ticked": [1]}, "#, ""),
            (r#""valid": [1]}]"#, r#""valid": [2]}]"#),
            (r#""values": ["nan"]"#, r#""values": ["nan", 1]"#),
        ] {
            let text = CASE.replacen(from, to, 1);
            assert_ne!(text, CASE, "{from}");
            assert!(Case::read(&text).is_err(), "{to}");
        }
    }
}
