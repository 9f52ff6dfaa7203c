//! What a source may hold at most, so that no later pass can overflow its stack or run without bound.

use cfunc_models::{Diagnostic, Span, codes};
use rustpython_parser::lexer::{LexResult, LexicalError, LexicalErrorType};
use rustpython_parser::text_size::TextRange;
use rustpython_parser::{StringKind, Tok};

use crate::identifiers::invalid_character;
use crate::parse::offset;

/// The limits of one source text.
///
/// The defaults are generous for people and small enough that a tree within them is parsed, converted, cloned,
/// compared, printed and dropped on a third of a 2 MB stack by an unoptimised build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the source text. Default 4 MiB.
    pub source_bytes: usize,
    /// Brackets open at once. Default 200.
    pub brackets: usize,
    /// Operations nested in each other on one path through a statement's expressions: operators that take operands,
    /// attributes, calls, subscripts, `if … else`, `lambda`, and the brackets between them. Default 250.
    pub expression_depth: usize,
    /// `and`, `or` and comparisons between two separators of one bracket level; they stand side by side in the
    /// tree. Default 1,000.
    pub chain: usize,
    /// Levels of indentation. Default 100.
    pub indentation: usize,
    /// `elif` branches, and cases of `match`, on one path through the blocks: each nests in the one before it. Default
    /// 500.
    pub elif_branches: usize,
    /// Signs and keywords that can nest an operation, from the first brace of one f-string on. Default 500.
    pub format_operations: usize,
    /// Digits and other characters of one number. Default 1,000.
    pub literal_digits: usize,
    /// Statements of one outermost function. Default 20,000.
    pub function_statements: usize,
    /// Statements of the whole source. Default 200,000.
    pub statements: usize,
    /// Parameters of one function. Default 255.
    pub parameters: usize,
    /// Diagnostics after which parsing stops looking for more. Default 100.
    pub diagnostics: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            source_bytes: 4 << 20,
            brackets: 200,
            expression_depth: 250,
            chain: 1_000,
            indentation: 100,
            elif_branches: 500,
            format_operations: 500,
            literal_digits: 1_000,
            function_statements: 20_000,
            statements: 200_000,
            parameters: 255,
            diagnostics: 100,
        }
    }
}

/// One bracket level of the statement being read. Depths are upper bounds of the depth of the tree.
#[derive(Default)]
struct Level {
    /// Where its bracket stands.
    open: Span,
    /// The bracket continues an operand (call, subscript) and adds no level besides the counted operation.
    postfix: bool,
    /// A comma was seen: a tuple, also inside a subscript.
    comma: bool,
    /// Operations weaker than `or` in this segment: their nesting spans everything between two commas.
    weak: usize,
    /// `lambda`s: their parameters hold commas, so they count to the end of the level.
    lambdas: usize,
    /// `not`s since the last `and` or `or`.
    nots: usize,
    /// Operations stronger than comparisons since the last comparison, `and` or `or`.
    strong: usize,
    /// The deepest bracket since then.
    child: usize,
    /// The deepest operand of a comparison, `and` or `or` of this segment.
    operands: usize,
    /// Comparisons, `and`s and `or`s of this segment.
    flat: usize,
    /// The deepest finished segment.
    finished: usize,
}

impl Level {
    fn depth(&self) -> usize {
        let operand = self.operands.max(self.nots + self.strong + self.child);
        // `or` over `and` over a comparison.
        let flat = if self.flat > 0 { 3 } else { 0 };
        self.finished.max(self.weak + self.lambdas + flat + operand)
    }

    fn end_operand(&mut self) {
        self.operands = self.operands.max(self.nots + self.strong + self.child);
        self.strong = 0;
        self.child = 0;
    }

    fn end_segment(&mut self) {
        self.end_operand();
        self.finished = self.depth();
        self.nots = 0;
        self.flat = 0;
        self.operands = 0;
        if self.lambdas == 0 {
            self.weak = 0;
        }
    }
}

/// Watches the tokens on their way into the parser and ends the stream where a limit is passed.
pub(crate) struct Watch<'a> {
    limits: &'a Limits,
    levels: Vec<Level>,
    /// `elif`s of the open chain of each indentation level.
    chains: Vec<usize>,
    elifs: usize,
    at_line_start: bool,
    after_operand: bool,
    statements: usize,
    /// Indentation of the outermost open function and the statements before it.
    function: Option<(usize, usize)>,
    expression_depth: usize,
    block_depth: usize,
    /// Which limit was passed.
    pub(crate) refusal: Option<Diagnostic>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            levels: vec![Level::default()],
            chains: vec![0],
            elifs: 0,
            at_line_start: true,
            after_operand: false,
            statements: 0,
            function: None,
            expression_depth: 0,
            block_depth: 0,
            refusal: None,
        }
    }

    /// An upper bound of the tree's depth: the deepest block plus the deepest expression.
    pub(crate) fn depth(&self) -> usize {
        self.expression_depth + self.block_depth
    }

    /// Statements seen.
    pub(crate) fn statements(&self) -> usize {
        self.statements
    }

    /// The innermost bracket that is still open.
    pub(crate) fn open_bracket(&self) -> Option<Span> {
        self.levels.get(1..)?.last().map(|level| level.open)
    }

    /// The tokens up to the first that passes a limit.
    pub(crate) fn tokens(&mut self, tokens: impl Iterator<Item = LexResult>) -> impl Iterator<Item = LexResult> {
        tokens.map(move |result| {
            let (token, range) = result?;
            match self.token(&token, range) {
                Ok(()) => Ok((token, range)),
                Err(diagnostic) => {
                    self.refusal.get_or_insert(*diagnostic);
                    Err(LexicalError::new(LexicalErrorType::Eof, range.start()))
                }
            }
        })
    }

    fn token(&mut self, token: &Tok, range: TextRange) -> Result<(), Box<Diagnostic>> {
        let span = Span::new(range.start().into(), range.end().into());
        match token {
            Tok::Indent => return self.indent(span),
            Tok::Dedent => {
                if self.chains.len() > 1 {
                    self.elifs -= self.chains.pop().unwrap_or(0);
                }
                return Ok(());
            }
            Tok::Newline => {
                self.at_line_start = true;
                self.end_statement();
                return Ok(());
            }
            _ => {}
        }
        if self.at_line_start {
            self.at_line_start = false;
            self.line_start(token, span)?;
        }
        if let Tok::Name { name } = token {
            identifier(name, span)?;
        }
        self.expression(token, span)?;
        self.after_operand = is_operand(token);
        Ok(())
    }

    fn end_statement(&mut self) {
        self.levels.truncate(1);
        if let Some(level) = self.levels.first_mut() {
            *level = Level::default();
        }
        self.after_operand = false;
    }

    fn indent(&mut self, span: Span) -> Result<(), Box<Diagnostic>> {
        self.chains.push(0);
        self.block_depth = self.block_depth.max(self.chains.len() + self.elifs);
        if self.chains.len() - 1 > self.limits.indentation {
            return Err(refuse(
                codes::LIMIT_NESTING,
                span,
                format!("more than {} levels of indentation", self.limits.indentation),
                "join conditions with `and`, or split the node into several",
            ));
        }
        Ok(())
    }

    fn line_start(&mut self, token: &Tok, span: Span) -> Result<(), Box<Diagnostic>> {
        let indentation = self.chains.len();
        if let Some(chain) = self.chains.last_mut() {
            match token {
                Tok::Elif | Tok::Case => {
                    *chain += 1;
                    self.elifs += 1;
                    self.block_depth = self.block_depth.max(indentation + self.elifs);
                }
                Tok::Else => {}
                _ => {
                    self.elifs -= *chain;
                    *chain = 0;
                }
            }
        }
        if self.elifs > self.limits.elif_branches {
            return Err(refuse(
                codes::LIMIT_NESTING,
                span,
                format!("more than {} `elif` branches or cases", self.limits.elif_branches),
                "nest `if`s that halve the cases, or split the node into several",
            ));
        }
        if self.function.is_some_and(|(level, _)| indentation <= level) {
            self.function = None;
        }
        if self.function.is_none() && matches!(token, Tok::Def | Tok::Async) {
            self.function = Some((indentation, self.statements));
        }
        self.count_statement(span)
    }

    fn count_statement(&mut self, span: Span) -> Result<(), Box<Diagnostic>> {
        self.statements += 1;
        if self.statements > self.limits.statements {
            return Err(refuse(
                codes::LIMIT_COUNT,
                span,
                format!("more than {} statements in one source", self.limits.statements),
                "split the source into several",
            ));
        }
        let in_function = self.function.map_or(0, |(_, before)| self.statements - before - 1);
        if in_function > self.limits.function_statements {
            return Err(refuse(
                codes::LIMIT_COUNT,
                span,
                format!("more than {} statements in one function", self.limits.function_statements),
                "split the node into several",
            ));
        }
        Ok(())
    }

    fn expression(&mut self, token: &Tok, span: Span) -> Result<(), Box<Diagnostic>> {
        let outermost = self.levels.len() == 1;
        let Some(level) = self.levels.last_mut() else {
            return Ok(());
        };
        match token {
            Tok::Lpar | Tok::Lsqb | Tok::Lbrace => {
                let postfix = self.after_operand && *token != Tok::Lbrace;
                level.strong += usize::from(postfix);
                self.levels.push(Level { open: span, postfix, ..Level::default() });
                if self.levels.len() - 1 > self.limits.brackets {
                    return Err(refuse(
                        codes::LIMIT_NESTING,
                        span,
                        format!("more than {} nested brackets", self.limits.brackets),
                        "assign the inner parts to variables first",
                    ));
                }
            }
            Tok::Rpar | Tok::Rsqb | Tok::Rbrace => {
                if outermost {
                    return Ok(());
                }
                level.end_segment();
                // The arguments of a call stand right below it; what a subscript holds may be a tuple below it.
                let depth = level.finished + usize::from(!level.postfix || (level.comma && *token == Tok::Rsqb));
                self.levels.pop();
                if let Some(parent) = self.levels.last_mut() {
                    parent.child = parent.child.max(depth);
                }
            }
            Tok::Comma => {
                level.end_segment();
                level.comma = true;
            }
            // A slice; the colon of a dict or `lambda` costs as much.
            Tok::Colon if !outermost => level.weak += 1,
            Tok::Equal if outermost => level.end_segment(),
            Tok::Semi => {
                self.end_statement();
                return self.count_statement(span);
            }
            Tok::And | Tok::Or => {
                level.end_operand();
                level.nots = 0;
                level.flat += 1;
            }
            Tok::Less
            | Tok::Greater
            | Tok::EqEqual
            | Tok::NotEqual
            | Tok::LessEqual
            | Tok::GreaterEqual
            | Tok::In
            | Tok::Is => {
                level.end_operand();
                level.flat += 1;
            }
            Tok::Not => level.nots += 1,
            Tok::If | Tok::For | Tok::ColonEqual | Tok::Yield => level.weak += 1,
            Tok::Lambda => level.lambdas += 1,
            Tok::Plus
            | Tok::Minus
            | Tok::Star
            | Tok::Slash
            | Tok::Vbar
            | Tok::Amper
            | Tok::Dot
            | Tok::Percent
            | Tok::Tilde
            | Tok::CircumFlex
            | Tok::LeftShift
            | Tok::RightShift
            | Tok::DoubleStar
            | Tok::DoubleSlash
            | Tok::At
            | Tok::Await => level.strong += 1,
            Tok::String { value, kind, .. } if is_format_string(*kind) => {
                let count = format_operations(value);
                level.child = level.child.max(3);
                if count > self.limits.format_operations {
                    return Err(refuse(
                        codes::LIMIT_NESTING,
                        span,
                        format!("more than {} operations in one f-string", self.limits.format_operations),
                        "assign the inner parts to variables first",
                    ));
                }
            }
            _ => return Ok(()),
        }
        let Some(level) = self.levels.last() else {
            return Ok(());
        };
        if level.flat > self.limits.chain {
            return Err(refuse(
                codes::LIMIT_COUNT,
                span,
                format!("more than {} comparisons, `and` and `or` in one expression", self.limits.chain),
                "split the expression with intermediate variables",
            ));
        }
        let depth = level.depth();
        self.expression_depth = self.expression_depth.max(depth);
        if depth > self.limits.expression_depth {
            return Err(refuse(
                codes::LIMIT_NESTING,
                span,
                format!("more than {} operations nested in one expression", self.limits.expression_depth),
                "split the expression with intermediate variables",
            ));
        }
        Ok(())
    }
}

/// Refuses names that the lexer accepts and Python does not, such as emoji.
fn identifier(name: &str, span: Span) -> Result<(), Box<Diagnostic>> {
    let Some((index, character)) = invalid_character(name) else {
        return Ok(());
    };
    let start = span.start + offset(index);
    let place = Span::new(start, start + offset(character.len_utf8()));
    let message = format!("the character `{}` cannot stand in a name", character.escape_debug());
    Err(refuse(codes::SYNTAX, place, message, "names are made of letters, digits and `_`"))
}

fn refuse(code: cfunc_models::DiagnosticCode, span: Span, message: String, hint: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(code, span, message).hint(hint))
}

/// Whether a bracket after this token is a call or a subscript.
fn is_operand(token: &Tok) -> bool {
    matches!(
        token,
        Tok::Name { .. }
            | Tok::Int { .. }
            | Tok::Float { .. }
            | Tok::Complex { .. }
            | Tok::String { .. }
            | Tok::Rpar
            | Tok::Rsqb
            | Tok::Rbrace
            | Tok::Ellipsis
            | Tok::None
            | Tok::True
            | Tok::False
    )
}

fn is_format_string(kind: StringKind) -> bool {
    matches!(kind, StringKind::FString | StringKind::RawFString)
}

/// Upper bound of the operations nested in an f-string's expressions, which the parser parses from its text: every
/// sign and keyword that can nest one, from the first brace on. Braces are not matched, since quotes inside them
/// decide where they end; prose between the braces costs its punctuation.
fn format_operations(text: &str) -> usize {
    let Some(start) = text.find('{') else {
        return 0;
    };
    let text = &text[start..];
    let signs = text.bytes().filter(|byte| b"([{.-+~*/%@&|^".contains(byte)).count();
    let shifts = text.matches("<<").count() + text.matches(">>").count();
    let words = text
        .split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| matches!(*word, "not" | "lambda" | "if" | "for" | "await" | "yield"))
        .count();
    signs + shifts + words
}
