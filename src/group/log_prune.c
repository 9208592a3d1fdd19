/* Checkpoints that are of no more use go. One (X) may go if all of this holds:
 *
 *     two histories of its stream were never shown: else each is evidence
 *     its countersignatures are older than so many days, and it is not the first of its day (UTC):
 *         what is left tells to the day since when an event was there
 *     an earlier one (Y) stays, each of X's countersigners has signed Y, and no later, and no
 *         charter was signed, no text worded in the events between: what X proves the age of, Y
 *         does
 *     a later one (Z) stays, whose events stand here and that each of them has signed: wherever X
 *         is countersigned, by whichever charter, so is Z
 *
 * So what is decided by checkpoints (docs/protocol.md, section 8) is decided alike with X and
 * without, and the root of Z and a proof of consistency prove what X did. */
#include "group/log_parts.h"

#define DAY 86400
#define LATER_MAX 256 /* that are looked through for Z */

struct witnessed_act {
    const char *author;
    struct stream_id stream;
    uint64_t seq;
};

struct pruning {
    struct group_log *l;
    const struct witnessed_act *acts; /* [acts_n] */
    size_t acts_n;
    uint64_t before; /* seconds: what was countersigned since stays */
    uint64_t pruned;
};

/* Does something count from the time of its first countersigned checkpoint? */
static bool is_witnessed(const struct fold_event *e)
{
    return !strcmp(e->e.type, "charter.sign") || !strcmp(e->e.type, "text.state") ||
           !strcmp(e->e.type, "text.revise");
}

static bool acts_find(const struct fold *f, struct arena *a, struct pruning *p, struct err *err)
{
    const struct fold_event *e;
    struct witnessed_act *acts;
    size_t n = 0;

    for (size_t i = 0; (e = fold_event_at(f, i)); i++)
        n += is_witnessed(e);
    acts = ARENA_ARRAY(a, struct witnessed_act, n);
    if (!acts)
        return err_fail(err, ERR_NOMEM, "checkpoints");
    for (size_t i = 0; (e = fold_event_at(f, i)); i++)
        if (is_witnessed(e))
            acts[p->acts_n++] =
                (struct witnessed_act){.author = e->e.author, e->e.stream, e->e.seq};
    p->acts = acts;
    return true;
}

static bool acts_between(const struct pruning *p, const struct checkpoint *y,
                         const struct checkpoint *x)
{
    for (size_t i = 0; i < p->acts_n; i++)
        if (p->acts[i].seq > y->size && p->acts[i].seq <= x->size &&
            !memcmp(p->acts[i].stream.b, x->stream.b, sizeof(x->stream.b)) &&
            !strcmp(p->acts[i].author, x->author))
            return true;
    return false;
}

/* The time of its last countersignature; 0: it has none. */
static uint64_t signed_last(const struct checkpoint *c)
{
    uint64_t ret = 0;

    for (size_t i = 0; i < c->signatures_n; i++)
        if (c->signatures[i].time > ret)
            ret = c->signatures[i].time;
    return ret;
}

/* Has each who countersigned x signed the other; no_later: by then? */
static bool is_signed_by_all(const struct checkpoint *other, const struct checkpoint *x,
                             bool no_later)
{
    for (size_t i = 0; i < x->signatures_n; i++) {
        const struct checkpoint_signature *s = &x->signatures[i];
        bool has = !s->time; /* the author's own */

        for (size_t k = 0; k < other->signatures_n && !has; k++)
            has = other->signatures[k].time &&
                  (!no_later || other->signatures[k].time <= s->time) &&
                  !memcmp(other->signatures[k].key.b, s->key.b, sizeof(s->key.b)) &&
                  !strcmp(other->signatures[k].member, s->member);
        if (!has)
            return false;
    }
    return true;
}

/* [standing_n] of a stream, by size, their events stand; *ret_z below x is none. */
static bool has_later(const struct checkpoint *of, size_t standing_n, size_t x)
{
    for (size_t i = standing_n, tried = 0; i-- > x + 1 && tried < LATER_MAX; tried++)
        if (is_signed_by_all(&of[i], &of[x], false))
            return true;
    return false;
}

/* Of one that nobody has countersigned the age is that of the next which somebody has. */
static uint64_t age_of(const struct checkpoint *of, size_t n, size_t x)
{
    uint64_t ret = 0;

    for (size_t i = x; i < n && !ret; i++)
        ret = signed_last(&of[i]);
    return ret;
}

static bool note_delete(struct group_log *l, const struct checkpoint *c, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(l->store,
                            "DELETE FROM checkpoint_note WHERE author = ? AND stream = ? AND "
                            "size = ? AND root = ?",
                            &q, err) &&
              store_bind_text(q, 1, c->author, err) &&
              store_bind_blob(q, 2, (struct bytes){c->stream.b, sizeof(c->stream.b)}, err) &&
              store_bind_u64(q, 3, c->size, err) &&
              store_bind_blob(q, 4, (struct bytes){c->root.b, sizeof(c->root.b)}, err) &&
              store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

static bool stream_prune(struct pruning *p, const struct checkpoint *of, size_t n, struct err *err)
{
    const struct checkpoint *y = NULL; /* the last that stays */
    struct fold_stream s;
    size_t standing = n;

    if (!fold_stream(p->l->fold, of->author, &of->stream, &s) || s.parted || s.forked)
        return true;
    while (standing && !fold_checkpoint_tip(p->l->fold, &of[standing - 1]))
        standing--;
    for (size_t x = 0; x < standing; x++) {
        uint64_t age = age_of(of, standing, x);
        bool same_day = y && age / DAY == signed_last(y) / DAY;

        if (age && age < p->before && y && (same_day || !signed_last(&of[x])) &&
            is_signed_by_all(y, &of[x], true) && !acts_between(p, y, &of[x]) &&
            has_later(of, standing, x)) {
            if (!note_delete(p->l, &of[x], err))
                return false;
            p->pruned++;
        } else {
            y = &of[x];
        }
    }
    return true;
}

bool group_log_prune(struct group_log *l, uint64_t now, uint64_t *ret_n, struct err *err)
{
    struct arena *a = arena_new(NULL, LOG_NOTES_BYTES_MAX);
    struct pruning p = {.l = l};
    struct log_checkpoints all = {.n = 0};
    bool ok = a || err_fail(err, ERR_NOMEM, "checkpoints");

    p.before = now > GROUP_LOG_WHOLE_DAYS * DAY ? now - GROUP_LOG_WHOLE_DAYS * DAY : 0;
    ok = ok && (!l->fold || (fold_settle(l->fold, err) && acts_find(l->fold, a, &p, err) &&
                             log_checkpoints_read(l, a, 0, &all, err)));
    for (size_t from = 0, n; ok && from < all.n; from += n) {
        n = checkpoints_of_stream(&all, from);
        ok = stream_prune(&p, &all.at[from], n, err);
    }
    arena_free(a);
    *ret_n = p.pruned;
    return ok;
}
