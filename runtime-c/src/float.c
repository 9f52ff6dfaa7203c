/* Float arithmetic beyond what one machine instruction does. */
#include "binary.h"
#include "cfunc_runtime.h"

/* Remainder with the sign of the divisor; *quotient is the matching whole quotient, still to be snapped to an integer,
 * since the division that gives it rounds. The divisor is not zero. */
static double floored_remainder(double left, double right, double *quotient) {
    double rest = fmod(left, right);
    *quotient = (left - rest) / right;
    if (rest == 0.0) {
        return copysign(0.0, right);
    }
    if ((rest < 0.0) != (right < 0.0)) {
        /* fmod truncates; one divisor further is floored. A nan passes through. */
        rest += right;
        *quotient -= 1.0;
    }
    return rest;
}

double cfunc_float_floor_divide(double left, double right) {
    double quotient;
    if (right == 0.0) {
        return left / right;
    }
    floored_remainder(left, right, &quotient);
    if (quotient == 0.0) {
        return copysign(0.0, left / right);
    }
    double below = floor(quotient);
    return quotient - below > 0.5 ? below + 1.0 : below;
}

double cfunc_float_modulo(double left, double right) {
    double quotient;
    if (right == 0.0) {
        return NAN;
    }
    return floored_remainder(left, right, &quotient);
}

double cfunc_float_round_even(double value) {
    if (!(fabs(value) < 4503599627370496.0)) {
        return value; /* from 2**52 on every double is integral; nan and infinities stay */
    }
    double below = floor(value);
    double above = value - below;
    if (above > 0.5 || (above == 0.5 && fmod(below, 2.0) != 0.0)) {
        below += 1.0;
    }
    return copysign(below, value);
}
