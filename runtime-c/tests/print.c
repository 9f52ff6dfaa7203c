/* print(): what each value reads as, and where it goes. Call settings. */
#include <string.h>

#include "check.h"

static char seen[8192];
static int pieces;

static void note(void *data, const char *text, size_t length) {
    CHECK(data == (void *)seen);
    strncat(seen, text, length);
    pieces += 1;
}

static cfunc_call_settings settings;

static void begin(void) {
    seen[0] = '\0';
    pieces = 0;
    memset(&settings, 0, sizeof settings);
    settings.print_hook = note;
    settings.print_data = seen;
    cfunc_call_settings_exchange(&settings);
}

static const char *end(void) {
    cfunc_print_end();
    cfunc_call_settings_exchange(&settings);
    CHECK(settings.print_hook == note);
    return seen;
}

#define CHECK_PRINT(call, expected) \
    do {                            \
        begin();                    \
        call;                       \
        CHECK_STRING(end(), expected); \
        CHECK_INTEGER(pieces, 1);   \
    } while (0)

void test_print(void) {
    CHECK_PRINT(cfunc_print_integer(0), "0");
    CHECK_PRINT(cfunc_print_integer(INT64_MIN), "-9223372036854775808");
    CHECK_PRINT(cfunc_print_float(0.0), "0.0");
    CHECK_PRINT(cfunc_print_float(-0.0), "-0.0");
    CHECK_PRINT(cfunc_print_float(0.1), "0.1");
    CHECK_PRINT(cfunc_print_float(100.0), "100.0");
    CHECK_PRINT(cfunc_print_float(1e15), "1000000000000000.0");
    CHECK_PRINT(cfunc_print_float(9999999999999998.0), "9999999999999998.0");
    CHECK_PRINT(cfunc_print_float(1e16), "1e+16");
    CHECK_PRINT(cfunc_print_float(0.0001), "0.0001");
    CHECK_PRINT(cfunc_print_float(0.00001), "1e-05");
    CHECK_PRINT(cfunc_print_float(1.7976931348623157e308), "1.7976931348623157e+308");
    CHECK_PRINT(cfunc_print_float(5e-324), "5e-324");
    CHECK_PRINT(cfunc_print_float(2.2250738585072014e-308), "2.2250738585072014e-308");
    CHECK_PRINT(cfunc_print_float(9007199254740993.0), "9007199254740992.0");
    CHECK_PRINT(cfunc_print_float(5e22), "5e+22");
    CHECK_PRINT(cfunc_print_float(-1.0 / 3.0), "-0.3333333333333333");
    CHECK_PRINT(cfunc_print_float(1e23), "1e+23");
    CHECK_PRINT(cfunc_print_float(2.0 / 3.0 * 1e-10), "6.666666666666667e-11");
    CHECK_PRINT(cfunc_print_datetime(0), "1970-01-01 00:00:00+00:00");
    CHECK_PRINT(cfunc_print_datetime(-1), "1969-12-31 23:59:59.999999999+00:00");
    CHECK_PRINT(cfunc_print_datetime(INT64_C(951782400000001000)), "2000-02-29 00:00:00.000001+00:00");
    CHECK_PRINT(cfunc_print_timedelta(0), "0:00:00");
    CHECK_PRINT(cfunc_print_timedelta(INT64_C(86400000000000)), "1 day, 0:00:00");
    CHECK_PRINT(cfunc_print_timedelta(-1000), "-1 day, 23:59:59.999999");
    CHECK_PRINT(cfunc_print_timedelta(INT64_C(-864000000000000)), "-10 days, 0:00:00");
    CHECK_PRINT((cfunc_print_text("a ", 2), cfunc_print_integer(7), cfunc_print_text("\n", 1)), "a 7\n");

    /* More than the buffer holds comes in pieces of whole characters. */
    char text[3001];
    for (int index = 0; index < 1000; index += 1) {
        memcpy(text + 3 * index, "\xE2\x82\xAC", 3);
    }
    text[3000] = '\0';
    begin();
    cfunc_print_text(text, 3000);
    CHECK_STRING(end(), text);
    CHECK_INTEGER(pieces, 3);
}

void test_settings(void) {
    volatile uint32_t flag = 0;
    cfunc_call_settings wanted;
    CHECK_INTEGER(cfunc_poll(), 0);
    memset(&wanted, 0, sizeof wanted);
    wanted.interrupt_flag = &flag;
    cfunc_call_settings_exchange(&wanted);
    CHECK(wanted.interrupt_flag == NULL);
    CHECK_INTEGER(cfunc_poll(), 0);
    flag = 1;
    CHECK_INTEGER(cfunc_poll(), 1);
    cfunc_call_settings_exchange(&wanted);
    CHECK_INTEGER(cfunc_poll(), 0);

    memset(&wanted, 0, sizeof wanted);
    wanted.deadline = cfunc_clock() + INT64_C(3600000000000);
    cfunc_call_settings_exchange(&wanted);
    CHECK_INTEGER(cfunc_poll(), 0);
    cfunc_call_settings_exchange(&wanted);
    wanted.deadline = cfunc_clock();
    cfunc_call_settings_exchange(&wanted);
    CHECK_INTEGER(cfunc_poll(), 1);
    cfunc_call_settings_exchange(&wanted);
}
