//! The text form: golden text, round trips, refusals.

use cfunc_ir::testing::{RandomNumbers, random_module};
use cfunc_ir::{
    DataObject, FunctionBuilder, IntegerCondition, MemoryClass, Module, Relocation, RelocationTarget, Signature,
    TargetProperty, parse_module, verify,
};
use cfunc_models::Representation::{F64, I8, I64, Pointer};
use cfunc_models::{ErrorSite, NodeErrorKind, RuntimeFunction, Span};
use expect_test::{Expect, expect};

fn check(module: &Module, expected: &Expect) {
    verify(module).unwrap_or_else(|errors| panic!("{errors}\n{module}"));
    let text = module.to_string();
    expected.assert_eq(&text);
    assert_eq!(round_trip(&text), text);
}

#[track_caller]
fn round_trip(text: &str) -> String {
    match parse_module(text) {
        Ok(module) => module.to_string(),
        Err(error) => panic!("{error}\n{text}"),
    }
}

#[track_caller]
fn refused(text: &str, line: usize, message: &str) {
    let error = parse_module(text).expect_err("the text is no module");
    assert_eq!((error.line, error.message.as_str()), (line, message));
}

#[test]
fn a_guarded_read_with_everything_around_it() {
    let mut module = Module::new();
    let other = module.add_data(DataObject {
        name: "bytes \"\u{e9}\"".to_owned(),
        alignment: 1,
        contents: b"a\"\\\n\x7f\x80\xff".to_vec(),
        relocations: Vec::new(),
    });
    let table = module.add_data(DataObject {
        name: "table".to_owned(),
        alignment: 8,
        contents: vec![0; 16],
        relocations: vec![
            Relocation { offset: 0, target: RelocationTarget::Data(other), addend: -1 },
            Relocation { offset: 8, target: RelocationTarget::Object("book \"a\"".to_owned()), addend: 0 },
        ],
    });
    let site = module.add_site(ErrorSite {
        kind: NodeErrorKind::IndexError,
        message: "list index out of range".to_owned(),
        span: Span::new(12, 20),
    });
    let signature = Signature::new(&[Pointer, I64], &[F64]);
    let mut builder = FunctionBuilder::new(&mut module, "read", signature);
    let (list, index) = (builder.parameter(0), builder.parameter(1));
    let slot = builder.create_stack_slot(16, 8);
    let frame = builder.stack_address(slot);
    builder.store(index, frame, 8, MemoryClass::Stack);
    let length = builder.load(I64, list, -8, MemoryClass::ListHeader);
    let outside = builder.integer_compare(IntegerCondition::UnsignedGreaterOrEqual, index, length);
    let (error, go_on) = (builder.create_cold_block(), builder.create_block());
    let item = builder.add_block_parameter(go_on, F64);
    let half = builder.float64(0.5);
    builder.branch_with(outside, (error, &[]), (go_on, &[half]));
    builder.switch_to(error);
    let unit = builder.module().unit_descriptor();
    let unit = builder.data_address(unit, 0);
    let number = builder.integer_constant(cfunc_models::Representation::I32, i64::from(site.0));
    builder.call_runtime(RuntimeFunction::ErrorRaise, &[unit, number]);
    let nan = builder.float64(f64::from_bits(0xFFF8_0000_0000_0001));
    builder.return_values(&[nan]);
    builder.switch_to(go_on);
    let address = builder.data_address(table, 8);
    let minimum = builder.int64(i64::MIN);
    let moved = builder.pointer_add(address, minimum);
    let same = builder.integer_compare(IntegerCondition::Equal, moved, list);
    let infinite = builder.float64(f64::NEG_INFINITY);
    let chosen = builder.select(same, infinite, item);
    let small = builder.float64(-1e-7);
    let sine = builder.call_runtime(RuntimeFunction::MathFmod, &[chosen, small]).expect("fmod has a result");
    builder.return_values(&[sine]);
    let read = builder.finish();
    let mut builder = FunctionBuilder::new(&mut module, "entry", Signature::new(&[I8], &[]));
    let null = builder.zero(Pointer);
    let zero = builder.int64(0);
    builder.call_function(read, &[null, zero]);
    let trap = builder.create_block();
    builder.jump(trap, &[]);
    builder.switch_to(trap);
    builder.unreachable();
    module.entry = Some(builder.finish());
    check(
        &module,
        &expect![[r#"
            entry fn1
            unit_descriptor data2
            ext0 = external "cfunc_error_raise" (ptr, i32) writes_internal
            ext1 = external "cfunc_math_fmod" (f64, f64) -> (f64) pure
            data0 = data "bytes \"é\"" align 1 "a\"\\\0a\7f\80\ff"
            data1 = data "table" align 8 "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
                reloc 0 data0-1
                reloc 8 object "book \"a\"" +0
            data2 = data "unit_descriptor" align 8 ""
            site0 = site IndexError "list index out of range" 12..20
            fn0 = function "read" (ptr, i64) -> (f64) {
                slot0 = stack 16 align 8
            block0(v0: ptr, v1: i64):
                v2: ptr = stack_address slot0
                store stack v1, v2+8
                v3: i64 = load list_header v0-8
                v4: i8 = icmp uge v1, v3
                v5: f64 = fconst 0.5
                branch v4, block1, block2
            block1: cold
                v6: ptr = data_address data2+0
                v7: i32 = iconst 0
                call ext0(v6, v7)
                v8: f64 = fconst nan 0xfff8000000000001
                return v8
            block2:
                v9: ptr = data_address data1+8
                v10: i64 = iconst -9223372036854775808
                v11: ptr = ptr_add v9, v10
                v12: i8 = icmp eq v11, v0
                v13: f64 = fconst -inf
                v14: f64 = select v12, v13, v5
                v15: f64 = fconst -1e-7
                v16: f64 = call ext1(v14, v15)
                return v16
            }
            fn1 = function "entry" (i8) {
            block0(v0: i8):
                v1: ptr = iconst 0
                v2: i64 = iconst 0
                v3: f64 = call fn0(v1, v2)
                jump block1
            block1:
                unreachable
            }
        "#]],
    );
}

#[test]
fn numbers_do_not_depend_on_the_order_of_construction() {
    let build = |late: bool| {
        let mut module = Module::new();
        let mut builder = FunctionBuilder::new(&mut module, "f", Signature::new(&[], &[I64]));
        let (first, second) = if late {
            let second = builder.create_block();
            (builder.create_block(), second)
        } else {
            (builder.create_block(), builder.create_block())
        };
        builder.jump(first, &[]);
        if late {
            builder.switch_to(first);
            builder.jump(second, &[]);
            builder.switch_to(second);
        } else {
            builder.switch_to(first);
            builder.jump(second, &[]);
            builder.int64(99);
            builder.switch_to(second);
        }
        let value = builder.int64(5);
        builder.return_values(&[value]);
        builder.finish();
        module
    };
    assert_ne!(build(true), build(false));
    assert_eq!(build(true).to_string(), build(false).to_string());
}

#[test]
fn printed_random_modules_read_back() {
    for seed in 0..300 {
        let module = random_module(seed, 30);
        let text = module.to_string();
        let read = parse_module(&text).unwrap_or_else(|error| panic!("{seed}: {error}\n{text}"));
        assert_eq!(read.to_string(), text, "{seed}");
        assert_eq!(verify(&read), Ok(()), "{seed}");
    }
}

#[test]
fn properties_of_targets_read_back() {
    let mut module = Module::new();
    let mut builder = FunctionBuilder::new(&mut module, "f", Signature::new(&[], &[I8]));
    for property in TargetProperty::ALL {
        let answer = builder.target_property(*property);
        builder.return_values(&[answer]);
    }
    builder.finish();
    check(
        &module,
        &expect![[r#"
            fn0 = function "f" () -> (i8) {
            block0:
                v0: i8 = target_property short_division
                return v0
            }
        "#]],
    );
    let text = "fn0 = function \"f\" () {\nblock0:\n  v0: i8 = target_property blue\n}";
    refused(text, 3, "`blue` is no property of targets");
}

#[test]
fn uses_may_precede_definitions_and_comments_are_skipped() {
    let text = "
        fn0 = function \"f\" () -> (i64) { ; a comment
        block10:
            jump block30
        block20: ; reached last
            return v7
        block30:
            v7: i64 = iconst -1
            jump block20
        }
    ";
    let module = parse_module(text).expect("the text is a module");
    assert_eq!(verify(&module), Ok(()));
    assert_eq!(round_trip(&module.to_string()), module.to_string());
}

#[test]
fn refusals_name_the_line() {
    refused("entry 5", 1, "expected `fn0`, found `5`");
    refused("\nfn1 = function \"f\" () {", 2, "expected `fn0`, found `fn1`");
    refused("fn0 = function \"f\" () {\n", 1, "a function has no `}`");
    refused("fn0 = function \"f\" () {\nblock0:\n}", 2, "block 0 has no terminator");
    refused(
        "fn0 = function \"f\" () {\nblock0:\n  v0: i64 = iconst 1\n  return v1\n}",
        4,
        "v1 is defined nowhere in the function",
    );
    refused("fn0 = function \"f\" () {\nblock0:\n  jump block1\n}", 3, "block1 is not in the function");
    refused("fn0 = function \"f\" () {\nblock0:\n  v0: i64 = frobnicate v1\n}", 3, "`frobnicate` is no operation");
    refused(
        "fn0 = function \"f\" () {\nblock0:\n  v0: i64, v1: i64 = iadd v0, v1\n}",
        3,
        "`iadd` defines 1 values, not 2",
    );
    refused("fn0 = function \"f\" () {\nblock0:\n  v0: i64 = iadd v0\n}", 3, "expected 2 operands, found 1");
    refused("fn0 = function \"f\" () {\nblock0(v0: i64, v0: i64):\n  return\n}", 2, "v0 is defined twice");
    refused("data0 = data \"d\" align 8 \"\\0", 1, "a quoted text has no end");
    refused("data0 = data \"d\\ff\" align 8 \"\"", 1, "a quoted text is not UTF-8");
    refused("reloc 0 data0+0", 1, "a relocation before the first data object");
    refused("ext0 = external \"f\" (i64, i65) pure", 1, "`i65` is no representation");
    refused("entry fn99999999999", 1, "expected `fn0`, found `fn99999999999`");
}

/// What a reader must survive: every line of a real text cut, doubled, and with bytes changed.
#[test]
fn damaged_text_is_read_or_refused() {
    let text = random_module(7, 25).to_string();
    let mut random = RandomNumbers::new(1);
    let mut read = 0;
    for _ in 0..2_000 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=random.below(3) {
            let place = random.below(bytes.len());
            match random.below(4) {
                0 => bytes.truncate(place.max(1)),
                1 => bytes[place] = b" \"\\(){}:=,+-;0v\n"[random.below(16)],
                2 => drop(bytes.remove(place)),
                _ => bytes.insert(place, bytes[random.below(bytes.len())]),
            }
        }
        let damaged = String::from_utf8_lossy(&bytes);
        if let Ok(module) = parse_module(&damaged) {
            read += 1;
            // Neither may panic, whatever the module.
            let printed = module.to_string();
            let _ = verify(&module);
            assert_eq!(round_trip(&printed), printed);
        }
    }
    assert!(read > 10, "some damage is harmless");
}
