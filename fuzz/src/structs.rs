//! What a host brings: structs, their fields and arrays, members of its enumerations, sets of them; and containers of
//! these.
//!
//! Inputs and states of structs are places: `{Z}` is the name of one of a trade, `{O}` of a point, `{x}` of a grid, which
//! has no copies. What else is a struct is a copy, which `{L}` is of a trade.

use crate::constructs::Construct;
use crate::containers::change;
use crate::control::{for_loop, for_loop_of, for_pairs};
use crate::expressions::{of, unified};
use crate::generator::{Generator, Origin};
use crate::kind::Kind;
use crate::sets::update;
use crate::statements::{self, new_local};
use crate::tree::{ConstructId, Statement};

pub(crate) const EXPRESSIONS: &[Construct] = &[
    of("member of the host", 'c', 16, 6, "Mode.RUN"),
    of("other member of the host", 'c', 16, 6, "Mode.HALT"),
    of("host member if bool else member", 'c', 2, 3, "{c3} if {b3} else {c2}"),
    of("host member is member", 'b', 6, 2, "{c7} is {c7}"),
    of("host member != member", 'b', 6, 2, "{c7} != {c7}"),
    of("host member.value", 'i', 16, 2, "{c16}.value"),
    of("flag of the host", 'v', 16, 8, "Mark.P"),
    of("last flag of the host", 'v', 16, 6, "Mark.S"),
    of("EnumSet of the host", 'w', 16, 6, "EnumSet({v}, {v})"),
    of("empty EnumSet of the host", 'w', 16, 3, "EnumSet[Mark]()"),
    of("host set | set", 'w', 7, 3, "{w7} | {w8}"),
    of("host set - set", 'w', 11, 3, "{w11} - {w12}"),
    of("host set.symmetric_difference", 'w', 16, 2, "{w16}.symmetric_difference({w})"),
    of("flag in host set", 'b', 6, 3, "{v7} in {w7}"),
    of("host set <= set", 'b', 6, 2, "{w7} <= {w7}"),
    of("len(host set)", 'i', 16, 2, "len({w})"),
    of("Point(...)", 'y', 16, 6, "Point({f}, {C})"),
    of("Point by names", 'y', 16, 3, "Point(n={C}, x={f}, mode={c}, k={W})"),
    of("Point that may not fit", 'y', 16, 2, "Point({f}, {i}, {i})"),
    of("point of a trade", 'y', 16, 5, "{z16}.point"),
    of("point of a grid", 'y', 16, 3, "{x16}.corner"),
    of("point of an array", 'y', 16, 3, "{x16}.points[{C}]"),
    of("point of a list", 'y', 16, 4, "{Q16}[{C}]"),
    of("points.pop()", 'y', 16, 2, "{Q16}.pop()"),
    of("place if bool else place", 'y', 2, 2, "{O3} if {b3} else {O2}"),
    of("helper that gives a point back", 'y', 16, 2, "echoed({y})"),
    of("helper that gives a field", 'y', 16, 2, "moved({Z})"),
    of("Trade(...)", 'z', 16, 6, "Trade({f}, {C}, {c}, {b}, {i}, {t}, {d}, {w}, {y})"),
    of(
        "Trade by names",
        'z',
        16,
        3,
        "Trade({f}, level={C}, size={i}, ratio={f}, hidden={b}, total={X}, point={y}, mode={c}, at={t}, span={d}, marks={w})",
    ),
    of("trade if bool else trade", 'z', 2, 2, "{Z3} if {b3} else {Z2}"),
    of("copy if bool else copy", 'z', 2, 2, "{L3} if {b3} else {L2}"),
    unified("trade if bool else copy", 'z', 2, "{Z3} if {b3} else {L2}", "__kept"),
    of("helper that gives a trade back", 'z', 16, 2, "echoed({z})"),
    of("float field", 'f', 16, 6, "{z16}.price"),
    of("single field", 'f', 16, 4, "{z16}.ratio"),
    of("field of a field", 'f', 16, 4, "{z16}.point.x"),
    of("float field of a point", 'f', 16, 5, "{y16}.x"),
    of("element of singles", 'f', 16, 3, "{x16}.rates[{C}]"),
    of("sum of singles", 'f', 16, 2, "sum({x16}.rates)"),
    of("16-bit field", 'i', 16, 5, "{z16}.size"),
    of("unsigned field", 'i', 16, 4, "{z16}.total"),
    of("8-bit field", 'i', 16, 3, "{z16}.level"),
    of("32-bit field", 'i', 16, 4, "{y16}.n"),
    of("unsigned 8-bit field", 'i', 16, 3, "{y16}.k"),
    of("element of an array", 'i', 16, 4, "{x16}.cells[{C}]"),
    of("bounded element of an array", 'i', 16, 3, "{x16}.small[{i12} % 4]"),
    of("len of an array", 'i', 16, 1, "len({x16}.cells)"),
    of("sum of an array", 'i', 16, 2, "sum({x16}.cells)"),
    of("max of an array", 'i', 16, 2, "max({x16}.small)"),
    of("x in an array", 'b', 6, 2, "{i7} in {x16}.cells"),
    of("member in an array", 'b', 6, 2, "{c7} in {x16}.modes"),
    of("bool field", 'b', 16, 4, "{z16}.hidden"),
    of("time field", 't', 16, 3, "{z16}.at"),
    of("duration field", 'd', 16, 3, "{z16}.span"),
    of("member field", 'c', 16, 4, "{z16}.mode"),
    of("member field of 8 bits", 'c', 16, 3, "{y16}.mode"),
    of("member of an array", 'c', 16, 2, "{x16}.modes[{C}]"),
    of("set field", 'w', 16, 4, "{z16}.marks"),
    of("trade == trade", 'b', 6, 2, "{z7} == {z7}"),
    of("trade != trade", 'b', 6, 2, "{z7} != {z7}"),
    of("point == point", 'b', 6, 2, "{y7} == {y7}"),
    of("helper that reads fields", 'f', 16, 3, "middle({z})"),
    of("helper that writes fields", 'f', 16, 3, "raised({Z}, {f})"),
    of("helper that writes a field of a point", 'f', 16, 3, "bumped({O}, {f})"),
    of("helper that writes an array", 'i', 16, 2, "filled({x}, {i})"),
    of("list of points", 'Q', 16, 6, "[{y}, {y}]"),
    of("slice of points", 'Q', 16, 2, "{Q16}[{C}:]"),
    of("len of points", 'i', 16, 1, "len({Q})"),
    of("point in points", 'b', 6, 2, "{y7} in {Q7}"),
    of("list of members", 'M', 16, 6, "[{c}, {c}]"),
    of("slice of members", 'M', 16, 2, "{M16}[::{C}]"),
    of("member of a list", 'c', 16, 3, "{M16}[{C}]"),
    of("member in members", 'b', 6, 2, "{c7} in {M7}"),
    of("list of sets", 'S', 16, 6, "[{w}, {w}]"),
    of("copy of a list of sets", 'S', 16, 2, "{S16}.copy()"),
    of("set of a list", 'w', 16, 3, "{S16}[{C}]"),
    of("set in sets", 'b', 6, 2, "{w7} in {S7}"),
    of("dict of members", 'D', 16, 6, "{<}{e}: {i}, Side.BUY: {I}{>}"),
    of("copy of a dict of members", 'D', 16, 2, "{D16}.copy()"),
    of("d[member]", 'i', 16, 3, "{D16}[{e}]"),
    of("d.get of a member", 'i', 16, 3, "{D16}.get({e}, {i})"),
    of("member in a dict", 'b', 6, 2, "{e7} in {D7}"),
];

pub(crate) const STATEMENTS: &[Construct] = &[
    statements::of("local = host member", 2, |g, id| new_local(g, id, Kind::Mode)),
    statements::of("local = host set", 3, |g, id| new_local(g, id, Kind::Marks)),
    statements::of("local = point", 4, |g, id| new_local(g, id, Kind::Point)),
    statements::of("local = trade", 4, |g, id| new_local(g, id, Kind::Trade)),
    statements::of("local = list of points", 3, |g, id| new_local(g, id, Kind::Points)),
    statements::of("local = list of members", 2, |g, id| new_local(g, id, Kind::Modes)),
    statements::of("local = list of sets", 2, |g, id| new_local(g, id, Kind::MarkSets)),
    statements::of("local = dict of members", 2, |g, id| new_local(g, id, Kind::SideDict)),
    statements::of("host set |= set", 2, |g, id| statements::augment(g, id, Kind::Marks, "|= {w}")),
    statements::of("host set.add", 3, |g, id| update(g, id, Kind::Marks, "@.add({v})")),
    statements::of("host set.remove", 2, |g, id| update(g, id, Kind::Marks, "@.remove({v})")),
    statements::of("host set.clear", 1, |g, id| update(g, id, Kind::Marks, "@.clear()")),
    statements::of("field = float", 6, |g, id| write(g, id, Kind::Trade, "@.price = {f}")),
    statements::of("single field = float", 4, |g, id| write(g, id, Kind::Trade, "@.ratio = {f}")),
    statements::of("field = int", 4, |g, id| write(g, id, Kind::Trade, "@.total = {i}")),
    statements::of("16-bit field = small int", 4, |g, id| write(g, id, Kind::Trade, "@.size = {C}")),
    statements::of("16-bit field = int", 2, |g, id| write(g, id, Kind::Trade, "@.size = {i}")),
    statements::of("float field = int", 2, |g, id| write(g, id, Kind::Trade, "@.price = {i}")),
    statements::of("bool field = bool", 2, |g, id| write(g, id, Kind::Trade, "@.hidden = {b}")),
    statements::of("time field = time", 2, |g, id| write(g, id, Kind::Trade, "@.at = {t}")),
    statements::of("duration field = duration", 2, |g, id| write(g, id, Kind::Trade, "@.span = {d}")),
    statements::of("member field = member", 3, |g, id| write(g, id, Kind::Trade, "@.mode = {c}")),
    statements::of("member field of 8 bits = member", 2, |g, id| write(g, id, Kind::Point, "@.mode = {c}")),
    statements::of("set field = set", 3, |g, id| write(g, id, Kind::Trade, "@.marks = {w}")),
    statements::of("point field = point", 4, |g, id| write(g, id, Kind::Trade, "@.point = {y}")),
    statements::of("field of a field = float", 3, |g, id| write(g, id, Kind::Trade, "@.point.x = {f}")),
    statements::of("field += float", 3, |g, id| write(g, id, Kind::Trade, "@.price += {f}")),
    statements::of("unsigned field += int", 3, |g, id| write(g, id, Kind::Trade, "@.total += {i}")),
    statements::of("8-bit field -= small int", 3, |g, id| write(g, id, Kind::Trade, "@.level -= {C}")),
    statements::of("32-bit field *= small int", 3, |g, id| write(g, id, Kind::Point, "@.n *= {C}")),
    statements::of("field of a field += int", 3, |g, id| write(g, id, Kind::Trade, "@.point.n += {C}")),
    statements::of("set field |= set", 2, |g, id| write(g, id, Kind::Trade, "@.marks |= {w}")),
    statements::of("set field.add", 4, |g, id| write(g, id, Kind::Trade, "@.marks.add({v})")),
    statements::of("set field.discard", 2, |g, id| write(g, id, Kind::Trade, "@.marks.discard({v})")),
    statements::of("set field.remove", 2, |g, id| write(g, id, Kind::Trade, "@.marks.remove({v})")),
    statements::of("array[i] = int", 4, |g, id| write(g, id, Kind::Grid, "@.cells[{C}] = {i}")),
    statements::of("array[i] += int", 4, |g, id| write(g, id, Kind::Grid, "@.cells[{C}] += {i}")),
    statements::of("8-bit array[i] = int", 2, |g, id| write(g, id, Kind::Grid, "@.small[{C}] = {W}")),
    statements::of("single array[i] = float", 3, |g, id| write(g, id, Kind::Grid, "@.rates[{C}] = {f}")),
    statements::of("member array[i] = member", 2, |g, id| write(g, id, Kind::Grid, "@.modes[{C}] = {c}")),
    statements::of("point array[i] = point", 3, |g, id| write(g, id, Kind::Grid, "@.points[{C}] = {y}")),
    statements::of("field of point array[i] = float", 3, |g, id| write(g, id, Kind::Grid, "@.points[{C}].x = {f}")),
    statements::of("corner = point", 2, |g, id| write(g, id, Kind::Grid, "@.corner = {y}")),
    statements::of("trades change places", 3, change_places),
    statements::of("unpacking of an array", 2, unpack_array),
    statements::of("print of structs", 1, |g, id| Some(vec![g.line(id, "print({z}, {y})")?])),
    statements::of("points.append", 3, |g, id| change(g, id, Kind::Points, "@.append({y})")),
    statements::of("points[i] = point", 3, |g, id| change(g, id, Kind::Points, "@[{C}] = {y}")),
    statements::of("members.append", 2, |g, id| change(g, id, Kind::Modes, "@.append({c})")),
    statements::of("members[i] = member", 2, |g, id| change(g, id, Kind::Modes, "@[{C}] = {c}")),
    statements::of("sets.append", 2, |g, id| change(g, id, Kind::MarkSets, "@.append({w})")),
    statements::of("sets[i] |= set", 2, |g, id| change(g, id, Kind::MarkSets, "@[{C}] |= {w}")),
    statements::of("d[member] = int", 3, |g, id| change(g, id, Kind::SideDict, "@[{e}] = {i}")),
    statements::of("d[member] += int", 3, |g, id| change(g, id, Kind::SideDict, "@[{e}] += {i}")),
    statements::of("for in points", 3, |g, id| for_loop_of(g, id, "{R}", Kind::Point)),
    statements::of("for in members", 2, |g, id| for_loop_of(g, id, "{E}", Kind::Mode)),
    statements::of("for in sets", 2, |g, id| for_loop_of(g, id, "{U}", Kind::Marks)),
    statements::of("for in a host set", 2, |g, id| for_loop_of(g, id, "{w}", Kind::Mark)),
    statements::of("for in items of members", 2, |g, id| for_pairs(g, id, "{V16}.items()", [Kind::Side, Kind::Int])),
    statements::of("for in an array", 3, |g, id| for_loop(g, id, "{x16}.cells", false)),
    statements::of("for in an array of points", 3, |g, id| for_loop_of(g, id, "{x16}.points", Kind::Point)),
    statements::of("for in a reversed array", 2, |g, id| for_loop_of(g, id, "reversed({x16}.rates)", Kind::Float)),
    statements::of("for in enumerate of an array", 2, |g, id| {
        for_pairs(g, id, "enumerate({x16}.points)", [Kind::Int, Kind::Point])
    }),
];

/// The places of a kind.
fn places(g: &Generator<'_>, kind: Kind) -> Vec<String> {
    let is_place = |variable: &&crate::generator::Variable| {
        variable.kind == kind && matches!(variable.origin, Origin::Input | Origin::State) && !variable.may_be_unbound
    };
    g.variables.iter().filter(is_place).map(|variable| variable.name.clone()).collect()
}

/// A line that writes to the place `@`.
fn write(g: &mut Generator<'_>, id: ConstructId, kind: Kind, text: &str) -> Option<Vec<Statement>> {
    let known = places(g, kind);
    if known.is_empty() {
        return None;
    }
    let name = g.random.pick(&known).clone();
    // The value is evaluated before the place: what the place binds is not bound yet.
    let line = g.without_walrus(|g| g.line(id, &text.replace('@', &name)))?;
    Some(vec![line])
}

/// Two states of one struct, each of which is the other afterwards.
fn change_places(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let kind = *g.random.pick(&[Kind::Trade, Kind::Point]);
    let states: Vec<String> = g
        .variables
        .iter()
        .filter(|variable| variable.kind == kind && variable.origin == Origin::State)
        .map(|variable| variable.name.clone())
        .collect();
    if states.len() < 2 {
        return None;
    }
    let (first, second) = (g.random.pick(&states).clone(), g.random.pick(&states).clone());
    Some(vec![g.line(id, &format!("{first}, {second} = {second}, {first}"))?])
}

/// Names for the elements of an array of three floats.
fn unpack_array(g: &mut Generator<'_>, id: ConstructId) -> Option<Vec<Statement>> {
    let known = places(g, Kind::Grid);
    if known.is_empty() {
        return None;
    }
    let grid = g.random.pick(&known).clone();
    let names = [g.fresh("v"), g.fresh("v"), g.fresh("v")];
    let line = g.line(id, &format!("{} = {grid}.rates", names.join(", ")))?;
    names.iter().for_each(|name| g.bind(name, Kind::Float, Origin::Local));
    Some(vec![line])
}
