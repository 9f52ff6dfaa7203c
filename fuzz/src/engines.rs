//! Runs a program on an engine of the compiler.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use cfunc_compiler::{
    Backend, CompilationContext, CompilationOptions, CompileError, CompileRequest, ErrorModel, NodeError,
    NodeErrorKind, NodeInstance, Severity, Source, Value, compile,
};

use crate::call_run;
use crate::host::{value, words};
use crate::kind::Kind;
use crate::outcome::CallOutcome;
use crate::tree::{NODE, Program};

/// What the interpreter says of a call that took more instructions than it had.
pub(crate) const OUT_OF_BUDGET: &str = "the instruction budget ran out";

/// What an engine made of a program.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineOutcome {
    /// It ran.
    Ran(Vec<CallOutcome>),
    /// The compiler refused it: the codes and messages of the errors.
    Refused(String),
    /// The compiler says that it has a bug, or panicked.
    Internal(String),
    /// A call did not end in the time or in the number of instructions that it had.
    Endless(String),
}

/// The request that compiles a program.
pub fn request(program: &Program, backend: &Arc<dyn Backend>) -> CompileRequest {
    let options = CompilationOptions {
        error_model: if program.python_errors { ErrorModel::Python } else { ErrorModel::Numpy },
        checked_integers: program.checked_integers,
        verify: true,
        interruptible: true,
        ..CompilationOptions::default()
    };
    let request =
        CompileRequest::new(Source::new("fuzz.py", program.source())).function(NODE).options(options).reuse(false);
    program
        .constants
        .iter()
        .fold(request, |request, constant| request.constant(&constant.name, value(constant.kind, &constant.value)))
        .backend(Arc::clone(backend))
}

/// Runs a program: START, its ticks, STOP, or the calls of a plain function; each call for so long at most.
///
/// # Errors
///
/// The instance does not have the cells that the program has.
pub fn run(
    context: &CompilationContext,
    program: &Program,
    backend: &Arc<dyn Backend>,
    deadline: Duration,
) -> Result<EngineOutcome> {
    if let Some(plain) = &program.plain {
        return call_run::run(context, program, plain, backend, deadline);
    }
    let request = request(program, backend);
    let compiled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| compile(context, &request)));
    let result = match compiled {
        Ok(Ok(result)) => result,
        Ok(Err(CompileError::Diagnostics { diagnostics, .. })) => {
            let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
            let texts: Vec<String> = errors.map(|error| format!("[{}] {}", error.code.id, error.message)).collect();
            return Ok(EngineOutcome::Refused(texts.join("; ")));
        }
        Ok(Err(error)) => return Ok(EngineOutcome::Internal(error.to_string())),
        Err(_) => return Ok(EngineOutcome::Internal("the compiler panicked".to_owned())),
    };
    let mut node = result.instantiate()?;
    // How numbers are written is not compared.
    node.set_print_hook(|_text| {});
    node.set_deadline(Some(deadline));
    let mut calls = Vec::new();
    let started = node.start();
    if let Some(reason) = cut_off(&started) {
        return Ok(EngineOutcome::Endless(reason));
    }
    let failed = started.is_err();
    calls.push(without_outputs(outcome(program, &node, started)?));
    if failed {
        return Ok(EngineOutcome::Ran(calls));
    }
    for tick in &program.ticks {
        for (index, input) in program.inputs.iter().enumerate() {
            let slot = node.input_index(&input.name).context("an input is missing")?;
            match tick.values[index].as_deref() {
                // A truth value may be any byte that is not 0.
                Some([byte]) if input.kind == Kind::Bool => node.set_bytes(slot, &byte.to_le_bytes()[..1])?,
                Some(words) => node.set_cell(slot, &value(input.kind, words))?,
                None => {}
            }
            node.set_ticked(slot, tick.ticked[index])?;
            node.set_valid(slot, tick.valid[index])?;
        }
        let executed = node.execute();
        if let Some(reason) = cut_off(&executed) {
            return Ok(EngineOutcome::Endless(reason));
        }
        calls.push(outcome(program, &node, executed)?);
    }
    let stopped = node.stop();
    if let Some(reason) = cut_off(&stopped) {
        return Ok(EngineOutcome::Endless(reason));
    }
    calls.push(without_outputs(outcome(program, &node, stopped)?));
    Ok(EngineOutcome::Ran(calls))
}

/// Why a call was ended from outside; `None` where it ended by itself.
fn cut_off(called: &Result<(), NodeError>) -> Option<String> {
    let error = called.as_ref().err()?;
    let is_cut_off = error.kind == NodeErrorKind::Interrupted || error.message.starts_with(OUT_OF_BUDGET);
    is_cut_off.then(|| error.message.clone())
}

/// START and STOP leave the flags of the outputs alone.
fn without_outputs(mut outcome: CallOutcome) -> CallOutcome {
    outcome.outputs.fill(None);
    outcome
}

fn outcome(program: &Program, node: &NodeInstance, called: Result<(), NodeError>) -> Result<CallOutcome> {
    let error = called.err();
    let outputs = (0..program.outputs.len())
        .zip(&program.outputs)
        .map(|(index, output)| node.output_value(index).map(|value| read(output.kind, &value)).transpose())
        .collect::<Result<Vec<_>>>()?;
    let states = program
        .states
        .iter()
        .map(|(state, _)| {
            if state.kind.is_container() {
                // What is in it is seen by what the program does with it.
                return Ok(Vec::new());
            }
            let index = node.state_index(&state.name).context("a state is missing")?;
            read(state.kind, &node.state_value(index).context("a state has no value")?)
        })
        .collect::<Result<Vec<_>>>()?;
    let (error, message) = error.map(|error| (error.kind.name().to_owned(), error.message)).unzip();
    Ok(CallOutcome { error, message, outputs, states })
}

fn read(kind: Kind, value: &Value) -> Result<Vec<i64>> {
    words(kind, value).with_context(|| format!("a cell of {} holds {value}", kind.name()))
}
