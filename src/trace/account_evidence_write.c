/* Making evidence over accounts: from the moves of a trace to the holdings that it came through,
 * from those to all of their events, and to the transactions of these, whole. */
#include "trace/account_evidence_parts.h"

#include "base/json_canonical.h"

#include <stdlib.h>
#include <string.h>

/* ---- what a trace rests on ---- */

struct chosen {
    struct arena *a;
    const struct account_doc *d;
    const struct account_evidence_of *of;
    uint64_t *at; /* [n] transfers; sorted, each once, in the end */
    size_t n, room;
    struct wanted_block *blocks; /* [blocks_n] by hash, with what is proven of them */
    size_t blocks_n;
    const struct wanted_tx *txs; /* theirs, in the order of the ledger; NULL: none is proven */
    struct err *err;
};

bool evidence_no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "evidence");
}

static int by_number(const void *pa, const void *pb)
{
    const uint64_t *a = pa, *b = pb;

    return (*a > *b) - (*a < *b);
}

size_t evidence_unique(uint64_t *at, size_t n)
{
    size_t kept = 0;

    if (n)
        qsort(at, n, sizeof(*at), by_number);
    for (size_t i = 0; i < n; i++)
        if (!kept || at[kept - 1] != at[i])
            at[kept++] = at[i];
    return kept;
}

static bool choose(struct chosen *c, uint64_t transfer)
{
    if (c->n == c->room) {
        size_t room = c->room ? c->room * 2 : 4096;
        uint64_t *more = ARENA_ARRAY(c->a, uint64_t, room);

        if (!more)
            return evidence_no_memory(c->a, c->err);
        if (c->n)
            memcpy(more, c->at, c->n * sizeof(*more));
        c->at = more;
        c->room = room;
    }
    if (c->n == 2 * ACCOUNT_EVIDENCE_TRANSFERS_MAX)
        c->n = evidence_unique(c->at, c->n);
    if (c->n > ACCOUNT_EVIDENCE_TRANSFERS_MAX)
        return err_fail(c->err, ERR_LIMIT,
                        "evidence of more than %zu transfers: name the services that it came to as "
                        "stops",
                        ACCOUNT_EVIDENCE_TRANSFERS_MAX);
    c->at[c->n++] = transfer;
    return true;
}

/* All events of a holding, up to the snapshot. */
static bool choose_holding(struct chosen *c, uint64_t holding)
{
    const struct accounts *columns = &c->d->accounts;
    uint64_t event = accounts_holding(columns, holding).first;

    for (; event < columns->transfers_n; event = accounts_next(columns, holding, event))
        if (!choose(c, event))
            return false;
    return true;
}

/* The transactions of all that was chosen so far, whole. */
static bool choose_txs(struct chosen *c)
{
    const struct accounts *columns = &c->d->accounts;
    const uint64_t *at = c->at;
    uint64_t last = ACCOUNTS_NONE;
    size_t n = c->n;

    c->at = NULL;
    c->n = c->room = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t tx = accounts_tx_of(columns, at[i]);
        struct accounts_range r = accounts_tx(columns, tx);

        for (uint64_t k = 0; tx != last && k < r.n; k++)
            if (!choose(c, r.first + k))
                return false;
        last = tx;
    }
    return true;
}

/* The accounts at both sides of what somebody asserts: whether it can be depends on all that came
 * to them and went. */
static void asserted_sides(const struct chosen *c, uint64_t *holdings, size_t *n)
{
    for (size_t i = 0; i < c->of->asserted_n; i++) {
        const struct route_asserted *k = &c->of->asserted[i];

        for (size_t l = 0; l < k->from_n + k->to_n; l++) {
            const struct route_leg *leg = l < k->from_n ? &k->from[l] : &k->to[l - k->from_n];
            struct transfer t;

            if (leg->ledger != c->of->ledger)
                continue;
            t = accounts_transfer(&c->d->accounts, leg->id);
            if (t.from != ACCOUNTS_NONE)
                holdings[(*n)++] = t.from;
            if (t.to != ACCOUNTS_NONE)
                holdings[(*n)++] = t.to;
        }
    }
}

static size_t legs_n(const struct chosen *c)
{
    size_t n = 0;

    for (size_t i = 0; i < c->of->asserted_n; i++)
        n += c->of->asserted[i].from_n + c->of->asserted[i].to_n;
    return n;
}

size_t evidence_holdings(const struct account_doc *d, uint64_t *to)
{
    const struct account_trace *t = d->trace;
    size_t n = 0;

    for (size_t i = 0; i < t->moves_n; i++) {
        struct transfer m = accounts_transfer(&d->accounts, t->moves[i].transfer);

        if (!t->moves[i].origin && m.from != ACCOUNTS_NONE)
            to[n++] = m.from;
        if (t->moves[i].stop == STOP_NONE && m.to != ACCOUNTS_NONE)
            to[n++] = m.to;
    }
    for (size_t i = 0; i < t->balances_n; i++)
        if (t->balances[i].stop == STOP_NONE)
            to[n++] = t->balances[i].holding;
    return n;
}

static bool choose_all(struct chosen *c)
{
    const struct account_trace *t = c->d->trace;
    uint64_t *holdings =
        ARENA_ARRAY(c->a, uint64_t, 2 * (t->moves_n + legs_n(c)) + t->balances_n + 1);
    size_t n;

    if (!holdings)
        return evidence_no_memory(c->a, c->err);
    for (size_t i = 0; i < t->moves_n; i++)
        if (!choose(c, t->moves[i].transfer))
            return false;
    n = evidence_holdings(c->d, holdings);
    asserted_sides(c, holdings, &n);
    n = evidence_unique(holdings, n);
    for (size_t i = 0; i < n; i++)
        if (!choose_holding(c, holdings[i]))
            return false;
    c->n = evidence_unique(c->at, c->n);
    if (!choose_txs(c))
        return false;
    c->n = evidence_unique(c->at, c->n);
    if (c->n > ACCOUNT_EVIDENCE_TRANSFERS_MAX)
        return err_fail(c->err, ERR_LIMIT, "evidence of more than %zu transfers",
                        ACCOUNT_EVIDENCE_TRANSFERS_MAX);
    return c->at || err_fail(c->err, ERR_NOT_FOUND, "nothing was traced");
}

/* ---- what raw blocks prove of it ---- */

static int wanted_by_hash(const void *one, const void *other)
{
    return memcmp(((const struct wanted_block *)one)->hash.b,
                  ((const struct wanted_block *)other)->hash.b, sizeof(struct hash32));
}

/* Each block with its chosen transactions, and the last one, which "until" names. */
static bool wanted_list(struct chosen *c)
{
    const struct account_doc *d = c->d;
    struct wanted_tx *txs = ARENA_ARRAY(c->a, struct wanted_tx, c->n + 1);
    uint64_t last = ACCOUNTS_NONE;
    uint32_t in = BLOCK_NONE;
    size_t n = 0;

    c->blocks = ARENA_ARRAY(c->a, struct wanted_block, c->n + 1);
    if (!txs || !c->blocks)
        return evidence_no_memory(c->a, c->err);
    for (size_t i = 0; i <= c->n; i++) {
        uint64_t tx = i < c->n ? accounts_tx_of(&d->accounts, c->at[i]) : ACCOUNTS_NONE;
        uint32_t block = i < c->n ? account_ledger_tx_block(d->ledger, tx) : d->blocks_n - 1;

        if (block != in) {
            c->blocks[c->blocks_n++] = (struct wanted_block){
                .hash = account_ledger_block(d->ledger, block).hash, .txs = txs + n};
            in = block;
        }
        if (i == c->n || tx == last)
            continue;
        last = tx;
        c->blocks[c->blocks_n - 1].txs_n++;
        txs[n++] = (struct wanted_tx){account_ledger_txid(d->ledger, tx), TX_INDEX_NONE};
    }
    qsort(c->blocks, c->blocks_n, sizeof(*c->blocks), wanted_by_hash);
    c->txs = txs;
    return true;
}

static const struct wanted_block *wanted_of(const struct chosen *c, const struct hash32 *hash)
{
    const struct wanted_block key = {.hash = *hash};

    return c->blocks_n ? bsearch(&key, c->blocks, c->blocks_n, sizeof(*c->blocks), wanted_by_hash)
                       : NULL;
}

/* ---- blocks ---- */

static void key_put(struct json_out *j, const char *name, const struct account_ledger *l,
                    uint64_t account)
{
    struct bytes key = account_ledger_key(l, account);

    json_put_hex(j, name, key.p, key.n);
}

static void transfer_put(struct json_out *j, const struct account_doc *d, uint64_t id)
{
    struct transfer t = accounts_transfer(&d->accounts, id);
    struct bytes path = account_ledger_path(d->ledger, id);
    uint64_t asset = transfer_asset(&d->accounts, &t);
    const char kind[2] = {(char)t.kind, '\0'};
    uint64_t nobody = ACCOUNT_NOBODY;

    json_object(j);
    json_put_string(j, "kind", kind);
    json_put_number(j, "position", t.kind == TRANSFER_INTERNAL ? 0 : t.position);
    json_put_hex(j, "path", path.p, path.n);
    key_put(j, "from", d->ledger,
            t.from == ACCOUNTS_NONE ? nobody : accounts_holding(&d->accounts, t.from).account);
    key_put(j, "to", d->ledger,
            t.to == ACCOUNTS_NONE ? nobody : accounts_holding(&d->accounts, t.to).account);
    key_put(j, "asset", d->ledger, asset);
    json_put_u256(j, "amount", t.amount);
    json_put_u256(j, "credit", t.credit);
    json_object_end(j);
}

static void events_put(struct json_out *j, const struct account_doc *d, uint64_t tx)
{
    struct accounts_range r = account_ledger_events(d->ledger, tx);

    json_key(j, "events");
    json_array(j);
    for (uint64_t i = 0; i < r.n; i++) {
        struct account_ledger_event e = account_ledger_event(d->ledger, r.first + i);

        json_object(j);
        json_put_number(j, "kind", e.kind);
        json_put_number(j, "log", e.log);
        key_put(j, "subject", d->ledger, e.subject);
        json_put_hex(j, "data", e.data.p, e.data.n);
        json_object_end(j);
    }
    json_array_end(j);
}

static void proof_put(struct json_out *j, const struct block_proof *p)
{
    json_key(j, "proof");
    json_object(j);
    json_put_hex(j, "header", p->header.p, p->header.n);
    json_key(j, "nodes");
    json_array(j);
    for (size_t i = 0; i < p->nodes_n; i++)
        json_hex(j, p->nodes[i].p, p->nodes[i].n);
    json_array_end(j);
    if (p->outside.n)
        json_put_hex(j, "withdrawals", p->outside.p, p->outside.n);
    if (p->leaves.n)
        json_put_hex(j, "leaves", p->leaves.p, p->leaves.n);
    if (p->signer.n)
        json_put_hex(j, "signer", p->signer.p, p->signer.n);
    json_object_end(j);
}

/* What there is to prove of it. */
static void tx_proof_put(struct json_out *j, const struct wanted_tx *tx)
{
    if (tx->index != TX_INDEX_NONE)
        json_put_number(j, "index", tx->index);
    if (tx->signed_bytes.n)
        json_put_hex(j, "signed", tx->signed_bytes.p, tx->signed_bytes.n);
}

static void block_put(struct json_out *j, const struct account_ledger_block *b)
{
    json_put_number_or_null(j, "height", b->height, HEIGHT_UNKNOWN);
    json_put_hex(j, "hash", b->hash.b, sizeof(b->hash.b));
    json_put_hex(j, "prev", b->prev.b, sizeof(b->prev.b));
    json_put_number(j, "time", b->time);
    json_put_string(j, "grade", b->grade == GRADE_PROVEN ? "proven" : "stated");
    json_put_bool(j, "internals", b->internals);
}

struct putting { /* the lists of which block and transaction are open */
    struct json_out *j;
    const struct chosen *c;
    uint32_t block; /* BLOCK_NONE: of none */
    uint64_t tx;    /* ACCOUNTS_NONE: of none */
    size_t txs_n;   /* begun */
};

static void tx_end(struct putting *p)
{
    if (p->tx == ACCOUNTS_NONE)
        return;
    json_array_end(p->j);
    events_put(p->j, p->c->d, p->tx);
    json_object_end(p->j);
    p->tx = ACCOUNTS_NONE;
}

static void tx_begin(struct putting *p, uint64_t tx)
{
    const struct account_ledger *l = p->c->d->ledger;
    struct hash32 hash = account_ledger_txid(l, tx);

    p->tx = tx;
    json_object(p->j);
    json_put_hex(p->j, "hash", hash.b, sizeof(hash.b));
    json_put_bool(p->j, "failed", account_ledger_tx_failed(l, tx));
    if (p->c->txs)
        tx_proof_put(p->j, &p->c->txs[p->txs_n++]);
    json_key(p->j, "transfers");
    json_array(p->j);
}

static void block_end(struct putting *p)
{
    tx_end(p);
    if (p->block == BLOCK_NONE)
        return;
    json_array_end(p->j);
    json_object_end(p->j);
}

static void block_begin(struct putting *p, uint32_t block)
{
    struct account_ledger_block b = account_ledger_block(p->c->d->ledger, block);
    const struct wanted_block *want = wanted_of(p->c, &b.hash);

    p->block = block;
    json_object(p->j);
    block_put(p->j, &b);
    if (want && want->proof.header.n)
        proof_put(p->j, &want->proof);
    json_key(p->j, "transactions");
    json_array(p->j);
}

/* The last block stands there in any case: it is "until". */
static void blocks_put(struct json_out *j, const struct chosen *c)
{
    const struct account_doc *d = c->d;
    struct putting p = {.j = j, .c = c, .block = BLOCK_NONE, .tx = ACCOUNTS_NONE};
    uint32_t last = d->blocks_n - 1;

    json_array(j);
    for (size_t i = 0; i < c->n; i++) {
        uint64_t tx = accounts_tx_of(&d->accounts, c->at[i]);
        uint32_t block = account_ledger_tx_block(d->ledger, tx);

        if (tx != p.tx)
            tx_end(&p);
        if (block != p.block) {
            block_end(&p);
            block_begin(&p, block);
        }
        if (tx != p.tx)
            tx_begin(&p, tx);
        transfer_put(j, d, c->at[i]);
    }
    if (last != p.block) {
        block_end(&p);
        block_begin(&p, last);
    }
    block_end(&p);
    json_array_end(j);
}

bool evidence_fingerprint(struct arena *a, const struct json *blocks, struct hash32 *ret,
                          struct err *err)
{
    struct text t = text_new(EVIDENCE_BYTES_MAX);
    bool ok = json_canonical_put(a, blocks, &t, err) && text_end(&t, err);

    if (ok)
        *ret = sha256(t.p, t.n);
    text_free(&t);
    return ok;
}

/* ---- writing it all ---- */

/* What was written is read again, and held to what its own blocks say: a ledger may be wrong. */
static bool written_check(const struct chosen *c, const struct json *blocks,
                          struct account_evidence_roots *ret)
{
    struct account_evidence_answer answer = {.proven = true};
    struct evidence_reading r = {
        .a = c->a, .answer = &answer, .err = c->err, .chain = account_ledger_chain(c->d->ledger)};
    struct transfer_block *at = ARENA_ARRAY(c->a, struct transfer_block, blocks->children_n + 1);
    bool ok = at ? evidence_blocks(&r, blocks, at) : evidence_no_memory(c->a, c->err);

    evidence_read_end(&r);
    *ret = answer.roots;
    return ok && (answer.proven ||
                  err_fail(c->err, ERR_DIFFERS, "the ledger is not what the raw blocks say: %s",
                           answer.text));
}

bool account_evidence_write(struct arena *a, struct text *to, const struct account_doc *d,
                            const struct account_evidence_of *of,
                            struct account_evidence_roots *ret_roots, struct err *err)
{
    const struct chain *chain = account_ledger_chain(d->ledger);
    struct chosen c = {.a = a, .d = d, .of = of, .err = err};
    struct text blocks = text_new(EVIDENCE_BYTES_MAX);
    struct json_out in = json_to(&blocks, false), j = json_to(to, false);
    const struct json *read;
    struct hash32 fingerprint;
    bool ok =
        choose_all(&c) &&
        (!of->from_n || (wanted_list(&c) && transfer_source_prove(chain, of->from, of->from_n,
                                                                  c.blocks, c.blocks_n, a, err)));

    if (ok) {
        blocks_put(&in, &c);
        ok = text_end(&blocks, err) && json_read(a, blocks.p, blocks.n, &read, err) &&
             evidence_fingerprint(a, read, &fingerprint, err) && written_check(&c, read, ret_roots);
    }
    if (ok) {
        json_object(&j);
        json_put_string(&j, "schema", ACCOUNT_EVIDENCE_SCHEMA);
        json_put_string(&j, "chain", chain->name);
        json_key(&j, "blocks");
        json_raw(&j, blocks.p, blocks.n);
        json_put_hex(&j, "fingerprint", fingerprint.b, sizeof(fingerprint.b));
        json_object_end(&j);
    }
    text_free(&blocks);
    return ok;
}
