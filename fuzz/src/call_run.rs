//! Calls a plain function through a dispatcher on an engine of the compiler.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use cfunc_compiler::{
    Backend, CallArgument, CallError, CompilationContext, CompileError, Container, Dispatcher, MemoryAccount,
    NodeErrorKind, Severity, Value,
};

use crate::calls::{Call, Plain};
use crate::engines::{EngineOutcome, OUT_OF_BUDGET, request};
use crate::outcome::CallOutcome;
use crate::tree::Program;

/// The error of a call of which an argument is not taken.
pub(crate) const NOT_TAKEN: &str = "not taken";

/// Why a program was not run to its end.
type Ended = EngineOutcome;

/// Runs the calls of a plain function: with a deadline, and, where they end, as a host does that wants nothing of them;
/// each twice, the second time with the function compiled.
///
/// # Errors
///
/// A value is none that a call could have given.
pub(crate) fn run(
    context: &CompilationContext,
    program: &Program,
    plain: &Plain,
    backend: &Arc<dyn Backend>,
    deadline: Duration,
) -> Result<EngineOutcome> {
    let asks_types = program.source().contains("isinstance(");
    let whole = || -> Result<EngineOutcome> {
        let builder = Dispatcher::builder(context, request(program, backend)).deadline(deadline);
        let limited = builder.print_hook(|_text| {});
        let outcomes = match twice(plain, limited, asks_types)? {
            Ok(outcomes) => outcomes,
            Err(ended) => return Ok(ended),
        };
        if !program.source().contains("print(") {
            let free = match twice(plain, Dispatcher::builder(context, request(program, backend)), asks_types)? {
                Ok(free) => free,
                Err(ended) => return Ok(ended),
            };
            if free != outcomes {
                return Ok(internal(format!("without a deadline calls give {free:?}, with one {outcomes:?}")));
            }
        }
        Ok(EngineOutcome::Ran(outcomes))
    };
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(whole)) {
        Ok(outcome) => outcome,
        Err(_) => Ok(internal("a call panicked".to_owned())),
    }
}

fn internal(message: String) -> Ended {
    EngineOutcome::Internal(message)
}

fn twice(
    plain: &Plain,
    builder: cfunc_compiler::DispatcherBuilder,
    asks_types: bool,
) -> Result<Result<Vec<CallOutcome>, Ended>> {
    let builder = builder.signatures(plain.signatures());
    let dispatcher = if plain.is_closed { builder.closed() } else { builder }.build();
    let dispatcher = match dispatcher {
        Ok(dispatcher) => dispatcher,
        Err(error) => return Ok(Err(refused(error))),
    };
    let first = match all(plain, &dispatcher, asks_types)? {
        Ok(first) => first,
        Err(ended) => return Ok(Err(ended)),
    };
    let compilations = dispatcher.compilations();
    let second = match all(plain, &dispatcher, asks_types)? {
        Ok(second) => second,
        Err(ended) => return Ok(Err(ended)),
    };
    Ok(if first != second {
        Err(internal(format!("the first calls give {first:?}, the next {second:?}")))
    } else if dispatcher.compilations() != compilations {
        Err(internal(format!("calls of the same types compiled {} times", dispatcher.compilations())))
    } else {
        Ok(first)
    })
}

fn all(plain: &Plain, dispatcher: &Dispatcher, asks_types: bool) -> Result<Result<Vec<CallOutcome>, Ended>> {
    let mut outcomes = Vec::new();
    for (index, call) in plain.calls.iter().enumerate() {
        let mut values: Vec<Value> = call.arguments.iter().map(|argument| argument.value.clone()).collect();
        let mut account = MemoryAccount::new(0);
        let outcome = account.run(|| {
            if call.by_handle {
                by_handle(dispatcher, call, &mut values)
            } else {
                by_value(dispatcher, call, &mut values)
            }
        });
        if account.used() != 0 {
            return Ok(Err(internal(format!("call {} leaves {} bytes behind", index + 1, account.used()))));
        }
        match outcome_of(plain, (call, asks_types), outcome, &values).with_context(|| format!("call {}", index + 1))? {
            Ok(outcome) => outcomes.push(outcome),
            Err(ended) => return Ok(Err(ended)),
        }
    }
    Ok(Ok(outcomes))
}

fn by_value(dispatcher: &Dispatcher, call: &Call, values: &mut [Value]) -> Result<Value, CallError> {
    let positional = call.arguments.iter().take_while(|argument| argument.keyword.is_none()).count();
    let (positional, named) = values.split_at_mut(positional);
    if named.is_empty() {
        return dispatcher.call(positional);
    }
    let names = call.arguments.iter().filter_map(|argument| argument.keyword.as_deref());
    let mut keywords: Vec<(&str, Value)> =
        names.zip(named.iter_mut()).map(|(name, value)| (name, std::mem::replace(value, Value::None))).collect();
    let result = dispatcher.call_with(positional, &mut keywords);
    for (value, (_, after)) in named.iter_mut().zip(keywords) {
        *value = after;
    }
    result
}

fn by_handle(dispatcher: &Dispatcher, call: &Call, values: &mut [Value]) -> Result<Value, CallError> {
    let mut containers: Vec<Option<Container>> = Vec::new();
    for (argument, value) in call.arguments.iter().zip(&*values) {
        let container = match argument.same_as {
            Some(same) => containers[same].clone(),
            None if argument.shape.is_container() => Some(dispatcher.container(value)?),
            None => None,
        };
        containers.push(container);
    }
    let mut arguments: Vec<CallArgument<'_>> = values
        .iter_mut()
        .zip(&containers)
        .map(|(value, container)| match container {
            Some(container) => CallArgument::Container(container),
            None => CallArgument::Value(value),
        })
        .collect();
    let result = dispatcher.call_arguments(&mut arguments).and_then(cfunc_compiler::CallResult::into_value);
    for (value, container) in values.iter_mut().zip(&containers) {
        if let Some(container) = container {
            *value = container.to_value()?;
        }
    }
    result
}

fn outcome_of(
    plain: &Plain,
    (call, asks_types): (&Call, bool),
    called: Result<Value, CallError>,
    values: &[Value],
) -> Result<Result<CallOutcome, Ended>> {
    let mut outcome = CallOutcome { error: None, message: None, outputs: vec![None], states: Vec::new() };
    match called {
        Ok(_) if call.spoiled.is_some() => {
            return Ok(Err(internal("a call takes an argument of which an element cannot be taken".to_owned())));
        }
        Ok(value) => {
            let shape = plain.result_shape(call);
            // A branch that the types decide leaves the other's type out of the result: a bool alone, where Python may
            // give an int.
            let words = shape.words(&value, asks_types);
            let Some(words) = words else {
                return Ok(Err(internal(format!("the result is {value}, and no {}", shape.annotation()))));
            };
            outcome.outputs = vec![Some(words)];
        }
        Err(CallError::Node(raised)) => {
            let error = raised.error;
            if error.kind == NodeErrorKind::Interrupted || error.message.starts_with(OUT_OF_BUDGET) {
                return Ok(Err(EngineOutcome::Endless(error.message)));
            }
            (outcome.error, outcome.message) = (Some(error.kind.name().to_owned()), Some(error.message));
        }
        Err(CallError::Arguments(message)) => {
            (outcome.error, outcome.message) = (Some("TypeError".to_owned()), Some(message));
        }
        Err(CallError::Typing { .. } | CallError::Unbox { .. }) if call.spoiled.is_some() => {
            let same = call.arguments.iter().zip(values).all(|(argument, value)| argument.value.same_bits(value));
            if !same {
                return Ok(Err(internal("a call that took nothing changed its arguments".to_owned())));
            }
            outcome.error = Some(NOT_TAKEN.to_owned());
            return Ok(Ok(outcome));
        }
        Err(error) => return Ok(Err(refused(error))),
    }
    for (argument, value) in call.arguments.iter().zip(values) {
        let Some(words) = argument.shape.words(value, argument.is_converted) else {
            let message = format!("an argument became {value}, and no {}", argument.shape.annotation());
            return Ok(Err(internal(message)));
        };
        outcome.states.push(words);
    }
    Ok(Ok(outcome))
}

fn refused(error: CallError) -> Ended {
    match &error {
        CallError::Compile(compile) => match &**compile {
            CompileError::Diagnostics { diagnostics, .. } => {
                let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
                let texts: Vec<String> = errors.map(|error| format!("[{}] {}", error.code.id, error.message)).collect();
                EngineOutcome::Refused(texts.join("; "))
            }
            _ => internal(error.to_string()),
        },
        CallError::Typing { .. } | CallError::Unbox { .. } => EngineOutcome::Refused(format!("no value: {error}")),
        _ => internal(error.to_string()),
    }
}

/// Where the calls of two runs differ; `None` where they do not.
pub(crate) fn difference(plain: &Plain, left: &[CallOutcome], right: &[CallOutcome]) -> Option<String> {
    for (index, ((left, right), call)) in left.iter().zip(right).zip(&plain.calls).enumerate() {
        let place = format!("call {}", index + 1);
        if left.error != right.error {
            let show = |outcome: &CallOutcome| match (&outcome.error, &outcome.message) {
                (Some(kind), Some(message)) => format!("{kind} ({message})"),
                (Some(kind), None) => kind.clone(),
                (None, _) => "no error".to_owned(),
            };
            return Some(format!("{place}: {} against {}", show(left), show(right)));
        }
        if left.outputs != right.outputs {
            let shape = plain.result_shape(call).annotation();
            return Some(format!("{place}: the result, {shape}: {:?} against {:?}", left.outputs, right.outputs));
        }
        if left.states != right.states {
            return Some(format!("{place}: the arguments: {:?} against {:?}", left.states, right.states));
        }
    }
    (left.len() != right.len()).then(|| format!("{} calls against {}", left.len(), right.len()))
}
