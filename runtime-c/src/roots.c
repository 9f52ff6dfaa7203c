/*
 * hypot of two and cbrt, correctly rounded: C libraries differ in the last bits, and a program linked by Rust has a cbrt
 * of its own that stands before the C library's.
 */
#include "binary.h"
#include "cfunc_runtime.h"

/* Sign of the exact sum of a few doubles: they are added up as parts that do not overlap, of which the largest decides. */
static int sign_of_sum(const double *terms, int count) {
    double parts[16];
    int used = 0;
    for (int index = 0; index < count; index += 1) {
        double carry = terms[index];
        int kept = 0;
        for (int part = 0; part < used; part += 1) {
            double left = carry;
            double right = parts[part];
            carry = left + right;
            double right_rounded = carry - left;
            double rest = (left - (carry - right_rounded)) + (right - right_rounded);
            if (rest != 0.0) {
                parts[kept] = rest;
                kept += 1;
            }
        }
        parts[kept] = carry;
        used = kept + 1;
    }
    for (int part = used - 1; part >= 0; part -= 1) {
        if (parts[part] != 0.0) {
            return parts[part] > 0.0 ? 1 : -1;
        }
    }
    return 0;
}

/* Sign of x**2 + y**2 - (root + half)**2, exact. */
static int compare_with_square(double x, double y, double root, double half) {
    double terms[8];
    terms[0] = cfunc_internal_product(x, x, &terms[1]);
    terms[2] = cfunc_internal_product(y, y, &terms[3]);
    terms[4] = -cfunc_internal_product(root, root, &terms[5]);
    terms[5] = -terms[5];
    terms[6] = -2.0 * root * half; /* half is a power of two */
    terms[7] = -half * half;
    return sign_of_sum(terms, 8);
}

double cfunc_math_hypot(double x, double y) {
    if (isinf(x) || isinf(y)) {
        return INFINITY;
    }
    if (isnan(x) || isnan(y)) {
        return NAN;
    }
    double longer = fabs(x) > fabs(y) ? fabs(x) : fabs(y);
    double shorter = fabs(x) > fabs(y) ? fabs(y) : fabs(x);
    if (shorter == 0.0) {
        return longer;
    }
    int exponent;
    longer = frexp(longer, &exponent);
    shorter = ldexp(shorter, -exponent);
    if (shorter < 1.0 / 536870912.0) {
        /* Below 2**-29 of it, the shorter side adds less than a quarter of the last place. `shorter` may have lost bits
         * to underflow, but is not needed. */
        return ldexp(longer, exponent);
    }
    double root = sqrt(longer * longer + shorter * shorter);
    /* The result's last place, on the scale of root: 53 bits, fewer where the result is subnormal. */
    double smallest = exponent < -900 ? ldexp(1.0, -1074 - exponent) : 0.0;
    if (smallest != 0.0) {
        root = ldexp(ldexp(root, exponent), -exponent);
    }
    /* root is off by one place at most; each comparison is with the middle between it and a neighbour. Ties go to the
     * neighbour whose last bit is 0. */
    for (int step = 0; step < 2; step += 1) {
        double up = nextafter(root, 4.0) - root;
        double down = root - nextafter(root, 0.0);
        up = up < smallest ? smallest : up;
        down = down < smallest ? smallest : down;
        int odd = fmod(root / up, 2.0) != 0.0;
        int above = compare_with_square(longer, shorter, root, up / 2.0);
        if (above > 0 || (above == 0 && odd)) {
            root += up;
            continue;
        }
        int below = compare_with_square(longer, shorter, root, -down / 2.0);
        if (below < 0 || (below == 0 && odd)) {
            root -= down;
            continue;
        }
        break;
    }
    return ldexp(root, exponent);
}

/* Sign of value - (root + half)**3, exact. */
static int compare_with_cube(double value, double root, double half) {
    double square_low;
    double square = cfunc_internal_product(root, root, &square_low);
    double terms[12];
    terms[0] = value;
    terms[1] = -cfunc_internal_product(square, root, &terms[2]);
    terms[2] = -terms[2];
    terms[3] = -cfunc_internal_product(square_low, root, &terms[4]);
    terms[4] = -terms[4];
    /* half is a power of two: products with it are exact, three times a number is its sum with its double. */
    terms[5] = -square * half;
    terms[6] = -square * half * 2.0;
    terms[7] = -square_low * half;
    terms[8] = -square_low * half * 2.0;
    terms[9] = -root * half * half;
    terms[10] = -root * half * half * 2.0;
    terms[11] = -half * half * half;
    return sign_of_sum(terms, 12);
}

double cfunc_math_cbrt(double value) {
    if (!isfinite(value) || value == 0.0) {
        return value;
    }
    int exponent;
    double scaled = frexp(fabs(value), &exponent);
    /* To a multiple of three; scaled is in [0.5, 4) then. */
    int over = (exponent % 3 + 3) % 3;
    scaled = ldexp(scaled, over);
    double root = pow(scaled, 1.0 / 3.0);
    /* As for hypot. There are no ties: the cube of 54 bits does not fit in 53. */
    for (int step = 0; step < 4; step += 1) {
        double up = nextafter(root, 4.0) - root;
        double down = root - nextafter(root, 0.0);
        if (compare_with_cube(scaled, root, up / 2.0) > 0) {
            root += up;
        } else if (compare_with_cube(scaled, root, -down / 2.0) < 0) {
            root -= down;
        } else {
            break;
        }
    }
    return copysign(ldexp(root, (exponent - over) / 3), value);
}
