//! Data of the cfunc compiler: types and layouts, dynamic values, function models, the ABI, options,
//! diagnostics, and the tables of node errors and runtime functions.
//!
//! This crate holds data only. It knows no syntax tree, no IR and no backend; every other crate may use it.
//!
//! ```
//! use cfunc_models::{Representation, Type, TypeTable};
//!
//! let types = TypeTable::new();
//! assert_eq!(types.name(Type::FLOAT64), "float");
//! assert_eq!(types.components(Type::FLOAT64).as_slice(), [Representation::F64]);
//! ```

mod abi;
mod diagnostic;
mod diagnostic_codes;
mod enum_sets;
mod error_kind;
mod function;
mod host_value;
mod line_index;
mod memory_layout;
mod metadata;
mod nesting;
mod options;
mod runtime_functions;
mod span;
mod struct_description;
mod struct_types;
mod types;
mod unit_descriptor;
mod value;

pub use abi::{AbiConfig, AbiParameter, AbiParameterId, AbiRole, LifecyclePhase};
pub use diagnostic::{Diagnostic, DiagnosticNote, Diagnostics, Severity};
pub use diagnostic_codes::{DIAGNOSTIC_CODES, DiagnosticCode, codes, diagnostic_page};
pub use error_kind::{ErrorSite, NodeErrorKind, SiteId};
pub use function::{
    FunctionModel, InputModel, LocalModel, OutputModel, ParameterModel, ReportedDeclarations, StateModel, VariableId,
};
pub use host_value::{HostObject, HostValue};
pub use line_index::{LineColumn, LineIndex};
pub use memory_layout::{ArrayLayout, FieldForm, MemoryLayout, MemoryPart, StructField, StructLayout};
pub use metadata::{MetadataMap, MetadataValue};
pub use nesting::{MAXIMUM_NESTING, TOO_DEEP};
pub use options::{CompilationOptions, ErrorModel, MissingKey, OptimizationLevel, PassLevel, TargetCpu};
pub use runtime_functions::{Effects, FunctionDescription, RuntimeFunction};
pub use span::{Span, Spanned};
pub use struct_description::{DescribedStruct, FieldDescription, FieldType, StructDescription, StructReference};
pub use struct_types::Kept;
pub use types::{
    CellForm, DataModel, Field, Representation, Type, TypeClass, TypeConstructor, TypeDefinition, TypeTable,
};
pub use unit_descriptor::UnitDescriptor;
pub use value::{Value, ValueKind};
