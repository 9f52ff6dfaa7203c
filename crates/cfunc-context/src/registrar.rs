//! Registering: what an extension is given to bring its types, rules and handlers.

use std::sync::Arc;

use cfunc_models::{
    AbiConfig, CellForm, DataModel, Diagnostics, NodeErrorKind, Severity, Type, TypeConstructor, TypeTable, Value,
};
use cfunc_sources::RuleFunctionId;
use cfunc_syntax::ast::{MemberId, Module};
use cfunc_syntax::{Limits, ParseOutcome, parse, pick};

use crate::context::{Handlers, UnwantedRules, is_copied};
use crate::panics::asked_part;
use crate::registry::{Cast, GenericAttribute, GenericCast, Lowering, Overload};
use crate::rules::{CastRule, TypingAnswer, TypingContext};
use crate::{
    CallableId, CallableParameter, Conversion, ExtensionId, FoldArguments, Globals, Loss, LowerContext, LowerError,
    Marker, Operand, PythonFunction, RegistrationError, Registry, RuleFunction, RuleId, RuleInfo, Signature, TypeSpec,
    Unifier, ValueRole, ValueSpec,
};

/// Registers into a context that is being built.
pub struct Registrar<'a> {
    pub(crate) extension: ExtensionId,
    pub(crate) types: &'a mut TypeTable,
    pub(crate) registry: &'a mut Registry,
    pub(crate) globals: &'a mut Globals,
    pub(crate) handlers: &'a mut Handlers,
    pub(crate) unwanted: &'a mut [UnwantedRules],
    pub(crate) abi: &'a AbiConfig,
}

impl Registrar<'_> {
    /// The choices of the ABI that the context is built with: how wide enums and sets of them are.
    pub fn abi(&self) -> &AbiConfig {
        self.abi
    }

    /// Says that something of this extension does not give the same answer each time it is asked the same: a handler that
    /// counts, or looks at what is not part of the compilation. Results in this context are then compiled each time they are
    /// asked for, and keep what their stages made.
    ///
    /// What is registered without this is asked again only where something is to be found out: an equal request whose result
    /// lives is answered with that, and handlers and rules do not see it; and what a stage made is made again when somebody
    /// wants to see it, with the same answers.
    pub fn answers_may_change(&mut self) {
        self.handlers.answers_may_change = true;
    }

    // Types.

    /// The types known so far.
    pub fn types(&self) -> &TypeTable {
        self.types
    }

    /// The types known so far, to define families and members of them.
    pub fn types_mut(&mut self) -> &mut TypeTable {
        self.types
    }

    /// What a dynamic value is as one of a type, by the conversions registered so far; `None` where it is none.
    pub fn converted(&self, ty: Type, value: &Value) -> Option<Value> {
        self.registry.convert_value(self.types, ty, value).map(|(value, _)| value)
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

    /// Makes a class of exceptions known under a (dotted) name: nodes raise it and stop it by `except`.
    ///
    /// # Errors
    ///
    /// Where the name is one already.
    pub fn exception_class(&mut self, name: &str, kind: NodeErrorKind) -> Result<(), RegistrationError> {
        let id = self.globals.define(name);
        let definition = &mut self.globals.definitions[id.0 as usize];
        if definition.exception.replace(kind).is_some() {
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

    pub(crate) fn new_callable(&mut self, name: &str) -> CallableId {
        let callable = CallableId(u32::try_from(self.registry.callables.len()).unwrap_or(u32::MAX));
        self.registry.callables.push(crate::registry::CallableData { name: name.to_owned(), ..Default::default() });
        callable
    }

    /// Makes a function known under a (dotted) name that is written in Python: the one of the last part of the name in
    /// `source`, which may hold constants, imports and other functions for it. It is typed for each call, as the helpers
    /// of a module are; what handlers answer may call it by its name.
    ///
    /// # Errors
    ///
    /// Where the source is not right, or the name is a function already.
    pub fn python_function(&mut self, name: &str, source: &str) -> Result<(), RegistrationError> {
        let function = name.rsplit('.').next().unwrap_or(name);
        let outcome = parsed_function(name, function, source)?;
        let global = self.globals.define(name);
        let known = self.globals.definitions[global.0 as usize].callable.is_some();
        if known || self.handlers.python.iter().any(|other| other.global == global) {
            return Err(RegistrationError::DuplicateGlobal(name.to_owned()));
        }
        let name = function.into();
        self.handlers.python.push(PythonFunction {
            global,
            name,
            module: Arc::new(outcome.module),
            depth: outcome.depth,
        });
        Ok(())
    }

    /// Makes a callable of a function written in Python, for rules: `function` of `source`, which may hold constants,
    /// imports and other functions for it. Typing rules resolve it ([`TypingContext::resolve`]) and lowering rules call it
    /// ([`LowerContext::call`]) as any other callable, each for the types at hand: it is typed as a helper of a module is,
    /// and emitted once for each. Arguments are given by position, defaults stand for the rest. Nodes do not see it.
    ///
    /// # Errors
    ///
    /// Where the source is not right.
    pub fn python_callable(&mut self, function: &str, source: &str) -> Result<CallableId, RegistrationError> {
        let outcome = parsed_function(function, function, source)?;
        Ok(self.rule_function(function, Some((Arc::new(outcome.module), outcome.depth))))
    }

    /// As [`Registrar::python_callable`], of the function that has this name in the module of the node that is compiled: a
    /// rule that asks for it fails where there is none.
    pub fn module_callable(&mut self, function: &str) -> CallableId {
        self.rule_function(function, None)
    }

    fn rule_function(&mut self, name: &str, module: Option<(Arc<Module>, usize)>) -> CallableId {
        let id = RuleFunctionId(u32::try_from(self.handlers.rule_functions.len()).unwrap_or(u32::MAX));
        self.handlers.rule_functions.push(RuleFunction { name: name.into(), module });
        let callable = self.new_callable(name);
        self.type_callable(callable, move |call| call.python(id));
        let any = TypeSpec::VariableArguments(Box::new(TypeSpec::Any));
        self.lower_builtin(callable, [any], move |b, signature, operands| b.call_python(id, signature, operands));
        callable
    }

    /// Names the parameters of a callable, so that its rules, folds among them, are asked with keyword arguments and
    /// defaults in place. The build fails where a required one follows one with a default, or two have one name.
    pub fn parameters(&mut self, callable: CallableId, parameters: impl IntoIterator<Item = CallableParameter>) {
        let parameters: Vec<CallableParameter> = parameters.into_iter().collect();
        if let Some(reason) = wrong_parameters(&parameters) {
            let callable = self.registry.callable_name(callable).to_owned();
            return self.refuse(RegistrationError::Parameters { callable, reason });
        }
        self.registry.callable_mut(callable).parameters = parameters;
    }

    /// The callable that reads an attribute of a type's family, made on first use.
    pub fn attribute(&mut self, constructor: TypeConstructor, name: &str) -> CallableId {
        let key = (constructor, MemberId(self.registry.members.intern(name)));
        if let Some(callable) = self.registry.attributes.get(&key) {
            return *callable;
        }
        let callable = self.new_callable(&format!(".{name}"));
        self.registry.attributes.insert(key, callable);
        callable
    }

    /// The callable that writes an attribute of a type's family, made on first use; operands are the value and what is
    /// written, the result is of type None.
    pub fn attribute_setter(&mut self, constructor: TypeConstructor, name: &str) -> CallableId {
        let key = (constructor, MemberId(self.registry.members.intern(name)));
        if let Some(callable) = self.registry.setters.get(&key) {
            return *callable;
        }
        let callable = self.new_callable(&format!(".{name} ="));
        self.registry.setters.insert(key, callable);
        self.assigns_to(callable, 0);
        callable
    }

    /// Says that calls of a callable assign to parts of an operand, by its position: names that hold a copy of the place
    /// that it is are warned of (W0005). Of setters of attributes, and of assignments to elements, it is known.
    pub fn assigns_to(&mut self, callable: CallableId, operand: usize) {
        let assigned = &mut self.registry.callable_mut(callable).assigned;
        if !assigned.contains(&operand) {
            assigned.push(operand);
        }
    }

    /// Lowers a read of an attribute of one type, of a result type; [`Registrar::attribute`] with one rule.
    pub fn lower_getattr(
        &mut self,
        ty: Type,
        name: &str,
        result: Type,
        implementation: impl Fn(&mut LowerContext<'_, '_>, &Operand) -> Result<Operand, LowerError> + Send + Sync + 'static,
    ) {
        let callable = self.attribute(self.types.definition(ty).constructor, name);
        self.builtin(callable, &[ty], result, move |b, _signature, operands| implementation(b, &operands[0]));
    }

    /// Lowers a write of an attribute of one type, which is in memory that the value points at: the build refuses it for
    /// types of several values without a pointer among them, since writing to a copy changes nothing.
    pub fn lower_setattr(
        &mut self,
        ty: Type,
        name: &str,
        written: Type,
        implementation: impl Fn(&mut LowerContext<'_, '_>, &Operand, &Operand) -> Result<(), LowerError>
        + Send
        + Sync
        + 'static,
    ) {
        if is_copied(self.types, ty) {
            let rule = format!(".{name} =({}, {})", self.types.name(ty), self.types.name(written));
            return self.refuse(RegistrationError::SetterOfValues(rule));
        }
        let callable = self.attribute_setter(self.types.definition(ty).constructor, name);
        self.builtin(callable, &[ty, written], Type::NONE, move |b, _signature, operands| {
            implementation(b, &operands[0], &operands[1])?;
            Ok(Operand::new(Type::NONE, &[]))
        });
    }

    /// Types and lowers reads of the attributes of a family that no other rule has by name.
    pub fn lower_getattr_generic(
        &mut self,
        constructor: TypeConstructor,
        typing: impl Fn(&mut TypeTable, Type, &str) -> Option<Type> + Send + Sync + 'static,
        implementation: impl Fn(&mut LowerContext<'_, '_>, &Signature, &Operand, &str) -> Result<Operand, LowerError>
        + Send
        + Sync
        + 'static,
    ) {
        let Some(rule) = self.new_rule(format!("{}.*", self.types.constructor_name(constructor))) else { return };
        self.registry.implementations[rule.0 as usize] = Some(Arc::new(move |b, signature, operands| {
            let name = b.attribute_name()?;
            implementation(b, signature, &operands[0], name)
        }));
        let attribute = GenericAttribute { typing: Arc::new(typing), rule };
        let first = self.registry.generic_attributes.insert(constructor, attribute).map(|first| first.rule);
        self.refuse_second(first, rule);
    }

    /// Types and lowers writes of the attributes of a family that no other rule has by name.
    pub fn lower_setattr_generic(
        &mut self,
        constructor: TypeConstructor,
        typing: impl Fn(&mut TypeTable, Type, &str) -> Option<Type> + Send + Sync + 'static,
        implementation: impl Fn(&mut LowerContext<'_, '_>, &Operand, &str, &Operand) -> Result<(), LowerError>
        + Send
        + Sync
        + 'static,
    ) {
        let Some(rule) = self.new_rule(format!("{}.* =", self.types.constructor_name(constructor))) else { return };
        self.registry.implementations[rule.0 as usize] = Some(Arc::new(move |b, _signature, operands| {
            let name = b.attribute_name()?;
            implementation(b, &operands[0], name, &operands[1])?;
            Ok(Operand::new(Type::NONE, &[]))
        }));
        let setter = GenericAttribute { typing: Arc::new(typing), rule };
        let first = self.registry.generic_setters.insert(constructor, setter).map(|first| first.rule);
        self.refuse_second(first, rule);
    }

    /// The callable of a method of a type's family, made on first use; its first operand is the value.
    pub fn method(&mut self, constructor: TypeConstructor, name: &str) -> CallableId {
        let key = (constructor, MemberId(self.registry.members.intern(name)));
        if let Some(callable) = self.registry.methods.get(&key) {
            return *callable;
        }
        let callable = self.new_callable(&format!(".{name}()"));
        self.registry.methods.insert(key, callable);
        callable
    }

    // Rules.

    /// Says what is wrong with a registration that has no result of its own: the context cannot be built.
    pub(crate) fn refuse(&mut self, problem: RegistrationError) {
        // The first is told.
        if self.registry.problems.is_empty() {
            self.registry.problems.push(problem);
        }
    }

    /// Refuses a rule for what another was registered for.
    pub(crate) fn refuse_duplicate(&mut self, first: RuleId, rule: String) {
        let first = self.registry.rule(first).extension.clone();
        self.refuse(RegistrationError::DuplicateRule { rule, first, second: self.extension.clone() });
    }

    /// Refuses a rule where there is one for the same already.
    fn refuse_second(&mut self, first: Option<RuleId>, second: RuleId) {
        if let Some(first) = first {
            self.refuse_duplicate(first, self.registry.rule(second).name.clone());
        }
    }

    /// `None` for a rule that the context is built without.
    pub(crate) fn new_rule(&mut self, name: String) -> Option<RuleId> {
        let info = RuleInfo { name, extension: self.extension.clone() };
        // Each is asked, so that all that hold for some rule are known.
        let left_out = self.unwanted.iter_mut().filter_map(|unwanted| unwanted.includes(&info).then_some(())).count();
        if left_out > 0 {
            return None;
        }
        let id = RuleId(u32::try_from(self.registry.rules.len()).unwrap_or(u32::MAX));
        self.registry.rules.push(info);
        self.registry.implementations.push(None);
        Some(id)
    }

    fn type_names(&self, types: &[Type]) -> String {
        types.iter().map(|ty| self.types.name(*ty)).collect::<Vec<_>>().join(", ")
    }

    /// Types an operation or function by a fixed signature.
    pub fn signature(&mut self, callable: impl Into<CallableId>, parameters: &[Type], result: Type) {
        let callable = callable.into();
        let name = self.registry.callable_name(callable);
        let name = format!("{name}({}) -> {}", self.type_names(parameters), self.types.name(result));
        let Some(rule) = self.new_rule(name) else { return };
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
        let Some(rule) = self.new_rule(format!("{}(…)", self.registry.callable_name(callable))) else { return };
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
        let Some(rule) = self.new_rule(format!("{}({})", self.registry.callable_name(callable), described.join(", ")))
        else {
            return;
        };
        self.registry.implementations[rule.0 as usize] = Some(Arc::new(implementation));
        let lowerings = &mut self.registry.callable_mut(callable).lowerings;
        let first = lowerings.iter().find(|lowering| lowering.specs == specs).map(|first| first.rule);
        lowerings.push(Lowering { specs, rule });
        self.refuse_second(first, rule);
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

    pub(crate) fn describe(&self, spec: &TypeSpec) -> String {
        match spec {
            TypeSpec::Exact(ty) => self.types.name(*ty).to_owned(),
            TypeSpec::Constructor(constructor) => format!("{}[…]", self.types.constructor_name(*constructor)),
            TypeSpec::Class(class) => self.types.class_name(*class).to_owned(),
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
        let callable = callable.into();
        let Some(rule) = self.new_rule(format!("fold({})", self.registry.callable_name(callable))) else { return };
        let first = self.registry.callable_mut(callable).fold.replace((Arc::new(fold), rule));
        self.refuse_second(first.map(|(_, first)| first), rule);
    }

    /// As [`Registrar::fold`], for a function that is of values of registered types: where those are among the arguments,
    /// what the fold finds wrong is told as it says, and not that such values are not evaluated at compile time.
    pub fn fold_records(
        &mut self,
        callable: impl Into<CallableId>,
        fold: impl Fn(&FoldArguments<'_>) -> Result<Value, String> + Send + Sync + 'static,
    ) {
        let callable = callable.into();
        self.registry.record_folds.insert(callable);
        self.fold(callable, fold);
    }

    /// Evaluates an operation or function at compile time where all its arguments are constants and one of them is of a
    /// kind ([`Value::kind`]), such as the name of the extension's own type; other arguments keep their rule.
    pub fn fold_kind(
        &mut self,
        callable: impl Into<CallableId>,
        kind: &str,
        fold: impl Fn(&FoldArguments<'_>) -> Result<Value, String> + Send + Sync + 'static,
    ) {
        let callable = callable.into();
        let name = format!("fold({}, {kind})", self.registry.callable_name(callable));
        let Some(rule) = self.new_rule(name) else { return };
        let kind = self.registry.kinds.intern(kind);
        let folds = &mut self.registry.callable_mut(callable).kind_folds;
        let first = folds.iter().find(|(known, ..)| *known == kind).map(|(_, _, first)| *first);
        folds.push((kind, Arc::new(fold), rule));
        self.refuse_second(first, rule);
    }

    /// Converts values of one type to another, losing nothing that overloads would mind: a promotion, or safe. The build
    /// refuses [`Conversion::Lossy`], which is for [`Registrar::lower_lossy_cast`].
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
        let Some(rule) = self.new_rule(format!("cast({} -> {})", self.describe(&from), self.describe(&to))) else {
            return;
        };
        if conversion == Conversion::Lossy && loss.is_none() {
            return self.refuse(RegistrationError::LossyCast(self.registry.rule(rule).name.clone()));
        }
        let cast = Cast { conversion, loss, rule, implementation };
        let first = match (&from, &to) {
            (TypeSpec::Exact(from), TypeSpec::Exact(to)) => self.registry.casts.insert((*from, *to), cast),
            _ => {
                let casts = &mut self.registry.generic_casts;
                let first =
                    casts.iter().find(|known| known.condition.is_none() && (&known.from, &known.to) == (&from, &to));
                let first = first.map(|first| first.cast.clone());
                casts.push(GenericCast { from, to, cast, condition: None });
                first
            }
        };
        self.refuse_second(first.map(|first| first.rule), rule);
    }

    /// Converts values between members of families where the types themselves say if there is a conversion, and how
    /// far it changes a value: from tuple to tuple where each element converts.
    pub fn lower_cast_where(
        &mut self,
        from: TypeSpec,
        to: TypeSpec,
        condition: impl Fn(&Registry, &TypeTable, Type, Type) -> Option<(Conversion, Option<Loss>)> + Send + Sync + 'static,
        implementation: impl Fn(&mut LowerContext<'_, '_>, Type, Type, Operand) -> Result<Operand, LowerError>
        + Send
        + Sync
        + 'static,
    ) {
        let Some(rule) = self.new_rule(format!("cast({} -> {})", self.describe(&from), self.describe(&to))) else {
            return;
        };
        let cast = Cast { conversion: Conversion::Lossy, loss: None, rule, implementation: Arc::new(implementation) };
        self.registry.generic_casts.push(GenericCast { from, to, cast, condition: Some(Arc::new(condition)) });
    }

    /// Says that values of a family are of no type yet that can be kept: where one is assigned, the declared type of the
    /// target or the type that it has completes it, by a conversion. `[]` is such a value.
    pub fn incomplete(&mut self, constructor: TypeConstructor) {
        self.registry.incomplete.insert(constructor);
    }

    /// Says that a callable neither changes its operands nor keeps them beyond the statement: constants of owned types
    /// may be given to it as they are. Others get a value that the call made for itself, by
    /// [`Registrar::copy_constant`].
    pub fn reads_only(&mut self, callable: impl Into<CallableId>) {
        self.registry.readers.insert(callable.into());
    }

    /// Says how a call of a node gets a value of its own of a constant that it may change. The rule hands it over with
    /// [`LowerContext::own`].
    pub fn copy_constant(
        &mut self,
        constructor: TypeConstructor,
        rule: impl Fn(&mut LowerContext<'_, '_>, &Operand) -> Result<Operand, LowerError> + Send + Sync + 'static,
    ) {
        let name = format!("copy_constant({})", self.types.constructor_name(constructor));
        let Some(id) = self.new_rule(name) else { return };
        self.registry.constant_copies.insert(constructor, (Arc::new(rule), id));
    }

    /// Makes a family of types known in annotations under a (dotted) name: `list` of `list[int]`. The rule gives the type
    /// of the types in brackets, or says why there is none: what a user can read after "the annotation of `x`: ".
    ///
    /// # Errors
    ///
    /// Where the name is a family already.
    pub fn type_family(
        &mut self,
        name: &str,
        rule: impl Fn(&mut TypeTable, &[Type]) -> Result<Type, String> + Send + Sync + 'static,
    ) -> Result<(), RegistrationError> {
        let family = self.family(rule);
        let id = self.globals.define(name);
        if self.globals.definitions[id.0 as usize].family.replace(family).is_some() {
            return Err(RegistrationError::DuplicateGlobal(name.to_owned()));
        }
        Ok(())
    }

    /// Says that values of a family are used where they are made, and not kept in locals: of an iteration, say, that is
    /// gone through once.
    pub fn transient(&mut self, constructor: TypeConstructor) {
        self.registry.transients.insert(constructor);
    }

    /// Says which type a value of a family stands for where nothing is defined for its own: operations, attributes and
    /// methods of that type are then used, after a conversion to it.
    pub fn unwrap_with(
        &mut self,
        constructor: TypeConstructor,
        rule: impl Fn(&TypeTable, Type) -> Option<Type> + Send + Sync + 'static,
    ) {
        let extension = self.extension.clone();
        let rule = move |types: &TypeTable, ty| asked_part("a rule of `unwrap_with`", &extension, || rule(types, ty));
        self.registry.unwraps.insert(constructor, Arc::new(rule));
    }

    /// Says which type two have when paths meet, in either order.
    pub fn unify(&mut self, left: Type, right: Type, result: Type) {
        let name = format!("unify({}) -> {}", self.type_names(&[left, right]), self.types.name(result));
        let Some(rule) = self.new_rule(name) else { return };
        let unifications = &mut self.registry.unifications;
        let reversed = unifications.get(&(right, left)).map(|(_, first)| *first);
        let first = unifications.insert((left, right), (result, rule)).map(|(_, first)| first);
        self.refuse_second(first.or(reversed), rule);
    }

    /// Says which type two have when paths meet, by a closure that is asked in both orders.
    pub fn unify_with(&mut self, rule: impl Fn(&mut TypeTable, Type, Type) -> Option<Type> + Send + Sync + 'static) {
        self.unify_compound(move |_unify, types, left, right| rule(types, left, right));
    }

    /// Says which type two have when paths meet that are made of other types, by a closure that is asked in both orders;
    /// it is given what unifies those.
    pub fn unify_compound(
        &mut self,
        rule: impl Fn(&mut Unifier<'_>, &mut TypeTable, Type, Type) -> Option<Type> + Send + Sync + 'static,
    ) {
        let Some(id) = self.new_rule("unify(…)".to_owned()) else { return };
        self.registry.unification_rules.push((Arc::new(rule), id));
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
        let Some(rule) = self.new_rule(format!("constant({})", self.types.constructor_name(constructor))) else {
            return;
        };
        let first = self.registry.constants.insert(constructor, (Arc::new(implementation), rule));
        self.refuse_second(first.map(|(_, first)| first), rule);
    }

    /// Says which values a type's family accepts as bound constants and initial states, and what becomes of them.
    ///
    /// Bound constants, and constants of nodes that become ones of the type, are made by the family's
    /// [`Registrar::lower_constant`]. The initial value of a state is written into the cell as it is: a number or truth
    /// value, or a record of the type's name around one, for a type of one value; a tuple, or a record with the names of
    /// the fields, for a type of several; None (NULL) for a pointer. Another one is refused when a node is compiled.
    pub fn convert_value(
        &mut self,
        constructor: TypeConstructor,
        rule: impl Fn(&Value) -> Option<Value> + Send + Sync + 'static,
    ) {
        self.convert_compound(constructor, move |_registry, _types, _ty, value| rule(value));
    }

    /// Says which values a type's family accepts that are made of other values, which the registry converts; as
    /// [`Registrar::convert_value`] otherwise.
    pub fn convert_compound(
        &mut self,
        constructor: TypeConstructor,
        rule: impl Fn(&Registry, &TypeTable, Type, &Value) -> Option<Value> + Send + Sync + 'static,
    ) {
        let Some(id) = self.new_rule(format!("convert({})", self.types.constructor_name(constructor))) else { return };
        let first = self.registry.value_conversions.insert(constructor, (Arc::new(rule), id));
        self.refuse_second(first.map(|(_, first)| first), id);
    }

    /// As [`Registrar::convert_value`], where the members of a family accept different values.
    pub fn convert_member_value(
        &mut self,
        constructor: TypeConstructor,
        rule: impl Fn(&TypeTable, Type, &Value) -> Option<Value> + Send + Sync + 'static,
    ) {
        let Some(id) = self.new_rule(format!("convert({})", self.types.constructor_name(constructor))) else { return };
        self.registry.member_conversions.insert(constructor, (Arc::new(rule), id));
    }

    /// Says which type dynamic values of a kind have. Rules for a kind are asked before rules for every value; of each,
    /// the latest registered first.
    pub fn type_of_value(
        &mut self,
        spec: ValueSpec,
        rule: impl Fn(&mut TypeTable, &Value, ValueRole) -> Option<Type> + Send + Sync + 'static,
    ) {
        self.type_of_compound(spec, move |_registry, types, value, role| rule(types, value, role));
    }

    /// Says that all dynamic values of a kind have one type, whatever their role. Who types many values, as a
    /// dispatcher does, need not look at each ([`crate::Registry::type_of_kind`]).
    pub fn type_of_kind(&mut self, kind: &str, ty: Type) {
        let next = RuleId(u32::try_from(self.registry.rules.len()).unwrap_or(u32::MAX));
        self.type_of_value(ValueSpec::kind(kind), move |_types, _value, _role| Some(ty));
        // Where the context is built without it, the number is that of another rule.
        if self.registry.rules.len() > next.0 as usize {
            self.registry.uniform_kinds.push((next, ty));
        }
    }

    /// Says which type dynamic values of a kind have that are made of other values, whose types the registry knows; as
    /// [`Registrar::type_of_value`] otherwise.
    pub fn type_of_compound(
        &mut self,
        spec: ValueSpec,
        rule: impl Fn(&Registry, &mut TypeTable, &Value, ValueRole) -> Option<Type> + Send + Sync + 'static,
    ) {
        let kind = match &spec {
            ValueSpec::Kind(kind) => Some(kind.as_str()),
            ValueSpec::Any => None,
        };
        let Some(id) = self.new_rule(format!("typeof({})", kind.unwrap_or("Any"))) else { return };
        let rules = match kind {
            Some(kind) => {
                let index = self.registry.kinds.intern(kind).index();
                if self.registry.typeof_rules.len() <= index {
                    self.registry.typeof_rules.resize_with(index + 1, Vec::new);
                }
                &mut self.registry.typeof_rules[index]
            }
            None => &mut self.registry.typeof_any,
        };
        rules.push((Arc::new(rule), id));
    }
}

/// Why parameters cannot be those of a callable.
fn wrong_parameters(parameters: &[CallableParameter]) -> Option<String> {
    let mut default: Option<&str> = None;
    for (position, parameter) in parameters.iter().enumerate() {
        let name = &parameter.name;
        if parameters[..position].iter().any(|before| before.name == *name) {
            return Some(format!("two have the name `{name}`"));
        }
        match (&parameter.default, default) {
            (None, Some(before)) => return Some(format!("`{name}` is required and follows `{before}`, which is not")),
            (None, None) => {}
            (Some(_), _) => default = Some(name),
        }
    }
    None
}

/// The module of a source that defines a function; `name` is what errors call the source.
fn parsed_function(name: &str, function: &str, source: &str) -> Result<ParseOutcome, RegistrationError> {
    let outcome = parse(source, &Limits::default());
    let wrong = |diagnostics: &Diagnostics| {
        let first = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
        first.map(|diagnostic| RegistrationError::Other(diagnostic.render(name, source)))
    };
    if let Some(error) = wrong(&outcome.diagnostics) {
        return Err(error);
    }
    if let Err(diagnostics) = pick(&outcome.module, Some(function)) {
        return Err(wrong(&diagnostics).unwrap_or_else(|| RegistrationError::Other(function.to_owned())));
    }
    Ok(outcome)
}
