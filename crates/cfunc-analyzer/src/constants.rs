//! Constants: binding values to parameters.

use cfunc_context::fold_default;
use cfunc_models::{Diagnostic, ParameterModel, Type, Value, codes};
use cfunc_sources::CONSTANT_CATEGORY;
use cfunc_syntax::ast::{FunctionDefinition, Parameter};
use cfunc_syntax::closest;

use crate::analyze::Analyzer;
use crate::unknown::is_reported;

impl Analyzer<'_, '_> {
    /// The value of a constant parameter: what is bound, else its default. Where that was reported, some value of the
    /// type takes its place.
    pub(crate) fn constant(
        &mut self,
        parameter: &Parameter,
        ty: Type,
        definition: &FunctionDefinition,
        bound: Option<Value>,
    ) -> Option<Value> {
        self.known_constant(parameter, ty, definition, bound).or_else(|| self.some_value(ty))
    }

    fn known_constant(
        &mut self,
        parameter: &Parameter,
        ty: Type,
        definition: &FunctionDefinition,
        bound: Option<Value>,
    ) -> Option<Value> {
        let (value, from) = match bound {
            Some(value) => (value, "bound value"),
            None if parameter.default.is_some() => (self.default(definition, parameter)?, "default"),
            None if self.bindings.may_be_unbound() => return None,
            None => {
                let message = format!("the constant `{}` is not bound", parameter.name);
                let diagnostic = Diagnostic::error(codes::MISSING_CONSTANT, parameter.span, message);
                let expected = format!("a value of type `{}`", self.types.name(ty));
                self.report(diagnostic.expected(expected).hint("bind a value when compiling, or give it a default"));
                return None;
            }
        };
        if let Some(name) = value.object_name().filter(|name| name.is_empty() || name.contains('\0')) {
            let message = format!("the {from} of the constant `{}` is an object by the name {name:?}", parameter.name);
            let diagnostic = Diagnostic::error(codes::CONSTANT_TYPE, parameter.span, message);
            let expected = "a name of at least one character, none of which is zero";
            let hint = "give the object another name, here and where it is registered by `register_object`";
            self.report(diagnostic.expected(expected).hint(hint));
            return None;
        }
        let converted = self.scope.convert_value(self.types, ty, &value, parameter.span);
        if converted.is_none() {
            let message = format!("the {from} of the constant `{}` is of type `{}`", parameter.name, value.kind());
            let diagnostic = Diagnostic::error(codes::CONSTANT_TYPE, parameter.span, message);
            let expected = format!("a value of type `{}`", self.types.name(ty));
            let hint = format!("give a value of that type, or annotate `{}` with another", parameter.name);
            self.report(diagnostic.expected(expected).hint(hint));
        }
        converted
    }

    fn default(&mut self, definition: &FunctionDefinition, parameter: &Parameter) -> Option<Value> {
        let default = parameter.default.as_ref()?;
        match fold_default(self.scope, definition, default) {
            Some(Ok(value)) => Some(value),
            Some(Err(diagnostic)) => {
                self.report(*diagnostic);
                None
            }
            None if is_reported(default) => None,
            None => {
                let message = format!("the default of `{}` is not known at compile time", parameter.name);
                let diagnostic = Diagnostic::error(codes::CONSTANT_TYPE, default.span, message);
                let hint = "write a literal, or bind a value when compiling";
                self.report(diagnostic.expected("an expression made of literals and constants").hint(hint));
                None
            }
        }
    }

    /// Some value that a type accepts, for checking without a host. Ones rather than zeros: nothing divides by it.
    pub(crate) fn some_value(&self, ty: Type) -> Option<Value> {
        let samples = [
            Value::Integer(1),
            Value::Float(1.0),
            Value::Boolean(true),
            Value::Datetime(1),
            Value::Timedelta(1),
            Value::Text("a".to_owned()),
            Value::List(Vec::new()),
            Value::Dict(Vec::new()),
        ];
        let registry = self.scope.context().registry();
        samples.iter().find_map(|sample| Some(registry.convert_value(self.types, ty, sample)?.0))
    }

    /// Reports bound values that no parameter takes.
    pub(crate) fn refuse_unknown_constants(&mut self, definition: &FunctionDefinition, parameters: &[ParameterModel]) {
        let bindings = self.bindings;
        for name in bindings.names() {
            let declared = definition.parameters.iter().any(|parameter| *parameter.name == *name);
            match declared {
                // Bound, or reported.
                true => {}
                false => {
                    let message = format!("`{}` has no constant `{name}`", definition.name);
                    let diagnostic = Diagnostic::error(codes::UNKNOWN_CONSTANT, definition.name_span, message);
                    let known = parameters.iter().filter(|parameter| *parameter.category == *CONSTANT_CATEGORY);
                    let names: Vec<&str> = known.map(|parameter| &*parameter.name).collect();
                    let hint = match (closest(name, names.iter().copied()), names.as_slice()) {
                        (Some(near), _) => format!("did you mean `{near}`?"),
                        (None, []) => "it has no constants: bind nothing".to_owned(),
                        (None, names) => format!("its constants are `{}`", names.join("`, `")),
                    };
                    self.report(diagnostic.hint(hint));
                }
            }
        }
    }
}
