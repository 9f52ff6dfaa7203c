//! What a module of many functions refuses: it is as it was then, and runs.

use cfunc_backend::{BackendError, SymbolTable};
use cfunc_backend_llvm::{ModuleAssembly, ModuleError};
use cfunc_ir::{DataObject, FunctionBuilder, MemoryClass, Module, Relocation, RelocationTarget, Signature};
use cfunc_models::{CompilationOptions, Effects, Representation};
use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;

use super::support::backend;

const POINTER: Representation = Representation::Pointer;
const F64: Representation = Representation::F64;
const I64: Representation = Representation::I64;

extern "C" fn price(level: i64) -> f64 {
    level as f64 + 0.5
}

/// What the entry's name is.
const ENTRY: &str = "tested";

/// `out[0] = called(in[0])`, and an object of the host in its data.
fn unit(entry: &str, called: &str, parameter: Representation, effects: Effects) -> Module {
    let mut module = Module::new();
    module.add_data(DataObject {
        name: "objects".to_owned(),
        alignment: 8,
        contents: vec![0; 8],
        relocations: vec![Relocation { offset: 0, target: RelocationTarget::Object("book".to_owned()), addend: 0 }],
    });
    let signature = Signature::new(&[POINTER, POINTER, POINTER, Representation::I8], &[]);
    let mut builder = FunctionBuilder::new(&mut module, entry, signature);
    let (values, out) = (builder.parameter(0), builder.parameter(1));
    let level = builder.load(parameter, values, 0, MemoryClass::Foreign);
    let signature = Signature::new(&[parameter], &[F64]);
    let result = builder.call_external_values(called, signature, effects, &[level])[0];
    builder.store(result, out, 0, MemoryClass::Foreign);
    builder.return_values(&[]);
    let entry = builder.finish();
    module.entry = Some(entry);
    module
}

fn symbols_with(functions: &[(&str, *const u8)], object: usize) -> SymbolTable {
    let mut symbols = SymbolTable::new();
    for (symbol, address) in functions {
        // SAFETY: the functions are of the signature that they are called by.
        unsafe { symbols.register(symbol, *address) };
    }
    // SAFETY: nothing reads the object.
    unsafe { symbols.register_object("book", std::ptr::without_provenance(object)) };
    symbols
}

fn symbols() -> SymbolTable {
    symbols_with(&[("price", price as *const u8)], 64)
}

/// An assembly with one unit, where there is LLVM.
fn assembly() -> Option<ModuleAssembly> {
    let llvm = backend()?;
    let mut assembly = ModuleAssembly::new(&llvm, &CompilationOptions::default()).unwrap();
    let unit = unit(ENTRY, "price", I64, Effects::Reads);
    assembly.add(&unit, &symbols(), &CompilationOptions::default()).unwrap();
    Some(assembly)
}

/// What the unit gives for 2.
fn run(assembly: &ModuleAssembly) -> f64 {
    let units = assembly.load().unwrap();
    let (level, mut out) = (2_i64, 0.0_f64);
    let words = [(&raw const level) as u64, (&raw mut out) as u64, 0, 0];
    // SAFETY: the entry has this signature, and reads and writes one word.
    unsafe { units[ENTRY].call(&words) };
    out
}

/// Bitcode of a text.
#[track_caller]
fn bitcode(text: &str) -> Vec<u8> {
    let context = Context::create();
    let buffer = MemoryBuffer::create_from_memory_range_copy(format!("{text}\0").as_bytes(), "text");
    let module = context.create_module_from_ir(buffer).unwrap_or_else(|error| panic!("{}", error.to_string_lossy()));
    module.write_bitcode_to_memory().as_slice().to_vec()
}

/// The body of `price` that the refused ones are made of: a sum that no other gives.
const BODY: &str = "
define double @price(i64 %level) noinline {
  %float = sitofp i64 %level to double
  %result = fadd double %float, 100.0
  ret double %result
}
";

#[test]
fn bitcode_that_is_refused_leaves_the_module_as_it_was() {
    let Some(mut assembly) = assembly() else { return };
    let before = assembly.text();
    let mut refused = |bytes: &[u8], said: &str| {
        match assembly.link_bitcode(bytes, true) {
            Err(ModuleError::Bitcode(reason)) => assert!(reason.contains(said), "{said}: {reason}"),
            other => panic!("{said}: {other:?}"),
        }
        assert_eq!(assembly.text(), before, "{said}");
        assert_eq!(run(&assembly), 2.5, "{said}");
    };
    let with = |more: &str| bitcode(&format!("{more}\n{BODY}"));

    // No bitcode, or a part of it.
    refused(b"", "");
    refused(b"no bitcode", "");
    let body = bitcode(BODY);
    for length in [1, 4, 20, body.len() / 2, body.len() - 4] {
        refused(&body[..length], "");
    }

    // What code that is loaded cannot have.
    refused(&with("@counter = thread_local global i64 0"), "`counter` is a variable of each thread");
    let runs = "define void @early() {\n  ret void\n}\n";
    for list in ["ctors", "dtors"] {
        let entry = "{ i32, ptr, ptr } { i32 65535, ptr @early, ptr null }";
        let list = format!("@llvm.global_{list} = appending global [1 x {{ i32, ptr, ptr }}] [{entry}]\n");
        refused(&with(&format!("{list}{runs}")), "must run by itself");
    }
    for section in [".init_array", ".init_array.00100", ".fini_array", ".ctors"] {
        let pointer = format!("@runs = constant ptr @early, section \"{section}\"\n{runs}");
        refused(&with(&pointer), "must run by itself, before or after all other (runs)");
    }

    // Another machine.
    for triple in ["aarch64-unknown-linux-gnu", "riscv64-unknown-linux-gnu", "x86_64-pc-windows-msvc"] {
        let own = format!("{}-", std::env::consts::ARCH);
        let said = if triple.starts_with(&own) && triple.contains("linux") { continue } else { triple };
        refused(&with(&format!("target triple = \"{triple}\"")), said);
    }
    refused(&with("target datalayout = \"e-m:e-p:32:32-i64:64-n32-S64\""), "it lays data out as e-m:e-p:32:32");

    // What the module has, or has with other types.
    refused(&bitcode(&BODY.replace("@price", &format!("@{ENTRY}"))), ENTRY);
    refused(&bitcode(&BODY.replace("i64", "i32")), "`price` is double (i32), and nodes call it as double (i64)");
    refused(&with("@cfunc_object_book = global i8 1"), "it defines `cfunc_object_book`");

    // Functions of the runtime, whichever way they are defined.
    let raise = "cfunc_error_raise(ptr %error, i32 %kind) {\n  ret void\n}";
    for linkage in ["", "weak ", "linkonce_odr ", "available_externally "] {
        refused(&with(&format!("define {linkage}void @{raise}")), "it defines `cfunc_error_raise`");
    }
    let silent = "define internal void @silent(ptr %error, i32 %kind) {\n  ret void\n}";
    refused(
        &with(&format!("@cfunc_error_raise = alias void (ptr, i32), ptr @silent\n{silent}")),
        "`cfunc_error_raise`",
    );

    for table in
        ["define void @_GLOBAL_OFFSET_TABLE_() {\n  ret void\n}", "@_GLOBAL_OFFSET_TABLE_ = external global ptr"]
    {
        refused(&with(table), "a table that linkers make");
    }

    // What is chosen when code is loaded, and assembly.
    let chosen = "@chosen = ifunc double (i64), ptr @choose\ndefine ptr @choose() {\n  ret ptr @price\n}";
    refused(&with(chosen), "`chosen` is chosen by a function when code is loaded (ifunc)");
    refused(&with("module asm \".globl early\""), "it has assembly outside of functions");
    let wrong = "define void @wrong() {\n  call void asm sideeffect \"bogus zip\", \"\"()\n  ret void\n}";
    refused(&with(wrong), "its assembly is wrong: ");
    let alias = "@price = alias double (i32), ptr @other\n";
    let other = BODY.replace("@price", "@other").replace("i64", "i32");
    refused(&bitcode(&format!("{alias}{other}")), "`price` is double (i32), and nodes call it as double (i64)");

    // What LLVM calls by itself.
    for (symbol, parameters) in [("memcpy", "ptr, ptr, i64"), ("floor", "double")] {
        let own = format!("define void @{symbol}({parameters}) {{\n  ret void\n}}");
        refused(&with(&own), &format!("`{symbol}` is a function of C that LLVM calls by itself"));
    }

    // And what fits is linked.
    assert_eq!(assembly.link_bitcode(&body, true), Ok(()));
    assert_eq!(run(&assembly), 102.0);
}

#[test]
fn bitcode_of_a_release_to_come_is_refused() {
    let Some(mut assembly) = assembly() else { return };
    let (before, body) = (assembly.text(), bitcode(BODY));
    // The first block says which release wrote it, and the epoch of its form, which is 0: one bit makes it another.
    let mut reasons = Vec::new();
    for bit in 32..8 * 48 {
        let mut bytes = body.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Err(error) = assembly.link_bitcode(&bytes, true) {
            assert_eq!(assembly.text(), before, "bit {bit}");
            reasons.push(error.to_string());
        } else {
            assembly = self::assembly().unwrap();
        }
    }
    assert!(reasons.iter().any(|reason| reason.contains("Incompatible epoch")), "{reasons:#?}");
    assert_eq!(run(&assembly), 2.5);
}

#[test]
fn units_that_do_not_go_together_are_refused() {
    let Some(mut assembly) = assembly() else { return };
    extern "C" fn another(level: i64) -> f64 {
        level as f64
    }
    let options = CompilationOptions::default();
    let before = assembly.text();
    let known = [("price", price as *const u8), (ENTRY, price as *const u8)];
    let replaced = [("price", another as *const u8)];
    let cases = [
        (unit(ENTRY, "price", I64, Effects::Reads), symbols(), "a function of this name"),
        (unit("price", "price", I64, Effects::Reads), symbols(), "a function of this name"),
        (unit("other", "price", F64, Effects::Reads), symbols(), "other types or effects"),
        (unit("other", "price", I64, Effects::Writes), symbols(), "other types or effects"),
        (unit("other", "price", I64, Effects::Reads), symbols_with(&replaced, 64), "calls another function"),
        (unit("other", "price", I64, Effects::Reads), symbols_with(&known, 72), "its object `book`"),
        (unit("other", ENTRY, I64, Effects::Reads), symbols_with(&known, 64), "by the name of one in the module"),
    ];
    for (unit, symbols, said) in cases {
        match assembly.add(&unit, &symbols, &options) {
            Err(ModuleError::Conflict { reason, .. }) => assert!(reason.contains(said), "{said}: {reason}"),
            other => panic!("{said}: {other:?}"),
        }
        assert_eq!(assembly.text(), before, "{said}");
    }
    let unknown = unit("other", "unknown", I64, Effects::Reads);
    let undefined = ModuleError::Backend(BackendError::UndefinedSymbol { symbol: "unknown".to_owned() });
    assert_eq!(assembly.add(&unknown, &symbols(), &options), Err(undefined));
    assert_eq!((assembly.text(), run(&assembly)), (before, 2.5));
    // Bitcode was there first, with other types.
    assembly.link_bitcode(&bitcode(&BODY.replace("@price", "@later").replace("i64", "i32")), true).unwrap();
    let later = unit("other", "later", I64, Effects::Reads);
    let with_later = symbols_with(&[("later", another as *const u8)], 64);
    match assembly.add(&later, &with_later, &options) {
        Err(ModuleError::Conflict { reason, .. }) => assert!(reason.contains("with other types"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(run(&assembly), 2.5);
}

#[test]
fn functions_of_c_stay_themselves_beside_those_of_a_host_of_the_same_name() {
    let Some(mut assembly) = assembly() else { return };
    // What nodes know as `floor` is none of the C library's, and LLVM has its own besides.
    extern "C" fn floor(level: i64) -> f64 {
        level as f64 * 10.0
    }
    let options = CompilationOptions::default();
    let with_floor = symbols_with(&[("floor", floor as *const u8)], 64);
    assembly.add(&unit("floors", "floor", I64, Effects::Reads), &with_floor, &options).unwrap();
    let before = assembly.text();
    // Bitcode that calls the function of C would reach the host's.
    let calls = "declare double @floor(double)\n\
                 define double @price(i64 %level) {\n  %r = call double @floor(double 2.5)\n  ret double %r\n}";
    match assembly.link_bitcode(&bitcode(calls), true) {
        Err(ModuleError::Bitcode(reason)) => assert!(reason.contains("`floor` is a function of C"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(assembly.text(), before);
    // Rounding, which LLVM may call a function for.
    let rounds = "declare double @llvm.floor.f64(double)\n\
                  define double @price(i64 %level) {\n  %f = sitofp i64 %level to double\n  %h = fdiv double %f, 4.0\n\
                  %r = call double @llvm.floor.f64(double %h)\n  ret double %r\n}";
    assembly.link_bitcode(&bitcode(rounds), true).unwrap();
    assembly.optimize().unwrap();
    let units = assembly.load().unwrap();
    for (entry, expected) in [("floors", 70.0), (ENTRY, 1.0)] {
        let (level, mut out) = (7_i64, 0.0_f64);
        let words = [(&raw const level) as u64, (&raw mut out) as u64, 0, 0];
        // SAFETY: the entries have this signature, and read and write one word.
        unsafe { units[entry].call(&words) };
        assert_eq!(out, expected, "{entry}");
    }
    // A linker would take one for the other.
    assert!(matches!(assembly.object(), Err(ModuleError::Backend(BackendError::Unsupported { .. }))));
}

#[test]
fn what_llvm_calls_for_operations_of_bitcode_is_provided_or_refused() {
    let Some(mut assembly) = assembly() else { return };
    let sine = "declare double @llvm.sin.f64(double)\n\
                define double @price(i64 %level) {\n  %f = sitofp i64 %level to double\n\
                %r = call double @llvm.sin.f64(double %f)\n  ret double %r\n}";
    assembly.link_bitcode(&bitcode(sine), true).unwrap();
    assembly.optimize().unwrap();
    let undefined = ModuleError::Undefined { symbols: vec!["sin".to_owned()] };
    assert_eq!(assembly.load().map(drop), Err(undefined));
    extern "C" fn sine_of(value: f64) -> f64 {
        value.sin()
    }
    assembly.provide(&symbols_with(&[("sin", sine_of as *const u8)], 64));
    assert_eq!(run(&assembly), 2.0_f64.sin());
}

#[test]
fn second_names_are_names() {
    let text = format!("@price = alias double (i64), ptr @priced\n{}", BODY.replace("@price", "@priced"));
    for internalize in [true, false] {
        let Some(mut assembly) = assembly() else { return };
        assembly.link_bitcode(&bitcode(&text), internalize).unwrap();
        assert_eq!(run(&assembly), 102.0);
        assembly.optimize().unwrap();
        assert_eq!(run(&assembly), 102.0);
        assert_eq!(assembly.text().contains("@price ="), !internalize, "{}", assembly.text());
    }
}

#[test]
fn all_that_is_missing_is_named() {
    let Some(mut assembly) = assembly() else { return };
    let before = assembly.text();
    let names: Vec<String> = (0..12).map(|index| format!("helper_{index:02}")).collect();
    let declared: String = names.iter().map(|name| format!("declare double @{name}(double)\n")).collect();
    let calls: String = (0..12)
        .map(|index| format!("  %v{} = call double @helper_{index:02}(double %v{index})\n", index + 1))
        .collect();
    let text = format!(
        "{declared}declare double @llvm.sin.f64(double)\ndefine double @price(i64 %level) {{\n  %v0 = sitofp i64 %level to \
         double\n{calls}  %s = call double @llvm.sin.f64(double %v12)\n  ret double %s\n}}"
    );
    let bytes = bitcode(&text);
    let sine = ["sin".to_owned()];
    let missing = ModuleError::Undefined { symbols: names.iter().chain(&sine).cloned().collect() };
    let said = missing.to_string();
    assert!(said.contains("needs `helper_00`, `helper_01`, ") && said.contains("`helper_09` and 3 more"), "{said}");
    assert!(said.contains("`LlvmModule::provide`"), "{said}");
    // What needs more than is known is linked, unless it must be complete.
    assert_eq!(assembly.link_complete_bitcode(&bytes, true), Err(missing));
    assert_eq!((assembly.text(), run(&assembly)), (before, 2.5));
    assembly.link_bitcode(&bytes, true).unwrap();
    assert_eq!(assembly.load().map(drop), Err(ModuleError::Undefined { symbols: names.clone() }));

    let mut assembly = self::assembly().unwrap();
    extern "C" fn half(value: f64) -> f64 {
        value / 2.0
    }
    let known: Vec<(&str, *const u8)> =
        names.iter().chain(&sine).map(|name| (name.as_str(), half as *const u8)).collect();
    assembly.provide(&symbols_with(&known, 64));
    assert_eq!(assembly.link_complete_bitcode(&bytes, true), Ok(()));
    assert_eq!(run(&assembly), 2.0 / 8192.0);
    // Bitcode that calls what other bitcode of the module defines is complete as well.
    let more = "declare double @price(i64)\ndefine double @twice(i64 %level) {\n  %p = call double @price(i64 %level)\n  \
                %r = fadd double %p, %p\n  ret double %r\n}";
    assert_eq!(assembly.link_complete_bitcode(&bitcode(more), true), Ok(()));
}
