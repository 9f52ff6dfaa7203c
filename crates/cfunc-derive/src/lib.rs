//! `#[derive(CfuncStruct)]` and `#[derive(CfuncEnum)]`: describe a `#[repr(C)]` struct, or an enum, to compiled nodes.
//! `cfunc_compiler` re-exports them.

mod attributes;
mod enumeration;
mod structure;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Describes a `#[repr(C)]` struct, so that nodes read and write its fields: an implementation of `CfuncStruct`, and of
/// what a host needs to pass it in and out of node instances, and by reference to its functions (`ForeignObject`).
///
/// The struct is `Copy`, has named fields, no parameters, and is not packed. Fields are numbers, truth values, arrays
/// of fixed length, other such structs, pointers to them, and `Member` and `MemberSet` of enums with `CfuncEnum`.
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

/// Describes an enum without fields, so that it is an enumeration of nodes: an implementation of `CfuncEnum`.
///
/// It is `Copy`, and its `#[repr(…)]` is `i8`, `i16`, `i32` or `i64`: the width of enums in the context that it is
/// registered in (`AbiConfig::enum_width`, 16 bits by default) where cells are read and written as its members, and where
/// functions take and give them. Fields of structs have any width.
///
/// - `#[cfunc(name = "Side")]` on the enum: its name in nodes, where that is another one.
/// - `#[cfunc(crate = "path::to::cfunc_compiler")]` on the enum: where the facade is found.
/// - `#[cfunc(rename = "BUY")]` on a variant: the member's name in nodes.
#[proc_macro_derive(CfuncEnum, attributes(cfunc))]
pub fn cfunc_enum(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    enumeration::implement(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}
