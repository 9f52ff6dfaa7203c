//! Memory, calls, faults, and a node by hand, through the backend interface.

use std::collections::HashSet;
use std::sync::Arc;

use cfunc_backend::{Backend, BackendError, CodeText, CompiledCode, SymbolTable};
use cfunc_backend_interp::{Fault, Interpreter, run_function, try_run_function};
use cfunc_ir::testing::{FLAG_BYTES, RESULT_WORDS, random_inputs, random_module, random_module_in_memory};
use cfunc_ir::{FunctionId, Module, parse_module};
use cfunc_models::{CompilationOptions, NodeErrorKind};

#[track_caller]
fn parse(text: &str) -> Module {
    parse_module(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[track_caller]
fn compile(backend: Interpreter, module: &Module, symbols: &SymbolTable) -> Arc<dyn CompiledCode> {
    backend.compile(module, symbols, &CompilationOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str, symbols: &SymbolTable) -> BackendError {
    Interpreter::new()
        .compile(&parse(text), symbols, &CompilationOptions::default())
        .expect_err("the interpreter refuses it")
}

fn first(module: &Module, arguments: &[u64]) -> Result<Vec<u64>, Fault> {
    try_run_function(module, FunctionId::from_index(0), arguments, Some(10_000))
        .unwrap_or_else(|error| panic!("{error}"))
}

fn address<T>(array: &mut [T]) -> u64 {
    array.as_mut_ptr().expose_provenance() as u64
}

/// `s = alpha * x + (1 - alpha) * s; return s`, on ticks where x ticked.
const EMA: &str = "
    entry fn0
    fn0 = function \"ema\" (ptr, ptr, ptr, i8, ptr, ptr, ptr) {
    block0(v0: ptr, v1: ptr, v2: ptr, v3: i8, v4: ptr, v5: ptr, v6: ptr):
        v7: i8 = iconst 0
        v8: i8 = icmp eq v3, v7
        branch v8, block1, block3
    block1:
        v9: i8 = load host_flag v5+0
        branch v9, block2, block3
    block2:
        v10: ptr = load slot v4+0
        v11: f64 = load input v10+0
        v12: ptr = load slot v2+0
        v13: f64 = load state v12+0
        v14: f64 = fconst 0.25
        v15: f64 = fconst 0.75
        v16: f64 = fmul v14, v11
        v17: f64 = fmul v15, v13
        v18: f64 = fadd v16, v17
        store state v18, v12+0
        v19: ptr = load slot v0+0
        store output v18, v19+0
        v20: i8 = iconst 1
        store output_ticked v20, v1+0
        return
    block3:
        return
    }
";

#[test]
fn a_node_over_real_arrays() {
    let code = compile(Interpreter::strict(), &parse(EMA), &SymbolTable::new());
    assert_eq!(code.entry_address(), None);
    assert!(code.size() > 0);
    let (mut output, mut state, mut input) = ([0.0], [8.0], [0.0]);
    let mut outputs = [address(&mut output)];
    let mut states = [address(&mut state)];
    let mut inputs = [address(&mut input)];
    let (mut output_ticked, mut input_ticked, mut input_valid) = ([0_i8], [0_i8], [1_i8]);
    let mut expected = 8.0;
    for (round, (value, ticked, phase)) in
        [(4.0, 1, 0), (-2.5, 1, 0), (9.0, 0, 0), (9.0, 1, 1), (9.0, 1, -3), (1e300, 1, 0)].into_iter().enumerate()
    {
        // Through the addresses, as a host in C does.
        input[0] = value;
        inputs[0] = address(&mut input);
        input_ticked[0] = ticked;
        output_ticked[0] = 0;
        outputs[0] = address(&mut output);
        states[0] = address(&mut state);
        let arguments = [
            address(&mut outputs),
            address(&mut output_ticked),
            address(&mut states),
            i64::from(phase).cast_unsigned(),
            address(&mut inputs),
            address(&mut input_ticked),
            address(&mut input_valid),
        ];
        // SAFETY: the arrays are those of the node's signature.
        unsafe { code.call(&arguments) };
        let runs = ticked == 1 && phase == 0;
        if runs {
            expected = 0.25 * value + 0.75 * expected;
            assert_eq!(output[0], expected, "{round}");
        }
        assert_eq!(state[0], expected, "{round}");
        assert_eq!(output_ticked[0] == 1, runs, "{round}");
    }
    assert_eq!(cfunc_runtime::take_error(), None);
}

#[test]
fn stack_slots_and_data_of_every_width() {
    let module = parse(
        "
        data0 = data \"first\" align 16 \"\\01\\02\\03\\04\\05\\06\\07\\08\\09\\0a\\0b\\0c\\0d\\0e\\0f\\90\"
        data1 = data \"second\" align 8 \"........\"
            reloc 0 data0+8
        fn0 = function \"f\" (i128, i8, i16, i32) -> (i128, i8, i16, i32, i64, i8, i16, i32) {
            slot0 = stack 32 align 16
            slot1 = stack 1 align 1
        block0(v0: i128, v1: i8, v2: i16, v3: i32):
            v4: ptr = stack_address slot0
            v5: i64 = iconst 16
            v6: ptr = ptr_add v4, v5
            store stack v0, v6-16
            store stack v3, v6+4
            store stack v2, v6+2
            store stack v1, v6+0
            v7: ptr = stack_address slot1
            store stack v1, v7+0
            v8: i128 = load stack v4+0
            v9: i8 = load stack v7+0
            v10: i16 = load stack v4+18
            v11: i32 = load stack v4+20
            v12: ptr = data_address data1+0
            v13: ptr = load constant v12+0
            v14: i64 = load constant v13+0
            v15: i8 = load constant v13+7
            v16: i16 = load constant v13-8
            v17: ptr = data_address data0+4
            v18: i32 = load constant v17+0
            return v8, v9, v10, v11, v14, v15, v16, v18
        }",
    );
    let results = first(&module, &[5, 6, 0xFF, 0x1_8000, 0x7FFF_FFFF]);
    let sign = |value: i64| value.cast_unsigned();
    assert_eq!(
        results,
        Ok(vec![5, 6, sign(-1), sign(-32_768), 0x7FFF_FFFF, 0x900F_0E0D_0C0B_0A09, sign(-112), 0x0201, 0x0807_0605])
    );
}

#[test]
fn calls_loops_and_swapped_parameters() {
    let module = parse(
        "
        ext0 = external \"cfunc_integer_power\" (i64, i64) -> (i64) pure
        ext1 = external \"cfunc_math_fmod\" (f64, f64) -> (f64) pure
        fn0 = function \"swap\" (i64, f64) -> (f64, i64) {
        block0(v0: i64, v1: f64):
            return v1, v0
        }
        fn1 = function \"fibonacci\" (i64, f64) -> (i64, i64, f64) {
        block0(v0: i64, v1: f64):
            v2: i64 = iconst 0
            v3: i64 = iconst 1
            jump block1(v0, v2, v3)
        block1(v4: i64, v5: i64, v6: i64):
            v7: i8 = icmp sgt v4, v2
            branch v7, block2, block3
        block2:
            v8: i64 = isub v4, v3
            v9: i64 = iadd v5, v6
            jump block4(v8, v6, v9)
        block4(v10: i64, v11: i64, v12: i64):
            jump block1(v10, v11, v12)
        block3:
            v13: f64, v14: i64 = call fn0(v5, v1)
            v15: i64 = call ext0(v0, v3)
            v16: f64 = call ext1(v13, v13)
            return v14, v15, v16
        }
        fn2 = function \"exchange\" (i64, i64, i64) -> (i64, i64) {
        block0(v0: i64, v1: i64, v2: i64):
            v3: i64 = iconst 1
            jump block1(v0, v1, v2)
        block1(v4: i64, v5: i64, v6: i64):
            v7: i64 = isub v6, v3
            v8: i8 = icmp slt v7, v3
            branch v8, block2, block1(v5, v4, v7)
        block2:
            return v4, v5
        }",
    );
    let results = run_function(&module, FunctionId::from_index(1), &[50, 2.5_f64.to_bits()]);
    assert_eq!(results, [12_586_269_025, 50, 0.0_f64.to_bits()]);
    let exchange = |rounds| run_function(&module, FunctionId::from_index(2), &[3, 4, rounds]);
    assert_eq!(exchange(1), [3, 4]);
    assert_eq!(exchange(2), [4, 3]);
    assert_eq!(exchange(7), [3, 4]);
}

/// A chain of calls as long as a module can hold does not grow the host's stack.
#[test]
fn deep_calls() {
    let mut text = String::from("fn0 = function \"f0\" (i64) -> (i64) {\nblock0(v0: i64):\nreturn v0\n}\n");
    for index in 1..20_000 {
        text += &format!(
            "fn{index} = function \"f{index}\" (i64) -> (i64) {{\nblock0(v0: i64):\nv1: i64 = call fn{}(v0)\nreturn v1\n}}\n",
            index - 1
        );
    }
    let module = parse(&text);
    assert_eq!(run_function(&module, FunctionId::from_index(19_999), &[7]), [7]);
}

extern "C" fn weigh(first: i64, second: i8, third: *const i64, fourth: i32) -> i16 {
    // SAFETY: the test passes the address of an i64.
    let third = unsafe { *third };
    let sum = first + 10 * i64::from(second) + 100 * third + 1000 * i64::from(fourth);
    i16::try_from(sum).unwrap_or(i16::MIN)
}

#[test]
fn foreign_functions() {
    let text = "
        entry fn0
        ext0 = external \"weigh\" (i64, i8, ptr, i32) -> (i16) reads
        fn0 = function \"f\" (ptr, ptr, ptr, i8) {
        block0(v0: ptr, v1: ptr, v2: ptr, v3: i8):
            v4: i64 = iconst 3
            v5: i32 = iconst -2
            v6: i16 = call ext0(v4, v3, v2, v5)
            store output v6, v0+0
            return
        }";
    assert_eq!(refused(text, &SymbolTable::new()), BackendError::UndefinedSymbol { symbol: "weigh".to_owned() });
    let mut symbols = SymbolTable::new();
    // SAFETY: the function has the signature that the text declares, and lives as long as the program.
    unsafe { symbols.register("weigh", weigh as *const u8) };
    let code = compile(Interpreter::strict(), &parse(text), &symbols);
    let (mut output, mut state) = ([0_i16], [5_i64]);
    let arguments = [address(&mut output), 0, address(&mut state), u64::MAX];
    // SAFETY: the pointers that the code uses are valid.
    unsafe { code.call(&arguments) };
    assert_eq!(output, [3 - 10 + 500 - 2000]);

    // Twenty wide arguments do not find room.
    let wide = format!("({})", ["i128"; 20].join(", "));
    let many = text.replace("(i64, i8, ptr, i32)", &wide).replace("v5: i32", "v5: i128");
    let many = many.replace("ext0(v4, v3, v2, v5)", &format!("ext0({})", ["v5"; 20].join(", ")));
    assert_eq!(
        refused(&many, &symbols).to_string(),
        "the interpreter backend does not support foreign functions with more than 32 words of arguments beyond those \
         in registers, or with other results than one value or two integers, as `weigh` is"
    );
}

extern "C" fn blend(first: f64, count: i64, second: f64, negative: i8, third: f64) -> f64 {
    first + 10.0 * second + 100.0 * third + f64::from(negative) * f64::from_bits(count.cast_unsigned())
}

#[test]
fn foreign_functions_of_floats_and_integers() {
    let text = "
        entry fn0
        ext0 = external \"blend\" (f64, i64, f64, i8, f64) -> (f64) pure
        fn0 = function \"f\" (ptr, ptr, ptr, i8) {
        block0(v0: ptr, v1: ptr, v2: ptr, v3: i8):
            v4: f64 = fconst 1.0
            v5: i64 = iconst 4602678819172646912
            v6: f64 = fconst 2.0
            v7: f64 = fconst 3.0
            v8: f64 = call ext0(v4, v5, v6, v3, v7)
            store output v8, v0+0
            return
        }";
    let mut symbols = SymbolTable::new();
    // SAFETY: the function has the signature that the text declares, and lives as long as the program.
    unsafe { symbols.register("blend", blend as *const u8) };
    let code = compile(Interpreter::strict(), &parse(text), &symbols);
    let mut output = [0.0_f64];
    let arguments = [address(&mut output), 0, 0, u64::MAX - 1];
    // SAFETY: the pointers that the code uses are valid.
    unsafe { code.call(&arguments) };
    assert_eq!(output, [1.0 + 20.0 + 300.0 - 2.0 * 0.5]);
}

#[test]
fn what_is_refused() {
    let symbols = SymbolTable::new();
    let function = "fn0 = function \"f\" () {\nblock0:\nreturn\n}\n";
    let data = format!("entry fn0\ndata0 = data \"d\" align 8 \"12345678\"\nreloc 0 fn0+0\n{function}");
    assert_eq!(
        refused(&data, &symbols).to_string(),
        "the interpreter backend does not support addresses of functions in data, as \"d\" holds"
    );
    assert_eq!(
        refused(function, &symbols).to_string(),
        "internal error of the compiler in the interpreter backend: the module has no entry"
    );
    let invalid = format!("entry fn1\n{function}");
    assert_eq!(
        refused(&invalid, &symbols).to_string(),
        "internal error of the compiler in the interpreter backend: module: the entry fn1 is no function"
    );
    let options = CompilationOptions::default();
    let module = parse(EMA);
    assert_eq!(Interpreter::new().text(&module, &options, CodeText::Intermediate), Ok(module.to_string()));
    assert!(matches!(
        Interpreter::new().text(&module, &options, CodeText::Assembly),
        Err(BackendError::NoSuchText { .. })
    ));
}

#[track_caller]
fn faults(body: &str, arguments: &[u64], expected: &str) {
    let module = parse(&format!(
        "fn0 = function \"f\" (i64, i64) -> (i64) {{\nslot0 = stack 16 align 16\nblock0(v0: i64, v1: i64):\n{body}\n}}"
    ));
    let fault = first(&module, arguments).expect_err("the function faults");
    assert_eq!(fault.to_string(), expected);
}

#[test]
fn faults_name_the_instruction() {
    let divide = "v2: i64 = sdiv v0, v1\nreturn v2";
    faults(divide, &[1, 0], "division by zero at `v2: i64 = sdiv v0, v1` of function \"f\"");
    faults(
        divide,
        &[i64::MIN.cast_unsigned(), u64::MAX],
        "division of the minimum by -1 at `v2: i64 = sdiv v0, v1` of function \"f\"",
    );
    faults(
        "v2: i64 = srem v0, v1\nreturn v2",
        &[i64::MIN.cast_unsigned(), u64::MAX],
        "division of the minimum by -1 at `v2: i64 = srem v0, v1` of function \"f\"",
    );
    let read = "v2: ptr = stack_address slot0\nv3: ptr = ptr_add v2, v0\nv4: i64 = load stack v3+0\nreturn v4";
    for (offset, reason) in [
        (4_i64, "access through a misaligned address"),
        (16, "access outside of the program's own memory"),
        (-8, "access outside of the program's own memory"),
    ] {
        faults(
            read,
            &[offset.cast_unsigned(), 0],
            &format!("{reason} at `v4: i64 = load stack v3+0` of function \"f\""),
        );
    }
    faults(
        "v2: ptr = iconst 0\nstore any v0, v2+8\nreturn v0",
        &[0, 0],
        "access through a null pointer at `store any v0, v2+8` of function \"f\"",
    );
    faults("unreachable", &[0, 0], "what cannot be reached was reached at `the end of block0` of function \"f\"");
    faults(
        "jump block1\nblock1:\njump block1",
        &[0, 0],
        "the instruction budget ran out at `the end of block1` of function \"f\"",
    );
}

const DIVIDE: &str = "
    entry fn0
    fn0 = function \"node\" (ptr, ptr, ptr, i8) {
    block0(v0: ptr, v1: ptr, v2: ptr, v3: i8):
        v4: i8 = srem v3, v3
        return
    }";

#[test]
fn a_fault_is_a_node_error() {
    let code = compile(Interpreter::new(), &parse(DIVIDE), &SymbolTable::new());
    // SAFETY: the code uses no pointer.
    unsafe { code.call(&[0, 0, 0, 0]) };
    let error = cfunc_runtime::take_error().expect("an error is recorded");
    assert_eq!(error.kind, NodeErrorKind::RuntimeError);
    assert_eq!(error.native_name, "node");
    assert_eq!(error.message, "division by zero at `v4: i8 = srem v3, v3` of function \"node\"");
    // SAFETY: the code uses no pointer.
    unsafe { code.call(&[0, 0, 0, 1]) };
    assert_eq!(cfunc_runtime::take_error(), None);
}

#[test]
#[should_panic(expected = "division by zero at `v4: i8 = srem v3, v3`")]
fn a_fault_panics_under_strict() {
    let code = compile(Interpreter::strict(), &parse(DIVIDE), &SymbolTable::new());
    // SAFETY: the code uses no pointer.
    unsafe { code.call(&[0, 0, 0, 0]) };
}

#[test]
fn node_errors_are_raised_through_the_unit_descriptor() {
    let mut module = parse(
        "
        entry fn0
        unit_descriptor data0
        ext0 = external \"cfunc_error_raise\" (ptr, i32) writes_internal
        data0 = data \"unit_descriptor\" align 8 \"\"
        site0 = site KeyError \"k\" 0..1
        site1 = site IndexError \"list index out of range\" 0..1
        fn0 = function \"node\" () {
        block0:
            v0: ptr = data_address data0+0
            v1: i32 = iconst 1
            call ext0(v0, v1)
            return
        }",
    );
    let check = |name: &str| {
        let error = cfunc_runtime::take_error().expect("an error is recorded");
        assert_eq!(error.kind, NodeErrorKind::IndexError);
        assert_eq!(error.message, "list index out of range");
        assert_eq!(error.native_name, name);
    };
    assert_eq!(first(&module, &[]), Ok(vec![]));
    check("");
    module.name_unit("native");
    let code = compile(Interpreter::strict(), &module, &SymbolTable::new());
    // SAFETY: the code takes nothing.
    unsafe { code.call(&[]) };
    check("native");
}

type Results = ([u64; RESULT_WORDS], [u8; FLAG_BYTES]);

/// The results of the entry of a random module.
fn run_random(module: &Module, seed: u64) -> Results {
    let backend = Interpreter::strict().with_budget(1_000_000);
    let code = compile(backend, module, &SymbolTable::new());
    let mut results = [0xEE_u64; RESULT_WORDS];
    let mut flags = [7_u8; FLAG_BYTES];
    let mut inputs = random_inputs(seed);
    let arguments = [address(&mut results), address(&mut flags), address(&mut inputs), seed % 3];
    // SAFETY: the arrays are as long as the entry of a random module takes them to be.
    unsafe { code.call(&arguments) };
    assert!(flags.iter().all(|flag| *flag <= 1), "{seed}");
    (results, flags)
}

/// Random modules run to their end, twice alike, and also after a trip through the text form.
#[test]
fn random_modules_run() {
    let mut distinct = HashSet::new();
    for seed in 0..400 {
        let module = random_module(seed, 30);
        let read = parse(&module.to_string());
        let results = run_random(&module, seed);
        assert_eq!(results, run_random(&module, seed), "{seed}");
        assert_eq!(results, run_random(&read, seed), "{seed}");
        distinct.insert(results);
    }
    assert_eq!(cfunc_runtime::take_error(), None);
    assert!(distinct.len() > 350, "{}", distinct.len());
}

/// Variables as block parameters and variables in memory are the same variables.
#[test]
fn block_parameters_hold_what_memory_would() {
    for seed in 0..400 {
        let module = random_module(seed, 60);
        let other = random_module_in_memory(seed, 60);
        assert_eq!(run_random(&module, seed), run_random(&other, seed), "{seed}\n{module}");
    }
}
