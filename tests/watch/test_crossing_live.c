/* Cases over three ledgers that grow and are undone at random, with bridges, routers, refunds,
 * swaps, assertions and stops: after each turn each case stands where a whole trace over the same
 * blocks stands. */
#include "support.h"

#include "ledger/writer.h"
#include "trace/account_same.h"
#include "trace/route_world.h"
#include "watch/crossing.h"

#include <stdio.h>
#include <stdlib.h>

#define LEDGERS 3u /* two of accounts, one of coins */
#define COINS 2u
#define BLOCKS 22u
#define LINE_MAX 400u
#define BEHIND "|a:0123456789abc" /* what stands behind memos */
#define CASES 3u
#define TURNS 40u
#define OUTPUTS_MAX 8u /* of a transaction */
#define SCRIPT_MAX 300u
#define TOLD_MAX 4096u
#define MOVES_MAX 4096u
#define ARENA_MAX ((size_t)1 << 28)

static const char *const chains[LEDGERS] = {"evm:dev", "evm:sim", "bitcoin:regtest"};

struct coin_tx { /* a block of it */
    size_t ins_n, outs_n;
    uint32_t in[2][2]; /* transaction, output */
    uint64_t value[OUTPUTS_MAX];
    struct {
        uint8_t p[SCRIPT_MAX];
        size_t n;
    } script[OUTPUTS_MAX];
};

struct told {
    char place[TRANSFER_NAME_MAX];
    uint64_t tainted;
};

struct house {
    struct test_random r;
    char line[LEDGERS][BLOCKS][LINE_MAX]; /* of accounts */
    struct coin_tx tx[BLOCKS];
    struct {
        uint32_t from;
        uint8_t number;
    } branch[LEDGERS];
    struct route_world world[LEDGERS];
    struct ledger *coins;
    uint32_t blocks_n[LEDGERS];
    struct watch_crossing *w;
    struct own *own;
    struct own_set *own_set[LEDGERS];
    size_t cases_n;
    struct arena *arena;
    struct case_file file[CASES];
    char text[CASES][4000];
    /* of the first case, since it was traced whole */
    struct account_move moves[LEDGERS][MOVES_MAX];
    struct trace_reached reached[MOVES_MAX];
    size_t moves_n[LEDGERS];
    struct told told[TOLD_MAX];
    size_t told_n, anew, turns;
};

/* ---- random blocks ---- */

static char letter(struct house *h)
{
    return (char)('A' + test_below(&h->r, 4));
}

static void hash_text(char ret[65], int byte)
{
    for (size_t i = 0; i < 32; i++)
        snprintf(ret + 2 * i, 3, "%02x", (unsigned)byte & 0xff);
}

/* The id of some transaction of another ledger. */
static void some_txid(struct house *h, char ret[65])
{
    hash_text(ret, (int)(test_below(&h->r, 2) ? 0x80 + test_below(&h->r, BLOCKS)
                                              : 1 + test_below(&h->r, BLOCKS)));
}

static void account_address(char who, char ret[ADDRESS_BYTES_MAX])
{
    snprintf(ret, 3, "0x");
    for (size_t i = 0; i < 20; i++)
        snprintf(ret + 2 + 2 * i, 3, "%02x", (unsigned char)who);
}

static void asked_address(struct house *h, char ret[ADDRESS_BYTES_MAX])
{
    if (test_below(&h->r, 2))
        route_address("bitcoin:regtest", letter(h), ret);
    else
        account_address(letter(h), ret);
}

static void random_line(struct house *h, char *to)
{
    unsigned n = 1 + (unsigned)test_below(&h->r, 60), key = (unsigned)test_below(&h->r, 9);
    char x = letter(h), y = letter(h), address[ADDRESS_BYTES_MAX], id[65];
    unsigned seat = (unsigned)test_below(&h->r, 2), bus = (unsigned)test_below(&h->r, 3);
    char rider = (char)('A' + test_below(&h->r, 2));

    some_txid(h, id);
    asked_address(h, address);
    switch (test_below(&h->r, 20)) {
    case 14:
    case 17: /* a seat on a bus, the bus, and who gets off it */
        account_address(rider, address);
        snprintf(to, LINE_MAX,
                 "v %c>U 1; l %c>P %u W 0; e out U 1 stargate-ride:0:1:%u:0x%024d%s; e out P 2 "
                 "lz2-guid:0x%064d",
                 x, x, n, seat, 0, address + 2, 0);
        return;
    case 15:
        snprintf(to, LINE_MAX,
                 "v %c>K 1; e in U 1 stargate-bus:0:1:%u; e in U 1 stargate-driven:%u:0xa%u", x,
                 seat, 1 + key % 3, bus);
        return;
    case 16:
    case 18:
        snprintf(to, LINE_MAX, "l P>%c %u W 0; e in P 1 lz2-guid:0xa%u", rider, n, bus);
        return;
    case 0:
        snprintf(to, LINE_MAX, "v X>Q %u; e out Q 1 key:%u", n, key);
        return;
    case 1:
    case 2:
        snprintf(to, LINE_MAX, "fee %c 1; v %c>Q %u; e out Q 1 key:%u", x, x, n, key);
        return;
    case 3:
    case 4:
        snprintf(to, LINE_MAX, "v S>%c %u; e in S 1 key:%u", x, n, key);
        return;
    case 5:
        snprintf(to, LINE_MAX, "v %c>R %u; i R>V %u; e memo R 0 =:BTC.BTC:%s/0x%040d:0%s", x, n, n,
                 address, 9, test_below(&h->r, 2) ? BEHIND : "");
        return;
    case 6:
        snprintf(to, LINE_MAX, "v %c>R %u; i R>V %u; e memo R 0 =:ETH.ETH:%s:0", x, n, n, address);
        return;
    case 7:
    case 8:
        snprintf(to, LINE_MAX, "v V>R %u; i R>%c %u; e memo R 0 OUT:%s", n, x, n, id);
        return;
    case 9:
        snprintf(to, LINE_MAX, "v V>R %u; i R>%c %u; e memo R 0 REFUND:%s", n, x, n, id);
        return;
    case 10:
        snprintf(to, LINE_MAX, "v %c>W %u; l 0>%c %u W 0; e wrap W 0", x, n, x, n);
        return;
    case 11:
        snprintf(to, LINE_MAX, "l %c>Q %u W 0; e out Q 1 key:%u", x, n, key);
        return;
    default:
        snprintf(to, LINE_MAX, "v %c>%c %u", x, y, n);
    }
}

static void script_of(struct coin_tx *t, char who)
{
    uint8_t *p = t->script[t->outs_n].p;

    p[0] = 0;
    p[1] = 20;
    memset(p + 2, who, 20);
    t->script[t->outs_n].n = 22;
}

static void memo_of(struct coin_tx *t, const char *text)
{
    uint8_t *p = t->script[t->outs_n].p;
    size_t n = strlen(text), at = 2;

    p[0] = 0x6a;
    p[1] = (uint8_t)n;
    if (n > 75) {
        p[1] = 0x4c;
        p[2] = (uint8_t)n;
        at = 3;
    }
    memcpy(p + at, text, n);
    t->script[t->outs_n].n = at + n;
    t->value[t->outs_n++] = 0;
}

/* One above 80 bytes in two outputs, as routers write it now, or in one. */
static void long_memo_of(struct coin_tx *t, const char *text, bool parts)
{
    char first[80 + 1];
    size_t n = strlen(text);
    uint8_t *p;

    if (!parts || n <= 80) {
        memo_of(t, text);
        return;
    }
    snprintf(first, sizeof(first), "%.79s^", text);
    memo_of(t, first);
    script_of(t, 0);
    p = t->script[t->outs_n].p;
    memcpy(p + 2, text + 79, n - 79);
    t->value[t->outs_n++] = 0;
}

static bool is_spent(const struct house *h, uint32_t before, uint32_t tx, uint32_t vout)
{
    for (uint32_t i = 0; i < before; i++)
        for (size_t k = 0; k < h->tx[i].ins_n; k++)
            if (h->tx[i].in[k][0] == tx && h->tx[i].in[k][1] == vout)
                return true;
    return false;
}

/* Spends something, or makes coins. */
static void random_coins(struct house *h, uint32_t b)
{
    struct coin_tx *t = &h->tx[b];
    uint64_t in = 0;
    char text[LINE_MAX], id[65], address[ADDRESS_BYTES_MAX];

    *t = (struct coin_tx){.ins_n = 0};
    for (unsigned tries = 0; b && t->ins_n < 2 && tries < 8; tries++) {
        uint32_t tx = (uint32_t)test_below(&h->r, b);
        uint32_t vout = (uint32_t)test_below(&h->r, h->tx[tx].outs_n);

        if (!h->tx[tx].value[vout] || is_spent(h, b, tx, vout) ||
            (t->ins_n && t->in[0][0] == tx && t->in[0][1] == vout))
            continue;
        t->in[t->ins_n][0] = tx;
        t->in[t->ins_n++][1] = vout;
        in += h->tx[tx].value[vout];
    }
    if (!t->ins_n)
        in = 200;
    for (size_t i = 0, n = 1 + test_below(&h->r, 3); i < n && in; i++) {
        uint64_t value = i + 1 < n ? 1 + test_below(&h->r, in) : in - (in > 3);

        script_of(t, letter(h));
        t->value[t->outs_n++] = value;
        in -= value;
    }
    some_txid(h, id);
    asked_address(h, address);
    switch (test_below(&h->r, 4)) {
    case 0:
        snprintf(text, sizeof(text), "OUT:%s%s", id, test_below(&h->r, 2) ? BEHIND : "");
        long_memo_of(t, text, test_below(&h->r, 3) > 0);
        return;
    case 1:
        snprintf(text, sizeof(text), "=:ETH.ETH:%s", address);
        memo_of(t, text);
        return;
    case 2:
        snprintf(text, sizeof(text), "refund:%s", id);
        memo_of(t, text);
        return;
    default:
        return;
    }
}

static void random_blocks(struct house *h, size_t ledger, uint32_t from)
{
    for (uint32_t b = from; b < BLOCKS; b++)
        if (ledger == COINS)
            random_coins(h, b);
        else if (b < 5)
            snprintf(h->line[ledger][b], LINE_MAX, "v ->%c %d; l ->%c 60 W 0", "SVABC"[b],
                     b < 2 ? 900 : 70, "SVABC"[b]);
        else
            random_line(h, h->line[ledger][b]);
}

/* ---- ledgers of them ---- */

static void accounts_make(struct house *h, size_t i)
{
    char text[BLOCKS * LINE_MAX];
    size_t n = 0;

    route_world_free(&h->world[i]);
    h->world[i].branch = h->branch[i].number;
    h->world[i].branch_from = h->branch[i].from;
    for (uint32_t b = 0; b < BLOCKS; b++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\n", h->line[i][b]);
    route_world_accounts(&h->world[i], chains[i], text);
}

static struct hash32 coin_block(const struct house *h, uint32_t b)
{
    struct hash32 hash;

    memset(hash.b, 0x40 + (int)b, sizeof(hash.b));
    if (h->branch[COINS].number && b >= h->branch[COINS].from)
        hash.b[0] = h->branch[COINS].number;
    return hash;
}

static void coins_append(struct house *h, struct ledger_writer *w, uint32_t b)
{
    const struct coin_tx *t = &h->tx[b];
    struct fact_output outputs[OUTPUTS_MAX];
    uint8_t in[2][36] = {{0}};
    const uint8_t *inputs[2] = {in[0], in[1]};
    uint32_t ins_n = t->ins_n ? (uint32_t)t->ins_n : 1, outs_n = (uint32_t)t->outs_n;
    struct hash32 txid;
    struct block_facts f = {.hash = coin_block(h, b),
                            .height = b,
                            .time = 1000 + 600 * b,
                            .size = 300,
                            .txs_n = 1,
                            .inputs_n = ins_n,
                            .outputs_n = outs_n,
                            .txids = &txid,
                            .tx_inputs_n = &ins_n,
                            .tx_outputs_n = &outs_n,
                            .inputs = inputs,
                            .outputs = outputs};
    struct err err;

    memset(txid.b, 0x80 + (int)b, sizeof(txid.b));
    if (b)
        f.prev = coin_block(h, b - 1);
    for (size_t i = 0; i < t->ins_n; i++) {
        memset(in[i], 0x80 + (int)t->in[i][0], 32);
        store_le32(in[i] + 32, t->in[i][1]);
    }
    if (!t->ins_n)
        memset(in[0] + 32, 0xff, 4); /* a coinbase */
    for (uint32_t i = 0; i < outs_n; i++)
        outputs[i] = (struct fact_output){t->value[i], {t->script[i].p, t->script[i].n}};
    CHECK_OK(ledger_append(w, &f, 1, &err), err);
}

static void coins_make(struct house *h)
{
    const struct ledger_options small = {
        .memory = LEDGER_MEMORY_MIN, .threads = 1, .fleeting = true};
    static const char *base;
    static unsigned n;
    struct ledger_writer *w;
    char path[4200];
    struct err err;

    ledger_close(h->coins);
    if (!base)
        base = test_dir();
    snprintf(path, sizeof(path), "%s/coins-%u", base, n++);
    CHECK_OK(ledger_writer_open(path, chain_by_name(chains[COINS]), small, &w, &err), err);
    for (uint32_t b = 0; b < BLOCKS; b++)
        coins_append(h, w, b);
    ledger_writer_close(w);
    CHECK_OK(ledger_open(path, &h->coins, &err), err);
}

static void ledger_make(struct house *h, size_t i)
{
    if (i == COINS)
        coins_make(h);
    else
        accounts_make(h, i);
}

/* Some of the newest blocks are others now, and there may be as many as before, or more. */
static void undo(struct house *h)
{
    size_t i = test_below(&h->r, LEDGERS);
    uint32_t n = 1 + (uint32_t)test_below(&h->r, 4);

    if (h->blocks_n[i] < 6 + n)
        return;
    h->blocks_n[i] -= n;
    h->branch[i].from = h->branch[i].number && h->branch[i].from < h->blocks_n[i]
                            ? h->branch[i].from
                            : h->blocks_n[i];
    h->branch[i].number++;
    random_blocks(h, i, h->blocks_n[i]);
    ledger_make(h, i);
    h->blocks_n[i] += (uint32_t)test_below(&h->r, n + 2);
    h->blocks_n[i] = h->blocks_n[i] < BLOCKS ? h->blocks_n[i] : BLOCKS;
}

static struct trace_ledger ledger_at(const struct house *h, size_t i)
{
    return i == COINS ? (struct trace_ledger){.coins = h->coins}
                      : (struct trace_ledger){.accounts = h->world[i].accounts[0]};
}

/* ---- cases ---- */

static size_t put_origin(struct house *h, char *to, size_t room)
{
    size_t i = test_below(&h->r, LEDGERS);
    uint32_t b = i == COINS ? (uint32_t)test_below(&h->r, 6) : 2 + (uint32_t)test_below(&h->r, 5);
    char name[TRANSFER_NAME_MAX], address[ADDRESS_BYTES_MAX], id[65];

    if (i != COINS && !test_below(&h->r, 3)) {
        account_address(letter(h), address);
        return (size_t)snprintf(to, room,
                                "{\"chain\":\"%s\",\"address\":\"%s\",\"from_height\":%u}",
                                chains[i], address, 4 + (unsigned)test_below(&h->r, 8));
    }
    if (i == COINS && !test_below(&h->r, 3)) {
        route_address(chains[i], letter(h), address);
        return (size_t)snprintf(to, room,
                                "{\"chain\":\"%s\",\"address\":\"%s\",\"from_height\":%u}",
                                chains[i], address, (unsigned)test_below(&h->r, 8));
    }
    if (i == COINS) {
        hash_text(id, 0x80 + (int)b);
        return (size_t)snprintf(to, room, "{\"chain\":\"%s\",\"output\":\"%s:0\"}", chains[i], id);
    }
    transfer_name(h->world[i].accounts[0], route_transfer(&h->world[i], 0, b, 0), name);
    return (size_t)snprintf(to, room, "{\"chain\":\"%s\",\"transfer\":\"%s\"}", chains[i], name);
}

static void case_make(struct house *h, size_t at)
{
    static const char *const policies[] = {"fifo", "lifo", "haircut", "tiho", "poison"};
    char *to = h->text[at], id[24];
    size_t room = sizeof(h->text[at]), n, origins = 1 + test_below(&h->r, 2);
    struct err err;

    snprintf(id, sizeof(id), "c%zu", at);
    n = (size_t)snprintf(to, room, "{\"id\":\"%s\",\"policy\":\"%s\",\"limits\":{%s},\"origins\":[",
                         id, policies[test_below(&h->r, 5)],
                         test_below(&h->r, 4) ? "" : "\"hops_max\":4,\"dust\":\"2\"");
    for (size_t i = 0; i < origins; i++) {
        n += (size_t)snprintf(to + n, room - n, "%s", i ? "," : "");
        n += put_origin(h, to + n, room - n);
    }
    n += (size_t)snprintf(to + n, room - n, "]");
    if (!test_below(&h->r, 3))
        n +=
            (size_t)snprintf(to + n, room - n,
                             ",\"stops\":[{\"address\":\"0x4343434343434343434343434343434343434343"
                             "\",\"name\":\"x\",\"category\":\"exchange\"}]");
    if (!test_below(&h->r, 4)) {
        n += (size_t)snprintf(to + n, room - n, ",\"conversions\":[{\"source\":\"s\",\"from\":");
        n += put_origin(h, to + n, room - n);
        n += (size_t)snprintf(to + n, room - n, ",\"to\":");
        n += put_origin(h, to + n, room - n);
        n += (size_t)snprintf(to + n, room - n, "}]");
    }
    snprintf(to + n, room - n, "}");
    CHECK_OK(
        case_read(h->arena, (struct bytes){(const uint8_t *)to, strlen(to)}, &h->file[at], &err),
        err);
    CHECK_OK(watch_crossing_case(h->w, id, (struct bytes){(const uint8_t *)to, strlen(to)}, &err),
             err);
    watch_crossing_wake(h->w, id);
}

/* ---- the comparison ---- */

static void same_accounts(const struct account_trace *got, const struct account_trace *want)
{
    same_account_totals(got, want);
    same_account_held(got, want);
    CHECK_U(got->unsettled_n, want->unsettled_n);
    CHECK(got->exact == want->exact && got->full == want->full);
}

static void same_coins(const struct trace *got, const struct trace *want)
{
    const struct trace_totals *a = &got->totals, *b = &want->totals;
    size_t k = 0;

    CHECK_U(a->origin, b->origin);
    CHECK_U(a->converted_in, b->converted_in);
    CHECK_U(a->held, b->held);
    CHECK_U(a->exits, b->exits);
    CHECK_U(a->cut, b->cut);
    CHECK_U(a->fees, b->fees);
    CHECK_U(a->dust, b->dust);
    CHECK_U(a->unresolved, b->unresolved);
    for (size_t i = 0; i < want->reached_n; i++) {
        const struct trace_reached *r = &want->reached[i];

        if (r->spent_by != COINS_TX_NONE || r->stop >= 0 || !r->taint)
            continue;
        CHECK(k < got->reached_n);
        CHECK_U(got->reached[k].output, r->output);
        CHECK_U(got->reached[k].taint, r->taint);
        CHECK_U(got->reached[k++].hop, r->hop);
    }
    CHECK_U(got->reached_n, k);
    CHECK(got->exact == want->exact && got->full == want->full);
}

static void gather(struct house *h, const struct crossing_case *c, bool anew)
{
    for (size_t i = 0; i < LEDGERS; i++) {
        size_t n;
        const struct account_move *m = i == COINS ? NULL : crossing_moves(c, i, &n);
        const struct trace_reached *r = i == COINS ? crossing_reached(c, i, &n) : NULL;

        if (anew)
            h->moves_n[i] = 0;
        CHECK(h->moves_n[i] + n <= MOVES_MAX);
        for (size_t k = 0; k < n; k++)
            if (i == COINS)
                h->reached[h->moves_n[i]++] = r[k];
            else
                h->moves[i][h->moves_n[i]++] = m[k];
    }
}

static void same_moves(const struct house *h, size_t ledger, const struct account_trace *want)
{
    CHECK_U(h->moves_n[ledger], want ? want->moves_n : 0);
    for (size_t i = 0; i < h->moves_n[ledger]; i++) {
        const struct account_move *a = &h->moves[ledger][i], *b = &want->moves[i];

        CHECK_U(a->transfer, b->transfer);
        CHECK(u256_equal(a->taint, b->taint));
        CHECK_U(a->hop, b->hop);
        CHECK(a->stop == b->stop && a->grade == b->grade);
        CHECK(a->origin == b->origin && a->beyond == b->beyond);
        CHECK(a->in_leg == b->in_leg && a->out_leg == b->out_leg);
    }
}

/* The writers' stop of what went on by a route is behind all others. */
static void same_reached(const struct house *h, const struct trace *want)
{
    CHECK_U(h->moves_n[COINS], want ? want->reached_n : 0);
    for (size_t i = 0; i < h->moves_n[COINS]; i++) {
        const struct trace_reached *a = &h->reached[i], *b = &want->reached[i];

        CHECK_U(a->output, b->output);
        CHECK_U(a->taint, b->taint);
        CHECK_U(a->hop, b->hop);
        CHECK((a->stop >= 0) == (b->stop >= 0) && a->origin == b->origin);
    }
}

/* What came to our own address has been told, with this amount. */
static void is_told(const struct house *h, size_t ledger, const struct account_trace *want)
{
    const struct account_ledger *l = h->world[ledger].accounts[0];
    const struct accounts *all = account_ledger_accounts(l);

    for (size_t i = 0; want && i < want->moves_n; i++) {
        const struct account_move *m = &want->moves[i];
        struct transfer t = accounts_transfer(all, m->transfer);
        char name[TRANSFER_NAME_MAX];
        bool found = false;

        if (u256_zero(m->taint) || t.to == ACCOUNTS_NONE ||
            account_ledger_key(l, accounts_holding(all, t.to).account).p[0] != 'D')
            continue;
        transfer_name(l, m->transfer, name);
        for (size_t k = 0; !found && k < h->told_n; k++)
            found = !strcmp(h->told[k].place, name) && h->told[k].tainted == m->taint.w[0];
        CHECK(found);
    }
}

static void same_part(const struct house *h, const struct crossing_case *c, size_t i,
                      const struct trace_part *want)
{
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct account_trace accounts;
    struct trace coins;
    struct err err;
    bool there;

    (void)h;
    if (i == COINS) {
        CHECK_OK(crossing_tell_coins(c, a, i, &there, &coins, &err), err);
        CHECK(there || !want->coins);
        if (want->coins)
            same_coins(&coins, want->coins->trace);
        else if (there)
            CHECK_U(coins.reached_n, 0);
    } else {
        CHECK_OK(crossing_tell_accounts(c, a, i, &there, &accounts, &err), err);
        CHECK(there || !want->accounts);
        if (want->accounts) {
            same_accounts(&accounts, want->accounts->trace);
            CHECK(crossing_exact(c, i) == want->accounts->exact);
        } else if (there) {
            CHECK_U(accounts.balances_n, 0);
        }
    }
    arena_free(a);
}

static void compare(struct house *h, size_t at, bool anew)
{
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct trace_ledger ledgers[LEDGERS];
    const struct crossing_case *c;
    enum watch_state state;
    struct ledgers_doc doc;
    const char *text;
    char id[24];
    struct err err;

    for (size_t i = 0; i < LEDGERS; i++)
        ledgers[i] = ledger_at(h, i);
    snprintf(id, sizeof(id), "c%zu", at);
    test_row("case %s, %u %u %u blocks", h->text[at], h->blocks_n[0], h->blocks_n[1],
             h->blocks_n[2]);
    CHECK(watch_crossing_state(h->w, id, &state, &text));
    c = watch_crossing_live(h->w, id);
    if (ledgers_run(a, ledgers, LEDGERS, h->blocks_n, &h->file[at], 1, NULL, 0, &doc, &err)) {
        CHECK_U(state, WATCH_FOLLOWED);
        CHECK(c && crossing_exact_all(c) == doc.exact);
        for (size_t i = 0; i < LEDGERS; i++)
            same_part(h, c, i, &doc.parts[i]);
        if (h->cases_n == 1) {
            gather(h, c, anew);
            for (size_t i = 0; i < COINS; i++) {
                const struct account_trace *want =
                    doc.parts[i].accounts ? doc.parts[i].accounts->trace : NULL;

                same_moves(h, i, want);
                is_told(h, i, want);
            }
            same_reached(h, doc.parts[COINS].coins ? doc.parts[COINS].coins->trace : NULL);
        }
    } else {
        CHECK_U(state,
                err.class == ERR_NOT_FOUND || err.class == ERR_USAGE ? WATCH_WAITS : WATCH_REFUSED);
    }
    arena_free(a);
}

static void listen(void *ctx, const struct watch_found *found)
{
    struct house *h = ctx;

    CHECK(h->told_n < TOLD_MAX);
    snprintf(h->told[h->told_n].place, sizeof(h->told[0].place), "%s", found->place);
    h->told[h->told_n++].tainted = found->tainted.w[0];
}

static void turn(struct house *h)
{
    struct watch_crossing_ledger at[LEDGERS];
    size_t before = watch_crossing_traces(h->w);
    struct err err;

    for (size_t i = 0; i < LEDGERS; i++)
        at[i] = (struct watch_crossing_ledger){
            .ledger = ledger_at(h, i), .own = h->own_set[i], .blocks_max = h->blocks_n[i]};
    CHECK_OK(watch_crossing_turn(h->w, at, LEDGERS, listen, h, &err), err);
    h->anew += watch_crossing_traces(h->w) - before;
    h->turns += h->cases_n;
    for (size_t i = 0; i < h->cases_n; i++)
        compare(h, i, watch_crossing_traces(h->w) != before);
}

static void world_make(struct house *h, bool alone)
{
    static const char own[] = "0x4444444444444444444444444444444444444444 customer\n";
    struct err err;

    h->arena = arena_new(NULL, ARENA_MAX);
    h->cases_n = alone ? 1 : CASES;
    CHECK_OK(
        own_read("own.txt", (struct bytes){(const uint8_t *)own, sizeof(own) - 1}, &h->own, &err),
        err);
    CHECK_OK(watch_crossing_new(0, &h->w, &err), err);
    for (size_t i = 0; i < LEDGERS; i++) {
        random_blocks(h, i, 0);
        ledger_make(h, i);
        CHECK_OK(own_set_make(h->own, chain_by_name(chains[i]), &h->own_set[i], &err), err);
        h->blocks_n[i] = 5 + (uint32_t)test_below(&h->r, 3);
    }
    for (size_t i = 0; i < h->cases_n; i++)
        case_make(h, i);
}

static void world_end(struct house *h)
{
    watch_crossing_free(h->w);
    for (size_t i = 0; i < LEDGERS; i++) {
        own_set_free(h->own_set[i]);
        route_world_free(&h->world[i]);
    }
    ledger_close(h->coins);
    own_free(h->own);
    arena_free(h->arena);
}

static void world(struct house *h, bool alone)
{
    world_make(h, alone);
    for (unsigned t = 0; t < TURNS; t++) {
        if (!test_below(&h->r, 12))
            undo(h);
        turn(h);
        for (size_t i = 0; i < LEDGERS; i++)
            if (h->blocks_n[i] < BLOCKS)
                h->blocks_n[i] += (uint32_t)test_below(&h->r, 2);
    }
    world_end(h);
}

static void grows_and_is_undone(void **state)
{
    struct test_random r = {test_seed()};
    size_t anew = 0, turns = 0;

    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        struct house *h = calloc(1, sizeof(*h));

        CHECK(h);
        h->r = (struct test_random){test_random(&r)};
        world(h, i % 2);
        anew += h->anew;
        turns += h->turns;
        free(h);
    }
    /* they do go on by themselves */
    test_row("%zu whole traces in %zu turns", anew, turns);
    CHECK(anew < turns / 2);
}

/* ---- whatever cannot be had ---- */

static bool turn_to(struct house *h, struct watch_crossing *w, const uint32_t *blocks_n)
{
    struct watch_crossing_ledger at[LEDGERS];
    struct err err;

    h->told_n = 0;
    for (size_t i = 0; i < LEDGERS; i++)
        at[i] = (struct watch_crossing_ledger){
            .ledger = ledger_at(h, i), .own = h->own_set[i], .blocks_max = blocks_n[i]};
    if (watch_crossing_turn(w, at, LEDGERS, listen, h, &err))
        return true;
    CHECK_U(err.class, ERR_NOMEM);
    return false;
}

/* New blocks, some that are undone, and all that there are. */
static bool goes_on(void *ctx)
{
    static const uint32_t turns[][LEDGERS] = {{8, 8, 7}, {13, 12, 14}, {12, 12, 14}, {22, 22, 22}};
    struct house *h = ctx;
    struct watch_crossing *w = NULL;
    struct err err;
    bool ok = watch_crossing_new(0, &w, &err);

    for (size_t i = 0; ok && i < h->cases_n; i++) {
        char id[24];

        snprintf(id, sizeof(id), "c%zu", i);
        ok = watch_crossing_case(
            w, id, (struct bytes){(const uint8_t *)h->text[i], strlen(h->text[i])}, &err);
        if (ok)
            watch_crossing_wake(w, id);
    }
    for (size_t i = 0; ok && i < sizeof(turns) / sizeof(turns[0]); i++)
        ok = turn_to(h, w, turns[i]);
    watch_crossing_free(w);
    return ok;
}

static void every_allocation(void **state)
{
    struct test_random r = {test_seed()};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct house *h = calloc(1, sizeof(*h));

        CHECK(h);
        h->r = (struct test_random){test_random(&r)};
        world_make(h, i % 2);
        test_failed_allocations(goes_on, h);
        world_end(h);
        free(h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_is_undone),
        cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
