//! What LLVM is told of functions outside: what their effects say, and nothing more.

use std::collections::BTreeSet;

use cfunc_backend::{Backend, CodeText};
use cfunc_ir::{MemoryClass, Module, Signature};
use cfunc_models::{CompilationOptions, Effects, OptimizationLevel, Representation};

use super::support::{backend, node_module};

/// `out[0] = every function of the host of in[0]`, each called like one of C, of which LLVM would know more.
fn module() -> Module {
    node_module(|builder, values, out| {
        let mut value = builder.load(Representation::F64, values, 0, MemoryClass::Foreign);
        for (symbol, effects) in FUNCTIONS {
            let signature = Signature::new(&[Representation::F64], &[Representation::F64]);
            value = builder.call_external_values(symbol, signature, *effects, &[value])[0];
        }
        builder.store(value, out, 0, MemoryClass::Foreign);
    })
}

const FUNCTIONS: &[(&str, Effects)] = &[
    ("sin", Effects::Pure),
    ("exp", Effects::ReadsInternal),
    ("floor", Effects::Reads),
    ("sqrt", Effects::WritesInternal),
    ("cos", Effects::Writes),
];

/// The attributes of a function in a text, without the group's name.
fn attributes<'a>(text: &'a str, symbol: &str) -> BTreeSet<&'a str> {
    let declared = text.lines().find(|line| line.starts_with("declare ") && line.contains(&format!("@{symbol}(")));
    let declared = declared.unwrap_or_else(|| panic!("{symbol} is not declared in\n{text}"));
    let group = declared.rsplit(' ').next().unwrap();
    let list = text.lines().find_map(|line| line.strip_prefix(&format!("attributes {group} = {{ "))).unwrap();
    list.trim_end_matches(" }").split(' ').collect()
}

#[test]
fn attributes_are_those_of_the_effects() {
    let Some(llvm) = backend() else { return };
    for optimization_level in [OptimizationLevel::None, OptimizationLevel::Quick, OptimizationLevel::Speed] {
        let options = CompilationOptions { optimization_level, ..CompilationOptions::default() };
        let text = llvm.text(&module(), &options, CodeText::Intermediate).unwrap();
        for (symbol, effects) in FUNCTIONS {
            let expected: &[&str] = match effects {
                Effects::Pure => &["memory(none)", "nobuiltin", "nounwind", "willreturn"],
                Effects::ReadsInternal | Effects::Reads => &["memory(read)", "nobuiltin", "nounwind", "willreturn"],
                Effects::WritesInternal => &["nobuiltin", "nounwind", "willreturn"],
                Effects::Writes => &["nobuiltin", "nounwind"],
            };
            // What LLVM concludes: what returns gets on with it, and what only reads frees nothing and waits for nobody.
            let concluded: &[&str] = match effects {
                Effects::Pure => &["mustprogress", "nofree", "nosync"],
                Effects::ReadsInternal | Effects::Reads => &["mustprogress", "nofree"],
                Effects::WritesInternal => &["mustprogress"],
                Effects::Writes => &[],
            };
            let found = attributes(&text, symbol);
            let found: Vec<&str> = found.into_iter().filter(|one| !concluded.contains(one)).collect();
            assert_eq!(found, expected, "{symbol}, {optimization_level:?}:\n{text}");
        }
    }
}
