/* Parts of doubles, and lengths of any number of sides. */
#include "binary.h"
#include "cfunc_runtime.h"

double cfunc_math_frexp_significand(double value) {
    int exponent;
    return isfinite(value) ? frexp(value, &exponent) : value;
}

int64_t cfunc_math_frexp_exponent(double value) {
    int exponent = 0;
    if (isfinite(value)) {
        (void)frexp(value, &exponent);
    }
    return exponent;
}

double cfunc_math_ulp(double value) {
    value = fabs(value);
    if (!isfinite(value)) {
        return value;
    }
    double next = nextafter(value, INFINITY);
    return isinf(next) ? value - nextafter(value, 0.0) : next - value;
}

double cfunc_math_norm(const void *values, int64_t count) {
    const double *sides = values;
    double longest = 0.0;
    int any_nan = 0;
    for (int64_t index = 0; index < count; index += 1) {
        double side = fabs(sides[index]);
        if (isinf(side)) {
            return INFINITY;
        }
        any_nan |= isnan(side);
        if (side > longest) {
            longest = side;
        }
    }
    if (any_nan) {
        return NAN;
    }
    if (longest == 0.0 || count == 1) {
        return longest;
    }
    if (count == 2) {
        return cfunc_math_hypot(sides[0], sides[1]);
    }
    int exponent;
    (void)frexp(longest, &exponent);
    /* The sum of the squares as two doubles. What underflows when it is scaled is too small to matter. */
    double high = 0.0;
    double low = 0.0;
    for (int64_t index = 0; index < count; index += 1) {
        double square_low;
        double side = ldexp(sides[index], -exponent);
        double square = cfunc_internal_product(side, side, &square_low);
        double sum = high + square;
        double added = sum - high;
        low += (high - (sum - added)) + (square - added) + square_low;
        high = sum;
    }
    double root = sqrt(high + low);
    /* One step of Newton's method in two doubles, which leaves an error in the sum's last of 106 bits or so. */
    double square_low;
    double square = cfunc_internal_product(root, root, &square_low);
    double rest = (high - square) - square_low + low;
    return ldexp(root + rest / (2.0 * root), exponent);
}
