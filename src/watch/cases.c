#include "watch/cases.h"

#include "base/mem.h"

#include <string.h>

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "watch");
}

bool watch_case_begin(struct watch_case *c, const char *id, struct bytes text, struct err *err)
{
    size_t n = strlen(id) + 1;

    *c = (struct watch_case){.id = mem_alloc(n),
                             .arena = arena_new(NULL, WATCH_CASE_BYTES_MAX),
                             .text = sha256(text.p, text.n)};
    if (!c->id || !c->arena) {
        watch_case_end(c);
        return nomem(err);
    }
    memcpy(c->id, id, n);
    if (case_read(c->arena, text, &c->file, &c->why))
        return true;
    c->state = WATCH_REFUSED;
    if (c->why.class != ERR_NOMEM)
        return true;
    *err = c->why;
    watch_case_end(c);
    return false;
}

void watch_case_end(struct watch_case *c)
{
    c->id = mem_free(c->id);
    c->arena = arena_free(c->arena);
}

const char *watch_case_text(const struct watch_case *c)
{
    return c->state == WATCH_WAITS || c->state == WATCH_REFUSED ? c->why.text : "";
}

void watch_cases_free(struct watch_cases *all)
{
    while (all->n)
        all->end(all->watch, all->at[--all->n]);
    all->at = mem_free((void *)all->at);
    all->size = 0;
}

static size_t place_of(const struct watch_cases *all, const char *id)
{
    size_t i = 0;

    while (i < all->n && strcmp(all->at[i]->id, id) != 0)
        i++;
    return i;
}

struct watch_case *watch_cases_find(const struct watch_cases *all, const char *id)
{
    size_t at = place_of(all, id);

    return at < all->n ? all->at[at] : NULL;
}

bool watch_cases_has(const struct watch_cases *all, const char *id, struct bytes text)
{
    const struct watch_case *c = watch_cases_find(all, id);
    struct hash32 hash = sha256(text.p, text.n);

    return c && hash32_equal(&c->text, &hash);
}

static bool room(struct watch_cases *all, struct err *err)
{
    size_t size = all->size ? 2 * all->size : 16;
    struct watch_case **grown;

    if (all->n < all->size)
        return true;
    if (size > WATCH_CASES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %u cases are watched", WATCH_CASES_MAX);
    grown = mem_grow((void *)all->at, size * sizeof(struct watch_case *));
    if (!grown)
        return nomem(err);
    all->at = grown;
    all->size = size;
    return true;
}

static void drop_at(struct watch_cases *all, size_t i)
{
    all->end(all->watch, all->at[i]);
    all->at[i] = all->at[--all->n];
}

bool watch_cases_put(struct watch_cases *all, struct watch_case *c, struct err *err)
{
    watch_cases_drop(all, c->id);
    if (!room(all, err))
        return false;
    all->at[all->n++] = c;
    return true;
}

void watch_cases_drop(struct watch_cases *all, const char *id)
{
    size_t at = place_of(all, id);

    if (at < all->n)
        drop_at(all, at);
}

void watch_cases_keep(struct watch_cases *all, bool (*keep)(void *ctx, const char *id), void *ctx)
{
    for (size_t i = all->n; i-- > 0;)
        if (!keep(ctx, all->at[i]->id))
            drop_at(all, i);
}

void watch_cases_in(const struct watch_cases *all, enum watch_state state,
                    void (*each)(void *ctx, const char *id), void *ctx)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->at[i]->state == state)
            each(ctx, all->at[i]->id);
}
