/* A transfer is registered once, by the member's own reference: what it was, and what was decided,
 * as it was answered. Both stand in the node's store; only a transaction that was not known yet can
 * be added. Readers have a connection of their own, and wait for no writer. */
#include "serve/transfer_routes.h"

#include "base/mem.h"
#include "base/time.h"
#include "screen/batch.h"
#include "serve/clock.h"
#include "serve/screen_routes.h"
#include "serve/screening.h"

#include <pthread.h>

#define REF_MAX 128
#define WORD_MAX 64 /* chain, asset */
#define TEXT_MAX 256
#define ITEMS_MAX 1000
#define ITEMS_USUAL 100
#define PURGE_SECONDS 3600
#define DAY_SECONDS 86400

static const char *const steps[] = {
    "CREATE TABLE transfer (id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE,"
    " registered TEXT NOT NULL, direction TEXT NOT NULL, chain TEXT NOT NULL, asset TEXT NOT NULL,"
    " amount TEXT NOT NULL, decimals INTEGER NOT NULL, address TEXT NOT NULL, tx TEXT,"
    " account TEXT, decision TEXT NOT NULL, answer BLOB NOT NULL);"
    "CREATE INDEX transfer_decision ON transfer (decision, id)",
};
static const struct store_schema schema = {"transfer", steps, sizeof(steps) / sizeof(steps[0])};

struct transfers {
    struct screening *screening;
    pthread_mutex_t lock; /* of reads */
    struct store *reads;
    uint64_t purged; /* when those that are too old were last taken away */
};

struct registered { /* texts that are not told are NULL */
    uint64_t id;
    const char *ref, *registered, *direction, *chain, *asset, *amount;
    unsigned decimals;
    const char *address, *tx, *account, *decision;
    struct bytes answer;
};

static void part_close(void *part)
{
    struct transfers *t = part;

    store_close(t->reads);
    pthread_mutex_destroy(&t->lock);
    mem_free(t);
}

static bool part_open(struct node *n, void **ret, struct err *err)
{
    struct transfers *t = mem_zero(sizeof(*t));

    if (!t)
        return err_fail(err, ERR_NOMEM, "transfers");
    pthread_mutex_init(&t->lock, NULL);
    t->screening = node_opened(n, &screen_part);
    if (!node_store_open(n, &t->reads, err)) {
        part_close(t);
        return false;
    }
    *ret = t;
    return true;
}

/* Whole days; those of the day that is so long ago stay. */
static bool purge(struct node *n, uint64_t before, struct err *err)
{
    struct store *s = NULL;
    struct store_query *q = NULL;
    char day[TIME_DAY_MAX];
    bool ok;

    if (!node_store_open(n, &s, err))
        return false;
    ok = store_begin(s, err) &&
         store_prepare(s, "DELETE FROM transfer WHERE registered < ?", &q, err) &&
         store_bind_text(q, 1, time_day(before, day), err) && store_step(q, NULL, err);
    store_finish(q);
    ok = ok && store_commit(s, err);
    if (!ok)
        store_rollback(s);
    store_close(s);
    return ok;
}

static bool part_tick(void *part, struct node *n, struct err *err)
{
    struct transfers *t = part;
    uint64_t now = clock_seconds(), kept_for = node_config(n)->transfers_keep * DAY_SECONDS;

    if (!kept_for || now < kept_for || now - t->purged < PURGE_SECONDS)
        return true;
    t->purged = now;
    return purge(n, now - kept_for, err);
}

/* ---- in the store ---- */

#define COLUMNS                                                                                    \
    "id, ref, registered, direction, chain, asset, amount, decimals, address, tx, account,"        \
    " decision, answer"

static bool text_of(struct arena *a, struct store_query *q, int column, const char **ret,
                    struct err *err)
{
    *ret = NULL;
    if (store_is_null(q, column))
        return true;
    *ret = store_text_copy(q, column, a);
    return *ret || err_fail(err, ERR_NOMEM, "a transfer");
}

static bool row_read(struct arena *a, struct store_query *q, struct registered *t, struct err *err)
{
    const char **texts[] = {&t->ref,   &t->registered, &t->direction, &t->chain,
                            &t->asset, &t->amount,     NULL,          &t->address,
                            &t->tx,    &t->account,    &t->decision};
    struct bytes answer = store_blob(q, 12);

    t->id = store_u64(q, 0);
    t->decimals = (unsigned)store_u64(q, 7);
    for (int i = 0; i < (int)(sizeof(texts) / sizeof(texts[0])); i++)
        if (texts[i] && !text_of(a, q, i + 1, texts[i], err))
            return false;
    t->answer = (struct bytes){arena_copy(a, answer.p, answer.n), answer.n};
    return t->answer.p || err_fail(err, ERR_NOMEM, "a transfer");
}

static bool find(struct store *s, struct arena *a, const char *ref, struct registered *ret,
                 bool *ret_there, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s, "SELECT " COLUMNS " FROM transfer WHERE ref = ?", &q, err) &&
              store_bind_text(q, 1, ref, err) && store_step(q, ret_there, err) &&
              (!*ret_there || row_read(a, q, ret, err));

    store_finish(q);
    return ok;
}

static bool put(struct store *s, struct registered *t, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s,
                            "INSERT INTO transfer (" COLUMNS
                            ") VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            &q, err) &&
              store_bind_text(q, 1, t->ref, err) && store_bind_text(q, 2, t->registered, err) &&
              store_bind_text(q, 3, t->direction, err) && store_bind_text(q, 4, t->chain, err) &&
              store_bind_text(q, 5, t->asset, err) && store_bind_text(q, 6, t->amount, err) &&
              store_bind_u64(q, 7, t->decimals, err) && store_bind_text(q, 8, t->address, err) &&
              store_bind_text(q, 9, t->tx, err) && store_bind_text(q, 10, t->account, err) &&
              store_bind_text(q, 11, t->decision, err) && store_bind_blob(q, 12, t->answer, err) &&
              store_step(q, NULL, err);

    store_finish(q);
    t->id = store_last_id(s);
    return ok;
}

static bool add_tx(struct store *s, const struct registered *t, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s, "UPDATE transfer SET tx = ? WHERE id = ?", &q, err) &&
              store_bind_text(q, 1, t->tx, err) && store_bind_u64(q, 2, t->id, err) &&
              store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

/* ---- written ---- */

/* All but the answer; the object is left open. */
static void transfer_json(struct json_out *j, const struct registered *t)
{
    json_put_number(j, "id", t->id);
    json_put_string(j, "registered", t->registered);
    json_key(j, "transfer");
    json_object(j);
    json_put_string(j, "ref", t->ref);
    json_put_string(j, "direction", t->direction);
    json_put_string(j, "chain", t->chain);
    json_put_string(j, "asset", t->asset);
    json_put_string(j, "amount", t->amount);
    json_put_number(j, "decimals", t->decimals);
    json_put_string(j, "address", t->address);
    json_put_string(j, "tx", t->tx);
    json_put_string(j, "account", t->account);
    json_object_end(j);
    json_put_string(j, "decision", t->decision);
}

static void whole_json(struct json_out *j, const struct registered *t)
{
    json_object(j);
    json_put_string(j, "schema", "cordon.transfer/1");
    transfer_json(j, t);
    json_key(j, "answer");
    json_raw(j, (const char *)t->answer.p, t->answer.n);
}

static bool audited(struct http_job *job, const struct registered *t, const char *event,
                    struct err *err)
{
    struct text line = text_new(AUDIT_LINE_BYTES_MAX);
    struct json_out j = screening_audit_begin(job, &line, event);
    bool ok;

    transfer_json(&j, t);
    json_object_end(&j);
    ok = text_end(&line, err) && http_audit(job, line.p, line.n, err);
    text_free(&line);
    return ok;
}

/* ---- registering ---- */

/* A member that has to be there, or may be missing (then *ret is NULL). */
static bool member(const struct json *object, const char *name, size_t max, bool needed,
                   const char **ret, struct err *err)
{
    const struct json *m = json_get(object, name);

    *ret = NULL;
    if (!m && needed)
        return err_fail(err, ERR_INPUT, "%s is wanted", name);
    if (!m)
        return true;
    if (!m->text_n || m->text_n > max || memchr(m->text, 0, m->text_n) ||
        !utf8_valid(m->text, m->text_n) || !text_is_plain(m->text, m->text_n))
        return err_fail(err, ERR_INPUT, "%s: 1 to %zu bytes without control characters are wanted",
                        name, max);
    *ret = m->text;
    return true;
}

static bool members(const struct json *object, struct registered *t, struct err *err)
{
    const char *decimals;

    return member(object, "ref", REF_MAX, true, &t->ref, err) &&
           member(object, "direction", WORD_MAX, true, &t->direction, err) &&
           member(object, "chain", WORD_MAX, true, &t->chain, err) &&
           member(object, "asset", WORD_MAX, true, &t->asset, err) &&
           member(object, "amount", TEXT_MAX, true, &t->amount, err) &&
           member(object, "decimals", WORD_MAX, true, &decimals, err) &&
           member(object, "address", TEXT_MAX, true, &t->address, err) &&
           member(object, "tx", TEXT_MAX, false, &t->tx, err) &&
           member(object, "account", TEXT_MAX, false, &t->account, err);
}

static bool transfer_read(struct http_job *job, struct registered *t, struct screen_question *q,
                          struct err *err)
{
    static const char *const known[] = {"ref",      "direction", "chain", "asset",   "amount",
                                        "decimals", "address",   "tx",    "account", NULL};
    struct screen_question usual = {.kind = NAME_UNKNOWN, .now = clock_seconds()};
    const struct json *object;
    char *amount = arena_alloc(job->arena, U256_TEXT_MAX);
    const char *ref;

    if (!amount)
        return err_fail(err, ERR_NOMEM, "a transfer");
    if (!screening_body(job, known, &object, err) || !members(object, t, err) ||
        !screen_question_read(job->arena, &usual, object, q, &ref, err))
        return false;
    t->decimals = q->decimals;
    u256_to_text(q->amount, amount);
    t->amount = amount;
    return true;
}

static bool same(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

/* tx may come later, and need not be told again. */
static bool is_same(const struct registered *a, const struct registered *b)
{
    return same(a->direction, b->direction) && same(a->chain, b->chain) &&
           same(a->asset, b->asset) && same(a->amount, b->amount) && a->decimals == b->decimals &&
           same(a->address, b->address) && same(a->account, b->account) &&
           (!a->tx || !b->tx || same(a->tx, b->tx));
}

static bool answer(struct http_job *job, const struct registered *t)
{
    struct json_out j = json_to(&job->response.body, false);

    whole_json(&j, t);
    json_object_end(&j);
    return true;
}

static bool register_again(struct http_job *job, struct registered *there,
                           const struct registered *t, struct err *err)
{
    if (!is_same(there, t))
        return err_fail(err, ERR_DIFFERS, "ref \"%s\" is that of another transfer", t->ref);
    if (t->tx && !there->tx) {
        there->tx = t->tx;
        if (!add_tx(job->store, there, err))
            return false;
    }
    return audited(job, there, "transfer again", err) && answer(job, there);
}

static bool decide(struct http_job *job, struct registered *t, struct screen_question *q,
                   struct err *err)
{
    struct transfers *p = job->part;
    struct live_screener_view *v = screening_take(p->screening);
    struct text text = text_new(HTTP_ANSWER_BYTES_MAX);
    struct screen_answer a;
    bool ok = (q->direction != SCREEN_OUTBOUND ||
               screening_held(p->screening, job->arena, t->account, NULL, q, err)) &&
              screening_decide(job, p->screening, live_screener_at(v), q, t->ref, &a, &text, err);

    if (ok) {
        t->decision = screen_decision_name(a.verdict.decision);
        t->answer = (struct bytes){arena_copy(job->arena, text.p, text.n), text.n};
        ok = t->answer.p || err_fail(err, ERR_NOMEM, "a transfer");
    }
    text_free(&text);
    screening_drop(p->screening, v);
    return ok;
}

static bool register_transfer(struct http_job *job, struct err *err)
{
    static const char *const no_query[] = {NULL};
    struct registered t = {.id = 0}, there;
    struct screen_question q;
    char now[CLOCK_TEXT_MAX];
    bool found = false;

    if (!http_query_only(&job->request, no_query, err) || !transfer_read(job, &t, &q, err) ||
        !find(job->store, job->arena, t.ref, &there, &found, err))
        return false;
    if (found)
        return register_again(job, &there, &t, err);
    clock_text(now);
    t.registered = now;
    job->response.status = 201;
    return decide(job, &t, &q, err) && put(job->store, &t, err) &&
           audited(job, &t, "transfer", err) && answer(job, &t);
}

/* ---- looking up ---- */

static bool is_true(const char *text, bool *ret, struct err *err)
{
    *ret = text && !strcmp(text, "true");
    return !text || *ret || !strcmp(text, "false") ||
           err_fail(err, ERR_INPUT, "again: true or false");
}

/* What would be decided now; what was decided stands. */
static bool ask_again(struct http_job *job, const struct registered *t, struct json_out *j,
                      struct err *err)
{
    struct registered now = *t;
    struct screen_question q = {.subject = t->tx ? SCREEN_OF_TRANSFER : SCREEN_OF_ADDRESS,
                                .tx = t->tx,
                                .direction = !strcmp(t->direction, "outbound") ? SCREEN_OUTBOUND
                                                                               : SCREEN_INBOUND,
                                .address = t->address,
                                .chain = t->chain,
                                .name = "",
                                .kind = NAME_UNKNOWN,
                                .asset = t->asset,
                                .decimals = t->decimals,
                                .now = clock_seconds()};

    if (!u256_from_text(t->amount, strlen(t->amount), &q.amount))
        return err_fail(err, ERR_CORRUPT, "transfer %llu: no amount", (unsigned long long)t->id);
    if (!decide(job, &now, &q, err))
        return false;
    json_key(j, "again");
    json_raw(j, (const char *)now.answer.p, now.answer.n);
    return true;
}

static bool look_up(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"again", NULL};
    struct transfers *p = job->part;
    struct json_out j = json_to(&job->response.body, false);
    struct registered t;
    bool again, there = false, ok;

    if (!http_query_only(&job->request, known, err) ||
        !is_true(http_query(&job->request, "again"), &again, err))
        return false;
    pthread_mutex_lock(&p->lock);
    ok = find(p->reads, job->arena, job->request.params[0], &t, &there, err);
    pthread_mutex_unlock(&p->lock);
    if (!ok)
        return false;
    if (!there)
        return err_fail(err, ERR_NOT_FOUND, "there is no transfer \"%s\"", job->request.params[0]);
    if (again && !(job->request.scopes & HTTP_SCREEN)) {
        http_problem(&job->response, 403, "again: the key has not the scope screen",
                     job->request.id);
        return true;
    }
    whole_json(&j, &t);
    ok = !again || ask_again(job, &t, &j, err);
    json_object_end(&j);
    return ok;
}

struct page {
    uint64_t after, limit;
    const char *decision; /* NULL: any */
};

static bool page_read(const struct http_request *r, struct page *ret, struct err *err)
{
    static const char *const known[] = {"after", "decision", "limit", NULL};
    const char *after = http_query(r, "after"), *limit = http_query(r, "limit");

    *ret = (struct page){.limit = ITEMS_USUAL, .decision = http_query(r, "decision")};
    if (!http_query_only(r, known, err))
        return false;
    if (after && !u64_from_text(after, strlen(after), &ret->after))
        return err_fail(err, ERR_INPUT, "after: the member \"after\" of a page is wanted");
    if (limit && (!u64_from_text(limit, strlen(limit), &ret->limit) || !ret->limit ||
                  ret->limit > ITEMS_MAX))
        return err_fail(err, ERR_INPUT, "limit: a number up to %d is wanted", ITEMS_MAX);
    if (!ret->decision)
        return true;
    for (int d = 0; d < SCREEN_DECISIONS; d++)
        if (!strcmp(ret->decision, screen_decision_name((enum screen_decision)d)))
            return true;
    return err_fail(err, ERR_INPUT,
                    "decision: CREDIT, ALLOW, REVIEW, HOLD, REJECT, BLOCK or "
                    "UNKNOWN");
}

static bool page_query(struct store *s, const struct page *page, struct store_query **ret,
                       struct err *err)
{
    if (!page->decision)
        return store_prepare(s, "SELECT " COLUMNS " FROM transfer WHERE id > ? ORDER BY id LIMIT ?",
                             ret, err) &&
               store_bind_u64(*ret, 1, page->after, err) &&
               store_bind_u64(*ret, 2, page->limit + 1, err);
    return store_prepare(s,
                         "SELECT " COLUMNS
                         " FROM transfer WHERE id > ? AND decision = ? ORDER BY id LIMIT ?",
                         ret, err) &&
           store_bind_u64(*ret, 1, page->after, err) &&
           store_bind_text(*ret, 2, page->decision, err) &&
           store_bind_u64(*ret, 3, page->limit + 1, err);
}

static bool page_rows(struct http_job *job, const struct page *page, struct json_out *j,
                      struct err *err)
{
    struct transfers *p = job->part;
    struct store_query *q = NULL;
    uint64_t n = 0, last = page->after;
    bool row = false, ok = page_query(p->reads, page, &q, err);

    for (; ok && (ok = store_step(q, &row, err)) && row && n < page->limit; n++) {
        struct arena *a = arena_new(job->arena, HTTP_JOB_BYTES_MAX);
        struct registered t;

        ok = a ? row_read(a, q, &t, err) : err_fail(err, ERR_NOMEM, "transfers");
        if (ok) {
            json_object(j);
            transfer_json(j, &t);
            json_object_end(j);
            last = t.id;
        }
        arena_free(a);
    }
    store_finish(q);
    json_array_end(j);
    json_put_decimal(j, "after", last);
    json_put_bool(j, "more", row);
    return ok;
}

static bool list(struct http_job *job, struct err *err)
{
    struct transfers *p = job->part;
    struct json_out j = json_to(&job->response.body, false);
    struct page page;
    bool ok;

    if (!page_read(&job->request, &page, err))
        return false;
    json_object(&j);
    json_put_string(&j, "schema", "cordon.transfers/1");
    json_key(&j, "transfers");
    json_array(&j);
    pthread_mutex_lock(&p->lock);
    ok = page_rows(job, &page, &j, err);
    pthread_mutex_unlock(&p->lock);
    json_object_end(&j);
    return ok;
}

static const struct http_route routes[] = {
    {"POST", "/v1/transfers", HTTP_SCREEN, HTTP_STORES, QUESTION_BYTES_MAX, register_transfer},
    {"GET", "/v1/transfers", HTTP_SCREEN | HTTP_READ, HTTP_WORKER, 0, list},
    {"GET", "/v1/transfers/{ref}", HTTP_SCREEN | HTTP_READ, HTTP_WORKER, 0, look_up},
};

const struct node_part transfer_part = {
    .name = "transfers",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .schema = &schema,
    .open = part_open,
    .close = part_close,
    .tick = part_tick,
};
