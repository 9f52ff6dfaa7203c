//! Programs that are plain functions, and the calls of them.

use crate::constructs::{Form, Table};
use crate::generator::{Generator, Origin, Scope};
use crate::kind::Kind;
use crate::numbers;
use crate::program::surroundings;
use crate::random::Random;
use crate::shape::{Ints, Shape};
use crate::tree::{ConstructId, NODE, Program};
use cfunc_compiler::Value;

/// What a program has where it is a plain function.
#[derive(Clone, Debug, PartialEq)]
pub struct Plain {
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// The kind of its result; `None` where it gives none.
    pub result: Option<Kind>,
    /// Whether calls are for given signatures alone.
    pub is_closed: bool,
    /// The calls.
    pub calls: Vec<Call>,
}

/// A parameter of a plain function.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// The kind of what it is given.
    pub kind: Kind,
    /// Whether its annotation is its type.
    pub is_annotated: bool,
    /// The text of its default.
    pub default: Option<&'static str>,
    /// Whether it is given by keyword alone.
    pub keyword_only: bool,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The keyword; `None` where it is given by position.
    pub keyword: Option<String>,
    /// What the function sees it as.
    pub shape: Shape,
    /// What is given.
    pub value: Value,
    /// The argument that is the same container.
    pub same_as: Option<usize>,
    /// Whether ints may be given for floats, and truth values for ints.
    pub is_converted: bool,
}

/// A call of a plain function.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Those by position before those by keyword.
    pub arguments: Vec<Argument>,
    /// What numbers are in this call.
    pub number: Kind,
    /// Whether containers are handed in as they are, rather than as values.
    pub by_handle: bool,
    /// The argument of which an element is none that a call takes.
    pub spoiled: Option<usize>,
}

/// What functions and calls have beside statements and operations.
pub(crate) const PARTS: &[&str] = &[
    "plain function",
    "annotated parameter",
    "parameter with a default",
    "keyword-only parameter",
    "signatures that are given",
    "argument by keyword",
    "default of a parameter",
    "too few arguments",
    "too many arguments",
    "unknown keyword",
    "argument that is given twice",
    "int for a float",
    "list that is empty",
    "container that is handed in",
    "one container for two parameters",
    "element that is not taken",
    "call of ints",
    "call of floats",
    "argument of a scalar",
    "argument of a time",
    "argument of a tuple",
    "argument that may be None",
    "argument of an enum",
    "argument of a set",
    "argument of a struct",
    "argument of a list",
    "argument of a dict",
    "result of a scalar",
    "result of a time",
    "result of a tuple",
    "result that may be None",
    "result of an enum",
    "result of a set",
    "result of a struct",
    "result of a list",
    "result of a dict",
    "no result",
];

/// Kinds with how often each is one of a parameter, and the parts that they are as an argument and as a result.
const KINDS: &[(&[Kind], u32, &str, &str)] = &[
    (&[Kind::Int, Kind::Float, Kind::Bool], 10, "argument of a scalar", "result of a scalar"),
    (&[Kind::Number, Kind::Numbers, Kind::Numbers, Kind::NumberDict], 14, "", ""),
    (&[Kind::Delta, Kind::Time], 4, "argument of a time", "result of a time"),
    (&[Kind::Triple, Kind::Pair, Kind::Nested], 4, "argument of a tuple", "result of a tuple"),
    (&[Kind::OptionalInt, Kind::OptionalFloat], 4, "argument that may be None", "result that may be None"),
    (&[Kind::Side, Kind::Level, Kind::Mode, Kind::Flag], 4, "argument of an enum", "result of an enum"),
    (&[Kind::Flags, Kind::Marks], 3, "argument of a set", "result of a set"),
    (&[Kind::Point, Kind::Trade, Kind::Trade, Kind::Grid], 5, "argument of a struct", "result of a struct"),
    (
        &[Kind::Ints, Kind::Ints, Kind::Floats, Kind::Floats, Kind::Bools, Kind::Points, Kind::Modes, Kind::MarkSets],
        14,
        "argument of a list",
        "result of a list",
    ),
    (&[Kind::IntDict, Kind::FloatDict, Kind::SideDict], 7, "argument of a dict", "result of a dict"),
];

/// The part that a kind is; numbers are scalars, lists and dicts.
fn part_of(kind: Kind, is_result: bool) -> &'static str {
    let like = match kind {
        Kind::Number => Kind::Int,
        Kind::Numbers => Kind::Ints,
        Kind::NumberDict => Kind::IntDict,
        kind => kind,
    };
    let found = KINDS.iter().find(|(kinds, ..)| kinds.contains(&like));
    found.map_or("plain function", |(_, _, argument, result)| if is_result { result } else { argument })
}

/// Makes the declarations, and remembers the constructs that they are.
struct Declarations<'t> {
    table: &'t Table,
    enabled: &'t [bool],
    random: Random,
    declared: Vec<ConstructId>,
}

impl Declarations<'_> {
    fn is_enabled(&self, part: &str) -> bool {
        self.enabled[self.table.id(part)]
    }

    fn note(&mut self, part: &str) {
        self.declared.push(self.table.id(part));
    }

    /// Whether a part is chosen, so many times of a hundred.
    fn declare(&mut self, part: &str, chance: usize) -> bool {
        let chosen = self.is_enabled(part) && self.random.percent(chance);
        if chosen {
            self.note(part);
        }
        chosen
    }

    fn kind(&mut self, is_result: bool) -> Kind {
        let taken = |kind: Kind| {
            let display = kind.display().is_none_or(|display| self.is_enabled(display));
            display && self.is_enabled(part_of(kind, is_result)) && !(is_result && kind == Kind::Grid)
        };
        let weights: Vec<u32> = KINDS
            .iter()
            .map(|(kinds, weight, ..)| if kinds.iter().any(|kind| taken(*kind)) { *weight } else { 0 })
            .collect();
        let group = self.random.clone().weighted(&weights).unwrap_or(0);
        let kinds: Vec<Kind> = KINDS[group].0.iter().copied().filter(|kind| taken(*kind)).collect();
        self.random.next();
        if kinds.is_empty() { Kind::Int } else { *self.random.pick(&kinds) }
    }
}

/// The plain function of a seed, and its calls, made of the constructs that are enabled.
pub(crate) fn generate(table: &Table, enabled: &[bool], seed: u64) -> Program {
    // Not the numbers that the program of a node of the same seed is made of.
    let random = Random::new(Random::new(seed).next());
    let mut made = Declarations { table, enabled, random, declared: Vec::new() };
    let count = made.random.between(1, 4);
    let mut kinds: Vec<Kind> = (0..count).map(|_| made.kind(false)).collect();
    if kinds.iter().any(|kind| Kind::NUMBERS.contains(kind)) && kinds[0] != Kind::Number {
        // A number to make others of.
        kinds.insert(0, Kind::Number);
    }
    let result = if made.declare("no result", 12) { None } else { Some(made.kind(true)) };
    let result = result.map(|kind| match kind {
        kind if Kind::NUMBERS.contains(&kind) && kinds[0] != Kind::Number => Kind::Int,
        kind => kind,
    });
    let statements = made.random.between(1, 12);
    build(made, &kinds, result, statements, None)
}

/// A small function that has a construct of numbers.
pub(crate) fn probe(table: &Table, enabled: &[bool], construct: ConstructId, seed: u64) -> Program {
    let made = Declarations { table, enabled, random: Random::new(seed), declared: Vec::new() };
    let result = match table.get(construct).form {
        Form::Expression { kind, .. } => Kind::of_letter(kind),
        Form::Statement(_) | Form::Part => Some(Kind::Number),
    };
    build(made, &Kind::NUMBERS, result, 0, Some(construct))
}

fn build(
    mut made: Declarations<'_>,
    kinds: &[Kind],
    result: Option<Kind>,
    statements: usize,
    probed: Option<ConstructId>,
) -> Program {
    let (table, is_probe) = (made.table, probed.is_some());
    made.note("plain function");
    if let Some(kind) = result {
        made.note(part_of(kind, true));
    }
    let parameters = if is_probe { bare(kinds) } else { parameters(&mut made, kinds) };
    let has_signature = kinds.iter().all(|kind| Shape::of(*kind, Kind::Int).has_annotation());
    let is_closed = !is_probe && has_signature && made.declare("signatures that are given", 25);
    let mut generator = Generator::new(table, made.enabled, Random::new(made.random.next()));
    generator.scope = result.map_or(Scope::Procedure, Scope::Helper);
    let mut body = Vec::new();
    for parameter in &parameters {
        if is_optional(parameter.kind) {
            // None is of a type of its own, of which nothing else can be asked.
            let id = table.id("optional is None");
            let name = generator.fresh("v");
            if made.enabled[id] {
                body.extend(generator.line(id, &format!("{name} = {} is None", parameter.name)));
                generator.bind(&name, Kind::Bool, Origin::Local);
            }
            continue;
        }
        let origin = if parameter.default.is_some() { Origin::Constant } else { Origin::Input };
        generator.bind(&parameter.name, parameter.kind, origin);
    }
    generator.largest_depth = if is_probe { 1 } else { generator.random.between(2, 4) };
    generator.statements_left = statements;
    while generator.statements_left > 0 && !crate::generator::ends(&body) {
        let more = generator.block(4);
        body.extend(more);
    }
    match probed.map(|construct| (construct, table.get(construct).form)) {
        Some((construct, Form::Statement(builder))) => {
            body.extend(builder(&mut generator, construct).unwrap_or_default());
        }
        Some((construct, Form::Expression { .. })) => {
            if let Some(expression) = generator.construct(construct, 0) {
                let header =
                    vec![crate::tree::Piece::Text("return ".to_owned()), crate::tree::Piece::Hole(expression, 2)];
                let clauses = vec![crate::tree::Clause { header, body: None, optional: false }];
                body.push(crate::tree::Statement { construct, clauses, pinned: false, oracle_only: false });
            }
        }
        _ => {}
    }
    if !crate::generator::ends(&body) {
        let line = match result {
            Some(kind) => generator.line(table.id("return value"), &format!("return {{{}}}", kind.letter())),
            None => generator.line(table.id("pass"), "pass"),
        };
        // The shrinker takes other statements away; what the function gives stays.
        body.extend(line.map(|line| crate::tree::Statement { pinned: true, ..line }));
    }
    let calls = if is_probe { 1 } else { made.random.between(2, 5) };
    let plain = Plain { parameters, result, is_closed, calls: Vec::new() };
    let calls = (0..calls).map(|index| call(&mut made, &plain, index, is_probe)).collect();
    let mut program = Program {
        module: Vec::new(),
        helpers: Vec::new(),
        lifecycle: Vec::new(),
        inputs: Vec::new(),
        constants: Vec::new(),
        outputs: Vec::new(),
        states: Vec::new(),
        returns: String::new(),
        decorators: String::new(),
        body,
        text_annotations: false,
        keyword_only: false,
        declared: made.declared,
        python_errors: made.random.percent(30),
        checked_integers: made.random.percent(20),
        ticks: Vec::new(),
        plain: Some(Plain { calls, ..plain }),
    };
    let without = numbers::without(table, made.enabled);
    surroundings(table, &without, &mut made.random, &mut program);
    program
}

const fn is_optional(kind: Kind) -> bool {
    matches!(kind, Kind::OptionalInt | Kind::OptionalFloat)
}

/// Parameters with nothing but their names.
fn bare(kinds: &[Kind]) -> Vec<Parameter> {
    let parameter = |(index, kind): (usize, &Kind)| Parameter {
        name: format!("p{}", index + 1),
        kind: *kind,
        is_annotated: false,
        default: None,
        keyword_only: false,
    };
    kinds.iter().enumerate().map(parameter).collect()
}

fn parameters(made: &mut Declarations<'_>, kinds: &[Kind]) -> Vec<Parameter> {
    let mut parameters = bare(kinds);
    for parameter in &mut parameters {
        made.note(part_of(parameter.kind, false));
        let kind = parameter.kind;
        let can_be = !kind.is_struct() && !Kind::NUMBERS.contains(&kind) && Shape::of(kind, Kind::Int).has_annotation();
        parameter.is_annotated = can_be && made.declare("annotated parameter", 25);
    }
    let texts: &[(Kind, &[&'static str])] =
        &[(Kind::Int, &["3", "-1", "0"]), (Kind::Float, &["1.5", "-0.25"]), (Kind::Bool, &["True", "False"])];
    // From the last, since none without a default may follow.
    for parameter in parameters.iter_mut().skip(1).rev() {
        let Some((_, texts)) = texts.iter().find(|(kind, _)| *kind == parameter.kind) else { break };
        if !made.declare("parameter with a default", 45) {
            break;
        }
        parameter.default = Some(*made.random.pick::<&'static str>(texts));
    }
    for parameter in parameters.iter_mut().skip(1).rev() {
        if !made.declare("keyword-only parameter", 15) {
            break;
        }
        parameter.keyword_only = true;
    }
    parameters
}

/// An argument for a parameter.
fn argument(made: &mut Declarations<'_>, plain: &Plain, parameter: &Parameter, number: Kind) -> Argument {
    let shape = Shape::of(parameter.kind, number);
    let has_type = parameter.is_annotated || plain.is_closed;
    let is_of_number = Kind::NUMBERS.contains(&parameter.kind);
    let least = usize::from(!has_type || !made.is_enabled("list that is empty"));
    let ints = match &shape {
        // What numbers are of, the arguments say.
        _ if is_of_number => Ints::Nowhere,
        _ if parameter.is_annotated && made.declare("int for a float", 50) => Ints::Everywhere,
        Shape::List(element) | Shape::Dict(_, element) if **element == Shape::Plain(Kind::Float) => {
            if made.declare("int for a float", 30) { Ints::AfterTheFirst } else { Ints::Nowhere }
        }
        _ => Ints::Nowhere,
    };
    let value = shape.random(&mut made.random, least, ints);
    if matches!(&value, Value::List(values) if values.is_empty()) {
        made.note("list that is empty");
    }
    Argument { keyword: None, shape, value, same_as: None, is_converted: ints != Ints::Nowhere }
}

fn call(made: &mut Declarations<'_>, plain: &Plain, index: usize, is_probe: bool) -> Call {
    let number = if index.is_multiple_of(2) { Kind::Int } else { Kind::Float };
    if plain.parameters.iter().any(|parameter| parameter.kind == Kind::Number) {
        made.note(if number == Kind::Int { "call of ints" } else { "call of floats" });
    }
    let by_handle = !is_probe
        && plain.parameters.iter().any(|parameter| parameter.kind.is_container())
        && plain.parameters.iter().all(|parameter| !parameter.keyword_only)
        && made.declare("container that is handed in", 25);
    let mut arguments: Vec<Argument> = Vec::new();
    let mut by_keyword = false;
    for parameter in &plain.parameters {
        let mut argument = argument(made, plain, parameter, number);
        if by_handle && argument.shape.is_container() {
            // A container has a type of its own, which no annotation changes.
            argument.value = argument.shape.random(&mut made.random, 1, Ints::Nowhere);
            argument.is_converted = false;
            let same = arguments.iter().position(|other| other.shape == argument.shape && other.same_as.is_none());
            if let Some(same) = same
                && made.declare("one container for two parameters", 50)
            {
                argument.same_as = Some(same);
                argument.value = arguments[same].value.clone();
            }
        }
        if parameter.default.is_some() && !by_handle && made.declare("default of a parameter", 40) {
            // What comes after it can be given by keyword alone.
            by_keyword = true;
            continue;
        }
        if parameter.keyword_only || by_keyword || !is_probe && !by_handle && made.declare("argument by keyword", 12) {
            by_keyword = true;
            argument.keyword = Some(parameter.name.clone());
            made.note("argument by keyword");
        }
        arguments.push(argument);
    }
    let mut call = Call { arguments, number, by_handle, spoiled: None };
    if !is_probe && !by_handle && made.declare("element that is not taken", 10) {
        call.spoiled = spoil(&mut call.arguments, &mut made.random);
    } else if !is_probe && !by_handle {
        misfit(made, plain, &mut call);
    }
    call
}

/// Puts an element into a list or a dict that no call takes: the last, so that others were taken before.
fn spoil(arguments: &mut [Argument], random: &mut Random) -> Option<usize> {
    let index = arguments.iter().position(|argument| match &argument.value {
        Value::List(values) => !values.is_empty(),
        Value::Dict(entries) => !entries.is_empty(),
        _ => false,
    })?;
    // An int that is too large is an int where nothing else says what a list is of.
    let is_one = match &arguments[index].value {
        Value::List(values) => values.len() == 1,
        Value::Dict(entries) => entries.len() == 1,
        _ => true,
    };
    // Sets may be given as ints of any size.
    let of_sets = arguments[index].shape == Shape::of(Kind::MarkSets, Kind::Int);
    let wrong = if of_sets || is_one || random.percent(50) {
        Value::Text("three".to_owned())
    } else {
        Value::integer(Some(i128::from(i64::MAX) * 4))
    };
    match &mut arguments[index].value {
        Value::List(values) => *values.last_mut()? = wrong,
        Value::Dict(entries) => entries.last_mut()?.1 = wrong,
        _ => return None,
    }
    Some(index)
}

/// Seldom, gives other arguments than there are parameters.
fn misfit(made: &mut Declarations<'_>, plain: &Plain, call: &mut Call) {
    let one = |keyword: Option<String>| Argument {
        keyword,
        shape: Shape::Plain(Kind::Int),
        value: Value::Integer(7),
        same_as: None,
        is_converted: false,
    };
    let by_position = call.arguments.iter().filter(|argument| argument.keyword.is_none()).count();
    let has_defaults = plain.parameters.iter().any(|parameter| parameter.default.is_some());
    if !has_defaults && made.declare("too few arguments", 2) {
        call.arguments.remove(0);
    } else if made.declare("too many arguments", 2) {
        let more = plain.parameters.len() + 1 - by_position;
        call.arguments.splice(by_position..by_position, (0..more).map(|_| one(None)));
    } else if made.declare("unknown keyword", 2) {
        call.arguments.push(one(Some("other".to_owned())));
    } else if by_position > 0 && made.declare("argument that is given twice", 2) {
        call.arguments.push(one(Some(plain.parameters[0].name.clone())));
    }
}

impl Plain {
    /// The line of `def`.
    pub(crate) fn header(&self) -> String {
        let mut parts = Vec::new();
        let mut starred = false;
        for parameter in &self.parameters {
            if parameter.keyword_only && !starred {
                parts.push("*".to_owned());
                starred = true;
            }
            let mut text = parameter.name.clone();
            if parameter.is_annotated {
                text.push_str(": ");
                text.push_str(&Shape::of(parameter.kind, Kind::Int).annotation());
            }
            if let Some(default) = parameter.default {
                text.push_str(if parameter.is_annotated { " = " } else { "=" });
                text.push_str(default);
            }
            parts.push(text);
        }
        format!("def {NODE}({}):", parts.join(", "))
    }

    /// The signatures that it is compiled for, where calls are for those alone.
    pub(crate) fn signatures(&self) -> Vec<String> {
        let is_generic = self.parameters.iter().any(|parameter| Kind::NUMBERS.contains(&parameter.kind));
        let numbers = [Kind::Int, Kind::Float];
        let numbers = if is_generic { &numbers[..] } else { &numbers[..1] };
        let signature = |number: &Kind| {
            let each = self.parameters.iter().map(|parameter| Shape::of(parameter.kind, *number).annotation());
            format!("({},)", each.collect::<Vec<_>>().join(", "))
        };
        if self.is_closed { numbers.iter().map(signature).collect() } else { Vec::new() }
    }

    /// The names of types that arguments have: they have to be there, whether the function names them or not.
    pub(crate) fn type_names(&self) -> String {
        self.parameters
            .iter()
            .map(|parameter| format!("{} ", Shape::of(parameter.kind, Kind::Int).annotation()))
            .collect()
    }

    /// What a call gives for a result.
    pub(crate) fn result_shape(&self, call: &Call) -> Shape {
        self.result.map_or(Shape::None, |kind| Shape::of(kind, call.number))
    }
}
