//! From the annotations of a Python function to its [`cfunc_models::FunctionModel`].
//!
//! [`analyze`] reads parameters, states and the return annotation through the handlers of a context, and binds
//! constants. It knows no type and no kind of input by itself: an annotation is what an input handler makes of it, or
//! a registered type, which makes the parameter a constant. All errors that can be found are found in one run. [`lint`]
//! warns of what is right and hardly meant.
//!
//! Decided here:
//! - A function without parameters is a node if it has outputs: it lives from its states.
//! - The default of a constant parameter is its value where none is bound. What a default of an input means is for its
//!   handler to say; none is needed.
//! - States are declared at any depth of the body; the place of a declaration has no effect at run time.
//! - A state may have the name of an output: outputs are named by texts alone.
//!
//! ```
//! use cfunc_analyzer::{analyze, is_node};
//! use cfunc_context::{CompilationContext, ModuleScope};
//! use cfunc_syntax::{Limits, parse, pick};
//!
//! let context = CompilationContext::builder().build().unwrap();
//! let module = parse("@node\ndef f(x: Signall[int]):\n    return x\n", &Limits::default()).module;
//! let (scope, function) = (ModuleScope::new(&context, &module), pick(&module, None).unwrap());
//! assert!(is_node(&scope, function));
//! let mut types = cfunc_models::TypeTable::layer(context.types());
//! let (_, wrong) = analyze(&scope, &mut types, function, &Default::default());
//! let messages: Vec<_> = wrong.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
//! assert_eq!(messages, ["`f` has no return annotation", "the annotation of the parameter `x` uses the unknown name `Signall`"]);
//! ```

mod analyze;
mod constants;
mod decorators;
mod lint;
mod node;
mod parameters;
mod returns;
mod states;
#[cfg(test)]
mod tests;
mod unknown;
mod unreachable;
mod unused;

pub use analyze::analyze;
pub use decorators::misspelled_decorator;
pub use lint::{lint, lint_plain};
pub use node::is_node;
