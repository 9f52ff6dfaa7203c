/* The gamma function and its logarithm: the C library's, with the special values of Python's math module. */
#if !defined(_WIN32)
#define _DEFAULT_SOURCE /* lgamma_r: lgamma writes a global variable on POSIX systems */
#endif
#include "binary.h"
#include "cfunc_runtime.h"

double cfunc_math_gamma(double value) {
    /* (n - 1)! for n = 1 … 23: all factorials that a double holds exactly. */
    static const double factorials[] = {
        1.0,
        1.0,
        2.0,
        6.0,
        24.0,
        120.0,
        720.0,
        5040.0,
        40320.0,
        362880.0,
        3628800.0,
        39916800.0,
        479001600.0,
        6227020800.0,
        87178291200.0,
        1307674368000.0,
        20922789888000.0,
        355687428096000.0,
        6402373705728000.0,
        121645100408832000.0,
        2432902008176640000.0,
        51090942171709440000.0,
        1124000727777607680000.0,
    };
    if (isnan(value) || value == -INFINITY) {
        return NAN;
    }
    if (value == INFINITY) {
        return value;
    }
    if (value == 0.0) {
        return copysign(INFINITY, value);
    }
    if (floor(value) == value) {
        if (value < 0.0) {
            return NAN;
        }
        if (value <= 23.0) {
            return factorials[(int)value - 1];
        }
    }
    return tgamma(value);
}

double cfunc_math_lgamma(double value) {
    if (isnan(value)) {
        return NAN;
    }
    if (isinf(value) || (value <= 0.0 && floor(value) == value)) {
        return INFINITY;
    }
#if defined(_WIN32)
    return lgamma(value);
#else
    int sign;
    return lgamma_r(value, &sign);
#endif
}
