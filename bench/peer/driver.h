/* What calls nodes, as a C host would. Cells have 8 bytes each. */
#ifndef CFUNC_BENCH_DRIVER_H
#define CFUNC_BENCH_DRIVER_H

#include <stdint.h>

typedef void (*node_function)(void **outputs, int8_t *output_ticked, void **states, int8_t phase, void **inputs,
                              int8_t *input_ticked, int8_t *input_valid);

struct host {
    void **outputs;
    int8_t *output_ticked;
    void **states;
    void **inputs;
    int8_t *input_ticked;
    int8_t *input_valid;
    int64_t input_count;
    int64_t output_count;
};

/* Nanoseconds for so many EXECUTE calls; the rows of input cells are replayed from the first after the last. */
int64_t cfunc_bench_drive(node_function node, const struct host *host, const uint64_t *rows, int64_t row_count,
                          int64_t calls);

/* The same for rows of addresses, which are what the array of inputs holds. */
int64_t cfunc_bench_drive_objects(node_function node, const struct host *host, const uint64_t *rows, int64_t row_count,
                                  int64_t calls);

/* Calls something that callgrind is to count, under a name that it knows. */
void cfunc_bench_call(void (*work)(void *data), void *data);

/* A node that does nothing: what the loop costs without one. */
void cfunc_bench_empty(void **outputs, int8_t *output_ticked, void **states, int8_t phase, void **inputs,
                       int8_t *input_ticked, int8_t *input_valid);

#endif
