//! Which counters are known not to be below 0: steps, products, and what may wrap.

use cfunc_ir::{Pass, Pipeline, parse_module, verify};

/// A loop that goes on while the test holds, and in it a question whether the counter `v40` is below 0. `v0` to `v2` are
/// arguments, `v3` is a list's header, `v10` is 0; lines of `before` run before the loop, those of `step` in it; the
/// counter begins with `v20`, and `v41` is what it is next.
fn counted(before: &[&str], step: &[&str], test: &str) -> String {
    let line = |line: &&str| format!("    {line}\n");
    let (before, step): (String, String) = (before.iter().map(line).collect(), step.iter().map(line).collect());
    format!(
        r#"fn0 = function "f" (i64, i64, i64, ptr) -> (i64) {{
block0(v0: i64, v1: i64, v2: i64, v3: ptr):
    v10: i64 = iconst 0
    v12: i64 = iconst 1000
{before}    jump block1(v20, v10)
block1(v40: i64, v42: i64):
    {test}
    branch v43, block2, block3
block2:
    v44: i8 = icmp slt v40, v10
    v45: i64 = select v44, v0, v40
    v46: i64 = iadd v42, v45
{step}    jump block1(v41, v46)
block3:
    return v42
block4: cold
    return v0
}}
"#
    )
}

/// Whether the question is gone, in the loop as it is and in the one whose test moved to the end.
#[track_caller]
fn check(what: &str, before: &[&str], step: &[&str], test: &str, decided: bool) {
    for passes in
        [&[Pass::Ranges, Pass::Fold, Pass::DeadCode][..], &[Pass::Rotate, Pass::Ranges, Pass::Fold, Pass::DeadCode]]
    {
        let mut module = parse_module(&counted(before, step, test)).unwrap_or_else(|error| panic!("{what}: {error}"));
        verify(&module).unwrap_or_else(|errors| panic!("{what}: {errors}"));
        Pipeline::new(passes).verify(true).run(&mut module).unwrap_or_else(|error| panic!("{what}: {error}"));
        let after = module.functions[0].to_string();
        assert_eq!(!after.contains("select"), decided, "{what}, {passes:?}:\n{after}");
    }
}

/// The counter begins with 0.
const FROM_ZERO: &str = "v20: i64 = iconst 0";
/// The counter goes up by `v21`.
const STEP: &[&str] = &["v41: i64 = iadd v40, v21"];
/// As long as it is below 1000.
const BELOW: &str = "v43: i8 = icmp slt v40, v12";
/// As long as it is below an argument.
const BELOW_ARGUMENT: &str = "v43: i8 = icmp slt v40, v2";

/// Asks that `v1` is below a number, as an unsigned one: not below 0 and less than it.
const fn within(number: &'static str) -> [&'static str; 4] {
    [number, "v31: i8 = icmp ult v1, v30", "branch v31, block9, block4", "\nblock9:"]
}

#[test]
fn steps_of_any_size() {
    let below = |number: &'static str| [&[FROM_ZERO][..], &within(number), &["v21: i64 = iadd v1, v10"]].concat();
    let small = below("v30: i64 = iconst 1000");
    check("a step that is not negative", &small, STEP, BELOW, true);
    check("the other way around", &small, &["v41: i64 = iadd v21, v40"], BELOW, true);
    check("a bound of which nothing is known: the sum may wrap", &small, STEP, BELOW_ARGUMENT, false);
    let large = below("v30: i64 = iconst 9223372036854774809");
    check("the largest step that does not wrap", &large, STEP, BELOW, true);
    let larger = below("v30: i64 = iconst 9223372036854774810");
    check("a step that wraps from the highest counter", &larger, STEP, BELOW, false);
    check("a step of which nothing is known", &[FROM_ZERO, "v21: i64 = iadd v1, v10"], STEP, BELOW, false);
    check("a step down", &[FROM_ZERO, "v21: i64 = iconst -1"], STEP, BELOW, false);
    check("no step", &[FROM_ZERO, "v21: i64 = iconst 0"], STEP, BELOW, true);
    check("one, below anything", &[FROM_ZERO, "v21: i64 = iconst 1"], STEP, BELOW_ARGUMENT, true);
    check("two, below anything", &[FROM_ZERO, "v21: i64 = iconst 2"], STEP, BELOW_ARGUMENT, false);
    let not_above = "v43: i8 = icmp sle v40, v2";
    check("one, not above anything", &[FROM_ZERO, "v21: i64 = iconst 1"], STEP, not_above, false);
}

#[test]
fn where_counters_begin() {
    let one = "v21: i64 = iconst 1";
    check("anywhere", &["v20: i64 = iadd v0, v10", one], STEP, BELOW, false);
    check("above all that the loop runs for", &["v20: i64 = iconst 1000", one], STEP, BELOW_ARGUMENT, true);
    check("below 0", &["v20: i64 = iconst -1", one], STEP, BELOW, false);
    let within = within("v30: i64 = iconst 7");
    check("not below 0", &[&within[..], &["v20: i64 = iadd v1, v10", one]].concat(), STEP, BELOW, true);
}

#[test]
fn products() {
    let squares = |number| [&[FROM_ZERO][..], &within(number), &["v21: i64 = imul v1, v1"]].concat();
    check("that do not wrap", &squares("v30: i64 = iconst 1000000000"), STEP, BELOW, true);
    check("that wrap", &squares("v30: i64 = iconst 4294967296"), STEP, BELOW, false);
    let doubled = &["v41: i64 = iadd v40, v40"][..];
    check("a counter that doubles", &["v20: i64 = iconst 1"], doubled, BELOW, true);
    check("a counter that doubles until it wraps", &["v20: i64 = iconst 1"], doubled, BELOW_ARGUMENT, false);
    let product = &["v41: i64 = imul v40, v12"][..];
    check("a counter times 1000", &["v20: i64 = iconst 1"], product, BELOW, true);
    check("a counter times 1000, below anything", &["v20: i64 = iconst 1"], product, BELOW_ARGUMENT, false);
    let negated = &["v41: i64 = imul v40, v21"][..];
    check("a counter that changes its sign", &["v20: i64 = iconst 1", "v21: i64 = iconst -1"], negated, BELOW, false);
    let halves = &["v21: i64 = iconst 1", "v22: i64 = sshr v40, v21", "v41: i64 = isub v40, v22"][..];
    check("a counter less its half", &["v20: i64 = iconst 64"], halves, BELOW, false);
    let shifted = &["v21: i64 = iconst 1", "v41: i64 = sshr v40, v21"][..];
    check("a half", &["v20: i64 = iconst 64"], shifted, BELOW, true);
}

#[test]
fn lengths() {
    let length = "v30: i64 = load length v3+24";
    let header = "v30: i64 = load list_header v3+24";
    let below = "v43: i8 = icmp slt v40, v30";
    let step = "v21: i64 = iconst 1000";
    check("a length is bounded", &[FROM_ZERO, length, step], STEP, below, true);
    check("another number is not", &[FROM_ZERO, header, step], STEP, below, false);
    check("a length is not below 0", &[length, "v20: i64 = iadd v30, v10", step], STEP, BELOW, true);
    check("another number may be", &[header, "v20: i64 = iadd v30, v10", step], STEP, BELOW, false);
}
