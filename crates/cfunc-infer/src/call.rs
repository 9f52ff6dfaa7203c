//! Operations, calls, attributes: finding the rules.

use cfunc_context::{
    Argument, Arrangement, CONSTANT_HINT, CallableId, Conversion, FoldArguments, FoldError, GlobalDefinition,
    Operation, Resolution, ResolveError, RuleId, UseKind, ValueRole,
};
use cfunc_models::{Diagnostic, Span, Type, Value, codes};
use cfunc_syntax::ast::{Binding, Expression, ExpressionKind, GlobalId, Keyword, Member, Name};
use smallvec::SmallVec;

use crate::coerce::argument;
use crate::infer::Inference;
use crate::members::Access;
use crate::typed::{TypedExpression, TypedExpressionKind};

/// How many candidates a diagnostic lists.
const LISTED_CANDIDATES: usize = 6;

/// What to do about rules that contradict each other.
pub(crate) const EXTENSION_HINT: &str = "the extension that registers the rule must be mended";

impl Inference<'_> {
    /// An operation or call on typed arguments.
    pub(crate) fn apply(
        &mut self,
        callable: CallableId,
        arguments: Vec<TypedExpression>,
        keywords: Vec<(Name, TypedExpression)>,
        span: Span,
    ) -> TypedExpression {
        self.apply_in_order(callable, arguments, None, keywords, span)
    }

    /// An operation or call whose arguments are evaluated as given and stand for the parameters of the order given: the
    /// position of each parameter's argument.
    pub(crate) fn apply_in_order(
        &mut self,
        callable: CallableId,
        arguments: Vec<TypedExpression>,
        order: Option<&[usize]>,
        keywords: Vec<(Name, TypedExpression)>,
        span: Span,
    ) -> TypedExpression {
        if arguments.iter().chain(keywords.iter().map(|(_, value)| value)).any(|value| self.is_poison(value)) {
            return self.poison(span, Type::OBJECT);
        }
        let described: Vec<Argument> = match order {
            Some(order) => order.iter().map(|position| argument(&arguments[*position])).collect(),
            None => arguments.iter().map(argument).collect(),
        };
        let named: Vec<(Name, Argument)> =
            keywords.iter().map(|(name, value)| (Name::clone(name), argument(value))).collect();
        let constant = self.fold_call(callable, &described, &named, span);
        let registry = self.context.registry();
        match registry.resolve(self.types, callable, &described, &named, span, &mut self.uses) {
            Ok(mut resolution) => {
                let mut given = arguments;
                given.extend(keywords.into_iter().map(|(_, value)| value));
                let folded = match constant.and_then(|(folded, rule)| Some((folded.ok()?, rule))) {
                    None => None,
                    Some((value, rule)) => match self.folded_as(value, resolution.signature.result, rule, span) {
                        None => return self.poison(span, resolution.signature.result),
                        value => value,
                    },
                };
                let constant = folded.or_else(|| resolution.known.as_deref().cloned());
                if let Some(order) = order {
                    let arrangement = Arrangement { defaults: Vec::new(), positions: order.to_vec() };
                    resolution.arrangement = Some(Box::new(arrangement));
                }
                self.resolved(resolution, registry.callable_name(callable), given, span, constant)
            }
            Err(error) => match constant {
                Some((Ok(value), _)) => {
                    arguments
                        .iter()
                        .chain(keywords.iter().map(|(_, value)| value))
                        .for_each(|value| self.drop_known(value));
                    self.constant(value, span)
                }
                Some((Err(folding), _)) if !says_what_arguments(&error) => {
                    let hint = folding.hint.as_deref().unwrap_or(CONSTANT_HINT);
                    self.report(Diagnostic::error(codes::CONSTANT_VALUE, span, folding.message).hint(hint));
                    self.poison(span, Type::OBJECT)
                }
                Some((Err(_), _)) | None => {
                    self.report_resolution(&error, span);
                    self.poison(span, Type::OBJECT)
                }
            },
        }
    }

    /// A resolved operation on its arguments as written: each is converted to the type of the parameter it is for.
    pub(crate) fn resolved(
        &mut self,
        resolution: Resolution,
        name: &str,
        mut given: Vec<TypedExpression>,
        span: Span,
        constant: Option<Value>,
    ) -> TypedExpression {
        self.note_resolved(&resolution);
        let parameters = resolution.signature.parameters.iter().copied();
        let mut wanted: Vec<Option<Type>> = vec![None; given.len()];
        match &resolution.arrangement {
            None => parameters.enumerate().for_each(|(position, ty)| {
                if let Some(wanted) = wanted.get_mut(position) {
                    *wanted = Some(ty);
                }
            }),
            Some(arrangement) => {
                for default in &arrangement.defaults {
                    given.push(self.constant(default.clone(), span.head()));
                }
                wanted.resize(given.len(), None);
                for (position, ty) in arrangement.positions.iter().zip(parameters) {
                    wanted[*position] = Some(ty);
                }
            }
        }
        let changed = self.changed_arguments(&resolution);
        let arguments = given
            .into_iter()
            .zip(wanted)
            .enumerate()
            .map(|(position, (value, ty))| match ty {
                Some(ty) if changed.contains(&position) && self.is_no_place(&value, ty) => {
                    self.copy_is_changed(&value, ty, name)
                }
                Some(ty) => self.coerce(value, ty, format_args!("`{name}`")),
                None => value,
            })
            .collect();
        let ty = resolution.signature.result;
        self.environment.may_fail();
        TypedExpression { ty, span, kind: TypedExpressionKind::Call { resolution, arguments }, constant }
    }

    /// A value known at compile time. One that no type is registered for can still be an argument of what is
    /// evaluated at compile time: a timezone.
    pub(crate) fn constant(&mut self, value: Value, span: Span) -> TypedExpression {
        let found = self.context.registry().type_of(self.types, &value, ValueRole::Constant);
        if let Some((ty, rule)) = found {
            self.uses.add(UseKind::Typeof, rule, span, &[], ty);
        }
        let ty = found.map_or(Type::OBJECT, |(ty, _)| ty);
        TypedExpression { ty, span, kind: TypedExpressionKind::Constant(value.clone()), constant: Some(value) }
    }

    fn fold_call(
        &mut self,
        callable: CallableId,
        arguments: &[Argument],
        keywords: &[(Name, Argument)],
        span: Span,
    ) -> Option<(Result<Value, FoldError>, RuleId)> {
        let registry = self.context.registry();
        if !registry.is_foldable(callable) {
            return None;
        }
        let positional: Option<Vec<Value>> = arguments.iter().map(|argument| argument.constant.clone()).collect();
        let values: Option<Vec<(Name, Value)>> =
            keywords.iter().map(|(name, argument)| Some((Name::clone(name), argument.constant.clone()?))).collect();
        let (result, rule) = registry
            .evaluate(callable, &FoldArguments { positional: &positional?, keywords: &values?, exact: false })?;
        let all = arguments.iter().chain(keywords.iter().map(|(_, argument)| argument));
        let operands: SmallVec<[Type; 4]> = all.map(|argument| argument.ty).collect();
        self.record_fold(callable, rule, span, &operands);
        Some((result, rule))
    }

    /// What a fold gave as a value of the type that the operation is typed with; reported where it cannot be one. What no
    /// type is known for is left as it is.
    fn folded_as(&mut self, value: Value, ty: Type, rule: RuleId, span: Span) -> Option<Value> {
        let registry = self.context.registry();
        let Some((found, _)) = registry.type_of(self.types, &value, ValueRole::Constant) else { return Some(value) };
        if found == ty {
            return Some(value);
        }
        // Where a rule is left out, another may type the operation for what the operands convert to.
        let converts = registry.cast(self.types, found, ty).is_some_and(|cast| cast.conversion != Conversion::Lossy);
        if converts && let Some((converted, rule)) = registry.convert_value(self.types, ty, &value) {
            self.uses.add(UseKind::Convert, rule, span, &[found], ty);
            return Some(converted);
        }
        let (found, expected) = (self.type_name(found), self.type_name(ty));
        let message = format!(
            "{} gives a value of type {found} where the operation is typed {expected}",
            registry.describe_rule(rule)
        );
        self.report(Diagnostic::error(codes::EXTENSION, span, message).hint(EXTENSION_HINT));
        None
    }

    /// The value of an operation on a value, where it can be evaluated.
    pub(crate) fn fold_unary(&mut self, callable: CallableId, operand: (&Value, Type), span: Span) -> Option<Value> {
        let arguments = FoldArguments { positional: std::slice::from_ref(operand.0), keywords: &[], exact: false };
        let (result, rule) = self.context.registry().evaluate(callable, &arguments)?;
        self.record_fold(callable, rule, span, &[operand.1]);
        result.ok()
    }

    /// Notes the rules of what was typed and is left out, since its value is known: an argument of what is evaluated at
    /// compile time alone.
    fn drop_known(&mut self, dropped: &TypedExpression) {
        match &dropped.kind {
            TypedExpressionKind::Call { resolution, arguments } => {
                self.uses.ask(resolution.typing);
                self.uses.ask(resolution.lowering);
                arguments.iter().for_each(|argument| self.drop_known(argument));
            }
            TypedExpressionKind::Cast(operand) => {
                if let Some(cast) = self.context.registry().cast(self.types, operand.ty, dropped.ty) {
                    self.uses.ask(cast.rule);
                }
                self.drop_known(operand);
            }
            TypedExpressionKind::Not(operand) => self.drop_known(operand),
            // Nothing else has a value that is known and parts of its own.
            _ => {}
        }
    }

    fn record_fold(&mut self, callable: CallableId, rule: RuleId, span: Span, operands: &[Type]) {
        self.uses.add_call(UseKind::Fold, Some(callable), (rule, rule), span, operands, Type::OBJECT);
    }

    /// Says that no rules were found, with the candidates.
    pub(crate) fn report_resolution(&mut self, error: &ResolveError, span: Span) {
        if let ResolveError::Diagnostic(diagnostic) = error {
            self.report((**diagnostic).clone());
            return;
        }
        let registry = self.context.registry();
        let code = match error {
            ResolveError::NoRule { callable, .. } if is_operator(*callable) => codes::NO_RULE,
            ResolveError::NoRule { .. } | ResolveError::Arguments { .. } => codes::CALL_ARGUMENTS,
            // As where the typing rule were missing too: what the operation means on these types is not known.
            ResolveError::NoLowering { .. } => codes::NO_RULE,
            ResolveError::Ambiguous { .. }
            | ResolveError::ParameterCount { .. }
            | ResolveError::NoTruth { .. }
            | ResolveError::Endless { .. }
            | ResolveError::Diagnostic(_) => codes::EXTENSION,
        };
        let mut diagnostic = Diagnostic::error(code, span, error.describe(self.types, registry));
        diagnostic = match error {
            ResolveError::Arguments { hint, .. } => diagnostic.hint(hint),
            ResolveError::NoRule { candidates, .. } if candidates.is_empty() => {
                diagnostic.hint("use a value of another type here")
            }
            ResolveError::NoRule { callable, .. } if is_operator(*callable) => {
                diagnostic.hint("convert the operands to types that are listed")
            }
            ResolveError::NoRule { .. } => diagnostic.hint("give it arguments that one of the listed forms takes"),
            ResolveError::NoLowering { .. }
            | ResolveError::Ambiguous { .. }
            | ResolveError::ParameterCount { .. }
            | ResolveError::NoTruth { .. }
            | ResolveError::Endless { .. }
            | ResolveError::Diagnostic(_) => diagnostic.hint(EXTENSION_HINT),
        };
        if let ResolveError::NoLowering { callable, .. } = error {
            let listed: Vec<&str> = registry.lowerings_of(*callable).take(LISTED_CANDIDATES).collect();
            if !listed.is_empty() {
                diagnostic = diagnostic.expected(format!("parameters that one of these lowers: {}", listed.join("; ")));
            }
        }
        if let ResolveError::NoRule { callable, candidates, .. } = error {
            let listed: Vec<String> = candidates
                .iter()
                .take(LISTED_CANDIDATES)
                .map(|candidate| format!("{}: {}", registry.rule(candidate.rule).name, candidate.reason))
                .collect();
            if !listed.is_empty() {
                diagnostic = diagnostic.expected(format!("one of: {}", listed.join("; ")));
            } else if registry.is_foldable(*callable) {
                diagnostic = diagnostic.expected("arguments that are known at compile time");
            }
        }
        self.report(diagnostic);
    }

    /// What a name stands for, where it is a global; the transformer made dotted names such names.
    pub(crate) fn global_of(&self, expression: &Expression) -> Option<GlobalId> {
        match &expression.kind {
            ExpressionKind::Name { binding: Binding::Global(id), .. } => Some(*id),
            _ => None,
        }
    }

    fn global(&self, id: GlobalId) -> &GlobalDefinition {
        self.context.globals().get(id)
    }

    /// A call.
    pub(crate) fn call(
        &mut self,
        function: &Expression,
        arguments: &[Expression],
        keywords: &[Keyword],
        span: Span,
    ) -> TypedExpression {
        if let ExpressionKind::Name { binding: Binding::Helper(helper), .. } = &function.kind {
            return self.helper_call(*helper, arguments, keywords, span);
        }
        let mut typed: Vec<TypedExpression> = Vec::with_capacity(arguments.len() + 1);
        let mut callee_type = None;
        let mut callee_name = None;
        let callable = if let Some(id) = self.global_of(function) {
            match self.global(id).callable {
                Some(callable) => callable,
                // A type that is registered: what its values are made by is an operation of the type itself.
                None if self.global(id).ty.is_some() && self.global(id).value.is_none() => {
                    let callee = self.expression(function);
                    callee_type = Some(callee.ty);
                    callee_name = Some(format!("the type `{}`", self.global(id).name));
                    typed.push(callee);
                    Operation::Call.id()
                }
                None => {
                    let global = self.global(id);
                    let (name, is_marker) = (format!("`{}`", global.name), global.marker.is_some());
                    return self.not_callable(&name, is_marker, function.span, span);
                }
            }
        } else if let ExpressionKind::Attribute { value, attribute, member } = &function.kind
            && self.global_of(value).is_none()
        {
            let receiver = self.expression(value);
            if self.is_poison(&receiver) {
                return self.poison(span, Type::OBJECT);
            }
            if !self.context.call_elaborators(self.types, receiver.ty).is_empty() {
                return self.method_call(
                    (receiver, value),
                    (attribute, *member),
                    arguments,
                    keywords,
                    (function.span, span),
                );
            }
            let Some(method) = self.context.registry().method(self.types, receiver.ty, *member) else {
                return self.unknown_member(receiver.ty, (attribute, *member), function.span, Access::Call);
            };
            typed.push(receiver);
            method
        } else if let ExpressionKind::Attribute { value, attribute, .. } = &function.kind {
            return self.unknown_global_member(value, attribute, function.span);
        } else {
            // A value that is called: an operation of its type.
            let callee = self.expression(function);
            if self.is_poison(&callee) {
                return self.poison(span, Type::OBJECT);
            }
            callee_type = Some(callee.ty);
            typed.push(callee);
            Operation::Call.id()
        };
        typed.extend(self.elements(arguments));
        let named = self.keywords(keywords);
        if let Some(ty) = callee_type
            && !typed.iter().any(|value| self.is_poison(value))
        {
            let described: Vec<Argument> = typed.iter().map(argument).collect();
            let registry = self.context.registry();
            let found = registry.resolve(self.types, callable, &described, &[], span, &mut self.uses);
            // No rule has anything to say about values of the type.
            if matches!(&found, Err(ResolveError::NoRule { candidates, .. }) if candidates.is_empty()) {
                let name = callee_name.unwrap_or_else(|| format!("a value of type {}", self.type_name(ty)));
                return self.not_callable(&name, false, function.span, span);
            }
        }
        self.apply(callable, typed, named, span)
    }

    fn keywords(&mut self, keywords: &[Keyword]) -> Vec<(Name, TypedExpression)> {
        let mut named = Vec::with_capacity(keywords.len());
        for keyword in keywords {
            let value = self.expression(&keyword.value);
            if let Some(name) = &keyword.name {
                named.push((Name::clone(name), value));
            }
        }
        named
    }

    /// A call of a method of a type that elaborators are for.
    fn method_call(
        &mut self,
        (receiver, base): (TypedExpression, &Expression),
        (name, member): (&Name, Member),
        arguments: &[Expression],
        keywords: &[Keyword],
        (function, span): (Span, Span),
    ) -> TypedExpression {
        let mut given = vec![receiver];
        given.extend(self.elements(arguments));
        let named = self.keywords(keywords);
        if given.iter().chain(named.iter().map(|(_, value)| value)).any(|value| self.is_poison(value)) {
            return self.poison(span, Type::OBJECT);
        }
        let place = self.place_of(base);
        if let Some(answer) = self.call_answer((name, place), &given, &named, span) {
            given.extend(named.into_iter().map(|(_, value)| value));
            return self.elaborated(answer, given, &format!(".{name}()"), span);
        }
        match self.context.registry().method(self.types, given[0].ty, member) {
            Some(method) => self.apply(method, given, named, span),
            None => self.unknown_member(given[0].ty, (name, member), function, Access::Call),
        }
    }

    fn not_callable(&mut self, name: &str, is_marker: bool, function: Span, span: Span) -> TypedExpression {
        let diagnostic = Diagnostic::error(codes::NOT_CALLABLE, function, format!("{name} cannot be called"));
        let hint = if is_marker {
            "handlers of its extension know calls of it, and not this one: look at its arguments and, in a helper, call it in \
             the node"
        } else {
            "leave the brackets out, or call a function by its name"
        };
        self.report(diagnostic.expected("a function or a method").hint(hint));
        self.poison(span, Type::OBJECT)
    }

    /// A read of an attribute.
    pub(crate) fn attribute(&mut self, value: &Expression, name: (&Name, Member), span: Span) -> TypedExpression {
        // A module has members alone; a constant reached through one has the attributes of its type.
        if self.global_of(value).is_some_and(|id| self.global(id).value.is_none()) {
            return self.unknown_global_member(value, name.0, span);
        }
        let base = self.expression(value);
        self.attribute_of(base, name, span)
    }

    /// A read of an attribute of a typed value.
    pub(crate) fn attribute_of(&mut self, base: TypedExpression, name: (&Name, Member), span: Span) -> TypedExpression {
        let (name, member) = name;
        if self.is_poison(&base) {
            return base;
        }
        if let Some(answer) = self.attribute_answer(&base, name, span) {
            return self.elaborated(answer, vec![base], &format!(".{name}"), span);
        }
        match self.context.registry().attribute(self.types, base.ty, member) {
            Some(callable) => self.apply(callable, vec![base], Vec::new(), span),
            None => match self.context.registry().generic_attribute(self.types, base.ty, name) {
                Some(resolution) => self.resolved(resolution, name, vec![base], span, None),
                None => self.unknown_member(base.ty, (name, member), span, Access::Read),
            },
        }
    }

    /// A write of an attribute.
    pub(crate) fn set_attribute(
        &mut self,
        base: TypedExpression,
        name: (&Name, Member),
        value: TypedExpression,
        span: Span,
    ) -> TypedExpression {
        let (name, member) = name;
        if self.is_poison(&base) || self.is_poison(&value) {
            return self.poison(span, Type::OBJECT);
        }
        let base_type = base.ty;
        let answer = self.set_attribute_answer((&value, &base), name, span);
        let given = vec![value, base];
        if let Some(answer) = answer {
            return self.elaborated(answer, given, &format!("the assignment to .{name}"), span);
        }
        let registry = self.context.registry();
        match registry.setter(self.types, base_type, member) {
            Some(callable) => self.apply_in_order(callable, given, Some(&[1, 0]), Vec::new(), span),
            None => match registry.generic_setter(self.types, base_type, name) {
                Some(mut resolution) => {
                    let arrangement = Arrangement { defaults: Vec::new(), positions: vec![1, 0] };
                    resolution.arrangement = Some(Box::new(arrangement));
                    self.resolved(resolution, name, given, span, None)
                }
                None => self.unknown_member(base_type, (name, member), span, Access::Write),
            },
        }
    }

    /// The value of a global name.
    pub(crate) fn global_value(&mut self, id: GlobalId, span: Span) -> TypedExpression {
        let definition = self.global(id);
        if let Some(value) = definition.value.clone() {
            return self.constant(value, span);
        }
        if definition.ty.is_some() {
            // A type is no value, but may be an argument of what is decided when the node is compiled.
            return self.constant(Value::type_object(&definition.name.clone()), span);
        }
        let name = definition.name.clone();
        let hint = if definition.callable.is_some() {
            format!("call it, `{name}(…)`; functions are not passed to others")
        } else if let Some(member) = definition.members.keys().min() {
            format!("name what is in it, such as `{name}.{member}`")
        } else {
            "it stands in annotations and calls only".to_owned()
        };
        let diagnostic = Diagnostic::error(codes::NOT_A_VALUE, span, format!("`{name}` is not a value"));
        self.report(diagnostic.expected("a value").hint(hint));
        self.poison(span, Type::OBJECT)
    }
}

/// Whether a callable is an operation with a notation of its own, rather than a function that is called by its name.
fn is_operator(callable: CallableId) -> bool {
    Operation::all()
        .filter(|operation| !matches!(operation, Operation::Call | Operation::Length))
        .any(|operation| operation.id() == callable)
}

/// Whether an error of typing says more of the arguments than one of an evaluation with them could.
fn says_what_arguments(error: &ResolveError) -> bool {
    match error {
        ResolveError::Arguments { .. } => true,
        ResolveError::Diagnostic(diagnostic) => diagnostic.code == codes::CALL_ARGUMENTS,
        _ => false,
    }
}
