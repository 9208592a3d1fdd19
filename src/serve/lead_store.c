#include "serve/lead_store.h"

#include "base/text.h"
#include "chain/address_key.h"

#include <string.h>

static const char *const steps[] = {
    "CREATE TABLE lead (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    " chain TEXT NOT NULL, target TEXT NOT NULL, action TEXT NOT NULL, tx TEXT, note TEXT,"
    " same BLOB NOT NULL, teller TEXT, ms INTEGER NOT NULL, status TEXT NOT NULL,"
    " duplicate_of TEXT, judged INTEGER NOT NULL, reached TEXT, disposition TEXT, reviewer TEXT,"
    " remark TEXT, reviewed_ms INTEGER NOT NULL, audited INTEGER NOT NULL);"
    "CREATE INDEX lead_same ON lead (same, number);"
    "CREATE INDEX lead_status ON lead (status, number);"
    "CREATE INDEX lead_judged ON lead (judged, number) WHERE judged = 0;"
    "CREATE INDEX lead_audited ON lead (audited, number) WHERE audited = 0",
    "ALTER TABLE lead ADD COLUMN reviewer_key BLOB;"
    "ALTER TABLE lead ADD COLUMN signature BLOB",
};
const struct store_schema lead_schema = {"lead", steps, sizeof(steps) / sizeof(steps[0])};

const char *const lead_actions[] = {"trace", "freeze", NULL};
const char *const lead_dispositions[] = {"useful", "noted", "not-useful", NULL};
const char *const lead_statuses[] = {"new", "duplicate", "not-reached", "reviewed", NULL};

/* ---- a body ---- */

static bool listed(const char *const *list, const char *s)
{
    while (*list && strcmp(*list, s) != 0)
        list++;
    return *list;
}

/* A member that has to be there, or may be missing (then *ret is NULL). */
static bool member(const struct json *o, const char *name, size_t max, bool wanted,
                   const char **ret, struct err *err)
{
    const struct json *j = json_get(o, name);

    *ret = NULL;
    if (!j)
        return !wanted || err_fail(err, ERR_INPUT, "%s is wanted", name);
    if (j->type != JSON_STRING || !j->text_n || j->text_n > max || memchr(j->text, 0, j->text_n) ||
        !text_is_plain(j->text, j->text_n))
        return err_fail(err, ERR_INPUT, "%s: 1 to %zu bytes without control characters are wanted",
                        name, max);
    *ret = j->text;
    return true;
}

static struct hash32 same_of(const char *chain, const struct address_key *key, const char *action)
{
    struct sha256_stream s;

    sha256_start(&s);
    sha256_add(&s, chain, strlen(chain) + 1);
    sha256_add(&s, &key->space, 1);
    sha256_add(&s, key->text, key->n);
    sha256_add(&s, action, strlen(action) + 1);
    return sha256_done(&s);
}

/* By its name or CAIP-2 name; books of banks have no addresses. */
static const struct chain *chain_named(const char *name)
{
    const struct chain *c = strncmp(name, "bank:", 5) ? chain_by_name(name) : NULL;

    return c ? c : chain_by_caip2(name);
}

bool lead_read(struct arena *a, struct bytes body, struct lead *ret, struct err *err)
{
    static const char *const known[] = {"chain", "target", "action", "tx", "note", NULL};
    struct lead l = {.number = 0};
    const struct chain *chain;
    struct address_key key;
    const struct json *o;

    if (!body.n)
        return err_fail(err, ERR_INPUT, "a JSON object is wanted");
    if (!json_read(a, (const char *)body.p, body.n, &o, err) ||
        !json_only(o, "a lead", known, err) || !member(o, "chain", 64, true, &l.chain, err) ||
        !member(o, "target", ADDRESS_KEY_MAX - 1, true, &l.target, err) ||
        !member(o, "action", 16, true, &l.action, err) ||
        !member(o, "tx", LEAD_TX_MAX, false, &l.tx, err) ||
        !member(o, "note", LEAD_NOTE_MAX, false, &l.note, err))
        return false;
    if (!listed(lead_actions, l.action))
        return err_fail(err, ERR_INPUT, "action: trace or freeze is wanted");
    chain = chain_named(l.chain);
    if (!chain || address_space_of_chain(chain) == SPACE_NONE)
        return err_fail(err, ERR_INPUT, "chain: the name of a chain with addresses is wanted");
    if (!address_key_read(l.target, strlen(l.target), chain->name, &key, err))
        return err_in(err, "target");
    l.chain = chain->caip2;
    l.same = same_of(l.chain, &key, l.action);
    *ret = l;
    return true;
}

bool lead_same_target(const struct lead *a, const struct lead *b)
{
    struct address_key one, other;
    struct err none;

    return address_key_read(a->target, strlen(a->target), a->chain, &one, &none) &&
           address_key_read(b->target, strlen(b->target), b->chain, &other, &none) &&
           address_key_equal(&one, &other);
}

/* ---- told ---- */

static void time_put(struct json_out *j, const char *name, uint64_t ms)
{
    json_put_number_or_null(j, name, ms, 0);
}

void lead_json(struct json_out *j, const struct lead *l, bool all)
{
    json_put_string(j, "id", l->id);
    time_put(j, "ms", l->ms);
    json_put_string(j, "chain", l->chain);
    json_put_string(j, "target", l->target);
    json_put_string(j, "action", l->action);
    json_put_string(j, "tx", l->tx);
    json_put_string(j, "status", l->status);
    json_put_string(j, "disposition", l->disposition);
    if (!all)
        return;
    json_put_number(j, "number", l->number);
    json_put_string(j, "note", l->note);
    json_put_string(j, "key", l->key);
    json_put_string(j, "duplicate_of", l->duplicate_of);
    json_put_bool(j, "judged", l->judged);
    json_put_string(j, "reached", l->reached);
    json_put_string(j, "by", l->by);
    if (l->is_signed) {
        json_put_hex(j, "by_key", l->by_key.b, sizeof(l->by_key.b));
        json_put_hex(j, "signature", l->signature.b, sizeof(l->signature.b));
    } else {
        json_put_string(j, "by_key", NULL);
        json_put_string(j, "signature", NULL);
    }
    json_put_string(j, "remark", l->remark);
    time_put(j, "reviewed_ms", l->reviewed_ms);
}

void leads_json(struct json_out *j, const struct lead *l, size_t n, uint64_t after)
{
    json_object(j);
    json_put_string(j, "schema", "cordon.leads/1");
    json_key(j, "leads");
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        json_object(j);
        lead_json(j, &l[i], true);
        json_object_end(j);
    }
    json_array_end(j);
    json_put_number(j, "after", n ? l[n - 1].number : after);
    json_object_end(j);
}

/* ---- what a review signs ---- */

#define REVIEW_TAG "cordon.lead-review/1"
#define REVIEW_BYTES_MAX ((size_t)64 << 10)

static const struct hash32 no_group;

static bool message_make(const struct lead *l, struct text *to, struct err *err)
{
    struct json_out j = json_to(to, false);

    json_object(&j); /* its names ascend, as RFC 8785 wants them */
    json_put_string(&j, "action", l->action);
    json_put_number(&j, "at", l->reviewed_ms);
    json_put_string(&j, "chain", l->chain);
    json_put_string(&j, "disposition", l->disposition);
    json_put_string(&j, "lead", l->id);
    json_put_string(&j, "note", l->note);
    json_put_string(&j, "person", l->by);
    json_put_string(&j, "remark", l->remark);
    json_put_string(&j, "target", l->target);
    json_put_string(&j, "tx", l->tx);
    json_object_end(&j);
    return text_end(to, err);
}

static bool review_sign(struct lead *l, const struct signer *by, struct err *err)
{
    struct text message = text_new(REVIEW_BYTES_MAX);
    bool ok = message_make(l, &message, err) &&
              group_sign(by, REVIEW_TAG, &no_group,
                         (struct bytes){(const uint8_t *)message.p, message.n}, &l->signature, err);

    l->by_key = by->key;
    l->is_signed = true;
    text_free(&message);
    return ok;
}

static bool review_is_signed(const struct lead *l, struct err *err)
{
    struct text message = text_new(REVIEW_BYTES_MAX);
    bool fits = !l->is_signed,
         ok = fits || (message_make(l, &message, err) &&
                       group_signed(&l->by_key, REVIEW_TAG, &no_group,
                                    (struct bytes){(const uint8_t *)message.p, message.n},
                                    &l->signature, &fits, err));

    text_free(&message);
    return ok && (fits ||
                  err_fail(err, ERR_CORRUPT, "lead %s: its review is not as it was signed", l->id));
}

/* ---- rows ---- */

#define COLUMNS                                                                                    \
    "number, id, chain, target, action, tx, note, same, teller, ms, status, duplicate_of, judged," \
    " reached, disposition, reviewer, remark, reviewed_ms, reviewer_key, signature"

static bool row_of(struct arena *a, struct store_query *q, struct lead *l, struct err *err)
{
    struct bytes same = store_blob(q, 7), key = store_blob(q, 18), signature = store_blob(q, 19);
    bool ok = true;

    *l = (struct lead){.number = store_u64(q, 0),
                       .id = store_text_or_null(q, 1, a, &ok),
                       .chain = store_text_or_null(q, 2, a, &ok),
                       .target = store_text_or_null(q, 3, a, &ok),
                       .action = store_text_or_null(q, 4, a, &ok),
                       .tx = store_text_or_null(q, 5, a, &ok),
                       .note = store_text_or_null(q, 6, a, &ok),
                       .key = store_text_or_null(q, 8, a, &ok),
                       .ms = store_u64(q, 9),
                       .status = store_text_or_null(q, 10, a, &ok),
                       .duplicate_of = store_text_or_null(q, 11, a, &ok),
                       .judged = store_u64(q, 12),
                       .reached = store_text_or_null(q, 13, a, &ok),
                       .disposition = store_text_or_null(q, 14, a, &ok),
                       .by = store_text_or_null(q, 15, a, &ok),
                       .remark = store_text_or_null(q, 16, a, &ok),
                       .reviewed_ms = store_u64(q, 17)};
    if (same.n == sizeof(l->same.b))
        memcpy(l->same.b, same.p, same.n);
    l->is_signed = key.n || signature.n;
    if (key.n == sizeof(l->by_key.b)) /* else the signature does not fit */
        memcpy(l->by_key.b, key.p, key.n);
    if (signature.n == sizeof(l->signature.b))
        memcpy(l->signature.b, signature.p, signature.n);
    return ok || err_fail(err, ERR_NOMEM, "a lead");
}

static bool rows_of(struct arena *a, struct store_query *q, struct lead *ret, size_t *ret_n,
                    struct err *err)
{
    bool row = false, ok = true;

    *ret_n = 0;
    while (ok && (ok = store_step(q, &row, err)) && row)
        ok = row_of(a, q, &ret[(*ret_n)++], err);
    return ok;
}

/* The first that is about the same, and is not settled as not reached. */
static bool duplicate_find(struct store *s, struct arena *a, struct lead *l, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false, had = true,
         ok = store_prepare(s,
                            "SELECT id FROM lead WHERE same = ? AND status IN ('new', 'reviewed')"
                            " ORDER BY number LIMIT 1",
                            &q, err) &&
              store_bind_blob(q, 1, (struct bytes){l->same.b, sizeof(l->same.b)}, err) &&
              store_step(q, &row, err);

    l->duplicate_of = ok && row ? store_text_or_null(q, 0, a, &had) : NULL;
    l->status = l->duplicate_of ? "duplicate" : "new";
    store_finish(q);
    return ok && (had || err_fail(err, ERR_NOMEM, "a lead"));
}

static bool has_room(struct store *s, struct err *err)
{
    struct store_query *q = NULL;
    bool row,
        ok = store_prepare(s, "SELECT count(*) FROM lead", &q, err) && store_step(q, &row, err);
    uint64_t n = ok ? store_u64(q, 0) : 0;

    store_finish(q);
    return ok && (n < LEADS_MAX || err_fail(err, ERR_LIMIT, "there is no room for more leads"));
}

bool lead_put(struct store *s, struct arena *a, struct lead *l, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = has_room(s, err) && duplicate_find(s, a, l, err) &&
              store_prepare(s,
                            "INSERT INTO lead (id, chain, target, action, tx, note, same, teller,"
                            " ms, status, duplicate_of, judged, reviewed_ms, audited)"
                            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 1)",
                            &q, err) &&
              store_bind_text(q, 1, l->id, err) && store_bind_text(q, 2, l->chain, err) &&
              store_bind_text(q, 3, l->target, err) && store_bind_text(q, 4, l->action, err) &&
              store_bind_text(q, 5, l->tx, err) && store_bind_text(q, 6, l->note, err) &&
              store_bind_blob(q, 7, (struct bytes){l->same.b, sizeof(l->same.b)}, err) &&
              store_bind_text(q, 8, l->key, err) && store_bind_u64(q, 9, l->ms, err) &&
              store_bind_text(q, 10, l->status, err) &&
              store_bind_text(q, 11, l->duplicate_of, err) &&
              store_bind_u64(q, 12, l->duplicate_of != NULL, err) && store_step(q, NULL, err);

    store_finish(q);
    l->number = store_last_id(s);
    return ok;
}

bool lead_find(struct store *s, struct arena *a, const char *id, struct lead *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false,
         ok = store_prepare(s, "SELECT " COLUMNS " FROM lead WHERE id = ?", &q, err) &&
              store_bind_text(q, 1, id, err) && store_step(q, &row, err) &&
              (row || err_fail(err, ERR_NOT_FOUND, "there is no lead \"%.100s\"", id)) &&
              row_of(a, q, ret, err) && review_is_signed(ret, err);

    store_finish(q);
    return ok;
}

bool lead_list(struct store *s, struct arena *a, uint64_t after, const char *status,
               struct lead *ret, size_t max, size_t *ret_n, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s,
                            "SELECT " COLUMNS " FROM lead WHERE number > ?1 AND (?2 IS NULL OR"
                            " status = ?2) ORDER BY number LIMIT ?3",
                            &q, err) &&
              store_bind_u64(q, 1, after, err) && store_bind_text(q, 2, status, err) &&
              store_bind_u64(q, 3, max, err) && rows_of(a, q, ret, ret_n, err);

    for (size_t i = 0; ok && i < *ret_n; i++)
        ok = review_is_signed(&ret[i], err);
    store_finish(q);
    return ok;
}

bool lead_unjudged(struct store *s, struct arena *a, struct lead *ret, size_t max, size_t *ret_n,
                   struct err *err)
{
    struct store_query *q = NULL;
    bool ok =
        store_prepare(s, "SELECT " COLUMNS " FROM lead WHERE judged = 0 ORDER BY number LIMIT ?",
                      &q, err) &&
        store_bind_u64(q, 1, max, err) && rows_of(a, q, ret, ret_n, err);

    store_finish(q);
    return ok;
}

bool lead_unaudited(struct store *s, struct arena *a, struct lead *ret, size_t max, size_t *ret_n,
                    struct err *err)
{
    struct store_query *q = NULL;
    bool ok =
        store_prepare(s, "SELECT " COLUMNS " FROM lead WHERE audited = 0 ORDER BY number LIMIT ?",
                      &q, err) &&
        store_bind_u64(q, 1, max, err) && rows_of(a, q, ret, ret_n, err);

    store_finish(q);
    return ok;
}

bool lead_audited(struct store *s, uint64_t number, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s, "UPDATE lead SET audited = 1 WHERE number = ?", &q, err) &&
              store_bind_u64(q, 1, number, err) && store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

/* A person's word stands, whenever it was said. */
bool lead_judged(struct store *s, uint64_t number, bool known, const char *reached, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s,
                            "UPDATE lead SET judged = 1, reached = ?2, status = CASE WHEN status ="
                            " 'new' AND ?3 THEN 'not-reached' ELSE status END WHERE number = ?1",
                            &q, err) &&
              store_bind_u64(q, 1, number, err) && store_bind_text(q, 2, reached, err) &&
              store_bind_u64(q, 3, known && !reached, err) && store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

static bool review_check(const struct lead_review *r, struct err *err)
{
    if (!listed(lead_dispositions, r->disposition))
        return err_fail(err, ERR_INPUT, "disposition: useful, noted or not-useful is wanted");
    return !r->remark ||
           (strlen(r->remark) <= LEAD_NOTE_MAX && utf8_valid(r->remark, strlen(r->remark)) &&
            text_is_plain(r->remark, strlen(r->remark))) ||
           err_fail(err, ERR_INPUT, "remark: %d bytes at most, without control characters",
                    LEAD_NOTE_MAX);
}

static bool review_put(struct store *s, const struct lead *l, struct err *err)
{
    struct store_query *q = NULL;
    bool ok =
        store_prepare(s,
                      "UPDATE lead SET status = 'reviewed', disposition = ?, reviewer = ?,"
                      " remark = ?, reviewed_ms = ?, reviewer_key = ?, signature = ?, audited = 0"
                      " WHERE number = ?",
                      &q, err) &&
        store_bind_text(q, 1, l->disposition, err) && store_bind_text(q, 2, l->by, err) &&
        store_bind_text(q, 3, l->remark, err) && store_bind_u64(q, 4, l->reviewed_ms, err) &&
        store_bind_blob(q, 5, (struct bytes){l->by_key.b, sizeof(l->by_key.b)}, err) &&
        store_bind_blob(q, 6, (struct bytes){l->signature.b, sizeof(l->signature.b)}, err) &&
        store_bind_u64(q, 7, l->number, err) && store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

bool lead_review(struct store *s, const char *id, const struct lead_review *r,
                 const struct signer *by, struct err *err)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct lead l;
    bool ok = a ? review_check(r, err) && lead_find(s, a, id, &l, err)
                : err_fail(err, ERR_NOMEM, "a lead");

    if (ok && l.disposition)
        ok = err_fail(err, ERR_DIFFERS, "\"%.100s\" was reviewed: %s, by %s", id, l.disposition,
                      l.by ? l.by : "nobody");
    if (ok) {
        l.disposition = r->disposition;
        l.by = r->person;
        l.remark = r->remark;
        l.reviewed_ms = r->ms;
        ok = review_sign(&l, by, err) && review_put(s, &l, err);
    }
    arena_free(a);
    return ok;
}

bool lead_purge(struct store *s, uint64_t before_ms, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s, "DELETE FROM lead WHERE ms < ?", &q, err) &&
              store_bind_u64(q, 1, before_ms, err) && store_step(q, NULL, err);

    store_finish(q);
    return ok;
}
