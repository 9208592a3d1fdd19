/* Cases stand in an array, those that others vouch for first; what each has reached hangs on it, by
 * ledger. A bit for each owner, by a hash of him, says of most that no case has come to him. */
#include "screen/screen_cases.h"

#include "base/mem.h"
#include "base/mix.h"
#include "ledger/ledger.h"
#include "screen/case_senders.h"
#include "screen/screen_labels.h"
#include "trace/case.h"
#include "trace/reach_way.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define GIVE_BYTES_MAX ((size_t)256 << 20)
#define SEEN_BITS_LOG 23u
#define SEEN_BYTES ((size_t)1 << (SEEN_BITS_LOG - 3))

struct reached { /* on one ledger */
    const struct chain *chain;
    struct reach *reach;
    struct case_senders senders;
};

struct one {
    struct screen_case_is is;
    struct hash32 text;
    struct address_key *takers; /* [takers_n] ascending */
    size_t takers_n;
    struct case_stops stops;
    const struct chain **chains; /* [chains_n] that it names; none: any */
    size_t chains_n;
    struct reached *at;
    size_t at_n, at_size;
    uint64_t nth; /* as they were given */
};

struct place { /* a ledger */
    const struct chain *chain;
    uint32_t blocks_n; /* come by */
    struct {
        uint32_t blocks_n;
        struct hash32 hash;       /* of the last of them */
    } notes[SCREEN_CASES_BLOCKS]; /* a ring by blocks_n: of the last ones */
    uint8_t *seen;                /* [SEEN_BYTES] NULL: no memory */
};

struct screen_cases {
    pthread_rwlock_t lock;
    struct one **at;
    size_t n, size;
    struct place **places;
    size_t places_n, places_size;
    uint64_t given, changes;
    atomic_bool any;      /* as n, for those who have not the lock */
    bool busy, some_lack; /* some_lack: some could not be given */
};

/* ---- the whole ---- */

struct screen_cases *screen_cases_new(bool busy)
{
    struct screen_cases *c = mem_zero(sizeof(*c));
    pthread_rwlockattr_t writer;

    if (!c)
        return NULL;
    pthread_rwlockattr_init(&writer); /* questions never end, and would keep it waiting for ever */
    pthread_rwlockattr_setkind_np(&writer, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&c->lock, &writer);
    pthread_rwlockattr_destroy(&writer);
    c->busy = busy;
    return c;
}

static struct one *one_free(struct one *o)
{
    if (!o)
        return NULL;
    for (size_t i = 0; i < o->at_n; i++) {
        reach_free(o->at[i].reach);
        case_senders_end(&o->at[i].senders);
    }
    mem_free(o->at);
    mem_free(o->takers);
    mem_free(o->stops.at);
    mem_free((void *)o->chains);
    return mem_free(o);
}

struct screen_cases *screen_cases_free(struct screen_cases *c)
{
    if (!c)
        return NULL;
    for (size_t i = 0; i < c->n; i++)
        one_free(c->at[i]);
    for (size_t i = 0; i < c->places_n; i++) {
        mem_free(c->places[i]->seen);
        mem_free(c->places[i]);
    }
    mem_free((void *)c->at);
    mem_free((void *)c->places);
    pthread_rwlock_destroy(&c->lock);
    return mem_free(c);
}

/* ---- order ---- */

static int by_weight(const void *one, const void *other)
{
    const struct one *const *a = one, *const *b = other;

    if ((*a)->is.counts != (*b)->is.counts)
        return (*a)->is.counts ? -1 : 1;
    return ((*a)->nth > (*b)->nth) - ((*a)->nth < (*b)->nth);
}

/* Within the lock, after each change of what is told. */
static void changed(struct screen_cases *c)
{
    c->changes++;
    atomic_store(&c->any, c->n > 0);
    if (c->n)
        qsort((void *)c->at, c->n, sizeof(struct one *), by_weight);
}

static struct one *one_of(const struct screen_cases *c, const char *id)
{
    for (size_t i = 0; i < c->n; i++)
        if (!strcmp(c->at[i]->is.id, id))
            return c->at[i];
    return NULL;
}

/* ---- given ---- */

static int by_key(const void *one, const void *other)
{
    return address_key_compare(one, other);
}

static bool chain_add(struct one *o, const char *name)
{
    const struct chain *chain = name ? chain_by_name(name) : NULL, **more;

    for (size_t i = 0; i < o->chains_n; i++)
        if (o->chains[i] == chain)
            return true;
    if (!chain)
        return true;
    more = mem_grow((void *)o->chains, (o->chains_n + 1) * sizeof(const struct chain *));
    if (!more)
        return false;
    o->chains = more;
    o->chains[o->chains_n++] = chain;
    return true;
}

/* Only chains that it names are told of, unless it names none. */
static bool one_fill(struct one *o, const struct case_file *f)
{
    size_t room = 0;

    o->is.category = f->kind ? f->kind : SCREEN_CASE_CATEGORY;
    for (size_t i = 0; i < f->origins_n; i++)
        room += f->origins[i].kind == ORIGIN_ADDRESS;
    o->takers = room ? mem_array(room, sizeof(*o->takers)) : NULL;
    if ((room && !o->takers) || !chain_add(o, f->chain) || !case_stops_make(f, &o->stops))
        return false;
    for (size_t i = 0; i < f->origins_n; i++) {
        const struct case_origin *at = &f->origins[i];
        struct err ignored; /* of a bank, say */

        if (!chain_add(o, at->chain))
            return false;
        o->takers_n +=
            at->kind == ORIGIN_ADDRESS &&
            address_key_read(at->address, strlen(at->address), at->chain ? at->chain : f->chain,
                             &o->takers[o->takers_n], &ignored);
    }
    if (o->takers && o->takers_n)
        qsort(o->takers, o->takers_n, sizeof(*o->takers), by_key);
    return true;
}

/* The kinds that a case may have are few, and no text of its own. */
static const char *constant(const char *kind)
{
    static const char *const kinds[] = {"theft", "payroll", "extortion", "intrusion"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (!strcmp(kind, kinds[i]))
            return kinds[i];
    return SCREEN_CASE_CATEGORY;
}

static bool one_make(const struct screen_case_is *is, struct bytes text, struct one **ret,
                     struct err *err)
{
    struct arena *a = arena_new(NULL, GIVE_BYTES_MAX);
    struct one *o = mem_zero(sizeof(*o));
    struct case_file file;
    bool ok = (a && o) || err_fail(err, ERR_NOMEM, "cases");

    ok = ok && case_read(a, text, &file, err);
    if (ok) {
        o->is = *is;
        o->text = sha256(text.p, text.n);
        ok = one_fill(o, &file) || err_fail(err, ERR_NOMEM, "cases");
        o->is.category = constant(o->is.category);
        o->is.policy = trace_policy_name(file.has_policy ? file.policy : TRACE_FIFO);
    }
    arena_free(a);
    if (ok)
        *ret = o;
    else
        one_free(o);
    return ok;
}

static bool put(struct screen_cases *c, struct one *o)
{
    if (!mem_room((void **)&c->at, &c->size, c->n + 1, sizeof(struct one *)))
        return false;
    o->nth = c->given++;
    c->at[c->n++] = o;
    return true;
}

static void drop(struct screen_cases *c, const char *id)
{
    size_t i = 0;

    while (i < c->n && strcmp(c->at[i]->is.id, id) != 0)
        i++;
    if (i == c->n)
        return;
    one_free(c->at[i]);
    c->at[i] = c->at[--c->n];
}

bool screen_cases_give(struct screen_cases *c, const struct screen_case_is *is, struct bytes text,
                       bool *ret_new, struct err *err)
{
    struct hash32 hash = sha256(text.p, text.n);
    const struct one *before = one_of(c, is->id); /* who writes may read without the lock */
    struct one *fresh;
    bool ok;

    *ret_new = !before || !hash32_equal(&before->text, &hash);
    if (!*ret_new)
        return true;
    ok = one_make(is, text, &fresh, err);
    pthread_rwlock_wrlock(&c->lock);
    drop(c, is->id);
    if (ok && !put(c, fresh)) {
        one_free(fresh);
        ok = err_fail(err, ERR_NOMEM, "cases");
    }
    c->busy = true;
    changed(c);
    pthread_rwlock_unlock(&c->lock);
    return ok;
}

static const struct screen_case_is *said_of(const struct screen_case_is *is, size_t n,
                                            const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(is[i].id, id))
            return &is[i];
    return NULL;
}

void screen_cases_keep(struct screen_cases *c, const struct screen_case_is *is, size_t n)
{
    bool other = false;

    pthread_rwlock_wrlock(&c->lock);
    for (size_t i = c->n; i-- > 0;) {
        struct screen_case_is *had = &c->at[i]->is;
        const struct screen_case_is *said = said_of(is, n, had->id);

        if (!said) {
            one_free(c->at[i]);
            c->at[i] = c->at[--c->n];
            other = true;
            continue;
        }
        other |= strcmp(had->state, said->state) != 0;
        had->state = said->state;
        had->counts = said->counts;
        snprintf(had->member, sizeof(had->member), "%s", said->member);
    }
    if (other)
        changed(c);
    pthread_rwlock_unlock(&c->lock);
}

/* ---- whom they have reached ---- */

static struct place *place_of(const struct screen_cases *c, const struct chain *chain)
{
    for (size_t i = 0; i < c->places_n; i++)
        if (c->places[i]->chain == chain)
            return c->places[i];
    return NULL;
}

static struct place *place_make(struct screen_cases *c, const struct chain *chain)
{
    struct place *p = place_of(c, chain);

    if (p ||
        !mem_room((void **)&c->places, &c->places_size, c->places_n + 1, sizeof(struct place *)))
        return p;
    p = mem_zero(sizeof(*p));
    if (!p)
        return NULL;
    p->chain = chain;
    p->seen = mem_zero(SEEN_BYTES);
    c->places[c->places_n++] = p;
    return p;
}

static size_t seen_bit(uint64_t owner)
{
    return mix_fold(owner ^ 0x9e3779b97f4a7c15, 0xd1b54a32d192ed03) >> (64 - SEEN_BITS_LOG);
}

static void seen_put(struct place *p, uint64_t owner)
{
    size_t bit = seen_bit(owner);

    if (p && p->seen)
        p->seen[bit / 8] |= (uint8_t)(1u << bit % 8);
}

static bool is_seen(const struct place *p, uint64_t owner)
{
    size_t bit = seen_bit(owner);

    return !p->seen || p->seen[bit / 8] & 1u << bit % 8;
}

static void seen_each(void *ctx, uint64_t owner)
{
    seen_put(ctx, owner);
}

bool screen_cases_has(const struct screen_cases *c, const char *id)
{
    return one_of(c, id) != NULL;
}

static struct reached *reached_of(const struct one *o, const struct chain *chain)
{
    for (size_t i = 0; i < o->at_n; i++)
        if (o->at[i].chain == chain)
            return &o->at[i];
    return NULL;
}

static void reached_drop(struct one *o, const struct chain *chain)
{
    struct reached *had = reached_of(o, chain);

    if (!had)
        return;
    reach_free(had->reach);
    case_senders_end(&had->senders);
    *had = o->at[--o->at_n];
}

bool screen_cases_whole(struct screen_cases *c, const struct chain *chain, const char *id,
                        struct reach *r)
{
    struct one *o = one_of(c, id);
    struct reached *had = o ? reached_of(o, chain) : NULL;
    struct reach *old = r;
    bool ok = true;

    pthread_rwlock_wrlock(&c->lock);
    if (o && r) {
        struct place *p = place_make(c, chain);

        if (p)
            reach_owners(r, seen_each, p);
        if (p && had) {
            old = had->reach;
            had->reach = r;
            case_senders_end(&had->senders);
            changed(c);
        } else if (p && mem_room((void **)&o->at, &o->at_size, o->at_n + 1, sizeof(*o->at))) {
            o->at[o->at_n++] = (struct reached){chain, r, {.stale = true}};
            old = NULL;
            changed(c);
        } else {
            ok = false;
        }
    } else if (had) {
        reached_drop(o, chain);
        changed(c);
    }
    pthread_rwlock_unlock(&c->lock);
    reach_free(old);
    return ok;
}

bool screen_cases_more(struct screen_cases *c, const struct chain *chain, const char *id,
                       const struct reach_move *moves, size_t n)
{
    struct one *o = one_of(c, id);
    struct reached *to = o ? reached_of(o, chain) : NULL;
    struct err err = {.class = ERR_NONE};
    bool ok = true;

    if (!to)
        return true;
    pthread_rwlock_wrlock(&c->lock);
    for (size_t i = 0; ok && i < n; i++) {
        seen_put(place_of(c, chain), moves[i].owner);
        ok = reach_put(to->reach, &moves[i], &err);
        to->senders.stale |= !moves[i].hop;
    }
    if (!ok) /* it cannot be told any more, which asking says */
        reached_drop(o, chain);
    if (n)
        changed(c);
    pthread_rwlock_unlock(&c->lock);
    return ok || err.class != ERR_NOMEM;
}

void screen_cases_back(struct screen_cases *c, const struct chain *chain, uint64_t moves_n)
{
    bool any = false;

    pthread_rwlock_wrlock(&c->lock);
    for (size_t i = 0; i < c->n; i++) {
        struct reached *r = reached_of(c->at[i], chain);

        if (!r)
            continue;
        any = true;
        reach_back(r->reach, moves_n);
        case_senders_end(&r->senders); /* ids that are undone will be others' */
    }
    if (any)
        changed(c);
    pthread_rwlock_unlock(&c->lock);
}

static struct hash32 hash_of(const struct trace_ledger *at, uint32_t block)
{
    return at->coins ? ledger_block(at->coins, block).hash
                     : account_ledger_block(at->accounts, block).hash;
}

static uint64_t blocks_of(const struct trace_ledger *at)
{
    return at->coins ? ledger_counts(at->coins).blocks : account_ledger_counts(at->accounts).blocks;
}

/* The lock is taken for what is found alone. */
static void senders_come(struct screen_cases *c, struct one *o, const struct trace_ledger *at,
                         uint32_t blocks_n, bool other)
{
    const struct chain *chain = trace_ledger_chain(at);
    struct reached *to = reached_of(o, chain);
    struct case_payees of = {to ? to->reach : NULL, o->takers, o->takers_n, &o->stops};
    struct reach *sent, *old;

    if (!to || (!other && !to->senders.stale) ||
        !case_senders_look(&to->senders, &of, at, blocks_n, &sent))
        return;
    pthread_rwlock_wrlock(&c->lock);
    if (sent)
        reach_owners(sent, seen_each, place_of(c, chain));
    old = to->senders.sent;
    to->senders.sent = sent;
    changed(c);
    pthread_rwlock_unlock(&c->lock);
    reach_free(old);
}

static void blocks_come(struct screen_cases *c, const struct trace_ledger *at, uint32_t blocks_n)
{
    uint32_t first = blocks_n > SCREEN_CASES_BLOCKS ? blocks_n - SCREEN_CASES_BLOCKS : 0;
    struct place *p;

    pthread_rwlock_wrlock(&c->lock);
    p = place_make(c, trace_ledger_chain(at));
    if (p)
        p->blocks_n = blocks_n;
    for (uint32_t n = first + 1; p && n <= blocks_n; n++) {
        p->notes[n % SCREEN_CASES_BLOCKS].blocks_n = n;
        p->notes[n % SCREEN_CASES_BLOCKS].hash = hash_of(at, n - 1);
    }
    pthread_rwlock_unlock(&c->lock);
}

void screen_cases_come(struct screen_cases *c, const struct trace_ledger *at, uint32_t blocks_n)
{
    const struct place *had = place_of(c, trace_ledger_chain(at));
    bool other = !had || had->blocks_n != blocks_n || !blocks_n;

    if (!other) {
        struct hash32 hash = hash_of(at, blocks_n - 1);

        other = !hash32_equal(&hash, &had->notes[blocks_n % SCREEN_CASES_BLOCKS].hash);
    }
    for (size_t i = 0; i < c->n; i++)
        senders_come(c, c->at[i], at, blocks_n, other);
    if (other)
        blocks_come(c, at, blocks_n);
}

void screen_cases_short(struct screen_cases *c, bool is)
{
    if (c->some_lack == is) /* who writes may read without the lock */
        return;
    pthread_rwlock_wrlock(&c->lock);
    c->some_lack = is;
    c->changes++;
    pthread_rwlock_unlock(&c->lock);
}

void screen_cases_settle(struct screen_cases *c)
{
    if (!c->busy)
        return;
    pthread_rwlock_wrlock(&c->lock);
    c->busy = false;
    c->changes++;
    pthread_rwlock_unlock(&c->lock);
}

/* ---- asked ---- */

/* The place, if what was followed there is of the blocks that this ledger has. */
static const struct place *place_fit(const struct screen_cases *c, const struct trace_ledger *at)
{
    const struct place *p = place_of(c, trace_ledger_chain(at));
    uint64_t all = blocks_of(at);
    uint32_t n = p && p->blocks_n < all ? p->blocks_n : (uint32_t)all;
    struct hash32 hash;

    if (!p || !n || p->notes[n % SCREEN_CASES_BLOCKS].blocks_n != n)
        return NULL;
    hash = hash_of(at, n - 1);
    return hash32_equal(&hash, &p->notes[n % SCREEN_CASES_BLOCKS].hash) ? p : NULL;
}

struct told {
    struct screen_case_part *at;
    size_t n, max;
    bool more;
};

/* Of one case, flow, asset and distance one part. */
static void tell(struct told *to, size_t first, const struct one *o, bool received,
                 const struct reach_sum *s)
{
    size_t i = first;
    struct screen_case_part *p;

    while (i < to->n && (to->at[i].received != received || to->at[i].asset != s->asset ||
                         to->at[i].direct != s->direct))
        i++;
    if (i == to->max) {
        to->more = true;
        return;
    }
    p = &to->at[i];
    if (i == to->n) {
        to->n++;
        *p = (struct screen_case_part){o->is,     received, s->direct, s->asset,
                                       s->amount, s->best,  s->hop};
        if (!received)
            p->is.policy = trace_policy_name(TRACE_HAIRCUT); /* trace/senders.h */
        return;
    }
    if (!u256_add(p->amount, s->amount, &p->amount))
        p->amount = (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
}

#define SUMS_MAX 64u

static void owners_tell(struct told *to, const struct one *o, bool received, const struct reach *r,
                        const struct place *p, const uint64_t *owners, size_t owners_n)
{
    size_t first = to->n;

    for (size_t k = 0; r && k < owners_n; k++) {
        struct reach_sum sums[SUMS_MAX];
        size_t n = is_seen(p, owners[k]) ? reach_of(r, owners[k], sums, SUMS_MAX) : 0;

        to->more |= n > SUMS_MAX;
        for (size_t j = 0; j < n && j < SUMS_MAX; j++)
            tell(to, first, o, received, &sums[j]);
    }
}

size_t screen_cases_owners(struct screen_cases *c, const struct trace_ledger *at,
                           const uint64_t *owners, size_t owners_n, struct screen_case_part *ret,
                           size_t max, bool *ret_more)
{
    struct told to = {ret, 0, max, false};
    const struct place *p;

    *ret_more = false;
    if (!screen_cases_any(c))
        return 0;
    pthread_rwlock_rdlock(&c->lock);
    p = place_fit(c, at);
    for (size_t i = 0; p && i < c->n; i++) {
        const struct reached *r = reached_of(c->at[i], p->chain);

        if (!r)
            continue;
        owners_tell(&to, c->at[i], true, r->reach, p, owners, owners_n);
        owners_tell(&to, c->at[i], false, r->senders.sent, p, owners, owners_n);
    }
    pthread_rwlock_unlock(&c->lock);
    *ret_more = to.more;
    return to.n;
}

/* Of what was paid on the way to an origin, who was paid is a hop nearer to it than who paid. */
static struct reach_sum sum_of(const struct reach_move *m, bool received, bool coins)
{
    uint32_t hop = m->hop + (!received && coins);

    return (struct reach_sum){m->asset, hop <= 1, m->taint, m->move, hop};
}

size_t screen_cases_moves(struct screen_cases *c, const struct trace_ledger *at,
                          const uint64_t *moves, size_t moves_n, struct screen_case_part *ret,
                          size_t max, bool *ret_more)
{
    struct told to = {ret, 0, max, false};
    const struct place *p;

    *ret_more = false;
    if (!screen_cases_any(c))
        return 0;
    pthread_rwlock_rdlock(&c->lock);
    p = place_fit(c, at);
    for (size_t i = 0; p && i < c->n; i++) {
        const struct reached *r = reached_of(c->at[i], p->chain);

        for (int received = 1; r && received >= 0; received--) {
            const struct reach *from = received ? r->reach : r->senders.sent;
            size_t first = to.n;
            struct reach_move m;

            for (size_t k = 0; from && k < moves_n; k++)
                if (reach_move_of(from, moves[k], &m)) {
                    struct reach_sum s = sum_of(&m, received != 0, at->coins != NULL);

                    tell(&to, first, c->at[i], received != 0, &s);
                }
        }
    }
    pthread_rwlock_unlock(&c->lock);
    *ret_more = to.more;
    return to.n;
}

size_t screen_cases_way(struct screen_cases *c, const struct trace_ledger *at,
                        const struct screen_case_part *part, bool of_move, uint64_t *ret,
                        size_t max)
{
    const struct one *o;
    const struct reached *r = NULL;
    size_t n = 0;

    if (!c)
        return 0;
    pthread_rwlock_rdlock(&c->lock);
    o = one_of(c, part->is.id);
    if (o && place_fit(c, at))
        r = reached_of(o, trace_ledger_chain(at));
    if (r && part->received)
        n = reach_way(at, r->reach, part->best, ret, max);
    else if (r && r->senders.sent)
        n = senders_way(at, r->senders.sent, part->best, of_move, ret, max);
    pthread_rwlock_unlock(&c->lock);
    return n;
}

static bool is_taker(const struct one *o, const struct address_key *key)
{
    return o->takers_n && bsearch(key, o->takers, o->takers_n, sizeof(*key), by_key);
}

size_t screen_cases_origins(struct screen_cases *c, const struct address_key *key,
                            struct screen_case_is *ret, size_t max)
{
    struct address_key whole;
    size_t n = 0;

    if (!screen_cases_any(c))
        return 0;
    if (!address_key_untagged(key, &whole)) /* of an account's customer, those of the account */
        whole = *key;
    pthread_rwlock_rdlock(&c->lock);
    for (size_t i = 0; i < c->n && n < max; i++)
        if (is_taker(c->at[i], key) || is_taker(c->at[i], &whole))
            ret[n++] = c->at[i]->is;
    pthread_rwlock_unlock(&c->lock);
    return n;
}

static bool is_of(const struct one *o, const struct chain *chain)
{
    for (size_t i = 0; i < o->chains_n; i++)
        if (o->chains[i] == chain)
            return true;
    return !o->chains_n;
}

/* On that ledger, to both sides. */
static bool is_followed(const struct one *o, const struct chain *chain)
{
    const struct reached *r = reached_of(o, chain);

    return r && r->senders.sent;
}

enum screen_cases_lack screen_cases_lack(struct screen_cases *c, const struct trace_ledger *at)
{
    const struct chain *chain = trace_ledger_chain(at);
    enum screen_cases_lack lack = CASES_ALL;
    const struct place *p;
    bool behind;

    if (!c)
        return CASES_ALL;
    pthread_rwlock_rdlock(&c->lock);
    p = place_fit(c, at);
    behind = (!p || p->blocks_n < blocks_of(at)) && blocks_of(at);
    if (behind && (c->n || c->busy))
        lack = CASES_BEHIND;
    else if (c->some_lack)
        lack = CASES_SOME;
    for (size_t i = 0; lack == CASES_ALL && i < c->n; i++)
        if (is_of(c->at[i], chain) && !is_followed(c->at[i], chain))
            lack = CASES_SOME;
    pthread_rwlock_unlock(&c->lock);
    return lack;
}

bool screen_cases_any(struct screen_cases *c)
{
    return c && atomic_load(&c->any);
}

bool screen_cases_busy(struct screen_cases *c)
{
    bool busy;

    if (!c)
        return false;
    pthread_rwlock_rdlock(&c->lock);
    busy = c->busy;
    pthread_rwlock_unlock(&c->lock);
    return busy;
}

struct screen_cases_counts screen_cases_counts(struct screen_cases *c)
{
    struct screen_cases_counts n = {.cases = 0};

    if (!c)
        return n;
    pthread_rwlock_rdlock(&c->lock);
    n.cases = c->n;
    n.changes = c->changes;
    n.bytes = c->places_n * SEEN_BYTES;
    for (size_t i = 0; i < c->n; i++) {
        n.counted += c->at[i]->is.counts;
        for (size_t k = 0; k < c->at[i]->at_n; k++) {
            n.moves += reach_n(c->at[i]->at[k].reach);
            n.bytes += reach_bytes(c->at[i]->at[k].reach);
            if (c->at[i]->at[k].senders.sent)
                n.bytes += reach_bytes(c->at[i]->at[k].senders.sent);
        }
    }
    pthread_rwlock_unlock(&c->lock);
    return n;
}
