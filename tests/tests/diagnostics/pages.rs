//! The pages of the codes: every code has one, and its examples are what they say.

use std::collections::BTreeSet;

use cfunc_compiler::{
    CompileError, CompileRequest, DIAGNOSTIC_CODES, Diagnostics, Source, Value, check, compile, compile_call,
    diagnostic_page,
};
use cfunc_tests::{expand, path};

/// An example of a page: a block of code, and the command below it.
struct Example<'a> {
    language: &'a str,
    code: String,
    command: Command<'a>,
}

/// What is done with an example.
enum Command<'a> {
    /// No command: the source is checked alone.
    Check,
    /// `cfunc run`, with constants.
    Run(Vec<(&'a str, Value)>),
    /// `cfunc call` of a function, with arguments of these types.
    Call(&'a str, String),
}

/// The blocks of a page under a heading, up to the next.
fn example<'a>(page: &'a str, heading: &str) -> Example<'a> {
    let (_, rest) = page.split_once(heading).unwrap_or_else(|| panic!("no `{heading}` in:\n{page}"));
    let rest = rest.split("\nRight:\n").next().unwrap_or(rest);
    let mut blocks = rest.split("```").skip(1).step_by(2);
    let (language, code) = blocks.next().and_then(|block| block.split_once('\n')).expect("a block of code");
    let command = blocks.next().and_then(|block| block.strip_prefix("sh\n")).map_or(Command::Check, Command::read);
    Example { language, code: code.to_owned(), command }
}

impl<'a> Command<'a> {
    fn read(text: &'a str) -> Self {
        let value =
            |text: &str| text.parse().map_or_else(|_| Value::Float(text.parse().expect("a number")), Value::Integer);
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["cfunc", "run", rest @ ..] => {
                let named = rest.windows(2).filter(|pair| pair[0] == "--const");
                let constants = named.map(|pair| pair[1].split_once('=').expect("name=value"));
                Self::Run(constants.map(|(name, text)| (name, value(text))).collect())
            }
            ["cfunc", "call", function, arguments @ ..] => {
                let (_, function) = function.split_once("::").expect("FILE::FUNCTION");
                let ty = |text: &&str| if matches!(value(text), Value::Integer(_)) { "int," } else { "float," };
                Self::Call(function, format!("({})", arguments.iter().map(ty).collect::<String>()))
            }
            _ => panic!("{text}"),
        }
    }
}

/// What is found in an example.
fn diagnostics(example: &Example<'_>) -> Diagnostics {
    let source = Source::new("page.py", expand(&example.code).0);
    let context = crate::structs::context();
    let compiled = match &example.command {
        Command::Check => return check(&context, &source),
        Command::Run(constants) => {
            let request = CompileRequest::new(source);
            let bind = |request: CompileRequest, (name, value): &(&str, Value)| request.constant(*name, value.clone());
            let request = constants.iter().fold(request, bind);
            compile(&context, &request).map(|result| result.warnings().clone())
        }
        Command::Call(function, types) => {
            let request = CompileRequest::new(source).function(*function);
            compile_call(&context, &request, &types.as_str().into()).map(|call| call.warnings().clone())
        }
    };
    match compiled {
        Ok(warnings) => warnings,
        Err(CompileError::Diagnostics { diagnostics, .. }) => diagnostics,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    for code in DIAGNOSTIC_CODES {
        let page = diagnostic_page(code.id).expect("every code has a page");
        assert!(page.starts_with(&format!("# {}: {}\n", code.id, code.title)), "the title of {}", code.id);
        let long = page.lines().find(|line| line.chars().count() > 125);
        assert_eq!(long, None, "{}", code.id);
    }
    let files: BTreeSet<String> = std::fs::read_dir(path("../crates/cfunc-models/pages"))
        .expect("the folder is there")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(files, DIAGNOSTIC_CODES.iter().map(|code| format!("{}.md", code.id)).collect());
    assert_eq!(diagnostic_page("E9999"), None);
}

#[test]
fn examples_are_what_they_say() {
    let mut wrong = Vec::new();
    let mut in_rust = Vec::new();
    for code in DIAGNOSTIC_CODES {
        let page = diagnostic_page(code.id).expect("every code has a page");
        let (bad, good) = (example(page, "\nWrong:\n"), example(page, "\nRight:\n"));
        if bad.language == "rust" {
            in_rust.push((code.id, bad.code, good.code));
            continue;
        }
        let found = diagnostics(&bad);
        if found.is_empty() || found.iter().any(|diagnostic| diagnostic.code != *code) {
            wrong.push(format!("{}: the wrong example gives:\n{found}", code.id));
        }
        let found = diagnostics(&good);
        if !found.is_empty() {
            wrong.push(format!("{}: the right example gives:\n{found}", code.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The examples of the extension's author are those of the tests' own extension.
    let tested = one_line(include_str!("extension.rs"));
    let ids: Vec<&str> = in_rust.iter().map(|(id, ..)| *id).collect();
    assert_eq!(ids, ["E0604", "E0901"], "the pages for authors of extensions");
    for ((id, bad, good), called) in in_rust.iter().zip(["int(mid_price())", "twice(x)"]) {
        assert!(tested.contains(&one_line(bad)) && tested.contains(&one_line(good)), "{id}");
        let text = format!("def f(x: Signal[int]) -> Signal[int]:\n    return x + {called}\n");
        let compiled = |broken| {
            compile(&crate::extension::context(broken), &CompileRequest::new(Source::new("page.py", text.as_str())))
        };
        let Err(CompileError::Diagnostics { diagnostics, .. }) = compiled(true) else { panic!("{id} is not told") };
        assert_eq!(diagnostics.iter().map(|found| found.code.id).collect::<Vec<_>>(), [*id], "{diagnostics}");
        assert!(compiled(false).is_ok_and(|result| result.warnings().is_empty()), "{id}");
    }
}

/// Code without its line breaks and indentation.
fn one_line(code: &str) -> String {
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}
