/* Doubles as text. */
#ifndef CFUNC_FLOAT_TEXT_H
#define CFUNC_FLOAT_TEXT_H

/* Bytes of the longest text: a sign, 17 digits, a point and an exponent, or 16 digits before the point. */
#define CFUNC_FLOAT_TEXT_CAPACITY 32

/* Writes a value as Python's repr does, without a terminator; returns the number of bytes. */
int cfunc_internal_float_text(double value, char *text);

#endif /* CFUNC_FLOAT_TEXT_H */
