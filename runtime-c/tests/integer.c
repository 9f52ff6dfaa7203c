/* Integer arithmetic at its edges; ordinary values are compared with CPython elsewhere. */
#include <math.h>

#include "check.h"

void test_integer(void) {
    CHECK_INTEGER(cfunc_integer_power(3, 4), 81);
    CHECK_INTEGER(cfunc_integer_power(0, 0), 1);
    CHECK_INTEGER(cfunc_integer_power(2, 63), INT64_MIN);
    CHECK_INTEGER(cfunc_integer_power(2, 64), 0);
    CHECK_INTEGER(cfunc_integer_power(-2, 63), INT64_MIN);
    CHECK_INTEGER(cfunc_integer_power(3, 41), -420491770248316829);
    CHECK_INTEGER(cfunc_integer_power(INT64_MIN, 2), 0);
    CHECK_INTEGER(cfunc_integer_power(-1, INT64_MAX), -1);
    CHECK_INTEGER(cfunc_integer_power(1, INT64_MIN), 1);
    CHECK_INTEGER(cfunc_integer_power(-1, INT64_MIN), 1);
    CHECK_INTEGER(cfunc_integer_power(-1, -3), -1);
    CHECK_INTEGER(cfunc_integer_power(2, -1), 0);
    CHECK_INTEGER(cfunc_integer_power(0, -1), 0);

    CHECK_INTEGER(cfunc_bit_count(0), 0);
    CHECK_INTEGER(cfunc_bit_count(-1), 64);
    CHECK_INTEGER(cfunc_bit_count(INT64_MIN), 1);
    CHECK_INTEGER(cfunc_bit_trailing_zeros(0), 64);
    for (int position = 0; position < 64; position++) {
        int64_t bits = (int64_t)(UINT64_MAX << position);
        CHECK_INTEGER(cfunc_bit_count(bits), 64 - position);
        CHECK_INTEGER(cfunc_bit_trailing_zeros(bits), position);
    }
    CHECK_INTEGER(cfunc_integer_gcd(12, -18), 6);
    CHECK_INTEGER(cfunc_integer_gcd(0, 0), 0);
    CHECK_INTEGER(cfunc_integer_gcd(0, -7), 7);
    CHECK_INTEGER(cfunc_integer_gcd(INT64_MIN, 0), INT64_MIN);
    CHECK_INTEGER(cfunc_integer_gcd(INT64_MIN, INT64_MIN), INT64_MIN);
    CHECK_INTEGER(cfunc_integer_gcd(INT64_MIN, -1), 1);

    CHECK_INTEGER(cfunc_integer_round(25, -1), 20);
    CHECK_INTEGER(cfunc_integer_round(35, -1), 40);
    CHECK_INTEGER(cfunc_integer_round(-25, -1), -20);
    CHECK_INTEGER(cfunc_integer_round(-26, -1), -30);
    CHECK_INTEGER(cfunc_integer_round(17, 3), 17);
    CHECK_INTEGER(cfunc_integer_round(INT64_MAX, -1), INT64_MIN + 2);
    CHECK_INTEGER(cfunc_integer_round(INT64_MIN, -1), INT64_MAX - 1);
    CHECK_INTEGER(cfunc_integer_round(4000000000000000000, -19), 0);
    CHECK_INTEGER(cfunc_integer_round(INT64_MAX, -20), 0);
    CHECK_INTEGER(cfunc_integer_round(INT64_MAX, INT64_MIN), 0);

    CHECK_FLOAT(cfunc_integer_quotient(1, 3), 1.0 / 3.0);
    CHECK_FLOAT(cfunc_integer_quotient(0, -5), -0.0);
    CHECK_FLOAT(cfunc_integer_quotient(5, 0), INFINITY);
    CHECK_FLOAT(cfunc_integer_quotient(INT64_MIN, 0), -INFINITY);
    CHECK_FLOAT(cfunc_integer_quotient(0, 0), NAN);
    CHECK_FLOAT(cfunc_integer_quotient(INT64_MIN, -1), 0x1p63);
    CHECK_FLOAT(cfunc_integer_quotient(INT64_MIN, INT64_MIN), 1.0);
    CHECK_FLOAT(cfunc_integer_quotient(INT64_MIN, 1), -0x1p63);
    /* Rounding both sides to doubles first would give 1024. */
    CHECK_FLOAT(cfunc_integer_quotient(INT64_MAX, 9007199254740993), 0x1.fffffffffffffp9);
}
