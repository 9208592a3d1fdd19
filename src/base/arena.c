/* Chunks in a list, the newest first; a large block gets a chunk of its own. */
#include "base/arena.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define CHUNK_FIRST_BYTES ((size_t)4 << 10)
#define CHUNK_BYTES ((size_t)64 << 10)
#define CHUNK_DENSE_BYTES ((size_t)8 << 20) /* of an arena that has several times that */
#define ALIGN 16

struct chunk {
    struct chunk *next;
    size_t used, size;
    void *adopted; /* or NULL */
    _Alignas(ALIGN) unsigned char at[];
};

struct arena {
    struct arena *parent, *children, *sibling;
    struct chunk *chunks;
    size_t used, max, chunk_next;
    bool limited;
    size_t limit; /* if limited: the one that was in the way, its own or a parent's */
};

struct arena *arena_new(struct arena *parent, size_t bytes_max)
{
    struct arena *a = mem_zero(sizeof(*a));

    if (!a)
        return NULL;
    a->max = bytes_max;
    a->chunk_next = CHUNK_FIRST_BYTES;
    a->parent = parent;
    if (parent) {
        a->sibling = parent->children;
        parent->children = a;
    }
    return a;
}

static void uncount(struct arena *a, size_t n)
{
    for (; a; a = a->parent)
        a->used -= n;
}

static void end(struct arena *a)
{
    for (struct chunk *c = a->chunks, *next; c; c = next) {
        next = c->next;
        mem_free(c->adopted);
        mem_free(c);
    }
    mem_free(a);
}

struct arena *arena_free(struct arena *a)
{
    struct arena **at, *walk;

    if (!a)
        return NULL;
    uncount(a->parent, a->used);
    if (a->parent) {
        for (at = &a->parent->children; *at != a; at = &(*at)->sibling)
            ;
        *at = a->sibling;
    }
    a->parent = NULL;
    a->sibling = NULL;
    /* No recursion: children are flattened into one list before they end. */
    for (walk = a; walk; walk = a) {
        struct arena *tail = walk->children;

        if (tail) {
            while (tail->sibling)
                tail = tail->sibling;
            tail->sibling = walk->sibling;
            a = walk->children;
        } else {
            a = walk->sibling;
        }
        end(walk);
    }
    return NULL;
}

static bool count(struct arena *a, size_t n)
{
    for (struct arena *up = a; up; up = up->parent)
        if (n > up->max - up->used) {
            a->limited = true;
            a->limit = up->max;
            return false;
        }
    for (; a; a = a->parent)
        a->used += n;
    return true;
}

/* What is in it is as it comes. */
static void *take(struct arena *a, size_t n)
{
    size_t need = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct chunk *c = a->chunks;
    void *p;

    if (need < n)
        return NULL;
    if (!c || need > c->size - c->used) {
        size_t size = need > a->chunk_next ? need : a->chunk_next;

        if (!count(a, need))
            return NULL;
        c = mem_alloc(sizeof(*c) + size);
        if (!c) {
            uncount(a, need);
            return NULL;
        }
        if (size >= CHUNK_DENSE_BYTES)
            mem_dense(c, sizeof(*c) + size);
        c->used = 0;
        c->size = size;
        c->adopted = NULL;
        if (a->chunks && need > a->chunk_next) { /* keep filling the chunk in use */
            c->next = a->chunks->next;
            a->chunks->next = c;
        } else {
            c->next = a->chunks;
            a->chunks = c;
            if (a->chunk_next < CHUNK_BYTES)
                a->chunk_next *= 2;
            else if (a->used > 4 * CHUNK_DENSE_BYTES)
                a->chunk_next = CHUNK_DENSE_BYTES;
        }
    } else if (!count(a, need)) {
        return NULL;
    }
    p = c->at + c->used;
    c->used += need;
    return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
    void *p = take(a, n);

    return p ? memset(p, 0, n) : NULL;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / 2 / size)
        return NULL;
    return arena_alloc(a, n * size);
}

void *arena_room(struct arena *a, size_t n)
{
    return take(a, n);
}

void arena_expect(struct arena *a, size_t n)
{
    if (n > a->chunk_next)
        a->chunk_next = n;
}

void *arena_copy(struct arena *a, const void *p, size_t n)
{
    void *copy = take(a, n);

    if (copy && n)
        memcpy(copy, p, n);
    return copy;
}

char *arena_string(struct arena *a, const char *s, size_t n)
{
    char *copy = n < SIZE_MAX ? take(a, n + 1) : NULL;

    if (!copy)
        return NULL;
    if (n)
        memcpy(copy, s, n);
    copy[n] = 0;
    return copy;
}

bool arena_adopt(struct arena *a, void *p, size_t n)
{
    struct chunk *c = mem_zero(sizeof(*c));

    if (!c || !count(a, n)) {
        mem_free(c);
        return false;
    }
    c->adopted = p;
    if (a->chunks) { /* behind the chunk in use */
        c->next = a->chunks->next;
        a->chunks->next = c;
    } else {
        a->chunks = c;
    }
    return true;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

bool arena_limited(const struct arena *a)
{
    return a->limited;
}

enum err_class arena_class(const struct arena *a)
{
    return a->limited ? ERR_LIMIT : ERR_NOMEM;
}

void arena_refused(const struct arena *a, struct err *err, const char *fmt, ...)
{
    char what[ERR_TEXT_MAX / 2];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    if (a->limited)
        err_set(err, ERR_LIMIT, "%s: more than %zu bytes of memory", what, a->limit);
    else
        err_set(err, ERR_NOMEM, "%s: no memory", what);
}
