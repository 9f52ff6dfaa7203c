//! The built-ins, resolved, lowered and run on the interpreter, and held against CPython.

mod checked;
mod differential;
mod folding;
mod harness;
mod ranges;
mod registered;
mod times;
