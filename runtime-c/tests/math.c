/* Mathematics: special values, and one value of each function that only passes on to the C library. */
#include <float.h>
#include <math.h>

#include "check.h"

void test_math(void) {
    CHECK_FLOAT(cfunc_math_gamma(5.0), 24.0);
    CHECK_FLOAT(cfunc_math_gamma(23.0), 1124000727777607680000.0);
    CHECK_FLOAT(cfunc_math_gamma(0.0), INFINITY);
    CHECK_FLOAT(cfunc_math_gamma(-0.0), -INFINITY);
    CHECK_FLOAT(cfunc_math_gamma(-3.0), NAN);
    CHECK_FLOAT(cfunc_math_gamma(-INFINITY), NAN);
    CHECK_FLOAT(cfunc_math_gamma(INFINITY), INFINITY);
    CHECK_FLOAT(cfunc_math_gamma(200.0), INFINITY);
    CHECK_FLOAT(cfunc_math_lgamma(1.0), 0.0);
    CHECK_FLOAT(cfunc_math_lgamma(2.0), 0.0);
    CHECK_FLOAT(cfunc_math_lgamma(0.0), INFINITY);
    CHECK_FLOAT(cfunc_math_lgamma(-4.0), INFINITY);
    CHECK_FLOAT(cfunc_math_lgamma(-INFINITY), INFINITY);
    CHECK_FLOAT(cfunc_math_lgamma(NAN), NAN);

    CHECK_FLOAT(cfunc_math_hypot(3.0, -4.0), 5.0);
    CHECK_FLOAT(cfunc_math_hypot(INFINITY, NAN), INFINITY);
    CHECK_FLOAT(cfunc_math_hypot(NAN, 0.0), NAN);
    CHECK_FLOAT(cfunc_math_hypot(-0.0, 0.0), 0.0);
    CHECK_FLOAT(cfunc_math_hypot(DBL_MAX, DBL_MAX), INFINITY);
    CHECK_FLOAT(cfunc_math_hypot(0x3p-1074, 0x4p-1074), 0x5p-1074);
    CHECK_FLOAT(cfunc_math_hypot(0x1p-1074, 0x1p-1074), 0x1p-1074);

    CHECK_FLOAT(cfunc_math_ldexp(1.0, INT64_MAX), INFINITY);
    CHECK_FLOAT(cfunc_math_ldexp(-1.0, INT64_MIN), -0.0);
    CHECK_FLOAT(cfunc_math_ldexp(3.0, -1), 1.5);

    CHECK_FLOAT(cfunc_math_pow(2.0, -1.0), 0.5);
    CHECK_FLOAT(cfunc_math_pow(-8.0, 1.0 / 3.0), NAN);
    CHECK_FLOAT(cfunc_math_acos(1.0), 0.0);
    CHECK_FLOAT(cfunc_math_acosh(1.0), 0.0);
    CHECK_FLOAT(cfunc_math_asin(-0.0), -0.0);
    CHECK_FLOAT(cfunc_math_asinh(-0.0), -0.0);
    CHECK_FLOAT(cfunc_math_atan(INFINITY), 0x1.921fb54442d18p+0);
    CHECK_FLOAT(cfunc_math_atan2(0.0, -1.0), 0x1.921fb54442d18p+1);
    CHECK_FLOAT(cfunc_math_atanh(1.0), INFINITY);
    CHECK_FLOAT(cfunc_math_cbrt(-27.0), -3.0);
    CHECK_FLOAT(cfunc_math_cbrt(-0.0), -0.0);
    CHECK_FLOAT(cfunc_math_cbrt(-INFINITY), -INFINITY);
    CHECK_FLOAT(cfunc_math_cbrt(NAN), NAN);
    CHECK_FLOAT(cfunc_math_cbrt(0x1p-1074), 0x1p-358);
    CHECK_FLOAT(cfunc_math_cbrt(DBL_MAX), 0x1.428a2f98d728bp+341);
    CHECK_FLOAT(cfunc_math_cos(0.0), 1.0);
    CHECK_FLOAT(cfunc_math_cosh(0.0), 1.0);
    CHECK_FLOAT(cfunc_math_erf(INFINITY), 1.0);
    CHECK_FLOAT(cfunc_math_erfc(-INFINITY), 2.0);
    CHECK_FLOAT(cfunc_math_exp(1.0), 0x1.5bf0a8b145769p+1);
    CHECK_FLOAT(cfunc_math_exp2(-3.0), 0.125);
    CHECK_FLOAT(cfunc_math_expm1(-INFINITY), -1.0);
    CHECK_FLOAT(cfunc_math_fmod(-7.0, 3.0), -1.0);
    CHECK_FLOAT(cfunc_math_log(0.0), -INFINITY);
    CHECK_FLOAT(cfunc_math_log10(1000.0), 3.0);
    CHECK_FLOAT(cfunc_math_log1p(-1.0), -INFINITY);
    CHECK_FLOAT(cfunc_math_log2(0.125), -3.0);
    CHECK_FLOAT(cfunc_math_nextafter(1.0, 2.0), 1.0 + DBL_EPSILON);
    CHECK_FLOAT(cfunc_math_remainder(5.0, 3.0), -1.0);
    CHECK_FLOAT(cfunc_math_sin(-0.0), -0.0);
    CHECK_FLOAT(cfunc_math_sinh(INFINITY), INFINITY);
    CHECK_FLOAT(cfunc_math_tan(-0.0), -0.0);
    CHECK_FLOAT(cfunc_math_tanh(-INFINITY), -1.0);
}
