//! The C header says the same as the tables of cfunc-models.

use std::collections::BTreeMap;

use cfunc_models::{NodeErrorKind, Representation, RuntimeFunction, UnitDescriptor};

const HEADER: &str = concat!(
    include_str!("../runtime-c/include/cfunc_runtime.h"),
    include_str!("../runtime-c/include/cfunc_containers.h")
);

/// The header without comments and preprocessor lines.
fn code() -> String {
    let mut code = String::new();
    let mut rest = HEADER;
    while let Some((before, after)) = rest.split_once("/*") {
        code.push_str(before);
        rest = after.split_once("*/").expect("comments are closed").1;
    }
    code.push_str(rest);
    code.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
}

/// How generated code holds a C type; `None` for void and for what only hosts use.
fn representation(c_type: &str) -> Option<Representation> {
    match c_type.trim() {
        "int64_t" => Some(Representation::I64),
        "uint32_t" | "int32_t" => Some(Representation::I32),
        "int8_t" => Some(Representation::I8),
        "double" => Some(Representation::F64),
        pointer if pointer.ends_with('*') => Some(Representation::Pointer),
        _ => None,
    }
}

type Signature = (Vec<Option<Representation>>, Option<Representation>);

fn prototypes() -> BTreeMap<String, Signature> {
    let code = code();
    let mut prototypes = BTreeMap::new();
    for statement in code.split(';') {
        let Some((_, prototype)) = statement.split_once("CFUNC_API ") else {
            continue;
        };
        let (head, parameters) = prototype.split_once('(').expect("a prototype has parameters");
        // A star belongs to the result: `cfunc_list *cfunc_list_new`.
        let name = head.rfind(|character: char| !character.is_alphanumeric() && character != '_');
        let (result, symbol) = head.split_at(name.expect("a prototype has a result") + 1);
        let parameters = parameters
            .trim_end_matches(')')
            .split(',')
            .filter(|parameter| *parameter != "void")
            .map(|parameter| {
                let name = parameter.rfind(|character: char| !character.is_alphanumeric() && character != '_');
                representation(&parameter[..=name.unwrap_or(0)])
            })
            .collect();
        prototypes.insert(symbol.to_owned(), (parameters, representation(result)));
    }
    prototypes
}

#[test]
fn prototypes_agree_with_the_table() {
    let prototypes = prototypes();
    for function in RuntimeFunction::ALL {
        let description = function.description();
        let expected: Signature = (description.parameters.iter().copied().map(Some).collect(), description.result);
        assert_eq!(prototypes.get(description.symbol), Some(&expected), "{}", description.symbol);
    }
}

#[test]
fn functions_outside_of_the_table_are_those_of_hosts() {
    let others: Vec<_> =
        prototypes().into_keys().filter(|symbol| RuntimeFunction::from_symbol(symbol).is_none()).collect();
    assert_eq!(
        others,
        [
            "cfunc_abi_version",
            "cfunc_call_settings_exchange",
            "cfunc_clock",
            "cfunc_container_tag",
            "cfunc_error_clear",
            "cfunc_error_kind_name",
            "cfunc_error_message_set",
            "cfunc_error_pending",
            "cfunc_error_take",
            "cfunc_list_repeat",
            "cfunc_memory_account_set",
            "cfunc_memory_counters_read",
            "cfunc_set_allocator",
            "cfunc_thread_state_restore",
            "cfunc_thread_state_save",
        ]
    );
}

#[test]
fn error_kinds_agree_with_the_table() {
    let code = code();
    let found: BTreeMap<String, i32> = code
        .split([',', '{', '}'])
        .filter_map(|entry| {
            let (name, value) = entry.trim().split_once(" = ")?;
            let name = name.strip_prefix("CFUNC_ERROR_")?.replace('_', "").to_lowercase();
            Some((name, value.trim().parse().ok()?))
        })
        .collect();
    let mut expected: BTreeMap<String, i32> =
        NodeErrorKind::ALL.iter().map(|kind| (kind.name().to_lowercase(), kind.code())).collect();
    expected.insert("none".to_owned(), 0);
    assert_eq!(found, expected);
}

#[test]
fn constants_agree_with_the_encoder() {
    for line in [
        format!("#define CFUNC_UNIT_MAGIC {:#X}u", UnitDescriptor::MAGIC).replace("0X", "0x"),
        format!("#define CFUNC_UNIT_VERSION {}u", UnitDescriptor::VERSION),
        format!("#define CFUNC_ERROR_NAME_CAPACITY {}", UnitDescriptor::NAME_CAPACITY),
        format!("#define CFUNC_ERROR_MESSAGE_CAPACITY {}", UnitDescriptor::MESSAGE_CAPACITY),
        format!("#define CFUNC_ABI_VERSION {}u", cfunc_runtime::abi_version()),
    ] {
        assert!(HEADER.lines().any(|found| found == line), "{line}");
    }
}
