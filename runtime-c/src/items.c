/* Containers as sequences of items, for what saves them and makes them anew: items lie in a buffer of the caller's. */
#include <string.h>

#include "cfunc_containers.h"

int64_t cfunc_list_read(const cfunc_list *list, int64_t *cursor, void *items, int64_t count) {
    size_t element = list->element_bytes;
    int64_t left = list->length - *cursor;
    count = left < count ? left : count;
    if (count <= 0) {
        return 0;
    }
    memcpy(items, list->data + (size_t)*cursor * element, (size_t)count * element);
    *cursor += count;
    return count;
}

int64_t cfunc_dict_read(const cfunc_dict *dict, int64_t *cursor, void *items, int64_t count) {
    int64_t read = 0;
    while (read < count) {
        int64_t position = cfunc_dict_next(dict, *cursor);
        if (position < 0) {
            break;
        }
        memcpy((unsigned char *)items + (size_t)read * sizeof(cfunc_dict_entry), &dict->entries[position],
               sizeof(cfunc_dict_entry));
        *cursor = position + 1;
        read += 1;
    }
    return read;
}

int8_t cfunc_dict_append(cfunc_dict *dict, const void *items, int64_t count) {
    for (int64_t index = 0; index < count; index += 1) {
        cfunc_dict_entry item, *entry;
        memcpy(&item, (const unsigned char *)items + (size_t)index * sizeof item, sizeof item);
        if (cfunc_dict_find(dict, item.key) != NULL) {
            return -1;
        }
        entry = cfunc_dict_insert(dict, item.key);
        if (entry == NULL) {
            return 0;
        }
        entry->value = item.value;
    }
    return 1;
}
