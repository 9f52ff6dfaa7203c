/* Integer arithmetic. Everything is computed on unsigned words, where wrap-around is defined. */
#include "binary.h"
#include "cfunc_runtime.h"

int64_t cfunc_integer_power(int64_t base, int64_t exponent) {
    if (exponent < 0) {
        if (base == 1) {
            return 1;
        }
        if (base == -1) {
            return (uint64_t)exponent & 1 ? -1 : 1;
        }
        return 0;
    }
    uint64_t result = 1;
    uint64_t square = (uint64_t)base;
    for (uint64_t rest = (uint64_t)exponent; rest != 0; rest >>= 1) {
        if (rest & 1) {
            result *= square;
        }
        square *= square;
    }
    return cfunc_internal_to_signed(result);
}

int64_t cfunc_bit_count(int64_t bits) {
    /* Sums of neighbouring bits, then of neighbouring sums. */
    uint64_t sums = (uint64_t)bits;
    sums -= (sums >> 1) & UINT64_C(0x5555555555555555);
    sums = (sums & UINT64_C(0x3333333333333333)) + ((sums >> 2) & UINT64_C(0x3333333333333333));
    sums = (sums + (sums >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (int64_t)((sums * UINT64_C(0x0101010101010101)) >> 56);
}

int64_t cfunc_bit_trailing_zeros(int64_t bits) {
    uint64_t word = (uint64_t)bits;
    /* The bits below the lowest one, which are all there are of 0. */
    uint64_t below = ~word & (word - 1);
    return cfunc_bit_count(cfunc_internal_to_signed(below));
}

int64_t cfunc_integer_gcd(int64_t left, int64_t right) {
    uint64_t a = cfunc_internal_magnitude(left);
    uint64_t b = cfunc_internal_magnitude(right);
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return cfunc_internal_to_signed(a);
}

int64_t cfunc_integer_round(int64_t value, int64_t digits) {
    if (digits >= 0) {
        return value;
    }
    if (digits < -19) {
        return 0; /* less than half of 10**20 */
    }
    uint64_t unit = 1;
    for (int64_t digit = digits; digit < 0; digit += 1) {
        unit *= 10;
    }
    uint64_t magnitude = cfunc_internal_magnitude(value);
    uint64_t quotient = magnitude / unit;
    uint64_t rest = magnitude % unit;
    uint64_t half = unit / 2; /* a power of ten above 1 is even */
    if (rest > half || (rest == half && (quotient & 1))) {
        quotient += 1;
    }
    uint64_t rounded = quotient * unit;
    return cfunc_internal_to_signed(value < 0 ? 0u - rounded : rounded);
}

double cfunc_integer_quotient(int64_t left, int64_t right) {
    const uint64_t exact = (uint64_t)1 << 53;
    uint64_t dividend = cfunc_internal_magnitude(left);
    uint64_t divisor = cfunc_internal_magnitude(right);
    if (right == 0 || left == 0 || (dividend <= exact && divisor <= exact)) {
        return (double)left / (double)right; /* zero over a negative number is -0.0, as of floats */
    }
    /* Long division of the two, shifted to full width, for 64 bits of quotient. */
    int dividend_shift = cfunc_internal_leading_zeros(dividend);
    int divisor_shift = cfunc_internal_leading_zeros(divisor);
    int exponent = divisor_shift - dividend_shift - 63;
    uint64_t rest = dividend << dividend_shift;
    uint64_t carry = 0;
    divisor <<= divisor_shift;
    if (rest < divisor) {
        exponent -= 1;
        carry = rest >> 63;
        rest <<= 1;
    }
    uint64_t quotient = 0;
    for (int bit = 0; bit < 64; bit += 1) {
        quotient <<= 1;
        if (carry || rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
        carry = rest >> 63;
        rest <<= 1;
    }
    double magnitude = cfunc_internal_compose(quotient, exponent, rest != 0 || carry != 0);
    return (left < 0) != (right < 0) ? -magnitude : magnitude;
}
