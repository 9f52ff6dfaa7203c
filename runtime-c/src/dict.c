/*
 * Dicts: entries in the order of insertion, and a hash table of their positions. The table is probed linearly; a slot
 * holds bits of the hash beside the position, so that entries are looked at where they are likely to be the one.
 */
#include <string.h>

#include "memory.h"

/* Entries of the first block; a power of two. */
#define FIRST_CAPACITY 8

/* A slot whose entry was removed; look-ups go past it. Its position is none that an entry has. */
#define REMOVED UINT64_MAX

#define POSITION(slot) ((int64_t)((slot) & 0xffffffffu) - 1)

/* The golden ratio spreads keys that differ in few bits over the high bits, which choose the slot. */
static uint64_t hash_of(int64_t key) {
    uint64_t bits = (uint64_t)key;
    bits ^= bits >> 32;
    bits *= 0x9e3779b97f4a7c15u;
    return bits;
}

/* The high half of a slot: bits that do not choose the slot in any table of less than 2^32. */
static uint64_t mark_of(uint64_t hash) {
    return hash << 32;
}

static int64_t slot_count(const cfunc_dict *dict) {
    return (int64_t)1 << (64 - dict->shift);
}

cfunc_dict *cfunc_dict_new(int64_t kind) {
    cfunc_dict *dict = cfunc_internal_allocate(sizeof *dict);
    if (dict == NULL) {
        return NULL;
    }
    memset(dict, 0, sizeof *dict);
    dict->tag = (uint64_t)(uintptr_t)dict + CFUNC_DICT_MAGIC + (uint32_t)kind;
    dict->users = 1;
    dict->kind = (uint32_t)kind;
    dict->shift = 63;
    return dict;
}

void cfunc_dict_retain(cfunc_dict *dict) {
    if (dict->users > 0) {
        dict->users += 1;
    }
}

void cfunc_dict_release(cfunc_dict *dict) {
    if (dict->users <= 0 || --dict->users > 0) {
        return;
    }
    if (dict->block_bytes != 0) {
        cfunc_internal_release(dict->entries, dict->block_bytes);
    }
    dict->tag = 0;
    cfunc_internal_release(dict, sizeof *dict);
}

cfunc_dict_entry *cfunc_dict_find(const cfunc_dict *dict, int64_t key) {
    uint64_t hash, mark, mask, index;
    if (dict->length == 0) {
        return NULL;
    }
    hash = hash_of(key);
    mark = mark_of(hash);
    mask = (uint64_t)slot_count(dict) - 1;
    for (index = hash >> dict->shift;; index = (index + 1) & mask) {
        uint64_t slot = dict->slots[index];
        if (slot == 0) {
            return NULL;
        }
        if (((slot ^ mark) >> 32) == 0 && slot != REMOVED) {
            cfunc_dict_entry *entry = &dict->entries[POSITION(slot)];
            if (entry->key == key) {
                return entry;
            }
        }
    }
}

/* Enters a position under a key that is not there; the table has room. */
static void enter(cfunc_dict *dict, int64_t key, int64_t position) {
    uint64_t hash = hash_of(key);
    uint64_t mask = (uint64_t)slot_count(dict) - 1;
    uint64_t index = hash >> dict->shift;
    while (dict->slots[index] != 0 && dict->slots[index] != REMOVED) {
        index = (index + 1) & mask;
    }
    dict->filled += dict->slots[index] == 0;
    dict->slots[index] = mark_of(hash) | (uint64_t)(position + 1);
}

/* Bytes of a block for so many entries: entries, then twice as many slots, then a byte each. */
static uint64_t block_size(int64_t capacity) {
    return (uint64_t)capacity * (sizeof(cfunc_dict_entry) + 2 * sizeof(uint64_t) + 1);
}

/* Moves the entries that are there into a block for `capacity` of them, a power of two. */
static int8_t rebuild(cfunc_dict *dict, int64_t capacity) {
    cfunc_dict before = *dict;
    unsigned char *block;
    int64_t next = 0;
    if (capacity > (int64_t)1 << 31) {
        /* Positions have 32 bits: ask for what cannot be had, so that the failure is told as every other. */
        return cfunc_internal_allocate((size_t)PTRDIFF_MAX) != NULL;
    }
    block = cfunc_internal_allocate(block_size(capacity));
    if (block == NULL) {
        return 0;
    }
    dict->entries = (cfunc_dict_entry *)(void *)block;
    dict->slots = (uint64_t *)(void *)(block + (size_t)capacity * sizeof(cfunc_dict_entry));
    dict->live = (uint8_t *)(dict->slots + 2 * capacity);
    dict->capacity = capacity;
    dict->block_bytes = block_size(capacity);
    dict->shift = 64 - (uint32_t)__builtin_ctzll((uint64_t)capacity * 2);
    dict->filled = 0;
    memset(dict->slots, 0, (size_t)capacity * 2 * sizeof(uint64_t));
    for (int64_t position = 0; position < before.used; position += 1) {
        if (before.live[position]) {
            dict->entries[next] = before.entries[position];
            dict->live[next] = 1;
            enter(dict, dict->entries[next].key, next);
            next += 1;
        }
    }
    dict->used = next;
    if (before.block_bytes != 0) {
        cfunc_internal_release(before.entries, before.block_bytes);
    }
    return 1;
}

cfunc_dict_entry *cfunc_dict_insert(cfunc_dict *dict, int64_t key) {
    cfunc_dict_entry *entry = cfunc_dict_find(dict, key);
    if (entry != NULL) {
        return entry;
    }
    /* A quarter of the slots at least is 0, so that probes end soon; those of removed entries count as filled. */
    if (dict->used == dict->capacity || dict->filled >= dict->capacity + dict->capacity / 2) {
        int64_t capacity = dict->capacity == 0 ? FIRST_CAPACITY : dict->capacity;
        /* Twice the room where most entries are there; else the removed ones make room enough. */
        if (dict->length > capacity - capacity / 4) {
            capacity *= 2;
        }
        if (!rebuild(dict, capacity)) {
            return NULL;
        }
    }
    entry = &dict->entries[dict->used];
    entry->key = key;
    entry->value = 0;
    dict->live[dict->used] = 1;
    enter(dict, key, dict->used);
    dict->used += 1;
    dict->length += 1;
    return entry;
}

void cfunc_dict_remove(cfunc_dict *dict, cfunc_dict_entry *entry) {
    int64_t position = entry - dict->entries;
    uint64_t mask = (uint64_t)slot_count(dict) - 1;
    uint64_t index = hash_of(entry->key) >> dict->shift;
    while (dict->slots[index] == REMOVED || POSITION(dict->slots[index]) != position) {
        index = (index + 1) & mask;
    }
    dict->slots[index] = REMOVED;
    /* At the end of a probe nothing stands that look-ups would have to go past. */
    if (dict->slots[(index + 1) & mask] == 0) {
        while (dict->slots[index] == REMOVED) {
            dict->slots[index] = 0;
            dict->filled -= 1;
            index = (index - 1) & mask;
        }
    }
    dict->live[position] = 0;
    dict->length -= 1;
    /* Entries at the end go away whole, so that a dict used as a stack does not grow. */
    while (dict->used > 0 && !dict->live[dict->used - 1]) {
        dict->used -= 1;
    }
}

cfunc_dict_entry *cfunc_dict_last(cfunc_dict *dict) {
    return dict->length == 0 ? NULL : &dict->entries[dict->used - 1];
}

int64_t cfunc_dict_next(const cfunc_dict *dict, int64_t position) {
    while (position < dict->used) {
        if (dict->live[position]) {
            return position;
        }
        position += 1;
    }
    return -1;
}

void cfunc_dict_clear(cfunc_dict *dict) {
    dict->length = 0;
    dict->used = 0;
    dict->filled = 0;
    if (dict->block_bytes != 0) {
        memset(dict->slots, 0, (size_t)slot_count(dict) * sizeof(uint64_t));
    }
}

int8_t cfunc_dict_update(cfunc_dict *dict, const cfunc_dict *other) {
    if (dict == other) {
        return 1;
    }
    for (int64_t position = cfunc_dict_next(other, 0); position >= 0; position = cfunc_dict_next(other, position + 1)) {
        cfunc_dict_entry *entry = cfunc_dict_insert(dict, other->entries[position].key);
        if (entry == NULL) {
            return 0;
        }
        entry->value = other->entries[position].value;
    }
    return 1;
}

cfunc_dict *cfunc_dict_copy(const cfunc_dict *dict) {
    cfunc_dict *copy = cfunc_dict_new((int64_t)dict->kind);
    if (copy != NULL && !cfunc_dict_update(copy, dict)) {
        cfunc_dict_release(copy);
        return NULL;
    }
    return copy;
}
