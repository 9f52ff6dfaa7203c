//! From source text to the tree, with every error that can be found in one run.

use cfunc_models::{Diagnostic, Diagnostics, Span, codes};
use rustpython_parser::ast as parser_ast;
use rustpython_parser::text_size::TextSize;
use rustpython_parser::{Parse, ParseError};

use crate::ast::{Expression, Module, Statement};
use crate::convert::Converter;
use crate::limits::{Limits, Watch};
use crate::mentioned::functions_mentioned;
use crate::messages::{Context, describe};
use crate::scan::{Scan, has_long_run, scan};
use crate::settle::settle;
use crate::validate::validate_pieces;

/// What parsing gives: the statements that are right, and what is wrong with the others.
#[derive(Clone, Debug, PartialEq)]
pub struct ParseOutcome {
    /// The statements that could be parsed, in order.
    pub module: Module,
    /// What is wrong, by place. Without errors the module is whole and valid.
    pub diagnostics: Diagnostics,
    /// An upper bound of the depth of the tree: blocks, `elif`s and operations nested in each other.
    pub depth: usize,
    /// How many of its functions the source mentions: at least as many as call each other. Where the tree is deep, how
    /// many there are.
    pub functions_mentioned: usize,
}

/// Parses one source text within `limits`.
///
/// After an error the text is cut at its statements of column 0 and each is parsed on its own, so that one broken
/// function hides neither the errors of the others nor the others themselves. Spans are byte offsets into `source`,
/// a byte order mark included.
pub fn parse(source: &str, limits: &Limits) -> ParseOutcome {
    let mut session = Session {
        source,
        limits,
        module: Module { body: Vec::new() },
        diagnostics: Diagnostics::new(),
        depth: 0,
        statements: 0,
    };
    session.run();
    session.diagnostics.sort();
    let Session { module, diagnostics, depth, .. } = session;
    let functions_mentioned = functions_mentioned(&module, depth);
    ParseOutcome { module, diagnostics, depth, functions_mentioned }
}

struct Session<'a> {
    source: &'a str,
    limits: &'a Limits,
    module: Module,
    diagnostics: Diagnostics,
    depth: usize,
    statements: usize,
}

impl Session<'_> {
    fn run(&mut self) {
        let allowed = self.limits.source_bytes.min(u32::MAX as usize / 2);
        if self.source.len() > allowed {
            self.diagnostics.push(
                Diagnostic::error(
                    codes::LIMIT_SOURCE,
                    Span::default(),
                    format!("the source has {} bytes", self.source.len()),
                )
                .expected(format!("at most {allowed} bytes"))
                .hint("split the source into several"),
            );
            return;
        }
        let suspicious = has_long_run(self.source, self.limits.literal_digits);
        let mut scanned = suspicious.then(|| scan(self.source, self.limits.literal_digits));
        let whole = Span::new(0, offset(self.source.len()));
        let parseable = scanned.as_ref().is_none_or(|scanned| scanned.long_numbers.is_empty());
        if parseable {
            let failure = match self.piece(whole) {
                Ok(body) => {
                    self.module.body = body;
                    self.finish();
                    return;
                }
                Err(failure) => failure,
            };
            let scanned = scanned.get_or_insert_with(|| scan(self.source, self.limits.literal_digits));
            // Too many statements in all are too many in pieces as well.
            if scanned.pieces.len() <= 1 || failure.too_many {
                self.report(failure, scanned);
                return;
            }
        }
        if let Some(scanned) = scanned {
            self.pieces(&scanned);
        }
        self.finish();
    }

    fn finish(&mut self) {
        let broken = self.diagnostics.has_errors();
        validate_pieces(&self.module, &mut self.diagnostics, self.limits.diagnostics, broken);
        if self.diagnostics.has_errors() {
            settle(&mut self.module.body);
        }
    }

    /// Parses the pieces; runs of them that fail are halved until single pieces are left, so that the many good ones
    /// cost little.
    fn pieces(&mut self, scanned: &Scan) {
        self.depth = 0;
        let pieces = scanned.pieces.as_slice();
        let mut runs = Vec::from(halves(pieces));
        while let Some(run) = runs.pop() {
            let (Some(first), Some(last)) = (run.first(), run.last()) else {
                continue;
            };
            let range = first.cover(*last);
            let begin = scanned.long_numbers.partition_point(|number| number.start < range.start);
            let end = scanned.long_numbers.partition_point(|number| number.start < range.end);
            let long_numbers = &scanned.long_numbers[begin..end];
            if run.len() == 1 && !long_numbers.is_empty() {
                for number in long_numbers {
                    self.long_number(*number);
                }
            } else if long_numbers.is_empty() {
                match self.piece(range) {
                    Ok(body) => self.module.body.extend(body),
                    Err(failure) if run.len() == 1 => self.report(failure, scanned),
                    Err(_) => runs.extend(halves(run)),
                }
            } else {
                runs.extend(halves(run));
            }
            if self.diagnostics.len() >= self.limits.diagnostics {
                return;
            }
            if self.statements > self.limits.statements {
                self.diagnostics.push(
                    Diagnostic::error(
                        codes::LIMIT_COUNT,
                        range,
                        format!("more than {} statements in one source", self.limits.statements),
                    )
                    .hint("split the source into several"),
                );
                return;
            }
        }
    }

    fn long_number(&mut self, number: Span) {
        if self.diagnostics.len() < self.limits.diagnostics {
            self.diagnostics.push(
                Diagnostic::error(
                    codes::LITERAL_RANGE,
                    number,
                    format!("a number of {} characters", number.end - number.start),
                )
                .expected(format!("at most {} characters", self.limits.literal_digits))
                .hint("no type holds such a number: write a float with an exponent"),
            );
        }
    }

    /// Parses and converts one range of the source.
    fn piece(&mut self, piece: Span) -> Result<Vec<Statement>, Box<Failure>> {
        let text = piece.text(self.source);
        let mut watch = Watch::new(self.limits);
        let lexer = parser_ast::Suite::lex_starts_at(text, TextSize::new(piece.start));
        let result = parser_ast::Suite::parse_tokens(watch.tokens(lexer), "");
        self.depth = self.depth.max(watch.depth());
        match result {
            Ok(suite) => {
                self.statements += watch.statements();
                let mut converter = Converter::new(self.source, self.limits, &mut self.diagnostics);
                Ok(converter.statements(suite))
            }
            Err(error) => Err(Box::new(Failure {
                error,
                open_bracket: watch.open_bracket(),
                too_many: watch.statements() > self.limits.statements,
                refusal: watch.refusal,
            })),
        }
    }

    fn report(&mut self, failure: Box<Failure>, scanned: &Scan) {
        let diagnostic = failure.refusal.unwrap_or_else(|| {
            describe(&failure.error, &Context { source: self.source, open_bracket: failure.open_bracket, scanned })
        });
        self.diagnostics.push(diagnostic);
    }
}

/// The second half, then the first: the order of a stack.
fn halves(run: &[Span]) -> [&[Span]; 2] {
    let (first, second) = run.split_at(run.len() / 2);
    [second, first]
}

struct Failure {
    error: ParseError,
    open_bracket: Option<Span>,
    /// The statements of the whole source are more than allowed.
    too_many: bool,
    refusal: Option<Diagnostic>,
}

/// Parses the text of a string annotation that stands at `start`; `None` where it is not one expression.
pub(crate) fn parse_annotation(text: &str, start: u32, limits: &Limits) -> Option<parser_ast::Expr> {
    if has_long_run(text, limits.literal_digits) {
        return None;
    }
    let mut watch = Watch::new(limits);
    let lexer = parser_ast::Expr::lex_starts_at(text, TextSize::new(start));
    parser_ast::Expr::parse_tokens(watch.tokens(lexer), "").ok()
}

/// Parses one expression, for handlers that are given text.
///
/// # Errors
///
/// A diagnostic where `text` is not one expression within `limits`; its span counts from the start of `text`.
pub fn parse_expression(text: &str, limits: &Limits) -> Result<Expression, Diagnostics> {
    let parseable = text.len() <= limits.source_bytes && !has_long_run(text, limits.literal_digits);
    let parsed = parseable.then(|| parse_annotation(text, 0, limits)).flatten();
    let Some(parsed) = parsed else {
        return Err(Diagnostic::error(codes::SYNTAX, Span::new(0, offset(text.len())), "this is not an expression")
            .expected("one expression")
            .hint("leave out what is no part of it")
            .into());
    };
    let mut diagnostics = Diagnostics::new();
    let expression = Converter::new(text, limits, &mut diagnostics).expression(parsed);
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok(expression) }
}

pub(crate) fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
