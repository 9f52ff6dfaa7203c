//! Reads the text form that [`printer`](crate::Module) writes: one construct a line, comments from `;`.
//!
//! Numbers of functions, externals, data, sites and stack slots are their positions and must be in order; numbers of
//! values and blocks are free names within a function. The result is as the text says, verified or not: ids of
//! functions, externals, data and slots may name nothing, which [`verify`](crate::verify) finds. Work and memory are
//! linear in the length of the text, and nothing recurses.

use cfunc_models::{Effects, ErrorSite, NodeErrorKind, Representation, RuntimeFunction, Span};
use smallvec::SmallVec;
use thiserror::Error;

use crate::function_parser::FunctionParser;
use crate::lexer::{Line, Token};
use crate::printer::effects_name;
use crate::{DataId, DataObject, External, Function, FunctionId, Module, Relocation, RelocationTarget, Signature};

/// A text that is no module.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line}: {message}")]
pub struct ParseError {
    /// The line, from 1; the last one where the text ends too early.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Reads a module from its text form; printing it again gives the same text, if the text was printed.
///
/// # Errors
///
/// [`ParseError`] for the first line that is not of the text form.
pub fn parse_module(text: &str) -> Result<Module, ParseError> {
    let mut parser = ModuleParser { module: Module::new(), open: None };
    let mut last = 0;
    for (index, line) in text.lines().enumerate() {
        last = index + 1;
        parser.read_line(last, line).map_err(|(line, message)| ParseError { line, message })?;
    }
    if parser.open.is_some() {
        return Err(ParseError { line: last, message: "a function has no `}`".to_owned() });
    }
    Ok(parser.module)
}

struct ModuleParser {
    module: Module,
    /// The function whose lines are being read.
    open: Option<FunctionParser>,
}

impl ModuleParser {
    fn read_line(&mut self, number: usize, text: &str) -> Result<(), (usize, String)> {
        let mut line = Line::new(text).map_err(|message| (number, message))?;
        if *line.peek() == Token::End {
            return Ok(());
        }
        if let Some(open) = &mut self.open {
            if *line.peek() != Token::Mark('}') {
                return open.read_line(number, &mut line).map_err(|message| (number, message));
            }
            let function = close(&mut line).map_err(|message| (number, message));
            let finished = self.open.take().map(FunctionParser::finish);
            function?;
            if let Some(finished) = finished {
                self.module.functions.push(finished?);
            }
            return Ok(());
        }
        self.read_item(&mut line).map_err(|message| (number, message))
    }

    fn read_item(&mut self, line: &mut Line<'_>) -> Result<(), String> {
        let word = word(line)?;
        match word {
            "entry" => {
                self.module.entry = Some(FunctionId::from_index(index(line, "fn")?));
                return end(line);
            }
            "unit_descriptor" => {
                self.module.unit_descriptor = Some(DataId::from_index(index(line, "data")?));
                return end(line);
            }
            "reloc" => {
                let relocation = relocation(line)?;
                let Some(object) = self.module.data.last_mut() else {
                    return Err("a relocation before the first data object".to_owned());
                };
                object.relocations.push(relocation);
                return end(line);
            }
            _ => {}
        }
        expect(line, &Token::Mark('='))?;
        let kind = self::word(line)?;
        let (prefix, position) = match kind {
            "external" => ("ext", self.module.externals.len()),
            "data" => ("data", self.module.data.len()),
            "site" => ("site", self.module.sites.len()),
            "function" => ("fn", self.module.functions.len()),
            _ => return Err(format!("`{kind}` is nothing that a module has")),
        };
        if numbered(word, prefix) != Some(position) {
            return Err(format!("expected `{prefix}{position}`, found `{word}`"));
        }
        match prefix {
            "ext" => self.read_external(line),
            "data" => self.read_data(line),
            "site" => self.read_site(line),
            _ => self.open_function(line),
        }
    }

    fn read_external(&mut self, line: &mut Line<'_>) -> Result<(), String> {
        let symbol = text(line)?;
        let signature = signature(line)?;
        let word = word(line)?;
        let effects = Effects::ALL.into_iter().find(|effects| effects_name(*effects) == word).ok_or_else(|| {
            format!("`{word}` is not `pure`, `reads`, `writes`, `reads_internal` or `writes_internal`")
        })?;
        let runtime = RuntimeFunction::from_symbol(&symbol);
        self.module.externals.push(External { symbol, runtime, signature, effects });
        end(line)
    }

    fn read_data(&mut self, line: &mut Line<'_>) -> Result<(), String> {
        let name = text(line)?;
        keyword(line, "align")?;
        let alignment = number(line)?;
        let contents = quoted(line)?;
        self.module.data.push(DataObject { name, alignment, contents, relocations: Vec::new() });
        end(line)
    }

    fn read_site(&mut self, line: &mut Line<'_>) -> Result<(), String> {
        let name = word(line)?;
        let kind = NodeErrorKind::from_name(name).ok_or_else(|| format!("`{name}` is no kind of node error"))?;
        let message = text(line)?;
        let range = word(line)?;
        let span = range
            .split_once("..")
            .and_then(|(start, end)| Some(Span::new(start.parse().ok()?, end.parse().ok()?)))
            .ok_or_else(|| format!("expected a span, found `{range}`"))?;
        self.module.sites.push(ErrorSite { kind, message, span });
        end(line)
    }

    fn open_function(&mut self, line: &mut Line<'_>) -> Result<(), String> {
        let name = text(line)?;
        let signature = signature(line)?;
        expect(line, &Token::Mark('{'))?;
        self.open = Some(FunctionParser::new(Function::new(&name, signature)));
        end(line)
    }
}

fn close(line: &mut Line<'_>) -> Result<(), String> {
    expect(line, &Token::Mark('}'))?;
    end(line)
}

fn relocation(line: &mut Line<'_>) -> Result<Relocation, String> {
    let offset = number(line)?;
    let word = word(line)?;
    let target = if let Some(data) = numbered(word, "data") {
        RelocationTarget::Data(DataId::from_index(data))
    } else if let Some(function) = numbered(word, "fn") {
        RelocationTarget::Function(FunctionId::from_index(function))
    } else if word == "object" {
        RelocationTarget::Object(text(line)?)
    } else {
        return Err(format!("`{word}` is neither data, a function nor an object"));
    };
    Ok(Relocation { offset, target, addend: signed_offset(line)? })
}

// What the readers of both files are made of.

pub(crate) fn word<'text>(line: &mut Line<'text>) -> Result<&'text str, String> {
    match line.advance()? {
        Token::Word(word) => Ok(word),
        other => Err(format!("expected a word, found {}", other.describe())),
    }
}

pub(crate) fn keyword(line: &mut Line<'_>, keyword: &str) -> Result<(), String> {
    match line.advance()? {
        Token::Word(word) if word == keyword => Ok(()),
        other => Err(format!("expected `{keyword}`, found {}", other.describe())),
    }
}

pub(crate) fn expect(line: &mut Line<'_>, token: &Token<'_>) -> Result<(), String> {
    let found = line.advance()?;
    if found == *token {
        return Ok(());
    }
    Err(format!("expected {}, found {}", token.describe(), found.describe()))
}

pub(crate) fn end(line: &mut Line<'_>) -> Result<(), String> {
    expect(line, &Token::End)
}

/// Goes past a token if it is next.
pub(crate) fn accept(line: &mut Line<'_>, token: &Token<'_>) -> Result<bool, String> {
    let found = line.peek() == token;
    if found {
        line.advance()?;
    }
    Ok(found)
}

/// The number in `prefix12`, below 2^32 - 1; digits as the printer writes them.
pub(crate) fn numbered(word: &str, prefix: &str) -> Option<usize> {
    let digits = word.strip_prefix(prefix)?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits.len() == 1 || !digits.starts_with('0'));
    let number: u32 = digits.parse().ok().filter(|_| plain)?;
    (number != u32::MAX).then_some(number as usize)
}

pub(crate) fn index(line: &mut Line<'_>, prefix: &str) -> Result<usize, String> {
    match line.advance()? {
        Token::Word(word) => numbered(word, prefix).ok_or_else(|| format!("expected `{prefix}0`, found `{word}`")),
        other => Err(format!("expected `{prefix}0`, found {}", other.describe())),
    }
}

/// A decimal number with or without `-`.
pub(crate) fn number<N: std::str::FromStr>(line: &mut Line<'_>) -> Result<N, String> {
    let negative = accept(line, &Token::Mark('-'))?;
    let word = word(line)?;
    let parsed = if negative { format!("-{word}").parse() } else { word.parse() };
    parsed.map_err(|_| format!("`{word}` is not a number that fits here"))
}

/// `+8` or `-8`.
pub(crate) fn signed_offset<N: std::str::FromStr>(line: &mut Line<'_>) -> Result<N, String> {
    if *line.peek() != Token::Mark('-') {
        expect(line, &Token::Mark('+'))?;
        if *line.peek() == Token::Mark('-') {
            return Err("two signs before a number".to_owned());
        }
    }
    number(line)
}

fn quoted(line: &mut Line<'_>) -> Result<Vec<u8>, String> {
    match line.advance()? {
        Token::Quoted(contents) => Ok(contents),
        other => Err(format!("expected a quoted text, found {}", other.describe())),
    }
}

fn text(line: &mut Line<'_>) -> Result<String, String> {
    String::from_utf8(quoted(line)?).map_err(|_| "a quoted text is not UTF-8".to_owned())
}

pub(crate) fn representation(line: &mut Line<'_>) -> Result<Representation, String> {
    let word = word(line)?;
    [
        Representation::I8,
        Representation::I16,
        Representation::I32,
        Representation::I64,
        Representation::I128,
        Representation::F64,
        Representation::Pointer,
    ]
    .into_iter()
    .find(|representation| representation.name() == word)
    .ok_or_else(|| format!("`{word}` is no representation"))
}

fn signature(line: &mut Line<'_>) -> Result<Signature, String> {
    let parameters: SmallVec<[Representation; 8]> = representations(line)?;
    let results = if accept(line, &Token::Arrow)? { representations(line)? } else { SmallVec::new() };
    Ok(Signature { parameters, results })
}

fn representations<List: Default + Extend<Representation>>(line: &mut Line<'_>) -> Result<List, String> {
    let mut list = List::default();
    expect(line, &Token::Mark('('))?;
    if accept(line, &Token::Mark(')'))? {
        return Ok(list);
    }
    loop {
        list.extend([representation(line)?]);
        if accept(line, &Token::Mark(')'))? {
            return Ok(list);
        }
        expect(line, &Token::Mark(','))?;
    }
}
