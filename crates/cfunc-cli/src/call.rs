//! `cfunc call`.

use std::io::Write;
use std::time::Duration;

use cfunc_compiler::{
    CallError, CompilationContext, CompileError, CompileRequest, Dispatcher, RaisedError, Source, TypeTable, Value,
    evaluate,
};
use serde_json::{Value as Json, json};

use crate::arguments::{CallArguments, Format};
use crate::constant::parse_constant;
use crate::failure::Failure;
use crate::repr::repr;
use crate::values_json::{from_json, to_json};
use crate::{message, node};

/// Calls a function with the values of the command line, and prints what it gives.
pub(crate) fn call(arguments: &CallArguments) -> Result<(), Failure> {
    let context = node::context()?;
    let (path, function) = node::split_node(&arguments.function);
    let source = node::read_source(&path)?;
    let dispatcher = dispatcher(&context, &source, function, arguments)?;
    let mut given = Given::default();
    for (index, text) in arguments.arguments.iter().enumerate() {
        given.add(&context, &source, index + 1, text, arguments)?;
    }

    let mut keywords: Vec<(&str, Value)> =
        given.keywords.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let outcome = dispatcher.call_with(&mut given.positional, &mut keywords);
    let specialisations = dispatcher.specialisations();
    for one in &specialisations {
        message::diagnostics(&source, one.compiled().warnings(), arguments.options.format);
    }
    if let Some(one) = specialisations.last() {
        node::tell_ignored(one.compiled().backend_name(), &one.compiled().ignored_options());
    }
    let types = specialisations.last().map(|one| one.compiled().types());
    let became = Became { dispatcher: &dispatcher, positional: &given.positional, keywords: &keywords, types };
    match outcome {
        Ok(value) if arguments.json => print(&json!({"result": to_json(types, &value), "arguments": became.json()})),
        Ok(value) => {
            let lines = if arguments.show_arguments { became.lines() } else { Vec::new() };
            print_text(&std::iter::once(repr(types, &value)).chain(lines).map(|line| line + "\n").collect::<String>())
        }
        Err(CallError::Node(raised)) => {
            if arguments.json {
                print(&json!({"error": error_json(&raised), "arguments": became.json()}))?;
            } else if arguments.show_arguments {
                print_text(&became.lines().into_iter().map(|line| line + "\n").collect::<String>())?;
            }
            Err(raised_failure(&raised))
        }
        Err(error) => Err(failure(&error, arguments.options.format)),
    }
}

fn dispatcher(
    context: &CompilationContext,
    source: &Source,
    function: Option<&str>,
    arguments: &CallArguments,
) -> Result<Dispatcher, Failure> {
    let format = arguments.options.format;
    let mut request = CompileRequest::new(source.clone()).options(node::options(&arguments.options)?);
    if let Some(function) = function {
        request = request.function(function);
    }
    if let Some(engine) = arguments.options.engine.map(node::engine).transpose()? {
        request = request.backend(engine);
    }
    let mut builder = Dispatcher::builder(context, request);
    if let Some(signature) = &arguments.signature {
        builder = builder.signatures([signature.as_str()]).closed();
    }
    if let Some(milliseconds) = arguments.deadline {
        builder = builder.deadline(Duration::from_millis(milliseconds));
    }
    builder.build().map_err(|error| failure(&error, format))
}

/// The arguments of the command line.
#[derive(Default)]
struct Given {
    positional: Vec<Value>,
    keywords: Vec<(String, Value)>,
}

impl Given {
    /// Reads the argument at a position, which is counted from 1.
    fn add(
        &mut self,
        context: &CompilationContext,
        source: &Source,
        position: usize,
        text: &str,
        arguments: &CallArguments,
    ) -> Result<(), Failure> {
        let (keyword, text) = match split_keyword(text) {
            Some((name, value)) => (Some(name), value),
            None => (None, text),
        };
        let value = if arguments.json {
            json_value(context, source, position, text)?
        } else {
            python_value(context, source, position, text, arguments.options.format)?
        };
        match keyword {
            Some(name) => self.keywords.push((name.to_owned(), value)),
            None if self.keywords.is_empty() => self.positional.push(value),
            None => {
                let message = "a positional argument follows one that is given by name";
                return Err(Failure::usage(format!("argument {position}: {message}")));
            }
        }
        Ok(())
    }
}

/// Splits `name=value`: a name, and no comparison.
fn split_keyword(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let name = name.trim();
    let is_name = name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    (is_name && !value.starts_with('=')).then_some((name, value))
}

/// A value as Python writes it; else a time, a duration or a word as the other commands take them.
fn python_value(
    context: &CompilationContext,
    source: &Source,
    position: usize,
    text: &str,
    format: Format,
) -> Result<Value, Failure> {
    let expression = Source::new(format!("argument {position}"), text.trim());
    let error = match evaluate(context, source, &expression) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    match parse_constant(text) {
        Ok(value @ (Value::Boolean(_) | Value::Datetime(_) | Value::Timedelta(_) | Value::Float(_))) => Ok(value),
        _ => {
            message::compile_error(&error, format);
            Err(Failure::ReportedUsage)
        }
    }
}

fn json_value(context: &CompilationContext, source: &Source, position: usize, text: &str) -> Result<Value, Failure> {
    let wrong = |reason: String| Failure::usage(format!("argument {position}: {reason}"));
    let json: Json = serde_json::from_str(text).map_err(|error| wrong(format!("no JSON: {error}")))?;
    let named = |name: &str| evaluate(context, source, &Source::new("a name", name)).ok();
    let value = from_json(&json, &named).map_err(wrong)?;
    match unknown_member(context, source, &value) {
        Some(reason) => Err(wrong(reason)),
        None => Ok(value),
    }
}

/// What is wrong with a text that is nearly the name of a member: a class of the file, and no member of it.
fn unknown_member(context: &CompilationContext, source: &Source, value: &Value) -> Option<String> {
    let within = |values: &[Value]| values.iter().find_map(|value| unknown_member(context, source, value));
    match value {
        Value::Text(text) => {
            let (class, member) = text.split_once('.')?;
            let is_name = |part: &str| {
                part.starts_with(|first: char| first.is_alphabetic() || first == '_')
                    && part.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
            };
            if !is_name(class) || !is_name(member) {
                return None;
            }
            evaluate(context, source, &Source::new("a class", class)).ok()?;
            Some(format!("`{class}` has no member `{member}`"))
        }
        Value::List(values) | Value::Tuple(values) => within(values),
        Value::Dict(entries) => entries.iter().find_map(|(key, value)| within(&[key.clone(), value.clone()])),
        _ => None,
    }
}

/// What the arguments are after the call.
struct Became<'a> {
    dispatcher: &'a Dispatcher,
    positional: &'a [Value],
    keywords: &'a [(&'a str, Value)],
    types: Option<&'a TypeTable>,
}

impl Became<'_> {
    fn all(&self) -> impl Iterator<Item = (&str, &Value)> {
        let positional = self.dispatcher.parameters().zip(self.positional);
        positional.chain(self.keywords.iter().map(|(name, value)| (*name, value)))
    }

    fn lines(&self) -> Vec<String> {
        self.all().map(|(name, value)| format!("{name} = {}", repr(self.types, value))).collect()
    }

    /// By the names of the parameters.
    fn json(&self) -> Json {
        Json::Object(self.all().map(|(name, value)| (name.to_owned(), to_json(self.types, value))).collect())
    }
}

fn error_json(raised: &RaisedError) -> Json {
    let mut error = json!({"kind": raised.error.kind.name(), "message": raised.error.message});
    if let (Some((file, line, column)), Some(fields)) = (&raised.position, error.as_object_mut()) {
        fields.insert("file".to_owned(), json!(file));
        fields.insert("line".to_owned(), json!(line));
        fields.insert("column".to_owned(), json!(column));
    }
    error
}

/// `FILE:line:column: error: KIND: message`, as of a node.
fn raised_failure(raised: &RaisedError) -> Failure {
    let position = raised.position.as_ref();
    let position = position.map(|(name, line, column)| format!("{name}:{line}:{column}: ")).unwrap_or_default();
    let message = &raised.error.message;
    let separator = if message.is_empty() { "" } else { ": " };
    message::line(&format!("{position}error: {}{separator}{message}", raised.error.kind.name()));
    Failure::Reported
}

/// Why there was no call, or nothing came of it.
fn failure(error: &CallError, format: Format) -> Failure {
    match error {
        CallError::Compile(error) => compile_failure(error, format),
        CallError::Arguments(_) | CallError::Typing { .. } | CallError::Unbox { .. } => {
            Failure::usage(error.to_string())
        }
        CallError::Node(raised) => raised_failure(raised),
        _ => Failure::failed(error.to_string()),
    }
}

fn compile_failure(error: &CompileError, format: Format) -> Failure {
    message::compile_error(error, format);
    if node::is_of_the_command(error, &[]) { Failure::ReportedUsage } else { Failure::Reported }
}

fn print(json: &Json) -> Result<(), Failure> {
    print_text(&format!("{json}\n"))
}

fn print_text(text: &str) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    let written = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    written.map_err(|error| Failure::writing("standard output", &error))
}

#[cfg(test)]
mod tests {
    use super::split_keyword;

    #[test]
    fn keywords_are_names_before_one_sign() {
        assert_eq!(split_keyword("by=2"), Some(("by", "2")));
        assert_eq!(split_keyword(" by = [1]"), Some(("by", " [1]")));
        for text in ["1", "a==b", "1=2", "[a=1]", "Side.BUY=1", "=1"] {
            assert_eq!(split_keyword(text), None, "{text}");
        }
    }
}
