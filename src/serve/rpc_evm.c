/* An EVM chain's node, by JSON-RPC: what it can do, and its questions about blocks, in batches
 * where it takes them. */
#include "serve/rpc_source_parts.h"

#include "base/json.h"
#include "base/text.h"
#include "chain/dialect.h"
#include "chain/evm/rpc.h"
#include "serve/evm_tip.h"

#include <stdio.h>

#define EXTRA_MAX 100 /* questions in one request beside those */
#define BODY_BYTES_MAX ((size_t)1 << 20)
#define SMALL_BYTES_MAX ((size_t)4 << 20) /* of an answer that is read as a tree */
#define SMALL_MEMORY_MAX ((size_t)64 << 20)

enum question { ASK_BLOCK, ASK_RECEIPTS, ASK_TRACE };

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
    bool good = (text_end(t, err) || err_in(err, "a request")) &&
                rpc_send(s->client, t->p, t->n, ret_ticket, err);

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
    return good ? true : (err_prefix(err, "%s", method), rpc_source_in_node(s, err));
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
    return good ? true : rpc_source_in_node(s, err);
}

/* Does the node not know the method? By its code (JSON-RPC 2.0, section 5.1: "The method does not
 * exist"). */
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
    *ret = s->node.tip ? evm_rpc_answer(s->own, method, answer, &no) : !method_unknown(answer);
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
    if (!evm_rpc_start(s->own, s->node.tip, err) || !call_text(s, &t, &ticket, &answer, err))
        return false;
    good = evm_rpc_answer(s->own, EVM_BLOCK_BY_NUMBER, answer, err);
    rpc_done(s->client, ticket);
    if (!good)
        return rpc_source_in_node(s, err);
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

            params(evm_rpc_block(s->own), i, text);
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

            good = one.p ? evm_rpc_answer(s->own, method, one, err)
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
    const struct evm_block *b = evm_rpc_block(s->own);

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
    return evm_rpc_answer(s->own, method, answer, err);
}

static bool block_read(struct rpc_source *s, const struct unit *u, struct transfer_block *ret,
                       struct err *err)
{
    unsigned i = (unsigned)(s->height - u->first);
    enum evm_method trace = s->node.traces == RPC_TRACES_DEBUG ? EVM_DEBUG_TRACE : EVM_TRACE_BLOCK;

    if (!evm_rpc_start(s->own, s->height, err) ||
        !answered(s, u, i, ASK_BLOCK, EVM_BLOCK_BY_NUMBER, err))
        return false;
    if (is_asked(s, ASK_RECEIPTS, s->height)) {
        if (!answered(s, u, i, ASK_RECEIPTS, EVM_BLOCK_RECEIPTS, err))
            return false;
    } else if (!extra(s, EVM_RECEIPT, evm_rpc_block(s->own)->txs_n, receipt_params, err)) {
        return false;
    }
    if (is_asked(s, ASK_TRACE, s->height) && !answered(s, u, i, ASK_TRACE, trace, err))
        return false;
    if (uncles_wanted(s) &&
        !extra(s, EVM_UNCLE, evm_rpc_block(s->own)->uncles_n, uncle_params, err))
        return false;
    return evm_rpc_facts(s->own, ret, err);
}

static bool node_tip(struct rpc_source *s, uint64_t *ret, struct err *err)
{
    return call_quantity(s, "eth_blockNumber", ret, err);
}

static bool evm_open(struct rpc_source *s, struct err *err)
{
    s->own = evm_rpc_new(s->chain);
    return s->own || err_fail(err, ERR_NOMEM, "a source");
}

static void evm_close(struct rpc_source *s)
{
    evm_rpc_free(s->own);
}

static bool tip_block(struct rpc_client *c, uint64_t height, bool confirmed, uint64_t *ret_height,
                      struct hash32 *ret_hash, struct err *err)
{
    (void)confirmed;
    return evm_ask_head(c, height, ret_height, ret_hash, err);
}

const struct rpc_dialect rpc_dialect_evm = {
    .of = &dialect_evm,
    .news = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\",\"params\":[\"newHeads\"]}",
    .tip_answer_max = EVM_TIP_BYTES_MAX,
    .tip_chain = evm_ask_chain,
    .tip_block = tip_block,
    .open = evm_open,
    .close = evm_close,
    .probe = probe_all,
    .tip = node_tip,
    .hash = node_hash,
    .ask = unit_ask,
    .load = unit_load,
    .read = block_read,
};
