//! Branches, loops, and where paths of different types meet.

use crate::constructs::Construct;
use crate::generator::{Generator, Origin, Variable, ends};
use crate::kind::Kind;
use crate::statements::{conversion, of};
use crate::tree::{Clause, ConstructId, Piece, Statement};

pub(crate) const ALL: &[Construct] = &[
    of("if", 12, |g, id| branch(g, id, 0, false)),
    of("if else", 10, |g, id| branch(g, id, 0, true)),
    of("if elif", 4, |g, id| branch(g, id, 1, false)),
    of("if elif else", 4, |g, id| branch(g, id, 2, true)),
    of("if on an int", 2, |g, id| branch_on(g, id, "if {i}:")),
    of("if on a float", 2, |g, id| branch_on(g, id, "if {f}:")),
    of("int and float meet", 4, |g, id| meet(g, id, [Kind::Int, Kind::Float], Kind::Float)),
    of("bool and int meet", 3, |g, id| meet(g, id, [Kind::Bool, Kind::Int], Kind::Int)),
    of("float and bool meet", 2, |g, id| meet(g, id, [Kind::Float, Kind::Bool], Kind::Float)),
    of("None and int meet", 3, |g, id| optional(g, id, Kind::OptionalInt, "{i}")),
    of("None and float meet", 3, |g, id| optional(g, id, Kind::OptionalFloat, "{f}")),
    of("use of an optional behind a test", 3, use_optional),
    of("type widened by a loop", 3, widen_in_loop),
    of("while", 6, |g, id| while_loop(g, id, false, false)),
    of("while with condition", 5, |g, id| while_loop(g, id, true, false)),
    of("while else", 3, |g, id| while_loop(g, id, true, true)),
    of("while True", 3, while_true),
    of("while with a walrus", 2, while_walrus),
    of("for in range(n)", 7, |g, id| for_loop(g, id, "range({C})", false)),
    of("for in range(a, b)", 5, |g, id| for_loop(g, id, "range({C}, {C})", false)),
    of("for in range(a, b, step)", 5, |g, id| for_loop(g, id, "range({C}, {C}, {P})", false)),
    of("for in falling range", 4, |g, id| for_loop(g, id, "range({C}, {C}, -{P14})", false)),
    of("for in range with a step of its own", 3, |g, id| for_loop(g, id, "range({C}, {C}, {C})", false)),
    of("for else", 4, |g, id| for_loop(g, id, "range({C})", true)),
    of("for in a tuple", 3, |g, id| for_loop(g, id, "({i}, {i}, {i})", false)),
    of("for in a tuple variable", 3, |g, id| for_loop(g, id, "{p}", false)),
    of("for in a list literal", 2, |g, id| for_loop(g, id, "[{i}, {i}, {I}]", false)),
    of("for in reversed range", 2, |g, id| for_loop(g, id, "reversed(range({C}))", false)),
    of("for in reversed tuple", 2, |g, id| for_loop(g, id, "reversed(({i}, {i}))", false)),
    of("for in enumerate", 3, |g, id| for_pairs(g, id, "enumerate(({f}, {f}, {f}))", [Kind::Int, Kind::Float])),
    of("for in enumerate from", 2, |g, id| for_pairs(g, id, "enumerate(range({C}), {N})", [Kind::Int, Kind::Int])),
    of("for in zip", 3, |g, id| for_pairs(g, id, "zip(({i}, {i}), ({f}, {f}))", [Kind::Int, Kind::Float])),
    of("for in zip of ranges", 2, |g, id| for_pairs(g, id, "zip(range({C}), range({C}, 9))", [Kind::Int, Kind::Int])),
    of("for onto a state", 1, for_onto_state),
    of("break", 4, |g, id| in_loop(g, id, "break")),
    of("continue", 4, |g, id| in_loop(g, id, "continue")),
    of("match on ints", 4, match_ints),
    of("match on a tuple", 3, match_tuple),
    of("match on enum members", 2, match_enum),
];

/// Adds what clauses of one statement bound to the scope after it; a clause that leaves brings nothing.
fn settle(g: &mut Generator<'_>, made: Vec<(Clause, Vec<Variable>)>) -> Vec<Clause> {
    let mut clauses = Vec::new();
    for (clause, bound) in made {
        if !clause.body.as_deref().is_some_and(ends) {
            g.bring_out(bound);
        }
        clauses.push(clause);
    }
    clauses
}

pub(crate) fn compound(construct: ConstructId, clauses: Vec<Clause>) -> Vec<Statement> {
    vec![Statement { construct, clauses, pinned: false, oracle_only: false }]
}

fn branch(g: &mut Generator<'_>, id: ConstructId, elifs: usize, has_else: bool) -> Option<Vec<Statement>> {
    let mut made = vec![g.clause("if {b}:", |g| g.block(3))?];
    for _ in 0..elifs {
        // Names that a later condition binds would not be bound where an earlier one held.
        made.push(g.without_walrus(|g| g.clause("elif {b}:", |g| g.block(2)))?);
    }
    if has_else {
        made.push(g.clause("else:", |g| g.block(3))?);
    }
    for (clause, _) in &mut made[1..] {
        clause.optional = true;
    }
    let clauses = settle(g, made);
    Some(compound(id, clauses))
}

fn branch_on(g: &mut Generator<'_>, id: ConstructId, header: &str) -> Option<Vec<Statement>> {
    let made = vec![g.clause(header, |g| g.block(2))?];
    let clauses = settle(g, made);
    Some(compound(id, clauses))
}

/// A local that has another type on each of two paths.
fn meet(g: &mut Generator<'_>, id: ConstructId, kinds: [Kind; 2], common: Kind) -> Option<Vec<Statement>> {
    let name = g.fresh("m");
    let function = if common == Kind::Float { "__f" } else { "__i" };
    let order = if g.random.percent(50) { [0, 1] } else { [1, 0] };
    let mut clauses = Vec::new();
    for (header, index) in ["if {b}:", "else:"].into_iter().zip(order) {
        let text = format!("{name} = {{{}}}", kinds[index].letter());
        let (clause, _) = g.without_walrus(|g| {
            g.clause(header, |g| {
                let more = g.statements_left > 0 && g.random.percent(30);
                let mut body = if more { block_that_goes_on(g, 1) } else { Vec::new() };
                let Some(mut line) = g.line(id, &text) else { return Vec::new() };
                line.pinned = true;
                body.push(line);
                body.push(conversion(id, &name, function));
                body
            })
        })?;
        if clause.body.as_deref().is_none_or(<[Statement]>::is_empty) {
            return None;
        }
        clauses.push(clause);
    }
    g.bind(&name, common, Origin::Local);
    Some(compound(id, clauses))
}

/// A local that is None on one path.
fn optional(g: &mut Generator<'_>, id: ConstructId, kind: Kind, value: &str) -> Option<Vec<Statement>> {
    let name = g.fresh("n");
    let mut first = g.line(id, &format!("{name} = None"))?;
    first.pinned = true;
    let (mut clause, _) =
        g.without_walrus(|g| g.clause("if {b}:", |g| g.line(id, &format!("{name} = {value}")).into_iter().collect()))?;
    clause.body.as_mut()?.first_mut()?.pinned = true;
    g.bind(&name, kind, Origin::Local);
    let mut statements = vec![first];
    statements.extend(compound(id, vec![clause]));
    statements.last_mut()?.pinned = true;
    Some(statements)
}

/// `if n is not None:` with a use of n as what it is then.
fn use_optional(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let found: Vec<(String, Kind)> = g
        .variables
        .iter()
        .filter(|variable| !variable.may_be_unbound && variable.origin == Origin::Local)
        .filter(|variable| matches!(variable.kind, Kind::OptionalInt | Kind::OptionalFloat))
        .map(|variable| (variable.name.clone(), variable.kind))
        .collect();
    if found.is_empty() {
        return None;
    }
    let (name, kind) = g.random.pick(&found).clone();
    let (letter, kind) = if kind == Kind::OptionalInt { ('i', Kind::Int) } else { ('f', Kind::Float) };
    let target = g.fresh("v");
    let (clause, bound) = g.clause(&format!("if {name} is not None:"), |g| {
        let line = g.line(id, &format!("{target} = {name} + {{{letter}12}}"));
        g.bind(&target, kind, Origin::Local);
        let mut body: Vec<Statement> = line.into_iter().collect();
        body.extend(g.block(1));
        body
    })?;
    let clauses = settle(g, vec![(clause, bound)]);
    Some(compound(id, clauses))
}

/// A local that is an int before a loop and a float at the end of its body.
fn widen_in_loop(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    // A handler would see the int on one path, the float on another.
    if g.loops_left == 0 || g.try_depth > 0 {
        return None;
    }
    let name = g.fresh("m");
    let mut first = g.line(id, &format!("{name} = {{i}}"))?;
    first.pinned = true;
    // The rounds are counted while the local is still an int; for CPython it is a float from before the loop on.
    let rounds = g.fresh("v");
    let mut count = g.line(id, &format!("{rounds} = ({{i}}) & 7"))?;
    count.pinned = true;
    g.bind(&rounds, Kind::Int, Origin::Local);
    g.bind(&name, Kind::Float, Origin::Local);
    let counter = g.fresh("c");
    let (clause, bound) = repeated(g, &format!("for {counter} in range({rounds} - 3):"), |g| {
        g.bind(&counter, Kind::Int, Origin::Counter);
        let mut body = block_that_goes_on(g, 2);
        if let Some(mut line) = g.line(id, &format!("{name} = {name} * {{f13}} + {{F12}}")) {
            line.pinned = true;
            body.push(line);
        }
        body
    })?;
    let clauses = settle(g, vec![(clause, bound)]);
    let mut statements = vec![first, count, conversion(id, &name, "__f")];
    statements.extend(compound(id, clauses));
    statements.last_mut()?.pinned = true;
    Some(statements)
}

/// A clause of a loop.
fn repeated(
    g: &mut Generator<'_>,
    header: &str,
    make: impl FnOnce(&mut Generator<'_>) -> Vec<Statement>,
) -> Option<(Clause, Vec<Variable>)> {
    g.loops_left = g.loops_left.checked_sub(1)?;
    let made = g.clause(header, |g| {
        g.loop_depth += 1;
        let body = make(g);
        g.loop_depth -= 1;
        body
    });
    g.loops_left += 1;
    made
}

/// A block whose end is reached; empty where what was made leaves.
fn block_that_goes_on(g: &mut Generator<'_>, most: usize) -> Vec<Statement> {
    let bound = g.variables.len();
    let body = g.block(most);
    if ends(&body) {
        g.variables.truncate(bound);
        return Vec::new();
    }
    body
}

/// The else of a loop. It does not leave: what follows would be reached by way of `break` alone.
fn otherwise(g: &mut Generator<'_>) -> Option<(Clause, Vec<Variable>)> {
    let (mut clause, bound) = g.clause("else:", |g| block_that_goes_on(g, 2))?;
    clause.optional = true;
    Some((clause, bound))
}

/// `n = 0` before a loop, and `n += 1` as the first of its body.
fn counter_lines(g: &mut Generator<'_>, id: ConstructId, counter: &str) -> Option<[Statement; 2]> {
    let mut start = g.line(id, &format!("{counter} = 0"))?;
    let mut step = g.line(id, &format!("{counter} += 1"))?;
    (start.pinned, step.pinned) = (true, true);
    g.bind(counter, Kind::Int, Origin::Counter);
    Some([start, step])
}

fn while_loop(g: &mut Generator<'_>, id: ConstructId, conditional: bool, has_else: bool) -> Option<Vec<Statement>> {
    let counter = g.fresh("c");
    let [start, step] = counter_lines(g, id, &counter)?;
    let limit = g.random.between(1, 7);
    let header = if conditional {
        format!("while {counter} < {limit} and {{b5}}:")
    } else {
        format!("while {counter} < {limit}:")
    };
    let made = repeated(g, &header, |g| {
        let mut body = vec![step];
        body.extend(g.block(3));
        body
    })?;
    let mut made = vec![made];
    if has_else {
        made.push(otherwise(g)?);
    }
    let clauses = settle(g, made);
    let mut statements = vec![start];
    statements.extend(compound(id, clauses));
    Some(statements)
}

fn while_true(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let counter = g.fresh("c");
    let [start, step] = counter_lines(g, id, &counter)?;
    let limit = g.random.between(1, 6);
    let made = repeated(g, "while True:", |g| {
        let header = vec![Piece::Text(format!("if {counter} > {limit}:"))];
        let leave = g.line(id, "break").into_iter().map(|line| Statement { pinned: true, ..line }).collect();
        let mut exit = compound(id, vec![Clause { header, body: Some(leave), optional: false }]);
        exit[0].pinned = true;
        let mut body = vec![step];
        body.append(&mut exit);
        body.extend(g.block(3));
        body
    })?;
    let (clause, _) = made;
    let mut statements = vec![start];
    statements.extend(compound(id, vec![clause]));
    Some(statements)
}

fn while_walrus(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let counter = g.fresh("c");
    let [start, _] = counter_lines(g, id, &counter)?;
    let limit = g.random.between(1, 6);
    let made = repeated(g, &format!("while ({counter} := {counter} + 1) < {limit}:"), |g| g.block(3))?;
    let clauses = settle(g, vec![made]);
    let mut statements = vec![start];
    statements.extend(compound(id, clauses));
    Some(statements)
}

pub(crate) fn for_loop(
    g: &mut Generator<'_>,
    id: ConstructId,
    iterable: &str,
    has_else: bool,
) -> Option<Vec<Statement>> {
    for_each(g, id, iterable, (Kind::Int, has_else))
}

/// A loop over values of a kind.
pub(crate) fn for_loop_of(
    g: &mut Generator<'_>,
    id: ConstructId,
    iterable: &str,
    kind: Kind,
) -> Option<Vec<Statement>> {
    for_each(g, id, iterable, (kind, false))
}

fn for_each(
    g: &mut Generator<'_>,
    id: ConstructId,
    iterable: &str,
    (kind, has_else): (Kind, bool),
) -> Option<Vec<Statement>> {
    let name = g.fresh("i");
    let mut made = vec![repeated(g, &format!("for {name} in {iterable}:"), |g| {
        // Assigning to it does not change the loop.
        g.bind(&name, kind, Origin::Local);
        g.block(3)
    })?];
    if has_else {
        made.push(otherwise(g)?);
    }
    let clauses = settle(g, made);
    Some(compound(id, clauses))
}

pub(crate) fn for_pairs(
    g: &mut Generator<'_>,
    id: ConstructId,
    iterable: &str,
    kinds: [Kind; 2],
) -> Option<Vec<Statement>> {
    let (first, second) = (g.fresh("i"), g.fresh("e"));
    let made = repeated(g, &format!("for {first}, {second} in {iterable}:"), |g| {
        g.bind(&first, kinds[0], Origin::Local);
        g.bind(&second, kinds[1], Origin::Local);
        g.block(2)
    })?;
    let clauses = settle(g, vec![made]);
    Some(compound(id, clauses))
}

fn for_onto_state(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let states: Vec<String> = g
        .variables
        .iter()
        .filter(|variable| variable.origin == Origin::State && variable.kind == Kind::Int)
        .map(|variable| variable.name.clone())
        .collect();
    if states.is_empty() {
        return None;
    }
    let state = g.random.pick(&states).clone();
    let made = repeated(g, &format!("for {state} in range({{C}}):"), |g| g.block(2))?;
    let clauses = settle(g, vec![made]);
    Some(compound(id, clauses))
}

/// `break` or `continue`, under a condition.
fn in_loop(g: &mut Generator<'_>, id: ConstructId, word: &str) -> Option<Vec<Statement>> {
    if g.loop_depth == 0 {
        return None;
    }
    let (clause, _) = g.clause("if {b}:", |g| {
        let mut body = if g.random.percent(30) { block_that_goes_on(g, 1) } else { Vec::new() };
        body.extend(g.line(id, word));
        body
    })?;
    Some(compound(id, vec![clause]))
}

/// A match with cases; what they bind is not seen behind it.
fn matched(
    g: &mut Generator<'_>,
    id: ConstructId,
    subject: &str,
    cases: &[(&str, &[(&str, Kind)])],
) -> Option<Vec<Statement>> {
    let depth = g.largest_depth.min(2);
    let header = g.without_walrus(|g| g.template(subject, depth))?;
    let mut body = Vec::new();
    let count = g.random.between(1, cases.len());
    for (pattern, names) in &cases[cases.len() - count..] {
        let mut text = format!("case {pattern}:");
        let mut captured = Vec::new();
        for (placeholder, kind) in *names {
            let name = g.fresh("m");
            text = text.replace(placeholder, &name);
            captured.push((name, *kind));
        }
        let (clause, _) = g.without_walrus(|g| {
            // The guard is inside of the block, as far as names are concerned.
            let (made, _) = g.in_block(|g| {
                for (name, kind) in &captured {
                    g.bind(name, *kind, Origin::Local);
                }
                g.clause(&text, |g| g.block(2))
            });
            made
        })?;
        body.push(Statement { construct: id, clauses: vec![clause], pinned: count == 1, oracle_only: false });
    }
    Some(compound(id, vec![Clause { header, body: Some(body), optional: false }]))
}

fn match_ints(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let cases: &[(&str, &[(&str, Kind)])] = &[
        ("0", &[]),
        ("-1 | 1", &[]),
        ("2 | 3 | 4 if {b}", &[]),
        ("@n if @n > {i7}", &[("@n", Kind::Int)]),
        ("5", &[]),
        ("_", &[]),
    ];
    let subject = if g.random.percent(50) { "match {i}:" } else { "match {C}:" };
    matched(g, id, subject, cases)
}

fn match_tuple(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let cases: &[(&str, &[(&str, Kind)])] = &[
        ("(0, _, 1)", &[]),
        ("(@a, 1, @b) if @a < @b", &[("@a", Kind::Int), ("@b", Kind::Int)]),
        ("(1, @a, _) | (2, _, @a)", &[("@a", Kind::Int)]),
        ("(@a, _, _)", &[("@a", Kind::Int)]),
    ];
    matched(g, id, "match ({C}, {C}, {C}):", cases)
}

fn match_enum(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    matched(g, id, "match {e}:", &[("Side.BUY", &[]), ("Side.SELL", &[]), ("_", &[])])
}
