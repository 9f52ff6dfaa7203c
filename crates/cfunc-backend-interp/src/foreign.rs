//! Calls of functions that a host registered.

use cfunc_ir::Signature;
use cfunc_models::Representation;
use smallvec::SmallVec;

/// The most integers and pointers among the arguments of a foreign function.
pub(crate) const MAXIMUM_WORDS: usize = 8;

/// The most floats among the arguments of a foreign function: as many as registers pass.
pub(crate) const MAXIMUM_FLOATS: usize = 8;

/// A function that a host registered: where it is, and which of its words are floats.
#[derive(Clone, Debug)]
pub(crate) struct ForeignFunction {
    address: *const u8,
    floats: SmallVec<[bool; 8]>,
    gives_float: bool,
}

// SAFETY: registering a symbol promises that it may be called from every thread.
unsafe impl Send for ForeignFunction {}
// SAFETY: as above.
unsafe impl Sync for ForeignFunction {}

macro_rules! call_words {
    ($function:expr, $words:expr, $floats:expr, $($index:literal)*) => {{
        if $function.gives_float {
            call_words!(@call $function, $words, $floats, f64, $($index)*).to_bits()
        } else {
            call_words!(@call $function, $words, $floats, u64, $($index)*)
        }
    }};
    (@call $function:expr, $words:expr, $floats:expr, $result:ty, $($index:literal)*) => {{
        type Function = unsafe extern "C" fn(
            $(call_words!(@word $index),)*
            f64, f64, f64, f64, f64, f64, f64, f64
        ) -> $result;
        // SAFETY: the caller vouches for the signature. On the supported targets (System V on x86-64, AAPCS64) integers
        // and floats are counted apart: each kind has its registers in the order of its own arguments, and no float
        // goes to the stack among so few. What a function has no parameter for it does not read, a result that is not
        // there is not read here.
        let function = unsafe { std::mem::transmute::<*const u8, Function>($function.address) };
        let [a, b, c, d, e, f, g, h] = $floats;
        // SAFETY: the caller vouches for the arguments.
        unsafe { function($($words[$index],)* a, b, c, d, e, f, g, h) }
    }};
    (@word $index:literal) => { u64 };
}

impl ForeignFunction {
    /// The function at an address; `None` for a signature that cannot be called from here.
    pub(crate) fn new(address: *const u8, signature: &Signature) -> Option<Self> {
        let is_float = |representation: &Representation| *representation == Representation::F64;
        let floats: SmallVec<[bool; 8]> = signature.parameters.iter().map(is_float).collect();
        let count = floats.iter().filter(|float| **float).count();
        let fits = count <= MAXIMUM_FLOATS
            && floats.len() - count <= MAXIMUM_WORDS
            && signature.results.len() <= 1
            && !signature.parameters.iter().chain(&signature.results).any(|word| *word == Representation::I128);
        fits.then(|| Self { address, floats, gives_float: signature.results.first().is_some_and(is_float) })
    }

    /// Calls it with the words of its arguments, floats as their bits; gives the word of its result.
    ///
    /// # Safety
    ///
    /// The address is that of a C function of the signature, which may be called with these arguments; there is one for
    /// each parameter.
    pub(crate) unsafe fn call(&self, arguments: &[u64]) -> Option<u64> {
        let mut floats = [0.0; MAXIMUM_FLOATS];
        let mut words = SmallVec::<[u64; MAXIMUM_WORDS]>::new();
        let mut next = floats.iter_mut();
        for (word, is_float) in arguments.iter().zip(&self.floats) {
            if *is_float {
                *next.next()? = f64::from_bits(*word);
            } else {
                words.push(*word);
            }
        }
        Some(match words.len() {
            0 => call_words!(self, words, floats,),
            1 => call_words!(self, words, floats, 0),
            2 => call_words!(self, words, floats, 0 1),
            3 => call_words!(self, words, floats, 0 1 2),
            4 => call_words!(self, words, floats, 0 1 2 3),
            5 => call_words!(self, words, floats, 0 1 2 3 4),
            6 => call_words!(self, words, floats, 0 1 2 3 4 5),
            7 => call_words!(self, words, floats, 0 1 2 3 4 5 6),
            8 => call_words!(self, words, floats, 0 1 2 3 4 5 6 7),
            _ => return None,
        })
    }
}
