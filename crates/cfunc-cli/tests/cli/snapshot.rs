//! `cfunc run --snapshot-out` and `--restore`: a stream that is stopped and goes on.

use crate::common::{Folder, Outcome};

const WINDOW: &str = "\
@node
def mean(x: Signal[float], y: Signal[float], most: int) -> Signal[float]:
    window: State[list[float]] = create_new_list(float)
    window.append(x)
    if len(window) > most:
        window.pop(0)
    total = 0.0
    for value in window:
        total += value
    return total / len(window) + y
";

const ROWS: [&str; 6] = ["1,10", "2,", "4,", "8,20", "16,", "32,"];

fn data(rows: &[&str]) -> String {
    format!("x,y\n{}\n", rows.join("\n"))
}

fn folder(rows: &[&str]) -> Folder {
    Folder::with(WINDOW, data(rows))
}

#[track_caller]
fn fails(outcome: &Outcome, status: i32, part: &str) {
    assert_eq!(outcome.status, status, "{}", outcome.errors);
    assert!(outcome.errors.contains(part), "no `{part}` in: {}", outcome.errors);
}

/// The values of the output's rows.
#[track_caller]
fn values(outcome: &Outcome) -> Vec<&str> {
    assert_eq!(outcome.status, 0, "{}", outcome.errors);
    outcome.output.lines().skip(1).map(|line| line.split_once(',').expect("a row and a value").1).collect()
}

#[test]
fn a_stream_goes_on_where_it_was_stopped() {
    let whole = folder(&ROWS).run(&["--const", "most=3"]);
    let expected = values(&whole);
    for cut in 0..=ROWS.len() {
        let folder = folder(&ROWS[..cut]);
        let first = folder.run(&["--const", "most=3", "--snapshot-out", "node.snapshot"]);
        folder.write("data.csv", data(&ROWS[cut..]));
        // The other engine takes it as well, and the same file may be read and written.
        let arguments =
            ["--const=most=3", "--restore=node.snapshot", "--snapshot-out=node.snapshot", "--engine=interpreter"];
        let second = folder.run(&arguments);
        assert_eq!([values(&first), values(&second)].concat(), expected, "cut at {cut}");
    }
}

#[test]
fn another_constant_needs_compatible() {
    let folder = folder(&ROWS[..4]);
    assert_eq!(folder.run(&["--const", "most=3", "--snapshot-out", "s"]).status, 0);
    folder.write("data.csv", data(&ROWS[4..]));
    let refused = folder.run(&["--const", "most=4", "--restore", "s"]);
    fails(&refused, 1, "s: the snapshot is of a node with the key ");
    fails(&refused, 1, "with --compatible it is taken where the states are the same");
    let taken = folder.run(&["--const", "most=4", "--restore", "s", "--compatible"]);
    assert_eq!(values(&taken), ["27.5", "35.0"]);
    folder.write("node.py", WINDOW.replace("window", "values"));
    let other = folder.run(&["--const", "most=3", "--restore", "s", "--compatible"]);
    fails(&other, 1, "s: the snapshot is of other states: it has `window: list[float]` in the place of");
}

#[test]
fn files_that_are_no_snapshots() {
    let folder = folder(&ROWS);
    fails(&folder.run(&["--const", "most=3", "--restore", "absent"]), 2, "cannot read absent");
    fails(&folder.run(&["--const", "most=3", "--restore", "node.py"]), 1, "node.py: it is no snapshot of a node");
    assert_eq!(folder.run(&["--const", "most=3", "--snapshot-out", "s"]).status, 0);
    let mut bytes = std::fs::read(folder.path("s")).expect("it was written");
    bytes.pop();
    folder.write("s", &bytes);
    fails(&folder.run(&["--const", "most=3", "--restore", "s"]), 1, "s: the snapshot is damaged: it ends early");
    fails(&folder.run(&["--const", "most=3", "--snapshot-out", "absent/s"]), 2, "cannot write absent/s");
    fails(&folder.run(&["--const", "most=3", "--compatible"]), 2, "--restore");
}

#[test]
fn a_run_that_fails_leaves_the_snapshot_of_before() {
    let folder = folder(&ROWS[..2]);
    assert_eq!(folder.run(&["--const", "most=3", "--snapshot-out", "s"]).status, 0);
    let before = std::fs::read(folder.path("s")).expect("it was written");
    folder.write("data.csv", "x,y\n1,1\nx,2\n");
    fails(&folder.run(&["--const", "most=3", "--snapshot-out", "s"]), 1, "row 2");
    assert_eq!(std::fs::read(folder.path("s")).expect("it is there"), before);
}
