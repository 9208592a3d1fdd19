/* Following a chain block by block: from a block that a node has to the updated trace.
 *
 *     bench_follow CHAIN URL LEDGER [BLOCKS]
 *
 * The node is one that mines a block for each transaction and has unlocked accounts (anvil). A
 * payment is marked as stolen, and moved on, a block each time. The clock starts when the node has
 * taken the transaction, so that its mining counts, too; then the block is seen and read by
 * JSON-RPC with receipts and traces, committed to the ledger (made anew), and the case traced over
 * the whole of it. Prints one JSON line: medians and the 95th of 100, in milliseconds. */
#include "ledger/account_writer.h"
#include "serve/rpc_source.h"
#include "trace/ledgers_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BLOCKS 200u
#define BLOCKS_MAX 100000u
#define ACCOUNTS 8u
#define ARENA_BYTES ((size_t)1 << 30)
#define MEMORY_BYTES ((uint64_t)256 << 20)

enum part { PART_READ, PART_COMMIT, PART_TRACE, PART_ALL, PARTS_N };
static const char *const part_names[] = {"read", "commit", "trace", "all"};

struct follow {
    struct rpc_client *client;
    struct transfer_source source;
    struct account_ledger_writer *writer;
    const char *dir;
    char accounts[ACCOUNTS][43];
    struct arena *a; /* of the case */
    struct case_file case_;
    double *ms[PARTS_N];
    size_t moves;
};

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The result of a question, as a tree in the arena. */
static bool ask(struct follow *f, struct arena *a, const char *method, const char *params,
                const struct json **ret, struct err *err)
{
    const struct json *tree;
    struct bytes answer;
    char body[1024];
    unsigned ticket;
    bool good;

    snprintf(body, sizeof(body), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":[%s]}",
             method, params);
    if (!rpc_send(f->client, body, strlen(body), &ticket, err) ||
        !rpc_wait(f->client, ticket, &answer, err))
        return false;
    good = json_read(a, (const char *)answer.p, answer.n, &tree, err);
    rpc_done(f->client, ticket);
    if (!good)
        return false;
    *ret = json_get(tree, "result");
    return *ret ? true : err_fail(err, ERR_SYSTEM, "%s: no result", method);
}

static bool pay(struct follow *f, struct arena *a, unsigned from, unsigned to, const char *value,
                const char **ret_hash, struct err *err)
{
    const struct json *hash;
    char params[400];

    snprintf(params, sizeof(params),
             "{\"from\":\"%s\",\"to\":\"%s\",\"value\":\"%s\",\"gas\":\"0x5208\"}",
             f->accounts[from], f->accounts[to], value);
    return ask(f, a, "eth_sendTransaction", params, &hash, err) &&
           json_text(hash, "hash", ret_hash, err);
}

/* What the node has, and has not been taken yet, into the ledger. *ret_read: when it was there. */
static bool take(struct follow *f, bool wanted, double *ret_read, struct err *err)
{
    struct transfer_block b;
    bool end = false, any = false;

    for (;;) {
        if (!f->source.next(f->source.self, &b, &end, err))
            return false;
        if (end && (any || !wanted))
            return account_ledger_finish(f->writer, err);
        if (end)
            continue;
        *ret_read = now_ms();
        any = true;
        if (!account_ledger_take(f->writer, &b, err))
            return false;
        if (wanted) /* the one waited for: no look for another */
            return account_ledger_finish(f->writer, err);
    }
}

static bool trace(struct follow *f, struct err *err)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct account_ledger *l = NULL;
    struct trace_ledger ledger;
    struct ledgers_doc d;
    bool good;

    if (!a)
        return err_fail(err, ERR_NOMEM, "a trace");
    good = account_ledger_open(f->dir, &l, err);
    if (good) {
        ledger = (struct trace_ledger){NULL, l};
        good = ledgers_run(a, &ledger, 1, NULL, &f->case_, 1, NULL, 0, &d, err);
        f->moves = good && d.parts[0].accounts ? d.parts[0].accounts->trace->moves_n : 0;
    }
    account_ledger_close(l);
    arena_free(a);
    return good;
}

static bool one(struct follow *f, size_t i, struct err *err)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    double start, read = 0, committed, traced;
    const char *hash;
    bool good;

    if (!a)
        return err_fail(err, ERR_NOMEM, "a block");
    good = pay(f, a, 1 + i % (ACCOUNTS - 2), 2 + i % (ACCOUNTS - 2), "0x38d7ea4c68000", &hash, err);
    start = now_ms();
    good = good && take(f, true, &read, err);
    committed = now_ms();
    good = good && trace(f, err);
    traced = now_ms();
    f->ms[PART_READ][i] = read - start;
    f->ms[PART_COMMIT][i] = committed - read;
    f->ms[PART_TRACE][i] = traced - committed;
    f->ms[PART_ALL][i] = traced - start;
    arena_free(a);
    return good;
}

static bool begin(struct follow *f, const struct chain *chain, const char *url, struct err *err)
{
    struct rpc_source_options o = {.to = RPC_TO_TIP};
    struct ledger_options ledger = {.memory = MEMORY_BYTES};
    const struct json *accounts, *account;
    const char *text, *hash;
    char json[512];
    double read;

    if (!ask(f, f->a, "eth_accounts", "", &accounts, err))
        return false;
    account = accounts->child;
    for (unsigned i = 0; i < ACCOUNTS; i++, account = account->next) {
        if (!account || !json_text(account, "account", &text, err))
            return err_fail(err, ERR_INPUT, "the node has fewer than %u accounts", ACCOUNTS);
        snprintf(f->accounts[i], sizeof(f->accounts[i]), "%.42s", text);
    }
    if (!pay(f, f->a, 0, 1, "0xde0b6b3a7640000", &hash, err))
        return false;
    snprintf(json, sizeof(json), "{\"chain\":\"%s\",\"origins\":[{\"transfer\":\"%s:v\"}]}",
             chain->name, hash);
    return case_read(f->a, (struct bytes){(const uint8_t *)json, strlen(json)}, &f->case_, err) &&
           account_ledger_writer_open(f->dir, chain, ledger, &f->writer, err) &&
           rpc_source_open(url, chain, o, &f->source, err) && take(f, false, &read, err);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void tell(struct follow *f, size_t n)
{
    printf("{\"bench\":\"follow\",\"blocks\":%zu,\"moves\":%zu", n, f->moves);
    for (int i = 0; i < PARTS_N; i++) {
        qsort(f->ms[i], n, sizeof(double), by_size);
        printf(",\"%s_ms\":%.2f,\"%s_ms_95\":%.2f", part_names[i], f->ms[i][n / 2], part_names[i],
               f->ms[i][n * 95 / 100]);
    }
    printf("}\n");
}

int main(int argc, char **argv)
{
    const struct chain *chain = argc > 3 ? chain_by_name(argv[1]) : NULL;
    size_t n = argc > 4 ? strtoul(argv[4], NULL, 10) : BLOCKS;
    struct follow f = {.dir = argc > 3 ? argv[3] : "", .a = arena_new(NULL, ARENA_BYTES)};
    struct err err;
    bool good;

    if (!chain || !n || n > BLOCKS_MAX || !f.a) {
        fprintf(stderr, "usage: bench_follow CHAIN URL LEDGER [BLOCKS]\n");
        return 2;
    }
    for (int i = 0; i < PARTS_N; i++)
        f.ms[i] = calloc(n, sizeof(double));
    good = rpc_client_open(argv[2], (struct rpc_options){0}, &f.client, &err) &&
           begin(&f, chain, argv[2], &err);
    for (size_t i = 0; good && i < n; i++)
        good = one(&f, i, &err);
    if (good)
        tell(&f, n);
    else
        fprintf(stderr, "bench_follow: %s\n", err.text);
    if (f.source.self)
        f.source.free(f.source.self);
    account_ledger_writer_close(f.writer);
    rpc_client_close(f.client);
    for (int i = 0; i < PARTS_N; i++)
        free(f.ms[i]);
    arena_free(f.a);
    return !good;
}
