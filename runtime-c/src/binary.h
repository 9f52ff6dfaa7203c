/* Helpers on bits that several topics share. No function here has undefined behaviour for any argument in its domain. */
#ifndef CFUNC_BINARY_H
#define CFUNC_BINARY_H

#include <math.h>
#include <stdint.h>

/* Two's complement value of a word; a plain cast is implementation-defined. */
static inline int64_t cfunc_internal_to_signed(uint64_t value) {
    return value <= INT64_MAX ? (int64_t)value : (int64_t)(value - (uint64_t)INT64_MAX - 1u) + INT64_MIN;
}

/* Absolute value; 2**63 for INT64_MIN. */
static inline uint64_t cfunc_internal_magnitude(int64_t value) {
    return value < 0 ? 0u - (uint64_t)value : (uint64_t)value;
}

/* Number of zero bits above the highest one; value must not be 0. */
static inline int cfunc_internal_leading_zeros(uint64_t value) {
    int count = 0;
    for (int width = 32; width > 0; width /= 2) {
        if (value >> (64 - width) == 0) {
            value <<= width;
            count += width;
        }
    }
    return count;
}

/*
 * The double nearest to significand * 2**exponent, ties to even; infinity beyond range. The highest bit of significand
 * must be set. `more` says that the true value lies above by less than one unit of the significand.
 */
static inline double cfunc_internal_compose(uint64_t significand, int exponent, int more) {
    int below_normal = -1022 - (63 + exponent);
    int dropped = 11 + (below_normal > 0 ? below_normal : 0);
    if (dropped > 64) {
        return 0.0; /* less than half of the smallest subnormal */
    }
    uint64_t kept = dropped == 64 ? 0 : significand >> dropped;
    uint64_t rest = dropped == 64 ? significand : significand & (((uint64_t)1 << dropped) - 1);
    uint64_t half = (uint64_t)1 << (dropped - 1);
    if (rest > half || (rest == half && (more || (kept & 1)))) {
        kept += 1;
    }
    return ldexp((double)kept, exponent + dropped);
}

/* A product as the sum of two doubles, exact while nothing overflows or underflows. */
static inline double cfunc_internal_product(double left, double right, double *low) {
    const double splitter = 134217729.0; /* 2**27 + 1: splits 53 bits into 26 and 26 */
    double left_scaled = left * splitter;
    double left_high = left_scaled - (left_scaled - left);
    double left_low = left - left_high;
    double right_scaled = right * splitter;
    double right_high = right_scaled - (right_scaled - right);
    double right_low = right - right_high;
    double high = left * right;
    *low = ((left_high * right_high - high) + left_high * right_low + left_low * right_high) + left_low * right_low;
    return high;
}

/* The 128-bit product of two words. */
static inline void cfunc_internal_multiply_words(uint64_t left, uint64_t right, uint64_t *high, uint64_t *low) {
    uint64_t left_low = left & UINT32_MAX;
    uint64_t left_high = left >> 32;
    uint64_t right_low = right & UINT32_MAX;
    uint64_t right_high = right >> 32;
    uint64_t bottom = left_low * right_low;
    uint64_t cross = left_high * right_low + (bottom >> 32);
    uint64_t middle = left_low * right_high + (cross & UINT32_MAX);
    *low = middle << 32 | (bottom & UINT32_MAX);
    *high = left_high * right_high + (cross >> 32) + (middle >> 32);
}

#endif /* CFUNC_BINARY_H */
