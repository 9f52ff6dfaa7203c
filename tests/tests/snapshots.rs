//! A node that goes on from a snapshot does what it would have done: every case, cut at its ticks, in a new instance, on
//! the other engine, and in another process.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use cfunc_cli::replay::find_cases;
use cfunc_compiler::{CompileRequest, NodeInstance, SnapshotError, Source, Value, backends_at_all_levels, compile};
use cfunc_tests::{ResumableCase, ResumeJob, context, path};

/// Cases with more ticks are cut at some of them.
const ALL_CUT: usize = 8;

/// The ticks before which a case is cut: 0 is after START, the last one before STOP.
fn cuts(ticks: usize) -> Vec<usize> {
    if ticks <= ALL_CUT {
        return (0..=ticks).collect();
    }
    vec![0, 1, 2, ticks / 2, ticks - 1, ticks]
}

fn cases() -> Vec<PathBuf> {
    find_cases(&[path("corpus")]).expect("the corpus is readable")
}

/// What an uninterrupted run gives, and the snapshots on its way.
struct Uninterrupted {
    lines: Vec<String>,
    states: String,
    snapshots: Vec<(usize, Vec<u8>)>,
}

impl Uninterrupted {
    fn run(case: &ResumableCase) -> Self {
        let cuts = cuts(case.ticks());
        let mut instance = case.instance();
        instance.start().expect("START succeeds");
        let (mut lines, mut snapshots) = (Vec::new(), Vec::new());
        for tick in 0..=case.ticks() {
            if cuts.contains(&tick) {
                snapshots.push((tick, instance.snapshot().expect("every state of the cases is saved")));
            }
            if tick < case.ticks() {
                lines.push(case.tick(tick, &mut instance));
            }
        }
        let states = case.states(&instance);
        Self { lines, states, snapshots }
    }

    fn from(&self, tick: usize) -> String {
        self.lines[tick..].iter().map(|line| format!("{line}\n")).chain([self.states.clone()]).collect()
    }
}

#[test]
fn every_case_goes_on_from_a_snapshot_on_every_engine_and_in_another_process() {
    let context = context();
    let (mut jobs, mut expected) = (Vec::new(), Vec::new());
    let (mut resumed, mut with_containers) = (0, 0);
    for (number_of_case, path) in cases().into_iter().enumerate() {
        let engines = backends_at_all_levels().into_iter();
        let engines: Vec<ResumableCase> =
            engines.filter_map(|engine| ResumableCase::new(&context, &path, engine).ok()).collect();
        for (index, case) in engines.iter().enumerate() {
            let run = Uninterrupted::run(case);
            with_containers += usize::from(!case.result().metadata().nrt_state_indices().is_empty());
            for (number, (tick, snapshot)) in run.snapshots.iter().enumerate() {
                // On two engines each, others for the next snapshot: each pair is met in some case.
                for turn in [number, number + 1] {
                    let other = &engines[(number_of_case + turn + index) % engines.len()];
                    let name = other.result().backend_name();
                    let what = format!("{} cut at {tick}, {} to {name}", path.display(), case.result().backend_name());
                    assert_eq!(case.result().semantic_key(), other.result().semantic_key());
                    let outcome = other.resumed(*tick, snapshot).unwrap_or_else(|error| panic!("{what}: {error}"));
                    assert_eq!(outcome, run.from(*tick), "{what}");
                    resumed += 1;
                }
                // In the other process the engines take turns.
                let engine = engines[(number + index) % engines.len()].result().backend_name().to_owned();
                let case = path.display().to_string();
                expected.push((format!("{case} cut at {tick}"), run.from(*tick)));
                jobs.push(ResumeJob { engine, tick: *tick, snapshot: snapshot.clone(), case });
            }
        }
    }
    assert!(resumed > 3_000 && with_containers > 40, "{resumed} resumed, {with_containers} with containers");
    let outcomes = in_another_process(&jobs);
    assert_eq!(outcomes.len(), jobs.len());
    for (outcome, (what, expected)) in outcomes.iter().zip(&expected) {
        assert_eq!(*outcome, format!("{:?}", Ok::<_, String>(expected)), "{what}");
    }
}

/// What a second process says of jobs, in order.
fn in_another_process(jobs: &[ResumeJob]) -> Vec<String> {
    let mut process = Command::new(env!("CARGO_BIN_EXE_resume"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the process starts");
    let mut input = process.stdin.take().expect("it is piped");
    let lines: Vec<String> = jobs.iter().map(ResumeJob::line).collect();
    let writer = std::thread::spawn(move || {
        for line in lines {
            writeln!(input, "{line}").expect("the process reads");
        }
    });
    let mut output = String::new();
    process.stdout.take().expect("it is piped").read_to_string(&mut output).expect("the process writes UTF-8");
    writer.join().expect("the process read all of it");
    assert!(process.wait().expect("the process ends").success());
    output.lines().map(str::to_owned).collect()
}

#[test]
fn jobs_come_back_from_their_lines() {
    let job = ResumeJob { engine: "e".to_owned(), tick: 7, snapshot: vec![0, 255, 16], case: "a b/c.json".to_owned() };
    assert_eq!(ResumeJob::parse(&job.line()).as_ref(), Some(&job));
    assert_eq!(ResumeJob::parse("e 7 0g x"), None);
}

const HISTORY: &str = "
@node
def history(x: Signal[int], y: Signal[float], most: int) -> Signal[float]:
    seen: State[dict[int, float]] = create_new_dict(int, float)
    order: State[list[int]] = create_new_list(int)
    total: State[float] = 0.0
    if len(order) >= most:
        seen.pop(order.pop(0))
    if x not in seen:
        order.append(x)
    seen[x] = y
    total = 0.0
    for key in seen:
        total = total * 0.5 + seen[key]
    return total
";

fn history(most: i64, text: &str) -> NodeInstance {
    let request = CompileRequest::new(Source::new("history.py", text)).constant("most", most);
    let result = compile(&context(), &request).unwrap_or_else(|error| panic!("{error}"));
    result.instantiate().expect("it has cells")
}

fn tick(node: &mut NodeInstance, x: i64) -> Option<Value> {
    node.set_value(0, &Value::Integer(x)).expect("an int");
    if x % 3 == 0 {
        node.set_value(1, &Value::Float(x as f64 * 0.25)).expect("a float");
    }
    node.execute().expect("a tick");
    node.output_value(0)
}

fn run_history(most: i64) -> NodeInstance {
    let mut node = history(most, HISTORY);
    node.start().expect("START");
    for x in [3, 9, 4, 3, -1, 12] {
        tick(&mut node, x);
    }
    node
}

#[test]
fn a_changed_constant_keeps_the_states() {
    let snapshot = run_history(10).snapshot().expect("it is saved");
    let mut other = history(3, HISTORY);
    let refused = other.restore(&snapshot).expect_err("another constant is another function");
    assert!(matches!(refused, SnapshotError::OtherFunction { .. }), "{refused}");
    other.restore_compatible(&snapshot).expect("the states are the same");
    // The same restored into the same function: the bytes are the same again but for the hash of the function.
    let mut same = history(10, HISTORY);
    same.restore_compatible(&snapshot).expect("the states are the same");
    assert_eq!(same.snapshot().as_deref(), Ok(&*snapshot));
    assert_eq!(tick(&mut same, 3), tick(&mut run_history(10), 3));
    assert_eq!(tick(&mut same, 9), tick(&mut same, 9), "and it goes on");
    assert!(other.is_started());
    tick(&mut other, 5);
    assert_eq!(other.snapshot().map(|bytes| bytes.len() < snapshot.len() + 64), Ok(true));
}

#[test]
fn other_states_are_refused_and_named() {
    let snapshot = run_history(10).snapshot().expect("it is saved");
    for (from, to, message) in [
        ("total: State[float] = 0.0", "total: State[int] = 0", "it has `total: float` in the place of `total: int`"),
        ("total", "sum_of", "in the place of `sum_of: float`"),
        (
            "dict[int, float]",
            "dict[int, int]",
            "it has `seen: dict[int, float]` in the place of `seen: dict[int, int]`",
        ),
        ("    total: State", "    more: State[bool] = False\n    total: State", "it has no `more: bool`"),
    ] {
        let mut text = HISTORY.replace(from, to);
        if to.contains("dict") {
            text = text.replace("create_new_dict(int, float)", "create_new_dict(int, int)").replace("= y", "= int(y)");
        }
        if to.starts_with("total: State[int]") {
            text = text
                .replace("total = 0.0", "total = 0")
                .replace("total * 0.5 + seen[key]", "int(total * 0.5 + seen[key])");
        }
        let mut other = history(10, &text);
        other.start().expect("START");
        let before = other.snapshot();
        let refused = other.restore_compatible(&snapshot).expect_err("the states are others");
        assert!(matches!(&refused, SnapshotError::OtherStates(reason) if reason.contains(message)), "{refused}");
        assert_eq!(other.snapshot(), before);
    }
    // And the other way round, one state more.
    let text = HISTORY.replace("    total: State", "    more: State[bool] = False\n    total: State");
    let mut more = history(10, &text);
    more.start().expect("START");
    let refused = history(10, HISTORY).restore_compatible(&more.snapshot().expect("it is saved"));
    assert_eq!(refused, Err(SnapshotError::OtherStates("it has `more: bool` besides".to_owned())));
}

#[test]
fn inputs_of_another_version_are_found_by_name() {
    let snapshot = run_history(10).snapshot().expect("it is saved");
    let swapped =
        HISTORY.replace("x: Signal[int], y: Signal[float]", "z: Signal[float], y: Signal[float], x: Signal[int]");
    let mut other = history(10, &swapped);
    other.restore_compatible(&snapshot).expect("the states are the same");
    let mut node = run_history(10);
    // `y` did not tick again: its cell holds what it held.
    node.set_value(0, &Value::Integer(4)).expect("an int");
    other.set_value(2, &Value::Integer(4)).expect("an int");
    node.execute().expect("a tick");
    other.execute().expect("a tick");
    assert_eq!(other.output_value(0), node.output_value(0));
}

#[test]
fn members_of_enumerations_are_part_of_the_states() {
    const SIDES: &str = "
from enum import Enum

class Side(Enum):
    BUY = 1
    SELL = -1

@node
def sides(x: Signal[int]) -> Signal[int]:
    last: State[Side] = Side.BUY
    counts: State[dict[Side, int]] = create_new_dict(Side, int)
    last = Side.BUY if x > 0 else Side.SELL
    counts[last] = counts.get(last, 0) + 1
    return counts[last] * last.value
";
    let compiled = |text: &str| {
        let request = CompileRequest::new(Source::new("sides.py", text));
        compile(&context(), &request).unwrap_or_else(|error| panic!("{error}")).instantiate().expect("it has cells")
    };
    let mut node = compiled(SIDES);
    node.start().expect("START");
    for x in [1, -1, -1] {
        node.set_value(0, &Value::Integer(x)).expect("an int");
        node.execute().expect("a tick");
    }
    let snapshot = node.snapshot().expect("it is saved");
    let mut other = compiled(SIDES);
    other.restore(&snapshot).expect("of the same node");
    for node in [&mut node, &mut other] {
        node.set_value(0, &Value::Integer(-5)).expect("an int");
        node.execute().expect("a tick");
        assert_eq!(node.output_value(0), Some(Value::Integer(-3)));
    }
    let refused = compiled(&SIDES.replace("SELL = -1", "SELL = 2")).restore_compatible(&snapshot);
    assert!(
        matches!(&refused, Err(SnapshotError::OtherStates(reason)) if reason.contains("other members")),
        "{refused:?}"
    );
}

#[test]
fn every_phase_is_restored_as_it_was() {
    let mut node = history(10, HISTORY);
    let created = node.snapshot().expect("it is saved");
    node.start().expect("START");
    tick(&mut node, 3);
    let started = node.snapshot().expect("it is saved");
    node.stop().expect("STOP");
    let stopped = node.snapshot().expect("it is saved");
    for (snapshot, is_started) in
        [(&created, false), (&started, true), (&stopped, false), (&started, true), (&created, false)]
    {
        node.restore(snapshot).expect("of the same node");
        assert_eq!(node.is_started(), is_started);
        assert_eq!(node.output_value(0), None);
        assert_eq!(node.snapshot().as_ref(), Ok(snapshot));
        if is_started {
            assert!(node.start().is_err());
            assert_eq!(tick(&mut node, 9), tick(&mut node, 9));
        } else {
            assert!(node.execute().is_err());
            node.start().expect("START");
            assert_eq!(tick(&mut node, 3), Some(Value::Float(0.75)));
        }
    }
}
