/* Dates of the proleptic Gregorian calendar, and durations made of counts of units. */
#include "binary.h"
#include "cfunc_runtime.h"

static int64_t floor_divide(int64_t value, int64_t unit) {
    int64_t quotient = value / unit;
    return value % unit < 0 ? quotient - 1 : quotient;
}

/* Days before the month of a year that begins with March, which puts the leap day last. */
static int64_t days_before_month(int64_t month_from_march) {
    return (153 * month_from_march + 2) / 5;
}

int64_t cfunc_datetime_days(int64_t year, int64_t month, int64_t day) {
    int64_t month_from_march = (month + 9) % 12;
    int64_t shifted = month > 2 ? year : year - 1;
    int64_t days = shifted * 365 + floor_divide(shifted, 4) - floor_divide(shifted, 100) + floor_divide(shifted, 400);
    /* 719468 days from March 1 of year 0 to 1970. */
    return days + days_before_month(month_from_march) + day - 1 - 719468;
}

int64_t cfunc_datetime_month_length(int64_t year, int64_t month) {
    if (month == 2) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

int64_t cfunc_datetime_date(int64_t days) {
    const int64_t era_days = 146097; /* 400 years */
    days += 719468;
    int64_t era = floor_divide(days, era_days);
    int64_t day_of_era = days - era * era_days;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - days_before_month(month_from_march) + 1;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    int64_t year = era * 400 + year_of_era + (month <= 2);
    return year * 512 + month * 32 + day;
}

/* A 128-bit number in two's complement. */
typedef struct wide {
    uint64_t high;
    uint64_t low;
} wide;

static void add_product(wide *total, int64_t count, uint64_t unit) {
    uint64_t high;
    uint64_t low;
    cfunc_internal_multiply_words(cfunc_internal_magnitude(count), unit, &high, &low);
    if (count < 0) {
        high = ~high + (low == 0);
        low = 0u - low;
    }
    total->low += low;
    total->high += high + (total->low < low);
}

int64_t cfunc_timedelta_make(const void *counts, int64_t floats) {
    /* Microseconds of the units, in the order in which CPython adds them up. */
    static const uint64_t units[7] = {1, 1000, 1000000, 60000000, 3600000000, 86400000000, 604800000000};
    const uint64_t *words = counts;
    wide total = {0, 0};
    double broken = 0.0;
    for (int index = 0; index < 7; index += 1) {
        if (!(floats >> index & 1)) {
            add_product(&total, cfunc_internal_to_signed(words[index]), units[index]);
            continue;
        }
        double count = ((const double *)counts)[index];
        double whole;
        if (!(fabs(count) < 1e18)) {
            return INT64_MIN; /* no duration is as long */
        }
        double fraction = modf(count, &whole);
        add_product(&total, (int64_t)whole, units[index]);
        fraction = modf(fraction * (double)units[index], &whole);
        add_product(&total, (int64_t)whole, 1);
        broken += fraction;
    }
    /* Half a microsecond makes the sum even. */
    double nearest = round(broken);
    if (fabs(nearest - broken) == 0.5) {
        double odd = (double)(total.low & 1);
        nearest = 2.0 * round((broken + odd) * 0.5) - odd;
    }
    add_product(&total, (int64_t)nearest, 1);
    int64_t microseconds = cfunc_internal_to_signed(total.low);
    if (total.high != (microseconds < 0 ? UINT64_MAX : 0) || microseconds > INT64_MAX / 1000 ||
        microseconds < INT64_MIN / 1000) {
        return INT64_MIN;
    }
    return microseconds * 1000;
}
