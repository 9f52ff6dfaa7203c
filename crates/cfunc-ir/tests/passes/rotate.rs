//! Loops whose tests move to their ends.

use cfunc_ir::Pass;
use expect_test::expect;

use crate::check;

#[test]
fn rotate_moves_the_test_of_a_loop_to_its_end() {
    check(
        &[Pass::Rotate],
        r#"fn0 = function "f" (i64) -> (i64) {
block0(v0: i64):
    v1: i64 = iconst 0
    jump block1(v1, v1)
block1(v2: i64, v3: i64):
    v4: i8 = icmp slt v2, v0
    branch v4, block2, block3
block2:
    v5: i64 = iadd v3, v2
    v6: i64 = iconst 1
    v7: i64 = iadd v2, v6
    jump block1(v7, v5)
block3:
    return v3
}
"#,
        &expect![[r#"
            function "f" (i64) -> (i64) {
            block0(v0: i64):
                v1: i64 = iconst 0
                jump block1
            block1:
                v2: i8 = icmp slt v1, v0
                branch v2, block3(v1, v1), block4(v1)
            block2:
                v3: i8 = icmp slt v8, v0
                branch v3, block3(v6, v8), block4(v6)
            block3(v4: i64, v5: i64):
                v6: i64 = iadd v4, v5
                v7: i64 = iconst 1
                v8: i64 = iadd v5, v7
                jump block2
            block4(v9: i64):
                return v9
            }
        "#]],
    );
}

#[test]
fn rotate_leaves_a_test_that_is_long() {
    check(
        &[Pass::Rotate],
        r#"fn0 = function "f" (i64) -> (i64) {
block0(v0: i64):
    v1: i64 = iconst 0
    jump block1(v1)
block1(v2: i64):
    v3: i64 = imul v2, v2
    v4: i64 = imul v3, v2
    v5: i64 = imul v4, v2
    v6: i64 = imul v5, v2
    v7: i64 = imul v6, v2
    v8: i64 = imul v7, v2
    v9: i64 = imul v8, v2
    v10: i64 = imul v9, v2
    v11: i8 = icmp slt v10, v0
    branch v11, block2, block3
block2:
    v12: i64 = iconst 1
    v13: i64 = iadd v2, v12
    jump block1(v13)
block3:
    return v2
}
"#,
        &expect![[r#"
            function "f" (i64) -> (i64) {
            block0(v0: i64):
                v1: i64 = iconst 0
                jump block1(v1)
            block1(v2: i64):
                v3: i64 = imul v2, v2
                v4: i64 = imul v3, v2
                v5: i64 = imul v4, v2
                v6: i64 = imul v5, v2
                v7: i64 = imul v6, v2
                v8: i64 = imul v7, v2
                v9: i64 = imul v8, v2
                v10: i64 = imul v9, v2
                v11: i8 = icmp slt v10, v0
                branch v11, block2, block3
            block2:
                v12: i64 = iconst 1
                v13: i64 = iadd v2, v12
                jump block1(v13)
            block3:
                return v2
            }
        "#]],
    );
}
