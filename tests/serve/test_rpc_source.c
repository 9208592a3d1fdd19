/* Blocks from a made-up node: in order and whole, resumed, reorganised, and what it must not say.
 * What blocks hold is tests/peers/test_anvil.py's to compare; these are empty. */
#include "support.h"

#include "base/text.h"
#include "serve/http_peer.h"
#include "serve/rpc_source.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { TIP = 40, HEIGHTS = 64 };

/* A chain of empty blocks: block h has the hash of its fork and height; from fork_from on the newer
 * fork. */
struct node {
    uint64_t chain_id, tip, fork, fork_from;
    uint64_t lies_at;    /* this block names nobody's block as its parent; 0: none does */
    uint64_t leaves_out; /* in a batch the receipts of this block are not there; 0: all are */
    uint64_t forks_when; /* asked for this block it makes another fork, once; 0: never */
    bool no_batches, no_receipts, no_traces;
    pthread_mutex_t lock;
};

static void node_hash(const struct node *n, uint64_t h, char ret[67])
{
    snprintf(ret, 67, "0x%032x%016llx%016llx", 0xb10c,
             h >= n->fork_from ? (unsigned long long)n->fork : 0ULL, (unsigned long long)h);
}

static void put_block(struct node *n, struct text *t, uint64_t h)
{
    char hash[67], parent[67];

    if (n->forks_when == h && h) {
        n->forks_when = 0;
        n->fork++;
        n->fork_from = h - 3;
    }
    if (h > n->tip) {
        text_str(t, "\"result\":null");
        return;
    }
    node_hash(n, h, hash);
    memset(parent, '0', 66);
    parent[66] = 0;
    parent[1] = 'x';
    if (h)
        node_hash(n, n->lies_at == h ? h + 1 : h - 1, parent);
    /* without stateRoot nobody can hash the header */
    text_printf(t,
                "\"result\":{\"number\":\"0x%llx\",\"hash\":\"%s\",\"parentHash\":\"%s\","
                "\"timestamp\":\"0x%llx\",\"miner\":\"0x%040x\",\"gasUsed\":\"0x0\","
                "\"gasLimit\":\"0x1c9c380\",\"baseFeePerGas\":\"0x7\",\"difficulty\":\"0x0\","
                "\"transactions\":[],\"uncles\":[]}",
                (unsigned long long)h, hash, parent, 1700000000 + (unsigned long long)h * 12, 1);
}

/* One question, at p; false: it is left out. */
static bool put_answer(struct node *n, struct text *t, const char *p)
{
    unsigned long long id = strtoull(strstr(p, "\"id\":") + 5, NULL, 10), h = 0;
    const char *method = strstr(p, "\"method\":\"") + 10, *number = strstr(p, "\"params\":[\"0x");
    size_t start = t->n;

    if (number)
        h = strtoull(number + 13, NULL, 16);
    text_printf(t, "{\"jsonrpc\":\"2.0\",\"id\":%llu,", id);
    if (!strncmp(method, "eth_chainId", 11))
        text_printf(t, "\"result\":\"0x%llx\"", (unsigned long long)n->chain_id);
    else if (!strncmp(method, "eth_blockNumber", 15))
        text_printf(t, "\"result\":\"0x%llx\"", (unsigned long long)n->tip);
    else if (!strncmp(method, "eth_getBlockByNumber", 20))
        put_block(n, t, h);
    else if ((!strncmp(method, "eth_getBlockReceipts", 20) && !n->no_receipts) ||
             (!strncmp(method, "debug_traceBlock", 16) && !n->no_traces))
        text_str(t, "\"result\":[]");
    else
        text_str(t, "\"error\":{\"code\":-32601,\"message\":\"no such method\"}");
    text_char(t, '}');
    if (n->leaves_out && h == n->leaves_out && !strncmp(method, "eth_getBlockReceipts", 20))
        t->n = start;
    return t->n > start;
}

static void node_answer(void *ctx, const char *body, struct http_answer *ret)
{
    struct node *n = ctx;
    struct text t = text_new((size_t)8 << 20);
    bool batch = *body == '[', any = false;
    const char *p = body;

    pthread_mutex_lock(&n->lock);
    if (batch && n->no_batches) {
        text_str(&t,
                 "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"x\"}}");
    } else {
        if (batch)
            text_char(&t, '[');
        while ((p = strstr(p, "{\"jsonrpc\""))) {
            if (any)
                text_char(&t, ',');
            if (put_answer(n, &t, p))
                any = true;
            else if (any)
                t.n--; /* the comma */
            p++;
        }
        if (batch)
            text_char(&t, ']');
    }
    pthread_mutex_unlock(&n->lock);
    ret->body = ret->owned = strdup(text_string(&t));
    text_free(&t);
}

static struct node node_new(void)
{
    return (struct node){.chain_id = 1, .tip = TIP, .lock = PTHREAD_MUTEX_INITIALIZER};
}

static struct rpc_source_options options(uint64_t from, uint64_t to)
{
    return (struct rpc_source_options){
        .client = {.pause_ms = 1, .tries = 2}, .from = from, .to = to, .batch = 4};
}

/* What was given, by height as given last. */
struct given {
    uint64_t n, first, last;
    struct hash32 hash[HEIGHTS];
};

/* Everything until the end, each block once or again from a lower one; false: an error. */
static bool give_all(struct transfer_source *s, struct given *g, struct err *err)
{
    struct transfer_block b;
    bool end = false;

    for (;;) {
        if (!s->next(s->self, &b, &end, err))
            return false;
        if (end)
            return true;
        CHECK(b.height < HEIGHTS);
        if (!g->n++)
            g->first = b.height;
        else
            CHECK(b.height <= g->last + 1);
        g->last = b.height;
        g->hash[b.height] = b.hash;
        CHECK_U(b.time, 1700000000 + b.height * 12);
    }
}

static void check_hashes(const struct node *n, const struct given *g)
{
    for (uint64_t h = g->first; g->n && h <= g->last; h++) {
        char want[67], got[65];

        node_hash(n, h, want);
        for (int i = 0; i < 32; i++)
            snprintf(got + 2 * i, 3, "%02x", g->hash[h].b[i]);
        test_row("block %llu", (unsigned long long)h);
        CHECK_S(got, want + 2);
    }
}

static void run(struct node *n, struct rpc_source_options o, uint64_t first, uint64_t last)
{
    struct http_server *server = http_start(node_answer, n);
    struct given g = {.n = 0};
    struct transfer_source s;
    struct err err;

    CHECK_OK(rpc_source_open(http_url(server), chain_by_name("ethereum"), o, &s, &err), err);
    CHECK_OK(give_all(&s, &g, &err), err);
    CHECK_U(g.first, first);
    CHECK_U(g.last, last);
    check_hashes(n, &g);
    s.free(s.self);
    http_end(server);
}

static void run_fails(struct node *n, struct rpc_source_options o, enum err_class class,
                      const char *words, uint64_t given)
{
    struct http_server *server = http_start(node_answer, n);
    struct given g = {.n = 0};
    struct transfer_source s;
    struct err err;

    if (rpc_source_open(http_url(server), chain_by_name("ethereum"), o, &s, &err)) {
        CHECK(!give_all(&s, &g, &err));
        s.free(s.self);
    }
    CHECK_U(err.class, class);
    if (!strstr(err.text, words))
        test_failed(__FILE__, __LINE__, "\"%s\" has no \"%s\"", err.text, words);
    CHECK_U(g.n, given);
    http_end(server);
}

static void in_order(void **state)
{
    struct node n = node_new();

    run(&n, options(0, RPC_TO_TIP), 0, TIP);
    run(&n, options(5, 17), 5, 17);
    run(&n, options(TIP, RPC_TO_TIP), TIP, TIP);
    n.no_batches = true;
    run(&n, options(0, RPC_TO_TIP), 0, TIP);
    n.no_receipts = n.no_traces = true;
    run(&n, options(0, RPC_TO_TIP), 0, TIP);
}

static void more_after_the_end(void **state)
{
    struct node n = node_new();
    struct http_server *server = http_start(node_answer, &n);
    struct given g = {.n = 0};
    struct transfer_source s;
    struct err err;

    CHECK_OK(rpc_source_open(http_url(server), chain_by_name("ethereum"), options(0, RPC_TO_TIP),
                             &s, &err),
             err);
    CHECK_OK(give_all(&s, &g, &err), err);
    CHECK_U(g.n, TIP + 1);
    CHECK_OK(give_all(&s, &g, &err), err);
    CHECK_U(g.n, TIP + 1);
    n.tip += 3;
    CHECK_OK(give_all(&s, &g, &err), err);
    CHECK_U(g.n, TIP + 4);
    n.tip++; /* with the newest four others than they were */
    n.fork = 1;
    n.fork_from = TIP;
    CHECK_OK(give_all(&s, &g, &err), err);
    CHECK_U(g.last, TIP + 4);
    check_hashes(&n, &g);
    s.free(s.self);
    http_end(server);
}

static bool have(void *ctx, uint64_t height, struct hash32 *ret)
{
    char hash[67];

    node_hash(ctx, height, hash);
    return hex_decode(hash + 2, 64, ret->b, 32);
}

static void resumed(void **state)
{
    struct node n = node_new(), ledger = node_new();
    struct rpc_source_options o = options(0, RPC_TO_TIP);

    o.have = have;
    o.have_ctx = &ledger;
    o.have_tip = 30;
    run(&n, o, 31, TIP);
    test_row("the newest five are of another fork: stepped back double");
    n.fork = 1;
    n.fork_from = 26;
    run(&n, o, 24, TIP);
    test_row("the node is behind");
    n.fork_from = HEIGHTS;
    n.tip = 20;
    run(&n, o, 0, 0); /* nothing */
}

static void reorganised(void **state)
{
    struct node n = node_new();

    n.forks_when = 21;
    run(&n, options(0, RPC_TO_TIP), 0, TIP);
    CHECK_U(n.fork, 1);
    n = node_new();
    n.no_batches = true;
    n.forks_when = 39;
    run(&n, options(0, RPC_TO_TIP), 0, TIP);
}

static void refused(void **state)
{
    struct node n = node_new();

    n.chain_id = 137;
    run_fails(&n, options(0, RPC_TO_TIP), ERR_INPUT, "of chain 137 (polygon), not of ethereum (1)",
              0);
    n = node_new();
    n.lies_at = 9;
    run_fails(&n, options(0, RPC_TO_TIP), ERR_INPUT, "block 9 does not name block 8", 9);
    n = node_new();
    n.leaves_out = 6;
    run_fails(&n, options(0, RPC_TO_TIP), ERR_INPUT, "block 6: half an answer", 6);
    n = node_new();
    run_fails(&n, options(0, TIP + 2), ERR_NOT_FOUND, "block 41", TIP + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order), cmocka_unit_test(more_after_the_end),
        cmocka_unit_test(resumed),  cmocka_unit_test(reorganised),
        cmocka_unit_test(refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
