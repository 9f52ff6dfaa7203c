//! Built-in types, operators and functions of the cfunc compiler, as registrations.
//!
//! [`defaults`] is an [`Extension`](cfunc_context::Extension) like any other: everything here is registered through
//! the public registrar, one topic a file.
//!
//! - `integer`, `integer_division`, `float`, `power`, `boolean`, `comparison`: operators of numbers. Integers are 64
//!   bits and wrap; division by zero follows the error model of the compilation.
//! - `conversions`: casts, unifications, `int()`, `float()`, `bool()`; `constants`: which values each type accepts.
//! - `exceptions`: the classes of exceptions; `print`.
//! - `functions`: `abs`, `min`, `max`, `pow`, `round`, `len`; `math`, `math_integers`, `math_parts`, `math_sums`: the module `math`.
//! - `range`: ranges and their iteration; `sequences`: all elements of a value, for functions over them.
//! - `tuple`, `tuple_comparison`, `slice`, `elements`: tuples and their elements.
//! - `iteration`: iteration of tuples, `enumerate`, `zip`, `reversed`; `aggregates`: `sum`, `any`, `all`, `min` and `max`
//!   of one argument, `divmod`.
//! - `range_aggregates`: those of ranges; `text`: texts.
//! - `optional`: None among other values; `isinstance`.
//! - `time`, `time_zoned`, `time_members`, `time_constructors`, `time_runtime`: `datetime`, `timedelta`, `timezone`.
//! - `enumeration`, `enumeration_class`, `enumeration_print`: enums and their classes; `enum_sets`, `enum_set_operations`, `enum_set_methods`,
//!   `enum_set_folds`: sets of their members.
//! - `list`, `list_iteration`, `list_methods`, `list_slices`; `dict`, `dict_iteration`, `dict_methods`; `container`: what
//!   they share.
//! - `structs`, `struct_memory`, `struct_arrays`: structs of a host, by their descriptions.
//! - `boxing_scalars`, `boxing_tuples`, `boxing_lists`, `boxing_dicts`, `boxing_enums`, `boxing_times`, `boxing_structs`:
//!   arguments and results of calls with dynamic values.
//! - `fold`, `fold_numbers`: the same operators on values that are known at compile time.
//!
//! ```
//! use cfunc_context::{CompilationContext, Operation, RuleUses};
//! use cfunc_models::{Span, Type};
//! use cfunc_syntax::ast::BinaryOperator;
//!
//! let context = CompilationContext::builder().with(cfunc_builtins::defaults()).build()?;
//! let argument = |ty| cfunc_context::Argument { ty, constant: None, span: Span::default() };
//! let mut types = cfunc_models::TypeTable::layer(context.types());
//! let arguments = [argument(Type::INT64), argument(Type::FLOAT64)];
//! let add = Operation::Binary(BinaryOperator::Add).id();
//! let mut uses = RuleUses::default();
//! let resolution = context.registry().resolve(&mut types, add, &arguments, &[], Span::default(), &mut uses).unwrap();
//! assert_eq!(resolution.signature.result, Type::FLOAT64);
//! # Ok::<(), cfunc_context::RegistrationError>(())
//! ```

#![forbid(unsafe_code)]

mod aggregates;
mod boolean;
mod boxing_dicts;
mod boxing_enums;
mod boxing_lists;
mod boxing_scalars;
mod boxing_structs;
mod boxing_times;
mod boxing_tuples;
mod comparison;
mod constants;
mod container;
mod conversions;
mod defaults;
mod dict;
mod dict_iteration;
mod dict_methods;
mod elements;
mod emit;
mod enum_set_folds;
mod enum_set_methods;
mod enum_set_operations;
mod enum_sets;
mod enumeration;
mod enumeration_class;
mod enumeration_print;
mod exceptions;
mod float;
mod fold;
mod fold_exact;
mod fold_numbers;
mod functions;
mod integer;
mod integer_division;
mod isinstance;
mod iteration;
mod keyed;
mod list;
mod list_iteration;
mod list_methods;
mod list_slices;
mod math;
mod math_errors;
mod math_integers;
mod math_parts;
mod math_sums;
mod optional;
mod power;
mod print;
mod range;
mod range_aggregates;
mod sequences;
mod slice;
mod state;
mod struct_addresses;
mod struct_arrays;
mod struct_memory;
mod struct_print;
mod structs;
mod text;
mod time;
mod time_constructors;
mod time_members;
mod time_runtime;
mod time_zoned;
mod tuple;
mod tuple_comparison;

pub use defaults::{Defaults, defaults, register_all};
pub use structs::RegisterStructs;
