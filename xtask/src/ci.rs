//! `cargo xtask ci`: what `.ci/run` runs after the tests.

use std::path::Path;

use anyhow::Result;

use crate::build_runtime::{self, BuildRuntimeArguments};
use crate::step::{self, CargoStep};
use crate::tidy;

/// Runs the checks one after the other and ends with the first that fails.
///
/// # Errors
///
/// A check fails, or its tool is missing.
pub(crate) fn run(root: &Path) -> Result<()> {
    // The quickest first: whoever broke the format should not wait for the build.
    step::timed("rules of the workspace", || tidy::run(root))?;
    for step in steps() {
        step.run(root)?;
    }
    sanitized_runtime(root, "address,undefined")?;
    step::timed("C runtime as C and C++ hosts use it", || {
        let out = Some(step::target_folder(root).join("runtime-consumers"));
        build_runtime::run(&BuildRuntimeArguments { out, sanitize: None, strict: true, check: true })
    })?;
    println!("\nci: all passed");
    Ok(())
}

/// All of it uses the dev profile, so that the tests' build is shared.
fn steps() -> Vec<CargoStep> {
    vec![
        CargoStep::new("format", "fmt --all --check"),
        CargoStep::new("lints", "clippy --workspace --all-targets --all-features -- -D warnings"),
        CargoStep::new("documentation", "doc --workspace --no-deps --all-features").with("RUSTDOCFLAGS", "-D warnings"),
        CargoStep::new("facade without features", "build --package cfunc-compiler --no-default-features"),
        CargoStep::new(
            "facade with LLVM alone",
            "build --package cfunc-compiler --no-default-features --features llvm",
        ),
        CargoStep::new("facade with both engines", "build --package cfunc-compiler --features llvm"),
        CargoStep::new(
            "default features",
            "clippy --package cfunc-compiler --package cfunc-cli --all-targets -- -D warnings",
        ),
        CargoStep::new("without the library of LLVM", "clippy --package cfunc-cli --features llvm -- -D warnings")
            .with("CFUNC_WITHOUT_LLVM", "1")
            .with("CFUNC_REQUIRE_LLVM", "0"),
        CargoStep::new("tests without the library of LLVM", "test --package cfunc-backend-llvm")
            .with("CFUNC_WITHOUT_LLVM", "1")
            .with("CFUNC_REQUIRE_LLVM", "0"),
        // The C sources lie outside of its folder: the package must carry them, and build from them alone.
        // In a folder of its own: cargo keeps what it unpacked of a package by the folder's path and the version alone.
        CargoStep::new(
            "package of the C runtime",
            &format!(
                "package --package cfunc-models --package cfunc-runtime --allow-dirty --target-dir target/package-{}",
                std::process::id()
            ),
        ),
    ]
}

/// Builds the C runtime with sanitizers, beside the normal build, and runs the C tests.
///
/// # Errors
///
/// The C compiler is missing or warns, or a C test fails.
pub(crate) fn sanitized_runtime(root: &Path, sanitizers: &str) -> Result<()> {
    step::timed(&format!("C runtime with sanitizers ({sanitizers})"), || {
        build_runtime::run(&BuildRuntimeArguments {
            out: Some(step::target_folder(root).join("runtime-sanitized").join(sanitizers)),
            sanitize: Some(sanitizers.to_owned()),
            strict: true,
            check: false,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn warnings_end_the_run() {
        let steps = steps();
        let lints = steps.iter().find(|step| step.title == "lints").expect("there is a step for lints");
        assert!(lints.arguments.ends_with(&["-D".to_owned(), "warnings".to_owned()]));
        let documentation = steps.iter().find(|step| step.title == "documentation").expect("and for documentation");
        assert_eq!(documentation.variables, [("RUSTDOCFLAGS", "-D warnings".to_owned())]);
    }

    #[test]
    fn nothing_is_built_a_second_time_in_release() {
        assert!(steps().iter().all(|step| !step.arguments.contains(&"--release".to_owned())));
    }
}
