//! LLVM's text and bitcode of one result, and what options do to them.

use std::sync::Arc;

use cfunc_compiler::{CompilationOptions, OptimizationLevel, PassLevel, backends};

use crate::common::{body, calls, compiled, context, is_available, request};

const SUM: &str = "
def total(x: Signal[float]) -> Signal[float]:
    values: State[List[float]] = []
    values.append(x)
    sum = 0.0
    for value in values:
        sum += value
    return sum
";

const HELPED: &str = "
def step(a: float, b: float) -> float:
    return a * b + a if a > b else b - a

def f(x: Signal[float], y: Signal[float]) -> Signal[float]:
    return step(x, y) + step(y, x)
";

/// What every engine gives, whichever made the code.
#[test]
fn the_text_exports_the_function_alone_on_every_engine() {
    if !is_available() {
        return;
    }
    let context = context();
    let texts: Vec<String> = backends()
        .into_iter()
        .map(|backend| {
            let result = compiled(&context, &request(HELPED).backend(Arc::clone(&backend)));
            let text = result.llvm_ir().expect("LLVM is there");
            let exported: Vec<&str> = text
                .lines()
                .filter(|line| line.starts_with("define ") && !line.starts_with("define internal "))
                .collect();
            assert_eq!(exported.len(), 1, "{text}");
            assert!(result.native_name().starts_with("_gc_numba_"));
            assert!(exported[0].contains(&format!("void @{}(", result.native_name())), "{}", exported[0]);
            let bitcode = result.llvm_bitcode().expect("LLVM is there");
            assert_eq!(&bitcode[..4], b"BC\xc0\xde");
            text
        })
        .collect();
    assert!(texts.len() >= 2 && texts.iter().all(|text| *text == texts[0]));
}

#[test]
fn fast_math_vectorises_a_sum() {
    if !is_available() {
        return;
    }
    let context = context();
    let text = |fastmath| {
        let options = CompilationOptions { fastmath, ..CompilationOptions::default() };
        let result = compiled(&context, &request(SUM).options(options));
        assert_eq!(result.ignored_options(), if fastmath { vec!["fastmath"] } else { vec![] }, "on Cranelift");
        body(&result.llvm_ir().expect("LLVM is there"), result.native_name()).to_owned()
    };
    let (exact, fast) = (text(false), text(true));
    assert!(exact.contains("fadd double") && !exact.contains(" x double> "), "{exact}");
    assert!(fast.contains("fadd reassoc") && fast.contains(" x double> "), "{fast}");
    // A value that is nan or infinite stays one.
    assert!(!fast.contains("nnan") && !fast.contains("ninf") && !fast.contains("fadd fast"), "{fast}");
}

#[test]
fn helpers_are_inlined_where_options_say_so() {
    if !is_available() {
        return;
    }
    let context = context();
    let inlined = |force_inline| {
        let options = CompilationOptions {
            force_inline,
            optimization_level: OptimizationLevel::None,
            // The compiler's own passes inline what is short.
            passes: PassLevel::None,
            ..CompilationOptions::default()
        };
        let result = compiled(&context, &request(HELPED).options(options));
        let text = result.llvm_ir().expect("LLVM is there");
        calls(body(&text, result.native_name())).is_empty()
    };
    assert!(!inlined(false));
    assert!(inlined(true));
}
