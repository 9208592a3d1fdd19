/* Lines that travel between homes that are both running. */
#include "group/log_parts.h"

#include "base/pool.h"

#define POOL_LINES_MIN 64 /* fewer are checked sooner than threads are made */
#define CHECKPOINT_SCRATCH_MAX (16 * CHECKPOINT_BYTES_MAX)

/* ---- reading ---- */

static bool reason_set(struct arena *a, struct group_line *l, const struct err *why,
                       struct err *err)
{
    l->reason = arena_string(a, why->text, strlen(why->text));
    return l->reason || err_fail(err, ERR_NOMEM, "a line");
}

static bool line_read(struct arena *a, const struct hash32 *group, struct group_line *l,
                      struct err *err)
{
    l->is_checkpoint = checkpoint_line_is(l->text);
    return l->is_checkpoint || event_line_read(a, l->text, group, &l->line, err) ||
           (err->class != ERR_NOMEM && reason_set(a, l, err, err));
}

/* Signatures take ten times as long as all else: on all processors. */
struct signing {
    const struct hash32 *group;
    const struct group_line *lines;
    struct signed_line {
        bool ok, good;
        struct err err;
    } * at; /* [n] */
};

static void signature_check(void *ctx, size_t task, unsigned worker)
{
    const struct signing *s = ctx;
    const struct event *e = &s->lines[task].line.event;
    struct signed_line *at = &s->at[task];

    (void)worker;
    at->ok = at->good = true;
    if (!s->lines[task].is_checkpoint && !s->lines[task].reason)
        at->ok =
            group_signed(&e->key, EVENT_TAG, s->group, e->text, &e->signature, &at->good, &at->err);
}

static bool signatures_check(struct arena *a, const struct hash32 *group, struct group_line *lines,
                             size_t n, struct err *err)
{
    struct signing s = {group, lines, ARENA_ARRAY(a, struct signed_line, n)};
    struct pool *pool = n >= POOL_LINES_MIN ? pool_new(0) : NULL;
    bool ok = s.at || err_fail(err, ERR_NOMEM, "%zu lines", n);

    if (ok && pool)
        pool_run(pool, n, signature_check, &s);
    for (size_t i = 0; ok && i < n; i++) {
        static const struct err foreign = {.class = ERR_INPUT,
                                           .text = "the signature is not its key's"};

        if (!pool)
            signature_check(&s, i, 0);
        if (!s.at[i].ok) {
            *err = s.at[i].err;
            ok = false;
        } else if (!s.at[i].good) {
            ok = reason_set(a, &lines[i], &foreign, err);
        }
    }
    pool_free(pool);
    return ok;
}

static size_t lines_count(struct bytes text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n + (text.n && text.p[text.n - 1] != '\n');
}

bool group_lines_read(struct arena *a, struct bytes text, const struct hash32 *group,
                      struct group_line **ret, size_t *ret_n, struct err *err)
{
    size_t n = lines_count(text);
    struct group_line *lines = ARENA_ARRAY(a, struct group_line, n);

    if (!lines)
        return err_fail(err, ERR_NOMEM, "%zu lines", n);
    for (size_t i = 0; i < n; i++) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        size_t line_n = end ? (size_t)(end - text.p) : text.n;

        lines[i].text = (struct bytes){text.p, line_n};
        if (!line_read(a, group, &lines[i], err))
            return false;
        text.p += line_n + (end != NULL);
        text.n -= line_n + (end != NULL);
    }
    *ret = lines;
    *ret_n = n;
    return signatures_check(a, group, lines, n, err);
}

/* ---- taking in ---- */

static bool stands(const struct fold *f, const struct hash32 *id)
{
    const struct fold_event *e = fold_find(f, id);

    return e && e->standing == STANDING_GOOD;
}

/* By all that can be seen before it is taken in. */
static bool will_stand(const struct fold *f, const struct event *e)
{
    if (!log_share_owns(f, e) || (e->seq > 1 && !stands(f, &e->prev)))
        return false;
    for (size_t i = 0; i < e->after_n; i++)
        if (!stands(f, &e->after[i]))
            return false;
    return true;
}

/* For something that has not come, or nobody's; all else that does not stand is its author's. */
static bool waits(const struct fold *f, const struct hash32 *id)
{
    const struct fold_event *e = fold_find(f, id);

    return e && (e->standing == STANDING_WAITS || e->standing == STANDING_NO_CHARTER ||
                 e->standing == STANDING_NO_KEY);
}

static void waiting_prune(const struct fold *f, struct group_sender *from)
{
    size_t left = 0;

    for (size_t i = 0; i < from->waiting_n; i++)
        if (waits(f, &from->waiting[i]))
            from->waiting[left++] = from->waiting[i];
    from->waiting_n = left;
}

static bool is_full(const struct group_log *l, const struct group_sender *from)
{
    return from->waiting_n == GROUP_SENDER_WAITING_MAX || log_share_unowned(l) >= LOG_WAITING_MAX;
}

static bool is_beyond_share(struct group_log *l, const struct event_line *line)
{
    uint64_t uses = 1 + (line->has_body ? line->body.n / LOG_SHARE_BYTES : 0);

    return log_share_owns(l->fold, &line->event) &&
           !log_share_left(l, line->event.author, uses, l->now_ms);
}

static bool apart(struct group_log *l, struct group_sender *from, struct bytes line,
                  const char *reason, struct err *err)
{
    return from->apart++ >= GROUP_SENDER_APART_MAX || group_log_put_apart(l, line, reason, err);
}

/* Of a stream of which there is nothing here, nobody could say who may see it. */
static bool take_checkpoint(struct group_log *l, struct group_sender *from,
                            const struct group_line *line, struct group_log_counts *c,
                            struct err *err)
{
    struct arena *a = arena_new(NULL, CHECKPOINT_SCRATCH_MAX);
    enum group_log_taken taken = LOG_DOUBLE;
    bool ok = a ? group_log_take_checkpoint(l, a, line->text, true, &taken, err)
                : err_fail(err, ERR_NOMEM, "a checkpoint");

    arena_free(a);
    if (!ok && err->class == ERR_NOT_FOUND) {
        c->over++;
        return true;
    }
    if (!ok) {
        c->apart += err->class == ERR_INPUT;
        return err->class == ERR_INPUT && apart(l, from, line->text, err->text, err);
    }
    c->taken += taken == LOG_TAKEN;
    c->doubled += taken == LOG_DOUBLE;
    return true;
}

static bool take_one(struct group_log *l, struct group_sender *from, const struct group_line *line,
                     struct group_log_counts *c, struct err *err)
{
    const struct hash32 *id = &line->line.event.id;
    bool known = !line->reason && fold_find(l->fold, id);
    enum group_log_taken taken;

    if (line->is_checkpoint)
        return take_checkpoint(l, from, line, c, err);
    if (line->reason) {
        c->apart++;
        return apart(l, from, line->text, line->reason, err);
    }
    if (!known && is_full(l, from) && !will_stand(l->fold, &line->line.event)) {
        c->over++;
        from->missed = true;
        return true;
    }
    if (!known && is_beyond_share(l, &line->line)) {
        c->over++;
        from->over_ms = from->over_ms ? from->over_ms : from->now_ms;
        return true;
    }
    if (!group_log_take(l, &line->line, &taken, err)) {
        c->apart += err->class == ERR_INPUT;
        return err->class == ERR_INPUT && apart(l, from, line->text, err->text, err);
    }
    c->taken += taken == LOG_TAKEN;
    c->doubled += taken == LOG_DOUBLE;
    if (taken == LOG_TAKEN && waits(l->fold, id) && from->waiting_n < GROUP_SENDER_WAITING_MAX)
        from->waiting[from->waiting_n++] = *id;
    return true;
}

bool group_log_take_lines(struct group_log *l, struct group_sender *from,
                          const struct group_line *lines, size_t n, struct group_log_counts *ret,
                          struct err *err)
{
    struct group_log_counts c = {.taken = 0};
    bool ok = true;

    waiting_prune(l->fold, from);
    l->now_ms = from->now_ms;
    fold_batch(l->fold);
    for (size_t i = 0; ok && i < n; i++)
        ok = take_one(l, from, &lines[i], &c, err);
    l->now_ms = 0;
    *ret = c;
    ok = ok && fold_settle(l->fold, err);
    if (ok)
        waiting_prune(l->fold, from); /* not all was judged until now */
    return ok;
}

/* ---- a page ---- */

int64_t group_log_member(const struct charter *c, const char *id)
{
    int64_t at = c ? charter_member(c, id) : -1;

    return at >= 0 && c->members[at].suspended ? -1 : at;
}

bool group_log_shows(const struct charter *c, int64_t member, const struct fold_event *e)
{
    return e->standing != STANDING_NO_KEY &&
           (!strcmp(e->e.audience, AUDIENCE_ALL) ||
            (member >= 0 && charter_hears(c, (uint32_t)member, e->e.audience)));
}

/* However many rows there are in between that the member may not see, it is one page: more of them
 * would tell of those. */
bool group_log_page(struct group_log *l, const struct group_log_page *how, struct text *to,
                    struct group_log_paged *ret, struct err *err)
{
    struct group_log_page left = *how;
    size_t start = to->n;
    const struct fold_event *e = NULL;
    const struct charter *c = fold_charter(l->fold);
    int64_t member = group_log_member(c, how->to);
    uint64_t row = how->since;

    *ret = (struct group_log_paged){.row = row, .notes = how->notes};
    for (; (e = fold_event_at(l->fold, row)); row++) {
        if (!group_log_shows(c, member, e))
            continue;
        if (ret->lines && to->n - start >= how->bytes_max) {
            ret->more = true;
            break;
        }
        if (!group_log_line_put(l, e, to, err))
            return false;
        text_char(to, '\n');
        ret->lines++;
    }
    ret->row = row;
    left.bytes_max -= to->n - start < left.bytes_max ? to->n - start : left.bytes_max;
    return ret->more || group_log_notes_page(l, &left, to, ret, err);
}

bool group_log_link(struct group_log *l, uint64_t row, struct hash32 *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool there = false, ok;

    memset(ret, 0, sizeof(*ret));
    if (!row)
        return true;
    pthread_mutex_lock(&l->reading);
    ok = store_prepare(l->store, "SELECT link FROM group_event WHERE id = ?", &q, err) &&
         store_bind_u64(q, 1, row, err) && store_step(q, &there, err);
    if (ok && (!there || store_blob(q, 0).n != sizeof(ret->b)))
        ok = err_fail(err, ERR_NOT_FOUND, "there is no row %llu", (unsigned long long)row);
    if (ok)
        memcpy(ret->b, store_blob(q, 0).p, sizeof(ret->b));
    store_finish(q);
    pthread_mutex_unlock(&l->reading);
    return ok;
}
