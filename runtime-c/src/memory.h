/* Memory of containers: through the allocator that the host set, counted. */
#ifndef CFUNC_MEMORY_H
#define CFUNC_MEMORY_H

#include "cfunc_containers.h"

/* Blocks are not larger: compiled code relies on it that nothing holds more elements. */
#define CFUNC_INTERNAL_LARGEST_BLOCK ((uint64_t)1 << 48)

/* NULL: no memory, and the reason is recorded for cfunc_memory_failure. */
void *cfunc_internal_allocate(size_t size);
void *cfunc_internal_reallocate(void *block, size_t old_size, size_t new_size);
void cfunc_internal_release(void *block, size_t size);

#endif /* CFUNC_MEMORY_H */
