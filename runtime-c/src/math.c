/* The C library's mathematics under names of our own, so that every engine calls the same functions. */
#include <limits.h>

#include "binary.h"
#include "cfunc_runtime.h"

double cfunc_math_pow(double base, double exponent) {
    return pow(base, exponent);
}

double cfunc_math_acos(double value) {
    return acos(value);
}

double cfunc_math_acosh(double value) {
    return acosh(value);
}

double cfunc_math_asin(double value) {
    return asin(value);
}

double cfunc_math_asinh(double value) {
    return asinh(value);
}

double cfunc_math_atan(double value) {
    return atan(value);
}

double cfunc_math_atan2(double y, double x) {
    return atan2(y, x);
}

double cfunc_math_atanh(double value) {
    return atanh(value);
}

double cfunc_math_cos(double value) {
    return cos(value);
}

double cfunc_math_cosh(double value) {
    return cosh(value);
}

double cfunc_math_erf(double value) {
    return erf(value);
}

double cfunc_math_erfc(double value) {
    return erfc(value);
}

double cfunc_math_exp(double value) {
    return exp(value);
}

double cfunc_math_exp2(double value) {
    return exp2(value);
}

double cfunc_math_expm1(double value) {
    return expm1(value);
}

double cfunc_math_fmod(double left, double right) {
    return fmod(left, right);
}

double cfunc_math_ldexp(double value, int64_t exponent) {
    int saturated = exponent > INT_MAX ? INT_MAX : exponent < INT_MIN ? INT_MIN : (int)exponent;
    return ldexp(value, saturated);
}

double cfunc_math_log(double value) {
    return log(value);
}

double cfunc_math_log10(double value) {
    return log10(value);
}

double cfunc_math_log1p(double value) {
    return log1p(value);
}

double cfunc_math_log2(double value) {
    return log2(value);
}

double cfunc_math_nextafter(double value, double towards) {
    return nextafter(value, towards);
}

double cfunc_math_remainder(double left, double right) {
    return remainder(left, right);
}

double cfunc_math_sin(double value) {
    return sin(value);
}

double cfunc_math_sinh(double value) {
    return sinh(value);
}

double cfunc_math_tan(double value) {
    return tan(value);
}

double cfunc_math_tanh(double value) {
    return tanh(value);
}
