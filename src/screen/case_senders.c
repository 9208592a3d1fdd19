#include "screen/case_senders.h"

#include "base/mem.h"
#include "chain/bitcoin/pool.h"
#include "screen/screen_ledger_parts.h"

#include <stdlib.h>

/* ---- stops ---- */

static int by_value(const void *one, const void *other)
{
    const uint64_t *a = one, *b = other;

    return (*a > *b) - (*a < *b);
}

static uint64_t key_hash(const struct address_key *key)
{
    struct sha256_stream h;
    struct hash32 hash;

    sha256_start(&h);
    sha256_add(&h, &key->space, sizeof(key->space));
    sha256_add(&h, key->text, key->n);
    hash = sha256_done(&h);
    return load_le64(hash.b);
}

bool case_stops_make(const struct case_file *f, struct case_stops *ret)
{
    ret->at = f->stops_n ? mem_array(f->stops_n, sizeof(*ret->at)) : NULL;
    ret->n = 0;
    if (f->stops_n && !ret->at)
        return false;
    for (size_t i = 0; i < f->stops_n; i++) {
        const struct trace_stop *s = &f->stops[i];
        struct address_key key;
        struct err ignored; /* of a bank, say */

        if (address_key_read(s->address, strlen(s->address), s->chain ? s->chain : f->chain, &key,
                             &ignored))
            ret->at[ret->n++] = key_hash(&key);
    }
    if (ret->n)
        qsort(ret->at, ret->n, sizeof(*ret->at), by_value);
    return true;
}

struct stopping {
    const struct trace_ledger *at;
    const struct case_stops *stops;
};

static bool is_pool(const struct ledger *l, uint64_t owner)
{
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct bytes script;

    return l && ledger_chain(l)->pools && ledger_script(l, (uint32_t)owner, buffer, &script) &&
           pool_of_script(ledger_chain(l), script) != POOL_NONE;
}

static bool is_stop(void *stopping, uint64_t owner)
{
    const struct stopping *x = stopping;
    struct address_key key;
    uint64_t hash;

    if (is_pool(x->at->coins, owner))
        return true;
    if (!x->stops->n || !screen_owner_key(x->at, owner, &key))
        return false;
    hash = key_hash(&key);
    return bsearch(&hash, x->stops->at, x->stops->n, sizeof(hash), by_value) != NULL;
}

/* ---- whom the case is of ---- */

struct gathering {
    struct sender_origin *origins;
    size_t origins_n, origins_size, takers_n;
    uint64_t *moves;
    size_t moves_n, moves_size;
    bool bad;
};

static void origin_add(struct gathering *g, uint64_t owner, bool named)
{
    g->bad = g->bad || !mem_room((void **)&g->origins, &g->origins_size, g->origins_n + 1,
                                 sizeof(*g->origins));
    if (!g->bad)
        g->origins[g->origins_n++] = (struct sender_origin){owner, named};
}

static void move_add(void *gathering, const struct reach_move *m)
{
    struct gathering *g = gathering;

    origin_add(g, m->owner, false);
    g->bad =
        g->bad || !mem_room((void **)&g->moves, &g->moves_size, g->moves_n + 1, sizeof(*g->moves));
    if (!g->bad)
        g->moves[g->moves_n++] = m->move;
}

static size_t takers_find(const struct case_payees *of, const struct trace_ledger *at,
                          struct gathering *g)
{
    size_t found = 0;

    for (size_t i = 0; i < of->takers_n; i++) {
        uint64_t owners[LEDGER_TWINS_MAX];
        size_t n = screen_owners_find(at, &of->takers[i], owners);

        for (size_t k = 0; g && k < n; k++)
            origin_add(g, owners[k], true);
        found += n;
    }
    return found;
}

/* Those that the case names first. */
static int by_owner(const void *one, const void *other)
{
    const struct sender_origin *a = one, *b = other;
    int by = (a->owner > b->owner) - (a->owner < b->owner);

    return by ? by : b->named - a->named;
}

static void gather(const struct case_payees *of, const struct trace_ledger *at, struct gathering *g)
{
    size_t kept = 0;

    reach_origins(of->reached, move_add, g);
    g->takers_n = takers_find(of, at, g);
    if (g->origins_n)
        qsort(g->origins, g->origins_n, sizeof(*g->origins), by_owner);
    for (size_t i = 0; i < g->origins_n; i++)
        if (!kept || g->origins[kept - 1].owner != g->origins[i].owner)
            g->origins[kept++] = g->origins[i];
    g->origins_n = kept;
}

/* ---- kept up ---- */

static bool is_as_it_was(const struct case_senders *s, const struct case_payees *of,
                         const struct senders_asked *asked)
{
    return !s->stale && takers_find(of, asked->at, NULL) == s->takers_n &&
           senders_newest(asked) == s->newest;
}

/* False: another time there may be memory. */
static bool find(const struct senders_asked *asked, struct reach **ret)
{
    struct err err;

    *ret = NULL;
    return senders_find(asked, ret, &err) || err.class != ERR_NOMEM;
}

bool case_senders_look(struct case_senders *s, const struct case_payees *of,
                       const struct trace_ledger *at, uint32_t blocks_n, struct reach **ret_sent)
{
    struct stopping stopping = {at, of->stops};
    struct senders_asked asked = {.at = at,
                                  .blocks_n = blocks_n,
                                  .origins = s->origins,
                                  .origins_n = s->origins_n,
                                  .stops = is_stop,
                                  .ctx = &stopping};
    struct gathering g = {.bad = false};

    *ret_sent = NULL;
    if (is_as_it_was(s, of, &asked))
        return false;
    gather(of, at, &g);
    asked.origins = g.origins;
    asked.origins_n = g.origins_n;
    asked.moves = g.moves;
    asked.moves_n = g.moves_n;
    s->stale = g.bad || !find(&asked, ret_sent);
    s->newest = g.bad ? 0 : senders_newest(&asked);
    s->takers_n = g.takers_n;
    mem_free(g.moves);
    mem_free(s->origins);
    s->origins = g.origins;
    s->origins_n = g.origins_n;
    return true;
}

void case_senders_end(struct case_senders *s)
{
    reach_free(s->sent);
    mem_free(s->origins);
    *s = (struct case_senders){.stale = true};
}
