//! The semantic key: one hash over everything that changes what a compiled function means.
//!
//! Equal inputs give equal keys in every process, thread and order of compilation. Comments, formatting and file names
//! are not in it; nor are the optimisation level, inlining and the backend, which change no result.
//!
//! Every part is written as the kind of its contents, its tag and the contents: texts after their length, lists of
//! numbers after their count, numbers as LEB128, so that no two sequences of parts give the same bytes. What the context
//! brings is hashed once for each context, and a type is described where it comes first and is a number from then on:
//! hashing is what a key costs.

use cfunc_context::CompilationContext;
use cfunc_infer::TypedCall;
use cfunc_ir::{Module, encode_canonical};
use cfunc_models::{CompilationOptions, FieldForm, FunctionModel, MemoryLayout, Type, TypeTable, Value};
use cfunc_sources::{VariableSource, Variables};
use cfunc_syntax::print_expression;
use sha2::{Digest, Sha256};

/// The version of what is hashed; part of it.
const VERSION: u64 = 2;

// What the contents of a part are.
const BYTES: u8 = 0;
const NUMBER: u8 = 1;
const NUMBERS: u8 = 2;

/// What the key is made of.
pub(crate) struct KeyParts<'a> {
    pub(crate) context: &'a CompilationContext,
    pub(crate) types: &'a TypeTable,
    pub(crate) options: &'a CompilationOptions,
    pub(crate) function: &'a FunctionModel,
    pub(crate) variables: &'a Variables,
    /// Of a plain function: how it is called.
    pub(crate) call: Option<&'a TypedCall>,
    /// The function as printed after all handlers ran, its locals included.
    pub(crate) transformed: &'a str,
    pub(crate) module: &'a Module,
}

/// The hash; its first 8 bytes as hexadecimal digits are the key.
pub(crate) fn semantic_hash(parts: &KeyParts<'_>) -> [u8; 32] {
    let mut key = Key::default();
    key.number("version", VERSION);
    key.part("context", parts.context.digest(|| context(parts.context)));
    options(&mut key, parts.options);
    function(&mut key, parts.types, parts.function);
    variables(&mut key, parts.types, parts.variables);
    if let Some(parts_of_call) = parts.call {
        call(&mut key, parts.types, parts_of_call);
    }
    key.text("transformed", parts.transformed);
    // The encoding delimits itself, and nothing follows.
    encode_canonical(parts.module, &mut |bytes| key.bytes.extend_from_slice(bytes));
    key.hash()
}

/// How many digits a key has.
pub(crate) const KEY_DIGITS: usize = 16;

/// The first 16 hexadecimal digits of a hash.
pub(crate) fn digits(hash: &[u8; 32]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble & 15)]);
    hash[..8].iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// The hash over what a context brings.
fn context(context: &CompilationContext) -> [u8; 32] {
    let mut key = Key::default();
    let abi = context.abi();
    key.text("symbol_prefix", &abi.symbol_prefix);
    key.number("enum_width", u64::from(abi.enum_width));
    key.number("enumset_width", u64::from(abi.enumset_width));
    for parameter in context.layout().parameters() {
        key.text("abi_parameter", &parameter.name);
        key.text("representation", parameter.representation.name());
        key.text("role", &format!("{:?}", parameter.role));
        key.text("element", parameter.element.map_or("", |element| element.name()));
    }
    for extension in context.extensions() {
        key.text("extension", extension.name);
        key.number("extension_version", u64::from(extension.version));
    }
    key.hash()
}

fn options(key: &mut Key, options: &CompilationOptions) {
    // Taken apart, so that a new option cannot be forgotten here.
    let CompilationOptions {
        error_model,
        checked_integers,
        missing_key,
        interruptible,
        fastmath,
        force_inline: _,
        optimization_level: _,
        target_cpu: _,
        passes: _,
        pass_limit: _,
        verify: _,
    } = options;
    key.text("error_model", &format!("{error_model:?}"));
    key.number("checked_integers", u64::from(*checked_integers));
    key.text("missing_key", &format!("{missing_key:?}"));
    key.number("interruptible", u64::from(*interruptible));
    key.number("fastmath", u64::from(*fastmath));
}

fn function(key: &mut Key, types: &TypeTable, function: &FunctionModel) {
    key.text("function", &function.name);
    for parameter in &function.parameters {
        key.text("parameter", &parameter.name);
        key.text("category", &parameter.category);
        key.ty(types, parameter.ty);
        if let Some(value) = &parameter.value {
            key.value("constant", value);
        }
    }
    key.number("named_outputs", u64::from(function.named_outputs));
    for output in &function.outputs {
        key.text("output", output.name.as_deref().unwrap_or(""));
        key.ty(types, output.ty);
    }
    for state in &function.states {
        key.text("state", &state.name);
        key.ty(types, state.ty);
        key.value("initial", &state.initial);
    }
}

fn call(key: &mut Key, types: &TypeTable, call: &TypedCall) {
    for argument in &call.arguments {
        key.number("argument", u64::from(argument.default.is_none()));
        key.ty(types, argument.taken);
    }
    key.text("result", "");
    key.ty(types, call.result);
    if let Some(value) = &call.constant {
        key.value("known", value);
    }
}

fn variables(key: &mut Key, types: &TypeTable, variables: &Variables) {
    for (_, variable) in variables.iter() {
        key.text("variable", &variable.name);
        key.text("category", &variable.category);
        key.ty(types, variable.ty);
        match &variable.source {
            VariableSource::Input { parameter, index } => key.slot("input", &[parameter.0, *index]),
            VariableSource::State { parameter, index } => key.slot("state", &[parameter.0, *index]),
            VariableSource::Output { parameter, ticked, index } => {
                key.slot("output", &[parameter.0, ticked.0, *index]);
            }
            VariableSource::Pointer { parameter, index } => key.slot("pointer", &[parameter.0, *index]),
            VariableSource::Keyed(keyed) => {
                key.number("keys", keyed.keys.len() as u64);
                keyed.keys.iter().for_each(|name| key.text("key", name));
                let children: Vec<u32> = keyed.children.iter().map(|child| child.0).collect();
                key.slot("children", &children);
            }
            VariableSource::Expression(expression) => key.text("expression", &print_expression(expression)),
            VariableSource::Constant(value) => key.value("constant", value),
        }
    }
}

/// What is hashed.
struct Key {
    bytes: Vec<u8>,
    /// The types described so far.
    types: Vec<Type>,
}

impl Default for Key {
    fn default() -> Self {
        Self { bytes: Vec::with_capacity(2048), types: Vec::new() }
    }
}

impl Key {
    fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.bytes).into()
    }

    /// A number as LEB128.
    fn leb128(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    fn begin(&mut self, kind: u8, tag: &str) {
        self.bytes.push(kind);
        self.bytes_of(tag.as_bytes());
    }

    fn bytes_of(&mut self, bytes: &[u8]) {
        self.leb128(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    fn part(&mut self, tag: &str, contents: &[u8]) {
        self.begin(BYTES, tag);
        self.bytes_of(contents);
    }

    fn text(&mut self, tag: &str, text: &str) {
        self.part(tag, text.as_bytes());
    }

    fn number(&mut self, tag: &str, number: u64) {
        self.begin(NUMBER, tag);
        self.leb128(number);
    }

    fn slot(&mut self, tag: &str, numbers: &[u32]) {
        self.begin(NUMBERS, tag);
        self.leb128(numbers.len() as u64);
        numbers.iter().for_each(|number| self.leb128(u64::from(*number)));
    }

    /// A type by its name and layout, since handles depend on what else is registered; by its number if it came before.
    fn ty(&mut self, types: &TypeTable, ty: Type) {
        if let Some(number) = self.types.iter().position(|known| *known == ty) {
            return self.number("type", number as u64);
        }
        self.types.push(ty);
        self.text("type", types.name(ty));
        self.text("cell", &format!("{:?}", types.definition(ty).cell));
        for component in types.components(ty) {
            self.text("component", component.name());
        }
        let (offsets, size) = types.layout(ty);
        self.slot("offsets", &offsets);
        self.number("size", u64::from(size));
        if let Some(memory) = types.memory_layout(ty) {
            self.memory(types, memory);
        }
    }

    /// What lies where. Structs that addresses lead to count by their names: what a node does with them is in its code.
    fn memory(&mut self, types: &TypeTable, memory: &MemoryLayout) {
        let (size, alignment) = memory.size_and_alignment();
        self.slot("memory", &[size, alignment]);
        let part = |key: &mut Self, name: &str, ty: Type, form: FieldForm| {
            key.text("part", name);
            key.text("part_type", types.name(ty));
            key.text("form", &format!("{form:?}"));
            if let (FieldForm::Inside, Some(inside)) = (form, types.memory_layout(ty)) {
                key.memory(types, inside);
            }
        };
        match memory {
            MemoryLayout::Struct(layout) => {
                for field in &layout.fields {
                    self.slot("offset", &[field.offset]);
                    part(self, &field.name, field.ty, field.form);
                }
            }
            MemoryLayout::Array(array) => {
                self.slot("elements", &[array.stride, array.length]);
                part(self, "", array.element, array.form);
            }
        }
    }

    fn value(&mut self, tag: &str, value: &Value) {
        self.text(tag, value.kind());
        match value {
            Value::None => {}
            Value::Boolean(value) => self.number("boolean", u64::from(*value)),
            Value::Integer(value) | Value::Datetime(value) | Value::Timedelta(value) => {
                self.number("integer", value.cast_unsigned());
            }
            Value::LargeInteger(value) => self.text("large", &format!("{value:?}")),
            // By bits: 0.0 and -0.0 are different constants.
            Value::Float(value) => self.number("float", value.to_bits()),
            Value::Text(text) => self.text("text", text),
            Value::Tuple(values) | Value::List(values) => {
                self.number("length", values.len() as u64);
                values.iter().for_each(|value| self.value("element", value));
            }
            Value::Dict(entries) => {
                self.number("length", entries.len() as u64);
                for (name, value) in entries {
                    self.value("key", name);
                    self.value("element", value);
                }
            }
            Value::Record(name, fields) => {
                self.text("record", name);
                self.number("length", fields.len() as u64);
                for (name, value) in fields {
                    self.text("field", name);
                    self.value("element", value);
                }
            }
            // An object of the host is no constant, which the registry sees to: its kind is all that is said of it.
            Value::Host(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, digits};
    use cfunc_models::Value;

    fn hash(fill: impl FnOnce(&mut Key)) -> [u8; 32] {
        let mut key = Key::default();
        fill(&mut key);
        key.hash()
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let split = |first: &str, second: &str| {
            hash(|key| {
                key.text("a", first);
                key.text("a", second);
            })
        };
        assert_ne!(split("xy", "z"), split("x", "yz"));
        assert_ne!(hash(|key| key.text("ab", "c")), hash(|key| key.text("a", "bc")));
    }

    #[test]
    fn values_are_told_apart_by_kind_and_bits() {
        let of = |value: Value| hash(|key| key.value("v", &value));
        assert_ne!(of(Value::Float(0.0)), of(Value::Float(-0.0)));
        assert_ne!(of(Value::Integer(1)), of(Value::Boolean(true)));
        assert_ne!(of(Value::Datetime(1)), of(Value::Timedelta(1)));
        let nested = |inner: Vec<Value>, outer: i64| Value::List(vec![Value::List(inner), Value::Integer(outer)]);
        assert_ne!(of(nested(vec![], 1)), of(Value::List(vec![Value::List(vec![Value::Integer(1)])])));
        assert_eq!(of(Value::Float(f64::NAN)), of(Value::Float(f64::NAN)));
    }

    #[test]
    fn digits_are_sixteen() {
        let mut hash = [0; 32];
        hash[0] = 0x0f;
        hash[7] = 0xa0;
        assert_eq!(digits(&hash), "0f000000000000a0");
    }
}
