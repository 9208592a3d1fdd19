/* What a new block costs live traces of accounts: many cases with many tainted holdings between
 * them, in a world in memory, and blocks of 4,000 transfers of which a stated part spends what is
 * tainted. Then what each such case would cost if it were traced anew. Prints a JSON line a figure.
 *
 *     bench_watch_accounts [CASES [HOLDINGS_OF_EACH [BLOCKS]]] */
#include "bench.h"

#include "trace/account_live.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define CASES 1000
#define HOLDINGS_EACH 1000
#define BLOCKS 300
#define BLOCK_TRANSFERS 4000
#define FAN 100 /* transfers of each account that spreads a theft */
#define VALUE ((uint64_t)1 << 40)
#define CLEAN 1000000u
#define KEPT 100u
#define ANEW 20u /* cases that are traced anew, to compare */

struct pool { /* holdings */
    uint64_t *at, n;
};

struct build { /* an account has one holding, of the native coin, and less than 256 events */
    uint8_t *transfer, *prev, *next, *holding, *last;
    uint64_t *balance, *newest;
    uint8_t *events;
    uint64_t transfers_n, holdings_n;
    struct pool tainted, clean;
};

static uint64_t open_account(struct build *b, struct pool *to)
{
    uint64_t h = b->holdings_n++;
    uint8_t *p = b->holding + h * HOLDING_BYTES;

    store_le40(p, h + 1);
    store_le40(p + 5, ACCOUNT_NOBODY);
    store_le40(p + 10, ACCOUNTS_NONE);
    store_le40(p + 15, ACCOUNTS_NONE);
    b->newest[h] = ACCOUNTS_NONE;
    if (to)
        to->at[to->n++] = h;
    return h;
}

static void event_of(struct build *b, uint64_t h, uint64_t id, unsigned end)
{
    uint64_t before = b->newest[h];

    if (before == ACCOUNTS_NONE) {
        store_le40(b->holding + h * HOLDING_BYTES + 15, id);
    } else {
        bool from = load_le40(b->transfer + before * TRANSFER_BYTES) == h;

        store_le32(b->prev + id * LINKS_BYTES + end * LINK_BYTES, (uint32_t)(id - before));
        store_le32(b->next + before * LINKS_BYTES + (from ? 0 : LINK_BYTES),
                   (uint32_t)(id - before));
    }
    b->transfer[id * TRANSFER_BYTES + TRANSFER_AT_ORDINALS + end] = b->events[h]++;
    b->newest[h] = id;
    store_le40(b->last + h * ACCOUNTS_ID_BYTES, id);
}

static void move(struct build *b, uint64_t from, uint64_t to, uint64_t amount)
{
    uint64_t id = b->transfers_n++;
    uint8_t *p = b->transfer + id * TRANSFER_BYTES;

    store_le40(p, from);
    store_le40(p + ACCOUNTS_ID_BYTES, to);
    store_le64(p + TRANSFER_AT_AMOUNT, amount);
    p[TRANSFER_AT_KIND] = TRANSFER_VALUE;
    if (from != ACCOUNTS_NONE) {
        event_of(b, from, id, 0);
        b->balance[from] -= amount;
    }
    event_of(b, to, id, 1);
    b->balance[to] += amount;
}

static void spread(struct build *b, uint64_t from, uint64_t n, struct pool *to)
{
    uint64_t all = b->balance[from];

    for (uint64_t i = 0; i < n; i++)
        move(b, from, open_account(b, to), all / n + (i < all % n));
}

/* Each origin to FAN accounts, each of these to so many that all cases have theirs. */
static void build_past(struct build *b, uint64_t cases, uint64_t each)
{
    for (uint64_t c = 0; c < cases; c++) /* transfer c is the theft of case c */
        move(b, ACCOUNTS_NONE, open_account(b, NULL), VALUE);
    for (uint64_t c = 0; c < cases; c++) {
        uint64_t first = b->holdings_n;

        spread(b, c, FAN, NULL);
        for (uint64_t i = 0; i < FAN; i++)
            spread(b, first + i, (each + FAN - 1) / FAN, &b->tainted);
    }
    for (uint64_t i = 0; i < CLEAN; i++)
        move(b, ACCOUNTS_NONE, open_account(b, &b->clean), VALUE);
}

static uint64_t draw(const struct pool *p)
{
    return p->at[below(p->n)];
}

/* Half of what somebody has goes on, every other time to an account that is new. */
static void build_block(struct build *b, unsigned percent)
{
    for (unsigned t = 0; t < BLOCK_TRANSFERS; t++) {
        bool bad = below(100) < percent;
        struct pool *pool = bad ? &b->tainted : &b->clean;
        uint64_t from = draw(pool), to = t % 2 ? open_account(b, pool) : draw(&b->clean);

        while (b->events[from] > 200)
            from = draw(pool);
        while (b->events[to] > 200 || to == from)
            to = draw(&b->clean);
        move(b, from, to, b->balance[from] / 2);
    }
}

static struct accounts accounts_of(const struct build *b)
{
    return (struct accounts){.transfers_n = b->transfers_n,
                             .accounts_n = b->holdings_n + 1,
                             .holdings_n = b->holdings_n,
                             .transfer = b->transfer,
                             .links_prev = b->prev,
                             .links_next = b->next,
                             .holding = b->holding,
                             .holding_last = b->last};
}

static struct account_case case_of(uint64_t c, const struct account_origin *origin)
{
    return (struct account_case){.origins = origin,
                                 .origins_n = 1,
                                 .policy = (enum trace_policy)(c % 6),
                                 .hops_max = TRACE_HOPS_NONE};
}

static void add_cases(struct account_live *t, const struct accounts *a, uint64_t cases)
{
    double begun = seconds_of(CLOCK_MONOTONIC);
    struct err err;

    for (uint64_t c = 0; c < cases; c++) {
        const struct account_origin origin = {.transfer = c, .taint = u256_of(VALUE)};
        const struct account_case ask = case_of(c, &origin);
        uint32_t number;

        must(account_live_add(t, a, &ask, &number, &err), &err);
    }
    printf("{\"figure\":\"watch_accounts.first_pass\",\"cases\":%" PRIu64 ",\"held\":%" PRIu64
           ",\"seconds\":%.2f}\n",
           cases, account_live_held(t), seconds_of(CLOCK_MONOTONIC) - begun);
}

/* What one case costs from its origin on, at the end. */
static double trace_anew(const struct accounts *a, uint64_t cases)
{
    double began = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    uint64_t n = cases < ANEW ? cases : ANEW;

    for (uint64_t c = 0; c < n; c++) {
        const struct account_origin origin = {.transfer = c, .taint = u256_of(VALUE)};
        const struct account_case ask = case_of(c, &origin);
        struct arena *arena = arena_new(NULL, (size_t)8 << 30);
        struct account_trace trace;
        struct err err;

        must(arena && account_trace_forward(arena, a, &ask, 1, &trace, &err), &err);
        arena_free(arena);
    }
    return (seconds_of(CLOCK_THREAD_CPUTIME_ID) - began) * 1000 / (double)n;
}

static void run(struct account_live *t, const struct accounts *blocks, size_t n, unsigned percent,
                uint64_t cases)
{
    double *took = take(n * sizeof(*took)), *worked = take(n * sizeof(*worked));
    uint64_t moved = 0, touched_all = 0;
    struct rusage use;
    struct err err;

    for (size_t i = 0; i < n; i++) {
        double begun = seconds_of(CLOCK_MONOTONIC), began = seconds_of(CLOCK_THREAD_CPUTIME_ID);
        const uint32_t *touched;
        size_t touched_n;

        must(account_live_advance(t, &blocks[i], NULL, 0, &err), &err);
        touched_n = account_live_touched(t, &touched);
        for (size_t k = 0; k < touched_n; k++) {
            size_t moves_n;

            (void)account_live_moves(t, touched[k], &moves_n);
            moved += moves_n;
        }
        touched_all += touched_n;
        took[i] = seconds_of(CLOCK_MONOTONIC) - begun;
        worked[i] = seconds_of(CLOCK_THREAD_CPUTIME_ID) - began;
    }
    qsort(took, n, sizeof(*took), by_size);
    qsort(worked, n, sizeof(*worked), by_size);
    getrusage(RUSAGE_SELF, &use);
    printf("{\"figure\":\"watch_accounts.block\",\"tainted_spends_percent\":%u,\"blocks\":%zu,"
           "\"held\":%" PRIu64 ",\"cases_per_block\":%.0f,\"moves_per_block\":%.0f,"
           "\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f,\"cpu_p50_ms\":%.2f,"
           "\"cpu_p99_ms\":%.2f,\"anew_ms_a_case\":%.2f,\"bytes\":%" PRIu64
           ",\"process_bytes\":%" PRIu64 "}\n",
           percent, n, account_live_held(t), (double)touched_all / (double)n,
           (double)moved / (double)n, percentile(took, n, 50), percentile(took, n, 99),
           took[n - 1] * 1000, percentile(worked, n, 50), percentile(worked, n, 99),
           trace_anew(&blocks[n - 1], cases), account_live_bytes(t),
           (uint64_t)use.ru_maxrss * 1024);
    free(took);
    free(worked);
}

static struct build begin(uint64_t transfers)
{
    return (struct build){.transfer = take(transfers * TRANSFER_BYTES + 64),
                          .prev = take(transfers * LINKS_BYTES),
                          .next = take(transfers * LINKS_BYTES),
                          .holding = take(transfers * HOLDING_BYTES),
                          .last = take(transfers * ACCOUNTS_ID_BYTES + 8),
                          .balance = take(transfers * 8),
                          .newest = take(transfers * 8),
                          .events = take(transfers),
                          .tainted = {take(transfers * 8), 0},
                          .clean = {take(transfers * 8), 0}};
}

static void end(struct build *b)
{
    free(b->transfer);
    free(b->prev);
    free(b->next);
    free(b->holding);
    free(b->last);
    free(b->balance);
    free(b->newest);
    free(b->events);
    free(b->tainted.at);
    free(b->clean.at);
}

int main(int argc, char **argv)
{
    static const unsigned percents[] = {1, 50};
    uint64_t cases = argc > 1 ? strtoull(argv[1], NULL, 10) : CASES;
    uint64_t each = argc > 2 ? strtoull(argv[2], NULL, 10) : HOLDINGS_EACH;
    uint64_t blocks_n = argc > 3 ? strtoull(argv[3], NULL, 10) : BLOCKS;

    for (size_t k = 0; k < sizeof(percents) / sizeof(percents[0]); k++) {
        struct build b = begin(cases * (1 + 2 * FAN + each) + CLEAN + blocks_n * BLOCK_TRANSFERS);
        struct accounts *at = take(blocks_n * sizeof(*at)), past;
        struct account_live *t;
        struct err err;

        build_past(&b, cases, each);
        past = accounts_of(&b);
        for (uint64_t i = 0; i < blocks_n; i++) {
            build_block(&b, percents[k]);
            at[i] = accounts_of(&b);
        }
        must(account_live_new((struct account_live_limits){.back_max = KEPT}, &t, &err), &err);
        must(account_live_advance(t, &past, NULL, 0, &err), &err);
        add_cases(t, &past, cases);
        run(t, at, blocks_n, percents[k], cases);
        account_live_free(t);
        free(at);
        end(&b);
    }
    return 0;
}
