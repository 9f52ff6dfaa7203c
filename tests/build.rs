//! Makes structs at random: the same in Rust, with a derive, and in C, with what the C compiler says of each. The test
//! `struct_layouts` compares them.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// How many structs there are.
const STRUCTS: usize = 150;
/// The most fields of one.
const MOST_FIELDS: u64 = 9;

/// SplitMix64, so that the structs are the same in every build.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// A type in Rust, and in C before and after the name of what is of it.
fn field_type(random: &mut Random, struct_number: usize, arrays: u64) -> (String, String, String) {
    const NUMBERS: [(&str, &str); 11] = [
        ("i8", "int8_t"),
        ("i16", "int16_t"),
        ("i32", "int32_t"),
        ("i64", "int64_t"),
        ("u8", "uint8_t"),
        ("u16", "uint16_t"),
        ("u32", "uint32_t"),
        ("u64", "uint64_t"),
        ("f32", "float"),
        ("f64", "double"),
        ("bool", "_Bool"),
    ];
    match random.below(20) {
        0..2 if arrays > 0 => {
            let length = 1 + random.below(5);
            let (rust, before, after) = field_type(random, struct_number, arrays - 1);
            (format!("[{rust}; {length}]"), before, format!("[{length}]{after}"))
        }
        2..5 if struct_number > 0 => {
            let other = random.below(struct_number as u64);
            (format!("S{other}"), format!("struct S{other}"), String::new())
        }
        // A pointer leads to any struct, also to the one that it lies in.
        5 if arrays == 2 => {
            let other = random.below(struct_number as u64 + 1);
            (format!("*mut S{other}"), format!("struct S{other} *"), String::new())
        }
        _ => {
            let (rust, c) = NUMBERS[usize::try_from(random.below(NUMBERS.len() as u64)).expect("a small number")];
            (rust.to_owned(), c.to_owned(), String::new())
        }
    }
}

fn main() {
    let mut random = Random(20_260_722);
    let mut rust = String::from("// Made by build.rs.\n");
    let mut c = String::from("#include <stddef.h>\n#include <stdint.h>\n");
    let mut facts = String::from("const size_t cfunc_test_layouts[] = {\n");
    for number in 0..STRUCTS {
        let fields = 1 + random.below(MOST_FIELDS);
        writeln!(rust, "#[derive(Clone, Copy, cfunc_compiler::CfuncStruct)]\n#[repr(C)]").expect("a text");
        writeln!(rust, "pub(crate) struct S{number} {{").expect("a text");
        writeln!(c, "struct S{number} {{").expect("a text");
        writeln!(facts, "    sizeof(struct S{number}), _Alignof(struct S{number}), {fields},").expect("a text");
        for field in 0..fields {
            let (of_rust, before, after) = field_type(&mut random, number, 2);
            writeln!(rust, "    f{field}: {of_rust},").expect("a text");
            writeln!(c, "    {before} f{field}{after};").expect("a text");
            writeln!(facts, "    offsetof(struct S{number}, f{field}), sizeof(((struct S{number} *)0)->f{field}),")
                .expect("a text");
        }
        rust.push_str("}\n");
        c.push_str("};\n");
    }
    writeln!(rust, "pub(crate) fn descriptions() -> Vec<cfunc_compiler::StructDescription> {{").expect("a text");
    let all: Vec<String> =
        (0..STRUCTS).map(|number| format!("<S{number} as cfunc_compiler::DescribedStruct>::description()")).collect();
    writeln!(rust, "    vec![{}]\n}}", all.join(", ")).expect("a text");
    facts.push_str("};\n");
    let out = env::var("OUT_DIR").expect("cargo says where");
    fs::write(Path::new(&out).join("structs.rs"), rust).expect("the folder can be written to");
    let source = Path::new(&out).join("structs.c");
    fs::write(&source, format!("{c}{facts}")).expect("the folder can be written to");
    cc::Build::new().file(&source).warnings(false).cargo_metadata(false).compile("cfunc_test_structs");
    println!("cargo::rustc-link-arg-tests={out}/libcfunc_test_structs.a");
    println!("cargo::rerun-if-changed=build.rs");
}
