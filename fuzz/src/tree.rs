//! Generated programs as trees: what can be printed for the compiler and for the oracle, and made smaller.
//!
//! The oracle's text differs in conversions alone: where types of paths meet, the compiler converts to the common type,
//! and CPython has to be told to.

use std::fmt::Write as _;

use crate::calls::Plain;
use crate::kind::Kind;

/// Number of an entry in the table of constructs.
pub type ConstructId = usize;

/// How tightly an atom binds; a hole that asks for this takes nothing but names, calls and parentheses.
pub(crate) const ATOM: u8 = 16;

/// A part of a line: text as it is, or an expression that binds at least so tightly.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Text.
    Text(String),
    /// An expression, in parentheses where it binds less tightly.
    Hole(Expression, u8),
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The construct.
    pub construct: ConstructId,
    /// Its static type.
    pub kind: Kind,
    /// How tightly it binds, from 0 for a walrus to 16.
    pub precedence: u8,
    /// Its text.
    pub pieces: Vec<Piece>,
    /// A function of the oracle that converts its value to its static type.
    pub conversion: Option<&'static str>,
    /// Whether the shrinker must leave it: other parts of the program rely on it.
    pub pinned: bool,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The construct.
    pub construct: ConstructId,
    /// The clauses: one without a body for a simple statement.
    pub clauses: Vec<Clause>,
    /// Whether the shrinker must not remove it: types of later parts depend on it.
    pub pinned: bool,
    /// Whether it is in the oracle's text only.
    pub oracle_only: bool,
}

/// A line, and the block under it.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// The line.
    pub header: Vec<Piece>,
    /// What stands under it; `None` for a line that has no block.
    pub body: Option<Vec<Statement>>,
    /// Whether the statement stands without this clause.
    pub optional: bool,
}

/// A function of the source beside the node.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// The construct.
    pub construct: ConstructId,
    /// Decorators and the line of `def`; the whole function where the body is empty.
    pub header: String,
    /// Its body.
    pub body: Vec<Statement>,
}

/// A variable that lives in a cell, or a constant, with its value in the form of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its name; empty for the single output.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// The value of a constant, in words; none for others. Doubles by their bits, truth values as 0 and 1, times in
    /// nanoseconds, members by their values, sets as two words, structs as the words of their fields.
    pub value: Vec<i64>,
    /// Whether values of the C library reach an output, which then agrees within a tolerance.
    pub rough: bool,
}

/// What one tick brings: a value for each input or `None` to leave the cell, and the flags.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Values as in [`Cell::value`]; a truth value may be any byte.
    pub values: Vec<Option<Vec<i64>>>,
    /// Which inputs ticked.
    pub ticked: Vec<bool>,
    /// Which inputs are valid.
    pub valid: Vec<bool>,
}

/// A generated program with what it is run on.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// Lines before the node: constants, classes, each with its construct.
    pub module: Vec<(ConstructId, String)>,
    /// Functions before the node.
    pub helpers: Vec<Function>,
    /// Functions after the node.
    pub lifecycle: Vec<Function>,
    /// Inputs in order.
    pub inputs: Vec<Cell>,
    /// Constant parameters in order.
    pub constants: Vec<Cell>,
    /// Outputs in order.
    pub outputs: Vec<Cell>,
    /// States, with the initial value as text.
    pub states: Vec<(Cell, String)>,
    /// The text of the return annotation.
    pub returns: String,
    /// The decorator line or lines, with their ends.
    pub decorators: String,
    /// The body of the node, without its declarations.
    pub body: Vec<Statement>,
    /// Whether annotations of inputs are texts.
    pub text_annotations: bool,
    /// Whether the constants are keyword-only.
    pub keyword_only: bool,
    /// Constructs that are no part of a body: of how it is declared.
    pub declared: Vec<ConstructId>,
    /// Whether Python's error model is chosen.
    pub python_errors: bool,
    /// Whether overflow of ints is an error.
    pub checked_integers: bool,
    /// The ticks.
    pub ticks: Vec<Tick>,
    /// What it has where it is a plain function: no inputs, outputs, states and ticks, but parameters and calls.
    pub plain: Option<Plain>,
}

/// The name of every generated node.
pub const NODE: &str = "node_under_test";

/// Prints programs.
struct Printer {
    text: String,
    for_oracle: bool,
}

impl Program {
    /// The source for the compiler.
    pub fn source(&self) -> String {
        self.print(false)
    }

    /// The source for the oracle.
    pub fn oracle_source(&self) -> String {
        self.print(true)
    }

    fn print(&self, for_oracle: bool) -> String {
        let mut printer = Printer { text: String::new(), for_oracle };
        for (_, line) in &self.module {
            printer.line(0, line);
        }
        for function in &self.helpers {
            printer.function(function);
        }
        if let Some(plain) = &self.plain {
            printer.line(0, &plain.header());
            printer.block(1, &self.body);
            return printer.text;
        }
        printer.text.push_str(&self.decorators);
        let quote = if self.text_annotations { "'" } else { "" };
        let inputs =
            self.inputs.iter().map(|input| format!("{}: {quote}Signal[{}]{quote}", input.name, input.kind.name()));
        let constants = self.constants.iter().map(|constant| format!("{}: {}", constant.name, constant.kind.name()));
        let star = self.keyword_only && !self.constants.is_empty();
        let parameters: Vec<String> = inputs.chain(star.then(|| "*".to_owned())).chain(constants).collect();
        printer.line(0, &format!("def {NODE}({}) -> {}:", parameters.join(", "), self.returns));
        for (state, initial) in &self.states {
            printer.line(1, &format!("{}: State[{}] = {initial}", state.name, state.kind.name()));
        }
        printer.block(1, &self.body);
        for function in &self.lifecycle {
            printer.function(function);
        }
        printer.text
    }

    /// Calls a closure with the construct of every part that is printed for the compiler.
    pub fn visit(&self, visitor: &mut impl FnMut(ConstructId)) {
        for construct in self.declared.iter().chain(self.module.iter().map(|(construct, _)| construct)) {
            visitor(*construct);
        }
        for function in self.helpers.iter().chain(&self.lifecycle) {
            visitor(function.construct);
            visit_block(&function.body, visitor);
        }
        visit_block(&self.body, visitor);
    }

    /// How large it is: statements, expressions and ticks.
    pub fn size(&self) -> usize {
        let mut count = self.ticks.len() + self.inputs.len() + self.states.len() + self.constants.len();
        count += self.outputs.len();
        count += self.plain.as_ref().map_or(0, |plain| plain.parameters.len() + plain.calls.len());
        self.visit(&mut |_| count += 1);
        count
    }
}

fn visit_block(block: &[Statement], visitor: &mut impl FnMut(ConstructId)) {
    for statement in block.iter().filter(|statement| !statement.oracle_only) {
        visitor(statement.construct);
        for clause in &statement.clauses {
            visit_pieces(&clause.header, visitor);
            visit_block(clause.body.as_deref().unwrap_or_default(), visitor);
        }
    }
}

fn visit_pieces(pieces: &[Piece], visitor: &mut impl FnMut(ConstructId)) {
    for piece in pieces {
        if let Piece::Hole(expression, _) = piece {
            visitor(expression.construct);
            visit_pieces(&expression.pieces, visitor);
        }
    }
}

impl Printer {
    fn line(&mut self, depth: usize, line: &str) {
        // Writing to a String does not fail.
        let _infallible = writeln!(self.text, "{:1$}{line}", "", depth * 4);
    }

    fn function(&mut self, function: &Function) {
        self.text.push_str(&function.header);
        if !function.body.is_empty() {
            self.block(1, &function.body);
        }
    }

    fn block(&mut self, depth: usize, block: &[Statement]) {
        if block.iter().all(|statement| statement.oracle_only) {
            self.line(depth, "pass");
        }
        let for_oracle = self.for_oracle;
        for statement in block.iter().filter(|statement| for_oracle || !statement.oracle_only) {
            for clause in &statement.clauses {
                let mut header = String::new();
                self.pieces(&clause.header, &mut header);
                // A header may be of several lines, written without indentation.
                for line in header.lines() {
                    self.line(depth, line);
                }
                if let Some(body) = &clause.body {
                    self.block(depth + 1, body);
                }
            }
        }
    }

    fn pieces(&self, pieces: &[Piece], text: &mut String) {
        for piece in pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Hole(expression, least) => self.expression(expression, *least, text),
            }
        }
    }

    fn expression(&self, expression: &Expression, least: u8, text: &mut String) {
        let conversion = expression.conversion.filter(|_| self.for_oracle);
        let bare = expression.precedence >= least && conversion.is_none();
        text.push_str(conversion.unwrap_or_default());
        text.push_str(if bare { "" } else { "(" });
        self.pieces(&expression.pieces, text);
        text.push_str(if bare { "" } else { ")" });
    }
}
