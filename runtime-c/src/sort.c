/*
 * Sorting in place, stable as far as anybody can tell.
 *
 * Equal integers cannot be told apart, so they are sorted without branches: blocks of 8 by a network, merged from both
 * ends. Doubles are mapped to integers of the same order, unless there is a nan or a negative zero among them.
 *
 * What remains is sorted stably: short lists and runs by binary insertion after a first run, the way CPython sorts lists
 * of up to 63 elements, so that even lists with nan come out as there; longer ones are merged from such runs.
 */
#include <string.h>

#include "memory.h"

/* Elements below which one insertion sort does; those that are sorted without branches on the stack. */
#define SHORT_LIST 64

/* Elements of the runs that are merged. */
#define RUN 32

/* Elements that the network sorts. */
#define NETWORK 8

#define DEFINE_SORT(NAME, TYPE, EXPORT)                                                                                \
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
    EXPORT int8_t cfunc_list_sort_##NAME(cfunc_list *list, int8_t descending) {                                               \
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

DEFINE_SORT(general, double, static)
DEFINE_SORT(short, int16_t, )

static void exchange(int64_t *values, int low, int high) {
    int64_t left = values[low], right = values[high];
    values[low] = left < right ? left : right;
    values[high] = left < right ? right : left;
}

/* Batcher's network for 8. */
static void network(int64_t *values) {
    static const uint8_t pairs[][2] = {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {0, 2}, {1, 3}, {4, 6}, {5, 7}, {1, 2}, {5, 6},
                                       {0, 4}, {1, 5}, {2, 6}, {3, 7}, {2, 4}, {3, 5}, {1, 2}, {3, 4}, {5, 6}};
#pragma GCC unroll 19
    for (size_t pair = 0; pair < sizeof pairs / sizeof pairs[0]; pair += 1) {
        exchange(values, pairs[pair][0], pairs[pair][1]);
    }
}

/* Merges two sorted halves of `width` each: the lesser half of the result from the front, the greater one from the back,
 * at once. Neither can run out, as each takes no more than `width`. */
static void merge_halves(int64_t *target, const int64_t *from, int64_t width) {
    const int64_t *left = from, *right = from + width;
    const int64_t *left_end = right - 1, *right_end = right + width - 1;
    int64_t *low = target, *high = target + 2 * width - 1;
    for (int64_t step = 0; step < width; step += 1) {
        int64_t first = *left, second = *right, last = *left_end, other = *right_end;
        int64_t from_right = second < first, from_left = other < last;
        *low++ = from_right ? second : first;
        right += from_right;
        left += 1 - from_right;
        *high-- = from_left ? last : other;
        left_end -= from_left;
        right_end -= 1 - from_left;
    }
}

/* Up to SHORT_LIST integers; with what is greater than all others behind them there are a power of two. */
static void sort_short(int64_t *values, int64_t length) {
    int64_t one[SHORT_LIST], other[SHORT_LIST];
    int64_t *from = one, *to = other, padded = NETWORK;
    while (padded < length) {
        padded *= 2;
    }
    memcpy(one, values, (size_t)length * sizeof(int64_t));
    for (int64_t index = length; index < padded; index += 1) {
        one[index] = INT64_MAX;
    }
    for (int64_t start = 0; start < length; start += NETWORK) {
        network(one + start);
    }
    for (int64_t width = NETWORK; width < padded; width *= 2) {
        int64_t *held = from;
        for (int64_t start = 0; start < padded; start += 2 * width) {
            merge_halves(to + start, from + start, width);
        }
        from = to;
        to = held;
    }
    memcpy(values, from, (size_t)length * sizeof(int64_t));
}

/* Merges sorted values from `left` to `right` with those up to `end`. */
static void merge(int64_t *target, const int64_t *left, const int64_t *right, const int64_t *end) {
    const int64_t *middle = right;
    if (left == middle || right == end || middle[-1] <= *right) {
        memcpy(target, left, (size_t)(end - left) * sizeof(int64_t));
        return;
    }
    while (left < middle && right < end) {
        int64_t first = *left, second = *right, from_right = second < first;
        *target++ = from_right ? second : first;
        right += from_right;
        left += 1 - from_right;
    }
    memcpy(target, left, (size_t)(middle - left) * sizeof(int64_t));
    target += middle - left;
    memcpy(target, right, (size_t)(end - right) * sizeof(int64_t));
}

static void reverse(int64_t *values, int64_t length) {
    for (int64_t low = 0, high = length - 1; low < high; low += 1, high -= 1) {
        int64_t held = values[low];
        values[low] = values[high];
        values[high] = held;
    }
}

/* Whether the values ascend, or descend, in which case they are turned around. */
static int is_run(int64_t *values, int64_t length) {
    int64_t end = 1;
    while (end < length && values[end - 1] <= values[end]) {
        end += 1;
    }
    if (end < length && end == 1) {
        while (end < length && values[end - 1] >= values[end]) {
            end += 1;
        }
        if (end == length) {
            reverse(values, length);
        }
    }
    return end >= length;
}

static int8_t ascend(int64_t *values, int64_t length) {
    size_t bytes = (size_t)length * sizeof(int64_t);
    int64_t *other, *from = values, *to;
    if (is_run(values, length)) {
        return 1;
    }
    if (length <= SHORT_LIST) {
        sort_short(values, length);
        return 1;
    }
    other = cfunc_internal_allocate(bytes);
    if (other == NULL) {
        return 0;
    }
    to = other;
    for (int64_t start = 0; start < length; start += SHORT_LIST) {
        int64_t count = length - start < SHORT_LIST ? length - start : SHORT_LIST;
        if (!is_run(values + start, count)) {
            sort_short(values + start, count);
        }
    }
    for (int64_t width = SHORT_LIST; width < length; width *= 2) {
        int64_t *held = from;
        for (int64_t start = 0; start < length; start += 2 * width) {
            int64_t middle = length - start < width ? length : start + width;
            int64_t end = length - start < 2 * width ? length : start + 2 * width;
            merge(to + start, from + start, from + middle, from + end);
        }
        from = to;
        to = held;
    }
    if (from != values) {
        memcpy(values, from, bytes);
    }
    cfunc_internal_release(other, bytes);
    return 1;
}

int8_t cfunc_list_sort_integer(cfunc_list *list, int8_t descending) {
    int64_t *values = (int64_t *)(void *)list->data;
    int8_t done = ascend(values, list->length);
    if (done && descending) {
        reverse(values, list->length);
    }
    return done;
}

/* The other way round as well: doubles as integers of the same order. */
static void map_doubles(int64_t *values, int64_t length) {
    for (int64_t index = 0; index < length; index += 1) {
        int64_t bits = values[index];
        values[index] = bits ^ (bits < 0 ? INT64_MAX : 0);
    }
}

int8_t cfunc_list_sort_float(cfunc_list *list, int8_t descending) {
    int64_t *values = (int64_t *)(void *)list->data;
    int64_t special = 0;
    int8_t done;
    for (int64_t index = 0; index < list->length; index += 1) {
        int64_t bits = values[index];
        special |= (bits & INT64_MAX) > 0x7ff0000000000000 || bits == INT64_MIN;
    }
    if (special) {
        return cfunc_list_sort_general(list, descending);
    }
    map_doubles(values, list->length);
    done = ascend(values, list->length);
    map_doubles(values, list->length);
    if (done && descending) {
        reverse(values, list->length);
    }
    return done;
}

int8_t cfunc_list_sort_byte(cfunc_list *list, int8_t descending) {
    size_t ones = 0, length = (size_t)list->length;
    for (size_t index = 0; index < length; index += 1) {
        ones += list->data[index] != 0;
    }
    memset(list->data, descending != 0, descending ? ones : length - ones);
    memset(list->data + (descending ? ones : length - ones), descending == 0, descending ? length - ones : ones);
    return 1;
}
