/* Durations, in whole nanoseconds. */
#include "binary.h"
#include "cfunc_runtime.h"

int64_t cfunc_timedelta_scale(int64_t nanoseconds, double factor) {
    if (nanoseconds == 0 || factor == 0.0 || isnan(factor)) {
        return 0;
    }
    int negative = (nanoseconds < 0) != (factor < 0.0);
    int64_t saturated = negative ? INT64_MIN : INT64_MAX;
    if (isinf(factor)) {
        return saturated;
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
            return saturated;
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
            return saturated;
        }
        if (half && (more || (low & 1))) {
            low += 1;
            if (low == 0) {
                return saturated;
            }
        }
    }
    if (low > (uint64_t)INT64_MAX) {
        return saturated; /* INT64_MIN itself included */
    }
    return negative ? -(int64_t)low : (int64_t)low;
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
