/* Lists: elements of one size, one after the other, with room at the end and, after pops from it, at the front. */
#include <string.h>

#include "memory.h"

/* Elements that a first block of its own has room for beyond what is needed. */
#define SPARE_ELEMENTS 8

uint64_t cfunc_container_tag(const void *container, uint32_t kind) {
    return (uint64_t)(uintptr_t)container + CFUNC_LIST_MAGIC + kind;
}

cfunc_list *cfunc_list_new(int64_t element_bytes, int64_t kind) {
    cfunc_list *list = cfunc_internal_allocate(sizeof *list);
    if (list == NULL) {
        return NULL;
    }
    list->tag = (uint64_t)(uintptr_t)list + CFUNC_LIST_MAGIC + (uint32_t)kind;
    list->users = 1;
    list->data = list->small;
    list->length = 0;
    list->capacity = CFUNC_LIST_INLINE_BYTES / element_bytes;
    list->block = list->small;
    list->block_bytes = 0;
    list->element_bytes = (uint32_t)element_bytes;
    list->kind = (uint32_t)kind;
    return list;
}

void cfunc_list_retain(cfunc_list *list) {
    if (list->users > 0) {
        list->users += 1;
    }
}

void cfunc_list_release(cfunc_list *list) {
    if (list->users <= 0 || --list->users > 0) {
        return;
    }
    if (list->block_bytes != 0) {
        cfunc_internal_release(list->block, list->block_bytes);
    }
    list->tag = 0;
    cfunc_internal_release(list, sizeof *list);
}

/* Room for `more` elements at the end. */
static int8_t reserve(cfunc_list *list, int64_t more) {
    size_t element = list->element_bytes;
    size_t used = (size_t)list->length * element;
    size_t front = (size_t)(list->data - list->block);
    uint64_t wanted, bytes;
    unsigned char *block;

    if (list->capacity - list->length >= more) {
        return 1;
    }
    /* Half of the block is free at the front: the elements move there, which costs less than what made it free. */
    if (front >= used && list->capacity + (int64_t)(front / element) - list->length >= more) {
        memmove(list->block, list->data, used);
        list->capacity += (int64_t)(front / element);
        list->data = list->block;
        return 1;
    }
    if (__builtin_add_overflow((uint64_t)list->length, (uint64_t)more, &wanted) ||
        __builtin_add_overflow(wanted, wanted / 2 + SPARE_ELEMENTS, &wanted) ||
        __builtin_mul_overflow(wanted, (uint64_t)element, &bytes) || bytes > (uint64_t)PTRDIFF_MAX) {
        /* More than any machine has: ask for what cannot be had, so that the failure is told as every other. */
        bytes = (uint64_t)PTRDIFF_MAX;
    }
    if (list->block_bytes != 0 && front == 0) {
        block = cfunc_internal_reallocate(list->block, list->block_bytes, bytes);
        if (block == NULL) {
            return 0;
        }
    } else {
        block = cfunc_internal_allocate(bytes);
        if (block == NULL) {
            return 0;
        }
        memcpy(block, list->data, used);
        if (list->block_bytes != 0) {
            cfunc_internal_release(list->block, list->block_bytes);
        }
    }
    list->block = block;
    list->block_bytes = bytes;
    list->data = block;
    list->capacity = (int64_t)(bytes / element);
    return 1;
}

int8_t cfunc_list_reserve(cfunc_list *list) {
    return reserve(list, 1);
}

int8_t cfunc_list_append(cfunc_list *list, const void *elements, int64_t count) {
    size_t element = list->element_bytes;
    if (!reserve(list, count)) {
        return 0;
    }
    if (count > 0) {
        memcpy(list->data + (size_t)list->length * element, elements, (size_t)count * element);
        list->length += count;
    }
    return 1;
}

void cfunc_list_clear(cfunc_list *list) {
    list->capacity += (int64_t)((size_t)(list->data - list->block) / list->element_bytes);
    list->data = list->block;
    list->length = 0;
}

int8_t cfunc_list_open(cfunc_list *list, int64_t index) {
    size_t element = list->element_bytes;
    unsigned char *at;
    if (index == 0 && list->data != list->block) {
        list->data -= element;
        list->capacity += 1;
        list->length += 1;
        return 1;
    }
    if (!reserve(list, 1)) {
        return 0;
    }
    at = list->data + (size_t)index * element;
    memmove(at + element, at, (size_t)(list->length - index) * element);
    list->length += 1;
    return 1;
}

void cfunc_list_close(cfunc_list *list, int64_t index) {
    size_t element = list->element_bytes;
    unsigned char *at = list->data + (size_t)index * element;
    list->length -= 1;
    if (index == 0) {
        list->data += element;
        list->capacity -= 1;
        if (list->length == 0) {
            list->capacity += (int64_t)((size_t)(list->data - list->block) / element);
            list->data = list->block;
        }
        return;
    }
    memmove(at, at + element, (size_t)(list->length - index) * element);
}

void cfunc_list_delete(cfunc_list *list, int64_t start, int64_t count, int64_t step) {
    size_t element = list->element_bytes;
    int64_t kept, next, removed = 0;
    if (count <= 0) {
        return;
    }
    if (step < 0) {
        start += (count - 1) * step;
        step = -step;
    }
    kept = start;
    next = start;
    for (int64_t index = start; index < list->length; index += 1) {
        if (removed < count && index == next) {
            removed += 1;
            next += removed < count ? step : 0;
            continue;
        }
        memmove(list->data + (size_t)kept * element, list->data + (size_t)index * element, element);
        kept += 1;
    }
    list->length = kept;
}

int8_t cfunc_list_extend(cfunc_list *list, const cfunc_list *other) {
    size_t element = list->element_bytes;
    int64_t more = other->length;
    if (!reserve(list, more)) {
        return 0;
    }
    /* The list itself may be the other: its elements are read where they are now. */
    memmove(list->data + (size_t)list->length * element, other->data, (size_t)more * element);
    list->length += more;
    return 1;
}

cfunc_list *cfunc_list_slice(const cfunc_list *list, int64_t start, int64_t count, int64_t step) {
    size_t element = list->element_bytes;
    cfunc_list *slice = cfunc_list_new((int64_t)element, (int64_t)list->kind);
    if (slice == NULL) {
        return NULL;
    }
    if (count > 0 && !reserve(slice, count)) {
        cfunc_list_release(slice);
        return NULL;
    }
    if (step == 1) {
        memcpy(slice->data, list->data + (size_t)start * element, (size_t)count * element);
    } else {
        for (int64_t index = 0; index < count; index += 1) {
            const unsigned char *from = list->data + (size_t)(start + index * step) * element;
            memcpy(slice->data + (size_t)index * element, from, element);
        }
    }
    slice->length = count;
    return slice;
}

cfunc_list *cfunc_list_repeat(const cfunc_list *list, int64_t times) {
    size_t bytes = (size_t)list->length * list->element_bytes;
    cfunc_list *repeated = cfunc_list_new((int64_t)list->element_bytes, (int64_t)list->kind);
    int64_t total;
    if (repeated == NULL || times < 1 || list->length == 0) {
        return repeated;
    }
    if (__builtin_mul_overflow(list->length, times, &total)) {
        total = INT64_MAX;
    }
    if (!reserve(repeated, total)) {
        cfunc_list_release(repeated);
        return NULL;
    }
    for (int64_t round = 0; round < times; round += 1) {
        memcpy(repeated->data + (size_t)round * bytes, list->data, bytes);
    }
    repeated->length = total;
    return repeated;
}

void cfunc_list_reverse(cfunc_list *list) {
    size_t element = list->element_bytes;
    unsigned char held[CFUNC_LIST_INLINE_BYTES];
    unsigned char *low = list->data;
    unsigned char *high = list->data + (size_t)list->length * element;
    while (high > low && (size_t)(high - low) > element) {
        high -= element;
        memcpy(held, low, element);
        memcpy(low, high, element);
        memcpy(high, held, element);
        low += element;
    }
}

int64_t cfunc_slice_length(int64_t length, int64_t *start, int64_t *stop, int64_t step, int64_t flags) {
    int64_t low = step < 0 ? -1 : 0;
    int64_t high = step < 0 ? length - 1 : length;
    int64_t first = step < 0 ? high : low;
    int64_t last = step < 0 ? low : high;
    if ((flags & 1) != 0) {
        first = *start < 0 ? (*start < -length ? low : *start + length) : *start;
        first = first > high ? high : first;
    }
    if ((flags & 2) != 0) {
        last = *stop < 0 ? (*stop < -length ? low : *stop + length) : *stop;
        last = last > high ? high : last;
    }
    *start = first;
    *stop = last;
    if (step < 0) {
        /* The magnitude as an unsigned number: that of the smallest step has no int64. */
        uint64_t size = 0 - (uint64_t)step;
        return last < first ? (int64_t)((uint64_t)(first - last - 1) / size) + 1 : 0;
    }
    return first < last ? (last - first - 1) / step + 1 : 0;
}
