/* Float arithmetic at its edges. */
#include <float.h>
#include <math.h>

#include "check.h"

void test_float(void) {
    CHECK_FLOAT(cfunc_float_floor_divide(7.0, 2.0), 3.0);
    CHECK_FLOAT(cfunc_float_floor_divide(-7.0, 2.0), -4.0);
    CHECK_FLOAT(cfunc_float_floor_divide(0.0, -2.0), -0.0);
    CHECK_FLOAT(cfunc_float_floor_divide(1.0, 0.0), INFINITY);
    CHECK_FLOAT(cfunc_float_floor_divide(1.0, -0.0), -INFINITY);
    CHECK_FLOAT(cfunc_float_floor_divide(0.0, 0.0), NAN);
    CHECK_FLOAT(cfunc_float_floor_divide(1.0, -INFINITY), -1.0);
    CHECK_FLOAT(cfunc_float_floor_divide(1.0, 0.1), 9.0);
    CHECK_FLOAT(cfunc_float_floor_divide(INFINITY, 1.0), NAN);

    CHECK_FLOAT(cfunc_float_modulo(7.0, -2.0), -1.0);
    CHECK_FLOAT(cfunc_float_modulo(-0.0, 2.0), 0.0);
    CHECK_FLOAT(cfunc_float_modulo(4.0, -2.0), -0.0);
    CHECK_FLOAT(cfunc_float_modulo(-1.0, INFINITY), INFINITY);
    CHECK_FLOAT(cfunc_float_modulo(1.0, 0.0), NAN);
    CHECK_FLOAT(cfunc_float_modulo(-1e-100, 1.0), 1.0);

    CHECK_FLOAT(cfunc_float_round_even(0.5), 0.0);
    CHECK_FLOAT(cfunc_float_round_even(-0.5), -0.0);
    CHECK_FLOAT(cfunc_float_round_even(1.5), 2.0);
    CHECK_FLOAT(cfunc_float_round_even(-2.5), -2.0);
    CHECK_FLOAT(cfunc_float_round_even(0.49999999999999994), 0.0);
    CHECK_FLOAT(cfunc_float_round_even(4503599627370495.5), 4503599627370496.0);
    CHECK_FLOAT(cfunc_float_round_even(-INFINITY), -INFINITY);
    CHECK_FLOAT(cfunc_float_round_even(NAN), NAN);

    CHECK_FLOAT(cfunc_float_round_digits(2.675, 2), 2.67);
    CHECK_FLOAT(cfunc_float_round_digits(0.125, 2), 0.12);
    CHECK_FLOAT(cfunc_float_round_digits(0.375, 2), 0.38);
    CHECK_FLOAT(cfunc_float_round_digits(-0.001, 2), -0.0);
    CHECK_FLOAT(cfunc_float_round_digits(25.0, -1), 20.0);
    CHECK_FLOAT(cfunc_float_round_digits(1.7e308, -308), INFINITY);
    CHECK_FLOAT(cfunc_float_round_digits(DBL_MAX, -307), INFINITY);
    CHECK_FLOAT(cfunc_float_round_digits(DBL_MAX, -309), 0.0);
    CHECK_FLOAT(cfunc_float_round_digits(-4e307, -308), -0.0);
    CHECK_FLOAT(cfunc_float_round_digits(DBL_MAX, 5), DBL_MAX);
    CHECK_FLOAT(cfunc_float_round_digits(0x1p-1074, 323), 0.0);
    CHECK_FLOAT(cfunc_float_round_digits(0x1p-1074, 324), 0x1p-1074);
    CHECK_FLOAT(cfunc_float_round_digits(0x1p-1073, 323), 0x1p-1073);
    CHECK_FLOAT(cfunc_float_round_digits(1.5, INT64_MAX), 1.5);
    CHECK_FLOAT(cfunc_float_round_digits(1.5, INT64_MIN), 0.0);
    CHECK_FLOAT(cfunc_float_round_digits(NAN, 2), NAN);
    CHECK_FLOAT(cfunc_float_round_digits(INFINITY, -2), INFINITY);
    /* Every power of ten that a number reaches, through the whole-number path. */
    for (int digits = 23; digits <= 323; digits += 1) {
        double value = ldexp(3.0, -3 * digits);
        double rounded = cfunc_float_round_digits(value, digits);
        CHECK(fabs(rounded - value) <= value);
        CHECK_FLOAT(cfunc_float_round_digits(rounded, digits), rounded);
        CHECK_FLOAT(cfunc_float_round_digits(-value, digits), -rounded);
    }
    for (int digits = -308; digits < 0; digits += 1) {
        double rounded = cfunc_float_round_digits(DBL_MAX / 1.5, digits);
        CHECK_FLOAT(cfunc_float_round_digits(rounded, digits), rounded);
    }
}
