//! What is to be compiled, in a form that can be told from others and compiled again.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use cfunc_backend::{Backend, SymbolTable};
use cfunc_context::{Bindings, BoundArgument, CompilationContext};
use cfunc_models::Value;
use cfunc_syntax::ParseOutcome;

use crate::{ArgumentTypes, CompileRequest, Source};

/// What one unit is compiled from, but for the context.
pub(crate) struct Order {
    /// Without what is bound, where compiling it again may give something else: nothing is compiled from it then, and the
    /// objects of the host are not for a unit to keep.
    pub(crate) request: CompileRequest,
    /// Of a plain function: the types of its arguments.
    pub(crate) arguments: Option<ArgumentTypes>,
    /// Whether compiling it again gives the same.
    pub(crate) is_repeatable: bool,
}

impl Order {
    pub(crate) fn new(
        context: &CompilationContext,
        request: &CompileRequest,
        arguments: Option<&ArgumentTypes>,
    ) -> Self {
        let is_repeatable = is_repeatable(context, request);
        let mut request = request.clone();
        if !is_repeatable {
            request.bindings = Bindings::default();
        }
        Self { request, arguments: arguments.cloned(), is_repeatable }
    }

    /// Whether it gives what another one does, in the same context. Both can be [compared](can_be_compared).
    pub(crate) fn is_same(&self, request: &CompileRequest, arguments: Option<&ArgumentTypes>) -> bool {
        let same_arguments = match (&self.arguments, arguments) {
            (None, None) => true,
            (Some(own), Some(other)) => own.is_same(other),
            (None, Some(_)) | (Some(_), None) => false,
        };
        same_arguments && same_requests(&self.request, request)
    }
}

/// Whether compiling a request again gives the same. What a handler makes of an object of the host is not for us to know.
fn is_repeatable(context: &CompilationContext, request: &CompileRequest) -> bool {
    let is_value =
        |argument: &BoundArgument| matches!(argument, BoundArgument::Value(value) if !value.has_host_object());
    let bindings = &request.bindings;
    !context.answers_may_change()
        && bindings.object_typing().is_none()
        && bindings.iter().all(|(_, argument)| is_value(argument))
        && !request.global_values.iter().any(|(_, value)| value.has_host_object())
}

/// Whether what is to be compiled can be told from something else. Statements that a host adds are not looked into, nor are
/// types of a table that is the function's own.
pub(crate) fn can_be_compared(
    context: &CompilationContext,
    request: &CompileRequest,
    arguments: Option<&ArgumentTypes>,
) -> bool {
    request.bodies.is_empty() && arguments.is_none_or(ArgumentTypes::can_be_compared) && is_repeatable(context, request)
}

/// Hashes what tells most requests apart.
pub(crate) fn fingerprint(request: &CompileRequest, arguments: Option<&ArgumentTypes>, hasher: &mut impl Hasher) {
    hash_source(&request.source, hasher);
    request.function.hash(hasher);
    request.signature.hash(hasher);
    request.options.hash(hasher);
    for (name, argument) in request.bindings.iter() {
        name.hash(hasher);
        if let BoundArgument::Value(value) = argument {
            hash_value(value, hasher);
        }
    }
    for (name, value) in &request.global_values {
        name.hash(hasher);
        hash_value(value, hasher);
    }
    arguments.is_some().hash(hasher);
}

fn hash_source(source: &Source, hasher: &mut impl Hasher) {
    source.name().hash(hasher);
    source.text().hash(hasher);
}

/// Hashes numbers and texts; of other values their kinds.
fn hash_value(value: &Value, hasher: &mut impl Hasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Boolean(value) => value.hash(hasher),
        Value::Integer(value) | Value::Datetime(value) | Value::Timedelta(value) => value.hash(hasher),
        Value::Float(value) => value.to_bits().hash(hasher),
        Value::Text(text) => text.hash(hasher),
        _ => {}
    }
}

/// Whether two requests ask for the same.
fn same_requests(own: &CompileRequest, other: &CompileRequest) -> bool {
    // Taken apart, so that something new cannot be forgotten here.
    let CompileRequest {
        source,
        function,
        bindings,
        options,
        backend,
        symbols,
        parsed,
        signature,
        decorator,
        global_values,
        global_functions,
        bodies,
        // These say what to do with a result, not which it is.
        reuse: _,
        keep_stages: _,
    } = own;
    *source == other.source
        && *function == other.function
        && *options == other.options
        && *signature == other.signature
        && *decorator == other.decorator
        && *global_functions == other.global_functions
        && same_bindings(bindings, &other.bindings)
        && global_values.len() == other.global_values.len()
        && global_values
            .iter()
            .zip(&other.global_values)
            .all(|((name, value), (other_name, other_value))| name == other_name && same_values(value, other_value))
        && bodies.is_empty()
        && other.bodies.is_empty()
        && same_backends(backend.as_ref(), other.backend.as_ref())
        && same_symbols(symbols, &other.symbols)
        && same_trees(parsed.as_ref(), other.parsed.as_ref())
}

/// In the same order, too: diagnostics name what is bound in that order.
fn same_bindings(own: &Bindings, other: &Bindings) -> bool {
    let same = |own: &BoundArgument, other: &BoundArgument| match (own, other) {
        (BoundArgument::Value(own), BoundArgument::Value(other)) => same_values(own, other),
        _ => false,
    };
    own.may_be_unbound() == other.may_be_unbound()
        && own.object_typing().is_none()
        && other.object_typing().is_none()
        && own.iter().len() == other.iter().len()
        && own.iter().zip(other.iter()).all(|((name, argument), (other_name, other_argument))| {
            name == other_name && same(argument, other_argument)
        })
}

/// Whether two values are the same constant: floats by their bits, as 0.0 and -0.0 are not.
fn same_values(own: &Value, other: &Value) -> bool {
    let lists = |own: &[Value], other: &[Value]| {
        own.len() == other.len() && own.iter().zip(other).all(|(own, other)| same_values(own, other))
    };
    match (own, other) {
        (Value::Float(own), Value::Float(other)) => own.to_bits() == other.to_bits(),
        (Value::Tuple(own), Value::Tuple(other)) | (Value::List(own), Value::List(other)) => lists(own, other),
        (Value::Dict(own), Value::Dict(other)) => {
            let same = |((key, value), (other_key, other_value)): (&(Value, Value), &(Value, Value))| {
                same_values(key, other_key) && same_values(value, other_value)
            };
            own.len() == other.len() && own.iter().zip(other).all(same)
        }
        (Value::Record(own_name, own), Value::Record(other_name, other)) => {
            let same = |((name, value), (other_name, other_value)): (&(String, Value), &(String, Value))| {
                name == other_name && same_values(value, other_value)
            };
            own_name == other_name && own.len() == other.len() && own.iter().zip(other).all(same)
        }
        (Value::Host(_), _) | (_, Value::Host(_)) => false,
        // What is left holds no floats.
        _ => own == other,
    }
}

/// One engine, which a unit keeps alive: its address is no other's.
fn same_backends(own: Option<&Arc<dyn Backend>>, other: Option<&Arc<dyn Backend>>) -> bool {
    match (own, other) {
        (None, None) => true,
        (Some(own), Some(other)) => std::ptr::addr_eq(Arc::as_ptr(own), Arc::as_ptr(other)),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn same_symbols(own: &Arc<SymbolTable>, other: &Arc<SymbolTable>) -> bool {
    Arc::ptr_eq(own, other) || own == other
}

/// One tree, which an order keeps alive. Equal ones are not looked for: comparing takes as long as parsing.
fn same_trees(own: Option<&Arc<ParseOutcome>>, other: Option<&Arc<ParseOutcome>>) -> bool {
    match (own, other) {
        (None, None) => true,
        (Some(own), Some(other)) => Arc::ptr_eq(own, other),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use cfunc_models::Value;

    use super::same_values;

    #[test]
    fn floats_are_told_apart_by_their_bits() {
        let within = |value: f64| {
            Value::Record(
                "Pair".to_owned(),
                vec![(
                    "first".to_owned(),
                    Value::Dict(vec![(Value::Text("x".to_owned()), Value::List(vec![Value::Float(value)]))]),
                )],
            )
        };
        assert!(same_values(&within(1.5), &within(1.5)));
        assert!(same_values(&within(f64::NAN), &within(f64::NAN)));
        assert!(!same_values(&within(0.0), &within(-0.0)));
        assert!(!same_values(&Value::Float(1.0), &Value::Integer(1)));
        assert!(!same_values(&Value::Integer(1), &Value::Boolean(true)));
        assert!(!same_values(&Value::Datetime(1), &Value::Timedelta(1)));
        assert!(!same_values(&Value::Tuple(vec![Value::None]), &Value::List(vec![Value::None])));
        assert!(!same_values(&Value::List(vec![Value::None]), &Value::List(vec![Value::None; 2])));
    }
}
