/*
 * cfunc_containers.h - lists and dicts of compiled cfunc functions, and the memory that they live in. C11 and C++.
 *
 * Containers belong to compiled code: a state slot owns its container, a call owns its locals. A host may look into a
 * container that a state slot holds, between calls, on any thread; it must not change, keep or free one. Those that it
 * made, and those that a plain function gave it, are its own. Nothing here is thread-safe but the allocator's counters.
 *
 * Every container begins with a tag of its kind and its own address, so that a slot that holds anything else is found
 * out. Its users are counted for compiled code alone; a count below zero marks a constant, which is never freed.
 */
#ifndef CFUNC_CONTAINERS_H
#define CFUNC_CONTAINERS_H

#include <stddef.h>
#include <stdint.h>

#include "cfunc_runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------------------------------------------------------- */
/* Memory                                                                                                           */
/* ---------------------------------------------------------------------------------------------------------------- */

/* Where the memory of containers comes from. Functions may be called from several threads at once. Blocks are aligned
 * as malloc aligns them, and none is larger than 2^48 bytes. `reallocate` gets the size that the block was asked for with. NULL: there is none. */
typedef struct cfunc_allocator {
    void *(*allocate)(void *user, size_t size);
    void *(*reallocate)(void *user, void *block, size_t old_size, size_t new_size);
    void (*release)(void *user, void *block, size_t size);
    void *user;
} cfunc_allocator;

/* Replaces malloc, realloc and free. Returns 1; or 0, and changes nothing, when memory was allocated already or an
 * allocator was set before. The struct is copied. */
CFUNC_API int32_t cfunc_set_allocator(const cfunc_allocator *allocator);

/* What is allocated, over all threads. */
typedef struct cfunc_memory_counters {
    int64_t blocks;      /* blocks that are not freed */
    int64_t bytes;       /* bytes in them, as they were asked for */
    int64_t allocations; /* allocations and reallocations so far, failed ones included */
} cfunc_memory_counters;

CFUNC_API void cfunc_memory_counters_read(cfunc_memory_counters *out);

/* What one owner may use. While an account is set on a thread, allocations there count against it. */
typedef struct cfunc_memory_account {
    uint64_t used;  /* bytes in use */
    uint64_t limit; /* most bytes in use; 0: no limit */
} cfunc_memory_account;

/* Sets the account of the calling thread (NULL: none), and returns the one before. What is freed under an account
 * should have been allocated under it. */
CFUNC_API cfunc_memory_account *cfunc_memory_account_set(cfunc_memory_account *account);

/* Why the latest allocation of the calling thread failed: CFUNC_ERROR_MEMORY_ERROR, or CFUNC_ERROR_MEMORY_LIMIT where
 * its account has a limit that would be passed. */
CFUNC_API int32_t cfunc_memory_failure(void);

/* ---------------------------------------------------------------------------------------------------------------- */
/* Lists                                                                                                            */
/* ---------------------------------------------------------------------------------------------------------------- */

/* Bytes of elements that a list holds without a block of their own. */
#define CFUNC_LIST_INLINE_BYTES 64

/* A list. `data` points at the first element; elements follow each other without gaps. Generated code reads and writes
 * the fields up to `capacity`. */
typedef struct cfunc_list {
    uint64_t tag;         /* cfunc_container_tag of this address and kind */
    int64_t users;        /* owners; below zero: a constant */
    unsigned char *data;  /* the first element */
    int64_t length;       /* elements */
    int64_t capacity;     /* elements that fit from `data` on */
    unsigned char *block; /* start of the memory that `data` points into */
    uint64_t block_bytes; /* its size; 0: the elements are in `small` or static */
    uint32_t element_bytes;
    uint32_t kind;
    unsigned char small[CFUNC_LIST_INLINE_BYTES];
} cfunc_list;

/* The first word of a container: its address, a constant, and what it holds. `kind` tells element types apart; the
 * compiler gives the numbers. */
CFUNC_API uint64_t cfunc_container_tag(const void *container, uint32_t kind);

/* What is added to address and kind; the same in static data. */
#define CFUNC_LIST_MAGIC 0x6c69737463660000ull
#define CFUNC_DICT_MAGIC 0x6469637463660000ull

/* An empty list with one owner; NULL: no memory. Element sizes are 1 to 64 bytes. */
CFUNC_API cfunc_list *cfunc_list_new(int64_t element_bytes, int64_t kind);

/* An owner more; an owner less, which frees the list with the last. */
CFUNC_API void cfunc_list_retain(cfunc_list *list);
CFUNC_API void cfunc_list_release(cfunc_list *list);

/* Room for one element more at the end. 1; 0: no memory, the list is as before. */
CFUNC_API int8_t cfunc_list_reserve(cfunc_list *list);

/* Adds `count` elements that lie at `elements`, not in this list. 1; 0: no memory, the list is as before. */
CFUNC_API int8_t cfunc_list_append(cfunc_list *list, const void *elements, int64_t count);

/* Takes all elements out; the memory stays with the list. */
CFUNC_API void cfunc_list_clear(cfunc_list *list);

/* Moves the elements from `index` (0 to length) on by one; the element there is not set. 1; 0: no memory. */
CFUNC_API int8_t cfunc_list_open(cfunc_list *list, int64_t index);

/* Takes the element at `index` (within the list) out. At the front in constant time, amortised. */
CFUNC_API void cfunc_list_close(cfunc_list *list, int64_t index);

/* Takes out the elements of a slice: `start` to `stop` (exclusive) by `step`, as normalised by cfunc_slice_length. */
CFUNC_API void cfunc_list_delete(cfunc_list *list, int64_t start, int64_t count, int64_t step);

/* Adds the elements of another list, or of the list itself. 1; 0: no memory, the list is as before. */
CFUNC_API int8_t cfunc_list_extend(cfunc_list *list, const cfunc_list *other);

/* A new list of `count` elements from `start` on by `step`; NULL: no memory. */
CFUNC_API cfunc_list *cfunc_list_slice(const cfunc_list *list, int64_t start, int64_t count, int64_t step);

/* The list's elements `times` over in a new list (none for times below 1); NULL: no memory. */
CFUNC_API cfunc_list *cfunc_list_repeat(const cfunc_list *list, int64_t times);

CFUNC_API void cfunc_list_reverse(cfunc_list *list);

/* Sorts in place: stable, ascending, or descending as Python's reverse=True. Elements of int64_t, double, or one byte
 * (0 or 1); 1; 0: no memory, the list is as before. Lists with nan have the order of CPython up to 63 elements. */
CFUNC_API int8_t cfunc_list_sort_integer(cfunc_list *list, int8_t descending);
CFUNC_API int8_t cfunc_list_sort_float(cfunc_list *list, int8_t descending);
CFUNC_API int8_t cfunc_list_sort_byte(cfunc_list *list, int8_t descending);
CFUNC_API int8_t cfunc_list_sort_short(cfunc_list *list, int8_t descending);

/* Adjusts the bounds of a slice to a length, as CPython's PySlice_AdjustIndices: *start and *stop are given (flags 1
 * and 2) or not, step is not 0. Returns the number of elements. */
CFUNC_API int64_t cfunc_slice_length(int64_t length, int64_t *start, int64_t *stop, int64_t step, int64_t flags);

/* ---------------------------------------------------------------------------------------------------------------- */
/* Dicts                                                                                                            */
/* ---------------------------------------------------------------------------------------------------------------- */

/* An entry; entries stand in the order of insertion. */
typedef struct cfunc_dict_entry {
    int64_t key;
    uint64_t value; /* the bits of the value, in its low bytes */
} cfunc_dict_entry;

/* A dict of 64-bit keys. Generated code reads the fields up to `live`. */
typedef struct cfunc_dict {
    uint64_t tag;              /* cfunc_container_tag of this address and kind */
    int64_t users;             /* owners; below zero: a constant */
    int64_t length;            /* entries that are there */
    int64_t used;              /* entries in `entries`, removed ones included */
    cfunc_dict_entry *entries; /* in the order of insertion */
    uint8_t *live;             /* by entry: 1, or 0 for a removed one */
    uint32_t *slots;           /* hash table: in the low bits the entry's position plus 1, bits of the hash above */
    int64_t capacity;          /* entries that fit */
    int64_t filled;            /* slots that are not 0 */
    uint32_t shift;            /* 64 less the binary logarithm of the number of slots */
    uint32_t kind;
    uint64_t block_bytes;      /* size of the one block that entries, slots and live are in */
} cfunc_dict;

/* An empty dict with one owner; NULL: no memory. */
CFUNC_API cfunc_dict *cfunc_dict_new(int64_t kind);
CFUNC_API void cfunc_dict_retain(cfunc_dict *dict);
CFUNC_API void cfunc_dict_release(cfunc_dict *dict);

/* The entry of a key; NULL: there is none. It is good until the dict is changed in size. */
CFUNC_API cfunc_dict_entry *cfunc_dict_find(const cfunc_dict *dict, int64_t key);

/* The entry of a key, made with a value of 0 bits where there is none; NULL: no memory, the dict is as before. */
CFUNC_API cfunc_dict_entry *cfunc_dict_insert(cfunc_dict *dict, int64_t key);

/* Takes an entry out. */
CFUNC_API void cfunc_dict_remove(cfunc_dict *dict, cfunc_dict_entry *entry);

/* The entry that was inserted last; NULL: the dict is empty. */
CFUNC_API cfunc_dict_entry *cfunc_dict_last(cfunc_dict *dict);

/* The position of the first entry at or after `position`; -1: there is none. */
CFUNC_API int64_t cfunc_dict_next(const cfunc_dict *dict, int64_t position);

CFUNC_API void cfunc_dict_clear(cfunc_dict *dict);

/* Adds all entries of another dict. 1; 0: no memory, the dict is as before or has some of the entries. */
CFUNC_API int8_t cfunc_dict_update(cfunc_dict *dict, const cfunc_dict *other);

/* A new dict of the same entries in the same order; NULL: no memory. */
CFUNC_API cfunc_dict *cfunc_dict_copy(const cfunc_dict *dict);

/* ---------------------------------------------------------------------------------------------------------------- */
/* Items                                                                                                            */
/* ---------------------------------------------------------------------------------------------------------------- */

/* What saves a container reads its items, and makes it anew by appending them in the same order: elements of a list,
 * entries (cfunc_dict_entry) of a dict in the order of insertion. */

/* Copies up to `count` items, from *cursor on, to `items`, and moves the cursor, which is 0 at first and means nothing
 * but to the same container while it is not changed. Returns how many; 0: there are no more. */
CFUNC_API int64_t cfunc_list_read(const cfunc_list *list, int64_t *cursor, void *items, int64_t count);
CFUNC_API int64_t cfunc_dict_read(const cfunc_dict *dict, int64_t *cursor, void *items, int64_t count);

/* Adds `count` entries that lie at `items`. 1; 0: no memory; -1: a key is there already. The dict has the entries before
 * the one that failed. cfunc_list_append does the same for lists. */
CFUNC_API int8_t cfunc_dict_append(cfunc_dict *dict, const void *items, int64_t count);

#ifdef __cplusplus
}
#endif

#endif /* CFUNC_CONTAINERS_H */
