//! Functions that generated code calls where the host has no instruction for an operation.

use cfunc_ir::BinaryOperation;
use cranelift_codegen::ir::LibCall;

/// A helper of this backend's own, for 128-bit division, which no host divides natively.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Helper {
    /// Signed division.
    Divide,
    /// Signed remainder.
    Remainder,
}

impl Helper {
    /// The helper that carries out an operation on 128-bit integers, where there is one.
    pub(crate) const fn for_wide(operation: BinaryOperation) -> Option<Self> {
        match operation {
            BinaryOperation::SignedDivide => Some(Self::Divide),
            BinaryOperation::SignedRemainder => Some(Self::Remainder),
            _ => None,
        }
    }

    /// The helper of a position.
    pub(crate) const fn from_index(index: u32) -> Option<Self> {
        match index {
            0 => Some(Self::Divide),
            1 => Some(Self::Remainder),
            _ => None,
        }
    }

    /// Its address. It takes the low and high words of both operands and the address of the result, since the
    /// platforms differ in how they pass 128-bit integers.
    pub(crate) fn address(self) -> *const u8 {
        let function: WideHelper = match self {
            Self::Divide => divide_wide,
            Self::Remainder => remainder_wide,
        };
        function as *const u8
    }
}

/// Low and high words of the left and right operands, and where the result goes.
type WideHelper = unsafe extern "C" fn(u64, u64, u64, u64, *mut i128);

fn wide(low: u64, high: u64) -> i128 {
    (u128::from(high) << 64 | u128::from(low)).cast_signed()
}

/// # Safety
///
/// `result` is valid for a write of 16 bytes.
unsafe extern "C" fn divide_wide(left_low: u64, left_high: u64, right_low: u64, right_high: u64, result: *mut i128) {
    // Operands whose quotient does not exist are undefined in the IR; they give 0 since nothing may panic here.
    let quotient = wide(left_low, left_high).checked_div(wide(right_low, right_high));
    // SAFETY: the caller vouches for the address, which need not be aligned.
    unsafe { result.write_unaligned(quotient.unwrap_or(0)) }
}

/// # Safety
///
/// `result` is valid for a write of 16 bytes.
unsafe extern "C" fn remainder_wide(left_low: u64, left_high: u64, right_low: u64, right_high: u64, result: *mut i128) {
    let remainder = wide(left_low, left_high).checked_rem(wide(right_low, right_high));
    // SAFETY: the caller vouches for the address, which need not be aligned.
    unsafe { result.write_unaligned(remainder.unwrap_or(0)) }
}

/// The address of a routine that Cranelift asks for; `None` for those that nothing in our IR leads to.
pub(crate) fn address(routine: LibCall) -> Option<*const u8> {
    let function: extern "C" fn(f64) -> f64 = match routine {
        LibCall::CeilF64 => ceil,
        LibCall::FloorF64 => floor,
        LibCall::TruncF64 => truncate,
        LibCall::NearestF64 => nearest,
        _ => return None,
    };
    Some(function as *const u8)
}

extern "C" fn ceil(value: f64) -> f64 {
    value.ceil()
}

extern "C" fn floor(value: f64) -> f64 {
    value.floor()
}

extern "C" fn truncate(value: f64) -> f64 {
    value.trunc()
}

extern "C" fn nearest(value: f64) -> f64 {
    value.round_ties_even()
}

#[cfg(test)]
mod tests {
    use super::{Helper, address};
    use cranelift_codegen::ir::LibCall;

    #[test]
    fn rounding_routines_have_addresses_and_others_do_not() {
        for routine in LibCall::all_libcalls() {
            let expected =
                matches!(routine, LibCall::CeilF64 | LibCall::FloorF64 | LibCall::TruncF64 | LibCall::NearestF64);
            assert_eq!(address(*routine).is_some(), expected, "{routine}");
        }
    }

    #[test]
    fn rounding_routines_round() {
        for (routine, expected) in [
            (LibCall::CeilF64, -2.0),
            (LibCall::FloorF64, -3.0),
            (LibCall::TruncF64, -2.0),
            (LibCall::NearestF64, -2.0),
        ] {
            let function = address(routine).expect("registered");
            // SAFETY: every registered routine has this signature.
            let function = unsafe { std::mem::transmute::<*const u8, extern "C" fn(f64) -> f64>(function) };
            assert_eq!(function(-2.5), expected, "{routine}");
        }
    }

    #[test]
    fn undefined_wide_division_does_not_panic() {
        for helper in [Helper::Divide, Helper::Remainder] {
            // SAFETY: every helper has this signature.
            let function = unsafe { std::mem::transmute::<*const u8, super::WideHelper>(helper.address()) };
            let mut result = 1_i128;
            // SAFETY: the result is a valid place.
            unsafe { function(1, 0, 0, 0, &mut result) };
            assert_eq!(result, 0);
        }
    }
}
