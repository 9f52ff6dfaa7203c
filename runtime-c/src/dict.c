/*
 * Dicts: entries in the order of insertion, and a hash table of their positions. A slot holds the position, from 1, in as
 * many low bits as choose a slot, and bits of the hash above them, so that entries are looked at where they are likely to
 * be the one. A slot is 0 where nothing stood yet. Slots are looked at four at a time: a group is the first with a slot
 * of 0 nearly always, so look-ups have few branches that a processor cannot foresee. The compiler lays constants out in
 * the same way (hash_table in cfunc-builtins).
 */
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "memory.h"

/* Slots of a group; groups begin at multiples of it, and are gone through one after the other. */
#define GROUP_SLOTS 4

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

/* The first slot of the group that a hash chooses. */
static uint32_t group_of(const cfunc_dict *dict, uint64_t hash) {
    return (uint32_t)(hash >> dict->shift) & ~(uint32_t)(GROUP_SLOTS - 1);
}

/* What is looked for in a group: a bit a slot. */
typedef struct group {
    uint32_t likely; /* slots with the mark, and a position below `used` */
    uint32_t empty;  /* slots of 0 */
} group;

/* Of slots with another mark, of removed entries and of none `(slot ^ mark) - 1` is beyond all positions. */
static group look(const uint32_t *slots, uint32_t mark, uint32_t used) {
    group found;
#if defined(__SSE2__)
    /* 32-bit numbers without a sign are compared as signed ones, less 2^31. */
    __m128i four = _mm_loadu_si128((const __m128i *)(const void *)slots);
    __m128i positions = _mm_add_epi32(_mm_xor_si128(four, _mm_set1_epi32((int)mark)), _mm_set1_epi32(0x7fffffff));
    __m128i likely = _mm_cmplt_epi32(positions, _mm_set1_epi32((int)(used ^ 0x80000000u)));
    __m128i empty = _mm_cmpeq_epi32(four, _mm_setzero_si128());
    found.likely = (uint32_t)_mm_movemask_ps(_mm_castsi128_ps(likely));
    found.empty = (uint32_t)_mm_movemask_ps(_mm_castsi128_ps(empty));
#else
    found.likely = 0;
    found.empty = 0;
    for (uint32_t index = 0; index < GROUP_SLOTS; index += 1) {
        found.likely |= (uint32_t)((slots[index] ^ mark) - 1 < used) << index;
        found.empty |= (uint32_t)(slots[index] == 0) << index;
    }
#endif
    return found;
}

static uint32_t first(uint32_t bits) {
    return (uint32_t)__builtin_ctz(bits);
}

/* The slot that is 0 for a hash: the one that it chooses, or the first of its group, or of a group after it. */
static uint32_t first_empty(const cfunc_dict *dict, uint64_t hash) {
    uint32_t mask = mask_of(dict), index = (uint32_t)(hash >> dict->shift);
    if (dict->slots[index] == 0) {
        return index;
    }
    for (index = group_of(dict, hash);; index = (index + GROUP_SLOTS) & mask) {
        uint32_t empty = look(&dict->slots[index], 0, 0).empty;
        if (empty != 0) {
            return index + first(empty);
        }
    }
}

/* The table of dicts without a block: one group, in which nothing is entered. */
static uint32_t no_slots[GROUP_SLOTS];

cfunc_dict *cfunc_dict_new(int64_t kind) {
    cfunc_dict *dict = cfunc_internal_allocate(sizeof *dict);
    if (dict == NULL) {
        return NULL;
    }
    memset(dict, 0, sizeof *dict);
    dict->tag = (uint64_t)(uintptr_t)dict + CFUNC_DICT_MAGIC + (uint32_t)kind;
    dict->users = 1;
    dict->kind = (uint32_t)kind;
    dict->slots = no_slots;
    dict->shift = 62;
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
    uint32_t mask = mask_of(dict), mark = mark_of(hash, mask), used = (uint32_t)dict->used;
    const uint32_t *slots = dict->slots;
    cfunc_dict_entry *entries = dict->entries;
    uint32_t likely = (slots[hash >> dict->shift] ^ mark) - 1;
    if (likely < used && entries[likely].key == key) {
        return &entries[likely];
    }
    for (uint32_t index = group_of(dict, hash);; index = (index + GROUP_SLOTS) & mask) {
        group found = look(&slots[index], mark, used);
        for (; found.likely != 0; found.likely &= found.likely - 1) {
            cfunc_dict_entry *entry = &entries[(slots[index + first(found.likely)] ^ mark) - 1];
            if (entry->key == key) {
                return entry;
            }
        }
        if (found.empty != 0) {
            return NULL;
        }
    }
}

/* Enters a position under a key that is not there; the table has room and no removed entries. */
static void enter(cfunc_dict *dict, int64_t key, int64_t position) {
    uint64_t hash = hash_of(key);
    dict->filled += 1;
    dict->slots[first_empty(dict, hash)] = mark_of(hash, mask_of(dict)) | (uint32_t)(position + 1);
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

/* Adds an entry at the end of the others; the slot is that of its key. */
static cfunc_dict_entry *add(cfunc_dict *dict, int64_t key, uint32_t slot, uint32_t mark) {
    cfunc_dict_entry *entry = &dict->entries[dict->used];
    dict->slots[slot] = mark | ((uint32_t)dict->used + 1);
    dict->live[dict->used] = 1;
    dict->used += 1;
    dict->length += 1;
    entry->key = key;
    entry->value = 0;
    return entry;
}

/* Inserts a key that is not there into a dict that has no room, or slots of removed entries. */
static cfunc_dict_entry *insert_elsewhere(cfunc_dict *dict, int64_t key) {
    uint64_t hash = hash_of(key);
    uint32_t mask = mask_of(dict), index = group_of(dict, hash);
    if (dict->used < dict->capacity) {
        /* The first slot of a removed entry on the way that look-ups go. */
        for (;; index = (index + 1) & mask) {
            if (dict->slots[index] == removed(mask)) {
                return add(dict, key, index, mark_of(hash, mask));
            }
            if (index % GROUP_SLOTS == 0 && look(&dict->slots[index], 0, 0).empty != 0) {
                uint32_t end = index + GROUP_SLOTS;
                while (index < end && dict->slots[index] != removed(mask)) {
                    index += 1;
                }
                if (index < end) {
                    return add(dict, key, index, mark_of(hash, mask));
                }
                break;
            }
        }
    }
    /* Slots of removed entries count as filled, as probes go past them. */
    if ((dict->used == dict->capacity || dict->filled >= dict->capacity) && !grow(dict)) {
        return NULL;
    }
    dict->filled += 1;
    return add(dict, key, first_empty(dict, hash), mark_of(hash, mask_of(dict)));
}

cfunc_dict_entry *cfunc_dict_insert(cfunc_dict *dict, int64_t key) {
    uint64_t hash = hash_of(key);
    uint32_t mask = mask_of(dict), mark = mark_of(hash, mask), used = (uint32_t)dict->used;
    uint32_t chosen = (uint32_t)(hash >> dict->shift), index = group_of(dict, hash);
    const uint32_t *slots = dict->slots;
    cfunc_dict_entry *entries = dict->entries;
    uint32_t likely = (slots[chosen] ^ mark) - 1;
    group found;
    if (likely < used && entries[likely].key == key) {
        return &entries[likely];
    }
    for (;; index = (index + GROUP_SLOTS) & mask) {
        found = look(&slots[index], mark, used);
        for (; found.likely != 0; found.likely &= found.likely - 1) {
            cfunc_dict_entry *entry = &entries[(slots[index + first(found.likely)] ^ mark) - 1];
            if (entry->key == key) {
                return entry;
            }
        }
        if (found.empty != 0) {
            break;
        }
    }
    if (dict->used == dict->capacity || dict->filled != dict->length || dict->filled >= dict->capacity) {
        return insert_elsewhere(dict, key);
    }
    dict->filled += 1;
    chosen = found.empty & (uint32_t)(chosen - index < GROUP_SLOTS) << chosen % GROUP_SLOTS;
    return add(dict, key, index + first(chosen != 0 ? chosen : found.empty), mark);
}

void cfunc_dict_remove(cfunc_dict *dict, cfunc_dict_entry *entry) {
    int64_t position = entry - dict->entries;
    uint64_t hash = hash_of(entry->key);
    uint32_t mask = mask_of(dict);
    uint32_t wanted = mark_of(hash, mask) | (uint32_t)(position + 1);
    uint32_t index = group_of(dict, hash);
    /* Groups are full up to the one that the entry is in. */
    while (dict->slots[index] != wanted) {
        index = (index + 1) & mask;
    }
    /* Where the group has a slot of 0, look-ups do not go past it. */
    if (look(&dict->slots[index & ~(uint32_t)(GROUP_SLOTS - 1)], 0, 0).empty != 0) {
        dict->slots[index] = 0;
        dict->filled -= 1;
    } else {
        dict->slots[index] = removed(mask);
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
