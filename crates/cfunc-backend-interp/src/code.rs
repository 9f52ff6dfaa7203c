//! Code that the interpreter runs.

use cfunc_backend::{CompiledCode, is_function_signature};
use cfunc_ir::{FunctionId, InstructionData};
use cfunc_models::{ErrorSite, NodeErrorKind, Span};

use crate::arithmetic::truncate;
use crate::fault::Fault;
use crate::machine::run;
use crate::memory::{Buffer, Memory, record_error};
use crate::program::Program;

/// The status of a call that ended with an error.
const FAILED: i32 = 1;

/// A module that the interpreter runs when its entry is called.
#[derive(Debug)]
pub(crate) struct InterpretedCode {
    pub(crate) program: Program,
    pub(crate) entry: FunctionId,
    pub(crate) budget: Option<u64>,
    pub(crate) strict: bool,
}

impl InterpretedCode {
    /// The registers of its results.
    fn run_entry(&self, memory: Memory, arguments: &[u64]) -> Result<Vec<u128>, Fault> {
        let parameters = &self.program.module.function(self.entry).signature.parameters;
        let registers: Vec<u128> = arguments
            .iter()
            .zip(parameters)
            .map(|(word, representation)| truncate(u128::from(*word), *representation))
            .collect();
        run(&self.program, memory, self.entry, &registers, self.budget)
    }

    fn report(&self, fault: &Fault) {
        assert!(!self.strict, "{fault}");
        let entry = &self.program.module.function(self.entry).name;
        let site = ErrorSite { kind: NodeErrorKind::RuntimeError, message: fault.to_string(), span: Span::default() };
        record_error(entry, site);
    }
}

impl CompiledCode for InterpretedCode {
    fn entry_address(&self) -> Option<*const u8> {
        None
    }

    fn size(&self) -> usize {
        let data: usize = self.program.data.iter().map(Buffer::size).sum();
        let functions = &self.program.module.functions;
        let instructions: usize = functions.iter().map(|function| function.instructions.len()).sum();
        data + instructions * size_of::<InstructionData>()
    }

    unsafe fn call(&self, arguments: &[u64]) {
        // SAFETY: the caller answers for the pointers, and for that they are as many as the signature has.
        let memory = unsafe { Memory::of_host() };
        if let Err(fault) = self.run_entry(memory, arguments) {
            self.report(&fault);
        }
    }

    unsafe fn call_function(&self, result: u64, arguments: u64) -> i32 {
        if !is_function_signature(&self.program.module.function(self.entry).signature) {
            return FAILED;
        }
        // SAFETY: the caller answers for the addresses, and the signature has two.
        let memory = unsafe { Memory::of_host() };
        match self.run_entry(memory, &[result, arguments]) {
            Ok(results) => results.first().map_or(FAILED, |status| i32::from(*status != 0)),
            Err(fault) => {
                self.report(&fault);
                FAILED
            }
        }
    }
}
