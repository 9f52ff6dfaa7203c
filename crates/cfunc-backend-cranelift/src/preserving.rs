//! Calls that leave every register as it is, of functions that are rare.
//!
//! After a call of a C function nothing is left of most registers; on System V of no float register at all. The register
//! allocator does not know how seldom a block is reached, so a call in a cold block of a loop has the loop's values stored and
//! loaded again on the way that goes past it. Calls of functions that the runtime's table calls rare go to a *thunk* instead: a
//! function of Cranelift's convention `preserve_all`, which puts away what the C function may change, calls it, and gets it
//! back. That costs some 50 moves where the call is made, and none where it is not. The convention knows no results: a thunk
//! writes its function's to an address, which is its last argument, and which loops hold in a register.
//!
//! Registers are kept as wide as Cranelift uses them, 128 bits; it makes no code of wider vectors here.
//!
//! A thunk is made when a unit first needs it, once a backend. Units that call thunks own them together with the backend.

use std::fmt;
use std::sync::OnceLock;

use cfunc_backend::BackendError;
use cfunc_ir::Signature;
use cfunc_models::RuntimeFunction;
use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::{AbiParam, InstBuilder, MemFlagsData, Signature as ClifSignature, types};
use cranelift_codegen::isa::{CallConv, TargetIsa};

use crate::backend::internal;
use crate::image::expose;
use crate::memory::{ExecutableMemory, WritableMemory};
use crate::operations::clif_signature;

/// Bytes of the largest result.
pub(crate) const RESULT_SIZE: u32 = 8;

/// Whether calls may go through thunks where C has this convention: where C keeps float registers, or has an area for its
/// callees on the stack, as on Windows, they go straight.
pub(crate) fn is_supported(convention: CallConv) -> bool {
    matches!(convention, CallConv::SystemV | CallConv::AppleAarch64)
}

/// The signature of a function's thunk.
pub(crate) fn thunk_signature(function: RuntimeFunction, convention: CallConv) -> ClifSignature {
    let mut thunk = clif_signature(&signature(function), convention, true);
    thunk.call_conv = CallConv::PreserveAll;
    if thunk.returns.pop().is_some() {
        thunk.params.push(AbiParam::new(types::I64));
    }
    thunk
}

fn signature(function: RuntimeFunction) -> Signature {
    let description = function.description();
    Signature::new(description.parameters, description.result.as_slice())
}

/// The thunks of the functions of the C runtime, each made when it is first asked for.
pub(crate) struct Thunks {
    thunks: Box<[OnceLock<Result<ExecutableMemory, BackendError>>]>,
}

impl Default for Thunks {
    fn default() -> Self {
        Self { thunks: RuntimeFunction::ALL.iter().map(|_| OnceLock::new()).collect() }
    }
}

impl fmt::Debug for Thunks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Thunks").finish_non_exhaustive()
    }
}

impl Thunks {
    /// The address of the thunk of a function, which lives as long as `self`; made for this target where there is none yet.
    pub(crate) fn address(&self, target: &dyn TargetIsa, function: RuntimeFunction) -> Result<u64, BackendError> {
        let thunk = self.thunks.get(function as usize).ok_or_else(|| internal("a runtime function out of place"))?;
        let make = || {
            let convention = target.default_call_conv();
            let callee = clif_signature(&signature(function), convention, true);
            make(target, cfunc_runtime::address(function), callee, thunk_signature(function, convention))
        };
        let memory = thunk.get_or_init(make).as_ref().map_err(Clone::clone)?;
        memory.at(0).map(expose).ok_or_else(|| internal("a thunk without code"))
    }
}

/// The thunk of a function at an address: it takes its arguments, then where its result goes.
fn make(
    target: &dyn TargetIsa,
    address: *const u8,
    callee: ClifSignature,
    thunk: ClifSignature,
) -> Result<ExecutableMemory, BackendError> {
    let mut context = Context::new();
    let output = &mut context.func;
    let arguments = callee.params.len();
    let callee = output.import_signature(callee);
    let block = output.dfg.make_block();
    let mut parameters = Vec::with_capacity(thunk.params.len());
    for parameter in &thunk.params {
        parameters.push(output.dfg.append_block_param(block, parameter.value_type));
    }
    output.signature = thunk;
    let mut cursor = FuncCursor::new(output);
    cursor.insert_block(block);
    let address = cursor.ins().iconst(types::I64, expose(address).cast_signed());
    let (arguments, place) = parameters.split_at(arguments);
    let call = cursor.ins().call_indirect(callee, address, arguments);
    let result = cursor.func.dfg.inst_results(call).first().copied();
    if let (Some(result), [place]) = (result, place) {
        cursor.ins().store(MemFlagsData::trusted(), result, *place, 0);
    }
    cursor.ins().return_(&[]);
    let code = context.compile(target, &mut ControlPlane::default()).map_err(|error| internal(error.inner))?;
    if !code.buffer.relocs().is_empty() {
        return Err(internal("a thunk that refers to something"));
    }
    let memory = WritableMemory::allocate(code.code_buffer().len())?;
    memory.publish(code.code_buffer())
}

#[cfg(all(test, target_arch = "x86_64", target_os = "linux"))]
mod tests {
    use std::arch::asm;

    use cfunc_models::CompilationOptions;
    use cranelift_codegen::ir::{AbiParam, Signature as ClifSignature, types};
    use cranelift_codegen::isa::{CallConv, TargetIsa};

    use super::{Context, ControlPlane, Cursor, FuncCursor, InstBuilder, MemFlagsData, WritableMemory, expose, make};
    use crate::isa::{TargetKind, Targets};
    use crate::memory::ExecutableMemory;

    /// As many as there are registers of floats but one, and of integers but those of the stack and of arguments.
    const FLOATS: i32 = 15;
    const INTEGERS: i32 = 12;

    /// Spoils all that a C function may, and gives the number of the low bits of its arguments.
    extern "C" fn spoil(first: i64, factor: f64) -> i64 {
        // SAFETY: what is written is named.
        unsafe {
            asm!(
                "pcmpeqd xmm0, xmm0", "movaps xmm1, xmm0", "movaps xmm2, xmm0", "movaps xmm3, xmm0",
                "movaps xmm4, xmm0", "movaps xmm5, xmm0", "movaps xmm6, xmm0", "movaps xmm7, xmm0",
                "movaps xmm8, xmm0", "movaps xmm9, xmm0", "movaps xmm10, xmm0", "movaps xmm11, xmm0",
                "movaps xmm12, xmm0", "movaps xmm13, xmm0", "movaps xmm14, xmm0", "movaps xmm15, xmm0",
                "mov rax, -1", "mov rcx, -1", "mov rdx, -1", "mov rsi, -1", "mov rdi, -1",
                "mov r8, -1", "mov r9, -1", "mov r10, -1", "mov r11, -1",
                out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _, out("xmm4") _, out("xmm5") _,
                out("xmm6") _, out("xmm7") _, out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
                out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
                out("rax") _, out("rcx") _, out("rdx") _, out("rsi") _, out("rdi") _,
                out("r8") _, out("r9") _, out("r10") _, out("r11") _,
            );
        }
        first + factor as i64
    }

    /// A function of two arrays of words: loads floats and integers from the first, calls the thunk, and stores to the second
    /// what is in the registers then, with the call's result at the end.
    fn caller(target: &dyn TargetIsa, thunk: u64, signature: ClifSignature) -> ExecutableMemory {
        let mut context = Context::new();
        let output = &mut context.func;
        output.signature = ClifSignature::new(CallConv::SystemV);
        output.signature.params.extend([AbiParam::new(types::I64); 2]);
        let signature = output.import_signature(signature);
        let block = output.dfg.make_block();
        let from = output.dfg.append_block_param(block, types::I64);
        let to = output.dfg.append_block_param(block, types::I64);
        let mut cursor = FuncCursor::new(output);
        cursor.insert_block(block);
        let flags = MemFlagsData::trusted();
        let kinds = (0..FLOATS + INTEGERS).map(|index| if index < FLOATS { types::F64 } else { types::I64 });
        let mut values = Vec::new();
        for (index, ty) in (0..).zip(kinds) {
            values.push(cursor.ins().load(ty, flags, from, 8 * index));
        }
        let address = cursor.ins().iconst(types::I64, thunk.cast_signed());
        let (first, factor) = (values[FLOATS as usize], values[0]);
        let result = cursor.ins().iadd_imm_s(to, i64::from(8 * (FLOATS + INTEGERS)));
        cursor.ins().call_indirect(signature, address, &[first, factor, result]);
        for (index, value) in (0..).zip(values) {
            cursor.ins().store(flags, value, to, 8 * index);
        }
        cursor.ins().return_(&[]);
        let code = context.compile(target, &mut ControlPlane::default()).expect("valid");
        let memory = WritableMemory::allocate(code.code_buffer().len()).expect("memory");
        memory.publish(code.code_buffer()).expect("memory")
    }

    #[test]
    fn thunks_leave_every_register_as_it_is() {
        let targets = Targets::default();
        let target = targets.get(TargetKind::new(&CompilationOptions::default(), 0)).expect("this host");
        let mut callee = ClifSignature::new(CallConv::SystemV);
        callee.params.extend([AbiParam::new(types::I64), AbiParam::new(types::F64)]);
        let mut thunk = callee.clone();
        thunk.call_conv = CallConv::PreserveAll;
        thunk.params.push(AbiParam::new(types::I64));
        callee.returns.push(AbiParam::new(types::I64));
        let memory = make(target, spoil as *const u8, callee, thunk.clone()).expect("a thunk");
        let caller = caller(target, memory.at(0).map(expose).expect("an address"), thunk);
        let entry = caller.at(0).expect("an address");
        // SAFETY: it was made with this signature, and reads and writes so many words.
        let entry = unsafe { std::mem::transmute::<*const u8, extern "C" fn(*const u64, *mut u64)>(entry) };
        let count = (FLOATS + INTEGERS) as usize;
        let words: Vec<u64> = (0..count as u64)
            .map(|index| if index < FLOATS as u64 { (index as f64 + 2.5).to_bits() } else { index * 1_000_003 })
            .collect();
        let mut found = vec![0; count + 1];
        entry(words.as_ptr(), found.as_mut_ptr());
        assert_eq!(found[..count], words);
        assert_eq!(found[count], words[FLOATS as usize] + 2);
    }
}
