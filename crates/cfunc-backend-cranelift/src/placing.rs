//! Arguments of C functions of 128-bit integers, put where C has them.
//!
//! Where one register is left, Cranelift puts such an argument onto the stack and uses the register no more; C uses it for
//! the next argument. So calls of such functions are made with words: first those in registers, with some that only fill up
//! where the stack is used, then those of the stack, in order.

use cfunc_backend::{ArgumentPlace, ArgumentPlaces, INTEGER_REGISTERS};
use cfunc_ir::Signature;
use cfunc_models::Representation;
use cranelift_codegen::ir::{AbiParam, Signature as ClifSignature, types};
use cranelift_codegen::isa::CallConv;

use crate::operations::clif_signature;

/// Whether calls of a C function of this signature are made with words.
pub(crate) fn is_placed(signature: &Signature, convention: CallConv) -> bool {
    convention == CallConv::SystemV && signature.parameters.contains(&Representation::I128)
}

/// The words of a call in the order in which they are passed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlacedOrder {
    integers: usize,
    floats: usize,
    stack: usize,
}

impl PlacedOrder {
    pub(crate) fn of(places: &ArgumentPlaces) -> Self {
        let floats = places.places.iter().filter(|place| matches!(place, ArgumentPlace::Float(_))).count();
        Self { integers: INTEGER_REGISTERS, floats, stack: places.stack_words }
    }

    /// How many words there are.
    pub(crate) fn count(self) -> usize {
        self.integers + self.floats + self.stack
    }

    /// The position of the word at a place.
    pub(crate) fn position(self, place: ArgumentPlace) -> usize {
        match place {
            ArgumentPlace::Integer(register) => register,
            ArgumentPlace::Float(register) => self.integers + register,
            ArgumentPlace::Stack(position) => self.integers + self.floats + position,
        }
    }
}

/// The signature of such calls, where they are made so; results are as ever.
pub(crate) fn placed_signature(signature: &Signature, convention: CallConv) -> Option<ClifSignature> {
    if !is_placed(signature, convention) {
        return None;
    }
    let order = PlacedOrder::of(&ArgumentPlaces::of(&signature.parameters));
    let mut placed = clif_signature(signature, convention, true);
    placed.params.clear();
    let word = |ty| AbiParam::new(ty);
    placed.params.extend(std::iter::repeat_n(word(types::I64), order.integers));
    placed.params.extend(std::iter::repeat_n(word(types::F64), order.floats));
    placed.params.extend(std::iter::repeat_n(word(types::I64), order.stack));
    Some(placed)
}
