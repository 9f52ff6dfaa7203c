//! Sources with what is wrong in them said on the line: `# error: [E0101] "text" at "underlined"`, `# warning: [W0001]`.
//! Every diagnostic must be said, and everything said must be found; where they are given, the text is part of the
//! message, and what is underlined is the first line of the place. docs/cases.md describes the other comments.

use std::collections::{BTreeMap, BTreeSet};

use cfunc_compiler::{
    CompileError, CompileRequest, DIAGNOSTIC_CODES, Diagnostics, LineIndex, Severity, Source, Value, check, compile,
    compile_call,
};
use cfunc_tests::{context, expand, path};

/// A diagnostic as a source says it.
#[derive(Debug)]
struct Said {
    line: u32,
    severity: Severity,
    code: String,
    text: Option<String>,
    underlined: Option<String>,
}

/// What a line says after its last `#`s.
fn said(line_number: u32, line: &str) -> Vec<Said> {
    let mut list = Vec::new();
    for (marker, severity) in [("# error: [", Severity::Error), ("# warning: [", Severity::Warning)] {
        for rest in line.split(marker).skip(1) {
            let (code, rest) = rest.split_once(']').expect("a code ends with ]");
            let (text, rest) = match quoted(rest) {
                Some((text, rest)) => (Some(text), rest),
                None => (None, rest),
            };
            let underlined = rest.trim_start().strip_prefix("at ").and_then(quoted).map(|(text, _)| text);
            list.push(Said { line: line_number, severity, code: code.to_owned(), text, underlined });
        }
    }
    list
}

/// A text in quotes, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let (text, rest) = text.trim_start().strip_prefix('"')?.split_once('"')?;
    Some((text.to_owned(), rest))
}

/// What is found in a source: by checking it, or by compiling the function that `# compile: name constant=value` names, or
/// the plain one that `# call: name (types)` does.
fn found(name: &str, text: &str) -> Diagnostics {
    let extension = text.lines().find_map(|line| line.strip_prefix("# extension: "));
    let context = match extension.map(str::trim) {
        Some("broken") => crate::extension::context(true),
        Some("structs") => crate::structs::context(),
        Some(other) => panic!("{name}: there is no extension `{other}`"),
        None => context(),
    };
    let source = Source::new(name, text);
    let found = |compiled: Result<Diagnostics, CompileError>| match compiled {
        Ok(warnings) => warnings,
        Err(CompileError::Diagnostics { diagnostics, .. }) => diagnostics,
        Err(error) => panic!("{name}: {error}"),
    };
    if let Some(wanted) = text.lines().find_map(|line| line.strip_prefix("# call: ")) {
        let (function, types) = wanted.split_once(' ').expect("a function and types");
        let request = CompileRequest::new(source).function(function);
        return found(compile_call(&context, &request, &types.into()).map(|call| call.warnings().clone()));
    }
    let Some(wanted) = text.lines().find_map(|line| line.strip_prefix("# compile: ")) else {
        return check(&context, &source);
    };
    let mut words = wanted.split('#').next().unwrap_or_default().split_whitespace();
    let function = words.next().expect("a function is named");
    let mut request = CompileRequest::new(source).function(function);
    for word in words {
        let (name, value) = word.split_once('=').expect("name=value");
        let value = value.parse().map_or_else(|_| Value::Float(value.parse().expect("a number")), Value::Integer);
        request = request.constant(name, value);
    }
    found(compile(&context, &request).map(|result| result.warnings().clone()))
}

/// The case files with their names, sorted.
fn case_files() -> BTreeMap<String, String> {
    let files = std::fs::read_dir(path("diagnostics")).expect("the folder is there");
    let files = files.map(|entry| entry.expect("the folder is readable").path());
    files
        .filter(|file| file.extension().is_some_and(|extension| extension == "py"))
        .map(|file| {
            let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            (name, std::fs::read_to_string(file).expect("the source is readable"))
        })
        .collect()
}

#[test]
fn every_source_gives_what_it_says() {
    let files = case_files();
    assert!(!files.is_empty());
    let mut wrong = Vec::new();
    for (name, written) in &files {
        let (text, lines) = expand(written);
        let found = found(name, &text);
        let index = LineIndex::new(&text);
        let mut expected: Vec<Said> =
            (1u32..).zip(written.lines()).flat_map(|(number, line)| said(number, line)).collect();
        for diagnostic in &found {
            if diagnostic.hint.is_none() {
                wrong.push(format!("without a hint: {}", diagnostic.render(name, &text)));
            }
            let line = lines[index.position(&text, diagnostic.span.start).line as usize - 1];
            let underlined = diagnostic.span.text(&text).lines().next().unwrap_or("");
            let position = expected.iter().position(|said| {
                said.line == line
                    && said.severity == diagnostic.severity
                    && said.code == diagnostic.code.id
                    && said.text.as_ref().is_none_or(|text| diagnostic.message.contains(text.as_str()))
                    && said.underlined.as_ref().is_none_or(|text| underlined == text)
            });
            match position {
                Some(position) => {
                    expected.remove(position);
                }
                None => wrong.push(format!("not said: {} at `{underlined}`", diagnostic.render(name, &text))),
            }
        }
        wrong.extend(expected.iter().map(|said| format!("{name}: not found: {said:?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_case() {
    let known: BTreeSet<&str> = DIAGNOSTIC_CODES.iter().map(|code| code.id).collect();
    assert_eq!(known.len(), DIAGNOSTIC_CODES.len(), "each code is there once");
    let files = case_files();
    let all = files.values().flat_map(|text| text.lines()).flat_map(|line| said(0, line));
    let cases: BTreeSet<String> = all.map(|said| said.code).collect();
    let cases: BTreeSet<&str> = cases.iter().map(String::as_str).collect();
    assert_eq!(cases, known);
}

#[test]
fn what_lines_say() {
    let said = said(7, "x = 1  # error: [E0101] \"a b\" at \"x\" # warning: [W0001] at \"y\" # error: [E0102]");
    let seen: Vec<(&str, Option<&str>, Option<&str>)> =
        said.iter().map(|said| (said.code.as_str(), said.text.as_deref(), said.underlined.as_deref())).collect();
    assert_eq!(seen, [("E0101", Some("a b"), Some("x")), ("E0102", None, None), ("W0001", None, Some("y"))]);
}
