//! Calls of functions that the C compiler made, with arguments of every kind in every position, on every engine.

use std::ffi::CString;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use cfunc_compiler::ir::{FunctionBuilder, MemoryClass, Module, Signature};
use cfunc_compiler::{
    Backend, CompilationOptions, Effects, Interpreter, Representation, SymbolTable, backends_at_all_levels,
};

use Representation::{F64, I8, I16, I32, I64, I128};

/// What a function gives.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Gives {
    One(Representation),
    /// A struct of two words.
    Pair,
}

struct Case {
    parameters: Vec<Representation>,
    gives: Gives,
}

/// So many integers before a wide one and after it, with what else a convention counts.
fn cases() -> Vec<Case> {
    let results = [Gives::One(I128), Gives::One(I64), Gives::Pair, Gives::One(F64)];
    let mut cases = Vec::new();
    let mut add = |parameters: Vec<Representation>| {
        let gives = results[cases.len() % results.len()];
        cases.push(Case { parameters, gives });
    };
    for before in 0..10 {
        for after in 0..3 {
            let mut parameters = vec![I64; before];
            parameters.push(I128);
            parameters.extend(vec![I64; after]);
            add(parameters.clone());
            // A second wide one, with what is narrow around it.
            parameters.extend([I8, I128, I16, F64, I32]);
            add(parameters);
        }
    }
    // Nothing wide; more floats than registers, mixed with narrow integers; many of each.
    add(vec![]);
    add(vec![I8, I16, I32, I64, F64]);
    add([F64, I8].repeat(10));
    add([F64, I128].repeat(10));
    add([I128, I32].repeat(9));
    add(vec![I64; 20]);
    cases
}

fn c_type(representation: Representation) -> &'static str {
    match representation {
        I8 => "int8_t",
        I16 => "int16_t",
        I32 => "int32_t",
        I64 => "int64_t",
        I128 => "wide",
        F64 => "double",
        Representation::Pointer => "void *",
    }
}

/// Each argument times a number of its own, added as 128 bits; `double`s hold integers.
fn source(cases: &[Case]) -> String {
    let mut text =
        "#include <stdint.h>\ntypedef unsigned __int128 wide;\ntypedef struct { int64_t low, high; } pair;\n"
            .to_owned();
    for (number, case) in cases.iter().enumerate() {
        let result = match case.gives {
            Gives::One(one) => c_type(one),
            Gives::Pair => "pair",
        };
        let parameters: Vec<String> =
            case.parameters.iter().enumerate().map(|(index, one)| format!("{} a{index}", c_type(*one))).collect();
        let parameters = if parameters.is_empty() { "void".to_owned() } else { parameters.join(", ") };
        writeln!(text, "{result} f{number}({parameters}) {{\n    wide sum = 7;").unwrap();
        for (index, parameter) in case.parameters.iter().enumerate() {
            let value = match parameter {
                I128 => format!("a{index}"),
                F64 => format!("(wide)(__int128)(int64_t)a{index}"),
                _ => format!("(wide)(__int128)a{index}"),
            };
            writeln!(text, "    sum += {value} * {}u;", factor(index)).unwrap();
        }
        let result = match case.gives {
            Gives::One(F64) => "(double)(int32_t)sum",
            Gives::One(_) => "sum",
            Gives::Pair => "(pair){(int64_t)sum, (int64_t)(sum >> 64)}",
        };
        writeln!(text, "    return {result};\n}}").unwrap();
    }
    text
}

fn factor(index: usize) -> u128 {
    2 * index as u128 + 3
}

fn argument(index: usize, representation: Representation) -> u128 {
    // Signs alternate, and every byte of a wide one counts.
    let sign = if index.is_multiple_of(2) { 1 } else { -1 };
    match representation {
        I8 => (sign * (100 + index as i128 % 20)).cast_unsigned(),
        I16 => (sign * 30_000).cast_unsigned(),
        I32 | F64 => (sign * (2_000_000_000 + index as i128)).cast_unsigned(),
        I64 | Representation::Pointer => (sign * (0x0123_4567_89ab_cdef + index as i128)).cast_unsigned(),
        I128 => 0xfedc_ba98_7654_3210_0f1e_2d3c_4b5a_6978_u128.wrapping_add(index as u128),
    }
}

/// Loads the arguments from one array of 16 bytes each, and stores what comes out in another.
fn module(symbol: &str, case: &Case) -> Module {
    let pointer = Representation::Pointer;
    let mut module = Module::new();
    let signature = Signature::new(&[pointer, pointer, pointer, I8], &[]);
    let mut builder = FunctionBuilder::new(&mut module, "tested", signature);
    let (values, out) = (builder.parameter(0), builder.parameter(1));
    let mut arguments = Vec::new();
    for (index, representation) in case.parameters.iter().enumerate() {
        let offset = 16 * i32::try_from(index).unwrap();
        arguments.push(builder.load(*representation, values, offset, MemoryClass::Foreign));
    }
    let results: &[Representation] = match &case.gives {
        Gives::One(one) => std::slice::from_ref(one),
        Gives::Pair => &[I64, I64],
    };
    let signature = Signature::new(&case.parameters, results);
    let results = builder.call_external_values(symbol, signature, Effects::Writes, &arguments);
    for (index, result) in results.iter().enumerate() {
        builder.store(*result, out, 8 * i32::try_from(index).unwrap(), MemoryClass::Foreign);
    }
    builder.return_values(&[]);
    let entry = builder.finish();
    module.entry = Some(entry);
    module
}

/// A shared library of the source, for the rest of the process.
fn load(text: &str) -> *mut libc::c_void {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("foreign-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (source, library) = (folder.join("functions.c"), folder.join("functions.so"));
    std::fs::write(&source, text).unwrap();
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let status = Command::new(compiler).args(["-O1", "-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
    assert!(status.unwrap().success());
    let path = CString::new(library.to_str().unwrap()).unwrap();
    // SAFETY: a library without constructors.
    let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
    assert!(!handle.is_null());
    std::fs::remove_dir_all(&folder).unwrap();
    handle
}

#[test]
fn arguments_are_where_c_has_them() {
    let cases = cases();
    let library = load(&source(&cases));
    let options = CompilationOptions { verify: true, ..CompilationOptions::default() };
    let strict: Arc<dyn Backend> = Arc::new(Interpreter::strict());
    let engines: Vec<Arc<dyn Backend>> = backends_at_all_levels().into_iter().chain([strict]).collect();
    for (number, case) in cases.iter().enumerate() {
        let symbol = format!("f{number}");
        let name = CString::new(symbol.as_str()).unwrap();
        // SAFETY: the library is loaded, and never unloaded.
        let address = unsafe { libc::dlsym(library, name.as_ptr()) };
        assert!(!address.is_null());
        let mut symbols = SymbolTable::new();
        // SAFETY: the function has the signature of the case.
        unsafe { symbols.register(&symbol, address.cast_const().cast()) };
        let mut values = vec![0_u128; case.parameters.len() + 1];
        let mut expected = 7_u128;
        for (index, representation) in case.parameters.iter().enumerate() {
            let value = argument(index, *representation);
            expected = expected.wrapping_add(value.wrapping_mul(factor(index)));
            values[index] = match representation {
                #[expect(clippy::cast_precision_loss, reason = "it has 31 bits")]
                F64 => u128::from((value.cast_signed() as f64).to_bits()),
                _ => value,
            };
        }
        let expected = match case.gives {
            #[expect(clippy::cast_possible_truncation, reason = "as C does")]
            Gives::One(F64) => u128::from(f64::from(expected as i32).to_bits()),
            Gives::One(I64) => expected & u128::from(u64::MAX),
            Gives::One(_) | Gives::Pair => expected,
        };
        let module = module(&symbol, case);
        for engine in &engines {
            let code = engine.compile(&module, &symbols, &options).unwrap();
            let mut result = [0_u128];
            let words =
                [values.as_mut_ptr().expose_provenance() as u64, result.as_mut_ptr().expose_provenance() as u64, 0, 0];
            // SAFETY: the arrays are as large as the module has them.
            unsafe { code.call(&words) };
            assert_eq!(result, [expected], "{}: {:?} -> {:?}", engine.name(), case.parameters, case.gives);
        }
    }
}
