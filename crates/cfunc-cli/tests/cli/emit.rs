//! `cfunc emit`.

use crate::common::Folder;

const NODE: &str = "\
@node
def scale(x: Signal[float], factor: float) -> Signal[float]:
    total: State[float] = 1.5
    total += x * factor
    return total
";

#[test]
fn every_stage_prints() {
    let folder = Folder::with(NODE, "");
    for (kind, part) in [
        ("transformed", "total"),
        ("types", "float"),
        ("ir", "f64"),
        ("clif", "function"),
        ("asm", "ret"),
        ("metadata", "state_values = [1.5]"),
    ] {
        let outcome = folder.cfunc(&["emit", "node.py::scale", "--const", "factor=2.5", "--kind", kind]);
        assert_eq!(outcome.status, 0, "{kind}: {}", outcome.errors);
        assert!(outcome.output.contains(part) && outcome.output.ends_with('\n'), "{kind}: {}", outcome.output);
    }
}

#[test]
fn llvm_prints_where_it_is_there_and_says_what_brings_it_elsewhere() {
    let folder = Folder::with(NODE, "");
    let outcome = folder.cfunc(&["emit", "node.py::scale", "--const", "factor=2.5", "--kind", "llvm"]);
    if outcome.status == 0 && cfg!(feature = "llvm") {
        assert!(outcome.output.contains("define void @_gc_numba_"), "{}", outcome.output);
    } else {
        assert_eq!((outcome.status, outcome.output.as_str()), (1, ""));
        let brings = if cfg!(feature = "llvm") { "libllvm22" } else { "feature `llvm`" };
        assert!(outcome.errors.contains(brings), "{}", outcome.errors);
    }
}

#[test]
fn what_cannot_be_shown() {
    let folder = Folder::with(NODE, "");
    let outcome =
        folder.cfunc(&["emit", "node.py", "--kind", "asm", "--engine", "interpreter", "--const", "factor=1.0"]);
    assert_eq!((outcome.status, outcome.output.as_str()), (1, ""));
    assert!(outcome.errors.contains("interpreter"), "{}", outcome.errors);
    let outcome = folder.cfunc(&["emit", "node.py", "--kind", "ir"]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.errors.contains("factor"), "{}", outcome.errors);
    assert_eq!(folder.cfunc(&["emit", "node.py", "--kind", "poem"]).status, 2);
    assert_eq!(folder.cfunc(&["emit", "node.py"]).status, 2);
}
