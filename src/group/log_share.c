/* What a member may have others keep: so many events, and so many more for each day that the group
 * is old, as the charter says. What an author has sent stays in a log that only grows, so that what
 * it may send must be bounded when it comes, and by the receiver's clock: by its own it could
 * always say more that comes before. */
#include "group/log_parts.h"

#include "base/mem.h"

#include <stdio.h>

#define DAY_MS ((uint64_t)86400000)

/* ---- whose it is ---- */

static const struct charter *adopted(const struct fold *f, const struct hash32 *hash)
{
    const struct charter *c = fold_charter(f);

    while (c && !hash32_equal(&c->hash, hash))
        c = fold_charter_at(f, c->version - 1);
    return c;
}

bool log_share_owns(const struct fold *f, const struct event *e)
{
    const struct charter *c = adopted(f, &e->charter);
    const struct charter_key *key = c ? charter_key(c, &e->key) : NULL;

    return key && !strcmp(c->members[key->member].id, e->author);
}

/* ---- how much it has used ---- */

static struct log_author *author_find(struct group_log *l, const char *name)
{
    if (l->authors_last < l->authors_n && !strcmp(l->authors[l->authors_last].name, name))
        return &l->authors[l->authors_last];
    for (size_t i = 0; i < l->authors_n; i++)
        if (!strcmp(l->authors[i].name, name)) {
            l->authors_last = i;
            return &l->authors[i];
        }
    return NULL;
}

bool log_share_use(struct group_log *l, const char *author, uint64_t n, struct err *err)
{
    struct log_author *a = author_find(l, author);

    if (!a && l->authors_n == l->authors_room) {
        size_t room = l->authors_room ? 2 * l->authors_room : 16;
        struct log_author *more = mem_grow(l->authors, room * sizeof(*more));

        if (!more)
            return err_fail(err, ERR_NOMEM, "members");
        l->authors = more;
        l->authors_room = room;
    }
    if (!a) {
        a = &l->authors[l->authors_n++];
        snprintf(a->name, sizeof(a->name), "%s", author);
        a->used = 0;
    }
    a->used += n;
    return true;
}

/* The clock of the proposal that the group began with. */
static uint64_t founded(struct group_log *l)
{
    char object[OBJECT_NAME_MAX];
    const struct fold_object *o;

    if (!l->founded_ms) {
        int n = snprintf(object, sizeof(object), "charter:");

        for (size_t i = 0; i < sizeof(l->group.b); i++)
            n += snprintf(object + n, sizeof(object) - (size_t)n, "%02x", l->group.b[i]);
        o = fold_object(l->fold, object, AUDIENCE_ALL);
        l->founded_ms = o && o->first ? o->first->e.ms : 0;
    }
    return l->founded_ms;
}

bool log_share_left(struct group_log *l, const char *author, uint64_t n, uint64_t ms)
{
    const struct charter *c = fold_charter(l->fold);
    const struct log_author *a = author_find(l, author);
    uint64_t since = ms && c ? founded(l) : 0;
    uint64_t days = since && ms > since ? (ms - since) / DAY_MS : 0;

    return !ms || !c || (a ? a->used : 0) + n <= c->quotas.events + c->quotas.events_day * days;
}

/* ---- what is nobody's ---- */

uint64_t log_share_unowned(const struct group_log *l)
{
    return fold_standing_n(l->fold, STANDING_NO_CHARTER) +
           fold_standing_n(l->fold, STANDING_NO_KEY);
}

bool log_share_bounded(const struct group_log *l, struct err *err)
{
    return log_share_unowned(l) <= LOG_WAITING_MAX ||
           err_fail(err, ERR_LIMIT, "more than %d events of no member", LOG_WAITING_MAX);
}
