//! Frames that nothing needs, on x86-64.
//!
//! Cranelift begins every function with `push rbp; mov rbp, rsp` and ends it with `mov rsp, rbp; pop rbp; ret`. The first of
//! the last three never changes anything, as the stack pointer has been put back before, but makes the processor lose
//! track of the stack: what is popped after it comes from memory, late. A function that calls nothing and takes nothing
//! from its caller's stack needs none of it, as its spilled values lie relative to the stack pointer; a node that does
//! little takes a sixth less time without.
//!
//! Code keeps its length: what is left out at the end becomes traps after the return, and a function without a frame is
//! entered behind the first two instructions. Ends are found by their bytes. Each return of the function is one of them,
//! so where there are as many as returns, none is part of something else; where there are more, all stay as they are.

use cranelift_codegen::ir::{Function, Opcode, types};
use cranelift_codegen::isa::CallConv;
use cranelift_codegen::{CompiledCode, FinalizedRelocTarget, ir};

/// `push rbp; mov rbp, rsp`.
const BEGIN: [u8; 4] = [0x55, 0x48, 0x89, 0xe5];

/// `mov rsp, rbp; pop rbp; ret`.
const END: [u8; 5] = [0x48, 0x89, 0xec, 0x5d, 0xc3];

/// `pop rbp; ret`, and traps.
const SHORT_END: [u8; 5] = [0x5d, 0xc3, 0xcc, 0xcc, 0xcc];

/// `ret`, and traps.
const BARE_END: [u8; 5] = [0xc3, 0xcc, 0xcc, 0xcc, 0xcc];

/// What the text of code has in the place of these.
const TEXTS: [(&str, &str, &str); 2] = [
    ("  pushq %rbp\n  movq %rsp, %rbp\n", "  pushq %rbp\n  movq %rsp, %rbp\n", ""),
    ("  movq %rbp, %rsp\n  popq %rbp\n  retq\n", "  popq %rbp\n  retq\n", "  retq\n"),
];

/// How many integers a caller has in registers.
pub(crate) const INTEGER_REGISTERS: usize = 6;

/// How many floats a caller has in registers.
const FLOAT_REGISTERS: usize = 8;

/// What becomes of the frame of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// It stays as Cranelift made it.
    AsMade,
    /// It stays, and is left without the superfluous move.
    Kept,
    /// There is none.
    Bare,
}

impl Frame {
    fn of(code: &CompiledCode, function: &Function) -> Self {
        let bytes = code.code_buffer();
        if !cfg!(target_arch = "x86_64") || function.signature.call_conv != CallConv::SystemV {
            return Self::AsMade;
        }
        if ends(bytes).count() != returns(function) {
            return Self::AsMade;
        }
        if needs_frame(code, function) || !bytes.starts_with(&BEGIN) { Self::Kept } else { Self::Bare }
    }
}

/// Where bytes look like the end of a function.
fn ends(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes.windows(END.len()).enumerate().filter(|(_, window)| *window == END).map(|(place, _)| place)
}

/// How many returns a function has, once it is compiled: what cannot be reached is gone then.
fn returns(function: &Function) -> usize {
    let last = function.layout.blocks().filter_map(|block| function.layout.last_inst(block));
    last.filter(|instruction| function.dfg.insts[*instruction].opcode() == Opcode::Return).count()
}

/// Whether a function calls something, holds memory on the stack that may want to be aligned, or has parameters there.
fn needs_frame(code: &CompiledCode, function: &Function) -> bool {
    let calls = !function.dfg.ext_funcs.is_empty()
        || code.buffer.relocs().iter().any(|relocation| {
            matches!(relocation.target, FinalizedRelocTarget::ExternalName(ir::ExternalName::LibCall(_)))
        });
    let (mut integers, mut floats) = (0, 0);
    for parameter in &function.signature.params {
        match parameter.value_type {
            types::I128 => integers += 2,
            ty if ty.is_int() => integers += 1,
            _ => floats += 1,
        }
    }
    // Results may be written through a pointer, which is one parameter more.
    let integers = integers + usize::from(function.signature.returns.len() > 1);
    calls || !function.sized_stack_slots.is_empty() || integers > INTEGER_REGISTERS || floats > FLOAT_REGISTERS
}

/// Takes what nothing needs out of the bytes of a function, and gives the place in them where it is entered.
pub(crate) fn shorten(bytes: &mut [u8], code: &CompiledCode, function: &Function) -> u32 {
    let (end, entry) = match Frame::of(code, function) {
        Frame::AsMade => return 0,
        Frame::Kept => (SHORT_END, 0),
        Frame::Bare => (BARE_END, BEGIN.len() as u32),
    };
    let mut from = 0;
    loop {
        let Some(place) = ends(&bytes[from..]).next() else {
            return entry;
        };
        from += place;
        bytes[from..from + END.len()].copy_from_slice(&end);
    }
}

/// Does to the text of a function what [`shorten`] does to its bytes.
pub(crate) fn shorten_text(text: &str, code: &CompiledCode, function: &Function) -> String {
    let frame = Frame::of(code, function);
    let mut text = text.to_owned();
    for (made, kept, bare) in TEXTS {
        match frame {
            Frame::AsMade => {}
            Frame::Kept => text = text.replace(made, kept),
            Frame::Bare => text = text.replace(made, bare),
        }
    }
    text
}
