#include "base/pool.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define POOL_WORKERS_MAX 256

struct worker {
    struct pool *pool;
    pthread_t thread;
    unsigned number;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t start, done;
    unsigned workers_n, busy;
    uint64_t round;
    bool end;
    pool_task *fn;
    void *ctx;
    size_t tasks_n;
    atomic_size_t next;
    struct worker workers[];
};

static void work(struct pool *p, unsigned number)
{
    for (size_t i; (i = atomic_fetch_add(&p->next, 1)) < p->tasks_n;)
        p->fn(p->ctx, i, number);
}

static void *run(void *arg)
{
    struct worker *w = arg;
    struct pool *p = w->pool;
    uint64_t seen = 0;

    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->end && p->round == seen)
            pthread_cond_wait(&p->start, &p->lock);
        if (p->end)
            break;
        seen = p->round;
        pthread_mutex_unlock(&p->lock);
        work(p, w->number);
        pthread_mutex_lock(&p->lock);
        if (!--p->busy)
            pthread_cond_signal(&p->done);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct pool *pool_new(unsigned workers)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct pool *p;

    if (!workers)
        workers = processors > 0 ? (unsigned)processors : 1;
    if (workers > POOL_WORKERS_MAX)
        workers = POOL_WORKERS_MAX;
    p = mem_zero(sizeof(*p) + workers * sizeof(p->workers[0]));
    if (!p)
        return NULL;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->start, NULL);
    pthread_cond_init(&p->done, NULL);
    p->workers_n = 1; /* worker 0 is the caller */
    for (unsigned i = 1; i < workers; i++) {
        struct worker *w = &p->workers[i];

        w->pool = p;
        w->number = i;
        if (pthread_create(&w->thread, NULL, run, w))
            return pool_free(p);
        p->workers_n++;
    }
    return p;
}

struct pool *pool_free(struct pool *p)
{
    if (!p)
        return NULL;
    pthread_mutex_lock(&p->lock);
    p->end = true;
    pthread_cond_broadcast(&p->start);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 1; i < p->workers_n; i++)
        pthread_join(p->workers[i].thread, NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->start);
    pthread_cond_destroy(&p->done);
    return mem_free(p);
}

unsigned pool_workers(const struct pool *p)
{
    return p->workers_n;
}

void pool_run(struct pool *p, size_t tasks_n, pool_task *fn, void *ctx)
{
    pthread_mutex_lock(&p->lock);
    p->fn = fn;
    p->ctx = ctx;
    p->tasks_n = tasks_n;
    atomic_store(&p->next, 0);
    p->busy = p->workers_n - 1;
    p->round++;
    pthread_cond_broadcast(&p->start);
    pthread_mutex_unlock(&p->lock);
    work(p, 0);
    pthread_mutex_lock(&p->lock);
    while (p->busy)
        pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}
