//! The types that generated expressions have.

/// The static type of a generated expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `int`.
    Int,
    /// `float`.
    Float,
    /// `bool`.
    Bool,
    /// `timedelta`.
    Delta,
    /// `datetime`.
    Time,
    /// A tuple of three ints.
    Triple,
    /// A tuple of an int and a float.
    Pair,
    /// A tuple of two ints and, in a tuple of its own, a float and a bool.
    Nested,
    /// An int or None.
    OptionalInt,
    /// A float or None.
    OptionalFloat,
    /// A member of the module's Enum.
    Side,
    /// A member of the module's IntEnum.
    Level,
    /// A float whose last bits the C library decides: goes into outputs only, so that it decides nothing else.
    Rough,
}

impl Kind {
    /// Every one.
    pub const ALL: [Self; 13] = [
        Self::Int,
        Self::Float,
        Self::Bool,
        Self::Delta,
        Self::Time,
        Self::Triple,
        Self::Pair,
        Self::Nested,
        Self::OptionalInt,
        Self::OptionalFloat,
        Self::Side,
        Self::Level,
        Self::Rough,
    ];

    /// Those that inputs, outputs and states may have.
    pub const CELLS: [Self; 5] = [Self::Int, Self::Float, Self::Bool, Self::Delta, Self::Time];

    /// The letter that stands for it in templates.
    pub const fn letter(self) -> char {
        match self {
            Self::Int => 'i',
            Self::Float => 'f',
            Self::Bool => 'b',
            Self::Delta => 'd',
            Self::Time => 't',
            Self::Triple => 'p',
            Self::Pair => 'q',
            Self::Nested => 'n',
            Self::OptionalInt => 'o',
            Self::OptionalFloat => 'u',
            Self::Side => 'e',
            Self::Level => 'l',
            Self::Rough => 'r',
        }
    }

    /// The kind of a letter.
    pub fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.letter() == letter)
    }

    /// Its name in annotations; that of a cell.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Float | Self::Rough => "float",
            Self::Bool => "bool",
            Self::Delta => "timedelta",
            Self::Time => "datetime",
            _ => "int",
        }
    }
}
