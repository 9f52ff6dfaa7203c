//! Registering opaque types and functions of a host.

use std::borrow::Cow;
use std::sync::Arc;

use cfunc_ir::{IntegerCondition, Relocation, RelocationTarget, Signature as IrSignature};
use cfunc_models::{CellForm, DataModel, Effects, Representation, RuntimeFunction, Type, TypeConstructor, Value};
use cfunc_syntax::ast::CompareOperator;
use indexmap::IndexMap;

use crate::foreign::{ForeignFailure, ForeignFunction, ForeignType, TypeReference};
use crate::foreign_calls::{Call, Failure, Passing, memory_representation};
use crate::{
    Argument, BoxError, CallableId, CallableParameter, LowerError, NativeValue, Operand, Operation, Registrar,
    RegistrationError, Registry, RuleUses, TypeSpec, ValueSpec,
};

/// A function of the host, as every call of its symbol sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForeignSymbol {
    signature: IrSignature,
    effects: Effects,
    /// Where it is, where that was said when it was registered.
    pub(crate) address: Option<usize>,
}

/// The functions of hosts by symbol.
pub(crate) type ForeignSymbols = IndexMap<String, ForeignSymbol>;

impl Registrar<'_> {
    /// Defines a type of which nodes know nothing but its name: objects of the host, which nodes hand to functions of the
    /// host. A slot is the object: `inputs[i]` is its address, which the host sets with
    /// `NodeInstance::set_pointer`. A constant parameter of the type takes [`Value::object`], an object by a
    /// name, whose address the host registers with the compilation's symbols. `is` compares addresses.
    ///
    /// # Errors
    ///
    /// Where a type of that name exists.
    pub fn opaque_type(&mut self, name: &str) -> Result<Type, RegistrationError> {
        let ty = self.define_type(name, DataModel::Scalar(Representation::Pointer), CellForm::Object)?;
        let family = self.types.definition(ty).constructor;
        self.type_of_value(ValueSpec::kind(name), move |_types, value, _role| value.object_name().map(|_| ty));
        let name: Arc<str> = name.into();
        self.convert_value(family, move |value| match value {
            Value::Record(kind, _) if **kind == *name && value.object_name().is_some() => Some(value.clone()),
            _ => None,
        });
        self.lower_constant(family, |b, ty, value| {
            let name = value.object_name().ok_or_else(|| LowerError::new(format!("{value} is no object")))?;
            if name.is_empty() || name.contains('\0') {
                return Err(LowerError::new(format!("an object of the host has no name such as {name:?}")));
            }
            b.note_object(name);
            // The address of the object stands in static data, so that code is the same wherever the object is.
            let target = RelocationTarget::Object(name.to_owned());
            let place = b.static_data(8, vec![0; 8], vec![Relocation { offset: 0, target, addend: 0 }]);
            let object = b.load(Representation::Pointer, place, 0, cfunc_ir::MemoryClass::Constant);
            Ok(Operand::scalar(ty, object))
        });
        self.unbox_value(TypeSpec::Exact(ty), |context, ty, value| {
            let name = context.types().name(ty);
            let Some(object) = value.object_name().filter(|_| value.kind() == name) else {
                return NativeValue::error(format!(
                    "an object of type {name} expected, not a value of kind {}",
                    value.kind()
                ));
            };
            match context.object(object) {
                Some(address) => NativeValue::scalar(address),
                None => NativeValue::error(format!("no object of the host is known by the name `{object}`")),
            }
        });
        self.box_value(TypeSpec::Exact(ty), |context, cells| match context.object_at(cells.word()) {
            Some(object) => Ok(Value::object(context.types().name(cells.ty()), object)),
            None if cells.word().bits() == 0 => Ok(Value::None),
            None => Err(BoxError::new("an object of the host that no name is known of")),
        });
        self.builtin(Operation::Compare(CompareOperator::Is), &[ty; 2], Type::BOOLEAN, |b, signature, operands| {
            let same = b.integer_compare(IntegerCondition::Equal, operands[0].value(), operands[1].value());
            Ok(Operand::scalar(signature.result, same))
        });
        Ok(ty)
    }

    /// Says that integers of a family are unsigned in C where they are narrower than 64 bits: those of sets of flags.
    pub fn unsigned_in_c(&mut self, constructor: TypeConstructor) {
        self.registry.unsigned_families.insert(constructor);
    }

    /// Makes a function of the host known to nodes, under its (dotted) name. One name may be registered for several
    /// parameter types, with a symbol each.
    ///
    /// # Errors
    ///
    /// Where it names types that are not registered, its types have no form in C, it changes what a parameter leads to and
    /// its effects say that it writes nothing, or its symbol is registered with other types or effects.
    pub fn foreign_function(&mut self, function: ForeignFunction) -> Result<(), RegistrationError> {
        let symbol = function.symbol.clone().unwrap_or_else(|| {
            let last = function.name.rsplit('.').next().unwrap_or(&function.name);
            Cow::Owned(last.to_owned())
        });
        let callable = self.function(&function.name);
        self.add_foreign(callable, function, &symbol)
    }

    /// Makes functions of the host the methods of a type: `book.price()` calls the symbol `price_book` for the suffix
    /// `book`, unless a function says another symbol. The first parameter of each is the object. A name that ends
    /// with the suffix itself, as that of a Rust function may, is the symbol, and what stands before it is the method.
    ///
    /// # Errors
    ///
    /// As [`Registrar::foreign_function`]; where the first parameter of one is of another type.
    pub fn foreign_methods(
        &mut self,
        ty: Type,
        suffix: &str,
        functions: impl IntoIterator<Item = ForeignFunction>,
    ) -> Result<(), RegistrationError> {
        let family = self.types.definition(ty).constructor;
        let suffix = format!("_{suffix}");
        for function in functions {
            let name = function.name.strip_suffix(&suffix).unwrap_or(&function.name).to_owned();
            let symbol = function.symbol.clone().unwrap_or_else(|| Cow::Owned(format!("{name}{suffix}")));
            let first = function.parameters.first().filter(|parameter| !parameter.is_out);
            let object = first.map(|parameter| self.foreign_type(&function, &parameter.ty)).transpose()?;
            if object != Some(ty) {
                let ty = self.types.name(ty);
                return Err(wrong(&function, &format!("a method's first parameter is the object, a `{ty}`")));
            }
            let callable = self.method(family, &name);
            self.add_foreign(callable, function, &symbol)?;
        }
        Ok(())
    }

    fn foreign_type(&mut self, function: &ForeignFunction, ty: &ForeignType) -> Result<Type, RegistrationError> {
        match &ty.ty {
            TypeReference::Type(ty) => Ok(*ty),
            TypeReference::Named(name) => {
                let unknown = || wrong(function, &format!("there is no type `{name}` yet"));
                self.named_type(name).ok_or_else(unknown)
            }
            TypeReference::Struct(reference) => {
                let name = &reference.name;
                let unknown = || wrong(function, &format!("there is no struct `{name}` yet: register it before"));
                let known = self.named_type(name).ok_or_else(unknown)?;
                // Objects of an opaque type are whatever the host gives as such.
                if let Some(describe) = reference.describe.filter(|_| self.types.memory_layout(known).is_some()) {
                    let same = self.types.define_structure(&describe(), &mut |_types, _name| None);
                    same.map_err(|reason| wrong(function, &reason))?;
                }
                Ok(known)
            }
        }
    }

    fn passing(&mut self, function: &ForeignFunction, ty: &ForeignType) -> Result<(Type, Passing), RegistrationError> {
        let seen = self.foreign_type(function, ty)?;
        let definition = self.types.definition(seen);
        let is_unsigned = self.registry.unsigned_families.contains(&definition.constructor);
        match Passing::of(self.types, seen, ty.form, is_unsigned) {
            Some(passing) => Ok((seen, passing)),
            None => {
                let form = ty.form.map_or_else(String::new, |form| format!(" as {form:?}"));
                let width = match self.types.components(seen).as_slice() {
                    [number] if ty.form.is_some() && !definition.members.is_empty() => {
                        let bits = 8 * number.size();
                        format!(
                            ": enumerations have {bits} bits in this context, so it is to be a `#[repr(i{bits})]`, or \
                             `AbiConfig::enum_width` another one"
                        )
                    }
                    _ => String::new(),
                };
                Err(wrong(function, &format!("a C function does not take or give `{}`{form}{width}", definition.name)))
            }
        }
    }

    fn add_foreign(
        &mut self,
        callable: CallableId,
        function: ForeignFunction,
        symbol: &str,
    ) -> Result<(), RegistrationError> {
        if symbol.is_empty() || symbol.contains('\0') || symbol.starts_with(RuntimeFunction::PREFIX) {
            return Err(wrong(
                &function,
                &format!(
                    "`{symbol}` is no symbol of a host's: those of the runtime begin with `{}`",
                    RuntimeFunction::PREFIX
                ),
            ));
        }
        let (mut seen, mut names) = (Vec::new(), Vec::new());
        let mut arguments = Vec::new();
        let mut outs = Vec::new();
        let mut effects = function.effects;
        for parameter in &function.parameters {
            let (ty, passing) = self.passing(&function, &parameter.ty)?;
            if parameter.is_out {
                if passing == Passing::Copied || memory_representation(passing).is_none() {
                    let ty = self.types.name(ty);
                    return Err(wrong(&function, &format!("a `{ty}` does not come through a pointer")));
                }
                arguments.push(None);
                outs.push((ty, passing));
                continue;
            }
            if passing == Passing::Object && self.types.definition(ty).cell != CellForm::Object {
                // What it leads to may be a cell, or memory of the frame.
                effects = effects.and(Effects::Reads);
            }
            arguments.push(Some(passing));
            if parameter.is_changed && !function.effects.writes() {
                let (name, effects) = (&parameter.name, function.effects);
                let reason = format!(
                    "it changes what `{name}` leads to, and its effects are said to be {effects:?}: a function that is given \
                     a `&mut` writes"
                );
                return Err(wrong(&function, &reason));
            }
            if parameter.is_changed {
                self.assigns_to(callable, seen.len());
            }
            seen.push(ty);
            names.push(match &parameter.default {
                Some(default) => CallableParameter::with_default(&parameter.name, default.clone()),
                None => CallableParameter::required(&parameter.name),
            });
        }
        let mut returned = function.result.as_ref().map(|result| self.passing(&function, result)).transpose()?;
        if function.is_nullable {
            let Some((object, Passing::Object)) = returned else {
                return Err(wrong(&function, "what may be None is an object or a struct that it returns"));
            };
            let ty =
                self.types.address_of(object).ok_or_else(|| wrong(&function, "the built-ins are not registered"))?;
            returned = Some((ty, Passing::Nullable));
        }
        if returned.is_some_and(|(_, passing)| passing == Passing::Copied) {
            return Err(wrong(&function, "values of several components are not returned: return a pointer"));
        }
        if let (ForeignFailure::Status(_), Some(value)) = (&function.failure, returned) {
            // Where a status is returned, the value comes through the last parameter.
            arguments.push(None);
            outs.push(value);
            returned = None;
        }
        let failure = match &function.failure {
            ForeignFailure::Never => Failure::Never,
            ForeignFailure::Status(statuses) => Failure::Status(statuses.clone().into()),
            ForeignFailure::Outcome(statuses) => {
                if returned.is_some_and(|(_, passing)| !passing.fits_word()) {
                    return Err(wrong(&function, "the value of an outcome is one word"));
                }
                Failure::Outcome(statuses.clone().into())
            }
        };
        let results: Vec<Type> = returned.iter().chain(&outs).map(|(ty, _)| *ty).collect();
        let result = match results.as_slice() {
            [] => Type::NONE,
            [one] => *one,
            several => self.tuple_of(several).ok_or_else(|| wrong(&function, "no tuple holds its results"))?,
        };
        let call = Call::new(symbol, &function.name, (arguments, returned, outs), effects, failure);
        self.add_symbol(&function, symbol, &call)?;
        self.add_parameters(callable, &function, names)?;
        self.builtin(callable, &seen, result, move |b, signature, operands| call.emit(b, signature, operands));
        Ok(())
    }

    /// Names the parameters of a callable, or finds that it has them so already.
    fn add_parameters(
        &mut self,
        callable: CallableId,
        function: &ForeignFunction,
        names: Vec<CallableParameter>,
    ) -> Result<(), RegistrationError> {
        let known = &self.registry.callable(callable).parameters;
        let is_first = known.is_empty() && self.registry.callable(callable).overloads.is_empty();
        if is_first {
            self.parameters(callable, names);
        } else if *known != names {
            return Err(wrong(function, "a function of that name is registered with other parameters"));
        }
        Ok(())
    }

    fn add_symbol(&mut self, function: &ForeignFunction, symbol: &str, call: &Call) -> Result<(), RegistrationError> {
        let (signature, effects) = call.declaration();
        let added = ForeignSymbol { signature, effects, address: function.address };
        match self.registry.foreign.get_mut(symbol) {
            None => {
                self.registry.foreign.insert(symbol.to_owned(), added);
                Ok(())
            }
            Some(known)
                if (&known.signature, known.effects) == (&added.signature, added.effects)
                    && (known.address.is_none() || known.address == added.address || added.address.is_none()) =>
            {
                known.address = known.address.or(added.address);
                Ok(())
            }
            Some(_) => {
                let message = format!("the symbol `{symbol}` is registered with other types, effects or address");
                Err(wrong(function, &message))
            }
        }
    }

    /// The type of a tuple, as `(a, b)` has it.
    fn tuple_of(&mut self, elements: &[Type]) -> Option<Type> {
        let span = cfunc_models::Span::default();
        let arguments: Vec<Argument> = elements.iter().map(|ty| Argument { ty: *ty, constant: None, span }).collect();
        let make = Operation::MakeTuple.id();
        let mut uses = RuleUses::default();
        let resolution = self.registry.resolve(self.types, make, &arguments, &[], span, &mut uses);
        resolution.ok().map(|resolution| resolution.signature.result)
    }
}

fn wrong(function: &ForeignFunction, reason: &str) -> RegistrationError {
    RegistrationError::Other(format!("the function `{}` of the host: {reason}", function.name))
}

impl Registry {
    /// The address of a function of the host by its symbol, where one was given when it was registered.
    pub fn foreign_address(&self, symbol: &str) -> Option<*const u8> {
        let address = self.foreign.get(symbol)?.address?;
        Some(std::ptr::with_exposed_provenance(address))
    }

    /// The symbols of the functions of the host, in the order of their registration.
    pub fn foreign_symbols(&self) -> impl Iterator<Item = &str> {
        self.foreign.keys().map(String::as_str)
    }
}
