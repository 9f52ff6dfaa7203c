//! What ticks of nodes with lists and dicts cost, beside the same on the peer, on CPython, and in Rust.

use std::fs;
use std::hint::black_box;

use anyhow::{Context as _, Result, ensure};
use cfunc_compiler::{CompilationContext, CompilationResult, CompileRequest, Source, Value};

use crate::compile::context;
use crate::containers_rust::{
    ConstantList, CountDistinct, DictIteration, Histogram, InsertionSort, Median, MedianSorted, RollingMaximum,
    RustInstance, Sieve, Sum, WEIGHTS, Window,
};
use crate::engines::Engine;
use crate::host::{Host, NodeFunction, function};
use crate::machine::COMPILED_FOR;
use crate::python::{Digests, Python};
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::{Spread, digits, geometric_mean};

/// How many times faster than the peer nodes are, in the geometric mean.
const PEER_GOAL: f64 = 3.0;

/// The same on LLVM O3.
const LLVM_PEER_GOAL: f64 = 2.5;

/// How many times the time of Rust a node may take.
const RUST_GOAL: f64 = 1.5;

/// How many times the time of LLVM O3 nodes may take on Cranelift, in the geometric mean.
const LLVM_GOAL: f64 = 1.25;

/// Slices of a round, whose median is the round's figure.
const SLICES: usize = 9;

/// Compilations whose code lies at different addresses; each round calls another one.
const COPIES: usize = 4;

/// From which length of the column on a node has one copy: what it holds then fills the caches, which the peer's process
/// has for its one node.
const ONE_COPY_FROM: usize = 1 << 20;

/// What values come in.
#[derive(Clone, Copy)]
enum Column {
    /// Prices that wander.
    Prices,
    /// Whole numbers from 0 up to a bound.
    Below(u64),
}

/// A node that is measured.
struct Bench {
    name: &'static str,
    /// What the node in Rust uses.
    what: &'static str,
    /// The file in `bench/containers`, without its ending.
    file: &'static str,
    output: &'static str,
    column: Column,
    /// Values of the column, all of which are run through before anything is measured.
    length: usize,
    /// Calls in a slice.
    calls: usize,
    /// Calls of CPython in a slice.
    python_calls: usize,
    rust: fn() -> RustInstance,
}

/// The nodes, those of lists first.
const BENCHES: [Bench; 12] = [
    Bench {
        name: "sum over 1,000",
        what: "`Vec`",
        file: "sum",
        output: "float",
        column: Column::Prices,
        length: 512,
        calls: 64,
        python_calls: 16,
        rust: RustInstance::new::<Sum>,
    },
    Bench {
        name: "window of 100",
        what: "`VecDeque`",
        file: "window",
        output: "float",
        column: Column::Prices,
        length: 8192,
        calls: 8192,
        python_calls: 512,
        rust: RustInstance::new::<Window>,
    },
    Bench {
        name: "rolling maximum of 100",
        what: "`VecDeque`",
        file: "rolling_maximum",
        output: "float",
        column: Column::Prices,
        length: 8192,
        calls: 8192,
        python_calls: 512,
        rust: RustInstance::new::<RollingMaximum>,
    },
    Bench {
        name: "insertion sort of 64 in place",
        what: "`Vec`",
        file: "insertion_sort",
        output: "int",
        column: Column::Below(1 << 20),
        length: 256,
        calls: 64,
        python_calls: 4,
        rust: RustInstance::new::<InsertionSort>,
    },
    Bench {
        name: "sieve below 1,000",
        what: "`Vec`",
        file: "sieve",
        output: "int",
        column: Column::Below(1000),
        length: 256,
        calls: 32,
        python_calls: 4,
        rust: RustInstance::new::<Sieve>,
    },
    Bench {
        name: "median of 25, sorted by hand",
        what: "`VecDeque`, `Vec`",
        file: "median",
        output: "float",
        column: Column::Prices,
        length: 2048,
        calls: 512,
        python_calls: 32,
        rust: RustInstance::new::<Median>,
    },
    Bench {
        name: "median of 25, `sorted`",
        what: "`VecDeque`, `sort_by`",
        file: "median_sorted",
        output: "float",
        column: Column::Prices,
        length: 2048,
        calls: 512,
        python_calls: 64,
        rust: RustInstance::new::<MedianSorted>,
    },
    Bench {
        name: "constant list of 16",
        what: "slice",
        file: "constant_list",
        output: "float",
        column: Column::Below(16),
        length: 8192,
        calls: 8192,
        python_calls: 512,
        rust: RustInstance::new::<ConstantList>,
    },
    Bench {
        name: "histogram of 10 keys",
        what: "`HashMap`",
        file: "histogram",
        output: "int",
        column: Column::Below(10),
        length: 8192,
        calls: 8192,
        python_calls: 512,
        rust: RustInstance::new::<Histogram>,
    },
    Bench {
        name: "histogram of 100,000 keys",
        what: "`HashMap`",
        file: "histogram",
        output: "int",
        column: Column::Below(100_000),
        length: 1 << 20,
        calls: 8192,
        python_calls: 1024,
        rust: RustInstance::new::<Histogram>,
    },
    Bench {
        name: "iteration of 1,000 entries",
        what: "`HashMap`",
        file: "dict_iteration",
        output: "int",
        column: Column::Below(1000),
        length: 512,
        calls: 64,
        python_calls: 8,
        rust: RustInstance::new::<DictIteration>,
    },
    Bench {
        name: "count of distinct values",
        what: "`HashMap`",
        file: "count_distinct",
        output: "int",
        column: Column::Below(100_000),
        length: 1 << 16,
        calls: 8192,
        python_calls: 1024,
        rust: RustInstance::new::<CountDistinct>,
    },
];

impl Bench {
    fn is_of_dicts(&self) -> bool {
        self.what == "`HashMap`"
    }

    /// The cells of the input, the same in each run.
    fn column(&self) -> Vec<u64> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = std::iter::repeat_with(move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
        });
        let mut price = 100.0;
        let next = || {
            let word = random.next().unwrap_or_default();
            match self.column {
                Column::Prices => {
                    price += word as f64 / (1_u64 << 53) as f64 - 0.5;
                    f64::to_bits(price)
                }
                Column::Below(bound) => word % bound,
            }
        };
        std::iter::repeat_with(next).take(self.length).collect()
    }

    fn input(&self) -> &'static str {
        match self.column {
            Column::Prices => "float",
            Column::Below(_) => "int",
        }
    }

    fn has_weights(&self) -> bool {
        self.file == "constant_list"
    }
}

/// A process that runs a node on CPython and on the peer.
fn in_python(settings: &Settings, bench: &Bench, column: &[u64]) -> Result<(Python, Digests)> {
    let constants = if bench.has_weights() { serde_json::json!({"weights": WEIGHTS}) } else { serde_json::json!({}) };
    let script = ("containers.py", &*node_path(settings, bench));
    let after: [&str; 3] = [bench.input(), bench.output, &constants.to_string()];
    Python::of_node(settings, script, column, &[], (settings.peer.is_some(), &after))
}

/// The figures of a node, in nanoseconds a call, and ratios of what was measured in the same round.
struct Figures {
    compiled: Spread,
    /// By the tiers of LLVM.
    llvm: Vec<Spread>,
    rust: Spread,
    to_rust: Spread,
    /// Cranelift to LLVM O3.
    to_llvm: Option<f64>,
    peer: Option<Spread>,
    peer_to_compiled: Option<f64>,
    peer_to_llvm: Option<f64>,
    python: Spread,
    python_to_compiled: f64,
}

/// Measures nodes with containers.
///
/// # Errors
///
/// A node does not compile, or results differ.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let context = context()?;
    let mut part = Part::new("containers", "Lists and dicts");
    part.paragraph(
        "Nanoseconds a call of EXECUTE of the nodes in `bench/containers`. One loop in C calls our machine code, the \
         same node in Rust under the same ABI, and, in a process beside, the peer's machine code; CPython runs the same \
         source. All of them give the same results, and are measured in turn, in each round. Rust does what the node's \
         text does, an operation for an operation: with bounds checks, and a hash of one multiplication.",
    );
    part.paragraph(COMPILED_FOR);
    let (llvm, note) = match Engine::llvm() {
        Ok(tiers) => (tiers.to_vec(), None),
        Err(note) => (Vec::new(), Some(note)),
    };
    let mut engines = vec![Engine::cranelift()];
    engines.extend(llvm);
    let mut table = Table::new(&["node", "Cranelift", "LLVM O3", "LLVM O1", "Rust", "with", "peer", "CPython"]);
    let mut ratios = Table::new(&[
        "node",
        "Cranelift to Rust",
        "Cranelift to LLVM O3",
        "peer to Cranelift",
        "peer to LLVM O3",
        "CPython to Cranelift",
    ]);
    let (mut to_rust, mut to_llvm) = (Vec::new(), Vec::new());
    let (mut to_peer, mut llvm_to_peer) = (Vec::new(), Vec::new());
    for bench in &BENCHES {
        let found = measure(&context, settings, &engines, bench).with_context(|| bench.name)?;
        let dash = || "-".to_owned();
        let spread = |spread: Option<&Spread>| spread.map_or_else(dash, Spread::to_string);
        let ratio = |ratio: Option<f64>| ratio.map_or_else(dash, digits);
        eprintln!(
            "containers {}: {} ns, LLVM {}, Rust {}, peer {}",
            bench.name,
            found.compiled,
            spread(found.llvm.first()),
            found.rust,
            spread(found.peer.as_ref())
        );
        to_rust.push((bench, found.to_rust.median));
        to_llvm.extend(found.to_llvm.map(|ratio| (bench, ratio)));
        to_peer.extend(found.peer_to_compiled.map(|ratio| (bench, ratio)));
        llvm_to_peer.extend(found.peer_to_llvm.map(|ratio| (bench, ratio)));
        table.row([
            bench.name.to_owned(),
            found.compiled.to_string(),
            spread(found.llvm.first()),
            spread(found.llvm.get(1)),
            found.rust.to_string(),
            bench.what.to_owned(),
            spread(found.peer.as_ref()),
            digits(found.python.median),
        ]);
        ratios.row([
            bench.name.to_owned(),
            digits(found.to_rust.median),
            ratio(found.to_llvm),
            ratio(found.peer_to_compiled),
            ratio(found.peer_to_llvm),
            digits(found.python_to_compiled),
        ]);
    }
    part.table(&table);
    part.paragraph("Ratios are medians of those of each round.");
    part.table(&ratios);
    let mean = |list: &[(&Bench, f64)]| geometric_mean(list.iter().map(|(_, ratio)| *ratio));
    if let Some(mean) = mean(&to_peer) {
        let goal =
            format!("nodes with lists and dicts: Cranelift {PEER_GOAL} times faster than the peer, geometric mean");
        part.goal(goal, digits(mean), mean >= PEER_GOAL);
        if let Some((bench, least)) = to_peer.iter().min_by(|left, right| left.1.total_cmp(&right.1)) {
            let measured = format!("{} ({})", digits(*least), bench.name);
            part.goal("nodes with lists and dicts: Cranelift slower than the peer on none", measured, *least >= 1.0);
        }
    }
    if let Some(mean) = mean(&llvm_to_peer) {
        let goal =
            format!("nodes with lists and dicts: LLVM O3 {LLVM_PEER_GOAL} times faster than the peer, geometric mean");
        part.goal(goal, digits(mean), mean >= LLVM_PEER_GOAL);
    }
    let worst = to_llvm.iter().max_by(|left, right| left.1.total_cmp(&right.1));
    if let (Some(mean), Some((bench, most))) = (mean(&to_llvm), worst) {
        let median = Spread::of(&to_llvm.iter().map(|(_, ratio)| *ratio).collect::<Vec<_>>());
        let median = digits(median.map_or(mean, |spread| spread.median));
        let goal = format!("nodes with lists and dicts: Cranelift at most {LLVM_GOAL} times LLVM O3, geometric mean");
        let measured = format!("{}; median {median}, most {} ({})", digits(mean), digits(*most), bench.name);
        part.goal(goal, measured, mean <= LLVM_GOAL);
    }
    for (title, of_dicts) in [("lists", false), ("dicts", true)] {
        let ratios = to_rust.iter().filter(|(bench, _)| bench.is_of_dicts() == of_dicts);
        if let Some((bench, most)) = ratios.max_by(|left, right| left.1.total_cmp(&right.1)) {
            let measured = format!("{} ({})", digits(*most), bench.name);
            let goal = format!("nodes with {title}: Cranelift at most {RUST_GOAL} times Rust, each");
            part.goal(goal, measured, *most <= RUST_GOAL);
        }
    }
    part.table_of_goals();
    if let Some(note) = &settings.peer_note {
        part.paragraph(format!("The peer was not measured: {note}."));
    }
    if let Some(note) = note {
        part.paragraph(format!("LLVM was not measured: {note}."));
    }
    Ok(part)
}

fn node_path(settings: &Settings, bench: &Bench) -> std::path::PathBuf {
    settings.root.join("bench/containers").join(bench.file).with_extension("py")
}

fn request(settings: &Settings, bench: &Bench) -> Result<CompileRequest> {
    let path = node_path(settings, bench);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let request = CompileRequest::new(Source::new("node.py", text));
    Ok(match bench.has_weights() {
        true => request.constant("weights", Value::List(WEIGHTS.map(Value::Float).to_vec())),
        false => request,
    })
}

/// Code of a node and what it is called with. The code outlives the host.
struct Started {
    node: NodeFunction,
    host: Host,
    _result: CompilationResult,
}

impl Started {
    /// A node of a compilation, after START.
    fn new(result: CompilationResult) -> Result<Self> {
        let node = function(result.function_pointer().context("no native code")?);
        let host = Host::new(&result)?;
        // SAFETY: the host was made for the function, whose code is alive.
        unsafe { host.start(node) };
        Ok(Self { node, host, _result: result })
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // SAFETY: it was started with this host, and the code is alive.
        unsafe { self.host.stop(self.node) };
    }
}

/// One copy of all that is measured in this process: the node by engine, and in Rust.
struct Instances {
    engines: Vec<Started>,
    rust: RustInstance,
    rust_host: Host,
}

fn measure(context: &CompilationContext, settings: &Settings, engines: &[Engine], bench: &Bench) -> Result<Figures> {
    let column = bench.column();
    let request = request(settings, bench)?;
    let (mut copies, mut expected) = (Vec::new(), None);
    let count = if bench.length < ONE_COPY_FROM { COPIES } else { 1 };
    for _ in 0..count {
        let rust = (bench.rust)();
        let rust_host = Host::around(rust.node());
        // SAFETY: the function is called with a host made for it, whose node is alive.
        let digest = unsafe { rust_host.digest(rust.function(), &column) };
        let mut copy = Instances { engines: Vec::new(), rust, rust_host };
        for engine in engines {
            let started = Started::new(engine.compile(context, &request)?)?;
            // SAFETY: the function is called with a host made for it, whose code is alive.
            let found = unsafe { started.host.digest(started.node, &column) };
            ensure!(found == digest, "the results of Rust and {} differ", engine.name);
            copy.engines.push(started);
        }
        ensure!(expected.is_none_or(|expected| expected == digest), "the results differ between copies");
        expected = Some(digest);
        copies.push(copy);
    }
    let (mut python, digests) = in_python(settings, bench, &column)?;
    ensure!(Some(digests.python) == expected, "the results of CPython differ");
    if let Some(error) = &digests.error {
        eprintln!("the peer does not run {}: {error}", bench.name);
    }
    ensure!(digests.peer.is_none_or(|digest| Some(digest) == expected), "the results of the peer differ");
    // By engine, and at last in Rust.
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); engines.len() + 1];
    let (mut ratios, mut llvm_ratios) = (Vec::new(), Vec::new());
    let (mut peer_times, mut python_times) = (Vec::new(), Vec::new());
    let (mut peer_ratios, mut peer_llvm_ratios, mut python_ratios) = (Vec::new(), Vec::new(), Vec::new());
    let median = |samples: &[f64]| Spread::of(samples).map_or(f64::NAN, |spread| spread.median);
    let mut at = 0;
    for round in 0..=settings.container_rounds {
        let copy = &copies[round % count];
        let mut slices = vec![Vec::new(); engines.len() + 1];
        for _ in 0..SLICES {
            at = if at + bench.calls > column.len() { 0 } else { at };
            let rows = &column[at..at + bench.calls];
            at += bench.calls;
            for (slices, started) in slices.iter_mut().zip(&copy.engines) {
                // SAFETY: each function is called with a host made for it, whose code is alive.
                slices.push(unsafe { started.host.drive(black_box(started.node), rows, rows.len()) });
            }
            // SAFETY: as above, with its node.
            slices[engines.len()]
                .push(unsafe { copy.rust_host.drive(black_box(copy.rust.function()), rows, rows.len()) });
        }
        let first = at - bench.calls;
        let peer = match digests.peer {
            Some(_) => Some(python.measure("peer", first, bench.calls, SLICES / 3)?),
            None => None,
        };
        let in_python = python.measure("python", first, bench.python_calls, SLICES / 3)?;
        if round == 0 {
            continue;
        }
        let medians: Vec<f64> = slices.iter().map(|times| median(times)).collect();
        times.iter_mut().zip(&medians).for_each(|(times, median)| times.push(*median));
        let (compiled, in_rust) = (medians[0], medians[engines.len()]);
        // The tiers of LLVM follow Cranelift.
        let llvm = (engines.len() > 1).then(|| medians[1]);
        ratios.push(compiled / in_rust);
        llvm_ratios.extend(llvm.map(|llvm| compiled / llvm));
        peer_times.extend(peer);
        peer_ratios.extend(peer.map(|peer| peer / compiled));
        peer_llvm_ratios.extend(peer.zip(llvm).map(|(peer, llvm)| peer / llvm));
        python_times.push(in_python);
        python_ratios.push(in_python / compiled);
    }
    let of = |samples: &[f64]| Spread::of(samples).context("no rounds");
    let ratio = |samples: &[f64]| Spread::of(samples).map(|spread| spread.median);
    Ok(Figures {
        compiled: of(&times[0])?,
        llvm: times[1..engines.len()].iter().map(|times| of(times)).collect::<Result<_>>()?,
        rust: of(&times[engines.len()])?,
        to_rust: of(&ratios)?,
        to_llvm: ratio(&llvm_ratios),
        peer: Spread::of(&peer_times),
        peer_to_compiled: ratio(&peer_ratios),
        peer_to_llvm: ratio(&peer_llvm_ratios),
        python: of(&python_times)?,
        python_to_compiled: median(&python_ratios),
    })
}
