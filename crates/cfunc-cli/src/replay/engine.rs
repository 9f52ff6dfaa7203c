//! One case on one engine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use cfunc_compiler::{
    Backend, CompilationContext, CompilationResult, NodeError, NodeInstance, Source, Type, TypeTable, Value, compile,
};

use super::case::{Case, Tick};

/// What came out and should not have.
#[derive(Debug)]
pub(super) struct Mismatch {
    /// The tick, from 1.
    pub(super) tick: Option<usize>,
    pub(super) subject: String,
    pub(super) expected: String,
    pub(super) got: String,
}

impl Mismatch {
    fn new(
        tick: Option<usize>,
        subject: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Self { tick, subject: subject.into(), expected: expected.into(), got: got.into() }
    }
}

/// Compiles a case, compares its metadata, and runs its ticks.
pub(super) fn run(
    context: &CompilationContext,
    case: &Case,
    source: &Source,
    engine: &Arc<dyn Backend>,
) -> Vec<Mismatch> {
    // A panic is a bug of the compiler; the other cases still have something to say.
    catch_unwind(AssertUnwindSafe(|| compile_and_run(context, case, source, engine))).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        vec![Mismatch::new(None, "the compiler", "no panic", format!("the panic `{text}`"))]
    })
}

fn compile_and_run(
    context: &CompilationContext,
    case: &Case,
    source: &Source,
    engine: &Arc<dyn Backend>,
) -> Vec<Mismatch> {
    let request = case.request(source.clone()).backend(Arc::clone(engine));
    let result = match compile(context, &request) {
        Ok(result) => result,
        Err(error) => return vec![Mismatch::new(None, "compilation", "success", error.to_string())],
    };
    let mut mismatches = compare_declarations(case, &result);
    if !mismatches.is_empty() {
        return mismatches;
    }
    let mut instance = match result.instantiate() {
        Ok(instance) => instance,
        Err(error) => return vec![Mismatch::new(None, "the instance", "success", error.to_string())],
    };
    if let Err(error) = instance.start() {
        return vec![Mismatch::new(None, "START", "success", error.to_string())];
    }
    for (index, tick) in case.ticks.iter().enumerate() {
        run_tick(case, tick, index + 1, &mut instance, &mut mismatches);
    }
    for (index, (slot, expected)) in case.states.iter().zip(&case.state_after).enumerate() {
        let Some(expected) = expected else { continue };
        let got = instance.state_value(index);
        if !got.as_ref().is_some_and(|got| case.tolerance.agree(expected, got)) {
            let got = got.map_or_else(|| "no value".to_owned(), |got| got.to_string());
            let subject = format!("the state `{}` after the last tick", slot.name);
            mismatches.push(Mismatch::new(None, subject, expected.to_string(), got));
        }
    }
    if let Err(error) = instance.stop() {
        mismatches.push(Mismatch::new(None, "STOP", "success", error.to_string()));
    }
    mismatches
}

/// Inputs, outputs and states as declared, with the metadata of the states.
fn compare_declarations(case: &Case, result: &CompilationResult) -> Vec<Mismatch> {
    let types = result.types();
    let mut mismatches = Vec::new();
    let mut compare = |subject: &str, expected: String, got: String| {
        if expected != got {
            mismatches.push(Mismatch::new(None, subject, expected, got));
        }
    };
    let list = |items: Vec<String>| format!("[{}]", items.join(", "));
    compare(
        "the inputs",
        list(case.inputs.iter().map(|slot| format!("{}: {}", slot.name, type_name(&slot.ty))).collect()),
        list(
            result
                .inputs()
                .iter()
                .map(|input| format!("{}: {}", input.name, type_name(shown_type(types, input.ty))))
                .collect(),
        ),
    );
    let output = |name: Option<&str>, ty: &str| match name {
        Some(name) => format!("{name}: {}", type_name(ty)),
        None => type_name(ty),
    };
    compare(
        "the outputs",
        list(case.outputs.iter().map(|slot| output(slot.name.as_deref(), &slot.ty)).collect()),
        list(result.outputs().iter().map(|slot| output(slot.name.as_deref(), shown_type(types, slot.ty))).collect()),
    );
    compare(
        "the order of the state slots",
        list(case.states.iter().map(|slot| slot.name.clone()).collect()),
        list(result.states().iter().map(|state| state.name.to_string()).collect()),
    );
    compare(
        "nrt_state_indices",
        format!("{:?}", case.nrt_state_indices),
        format!("{:?}", result.metadata().nrt_state_indices()),
    );
    let values = |values: &[Value]| list(values.iter().map(ToString::to_string).collect());
    let got = result.metadata().state_values();
    let same = got.len() == case.state_values.len()
        && case.state_values.iter().zip(got).all(|(expected, got)| case.tolerance.agree(expected, got));
    if !same {
        compare("state_values", values(&case.state_values), values(got));
    }
    mismatches
}

/// The name of a type without spaces, as cases write it.
fn type_name(name: &str) -> String {
    name.replace(' ', "")
}

fn run_tick(case: &Case, tick: &Tick, number: usize, instance: &mut NodeInstance, mismatches: &mut Vec<Mismatch>) {
    if let Err(error) = set_inputs(tick, instance) {
        mismatches.push(Mismatch::new(Some(number), "the inputs", "cells that take them", error));
        return;
    }
    let outcome = instance.execute();
    let got = outcome.as_ref().err().map(|error: &NodeError| error.kind);
    if got != tick.error {
        let shown = |kind: Option<cfunc_compiler::NodeErrorKind>| kind.map_or("no error", |kind| kind.name());
        let got = match &outcome {
            Err(error) => error.to_string(),
            Ok(()) => shown(None).to_owned(),
        };
        mismatches.push(Mismatch::new(Some(number), "the node error", shown(tick.error), got));
    }
    for (index, (slot, expected)) in case.outputs.iter().zip(&tick.outputs).enumerate() {
        let got = instance.output_value(index);
        let agree = match (expected, &got) {
            (Some(expected), Some(got)) => case.tolerance.agree(expected, got),
            (None, None) => true,
            _ => false,
        };
        if !agree {
            let shown = |value: &Option<Value>| value.as_ref().map_or("no tick".to_owned(), ToString::to_string);
            let subject = slot.name.as_ref().map_or("the output".to_owned(), |name| format!("the output `{name}`"));
            mismatches.push(Mismatch::new(Some(number), subject, shown(expected), shown(&got)));
        }
    }
}

/// The name of a type as cases say it: `enum` for every enumeration, `set` for every type of sets of one.
fn shown_type(types: &TypeTable, ty: Type) -> &str {
    let definition = types.definition(ty);
    match (definition.set_of, definition.members.is_empty()) {
        (Some(_), _) => "set",
        (None, false) => "enum",
        (None, true) => types.name(ty),
    }
}

/// Cells and flags exactly as the tick says.
pub(super) fn set_inputs(tick: &Tick, instance: &mut NodeInstance) -> Result<(), String> {
    for (index, value) in tick.values.iter().enumerate() {
        if let Some(value) = value {
            instance.set_cell(index, value).map_err(|error| error.to_string())?;
        }
        instance.set_ticked(index, tick.ticked[index]).map_err(|error| error.to_string())?;
        instance.set_valid(index, tick.valid[index]).map_err(|error| error.to_string())?;
    }
    Ok(())
}
