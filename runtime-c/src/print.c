/*
 * print() of nodes: the parts of one call are put together in a buffer of the thread, and handed to its hook at the
 * end, in one piece where they fit. Values read as in Python; no text function of the C library that knows locales is
 * used.
 */
#include <stdio.h>
#include <string.h>

#include "binary.h"
#include "float_text.h"
#include "thread_block.h"

#define BUFFER_CAPACITY 1024

static _Thread_local char buffer[BUFFER_CAPACITY];
static _Thread_local size_t buffered;

/* Hands over the first `count` buffered bytes. The hook may run nodes that print, so the buffer is free before. */
static void hand_over(size_t count) {
    char text[BUFFER_CAPACITY];
    /* A copy: of a pointer to the thread's block, UndefinedBehaviorSanitizer asks whether it is NULL by the flags of the
     * addition that made it, which linkers replace by an instruction without flags in an executable. */
    const cfunc_call_settings settings = cfunc_internal_thread_block.settings;
    if (count == 0) {
        return;
    }
    memcpy(text, buffer, count);
    buffered -= count;
    memmove(buffer, buffer + count, buffered);
    if (settings.print_hook != NULL) {
        settings.print_hook(settings.print_data, text, count);
    } else {
        fwrite(text, 1, count, stderr);
    }
}

static int continues_character(char byte) {
    return ((unsigned char)byte & 0xC0u) == 0x80u;
}

static void append(const char *text, size_t length) {
    for (size_t index = 0; index < length; index += 1) {
        if (buffered == BUFFER_CAPACITY) {
            size_t count = buffered;
            if (continues_character(text[index])) {
                /* The character that goes on here stays whole. */
                do {
                    count -= 1;
                } while (count > 0 && continues_character(buffer[count]));
            }
            hand_over(count > 0 ? count : buffered);
        }
        buffer[buffered] = text[index];
        buffered += 1;
    }
}

static void append_unsigned(uint64_t value, int width) {
    char digits[20];
    int count = 0;
    do {
        digits[19 - count] = (char)('0' + value % 10);
        value /= 10;
        count += 1;
    } while (value != 0 || count < width);
    append(digits + 20 - count, (size_t)count);
}

/* The part of a second: as many digits as Python writes, or those of nanoseconds where microseconds do not do. */
static void append_fraction(int64_t nanoseconds) {
    if (nanoseconds == 0) {
        return;
    }
    append(".", 1);
    if (nanoseconds % 1000 == 0) {
        append_unsigned((uint64_t)(nanoseconds / 1000), 6);
    } else {
        append_unsigned((uint64_t)nanoseconds, 9);
    }
}

#define SECOND INT64_C(1000000000)
#define DAY (INT64_C(86400) * SECOND)

/* Days towards minus infinity; the rest of the day goes to *rest. */
static int64_t whole_days(int64_t nanoseconds, int64_t *rest) {
    int64_t days = nanoseconds / DAY;
    *rest = nanoseconds % DAY;
    if (*rest < 0) {
        *rest += DAY;
        days -= 1;
    }
    return days;
}

static void append_time_of_day(int64_t nanoseconds, int hour_width) {
    int64_t seconds = nanoseconds / SECOND;
    append_unsigned((uint64_t)(seconds / 3600), hour_width);
    append(":", 1);
    append_unsigned((uint64_t)(seconds / 60 % 60), 2);
    append(":", 1);
    append_unsigned((uint64_t)(seconds % 60), 2);
    append_fraction(nanoseconds % SECOND);
}

void cfunc_print_text(const void *text, int64_t length) {
    append(text, (size_t)length);
}

void cfunc_print_integer(int64_t value) {
    if (value < 0) {
        append("-", 1);
    }
    append_unsigned(cfunc_internal_magnitude(value), 1);
}

void cfunc_print_float(double value) {
    char text[CFUNC_FLOAT_TEXT_CAPACITY];
    append(text, (size_t)cfunc_internal_float_text(value, text));
}

void cfunc_print_datetime(int64_t nanoseconds) {
    int64_t rest;
    /* Days of the civil calendar, counted from 1 March 0000 in eras of 400 years. */
    int64_t day = whole_days(nanoseconds, &rest) + 719468;
    int64_t era = day / 146097;
    int64_t day_of_era = day % 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    append_unsigned((uint64_t)(era * 400 + year_of_era + (month <= 2)), 4);
    append("-", 1);
    append_unsigned((uint64_t)month, 2);
    append("-", 1);
    append_unsigned((uint64_t)(day_of_year - (153 * shifted_month + 2) / 5 + 1), 2);
    append(" ", 1);
    append_time_of_day(rest, 2);
    append("+00:00", 6);
}

void cfunc_print_timedelta(int64_t nanoseconds) {
    int64_t rest;
    int64_t days = whole_days(nanoseconds, &rest);
    if (days != 0) {
        cfunc_print_integer(days);
        append(" days, ", days == 1 || days == -1 ? 4 : 5);
        append(", ", 2);
    }
    append_time_of_day(rest, 1);
}

void cfunc_print_end(void) {
    hand_over(buffered);
}
