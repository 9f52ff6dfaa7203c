//! Registering: what an extension is given to bring its types, rules and handlers.

use std::sync::Arc;

use cfunc_models::{CellForm, DataModel, Type, TypeConstructor, TypeTable, Value};
use cfunc_sources::SourceCategory;

use crate::context::Handlers;
use crate::registry::{Cast, GenericCast, Lowering, Overload};
use crate::rules::{CastRule, TypingAnswer, TypingContext};
use crate::{
    CallHandler, CallableId, Conversion, ExtensionId, FoldArguments, Globals, InputHandler, Loss, LowerContext,
    LowerError, Marker, Operand, OutputHandler, RegistrationError, Registry, RuleId, RuleInfo, Signature,
    StatementHandler, TypeSpec,
};

/// Registers into a context that is being built.
pub struct Registrar<'a> {
    pub(crate) extension: ExtensionId,
    pub(crate) types: &'a mut TypeTable,
    pub(crate) registry: &'a mut Registry,
    pub(crate) globals: &'a mut Globals,
    pub(crate) handlers: &'a mut Handlers,
}

impl Registrar<'_> {
    // Types.

    /// The types known so far.
    pub fn types(&self) -> &TypeTable {
        self.types
    }

    /// The types known so far, to define families and members of them.
    pub fn types_mut(&mut self) -> &mut TypeTable {
        self.types
    }

    /// Defines a type and makes its name known in annotations.
    ///
    /// # Errors
    ///
    /// Where a type of that name exists.
    pub fn define_type(&mut self, name: &str, model: DataModel, cell: CellForm) -> Result<Type, RegistrationError> {
        if self.types.lookup(name).is_some() {
            return Err(RegistrationError::DuplicateType(name.to_owned()));
        }
        let ty = self.types.define(name, model, cell);
        self.type_name(name, ty)?;
        Ok(ty)
    }

    // Names.

    /// Makes a type known in annotations under a (dotted) name.
    ///
    /// # Errors
    ///
    /// Where the name is a type already.
    pub fn type_name(&mut self, name: &str, ty: Type) -> Result<(), RegistrationError> {
        let id = self.globals.define(name);
        let definition = &mut self.globals.definitions[id.0 as usize];
        if definition.ty.replace(ty).is_some() {
            return Err(RegistrationError::DuplicateGlobal(name.to_owned()));
        }
        Ok(())
    }

    /// Makes a constant known under a (dotted) name.
    ///
    /// # Errors
    ///
    /// Where the name is a constant already.
    pub fn constant_name(&mut self, name: &str, value: impl Into<Value>) -> Result<(), RegistrationError> {
        let id = self.globals.define(name);
        let definition = &mut self.globals.definitions[id.0 as usize];
        if definition.value.replace(value.into()).is_some() {
            return Err(RegistrationError::DuplicateGlobal(name.to_owned()));
        }
        Ok(())
    }

    /// Makes a name known that only handlers give a meaning to, such as `Signal`.
    ///
    /// # Errors
    ///
    /// Where the name is a marker already.
    pub fn marker(&mut self, name: &str) -> Result<(), RegistrationError> {
        let id = self.globals.define(name);
        let definition = &mut self.globals.definitions[id.0 as usize];
        if definition.marker.replace(Marker(name.into())).is_some() {
            return Err(RegistrationError::DuplicateGlobal(name.to_owned()));
        }
        Ok(())
    }

    /// The function of a (dotted) name, made on first use; rules are then registered for it.
    pub fn function(&mut self, name: &str) -> CallableId {
        let id = self.globals.define(name);
        if let Some(callable) = self.globals.definitions[id.0 as usize].callable {
            return callable;
        }
        let callable = self.new_callable(name);
        self.globals.definitions[id.0 as usize].callable = Some(callable);
        callable
    }

    fn new_callable(&mut self, name: &str) -> CallableId {
        let callable = CallableId(u32::try_from(self.registry.callables.len()).unwrap_or(u32::MAX));
        self.registry.callables.push(crate::registry::CallableData { name: name.to_owned(), ..Default::default() });
        callable
    }

    /// Names the parameters of a function, so that its fixed signatures take keyword arguments.
    pub fn parameter_names(&mut self, callable: CallableId, names: &[&str]) {
        self.registry.callable_mut(callable).parameter_names = names.iter().map(|name| (*name).to_owned()).collect();
    }

    /// The callable that reads an attribute of a type's family, made on first use.
    pub fn attribute(&mut self, constructor: TypeConstructor, name: &str) -> CallableId {
        let key = (constructor, Arc::<str>::from(name));
        if let Some(callable) = self.registry.attributes.get(&key) {
            return *callable;
        }
        let callable = self.new_callable(&format!(".{name}"));
        self.registry.attributes.insert(key, callable);
        callable
    }

    /// The callable of a method of a type's family, made on first use; its first operand is the value.
    pub fn method(&mut self, constructor: TypeConstructor, name: &str) -> CallableId {
        let key = (constructor, Arc::<str>::from(name));
        if let Some(callable) = self.registry.methods.get(&key) {
            return *callable;
        }
        let callable = self.new_callable(&format!(".{name}()"));
        self.registry.methods.insert(key, callable);
        callable
    }

    // Rules.

    fn new_rule(&mut self, name: String) -> RuleId {
        let id = RuleId(u32::try_from(self.registry.rules.len()).unwrap_or(u32::MAX));
        self.registry.rules.push(RuleInfo { name, extension: self.extension.clone() });
        self.registry.implementations.push(None);
        id
    }

    fn type_names(&self, types: &[Type]) -> String {
        types.iter().map(|ty| self.types.name(*ty)).collect::<Vec<_>>().join(", ")
    }

    /// Types an operation or function by a fixed signature.
    pub fn signature(&mut self, callable: impl Into<CallableId>, parameters: &[Type], result: Type) {
        let callable = callable.into();
        let name = self.registry.callable_name(callable);
        let name = format!("{name}({}) -> {}", self.type_names(parameters), self.types.name(result));
        let rule = self.new_rule(name);
        let signature = Signature::new(parameters, result);
        self.registry.callable_mut(callable).overloads.push(Overload { signature, rule, lowering: None });
    }

    /// Types an operation or function by a closure over its argument types.
    pub fn type_callable(
        &mut self,
        callable: impl Into<CallableId>,
        typer: impl Fn(&mut TypingContext<'_>) -> TypingAnswer + Send + Sync + 'static,
    ) {
        let callable = callable.into();
        let rule = self.new_rule(format!("{}(…)", self.registry.callable_name(callable)));
        self.registry.callable_mut(callable).typers.push((Arc::new(typer), rule));
    }

    /// Lowers an operation or function for arguments of these specifications; the most specific rule is used.
    pub fn lower_builtin(
        &mut self,
        callable: impl Into<CallableId>,
        specs: impl IntoIterator<Item = TypeSpec>,
        implementation: impl Fn(&mut LowerContext<'_, '_>, &Signature, &[Operand]) -> Result<Operand, LowerError>
        + Send
        + Sync
        + 'static,
    ) {
        let callable = callable.into();
        let specs: Vec<TypeSpec> = specs.into_iter().collect();
        let described: Vec<String> = specs.iter().map(|spec| self.describe(spec)).collect();
        let rule = self.new_rule(format!("{}({})", self.registry.callable_name(callable), described.join(", ")));
        self.registry.implementations[rule.0 as usize] = Some(Arc::new(implementation));
        self.registry.callable_mut(callable).lowerings.push(Lowering { specs, rule });
    }

    /// A fixed signature and its lowering in one.
    pub fn builtin(
        &mut self,
        callable: impl Into<CallableId>,
        parameters: &[Type],
        result: Type,
        implementation: impl Fn(&mut LowerContext<'_, '_>, &Signature, &[Operand]) -> Result<Operand, LowerError>
        + Send
        + Sync
        + 'static,
    ) {
        let callable = callable.into();
        self.signature(callable, parameters, result);
        let specs: Vec<TypeSpec> = parameters.iter().copied().map(TypeSpec::Exact).collect();
        self.lower_builtin(callable, specs, implementation);
    }

    fn describe(&self, spec: &TypeSpec) -> String {
        match spec {
            TypeSpec::Exact(ty) => self.types.name(*ty).to_owned(),
            TypeSpec::Constructor(_) => "…".to_owned(),
            TypeSpec::Any => "Any".to_owned(),
            TypeSpec::VariableArguments(each) => format!("*{}", self.describe(each)),
        }
    }

    /// Evaluates an operation or function at compile time where all its arguments are constants.
    pub fn fold(
        &mut self,
        callable: impl Into<CallableId>,
        fold: impl Fn(&FoldArguments<'_>) -> Result<Value, String> + Send + Sync + 'static,
    ) {
        self.registry.callable_mut(callable.into()).fold = Some(Arc::new(fold));
    }

    /// Converts values of one type to another, losing nothing that overloads would mind.
    pub fn lower_cast(
        &mut self,
        from: TypeSpec,
        to: TypeSpec,
        conversion: Conversion,
        implementation: impl Fn(&mut LowerContext<'_, '_>, Type, Type, Operand) -> Result<Operand, LowerError>
        + Send
        + Sync
        + 'static,
    ) {
        self.add_cast(from, to, conversion, None, Arc::new(implementation));
    }

    /// Converts values of one type to another where a cell or a signature asks for it, with a warning.
    pub fn lower_lossy_cast(
        &mut self,
        from: TypeSpec,
        to: TypeSpec,
        loss: Loss,
        implementation: impl Fn(&mut LowerContext<'_, '_>, Type, Type, Operand) -> Result<Operand, LowerError>
        + Send
        + Sync
        + 'static,
    ) {
        self.add_cast(from, to, Conversion::Lossy, Some(loss), Arc::new(implementation));
    }

    fn add_cast(
        &mut self,
        from: TypeSpec,
        to: TypeSpec,
        conversion: Conversion,
        loss: Option<Loss>,
        implementation: CastRule,
    ) {
        let rule = self.new_rule(format!("cast({} -> {})", self.describe(&from), self.describe(&to)));
        let cast = Cast { conversion, loss, rule, implementation };
        match (&from, &to) {
            (TypeSpec::Exact(from), TypeSpec::Exact(to)) => {
                self.registry.casts.insert((*from, *to), cast);
            }
            _ => self.registry.generic_casts.push(GenericCast { from, to, cast }),
        }
    }

    /// Says which type two have when paths meet, in either order.
    pub fn unify(&mut self, left: Type, right: Type, result: Type) {
        self.registry.unifications.insert((left, right), result);
    }

    /// Says which type two have when paths meet, by a closure that is asked in both orders.
    pub fn unify_with(&mut self, rule: impl Fn(&mut TypeTable, Type, Type) -> Option<Type> + Send + Sync + 'static) {
        self.registry.unification_rules.push(Arc::new(rule));
    }

    /// Makes constants of a type's family.
    pub fn lower_constant(
        &mut self,
        constructor: TypeConstructor,
        implementation: impl Fn(&mut LowerContext<'_, '_>, Type, &Value) -> Result<Operand, LowerError>
        + Send
        + Sync
        + 'static,
    ) {
        self.registry.constants.insert(constructor, Arc::new(implementation));
    }

    /// Says which values a type's family accepts as bound constants and initial states, and what becomes of them.
    pub fn convert_value(
        &mut self,
        constructor: TypeConstructor,
        rule: impl Fn(&Value) -> Option<Value> + Send + Sync + 'static,
    ) {
        self.registry.value_conversions.insert(constructor, Arc::new(rule));
    }

    /// Says which type a dynamic value has.
    pub fn type_of_value(&mut self, rule: impl Fn(&mut TypeTable, &Value) -> Option<Type> + Send + Sync + 'static) {
        self.registry.typeof_rules.push(Arc::new(rule));
    }

    // Handlers.

    /// Adds a source category.
    pub fn source_category(&mut self, category: impl SourceCategory + 'static) {
        self.handlers.categories.push(Arc::new(category));
    }

    /// Adds a reader of parameter annotations; those registered first are asked first, all before plain types.
    pub fn input_handler(&mut self, handler: impl InputHandler + 'static) {
        self.handlers.inputs.push(Arc::new(handler));
    }

    /// Adds a reader of return annotations; those registered first are asked first.
    pub fn output_handler(&mut self, handler: impl OutputHandler + 'static) {
        self.handlers.outputs.push(Arc::new(handler));
    }

    /// Adds a rewriter of calls; lower priorities are asked first.
    pub fn call_handler(&mut self, priority: i32, handler: impl CallHandler + 'static) {
        self.handlers.calls.push((priority, Arc::new(handler)));
    }

    /// Adds a rewriter of expression statements; lower priorities are asked first.
    pub fn statement_handler(&mut self, priority: i32, handler: impl StatementHandler + 'static) {
        self.handlers.statements.push((priority, Arc::new(handler)));
    }
}
