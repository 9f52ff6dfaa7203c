/*
 * The shortest decimal number that reads back as a double, written as Python's repr writes it. Digits are generated
 * with whole numbers of up to 1280 bits, after Burger and Dybvig, "Printing Floating-Point Numbers Quickly and
 * Accurately" (PLDI 1996); no text function of the C library and thus no locale is involved.
 */
#include <string.h>

#include "binary.h"
#include "float_text.h"

/* 40 words hold the largest numbers here: 2 * 10**324 has 1078 bits, a digit more has 1082. */
#define CAPACITY 40

/* A whole number: `length` words, the lowest first, the highest not zero. */
typedef struct whole {
    int length;
    uint32_t words[CAPACITY];
} whole;

static void set(whole *number, uint64_t value) {
    number->words[0] = (uint32_t)value;
    number->words[1] = (uint32_t)(value >> 32);
    number->length = number->words[1] != 0 ? 2 : number->words[0] != 0;
}

static void multiply(whole *number, uint32_t factor) {
    uint64_t carry = 0;
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

static void multiply_by_powers(whole *number, int twos, int tens) {
    for (; tens >= 9; tens -= 9) {
        multiply(number, 1000000000u);
    }
    for (; tens > 0; tens -= 1) {
        multiply(number, 10);
    }
    for (; twos >= 31; twos -= 31) {
        multiply(number, 0x80000000u);
    }
    multiply(number, (uint32_t)1 << (twos > 0 ? twos : 0));
}

/* Less than 0, 0 or more than 0 as left is below, equal to or above right. */
static int compare(const whole *left, const whole *right) {
    if (left->length != right->length) {
        return left->length < right->length ? -1 : 1;
    }
    for (int index = left->length - 1; index >= 0; index -= 1) {
        if (left->words[index] != right->words[index]) {
            return left->words[index] < right->words[index] ? -1 : 1;
        }
    }
    return 0;
}

/* Compares left + added with right. */
static int compare_sum(const whole *left, const whole *added, const whole *right) {
    whole sum = *left;
    uint64_t carry = 0;
    int length = sum.length > added->length ? sum.length : added->length;
    for (int index = 0; index < length; index += 1) {
        carry += index < sum.length ? sum.words[index] : 0;
        carry += index < added->length ? added->words[index] : 0;
        sum.words[index] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0) {
        sum.words[length] = (uint32_t)carry;
        length += 1;
    }
    sum.length = length;
    return compare(&sum, right);
}

/* left -= right, which is not above it. */
static void subtract(whole *left, const whole *right) {
    uint64_t borrow = 0;
    for (int index = 0; index < left->length; index += 1) {
        uint64_t taken = (index < right->length ? right->words[index] : 0) + borrow;
        borrow = left->words[index] < taken;
        left->words[index] = (uint32_t)(left->words[index] - taken);
    }
    while (left->length > 0 && left->words[left->length - 1] == 0) {
        left->length -= 1;
    }
}

/* The digits of a positive finite value, without a sign or point; the value is 0.DIGITS * 10**exponent. */
static int shortest_digits(double value, char *digits, int *exponent) {
    int binary_exponent;
    uint64_t significand = (uint64_t)ldexp(frexp(value, &binary_exponent), 53);
    binary_exponent -= 53;
    /* A subnormal has fewer bits, all of weight 2**-1074 and more. */
    if (binary_exponent < -1074) {
        significand >>= -1074 - binary_exponent;
        binary_exponent = -1074;
    }
    int even = (significand & 1) == 0;
    /* Below a power of two the next double is half as far away as above it. */
    int uneven = significand == (uint64_t)1 << 52 && binary_exponent > -1074;
    int above_zero = binary_exponent > 0 ? binary_exponent : 0;
    int below_zero = binary_exponent < 0 ? -binary_exponent : 0;

    /* value = rest / scale; the doubles around it are 2 * low below and 2 * high above, in the same unit. */
    whole rest, scale, low, high;
    set(&rest, significand);
    multiply_by_powers(&rest, above_zero + 1 + uneven, 0);
    set(&scale, 1);
    multiply_by_powers(&scale, below_zero + 1 + uneven, 0);
    set(&low, 1);
    multiply_by_powers(&low, above_zero, 0);
    set(&high, 1);
    multiply_by_powers(&high, above_zero + uneven, 0);

    int highest_bit = binary_exponent + 63 - cfunc_internal_leading_zeros(significand);
    int decimal = (int)ceil(highest_bit * 0.30102999566398120 - 1e-10);
    if (decimal >= 0) {
        multiply_by_powers(&scale, 0, decimal);
    } else {
        multiply_by_powers(&rest, 0, -decimal);
        multiply_by_powers(&low, 0, -decimal);
        multiply_by_powers(&high, 0, -decimal);
    }
    /* The estimate is right or one too small. */
    int order = compare_sum(&rest, &high, &scale);
    if (order > 0 || (order == 0 && even)) {
        decimal += 1;
    } else {
        multiply(&rest, 10);
        multiply(&low, 10);
        multiply(&high, 10);
    }
    *exponent = decimal;
    for (int count = 0;; count += 1) {
        char digit = '0';
        while (compare(&rest, &scale) >= 0) {
            subtract(&rest, &scale);
            digit += 1;
        }
        int below = compare(&rest, &low);
        int above = compare_sum(&rest, &high, &scale);
        int enough_below = below < 0 || (below == 0 && even);
        int enough_above = above > 0 || (above == 0 && even);
        if (!enough_below && !enough_above) {
            digits[count] = digit;
            multiply(&rest, 10);
            multiply(&low, 10);
            multiply(&high, 10);
            continue;
        }
        int nearer = compare_sum(&rest, &rest, &scale);
        int up = enough_above && (!enough_below || nearer > 0 || (nearer == 0 && (digit - '0') % 2 != 0));
        digits[count] = (char)(digit + up);
        return count + 1;
    }
}

int cfunc_internal_float_text(double value, char *text) {
    char *cursor = text;
    if (isnan(value)) {
        memcpy(text, "nan", 3);
        return 3;
    }
    if (signbit(value)) {
        *cursor++ = '-';
        value = -value;
    }
    if (isinf(value)) {
        memcpy(cursor, "inf", 3);
        return (int)(cursor - text) + 3;
    }
    char digits[24] = "0";
    int count = 1;
    int point = 1;
    if (value != 0.0) {
        count = shortest_digits(value, digits, &point);
    }
    if (point > 16 || point <= -4) {
        *cursor++ = digits[0];
        if (count > 1) {
            *cursor++ = '.';
            memcpy(cursor, digits + 1, (size_t)count - 1);
            cursor += count - 1;
        }
        int exponent = point - 1;
        *cursor++ = 'e';
        *cursor++ = exponent < 0 ? '-' : '+';
        exponent = exponent < 0 ? -exponent : exponent;
        if (exponent >= 100) {
            *cursor++ = (char)('0' + exponent / 100);
        }
        *cursor++ = (char)('0' + exponent / 10 % 10);
        *cursor++ = (char)('0' + exponent % 10);
        return (int)(cursor - text);
    }
    if (point <= 0) {
        *cursor++ = '0';
        *cursor++ = '.';
        for (int index = point; index < 0; index += 1) {
            *cursor++ = '0';
        }
        memcpy(cursor, digits, (size_t)count);
        return (int)(cursor - text) + count;
    }
    for (int index = 0; index < count || index < point; index += 1) {
        if (index == point) {
            *cursor++ = '.';
        }
        *cursor++ = index < count ? digits[index] : '0';
    }
    if (count <= point) {
        *cursor++ = '.';
        *cursor++ = '0';
    }
    return (int)(cursor - text);
}
