#include "serve/bitcoin_rpc.h"

#include "base/arena.h"
#include "base/json_walk.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/bitcoin/block.h"
#include "chain/bitcoin/block_json.h"
#include "chain/bitcoin/source.h"
#include "chain/evm/rpc.h"

#include <stdio.h>

#define BODY_BYTES_MAX ((size_t)1 << 20)
#define ANSWER_BYTES_MAX ((size_t)256 << 20)
#define HASHES_MAX 500u /* in one request */
#define BATCH_MAX 256u  /* blocks in one request: as many as make up BATCH_BYTES */
#define BATCH_BYTES_LOW ((size_t)1 << 20)
#define BATCH_BYTES_HIGH ((size_t)16 << 20)
#define IN_FLIGHT 4u
#define RUNGS_MAX 12u  /* 1, 2, 4 ... blocks back: past what a ledger can undo */
#define AGAIN_MAX 4    /* times that a block is asked for which does not fit the one before */
#define AHEAD_MIN 12u  /* how far past the ledger's height a branch is read at first */
#define AHEAD_MAX 768u /* and at last */
#define WORDS_MAX 200  /* of a node's complaint */
#define JSON_BLOCK_BYTES_MAX ((size_t)1 << 30)

/* What a node says of what it does not have: RPC_INVALID_PARAMETER ("Block height out of range"),
 * RPC_INVALID_ADDRESS_OR_KEY ("Block not found"). */
static const int64_t codes_absent[] = {-8, -5};

struct raw { /* blocks one after another */
    uint8_t *p;
    size_t n, size;
    size_t start[BITCOIN_STEP_BLOCKS + 1];
    size_t blocks_n;
};

struct bitcoin_rpc {
    struct rpc_client *client;
    const struct chain *chain;
    unsigned batch, again;
    uint64_t ahead;
    struct hash32 hashes[BITCOIN_STEP_BLOCKS];
    struct raw raw;
};

static bool in_node(const struct bitcoin_rpc *r, struct err *err)
{
    return err_in(err, "%s", rpc_client_host(r->client));
}

/* ---- answers ---- */

static bool key_is(struct bytes key, const char *name)
{
    return key.n == strlen(name) && !memcmp(key.p, name, key.n);
}

static int64_t code_of(struct bytes text)
{
    bool minus = text.n && text.p[0] == '-';
    uint64_t v;

    if (!u64_from_text((const char *)text.p + minus, text.n - minus, &v) || v > INT32_MAX)
        return 0;
    return minus ? -(int64_t)v : (int64_t)v;
}

static void words_copy(struct bytes text, char ret[WORDS_MAX + 1])
{
    size_t n = text.n < WORDS_MAX ? text.n : WORDS_MAX;

    for (size_t i = 0; i < n; i++)
        ret[i] = (char)(text.p[i] >= ' ' && text.p[i] < 0x7f ? text.p[i] : '?');
    ret[n] = 0;
}

/* {"code": -8, "message": "..."}, or whatever the node has instead. */
static bool complaint(struct json_walk *w, struct err *err)
{
    char words[WORDS_MAX + 1] = "an error without words";
    enum err_class class = ERR_SYSTEM;
    struct bytes key;
    int64_t code = 0;

    if (json_walk_type(w) != JSON_OBJECT || !json_walk_object(w))
        return err_fail(err, ERR_SYSTEM, "%s", words);
    while (json_walk_key(w, &key))
        if (key_is(key, "code") && json_walk_type(w) == JSON_NUMBER) {
            code = code_of(json_walk_scalar(w));
        } else if (key_is(key, "message") && json_walk_type(w) == JSON_STRING) {
            words_copy(json_walk_string(w), words);
        } else {
            json_walk_skip(w);
        }
    for (size_t i = 0; i < sizeof(codes_absent) / sizeof(codes_absent[0]); i++)
        class = code == codes_absent[i] ? ERR_NOT_FOUND : class;
    return err_fail(err, class, "the node says: %s", words);
}

static bool result_walk(struct json_walk *w, struct bytes *ret, struct err *err)
{
    struct json_walk error;
    struct bytes key;
    bool complained = false;

    *ret = (struct bytes){NULL, 0};
    if (!json_walk_object(w))
        return false;
    while (json_walk_key(w, &key)) {
        enum json_type type = json_walk_type(w);

        if (key_is(key, "result") && type == JSON_STRING) {
            *ret = json_walk_string(w);
        } else if (key_is(key, "result") && type == JSON_NUMBER) {
            *ret = json_walk_scalar(w);
        } else if (key_is(key, "result") && type == JSON_OBJECT) {
            *ret = json_walk_value(w);
        } else {
            if (key_is(key, "error") && type != JSON_NULL) {
                error = *w;
                complained = true;
            }
            json_walk_skip(w);
        }
    }
    if (!json_walk_end(w))
        return false;
    if (complained)
        return complaint(&error, err);
    return ret->p || err_fail(err, ERR_INPUT, "an answer without a result");
}

bool bitcoin_rpc_result(struct bytes answer, struct bytes *ret, struct err *err)
{
    struct json_walk *w = mem_zero(sizeof(*w));
    bool ok;

    if (!w)
        return err_fail(err, ERR_NOMEM, "an answer");
    ok = json_walk_open(w, (const char *)answer.p, answer.n, err);
    if (ok) {
        w->err = err;
        ok = result_walk(w, ret, err);
        json_walk_close(w);
    }
    mem_free(w);
    return ok;
}

static bool hash_read(struct bytes text, struct hash32 *ret)
{
    struct hash32 shown;

    if (!hex_decode((const char *)text.p, text.n, shown.b, 32) || text.n != 64)
        return false;
    for (size_t i = 0; i < 32; i++)
        ret->b[i] = shown.b[31 - i];
    return true;
}

/* The answers of a batch by their ids; those that are missing stay empty. */
static bool batch_split(struct bytes answer, struct bytes *ret, size_t n, struct err *err)
{
    struct evm_batch *b;
    struct bytes one;
    uint64_t id;
    bool ok = true;

    memset(ret, 0, n * sizeof(*ret));
    if (!evm_batch_open(answer, &b, err))
        return false;
    err->class = ERR_NONE;
    while (ok && evm_batch_next(b, &id, &one, err)) {
        if (id == UINT64_MAX) /* one answer for the whole batch, which should be a complaint */
            ok = bitcoin_rpc_result(one, &one, err) &&
                 err_fail(err, ERR_INPUT, "an answer without an id");
        else if (id >= n || ret[id].p)
            ok = err_fail(err, ERR_INPUT, "an answer to what was not asked");
        else
            ret[id] = one;
    }
    evm_batch_close(b);
    return ok && err->class == ERR_NONE;
}

/* ---- questions ---- */

static void ask(struct text *t, uint64_t id, const char *method, const char *params)
{
    text_printf(t, "%s{\"jsonrpc\":\"1.0\",\"id\":%llu,\"method\":\"%s\",\"params\":[%s]}",
                t->n > 1 ? "," : "[", (unsigned long long)id, method, params);
}

static bool send_text(struct bitcoin_rpc *r, struct text *t, unsigned *ret_ticket, struct err *err)
{
    bool ok;

    text_char(t, ']');
    ok = !t->bad && rpc_send(r->client, t->p, t->n, ret_ticket, err);
    if (t->bad)
        err_set(err, ERR_NOMEM, "a request");
    text_free(t);
    return ok;
}

static void ask_hash(struct text *t, uint64_t id, uint64_t height)
{
    char params[24];

    snprintf(params, sizeof(params), "%llu", (unsigned long long)height);
    ask(t, id, "getblockhash", params);
}

/* Hashes of heights; those that the node's chain does not reach are zero. count_id: how far it
 * is, asked in the same batch. */
static bool hashes_at(struct bitcoin_rpc *r, const uint64_t *heights, size_t n, uint64_t *ret_count,
                      struct hash32 *ret, struct err *err)
{
    struct text t = text_new(BODY_BYTES_MAX);
    struct bytes answers[HASHES_MAX + 1], answer, result;
    unsigned ticket;
    bool ok;

    memset(ret, 0, n * sizeof(*ret));
    for (size_t i = 0; i < n; i++)
        ask_hash(&t, i, heights[i]);
    if (ret_count)
        ask(&t, n, "getblockcount", "");
    if (!send_text(r, &t, &ticket, err) || !rpc_wait(r->client, ticket, &answer, err))
        return false;
    ok = batch_split(answer, answers, n + (ret_count != NULL), err);
    for (size_t i = 0; ok && i < n; i++) {
        if (!answers[i].p) {
            ok = err_fail(err, ERR_INPUT, "half an answer: a block's hash is missing");
        } else if (!bitcoin_rpc_result(answers[i], &result, err)) {
            ok = err->class == ERR_NOT_FOUND;
        } else {
            ok = hash_read(result, &ret[i]) || err_fail(err, ERR_INPUT, "a hash that is none");
        }
    }
    if (ok && ret_count)
        ok = bitcoin_rpc_result(answers[n], &result, err) &&
             (u64_from_text((const char *)result.p, result.n, ret_count) ||
              err_fail(err, ERR_INPUT, "a height that is none"));
    rpc_done(r->client, ticket);
    return ok || in_node(r, err);
}

static bool is_zero(const struct hash32 *h)
{
    static const struct hash32 zero;

    return hash32_equal(h, &zero);
}

bool bitcoin_rpc_hash(struct bitcoin_rpc *r, uint64_t height, struct hash32 *ret, struct err *err)
{
    struct hash32 hash;

    if (!hashes_at(r, &height, 1, NULL, &hash, err))
        return false;
    if (is_zero(&hash))
        return err_fail(err, ERR_NOT_FOUND, "%s: there is no block %llu", bitcoin_rpc_host(r),
                        (unsigned long long)height);
    *ret = hash;
    return true;
}

bool bitcoin_rpc_tip(struct bitcoin_rpc *r, uint64_t *ret_height, struct hash32 *ret_hash,
                     struct err *err)
{
    for (unsigned again = 0; again < AGAIN_MAX; again++) {
        if (!hashes_at(r, NULL, 0, ret_height, ret_hash, err))
            return false;
        if (bitcoin_rpc_hash(r, *ret_height, ret_hash, err))
            return true;
        if (err->class != ERR_NOT_FOUND) /* else the chain became shorter between the two */
            return false;
    }
    return false;
}

/* ---- blocks ---- */

static bool raw_room(struct raw *raw, size_t n, struct err *err)
{
    size_t want = raw->n + n;
    uint8_t *p;

    if (want <= raw->size)
        return true;
    want += want / 2;
    p = mem_grow(raw->p, want);
    if (!p)
        return err_fail(err, ERR_NOMEM, "blocks of %zu bytes", raw->n);
    raw->p = p;
    raw->size = want;
    return true;
}

/* Its bytes, after those that are there already. */
static bool block_of_hex(struct raw *raw, struct bytes hex, size_t *ret_n, struct err *err)
{
    size_t n = hex.n / 2;

    if (hex.n % 2 || n <= HEADER_BYTES || n > BLOCK_BYTES_MAX)
        return err_fail(err, ERR_INPUT, "a block of %zu digits", hex.n);
    if (!raw_room(raw, n, err))
        return false;
    *ret_n = n;
    return hex_decode((const char *)hex.p, hex.n, raw->p + raw->n, n) ||
           err_fail(err, ERR_INPUT, "a block that is not in hex");
}

/* Some nodes tell every block in JSON, asked or not. */
static bool block_of_object(const struct bitcoin_rpc *r, struct raw *raw, struct bytes json,
                            size_t *ret_n, struct err *err)
{
    struct arena *a = arena_new(NULL, JSON_BLOCK_BYTES_MAX);
    struct bytes block = {NULL, 0};
    bool ok = a || err_fail(err, ERR_NOMEM, "a block");

    ok = ok && block_of_json(a, r->chain, json, &block, err) && raw_room(raw, block.n, err);
    if (ok && block.n)
        memcpy(raw->p + raw->n, block.p, block.n);
    *ret_n = block.n;
    arena_free(a);
    return ok;
}

static bool block_put(struct bitcoin_rpc *r, struct bytes result, struct err *err)
{
    struct raw *raw = &r->raw;
    struct block_head head;
    size_t n;

    if (!(result.n && result.p[0] == '{' ? block_of_object(r, raw, result, &n, err)
                                         : block_of_hex(raw, result, &n, err)) ||
        !block_head_read(r->chain, (struct bytes){raw->p + raw->n, n}, &head, err))
        return false;
    if (!hash32_equal(&head.hash, &r->hashes[raw->blocks_n]))
        return err_fail(err, ERR_INPUT, "another block than was asked for");
    raw->start[raw->blocks_n++] = raw->n;
    raw->n += n;
    raw->start[raw->blocks_n] = raw->n;
    return true;
}

static bool blocks_ask(struct bitcoin_rpc *r, size_t first, size_t n, unsigned *ret_ticket,
                       struct err *err)
{
    struct text t = text_new(BODY_BYTES_MAX);

    for (size_t i = 0; i < n; i++) {
        struct text params = text_new(80);

        text_char(&params, '"');
        text_hex_reversed(&params, r->hashes[first + i].b, 32);
        /* bitcoind of long ago takes no number, and zebrad takes nothing else */
        text_str(&params, r->chain->wire == WIRE_ZCASH ? "\",0" : "\",false");
        ask(&t, i, "getblock", text_string(&params) ? text_string(&params) : "");
        text_free(&params);
    }
    return send_text(r, &t, ret_ticket, err);
}

static bool blocks_take(struct bitcoin_rpc *r, size_t n, struct bytes answer, struct err *err)
{
    struct bytes answers[BATCH_MAX], result;

    if (!batch_split(answer, answers, n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!answers[i].p)
            return err_fail(err, ERR_INPUT, "half an answer: a block is missing");
        else if (!bitcoin_rpc_result(answers[i], &result, err) || !block_put(r, result, err))
            return false;
    if (answer.n < BATCH_BYTES_LOW && r->batch < BATCH_MAX)
        r->batch *= 2;
    else if (answer.n > BATCH_BYTES_HIGH && r->batch > 1)
        r->batch /= 2;
    return true;
}

/* The blocks of r->hashes[n], asked for ahead; fewer when they have become bytes_max. */
static bool blocks_fetch(struct bitcoin_rpc *r, size_t n, size_t bytes_max, struct err *err)
{
    struct {
        unsigned ticket;
        size_t n;
    } units[IN_FLIGHT];
    size_t asked = 0, first = 0, units_n = 0;
    struct bytes answer;
    bool ok = true;

    r->raw.n = r->raw.blocks_n = 0;
    r->raw.start[0] = 0;
    while (ok && r->raw.blocks_n < n && r->raw.n < bytes_max) {
        while (ok && asked < n && units_n < IN_FLIGHT) {
            size_t more = n - asked < r->batch ? n - asked : r->batch;
            size_t at = (first + units_n) % IN_FLIGHT;

            ok = blocks_ask(r, asked, more, &units[at].ticket, err);
            units[at].n = more;
            units_n += ok;
            asked += more;
        }
        if (!ok)
            break;
        ok = rpc_wait(r->client, units[first].ticket, &answer, err);
        if (ok) {
            ok = blocks_take(r, units[first].n, answer, err) || in_node(r, err);
            rpc_done(r->client, units[first].ticket);
        }
        first = (first + 1) % IN_FLIGHT;
        units_n--;
    }
    for (; units_n; units_n--, first = (first + 1) % IN_FLIGHT)
        rpc_done(r->client, units[first].ticket);
    return ok;
}

/* ---- where the node leaves the ledger ---- */

struct meeting {
    uint64_t tip, from;   /* the node's height; the first that the ledger lacks */
    uint64_t ours;        /* the ledger's height */
    struct hash32 parent; /* of from; zero: any */
    bool branch;          /* the ledger goes on another way from there */
};

static bool meet(struct bitcoin_rpc *r, const struct ledger_writer *w,
                 const struct bitcoin_range *range, struct meeting *ret, struct err *err)
{
    uint32_t blocks = ledger_writer_blocks(w), first, rungs[RUNGS_MAX], rungs_n = 0;
    uint64_t heights[RUNGS_MAX];
    struct hash32 theirs[RUNGS_MAX];
    struct ledger_block b;

    *ret = (struct meeting){.from = range->from};
    if (!blocks)
        return hashes_at(r, NULL, 0, &ret->tip, theirs, err);
    first = ledger_writer_run_first(w, ledger_writer_runs(w) - 1);
    b = ledger_writer_block(w, blocks - 1);
    if (b.height == HEIGHT_UNKNOWN)
        return err_fail(err, ERR_INPUT, "the ledger does not know the heights of its blocks");
    ret->ours = b.height;
    for (uint32_t back = 0; rungs_n < RUNGS_MAX; back = back * 2 + 1) {
        bool last = back >= blocks - 1 - first;

        rungs[rungs_n] = last ? first : blocks - 1 - back;
        heights[rungs_n++] = ret->ours - (last ? blocks - 1 - first : back);
        if (last)
            break;
    }
    if (!hashes_at(r, heights, rungs_n, &ret->tip, theirs, err))
        return false;
    if (ret->ours + 1 < range->from)
        return true;
    for (uint32_t i = 0; i < rungs_n; i++) {
        struct hash32 own = ledger_writer_block(w, rungs[i]).hash;

        if (!hash32_equal(&own, &theirs[i]))
            continue;
        ret->from = heights[i] + 1;
        ret->parent = own;
        ret->branch = i > 0;
        return true;
    }
    return err_fail(err, ERR_INPUT, "%s: the node has another chain than the ledger",
                    bitcoin_rpc_host(r));
}

/* How many of the blocks fetched link to each other, and the first to its parent. */
static size_t linked(const struct bitcoin_rpc *r, struct hash32 parent)
{
    for (size_t i = 0; i < r->raw.blocks_n; i++) {
        if (!is_zero(&parent) && memcmp(r->raw.p + r->raw.start[i] + 4, parent.b, 32))
            return i;
        parent = r->hashes[i];
    }
    return r->raw.blocks_n;
}

/* ---- a step ---- */

static bool hashes_from(struct bitcoin_rpc *r, uint64_t from, size_t *n, struct err *err)
{
    uint64_t heights[HASHES_MAX];

    for (size_t done = 0; done < *n;) {
        size_t more = *n - done < HASHES_MAX ? *n - done : HASHES_MAX;

        for (size_t i = 0; i < more; i++)
            heights[i] = from + done + i;
        if (!hashes_at(r, heights, more, NULL, r->hashes + done, err))
            return false;
        for (size_t i = 0; i < more && done < *n; i++)
            if (is_zero(&r->hashes[done]))
                *n = done; /* the chain has become shorter meanwhile */
            else
                done++;
    }
    return true;
}

static bool commit(struct bitcoin_rpc *r, struct ledger_writer *w,
                   const struct bitcoin_range *range, struct bitcoin_step *ret, struct err *err)
{
    struct ingest_options o = {.checks = range->checks, .stop = range->stop};
    struct bytes *blocks = mem_array(r->raw.blocks_n, sizeof(*blocks));
    struct source *source;
    bool ok;

    if (!blocks)
        return err_fail(err, ERR_NOMEM, "%zu blocks", r->raw.blocks_n);
    for (size_t i = 0; i < r->raw.blocks_n; i++)
        blocks[i] =
            (struct bytes){r->raw.p + r->raw.start[i], r->raw.start[i + 1] - r->raw.start[i]};
    ok = source_of_blocks(bitcoin_rpc_host(r), r->chain, blocks, r->raw.blocks_n, &source, err);
    if (ok) {
        ok = ingest_into(w, r->chain, source, &o, &ret->blocks, err);
        ret->broken = !ok;
        source_close(source);
    }
    mem_free(blocks);
    return ok;
}

/* How many blocks from m->from on; a branch until it is higher than the ledger by r->ahead. */
static size_t wanted(const struct bitcoin_rpc *r, const struct meeting *m, uint64_t to)
{
    uint64_t n = to >= m->from ? to - m->from + 1 : 0;
    uint64_t max = m->branch ? m->ours + r->ahead - m->from : BITCOIN_STEP_BLOCKS;

    max = max < BITCOIN_STEP_BLOCKS ? max : BITCOIN_STEP_BLOCKS;
    return n < max ? n : max;
}

/* The first block does not stand on the ledger's: the node's chain changed between two answers. */
static bool ask_again(struct bitcoin_rpc *r, uint64_t height, struct bitcoin_step *ret,
                      struct err *err)
{
    ret->more = true;
    if (++r->again < AGAIN_MAX)
        return rpc_client_pause(r->client, RPC_PAUSE_MS, err);
    r->again = 0;
    return err_fail(err, ERR_INPUT, "%s: block %llu does not name the one before as its parent",
                    bitcoin_rpc_host(r), (unsigned long long)height);
}

bool bitcoin_rpc_step(struct bitcoin_rpc *r, struct ledger_writer *w,
                      const struct bitcoin_range *range, struct bitcoin_step *ret, struct err *err)
{
    struct meeting m;
    uint64_t to;
    size_t n, fit;

    memset(ret, 0, sizeof(*ret));
    if (!meet(r, w, range, &m, err))
        return false;
    ret->tip = m.tip;
    to = m.tip < range->to ? m.tip : range->to;
    n = wanted(r, &m, to);
    if (!n)
        return true;
    if (!hashes_from(r, m.from, &n, err))
        return false;
    if (!n)
        return true;
    if (!blocks_fetch(r, n, m.branch ? SIZE_MAX : BITCOIN_STEP_BYTES, err))
        return err->class == ERR_LIMIT && r->batch > 1 ? (r->batch = 1, ret->more = true) : false;
    fit = linked(r, m.parent);
    if (!fit)
        return ask_again(r, m.from, ret, err);
    r->again = 0;
    r->raw.blocks_n = fit;
    if (!commit(r, w, range, ret, err))
        return false;
    ret->more = m.from + fit <= to;
    if (ret->blocks.added) {
        r->ahead = AHEAD_MIN;
    } else if (ret->more && r->ahead < AHEAD_MAX) { /* a branch whose blocks have less work each */
        r->ahead *= 2;
    } else {
        ret->more = false;
    }
    return true;
}

/* ---- opening ---- */

static bool chain_check(struct bitcoin_rpc *r, struct err *err)
{
    struct hash32 first;
    const struct chain *other;

    if (!bitcoin_rpc_hash(r, 0, &first, err))
        return false;
    if (hash32_equal(&first, &r->chain->genesis))
        return true;
    other = chain_by_genesis(&first);
    return err_fail(err, ERR_INPUT, "%s: the node is of %s, not of %s", bitcoin_rpc_host(r),
                    other ? other->name : "another chain", r->chain->name);
}

bool bitcoin_rpc_open(const char *url, const struct chain *chain, struct rpc_options options,
                      struct bitcoin_rpc **ret, struct err *err)
{
    struct bitcoin_rpc *r = mem_zero(sizeof(*r));

    if (!r)
        return err_fail(err, ERR_NOMEM, "a client");
    r->chain = chain;
    r->batch = 1;
    r->ahead = AHEAD_MIN;
    options.answer_max = options.answer_max ? options.answer_max : ANSWER_BYTES_MAX;
    options.in_flight = IN_FLIGHT;
    if (!rpc_client_open(url, options, &r->client, err) || !chain_check(r, err)) {
        bitcoin_rpc_close(r);
        return false;
    }
    *ret = r;
    return true;
}

struct bitcoin_rpc *bitcoin_rpc_close(struct bitcoin_rpc *r)
{
    if (!r)
        return NULL;
    rpc_client_close(r->client);
    mem_free(r->raw.p);
    return mem_free(r);
}

const char *bitcoin_rpc_host(const struct bitcoin_rpc *r)
{
    return rpc_client_host(r->client);
}
