//! Methods that update a set: what they are called on is assigned the set that they make.

use cfunc_context::{
    BaseKind, BasePlace, HeldValue, LowerContext, MethodCall, Operand, PrivateFunction, Registrar, Signature, TypeSpec,
    TypingAnswer,
};
use cfunc_models::{Diagnostic, Value, codes};
use cfunc_syntax::builders;

use crate::enum_sets::{SetFamily, add, discard, remove, type_with_member};

/// Emits the set that a method of a member makes.
type Updating = fn(&mut LowerContext<'_, '_>, &Operand, &Operand) -> Operand;

const UPDATING: [(&str, Updating); 3] = [("add", add), ("remove", remove), ("discard", discard)];
const CLEAR: &str = "clear";

pub(crate) fn register(registrar: &mut Registrar<'_>, sets: SetFamily) {
    let family = || TypeSpec::Constructor(sets.constructor);
    let copy = registrar.method(sets.constructor, "copy");
    let cleared = registrar.private_function(".clear()");
    for callable in [copy, cleared.callable] {
        registrar.type_callable(callable, move |call| match call.arguments {
            [set] if sets.member(call.types, set.ty).is_some() => {
                TypingAnswer::Signature(Signature::new(&[set.ty], set.ty))
            }
            _ => TypingAnswer::No("it takes nothing".to_owned()),
        });
    }
    registrar.lower_builtin(copy, [family()], |_b, _signature, operands| Ok(operands[0].clone()));
    registrar.lower_builtin(cleared.callable, [family()], |b, signature, operands| {
        let representation = b.representation(operands[0].value());
        Ok(Operand::scalar(signature.result, b.zero(representation)))
    });
    let functions = UPDATING.map(|(name, emit)| {
        let function = registrar.private_function(&format!(".{name}()"));
        type_with_member(registrar, sets, function.callable, |set| set);
        registrar.lower_builtin(function.callable, [family(), TypeSpec::Any], move |b, _signature, operands| {
            Ok(emit(b, &operands[0], &operands[1]))
        });
        // Known by name, for who writes it nearly right.
        registrar.method(sets.constructor, name);
        (name, function)
    });
    registrar.method(sets.constructor, CLEAR);
    registrar.method_call_handler(sets.constructor, 0, move |api, call| {
        let function: PrivateFunction = match functions.iter().find(|(name, _)| *name == call.name) {
            Some((_, function)) => *function,
            None if call.name == CLEAR => cleared,
            None => return Ok(None),
        };
        let wanted = usize::from(call.name != CLEAR);
        if call.arguments.len() != wanted || !call.keywords.is_empty() {
            let message = format!("`{}` takes {}", call.name, if wanted == 0 { "nothing" } else { "one member" });
            let expected = if wanted == 0 { "no arguments" } else { "one argument, by position" };
            let diagnostic = Diagnostic::error(codes::CALL_ARGUMENTS, call.span, message).expected(expected);
            return Err(Box::new(diagnostic.hint(format!("write `{}`", form(call)))));
        }
        let place = assigned(call)?;
        if let Some((other, assignment)) = &place.shared {
            let message = format!(
                "`{other}` has a set of its own, which `{}.{}` does not change; in Python both names would show it",
                place.name, call.name
            );
            api.report(
                Diagnostic::warning(codes::SHARED_SET, call.span, message)
                    .note(*assignment, "here one name is assigned the set of the other")
                    .hint("write `.copy()` in that assignment where two sets are meant, or use one name"),
            );
        }
        // The set is read when the member is known: what gives it may have updated the set.
        let mut arguments = vec![place.expression.clone()];
        arguments.extend(call.arguments.iter().map(HeldValue::expression));
        let made = builders::call(call.span, api.registered(function.global, call.span), arguments);
        let assignment = builders::assign(call.span, place.expression.clone(), made);
        Ok(Some(builders::sequence(call.span, vec![assignment], builders::constant(call.span, Value::None))))
    });
}

/// The call as it should be written.
fn form(call: &MethodCall<'_>) -> String {
    let base = call.place.as_ref().map_or("…", |place| &place.name);
    format!("{base}.{}({})", call.name, if call.name == CLEAR { "" } else { "member" })
}

/// What a method that updates a set assigns to.
fn assigned<'c>(call: &'c MethodCall<'_>) -> Result<&'c BasePlace, Box<Diagnostic>> {
    let refused = |span, message: String| Diagnostic::error(codes::ASSIGNMENT_TARGET, span, message);
    let expected = "a local, a state, or an attribute";
    let Some(place) = &call.place else {
        let message = format!("`{}` updates a set that has no name", call.name);
        let diagnostic = refused(call.base.span, message).expected(expected);
        return Err(Box::new(diagnostic.hint("use `|` and `-`, which give the set that is wanted")));
    };
    let name = &place.name;
    match place.kind {
        BaseKind::Local | BaseKind::State | BaseKind::Attribute => Ok(place),
        BaseKind::Fixed => {
            let message = format!("`{name}` is not written, and `{}` updates what it is called on", call.name);
            let hint = format!("keep a set under a name of its own, `own = {name}.copy()`, or use `|` and `-`");
            Err(Box::new(refused(call.base.span, message).expected(expected).hint(hint)))
        }
        BaseKind::Parameter => {
            let message = format!(
                "`{name}` is a parameter, and sets are copied into helpers: its caller would not see what `{}` does",
                call.name
            );
            let hint = format!("keep it under a name of its own, `own = {name}.copy()`, and return that");
            Err(Box::new(refused(call.base.span, message).expected(expected).hint(hint)))
        }
    }
}
