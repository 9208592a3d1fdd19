/* Blocks of Solana on one core: from JSON to facts, and on into a ledger.
 *
 *     bench_solana FOLDER FILE...
 *
 * FILEs are answers to getTransaction in encoding json, a line each. Blocks of 2,000 transactions
 * are made of them, each with a signature of its own: three of five are votes, as on mainnet, the
 * others the answers in turn, logs and all. Prints a JSON line a figure, of processor time, the
 * best of five runs: milliseconds a block. The ledger is made in FOLDER, which must not be there.
 * Last, of the answers as they are: what it costs to find out who signed one. */
#include "bench.h"

#include "base/text.h"
#include "base/mem.h"
#include "chain/bitcoin/base58.h"
#include "chain/solana/block.h"
#include "chain/solana/message.h"
#include "ledger/account_writer.h"

#include <stdio.h>
#include <stdlib.h>

enum { RUNS = 5, TXS = 2000, BLOCKS = 40, ANSWERS_MAX = 4096 };

/* An answer's result without the signature: what stands before and behind it. */
static struct cut {
    char *line; /* that it lies in */
    const char *head, *tail;
    size_t head_n, tail_n;
} answers[ANSWERS_MAX];
static size_t answers_n;
static bool answers_signed;

/* The answer points into the line, which it keeps. */
static bool cut(char *line, size_t n)
{
    const char *result = strstr(line, "\"result\":"), *mark = strstr(line, "\"signatures\":[\"");
    const char *first = mark ? mark + strlen("\"signatures\":[\"") : NULL;

    if (!result || !mark || answers_n == ANSWERS_MAX)
        return false;
    result += strlen("\"result\":");
    answers[answers_n].line = line;
    answers[answers_n].head = result;
    answers[answers_n].head_n = (size_t)(first - result);
    answers[answers_n].tail = strchr(first, '"');
    answers[answers_n].tail_n = (size_t)(line + n - answers[answers_n].tail);
    while (answers[answers_n].tail[answers[answers_n].tail_n - 1] != '}')
        answers[answers_n].tail_n--;
    /* the answer's own object ends behind the result: "},"id":1}" */
    for (size_t depth = 0, i = 0; i < (size_t)(line + n - result); i++) {
        bool quoted = result[i] == '"';

        if (quoted)
            while (result[++i] != '"')
                i += result[i] == '\\';
        depth += result[i] == '{';
        depth -= result[i] == '}';
        if (!depth && result[i] == '}') {
            answers[answers_n].tail_n = (size_t)(result + i + 1 - answers[answers_n].tail);
            break;
        }
    }
    answers_n++;
    return true;
}

static void file_read(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *line = NULL;
    size_t size = 0;
    ssize_t n;

    if (!f)
        fail(path);
    while ((n = getline(&line, &size, f)) > 0) {
        char *kept = strdup(line);

        if (!kept || !cut(kept, (size_t)n))
            free(kept);
    }
    free(line);
    fclose(f);
}

static void put_signature(struct text *t, unsigned n)
{
    uint8_t raw[SOLANA_SIGNATURE_BYTES];
    char text[BASE58_TEXT_MAX];

    for (unsigned i = 0; i < sizeof(raw); i++)
        raw[i] = (uint8_t)((n * 2654435761u + i * 40503u) >> 13);
    store_le32(raw + 32, n);
    base58_write((struct bytes){raw, sizeof(raw)}, text);
    text_str(t, text);
}

static void put_vote(struct text *t, unsigned n)
{
    text_str(t,
             "{\"meta\":{\"computeUnitsConsumed\":2100,\"err\":null,\"fee\":5000,"
             "\"innerInstructions\":[],\"loadedAddresses\":{\"readonly\":[],\"writable\":[]},"
             "\"logMessages\":[\"Program Vote111111111111111111111111111111111111111 invoke "
             "[1]\",\"Program Vote111111111111111111111111111111111111111 success\"],"
             "\"postBalances\":[64706311963,15886107809,1],\"postTokenBalances\":[],"
             "\"preBalances\":[64706316963,15886107809,1],\"preTokenBalances\":[],"
             "\"rewards\":[],\"status\":{\"Ok\":null}},\"transaction\":{\"message\":{"
             "\"accountKeys\":[\"7PwCuKPmGF3ZqWHgn8zXPtsWJ7Ud2q1DFggRkzctwJnJ\","
             "\"B2pPLcxHFAkrYYAEMMkpUb4QtSR46FJ5u6bYWapwW9Fj\","
             "\"Vote111111111111111111111111111111111111111\"],\"header\":{"
             "\"numReadonlySignedAccounts\":0,\"numReadonlyUnsignedAccounts\":1,"
             "\"numRequiredSignatures\":1},\"instructions\":[{\"accounts\":[1,0],\"data\":"
             "\"67MGnQyUwoPp6CTmrYYbVhBHcBb4fETNbSrULHvLKeXL1NvbvCnY3yJdtxxwkkHxsBCSPS7MydEYqDpzSC"
             "a1nNGbwACAUCbD8tXbCcb6WkgvfSsuQpTWvcPPr91tEY3iEwXUfK9Pp6ecgUYYvPnaYbMpUwiVb1e\","
             "\"programIdIndex\":2,\"stackHeight\":1}],\"recentBlockhash\":"
             "\"JBtnR68eL5dCC7wwvKueCrL4D5suM3qNbKsunmfGtdxs\"},\"signatures\":[\"");
    put_signature(t, n);
    text_str(t, "\"]},\"version\":\"legacy\"}");
}

static void put_block(struct text *t, unsigned number)
{
    size_t next = 0;

    text_printf(t,
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"blockHeight\":%u,\"blockTime\":%u,"
                "\"blockhash\":\"",
                number, 1700000000 + number);
    for (int parent = 0; parent < 2; parent++) {
        uint8_t raw[32] = {1};
        char text[BASE58_TEXT_MAX];

        store_le32(raw + 4, number - (unsigned)parent);
        base58_write((struct bytes){raw, sizeof(raw)}, text);
        text_printf(t, "%s\"%s", text, parent ? "" : ",\"previousBlockhash\":\"");
    }
    text_printf(t, ",\"parentSlot\":%u,\"transactions\":[", number - 1);
    for (unsigned i = 0; i < TXS; i++) {
        const struct cut *c = &answers[next];

        if (i)
            text_char(t, ',');
        if (i % 5 < 3) {
            put_vote(t, number * TXS + i);
            continue;
        }
        text_put(t, c->head, c->head_n);
        put_signature(t, number * TXS + i);
        text_put(t, c->tail, c->tail_n);
        next = (next + 1) % answers_n;
    }
    text_str(t, "]}}");
}

static double to_facts(const struct text *blocks, struct account_ledger_writer *w)
{
    struct solana_block *b = solana_block_new();
    struct transfer_block facts;
    double start = cpu();
    struct err err;

    for (unsigned i = 0; i < BLOCKS; i++) {
        struct bytes in = {(const uint8_t *)blocks[i].p, blocks[i].n};

        if (!solana_block_start(b, &err) || !solana_block_answer(b, i + 1, in, &err) ||
            !solana_block_facts(b, &facts, &err) || (w && !account_ledger_take(w, &facts, &err)))
            fail(err.text);
    }
    if (w && !account_ledger_finish(w, &err))
        fail(err.text);
    start = cpu() - start;
    solana_block_free(b);
    return start;
}

static bool tx_signed(struct json_walk *w, void *ctx)
{
    struct solana_packet p;
    struct solana_message m;

    *(size_t *)ctx += 1;
    return solana_packet_write(w, &p) &&
           solana_packet_read((struct bytes){p.at, p.n}, &m, w->err) &&
           (!answers_signed || solana_message_verify(&m, w->err));
}

static double who_signed(size_t *ret_n)
{
    double start = cpu();
    struct err err;

    *ret_n = 0;
    for (size_t i = 0; i < answers_n; i++) {
        struct bytes in = {(const uint8_t *)answers[i].line, strlen(answers[i].line)};

        if (!solana_each_tx(in, tx_signed, ret_n, &err))
            fail(err.text);
    }
    return cpu() - start;
}

static void signed_figure(const char *name)
{
    double best = 1e9, took;
    size_t n = 0;

    for (int i = 0; i < RUNS; i++)
        if ((took = who_signed(&n)) < best)
            best = took;
    printf("{\"bench\":\"%s\",\"us_tx\":%.1f,\"tx\":%zu}\n", name, best / (double)n * 1e6, n);
}

static void figure(const char *name, double seconds)
{
    printf("{\"bench\":\"%s\",\"ms_block\":%.2f,\"tx_s\":%.0f}\n", name, seconds / BLOCKS * 1e3,
           (double)BLOCKS * TXS / seconds);
}

int main(int argc, char **argv)
{
    static struct text blocks[BLOCKS];
    struct ledger_options o = {.memory = (uint64_t)1 << 30, .threads = 1};
    struct account_ledger_writer *w;
    double best = 1e9, took;
    size_t bytes = 0;
    struct err err;

    if (argc < 3)
        fail("a folder for the ledger and files of answers are wanted");
    for (int i = 2; i < argc; i++)
        file_read(argv[i]);
    if (!answers_n)
        fail("no answers");
    for (unsigned i = 0; i < BLOCKS; i++) {
        blocks[i] = text_new((size_t)1 << 28);
        put_block(&blocks[i], i + 1);
        bytes += blocks[i].n;
    }
    printf("{\"bench\":\"block\",\"mb\":%.2f,\"answers\":%zu}\n", (double)bytes / BLOCKS / 1e6,
           answers_n);
    for (int i = 0; i < RUNS; i++)
        if ((took = to_facts(blocks, NULL)) < best)
            best = took;
    figure("json to facts", best);
    if (!account_ledger_writer_open(argv[1], chain_by_name("solana"), o, &w, &err))
        fail(err.text);
    figure("json to ledger", to_facts(blocks, w));
    account_ledger_writer_close(w);
    signed_figure("bytes that were signed");
    answers_signed = true;
    signed_figure("who signed");
    for (unsigned i = 0; i < BLOCKS; i++)
        text_free(&blocks[i]);
    return 0;
}
