/* What a node's blocks say by JSON-RPC, as lines: rpc-blocks CHAIN URL FROM [TO [BATCH]].
 *
 * The first line is what was found out about the node; then each block, and each transfer of it as
 * "ID FROM TO ASSET AMOUNT CREDIT", so that a test in another language can compare. An error is the
 * last line, and exit 1. */
#include "base/text.h"
#include "chain/account_name.h"
#include "serve/rpc_source.h"

#include <stdio.h>
#include <stdlib.h>

static void name(const struct chain *chain, struct bytes key)
{
    char text[ACCOUNT_NAME_MAX];

    account_name(chain, key, text);
    printf(" %s", text[0] ? text : "-");
}

static void hash(struct hash32 h)
{
    for (int i = 0; i < 32; i++)
        printf("%02x", h.b[i]);
}

static void transfer(const struct chain *chain, const struct fact_tx *tx,
                     const struct fact_transfer *t)
{
    char amount[U256_TEXT_MAX], credit[U256_TEXT_MAX];

    u256_to_text(t->amount, amount);
    u256_to_text(t->credit, credit);
    hash(tx->hash);
    printf(":%c", t->kind);
    if (t->kind == TRANSFER_INTERNAL)
        for (size_t i = 0; i + 4 <= t->path.n; i += 4)
            printf("%s%u", i ? "_" : "", load_le32(t->path.p + i));
    else if (t->position || (t->kind != TRANSFER_VALUE && t->kind != TRANSFER_FEE))
        printf("%u", t->position);
    name(chain, t->from);
    name(chain, t->to);
    name(chain, t->asset);
    printf(" %s %s\n", amount, credit);
}

int main(int argc, char **argv)
{
    static const char *const traces[] = {"none", "debug", "block"};
    const struct chain *chain = argc > 3 ? chain_by_name(argv[1]) : NULL;
    struct rpc_source_options o = {.client = {.tries = 3, .pause_ms = 5},
                                   .from = argc > 3 ? strtoull(argv[3], NULL, 10) : 0,
                                   .to = argc > 4 && argv[4][0] ? strtoull(argv[4], NULL, 10)
                                                                : RPC_TO_TIP,
                                   .batch = argc > 5 ? (unsigned)atoi(argv[5]) : 0};
    struct transfer_source s;
    struct transfer_block b;
    struct rpc_node node;
    struct err err;
    bool end = false;

    if (!chain)
        return 2;
    if (!rpc_source_open(argv[2], chain, o, &s, &err)) {
        printf("error %s: %s\n", err_class_name(err.class), err.text);
        return 1;
    }
    node = rpc_source_node(&s);
    printf("node %llu %s %s %s %s\n", (unsigned long long)node.chain_id,
           node.batches ? "batches" : "single", node.block_receipts ? "receipts" : "each",
           traces[node.traces], node.client);
    while (s.next(s.self, &b, &end, &err) && !end) {
        printf("block %u ", b.height);
        hash(b.hash);
        printf(" ");
        hash(b.prev);
        printf(" %llu %s\n", (unsigned long long)b.time, b.internals ? "whole" : "outer");
        for (size_t i = 0; i < b.txs_n; i++)
            for (size_t k = 0; k < b.txs[i].transfers_n; k++)
                transfer(chain, &b.txs[i], &b.txs[i].transfers[k]);
    }
    s.free(s.self);
    if (end)
        return 0;
    printf("error %s: %s\n", err_class_name(err.class), err.text);
    return 1;
}
