/*
 * math.fsum: the exact sum of doubles, rounded once. It is held in two's complement, its lowest bit is 2**-1074, the
 * unit of the subnormal numbers; beyond the largest double there is room for 2**62 of them.
 */
#include <string.h>

#include "binary.h"
#include "cfunc_runtime.h"

#define WORDS 34
#define LOWEST_EXPONENT (-1074)

/* The word and the bit in it of 2**1023, where the largest doubles are. */
#define TOP_WORD 32
#define TOP_BIT 49

#define POSITIVE_INFINITY 1u
#define NEGATIVE_INFINITY 2u
#define NOT_A_NUMBER 4u
#define OVERFLOWED 8u /* a sum on the way was beyond the doubles */

/* What CFUNC_SUM_SIZE bytes hold. */
typedef struct sum {
    uint64_t words[WORDS];
    uint64_t flags;
} sum;

_Static_assert(sizeof(sum) == CFUNC_SUM_SIZE, "the header gives the size");

static double rounded(const sum *total) {
    uint64_t words[WORDS];
    memcpy(words, total->words, sizeof words);
    int negative = words[WORDS - 1] >> 63 != 0;
    if (negative) {
        uint64_t carry = 1;
        for (int index = 0; index < WORDS; index += 1) {
            words[index] = ~words[index] + carry;
            carry = carry && words[index] == 0;
        }
    }
    int top = WORDS - 1;
    while (top >= 0 && words[top] == 0) {
        top -= 1;
    }
    if (top < 0) {
        return 0.0;
    }
    int shift = cfunc_internal_leading_zeros(words[top]);
    uint64_t significand = words[top] << shift;
    int more = 0;
    if (top > 0) {
        if (shift > 0) {
            significand |= words[top - 1] >> (64 - shift);
        }
        more = words[top - 1] << shift != 0;
    }
    for (int index = top - 2; index >= 0 && !more; index -= 1) {
        more = words[index] != 0;
    }
    double magnitude = cfunc_internal_compose(significand, 64 * top - shift + LOWEST_EXPONENT, more);
    return negative ? -magnitude : magnitude;
}

void cfunc_sum_start(void *state) {
    memset(state, 0, sizeof(sum));
}

static void add_word(sum *total, int index, uint64_t word) {
    while (word != 0 && index < WORDS) {
        total->words[index] += word;
        word = total->words[index] < word;
        index += 1;
    }
}

static void subtract_word(sum *total, int index, uint64_t word) {
    while (word != 0 && index < WORDS) {
        uint64_t borrow = total->words[index] < word;
        total->words[index] -= word;
        word = borrow;
        index += 1;
    }
}

void cfunc_sum_add(void *state, double value) {
    sum *total = state;
    if (isnan(value)) {
        total->flags |= NOT_A_NUMBER;
        return;
    }
    if (isinf(value)) {
        total->flags |= value > 0.0 ? POSITIVE_INFINITY : NEGATIVE_INFINITY;
        return;
    }
    if (value == 0.0) {
        return;
    }
    int exponent;
    uint64_t significand = (uint64_t)ldexp(frexp(fabs(value), &exponent), 53);
    int position = exponent - 53 - LOWEST_EXPONENT;
    if (position < 0) {
        significand >>= -position; /* a subnormal number: these bits are 0 */
        position = 0;
    }
    int index = position / 64;
    int shift = position % 64;
    uint64_t low = significand << shift;
    uint64_t high = shift > 0 ? significand >> (64 - shift) : 0;
    if (value > 0.0) {
        add_word(total, index, low);
        add_word(total, index + 1, high);
    } else {
        subtract_word(total, index, low);
        subtract_word(total, index + 1, high);
    }
    /* Far from the largest double the top bits are all equal. */
    uint64_t sign = 0u - (total->words[WORDS - 1] >> 63);
    uint64_t top = (total->words[TOP_WORD] ^ sign) >> TOP_BIT;
    if ((top != 0 || total->words[WORDS - 1] != sign) && isinf(rounded(total))) {
        total->flags |= OVERFLOWED;
    }
}

double cfunc_sum_result(const void *state) {
    const sum *total = state;
    uint64_t both = POSITIVE_INFINITY | NEGATIVE_INFINITY;
    if ((total->flags & NOT_A_NUMBER) || (total->flags & both) == both) {
        return NAN;
    }
    if (total->flags & both) {
        return total->flags & POSITIVE_INFINITY ? INFINITY : -INFINITY;
    }
    return rounded(total);
}

int32_t cfunc_sum_status(const void *state) {
    const sum *total = state;
    uint64_t both = POSITIVE_INFINITY | NEGATIVE_INFINITY;
    if (total->flags & OVERFLOWED) {
        return 1;
    }
    return (total->flags & both) == both ? 2 : 0;
}
