/* Runs the C tests: prints one line and returns 0 if all passed. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static int failures;

static void fail(const char *text, const char *file, int line) {
    failures += 1;
    fprintf(stderr, "%s:%d: %s", file, line, text);
}

void check_true(int condition, const char *text, const char *file, int line) {
    if (!condition) {
        fail(text, file, line);
        fprintf(stderr, " does not hold\n");
    }
}

void check_integer(int64_t found, int64_t expected, const char *text, const char *file, int line) {
    if (found != expected) {
        fail(text, file, line);
        fprintf(stderr, " is %" PRId64 ", expected %" PRId64 "\n", found, expected);
    }
}

void check_float(double found, double expected, const char *text, const char *file, int line) {
    if (isnan(found) && isnan(expected)) {
        return;
    }
    if (memcmp(&found, &expected, sizeof found) != 0) {
        fail(text, file, line);
        fprintf(stderr, " is %a, expected %a\n", found, expected);
    }
}

void check_string(const char *found, const char *expected, const char *text, const char *file, int line) {
    if (strcmp(found, expected) != 0) {
        fail(text, file, line);
        fprintf(stderr, " is \"%s\", expected \"%s\"\n", found, expected);
    }
}

int main(void) {
    CHECK_INTEGER(cfunc_abi_version(), CFUNC_ABI_VERSION);
    test_error();
    test_integer();
    test_float();
    test_math();
    test_time();
    test_containers();
    test_print();
    test_settings();
    test_integer_math();
    test_sum();
    test_calendar();
    test_structs();
    if (failures != 0) {
        return EXIT_FAILURE;
    }
    puts("all C tests passed");
    return EXIT_SUCCESS;
}
