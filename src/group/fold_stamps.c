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

static struct rec *countersigned_tip(const struct fold *f, const struct chain *c, struct stamp *s);

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

/* Is there anything in it that is not known? */
static bool signers_new(const struct stamp *s, const struct checkpoint *c)
{
    for (size_t i = 0; i < c->signatures_n; i++)
        if (c->signatures[i].time && !signer_known(s->by, s->by_n, &c->signatures[i]))
            return true;
    return false;
}

static bool signers_join(struct fold *f, struct stamp *s, const struct checkpoint *c)
{
    struct stamp_signer *by;
    size_t n = s->by_n;

    if (!signers_new(s, c))
        return true;
    by = ARENA_ARRAY(f->arena, struct stamp_signer, n + c->signatures_n);
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

/* Of two with one size at least one is of another history. */
static void stamp_opens(struct fold *f, struct chain *c, const struct stamp *s)
{
    size_t at = stamp_place(c, s->size, &s->root);
    const struct stamp *before = at ? c->stamps.at[at - 1] : NULL,
                       *behind = at + 1 < c->stamps.n ? c->stamps.at[at + 1] : NULL;

    if ((before && before->size == s->size) || (behind && behind->size == s->size))
        c->stamp_pair = s->size;
    if (!c->stamp_open || s->size < c->stamp_open)
        c->stamp_open = s->size;
    chain_moved(f, c);
    chain_count(f, c);
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
    if (!list_put(&chain->stamps, s, stamp_place(chain, s->size, &s->root), err))
        return NULL;
    stamp_opens(f, chain, s);
    return s;
}

static bool signs_charters(const struct fold *f, const struct chain *c)
{
    for (size_t i = 0; i < f->charter_recs.n; i++) {
        const struct rec *r = f->charter_recs.at[i];

        if (r->chain == c && r->signs)
            return true;
    }
    return false;
}

/* What enough others stand behind decides on forks, and on whoever signed two charters. */
bool fold_checkpoint(struct fold *f, const struct checkpoint *c, struct err *err)
{
    struct stamp *s = stamp_keep(f, c, err);
    struct chain *chain;
    bool ok = true;

    if (!s)
        return false;
    if (!signers_join(f, s, c))
        return err_fail(err, ERR_NOMEM, "checkpoints");
    chain = chain_find(f, c->author, &c->stream);
    if ((!chain->fork && !f->rivals) || !countersigned_tip(f, chain, s))
        return true;
    f->again = f->rivals && signs_charters(f, chain);
    f->decided_n += chain->fork || f->again;
    if (chain->fork && !f->again)
        ok = judge_whole(f, chain, 0, err);
    ok = ok && (!f->again || judge_everything(f, err));
    return ok && (f->batch || dirty_fold(f, err));
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

/* ---- the line that stands: of each number one ---- */

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

void line_forget(struct chain *c)
{
    if (!c->line || !c->line->tree.n)
        return;
    c->line->tree.n = c->line->marks_n = 0;
    c->stamp_parts = 0;
    c->stamp_open = c->stamps.n ? ((const struct stamp *)c->stamps.at[0])->size : 0;
    for (size_t i = 0; i < c->stamps.n; i++) {
        struct stamp *s = c->stamps.at[i];

        s->judged = s->parts = false;
    }
}

static bool line_mark(struct line *l, struct err *err)
{
    if (l->tree.n % LINE_MARK)
        return true;
    if (l->marks_n == l->marks_room) {
        size_t room = l->marks_room ? 2 * l->marks_room : 4;
        struct merkle_tree *more = mem_grow(l->marks, room * sizeof(*more));

        if (!more)
            return err_fail(err, ERR_NOMEM, "checkpoints");
        l->marks = more;
        l->marks_room = room;
    }
    l->marks[l->marks_n++] = l->tree;
    return true;
}

static void stamp_judge(struct chain *c, struct stamp *s, struct rec *end,
                        const struct hash32 *root)
{
    s->judged = true;
    s->parts = !hash32_equal(&s->root, root);
    if (s->parts)
        c->stamp_parts = s->size;
    else
        s->tip = end;
}

/* All that are of the size that the tree has come to; *at is moved on. */
static void stamps_judge(struct chain *c, size_t *at, const struct merkle_tree *tree,
                         struct rec *end)
{
    struct hash32 root;
    bool any = false;

    for (; *at < c->stamps.n; (*at)++) {
        struct stamp *s = c->stamps.at[*at];

        if (s->size > tree->n)
            return;
        if (s->judged || s->size < tree->n)
            continue;
        if (!any)
            root = merkle_tree_root(tree);
        any = true;
        stamp_judge(c, s, end, &root);
    }
}

/* The tree grows to what stands; those that it passes are judged. */
static bool line_renew(struct chain *c, struct err *err)
{
    uint64_t end = c->head ? c->head->pub.e.seq : 0;
    struct line *l = c->line;
    size_t at;

    if (!l)
        l = c->line = mem_zero(sizeof(*l));
    if (!l)
        return err_fail(err, ERR_NOMEM, "checkpoints");
    at = stamp_place(c, l->tree.n + 1, &(struct hash32){{0}});
    for (size_t i = number_place(c, l->tree.n + 1); i < c->recs.n && l->tree.n < end; i++) {
        struct rec *r = c->recs.at[i];

        if (r->pub.standing != STANDING_GOOD)
            continue;
        line_add(&l->tree, r);
        if (!line_mark(l, err))
            return false;
        stamps_judge(c, &at, &l->tree, r);
    }
    return true;
}

/* One that came after the line had passed it. */
static void stamp_judge_late(struct chain *c, struct stamp *s)
{
    const struct line *l = c->line;
    size_t mark = (size_t)(s->size / LINE_MARK), i;
    struct merkle_tree tree = {.n = 0};
    struct rec *end = NULL;
    struct hash32 root;

    if (mark)
        tree = l->marks[mark - 1];
    for (i = number_place(c, mark ? tree.n : 1); i < c->recs.n; i++) {
        struct rec *r = c->recs.at[i];

        if (r->pub.standing != STANDING_GOOD)
            continue;
        if (r->pub.e.seq > tree.n)
            line_add(&tree, r);
        end = r;
        if (tree.n == s->size)
            break;
    }
    root = merkle_tree_root(&tree);
    if (end && tree.n == s->size)
        stamp_judge(c, s, end, &root);
}

static bool chain_settle(struct chain *c, struct err *err)
{
    uint64_t before = c->line ? c->line->tree.n : 0;

    if (!line_renew(c, err))
        return false;
    c->stamp_open = 0;
    for (size_t i = 0; i < c->stamps.n; i++) {
        struct stamp *s = c->stamps.at[i];

        if (!s->judged && s->size <= before)
            stamp_judge_late(c, s);
        if (!s->judged && !c->stamp_open)
            c->stamp_open = s->size;
    }
    return true;
}

void chain_moved(struct fold *f, struct chain *c)
{
    if (c->unsettled || !c->stamp_open || !c->head || c->head->pub.e.seq < c->stamp_open)
        return;
    c->unsettled = true;
    c->unsettled_next = f->unsettled;
    f->unsettled = c;
}

void chain_count(struct fold *f, struct chain *c)
{
    bool split = c->fork || c->stamp_pair || c->stamp_parts;

    if (split != c->split)
        f->split_n += split ? 1 : -(size_t)1;
    c->split = split;
}

bool fold_settle(struct fold *f, struct err *err)
{
    if (f->batch && !judge_late(f, err))
        return false;
    while (f->unsettled) {
        struct chain *c = f->unsettled;

        if (!chain_settle(c, err))
            return false;
        f->unsettled = c->unsettled_next;
        c->unsettled = false;
        chain_count(f, c);
    }
    return true;
}

/* ---- lines of branches ---- */

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

/* Of what has the checkpoint's number, which it ends with. */
static struct rec *stamp_tip(const struct fold *f, const struct chain *c, struct stamp *s)
{
    for (size_t i = number_place(c, s->size); !s->tip && i < c->recs.n; i++) {
        struct rec *r = c->recs.at[i];

        if (r->pub.e.seq != s->size)
            break;
        if (!s->judged || r->pub.standing != STANDING_GOOD)
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
        if (!s->tip && !(s->judged && r->pub.standing == STANDING_GOOD))
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

uint64_t fold_witnessed_ms(const struct fold *f, const struct fold_event *e)
{
    const struct charter *under = fold_document(f, &e->e.charter);
    const struct rec *r = rec_find(f, &e->e.id);

    return under && r ? witnessed_at(f, under, r) * 1000 : 0;
}

/* ---- asking ---- */

static struct fold_stream stream_of(const struct chain *c)
{
    struct fold_stream ret = {.author = c->author, .stream = c->stream};

    ret.head = c->head ? &c->head->pub : NULL;
    ret.forked = c->fork;
    ret.parted = c->stamp_parts ? c->stamp_parts : c->stamp_pair;
    ret.any_checkpoint = c->stamps.n > 0;
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

/* By what is kept of the line, where it is the last of it. */
static bool head_root(struct rec *end, struct hash32 *ret)
{
    struct chain *c = end->chain;
    struct err ignored;

    if (end != c->head || !line_renew(c, &ignored))
        return false;
    *ret = merkle_tree_root(&c->line->tree);
    return true;
}

bool fold_root(const struct fold *f, const struct fold_event *e, struct hash32 *ret)
{
    struct rec *end = rec_find(f, &e->e.id), *r;
    struct merkle_tree tree = {.n = 0};

    if (end && head_root(end, ret))
        return true;
    r = end ? line_start(f, end) : NULL;

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
    if (!one || !other)
        return false;
    if (one->judged && other->judged && !(one->parts && other->parts))
        return one->parts || other->parts;
    if (!stamp_tip(f, chain, other))
        return false;
    for (r = line_start(f, other->tip); r && r->pub.e.seq < less->size; r = r->onward)
        ;
    return stamp_tip(f, chain, one) != r;
}

uint64_t fold_decided_n(const struct fold *f)
{
    return f->decided_n;
}

size_t fold_split_n(const struct fold *f)
{
    return f->split_n;
}

static bool has_signed(const struct stamp *s, const struct key32 *key)
{
    for (size_t i = 0; key && i < s->by_n; i++)
        if (!memcmp(s->by[i].key.b, key->b, sizeof(key->b)))
            return true;
    return false;
}

/* The last of those up to the at-th that is of what stands; NULL: none. */
static const struct stamp *stamp_standing(const struct chain *c, size_t at)
{
    for (; at; at--) {
        const struct stamp *s = c->stamps.at[at - 1];

        if (s->judged && !s->parts)
            return s;
    }
    return NULL;
}

bool fold_stream_checkpoint(const struct fold *f, size_t i, const struct key32 *by,
                            struct checkpoint *ret, bool *ret_signed)
{
    const struct chain *c = i < f->chain_list.n ? f->chain_list.at[i] : NULL;
    const struct stamp *s = c ? stamp_standing(c, c->stamps.n) : NULL;

    if (!s)
        return false;
    *ret = (struct checkpoint){.author = c->author, .stream = c->stream};
    ret->size = s->size;
    ret->root = s->root;
    *ret_signed = has_signed(s, by);
    return true;
}

uint64_t fold_stream_countersigned(const struct fold *f, size_t i)
{
    const struct chain *c = i < f->chain_list.n ? f->chain_list.at[i] : NULL;
    const struct charter *under = fold_charter(f);

    for (size_t at = c ? c->stamps.n : 0; under && at; at--) {
        const struct stamp *s = stamp_standing(c, at);

        if (!s)
            break;
        if (countersigned_at(f, under, s->tip, s))
            return s->size;
        at = stamp_place(c, s->size, &s->root) + 1;
    }
    return 0;
}

bool fold_countersigns(const struct fold *f, const struct fold_stream *s, const char *member)
{
    const struct charter *c = fold_charter(f);
    int64_t m = c ? charter_member(c, member) : -1;

    return m >= 0 && s->audience && may_countersign(c, (uint32_t)m, s->author, s->audience) &&
           (c->members[m].government || !countersigners_of(c, s->author, s->audience).governments);
}
