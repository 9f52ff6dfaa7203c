//! The examples of the documents, compiled and run as tests.

/// The README's example, compiled and run as a test.
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The examples of calls with dynamic values, compiled and run as tests.
#[doc = include_str!("../../../docs/calling.md")]
struct Calling;

/// The examples of the low-level extension API, compiled and run as tests.
#[doc = include_str!("../../../docs/low-level-extension.md")]
struct LowLevelExtension;

/// The examples of the registration API, compiled and run as tests.
#[doc = include_str!("../../../docs/extending.md")]
struct Extending;

/// The example of modules of LLVM, compiled as a test.
#[cfg(feature = "llvm")]
#[doc = include_str!("../../../docs/llvm.md")]
struct Llvm;
