//! `Enum` and `IntEnum` classes of a module: members as constants, comparison, `is`, `.value`, `.name`. What the classes
//! themselves are is in `enumeration_class`.
//!
//! A value is the integer `.value` of its member, in the width that the ABI's configuration gives. A member that is
//! known at compile time is a record of its class with the fields `name` and `value`; that of an IntEnum, which counts
//! as the integer that it is, has the field `int` besides.

use cfunc_context::{
    ClassApi, ClassDeclaration, ClassHandler, Conversion, FoldArguments, LowerError, Operand, Operation, Registrar,
    RegistrationError, Signature, TypeSpec, TypingAnswer, TypingContext, ValueRole, ValueSpec,
};
use cfunc_ir::{ConvertOperation, IntegerCondition};
use cfunc_models::{Diagnostic, NodeErrorKind, Representation, Span, Type, TypeConstructor, TypeTable, Value, codes};
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

pub(crate) fn register(registrar: &mut Registrar<'_>, tuples: TupleFamily) -> Result<(), RegistrationError> {
    for name in [ENUM, INT_ENUM, AUTO, "enum.unique"] {
        registrar.marker(name)?;
    }
    let plain = registrar.types_mut().define_constructor("Enum");
    let integer = registrar.types_mut().define_constructor(INTEGER_FAMILY);
    let families = Families { plain, integer };
    let classes = crate::enumeration_class::register(registrar, tuples);
    registrar.class_handler(EnumerationHandler { families, classes });
    registrar.type_of_value(ValueSpec::Any, move |types, value, role| match (value, role) {
        (class, ValueRole::Constant | ValueRole::Argument) if class.type_name().is_some() => {
            class.type_name().and_then(|name| classes.of_name(types, name))
        }
        (Value::Record(name, _), ValueRole::Constant | ValueRole::Argument) => {
            types.lookup(name).filter(|ty| families.contain(types, *ty))
        }
        _ => None,
    });
    register_family(registrar, plain, false);
    register_family(registrar, integer, true);
    register_identity(registrar, families);
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
    Ok(())
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
fn number_of(value: &Value) -> Option<i64> {
    match field(value, "value").unwrap_or(value) {
        Value::Integer(number) => Some(*number),
        _ => None,
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
            Value::Record(class, _) if *class == definition.name => {
                found(&|_, number| Some(number) == number_of(value))
            }
            Value::Integer(wanted) => found(&|_, number| number == *wanted),
            Value::Text(text) => definition.member_named(text),
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

fn widened(b: &mut cfunc_context::LowerContext<'_, '_>, value: cfunc_ir::Value) -> cfunc_ir::Value {
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
        let representation = match api.abi.enum_width {
            8 => Representation::I8,
            16 => Representation::I16,
            32 => Representation::I32,
            64 => Representation::I64,
            other => {
                let message = format!("enums of {other} bits are not supported");
                let diagnostic = Diagnostic::error(codes::UNSUPPORTED, class.name_span, message);
                return Err(Box::new(
                    diagnostic.expected("a width of 8, 16, 32 or 64 bits in the ABI's configuration"),
                ));
            }
        };
        let bits = 8 * representation.size();
        let (smallest, largest) = (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits));
        let mut names: Vec<(String, i64)> = Vec::new();
        let mut aliases: Vec<(String, i64)> = Vec::new();
        let mut members: Vec<(Name, Value)> = Vec::new();
        let mut last: Option<i64> = None;
        for statement in &class.body {
            let Some((name, value)) = declared(statement)? else { continue };
            let number = self.number(api, value, &names, &aliases, last)?;
            if !(smallest..=largest).contains(&number) {
                let message = format!("the value {number} does not fit into the {bits} bits of an enum");
                let diagnostic = Diagnostic::error(codes::CONSTANT_VALUE, value.span, message);
                let diagnostic = diagnostic.expected(format!("an integer from {smallest} to {largest}"));
                return Err(Box::new(diagnostic.hint("give the member a smaller value, or the context wider enums")));
            }
            last = Some(number);
            // A second name for a value is another name of the first member.
            let first = names.iter().find(|(_, known)| *known == number).map(|(name, _)| name.clone());
            let canonical = first.clone().unwrap_or_else(|| name.to_string());
            members.push((Name::clone(name), member(&class.name, &canonical, number, counts)));
            match first {
                None => names.push((canonical, number)),
                Some(_) => aliases.push((name.to_string(), number)),
            }
        }
        let family = if counts { self.families.integer } else { self.families.plain };
        let ty = api.types.define_enumeration(family, &class.name, representation, names, aliases);
        self.classes.define(api.types, ty);
        Ok(Some(ClassDeclaration { ty, members }))
    }
}

impl EnumerationHandler {
    /// The integer of a member.
    fn number(
        &self,
        api: &ClassApi<'_, '_>,
        value: &Expression,
        names: &[(String, i64)],
        aliases: &[(String, i64)],
        last: Option<i64>,
    ) -> Result<i64, Box<Diagnostic>> {
        if let ExpressionKind::Call { function, .. } = &value.kind
            && is_marker(api, function, AUTO)
        {
            let largest = names.iter().map(|(_, number)| *number).max();
            if last != largest {
                let message = "what `auto()` gives after a smaller value differs between versions of Python";
                let diagnostic = Diagnostic::error(codes::CONSTANT_VALUE, value.span, message);
                return Err(Box::new(diagnostic.hint("write the value")));
            }
            return Ok(largest.map_or(1, |largest| largest.saturating_add(1)));
        }
        // Earlier members are seen in the class's body as what they were assigned.
        if let ExpressionKind::Name { name, .. } = &value.kind
            && let Some((_, number)) = names.iter().chain(aliases).find(|(known, _)| **known == **name)
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
