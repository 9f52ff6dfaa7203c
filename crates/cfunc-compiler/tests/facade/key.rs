//! What changes the semantic key, and what does not.

use crate::common::{EMA, compiled, context, request};
use cfunc_compiler::{
    AbiConfig, CompilationContext, CompilationOptions, CompileRequest, ErrorModel, Extension, ExtensionId, Interpreter,
    MissingKey, OptimizationLevel, Registrar, RegistrationError, Value, compile, defaults,
};

fn ema() -> CompileRequest {
    request(EMA).constant("alpha", 0.5)
}

fn key(request: &CompileRequest) -> [u8; 32] {
    *compiled(request).semantic_hash()
}

#[track_caller]
fn same(request: &CompileRequest) {
    assert_eq!(key(request), key(&ema()));
}

#[track_caller]
fn different(request: &CompileRequest) {
    assert_ne!(key(request), key(&ema()));
}

/// The average with one piece of its text replaced.
#[track_caller]
fn edited(from: &str, to: &str) -> CompileRequest {
    assert!(EMA.contains(from));
    request(&EMA.replace(from, to)).constant("alpha", 0.5)
}

#[test]
fn layout_and_comments_do_not_count() {
    same(&edited("    return average\n", "\n    # the new average\n    return (average)  # done\n"));
    same(&edited("alpha * x", "( alpha*x )"));
    same(&edited("\ndef", "\n\n\n# about averages\ndef"));
    let renamed = CompileRequest::new(cfunc_compiler::Source::new("other.py", EMA)).constant("alpha", 0.5);
    same(&renamed);
}

#[test]
fn how_code_is_made_does_not_count() {
    same(&ema().backend(std::sync::Arc::new(Interpreter::new())));
    let options = CompilationOptions {
        force_inline: true,
        optimization_level: OptimizationLevel::None,
        verify: true,
        ..CompilationOptions::default()
    };
    same(&ema().options(options));
}

#[test]
fn meaning_counts() {
    different(&request(EMA).constant("alpha", 0.25));
    different(&edited("= 0.0", "= 1.0"));
    different(&edited("= 0.0", "= -0.0"));
    different(&edited("def ema", "def mean"));
    different(&edited("+ (1.0", "- (1.0"));
    let base = CompilationOptions::default;
    for options in [
        CompilationOptions { error_model: ErrorModel::Python, ..base() },
        CompilationOptions { checked_integers: true, ..base() },
        CompilationOptions { missing_key: MissingKey::Zero, ..base() },
        CompilationOptions { interruptible: true, ..base() },
        CompilationOptions { fastmath: true, ..base() },
    ] {
        different(&ema().options(options));
    }
}

/// Registers nothing, and counts nevertheless.
struct Nothing(u32);

impl Extension for Nothing {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("nothing", self.0)
    }

    fn register(&self, _registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        Ok(())
    }
}

#[test]
fn the_context_counts() {
    let of = |context: &CompilationContext| *compile(context, &ema()).expect("it compiles").semantic_hash();
    let builder = || CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    let plain = of(&context());
    let first = of(&builder().with(Nothing(1)).build().expect("it fits"));
    let second = of(&builder().with(Nothing(2)).build().expect("it fits"));
    let narrow = AbiConfig { enum_width: 8, ..AbiConfig::default() };
    let narrow = of(&builder().abi(narrow).build().expect("it fits"));
    let keys = [plain, first, second, narrow];
    for (index, key) in keys.iter().enumerate() {
        assert!(!keys[..index].contains(key));
    }
}

#[test]
fn the_prefix_is_the_hosts() {
    let abi = AbiConfig { symbol_prefix: "node_".to_owned(), ..AbiConfig::default() };
    let context = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).abi(abi).build();
    let result = compile(&context.expect("it fits"), &ema()).expect("it compiles");
    assert_eq!(result.native_name(), format!("node_{}", result.semantic_key()));
}

#[test]
fn the_last_value_of_a_constant_counts() {
    same(&request(EMA).constant("alpha", 0.75).constant("alpha", 0.5));
    different(&request(EMA).constant("alpha", Value::Float(0.75)));
}

#[test]
fn keys_are_the_same_in_every_thread() {
    let here = key(&ema());
    // Other work before it, in another order, on another thread.
    let there = std::thread::spawn(|| {
        let _other = key(&request("def one(x: Signal[int]) -> Signal[int]:\n    return x\n"));
        key(&ema())
    });
    assert_eq!(there.join().expect("it compiles"), here);
}
