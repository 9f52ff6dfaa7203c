/*
 * Integers of Python's math module, and powers with a modulus. What is beyond int64 is reported, and does not matter on
 * the way to a result that is not.
 */
#include "binary.h"
#include "cfunc_runtime.h"

static uint64_t greatest_common_divisor(uint64_t left, uint64_t right) {
    while (right != 0) {
        uint64_t rest = left % right;
        left = right;
        right = rest;
    }
    return left;
}

int64_t cfunc_integer_lcm(int64_t left, int64_t right) {
    uint64_t a = cfunc_internal_magnitude(left);
    uint64_t b = cfunc_internal_magnitude(right);
    if (a == 0 || b == 0) {
        return 0;
    }
    if (left == -1) {
        return -1;
    }
    a /= greatest_common_divisor(a, b);
    return a > (uint64_t)INT64_MAX / b ? -1 : (int64_t)(a * b);
}

int64_t cfunc_integer_factorial(int64_t value) {
    if (value < 0 || value > 20) {
        return -1;
    }
    int64_t product = 1;
    for (int64_t factor = 2; factor <= value; factor += 1) {
        product *= factor;
    }
    return product;
}

int64_t cfunc_integer_permutations(int64_t count, int64_t taken) {
    if (count < 0 || taken < 0) {
        return -1;
    }
    if (taken > count) {
        return 0;
    }
    /* All factors but 1 at least double the product: the loop ends after 63 steps at the latest. */
    int64_t product = 1;
    for (int64_t factor = count; factor > count - taken && factor > 1; factor -= 1) {
        if (product > INT64_MAX / factor) {
            return -1;
        }
        product *= factor;
    }
    return product;
}

int64_t cfunc_integer_combinations(int64_t count, int64_t taken) {
    if (count < 0 || taken < 0) {
        return -1;
    }
    if (taken > count) {
        return 0;
    }
    if (taken > count - taken) {
        taken = count - taken;
    }
    /* After each step the number of ways to take `step` of `count - taken + step`, which never falls; each is at least
     * twice the one before, so that the loop ends after 63 steps at the latest. */
    uint64_t ways = 1;
    for (int64_t step = 1; step <= taken; step += 1) {
        uint64_t divisor = greatest_common_divisor(ways, (uint64_t)step);
        uint64_t factor = (uint64_t)(count - taken + step) / ((uint64_t)step / divisor);
        ways /= divisor;
        if (ways > (uint64_t)INT64_MAX / factor) {
            return -1;
        }
        ways *= factor;
    }
    return (int64_t)ways;
}

/* left * right modulo a modulus above both. */
static uint64_t multiply_modulo(uint64_t left, uint64_t right, uint64_t modulus) {
#if defined(__SIZEOF_INT128__)
    return (uint64_t)((unsigned __int128)left * right % modulus);
#else
    /* The modulus is at most 2**63, so that sums of two below it fit. */
    uint64_t product = 0;
    for (; right != 0; right >>= 1) {
        if (right & 1) {
            product = product >= modulus - left ? product - (modulus - left) : product + left;
        }
        left = left >= modulus - left ? left - (modulus - left) : left + left;
    }
    return product;
#endif
}

/* The number whose product with value is 1 modulo the modulus, which is above 1; 0 if there is none. */
static uint64_t inverse_modulo(uint64_t value, uint64_t modulus) {
    uint64_t divisor = modulus;
    uint64_t rest = value;
    uint64_t before = 0;
    uint64_t factor = 1;
    while (rest != 0) {
        uint64_t quotient = divisor / rest;
        uint64_t next_rest = divisor % rest;
        uint64_t product = multiply_modulo(quotient % modulus, factor, modulus);
        uint64_t next_factor = before >= product ? before - product : modulus - (product - before);
        divisor = rest;
        rest = next_rest;
        before = factor;
        factor = next_factor;
    }
    return divisor == 1 ? before : 0;
}

int64_t cfunc_integer_power_modulo(int64_t base, int64_t exponent, int64_t modulus) {
    uint64_t unit = cfunc_internal_magnitude(modulus);
    if (unit <= 1) {
        return 0;
    }
    uint64_t square = cfunc_internal_magnitude(base) % unit;
    if (base < 0 && square != 0) {
        square = unit - square;
    }
    if (exponent < 0) {
        square = inverse_modulo(square, unit);
        if (square == 0) {
            return 0;
        }
    }
    uint64_t power = 1;
    for (uint64_t rest = cfunc_internal_magnitude(exponent); rest != 0; rest >>= 1) {
        if (rest & 1) {
            power = multiply_modulo(power, square, unit);
        }
        square = multiply_modulo(square, square, unit);
    }
    /* The sign is that of the modulus, as for `%`. */
    return cfunc_internal_to_signed(modulus < 0 && power != 0 ? power - unit : power);
}

/* What CFUNC_PRODUCT_SIZE bytes hold. */
typedef struct product {
    uint64_t magnitude;
    uint32_t negative;
    uint32_t beyond; /* the magnitude is beyond 64 bits, and means nothing */
} product;

_Static_assert(sizeof(product) == CFUNC_PRODUCT_SIZE, "the header gives the size");

void cfunc_product_start(void *state) {
    product *value = state;
    value->magnitude = 1;
    value->negative = 0;
    value->beyond = 0;
}

void cfunc_product_multiply(void *state, int64_t factor) {
    product *value = state;
    uint64_t magnitude = cfunc_internal_magnitude(factor);
    if (magnitude == 0 || value->magnitude == 0) {
        value->magnitude = 0;
        value->negative = 0;
        value->beyond = 0;
        return;
    }
    if (value->magnitude > UINT64_MAX / magnitude) {
        value->beyond = 1;
    }
    if (!value->beyond) {
        value->magnitude *= magnitude;
    }
    value->negative ^= factor < 0;
}

int32_t cfunc_product_fits(const void *state) {
    const product *value = state;
    return !value->beyond && value->magnitude <= (uint64_t)INT64_MAX + value->negative;
}

int64_t cfunc_product_result(const void *state) {
    const product *value = state;
    return cfunc_internal_to_signed(value->negative ? 0u - value->magnitude : value->magnitude);
}
