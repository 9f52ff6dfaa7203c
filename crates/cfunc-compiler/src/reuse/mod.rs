//! What was compiled already: orders compared, units that live found again, and what stages made, kept or made once more.

pub(crate) mod order;
pub(crate) mod products;
pub(crate) mod shared;
