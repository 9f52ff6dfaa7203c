/* Calls a compiled node in a tight loop, as a C host would, and says how long that took.
 *
 * Linked into the benches, and built as a shared library for the peer's process, so that both are called by the same
 * loop. */
#define _POSIX_C_SOURCE 199309L

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "driver.h"

/* Whether rows are addresses is known where this is inlined, so that neither loop asks. */
static inline __attribute__((always_inline)) int64_t drive(node_function node, const struct host *host,
                                                           const uint64_t *rows, int64_t row_count, int64_t calls,
                                                           bool are_addresses) {
    struct timespec begin;
    struct timespec end;
    const uint64_t *row = rows;
    const uint64_t *last = rows + row_count * host->input_count;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int64_t call = 0; call < calls; call++) {
        for (int64_t index = 0; index < host->input_count; index++) {
            if (are_addresses) {
                host->inputs[index] = (void *)(uintptr_t)row[index];
            } else {
                *(uint64_t *)host->inputs[index] = row[index];
            }
        }
        for (int64_t index = 0; index < host->output_count; index++) {
            host->output_ticked[index] = 0;
        }
        node(host->outputs, host->output_ticked, host->states, 0, host->inputs, host->input_ticked,
             host->input_valid);
        row += host->input_count;
        if (row == last) {
            row = rows;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (int64_t)(end.tv_sec - begin.tv_sec) * 1000000000 + (end.tv_nsec - begin.tv_nsec);
}

int64_t cfunc_bench_drive(node_function node, const struct host *host, const uint64_t *rows, int64_t row_count,
                          int64_t calls) {
    return drive(node, host, rows, row_count, calls, false);
}

int64_t cfunc_bench_drive_objects(node_function node, const struct host *host, const uint64_t *rows, int64_t row_count,
                                  int64_t calls) {
    return drive(node, host, rows, row_count, calls, true);
}

/* Calls EXECUTE once for each row, and returns a number that all values of the first output, in their order, decide. */
uint64_t cfunc_bench_digest(node_function node, const struct host *host, const uint64_t *rows, int64_t row_count) {
    uint64_t digest = 0;

    for (const uint64_t *row = rows; row != rows + row_count * host->input_count; row += host->input_count) {
        for (int64_t index = 0; index < host->input_count; index++) {
            *(uint64_t *)host->inputs[index] = row[index];
        }
        node(host->outputs, host->output_ticked, host->states, 0, host->inputs, host->input_ticked,
             host->input_valid);
        digest = digest * 31 + *(uint64_t *)host->outputs[0];
    }
    return digest;
}

void cfunc_bench_call(void (*work)(void *data), void *data) {
    work(data);
    /* Something is left to do, so that the call is not a jump. */
    __asm__ volatile("" ::: "memory");
}

void cfunc_bench_empty(void **outputs, int8_t *output_ticked, void **states, int8_t phase, void **inputs,
                       int8_t *input_ticked, int8_t *input_valid) {
    (void)outputs;
    (void)output_ticked;
    (void)states;
    (void)phase;
    (void)inputs;
    (void)input_ticked;
    (void)input_valid;
}
