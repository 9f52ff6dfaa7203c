//! Lists and dicts: what is computed from them, what changes them, and loops over them.
//!
//! A container expression in a template may be a name, so that names share containers; `{A}` and the other large letters
//! stand for one that is made there, which states and loops take. Lists that grow by themselves have a bound, as a loop
//! over one would not end, and one that doubles would fill memory.

use crate::constructs::Construct;
use crate::control::{compound, for_loop, for_loop_of, for_pairs};
use crate::expressions::of;
use crate::generator::{Generator, Origin, Scope};
use crate::kind::Kind;
use crate::statements;
use crate::tree::{Clause, ConstructId, Piece, Statement};

/// Elements up to which a list is made longer.
const MOST_ELEMENTS: usize = 24;

pub(crate) const EXPRESSIONS: &[Construct] = &[
    of("list of ints", 'a', 16, 10, "[{i}, {i}, {I}]"),
    of("list of one int", 'a', 16, 3, "[{i}]"),
    of("list of floats", 'g', 16, 10, "[{f}, {f}, {F}]"),
    of("list of bools", 'h', 16, 10, "[{b}, {b}]"),
    of("dict of ints", 'j', 16, 10, "{<}{C}: {i}, {C}: {i}, {N}: {I}{>}"),
    of("dict of floats", 'k', 16, 10, "{<}{C}: {f}, {N}: {F}{>}"),
    of("list slice", 'a', 16, 3, "{a16}[{C}:{C}]"),
    of("list slice with a step", 'a', 16, 3, "{a16}[{C}:{C}:{C}]"),
    of("list slice backwards", 'g', 16, 2, "{g16}[::-1]"),
    of("slice of bools", 'h', 16, 2, "{h16}[{C}:]"),
    of("xs.copy()", 'a', 16, 2, "{a16}.copy()"),
    of("list(xs)", 'g', 16, 2, "list({g})"),
    of("sorted ints", 'a', 16, 3, "sorted({a})"),
    of("sorted floats", 'g', 16, 3, "sorted({g}, reverse={b})"),
    of("sorted bools", 'h', 16, 2, "sorted({h})"),
    of("d.copy()", 'j', 16, 2, "{j16}.copy()"),
    of("dict(d)", 'k', 16, 2, "dict({k})"),
    of("copy of a module list", 'a', 16, 2, "WEIGHTS[:]"),
    of("xs[int]", 'i', 16, 5, "{a16}[{C}]"),
    of("xs[bounded]", 'i', 16, 5, "{a16}[{i12} % 3]"),
    of("xs[-1]", 'i', 16, 3, "{a16}[-1]"),
    of("float element", 'f', 16, 5, "{g16}[{C}]"),
    of("bool element", 'b', 16, 5, "{h16}[{C}]"),
    of("xs[bool]", 'i', 16, 1, "{a16}[{b}]"),
    of("len of a list", 'i', 16, 3, "len({a})"),
    of("len of a dict", 'i', 16, 3, "len({k})"),
    of("sum of a list", 'i', 16, 3, "sum({a})"),
    // CPython's sum of an empty list is an int: adding a float makes it the float that it is here.
    of("sum of a float list", 'f', 16, 3, "(sum({g}) + 0.0)"),
    of("sum of a bool list", 'i', 16, 1, "sum({h})"),
    of("max of a list", 'i', 16, 3, "max({a})"),
    of("min of a float list", 'f', 16, 2, "min({g})"),
    of("any of a list", 'b', 16, 2, "any({h})"),
    of("all of a list", 'b', 16, 2, "all({a})"),
    of("xs.count", 'i', 16, 2, "{a16}.count({i})"),
    of("xs.index", 'i', 16, 2, "{a16}.index({i})"),
    of("xs.index from", 'i', 16, 2, "{a16}.index({N}, {C})"),
    of("xs.pop()", 'i', 16, 3, "{a16}.pop()"),
    of("xs.pop(int)", 'i', 16, 3, "{a16}.pop({C})"),
    of("xs.pop(0)", 'f', 16, 3, "{g16}.pop(0)"),
    of("d[k]", 'i', 16, 4, "{j16}[{C}]"),
    of("d[k] of floats", 'f', 16, 4, "{k16}[{C}]"),
    of("d.get with default", 'i', 16, 4, "{j16}.get({C}, {i})"),
    of("d.get", 'o', 16, 4, "{j16}.get({C})"),
    of("d.get of floats", 'u', 16, 4, "{k16}.get({C})"),
    of("d.setdefault", 'i', 16, 3, "{j16}.setdefault({C}, {i})"),
    of("d.pop", 'i', 16, 3, "{j16}.pop({C})"),
    of("d.pop with default", 'f', 16, 3, "{k16}.pop({C}, {f})"),
    of("sum of values", 'i', 16, 2, "sum({j16}.values())"),
    of("min of keys", 'i', 16, 2, "min({j})"),
    of("max of values", 'f', 16, 2, "max({k16}.values())"),
    of("x in a list", 'b', 6, 4, "{i7} in {a7}"),
    of("x not in a list", 'b', 6, 2, "{i7} not in {a7}"),
    of("k in a dict", 'b', 6, 4, "{C7} in {j7}"),
    of("k not in keys", 'b', 6, 2, "{C7} not in {k16}.keys()"),
    of("list == list", 'b', 6, 3, "{a7} == {a7}"),
    of("float list != float list", 'b', 6, 2, "{g7} != {g7}"),
    of("dict == dict", 'b', 6, 3, "{j7} == {j7}"),
    of("not list", 'b', 5, 2, "not {a5}"),
    of("bool(dict)", 'b', 16, 2, "bool({j})"),
    of("list if bool else list", 'a', 2, 2, "{a3} if {b3} else {a2}"),
    of("module list element", 'i', 16, 2, "WEIGHTS[{C}]"),
    of("sum of a module list", 'i', 16, 1, "sum(WEIGHTS)"),
    of("x in a module list", 'b', 6, 1, "{C7} in WEIGHTS"),
    of("module dict entry", 'i', 16, 2, "CODES.get({C}, {i})"),
    of("helper that appends", 'i', 16, 2, "pushed({a}, {i})"),
    of("helper that appends floats", 'i', 16, 2, "pushed({g}, {f})"),
    of("helper that goes through a list", 'i', 16, 2, "totaled({a})"),
    of("helper that counts", 'i', 16, 2, "counted({j}, {C})"),
];

pub(crate) const STATEMENTS: &[Construct] = &[
    statements::of("local = list of ints", 5, |g, id| statements::new_local(g, id, Kind::Ints)),
    statements::of("local = list of floats", 4, |g, id| statements::new_local(g, id, Kind::Floats)),
    statements::of("local = list of bools", 2, |g, id| statements::new_local(g, id, Kind::Bools)),
    statements::of("local = dict of ints", 5, |g, id| statements::new_local(g, id, Kind::IntDict)),
    statements::of("local = dict of floats", 3, |g, id| statements::new_local(g, id, Kind::FloatDict)),
    statements::of("local = empty list", 2, |g, id| annotated(g, id, Kind::Ints, "[]")),
    statements::of("local = create_new_list", 2, |g, id| created(g, id, Kind::Floats, "create_new_list(float)")),
    statements::of("local = empty dict", 2, |g, id| annotated(g, id, Kind::FloatDict, "{<}{>}")),
    statements::of("local = create_new_dict", 2, |g, id| created(g, id, Kind::IntDict, "create_new_dict(int, int)")),
    statements::of("list moved into a state", 3, move_into_state),
    statements::of("xs.append", 8, |g, id| change(g, id, Kind::Ints, "@.append({i})")),
    statements::of("append of a float", 5, |g, id| change(g, id, Kind::Floats, "@.append({f})")),
    statements::of("append of a bool", 2, |g, id| change(g, id, Kind::Bools, "@.append({b})")),
    statements::of("xs.insert", 4, |g, id| change(g, id, Kind::Ints, "@.insert({C}, {i})")),
    statements::of("xs.extend", 3, |g, id| extend(g, id, "@.extend({a})")),
    statements::of("xs.extend of itself", 2, |g, id| extend(g, id, "@.extend(@)")),
    statements::of("xs.remove", 2, |g, id| change(g, id, Kind::Ints, "@.remove({N})")),
    statements::of("xs.reverse", 2, |g, id| change(g, id, Kind::Floats, "@.reverse()")),
    statements::of("xs.sort", 3, |g, id| change(g, id, Kind::Floats, "@.sort()")),
    statements::of("xs.sort backwards", 2, |g, id| change(g, id, Kind::Ints, "@.sort(reverse=True)")),
    statements::of("xs.clear", 1, |g, id| change(g, id, Kind::Ints, "@.clear()")),
    statements::of("del xs[i]", 3, |g, id| change(g, id, Kind::Ints, "del @[{C}]")),
    statements::of("del of a slice", 2, |g, id| change(g, id, Kind::Floats, "del @[{C}:{C}]")),
    statements::of("del of a slice with a step", 2, |g, id| change(g, id, Kind::Ints, "del @[::{P}]")),
    statements::of("xs[i] = v", 6, |g, id| change(g, id, Kind::Ints, "@[{C}] = {i}")),
    statements::of("float element = v", 4, |g, id| change(g, id, Kind::Floats, "@[{C}] = {f}")),
    statements::of("bool element = v", 2, |g, id| change(g, id, Kind::Bools, "@[{C}] = {b}")),
    statements::of("xs[i] += v", 4, |g, id| change(g, id, Kind::Ints, "@[{C}] += {i}")),
    statements::of("float element *= v", 3, |g, id| change(g, id, Kind::Floats, "@[{C}] *= {f}")),
    statements::of("d[k] = v", 8, |g, id| change(g, id, Kind::IntDict, "@[{C}] = {i}")),
    statements::of("d[k] = float", 4, |g, id| change(g, id, Kind::FloatDict, "@[{C}] = {f}")),
    statements::of("d[int] = v", 3, |g, id| change(g, id, Kind::IntDict, "@[{i}] = {i}")),
    statements::of("d[k] += v", 5, |g, id| change(g, id, Kind::IntDict, "@[{C}] += {i}")),
    statements::of("del d[k]", 3, |g, id| change(g, id, Kind::IntDict, "del @[{C}]")),
    statements::of("d.update", 2, |g, id| change(g, id, Kind::IntDict, "@.update({j})")),
    statements::of("d.clear", 1, |g, id| change(g, id, Kind::FloatDict, "@.clear()")),
    statements::of("d.popitem", 3, popitem),
    statements::of("for in a list", 4, |g, id| for_loop(g, id, "{A}", false)),
    statements::of("for in a list else", 2, |g, id| for_loop(g, id, "{A}", true)),
    statements::of("for in a float list", 3, |g, id| for_loop_of(g, id, "{G}", Kind::Float)),
    statements::of("for in a reversed list", 2, |g, id| for_loop(g, id, "reversed({A})", false)),
    statements::of("for in keys", 3, |g, id| for_loop(g, id, "{J}", false)),
    statements::of("for in values", 2, |g, id| for_loop_of(g, id, "{K16}.values()", Kind::Float)),
    statements::of("for in items", 3, |g, id| for_pairs(g, id, "{K16}.items()", [Kind::Int, Kind::Float])),
    statements::of("for in enumerate of a list", 2, |g, id| {
        for_pairs(g, id, "enumerate({G})", [Kind::Int, Kind::Float])
    }),
    statements::of("for in zip of lists", 2, |g, id| for_pairs(g, id, "zip({A}, {G})", [Kind::Int, Kind::Float])),
    statements::of("list changed in its loop", 4, |g, id| changed_in_loop(g, id, Kind::Ints, LIST_CHANGES)),
    statements::of("dict changed in its loop", 4, |g, id| changed_in_loop(g, id, Kind::IntDict, DICT_CHANGES)),
];

/// Changes of the list `@` in a loop over it, whose counter is `#`.
const LIST_CHANGES: &[&str] = &[
    "@.pop()",
    "@.pop(0)",
    "@.clear()",
    "del @[{C}]",
    "@[{C}] = #",
    "@.remove(#)",
    "+@.append(#)",
    "+@.insert(0, {i})",
];

/// Changes of the dict `@`; there is one in a round, as a dict that has as many entries as before goes on.
const DICT_CHANGES: &[&str] =
    &["@[#] = {i}", "@[#] += 1", "@[{C}] = #", "@.pop({C}, 0)", "del @[#]", "@.clear()", "@.popitem()"];

/// A container of a kind that is surely there; made where there is none.
fn some(g: &mut Generator<'_>, kind: Kind) -> Option<(Option<Statement>, String)> {
    let known: Vec<String> = g
        .variables
        .iter()
        .filter(|variable| variable.kind == kind && !variable.may_be_unbound)
        .map(|variable| variable.name.clone())
        .collect();
    if !known.is_empty() {
        return Some((None, g.random.pick(&known).clone()));
    }
    let name = g.fresh("v");
    let construct = g.table.id(kind.display()?);
    if !g.enabled[construct] {
        return None;
    }
    let line = g.line(construct, &format!("{name} = {{{}}}", kind.fresh_letter()?))?;
    g.bind(&name, kind, Origin::Local);
    Some((Some(line), name))
}

/// A line that changes the container `@`.
pub(crate) fn change(g: &mut Generator<'_>, id: ConstructId, kind: Kind, text: &str) -> Option<Vec<Statement>> {
    let (made, name) = some(g, kind)?;
    // The value is evaluated before the place: what the place binds is not bound yet.
    let line = g.without_walrus(|g| g.line(id, &text.replace('@', &name)))?;
    Some(made.into_iter().chain([line]).collect())
}

/// Of a node: in other functions annotations are not read.
fn annotated(g: &mut Generator<'_>, id: ConstructId, kind: Kind, value: &str) -> Option<Vec<Statement>> {
    if g.scope != Scope::Node {
        return None;
    }
    let name = g.fresh("v");
    let line = g.line(id, &format!("{name}: {} = {value}", kind.name()))?;
    g.bind(&name, kind, Origin::Local);
    Some(vec![line])
}

fn created(g: &mut Generator<'_>, id: ConstructId, kind: Kind, value: &str) -> Option<Vec<Statement>> {
    let name = g.fresh("v");
    let line = g.line(id, &format!("{name} = {value}"))?;
    g.bind(&name, kind, Origin::Local);
    Some(vec![line])
}

/// A line that runs where a list is not long.
fn bounded(g: &mut Generator<'_>, id: ConstructId, name: &str, text: &str) -> Option<Statement> {
    let line = g.line(id, text)?;
    let header = vec![Piece::Text(format!("if len({name}) < {MOST_ELEMENTS}:"))];
    let mut made = compound(id, vec![Clause { header, body: Some(vec![line]), optional: false }]);
    made[0].pinned = true;
    made.pop()
}

fn extend(g: &mut Generator<'_>, id: ConstructId, text: &str) -> Option<Vec<Statement>> {
    let (made, name) = some(g, Kind::Ints)?;
    let line = bounded(g, id, &name, &text.replace('@', &name))?;
    Some(made.into_iter().chain([line]).collect())
}

/// A new list, and a state that has it from then on: the local is another name of it.
fn move_into_state(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let states: Vec<(String, Kind)> = g
        .variables
        .iter()
        .filter(|variable| variable.origin == Origin::State && variable.kind.is_container())
        .map(|variable| (variable.name.clone(), variable.kind))
        .collect();
    if states.is_empty() {
        return None;
    }
    let (state, kind) = g.random.pick(&states).clone();
    let name = g.fresh("v");
    let mut first = g.line(id, &format!("{name} = {{{}}}", kind.fresh_letter()?))?;
    let mut second = g.line(id, &format!("{state} = {name}"))?;
    (first.pinned, second.pinned) = (true, true);
    g.bind(&name, kind, Origin::Local);
    Some(vec![first, second])
}

fn popitem(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let (made, dict) = some(g, Kind::IntDict)?;
    let (key, value) = (g.fresh("v"), g.fresh("v"));
    let line = g.line(id, &format!("{key}, {value} = {dict}.popitem()"))?;
    g.bind(&key, Kind::Int, Origin::Local);
    g.bind(&value, Kind::Int, Origin::Local);
    Some(made.into_iter().chain([line]).collect())
}

/// A loop over a container that its body changes, and what it sees of it.
fn changed_in_loop(g: &mut Generator<'_>, id: ConstructId, kind: Kind, changes: &[&str]) -> Option<Vec<Statement>> {
    let (made, name) = some(g, kind)?;
    let (total, counter) = (g.fresh("v"), g.fresh("i"));
    let mut start = g.line(id, &format!("{total} = 0"))?;
    start.pinned = true;
    let text = g.random.pick(changes).replace('@', &name).replace('#', &counter);
    let (clause, _) = g.without_walrus(|g| {
        g.clause(&format!("for {counter} in {name}:"), |g| {
            let seen = g.line(id, &format!("{total} = {total} * 3 + {counter}"));
            let changed = match text.strip_prefix('+') {
                Some(text) => bounded(g, id, &name, text),
                None => g.line(id, &text),
            };
            seen.into_iter().chain(changed).collect()
        })
    })?;
    g.bind(&total, Kind::Int, Origin::Local);
    let mut statements: Vec<Statement> = made.into_iter().chain([start]).collect();
    statements.extend(compound(id, vec![clause]));
    Some(statements)
}
