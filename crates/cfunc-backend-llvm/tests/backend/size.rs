//! Functions that LLVM's best code generator takes long for.

use cfunc_backend::{Backend, CodeText};
use cfunc_ir::{BinaryOperation, MemoryClass, Module};
use cfunc_models::{CompilationOptions, OptimizationLevel, Representation};

use super::support::{backend, node_module};

/// `out[i] = in[i] + 8 * in[i + 1]`, so many times: one addition by what computes addresses, for who looks at two
/// operations at once.
fn module(count: i32) -> Module {
    node_module(|builder, values, out| {
        for index in 0..count {
            let left = builder.load(Representation::I64, values, 8 * index, MemoryClass::Foreign);
            let right = builder.load(Representation::I64, values, 8 * index + 8, MemoryClass::Foreign);
            let eight = builder.integer_constant(Representation::I64, 8);
            let product = builder.binary(BinaryOperation::IntegerMultiply, right, eight);
            let sum = builder.binary(BinaryOperation::IntegerAdd, left, product);
            builder.store(sum, out, 8 * index, MemoryClass::Foreign);
        }
    })
}

#[test]
fn code_of_large_functions_is_made_quickly() {
    let Some(llvm) = backend() else { return };
    let text = |module: &Module, optimization_level| {
        let options = CompilationOptions { optimization_level, ..CompilationOptions::default() };
        llvm.text(module, &options, CodeText::Assembly).unwrap()
    };
    for (count, is_quick) in [(20, false), (1_200, true)] {
        let module = module(count);
        let [quick, speed] = [OptimizationLevel::Quick, OptimizationLevel::Speed].map(|level| text(&module, level));
        assert_eq!(quick == speed, is_quick, "{count}: {}", &speed[..1_000]);
    }
}
