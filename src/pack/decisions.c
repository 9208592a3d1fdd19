/* Decisions asked: open matters that the meeting has to decide on, out of the log. A narrower
 * reader is asked only by what it may see. */
#include "pack/parts.h"

#include "group/clearance.h"
#include "group/show.h"

#include <stdlib.h>
#include <strings.h>

#define ENDING_MS ((uint64_t)14 * 86400000) /* a hold that ends within that is told */

struct asked {
    struct making *m;
    struct pack_table *t;
};

static void ask(const struct asked *k, enum pack_word what, const char *text, const char *who,
                const char *day, const char *object)
{
    row_add(k->m, k->t);
    cell_word(k->m, k->t, what);
    cell_add(k->m, k->t, text);
    cell_add(k->m, k->t, who);
    cell_add(k->m, k->t, day);
    cell_add(k->m, k->t, id_of(k->m, object));
}

static const char *title_of(struct making *m, const struct fold_object *o)
{
    enum body_state state;
    struct report r;

    if (m->failed || !case_report(m->log, m->a, o, &state, &r, m->err)) {
        m->failed = true;
        return NULL;
    }
    return state == BODY_HERE ? case_title(m, &r) : body_state_name(state);
}

static void disputes(const struct asked *k)
{
    const struct fold_object *o;

    for (size_t i = 0; (o = fold_object_at(k->m->fold, i)) && !k->m->failed; i++)
        if (is_of_audience(k->m, o, "case") && o->state == CASE_DISPUTED)
            ask(k, PACK_ASK_DISPUTE, title_of(k->m, o), o->owner, day_of(k->m, o->last->e.ms),
                o->object);
}

static void ending_holds(const struct asked *k)
{
    if (!alerts_find(k->m))
        return;
    for (size_t i = 0; i < k->m->alerts_n; i++) {
        const struct alert_now *now = &k->m->alerts[i];

        if (fate_of(now) == HELD && !now->soft && now->expires &&
            now->expires < k->m->cut_off_ms + ENDING_MS)
            ask(k, PACK_ASK_HOLD,
                made_text(k->m, "%s %s", amount_text(k->m, now->told->asset, now->amount),
                          now->told->asset),
                now->told->holder, day_of(k->m, now->expires), now->object->object);
    }
}

/* A day of that field has passed, and another was not said. */
static bool is_late(struct making *m, const struct record_said *r, const char *due,
                    const char *done)
{
    const char *day = record_text(&r->record, due);
    struct period p;

    return day && !(done && record_text(&r->record, done)) && period_read(day, &p) &&
           p.to <= late_at(m);
}

static const struct {
    const char *kind, *due, *done, *text, *who; /* who NULL: who said it */
    enum pack_word what;
} late[] = {{"complaint", "answer_due", "answered", "grounds", NULL, PACK_ASK_COMPLAINT},
            {"notice", "due", "given", "deferral_basis", NULL, PACK_ASK_NOTICE},
            {"action", "due", NULL, "text", "owner", PACK_ASK_ACTION}};

static void what_is_late(const struct asked *k)
{
    for (size_t i = 0; i < sizeof(late) / sizeof(late[0]); i++) {
        struct records all;

        records_seen(k->m, late[i].kind, &all);
        for (size_t n = 0; n < all.n; n++) {
            const struct record_said *r = &all.at[n];
            struct period until;

            if (r->of->state != RECORD_STATED || !is_late(k->m, r, late[i].due, late[i].done))
                continue;
            if (!strcmp(late[i].kind, "notice") && record_text(&r->record, "deferred_until") &&
                period_read(record_text(&r->record, "deferred_until"), &until) &&
                until.to > late_at(k->m))
                continue;
            ask(k, late[i].what, record_text(&r->record, late[i].text),
                late[i].who ? record_text(&r->record, late[i].who) : r->of->owner,
                record_text(&r->record, late[i].due), r->of->object);
        }
    }
}

/* Thefts of one day and victim, or of one case: as it seems, one that is counted twice. */
struct counted {
    const struct record_said *said;
    const char *day, *victim, *of;
    size_t i;
};

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

static int by_day_and_victim(const void *pa, const void *pb)
{
    const struct counted *a = pa, *b = pb;
    int order = strcmp(a->day, b->day);

    order = order ? order : strcasecmp(a->victim, b->victim);
    return order ? order : (a->i > b->i) - (a->i < b->i);
}

static int by_case(const void *pa, const void *pb)
{
    const struct counted *a = pa, *b = pb;
    int order = strcmp(a->of, b->of);

    return order ? order : (a->i > b->i) - (a->i < b->i);
}

static bool same_victim(const struct counted *a, const struct counted *b)
{
    return *a->victim && !strcmp(a->day, b->day) && !strcasecmp(a->victim, b->victim);
}

static bool same_case(const struct counted *a, const struct counted *b)
{
    return *a->of && !strcmp(a->of, b->of);
}

static void ask_twice(const struct asked *k, const struct counted *a, const struct counted *b)
{
    const char *x = a->said->of->owner, *y = b->said->of->owner;

    ask(k, PACK_ASK_TWICE,
        made_text(k->m, "%s; %.12s", *b->victim ? b->victim : a->victim,
                  strchr(a->said->of->object, ':') + 1),
        strcmp(x, y) ? made_text(k->m, "%s, %s", x, y) : x, b->day, b->said->of->object);
}

static void recorded_twice(const struct asked *k)
{
    struct records all;
    struct counted *of;
    size_t n = 0;

    records_seen(k->m, "incident", &all);
    of = ARENA_ARRAY(k->m->a, struct counted, all.n + 1);
    if (!of) {
        making_failed(k->m, ERR_NOMEM, "a pack");
        return;
    }
    for (size_t i = 0; i < all.n; i++) {
        const struct record *r = &all.at[i].record;

        if (is_loss(&all.at[i]) && day_in_quarter(k->m, record_text(r, "date")))
            of[n++] = (struct counted){&all.at[i], record_text(r, "date"),
                                       or_empty(record_text(r, "victim")),
                                       or_empty(record_text(r, "case")), i};
    }
    if (n)
        qsort(of, n, sizeof(*of), by_day_and_victim);
    for (size_t i = 1; i < n; i++)
        if (same_victim(&of[i - 1], &of[i]))
            ask_twice(k, &of[i - 1], &of[i]);
    if (n)
        qsort(of, n, sizeof(*of), by_case);
    for (size_t i = 1; i < n; i++)
        if (same_case(&of[i - 1], &of[i]) && !same_victim(&of[i - 1], &of[i]))
            ask_twice(k, &of[i - 1], &of[i]);
}

/* Texts that wait, and for whom, at the cut-off. */
static void texts(const struct asked *k)
{
    struct making *m = k->m;
    struct records all;

    records_seen(m, "text", &all);
    for (size_t i = 0; i < all.n && !m->failed; i++) {
        struct clearance c;
        const char *who = NULL;

        if (all.at[i].of->state != RECORD_STATED)
            continue;
        if (!clearance_of(m->log, m->a, &all.at[i], m->cut_off_ms, &c, m->err)) {
            m->failed = true;
            return;
        }
        for (size_t n = 0; n < c.n; n++)
            if (c.rows[n].state == CLEARANCE_WAITS || c.rows[n].state == CLEARANCE_OBJECTED)
                who = made_text(m, "%s%s%s", who ? who : "", who ? ", " : "", c.rows[n].member);
        if (who)
            ask(k, PACK_ASK_TEXT, record_text(&all.at[i].record, "title"), who,
                record_text(&all.at[i].record, "silence_until"), all.at[i].of->object);
    }
}

void pack_decisions(struct making *m, struct pack_section *s)
{
    static const enum pack_word columns[] = {PACK_C_MATTER, PACK_C_TEXT, PACK_C_WHOSE,
                                             PACK_C_DATE,   PACK_C_ID,   PACK_WORDS_N};
    const struct asked k = {m, table_add(m, s, PACK_DECISIONS, NULL, columns)};
    bool full = m->pack->options.reader == PACK_READER_FULL;

    if (full) {
        disputes(&k);
        recorded_twice(&k);
        ending_holds(&k);
    }
    what_is_late(&k);
    if (full)
        texts(&k);
}
