//! Plain functions called with dynamic values: the sessions of `tests/calls`, on every engine, and what CPython says of them.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use cfunc_compiler::ast::{Expression, ExpressionKind, StatementKind};
use cfunc_compiler::{
    Backend, CallArgument, CallError, CompilationContext, CompilationOptions, CompileRequest, Container, Dispatcher,
    ErrorModel, Limits, Source, Value, backends_at_all_levels, evaluate, parse,
};
use cfunc_tests::{context, path};

/// The cases.
fn cases() -> Vec<PathBuf> {
    let folder = fs::read_dir(path("calls")).expect("the folder of cases is readable");
    let mut cases: Vec<PathBuf> = folder.map(|entry| entry.expect("an entry").path()).collect();
    cases.retain(|case| case.extension().is_some_and(|extension| extension == "py"));
    cases.sort();
    cases
}

/// A line after a prompt, and what Python prints for it.
#[derive(Debug)]
struct Step {
    line: usize,
    input: String,
    expected: Vec<String>,
}

/// The steps of the docstring at the head of a module.
fn steps(text: &str) -> Vec<Step> {
    let mut found: Vec<Step> = Vec::new();
    let mut is_open = false;
    for (line, content) in (1..).zip(text.lines()).take_while(|(line, content)| *line == 1 || *content != "\"\"\"") {
        if let Some(input) = content.strip_prefix(">>> ") {
            found.push(Step { line, input: input.to_owned(), expected: Vec::new() });
            is_open = true;
        } else if content.is_empty() {
            is_open = false;
        } else if let Some(step) = found.last_mut().filter(|_| is_open) {
            step.expected.push(content.to_owned());
        }
    }
    found
}

/// How the lists and dicts of variables are passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// As dynamic values, copied into calls and back.
    Values,
    /// As containers that live as long as the session.
    Containers,
}

/// What a variable holds.
enum Held {
    Value(Value),
    Container(Container),
}

/// One run through the steps of a case.
struct Session<'a> {
    context: &'a CompilationContext,
    source: Source,
    backend: &'a Arc<dyn Backend>,
    mode: Mode,
    dispatchers: HashMap<String, Dispatcher>,
    variables: BTreeMap<String, Held>,
}

/// What Python prints for a step: a value, or the last line of a traceback.
#[derive(Debug)]
enum Printed {
    Value(Value),
    Error(String),
}

impl Session<'_> {
    fn value(&self, text: &str) -> Result<Value, String> {
        evaluate(self.context, &self.source, &Source::new("step", text)).map_err(|error| error.to_string())
    }

    fn dispatcher(&mut self, function: &str) -> Result<&Dispatcher, String> {
        if !self.dispatchers.contains_key(function) {
            let options =
                CompilationOptions { error_model: ErrorModel::Python, verify: true, ..CompilationOptions::default() };
            let request = CompileRequest::new(self.source.clone()).function(function).options(options);
            let request = request.backend(Arc::clone(self.backend));
            let made = Dispatcher::builder(self.context, request).build().map_err(|error| error.to_string())?;
            self.dispatchers.insert(function.to_owned(), made);
        }
        Ok(&self.dispatchers[function])
    }

    /// Runs a step; what Python prints for it, if anything.
    fn run(&mut self, input: &str) -> Result<Option<Printed>, String> {
        let outcome = parse(input, &Limits::default());
        let [statement] = outcome.module.body.as_slice() else { return Err("it is no single statement".to_owned()) };
        match &statement.kind {
            StatementKind::Assign { targets, value } => {
                let [Expression { kind: ExpressionKind::Name { name, .. }, .. }] = targets.as_slice() else {
                    return Err("the target is no name".to_owned());
                };
                let value = self.value(text_of(input, value))?;
                let is_container = matches!(value, Value::List(_) | Value::Dict(_)) && self.mode == Mode::Containers;
                let held = if is_container {
                    Held::Container(Container::from_value(self.context, &value).map_err(|error| error.to_string())?)
                } else {
                    Held::Value(value)
                };
                self.variables.insert(name.to_string(), held);
                Ok(None)
            }
            StatementKind::Expression(Expression { kind: ExpressionKind::Name { name, .. }, .. }) => {
                match self.variables.get(&**name).ok_or("no such variable")? {
                    Held::Value(value) => Ok(Some(Printed::Value(value.clone()))),
                    Held::Container(container) => {
                        container.to_value().map(|value| Some(Printed::Value(value))).map_err(|error| error.to_string())
                    }
                }
            }
            StatementKind::Expression(Expression {
                kind: ExpressionKind::Call { function, arguments, keywords },
                ..
            }) => {
                let positional: Vec<&str> = arguments.iter().map(|argument| text_of(input, argument)).collect();
                let mut named = Vec::new();
                for keyword in keywords {
                    let name = keyword.name.as_ref().ok_or("`**` is not there")?;
                    named.push((name.to_string(), self.value(text_of(input, &keyword.value))?));
                }
                match self.call(text_of(input, function), &positional, &named)? {
                    Ok(Value::None) => Ok(None),
                    Ok(value) => Ok(Some(Printed::Value(value))),
                    Err(CallError::Node(raised)) => {
                        let (kind, message) = (raised.error.kind.name(), &raised.error.message);
                        let separator = if message.is_empty() { "" } else { ": " };
                        Ok(Some(Printed::Error(format!("{kind}{separator}{message}"))))
                    }
                    Err(CallError::Arguments(message)) => Ok(Some(Printed::Error(format!("TypeError: {message}")))),
                    Err(other) => Err(other.to_string()),
                }
            }
            _ => Err("it is neither a call, nor a name, nor an assignment".to_owned()),
        }
    }

    fn call(
        &mut self,
        function: &str,
        positional: &[&str],
        keywords: &[(String, Value)],
    ) -> Result<Result<Value, CallError>, String> {
        self.dispatcher(function)?;
        let twice = positional.iter().enumerate().any(|(index, name)| positional[..index].contains(name));
        let is_shared = twice && positional.iter().any(|name| self.variables.contains_key(*name));
        let mut values = Vec::new();
        let mut containers = Vec::new();
        for text in positional {
            let (value, container) = match self.variables.get(*text) {
                Some(Held::Value(value)) => (value.clone(), None),
                Some(Held::Container(container)) => (Value::None, Some(container.clone())),
                None => (self.value(text)?, None),
            };
            values.push(value);
            containers.push(container);
        }
        let dispatcher = &self.dispatchers[function];
        if is_shared && self.mode == Mode::Values {
            // One value cannot be given twice; one container can.
            for (index, text) in positional.iter().enumerate() {
                let first = positional.iter().position(|other| other == text).unwrap_or(index);
                containers[index] = match containers[first].clone() {
                    Some(container) => Some(container),
                    None => {
                        Some(Container::from_value(self.context, &values[index]).map_err(|error| error.to_string())?)
                    }
                };
            }
        }
        if containers.iter().all(Option::is_none) || !keywords.is_empty() {
            let mut keywords: Vec<(&str, Value)> =
                keywords.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            let called = dispatcher.call_with(&mut values, &mut keywords);
            for (text, value) in positional.iter().zip(values) {
                if let Some(held) = self.variables.get_mut(*text) {
                    *held = Held::Value(value);
                }
            }
            return Ok(called);
        }
        let mut arguments: Vec<CallArgument<'_>> = values
            .iter_mut()
            .zip(&containers)
            .map(|(value, container)| match container {
                Some(container) => CallArgument::Container(container),
                None => CallArgument::Value(value),
            })
            .collect();
        let called = dispatcher.call_arguments(&mut arguments).and_then(cfunc_compiler::CallResult::into_value);
        if self.mode == Mode::Values {
            for (text, container) in positional.iter().zip(&containers) {
                if let (Some(held), Some(container)) = (self.variables.get_mut(*text), container) {
                    *held = Held::Value(container.to_value().map_err(|error| error.to_string())?);
                }
            }
        }
        Ok(called)
    }
}

fn text_of<'a>(input: &'a str, expression: &Expression) -> &'a str {
    &input[expression.span.start as usize..expression.span.end as usize]
}

/// What is wrong with the outcome of a step.
fn compared(session: &Session<'_>, step: &Step, printed: Option<&Printed>) -> Option<String> {
    let expected = step.expected.join("\n");
    match (step.expected.as_slice(), printed) {
        ([], None) => None,
        ([head, .., last], Some(Printed::Error(error))) if head.starts_with("Traceback") => {
            (last != error).then(|| format!("expected `{last}`, got `{error}`"))
        }
        ([_], Some(Printed::Value(value))) => match session.value(&expected) {
            Ok(wanted) => (!wanted.same_bits(value)).then(|| format!("expected {wanted}, got {value}")),
            Err(error) => Some(format!("the expected value is none: {error}")),
        },
        (_, printed) => Some(format!("expected `{expected}`, got {printed:?}")),
    }
}

fn run(case: &Path, backend: &Arc<dyn Backend>, mode: Mode, context: &CompilationContext, wrong: &mut Vec<String>) {
    let text = fs::read_to_string(case).expect("the case is readable");
    let steps = steps(&text);
    let place = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if steps.is_empty() {
        return wrong.push(format!("{place}: no steps"));
    }
    let source = Source::new(place.clone(), text);
    let (dispatchers, variables) = (HashMap::new(), BTreeMap::new());
    let mut session = Session { context, source, backend, mode, dispatchers, variables };
    for step in &steps {
        let problem = match session.run(&step.input) {
            Ok(printed) => compared(&session, step, printed.as_ref()),
            Err(message) => Some(message),
        };
        if let Some(problem) = problem {
            let (line, input, engine) = (step.line, &step.input, backend.name());
            wrong.push(format!("{place}:{line} [{engine}, {mode:?}] {input}: {problem}"));
        }
    }
}

#[test]
fn calls_give_what_python_gives() {
    let (context, cases, mut wrong) = (context(), cases(), Vec::new());
    assert!(!cases.is_empty(), "there are cases");
    for case in &cases {
        for backend in &backends_at_all_levels() {
            for mode in [Mode::Values, Mode::Containers] {
                run(case, backend, mode, &context, &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn python_says_what_the_cases_say() {
    if Command::new("python3").arg("--version").output().is_err() {
        assert!(std::env::var_os("CFUNC_REQUIRE_PYTHON").is_none(), "python3 is missing");
        eprintln!("python3 is missing: the cases are not compared with it");
        return;
    }
    let output = Command::new("python3").args(["-B", "-m", "doctest"]).args(cases()).output().expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
