//! What a backend does not do of what options ask for, and what a build without a feature says.

use cfunc_compiler::{CompilationOptions, OptimizationLevel, TargetCpu, backends};

use crate::common::{EMA, compiled, request};

#[test]
fn options_that_mean_nothing_to_a_backend_are_listed_and_change_nothing() {
    for engine in backends() {
        let name = engine.name();
        let compiled_with = |options| {
            compiled(&request(EMA).constant("alpha", 0.5).backend(std::sync::Arc::clone(&engine)).options(options))
        };
        assert_eq!(compiled_with(CompilationOptions::default()).ignored_options(), Vec::<&str>::new(), "{name}");
        let asked = CompilationOptions {
            fastmath: true,
            force_inline: true,
            optimization_level: OptimizationLevel::Quick,
            target_cpu: TargetCpu::Named { name: "x86-64".to_owned(), features: String::new() },
            ..CompilationOptions::default()
        };
        let result = compiled_with(asked);
        let expected: &[&str] = match name {
            "llvm" => &[],
            _ => &["fastmath", "force_inline", "optimization_level", "target_cpu"],
        };
        assert_eq!(result.ignored_options(), expected, "{name}");
        let mut node = result.instantiate().expect("it has cells");
        let (x, out) = (node.input::<f64>("x").expect("an input"), node.output::<f64>(0).expect("an output"));
        node.start().expect("it starts");
        node.set(x, 8.0);
        node.execute().expect("it runs");
        assert_eq!(node.ticked(out), Some(4.0), "{name}");
        let plain =
            compiled_with(CompilationOptions { optimization_level: OptimizationLevel::None, ..Default::default() });
        let expected: &[&str] = if name == "interpreter" { &["optimization_level"] } else { &[] };
        assert_eq!(plain.ignored_options(), expected, "{name}");
    }
}

#[cfg(not(feature = "llvm"))]
#[test]
fn the_error_names_the_feature_that_brings_llvm() {
    let result = compiled(&request(EMA).constant("alpha", 0.5));
    for error in [result.llvm_ir().map(drop), result.llvm_bitcode().map(drop)] {
        let error = error.expect_err("the feature is not in this build").to_string();
        assert!(error.contains("llvm backend is not available") && error.contains("feature `llvm`"), "{error}");
    }
}
