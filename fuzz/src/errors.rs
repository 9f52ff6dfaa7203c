//! Errors: raised, asserted, caught; and print.

use crate::constructs::Construct;
use crate::control::compound;
use crate::generator::{Generator, Origin, Variable, ends};
use crate::statements::of;
use crate::tree::{Clause, ConstructId, Statement};

pub(crate) const ALL: &[Construct] = &[
    of("assert", 4, |g, id| Some(vec![g.line(id, ASSERTION)?])),
    of("assert with message", 2, |g, id| Some(vec![g.line(id, "assert {X7} <= {i7}, 'not so'")?])),
    of("raise class", 2, |g, id| raise(g, id, "")),
    of("raise with message", 2, |g, id| raise(g, id, "('a message')")),
    of("print", 2, |g, id| Some(vec![g.line(id, "print({i}, 'and', {f}, {b})")?])),
    of("try except", 4, |g, id| attempt(g, id, &["except:"], Rest::None)),
    of("try except Exception", 4, |g, id| attempt(g, id, &["except Exception:"], Rest::None)),
    of("try except by kind", 4, |g, id| attempt(g, id, &["except @:"], Rest::None)),
    of("try except several kinds", 2, |g, id| attempt(g, id, &["except (@, ValueError):"], Rest::None)),
    of("try with handlers", 3, |g, id| attempt(g, id, &["except @:", "except Exception:"], Rest::None)),
    of("try except else", 3, |g, id| attempt(g, id, &["except Exception:"], Rest::Else)),
    of("try except finally", 3, |g, id| attempt(g, id, &["except @:"], Rest::Finally)),
    of("try except else finally", 2, |g, id| attempt(g, id, &["except @:", "except:"], Rest::ElseFinally)),
    of("try finally", 3, |g, id| attempt(g, id, &[], Rest::Finally)),
    of("raise again", 2, raise_again),
];

/// An assertion that is not known to fail when the program is compiled: what is bound behind it would be certain not to be.
const ASSERTION: &str = "assert {X12} % 3 > 0 or {b4}";

const CLASSES: &[&str] = &[
    "ValueError",
    "IndexError",
    "KeyError",
    "AssertionError",
    "RuntimeError",
    "ZeroDivisionError",
    "OverflowError",
    "TypeError",
    "ArithmeticError",
    "LookupError",
    "UnboundLocalError",
];

/// Clauses of a try beside its handlers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    None,
    Else,
    Finally,
    ElseFinally,
}

fn class(g: &mut Generator<'_>) -> &'static str {
    g.random.pick::<&str>(CLASSES)
}

fn raise(g: &mut Generator<'_>, id: ConstructId, arguments: &str) -> Option<Vec<Statement>> {
    let class = class(g);
    let line = format!("raise {class}{arguments}");
    let (clause, _) = g.clause("if {b}:", |g| g.line(id, &line).into_iter().collect())?;
    Some(compound(id, vec![clause]))
}

/// A block of a try statement; what it binds may be unbound behind it.
fn part(g: &mut Generator<'_>, header: &str, most: usize) -> Option<(Clause, Vec<Variable>)> {
    g.try_depth += 1;
    let made = g.clause(header, |g| g.block(most));
    g.try_depth -= 1;
    made
}

/// Something that may fail, as the first of a block: an assert, a zero step, an index, by what there is.
fn attempt(g: &mut Generator<'_>, id: ConstructId, handlers: &[&str], rest: Rest) -> Option<Vec<Statement>> {
    let (mut clause, bound) = part(g, "try:", 3)?;
    if !ends(clause.body.as_deref()?) && g.random.percent(60) {
        // The later blocks are reached rarely unless something fails.
        let failure = match g.random.percent(50) {
            true if g.is_enabled("assert") => g.line(id, ASSERTION),
            false if g.is_enabled("raise class") => raise(g, id, "").and_then(|mut made| made.pop()),
            _ => None,
        };
        clause.body.as_mut()?.extend(failure);
    }
    let mut visible: Vec<Variable> = Vec::new();
    let mut leaves = clause.body.as_deref().is_some_and(ends);
    let in_body = bound;
    let mut clauses = vec![clause];
    for handler in handlers {
        let class = class(g);
        let (clause, bound) = part(g, &handler.replace('@', class), 2)?;
        if !clause.body.as_deref().is_some_and(ends) {
            visible.extend(bound);
        }
        clauses.push(clause);
    }
    if matches!(rest, Rest::Else | Rest::ElseFinally) {
        let (clause, bound) = part(g, "else:", 2)?;
        // Behind a body that leaves it is not reached.
        leaves |= clause.body.as_deref().is_some_and(ends);
        visible.extend(bound.into_iter().filter(|_| !leaves));
        clauses.push(Clause { optional: true, ..clause });
    }
    // Where the body leads out of the function, only a handler, before which nothing may be bound, goes on.
    if !leaves {
        visible.extend(in_body);
    }
    if matches!(rest, Rest::Finally | Rest::ElseFinally) {
        let (clause, bound) = part(g, "finally:", 2)?;
        visible.extend(bound.into_iter().filter(|_| !clause.body.as_deref().is_some_and(ends)));
        clauses.push(Clause { optional: !handlers.is_empty(), ..clause });
    }
    for variable in &mut visible {
        if variable.origin == Origin::Counter {
            variable.origin = Origin::Local;
        }
    }
    g.bring_out(visible);
    Some(compound(id, clauses))
}

/// A handler that raises what it caught.
fn raise_again(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let (clause, _) = part(g, "try:", 2)?;
    let class = class(g);
    let (handler, _) = part_that_raises(g, id, &format!("except {class}:"))?;
    Some(compound(id, vec![clause, handler]))
}

fn part_that_raises(g: &mut Generator<'_>, id: ConstructId, header: &str) -> Option<(Clause, Vec<Variable>)> {
    g.try_depth += 1;
    let made = g.clause(header, |g| {
        let mut body = g.block(1);
        if !ends(&body) {
            body.extend(g.line(id, "raise"));
        }
        body
    });
    g.try_depth -= 1;
    made
}
