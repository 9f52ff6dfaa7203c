//! Source categories: which parameters the compiled function has, and where its variables live.
//!
//! A category brings parameters into the signature (the built-in ones: outputs, state, lifecycle phase) and makes
//! variables from what the function declares. Categories are ordered; the built-in ones have negative orders.
//!
//! ```
//! use cfunc_sources::{SignatureLayout, builtin_categories};
//!
//! let layout = SignatureLayout::new(builtin_categories()).unwrap();
//! let names: Vec<_> = layout.parameters().iter().map(|parameter| parameter.name.as_str()).collect();
//! assert_eq!(names, ["outputs", "output_ticked", "state", "lifecycle_phase"]);
//! ```

mod builtin;
mod category;
mod layout;
mod marked;
mod variable;

pub use builtin::{CONSTANT_CATEGORY, LIFECYCLE_CATEGORY, OUTPUT_CATEGORY, STATE_CATEGORY, builtin_categories};
pub use category::{KeyedNames, SourceCategory, VariableFactory};
pub use layout::{LayoutError, SignatureLayout};
pub use marked::{HelperParameter, MarkedCall, MarkedFunction, MarkedHelper, RuleFunctionId, RuleHelpers};
pub use variable::{InitFilter, KeyedInputs, KeyedSpan, VariableModel, VariableSource, Variables};
