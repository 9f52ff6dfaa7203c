#include <math.h>
#include <string.h>

#include "cfunc_runtime.h"
#include "check.h"

void test_structs(void) {
    unsigned char bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const unsigned char moved[8] = {1, 2, 1, 2, 3, 4, 7, 8};
    CHECK_FLOAT(cfunc_single_to_double(0x3F800000), 1.0);
    CHECK_FLOAT(cfunc_single_to_double(INT32_MIN), -0.0);
    CHECK_FLOAT(cfunc_single_to_double(0x3DCCCCCD), 0x1.99999ap-4);
    CHECK_FLOAT(cfunc_single_to_double(0x7F800000), INFINITY);
    CHECK(cfunc_double_to_single(0.1) == 0x3DCCCCCD);
    CHECK(cfunc_double_to_single(1e300) == 0x7F800000);
    CHECK(cfunc_double_to_single(-1e-300) == INT32_MIN);
    CHECK_FLOAT(cfunc_single_to_double(cfunc_double_to_single(NAN)), NAN);
    cfunc_move_bytes(bytes + 2, bytes, 4);
    CHECK(memcmp(bytes, moved, sizeof bytes) == 0);
}
