//! Where the C calling conventions of the supported targets put arguments: System V on x86-64, AAPCS64.
//!
//! Engines that call C functions with what a compiler of C would put into registers and onto the stack share this, since
//! they must agree with C, not with each other: code generators have conventions of their own for 128-bit integers.

use cfunc_models::Representation;
use smallvec::SmallVec;

/// How many registers pass integers and pointers.
pub const INTEGER_REGISTERS: usize = if cfg!(target_arch = "aarch64") { 8 } else { 6 };

/// How many registers pass floats.
pub const FLOAT_REGISTERS: usize = 8;

/// Where a word of an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentPlace {
    /// In a register of integers, by its position among them.
    Integer(usize),
    /// In a register of floats, by its position among them.
    Float(usize),
    /// On the stack, by the number of words of 8 bytes before it.
    Stack(usize),
}

/// Where the arguments of a function are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArgumentPlaces {
    /// Of each argument where it is; of a 128-bit integer where its low half is, and the high half follows.
    pub places: SmallVec<[ArgumentPlace; 8]>,
    /// How many words there are on the stack, with those that only fill up.
    pub stack_words: usize,
}

impl ArgumentPlaces {
    /// The places of the arguments of a C function with these parameters.
    ///
    /// Registers of integers and of floats are counted apart, each in the order of its own arguments; what finds none goes
    /// to the stack, in order. A 128-bit integer has two registers (on AArch64 beginning with an even one) or a multiple of
    /// 16 bytes of the stack, never one half here and one there. Where it goes to the stack, a register that was left is for
    /// the next argument on x86-64, and for none on AArch64.
    pub fn of(parameters: &[Representation]) -> Self {
        let mut found = Self::default();
        let (mut integers, mut floats) = (0_usize, 0_usize);
        for parameter in parameters {
            let place = match parameter {
                Representation::F64 if floats < FLOAT_REGISTERS => {
                    floats += 1;
                    ArgumentPlace::Float(floats - 1)
                }
                Representation::I128 => {
                    if cfg!(target_arch = "aarch64") {
                        integers = integers.next_multiple_of(2);
                    }
                    if integers + 2 <= INTEGER_REGISTERS {
                        integers += 2;
                        ArgumentPlace::Integer(integers - 2)
                    } else {
                        if cfg!(target_arch = "aarch64") {
                            integers = INTEGER_REGISTERS;
                        }
                        found.stack_words = found.stack_words.next_multiple_of(2) + 2;
                        ArgumentPlace::Stack(found.stack_words - 2)
                    }
                }
                Representation::I8
                | Representation::I16
                | Representation::I32
                | Representation::I64
                | Representation::Pointer
                    if integers < INTEGER_REGISTERS =>
                {
                    integers += 1;
                    ArgumentPlace::Integer(integers - 1)
                }
                _ => {
                    found.stack_words += 1;
                    ArgumentPlace::Stack(found.stack_words - 1)
                }
            };
            found.places.push(place);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use cfunc_models::Representation::{self, F64, I8, I64, I128};

    use super::ArgumentPlace::{Float, Integer, Stack};
    use super::{ArgumentPlace, ArgumentPlaces};

    #[track_caller]
    fn check(parameters: &[Representation], places: &[ArgumentPlace], stack_words: usize) {
        let found = ArgumentPlaces::of(parameters);
        assert_eq!((found.places.as_slice(), found.stack_words), (places, stack_words));
    }

    #[test]
    fn kinds_are_counted_apart() {
        check(&[I64, F64, I8, F64], &[Integer(0), Float(0), Integer(1), Float(1)], 0);
        let mut places: Vec<_> = (0..8).map(Float).collect();
        places.extend([Stack(0), Integer(0), Stack(1)]);
        check(&[F64, F64, F64, F64, F64, F64, F64, F64, F64, I64, F64], &places, 2);
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn wide_integers_stay_together() {
        let before: Vec<_> = (0..5).map(Integer).collect();
        // The one register that is left is the next argument's.
        let places = |rest: &[ArgumentPlace]| [before.as_slice(), rest].concat();
        check(&[I64, I64, I64, I64, I64, I128, I64], &places(&[Stack(0), Integer(5)]), 2);
        check(
            &[I64, I64, I64, I64, I64, I128, I64, I64, I128],
            &places(&[Stack(0), Integer(5), Stack(2), Stack(4)]),
            6,
        );
        check(&[I128, I128, I128, I8], &[Integer(0), Integer(2), Integer(4), Stack(0)], 1);
    }

    #[cfg(target_arch = "aarch64")]
    #[test]
    fn wide_integers_begin_with_even_registers() {
        check(&[I64, I128, I64], &[Integer(0), Integer(2), Integer(4)], 0);
        check(&[I64, I128, I128, I128, I64], &[Integer(0), Integer(2), Integer(4), Integer(6), Stack(0)], 1);
        check(
            &[I128, I128, I128, I64, I128, I64],
            &[Integer(0), Integer(2), Integer(4), Integer(6), Stack(0), Stack(2)],
            3,
        );
    }
}
