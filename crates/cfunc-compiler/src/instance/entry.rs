//! The way into the code, chosen once.

use cfunc_backend::{CompiledCode, NativeEntry, call_native};
use cfunc_models::{AbiParameter, AbiRole, Representation};

/// The four fixed parameters alone.
type Fixed = unsafe extern "C" fn(u64, u64, u64, i8);
/// The fixed parameters and three arrays of one category: cells, ticked, valid.
type WithCategory = unsafe extern "C" fn(u64, u64, u64, i8, u64, u64, u64);

/// How an instance calls its code.
#[derive(Clone, Copy)]
pub(super) enum Entry {
    Fixed(Fixed),
    WithCategory(WithCategory),
    /// Up to eight words after the fixed parameters.
    Native(NativeEntry),
    /// Through the backend: no native code, or another signature.
    Code,
}

impl Entry {
    /// The shortest way to code of this signature.
    pub(super) fn bind(code: &dyn CompiledCode, parameters: &[AbiParameter]) -> Self {
        const FIXED: [AbiRole; 4] = [AbiRole::Outputs, AbiRole::OutputTicked, AbiRole::State, AbiRole::Phase];
        let Some(address) = code.entry_address() else { return Self::Code };
        let Some((fixed, extra)) = parameters.split_at_checked(FIXED.len()) else { return Self::Code };
        let standard = fixed.iter().map(|parameter| parameter.role).eq(FIXED)
            && fixed[3].representation == Representation::I8
            && extra
                .iter()
                .all(|parameter| matches!(parameter.representation, Representation::Pointer | Representation::I64));
        if !standard {
            return Self::Code;
        }
        match extra.len() {
            // SAFETY: the code has this signature, as its parameters say; words and pointers are passed alike on the
            // 64-bit targets that give native code.
            0 => Self::Fixed(unsafe { std::mem::transmute::<*const u8, Fixed>(address) }),
            // SAFETY: as above.
            3 => Self::WithCategory(unsafe { std::mem::transmute::<*const u8, WithCategory>(address) }),
            1..=8 => Self::Native(NativeEntry(address)),
            _ => Self::Code,
        }
    }

    /// Calls the code with the words of its signature.
    ///
    /// # Safety
    ///
    /// `code` is what this was bound to and lives; there is a word for each parameter, the fourth a phase; pointers are
    /// valid for what the code does with them.
    #[inline]
    pub(super) unsafe fn call(self, code: &dyn CompiledCode, words: &[u64]) {
        match (self, words) {
            #[expect(clippy::cast_possible_truncation, reason = "a phase is 0 to 2")]
            (Self::WithCategory(function), &[outputs, ticked, state, phase, cells, input_ticked, valid]) => {
                // SAFETY: the caller's promise.
                unsafe { function(outputs, ticked, state, phase as i8, cells, input_ticked, valid) }
            }
            #[expect(clippy::cast_possible_truncation, reason = "a phase is 0 to 2")]
            (Self::Fixed(function), &[outputs, ticked, state, phase]) => {
                // SAFETY: the caller's promise.
                unsafe { function(outputs, ticked, state, phase as i8) }
            }
            (Self::Native(entry), _) => {
                // SAFETY: the caller's promise.
                let called = unsafe { call_native(entry, words) };
                debug_assert!(called, "bound for at most eight words");
            }
            (Self::Code | Self::WithCategory(_) | Self::Fixed(_), _) => {
                // SAFETY: the caller's promise.
                unsafe { code.call(words) }
            }
        }
    }
}
