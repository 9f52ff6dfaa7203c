//! Python syntax for the cfunc compiler: limits, parsing, validation, syntax tree, printing.
//!
//! The one crate that names the parser. [`parse`] reads a source text within [`Limits`] and gives the statements that
//! are right together with a diagnostic for each thing that is wrong; [`pick`] finds the function that is meant;
//! [`builders`] make new nodes, [`visit`] reads them, and the printer writes any tree as Python text.
//!
//! ```
//! use cfunc_syntax::{Limits, parse, pick, print_function};
//!
//! let outcome = parse("def double(x: int) -> int:\n    return (x) * 2  # twice\n", &Limits::default());
//! assert!(outcome.diagnostics.is_empty());
//! let function = pick(&outcome.module, None).expect("there is one function");
//! assert_eq!(print_function(function), "def double(x: int) -> int:\n    return x * 2\n");
//! ```

mod assigned;
pub mod ast;
pub mod builders;
mod convert;
mod convert_pattern;
mod identifiers;
mod limits;
mod mentioned;
mod messages;
mod messages_lexical;
mod nesting;
mod parse;
mod pick;
mod printer;
mod scan;
mod settle;
mod suggest;
mod validate;
mod validate_names;
pub mod visit;
pub mod visit_mut;
mod walks;

pub use convert::integer_range;
pub use limits::Limits;
pub use nesting::{dismantle, dismantle_statement, is_too_deep};
pub use parse::{ParseOutcome, parse, parse_expression};
pub use pick::{functions, pick};
pub use printer::{print_expression, print_function, print_module, print_statements, print_statements_to};
pub use suggest::{closest, is_python_builtin};
pub use validate::validate;
