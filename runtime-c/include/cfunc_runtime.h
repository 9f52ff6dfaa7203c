/*
 * cfunc_runtime.h - what compiled cfunc functions call, and what their hosts call. C11 and C++.
 *
 * A host links libcfunc_runtime (static or shared) and the compiled functions; nothing else is needed but the C
 * library and libm. Part one is for hosts: ABI version, error record, per-thread state. Part two is called by generated
 * code; hosts may call it as well, every function there is pure but cfunc_poll, those of print, and those that take a
 * pointer.
 *
 * Threads: all state is per thread. A host takes the error on the thread that made the call.
 * Locale: nothing here reads or changes it. The floating-point environment is expected to be the default one (round to
 * nearest, subnormals kept).
 */
#ifndef CFUNC_RUNTIME_H
#define CFUNC_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) || defined(__clang__)
#define CFUNC_API __attribute__((visibility("default")))
#else
#define CFUNC_API
#endif

/* ---------------------------------------------------------------------------------------------------------------- */
/* Part one: hosts                                                                                                  */
/* ---------------------------------------------------------------------------------------------------------------- */

/* The version of everything in this header and of the unit descriptor. It changes when either changes incompatibly. */
#define CFUNC_ABI_VERSION 1u

/* The ABI version that the library was built with; compare it with CFUNC_ABI_VERSION before the first call. */
CFUNC_API uint32_t cfunc_abi_version(void);

/* What went wrong. The names are those of the Python classes; codes from 100 on have no Python class, and no `except`
 * of a node catches them. */
typedef enum cfunc_error_kind {
    CFUNC_ERROR_NONE = 0,                  /* no error */
    CFUNC_ERROR_EXCEPTION = 1,             /* an exception of a class that has no kind of its own */
    CFUNC_ERROR_INDEX_ERROR = 2,           /* an index out of range, also pop from an empty list */
    CFUNC_ERROR_KEY_ERROR = 3,             /* a missing key */
    CFUNC_ERROR_VALUE_ERROR = 4,           /* a value outside of what an operation takes */
    CFUNC_ERROR_UNBOUND_LOCAL_ERROR = 5,   /* a local read on a path that did not bind it */
    CFUNC_ERROR_ASSERTION_ERROR = 6,       /* a failed assert */
    CFUNC_ERROR_RUNTIME_ERROR = 7,         /* a dict that changed its size during iteration, and the like */
    CFUNC_ERROR_ZERO_DIVISION_ERROR = 8,   /* division by zero under the Python error model */
    CFUNC_ERROR_OVERFLOW_ERROR = 9,        /* a result beyond its type where that is checked */
    CFUNC_ERROR_TYPE_ERROR = 10,           /* a value of the wrong type, such as None */
    CFUNC_ERROR_ARITHMETIC_ERROR = 11,     /* raised by a node */
    CFUNC_ERROR_LOOKUP_ERROR = 12,         /* raised by a node */
    CFUNC_ERROR_STOP_ITERATION = 13,       /* raised by a node */
    CFUNC_ERROR_NOT_IMPLEMENTED_ERROR = 14, /* raised by a node */
    CFUNC_ERROR_MEMORY_ERROR = 15,         /* an allocation that failed */
    CFUNC_ERROR_NAME_ERROR = 16,            /* raised by a node */
    CFUNC_ERROR_ATTRIBUTE_ERROR = 17,       /* raised by a node */
    CFUNC_ERROR_FLOATING_POINT_ERROR = 18,  /* raised by a node */
    CFUNC_ERROR_RECURSION_ERROR = 19,       /* raised by a node */
    CFUNC_ERROR_OS_ERROR = 20,              /* raised by a node */
    CFUNC_ERROR_TIMEOUT_ERROR = 21,         /* raised by a node */
    CFUNC_ERROR_BUFFER_ERROR = 22,          /* raised by a node */
    CFUNC_ERROR_EOF_ERROR = 23,             /* raised by a node */
    CFUNC_ERROR_REFERENCE_ERROR = 24,       /* raised by a node */
    CFUNC_ERROR_SYSTEM_ERROR = 25,          /* raised by a node */
    CFUNC_ERROR_IMPORT_ERROR = 26,          /* raised by a node */
    CFUNC_ERROR_UNICODE_ERROR = 27,         /* raised by a node */
    CFUNC_ERROR_FOREIGN_ERROR = 28,         /* a function of the host failed */
    CFUNC_ERROR_INTERRUPTED = 100,         /* the host asked a running call to stop, or its deadline passed */
    CFUNC_ERROR_MEMORY_LIMIT = 101,        /* the memory cap of an instance was reached */
    CFUNC_ERROR_LIFECYCLE = 102            /* a call in a phase that the node is not in */
} cfunc_error_kind;

/* Bytes of the strings in an error record, the terminating NUL included. Longer strings are cut between two UTF-8
 * characters. */
#define CFUNC_ERROR_NAME_CAPACITY 128
#define CFUNC_ERROR_MESSAGE_CAPACITY 512

/* One node error. It holds copies only, so it stays good after the compiled code is gone. */
typedef struct cfunc_error {
    int32_t kind;                               /* a cfunc_error_kind */
    uint32_t site;                              /* number of the error site in its function */
    char native_name[CFUNC_ERROR_NAME_CAPACITY]; /* exported name of the function, UTF-8, NUL-terminated */
    char message[CFUNC_ERROR_MESSAGE_CAPACITY];  /* the message as in Python, UTF-8, NUL-terminated */
} cfunc_error;

/* 1 if the calling thread has an error that nobody took yet, else 0. */
CFUNC_API int32_t cfunc_error_pending(void);

/* Moves the pending error of the calling thread into *out and returns 1; returns 0 and leaves *out alone when there is
 * none. `out` may be NULL, then the error is dropped. */
CFUNC_API int32_t cfunc_error_take(cfunc_error *out);

/* Drops the pending error of the calling thread, if any. */
CFUNC_API void cfunc_error_clear(void);

/* Name of an error kind ("IndexError"), a static string; "unknown" for a number that is no kind. */
CFUNC_API const char *cfunc_error_kind_name(int32_t kind);

/* For a function of the host that a node called and that is about to say that it failed: the message of the node error
 * that becomes of it, UTF-8 of `length` bytes, which is copied. Without it the message is the one that was declared. What is
 * longer than the record holds is cut. */
CFUNC_API void cfunc_error_message_set(const char *text, size_t length);

/* Receives what a print() of a node writes: UTF-8 without a terminator, whole characters, a call of print() in one piece
 * where it has no more than 1024 bytes. It may call compiled functions; it must come back (no longjmp, no exception). */
typedef void (*cfunc_print_hook)(void *data, const char *text, size_t length);

/* What a host wants of the calls of a thread. All zeros is the default. */
typedef struct cfunc_call_settings {
    /* Functions compiled to be interruptible end with the error Interrupted soon after another thread (or a signal
     * handler) stores anything but 0 here; NULL for never. Written as an atomic of 32 bits, or as volatile. */
    const volatile uint32_t *interrupt_flag;
    /* They end with it, too, once cfunc_clock() has reached this; 0 for never. */
    int64_t deadline;
    /* Where print() goes, with the data that is passed on; NULL for stderr. */
    cfunc_print_hook print_hook;
    void *print_data;
} cfunc_call_settings;

/* Exchanges the settings of the calling thread with *settings. Called a second time with the same struct after a call
 * of a compiled function, it puts back what was before. What the pointers lead to lives as long as they are set. */
CFUNC_API void cfunc_call_settings_exchange(cfunc_call_settings *settings);

/* The clock of deadlines: nanoseconds of a monotonic clock since some moment. */
CFUNC_API int64_t cfunc_clock(void);

/* The per-thread state of a call. A host function that a compiled function calls, and that calls compiled functions
 * itself, saves the state before and restores it after, so that the two calls do not see each other's errors. */
typedef struct cfunc_thread_state {
    cfunc_call_settings settings;
    uint64_t reserved[4];  /* zero */
    int32_t error_pending; /* 1 if `error` holds an error, else its contents mean nothing */
    uint32_t padding;      /* zero */
    cfunc_error error;
} cfunc_thread_state;

/* Moves the state of the calling thread into *saved; the thread then has a fresh state. */
CFUNC_API void cfunc_thread_state_save(cfunc_thread_state *saved);

/* Puts a saved state back; whatever the thread's state was since is dropped. */
CFUNC_API void cfunc_thread_state_restore(const cfunc_thread_state *saved);

/* ---------------------------------------------------------------------------------------------------------------- */
/* Part two: generated code                                                                                         */
/* ---------------------------------------------------------------------------------------------------------------- */

/*
 * Unit descriptor: one read-only block of bytes that the compiler emits for each compiled unit. It needs no alignment
 * and no relocations. All numbers are little-endian, 32 bits; offsets count from the start of the block.
 *
 *     offset  field
 *          0  uint32 magic, CFUNC_UNIT_MAGIC
 *          4  uint32 version, CFUNC_UNIT_VERSION
 *          8  uint32 native_name_offset: NUL-terminated UTF-8
 *         12  uint32 site_count
 *         16  site_count times: int32 kind (a cfunc_error_kind), uint32 message_offset (NUL-terminated UTF-8)
 *          …  the strings
 */
#define CFUNC_UNIT_MAGIC 0x43464E55u
#define CFUNC_UNIT_VERSION 1u

/* Records the error of site number `site` of a unit for the calling thread. The first error wins until it is taken.
 * A block that is no unit descriptor of this version, or a number beyond its sites, is recorded as a RuntimeError that
 * says so. `unit` may be NULL. */
CFUNC_API void cfunc_error_raise(const void *unit, uint32_t site);

/* After a function of the host failed: what it left with cfunc_error_message_set is the message of the error of this
 * site of the unit, should that be raised. Without such a message, or where another site took the next one since, it
 * is the one of the site. */
CFUNC_API void cfunc_error_message_keep(const void *unit, uint32_t site);

/* 1 if the calling thread's call is to end: the interrupt flag is set, or the deadline has passed. */
CFUNC_API uint32_t cfunc_poll(void);

/* The parts of one print(), in order; cfunc_print_end hands them to the hook. Values read as in Python; times with nine
 * digits of the second where microseconds do not do. `length` is in bytes. */
CFUNC_API void cfunc_print_text(const void *text, int64_t length);
CFUNC_API void cfunc_print_integer(int64_t value);
CFUNC_API void cfunc_print_float(double value);
CFUNC_API void cfunc_print_datetime(int64_t nanoseconds);
CFUNC_API void cfunc_print_timedelta(int64_t nanoseconds);
CFUNC_API void cfunc_print_end(void);

/* Integers: int64 with wrap-around, two's complement. */

/* base ** exponent. A negative exponent gives 1 for base 1, 1 or -1 for base -1, else 0, also for base 0. */
CFUNC_API int64_t cfunc_integer_power(int64_t base, int64_t exponent);
/* How many bits are 1. */
CFUNC_API int64_t cfunc_bit_count(int64_t bits);
/* The position of the lowest bit that is 1; 64 where there is none. */
CFUNC_API int64_t cfunc_bit_trailing_zeros(int64_t bits);
/* Greatest common divisor of the absolute values; 2**63 wraps to INT64_MIN. */
CFUNC_API int64_t cfunc_integer_gcd(int64_t left, int64_t right);
/* round(value, digits): for negative digits the multiple of 10**-digits nearest to value, ties to the even multiple. */
CFUNC_API int64_t cfunc_integer_round(int64_t value, int64_t digits);
/* left / right rounded once; infinities or nan for a zero divisor. */
CFUNC_API double cfunc_integer_quotient(int64_t left, int64_t right);

/* Fields of structs: the bits of an IEEE single as a double; a double as the bits of the nearest single, ties to even. */
CFUNC_API double cfunc_single_to_double(int32_t bits);
CFUNC_API int32_t cfunc_double_to_single(double value);
/* Copies bytes, which may overlap. */
CFUNC_API void cfunc_move_bytes(void *to, const void *from, int64_t count);

/* Integers of Python's math module: -1 for a result beyond int64, and for arguments that are not in the domain. */

/* Least common multiple of the absolute values. A left operand of -1 is a multiple beyond int64: it stays so, but for a
 * right operand of 0, so that the multiple of many numbers is found one by one, from 1 on. */
CFUNC_API int64_t cfunc_integer_lcm(int64_t left, int64_t right);
CFUNC_API int64_t cfunc_integer_factorial(int64_t value);
/* Ways to take `taken` of `count` things, in order; and in any order. */
CFUNC_API int64_t cfunc_integer_permutations(int64_t count, int64_t taken);
CFUNC_API int64_t cfunc_integer_combinations(int64_t count, int64_t taken);
/* base ** exponent % modulus, of any size on the way; the inverse for a negative exponent. 0 for a modulus of 0, and for
 * an inverse that does not exist: the caller looks before. */
CFUNC_API int64_t cfunc_integer_power_modulo(int64_t base, int64_t exponent, int64_t modulus);

/* Products of any size on the way, in CFUNC_PRODUCT_SIZE bytes of the caller's, aligned to 8: started at 1, then
 * multiplied. cfunc_product_fits tells whether the result is in int64; without that it means nothing. */
#define CFUNC_PRODUCT_SIZE 16
CFUNC_API void cfunc_product_start(void *state);
CFUNC_API void cfunc_product_multiply(void *state, int64_t factor);
CFUNC_API int32_t cfunc_product_fits(const void *state);
CFUNC_API int64_t cfunc_product_result(const void *state);

/* Floats: results equal those of CPython to the bit, except that the sign and payload of a nan mean nothing. */

/* left // right; left / right for a zero divisor. */
CFUNC_API double cfunc_float_floor_divide(double left, double right);
/* left % right with the sign of the divisor; nan for a zero divisor. */
CFUNC_API double cfunc_float_modulo(double left, double right);
/* round(value, digits), correctly rounded; infinite where CPython raises OverflowError. */
CFUNC_API double cfunc_float_round_digits(double value, int64_t digits);
/* The integral value nearest to value, ties to even, with the sign of value. */
CFUNC_API double cfunc_float_round_even(double value);

/* Mathematics: as in Python's math module, but nan or infinities where that raises. cbrt, fmod, hypot, ldexp,
 * nextafter and remainder are exact or correctly rounded, the others as good as the C library's. */

CFUNC_API double cfunc_math_pow(double base, double exponent);
CFUNC_API double cfunc_math_acos(double value);
CFUNC_API double cfunc_math_acosh(double value);
CFUNC_API double cfunc_math_asin(double value);
CFUNC_API double cfunc_math_asinh(double value);
CFUNC_API double cfunc_math_atan(double value);
CFUNC_API double cfunc_math_atan2(double y, double x);
CFUNC_API double cfunc_math_atanh(double value);
CFUNC_API double cfunc_math_cbrt(double value);
CFUNC_API double cfunc_math_cos(double value);
CFUNC_API double cfunc_math_cosh(double value);
CFUNC_API double cfunc_math_erf(double value);
CFUNC_API double cfunc_math_erfc(double value);
CFUNC_API double cfunc_math_exp(double value);
CFUNC_API double cfunc_math_exp2(double value);
CFUNC_API double cfunc_math_expm1(double value);
CFUNC_API double cfunc_math_fmod(double left, double right);
/* Gamma function: exact factorials at integers up to 23, infinity of the argument's sign at zeros, nan at negative
 * integers and at minus infinity. */
CFUNC_API double cfunc_math_gamma(double value);
CFUNC_API double cfunc_math_hypot(double x, double y);
/* value * 2**exponent, rounded once; an exponent of any size. */
CFUNC_API double cfunc_math_ldexp(double value, int64_t exponent);
/* Logarithm of the absolute value of the gamma function; infinity at zero, negative integers and both infinities. */
CFUNC_API double cfunc_math_lgamma(double value);
CFUNC_API double cfunc_math_log(double value);
CFUNC_API double cfunc_math_log10(double value);
CFUNC_API double cfunc_math_log1p(double value);
CFUNC_API double cfunc_math_log2(double value);
CFUNC_API double cfunc_math_nextafter(double value, double towards);
CFUNC_API double cfunc_math_remainder(double left, double right);
CFUNC_API double cfunc_math_sin(double value);
CFUNC_API double cfunc_math_sinh(double value);
CFUNC_API double cfunc_math_tan(double value);
CFUNC_API double cfunc_math_tanh(double value);
/* frexp: a significand of [0.5, 1) and the exponent of two that it is multiplied by; zeros, infinities and nan are
 * their own significand, with exponent 0. */
CFUNC_API double cfunc_math_frexp_significand(double value);
CFUNC_API int64_t cfunc_math_frexp_exponent(double value);
/* The value of the last bit. */
CFUNC_API double cfunc_math_ulp(double value);
/* Length of the sides in an array of doubles: exact to the last place, of two sides correctly rounded. */
CFUNC_API double cfunc_math_norm(const void *values, int64_t count);

/* math.fsum: sums rounded once, in CFUNC_SUM_SIZE bytes of the caller's, aligned to 8: started at 0, then added to.
 * The status is 1 where a sum on the way was beyond the doubles, where CPython fails though the result may be none; 2
 * where infinities of both signs are added, whose result is nan; else 0. */
#define CFUNC_SUM_SIZE 280
CFUNC_API void cfunc_sum_start(void *state);
CFUNC_API void cfunc_sum_add(void *state, double value);
CFUNC_API double cfunc_sum_result(const void *state);
CFUNC_API int32_t cfunc_sum_status(const void *state);

/* Times: durations in nanoseconds. */

/* The exact product, rounded to the nanosecond, ties to even. Beyond int64 it saturates; nan gives 0. */
CFUNC_API int64_t cfunc_timedelta_scale(int64_t nanoseconds, double factor);
/* Whether the product is within int64: 1, or 0 where it saturates. */
CFUNC_API int64_t cfunc_timedelta_scale_fits(int64_t nanoseconds, double factor);
/* The exact quotient, rounded to the nanosecond, ties to even. Beyond int64 it saturates, as where the divisor is zero;
 * nan gives 0, and so does 0 divided by anything. */
CFUNC_API int64_t cfunc_timedelta_divide_float(int64_t nanoseconds, double divisor);
/* Whether the quotient is within int64: 1, or 0 where it saturates. */
CFUNC_API int64_t cfunc_timedelta_divide_float_fits(int64_t nanoseconds, double divisor);
/* The exact quotient, rounded to the nanosecond, ties to even; 0 for a zero divisor. INT64_MIN / -1 wraps. */
CFUNC_API int64_t cfunc_timedelta_divide(int64_t nanoseconds, int64_t divisor);
/* timedelta(…) of seven counts: of microseconds, milliseconds, seconds, minutes, hours, days, weeks. Each is an int64, or
 * a double where its bit in `floats` is set, bit 0 for microseconds. Integers are exact, fractions are rounded to the
 * microsecond as in CPython. INT64_MIN for durations beyond int64, and for counts of 1e18 on and nan. */
CFUNC_API int64_t cfunc_timedelta_make(const void *counts, int64_t floats);

/* Dates, of years from 1 to 9999. */

/* Days from 1970-01-01 to a date; months from 1 to 12. */
CFUNC_API int64_t cfunc_datetime_days(int64_t year, int64_t month, int64_t day);
/* Days of a month, from 1 to 12. */
CFUNC_API int64_t cfunc_datetime_month_length(int64_t year, int64_t month);
/* The date of a number of days since 1970-01-01: year * 512 + month * 32 + day. */
CFUNC_API int64_t cfunc_datetime_date(int64_t days);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CFUNC_RUNTIME_H */
