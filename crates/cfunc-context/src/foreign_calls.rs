//! Calls of functions of a host: what is emitted before, for and after one.

use std::sync::Arc;

use cfunc_ir::{ConvertOperation, IntegerCondition, MemoryClass, Signature as IrSignature, Value};
use cfunc_models::{CellForm, DataModel, Effects, NodeErrorKind, Representation, RuntimeFunction, Type, TypeTable};
use smallvec::SmallVec;

use crate::foreign::{CType, ForeignStatus};
use crate::{LowerContext, LowerError, Operand, Operation, Signature};

/// How a value of one type goes into a C function, or comes out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    /// As the one component that it is.
    Direct(Representation),
    /// As a byte: 0 or 1 in, any but 0 is true out.
    Truth,
    /// An int in fewer bits; one that does not fit is a node error.
    Narrow { bits: Representation, signed: bool },
    /// A narrow component that is unsigned in C.
    Unsigned(Representation),
    /// A float as one of 32 bits.
    Single,
    /// The address of an object, which is not NULL when it comes out.
    Object,
    /// The address of an object that comes out, or NULL.
    Nullable,
    /// The address of a copy.
    Copied,
}

impl Passing {
    /// How values of a type are passed, in a form where one is said; `None` where C does not take them so.
    pub(crate) fn of(types: &TypeTable, ty: Type, form: Option<CType>, is_unsigned: bool) -> Option<Self> {
        use Representation::{F64, I8, I16, I32, I64, I128, Pointer};
        let definition = types.definition(ty);
        let component = match types.components(ty).as_slice() {
            [one] => *one,
            [] => return None,
            _ => return form.is_none().then_some(Self::Copied),
        };
        let narrow = |bits, signed| Some(Self::Narrow { bits, signed });
        let unsigned = |bits: Representation| match bits {
            I8 | I16 => Self::Unsigned(bits),
            wide => Self::Direct(wide),
        };
        Some(match (component, form) {
            (I8, None | Some(CType::Bool | CType::Int8 | CType::UnsignedInt8)) if ty == Type::BOOLEAN => Self::Truth,
            (I64, Some(form)) if ty == Type::INT64 => {
                return match form {
                    CType::Int8 => narrow(I8, true),
                    CType::Int16 => narrow(I16, true),
                    CType::Int32 => narrow(I32, true),
                    CType::UnsignedInt8 => narrow(I8, false),
                    CType::UnsignedInt16 => narrow(I16, false),
                    CType::UnsignedInt32 => narrow(I32, false),
                    CType::Int64 | CType::UnsignedInt64 => Some(Self::Direct(I64)),
                    CType::Float32 | CType::Float64 | CType::Bool | CType::Pointer | CType::Int128 => None,
                };
            }
            (F64, Some(CType::Float32)) => Self::Single,
            (F64, None | Some(CType::Float64))
            | (I8, Some(CType::Int8))
            | (I16, Some(CType::Int16))
            | (I32, Some(CType::Int32 | CType::UnsignedInt32))
            | (I64, None | Some(CType::Int64 | CType::UnsignedInt64))
            | (I128, None | Some(CType::Int128)) => Self::Direct(component),
            (I8, Some(CType::UnsignedInt8)) | (I16, Some(CType::UnsignedInt16)) => unsigned(component),
            (I8 | I16 | I32, None) if is_unsigned => unsigned(component),
            (I8 | I16 | I32, None) => Self::Direct(component),
            (Pointer, None | Some(CType::Pointer)) if is_address(definition.cell, &definition.model, ty) => {
                Self::Object
            }
            _ => return None,
        })
    }

    /// Whether a value has at most 64 bits.
    pub(crate) fn fits_word(self) -> bool {
        !matches!(self, Self::Copied | Self::Direct(Representation::I128))
    }

    /// What an argument is passed as.
    fn argument(self) -> Representation {
        match self {
            Self::Direct(component) => component,
            Self::Truth => Representation::I8,
            // Calls extend narrow integers by their sign; what is unsigned is passed as 32 bits, with zeros.
            Self::Narrow { signed: false, .. } | Self::Unsigned(_) => Representation::I32,
            Self::Narrow { bits, .. } => bits,
            // In the low bits of the register of a double; those above mean nothing.
            Self::Single => Representation::F64,
            Self::Object | Self::Nullable | Self::Copied => Representation::Pointer,
        }
    }

    /// What is returned.
    fn returned(self) -> Representation {
        match self {
            Self::Direct(component) | Self::Unsigned(component) => component,
            Self::Truth => Representation::I8,
            Self::Narrow { bits, .. } => bits,
            Self::Single => Representation::F64,
            Self::Object | Self::Nullable | Self::Copied => Representation::Pointer,
        }
    }
}

/// Whether a type of one pointer is an address that C may be given.
fn is_address(cell: CellForm, model: &DataModel, ty: Type) -> bool {
    *model == DataModel::Scalar(Representation::Pointer) && cell != CellForm::Container && ty != Type::TEXT
}

/// What stands in memory that a pointer leads to; `None` where it is no single value.
pub(crate) fn memory_representation(passing: Passing) -> Option<Representation> {
    match passing {
        Passing::Single => Some(Representation::I32),
        Passing::Copied => None,
        other => Some(other.returned()),
    }
}

/// How a call says that it failed.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    Never,
    Status(Arc<[ForeignStatus]>),
    Outcome(Arc<[ForeignStatus]>),
}

/// A type and how its values come out.
type Coming = (Type, Passing);

/// A function of the host as its calls need it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    symbol: Arc<str>,
    name: Arc<str>,
    /// Of each parameter of the C function how it is passed; `None` for pointers at parts of the result.
    arguments: Vec<Option<Passing>>,
    returned: Option<Coming>,
    outs: Vec<Coming>,
    failure: Failure,
    signature: IrSignature,
    effects: Effects,
}

impl Call {
    pub(crate) fn new(
        symbol: &str,
        name: &str,
        (arguments, returned, outs): (Vec<Option<Passing>>, Option<Coming>, Vec<Coming>),
        effects: Effects,
        failure: Failure,
    ) -> Self {
        let parameters: Vec<Representation> =
            arguments.iter().map(|passing| passing.map_or(Representation::Pointer, Passing::argument)).collect();
        let results: SmallVec<[Representation; 2]> = match &failure {
            Failure::Never => returned.iter().map(|(_, passing)| passing.returned()).collect(),
            Failure::Status(_) => [Representation::I32].into_iter().collect(),
            Failure::Outcome(_) => [Representation::I64; 2].into_iter().collect(),
        };
        // A copy is memory that the call reads, a part of the result one that it writes.
        let effects =
            if arguments.contains(&Some(Passing::Copied)) { effects.and(Effects::ReadsInternal) } else { effects };
        let effects = if outs.is_empty() { effects } else { effects.and(Effects::WritesInternal) };
        let signature = IrSignature::new(&parameters, &results);
        Self { symbol: symbol.into(), name: name.into(), arguments, returned, outs, failure, signature, effects }
    }

    /// What the module declares.
    pub(crate) fn declaration(&self) -> (IrSignature, Effects) {
        (self.signature.clone(), self.effects)
    }

    /// Emits a call.
    pub(crate) fn emit(
        &self,
        b: &mut LowerContext<'_, '_>,
        signature: &Signature,
        operands: &[Operand],
    ) -> Result<Operand, LowerError> {
        let mut given = operands.iter();
        let mut outs = self.outs.iter();
        let mut places = Vec::with_capacity(self.outs.len());
        let mut arguments = SmallVec::<[Value; 8]>::new();
        for passing in &self.arguments {
            arguments.push(match passing {
                Some(passing) => {
                    let operand = given.next().ok_or_else(|| LowerError::new("fewer operands than parameters"))?;
                    self.argument(b, *passing, operand)?
                }
                None => {
                    let (ty, passing) = *outs.next().ok_or_else(|| LowerError::new("fewer results than pointers"))?;
                    let held = memory_representation(passing);
                    let held = held.ok_or_else(|| LowerError::new("a result of several values"))?;
                    let slot = b.create_stack_slot(held.size(), held.size());
                    let address = b.stack_address(slot);
                    // What the function leaves alone is 0.
                    Self::clear(b, address, held);
                    places.push((ty, passing, held, address));
                    address
                }
            });
        }
        let results = b.call_external_values(&self.symbol, self.signature.clone(), self.effects, &arguments);
        let mut values = Vec::with_capacity(1 + places.len());
        match (&self.failure, results.as_slice()) {
            (Failure::Never, results) => {
                if let (Some((ty, passing)), Some(result)) = (self.returned, results.first()) {
                    values.push(self.come_out(b, ty, passing, *result)?);
                }
            }
            (Failure::Status(statuses), [status]) => self.check(b, *status, Representation::I32, statuses),
            (Failure::Outcome(statuses), [status, bits]) => {
                self.check(b, *status, Representation::I64, statuses);
                if let Some((ty, passing)) = self.returned {
                    let result = Self::decoded(b, passing, *bits);
                    values.push(self.come_out(b, ty, passing, result)?);
                }
            }
            (Failure::Status(_) | Failure::Outcome(_), _) => {
                return Err(LowerError::new(format!("`{}` has another number of results", self.symbol)));
            }
        }
        for (ty, passing, held, address) in places {
            let value = b.load(held, address, 0, MemoryClass::Stack);
            let value = match passing {
                Passing::Single => Operand::scalar(ty, widened(b, value)?),
                _ => self.come_out(b, ty, passing, value)?,
            };
            values.push(value);
        }
        match values.as_slice() {
            [] => Ok(Operand::new(signature.result, &[])),
            [one] => Ok(one.clone()),
            several => b.call(Operation::MakeTuple, several),
        }
    }

    fn clear(b: &mut LowerContext<'_, '_>, address: Value, held: Representation) {
        let zero = if held == Representation::I128 {
            let zero = b.int64(0);
            b.convert(ConvertOperation::SignExtend, zero, Representation::I128)
        } else {
            b.zero(held)
        };
        b.store(zero, address, 0, MemoryClass::Stack);
    }

    fn argument(&self, b: &mut LowerContext<'_, '_>, passing: Passing, operand: &Operand) -> Result<Value, LowerError> {
        Ok(match passing {
            Passing::Direct(_) | Passing::Truth | Passing::Object | Passing::Nullable => operand.only_value()?,
            Passing::Narrow { bits, signed } => {
                let value = operand.only_value()?;
                let narrow = b.convert(ConvertOperation::Truncate, value, bits);
                let extend = if signed { ConvertOperation::SignExtend } else { ConvertOperation::ZeroExtend };
                let back = b.convert(extend, narrow, Representation::I64);
                let fits = b.integer_compare(IntegerCondition::Equal, back, value);
                let sign = if signed { "" } else { "without a sign " };
                let message = format!("`{}` takes an integer of {} bits {sign}here", self.name, 8 * bits.size());
                b.guard(fits, NodeErrorKind::OverflowError, &message);
                match (signed, bits) {
                    (true, _) | (_, Representation::I32) => narrow,
                    (false, _) => b.convert(ConvertOperation::ZeroExtend, narrow, Representation::I32),
                }
            }
            Passing::Unsigned(_) => b.convert(ConvertOperation::ZeroExtend, operand.only_value()?, Representation::I32),
            Passing::Single => {
                let bits = b.call_runtime(RuntimeFunction::DoubleToSingle, &[operand.only_value()?]);
                let bits = bits.ok_or_else(|| LowerError::new("a conversion without a result"))?;
                let bits = b.convert(ConvertOperation::ZeroExtend, bits, Representation::I64);
                b.convert(ConvertOperation::Bitcast, bits, Representation::F64)
            }
            Passing::Copied => {
                let types = b.types;
                let (offsets, size) = types.layout(operand.ty);
                let slot = b.create_stack_slot(size, 16);
                let address = b.stack_address(slot);
                for (value, offset) in operand.values.iter().zip(offsets) {
                    let offset = i32::try_from(offset).map_err(|_| LowerError::new("a value too large for a copy"))?;
                    b.store(*value, address, offset, MemoryClass::Stack);
                }
                address
            }
        })
    }

    /// What a node sees of what was returned, or stands behind a pointer.
    fn come_out(
        &self,
        b: &mut LowerContext<'_, '_>,
        ty: Type,
        passing: Passing,
        value: Value,
    ) -> Result<Operand, LowerError> {
        let value = match passing {
            Passing::Direct(_) | Passing::Unsigned(_) | Passing::Nullable => value,
            Passing::Truth => b.integer_compare_constant(IntegerCondition::NotEqual, value, 0),
            Passing::Narrow { signed, .. } => {
                let extend = if signed { ConvertOperation::SignExtend } else { ConvertOperation::ZeroExtend };
                b.convert(extend, value, Representation::I64)
            }
            Passing::Single => {
                let bits = b.convert(ConvertOperation::Bitcast, value, Representation::I64);
                let bits = b.convert(ConvertOperation::Truncate, bits, Representation::I32);
                widened(b, bits)?
            }
            Passing::Object => {
                let present = b.integer_compare_constant(IntegerCondition::NotEqual, value, 0);
                let message = format!("`{}` gave no {}", self.name, b.types.name(ty));
                b.guard(present, NodeErrorKind::ValueError, &message);
                value
            }
            Passing::Copied => return Err(LowerError::new("a value of several components is not returned")),
        };
        Ok(Operand::scalar(ty, value))
    }

    /// What the bits of an outcome would have been, had they been returned.
    fn decoded(b: &mut LowerContext<'_, '_>, passing: Passing, bits: Value) -> Value {
        match passing.returned() {
            Representation::F64 => b.convert(ConvertOperation::Bitcast, bits, Representation::F64),
            Representation::Pointer => {
                let null = b.zero(Representation::Pointer);
                b.pointer_add(null, bits)
            }
            Representation::I64 | Representation::I128 => bits,
            narrow => b.convert(ConvertOperation::Truncate, bits, narrow),
        }
    }

    /// Goes on where a status is 0, else fails with what it stands for.
    fn check(&self, b: &mut LowerContext<'_, '_>, status: Value, held: Representation, statuses: &[ForeignStatus]) {
        let succeeded = b.integer_compare_constant(IntegerCondition::Equal, status, 0);
        let (proceed, mut failed) = (b.create_block(), b.create_cold_block());
        b.branch(succeeded, proceed, failed);
        for known in statuses {
            b.switch_to(failed);
            failed = b.create_cold_block();
            let this = b.create_cold_block();
            let code = b.integer_constant(held, i64::from(known.code));
            let is_this = b.integer_compare(IntegerCondition::Equal, status, code);
            b.branch(is_this, this, failed);
            b.switch_to(this);
            b.fail_with_left_message(known.kind, &known.message);
        }
        b.switch_to(failed);
        b.fail_with_left_message(NodeErrorKind::ForeignError, &format!("`{}` failed", self.name));
        b.switch_to(proceed);
    }
}

fn widened(b: &mut LowerContext<'_, '_>, bits: Value) -> Result<Value, LowerError> {
    let value = b.call_runtime(RuntimeFunction::SingleToDouble, &[bits]);
    value.ok_or_else(|| LowerError::new("a conversion without a result"))
}

impl LowerContext<'_, '_> {
    /// Fails here as [`LowerContext::fail`] does, after a function of the host failed: what it left with
    /// `cfunc_error_message_set` is the message, else the given one.
    pub fn fail_with_left_message(&mut self, kind: NodeErrorKind, message: &str) {
        let (error, site) = self.error_edge(kind, message);
        let unit = self.builder.module().unit_descriptor();
        let unit = self.builder.data_address(unit, 0);
        self.builder.call_runtime(RuntimeFunction::ErrorMessageKeep, &[unit, site]);
        self.builder.jump(error, &[site]);
    }

    /// Calls an external function; its result, where it has one. That the function is used here is known to the diagnostic
    /// where the host does not give it.
    pub fn call_external(
        &mut self,
        symbol: &str,
        signature: IrSignature,
        effects: Effects,
        arguments: &[Value],
    ) -> Option<Value> {
        self.call_external_values(symbol, signature, effects, arguments).first().copied()
    }

    /// As [`LowerContext::call_external`], of all results.
    pub fn call_external_values(
        &mut self,
        symbol: &str,
        signature: IrSignature,
        effects: Effects,
        arguments: &[Value],
    ) -> SmallVec<[Value; 2]> {
        self.uses.note_symbol(symbol, false, self.span);
        self.builder.call_external_values(symbol, signature, effects, arguments)
    }

    pub(crate) fn note_object(&mut self, name: &str) {
        self.uses.note_symbol(name, true, self.span);
    }
}
