//! The rules of the IR, and the check that a module keeps them.
//!
//! A violation is a bug of the compiler or of an extension, never the fault of a node's author.
//!
//! Module:
//!
//! 1. The entry, where there is one, is a function of the module; the unit descriptor is a data object of it.
//! 2. Names of functions are unique, and so are symbols of externals. A function may be named as an external is: what the
//!    host's functions are called is its own affair.
//! 3. An external has at most one result, or two that are i64 or pointers, as C returns a struct of two; one of the C runtime has the signature and effects of its description.
//! 4. The alignment of data is a power of two up to 16.
//! 5. A relocation's 8 bytes lie within the object at a multiple of 8, do not overlap with another's, the object is
//!    aligned to 8, and what they point at is in the module. The unit descriptor has none.
//!
//! Function:
//!
//! 6. There is an entry block, its parameters are those of the signature, and nothing jumps to it.
//! 7. A block stands once in the layout, an instruction once in its blocks; what they name is in the function.
//! 8. Every block of the layout ends in a terminator, whose targets are in the layout. Blocks that no path reaches may
//!    stand in the layout.
//! 9. Every value is defined once, where its definition says: as a parameter of a block or result of an instruction of
//!    the layout. In reachable blocks a definition dominates its uses.
//! 10. Alignments of stack slots are powers of two up to 16; slots are not empty and together take at most
//!     [`MAXIMUM_FRAME_SIZE`] bytes.
//!
//! Instruction:
//!
//! 11. Operands and results have the representations that [`InstructionData`](crate::InstructionData) says. Integer
//!     arithmetic, bit operations and shifts are for integers, the `f` operations for f64; division and remainder are
//!     for integers of up to 64 bits (code generators have no 128-bit division); comparisons are for integers or
//!     pointers; extensions widen integers, truncation narrows them, `itof` takes i64 to f64, `ftoi_sat` f64 to i64,
//!     `bitcast` goes between i64 and f64, `ptoi` takes a pointer to i64; a property of the target is i8.
//! 12. An integer constant is within the signed range of its representation; a pointer constant is null.
//! 13. The offset of a data address lies within the object or at its end; of the unit descriptor it is 0.
//! 14. Memory that is not written during a call is not stored to: classes `slot`, `input`, `host_flag`, `constant`.
//! 15. Arguments and results of a call match the signature. A function calls only functions that stand before it in the
//!     module, so nothing recurses.
//! 16. A constant site number given to `cfunc_error_raise` is that of a site of the module, or -1, where control never gets to.
//! 17. Conditions of `select` and `branch` are i8; jump arguments match the parameters of their block; returned values
//!     match the signature.
//!
//! Work is linear in the size of the module but for the dominator tree, which is so for all but contrived control flow.
//! Nothing recurses, and no module makes the verifier panic.

use std::collections::HashSet;
use std::fmt;

use cfunc_models::{Representation, RuntimeFunction};
use thiserror::Error;

use crate::function_verifier::verify_function;
use crate::{DataId, DataObject, External, FunctionId, Instruction, Module, RelocationTarget};

/// The most bytes that the stack slots of one function take together.
pub const MAXIMUM_FRAME_SIZE: u64 = 1 << 20;

/// How many violations are reported of one module.
const MAXIMUM_ERRORS: usize = 50;

/// One violation of a rule.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{place}: {message}")]
pub struct VerifierError {
    /// Function, block and instruction, as in the text form.
    pub place: String,
    /// The violation.
    pub message: String,
    /// The instruction that it is about, or the last of the block.
    pub instruction: Option<Instruction>,
    /// The name of the function that the instruction is of.
    pub function: Option<String>,
}

/// The violations in a module: at least one, at most 50.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub struct VerifierErrors {
    /// In the order of the module.
    pub errors: Vec<VerifierError>,
}

impl fmt::Display for VerifierErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{error}")?;
        }
        Ok(())
    }
}

/// Checks that a module keeps the rules that this file lists.
///
/// # Errors
///
/// [`VerifierErrors`], the first 50 violations.
pub fn verify(module: &Module) -> Result<(), VerifierErrors> {
    let mut report = Report::default();
    verify_items(module, &mut report);
    verify_names(module, &mut report);
    for (index, external) in module.externals.iter().enumerate() {
        verify_external(&format!("ext{index}"), external, &mut report);
    }
    for (index, object) in module.data.iter().enumerate() {
        verify_data(module, DataId::from_index(index), object, &mut report);
    }
    for index in 0..module.functions.len() {
        verify_function(module, FunctionId::from_index(index), &mut report);
    }
    if report.errors.is_empty() { Ok(()) } else { Err(VerifierErrors { errors: report.errors }) }
}

/// Collects violations up to the limit.
#[derive(Default)]
pub(crate) struct Report {
    errors: Vec<VerifierError>,
}

impl Report {
    /// Adds a violation; the place is made only while there is room for it.
    pub(crate) fn add(&mut self, place: impl FnOnce() -> String, message: impl Into<String>) {
        self.add_at(None, None, place, message);
    }

    /// Adds a violation at an instruction.
    pub(crate) fn add_at(
        &mut self,
        function: Option<&str>,
        instruction: Option<Instruction>,
        place: impl FnOnce() -> String,
        message: impl Into<String>,
    ) {
        if !self.is_full() {
            let function = function.map(str::to_owned);
            self.errors.push(VerifierError { place: place(), message: message.into(), instruction, function });
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.errors.len() >= MAXIMUM_ERRORS
    }

    pub(crate) fn count(&self) -> usize {
        self.errors.len()
    }
}

fn verify_items(module: &Module, report: &mut Report) {
    let module_place = || "module".to_owned();
    if let Some(entry) = module.entry
        && entry.index() >= module.functions.len()
    {
        report.add(module_place, format!("the entry {entry} is no function"));
    }
    if let Some(data) = module.unit_descriptor
        && data.index() >= module.data.len()
    {
        report.add(module_place, format!("the unit descriptor {data} is no data object"));
    }
}

fn verify_names(module: &Module, report: &mut Report) {
    let mut names = HashSet::new();
    for name in module.functions.iter().map(|function| &function.name).filter(|name| !names.insert(*name)) {
        report.add(|| "module".to_owned(), format!("two functions are named {name:?}"));
    }
    let mut symbols = HashSet::new();
    for symbol in module.externals.iter().map(|external| &external.symbol).filter(|symbol| !symbols.insert(*symbol)) {
        report.add(|| "module".to_owned(), format!("two externals have the symbol {symbol:?}"));
    }
}

fn verify_external(id: &str, external: &External, report: &mut Report) {
    let place = || format!("{id} {:?}", external.symbol);
    let signature = &external.signature;
    let is_word = |result: &Representation| matches!(result, Representation::I64 | Representation::Pointer);
    let is_pair = matches!(signature.results.as_slice(), [first, second] if is_word(first) && is_word(second));
    if signature.results.len() > 1 && !is_pair {
        report.add(place, "an external function has at most one result, or two that are i64 or pointers");
    }
    let Some(function) = RuntimeFunction::from_symbol(&external.symbol) else {
        return;
    };
    let description = function.description();
    if signature.parameters.as_slice() != description.parameters
        || signature.results.as_slice() != description.result.as_slice()
        || external.effects != description.effects
    {
        report.add(place, "signature or effects are not those of the runtime function");
    }
}

fn verify_data(module: &Module, id: DataId, object: &DataObject, report: &mut Report) {
    let place = || format!("{id} {:?}", object.name);
    if !is_alignment(object.alignment) {
        report.add(place, "the alignment is not a power of two up to 16");
    }
    if object.relocations.is_empty() {
        return;
    }
    if module.unit_descriptor == Some(id) {
        report.add(place, "the unit descriptor has relocations");
    }
    if object.alignment < 8 {
        report.add(place, "an object with relocations is aligned to 8");
    }
    let mut offsets: Vec<u32> = Vec::with_capacity(object.relocations.len());
    for relocation in &object.relocations {
        let offset = relocation.offset;
        offsets.push(offset);
        if !offset.is_multiple_of(8) || offset as usize + 8 > object.contents.len() {
            report.add(place, format!("the relocation at {offset} is misaligned or not within the object"));
        }
        let exists = match &relocation.target {
            RelocationTarget::Object(symbol) => !symbol.is_empty(),
            RelocationTarget::Data(data) => data.index() < module.data.len(),
            RelocationTarget::Function(function) => function.index() < module.functions.len(),
        };
        if !exists {
            report.add(place, format!("the relocation at {offset} points at nothing in the module"));
        }
    }
    offsets.sort_unstable();
    if offsets.windows(2).any(|pair| pair[0] == pair[1]) {
        report.add(place, "two relocations overlap");
    }
}

pub(crate) fn is_alignment(alignment: u32) -> bool {
    alignment.is_power_of_two() && alignment <= 16
}
