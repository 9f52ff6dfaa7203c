//! Names: what each stands for.

use cfunc_context::{ModuleName, ModuleNameId, ModuleNameKind, ModuleScope, ScopeEntry};
use cfunc_models::{Diagnostic, Span, Type, Value, codes};
use cfunc_sources::{CONSTANT_CATEGORY, InitFilter, VariableModel, VariableSource};
use cfunc_syntax::ast::{Binding, Expression, ExpressionKind, GlobalId, Member, Name};
use cfunc_syntax::{closest, is_python_builtin};

use crate::transformer::{REPORTED, Transformer};

/// How many names of a function are compared with an unknown one; comparing is slow.
const MOST_NEAR: usize = 1_000;

impl<'a> Transformer<'a> {
    /// Binds a name that is read.
    pub(crate) fn name(&mut self, expression: &mut Expression) {
        let ExpressionKind::Name { name, binding } = &mut expression.kind else { return };
        if *binding != Binding::Unresolved {
            return;
        }
        if let Some(diagnostic) = self.exception_read(name, expression.span) {
            return self.refuse(expression, diagnostic);
        }
        if let Some(own) = self.own_binding(name) {
            match self.absent_in(own) {
                Some(phase) => self.refuse_in_lifecycle(expression, phase),
                None => {
                    *binding = own;
                    self.bound_variable(expression);
                }
            }
            return;
        }
        let name = Name::clone(name);
        if let Some(function) = self.alias(&name, expression.span.start) {
            expression.kind = function;
            return self.expression(expression);
        }
        if self.is_reported(&name) {
            expression.kind = REPORTED;
            return;
        }
        if self.array_of(&name).is_some() {
            let diagnostic = self.bare_array(&name, expression.span);
            return self.refuse(expression, diagnostic);
        }
        match self.scope.lookup(&name) {
            Some(ScopeEntry::Global(id)) => self.bind_global(expression, id),
            Some(ScopeEntry::Module(id)) => self.module_name(expression, id),
            Some(ScopeEntry::UnknownModule) => {
                let message = format!("nothing is registered for the import `{name}`");
                let diagnostic = Diagnostic::error(codes::UNKNOWN_NAME, expression.span, message);
                let hint = match self.near_global(&name) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "the extension that brings it must be part of the context".to_owned(),
                };
                self.refuse(expression, diagnostic.hint(hint));
            }
            // A parameter that was declared and has no value: reported where it was declared.
            None if self.function.parameters.iter().any(|parameter| parameter.name == name) => {
                expression.kind = REPORTED;
            }
            None if self.scope.is_foreign() && self.host_name(expression, &name) => {}
            None => {
                let diagnostic = self.unknown(&name, expression.span);
                self.refuse(expression, diagnostic);
            }
        }
    }

    /// What the host brings under a name, for functions that stand in other modules: they see each other and its values.
    fn host_name(&mut self, expression: &mut Expression, name: &str) -> bool {
        let root = self.root;
        let Some(own) = root.of_host(name) else { return false };
        self.name_of_module(expression, root, own);
        true
    }

    /// Whether a name is of a parameter or state whose declaration was reported.
    pub(crate) fn is_reported(&self, name: &str) -> bool {
        self.function.reported.names.iter().any(|reported| **reported == *name)
    }

    /// Makes an expression the name of a global.
    pub(crate) fn bind_global(&mut self, expression: &mut Expression, id: GlobalId) {
        let name = self.scope.context().globals().get(id).name.as_str().into();
        let binding = match self.root.python_function(id) {
            Some(function) => Binding::Helper(self.helpers.id_of(function.scope, function.definition)),
            None => Binding::Global(id),
        };
        expression.kind = ExpressionKind::Name { name, binding };
    }

    fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        if is_python_builtin(name) {
            let message = format!("`{name}` is not supported in a node");
            return Diagnostic::error(codes::UNKNOWN_NAME, span, message)
                .hint("compute it with functions that nodes have, or register it in an extension");
        }
        let diagnostic = Diagnostic::error(codes::UNKNOWN_NAME, span, format!("the name `{name}` is not known"));
        if self.of_node.contains(name) {
            let diagnostic = diagnostic.expected("a parameter of the helper, or a name of the module");
            return diagnostic.hint(format!("helpers do not see what the node sees: give `{name}` as an argument"));
        }
        match self.near(name) {
            Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
            None => diagnostic.hint("assign it first, or make it a parameter"),
        }
    }

    /// The nearest name that could be meant: locals first, then variables, then globals.
    fn near(&self, name: &str) -> Option<&str> {
        let locals = self.locals.iter().map(|local| &*local.name);
        let variables = self.variables.iter().map(|(_, variable)| &*variable.name);
        let variables = variables.filter(|name| self.variables.lookup(name).is_some());
        closest(name, locals.chain(variables).take(MOST_NEAR)).or_else(|| self.near_global(name))
    }

    fn near_global(&self, name: &str) -> Option<&str> {
        let mut own: Vec<&str> = self.scope.names().collect();
        own.sort_unstable();
        let mut globals: Vec<&str> = self.scope.context().globals().names().collect();
        globals.sort_unstable();
        closest(name, own.into_iter().take(MOST_NEAR)).or_else(|| closest(name, globals))
    }

    /// The global that a name or dotted name stands for, where no name of the function hides it.
    pub(crate) fn global_of(&self, expression: &Expression) -> Option<GlobalId> {
        match &expression.kind {
            ExpressionKind::Name { binding: Binding::Global(id), .. } => Some(*id),
            ExpressionKind::Attribute { value, attribute, .. } if self.root_is_bound(value) => {
                let owner = self.global_of(value)?;
                self.scope.context().globals().get(owner).members.get(attribute).copied()
            }
            _ => self.root_is_free(expression).then(|| self.scope.global_of(expression)).flatten(),
        }
    }

    fn root_is_bound(&self, expression: &Expression) -> bool {
        matches!(root(expression), Some((_, binding)) if binding != Binding::Unresolved)
    }

    /// Whether a dotted name starts outside of the function.
    fn root_is_free(&self, expression: &Expression) -> bool {
        matches!(
            root(expression),
            Some((name, Binding::Unresolved))
                if self.own_binding(name).is_none()
                    && self.array_of(name).is_none()
                    && !self.is_reported(name)
                    && !self.aliases.contains_key(name)
        )
    }

    /// `value.attribute`: a dotted name of a global becomes that global.
    pub(crate) fn attribute(&mut self, expression: &mut Expression) {
        if let Some(id) = self.global_of(expression) {
            return self.bind_global(expression, id);
        }
        let free = self.root_is_free(expression);
        if free && self.module_member(expression) {
            return;
        }
        let place = expression.attribute_span();
        let ExpressionKind::Attribute { value, attribute, member } = &mut expression.kind else { return };
        if free
            && let ExpressionKind::Name { name, .. } = &value.kind
            && self.scope.lookup(name) == Some(ScopeEntry::UnknownModule)
        {
            let message = format!("nothing is registered for `{name}.{attribute}`");
            let diagnostic = Diagnostic::error(codes::UNKNOWN_NAME, place, message);
            let diagnostic = match self.near_global(attribute) {
                Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
                None => diagnostic.hint("the extension that brings it must be part of the context"),
            };
            return self.refuse(expression, diagnostic);
        }
        self.member(attribute, member);
        self.expression(value);
    }

    /// Whether the module binds a name itself.
    pub(crate) fn is_module_name(&self, name: &str) -> bool {
        matches!(self.scope.lookup(name), Some(ScopeEntry::Module(_)))
    }

    /// Puts a constant of the module in the place of its name; marks a function as a helper.
    fn module_name(&mut self, expression: &mut Expression, id: ModuleNameId) {
        let scope = self.scope;
        self.name_of_module(expression, scope, scope.own(id));
    }

    fn name_of_module(&mut self, expression: &mut Expression, scope: &'a ModuleScope<'a>, own: &'a ModuleName<'a>) {
        let span = expression.span;
        match &own.kind {
            ModuleNameKind::Value => {
                let value = own.definition.value.clone().unwrap_or(Value::None);
                if value.is_mutable()
                    && let ExpressionKind::Name { name, binding } = &mut expression.kind
                {
                    // What one read of the name changes, the others see.
                    let name = Name::clone(name);
                    *binding = Binding::Variable(self.variables.lookup(&name).unwrap_or_else(|| {
                        self.variables.add(VariableModel {
                            name,
                            ty: Type::OBJECT,
                            category: CONSTANT_CATEGORY.into(),
                            source: VariableSource::Constant(value),
                            init_filter: InitFilter::Always,
                        })
                    }));
                    return;
                }
                expression.kind = ExpressionKind::Constant(value);
            }
            ModuleNameKind::Function(definition) if self.is_node(definition) => {
                let message = format!("`{}` is a node, not a helper", definition.name);
                let diagnostic = Diagnostic::error(codes::NOT_CALLABLE, span, message);
                let hint = "nodes are connected by their host; move what both need into a plain function";
                self.refuse(expression, diagnostic.hint(hint));
            }
            ModuleNameKind::Function(definition) => {
                let helper = self.helpers.id_of(scope, definition);
                if let ExpressionKind::Name { binding, .. } = &mut expression.kind {
                    *binding = Binding::Helper(helper);
                }
            }
            ModuleNameKind::Foreign(function) => {
                let helper = self.helpers.id_of(function.scope, function.definition);
                if let ExpressionKind::Name { binding, .. } = &mut expression.kind {
                    *binding = Binding::Helper(helper);
                }
            }
            // What can be done with the class itself is for the rules of its type to say.
            ModuleNameKind::Class(_) => {
                expression.kind = ExpressionKind::Constant(Value::type_object(&own.definition.name));
            }
            ModuleNameKind::Unknown(reason) => {
                let message = format!("`{}` cannot be used in a node: {}", own.definition.name, reason.message);
                let mut diagnostic = Diagnostic::error(reason.code, span, message).note(reason.span, "bound here");
                diagnostic.expected.clone_from(&reason.expected);
                let hint = reason.hint.as_deref().unwrap_or("give the name a value that is known at compile time");
                self.refuse(expression, diagnostic.hint(hint));
            }
        }
    }

    /// Puts the value of a member of a class of the module in the place of `Class.MEMBER`; `false` where an attribute
    /// is of nothing that the module binds.
    fn module_member(&mut self, expression: &mut Expression) -> bool {
        let ExpressionKind::Attribute { value, attribute, .. } = &expression.kind else { return false };
        let Some(ScopeEntry::Module(id)) = self.scope.resolve(value) else { return false };
        let scope = self.scope;
        let own = scope.own(id);
        let ModuleNameKind::Class(members) = &own.kind else { return false };
        if let Some(member) = own.member(attribute) {
            expression.kind = ExpressionKind::Constant(member.clone());
            return true;
        }
        let message = format!("`{}` has no member `{attribute}`", own.definition.name);
        let diagnostic = Diagnostic::error(codes::UNKNOWN_ATTRIBUTE, expression.attribute_span(), message);
        let names = || members.iter().map(|(name, _)| &**name);
        let hint = match (closest(attribute, names()), names().next()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Some(first)) => format!("its members begin with `{first}`"),
            (None, None) => "it has no members".to_owned(),
        };
        let diagnostic = diagnostic.hint(hint);
        self.refuse(expression, diagnostic);
        true
    }

    /// Resolves the name of an attribute, read or written: the one place where that is done by text. What a handler
    /// answered comes through here too, as all of it is transformed, so that infer finds rules by number.
    pub(crate) fn member(&self, name: &str, member: &mut Member) {
        if *member == Member::Unresolved {
            *member = self.scope.context().registry().member(name);
        }
    }
}

/// The name that a dotted name starts with.
pub(crate) fn root(expression: &Expression) -> Option<(&Name, Binding)> {
    let mut expression = expression;
    loop {
        match &expression.kind {
            ExpressionKind::Name { name, binding } => return Some((name, *binding)),
            ExpressionKind::Attribute { value, .. } => expression = value,
            _ => return None,
        }
    }
}
