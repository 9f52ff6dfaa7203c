/* Sums rounded once, parts of doubles, lengths. */
#include <float.h>
#include <math.h>

#include "check.h"

static double sum(int count, const double *values, int32_t *status) {
    uint64_t state[CFUNC_SUM_SIZE / 8];
    cfunc_sum_start(state);
    for (int index = 0; index < count; index += 1) {
        cfunc_sum_add(state, values[index]);
    }
    *status = cfunc_sum_status(state);
    return cfunc_sum_result(state);
}

void test_sum(void) {
    int32_t status;
    const double tenths[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    CHECK_FLOAT(sum(10, tenths, &status), 1.0);
    CHECK_INTEGER(status, 0);
    CHECK_FLOAT(sum(0, tenths, &status), 0.0);
    const double zero[] = {-0.0};
    CHECK_FLOAT(sum(1, zero, &status), 0.0);
    const double cancelled[] = {1e308, 1.0, 0x1p-1074, -1e308, -1.0};
    CHECK_FLOAT(sum(5, cancelled, &status), 0x1p-1074);
    const double negative[] = {-0x1p-1074, -1e-300, 1e-300, -0x1p-1074};
    CHECK_FLOAT(sum(4, negative, &status), -0x1p-1073);
    const double ties[] = {1.0, 0x1p-53, 0x1p-1074, -0x1p-1074};
    CHECK_FLOAT(sum(2, ties, &status), 1.0);
    CHECK_FLOAT(sum(3, ties, &status), 1.0 + DBL_EPSILON);
    CHECK_FLOAT(sum(4, ties, &status), 1.0);
    const double beyond[] = {DBL_MAX, 0x1p969, 0x1p969, -DBL_MAX};
    CHECK_FLOAT(sum(2, beyond, &status), DBL_MAX);
    CHECK_INTEGER(status, 0);
    CHECK_FLOAT(sum(3, beyond, &status), INFINITY);
    CHECK_INTEGER(status, 1);
    CHECK_FLOAT(sum(4, beyond, &status), 0x1p970);
    CHECK_INTEGER(status, 1);
    const double lowest[] = {-DBL_MAX, -DBL_MAX, DBL_MAX, DBL_MAX};
    CHECK_FLOAT(sum(2, lowest, &status), -INFINITY);
    CHECK_FLOAT(sum(4, lowest, &status), 0.0);
    CHECK_INTEGER(status, 1);
    const double infinities[] = {INFINITY, 1.0, -INFINITY, NAN};
    CHECK_FLOAT(sum(2, infinities, &status), INFINITY);
    CHECK_INTEGER(status, 0);
    CHECK_FLOAT(sum(3, infinities, &status), NAN);
    CHECK_INTEGER(status, 2);
    CHECK_FLOAT(sum(1, infinities + 3, &status), NAN);
    CHECK_INTEGER(status, 0);

    CHECK_FLOAT(cfunc_math_frexp_significand(-3.0), -0.75);
    CHECK_INTEGER(cfunc_math_frexp_exponent(-3.0), 2);
    CHECK_FLOAT(cfunc_math_frexp_significand(0x1p-1074), 0.5);
    CHECK_INTEGER(cfunc_math_frexp_exponent(0x1p-1074), -1073);
    CHECK_FLOAT(cfunc_math_frexp_significand(-INFINITY), -INFINITY);
    CHECK_INTEGER(cfunc_math_frexp_exponent(NAN), 0);
    CHECK_FLOAT(cfunc_math_ulp(0.0), 0x1p-1074);
    CHECK_FLOAT(cfunc_math_ulp(-1.0), DBL_EPSILON);
    CHECK_FLOAT(cfunc_math_ulp(DBL_MAX), 0x1p971);
    CHECK_FLOAT(cfunc_math_ulp(-INFINITY), INFINITY);

    const double sides[] = {2.0, -3.0, 6.0, NAN, -INFINITY};
    CHECK_FLOAT(cfunc_math_norm(sides, 0), 0.0);
    CHECK_FLOAT(cfunc_math_norm(sides, 1), 2.0);
    CHECK_FLOAT(cfunc_math_norm(sides, 3), 7.0);
    CHECK_FLOAT(cfunc_math_norm(sides, 4), NAN);
    CHECK_FLOAT(cfunc_math_norm(sides, 5), INFINITY);
    const double large[] = {0x2p1020, 0x3p1020, 0x6p1020};
    CHECK_FLOAT(cfunc_math_norm(large, 3), 0x7p1020);
    const double tiny[] = {0x2p-1074, 0x3p-1074, 0x6p-1074};
    CHECK_FLOAT(cfunc_math_norm(tiny, 3), 0x7p-1074);
}
