//! Variables that live outside of a function's own locals.

use std::collections::HashMap;
use std::sync::Arc;

use cfunc_models::{AbiParameterId, Type, Value, VariableId};

/// Where a variable lives.
#[derive(Clone, Debug, PartialEq)]
pub enum VariableSource {
    /// The cell that `parameter[index]` points at; read, never written.
    Input {
        /// The array of pointers.
        parameter: AbiParameterId,
        /// The position in it.
        index: u32,
    },
    /// The cell that `parameter[index]` points at; read and written.
    State {
        /// The array of pointers.
        parameter: AbiParameterId,
        /// The position in it.
        index: u32,
    },
    /// The cell that `parameter[index]` points at; written, and `ticked[index]` set to 1 with each write.
    Output {
        /// The array of pointers.
        parameter: AbiParameterId,
        /// The array of flags.
        ticked: AbiParameterId,
        /// The position in both.
        index: u32,
    },
    /// A value known at compile time.
    Constant(Value),
}

/// In which phases a variable may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InitFilter {
    /// In every phase: states, constants.
    Always,
    /// In EXECUTE alone: inputs, outputs.
    OnExecute,
    /// In none: what a category declares for its metadata alone.
    Never,
}

/// A variable that a category made.
#[derive(Clone, Debug, PartialEq)]
pub struct VariableModel {
    /// Its name in the source.
    pub name: Arc<str>,
    /// The type of its value.
    pub ty: Type,
    /// The id of the category that made it.
    pub category: Arc<str>,
    /// Where it lives.
    pub source: VariableSource,
    /// In which phases it may be used.
    pub init_filter: InitFilter,
}

/// All variables of one function.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variables {
    list: Vec<VariableModel>,
    by_name: HashMap<Arc<str>, VariableId>,
}

impl Variables {
    /// Adds a variable. Outputs are not found by name: a local may have an output's name.
    pub fn add(&mut self, variable: VariableModel) -> VariableId {
        let id = VariableId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        if !matches!(variable.source, VariableSource::Output { .. }) {
            self.by_name.insert(Arc::clone(&variable.name), id);
        }
        self.list.push(variable);
        id
    }

    /// The input, state or constant of a name.
    pub fn lookup(&self, name: &str) -> Option<VariableId> {
        self.by_name.get(name).copied()
    }

    /// The data of a variable.
    ///
    /// # Panics
    ///
    /// When the id is of another function with more variables.
    pub fn get(&self, id: VariableId) -> &VariableModel {
        &self.list[id.0 as usize]
    }

    /// Gives the constants without a type the one that a function says of their values: of the module's own names, whose
    /// values are known before their types are.
    pub fn type_constants(&mut self, mut type_of: impl FnMut(&Value) -> Option<Type>) {
        for variable in self.list.iter_mut().filter(|variable| variable.ty == Type::OBJECT) {
            if let VariableSource::Constant(value) = &variable.source
                && let Some(ty) = type_of(value)
            {
                variable.ty = ty;
            }
        }
    }

    /// All variables with their ids, in the order they were made.
    pub fn iter(&self) -> impl Iterator<Item = (VariableId, &VariableModel)> {
        self.list
            .iter()
            .enumerate()
            .map(|(index, variable)| (VariableId(u32::try_from(index).unwrap_or(u32::MAX)), variable))
    }

    /// The variable of the output at a position.
    pub fn output(&self, position: u32) -> Option<VariableId> {
        self.iter()
            .find(|(_, variable)| matches!(variable.source, VariableSource::Output { index, .. } if index == position))
            .map(|(id, _)| id)
    }
}
