//! Ticks of the recorded scalar cases on every engine, in Rust, and on the peer.

use std::hint::black_box;

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::{CompilationContext, CompilationResult};

use crate::cases::{self, Case};
use crate::engines::Engine;
use crate::host::{Host, NodeFunction, function};
use crate::peer_code::PeerCode;
use crate::report::{Part, Table, verdict};
use crate::settings::Settings;
use crate::statistics::{Spread, digits, geometric_mean};
use crate::tick_rust::rust_function;

/// Calls in a slice.
const CALLS: usize = 4096;

/// Compilations of each engine whose code lies at different addresses; each round calls another one.
const COPIES: usize = 4;

/// What machine code is measured of.
const CODES: [&str; 5] = ["Cranelift", "LLVM O3", "LLVM O1", "Rust", "peer"];
const CRANELIFT: usize = 0;
const LLVM: usize = 1;
const RUST: usize = 3;
const PEER: usize = 4;

/// What is compared with what, both by their place in [`CODES`].
const RATIOS: [(&str, usize, usize); 5] = [
    ("peer to Cranelift", PEER, CRANELIFT),
    ("peer to LLVM O3", PEER, LLVM),
    ("Cranelift to LLVM O3", CRANELIFT, LLVM),
    ("Cranelift to Rust", CRANELIFT, RUST),
    ("LLVM O3 to Rust", LLVM, RUST),
];

/// Figures of one case: by code where it is there, and by ratio the median over rounds.
struct CaseTimes {
    name: String,
    times: [Option<Spread>; CODES.len()],
    interpreted: Spread,
    ratios: [Option<f64>; RATIOS.len()],
}

/// Measures the cases and adds what was found, with the goals.
///
/// # Errors
///
/// The cases cannot be read.
pub(crate) fn measure(context: &CompilationContext, settings: &Settings, part: &mut Part) -> Result<()> {
    let (llvm, note) = match Engine::llvm() {
        Ok(tiers) => (tiers.to_vec(), None),
        Err(note) => (Vec::new(), Some(note)),
    };
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    for case in &cases::scalar_cases(&settings.corpus)? {
        match case_times(context, settings, &llvm, case) {
            Ok(times) => {
                let listed: Vec<String> = times.times.iter().flatten().map(Spread::to_string).collect();
                eprintln!("tick {}: {} ns", case.name, listed.join(", "));
                found.push(times);
            }
            Err(error) => left_out.push(format!("`{}` ({error:#})", case.name)),
        }
    }
    part.paragraph(
        "Recorded cases, their rows replayed, in nanoseconds a call. One loop in C calls all machine code in turn, in one \
         process, on the same cells at the same addresses: that of each engine, that of the same node written by hand in \
         Rust (opt-level 3, for any x86-64 where it is that), and the peer's, which is its optimised module as the target \
         machine of its own engine writes it. All give the same outputs and states. The interpreter is called by a loop in \
         Rust. LLVM O3 is the level `Speed` of the LLVM engine, LLVM O1 its level `Quick`.",
    );
    let mut table = Table::new(&["case", CODES[0], CODES[1], CODES[2], CODES[3], CODES[4], "interpreter"]);
    let mut ratios = Table::new(&["case", RATIOS[0].0, RATIOS[1].0, RATIOS[2].0, RATIOS[3].0, RATIOS[4].0]);
    let dash = || "-".to_owned();
    for case in &found {
        let times = case.times.iter().map(|times| times.map_or_else(dash, |times| times.to_string()));
        let name = format!("`{}`", case.name);
        table.row(std::iter::once(name.clone()).chain(times).chain([digits(case.interpreted.median)]));
        ratios.row(std::iter::once(name).chain(case.ratios.iter().map(|ratio| ratio.map_or_else(dash, digits))));
    }
    part.table(&table);
    part.paragraph("Ratios are medians of those of each round.");
    part.table(&ratios);
    goals(&found, part);
    if let Some(note) = &settings.peer_note {
        part.paragraph(format!("The peer was not measured: {note}."));
    }
    if let Some(note) = note {
        part.paragraph(format!("LLVM was not measured: {note}."));
    }
    if !left_out.is_empty() {
        part.paragraph(format!("Left out: {}.", left_out.join(", ")));
    }
    Ok(())
}

/// The rows of goals that what was measured decides.
fn goals(found: &[CaseTimes], part: &mut Part) {
    let of = |ratio: usize| -> Vec<(&str, f64)> {
        found.iter().filter_map(|case| Some((case.name.as_str(), case.ratios[ratio]?))).collect()
    };
    let mean = |list: &[(&str, f64)]| geometric_mean(list.iter().map(|(_, ratio)| *ratio));
    let named = |list: Vec<&(&str, f64)>| -> String {
        let names: Vec<String> = list.iter().map(|(name, ratio)| format!("`{name}` {}", digits(*ratio))).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let mut table = Table::new(&["goal", "measured", ""]);
    let mut row = |goal: &str, measured: String, reached: bool| {
        table.row([goal.to_owned(), measured, verdict(reached).to_owned()]);
    };
    let cranelift = of(0);
    if let Some(mean) = mean(&cranelift) {
        row("peer to Cranelift, geometric mean at least 1.0", digits(mean), mean >= 1.0);
        let under = |bound: f64| cranelift.iter().filter(|(_, ratio)| *ratio < bound).collect::<Vec<_>>();
        row("peer to Cranelift, none under 0.8", named(under(0.8)), under(0.8).is_empty());
        row("peer to Cranelift, those under 1.0 have a reason below", named(under(1.0)), true);
    }
    let llvm = of(1);
    if let Some(mean) = mean(&llvm) {
        let slower: Vec<_> = llvm.iter().filter(|(_, ratio)| *ratio < 0.97).collect();
        let reached = slower.is_empty();
        row("LLVM O3 slower than the peer by more than 3 % on none", named(slower), reached);
        row("peer to LLVM O3, geometric mean", digits(mean), mean >= 0.97);
    }
    for (ratio, goal, most) in [
        (2, "Cranelift to LLVM O3, geometric mean at most 1.25", 1.25),
        (3, "Cranelift to Rust, geometric mean at most 1.25", 1.25),
        (4, "LLVM O3 to Rust, geometric mean at most 1.1", 1.1),
    ] {
        let list = of(ratio);
        let worst = list.iter().max_by(|left, right| left.1.total_cmp(&right.1));
        if let (Some(mean), Some((name, worst))) = (mean(&list), worst) {
            let measured = format!("{}, most {} (`{name}`)", digits(mean), digits(*worst));
            row(goal, measured, mean <= most);
        }
    }
    part.table(&table);
}

fn native(result: &CompilationResult) -> Result<NodeFunction> {
    Ok(function(result.function_pointer().context("no native code")?))
}

/// Machine code of a case: functions that do the same at different addresses, and their place in [`CODES`].
struct Code {
    place: usize,
    functions: Vec<NodeFunction>,
}

fn case_times(context: &CompilationContext, settings: &Settings, llvm: &[Engine], case: &Case) -> Result<CaseTimes> {
    let mut results = Vec::new();
    let mut codes = Vec::new();
    for (place, engine) in std::iter::once(&Engine::cranelift()).chain(llvm).enumerate() {
        let made: Vec<_> = (0..COPIES).map(|_| engine.compile(context, &case.request)).collect::<Result<_>>()?;
        codes.push(Code { place, functions: made.iter().map(native).collect::<Result<_>>()? });
        results.extend(made);
    }
    let in_rust = rust_function(&case.name).context("it is not written down in Rust")?;
    codes.push(Code { place: RUST, functions: vec![in_rust] });
    let peer_code = match &settings.peer {
        Some(peer) => Some(PeerCode::load(settings, peer, case).context("the peer")?),
        None => None,
    };
    codes.extend(peer_code.as_ref().map(|code| Code { place: PEER, functions: vec![code.function()] }));
    let slow = Engine::interpreter().compile(context, &case.request)?;
    let (host, slow_host) = (Host::new(&results[0])?, Host::new(&slow)?);
    // SAFETY: all functions are those of the node that the host was made for, and live as long as results and library.
    let expected = unsafe { host.outcomes(codes[0].functions[0], &case.rows) };
    for code in &codes {
        // SAFETY: as above.
        let same = code.functions.iter().all(|node| unsafe { host.outcomes(*node, &case.rows) } == expected);
        ensure!(same, "the results of {} differ", CODES[code.place]);
    }
    let mut times = CODES.map(|_| Vec::new());
    let mut ratios = RATIOS.map(|_| Vec::new());
    let mut interpreted = Vec::new();
    for round in 0..=settings.tick_rounds {
        let mut slices = CODES.map(|_| Vec::new());
        for slice in 0..settings.tick_slices {
            // Each begins once.
            for turn in 0..codes.len() {
                let code = &codes[(turn + slice) % codes.len()];
                let node = code.functions[round % code.functions.len()];
                host.reset();
                // SAFETY: as above.
                slices[code.place].push(unsafe { host.drive(black_box(node), &case.rows, CALLS) });
            }
        }
        // SAFETY: the host was made for the code, which is alive.
        let slow_time = unsafe { slow_host.drive_code(&**slow.code(), &case.rows, CALLS / 64) };
        if round == 0 {
            continue;
        }
        interpreted.push(slow_time);
        let medians = slices.map(|slices| Spread::of(&slices).map(|spread| spread.median));
        times.iter_mut().zip(medians).for_each(|(times, median)| times.extend(median));
        for (list, (_, above, below)) in ratios.iter_mut().zip(RATIOS) {
            list.extend(medians[above].zip(medians[below]).map(|(above, below)| above / below));
        }
    }
    drop(peer_code);
    Ok(CaseTimes {
        name: case.name.clone(),
        times: times.map(|times| Spread::of(&times)),
        interpreted: Spread::of(&interpreted).ok_or_else(|| anyhow!("no rounds"))?,
        ratios: ratios.map(|ratios| Spread::of(&ratios).map(|spread| spread.median)),
    })
}
