//! Signals: the first-party extension for hosts that stream values.
//!
//! Written against the public API of the facade alone, as any other extension is. It brings:
//! - inputs `x: Signal[T]`, with the ABI's parameters `inputs`, `input_ticked` and `input_valid`;
//! - outputs `-> Signal[T]`, and named ones `-> Annotated[Outputs, {"hi": float, "lo": float}]`;
//! - `x.ticked()` and `x.valid()` of an input: whether it ticked for this call, and whether it ever did;
//! - `set_output("hi", value)`, which writes a named output without ending the tick;
//! - the metadata `ordered_input_signals` and `input_types`, in slot order.
//!
//! ```
//! let context = cfunc_compiler::CompilationContext::builder().with(cfunc_signals::extension()).build().unwrap();
//! let names: Vec<_> = context.layout().parameters().iter().map(|parameter| parameter.name.as_str()).collect();
//! assert_eq!(names[4..], ["inputs", "input_ticked", "input_valid"]);
//! ```

mod annotations;
mod category;
mod extension;
mod flags;
mod outputs;
#[cfg(test)]
mod tests;

pub use extension::{Signals, extension};
