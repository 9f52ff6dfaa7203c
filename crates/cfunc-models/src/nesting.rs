//! How deep trees and types may be nested.

/// Levels of a syntax tree that may be built on top of each other, and of types: more than any stage has room for, and few
/// enough that what is built is cloned, compared and dropped on the stack of any thread.
pub const MAXIMUM_NESTING: u32 = 1_000;

/// What the panic of a builder says that is asked to nest deeper than there is room for. Where a part of an extension
/// builds so, it is a diagnostic that names the extension.
pub const TOO_DEEP: &str = "what is built is nested more deeply than any stage of a compilation has room for";
