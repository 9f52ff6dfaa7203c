//! Checks on source files: length, globs, unfinished work, silenced lints, the outside world, concrete types.

use super::Violation;
use super::crates::{BENCH, WRAPPED};
use super::rust_text::{Line, first_test_line, split};
use super::use_tree::used_paths;
use super::workspace::File;

/// Lines that a source file may have.
const MAXIMUM_LINES: usize = 800;

/// Lines that a lib.rs may have: documentation, private modules, re-exports.
const MAXIMUM_LIBRARY_LINES: usize = 150;

/// Crates below the facade, and first-party extensions: they read and print nothing.
const LIBRARIES: &[&str] = &[
    "cfunc-models",
    "cfunc-syntax",
    "cfunc-sources",
    "cfunc-ir",
    "cfunc-context",
    "cfunc-builtins",
    "cfunc-analyzer",
    "cfunc-transform",
    "cfunc-infer",
    "cfunc-lower",
    "cfunc-runtime",
    "cfunc-backend",
    "cfunc-backend-interp",
    "cfunc-backend-cranelift",
    "cfunc-backend-llvm",
    "cfunc-signals",
];

/// What reads files, environment and clock, or prints.
const OUTSIDE_PATHS: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::process::Command",
    "std::process::exit",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::time::UNIX_EPOCH",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
];

/// Uses that touch nothing outside of the process after all, by file.
const OUTSIDE_EXCEPTIONS: &[(&str, &str)] = &[
    // An anonymous file that holds machine code: memory with a file's interface, no entry of any file system.
    ("crates/cfunc-backend-cranelift/src/shared_memory.rs", "std::fs::File"),
];

/// Macros that print.
const OUTSIDE_MACROS: &[&str] = &["print!", "println!", "eprint!", "eprintln!", "dbg!"];

/// Crates that know operations and types only through rules.
const GENERIC_CRATES: &[&str] = &["cfunc-transform", "cfunc-infer", "cfunc-lower"];

/// Enumerations of operators and constants of types, with the members that the structure of the language needs: truth
/// values and None come from the language itself, `in` and `is` and `not` have operations of their own.
const CONCRETE: &[(&str, &[&str])] = &[
    ("BinaryOperator", &["ALL"]),
    ("UnaryOperator", &["ALL", "Not"]),
    ("CompareOperator", &["ALL", "In", "NotIn", "Is", "IsNot"]),
    ("Type", &["BOOLEAN", "NONE", "OBJECT"]),
];

/// Members that a file may name, by file.
const CONCRETE_EXCEPTIONS: &[(&str, &str)] = &[
    // The ABI's arrays by name: their bytes read as int, and a literal index may have a sign.
    ("crates/cfunc-transform/src/arrays.rs", "Type::INT64"),
    ("crates/cfunc-transform/src/arrays.rs", "UnaryOperator::Negate"),
    // The index of an element of such an array that is known at run time.
    ("crates/cfunc-infer/src/expression.rs", "Type::INT64"),
];

/// Files stay short enough to be read; lib.rs holds no code.
pub(super) fn length(file: &File) -> Vec<Violation> {
    let count = file.text.lines().count();
    let maximum = match file.path.rsplit('/').next() {
        Some("lib.rs") if file.path.starts_with("crates/") => MAXIMUM_LIBRARY_LINES,
        Some(name) if [".rs", ".c", ".h"].iter().any(|ending| name.ends_with(ending)) => MAXIMUM_LINES,
        _ => return Vec::new(),
    };
    if count <= maximum {
        return Vec::new();
    }
    vec![Violation::new(&file.path, 0, format!("{count} lines, {maximum} allowed: split at the next natural boundary"))]
}

/// Nothing is left for later.
pub(super) fn unfinished(file: &File) -> Vec<Violation> {
    if ![".rs", ".c", ".h", ".py", ".md", ".toml", ".sh"].iter().any(|ending| file.path.ends_with(ending)) {
        return Vec::new();
    }
    // Written in parts, or this file would be the first to be found.
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let macros = [concat!("to", "do!"), concat!("unimple", "mented!")];
    let is_code = [".rs", ".c", ".h"].iter().any(|ending| file.path.ends_with(ending));
    let mut violations = Vec::new();
    let mut report = |line: usize, mark: &str| {
        let message = format!("{mark}: finish it, or write it down in the issue");
        violations.push(Violation::new(&file.path, line, message));
    };
    if is_code {
        for (index, line) in split(&file.text).iter().enumerate() {
            marks.iter().filter(|mark| has_word(&line.comment, mark)).for_each(|mark| report(index + 1, mark));
            macros.iter().filter(|mark| has_word(&line.code, mark)).for_each(|mark| report(index + 1, mark));
        }
    } else {
        for (index, line) in file.text.lines().enumerate() {
            marks.iter().filter(|mark| has_word(line, mark)).for_each(|mark| report(index + 1, mark));
        }
    }
    violations
}

/// No glob imports of our own: they hide where a name comes from.
pub(super) fn globs(file: &File) -> Vec<Violation> {
    used_paths(&split(&file.text))
        .into_iter()
        .filter(|used| used.path.ends_with("::*"))
        .filter(|used| {
            let first = used.path.split("::").next().unwrap_or_default();
            matches!(first, "crate" | "self" | "super") || first.starts_with("cfunc_")
        })
        .map(|used| Violation::new(&file.path, used.line, format!("use {}: name what is used", used.path)))
        .collect()
}

/// Lints are expected with a reason, never silenced; no test is skipped.
pub(super) fn silenced(file: &File) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, line) in split(&file.text).iter().enumerate() {
        let code: String = line.code.chars().filter(|character| !character.is_whitespace()).collect();
        if code.contains("#[allow(") || code.contains("#![allow(") {
            let message = "allow: use expect with a reason, which ends when the reason does";
            violations.push(Violation::new(&file.path, index + 1, message));
        }
        if code.contains("#[ignore") {
            violations.push(Violation::new(&file.path, index + 1, "ignore: a test that does not run tests nothing"));
        }
    }
    violations
}

/// Crates below the facade read no file, environment or clock, and print nothing. Their tests may.
pub(super) fn outside_world(file: &File) -> Vec<Violation> {
    if !LIBRARIES.contains(&file.package()) || file.is_beside_the_library() {
        return Vec::new();
    }
    let mut violations = Vec::new();
    let mut report = |line: usize, what: &str| {
        if !OUTSIDE_EXCEPTIONS.contains(&(file.path.as_str(), what)) {
            let message =
                format!("{what}: crates below the facade use no file, environment or clock, and print nothing");
            violations.push(Violation::new(&file.path, line, message));
        }
    };
    let lines = split(&file.text);
    let library = &lines[..first_test_line(&lines) - 1];
    for used in used_paths(library) {
        let path = used.path.trim_end_matches("::self");
        // A glob of a module brings in all that is in it.
        let module = path.strip_suffix("::*");
        let brings_in = |outside: &str| within(path, outside) || module.is_some_and(|module| within(outside, module));
        if OUTSIDE_PATHS.iter().any(|outside| brings_in(outside)) {
            report(used.line, path);
        }
    }
    for (index, line) in library.iter().enumerate() {
        let code = line.code.trim_start();
        if code.starts_with("use ") || code.starts_with("pub use ") {
            continue;
        }
        for path in OUTSIDE_PATHS {
            // `use std::io;` is harmless, and makes a path of two parts of `std::io::stdout`.
            let parts = path.split("::").count();
            let short = path.strip_prefix("std::").filter(|_| parts > 2).unwrap_or(path);
            if has_word(code, short) {
                report(index + 1, path);
            }
        }
        OUTSIDE_MACROS.iter().filter(|name| has_word(code, name)).for_each(|name| report(index + 1, name));
    }
    violations
}

/// Whether a path is another one or below it.
fn within(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The crate that wraps a foreign crate is the only one that names it.
pub(super) fn wrapped_names(file: &File) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (foreign, wrapper) in WRAPPED {
        if file.package() == *wrapper || file.package() == BENCH {
            continue;
        }
        let prefix = format!("{foreign}_");
        for (index, line) in split(&file.text).iter().enumerate() {
            if words(&line.code).any(|word| word.starts_with(&prefix)) {
                let message = format!("{prefix}…: only {wrapper} may name it, so that it can be replaced");
                violations.push(Violation::new(&file.path, index + 1, message));
            }
        }
    }
    violations
}

/// The generic stages name no operator and no builtin type: those live in the builtins, as rules.
pub(super) fn concrete_types(file: &File) -> Vec<Violation> {
    if !GENERIC_CRATES.contains(&file.package()) || file.is_beside_the_library() {
        return Vec::new();
    }
    let lines = split(&file.text);
    let code = &lines[..first_test_line(&lines) - 1];
    let mut violations = Vec::new();
    let mut report = |line: usize, member: &str| {
        if !CONCRETE_EXCEPTIONS.contains(&(file.path.as_str(), member)) {
            let message = format!("{member}: this stage knows operations and types through rules only");
            violations.push(Violation::new(&file.path, line, message));
        }
    };
    for (index, line) in code.iter().enumerate() {
        concrete_members(line).for_each(|member| report(index + 1, &member));
    }
    for used in used_paths(code) {
        for (owner, allowed) in CONCRETE {
            if let Some((_, member)) = used.path.split_once(&format!("::{owner}::"))
                && !allowed.contains(&member)
                && member != "self"
            {
                report(used.line, &format!("{owner}::{member}"));
            }
        }
    }
    violations.dedup();
    violations
}

/// Members such as `Type::INT64` that are named on a line and not allowed.
fn concrete_members(line: &Line) -> impl Iterator<Item = String> {
    CONCRETE.iter().flat_map(move |(owner, allowed)| {
        line.code.match_indices(owner).filter_map(move |(at, _)| {
            let before = line.code[..at].chars().next_back();
            if before.is_some_and(|character| character.is_alphanumeric() || character == '_') {
                return None;
            }
            let member = line.code[at + owner.len()..].strip_prefix("::")?;
            let member = member.split(|character: char| !(character.is_alphanumeric() || character == '_')).next()?;
            // Methods begin small.
            let is_member = member.starts_with(|character: char| character.is_uppercase());
            (is_member && !allowed.contains(&member)).then(|| format!("{owner}::{member}"))
        })
    })
}

/// Whether a word stands in a text, not as a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && (word.ends_with('!') || !after.is_some_and(is_part))
    })
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|character: char| !(character.is_alphanumeric() || character == '_'))
}

#[cfg(test)]
mod tests {
    use super::{concrete_types, globs, length, outside_world, silenced, unfinished, wrapped_names};
    use crate::tidy::Violation;
    use crate::tidy::workspace::File;

    const CLEAN: [usize; 0] = [];

    fn found(check: fn(&File) -> Vec<Violation>, path: &str, text: &str) -> Vec<usize> {
        check(&File::new(path, text)).into_iter().map(|violation| violation.line).collect()
    }

    const INFER: &str = "crates/cfunc-infer/src/a.rs";

    #[test]
    fn long_files_are_found() {
        assert_eq!(length(&File::new(INFER, "\n".repeat(800))), []);
        assert_eq!(length(&File::new(INFER, "\n".repeat(801))).len(), 1);
        assert_eq!(length(&File::new("runtime-c/src/a.c", "\n".repeat(801))).len(), 1);
        assert_eq!(length(&File::new("crates/cfunc-ir/src/lib.rs", "\n".repeat(151))).len(), 1);
        assert_eq!(length(&File::new("data.txt", "\n".repeat(9000))), []);
    }

    #[test]
    fn unfinished_work_is_found() {
        let comment = format!("fn f() {{}}\n// {}: later\n", concat!("TO", "DO"));
        assert_eq!(found(unfinished, INFER, &comment), [2]);
        let code = format!("fn f() {{ {}() }}\n", concat!("to", "do!"));
        assert_eq!(found(unfinished, INFER, &code), [1]);
        let literal = format!("fn f() {{ \"{}\" }}\n", concat!("TO", "DO"));
        assert_eq!(found(unfinished, INFER, &literal), CLEAN);
        assert_eq!(found(unfinished, "docs/a.md", &format!("{}\n", concat!("FIX", "ME"))), [1]);
    }

    #[test]
    fn globs_of_our_own_are_found() {
        assert_eq!(found(globs, INFER, "use cfunc_ir::*;\nuse crate::a::{b::*, c};\nuse super::*;\n"), [1, 2, 3]);
        assert_eq!(found(globs, INFER, "use std::collections::*;\nuse cfunc_ir::Module;\nlet a = b * c;\n"), CLEAN);
    }

    #[test]
    fn silenced_lints_and_tests_are_found() {
        assert_eq!(
            found(silenced, INFER, "#[allow(dead_code)]\n#![allow(x)]\n#[ignore]\n#[ignore = \"x\"]\n"),
            [1, 2, 3, 4]
        );
        assert_eq!(found(silenced, INFER, "#[expect(x, reason = \"#[allow(\")]\n// #[ignore]\n"), CLEAN);
    }

    #[test]
    fn the_outside_world_is_found() {
        let text = "use std::{fs, sync::Arc};\nuse std::time::{Duration, Instant};\nuse std::env;\n\
            fn f() { std::fs::read(x); println!(); }\nfn g() { io::stdout(); }\nuse std::io::*;\n";
        let mut lines = found(outside_world, INFER, text);
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn tests_and_upper_crates_may_use_the_outside_world() {
        let text = "fn f() {}\n#[cfg(test)]\nmod tests {\n    fn t() { std::fs::read(x); println!(); }\n}\n";
        assert_eq!(found(outside_world, INFER, text), CLEAN);
        assert_eq!(found(outside_world, "crates/cfunc-cli/src/main.rs", "use std::fs;\n"), CLEAN);
        assert_eq!(found(outside_world, "crates/cfunc-ir/tests/a.rs", "use std::fs;\n"), CLEAN);
        let harmless = "use std::time::Duration;\nuse std::fmt;\nuse std::io;\nuse std::io::Write;\nio::Error::last();\nwriteln!(f);\nenv!(\"A\");\n";
        assert_eq!(found(outside_world, INFER, harmless), CLEAN);
    }

    #[test]
    fn names_of_wrapped_crates_are_found() {
        assert_eq!(found(wrapped_names, INFER, "use rustpython_ast::Expr;\ncranelift_codegen::ir();\n"), [1, 2]);
        assert_eq!(found(wrapped_names, "crates/cfunc-syntax/src/a.rs", "use rustpython_ast::Expr;\n"), CLEAN);
        assert_eq!(found(wrapped_names, INFER, "use cfunc_backend_cranelift::X; // rustpython_ast\n"), CLEAN);
    }

    #[test]
    fn concrete_types_and_operators_are_found() {
        let text = "match o { BinaryOperator::Add => 1 }\nlet t = Type::INT64;\nUnaryOperator::Negate;\n\
            CompareOperator::Less;\nuse cfunc_syntax::ast::BinaryOperator::{Add};\n";
        assert_eq!(found(concrete_types, INFER, text), [1, 2, 3, 4, 5]);
        assert_eq!(found(concrete_types, "crates/cfunc-builtins/src/a.rs", text), CLEAN);
    }

    #[test]
    fn what_the_language_itself_needs_is_allowed() {
        let text = "Type::BOOLEAN; Type::NONE; UnaryOperator::Not; CompareOperator::IsNot; BooleanOperator::And;\n\
            DataType::INT64; Type::from(x);\n#[cfg(test)]\nmod tests {\n    Type::INT64;\n}\n";
        assert_eq!(found(concrete_types, INFER, text), CLEAN);
    }
}
