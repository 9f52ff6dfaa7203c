//! What LLVM is told of functions: of those outside exactly what their declared effects say.

use cfunc_models::Effects;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::values::FunctionValue;
use std::sync::OnceLock;

/// How this LLVM encodes `memory(none)` and `memory(read)`: numbers that change between releases, so they are asked for.
#[derive(Clone, Copy, Debug)]
struct MemoryEncoding {
    kind: u32,
    none: u64,
    read: u64,
}

/// What LLVM reads of a text with each of them.
fn memory_encoding() -> Option<MemoryEncoding> {
    static ENCODING: OnceLock<Option<MemoryEncoding>> = OnceLock::new();
    *ENCODING.get_or_init(|| {
        let kind = Attribute::get_named_enum_kind_id("memory");
        let context = Context::create();
        // The buffer ends with the zero that LLVM's parser wants behind a text.
        let text = b"declare void @none() memory(none)\ndeclare void @read() memory(read)\n\0";
        let buffer = MemoryBuffer::create_from_memory_range_copy(text, "attributes");
        let module = context.create_module_from_ir(buffer).ok()?;
        let value = |name: &str| {
            let attribute = module.get_function(name)?.get_enum_attribute(AttributeLoc::Function, kind)?;
            Some(attribute.get_enum_value())
        };
        Some(MemoryEncoding { kind, none: value("none")?, read: value("read")? })
    })
}

/// Makes attributes by their names.
pub(crate) struct Attributes<'ctx> {
    context: &'ctx Context,
}

impl<'ctx> Attributes<'ctx> {
    pub(crate) const fn new(context: &'ctx Context) -> Self {
        Self { context }
    }

    /// An attribute without a value.
    pub(crate) fn named(&self, name: &str) -> Attribute {
        self.context.create_enum_attribute(Attribute::get_named_enum_kind_id(name), 0)
    }

    /// Puts attributes without values on a function.
    pub(crate) fn add(&self, function: FunctionValue<'ctx>, names: &[&str]) {
        for name in names {
            function.add_attribute(AttributeLoc::Function, self.named(name));
        }
    }

    /// Says of a function outside what its effects are.
    pub(crate) fn add_effects(&self, function: FunctionValue<'ctx>, effects: Effects) {
        // Nothing may unwind through generated code, whatever it calls. A function that is called like one of the C library
        // may be another, of which LLVM knows nothing else.
        self.add(function, &["nounwind", "nobuiltin"]);
        let memory = |read: bool| {
            let Some(encoding) = memory_encoding() else { return };
            let value = if read { encoding.read } else { encoding.none };
            function.add_attribute(AttributeLoc::Function, self.context.create_enum_attribute(encoding.kind, value));
        };
        match effects {
            Effects::Pure => {
                memory(false);
                self.add(function, &["willreturn"]);
            }
            Effects::ReadsInternal | Effects::Reads => {
                memory(true);
                self.add(function, &["willreturn"]);
            }
            Effects::WritesInternal => self.add(function, &["willreturn"]),
            Effects::Writes => {}
        }
    }
}
