/* One walk over a block's bytes gives its shape; hashes follow for all transactions together.
 *
 *     header 80 | count | transaction ...             other chains: header.c, zcash.c, mweb.c
 *     transaction: version 4 | [00 01] | inputs | outputs | [witness of each input] | locktime 4
 *     input: txid 32, vout 4 | scriptSig | sequence 4         output: value 8 | scriptPubKey
 *
 * The walk notes where each outpoint, output and transaction lies and copies nothing. A txid is the
 * hash of the transaction without what stands in brackets (BIP 144), so it is hashed from the three
 * pieces around that. All arrays are flat and stay in the scratch for the next block. */
#include "chain/bitcoin/block.h"

#include "base/arena.h"
#include "base/mem.h"
#include "chain/bitcoin/block_walk.h"

#define COINBASE_SCRIPT_MIN 2 /* Bitcoin Core, CheckTransaction */
#define COINBASE_SCRIPT_MAX 100
#define TX_BYTES_MIN (4 + 1 + INPUT_BYTES_MIN + 1 + OUTPUT_BYTES_MIN + 4) /* shielded: more */
#define FLAG_WITNESS 1
#define FLAG_HOGEX 8

const char block_no_memory[] = "no memory";

struct block_scratch *block_scratch_new(void)
{
    return mem_zero(sizeof(struct block_scratch));
}

struct hash_parts block_tx_parts(const struct block_scratch *s, size_t tx)
{
    return s->parts[tx];
}

static void scratch_end(struct block_scratch *s)
{
    mem_free(s->txids);
    mem_free(s->tree);
    mem_free(s->parts);
    mem_free(s->tx_inputs_n);
    mem_free(s->tx_outputs_n);
    mem_free(s->inputs);
    mem_free(s->outputs);
    mem_free(s->pool_inputs);
}

struct block_scratch *block_scratch_free(struct block_scratch *s)
{
    if (s)
        scratch_end(s);
    return mem_free(s);
}

size_t block_scratch_bytes(const struct block_scratch *s)
{
    return sizeof(*s) + s->inputs_max * sizeof(*s->inputs) + s->outputs_max * sizeof(*s->outputs) +
           s->pool_inputs_max * sizeof(*s->pool_inputs) +
           s->txs_max * (sizeof(*s->txids) + sizeof(*s->tree) + sizeof(*s->parts) +
                         sizeof(*s->tx_inputs_n) + sizeof(*s->tx_outputs_n));
}

static bool grow(void *array, size_t n, size_t size)
{
    void *p = mem_grow(*(void **)array, n * size);

    if (p)
        *(void **)array = p;
    return p != NULL;
}

static bool txs_room(struct block_scratch *s, size_t n)
{
    if (n < s->txs_max)
        return true;
    n += n / 4 + 1;
    if (!grow(&s->txids, n, sizeof(*s->txids)) || !grow(&s->tree, n, sizeof(*s->tree)) ||
        !grow(&s->parts, n, sizeof(*s->parts)) ||
        !grow(&s->tx_inputs_n, n, sizeof(*s->tx_inputs_n)) ||
        !grow(&s->tx_outputs_n, n, sizeof(*s->tx_outputs_n)))
        return false;
    s->txs_max = n;
    return true;
}

bool block_inputs_room(struct block_scratch *s, size_t n)
{
    n += n / 2 + 64;
    if (!grow(&s->inputs, n, sizeof(*s->inputs)))
        return false;
    s->inputs_max = n;
    return true;
}

bool block_outputs_room(struct block_scratch *s, size_t n)
{
    n += n / 2 + 64;
    if (!grow(&s->outputs, n, sizeof(*s->outputs)))
        return false;
    s->outputs_max = n;
    return true;
}

/* BIP 144; Bitcoin Core refuses the extended form where every witness is empty. */
static inline const char *walk_witness(struct walk *w, struct shape *t)
{
    struct cursor c = w->c;
    bool any = false;

    for (size_t i = 0; i < t->inputs_n && !c.bad; i++) {
        size_t items_n = cursor_count(&c, 1);

        any |= items_n != 0;
        for (size_t k = 0; k < items_n && !c.bad; k++)
            cursor_skip(&c, cursor_compact(&c));
    }
    w->c = c;
    if (c.bad)
        return "witness ends early";
    return any ? NULL : "a witness of nothing";
}

/* Litecoin Core, primitives/transaction.h: a flag of 8 and, before the locktime, one byte of zero
 * where a transaction in the pool of a node would have its MWEB part. */
static const char *walk_hogex(struct walk *w, struct shape *t)
{
    t->hogex = true;
    return cursor_u8(&w->c) ? "an MWEB part in a transaction of a block" : NULL;
}

static const char *walk_flag(struct walk *w, struct shape *t)
{
    uint8_t flag = w->c.at[1];

    if (!flag)
        return "no inputs";
    t->witness = flag == FLAG_WITNESS;
    if (!t->witness && !(flag == FLAG_HOGEX && w->chain->wire == WIRE_MWEB))
        return "an unknown flag";
    w->c.at += 2;
    t->extended = true;
    return NULL;
}

static void name_pools(struct walk *w, const struct shape *t)
{
    struct fact_output *o = &w->s->outputs[w->outputs_n - t->outputs_n];

    for (size_t i = 0; i < t->outputs_n; i++)
        o[i].script = mweb_script(w->chain, o[i].script);
}

static inline const char *walk_tx(struct walk *w, struct shape *t)
{
    const char *wrong;

    *t = (struct shape){.start = w->c.at};
    if (__builtin_expect(w->chain->wire == WIRE_ZCASH, 0))
        return zcash_walk_tx(w, t);
    cursor_skip(&w->c, 4);
    if (cursor_left(&w->c) >= 2 && w->c.at[0] == 0 && (wrong = walk_flag(w, t)))
        return wrong;
    t->body = w->c.at;
    if ((wrong = walk_inputs(w, t)) || (wrong = t->inputs_n ? walk_outputs(w, t) : "no inputs"))
        return wrong;
    if (!t->outputs_n)
        return "no outputs";
    t->body_end = w->c.at;
    if (t->extended && (wrong = t->witness ? walk_witness(w, t) : walk_hogex(w, t)))
        return wrong;
    t->locktime = w->c.at;
    cursor_skip(&w->c, 4);
    t->end = w->c.at;
    if (__builtin_expect(w->chain->wire == WIRE_MWEB, 0))
        name_pools(w, t);
    return w->c.bad ? "locktime ends early" : NULL;
}

static inline struct hash_parts parts_of(const struct shape *t)
{
    struct hash_parts parts = {.part = {{t->start, (size_t)(t->end - t->start)}}};

    if (t->extended) {
        parts.part[0].n = 4;
        parts.part[1] = (struct bytes){t->body, (size_t)(t->body_end - t->body)};
        parts.part[2] = (struct bytes){t->locktime, 4};
    }
    return parts;
}

/* Once all are walked, they move no more. */
static void place_pool_inputs(const struct walk *w)
{
    for (size_t i = 0; i < w->pool_inputs_n; i++)
        w->s->inputs[w->s->pool_inputs[i].input] = w->s->pool_inputs[i].outpoint;
}

/* Bitcoin Core, CheckTransaction: only a coinbase spends nothing, and its script is short. A
 * compact size of more than one byte starts with 0xfd or more, so the length is in the first. */
static inline const char *check_inputs(const struct walk *w, const struct shape *t,
                                       bool *ret_coinbase)
{
    const uint8_t *first = w->s->inputs[w->inputs_n - t->inputs_n];

    *ret_coinbase = false;
    if (__builtin_expect(!t->nulls_n, 1))
        return NULL;
    if (t->inputs_n > 1)
        return "an input that spends nothing";
    if (first[OUTPOINT_BYTES] < COINBASE_SCRIPT_MIN || first[OUTPOINT_BYTES] > COINBASE_SCRIPT_MAX)
        return "a coinbase script that is not of 2 to 100 bytes";
    *ret_coinbase = true;
    return NULL;
}

static bool fail(const struct walk *w, const char *wrong, struct err *err)
{
    if (wrong == block_no_memory)
        return err_fail(err, ERR_NOMEM, "inputs and outputs");
    return err_fail(err, ERR_INPUT, "%s at byte %zu", wrong, cursor_offset(&w->c));
}

/* What the walk over a block leaves besides its arrays. */
struct block_walk {
    struct walk w;
    size_t txs_n;
    const uint8_t *coinbase_script; /* its length, then its bytes */
    struct bytes coinbase_witness;
    bool witness; /* does any transaction have one? */
};

static bool walk_block(struct block_walk *b, struct err *err)
{
    struct walk *w = &b->w;
    size_t n = cursor_count(&w->c, TX_BYTES_MIN);
    bool hogex = false;

    if (!n)
        return err_fail(err, ERR_INPUT, "no transactions, or fewer than announced");
    if (!txs_room(w->s, n))
        return err_fail(err, ERR_NOMEM, "%zu transactions", n);
    b->txs_n = n;
    for (size_t i = 0; i < n; i++) {
        struct shape t;
        bool coinbase;
        const char *wrong = walk_tx(w, &t);

        if (!wrong)
            wrong = check_inputs(w, &t, &coinbase);
        if (!wrong && coinbase != !i)
            wrong = i ? "a second coinbase" : "no coinbase";
        if (!wrong && t.hogex && i + 1 < n)
            wrong = "a HogEx that is not last";
        if (wrong) {
            fail(w, wrong, err);
            return err_in(err, "transaction %zu", i);
        }
        if (!i) {
            b->coinbase_script = w->s->inputs[0] + OUTPOINT_BYTES;
            if (t.witness)
                b->coinbase_witness = (struct bytes){t.body_end, (size_t)(t.locktime - t.body_end)};
            w->inputs_n = t.inputs_n = 0; /* it spends nothing, so it is no fact */
        }
        b->witness |= t.witness;
        w->s->parts[i] = parts_of(&t);
        w->s->tx_inputs_n[i] = (uint32_t)t.inputs_n;
        w->s->tx_outputs_n[i] = (uint32_t)t.outputs_n;
        hogex = t.hogex;
    }
    /* Nodes give it without its extension block, too, if asked to. */
    if (hogex && cursor_left(&w->c)) {
        const char *wrong = mweb_walk(&w->c);

        if (wrong)
            return fail(w, wrong, err);
    }
    place_pool_inputs(w);
    if (cursor_left(&w->c))
        return err_fail(err, ERR_INPUT, "%zu bytes after the last transaction, at byte %zu",
                        cursor_left(&w->c), cursor_offset(&w->c));
    return true;
}

static bool check_merkle(struct block_scratch *s, size_t n, const uint8_t *root, struct err *err)
{
    struct hash32 got;
    bool mutated;

    memcpy(s->tree, s->txids, n * sizeof(*s->txids));
    got = merkle_fold(s->tree, n, &mutated);
    if (memcmp(got.b, root, 32))
        return err_fail(err, ERR_INPUT, "merkle root differs from the header's");
    if (mutated)
        return err_fail(err, ERR_INPUT, "transactions given twice (CVE-2012-2459)");
    return true;
}

/* BIP 141: the commitment is a scriptPubKey of at least 38 bytes that starts with 6a24aa21a9ed; "If
 * there are more than one scriptPubKey matching the pattern, the one with highest output index". */
static const uint8_t *commitment(const struct fact_output *outputs, size_t n)
{
    static const uint8_t mark[] = {0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed};

    while (n-- > 0)
        if (outputs[n].script.n >= 38 && !memcmp(outputs[n].script.p, mark, sizeof(mark)))
            return outputs[n].script.p + sizeof(mark);
    return NULL;
}

/* BIP 141: "The wtxid of coinbase transaction is assumed to be 0x0000....0000"; a transaction
 * without witness has its txid, and so has a HogEx. Uses up parts: each with a witness becomes one
 * piece, witness and all. */
static struct hash32 witness_root(struct block_scratch *s, size_t n)
{
    bool mutated;

    for (size_t i = 1; i < n; i++) {
        struct bytes *part = s->parts[i].part;

        if (!part[2].n || part[0].p[5] != FLAG_WITNESS)
            continue;
        part[0].n = (size_t)(part[2].p + part[2].n - part[0].p);
        part[1].n = part[2].n = 0;
    }
    memset(&s->tree[0], 0, sizeof(s->tree[0]));
    sha256d_parts(s->parts + 1, n - 1, s->tree + 1);
    return merkle_fold(s->tree, n, &mutated);
}

/* BIP 141, "Commitment structure". A block in which nothing has a witness may do without. One that
 * commits and yet has no witness at all is from before activation, or came without its witnesses:
 * there is nothing to check then. */
static bool check_witness(const struct block_walk *b, struct err *err)
{
    struct block_scratch *s = b->w.s;
    const uint8_t *committed = commitment(s->outputs, s->tx_outputs_n[0]);
    struct hash32 pair[2], got;

    if (!b->witness)
        return true;
    if (!committed)
        return err_fail(err, ERR_INPUT, "a witness and no commitment to it");
    /* "The coinbase's input's witness must consist of a single 32-byte array" */
    if (b->coinbase_witness.n != 34 || b->coinbase_witness.p[0] != 1 ||
        b->coinbase_witness.p[1] != 32)
        return err_fail(err, ERR_INPUT, "coinbase witness is not one item of 32 bytes");
    pair[0] = witness_root(s, b->txs_n);
    memcpy(pair[1].b, b->coinbase_witness.p + 2, 32);
    got = sha256d(pair, sizeof(pair));
    if (memcmp(got.b, committed, 32))
        return err_fail(err, ERR_INPUT, "witness commitment differs");
    return true;
}

/* BIP 34: "Add height as the first item in the coinbase transaction's scriptSig, and increase block
 * version to 2"; "minimally encoded serialized CScript". The version is signed. */
static uint32_t height_claimed(uint32_t version, const uint8_t *script)
{
    size_t n = script[0], push_n = script[1];
    uint64_t height = 0;

    if ((int32_t)version < 2)
        return HEIGHT_UNKNOWN;
    if (push_n >= 0x51 && push_n <= 0x60) /* OP_1 to OP_16 */
        return (uint32_t)push_n - 0x50;
    if (!push_n || push_n > 5 || push_n + 1 > n)
        return HEIGHT_UNKNOWN;
    for (size_t i = 0; i < push_n; i++)
        height |= (uint64_t)script[2 + i] << 8 * i;
    /* The top bit is a sign; a last byte of zero is there only to keep that bit clear. */
    if (height <= 16 || height >= HEIGHT_UNKNOWN || height >> (8 * push_n - 1) ||
        (push_n > 1 && !(height >> (8 * push_n - 9))))
        return HEIGHT_UNKNOWN;
    return (uint32_t)height;
}

static bool check_hashes(const struct block_walk *b, const struct block_header *header,
                         unsigned checks, struct err *err)
{
    struct block_scratch *s = b->w.s;

    sha256d_parts(s->parts, b->txs_n, s->txids);
    for (size_t i = 0; b->w.chain->wire == WIRE_ZCASH && i < b->txs_n; i++)
        (void)zcash_txid(s->parts[i].part[0], &s->txids[i]);
    return check_merkle(s, b->txs_n, header->merkle_root.b, err) &&
           (!(checks & BLOCK_CHECK_FULL) || check_witness(b, err));
}

bool block_read(struct block_scratch *s, const struct chain *chain, struct bytes raw,
                unsigned checks, struct block_facts *ret, struct err *err)
{
    struct block_walk b = {.w = {.s = s, .chain = chain}};
    struct block_facts facts = {.size = (uint32_t)raw.n};
    struct block_header header;
    struct block_head head;

    if (raw.n > BLOCK_BYTES_MAX)
        return err_fail(err, ERR_INPUT, "a block of more than %zu bytes", BLOCK_BYTES_MAX);
    if (!block_head_read(chain, raw, &head, err))
        return false;
    memcpy(facts.header, head.header, sizeof(facts.header));
    header = header_read(head.header);
    facts.hash = head.hash;
    if (!block_head_proven(chain, raw, &head))
        return err_fail(err, ERR_INPUT, "no proof of work for its bits %08x", header.bits);
    b.w.c = cursor_over(raw.p, raw.n);
    b.w.c.at += head.bytes;
    if (!walk_block(&b, err))
        return false;
    if (!(checks & BLOCK_WALK_ONLY) && !check_hashes(&b, &header, checks, err))
        return false;
    facts.prev = header.prev;
    facts.time = header.time;
    facts.height = hash32_equal(&facts.hash, &chain->genesis)
                       ? 0
                       : height_claimed(header.version, b.coinbase_script);
    facts.txs_n = b.txs_n;
    facts.inputs_n = b.w.inputs_n;
    facts.outputs_n = b.w.outputs_n;
    facts.txids = s->txids;
    facts.tx_inputs_n = s->tx_inputs_n;
    facts.tx_outputs_n = s->tx_outputs_n;
    facts.inputs = s->inputs;
    facts.outputs = s->outputs;
    *ret = facts;
    return true;
}

/* One transaction and nothing after it. */
static bool walk_alone(struct walk *w, struct shape *t, bool *ret_coinbase, struct err *err)
{
    const char *wrong = walk_tx(w, t);

    if (!wrong)
        wrong = check_inputs(w, t, ret_coinbase);
    if (!wrong && cursor_left(&w->c))
        wrong = "bytes after the transaction";
    if (!wrong)
        place_pool_inputs(w);
    return wrong ? fail(w, wrong, err) : true;
}

/* outpoint NULL: no memory */
static struct tx_input input_at(struct arena *a, const struct shape *t, const uint8_t *outpoint)
{
    struct tx_input in = {.outpoint = outpoint};
    uint64_t value;

    if (pool_of_outpoint(outpoint, &value) != POOL_NONE) {
        in.outpoint = arena_copy(a, outpoint, OUTPOINT_BYTES);
    } else {
        struct cursor c = cursor_over(outpoint, (size_t)(t->end - outpoint));

        cursor_skip(&c, OUTPOINT_BYTES);
        in.script = cursor_take(&c, cursor_compact(&c));
        in.sequence = cursor_le32(&c);
    }
    return in;
}

static bool tx_of(struct arena *a, const struct walk *w, const struct shape *t, bool coinbase,
                  struct tx *ret, struct err *err)
{
    struct hash_parts parts = parts_of(t);
    struct tx tx = {
        .version = load_le32(t->start),
        .locktime = load_le32(t->locktime),
        .witness = t->witness,
        .coinbase = coinbase,
        .inputs_n = t->inputs_n,
        .outputs_n = t->outputs_n,
        .bytes = (size_t)(t->end - t->start),
        .inputs = ARENA_ARRAY(a, struct tx_input, t->inputs_n),
        .outputs = arena_copy(a, w->s->outputs, t->outputs_n * sizeof(*tx.outputs)),
    };

    bool room = tx.inputs && tx.outputs;

    for (size_t i = 0; room && i < t->inputs_n; i++) {
        tx.inputs[i] = input_at(a, t, w->s->inputs[i]);
        room = tx.inputs[i].outpoint;
    }
    if (!room)
        return arena_fail(a, err, "%zu inputs, %zu outputs", t->inputs_n, t->outputs_n);
    sha256d_parts(&parts, 1, &tx.txid);
    if (w->chain->wire == WIRE_ZCASH)
        (void)zcash_txid(parts.part[0], &tx.txid);
    tx.wtxid = t->witness ? sha256d(t->start, tx.bytes) : tx.txid;
    *ret = tx;
    return true;
}

bool tx_read(struct arena *a, const struct chain *chain, struct bytes raw, struct tx *ret,
             struct err *err)
{
    struct block_scratch s = {0};
    struct walk w = {.c = cursor_over(raw.p, raw.n), .s = &s, .chain = chain};
    struct shape t;
    bool coinbase;
    bool ok = walk_alone(&w, &t, &coinbase, err) && tx_of(a, &w, &t, coinbase, ret, err);

    scratch_end(&s);
    return ok;
}

bool tx_stripped(struct arena *a, struct bytes raw, struct bytes *ret, struct err *err)
{
    static const struct chain any = {.money_max = UINT64_MAX};
    struct block_scratch s = {0};
    struct walk w = {.c = cursor_over(raw.p, raw.n), .s = &s, .chain = &any};
    struct shape t;
    bool coinbase, ok = walk_alone(&w, &t, &coinbase, err);

    if (ok) {
        struct hash_parts parts = parts_of(&t);
        size_t n = parts.part[0].n + parts.part[1].n + parts.part[2].n;
        uint8_t *p = arena_alloc(a, n), *at = p;

        for (int i = 0; p && i < 3; i++) {
            if (parts.part[i].n)
                memcpy(at, parts.part[i].p, parts.part[i].n);
            at += parts.part[i].n;
        }
        if (p)
            *ret = (struct bytes){p, n};
        else
            ok = arena_fail(a, err, "%zu bytes", n);
    }
    scratch_end(&s);
    return ok;
}
