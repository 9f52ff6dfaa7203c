//! What is kept: bound to a name, put into a display, returned by a helper. Values of some types are kept in another one.

use cfunc_models::{Diagnostic, Kept, Type, codes};

use crate::infer::Inference;
use crate::typed::TypedExpression;

impl Inference<'_> {
    /// A value in the form in which it is kept; reported where it cannot be. What for completes "expected … for".
    pub(crate) fn keep(&mut self, value: TypedExpression, what_for: &str) -> TypedExpression {
        if self.is_poison(&value) {
            return value;
        }
        let Some((kept, rule)) = self.context.registry().kept(self.types, value.ty) else { return value };
        rule.into_iter().for_each(|rule| self.uses.ask(rule));
        match kept {
            Kept::As(ty) => self.coerce(value, ty, what_for),
            Kept::Not(reason) => {
                let name = self.type_name(value.ty).to_owned();
                let message = format!("a value of type {name} cannot be kept in {what_for}: {reason}");
                let diagnostic = Diagnostic::error(codes::NOT_KEPT, value.span, message);
                self.report(diagnostic.hint("use it where it is, without a name of its own"));
                self.poison(value.span, Type::OBJECT)
            }
        }
    }

    /// The elements of a display in the form in which they are kept.
    pub(crate) fn keep_all(&mut self, values: Vec<TypedExpression>, what_for: &str) -> Vec<TypedExpression> {
        values.into_iter().map(|value| self.keep(value, what_for)).collect()
    }
}
