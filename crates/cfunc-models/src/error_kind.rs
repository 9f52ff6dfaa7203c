//! Node errors: what can end a call, and where.

use crate::Span;

macro_rules! node_error_kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// The kind of a node error; the discriminant is the `int32_t` of the C error record (`cfunc_error_kind`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(i32)]
        pub enum NodeErrorKind { $($(#[$doc])* $name = $code,)* }

        impl NodeErrorKind {
            /// Every kind, ascending by code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name of the Python class, or of the kind where Python has none.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The number in the C error record.
            pub const fn code(self) -> i32 {
                self as i32
            }

            /// The kind of a number in the C error record.
            pub const fn from_code(code: i32) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            /// The kind of a Python class name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }
    };
}

node_error_kinds! {
    /// An exception of a class that has no kind of its own.
    Exception = 1;
    /// An index out of range, also pop from an empty list.
    IndexError = 2;
    /// A missing key.
    KeyError = 3;
    /// A value outside of what an operation takes: zero step, negative shift.
    ValueError = 4;
    /// A local read on a path that did not bind it.
    UnboundLocalError = 5;
    /// A failed assert.
    AssertionError = 6;
    /// A dict that changed its size during iteration, and other states that should not be.
    RuntimeError = 7;
    /// Division by zero under the Python error model.
    ZeroDivisionError = 8;
    /// A result beyond its type where that is checked.
    OverflowError = 9;
    /// A value of the wrong type, such as None.
    TypeError = 10;
    /// ArithmeticError raised by a node.
    ArithmeticError = 11;
    /// LookupError raised by a node.
    LookupError = 12;
    /// StopIteration raised by a node.
    StopIteration = 13;
    /// NotImplementedError raised by a node.
    NotImplementedError = 14;
    /// An allocation that failed.
    MemoryError = 15;
    /// The host asked a running call to stop, or its deadline passed; no handler catches it.
    Interrupted = 100;
    /// The memory cap of an instance was reached; no handler catches it.
    MemoryLimit = 101;
    /// A call in a phase that the node is not in; no handler catches it.
    Lifecycle = 102;
}

/// A place in one function that can end in a node error; an index into its table of [`ErrorSite`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteId(pub u32);

/// What is known of an error site at compile time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorSite {
    /// What kind of error happens there.
    pub kind: NodeErrorKind,
    /// The message, as in Python.
    pub message: String,
    /// Where the operation stands in the source.
    pub span: Span,
}
