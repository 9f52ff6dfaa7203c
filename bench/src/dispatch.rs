//! What calls with dynamic values cost, beside Numba's dispatcher and CPython.

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::{CompilationContext, Dispatcher, Source, Value};

use crate::clock::processor_time;
use crate::compile::context;
use crate::machine::COMPILED_FOR;
use crate::python::Python;
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::{Spread, digits};

/// The most nanoseconds of a call with two floats.
const CALL_GOAL: f64 = 60.0;
/// How many times faster than Numba's dispatcher such a call is.
const PEER_GOAL: f64 = 3.0;
/// The most microseconds of the first call of a signature.
const FIRST_GOAL: f64 = 300.0;

/// Calls in a slice, and of CPython and Numba in one.
const CALLS: usize = 4096;
/// Elements of the list.
const ELEMENTS: usize = 100;

/// A function that is called.
struct Bench {
    name: &'static str,
    /// Its name on the side of Python, where it is called there.
    python: Option<&'static str>,
    text: &'static str,
    arguments: fn() -> Vec<Value>,
}

/// The functions; that of the goals first.
const BENCHES: [Bench; 4] = [
    Bench {
        name: "two floats",
        python: Some("floats"),
        text: "def f(x, y):\n    return x * y + 0.5\n",
        arguments: || vec![Value::Float(1.5), Value::Float(2.5)],
    },
    Bench {
        name: "three ints",
        python: Some("ints"),
        text: "def f(x, y, z):\n    return x * y - z\n",
        arguments: || vec![Value::Integer(3), Value::Integer(4), Value::Integer(5)],
    },
    Bench { name: "no argument", python: Some("none"), text: "def f():\n    return 1\n", arguments: Vec::new },
    Bench {
        name: "a list of 100 floats, copied in and back",
        python: None,
        text: "def f(xs):\n    xs[0] += 1.0\n    return xs[0]\n",
        arguments: || vec![Value::List(vec![Value::Float(0.5); ELEMENTS])],
    },
];

/// Measures calls.
///
/// # Errors
///
/// A function does not compile, or the process of Python does not answer.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let context = context()?;
    let mut part = Part::new("dispatcher", "Calls with dynamic values");
    part.paragraph(
        "`Dispatcher::call`, all in: arguments are told apart by their kinds, unboxed by the registered rules, the compiled \
         function is called through its C entry, the result is boxed. Nanoseconds a call of a signature that is compiled \
         already; beside it Numba's dispatcher and CPython on the same function, without the time of the loop that calls, in \
         slices that run in turn, each after as many calls that do not count: the process slept meanwhile.",
    );
    part.paragraph(COMPILED_FOR);
    let mut python = match &settings.peer {
        Some(peer) => {
            Some(Python::start(Command::new(peer.python()).arg(settings.root.join("bench/peer/dispatch.py")))?)
        }
        None => None,
    };
    let mut table = Table::new(&["call", "`Dispatcher`", "Numba's dispatcher", "times", "CPython"]);
    let mut figures = Vec::new();
    for bench in &BENCHES {
        let measured = measure(&context, settings, bench, python.as_mut())?;
        let of = |spread: Option<Spread>| spread.map_or_else(|| "-".to_owned(), |spread| spread.to_string());
        let times = measured.peer.map(|peer| peer.median / measured.call.median);
        let times = times.map_or_else(|| "-".to_owned(), digits);
        table.row([bench.name.to_owned(), measured.call.to_string(), of(measured.peer), times, of(measured.python)]);
        figures.push(measured);
    }
    part.table(&table);
    part.paragraph(
        "The first call of a signature, in microseconds: typed, compiled and called. The source was parsed before, and the \
         process is warm; time of the processor. Numba's is that of a function defined anew.",
    );
    let mut table = Table::new(&["first call", "`Dispatcher`", "Numba's dispatcher"]);
    for (bench, measured) in BENCHES.iter().zip(&figures) {
        let peer = measured.peer_first.map_or_else(|| "-".to_owned(), |spread| spread.to_string());
        table.row([bench.name.to_owned(), measured.first.to_string(), peer]);
    }
    part.table(&table);
    if let Some(floats) = figures.first() {
        let median = floats.call.median;
        let goal = format!("`Dispatcher::call` with two floats at most {CALL_GOAL} ns");
        part.goal(goal, digits(median), median <= CALL_GOAL);
        if let Some(peer) = floats.peer {
            let times = peer.median / median;
            let goal = format!("`Dispatcher::call` with two floats {PEER_GOAL} times faster than Numba's dispatcher");
            part.goal(goal, digits(times), times >= PEER_GOAL);
        }
    }
    let slowest = figures.iter().map(|measured| measured.first.median).max_by(f64::total_cmp).unwrap_or(0.0);
    let goal = format!("`Dispatcher::call`, first call of a signature at most {FIRST_GOAL} µs");
    part.goal(goal, digits(slowest), slowest <= FIRST_GOAL);
    part.table_of_goals();
    if let Some(note) = &settings.peer_note {
        part.paragraph(format!("The peer was not measured: {note}."));
    }
    Ok(part)
}

/// What was measured of one function.
struct Figures {
    /// Nanoseconds.
    call: Spread,
    peer: Option<Spread>,
    python: Option<Spread>,
    /// Microseconds.
    first: Spread,
    peer_first: Option<Spread>,
}

fn measure(
    context: &CompilationContext,
    settings: &Settings,
    bench: &Bench,
    mut python: Option<&mut Python>,
) -> Result<Figures> {
    let dispatcher = || {
        Dispatcher::new(context, Source::new("f.py", bench.text), "f")
            .map_err(|error| anyhow!("{}: {error}", bench.name))
    };
    let called = dispatcher()?;
    let mut arguments = (bench.arguments)();
    let mut slice = |calls: usize| -> Result<f64> {
        let begin = Instant::now();
        for _ in 0..calls {
            let result = called.call(black_box(&mut arguments));
            black_box(result).map_err(|error| anyhow!("{}: {error}", bench.name))?;
        }
        Ok(begin.elapsed().as_nanos() as f64 / calls as f64)
    };
    let (mut calls, mut peer, mut in_python) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=settings.tick_rounds {
        // Whoever slept until the other was done finds caches and core cold: a slice that does not count goes before.
        slice(CALLS)?;
        let ours = slice(CALLS)?;
        let theirs = match (&mut python, bench.python) {
            (Some(python), Some(name)) => {
                Some((python.ask(&format!("call {name} {CALLS}"))?, python.ask(&format!("python {name} {CALLS}"))?))
            }
            _ => None,
        };
        if round > 0 {
            calls.push(ours);
            peer.extend(theirs.map(|(peer, _)| peer));
            in_python.extend(theirs.map(|(_, python)| python));
        }
    }
    let mut first = Vec::new();
    for round in 0..=settings.compile_rounds {
        let (fresh, mut arguments) = (dispatcher()?, (bench.arguments)());
        let begin = processor_time();
        let result = fresh.call(&mut arguments);
        let elapsed = (processor_time() - begin).as_nanos() as f64 / 1e3;
        result.map_err(|error| anyhow!("{}: {error}", bench.name))?;
        ensure!(fresh.compilations() == 1, "a first call compiles once");
        if round > 0 {
            first.push(elapsed);
        }
    }
    let mut peer_first = Vec::new();
    if let (Some(python), Some(name)) = (python, bench.python) {
        for _ in 0..3 {
            peer_first.push(python.ask(&format!("first {name}"))? / 1e3);
        }
    }
    Ok(Figures {
        call: Spread::of(&calls).context("no rounds")?,
        peer: Spread::of(&peer),
        python: Spread::of(&in_python),
        first: Spread::of(&first).context("no rounds")?,
        peer_first: Spread::of(&peer_first),
    })
}
