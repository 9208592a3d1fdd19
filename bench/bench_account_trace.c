/* How fast the engine over accounts is, without a ledger on disk: a world in memory of the shape of
 * an account chain (a fee and a transfer a transaction, a quarter of it with a few busy accounts),
 * traced under each policy; and one account with very many transfers, passed under fifo at three
 * sizes. Prints a JSON line a figure, and the machine's rate of random reads in the same run.
 *
 *     bench_account_trace [TRANSFERS [ORIGINS [POLICY]]] */
#include "bench.h"

#include "trace/account.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRANSFERS 16000000
#define ORIGINS 2000
#define HUBS 20
#define PROPOSERS 100
#define HUB_TRANSFERS 32000000
#define ROUNDS 3

struct build {
    uint8_t *transfer, *prev, *next, *holding, *last, *mark;
    struct holding_sums *sums;
    uint64_t *events, *last_mark; /* of each holding */
    uint64_t n, holdings_n, marks_n;
};

static void begin_build(struct build *b, uint64_t transfers, uint64_t holdings)
{
    *b = (struct build){.transfer = take(transfers * TRANSFER_BYTES),
                        .prev = take(transfers * LINKS_BYTES),
                        .next = take(transfers * LINKS_BYTES),
                        .holding = take(holdings * HOLDING_BYTES),
                        .last = take(holdings * ACCOUNTS_ID_BYTES + 3),
                        .mark = take((transfers / 64 + 16) * MARK_BYTES),
                        .sums = take(holdings * sizeof(struct holding_sums)),
                        .events = take(holdings * 8),
                        .last_mark = take(holdings * 8)};
}

static struct accounts end_build(struct build *b)
{
    free(b->sums);
    free(b->events);
    free(b->last_mark);
    return (struct accounts){.transfers_n = b->n,
                             .accounts_n = b->holdings_n + 1,
                             .holdings_n = b->holdings_n,
                             .marks_n = b->marks_n,
                             .transfer = b->transfer,
                             .links_prev = b->prev,
                             .links_next = b->next,
                             .holding = b->holding,
                             .holding_last = b->last,
                             .mark = b->mark};
}

static uint64_t new_holding(struct build *b)
{
    uint8_t *p = b->holding + b->holdings_n * HOLDING_BYTES;

    store_le40(p, b->holdings_n + 1);
    store_le40(p + 5, 0);
    store_le40(p + 10, ACCOUNTS_NONE);
    return b->holdings_n++;
}

static void add_mark(struct build *b, uint64_t h)
{
    uint64_t id = b->marks_n++, jump = id, before = ACCOUNTS_NONE;
    uint64_t number = b->events[h] / MARK_EVENTS - 1;
    uint8_t *p = b->mark + id * MARK_BYTES;

    if (number) {
        struct accounts a = {.mark = b->mark, .marks_n = b->marks_n};
        struct accounts_mark m = accounts_mark(&a, b->last_mark[h]),
                             far = accounts_mark(&a, m.jump);

        jump = before = b->last_mark[h];
        if (m.number - far.number == far.number - accounts_mark(&a, far.jump).number)
            jump = far.jump;
    }
    store_le40(p, b->n);
    store_le40(p + 5, h);
    store_le40(p + 10, before);
    store_le40(p + 15, jump);
    store_le32(p + 20, (uint32_t)number);
    u256_store_le(p + 32, b->sums[h].in);
    u256_store_le(p + 64, b->sums[h].balance);
    b->last_mark[h] = id;
}

static uint8_t link_end(struct build *b, uint64_t h, int end)
{
    uint64_t last = load_le40(b->last + h * ACCOUNTS_ID_BYTES);

    if (b->events[h]) {
        bool was_from = load_le40(b->transfer + last * TRANSFER_BYTES) == h;

        store_le32(b->prev + b->n * LINKS_BYTES + end * LINK_BYTES, (uint32_t)(b->n - last));
        store_le32(b->next + last * LINKS_BYTES + (was_from ? 0 : LINK_BYTES),
                   (uint32_t)(b->n - last));
    }
    if (!b->events[h])
        store_le40(b->holding + h * HOLDING_BYTES + 15, b->n);
    store_le40(b->last + h * ACCOUNTS_ID_BYTES, b->n);
    return (uint8_t)b->events[h]++;
}

static void add(struct build *b, enum transfer_kind kind, uint64_t from, uint64_t to,
                uint64_t amount, uint64_t credit)
{
    uint8_t *p = b->transfer + b->n * TRANSFER_BYTES;
    struct transfer t = {from, to, u256_of(amount), u256_of(credit), kind, 0, 0, 0};
    uint64_t ends[2] = {from, to == from ? ACCOUNTS_NONE : to}; /* an event once */

    store_le40(p, from);
    store_le40(p + 5, to);
    if (kind != TRANSFER_FEE) { /* a fee is below 2^57, and not credited whole */
        store_le64(p + TRANSFER_AT_AMOUNT, amount);
    } else {
        store_le64(p + TRANSFER_AT_KIND - 8, credit >> (64 - AMOUNT_FEE_BITS) << 16);
        store_le64(p + TRANSFER_AT_AMOUNT, amount | credit << AMOUNT_FEE_BITS);
    }
    p[TRANSFER_AT_KIND] = (uint8_t)kind;
    for (int end = 0; end < 2; end++)
        if (ends[end] != ACCOUNTS_NONE) {
            holding_sums_step(&b->sums[ends[end]], &t, ends[end]);
            p[TRANSFER_AT_ORDINALS + end] = link_end(b, ends[end], end);
        }
    for (int end = 0; end < 2; end++)
        if (ends[end] != ACCOUNTS_NONE && b->events[ends[end]] % MARK_EVENTS == 0)
            add_mark(b, ends[end]);
    b->n++;
}

static uint64_t balance(const struct build *b, uint64_t h)
{
    return b->sums[h].balance.w[0];
}

/* Who pays: half the time one of the newest thousand, as on real chains; else anybody, busy ones
 * above all. */
static uint64_t payer(struct build *b)
{
    for (;;) {
        uint64_t h = below(4) == 0 ? PROPOSERS + below(HUBS)
                     : below(2) == 0
                         ? b->holdings_n - 1 - below(b->holdings_n < 1000 ? b->holdings_n : 1000)
                         : below(b->holdings_n);

        if (balance(b, h) > 100)
            return h;
    }
}

static struct accounts world(uint64_t transfers_n)
{
    struct build b;

    begin_build(&b, transfers_n, transfers_n);
    for (int i = 0; i < PROPOSERS + HUBS; i++)
        new_holding(&b);
    for (int i = 0; i < 2000; i++)
        add(&b, TRANSFER_WITHDRAWAL, ACCOUNTS_NONE, new_holding(&b), 1000000000000, 1000000000000);
    for (int i = 0; i < HUBS; i++)
        add(&b, TRANSFER_WITHDRAWAL, ACCOUNTS_NONE, (uint64_t)(PROPOSERS + i), 1000000000000,
            1000000000000);
    while (b.n + 2 < transfers_n) {
        uint64_t from = payer(&b), fee = 3, all = balance(&b, from) - fee;
        uint64_t amount = below(4) ? below(all) : all;
        uint64_t to = below(4) == 0   ? PROPOSERS + below(HUBS)
                      : below(2) == 0 ? new_holding(&b)
                                      : below(b.holdings_n);

        if (to == from)
            continue;
        add(&b, TRANSFER_FEE, from, below(PROPOSERS), fee, 1);
        add(&b, TRANSFER_VALUE, from, to, amount, amount);
    }
    return end_build(&b);
}

static struct accounts hub_world(uint64_t transfers_n, uint64_t *ret_origin)
{
    struct build b;
    uint64_t hub, thief, people[64];

    begin_build(&b, transfers_n, 4096);
    hub = new_holding(&b);
    thief = new_holding(&b);
    for (int i = 0; i < 64; i++)
        people[i] = new_holding(&b);
    for (uint64_t i = 0; b.n < transfers_n; i++) {
        if (b.n == transfers_n / 10) {
            *ret_origin = b.n;
            add(&b, TRANSFER_VALUE, ACCOUNTS_NONE, thief, 1000, 1000);
            add(&b, TRANSFER_VALUE, thief, hub, 1000, 1000);
        }
        /* so that what comes in leaves after half of all transfers */
        if (i % 3)
            add(&b, TRANSFER_VALUE, ACCOUNTS_NONE, hub, 10, 10);
        else
            add(&b, TRANSFER_VALUE, hub, people[below(64)], 10, 10);
    }
    return end_build(&b);
}

static void one_trace(const struct accounts *accounts, const struct account_case *ask,
                      const char *what)
{
    double best = 1e9;

    for (int round = 0; round < ROUNDS; round++) {
        struct arena *a = arena_new(NULL, (size_t)8 << 30);
        double begin = cpu();
        struct account_trace t;
        struct err err;

        if (!a || !account_trace_forward(a, accounts, ask, 1, &t, &err)) {
            fprintf(stderr, "%s\n", err.text);
            exit(4);
        }
        begin = cpu() - begin;
        best = begin < best ? begin : best;
        if (round + 1 == ROUNDS)
            printf("{\"bench\":\"account-trace\",\"what\":\"%s\",\"policy\":\"%s\",\"transfers\":"
                   "%" PRIu64 ",\"origins\":%zu,\"moves\":%zu,\"balances\":%zu,\"events\":%" PRIu64
                   ",\"ms\":%.3f,\"events_per_s\":%.0f}\n",
                   what, trace_policy_name(ask->policy), accounts->transfers_n, ask->origins_n,
                   t.moves_n, t.balances_n, t.events, best * 1e3, (double)t.events / best);
        arena_free(a);
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    uint64_t transfers_n = argc > 1 ? strtoull(argv[1], NULL, 10) : TRANSFERS;
    size_t origins_n = argc > 2 ? strtoull(argv[2], NULL, 10) : ORIGINS, n = 0;
    struct account_origin *origins = take(origins_n * sizeof(*origins));
    struct accounts accounts = world(transfers_n);

    printf("{\"bench\":\"account-trace\",\"what\":\"world\",\"transfers\":%" PRIu64
           ",\"holdings\":%" PRIu64 ",\"marks\":%" PRIu64 ",\"random_reads_per_s\":%.0f}\n",
           accounts.transfers_n, accounts.holdings_n, accounts.marks_n, random_reads() * 1e6);
    for (uint64_t i = transfers_n / 10; n < origins_n && i < accounts.transfers_n; i++) {
        struct transfer t = accounts_transfer(&accounts, i);

        if (t.kind == TRANSFER_VALUE && t.to >= PROPOSERS + HUBS)
            origins[n++] = (struct account_origin){.transfer = i, .taint = t.credit};
    }
    for (int policy = TRACE_FIFO; policy <= TRACE_LIBR; policy++) {
        struct account_case ask = {.origins = origins,
                                   .origins_n = n,
                                   .policy = (enum trace_policy)policy,
                                   .hops_max = TRACE_HOPS_NONE};

        if (argc < 4 || !strcmp(argv[3], trace_policy_name((enum trace_policy)policy)))
            one_trace(&accounts, &ask, "many");
    }
    for (uint64_t size = HUB_TRANSFERS / 100; argc < 2 && size <= HUB_TRANSFERS; size *= 10) {
        struct account_origin origin = {.taint = u256_of(1000)};
        struct accounts hub = hub_world(size, &origin.transfer);
        struct account_case ask = {
            .origins = &origin, .origins_n = 1, .policy = TRACE_FIFO, .hops_max = TRACE_HOPS_NONE};

        one_trace(&hub, &ask, "hub");
    }
    return 0;
}
