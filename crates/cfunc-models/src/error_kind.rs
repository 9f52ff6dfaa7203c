//! Node errors: what can end a call, and where.

use crate::Span;

macro_rules! node_error_kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal $(: $parent:ident)?;)*) => {
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

            /// The class that this one is derived from, as in Python; `None` for `Exception` and for what is no class.
            pub const fn parent(self) -> Option<Self> {
                match self { $(Self::$name => node_error_kinds!(@parent $($parent)?),)* }
            }

            /// The kind of a Python class name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }
    };
    (@parent $parent:ident) => { Some(Self::$parent) };
    (@parent) => { None };
}

impl NodeErrorKind {
    /// Whether `except` stops it: everything but what comes from outside of the language.
    pub const fn is_catchable(self) -> bool {
        (self as i32) < Self::Interrupted as i32
    }

    /// Whether `except` of this class stops an error of another kind: the class itself or one derived from it.
    pub fn covers(self, other: Self) -> bool {
        let mut class = Some(other);
        while let Some(kind) = class {
            if kind == self {
                return self.is_catchable();
            }
            class = kind.parent();
        }
        false
    }
}

node_error_kinds! {
    /// An exception of a class that has no kind of its own.
    Exception = 1;
    /// An index out of range, also pop from an empty list.
    IndexError = 2: LookupError;
    /// A missing key.
    KeyError = 3: LookupError;
    /// A value outside of what an operation takes: zero step, negative shift.
    ValueError = 4: Exception;
    /// A local read on a path that did not bind it.
    UnboundLocalError = 5: NameError;
    /// A failed assert.
    AssertionError = 6: Exception;
    /// A dict that changed its size during iteration, and other states that should not be.
    RuntimeError = 7: Exception;
    /// Division by zero under the Python error model.
    ZeroDivisionError = 8: ArithmeticError;
    /// A result beyond its type where that is checked.
    OverflowError = 9: ArithmeticError;
    /// A value of the wrong type, such as None.
    TypeError = 10: Exception;
    /// ArithmeticError raised by a node.
    ArithmeticError = 11: Exception;
    /// LookupError raised by a node.
    LookupError = 12: Exception;
    /// StopIteration raised by a node.
    StopIteration = 13: Exception;
    /// NotImplementedError raised by a node.
    NotImplementedError = 14: RuntimeError;
    /// An allocation that failed.
    MemoryError = 15: Exception;
    /// NameError raised by a node.
    NameError = 16: Exception;
    /// AttributeError raised by a node.
    AttributeError = 17: Exception;
    /// FloatingPointError raised by a node.
    FloatingPointError = 18: ArithmeticError;
    /// RecursionError raised by a node.
    RecursionError = 19: RuntimeError;
    /// OSError raised by a node.
    OSError = 20: Exception;
    /// TimeoutError raised by a node.
    TimeoutError = 21: OSError;
    /// BufferError raised by a node.
    BufferError = 22: Exception;
    /// EOFError raised by a node.
    EOFError = 23: Exception;
    /// ReferenceError raised by a node.
    ReferenceError = 24: Exception;
    /// SystemError raised by a node.
    SystemError = 25: Exception;
    /// ImportError raised by a node.
    ImportError = 26: Exception;
    /// UnicodeError raised by a node.
    UnicodeError = 27: ValueError;
    /// A function of the host failed, or panicked, without a kind of its own.
    ForeignError = 28: RuntimeError;
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

#[cfg(test)]
mod tests {
    use super::NodeErrorKind;

    #[test]
    fn classes_cover_those_derived_from_them() {
        use NodeErrorKind::{
            ArithmeticError, Exception, IndexError, Interrupted, KeyError, LookupError, NameError, UnboundLocalError,
            ZeroDivisionError,
        };
        assert!(LookupError.covers(KeyError) && LookupError.covers(IndexError) && LookupError.covers(LookupError));
        assert!(!KeyError.covers(LookupError) && !KeyError.covers(IndexError));
        assert!(ArithmeticError.covers(ZeroDivisionError) && NameError.covers(UnboundLocalError));
        for kind in NodeErrorKind::ALL {
            assert_eq!(Exception.covers(*kind), kind.is_catchable(), "{kind:?}");
            assert_eq!(kind.covers(*kind), kind.is_catchable(), "{kind:?}");
        }
        assert!(!Interrupted.is_catchable());
    }
}
