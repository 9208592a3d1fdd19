/* One table. What a clock was when it started is written out in its row, so that a file that has
 * changed since changes nothing that runs. */
#include "screen/due_store.h"

#include "base/unsaid.h"

#include "base/text.h"
#include "base/time.h"

#define DAY 86400u

static const char *const steps[] = {
    "CREATE TABLE due ("
    " id INTEGER PRIMARY KEY, clock TEXT NOT NULL, jurisdiction TEXT NOT NULL,"
    " report TEXT NOT NULL, basis TEXT NOT NULL, decision TEXT NOT NULL, subject TEXT NOT NULL,"
    " list TEXT NOT NULL, entry TEXT NOT NULL, match INTEGER NOT NULL, of INTEGER NOT NULL,"
    " started INTEGER NOT NULL, day INTEGER NOT NULL, due INTEGER NOT NULL,"
    " until INTEGER NOT NULL, key INTEGER NOT NULL, done_at INTEGER NOT NULL DEFAULT 0,"
    " done_by TEXT NOT NULL DEFAULT '', reference TEXT NOT NULL DEFAULT '',"
    " UNIQUE (clock, of, key));"
    "CREATE INDEX due_until ON due (done_at, until, id);",
};
const struct store_schema due_schema = {"due", steps, sizeof(steps) / sizeof(steps[0])};

#define COLUMNS                                                                                    \
    "id, clock, jurisdiction, report, basis, decision, subject, list, entry, match, started, "     \
    "day, due, until, done_at, done_by, reference"

/* What there is once: of a match, by the day of the decision; of a yearly clock, by the day on
 * which it is due. */
static bool insert(struct store *s, const struct due *d, bool yearly, struct err *err)
{
    const char *texts[] = {d->clock,    d->jurisdiction, d->report, d->basis,
                           d->decision, d->subject,      d->list,   d->entry};
    uint64_t numbers[] = {d->match,
                          yearly ? 0 : d->match,
                          d->started,
                          d->time.day,
                          d->time.due,
                          d->time.until,
                          yearly ? d->time.due : d->time.day};
    struct store_query *q = NULL;
    bool ok = store_prepare(s,
                            "INSERT OR IGNORE INTO due (clock, jurisdiction, report, basis, "
                            "decision, subject, list, entry, match, of, started, day, due, until, "
                            "key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            &q, err);

    for (int i = 0; ok && i < 8; i++)
        ok = store_bind_text(q, 1 + i, texts[i], err);
    for (int i = 0; ok && i < 7; i++)
        ok = store_bind_u64(q, 9 + i, numbers[i], err);
    ok = ok && store_step(q, NULL, err);
    store_finish(q);
    return ok;
}

bool due_start(struct store *s, const struct clocks *c, const struct due_of *of, uint64_t now,
               struct err *err)
{
    for (size_t i = 0; i < clocks_n(c); i++) {
        struct report_clock clock = clocks_at(c, i);
        struct due d = {.clock = clock.id,
                        .jurisdiction = clock.jurisdiction,
                        .report = clock_report_name(clock.report),
                        .basis = clock.basis,
                        .decision = screen_decision_name(of->decision),
                        .subject = of->subject,
                        .list = of->list,
                        .entry = of->entry,
                        .match = of->match,
                        .started = now};

        if (!clocks_starts(c, i, of->decision, of->direction, of->list))
            continue;
        d.time = clocks_due(c, i, now);
        if (!insert(s, &d, clock.yearly, err))
            return false;
    }
    return true;
}

/* ---- reading ---- */

static bool row_of(struct store_query *q, struct arena *a, struct due *ret, struct err *err)
{
    const char **texts[] = {&ret->clock,    &ret->jurisdiction, &ret->report, &ret->basis,
                            &ret->decision, &ret->subject,      &ret->list,   &ret->entry};

    for (int i = 0; i < 8; i++)
        *texts[i] = store_text_copy(q, 1 + i, a);
    ret->done_by = store_text_copy(q, 15, a);
    ret->reference = store_text_copy(q, 16, a);
    ret->id = store_u64(q, 0);
    ret->match = store_u64(q, 9);
    ret->started = store_u64(q, 10);
    ret->time.day = store_u64(q, 11);
    ret->time.due = store_u64(q, 12);
    ret->time.until = store_u64(q, 13);
    ret->done_at = store_u64(q, 14);
    for (int i = 0; i < 8; i++)
        if (!*texts[i])
            return err_fail(err, ERR_NOMEM, "what is due");
    return (ret->done_by && ret->reference) || err_fail(err, ERR_NOMEM, "what is due");
}

bool due_list(struct store *s, struct arena *a, uint64_t day, bool closed, const struct due **ret,
              size_t *ret_n, bool *ret_more, struct err *err)
{
    struct due *all = ARENA_ARRAY(a, struct due, DUE_LIST_MAX + 1);
    struct store_query *q = NULL;
    bool row = false;
    bool ok = all || err_fail(err, ERR_NOMEM, "what is due");
    size_t n = 0;

    ok = ok &&
         store_prepare(s,
                       "SELECT " COLUMNS " FROM due WHERE due <= ? AND (? OR NOT done_at) "
                       "ORDER BY until, id LIMIT ?",
                       &q, err) &&
         store_bind_u64(q, 1, day < INT64_MAX ? day : INT64_MAX, err) &&
         store_bind_u64(q, 2, closed, err) && store_bind_u64(q, 3, DUE_LIST_MAX + 1, err);
    while (ok && (ok = store_step(q, &row, err)) && row && n <= DUE_LIST_MAX)
        ok = row_of(q, a, &all[n++], err);
    store_finish(q);
    *ret_more = n > DUE_LIST_MAX;
    *ret_n = *ret_more ? DUE_LIST_MAX : n;
    *ret = all;
    return ok;
}

bool due_get(struct store *s, struct arena *a, uint64_t id, struct due *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false, ok = store_prepare(s, "SELECT " COLUMNS " FROM due WHERE id = ?", &q, err) &&
                           store_bind_u64(q, 1, id < INT64_MAX ? id : INT64_MAX, err) &&
                           store_step(q, &row, err);

    if (ok && !row)
        ok = err_fail(err, ERR_NOT_FOUND, "nothing is due under number %llu",
                      (unsigned long long)id);
    ok = ok && row_of(q, a, ret, err);
    store_finish(q);
    return ok;
}

bool due_count(struct store *s, uint64_t now, struct due_counts *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false,
         ok = store_prepare(s,
                            "SELECT count(*), count(*) FILTER (WHERE until <= ?) FROM due "
                            "WHERE done_at = 0",
                            &q, err) &&
              store_bind_u64(q, 1, now, err) && store_step(q, &row, err);

    *ret = (struct due_counts){0, 0};
    if (ok && row)
        *ret = (struct due_counts){store_u64(q, 0), store_u64(q, 1)};
    store_finish(q);
    return ok;
}

/* ---- closing ---- */

static bool text_fits(const char *what, const char *s, struct err *err)
{
    size_t n = strlen(s);

    if (!n || n > CLOCKS_TEXT_MAX || !utf8_valid(s, n) || !text_is_plain(s, n))
        return err_fail(err, ERR_USAGE, "%s: a line of at most %d bytes is wanted", what,
                        CLOCKS_TEXT_MAX);
    return !unsaid_in(s) ||
           err_fail(err, ERR_USAGE,
                    "%s: whether there is a suspicious-transaction report is not written here",
                    what);
}

static bool mark(struct store *s, uint64_t id, const struct due_done *done, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s,
                            "UPDATE due SET done_at = ?, done_by = ?, reference = ? WHERE id = ? "
                            "AND done_at = 0",
                            &q, err) &&
              store_bind_u64(q, 1, done->now, err) && store_bind_text(q, 2, done->person, err) &&
              store_bind_text(q, 3, done->reference, err) && store_bind_u64(q, 4, id, err) &&
              store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

/* The same clock, a year on. */
static bool next_year(struct store *s, const struct clocks *c, struct due d,
                      const struct due_done *done, struct err *err)
{
    size_t i = c ? clocks_find(c, d.clock) : SIZE_MAX;

    if (done->last || i == SIZE_MAX || !clocks_at(c, i).yearly)
        return true;
    d.started = done->now;
    d.time = clocks_year_after(c, i, d.time);
    return insert(s, &d, true, err);
}

static bool close_within(struct store *s, struct arena *a, const struct clocks *c, uint64_t id,
                         const struct due_done *done, struct err *err)
{
    struct due d;

    if (!due_get(s, a, id, &d, err))
        return false;
    if (d.done_at)
        return err_fail(err, ERR_USAGE, "number %llu is closed, by %.100s", (unsigned long long)id,
                        d.done_by);
    return mark(s, id, done, err) && next_year(s, c, d, done, err);
}

bool due_close(struct store *s, const struct clocks *c, uint64_t id, const struct due_done *done,
               struct err *err)
{
    struct arena *a;
    bool ok;

    if (!text_fits("who reported", done->person, err) ||
        !text_fits("reference", done->reference, err))
        return false;
    a = arena_new(NULL, (size_t)1 << 20);
    if (!a)
        return err_fail(err, ERR_NOMEM, "what is due");
    ok = store_begin(s, err) && close_within(s, a, c, id, done, err) && store_commit(s, err);
    if (!ok)
        store_rollback(s);
    arena_free(a);
    return ok;
}

/* ---- JSON ---- */

static void due_json(struct json_out *j, const struct due *d, uint64_t now)
{
    char day[TIME_DAY_MAX];

    json_object(j);
    json_put_number(j, "due", d->id);
    json_put_string(j, "clock", d->clock);
    json_put_string(j, "jurisdiction", d->jurisdiction);
    json_put_string(j, "report", d->report);
    json_put_string(j, "basis", d->basis);
    json_put_string(j, "decision", d->decision);
    json_put_string(j, "subject", d->subject);
    json_put_string(j, "list", d->list);
    json_put_string(j, "entry", d->entry);
    json_put_number(j, "match", d->match);
    json_put_number(j, "started", d->started);
    json_put_string(j, "due_day", time_day(d->time.due * DAY, day));
    json_put_number(j, "until", d->time.until);
    json_put_bool(j, "overdue", !d->done_at && d->time.until <= now);
    json_key(j, "done");
    if (d->done_at) {
        json_object(j);
        json_put_string(j, "person", d->done_by);
        json_put_string(j, "reference", d->reference);
        json_put_number(j, "at", d->done_at);
        json_object_end(j);
    } else {
        json_null(j);
    }
    json_object_end(j);
}

void due_list_put(struct json_out *j, const struct due *all, size_t n, bool more, uint64_t now)
{
    size_t overdue = 0;

    for (size_t i = 0; i < n; i++)
        overdue += !all[i].done_at && all[i].time.until <= now;
    json_put_string(j, "schema", "cordon.due/1");
    json_put_number(j, "as_of", now);
    json_put_number(j, "overdue", overdue);
    json_put_bool(j, "more", more);
    json_key(j, "due");
    json_array(j);
    for (size_t i = 0; i < n; i++)
        due_json(j, &all[i], now);
    json_array_end(j);
}

void due_list_json(struct json_out *j, const struct due *all, size_t n, bool more, uint64_t now)
{
    json_object(j);
    due_list_put(j, all, n, more, now);
    json_object_end(j);
}
