//! Makes typed expressions and blocks, and knows the names in scope with their types.

use crate::constructs::{Form, Table};
use crate::kind::Kind;
use crate::random::Random;
use crate::tree::{ATOM, Cell, Clause, ConstructId, Expression, Piece, Statement};
use crate::values;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Input,
    Constant,
    State,
    Local,
    /// A counter of a loop, which nothing else assigns.
    Counter,
}

/// A name in scope.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) origin: Origin,
    /// The block that bound it.
    pub(crate) block: usize,
    /// Whether some path did not bind it.
    pub(crate) may_be_unbound: bool,
}

/// What the block belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Node,
    /// A helper or a plain function, with the kind that it returns.
    Helper(Kind),
    /// A plain function that returns nothing.
    Procedure,
    Lifecycle,
}

/// Makes parts of one program.
#[derive(Debug)]
pub struct Generator<'t> {
    pub(crate) table: &'t Table,
    pub(crate) enabled: &'t [bool],
    pub(crate) random: Random,
    pub(crate) variables: Vec<Variable>,
    pub(crate) outputs: Vec<Cell>,
    pub(crate) scope: Scope,
    pub(crate) blocks: Vec<usize>,
    pub(crate) loop_depth: usize,
    pub(crate) try_depth: usize,
    pub(crate) statements_left: usize,
    /// How many more times a loop may multiply the work.
    pub(crate) loops_left: usize,
    pub(crate) largest_depth: usize,
    next_block: usize,
    next_name: usize,
    /// How deep in operands that may not be evaluated a name would be bound.
    walrus_allowed: bool,
}

impl<'t> Generator<'t> {
    /// A generator with nothing in scope.
    pub(crate) fn new(table: &'t Table, enabled: &'t [bool], random: Random) -> Self {
        Self {
            table,
            enabled,
            random,
            variables: Vec::new(),
            outputs: Vec::new(),
            scope: Scope::Node,
            blocks: vec![0],
            loop_depth: 0,
            try_depth: 0,
            statements_left: 0,
            loops_left: 2,
            largest_depth: 3,
            next_block: 1,
            next_name: 0,
            walrus_allowed: true,
        }
    }

    /// A name that nothing else has.
    pub(crate) fn fresh(&mut self, prefix: &str) -> String {
        self.next_name += 1;
        format!("{prefix}{}", self.next_name)
    }

    pub(crate) fn is_enabled(&self, name: &str) -> bool {
        self.enabled[self.table.id(name)]
    }

    pub(crate) fn block_id(&self) -> usize {
        self.blocks.last().copied().unwrap_or(0)
    }

    /// Binds a local that is not in scope yet.
    pub(crate) fn bind(&mut self, name: &str, kind: Kind, origin: Origin) {
        let block = self.block_id();
        self.variables.push(Variable { name: name.to_owned(), kind, origin, block, may_be_unbound: false });
    }

    /// Makes what a closure makes with a block of its own, and says which names it bound.
    pub(crate) fn in_block<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> (T, Vec<Variable>) {
        let count = self.variables.len();
        self.blocks.push(self.next_block);
        self.next_block += 1;
        let made = make(self);
        self.blocks.pop();
        (made, self.variables.split_off(count))
    }

    /// Brings names that a block bound into the scope after it, where some path has not bound them.
    pub(crate) fn bring_out(&mut self, bound: Vec<Variable>) {
        for mut variable in bound {
            variable.may_be_unbound = true;
            if variable.origin == Origin::Counter {
                variable.origin = Origin::Local;
            }
            self.variables.push(variable);
        }
    }

    /// The names that may be assigned a value of a kind without a change of type.
    pub(crate) fn assignable(&self, kind: Kind) -> Vec<String> {
        let is_place =
            |variable: &Variable| kind.is_struct() && matches!(variable.origin, Origin::Input | Origin::Constant);
        let fits =
            |variable: &&Variable| variable.kind == kind && variable.origin != Origin::Counter && !is_place(variable);
        self.variables.iter().filter(fits).map(|variable| variable.name.clone()).collect()
    }

    /// The pieces of a template; what it bound goes where there are none.
    pub(crate) fn template(&mut self, text: &str, depth: usize) -> Option<Vec<Piece>> {
        let bound = self.variables.len();
        let pieces = self.pieces(text, depth);
        if pieces.is_none() {
            self.variables.truncate(bound);
        }
        pieces
    }

    fn pieces(&mut self, text: &str, depth: usize) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (hole, after) = after.split_once('}')?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            if let "<" | ">" = hole {
                // Braces of the text itself.
                pieces.push(Piece::Text(if hole == "<" { "{" } else { "}" }.to_owned()));
                rest = after;
                continue;
            }
            let mut letters = hole.chars();
            let letter = letters.next()?;
            let least = letters.as_str().parse().unwrap_or(2);
            // The condition is evaluated before what stands before it.
            let is_late = after.contains(" if {");
            let made = if is_late { self.without_walrus(|g| g.hole(letter, depth)) } else { self.hole(letter, depth) };
            pieces.push(Piece::Hole(made?, least));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Some(pieces)
    }

    fn hole(&mut self, letter: char, depth: usize) -> Option<Expression> {
        match letter {
            'I' => Some(self.int_literal()),
            'F' => Some(self.float_literal()),
            'N' => {
                let text = self.random.below(9).to_string();
                Some(self.part("small int literal", Kind::Int, ATOM, text))
            }
            'P' => {
                let text = self.random.between(1, 8).to_string();
                Some(self.part("small int literal", Kind::Int, ATOM, text))
            }
            'C' => self.bounded(depth),
            'W' => self.shift_count(depth),
            'X' => self.runtime_variable(Kind::Int),
            'Y' => self.runtime_variable(Kind::Float),
            'T' => self.runtime_variable(Kind::Time),
            'O' => self.place(Kind::Point),
            'Z' => self.place(Kind::Trade),
            'L' => self.copy_of_a_struct(depth),
            _ => match Kind::CONTAINERS.into_iter().find(|kind| kind.fresh_letter() == Some(letter)) {
                Some(kind) => self.fresh_container(kind, depth),
                None => self.expression(Kind::of_letter(letter)?, depth),
            },
        }
    }

    /// A container that nothing else has.
    fn fresh_container(&mut self, kind: Kind, depth: usize) -> Option<Expression> {
        let copies = kind.copies();
        let name = if depth > 0 && self.random.percent(40) { self.random.pick(copies) } else { kind.display()? };
        let id = self.table.id(name);
        let id = if self.enabled[id] { id } else { self.table.id(kind.display()?) };
        if self.enabled[id] { self.construct(id, depth.saturating_sub(1)) } else { None }
    }

    /// An expression of a kind; `None` where nothing that is enabled makes one.
    pub(crate) fn expression(&mut self, kind: Kind, depth: usize) -> Option<Expression> {
        if depth == 0 || self.random.percent(18) {
            return self.leaf(kind);
        }
        if self.random.percent(4)
            && let Some(walrus) = self.walrus(kind, depth - 1)
        {
            return Some(walrus);
        }
        for _ in 0..4 {
            let choices = self.table.of_kind(kind.letter());
            let weights: Vec<u32> =
                choices.iter().map(|id| if self.enabled[*id] { self.table.get(*id).weight } else { 0 }).collect();
            let Some(index) = self.random.weighted(&weights) else { break };
            let less = if self.random.percent(30) { depth / 2 } else { depth - 1 };
            if let Some(expression) = self.construct(choices[index], less) {
                return Some(expression);
            }
        }
        self.leaf(kind)
    }

    /// An expression of one construct, its operands of a depth.
    pub(crate) fn construct(&mut self, id: ConstructId, depth: usize) -> Option<Expression> {
        let Form::Expression { kind, precedence, text, conversion } = self.table.get(id).form else { return None };
        let kind = Kind::of_letter(kind)?;
        let bound = self.variables.len();
        let pieces = self.template(text, depth)?;
        // What a walrus in an operand bound is only bound if the operand was evaluated.
        for variable in &mut self.variables[bound..] {
            variable.may_be_unbound = true;
        }
        let made = Expression { construct: id, kind, precedence, pieces, conversion, pinned: false };
        // Of what the compiler evaluates, an int may be beyond 64 bits, or a float: it is refused then, or of another type.
        if kind == Kind::Int && !self.is_small(id) && self.is_evaluated(&made) {
            return Some(self.int_literal());
        }
        // What the compiler evaluates is the C library's power, and the product of factors at run time.
        if ["float ** small", "float ** -small", "float ** int"].contains(&self.table.get(id).name)
            && self.is_evaluated(&made)
        {
            return Some(self.float_literal());
        }
        // The sign of a literal says nothing of negation at run time.
        if self.table.get(id).name == "-float"
            && self.is_evaluated(&made)
            && let Some(operand) = self.runtime_variable(Kind::Float)
        {
            let pieces = vec![Piece::Text("-".to_owned()), Piece::Hole(operand, 13)];
            return Some(Expression { pieces, ..made });
        }
        Some(made)
    }

    /// Whether it is a constant of the module, which is small, or an operator that gives an int of about the size of its
    /// operands, which no nesting gets beyond 64 bits.
    fn is_small(&self, id: ConstructId) -> bool {
        const SMALL: [&str; 7] =
            ["module int", "module expression", "int % int", "+int", "bool - bool", "bool // bool", "bool & int"];
        SMALL.contains(&self.table.get(id).name)
    }

    /// Whether an expression is made of operators, literals and constants alone.
    fn is_evaluated(&self, expression: &Expression) -> bool {
        let is_word = |text: &str| text.chars().any(|character| character.is_alphabetic() || "[,:".contains(character));
        match self.table.get(expression.construct).name {
            "small int literal"
            | "large int literal"
            | "hexadecimal literal"
            | "float literal"
            | "extreme float literal"
            | "bool literal"
            | "read of a constant"
            | "module int"
            | "module float"
            | "module expression" => true,
            _ => expression.pieces.iter().all(|piece| match piece {
                Piece::Text(text) => !is_word(text),
                Piece::Hole(operand, _) => self.is_evaluated(operand),
            }),
        }
    }

    /// An expression that is text.
    pub(crate) fn part(&self, name: &str, kind: Kind, precedence: u8, text: String) -> Expression {
        let construct = self.table.id(name);
        Expression { construct, kind, precedence, pieces: vec![Piece::Text(text)], conversion: None, pinned: false }
    }

    fn walrus(&mut self, kind: Kind, depth: usize) -> Option<Expression> {
        if !self.walrus_allowed
            || self.scope == Scope::Lifecycle
            || matches!(kind, Kind::Rough | Kind::Grid)
            || kind.is_container()
        {
            return None;
        }
        let existing = self.assignable(kind);
        let is_new = existing.is_empty() || self.random.percent(50);
        let (name, construct) = if is_new {
            (self.fresh("w"), "walrus onto a new name")
        } else {
            let name = self.random.pick(&existing).clone();
            let is_state = self.variables.iter().any(|known| known.name == name && known.origin == Origin::State);
            (name, if is_state { "walrus onto a state" } else { "walrus onto a name" })
        };
        if !self.is_enabled(construct) {
            return None;
        }
        let value = self.expression(kind, depth)?;
        if is_new {
            self.bind(&name, kind, Origin::Local);
            if let Some(variable) = self.variables.last_mut() {
                // Nothing may assign it another type, since operands may be skipped.
                variable.block = usize::MAX;
                variable.may_be_unbound = true;
            }
        }
        let pieces = vec![Piece::Text(format!("{name} := ")), Piece::Hole(value, 2)];
        let construct = self.table.id(construct);
        Some(Expression { construct, kind, precedence: 0, pieces, conversion: None, pinned: is_new })
    }

    /// A variable or literal of a kind.
    fn leaf(&mut self, kind: Kind) -> Option<Expression> {
        if self.random.percent(75)
            && let Some(read) = self.variable(kind)
        {
            return Some(read);
        }
        match kind {
            Kind::Int => Some(self.int_literal()),
            Kind::Float => Some(self.float_literal()),
            Kind::Bool if self.random.percent(40) => self.flag(),
            Kind::Bool => self.variable(kind).or_else(|| Some(self.bool_literal())),
            _ => match self.variable(kind) {
                Some(read) => Some(read),
                None => self.simplest(kind),
            },
        }
    }

    /// What makes a value of a kind out of literals and scalars.
    fn simplest(&mut self, kind: Kind) -> Option<Expression> {
        let names: &[&str] = match kind {
            Kind::Delta => &["timedelta(seconds=)", "timedelta(days, ...)", "timedelta(weeks=)"],
            Kind::Time => &["datetime(...)"],
            Kind::Triple => &["tuple of ints"],
            Kind::Pair => &["tuple of int and float"],
            Kind::Nested => &["nested tuple"],
            Kind::OptionalInt => &["int if bool else None"],
            Kind::OptionalFloat => &["None if bool else float"],
            Kind::Side => &["enum member", "other enum member"],
            Kind::Level => &["int enum member", "other int enum member"],
            Kind::Flag => &["flag"],
            Kind::Flags => &["EnumSet of flags"],
            Kind::Mode => &["member of the host", "other member of the host"],
            Kind::Mark => &["flag of the host"],
            Kind::Marks => &["EnumSet of the host"],
            Kind::Point => &["Point(...)"],
            Kind::Trade => &["Trade(...)"],
            Kind::Grid => &[],
            Kind::Rough => &["math.sin", "math.exp", "math.log", "float ** float"],
            Kind::Ints => &["list of ints", "list of one int"],
            Kind::Floats
            | Kind::Bools
            | Kind::IntDict
            | Kind::FloatDict
            | Kind::Points
            | Kind::Modes
            | Kind::MarkSets
            | Kind::SideDict
            | Kind::Numbers
            | Kind::NumberDict => {
                let id = self.table.id(kind.display()?);
                return if self.enabled[id] { self.construct(id, 0) } else { None };
            }
            Kind::Int | Kind::Float | Kind::Bool | Kind::Number => &[],
        };
        let name = names.get(self.random.below(names.len()))?;
        let id = self.table.id(name);
        if self.enabled[id] { self.construct(id, 0) } else { None }
    }

    /// A read of a variable of a kind, where there is one.
    fn variable(&mut self, kind: Kind) -> Option<Expression> {
        let unbound = self.is_enabled("read of a local that may be unbound");
        let weights: Vec<u32> = self
            .variables
            .iter()
            .map(|variable| match variable.kind == kind {
                false => 0,
                true if variable.may_be_unbound => u32::from(unbound),
                true => 6,
            })
            .collect();
        let index = self.random.weighted(&weights)?;
        Some(self.read(index))
    }

    fn read(&self, index: usize) -> Expression {
        let variable = &self.variables[index];
        let construct = match variable.origin {
            Origin::Input => "read of an input",
            Origin::Constant => "read of a constant",
            Origin::State => "read of a state",
            _ if variable.may_be_unbound => "read of a local that may be unbound",
            Origin::Local | Origin::Counter => "read of a local",
        };
        self.part(construct, variable.kind, ATOM, variable.name.clone())
    }

    /// An int or float that the compiler cannot know: an input, a state, a helper's parameter.
    fn runtime_variable(&mut self, kind: Kind) -> Option<Expression> {
        let in_helper = matches!(self.scope, Scope::Helper(_));
        let fits = |variable: &Variable| {
            let is_parameter = in_helper && variable.name.starts_with('p');
            variable.kind == kind && (is_parameter || matches!(variable.origin, Origin::Input | Origin::State))
        };
        let found: Vec<usize> = (0..self.variables.len()).filter(|index| fits(&self.variables[*index])).collect();
        if found.is_empty() {
            return None;
        }
        let index = *self.random.pick(&found);
        let mut read = self.read(index);
        read.pinned = true;
        Some(read)
    }

    /// A struct of a host: an input or a state.
    pub(crate) fn place(&mut self, kind: Kind) -> Option<Expression> {
        let is_place = |variable: &Variable| {
            variable.kind == kind
                && matches!(variable.origin, Origin::Input | Origin::State)
                && !variable.may_be_unbound
        };
        let found: Vec<usize> = (0..self.variables.len()).filter(|index| is_place(&self.variables[*index])).collect();
        if found.is_empty() {
            return None;
        }
        let index = *self.random.pick(&found);
        let mut read = self.read(index);
        read.pinned = true;
        Some(read)
    }

    /// A trade that is no place: a constructor's or a local.
    fn copy_of_a_struct(&mut self, depth: usize) -> Option<Expression> {
        let fits = |variable: &Variable| {
            variable.kind == Kind::Trade && variable.origin == Origin::Local && !variable.may_be_unbound
        };
        let found: Vec<usize> = (0..self.variables.len()).filter(|index| fits(&self.variables[*index])).collect();
        let mut made = if found.is_empty() || self.random.percent(30) {
            let id = self.table.id("Trade(...)");
            if self.enabled[id] { self.construct(id, depth.saturating_sub(1))? } else { return None }
        } else {
            let index = *self.random.pick(&found);
            self.read(index)
        };
        made.pinned = true;
        Some(made)
    }

    /// A flag of an input.
    fn flag(&mut self) -> Option<Expression> {
        let inputs: Vec<String> = self
            .variables
            .iter()
            .filter(|variable| variable.origin == Origin::Input && variable.name.starts_with('x'))
            .map(|variable| variable.name.clone())
            .collect();
        if inputs.is_empty() || self.scope != Scope::Node {
            return Some(self.bool_literal());
        }
        let name = self.random.pick(&inputs).clone();
        let (construct, text) = match self.random.below(5) {
            0 | 1 => ("ticked()", format!("{name}.ticked()")),
            2 | 3 => ("valid()", format!("{name}.valid()")),
            _ => ("ticked array", "input_ticked[0] != 0".to_owned()),
        };
        let precedence = if construct == "ticked array" { 6 } else { ATOM };
        Some(if self.is_enabled(construct) {
            self.part(construct, Kind::Bool, precedence, text)
        } else {
            self.bool_literal()
        })
    }

    fn bool_literal(&mut self) -> Expression {
        let text = if self.random.percent(50) { "True" } else { "False" };
        self.part("bool literal", Kind::Bool, ATOM, text.to_owned())
    }

    fn int_literal(&mut self) -> Expression {
        let value = values::int_literal(&mut self.random);
        let precedence = if value < 0 { 13 } else { ATOM };
        let (name, text) = if value == i64::MIN {
            ("large int literal", "-9223372036854775807 - 1".to_owned())
        } else if (-100..=100).contains(&value) {
            ("small int literal", value.to_string())
        } else if value > 0 && self.random.percent(25) {
            ("hexadecimal literal", format!("{value:#x}"))
        } else {
            ("large int literal", value.to_string())
        };
        self.part(name, Kind::Int, if value == i64::MIN { 11 } else { precedence }, text)
    }

    fn float_literal(&mut self) -> Expression {
        let value = values::float_literal(&mut self.random);
        let precedence = if value.is_sign_negative() { 13 } else { ATOM };
        let is_extreme = value != 0.0 && !(1e-6..1e9).contains(&value.abs());
        let name = if is_extreme { "extreme float literal" } else { "float literal" };
        self.part(name, Kind::Float, precedence, format!("{value:?}"))
    }

    /// An int from -8 to 8.
    fn bounded(&mut self, depth: usize) -> Option<Expression> {
        let (text, precedence) = match self.random.below(4) {
            0 => return Some(self.int_literal_within(8)),
            1 => ("{i12} % {P13}", 12),
            2 => ("-({i12} % {P13})", 13),
            _ => ("({i9} & 7) - {P12}", 11),
        };
        let pieces = self.template(text, depth.saturating_sub(1))?;
        let construct = self.table.id("bounded int");
        Some(Expression { construct, kind: Kind::Int, precedence, pieces, conversion: None, pinned: true })
    }

    fn int_literal_within(&mut self, limit: usize) -> Expression {
        let value = self.random.below(limit + 1);
        let negative = self.random.percent(25);
        let text = if negative { format!("-{value}") } else { value.to_string() };
        let mut literal = self.part("small int literal", Kind::Int, if negative { 13 } else { ATOM }, text);
        literal.pinned = true;
        literal
    }

    /// An int from 0 to 70.
    fn shift_count(&mut self, depth: usize) -> Option<Expression> {
        let text = match self.random.below(3) {
            0 => {
                let count = self.random.below(71).to_string();
                return Some(self.part("small int literal", Kind::Int, ATOM, count));
            }
            1 => "{i9} & 63",
            _ => "{i12} % 70",
        };
        let precedence = if text.contains('&') { 9 } else { 12 };
        let pieces = self.template(text, depth.saturating_sub(1))?;
        let construct = self.table.id("shift count");
        Some(Expression { construct, kind: Kind::Int, precedence, pieces, conversion: None, pinned: true })
    }

    /// A statement of one line.
    pub(crate) fn line(&mut self, construct: ConstructId, text: &str) -> Option<Statement> {
        let depth = self.random.between(1, self.largest_depth);
        let header = self.template(text, depth)?;
        let clauses = vec![Clause { header, body: None, optional: false }];
        Some(Statement { construct, clauses, pinned: false, oracle_only: false })
    }

    /// A clause with a block, which a closure makes; the names it bound come with it.
    pub(crate) fn clause(
        &mut self,
        text: &str,
        make: impl FnOnce(&mut Self) -> Vec<Statement>,
    ) -> Option<(Clause, Vec<Variable>)> {
        let depth = self.random.between(1, self.largest_depth.min(2));
        let header = self.template(text, depth)?;
        let (body, bound) = self.in_block(make);
        Some((Clause { header, body: Some(body), optional: false }, bound))
    }

    /// A block of statements.
    pub(crate) fn block(&mut self, most: usize) -> Vec<Statement> {
        let count = self.random.between(1, most.max(1));
        let mut block = Vec::new();
        for _ in 0..count {
            if self.statements_left == 0 || ends(&block) {
                break;
            }
            self.statements_left -= 1;
            block.extend(self.statement().unwrap_or_default());
        }
        block
    }

    /// A random statement.
    fn statement(&mut self) -> Option<Vec<Statement>> {
        for _ in 0..8 {
            let choices = self.table.statements();
            let weights: Vec<u32> =
                choices.iter().map(|id| if self.enabled[*id] { self.table.get(*id).weight } else { 0 }).collect();
            let id = choices[self.random.weighted(&weights)?];
            let Form::Statement(builder) = self.table.get(id).form else { continue };
            let (variables, blocks) = (self.variables.clone(), self.blocks.clone());
            let (loops, tries, left) = (self.loop_depth, self.try_depth, self.loops_left);
            if let Some(statements) = builder(self, id) {
                return Some(statements);
            }
            // What a builder did before it gave up is undone.
            (self.variables, self.blocks) = (variables, blocks);
            (self.loop_depth, self.try_depth, self.loops_left) = (loops, tries, left);
        }
        None
    }

    /// Makes something in which no name may be bound by a walrus.
    pub(crate) fn without_walrus<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.walrus_allowed, false);
        let made = make(self);
        self.walrus_allowed = before;
        made
    }
}

/// Whether nothing after a block is reached.
pub(crate) fn ends(block: &[Statement]) -> bool {
    let Some(last) = block.iter().rev().find(|statement| !statement.oracle_only) else { return false };
    let leaves = |clause: &Clause| match clause.header.first() {
        Some(Piece::Text(text)) => {
            ["return", "raise", "break", "continue"].iter().any(|word| text.trim_end().split(' ').next() == Some(word))
        }
        _ => false,
    };
    let header_is = |clause: &Clause, word: &str| matches!(clause.header.first(), Some(Piece::Text(text)) if text.starts_with(word));
    let body_ends = |clause: &Clause| clause.body.as_deref().is_some_and(ends);
    let Some((first, rest)) = last.clauses.split_first() else { return false };
    if first.body.is_none() {
        return leaves(first);
    }
    let last_is = |word: &str| last.clauses.last().is_some_and(|clause| header_is(clause, word));
    if header_is(first, "if ") {
        last_is("else") && last.clauses.iter().all(body_ends)
    } else if header_is(first, "match ") {
        // The last case takes everything.
        first.body.iter().flatten().all(|case| case.clauses.iter().all(body_ends))
    } else if header_is(first, "try") {
        let finally = last_is("finally") && last.clauses.last().is_some_and(body_ends);
        let mut handlers = rest.iter().filter(|clause| header_is(clause, "except"));
        let otherwise = rest.iter().any(|clause| header_is(clause, "else") && body_ends(clause));
        finally || (body_ends(first) || otherwise) && handlers.all(body_ends)
    } else {
        false
    }
}
