//! What is returned, as outputs: None leaves an output as it is.

use cfunc_context::Operation;
use cfunc_models::{Diagnostic, Span, Type, Value, codes};
use cfunc_syntax::ast::CompareOperator;

use crate::infer::Inference;
use crate::typed::{TypedExpression, TypedStatement, TypedStatementKind};

impl Inference<'_> {
    /// `x is None`.
    pub(crate) fn is_none(&mut self, value: &TypedExpression) -> TypedExpression {
        let none = self.constant(Value::None, value.span);
        let identity = Operation::Compare(CompareOperator::Is).id();
        self.apply(identity, vec![value.clone(), none], Vec::new(), value.span)
    }

    /// Whether a value is None, or may be.
    pub(crate) fn may_be_none(&self, value: &TypedExpression) -> bool {
        value.ty == Type::NONE || self.context.registry().unwrapped(self.types, value.ty).is_some()
    }

    /// Does something with a value unless it is None, which it may be.
    pub(crate) fn unless_none(
        &mut self,
        value: TypedExpression,
        out: &mut Vec<TypedStatement>,
        work: impl FnOnce(&mut Self, TypedExpression, &mut Vec<TypedStatement>),
    ) {
        let span = value.span;
        let Some(inner) = self.context.registry().unwrapped(self.types, value.ty) else {
            out.push(TypedStatement { span, kind: TypedStatementKind::Evaluate(value) });
            return;
        };
        let held = self.hold(value, out);
        let test = self.is_none(&held);
        let test = self.negation(test, span);
        let value = self.coerce(held, inner, "what is returned");
        let mut body = Vec::new();
        work(self, value, &mut body);
        let (body_edge, else_edge) = (self.new_edge(), self.new_edge());
        let kind = TypedStatementKind::If { test, body, or_else: Vec::new(), body_edge, else_edge };
        out.push(TypedStatement { span, kind });
    }

    /// The elements of a tuple to one output each in order, another value to the first.
    pub(crate) fn store_outputs(&mut self, value: TypedExpression, span: Span, out: &mut Vec<TypedStatement>) {
        if self.is_poison(&value) {
            return;
        }
        if self.may_be_none(&value) {
            self.unless_none(value, out, |inference, value, body| inference.store_outputs(value, span, body));
            return;
        }
        let outputs = self.marked.function.outputs.len();
        let count = self.element_count(&value);
        let values = count.unwrap_or(1);
        if values == 0 || values > outputs {
            let message = format!("{} returned for {}", counted(values, "value"), counted(outputs, "output"));
            let diagnostic = Diagnostic::error(codes::OUTPUT_COUNT, span, message);
            let diagnostic = diagnostic.expected(format!("at most {}", counted(outputs, "value")));
            self.report(diagnostic.hint("return one value for each output, or declare more outputs"));
            return;
        }
        if values < outputs {
            let message = format!("{} for {}", counted(values, "value"), counted(outputs, "output"));
            let diagnostic = Diagnostic::warning(codes::FEWER_OUTPUTS, span, message);
            self.report(diagnostic.hint("outputs without a value do not tick; write None for them"));
        }
        let elements = match count {
            Some(count) => {
                let held = self.hold(value, out);
                (0..count).map(|index| self.element(&held, index, span)).collect()
            }
            None => vec![value],
        };
        for (position, element) in (0u32..).zip(elements) {
            if let Some(output) = self.marked.variables.output(position) {
                self.store_variable(output, element, span, out);
            }
        }
    }
}

fn counted(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {what}s"),
        1 => format!("one {what}"),
        _ => format!("{number} {what}s"),
    }
}
