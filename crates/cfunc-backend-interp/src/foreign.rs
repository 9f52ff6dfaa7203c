//! Calls of functions that a host registered, of any signature: the words of the arguments are put where the calling
//! convention has them, which is all that a C compiler would do.

use cfunc_backend::{ArgumentPlace, ArgumentPlaces, FLOAT_REGISTERS, INTEGER_REGISTERS};
use cfunc_ir::Signature;
use cfunc_models::Representation;
use smallvec::{SmallVec, smallvec};

use crate::arithmetic::{low_word, word};

/// The most words of arguments beyond those in registers.
pub(crate) const MAXIMUM_STACK_WORDS: usize = 32;

/// The words of arguments where a call has them.
struct Placed {
    integers: [u64; INTEGER_REGISTERS],
    floats: [f64; FLOAT_REGISTERS],
    stack: SmallVec<[u64; MAXIMUM_STACK_WORDS]>,
}

impl Placed {
    fn put(&mut self, place: ArgumentPlace, word: u64) {
        match place {
            ArgumentPlace::Integer(register) => self.integers[register] = word,
            ArgumentPlace::Float(register) => self.floats[register] = f64::from_bits(word),
            ArgumentPlace::Stack(position) => self.stack[position] = word,
        }
    }
}

/// What registers a function gives its results in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Returned {
    /// At most one integer or pointer.
    Word,
    /// One of 128 bits, or two integers or pointers, as a struct of two.
    Pair,
    Float,
}

/// A function that a host registered: where it is, and what it takes and gives.
#[derive(Clone, Debug)]
pub(crate) struct ForeignFunction {
    address: *const u8,
    parameters: SmallVec<[Representation; 8]>,
    places: ArgumentPlaces,
    results: SmallVec<[Representation; 2]>,
    returned: Returned,
}

// SAFETY: registering a symbol promises that it may be called from every thread.
unsafe impl Send for ForeignFunction {}
// SAFETY: as above.
unsafe impl Sync for ForeignFunction {}

macro_rules! call_placed {
    ($function:expr, $result:ty, $placed:expr, $($index:literal)*) => {{
        #[cfg(target_arch = "aarch64")]
        type Function = unsafe extern "C" fn(
            u64, u64, u64, u64, u64, u64, u64, u64,
            f64, f64, f64, f64, f64, f64, f64, f64,
            $(call_placed!(@word $index)),*
        ) -> $result;
        #[cfg(not(target_arch = "aarch64"))]
        type Function = unsafe extern "C" fn(
            u64, u64, u64, u64, u64, u64,
            f64, f64, f64, f64, f64, f64, f64, f64,
            $(call_placed!(@word $index)),*
        ) -> $result;
        // SAFETY: the caller vouches for the signature. Registers and words on the stack that the function has no
        // parameter for it does not read, a result that is not there is not read here.
        let function = unsafe { std::mem::transmute::<*const u8, Function>($function) };
        #[cfg(target_arch = "aarch64")]
        let [a, b, c, d, e, f, g, h] = $placed.integers;
        #[cfg(not(target_arch = "aarch64"))]
        let [a, b, c, d, e, f] = $placed.integers;
        let [p, q, r, s, t, u, v, w] = $placed.floats;
        #[cfg(target_arch = "aarch64")]
        // SAFETY: the caller vouches for the arguments.
        let result =
            unsafe { function(a, b, c, d, e, f, g, h, p, q, r, s, t, u, v, w, $($placed.stack[$index]),*) };
        #[cfg(not(target_arch = "aarch64"))]
        // SAFETY: the caller vouches for the arguments.
        let result = unsafe { function(a, b, c, d, e, f, p, q, r, s, t, u, v, w, $($placed.stack[$index]),*) };
        result
    }};
    (@word $index:literal) => { u64 };
}

/// Calls a function with arguments in their places; there is room for as many words on the stack as one of these has.
macro_rules! call_sized {
    ($function:expr, $result:ty, $placed:expr) => {
        match $placed.stack.len() {
            0 => call_placed!($function, $result, $placed,),
            1..=4 => {
                $placed.stack.resize(4, 0);
                call_placed!($function, $result, $placed, 0 1 2 3)
            }
            5..=12 => {
                $placed.stack.resize(12, 0);
                call_placed!($function, $result, $placed, 0 1 2 3 4 5 6 7 8 9 10 11)
            }
            _ => {
                $placed.stack.resize(MAXIMUM_STACK_WORDS, 0);
                call_placed!(
                    $function, $result, $placed,
                    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
                )
            }
        }
    };
}

impl ForeignFunction {
    /// The function at an address; `None` for a signature that cannot be called from here.
    pub(crate) fn new(address: *const u8, signature: &Signature) -> Option<Self> {
        let is_word =
            |representation: &Representation| !matches!(representation, Representation::F64 | Representation::I128);
        let returned = match signature.results.as_slice() {
            [] => Returned::Word,
            [Representation::F64] => Returned::Float,
            [Representation::I128] => Returned::Pair,
            [one] if is_word(one) => Returned::Word,
            [first, second] if is_word(first) && is_word(second) => Returned::Pair,
            _ => return None,
        };
        let (parameters, results) = (signature.parameters.as_slice().into(), signature.results.as_slice().into());
        let places = ArgumentPlaces::of(&signature.parameters);
        let fits = places.stack_words <= MAXIMUM_STACK_WORDS;
        fits.then_some(Self { address, parameters, places, results, returned })
    }

    fn placed(&self, arguments: &[u128]) -> Placed {
        let mut placed = Placed {
            integers: [0; INTEGER_REGISTERS],
            floats: [0.0; FLOAT_REGISTERS],
            stack: smallvec![0; self.places.stack_words],
        };
        for ((representation, place), bits) in self.parameters.iter().zip(&self.places.places).zip(arguments) {
            placed.put(*place, word(*bits, *representation));
            if *representation == Representation::I128 {
                let high = match *place {
                    ArgumentPlace::Integer(register) => ArgumentPlace::Integer(register + 1),
                    ArgumentPlace::Float(register) => ArgumentPlace::Float(register + 1),
                    ArgumentPlace::Stack(position) => ArgumentPlace::Stack(position + 1),
                };
                placed.put(high, low_word(bits >> 64));
            }
        }
        placed
    }

    /// Calls it with the registers of its arguments; gives those of its results, whose bits above their width mean nothing.
    ///
    /// # Safety
    ///
    /// The address is that of a C function of the signature, which may be called with these arguments; there is one for
    /// each parameter.
    pub(crate) unsafe fn call(&self, arguments: &[u128]) -> SmallVec<[u128; 2]> {
        let mut placed = self.placed(arguments);
        let bits = match self.returned {
            Returned::Word => u128::from(call_sized!(self.address, u64, placed)),
            Returned::Pair => call_sized!(self.address, u128, placed),
            Returned::Float => u128::from(call_sized!(self.address, f64, placed).to_bits()),
        };
        match self.results.as_slice() {
            [] => SmallVec::new(),
            [_] => smallvec![bits],
            _ => smallvec![u128::from(low_word(bits)), bits >> 64],
        }
    }
}
