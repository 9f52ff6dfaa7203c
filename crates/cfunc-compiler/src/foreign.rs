//! Rust functions that nodes call: the thunk around one, and its description, made of its types.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use cfunc_context::{CType, ForeignFunction, ForeignStatus, ForeignType, TypeReference};
use cfunc_models::{NodeErrorKind, Type};
use cfunc_runtime::set_error_message;

use crate::{Datetime, Timedelta};

/// Why a Rust function that a node called gave no value: the node error that becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignError {
    /// The kind. One that the description does not name ([`ForeignFunction::raises`]) becomes
    /// [`NodeErrorKind::ForeignError`].
    pub kind: NodeErrorKind,
    /// The message.
    pub message: String,
}

impl ForeignError {
    /// An error of a kind.
    pub fn new(kind: NodeErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl fmt::Display for ForeignError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.kind.name(), self.message)
    }
}

impl std::error::Error for ForeignError {}

impl From<String> for ForeignError {
    fn from(message: String) -> Self {
        Self::new(NodeErrorKind::ForeignError, message)
    }
}

impl From<&str> for ForeignError {
    fn from(message: &str) -> Self {
        Self::from(message.to_owned())
    }
}

#[diagnostic::on_unimplemented(
    message = "`{Self}` is no object that nodes hand to functions",
    note = "a struct has `#[derive(CfuncStruct)]`; for an object of an opaque type, write \
            `unsafe impl ForeignObject for {Self} {{ const TYPE: &'static str = \"…\"; }}`"
)]
/// A Rust type whose values nodes know as objects of an opaque type, or as structs, and hand to Rust functions by their
/// address. `#[derive(CfuncStruct)]` implements it for structs.
///
/// # Safety
///
/// Every address that a host gives as one of the type named [`ForeignObject::TYPE`] is that of a `Self`, in every context
/// that functions of it are registered in.
pub unsafe trait ForeignObject {
    /// The name of the type, as nodes write it.
    const TYPE: &'static str;

    /// The type as descriptions of functions say it: by its name. That of a struct is compared with the struct that is
    /// registered under the name.
    fn reference() -> TypeReference {
        TypeReference::from(Self::TYPE)
    }
}

/// A Rust type that a function takes from a node: numbers, `bool`, [`Datetime`], [`Timedelta`], references to a
/// [`ForeignObject`].
///
/// # Safety
///
/// [`ForeignArgument::Native`] is what C has for the type and form that [`ForeignArgument::foreign_type`] says.
pub unsafe trait ForeignArgument: Sized {
    /// What stands in the C signature.
    type Native: Copy;

    /// Whether no other argument may lead to the memory that this one leads to.
    const IS_EXCLUSIVE: bool = false;

    /// What nodes and C see.
    fn foreign_type() -> ForeignType;

    /// The value of an argument.
    ///
    /// # Errors
    ///
    /// Why there is none.
    ///
    /// # Safety
    ///
    /// The argument is what compiled code passed for a parameter of the type; an object lives during the call.
    unsafe fn from_native(native: Self::Native) -> Result<Self, &'static str>;

    /// The memory that the value leads to.
    #[inline]
    fn borrowed(_native: Self::Native) -> Option<BorrowedMemory> {
        None
    }
}

/// Memory that an argument leads to while a function runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BorrowedMemory {
    start: usize,
    size: usize,
    is_exclusive: bool,
}

/// A Rust type that a function gives to a node: what it may take, `()`, `Option` of a reference (no object is a node error
/// of kind ValueError), `Result` of one of these with what makes a [`ForeignError`].
pub trait ForeignResult {
    /// Whether it has more than 64 bits.
    const IS_WIDE: bool = false;

    /// What nodes and C see; `None` for nothing.
    fn foreign_type() -> Option<ForeignType>;

    /// The bits of the value, an integer extended by its sign if it has one.
    ///
    /// # Errors
    ///
    /// That there is none.
    fn into_bits(self) -> Result<u128, ForeignError>;
}

macro_rules! integers {
    ($($type:ty as $form:ident,)*) => {$(
        // SAFETY: the C type of that name.
        unsafe impl ForeignArgument for $type {
            type Native = Self;

            fn foreign_type() -> ForeignType {
                ForeignType::new(Type::INT64, CType::$form)
            }

            #[inline]
            unsafe fn from_native(native: Self) -> Result<Self, &'static str> {
                Ok(native)
            }
        }

        impl ForeignResult for $type {
            fn foreign_type() -> Option<ForeignType> {
                Some(<Self as ForeignArgument>::foreign_type())
            }

            #[inline]
            fn into_bits(self) -> Result<u128, ForeignError> {
                Ok(i128::from(self).cast_unsigned())
            }
        }
    )*};
}

integers! {
    i8 as Int8,
    i16 as Int16,
    i32 as Int32,
    i64 as Int64,
    u8 as UnsignedInt8,
    u16 as UnsignedInt16,
    u32 as UnsignedInt32,
    u64 as UnsignedInt64,
}

macro_rules! values {
    ($($type:ty as $native:ty: $foreign:expr, $from:expr, $bits:expr;)*) => {$(
        // SAFETY: the C type of that name.
        unsafe impl ForeignArgument for $type {
            type Native = $native;

            fn foreign_type() -> ForeignType {
                $foreign
            }

            #[inline]
            unsafe fn from_native(native: $native) -> Result<Self, &'static str> {
                Ok($from(native))
            }
        }

        impl ForeignResult for $type {
            fn foreign_type() -> Option<ForeignType> {
                Some(<Self as ForeignArgument>::foreign_type())
            }

            #[inline]
            fn into_bits(self) -> Result<u128, ForeignError> {
                Ok(u128::from($bits(self)))
            }
        }
    )*};
}

values! {
    f64 as f64: ForeignType::from(Type::FLOAT64), |native| native, f64::to_bits;
    f32 as f32: ForeignType::new(Type::FLOAT64, CType::Float32), |native| native, f32::to_bits;
    bool as u8: ForeignType::from(Type::BOOLEAN), |native| native != 0, u8::from;
    Datetime as i64: ForeignType::from("datetime"), Datetime, |value: Self| value.0.cast_unsigned();
    Timedelta as i64: ForeignType::from("timedelta"), Timedelta, |value: Self| value.0.cast_unsigned();
}

// SAFETY: C has a pointer for an object; who implements `ForeignObject` vouches for what it points at.
unsafe impl<T: ForeignObject> ForeignArgument for &T {
    type Native = *const T;

    fn foreign_type() -> ForeignType {
        ForeignType::from(T::reference())
    }

    #[inline]
    unsafe fn from_native(native: *const T) -> Result<Self, &'static str> {
        // SAFETY: the caller's promise.
        unsafe { native.as_ref() }.ok_or(T::TYPE)
    }

    #[inline]
    fn borrowed(native: *const T) -> Option<BorrowedMemory> {
        Some(BorrowedMemory { start: native.addr(), size: size_of::<T>(), is_exclusive: false })
    }
}

// SAFETY: as above.
unsafe impl<T: ForeignObject> ForeignArgument for &mut T {
    type Native = *mut T;

    const IS_EXCLUSIVE: bool = true;

    fn foreign_type() -> ForeignType {
        ForeignType::from(T::reference())
    }

    #[inline]
    unsafe fn from_native(native: *mut T) -> Result<Self, &'static str> {
        // SAFETY: the caller's promise; thunks see to it that no other argument leads to the memory.
        unsafe { native.as_mut() }.ok_or(T::TYPE)
    }

    #[inline]
    fn borrowed(native: *mut T) -> Option<BorrowedMemory> {
        Some(BorrowedMemory { start: native.addr(), size: size_of::<T>(), is_exclusive: true })
    }
}

impl<T: ForeignObject> ForeignResult for &T {
    fn foreign_type() -> Option<ForeignType> {
        Some(ForeignType::from(T::reference()))
    }

    #[inline]
    fn into_bits(self) -> Result<u128, ForeignError> {
        Some(self).into_bits()
    }
}

impl<T: ForeignObject> ForeignResult for Option<&T> {
    fn foreign_type() -> Option<ForeignType> {
        Some(ForeignType::from(T::reference()))
    }

    #[inline]
    fn into_bits(self) -> Result<u128, ForeignError> {
        // Generated code gets the address as a word, and makes a pointer of it again.
        Ok(self.map_or(0, |object| std::ptr::from_ref(object).expose_provenance() as u128))
    }
}

impl ForeignResult for () {
    fn foreign_type() -> Option<ForeignType> {
        None
    }

    #[inline]
    fn into_bits(self) -> Result<u128, ForeignError> {
        Ok(0)
    }
}

impl<T: ForeignResult, E: Into<ForeignError>> ForeignResult for Result<T, E> {
    const IS_WIDE: bool = T::IS_WIDE;

    fn foreign_type() -> Option<ForeignType> {
        T::foreign_type()
    }

    #[inline]
    fn into_bits(self) -> Result<u128, ForeignError> {
        self.map_err(Into::into)?.into_bits()
    }
}

/// What a thunk returns: two words, which C returns in registers.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ForeignOutcome {
    status: i64,
    bits: u64,
}

/// What thunks are made of; for the expansion of `foreign_function` alone. What a call goes through is inlined into the
/// thunk, and leaves it with two registers; what became of a call that failed stands apart.
#[doc(hidden)]
pub mod thunk {
    use super::{
        Any, AssertUnwindSafe, BorrowedMemory, ForeignError, ForeignFunction, ForeignOutcome, ForeignResult,
        ForeignStatus, NodeErrorKind, catch_unwind, set_error_message,
    };

    /// Runs a function whose value is a word; a panic is an error.
    #[inline]
    pub fn guarded(work: impl FnOnce() -> Result<u128, ForeignError>) -> ForeignOutcome {
        #[expect(clippy::cast_possible_truncation, reason = "what is wider is passed whole")]
        caught(move || match work() {
            Ok(bits) => ForeignOutcome { status: 0, bits: bits as u64 },
            Err(error) => failed(&error),
        })
    }

    /// Runs a function whose value is wider; where it gives none, `value` is left alone.
    ///
    /// # Safety
    ///
    /// `value` is the address of 16 bytes, aligned, that may be written.
    #[inline]
    pub unsafe fn guarded_wide(work: impl FnOnce() -> Result<u128, ForeignError>, value: *mut u128) -> ForeignOutcome {
        caught(move || match work() {
            Ok(bits) => {
                // SAFETY: the caller's promise.
                unsafe { value.write(bits) };
                ForeignOutcome { status: 0, bits: 0 }
            }
            Err(error) => failed(&error),
        })
    }

    #[inline]
    fn caught(work: impl FnOnce() -> ForeignOutcome) -> ForeignOutcome {
        // What a function that panics leaves half done in the host's objects is the host's own. An outcome is made within:
        // what crosses here is two words.
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(panicked)
    }

    /// Leaves the message of an error.
    #[cold]
    #[inline(never)]
    fn failed(error: &ForeignError) -> ForeignOutcome {
        set_error_message(&error.message);
        ForeignOutcome { status: error.kind.code().into(), bits: 0 }
    }

    #[cold]
    #[inline(never)]
    fn panicked(payload: Box<dyn Any + Send>) -> ForeignOutcome {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        let message = format!("it panicked: {}", text.unwrap_or("no message"));
        // The payload may panic itself when it goes.
        if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(second);
        }
        failed(&ForeignError::new(NodeErrorKind::ForeignError, message))
    }

    /// Whether arguments have to be told apart, by whether nothing else may lead to what each leads to.
    pub const fn are_told_apart(exclusive: &[bool]) -> bool {
        let mut rest = exclusive;
        while let [first, others @ ..] = rest {
            if *first && exclusive.len() > 1 {
                return true;
            }
            rest = others;
        }
        false
    }

    /// Finds an argument that may be changed, and whose memory another one leads to as well.
    #[inline]
    pub fn check_borrowed(name: &str, borrowed: &[Option<BorrowedMemory>]) -> Result<(), ForeignError> {
        let meets = |one: &BorrowedMemory, other: &BorrowedMemory| {
            one.start < other.start.saturating_add(other.size) && other.start < one.start.saturating_add(one.size)
        };
        for (position, memory) in borrowed.iter().enumerate() {
            let Some(memory) = memory.as_ref().filter(|memory| memory.is_exclusive) else { continue };
            let mut others = borrowed.iter().enumerate().filter(|(other, _)| *other != position);
            if others.any(|(_, second)| second.as_ref().is_some_and(|second| meets(memory, second))) {
                return Err(given_twice(name));
            }
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn given_twice(name: &str) -> ForeignError {
        let message = format!("`{name}` changes an object that is given to it twice");
        ForeignError::new(NodeErrorKind::ValueError, message)
    }

    /// The error of an argument that is no object.
    #[cold]
    #[inline(never)]
    pub fn missing(ty: &'static str) -> ForeignError {
        ForeignError::new(NodeErrorKind::ValueError, format!("there is no {ty}"))
    }

    /// The description with its result.
    pub fn with_result<R: ForeignResult>(function: ForeignFunction) -> ForeignFunction {
        let function = function.outcome([ForeignStatus::new(
            NodeErrorKind::ValueError.code(),
            NodeErrorKind::ValueError,
            "an argument is wrong",
        )]);
        match R::foreign_type() {
            Some(ty) if R::IS_WIDE => function.out_parameter(ty),
            Some(ty) => function.result(ty),
            None => function,
        }
    }
}

/// Describes a Rust function for nodes, and makes the thunk that they call it through.
///
/// The types of the signature say what nodes give and get: [`ForeignArgument`], [`ForeignResult`]. The function
/// is one that is in scope under the name. A panic in it is a node error of kind `ForeignError` with its message, and goes
/// no further; an `Err` is one of the kinds that [`ForeignFunction::raises`] names. An object that is not there, and one that
/// is given twice to a function that changes it, are errors of kind ValueError.
///
/// ```
/// use cfunc_compiler::{Effects, ForeignObject, foreign_function};
///
/// struct OrderBook {
///     bids: Vec<f64>,
/// }
///
/// // SAFETY: the host gives books and nothing else as values of this type.
/// unsafe impl ForeignObject for OrderBook {
///     const TYPE: &'static str = "OrderBook";
/// }
///
/// fn bid_book(book: &OrderBook, level: u32) -> Result<f64, String> {
///     book.bids.get(level as usize).copied().ok_or_else(|| format!("there is no level {level}"))
/// }
///
/// let bid = foreign_function!(fn bid_book(book: &OrderBook, level: u32) -> Result<f64, String>);
/// assert_eq!(bid.effects(Effects::ReadsInternal).name(), "bid_book");
/// ```
#[macro_export]
macro_rules! foreign_function {
    (fn $name:ident($($argument:ident: $type:ty),* $(,)?)) => {
        $crate::foreign_function!(fn $name($($argument: $type),*) -> ())
    };
    (fn $name:ident($($argument:ident: $type:ty),* $(,)?) -> $result:ty) => {{
        /// # Safety
        ///
        /// The arguments are those of compiled code.
        #[inline(always)]
        unsafe fn run(
            $($argument: <$type as $crate::ForeignArgument>::Native),*
        ) -> ::std::result::Result<u128, $crate::ForeignError> {
            if const { $crate::foreign_thunk::are_told_apart(&[$(<$type as $crate::ForeignArgument>::IS_EXCLUSIVE),*]) } {
                $crate::foreign_thunk::check_borrowed(
                    stringify!($name),
                    &[$(<$type as $crate::ForeignArgument>::borrowed($argument)),*],
                )?;
            }
            // SAFETY: the caller's promise.
            let result: $result = $name($(
                unsafe { <$type as $crate::ForeignArgument>::from_native($argument) }
                    .map_err($crate::foreign_thunk::missing)?
            ),*);
            $crate::ForeignResult::into_bits(result)
        }
        /// # Safety
        ///
        /// The arguments are those of compiled code.
        unsafe extern "C" fn thunk(
            $($argument: <$type as $crate::ForeignArgument>::Native),*
        ) -> $crate::ForeignOutcome {
            // SAFETY: the caller's promise.
            $crate::foreign_thunk::guarded(move || unsafe { run($($argument),*) })
        }
        /// # Safety
        ///
        /// The arguments are those of compiled code.
        unsafe extern "C" fn wide_thunk(
            $($argument: <$type as $crate::ForeignArgument>::Native,)*
            value: *mut u128,
        ) -> $crate::ForeignOutcome {
            // SAFETY: the caller's promise; compiled code passes the address of 16 bytes of its frame.
            unsafe { $crate::foreign_thunk::guarded_wide(move || run($($argument),*), value) }
        }
        let address = if <$result as $crate::ForeignResult>::IS_WIDE {
            wide_thunk as *const u8
        } else {
            thunk as *const u8
        };
        let function = $crate::ForeignFunction::new(stringify!($name));
        $(let function = function.parameter(
            stringify!($argument),
            <$type as $crate::ForeignArgument>::foreign_type(),
        );)*
        $(let function = if <$type as $crate::ForeignArgument>::IS_EXCLUSIVE {
            function.changes(stringify!($argument))
        } else {
            function
        };)*
        let function = $crate::foreign_thunk::with_result::<$result>(function);
        // SAFETY: the thunk is of the types that were just said, lives as long as the program, and holds nothing of a thread.
        unsafe { function.address(address) }
    }};
}
