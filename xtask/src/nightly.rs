//! `cargo xtask nightly`: what takes too long for every change. Run it by hand before a release, and before an issue
//! is closed that touches what it covers.

use std::path::Path;

use anyhow::Result;
use cargo_metadata::{Metadata, MetadataCommand};

use crate::ci;
use crate::step::CargoStep;

/// Options of `cargo xtask nightly`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct NightlyArguments {
    /// Cases that every property test tries.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    cases: u32,
}

/// Sanitizers over the C runtime, the tests of every package under every combination of its features, long property
/// tests, many texts through the front end, many damaged snapshots, a million ticks of the cases
/// with containers, and thousands of compilations in contradictory contexts side by side.
///
/// # Errors
///
/// One of them fails, or its tool is missing.
pub(crate) fn run(root: &Path, arguments: &NightlyArguments) -> Result<()> {
    // The address sanitizer keeps freed memory for a while, which can hide a leak; alone, the leak sanitizer sees it.
    for sanitizers in ["address,undefined", "leak"] {
        ci::sanitized_runtime(root, sanitizers)?;
    }
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec()?;
    for (package, features) in packages_with_features(&metadata) {
        for combination in combinations(&features) {
            feature_step(&package, &combination).run(root)?;
        }
    }
    property_step(arguments.cases).run(root)?;
    front_end_step(arguments.cases).run(root)?;
    passes_step(arguments.cases).run(root)?;
    snapshot_step(arguments.cases).run(root)?;
    soak_step().run(root)?;
    threads_step().run(root)?;
    println!("\nnightly: all passed");
    Ok(())
}

/// Packages that have features, with those, `default` left out: it is one of the combinations.
fn packages_with_features(metadata: &Metadata) -> Vec<(String, Vec<String>)> {
    let mut packages: Vec<(String, Vec<String>)> = metadata
        .packages
        .iter()
        .map(|package| {
            let mut features: Vec<String> =
                package.features.keys().filter(|feature| *feature != "default").cloned().collect();
            features.sort();
            (package.name.to_string(), features)
        })
        .filter(|(_, features)| !features.is_empty())
        .collect();
    packages.sort();
    packages
}

/// Every subset, the empty one first.
fn combinations(features: &[String]) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    for feature in features {
        for index in 0..all.len() {
            let mut with: Vec<String> = all[index].clone();
            with.push(feature.clone());
            all.push(with);
        }
    }
    all
}

fn feature_step(package: &str, features: &[String]) -> CargoStep {
    let features = features.join(",");
    let title = format!("{package}, features: {}", if features.is_empty() { "none" } else { &features });
    let mut step = CargoStep::new(title, "test --no-default-features");
    step.arguments.extend(["--package".to_owned(), package.to_owned()]);
    if !features.is_empty() {
        step.arguments.extend(["--features".to_owned(), features]);
    }
    step
}

/// The packages with property tests: proptest's read the number of cases, random programs have their own.
fn property_step(cases: u32) -> CargoStep {
    CargoStep::new(
        "long property tests",
        "test --package cfunc-syntax --package cfunc-ir --package cfunc-backend-cranelift",
    )
    .with("PROPTEST_CASES", cases.to_string())
}

/// Texts of all kinds through the front end: bytes, fragments of Python, mutated sources.
fn front_end_step(cases: u32) -> CargoStep {
    CargoStep::new("front end on texts that are wrong", "test --package cfunc-tests --test front_end")
        .with("PROPTEST_CASES", cases.to_string())
}

/// A million ticks of every case with containers.
fn soak_step() -> CargoStep {
    CargoStep::new("memory of containers", "test --release --package cfunc-tests --test container_soak")
        .with("CFUNC_SOAK_TICKS", "1000000")
}

/// Every recorded case with each pass alone and with passes in many orders.
fn passes_step(cases: u32) -> CargoStep {
    CargoStep::new("recorded cases with passes in all orders", "test --package cfunc-tests --test corpus")
        .with("PROPTEST_CASES", cases.to_string())
}

/// Eight threads with contexts of their own and shared ones.
fn threads_step() -> CargoStep {
    CargoStep::new("contexts side by side", "test --release --package cfunc-compiler --test facade contradictory")
        .with("CFUNC_THREAD_COMPILES", "1000")
}

/// Bytes of all kinds as snapshots: any, damaged ones, and damaged ones whose checksum is right.
fn snapshot_step(cases: u32) -> CargoStep {
    CargoStep::new("snapshots that are damaged", "test --package cfunc-tests --test snapshot_bytes")
        .with("PROPTEST_CASES", cases.to_string())
}

#[cfg(test)]
mod tests {
    use super::{
        combinations, feature_step, front_end_step, packages_with_features, passes_step, property_step, snapshot_step,
    };
    use cargo_metadata::MetadataCommand;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn every_subset_once() {
        let all = combinations(&names(&["a", "b"]));
        assert_eq!(all, [names(&[]), names(&["a"]), names(&["b"]), names(&["a", "b"])]);
        assert_eq!(combinations(&names(&["a", "b", "c"])).len(), 8);
    }

    #[test]
    fn the_facade_is_tested_with_and_without_cranelift() {
        let metadata = MetadataCommand::new()
            .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
            .no_deps()
            .exec()
            .expect("the workspace is readable");
        let packages = packages_with_features(&metadata);
        let (_, features) = packages.iter().find(|(name, _)| name == "cfunc-compiler").expect("the facade has some");
        assert!(features.contains(&"cranelift".to_owned()) && !features.contains(&"default".to_owned()));
    }

    #[test]
    fn steps_name_package_features_and_cases() {
        assert_eq!(feature_step("p", &[]).arguments, ["test", "--no-default-features", "--package", "p"]);
        let both = feature_step("p", &names(&["a", "b"]));
        assert_eq!(both.arguments, ["test", "--no-default-features", "--package", "p", "--features", "a,b"]);
        assert_eq!(property_step(7).variables, [("PROPTEST_CASES", "7".to_owned())]);
        assert_eq!(front_end_step(7).variables, [("PROPTEST_CASES", "7".to_owned())]);
        assert_eq!(passes_step(7).variables, [("PROPTEST_CASES", "7".to_owned())]);
        assert_eq!(snapshot_step(7).variables, [("PROPTEST_CASES", "7".to_owned())]);
    }
}
