/* What a host wants of the calls of a thread: interruption, deadline, print hook. */
/* For clock_gettime, which C11 alone does not have. */
#define _POSIX_C_SOURCE 199309L

#include <stddef.h>
#include <time.h>

#include "thread_block.h"

void cfunc_call_settings_exchange(cfunc_call_settings *settings) {
    cfunc_call_settings previous = cfunc_internal_thread_block.settings;
    cfunc_internal_thread_block.settings = *settings;
    *settings = previous;
}

int64_t cfunc_clock(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        return 0;
    }
    return (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

uint32_t cfunc_poll(void) {
    const cfunc_call_settings *settings = &cfunc_internal_thread_block.settings;
    if (settings->interrupt_flag != NULL && *settings->interrupt_flag != 0) {
        return 1;
    }
    return settings->deadline != 0 && cfunc_clock() >= settings->deadline;
}
