/* A small pool of workers for one kind of work: run fn(ctx, 0) .. fn(ctx, n - 1), each once, on all
 * of them.
 *
 * pool_run returns when all are done; the caller's thread works too. Tasks are taken in order of
 * number by whoever is free, so results must not depend on which worker runs what: worker is 0 ..
 * pool_workers - 1 and only chooses scratch memory.
 *
 * Ownership: pool_free joins.
 * Threads:   one pool_run at a time. */
#ifndef CORDON_BASE_POOL_H
#define CORDON_BASE_POOL_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct pool;
typedef void pool_task(void *ctx, size_t task, unsigned worker);

struct pool *pool_new(unsigned workers); /* 0: one a processor; NULL: no memory or no threads */
struct pool *pool_free(struct pool *p);
unsigned pool_workers(const struct pool *p);
void pool_run(struct pool *p, size_t tasks_n, pool_task *fn, void *ctx);

#endif
