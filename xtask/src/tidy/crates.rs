//! Checks on packages: names, arrows between crates, crates that are named in one place, the code map.

use std::collections::BTreeSet;

use super::Violation;
use super::workspace::Package;

/// The file that has one line a crate.
pub(super) const CODE_MAP: &str = "docs/architecture.md";

/// What begins the names of our own crates.
const PREFIX: &str = "cfunc-";

/// What a crate may depend on, from the lowest layer to the highest. docs/architecture.md says what each is for.
const ARROWS: &[(&str, &[&str])] = &[
    ("cfunc-models", &[]),
    ("cfunc-syntax", &["cfunc-models"]),
    ("cfunc-sources", &["cfunc-models", "cfunc-syntax"]),
    ("cfunc-ir", &["cfunc-models"]),
    ("cfunc-context", &["cfunc-models", "cfunc-syntax", "cfunc-sources", "cfunc-ir"]),
    ("cfunc-builtins", &["cfunc-models", "cfunc-syntax", "cfunc-sources", "cfunc-ir", "cfunc-context"]),
    ("cfunc-analyzer", &["cfunc-models", "cfunc-syntax", "cfunc-sources", "cfunc-context"]),
    ("cfunc-transform", &["cfunc-models", "cfunc-syntax", "cfunc-sources", "cfunc-context"]),
    ("cfunc-infer", &["cfunc-models", "cfunc-syntax", "cfunc-sources", "cfunc-context"]),
    ("cfunc-lower", &["cfunc-models", "cfunc-syntax", "cfunc-sources", "cfunc-context", "cfunc-infer", "cfunc-ir"]),
    ("cfunc-derive", &[]),
    ("cfunc-runtime", &["cfunc-models"]),
    ("cfunc-backend", &["cfunc-models", "cfunc-ir", "cfunc-runtime"]),
    ("cfunc-backend-interp", &["cfunc-models", "cfunc-ir", "cfunc-backend", "cfunc-runtime"]),
    ("cfunc-backend-cranelift", &["cfunc-models", "cfunc-ir", "cfunc-backend", "cfunc-runtime"]),
    ("cfunc-backend-llvm", &["cfunc-models", "cfunc-ir", "cfunc-backend", "cfunc-runtime"]),
    (
        "cfunc-compiler",
        &[
            "cfunc-models",
            "cfunc-syntax",
            "cfunc-sources",
            "cfunc-ir",
            "cfunc-context",
            "cfunc-builtins",
            "cfunc-derive",
            "cfunc-analyzer",
            "cfunc-transform",
            "cfunc-infer",
            "cfunc-lower",
            "cfunc-runtime",
            "cfunc-backend",
            "cfunc-backend-interp",
            "cfunc-backend-cranelift",
            "cfunc-backend-llvm",
        ],
    ),
    ("cfunc-signals", &["cfunc-compiler"]),
    ("cfunc-cli", &["cfunc-compiler", "cfunc-signals"]),
    // The suites run cases by the same code as `cfunc replay`.
    ("cfunc-tests", &["cfunc-compiler", "cfunc-signals", "cfunc-cli"]),
    ("cfunc-fuzz", &["cfunc-compiler", "cfunc-signals"]),
    // The order books are measured as their own binary does it.
    // Extensions of a host's own have the facade and nothing below it.
    ("cfunc-example-interval", &["cfunc-compiler", "cfunc-signals"]),
    ("cfunc-example-decimal", &["cfunc-compiler", "cfunc-signals"]),
    ("cfunc-example-complex", &["cfunc-compiler", "cfunc-signals"]),
    ("cfunc-example-variadic", &["cfunc-compiler", "cfunc-signals"]),
    ("cfunc-example-record-pointer", &["cfunc-compiler", "cfunc-signals"]),
    ("cfunc-example-series", &["cfunc-compiler", "cfunc-signals"]),
    ("cfunc-example-timeseries", &["cfunc-compiler", "cfunc-signals"]),
    // A second extension, of types that the series of the first one are of.
    ("cfunc-example-orderbook", &["cfunc-compiler", "cfunc-signals", "cfunc-example-timeseries"]),
    // It measures the example beside the same in Rust.
    ("cfunc-bench", &["cfunc-compiler", "cfunc-signals", "cfunc-example-orderbook"]),
    ("xtask", &[]),
];

/// What only the tests and examples of a crate may depend on beside its arrows.
const DEVELOPMENT_ARROWS: &[(&str, &str)] = &[
    // The README is a doctest of the facade, and its node has signals.
    ("cfunc-compiler", "cfunc-signals"),
    // Rules are tested by running what they emit.
    ("cfunc-builtins", "cfunc-backend"),
    ("cfunc-builtins", "cfunc-backend-interp"),
    // The engines are compared with each other on generated modules.
    ("cfunc-backend-cranelift", "cfunc-backend-interp"),
    ("cfunc-backend-interp", "cfunc-backend-cranelift"),
    ("cfunc-backend-llvm", "cfunc-backend-interp"),
];

/// Foreign crates that one crate of ours names, so that they can be replaced there.
pub(super) const WRAPPED: &[(&str, &str)] = &[
    ("rustpython", "cfunc-syntax"),
    ("cranelift", "cfunc-backend-cranelift"),
    ("inkwell", "cfunc-backend-llvm"),
    ("llvm-sys", "cfunc-backend-llvm"),
];

/// The benches measure against the bare parser and the bare code generator, so they name both.
pub(super) const BENCH: &str = "cfunc-bench";

/// Packages that stand outside of `crates/`, with their folders.
pub(super) const FOLDERS: &[(&str, &str)] = &[
    ("cfunc-tests", "tests"),
    ("cfunc-fuzz", "fuzz"),
    (BENCH, "bench"),
    ("xtask", "xtask"),
    ("cfunc-example-interval", "examples/interval"),
    ("cfunc-example-decimal", "examples/decimal"),
    ("cfunc-example-complex", "examples/complex"),
    ("cfunc-example-variadic", "examples/variadic"),
    ("cfunc-example-record-pointer", "examples/record-pointer"),
    ("cfunc-example-series", "examples/series"),
    ("cfunc-example-timeseries", "examples/timeseries"),
    ("cfunc-example-orderbook", "examples/orderbook"),
];

/// A package has the name of its folder, which lies in `crates/`.
pub(super) fn names(members: &[Package]) -> Vec<Violation> {
    members
        .iter()
        .filter_map(|member| {
            let other = FOLDERS.iter().find(|(name, _)| *name == member.name).map(|(_, folder)| (*folder).to_owned());
            let folder = other.unwrap_or_else(|| format!("crates/{}", member.name));
            (member.folder != folder)
                .then(|| Violation::new(manifest(member), 0, format!("package {} belongs in {folder}", member.name)))
        })
        .collect()
}

/// Dependencies within the workspace follow the arrows.
pub(super) fn arrows(members: &[Package]) -> Vec<Violation> {
    let own: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let mut violations = Vec::new();
    for member in members {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == member.name) else {
            let message = format!("{} has no arrows: give it a line in xtask/src/tidy/crates.rs", member.name);
            violations.push(Violation::new(manifest(member), 0, message));
            continue;
        };
        for dependency in &member.dependencies {
            let name = dependency.name.as_str();
            let in_tests = dependency.development && DEVELOPMENT_ARROWS.contains(&(member.name.as_str(), name));
            if !own.contains(name) || allowed.contains(&name) || in_tests {
                continue;
            }
            let list = if allowed.is_empty() { "nothing of ours".to_owned() } else { allowed.join(", ") };
            let which = if dependency.development { " in its tests" } else { "" };
            let message =
                format!("{} may not depend on {name}{which}: a layer knows those below, here {list}", member.name);
            violations.push(Violation::new(manifest(member), 0, message));
        }
    }
    violations
}

/// Only the crate that wraps a foreign crate depends on it.
pub(super) fn wrapped_dependencies(members: &[Package]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for member in members {
        for dependency in &member.dependencies {
            for (foreign, wrapper) in WRAPPED {
                if dependency.name.starts_with(foreign) && member.name != *wrapper && member.name != BENCH {
                    let message =
                        format!("only {wrapper} may depend on {}, so that it can be replaced", dependency.name);
                    violations.push(Violation::new(manifest(member), 0, message));
                }
            }
        }
    }
    violations
}

/// Every crate has its line in the code map, and the code map names no crate that is gone.
pub(super) fn code_map(members: &[Package], text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut named = BTreeSet::new();
    for (index, line) in text.lines().enumerate() {
        for name in crate_names(line) {
            if !members.iter().any(|member| member.name == name) {
                violations.push(Violation::new(CODE_MAP, index + 1, format!("there is no crate {name}")));
            }
            named.insert(name.to_owned());
        }
        if line.contains("xtask") {
            named.insert("xtask".to_owned());
        }
    }
    for member in members.iter().filter(|member| !named.contains(&member.name)) {
        violations.push(Violation::new(CODE_MAP, 0, format!("{} has no line", member.name)));
    }
    violations
}

/// The words of a line that are names of crates of ours, real or not.
fn crate_names(line: &str) -> impl Iterator<Item = &str> {
    line.split(|character: char| !(character.is_ascii_alphanumeric() || character == '-' || character == '_'))
        .map(|word| word.trim_matches('-'))
        .filter(|word| word.starts_with(PREFIX) && !word.contains('_'))
}

fn manifest(member: &Package) -> String {
    format!("{}/Cargo.toml", member.folder)
}

#[cfg(test)]
mod tests {
    use super::{ARROWS, DEVELOPMENT_ARROWS, Package, arrows, code_map, names, wrapped_dependencies};

    fn package(name: &str, dependencies: &[&str]) -> Package {
        Package::new(name, &format!("crates/{name}"), dependencies)
    }

    #[test]
    fn arrows_point_down() {
        for (index, (name, allowed)) in ARROWS.iter().enumerate() {
            for target in *allowed {
                let below = ARROWS[..index].iter().any(|(lower, _)| lower == target);
                assert!(below, "{name} to {target}: the table goes from the lowest layer to the highest");
            }
        }
    }

    #[test]
    fn development_arrows_name_crates_of_the_table() {
        for (from, to) in DEVELOPMENT_ARROWS {
            assert!([from, to].into_iter().all(|name| ARROWS.iter().any(|(known, _)| known == name)), "{from} to {to}");
        }
    }

    #[test]
    fn a_dependency_against_the_arrows_is_found() {
        let members = [package("cfunc-models", &[]), package("cfunc-ir", &["cfunc-models", "smallvec"])];
        assert_eq!(arrows(&members), []);
        let members = [package("cfunc-models", &["cfunc-ir"]), package("cfunc-ir", &[])];
        let found = arrows(&members);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/cfunc-models/Cargo.toml");
        assert!(found[0].message.contains("may not depend on cfunc-ir"), "{}", found[0].message);
    }

    #[test]
    fn tests_may_depend_on_what_is_listed_only() {
        let signals = package("cfunc-signals", &[]);
        assert_eq!(arrows(&[package("cfunc-compiler", &["+cfunc-signals"]), signals.clone()]), []);
        assert_eq!(arrows(&[package("cfunc-compiler", &["cfunc-signals"]), signals.clone()]).len(), 1);
        assert_eq!(arrows(&[package("cfunc-ir", &["+cfunc-signals"]), signals]).len(), 1);
    }

    #[test]
    fn a_crate_without_arrows_is_found() {
        assert_eq!(arrows(&[package("cfunc-novel", &[])]).len(), 1);
    }

    #[test]
    fn a_package_in_another_folder_is_found() {
        assert_eq!(names(&[package("cfunc-ir", &[]), Package::new("xtask", "xtask", &[])]), []);
        assert_eq!(names(&[Package::new("cfunc-ir", "crates/ir", &[])]).len(), 1);
    }

    #[test]
    fn a_second_user_of_the_parser_is_found() {
        assert_eq!(wrapped_dependencies(&[package("cfunc-syntax", &["rustpython-parser"])]), []);
        assert_eq!(wrapped_dependencies(&[package("cfunc-bench", &["rustpython-parser", "cranelift-jit"])]), []);
        assert_eq!(wrapped_dependencies(&[package("cfunc-infer", &["rustpython-ast"])]).len(), 1);
        assert_eq!(wrapped_dependencies(&[package("cfunc-compiler", &["+cranelift-jit"])]).len(), 1);
        assert_eq!(wrapped_dependencies(&[package("cfunc-compiler", &["cfunc-backend-cranelift"])]), []);
    }

    #[test]
    fn the_code_map_names_each_crate_and_no_other() {
        let members = [package("cfunc-ir", &[]), package("cfunc-backend-interp", &[])];
        assert_eq!(code_map(&members, "`cfunc-ir`: IR\n[cfunc-backend-interp](x): engine, cfunc_ir::Module\n"), []);
        let found = code_map(&members, "cfunc-ir\ncfunc-gone\n");
        assert_eq!(found.iter().map(|violation| violation.line).collect::<Vec<_>>(), [2, 0]);
    }
}
