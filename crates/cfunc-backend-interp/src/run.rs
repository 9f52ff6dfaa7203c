//! Running one function, for tests of passes.

use cfunc_backend::{BackendError, SymbolTable};
use cfunc_ir::{FunctionId, Module};
use cfunc_models::Representation;
use smallvec::SmallVec;

use crate::arithmetic::{low_word, truncate, word};
use crate::fault::Fault;
use crate::machine::run;
use crate::memory::Memory;
use crate::program::Program;

/// Runs a function of a module, which is verified first, and gives the words of its results.
///
/// Words are as in [`CompiledCode::call`](cfunc_backend::CompiledCode::call), results too; an i128 takes two, the low one
/// first. The function may access static data and stack slots, and call functions of the C runtime that take no
/// pointers; a node error that it raises is in the runtime's record. It is bounded by nothing; see [`try_run_function`].
///
/// # Panics
///
/// When the module is not valid, the words do not fit the signature, or the function faults.
#[track_caller]
pub fn run_function(module: &Module, function: FunctionId, arguments: &[u64]) -> Vec<u64> {
    match try_run_function(module, function, arguments, None) {
        Ok(Ok(results)) => results,
        Ok(Err(fault)) => panic!("{fault}\n{module}"),
        Err(error) => panic!("{error}\n{module}"),
    }
}

/// As [`run_function`], with an instruction budget, and without panics on faults.
///
/// # Errors
///
/// The outer error is that of a module that is not valid or not supported, the inner one a fault of the function: also
/// an access to memory that the module does not own.
///
/// # Panics
///
/// When the words do not fit the signature.
#[track_caller]
pub fn try_run_function(
    module: &Module,
    function: FunctionId,
    arguments: &[u64],
    budget: Option<u64>,
) -> Result<Result<Vec<u64>, Fault>, BackendError> {
    let program = Program::new(module, &SymbolTable::new(), true)?;
    let signature = &module.function(function).signature;
    let registers = registers(&signature.parameters, arguments);
    let result = run(&program, Memory::own(), function, &registers, budget);
    Ok(result.map(|results| {
        let mut words = Vec::with_capacity(results.len());
        for (bits, representation) in results.iter().zip(&signature.results) {
            words.push(word(*bits, *representation));
            if *representation == Representation::I128 {
                words.push(low_word(bits >> 64));
            }
        }
        words
    }))
}

#[track_caller]
fn registers(parameters: &[Representation], words: &[u64]) -> SmallVec<[u128; 4]> {
    let mut words = words.iter().map(|word| u128::from(*word));
    let mut next = || words.next().expect("a word for every parameter");
    let registers = parameters
        .iter()
        .map(|representation| match representation {
            Representation::I128 => next() | next() << 64,
            narrow => truncate(next(), *narrow),
        })
        .collect();
    assert_eq!(words.next(), None, "no word beyond the parameters");
    registers
}
