#include "serve/outbox.h"

#include <string.h>

/* The first of a line is due when it says so; those behind it never, until they are the first. */
static const char *const steps[] = {
    "CREATE TABLE outbox_message (number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, severity INTEGER NOT NULL, ms INTEGER NOT NULL,"
    " core INTEGER NOT NULL, body TEXT NOT NULL, open TEXT, addressees TEXT, subject TEXT,"
    " mail TEXT);"
    "CREATE TABLE outbox_send (send INTEGER PRIMARY KEY, message INTEGER NOT NULL,"
    " channel TEXT NOT NULL, line TEXT NOT NULL, due INTEGER NOT NULL, tries INTEGER NOT NULL,"
    " why TEXT);"
    "CREATE INDEX outbox_send_due ON outbox_send (channel, due, send);"
    "CREATE INDEX outbox_send_line ON outbox_send (channel, line, send);"
    "CREATE INDEX outbox_send_message ON outbox_send (message);"
    "CREATE TABLE outbox_told (thing BLOB NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL,"
    " ms INTEGER NOT NULL, state TEXT NOT NULL) WITHOUT ROWID",
};
const struct store_schema outbox_schema = {"outbox", steps, sizeof(steps) / sizeof(steps[0])};

static const char *const severities[] = {"info", "warning", "critical"};

const char *severity_name(enum severity s)
{
    return severities[s];
}

int severity_from_name(const char *name)
{
    for (int i = SEVERITY_INFO; i <= SEVERITY_CRITICAL; i++)
        if (!strcmp(severities[i], name))
            return i;
    return -1;
}

/* ---- put ---- */

static bool message_insert(struct store *s, const struct outbox_message *m, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s,
                            "INSERT INTO outbox_message (id, kind, severity, ms, core, body, open,"
                            " addressees, subject, mail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                            " ON CONFLICT (id) DO NOTHING",
                            &q, err) &&
              store_bind_text(q, 1, m->id, err) && store_bind_text(q, 2, m->kind, err) &&
              store_bind_u64(q, 3, m->severity, err) && store_bind_u64(q, 4, m->ms, err) &&
              store_bind_u64(q, 5, m->core, err) && store_bind_text(q, 6, m->body, err) &&
              store_bind_text(q, 7, m->open, err) && store_bind_text(q, 8, m->to, err) &&
              store_bind_text(q, 9, m->subject, err) && store_bind_text(q, 10, m->text, err) &&
              store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

bool outbox_put(struct store *s, const struct outbox_message *m, uint64_t *ret_number,
                bool *ret_new, struct err *err)
{
    if (!message_insert(s, m, err))
        return false;
    *ret_new = store_changed(s) > 0;
    *ret_number = store_last_id(s);
    return true;
}

bool outbox_n(struct store *s, uint64_t *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row, ok = store_prepare(s, "SELECT count(*) FROM outbox_send", &q, err) &&
                   store_step(q, &row, err);

    *ret = ok ? store_u64(q, 0) : 0;
    store_finish(q);
    return ok;
}

bool outbox_send(struct store *s, uint64_t number, const char *channel, const char *line,
                 struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s,
                            "INSERT INTO outbox_send (message, channel, line, due, tries)"
                            " SELECT ?1, ?2, ?3, CASE WHEN EXISTS (SELECT 1 FROM outbox_send WHERE"
                            " channel = ?2 AND line = ?3) THEN ?4 ELSE 0 END, 0",
                            &q, err) &&
              store_bind_u64(q, 1, number, err) && store_bind_text(q, 2, channel, err) &&
              store_bind_text(q, 3, line, err) && store_bind_u64(q, 4, OUTBOX_NEVER, err) &&
              store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

/* ---- read ---- */

#define MESSAGE                                                                                    \
    "m.number, m.id, m.kind, m.severity, m.ms, m.core, m.body, m.open, m.addressees, m.subject, "  \
    "m.mail"

static bool message_of(struct arena *a, struct store_query *q, struct outbox_message *ret,
                       struct err *err)
{
    uint64_t severity = store_u64(q, 3);
    bool ok = true;

    *ret = (struct outbox_message){
        .number = store_u64(q, 0),
        .id = store_text_or_null(q, 1, a, &ok),
        .kind = store_text_or_null(q, 2, a, &ok),
        .severity = severity < SEVERITY_CRITICAL ? (enum severity)severity : SEVERITY_CRITICAL,
        .ms = store_u64(q, 4),
        .core = store_u64(q, 5),
        .body = store_text_or_null(q, 6, a, &ok),
        .open = store_text_or_null(q, 7, a, &ok),
        .to = store_text_or_null(q, 8, a, &ok),
        .subject = store_text_or_null(q, 9, a, &ok),
        .text = store_text_or_null(q, 10, a, &ok)};
    return ok || err_fail(err, ERR_NOMEM, "a message");
}

#define DUE                                                                                        \
    "SELECT " MESSAGE ", s.send, s.line, s.tries FROM outbox_send AS s"                            \
    " JOIN outbox_message AS m ON m.number = s.message "

static bool due_of(struct arena *a, struct store_query *q, struct outbox_due *d, struct err *err)
{
    bool ok = true;

    d->send = store_u64(q, 11);
    d->tries = store_u64(q, 13);
    d->line = store_text_or_null(q, 12, a, &ok);
    return (ok || err_fail(err, ERR_NOMEM, "a message")) && message_of(a, q, &d->message, err);
}

bool outbox_due(struct store *s, struct arena *a, const char *channel, uint64_t now_ms,
                struct outbox_due *ret, size_t max, size_t *ret_n, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false, ok;

    *ret_n = 0;
    ok = store_prepare(s, DUE "WHERE s.channel = ? AND s.due <= ? ORDER BY s.due, s.send LIMIT ?",
                       &q, err) &&
         store_bind_text(q, 1, channel, err) && store_bind_u64(q, 2, now_ms, err) &&
         store_bind_u64(q, 3, max, err);
    while (ok && (ok = store_step(q, &row, err)) && row)
        ok = due_of(a, q, &ret[(*ret_n)++], err);
    store_finish(q);
    return ok;
}

bool outbox_find(struct store *s, struct arena *a, uint64_t send, struct outbox_due *ret,
                 bool *ret_there, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s, DUE "WHERE s.send = ?", &q, err) &&
              store_bind_u64(q, 1, send, err) && store_step(q, ret_there, err) &&
              (!*ret_there || due_of(a, q, ret, err));

    store_finish(q);
    return ok;
}

bool outbox_waiting(struct store *s, struct arena *a, const char *channel,
                    struct outbox_waiting *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row, ok = store_prepare(s,
                                 "SELECT count(*), min(m.ms), (SELECT why FROM outbox_send WHERE"
                                 " channel = ?1 AND why IS NOT NULL ORDER BY due DESC LIMIT 1)"
                                 " FROM outbox_send AS s JOIN outbox_message AS m"
                                 " ON m.number = s.message WHERE s.channel = ?1",
                                 &q, err) &&
                   store_bind_text(q, 1, channel, err) && store_step(q, &row, err);
    bool had = true;

    if (ok)
        *ret = (struct outbox_waiting){store_u64(q, 0), store_u64(q, 1),
                                       store_text_or_null(q, 2, a, &had)};
    store_finish(q);
    return ok && (had || err_fail(err, ERR_NOMEM, "a channel"));
}

bool outbox_after(struct store *s, struct arena *a, uint64_t number, struct outbox_message *ret,
                  size_t max, size_t *ret_n, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false, ok;

    *ret_n = 0;
    ok = store_prepare(s,
                       "SELECT " MESSAGE " FROM outbox_message AS m WHERE m.number > ?"
                       " AND NOT m.core ORDER BY m.number LIMIT ?",
                       &q, err) &&
         store_bind_u64(q, 1, number, err) && store_bind_u64(q, 2, max, err);
    while (ok && (ok = store_step(q, &row, err)) && row)
        ok = message_of(a, q, &ret[(*ret_n)++], err);
    store_finish(q);
    return ok;
}

bool outbox_last(struct store *s, uint64_t *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row, ok = store_prepare(s, "SELECT max(number) FROM outbox_message", &q, err) &&
                   store_step(q, &row, err);

    *ret = ok ? store_u64(q, 0) : 0;
    store_finish(q);
    return ok;
}

/* ---- sent ---- */

/* Runs a statement whose first parameter is a number. */
static bool run_of(struct store *s, const char *sql, uint64_t number, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s, sql, &q, err) && store_bind_u64(q, 1, number, err) &&
              store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

bool outbox_done(struct store *s, uint64_t send, struct err *err)
{
    return run_of(s,
                  "UPDATE outbox_send SET due = 0 WHERE send = (SELECT min(n.send) FROM"
                  " outbox_send AS n JOIN outbox_send AS d ON d.channel = n.channel AND"
                  " d.line = n.line WHERE d.send = ?1 AND n.send > ?1)",
                  send, err) &&
           run_of(s, "DELETE FROM outbox_send WHERE send = ?", send, err);
}

bool outbox_again(struct store *s, uint64_t send, uint64_t due_ms, const char *why, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(
                  s, "UPDATE outbox_send SET due = ?, tries = tries + 1, why = ? WHERE send = ?",
                  &q, err) &&
              store_bind_u64(q, 1, due_ms, err) && store_bind_text(q, 2, why, err) &&
              store_bind_u64(q, 3, send, err) && store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

bool outbox_purge(struct store *s, struct err *err)
{
    return run_of(s,
                  "DELETE FROM outbox_message WHERE number <= (SELECT max(number) FROM"
                  " outbox_message) - ? AND NOT EXISTS (SELECT 1 FROM outbox_send WHERE"
                  " message = number)",
                  OUTBOX_MESSAGES_MAX, err);
}

/* ---- what was told ---- */

bool outbox_told_put(struct store *s, const struct outbox_told *t, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(
                  s, "REPLACE INTO outbox_told (thing, sequence, ms, state) VALUES (?, ?, ?, ?)",
                  &q, err) &&
              store_bind_blob(q, 1, (struct bytes){t->thing.b, sizeof(t->thing.b)}, err) &&
              store_bind_u64(q, 2, t->sequence, err) && store_bind_u64(q, 3, t->ms, err) &&
              store_bind_text(q, 4, t->state, err) && store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

bool outbox_told_each(struct store *s, bool (*f)(void *ctx, const struct outbox_told *t), void *ctx,
                      struct err *err)
{
    struct store_query *q = NULL;
    bool row = false,
         ok = store_prepare(s, "SELECT thing, sequence, ms, state FROM outbox_told", &q, err);

    while (ok && (ok = store_step(q, &row, err)) && row) {
        struct outbox_told t = {
            .sequence = store_u64(q, 1), .ms = store_u64(q, 2), .state = store_text(q, 3)};
        struct bytes thing = store_blob(q, 0);

        if (thing.n != sizeof(t.thing.b)) {
            ok = err_fail(err, ERR_CORRUPT, "what was told: no name of a thing");
            break;
        }
        memcpy(t.thing.b, thing.p, thing.n);
        ok = f(ctx, &t) || err_fail(err, ERR_NOMEM, "what was told");
    }
    store_finish(q);
    return ok;
}
