//! What the names at module level of one source stand for.

use std::cell::RefCell;
use std::collections::HashMap;

use cfunc_models::{Span, Type, TypeTable, Value};
use cfunc_syntax::ast::{Expression, ExpressionKind, GlobalId, ImportAlias, Module, Name, StatementKind};

use crate::{CallableId, CompilationContext, FoldArguments, GlobalDefinition, RuleUses, UseKind};

/// What a module-level name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeEntry {
    /// A registered global.
    Global(GlobalId),
    /// An imported module that nothing registered; its attributes are looked up as global names, since markers may be
    /// imported from any module.
    UnknownModule,
}

/// The imports of one source, over the global names of a context.
#[derive(Clone, Debug)]
pub struct ModuleScope<'context> {
    context: &'context CompilationContext,
    imported: HashMap<Name, ScopeEntry>,
    /// What values known at compile time needed so far.
    uses: RefCell<RuleUses>,
}

impl<'context> ModuleScope<'context> {
    /// Reads the imports of a module. Names that are imported and registered keep their meaning under any alias.
    pub fn new(context: &'context CompilationContext, module: &Module) -> Self {
        let mut scope = Self { context, imported: HashMap::new(), uses: RefCell::default() };
        for statement in &module.body {
            match &statement.kind {
                StatementKind::Import(names) => names.iter().for_each(|alias| scope.import_module(alias)),
                StatementKind::ImportFrom { module, names } => {
                    names.iter().for_each(|alias| scope.import_name(module, alias));
                }
                _ => {}
            }
        }
        scope
    }

    /// The context below.
    pub fn context(&self) -> &'context CompilationContext {
        self.context
    }

    /// A value as one of a type, where the type accepts it; the rule is recorded.
    pub fn convert_value(&self, types: &TypeTable, ty: Type, value: &Value, span: Span) -> Option<Value> {
        let (converted, rule) = self.context.registry().convert_value(types, ty, value)?;
        self.uses.borrow_mut().add(UseKind::Convert, rule, span, &[], ty);
        Some(converted)
    }

    /// What a callable gives for constants, as [`Registry::evaluate`](crate::Registry::evaluate); the rule is recorded.
    pub(crate) fn evaluate(
        &self,
        callable: CallableId,
        arguments: &FoldArguments<'_>,
        span: Span,
    ) -> Option<Result<Value, String>> {
        let (result, rule) = self.context.registry().evaluate(callable, arguments)?;
        // The types of what is evaluated before there is a function are not asked for.
        self.uses.borrow_mut().add_call(UseKind::Fold, Some(callable), (rule, rule), span, &[], Type::OBJECT);
        Some(result)
    }

    /// The rules that were used for declarations: for the values of constants and the initial ones of states.
    pub fn take_uses(&self) -> RuleUses {
        self.uses.take()
    }

    fn import_module(&mut self, alias: &ImportAlias) {
        // `import a.b` binds `a`; `import a.b as c` binds the module itself.
        let first = alias.name.split('.').next().unwrap_or(&alias.name);
        let (bound, path) = match &alias.alias {
            Some(bound) => (Name::clone(bound), &*alias.name),
            None => (first.into(), first),
        };
        let entry = self.path(path).map_or(ScopeEntry::UnknownModule, ScopeEntry::Global);
        self.imported.insert(bound, entry);
    }

    fn import_name(&mut self, module: &str, alias: &ImportAlias) {
        let bound = alias.alias.as_ref().unwrap_or(&alias.name);
        let member = self.path(module).and_then(|module| self.member(module, &alias.name));
        let entry = member.or_else(|| self.context.globals().lookup(&alias.name));
        if let Some(entry) = entry {
            self.imported.insert(Name::clone(bound), ScopeEntry::Global(entry));
        } else {
            self.imported.insert(Name::clone(bound), ScopeEntry::UnknownModule);
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

    /// What a name stands for at module level.
    pub fn lookup(&self, name: &str) -> Option<ScopeEntry> {
        self.imported.get(name).copied().or_else(|| self.context.globals().lookup(name).map(ScopeEntry::Global))
    }

    /// The global that a name or dotted name stands for. Bindings that the transformer made are not needed.
    pub fn global_of(&self, expression: &Expression) -> Option<GlobalId> {
        match self.resolve(expression)? {
            ScopeEntry::Global(id) => Some(id),
            ScopeEntry::UnknownModule => None,
        }
    }

    fn resolve(&self, expression: &Expression) -> Option<ScopeEntry> {
        match &expression.kind {
            ExpressionKind::Name { name, .. } => self.lookup(name),
            ExpressionKind::Attribute { value, attribute, .. } => match self.resolve(value)? {
                ScopeEntry::Global(id) => self.member(id, attribute).map(ScopeEntry::Global),
                ScopeEntry::UnknownModule => {
                    Some(self.context.globals().lookup(attribute).map_or(ScopeEntry::UnknownModule, ScopeEntry::Global))
                }
            },
            _ => None,
        }
    }

    /// The type that an annotation is: a registered one, or one of a family with types in brackets (`list[int]`).
    pub fn type_of(&self, types: &mut TypeTable, annotation: &Expression) -> Option<Type> {
        let ExpressionKind::Subscript { value, index } = &annotation.kind else {
            return self.definition_of(annotation).and_then(|definition| definition.ty);
        };
        let family = self.definition_of(value)?.family.as_ref()?;
        let parameters: Option<Vec<Type>> = match &index.kind {
            ExpressionKind::Tuple(parameters) => {
                parameters.iter().map(|parameter| self.type_of(types, parameter)).collect()
            }
            _ => self.type_of(types, index).map(|ty| vec![ty]),
        };
        (family.0)(types, &parameters?)
    }

    /// What the global that an expression stands for is.
    pub fn definition_of(&self, expression: &Expression) -> Option<&'context GlobalDefinition> {
        self.global_of(expression).map(|id| self.context.globals().get(id))
    }
}
