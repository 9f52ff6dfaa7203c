/* Fields of structs of a host: what a machine word of the node's own does not hold, and bytes of whole structs. */
#include <string.h>

#include "cfunc_runtime.h"

_Static_assert(sizeof(float) == sizeof(int32_t), "a float is an IEEE single");

double cfunc_single_to_double(int32_t bits) {
    float single;
    memcpy(&single, &bits, sizeof single);
    return (double)single;
}

int32_t cfunc_double_to_single(double value) {
    float single = (float)value;
    int32_t bits;
    memcpy(&bits, &single, sizeof bits);
    return bits;
}

void cfunc_move_bytes(void *to, const void *from, int64_t count) {
    memmove(to, from, (size_t)count);
}
