//! `#[derive(CfuncStruct)]`: describes a `#[repr(C)]` struct to compiled nodes. `cfunc_compiler` re-exports it.

mod attributes;
mod structure;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Describes a `#[repr(C)]` struct, so that nodes read and write its fields: an implementation of `CfuncStruct`, and of
/// what a host needs to pass it in and out of node instances.
///
/// The struct is `Copy`, has named fields, no parameters, and is not packed. Fields are numbers, truth values, arrays
/// of fixed length, other such structs, and pointers to them.
///
/// On the struct:
///
/// - `#[cfunc(name = "Trade")]`: its name in nodes, where that is another one.
/// - `#[cfunc(crate = "path::to::cfunc_compiler")]`: where the facade is found.
///
/// On a field:
///
/// - `#[cfunc(rename = "price")]`: its name in nodes.
/// - `#[cfunc(skip)]`: nodes do not see it. Copies made by the constructor leave its bytes as they were.
/// - `#[cfunc(read_only)]`: nodes do not assign to it.
/// - `#[cfunc(nullable)]`: a pointer to a struct may be NULL, which is None in nodes; so is an `Option<NonNull<…>>`.
/// - `#[cfunc(default = 1.0)]`: what the constructor puts there when it is given nothing: a number, a truth value, the
///   name of a member, whatever else makes a `Value`.
/// - `#[cfunc(enum = "Side")]`: an integer, or an array of them, holds members of this registered enumeration.
/// - `#[cfunc(datetime)]`, `#[cfunc(timedelta)]`: an integer holds nanoseconds.
/// - `#[cfunc(named = "…")]`: a type of the context by its name, as it lies in a cell of the ABI: `EnumSet[Flag]`.
/// - `#[cfunc(opaque = "OrderBook")]`: a pointer to something that nodes do not look into: a registered type.
#[proc_macro_derive(CfuncStruct, attributes(cfunc))]
pub fn cfunc_struct(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    structure::implement(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}
