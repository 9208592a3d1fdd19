#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE_LARGE ((uintptr_t)2 << 20)

static _Atomic int64_t fail_left = -1; /* -1: never */
static atomic_int fail_hit;
static atomic_bool fail_alone; /* none after it fail */

static int refused(void)
{
    int64_t left = atomic_load_explicit(&fail_left, memory_order_relaxed);

    if (left < 0)
        return 0;
    while (left > 0)
        if (atomic_compare_exchange_weak(&fail_left, &left, left - 1))
            return 0;
    if (atomic_load(&fail_alone) && !atomic_compare_exchange_strong(&fail_left, &left, -1))
        return 0; /* it was another thread's */
    atomic_store(&fail_hit, 1);
    return 1;
}

void *mem_alloc(size_t n)
{
    return refused() ? NULL : malloc(n ? n : 1);
}

void *mem_zero(size_t n)
{
    return refused() ? NULL : calloc(1, n ? n : 1);
}

void *mem_array(size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return mem_zero(count * size);
}

void *mem_grow(void *p, size_t n)
{
    return refused() ? NULL : realloc(p, n ? n : 1);
}

void *mem_free(void *p)
{
    free(p);
    return NULL;
}

void *mem_reserve(size_t n)
{
    void *p;

    if (refused())
        return NULL;
    p = mmap(NULL, n ? n : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
             -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void mem_large_pages(void *p, size_t n)
{
    madvise(p, n, MADV_HUGEPAGE); /* without them it only takes longer */
}

void *mem_reserve_growing(size_t n)
{
    const size_t small = 2 * PAGE_LARGE;
    uint8_t *p = mem_reserve(n);

    if (p && n > small)
        mem_large_pages(p + small, n - small);
    return p;
}

void *mem_unreserve(void *p, size_t n)
{
    if (p)
        munmap(p, n ? n : 1);
    return NULL;
}

void mem_dense(void *p, size_t n)
{
    uintptr_t from = ((uintptr_t)p + PAGE_LARGE - 1) & ~(PAGE_LARGE - 1);
    uintptr_t to = ((uintptr_t)p + n) & ~(PAGE_LARGE - 1);

    if (from < to)
        madvise((void *)from, to - from, MADV_HUGEPAGE);
}

void mem_fail_from(int64_t n)
{
    atomic_store(&fail_hit, 0);
    atomic_store(&fail_alone, false);
    atomic_store(&fail_left, n);
}

void mem_fail_at(int64_t n)
{
    atomic_store(&fail_hit, 0);
    atomic_store(&fail_alone, true);
    atomic_store(&fail_left, n);
}

int mem_fail_hit(void)
{
    return atomic_load(&fail_hit);
}

#define ROOM_FIRST 64
#define ROOM_MAX (SIZE_MAX / 4)
#define DENSE_BYTES ((size_t)8 << 20)

bool mem_room(void **at, size_t *size, size_t n, size_t element)
{
    size_t want = *size ? *size : ROOM_FIRST;
    void *p;

    if (n <= *size)
        return true;
    while (want < n)
        want *= 2;
    if (want > ROOM_MAX / element || !(p = mem_grow(*at, want * element)))
        return false;
    if (want * element >= DENSE_BYTES)
        mem_dense(p, want * element);
    *at = p;
    *size = want;
    return true;
}
