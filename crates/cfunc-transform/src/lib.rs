//! From the syntax tree of a function to the marked one that inference reads.
//!
//! [`transform`] binds every name, turns `return` and what handlers rewrite into intrinsics, and refuses constructs
//! that nodes do not have. It knows declared types only, and no operator or type by itself.
//!
//! What stands in the result:
//! - A name is bound to a local where the function assigns it (unless it is a state), else to an input, state or
//!   constant, else to a global. An input or constant that is assigned becomes a local that shadows it.
//! - A dotted name of a global is one name: `m.sqrt` after `import math as m` is `math.sqrt`.
//! - Declarations of states, the docstring, `global`, and constants as statements are gone; a block that this empties
//!   holds `pass`.
//! - A constant of the module is its value; a function of the module is a helper, transformed with the node once it
//!   is named.
//! - `return` in front of a `finally` returns the stores of its outputs, which happen when it leaves the function.
//! - After an error there is None in place of what is wrong, so that all errors come out in one run; after a hundred
//!   diagnostics with an error among them the rest is left out.
//!
//! Handlers of a kind of nodes are asked before and after the transformer goes on by itself, once for each such node of
//! the source; those of other kinds cost nothing. In what a handler answers, unbound names are bound, but no handler is
//! asked again: parts of the source that it passes on go through [`cfunc_context::TransformApi::transform`]. Statements
//! that an expression needs stand in a sequence in its place, so that they run where and as often as it is evaluated.
//!
//! ```
//! use cfunc_context::{CompilationContext, ModuleScope};
//! use cfunc_models::FunctionModel;
//! use cfunc_syntax::{Limits, parse, pick, print_statements};
//!
//! let context = CompilationContext::builder().build().unwrap();
//! let module = parse("def f():\n    'docs'\n    [a, b] = 1, 2\n    c: int = a + b\n", &Limits::default()).module;
//! let (scope, definition) = (ModuleScope::new(&context, &module), pick(&module, None).unwrap());
//! let (name, span) = (definition.name.clone(), definition.name_span);
//! let (parameters, outputs, states) = (vec![], vec![], vec![]);
//! let function = FunctionModel { name, span, parameters, outputs, named_outputs: false, annotated: Vec::new(), states, reported: Default::default() };
//! let (marked, diagnostics) = cfunc_transform::transform(&scope, scope.types(), definition, function);
//! assert!(diagnostics.is_empty());
//! assert_eq!(print_statements(&marked.body), "a, b = 1, 2\nc = a + b\n");
//! ```

mod aliases;
mod api;
mod arrays;
mod exceptions;
mod expressions;
mod folding;
mod handlers;
mod helpers;
mod keyed;
mod names;
mod outputs;
mod statements;
#[cfg(test)]
mod tests;
mod transformer;
mod unsupported;

pub use helpers::transform_call;
pub use transformer::transform;
