//! The constructs that are statements: assignments, and what leaves a node. Control is in `control`.

use crate::constructs::{Construct, Form, StatementBuilder};
use crate::control;
use crate::generator::{Generator, Origin, Scope};
use crate::kind::Kind;
use crate::tree::{Clause, ConstructId, Piece, Statement};

/// One construct.
pub(crate) const fn of(name: &'static str, weight: u32, builder: StatementBuilder) -> Construct {
    Construct { name, weight, form: Form::Statement(builder) }
}

/// Every statement.
pub(crate) fn all() -> impl Iterator<Item = Construct> {
    ASSIGNMENTS
        .iter()
        .chain(control::ALL)
        .chain(crate::errors::ALL)
        .chain(crate::containers::STATEMENTS)
        .chain(crate::sets::STATEMENTS)
        .chain(crate::structs::STATEMENTS)
        .chain(crate::numbers::STATEMENTS)
        .copied()
}

const ASSIGNMENTS: &[Construct] = &[
    of("local = int", 10, |g, id| new_local(g, id, Kind::Int)),
    of("local = float", 10, |g, id| new_local(g, id, Kind::Float)),
    of("local = bool", 6, |g, id| new_local(g, id, Kind::Bool)),
    of("local = timedelta", 5, |g, id| new_local(g, id, Kind::Delta)),
    of("local = datetime", 4, |g, id| new_local(g, id, Kind::Time)),
    of("local = triple", 3, |g, id| new_local(g, id, Kind::Triple)),
    of("local = pair", 3, |g, id| new_local(g, id, Kind::Pair)),
    of("local = nested tuple", 2, |g, id| new_local(g, id, Kind::Nested)),
    of("local = optional int", 3, |g, id| new_local(g, id, Kind::OptionalInt)),
    of("local = optional float", 3, |g, id| new_local(g, id, Kind::OptionalFloat)),
    of("local = enum", 2, |g, id| new_local(g, id, Kind::Side)),
    of("local = int enum", 2, |g, id| new_local(g, id, Kind::Level)),
    of("assign to a local", 12, |g, id| assign(g, id, Origin::Local)),
    of("assign to an input's name", 3, |g, id| assign(g, id, Origin::Input)),
    of("assign to a constant's name", 3, |g, id| assign(g, id, Origin::Constant)),
    of("assign to a state", 14, |g, id| assign(g, id, Origin::State)),
    of("change of type", 4, change_type),
    of("int into a float state", 3, |g, id| convert_into_state(g, id, Kind::Float, "{i}")),
    of("bool into an int state", 2, |g, id| convert_into_state(g, id, Kind::Int, "{b}")),
    of("bool into a float state", 1, |g, id| convert_into_state(g, id, Kind::Float, "{b}")),
    of("float into an int state", 3, |g, id| convert_into_state(g, id, Kind::Int, "{f12} * {Y13}")),
    of("int into a bool state", 2, |g, id| convert_into_state(g, id, Kind::Bool, "{i11} - {X12}")),
    of("float into a bool state", 1, |g, id| convert_into_state(g, id, Kind::Bool, "{f11} - {Y12}")),
    of("int += int", 5, |g, id| augment(g, id, Kind::Int, "+= {i}")),
    of("int -= int", 4, |g, id| augment(g, id, Kind::Int, "-= {i}")),
    of("int *= int", 4, |g, id| augment(g, id, Kind::Int, "*= {i}")),
    of("int //= int", 2, |g, id| augment(g, id, Kind::Int, "//= {i}")),
    of("int %= int", 2, |g, id| augment(g, id, Kind::Int, "%= {i}")),
    of("int **= small", 2, |g, id| augment(g, id, Kind::Int, "**= {N}")),
    of("int <<= count", 2, |g, id| augment(g, id, Kind::Int, "<<= {W}")),
    of("int >>= count", 2, |g, id| augment(g, id, Kind::Int, ">>= {W}")),
    of("int &= int", 2, |g, id| augment(g, id, Kind::Int, "&= {i}")),
    of("int |= bool", 2, |g, id| augment(g, id, Kind::Int, "|= {b}")),
    of("int ^= int", 2, |g, id| augment(g, id, Kind::Int, "^= {i}")),
    of("float += float", 4, |g, id| augment(g, id, Kind::Float, "+= {f}")),
    of("float -= int", 3, |g, id| augment(g, id, Kind::Float, "-= {i}")),
    of("float *= float", 3, |g, id| augment(g, id, Kind::Float, "*= {f}")),
    of("float /= int", 3, |g, id| augment(g, id, Kind::Float, "/= {i}")),
    of("float //= float", 1, |g, id| augment(g, id, Kind::Float, "//= {f}")),
    of("float %= float", 1, |g, id| augment(g, id, Kind::Float, "%= {f}")),
    of("float **= small", 1, |g, id| augment(g, id, Kind::Float, "**= {N}")),
    of("bool &= bool", 1, |g, id| augment(g, id, Kind::Bool, "&= {b}")),
    of("bool |= bool", 1, |g, id| augment(g, id, Kind::Bool, "|= {b}")),
    of("delta += delta", 2, |g, id| augment(g, id, Kind::Delta, "+= {d}")),
    of("delta *= int", 1, |g, id| augment(g, id, Kind::Delta, "*= {i}")),
    of("delta //= int", 1, |g, id| augment(g, id, Kind::Delta, "//= {i}")),
    of("time -= delta", 2, |g, id| augment(g, id, Kind::Time, "-= {d}")),
    of("augmented float into an int state", 2, augment_state_with_float),
    of("a = b = value", 4, chained),
    of("a, b = values", 5, tuple_assignment),
    of("swap", 4, swap),
    of("nested unpacking", 3, nested_unpacking),
    of("unpacking of a tuple variable", 3, |g, id| unpack(g, id, "{p}")),
    of("unpacking of a list of targets", 1, |g, id| unpack(g, id, "{p16}[0:3]")),
    of("unpacking of divmod", 2, unpack_divmod),
    of("annotated local", 3, annotated),
    of("annotation that is not the type", 2, annotated_otherwise),
    of("expression statement", 2, |g, id| Some(vec![g.line(id, "{i}")?])),
    of("pass", 1, |g, id| Some(vec![g.line(id, "pass")?])),
    of("global", 1, global),
    of("set_output", 10, set_output),
    of("set_output of a rough value", 6, set_rough_output),
    of("return value", 8, return_value),
    of("return of a rough value", 4, return_rough),
    of("return values", 4, return_values),
    of("return with None in a place", 2, return_with_none),
    of("return value or None", 2, return_optional),
    of("return None", 2, |g, id| leave(g, id, "return None")),
    of("bare return", 2, |g, id| leave(g, id, "return")),
];

pub(crate) fn new_local(g: &mut Generator<'_>, id: ConstructId, kind: Kind) -> Option<Vec<Statement>> {
    let name = g.fresh("v");
    let line = g.line(id, &format!("{name} = {{{}}}", kind.letter()))?;
    g.bind(&name, kind, Origin::Local);
    Some(vec![line])
}

/// Picks a name of an origin, with its kind.
fn target(g: &mut Generator<'_>, origin: Origin, kind: Option<Kind>) -> Option<(String, Kind)> {
    let fits: Vec<(String, Kind)> = g
        .variables
        .iter()
        .filter(|variable| variable.origin == origin && kind.is_none_or(|kind| variable.kind == kind))
        // What is assigned to the name of an input is a copy: its fields could not be written any more.
        .filter(|variable| origin != Origin::Input || !variable.kind.is_struct())
        .map(|variable| (variable.name.clone(), variable.kind))
        .collect();
    if fits.is_empty() { None } else { Some(g.random.pick(&fits).clone()) }
}

fn assign(g: &mut Generator<'_>, id: ConstructId, origin: Origin) -> Option<Vec<Statement>> {
    let (name, kind) = target(g, origin, None)?;
    // A state takes a container that no other state has.
    let letter = kind.fresh_letter().filter(|_| origin == Origin::State).unwrap_or(kind.letter());
    Some(vec![g.line(id, &format!("{name} = {{{letter}}}"))?])
}

/// Gives a name of this block another type. Not where several paths meet: there the types would be one.
fn change_type(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    if g.loop_depth > 0 || g.try_depth > 0 {
        return None;
    }
    let block = g.block_id();
    let fits: Vec<usize> = (0..g.variables.len())
        .filter(|index| {
            let variable = &g.variables[*index];
            let is_assignable = !matches!(variable.origin, Origin::State | Origin::Counter);
            is_assignable && variable.block == block && !variable.may_be_unbound
        })
        .collect();
    if fits.is_empty() {
        return None;
    }
    let index = *g.random.pick(&fits);
    let kinds = [Kind::Int, Kind::Float, Kind::Bool, Kind::Delta];
    let kind = *g.random.pick(&kinds);
    let before = g.variables[index].kind;
    if kind == before {
        return None;
    }
    let name = g.variables[index].name.clone();
    let mut line = g.line(id, &format!("{name} = {{{}}}", kind.letter()))?;
    line.pinned = true;
    let variable = g.variables.iter_mut().find(|variable| variable.name == name)?;
    variable.kind = kind;
    // Its flags stay those of the input, but its value is a local's now.
    variable.origin = Origin::Local;
    Some(vec![line])
}

fn convert_into_state(g: &mut Generator<'_>, id: ConstructId, kind: Kind, text: &str) -> Option<Vec<Statement>> {
    let (name, _) = target(g, Origin::State, Some(kind))?;
    Some(vec![g.line(id, &format!("{name} = {text}"))?])
}

pub(crate) fn augment(g: &mut Generator<'_>, id: ConstructId, kind: Kind, text: &str) -> Option<Vec<Statement>> {
    let names = g.assignable(kind);
    if names.is_empty() {
        return None;
    }
    let name = g.random.pick(&names).clone();
    if may_be_unbound(g, &name) && !g.is_enabled("read of a local that may be unbound") {
        return None;
    }
    Some(vec![g.line(id, &format!("{name} {text}"))?])
}

fn may_be_unbound(g: &Generator<'_>, name: &str) -> bool {
    g.variables.iter().any(|variable| variable.name == name && variable.may_be_unbound)
}

fn augment_state_with_float(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let (name, _) = target(g, Origin::State, Some(Kind::Int))?;
    let operator = *g.random.pick(&["+=", "-=", "*=", "/="]);
    Some(vec![g.line(id, &format!("{name} {operator} {{f}}"))?])
}

/// A name for a value of a kind: a new local, or what is there.
fn some_target(g: &mut Generator<'_>, kind: Kind, taken: &[String]) -> String {
    let mut names = g.assignable(kind);
    names.retain(|name| !taken.contains(name));
    if names.is_empty() || g.random.percent(50) { g.fresh("v") } else { g.random.pick(&names).clone() }
}

fn bind_new(g: &mut Generator<'_>, names: &[(String, Kind)]) {
    for (name, kind) in names {
        if !g.variables.iter().any(|variable| variable.name == *name) {
            g.bind(name, *kind, Origin::Local);
        }
    }
}

fn scalar(g: &mut Generator<'_>) -> Kind {
    *g.random.pick(&[Kind::Int, Kind::Int, Kind::Float, Kind::Bool, Kind::Delta])
}

fn chained(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let kind = scalar(g);
    let first = some_target(g, kind, &[]);
    let second = some_target(g, kind, std::slice::from_ref(&first));
    let line = g.line(id, &format!("{first} = {second} = {{{}}}", kind.letter()))?;
    bind_new(g, &[(first, kind), (second, kind)]);
    Some(vec![line])
}

fn tuple_assignment(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let mut targets: Vec<(String, Kind)> = Vec::new();
    for _ in 0..g.random.between(2, 3) {
        let kind = scalar(g);
        let taken: Vec<String> = targets.iter().map(|(name, _)| name.clone()).collect();
        targets.push((some_target(g, kind, &taken), kind));
    }
    let names: Vec<&str> = targets.iter().map(|(name, _)| name.as_str()).collect();
    let holes: Vec<String> = targets.iter().map(|(_, kind)| format!("{{{}}}", kind.letter())).collect();
    let line = g.line(id, &format!("{} = {}", names.join(", "), holes.join(", ")))?;
    bind_new(g, &targets);
    Some(vec![line])
}

fn swap(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let kind = scalar(g);
    let mut names = g.assignable(kind);
    names.retain(|name| !may_be_unbound(g, name));
    if names.len() < 2 {
        return None;
    }
    let first = names.swap_remove(g.random.below(names.len()));
    let second = names.swap_remove(g.random.below(names.len()));
    Some(vec![g.line(id, &format!("{first}, {second} = {second}, {first}"))?])
}

fn nested_unpacking(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let kinds = [Kind::Int, Kind::Int, Kind::Float, Kind::Bool];
    let mut targets: Vec<(String, Kind)> = Vec::new();
    for kind in kinds {
        let taken: Vec<String> = targets.iter().map(|(name, _)| name.clone()).collect();
        targets.push((some_target(g, kind, &taken), kind));
    }
    let [a, b, c, d] = [0, 1, 2, 3].map(|index: usize| targets[index].0.clone());
    let value = if g.random.percent(50) { "{n}" } else { "{i}, {i}, ({f}, {b})" };
    let line = g.line(id, &format!("{a}, {b}, ({c}, {d}) = {value}"))?;
    bind_new(g, &targets);
    Some(vec![line])
}

fn unpack(g: &mut Generator<'_>, id: ConstructId, value: &str) -> Option<Vec<Statement>> {
    let first = some_target(g, Kind::Int, &[]);
    let second = some_target(g, Kind::Int, std::slice::from_ref(&first));
    let third = some_target(g, Kind::Int, &[first.clone(), second.clone()]);
    let targets = if value.ends_with(']') {
        format!("[{first}, {second}, {third}]")
    } else {
        format!("{first}, {second}, {third}")
    };
    let line = g.line(id, &format!("{targets} = {value}"))?;
    bind_new(g, &[(first, Kind::Int), (second, Kind::Int), (third, Kind::Int)]);
    Some(vec![line])
}

fn unpack_divmod(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let first = some_target(g, Kind::Int, &[]);
    let second = some_target(g, Kind::Int, std::slice::from_ref(&first));
    let line = g.line(id, &format!("{first}, {second} = divmod({{i}}, {{i}})"))?;
    bind_new(g, &[(first, Kind::Int), (second, Kind::Int)]);
    Some(vec![line])
}

fn annotated(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let kind = *g.random.pick(&[Kind::Int, Kind::Float, Kind::Bool]);
    let name = g.fresh("v");
    let line = g.line(id, &format!("{name}: {} = {{{}}}", kind.name(), kind.letter()))?;
    g.bind(&name, kind, Origin::Local);
    Some(vec![line])
}

fn annotated_otherwise(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let name = g.fresh("v");
    let line = g.line(id, &format!("{name}: float = {{i}}"))?;
    g.bind(&name, Kind::Int, Origin::Local);
    Some(vec![line])
}

fn global(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let name = g.fresh("unused");
    Some(vec![g.line(id, &format!("global {name}"))?])
}

fn set_output(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let named: Vec<(String, Kind)> = g
        .outputs
        .iter()
        .filter(|output| g.scope == Scope::Node && !output.name.is_empty() && !output.rough)
        .map(|output| (output.name.clone(), output.kind))
        .collect();
    if named.is_empty() {
        return None;
    }
    let (name, kind) = g.random.pick(&named).clone();
    let value = match kind {
        Kind::Float if g.random.percent(15) => "{i}".to_owned(),
        Kind::Int if g.random.percent(10) => "{b}".to_owned(),
        Kind::Int if g.random.percent(10) => "{f12} / {Y13}".to_owned(),
        Kind::Bool if g.random.percent(10) => "{i9} & {X10}".to_owned(),
        _ => format!("{{{}}}", kind.letter()),
    };
    Some(vec![g.line(id, &format!("set_output('{name}', {value})"))?])
}

fn set_rough_output(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let names: Vec<String> = g
        .outputs
        .iter()
        .filter(|output| g.scope == Scope::Node && !output.name.is_empty() && output.rough)
        .map(|output| output.name.clone())
        .collect();
    if names.is_empty() {
        return None;
    }
    let name = g.random.pick(&names).clone();
    Some(vec![g.line(id, &format!("set_output('{name}', {{r}})"))?])
}

/// A return, under a condition where more is to come.
fn leave(g: &mut Generator<'_>, id: ConstructId, text: &str) -> Option<Vec<Statement>> {
    if !matches!(g.scope, Scope::Node | Scope::Procedure) {
        return None;
    }
    return_line(g, id, text)
}

fn return_line(g: &mut Generator<'_>, id: ConstructId, text: &str) -> Option<Vec<Statement>> {
    let bound = g.variables.len();
    let line = g.line(id, text)?;
    if g.blocks.len() > 1 || !g.is_enabled("if") {
        return Some(vec![line]);
    }
    // What the line binds, it binds in a block that leaves.
    g.variables.truncate(bound);
    let header = g.template("if {b}:", 1)?;
    let construct = g.table.id("if");
    let clauses = vec![Clause { header, body: Some(vec![line]), optional: false }];
    Some(vec![Statement { construct, clauses, pinned: false, oracle_only: false }])
}

fn return_value(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let kind = match g.scope {
        Scope::Helper(kind) => kind,
        Scope::Lifecycle | Scope::Procedure => return None,
        Scope::Node => {
            let first = g.outputs.first()?;
            if first.rough || (g.outputs.len() > 1 && g.random.percent(70)) {
                return None;
            }
            first.kind
        }
    };
    return_line(g, id, &format!("return {{{}}}", kind.letter()))
}

fn return_rough(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let first = g.outputs.first()?;
    if g.scope != Scope::Node || !first.rough {
        return None;
    }
    return_line(g, id, "return {r}")
}

fn output_holes(g: &Generator<'_>) -> Option<Vec<String>> {
    if g.scope != Scope::Node || g.outputs.len() < 2 {
        return None;
    }
    let hole = |output: &crate::tree::Cell| {
        if output.rough { "{r}".to_owned() } else { format!("{{{}}}", output.kind.letter()) }
    };
    Some(g.outputs.iter().map(hole).collect())
}

fn return_values(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let mut holes = output_holes(g)?;
    if g.random.percent(25) {
        holes.truncate(2);
    }
    return_line(g, id, &format!("return {}", holes.join(", ")))
}

fn return_with_none(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let mut holes = output_holes(g)?;
    let index = g.random.below(holes.len());
    "None".clone_into(&mut holes[index]);
    return_line(g, id, &format!("return {}", holes.join(", ")))
}

fn return_optional(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let [only] = g.outputs.as_slice() else { return None };
    if g.scope != Scope::Node || only.rough || !matches!(only.kind, Kind::Int | Kind::Float) {
        return None;
    }
    let text = format!("return {{{}3}} if {{b3}} else None", only.kind.letter());
    return_line(g, id, &text)
}

/// A statement of one line that is in the oracle's text only: it converts a local.
pub(crate) fn conversion(construct: ConstructId, name: &str, function: &str) -> Statement {
    let header = vec![Piece::Text(format!("{name} = {function}({name})"))];
    let clauses = vec![Clause { header, body: None, optional: false }];
    Statement { construct, clauses, pinned: true, oracle_only: true }
}
