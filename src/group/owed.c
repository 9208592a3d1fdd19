#include "group/owed.h"

#include "base/time.h"
#include "group/alert_show.h"

#include <stdlib.h>

#define DAY_S 86400u

struct listing {
    const struct fold *fold;
    struct owed *rows;
    size_t n;
    const char *member;
    uint64_t by_ms, now_ms;
};

static void add(struct listing *x, struct owed row)
{
    if (row.due_ms <= x->by_ms)
        x->rows[x->n++] = row;
}

static void notices_add(struct listing *x, const struct alert_book *b)
{
    for (size_t i = 0; i < alert_book_n(b); i++) {
        struct alert_now a = alert_at(b, i, x->now_ms);
        const struct alert_notice *n = &a.notice;

        if (n->due && !n->given && !strcmp(a.object->owner, x->member))
            add(x, (struct owed){"notice", a.object->object, a.object->object, NULL,
                                 alert_notice_by(n)});
    }
}

/* A month or a year is too vague to be a clock. */
static bool day_end(const char *day, uint64_t *ret_ms)
{
    uint64_t time;

    day += !strncmp(day, "by ", 3) ? 3 : 0;
    if (strlen(day) != 10 || !time_from_iso(day, 10, &time))
        return false;
    *ret_ms = (time + DAY_S) * 1000 - 1;
    return true;
}

static bool holds_as_told(const struct listing *x, const char *alert, const char *audience)
{
    const struct fold_object *o = fold_object(x->fold, alert, audience);

    return o && o->told && o->owner && !strcmp(o->owner, x->member);
}

/* Is the member the alert's holder, by whichever of its audiences? */
static bool holds(const struct listing *x, const char *alert)
{
    const struct charter *c = fold_charter(x->fold);
    bool is = holds_as_told(x, alert, AUDIENCE_ALL);

    for (size_t i = 0; !is && c && i < c->groups_n; i++)
        is = holds_as_told(x, alert, c->groups[i].id);
    return is;
}

/* Who wrote it down owes the answer's text, and whoever holds owes the answer. */
static void complaints_add(struct listing *x, const struct records *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct record *r = &all->at[i].record;
        const char *by = all->at[i].of->owner, *alert = record_text(r, "alert");
        uint64_t due;

        if (!record_text(r, "answered") && (!strcmp(by, x->member) || holds(x, alert)) &&
            day_end(record_text(r, "answer_due"), &due))
            add(x, (struct owed){"complaint", r->object, alert, by, due});
    }
}

static int by_due(const void *a, const void *b)
{
    const struct owed *x = a, *y = b;

    return x->due_ms != y->due_ms ? (x->due_ms < y->due_ms ? -1 : 1) : strcmp(x->object, y->object);
}

/* The list may outlive the log. */
static bool keep(struct arena *a, const char **s)
{
    *s = *s ? arena_string(a, *s, strlen(*s)) : NULL;
    return *s;
}

static bool rows_keep(struct arena *a, struct owed *rows, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!keep(a, &rows[i].object) || !keep(a, &rows[i].alert) ||
            (rows[i].by && !keep(a, &rows[i].by)))
            return arena_fail(a, err, "what is owed");
    return true;
}

bool owed_of(struct group_log *l, struct arena *a, const char *member, uint64_t by_ms,
             uint64_t now_ms, struct owed **ret, size_t *ret_n, struct err *err)
{
    struct listing x = {
        .fold = group_log_fold(l), .member = member, .by_ms = by_ms, .now_ms = now_ms};
    const struct alert_book *b = alert_book(a, group_log_fold(l));
    struct records complaints;

    if (!b)
        return err_fail(err, ERR_NOMEM, "alerts");
    if (!records_of(l, a, record_kind("complaint"), &complaints, err))
        return false;
    x.rows = ARENA_ARRAY(a, struct owed, alert_book_n(b) + complaints.n + 1);
    if (!x.rows)
        return err_fail(err, ERR_NOMEM, "what is owed");
    notices_add(&x, b);
    complaints_add(&x, &complaints);
    qsort(x.rows, x.n, sizeof(*x.rows), by_due);
    *ret = x.rows;
    *ret_n = x.n;
    return rows_keep(a, x.rows, x.n, err);
}

void owed_put(struct json_out *j, const struct owed *rows, size_t n, uint64_t now_ms)
{
    char time[ALERT_TIME_MAX];

    json_key(j, "owed");
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        json_object(j);
        json_put_string(j, "what", rows[i].what);
        json_put_string(j, "object", rows[i].object);
        json_put_string(j, "alert", rows[i].alert);
        json_put_string(j, "by", rows[i].by);
        json_put_string(j, "due", alert_time(rows[i].due_ms, time));
        json_put_bool(j, "overdue", rows[i].due_ms < now_ms);
        json_object_end(j);
    }
    json_array_end(j);
}
