#include "trace/runs.h"

#include "base/mem.h"

#include <string.h>

#define STORE_FIRST 256

bool run_list_add(struct run_list *l, uint64_t start, uint64_t end)
{
    if (start == end)
        return true;
    if (l->n && l->at[l->n - 1].end == start) {
        l->at[l->n - 1].end = end;
        return true;
    }
    if (!mem_room((void **)&l->at, &l->size, l->n + 1, sizeof(*l->at)))
        return false;
    l->at[l->n++] = (struct run){start, end};
    return true;
}

void run_list_turn(struct run_list *l, uint64_t line)
{
    for (size_t i = 0, j = l->n; i < j; i++) {
        struct run first = l->at[i], last = l->at[--j];

        l->at[i] = (struct run){line - last.end, line - last.start};
        l->at[j] = (struct run){line - first.end, line - first.start};
    }
}

void run_list_free(struct run_list *l)
{
    l->at = mem_free(l->at);
    l->n = l->size = 0;
}

bool runs_cut(const struct run_list *line, size_t *at, uint64_t from, uint64_t to,
              struct run_list *ret, uint64_t *ret_n)
{
    size_t i = *at;
    uint64_t units = 0;

    ret->n = 0;
    while (i < line->n && line->at[i].end <= from)
        i++;
    for (; i < line->n && line->at[i].start < to; i++) {
        uint64_t start = line->at[i].start > from ? line->at[i].start : from;
        uint64_t end = line->at[i].end < to ? line->at[i].end : to;

        units += end - start;
        if (!run_list_add(ret, start - from, end - from))
            return false;
        if (line->at[i].end > to)
            break; /* the rest of this run belongs to the next cut */
    }
    *at = i;
    *ret_n = units;
    return true;
}

static unsigned class_of(uint32_t n)
{
    return n <= 1 ? 0 : 32 - (unsigned)__builtin_clz(n - 1);
}

bool run_store_put(struct run_store *s, const struct run *runs, uint32_t n, uint32_t *ret_place)
{
    unsigned class = class_of(n);
    size_t block = (size_t)1 << class;
    uint32_t place = s->free[class];

    if (place) {
        s->free[class] = (uint32_t)s->at[place].start;
    } else {
        if (!s->n)
            s->n = 1; /* place 0 means none */
        if (block > s->size || s->n > s->size - block) {
            size_t size = s->size + s->size / 2 + block + STORE_FIRST;
            struct run *at = size <= UINT32_MAX ? mem_grow(s->at, size * sizeof(*at)) : NULL;

            if (!at)
                return false;
            s->at = at;
            s->size = size;
        }
        place = (uint32_t)s->n;
        s->n += block;
    }
    memcpy(s->at + place, runs, n * sizeof(*runs));
    *ret_place = place;
    return true;
}

void run_store_drop(struct run_store *s, uint32_t place, uint32_t n)
{
    unsigned class = class_of(n);

    s->at[place].start = s->free[class];
    s->free[class] = place;
}

void run_store_free(struct run_store *s)
{
    s->at = mem_free(s->at);
}
