/* Calls one node that is linked in, or one that does nothing, so and so many times, for callgrind to count.
 *
 * Usage: count CELLS [CALLS]...
 *
 * For each number of calls the node is driven anew from its initial states, between START and STOP, which make and free
 * containers: once it, once the empty one. CELLS is what emit.py writes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

extern void peer_node(void **outputs, int8_t *output_ticked, void **state, int8_t phase, void **inputs,
                      int8_t *input_ticked, int8_t *input_valid) __asm__(PEER_SYMBOL);

enum { MOST_CELLS = 64 };

static uint64_t cells[3][MOST_CELLS];
static void *pointers[3][MOST_CELLS];
static int8_t flags[3][MOST_CELLS];

static uint64_t *read_words(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    uint64_t *words = NULL;
    long size;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0) {
        return NULL;
    }
    rewind(file);
    *count = (size_t)size / sizeof *words;
    words = malloc((size_t)size + 1);
    if (words != NULL && fread(words, sizeof *words, *count, file) != *count) {
        words = NULL;
    }
    fclose(file);
    return words;
}

static void call_phase(const struct host *host, int8_t phase) {
    peer_node(host->outputs, host->output_ticked, host->states, phase, host->inputs, host->input_ticked,
              host->input_valid);
}

int main(int argc, char **argv) {
    size_t count = 0;
    uint64_t *words = argc > 1 ? read_words(argv[1], &count) : NULL;
    struct host host;

    if (words == NULL || count < 4 || words[0] == 0 || words[0] > MOST_CELLS || words[1] > MOST_CELLS ||
        words[2] > MOST_CELLS || count != 4 + words[2] + words[0] * words[3]) {
        fputs("no cells\n", stderr);
        return 1;
    }
    for (int kind = 0; kind < 3; kind++) {
        for (int index = 0; index < MOST_CELLS; index++) {
            pointers[kind][index] = &cells[kind][index];
        }
        memset(flags[kind], 1, sizeof flags[kind]);
    }
    host = (struct host){pointers[0], flags[0], pointers[1], pointers[2], flags[1], flags[2], (int64_t)words[0],
                         (int64_t)words[1]};
    for (int argument = 2; argument < argc; argument++) {
        int64_t calls = strtoll(argv[argument], NULL, 10);

        memcpy(cells[1], words + 4, words[2] * sizeof *words);
        for (int index = 0; index < MOST_CELLS; index++) {
            pointers[1][index] = &cells[1][index];
        }
        call_phase(&host, 1);
        cfunc_bench_drive(peer_node, &host, words + 4 + words[2], (int64_t)words[3], calls);
        call_phase(&host, 2);
        cfunc_bench_drive(cfunc_bench_empty, &host, words + 4 + words[2], (int64_t)words[3], calls);
    }
    return 0;
}
