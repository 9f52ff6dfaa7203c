//! Newtype indices of everything a function or module holds.

use std::fmt;

macro_rules! entities {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub struct $name(u32);

            impl $name {
                /// The entity of a position.
                ///
                /// # Panics
                ///
                /// Beyond 2^32 - 1; limits on the source keep functions far below.
                pub fn from_index(index: usize) -> Self {
                    Self(u32::try_from(index).expect("fewer than 2^32 entities"))
                }

                /// Its position.
                pub const fn index(self) -> usize {
                    self.0 as usize
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write!(formatter, concat!($prefix, "{}"), self.0)
                }
            }
        )*
    };
}

entities! {
    /// A basic block of a function.
    Block = "block";
    /// An SSA value of a function.
    Value = "v";
    /// An instruction of a function.
    Instruction = "inst";
    /// A mutable variable of a function under construction; none is left when it is finished.
    Variable = "var";
    /// A piece of the function's stack frame.
    StackSlot = "slot";
    /// A function of a module.
    FunctionId = "fn";
    /// A function that a module calls and does not define.
    ExternalId = "ext";
    /// A data object of a module.
    DataId = "data";
}
