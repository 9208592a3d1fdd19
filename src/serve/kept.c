#include "serve/kept.h"

#include "base/hash.h"

#define TAKES "256 + length(answer) + length(audits)" /* KEPT_ROW_BYTES */

static const char *const steps[] = {
    "CREATE TABLE kept (owner TEXT NOT NULL, key TEXT NOT NULL, request BLOB NOT NULL,"
    " status INTEGER NOT NULL, type TEXT, answer BLOB NOT NULL, audits BLOB NOT NULL,"
    " time INTEGER NOT NULL, PRIMARY KEY (owner, key)) WITHOUT ROWID;"
    "CREATE INDEX kept_time ON kept (time)",
    "CREATE TABLE kept_sum (bytes INTEGER NOT NULL);"
    "INSERT INTO kept_sum SELECT coalesce(sum(" TAKES "), 0) FROM kept",
};
const struct store_schema kept_schema = {"kept", steps, sizeof(steps) / sizeof(steps[0])};

bool kept_key_fits(const char *key)
{
    size_t n = 0;

    for (; key[n]; n++)
        if (n == KEPT_KEY_MAX || (unsigned char)key[n] <= 0x20 || (unsigned char)key[n] >= 0x7f)
            return false;
    return n > 0;
}

/* What the key stands for: another request with it is a mistake that must show. */
static struct hash32 request_hash(const struct http_request *r)
{
    struct sha256_stream s;

    sha256_start(&s);
    sha256_add(&s, r->method, strlen(r->method) + 1);
    sha256_add(&s, r->target, strlen(r->target) + 1);
    sha256_add(&s, r->body.p, (size_t)r->body.n);
    return sha256_done(&s);
}

/* Audit entries are JSON on a line each. */
static bool audits_again(struct http_job *job, struct bytes all, struct err *err)
{
    const char *p = (const char *)all.p;

    for (size_t left = all.n; left;) {
        const char *end = memchr(p, '\n', left);
        size_t n = end ? (size_t)(end - p) : left;

        if (!http_audit(job, p, n, err))
            return false;
        p += n + (end != NULL);
        left -= n + (end != NULL);
    }
    return true;
}

static bool kept_take(struct store_query *q, struct http_job *job, struct err *err)
{
    struct hash32 is = request_hash(&job->request);
    struct http_response *r = &job->response;
    struct bytes answer = store_blob(q, 3);

    if (!bytes_equal(store_blob(q, 0), (struct bytes){is.b, sizeof(is.b)}))
        return err_fail(err, ERR_LIMIT, "this Idempotency-Key was used for another request");
    r->status = (unsigned)store_u64(q, 1);
    r->type = NULL;
    if (!store_is_null(q, 2)) {
        r->type = store_text_copy(q, 2, job->arena);
        if (!r->type)
            return err_fail(err, ERR_NOMEM, "a kept answer");
    }
    text_put(&r->body, (const char *)answer.p, answer.n);
    http_response_field(r, "Idempotency-Replayed", "true");
    return audits_again(job, store_blob(q, 4), err);
}

bool kept_find(struct store *s, struct http_job *job, const char *key, uint64_t now,
               bool *ret_found, struct err *err)
{
    struct store_query *q = NULL;
    bool ok;

    *ret_found = false;
    ok = store_prepare(s,
                       "SELECT request, status, type, answer, audits FROM kept"
                       " WHERE owner = ? AND key = ? AND time > ?",
                       &q, err) &&
         store_bind_text(q, 1, job->request.key ? job->request.key : "", err) &&
         store_bind_text(q, 2, key, err) &&
         store_bind_u64(q, 3, now > KEPT_SECONDS ? now - KEPT_SECONDS : 0, err) &&
         store_step(q, ret_found, err) && (!*ret_found || kept_take(q, job, err));
    store_finish(q);
    return ok;
}

bool kept_bytes(struct store *s, uint64_t *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false;
    bool ok = store_prepare(s, "SELECT bytes FROM kept_sum", &q, err) && store_step(q, &row, err);

    *ret = ok && row ? store_u64(q, 0) : 0;
    store_finish(q);
    return ok;
}

/* One past its time makes room for another of its name. */
static bool forget(struct store *s, const struct http_job *job, const char *key, struct err *err)
{
    static const char *const sql[] = {
        "UPDATE kept_sum SET bytes = bytes - (SELECT coalesce(sum(" TAKES "), 0) FROM kept"
        " WHERE owner = ? AND key = ?)",
        "DELETE FROM kept WHERE owner = ? AND key = ?"};
    bool ok = true;

    for (size_t i = 0; ok && i < 2; i++) {
        struct store_query *q = NULL;

        ok = store_prepare(s, sql[i], &q, err) &&
             store_bind_text(q, 1, job->request.key ? job->request.key : "", err) &&
             store_bind_text(q, 2, key, err) && store_step(q, NULL, err);
        store_finish(q);
    }
    return ok;
}

static bool count(struct store *s, uint64_t bytes, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s, "UPDATE kept_sum SET bytes = bytes + ?", &q, err) &&
              store_bind_u64(q, 1, bytes, err) && store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

static bool room(struct store *s, uint64_t n, uint64_t now, struct err *err)
{
    uint64_t bytes;

    if (!kept_bytes(s, &bytes, err))
        return false;
    if (bytes + n > KEPT_BYTES_MAX && (!kept_purge(s, now, err) || !kept_bytes(s, &bytes, err)))
        return false;
    if (bytes + n <= KEPT_BYTES_MAX)
        return count(s, n, err);
    return err_fail(err, ERR_NOMEM, "too many answers are kept for an Idempotency-Key");
}

bool kept_put(struct store *s, const struct http_job *job, const char *key, uint64_t now,
              struct err *err)
{
    const struct http_response *r = &job->response;
    struct hash32 is = request_hash(&job->request);
    struct text audits = text_new(HTTP_JOB_BYTES_MAX);
    struct store_query *q = NULL;
    bool ok;

    for (size_t i = 0; i < r->audits_n; i++) {
        text_str(&audits, i ? "\n" : "");
        text_put(&audits, (const char *)r->audits[i].p, r->audits[i].n);
    }
    ok = text_end(&audits, err) && forget(s, job, key, err) &&
         room(s, KEPT_ROW_BYTES + r->body.n + audits.n, now, err) &&
         store_prepare(s, "INSERT INTO kept VALUES (?, ?, ?, ?, ?, ?, ?, ?)", &q, err) &&
         store_bind_text(q, 1, job->request.key ? job->request.key : "", err) &&
         store_bind_text(q, 2, key, err) &&
         store_bind_blob(q, 3, (struct bytes){is.b, sizeof(is.b)}, err) &&
         store_bind_u64(q, 4, r->status ? r->status : 200, err) &&
         store_bind_text(q, 5, r->type, err) &&
         store_bind_blob(
             q, 6, (struct bytes){(const uint8_t *)(r->body.p ? r->body.p : ""), r->body.n}, err) &&
         store_bind_blob(
             q, 7, (struct bytes){(const uint8_t *)(audits.p ? audits.p : ""), audits.n}, err) &&
         store_bind_u64(q, 8, now, err) && store_step(q, NULL, err);
    store_finish(q);
    text_free(&audits);
    return ok;
}

bool kept_purge(struct store *s, uint64_t now, struct err *err)
{
    static const char *const sql[] = {
        "UPDATE kept_sum SET bytes = bytes - (SELECT coalesce(sum(" TAKES "), 0) FROM kept"
        " WHERE time <= ?)",
        "DELETE FROM kept WHERE time <= ?"};
    bool ok = true;

    for (size_t i = 0; ok && i < 2; i++) {
        struct store_query *q = NULL;

        ok = store_prepare(s, sql[i], &q, err) &&
             store_bind_u64(q, 1, now > KEPT_SECONDS ? now - KEPT_SECONDS : 0, err) &&
             store_step(q, NULL, err);
        store_finish(q);
    }
    return ok;
}
