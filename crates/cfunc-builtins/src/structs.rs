//! Structs: places in memory of a host, and copies of them.
//!
//! A value of the type that a node names is a *place*: the address of memory that the host or another struct owns.
//! Fields are read and written there. What is kept, under a name or in a tuple or list, is a *copy*: the values of all
//! fields, which do not change. The constructor makes copies.

use cfunc_context::{
    CallableParameter, Conversion, LowerContext, LowerError, Operand, Operation, Registrar, RegistrationError,
    Registry, Signature, TypeSpec, TypingAnswer, TypingContext, ValueRole, ValueSpec,
};
use cfunc_ir::IntegerCondition;
use cfunc_models::{
    DescribedStruct, Diagnostic, FieldForm, FieldType, Kept, MemoryLayout, Representation, StructDescription,
    StructField, StructLayout, Type, TypeConstructor, TypeTable, Value, codes,
};
use cfunc_syntax::ast::CompareOperator;

use crate::emit::both;
use crate::struct_memory::{
    Place, fitted, guard_address, layout_of, load, load_copy, move_bytes, spill, store, store_copy,
};
use crate::tuple::{NOT_MINE, TupleFamily, parts};
use crate::tuple_comparison::EQUAL;

/// The class of the families of structs.
const CLASS: &str = "struct";

/// How many fields a message lists.
const MOST_LISTED: usize = 8;

pub(crate) fn register(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    let structs = registrar.types_mut().define_constructor(TypeTable::STRUCTS);
    let copies = registrar.types_mut().define_constructor(TypeTable::COPIES);
    let class = registrar.types_mut().define_class(CLASS);
    let places = || TypeSpec::Class(class);
    register_family(registrar, structs);
    register_copies(registrar, copies);
    crate::boxing_structs::register(registrar, class, copies);
    crate::struct_arrays::register(registrar, tuples);
    crate::struct_print::register(registrar, copies);
    crate::struct_addresses::register(registrar);
    let is_place = |types: &TypeTable, ty: Type| types.memory_layout(ty).is_some();
    registrar.type_callable(Operation::CopyInto, move |call| match call.arguments {
        [place, value]
            if is_place(call.types, place.ty)
                && (value.ty == place.ty || call.types.kept(place.ty) == Some(value.ty)) =>
        {
            TypingAnswer::Signature(Signature::new(&[place.ty, value.ty], Type::NONE))
        }
        _ => NOT_MINE,
    });
    registrar.lower_builtin(Operation::CopyInto, [TypeSpec::Any, TypeSpec::Any], |b, signature, operands| {
        match operands {
            [place, value] if place.ty == value.ty => move_bytes(b, place, value.value())?,
            [place, copy] => store_copy(b, place, copy)?,
            _ => return Err(LowerError::new("a place and a value are needed")),
        }
        Ok(Operand::new(signature.result, &[]))
    });
    // From a place to a copy; and, for what takes places, back to one on the stack.
    let copied = |_registry: &Registry, types: &TypeTable, from, to| {
        (types.kept_form(from) == Some(&Kept::As(to))).then_some((Conversion::Promotion, None))
    };
    registrar.lower_cast_where(places(), TypeSpec::Constructor(copies), copied, |b, _from, to, operand| {
        load_copy(b, &operand, to)
    });
    let spilled = |_registry: &Registry, types: &TypeTable, from, to| {
        (types.kept_form(to) == Some(&Kept::As(from))).then_some((Conversion::Safe, None))
    };
    registrar.lower_cast_where(TypeSpec::Constructor(copies), places(), spilled, |b, _from, to, operand| {
        spill(b, to, &operand)
    });
    registrar.unify_with(|types, left, right| match types.kept_form(left) {
        Some(Kept::As(copy)) if *copy == right => Some(right),
        _ => None,
    });
    // A tuple that a rule made of places, as `zip` does, is kept as one of copies.
    registrar.kept_as(tuples.constructor, move |registry, types, tuple| {
        let elements = tuples.elements(types, tuple)?.to_vec();
        let mut kept = Vec::with_capacity(elements.len());
        for element in elements {
            kept.push(match registry.kept(types, element) {
                None => element,
                Some((Kept::As(ty), _)) => ty,
                Some((not, _)) => return Some(not),
            });
        }
        tuples.of(types, &kept).map(Kept::As)
    });
    register_equality(registrar);
    registrar.type_of_value(ValueSpec::Any, |types, value, role| match (value, role) {
        (Value::Record(name, _), role) => {
            let place = types.lookup(name)?;
            types.memory_layout(place)?.as_struct()?;
            match role {
                ValueRole::Constant => types.kept(place),
                // Memory of the call's own, which it may change: the caller sees that.
                ValueRole::Argument => Some(place),
            }
        }
        _ => None,
    });
}

/// Reads and writes of fields of a family of structs, and which values become ones of it.
fn register_family(registrar: &mut Registrar<'_>, family: TypeConstructor) {
    let class = registrar.types_mut().define_class(CLASS);
    registrar.types_mut().add_to_class(class, family);
    registrar.lower_getattr_generic(
        family,
        |types, ty, name| field_of(types, ty, name).map(|field| field.ty),
        |b, _signature, place, name| {
            let field = layout_of(b.types, place.ty)?.field(name).ok_or_else(|| no_field(name))?;
            load(b, &place_of(field, place))
        },
    );
    registrar.lower_setattr_generic(
        family,
        |types, ty, name| written_type(types, field_of(types, ty, name)?),
        |b, place, name, value| {
            let field = layout_of(b.types, place.ty)?.field(name).ok_or_else(|| no_field(name))?;
            store(b, &place_of(field, place), value)
        },
    );
    // A state begins as a record of all fields, or as bytes that are all zero.
    registrar.convert_compound(family, |registry, types, place, value| match value {
        Value::None => Some(Value::None),
        value => record(registry, types, place, value),
    });
}

pub(crate) fn no_field(name: &str) -> LowerError {
    LowerError::new(format!("there is no field `{name}`"))
}

pub(crate) fn field_of<'a>(types: &'a TypeTable, place: Type, name: &str) -> Option<&'a StructField> {
    types.memory_layout(place).and_then(MemoryLayout::as_struct)?.field(name)
}

pub(crate) fn place_of<'a>(field: &'a StructField, base: &Operand) -> Place<'a> {
    Place { address: base.value(), offset: field.offset, ty: field.ty, form: field.form, name: &field.name }
}

/// The type of what is written to a field; `None` where nodes do not assign to it.
pub(crate) fn written_type(types: &TypeTable, field: &StructField) -> Option<Type> {
    (!field.read_only && !is_fixed_address(types, field.form, field.ty)).then(|| taken_type(types, field))
}

/// Whether memory holds the address of a struct, and not of one that may be None. Nodes do not write such: they have no
/// structs of their own that stay where they are.
pub(crate) fn is_fixed_address(types: &TypeTable, form: FieldForm, ty: Type) -> bool {
    form == FieldForm::Address && types.memory_layout(ty).is_some()
}

/// The type that a field has in a copy: of what lies inside, that of copies where there are some.
fn taken_type(types: &TypeTable, field: &StructField) -> Type {
    match field.form {
        FieldForm::Inside => types.kept(field.ty).unwrap_or(field.ty),
        FieldForm::Address | FieldForm::Cell | FieldForm::Float32 | FieldForm::Integer { .. } => field.ty,
    }
}

/// A record of all fields, each converted to its type; what is not given is the default.
fn record(registry: &Registry, types: &TypeTable, place: Type, value: &Value) -> Option<Value> {
    let layout = types.memory_layout(place)?.as_struct()?;
    let name = types.name(place);
    let Value::Record(kind, given) = value else { return None };
    if kind != name || given.iter().any(|(name, _)| layout.field(name).is_none()) {
        return None;
    }
    let fields = layout.fields.iter().map(|field| {
        let given = given.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value);
        let value = given.or(field.default.as_ref())?;
        let converted = match (field.form, types.memory_layout(field.ty)) {
            (FieldForm::Address, _) => matches!(value, Value::None).then_some(Value::None),
            (FieldForm::Inside, Some(MemoryLayout::Struct(_))) => record(registry, types, field.ty, value),
            _ => Some(registry.convert_value(types, field.ty, value)?.0).filter(|value| fits(field.form, value)),
        };
        Some((field.name.clone(), converted?))
    });
    Some(Value::Record(name.to_owned(), fields.collect::<Option<_>>()?))
}

/// Whether memory of a form holds a value that is known.
fn fits(form: FieldForm, value: &Value) -> bool {
    match (form, value) {
        (FieldForm::Integer { memory, signed }, Value::Integer(value)) => match (memory.size(), signed) {
            (8.., _) => true,
            (bytes, true) => (i64::MIN >> (64 - 8 * bytes)..=i64::MAX >> (64 - 8 * bytes)).contains(value),
            (bytes, false) => (0..1i64 << (8 * bytes)).contains(value),
        },
        // There are no addresses before a node runs.
        (FieldForm::Address, value) => *value == Value::None,
        _ => true,
    }
}

fn register_copies(registrar: &mut Registrar<'_>, copies: TypeConstructor) {
    registrar.lower_getattr_generic(
        copies,
        |types, copy, name| {
            let (place, _) = types.struct_of(copy)?;
            let field = field_of(types, place, name)?;
            Some(taken_type(types, field))
        },
        |b, _signature, copy, name| {
            let value = b.field(copy, name)?;
            // A copy has the address as it was; what it leads to is followed here.
            let types = b.types;
            let field = types.struct_of(copy.ty).and_then(|(_, layout)| layout.field(name));
            if field.is_some_and(|field| is_fixed_address(types, field.form, field.ty)) {
                guard_address(b, value.value(), name);
            }
            Ok(value)
        },
    );
    registrar.convert_compound(copies, |registry, types, copy, value| {
        record(registry, types, types.struct_of(copy)?.0, value)
    });
    registrar.lower_constant(copies, |b, copy, value| {
        let types = b.types;
        let context = b.context;
        let place = types.struct_of(copy).map_or(copy, |(place, _)| place);
        let Some(Value::Record(_, fields)) = record(context.registry(), types, place, value) else {
            return Err(LowerError::new(format!("{value} is no {}", types.name(place))));
        };
        let layout = layout_of(types, place)?;
        let mut made = Vec::with_capacity(fields.len());
        for (field, (_, value)) in layout.fields.iter().zip(&fields) {
            let constant = match is_fixed_address(types, field.form, field.ty) {
                true => Operand::scalar(field.ty, b.zero(Representation::Pointer)),
                false => b.constant(taken_type(types, field), value)?,
            };
            made.push(fitting(b, field, constant)?);
        }
        Ok(b.make(copy, &made))
    });
}

/// A value of a field of a copy, as memory would hold it.
fn fitting(b: &mut LowerContext<'_, '_>, field: &StructField, value: Operand) -> Result<Operand, LowerError> {
    if field.form == FieldForm::Inside {
        return Ok(value);
    }
    let fitted = fitted(b, (field.ty, field.form, &field.name), value.value())?;
    Ok(Operand::scalar(value.ty, fitted))
}

/// `==` and `!=` of two structs of one type: of all their fields.
fn register_equality(registrar: &mut Registrar<'_>) {
    for (operator, equal) in [(CompareOperator::Equal, true), (CompareOperator::NotEqual, false)] {
        let operation = Operation::Compare(operator);
        registrar.type_callable(operation, |call| {
            let [left, right] = call.arguments else { return NOT_MINE };
            let Some((place, _)) = call.types.struct_of(left.ty) else { return NOT_MINE };
            if call.types.struct_of(right.ty).map(|(place, _)| place) != Some(place) {
                return NOT_MINE;
            }
            match call.types.kept_form(place) {
                Some(Kept::As(copy)) => TypingAnswer::Signature(Signature::new(&[*copy, *copy], Type::BOOLEAN)),
                Some(Kept::Not(reason)) => TypingAnswer::No(reason.clone()),
                None => NOT_MINE,
            }
        });
        let Some(copies) = registrar.types().constructor(TypeTable::COPIES) else { continue };
        let specs = [TypeSpec::Constructor(copies), TypeSpec::Constructor(copies)];
        registrar.lower_builtin(operation, specs, move |b, signature, operands| {
            let mut all = b.boolean(true);
            let types = b.types;
            let addresses: Vec<bool> = match types.struct_of(operands[0].ty) {
                Some((_, layout)) => layout.fields.iter().map(|field| field.form == FieldForm::Address).collect(),
                None => Vec::new(),
            };
            let (left, right) = (parts(b, &operands[0]), parts(b, &operands[1]));
            for ((left, right), is_address) in left.into_iter().zip(right).zip(addresses) {
                // What is at an address is another struct.
                let same = match is_address {
                    true => b.integer_compare(IntegerCondition::Equal, left.value(), right.value()),
                    false => b.call(EQUAL, &[left, right])?.value(),
                };
                all = both(b, all, same);
            }
            let result = if equal { all } else { b.logical_not(all) };
            Ok(Operand::scalar(signature.result, result))
        });
    }
}

/// Registers structs: types, fields, constructors.
///
/// ```
/// use cfunc_builtins::RegisterStructs;
/// use cfunc_context::{CompilationContext, Extension, ExtensionId, Registrar, RegistrationError};
/// use cfunc_models::{FieldDescription, FieldType, StructDescription};
///
/// struct Trades;
///
/// impl Extension for Trades {
///     fn id(&self) -> ExtensionId {
///         ExtensionId::new("trades", 1)
///     }
///
///     fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
///         let trade = StructDescription::new("Trade", 16, 8)
///             .field(FieldDescription::new("price", 0, FieldType::Float64))
///             .field(FieldDescription::new("size", 8, FieldType::Int32).default(1));
///         registrar.structure_described(&trade)?;
///         Ok(())
///     }
/// }
///
/// let context = CompilationContext::builder().with(cfunc_builtins::defaults()).with(Trades).build()?;
/// assert!(context.types().lookup("Trade").is_some());
/// # Ok::<(), RegistrationError>(())
/// ```
pub trait RegisterStructs {
    /// Registers the struct that a Rust type is, and those that it is made of and leads to.
    ///
    /// # Errors
    ///
    /// As for [`RegisterStructs::structure_described`].
    fn structure<T: DescribedStruct>(&mut self) -> Result<Type, RegistrationError> {
        self.structure_described(&T::description())
    }

    /// Registers a struct by its description, and those that it is made of and leads to: types of their names, with a
    /// constructor each. A struct that is registered already, and alike, is there once.
    ///
    /// # Errors
    ///
    /// Where the description is wrong, a name is taken, or the built-ins are not registered.
    fn structure_described(&mut self, description: &StructDescription) -> Result<Type, RegistrationError>;
}

impl RegisterStructs for Registrar<'_> {
    fn structure_described(&mut self, description: &StructDescription) -> Result<Type, RegistrationError> {
        description.fields.iter().for_each(|field| define_sets(self, &field.ty));
        let mut made: Vec<String> = Vec::new();
        let mut family = |types: &mut TypeTable, name: &str| {
            made.push(name.to_owned());
            Some(types.define_constructor(name))
        };
        let ty = self.types_mut().define_structure(description, &mut family).map_err(RegistrationError::Other)?;
        for name in made {
            let Some(place) = self.types().lookup(&name) else { continue };
            self.type_name(&name, place)?;
            let family = self.types().definition(place).constructor;
            register_family(self, family);
            register_constructor(self, place, &name)?;
        }
        Ok(ty)
    }
}

/// Defines the sets of enumerations that a field is of: a set is a type once it is named.
fn define_sets(registrar: &mut Registrar<'_>, field: &FieldType) {
    let name = match field {
        FieldType::Array(element, _) => return define_sets(registrar, element),
        FieldType::Struct(reference) => {
            let described = reference.describe.map(|describe| describe().fields).unwrap_or_default();
            return described.iter().for_each(|field| define_sets(registrar, &field.ty));
        }
        FieldType::Named(name) if registrar.types().lookup(name).is_none() => name,
        _ => return,
    };
    // What is wrong with the name is said of the field.
    let _made = registrar.named_type(name);
}

/// `Trade(price=1.0, size=2)`: by position and by name.
fn register_constructor(registrar: &mut Registrar<'_>, place: Type, name: &str) -> Result<(), RegistrationError> {
    let Ok(layout) = layout_of(registrar.types(), place).cloned() else { return Ok(()) };
    let callable = registrar.function(name);
    if let Some(field) = layout.fields.iter().find(|field| is_fixed_address(registrar.types(), field.form, field.ty)) {
        let message = format!("{name} has no constructor: its field `{}` is the address of a struct", field.name);
        registrar.type_callable(callable, move |call: &mut TypingContext<'_>| {
            let diagnostic = Diagnostic::error(codes::NOT_KEPT, call.span, message.clone());
            TypingAnswer::Error(Box::new(diagnostic.hint("assign to the other fields of a state, one by one")))
        });
        return Ok(());
    }
    let copy = match registrar.types().kept_form(place) {
        Some(Kept::As(copy)) => *copy,
        Some(Kept::Not(reason)) => {
            let message = format!("{name} has no constructor: {reason}");
            registrar.type_callable(callable, move |call: &mut TypingContext<'_>| {
                let diagnostic = Diagnostic::error(codes::NOT_KEPT, call.span, message.clone());
                TypingAnswer::Error(Box::new(diagnostic.hint("assign to the fields of a state, one by one")))
            });
            return Ok(());
        }
        None => return Ok(()),
    };
    let mut given = Vec::with_capacity(layout.fields.len());
    for field in &layout.fields {
        let default = field.default.as_ref().map(|value| default_of(registrar, name, field, value)).transpose()?;
        given.push(CallableParameter { name: field.name.clone(), default });
    }
    registrar.parameters(callable, given);
    let parameters: Vec<Type> = layout.fields.iter().map(|field| taken_type(registrar.types(), field)).collect();
    registrar.signature(callable, &parameters, copy);
    let (fields, kind) = (layout.fields.clone(), name.to_owned());
    registrar.type_callable(callable, move |call: &mut TypingContext<'_>| {
        let missing = fields.get(call.arguments.len()..).filter(|_| call.keywords.is_empty());
        let Some(missing) = missing.filter(|rest| rest.iter().any(|field| field.default.is_none())) else {
            return NOT_MINE;
        };
        let hint = missing.iter().filter(|field| field.default.is_none()).take(MOST_LISTED);
        let hint: Vec<String> = hint.map(|field| format!("`{}=<value>`", field.name)).collect();
        let diagnostic = Diagnostic::error(codes::CALL_ARGUMENTS, call.span, missing_fields(&kind, missing));
        TypingAnswer::Error(Box::new(diagnostic.hint(format!("add {}", hint.join(", ")))))
    });
    let specs: Vec<TypeSpec> = parameters.iter().copied().map(TypeSpec::Exact).collect();
    let fields = layout.fields.clone();
    registrar.lower_builtin(callable, specs, move |b, signature, operands| {
        let made: Result<Vec<Operand>, LowerError> =
            fields.iter().zip(operands).map(|(field, operand)| fitting(b, field, operand.clone())).collect();
        Ok(b.make(signature.result, &made?))
    });
    let kind = name.to_owned();
    registrar.fold_records(callable, move |arguments| fold(&layout, &kind, arguments.positional));
    Ok(())
}

/// A field's default as a value of its type: a member by its name, a time by its nanoseconds.
fn default_of(
    registrar: &Registrar<'_>,
    name: &str,
    field: &StructField,
    value: &Value,
) -> Result<Value, RegistrationError> {
    if matches!(field.form, FieldForm::Inside | FieldForm::Address) {
        return Ok(value.clone());
    }
    registrar.converted(field.ty, value).ok_or_else(|| {
        let (field, ty) = (&field.name, registrar.types().name(field.ty));
        RegistrationError::Other(format!("the default of the field `{field}` of {name} is {value}, which is no {ty}"))
    })
}

/// Says which fields a constructor is not given, of those from the first one on.
fn missing_fields(name: &str, fields: &[StructField]) -> String {
    let fields = || fields.iter().filter(|field| field.default.is_none());
    let listed: Vec<String> = fields().take(MOST_LISTED).map(|field| format!("`{}`", field.name)).collect();
    let more = if fields().count() > MOST_LISTED { ", …" } else { "" };
    format!("`{name}` is given no value for {}{more}", listed.join(", "))
}

fn fold(layout: &StructLayout, name: &str, values: &[Value]) -> Result<Value, String> {
    if values.len() != layout.fields.len() {
        return Err(match layout.fields.get(values.len()..) {
            Some(missing @ [_, ..]) => missing_fields(name, missing),
            _ => format!("`{name}` takes {} values, not {}", layout.fields.len(), values.len()),
        });
    }
    let mut fields = Vec::with_capacity(values.len());
    for (field, value) in layout.fields.iter().zip(values) {
        if !fits(field.form, value) {
            return Err(format!("{value} does not fit into the field `{}` of {name}", field.name));
        }
        fields.push((field.name.clone(), value.clone()));
    }
    Ok(Value::Record(name.to_owned(), fields))
}
