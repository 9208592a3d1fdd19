#include "route_world.h"

#include "support.h"

#include "base/text.h"
#include "chain/memo.h"
#include "ledger/account_writer.h"

#include <stdio.h>
#include <stdlib.h>

#define KEY_BYTES 20
#define LONG_KEY_BYTES 32 /* of a program of Solana */
#define PARTS_MAX 4200    /* above ROUTES_LEGS_MAX */
#define TXS_MAX 64

/* What a block of one transaction points to. */
struct made {
    struct transfer_block block;
    struct fact_tx tx;
    struct fact_transfer transfers[PARTS_MAX];
    struct fact_event events[PARTS_MAX];
    uint8_t keys[PARTS_MAX * 8][LONG_KEY_BYTES];
    size_t keys_n;
    char *text; /* data of events points into it */
};

static struct bytes key_of(struct made *m, const char *name, size_t n)
{
    uint8_t *key = m->keys[m->keys_n++];

    CHECK(m->keys_n < PARTS_MAX * 8);
    if (n == 1 && *name == '-')
        return (struct bytes){NULL, 0};
    if (n == (size_t)2 * LONG_KEY_BYTES) {
        CHECK(hex_decode(name, n, key, LONG_KEY_BYTES));
        return (struct bytes){key, LONG_KEY_BYTES};
    }
    if (n == (size_t)2 * KEY_BYTES)
        CHECK(hex_decode(name, n, key, KEY_BYTES));
    else
        memset(key, n == 1 && *name == '0' ? 0 : *name, KEY_BYTES);
    return (struct bytes){key, KEY_BYTES};
}

/* The next word; what follows in *at. */
static struct bytes word(char **at)
{
    char *start = *at + strspn(*at, " "), *end = start + strcspn(start, " ");

    *at = *end ? end + 1 : end;
    return (struct bytes){(const uint8_t *)start, (size_t)(end - start)};
}

static struct bytes key_word(struct made *m, char **at)
{
    struct bytes w = word(at);

    return w.n ? key_of(m, (const char *)w.p, w.n) : (struct bytes){NULL, 0};
}

static uint64_t number(char **at)
{
    struct bytes w = word(at);
    uint64_t n = 0;

    CHECK(u64_from_text((const char *)w.p, w.n, &n));
    return n;
}

static void fee(struct made *m, char *at)
{
    struct fact_transfer *t = &m->transfers[m->tx.transfers_n++];

    *t = (struct fact_transfer){.kind = TRANSFER_FEE, .from = key_word(m, &at)};
    t->amount = u256_of(number(&at));
}

static void moves(struct made *m, enum transfer_kind kind, char *at)
{
    struct fact_transfer *t = &m->transfers[m->tx.transfers_n++];
    struct bytes both = word(&at);
    const char *p = (const char *)both.p, *middle = memchr(p, '>', both.n);
    static uint8_t path[PARTS_MAX * 4];
    uint32_t place = (uint32_t)m->tx.transfers_n;

    CHECK(middle);
    *t = (struct fact_transfer){.kind = kind,
                                .from = key_of(m, p, (size_t)(middle - p)),
                                .to = key_of(m, middle + 1, both.n - (size_t)(middle - p) - 1)};
    t->amount = t->credit = u256_of(number(&at));
    if (kind == TRANSFER_INTERNAL) {
        store_le32(path + 4 * place, place);
        t->path = (struct bytes){path + 4 * place, 4};
        return;
    }
    if (kind != TRANSFER_LOG)
        return;
    t->asset = key_word(m, &at);
    t->position = (uint32_t)number(&at);
}

static void event(struct made *m, char *at)
{
    static const struct {
        const char *name;
        enum event_kind kind;
    } kinds[] = {{"memo", EVENT_MEMO},     {"swap", EVENT_SWAP},      {"wrap", EVENT_WRAP},
                 {"unwrap", EVENT_UNWRAP}, {"out", EVENT_BRIDGE_OUT}, {"in", EVENT_BRIDGE_IN},
                 {"borrow", EVENT_BORROW}, {"holder", EVENT_HOLDER}};
    struct fact_event *e = &m->events[m->tx.events_n++];
    struct bytes kind = word(&at);
    size_t i = 0;

    while (i < 8 && (strlen(kinds[i].name) != kind.n || memcmp(kinds[i].name, kind.p, kind.n) != 0))
        i++;
    CHECK(i < 8);
    *e = (struct fact_event){.kind = kinds[i].kind, .subject = key_word(m, &at)};
    e->log = (uint32_t)number(&at);
    e->data = (struct bytes){(const uint8_t *)at, strlen(at)};
}

static void part(struct made *m, char *at)
{
    struct bytes what = word(&at);

    CHECK(what.n && m->tx.transfers_n < PARTS_MAX && m->tx.events_n < PARTS_MAX);
    switch (*what.p) {
    case 'f':
        fee(m, at);
        return;
    case 'v':
        moves(m, TRANSFER_VALUE, at);
        return;
    case 'i':
        moves(m, TRANSFER_INTERNAL, at);
        return;
    case 'l':
        moves(m, TRANSFER_LOG, at);
        return;
    case 'e':
        event(m, at);
        return;
    default:
        CHECK(false);
    }
}

static struct hash32 block_hash(const struct route_world *world, uint32_t n)
{
    struct hash32 h;

    memset(h.b, 0x40 + (int)n, sizeof(h.b));
    if (world->branch && n >= world->branch_from)
        h.b[0] = world->branch;
    return h;
}

static void one_tx(const struct route_world *world, struct account_ledger_writer *w, uint32_t n,
                   char *line)
{
    struct made *m = calloc(1, sizeof(*m));
    struct err err;

    CHECK(m);
    memset(m->tx.hash.b, (int)n + 1, sizeof(m->tx.hash.b));
    for (char *at = line, *end; *at; at = end) {
        end = at + strcspn(at, ";");
        if (*end)
            *end++ = '\0';
        part(m, at);
    }
    m->tx.transfers = m->transfers;
    m->tx.events = m->events;
    m->block = (struct transfer_block){
        .height = n, .time = 1000 + 12 * n, .internals = true, .txs = &m->tx, .txs_n = 1};
    m->block.hash = block_hash(world, n);
    if (n)
        m->block.prev = block_hash(world, n - 1);
    CHECK_OK(account_ledger_take(w, &m->block, &err), err);
    free(m);
}

/* A new folder in the test's one. */
static const char *folder(void)
{
    static char path[600];
    static const char *base;
    static unsigned n;

    if (!base)
        base = test_dir();
    snprintf(path, sizeof(path), "%s/%u", base, n++);
    return path;
}

void route_world_accounts(struct route_world *w, const char *chain, const char *text)
{
    static const struct ledger_options small = {
        .memory = LEDGER_MEMORY_MIN, .threads = 1, .fleeting = true};
    struct account_ledger_writer *writer;
    const char *dir = folder();
    char *lines = strdup(text);
    struct account_ledger *l;
    struct err err;
    uint32_t n = 0;

    CHECK(lines && w->n < ROUTE_WORLD_LEDGERS);
    CHECK_OK(account_ledger_writer_open(dir, chain_by_name(chain), small, &writer, &err), err);
    for (char *at = lines, *end; *at; at = end) {
        end = at + strcspn(at, "\n");
        if (*end)
            *end++ = '\0';
        one_tx(w, writer, n++, at);
    }
    CHECK_OK(account_ledger_finish(writer, &err), err);
    account_ledger_writer_close(writer);
    free(lines);
    CHECK_OK(account_ledger_open(dir, &l, &err), err);
    w->accounts[w->n] = l;
    w->ledgers[w->n++] = route_ledger_of(l, account_ledger_accounts(l));
}

/* ---- coins ---- */

static struct hash32 coin_txid(const void *ctx, uint64_t tx)
{
    struct hash32 h;

    (void)ctx;
    memset(h.b, (int)(0x80 + tx), sizeof(h.b));
    return h;
}

/* as route_ledger has it. NOLINTNEXTLINE(readability-non-const-parameter) */
static bool coin_script(const void *ctx, uint64_t output, uint8_t buffer[SCRIPT_FORM_MAX],
                        struct bytes *ret)
{
    const struct route_coins *c = ctx;

    (void)buffer;
    if (output >= c->coins.outputs_n)
        return false;
    *ret = (struct bytes){c->script[output].p, c->script[output].n};
    return true;
}

static uint64_t coin_script_before(const struct route_coins *c, struct bytes script,
                                   uint64_t output)
{
    while (output-- > 0)
        if (bytes_equal((struct bytes){c->script[output].p, c->script[output].n}, script))
            return output;
    return COINS_NONE;
}

static uint64_t coin_script_last(const void *ctx, struct bytes script)
{
    const struct route_coins *c = ctx;

    return coin_script_before(c, script, c->coins.outputs_n);
}

static uint64_t coin_script_prev(const void *ctx, uint64_t output)
{
    const struct route_coins *c = ctx;

    return coin_script_before(c, (struct bytes){c->script[output].p, c->script[output].n}, output);
}

static size_t letter_script(char letter, uint8_t *to)
{
    to[0] = 0;
    to[1] = KEY_BYTES;
    memset(to + 2, letter, KEY_BYTES);
    return 2 + KEY_BYTES;
}

static void script_read(struct route_coins *c, size_t output, const char *at, size_t n)
{
    uint8_t *to = c->script[output].p;

    if (n == 1) {
        c->script[output].n = letter_script(*at, to);
        return;
    }
    if (*at == '+') {
        CHECK(n - 1 <= KEY_BYTES);
        c->script[output].n = letter_script('\0', to);
        memcpy(to + 2, at + 1, n - 1);
        return;
    }
    to[0] = 0x6a;
    if (n < 0x4c) {
        to[1] = (uint8_t)n;
        c->script[output].n = 2 + n;
    } else {
        to[1] = 0x4c;
        to[2] = (uint8_t)n;
        c->script[output].n = 3 + n;
    }
    memcpy(to + c->script[output].n - n, at, n);
}

void route_world_coins(struct route_world *w, const char *chain, const char *text,
                       const char *scripts)
{
    struct route_coins *c = calloc(1, sizeof(*c));
    const char *wrong;
    size_t n = 0;

    CHECK(c && w->n < ROUTE_WORLD_LEDGERS);
    wrong = world_read(&c->world, text);
    if (wrong)
        test_failed(__FILE__, __LINE__, "world: %s", wrong);
    c->coins = world_coins(&c->world);
    c->chain = chain_by_name(chain);
    for (const char *at = scripts; *at; n++) {
        size_t length = strcspn(at, " ");

        CHECK(n < c->coins.outputs_n && length < 256);
        script_read(c, n, at, length);
        at += length + strspn(at + length, " ");
    }
    CHECK_U(n, c->coins.outputs_n);
    w->coins[w->n] = c;
    w->ledgers[w->n++] = (struct route_ledger){.chain = c->chain,
                                               .coins = &c->coins,
                                               .ctx = c,
                                               .txid = coin_txid,
                                               .script = coin_script,
                                               .script_last = coin_script_last,
                                               .script_prev = coin_script_prev};
}

void route_world_free(struct route_world *w)
{
    for (size_t i = 0; i < w->n; i++) {
        account_ledger_close(w->accounts[i]);
        free(w->coins[i]);
    }
    memset(w, 0, sizeof(*w));
}

uint64_t route_transfer(const struct route_world *w, size_t ledger, uint64_t tx, uint64_t place)
{
    struct accounts_range range = accounts_tx(w->ledgers[ledger].accounts, tx);

    CHECK(place < range.n);
    return range.first + place;
}

void route_address(const char *chain, char letter, char ret[ADDRESS_BYTES_MAX])
{
    uint8_t script[2 + KEY_BYTES];
    struct bytes in = {script, letter_script(letter, script)};

    CHECK(address_of_script(chain_by_name(chain), in, ret));
}
