//! What the names at module level of one source stand for.

use std::cell::RefCell;

use cfunc_models::{LifecyclePhase, Span, Type, TypeTable, Value};
use cfunc_sources::RuleFunctionId;
use cfunc_syntax::ast::{
    BinaryOperator, Expression, ExpressionKind, FunctionDefinition, GlobalId, ImportAlias, Module, Name,
};
use cfunc_syntax::is_python_builtin;
use foldhash::HashMap;

use crate::{
    CallableId, CompilationContext, FoldArguments, FoldError, GlobalDefinition, ModuleName, ModuleNameKind, RuleUses,
    UseKind,
};

/// A name that a module binds itself, by its position in the order of binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ModuleNameId(pub(crate) u32);

/// What a module-level name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeEntry {
    /// A registered global.
    Global(GlobalId),
    /// An imported module that nothing registered; its attributes are looked up as global names, since markers may be
    /// imported from any module.
    UnknownModule,
    /// A constant, function or class of the module.
    Module(ModuleNameId),
}

/// A function of a module that START or STOP of a node runs: `@node.start`.
#[derive(Clone, Debug)]
pub struct LifecycleFunction<'context> {
    /// The name of the node.
    pub node: Name,
    /// The phase that runs it.
    pub phase: LifecyclePhase,
    /// The function.
    pub definition: &'context FunctionDefinition,
}

/// Names that a source finds bound.
#[derive(Clone, Debug, Default)]
pub struct HostGlobals<'context> {
    /// Values by name.
    pub values: Vec<(String, Value)>,
    /// Functions by name.
    pub functions: Vec<(String, OtherFunction<'context>)>,
    /// Functions registered as Python code, by the global that stands for them.
    pub registered: Vec<(GlobalId, OtherFunction<'context>)>,
    /// Functions that rules call, of modules of their own.
    pub of_rules: Vec<(RuleFunctionId, OtherFunction<'context>)>,
}

/// A function of another module than the one that is compiled.
#[derive(Clone, Copy, Debug)]
pub struct OtherFunction<'context> {
    /// The names of its module.
    pub scope: &'context ModuleScope<'context>,
    /// The function.
    pub definition: &'context FunctionDefinition,
}

/// The names that one source binds, over the global names of a context.
///
/// What a name stands for at the end of the module counts in the bodies of functions, as in Python, where they run
/// after it; in defaults of parameters it is what the name stands for where the `def` is.
#[derive(Clone, Debug)]
pub struct ModuleScope<'context> {
    context: &'context CompilationContext,
    pub(crate) types: TypeTable,
    /// What each name was bound to, and from which offset in the source on, in order.
    bindings: HashMap<Name, Vec<(u32, Option<ScopeEntry>)>>,
    pub(crate) own: Vec<ModuleName<'context>>,
    pub(crate) lifecycle: Vec<LifecycleFunction<'context>>,
    /// Functions decorated with an attribute of what is neither registered nor imported, that are run in no phase.
    pub(crate) oddly_decorated: Vec<&'context FunctionDefinition>,
    /// Functions registered as Python code.
    python: HashMap<GlobalId, OtherFunction<'context>>,
    /// Functions that rules call, of modules of their own.
    of_rules: Vec<(RuleFunctionId, OtherFunction<'context>)>,
    /// What the host bound before the module's first line, by name.
    of_host: HashMap<Name, ModuleNameId>,
    /// Whether it is of another module than the one that is compiled.
    pub(crate) is_foreign: bool,
    /// What values known at compile time needed so far.
    uses: RefCell<RuleUses>,
    /// The decorator that makes a function a node, where the host says which.
    node_decorator: Option<Name>,
    /// How deep the tree of a function may get.
    maximum_depth: usize,
}

impl<'context> ModuleScope<'context> {
    /// Reads the module-level statements of a source.
    pub fn new(context: &'context CompilationContext, module: &'context Module) -> Self {
        Self::with_globals(context, module, &HostGlobals::default())
    }

    /// Reads the module-level statements of a source that finds names there already, as if they had been bound before
    /// its first line.
    pub fn with_globals(
        context: &'context CompilationContext,
        module: &'context Module,
        globals: &HostGlobals<'context>,
    ) -> Self {
        let mut scope = Self::empty(context);
        scope.python = globals.registered.iter().copied().collect();
        for (name, value) in &globals.values {
            scope.bind_value(&name.as_str().into(), value.clone(), Span::default());
        }
        for (name, function) in &globals.functions {
            let definition = GlobalDefinition { name: name.clone(), ..GlobalDefinition::default() };
            scope.bind_own(&name.as_str().into(), definition, ModuleNameKind::Foreign(*function), Span::default());
        }
        let of_host = (0u32..).zip(&scope.own).map(|(id, own)| (own.definition.name.as_str().into(), ModuleNameId(id)));
        scope.of_host = of_host.collect();
        scope.of_rules.clone_from(&globals.of_rules);
        scope.statements(&module.body);
        scope
    }

    /// Reads the module-level statements of a source that only gives functions to others.
    pub fn foreign(context: &'context CompilationContext, module: &'context Module) -> Self {
        let mut scope = Self { is_foreign: true, ..Self::empty(context) };
        scope.statements(&module.body);
        scope
    }

    fn empty(context: &'context CompilationContext) -> Self {
        Self {
            context,
            types: TypeTable::layer(context.types()),
            bindings: HashMap::default(),
            own: Vec::new(),
            lifecycle: Vec::new(),
            oddly_decorated: Vec::new(),
            python: HashMap::default(),
            of_rules: Vec::new(),
            of_host: HashMap::default(),
            is_foreign: false,
            uses: RefCell::default(),
            node_decorator: None,
            maximum_depth: usize::MAX,
        }
    }

    /// Adds a body that START or STOP of a node runs.
    pub fn add_lifecycle_function(&mut self, function: LifecycleFunction<'context>) {
        self.lifecycle.push(function);
    }

    /// Says which decorator makes a function a node; without it annotations say so.
    pub fn set_node_decorator(&mut self, name: Name) {
        self.node_decorator = Some(name);
    }

    /// Says how deep handlers may make the tree of a function, for which the stages after them have room.
    pub fn set_maximum_depth(&mut self, depth: usize) {
        self.maximum_depth = depth;
    }

    /// How deep handlers may make the tree of a function.
    pub fn maximum_depth(&self) -> usize {
        self.maximum_depth
    }

    /// The decorator that makes a function a node, where one was named.
    pub fn node_decorator(&self) -> Option<&str> {
        self.node_decorator.as_deref()
    }

    /// Whether a function has the decorator of nodes, alone or among others, called (`@node(1)`) or not; `None` where no
    /// decorator was named. A name without dots is the last part of what decorates: `node` of `@framework.node`.
    pub fn has_node_decorator(&self, definition: &FunctionDefinition) -> Option<bool> {
        let name = self.node_decorator.as_deref()?;
        Some(definition.decorators.iter().any(|decorator| match &decorator.kind {
            ExpressionKind::Call { function, .. } => is_named(function, name),
            _ => is_named(decorator, name),
        }))
    }

    /// The Python code of a registered function.
    pub fn python_function(&self, id: GlobalId) -> Option<OtherFunction<'context>> {
        self.python.get(&id).copied()
    }

    /// What the host bound under a name, whatever the module binds under it since.
    pub fn of_host(&self, name: &str) -> Option<&ModuleName<'context>> {
        self.of_host.get(name).map(|id| self.own(*id))
    }

    /// Whether it is of another module than the one that is compiled.
    pub fn is_foreign(&self) -> bool {
        self.is_foreign
    }

    /// The code of a function that rules call, of a module of its own.
    pub fn function_of_rules(&self, id: RuleFunctionId) -> Option<OtherFunction<'context>> {
        self.of_rules.iter().find(|(known, _)| *known == id).map(|(_, function)| *function)
    }

    /// The context below.
    pub fn context(&self) -> &'context CompilationContext {
        self.context
    }

    /// A value as one of a type, where the type accepts it; the rule is recorded.
    pub fn convert_value(&self, types: &TypeTable, ty: Type, value: &Value, span: Span) -> Option<Value> {
        let registry = self.context.registry();
        let (converted, rule) = registry.convert_value(types, ty, value)?;
        let mut uses = self.uses.borrow_mut();
        uses.add(UseKind::Convert, rule, span, &[], ty);
        // A container asks for what it holds.
        for held in &types.definition(ty).parameters {
            if let Some(rule) = registry.conversion_rule(types, *held) {
                uses.add(UseKind::Convert, rule, span, &[], *held);
            }
        }
        Some(converted)
    }

    /// What a callable gives for constants, as [`Registry::evaluate`](crate::Registry::evaluate); the rule is recorded.
    pub(crate) fn evaluate(
        &self,
        callable: CallableId,
        arguments: &FoldArguments<'_>,
        span: Span,
    ) -> Option<Result<Value, FoldError>> {
        let (result, rule) = self.context.registry().evaluate(callable, arguments)?;
        // The types of what is evaluated before there is a function are not asked for.
        self.uses.borrow_mut().add_call(UseKind::Fold, Some(callable), (rule, rule), span, &[], Type::OBJECT);
        Some(result)
    }

    /// What an operation gives for constants, where it gives something; the rule is recorded.
    pub fn fold(&self, callable: CallableId, arguments: &FoldArguments<'_>, span: Span) -> Option<Value> {
        self.evaluate(callable, arguments, span)?.ok()
    }

    /// The rules that were used for declarations: for the values of constants and the initial ones of states.
    pub fn take_uses(&self) -> RuleUses {
        self.uses.take()
    }

    /// The types of the context and those of the module's classes.
    pub fn types(&self) -> &TypeTable {
        &self.types
    }

    /// The functions that a node's START and STOP run, in order.
    pub fn lifecycle_functions(&self) -> &[LifecycleFunction<'context>] {
        &self.lifecycle
    }

    /// Functions under a decorator `name.attribute`, of a name that is neither registered nor imported, which START and
    /// STOP of no node run.
    pub fn oddly_decorated(&self) -> &[&'context FunctionDefinition] {
        &self.oddly_decorated
    }

    // Binding.

    pub(crate) fn bind(&mut self, name: &Name, entry: Option<ScopeEntry>, span: Span) {
        self.bindings.entry(Name::clone(name)).or_default().push((span.start, entry));
    }

    pub(crate) fn bind_own(
        &mut self,
        name: &Name,
        definition: GlobalDefinition,
        kind: ModuleNameKind<'context>,
        span: Span,
    ) {
        let id = ModuleNameId(u32::try_from(self.own.len()).unwrap_or(u32::MAX));
        self.own.push(ModuleName { definition, kind, span });
        self.bind(name, Some(ScopeEntry::Module(id)), span);
    }

    pub(crate) fn bind_value(&mut self, name: &Name, value: Value, span: Span) {
        let definition = GlobalDefinition { name: name.to_string(), value: Some(value), ..GlobalDefinition::default() };
        self.bind_own(name, definition, ModuleNameKind::Value, span);
    }

    // Imports.

    pub(crate) fn import_module(&mut self, alias: &ImportAlias, span: Span) {
        // `import a.b` binds `a`; `import a.b as c` binds the module itself.
        let first = alias.name.split('.').next().unwrap_or(&alias.name);
        let (bound, path) = match &alias.alias {
            Some(bound) => (Name::clone(bound), &*alias.name),
            None => (first.into(), first),
        };
        let entry = self.path(path).map_or(ScopeEntry::UnknownModule, ScopeEntry::Global);
        self.bind(&bound, Some(entry), span);
    }

    pub(crate) fn import_name(&mut self, module: &str, alias: &ImportAlias, span: Span) {
        let registered = self.path(module);
        if &*alias.name == "*" {
            // Of modules that nothing registered the markers are visible anyway.
            if let Some(module) = registered {
                let members = &self.context.globals().get(module).members;
                let mut members: Vec<(Name, GlobalId)> =
                    members.iter().map(|(name, id)| (Name::clone(name), *id)).collect();
                members.sort_unstable();
                members.iter().for_each(|(name, id)| self.bind(name, Some(ScopeEntry::Global(*id)), span));
            }
            return;
        }
        let bound = alias.alias.as_ref().unwrap_or(&alias.name);
        let member = registered.and_then(|module| self.member(module, &alias.name)).map(ScopeEntry::Global);
        let entry = member.unwrap_or_else(|| match module {
            "builtins" => self.registered(&alias.name),
            _ => self.of_unknown_module(&alias.name),
        });
        self.bind(bound, Some(entry), span);
    }

    fn registered(&self, name: &str) -> ScopeEntry {
        self.context.globals().lookup(name).map_or(ScopeEntry::UnknownModule, ScopeEntry::Global)
    }

    /// What a name of a module that nothing registered is: a registered name, unless it is a function of Python's own,
    /// of which another module has a variant with a meaning of its own.
    fn of_unknown_module(&self, name: &str) -> ScopeEntry {
        let entry = self.registered(name);
        match entry {
            ScopeEntry::Global(id) if is_python_builtin(name) && self.context.globals().get(id).ty.is_none() => {
                ScopeEntry::UnknownModule
            }
            _ => entry,
        }
    }

    fn path(&self, path: &str) -> Option<GlobalId> {
        let mut parts = path.split('.');
        let mut id = self.context.globals().lookup(parts.next()?)?;
        for part in parts {
            id = self.member(id, part)?;
        }
        Some(id)
    }

    fn member(&self, id: GlobalId, name: &str) -> Option<GlobalId> {
        self.context.globals().get(id).members.get(name).copied()
    }

    // Looking up.

    /// What a name stands for at module level.
    pub fn lookup(&self, name: &str) -> Option<ScopeEntry> {
        self.lookup_at(name, None)
    }

    /// What a name stands for after the statements before an offset in the source.
    pub(crate) fn lookup_at(&self, name: &str, offset: Option<u32>) -> Option<ScopeEntry> {
        let bound = self
            .bindings
            .get(name)
            .and_then(|bindings| bindings.iter().rev().find(|(since, _)| offset.is_none_or(|offset| *since < offset)));
        match bound {
            Some((_, Some(entry))) => Some(*entry),
            // `del` takes away the module's name alone.
            Some((_, None)) | None => self.context.globals().lookup(name).map(ScopeEntry::Global),
        }
    }

    /// What the module binds under a name of its own.
    pub fn own(&self, id: ModuleNameId) -> &ModuleName<'context> {
        &self.own[id.0 as usize]
    }

    /// The names that the module binds, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.bindings.keys().map(|name| &**name)
    }

    /// The global that a name or dotted name stands for. Bindings that the transformer made are not needed.
    pub fn global_of(&self, expression: &Expression) -> Option<GlobalId> {
        match self.resolve(expression)? {
            ScopeEntry::Global(id) => Some(id),
            ScopeEntry::UnknownModule | ScopeEntry::Module(_) => None,
        }
    }

    /// What a name or dotted name stands for.
    pub fn resolve(&self, expression: &Expression) -> Option<ScopeEntry> {
        self.resolve_at(expression, None)
    }

    pub(crate) fn resolve_at(&self, expression: &Expression, offset: Option<u32>) -> Option<ScopeEntry> {
        match &expression.kind {
            ExpressionKind::Name { name, .. } => self.lookup_at(name, offset),
            ExpressionKind::Attribute { value, attribute, .. } => match self.resolve_at(value, offset)? {
                ScopeEntry::Global(id) => self.member(id, attribute).map(ScopeEntry::Global),
                ScopeEntry::UnknownModule => Some(self.of_unknown_module(attribute)),
                ScopeEntry::Module(_) => None,
            },
            _ => None,
        }
    }

    /// The type that an annotation is: of a custom type, a registered one, or one of a family with types in brackets
    /// (`list[int]`).
    pub fn type_of(&self, types: &mut TypeTable, annotation: &Expression) -> Option<Type> {
        let custom = self.context.custom_types().find_map(|custom| custom.type_of_annotation(self, types, annotation));
        if custom.is_some() {
            return custom;
        }
        let ExpressionKind::Subscript { value, index } = &annotation.kind else {
            return self.definition_of(annotation).and_then(|definition| definition.ty);
        };
        let family = self.definition_of(value)?.family.clone()?;
        let parameters = in_brackets(index).iter().map(|parameter| self.type_of(types, parameter));
        let parameters: Vec<Type> = parameters.collect::<Option<_>>()?;
        (family.0)(types, &parameters).ok()
    }

    /// The type that the annotation of a plain function's parameter is, or a part of a signature of one: None, a type or
    /// None (`int | None`), one of a family for arguments, or as [`ModuleScope::type_of`].
    pub fn argument_type_of(&self, types: &mut TypeTable, annotation: &Expression) -> Option<Type> {
        match &annotation.kind {
            ExpressionKind::Constant(Value::None) => Some(Type::NONE),
            ExpressionKind::Binary { operator: BinaryOperator::BitOr, left, right } => {
                let (left, right) = (self.argument_type_of(types, left)?, self.argument_type_of(types, right)?);
                let is_optional = left == Type::NONE || right == Type::NONE;
                let both = || self.context.registry().unify(types, left, right, &mut RuleUses::default());
                is_optional.then(both).flatten().map(|(ty, _)| ty)
            }
            ExpressionKind::Subscript { value, index } => {
                if let Some(known) = self.type_of(types, annotation) {
                    return Some(known);
                }
                let family = self.definition_of(value)?.argument_family.clone()?;
                let parameters = in_brackets(index).iter().map(|parameter| self.argument_type_of(types, parameter));
                let parameters: Vec<Type> = parameters.collect::<Option<_>>()?;
                (family.0)(types, &parameters).ok()
            }
            _ => self.type_of(types, annotation),
        }
    }

    /// What to do about a [`ModuleScope::type_problem`], where nothing more is known of it.
    pub const TYPE_PROBLEM_HINT: &'static str =
        "put types that fit into the brackets, or change the class that they name";

    /// Why an annotation, or a part of it, is no type though all names in it are known: what a family says of the types
    /// in its brackets, and where that stands.
    pub fn type_problem(&self, types: &mut TypeTable, annotation: &Expression) -> Option<(Span, String)> {
        let parts: &[Expression] = match &annotation.kind {
            ExpressionKind::Subscript { value, index } => {
                let within = self.type_problem(types, index);
                let family = || self.definition_of(value)?.family.clone();
                return within.or_else(|| {
                    let family = family()?;
                    let parameters = in_brackets(index).iter().map(|parameter| self.type_of(types, parameter));
                    let parameters: Vec<Type> = parameters.collect::<Option<_>>()?;
                    let reason = (family.0)(types, &parameters).err()?;
                    (!reason.is_empty()).then_some((annotation.span, reason))
                });
            }
            ExpressionKind::Tuple(parts) => parts,
            ExpressionKind::Dict(entries) => {
                return entries.iter().find_map(|(_, value)| self.type_problem(types, value));
            }
            ExpressionKind::Name { .. } | ExpressionKind::Attribute { .. } => {
                let family = self.definition_of(annotation)?;
                let is_incomplete = family.family.is_some() && family.ty.is_none();
                let reason = || format!("`{}` is complete with the types of what it holds in brackets", family.name);
                return is_incomplete.then(|| (annotation.span, reason()));
            }
            _ => &[],
        };
        parts.iter().find_map(|part| self.type_problem(types, part))
    }

    /// What the global, or the module's own name, that an expression stands for is.
    pub fn definition_of(&self, expression: &Expression) -> Option<&GlobalDefinition> {
        match self.resolve(expression)? {
            ScopeEntry::Global(id) => Some(self.context.globals().get(id)),
            ScopeEntry::Module(id) => Some(&self.own(id).definition),
            ScopeEntry::UnknownModule => None,
        }
    }

    /// The value that a name or dotted name stands for: a constant, or a member of a class of the module.
    pub fn value_of(&self, expression: &Expression) -> Option<&Value> {
        self.value_at(expression, None)
    }

    pub(crate) fn value_at(&self, expression: &Expression, offset: Option<u32>) -> Option<&Value> {
        match self.resolve_at(expression, offset) {
            Some(ScopeEntry::Global(id)) => self.context.globals().get(id).value.as_ref(),
            Some(ScopeEntry::Module(id)) => self.own(id).definition.value.as_ref(),
            Some(ScopeEntry::UnknownModule) => None,
            None => {
                let ExpressionKind::Attribute { value, attribute, .. } = &expression.kind else { return None };
                let Some(ScopeEntry::Module(id)) = self.resolve_at(value, offset) else { return None };
                self.own(id).member(attribute)
            }
        }
    }
}

/// What stands in the brackets of a subscript.
fn in_brackets(index: &Expression) -> &[Expression] {
    match &index.kind {
        ExpressionKind::Tuple(parts) => parts,
        _ => std::slice::from_ref(index),
    }
}

/// Whether a name or dotted name is the one given, or ends in it where that has no dots.
fn is_named(expression: &Expression, wanted: &str) -> bool {
    match &expression.kind {
        ExpressionKind::Name { name, .. } => **name == *wanted,
        ExpressionKind::Attribute { value, attribute, .. } => match wanted.rsplit_once('.') {
            Some((path, last)) => **attribute == *last && is_named_whole(value, path),
            None => **attribute == *wanted,
        },
        _ => false,
    }
}

/// Whether a name or dotted name is the one given, with all its parts.
fn is_named_whole(expression: &Expression, wanted: &str) -> bool {
    match (&expression.kind, wanted.rsplit_once('.')) {
        (ExpressionKind::Name { name, .. }, None) => **name == *wanted,
        (ExpressionKind::Attribute { value, attribute, .. }, Some((path, last))) => {
            **attribute == *last && is_named_whole(value, path)
        }
        _ => false,
    }
}
