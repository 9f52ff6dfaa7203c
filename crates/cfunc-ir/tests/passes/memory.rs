//! Cells, headers of lists, and stores.

use cfunc_ir::Pass;
use expect_test::expect;

use crate::check;

#[test]
fn cells_are_read_once_and_written_where_it_shows() {
    check(
        &[Pass::Number, Pass::Cells, Pass::DeadStores, Pass::DeadCode],
        r#"fn0 = function "f" (ptr, ptr, f64) {
block0(v0: ptr, v1: ptr, v2: f64):
    v3: ptr = load slot v0+0
    v4: f64 = load state v3+0
    v5: f64 = fadd v4, v2
    v6: ptr = load slot v0+0
    store state v5, v6+0
    v7: ptr = load slot v0+8
    v8: f64 = load state v7+0
    v9: ptr = load slot v0+0
    v10: f64 = load state v9+0
    v11: f64 = fmul v8, v10
    v12: ptr = load slot v0+0
    store state v11, v12+0
    v13: ptr = load slot v1+0
    v14: ptr = load slot v0+0
    v15: f64 = load state v14+0
    store output v15, v13+0
    return
}
"#,
        &expect![[r#"
            function "f" (ptr, ptr, f64) {
            block0(v0: ptr, v1: ptr, v2: f64):
                v3: ptr = load slot v0+0
                v4: f64 = load state v3+0
                v5: f64 = fadd v4, v2
                v6: ptr = load slot v0+8
                v7: f64 = load state v6+0
                v8: f64 = fmul v7, v5
                store state v8, v3+0
                v9: ptr = load slot v1+0
                store output v8, v9+0
                return
            }
        "#]],
    );
}

#[test]
fn cells_live_in_registers_during_a_loop() {
    check(
        &[Pass::Number, Pass::Rotate, Pass::Cells, Pass::DeadStores, Pass::Branches, Pass::DeadCode],
        r#"fn0 = function "f" (ptr, i64) {
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
    v9: i64 = iconst 1
    v10: i64 = iadd v3, v9
    jump block1(v10)
block3:
    return
}
"#,
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
                v9: i64 = iconst 1
                v10: i64 = iadd v6, v9
                v11: i8 = icmp slt v10, v1
                branch v11, block2(v10, v8), block3
            block3:
                v12: ptr = load slot v0+0
                store state v8, v12+0
                return
            block4:
                return
            }
        "#]],
    );
}

#[test]
fn what_a_branch_protects_is_not_read_before_it() {
    // The pointer may be null, and no round is sure to go through block 3.
    check(
        &[Pass::Number, Pass::Rotate, Pass::Cells, Pass::DeadStores, Pass::Branches, Pass::DeadCode],
        r#"fn0 = function "f" (ptr, ptr, i64) {
block0(v0: ptr, v1: ptr, v2: i64):
    v3: i64 = iconst 0
    jump block1(v3)
block1(v4: i64):
    v5: i8 = icmp slt v4, v2
    branch v5, block2, block5
block2:
    v6: i8 = load host_flag v1+0
    branch v6, block3, block4
block3:
    v7: ptr = load slot v0+0
    v8: i64 = load state v7+0
    v9: i64 = iadd v8, v4
    store state v9, v7+0
    jump block4
block4:
    v10: i64 = iconst 1
    v11: i64 = iadd v4, v10
    jump block1(v11)
block5:
    return
}
"#,
        &expect![[r#"
            function "f" (ptr, ptr, i64) {
            block0(v0: ptr, v1: ptr, v2: i64):
                v3: i64 = iconst 0
                v4: i8 = icmp slt v3, v2
                branch v4, block1, block5
            block1:
                v5: i8 = load host_flag v1+0
                jump block2(v3)
            block2(v6: i64):
                branch v5, block3, block4
            block3:
                v7: ptr = load slot v0+0
                v8: i64 = load state v7+0
                v9: i64 = iadd v6, v8
                store state v9, v7+0
                jump block4
            block4:
                v10: i64 = iconst 1
                v11: i64 = iadd v6, v10
                v12: i8 = icmp slt v11, v2
                branch v12, block2(v11), block5
            block5:
                return
            }
        "#]],
    );
}

#[test]
fn calls_that_write_see_and_change_cells() {
    check(
        &[Pass::Number, Pass::Rotate, Pass::Cells, Pass::DeadStores, Pass::Branches, Pass::DeadCode],
        r#"ext0 = external "write" () writes
fn0 = function "f" (ptr, i64) -> (i64) {
block0(v0: ptr, v1: i64):
    v2: ptr = load slot v0+0
    store state v1, v2+0
    call ext0()
    v3: i64 = load state v2+0
    store state v3, v2+0
    call ext0()
    return v3
}
"#,
        &expect![[r#"
            function "f" (ptr, i64) -> (i64) {
            block0(v0: ptr, v1: i64):
                v2: ptr = load slot v0+0
                store state v1, v2+0
                call ext0()
                v3: i64 = load state v2+0
                call ext0()
                return v3
            }
        "#]],
    );
}

#[test]
fn state_changed_before_an_error_stays_changed() {
    check(
        &[Pass::Number, Pass::Rotate, Pass::Cells, Pass::DeadStores, Pass::Branches, Pass::DeadCode],
        r#"ext0 = external "fail" () writes
fn0 = function "f" (ptr, i64) {
block0(v0: ptr, v1: i64):
    v2: ptr = load slot v0+0
    v3: i64 = iconst 0
    store state v3, v2+0
    jump block1(v3)
block1(v4: i64):
    v5: i8 = icmp slt v4, v1
    branch v5, block2, block4
block2:
    v6: i64 = load state v2+0
    v7: i64 = iadd v6, v4
    store state v7, v2+0
    v8: i64 = iconst 1000
    v9: i8 = icmp slt v7, v8
    v10: i64 = iconst 1
    v11: i64 = iadd v4, v10
    branch v9, block1(v11), block3
block3: cold
    call ext0()
    return
block4:
    return
}
"#,
        &expect![[r#"
            function "f" (ptr, i64) {
            block0(v0: ptr, v1: i64):
                v2: ptr = load slot v0+0
                v3: i64 = iconst 0
                store state v3, v2+0
                v4: i8 = icmp slt v3, v1
                branch v4, block2(v3, v3), block5
            block1:
                v5: i8 = icmp slt v12, v1
                branch v5, block2(v12, v8), block4
            block2(v6: i64, v7: i64):
                v8: i64 = iadd v6, v7
                v9: i64 = iconst 1000
                v10: i8 = icmp slt v8, v9
                v11: i64 = iconst 1
                v12: i64 = iadd v6, v11
                branch v10, block1, block3
            block3: cold
                v13: ptr = load slot v0+0
                store state v8, v13+0
                call ext0()
                return
            block4:
                v14: ptr = load slot v0+0
                store state v8, v14+0
                return
            block5:
                return
            }
        "#]],
    );
}

#[test]
fn headers_of_lists_are_read_once() {
    // Elements do not overlap headers; two lists may be one.
    check(
        &[Pass::Number, Pass::Rotate, Pass::Cells, Pass::DeadStores, Pass::Branches, Pass::DeadCode],
        r#"fn0 = function "f" (ptr, ptr) -> (i64) {
block0(v0: ptr, v1: ptr):
    v2: i64 = iconst 0
    jump block1(v2, v2)
block1(v3: i64, v4: i64):
    v5: i64 = load list_header v0+8
    v6: i8 = icmp slt v3, v5
    branch v6, block2, block3
block2:
    v7: ptr = load list_header v0+16
    v8: i64 = iconst 3
    v9: i64 = shl v3, v8
    v10: ptr = ptr_add v7, v9
    v11: i64 = load list_data v10+0
    v12: i64 = iadd v4, v11
    store list_data v12, v10+0
    v13: i64 = iconst 1
    v14: i64 = iadd v3, v13
    jump block1(v14, v12)
block3:
    v15: i64 = load list_header v0+8
    store list_header v4, v1+8
    v16: i64 = load list_header v0+8
    v17: i64 = iadd v15, v16
    return v17
}
"#,
        &expect![[r#"
            function "f" (ptr, ptr) -> (i64) {
            block0(v0: ptr, v1: ptr):
                v2: i64 = iconst 0
                v3: i64 = load list_header v0+8
                v4: i8 = icmp slt v2, v3
                branch v4, block1, block3(v2)
            block1:
                v5: ptr = load list_header v0+16
                jump block2(v2, v2)
            block2(v6: i64, v7: i64):
                v8: i64 = iconst 3
                v9: i64 = shl v6, v8
                v10: ptr = ptr_add v5, v9
                v11: i64 = load list_data v10+0
                v12: i64 = iadd v7, v11
                store list_data v12, v10+0
                v13: i64 = iconst 1
                v14: i64 = iadd v6, v13
                v15: i8 = icmp slt v14, v3
                branch v15, block2(v14, v12), block3(v12)
            block3(v16: i64):
                store list_header v16, v1+8
                v17: i64 = load list_header v0+8
                v18: i64 = iadd v3, v17
                return v18
            }
        "#]],
    );
}

#[test]
fn stores_that_are_read_or_shown_stay() {
    check(
        &[Pass::DeadStores],
        r#"ext0 = external "read" (ptr) reads
fn0 = function "f" (ptr, ptr, i64, i8) {
    slot0 = stack 8 align 8
block0(v0: ptr, v1: ptr, v2: i64, v3: i8):
    v4: ptr = stack_address slot0
    store stack v2, v4+0
    store struct_field v2, v0+0
    store struct_field v2, v0+8
    v5: i64 = load struct_field v1+8
    store struct_field v5, v0+0
    store struct_field v5, v0+8
    branch v3, block1, block2
block1:
    store struct_field v2, v0+0
    return
block2:
    call ext0(v0)
    store struct_field v2, v0+0
    return
}
"#,
        &expect![[r#"
            function "f" (ptr, ptr, i64, i8) {
                slot0 = stack 8 align 8
            block0(v0: ptr, v1: ptr, v2: i64, v3: i8):
                v4: ptr = stack_address slot0
                store struct_field v2, v0+0
                store struct_field v2, v0+8
                v5: i64 = load struct_field v1+8
                store struct_field v5, v0+0
                store struct_field v5, v0+8
                branch v3, block1, block2
            block1:
                store struct_field v2, v0+0
                return
            block2:
                call ext0(v0)
                store struct_field v2, v0+0
                return
            }
        "#]],
    );
}
