//! The C runtime of the cfunc compiler, linked in, with safe wrappers.
//!
//! - [`address`] gives backends the address of a [`RuntimeFunction`](cfunc_models::RuntimeFunction); [`invoke`] and
//!   [`call_pure`] call one by its number, as the IR interpreter does.
//!   [`internal_address`] has functions behind them, for backends that inline functions of the runtime.
//! - [`take_error`], [`error_pending`] and [`clear_error`] are the error record of the calling thread;
//!   [`set_error_message`] is for functions of the host that fail.
//! - [`CallSettings`] are what a host wants of its calls: a flag and a deadline that interrupt them, where print goes.
//! - [`SavedThreadState`] keeps the per-thread state of nested calls apart.
//!
//! The C sources lie in `runtime-c` beside this crate; the header there describes everything in full.
//!
//! ```
//! use cfunc_models::RuntimeFunction;
//!
//! let power = cfunc_runtime::call_pure(RuntimeFunction::IntegerPower, &[3, 4]);
//! assert_eq!(power, Some(81));
//! assert_eq!(cfunc_runtime::take_error(), None);
//! ```

mod error;
mod internal;
mod memory;
mod settings;
mod symbols;
mod thread_state;

pub use error::{NodeError, abi_version, clear_error, error_pending, raise_error, set_error_message, take_error};
pub use internal::internal_address;
pub use memory::{Allocator, MemoryAccount, MemoryCounters};
pub use settings::{CallSettings, PrintHook};
pub use symbols::{address, call_pure, invoke};
pub use thread_state::SavedThreadState;
