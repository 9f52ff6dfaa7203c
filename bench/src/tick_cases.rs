//! Ticks of the recorded scalar cases on every engine, in Rust, and on the peer.

use std::fs;
use std::hint::black_box;

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::{CompilationContext, CompilationResult};

use crate::cases::{self, Case};
use crate::engines::Engine;
use crate::host::{Host, NodeFunction, function};
use crate::peer_code::PeerCode;
use crate::report::{Part, Table, text_behind};
use crate::settings::Settings;
use crate::statistics::{Spread, count, digits, geometric_mean};
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

/// What the peer takes of the time of Cranelift on no case.
const LEAST: f64 = 0.8;

/// From here on a case is as fast as the peer's: a hundredth is noise.
const EQUAL: f64 = 0.99;

/// The same on LLVM, and for the mean.
const LLVM_EQUAL: f64 = 0.97;

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
         Rust (opt-level 3), and the peer's, which is its optimised module as the target machine of its own engine writes it. \
         All give the same outputs and states. The interpreter is called by a loop in Rust, in the same rounds. LLVM O3 is \
         the level `Speed` of the LLVM engine, LLVM O1 its level `Quick`.",
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
    let document = settings.root.join("docs/benchmarks.md");
    let document = fs::read_to_string(&document).with_context(|| format!("reading {}", document.display()))?;
    goals(&found, &document, part);
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

/// The goals that what was measured decides. The document has the reasons for what is slower.
fn goals(found: &[CaseTimes], document: &str, part: &mut Part) {
    let of = |ratio: usize| -> Vec<(&str, f64)> {
        found.iter().filter_map(|case| Some((case.name.as_str(), case.ratios[ratio]?))).collect()
    };
    let mean = |list: &[(&str, f64)]| geometric_mean(list.iter().map(|(_, ratio)| *ratio));
    let under = |list: &[(&str, f64)], bound: f64| -> Vec<String> {
        let slower = list.iter().filter(|(_, ratio)| *ratio < bound);
        slower.map(|(name, ratio)| format!("`{name}` {}", digits(*ratio))).collect()
    };
    let none_or = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let cranelift = of(0);
    let streaming: Vec<_> = cranelift.iter().copied().filter(|(name, _)| name.starts_with("streaming/")).collect();
    for (which, list) in [("streaming cases", &streaming), ("streaming and state cases", &cranelift)] {
        if let Some(mean) = mean(list) {
            let goal = format!("peer to Cranelift, {} {which}, geometric mean at least 1.0", count(list.len()));
            part.goal(goal, digits(mean), mean >= 1.0);
        }
    }
    if !cranelift.is_empty() {
        let slow = under(&cranelift, LEAST);
        let goal = format!("peer to Cranelift, no streaming or state case under {LEAST}");
        part.goal(goal, none_or(&slow), slow.is_empty());
        let reasons = reasons(text_behind(document, part.name()));
        let has_reason = |name: &str| reasons.iter().any(|reason| name.rsplit('/').next() == Some(reason));
        let slower = under(&cranelift, EQUAL);
        let unexplained = cranelift.iter().filter(|(name, ratio)| *ratio < EQUAL && !has_reason(name));
        let unexplained: Vec<String> = unexplained.map(|(name, _)| format!("`{name}`")).collect();
        let goal = format!("peer to Cranelift, those under {EQUAL} (1 % is noise) have a reason below the part");
        let mut measured = none_or(&slower);
        if !unexplained.is_empty() {
            measured.push_str(&format!("; without a reason: {}", unexplained.join(", ")));
        }
        part.goal(goal, measured, unexplained.is_empty());
    }
    let llvm = of(1);
    if let Some(mean) = mean(&llvm) {
        let slower = under(&llvm, LLVM_EQUAL);
        let goal = "LLVM O3 slower than the peer by more than 3 % on no streaming or state case";
        part.goal(goal, none_or(&slower), slower.is_empty());
        let goal = format!("peer to LLVM O3, streaming and state cases, geometric mean at least {LLVM_EQUAL}");
        part.goal(goal, digits(mean), mean >= LLVM_EQUAL);
    }
    for (ratio, most) in [(2, 1.25), (3, 1.25), (4, 1.1)] {
        let list = of(ratio);
        let worst = list.iter().max_by(|left, right| left.1.total_cmp(&right.1));
        let median = Spread::of(&list.iter().map(|(_, ratio)| *ratio).collect::<Vec<_>>());
        if let (Some(mean), Some((name, worst)), Some(median)) = (mean(&list), worst, median) {
            let median = digits(median.median);
            let measured = format!("{}; median {median}, most {} (`{name}`)", digits(mean), digits(*worst));
            let goal = format!("{}, streaming and state cases, geometric mean at most {most}", RATIOS[ratio].0);
            part.goal(goal, measured, mean <= most);
        }
    }
    part.table_of_goals();
}

/// The cases that have a reason: in a list, the names before the first colon of an item.
fn reasons(text: &str) -> Vec<&str> {
    let items = text.lines().filter_map(|line| line.trim_start().strip_prefix("- "));
    let named = items.filter_map(|item| Some(item.split_once(':')?.0));
    named.flat_map(|names| names.split('`').skip(1).step_by(2)).collect()
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

#[cfg(test)]
mod tests {
    use super::{CODES, CaseTimes, RATIOS, goals, reasons};
    use crate::goals::Goal;
    use crate::report::Part;
    use crate::statistics::Spread;

    /// The goals of cases with these times of the peer to ours by Cranelift.
    fn decided(cases: &[(&str, f64)], document: &str) -> Vec<Goal> {
        let case = |(name, ratio): &(&str, f64)| {
            let mut ratios = RATIOS.map(|_| None);
            ratios[0] = Some(*ratio);
            let interpreted = Spread { low: 1.0, median: 1.0, high: 1.0 };
            CaseTimes { name: (*name).to_owned(), times: CODES.map(|_| None), interpreted, ratios }
        };
        let found: Vec<CaseTimes> = cases.iter().map(case).collect();
        let mut part = Part::new("tick", "Ticks");
        goals(&found, document, &mut part);
        part.goals().to_vec()
    }

    fn verdicts(cases: &[(&str, f64)], document: &str) -> Vec<bool> {
        decided(cases, document).iter().map(|goal| goal.reached).collect()
    }

    #[test]
    fn slow_cases_miss_the_goals() {
        let fast = [("streaming/a", 2.0), ("streaming/b", 0.995), ("state/c", 1.0)];
        assert_eq!(verdicts(&fast, ""), [true; 4]);
        // State cases count for the bound of each case.
        let slow = [("streaming/a", 1.2), ("streaming/b", 1.2), ("state/c", 0.79)];
        let document = "<!-- end tick -->\n\n- `c`: it is slow.\n";
        assert_eq!(verdicts(&slow, document), [true, true, false, true]);
        let slow = [("streaming/a", 0.9), ("state/c", 2.0)];
        assert_eq!(verdicts(&slow, "<!-- end tick -->\n- `a`: so it is.\n"), [false, true, true, true]);
    }

    #[test]
    fn slower_cases_need_a_reason_of_their_own() {
        let cases = [("streaming/s_slow", 0.9), ("streaming/s_other", 0.98), ("streaming/s_fast", 2.0)];
        let last = |document: &str| decided(&cases, document).pop().expect("the goal of reasons");
        let missed = last(
            "<!-- end tick -->\n\n- `s_slow`: it divides, as `s_other` does.\n\n<!-- begin run -->\n- `s_other`: x",
        );
        assert!(!missed.reached);
        assert!(missed.measured.ends_with("; without a reason: `streaming/s_other`"), "{}", missed.measured);
        assert!(last("<!-- end tick -->\n\n- `s_slow`, `s_other`: they divide.\n").reached);
        assert!(!last("no such part").reached);
        assert_eq!(reasons("- `a`, `b`: because\n  of `c`: d\nA `d`: no item\n- no colon `e`\n"), ["a", "b"]);
    }

    /// What is published as slower has its reason in the document that stands beside it.
    #[test]
    fn the_document_has_reasons() {
        let document = include_str!("../../docs/benchmarks.md");
        let named = reasons(crate::report::text_behind(document, "tick"));
        assert!(named.contains(&"s_newton_sqrt") && named.contains(&"st_in_loop"), "{named:?}");
    }
}
