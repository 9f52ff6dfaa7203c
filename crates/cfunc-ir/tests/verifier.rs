//! Every rule, by a module that breaks it; and random modules, which break none.

use cfunc_ir::testing::{RandomNumbers, random_module};
use cfunc_ir::{Block, Module, Terminator, Value, parse_module, verify};

#[track_caller]
fn parse(text: &str) -> Module {
    parse_module(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The one violation in a module.
#[track_caller]
fn refused(text: &str, expected: &str) {
    let errors = verify(&parse(text)).expect_err("the module breaks a rule");
    assert_eq!(errors.to_string(), expected);
}

/// The one violation in a function of these parameters, results and lines.
#[track_caller]
fn refused_body(signature: &str, body: &str, expected: &str) {
    let text = format!("data0 = data \"d\" align 8 \"12345678\"\nfn0 = function \"f\" {signature} {{\n{body}\n}}\n");
    refused(&text, &format!("function \"f\", {expected}"));
}

/// The violation of one instruction over parameters of every representation.
#[track_caller]
fn refused_instruction(instruction: &str, message: &str) {
    let body = format!("block0(v0: i8, v1: i32, v2: i64, v3: i128, v4: f64, v5: ptr):\n{instruction}\nreturn");
    let expected = format!("`{instruction}`: {message}");
    refused_body("(i8, i32, i64, i128, f64, ptr)", &body, &expected);
}

#[test]
fn items_of_the_module() {
    refused("entry fn0", "module: the entry fn0 is no function");
    refused("unit_descriptor data3", "module: the unit descriptor data3 is no data object");
    let function = |index: u32| format!("fn{index} = function \"f\" () {{\nblock0:\nreturn\n}}\n");
    refused(&[function(0), function(1)].concat(), "module: two functions are named \"f\"");
    let twice = "ext0 = external \"f\" () pure\next1 = external \"f\" () pure\n";
    refused(twice, "module: two externals have the symbol \"f\"");
    let results = "ext0 \"f\": an external function has at most one result, or two that are i64 or pointers";
    refused("ext0 = external \"f\" () -> (i64, f64) pure", results);
    refused("ext0 = external \"f\" () -> (i64, i64, ptr) pure", results);
    let wrong = "ext0 \"cfunc_math_sin\": signature or effects are not those of the runtime function";
    refused("ext0 = external \"cfunc_math_sin\" (i64) -> (f64) pure", wrong);
    refused("ext0 = external \"cfunc_math_sin\" (f64) -> (f64) reads", wrong);
}

#[test]
fn data_and_relocations() {
    refused("data0 = data \"d\" align 32 \"\"", "data0 \"d\": the alignment is not a power of two up to 16");
    let object = |rest: &str| format!("data0 = data \"d\" align 8 \"0123456789abcdef\"\n{rest}");
    for offset in [4, 16, u32::MAX] {
        refused(
            &object(&format!("reloc {offset} data0+0")),
            &format!("data0 \"d\": the relocation at {offset} is misaligned or not within the object"),
        );
    }
    refused(&object("reloc 0 fn0+0"), "data0 \"d\": the relocation at 0 points at nothing in the module");
    refused(&object("reloc 8 data0+0\nreloc 8 data0+1"), "data0 \"d\": two relocations overlap");
    refused(
        "data0 = data \"d\" align 4 \"01234567\"\nreloc 0 data0+0",
        "data0 \"d\": an object with relocations is aligned to 8",
    );
    refused(
        &format!("unit_descriptor data0\n{}", object("reloc 8 data0+0")),
        "data0 \"d\": the unit descriptor has relocations",
    );
}

#[test]
fn blocks_and_edges() {
    refused("fn0 = function \"f\" () {\n}", "function \"f\": there is no entry block");
    refused(
        "fn0 = function \"f\" (i64) {\nblock0:\nreturn\n}",
        "function \"f\": the entry block's parameters are not those of the signature",
    );
    refused_body("()", "block0:\njump block0", "block0: jumps to the entry block");
    refused_body(
        "(i64)",
        "block0(v0: i64):\njump block1(v0, v0)\nblock1(v1: i64):\nreturn",
        "block0: jump arguments do not match the parameters of their block",
    );
    refused_body(
        "(f64)",
        "block0(v0: f64):\njump block1(v0)\nblock1(v1: i64):\nreturn",
        "block0: jump arguments do not match the parameters of their block",
    );
    refused_body(
        "(i64)",
        "block0(v0: i64):\nbranch v0, block1, block1\nblock1:\nreturn",
        "block0: an operand is i64, not i8",
    );
    refused_body("(i64) -> (i64)", "block0(v0: i64):\nreturn", "block0: returned values do not match the signature");
}

#[test]
fn definitions_dominate_uses() {
    refused_body(
        "()",
        "block0:\nv1: i64 = iadd v0, v0\nv0: i64 = iconst 1\nreturn",
        "`v0: i64 = iadd v1, v1`: an operand does not dominate its use",
    );
    refused_body(
        "(i8) -> (i64)",
        "block0(v0: i8):\nbranch v0, block1, block2\nblock1:\nv1: i64 = iconst 1\njump block2
        block2:\nreturn v1",
        "block2: an operand of the terminator does not dominate its use",
    );
    refused_body(
        "(i8)",
        "block0(v0: i8):\njump block1\nblock1:\nv1: i64 = ineg v2\njump block2
        block2:\nv2: i64 = iconst 1\nbranch v0, block1, block3\nblock3:\nreturn",
        "`v1: i64 = ineg v2`: an operand does not dominate its use",
    );
    // A block that nothing reaches may use what does not dominate it, but no other may use what it defines.
    let unreachable = "fn0 = function \"f\" (i8) -> (i64) {\nblock0(v0: i8):\nbranch v0, block1, block2
        block1:\nv1: i64 = iconst 1\nreturn v1\nblock2:\nv2: i64 = iconst 2\nreturn v2
        block3:\nv3: i64 = iadd v1, v2\nreturn v3\n}";
    assert_eq!(verify(&parse(unreachable)), Ok(()));
    let used = unreachable.replace("return v2", "return v3");
    refused(&used, "function \"f\", block2: an operand of the terminator does not dominate its use");
}

#[test]
fn frames() {
    let frame = |slot: &str| format!("fn0 = function \"f\" () {{\n{slot}\nblock0:\nreturn\n}}");
    let wrong = "function \"f\": a stack slot is empty, or its alignment is not a power of two up to 16";
    refused(&frame("slot0 = stack 0 align 8"), wrong);
    refused(&frame("slot0 = stack 8 align 3"), wrong);
    refused(
        &frame("slot0 = stack 1048576 align 8\nslot1 = stack 1 align 1"),
        "function \"f\": the stack slots take 1048577 bytes of 1048576",
    );
}

#[test]
fn operands_and_results() {
    refused_instruction("v6: i64 = iadd v2, v1", "an operand is i32, not i64");
    refused_instruction("v6: i32 = iadd v2, v2", "there is not one result of i64");
    refused_instruction("v6: f64 = iadd v4, v4", "does not apply to f64");
    refused_instruction("v6: ptr = and v5, v5", "does not apply to ptr");
    refused_instruction("v6: i64 = fadd v2, v2", "does not apply to i64");
    refused_instruction("v6: i128 = sdiv v3, v3", "does not apply to i128");
    refused_instruction("v6: i64 = fneg v2", "does not apply to i64");
    refused_instruction("v6: f64 = ineg v4", "does not apply to f64");
    refused_instruction("v6: i8 = icmp eq v4, v4", "does not apply to f64");
    refused_instruction("v6: i64 = icmp eq v2, v2", "there is not one result of i8");
    refused_instruction("v6: i8 = fcmp eq v2, v4", "an operand is i64, not f64");
    refused_instruction("v6: i64 = select v1, v2, v2", "an operand is i32, not i8");
    refused_instruction("v6: i64 = select v0, v2, v4", "an operand is f64, not i64");
    refused_instruction("v6: i8 = iconst 128", "128 is no constant of i8");
    refused_instruction("v6: f64 = iconst 0", "0 is no constant of f64");
    refused_instruction("v6: ptr = iconst 1", "1 is no constant of ptr");
    refused_instruction("v6: i64 = fconst 0.0", "there is not one result of f64");
    refused_instruction("v6: i32 = sext v2", "does not convert i64 to i32");
    refused_instruction("v6: i64 = zext v2", "does not convert i64 to i64");
    refused_instruction("v6: i64 = trunc v1", "does not convert i32 to i64");
    refused_instruction("v6: f64 = itof v1", "does not convert i32 to f64");
    refused_instruction("v6: i32 = ftoi_sat v4", "does not convert f64 to i32");
    refused_instruction("v6: i64 = bitcast v5", "does not convert ptr to i64");
    refused_instruction("v6: i32 = ptoi v5", "does not convert ptr to i32");
    refused_instruction("v6: i64 = load state v2+0", "an operand is i64, not ptr");
    refused_instruction("v6: ptr = ptr_add v5, v1", "an operand is i32, not i64");
    refused_instruction("v6: i64 = target_property short_division", "there is not one result of i8");
    refused_instruction("v6: ptr = stack_address slot0", "slot0 does not exist");
    refused_instruction("v6: ptr = data_address data1+0", "data1 does not exist");
    refused_instruction("v6: ptr = data_address data0+9", "the offset is beyond the object");
    for class in ["slot", "input", "host_flag", "constant"] {
        let store = format!("store {class} v2, v5+0");
        refused_instruction(&store, &format!("memory of class {class} is not written"));
    }
}

#[test]
fn calls() {
    let module = |call: &str| {
        format!(
            "unit_descriptor data0\next0 = external \"cfunc_error_raise\" (ptr, i32) writes_internal
            data0 = data \"unit_descriptor\" align 8 \"\"\nsite0 = site KeyError \"k\" 0..1
            fn0 = function \"g\" (i64) -> (i64) {{\nblock0(v0: i64):\nreturn v0\n}}
            fn1 = function \"f\" (i64) {{\nblock0(v0: i64):\nv1: ptr = data_address data0+0
            v2: i32 = iconst 1\n{call}\nreturn\n}}"
        )
    };
    let text = module("v3: i64 = call fn0(v0)");
    assert_eq!(verify(&parse(&text)), Ok(()));
    let check = |call: &str, message: &str| {
        refused(&module(call), &format!("function \"f\", `{call}`: {message}"));
    };
    check("call fn1(v0)", "calls a function that does not stand before it");
    check("call fn7(v0)", "calls a function that does not stand before it");
    check("call ext1()", "ext1 does not exist");
    check("v3: i64 = call fn0()", "arguments do not match (i64) -> (i64)");
    check("call fn0(v0)", "results do not match (i64) -> (i64)");
    check("call ext0(v1, v2)", "site1 does not exist");
}

#[test]
fn tables_that_contradict_each_other() {
    let text = "fn0 = function \"f\" (i64) {\nblock0(v0: i64):\nv1: i64 = ineg v0\njump block1\nblock1:\nreturn\n}";
    let damage = |change: fn(&mut cfunc_ir::Function), expected: &str| {
        let mut module = parse(text);
        change(&mut module.functions[0]);
        let errors = verify(&module).expect_err("the module is damaged");
        assert_eq!(errors.to_string(), format!("function \"f\"{expected}"));
    };
    damage(|function| function.layout.push(Block::from_index(9)), ": the layout names block9, which does not exist");
    damage(|function| function.layout.push(function.layout[1]), ": block1 stands twice in the layout");
    damage(|function| function.layout.truncate(1), ", block0: jumps to a block that is not in the layout");
    damage(|function| function.blocks[1].terminator = None, ", block1: there is no terminator");
    damage(
        |function| function.blocks[1].terminator = Some(Terminator::Return([Value::from_index(8)].as_slice().into())),
        ", block1: an operand of the terminator is defined nowhere",
    );
    damage(
        |function| {
            let instruction = function.blocks[0].instructions[0];
            function.blocks[1].instructions.push(instruction);
        },
        ", `v1: i64 = ineg v0`: stands twice in the layout",
    );
    damage(
        |function| {
            let first = &mut function.blocks[0];
            first.instructions.clear();
            let result = Value::from_index(1);
            first.terminator = Some(Terminator::Return([result].as_slice().into()));
        },
        ", block0: an operand of the terminator is defined nowhere",
    );
    damage(
        |function| {
            let parameter = function.blocks[0].parameters[0];
            function.blocks[1].parameters.push(parameter);
        },
        ", block1: v0 is not where its definition says",
    );
    damage(|function| drop(function.results.pop()), ": results and instructions are not equally many");
}

#[test]
fn random_modules_keep_every_rule() {
    for seed in 0..1_000 {
        let module = random_module(seed, 5 + usize::try_from(seed % 60).unwrap_or(0));
        if let Err(errors) = verify(&module) {
            panic!("{seed}: {errors}\n{module}");
        }
    }
}

/// Every operation comes up, so that tests over random modules speak of all of them.
#[test]
fn random_modules_have_every_operation() {
    let all: String = (0..200).map(|seed| random_module(seed, 40).to_string()).collect();
    let tables = [
        cfunc_ir::UnaryOperation::ALL.iter().map(|operation| operation.name()).collect::<Vec<_>>(),
        cfunc_ir::BinaryOperation::ALL.iter().map(|operation| operation.name()).collect(),
        cfunc_ir::ConvertOperation::ALL.iter().map(|operation| operation.name()).collect(),
        vec!["select", "call fn0", "call ext0", "unreachable", "load stack", "store output", "cold"],
    ];
    for name in tables.concat() {
        assert!(all.contains(&format!(" {name}")), "{name}");
    }
}

/// A terminator or operand changed at random is found, or leaves a module that keeps the rules and prints and reads.
#[test]
fn changed_modules_do_not_make_the_verifier_panic() {
    let mut found = 0;
    for seed in 0..500 {
        let mut random = RandomNumbers::new(seed);
        let mut module = random_module(seed, 20);
        let function = module.functions.last_mut().expect("there is an entry");
        let values = function.values.len() + 2;
        for _ in 0..3 {
            let instruction = random.below(function.instructions.len());
            function.instructions[instruction]
                .for_each_operand_mut(|value| *value = Value::from_index(random.below(values)));
        }
        let block = random.below(function.blocks.len());
        function.blocks[block].terminator = Some(Terminator::Jump(cfunc_ir::JumpTarget {
            block: Block::from_index(random.below(function.blocks.len() + 1)),
            arguments: [Value::from_index(random.below(values))].as_slice().into(),
        }));
        found += usize::from(verify(&module).is_err());
        // Printing does not panic either.
        assert!(!module.to_string().is_empty());
    }
    assert!(found > 400, "{found}");
}
