//! What must hold of any text that is given to the compiler, and mutations that make texts which are nearly right.

use std::time::{Duration, Instant};

use cfunc_compiler::{
    CompilationContext, CompileError, CompileRequest, DIAGNOSTIC_CODES, Diagnostics, Source, backends, check, compile,
    node_functions,
};

/// The stack that the compiler is given: what a thread has by default. Deeper sources make it take more by itself.
const STACK: usize = 2 << 20;

/// How long one source may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often a source is tried that took too long: other processes may have had the processor.
const ATTEMPTS: usize = 3;

/// How many diagnostics of one source are given.
const MOST_DIAGNOSTICS: usize = 100;

/// Checks `text`, and compiles its functions where nothing is wrong with it, on a thread of its own.
///
/// # Errors
///
/// A panic, more time than a second, an internal error, or a diagnostic that breaks the rules: its place within the
/// text, its code known, a hint, at most a hundred of them.
pub fn front_end_holds(context: &CompilationContext, text: &str) -> Result<(), String> {
    let mut shortest = Duration::MAX;
    for _ in 0..ATTEMPTS {
        let started = Instant::now();
        let worker = std::thread::Builder::new().stack_size(STACK);
        let outcome = std::thread::scope(|scope| {
            let work = worker.spawn_scoped(scope, || front_end(context, text)).map_err(|error| error.to_string())?;
            work.join().map_err(|_| "a panic".to_owned())?
        });
        outcome?;
        shortest = shortest.min(started.elapsed());
        if shortest <= PATIENCE {
            return Ok(());
        }
    }
    Err(format!("it took {shortest:?}"))
}

fn front_end(context: &CompilationContext, text: &str) -> Result<(), String> {
    let source = Source::new("fuzzed.py", text);
    let found = check(context, &source);
    well_formed(text, &found)?;
    if found.has_errors() {
        return Ok(());
    }
    for name in node_functions(context, &source).unwrap_or_default() {
        let backend = backends().into_iter().find(|backend| backend.name() == "interpreter");
        let mut request = CompileRequest::new(source.clone()).function(name.as_str());
        if let Some(backend) = backend {
            request = request.backend(backend);
        }
        match compile(context, &request) {
            Ok(result) => well_formed(text, result.warnings())?,
            // Constants have no values here.
            Err(CompileError::Diagnostics { diagnostics, .. }) => well_formed(text, &diagnostics)?,
            Err(error) => return Err(format!("{name}: {error}")),
        }
    }
    Ok(())
}

fn well_formed(text: &str, found: &Diagnostics) -> Result<(), String> {
    if found.len() > MOST_DIAGNOSTICS {
        return Err(format!("{} diagnostics", found.len()));
    }
    for diagnostic in found {
        let span = diagnostic.span;
        let fits = span.start <= span.end && text.get(span.start as usize..span.end as usize).is_some();
        let notes_fit =
            diagnostic.notes.iter().all(|note| text.get(note.span.start as usize..note.span.end as usize).is_some());
        let rules = [
            ("its place is not in the text", fits && notes_fit),
            ("its code is not known", DIAGNOSTIC_CODES.contains(&diagnostic.code)),
            ("it has no hint", diagnostic.hint.is_some()),
            ("it says nothing", !diagnostic.message.is_empty()),
            ("it is of an extension, and there is none", diagnostic.code.id != "E0901"),
        ];
        if let Some((broken, _)) = rules.into_iter().find(|(_, holds)| !holds) {
            return Err(format!("{broken}: {diagnostic} at {span:?}"));
        }
    }
    Ok(())
}

/// What is put into sources where they are mutated: what means something to the front end.
pub const FRAGMENTS: &[&str] = &[
    "\n",
    "\n\n",
    " ",
    "    ",
    "\t",
    "\\\n",
    "\r",
    "\r\n",
    "#",
    "\"",
    "'",
    "\"\"\"",
    "f\"{",
    "}\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    ";",
    ".",
    "...",
    "=",
    "==",
    ":=",
    "->",
    "+",
    "-",
    "*",
    "**",
    "/",
    "//",
    "%",
    "@",
    "<<",
    ">>",
    "&",
    "|",
    "^",
    "~",
    "<",
    ">",
    "!=",
    "+=",
    "//=",
    "0",
    "1",
    "-1",
    "0x",
    "1_0",
    "1e",
    "1e400",
    "9223372036854775808",
    "1j",
    "0.5",
    "nan",
    "None",
    "True",
    "False",
    "and ",
    "or ",
    "not ",
    "in ",
    "is ",
    "if ",
    "else",
    "elif ",
    "for ",
    "while ",
    "def ",
    "class ",
    "return ",
    "lambda ",
    "yield ",
    "with ",
    "try:",
    "except ",
    "finally:",
    "raise ",
    "assert ",
    "del ",
    "import ",
    "from ",
    "global ",
    "nonlocal ",
    "match ",
    "case ",
    "_",
    "pass",
    "break",
    "continue",
    "async ",
    "await ",
    "@node\n",
    "def f(x: Signal[int]) -> Signal[int]:\n",
    "x: State[int] = 0\n",
    "x",
    "y",
    "self",
    "range(",
    "len(",
    "math.",
    "datetime(",
    "timedelta(",
    "Signal[",
    "State[",
    "Outputs",
    "Annotated[",
    "set_output(",
    "input_ticked[",
    ".ticked()",
    ".valid",
    ".real",
    "\u{feff}",
    "\u{0}",
    "\u{e9}",
    "\u{1f600}",
    "\u{2028}",
    "\u{202e}",
];

/// A change of a text. Positions are parts of its length in 65,536ths.
#[derive(Clone, Copy, Debug)]
pub enum Mutation {
    /// Takes a range out.
    Remove(u16, u8),
    /// Puts a fragment in.
    Insert(u16, usize),
    /// Puts a fragment in the place of a word.
    Replace(u16, usize),
    /// Repeats a range behind itself, as often as said.
    Repeat(u16, u8, u8),
    /// Copies a range to another place.
    Copy(u16, u8, u16),
    /// Exchanges two lines.
    SwapLines(u16, u16),
    /// Indents a line, or takes its indentation away.
    Indent(u16, bool),
}

/// The most bytes that mutations make of a text.
const MOST_BYTES: usize = 64 << 10;

/// A text changed by mutations in order.
pub fn mutated(text: &str, mutations: &[Mutation]) -> String {
    let mut text = text.to_owned();
    for mutation in mutations {
        if text.len() > MOST_BYTES {
            break;
        }
        mutate(&mut text, *mutation);
    }
    text
}

fn mutate(text: &mut String, mutation: Mutation) {
    let at = |text: &str, part: u16| text.floor_char_boundary(text.len() * usize::from(part) / 65_536);
    let range = |text: &str, part: u16, length: u8| {
        let start = at(text, part);
        start..text.floor_char_boundary((start + usize::from(length)).min(text.len())).max(start)
    };
    let fragment = |index: usize| FRAGMENTS[index % FRAGMENTS.len()];
    match mutation {
        Mutation::Remove(part, length) => text.replace_range(range(text, part, length), ""),
        Mutation::Insert(part, index) => text.insert_str(at(text, part), fragment(index)),
        Mutation::Replace(part, index) => {
            let is_word = |character: char| character.is_alphanumeric() || character == '_';
            let middle = at(text, part);
            let start = text[..middle].trim_end_matches(is_word).len();
            let end = text.len() - text[middle..].trim_start_matches(is_word).len();
            text.replace_range(start..end, fragment(index));
        }
        Mutation::Repeat(part, length, times) => {
            let range = range(text, part, length);
            let repeated = text[range.clone()].repeat(usize::from(times));
            text.insert_str(range.end, &repeated);
        }
        Mutation::Copy(part, length, to) => {
            let copied = text[range(text, part, length)].to_owned();
            text.insert_str(at(text, to), &copied);
        }
        Mutation::SwapLines(first, second) => {
            let mut lines: Vec<&str> = text.split('\n').collect();
            let line = |part: u16| lines.len() * usize::from(part) / 65_536;
            let (first, second) = (line(first), line(second));
            lines.swap(first, second);
            *text = lines.join("\n");
        }
        Mutation::Indent(part, deeper) => {
            let start = text[..at(text, part)].rfind('\n').map_or(0, |end| end + 1);
            if deeper {
                text.insert_str(start, "    ");
            } else {
                let blanks = text[start..].bytes().take_while(|byte| *byte == b' ').take(4).count();
                text.replace_range(start..start + blanks, "");
            }
        }
    }
}
