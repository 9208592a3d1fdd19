/* Reading EVM blocks on one core: from bytes to facts.
 *
 *     bench_evm [FILE...]
 *
 * Prints a JSON line a figure, of processor time, the best of five runs. First what it stands on:
 * Keccak-256, signatures, the tokens of JSON. Then a node's answers about one made-up block of 200
 * transactions with receipts of three logs each and their blooms, and frames of five calls: each
 * answer alone (with the block, without which there is none), and all to facts. FILEs (as cordon
 * ingest takes them) are read to their facts as a source. */
#include "bench.h"

#include "base/json_walk.h"
#include "base/keccak.h"
#include "chain/evm/rpc.h"
#include "chain/evm/source.h"

#include <stdio.h>
#include <stdlib.h>

enum { RUNS = 5, TXS = 200, LOGS = 3, TIMES = 40 };

static void figure(const char *name, double bytes, double seconds)
{
    printf("{\"bench\":\"%s\",\"mb\":%.1f,\"mb_s\":%.0f}\n", name, bytes / 1e6,
           bytes / 1e6 / seconds);
}

/* Limits */

static void hash_much(void *ctx)
{
    static uint8_t message[1 << 20];

    for (int i = 0; i < 16; i++)
        message[0] ^= keccak256(message, sizeof(message)).b[0];
}

/* EIP-155's example, over and over. */
static void recover_many(void *ctx)
{
    static const char hex[] =
        "f86c098504a817c800825208943535353535353535353535353535353535353535880d"
        "e0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1"
        "590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1"
        "966a3b6d83";
    uint8_t wire[(sizeof(hex) - 1) / 2];
    struct rlp_out scratch = {0};
    struct evm_tx t;
    struct err err;

    if (!hex_decode(hex, sizeof(hex) - 1, wire, sizeof(wire)))
        fail("no hex");
    for (int i = 0; i < 1000; i++)
        if (!evm_tx_read(chain_by_name("ethereum"), (struct bytes){wire, sizeof(wire)}, &scratch,
                         &t, &err))
            fail(err.text);
    rlp_out_free(&scratch);
}

/* Answers */

static void put_hex(struct text *t, unsigned seed, unsigned bytes)
{
    text_str(t, "0x");
    for (unsigned i = 0; i < bytes; i++)
        text_printf(t, "%02x", (seed * 2654435761u + i * 40503u) >> 16 & 0xff);
}

static void put_member(struct text *t, const char *name, unsigned seed, unsigned bytes)
{
    text_printf(t, "\"%s\":\"", name);
    put_hex(t, seed, bytes);
    text_str(t, "\",");
}

static void make_block(struct text *t)
{
    text_str(t,
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"baseFeePerGas\":\"0x1\",\"difficulty\":"
             "\"0x0\",");
    put_member(t, "hash", 1, 32);
    put_member(t, "parentHash", 2, 32);
    put_member(t, "miner", 3, 20);
    put_member(t, "logsBloom", 4, 256);
    text_str(t, "\"number\":\"0x1312d00\",\"timestamp\":\"0x665ba27f\",\"transactions\":[");
    for (unsigned i = 0; i < TXS; i++) {
        text_str(t, i ? ",{" : "{");
        put_member(t, "blockHash", 1, 32);
        text_str(t, "\"blockNumber\":\"0x1312d00\",");
        put_member(t, "from", 10000 + i, 20);
        text_str(t, "\"gas\":\"0x30d40\",\"gasPrice\":\"0x5\",\"maxFeePerGas\":\"0x9\","
                    "\"maxPriorityFeePerGas\":\"0x4\",");
        put_member(t, "hash", 20000 + i, 32);
        put_member(t, "input", i, i % 3 ? 4 + 32 * (i % 24) : 0);
        text_printf(t, "\"nonce\":\"0x%x\",", i);
        put_member(t, "to", 30000 + i, 20);
        text_printf(t,
                    "\"transactionIndex\":\"0x%x\",\"value\":\"0x%x\",\"type\":\"0x2\","
                    "\"accessList\":[],\"chainId\":\"0x1\",\"v\":\"0x0\",",
                    i, i * 7919);
        put_member(t, "r", 40000 + i, 32);
        put_member(t, "s", 50000 + i, 32);
        text_str(t, "\"yParity\":\"0x0\"}");
    }
    text_str(t, "],\"uncles\":[],\"withdrawals\":[]}}");
}

static void put_log(struct text *t, unsigned i, unsigned k)
{
    text_str(t, k ? ",{" : "{");
    put_member(t, "address", 60000 + k, 20);
    text_str(t, "\"topics\":["
                "\"0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef\","
                "\"0x000000000000000000000000a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\",\""
                "0x000000000000000000000000b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1\"],\"data\":\""
                "0x000000000000000000000000000000000000000000000000000000000000002a\",");
    text_str(t, "\"blockNumber\":\"0x1312d00\",");
    put_member(t, "transactionHash", 20000 + i, 32);
    text_printf(t, "\"transactionIndex\":\"0x%x\",", i);
    put_member(t, "blockHash", 1, 32);
    text_printf(t, "\"logIndex\":\"0x%x\",\"removed\":false}", i * LOGS + k);
}

static void make_receipts(struct text *t)
{
    text_str(t, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[");
    for (unsigned i = 0; i < TXS; i++) {
        text_str(t, i ? ",{" : "{");
        put_member(t, "blockHash", 1, 32);
        text_printf(t,
                    "\"blockNumber\":\"0x1312d00\",\"contractAddress\":null,"
                    "\"cumulativeGasUsed\":\"0x%x\",\"effectiveGasPrice\":\"0x5\",",
                    (i + 1) * 50000);
        put_member(t, "from", 10000 + i, 20);
        text_printf(t, "\"gasUsed\":\"0x%x\",\"logs\":[", 50000);
        for (unsigned k = 0; k < LOGS; k++)
            put_log(t, i, k);
        text_str(t, "],");
        put_member(t, "logsBloom", i, 256);
        text_str(t, "\"status\":\"0x1\",");
        put_member(t, "to", 30000 + i, 20);
        put_member(t, "transactionHash", 20000 + i, 32);
        text_printf(t, "\"transactionIndex\":\"0x%x\",\"type\":\"0x2\"}", i);
    }
    text_str(t, "]}");
}

static void put_frame(struct text *t, unsigned from, unsigned to, unsigned value, unsigned calls)
{
    text_str(t, "{");
    put_member(t, "from", from, 20);
    text_str(t, "\"gas\":\"0x30d40\",\"gasUsed\":\"0x5208\",");
    put_member(t, "to", to, 20);
    put_member(t, "input", to, 68);
    put_member(t, "output", to, 32);
    if (calls)
        text_str(t, "\"calls\":[");
    for (unsigned i = 0; i < calls; i++) {
        if (i)
            text_str(t, ",");
        put_frame(t, to, to + i + 1, i, 0);
    }
    text_printf(t, "%s\"value\":\"0x%x\",\"type\":\"CALL\"}", calls ? "]," : "", value);
}

static void make_calls(struct text *t)
{
    text_str(t, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[");
    for (unsigned i = 0; i < TXS; i++) {
        text_str(t, i ? ",{" : "{");
        put_member(t, "txHash", 20000 + i, 32);
        text_str(t, "\"result\":");
        put_frame(t, 10000 + i, 30000 + i, i * 7919, 5);
        text_str(t, "}");
    }
    text_str(t, "]}");
}

struct answers {
    struct text block, receipts, calls;
    struct evm_rpc *rpc;
    bool with_receipts, with_calls;
    size_t transfers_n;
};

static struct bytes bytes_of(const struct text *t)
{
    return (struct bytes){(const uint8_t *)t->p, t->n};
}

static void read_answers(void *ctx)
{
    struct answers *a = ctx;
    struct transfer_block f;
    struct err err;

    for (int i = 0; i < TIMES; i++) {
        if (!evm_rpc_start(a->rpc, 0x1312d00, &err) ||
            !evm_rpc_answer(a->rpc, EVM_BLOCK_BY_NUMBER, bytes_of(&a->block), &err))
            fail(err.text);
        if (a->with_receipts &&
            !evm_rpc_answer(a->rpc, EVM_BLOCK_RECEIPTS, bytes_of(&a->receipts), &err))
            fail(err.text);
        if (a->with_calls && !evm_rpc_answer(a->rpc, EVM_DEBUG_TRACE, bytes_of(&a->calls), &err))
            fail(err.text);
        if (a->with_receipts && !evm_rpc_facts(a->rpc, &f, &err))
            fail(err.text);
        for (size_t t = 0; a->with_receipts && t < f.txs_n; t++)
            a->transfers_n += f.txs[t].transfers_n;
    }
}

static void find_tokens(void *ctx)
{
    struct answers *a = ctx;
    struct json_walk w;
    struct err err;

    for (int i = 0; i < TIMES; i++) {
        if (!json_walk_open(&w, a->receipts.p, a->receipts.n, &err))
            fail(err.text);
        json_walk_close(&w);
    }
}

static void walk_all(void *ctx)
{
    struct answers *a = ctx;
    struct json_walk w;
    struct err err;

    for (int i = 0; i < TIMES; i++) {
        if (!json_walk_open(&w, a->receipts.p, a->receipts.n, &err))
            fail(err.text);
        json_walk_skip(&w);
        if (!json_walk_end(&w))
            fail(err.text);
        json_walk_close(&w);
    }
}

static void answers(void)
{
    struct answers a = {.block = text_new(1 << 24),
                        .receipts = text_new(1 << 24),
                        .calls = text_new(1 << 24),
                        .rpc = evm_rpc_new(chain_by_name("ethereum"))};
    double block, receipts;

    make_block(&a.block);
    make_receipts(&a.receipts);
    make_calls(&a.calls);
    if (!a.rpc || a.block.bad || a.receipts.bad || a.calls.bad)
        fail("no memory");
    block = (double)a.block.n * TIMES;
    receipts = (double)a.receipts.n * TIMES;
    figure("json_tokens", receipts, best_of(find_tokens, &a, RUNS));
    figure("json_walk", receipts, best_of(walk_all, &a, RUNS));
    figure("rpc_block", block, best_of(read_answers, &a, RUNS));
    a.with_receipts = true;
    figure("rpc_block_receipts_to_facts", block + receipts, best_of(read_answers, &a, RUNS));
    a.with_calls = true;
    figure("rpc_block_receipts_calls_to_facts", block + receipts + (double)a.calls.n * TIMES,
           best_of(read_answers, &a, RUNS));
    evm_rpc_free(a.rpc);
    text_free(&a.block);
    text_free(&a.receipts);
    text_free(&a.calls);
}

/* Files */

static void file(const char *path)
{
    struct transfer_source s;
    struct transfer_block f;
    size_t blocks = 0, txs = 0;
    bool end = false;
    double start = cpu_of_thread();
    struct err err;

    if (!evm_blocks_open(chain_by_name("ethereum"), &path, 1, &s, &err))
        fail(err.text);
    for (;; blocks++) {
        if (!s.next(s.self, &f, &end, &err))
            fail(err.text);
        if (end)
            break;
        txs += f.txs_n;
    }
    s.free(s.self);
    printf("{\"bench\":\"file\",\"blocks\":%zu,\"txs\":%zu,\"ms\":%.1f}\n", blocks, txs,
           (cpu_of_thread() - start) * 1e3);
}

int main(int argc, char **argv)
{
    double took = best_of(recover_many, NULL, RUNS);

    figure("keccak256", 16 << 20, best_of(hash_much, NULL, RUNS));
    printf("{\"bench\":\"signature\",\"per_s\":%.0f}\n", 1000 / took);
    answers();
    for (int i = 1; i < argc; i++)
        file(argv[i]);
    return 0;
}
