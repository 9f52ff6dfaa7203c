//! Operations that are put in a processor's words after the passes.

use cfunc_backend::{Backend, CodeText, SymbolTable};
use cfunc_ir::{ConvertOperation, MemoryClass};
use cfunc_models::{CompilationOptions, OptimizationLevel, Representation};

use super::support::{backend, node_module};

#[test]
fn conversions_saturate_beside_the_hot_path() {
    let Some(llvm) = backend() else { return };
    let module = node_module(|builder, values, out| {
        let value = builder.load(Representation::F64, values, 0, MemoryClass::Foreign);
        let converted = builder.convert(ConvertOperation::FloatToSignedSaturating, value, Representation::I64);
        builder.store(converted, out, 0, MemoryClass::Foreign);
    });
    for optimization_level in [OptimizationLevel::None, OptimizationLevel::Quick, OptimizationLevel::Speed] {
        let options = CompilationOptions { optimization_level, ..CompilationOptions::default() };
        let text = llvm.text(&module, &options, CodeText::Intermediate).unwrap();
        assert!(text.contains("@llvm.fptosi.sat.i64.f64") && !text.contains("cvttsd2si"), "{text}");
        if cfg!(target_arch = "x86_64") {
            // On the hot path, and where LLVM compares with the ends of the range.
            let assembly = llvm.text(&module, &options, CodeText::Assembly).unwrap();
            assert_eq!(assembly.matches("cvttsd2si").count(), 2, "{assembly}");
        }
        let code = llvm.compile(&module, &SymbolTable::new(), &options).unwrap();
        let smallest = -(2.0_f64.powi(63));
        let edges = [
            (0.0, 0),
            (-1.9, -1),
            (2.0_f64.powi(53), 1 << 53),
            (smallest, i64::MIN),
            (smallest.next_down(), i64::MIN),
            (f64::NEG_INFINITY, i64::MIN),
            ((-smallest).next_down(), i64::MAX - 1023),
            (-smallest, i64::MAX),
            (f64::INFINITY, i64::MAX),
            (f64::NAN, 0),
            (-f64::NAN, 0),
        ];
        for (value, expected) in edges {
            let (value, mut out) = (f64::to_bits(value), 0_i64);
            let words = [(&raw const value) as u64, (&raw mut out) as u64, 0, 0];
            // SAFETY: the entry has this signature, and reads and writes one word.
            unsafe { code.call(&words) };
            assert_eq!(out, expected, "{}, {optimization_level:?}", f64::from_bits(value));
        }
    }
}
