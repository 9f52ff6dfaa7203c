//! Tokens of one line of the text form.

/// A token: words hold letters, digits, `_`, `.` and the sign of a float's exponent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token<'text> {
    Word(&'text str),
    Quoted(Vec<u8>),
    Mark(char),
    Arrow,
    End,
}

impl Token<'_> {
    /// For messages.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Quoted(_) => "a quoted text".to_owned(),
            Self::Mark(mark) => format!("`{mark}`"),
            Self::Arrow => "`->`".to_owned(),
            Self::End => "the end of the line".to_owned(),
        }
    }
}

/// Reads the tokens of a line, one token ahead. A `;` outside of quotes starts a comment.
pub(crate) struct Line<'text> {
    rest: &'text str,
    next: Token<'text>,
}

impl<'text> Line<'text> {
    pub(crate) fn new(text: &'text str) -> Result<Self, String> {
        let mut line = Self { rest: text, next: Token::End };
        line.advance()?;
        Ok(line)
    }

    pub(crate) fn peek(&self) -> &Token<'text> {
        &self.next
    }

    /// The next token, and goes on to the one after it.
    pub(crate) fn advance(&mut self) -> Result<Token<'text>, String> {
        let next = self.scan()?;
        Ok(std::mem::replace(&mut self.next, next))
    }

    fn scan(&mut self) -> Result<Token<'text>, String> {
        self.rest = self.rest.trim_start();
        let mut characters = self.rest.chars();
        match characters.next() {
            None | Some(';') => {
                self.rest = "";
                Ok(Token::End)
            }
            Some('"') => self.scan_quoted(),
            Some('-') if characters.as_str().starts_with('>') => {
                self.rest = &self.rest[2..];
                Ok(Token::Arrow)
            }
            Some(first) if is_word(first) => {
                let (word, rest) = self.rest.split_at(word_length(self.rest));
                self.rest = rest;
                Ok(Token::Word(word))
            }
            Some(mark) if mark.is_ascii_graphic() => {
                self.rest = characters.as_str();
                Ok(Token::Mark(mark))
            }
            Some(other) => Err(format!("unexpected character {other:?}")),
        }
    }

    fn scan_quoted(&mut self) -> Result<Token<'text>, String> {
        let bytes = self.rest.as_bytes();
        let mut contents = Vec::new();
        let mut position = 1;
        while let Some(byte) = bytes.get(position) {
            match byte {
                b'"' => {
                    self.rest = &self.rest[position + 1..];
                    return Ok(Token::Quoted(contents));
                }
                b'\\' => match (bytes.get(position + 1), bytes.get(position + 2)) {
                    (Some(quoted @ (b'"' | b'\\')), _) => {
                        contents.push(*quoted);
                        position += 2;
                    }
                    (Some(high), Some(low)) => {
                        let (Some(high), Some(low)) = (digit(*high), digit(*low)) else {
                            return Err("expected two hexadecimal digits after `\\`".to_owned());
                        };
                        contents.push(16 * high + low);
                        position += 3;
                    }
                    _ => break,
                },
                _ => {
                    contents.push(*byte);
                    position += 1;
                }
            }
        }
        Err("a quoted text has no end".to_owned())
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == '.'
}

/// The bytes of the word that `text` begins with; `1e-7` is one word, `data1e` is none that goes on at a sign.
fn word_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let float = bytes.first().is_some_and(u8::is_ascii_digit) && !text.starts_with("0x");
    let mut length = 0;
    while let Some(byte) = bytes.get(length) {
        let exponent_sign = float && matches!(byte, b'+' | b'-') && length > 0 && bytes[length - 1] == b'e';
        if !is_word(char::from(*byte)) && !exponent_sign {
            break;
        }
        length += 1;
    }
    length
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
