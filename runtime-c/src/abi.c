/* The version of the interface. */
#include "cfunc_runtime.h"

uint32_t cfunc_abi_version(void) {
    return CFUNC_ABI_VERSION;
}
