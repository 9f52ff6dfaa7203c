//! Larger nodes, as users write them: on every engine, in Rust and in C under the same ABI, on CPython, and on the peer
//! where it takes them.

use std::ffi::{CString, c_void};
use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::{
    Backend, CompilationContext, CompilationOptions, CompilationResult, CompileRequest, OptimizationLevel, Source,
    backends, compile,
};

use crate::host::{Host, NodeFunction, RowForm, function};
use crate::large_host::{self, BENCHES, Bench, Column, made_in_c};
use crate::machine::COMPILED_FOR;
use crate::peer;
use crate::python::{Digests, Python};
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::Spread;

/// Slices of a round, whose median is the round's figure.
const SLICES: usize = 7;

/// Compilations whose code lies at different addresses; each round calls another one.
const COPIES: usize = 3;

/// Slices of the interpreter that are compared with machine code.
const FEW: usize = 8;

/// Whether this build's own code, which the node in Rust and the interpreter are, may be measured.
const IS_OPTIMIZED: bool = !cfg!(debug_assertions);

/// What the node in Rust is called.
const RUST: &str = "Rust";

/// The engines that are compared, and the levels of their optimiser; those that are not in the build are left out.
const ENGINES: [(&str, &str, OptimizationLevel); 3] = [
    ("Cranelift", "cranelift", OptimizationLevel::Speed),
    ("LLVM O3", "llvm", OptimizationLevel::Speed),
    ("LLVM O1", "llvm", OptimizationLevel::Quick),
];

/// Machine code that is measured.
struct Contender {
    name: &'static str,
    /// The function and its memory; one of them is called in each round.
    copies: Vec<(NodeFunction, Host)>,
    /// What the functions are of.
    _results: Vec<CompilationResult>,
}

/// What was measured of one way to run a node.
struct Row {
    name: String,
    time: Spread,
    /// Our code by Cranelift to this, of the same rounds.
    ratio: Spread,
}

/// Measures the larger nodes.
///
/// # Errors
///
/// A node does not compile, or results differ.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let context = large_host::context().map_err(|error| anyhow!("{error}"))?;
    let mut part = Part::new("large", "Larger nodes");
    part.paragraph(
        "Nanoseconds a call of EXECUTE of the nodes in `bench/nodes`. The same text runs on every engine of the build and on \
         CPython; beside it is the node in Rust and in C, an operation for an operation, under the same ABI and called \
         by the same loop, at opt-level 3 and -O3 (`bench/nodes/nodes.c`, `bench/src/large_rust.rs`). All of them give the same \
         outputs to the bit, which is made sure of first. They run in turn, in slices, in each round; ratios are of the \
         medians of a round.",
    );
    part.paragraph(COMPILED_FOR);
    let library = Library::build(settings);
    if let Err(error) = &library {
        part.paragraph(format!("C was not measured: {error:#}."));
    }
    let mut table = Table::new(&["node", "by", "time", "Cranelift to this"]);
    let mut notes = Vec::new();
    for bench in &BENCHES {
        let rows = measure(&context, settings, bench, library.as_ref().ok(), &mut notes).with_context(|| bench.name)?;
        part.paragraph(format!("- `{}`: {}.", bench.name, bench.what));
        for row in rows {
            eprintln!("large {} {}: {} ns, Cranelift to this {}", bench.name, row.name, row.time, row.ratio);
            table.row([format!("`{}`", bench.name), row.name, row.time.to_string(), row.ratio.to_string()]);
        }
    }
    part.table(&table);
    part.paragraph(
        "`LLVM O1` has the quick code generator too. The peer runs the filter alone: structs, functions \
         of a host and named outputs need extensions of its own, and times have no members there. On CPython the book is a \
         class of Python's.",
    );
    if let Some(note) = &settings.peer_note {
        notes.push(format!("The peer was not measured: {note}."));
    }
    notes.iter().for_each(|note| part.paragraph(note));
    Ok(part)
}

fn compiled(
    context: &CompilationContext,
    settings: &Settings,
    bench: &Bench,
    engine: &Arc<dyn Backend>,
    level: OptimizationLevel,
) -> Result<CompilationResult> {
    let path = node_path(settings, bench);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let options = CompilationOptions { optimization_level: level, ..CompilationOptions::default() };
    let mut request = CompileRequest::new(Source::new(format!("{}.py", bench.name), text)).function(bench.name);
    // Each copy is code of its own.
    request = request.backend(Arc::clone(engine)).options(options).reuse(false);
    for (name, constant) in bench.constants {
        request = request.constant(*name, constant.value());
    }
    compile(context, &request).map_err(|error| anyhow!("{error}"))
}

fn node_path(settings: &Settings, bench: &Bench) -> std::path::PathBuf {
    settings.root.join("bench/nodes").join(bench.name).with_extension("py")
}

fn contenders(
    context: &CompilationContext,
    settings: &Settings,
    bench: &Bench,
    library: Option<&Library>,
) -> Result<Vec<Contender>> {
    let mut contenders = Vec::new();
    for (name, engine, level) in ENGINES {
        let Some(engine) = backends().into_iter().find(|known| known.name() == engine) else { continue };
        let results: Vec<_> =
            (0..COPIES).map(|_| compiled(context, settings, bench, &engine, level)).collect::<Result<_>>()?;
        let mut copies = Vec::new();
        for result in &results {
            let node = function(result.function_pointer().context("no native code")?);
            let host = Host::new(result)?;
            // SAFETY: the host is made for this node, whose code is alive.
            unsafe { host.start(node) };
            copies.push((node, host));
        }
        contenders.push(Contender { name, copies, _results: results });
    }
    let around = |state: *mut c_void| Host::around_with(bench.inputs.len(), bench.outputs.len(), state);
    let (node, state) = (bench.rust)();
    contenders.push(Contender { name: RUST, copies: vec![(node, around(state))], _results: Vec::new() });
    if let Some(library) = library {
        let (node, state) = library.node(bench.name)?;
        contenders.push(Contender { name: "C", copies: vec![(node, around(state))], _results: Vec::new() });
    }
    Ok(contenders)
}

/// A node on everything that runs it in this process, made sure of.
struct Verified {
    column: Column,
    contenders: Vec<Contender>,
    interpreted: CompilationResult,
    /// The host of the interpreter.
    slow_host: Host,
    /// What all of them give.
    digest: u64,
}

/// Makes sure that all of them give the same, the interpreter for the first rows.
fn verified(
    context: &CompilationContext,
    settings: &Settings,
    bench: &Bench,
    library: Option<&Library>,
) -> Result<Verified> {
    let column = (bench.column)();
    let contenders = contenders(context, settings, bench, library)?;
    let mut expected: Option<Vec<u64>> = None;
    for contender in &contenders {
        for (node, host) in &contender.copies {
            // SAFETY: the host is made for this node, and was started.
            let digests = host.digests(&column.rows, column.form, |host| unsafe { host.execute(*node) });
            let expected = expected.get_or_insert_with(|| digests.clone());
            let row = digests.iter().zip(&*expected).position(|(digest, expected)| digest != expected);
            ensure!(
                row.is_none(),
                "{} gives something else than {} for row {row:?}",
                contender.name,
                contenders[0].name
            );
        }
    }
    let expected = expected.context("there is an engine with machine code")?;
    let known = backends().into_iter().find(|engine| engine.name() == "interpreter");
    let interpreter = known.context("it is always there")?;
    let interpreted = compiled(context, settings, bench, &interpreter, OptimizationLevel::Speed)?;
    let (slow, slow_host) = (interpreted.code(), Host::new(&interpreted)?);
    // SAFETY: the host is made for this node.
    unsafe { slow_host.execute_code(&**slow, true) };
    let few = &column.rows[..column.rows.len().min(bench.calls[1] * FEW * bench.inputs.len())];
    // SAFETY: as above.
    let digests = slow_host.digests(few, column.form, |host| unsafe { host.execute_code(&**slow, false) });
    ensure!(expected.starts_with(&digests), "the interpreter gives something else");
    let digest = expected.last().copied().context("there are rows")?;
    Ok(Verified { column, contenders, interpreted, slow_host, digest })
}

fn measure(
    context: &CompilationContext,
    settings: &Settings,
    bench: &Bench,
    library: Option<&Library>,
    notes: &mut Vec<String>,
) -> Result<Vec<Row>> {
    let Verified { column, mut contenders, interpreted, slow_host, digest } =
        verified(context, settings, bench, library)?;
    let slow = interpreted.code();
    let mut python = None;
    if IS_OPTIMIZED {
        match in_python(settings, bench, &column) {
            Ok((process, digests)) => {
                ensure!(digests.python == digest, "CPython gives something else");
                if let Some(error) = &digests.error {
                    notes.push(format!("The peer does not take `{}`: {}.", bench.name, error.replace('`', "'")));
                }
                ensure!(digests.peer.is_none_or(|peer| peer == digest), "the peer gives something else");
                python = Some((process, digests.peer.is_some()));
            }
            Err(error) => notes.push(format!("`{}` was not measured on CPython: {error:#}.", bench.name)),
        }
    } else {
        // What was not optimised says nothing: the node in Rust and the interpreter.
        contenders.retain(|contender| contender.name != RUST);
    }

    let width = bench.inputs.len();
    let count = column.rows.len() / width;
    let [calls, slow_calls, python_calls] = bench.calls;
    let names: Vec<&str> = contenders.iter().map(|contender| contender.name).chain(["interpreter"]).collect();
    let mut samples: Vec<(String, Vec<f64>)> = names.iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
    samples.extend([("CPython".to_owned(), Vec::new()), ("peer".to_owned(), Vec::new())]);
    let [python_at, peer_at] = [samples.len() - 2, samples.len() - 1];
    let mut at = 0;
    for round in 0..=settings.container_rounds {
        let mut slices: Vec<Vec<f64>> = names.iter().map(|_| Vec::new()).collect();
        let mut first = 0;
        for _ in 0..SLICES {
            at = if at + calls > count { 0 } else { at };
            first = at;
            at += calls;
            let rows = &column.rows[first * width..at * width];
            for (contender, times) in contenders.iter().zip(&mut slices) {
                let (node, host) = &contender.copies[round % contender.copies.len()];
                // SAFETY: the host is made for this node, and was started; objects live as long as the column.
                times.push(unsafe { host.drive_rows(black_box(*node), rows, calls, column.form) });
            }
            let rows = &rows[..slow_calls * width];
            if IS_OPTIMIZED {
                // SAFETY: as above.
                slices[contenders.len()].push(unsafe { slow_host.drive_code_rows(&**slow, rows, column.form) });
            }
        }
        let of = |times: &Vec<f64>| Spread::of(times).map(|spread| spread.median);
        let mut found: Vec<Option<f64>> = slices.iter().map(of).collect();
        found.extend([None, None]);
        if let Some((python, has_peer)) = &mut python {
            found[python_at] = Some(python.measure("python", first, python_calls, SLICES / 2)?);
            if *has_peer {
                found[peer_at] = Some(python.measure("peer", first, calls, SLICES / 2)?);
            }
        }
        // The first round brings code and memory into the caches.
        if round > 0 {
            for ((_, times), time) in samples.iter_mut().zip(found) {
                times.extend(time);
            }
        }
    }
    let base = samples[0].1.clone();
    let rows = samples.into_iter().filter(|(_, times)| !times.is_empty()).map(|(name, times)| {
        let ratios: Vec<f64> = times.iter().zip(&base).map(|(time, base)| base / time).collect();
        let of = |samples: &[f64]| Spread::of(samples).context("no rounds");
        Ok(Row { name, time: of(&times)?, ratio: of(&ratios)? })
    });
    rows.collect()
}

/// The nodes in C.
struct Library {
    handle: *mut c_void,
}

impl Library {
    /// Compiles and loads them. They stay: nodes are called as long as the process runs.
    fn build(settings: &Settings) -> Result<Self> {
        let library = peer::scratch(&settings.target)?.join("nodes.so");
        let mut compile = Command::new("cc");
        // Products and sums are two roundings, as in Python.
        compile.args(["-O3", "-ffp-contract=off", "-Wall", "-shared", "-fPIC", "-o"]).arg(&library);
        // As the engines do. Other compilers do not know the option for each architecture.
        compile.args(cfg!(target_arch = "x86_64").then_some("-march=native"));
        peer::run(compile.arg(settings.root.join("bench/nodes/nodes.c")).arg("-lm"))?;
        let path = CString::new(library.display().to_string())?;
        // SAFETY: the path is a string of C, and the library runs nothing when it is loaded.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
        ensure!(!handle.is_null(), "{} cannot be loaded", library.display());
        Ok(Self { handle })
    }

    fn symbol(&self, name: &str) -> Result<*mut c_void> {
        let symbol = CString::new(name)?;
        // SAFETY: the library is loaded, the name is a string of C.
        let address = unsafe { libc::dlsym(self.handle, symbol.as_ptr()) };
        ensure!(!address.is_null(), "there is no {name} in C");
        Ok(address)
    }

    /// A node and its state.
    fn node(&self, name: &str) -> Result<(NodeFunction, *mut c_void)> {
        let make = self.symbol(&format!("{name}_new"))?;
        // SAFETY: the name says which node it is of.
        let state = unsafe { made_in_c(name, make) };
        Ok((function(self.symbol(name)?.cast()), state))
    }
}

/// A process that runs a node on CPython, and on the peer.
fn in_python(settings: &Settings, bench: &Bench, column: &Column) -> Result<(Python, Digests)> {
    let outputs: serde_json::Map<_, _> =
        bench.outputs.iter().map(|(name, ty)| ((*name).to_owned(), (*ty).into())).collect();
    let constants: serde_json::Map<_, _> =
        bench.constants.iter().map(|(name, constant)| ((*name).to_owned(), constant.json())).collect();
    let described = serde_json::json!({
        "inputs": bench.inputs, "outputs": outputs, "constants": constants, "width": column.python_width,
    });
    let with_peer = settings.peer.is_some() && bench.for_peer && column.form == RowForm::Cells;
    let script = ("large.py", &*node_path(settings, bench));
    Python::of_node(settings, script, &column.python, &[bench.name], (with_peer, &[&described.to_string()]))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use crate::check;
    use crate::figures::Results;
    use crate::peer::scratch;
    use crate::settings::Settings;

    /// All engines, Rust and C give the same, or this fails. What it shows of the speed of machine code is left for
    /// continuous integration to print, for information.
    #[test]
    fn everything_gives_the_same_and_is_measured() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf();
        let own = std::env::current_exe().expect("this program");
        let target = own.ancestors().nth(3).expect("the target folder").to_path_buf();
        let settings = Settings::new(root, target, true);
        let part = super::run(&settings).expect("nodes give the same everywhere");
        for name in ["strategy", "kalman", "imbalance"] {
            for by in ["Cranelift", "C"] {
                let row = format!("{name}, {by}");
                let time = part.figures().iter().find(|figure| figure.row == row && figure.column == "time");
                assert!(time.is_some_and(|time| time.value > 0.0), "{row}");
            }
        }
        let results = Results::load(&settings.root.join("docs/benchmarks.json")).expect("results");
        let mut text = part.text().to_owned();
        if let Some(stored) = results.parts.get(part.name()) {
            // The functions of the host, which one of the nodes calls, are not optimised in this build.
            let figures: Vec<_> =
                part.figures().iter().filter(|figure| !figure.row.starts_with("imbalance")).cloned().collect();
            let comparison = check::compare(part.name(), stored, &figures);
            text.push('\n');
            text.push_str(&check::summary(&[comparison], &[], "in this run"));
        }
        let folder = scratch(&settings.target).expect("a folder");
        fs::write(folder.join("look.md"), text).expect("written");
    }
}
