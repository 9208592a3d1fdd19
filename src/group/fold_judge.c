/* Which events stand. A key may be limited (revoked, or closed by a charter) to what leads to
 * certain events: those are walked back from, stream by stream, and marked. */
#include "group/fold_parts.h"

/* ---- limits of keys ---- */

static bool same_key(const struct key32 *a, const struct key32 *b)
{
    return !memcmp(a->b, b->b, sizeof(a->b));
}

static bool limit_add(struct fold *f, struct limit limit, struct err *err)
{
    if (f->limits_n == f->limits_room) {
        size_t room = f->limits_room ? f->limits_room * 2 : 16;
        struct limit *more = mem_grow(f->limits, room * sizeof(*more));

        if (!more)
            return err_fail(err, ERR_NOMEM, "keys");
        f->limits = more;
        f->limits_room = room;
    }
    f->limits[f->limits_n++] = limit;
    return true;
}

bool limits_name(const struct fold *f, const struct hash32 *id)
{
    for (size_t i = 0; i < f->limits_n; i++)
        for (size_t k = 0; k < f->limits[i].last_n; k++)
            if (hash32_equal(&f->limits[i].last[k], id))
                return true;
    return false;
}

/* Marks what leads to the event r, in its stream. */
static void walk_back(const struct fold *f, struct rec *r, const struct limit *l, size_t mark)
{
    const struct chain *c = r->chain;

    while (r && r->chain == c && r->mark != mark) {
        r->mark = mark;
        if (same_key(&r->pub.e.key, &l->key)) {
            r->passed_closed += l->closing;
            r->passed_revoked += !l->closing;
        }
        r = r->pub.e.seq > 1 ? rec_find(f, &r->pub.e.prev) : NULL;
    }
}

static void limits_mark(const struct fold *f, const struct chain *c)
{
    for (size_t i = 0; i < c->recs.n; i++) {
        struct rec *r = c->recs.at[i];

        r->mark = r->passed_closed = r->passed_revoked = 0;
    }
    for (size_t i = 0; i < f->limits_n; i++)
        for (size_t k = 0; k < f->limits[i].last_n; k++) {
            struct rec *r = rec_find(f, &f->limits[i].last[k]);

            if (r && r->chain == c)
                walk_back(f, r, &f->limits[i], i + 1);
        }
}

/* A key that one person has stopped may still say of others that they are stolen. */
static bool is_behind(const struct limit *l, const struct rec *r)
{
    return r->object->kind != KIND_KEY && event_order(&r->pub.e, &l->stop->pub.e) > 0;
}

/* What a charter closes binds no act on charters: those are bound by the version they name. */
static bool is_limited(const struct fold *f, const struct rec *r)
{
    size_t closed = 0, revoked = 0;

    for (size_t i = 0; i < f->limits_n; i++) {
        const struct limit *l = &f->limits[i];

        if (!same_key(&l->key, &r->pub.e.key))
            continue;
        if (l->stop && is_behind(l, r))
            return true;
        closed += l->closing;
        revoked += !l->closing && !l->stop;
    }
    return revoked > r->passed_revoked ||
           (closed > r->passed_closed && r->object->kind != KIND_CHARTER);
}

/* ---- one event ---- */

/* Its charter, and its key there: they stay once they are found. Whoever wrote before it in the
 * stream mostly had the same. */
static void key_find(const struct fold *f, struct rec *r)
{
    const struct event *e = &r->pub.e;
    const struct rec *like = r->chain->like;

    if (like && same_key(&like->pub.e.key, &e->key) &&
        hash32_equal(&like->pub.e.charter, &e->charter)) {
        r->doc = like->doc;
        r->own = like->own;
        return;
    }
    r->doc = map_get(&f->docs, &e->charter);
    r->own = r->doc ? charter_key(&r->doc->c, &e->key) : NULL;
    if (r->own && strcmp(r->doc->c.members[r->own->member].id, e->author))
        r->own = NULL;
    if (r->doc)
        r->chain->like = r;
}

/* Does it count: is it its author's word? */
static enum standing key_standing(const struct fold *f, struct rec *r)
{
    r->key = NULL;
    if (!r->doc)
        key_find(f, r);
    if (!r->doc || !(r->doc->adopted ||
                     (r->object->kind == KIND_CHARTER && hash32_equal(&r->doc->hash, &f->group))))
        return STANDING_NO_CHARTER;
    if (!r->own)
        return STANDING_NO_KEY;
    r->key = r->own;
    return f->limits_n && is_limited(f, r) ? STANDING_REVOKED : STANDING_GOOD;
}

/* Does it fit to what it follows? last: before it in its stream; NULL: it is the first. */
static enum standing fits(const struct fold *f, const struct rec *last, const struct rec *r)
{
    const struct event *e = &r->pub.e, *before = last ? &last->pub.e : NULL;
    bool everybody = !strcmp(e->audience, AUDIENCE_ALL), waits = false;

    if (!charter_hears(&r->doc->c, r->key->member, e->audience) ||
        (!everybody && rec_is_special(r)))
        return STANDING_MISFIT;
    if (before && (strcmp(before->audience, e->audience) || !event_clock_after(e, before) ||
                   last->doc->c.version > r->doc->c.version))
        return STANDING_MISFIT;
    for (size_t i = 0; i < e->after_n; i++) {
        const struct rec *follows = rec_find(f, &e->after[i]);

        if (!follows)
            waits = true;
        else if (!event_clock_after(e, &follows->pub.e) ||
                 (strcmp(follows->pub.e.audience, AUDIENCE_ALL) &&
                  strcmp(follows->pub.e.audience, e->audience)))
            return STANDING_MISFIT;
    }
    return waits ? STANDING_WAITS : STANDING_GOOD;
}

/* ---- a stream ---- */

static bool stands(struct fold *f, struct rec *r, enum standing s, struct err *err)
{
    r->pub.person = r->key ? r->key->person : NULL;
    if (r->pub.standing == s)
        return true;
    if (r->pub.standing == STANDING_GOOD)
        line_forget(r->chain);
    f->standing_n[r->pub.standing]--;
    f->standing_n[s]++;
    r->pub.standing = s;
    f->again = f->again || rec_is_special(r);
    return object_dirty(f, r->object, err);
}

/* The least number that two events have which count and are of no lost branch; 0: none. */
static uint64_t fork_find(const struct chain *c, size_t from)
{
    const struct rec *before = NULL;

    for (size_t i = from; i < c->recs.n; i++) {
        const struct rec *r = c->recs.at[i];

        if (!r->counts || r->lost)
            continue;
        if (before && before->pub.e.seq == r->pub.e.seq)
            return r->pub.e.seq;
        before = r;
    }
    return 0;
}

struct walk {
    const struct rec *last;
    uint64_t next, fork;
    enum standing blocked; /* STANDING_GOOD: not yet */
};

static enum standing walk_one(const struct fold *f, struct walk *w, const struct rec *r)
{
    const struct event *e = &r->pub.e;
    enum standing s;

    if (r->lost || (w->fork && e->seq >= w->fork))
        return STANDING_FORKED;
    if (w->blocked != STANDING_GOOD)
        return w->blocked;
    if (e->seq != w->next || (w->last && !hash32_equal(&e->prev, &w->last->id)))
        return w->blocked = STANDING_WAITS;
    s = fits(f, w->last, r);
    if (s == STANDING_GOOD) {
        w->last = r;
        w->next++;
    } else {
        w->blocked = s == STANDING_WAITS ? STANDING_WAITS : STANDING_BEHIND;
    }
    return s;
}

/* What leads the stream and need not be judged again when something comes behind it: events that
 * stand, and those that do not count until a charter or a limit changes. */
static bool is_settled(const struct rec *r)
{
    return r->pub.standing == STANDING_GOOD || !r->counts;
}

static bool key_limited(const struct fold *f, const struct key32 *key)
{
    for (size_t i = 0; i < f->limits_n; i++)
        if (same_key(&f->limits[i].key, key))
            return true;
    return false;
}

static bool has_limited(const struct fold *f, const struct chain *c, size_t from)
{
    for (size_t i = from; f->limits_n && i < c->recs.n; i++)
        if (key_limited(f, &((struct rec *)c->recs.at[i])->pub.e.key))
            return true;
    return false;
}

/* The first of those that have the number of the from-th. */
static size_t number_start(const struct chain *c, size_t from)
{
    while (from && from < c->recs.n &&
           ((struct rec *)c->recs.at[from - 1])->pub.e.seq ==
               ((struct rec *)c->recs.at[from])->pub.e.seq)
        from--;
    return from;
}

static struct walk walk_start(const struct chain *c, size_t from)
{
    struct walk w = {.blocked = STANDING_GOOD, .next = 1};

    while (from && !w.last) {
        const struct rec *r = c->recs.at[--from];

        if (r->pub.standing == STANDING_GOOD)
            w.last = r;
    }
    if (w.last)
        w.next = w.last->pub.e.seq + 1;
    return w;
}

static void settle(struct fold *f, struct chain *c, const struct walk *w, size_t from)
{
    c->head = w->last;
    c->settled_n = from;
    while (c->settled_n < c->recs.n && is_settled(c->recs.at[c->settled_n]))
        c->settled_n++;
    chain_moved(f, c);
}

/* From the from-th event on: those before it are settled. */
bool judge_chain(struct fold *f, struct chain *c, size_t from, struct err *err)
{
    struct walk w;

    from = number_start(c, from);
    c->limited = has_limited(f, c, from);
    if (c->limited) {
        limits_mark(f, c);
        from = 0;
    }
    w = walk_start(c, from);
    for (size_t i = from; i < c->recs.n; i++) {
        struct rec *r = c->recs.at[i];

        r->counts = key_standing(f, r) == STANDING_GOOD;
        r->lost = false;
    }
    c->fork = w.fork = fork_find(c, from);
    if (c->fork && branches_part(f, c))
        w.fork = fork_find(c, from);
    for (size_t i = from; i < c->recs.n; i++) {
        struct rec *r = c->recs.at[i];

        if (!stands(f, r, r->counts ? walk_one(f, &w, r) : key_standing(f, r), err))
            return false;
    }
    settle(f, c, &w, from);
    chain_count(f, c);
    return true;
}

/* ---- one more, where it is simple: no two have one number, no key is limited ---- */

static bool is_plain(const struct fold *f, const struct chain *c, size_t at)
{
    const struct rec *r = c->recs.at[at], *before = at ? c->recs.at[at - 1] : NULL,
                     *behind = at + 1 < c->recs.n ? c->recs.at[at + 1] : NULL;

    return !c->fork && !c->limited && at >= c->settled_n && !key_limited(f, &r->pub.e.key) &&
           !(before && before->pub.e.seq == r->pub.e.seq) &&
           !(behind && behind->pub.e.seq == r->pub.e.seq);
}

/* From what is settled on, as far as anything changes: behind one that goes on waiting all do.
 * fresh: not judged before; NULL: none. */
static bool walk_on(struct fold *f, struct chain *c, const struct rec *fresh, struct err *err)
{
    size_t from = c->settled_n;
    struct walk w = walk_start(c, from);

    for (size_t i = from; i < c->recs.n; i++) {
        struct rec *r = c->recs.at[i];
        enum standing was = r->pub.standing, s;

        if (!r->counts)
            continue;
        s = walk_one(f, &w, r);
        if (!stands(f, r, s, err))
            return false;
        if (r != fresh && was == STANDING_WAITS && s == STANDING_WAITS)
            break;
    }
    settle(f, c, &w, from);
    return true;
}

bool judge_added(struct fold *f, struct chain *c, size_t at, struct err *err)
{
    struct rec *r = c->recs.at[at];
    const struct rec *first;
    enum standing s;

    if (!is_plain(f, c, at))
        return judge_whole(f, c, at < c->settled_n ? at : c->settled_n, err);
    s = key_standing(f, r);
    r->counts = s == STANDING_GOOD;
    if (r->counts && at == c->settled_n)
        return walk_on(f, c, r, err);
    first = c->recs.at[c->settled_n];
    if (r->counts) /* behind the first that does not stand */
        s = first->pub.standing == STANDING_WAITS ? STANDING_WAITS : STANDING_BEHIND;
    if (!stands(f, r, s, err))
        return false;
    if (at == c->settled_n)
        return walk_on(f, c, NULL, err);
    return true;
}

bool judge_waiting(struct fold *f, struct chain *c, struct err *err)
{
    return c->fork || c->limited ? judge_whole(f, c, c->settled_n, err) : walk_on(f, c, NULL, err);
}

/* Of one author, or of all; those that fork in any case: it may be a countersigner's key that is no
 * longer what it was. */
static bool judge_chains(struct fold *f, const char *author, struct err *err)
{
    for (size_t i = 0; i < f->chain_list.n; i++) {
        struct chain *c = f->chain_list.at[i];

        if ((!author || c->fork || !strcmp(author, c->author)) && !judge_chain(f, c, 0, err))
            return false;
    }
    return true;
}

/* ---- all of them ---- */

bool key_revoked(const struct fold *f, const struct key32 *key)
{
    for (size_t i = 0; i < f->limits_n; i++)
        if (!f->limits[i].closing && !f->limits[i].stop && same_key(&f->limits[i].key, key))
            return true;
    return false;
}

bool key_stopped(const struct fold *f, const struct key32 *key)
{
    for (size_t i = 0; i < f->limits_n; i++)
        if (f->limits[i].stop && same_key(&f->limits[i].key, key))
            return true;
    return false;
}

static bool key_of(const struct rec *r, struct key32 *ret)
{
    struct hash32 bytes;

    if (!hash_from_hex(strchr(r->pub.e.object, ':') + 1, &bytes))
        return false;
    memcpy(ret->b, bytes.b, sizeof(ret->b));
    return true;
}

/* Of the same key, with the same last events: neither of two takes back more than the other. */
static bool same_revocation(const struct event *a, const struct event *b)
{
    if (strcmp(a->object, b->object) != 0 || strcmp(a->author, b->author) != 0 ||
        a->after_n != b->after_n)
        return false;
    for (size_t i = 0; i < a->after_n; i++) /* both ascend */
        if (!hash32_equal(&a->after[i], &b->after[i]))
            return false;
    return true;
}

/* Has another person of the member said the same before the at-th, and may still say it? */
static bool is_second(const struct fold *f, size_t at)
{
    const struct rec *r = f->key_recs.at[at];

    for (size_t i = 0; i < at; i++) {
        struct rec *q = f->key_recs.at[i];

        if (q->waits && same_revocation(&q->pub.e, &r->pub.e) && q->key && q->key->person &&
            r->key->person && strcmp(q->key->person, r->key->person) != 0 &&
            !same_key(&q->pub.e.key, &r->pub.e.key) && key_standing(f, q) == STANDING_GOOD)
            return true;
    }
    return false;
}

/* Is the at-th a revocation that is in effect: of a key of its author's, by one who may, and where
 * its charter asks for two, the second? Its place in its stream does not matter: whoever has the
 * stolen key could fork that. */
static bool revokes(const struct fold *f, size_t at, struct key32 *ret)
{
    struct rec *r = f->key_recs.at[at];
    const struct charter_key *key;
    unsigned met, two;

    if (key_standing(f, r) != STANDING_GOOD || !key_of(r, ret))
        return false;
    key = charter_key(&r->doc->c, ret);
    two = charter_wants_two(fold_charter_of(f, &r->pub.e), "key.revoke") ? IF_SECOND : 0;
    met = (key && key->member == r->key->member ? IF_OWN : 0) |
          (two && is_second(f, at) ? IF_SECOND : 0);
    r->roles = roles_judged(f, r);
    if (step_of(r, key_revoked(f, ret) ? KEY_REVOKED : STATE_NONE, two, met))
        return true;
    r->waits = r->pub.effect == EFFECT_CONDITION && r->pub.unmet == IF_SECOND;
    return false;
}

/* In the total order, each judged by those before it. */
static bool revocations(struct fold *f, struct err *err)
{
    for (size_t i = 0; i < f->key_recs.n; i++) {
        struct rec *r = f->key_recs.at[i];

        r->revokes = r->waits = false;
        if (!object_dirty(f, r->object, err))
            return false;
    }
    for (size_t i = 0; i < f->key_recs.n; i++) {
        struct rec *r = f->key_recs.at[i];
        struct limit l = {.last = r->pub.e.after, .last_n = r->pub.e.after_n};

        if (!revokes(f, i, &l.key))
            continue;
        r->revokes = true;
        if (!limit_add(f, l, err) || !judge_chains(f, r->pub.e.author, err))
            return false;
    }
    return true;
}

/* What the first of two says stops the key at once, and takes nothing back. It is judged when all
 * revocations are: where the key that says it is revoked, by two, it never was. Whether it is among
 * that one's last good events does not matter: others may have gone on behind it in its stream. */
static bool stops(struct fold *f, struct err *err)
{
    for (size_t i = 0; i < f->key_recs.n; i++) {
        struct rec *r = f->key_recs.at[i];
        struct limit l = {.stop = r};

        if (!r->waits || key_standing(f, r) != STANDING_GOOD || !key_of(r, &l.key) ||
            key_revoked(f, &l.key) || key_revoked(f, &r->pub.e.key))
            continue;
        if (!limit_add(f, l, err) || !judge_chains(f, r->pub.e.author, err))
            return false;
    }
    return true;
}

static bool closings(struct fold *f, struct err *err)
{
    f->limits_n = 0;
    for (size_t i = 0; i < f->adopted.n; i++) {
        const struct charter *c = &((struct doc *)f->adopted.at[i])->c;

        for (size_t k = 0; k < c->closed_n; k++)
            if (!limit_add(
                    f,
                    (struct limit){c->closed[k].key, c->closed[k].last, c->closed[k].last_n, true},
                    err))
                return false;
    }
    return true;
}

/* The version that follows on those adopted so far, if it is. */
static struct doc *next_adopted(const struct fold *f)
{
    const struct charter *last = fold_charter(f);

    for (size_t i = 0; i < f->doc_list.n; i++) {
        struct doc *d = f->doc_list.at[i];

        if (!d->adopted && d->state == CHARTER_ADOPTED &&
            (last ? hash32_equal(&d->c.previous, &last->hash) : hash32_equal(&d->hash, &f->group)))
            return d;
    }
    return NULL;
}

/* What an act is judged by may have changed: all objects are folded anew, as seldom as that is. */
static bool law_changed(struct fold *f, struct err *err)
{
    struct sha256_stream s;
    struct hash32 law;

    sha256_start(&s);
    for (size_t i = 0; i < f->adopted.n; i++) {
        const struct doc *d = f->adopted.at[i];

        sha256_add(&s, d->hash.b, sizeof(d->hash.b));
        if (d->by)
            sha256_add(&s, d->by->id.b, sizeof(d->by->id.b));
    }
    law = sha256_done(&s);
    if (hash32_equal(&law, &f->law))
        return true;
    f->law = law;
    for (size_t i = 0; i < f->object_list.n; i++)
        if (!object_dirty(f, f->object_list.at[i], err))
            return false;
    return true;
}

/* Version by version: what one says of keys decides who adopts the next. */
bool judge_all(struct fold *f, struct err *err)
{
    struct doc *next;

    f->adopted.n = 0;
    for (size_t i = 0; i < f->doc_list.n; i++) {
        ((struct doc *)f->doc_list.at[i])->adopted = false;
        ((struct doc *)f->doc_list.at[i])->by = NULL;
    }
    do {
        if (!closings(f, err) || !judge_chains(f, NULL, err) || !revocations(f, err) ||
            !stops(f, err))
            return false;
        steps_of_charters(f);
        next = next_adopted(f);
        if (next) {
            next->adopted = true;
            if (!list_add(&f->adopted, next, err))
                return false;
        }
    } while (next);
    return law_changed(f, err);
}

/* ---- later ---- */

bool judge_whole(struct fold *f, struct chain *c, size_t from, struct err *err)
{
    if (!f->batch)
        return judge_chain(f, c, from, err);
    if (!c->unjudged) {
        c->unjudged = true;
        c->unjudged_next = f->unjudged;
        f->unjudged = c;
    }
    return true;
}

bool judge_everything(struct fold *f, struct err *err)
{
    f->all_unjudged = f->batch && !f->all_left;
    f->all_left -= f->batch && f->all_left;
    return f->all_unjudged || judge_all(f, err);
}

bool judge_late(struct fold *f, struct err *err)
{
    bool all = f->all_unjudged;

    f->batch = f->all_unjudged = f->again = false;
    for (struct chain *c = f->unjudged; c; c = c->unjudged_next) {
        c->unjudged = false;
        if (!all && !judge_chain(f, c, 0, err))
            return false;
    }
    f->unjudged = NULL;
    if ((all || f->again) && !judge_all(f, err))
        return false;
    return dirty_fold(f, err);
}
