//! What a class of an enumeration is itself: members by value and by name, their count, iteration, `in`.

use cfunc_context::{
    LowerContext, LowerError, Operand, Operation, Registrar, Signature, TypeSpec, TypingAnswer, TypingContext,
};
use cfunc_ir::{ConvertOperation, IntegerCondition, Value as IrValue};
use cfunc_models::{
    CellForm, DataModel, Diagnostic, NodeErrorKind, Representation, Type, TypeConstructor, TypeTable, Value, codes,
};
use cfunc_syntax::closest;

use crate::emit::either;
use crate::enumeration::member_value;
use crate::iteration::{add_iterable, result_of};
use crate::tuple::{NOT_MINE, TupleFamily, too_large};

/// The family of classes; the parameter of each is the type of its members. They are nothing at run time.
#[derive(Clone, Copy)]
pub(crate) struct ClassFamily {
    constructor: TypeConstructor,
}

impl ClassFamily {
    /// Defines the class of the members of a type.
    pub(crate) fn define(self, types: &mut TypeTable, member: Type) {
        let name = class_name(types.name(member));
        types.apply(self.constructor, &[member], &name, DataModel::Empty, CellForm::None);
    }

    /// The class that a value is, by the name of the type of its members.
    pub(crate) fn of_name(self, types: &TypeTable, name: &str) -> Option<Type> {
        types.lookup(&class_name(name)).filter(|ty| types.definition(*ty).constructor == self.constructor)
    }

    /// The type of the members, where a type is that of a class.
    pub(crate) fn member(self, types: &TypeTable, class: Type) -> Option<Type> {
        let definition = types.definition(class);
        (definition.constructor == self.constructor).then(|| definition.parameters.first().copied()).flatten()
    }
}

fn class_name(member: &str) -> String {
    format!("type[{member}]")
}

pub(crate) fn register(registrar: &mut Registrar<'_>, tuples: TupleFamily) -> ClassFamily {
    let classes = ClassFamily { constructor: registrar.types_mut().define_constructor("type of an enum") };
    registrar.transient(classes.constructor);
    add_iterable(registrar, classes.constructor);
    registrar.lower_constant(classes.constructor, |_b, ty, _value| Ok(Operand::new(ty, &[])));
    register_lookup(registrar, classes);
    registrar.type_callable(Operation::Length, move |call| {
        let [class] = call.arguments else { return NOT_MINE };
        let Some(member) = classes.member(call.types, class.ty) else { return NOT_MINE };
        let count = i64::try_from(call.types.definition(member).members.len()).unwrap_or(i64::MAX);
        TypingAnswer::Known(Signature::new(&[class.ty], Type::INT64), Value::Integer(count))
    });
    let class = || TypeSpec::Constructor(classes.constructor);
    registrar.lower_builtin(Operation::Length, [class()], move |b, signature, operands| {
        let member = member_of(b, classes, &operands[0])?;
        let count = i64::try_from(b.types.definition(member).members.len()).unwrap_or(i64::MAX);
        Ok(Operand::scalar(signature.result, b.int64(count)))
    });
    registrar.type_callable(Operation::Contains, move |call| {
        let [class, value] = call.arguments else { return NOT_MINE };
        match classes.member(call.types, class.ty) {
            Some(member) if member == value.ty => {
                let signature = Signature::new(&[class.ty, value.ty], Type::BOOLEAN);
                TypingAnswer::Known(signature, Value::Boolean(true))
            }
            Some(member) => TypingAnswer::No(format!("it is no member of `{}`", call.types.name(member))),
            None => NOT_MINE,
        }
    });
    registrar.lower_builtin(Operation::Contains, [class(), TypeSpec::Any], |b, signature, _operands| {
        Ok(Operand::scalar(signature.result, b.boolean(true)))
    });
    for start in [Operation::IterationStart, Operation::ReversedIterationStart] {
        registrar.type_callable(start, move |call| {
            let [class] = call.arguments else { return NOT_MINE };
            let class = class.ty;
            let Some(member) = classes.member(call.types, class) else { return NOT_MINE };
            let count = call.types.definition(member).members.len();
            let Some(all) = tuples.of(call.types, &vec![member; count]) else { return too_large(call.span) };
            match result_of(call, start, &[all]) {
                Some(state) => TypingAnswer::Signature(Signature::new(&[class], state)),
                None => NOT_MINE,
            }
        });
        registrar.lower_builtin(start, [class()], move |b, signature, operands| {
            let member = member_of(b, classes, &operands[0])?;
            let types = b.types;
            // The parameter of the iteration is the tuple of all members.
            let all = types.definition(signature.result).parameters.first().copied();
            let all = all.ok_or_else(|| LowerError::new("an iteration goes over a tuple"))?;
            let components = types.components(member);
            let members = &types.definition(member).members;
            let values: Vec<IrValue> =
                members.iter().map(|(_, number)| b.integer_constant(components[0], *number)).collect();
            b.call(start, &[Operand::new(all, &values)])
        });
    }
    classes
}

/// `Side(1)` and `Side["BUY"]`.
fn register_lookup(registrar: &mut Registrar<'_>, classes: ClassFamily) {
    let class = || TypeSpec::Constructor(classes.constructor);
    registrar.type_callable(Operation::Call, move |call| {
        let [class, value] = call.arguments else {
            return match call.arguments.first() {
                Some(class) if classes.member(call.types, class.ty).is_some() => {
                    TypingAnswer::No("it takes the value of a member".to_owned())
                }
                _ => NOT_MINE,
            };
        };
        let Some(member) = classes.member(call.types, class.ty) else { return NOT_MINE };
        if !call.keywords.is_empty() {
            return TypingAnswer::No("it takes the value of a member, by position".to_owned());
        }
        if value.ty == member {
            return TypingAnswer::Signature(Signature::new(&[class.ty, member], member));
        }
        let (class, value) = (class.ty, value.clone());
        let signature = Signature::new(&[class, Type::INT64], member);
        if value.ty != Type::INT64 && !is_promoted(call, value.ty) {
            return TypingAnswer::No("the values of members are of type int".to_owned());
        }
        match value.constant {
            None => TypingAnswer::Signature(signature),
            Some(constant) => found(call, member, &constant, signature, |known| match &constant {
                Value::Integer(wanted) => known.1 == *wanted,
                Value::Boolean(wanted) => known.1 == i64::from(*wanted),
                other => crate::enumeration::integer_of(other) == Some(Value::Integer(known.1)),
            }),
        }
    });
    registrar.lower_builtin(Operation::Call, [class(), TypeSpec::Any], |b, signature, operands| {
        let result = signature.result;
        if operands[1].ty == result {
            return Ok(operands[1].clone());
        }
        let types = b.types;
        let definition = types.definition(result);
        let number = operands[1].value();
        let mut valid = b.boolean(false);
        for (_, known) in &definition.members {
            let same = b.integer_compare_constant(IntegerCondition::Equal, number, *known);
            valid = either(b, valid, same);
        }
        b.guard(valid, NodeErrorKind::ValueError, &format!("the value is of no member of {}", definition.name));
        let representation = types.components(result)[0];
        let number = match representation {
            Representation::I64 => number,
            narrow => b.convert(ConvertOperation::Truncate, number, narrow),
        };
        Ok(Operand::scalar(result, number))
    });
    registrar.type_callable(Operation::GetItem, move |call| {
        let [class, name] = call.arguments else { return NOT_MINE };
        let Some(member) = classes.member(call.types, class.ty) else { return NOT_MINE };
        let signature = Signature::new(&[class.ty, name.ty], member);
        match name.constant.clone() {
            Some(Value::Text(wanted)) => named(call, member, &wanted, signature),
            _ => TypingAnswer::No("the name of the member is not known at compile time".to_owned()),
        }
    });
    registrar.lower_builtin(Operation::GetItem, [class(), TypeSpec::Any], |b, signature, _operands| {
        let types = b.types;
        let definition = types.definition(signature.result);
        let known = b.known(1).and_then(|name| match name {
            Value::Text(wanted) => definition.member_named(wanted),
            _ => None,
        });
        let (_, number) = known.ok_or_else(|| LowerError::new("the name of a member is not known"))?;
        let representation = types.components(signature.result)[0];
        Ok(Operand::scalar(signature.result, b.integer_constant(representation, *number)))
    });
}

/// Whether a type counts as an integer.
fn is_promoted(call: &mut TypingContext<'_>, ty: Type) -> bool {
    ty != Type::FLOAT64 && call.unify(ty, Type::INT64) == Some(Type::INT64)
}

/// The member that a condition holds for, which is known when the node is compiled; else the diagnostic.
fn found(
    call: &TypingContext<'_>,
    member: Type,
    wanted: &Value,
    signature: Signature,
    is_it: impl Fn(&(String, i64)) -> bool,
) -> TypingAnswer {
    let definition = call.types.definition(member);
    if let Some((name, number)) = definition.members.iter().find(|known| is_it(known)) {
        return TypingAnswer::Known(signature, member_value(call.types, member, name, *number));
    }
    let message = format!("{wanted} is of no member of `{}`", definition.name);
    let diagnostic = Diagnostic::error(codes::CONSTANT_VALUE, call.span, message);
    TypingAnswer::Error(Box::new(match definition.members.first() {
        Some((name, number)) => diagnostic.hint(format!("its members begin with `{name} = {number}`")),
        None => diagnostic.hint("it has no members"),
    }))
}

/// The member of a name, an alias perhaps; else the diagnostic.
fn named(call: &TypingContext<'_>, member: Type, wanted: &str, signature: Signature) -> TypingAnswer {
    let definition = call.types.definition(member);
    if let Some((name, number)) = definition.member_named(wanted) {
        return TypingAnswer::Known(signature, member_value(call.types, member, name, *number));
    }
    let message = format!("`{}` has no member of the name \"{wanted}\"", definition.name);
    let diagnostic = Diagnostic::error(codes::CONSTANT_VALUE, call.span, message);
    let names = || definition.members.iter().chain(&definition.aliases).map(|(name, _)| &**name);
    let hint = match (closest(wanted, names()), names().next()) {
        (Some(near), _) => format!("did you mean \"{near}\"?"),
        (None, Some(first)) => format!("its members begin with \"{first}\""),
        (None, None) => "it has no members".to_owned(),
    };
    TypingAnswer::Error(Box::new(diagnostic.hint(hint)))
}

fn member_of(b: &LowerContext<'_, '_>, classes: ClassFamily, class: &Operand) -> Result<Type, LowerError> {
    classes.member(b.types, class.ty).ok_or_else(|| LowerError::new("no class of an enum"))
}
