//! What each pass makes of a function, in the text form.

mod internal;
mod memory;
mod ranges;
mod rotate;

use cfunc_ir::{Pass, PassLevel, PassObserver, PassStatistics, Pipeline, parse_module, verify};
use expect_test::{Expect, expect};

/// Runs passes over the functions of a text; shows the last one.
#[track_caller]
pub(crate) fn check(passes: &[Pass], before: &str, after: &Expect) {
    let mut module = parse_module(before).unwrap_or_else(|error| panic!("{error}"));
    verify(&module).unwrap_or_else(|errors| panic!("{errors}"));
    Pipeline::new(passes).verify(true).run(&mut module).unwrap_or_else(|error| panic!("{error}"));
    after.assert_eq(&module.functions.last().map(ToString::to_string).unwrap_or_default());
}

#[test]
fn fold_is_exact() {
    check(
        &[Pass::Fold, Pass::DeadCode],
        r#"fn0 = function "f" (i64, f64, i8) -> (i64, i64, f64, f64, i8) {
block0(v0: i64, v1: f64, v2: i8):
    v3: i64 = iconst 9223372036854775807
    v4: i64 = iconst 1
    v5: i64 = iadd v3, v4
    v6: i64 = iconst 0
    v7: i64 = iadd v0, v6
    v8: f64 = fconst 0.0
    v9: f64 = fadd v1, v8
    v10: f64 = fsub v1, v8
    v11: i8 = icmp slt v0, v6
    v12: i8 = iconst 0
    v13: i8 = icmp eq v11, v12
    return v5, v7, v9, v10, v13
}
"#,
        &expect![[r#"
            function "f" (i64, f64, i8) -> (i64, i64, f64, f64, i8) {
            block0(v0: i64, v1: f64, v2: i8):
                v3: i64 = iconst -9223372036854775808
                v4: i64 = iconst 0
                v5: f64 = fconst 0.0
                v6: f64 = fadd v1, v5
                v7: i8 = icmp sge v0, v4
                return v3, v0, v6, v1, v7
            }
        "#]],
    );
}

#[test]
fn whether_a_number_is_a_multiple_is_asked_of_the_plain_rest() {
    // Of two questions the second takes another constant to the rest than it divided by.
    check(
        &[Pass::Fold, Pass::DeadCode],
        r#"fn0 = function "f" (i64) -> (i8, i8) {
block0(v0: i64):
    v1: i64 = iconst 3
    v4: i64 = srem v0, v1
    v5: i64 = iconst 0
    v6: i8 = icmp slt v4, v5
    v7: i64 = iadd v4, v1
    v8: i64 = select v6, v7, v4
    v9: i8 = icmp eq v8, v5
    v10: i64 = iconst 2
    v11: i64 = iadd v4, v10
    v12: i64 = select v6, v11, v4
    v13: i8 = icmp ne v12, v5
    return v9, v13
}
"#,
        &expect![[r#"
            function "f" (i64) -> (i8, i8) {
            block0(v0: i64):
                v1: i64 = iconst 3
                v2: i64 = srem v0, v1
                v3: i64 = iconst 0
                v4: i8 = icmp slt v2, v3
                v5: i8 = icmp eq v2, v3
                v6: i64 = iconst 2
                v7: i64 = iadd v2, v6
                v8: i64 = select v4, v7, v2
                v9: i8 = icmp ne v8, v3
                return v5, v9
            }
        "#]],
    );
}

#[test]
fn divisions_that_are_undefined_and_nans_are_not_folded() {
    check(
        &[Pass::Fold, Pass::DeadCode],
        r#"fn0 = function "f" () -> (i64, f64) {
block0:
    v0: i64 = iconst 7
    v1: i64 = iconst 0
    v2: i64 = sdiv v0, v1
    v3: f64 = fconst 0.0
    v4: f64 = fdiv v3, v3
    return v2, v4
}
"#,
        &expect![[r#"
            function "f" () -> (i64, f64) {
            block0:
                v0: i64 = iconst 7
                v1: i64 = iconst 0
                v2: i64 = sdiv v0, v1
                v3: f64 = fconst 0.0
                v4: f64 = fdiv v3, v3
                return v2, v4
            }
        "#]],
    );
}

#[test]
fn number_takes_what_dominates() {
    check(
        &[Pass::Number, Pass::DeadCode],
        r#"ext0 = external "pure_one" (i64) -> (i64) pure
ext1 = external "reading_one" (i64) -> (i64) reads
fn0 = function "f" (ptr, i64, i64) -> (i64) {
block0(v0: ptr, v1: i64, v2: i64):
    v3: ptr = load slot v0+8
    v4: i64 = load state v3+0
    v5: i64 = imul v1, v2
    v6: i8 = icmp slt v4, v5
    branch v6, block1, block2
block1:
    v7: ptr = load slot v0+8
    v8: i64 = load state v7+0
    v9: i64 = imul v2, v1
    v10: i64 = call ext0(v9)
    v11: i64 = call ext0(v5)
    v12: i64 = call ext1(v9)
    v13: i64 = call ext1(v5)
    v14: i64 = iadd v10, v11
    v15: i64 = iadd v12, v13
    v16: i64 = iadd v14, v15
    v17: i64 = iadd v16, v8
    return v17
block2:
    v18: i64 = call ext0(v5)
    return v18
}
"#,
        &expect![[r#"
            function "f" (ptr, i64, i64) -> (i64) {
            block0(v0: ptr, v1: i64, v2: i64):
                v3: ptr = load slot v0+8
                v4: i64 = load state v3+0
                v5: i64 = imul v1, v2
                v6: i8 = icmp slt v4, v5
                branch v6, block1, block2
            block1:
                v7: i64 = load state v3+0
                v8: i64 = call ext0(v5)
                v9: i64 = call ext1(v5)
                v10: i64 = call ext1(v5)
                v11: i64 = iadd v8, v8
                v12: i64 = iadd v9, v10
                v13: i64 = iadd v11, v12
                v14: i64 = iadd v7, v13
                return v14
            block2:
                v15: i64 = call ext0(v5)
                return v15
            }
        "#]],
    );
}

/// A pass that gives new arguments to jumps must not find jumps from blocks that a decided branch left without a way in.
#[test]
fn number_leaves_no_block_that_nothing_reaches() {
    check(
        &[Pass::Number],
        r#"fn0 = function "f" (i8) -> (i64) {
block0(v0: i8):
    branch v0, block1, block4
block1:
    branch v0, block3, block2
block2:
    jump block3
block3:
    v1: i64 = iconst 1
    return v1
block4:
    v2: i64 = iconst 2
    return v2
}
"#,
        &expect![[r#"
            function "f" (i8) -> (i64) {
            block0(v0: i8):
                branch v0, block1, block3
            block1:
                jump block2
            block2:
                v1: i64 = iconst 1
                return v1
            block3:
                v2: i64 = iconst 2
                return v2
            }
        "#]],
    );
}

#[test]
fn branches_thread_short_circuit_forms() {
    check(
        &[Pass::Branches, Pass::DeadCode],
        r#"ext0 = external "one" () writes
ext1 = external "other" () writes
fn0 = function "f" (i8, i8) {
block0(v0: i8, v1: i8):
    v2: i8 = iconst 0
    branch v0, block1, block2(v2)
block1:
    jump block2(v1)
block2(v3: i8):
    branch v3, block3, block4
block3:
    call ext0()
    jump block5
block4:
    call ext1()
    jump block5
block5:
    jump block6
block6:
    return
}
"#,
        &expect![[r#"
            function "f" (i8, i8) {
            block0(v0: i8, v1: i8):
                branch v0, block1(v1), block3
            block1(v2: i8):
                branch v2, block2, block3
            block2:
                call ext0()
                return
            block3:
                call ext1()
                return
            }
        "#]],
    );
}

#[test]
fn branches_that_only_choose_become_selects() {
    check(
        &[Pass::Branches, Pass::DeadCode],
        r#"fn0 = function "f" (f64, f64) -> (f64) {
block0(v0: f64, v1: f64):
    v2: i8 = fcmp gt v0, v1
    branch v2, block1, block2
block1:
    jump block3(v0)
block2:
    jump block3(v1)
block3(v3: f64):
    return v3
}
"#,
        &expect![[r#"
            function "f" (f64, f64) -> (f64) {
            block0(v0: f64, v1: f64):
                v2: i8 = fcmp gt v0, v1
                v3: f64 = select v2, v0, v1
                return v3
            }
        "#]],
    );
}

#[test]
fn guards_that_ask_the_same_move_before_calls() {
    check(
        &[Pass::Rotate, Pass::Hoist, Pass::Branches, Pass::DeadCode],
        r#"ext0 = external "first" (i64) -> (i64, i64) reads
ext1 = external "second" (i64) -> (i64) reads
fn0 = function "f" (i64, i64) -> (i64) {
block0(v0: i64, v1: i64):
    v2: i64 = iconst 0
    jump block1(v2, v2)
block1(v3: i64, v4: i64):
    v5: i8 = icmp slt v3, v1
    branch v5, block2, block5
block2:
    v6: i64, v7: i64 = call ext0(v0)
    v8: i64 = iconst 0
    v9: i8 = icmp eq v6, v8
    v10: i32 = iconst 4
    branch v9, block3, block4(v10)
block3:
    v11: i64 = call ext1(v7)
    v12: i64 = iadd v4, v11
    v13: i64 = iconst 1
    v14: i64 = iadd v3, v13
    jump block1(v14, v12)
block4(v15: i32):
    v16: i64 = sext v15
    return v16
block5:
    return v4
}
"#,
        &expect![[r#"
            function "f" (i64, i64) -> (i64) {
            block0(v0: i64, v1: i64):
                v2: i64 = iconst 0
                v3: i8 = icmp slt v2, v1
                branch v3, block1(v2, v2), block5(v2)
            block1(v4: i64, v5: i64):
                v6: i64, v7: i64 = call ext0(v0)
                v8: i64 = iconst 0
                v9: i8 = icmp eq v6, v8
                v10: i32 = iconst 4
                branch v9, block2, block4
            block2:
                v11: i64 = call ext1(v7)
                jump block3(v4, v5)
            block3(v12: i64, v13: i64):
                v14: i64 = iadd v12, v11
                v15: i64 = iconst 1
                v16: i64 = iadd v13, v15
                v17: i8 = icmp slt v16, v1
                branch v17, block3(v14, v16), block5(v14)
            block4:
                v18: i64 = sext v10
                return v18
            block5(v19: i64):
                return v19
            }
        "#]],
    );
    // What follows outside uses a value of the loop, so the guard stays.
    check(
        &[Pass::Rotate, Pass::Hoist, Pass::Branches, Pass::DeadCode],
        r#"ext0 = external "first" (i64) -> (i64) reads
ext1 = external "second" (i64) -> (i64) reads
fn0 = function "f" (i64, i64) -> (i64) {
block0(v0: i64, v1: i64):
    v2: i64 = iconst 0
    jump block1(v2, v2)
block1(v3: i64, v4: i64):
    v5: i8 = icmp slt v3, v1
    branch v5, block2, block5
block2:
    v6: i64 = call ext0(v0)
    v8: i64 = iconst 0
    v9: i8 = icmp eq v6, v8
    branch v9, block3, block4
block3:
    v11: i64 = call ext1(v0)
    v12: i64 = iadd v4, v11
    v13: i64 = iconst 1
    v14: i64 = iadd v3, v13
    jump block1(v14, v12)
block4:
    return v4
block5:
    return v4
}
"#,
        &expect![[r#"
            function "f" (i64, i64) -> (i64) {
            block0(v0: i64, v1: i64):
                v2: i64 = iconst 0
                v3: i8 = icmp slt v2, v1
                branch v3, block1(v2, v2), block5(v2)
            block1(v4: i64, v5: i64):
                v6: i64 = call ext0(v0)
                v7: i64 = iconst 0
                v8: i8 = icmp eq v6, v7
                jump block2(v4, v5)
            block2(v9: i64, v10: i64):
                branch v8, block3, block4
            block3:
                v11: i64 = call ext1(v0)
                v12: i64 = iadd v9, v11
                v13: i64 = iconst 1
                v14: i64 = iadd v10, v13
                v15: i8 = icmp slt v14, v1
                branch v15, block2(v12, v14), block5(v12)
            block4:
                return v9
            block5(v16: i64):
                return v16
            }
        "#]],
    );
}

#[test]
fn hoist_makes_calls_once_and_moves_no_write() {
    check(
        &[Pass::Rotate, Pass::Hoist, Pass::Branches, Pass::DeadCode],
        r#"ext0 = external "pure_one" (i64) -> (i64) pure
ext1 = external "reading_one" (i64) -> (i64) reads
ext2 = external "writing_one" (i64) -> (i64) writes
fn0 = function "f" (i64, i64) -> (i64) {
block0(v0: i64, v1: i64):
    v2: i64 = iconst 0
    jump block1(v2, v2)
block1(v3: i64, v4: i64):
    v5: i8 = icmp slt v3, v1
    branch v5, block2, block3
block2:
    v6: i64 = iconst 3
    v7: i64 = imul v0, v6
    v8: i64 = call ext0(v7)
    v9: i64 = call ext1(v7)
    v10: i64 = iadd v8, v9
    v11: i64 = iadd v4, v10
    v12: i64 = iconst 1
    v13: i64 = iadd v3, v12
    jump block1(v13, v11)
block3:
    v14: i64 = iconst 0
    jump block4(v14)
block4(v15: i64):
    v16: i64 = call ext0(v0)
    v17: i64 = call ext1(v0)
    v18: i64 = call ext2(v0)
    v19: i64 = iadd v16, v17
    v20: i64 = iadd v18, v19
    v21: i64 = iadd v15, v20
    v22: i8 = icmp slt v21, v1
    branch v22, block4(v21), block5
block5:
    return v4
}
"#,
        &expect![[r#"
            function "f" (i64, i64) -> (i64) {
            block0(v0: i64, v1: i64):
                v2: i64 = iconst 0
                v3: i8 = icmp slt v2, v1
                branch v3, block1(v2, v2), block3(v2)
            block1(v4: i64, v5: i64):
                v6: i64 = iconst 3
                v7: i64 = imul v0, v6
                v8: i64 = call ext0(v7)
                v9: i64 = call ext1(v7)
                v10: i64 = iadd v8, v9
                jump block2(v4, v5)
            block2(v11: i64, v12: i64):
                v13: i64 = iadd v11, v10
                v14: i64 = iconst 1
                v15: i64 = iadd v12, v14
                v16: i8 = icmp slt v15, v1
                branch v16, block2(v13, v15), block3(v13)
            block3(v17: i64):
                v18: i64 = iconst 0
                v19: i64 = call ext0(v0)
                jump block4(v18)
            block4(v20: i64):
                v21: i64 = call ext1(v0)
                v22: i64 = call ext2(v0)
                v23: i64 = iadd v19, v21
                v24: i64 = iadd v22, v23
                v25: i64 = iadd v20, v24
                v26: i8 = icmp slt v25, v1
                branch v26, block4(v25), block5
            block5:
                return v17
            }
        "#]],
    );
}

#[test]
fn ranges_take_bounds_checks_out_of_counted_loops() {
    check(
        &[Pass::Rotate, Pass::Ranges, Pass::Fold, Pass::Branches, Pass::DeadCode],
        r#"fn0 = function "f" (ptr, i64) -> (i64) {
block0(v0: ptr, v1: i64):
    v2: i64 = iconst 0
    jump block1(v2, v2)
block1(v3: i64, v4: i64):
    v5: i8 = icmp slt v3, v1
    branch v5, block2, block4
block2:
    v6: i64 = iconst 0
    v7: i8 = icmp slt v3, v6
    v8: i64 = iadd v3, v1
    v9: i64 = select v7, v8, v3
    v10: i8 = icmp ult v9, v1
    branch v10, block3, block5
block3:
    v11: i64 = iconst 3
    v12: i64 = shl v9, v11
    v13: ptr = ptr_add v0, v12
    v14: i64 = load list_data v13+0
    v15: i64 = iadd v4, v14
    v16: i64 = iconst 1
    v17: i64 = iadd v3, v16
    jump block1(v17, v15)
block4:
    return v4
block5: cold
    v18: i64 = iconst -1
    return v18
}
"#,
        &expect![[r#"
            function "f" (ptr, i64) -> (i64) {
            block0(v0: ptr, v1: i64):
                v2: i64 = iconst 0
                v3: i8 = icmp slt v2, v1
                branch v3, block1(v2, v2), block2(v2)
            block1(v4: i64, v5: i64):
                v6: i64 = iconst 3
                v7: i64 = shl v4, v6
                v8: ptr = ptr_add v0, v7
                v9: i64 = load list_data v8+0
                v10: i64 = iadd v5, v9
                v11: i64 = iconst 1
                v12: i64 = iadd v4, v11
                v13: i8 = icmp slt v12, v1
                branch v13, block1(v12, v10), block2(v10)
            block2(v14: i64):
                return v14
            }
        "#]],
    );
}

/// A counter that goes down while it is not below 0 is not below 0: an index from it does not count from the end.
#[test]
fn ranges_know_what_every_round_asked() {
    check(
        &[Pass::Ranges, Pass::Fold, Pass::DeadCode],
        r#"fn0 = function "f" (i64) -> (i64) {
block0(v0: i64):
    v1: i64 = iconst 63
    jump block1(v1)
block1(v2: i64):
    v3: i64 = iconst 0
    v4: i8 = icmp slt v2, v3
    v5: i64 = iadd v2, v0
    v6: i64 = select v4, v5, v2
    v7: i64 = iconst 1
    v8: i64 = isub v2, v7
    v9: i8 = icmp sge v8, v3
    branch v9, block1(v8), block2
block2:
    return v6
}
"#,
        &expect![[r#"
            function "f" (i64) -> (i64) {
            block0(v0: i64):
                v1: i64 = iconst 63
                jump block1(v1)
            block1(v2: i64):
                v3: i64 = iconst 0
                v4: i64 = iconst 1
                v5: i64 = isub v2, v4
                v6: i8 = icmp sge v5, v3
                branch v6, block1(v5), block2
            block2:
                return v2
            }
        "#]],
    );
}

#[test]
fn inline_takes_small_functions() {
    check(
        &[Pass::Inline, Pass::Branches, Pass::DeadCode],
        r#"entry fn1
fn0 = function "clamp" (i64) -> (i64) {
block0(v0: i64):
    v1: i64 = iconst 10
    v2: i8 = icmp sgt v0, v1
    branch v2, block1, block2
block1:
    return v1
block2:
    return v0
}
fn1 = function "f" (i64) -> (i64) {
block0(v0: i64):
    v1: i64 = call fn0(v0)
    v2: i64 = iadd v1, v0
    v3: i64 = call fn0(v2)
    return v3
}
"#,
        &expect![[r#"
            function "f" (i64) -> (i64) {
            block0(v0: i64):
                v1: i64 = iconst 10
                v2: i8 = icmp sgt v0, v1
                v3: i64 = select v2, v1, v0
                v4: i64 = iadd v3, v0
                v5: i64 = iconst 10
                v6: i8 = icmp sgt v4, v5
                v7: i64 = select v6, v5, v4
                return v7
            }
        "#]],
    );
}

#[test]
fn dead_code_takes_values_that_only_feed_themselves() {
    check(
        &[Pass::DeadCode],
        r#"ext0 = external "reading_one" (i64) -> (i64) reads
fn0 = function "f" (i64) -> (i64) {
block0(v0: i64):
    v1: i64 = iconst 0
    jump block1(v1, v1)
block1(v2: i64, v3: i64):
    v4: i64 = iconst 1
    v5: i64 = iadd v2, v4
    v6: i64 = call ext0(v3)
    v7: i64 = iadd v3, v6
    v8: i8 = icmp slt v5, v0
    branch v8, block1(v5, v7), block2
block2:
    return v5
}
"#,
        &expect![[r#"
            function "f" (i64) -> (i64) {
            block0(v0: i64):
                v1: i64 = iconst 0
                jump block1(v1)
            block1(v2: i64):
                v3: i64 = iconst 1
                v4: i64 = iadd v2, v3
                v5: i8 = icmp slt v4, v0
                branch v5, block1(v4), block2
            block2:
                return v4
            }
        "#]],
    );
}

/// Counts what it is told.
#[derive(Default)]
struct Told {
    began: usize,
    changes: u64,
}

impl PassObserver for Told {
    fn begin(&mut self, _pass: Pass, _function: &cfunc_ir::Function) {
        self.began += 1;
    }

    fn end(&mut self, _pass: Pass, _function: &cfunc_ir::Function, statistics: PassStatistics) {
        self.changes += statistics.changes;
    }
}

#[test]
fn every_number_of_changes_can_be_stopped_at() {
    let before = parse_module(
        r#"fn0 = function "f" (ptr, i64) -> (i64) {
block0(v0: ptr, v1: i64):
    v2: i64 = iconst 0
    v3: i64 = iadd v1, v2
    v4: ptr = load slot v0+0
    store state v3, v4+0
    v5: ptr = load slot v0+0
    v6: i64 = load state v5+0
    return v6
}
"#,
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let mut told = Told::default();
    let mut module = before.clone();
    let all = Pipeline::of(PassLevel::Full).run_observed(&mut module, &mut told).expect("the rules hold");
    assert!(all >= 3, "{all}");
    assert_eq!(told.changes, all);
    assert!(told.began > 0);
    for limit in 0..=all {
        let mut module = before.clone();
        assert_eq!(Pipeline::of(PassLevel::Full).limit(limit).verify(true).run(&mut module), Ok(limit));
    }
}
