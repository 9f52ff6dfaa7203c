/*
 * round(float, digits): the exact binary value is rounded to a whole multiple of 10**-digits, ties to even, and the
 * decimal number so found is rounded to the nearest double. Ordinary arguments need a few float operations, all others
 * go through whole numbers of up to 1280 bits. No text and thus no locale is involved.
 */
#include <stdint.h>
#include <string.h>

#include "binary.h"
#include "cfunc_runtime.h"

/* 40 words hold the largest numbers here: 2**53 * 5**323 has 803 bits, the sum of the largest double and half of
 * 10**308 has 1025. */
#define CAPACITY 40

/* A whole number: `length` words, the lowest first, the highest not zero. */
typedef struct whole {
    int length;
    uint32_t words[CAPACITY];
} whole;

static void whole_set(whole *number, uint64_t value) {
    number->words[0] = (uint32_t)value;
    number->words[1] = (uint32_t)(value >> 32);
    number->length = number->words[1] != 0 ? 2 : number->words[0] != 0;
}

static void whole_trim(whole *number) {
    while (number->length > 0 && number->words[number->length - 1] == 0) {
        number->length -= 1;
    }
}

static void whole_multiply_add(whole *number, uint32_t factor, uint32_t addend) {
    uint64_t carry = addend;
    for (int index = 0; index < number->length; index += 1) {
        carry += (uint64_t)number->words[index] * factor;
        number->words[index] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0) {
        number->words[number->length] = (uint32_t)carry;
        number->length += 1;
    }
}

/* Multiplies by base**exponent. */
static void whole_multiply_power(whole *number, uint32_t base, int exponent) {
    for (; exponent > 0; exponent -= 1) {
        whole_multiply_add(number, base, 0);
    }
}

/* Divides and returns the remainder. */
static uint32_t whole_divide(whole *number, uint32_t divisor) {
    uint64_t rest = 0;
    for (int index = number->length - 1; index >= 0; index -= 1) {
        rest = rest << 32 | number->words[index];
        number->words[index] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    whole_trim(number);
    return (uint32_t)rest;
}

static int whole_bit_length(const whole *number) {
    if (number->length == 0) {
        return 0;
    }
    return number->length * 32 - (cfunc_internal_leading_zeros(number->words[number->length - 1]) - 32);
}

static int whole_bit(const whole *number, int position) {
    int index = position / 32;
    return index < number->length && (number->words[index] >> (position % 32) & 1);
}

/* Whether any of the lowest `count` bits is set. */
static int whole_any_bit_below(const whole *number, int count) {
    for (int index = 0; index < number->length && index * 32 < count; index += 1) {
        int bits = count - index * 32;
        uint32_t mask = bits >= 32 ? UINT32_MAX : ((uint32_t)1 << bits) - 1;
        if (number->words[index] & mask) {
            return 1;
        }
    }
    return 0;
}

static void whole_shift_left(whole *number, int count) {
    int words = count / 32;
    int bits = count % 32;
    if (number->length == 0) {
        return;
    }
    memmove(number->words + words, number->words, (size_t)number->length * sizeof number->words[0]);
    memset(number->words, 0, (size_t)words * sizeof number->words[0]);
    number->length += words;
    if (bits != 0) {
        whole_multiply_add(number, (uint32_t)1 << bits, 0);
    }
}

static void whole_shift_right(whole *number, int count) {
    int words = count / 32;
    int bits = count % 32;
    if (words >= number->length) {
        number->length = 0;
        return;
    }
    number->length -= words;
    memmove(number->words, number->words + words, (size_t)number->length * sizeof number->words[0]);
    if (bits != 0) {
        for (int index = 0; index < number->length; index += 1) {
            uint32_t above = index + 1 < number->length ? number->words[index + 1] : 0;
            number->words[index] = number->words[index] >> bits | above << (32 - bits);
        }
        whole_trim(number);
    }
}

static int whole_less(const whole *left, const whole *right) {
    if (left->length != right->length) {
        return left->length < right->length;
    }
    for (int index = left->length - 1; index >= 0; index -= 1) {
        if (left->words[index] != right->words[index]) {
            return left->words[index] < right->words[index];
        }
    }
    return 0;
}

/* left -= right, which is not greater. */
static void whole_subtract(whole *left, const whole *right) {
    uint64_t borrow = 0;
    for (int index = 0; index < left->length; index += 1) {
        uint64_t subtrahend = (index < right->length ? right->words[index] : 0) + borrow;
        borrow = left->words[index] < subtrahend;
        left->words[index] = (uint32_t)(left->words[index] - subtrahend);
    }
    whole_trim(left);
}

static void whole_increment(whole *number) {
    if (number->length == 0) {
        whole_set(number, 1);
    } else {
        whole_multiply_add(number, 1, 1);
    }
}

/* The double nearest to dividend / divisor * 2**exponent. Both are positive; both are used up. */
static double nearest_quotient(whole *dividend, whole *divisor, int exponent) {
    int difference = whole_bit_length(dividend) - whole_bit_length(divisor);
    if (difference > 0) {
        whole_shift_left(divisor, difference);
    } else {
        whole_shift_left(dividend, -difference);
    }
    exponent += difference;
    if (whole_less(dividend, divisor)) {
        whole_shift_left(dividend, 1);
        exponent -= 1;
    }
    uint64_t quotient = 0;
    for (int bit = 0; bit < 64; bit += 1) {
        quotient <<= 1;
        if (!whole_less(dividend, divisor)) {
            whole_subtract(dividend, divisor);
            quotient |= 1;
        }
        whole_shift_left(dividend, 1);
    }
    return cfunc_internal_compose(quotient, exponent - 63, dividend->length != 0);
}

/* significand * 2**exponent rounded to `digits` > 0 decimal places; significand is not zero. */
static double round_after_point(uint64_t significand, int exponent, int digits) {
    whole multiple;
    whole scale;
    int shift = -(exponent + digits); /* the other factor of 10**digits is 2**digits */
    whole_set(&multiple, significand);
    whole_multiply_power(&multiple, 5, digits);
    if (shift > 0) {
        int half = whole_bit(&multiple, shift - 1);
        int more = whole_any_bit_below(&multiple, shift - 1);
        whole_shift_right(&multiple, shift);
        if (half && (more || whole_bit(&multiple, 0))) {
            whole_increment(&multiple);
        }
    } else {
        /* The value is a multiple of 10**-digits already. */
        return ldexp((double)significand, exponent);
    }
    if (multiple.length == 0) {
        return 0.0;
    }
    whole_set(&scale, 1);
    whole_multiply_power(&scale, 5, digits);
    return nearest_quotient(&multiple, &scale, -digits);
}

/* significand * 2**exponent rounded to a multiple of 10**zeros, zeros > 0. */
static double round_before_point(uint64_t significand, int exponent, int zeros) {
    whole multiple;
    whole one;
    int more = 0;
    whole_set(&multiple, significand);
    if (exponent >= 0) {
        whole_shift_left(&multiple, exponent);
    } else {
        more = whole_any_bit_below(&multiple, -exponent);
        whole_shift_right(&multiple, -exponent);
    }
    for (int zero = 1; zero < zeros && multiple.length != 0; zero += 1) {
        more |= whole_divide(&multiple, 10) != 0;
    }
    uint32_t digit = whole_divide(&multiple, 10);
    if (digit > 5 || (digit == 5 && (more || whole_bit(&multiple, 0)))) {
        whole_increment(&multiple);
    }
    if (multiple.length == 0) {
        return 0.0;
    }
    whole_multiply_power(&multiple, 10, zeros);
    whole_set(&one, 1);
    return nearest_quotient(&multiple, &one, 0);
}

double cfunc_float_round_digits(double value, int64_t digits) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const double integral = 4503599627370496.0; /* 2**52: from here on every double is integral */
    double magnitude = fabs(value);
    if (!(magnitude <= 1.7976931348623157e308) || magnitude == 0.0 || digits > 323) {
        return value; /* the smallest double is 4.9e-324: more places change nothing */
    }
    if (digits < -308) {
        return copysign(0.0, value); /* the largest double is less than half of 10**309 */
    }
    if (digits >= 0 && magnitude >= integral) {
        return value;
    }
    if (digits >= 0 && digits <= 22) {
        /* The power is exact, so the product below is exact as the sum of two doubles. */
        double power = powers[digits];
        double low;
        if (magnitude < 1e-200) {
            return copysign(0.0, value); /* the low part of the product could underflow */
        }
        double high = cfunc_internal_product(magnitude, power, &low);
        if (high < integral) {
            double multiple = cfunc_float_round_even(high);
            double distance = high - multiple;
            if (distance == 0.5 && low > 0.0) {
                multiple += 1.0;
            } else if (distance == -0.5 && low < 0.0) {
                multiple -= 1.0;
            }
            return copysign(multiple / power, value);
        }
    }
    int exponent;
    uint64_t significand = (uint64_t)ldexp(frexp(magnitude, &exponent), 53);
    exponent -= 53;
    double rounded = digits > 0 ? round_after_point(significand, exponent, (int)digits)
                                : round_before_point(significand, exponent, (int)-digits);
    return copysign(rounded, value);
}
