/* Three tables: questions, changes of their answers, and at most one row that says that a run of
 * asking again is under way. */
#include "screen/question_store.h"

#include "base/mem.h"

#define FORGET_ROWS 1000
#define CACHE_KIB "32768" /* keys are hashes: they go anywhere */
#define WAL_PAGES "4096"  /* 16 MiB: what changes again and again is copied back once */
#define DAY_S 86400

static const char *const steps[] = {
    "CREATE TABLE question ("
    " id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, is_name INTEGER NOT NULL,"
    " subject TEXT NOT NULL, form TEXT NOT NULL, ref TEXT NOT NULL, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL, times INTEGER NOT NULL, checked INTEGER NOT NULL,"
    " decision INTEGER NOT NULL, decided_by INTEGER NOT NULL, rule TEXT NOT NULL,"
    " reasons TEXT NOT NULL, stands BLOB NOT NULL);"
    "CREATE INDEX question_last ON question (last);"
    "CREATE TABLE question_change ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, question INTEGER NOT NULL REFERENCES question (id),"
    " at INTEGER NOT NULL, again INTEGER NOT NULL, from_decision INTEGER NOT NULL,"
    " from_by INTEGER NOT NULL, from_rule TEXT NOT NULL, to_decision INTEGER NOT NULL,"
    " to_by INTEGER NOT NULL, to_rule TEXT NOT NULL, added TEXT NOT NULL, removed TEXT NOT NULL,"
    " matches INTEGER NOT NULL);"
    "CREATE INDEX question_change_question ON question_change (question);"
    "CREATE TABLE question_run (id INTEGER PRIMARY KEY, changes_after INTEGER NOT NULL);",
    /* asked again on the same day, a question changes its row alone */
    "ALTER TABLE question ADD COLUMN day INTEGER NOT NULL DEFAULT 0;"
    "UPDATE question SET day = last / 86400;"
    "DROP INDEX question_last;"
    "CREATE INDEX question_day ON question (day);",
};
const struct store_schema question_schema = {"question", steps, sizeof(steps) / sizeof(steps[0])};

struct question_writer {
    struct store *store;
    struct store_query *find, *insert, *asked, *same, *answered, *change;
};

static struct bytes bytes_of(const struct hash32 *h)
{
    return (struct bytes){h->b, sizeof(h->b)};
}

static struct bytes key_of(const struct question_asked *x)
{
    return (struct bytes){x->key, sizeof(x->key)};
}

/* ---- reading ---- */

#define COLUMNS                                                                                    \
    "q.id, q.is_name, q.subject, q.form, q.ref, q.first, q.last, q.times, q.checked, q.decision,"  \
    " q.decided_by, q.rule, q.reasons, q.stands"
#define COLUMNS_N 14

static bool text_of(struct store_query *q, int column, struct arena *a, const char **ret,
                    struct err *err)
{
    *ret = store_text_copy(q, column, a);
    return *ret || arena_fail(a, err, "questions");
}

static bool decided(struct store_query *q, int column, struct question_outcome *ret,
                    struct err *err)
{
    uint64_t decision = store_u64(q, column), by = store_u64(q, column + 1);

    if (decision >= SCREEN_DECISIONS || by > BY_OTHERWISE)
        return err_fail(err, ERR_CORRUPT, "a question without a known decision");
    ret->decision = (enum screen_decision)decision;
    ret->by = (enum verdict_by)by;
    return true;
}

static bool row_of(struct store_query *q, struct arena *a, struct question *ret, struct err *err)
{
    struct bytes stands = store_blob(q, 13);

    if (stands.n != sizeof(ret->outcome.stands.b))
        return err_fail(err, ERR_CORRUPT, "a question that stands on nothing");
    memcpy(ret->outcome.stands.b, stands.p, stands.n);
    ret->id = store_u64(q, 0);
    ret->is_name = store_u64(q, 1) != 0;
    ret->first = store_u64(q, 5);
    ret->last = store_u64(q, 6);
    ret->times = store_u64(q, 7);
    ret->checked = store_u64(q, 8);
    return text_of(q, 2, a, &ret->subject, err) && text_of(q, 3, a, &ret->form, err) &&
           text_of(q, 4, a, &ret->ref, err) && decided(q, 9, &ret->outcome, err) &&
           text_of(q, 11, a, &ret->outcome.rule, err) &&
           text_of(q, 12, a, &ret->outcome.reasons, err);
}

/* Of one subject: all keys begin with its hash. */
static bool bind_subject(struct store_query *q, const char *subject, struct err *err)
{
    struct hash32 hash = sha256(subject, strlen(subject));
    uint8_t end[QUESTION_KEY_BYTES];

    memset(end, 0xff, sizeof(end));
    memcpy(end, hash.b, QUESTION_KEY_SUBJECT);
    return store_bind_text(q, 5, subject, err) &&
           store_bind_blob(q, 6, (struct bytes){hash.b, QUESTION_KEY_SUBJECT}, err) &&
           store_bind_blob(q, 7, (struct bytes){end, sizeof(end)}, err);
}

#define FILTER                                                                                     \
    " q.id > ?1 AND q.last >= ?2 AND (?3 IS NULL OR q.stands <> ?3) ORDER BY q.id LIMIT ?4"

bool question_list(struct store *s, struct arena *a, const struct question_filter *f, size_t max,
                   const struct question **ret, size_t *ret_n, struct err *err)
{
    struct question *all = ARENA_ARRAY(a, struct question, max);
    struct store_query *q = NULL;
    bool row = false, ok;
    size_t n = 0;

    if (!all)
        return err_fail(err, ERR_NOMEM, "questions");
    ok = store_prepare(s,
                       f->subject ? "SELECT " COLUMNS
                                    " FROM question q WHERE q.key BETWEEN ?6 AND ?7"
                                    " AND q.subject = ?5 AND" FILTER
                                  : "SELECT " COLUMNS " FROM question q WHERE" FILTER,
                       &q, err) &&
         store_bind_u64(q, 1, f->after, err) && store_bind_u64(q, 2, f->since, err) &&
         (f->not_stands ? store_bind_blob(q, 3, bytes_of(f->not_stands), err)
                        : store_bind_null(q, 3, err)) &&
         store_bind_u64(q, 4, max, err) && (!f->subject || bind_subject(q, f->subject, err));
    while (ok && n < max && (ok = store_step(q, &row, err)) && row)
        ok = row_of(q, a, &all[n++], err);
    store_finish(q);
    *ret = all;
    *ret_n = n;
    return ok;
}

static bool number(struct store *s, const char *sql, uint64_t *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false;
    bool ok = store_prepare(s, sql, &q, err) && store_step(q, &row, err);

    *ret = ok && row ? store_u64(q, 0) : 0;
    store_finish(q);
    return ok;
}

#define CHANGES_LAST "SELECT seq FROM sqlite_sequence WHERE name = 'question_change'"

bool question_totals(struct store *s, struct question_totals *ret, struct err *err)
{
    return number(s, "SELECT count(*) FROM question", &ret->questions, err) &&
           number(s, "SELECT count(*) FROM question WHERE is_name", &ret->names, err) &&
           number(s, CHANGES_LAST, &ret->changes_last, err);
}

static bool change_of(struct store_query *q, struct arena *a, struct question_change *ret,
                      struct err *err)
{
    int at = COLUMNS_N;

    ret->id = store_u64(q, at);
    ret->at = store_u64(q, at + 1);
    ret->again = store_u64(q, at + 2) != 0;
    ret->difference.matches = store_u64(q, at + 11);
    ret->from.reasons = ret->to.reasons = "";
    return row_of(q, a, &ret->question, err) && decided(q, at + 3, &ret->from, err) &&
           text_of(q, at + 5, a, &ret->from.rule, err) && decided(q, at + 6, &ret->to, err) &&
           text_of(q, at + 8, a, &ret->to.rule, err) &&
           text_of(q, at + 9, a, &ret->difference.added, err) &&
           text_of(q, at + 10, a, &ret->difference.removed, err);
}

bool question_changes(struct store *s, struct arena *a, uint64_t after, size_t max,
                      const struct question_change **ret, size_t *ret_n, struct err *err)
{
    struct question_change *all = ARENA_ARRAY(a, struct question_change, max);
    struct store_query *q = NULL;
    bool row = false, ok;
    size_t n = 0;

    if (!all)
        return err_fail(err, ERR_NOMEM, "changes");
    ok = store_prepare(s,
                       "SELECT " COLUMNS ", c.id, c.at, c.again, c.from_decision, c.from_by,"
                       " c.from_rule, c.to_decision, c.to_by, c.to_rule, c.added, c.removed,"
                       " c.matches FROM question_change c JOIN question q ON q.id = c.question"
                       " WHERE c.id > ? ORDER BY c.id LIMIT ?",
                       &q, err) &&
         store_bind_u64(q, 1, after, err) && store_bind_u64(q, 2, max, err);
    while (ok && n < max && (ok = store_step(q, &row, err)) && row)
        ok = change_of(q, a, &all[n++], err);
    store_finish(q);
    *ret = all;
    *ret_n = n;
    return ok;
}

/* ---- writing ---- */

bool question_writer_new(struct store *s, struct question_writer **ret, struct err *err)
{
    struct question_writer *w = mem_zero(sizeof(*w));
    uint64_t kib, pages;

    if (!w)
        return err_fail(err, ERR_NOMEM, "questions");
    w->store = s;
    if (number(s, "PRAGMA cache_size = -" CACHE_KIB, &kib, err) &&
        number(s, "PRAGMA wal_autocheckpoint = " WAL_PAGES, &pages, err) &&
        store_prepare(s, "SELECT " COLUMNS ", q.day FROM question q WHERE q.key = ?", &w->find,
                      err) &&
        store_prepare(s,
                      "INSERT INTO question (key, is_name, subject, form, ref, first, last, times,"
                      " checked, decision, decided_by, rule, reasons, stands, day)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                      &w->insert, err) &&
        store_prepare(s,
                      "UPDATE question SET form = ?2, ref = ?3, last = max(last, ?4),"
                      " times = times + 1, checked = max(checked, ?4), decision = ?5,"
                      " decided_by = ?6, rule = ?7, reasons = ?8, stands = ?9,"
                      " day = max(day, ?10) WHERE id = ?1",
                      &w->asked, err) &&
        store_prepare(s,
                      "UPDATE question SET last = max(last, ?2), times = times + 1,"
                      " checked = max(checked, ?2) WHERE id = ?1",
                      &w->same, err) &&
        store_prepare(s,
                      "UPDATE question SET checked = ?4, decision = ?5, decided_by = ?6, rule = ?7,"
                      " reasons = ?8, stands = ?9 WHERE id = ?1 AND stands = ?2 AND times = ?3",
                      &w->answered, err) &&
        store_prepare(s,
                      "INSERT INTO question_change (question, at, again, from_decision, from_by,"
                      " from_rule, to_decision, to_by, to_rule, added, removed, matches)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      &w->change, err)) {
        *ret = w;
        return true;
    }
    question_writer_free(w);
    return false;
}

struct question_writer *question_writer_free(struct question_writer *w)
{
    if (w) {
        store_finish(w->find);
        store_finish(w->insert);
        store_finish(w->asked);
        store_finish(w->same);
        store_finish(w->answered);
        store_finish(w->change);
        mem_free(w);
    }
    return NULL;
}

static bool bind_outcome(struct store_query *q, int at, const struct question_outcome *o,
                         struct err *err)
{
    return store_bind_u64(q, at, o->decision, err) && store_bind_u64(q, at + 1, o->by, err) &&
           store_lend_text(q, at + 2, o->rule, err) &&
           store_lend_text(q, at + 3, o->reasons, err) &&
           store_lend_blob(q, at + 4, bytes_of(&o->stands), err);
}

static bool run(struct store_query *q, struct err *err)
{
    bool ok = store_step(q, NULL, err);

    store_reset(q);
    return ok;
}

static bool change_put(struct question_writer *w, const struct question *q,
                       const struct question_outcome *to, uint64_t now, bool again,
                       const struct question_difference *d, struct err *err)
{
    struct store_query *c = w->change;

    return store_bind_u64(c, 1, q->id, err) && store_bind_u64(c, 2, now, err) &&
           store_bind_u64(c, 3, again, err) && store_bind_u64(c, 4, q->outcome.decision, err) &&
           store_bind_u64(c, 5, q->outcome.by, err) &&
           store_lend_text(c, 6, q->outcome.rule, err) && store_bind_u64(c, 7, to->decision, err) &&
           store_bind_u64(c, 8, to->by, err) && store_lend_text(c, 9, to->rule, err) &&
           store_lend_text(c, 10, d->added, err) && store_lend_text(c, 11, d->removed, err) &&
           store_bind_u64(c, 12, d->matches, err) && run(c, err);
}

static bool insert(struct question_writer *w, const struct question_asked *x, struct err *err)
{
    struct store_query *q = w->insert;

    return store_lend_blob(q, 1, key_of(x), err) && store_bind_u64(q, 2, x->is_name, err) &&
           store_lend_text(q, 3, x->subject, err) && store_lend_text(q, 4, x->form, err) &&
           store_lend_text(q, 5, x->ref ? x->ref : "", err) && store_bind_u64(q, 6, x->at, err) &&
           bind_outcome(q, 7, &x->outcome, err) && store_bind_u64(q, 12, x->at / DAY_S, err) &&
           run(q, err);
}

static bool text_is(struct store_query *q, int column, const char *text)
{
    size_t n = store_text_n(q, column);

    return strlen(text) == n && !memcmp(store_text(q, column), text, n);
}

/* As most are that were asked before: all is as in the row that w->find is at, and the day. */
static bool is_same(struct store_query *q, const struct question_asked *x)
{
    struct bytes stands = store_blob(q, 13);

    return text_is(q, 3, x->form) && (!x->ref || text_is(q, 4, x->ref)) &&
           store_u64(q, 9) == x->outcome.decision && store_u64(q, 10) == x->outcome.by &&
           text_is(q, 11, x->outcome.rule) && text_is(q, 12, x->outcome.reasons) &&
           stands.n == sizeof(x->outcome.stands.b) &&
           !memcmp(stands.p, x->outcome.stands.b, stands.n) && store_u64(q, 14) == x->at / DAY_S;
}

static bool same_again(struct question_writer *w, uint64_t id, uint64_t at, struct err *err)
{
    return store_bind_u64(w->same, 1, id, err) && store_bind_u64(w->same, 2, at, err) &&
           run(w->same, err);
}

bool question_keep(struct question_writer *w, struct arena *a, const struct question_asked *x,
                   struct err *err)
{
    struct question_difference d;
    struct question before = {.id = 0};
    bool there = false, same, ok;

    ok = store_lend_blob(w->find, 1, key_of(x), err) && store_step(w->find, &there, err);
    same = ok && there && is_same(w->find, x);
    if (same)
        before.id = store_u64(w->find, 0);
    else
        ok = ok && (!there || row_of(w->find, a, &before, err));
    store_reset(w->find);
    if (same)
        return same_again(w, before.id, x->at, err);
    if (!ok || !there)
        return ok && insert(w, x, err);
    if (question_differs(&before.outcome, &x->outcome) &&
        (!question_difference(a, before.outcome.reasons, x->outcome.reasons, &d, err) ||
         !change_put(w, &before, &x->outcome, x->at, false, &d, err)))
        return false;
    return store_bind_u64(w->asked, 1, before.id, err) &&
           store_lend_text(w->asked, 2, x->form, err) &&
           store_lend_text(w->asked, 3, x->ref ? x->ref : before.ref, err) &&
           store_bind_u64(w->asked, 4, x->at, err) && bind_outcome(w->asked, 5, &x->outcome, err) &&
           store_bind_u64(w->asked, 10, x->at / DAY_S, err) && run(w->asked, err);
}

bool question_answered(struct question_writer *w, const struct question *q,
                       const struct question_outcome *to, const struct question_difference *d,
                       uint64_t now, uint64_t *ret_change, struct err *err)
{
    struct store_query *u = w->answered;

    *ret_change = 0;
    if (!store_bind_u64(u, 1, q->id, err) ||
        !store_bind_blob(u, 2, bytes_of(&q->outcome.stands), err) ||
        !store_bind_u64(u, 3, q->times, err) || !store_bind_u64(u, 4, now, err) ||
        !bind_outcome(u, 5, to, err) || !run(u, err))
        return false;
    if (!d || store_changed(w->store) != 1)
        return true;
    if (!change_put(w, q, to, now, true, d, err))
        return false;
    *ret_change = store_last_id(w->store);
    return true;
}

/* ---- forgetting ---- */

/* *ret_n of at most FORGET_ROWS. */
static bool forget_some(struct store *s, uint64_t before, uint64_t *ret_n, struct err *err)
{
    static const char *const sql[] = {"DELETE FROM question_change WHERE question IN"
                                      " (SELECT id FROM question WHERE day <= ?1 / 86400 AND last "
                                      "< ?1 ORDER BY day, id LIMIT ?2)",
                                      "DELETE FROM question WHERE id IN"
                                      " (SELECT id FROM question WHERE day <= ?1 / 86400 AND last "
                                      "< ?1 ORDER BY day, id LIMIT ?2)"};

    for (size_t i = 0; i < 2; i++) {
        struct store_query *q = NULL;
        bool ok = store_prepare(s, sql[i], &q, err) && store_bind_u64(q, 1, before, err) &&
                  store_bind_u64(q, 2, FORGET_ROWS, err) && store_step(q, NULL, err);

        store_finish(q);
        if (!ok)
            return false;
    }
    *ret_n = store_changed(s);
    return true;
}

bool question_forget(struct store *s, uint64_t before, uint64_t *ret_n, struct err *err)
{
    uint64_t some = FORGET_ROWS, on;

    if (!number(s, "PRAGMA secure_delete = ON", &on, err)) /* nothing is left in free pages */
        return false;
    for (*ret_n = 0; some == FORGET_ROWS; *ret_n += some)
        if (!store_begin(s, err) || !forget_some(s, before, &some, err) || !store_commit(s, err)) {
            store_rollback(s);
            return false;
        }
    return true;
}

/* ---- runs ---- */

bool question_run_begin(struct store *s, uint64_t *ret_changes_after, bool *ret_resumed,
                        struct err *err)
{
    bool ok =
        store_begin(s, err) &&
        store_run(s,
                  "INSERT OR IGNORE INTO question_run VALUES (1, coalesce((" CHANGES_LAST "), 0))",
                  err);

    *ret_resumed = ok && !store_changed(s);
    ok = ok &&
         number(s, "SELECT changes_after FROM question_run WHERE id = 1", ret_changes_after, err) &&
         store_commit(s, err);
    if (!ok)
        store_rollback(s);
    return ok;
}

bool question_run_end(struct store *s, struct err *err)
{
    if (store_begin(s, err) && store_run(s, "DELETE FROM question_run", err) &&
        store_commit(s, err))
        return true;
    store_rollback(s);
    return false;
}

/* ---- JSON ---- */

static void head_json(struct json_out *j, const struct question *q)
{
    json_put_number(j, "question", q->id);
    json_key(j, "asked");
    json_raw(j, q->form, strlen(q->form));
    if (*q->ref)
        json_put_string(j, "ref", q->ref);
}

static void outcome_json(struct json_out *j, const struct question_outcome *o)
{
    json_put_string(j, "decision", screen_decision_name(o->decision));
    json_put_string(j, "decided_by", verdict_by_name(o->by));
    if (*o->rule)
        json_put_string(j, "rule", o->rule);
}

void question_json(struct json_out *j, const struct question *q)
{
    json_object(j);
    head_json(j, q);
    json_put_number(j, "first", q->first);
    json_put_number(j, "last", q->last);
    json_put_number(j, "times", q->times);
    json_put_number(j, "checked", q->checked);
    outcome_json(j, &q->outcome);
    json_key(j, "reasons");
    question_reasons_json(j, q->outcome.reasons);
    json_put_hex(j, "stands_on", q->outcome.stands.b, sizeof(q->outcome.stands.b));
    json_object_end(j);
}

void question_brief_json(struct json_out *j, const struct question *q, const char *error)
{
    json_object(j);
    head_json(j, q);
    outcome_json(j, &q->outcome);
    if (error)
        json_put_string(j, "error", error);
    json_object_end(j);
}

void question_change_json(struct json_out *j, const struct question_change *c)
{
    json_object(j);
    if (c->id)
        json_put_number(j, "change", c->id);
    json_put_number(j, "at", c->at);
    json_put_string(j, "by", c->again ? "asked again" : "asked");
    head_json(j, &c->question);
    json_key(j, "from");
    json_object(j);
    outcome_json(j, &c->from);
    json_object_end(j);
    json_key(j, "to");
    json_object(j);
    outcome_json(j, &c->to);
    json_object_end(j);
    json_key(j, "added");
    question_reasons_json(j, c->difference.added);
    json_key(j, "removed");
    question_reasons_json(j, c->difference.removed);
    json_put_number(j, "new_potential_matches", c->difference.matches);
    json_object_end(j);
}
