//! What functions do with numbers that are ints in some calls and floats in others: whatever means the same for both, and
//! never meets an int where paths join, which would make it a float.

use crate::constructs::{Construct, Table};
use crate::containers::change;
use crate::control::{for_loop_of, for_pairs};
use crate::expressions::of;
use crate::kind::Kind;
use crate::statements;

pub(crate) const EXPRESSIONS: &[Construct] = &[
    of("number + number", 'B', 11, 10, "{B11} + {B12}"),
    of("number - number", 'B', 11, 8, "{B11} - {B12}"),
    of("number * number", 'B', 12, 8, "{B12} * {B13}"),
    of("number // number", 'B', 12, 4, "{B12} // {B13}"),
    of("number % number", 'B', 12, 4, "{B12} % {B13}"),
    of("number + int", 'B', 11, 5, "{B11} + {i12}"),
    of("number * bool", 'B', 12, 3, "{B12} * {b13}"),
    of("-number", 'B', 13, 4, "-{B13}"),
    of("abs(number)", 'B', 16, 3, "abs({B})"),
    of("min of numbers", 'B', 16, 3, "min({B}, {B})"),
    of("max of numbers", 'B', 16, 3, "max({B}, {B}, {B})"),
    of("number if bool else number", 'B', 2, 4, "{B3} if {b3} else {B2}"),
    of("element that is a number", 'B', 16, 6, "{$16}[{C}]"),
    of("last number", 'B', 16, 3, "{$16}[-1]"),
    of("numbers.pop()", 'B', 16, 3, "{$16}.pop()"),
    of("max of a list of numbers", 'B', 16, 2, "max({$})"),
    // CPython's sum of an empty list is an int.
    of("sum of numbers", 'B', 11, 3, "sum({$}) + {B12}"),
    of("entry that is a number", 'B', 16, 4, "{!16}[{C}]"),
    of("d.get of a number", 'B', 16, 4, "{!16}.get({C}, {B})"),
    of("d.pop of a number", 'B', 16, 2, "{!16}.pop({C}, {B})"),
    of("helper of numbers", 'B', 16, 4, "mixed({B}, {B})"),
    of("helper of a number with its default", 'B', 16, 3, "mixed({B})"),
    of("number / number", 'f', 12, 4, "{B12} / {B13}"),
    of("float(number)", 'f', 16, 4, "float({B})"),
    of("number + float", 'f', 11, 4, "{B11} + {f12}"),
    of("math.sqrt of a number", 'f', 16, 2, "math.sqrt({B})"),
    of("int(number)", 'i', 16, 4, "int({B})"),
    of("len of numbers", 'i', 16, 3, "len({$})"),
    of("numbers.count", 'i', 16, 2, "{$16}.count({B})"),
    of("helper that appends numbers", 'i', 16, 3, "pushed({$}, {B})"),
    of("number < number", 'b', 6, 5, "{B7} < {B7}"),
    of("number == int", 'b', 6, 3, "{B7} == {i7}"),
    of("isinstance of a number", 'b', 16, 4, "isinstance({B}, float)"),
    of("number in numbers", 'b', 6, 3, "{B7} in {$7}"),
    of("numbers == numbers", 'b', 6, 2, "{$7} == {$7}"),
    of("list of numbers", '$', 16, 8, "[{B}, {B}]"),
    of("slice of numbers", '$', 16, 3, "{$16}[{C}:]"),
    of("dict of numbers", '!', 16, 8, "{<}{C}: {B}, {N}: {B}{>}"),
    of("copy of a dict of numbers", '!', 16, 2, "dict({!})"),
];

pub(crate) const STATEMENTS: &[Construct] = &[
    statements::of("local = number", 10, |g, id| statements::new_local(g, id, Kind::Number)),
    statements::of("local = list of numbers", 4, |g, id| statements::new_local(g, id, Kind::Numbers)),
    statements::of("number += number", 6, |g, id| statements::augment(g, id, Kind::Number, "+= {B}")),
    statements::of("number *= int", 3, |g, id| statements::augment(g, id, Kind::Number, "*= {i}")),
    statements::of("append of a number", 8, |g, id| change(g, id, Kind::Numbers, "@.append({B})")),
    statements::of("insert of a number", 3, |g, id| change(g, id, Kind::Numbers, "@.insert({C}, {B})")),
    statements::of("element = number", 6, |g, id| change(g, id, Kind::Numbers, "@[{C}] = {B}")),
    statements::of("element += number", 4, |g, id| change(g, id, Kind::Numbers, "@[{C}] += {B}")),
    statements::of("numbers.sort", 2, |g, id| change(g, id, Kind::Numbers, "@.sort()")),
    statements::of("numbers.clear", 1, |g, id| change(g, id, Kind::Numbers, "@.clear()")),
    statements::of("del of a number", 2, |g, id| change(g, id, Kind::Numbers, "del @[{C}]")),
    statements::of("d[k] = number", 6, |g, id| change(g, id, Kind::NumberDict, "@[{C}] = {B}")),
    statements::of("d[k] += number", 3, |g, id| change(g, id, Kind::NumberDict, "@[{C}] += {B}")),
    statements::of("del of an entry", 2, |g, id| change(g, id, Kind::NumberDict, "del @[{C}]")),
    statements::of("for in numbers", 5, |g, id| for_loop_of(g, id, "{&}", Kind::Number)),
    statements::of("for in items of numbers", 3, |g, id| for_pairs(g, id, "{?16}.items()", [Kind::Int, Kind::Number])),
];

/// The constructs as they are, but for these, which programs without such numbers cannot have.
pub(crate) fn without(table: &Table, enabled: &[bool]) -> Vec<bool> {
    let mut others = enabled.to_vec();
    for construct in EXPRESSIONS.iter().chain(STATEMENTS) {
        others[table.id(construct.name)] = false;
    }
    others
}

/// Whether a construct is one of these.
pub(crate) fn has(name: &str) -> bool {
    EXPRESSIONS.iter().chain(STATEMENTS).any(|construct| construct.name == name)
}
