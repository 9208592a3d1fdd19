#include "group/record_log.h"

#include <stdlib.h>

bool record_of(struct group_log *l, struct arena *a, const struct record_kind *k,
               const struct fold_object *o, struct record_said *ret, bool *ret_here,
               struct err *err)
{
    const struct fold_event *e = fold_find(group_log_fold(l), &o->revision);
    struct record_said said = {.of = o};
    enum body_state state;
    struct salt32 salt;
    struct bytes body;
    struct err why;

    *ret_here = false;
    if (!group_log_body(l, a, e, &state, &salt, &body, err))
        return false;
    if (state != BODY_HERE)
        return true;
    if (!record_read(a, k, body, &said.record, &why)) {
        if (why.class != ERR_INPUT)
            *err = why;
        return why.class == ERR_INPUT;
    }
    said.record.object = o->object;
    *ret = said;
    *ret_here = true;
    return true;
}

static int by_first(const void *pa, const void *pb)
{
    const struct record_said *a = pa, *b = pb;

    return event_order(&a->of->first->e, &b->of->first->e);
}

bool records_of(struct group_log *l, struct arena *a, const struct record_kind *k,
                struct records *ret, struct err *err)
{
    const struct fold *f = group_log_fold(l);
    const struct fold_object *o;
    struct record_said *at;
    struct records r = {.n = 0};
    size_t most = 0;

    for (size_t i = 0; (o = fold_object_at(f, i)); i++)
        most += object_is(o->object, k->name);
    at = ARENA_ARRAY(a, struct record_said, most + 1);
    if (!at)
        return arena_fail(a, err, "%zu records", most);
    for (size_t i = 0; (o = fold_object_at(f, i)); i++) {
        bool here;

        if (!object_is(o->object, k->name) || !o->first || o->state == RECORD_WITHDRAWN)
            continue;
        if (!record_of(l, a, k, o, &at[r.n], &here, err))
            return err_in(err, "\"%s\"", o->object);
        r.n += here;
        r.unread += !here;
    }
    qsort(at, r.n, sizeof(*at), by_first);
    r.at = at;
    *ret = r;
    return true;
}
