/* Durations at their edges. */
#include <float.h>
#include <math.h>

#include "check.h"

void test_time(void) {
    CHECK_INTEGER(cfunc_timedelta_scale(3, 0.5), 2);
    CHECK_INTEGER(cfunc_timedelta_scale(5, 0.5), 2);
    CHECK_INTEGER(cfunc_timedelta_scale(-5, 0.5), -2);
    CHECK_INTEGER(cfunc_timedelta_scale(10, -0.25), -2);
    CHECK_INTEGER(cfunc_timedelta_scale(INT64_MAX, 1.0), INT64_MAX);
    CHECK_INTEGER(cfunc_timedelta_scale(INT64_MIN, 1.0), INT64_MIN);
    CHECK_INTEGER(cfunc_timedelta_scale(INT64_MIN, -1.0), INT64_MAX);
    CHECK_INTEGER(cfunc_timedelta_scale(INT64_MAX, 1.0 + DBL_EPSILON), INT64_MAX);
    CHECK_INTEGER(cfunc_timedelta_scale(1, 0x1p62), (int64_t)1 << 62);
    CHECK_INTEGER(cfunc_timedelta_scale(1, 0x1p63), INT64_MAX);
    CHECK_INTEGER(cfunc_timedelta_scale(-1, 0x1p63), INT64_MIN);
    CHECK_INTEGER(cfunc_timedelta_scale(-1, DBL_MAX), INT64_MIN);
    CHECK_INTEGER(cfunc_timedelta_scale(INT64_MIN, 0x1p-63), -1);
    CHECK_INTEGER(cfunc_timedelta_scale(INT64_MIN, 0x1p-64), 0);
    CHECK_INTEGER(cfunc_timedelta_scale(INT64_MIN, 0x1.8p-64), -1);
    CHECK_INTEGER(cfunc_timedelta_scale(INT64_MIN, 0x1p-1074), 0);
    CHECK_INTEGER(cfunc_timedelta_scale(7, NAN), 0);
    CHECK_INTEGER(cfunc_timedelta_scale(0, INFINITY), 0);
    CHECK_INTEGER(cfunc_timedelta_scale(-7, -INFINITY), INT64_MAX);

    CHECK_INTEGER(cfunc_timedelta_divide(5, 2), 2);
    CHECK_INTEGER(cfunc_timedelta_divide(7, 2), 4);
    CHECK_INTEGER(cfunc_timedelta_divide(-7, 2), -4);
    CHECK_INTEGER(cfunc_timedelta_divide(7, 0), 0);
    CHECK_INTEGER(cfunc_timedelta_divide(INT64_MIN, -1), INT64_MIN);
    CHECK_INTEGER(cfunc_timedelta_divide(INT64_MIN, INT64_MIN), 1);
    CHECK_INTEGER(cfunc_timedelta_divide(INT64_MAX, INT64_MIN), -1);
    CHECK_INTEGER(cfunc_timedelta_divide((int64_t)1 << 62, INT64_MIN), 0);
}
