//! What the lexer's errors say to a user.

use cfunc_models::{Diagnostic, codes};
use rustpython_parser::FStringErrorType;
use rustpython_parser::lexer::LexicalErrorType;

use crate::messages::{ANY_HINT, Context, block_missing_at, end_of_source, string_without_end};

/// The diagnostic for an error of the lexer, at `start`.
pub(crate) fn lexical(error: &LexicalErrorType, start: u32, context: &Context<'_>) -> Diagnostic {
    let syntax = |span, message: String| Diagnostic::error(codes::SYNTAX, span, message);
    match error {
        LexicalErrorType::Eof => end_of_source(start, context),
        LexicalErrorType::NestingError => {
            let span = context.character_before(start);
            syntax(span, format!("`{}` closes nothing", span.text(context.source)))
                .hint("leave it out, or open it before with the bracket of its kind")
        }
        // The parser says the same where the text ends instead of a block. Column 0 matches every indentation.
        LexicalErrorType::IndentationError if context.at_line_start(start) => block_missing_at(start, context),
        LexicalErrorType::IndentationError => {
            syntax(context.word(start), "this indentation matches no block around it".to_owned())
                .hint("indent the line like another line of its block")
        }
        LexicalErrorType::TabError | LexicalErrorType::TabsAfterSpaces => {
            syntax(context.word(start), "tabs and spaces are mixed in the indentation".to_owned())
                .hint("use spaces only")
        }
        LexicalErrorType::DefaultArgumentError => {
            syntax(context.word(start), "a parameter without a default follows one with a default".to_owned())
                .hint("give it a default, or move it to the front")
        }
        LexicalErrorType::DuplicateArgumentError(name) => {
            Diagnostic::error(codes::DUPLICATE_NAME, context.word(start), format!("two parameters are named `{name}`"))
                .hint("give each parameter a name of its own")
        }
        LexicalErrorType::PositionalArgumentError => {
            syntax(context.word(start), "a positional argument follows a keyword argument".to_owned())
                .hint("put it before the keyword arguments, or name it")
        }
        LexicalErrorType::UnpackedArgumentError => {
            syntax(context.word(start), "`*` follows `**` in the arguments".to_owned()).hint("put it before the `**`")
        }
        LexicalErrorType::DuplicateKeywordArgumentError(name) => Diagnostic::error(
            codes::DUPLICATE_NAME,
            context.word(start),
            format!("the keyword argument `{name}` is given twice"),
        )
        .hint("leave one of them out"),
        LexicalErrorType::UnrecognizedToken { tok: token } => {
            // The lexer reports most characters one past, `!` where it stands.
            let here = context.word(start);
            let span =
                if context.source.get(start as usize..).is_some_and(|rest| rest.starts_with(*token) && *token == '!') {
                    here
                } else {
                    context.character_before(start)
                };
            syntax(span, format!("the character `{}` is not part of Python", token.escape_debug()))
                .hint("leave it out, or put it into a string or a comment")
        }
        LexicalErrorType::LineContinuationError => {
            syntax(context.character_before(start), "something follows the `\\` that joins lines".to_owned())
                .hint("a `\\` must be the last character of its line")
        }
        LexicalErrorType::FStringError(error) => syntax(context.word(start), format_string(error))
            .hint("an f-string has `{expression}` for each value; write `{{` and `}}` for braces themselves"),
        LexicalErrorType::UnicodeError => {
            syntax(context.character_before(start), "this escape does not stand for a character".to_owned())
                .hint("write `\\\\` for a backslash itself")
        }
        LexicalErrorType::StringError => match context.unterminated(start) {
            Some(string) => string_without_end(string),
            None => {
                syntax(context.word(start), "invalid string".to_owned()).hint("begin and end it with the same quotes")
            }
        },
        LexicalErrorType::OtherError(message) => other(message, start, context),
    }
}

/// Errors that the parser tells apart by their text alone; what is not known here says no more than that the syntax is
/// wrong, since the texts are written for people who know the parser.
fn other(message: &str, start: u32, context: &Context<'_>) -> Diagnostic {
    let syntax = |span, message: &str| Diagnostic::error(codes::SYNTAX, span, message);
    let word = context.word(start);
    match message {
        "EOL while scanning string literal" => match context.unterminated(start) {
            Some(string) => string_without_end(string),
            None => syntax(word, "this string does not end").hint("close it on its line"),
        },
        "Invalid Token" => syntax(context.character_before(start), "a number must not begin with 0")
            .hint("write `0o` before an octal number"),
        "Invalid Syntax" => syntax(context.character_before(start + 2), "a `_` in a number must stand between digits")
            .hint("leave it out"),
        "Invalid decimal literal" => {
            syntax(context.character_before(start), "the exponent of this number has no digits")
                .hint("write them, or leave the `e` out")
        }
        "cannot use '_' as a target" => syntax(word, "`_` cannot be the name behind `as`").hint("use another name"),
        "named arguments must follow bare *" => syntax(word, "no parameter follows the `*`")
            .hint("write the parameters that are given by name behind it, or leave it out"),
        "cannot use starred expression here" => {
            syntax(word, "`*` is not allowed here").hint("it stands before arguments and in tuples and lists")
        }
        "cannot use double starred expression here" => {
            syntax(word, "`**` is not allowed here").hint("it stands before arguments and in dicts")
        }
        "bytes can only contain ASCII literal characters" => {
            syntax(context.character_before(start), "a bytes literal holds ASCII characters only")
                .hint("leave the `b` out")
        }
        "cannot mix bytes and nonbytes literals" => {
            syntax(word, "a bytes literal cannot be joined with a string").hint("write both with a `b`, or none")
        }
        _ => match word.text(context.source).split_at_checked(2) {
            Some((prefix @ ("0x" | "0X" | "0o" | "0O" | "0b" | "0B"), "")) => {
                syntax(word, &format!("no digits follow the `{prefix}` of this number"))
                    .hint("write the digits, or leave the prefix out")
            }
            Some((prefix @ ("0x" | "0X" | "0o" | "0O" | "0b" | "0B"), rest)) => {
                syntax(word, &format!("`{rest}` is not a number behind `{prefix}`"))
                    .hint("`0x` takes 0 to 9 and a to f, `0o` 0 to 7, `0b` 0 and 1")
            }
            _ => syntax(word, "invalid syntax").hint(ANY_HINT),
        },
    }
}

/// What is wrong with an f-string.
fn format_string(error: &FStringErrorType) -> String {
    let what = match error {
        FStringErrorType::UnclosedLbrace => "a `{` is never closed",
        FStringErrorType::UnopenedRbrace | FStringErrorType::SingleRbrace => "a `}` closes nothing; write `}}` for one",
        FStringErrorType::ExpectedRbrace => "a `}` must follow the conversion",
        FStringErrorType::InvalidExpression(_) => "what stands between the braces is not an expression",
        FStringErrorType::InvalidConversionFlag => "the conversion is none of `!r`, `!s` and `!a`",
        FStringErrorType::EmptyExpression => "nothing stands between the braces",
        FStringErrorType::MismatchedDelimiter(first, second) => {
            return format!("f-string: `{first}` cannot be closed by `{second}`");
        }
        FStringErrorType::ExpressionNestedTooDeeply => "the braces are nested too deeply",
        FStringErrorType::ExpressionCannotInclude(character) => {
            return format!("f-string: `{}` cannot stand between the braces", character.escape_debug());
        }
        FStringErrorType::Unmatched(character) => return format!("f-string: `{character}` closes nothing"),
        FStringErrorType::UnterminatedString => "a string between the braces does not end, or a `\\` stands there",
    };
    format!("f-string: {what}")
}
