/* Making an evidence file. From the chosen ends back to the origins: a transaction that made a
 * wanted output is followed; every tainted output that it spends is wanted in turn. Outputs are
 * numbered in ledger order, so one pass from the last reached output to the first finds all of
 * them. */
#include "base/json.h"
#include "base/sort.h"
#include "chain/bitcoin/block.h"
#include "trace/evidence.h"

struct list {
    struct arena *a;
    struct keyed *at;
    size_t n, room;
};

/* A transaction, in order of the ledger; of one that is listed twice, as followed first. */
#define NEED_FOLLOWED(tx) ((uint64_t)(tx) << 1)
#define NEED_SPENT(tx) ((uint64_t)(tx) << 1 | 1)

struct making {
    struct arena *a;
    const struct trace_doc *d;
    bool *wanted, *end;   /* [reached_n] */
    struct list needs;    /* transactions */
    struct list claims;   /* inputs whose output is outside the ledger */
    struct hash32 *items; /* manifest: [items_n], in order of the file */
    size_t items_n;
    bool part; /* of several ledgers */
    const struct route_asserted *asserted;
    size_t asserted_n;
    uint32_t ledger;
    struct err *err;
};

static bool no_memory(struct making *m)
{
    return arena_fail(m->a, m->err, "evidence");
}

static bool list_add(struct making *m, struct list *list, uint64_t key)
{
    if (list->n == 2 * EVIDENCE_TXS_MAX)
        return err_fail(m->err, ERR_LIMIT, "evidence of more than %zu transactions",
                        EVIDENCE_TXS_MAX);
    if (list->n == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        struct keyed *at = ARENA_ARRAY(m->a, struct keyed, room);

        if (!at)
            return no_memory(m);
        if (list->n)
            memcpy(at, list->at, list->n * sizeof(*at));
        list->at = at;
        list->room = room;
    }
    list->at[list->n++].key = key;
    return true;
}

static bool list_sort(struct making *m, struct list *list)
{
    struct keyed *scratch = ARENA_ARRAY(m->a, struct keyed, list->n);

    if (!scratch)
        return no_memory(m);
    if (list->n)
        sort_keyed(list->at, list->n, scratch);
    return true;
}

static bool choose_ends(struct making *m, const uint64_t *ends, size_t ends_n)
{
    const struct trace *t = m->d->trace;
    size_t chosen = 0;

    for (size_t i = 0; ends && i < ends_n; i++) {
        size_t at = trace_reached_find(t, ends[i]);

        if (at == t->reached_n)
            return err_fail(m->err, ERR_USAGE, "an end that the trace has not reached");
        m->end[at] = true;
    }
    for (size_t i = 0; i < t->reached_n; i++) {
        const struct trace_reached *r = &t->reached[i];

        if (!ends && r->taint)
            m->end[i] = r->stop >= 0 || trace_doc_held(r);
        m->wanted[i] = m->end[i];
        chosen += m->end[i];
    }
    return chosen ? true : err_fail(m->err, ERR_USAGE, "the trace has no ends to prove");
}

/* What a followed transaction spends: tainted outputs become wanted, makers of all are needed. */
static bool need_inputs(struct making *m, uint32_t tx)
{
    const struct coins *coins = &m->d->coins;
    struct coins_range inputs = coins_inputs(coins, tx);

    for (uint64_t i = inputs.first; i < inputs.first + inputs.n; i++) {
        uint64_t value, source = coins_source(coins, i, &value);
        size_t at;

        if (source == COINS_NONE) {
            /* what comes out of a pool stands in the transaction itself */
            if (!ledger_input_pool(m->d->ledger, i) && !list_add(m, &m->claims, i))
                return false;
            continue;
        }
        at = trace_reached_find(m->d->trace, source);
        if (at < m->d->trace->reached_n &&
            (m->d->trace->reached[at].stop < 0 || m->d->trace->reached[at].origin))
            m->wanted[at] = true;
        if (!list_add(m, &m->needs, NEED_SPENT(coins_maker(coins, source))))
            return false;
    }
    return true;
}

/* In order, each once. */
static bool needs_settle(struct making *m)
{
    size_t n = 0;

    if (!list_sort(m, &m->needs) || !list_sort(m, &m->claims))
        return false;
    for (size_t i = 0; i < m->needs.n; i++)
        if (!n || m->needs.at[n - 1].key >> 1 != m->needs.at[i].key >> 1)
            m->needs.at[n++] = m->needs.at[i];
    m->needs.n = n;
    return n <= EVIDENCE_TXS_MAX ||
           err_fail(m->err, ERR_LIMIT, "evidence of more than %zu transactions", EVIDENCE_TXS_MAX);
}

static bool find_needs(struct making *m)
{
    const struct trace *t = m->d->trace;
    uint32_t followed = COINS_TX_NONE;

    for (size_t i = t->reached_n; i-- > 0;) {
        uint32_t maker;

        if (!m->wanted[i])
            continue;
        maker = trace_doc_maker(m->d, &t->reached[i]);
        if (t->reached[i].origin) {
            if (!list_add(m, &m->needs, NEED_SPENT(maker)))
                return false;
        } else if (maker != followed) {
            followed = maker;
            if (!list_add(m, &m->needs, NEED_FOLLOWED(maker)) || !need_inputs(m, maker))
                return false;
        }
    }
    return needs_settle(m);
}

/* Whoever made and whoever spent an output that the case asserts something of. */
static bool need_asserted(struct making *m)
{
    for (size_t i = 0; i < m->asserted_n; i++) {
        const struct route_asserted *k = &m->asserted[i];

        for (size_t l = 0; l < k->from_n + k->to_n; l++) {
            const struct route_leg *leg = l < k->from_n ? &k->from[l] : &k->to[l - k->from_n];
            uint32_t spender;

            if (leg->ledger != m->ledger)
                continue;
            spender = coins_spender(&m->d->coins, leg->id);
            if (!list_add(m, &m->needs, NEED_SPENT(coins_maker(&m->d->coins, leg->id))) ||
                (spender != COINS_TX_NONE && !list_add(m, &m->needs, NEED_SPENT(spender))))
                return false;
        }
    }
    return true;
}

/* Of a part of several ledgers, whose taint is not followed by this file alone: who made what was
 * reached and who spent it, whoever made what those spend, and a transaction of the last block. */
static bool find_needs_of_part(struct making *m)
{
    const struct trace *t = m->d->trace;
    struct ledger_block last = ledger_block(m->d->ledger, m->d->blocks_n - 1);
    size_t n = 0;

    for (size_t i = 0; i < t->reached_n; i++) {
        const struct trace_reached *r = &t->reached[i];
        uint32_t maker = trace_doc_maker(m->d, r);

        if (!list_add(m, &m->needs, r->origin ? NEED_SPENT(maker) : NEED_FOLLOWED(maker)) ||
            (!r->origin && !need_inputs(m, maker)))
            return false;
        if (r->spent_by == COINS_TX_NONE)
            continue;
        if (!list_add(m, &m->needs,
                      r->stop < 0 ? NEED_FOLLOWED(r->spent_by) : NEED_SPENT(r->spent_by)) ||
            (r->stop < 0 && !need_inputs(m, r->spent_by)))
            return false;
    }
    if (!list_add(m, &m->needs, NEED_SPENT(last.tx_first)) || !need_asserted(m) || !needs_settle(m))
        return false;
    for (size_t i = 0; i < m->claims.n; i++)
        if (!i || m->claims.at[i].key != m->claims.at[i - 1].key)
            m->claims.at[n++] = m->claims.at[i];
    m->claims.n = n;
    return true;
}

static void put_output(struct json_out *j, const struct trace_doc *d, uint64_t output)
{
    char name[OUTPOINT_TEXT_MAX];

    trace_doc_outpoint(d, output, name);
    json_put_string(j, "output", name);
    json_put_decimal(j, "value", coins_value(&d->coins, output));
}

static void put_stop(struct json_out *j, const struct trace_stop *stop)
{
    json_put_string(j, "name", stop->name);
    json_put_string(j, "category", stop->category);
    json_put_string(j, "source", stop->source);
}

static void put_end(struct json_out *j, const struct trace_doc *d, const struct trace_reached *r)
{
    char address[ADDRESS_BYTES_MAX];

    json_object(j);
    put_output(j, d, r->output);
    json_put_string(j, "address", trace_doc_address(d, r->output, address) ? address : NULL);
    json_put_decimal(j, "taint", r->taint);
    json_put_number(j, "hop", r->hop);
    json_key(j, "stop");
    if (r->stop >= 0) {
        json_object(j);
        put_stop(j, &d->stops[r->stop]);
        json_object_end(j);
    } else {
        json_null(j);
    }
    json_object_end(j);
}

static void put_claim(struct json_out *j, const struct trace_doc *d, uint64_t input)
{
    uint32_t script;
    const uint8_t *outpoint = ledger_outside(d->ledger, input, &script);
    struct text name = text_new(OUTPOINT_TEXT_MAX);
    uint64_t value;

    (void)coins_source(&d->coins, input, &value);
    if (!outpoint)
        return;
    text_hex_reversed(&name, outpoint, 32);
    text_printf(&name, ":%u", load_le32(outpoint + 32));
    json_object(j);
    json_key(j, "output");
    if (name.bad)
        j->to->bad = true;
    json_string_n(j, name.p, name.bad ? 0 : name.n);
    text_free(&name);
    json_key(j, "value");
    if (value == UINT64_MAX)
        json_null(j);
    else
        json_decimal(j, value);
    json_object_end(j);
}

static void put_claims(struct json_out *j, const struct making *m)
{
    json_array(j);
    for (size_t i = 0; i < m->claims.n; i++)
        put_claim(j, m->d, m->claims.at[i].key);
    json_array_end(j);
}

static void put_rules(struct json_out *j, const struct trace_doc *d)
{
    json_put_string(j, "chain", ledger_chain(d->ledger)->name);
    json_put_string(j, "case", d->case_id);
    json_put_string(j, "rules", TRACE_RULES);
    json_put_string(j, "policy", trace_policy_name(d->policy));
    json_put_decimal(j, "dust", d->dust);
    json_put_number_or_null(j, "hops_max", d->hops_max, TRACE_HOPS_NONE);
    json_key(j, "stops");
    json_array(j);
    for (size_t i = 0; i < d->stops_used_n; i++) {
        const struct trace_stop *stop = &d->stops[d->stops_used[i]];

        json_object(j);
        json_put_string(j, "address", stop->address);
        put_stop(j, stop);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_statement(struct json_out *j, const struct making *m)
{
    const struct trace_doc *d = m->d;

    json_object(j);
    put_rules(j, d);
    json_key(j, "origins");
    json_array(j);
    for (size_t i = 0; i < d->trace->reached_n; i++)
        if (m->wanted[i] && d->trace->reached[i].origin) {
            json_object(j);
            put_output(j, d, d->trace->reached[i].output);
            json_object_end(j);
        }
    json_array_end(j);
    json_key(j, "ends");
    json_array(j);
    for (size_t i = 0; i < d->trace->reached_n; i++)
        if (m->end[i])
            put_end(j, d, &d->trace->reached[i]);
    json_array_end(j);
    json_key(j, "claimed");
    put_claims(j, m);
    json_object_end(j);
}

/* The statement, or of a part what is claimed, stands in the file as the very bytes that its hash
 * is of: compact JSON. */
static bool write_statement(struct making *m, struct json_out *j)
{
    struct text t = text_new(JSON_BYTES_MAX);
    struct json_out compact = json_to(&t, false);
    bool ok;

    (m->part ? put_claims : put_statement)(&compact, m);
    ok = text_end(&t, m->err);
    if (ok) {
        m->items[m->items_n++] = sha256(t.p, t.n);
        json_key(j, m->part ? "claimed" : "statement");
        json_raw(j, t.p, t.n);
    }
    text_free(&t);
    return ok;
}

static uint32_t need_tx(const struct making *m, size_t i)
{
    return (uint32_t)(m->needs.at[i].key >> 1);
}

/* The sources' blocks by hash. */
struct finder {
    const struct source_block *blocks;
    struct keyed *at;
    size_t n;
};

static bool finder_new(struct making *m, const struct source *s, struct finder *ret)
{
    struct finder f;
    struct keyed *scratch;

    f.blocks = source_blocks(s, &f.n);
    f.at = ARENA_ARRAY(m->a, struct keyed, f.n);
    scratch = ARENA_ARRAY(m->a, struct keyed, f.n);
    if (!f.at || !scratch)
        return no_memory(m);
    for (size_t i = 0; i < f.n; i++)
        f.at[i] = (struct keyed){.key = load_le64(f.blocks[i].hash.b), .index = (uint32_t)i};
    if (f.n)
        sort_keyed(f.at, f.n, scratch);
    *ret = f;
    return true;
}

static bool finder_find(const struct finder *f, const struct hash32 *hash, size_t *ret)
{
    uint64_t key = load_le64(hash->b);
    size_t low = 0, high = f->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (f->at[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < f->n && f->at[low].key == key; low++)
        if (hash32_equal(&f->blocks[f->at[low].index].hash, hash)) {
            *ret = f->at[low].index;
            return true;
        }
    return false;
}

struct reading { /* raw blocks, one at a time */
    struct source *source;
    struct finder finder;
    struct source_buffer buffer;
    struct block_scratch *scratch;
};

static bool raw_block(struct making *m, struct reading *r, const struct ledger_block *b,
                      struct bytes *ret)
{
    size_t at;

    if (!finder_find(&r->finder, &b->hash, &at)) {
        char hash[65];
        struct text t = text_new(sizeof(hash) + 1);

        text_hex_reversed(&t, b->hash.b, 32);
        err_fail(m->err, ERR_NOT_FOUND, "evidence: block %s is not among the sources given",
                 text_string(&t) ? t.p : "?");
        text_free(&t);
        return false;
    }
    return source_read(r->source, at, &r->buffer, ret, m->err) || err_in(m->err, "evidence");
}

static bool read_block(struct making *m, struct reading *r, const struct ledger_block *b,
                       struct block_facts *ret)
{
    struct bytes raw;

    return raw_block(m, r, b, &raw) &&
           (block_read(r->scratch, ledger_chain(m->d->ledger), raw, 0, ret, m->err) ||
            err_in(m->err, "evidence"));
}

/* All that stands before the transactions; the ledger has it where that is all of a header. */
static bool write_block(struct making *m, struct json_out *j, struct reading *r,
                        const struct ledger_block *b)
{
    const struct chain *chain = ledger_chain(m->d->ledger);
    struct bytes raw = {b->header, sizeof(b->header)};
    struct block_head head;

    if (!block_heads_short(chain) && !raw_block(m, r, b, &raw))
        return false;
    if (!block_head_read(chain, raw, &head, m->err))
        return err_in(m->err, "evidence");
    m->items[m->items_n++] = sha256(raw.p, head.bytes);
    json_object(j);
    json_put_hex_reversed(j, "hash", b->hash.b, 32);
    json_put_number_or_null(j, "height", b->height, HEIGHT_UNKNOWN);
    json_put_hex(j, "header", raw.p, head.bytes);
    json_object_end(j);
    return true;
}

static bool write_blocks(struct making *m, struct json_out *j, struct reading *r)
{
    uint32_t last = BLOCK_NONE;

    json_key(j, "blocks");
    json_array(j);
    for (size_t i = 0; i < m->needs.n; i++) {
        uint32_t block = ledger_tx_block(m->d->ledger, need_tx(m, i));
        struct ledger_block b;

        if (block == last)
            continue;
        last = block;
        b = ledger_block(m->d->ledger, block);
        if (!write_block(m, j, r, &b))
            return false;
    }
    json_array_end(j);
    return true;
}

static bool write_tx(struct making *m, struct json_out *j, const struct block_scratch *scratch,
                     const struct block_facts *facts, size_t position, size_t block, bool followed)
{
    struct hash_parts parts = block_tx_parts(scratch, position);
    struct hash32 branch[MERKLE_BRANCH_MAX];
    size_t branch_n = merkle_branch(facts->txids, facts->txs_n, position, branch, m->err);
    struct sha256_stream item;

    if (branch_n == MERKLE_BRANCH_FAILED)
        return false;
    json_object(j);
    json_put_hex_reversed(j, "txid", facts->txids[position].b, 32);
    if (!m->part)
        json_put_bool(j, "followed", followed);
    json_put_number(j, "block", block);
    json_put_number(j, "position", position);
    json_key(j, "branch");
    json_array(j);
    for (size_t i = 0; i < branch_n; i++)
        json_hex(j, branch[i].b, 32);
    json_array_end(j);
    json_key(j, "raw");
    json_raw(j, "\"", 1);
    sha256_start(&item);
    for (int i = 0; i < 3; i++) {
        text_hex(j->to, parts.part[i].p, parts.part[i].n);
        sha256_add(&item, parts.part[i].p, parts.part[i].n);
    }
    text_char(j->to, '"');
    json_object_end(j);
    m->items[m->items_n++] = sha256_done(&item);
    return true;
}

static bool write_txs(struct making *m, struct json_out *j, struct reading *r)
{
    uint32_t last = BLOCK_NONE;
    struct ledger_block b = {.tx_first = 0};
    struct block_facts facts = {.txs_n = 0};
    size_t blocks = 0;

    for (size_t i = 0; i < m->needs.n; i++) {
        uint32_t tx = need_tx(m, i), block = ledger_tx_block(m->d->ledger, tx);
        struct hash32 id = ledger_txid(m->d->ledger, tx);

        if (block != last) {
            last = block;
            blocks++;
            b = ledger_block(m->d->ledger, block);
            if (!read_block(m, r, &b, &facts))
                return false;
        }
        if (tx - b.tx_first >= facts.txs_n || !hash32_equal(&facts.txids[tx - b.tx_first], &id))
            return err_fail(m->err, ERR_CORRUPT, "block %u: other transactions than in its file",
                            block);
        if (!write_tx(m, j, r->scratch, &facts, tx - b.tx_first, blocks - 1,
                      !(m->needs.at[i].key & 1)))
            return false;
    }
    return true;
}

static bool write_items(struct making *m, struct json_out *j, struct source *source)
{
    struct reading r = {.source = source, .scratch = block_scratch_new()};
    bool ok;

    if (!r.scratch)
        return no_memory(m);
    ok = finder_new(m, source, &r.finder) && write_blocks(m, j, &r);
    json_key(j, "transactions");
    json_array(j);
    ok = ok && write_txs(m, j, &r);
    json_array_end(j);
    block_scratch_free(r.scratch);
    source_buffer_free(&r.buffer);
    return ok;
}

static void write_manifest(const struct making *m, struct json_out *j)
{
    struct hash32 all = sha256(m->items, m->items_n * sizeof(*m->items));

    json_key(j, "manifest");
    json_array(j);
    for (size_t i = 0; i < m->items_n; i++)
        json_hex(j, m->items[i].b, 32);
    json_array_end(j);
    json_put_hex(j, "fingerprint", all.b, 32);
}

static bool write_file(struct making *m, struct text *to, struct source *source)
{
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", m->part ? EVIDENCE_COINS_SCHEMA : EVIDENCE_SCHEMA);
    if (m->part)
        json_put_string(&j, "chain", ledger_chain(m->d->ledger)->name);
    if (!write_statement(m, &j))
        return false;
    if (!write_items(m, &j, source))
        return false;
    write_manifest(m, &j);
    json_object_end(&j);
    text_char(to, '\n');
    return true;
}

static bool write_all(struct making *m, struct text *to, struct source *blocks,
                      const uint64_t *ends, size_t ends_n)
{
    struct arena *whole = m->a;
    bool ok;

    m->a = m->needs.a = m->claims.a = arena_new(whole, SIZE_MAX / 4);
    if (!m->a)
        return err_fail(m->err, ERR_NOMEM, "evidence");
    m->wanted = ARENA_ARRAY(m->a, bool, m->d->trace->reached_n);
    m->end = ARENA_ARRAY(m->a, bool, m->d->trace->reached_n);
    ok = (m->wanted && m->end) || no_memory(m);
    ok = ok && (m->part ? find_needs_of_part(m) : choose_ends(m, ends, ends_n) && find_needs(m));
    if (ok) {
        m->items = ARENA_ARRAY(m->a, struct hash32, 1 + 2 * m->needs.n);
        ok = m->items ? write_file(m, to, blocks) : no_memory(m);
    }
    arena_free(m->a);
    return ok;
}

bool evidence_write(struct arena *a, struct text *to, const struct trace_doc *d,
                    struct source *blocks, const uint64_t *ends, size_t ends_n, struct err *err)
{
    struct making m = {.a = a, .d = d, .err = err};

    return write_all(&m, to, blocks, ends, ends_n);
}

bool evidence_coins_write(struct arena *a, struct text *to, const struct trace_doc *d,
                          struct source *blocks, const struct route_asserted *asserted,
                          size_t asserted_n, uint32_t ledger, struct err *err)
{
    struct making m = {.a = a,
                       .d = d,
                       .part = true,
                       .asserted = asserted,
                       .asserted_n = asserted_n,
                       .ledger = ledger,
                       .err = err};

    return write_all(&m, to, blocks, NULL, 0);
}
