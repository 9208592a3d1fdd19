/* The labels of all addresses, and the origins of cases, that a ledger has more than before. */
#include "screen/screen_ledger_parts.h"

#include "base/mem.h"
#include "chain/bitcoin/pool.h"
#include "chain/dialect.h"
#include "entity/tag.h"
#include "trace/account_origins.h"

#include <stdlib.h>

#define RESOLVE_BYTES_MAX ((size_t)1 << 30)
#define SCAN_SHARE 4 /* so many new addresses are looked up in the time of one label */

/* ---- owners that are new ---- */

struct owner_key {
    uint64_t key, owner;
};

struct owner_keys {
    struct owner_key *at;
    size_t n, room;
};

static void owner_key_put(void *ctx, uint64_t key, uint64_t owner)
{
    struct owner_keys *k = ctx;

    if (k->n < k->room)
        k->at[k->n++] = (struct owner_key){key, owner};
}

/* Those that are new: looked at before the lock is taken, and put within it. */
static void table_prepare(const struct screen_ledger *x, const struct trace_ledger *at,
                          struct owner_keys *ret)
{
    size_t n = x->table ? (size_t)(screen_owners_of(at) - x->owners_n) : 0;

    *ret = (struct owner_keys){.at = n ? mem_array(n, sizeof(*ret->at)) : NULL};
    if (ret->at) {
        ret->room = n;
        screen_owner_keys(at, x->owners_n, owner_key_put, ret);
    }
}

static void table_take(struct screen_ledger *x, uint64_t n, const struct owner_keys *k)
{
    for (size_t i = 0; x->table && i < k->n; i++)
        owner_table_put(x->table, k->at[i].key, k->at[i].owner);
    if (x->table && (k->n < n || !owner_table_settle(x->table)))
        x->table = owner_table_free(x->table);
}

/* ---- labels of what is new in the ledger ---- */

struct more { /* sources and origins to be added */
    struct exposure_source *sources;
    size_t sources_n, sources_room;
    struct screen_token *tokens;
    size_t tokens_n, tokens_room;
    bool stale;
    struct exposure_origin *origins;
    size_t origins_n, origins_room;
};

static void more_free(struct more *m)
{
    mem_free(m->sources);
    mem_free(m->tokens);
    mem_free(m->origins);
}

static bool sources_put(struct more *m, uint64_t owner, const struct screen_labelled *has,
                        struct err *err)
{
    for (size_t i = 0; i < has->n; i++) {
        if (!mem_room((void **)&m->sources, &m->sources_room, m->sources_n + 1,
                      sizeof(*m->sources)))
            return err_fail(err, ERR_NOMEM, "labels of a ledger");
        m->sources[m->sources_n++] = (struct exposure_source){owner, has->at[i], has->stops};
    }
    return true;
}

static bool origin_put(struct more *m, uint64_t id, uint16_t label, struct err *err)
{
    if (!mem_room((void **)&m->origins, &m->origins_room, m->origins_n + 1, sizeof(*m->origins)))
        return err_fail(err, ERR_NOMEM, "labels of a ledger");
    m->origins[m->origins_n++] = (struct exposure_origin){id, label};
    return true;
}

static int by_owner(const void *one, const void *other)
{
    const struct exposure_source *a = one, *b = other;

    if (a->owner != b->owner)
        return a->owner < b->owner ? -1 : 1;
    return a->label < b->label ? -1 : a->label > b->label;
}

static const struct screen_labelled mixer = {.at = {TAG_MIXER}, .n = 1, .stops = true};

/* What is confidential of a token is as a shielded pool. */
static bool hidden_find(const struct screen_ledger *x, const struct trace_ledger *at,
                        struct more *m, struct err *err)
{
    if (!x->chain->dialect || !x->chain->dialect->hides)
        return true;
    for (uint64_t owner = x->owners_n; owner < screen_owners_of(at); owner++)
        if (x->chain->dialect->hides(account_ledger_key(at->accounts, owner)) &&
            !sources_put(m, owner, &mixer, err))
            return false;
    return true;
}

/* A shielded pool takes coins and gives back others, and nobody has to say so by a tag. */
static bool pools_find(const struct screen_ledger *x, const struct trace_ledger *at, struct more *m,
                       struct err *err)
{
    uint64_t owners[LEDGER_TWINS_MAX];

    for (uint32_t i = 0; i < pools_count(x->chain); i++) {
        const char *name = pool_address(x->chain, i);
        struct address_key key;

        if (!address_key_from(address_space_of_chain(x->chain), name, strlen(name), &key))
            continue;
        for (size_t n = screen_owners_find(at, &key, owners); n; n--)
            if (owners[n - 1] >= x->owners_n && !sources_put(m, owners[n - 1], &mixer, err))
                return false;
    }
    return true;
}

/* Labels of an account are those of its customers, too, who stand in no list of labels. */
static bool has_parts(const struct chain *chain)
{
    return chain->dialect && chain->dialect->part;
}

/* ---- labels of token accounts ---- */

/* The owner's own words count for whether he stops what comes to him. */
static bool token_put(const struct screen_ledger *x, const struct trace_ledger *at, struct more *m,
                      uint64_t account, struct err *err)
{
    struct screen_labelled has = {.n = 0}, own = {.n = 0};
    struct address_key key;
    uint64_t owner;

    if (!account_ledger_sole_owner(at->accounts, account, &owner) ||
        !screen_owner_key(at, account, &key))
        return true;
    screen_labels_of(x->labels, &key, &has);
    if (screen_owner_key(at, owner, &key))
        screen_labels_of(x->labels, &key, &own);
    has.stops = has.stops && (!own.n || own.stops);
    if (!mem_room((void **)&m->tokens, &m->tokens_room, m->tokens_n + 1, sizeof(*m->tokens)))
        return err_fail(err, ERR_NOMEM, "labels of a ledger");
    m->tokens[m->tokens_n++] = (struct screen_token){owner, account};
    m->stale |= owner < x->owners_n;
    return owner < x->owners_n || sources_put(m, owner, &has, err);
}

/* Of those that have come into the ledger. */
static bool tokens_find(const struct screen_ledger *x, const struct trace_ledger *at,
                        struct more *m, struct err *err)
{
    size_t n = m->sources_n;

    for (size_t i = 0; at->accounts && i < n; i++)
        if ((!i || m->sources[i].owner != m->sources[i - 1].owner) &&
            !token_put(x, at, m, m->sources[i].owner, err))
            return false;
    return true;
}

/* Of those that were there: is somebody told to be the owner who was not, or another? */
static bool is_other(const struct screen_ledger *x, const struct trace_ledger *at, uint64_t account,
                     uint64_t told)
{
    uint64_t owner;

    for (size_t i = 0; i < x->tokens_n; i++)
        if (x->tokens[i].account == account)
            return x->tokens[i].owner != told;
    return account_ledger_sole_owner(at->accounts, account, &owner);
}

static void tokens_look(const struct screen_ledger *x, const struct trace_ledger *at,
                        struct more *m)
{
    const struct accounts *a = at->accounts ? account_ledger_accounts(at->accounts) : NULL;
    struct account_ledger_event e;

    for (uint64_t id = x->moves_n; a && x->owners_n && !m->stale && id < a->transfers_n; id++) {
        struct transfer t = accounts_transfer(a, id);
        uint64_t account;

        if (t.kind != TRANSFER_NOTE || t.from >= a->holdings_n)
            continue;
        account = accounts_holding(a, t.from).account;
        if (account < x->owners_n && screen_source_at(x, account) < x->sources_n &&
            account_ledger_note(at->accounts, id, EVENT_OWNER, &e))
            m->stale = is_other(x, at, account, e.subject);
    }
}

static int by_token(const void *one, const void *other)
{
    const struct screen_token *a = one, *b = other;

    if (a->owner != b->owner)
        return a->owner < b->owner ? -1 : 1;
    return a->account < b->account ? -1 : a->account > b->account;
}

static bool tokens_keep(struct screen_ledger *x, const struct more *m, struct err *err)
{
    for (size_t i = 0; i < m->tokens_n; i++) {
        if (!mem_room((void **)&x->tokens, &x->tokens_room, x->tokens_n + 1, sizeof(*x->tokens)))
            return err_fail(err, ERR_NOMEM, "labels of a ledger");
        x->tokens[x->tokens_n++] = m->tokens[i];
    }
    if (m->tokens_n)
        qsort(x->tokens, x->tokens_n, sizeof(*x->tokens), by_token);
    x->stale |= m->stale;
    return true;
}

size_t screen_token_at(const struct screen_ledger *x, uint64_t owner)
{
    size_t low = 0, high = x->tokens_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (x->tokens[middle].owner < owner)
            low = middle + 1;
        else
            high = middle;
    }
    return low < x->tokens_n && x->tokens[low].owner == owner ? low : x->tokens_n;
}

struct hash32 screen_tokens_hash(const struct screen_ledger *x, uint64_t owners_n)
{
    struct sha256_stream s;
    uint8_t bytes[16];

    sha256_start(&s);
    for (size_t i = 0; i < x->tokens_n && x->tokens[i].owner < owners_n; i++) {
        store_le64(bytes, x->tokens[i].owner);
        store_le64(bytes + 8, x->tokens[i].account);
        sha256_add(&s, bytes, sizeof(bytes));
    }
    return sha256_done(&s);
}

/* From the owners, where they are fewer; else from the addresses with labels. */
static bool sources_find(const struct screen_ledger *x, const struct trace_ledger *at,
                         struct more *m, struct err *err)
{
    uint64_t end = screen_owners_of(at), next = 0, owners[LEDGER_TWINS_MAX];
    bool scan = has_parts(x->chain) ||
                (end - x->owners_n) / SCAN_SHARE < screen_labels_addresses(x->labels);
    struct screen_labelled has;
    struct address_key key;

    for (uint64_t owner = x->owners_n; scan && owner < end; owner++) {
        if (!screen_owner_key(at, owner, &key))
            continue;
        screen_labels_of(x->labels, &key, &has);
        if (!sources_put(m, owner, &has, err))
            return false;
    }
    while (!scan &&
           screen_labels_next(x->labels, address_space_of_chain(x->chain), &next, &key, &has))
        for (size_t n = screen_owners_find(at, &key, owners); n; n--)
            if (owners[n - 1] >= x->owners_n && !sources_put(m, owners[n - 1], &has, err))
                return false;
    if (!pools_find(x, at, m, err) || !hidden_find(x, at, m, err))
        return false;
    tokens_look(x, at, m);
    for (int tokens = 0; tokens < 2; tokens++) {
        if (tokens && !tokens_find(x, at, m, err))
            return false;
        if (m->sources_n)
            qsort(m->sources, m->sources_n, sizeof(*m->sources), by_owner);
    }
    return true;
}

/* What a case says of this ledger; what it has not, or not yet, is no error. */
static bool origin_find(struct arena *a, const struct screen_ledger *x,
                        const struct trace_ledger *at, const struct screen_origin *o,
                        struct more *m, struct err *err)
{
    struct account_origins f = {.a = a, .ledger = at->accounts};
    const uint64_t *ids = NULL;
    size_t n = 0;
    bool ok;

    if (at->coins) {
        ok = origins_resolve(a, at->coins, ledger_coins(at->coins), o->origin, 1, &ids, &n, err);
    } else {
        f.accounts = account_ledger_accounts(at->accounts);
        ok = account_origins_add(&f, o->origin, err);
        n = ok ? f.n : 0;
    }
    if (!ok && (err->class == ERR_NOT_FOUND || (err->class == ERR_INPUT && !o->chain)))
        return true;
    for (size_t i = 0; ok && i < n; i++) {
        uint64_t id = at->coins ? ids[i] : f.at[i].transfer;

        ok = id < x->moves_n || origin_put(m, id, o->label, err);
    }
    return ok || err_in(err, "case %s", screen_label(x->labels, o->label).case_id);
}

static bool origins_find(const struct screen_ledger *x, const struct trace_ledger *at,
                         struct more *m, struct err *err)
{
    size_t n;
    const struct screen_origin *o = screen_labels_origins(x->labels, &n);

    for (size_t i = 0; i < n; i++) {
        struct arena *a;
        bool ok;

        if (o[i].chain && o[i].chain != x->chain)
            continue;
        a = arena_new(NULL, RESOLVE_BYTES_MAX);
        ok = a ? origin_find(a, x, at, &o[i], m, err) : err_fail(err, ERR_NOMEM, "origins");
        arena_free(a);
        if (!ok)
            return false;
    }
    return true;
}

/* New owners come behind all those before, so that the sources stay in order. */
static bool sources_keep(struct screen_ledger *x, const struct more *m, struct err *err)
{
    size_t n = x->sources_n + m->sources_n;

    if (n > x->sources_room) {
        struct exposure_source *at = mem_grow(x->sources, (n + n / 2) * sizeof(*at));

        if (!at)
            return err_fail(err, ERR_NOMEM, "labels of a ledger");
        x->sources = at;
        x->sources_room = n + n / 2;
    }
    if (m->sources_n)
        memcpy(x->sources + x->sources_n, m->sources, m->sources_n * sizeof(*m->sources));
    x->sources_n = n;
    return true;
}

/* To the exposure of before, or to one that is read or begun with them. */
static bool labels_give(struct screen_ledger *x, const struct exposure_asked *asked,
                        const char *path, struct err *err)
{
    struct exposure_options coins = {.asked = *asked};
    struct account_exposure_options accounts = {.asked = *asked};

    if (x->coins)
        return exposure_more(x->coins, asked, err);
    if (x->accounts)
        return account_exposure_more(x->accounts, asked, err);
    if (!chain_has_accounts(x->chain))
        return path ? exposure_load(path, &coins, &x->as_of.labels, &x->coins, err)
                    : exposure_new(&coins, &x->coins, err);
    return path ? account_exposure_load(path, &accounts, &x->as_of.labels, &x->accounts, err)
                : account_exposure_new(&accounts, &x->accounts, err);
}

bool screen_labels_take(struct screen_ledger *x, const struct trace_ledger *at, const char *path,
                        struct err *err)
{
    struct more m = {.sources_n = 0};
    struct exposure_asked asked = {.policy = screen_labels_policy(x->labels),
                                   .labels_n = (uint32_t)screen_labels_n(x->labels),
                                   .cut_ppm = screen_labels_cut_ppm(x->labels)};
    bool ok = sources_find(x, at, &m, err) && origins_find(x, at, &m, err);
    uint64_t fresh = screen_owners_of(at) - x->owners_n;
    struct owner_keys keys;

    asked.sources = m.sources;
    asked.sources_n = m.sources_n;
    asked.origins = m.origins;
    asked.origins_n = m.origins_n;
    table_prepare(x, at, &keys);
    if (ok) {
        pthread_rwlock_wrlock(&x->lock);
        ok = sources_keep(x, &m, err) && tokens_keep(x, &m, err) &&
             labels_give(x, &asked, path, err);
        table_take(x, fresh, &keys);
        x->owners_n = screen_owners_of(at);
        x->moves_n = screen_moves_of(at);
        pthread_rwlock_unlock(&x->lock);
    }
    more_free(&m);
    mem_free(keys.at);
    return ok;
}
