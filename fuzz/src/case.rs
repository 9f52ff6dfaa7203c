//! A failing program as a case of the corpus: the node, and what must come out by CPython.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::calls::Argument;
use crate::host::members;
use crate::kind::Kind;
use crate::outcome::{CallOutcome, show};
use crate::tree::{NODE, Program};

/// The two files of a case.
#[derive(Clone, Debug)]
pub struct CaseFiles {
    /// The source.
    pub source: String,
    /// The JSON text.
    pub json: String,
}

/// The case of a program, with what CPython gives.
pub fn case_files(program: &Program, expected: &[CallOutcome]) -> CaseFiles {
    let slot = |name: &str, kind: Kind| json!({"name": name, "type": type_name(kind)});
    let inputs: Vec<Json> = program.inputs.iter().map(|input| slot(&input.name, input.kind)).collect();
    let outputs: Vec<Json> = program
        .outputs
        .iter()
        .map(|output| {
            let name = if output.name.is_empty() { Json::Null } else { json!(output.name) };
            json!({"name": name, "type": type_name(output.kind)})
        })
        .collect();
    // Larger cells first, then by name.
    let mut order: Vec<usize> = (0..program.states.len()).collect();
    order.sort_by_key(|index| {
        let (state, _) = &program.states[*index];
        (state.kind == Kind::Bool, state.name.clone())
    });
    let states: Vec<Json> =
        order.iter().map(|index| slot(&program.states[*index].0.name, program.states[*index].0.kind)).collect();
    let cells = |outcome: Option<&CallOutcome>| -> Vec<Json> {
        let Some(outcome) = outcome else { return Vec::new() };
        order.iter().map(|index| json_value(program.states[*index].0.kind, &outcome.states[*index])).collect()
    };
    let constants: serde_json::Map<String, Json> = program
        .constants
        .iter()
        .map(|constant| (constant.name.clone(), constant_json(constant.kind, &constant.value)))
        .collect();
    let mut options = serde_json::Map::new();
    if program.python_errors {
        options.insert("error_model".to_owned(), json!("python"));
    }
    if program.checked_integers {
        options.insert("checked_integers".to_owned(), json!(true));
    }
    let flags = |flags: &[bool]| flags.iter().map(|flag| u8::from(*flag)).collect::<Vec<_>>();
    let ticks: Vec<Json> = program
        .ticks
        .iter()
        .map(|tick| {
            let values: Vec<Json> = program
                .inputs
                .iter()
                .zip(&tick.values)
                .map(|(input, value)| value.as_ref().map_or(Json::Null, |value| json_value(input.kind, value)))
                .collect();
            json!({"values": values, "ticked": flags(&tick.ticked), "valid": flags(&tick.valid)})
        })
        .collect();
    let after_start = expected.get(1..).unwrap_or_default();
    let results: Vec<Json> = after_start
        .iter()
        .take(program.ticks.len())
        .map(|outcome| {
            let values: Vec<Json> = program
                .outputs
                .iter()
                .zip(&outcome.outputs)
                .map(|(output, value)| value.as_ref().map_or(Json::Null, |value| json_value(output.kind, value)))
                .collect();
            let ticked: Vec<u8> = outcome.outputs.iter().map(|value| u8::from(value.is_some())).collect();
            let mut result = json!({"outputs": values, "ticked": ticked});
            if let Some(error) = &outcome.error {
                result["error"] = json!(error);
            }
            result
        })
        .collect();
    let rough = program.outputs.iter().any(|output| output.rough);
    let mut json = String::from("{\n");
    let mut entry = |name: &str, value: Json| {
        let separator = if json.len() > 2 { ",\n" } else { "" };
        // Writing to a String does not fail.
        let _infallible = write!(json, "{separator} \"{name}\": {value}");
    };
    entry("function", json!(NODE));
    entry("constants", json!(constants));
    entry("inputs", json!(inputs));
    entry("outputs", json!(outputs));
    entry("state_slots", json!(states));
    // START may change them before they are compared; without a start body these are the initial values.
    entry("state_values", json!(cells(expected.first())));
    let containers = order.iter().enumerate().filter(|(_, index)| program.states[**index].0.kind.is_container());
    entry("nrt_state_indices", json!(containers.map(|(slot, _)| slot).collect::<Vec<_>>()));
    if !options.is_empty() {
        entry("options", json!(options));
    }
    entry("compare", json!(if rough { "ulp:64" } else { "exact" }));
    entry("ticks", json!(ticks));
    entry("expected", json!(results));
    entry("state_after", json!(cells(expected.get(program.ticks.len()))));
    json.push_str("\n}\n");
    CaseFiles { source: program.source(), json }
}

/// The type of a cell, as cases say it: of structs they do not, so that it is for readers.
fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Flags | Kind::Marks => "set",
        _ if Kind::ENUMERATIONS.contains(&kind) => "enum",
        _ => kind.name(),
    }
}

fn json_value(kind: Kind, words: &[i64]) -> Json {
    match (kind, words) {
        (Kind::Float, [word]) => {
            let float = f64::from_bits(word.cast_unsigned());
            if float.is_nan() {
                json!("nan")
            } else if float.is_infinite() {
                json!(if float > 0.0 { "inf" } else { "-inf" })
            } else {
                json!(float)
            }
        }
        (Kind::Bool, [word]) => json!(*word != 0),
        (Kind::Flags | Kind::Marks, [low, high]) => {
            let bits = u128::from(low.cast_unsigned()) | u128::from(high.cast_unsigned()) << 64;
            let element = |bit: i64| match members(kind).iter().find(|(_, known)| *known == bit) {
                Some((name, _)) => json!(name),
                None => json!(bit),
            };
            (0..128).filter(|bit| bits >> bit & 1 == 1).map(element).collect()
        }
        (_, [word]) => json!(word),
        // A container, which is not looked at.
        (_, []) => json!(0),
        (_, words) => json!(words),
    }
}

fn constant_json(kind: Kind, words: &[i64]) -> Json {
    match (kind, words) {
        (Kind::Delta, [word]) => json!({"$timedelta_us": word / 1000, "nanos": word}),
        (Kind::Time, [word]) => json!({"$datetime": "1970-01-01T00:00:00+00:00", "nanos": word}),
        _ => json_value(kind, words),
    }
}

/// The inputs of a program, or its calls, for readers.
pub fn describe_ticks(program: &Program) -> String {
    let mut text = String::new();
    if let Some(plain) = &program.plain {
        for signature in plain.signatures() {
            let _infallible = writeln!(text, "signature {signature}");
        }
        for (index, call) in plain.calls.iter().enumerate() {
            let argument = |argument: &Argument| {
                let keyword = argument.keyword.as_ref().map_or(String::new(), |keyword| format!("{keyword}="));
                let same = argument.same_as.map_or(String::new(), |same| format!(" (that of {})", same + 1));
                format!("{keyword}{}{same}", argument.value)
            };
            let arguments: Vec<String> = call.arguments.iter().map(argument).collect();
            let how = if call.by_handle { " by handles" } else { "" };
            let _infallible = writeln!(text, "call {}{how}: {}", index + 1, arguments.join(", "));
        }
        return text;
    }
    for (index, tick) in program.ticks.iter().enumerate() {
        let values: Vec<String> = program
            .inputs
            .iter()
            .zip(&tick.values)
            .map(|(input, value)| {
                let value = value.as_ref().map_or("as before".to_owned(), |value| show(input.kind, value));
                format!("{} = {value}", input.name)
            })
            .collect();
        let _infallible = writeln!(text, "tick {}: {}", index + 1, values.join(", "));
    }
    text
}
