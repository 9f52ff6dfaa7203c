//! What the host and its nodes exchange.

use std::ops::{BitOr, BitOrAssign};

use cfunc_compiler::{CfuncField, CfuncStruct, FieldType, ForeignArgument, ForeignType, Value};

/// The name of [`Side`] in nodes.
pub(crate) const SIDE: &str = "Side";

/// The name of the enum whose members [`Flags`] has.
pub(crate) const ORDER_FLAG: &str = "OrderFlag";

/// Who buys or sells; in nodes the enum `Side`. Memory of nodes may hold any integer of its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Side(i16);

impl Side {
    /// Who buys.
    pub const BUY: Self = Self(1);
    /// Who sells.
    pub const SELL: Self = Self(-1);
    /// The members by their names.
    pub const MEMBERS: [(&str, i64); 2] = [("BUY", 1), ("SELL", -1)];

    /// What a node's cell holds.
    pub const fn from_number(number: i16) -> Self {
        Self(number)
    }

    /// The opposite one.
    #[must_use]
    pub const fn other(self) -> Self {
        Self(-self.0)
    }

    /// 1 or -1.
    pub const fn sign(self) -> i64 {
        self.0 as i64
    }
}

impl Default for Side {
    fn default() -> Self {
        Self::BUY
    }
}

// SAFETY: an `i16`.
unsafe impl CfuncField for Side {
    fn field_type() -> FieldType {
        FieldType::Int16
    }
}

// SAFETY: enums of 16 bits, the width of the contexts of this extension, are an `int16_t` in C.
unsafe impl ForeignArgument for Side {
    type Native = i16;

    fn foreign_type() -> ForeignType {
        ForeignType::from(SIDE)
    }

    unsafe fn from_native(native: i16) -> Result<Self, &'static str> {
        Ok(Self(native))
    }
}

/// What is known of an order; in nodes an `EnumSet[OrderFlag]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Flags(pub u32);

impl Flags {
    /// It met an order that was there.
    pub const AGGRESSOR: Self = Self(1);
    /// Not all of it was shown.
    pub const HIDDEN: Self = Self(1 << 1);
    /// What was not filled at once was taken back.
    pub const IMMEDIATE: Self = Self(1 << 2);
    /// It is large.
    pub const BLOCK: Self = Self(1 << 3);
    /// The members by their names, and the position of the bit of each.
    pub const MEMBERS: [(&str, i64); 4] = [("AGGRESSOR", 0), ("HIDDEN", 1), ("IMMEDIATE", 2), ("BLOCK", 3)];

    /// Whether all of another's flags are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

// SAFETY: a `u32`.
unsafe impl CfuncField for Flags {
    fn field_type() -> FieldType {
        FieldType::UInt32
    }
}

/// What is bid or asked at a price; in nodes a `PriceLevel`.
#[derive(Clone, Copy, Debug, Default, PartialEq, CfuncStruct)]
#[repr(C)]
#[cfunc(name = "PriceLevel")]
pub struct Level {
    /// The price.
    #[cfunc(default = 0.0)]
    pub price: f64,
    /// How much.
    #[cfunc(default = 0)]
    pub size: i64,
}

/// A trade.
#[derive(Clone, Copy, Debug, Default, PartialEq, CfuncStruct)]
#[repr(C)]
pub struct Trade {
    /// When, in nanoseconds since 1970.
    #[cfunc(datetime, default = Value::Datetime(0))]
    pub time: i64,
    /// At which price.
    #[cfunc(default = 0.0)]
    pub price: f64,
    /// How much.
    #[cfunc(default = 0)]
    pub size: i64,
    /// Who met an order that was there.
    #[cfunc(enum = "Side", default = "BUY")]
    pub side: Side,
    /// What is known of the order that did.
    #[cfunc(named = "EnumSet[OrderFlag]", default = 0)]
    pub flags: Flags,
}

/// The trades of a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, CfuncStruct)]
#[repr(C)]
pub struct Bar {
    /// When it begins, in nanoseconds since 1970.
    #[cfunc(datetime, default = Value::Datetime(0))]
    pub start: i64,
    /// The first price.
    #[cfunc(default = 0.0)]
    pub open: f64,
    /// The highest price.
    #[cfunc(default = 0.0)]
    pub high: f64,
    /// The lowest price.
    #[cfunc(default = 0.0)]
    pub low: f64,
    /// The last price.
    #[cfunc(default = 0.0)]
    pub close: f64,
    /// How much was traded.
    #[cfunc(default = 0)]
    pub volume: i64,
    /// How much of it was bought by who met an order.
    #[cfunc(default = 0)]
    pub bought: i64,
    /// How many trades.
    #[cfunc(default = 0)]
    pub trades: i32,
    /// The flags of all of them.
    #[cfunc(named = "EnumSet[OrderFlag]", default = 0)]
    pub flags: Flags,
}

/// What a market maker offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, CfuncStruct)]
#[repr(C)]
pub struct Quote {
    /// At which price it buys.
    #[cfunc(default = 0.0)]
    pub bid: f64,
    /// At which price it sells.
    #[cfunc(default = 0.0)]
    pub ask: f64,
    /// How much it buys.
    #[cfunc(default = 0)]
    pub bid_size: i64,
    /// How much it sells.
    #[cfunc(default = 0)]
    pub ask_size: i64,
}
