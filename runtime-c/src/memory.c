/* The allocator, its counters, and what an owner may use. */
#include <stdatomic.h>
#include <stdlib.h>

#include "memory.h"

static void *standard_allocate(void *user, size_t size) {
    (void)user;
    return malloc(size);
}

static void *standard_reallocate(void *user, void *block, size_t old_size, size_t new_size) {
    (void)user;
    (void)old_size;
    return realloc(block, new_size);
}

static void standard_release(void *user, void *block, size_t size) {
    (void)user;
    (void)size;
    free(block);
}

static cfunc_allocator current = {standard_allocate, standard_reallocate, standard_release, NULL};

/* 0: nothing happened yet; 1: an allocator is being set; 2: `current` does not change any more. */
static atomic_int settled;

static atomic_llong live_blocks;
static atomic_llong live_bytes;
static atomic_llong allocations;

static _Thread_local cfunc_memory_account *account;
static _Thread_local int32_t failure = CFUNC_ERROR_MEMORY_ERROR;

int32_t cfunc_set_allocator(const cfunc_allocator *allocator) {
    int expected = 0;
    if (allocator == NULL || allocator->allocate == NULL || allocator->reallocate == NULL ||
        allocator->release == NULL || !atomic_compare_exchange_strong(&settled, &expected, 1)) {
        return 0;
    }
    current = *allocator;
    atomic_store_explicit(&settled, 2, memory_order_release);
    return 1;
}

/* From the first allocation on the allocator stays what it is; one that is just being set is waited for. */
static void settle(void) {
    int expected = 0;
    if (atomic_load_explicit(&settled, memory_order_acquire) == 2) {
        return;
    }
    if (!atomic_compare_exchange_strong(&settled, &expected, 2)) {
        while (atomic_load_explicit(&settled, memory_order_acquire) != 2) {
        }
    }
}

void cfunc_memory_counters_read(cfunc_memory_counters *out) {
    out->blocks = atomic_load_explicit(&live_blocks, memory_order_relaxed);
    out->bytes = atomic_load_explicit(&live_bytes, memory_order_relaxed);
    out->allocations = atomic_load_explicit(&allocations, memory_order_relaxed);
}

cfunc_memory_account *cfunc_memory_account_set(cfunc_memory_account *next) {
    cfunc_memory_account *before = account;
    account = next;
    return before;
}

int32_t cfunc_memory_failure(void) {
    return failure;
}

/* Takes bytes from the account; 0 where they are more than it has, or than a block may have. */
static int charge(size_t size) {
    if (size > CFUNC_INTERNAL_LARGEST_BLOCK) {
        failure = CFUNC_ERROR_MEMORY_ERROR;
        return 0;
    }
    if (account == NULL) {
        return 1;
    }
    if (account->limit != 0 && (account->used > account->limit || size > account->limit - account->used)) {
        failure = CFUNC_ERROR_MEMORY_LIMIT;
        return 0;
    }
    account->used += size;
    return 1;
}

static void discharge(size_t size) {
    if (account != NULL) {
        account->used -= account->used < size ? account->used : size;
    }
}

void *cfunc_internal_allocate(size_t size) {
    void *block;
    settle();
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    if (!charge(size)) {
        return NULL;
    }
    block = current.allocate(current.user, size);
    if (block == NULL) {
        discharge(size);
        failure = CFUNC_ERROR_MEMORY_ERROR;
        return NULL;
    }
    atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&live_bytes, (long long)size, memory_order_relaxed);
    return block;
}

void *cfunc_internal_reallocate(void *block, size_t old_size, size_t new_size) {
    void *moved;
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    discharge(old_size);
    if (!charge(new_size)) {
        if (account != NULL) {
            account->used += old_size;
        }
        return NULL;
    }
    moved = current.reallocate(current.user, block, old_size, new_size);
    if (moved == NULL) {
        discharge(new_size);
        if (account != NULL) {
            account->used += old_size;
        }
        failure = CFUNC_ERROR_MEMORY_ERROR;
        return NULL;
    }
    atomic_fetch_add_explicit(&live_bytes, (long long)new_size - (long long)old_size, memory_order_relaxed);
    return moved;
}

void cfunc_internal_release(void *block, size_t size) {
    discharge(size);
    atomic_fetch_sub_explicit(&live_blocks, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&live_bytes, (long long)size, memory_order_relaxed);
    current.release(current.user, block, size);
}
