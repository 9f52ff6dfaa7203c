//! `Enum` and `IntEnum` classes of a module: members as constants, comparison, `is`, `.value`, `.name`. What the classes
//! themselves are is in `enumeration_class`.
//!
//! A value is the integer `.value` of its member, in the width that the ABI's configuration gives. A member that is
//! known at compile time is a record of its class with the fields `name` and `value`; that of an IntEnum, which counts
//! as the integer that it is, has the field `int` besides.

use std::ops::RangeInclusive;

use cfunc_context::{
    ClassApi, ClassDeclaration, ClassHandler, Conversion, EnumerationDescription, FoldArguments, LowerError, Operand,
    Operation, Registrar, RegistrationError, Signature, TypeSpec, TypingAnswer, TypingContext, ValueRole, ValueSpec,
};
use cfunc_ir::{ConvertOperation, IntegerCondition};
use cfunc_models::{
    AbiConfig, Diagnostic, NodeErrorKind, Representation, Span, Type, TypeConstructor, TypeDefinition, TypeTable,
    Value, codes,
};
use cfunc_syntax::ast::{ClassDefinition, CompareOperator, Expression, ExpressionKind, Name, Statement, StatementKind};

use crate::emit::{either, integer_to_float};
use crate::enumeration_class::ClassFamily;
use crate::tuple::TupleFamily;

const ENUM: &str = "enum.Enum";
const INT_ENUM: &str = "enum.IntEnum";
const AUTO: &str = "enum.auto";
/// The family of enumerations whose members count as integers.
const INTEGER_FAMILY: &str = "IntEnum";
/// The field of a member that counts as an integer.
const INTEGER: &str = "int";

/// The families of enumerations.
#[derive(Clone, Copy)]
struct Families {
    plain: TypeConstructor,
    integer: TypeConstructor,
}

impl Families {
    fn contain(self, types: &TypeTable, ty: Type) -> bool {
        [self.plain, self.integer].contains(&types.definition(ty).constructor)
    }
}

pub(crate) fn register(registrar: &mut Registrar<'_>, tuples: TupleFamily) -> Result<ClassFamily, RegistrationError> {
    for name in [ENUM, INT_ENUM, AUTO, "enum.unique"] {
        registrar.marker(name)?;
    }
    let plain = registrar.types_mut().define_constructor("Enum");
    let integer = registrar.types_mut().define_constructor(INTEGER_FAMILY);
    let families = Families { plain, integer };
    let classes = crate::enumeration_class::register(registrar, tuples);
    registrar.class_handler(EnumerationHandler { families, classes });
    register_described(registrar, families, classes);
    registrar.type_of_value(ValueSpec::Any, move |types, value, role| match (value, role) {
        (class, role) if class.type_name().is_some() => {
            let name = class.type_name().filter(|_| role == ValueRole::Constant);
            name.and_then(|name| classes.of_name(types, name))
        }
        (Value::Record(name, _), ValueRole::Constant | ValueRole::Argument) => {
            types.lookup(name).filter(|ty| families.contain(types, *ty))
        }
        _ => None,
    });
    register_family(registrar, plain, false);
    register_family(registrar, integer, true);
    crate::boxing_enums::register_family(registrar, plain);
    crate::boxing_enums::register_family(registrar, integer);
    register_identity(registrar, families);
    crate::enumeration_print::register(registrar, plain);
    register_integers(registrar, integer);
    let truth = move |call: &mut TypingContext<'_>| match call.arguments {
        [only] if call.types.definition(only.ty).constructor == plain => {
            TypingAnswer::Signature(Signature::new(&[only.ty], Type::BOOLEAN))
        }
        _ => TypingAnswer::No("it is no Enum".to_owned()),
    };
    registrar.type_callable(Operation::Truth, truth);
    registrar.lower_builtin(Operation::Truth, [TypeSpec::Constructor(plain)], |b, signature, _operands| {
        Ok(Operand::scalar(signature.result, b.boolean(true)))
    });
    Ok(classes)
}

/// The integer that a member of an IntEnum counts as.
pub(crate) fn integer_of(value: &Value) -> Option<Value> {
    field(value, INTEGER).cloned()
}

fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Record(_, fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
        _ => None,
    }
}

/// The integer that a value of an enumeration is.
pub(crate) fn number_of(value: &Value) -> Option<i64> {
    match field(value, "value").unwrap_or(value) {
        Value::Integer(number) => Some(*number),
        _ => None,
    }
}

/// The member of an enumeration that a record is: by its value, and by its name where it has one, since another class of
/// the same name may give the value to another member.
pub(crate) fn member_recorded<'a>(definition: &'a TypeDefinition, record: &Value) -> Option<&'a (String, i64)> {
    let number = number_of(record)?;
    let found = definition.members.iter().find(|(_, known)| *known == number)?;
    match field(record, "name") {
        Some(Value::Text(name)) => definition.member_named(name).filter(|named| named.1 == number),
        Some(_) => None,
        None => Some(found),
    }
}

/// A member as a value known at compile time.
fn member(class: &str, name: &str, value: i64, counts: bool) -> Value {
    let mut fields =
        vec![("name".to_owned(), Value::Text(name.to_owned())), ("value".to_owned(), Value::Integer(value))];
    if counts {
        fields.push((INTEGER.to_owned(), Value::Integer(value)));
    }
    Value::Record(class.to_owned(), fields)
}

/// A member of a type as a value known at compile time.
pub(crate) fn member_value(types: &TypeTable, ty: Type, name: &str, value: i64) -> Value {
    let definition = types.definition(ty);
    let counts = types.constructor_name(definition.constructor) == INTEGER_FAMILY;
    member(&definition.name, name, value, counts)
}

/// Constants, `.value` and `.name` of a family, whose members may count as integers.
fn register_family(registrar: &mut Registrar<'_>, family: TypeConstructor, counts: bool) {
    registrar.lower_constant(family, |b, ty, value| {
        let number = number_of(value).ok_or_else(|| LowerError::new(format!("{value} is no member of an enum")))?;
        let components = b.types.components(ty);
        Ok(Operand::scalar(ty, b.integer_constant(components[0], number)))
    });
    // A host may bind a member by its value or by its name.
    registrar.convert_member_value(family, move |types, ty, value| {
        let definition = types.definition(ty);
        let found =
            |wanted: &dyn Fn(&str, i64) -> bool| definition.members.iter().find(|(name, number)| wanted(name, *number));
        let (name, number) = match value {
            Value::Record(class, _) if *class == definition.name => member_recorded(definition, value),
            Value::Integer(wanted) => found(&|_, number| number == *wanted),
            Value::Text(text) => definition.member_written(text),
            _ => None,
        }?;
        Some(member(&definition.name, name, *number, counts))
    });
    let value = registrar.attribute(family, "value");
    registrar.type_callable(value, |call| match call.arguments {
        [only] => TypingAnswer::Signature(Signature::new(&[only.ty], Type::INT64)),
        _ => TypingAnswer::No("it takes one value".to_owned()),
    });
    registrar.lower_builtin(value, [TypeSpec::Constructor(family)], |b, signature, operands| {
        Ok(Operand::scalar(signature.result, widened(b, operands[0].value())))
    });
    registrar.fold(value, |arguments| fold_field(arguments, "value"));
    let name = registrar.attribute(family, "name");
    registrar.type_callable(name, |call| match call.arguments {
        [only] => TypingAnswer::Signature(Signature::new(&[only.ty], Type::TEXT)),
        _ => TypingAnswer::No("it takes one value".to_owned()),
    });
    registrar.lower_builtin(name, [TypeSpec::Constructor(family)], |b, signature, operands| {
        let types = b.types;
        let definition = types.definition(operands[0].ty);
        let number = operands[0].value();
        let (mut name, mut valid) = (None, b.boolean(false));
        for (text, known) in &definition.members {
            let text = b.constant(signature.result, &Value::Text(text.clone()))?.value();
            let same = b.integer_compare_constant(IntegerCondition::Equal, number, *known);
            valid = either(b, valid, same);
            name = Some(name.map_or(text, |others| b.select(same, text, others)));
        }
        // A host may have written anything into a cell.
        b.guard(valid, NodeErrorKind::ValueError, &format!("the value is of no member of {}", definition.name));
        let name = name.ok_or_else(|| LowerError::new("an enum without members has no names"))?;
        Ok(Operand::scalar(signature.result, name))
    });
    registrar.fold(name, |arguments| fold_field(arguments, "name"));
}

fn fold_field(arguments: &FoldArguments<'_>, name: &str) -> Result<Value, String> {
    let value = arguments.positional.first().and_then(|value| field(value, name));
    value.cloned().ok_or_else(|| format!("it has no `{name}`"))
}

/// The integer of a member, in 64 bits.
pub(crate) fn widened(b: &mut cfunc_context::LowerContext<'_, '_>, value: cfunc_ir::Value) -> cfunc_ir::Value {
    match b.integer_constant_of(value) {
        Some(number) => b.int64(number),
        None if b.representation(value) == Representation::I64 => value,
        None => b.convert(ConvertOperation::SignExtend, value, Representation::I64),
    }
}

/// `==`, `!=` and `is` between members of one enumeration.
fn register_identity(registrar: &mut Registrar<'_>, families: Families) {
    let operators = [
        (CompareOperator::Equal, IntegerCondition::Equal),
        (CompareOperator::NotEqual, IntegerCondition::NotEqual),
        (CompareOperator::Is, IntegerCondition::Equal),
    ];
    for (operator, condition) in operators {
        registrar.type_callable(Operation::Compare(operator), move |call| match call.arguments {
            [left, right] if left.ty == right.ty && families.contain(call.types, left.ty) => {
                TypingAnswer::Signature(Signature::new(&[left.ty; 2], Type::BOOLEAN))
            }
            _ => TypingAnswer::No("they are no members of one enum".to_owned()),
        });
        for family in [families.plain, families.integer] {
            let specs = [TypeSpec::Constructor(family), TypeSpec::Constructor(family)];
            registrar.lower_builtin(Operation::Compare(operator), specs, move |b, signature, operands| {
                let result = b.integer_compare(condition, operands[0].value(), operands[1].value());
                Ok(Operand::scalar(signature.result, result))
            });
        }
    }
}

/// A member of an IntEnum as the number that it is.
fn register_integers(registrar: &mut Registrar<'_>, family: TypeConstructor) {
    let from = || TypeSpec::Constructor(family);
    let to = TypeSpec::Exact(Type::INT64);
    registrar.lower_cast(from(), to, Conversion::Promotion, |b, _from, to, operand| {
        Ok(Operand::scalar(to, widened(b, operand.value())))
    });
    let to = TypeSpec::Exact(Type::FLOAT64);
    registrar.lower_cast(from(), to, Conversion::Safe, |b, _from, to, operand| {
        let integer = widened(b, operand.value());
        Ok(Operand::scalar(to, integer_to_float(b, integer)))
    });
    registrar.unify_with(move |types, left, right| {
        let counts = |ty: Type| types.definition(ty).constructor == family;
        match right {
            Type::INT64 | Type::FLOAT64 if counts(left) => Some(right),
            _ if counts(left) && counts(right) => Some(Type::INT64),
            _ => None,
        }
    });
}

/// The members of an enumeration as far as they are read.
#[derive(Default)]
struct Defined {
    names: Vec<(String, i64)>,
    aliases: Vec<(String, i64)>,
}

impl Defined {
    /// Adds a name of a value; gives the name of the member that it is: a second name for a value is another name of the
    /// first member.
    fn add(&mut self, name: &str, number: i64) -> String {
        match self.names.iter().find(|(_, known)| *known == number) {
            Some((first, _)) => {
                self.aliases.push((name.to_owned(), number));
                first.clone()
            }
            None => {
                self.names.push((name.to_owned(), number));
                name.to_owned()
            }
        }
    }

    fn define(
        self,
        types: &mut TypeTable,
        abi: &AbiConfig,
        (families, classes): (Families, ClassFamily),
        name: &str,
        counts: bool,
    ) -> Type {
        let family = if counts { families.integer } else { families.plain };
        // Contexts of other widths cannot be built.
        let representation = abi.enum_representation().unwrap_or(Representation::I64);
        let ty = types.define_enumeration(family, name, representation, self.names, self.aliases);
        classes.define(types, ty);
        ty
    }
}

/// The values that members of enumerations can have.
fn value_range(abi: &AbiConfig) -> RangeInclusive<i64> {
    let unused = 64 - abi.enum_width.clamp(1, 64);
    i64::MIN >> unused..=i64::MAX >> unused
}

fn does_not_fit(number: i64, abi: &AbiConfig) -> String {
    format!("the value {number} does not fit into the {} bits of an enum", abi.enum_width)
}

/// Defines an enumeration that an extension registers.
fn register_described(registrar: &mut Registrar<'_>, families: Families, classes: ClassFamily) {
    registrar.enumerations_by(move |registrar, description| {
        let EnumerationDescription { name, members, counts } = description;
        let abi = registrar.abi().clone();
        let mut defined = Defined::default();
        let mut values = Vec::with_capacity(members.len());
        for (given, number) in members {
            if !value_range(&abi).contains(number) {
                let reason = format!("`{given}`: {}", does_not_fit(*number, &abi));
                return Err(RegistrationError::Enumeration { name: name.clone(), reason });
            }
            let canonical = defined.add(given, *number);
            values.push((given.clone(), member(name, &canonical, *number, *counts)));
        }
        Ok((defined.define(registrar.types_mut(), &abi, (families, classes), name, *counts), values))
    });
}

/// Reads classes that are based on Enum or IntEnum.
struct EnumerationHandler {
    families: Families,
    classes: ClassFamily,
}

impl ClassHandler for EnumerationHandler {
    fn define(
        &self,
        api: &mut ClassApi<'_, '_>,
        class: &ClassDefinition,
    ) -> Result<Option<ClassDeclaration>, Box<Diagnostic>> {
        let Some(counts) = is_integer_enumeration(api, class) else { return Ok(None) };
        let range = value_range(api.abi);
        let mut defined = Defined::default();
        let mut members: Vec<(Name, Value)> = Vec::new();
        let mut last: Option<i64> = None;
        for statement in &class.body {
            let Some((name, value)) = declared(statement)? else { continue };
            let number = self.number(api, value, &defined, last)?;
            if !range.contains(&number) {
                let message = does_not_fit(number, api.abi);
                let diagnostic = Diagnostic::error(codes::CONSTANT_VALUE, value.span, message);
                let diagnostic = diagnostic.expected(format!("an integer from {} to {}", range.start(), range.end()));
                return Err(Box::new(diagnostic.hint("give the member a smaller value, or the context wider enums")));
            }
            last = Some(number);
            let canonical = defined.add(name, number);
            members.push((Name::clone(name), member(&class.name, &canonical, number, counts)));
        }
        let ty = defined.define(api.types, api.abi, (self.families, self.classes), &class.name, counts);
        Ok(Some(ClassDeclaration { ty, members }))
    }
}

impl EnumerationHandler {
    /// The integer of a member.
    fn number(
        &self,
        api: &ClassApi<'_, '_>,
        value: &Expression,
        defined: &Defined,
        last: Option<i64>,
    ) -> Result<i64, Box<Diagnostic>> {
        if let ExpressionKind::Call { function, .. } = &value.kind
            && is_marker(api, function, AUTO)
        {
            let largest = defined.names.iter().map(|(_, number)| *number).max();
            if last != largest {
                let message = "what `auto()` gives after a smaller value differs between versions of Python";
                let diagnostic = Diagnostic::error(codes::CONSTANT_VALUE, value.span, message);
                return Err(Box::new(diagnostic.hint("write the value")));
            }
            return Ok(largest.map_or(1, |largest| largest.saturating_add(1)));
        }
        // Earlier members are seen in the class's body as what they were assigned.
        if let ExpressionKind::Name { name, .. } = &value.kind
            && let Some((_, number)) = defined.names.iter().chain(&defined.aliases).find(|(known, _)| **known == **name)
        {
            return Ok(*number);
        }
        match api.value_of(value) {
            Some(Ok(Value::Integer(number))) => Ok(number),
            Some(Err(diagnostic)) => Err(diagnostic),
            Some(Ok(other)) => Err(not_an_integer(value.span, &format!("of type `{}`", other.kind()))),
            None => Err(not_an_integer(value.span, "not known at compile time")),
        }
    }
}

fn not_an_integer(span: Span, what: &str) -> Box<Diagnostic> {
    let message = format!("the value of a member of an enum is {what}");
    Box::new(Diagnostic::error(codes::CONSTANT_VALUE, span, message).expected("an int that is known at compile time"))
}

/// Whether the members of an enumeration count as integers; `None` where a class is no enumeration.
fn is_integer_enumeration(api: &ClassApi<'_, '_>, class: &ClassDefinition) -> Option<bool> {
    let is_int =
        |base: &Expression| api.scope.definition_of(base).is_some_and(|definition| definition.ty == Some(Type::INT64));
    match class.bases.as_slice() {
        [base] if is_marker(api, base, ENUM) => Some(false),
        [base] if is_marker(api, base, INT_ENUM) => Some(true),
        [mixed, base] if is_int(mixed) && is_marker(api, base, ENUM) => Some(true),
        _ => None,
    }
}

fn is_marker(api: &ClassApi<'_, '_>, expression: &Expression, wanted: &str) -> bool {
    let marker = api.scope.definition_of(expression).and_then(|definition| definition.marker.as_ref());
    marker.is_some_and(|marker| *marker.0 == *wanted)
}

/// The name and value of a member that a statement declares; names that begin with an underscore are none.
fn declared(statement: &Statement) -> Result<Option<(&Name, &Expression)>, Box<Diagnostic>> {
    let (target, value) = match &statement.kind {
        StatementKind::Assign { targets, value } => match targets.as_slice() {
            [target] => (target, value),
            _ => {
                let message = "a member of an enum is assigned to one name";
                return Err(Box::new(Diagnostic::error(codes::UNSUPPORTED, statement.span, message)));
            }
        },
        // Python makes these members too.
        StatementKind::AnnotatedAssign { target, value: Some(value), .. } => (target, value),
        // Methods and docstrings make no members.
        _ => return Ok(None),
    };
    match &target.kind {
        ExpressionKind::Name { name, .. } if !name.starts_with('_') => Ok(Some((name, value))),
        ExpressionKind::Name { .. } => Ok(None),
        _ => {
            let message = "a member of an enum is assigned to a name";
            Err(Box::new(Diagnostic::error(codes::UNSUPPORTED, target.span, message)))
        }
    }
}
