/*
 * The per-thread block: everything that a call needs and that the ABI of compiled functions has no parameter for.
 *
 * It is a cfunc_thread_state, so that saving and restoring move the whole of it. A new per-call fact takes the place of
 * a reserved word in that struct, which keeps its size; zero must mean "not set", since a fresh state is all zeros.
 */
#ifndef CFUNC_THREAD_BLOCK_H
#define CFUNC_THREAD_BLOCK_H

#include "cfunc_runtime.h"

extern _Thread_local cfunc_thread_state cfunc_internal_thread_block;

#endif /* CFUNC_THREAD_BLOCK_H */
