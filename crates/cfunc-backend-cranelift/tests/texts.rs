//! What Cranelift makes of modules, as text.

use cfunc_backend::{Backend, CodeText};
use cfunc_backend_cranelift::CraneliftBackend;
use cfunc_ir::{BinaryOperation, FunctionBuilder, MemoryClass, Module, Signature};
use cfunc_models::{CompilationOptions, Effects, Representation};

const POINTER: Representation = Representation::Pointer;
const I64: Representation = Representation::I64;
const F64: Representation = Representation::F64;

/// A module of one function, which is the entry.
fn module(
    parameters: &[Representation],
    results: &[Representation],
    body: impl FnOnce(&mut FunctionBuilder<'_>),
) -> Module {
    let mut module = Module::new();
    let mut builder = FunctionBuilder::new(&mut module, "tested", Signature::new(parameters, results));
    body(&mut builder);
    let entry = builder.finish();
    module.entry = Some(entry);
    module
}

/// A function that calls one outside.
fn calls_note() -> Module {
    module(&[I64, F64], &[F64], |builder| {
        let (value, factor) = (builder.parameter(0), builder.parameter(1));
        let signature = Signature::new(&[I64, F64], &[F64]);
        let result = builder.call_external("test_note", signature, Effects::Writes, &[value, factor]).unwrap();
        builder.return_values(&[result]);
    })
}

#[test]
fn loads_of_one_class_survive_stores_to_another() {
    let module = module(&[POINTER, POINTER], &[F64], |builder| {
        let (input, output) = (builder.parameter(0), builder.parameter(1));
        let first = builder.load(F64, input, 0, MemoryClass::Input);
        builder.store(first, output, 0, MemoryClass::Output);
        let second = builder.load(F64, input, 0, MemoryClass::Input);
        let sum = builder.binary(BinaryOperation::FloatAdd, first, second);
        builder.return_values(&[sum]);
    });
    let text = CraneliftBackend::new().text(&module, &CompilationOptions::default(), CodeText::Intermediate).unwrap();
    assert_eq!(text.matches("load.f64").count(), 1, "{text}");
}

#[test]
fn text_forms() {
    let backend = CraneliftBackend::new();
    let options = CompilationOptions::default();
    let text = backend.text(&calls_note(), &options, CodeText::Intermediate).unwrap();
    assert!(text.contains("; u1:0 = external test_note"), "{text}");
    assert!(text.contains("function u0:0(i64, f64) -> f64"), "{text}");
    let text = backend.text(&calls_note(), &options, CodeText::Assembly).unwrap();
    assert!(text.contains("ret"), "{text}");
    assert_eq!(backend.name(), "cranelift");
}
