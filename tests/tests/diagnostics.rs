//! Sources with what is wrong in them said on the line: `# error: [E0101] "text"`, `# warning: [W0001]`. Every
//! diagnostic must be said, and everything said must be found; the text, where one is given, is part of the message.

use std::collections::BTreeSet;

use cfunc_compiler::{LineIndex, Severity, Source, check};
use cfunc_tests::{context, path};

/// A diagnostic as a source says it.
#[derive(Debug)]
struct Said {
    line: u32,
    severity: Severity,
    code: String,
    text: Option<String>,
}

/// What a line says after its last `#`s.
fn said(line_number: u32, line: &str) -> Vec<Said> {
    let mut list = Vec::new();
    for (marker, severity) in [("# error: [", Severity::Error), ("# warning: [", Severity::Warning)] {
        for rest in line.split(marker).skip(1) {
            let (code, rest) = rest.split_once(']').expect("a code ends with ]");
            let text = rest.trim_start().strip_prefix('"').and_then(|text| text.split_once('"'));
            list.push(Said {
                line: line_number,
                severity,
                code: code.to_owned(),
                text: text.map(|(text, _)| text.to_owned()),
            });
        }
    }
    list
}

#[test]
fn every_source_gives_what_it_says() {
    let context = context();
    let mut files: Vec<_> = std::fs::read_dir(path("diagnostics"))
        .expect("the folder is there")
        .map(|entry| entry.expect("the folder is readable").path())
        .filter(|file| file.extension().is_some_and(|extension| extension == "py"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = Vec::new();
    for file in &files {
        let text = std::fs::read_to_string(file).expect("the source is readable");
        let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let found = check(&context, &Source::new(name.clone(), text.clone()));
        let index = LineIndex::new(&text);
        let mut expected: Vec<Said> =
            (1u32..).zip(text.lines()).flat_map(|(number, line)| said(number, line)).collect();
        for diagnostic in &found {
            if diagnostic.hint.is_none() {
                wrong.push(format!("without a hint: {}", diagnostic.render(&name, &text)));
            }
            let line = index.position(&text, diagnostic.span.start).line;
            let position = expected.iter().position(|said| {
                said.line == line
                    && said.severity == diagnostic.severity
                    && said.code == diagnostic.code.id
                    && said.text.as_ref().is_none_or(|text| diagnostic.message.contains(text.as_str()))
            });
            match position {
                Some(position) => {
                    expected.remove(position);
                }
                None => wrong.push(format!("not said: {}", diagnostic.render(&name, &text))),
            }
        }
        wrong.extend(expected.iter().map(|said| format!("{name}: not found: {said:?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_said_of_a_code_that_is_not_there() {
    let known: BTreeSet<&str> = cfunc_compiler::DIAGNOSTIC_CODES.iter().map(|code| code.id).collect();
    assert_eq!(known.len(), cfunc_compiler::DIAGNOSTIC_CODES.len(), "each code is there once");
}
