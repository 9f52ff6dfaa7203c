//! Processors and their features by name: what is none is an error.

use cfunc_backend::{Backend, BackendError, CodeText, SymbolTable};
use cfunc_ir::{MemoryClass, Module, Signature, UnaryOperation};
use cfunc_models::{CompilationOptions, Effects, OptimizationLevel, Representation, TargetCpu};

use super::support::{backend, node_module};

/// `out[0] = called(floor(in[0]), in[16])`.
fn module() -> Module {
    node_module(|builder, values, out| {
        let value = builder.load(Representation::F64, values, 0, MemoryClass::Foreign);
        let wide = builder.load(Representation::I128, values, 16, MemoryClass::Foreign);
        let rounded = builder.unary(UnaryOperation::FloatFloor, value);
        let signature = Signature::new(&[Representation::F64, Representation::I128], &[Representation::F64]);
        let called = builder.call_external_values("called", signature, Effects::Writes, &[rounded, wide])[0];
        builder.store(called, out, 0, MemoryClass::Foreign);
    })
}

fn options(name: &str, features: &str, optimization_level: OptimizationLevel) -> CompilationOptions {
    let target_cpu = TargetCpu::Named { name: name.to_owned(), features: features.to_owned() };
    CompilationOptions { optimization_level, target_cpu, ..CompilationOptions::default() }
}

#[test]
fn what_llvm_does_not_know_is_an_error() {
    let Some(llvm) = backend() else { return };
    let cases = [
        ("pentium9", "", "the processor `pentium9`"),
        ("", "", "the processor ``"),
        ("help", "", "the processor `help`"),
        // It runs no program of this kind.
        ("i386", "", "the processor `i386`"),
        ("generic", "+flying", "the feature `flying`"),
        ("generic", "+help", "the feature `help`"),
        ("generic", "+64bit-mode", "the feature `64bit-mode`"),
        ("generic", "flying", "the feature `flying` of processors: write `+flying` or `-flying`"),
        ("generic", "+\0", "the feature `\0`"),
        ("native", "", "the processor `native`: the one that this runs on is the default, `TargetCpu::Host`"),
        ("generic", "+fma, +sse", "the features `+fma, +sse` of processors: write `+fma,+sse`, without spaces"),
        ("generic", "+fma,,", "the features `+fma,,` of processors: there is none between two commas"),
        ("GENERIC", "", "the processor `GENERIC`; did you mean `generic`?"),
    ];
    for (name, features, said) in cases {
        for optimization_level in [OptimizationLevel::None, OptimizationLevel::Quick, OptimizationLevel::Speed] {
            let options = options(name, features, optimization_level);
            let mut symbols = SymbolTable::new();
            // SAFETY: no code is made that would call it.
            unsafe { symbols.register("called", std::ptr::dangling()) };
            let refused = [
                llvm.compile(&module(), &symbols, &options).map(drop),
                llvm.text(&module(), &options, CodeText::Intermediate).map(drop),
                llvm.bitcode(&module(), &options).map(drop),
            ];
            for refused in refused {
                match refused {
                    Err(BackendError::Unsupported { feature, .. }) => assert!(feature.starts_with(said), "{feature}"),
                    other => panic!("{name} {features}: {other:?}"),
                }
            }
        }
    }
    #[cfg(target_arch = "x86_64")]
    {
        let error = llvm.text(&module(), &options("znver9", "", OptimizationLevel::Speed), CodeText::Intermediate);
        let said =
            "the llvm backend does not support the processor `znver9`; it knows znver1, znver2, znver3, znver4, znver5";
        assert_eq!(error.unwrap_err().to_string(), said);
        let minus = llvm.bitcode(&module(), &options("x86-64-v3", "+avx2,-sse2", OptimizationLevel::Speed));
        assert!(minus.unwrap_err().to_string().contains("without `sse2`"));
        let large = llvm.bitcode(&module(), &options("generic", "+AVX2", OptimizationLevel::Speed));
        assert!(large.unwrap_err().to_string().ends_with("the feature `AVX2` of processors; did you mean `avx2`?"));
    }
}

/// No processor of Intel has it, and none of AMD that was made since 2017.
#[cfg(all(cfunc_llvm, target_arch = "x86_64"))]
#[test]
fn code_of_features_that_this_processor_has_not_is_made_and_does_not_run() {
    let Some(llvm) = backend() else { return };
    let mut symbols = SymbolTable::new();
    // SAFETY: the code is never called.
    unsafe { symbols.register("called", std::ptr::dangling()) };
    let foreign = options("x86-64-v2", "+xop", OptimizationLevel::Speed);
    let said = "the llvm backend does not support running code with `+xop` here, which this processor has not got; ";
    let error = llvm.compile(&module(), &symbols, &foreign).map(drop).unwrap_err().to_string();
    assert!(error.starts_with(said), "{error}");
    llvm.text(&module(), &foreign, CodeText::Assembly).unwrap();
    let mut assembly = cfunc_backend_llvm::ModuleAssembly::new(&llvm, &foreign).unwrap();
    assembly.add(&module(), &symbols, &foreign).unwrap();
    assert_eq!(assembly.load().map(drop).unwrap_err().to_string(), error);
    assembly.object().unwrap();
    let own = options("x86-64-v2", "+xop,-xop", OptimizationLevel::Speed);
    llvm.compile(&module(), &symbols, &own).unwrap();
}
