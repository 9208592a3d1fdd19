/* Small worlds of Zcash, Litecoin and Dogecoin, from blocks to evidence: ingested, followed,
 * followed back, proven without the ledger, and refused when a byte of the proof is changed. What
 * is expected was worked out by hand. */
#include "support.h"

#include "../chain/coin_make.h"

#include "base/text.h"
#include "chain/bitcoin/block.h"
#include "ledger/ingest.h"
#include "trace/backward.h"
#include "trace/evidence.h"
#include "trace/run.h"

#include <stdio.h>
#include <stdlib.h>

#define BLOCKS_MAX 6

struct world {
    const struct chain *chain;
    struct arena *a;
    struct ledger *l;
    struct source *source;
    char paths[BLOCKS_MAX][512];
    const char *names[BLOCKS_MAX];
    size_t blocks_n;
    struct hash32 tip;
};

static void world_add(struct world *w, const struct make *block, struct hash32 hash)
{
    static char *dir;

    if (!dir || !w->blocks_n)
        dir = test_dir();
    snprintf(w->paths[w->blocks_n], sizeof(w->paths[0]), "%s/%zu.bin", dir, w->blocks_n);
    test_write(w->paths[w->blocks_n], block->p, block->n);
    w->names[w->blocks_n] = w->paths[w->blocks_n];
    w->blocks_n++;
    w->tip = hash;
}

static void world_open(struct world *w)
{
    struct ingest_options o = {
        .paths = w->names, .paths_n = w->blocks_n, .chain = w->chain, .checks = BLOCK_CHECK_FULL};
    struct ingest_result r;
    char *dir = test_dir();
    struct err err;

    w->a = arena_new(NULL, (size_t)64 << 20);
    CHECK_OK(ingest(dir, &o, &r, &err), err);
    CHECK_U(r.added, w->blocks_n);
    CHECK_U(r.without_undo, 0);
    CHECK_OK(ledger_open(dir, &w->l, &err), err);
    CHECK_OK(source_open(w->names, w->blocks_n, w->chain, &w->source, &err), err);
}

static void world_close(struct world *w)
{
    source_close(w->source);
    ledger_close(w->l);
    arena_free(w->a);
}

static struct coin_tx miner(uint32_t height, char who)
{
    return (struct coin_tx){
        .version = 1, .height = height, .pays_n = 1, .pays = {{.value = 50, .who = who}}};
}

static struct trace_doc follow(struct world *w, struct hash32 txid, enum trace_policy policy)
{
    struct case_origin *origin = ARENA_NEW(w->a, struct case_origin);
    struct trace_doc d;
    struct err err;

    *origin = (struct case_origin){.kind = ORIGIN_OUTPUT, .txid = txid};
    CHECK_OK(trace_run(w->a, w->l,
                       &(struct trace_request){.origins = origin,
                                               .origins_n = 1,
                                               .policy = policy,
                                               .hops_max = TRACE_HOPS_NONE},
                       1, &d, &err),
             err);
    return d;
}

static uint64_t output(const struct world *w, struct hash32 txid, uint32_t vout)
{
    uint32_t tx = ledger_find_tx(w->l, &txid);

    CHECK(tx != COINS_TX_NONE);
    return coins_outputs(ledger_coins(w->l), tx).first + vout;
}

/* The taint of an output, and the name of the stop that it came to or "". */
static void check_reached(struct world *w, const struct trace_doc *d, struct hash32 txid,
                          uint32_t vout, uint64_t taint, const char *stop)
{
    size_t at = trace_reached_find(d->trace, output(w, txid, vout));
    const struct trace_reached *r = &d->trace->reached[at];

    if (!taint) {
        CHECK(at == d->trace->reached_n || !r->taint);
        return;
    }
    CHECK(at < d->trace->reached_n);
    CHECK_U(r->taint, taint);
    CHECK_S(r->stop >= 0 ? d->stops[r->stop].name : "", stop);
    if (r->stop >= 0)
        CHECK_S(d->stops[r->stop].category, "shielded pool");
}

static void check_totals(const struct trace_doc *d, uint64_t held, uint64_t exits, uint64_t fees)
{
    CHECK_U(d->trace->totals.held, held);
    CHECK_U(d->trace->totals.exits, exits);
    CHECK_U(d->trace->totals.fees, fees);
}

static void prove(struct world *w, const struct text *t, struct evidence_answer *ret)
{
    struct err err;

    CHECK_OK(evidence_prove(w->a, (struct bytes){(const uint8_t *)t->p, t->n}, ret, &err), err);
}

/* The file with another last digit in the text after its n-th name: refused, or not proven. */
static void check_lie(struct world *w, const struct text *t, const char *name, size_t n)
{
    struct evidence_answer answer;
    struct err err;
    char *at = t->p, *last;

    for (size_t i = 0; i <= n; i++) {
        at = strstr(at, name);
        CHECK(at);
        at += strlen(name);
    }
    last = strchr(at, '"') - 1;
    *last ^= 1; /* another digit of hex, for even ones come before odd ones */
    test_row("%s%zu", name, n);
    CHECK(!evidence_prove(w->a, (struct bytes){(const uint8_t *)t->p, t->n}, &answer, &err) ||
          !answer.proven);
    *last ^= 1;
}

/* All ends, proven; and not with one digit of a header's end (a solution, a parent's nonce) or of a
 * transaction changed. */
static void check_evidence(struct world *w, const struct trace_doc *d, uint64_t taint)
{
    struct text t = text_new((size_t)4 << 20);
    struct evidence_answer answer;
    struct err err;

    CHECK_OK(evidence_write(w->a, &t, d, w->source, NULL, 0, &err), err);
    CHECK(text_string(&t));
    prove(w, &t, &answer);
    CHECK_S(answer.text, "");
    CHECK(answer.proven);
    CHECK_U(answer.taint, taint);
    CHECK_U(answer.claimed_n, 0);
    for (size_t i = 0; i < answer.blocks_n; i++)
        check_lie(w, &t, "\"header\": \"", i);
    for (size_t i = 0; i < answer.transactions_n; i++)
        check_lie(w, &t, "\"raw\": \"", i);
    prove(w, &t, &answer);
    CHECK(answer.proven);
    text_free(&t);
}

/* V's 50 pay 30 to A and 15 into Sapling, fee 5. A's 30 and 10 out of Sapling pay B 38, fee 2; then
 * B's 38 pay 20 to C and 11 into Orchard, fee 7, while 3 come out of Sprout for D without anybody
 * transparent in it. */
static void zcash(void **state)
{
    struct world w = {.chain = chain_by_name("zcash:regtest"), .tip = {{9}}};
    struct test_random r = {5};
    struct hash32 id[8];
    struct coin_tx t1 = {.version = 4,
                         .spends_n = 1,
                         .pays_n = 1,
                         .pays = {{30, NULL, 'A'}},
                         .balance = {0, -15, 0},
                         .parts = {0, 1, 0}},
                   t2 = {.version = 5,
                         .spends_n = 1,
                         .pays_n = 1,
                         .pays = {{38, NULL, 'B'}},
                         .balance = {0, 10, 0},
                         .parts = {0, 2, 0}},
                   t3 = {.version = 5,
                         .spends_n = 1,
                         .pays_n = 1,
                         .pays = {{20, NULL, 'C'}},
                         .balance = {0, 0, -11},
                         .parts = {0, 0, 2}},
                   t4 = {.version = 2,
                         .pays_n = 1,
                         .pays = {{3, NULL, 'D'}},
                         .balance = {3, 0, 0},
                         .parts = {1, 0, 0}};
    struct trace_doc d;

    for (uint32_t height = 1; height <= 4; height++) {
        struct make cb = {.n = 0}, tx[2] = {{.n = 0}}, block = {.n = 0};
        const struct make *txs[] = {&cb, &tx[0], &tx[1]};
        struct coin_tx m = miner(height, height == 1 ? 'V' : 'M');
        struct hash32 ids[3] = {coin_tx_zcash(&cb, &m, &r)}, hash;
        size_t n = height == 1 ? 1 : height == 4 ? 3 : 2;

        if (height == 1)
            id[0] = ids[0];
        if (height == 2) {
            t1.spends[0].txid = id[0];
            ids[1] = id[1] = coin_tx_zcash(&tx[0], &t1, &r);
        } else if (height == 3) {
            t2.spends[0].txid = id[1];
            ids[1] = id[2] = coin_tx_zcash(&tx[0], &t2, &r);
        } else if (height == 4) {
            t3.spends[0].txid = id[2];
            ids[1] = id[3] = coin_tx_zcash(&tx[0], &t3, &r);
            ids[2] = id[4] = coin_tx_zcash(&tx[1], &t4, &r);
        }
        hash = coin_block_zcash(&block, &w.tip, txs, ids, n);
        world_add(&w, &block, hash);
    }
    world_open(&w);
    CHECK_U(ledger_counts(w.l).outside, 2); /* what came out of pools */
    CHECK_U(ledger_block(w.l, 3).height, 4);
    CHECK_S(
        ledger_input_pool(w.l, coins_inputs(ledger_coins(w.l), ledger_find_tx(w.l, &id[4])).first),
        "pool:sprout");
    /* line of t2: 30 tainted, 10 clean; B's 38 are 30 and 8. Line of t3: 30 tainted, 8 clean. */
    d = follow(&w, id[0], TRACE_FIFO);
    check_reached(&w, &d, id[1], 1, 15, "sapling");
    check_reached(&w, &d, id[3], 0, 20, "");
    check_reached(&w, &d, id[3], 1, 10, "orchard");
    check_reached(&w, &d, id[4], 0, 0, "");
    check_totals(&d, 20, 25, 5);
    check_evidence(&w, &d, 45);

    /* Of 40 30 are tainted: 38 have 28.5 of them and the fee 1.5, and the tie goes to the output.
     * Of 38 29: 20 have 15.26, 11 have 8.39, the fee of 7 has 5.34: 15, 9 and 5. */
    d = follow(&w, id[0], TRACE_HAIRCUT);
    check_reached(&w, &d, id[2], 0, 29, "");
    check_reached(&w, &d, id[3], 0, 15, "");
    check_reached(&w, &d, id[3], 1, 9, "orchard");
    check_totals(&d, 15, 24, 11);
    check_evidence(&w, &d, 39);
    d = follow(&w, id[0], TRACE_POISON);
    check_reached(&w, &d, id[3], 1, 11, "orchard");
    world_close(&w);
}

static bool is_pool(void *ctx, uint64_t output)
{
    const struct ledger *l = ctx;
    uint8_t form[SCRIPT_FORM_MAX];
    char address[ADDRESS_BYTES_MAX];
    struct bytes script;

    return ledger_script(l, ledger_script_of(l, output), form, &script) &&
           address_of_script(ledger_chain(l), script, address) && !strncmp(address, "pool:", 5);
}

static bool from_pool(void *ctx, uint64_t input)
{
    return ledger_input_pool(ctx, input) != NULL;
}

static struct trace_sources back(struct world *w, struct hash32 txid, uint32_t vout)
{
    uint64_t at = output(w, txid, vout);
    struct trace_target target = {.outputs = &at,
                                  .outputs_n = 1,
                                  .policy = TRACE_FIFO,
                                  .hops_max = TRACE_HOPS_NONE,
                                  .pool_output = is_pool,
                                  .pool_input = from_pool,
                                  .pool_ctx = w->l};
    struct trace_sources found;
    struct err err;

    CHECK_OK(trace_backward(w->a, ledger_coins(w->l), &target, &found, &err), err);
    return found;
}

#define PEGIN                                                                                      \
    "5920"                                                                                         \
    "0707070707070707070707070707070707070707070707070707070707070707"
#define HOGADDR                                                                                    \
    "5820"                                                                                         \
    "0808080808080808080808080808080808080808080808080808080808080808"

/* V pegs in 20 of 50 and pays 29 to A, fee 1; the HogEx of that block gathers 20. In the next one
 * it pays 7 of them to B, keeps 12, and 1 is the miner's. */
static void litecoin(void **state)
{
    struct world w = {.chain = chain_by_name("litecoin:regtest"), .tip = {{9}}};
    struct coin_tx
        t1 = {.version = 2, .spends_n = 1, .pays_n = 2, .pays = {{20, PEGIN, 0}, {29, NULL, 'A'}}},
        h1 = {.version = 2, .hogex = true, .spends_n = 1, .pays_n = 1, .pays = {{20, HOGADDR, 0}}},
        h2 = {.version = 2,
              .hogex = true,
              .spends_n = 1,
              .pays_n = 2,
              .pays = {{12, HOGADDR, 0}, {7, NULL, 'B'}}};
    struct hash32 v, id1, hog1, hog2;
    struct trace_sources from;
    struct trace_doc d;

    for (uint32_t height = 1; height <= 3; height++) {
        struct make cb = {.n = 0}, tx = {.n = 0}, hog = {.n = 0}, block = {.n = 0};
        struct coin_tx m = miner(height, height == 1 ? 'V' : 'M');
        const struct make *txs[] = {&cb, height == 2 ? &tx : &hog, &hog};
        struct hash32 ids[3] = {coin_tx_bitcoin(&cb, &m)}, hash;

        if (height == 1) {
            v = ids[0];
        } else if (height == 2) {
            t1.spends[0].txid = v;
            ids[1] = id1 = coin_tx_bitcoin(&tx, &t1);
            h1.spends[0].txid = id1;
            ids[2] = hog1 = coin_tx_bitcoin(&hog, &h1);
        } else {
            h2.spends[0].txid = hog1;
            ids[1] = hog2 = coin_tx_bitcoin(&hog, &h2);
        }
        hash = coin_block_litecoin(&block, &w.tip, txs, ids,
                                   height == 1   ? 1
                                   : height == 2 ? 3
                                                 : 2,
                                   height == 2 ? "00" : NULL);
        world_add(&w, &block, hash);
    }
    world_open(&w);
    d = follow(&w, v, TRACE_FIFO);
    check_reached(&w, &d, id1, 0, 20, "mweb");
    check_reached(&w, &d, id1, 1, 29, "");
    check_reached(&w, &d, hog1, 0, 0, "");
    check_reached(&w, &d, hog2, 1, 0, "");
    check_totals(&d, 29, 20, 1);
    check_evidence(&w, &d, 49);

    from = back(&w, hog2, 1); /* B's 7 are of the pool, which is everybody's */
    CHECK_U(from.totals.target, 7);
    CHECK_U(from.totals.pool, 7);
    CHECK_U(from.totals.coinbase, 0);
    CHECK_U(from.sources_n, 2);
    CHECK_S(trace_source_end_name(from.sources[0].end), "pool");
    CHECK(from.sources[0].output == output(&w, hog1, 0));
    from = back(&w, id1, 1);
    CHECK_U(from.totals.coinbase, 29);
    world_close(&w);
}

/* Two blocks mined with a parent, one alone: V's 50 pay 49 to A, who pays 48 to B. */
static void dogecoin(void **state)
{
    struct world w = {.chain = chain_by_name("dogecoin:regtest"), .tip = {{9}}};
    struct coin_tx t1 = {.version = 1, .spends_n = 1, .pays_n = 1, .pays = {{49, NULL, 'A'}}},
                   t2 = {.version = 1, .spends_n = 1, .pays_n = 1, .pays = {{48, NULL, 'B'}}};
    struct hash32 v, id1, id2;
    struct trace_doc d;

    for (uint32_t height = 1; height <= 3; height++) {
        struct make cb = {.n = 0}, tx = {.n = 0}, block = {.n = 0};
        struct coin_tx m = miner(height, height == 1 ? 'V' : 'M');
        const struct make *txs[] = {&cb, &tx};
        struct hash32 ids[2] = {coin_tx_bitcoin(&cb, &m)}, hash;

        if (height == 1) {
            v = ids[0];
        } else if (height == 2) {
            t1.spends[0].txid = v;
            ids[1] = id1 = coin_tx_bitcoin(&tx, &t1);
        } else {
            t2.spends[0].txid = id1;
            ids[1] = id2 = coin_tx_bitcoin(&tx, &t2);
        }
        hash = coin_block_dogecoin(
            &block, &w.tip, txs, ids, height == 1 ? 1 : 2,
            height == 1 ? NULL : &(struct coin_aux){.chains = height, .coinbase = 1});
        world_add(&w, &block, hash);
    }
    world_open(&w);
    d = follow(&w, v, TRACE_FIFO);
    check_reached(&w, &d, id2, 0, 48, "");
    check_totals(&d, 48, 0, 2);
    check_evidence(&w, &d, 48);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zcash),
        cmocka_unit_test(litecoin),
        cmocka_unit_test(dogecoin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
