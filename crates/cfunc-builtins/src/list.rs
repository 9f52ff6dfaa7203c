//! Lists: their types, how they are made, constants, and elements by index.
//!
//! A list is a pointer at the runtime's `cfunc_list`. Elements lie one after the other in the layout of their type.
//! What is done at every element (reads, writes, appends within the capacity, iteration) is emitted here; the rest
//! calls the runtime.

use cfunc_context::{
    Argument, CallableId, Conversion, ItemPart, ItemsForm, LowerContext, LowerError, NativeFunction, Operand,
    Operation, Registrar, RegistrationError, Registry, Signature, SnapshotForm, TypeSpec, TypingAnswer, TypingContext,
    ValueRole, ValueSpec,
};
use cfunc_ir::{
    BinaryOperation, DataId, IntegerCondition, MemoryClass, Relocation, RelocationTarget, Value as IrValue,
};
use cfunc_models::{
    CellForm, DataModel, Diagnostic, Representation, RuntimeFunction, Type, TypeConstructor, TypeTable, Value, codes,
};

use crate::container::{self, Family, LIST_MAGIC, checked_position, guard_memory, guard_present, kind_of};
use crate::elements::in_memory;
use crate::emit::call;

/// The fields of `cfunc_list`, in bytes from its start.
pub(crate) const DATA: i32 = 16;
pub(crate) const LENGTH: i32 = 24;
const CAPACITY: i32 = 32;

/// Where the block, its size, and the size of an element stand; and the size of the struct without room for elements.
const BLOCK: u32 = 40;
const ELEMENT_BYTES: usize = 56;
const HEADER_BYTES: usize = 128;

/// The most bytes of an element.
const MOST_ELEMENT_BYTES: u32 = 64;

/// How many elements of a display are put on the stack at once.
const CHUNK: usize = 64;

/// The kind of the value that `create_new_list(…)` is where it is known: the initial value of a state.
const NEW_LIST: &str = "create_new_list";

/// The families of lists, and of the empty display.
#[derive(Clone, Copy)]
pub(crate) struct ListFamily {
    pub(crate) constructor: TypeConstructor,
    pub(crate) empty: Type,
}

pub(crate) fn not_kept(types: &TypeTable, element: Type) -> String {
    format!("values of type {} are not kept in lists", types.name(element))
}

/// Whether values of a type can be kept in lists: plain data without pointers, in a cell or a struct of the host.
pub(crate) fn is_plain(types: &TypeTable, ty: Type) -> bool {
    let definition = types.definition(ty);
    let components = types.components(ty);
    !matches!(definition.cell, CellForm::None | CellForm::Container)
        && !components.is_empty()
        && !components.contains(&Representation::Pointer)
        && types.layout(ty).1 <= MOST_ELEMENT_BYTES
}

impl ListFamily {
    /// Lists of a type, where it can be an element.
    pub(crate) fn of(self, types: &mut TypeTable, element: Type) -> Option<Type> {
        let element = types.kept(element)?;
        if !is_plain(types, element) {
            return None;
        }
        let name = format!("list[{}]", types.written_name(element));
        let model = DataModel::Scalar(Representation::Pointer);
        Some(types.apply(self.constructor, &[element], &name, model, CellForm::Container))
    }

    /// The type of the elements, where a type is of lists.
    pub(crate) fn element(self, types: &TypeTable, ty: Type) -> Option<Type> {
        let definition = types.definition(ty);
        (definition.constructor == self.constructor).then(|| definition.parameters.first().copied()).flatten()
    }
}

pub(crate) fn register(registrar: &mut Registrar<'_>) -> Result<ListFamily, RegistrationError> {
    let constructor = registrar.types_mut().define_constructor("list");
    let empty = registrar.types_mut().define("empty list", DataModel::Empty, CellForm::None);
    let lists = ListFamily { constructor, empty };
    for name in ["NumbaList", "list", "List", "typing.List"] {
        registrar.type_family(name, move |types, parameters| match parameters {
            [element] => lists.of(types, *element).ok_or_else(|| not_kept(types, *element)),
            _ => Err(format!("`{name}` takes one type, that of the elements")),
        })?;
    }
    let family = Family {
        magic: LIST_MAGIC,
        class: MemoryClass::ListHeader,
        release: RuntimeFunction::ListRelease,
        make,
        copy: |b, list| {
            let (length, zero, one) = (length(b, list), b.int64(0), b.int64(1));
            call(b, RuntimeFunction::ListSlice, &[list, zero, length, one])
        },
    };
    crate::iteration::add_iterable(registrar, constructor);
    container::register(registrar, constructor, family);
    registrar.snapshot(constructor, snapshot);
    register_values(registrar, lists);
    register_creation(registrar, lists);
    register_items(registrar, lists);
    Ok(lists)
}

/// A list is saved as its elements.
fn snapshot(types: &TypeTable, list: Type) -> SnapshotForm {
    let element = types.definition(list).parameters.first().copied().unwrap_or(Type::NONE);
    let size = types.layout(element).1;
    SnapshotForm::Items(ItemsForm {
        parts: vec![ItemPart { ty: element, offset: 0, extended: false }],
        size,
        make: NativeFunction::Runtime(RuntimeFunction::ListNew),
        make_arguments: vec![i64::from(size), kind_of(types, list)],
        read: NativeFunction::Runtime(RuntimeFunction::ListRead),
        append: NativeFunction::Runtime(RuntimeFunction::ListAppend),
        release: NativeFunction::Runtime(RuntimeFunction::ListRelease),
    })
}

// Parts that other files use.

/// How many elements a list has.
pub(crate) fn length(b: &mut LowerContext<'_, '_>, list: IrValue) -> IrValue {
    b.load(Representation::I64, list, LENGTH, MemoryClass::Length)
}

/// The type of a list's elements, and the bytes of one.
pub(crate) fn element_of(b: &LowerContext<'_, '_>, list: Type) -> (Type, i64) {
    let element = b.types.definition(list).parameters.first().copied().unwrap_or(Type::NONE);
    (element, i64::from(b.types.layout(element).1))
}

/// Where a list's elements begin. Read before the check of an index, so that it is read on every path, and with that
/// before loops.
pub(crate) fn data(b: &mut LowerContext<'_, '_>, list: IrValue) -> IrValue {
    b.load(Representation::Pointer, list, DATA, MemoryClass::ListHeader)
}

fn address_of(b: &mut LowerContext<'_, '_>, element: Type, data: IrValue, position: IrValue) -> IrValue {
    let size = i64::from(b.types.layout(element).1);
    let size = b.int64(size);
    let distance = b.binary(BinaryOperation::IntegerMultiply, position, size);
    b.pointer_add(data, distance)
}

/// The element at a position inside of the list.
pub(crate) fn load_element(b: &mut LowerContext<'_, '_>, list: &Operand, position: IrValue) -> Operand {
    let data = data(b, list.value());
    let (element, _) = element_of(b, list.ty);
    load_from(b, element, data, position)
}

/// The element at a position, of elements that begin somewhere.
pub(crate) fn load_from(b: &mut LowerContext<'_, '_>, element: Type, data: IrValue, position: IrValue) -> Operand {
    let address = address_of(b, element, data, position);
    let types = b.types;
    let (offsets, _) = types.layout(element);
    let components = types.components(element);
    let values: Vec<IrValue> = components
        .iter()
        .zip(offsets)
        .map(|(component, offset)| {
            b.load(*component, address, i32::try_from(offset).unwrap_or(i32::MAX), MemoryClass::ListData)
        })
        .collect();
    Operand::new(element, &values)
}

/// Writes the element at a position that is there.
pub(crate) fn store_element(b: &mut LowerContext<'_, '_>, list: &Operand, position: IrValue, element: &Operand) {
    let data = data(b, list.value());
    store_to(b, data, position, element);
}

fn store_to(b: &mut LowerContext<'_, '_>, data: IrValue, position: IrValue, element: &Operand) {
    let address = address_of(b, element.ty, data, position);
    let types = b.types;
    let (offsets, _) = types.layout(element.ty);
    for (value, offset) in element.values.iter().zip(offsets) {
        b.store(*value, address, i32::try_from(offset).unwrap_or(i32::MAX), MemoryClass::ListData);
    }
}

/// Takes the element at a position out, which is inside of the list: at the ends without a call.
pub(crate) fn close(b: &mut LowerContext<'_, '_>, list: &Operand, (position, length): (IrValue, IrValue), end: End) {
    let header = list.value();
    if end == End::Unknown {
        b.call_runtime(RuntimeFunction::ListClose, &[header, position]);
        return;
    }
    let one = b.int64(1);
    let less = b.binary(BinaryOperation::IntegerSubtract, length, one);
    b.store(less, header, LENGTH, MemoryClass::Length);
    if end == End::Front {
        let (_, size) = element_of(b, list.ty);
        let (data, size) = (data(b, header), b.int64(size));
        let second = b.pointer_add(data, size);
        b.store(second, header, DATA, MemoryClass::ListHeader);
        let capacity = b.load(Representation::I64, header, CAPACITY, MemoryClass::Length);
        let capacity = b.binary(BinaryOperation::IntegerSubtract, capacity, one);
        b.store(capacity, header, CAPACITY, MemoryClass::Length);
    }
}

/// An end of a list, where an index is known to be of one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Front,
    Back,
    Unknown,
}

impl End {
    /// The end that an index is of.
    pub(crate) fn of(b: &LowerContext<'_, '_>, index: IrValue) -> Self {
        match b.integer_constant_of(index) {
            Some(0) => Self::Front,
            Some(-1) => Self::Back,
            _ => Self::Unknown,
        }
    }
}

/// Adds an element at the end.
pub(crate) fn append(b: &mut LowerContext<'_, '_>, list: &Operand, element: &Operand) {
    let count = length(b, list.value());
    let capacity = b.load(Representation::I64, list.value(), CAPACITY, MemoryClass::Length);
    let (full, room) = (b.create_cold_block(), b.create_block());
    let fits = b.integer_compare(IntegerCondition::SignedLess, count, capacity);
    b.branch(fits, room, full);
    b.switch_to(full);
    let reserved = call(b, RuntimeFunction::ListReserve, &[list.value()]);
    guard_memory(b, reserved);
    b.jump(room, &[]);
    b.switch_to(room);
    store_element(b, list, count, element);
    let one = b.int64(1);
    let more = b.binary(BinaryOperation::IntegerAdd, count, one);
    b.store(more, list.value(), LENGTH, MemoryClass::Length);
}

/// A list that the runtime made, handed over; NULL was no memory.
pub(crate) fn made(b: &mut LowerContext<'_, '_>, ty: Type, list: IrValue) -> Operand {
    let list = Operand::scalar(ty, list);
    b.own(&list);
    guard_present(b, list.value());
    list
}

/// An empty list, handed over.
pub(crate) fn new_list(b: &mut LowerContext<'_, '_>, ty: Type) -> Operand {
    let (_, size) = element_of(b, ty);
    let kind = kind_of(b.types, ty);
    let (size, kind) = (b.int64(size), b.int64(kind));
    let list = call(b, RuntimeFunction::ListNew, &[size, kind]);
    made(b, ty, list)
}

/// Adds elements to a new list.
pub(crate) fn add_elements(b: &mut LowerContext<'_, '_>, list: &Operand, elements: &[Operand]) {
    let (element, _) = element_of(b, list.ty);
    let is_constant = |b: &LowerContext<'_, '_>, value: IrValue| {
        b.integer_constant_of(value).is_some() || b.float_constant_of(value).is_some()
    };
    if elements.iter().all(|element| element.values.iter().all(|value| is_constant(b, *value))) {
        let (address, _) = in_memory(b, element, elements);
        return add_from(b, list, address, elements.len());
    }
    let types = b.types;
    let (offsets, size) = types.layout(element);
    let most = u32::try_from(elements.len().min(CHUNK)).unwrap_or(1);
    let slot = b.create_stack_slot(most * size, 16);
    let address = b.stack_address(slot);
    for elements in elements.chunks(CHUNK) {
        for (index, element) in (0u32..).zip(elements) {
            for (value, offset) in element.values.iter().zip(&offsets) {
                let offset = i32::try_from(index * size + offset).unwrap_or(i32::MAX);
                b.store(*value, address, offset, MemoryClass::Stack);
            }
        }
        add_from(b, list, address, elements.len());
    }
}

fn add_from(b: &mut LowerContext<'_, '_>, list: &Operand, address: IrValue, count: usize) {
    let count = b.int64(i64::try_from(count).unwrap_or(i64::MAX));
    let added = call(b, RuntimeFunction::ListAppend, &[list.value(), address, count]);
    guard_memory(b, added);
}

// Values.

/// The elements of a list that is known.
fn known_elements(value: &Value) -> &[Value] {
    match value {
        Value::List(elements) => elements,
        _ => &[],
    }
}

fn make(b: &mut LowerContext<'_, '_>, ty: Type, value: &Value) -> Result<IrValue, LowerError> {
    let (element, _) = element_of(b, ty);
    let list = new_list(b, ty);
    let elements: Vec<Operand> =
        known_elements(value).iter().map(|value| b.constant(element, value)).collect::<Result<_, _>>()?;
    if !elements.is_empty() {
        add_elements(b, &list, &elements);
    }
    Ok(list.value())
}

fn register_values(registrar: &mut Registrar<'_>, lists: ListFamily) {
    registrar.convert_compound(lists.constructor, move |registry: &Registry, types, ty, value| {
        let element = lists.element(types, ty)?;
        match value {
            Value::List(values) => {
                let values: Option<Vec<Value>> =
                    values.iter().map(|value| Some(registry.convert_value(types, element, value)?.0)).collect();
                values.map(Value::List)
            }
            Value::Record(kind, fields) if kind == NEW_LIST => match fields.as_slice() {
                [(_, Value::Text(name))] if name == types.written_name(element) => Some(Value::List(Vec::new())),
                _ => None,
            },
            _ => None,
        }
    });
    registrar.type_of_compound(ValueSpec::kind(NEW_LIST), move |_registry, types, value, _role| match value {
        Value::Record(_, fields) => match fields.as_slice() {
            [(_, Value::Text(name))] => {
                let element = types.lookup(name)?;
                lists.of(types, element)
            }
            _ => None,
        },
        _ => None,
    });
    registrar.type_of_compound(ValueSpec::kind("list"), move |registry, types, value, role| {
        let Value::List(values) = value else { return None };
        let mut element = None;
        for value in values {
            let (ty, _) = registry.type_of(types, value, role)?;
            element = Some(match element {
                None => ty,
                Some(so_far) => {
                    registry.unify(types, so_far, ty, &mut cfunc_context::RuleUses::default()).map(|(ty, _)| ty)?
                }
            });
        }
        match element {
            Some(element) => lists.of(types, element),
            None if role == ValueRole::Constant => Some(lists.empty),
            None => None,
        }
    });
    registrar.lower_constant(lists.constructor, constant);
    let empty = registrar.types().definition(lists.empty).constructor;
    registrar.lower_constant(empty, |_b, ty, _value| Ok(Operand::new(ty, &[])));
    registrar.incomplete(empty);
    registrar.lower_cast(
        TypeSpec::Exact(lists.empty),
        TypeSpec::Constructor(lists.constructor),
        Conversion::Promotion,
        |b, _from, to, _operand| Ok(new_list(b, to)),
    );
    registrar.unify_with(move |types, left, right| {
        (left == lists.empty && lists.element(types, right).is_some()).then_some(right)
    });
}

/// A list as static data: its users are below zero, so nobody counts or frees it, and it is in no state's slot, so it
/// has no tag.
fn constant(b: &mut LowerContext<'_, '_>, ty: Type, value: &Value) -> Result<Operand, LowerError> {
    let Value::List(values) = value else {
        return Err(LowerError::new(format!("{value} is no constant of type {}", b.types.name(ty))));
    };
    let (element, size) = element_of(b, ty);
    let types = b.types;
    let (offsets, _) = types.layout(element);
    let size = usize::try_from(size).unwrap_or(0);
    let mut bytes = vec![0u8; size * values.len()];
    if types.definition(element).set_of.is_some() {
        // Of up to 128 bits, which no constant of the IR holds.
        for (place, value) in bytes.chunks_mut(size.max(1)).zip(values) {
            let bits = types.set_bits(element, value).ok_or_else(|| LowerError::new(format!("{value} is no set")))?;
            place.copy_from_slice(&bits.to_le_bytes()[..size]);
        }
    }
    let elements: Vec<Operand> = match types.definition(element).set_of {
        Some(_) => Vec::new(),
        None => values.iter().map(|value| b.constant(element, value)).collect::<Result<_, _>>()?,
    };
    for (index, operand) in elements.iter().enumerate() {
        for (value, offset) in operand.values.iter().zip(&offsets) {
            let width = b.representation(*value).size() as usize;
            let word = word_of(b, *value)?;
            let start = index * size + *offset as usize;
            bytes[start..start + width.min(8)].copy_from_slice(&word.to_le_bytes()[..width.min(8)]);
        }
    }
    if bytes.is_empty() {
        bytes.resize(8, 0);
    }
    let data = data_id(b, 16, bytes, Vec::new());
    let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
    let mut header = vec![0u8; HEADER_BYTES];
    let mut put = |offset: usize, word: i64| header[offset..offset + 8].copy_from_slice(&word.to_le_bytes());
    put(8, -1);
    put(LENGTH as usize, count);
    put(CAPACITY as usize, count);
    let kind = kind_of(b.types, ty);
    put(ELEMENT_BYTES, i64::try_from(size).unwrap_or(0) | (kind << 32));
    let relocation = |offset| Relocation { offset, target: RelocationTarget::Data(data), addend: 0 };
    let header = data_id(b, 16, header, vec![relocation(DATA as u32), relocation(BLOCK)]);
    Ok(Operand::scalar(ty, b.data_address(header, 0)))
}

/// The bits of a constant of up to 8 bytes.
pub(crate) fn word_of(b: &LowerContext<'_, '_>, value: IrValue) -> Result<i64, LowerError> {
    b.integer_constant_of(value)
        .or_else(|| b.float_constant_of(value).map(|value| value.to_bits().cast_signed()))
        .ok_or_else(|| LowerError::new("an element of a constant is not known"))
}

/// Static data, which is there once.
pub(crate) fn data_id(
    b: &mut LowerContext<'_, '_>,
    alignment: u32,
    contents: Vec<u8>,
    relocations: Vec<Relocation>,
) -> DataId {
    b.static_object(alignment, contents, relocations)
}

// Making lists.

/// The type that a value stands for: an argument that is a type.
pub(crate) fn type_argument(call: &TypingContext<'_>, argument: &Argument) -> Option<Type> {
    let name = argument.constant.as_ref()?.type_name()?;
    call.types.lookup(name)
}

fn register_creation(registrar: &mut Registrar<'_>, lists: ListFamily) {
    let create = registrar.function("create_new_list");
    registrar.type_callable(create, move |call| {
        let [argument] = call.arguments else {
            return TypingAnswer::No("it takes the type of the elements".to_owned());
        };
        let parameter = argument.ty;
        let Some(element) = type_argument(call, argument) else {
            return TypingAnswer::No("its argument is a type".to_owned());
        };
        match lists.of(call.types, element) {
            Some(list) => TypingAnswer::Signature(Signature::new(&[parameter], list)),
            None => TypingAnswer::No(not_kept(call.types, element)),
        }
    });
    registrar.lower_builtin(create, [TypeSpec::Any], |b, signature, _operands| Ok(new_list(b, signature.result)));
    registrar.fold(create, |arguments| match arguments.positional {
        [value] => match value.type_name() {
            Some(name) => {
                Ok(Value::Record(NEW_LIST.to_owned(), vec![("element".to_owned(), Value::Text(name.to_owned()))]))
            }
            None => Err("create_new_list takes the type of the elements".to_owned()),
        },
        _ => Err("create_new_list takes the type of the elements".to_owned()),
    });

    registrar.type_callable(Operation::MakeList, move |call| {
        let Some(first) = call.arguments.first() else {
            return TypingAnswer::Signature(Signature::new(&[], lists.empty));
        };
        let mut element = first.ty;
        for position in 1..call.arguments.len() {
            let other = call.arguments[position].ty;
            match call.unify(element, other) {
                Some(ty) => element = ty,
                None => {
                    let (left, right) = (call.types.name(element), call.types.name(other));
                    let message = format!("a list holds values of one type, and not {left} and {right}");
                    let span = call.arguments[position].span;
                    let diagnostic = Diagnostic::error(codes::NO_UNIFICATION, span, message);
                    return TypingAnswer::Error(Box::new(
                        diagnostic.hint("convert them to one type, or keep them in a tuple"),
                    ));
                }
            }
        }
        match lists.of(call.types, element) {
            Some(list) => TypingAnswer::Signature(Signature::new(&vec![element; call.arguments.len()], list)),
            None => TypingAnswer::No(not_kept(call.types, element)),
        }
    });
    let any = TypeSpec::VariableArguments(Box::new(TypeSpec::Any));
    registrar.lower_builtin(Operation::MakeList, [any], move |b, signature, operands| {
        if signature.result == lists.empty {
            return Ok(Operand::new(signature.result, &[]));
        }
        let list = new_list(b, signature.result);
        add_elements(b, &list, operands);
        Ok(list)
    });
}

/// Types an operation or method of lists: `parameters` are those after the list, where an element stands for its type.
pub(crate) fn type_method(
    registrar: &mut Registrar<'_>,
    lists: ListFamily,
    callable: impl Into<CallableId>,
    answer: impl Fn(&mut TypingContext<'_>, Type, Type) -> Option<Signature> + Send + Sync + 'static,
) {
    container::type_method(registrar, callable, move |call, list| {
        let element = lists.element(call.types, list)?;
        answer(call, list, element)
    });
}

fn register_items(registrar: &mut Registrar<'_>, lists: ListFamily) {
    let family = || TypeSpec::Constructor(lists.constructor);
    let (integer, any) = (|| TypeSpec::Exact(Type::INT64), || TypeSpec::Any);
    let is_index = |ty: Type| matches!(ty, Type::INT64 | Type::BOOLEAN);
    type_method(registrar, lists, Operation::GetItem, move |call, list, element| {
        let index = call.arguments.get(1)?.ty;
        is_index(index).then(|| Signature::new(&[list, Type::INT64], element))
    });
    registrar.lower_builtin(Operation::GetItem, [family(), integer()], |b, _signature, operands| {
        let (length, data) = (length(b, operands[0].value()), data(b, operands[0].value()));
        let position = checked_position(b, operands[1].value(), length, "list index out of range");
        let (element, _) = element_of(b, operands[0].ty);
        Ok(load_from(b, element, data, position))
    });
    type_method(registrar, lists, Operation::SetItem, move |call, list, element| {
        let index = call.arguments.get(1)?.ty;
        is_index(index).then(|| Signature::new(&[list, Type::INT64, element], Type::NONE))
    });
    registrar.lower_builtin(Operation::SetItem, [family(), integer(), any()], |b, signature, operands| {
        let (length, data) = (length(b, operands[0].value()), data(b, operands[0].value()));
        let position = checked_position(b, operands[1].value(), length, "list assignment index out of range");
        store_to(b, data, position, &operands[2]);
        Ok(Operand::new(signature.result, &[]))
    });
    type_method(registrar, lists, Operation::DeleteItem, move |call, list, _element| {
        let index = call.arguments.get(1)?.ty;
        is_index(index).then(|| Signature::new(&[list, Type::INT64], Type::NONE))
    });
    registrar.lower_builtin(Operation::DeleteItem, [family(), integer()], |b, signature, operands| {
        let length = length(b, operands[0].value());
        let position = checked_position(b, operands[1].value(), length, "list assignment index out of range");
        let end = End::of(b, operands[1].value());
        close(b, &operands[0], (position, length), end);
        Ok(Operand::new(signature.result, &[]))
    });
    type_method(registrar, lists, Operation::Length, |_call, list, _element| {
        Some(Signature::new(&[list], Type::INT64))
    });
    registrar.lower_builtin(Operation::Length, [family()], |b, signature, operands| {
        Ok(Operand::scalar(signature.result, length(b, operands[0].value())))
    });
    let function = registrar.function("bool");
    for truth in [Operation::Truth.id(), function] {
        type_method(registrar, lists, truth, |_call, list, _element| Some(Signature::new(&[list], Type::BOOLEAN)));
        registrar.lower_builtin(truth, [family()], |b, signature, operands| {
            let length = length(b, operands[0].value());
            let some = b.integer_compare_constant(IntegerCondition::NotEqual, length, 0);
            Ok(Operand::scalar(signature.result, some))
        });
    }
    for operation in [Operation::GetItem, Operation::Length, Operation::Truth] {
        registrar.reads_only(operation);
    }
}
