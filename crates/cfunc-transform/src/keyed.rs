//! Variables that are no values by themselves: containers of inputs, expressions behind a name.

use cfunc_context::{InputReference, TransformApi};
use cfunc_models::{Diagnostic, Value, VariableId, codes};
use cfunc_sources::{InitFilter, KeyedInputs, VariableSource};
use cfunc_syntax::ast::{Binding, Expression, ExpressionKind, Intrinsic};
use cfunc_syntax::closest;

use crate::transformer::Transformer;

/// How many keys a diagnostic lists.
const LISTED_KEYS: usize = 8;

impl Transformer<'_> {
    /// Looks at a name that was bound to a variable: puts what the variable stands for in its place, or refuses it.
    pub(crate) fn bound_variable(&mut self, expression: &mut Expression) {
        let ExpressionKind::Name { binding: Binding::Variable(id), name } = &expression.kind else { return };
        let model = self.variables.get(*id);
        let diagnostic = |message: String| Diagnostic::error(codes::NOT_A_VALUE, expression.span, message);
        match &model.source {
            VariableSource::Keyed(keyed) => {
                let example = match keyed.keys.first() {
                    Some(key) => format!("`{name}[\"{key}\"]`"),
                    None => format!("`{name}[0]`"),
                };
                let diagnostic = diagnostic(format!("`{name}` is a container of inputs, not a value"));
                self.refuse(expression, diagnostic.hint(format!("read one of them: {example}")));
            }
            VariableSource::Expression(_) if self.expanding.contains(id) => {
                let message = format!("what stands for `{name}` is made of `{name}` itself");
                let diagnostic = Diagnostic::error(codes::EXTENSION, expression.span, message);
                let hint = "the extension whose category makes the variable must be mended";
                self.refuse(expression, diagnostic.hint(hint));
            }
            VariableSource::Expression(meaning) => {
                let mut meaning = Expression::new(expression.span, meaning.kind.clone());
                let asked = std::mem::replace(&mut self.asks_handlers, false);
                self.expanding.push(*id);
                self.expression(&mut meaning);
                self.expanding.pop();
                self.asks_handlers = asked;
                *expression = meaning;
            }
            _ if model.init_filter == InitFilter::Never => {
                let diagnostic = diagnostic(format!("`{name}` is not a value"));
                self.refuse(expression, diagnostic.hint("use it as the extension that declares it says"));
            }
            _ => {}
        }
    }

    /// The container that a name stands for, in any phase.
    pub(crate) fn container(&self, expression: &Expression) -> Option<(VariableId, &KeyedInputs)> {
        let ExpressionKind::Name { name, binding } = &expression.kind else { return None };
        let binding = if *binding == Binding::Unresolved { self.own_binding(name)? } else { *binding };
        let Binding::Variable(id) = binding else { return None };
        match &self.variables.get(id).source {
            VariableSource::Keyed(keyed) => Some((id, keyed)),
            _ => None,
        }
    }

    /// The container that an expression names, and the key that it is read by.
    fn keyed<'e>(&self, expression: &'e Expression) -> Option<(VariableId, &KeyedInputs, &'e Expression)> {
        let ExpressionKind::Subscript { value, index } = &expression.kind else { return None };
        let (id, keyed) = self.container(value)?;
        self.absent_in(Binding::Variable(id)).is_none().then_some((id, keyed, index))
    }

    /// The input that an expression reads.
    pub(crate) fn input_reference<'e>(&self, expression: &'e Expression) -> Option<InputReference<'e>> {
        if let Some((id, model)) = self.variable_of(expression) {
            return matches!(model.source, VariableSource::Input { .. }).then_some(InputReference::Input(id));
        }
        let (container, keyed, index) = self.keyed(expression)?;
        match self.value_of(index) {
            Some(key) => keyed.child(&key).map(InputReference::Input),
            None => {
                let span = self.variables.keyed_span(container)?;
                Some(InputReference::Element { container, span, index })
            }
        }
    }

    /// Puts the input of a container in the place of `container[key]`.
    pub(crate) fn keyed_element(&mut self, expression: &mut Expression) -> bool {
        let Some((container, keyed, index)) = self.keyed(expression) else { return false };
        let place = index.span;
        let name = &self.variables.get(container).name;
        let diagnostic = match self.value_of(index) {
            Some(key) => match keyed.child(&key) {
                Some(child) => {
                    *expression = self.variable(child, expression.span);
                    return true;
                }
                None => unknown_key(name, keyed, &key, place),
            },
            None if self.variables.keyed_span(container).is_some() => {
                let mut index = index.clone();
                self.expression(&mut index);
                let intrinsic = Intrinsic::InputAt { variable: container };
                expression.kind = ExpressionKind::Intrinsic { intrinsic, arguments: vec![index] };
                return true;
            }
            None => {
                let message = format!("`{name}` is read at a key that is known at run time only");
                Diagnostic::error(codes::UNSUPPORTED, place, message).hint("write an `if` for each key")
            }
        };
        self.refuse(expression, diagnostic);
        true
    }
}

fn unknown_key(name: &str, keyed: &KeyedInputs, key: &Value, place: cfunc_models::Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(codes::UNKNOWN_NAME, place, format!("`{name}` has no input {key}"));
    if let Value::Text(text) = key
        && let Some(near) = closest(text, keyed.keys.iter().map(|key| &**key))
    {
        return diagnostic.hint(format!("did you mean \"{near}\"?"));
    }
    if keyed.keys.is_empty() {
        let expected = match keyed.children.len() {
            0 => "none: it is empty".to_owned(),
            1 => "0".to_owned(),
            length => format!("0 to {}", length - 1),
        };
        return diagnostic.expected(expected);
    }
    let listed: Vec<String> = keyed.keys.iter().take(LISTED_KEYS).map(|key| format!("\"{key}\"")).collect();
    diagnostic.expected(format!("one of {}", listed.join(", ")))
}
