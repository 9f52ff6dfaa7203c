//! Finding the rules for an operation on given types.
//!
//! In this order: a fixed signature of exactly the argument types; the first typing closure that answers, the latest
//! registered first; the fixed signature whose conversions are least, compared argument by argument by
//! [`crate::Conversion`] and, where that leaves several, the one registered first. Lossy conversions are never chosen.

use cfunc_models::{Diagnostic, Span, Type, TypeTable, Value};
use cfunc_syntax::ast::Name;
use cfunc_syntax::closest;
use smallvec::SmallVec;

use crate::panics::asked;
use crate::registry::{CallableData, GenericCast, Lowering, Overload};
use crate::{
    Argument, CallableId, CallableParameter, Conversion, Operation, Registry, RuleId, RuleUses, Signature, TypeSpec,
    TypingAnswer, TypingContext, ValueRole,
};

/// The rules that type and lower one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// What was resolved; `None` for an attribute that a rule for every name serves.
    pub callable: Option<CallableId>,
    /// What arguments are cast to and what comes out.
    pub signature: Signature,
    /// Where the order of the parameters is not that of the arguments, or defaults stand in for some.
    pub arrangement: Option<Box<Arrangement>>,
    /// The attribute's name, for rules that serve every name.
    pub attribute: Option<Name>,
    /// The result, where the types alone say it. Boxed as what is rare, so that trees that hold this stay small.
    pub known: Option<Box<Value>>,
    /// The rule that typed it.
    pub typing: RuleId,
    /// The rule that lowers it.
    pub lowering: RuleId,
}

/// How the parameters of a signature get their values.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrangement {
    /// Values of parameters that no argument is given for; they count as arguments after those given.
    pub defaults: Vec<Value>,
    /// For each parameter, the position of its argument: positional ones, then keywords as written, then defaults.
    pub positions: Vec<usize>,
}

impl Resolution {
    /// The position of the argument that an operand is; those beyond the arguments are defaults.
    pub fn argument_of(&self, operand: usize) -> usize {
        let positions = self.arrangement.as_ref().map(|arrangement| arrangement.positions.as_slice());
        positions.and_then(|positions| positions.get(operand)).copied().unwrap_or(operand)
    }

    pub(crate) fn of_attribute(signature: Signature, rule: RuleId, name: &Name) -> Self {
        Self {
            callable: None,
            signature,
            arrangement: None,
            attribute: Some(Name::clone(name)),
            known: None,
            typing: rule,
            lowering: rule,
        }
    }
}

/// Why arguments do not fit the names of parameters, and what to do about it.
pub(crate) struct Misfit {
    pub(crate) reason: String,
    pub(crate) hint: String,
}

/// Where a parameter gets its value.
pub(crate) enum Place<'a> {
    /// From an argument: positional ones, then keywords as written.
    Given(usize),
    /// From its default.
    Default(&'a CallableParameter, &'a Value),
}

/// What is wanted where no rules fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// That none do.
    Answer,
    /// Why each does not.
    Reasons,
}

/// A rule that did not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which rule.
    pub rule: RuleId,
    /// Why not.
    pub reason: String,
}

/// Why no rules were found.
#[derive(Clone, Debug, PartialEq)]
pub enum ResolveError {
    /// No typing rule fits.
    NoRule {
        /// What was to be resolved.
        callable: CallableId,
        /// The types of positional arguments.
        arguments: Vec<Type>,
        /// Keyword arguments by name, with their types.
        keywords: Vec<(Name, Type)>,
        /// All that were tried.
        candidates: Vec<Candidate>,
    },
    /// The arguments do not fit the parameters' names.
    Arguments {
        /// What was to be resolved.
        callable: CallableId,
        /// The types of all arguments, as written.
        arguments: Vec<Type>,
        /// Why not.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// It is typed, but nothing lowers it: an extension is not complete.
    NoLowering {
        /// What was to be resolved.
        callable: CallableId,
        /// How it was typed.
        signature: Signature,
    },
    /// Two lowering rules are equally specific.
    Ambiguous {
        /// What was to be resolved.
        callable: CallableId,
        /// How it was typed.
        signature: Signature,
        /// One.
        first: RuleId,
        /// The other.
        second: RuleId,
    },
    /// A typing rule answered with a signature of another number of parameters than there are arguments.
    ParameterCount {
        /// Which rule.
        rule: RuleId,
        /// How many parameters it answered with.
        parameters: usize,
        /// How many arguments there are, keyword arguments among them.
        arguments: usize,
    },
    /// A rule types a truth value, or the test of an iteration, as something else than a bool.
    NoTruth {
        /// Which rule.
        rule: RuleId,
    },
    /// A typing rule asks for itself, by way of others perhaps, without an end.
    Endless {
        /// Which rule.
        rule: RuleId,
    },
    /// A typing rule says what is wrong.
    Diagnostic(Box<Diagnostic>),
}

impl ResolveError {
    /// One sentence with the types, without the candidates.
    pub fn describe(&self, types: &TypeTable, registry: &Registry) -> String {
        match self {
            Self::NoRule { callable, arguments, keywords, .. } => {
                let first = arguments.first().map_or("", |ty| types.name(*ty));
                if *callable == Operation::Truth.id() {
                    return format!("a value of type {first} has no truth value");
                }
                if *callable == Operation::IterationStart.id() {
                    return format!("a value of type {first} cannot be iterated over");
                }
                let name = registry.callable_name(*callable);
                let only_lowered = !registry.has_rules(*callable) && !registry.callable(*callable).lowerings.is_empty();
                let why = if only_lowered { ": rules lower it, but none types it" } else { "" };
                let named = keywords.iter().map(|(keyword, ty)| format!("`{keyword}={}`", types.name(*ty)));
                let given = arguments.iter().map(|ty| types.name(*ty).to_owned()).chain(named).collect();
                format!("`{name}` is not defined for {}{why}", joined(given))
            }
            Self::Arguments { callable, reason, .. } => {
                format!("`{}` cannot be called so: {reason}", registry.callable_name(*callable))
            }
            Self::NoLowering { callable, signature } => {
                let name = registry.callable_name(*callable);
                format!("`{name}` is typed for {} but nothing lowers it", list(types, &signature.parameters))
            }
            Self::Ambiguous { callable, signature, first, second } => format!(
                "`{}` is typed for {}, which {} and {} fit equally well",
                registry.callable_name(*callable),
                list(types, &signature.parameters),
                registry.describe_rule(*first),
                registry.describe_rule(*second)
            ),
            Self::ParameterCount { rule, parameters, arguments } => {
                let rule = registry.describe_rule(*rule);
                format!("{rule} answers with {parameters} parameters for {arguments} arguments")
            }
            Self::NoTruth { rule } => format!("{} gives no bool", registry.describe_rule(*rule)),
            Self::Endless { rule } => format!("{}: rules ask each other without an end", registry.describe_rule(*rule)),
            Self::Diagnostic(diagnostic) => diagnostic.message.clone(),
        }
    }
}

fn list(types: &TypeTable, arguments: &[Type]) -> String {
    joined(arguments.iter().map(|ty| types.name(*ty).to_owned()).collect())
}

fn joined(names: Vec<String>) -> String {
    match names.as_slice() {
        [] => "no arguments".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What an argument converts to, looked up once for all signatures that it is compared with: most of them are for types
/// that it has nothing to do with.
struct Source<'a> {
    from: Type,
    targets: &'a [(Type, bool)],
    generic: SmallVec<[&'a GenericCast; 4]>,
}

impl<'a> Source<'a> {
    fn new(registry: &'a Registry, types: &TypeTable, from: Type) -> Self {
        let targets = registry.cast_targets.get(&from).map_or(&[][..], Vec::as_slice);
        let generic = registry.generic_casts.iter().filter(|generic| generic.from.matches(types, from)).collect();
        Self { from, targets, generic }
    }

    /// Whether it is of a type, or converts to it without loss; as [`Registry::conversions`] says for each argument.
    fn converts(&self, registry: &Registry, types: &TypeTable, to: Type) -> bool {
        if self.from == to {
            return true;
        }
        match self.targets.iter().find(|(target, _)| *target == to) {
            Some((_, keeps)) => *keeps,
            None if self.generic.iter().any(|generic| generic.to.matches(types, to)) => {
                registry.cast(types, self.from, to).is_some_and(|cast| cast.conversion != Conversion::Lossy)
            }
            None => false,
        }
    }
}

impl Registry {
    /// The rules for a callable and arguments. `uses` gets the rules that typing closures ask for on the way, on
    /// which those of the answer may depend.
    ///
    /// # Errors
    ///
    /// [`ResolveError`], with every candidate and why it did not fit.
    pub fn resolve(
        &self,
        types: &mut TypeTable,
        callable: CallableId,
        arguments: &[Argument],
        keywords: &[(Name, Argument)],
        span: Span,
        uses: &mut RuleUses,
    ) -> Result<Resolution, ResolveError> {
        self.resolve_for(types, callable, arguments, keywords, (span, Wanted::Reasons), uses)
    }

    /// As [`Registry::resolve`], where it does not matter why there are none.
    pub fn resolve_if_defined(
        &self,
        types: &mut TypeTable,
        callable: CallableId,
        arguments: &[Argument],
        span: Span,
        uses: &mut RuleUses,
    ) -> Option<Resolution> {
        self.resolve_for(types, callable, arguments, &[], (span, Wanted::Answer), uses).ok()
    }

    fn resolve_for(
        &self,
        types: &mut TypeTable,
        callable: CallableId,
        arguments: &[Argument],
        keywords: &[(Name, Argument)],
        (span, wanted): (Span, Wanted),
        uses: &mut RuleUses,
    ) -> Result<Resolution, ResolveError> {
        let data = self.callable(callable);
        let (arranged, arrangement) = match self.arrange(types, data, arguments, keywords) {
            Ok(Some((arranged, arrangement))) => (Some(arranged), Some(Box::new(arrangement))),
            Ok(None) => (None, None),
            Err(Misfit { reason, hint }) => {
                let arguments = arguments.iter().chain(keywords.iter().map(|(_, argument)| argument));
                let arguments = arguments.map(|argument| argument.ty).collect();
                return Err(ResolveError::Arguments { callable, arguments, reason, hint });
            }
        };
        let positional = arranged.as_deref().unwrap_or(arguments);
        let rest = if arranged.is_some() { &[] } else { keywords };
        let found = self.find(types, callable, positional, rest, (span, wanted), uses)?;
        let is_truth = callable == Operation::Truth.id() || callable == Operation::IterationHasNext.id();
        if is_truth && found.signature.result != Type::BOOLEAN {
            return Err(ResolveError::NoTruth { rule: found.typing });
        }
        Ok(Resolution { arrangement, ..found })
    }

    /// The rules for arguments in the order of the parameters.
    fn find(
        &self,
        types: &mut TypeTable,
        callable: CallableId,
        positional: &[Argument],
        rest: &[(Name, Argument)],
        (span, wanted): (Span, Wanted),
        uses: &mut RuleUses,
    ) -> Result<Resolution, ResolveError> {
        let data = self.callable(callable);
        let argument_types: SmallVec<[Type; 3]> = positional.iter().map(|argument| argument.ty).collect();
        let key = (callable, argument_types);
        let resolution = |signature: Signature, typing, lowering| Resolution {
            callable: Some(callable),
            signature,
            arrangement: None,
            attribute: None,
            known: None,
            typing,
            lowering,
        };
        if rest.is_empty()
            && let Some(overload) = self.exact.get(&key).map(|index| &data.overloads[*index as usize])
            && let Some(lowering) = overload.lowering
        {
            return Ok(resolution(overload.signature.clone(), overload.rule, lowering));
        }
        let argument_types = key.1;
        let mut candidates = Vec::new();
        for (typer, rule) in data.typers.iter().rev() {
            let Some(outer) = uses.enter(*rule) else { return Err(ResolveError::Endless { rule: *rule }) };
            let mut context =
                TypingContext { types, arguments: positional, keywords: rest, span, registry: self, uses: &mut *uses };
            let answer = asked(*rule, Some(span), || typer(&mut context));
            let is_outermost = uses.leave(outer);
            match answer {
                // The rule would have another answer if the function of Python code were right.
                TypingAnswer::No(_) => {
                    if let Some(diagnostic) = &uses.python.wrong {
                        let diagnostic = diagnostic.clone();
                        uses.python.wrong = uses.python.wrong.take().filter(|_| !is_outermost);
                        return Err(ResolveError::Diagnostic(diagnostic));
                    }
                }
                TypingAnswer::Error(_) if !is_outermost => {}
                TypingAnswer::Error(_) | TypingAnswer::Signature(_) | TypingAnswer::Known(..) => {
                    uses.python.wrong = None;
                }
            }
            let (signature, known) = match answer {
                TypingAnswer::Signature(signature) => (signature, None),
                TypingAnswer::Known(signature, value) => (signature, Some(value)),
                TypingAnswer::No(reason) => {
                    if !reason.is_empty() {
                        candidates.push(Candidate { rule: *rule, reason });
                    }
                    continue;
                }
                TypingAnswer::Error(diagnostic) => return Err(ResolveError::Diagnostic(diagnostic)),
            };
            let (parameters, given) = (signature.parameters.len(), positional.len() + rest.len());
            if parameters == positional.len()
                && let Some((name, _)) = rest.first()
            {
                // It did not look at keywords, which would be lost.
                candidates.push(Candidate { rule: *rule, reason: takes_no_keyword(name) });
                continue;
            }
            if parameters != given {
                return Err(ResolveError::ParameterCount { rule: *rule, parameters, arguments: given });
            }
            let lowering = self.resolve_lowering(types, callable, data, &signature)?;
            return Ok(Resolution { known: known.map(Box::new), ..resolution(signature, *rule, lowering) });
        }
        // What is not defined for a type may be for the one that its values stand for.
        if let Some(unwrapped) = self.unwrapped_arguments(types, positional) {
            return self.find(types, callable, &unwrapped, rest, (span, wanted), uses);
        }
        let mut best: Option<(SmallVec<[Option<Conversion>; 3]>, &Overload)> = None;
        let sources: SmallVec<[Source<'_>; 3]> =
            argument_types.iter().map(|from| Source::new(self, types, *from)).collect();
        for overload in &data.overloads {
            let parameters = &overload.signature.parameters;
            let fits = rest.is_empty()
                && parameters.len() == sources.len()
                && parameters.iter().zip(&sources).all(|(to, from)| from.converts(self, types, *to));
            if !fits {
                continue;
            }
            if let Ok(conversions) = self.conversions(types, (data, &overload.signature), &argument_types, rest) {
                let better = best.as_ref().is_none_or(|(found, _)| total(&conversions) < total(found));
                if better {
                    best = Some((conversions, overload));
                }
            }
        }
        let Some((_, overload)) = best else {
            // Reasons are texts, and are made only where they are told.
            if wanted == Wanted::Reasons {
                let shares = |overload: &&Overload| {
                    let parameters = overload.signature.parameters.iter();
                    parameters.zip(&argument_types).any(|(parameter, given)| parameter == given)
                };
                // Those for a type that is given are what was meant, more likely than others.
                let (near, far): (Vec<&Overload>, Vec<&Overload>) = data.overloads.iter().partition(shares);
                let reasons = |overloads: Vec<&Overload>| -> Vec<Candidate> {
                    let each = overloads.into_iter().filter_map(|overload| {
                        let signature = (data, &overload.signature);
                        let reason = self.conversions(types, signature, &argument_types, rest).err()?;
                        Some(Candidate { rule: overload.rule, reason })
                    });
                    each.collect()
                };
                candidates.splice(0..0, reasons(near));
                candidates.extend(reasons(far));
            }
            let keywords = rest.iter().map(|(name, argument)| (Name::clone(name), argument.ty)).collect();
            return Err(ResolveError::NoRule { callable, arguments: argument_types.to_vec(), keywords, candidates });
        };
        let lowering = match overload.lowering {
            Some(lowering) => lowering,
            None => self.resolve_lowering(types, callable, data, &overload.signature)?,
        };
        Ok(resolution(overload.signature.clone(), overload.rule, lowering))
    }

    fn unwrapped_arguments(&self, types: &TypeTable, arguments: &[Argument]) -> Option<Vec<Argument>> {
        if self.unwraps.is_empty() || arguments.iter().all(|argument| self.unwrapped(types, argument.ty).is_none()) {
            return None;
        }
        let unwrapped = arguments.iter().map(|argument| match self.unwrapped(types, argument.ty) {
            Some(ty) => Argument { ty, constant: None, span: argument.span },
            None => argument.clone(),
        });
        Some(unwrapped.collect())
    }

    /// Arguments in the order of the parameters, defaults in their places, where the callable names its parameters and
    /// the call does not simply give them all by position.
    fn arrange(
        &self,
        types: &mut TypeTable,
        data: &CallableData,
        arguments: &[Argument],
        keywords: &[(Name, Argument)],
    ) -> Result<Option<(Vec<Argument>, Arrangement)>, Misfit> {
        let Some(places) = places(data, arguments.len(), keywords)? else { return Ok(None) };
        let given = arguments.len() + keywords.len();
        let mut arranged = Vec::with_capacity(places.len());
        let mut arrangement = Arrangement { defaults: Vec::new(), positions: Vec::with_capacity(places.len()) };
        for place in places {
            match place {
                Place::Given(position) => {
                    let argument = match position.checked_sub(arguments.len()) {
                        None => &arguments[position],
                        Some(keyword) => &keywords[keyword].1,
                    };
                    arranged.push(argument.clone());
                    arrangement.positions.push(position);
                }
                Place::Default(parameter, default) => {
                    let Some((ty, _)) = self.type_of(types, default, ValueRole::Constant) else {
                        let hint = "the extension that registers it must bring the type of its defaults".to_owned();
                        let kind = default.kind();
                        let reason = format!("the default of `{}` is of kind {kind} which has no type", parameter.name);
                        return Err(Misfit { reason, hint });
                    };
                    let constant = Some(default.clone());
                    arranged.push(Argument { ty, constant, span: Span::default() });
                    arrangement.positions.push(given + arrangement.defaults.len());
                    arrangement.defaults.push(default.clone());
                }
            }
        }
        Ok(Some((arranged, arrangement)))
    }

    fn conversions(
        &self,
        types: &TypeTable,
        (data, signature): (&CallableData, &Signature),
        arguments: &[Type],
        keywords: &[(Name, Argument)],
    ) -> Result<SmallVec<[Option<Conversion>; 3]>, String> {
        if let Some((name, _)) = keywords.first() {
            return Err(takes_no_keyword(name));
        }
        if signature.parameters.len() != arguments.len() {
            // What a method is called on is none of its arguments.
            let [takes, given] = [signature.parameters.len(), arguments.len()]
                .map(|count| count.saturating_sub(usize::from(data.name.starts_with('.'))));
            return Err(format!("it takes {takes} arguments, not {given}"));
        }
        let pairs = signature.parameters.iter().zip(arguments);
        pairs
            .map(|(parameter, argument)| {
                if parameter == argument {
                    return Ok(None);
                }
                match self.cast(types, *argument, *parameter) {
                    Some(cast) if cast.conversion != Conversion::Lossy => Ok(Some(cast.conversion)),
                    _ => Err(format!("{} does not convert to {}", types.name(*argument), types.name(*parameter))),
                }
            })
            .collect()
    }

    pub(crate) fn resolve_lowering(
        &self,
        types: &TypeTable,
        callable: CallableId,
        data: &CallableData,
        signature: &Signature,
    ) -> Result<RuleId, ResolveError> {
        let mut best: Option<&Lowering> = None;
        let mut rival: Option<&Lowering> = None;
        for lowering in data.lowerings.iter().filter(|lowering| fits(types, &lowering.specs, &signature.parameters)) {
            match best.map(|best| compare(&lowering.specs, &best.specs, signature.parameters.len())) {
                None | Some(std::cmp::Ordering::Greater) => {
                    best = Some(lowering);
                    rival = None;
                }
                Some(std::cmp::Ordering::Equal) => rival = Some(lowering),
                Some(std::cmp::Ordering::Less) => {}
            }
        }
        match (best, rival) {
            (Some(best), Some(rival)) => Err(ResolveError::Ambiguous {
                callable,
                signature: signature.clone(),
                first: best.rule,
                second: rival.rule,
            }),
            (Some(best), None) => Ok(best.rule),
            (None, _) => Err(ResolveError::NoLowering { callable, signature: signature.clone() }),
        }
    }
}

fn takes_no_keyword(name: &str) -> String {
    format!("it takes no keyword argument `{name}`")
}

fn total(conversions: &[Option<Conversion>]) -> (u32, u32) {
    let count = |wanted: Conversion| u32::try_from(conversions.iter().filter(|found| **found == Some(wanted)).count());
    (count(Conversion::Safe).unwrap_or(u32::MAX), count(Conversion::Promotion).unwrap_or(u32::MAX))
}

/// Where each parameter gets its value, where the callable names its parameters and the call does not simply give them
/// all by position.
pub(crate) fn places<'a, T>(
    data: &'a CallableData,
    positional: usize,
    keywords: &[(Name, T)],
) -> Result<Option<SmallVec<[Place<'a>; 4]>>, Misfit> {
    let parameters = &data.parameters;
    if parameters.is_empty() || positional > parameters.len() {
        // Without names, typing closures look at keywords themselves; too many are told by the signatures.
        return Ok(None);
    }
    if keywords.is_empty() && positional == parameters.len() {
        return Ok(None);
    }
    if let Some((name, _)) = keywords.iter().find(|(name, _)| parameters.iter().all(|known| *known.name != **name)) {
        let names = || parameters.iter().map(|parameter| &*parameter.name);
        let hint = match closest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its parameters are `{}`", names().collect::<Vec<_>>().join("`, `")),
        };
        return Err(Misfit { reason: format!("it has no parameter `{name}`"), hint });
    }
    let mut places = SmallVec::new();
    for (position, parameter) in parameters.iter().enumerate() {
        let keyword = keywords.iter().position(|(name, _)| **name == *parameter.name);
        places.push(match (position < positional, keyword, &parameter.default) {
            (true, Some(_), _) => {
                let hint = "give it by position or by name".to_owned();
                return Err(Misfit { reason: format!("`{}` is given twice", parameter.name), hint });
            }
            (true, None, _) => Place::Given(position),
            (false, Some(keyword), _) => Place::Given(positional + keyword),
            (false, None, Some(default)) => Place::Default(parameter, default),
            // Signatures of fewer parameters may still fit.
            (false, None, None) if keywords.is_empty() => return Ok(None),
            (false, None, None) if places.len() == positional + keywords.len() => break,
            (false, None, None) => {
                let hint = format!("add `{}=<value>`", parameter.name);
                return Err(Misfit { reason: format!("no argument is given for `{}`", parameter.name), hint });
            }
        });
    }
    Ok(Some(places))
}

fn spec_at(specs: &[TypeSpec], index: usize) -> Option<&TypeSpec> {
    match specs.get(index) {
        Some(spec) => Some(spec),
        None => specs.last().filter(|last| matches!(last, TypeSpec::VariableArguments(_))),
    }
}

fn fits(types: &TypeTable, specs: &[TypeSpec], arguments: &[Type]) -> bool {
    let variable = matches!(specs.last(), Some(TypeSpec::VariableArguments(_)));
    let count = if variable { arguments.len() + 1 >= specs.len() } else { arguments.len() == specs.len() };
    count
        && arguments
            .iter()
            .enumerate()
            .all(|(index, ty)| spec_at(specs, index).is_some_and(|spec| spec.matches(types, *ty)))
}

/// More specific first: at no argument less, at one more; neither: equal, so ambiguous.
fn compare(left: &[TypeSpec], right: &[TypeSpec], count: usize) -> std::cmp::Ordering {
    let specificity = |specs, index| spec_at(specs, index).map_or(0, TypeSpec::specificity);
    let (mut more, mut less) = (false, false);
    for index in 0..count {
        more |= specificity(left, index) > specificity(right, index);
        less |= specificity(left, index) < specificity(right, index);
    }
    if count == 0 {
        // A rule without arguments fits as said; one with variable arguments fits too, less closely.
        return right.len().cmp(&left.len());
    }
    match (more, less) {
        (true, false) => std::cmp::Ordering::Greater,
        (false, true) => std::cmp::Ordering::Less,
        _ => std::cmp::Ordering::Equal,
    }
}
