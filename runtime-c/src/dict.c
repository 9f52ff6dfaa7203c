/*
 * Dicts: entries in the order of insertion, and a hash table of their positions. The table is probed linearly; a slot
 * holds the position, from 1, in as many low bits as choose a slot, and bits of the hash above them, so that entries are
 * looked at where they are likely to be the one. A slot is 0 where nothing stood yet.
 */
#include <string.h>

#include "memory.h"

/* Of 16 slots, this many are filled at most: a table of 100,000 keys is small enough for the caches near the processor,
 * and probes are short still. */
#define FILLED_SLOTS 13

/* Entries of the first block; others are larger by powers of two. */
#define FIRST_CAPACITY FILLED_SLOTS

/* Positions of more entries do not fit into slots. */
#define LARGEST_CAPACITY ((int64_t)FILLED_SLOTS << 26)

/* The golden ratio spreads keys that differ in few bits over the high bits, which choose the slot. */
static uint64_t hash_of(int64_t key) {
    uint64_t bits = (uint64_t)key;
    bits ^= bits >> 32;
    bits *= 0x9e3779b97f4a7c15u;
    return bits;
}

/* The number of slots less one: the bits of a slot that hold the position. */
static uint32_t mask_of(const cfunc_dict *dict) {
    return (uint32_t)(UINT64_MAX >> dict->shift);
}

/* A slot whose entry was removed; look-ups go past it. No entry has the position: more slots than that stay free. */
static uint32_t removed(uint32_t mask) {
    return mask;
}

/* The bits of a hash that a slot holds beside the position. */
static uint32_t mark_of(uint64_t hash, uint32_t mask) {
    return (uint32_t)hash & ~mask;
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
    uint64_t hash = hash_of(key);
    uint32_t mask, mark, used = (uint32_t)dict->used;
    const uint32_t *slots = dict->slots;
    cfunc_dict_entry *entries = dict->entries;
    if (used == 0) {
        return NULL;
    }
    mask = mask_of(dict);
    mark = mark_of(hash, mask);
    for (uint32_t index = (uint32_t)(hash >> dict->shift);; index = (index + 1) & mask) {
        uint32_t slot = slots[index];
        /* Of slots with another mark, of removed entries and of none it is beyond all positions. */
        uint32_t position = (slot ^ mark) - 1;
        if (position < used && entries[position].key == key) {
            return &entries[position];
        }
        if (slot == 0) {
            return NULL;
        }
    }
}

/* Enters a position under a key that is not there; the table has room and no removed entries. */
static void enter(cfunc_dict *dict, int64_t key, int64_t position) {
    uint64_t hash = hash_of(key);
    uint32_t mask = mask_of(dict);
    uint32_t index = (uint32_t)(hash >> dict->shift);
    while (dict->slots[index] != 0) {
        index = (index + 1) & mask;
    }
    dict->filled += 1;
    dict->slots[index] = mark_of(hash, mask) | (uint32_t)(position + 1);
}

static size_t slots_for(int64_t capacity) {
    return (size_t)capacity / FILLED_SLOTS * 16;
}

/* Bytes of a block for so many entries: entries, then slots, then a byte for each entry. */
static uint64_t block_size(int64_t capacity) {
    return (uint64_t)capacity * (sizeof(cfunc_dict_entry) + 1) + slots_for(capacity) * sizeof(uint32_t);
}

/* Gives a dict a block for `capacity` entries, and the entries of another dict, or its own, which has
 * not as many; its old block is left to the caller. 0: no memory, and nothing is changed. */
static int8_t fill(cfunc_dict *dict, const cfunc_dict *from, int64_t capacity) {
    cfunc_dict source = *from;
    unsigned char *block;
    int64_t next = 0;
    if (capacity > LARGEST_CAPACITY) {
        /* Ask for what cannot be had, so that the failure is told as every other. */
        return cfunc_internal_allocate((size_t)PTRDIFF_MAX) != NULL;
    }
    block = cfunc_internal_allocate(block_size(capacity));
    if (block == NULL) {
        return 0;
    }
    dict->entries = (cfunc_dict_entry *)(void *)block;
    dict->slots = (uint32_t *)(void *)(block + (size_t)capacity * sizeof(cfunc_dict_entry));
    dict->live = (uint8_t *)(dict->slots + slots_for(capacity));
    dict->capacity = capacity;
    dict->block_bytes = block_size(capacity);
    dict->shift = 64 - (uint32_t)__builtin_ctzll(slots_for(capacity));
    dict->filled = 0;
    memset(dict->slots, 0, slots_for(capacity) * sizeof(uint32_t));
    for (int64_t position = 0; position < source.used; position += 1) {
        if (source.live[position]) {
            dict->entries[next] = source.entries[position];
            dict->live[next] = 1;
            enter(dict, dict->entries[next].key, next);
            next += 1;
        }
    }
    dict->used = next;
    dict->length = next;
    return 1;
}

/* Makes room for an entry more. 0: no memory, and nothing is changed. */
static int8_t grow(cfunc_dict *dict) {
    cfunc_dict_entry *entries = dict->entries;
    uint64_t bytes = dict->block_bytes;
    int64_t capacity = dict->capacity == 0 ? FIRST_CAPACITY : dict->capacity;
    /* Twice the room where most entries are there; else the removed ones make room enough. */
    if (dict->length > capacity - capacity / 4) {
        capacity *= 2;
    }
    if (!fill(dict, dict, capacity)) {
        return 0;
    }
    if (bytes != 0) {
        cfunc_internal_release(entries, bytes);
    }
    return 1;
}

cfunc_dict_entry *cfunc_dict_insert(cfunc_dict *dict, int64_t key) {
    uint64_t hash = hash_of(key);
    uint32_t mask = mask_of(dict), mark = mark_of(hash, mask);
    uint32_t index = (uint32_t)(hash >> dict->shift), used = (uint32_t)dict->used, place = 0;
    cfunc_dict_entry *entries = dict->entries, *entry;
    int8_t reused = 0, full = dict->capacity == 0;
    while (!full) {
        uint32_t slot = dict->slots[index], position = (slot ^ mark) - 1;
        if (position < used && entries[position].key == key) {
            return &entries[position];
        }
        if (slot == 0) {
            break;
        }
        if (slot == removed(mask) && !reused) {
            reused = 1;
            place = index;
        }
        index = (index + 1) & mask;
    }
    /* Slots of removed entries count as filled, as probes go past them. */
    full = full || dict->used == dict->capacity || (!reused && dict->filled >= dict->capacity);
    if (full) {
        if (!grow(dict)) {
            return NULL;
        }
        enter(dict, key, dict->used);
    } else {
        place = reused ? place : index;
        dict->filled += !reused;
        dict->slots[place] = mark | (used + 1);
    }
    entry = &dict->entries[dict->used];
    entry->key = key;
    entry->value = 0;
    dict->live[dict->used] = 1;
    dict->used += 1;
    dict->length += 1;
    return entry;
}

void cfunc_dict_remove(cfunc_dict *dict, cfunc_dict_entry *entry) {
    int64_t position = entry - dict->entries;
    uint64_t hash = hash_of(entry->key);
    uint32_t mask = mask_of(dict);
    uint32_t wanted = mark_of(hash, mask) | (uint32_t)(position + 1);
    uint32_t index = (uint32_t)(hash >> dict->shift);
    while (dict->slots[index] != wanted) {
        index = (index + 1) & mask;
    }
    dict->slots[index] = removed(mask);
    /* At the end of a probe nothing stands that look-ups would have to go past. */
    if (dict->slots[(index + 1) & mask] == 0) {
        while (dict->slots[index] == removed(mask)) {
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
        memset(dict->slots, 0, ((size_t)mask_of(dict) + 1) * sizeof(uint32_t));
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
    int64_t capacity = FIRST_CAPACITY;
    if (copy == NULL || dict->length == 0) {
        return copy;
    }
    while (capacity < dict->length) {
        capacity *= 2;
    }
    if (!fill(copy, dict, capacity)) {
        cfunc_dict_release(copy);
        return NULL;
    }
    return copy;
}
