//! Numbers and times that operations are likely to be wrong for.

use crate::host::{Word, members, words_of};
use crate::kind::Kind;
use crate::random::Random;

const FLOATS: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    0.1,
    2.675,
    3.0,
    -7.25,
    100.0,
    1e-300,
    -1e300,
    1e16,
    9_007_199_254_740_993.0,
    9_223_372_036_854_775_807.0,
    -9_223_372_036_854_775_808.0,
    1.844_674_407_370_955_2e19,
    1e308,
    5e-324,
    -2.225_073_858_507_201e-308,
    2.220_446_049_250_313e-16,
];

/// An int as a source has it.
pub(crate) fn int_literal(random: &mut Random) -> i64 {
    match random.below(10) {
        0..=5 => small(random),
        6 => signed(random, 1000),
        _ => int(random),
    }
}

/// A float as a source has it: finite.
pub(crate) fn float_literal(random: &mut Random) -> f64 {
    match random.below(3) {
        0 => *random.pick(FLOATS),
        1 => small(random) as f64,
        _ => signed(random, 100_000) as f64 / 128.0,
    }
}

/// A random value of a cell of a kind, in words.
pub(crate) fn cell(random: &mut Random, kind: Kind) -> Vec<i64> {
    words_of(kind)
        .into_iter()
        .map(|part| match part.kind {
            Kind::Flags | Kind::Marks => set_word(random, part.kind, part.is_second()),
            Kind::Bool if kind.is_struct() => i64::from(random.percent(50)),
            kind => part.fitting(word(random, kind)),
        })
        .collect()
}

/// A value that a host binds: a member where it is of an enumeration, a set of members.
pub(crate) fn constant(random: &mut Random, kind: Kind) -> Vec<i64> {
    match kind {
        Kind::Bool => vec![i64::from(random.percent(50))],
        Kind::Flags | Kind::Marks => {
            let bits =
                members(kind).iter().filter(|_| random.percent(40)).fold(0_u128, |bits, (_, bit)| bits | 1 << bit);
            vec![(bits as u64).cast_signed(), ((bits >> 64) as u64).cast_signed()]
        }
        _ if !members(kind).is_empty() => vec![random.pick(members(kind)).1],
        _ => cell(random, kind),
    }
}

/// A random value of an argument of a kind, in words: members of enumerations alone, truth values of one bit.
pub(crate) fn argument(random: &mut Random, kind: Kind) -> Vec<i64> {
    let words = cell(random, kind);
    let fitting = |(part, word): (Word, i64)| match part.kind {
        Kind::Flags | Kind::Marks => word,
        Kind::Bool => i64::from(word != 0),
        kind if members(kind).is_empty() || members(kind).iter().any(|(_, known)| *known == word) => word,
        kind => random.pick(members(kind)).1,
    };
    words_of(kind).into_iter().zip(words).map(fitting).collect()
}

/// Half of a set: bits of members, seldom of none.
fn set_word(random: &mut Random, kind: Kind, is_second: bool) -> i64 {
    let bits = members(kind).iter().filter(|_| random.percent(40)).fold(0_u128, |bits, (_, bit)| bits | 1 << bit);
    let others = if random.percent(10) { random.next() & random.next() } else { 0 };
    (((bits >> if is_second { 64 } else { 0 }) as u64) | others).cast_signed()
}

fn word(random: &mut Random, kind: Kind) -> i64 {
    match kind {
        _ if !members(kind).is_empty() => {
            if random.percent(85) {
                random.pick(members(kind)).1
            } else {
                *random.pick(&[0, 3, 100, -128, 127])
            }
        }
        Kind::Float => float(random).to_bits().cast_signed(),
        Kind::Bool if random.percent(10) => 1 + random.below(255) as i64,
        Kind::Bool => i64::from(random.percent(50)),
        Kind::Delta => time(random, 86_400),
        Kind::Time => time(random, 2_000_000_000),
        _ => int(random),
    }
}

fn small(random: &mut Random) -> i64 {
    signed(random, 10)
}

fn signed(random: &mut Random, limit: usize) -> i64 {
    let value = random.below(limit + 1) as i64;
    if random.percent(35) { -value } else { value }
}

fn int(random: &mut Random) -> i64 {
    match random.below(10) {
        0..=3 => small(random),
        4 => signed(random, 1000),
        5 => signed(random, 1_000_000_000_000),
        6 | 7 => {
            let power = 1_i64.wrapping_shl(random.below(64) as u32);
            power.wrapping_add(random.below(3) as i64 - 1).wrapping_mul(if random.percent(50) { -1 } else { 1 })
        }
        8 => *random.pick(&[i64::MIN, i64::MAX, i64::MIN + 1, i64::MAX - 1, -1]),
        _ => random.next().cast_signed(),
    }
}

fn float(random: &mut Random) -> f64 {
    match random.below(10) {
        0..=2 => *random.pick(FLOATS),
        3..=5 => signed(random, 1_000_000) as f64 / 256.0,
        6 => int(random) as f64,
        7 => *random.pick(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
        8 => (random.below(2000) as f64 - 1000.0) * 0.001,
        _ => f64::from_bits(random.next()),
    }
}

fn time(random: &mut Random, seconds: usize) -> i64 {
    match random.below(8) {
        0 => signed(random, 3),
        1..=3 => signed(random, seconds) * 1_000_000_000,
        4..=5 => signed(random, seconds) * 1_000_000_000 + signed(random, 999_999_999),
        6 => signed(random, 1000) * 86_400_000_000_000,
        _ => int(random),
    }
}
