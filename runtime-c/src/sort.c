/*
 * Stable sorting in place. Short lists and runs are sorted by binary insertion after a first run, the way CPython sorts
 * lists of up to 63 elements, so that even lists with nan come out as there; longer ones are merged from such runs.
 */
#include <string.h>

#include "memory.h"

/* Elements below which one insertion sort does. */
#define SHORT_LIST 64

/* Elements of the runs that are merged. */
#define RUN 32

#define DEFINE_SORT(NAME, TYPE)                                                                                        \
    static void NAME##_reverse(TYPE *values, int64_t length) {                                                         \
        for (int64_t low = 0, high = length - 1; low < high; low += 1, high -= 1) {                                    \
            TYPE held = values[low];                                                                                   \
            values[low] = values[high];                                                                                \
            values[high] = held;                                                                                       \
        }                                                                                                              \
    }                                                                                                                  \
                                                                                                                       \
    /* The length of the run at the start, which ascends or is made to. */                                            \
    static int64_t NAME##_run(TYPE *values, int64_t length) {                                                          \
        int64_t end = 2;                                                                                               \
        if (length < 2) {                                                                                              \
            return length;                                                                                             \
        }                                                                                                              \
        if (values[1] < values[0]) {                                                                                   \
            while (end < length && values[end] < values[end - 1]) {                                                    \
                end += 1;                                                                                              \
            }                                                                                                          \
            NAME##_reverse(values, end);                                                                               \
            return end;                                                                                                \
        }                                                                                                              \
        while (end < length && !(values[end] < values[end - 1])) {                                                     \
            end += 1;                                                                                                  \
        }                                                                                                              \
        return end;                                                                                                    \
    }                                                                                                                  \
                                                                                                                       \
    static void NAME##_insert(TYPE *values, int64_t sorted, int64_t length) {                                          \
        for (int64_t next = sorted; next < length; next += 1) {                                                        \
            TYPE value = values[next];                                                                                 \
            int64_t low = 0, high = next;                                                                              \
            while (low < high) {                                                                                       \
                int64_t middle = low + (high - low) / 2;                                                               \
                if (value < values[middle]) {                                                                          \
                    high = middle;                                                                                     \
                } else {                                                                                               \
                    low = middle + 1;                                                                                  \
                }                                                                                                      \
            }                                                                                                          \
            memmove(values + low + 1, values + low, (size_t)(next - low) * sizeof(TYPE));                              \
            values[low] = value;                                                                                       \
        }                                                                                                              \
    }                                                                                                                  \
                                                                                                                       \
    static void NAME##_merge(TYPE *target, const TYPE *left, const TYPE *right, const TYPE *end) {                     \
        const TYPE *middle = right;                                                                                    \
        while (left < middle && right < end) {                                                                         \
            *target++ = *right < *left ? *right++ : *left++;                                                           \
        }                                                                                                              \
        memcpy(target, left, (size_t)(middle - left) * sizeof(TYPE));                                                  \
        target += middle - left;                                                                                       \
        memcpy(target, right, (size_t)(end - right) * sizeof(TYPE));                                                   \
    }                                                                                                                  \
                                                                                                                       \
    static int8_t NAME##_ascend(TYPE *values, int64_t length) {                                                        \
        int64_t sorted = NAME##_run(values, length);                                                                   \
        TYPE *other, *from, *to;                                                                                       \
        if (sorted == length) {                                                                                        \
            return 1;                                                                                                  \
        }                                                                                                              \
        if (length < SHORT_LIST) {                                                                                     \
            NAME##_insert(values, sorted, length);                                                                     \
            return 1;                                                                                                  \
        }                                                                                                              \
        other = cfunc_internal_allocate((size_t)length * sizeof(TYPE));                                                \
        if (other == NULL) {                                                                                           \
            return 0;                                                                                                  \
        }                                                                                                              \
        for (int64_t start = 0; start < length; start += RUN) {                                                        \
            int64_t count = length - start < RUN ? length - start : RUN;                                               \
            NAME##_insert(values + start, NAME##_run(values + start, count), count);                                   \
        }                                                                                                              \
        from = values;                                                                                                 \
        to = other;                                                                                                    \
        for (int64_t width = RUN; width < length; width *= 2) {                                                        \
            TYPE *held;                                                                                                \
            for (int64_t start = 0; start < length; start += 2 * width) {                                              \
                int64_t middle = length - start < width ? length : start + width;                                      \
                int64_t end = length - start < 2 * width ? length : start + 2 * width;                                 \
                NAME##_merge(to + start, from + start, from + middle, from + end);                                     \
            }                                                                                                          \
            held = from;                                                                                               \
            from = to;                                                                                                 \
            to = held;                                                                                                 \
        }                                                                                                              \
        if (from != values) {                                                                                          \
            memcpy(values, from, (size_t)length * sizeof(TYPE));                                                       \
        }                                                                                                              \
        cfunc_internal_release(other, (size_t)length * sizeof(TYPE));                                                  \
        return 1;                                                                                                      \
    }                                                                                                                  \
                                                                                                                       \
    int8_t cfunc_list_sort_##NAME(cfunc_list *list, int8_t descending) {                                               \
        TYPE *values = (TYPE *)(void *)list->data;                                                                     \
        int8_t done;                                                                                                   \
        if (!descending) {                                                                                             \
            return NAME##_ascend(values, list->length);                                                                \
        }                                                                                                              \
        /* Equal elements stay in their order: they are turned around twice. */                                       \
        NAME##_reverse(values, list->length);                                                                          \
        done = NAME##_ascend(values, list->length);                                                                    \
        NAME##_reverse(values, list->length);                                                                          \
        return done;                                                                                                   \
    }

DEFINE_SORT(integer, int64_t)
DEFINE_SORT(float, double)
DEFINE_SORT(byte, uint8_t)
DEFINE_SORT(short, int16_t)
