//! Whole programs of a seed, and the smallest program of a construct.

use crate::calls::{self, Plain};
use crate::constructs::{Form, Table};
use crate::generator::{Generator, Origin, Scope};
use crate::kind::Kind;
use crate::numbers;
use crate::random::Random;
use crate::tree::{Cell, Clause, ConstructId, Function, NODE, Piece, Program, Statement, Tick};
use crate::values;

/// What stands before a node that uses it: the name, the construct, the text.
const MODULE: &[(&str, &str, &str)] = &[
    ("math", "", "import math"),
    ("root", "import from math", "from math import sqrt as root"),
    ("LIMIT", "module constant", "LIMIT = 40"),
    ("SCALE", "module constant", "SCALE = -0.75"),
    ("OFFSET", "module constant of others", "OFFSET = LIMIT * 2 - 3"),
    ("TABLE", "module tuple constant", "TABLE = (3, -1, LIMIT)"),
    ("PERIOD", "module time constant", "PERIOD = timedelta(minutes=5)"),
    ("EPOCH", "module time constant", "EPOCH = datetime(2000, 1, 1, tzinfo=timezone.utc)"),
    ("WEIGHTS", "module list constant", "WEIGHTS = [3, -1, 4, 1]"),
    ("CODES", "module dict constant", "CODES = {1: 10, -2: 20, 5: 0}"),
    ("Side", "class of Enum", "from enum import Enum\nclass Side(Enum):\n    BUY = 1\n    SELL = -1\n"),
    ("Level", "class of IntEnum", "from enum import IntEnum\nclass Level(IntEnum):\n    LOW = 1\n    HIGH = 10\n"),
    (
        "Flag",
        "class of Enum of flags",
        "from enum import Enum\nclass Flag(Enum):\n    A = 0\n    B = 5\n    C = 63\n    D = 64\n    E = 127\n",
    ),
    ("USUAL", "module set constant", "USUAL = EnumSet(Flag.B, Flag.E)"),
];

/// Helpers that take any types that their body takes.
const HELPERS: &[(&str, &str, &str)] = &[
    ("mixed", "helper with defaults", "def mixed(a, b=3):\n    return a * 2 + b\n"),
    ("rotated", "helper", "def rotated(t):\n    return (t[1], t[2], t[0])\n"),
    ("nested", "helper with defaults", "def nested(a, *, scale=2):\n    return mixed(a, scale) - scale\n"),
    // It is called in loops over what it appends to.
    (
        "pushed",
        "helper of several statements",
        "def pushed(xs, v):\n    if len(xs) < 24:\n        xs.append(v)\n    return len(xs)\n",
    ),
    (
        "totaled",
        "helper of several statements",
        "def totaled(xs):\n    t = 0\n    for x in xs:\n        t += x\n    return t\n",
    ),
    ("middle", "helper", "def middle(s):\n    return s.price + s.point.x * 2\n"),
    ("raised", "helper", "def raised(s, v):\n    s.total += 3\n    s.price = v\n    return s.price\n"),
    ("moved", "helper", "def moved(s):\n    s.point.mode = Mode.HALT\n    return s.point\n"),
    ("bumped", "helper", "def bumped(p, v):\n    p.x += v\n    return p.x\n"),
    ("echoed", "helper", "def echoed(s):\n    return s\n"),
    (
        "filled",
        "helper of several statements",
        "def filled(g, v):\n    g.cells[0] = v\n    g.corner.x = g.rates[1]\n    return sum(g.cells)\n",
    ),
    ("counted", "helper", "def counted(d, k):\n    d[k] = d.get(k, 0) + 1\n    return d[k]\n"),
    (
        "between",
        "helper of several statements",
        "def between(x, low, high):\n    if x < low:\n        return False\n    return x <= high\n",
    ),
];

/// Helpers whose bodies are generated: name, parameters, result.
const GENERATED: &[(&str, &[Kind], Kind)] = &[
    ("helper_int", &[Kind::Int, Kind::Float], Kind::Int),
    ("helper_float", &[Kind::Float, Kind::Bool, Kind::Int], Kind::Float),
];

/// Of how many seeds one gives a plain function: the multiples of it.
pub const PLAIN: u64 = 4;

/// The program of a seed, made of the constructs that are enabled: a node, and one of four times a plain function.
pub fn generate(table: &Table, enabled: &[bool], seed: u64) -> Program {
    if seed.is_multiple_of(PLAIN) {
        calls::generate(table, enabled, seed)
    } else {
        node(table, &numbers::without(table, enabled), seed)
    }
}

/// A node.
fn node(table: &Table, enabled: &[bool], seed: u64) -> Program {
    let mut random = Random::new(seed);
    let mut program = declarations(table, enabled, &mut random);
    let statements = random.between(2, 18);
    let mut generator = node_generator(table, enabled, random.clone(), &program);
    generator.statements_left = statements;
    while generator.statements_left > 0 && !crate::generator::ends(&program.body) {
        let made = generator.block(4);
        program.body.extend(made);
    }
    if !crate::generator::ends(&program.body) && generator.random.percent(85) {
        program.body.extend(last_line(&mut generator));
    }
    random = generator.random;
    if random.percent(10) && enabled[table.id("docstring")] {
        let header = vec![Piece::Text("\"\"\"What it does.\"\"\"".to_owned())];
        let clauses = vec![Clause { header, body: None, optional: false }];
        let construct = table.id("docstring");
        program.body.insert(0, Statement { construct, clauses, pinned: false, oracle_only: false });
    }
    lifecycle(table, enabled, &mut random, &mut program);
    surroundings(table, enabled, &mut random, &mut program);
    program.ticks = ticks(&mut random, &program.inputs);
    program
}

/// Parts that are chosen on their own, each only where the compiler takes it.
pub(crate) const OPTIONAL_PARTS: &[&str] = &[
    "read of a local that may be unbound",
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

/// Constructs that values of a kind are made of, so that there are some.
const BASES: &[&str] = &[
    "tuple of ints",
    "tuple of int and float",
    "nested tuple",
    "int if bool else None",
    "None if bool else float",
    "enum member",
    "int enum member",
    "flag",
    "EnumSet of flags",
    "timedelta(seconds=)",
    "datetime(...)",
    "math.sin",
    "list of ints",
    "list of floats",
    "list of bools",
    "dict of ints",
    "dict of floats",
    "member of the host",
    "flag of the host",
    "EnumSet of the host",
    "Point(...)",
    "Trade(...)",
    "list of points",
    "list of members",
    "list of sets",
    "dict of members",
    "list of numbers",
    "dict of numbers",
    "if",
];

/// The smallest programs that use an expression or a statement.
pub fn probes(table: &Table, construct: ConstructId) -> Vec<Program> {
    let mut enabled: Vec<bool> = table.constructs().iter().map(|entry| matches!(entry.form, Form::Part)).collect();
    for name in OPTIONAL_PARTS {
        enabled[table.id(name)] = false;
    }
    for name in BASES {
        enabled[table.id(name)] = true;
    }
    enabled[construct] = true;
    let tries = (0..60).map(|seed| probe(table, &enabled, construct, seed));
    tries.filter(|program| uses(program, construct)).take(3).collect()
}

/// Programs that use a part, made of what the compiler takes.
pub(crate) fn part_probes(table: &Table, enabled: &[bool], construct: ConstructId) -> Vec<Program> {
    let enabled = &numbers::without(table, enabled);
    let tries = (0..3000).map(|seed| node(table, enabled, seed));
    tries.filter(|program| uses(program, construct)).take(4).collect()
}

/// A node whose state is 0 but for what a start or stop body assigns.
pub(crate) fn lifecycle_probe(table: &Table, construct: ConstructId) -> Program {
    let mut program = declarations(table, &vec![false; table.constructs().len()], &mut Random::new(0));
    program.states = vec![(cell("s1".to_owned(), Kind::Int), "0".to_owned())];
    let phase = if construct == table.id("start body") { "start" } else { "stop" };
    let header = format!("@{NODE}.{phase}\ndef at_{phase}():\n    s1 = 7\n");
    program.lifecycle.push(Function { construct, header, body: Vec::new() });
    program
}

fn uses(program: &Program, construct: ConstructId) -> bool {
    let mut found = false;
    program.visit(&mut |id| found |= id == construct);
    found
}

/// The names of what stands before a node, with their parts.
pub(crate) fn surrounding_words() -> impl Iterator<Item = (&'static str, &'static str)> {
    let generated = GENERATED.iter().map(|(name, _, _)| (*name, "helper of several statements"));
    let fixed = MODULE.iter().chain(HELPERS).map(|(name, part, _)| (*name, *part));
    fixed.chain(generated).filter(|(_, part)| !part.is_empty())
}

fn probe(table: &Table, enabled: &[bool], construct: ConstructId, seed: u64) -> Program {
    let mut random = Random::new(seed);
    let mut program = match table.get(construct).form {
        Form::Part => return node(table, enabled, seed),
        _ if numbers::has(table.get(construct).name) => return calls::probe(table, enabled, construct, seed),
        Form::Statement(_) | Form::Expression { .. } => declarations(table, enabled, &mut random),
    };
    program.inputs = Kind::CELLS.iter().map(|kind| cell(format!("x{}", kind.letter()), *kind)).collect();
    if table.get(construct).name == "trades change places" {
        program.states.extend(["s6", "s7"].map(|name| (cell(name.to_owned(), Kind::Trade), "None".to_owned())));
        program.states.extend(["s61", "s71"].map(|name| (cell(name.to_owned(), Kind::Point), "None".to_owned())));
    }
    if table.get(construct).name == "list moved into a state" {
        program.states.push((cell("s8".to_owned(), Kind::Ints), "[]".to_owned()));
    }
    let mut generator = node_generator(table, enabled, random, &program);
    generator.largest_depth = 1;
    generator.statements_left = 0;
    let made = match table.get(construct).form {
        Form::Statement(builder) => {
            // Something in scope that it can work on.
            let uses = table.get(construct).name;
            for (name, kind, fits) in [
                ("v_o", Kind::OptionalInt, uses.contains("optional")),
                ("v_p", Kind::Triple, uses.contains("tuple")),
                ("v_s", Kind::Flags, uses.starts_with("set.") || uses.starts_with("set ")),
                ("v_w", Kind::Marks, uses.starts_with("host set")),
            ] {
                if fits {
                    let line = generator.line(table.id("local = int"), &format!("{name} = {{{}}}", kind.letter()));
                    program.body.extend(line);
                    generator.bind(name, kind, Origin::Local);
                }
            }
            if table.get(construct).name == "assign to a local" || table.get(construct).name == "change of type" {
                program.body.extend(generator.line(table.id("local = int"), "v_i = {i}"));
                generator.bind("v_i", Kind::Int, Origin::Local);
            }
            generator.loop_depth = 1;
            if matches!(table.get(construct).name, "break" | "continue") {
                let body = builder(&mut generator, construct).unwrap_or_default();
                let header = vec![Piece::Text("for i in range(3):".to_owned())];
                let clauses = vec![Clause { header, body: Some(body), optional: false }];
                Some(vec![Statement { construct, clauses, pinned: false, oracle_only: false }])
            } else {
                generator.loop_depth = 0;
                builder(&mut generator, construct)
            }
        }
        Form::Expression { .. } => generator.construct(construct, 0).map(|expression| {
            let text = match (program.outputs.as_slice(), expression.kind) {
                ([Cell { rough: true, name, .. }, ..], Kind::Rough) if name.is_empty() => "return ",
                _ => "v = ",
            };
            let hole = Piece::Hole(expression, 2);
            let header = vec![Piece::Text(text.to_owned()), hole];
            let clauses = vec![Clause { header, body: None, optional: false }];
            vec![Statement { construct, clauses, pinned: false, oracle_only: false }]
        }),
        Form::Part => None,
    };
    program.body.extend(made.unwrap_or_default());
    if !crate::generator::ends(&program.body) {
        // What is bound is read, or its type would not matter.
        for variable in generator.variables.clone() {
            if variable.origin == Origin::Local && !variable.may_be_unbound {
                program.body.extend(generator.line(construct, &format!("seen = {}", variable.name)));
            }
        }
        program.body.extend(last_line(&mut generator));
    }
    let mut random = generator.random;
    surroundings(table, enabled, &mut random, &mut program);
    program.ticks = ticks(&mut random, &program.inputs);
    program
}

fn cell(name: String, kind: Kind) -> Cell {
    Cell { name, kind, value: Vec::new(), rough: false }
}

/// Chooses kinds of cells, and remembers the constructs that they are.
struct Cells<'t> {
    table: &'t Table,
    enabled: &'t [bool],
    declared: Vec<ConstructId>,
}

impl Cells<'_> {
    /// Whether a part is chosen, so many times of a hundred.
    fn declare(&mut self, random: &mut Random, name: &str, chance: usize) -> bool {
        let id = self.table.id(name);
        let chosen = self.enabled[id] && random.percent(chance);
        if chosen {
            self.declared.push(id);
        }
        chosen
    }

    /// The kind of an input, an output or a state.
    fn kind(&mut self, random: &mut Random) -> Kind {
        if self.declare(random, "cell of a struct", 18) {
            return *random.pick(&[Kind::Trade, Kind::Trade, Kind::Point, Kind::Grid]);
        }
        self.plain_kind(random)
    }

    /// The kind of a constant too.
    fn plain_kind(&mut self, random: &mut Random) -> Kind {
        if self.declare(random, "cell of an enum", 12) {
            return *random.pick(&Kind::ENUMERATIONS);
        }
        if self.declare(random, "cell of a set", 10) {
            return *random.pick(&Kind::SETS);
        }
        *random.pick(&[Kind::Int, Kind::Int, Kind::Int, Kind::Float, Kind::Float, Kind::Bool, Kind::Delta, Kind::Time])
    }
}

/// The text of a state's initial value, for a number up to 99.
fn initial(kind: Kind, number: usize) -> Option<&'static str> {
    let texts: &[&str] = match kind {
        Kind::Bool => &["True", "False"],
        Kind::Side => &["Side.BUY", "Side.SELL"],
        Kind::Level => &["Level.LOW", "Level.HIGH"],
        Kind::Mode => &["Mode.RUN", "Mode.HALT"],
        Kind::Flag => &["Flag.A", "Flag.E"],
        Kind::Flags => &["EnumSet(Flag)", "EnumSet(Flag.B, Flag.D)", "USUAL"],
        Kind::Marks => &["EnumSet[Mark]()", "EnumSet[Mark](Mark.P, Mark.S)"],
        Kind::Point => &["Point(x=1.5, n=-2)", "None", "Point(0.25, 7, 3, Mode.HALT)"],
        Kind::Trade => &[
            "None",
            "Trade(price=2.5, size=3, mode=Mode.RUN, hidden=True, total=9, at=datetime(2021, 3, 4, tzinfo=timezone.utc), \
             span=timedelta(seconds=5), marks=EnumSet(Mark.Q), point=Point(0.5, 1))",
        ],
        Kind::Grid => &["None"],
        _ => return None,
    };
    texts.get(number % texts.len()).copied()
}

/// Containers with the texts of what states of them begin with.
type Containers = &'static [(Kind, &'static [&'static str])];

const LIST_STATES: Containers = &[
    (Kind::Ints, &["[1, -2, 3]", "create_new_list(int)", "[]"]),
    (Kind::Floats, &["[0.5]", "create_new_list(float)"]),
    (Kind::Bools, &["[True, False]", "[]"]),
    (Kind::Points, &["[Point(1.5, 2), Point(-0.5, 3, 4, Mode.HALT)]", "[]"]),
    (Kind::Modes, &["[Mode.RUN, Mode.IDLE]", "[]"]),
    (Kind::MarkSets, &["[EnumSet(Mark.P, Mark.R)]", "[]"]),
];

const DICT_STATES: Containers = &[
    (Kind::IntDict, &["{3: 1, -1: 2}", "create_new_dict(int, int)", "{}"]),
    (Kind::FloatDict, &["{0: 0.5}", "create_new_dict(int, float)"]),
    (Kind::SideDict, &["{Side.BUY: 3}", "{}"]),
];

/// One of several containers, of those whose displays are taken.
fn container(
    table: &Table,
    enabled: &[bool],
    random: &mut Random,
    choices: Containers,
) -> (Kind, &'static [&'static str]) {
    let is_taken = |kind: Kind| kind.display().is_some_and(|name| enabled[table.id(name)]);
    let taken: Vec<_> = choices.iter().copied().filter(|(kind, _)| is_taken(*kind)).collect();
    if taken.is_empty() { choices[0] } else { *random.pick(&taken) }
}

/// Inputs, constants, outputs, states and options.
fn declarations(table: &Table, enabled: &[bool], random: &mut Random) -> Program {
    let mut inputs = vec![cell("x1".to_owned(), *random.pick(&[Kind::Int, Kind::Float]))];
    let mut cells = Cells { table, enabled, declared: Vec::new() };
    for index in 2..=random.between(1, 4) {
        inputs.push(cell(format!("x{index}"), cells.kind(random)));
    }
    let constants: Vec<Cell> = (1..=random.below(3))
        .map(|index| {
            let kind = cells.plain_kind(random);
            let value = values::constant(random, kind);
            Cell { name: format!("k{index}"), kind, value, rough: false }
        })
        .collect();
    let mut outputs = Vec::new();
    let returns = if random.percent(45) {
        let rough = random.percent(25);
        let kind = if rough { Kind::Float } else { cells.kind(random) };
        outputs.push(Cell { rough, ..cell(String::new(), kind) });
        format!("Signal[{}]", kind.name())
    } else {
        let mut entries = Vec::new();
        for index in 1..=random.between(2, 4) {
            let rough = random.percent(20);
            let kind = if rough { Kind::Float } else { cells.kind(random) };
            outputs.push(Cell { rough, ..cell(format!("o{index}"), kind) });
            entries.push(format!("'o{index}': {}", kind.name()));
        }
        format!("Annotated[Outputs, {{{}}}]", entries.join(", "))
    };
    let mut states: Vec<(Cell, String)> = Vec::new();
    for index in 1..=random.between(1, 5) {
        let kind = if index == 1 { Kind::Int } else { cells.kind(random) };
        let negative = cells.declare(random, "negative initial state", 20);
        let expression = !negative && cells.declare(random, "expression as initial state", 10);
        let number = random.below(100);
        let text = match kind {
            _ if initial(kind, number).is_some() => initial(kind, number).unwrap_or_default().to_owned(),
            Kind::Float if expression => format!("{number} / 8 - 1.5"),
            Kind::Float => format!("{}{number}.25", if negative { "-" } else { "" }),
            Kind::Delta => format!("timedelta(seconds={number})"),
            Kind::Time => format!("datetime(2021, 3, {}, tzinfo=timezone.utc)", number % 28 + 1),
            _ if expression => format!("{number} * 3 - 2 ** 7"),
            _ => format!("{}{number}", if negative { "-" } else { "" }),
        };
        states.push((cell(format!("s{index}"), kind), text));
    }
    if cells.declare(random, "list state", 35) {
        let (kind, texts) = container(table, enabled, random, LIST_STATES);
        states.push((cell("s8".to_owned(), kind), (*random.pick(texts)).to_owned()));
    }
    if cells.declare(random, "dict state", 30) {
        let (kind, texts) = container(table, enabled, random, DICT_STATES);
        states.push((cell("s9".to_owned(), kind), (*random.pick(texts)).to_owned()));
    }
    let two = cells.declare(random, "two decorators", 6);
    let text_annotations = cells.declare(random, "text annotations", 6);
    let keyword_only = !constants.is_empty() && cells.declare(random, "keyword-only constant", 8);
    Program {
        module: Vec::new(),
        helpers: Vec::new(),
        lifecycle: Vec::new(),
        inputs,
        constants,
        outputs,
        states,
        returns,
        decorators: (if two { "@first\n@node\n" } else { "@node\n" }).to_owned(),
        body: Vec::new(),
        text_annotations,
        keyword_only,
        declared: cells.declared,
        python_errors: random.percent(30),
        checked_integers: random.percent(20),
        ticks: Vec::new(),
        plain: None,
    }
}

fn node_generator<'t>(table: &'t Table, enabled: &'t [bool], random: Random, program: &Program) -> Generator<'t> {
    let mut generator = Generator::new(table, enabled, random);
    for (cells, origin) in [(&program.inputs, Origin::Input), (&program.constants, Origin::Constant)] {
        for cell in cells {
            generator.bind(&cell.name, cell.kind, origin);
        }
    }
    for (state, _) in &program.states {
        generator.bind(&state.name, state.kind, Origin::State);
    }
    generator.outputs.clone_from(&program.outputs);
    generator.largest_depth = generator.random.between(2, 5);
    generator
}

/// A return at the end, where an output can be returned.
fn last_line(generator: &mut Generator<'_>) -> Option<Statement> {
    let hole = |output: &Cell| if output.rough { "{r}".to_owned() } else { format!("{{{}}}", output.kind.letter()) };
    let holes: Vec<String> = generator.outputs.iter().map(hole).collect();
    let rough = generator.outputs.first()?.rough;
    let name = if holes.len() > 1 {
        "return values"
    } else if rough {
        "return of a rough value"
    } else {
        "return value"
    };
    let id = generator.table.id(name);
    let text = if holes.len() > 1 && !generator.enabled[id] {
        String::from("return")
    } else {
        format!("return {}", holes.join(", "))
    };
    generator.line(id, &text)
}

/// Start and stop bodies.
fn lifecycle(table: &Table, enabled: &[bool], random: &mut Random, program: &mut Program) {
    for (part, phase) in [("start body", "start"), ("stop body", "stop")] {
        let construct = table.id(part);
        if !enabled[construct] || !random.percent(12) {
            continue;
        }
        let own = without_generated(table, enabled);
        let mut generator = Generator::new(table, &own, Random::new(random.next()));
        generator.scope = Scope::Lifecycle;
        for constant in &program.constants {
            generator.bind(&constant.name, constant.kind, Origin::Constant);
        }
        for (state, _) in &program.states {
            generator.bind(&state.name, state.kind, Origin::State);
        }
        generator.statements_left = 3;
        let body = generator.block(3);
        let header = format!("@{NODE}.{phase}\ndef at_{phase}():\n");
        if !body.is_empty() {
            program.lifecycle.push(Function { construct, header, body });
        }
    }
}

/// What may not be used in a helper: other generated helpers, of which one might be itself.
fn without_generated(table: &Table, enabled: &[bool]) -> Vec<bool> {
    let mut own = enabled.to_vec();
    for name in ["generated helper of ints", "generated helper of floats", "walrus onto a state"] {
        own[table.id(name)] = false;
    }
    own
}

/// Puts what the program names before it.
pub(crate) fn surroundings(table: &Table, enabled: &[bool], random: &mut Random, program: &mut Program) {
    let text = program.source();
    for (name, parameters, result) in GENERATED {
        if !has_word(&text, name) {
            continue;
        }
        let own = without_generated(table, enabled);
        let mut generator = Generator::new(table, &own, Random::new(random.next()));
        generator.scope = Scope::Helper(*result);
        let names: Vec<String> = (1..=parameters.len()).map(|index| format!("p{index}")).collect();
        for (name, kind) in names.iter().zip(*parameters) {
            generator.bind(name, *kind, Origin::Local);
        }
        generator.statements_left = 4;
        let mut body = generator.block(4);
        if !crate::generator::ends(&body) {
            let id = table.id("return value");
            body.extend(generator.line(id, &format!("return {{{}}}", result.letter())));
        }
        let header = format!("def {name}({}):\n", names.join(", "));
        program.helpers.push(Function { construct: table.id("helper of several statements"), header, body });
    }
    let mut text = program.source();
    text.push_str(&program.plain.as_ref().map_or(String::new(), Plain::type_names));
    let mut fixed = Vec::new();
    // From the last to the first, since later ones use earlier ones.
    for (name, construct, function) in HELPERS.iter().rev() {
        if has_word(&text, name) {
            text.push_str(function);
            let header = (*function).to_owned();
            fixed.insert(0, Function { construct: table.id(construct), header, body: Vec::new() });
        }
    }
    program.helpers.splice(0..0, fixed);
    for (name, construct, line) in MODULE.iter().rev() {
        if has_word(&text, name) {
            text.push_str(line);
            // An import that is nobody's construct counts as that of the literals it stands beside.
            let construct = if construct.is_empty() { table.id("small int literal") } else { table.id(construct) };
            program.module.insert(0, (construct, (*line).to_owned()));
        }
    }
}

/// Whether a name stands in a text.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.match_indices(word).any(|(index, _)| {
        let before = text[..index].chars().next_back();
        let after = text[index + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

fn ticks(random: &mut Random, inputs: &[Cell]) -> Vec<Tick> {
    let mut valid = vec![false; inputs.len()];
    (0..random.between(2, 9))
        .map(|_| {
            let ticked: Vec<bool> = inputs.iter().map(|_| random.percent(70)).collect();
            for (valid, ticked) in valid.iter_mut().zip(&ticked) {
                *valid |= *ticked;
            }
            let values = inputs
                .iter()
                .zip(&ticked)
                .map(|(input, ticked)| ticked.then(|| values::cell(random, input.kind)))
                .collect();
            Tick { values, ticked, valid: valid.clone() }
        })
        .collect()
}
