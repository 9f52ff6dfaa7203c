//! The canonical encoding: equal for what is equal, different for what is not.

use std::collections::HashMap;

use cfunc_ir::testing::{RandomNumbers, random_module};
use cfunc_ir::{
    DataId, DataObject, Function, FunctionBuilder, InstructionData, Module, Signature, encode_canonical, parse_module,
};
use cfunc_models::Representation::{F64, I64, Pointer};
use cfunc_models::{Effects, ErrorSite, NodeErrorKind, RuntimeFunction, Span};

fn encode(module: &Module) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_canonical(module, &mut |piece| bytes.extend_from_slice(piece));
    bytes
}

#[test]
fn equal_modules_have_equal_encodings_and_others_have_not() {
    let mut texts: HashMap<Vec<u8>, String> = HashMap::new();
    for seed in 0..500 {
        let module = random_module(seed, 12);
        let bytes = encode(&module);
        assert_eq!(bytes, encode(&random_module(seed, 12)), "{seed}");
        let text = module.to_string();
        let read = parse_module(&text).unwrap_or_else(|error| panic!("{seed}: {error}"));
        assert_eq!(bytes, encode(&read), "{seed}");
        if let Some(other) = texts.insert(bytes, text.clone()) {
            assert_eq!(other, text, "{seed}");
        }
    }
}

/// Changes one thing that matters in one instruction, if there is one in it.
fn change(data: &mut InstructionData) -> bool {
    use cfunc_ir::{BinaryOperation, ConvertOperation, IntegerCondition, MemoryClass};
    match data {
        InstructionData::IntegerConstant { value, .. } => *value ^= 1,
        InstructionData::FloatConstant { bits } => *bits ^= 1,
        InstructionData::DataAddress { offset, .. } => *offset ^= 1,
        InstructionData::Unary { operation, .. } => {
            let all = cfunc_ir::UnaryOperation::ALL;
            *operation = all[(*operation as usize + 1) % all.len()];
        }
        InstructionData::Binary { operation, .. } => {
            let all = BinaryOperation::ALL;
            *operation = all[(*operation as usize + 1) % all.len()];
        }
        InstructionData::IntegerCompare { condition, .. } => {
            let all = IntegerCondition::ALL;
            *condition = all[(*condition as usize + 1) % all.len()];
        }
        InstructionData::FloatCompare { left, right, .. } if left != right => {
            std::mem::swap(left, right);
        }
        InstructionData::Convert { operation, .. } => {
            let all = ConvertOperation::ALL;
            *operation = all[(*operation as usize + 1) % all.len()];
        }
        InstructionData::Load { class, .. } => {
            let all = MemoryClass::ALL;
            *class = all[(*class as usize + 1) % all.len()];
        }
        InstructionData::Store { offset, .. } => *offset ^= 1,
        InstructionData::Select { if_true, if_false, .. } if if_true != if_false => std::mem::swap(if_true, if_false),
        _ => return false,
    }
    true
}

#[test]
fn every_changed_instruction_changes_the_encoding() {
    let mut changes = 0;
    for seed in 0..60 {
        let module = random_module(seed, 20);
        let before = encode(&module);
        let function = module.functions.last().expect("there is an entry");
        for block in &function.layout {
            for instruction in &function.block(*block).instructions {
                let mut changed = module.clone();
                let last = changed.functions.len() - 1;
                if change(&mut changed.functions[last].instructions[instruction.index()]) {
                    assert_ne!(encode(&changed), before, "{seed} {instruction}\n{module}");
                    changes += 1;
                }
            }
        }
    }
    assert!(changes > 1_000, "{changes}");
}

fn call_two(first: RuntimeFunction, declared_before: &[RuntimeFunction]) -> Module {
    let mut module = Module::new();
    for function in declared_before {
        module.declare_runtime(*function);
    }
    let mut builder = FunctionBuilder::new(&mut module, "f", Signature::new(&[F64], &[F64]));
    let value = builder.parameter(0);
    let value = builder.call_runtime(first, &[value]).expect("a result");
    let value = builder.call_runtime(RuntimeFunction::MathCos, &[value]).expect("a result");
    builder.return_values(&[value]);
    builder.finish();
    module
}

#[test]
fn the_order_of_declarations_does_not_matter() {
    use RuntimeFunction::{MathCos, MathSin, MathTan};
    let plain = encode(&call_two(MathSin, &[]));
    assert_eq!(plain, encode(&call_two(MathSin, &[MathTan, MathCos])));
    assert_ne!(plain, encode(&call_two(MathTan, &[])));
    assert_ne!(plain, encode(&call_two(MathCos, &[])));
}

fn address_of(objects: &[&[u8]], used: usize) -> Module {
    let mut module = Module::new();
    for contents in objects {
        module.add_data(DataObject {
            name: format!("d{}", contents.len()),
            alignment: 8,
            contents: contents.to_vec(),
            relocations: Vec::new(),
        });
    }
    let mut builder = FunctionBuilder::new(&mut module, "f", Signature::new(&[], &[Pointer]));
    let address = builder.data_address(DataId::from_index(used), 0);
    builder.return_values(&[address]);
    builder.finish();
    module
}

#[test]
fn data_counts_by_contents_and_use() {
    let plain = encode(&address_of(&[b"ab"], 0));
    assert_eq!(plain, encode(&address_of(&[b"unused", b"ab"], 1)));
    assert_ne!(plain, encode(&address_of(&[b"ac"], 0)));
    assert_ne!(plain, encode(&address_of(&[b"ab\0"], 0)));
    let mut aligned = address_of(&[b"ab"], 0);
    aligned.data[0].alignment = 16;
    assert_ne!(plain, encode(&aligned));
}

#[test]
fn relocations_reach_data_that_no_code_names() {
    let text = |inner: &str, addend: i64| {
        format!(
            "data0 = data \"outer\" align 8 \"01234567\"\nreloc 0 data1{addend:+}
            data1 = data \"inner\" align 1 \"{inner}\"
            fn0 = function \"f\" () -> (ptr) {{\nblock0:\nv0: ptr = data_address data0+0\nreturn v0\n}}"
        )
    };
    let encoded = |inner, addend| encode(&parse_module(&text(inner, addend)).expect("a module"));
    assert_eq!(encoded("x", 0), encoded("x", 0));
    assert_ne!(encoded("x", 0), encoded("y", 0));
    assert_ne!(encoded("x", 0), encoded("x", 1));
}

fn with_site(kind: NodeErrorKind, message: &str, span: Span, name: Option<&str>) -> Module {
    let mut module = Module::new();
    let site = module.add_site(ErrorSite { kind, message: message.to_owned(), span });
    let mut builder = FunctionBuilder::new(&mut module, "f", Signature::default());
    let unit = builder.module().unit_descriptor();
    let unit = builder.data_address(unit, 0);
    let site = builder.integer_constant(cfunc_models::Representation::I32, i64::from(site.0));
    builder.call_runtime(RuntimeFunction::ErrorRaise, &[unit, site]);
    builder.finish();
    if let Some(name) = name {
        module.name_unit(name);
    }
    module
}

#[test]
fn sites_count_by_kind_and_message() {
    let plain = encode(&with_site(NodeErrorKind::KeyError, "k", Span::new(1, 2), None));
    let moved = with_site(NodeErrorKind::KeyError, "k", Span::new(5, 9), Some("name"));
    assert_eq!(plain, encode(&moved));
    let other = with_site(NodeErrorKind::KeyError, "l", Span::new(1, 2), None);
    assert_ne!(plain, encode(&other));
    let other = with_site(NodeErrorKind::IndexError, "k", Span::new(1, 2), None);
    assert_ne!(plain, encode(&other));
}

#[test]
fn names_cold_flags_and_dead_entities_do_not_count() {
    for seed in 0..50 {
        let mut module = random_module(seed, 15);
        let before = encode(&module);
        let mut random = RandomNumbers::new(seed);
        for function in &mut module.functions {
            function.name.push('x');
            dead_code(function, &mut random);
        }
        module.declare_external("unused", Signature::default(), Effects::Writes);
        assert_eq!(before, encode(&module), "{seed}");
    }
}

fn dead_code(function: &mut Function, random: &mut RandomNumbers) {
    let block = function.add_block();
    function.add_block_parameter(block, I64);
    let bits = random.bits();
    function.add_instruction(InstructionData::FloatConstant { bits }, &[F64]);
    for block in &mut function.blocks {
        block.cold = !block.cold;
    }
}

#[test]
fn signatures_effects_frames_and_the_entry_count() {
    let text = "entry fn0\next0 = external \"g\" (i64) reads
        fn0 = function \"f\" (i64) -> (i64) {\nslot0 = stack 8 align 8\nblock0(v0: i64):\ncall ext0(v0)\nreturn v0\n}";
    let encoded = |text: &str| encode(&parse_module(text).expect("a module"));
    for (from, to) in [
        ("entry fn0", ""),
        ("reads", "pure"),
        ("\"g\"", "\"h\""),
        ("slot0 = stack 8", "slot0 = stack 9"),
        ("8 align 8", "8 align 4"),
        ("slot0 = stack 8 align 8", ""),
        ("i64", "i32"),
        ("(i64) reads", "(i64) -> (i64) reads"),
    ] {
        assert_ne!(encoded(text), encoded(&text.replace(from, to)), "{from}");
    }
}
