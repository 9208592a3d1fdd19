/* What checkpoints decide. A checkpoint says what a stream was: its root fits to one line of events
 * only. It is countersigned once more than half of those have who may:
 *
 *     of the active members of the stream's audience, but for its author, those that are
 *     governments; where there is none, all of them
 *
 * by the charter in force. Two countersigned checkpoints that part from each other have a
 * countersigner in common, who then has signed both, against its word. */
#include "group/fold_parts.h"

#include "group/merkle.h"

#include <stdlib.h>

/* ---- keeping ---- */

/* In the order of size and root: the first not before. */
static size_t stamp_place(const struct chain *c, uint64_t size, const struct hash32 *root)
{
    size_t low = 0, high = c->stamps.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct stamp *s = c->stamps.at[middle];

        if (s->size < size || (s->size == size && memcmp(s->root.b, root->b, sizeof(root->b)) < 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct stamp *stamp_find(const struct fold *f, const struct checkpoint *c,
                                struct chain **ret_chain)
{
    struct chain *chain = chain_find(f, c->author, &c->stream);
    size_t at = chain ? stamp_place(chain, c->size, &c->root) : 0;
    struct stamp *s = chain && at < chain->stamps.n ? chain->stamps.at[at] : NULL;

    *ret_chain = chain;
    return s && s->size == c->size && hash32_equal(&s->root, &c->root) ? s : NULL;
}

/* A key counts once, from its first time on. */
static bool signer_known(struct stamp_signer *by, size_t n, const struct checkpoint_signature *s)
{
    for (size_t i = 0; i < n; i++)
        if (!memcmp(by[i].key.b, s->key.b, sizeof(s->key.b)) && !strcmp(by[i].member, s->member)) {
            if (s->time < by[i].time)
                by[i].time = s->time;
            return true;
        }
    return false;
}

static bool signers_join(struct fold *f, struct stamp *s, const struct checkpoint *c)
{
    struct stamp_signer *by = ARENA_ARRAY(f->arena, struct stamp_signer, s->by_n + c->signatures_n);
    size_t n = s->by_n;

    if (!by)
        return false;
    if (n)
        memcpy(by, s->by, n * sizeof(*by));
    for (size_t i = 0; i < c->signatures_n; i++) {
        const struct checkpoint_signature *one = &c->signatures[i];

        if (!one->time || signer_known(by, n, one))
            continue;
        by[n].member = arena_string(f->arena, one->member, strlen(one->member));
        by[n].key = one->key;
        by[n].time = one->time;
        if (!by[n++].member)
            return false;
    }
    s->by = by;
    s->by_n = n;
    return true;
}

static struct stamp *stamp_keep(struct fold *f, const struct checkpoint *c, struct err *err)
{
    struct chain *chain = chain_of(f, c->author, &c->stream, err);
    struct stamp *s = chain ? stamp_find(f, c, &chain) : NULL;

    if (!chain || s)
        return s;
    s = ARENA_NEW(f->arena, struct stamp);
    if (!s) {
        err_set(err, ERR_NOMEM, "checkpoints");
        return NULL;
    }
    s->size = c->size;
    s->root = c->root;
    return list_put(&chain->stamps, s, stamp_place(chain, s->size, &s->root), err) ? s : NULL;
}

bool fold_checkpoint(struct fold *f, const struct checkpoint *c, struct err *err)
{
    struct stamp *s = stamp_keep(f, c, err);
    struct chain *chain;
    bool ok;

    if (!s)
        return false;
    if (!signers_join(f, s, c))
        return err_fail(err, ERR_NOMEM, "checkpoints");
    chain = chain_find(f, c->author, &c->stream);
    f->again = f->rivals;
    ok = !chain->fork || f->again || judge_chain(f, chain, 0, err);
    ok = ok && (!f->again || judge_all(f, err));
    if (ok)
        dirty_fold(f);
    return ok;
}

/* ---- lines of events ---- */

/* From the first to this one, by onward; NULL: one is not here. */
static struct rec *line_start(const struct fold *f, struct rec *end)
{
    struct rec *r = end;

    end->onward = NULL;
    while (r->pub.e.seq > 1) {
        struct rec *before = rec_find(f, &r->pub.e.prev);

        if (!before || before->chain != r->chain || before->pub.e.seq + 1 != r->pub.e.seq)
            return NULL;
        before->onward = r;
        r = before;
    }
    return r;
}

static void line_add(struct merkle_tree *tree, const struct rec *r)
{
    struct hash32 leaf = merkle_leaf((struct bytes){r->id.b, sizeof(r->id.b)});

    merkle_tree_add(tree, &leaf);
}

/* Finds the ends of the checkpoints that are of the line to this event. */
static void line_match(const struct fold *f, struct rec *end)
{
    struct chain *c = end->chain;
    struct merkle_tree tree = {.n = 0};
    size_t at = 0;

    for (struct rec *r = line_start(f, end); r && at < c->stamps.n; r = r->onward) {
        struct hash32 root;

        line_add(&tree, r);
        if (((struct stamp *)c->stamps.at[at])->size > tree.n)
            continue;
        root = merkle_tree_root(&tree);
        for (; at < c->stamps.n && ((struct stamp *)c->stamps.at[at])->size == tree.n; at++)
            if (hash32_equal(&((struct stamp *)c->stamps.at[at])->root, &root))
                ((struct stamp *)c->stamps.at[at])->tip = r;
    }
}

/* The first in the chain that has this number or a higher one. */
static size_t number_place(const struct chain *c, uint64_t seq)
{
    size_t low = 0, high = c->recs.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (((struct rec *)c->recs.at[middle])->pub.e.seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of what has the checkpoint's number, which it ends with. */
static struct rec *stamp_tip(const struct fold *f, const struct chain *c, struct stamp *s)
{
    for (size_t i = number_place(c, s->size); !s->tip && i < c->recs.n; i++) {
        struct rec *r = c->recs.at[i];

        if (r->pub.e.seq != s->size)
            break;
        line_match(f, r);
    }
    return s->tip;
}

/* ---- countersigners ---- */

static bool may_countersign(const struct charter *c, uint32_t member, const char *author,
                            const char *audience)
{
    const struct charter_member *m = &c->members[member];

    return !m->suspended && strcmp(m->id, author) != 0 && charter_hears(c, member, audience);
}

struct countersigners {
    size_t n;
    bool governments; /* only those */
};

static struct countersigners countersigners_of(const struct charter *c, const char *author,
                                               const char *audience)
{
    size_t all = 0, governments = 0;

    for (uint32_t i = 0; i < c->members_n; i++)
        if (may_countersign(c, i, author, audience)) {
            all++;
            governments += c->members[i].government;
        }
    return governments ? (struct countersigners){governments, true}
                       : (struct countersigners){all, false};
}

static int time_order(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

    return (one > other) - (one < other);
}

/* When more than half had, in seconds since 1970; 0: they have not. of: the event it ends with. */
static uint64_t countersigned_at(const struct fold *f, const struct charter *under,
                                 const struct rec *of, const struct stamp *s)
{
    const char *author = of->chain->author, *audience = of->pub.e.audience;
    struct countersigners who = countersigners_of(under, author, audience);
    uint64_t times[CHARTER_MEMBERS_MAX] = {0};
    size_t have = 0;

    for (size_t i = 0; i < s->by_n; i++) {
        int64_t m = charter_member(under, s->by[i].member);

        if (m < 0 || !may_countersign(under, (uint32_t)m, author, audience) ||
            (who.governments && !under->members[m].government) || key_revoked(f, &s->by[i].key))
            continue;
        if (!times[m] || s->by[i].time < times[m])
            times[m] = s->by[i].time;
    }
    for (size_t i = 0; i < under->members_n; i++)
        if (times[i])
            times[have++] = times[i];
    if (2 * have <= who.n)
        return 0;
    qsort(times, have, sizeof(times[0]), time_order);
    return times[who.n / 2];
}

/* The event that it ends with, if it is countersigned: asked first, so that a line is walked only
 * for what others stand behind. */
static struct rec *countersigned_tip(const struct fold *f, const struct chain *c, struct stamp *s)
{
    const struct charter *under = fold_charter(f);

    for (size_t i = number_place(c, s->size); under && i < c->recs.n; i++) {
        struct rec *r = c->recs.at[i];

        if (r->pub.e.seq != s->size)
            break;
        if ((s->tip && s->tip != r) || !countersigned_at(f, under, r, s))
            continue;
        if (!s->tip)
            line_match(f, r);
        if (s->tip == r)
            return r;
    }
    return NULL;
}

/* ---- a stream that forks ---- */

/* Of two countersigned ones of one size neither is the newest. */
static struct rec *newest_tip(const struct fold *f, const struct chain *c)
{
    struct rec *tip = NULL;

    for (size_t i = c->stamps.n; i-- > 0;) {
        struct stamp *s = c->stamps.at[i];
        struct rec *r;

        if (tip && s->size != tip->pub.e.seq)
            break;
        r = countersigned_tip(f, c, s);
        if (tip && r)
            return NULL;
        tip = r ? r : tip;
    }
    return tip;
}

bool branches_part(const struct fold *f, struct chain *c)
{
    struct rec *tip = newest_tip(f, c);

    if (!tip)
        return false;
    for (size_t i = 0; i < c->recs.n; i++) {
        struct rec *r = c->recs.at[i];

        r->lost = r->pub.e.seq <= tip->pub.e.seq;
    }
    for (struct rec *r = line_start(f, tip); r; r = r->onward)
        r->lost = false;
    for (size_t i = number_place(c, tip->pub.e.seq + 1); i < c->recs.n; i++) {
        struct rec *r = c->recs.at[i];
        const struct rec *before = rec_find(f, &r->pub.e.prev);

        r->lost = before && before->chain == c && before->lost;
    }
    return true;
}

/* ---- what was seen when ---- */

uint64_t witnessed_at(const struct fold *f, const struct charter *under, const struct rec *r)
{
    struct chain *c = r->chain;
    uint64_t at = 0;

    if (!c->stamps.n || !c->head || r->pub.standing != STANDING_GOOD)
        return 0;
    line_match(f, rec_find(f, &c->head->id));
    for (size_t i = 0; i < c->stamps.n; i++) {
        const struct stamp *s = c->stamps.at[i];
        uint64_t t = 0;

        if (s->size >= r->pub.e.seq && s->tip && s->tip->pub.standing == STANDING_GOOD)
            t = countersigned_at(f, under, s->tip, s);
        if (t && (!at || t < at))
            at = t;
    }
    return at;
}

/* ---- asking ---- */

static struct fold_stream stream_of(const struct chain *c)
{
    struct fold_stream ret = {.author = c->author, .stream = c->stream};

    ret.head = c->head ? &c->head->pub : NULL;
    if (c->recs.n)
        ret.audience = ((const struct rec *)c->recs.at[0])->pub.e.audience;
    return ret;
}

bool fold_stream_at(const struct fold *f, size_t i, struct fold_stream *ret)
{
    if (i >= f->chain_list.n)
        return false;
    *ret = stream_of(f->chain_list.at[i]);
    return true;
}

bool fold_stream(const struct fold *f, const char *author, const struct stream_id *stream,
                 struct fold_stream *ret)
{
    const struct chain *c = chain_find(f, author, stream);

    if (c)
        *ret = stream_of(c);
    return c != NULL;
}

bool fold_root(const struct fold *f, const struct fold_event *e, struct hash32 *ret)
{
    struct rec *end = rec_find(f, &e->e.id), *r = end ? line_start(f, end) : NULL;
    struct merkle_tree tree = {.n = 0};

    if (!r)
        return false;
    for (; r; r = r->onward)
        line_add(&tree, r);
    *ret = merkle_tree_root(&tree);
    return true;
}

const struct fold_event *fold_checkpoint_tip(const struct fold *f, const struct checkpoint *c)
{
    struct chain *chain;
    struct stamp *s = stamp_find(f, c, &chain);

    return s && stamp_tip(f, chain, s) ? &s->tip->pub : NULL;
}

bool fold_countersigned(const struct fold *f, const struct checkpoint *c)
{
    struct chain *chain;
    struct stamp *s = stamp_find(f, c, &chain);

    return s && countersigned_tip(f, chain, s);
}

bool fold_parted(const struct fold *f, const struct checkpoint *a, const struct checkpoint *b)
{
    const struct checkpoint *less = a->size < b->size ? a : b, *more = less == a ? b : a;
    struct chain *chain;
    struct stamp *one = stamp_find(f, less, &chain), *other = stamp_find(f, more, &chain);
    const struct rec *r;

    if (a->size == b->size)
        return !hash32_equal(&a->root, &b->root);
    if (!one || !other || !stamp_tip(f, chain, other))
        return false;
    for (r = line_start(f, other->tip); r && r->pub.e.seq < less->size; r = r->onward)
        ;
    return stamp_tip(f, chain, one) != r;
}
