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
        assert_eq!((outcome.status, outcome.output.as_str()), (2, ""));
        let brings = if cfg!(feature = "llvm") { "libllvm22" } else { "`--features llvm`" };
        assert!(outcome.errors.contains(brings), "{}", outcome.errors);
    }
}

#[test]
fn what_cannot_be_shown() {
    let folder = Folder::with(NODE, "");
    let outcome =
        folder.cfunc(&["emit", "node.py", "--kind", "asm", "--engine", "interpreter", "--const", "factor=1.0"]);
    assert_eq!((outcome.status, outcome.output.as_str()), (2, ""));
    assert!(outcome.errors.contains("interpreter"), "{}", outcome.errors);
    let outcome = folder.cfunc(&["emit", "node.py", "--kind", "ir"]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.errors.contains("factor"), "{}", outcome.errors);
    assert_eq!(folder.cfunc(&["emit", "node.py", "--kind", "poem"]).status, 2);
    assert_eq!(folder.cfunc(&["emit", "node.py"]).status, 2);
}

#[test]
fn plain_functions_are_shown_for_types() {
    let folder = Folder::with("def twice(x):\n    return 2 * x\n", "");
    for (types, part) in [("(int,)", "i64"), ("(float,)", "f64")] {
        let outcome = folder.cfunc(&["emit", "node.py::twice", "--signature", types, "--kind", "optimized-ir"]);
        assert_eq!(outcome.status, 0, "{}", outcome.errors);
        assert!(outcome.output.contains(part), "{}", outcome.output);
    }
    let outcome = folder.cfunc(&["emit", "node.py::twice", "--signature", "(int,)", "--kind", "passes"]);
    assert!(outcome.status == 0 && outcome.output.contains("microseconds"), "{}", outcome.errors);
    let outcome = folder.cfunc(&["emit", "node.py::twice", "--signature", "(poem,)", "--kind", "ir"]);
    assert!(outcome.status == 1 && outcome.errors.contains("poem"), "{} {}", outcome.status, outcome.errors);
    let outcome = folder.cfunc(&["emit", "node.py::thrice", "--signature", "(int,)", "--kind", "ir"]);
    assert_eq!(outcome.status, 2, "{}", outcome.errors);
}

#[test]
fn options_of_engines_are_taken_or_told() {
    let folder = Folder::with(NODE, "");
    let emit = |more: &[&str]| {
        let node = ["emit", "node.py::scale", "--const", "factor=2.5", "--kind", "asm"];
        folder.cfunc(&[&node[..], more].concat())
    };
    let outcome = emit(&["--engine", "cranelift", "--fastmath", "--force-inline", "--target-cpu", "x86-64-v3,-fma"]);
    assert_eq!(outcome.status, 0, "{}", outcome.errors);
    let told = "note: the engine `cranelift` does nothing for --fastmath, --force-inline, --target-cpu\n";
    assert_eq!(outcome.errors, told);
    assert_eq!(emit(&["--engine", "cranelift", "--optimization-level", "none"]).errors, "");
    for wrong in ["", "+fma", ",+fma"] {
        let outcome = emit(&["--target-cpu", wrong]);
        assert!(outcome.status == 2 && outcome.errors.contains("a processor's name comes first"), "{}", outcome.errors);
    }
    if cfg!(feature = "llvm") && emit(&["--engine", "llvm"]).status == 0 {
        assert_eq!(emit(&["--engine", "llvm", "--fastmath", "--force-inline"]).errors, "");
        let outcome = emit(&["--engine", "llvm", "--target-cpu", "z81"]);
        assert!(outcome.status == 2 && outcome.errors.contains("z81"), "{} {}", outcome.status, outcome.errors);
    }
}

/// What reads the log goes away after a line of it.
#[test]
fn a_log_that_nobody_reads_is_no_failure() {
    let folder = Folder::with(NODE, "");
    let mut command = folder.command(&["emit", "node.py::scale", "--const", "factor=2.5", "--kind", "ir"]);
    command.env("CFUNC_LOG", "debug").stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    drop(child.stderr.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}
