/* Assertions of the C tests: they print where they fail and go on. */
#ifndef CFUNC_CHECK_H
#define CFUNC_CHECK_H

#include <stdint.h>

#include "cfunc_runtime.h"

void check_true(int condition, const char *text, const char *file, int line);
void check_integer(int64_t found, int64_t expected, const char *text, const char *file, int line);
/* Equal to the bit; any nan equals any other. */
void check_float(double found, double expected, const char *text, const char *file, int line);
void check_string(const char *found, const char *expected, const char *text, const char *file, int line);

#define CHECK(condition) check_true((condition) != 0, #condition, __FILE__, __LINE__)
#define CHECK_INTEGER(found, expected) check_integer((found), (expected), #found, __FILE__, __LINE__)
#define CHECK_FLOAT(found, expected) check_float((found), (expected), #found, __FILE__, __LINE__)
#define CHECK_STRING(found, expected) check_string((found), (expected), #found, __FILE__, __LINE__)

void test_error(void);
void test_integer(void);
void test_float(void);
void test_math(void);
void test_time(void);
void test_containers(void);
void test_print(void);
void test_settings(void);
void test_integer_math(void);
void test_sum(void);
void test_calendar(void);
void test_structs(void);

#endif /* CFUNC_CHECK_H */
