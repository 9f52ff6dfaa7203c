//! Sets of members of an enum.

use crate::constructs::Construct;
use crate::control::for_loop_of;
use crate::expressions::of;
use crate::generator::{Generator, Origin};
use crate::kind::Kind;
use crate::statements::{self, augment, new_local};
use crate::tree::{ConstructId, Statement};

pub(crate) const EXPRESSIONS: &[Construct] = &[
    of("flag", 'm', 16, 8, "Flag.A"),
    of("flag of the second word", 'm', 16, 6, "Flag.D"),
    of("last flag", 'm', 16, 5, "Flag.E"),
    of("flag if bool else flag", 'm', 2, 4, "{m3} if {b3} else {m2}"),
    of("EnumSet of flags", 's', 16, 8, "EnumSet({m}, {m})"),
    of("EnumSet of a class", 's', 16, 3, "EnumSet(Flag)"),
    of("EnumSet[...] of a flag", 's', 16, 4, "EnumSet[Flag]({m})"),
    of("EnumSet of a set", 's', 16, 1, "EnumSet({s})"),
    of("module set", 's', 16, 2, "USUAL"),
    of("set | set", 's', 7, 5, "{s7} | {s8}"),
    of("set ^ set", 's', 8, 4, "{s8} ^ {s9}"),
    of("set & set", 's', 9, 4, "{s9} & {s10}"),
    of("set - set", 's', 11, 4, "{s11} - {s12}"),
    of("set if bool else set", 's', 2, 3, "{s3} if {b3} else {s2}"),
    of("set.union", 's', 16, 2, "{s16}.union({s})"),
    of("set.intersection", 's', 16, 2, "{s16}.intersection({s})"),
    of("set.difference", 's', 16, 2, "{s16}.difference({s})"),
    of("set.symmetric_difference", 's', 16, 2, "{s16}.symmetric_difference({s})"),
    of("set.copy", 's', 16, 2, "{s16}.copy()"),
    of("flag in set", 'b', 6, 5, "{m7} in {s7}"),
    of("flag not in set", 'b', 6, 3, "{m7} not in {s7}"),
    of("set.contains", 'b', 16, 2, "{s16}.contains({m})"),
    of("set.contains_any", 'b', 16, 2, "{s16}.contains_any({s})"),
    of("set.contains_all", 'b', 16, 2, "{s16}.contains_all({s})"),
    of("set == set", 'b', 6, 3, "{s7} == {s7}"),
    of("set != set", 'b', 6, 2, "{s7} != {s7}"),
    of("set <= set", 'b', 6, 2, "{s7} <= {s7}"),
    of("set < set", 'b', 6, 2, "{s7} < {s7}"),
    of("set >= set", 'b', 6, 2, "{s7} >= {s7}"),
    of("set > set", 'b', 6, 2, "{s7} > {s7}"),
    of("not set", 'b', 5, 2, "not {s5}"),
    of("bool(set)", 'b', 16, 2, "bool({s})"),
    of("len(set)", 'i', 16, 5, "len({s})"),
    of("flag.value", 'i', 16, 2, "{m16}.value"),
];

pub(crate) const STATEMENTS: &[Construct] = &[
    statements::of("local = set", 6, |g, id| new_local(g, id, Kind::Flags)),
    statements::of("local = flag", 3, |g, id| new_local(g, id, Kind::Flag)),
    statements::of("set |= set", 3, |g, id| augment(g, id, Kind::Flags, "|= {s}")),
    statements::of("set &= set", 2, |g, id| augment(g, id, Kind::Flags, "&= {s}")),
    statements::of("set -= set", 2, |g, id| augment(g, id, Kind::Flags, "-= {s}")),
    statements::of("set ^= set", 2, |g, id| augment(g, id, Kind::Flags, "^= {s}")),
    statements::of("set.add", 6, |g, id| update(g, id, Kind::Flags, "@.add({m})")),
    statements::of("set.discard", 4, |g, id| update(g, id, Kind::Flags, "@.discard({m})")),
    statements::of("set.remove", 3, |g, id| update(g, id, Kind::Flags, "@.remove({m})")),
    statements::of("set.clear", 1, |g, id| update(g, id, Kind::Flags, "@.clear()")),
    statements::of("for in a set", 4, |g, id| for_loop_of(g, id, "{s}", Kind::Flag)),
];

/// A line that updates a set.
pub(crate) fn update(g: &mut Generator<'_>, id: ConstructId, kind: Kind, text: &str) -> Option<Vec<Statement>> {
    let known: Vec<String> = g
        .variables
        .iter()
        .filter(|variable| variable.kind == kind && !variable.may_be_unbound)
        // Inputs and constants are not updated, but copies of them.
        .filter(|variable| matches!(variable.origin, Origin::Local | Origin::State))
        .map(|variable| variable.name.clone())
        .collect();
    if known.is_empty() {
        return None;
    }
    let name = g.random.pick(&known).clone();
    // Python takes the set before the member, and a name that the member binds anew would be another one.
    let line = g.without_walrus(|g| g.line(id, &text.replace('@', &name)))?;
    Some(vec![line])
}
