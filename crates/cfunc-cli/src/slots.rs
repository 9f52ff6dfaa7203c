//! Inputs and outputs of an instance by typed handles, checked once instead of per row.

use cfunc_compiler::{AccessError, CompilationResult, InputHandle, NodeInstance, OutputHandle, Value};

use crate::cell::CellKind;
use crate::members::{Members, written_set};

/// An input that a column feeds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InputSlot {
    Boolean(InputHandle<bool>),
    Float(InputHandle<f64>),
    /// Integers, and times in nanoseconds.
    Integer(InputHandle<i64>),
    /// An input of another type, by its position.
    Other(usize),
}

impl InputSlot {
    /// The input of a name, which holds what the kind of column says.
    pub(crate) fn new(instance: &NodeInstance, name: &str, kind: &CellKind) -> Result<Self, AccessError> {
        Ok(match kind {
            CellKind::Boolean => Self::Boolean(instance.input(name)?),
            CellKind::Float => Self::Float(instance.input(name)?),
            CellKind::Integer | CellKind::Datetime | CellKind::Timedelta => Self::Integer(instance.input(name)?),
            CellKind::Member(_) | CellKind::Set(_) => {
                let no_input = || AccessError::NoSuchInput(name.to_owned());
                Self::Other(instance.input_index(name).ok_or_else(no_input)?)
            }
        })
    }

    /// Writes a cell, which has ticked and is valid then.
    #[inline]
    pub(crate) fn set(self, instance: &mut NodeInstance, value: &Value) {
        match (self, value) {
            (Self::Float(handle), Value::Float(value)) => instance.set(handle, *value),
            (Self::Integer(handle), Value::Integer(value) | Value::Datetime(value) | Value::Timedelta(value)) => {
                instance.set(handle, *value);
            }
            (Self::Boolean(handle), Value::Boolean(value)) => instance.set(handle, *value),
            (Self::Other(index), value) => {
                if let Err(error) = instance.set_value(index, value) {
                    unreachable!("a column gave what the input does not take: {error}");
                }
            }
            (slot, value) => unreachable!("a column for {slot:?} gave {value}"),
        }
    }
}

/// An output that becomes a column.
#[derive(Clone, Debug)]
pub(crate) enum OutputSlot {
    Boolean(OutputHandle<bool>),
    Float(OutputHandle<f64>),
    Integer(OutputHandle<i64>),
    Datetime(OutputHandle<i64>),
    Timedelta(OutputHandle<i64>),
    /// A member of an enum, by the output's position.
    Member(usize, Members),
    /// A set of such.
    Set(usize),
    /// An output of another type, by its position.
    Other(usize),
}

impl OutputSlot {
    /// Every output of a node, in order.
    pub(crate) fn all(result: &CompilationResult, instance: &NodeInstance) -> Result<Vec<Self>, AccessError> {
        let types = result.types();
        let slot = |(index, ty): (usize, &_)| {
            Ok(match CellKind::of(types, *ty) {
                Some(CellKind::Boolean) => Self::Boolean(instance.output(index)?),
                Some(CellKind::Float) => Self::Float(instance.output(index)?),
                Some(CellKind::Integer) => Self::Integer(instance.output(index)?),
                Some(CellKind::Datetime) => Self::Datetime(instance.output(index)?),
                Some(CellKind::Timedelta) => Self::Timedelta(instance.output(index)?),
                Some(CellKind::Member(members)) => Self::Member(index, members),
                Some(CellKind::Set(_)) => Self::Set(index),
                None => Self::Other(index),
            })
        };
        result.output_types().iter().enumerate().map(slot).collect()
    }

    /// The value, where the output ticked.
    #[inline]
    pub(crate) fn get(&self, instance: &NodeInstance) -> Option<Value> {
        match self {
            Self::Boolean(handle) => instance.ticked(*handle).map(Value::Boolean),
            Self::Float(handle) => instance.ticked(*handle).map(Value::Float),
            Self::Integer(handle) => instance.ticked(*handle).map(Value::Integer),
            Self::Datetime(handle) => instance.ticked(*handle).map(Value::Datetime),
            Self::Timedelta(handle) => instance.ticked(*handle).map(Value::Timedelta),
            Self::Member(index, members) => instance.output_value(*index).map(|value| members.written(value)),
            Self::Set(index) => match instance.output_value(*index)? {
                Value::List(members) => Some(written_set(&members)),
                other => Some(other),
            },
            Self::Other(index) => instance.output_value(*index),
        }
    }
}
