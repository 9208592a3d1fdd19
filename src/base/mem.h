/* The one door to the heap, so that tests can fail every allocation in turn.
 *
 * mem_alloc and mem_zero return NULL when there is no memory (or the test says so). A size of 0 is
 * served as 1. mem_array checks the product. mem_free takes NULL and returns NULL.
 *
 * Threads:   safe; the failure counter is atomic. */
#ifndef CORDON_BASE_MEM_H
#define CORDON_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *mem_alloc(size_t n);
void *mem_zero(size_t n);
void *mem_array(size_t count, size_t size); /* zeroed */
void *mem_grow(void *p, size_t n);          /* as realloc; on failure p stays */
void *mem_free(void *p);
/* Makes room for n elements in all in an array that grows by doubling, whose size is how many it
 * has room for; what was in it stays. false: no memory, and nothing changed. */
bool mem_room(void **at, size_t *size, size_t n, size_t element);
/* A hint that a large block will be used all over: large pages, where the system has them. */
void mem_dense(void *p, size_t n);

/* Address space of n bytes, zeroed, of which only touched pages use memory: for arrays whose bound
 * is known and whose use is not. NULL: none. */
void *mem_reserve(size_t n);
/* The same for an array that fills from its beginning on: by large pages after the first few. */
void *mem_reserve_growing(size_t n);
void mem_large_pages(void *p, size_t n); /* a wish: reserved memory that will be touched all over */
void *mem_unreserve(void *p, size_t n);  /* takes NULL, returns NULL */

/* Tests only: the n-th allocation from now on (0 is the next) and all after it fail; -1 ends it.
 * mem_fail_at: it alone does, so that what comes after it goes on. mem_fail_hit says whether any
 * was refused since. */
void mem_fail_from(int64_t n);
void mem_fail_at(int64_t n);
int mem_fail_hit(void);

#endif
