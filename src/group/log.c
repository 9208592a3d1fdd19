#include "group/log_parts.h"

#include "base/folder.h"
#include "base/mem.h"
#include "base/pool.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define ROWS_BATCH 4096 /* folded before what they say of each other is settled */
#define ROW_BYTES_MAX (4 * EVENT_LINE_BYTES_MAX + ((size_t)64 << 20)) /* scratch of one event */

static const char *const schema_steps[] = {
    "CREATE TABLE group_meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE group_event (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE,"
    " event BLOB NOT NULL, signature BLOB NOT NULL, link BLOB NOT NULL, body BLOB);"
    "CREATE TABLE group_key (object TEXT NOT NULL, retention TEXT NOT NULL, key BLOB,"
    " PRIMARY KEY (object, retention)) WITHOUT ROWID;"
    "CREATE TABLE group_apart (hash BLOB PRIMARY KEY, reason TEXT NOT NULL, line BLOB NOT NULL)"
    " WITHOUT ROWID",
    "CREATE TABLE receipt (id INTEGER PRIMARY KEY, member TEXT NOT NULL, receipt BLOB NOT NULL);"
    "CREATE TABLE receipt_head (member TEXT NOT NULL, author TEXT NOT NULL, stream BLOB NOT NULL,"
    " seq INTEGER NOT NULL, event BLOB NOT NULL, ms INTEGER NOT NULL, receipt INTEGER NOT NULL,"
    " PRIMARY KEY (member, author, stream, seq)) WITHOUT ROWID",
    "PRAGMA secure_delete = ON; UPDATE group_apart SET line = x''",
};
static const struct store_schema schema = {"group", schema_steps, 3};

/* ---- statements ---- */

static const char *const statements[LOG_STATEMENTS_N] = {
    [LOG_ROW_PUT] = "INSERT INTO group_event (id, hash, event, signature, link) VALUES (?,?,?,?,?)",
    [LOG_BODY_OF] = "SELECT body FROM group_event WHERE hash = ?",
    [LOG_BODY_PUT] = "UPDATE group_event SET body = ? WHERE hash = ?",
    [LOG_KEY_OF] = "SELECT key FROM group_key WHERE object = ? AND retention = ?",
    [LOG_KEY_PUT] = "INSERT INTO group_key VALUES (?, ?, ?)",
};

bool log_query(struct group_log *l, enum log_statement which, struct store_query **ret,
               struct err *err)
{
    if (!l->statements[which] &&
        !store_prepare(l->store, statements[which], &l->statements[which], err))
        return false;
    *ret = l->statements[which];
    return true;
}

void log_query_end(struct store_query *q)
{
    if (q)
        store_reset(q);
}

/* ---- what is kept by name ---- */

static bool meta_get(struct group_log *l, const char *name, uint8_t *ret, size_t n, bool *ret_there,
                     struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(l->store, "SELECT value FROM group_meta WHERE name = ?", &q, err) &&
              store_bind_text(q, 1, name, err) && store_step(q, ret_there, err);

    if (ok && *ret_there) {
        struct bytes value = store_blob(q, 0);

        if (value.n == n)
            memcpy(ret, value.p, n);
        else
            ok = err_fail(err, ERR_CORRUPT, "\"%s\": %s", store_path(l->store), name);
    }
    store_finish(q);
    return ok;
}

static bool meta_put(struct group_log *l, const char *name, const uint8_t *p, size_t n,
                     struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(l->store, "INSERT OR REPLACE INTO group_meta VALUES (?, ?)", &q, err) &&
              store_bind_text(q, 1, name, err) &&
              store_bind_blob(q, 2, (struct bytes){p, n}, err) && store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

/* ---- opening: all rows go through the fold ---- */

static struct hash32 link_next(const struct hash32 *link, const struct hash32 *id)
{
    struct hash32 both[2] = {*link, *id};

    return sha256(both, sizeof(both));
}

/* A row's event, checked against its hash and link, which it moves on. */
static bool row_read(struct group_log *l, struct arena *a, struct store_query *q, struct event *ret,
                     struct err *err)
{
    struct bytes hash = store_blob(q, 1), signature = store_blob(q, 3), link = store_blob(q, 4);

    if (store_u64(q, 0) != l->rows + 1)
        return err_fail(err, ERR_CORRUPT, "row %llu is missing", (unsigned long long)l->rows + 1);
    if (!event_read(a, store_blob(q, 2), &l->group, ret, err)) {
        if (err->class == ERR_INPUT)
            err->class = ERR_CORRUPT;
        return err_in(err, "row %llu", (unsigned long long)l->rows + 1);
    }
    l->rows++;
    l->link = link_next(&l->link, &ret->id);
    if (hash.n != 32 || memcmp(hash.p, ret->id.b, 32) || signature.n != sizeof(ret->signature.b) ||
        link.n != 32 || memcmp(link.p, l->link.b, 32))
        return err_fail(err, ERR_CORRUPT, "row %llu is not as it was written, or not in its place",
                        (unsigned long long)l->rows);
    memcpy(ret->signature.b, signature.p, signature.n);
    return true;
}

static bool row_fold(struct group_log *l, struct arena *a, struct store_query *q, struct err *err)
{
    uint64_t uses = 1 + store_blob(q, 5).n / LOG_SHARE_BYTES;
    struct bytes charter = {NULL, 0};
    enum body_state state;
    struct salt32 salt;
    struct event e;
    bool is_new;

    if (!row_read(l, a, q, &e, err))
        return false;
    if (e.ms > l->until_ms)
        return true;
    if (!strcmp(e.type, "charter.propose") &&
        !body_open(l, a, &e, store_blob(q, 5), &state, &salt, &charter, err))
        return err_in(err, "row %llu", (unsigned long long)l->rows);
    return fold_add(l->fold, &e, charter, &is_new, err) &&
           (!log_share_owns(l->fold, &e) || log_share_use(l, e.author, uses, err));
}

/* Those behind the last one that was folded. */
static bool rows_fold(struct group_log *l, struct err *err)
{
    struct store_query *q = NULL;
    bool row = true,
         ok = store_prepare(l->store,
                            "SELECT id, hash, event, signature, link, body FROM group_event "
                            "WHERE id > ? ORDER BY id",
                            &q, err) &&
              store_bind_u64(q, 1, l->rows, err);

    while (ok && (ok = store_step(q, &row, err)) && row) {
        struct arena *a = arena_new(NULL, ROW_BYTES_MAX);

        if (l->rows % ROWS_BATCH == 0)
            fold_batch(l->fold);
        ok = a ? row_fold(l, a, q, err) : err_fail(err, ERR_NOMEM, "events");
        ok = ok && (l->rows % ROWS_BATCH || fold_settle(l->fold, err));
        arena_free(a);
    }
    store_finish(q);
    return ok || err_in(err, "\"%s\"", store_path(l->store));
}

static bool fold_start(struct group_log *l, struct err *err)
{
    uint64_t seed;

    l->random->fill(l->random->ctx, &seed, sizeof(seed));
    l->fold = fold_new(&l->group, LOG_FOLD_BYTES_MAX, seed);
    return l->fold || err_fail(err, ERR_NOMEM, "events");
}

/* The group, once the home is of one, and what the fold lacks. */
static bool rows_read(struct group_log *l, struct err *err)
{
    bool there = l->fold != NULL;

    if (!there && !meta_get(l, "group", l->group.b, sizeof(l->group.b), &there, err))
        return false;
    return !there || ((l->fold || fold_start(l, err)) && rows_fold(l, err) &&
                      log_checkpoints_fold(l, err) && fold_settle(l->fold, err));
}

enum log_use { LOG_READS, LOG_WRITES, LOG_KEEPS };

/* Hashes come in no order, so a page of events touches most pages of their index: 70 MB of 10^6. */
#define CACHE_SQL "PRAGMA cache_size = -131072;"

static bool transaction_begin(struct group_log *l, enum log_use use, struct err *err)
{
    switch (use) {
    case LOG_READS:
        return store_begin_read(l->store, err);
    case LOG_WRITES:
        return store_run(l->store, CACHE_SQL "PRAGMA secure_delete = ON", err) &&
               store_begin(l->store, err);
    case LOG_KEEPS:
        return store_run(l->store, CACHE_SQL "PRAGMA secure_delete = ON", err) &&
               store_begin_read(l->store, err);
    }
    return false;
}

static bool open_store(struct group_log *l, const char *path, enum log_use use, struct err *err)
{
    static const struct store_schema *const schemas[] = {&schema, &log_checkpoint_schema};

    l->writing = use == LOG_WRITES;
    if (!store_open(path, use == LOG_READS ? STORE_READ : STORE_WRITE, schemas, 2, &l->store,
                    err) ||
        !transaction_begin(l, use, err) ||
        !store_key(l->keys_folder, l->writing ? l->random : NULL, l->key, err) ||
        !rows_read(l, err))
        return false;
    if (use == LOG_KEEPS)
        store_end_read(l->store);
    return true;
}

static bool log_open(const char *home, enum log_use use, uint64_t until_ms,
                     const struct group_random *random, struct group_log **ret, struct err *err)
{
    struct group_log *l = mem_zero(sizeof(*l));
    char path[PATH_MAX];

    if (!l)
        return err_fail(err, ERR_NOMEM, "a log");
    l->random = random;
    l->until_ms = until_ms;
    pthread_mutex_init(&l->reading, NULL);
    if (sodium_init() < 0) {
        err_set(err, ERR_SYSTEM, "libsodium cannot start");
    } else if (snprintf(path, sizeof(path), "%s/" LOG_FILE, home) >= (int)sizeof(path) ||
               snprintf(l->keys_folder, sizeof(l->keys_folder), "%s/" KEYS_FOLDER, home) >=
                   (int)sizeof(l->keys_folder)) {
        err_set(err, ERR_SYSTEM, "\"%s\": too long a name", home);
    } else if (use == LOG_KEEPS && access(path, F_OK)) {
        err_set(err, ERR_NOT_FOUND, "\"%s\" is not there", path);
    } else if ((use != LOG_WRITES || folder_make(home, 0700, err)) &&
               open_store(l, path, use, err)) {
        *ret = l;
        return true;
    }
    group_log_close(l);
    return false;
}

bool group_log_open(const char *home, enum store_mode mode, const struct group_random *random,
                    struct group_log **ret, struct err *err)
{
    return log_open(home, mode == STORE_WRITE ? LOG_WRITES : LOG_READS, UINT64_MAX, random, ret,
                    err);
}

bool group_log_open_until(const char *home, uint64_t until_ms, const struct group_random *random,
                          struct group_log **ret, struct err *err)
{
    return log_open(home, LOG_READS, until_ms, random, ret, err);
}

bool group_log_keep(const char *home, const struct group_random *random, struct group_log **ret,
                    struct err *err)
{
    return log_open(home, LOG_KEEPS, UINT64_MAX, random, ret, err);
}

/* The file is still the one whose rows were folded. */
static bool last_row_is_ours(struct group_log *l, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false;
    bool ok = store_prepare(l->store, "SELECT link FROM group_event WHERE id = ?", &q, err) &&
              store_bind_u64(q, 1, l->rows, err) && store_step(q, &row, err);

    if (ok && l->rows &&
        (!row || store_blob(q, 0).n != 32 || memcmp(store_blob(q, 0).p, l->link.b, 32) != 0))
        ok = err_fail(err, ERR_CORRUPT, "\"%s\": row %llu is not the one that was there",
                      store_path(l->store), (unsigned long long)l->rows);
    store_finish(q);
    return ok;
}

bool group_log_refresh(struct group_log *l, struct err *err)
{
    return last_row_is_ours(l, err) && rows_read(l, err);
}

bool group_log_begin(struct group_log *l, struct err *err)
{
    if (!store_begin(l->store, err))
        return false;
    l->writing = true;
    if (!group_log_refresh(l, err))
        return false;
    l->committed = l->rows;
    l->notes_committed = l->notes;
    return true;
}

bool group_log_cancel(struct group_log *l, const struct err *why)
{
    store_rollback(l->store);
    l->writing = false;
    return (why->class == ERR_INPUT || why->class == ERR_NOT_FOUND) && l->rows == l->committed &&
           l->notes == l->notes_committed && (!l->fold || fold_events_n(l->fold) == l->rows);
}

uint64_t group_log_rows(const struct group_log *l)
{
    return l->rows;
}

uint64_t group_log_notes_last(const struct group_log *l)
{
    return l->notes;
}

bool group_log_commit(struct group_log *l, struct err *err)
{
    if (l->fold &&
        !fold_settle(l->fold, err)) /* readers, of whom there are many at once, find it so */
        return false;
    l->writing = false;
    return store_commit(l->store, err);
}

struct group_log *group_log_close(struct group_log *l)
{
    if (!l)
        return NULL;
    fold_free(l->fold);
    for (size_t i = 0; i < LOG_STATEMENTS_N; i++)
        store_finish(l->statements[i]);
    if (l->store)
        store_rollback(l->store);
    store_close(l->store);
    mem_free(l->authors);
    sodium_memzero(l->key, sizeof(l->key));
    pthread_mutex_destroy(&l->reading);
    return mem_free(l);
}

const struct fold *group_log_fold(const struct group_log *l)
{
    return l->fold;
}

const struct hash32 *group_log_group(const struct group_log *l)
{
    return l->fold ? &l->group : NULL;
}

bool group_log_join(struct group_log *l, const struct hash32 *group, struct err *err)
{
    if (l->fold)
        return err_fail(err, ERR_INPUT, "this home is of a group already");
    l->group = *group;
    return meta_put(l, "group", group->b, sizeof(group->b), err) && fold_start(l, err);
}

/* ---- a new row ---- */

static bool row_put(struct group_log *l, const struct event *e, struct err *err)
{
    struct hash32 link = link_next(&l->link, &e->id);
    struct store_query *q = NULL;
    bool ok = log_query(l, LOG_ROW_PUT, &q, err) && store_bind_u64(q, 1, l->rows + 1, err) &&
              store_bind_blob(q, 2, (struct bytes){e->id.b, sizeof(e->id.b)}, err) &&
              store_bind_blob(q, 3, e->text, err) &&
              store_bind_blob(q, 4, (struct bytes){e->signature.b, sizeof(e->signature.b)}, err) &&
              store_bind_blob(q, 5, (struct bytes){link.b, sizeof(link.b)}, err) &&
              store_step(q, NULL, err);

    log_query_end(q);
    l->rows += ok;
    if (ok)
        l->link = link;
    return ok;
}

/* A body that was withheld may come later. */
static bool body_wanted(struct group_log *l, const struct event_line *line, bool *ret,
                        struct err *err)
{
    struct store_query *q = NULL;
    bool row = false;
    bool ok = log_query(l, LOG_BODY_OF, &q, err) &&
              store_bind_blob(q, 1, (struct bytes){line->event.id.b, 32}, err) &&
              store_step(q, &row, err);

    *ret = ok && row && store_is_null(q, 0);
    log_query_end(q);
    return ok;
}

/* What it takes of its author's share; where that is used up the event stays without its body. */
static bool share_take(struct group_log *l, const struct event_line *line, bool is_new,
                       bool *wanted, struct err *err)
{
    const char *author = line->event.author;
    uint64_t uses = is_new + (*wanted ? line->body.n / LOG_SHARE_BYTES : 0);

    if (!log_share_owns(l->fold, &line->event))
        return true;
    if (!is_new && *wanted && !log_share_left(l, author, uses, l->now_ms)) {
        *wanted = false;
        return true;
    }
    return log_share_use(l, author, uses, err);
}

bool group_log_take(struct group_log *l, const struct event_line *line, enum group_log_taken *ret,
                    struct err *err)
{
    struct bytes charter = {NULL, 0};
    bool is_new, wanted = line->has_body;

    if (line->has_body && !strcmp(line->event.type, "charter.propose"))
        charter = line->body;
    if (!fold_add(l->fold, &line->event, charter, &is_new, err) ||
        (is_new && !row_put(l, &line->event, err)) ||
        (!is_new && wanted && !body_wanted(l, line, &wanted, err)) ||
        !share_take(l, line, is_new, &wanted, err))
        return false;
    *ret = is_new ? LOG_TAKEN : LOG_DOUBLE;
    return !wanted || body_seal(l, line, err);
}

/* The line itself is not kept: it may have a body in it, whose key could not be destroyed here. */
bool group_log_put_apart(struct group_log *l, struct bytes line, const char *reason,
                         struct err *err)
{
    struct hash32 hash = sha256(line.p, line.n);
    struct store_query *q = NULL;
    bool ok = store_prepare(l->store,
                            "INSERT OR IGNORE INTO group_apart SELECT ?1, ?2, x'' "
                            "WHERE (SELECT count(*) FROM group_apart) < ?3",
                            &q, err) &&
              store_bind_blob(q, 1, (struct bytes){hash.b, sizeof(hash.b)}, err) &&
              store_bind_text(q, 2, reason, err) && store_bind_u64(q, 3, LOG_APART_MAX, err) &&
              store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

bool group_log_apart(struct group_log *l, void (*told)(void *ctx, const char *reason), void *ctx,
                     struct err *err)
{
    struct store_query *q = NULL;
    bool row = true, ok;

    pthread_mutex_lock(&l->reading);
    ok = store_prepare(l->store, "SELECT reason FROM group_apart ORDER BY hash", &q, err);
    while (ok && (ok = store_step(q, &row, err)) && row)
        told(ctx, store_text(q, 0));
    store_finish(q);
    pthread_mutex_unlock(&l->reading);
    return ok;
}

/* ---- saying something ---- */

static int hash_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct hash32));
}

/* Ascending, each once. */
static bool after_sorted(struct arena *a, const struct group_log_act *act, struct event *e,
                         struct err *err)
{
    struct hash32 *list = ARENA_ARRAY(a, struct hash32, act->after_n);
    size_t n = 0;

    if (!list)
        return err_fail(err, ERR_NOMEM, "an event");
    if (act->after_n) {
        memcpy(list, act->after, act->after_n * sizeof(*list));
        qsort(list, act->after_n, sizeof(*list), hash_order);
    }
    for (size_t i = 0; i < act->after_n; i++)
        if (!n || !hash32_equal(&list[n - 1], &list[i]))
            list[n++] = list[i];
    e->after = list;
    e->after_n = n;
    return n <= EVENT_AFTER_MAX ||
           err_fail(err, ERR_LIMIT, "it follows more than %d events", EVENT_AFTER_MAX);
}

/* This home's stream for an audience: a new one where there is none, or where it cannot go on. */
static bool stream_find(struct group_log *l, const char *author, const char *audience,
                        struct stream_id *ret, struct err *err)
{
    char name[16 + GROUP_NAME_MAX];
    bool there = false;

    snprintf(name, sizeof(name), "stream:%.*s", GROUP_NAME_MAX, audience);
    if (!meta_get(l, name, ret->b, sizeof(ret->b), &there, err))
        return false;
    if (there && fold_goes_on(l->fold, author, ret))
        return true;
    l->random->fill(l->random->ctx, ret->b, sizeof(ret->b));
    return meta_put(l, name, ret->b, sizeof(ret->b), err);
}

static void clock_follow(const struct fold *f, const struct hash32 *id, struct event *e)
{
    const struct fold_event *before = fold_find(f, id);

    if (before && event_clock_after(&before->e, e)) {
        e->ms = before->e.ms;
        e->n = before->e.n;
    }
}

/* Later than the wall clock, than what it follows, and than all that its readers see stand but for
 * those that are far ahead: whoever sets a clock to the end of time does not set everybody's. */
static void clock_next(const struct fold *f, uint64_t now_ms, struct event *e)
{
    fold_clock(f, e->audience, now_ms + GROUP_LOG_AHEAD_MS, &e->ms, &e->n);
    if (e->seq > 1)
        clock_follow(f, &e->prev, e);
    for (size_t i = 0; i < e->after_n; i++)
        clock_follow(f, &e->after[i], e);
    e->n++;
    if (now_ms > e->ms) {
        e->ms = now_ms < EVENT_MS_MAX ? now_ms : EVENT_MS_MAX;
        e->n = 0;
    }
}

static bool act_event(struct group_log *l, struct arena *a, const struct group_log_act *act,
                      struct event_line *line, struct err *err)
{
    struct event *e = &line->event;
    const struct charter *in_force = fold_charter(l->fold);

    if (!act->charter && !in_force)
        return err_fail(err, ERR_INPUT, "no charter is adopted yet");
    e->author = act->author;
    e->audience = act->audience;
    e->object = act->object;
    e->type = act->type;
    e->into = act->into;
    e->facts = act->facts;
    e->retention = act->retention ? act->retention : "none";
    e->charter = act->charter ? *act->charter : in_force->hash;
    e->key = act->by->key;
    if (act->retention) {
        l->random->fill(l->random->ctx, line->salt.b, sizeof(line->salt.b));
        line->has_body = true;
        line->body = act->body;
        e->body = body_commitment(&line->salt, act->body);
    }
    if (!after_sorted(a, act, e, err) ||
        !stream_find(l, act->author, act->audience, &e->stream, err))
        return false;
    e->seq = fold_head(l->fold, e->author, &e->stream, &e->prev) + 1;
    clock_next(l->fold, act->now_ms, e);
    return event_make(a, &l->group, e, err) &&
           group_sign(act->by, EVENT_TAG, &l->group, e->text, &e->signature, err);
}

/* Of a key, up to other events than before? */
static bool says_other_ends(const struct event *before, const struct event *e)
{
    bool other = before->after_n != e->after_n;

    if (strcmp(e->type, "key.revoke") != 0)
        return false;
    for (size_t i = 0; !other && i < e->after_n; i++)
        other = !hash32_equal(&before->after[i], &e->after[i]);
    return other;
}

/* Do two say the same behind it, and is nothing else between? */
static bool is_open(const struct fold_object *o, size_t at)
{
    const struct fold_event *x = fold_event_of(o, at), *between;

    for (size_t i = at + 1; (between = fold_event_of(o, i)); i++)
        if (fold_parts_two(between, x->e.author))
            return false;
    return true;
}

/* The first of two persons: it waits for the other. ERR_INPUT: this one has said it already. */
static bool waits_for_second(const struct group_log *l, const struct fold_event *e, struct err *err)
{
    const struct fold_object *o = fold_object(l->fold, e->e.object, e->e.audience);
    const struct fold_event *x;

    for (size_t i = 0; (x = fold_event_of(o, i)); i++)
        if (x != e && fold_waits_for_second(x) && !memcmp(&x->e.key, &e->e.key, sizeof(e->e.key)) &&
            fold_says_same(l->fold, x, e) && !says_other_ends(&x->e, &e->e) && is_open(o, i))
            return err_fail(err, ERR_INPUT,
                            "%s of \"%s\": the same person has said it already; it waits for "
                            "another of %s",
                            e->e.type, e->e.object, e->e.author);
    return true;
}

/* What was said must do something: else nobody is told. */
static bool did_something(const struct group_log *l, const struct hash32 *id, struct err *err)
{
    const struct fold_event *e = fold_find(l->fold, id);
    struct text why = text_new(ERR_TEXT_MAX);

    if (e->effect == EFFECT_STEP &&
        (e->standing == STANDING_GOOD || !strcmp(e->e.type, "key.revoke"))) {
        text_free(&why); /* a revocation may cut the very stream in which it is said */
        return true;
    }
    if (fold_waits_for_second(e)) {
        text_free(&why);
        return waits_for_second(l, e, err);
    }
    effect_put(&why, l->fold, e);
    err_set(err, ERR_INPUT, "%s of \"%s\" by %s: %s", e->e.type, e->e.object, e->e.author,
            text_string(&why) ? why.p : "");
    text_free(&why);
    return false;
}

bool group_log_say(struct group_log *l, const struct group_log_act *act, struct hash32 *ret_id,
                   struct err *err)
{
    struct arena *a = arena_new(NULL, ROW_BYTES_MAX);
    struct event_line line = {.has_body = false};
    enum group_log_taken taken;
    bool ok = a ? act_event(l, a, act, &line, err) : err_fail(err, ERR_NOMEM, "an event");

    if (ok && log_share_owns(l->fold, &line.event) &&
        !log_share_left(l, act->author, 1 + line.body.n / LOG_SHARE_BYTES, act->now_ms))
        ok =
            err_fail(err, ERR_LIMIT,
                     "%s has said as much as the charter grants it so far: nobody would take it in",
                     act->author);
    ok = ok && group_log_take(l, &line, &taken, err) && did_something(l, &line.event.id, err);
    *ret_id = line.event.id;
    arena_free(a);
    return ok;
}

/* ---- checking ---- */

#define CHECK_ROWS 256 /* of one task */

/* Signatures take longer than all else that is checked: on all processors. */
struct signatures {
    const struct group_log *l;
    _Atomic(uint64_t) bad; /* the first row of which it is not its key's; UINT64_MAX: none */
    atomic_bool failed;    /* no memory */
};

static void signature_bad(struct signatures *s, uint64_t row)
{
    uint64_t was = atomic_load(&s->bad);

    while (row < was && !atomic_compare_exchange_weak(&s->bad, &was, row))
        continue;
}

static void signatures_of_rows(void *ctx, size_t task, unsigned worker)
{
    struct signatures *s = ctx;
    const struct fold_event *e;
    struct err err;
    bool good;

    (void)worker;
    for (size_t i = task * CHECK_ROWS;
         i < (task + 1) * CHECK_ROWS && (e = fold_event_at(s->l->fold, i)); i++)
        if (!group_signed(&e->e.key, EVENT_TAG, &s->l->group, e->e.text, &e->e.signature, &good,
                          &err))
            atomic_store(&s->failed, true);
        else if (!good)
            signature_bad(s, e->number);
}

static bool signatures_check(const struct group_log *l, struct err *err)
{
    struct signatures s = {.l = l, .bad = UINT64_MAX};
    size_t tasks = (fold_events_n(l->fold) + CHECK_ROWS - 1) / CHECK_ROWS;
    struct pool *pool = tasks > 1 ? pool_new(0) : NULL;

    if (pool)
        pool_run(pool, tasks, signatures_of_rows, &s);
    for (size_t i = 0; !pool && i < tasks; i++)
        signatures_of_rows(&s, i, 0);
    pool_free(pool);
    if (atomic_load(&s.failed))
        return err_fail(err, ERR_NOMEM, "signatures");
    return atomic_load(&s.bad) == UINT64_MAX ||
           err_fail(err, ERR_DIFFERS, "row %llu: the signature is not its key's",
                    (unsigned long long)atomic_load(&s.bad));
}

static bool row_check(struct group_log *l, struct arena *a, const struct fold_event *e,
                      struct group_log_checked *c, struct err *err)
{
    enum body_state state;
    struct salt32 salt;
    struct bytes body;

    if (!group_log_body(l, a, e, &state, &salt, &body, err)) {
        if (err->class == ERR_CORRUPT)
            err->class = ERR_DIFFERS;
        return false;
    }
    c->events++;
    c->streams += e->e.seq == 1 && e->standing == STANDING_GOOD;
    c->bodies += state == BODY_HERE;
    c->withheld += state == BODY_WITHHELD;
    c->erased += state == BODY_ERASED;
    return true;
}

bool group_log_check(struct group_log *l, struct group_log_checked *ret, struct err *err)
{
    struct group_log_checked c = {.events = 0, .link = l->link};
    const struct fold_event *e;

    if (l->fold && !signatures_check(l, err))
        return false;
    for (size_t i = 0; l->fold && (e = fold_event_at(l->fold, i)); i++) {
        struct arena *a = arena_new(NULL, ROW_BYTES_MAX);
        bool ok = a ? row_check(l, a, e, &c, err) : err_fail(err, ERR_NOMEM, "events");

        arena_free(a);
        if (!ok)
            return err_in(err, "row %llu", (unsigned long long)e->number);
    }
    if (l->fold && (!log_checkpoints_check(l, &c, err) || !log_receipts_check(l, &c, err)))
        return false;
    *ret = c;
    return true;
}
