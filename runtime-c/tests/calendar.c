/* Dates around leap days and the ends of the range, durations around ties and the ends of the range. */
#include <math.h>
#include <string.h>

#include "check.h"

#define DAY INT64_C(86400000000000)

static int64_t duration(int unit, double count) {
    uint64_t counts[7] = {0};
    memcpy(&counts[unit], &count, sizeof count);
    return cfunc_timedelta_make(counts, INT64_C(1) << unit);
}

void test_calendar(void) {
    CHECK_INTEGER(cfunc_datetime_days(1970, 1, 1), 0);
    CHECK_INTEGER(cfunc_datetime_days(2000, 2, 29), 11016);
    CHECK_INTEGER(cfunc_datetime_days(1, 1, 1), -719162);
    CHECK_INTEGER(cfunc_datetime_days(9999, 12, 31), 2932896);
    CHECK_INTEGER(cfunc_datetime_month_length(1900, 2), 28);
    CHECK_INTEGER(cfunc_datetime_month_length(2000, 2), 29);
    CHECK_INTEGER(cfunc_datetime_month_length(2024, 2), 29);
    CHECK_INTEGER(cfunc_datetime_month_length(2023, 11), 30);
    CHECK_INTEGER(cfunc_datetime_month_length(2023, 8), 31);
    CHECK_INTEGER(cfunc_datetime_date(0), 1970 * 512 + 32 + 1);
    CHECK_INTEGER(cfunc_datetime_date(-1), 1969 * 512 + 12 * 32 + 31);
    CHECK_INTEGER(cfunc_datetime_date(11016), 2000 * 512 + 2 * 32 + 29);
    for (int64_t day = -719162; day <= 2932896; day += 1) {
        int64_t date = cfunc_datetime_date(day);
        CHECK_INTEGER(cfunc_datetime_days(date / 512, date / 32 % 16, date % 32), day);
    }

    int64_t counts[7] = {-1, 0, 0, 0, 0, 1, 0};
    CHECK_INTEGER(cfunc_timedelta_make(counts, 0), DAY - 1000);
    int64_t far[7] = {0, 0, -86400 * INT64_C(1000000000000), 0, 0, 1000000000000, 0};
    CHECK_INTEGER(cfunc_timedelta_make(far, 0), 0);
    int64_t beyond[7] = {INT64_MAX, 0, 0, 0, 0, 0, 0};
    CHECK_INTEGER(cfunc_timedelta_make(beyond, 0), INT64_MIN);
    int64_t extremes[7] = {INT64_MAX, INT64_MIN, INT64_MIN, INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN};
    CHECK_INTEGER(cfunc_timedelta_make(extremes, 0), INT64_MIN);
    int64_t last[7] = {9223372036854775, 0, 0, 0, 0, 0, 0};
    CHECK_INTEGER(cfunc_timedelta_make(last, 0), INT64_C(9223372036854775000));
    int64_t first[7] = {-9223372036854775, 0, 0, 0, 0, 0, 0};
    CHECK_INTEGER(cfunc_timedelta_make(first, 0), -INT64_C(9223372036854775000));
    CHECK_INTEGER(duration(0, 0.5), 0);
    CHECK_INTEGER(duration(0, 1.5), 2000);
    CHECK_INTEGER(duration(0, -2.5), -2000);
    CHECK_INTEGER(duration(2, 0.1), 100000000);
    CHECK_INTEGER(duration(5, 1.0 / 3.0), INT64_C(28800000000000));
    CHECK_INTEGER(duration(6, NAN), INT64_MIN);
    CHECK_INTEGER(duration(6, -INFINITY), INT64_MIN);
    CHECK_INTEGER(duration(2, 1e10), INT64_MIN);
}
