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
    /// A member of the module's Enum of flags.
    Flag,
    /// A set of such members.
    Flags,
    /// A list of ints.
    Ints,
    /// A list of floats.
    Floats,
    /// A list of bools.
    Bools,
    /// A dict from ints to ints.
    IntDict,
    /// A dict from ints to floats.
    FloatDict,
    /// A member of the host's enumeration.
    Mode,
    /// A member of the host's flags.
    Mark,
    /// A set of such members.
    Marks,
    /// A small struct of the host.
    Point,
    /// A struct of the host that has a point and a set in it.
    Trade,
    /// A struct of the host with arrays, which is not copied.
    Grid,
    /// A list of points.
    Points,
    /// A list of members of the host's enumeration.
    Modes,
    /// A list of sets.
    MarkSets,
    /// A dict from members of the module's Enum to ints.
    SideDict,
    /// A number of a call: an int in some calls of a function, a float in others.
    Number,
    /// A list of such numbers.
    Numbers,
    /// A dict from ints to such numbers.
    NumberDict,
    /// A float whose last bits the C library decides: goes into outputs only, so that it decides nothing else.
    Rough,
}

impl Kind {
    /// Every one.
    pub const ALL: [Self; 33] = [
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
        Self::Flag,
        Self::Flags,
        Self::Ints,
        Self::Floats,
        Self::Bools,
        Self::IntDict,
        Self::FloatDict,
        Self::Mode,
        Self::Mark,
        Self::Marks,
        Self::Point,
        Self::Trade,
        Self::Grid,
        Self::Points,
        Self::Modes,
        Self::MarkSets,
        Self::SideDict,
        Self::Number,
        Self::Numbers,
        Self::NumberDict,
        Self::Rough,
    ];

    /// Those that are lists and dicts.
    pub const CONTAINERS: [Self; 11] = [
        Self::Ints,
        Self::Floats,
        Self::Bools,
        Self::IntDict,
        Self::FloatDict,
        Self::Points,
        Self::Modes,
        Self::MarkSets,
        Self::SideDict,
        Self::Numbers,
        Self::NumberDict,
    ];

    /// Those whose values are lists.
    pub const LISTS: [Self; 7] =
        [Self::Ints, Self::Floats, Self::Bools, Self::Points, Self::Modes, Self::MarkSets, Self::Numbers];

    /// Those that have numbers of calls.
    pub const NUMBERS: [Self; 3] = [Self::Number, Self::Numbers, Self::NumberDict];

    /// Those that inputs, outputs and states may have.
    pub const CELLS: [Self; 14] = [
        Self::Int,
        Self::Float,
        Self::Bool,
        Self::Delta,
        Self::Time,
        Self::Side,
        Self::Level,
        Self::Mode,
        Self::Flag,
        Self::Flags,
        Self::Marks,
        Self::Point,
        Self::Trade,
        Self::Grid,
    ];

    /// Members of enumerations, as cells.
    pub const ENUMERATIONS: [Self; 4] = [Self::Side, Self::Level, Self::Mode, Self::Flag];

    /// Sets of members.
    pub const SETS: [Self; 2] = [Self::Flags, Self::Marks];

    /// The structs of the host, those first that others are made of.
    pub const STRUCTS: [Self; 3] = [Self::Point, Self::Trade, Self::Grid];

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
            Self::Flag => 'm',
            Self::Flags => 's',
            Self::Ints => 'a',
            Self::Floats => 'g',
            Self::Bools => 'h',
            Self::IntDict => 'j',
            Self::FloatDict => 'k',
            Self::Mode => 'c',
            Self::Mark => 'v',
            Self::Marks => 'w',
            Self::Point => 'y',
            Self::Trade => 'z',
            Self::Grid => 'x',
            Self::Points => 'Q',
            Self::Modes => 'M',
            Self::MarkSets => 'S',
            Self::SideDict => 'D',
            Self::Number => 'B',
            Self::Numbers => '$',
            Self::NumberDict => '!',
            Self::Rough => 'r',
        }
    }

    /// Whether its values are structs: in inputs and states, what the host owns; elsewhere, copies.
    pub fn is_struct(self) -> bool {
        Self::STRUCTS.contains(&self)
    }

    /// Whether its values are lists or dicts.
    pub fn is_container(self) -> bool {
        Self::CONTAINERS.contains(&self)
    }

    /// The letter that stands in templates for a container that nothing else has.
    pub const fn fresh_letter(self) -> Option<char> {
        match self {
            Self::Ints => Some('A'),
            Self::Floats => Some('G'),
            Self::Bools => Some('H'),
            Self::IntDict => Some('J'),
            Self::FloatDict => Some('K'),
            Self::Points => Some('R'),
            Self::Modes => Some('E'),
            Self::MarkSets => Some('U'),
            Self::SideDict => Some('V'),
            Self::Numbers => Some('&'),
            Self::NumberDict => Some('?'),
            _ => None,
        }
    }

    /// The construct that shows the elements of a container.
    pub const fn display(self) -> Option<&'static str> {
        match self {
            Self::Ints => Some("list of ints"),
            Self::Floats => Some("list of floats"),
            Self::Bools => Some("list of bools"),
            Self::IntDict => Some("dict of ints"),
            Self::FloatDict => Some("dict of floats"),
            Self::Points => Some("list of points"),
            Self::Modes => Some("list of members"),
            Self::MarkSets => Some("list of sets"),
            Self::SideDict => Some("dict of members"),
            Self::Numbers => Some("list of numbers"),
            Self::NumberDict => Some("dict of numbers"),
            _ => None,
        }
    }

    /// Other constructs that make a container which nothing else has.
    pub const fn copies(self) -> &'static [&'static str] {
        match self {
            Self::Ints => {
                &["list slice", "list slice with a step", "xs.copy()", "sorted ints", "copy of a module list"]
            }
            Self::Floats => &["list slice backwards", "list(xs)", "sorted floats"],
            Self::Bools => &["slice of bools", "sorted bools"],
            Self::IntDict => &["d.copy()"],
            Self::FloatDict => &["dict(d)"],
            Self::Points => &["slice of points"],
            Self::Modes => &["slice of members"],
            Self::MarkSets => &["copy of a list of sets"],
            Self::SideDict => &["copy of a dict of members"],
            Self::Numbers => &["slice of numbers"],
            Self::NumberDict => &["copy of a dict of numbers"],
            _ => &[],
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
            Self::Ints => "list[int]",
            Self::Floats => "list[float]",
            Self::Bools => "list[bool]",
            Self::IntDict => "dict[int, int]",
            Self::FloatDict => "dict[int, float]",
            Self::Side => "Side",
            Self::Level => "Level",
            Self::Flag => "Flag",
            Self::Flags => "EnumSet[Flag]",
            Self::Mode => "Mode",
            Self::Mark => "Mark",
            Self::Marks => "EnumSet[Mark]",
            Self::Point => "Point",
            Self::Trade => "Trade",
            Self::Grid => "Grid",
            Self::Points => "list[Point]",
            Self::Modes => "list[Mode]",
            Self::MarkSets => "list[EnumSet[Mark]]",
            Self::SideDict => "dict[Side, int]",
            _ => "int",
        }
    }
}
