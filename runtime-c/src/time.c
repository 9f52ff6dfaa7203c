/* Durations, in whole nanoseconds. */
#include "binary.h"
#include "cfunc_runtime.h"

/* The end of the range that a duration lies beyond. */
static int64_t saturate(int negative, int *fits) {
    *fits = 0;
    return negative ? INT64_MIN : INT64_MAX;
}

static int64_t with_sign(uint64_t magnitude, int negative, int *fits) {
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1u : 0u)) {
        return saturate(negative, fits);
    }
    return cfunc_internal_to_signed(negative ? 0u - magnitude : magnitude);
}

static int64_t scale(int64_t nanoseconds, double factor, int *fits) {
    *fits = 1;
    if (nanoseconds == 0 || factor == 0.0 || isnan(factor)) {
        return 0;
    }
    int negative = (nanoseconds < 0) != (factor < 0.0);
    if (isinf(factor)) {
        return saturate(negative, fits);
    }
    int exponent;
    uint64_t significand = (uint64_t)ldexp(frexp(fabs(factor), &exponent), 53);
    exponent -= 53;

    uint64_t high;
    uint64_t low;
    cfunc_internal_multiply_words(cfunc_internal_magnitude(nanoseconds), significand, &high, &low);
    if (exponent >= 0) {
        /* The significand is at least 2**52: shifted by 12 it is beyond int64. */
        if (exponent >= 12 || high != 0 || low >> (63 - exponent) > 1) {
            return saturate(negative, fits);
        }
        low <<= exponent;
    } else {
        int shift = -exponent;
        uint64_t half; /* the bit after the point */
        int more;      /* whether any bit after that is set */
        if (shift > 127) {
            return 0; /* the product is below 2**117 */
        }
        if (shift > 64) {
            half = high >> (shift - 65) & 1;
            more = low != 0 || (high & (((uint64_t)1 << (shift - 65)) - 1)) != 0;
            low = high >> (shift - 64);
            high = 0;
        } else {
            half = low >> (shift - 1) & 1;
            more = (low & (((uint64_t)1 << (shift - 1)) - 1)) != 0;
            if (shift == 64) {
                low = high;
                high = 0;
            } else {
                low = low >> shift | high << (64 - shift);
                high >>= shift;
            }
        }
        if (high != 0) {
            return saturate(negative, fits);
        }
        if (half && (more || (low & 1))) {
            low += 1;
            if (low == 0) {
                return saturate(negative, fits);
            }
        }
    }
    return with_sign(low, negative, fits);
}

/* The quotient by the significand, then a bit more for each power of two that the divisor is less. At most 53 rounds go by
 * before the first bit, and 64 after it. */
static int64_t divide(int64_t nanoseconds, double divisor, int *fits) {
    *fits = 1;
    if (nanoseconds == 0 || isnan(divisor) || isinf(divisor)) {
        return 0;
    }
    int negative = (nanoseconds < 0) != (signbit(divisor) != 0);
    if (divisor == 0.0) {
        return saturate(negative, fits);
    }
    int exponent;
    uint64_t unit = (uint64_t)ldexp(frexp(fabs(divisor), &exponent), 53);
    exponent -= 53;
    if (exponent >= 12) {
        return 0; /* the divisor is at least 2**64: a half at most */
    }
    if (exponent > 0) {
        unit <<= exponent;
    }
    uint64_t magnitude = cfunc_internal_magnitude(nanoseconds);
    uint64_t quotient = magnitude / unit;
    uint64_t rest = magnitude % unit;
    for (; exponent < 0; exponent++) {
        if (quotient >> 62 > 1) {
            return saturate(negative, fits);
        }
        /* The unit is below 2**53 here. */
        rest <<= 1;
        quotient <<= 1;
        if (rest >= unit) {
            rest -= unit;
            quotient |= 1;
        }
    }
    uint64_t missing = unit - rest;
    if (rest > missing || (rest == missing && (quotient & 1))) {
        quotient += 1;
    }
    return with_sign(quotient, negative, fits);
}

int64_t cfunc_timedelta_scale(int64_t nanoseconds, double factor) {
    int fits;
    return scale(nanoseconds, factor, &fits);
}

int64_t cfunc_timedelta_scale_fits(int64_t nanoseconds, double factor) {
    int fits;
    (void)scale(nanoseconds, factor, &fits);
    return fits;
}

int64_t cfunc_timedelta_divide_float(int64_t nanoseconds, double divisor) {
    int fits;
    return divide(nanoseconds, divisor, &fits);
}

int64_t cfunc_timedelta_divide_float_fits(int64_t nanoseconds, double divisor) {
    int fits;
    (void)divide(nanoseconds, divisor, &fits);
    return fits;
}

int64_t cfunc_timedelta_divide(int64_t nanoseconds, int64_t divisor) {
    if (divisor == 0) {
        return 0;
    }
    uint64_t unit = cfunc_internal_magnitude(divisor);
    uint64_t magnitude = cfunc_internal_magnitude(nanoseconds);
    uint64_t quotient = magnitude / unit;
    uint64_t rest = magnitude % unit;
    uint64_t missing = unit - rest;
    if (rest > missing || (rest == missing && (quotient & 1))) {
        quotient += 1;
    }
    return cfunc_internal_to_signed((nanoseconds < 0) != (divisor < 0) ? 0u - quotient : quotient);
}
