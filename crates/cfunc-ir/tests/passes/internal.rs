//! Calls that touch no cells, and places behind pointers in memory.

use cfunc_ir::Pass;
use expect_test::expect;

use crate::check;

/// A loop that adds to a state and calls something in each round.
fn with_call(effects: &str) -> String {
    format!(
        r#"ext0 = external "one" () -> (i32) {effects}
fn0 = function "f" (ptr, i64) {{
block0(v0: ptr, v1: i64):
    v2: i64 = iconst 0
    jump block1(v2)
block1(v3: i64):
    v4: i8 = icmp slt v3, v1
    branch v4, block2, block3
block2:
    v5: ptr = load slot v0+0
    v6: i64 = load state v5+0
    v7: i64 = iadd v6, v3
    v8: ptr = load slot v0+0
    store state v7, v8+0
    v9: i32 = call ext0()
    v10: i64 = iconst 1
    v11: i64 = iadd v3, v10
    jump block1(v11)
block3:
    return
}}
"#
    )
}

const MEMORY: [Pass; 5] = [Pass::Number, Pass::Rotate, Pass::Cells, Pass::Branches, Pass::DeadCode];

#[test]
fn states_leave_loops_with_calls_that_touch_no_cells() {
    check(
        &MEMORY,
        &with_call("writes_internal"),
        &expect![[r#"
        function "f" (ptr, i64) {
        block0(v0: ptr, v1: i64):
            v2: i64 = iconst 0
            v3: i8 = icmp slt v2, v1
            branch v3, block1, block4
        block1:
            v4: ptr = load slot v0+0
            v5: i64 = load state v4+0
            jump block2(v2, v5)
        block2(v6: i64, v7: i64):
            v8: i64 = iadd v6, v7
            v9: i32 = call ext0()
            v10: i64 = iconst 1
            v11: i64 = iadd v6, v10
            v12: i8 = icmp slt v11, v1
            branch v12, block2(v11, v8), block3
        block3:
            v13: ptr = load slot v0+0
            store state v8, v13+0
            return
        block4:
            return
        }
    "#]],
    );
}

#[test]
fn states_stay_in_loops_with_calls_that_may_look_at_them() {
    check(
        &MEMORY,
        &with_call("writes"),
        &expect![[r#"
        function "f" (ptr, i64) {
        block0(v0: ptr, v1: i64):
            v2: i64 = iconst 0
            v3: i8 = icmp slt v2, v1
            branch v3, block1, block3
        block1:
            v4: ptr = load slot v0+0
            jump block2(v2)
        block2(v5: i64):
            v6: i64 = load state v4+0
            v7: i64 = iadd v5, v6
            store state v7, v4+0
            v8: i32 = call ext0()
            v9: i64 = iconst 1
            v10: i64 = iadd v5, v9
            v11: i8 = icmp slt v10, v1
            branch v11, block2(v10), block3
        block3:
            return
        }
    "#]],
    );
}

#[test]
fn calls_that_read_containers_leave_loops_that_write_cells() {
    check(
        &[Pass::Rotate, Pass::Hoist, Pass::DeadCode],
        r#"ext0 = external "find" (ptr, i64) -> (i64) reads_internal
ext1 = external "look" (ptr, i64) -> (i64) reads
fn0 = function "f" (ptr, ptr, i64) {
block0(v0: ptr, v1: ptr, v2: i64):
    jump block1(v2)
block1(v3: i64):
    v4: i64 = call ext0(v0, v2)
    v5: i64 = call ext1(v0, v2)
    v6: i64 = iadd v4, v5
    v7: i64 = iadd v6, v3
    store state v7, v1+0
    v8: i8 = icmp slt v7, v2
    branch v8, block1(v7), block2
block2:
    return
}
"#,
        &expect![[r#"
            function "f" (ptr, ptr, i64) {
            block0(v0: ptr, v1: ptr, v2: i64):
                v3: i64 = call ext0(v0, v2)
                jump block1(v2)
            block1(v4: i64):
                v5: i64 = call ext1(v0, v2)
                v6: i64 = iadd v3, v5
                v7: i64 = iadd v6, v4
                store state v7, v1+0
                v8: i8 = icmp slt v7, v2
                branch v8, block1(v7), block2
            block2:
                return
            }
        "#]],
    );
}

#[test]
fn calls_that_read_containers_stay_in_loops_that_write_them() {
    check(
        &[Pass::Rotate, Pass::Hoist, Pass::DeadCode],
        r#"ext0 = external "find" (ptr, i64) -> (i64) reads_internal
fn0 = function "f" (ptr, i64) {
block0(v0: ptr, v1: i64):
    jump block1(v1)
block1(v2: i64):
    v3: i64 = call ext0(v0, v1)
    v4: i64 = iadd v3, v2
    store dict v4, v0+0
    v5: i8 = icmp slt v4, v1
    branch v5, block1(v4), block2
block2:
    return
}
"#,
        &expect![[r#"
            function "f" (ptr, i64) {
            block0(v0: ptr, v1: i64):
                jump block1(v1)
            block1(v2: i64):
                v3: i64 = call ext0(v0, v1)
                v4: i64 = iadd v3, v2
                store dict v4, v0+0
                v5: i8 = icmp slt v4, v1
                branch v5, block1(v4), block2
            block2:
                return
            }
        "#]],
    );
}

#[test]
fn a_container_is_one_place_however_often_its_slot_is_read() {
    check(
        &[Pass::Cells, Pass::DeadCode],
        r#"fn0 = function "f" (ptr) -> (i64) {
block0(v0: ptr):
    v1: ptr = load container_slot v0+0
    v2: ptr = load list_header v1+16
    v3: i64 = load list_data v2+0
    v4: ptr = load container_slot v0+0
    v5: ptr = load list_header v4+16
    v6: i64 = load list_data v5+0
    v7: i64 = iadd v3, v6
    return v7
}
"#,
        &expect![[r#"
            function "f" (ptr) -> (i64) {
            block0(v0: ptr):
                v1: ptr = load container_slot v0+0
                v2: ptr = load list_header v1+16
                v3: i64 = load list_data v2+0
                v4: i64 = iadd v3, v3
                return v4
            }
        "#]],
    );
}
