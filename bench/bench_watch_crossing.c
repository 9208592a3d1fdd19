/* What a new block costs a case that goes from chain to chain: two ledgers of accounts on disk, a
 * theft that a bridge carries from the one to the other, with many tainted transfers in both, and
 * blocks that come to the one ten times as often as to the other. A part of what they spend is
 * tainted, and now and then more of it crosses. Beside it what tracing the case anew costs, which
 * each turn with new blocks did before. Processor time; prints a JSON line a figure.
 *
 *     bench_watch_crossing FOLDER [TRANSFERS [BLOCKS]] */
#include "bench.h"

#include "base/bytes.h"
#include "ledger/account_writer.h"
#include "watch/crossing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRANSFERS 100000u /* tainted, of both ledgers together */
#define BLOCKS 600u       /* of the fast ledger */
#define SLOW 10u          /* of which each so many one of the slow one comes, too */
#define BLOCK_TXS 1000u
#define CLEAN 20000u /* accounts */
#define CROSSES 100u /* blocks of the slow ledger's time from one bridge to the next */
#define VALUE ((uint64_t)1 << 50)

#define KEY_BYTES 20u
#define BRIDGE 1u /* accounts: what the bridge has, who is stolen from, then all others */
#define VICTIM 2u
#define FIRST 3u

struct side { /* a ledger while it is written */
    struct account_ledger_writer *w;
    struct account_ledger *l;
    uint32_t blocks_n, past_n;
    uint64_t *tainted; /* accounts that hold some; [tainted_n] */
    uint64_t *left;    /* by account */
    uint64_t tainted_n, accounts_n;
    uint8_t tag;
};

struct block { /* in hand */
    struct fact_tx tx[BLOCK_TXS];
    struct fact_transfer transfer[BLOCK_TXS];
    struct fact_event event[BLOCK_TXS];
    uint8_t key[2 * BLOCK_TXS][KEY_BYTES];
    char said[BLOCK_TXS][32];
    size_t n;
};

static struct bytes key_of(uint8_t room[KEY_BYTES], uint64_t account)
{
    memset(room, 0x11, KEY_BYTES);
    store_le64(room, account);
    return (struct bytes){room, KEY_BYTES};
}

/* bridge: 0, or 1 + the number of the crossing that this is a side of. */
static void pay(struct side *s, struct block *b, uint64_t from, uint64_t to, uint64_t amount,
                uint64_t bridge, bool out)
{
    size_t i = b->n++;
    struct fact_tx *tx = &b->tx[i];

    b->transfer[i] = (struct fact_transfer){.kind = TRANSFER_VALUE,
                                            .from = key_of(b->key[2 * i], from),
                                            .to = key_of(b->key[2 * i + 1], to),
                                            .amount = u256_of(amount),
                                            .credit = u256_of(amount)};
    if (!from)
        b->transfer[i].from = (struct bytes){NULL, 0};
    *tx = (struct fact_tx){.transfers = &b->transfer[i], .transfers_n = 1};
    store_le64(tx->hash.b, s->blocks_n);
    store_le64(tx->hash.b + 8, i);
    tx->hash.b[31] = s->tag;
    if (!bridge)
        return;
    snprintf(b->said[i], sizeof(b->said[i]), "crossing:%llu", (unsigned long long)bridge);
    b->event[i] = (struct fact_event){.kind = out ? EVENT_BRIDGE_OUT : EVENT_BRIDGE_IN,
                                      .subject = key_of(b->key[2 * i + out], BRIDGE),
                                      .data = {(const uint8_t *)b->said[i], strlen(b->said[i])}};
    tx->events = &b->event[i];
    tx->events_n = 1;
}

static struct hash32 hash_of(const struct side *s, uint32_t block)
{
    struct hash32 h = {{0}};

    store_le32(h.b, block + 1);
    h.b[31] = s->tag;
    return h;
}

static void block_end(struct side *s, struct block *b)
{
    struct transfer_block t = {.height = s->blocks_n,
                               .time = 1000 + 12 * (uint64_t)s->blocks_n,
                               .internals = true,
                               .hash = hash_of(s, s->blocks_n),
                               .txs = b->tx,
                               .txs_n = b->n};
    struct err err;

    if (s->blocks_n)
        t.prev = hash_of(s, s->blocks_n - 1);
    must(account_ledger_take(s->w, &t, &err), &err);
    s->blocks_n++;
    b->n = 0;
}

/* Half of what a tainted account has goes on to a new one. */
static void spread(struct side *s, struct block *b)
{
    uint64_t from = s->tainted[below(s->tainted_n)], to = s->accounts_n, amount = s->left[from] / 2;

    if (!amount)
        return;
    s->accounts_n++;
    s->left[from] -= amount;
    s->left[to] = amount;
    s->tainted[s->tainted_n++] = to;
    pay(s, b, from, to, amount, 0, false);
}

static void clean(struct side *s, struct block *b)
{
    pay(s, b, FIRST + below(CLEAN), FIRST + below(CLEAN), 1 + below(5), 0, false);
}

static void begin(struct side *s, const char *folder, const char *name, const char *chain,
                  uint64_t accounts, struct block *b)
{
    static const struct ledger_options fast = {.fleeting = true};
    char path[4200];
    struct err err;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    must(account_ledger_writer_open(path, chain_by_name(chain), fast, &s->w, &err), &err);
    s->tainted = take(accounts * sizeof(*s->tainted));
    s->left = take(accounts * sizeof(*s->left));
    s->accounts_n = FIRST + CLEAN;
    s->tag = (uint8_t)*name;
    pay(s, b, 0, BRIDGE, VALUE, 0, false);
    pay(s, b, 0, VICTIM, VALUE, 0, false);
    block_end(s, b);
    for (uint64_t i = 0; i < CLEAN; i++) {
        pay(s, b, 0, FIRST + i, VALUE / CLEAN, 0, false);
        if (b->n == BLOCK_TXS)
            block_end(s, b);
    }
    if (b->n)
        block_end(s, b);
}

static void past(struct side *s, struct block *b, uint64_t n)
{
    while (n) {
        for (; n && b->n < BLOCK_TXS; n--)
            spread(s, b);
        block_end(s, b);
    }
    s->past_n = s->blocks_n;
}

static void blocks(struct side *s, struct block *b, unsigned permille)
{
    while (b->n < BLOCK_TXS)
        if (below(1000) < permille)
            spread(s, b);
        else
            clean(s, b);
    block_end(s, b);
}

static void first(struct side *s, uint64_t account, uint64_t amount)
{
    s->left[account] = amount;
    s->tainted[s->tainted_n++] = account;
}

/* The theft, its way over, and what became of it on both sides. */
static void world(struct side *slow, struct side *fast, struct block *b, uint64_t transfers,
                  uint32_t blocks_n, unsigned permille)
{
    uint64_t crossing = 1, thief = FIRST + CLEAN;

    slow->accounts_n = fast->accounts_n = thief + 1;
    pay(slow, b, VICTIM, thief, VALUE / 2, 0, false);
    pay(slow, b, thief, BRIDGE, VALUE / 8, crossing, true);
    block_end(slow, b);
    first(slow, thief, VALUE / 2 - VALUE / 8);
    pay(fast, b, BRIDGE, thief, VALUE / 8, crossing, false);
    block_end(fast, b);
    first(fast, thief, VALUE / 8);
    past(slow, b, transfers / 2);
    past(fast, b, transfers / 2);
    for (uint32_t i = 1; i <= blocks_n; i++) {
        if (i % CROSSES == CROSSES / 2) { /* said there before it comes here */
            crossing++;
            pay(slow, b, thief, BRIDGE, VALUE / 65536, crossing, true);
            blocks(slow, b, permille);
        } else if (i % SLOW == 0) {
            blocks(slow, b, permille);
        }
        if (i % CROSSES == CROSSES / 2 + 5)
            pay(fast, b, BRIDGE, thief, VALUE / 65536, crossing, false);
        blocks(fast, b, permille);
    }
}

static void finish(struct side *s, const char *folder, const char *name)
{
    char path[4200];
    struct err err;

    must(account_ledger_finish(s->w, &err), &err);
    account_ledger_writer_close(s->w);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    must(account_ledger_open(path, &s->l, &err), &err);
}

static double turn(struct watch_crossing *w, const struct side *slow, const struct side *fast,
                   uint32_t slow_n, uint32_t fast_n)
{
    const struct watch_crossing_ledger at[2] = {
        {.ledger = {.accounts = slow->l}, .blocks_max = slow_n},
        {.ledger = {.accounts = fast->l}, .blocks_max = fast_n}};
    double begun = cpu_of_thread();
    struct err err;

    must(watch_crossing_turn(w, at, 2, NULL, NULL, &err), &err);
    return cpu_of_thread() - begun;
}

static void run(const struct side *slow, const struct side *fast, uint32_t blocks_n,
                uint64_t transfers, unsigned permille)
{
    double *quiet = take(blocks_n * sizeof(*quiet)), anew = 0, crossed = 0, sum = 0, first;
    uint32_t slow_n = slow->past_n, quiet_n = 0;
    struct watch_crossing *w;
    char name[TRANSFER_NAME_MAX], text[TRANSFER_NAME_MAX + 200];
    size_t traces, crossings = 0;
    struct err err;

    transfer_name(slow->l, CLEAN + 2, name);
    snprintf(text, sizeof(text),
             "{\"id\":\"c\",\"policy\":\"fifo\",\"origins\":[{\"chain\":\"evm:dev\","
             "\"transfer\":\"%s\"}]}",
             name);
    must(watch_crossing_new(0, &w, &err), &err);
    must(watch_crossing_case(w, "c", (struct bytes){(const uint8_t *)text, strlen(text)}, &err),
         &err);
    watch_crossing_wake(w, "c");
    first = turn(w, slow, fast, slow_n, fast->past_n);
    traces = watch_crossing_traces(w);
    for (uint32_t i = 1; i <= blocks_n; i++) {
        double took;

        slow_n += i % SLOW == 0 || i % CROSSES == CROSSES / 2;
        took = turn(w, slow, fast, slow_n, fast->past_n + i);
        sum += took;
        if (watch_crossing_traces(w) == traces) {
            quiet[quiet_n++] = took;
            continue;
        }
        traces = watch_crossing_traces(w);
        crossings++;
        crossed = took > crossed ? took : crossed;
    }
    watch_crossing_again(w);
    anew = turn(w, slow, fast, slow_n, fast->past_n + blocks_n);
    qsort(quiet, quiet_n, sizeof(*quiet), by_size);
    printf("{\"bench\": \"watch_crossing\", \"tainted_transfers\": %llu, \"tainted_permille\": %u, "
           "\"blocks\": %u, \"block_transfers\": %u, \"first_ms\": %.1f, \"turn_p50_ms\": %.3f, "
           "\"turn_p99_ms\": %.3f, \"crossings\": %zu, \"crossing_most_ms\": %.1f, \"anew_ms\": "
           "%.1f, \"all_turns_s\": %.2f, \"all_turns_anew_s\": %.1f}\n",
           (unsigned long long)transfers, permille, blocks_n, BLOCK_TXS, 1e3 * first,
           percentile(quiet, quiet_n, 50), percentile(quiet, quiet_n, 99), crossings, 1e3 * crossed,
           1e3 * anew, sum, (first + anew) / 2 * blocks_n);
    watch_crossing_free(w);
    free(quiet);
}

int main(int argc, char **argv)
{
    static const unsigned permilles[] = {0, 10, 200};
    uint64_t transfers = argc > 2 ? strtoull(argv[2], NULL, 10) : TRANSFERS;
    uint32_t blocks_n = argc > 3 ? (uint32_t)strtoull(argv[3], NULL, 10) : BLOCKS;
    struct block *b;

    if (argc < 2)
        return 2;
    b = take(sizeof(*b));
    for (size_t k = 0; k < sizeof(permilles) / sizeof(permilles[0]); k++) {
        uint64_t accounts = FIRST + CLEAN + transfers + (uint64_t)blocks_n * BLOCK_TXS + 1;
        struct side slow = {.blocks_n = 0}, fast = {.blocks_n = 0};
        char names[2][32];

        snprintf(names[0], sizeof(names[0]), "slow-%u", permilles[k]);
        snprintf(names[1], sizeof(names[1]), "fast-%u", permilles[k]);
        begin(&slow, argv[1], names[0], "evm:dev", accounts, b);
        begin(&fast, argv[1], names[1], "evm:sim", accounts, b);
        world(&slow, &fast, b, transfers, blocks_n, permilles[k]);
        finish(&slow, argv[1], names[0]);
        finish(&fast, argv[1], names[1]);
        run(&slow, &fast, blocks_n, transfers, permilles[k]);
        account_ledger_close(slow.l);
        account_ledger_close(fast.l);
        free(slow.tainted);
        free(slow.left);
        free(fast.tainted);
        free(fast.left);
    }
    free(b);
    return 0;
}
