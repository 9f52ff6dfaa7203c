//! The C ABI of compiled nodes (docs/abi.md).

use crate::{CellForm, Representation};

/// The phase a node is called for; the value of the `lifecycle_phase` parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i8)]
pub enum LifecyclePhase {
    /// One tick.
    Execute = 0,
    /// Once before the first tick.
    Start = 1,
    /// Once after the last tick.
    Stop = 2,
}

/// Choices of the ABI that a host makes once; they enter the semantic key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AbiConfig {
    /// What native names begin with.
    pub symbol_prefix: String,
    /// Width of an enum cell in bits: 8, 16, 32 or 64.
    pub enum_width: u32,
    /// Width of an enumset cell in bits: a multiple of 8, up to 128.
    pub enumset_width: u32,
}

impl Default for AbiConfig {
    fn default() -> Self {
        Self { symbol_prefix: "_gc_numba_".to_owned(), enum_width: 16, enumset_width: 128 }
    }
}

impl AbiConfig {
    /// How enums are held; `None` where their width is none of those that there are.
    pub const fn enum_representation(&self) -> Option<Representation> {
        match self.enum_width {
            8 => Some(Representation::I8),
            16 => Some(Representation::I16),
            32 => Some(Representation::I32),
            64 => Some(Representation::I64),
            _ => None,
        }
    }

    /// How sets of enums are held while a function runs, and in a cell, which has exactly their width; `None` where that
    /// is none of those that there are.
    pub const fn enumset_forms(&self) -> Option<(Representation, CellForm)> {
        if self.enumset_width == 0 || self.enumset_width > 128 || !self.enumset_width.is_multiple_of(8) {
            return None;
        }
        let representation = match self.enumset_width {
            1..=8 => Representation::I8,
            9..=16 => Representation::I16,
            17..=32 => Representation::I32,
            33..=64 => Representation::I64,
            _ => Representation::I128,
        };
        let bytes = self.enumset_width / 8;
        Some(if bytes == representation.size() {
            (representation, CellForm::Scalar)
        } else {
            (representation, CellForm::Packed(bytes as u8))
        })
    }
}

/// A parameter of the compiled function, by its position in the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AbiParameterId(pub u32);

/// What a host passes in a parameter, so that node instances can supply it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AbiRole {
    /// An array of pointers to output cells.
    Outputs,
    /// An array of one byte an output, set to 1 where it is written.
    OutputTicked,
    /// An array of pointers to state cells, or containers.
    State,
    /// The lifecycle phase.
    Phase,
    /// An array of pointers to the cells of the category's variables.
    Cells,
    /// An array of one byte a variable of the category: whether it ticked for this call.
    Ticked,
    /// An array of one byte a variable of the category: whether it ever ticked.
    Valid,
    /// Something that the host supplies by name.
    Custom,
}

/// One parameter that a source category brings into the signature.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AbiParameter {
    /// Its name in the generated function: `outputs`, `state`, `inputs`.
    pub name: String,
    /// How it is passed; pointers and integers.
    pub representation: Representation,
    /// What the host passes in it.
    pub role: AbiRole,
    /// What it points at, for arrays that source code may read by name (`input_ticked[0]`): the element's
    /// representation. `None` where source code cannot name it.
    pub element: Option<Representation>,
}
