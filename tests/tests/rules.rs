//! Every operation that the recorded cases reach is of a rule of the registry, and depends on that rule alone: without
//! it, its users resolve to another rule or are refused with the operation and its types, and nothing else changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;

use cfunc_cli::replay::{case_request, find_cases};
use cfunc_compiler::{
    CompilationContext, CompilationResult, CompileError, CompileRequest, Diagnostic, ExtensionId, Interpreter,
    ResolvedOperation, RuleInfo, Severity, Span, UseKind, compile, defaults,
};
use cfunc_tests::{context, path};

/// How many users of a rule are compiled without it: those of the shortest sources.
const USERS: usize = 60;

/// How many cases that do not use a rule are compiled without it, a different choice for each rule.
const OTHERS: usize = 40;

/// A case that compiles.
struct Compiled {
    request: CompileRequest,
    result: CompilationResult,
}

/// A rule by name and extension, which unlike its number are the same in all contexts.
type RuleName = (String, ExtensionId);

fn rule_name(info: &RuleInfo) -> RuleName {
    (info.name.clone(), info.extension.clone())
}

/// All cases that compile, those of the shortest sources first.
fn compiled_cases(context: &CompilationContext) -> Vec<Compiled> {
    let cases = find_cases(&[path("corpus")]).expect("the corpus is readable");
    let mut compiled: Vec<Compiled> = cases
        .iter()
        .filter_map(|case| {
            // The interpreter's code is made fastest; rules do not know engines.
            let request = case_request(case).expect("a readable case").backend(Arc::new(Interpreter::new()));
            let request = request.keep_stages(true);
            let result = compile(context, &request).ok()?;
            Some(Compiled { request, result })
        })
        .collect();
    compiled.sort_by_key(|case| case.request.source().text().len());
    compiled
}

/// The uses of rules of a result.
fn operations(result: &CompilationResult) -> Vec<ResolvedOperation<'_>> {
    result.operations().expect("stages are kept")
}

/// What was recorded of an operation, in terms that are the same in all contexts.
fn recorded(operation: &ResolvedOperation<'_>) -> (Span, String, String, RuleName, RuleName) {
    let rules = (rule_name(operation.typed_by.info), rule_name(operation.lowered_by.info));
    (operation.span, operation.name.clone(), operation.signature.clone(), rules.0, rules.1)
}

fn uses(operation: &ResolvedOperation<'_>, rule: &RuleName) -> bool {
    [operation.typed_by, operation.lowered_by].iter().any(|used| rule_name(used.info) == *rule)
}

#[test]
fn every_operation_is_of_a_registered_rule_and_depends_on_it_alone() {
    let context = context();
    let cases = compiled_cases(&context);
    assert!(!cases.is_empty(), "no case compiles");
    let mut users: BTreeMap<RuleName, BTreeSet<usize>> = BTreeMap::new();
    for (index, case) in cases.iter().enumerate() {
        for operation in &operations(&case.result) {
            for used in [operation.typed_by, operation.lowered_by] {
                let found = context.registry().rules().find(|(id, _)| *id == used.id).map(|(_, info)| info);
                assert_eq!(found, Some(used.info), "{} {}", operation.name, operation.signature);
                users.entry(rule_name(used.info)).or_default().insert(index);
            }
        }
    }
    let rules: Vec<(&RuleName, &BTreeSet<usize>)> = users.iter().collect();
    assert!(rules.len() > 100, "{} rules: the walk does not see the operations", rules.len());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let wrong: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = rules
            .chunks(rules.len().div_ceil(threads))
            .map(|part| {
                let cases = &cases;
                scope.spawn(move || {
                    part.iter().flat_map(|(rule, users)| wrong_without(rule, users, cases)).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    assert!(wrong.is_empty(), "{} of {} rules:\n{}", wrong.len(), rules.len(), wrong.join("\n"));
}

/// Whether a rule is the other of the two hooks of owned values, which are left out together.
fn is_other_hook(info: &RuleInfo, rule: &RuleName) -> bool {
    let family = |name: &str, hook: &str| name.strip_prefix(hook).map(str::to_owned);
    let pairs = [("copy(", "release("), ("release(", "copy(")];
    let is_pair = |(one, other)| family(&rule.0, one).is_some_and(|of| family(&info.name, other) == Some(of));
    info.extension == rule.1 && pairs.into_iter().any(is_pair)
}

/// What is not as it should be in a context without a rule.
fn wrong_without(rule: &RuleName, users: &BTreeSet<usize>, cases: &[Compiled]) -> Vec<String> {
    let unwanted = rule.clone();
    let context = CompilationContext::builder()
        .with(defaults())
        .with(cfunc_signals::extension())
        .without_rule(move |info| rule_name(info) == unwanted || is_other_hook(info, &unwanted))
        .build()
        .expect("a context without a rule is a context");
    let mut wrong = Vec::new();
    let mut say = |case: &Compiled, what: String| {
        wrong.push(format!("without {} [{}]: {}: {what}", rule.0, rule.1, case.request.source().name()));
    };
    for case in users.iter().take(USERS).map(|index| &cases[*index]) {
        let before: Vec<ResolvedOperation<'_>> =
            operations(&case.result).into_iter().filter(|operation| uses(operation, rule)).collect();
        match compile(&context, &case.request) {
            Ok(after) => {
                let after = operations(&after);
                // What the rules of a known value left to other rules goes with them.
                let all = operations(&case.result);
                let is_known = |span| all.iter().any(|operation| operation.span == span && operation.is_known);
                let is_resolved = |operation: &ResolvedOperation<'_>| {
                    is_resolved_otherwise(operation, is_known(operation.span), &after, rule)
                };
                for operation in before.iter().filter(|operation| !is_resolved(operation)) {
                    say(case, format!("`{}` {} is resolved no other way", operation.name, operation.signature));
                }
            }
            Err(error) if before.iter().any(|operation| names(&error, operation, &operations(&case.result))) => {}
            Err(error) => say(case, format!("the error names no operation and its types: {error}")),
        }
    }
    // A step without a common factor with most counts, so that the choice moves through all cases.
    let start = rule.0.bytes().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    let others = (0..cases.len()).map(|step| (start.wrapping_add(step * 7)) % cases.len());
    let others = others.filter(|index| !users.contains(index)).map(|index| &cases[index]);
    let uses_hook = |case: &Compiled| {
        operations(&case.result).iter().any(|operation| is_other_hook(operation.lowered_by.info, rule))
    };
    for case in others.filter(|case| !asks_for(case, rule) && !uses_hook(case)).take(OTHERS) {
        match compile(&context, &case.request) {
            Ok(after) => {
                let (before, now) = (operations(&case.result), operations(&after));
                if !before.iter().map(recorded).eq(now.iter().map(recorded)) {
                    say(case, "it does not use the rule, and resolves to others".to_owned());
                }
                if case.result.semantic_key() != after.semantic_key() {
                    say(case, "it does not use the rule, and has another key".to_owned());
                }
            }
            Err(error) => say(case, format!("it does not use the rule, and fails: {error}")),
        }
    }
    wrong
}

/// Whether a rule was asked while a case was compiled and is not said to be used: by a typing rule, or for types that a
/// loop was assumed to have. Such a case may change without it, or not.
fn asks_for(case: &Compiled, rule: &RuleName) -> bool {
    case.result.provisional_rules().expect("stages are kept").iter().any(|asked| rule_name(asked.info) == *rule)
}

/// Whether an operation is resolved to other rules, or is a constant now.
fn is_resolved_otherwise(
    before: &ResolvedOperation<'_>,
    is_known: bool,
    after: &[ResolvedOperation<'_>],
    rule: &RuleName,
) -> bool {
    let mut here = after.iter().filter(|operation| operation.span == before.span && operation.name == before.name);
    let none_uses_it = after.iter().all(|operation| !uses(operation, rule));
    // A pointer type without hooks is owned by nobody: what copied and released it is gone.
    let is_hook = matches!(before.kind, UseKind::Copy | UseKind::Release);
    none_uses_it && (here.next().is_some() || is_known || is_hook)
}

/// Whether an error is about an operation and names the types that it is not defined for, or is about what takes its
/// result, or a local that took it on, which is of another type now that it is resolved otherwise.
fn names(error: &CompileError, operation: &ResolvedOperation<'_>, all: &[ResolvedOperation<'_>]) -> bool {
    let CompileError::Diagnostics { diagnostics, .. } = error else { return false };
    if matches!(operation.kind, UseKind::Typeof | UseKind::Convert | UseKind::Fold) {
        return diagnostics.iter().any(|diagnostic| is_of_value(diagnostic, operation));
    }
    let word = match operation.name.as_str() {
        "cast" => "conver",
        name => name,
    };
    let (parameters, result) = operation.signature.split_once(" -> ").expect("a signature");
    let parameters = parameters.trim_start_matches('(').trim_end_matches(')');
    let mut types: Vec<&str> = parameters.split(", ").filter(|name| !name.is_empty()).collect();
    if ["cast", "constant"].contains(&operation.name.as_str()) {
        types.push(result);
    }
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).any(|diagnostic| {
        let text = format!("{} {}", diagnostic.message, diagnostic.expected.as_deref().unwrap_or(""));
        let named = text.contains(word) && types.iter().all(|ty| text.contains(ty));
        // Where paths meet, a cast that is not there leaves two types that are not one.
        let of_paths = diagnostic.code.id == "E0303" && parameters.split(", ").all(|part| text.contains(part));
        // The types as given, where the rule takes them converted.
        let refused = diagnostic.span == operation.span && text.contains(&format!("`{word}` is not defined for "));
        let result_does_not_fit = ["E0301", "E0302", "E0304", "E0402"].contains(&diagnostic.code.id)
            && diagnostic.span.cover(operation.span) == diagnostic.span;
        // A result of another type that a local took on: the operation that it does not fit says so with the types.
        let names_another = ["E0301", "E0304"].contains(&diagnostic.code.id)
            && text.contains("` is not defined for ")
            && all.iter().any(|other| other.span == diagnostic.span && !is_refused_as_before(&text, other));
        // A value that only a fold gives now, and that nothing makes at run time: it names the rule and its extension.
        let names_rule = diagnostic.code.id == "E0901" && diagnostic.span == operation.span;
        let not_callable = word == "call" && diagnostic.code.id == "E0306";
        // A case of a match asks for the length of its own value, which it has no operation for.
        let of_match = text.contains(" is no sequence: ") && text.contains(&format!("`{word}`"));
        named || of_match || of_paths || refused || result_does_not_fit || names_another || names_rule || not_callable
    })
}

/// Whether an operation is said to be undefined for the types that it had while all rules were there.
fn is_refused_as_before(text: &str, operation: &ResolvedOperation<'_>) -> bool {
    let (parameters, _) = operation.signature.split_once(" -> ").expect("a signature");
    let parameters = parameters.trim_start_matches('(').trim_end_matches(')');
    let listed = match parameters.rsplit_once(", ") {
        Some((first, last)) => format!("{first} and {last}"),
        None => parameters.to_owned(),
    };
    text.contains(&format!("` is not defined for {listed}"))
}

/// Whether an error is about a value that is known at compile time, or about what takes it, and says what is wrong with it:
/// that its kind has no type, that its type does not accept it, that it is not known.
fn is_of_value(diagnostic: &Diagnostic, operation: &ResolvedOperation<'_>) -> bool {
    let text = format!("{} {}", diagnostic.message, diagnostic.expected.as_deref().unwrap_or(""));
    let (_, ty) = operation.signature.split_once(" -> ").expect("a signature");
    let says_why = match operation.kind {
        UseKind::Typeof => {
            let name = &operation.typed_by.info.name;
            let kind = name.trim_start_matches("typeof(").trim_end_matches(')');
            // A value without a type is an object, for which no rule is, and which is kept nowhere.
            text.contains(&format!("kind {kind} ")) || text.contains("object") || diagnostic.code.id == "E0307"
        }
        UseKind::Convert => text.contains(ty),
        _ => {
            let name = operation.typed_by.info.name.trim_start_matches("fold(").trim_end_matches(')');
            text.contains("known at compile time") || text.contains(&format!("`{name}` is not defined for "))
        }
    };
    // The value of a name of the module is said to be unknown where it is used, with a note of where it is bound.
    let notes = diagnostic.notes.iter().map(|note| note.span);
    let covers = notes.chain([diagnostic.span]).any(|span| span.cover(operation.span) == span);
    diagnostic.severity == Severity::Error && covers && says_why
}

#[test]
fn a_context_without_a_rule_knows_it_no_more() {
    let text = "def half(x: Signal[int]) -> Signal[int]:\n    return x // 2\n";
    let request = CompileRequest::new(cfunc_compiler::Source::new("half.py", text));
    let with = compile(&context(), &request).expect("it compiles");
    let used = operations(&with);
    let division = used.iter().find(|operation| operation.name == "//").expect("a division");
    assert_eq!(division.signature, "(int, int) -> int");
    assert_eq!((division.typed_by.info.extension.name, division.span.text(text)), ("builtins", "x // 2"));
    let name = division.lowered_by.info.name.clone();
    let without = CompilationContext::builder()
        .with(defaults())
        .with(cfunc_signals::extension())
        .without_rule(move |rule| rule.name == name && rule.extension.name == "builtins")
        .build()
        .expect("a context");
    assert_eq!(without.registry().rules().count() + 1, context().registry().rules().count());
    let Err(CompileError::Diagnostics { diagnostics, .. }) = compile(&without, &request) else {
        panic!("nothing lowers the division")
    };
    let first = diagnostics.iter().next().expect("a diagnostic");
    assert_eq!((first.code.id, &*first.message), ("E0301", "`//` is typed for int and int but nothing lowers it"));
}
