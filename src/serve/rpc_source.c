#include "serve/rpc_source.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/evm/rpc.h"

#include <stdio.h>

#define ASKED_MAX 3   /* questions about one block: itself, receipts, trace */
#define ID_STEP 4u    /* ids of one block's questions: a multiple of it, and 0, 1, 2 */
#define EXTRA_MAX 100 /* questions in one request beside those */
#define BODY_BYTES_MAX ((size_t)1 << 20)
#define SMALL_BYTES_MAX ((size_t)4 << 20) /* of an answer that is read as a tree */
#define SMALL_MEMORY_MAX ((size_t)64 << 20)
#define AGAIN_MAX 4 /* times that one block is asked for */
#define CLIENT_MAX 120
#define UNITS_MAX RPC_IN_FLIGHT_MAX

enum question { ASK_BLOCK, ASK_RECEIPTS, ASK_TRACE };

/* Blocks that are asked for together: by one request, or without batches by one a question. */
struct unit {
    uint64_t first;
    unsigned n;
    unsigned tickets[ASKED_MAX];
    unsigned tickets_n;
    bool loaded;
    struct bytes *answers; /* [RPC_BATCH_MAX * ID_STEP]; made when first used */
};

struct rpc_source {
    struct rpc_client *client;
    const struct chain *chain;
    struct rpc_source_options o;
    struct rpc_node node;
    char client_name[CLIENT_MAX + 1];
    struct evm_rpc *evm;
    uint64_t height, to, planned; /* next to give; last; next to ask for */
    uint64_t limit;               /* none is given or asked for above */
    unsigned batch;
    struct unit units[UNITS_MAX]; /* [units_n] from units_first, around */
    unsigned units_first, units_n;
    struct hash32 given[RPC_REORG_BLOCKS]; /* hashes of blocks given, by height mod its size */
    uint64_t given_from;                   /* those from here to height are there */
    unsigned reorgs, again;
};

static bool in_node(const struct rpc_source *s, struct err *err)
{
    return err_in(err, "%s", rpc_client_host(s->client));
}

/* A question as an object of JSON-RPC, appended. */
static void ask(struct text *t, uint64_t id, const char *method, const char *params)
{
    text_printf(t, "%s{\"jsonrpc\":\"2.0\",\"id\":%llu,\"method\":\"%s\",\"params\":[%s]}",
                t->n && t->p[t->n - 1] == '}' ? "," : "", (unsigned long long)id, method, params);
}

static void ask_block(const struct rpc_source *s, struct text *t, uint64_t id, enum question q,
                      uint64_t number)
{
    char params[80];
    unsigned long long n = number;

    switch (q) {
    case ASK_BLOCK:
        snprintf(params, sizeof(params), "\"0x%llx\",true", n);
        ask(t, id, evm_method_name(EVM_BLOCK_BY_NUMBER), params);
        break;
    case ASK_RECEIPTS:
        snprintf(params, sizeof(params), "\"0x%llx\"", n);
        ask(t, id, evm_method_name(EVM_BLOCK_RECEIPTS), params);
        break;
    case ASK_TRACE:
        if (s->node.traces == RPC_TRACES_DEBUG)
            snprintf(params, sizeof(params), "\"0x%llx\",{\"tracer\":\"callTracer\"}", n);
        else
            snprintf(params, sizeof(params), "\"0x%llx\"", n);
        ask(t, id,
            evm_method_name(s->node.traces == RPC_TRACES_DEBUG ? EVM_DEBUG_TRACE : EVM_TRACE_BLOCK),
            params);
        break;
    }
}

static bool is_asked(const struct rpc_source *s, enum question q, uint64_t number)
{
    switch (q) {
    case ASK_BLOCK:
        return true;
    case ASK_RECEIPTS:
        return s->node.block_receipts;
    case ASK_TRACE:
        return s->node.traces != RPC_TRACES_NONE && number > 0; /* genesis was not executed */
    }
    return false;
}

/* Sends a body and waits; the answer is borrowed until rpc_done(*ret_ticket). */
static bool send_text(struct rpc_source *s, struct text *t, unsigned *ret_ticket, struct err *err)
{
    bool good = !t->bad && rpc_send(s->client, t->p, t->n, ret_ticket, err);

    if (t->bad)
        err_set(err, t->over ? ERR_LIMIT : ERR_NOMEM, "a request");
    text_free(t);
    return good;
}

static bool call_text(struct rpc_source *s, struct text *t, unsigned *ret_ticket, struct bytes *ret,
                      struct err *err)
{
    return send_text(s, t, ret_ticket, err) && rpc_wait(s->client, *ret_ticket, ret, err);
}

static bool call(struct rpc_source *s, const char *method, const char *params, unsigned *ret_ticket,
                 struct bytes *ret, struct err *err)
{
    struct text t = text_new(BODY_BYTES_MAX);

    ask(&t, 1, method, params);
    return call_text(s, &t, ret_ticket, ret, err);
}

static bool call_quantity(struct rpc_source *s, const char *method, uint64_t *ret, struct err *err)
{
    struct bytes answer;
    unsigned ticket;
    bool good;

    if (!call(s, method, "", &ticket, &answer, err))
        return false;
    good = evm_rpc_quantity(answer, ret, err);
    rpc_done(s->client, ticket);
    return good ? true : (err_prefix(err, "%s", method), in_node(s, err));
}

/* A small answer's result as a tree in the arena. */
static bool result_of(struct arena *a, struct bytes answer, const struct json **ret,
                      struct err *err)
{
    const struct json *tree;

    if (answer.n > SMALL_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "an answer of %zu bytes", answer.n);
    if (!json_read(a, (const char *)answer.p, answer.n, &tree, err))
        return false;
    *ret = json_get(tree, "result");
    return *ret ? true : err_fail(err, ERR_SYSTEM, "no result");
}

static bool hash_read(const struct json *j, struct hash32 *ret)
{
    return j && j->type == JSON_STRING && j->text_n == 66 && !memcmp(j->text, "0x", 2) &&
           hex_decode(j->text + 2, 64, ret->b, 32);
}

/* The hash of the node's block of that height. */
static bool node_hash(struct rpc_source *s, uint64_t height, struct hash32 *ret, struct err *err)
{
    struct arena *a = arena_new(NULL, SMALL_MEMORY_MAX);
    const struct json *result;
    struct bytes answer;
    char params[48];
    unsigned ticket;
    bool good;

    if (!a)
        return err_fail(err, ERR_NOMEM, "an answer");
    snprintf(params, sizeof(params), "\"0x%llx\",false", (unsigned long long)height);
    if (!call(s, evm_method_name(EVM_BLOCK_BY_NUMBER), params, &ticket, &answer, err)) {
        arena_free(a);
        return false;
    }
    good = result_of(a, answer, &result, err);
    rpc_done(s->client, ticket);
    if (good && result->type == JSON_NULL)
        good = err_fail(err, ERR_NOT_FOUND, "there is no block %llu", (unsigned long long)height);
    else if (good && !hash_read(json_get(result, "hash"), ret))
        good = err_fail(err, ERR_INPUT, "block %llu without a hash", (unsigned long long)height);
    arena_free(a);
    return good ? true : in_node(s, err);
}

/* Does the node not know the method? By its code, JSON-RPC 2.0, 5.1: "The method does not exist".
 * */
static bool method_unknown(struct bytes answer)
{
    struct arena *a = arena_new(NULL, SMALL_MEMORY_MAX);
    const struct json *tree, *code = NULL;
    struct err err;
    bool unknown;

    if (a && answer.n <= SMALL_BYTES_MAX &&
        json_read(a, (const char *)answer.p, answer.n, &tree, &err))
        code = json_get(json_get(tree, "error"), "code");
    unknown = code && code->type == JSON_NUMBER && !strcmp(code->text, "-32601");
    arena_free(a);
    return unknown;
}

/* Can it answer this about its newest block? A node that has nothing but its genesis is believed
 * to, unless it does not know the method. */
static bool probe(struct rpc_source *s, enum question q, enum evm_method method, bool *ret,
                  struct err *err)
{
    struct text t = text_new(BODY_BYTES_MAX);
    struct bytes answer;
    struct err no;
    unsigned ticket;

    ask_block(s, &t, 1, q, s->node.tip);
    if (!call_text(s, &t, &ticket, &answer, err)) {
        *ret = false;
        return err->class == ERR_SYSTEM; /* a status like 403: it does not want to */
    }
    *ret = s->node.tip ? evm_rpc_answer(s->evm, method, answer, &no) : !method_unknown(answer);
    rpc_done(s->client, ticket);
    return true;
}

static bool probe_batch(struct rpc_source *s, bool *ret, struct err *err)
{
    struct text t = text_new(BODY_BYTES_MAX);
    struct evm_batch *batch;
    struct bytes answer;
    struct err no = {.class = ERR_NONE};
    unsigned ticket, n = 0;
    uint64_t id, got;

    text_char(&t, '[');
    ask(&t, 1, "eth_blockNumber", "");
    ask(&t, 2, "eth_blockNumber", "");
    text_char(&t, ']');
    *ret = false;
    if (!call_text(s, &t, &ticket, &answer, err))
        return err->class == ERR_SYSTEM;
    if (evm_batch_open(answer, &batch, &no)) {
        struct bytes one;

        while (evm_batch_next(batch, &id, &one, &no))
            n += (id == 1 || id == 2) && evm_rpc_quantity(one, &got, &no);
        evm_batch_close(batch);
    }
    rpc_done(s->client, ticket);
    *ret = n == 2;
    return true;
}

/* What the node calls itself, for people; it may decline. */
static bool probe_name(struct rpc_source *s, struct err *err)
{
    struct arena *a = arena_new(NULL, SMALL_MEMORY_MAX);
    const struct json *result;
    struct bytes answer;
    struct err no;
    unsigned ticket;

    if (!a)
        return err_fail(err, ERR_NOMEM, "an answer");
    if (call(s, "web3_clientVersion", "", &ticket, &answer, &no)) {
        if (result_of(a, answer, &result, &no) && result->type == JSON_STRING)
            for (size_t i = 0; i < result->text_n && i < CLIENT_MAX; i++)
                s->client_name[i] =
                    result->text[i] >= ' ' && result->text[i] < 0x7f ? result->text[i] : '?';
        rpc_done(s->client, ticket);
    }
    arena_free(a);
    s->node.client = s->client_name;
    return true;
}

static bool probe_chain(struct rpc_source *s, struct err *err)
{
    const struct chain *other;

    if (!call_quantity(s, evm_method_name(EVM_CHAIN_ID), &s->node.chain_id, err))
        return false;
    if (s->node.chain_id == s->chain->evm_id)
        return true;
    other = chain_by_evm_id(s->node.chain_id);
    return err_fail(err, ERR_INPUT, "%s: the node is of chain %llu%s%s%s, not of %s (%llu)",
                    rpc_client_host(s->client), (unsigned long long)s->node.chain_id,
                    other ? " (" : "", other ? other->name : "", other ? ")" : "", s->chain->name,
                    (unsigned long long)s->chain->evm_id);
}

static bool probe_all(struct rpc_source *s, struct err *err)
{
    struct text t = text_new(BODY_BYTES_MAX);
    struct bytes answer;
    unsigned ticket;
    bool good = true;

    if (!probe_chain(s, err) || !probe_name(s, err) ||
        !call_quantity(s, "eth_blockNumber", &s->node.tip, err) ||
        !probe_batch(s, &s->node.batches, err)) {
        text_free(&t);
        return false;
    }
    ask_block(s, &t, 1, ASK_BLOCK, s->node.tip);
    if (!evm_rpc_start(s->evm, s->node.tip, err) || !call_text(s, &t, &ticket, &answer, err))
        return false;
    good = evm_rpc_answer(s->evm, EVM_BLOCK_BY_NUMBER, answer, err);
    rpc_done(s->client, ticket);
    if (!good)
        return in_node(s, err);
    if (!probe(s, ASK_RECEIPTS, EVM_BLOCK_RECEIPTS, &s->node.block_receipts, err))
        return false;
    if (s->o.no_traces)
        return true;
    s->node.traces = RPC_TRACES_DEBUG;
    if (!probe(s, ASK_TRACE, EVM_DEBUG_TRACE, &good, err))
        return false;
    if (good)
        return true;
    s->node.traces = RPC_TRACES_BLOCK;
    if (!probe(s, ASK_TRACE, EVM_TRACE_BLOCK, &good, err))
        return false;
    if (!good)
        s->node.traces = RPC_TRACES_NONE;
    return true;
}

/* Forgets what was asked for and not given yet. */
static void replan(struct rpc_source *s)
{
    for (; s->units_n; s->units_n--) {
        struct unit *u = &s->units[s->units_first];

        for (unsigned i = 0; i < u->tickets_n; i++)
            rpc_done(s->client, u->tickets[i]);
        s->units_first = (s->units_first + 1) % UNITS_MAX;
    }
    s->planned = s->height;
}

static bool unit_ask(struct rpc_source *s, struct unit *u, struct err *err)
{
    struct text t = text_new(BODY_BYTES_MAX);

    u->tickets_n = 0;
    u->loaded = false;
    if (s->node.batches)
        text_char(&t, '[');
    for (unsigned i = 0; i < u->n; i++)
        for (unsigned q = 0; q < ASKED_MAX; q++) {
            if (!is_asked(s, (enum question)q, u->first + i))
                continue;
            ask_block(s, &t, i * ID_STEP + q, (enum question)q, u->first + i);
            if (s->node.batches)
                continue;
            if (!send_text(s, &t, &u->tickets[u->tickets_n], err))
                return false;
            u->tickets_n++;
            t = text_new(BODY_BYTES_MAX);
        }
    if (!s->node.batches) {
        text_free(&t);
        return true;
    }
    text_char(&t, ']');
    if (!send_text(s, &t, &u->tickets[0], err))
        return false;
    u->tickets_n = 1;
    return true;
}

/* Asks ahead as far as there is room; one place stays free for what a block needs beside. */
static bool plan(struct rpc_source *s, struct err *err)
{
    unsigned each = s->node.batches ? 1 : ASKED_MAX;
    uint64_t last = s->to < s->limit ? s->to : s->limit;

    while (s->planned <= last && s->units_n < UNITS_MAX &&
           (rpc_client_room(s->client) > each || !s->units_n)) {
        struct unit *u = &s->units[(s->units_first + s->units_n) % UNITS_MAX];
        uint64_t left = last - s->planned + 1;

        if (!u->answers)
            u->answers = mem_array((size_t)RPC_BATCH_MAX * ID_STEP, sizeof(*u->answers));
        if (!u->answers)
            return err_fail(err, ERR_NOMEM, "answers");
        u->first = s->planned;
        u->n = !s->node.batches ? 1 : left < s->batch ? (unsigned)left : s->batch;
        s->units_n++; /* so that replan finds its tickets */
        if (!unit_ask(s, u, err))
            return false;
        s->planned += u->n;
    }
    return true;
}

static bool answer_keep(struct unit *u, uint64_t id, struct bytes answer, struct err *err)
{
    if (id >= (uint64_t)u->n * ID_STEP || id % ID_STEP >= ASKED_MAX || u->answers[id].p)
        return err_fail(err, ERR_INPUT, "an answer to what was not asked");
    u->answers[id] = answer;
    return true;
}

/* *ret_refused: the node gave one error for the whole batch. */
static bool batch_split(struct unit *u, struct bytes answers, bool *ret_refused, struct err *err)
{
    struct evm_batch *b;
    struct bytes one;
    uint64_t id;
    bool good = true;
    size_t n = 0;

    *ret_refused = false;
    if (!evm_batch_open(answers, &b, err))
        return false;
    err->class = ERR_NONE;
    while (good && evm_batch_next(b, &id, &one, err)) {
        if (id == UINT64_MAX && !n && one.n == answers.n)
            *ret_refused = true;
        good = !*ret_refused && answer_keep(u, id, one, err);
        n++;
    }
    evm_batch_close(b);
    if (*ret_refused)
        return err_fail(err, ERR_SYSTEM, "the node takes no batches");
    return good && err->class == ERR_NONE;
}

static bool unit_load(struct rpc_source *s, struct unit *u, bool *ret_refused, struct err *err)
{
    struct bytes answer;
    unsigned asked = 0;

    *ret_refused = false;
    memset(u->answers, 0, (size_t)u->n * ID_STEP * sizeof(*u->answers));
    if (s->node.batches) {
        if (!rpc_wait(s->client, u->tickets[0], &answer, err) ||
            !batch_split(u, answer, ret_refused, err))
            return false;
    } else {
        for (unsigned q = 0; q < ASKED_MAX; q++)
            if (is_asked(s, (enum question)q, u->first)) {
                if (!rpc_wait(s->client, u->tickets[asked++], &answer, err))
                    return false;
                u->answers[q] = answer;
            }
    }
    u->loaded = true;
    return true;
}

/* Questions 0 .. n - 1 of one kind about the block in hand, answered in order. */
static bool extra(struct rpc_source *s, enum evm_method method, size_t n,
                  void (*params)(const struct evm_block *b, size_t i, char ret[96]),
                  struct err *err)
{
    size_t each = s->node.batches ? EXTRA_MAX : 1;

    for (size_t first = 0; first < n; first += each) {
        struct text t = text_new(BODY_BYTES_MAX);
        size_t end = first + each < n ? first + each : n;
        struct unit u = {.n = EXTRA_MAX};
        struct bytes kept[EXTRA_MAX * ID_STEP] = {{NULL, 0}}, answer;
        unsigned ticket;
        bool refused, good;

        if (s->node.batches)
            text_char(&t, '[');
        for (size_t i = first; i < end; i++) {
            char text[96];

            params(evm_rpc_block(s->evm), i, text);
            ask(&t, (i - first) * ID_STEP, evm_method_name(method), text);
        }
        if (s->node.batches)
            text_char(&t, ']');
        if (!call_text(s, &t, &ticket, &answer, err))
            return false;
        u.answers = kept;
        good = s->node.batches ? batch_split(&u, answer, &refused, err) : (kept[0] = answer, true);
        for (size_t i = first; good && i < end; i++) {
            struct bytes one = kept[(i - first) * ID_STEP];

            good = one.p ? evm_rpc_answer(s->evm, method, one, err)
                         : err_fail(err, ERR_INPUT, "half an answer: %s is missing",
                                    evm_method_name(method));
        }
        rpc_done(s->client, ticket);
        if (!good)
            return false;
    }
    return true;
}

static void receipt_params(const struct evm_block *b, size_t i, char ret[96])
{
    struct text t = text_new(96);

    text_str(&t, "\"0x");
    text_hex(&t, b->txs[i].hash.b, 32);
    text_char(&t, '"');
    snprintf(ret, 96, "%s", text_string(&t) ? text_string(&t) : "");
    text_free(&t);
}

static void uncle_params(const struct evm_block *b, size_t i, char ret[96])
{
    snprintf(ret, 96, "\"0x%llx\",\"0x%zx\"", (unsigned long long)b->header.number, i);
}

/* Uncles' miners are told by trace_block, too. */
static bool uncles_wanted(const struct rpc_source *s)
{
    const struct evm_block *b = evm_rpc_block(s->evm);

    for (size_t i = 0; i < b->uncles_n; i++)
        if (!b->uncles[i].known)
            return s->node.traces != RPC_TRACES_BLOCK;
    return false;
}

static bool answered(struct rpc_source *s, const struct unit *u, unsigned block, enum question q,
                     enum evm_method method, struct err *err)
{
    struct bytes answer = u->answers[block * ID_STEP + q];

    if (!answer.p)
        return err_fail(err, ERR_INPUT, "half an answer: %s of block %llu is missing",
                        evm_method_name(method), (unsigned long long)u->first + block);
    return evm_rpc_answer(s->evm, method, answer, err);
}

static bool block_read(struct rpc_source *s, const struct unit *u, struct transfer_block *ret,
                       struct err *err)
{
    unsigned i = (unsigned)(s->height - u->first);
    enum evm_method trace = s->node.traces == RPC_TRACES_DEBUG ? EVM_DEBUG_TRACE : EVM_TRACE_BLOCK;

    if (!evm_rpc_start(s->evm, s->height, err) ||
        !answered(s, u, i, ASK_BLOCK, EVM_BLOCK_BY_NUMBER, err))
        return false;
    if (is_asked(s, ASK_RECEIPTS, s->height)) {
        if (!answered(s, u, i, ASK_RECEIPTS, EVM_BLOCK_RECEIPTS, err))
            return false;
    } else if (!extra(s, EVM_RECEIPT, evm_rpc_block(s->evm)->txs_n, receipt_params, err)) {
        return false;
    }
    if (is_asked(s, ASK_TRACE, s->height) && !answered(s, u, i, ASK_TRACE, trace, err))
        return false;
    if (uncles_wanted(s) &&
        !extra(s, EVM_UNCLE, evm_rpc_block(s->evm)->uncles_n, uncle_params, err))
        return false;
    return evm_rpc_facts(s->evm, ret, err);
}

static bool is_given(const struct rpc_source *s, uint64_t height)
{
    return height >= s->given_from && height < s->height && s->height - height <= RPC_REORG_BLOCKS;
}

static void give(struct rpc_source *s, const struct hash32 *hash)
{
    s->given[s->height % RPC_REORG_BLOCKS] = *hash;
    s->height++;
    s->again = 0;
}

/* Goes back to the last block given that the node still has. *ret_same: that is the newest. */
static bool go_back(struct rpc_source *s, bool *ret_same, struct err *err)
{
    uint64_t at = s->height;
    struct hash32 hash;

    while (is_given(s, at - 1)) {
        if (!node_hash(s, at - 1, &hash, err)) {
            if (err->class != ERR_NOT_FOUND)
                return false;
        } else if (hash32_equal(&hash, &s->given[(at - 1) % RPC_REORG_BLOCKS])) {
            *ret_same = at == s->height;
            s->height = at;
            return true;
        }
        at--;
    }
    return err_fail(err, ERR_INPUT, "%s: the node's chain has changed below block %llu",
                    rpc_client_host(s->client), (unsigned long long)at);
}

/* The block that was read does not stand on the one before it. */
static bool reorganised(struct rpc_source *s, struct err *err)
{
    bool same;

    if (!go_back(s, &same, err))
        return false;
    if (same && ++s->again >= AGAIN_MAX)
        return err_fail(err, ERR_INPUT,
                        "%s: block %llu does not name block %llu, as the node has it, as its "
                        "parent",
                        rpc_client_host(s->client), (unsigned long long)s->height,
                        (unsigned long long)s->height - 1);
    if (!same && ++s->reorgs > RPC_REORGS_MAX)
        return err_fail(err, ERR_LIMIT, "%s: more than %d reorganisations",
                        rpc_client_host(s->client), RPC_REORGS_MAX);
    replan(s);
    return true;
}

/* One block could not be read. Worth asking again, perhaps in another way? */
static bool ask_again(struct rpc_source *s, bool refused, struct err *err)
{
    unsigned pause = s->o.client.pause_ms ? s->o.client.pause_ms : RPC_PAUSE_MS;

    if (err->class == ERR_NOMEM)
        return false;
    if (refused) {
        s->node.batches = false;
    } else if (err->class == ERR_LIMIT && s->node.batches && s->batch > 1) {
        s->batch /= 2;
    } else if (err->class == ERR_NOT_FOUND && s->o.to == RPC_TO_TIP) {
        if (!call_quantity(s, "eth_blockNumber", &s->node.tip, err))
            return false;
        if (s->node.tip < s->height) { /* the chain has become shorter: that is all of it */
            s->to = s->node.tip;
            replan(s);
            return true;
        }
        if (++s->again >= AGAIN_MAX)
            return err_fail(err, ERR_NOT_FOUND, "%s: the node does not have all of block %llu",
                            rpc_client_host(s->client), (unsigned long long)s->height);
    } else if (++s->again >= AGAIN_MAX || err->class == ERR_LIMIT) {
        return false;
    }
    replan(s);
    return !s->again || rpc_client_pause(s->client, pause << (s->again - 1), err);
}

/* Past the last block: has the chain grown meanwhile? */
static bool at_end(struct rpc_source *s, bool *ret_end, struct err *err)
{
    *ret_end = true;
    if (s->o.to != RPC_TO_TIP || s->to != s->node.tip)
        return true;
    if (!call_quantity(s, "eth_blockNumber", &s->node.tip, err))
        return false;
    *ret_end = s->node.tip < s->height;
    if (!*ret_end)
        s->to = s->node.tip;
    return true;
}

static bool one_read(struct rpc_source *s, struct transfer_block *ret, bool *ret_refused,
                     struct err *err)
{
    struct unit *u;

    *ret_refused = false;
    if (!plan(s, err))
        return false;
    u = &s->units[s->units_first];
    return (u->loaded || unit_load(s, u, ret_refused, err)) && block_read(s, u, ret, err);
}

/* The unit in front has been given whole. */
static void unit_end(struct rpc_source *s)
{
    struct unit *u = &s->units[s->units_first];

    if (s->height < u->first + u->n)
        return;
    for (unsigned i = 0; i < u->tickets_n; i++)
        rpc_done(s->client, u->tickets[i]);
    s->units_first = (s->units_first + 1) % UNITS_MAX;
    s->units_n--;
}

static bool source_next(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct rpc_source *s = self;
    bool refused;

    if (s->units_n)
        unit_end(s);
    for (;;) {
        *ret_end = s->height > s->limit;
        if (*ret_end)
            return true;
        if (s->height > s->to) {
            if (!at_end(s, ret_end, err))
                return false;
            if (*ret_end)
                return true;
            replan(s);
        }
        if (!one_read(s, ret, &refused, err)) {
            if (s->o.client.stop && *s->o.client.stop) {
                *ret_end = true; /* whoever set it knows that this is not all */
                return true;
            }
            if (!ask_again(s, refused, err)) {
                replan(s);
                err_prefix(err, "block %llu", (unsigned long long)s->height);
                return false;
            }
            continue;
        }
        if (is_given(s, s->height - 1) &&
            !hash32_equal(&ret->prev, &s->given[(s->height - 1) % RPC_REORG_BLOCKS])) {
            if (!reorganised(s, err))
                return false;
            continue;
        }
        give(s, &ret->hash);
        *ret_end = false;
        return true;
    }
}

static void source_free(void *self)
{
    struct rpc_source *s = self;

    if (!s)
        return;
    for (unsigned i = 0; i < UNITS_MAX; i++)
        mem_free(s->units[i].answers);
    evm_rpc_free(s->evm);
    rpc_client_close(s->client);
    mem_free(s);
}

/* After the newest block of the ledger that the node has, too; steps back double. */
static bool resume(struct rpc_source *s, struct err *err)
{
    uint64_t at = s->o.have_tip < s->node.tip ? s->o.have_tip : s->node.tip, step = 1;
    uint64_t top = at;
    struct hash32 ours, theirs;

    if (!s->o.have || at < s->o.from)
        return true;
    for (;;) {
        if (!s->o.have(s->o.have_ctx, at, &ours))
            return true; /* below what the ledger has: from where it was asked to */
        if (!node_hash(s, at, &theirs, err))
            return false;
        if (hash32_equal(&ours, &theirs)) {
            s->height = at;
            s->given_from = at;
            give(s, &ours);
            return true;
        }
        if (top - at > RPC_REORG_BLOCKS)
            return err_fail(err, ERR_INPUT,
                            "%s: the node has another chain than the ledger, for more than %u "
                            "blocks",
                            rpc_client_host(s->client), RPC_REORG_BLOCKS);
        if (at < s->o.from + step)
            return true;
        at -= step;
        step *= 2;
    }
}

bool rpc_source_open(const char *url, const struct chain *chain, struct rpc_source_options options,
                     struct transfer_source *ret, struct err *err)
{
    struct rpc_source *s;

    if (chain->family != CHAIN_EVM)
        return err_fail(err, ERR_USAGE, "%s: blocks of this chain do not come by this interface",
                        chain->name);
    s = mem_zero(sizeof(*s));
    if (!s)
        return err_fail(err, ERR_NOMEM, "a source");
    s->chain = chain;
    s->o = options;
    s->limit = UINT64_MAX;
    if (s->o.client.in_flight < 2 && s->o.client.in_flight)
        s->o.client.in_flight = 2;
    s->batch = options.batch ? options.batch : RPC_BATCH;
    s->batch = s->batch < RPC_BATCH_MAX ? s->batch : RPC_BATCH_MAX;
    s->height = s->given_from = options.from;
    s->evm = evm_rpc_new(chain);
    if (!s->evm) {
        source_free(s);
        return err_fail(err, ERR_NOMEM, "a source");
    }
    if (!rpc_client_open(url, s->o.client, &s->client, err) || !probe_all(s, err)) {
        source_free(s);
        return false;
    }
    s->to = options.to == RPC_TO_TIP ? s->node.tip : options.to;
    if (!resume(s, err)) {
        source_free(s);
        return false;
    }
    s->planned = s->height;
    *ret = (struct transfer_source){.next = source_next, .free = source_free, .self = s};
    return true;
}

void rpc_source_limit(struct transfer_source *s, uint64_t to)
{
    ((struct rpc_source *)s->self)->limit = to;
}

struct rpc_node rpc_source_node(const struct transfer_source *s)
{
    const struct rpc_source *r = s->self;
    struct rpc_node node = r->node;

    node.host = rpc_client_host(r->client);
    node.client = r->client_name;
    return node;
}
