//! Elaborators: what they answer is typed in the place of what they were asked about.

use std::rc::Rc;

use cfunc_context::{
    AssignedPlace, Assignment, AssignmentElaborator, AttributeAccess, BasePlace, CompilationContext, ExtensionId,
    Handler, HandlerResult, HeldValue, InferApi, MethodCall, ScopeEntry, ask_handler,
};
use cfunc_models::{Diagnostic, FunctionModel, LocalModel, Severity, Span, Type, TypeTable, Value, codes};
use cfunc_syntax::ast::{
    Binding, Expression, ExpressionKind, GlobalId, LocalId, Member, Name, Statement, StatementKind,
};
use cfunc_syntax::visit_mut::{VisitorMut, walk_expression_mut, walk_statement_mut};
use cfunc_syntax::{builders, dismantle};

use crate::arms::sequence;
use crate::call::EXTENSION_HINT;
use crate::infer::Inference;
use crate::typed::TypedExpression;

/// How many answers may be typed inside of each other.
const MAXIMUM_NESTING: usize = 16;
/// How deep the trees of answers inside of each other may be together: what there is room for on the stack.
const MAXIMUM_DEPTH: usize = 40;
/// How many answers one elaboration of the source may lead to.
const MAXIMUM_ANSWERS: usize = 1_000;

const NOT_OF_THIS: &str = "a name of another function";

/// Elaborations that are under way, and what they need.
#[derive(Default)]
pub(crate) struct Elaborations {
    /// The depth of each answer that is being typed.
    active: Vec<usize>,
    /// How many answers the outermost elaboration led to.
    answers: usize,
    /// The values that answers name.
    held: Vec<TypedExpression>,
    /// Answers, kept so that the places of their loops in memory stay theirs.
    kept: Vec<Rc<Expression>>,
}

impl Inference<'_> {
    /// A value that an answer names.
    pub(crate) fn held_value(&mut self, number: u32, span: Span) -> TypedExpression {
        match self.elaborations.held.get(number as usize) {
            Some(held) => held.clone(),
            None => self.unsupported("a held value outside of an elaboration", span),
        }
    }

    /// What an elaborator says that an attribute stands for.
    pub(crate) fn attribute_answer(&mut self, base: &TypedExpression, name: &str, span: Span) -> Option<Answer> {
        let context = self.context;
        let known = base.constant.as_ref().map_or(&[][..], |value| context.constant_elaborators(value));
        let handlers = [known, context.attribute_elaborators(self.types, base.ty)];
        if handlers.iter().all(|handlers| handlers.is_empty()) {
            return None;
        }
        let asked = AttributeAccess { span, base: self.described(0, base), name };
        let mut handlers = handlers.into_iter().flatten();
        handlers.find_map(|handler| self.answer(handler, span, |api| (handler.handle)(api, &asked)))
    }

    /// What an elaborator says that a call of a method stands for; the base is the first of what is given.
    pub(crate) fn call_answer(
        &mut self,
        (name, place): (&str, Option<BasePlace>),
        given: &[TypedExpression],
        keywords: &[(Name, TypedExpression)],
        span: Span,
    ) -> Option<Answer> {
        let context = self.context;
        let mut held = given.iter().enumerate().map(|(index, value)| self.described(index, value));
        let base = held.next()?;
        let handlers = context.call_elaborators(self.types, base.ty);
        let arguments = held.collect();
        let keywords = keywords.iter().enumerate();
        let keywords = keywords
            .map(|(index, (name, value))| (Name::clone(name), self.described(given.len() + index, value)))
            .collect();
        let asked = MethodCall { span, base, place, name, arguments, keywords };
        handlers.iter().find_map(|handler| self.answer(handler, span, |api| (handler.handle)(api, &asked)))
    }

    /// What an elaborator says that a write of an attribute does. Value and base are given in the order in which they are
    /// evaluated.
    pub(crate) fn set_attribute_answer(
        &mut self,
        (value, base): (&TypedExpression, &TypedExpression),
        name: &str,
        span: Span,
    ) -> Option<Answer> {
        let context = self.context;
        let handlers = context.assignment_elaborators(self.types, base.ty);
        if handlers.is_empty() {
            return None;
        }
        let place = AssignedPlace::Attribute { base: self.described(1, base), name };
        self.assignment_answer(handlers, &Assignment { span, place, value: self.described(0, value) })
    }

    /// What an elaborator says that a write of an element does: of value, base and index, in this order.
    pub(crate) fn set_item_answer(&mut self, given: &[TypedExpression; 3], span: Span) -> Option<Answer> {
        let context = self.context;
        let [value, base, index] = given;
        let handlers = context.assignment_elaborators(self.types, base.ty);
        if handlers.is_empty() || given.iter().any(|value| self.is_poison(value)) {
            return None;
        }
        let place = AssignedPlace::Subscript { base: self.described(1, base), index: self.described(2, index) };
        self.assignment_answer(handlers, &Assignment { span, place, value: self.described(0, value) })
    }

    /// What is assigned to a name in the place of a value.
    pub(crate) fn elaborated_value(
        &mut self,
        place: AssignedPlace<'_>,
        value: TypedExpression,
        span: Span,
    ) -> TypedExpression {
        let context = self.context;
        let handlers = context.store_elaborators(self.types, value.ty);
        if handlers.is_empty() || self.is_poison(&value) {
            return value;
        }
        let asked = Assignment { span, place, value: self.described(0, &value) };
        match self.assignment_answer(handlers, &asked) {
            Some(answer) => self.elaborated(answer, vec![value], "an assigned value", span),
            None => value,
        }
    }

    fn assignment_answer(
        &mut self,
        handlers: &[Handler<AssignmentElaborator>],
        asked: &Assignment<'_>,
    ) -> Option<Answer> {
        let span = asked.span;
        handlers.iter().find_map(|handler| self.answer(handler, span, |api| (handler.handle)(api, asked)))
    }

    /// A value as an elaborator sees it. Its number is the one that it gets where there is an answer.
    fn described(&self, index: usize, value: &TypedExpression) -> HeldValue {
        let number = u32::try_from(self.elaborations.held.len() + index).unwrap_or(u32::MAX);
        HeldValue { number, ty: value.ty, constant: value.constant.clone(), span: value.span }
    }

    /// What one elaborator answers: with whose it is, or with what is wrong.
    fn answer<F>(
        &mut self,
        handler: &Handler<F>,
        span: Span,
        ask: impl FnOnce(&mut Self) -> HandlerResult<Option<Expression>>,
    ) -> Option<Answer> {
        let extension = handler.extension.clone();
        let answer = ask_handler("an elaborator", &extension, span, || ask(self));
        match answer.transpose()? {
            Ok(tree) => Some(Answer { extension, tree: Some(tree) }),
            Err(diagnostic) => {
                let is_error = diagnostic.severity == Severity::Error;
                self.report(*diagnostic);
                if !is_error {
                    let message = format!("an elaborator of `{extension}` refuses without an error");
                    self.report(Diagnostic::error(codes::EXTENSION, span, message).hint(EXTENSION_HINT));
                }
                Some(Answer { extension, tree: None })
            }
        }
    }

    /// Types an answer: what was given first, each once, then what the answer says.
    pub(crate) fn elaborated(
        &mut self,
        answer: Answer,
        given: Vec<TypedExpression>,
        what: &str,
        span: Span,
    ) -> TypedExpression {
        let Answer { extension, tree: Some(mut tree) } = answer else { return self.poison(span, Type::OBJECT) };
        if self.elaborations.active.is_empty() {
            self.elaborations.answers = 0;
        }
        self.elaborations.answers += 1;
        let mut binder = Binder { inference: self, extension: &extension, span, depth: 0, deepest: 0, failed: false };
        binder.expression(&mut tree);
        let (depth, failed) = (binder.deepest, binder.failed);
        if failed {
            dismantle(tree);
            return self.poison(span, Type::OBJECT);
        }
        let elaborations = &self.elaborations;
        let together: usize = elaborations.active.iter().sum::<usize>() + depth;
        if elaborations.active.len() >= MAXIMUM_NESTING
            || together > MAXIMUM_DEPTH
            || elaborations.answers > MAXIMUM_ANSWERS
        {
            let message = format!(
                "the elaboration of {what} does not end: an elaborator of `{extension}` answers with what it is asked about again"
            );
            self.report(Diagnostic::error(codes::EXTENSION, span, message).hint(EXTENSION_HINT));
            return self.poison(span, Type::OBJECT);
        }
        let mut statements = Vec::new();
        let first = self.elaborations.held.len();
        for value in given {
            let held = self.hold(value, &mut statements);
            self.elaborations.held.push(held);
        }
        let tree = Rc::new(tree);
        self.elaborations.kept.push(Rc::clone(&tree));
        self.elaborations.active.push(depth);
        let value = self.expression(&tree);
        self.elaborations.active.pop();
        self.elaborations.held.truncate(first);
        sequence(statements, value, span)
    }

    /// Adds a local that the source does not name.
    fn add_local(&mut self, hint: &str) -> (LocalId, Name) {
        let mut name: Name = format!("_{hint}").into();
        let mut number = 1;
        while self.locals.iter().any(|local| local.name == name) {
            name = format!("_{hint}_{number}").into();
            number += 1;
        }
        let id = LocalId(u32::try_from(self.locals.len()).unwrap_or(u32::MAX));
        self.locals.to_mut().push(LocalModel { name: Name::clone(&name), shadows: None, passes_on: false });
        self.environment.add_local();
        self.local_slots.push(Vec::new());
        self.tracked.push(false);
        self.selected.push(false);
        (id, name)
    }
}

/// What an elaborator answered; `None` where what was wrong is reported.
pub(crate) struct Answer {
    extension: ExtensionId,
    tree: Option<Expression>,
}

impl InferApi for Inference<'_> {
    fn function(&self) -> &FunctionModel {
        &self.marked.function
    }

    fn types(&self) -> &TypeTable {
        self.types
    }

    fn types_mut(&mut self) -> &mut TypeTable {
        self.types
    }

    fn context(&self) -> &CompilationContext {
        self.context
    }

    fn global_value(&self, path: &str) -> Option<Value> {
        let mut parts = path.split('.');
        let mut expression = builders::name(Span::default(), parts.next()?);
        for part in parts {
            expression = builders::attribute(Span::default(), expression, part);
        }
        self.scope?.value_of(&expression).cloned()
    }

    fn registered(&self, id: GlobalId, span: Span) -> Expression {
        builders::bound_name(span, self.context.globals().get(id).name.as_str(), Binding::Global(id))
    }

    fn registered_name(&self, path: &str, span: Span) -> Option<Expression> {
        let id = self.context.globals().lookup_path(path)?;
        Some(self.registered(id, span))
    }

    fn new_local(&mut self, hint: &str, span: Span) -> Expression {
        let (local, name) = self.add_local(hint);
        builders::bound_name(span, name, Binding::Local(local))
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        Inference::report(self, diagnostic);
    }
}

/// Binds what an answer names, as the transformer does it for handlers.
struct Binder<'a, 'b> {
    inference: &'a mut Inference<'b>,
    extension: &'a ExtensionId,
    /// What the elaborator was asked about.
    span: Span,
    depth: usize,
    deepest: usize,
    failed: bool,
}

impl Binder<'_, '_> {
    fn refuse(&mut self, what: &str) {
        let message = format!("an elaborator of `{}` answers with {what}", self.extension);
        let diagnostic = Diagnostic::error(codes::EXTENSION, self.span, message);
        self.inference.report(diagnostic.hint(EXTENSION_HINT));
        self.failed = true;
    }

    fn deeper(&mut self) -> bool {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        if self.depth > MAXIMUM_DEPTH && !self.failed {
            self.refuse("a tree that is nested too deeply");
        }
        !self.failed
    }
}

impl VisitorMut for Binder<'_, '_> {
    fn statement(&mut self, statement: &mut Statement) {
        if self.deeper() {
            match &statement.kind {
                StatementKind::Return(_) | StatementKind::Break | StatementKind::Continue => {
                    self.refuse("statements that leave an expression");
                }
                _ => walk_statement_mut(self, statement),
            }
        }
        self.depth -= 1;
    }

    fn expression(&mut self, expression: &mut Expression) {
        if !self.deeper() {
            self.depth -= 1;
            return;
        }
        let inference = &*self.inference;
        let of = (&inference.marked.function, &inference.marked.variables, inference.result.is_some());
        let known = match &expression.kind {
            ExpressionKind::Name { binding: Binding::Local(id), .. } => (id.0 as usize) < inference.locals.len(),
            ExpressionKind::Name { binding: Binding::Global(id), .. } => inference.context.globals().contains(*id),
            ExpressionKind::Name { binding: Binding::Helper(id), .. } => (id.0 as usize) < inference.helpers.len(),
            _ => true,
        };
        let misnamed = if known { inference.context.layout().misnamed(expression, of) } else { Some(NOT_OF_THIS) };
        if let Some(what) = misnamed {
            self.refuse(what);
            self.depth -= 1;
            return;
        }
        match &mut expression.kind {
            ExpressionKind::Name { name, binding } if *binding == Binding::Unresolved => {
                let found = match self.inference.scope {
                    Some(scope) => scope.lookup(name),
                    None => self.inference.context.globals().lookup(name).map(ScopeEntry::Global),
                };
                match found {
                    Some(ScopeEntry::Global(id)) => *binding = Binding::Global(id),
                    _ => {
                        let what = format!("the name `{name}`, which nothing is registered for");
                        self.refuse(&what);
                    }
                }
            }
            ExpressionKind::Attribute { value, attribute, member } => {
                if *member == Member::Unresolved {
                    *member = self.inference.context.registry().member(attribute);
                }
                self.expression(value);
                // A member of a module or class that is registered is a name of its own.
                if let ExpressionKind::Name { binding: Binding::Global(owner), .. } = &value.kind {
                    let globals = self.inference.context.globals();
                    if let Some(id) = globals.get(*owner).members.get(attribute).copied() {
                        let (name, binding) = (globals.get(id).name.as_str().into(), Binding::Global(id));
                        expression.kind = ExpressionKind::Name { name, binding };
                    }
                }
            }
            _ => walk_expression_mut(self, expression),
        }
        self.depth -= 1;
    }
}
