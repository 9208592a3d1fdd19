#include "group/clearance.h"

#include "group/period.h"

#include <stdlib.h>

#define HOUR_MS ((uint64_t)3600000)

static bool names(const struct event *e, const struct hash32 *id)
{
    for (size_t i = 0; i < e->after_n; i++)
        if (hash32_equal(&e->after[i], id))
            return true;
    return false;
}

/* What a member has said of its newest revision. Who had not seen that has not said it of that,
 * whatever its clock is. */
static enum clearance_state said_by(const struct fold_object *o, const char *member)
{
    enum clearance_state state = CLEARANCE_WAITS;
    const struct fold_event *e;

    for (size_t i = 0; (e = fold_event_of(o, i)); i++) {
        if (e->effect != EFFECT_STEP || strcmp(e->e.author, member) != 0 ||
            !names(&e->e, &o->revision))
            continue;
        if (!strcmp(e->e.type, "text.clear"))
            state = CLEARANCE_CLEARED;
        else if (!strcmp(e->e.type, "text.object"))
            state = CLEARANCE_OBJECTED;
    }
    return state;
}

static uint64_t silence_ms(const struct fold *f, const struct fold_event *revision)
{
    const struct charter *then = fold_document(f, &revision->e.charter);
    uint64_t hours = fold_charter(f)->quotas.silence_hours;

    if (then && then->quotas.silence_hours > hours)
        hours = then->quotas.silence_hours;
    return hours * HOUR_MS;
}

static int by_member(const void *pa, const void *pb)
{
    const struct clearance_row *a = pa, *b = pb;

    return strcmp(a->member, b->member);
}

bool clearance_of(struct group_log *l, struct arena *a, const struct record_said *text, uint64_t ms,
                  struct clearance *ret, struct err *err)
{
    const struct fold *f = group_log_fold(l);
    const struct fold_event *revision = fold_find(f, &text->of->revision);
    const struct charter *c = fold_charter(f);
    struct clearance_row *rows = ARENA_ARRAY(a, struct clearance_row, c->members_n + 1);
    struct clearance r = {.cleared = true};
    uint64_t seen = fold_witnessed_ms(f, revision), from;
    struct period silence;

    if (!rows)
        return arena_fail(a, err, "a clearance");
    r.silent_from_ms = CLEARANCE_NEVER_SILENT;
    r.witnessed = seen;
    if (seen && period_read(record_text(&text->record, "silence_until"), &silence)) {
        from = seen > revision->e.ms ? seen : revision->e.ms;
        r.silent_from_ms = from + silence_ms(f, revision);
        if (r.silent_from_ms < silence.to * 1000)
            r.silent_from_ms = silence.to * 1000;
    }
    for (uint32_t i = 0; i < c->members_n; i++) {
        const struct charter_member *m = &c->members[i];
        enum clearance_state state;

        if (!m->government || m->suspended || !charter_hears(c, i, text->of->audience))
            continue;
        state = said_by(text->of, m->id);
        if (state == CLEARANCE_WAITS && ms >= r.silent_from_ms)
            state = CLEARANCE_SILENT;
        r.cleared = r.cleared && (state == CLEARANCE_CLEARED || state == CLEARANCE_SILENT);
        rows[r.n++] = (struct clearance_row){m->id, state};
    }
    qsort(rows, r.n, sizeof(*rows), by_member);
    r.cleared = r.cleared && r.n;
    r.rows = rows;
    *ret = r;
    return true;
}

const char *clearance_name(enum clearance_state s)
{
    switch (s) {
    case CLEARANCE_WAITS:
        return "waits";
    case CLEARANCE_CLEARED:
        return "cleared";
    case CLEARANCE_SILENT:
        return "silent";
    case CLEARANCE_OBJECTED:
        return "objected";
    }
    return NULL;
}
