//! Rust enums as enumerations of nodes, their values in cells and fields, sets of them.

use std::fmt;
use std::marker::PhantomData;

use cfunc_context::{CType, ForeignType, Registrar, RegistrationError};
use cfunc_models::{FieldType, Type};

use crate::{CfuncField, ForeignArgument, ForeignError, ForeignResult};

mod sealed {
    pub trait Sealed {}
}

/// The integers that members of enumerations are held in: `i8`, `i16`, `i32`, `i64`.
pub trait MemberNumber: sealed::Sealed + Copy + Eq + fmt::Debug + Into<i64> + TryFrom<i64> + 'static {
    /// Bytes of one.
    const BYTES: u32 = size_of::<Self>() as u32;

    /// How it lies in memory of a struct.
    fn field_type() -> FieldType;

    /// How C functions take it.
    fn c_type() -> CType;
}

macro_rules! numbers {
    ($($number:ty => $form:ident),*) => {
        $(
            impl sealed::Sealed for $number {}

            impl MemberNumber for $number {
                fn field_type() -> FieldType {
                    FieldType::$form
                }

                fn c_type() -> CType {
                    CType::$form
                }
            }
        )*
    };
}

numbers! { i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64 }

/// Rust enums that are enumerations of nodes: `#[derive(CfuncEnum)]` on an enum without fields, of `#[repr(i8)]` to
/// `#[repr(i64)]`, implements it. [`RegisterEnumerations`] registers one.
pub trait CfuncEnum: Copy + 'static {
    /// The enumeration's name in nodes.
    const NAME: &'static str;

    /// Names and values of the members, in the order of their declaration.
    const MEMBERS: &'static [(&'static str, i64)];

    /// What a value of it is held in.
    type Number: MemberNumber;

    /// The member's value.
    fn number(self) -> Self::Number;

    /// The member of a value; `None` where there is none.
    fn from_number(number: Self::Number) -> Option<Self>;
}

/// What a cell or a field of an enumeration holds: a member, or any other integer, which a Rust enum must not be. It is
/// as large as the enum.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Member<T: CfuncEnum> {
    number: T::Number,
}

impl<T: CfuncEnum> Member<T> {
    /// What holds a number, which may be that of no member.
    pub const fn from_number(number: T::Number) -> Self {
        Self { number }
    }

    /// The number.
    pub const fn number(self) -> T::Number {
        self.number
    }

    /// The member; `None` where the number is that of none.
    pub fn known(self) -> Option<T> {
        T::from_number(self.number)
    }
}

impl<T: CfuncEnum> From<T> for Member<T> {
    fn from(member: T) -> Self {
        Self { number: member.number() }
    }
}

impl<T: CfuncEnum> PartialEq for Member<T> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<T: CfuncEnum> Eq for Member<T> {}

impl<T: CfuncEnum> PartialEq<T> for Member<T> {
    fn eq(&self, other: &T) -> bool {
        self.number == other.number()
    }
}

impl<T: CfuncEnum> fmt::Debug for Member<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number: i64 = self.number.into();
        match T::MEMBERS.iter().find(|(_, value)| *value == number) {
            Some((name, _)) => write!(formatter, "{}.{name}", T::NAME),
            None => write!(formatter, "{}({number})", T::NAME),
        }
    }
}

// SAFETY: the number, of which any bits are one.
unsafe impl<T: CfuncEnum> CfuncField for Member<T> {
    fn field_type() -> FieldType {
        T::Number::field_type().integers_of(T::NAME)
    }
}

// SAFETY: C has the signed integer for the enumeration, in its own width; another one is refused.
unsafe impl<T: CfuncEnum> ForeignArgument for Member<T> {
    type Native = T::Number;

    fn foreign_type() -> ForeignType {
        ForeignType::new(T::NAME, T::Number::c_type())
    }

    unsafe fn from_native(native: T::Number) -> Result<Self, &'static str> {
        Ok(Self::from_number(native))
    }
}

impl<T: CfuncEnum> ForeignResult for Member<T> {
    fn foreign_type() -> Option<ForeignType> {
        Some(<Self as ForeignArgument>::foreign_type())
    }

    fn into_bits(self) -> Result<u128, ForeignError> {
        let number: i64 = self.number.into();
        Ok(i128::from(number).cast_unsigned())
    }
}

/// A set of members of an enumeration, as cells and fields of 128 bits hold it: the width of sets by default.
#[repr(transparent)]
pub struct MemberSet<T: CfuncEnum> {
    bits: u128,
    members: PhantomData<T>,
}

impl<T: CfuncEnum> MemberSet<T> {
    /// The empty set.
    pub const EMPTY: Self = Self::from_bits(0);

    /// The set of these bits, some of which may be of no member.
    pub const fn from_bits(bits: u128) -> Self {
        Self { bits, members: PhantomData }
    }

    /// The bits, each at the position that a member's value is.
    pub const fn bits(self) -> u128 {
        self.bits
    }

    /// The bit of a member; none for one whose value is no position.
    fn bit(member: T) -> u128 {
        let position: i64 = member.number().into();
        u32::try_from(position).ok().and_then(|position| 1_u128.checked_shl(position)).unwrap_or(0)
    }

    /// Whether a member is in the set.
    pub fn contains(self, member: T) -> bool {
        self.bits & Self::bit(member) != 0
    }

    /// The set with a member.
    #[must_use]
    pub fn with(self, member: T) -> Self {
        Self::from_bits(self.bits | Self::bit(member))
    }

    /// The set without a member.
    #[must_use]
    pub fn without(self, member: T) -> Self {
        Self::from_bits(self.bits & !Self::bit(member))
    }
}

// By hand, so that they ask nothing of the members.
impl<T: CfuncEnum> Clone for MemberSet<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: CfuncEnum> Copy for MemberSet<T> {}

impl<T: CfuncEnum> Default for MemberSet<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<T: CfuncEnum> PartialEq for MemberSet<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<T: CfuncEnum> Eq for MemberSet<T> {}

impl<T: CfuncEnum> fmt::Debug for MemberSet<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}({:#x})", Self::name(), self.bits)
    }
}

impl<T: CfuncEnum> FromIterator<T> for MemberSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        members.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl<T: CfuncEnum> MemberSet<T> {
    /// The name of the type in nodes.
    fn name() -> String {
        format!("EnumSet[{}]", T::NAME)
    }
}

// SAFETY: an integer of 128 bits, of which any are a set; a description says its size, which another width refuses.
unsafe impl<T: CfuncEnum> CfuncField for MemberSet<T> {
    fn field_type() -> FieldType {
        FieldType::Named(Self::name())
    }
}

// SAFETY: C has `__int128` for sets of 128 bits; those of another width are refused.
unsafe impl<T: CfuncEnum> ForeignArgument for MemberSet<T> {
    type Native = u128;

    fn foreign_type() -> ForeignType {
        ForeignType::new(Self::name(), CType::Int128)
    }

    unsafe fn from_native(native: u128) -> Result<Self, &'static str> {
        Ok(Self::from_bits(native))
    }
}

impl<T: CfuncEnum> ForeignResult for MemberSet<T> {
    const IS_WIDE: bool = true;

    fn foreign_type() -> Option<ForeignType> {
        Some(<Self as ForeignArgument>::foreign_type())
    }

    fn into_bits(self) -> Result<u128, ForeignError> {
        Ok(self.bits)
    }
}

/// Registers Rust enums.
pub trait RegisterEnumerations {
    /// Registers a Rust enum as an `Enum` class of its name.
    ///
    /// # Errors
    ///
    /// As for [`Registrar::enumeration`].
    fn enumeration_of<T: CfuncEnum>(&mut self) -> Result<Type, RegistrationError>;

    /// As [`RegisterEnumerations::enumeration_of`], as an `IntEnum` class, whose members count as integers.
    ///
    /// # Errors
    ///
    /// As for [`Registrar::enumeration`].
    fn integer_enumeration_of<T: CfuncEnum>(&mut self) -> Result<Type, RegistrationError>;
}

impl RegisterEnumerations for Registrar<'_> {
    fn enumeration_of<T: CfuncEnum>(&mut self) -> Result<Type, RegistrationError> {
        self.enumeration(T::NAME, T::MEMBERS.iter().copied())
    }

    fn integer_enumeration_of<T: CfuncEnum>(&mut self) -> Result<Type, RegistrationError> {
        self.integer_enumeration(T::NAME, T::MEMBERS.iter().copied())
    }
}
