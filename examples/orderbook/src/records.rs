//! What the host and its nodes exchange.

use std::ops::{BitOr, BitOrAssign};

/// Who buys or sells; in nodes the enum `Side`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i16)]
pub enum Side {
    /// Who buys.
    #[default]
    Buy = 1,
    /// Who sells.
    Sell = -1,
}

impl Side {
    /// The opposite one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// 1 or -1.
    pub const fn sign(self) -> i64 {
        self as i64
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

/// What is bid or asked at a price.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Level {
    /// The price.
    pub price: f64,
    /// How much.
    pub size: i64,
}

/// A trade.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Trade {
    /// When, in nanoseconds since 1970.
    pub time: i64,
    /// At which price.
    pub price: f64,
    /// How much.
    pub size: i64,
    /// Who met an order that was there.
    pub side: Side,
    /// What is known of the order that did.
    pub flags: Flags,
}

/// The trades of a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Bar {
    /// When it begins, in nanoseconds since 1970.
    pub start: i64,
    /// The first price.
    pub open: f64,
    /// The highest price.
    pub high: f64,
    /// The lowest price.
    pub low: f64,
    /// The last price.
    pub close: f64,
    /// How much was traded.
    pub volume: i64,
    /// How much of it was bought by who met an order.
    pub bought: i64,
    /// How many trades.
    pub trades: i32,
    /// The flags of all of them.
    pub flags: Flags,
}

/// What a market maker offers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Quote {
    /// At which price it buys.
    pub bid: f64,
    /// At which price it sells.
    pub ask: f64,
    /// How much it buys.
    pub bid_size: i64,
    /// How much it sells.
    pub ask_size: i64,
}
