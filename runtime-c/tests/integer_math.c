/* Integers of Python's math module at their edges, powers with a modulus, and products. */
#include <stddef.h>

#include "check.h"

static int64_t product(int count, const int64_t *factors, int32_t *fits) {
    uint64_t state[CFUNC_PRODUCT_SIZE / 8];
    cfunc_product_start(state);
    for (int index = 0; index < count; index += 1) {
        cfunc_product_multiply(state, factors[index]);
    }
    *fits = cfunc_product_fits(state);
    return cfunc_product_result(state);
}

void test_integer_math(void) {
    CHECK_INTEGER(cfunc_integer_lcm(1, 0), 0);
    CHECK_INTEGER(cfunc_integer_lcm(1, -1), 1);
    CHECK_INTEGER(cfunc_integer_lcm(4, -6), 12);
    CHECK_INTEGER(cfunc_integer_lcm(1, INT64_MIN), -1);
    CHECK_INTEGER(cfunc_integer_lcm(-1, 7), -1);
    CHECK_INTEGER(cfunc_integer_lcm(-1, 0), 0);
    CHECK_INTEGER(cfunc_integer_lcm(INT64_MAX, 2), -1);
    CHECK_INTEGER(cfunc_integer_lcm(INT64_MAX, INT64_MAX), INT64_MAX);

    CHECK_INTEGER(cfunc_integer_factorial(0), 1);
    CHECK_INTEGER(cfunc_integer_factorial(20), 2432902008176640000);
    CHECK_INTEGER(cfunc_integer_factorial(21), -1);
    CHECK_INTEGER(cfunc_integer_factorial(-1), -1);
    CHECK_INTEGER(cfunc_integer_factorial(INT64_MAX), -1);

    CHECK_INTEGER(cfunc_integer_permutations(5, 2), 20);
    CHECK_INTEGER(cfunc_integer_permutations(5, 6), 0);
    CHECK_INTEGER(cfunc_integer_permutations(20, 20), 2432902008176640000);
    CHECK_INTEGER(cfunc_integer_permutations(INT64_MAX, 1), INT64_MAX);
    CHECK_INTEGER(cfunc_integer_permutations(INT64_MAX, 2), -1);
    CHECK_INTEGER(cfunc_integer_permutations(INT64_MAX, INT64_MAX), -1);
    CHECK_INTEGER(cfunc_integer_permutations(INT64_MAX, 0), 1);

    CHECK_INTEGER(cfunc_integer_combinations(66, 33), 7219428434016265740);
    CHECK_INTEGER(cfunc_integer_combinations(67, 33), -1);
    CHECK_INTEGER(cfunc_integer_combinations(INT64_MAX, INT64_MAX - 1), INT64_MAX);
    CHECK_INTEGER(cfunc_integer_combinations(INT64_MAX, 2), -1);
    CHECK_INTEGER(cfunc_integer_combinations(INT64_MAX, INT64_MAX), 1);
    CHECK_INTEGER(cfunc_integer_combinations(4294967296, 2), 9223372034707292160);
    CHECK_INTEGER(cfunc_integer_combinations(3, 5), 0);

    CHECK_INTEGER(cfunc_integer_power_modulo(3, 200, 13), 9);
    CHECK_INTEGER(cfunc_integer_power_modulo(3, 200, -13), -4);
    CHECK_INTEGER(cfunc_integer_power_modulo(INT64_MIN, INT64_MAX, INT64_MAX), INT64_MAX - 1);
    CHECK_INTEGER(cfunc_integer_power_modulo(-3, 5, INT64_MIN), -243);
    CHECK_INTEGER(cfunc_integer_power_modulo(3, -1, 7), 5);
    CHECK_INTEGER(cfunc_integer_power_modulo(2, -1, 4), 0);
    CHECK_INTEGER(cfunc_integer_power_modulo(0, 0, 1), 0);
    CHECK_INTEGER(cfunc_integer_power_modulo(0, 0, 2), 1);
    CHECK_INTEGER(cfunc_integer_power_modulo(5, 2, 0), 0);
    CHECK_INTEGER(cfunc_integer_power_modulo(7, INT64_MIN, 2), 1);

    int32_t fits;
    CHECK_INTEGER(product(0, NULL, &fits), 1);
    CHECK(fits);
    const int64_t lowest[] = {INT64_MIN, -1, -1};
    CHECK_INTEGER(product(1, lowest, &fits), INT64_MIN);
    CHECK(fits);
    (void)product(2, lowest, &fits);
    CHECK(!fits);
    CHECK_INTEGER(product(3, lowest, &fits), INT64_MIN);
    CHECK(fits);
    const int64_t zero[] = {INT64_MAX, INT64_MAX, INT64_MAX, 0, -5};
    (void)product(3, zero, &fits);
    CHECK(!fits);
    CHECK_INTEGER(product(5, zero, &fits), 0);
    CHECK(fits);
}
