//! The table of all constructs that programs are made of.

use std::collections::HashMap;

use crate::calls;
use crate::containers;
use crate::expressions::{BUILTINS, MATH, OPERATORS, STRUCTURED, TIMES};
use crate::generator::Generator;
use crate::numbers;
use crate::sets;
use crate::statements;
use crate::structs;
use crate::tree::{ConstructId, Statement};

/// Makes a statement, or several that belong together; `None` where nothing in scope fits.
pub(crate) type StatementBuilder = fn(&mut Generator<'_>, ConstructId) -> Option<Vec<Statement>>;

/// How a construct is made.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// An expression by its template; the kind is a letter.
    Expression {
        /// The kind of the value.
        kind: char,
        /// How tightly it binds.
        precedence: u8,
        /// The template.
        text: &'static str,
        /// The oracle's conversion of the value.
        conversion: Option<&'static str>,
    },
    /// A statement.
    Statement(#[doc(hidden)] StatementBuilder),
    /// What comes with others: names, literals, declarations, options.
    Part,
}

/// A construct of the language.
#[derive(Clone, Copy, Debug)]
pub struct Construct {
    /// Its name in reports.
    pub name: &'static str,
    /// How often it is chosen among those that fit; 0 for parts.
    pub weight: u32,
    /// How it is made.
    pub form: Form,
}

/// What programs have beside statements and operations.
const PARTS: &[&str] = &[
    "read of an input",
    "read of a constant",
    "read of a state",
    "read of a local",
    "read of a local that may be unbound",
    "small int literal",
    "large int literal",
    "hexadecimal literal",
    "float literal",
    "extreme float literal",
    "bool literal",
    "bounded int",
    "shift count",
    "walrus onto a new name",
    "walrus onto a name",
    "walrus onto a state",
    "ticked()",
    "valid()",
    "ticked array",
    "docstring",
    "two decorators",
    "text annotations",
    "keyword-only constant",
    "class of Enum",
    "class of IntEnum",
    "class of Enum of flags",
    "module constant",
    "module constant of others",
    "module tuple constant",
    "module time constant",
    "module list constant",
    "module dict constant",
    "module set constant",
    "import from math",
    "helper",
    "helper with defaults",
    "helper of several statements",
    "start body",
    "stop body",
    "negative initial state",
    "expression as initial state",
    "list state",
    "dict state",
    "cell of an enum",
    "cell of a set",
    "cell of a struct",
];

/// The table, with an index by name.
#[derive(Debug)]
pub struct Table {
    constructs: Vec<Construct>,
    by_name: HashMap<&'static str, ConstructId>,
    by_kind: HashMap<char, Vec<ConstructId>>,
    statements: Vec<ConstructId>,
}

impl Table {
    /// The table of everything.
    pub fn new() -> Self {
        let mut constructs: Vec<Construct> =
            PARTS.iter().chain(calls::PARTS).map(|name| Construct { name, weight: 0, form: Form::Part }).collect();
        constructs.extend(
            [
                OPERATORS,
                BUILTINS,
                MATH,
                TIMES,
                STRUCTURED,
                containers::EXPRESSIONS,
                sets::EXPRESSIONS,
                structs::EXPRESSIONS,
                numbers::EXPRESSIONS,
            ]
            .into_iter()
            .flatten(),
        );
        constructs.extend(statements::all());
        let mut table = Self { constructs, by_name: HashMap::new(), by_kind: HashMap::new(), statements: Vec::new() };
        for (id, construct) in table.constructs.iter().enumerate() {
            let before = table.by_name.insert(construct.name, id);
            debug_assert!(before.is_none(), "{} is there twice", construct.name);
            match construct.form {
                Form::Expression { kind, .. } => table.by_kind.entry(kind).or_default().push(id),
                Form::Statement(_) => table.statements.push(id),
                Form::Part => {}
            }
        }
        table
    }

    /// Every construct by its id.
    pub fn constructs(&self) -> &[Construct] {
        &self.constructs
    }

    /// A construct.
    pub fn get(&self, id: ConstructId) -> &Construct {
        &self.constructs[id]
    }

    /// The id of a name.
    ///
    /// # Panics
    ///
    /// When there is none: names are written in this crate alone.
    pub fn id(&self, name: &str) -> ConstructId {
        match self.by_name.get(name) {
            Some(id) => *id,
            None => panic!("there is no construct `{name}`"),
        }
    }

    /// The expressions of a kind.
    pub(crate) fn of_kind(&self, letter: char) -> &[ConstructId] {
        self.by_kind.get(&letter).map_or(&[], Vec::as_slice)
    }

    /// The statements.
    pub(crate) fn statements(&self) -> &[ConstructId] {
        &self.statements
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}
