/* Receipts in a home: kept as they were signed, with what each says of which stream. Of a stream
 * and member there are as many rows as there were steps forward, so that of every event it can be
 * told since when the member has said to have it. */
#include "group/log_parts.h"

#define RECEIPT_SCRATCH ((size_t)1 << 20)

static const struct hash32 none;

/* ---- taking them in ---- */

/* What an event of it says; NULL: nothing. */
static const struct fold_event *head_of(const struct fold *f, const char *member,
                                        const struct hash32 *id)
{
    const struct charter *c = fold_charter(f);
    const struct fold_event *e = hash32_equal(id, &none) ? NULL : fold_find(f, id);

    return e && e->standing == STANDING_GOOD && group_log_shows(c, group_log_member(c, member), e)
               ? e
               : NULL;
}

bool group_log_receipt_says(const struct group_log *l, const char *member, const struct receipt *r)
{
    for (size_t i = 0; l->fold && i < RECEIPT_EVENTS_N; i++)
        if (head_of(l->fold, member, &r->events[i]))
            return true;
    return false;
}

static bool stream_bind(struct store_query *q, const char *member, const struct event *e,
                        struct err *err)
{
    return store_bind_text(q, 1, member, err) && store_bind_text(q, 2, e->author, err) &&
           store_bind_blob(q, 3, (struct bytes){e->stream.b, sizeof(e->stream.b)}, err) &&
           store_bind_u64(q, 4, e->seq, err);
}

static bool is_further(struct group_log *l, const char *member, const struct event *e, bool *ret,
                       struct err *err)
{
    struct store_query *q = NULL;
    bool row = false;
    bool ok = store_prepare(l->store,
                            "SELECT 1 FROM receipt_head WHERE member = ? AND author = ? AND "
                            "stream = ? AND seq >= ? LIMIT 1",
                            &q, err) &&
              stream_bind(q, member, e, err) && store_step(q, &row, err);

    *ret = !row;
    store_finish(q);
    return ok;
}

static bool text_put_row(struct group_log *l, const char *member, struct bytes text, uint64_t *ret,
                         struct err *err)
{
    struct store_query *q = NULL;
    bool ok =
        store_prepare(l->store, "INSERT INTO receipt (member, receipt) VALUES (?, ?)", &q, err) &&
        store_bind_text(q, 1, member, err) && store_bind_blob(q, 2, text, err) &&
        store_step(q, NULL, err);

    *ret = ok ? store_last_id(l->store) : 0;
    store_finish(q);
    return ok;
}

static bool head_put_row(struct group_log *l, const char *member, const struct event *e,
                         const struct receipt *r, uint64_t row, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(l->store,
                            "INSERT INTO receipt_head (member, author, stream, seq, event, ms, "
                            "receipt) VALUES (?, ?, ?, ?, ?, ?, ?)",
                            &q, err) &&
              stream_bind(q, member, e, err) &&
              store_bind_blob(q, 5, (struct bytes){e->id.b, sizeof(e->id.b)}, err) &&
              store_bind_u64(q, 6, r->ms, err) && store_bind_u64(q, 7, row, err) &&
              store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

bool group_log_take_receipt(struct group_log *l, const char *member, struct bytes text,
                            const struct receipt *r, bool *ret_kept, struct err *err)
{
    uint64_t row = 0;

    *ret_kept = false;
    for (size_t i = 0; l->fold && i < RECEIPT_EVENTS_N; i++) {
        const struct fold_event *e = head_of(l->fold, member, &r->events[i]);
        bool further;

        if (!e)
            continue;
        if (!is_further(l, member, &e->e, &further, err))
            return false;
        if (!further)
            continue;
        if ((!row && !text_put_row(l, member, text, &row, err)) ||
            !head_put_row(l, member, &e->e, r, row, err))
            return false;
        *ret_kept = true;
    }
    return true;
}

/* ---- what they say ---- */

/* From "member, author, stream, seq, ms, event" of a row; *ret_stands: its event does. */
static bool head_read(struct group_log *l, struct arena *a, struct store_query *q,
                      struct receipt_head *ret, bool *ret_stands, struct err *err)
{
    struct bytes stream = store_blob(q, 2), id = store_blob(q, 5);
    const struct fold_event *e;
    struct hash32 hash;

    if (stream.n != sizeof(ret->stream.b) || id.n != sizeof(hash.b))
        return err_fail(err, ERR_CORRUPT, "\"%s\": a receipt is not as it was written",
                        store_path(l->store));
    memcpy(ret->stream.b, stream.p, stream.n);
    memcpy(hash.b, id.p, id.n);
    e = fold_find(l->fold, &hash);
    *ret_stands = e && e->standing == STANDING_GOOD;
    if (!*ret_stands)
        return true;
    ret->author = e->e.author;
    ret->member = arena_string(a, store_text(q, 0), store_text_n(q, 0));
    ret->seq = store_u64(q, 3);
    ret->ms = store_u64(q, 4);
    return ret->member || err_fail(err, ERR_NOMEM, "receipts");
}

static bool heads_n(struct group_log *l, uint64_t *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false, ok = store_prepare(l->store, "SELECT count(*) FROM receipt_head", &q, err) &&
                           store_step(q, &row, err);

    *ret = ok && row ? store_u64(q, 0) : 0;
    store_finish(q);
    return ok;
}

static bool heads_read(struct group_log *l, struct arena *a, struct receipts *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row = true, stands, ok;
    uint64_t room;

    if (!heads_n(l, &room, err))
        return false;
    ret->at = ARENA_ARRAY(a, struct receipt_head, (size_t)room);
    ok = (ret->at || err_fail(err, ERR_NOMEM, "receipts")) &&
         store_prepare(l->store,
                       "SELECT member, author, stream, seq, ms, event FROM receipt_head "
                       "ORDER BY member, author, stream, seq",
                       &q, err);
    while (ok && ret->n < room && (ok = store_step(q, &row, err)) && row) {
        ok = head_read(l, a, q, &ret->at[ret->n], &stands, err);
        ret->n += ok && stands;
    }
    store_finish(q);
    return ok;
}

bool group_log_receipts(struct group_log *l, struct arena *a, struct receipts *ret, struct err *err)
{
    bool ok;

    *ret = (struct receipts){.n = 0};
    pthread_mutex_lock(&l->reading);
    ok = !l->fold || heads_read(l, a, ret, err);
    pthread_mutex_unlock(&l->reading);
    return ok;
}

static int head_order(const struct receipt_head *h, const char *member, const struct event *e)
{
    int order = strcmp(h->member, member);

    if (!order)
        order = strcmp(h->author, e->author);
    if (!order)
        order = memcmp(h->stream.b, e->stream.b, sizeof(h->stream.b));
    return order ? order : (h->seq > e->seq) - (h->seq < e->seq);
}

bool receipts_find(const struct receipts *of, const char *member, const struct event *e,
                   uint64_t *ret_ms)
{
    size_t low = 0, high = of->n;
    const struct receipt_head *h;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (head_order(&of->at[mid], member, e) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    h = low < of->n ? &of->at[low] : NULL;
    if (!h || strcmp(h->member, member) != 0 || strcmp(h->author, e->author) != 0 ||
        memcmp(h->stream.b, e->stream.b, sizeof(h->stream.b)) != 0)
        return false;
    *ret_ms = h->ms;
    return true;
}

bool group_log_receipts_put(struct group_log *l, struct text *to, struct err *err)
{
    struct store_query *q = NULL;
    bool row = true, ok;

    pthread_mutex_lock(&l->reading);
    ok = store_prepare(l->store, "SELECT receipt FROM receipt ORDER BY id", &q, err);
    while (ok && (ok = store_step(q, &row, err)) && row) {
        text_put(to, (const char *)store_blob(q, 0).p, store_blob(q, 0).n);
        text_char(to, '\n');
    }
    store_finish(q);
    pthread_mutex_unlock(&l->reading);
    return ok;
}

/* ---- checking ---- */

static bool is_node_key(const struct fold *f, const char *member, const struct key32 *key)
{
    const struct charter *at;

    for (uint64_t version = 1; (at = fold_charter_at(f, version)); version++) {
        const struct charter_key *k = charter_key(at, key);

        if (k && !k->person && !strcmp(at->members[k->member].id, member))
            return true;
    }
    return false;
}

/* From "id, member, receipt, author, stream, seq, event, ms" of a row: of one head that it says. */
static bool head_check(struct group_log *l, struct arena *a, struct store_query *q, struct err *err)
{
    struct bytes stream = store_blob(q, 4), id = store_blob(q, 6);
    const struct fold_event *e = NULL;
    struct receipt r;
    bool said = false;

    if (!receipt_read(a, store_blob(q, 2), &l->group, &r, err)) {
        err->class = err->class == ERR_INPUT ? ERR_DIFFERS : err->class;
        return false;
    }
    if (!is_node_key(l->fold, store_text(q, 1), &r.key))
        return err_fail(err, ERR_DIFFERS, "its key is none of %s's node", store_text(q, 1));
    for (size_t i = 0; id.n == sizeof(struct hash32) && i < RECEIPT_EVENTS_N; i++)
        if (!memcmp(r.events[i].b, id.p, id.n)) {
            said = true;
            e = fold_find(l->fold, &r.events[i]);
        }
    return (said && e && !strcmp(e->e.author, store_text(q, 3)) &&
            stream.n == sizeof(e->e.stream.b) && !memcmp(stream.p, e->e.stream.b, stream.n) &&
            e->e.seq == store_u64(q, 5) && r.ms == store_u64(q, 7)) ||
           err_fail(err, ERR_DIFFERS, "it does not say what is told of it");
}

static bool receipts_check(struct group_log *l, struct group_log_checked *ret, struct err *err)
{
    struct store_query *q = NULL;
    uint64_t last = 0;
    bool row = true, ok;

    ok = store_prepare(l->store,
                       "SELECT r.id, h.member, r.receipt, h.author, h.stream, h.seq, h.event, h.ms "
                       "FROM receipt r JOIN receipt_head h ON h.receipt = r.id AND "
                       "h.member = r.member ORDER BY r.id",
                       &q, err);
    while (ok && (ok = store_step(q, &row, err)) && row) {
        struct arena *a = arena_new(NULL, RECEIPT_SCRATCH);

        ok = (a ? head_check(l, a, q, err) : err_fail(err, ERR_NOMEM, "receipts")) ||
             err_in(err, "receipt %llu of %s", (unsigned long long)store_u64(q, 0),
                    store_text(q, 1));
        ret->receipts += ok && store_u64(q, 0) != last;
        last = store_u64(q, 0);
        arena_free(a);
    }
    store_finish(q);
    return ok;
}

/* No head without the receipt that says it. */
static bool heads_check(struct group_log *l, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false;
    bool ok = store_prepare(l->store,
                            "SELECT 1 FROM receipt_head h LEFT JOIN receipt r ON r.id = h.receipt "
                            "AND r.member = h.member WHERE r.id IS NULL LIMIT 1",
                            &q, err) &&
              store_step(q, &row, err) &&
              (!row || err_fail(err, ERR_DIFFERS, "a receipt is told of that is not here"));

    store_finish(q);
    return ok;
}

bool log_receipts_check(struct group_log *l, struct group_log_checked *ret, struct err *err)
{
    bool ok;

    pthread_mutex_lock(&l->reading);
    ok = receipts_check(l, ret, err) && heads_check(l, err);
    pthread_mutex_unlock(&l->reading);
    return ok;
}
