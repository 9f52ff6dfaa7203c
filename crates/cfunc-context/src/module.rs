//! What a module binds at its level: constants, functions, classes.

use std::sync::Arc;

use cfunc_models::{AbiConfig, Diagnostic, LifecyclePhase, Span, Type, TypeTable, Value, codes};
use cfunc_syntax::ast::{
    ClassDefinition, Expression, ExpressionKind, FunctionDefinition, Name, Statement, StatementKind,
};
use cfunc_syntax::integer_range;
use cfunc_syntax::visit::assigned_names;

use crate::fold::{fold_constant, fold_constant_at};
use crate::{
    FoldArguments, FoldError, GlobalDefinition, LifecycleFunction, ModuleScope, Operation, OtherFunction, ScopeEntry,
};

/// A name that a module binds itself.
#[derive(Clone, Debug)]
pub struct ModuleName<'context> {
    /// Its value or type, where it has one.
    pub definition: GlobalDefinition,
    /// What it is.
    pub kind: ModuleNameKind<'context>,
    /// Where it is bound.
    pub span: Span,
}

/// What a name of a module is.
#[derive(Clone, Debug)]
pub enum ModuleNameKind<'context> {
    /// A value known at compile time.
    Value,
    /// A function.
    Function(&'context FunctionDefinition),
    /// A function of another module.
    Foreign(OtherFunction<'context>),
    /// A class, with the values of its members in order.
    Class(Vec<(Name, Value)>),
    /// Nothing that the compiler knows a value of; why, for where it is used.
    Unknown(Arc<Diagnostic>),
}

impl ModuleName<'_> {
    /// The value of a member of a class.
    pub fn member(&self, name: &str) -> Option<&Value> {
        match &self.kind {
            ModuleNameKind::Class(members) => {
                members.iter().find(|(member, _)| **member == *name).map(|(_, value)| value)
            }
            ModuleNameKind::Value
            | ModuleNameKind::Function(_)
            | ModuleNameKind::Foreign(_)
            | ModuleNameKind::Unknown(_) => None,
        }
    }
}

/// What a class handler may ask.
pub struct ClassApi<'a, 'context> {
    /// The names bound before the class.
    pub scope: &'a ModuleScope<'context>,
    /// The types known so far; handlers add that of the class.
    pub types: &'a mut TypeTable,
    /// The widths of enums.
    pub abi: &'a AbiConfig,
}

/// What a class of a module is.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassDeclaration {
    /// The type of its values.
    pub ty: Type,
    /// The values of its members, by name, in order.
    pub members: Vec<(Name, Value)>,
}

impl ClassApi<'_, '_> {
    /// The value of an expression in the class's body, where it is known at compile time.
    pub fn value_of(&self, expression: &Expression) -> Option<Result<Value, Box<Diagnostic>>> {
        fold_constant(self.scope, expression)
    }
}

/// Reads classes at module level.
pub trait ClassHandler: Send + Sync {
    /// The class, where it is of this handler's kind.
    ///
    /// # Errors
    ///
    /// A diagnostic where it is of this handler's kind and wrong.
    fn define(
        &self,
        api: &mut ClassApi<'_, '_>,
        class: &ClassDefinition,
    ) -> Result<Option<ClassDeclaration>, Box<Diagnostic>>;
}

impl<'context> ModuleScope<'context> {
    /// Binds what statements of module level bind, in order.
    pub(crate) fn statements(&mut self, statements: &'context [Statement]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &'context Statement) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Import(names) => names.iter().for_each(|alias| self.import_module(alias, span)),
            StatementKind::ImportFrom { module, names } => {
                names.iter().for_each(|alias| self.import_name(module, alias, span));
            }
            StatementKind::FunctionDefinition(function) => self.define_function(function, span),
            StatementKind::ClassDefinition(class) => self.define_class(class, span),
            StatementKind::Assign { targets, value } => {
                targets.iter().for_each(|target| self.assign(target, value, span));
            }
            StatementKind::AnnotatedAssign { target, value: Some(value), .. } => self.assign(target, value, span),
            StatementKind::AugmentedAssign { target, operator, value } => {
                let operation = Operation::Binary(*operator).id();
                let left = self.value_of(target).cloned();
                let result = left.zip(fold_constant_at(self, value, None)).and_then(|(left, right)| match right {
                    Ok(right) => {
                        let positional = [left, right];
                        let arguments = FoldArguments { positional: &positional, keywords: &[], exact: true };
                        let failed =
                            |error: FoldError| Box::new(Diagnostic::error(codes::CONSTANT_VALUE, span, error.message));
                        Some(self.evaluate(operation, &arguments, span)?.map_err(failed))
                    }
                    Err(diagnostic) => Some(Err(diagnostic)),
                });
                self.bind_result(target, result, span);
            }
            StatementKind::Delete(targets) => {
                for target in targets {
                    if let ExpressionKind::Name { name, .. } = &target.kind {
                        self.bind(name, None, span);
                    }
                }
            }
            StatementKind::If { test, .. } if is_main_test(test) => {}
            _ => {
                self.nested_imports(statement);
                for name in assigned_names(std::slice::from_ref(statement)) {
                    if !matches!(self.lookup(&name), Some(ScopeEntry::Global(_) | ScopeEntry::UnknownModule)) {
                        let message = format!("what `{name}` is bound to depends on the path that the module takes");
                        self.bind_unknown(&name, message, span);
                    }
                }
            }
        }
    }

    /// Imports inside of `try` and `if` at module level are taken as if they were made.
    fn nested_imports(&mut self, statement: &'context Statement) {
        let blocks: Vec<&'context [Statement]> = match &statement.kind {
            StatementKind::If { body, or_else, .. } => vec![body, or_else],
            StatementKind::Try { body, or_else, finally, .. } => vec![body, or_else, finally],
            _ => Vec::new(),
        };
        for inner in blocks.into_iter().flatten() {
            match &inner.kind {
                StatementKind::Import(_) | StatementKind::ImportFrom { .. } => self.statement(inner),
                _ => {}
            }
        }
    }

    fn bind_unknown(&mut self, name: &Name, message: String, span: Span) {
        let diagnostic = Diagnostic::error(codes::CONSTANT_VALUE, span, message)
            .expected("an expression made of literals, constants and what can be evaluated at compile time");
        self.bind_problem(name, diagnostic, span);
    }

    fn bind_problem(&mut self, name: &Name, diagnostic: Diagnostic, span: Span) {
        let definition = GlobalDefinition { name: name.to_string(), ..GlobalDefinition::default() };
        self.bind_own(name, definition, ModuleNameKind::Unknown(Arc::new(diagnostic)), span);
    }

    fn assign(&mut self, target: &Expression, value: &Expression, span: Span) {
        // Another name for what is no value: a module, a class, a function.
        if let ExpressionKind::Name { name, .. } = &target.kind
            && self.value_of(value).is_none()
            && let Some(entry) = self.resolve(value)
        {
            return self.bind(name, Some(entry), span);
        }
        let result = fold_constant_at(self, value, None);
        self.bind_result(target, result, span);
    }

    /// Binds the names of a target to a value, or to why there is none.
    fn bind_result(&mut self, target: &Expression, result: Option<Result<Value, Box<Diagnostic>>>, span: Span) {
        match &target.kind {
            ExpressionKind::Name { name, .. } => match result {
                // An int may be a part of later ones; a container of it is of no use.
                Some(Ok(value)) if value.is_too_large() && !value.is_literal() => {
                    self.bind_problem(name, integer_range(span), span);
                }
                Some(Ok(value)) => self.bind_value(name, value, span),
                Some(Err(diagnostic)) => self.bind_problem(name, *diagnostic, span),
                None => {
                    self.bind_unknown(name, format!("the value of `{name}` is not known at compile time"), span);
                }
            },
            ExpressionKind::Tuple(elements) | ExpressionKind::List(elements) => {
                let values = match result {
                    Some(Ok(Value::Tuple(values) | Value::List(values))) if values.len() == elements.len() => values,
                    Some(Err(diagnostic)) => {
                        return elements
                            .iter()
                            .for_each(|element| self.bind_result(element, Some(Err(diagnostic.clone())), span));
                    }
                    _ => return elements.iter().for_each(|element| self.bind_result(element, None, span)),
                };
                for (element, value) in elements.iter().zip(values) {
                    self.bind_result(element, Some(Ok(value)), span);
                }
            }
            // What a module changes after it was built is not known any more.
            ExpressionKind::Subscript { value, .. } | ExpressionKind::Attribute { value, .. } => {
                if let ExpressionKind::Name { .. } = &value.kind {
                    self.bind_result(value, None, span);
                }
            }
            _ => {}
        }
    }

    fn define_function(&mut self, function: &'context FunctionDefinition, span: Span) {
        let definition = GlobalDefinition { name: function.name.to_string(), ..GlobalDefinition::default() };
        if let Some((node, phase)) = function.decorators.iter().find_map(|decorator| self.lifecycle_of(decorator)) {
            self.lifecycle.push(LifecycleFunction { node, phase, definition: function });
            // A body may have the name of the node's other body, as `def _():` does; the node's name stays the node's.
            if matches!(self.lookup(&function.name), Some(ScopeEntry::Module(_))) {
                return;
            }
        }
        if function.decorators.iter().any(|decorator| self.is_odd(decorator)) {
            self.oddly_decorated.push(function);
        }
        self.bind_own(&function.name, definition, ModuleNameKind::Function(function), span);
    }

    /// Whether a decorator is an attribute of what is neither registered nor imported, and not a phase of a node.
    fn is_odd(&self, decorator: &Expression) -> bool {
        let ExpressionKind::Attribute { value, .. } = &decorator.kind else { return false };
        let ExpressionKind::Name { name, .. } = &value.kind else { return false };
        let is_own = matches!(self.lookup(name), None | Some(ScopeEntry::Module(_)));
        is_own && self.lifecycle_of(decorator).is_none()
    }

    /// `node.start` or `node.stop`, where `node` is a function of the module.
    pub fn lifecycle_of(&self, decorator: &Expression) -> Option<(Name, LifecyclePhase)> {
        let ExpressionKind::Attribute { value, attribute, .. } = &decorator.kind else { return None };
        let phase = match &**attribute {
            "start" => LifecyclePhase::Start,
            "stop" => LifecyclePhase::Stop,
            _ => return None,
        };
        let ExpressionKind::Name { name, .. } = &value.kind else { return None };
        match self.lookup(name)? {
            ScopeEntry::Module(id) => {
                matches!(self.own(id).kind, ModuleNameKind::Function(_)).then(|| (Name::clone(name), phase))
            }
            ScopeEntry::Global(_) | ScopeEntry::UnknownModule => None,
        }
    }

    fn define_class(&mut self, class: &'context ClassDefinition, span: Span) {
        let context = self.context();
        if self.is_foreign {
            // Its types would not be those of the source that is compiled.
            let message =
                format!("`{}` is a class of a function that is registered or given as Python code", class.name);
            let diagnostic = Diagnostic::error(codes::UNSUPPORTED, class.name_span, message);
            return self.bind_problem(&class.name, diagnostic, span);
        }
        let mut types = std::mem::replace(&mut self.types, TypeTable::layer(context.types()));
        let mut api = ClassApi { scope: self, types: &mut types, abi: context.abi() };
        let found = context.class_handlers().iter().find_map(|handler| handler.define(&mut api, class).transpose());
        self.types = types;
        match found {
            Some(Ok(ClassDeclaration { ty, members })) => {
                let definition =
                    GlobalDefinition { name: class.name.to_string(), ty: Some(ty), ..GlobalDefinition::default() };
                self.bind_own(&class.name, definition, ModuleNameKind::Class(members), span);
            }
            Some(Err(diagnostic)) => self.bind_problem(&class.name, *diagnostic, span),
            None => {
                let message = format!("the class `{}` is of no kind that is registered", class.name);
                let diagnostic = Diagnostic::error(codes::UNSUPPORTED, class.name_span, message);
                let diagnostic = diagnostic.expected("an Enum or IntEnum");
                self.bind_problem(&class.name, diagnostic.hint("keep its values in constants of the module"), span);
            }
        }
    }
}

/// `__name__ == "__main__"`: false where nodes are compiled.
fn is_main_test(test: &Expression) -> bool {
    match &test.kind {
        ExpressionKind::Compare { left, .. } => {
            matches!(&left.kind, ExpressionKind::Name { name, .. } if &**name == "__name__")
        }
        _ => false,
    }
}
