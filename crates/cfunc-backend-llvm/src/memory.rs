//! What LLVM is told of memory.
//!
//! Accesses of different classes never overlap: each class is a type of type-based alias analysis, a child of one that
//! overlaps with all, which `Any` is. Calls whose effects leave cells and slots alone say so with a scope that all
//! accesses of cells and slots are in. What hosts do not write during a call is loaded as invariant; that a load may be
//! moved does not let it be made where the source does not make it, since nothing says that its address is valid.

use cfunc_ir::MemoryClass;
use inkwell::context::Context;
use inkwell::values::{BasicMetadataValueEnum, InstructionValue, MetadataValue};

/// The metadata of accesses and calls.
pub(crate) struct MemoryMetadata<'ctx> {
    tags: Vec<MetadataValue<'ctx>>,
    tag_kind: u32,
    /// The list of the one scope, of cells and slots.
    cells: MetadataValue<'ctx>,
    scope_kind: u32,
    no_alias_kind: u32,
    /// Without contents, for what says enough by its kind.
    empty: MetadataValue<'ctx>,
    invariant_kind: u32,
    defined_kind: u32,
    lengths: MetadataValue<'ctx>,
    range_kind: u32,
}

impl<'ctx> MemoryMetadata<'ctx> {
    pub(crate) fn new(context: &'ctx Context) -> Self {
        let text = |text: &str| BasicMetadataValueEnum::from(context.metadata_string(text));
        let node = |values: &[BasicMetadataValueEnum<'ctx>]| context.metadata_node(values);
        let zero = context.i64_type().const_zero();
        let root = node(&[text("cfunc")]);
        let ty = |name: &str, parent: MetadataValue<'ctx>| node(&[text(name), parent.into(), zero.into()]);
        let any = ty(MemoryClass::Any.name(), root);
        let tag = |class: &MemoryClass| {
            let ty = if *class == MemoryClass::Any { any } else { ty(class.name(), any) };
            node(&[ty.into(), ty.into(), zero.into()])
        };
        let domain = node(&[text("cfunc.memory")]);
        let scope = node(&[text("cfunc.cells"), domain.into()]);
        let largest = context.i64_type().const_int(MemoryClass::LARGEST_LENGTH.unsigned_abs() + 1, false);
        Self {
            tags: MemoryClass::ALL.iter().map(tag).collect(),
            tag_kind: context.get_kind_id("tbaa"),
            cells: node(&[scope.into()]),
            scope_kind: context.get_kind_id("alias.scope"),
            no_alias_kind: context.get_kind_id("noalias"),
            empty: node(&[]),
            invariant_kind: context.get_kind_id("invariant.load"),
            defined_kind: context.get_kind_id("noundef"),
            lengths: node(&[zero.into(), largest.into()]),
            range_kind: context.get_kind_id("range"),
        }
    }

    /// Says of a load or store which class of memory it touches.
    pub(crate) fn mark_access(&self, instruction: InstructionValue<'ctx>, class: MemoryClass) {
        set(instruction, self.tags[class as usize], self.tag_kind);
        if is_of_host(class) {
            set(instruction, self.cells, self.scope_kind);
        }
    }

    /// Says of a load what its class lets it be.
    pub(crate) fn mark_load(&self, instruction: InstructionValue<'ctx>, class: MemoryClass) {
        self.mark_access(instruction, class);
        if is_of_host(class) {
            // What the host gives has some value, which is the same for all that is computed of it.
            set(instruction, self.empty, self.defined_kind);
        }
        match class {
            MemoryClass::Slot | MemoryClass::Input | MemoryClass::HostFlag | MemoryClass::Constant => {
                set(instruction, self.empty, self.invariant_kind);
            }
            MemoryClass::Length => set(instruction, self.lengths, self.range_kind),
            _ => {}
        }
    }

    /// Says of a call that it leaves cells and slots alone.
    pub(crate) fn mark_internal_call(&self, instruction: InstructionValue<'ctx>) {
        set(instruction, self.cells, self.no_alias_kind);
    }
}

fn set<'ctx>(instruction: InstructionValue<'ctx>, metadata: MetadataValue<'ctx>, kind: u32) {
    let marked = instruction.set_metadata(metadata, kind);
    debug_assert!(marked.is_ok(), "nodes are metadata");
}

/// Whether it is a class of cells and slots.
const fn is_of_host(class: MemoryClass) -> bool {
    match class {
        MemoryClass::Slot
        | MemoryClass::ContainerSlot
        | MemoryClass::State
        | MemoryClass::Input
        | MemoryClass::Output
        | MemoryClass::OutputTicked
        | MemoryClass::HostFlag => true,
        MemoryClass::Stack
        | MemoryClass::ListHeader
        | MemoryClass::ListData
        | MemoryClass::Dict
        | MemoryClass::StructField
        | MemoryClass::Constant
        | MemoryClass::Foreign
        | MemoryClass::Any
        | MemoryClass::Length => false,
    }
}
