//! Variables that live outside of a function's own locals.

use std::sync::Arc;

use cfunc_models::{AbiParameterId, Type, Value, VariableId};
use cfunc_syntax::ast::Expression;
use foldhash::HashMap;

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
    /// The address in `parameter[index]` itself, as a value of the variable's type, which is one pointer: what is there is
    /// not read.
    Pointer {
        /// The array of pointers.
        parameter: AbiParameterId,
        /// The position in it.
        index: u32,
    },
    /// Inputs under keys, variables of their own; the container itself has no value.
    Keyed(KeyedInputs),
    /// What an expression gives, evaluated wherever the name is read.
    Expression(Box<Expression>),
    /// A value known at compile time.
    Constant(Value),
}

/// Inputs that are read by position or by key.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyedInputs {
    /// The texts that they are read by, in order; empty where positions alone are.
    pub keys: Vec<Arc<str>>,
    /// The inputs, in order.
    pub children: Vec<VariableId>,
}

impl KeyedInputs {
    /// The input of a key that is known: a text, or a position, which counts from the end where it is negative.
    pub fn child(&self, key: &Value) -> Option<VariableId> {
        let position = match key {
            Value::Text(text) => self.keys.iter().position(|key| **key == **text)?,
            Value::Integer(index) => {
                let length = i64::try_from(self.children.len()).unwrap_or(i64::MAX);
                usize::try_from(if *index < 0 { index.checked_add(length)? } else { *index }).ok()?
            }
            _ => return None,
        };
        self.children.get(position).copied()
    }
}

/// Where the inputs of a container lie, for reads at an index that is known at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyedSpan {
    /// The array of pointers.
    pub parameter: AbiParameterId,
    /// The position of the first.
    pub first: u32,
    /// How many there are.
    pub length: u32,
    /// The type of each.
    pub ty: Type,
}

impl VariableSource {
    /// The parameter of the signature that it is reached through.
    pub const fn parameter(&self) -> Option<AbiParameterId> {
        match self {
            Self::Input { parameter, .. }
            | Self::State { parameter, .. }
            | Self::Output { parameter, .. }
            | Self::Pointer { parameter, .. } => Some(*parameter),
            Self::Keyed(_) | Self::Expression(_) | Self::Constant(_) => None,
        }
    }
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
    clashes: Vec<(Arc<str>, VariableId, VariableId)>,
}

impl Variables {
    /// Adds a variable. Outputs are not found by name: a local may have an output's name.
    pub fn add(&mut self, variable: VariableModel) -> VariableId {
        let is_named = !matches!(variable.source, VariableSource::Output { .. });
        let name = Arc::clone(&variable.name);
        let id = self.add_unnamed(variable);
        if is_named {
            self.alias(name, id);
        }
        id
    }

    /// Adds a variable that no name of the source finds.
    pub fn add_unnamed(&mut self, variable: VariableModel) -> VariableId {
        let id = VariableId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(variable);
        id
    }

    /// Makes a variable known under one more name.
    pub fn alias(&mut self, name: Arc<str>, variable: VariableId) {
        if let Some(hidden) = self.by_name.insert(Arc::clone(&name), variable)
            && hidden != variable
        {
            self.clashes.push((name, hidden, variable));
        }
    }

    /// Names that two variables were given: the name, the variable that it hides now, and the one that it finds.
    pub fn clashes(&self) -> &[(Arc<str>, VariableId, VariableId)] {
        &self.clashes
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The input, state or constant of a name.
    pub fn lookup(&self, name: &str) -> Option<VariableId> {
        self.by_name.get(name).copied()
    }

    /// The names that variables are found by, in no order.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.by_name.keys()
    }

    /// The data of a variable.
    ///
    /// # Panics
    ///
    /// When the id is of another function with more variables.
    pub fn get(&self, id: VariableId) -> &VariableModel {
        &self.list[id.0 as usize]
    }

    /// Where the inputs of a container lie, if they are of one type and side by side in one array.
    pub fn keyed_span(&self, container: VariableId) -> Option<KeyedSpan> {
        let VariableSource::Keyed(keyed) = &self.get(container).source else { return None };
        let place = |child: &VariableId| {
            let model = self.get(*child);
            match model.source {
                VariableSource::Input { parameter, index } => Some((parameter, index, model.ty)),
                _ => None,
            }
        };
        let (parameter, first, ty) = place(keyed.children.first()?)?;
        let length = u32::try_from(keyed.children.len()).ok()?;
        let is_in_row = |(offset, child): (u32, &VariableId)| {
            first.checked_add(offset).is_some_and(|index| place(child) == Some((parameter, index, ty)))
        };
        let in_a_row = (0u32..).zip(&keyed.children).all(is_in_row);
        in_a_row.then_some(KeyedSpan { parameter, first, length, ty })
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
