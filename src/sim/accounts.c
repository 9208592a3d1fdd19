#include "sim/accounts.h"

#include "base/u256.h"
#include "sim/genesis.h"
#include "sim/random.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define GWEI UINT64_C(1000000000)
#define ETH GWEI /* in gwei */
#define USD UINT64_C(1000000)
#define GAS_PRICE 20u /* gwei */
#define BASE_FEE 15u
#define GAS_PLAIN 21000u
#define GAS_TOKEN 52000u
#define GAS_ROUTER 90000u
#define THEFT_HEIGHT 96u
#define PEOPLE 24u
#define BLOCK_SECONDS 600u
/* The router of this chain: trace/routes_trust has it, as it has those of others. */
#define ROUTER "5e1b0c0a7d3f4e2991a6d8c3b7f05a4421cde001"
#define TOPIC_TRANSFER "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
#define TOPIC_DEPOSIT "ef519b7eb82aaf6ac376a6df2d793843ebfd593de5f1a0601d3cc6ab49ebb395"

struct key20 {
    uint8_t b[20];
};

enum table { TABLE_BLOCKS, TABLE_TXS, TABLE_LOGS, TABLE_TRACES };
#define TABLES 4

static const char *const table_names[TABLES] = {"blocks.csv", "transactions.csv", "logs.csv",
                                                "traces.csv"};
static const char *const table_heads[TABLES] = {
    "number,hash,parent_hash,miner,gas_limit,gas_used,timestamp,transaction_count,base_fee_per_gas",
    ("hash,nonce,block_hash,block_number,transaction_index,from_address,to_address,value,gas,"
     "gas_price,input,block_timestamp,transaction_type,receipt_gas_used,receipt_status,"
     "receipt_effective_gas_price"),
    "log_index,transaction_hash,transaction_index,block_hash,block_number,address,data,topics",
    ("block_number,transaction_hash,transaction_index,from_address,to_address,value,input,output,"
     "trace_type,call_type,reward_type,gas,gas_used,subtraces,trace_address,error,status,"
     "trace_id")};

struct writer {
    const struct sim_accounts *s;
    struct text to[TABLES];
    uint32_t height, txs, logs;
    struct hash32 block, tx;
    uint64_t gas_used, nonces;
    struct dice dice;
};

static struct hash32 name_hash(uint64_t seed, const char *what, uint64_t number)
{
    char text[96];
    int n = snprintf(text, sizeof(text), "cordon.sim/%llu/%.40s/%llu", (unsigned long long)seed,
                     what, (unsigned long long)number);

    return sha256(text, (size_t)n);
}

struct hash32 sim_swap_tx(uint64_t seed)
{
    return name_hash(seed, "swap", 0);
}

static struct key20 account(uint64_t seed, const char *name)
{
    struct hash32 h = name_hash(seed, name, 0);
    struct key20 k;

    if (!strcmp(name, "router"))
        hex_decode(ROUTER, sizeof(ROUTER) - 1, k.b, sizeof(k.b));
    else
        memcpy(k.b, h.b + 12, sizeof(k.b));
    return k;
}

void sim_account_address(uint64_t seed, const char *name, char ret[SIM_ADDRESS_TEXT])
{
    struct key20 k = account(seed, name);

    snprintf(ret, SIM_ADDRESS_TEXT, "0x");
    for (size_t i = 0; i < sizeof(k.b); i++)
        snprintf(ret + 2 + 2 * i, 3, "%02x", k.b[i]);
}

static void put_hash(struct text *to, const struct hash32 *h)
{
    text_str(to, "0x");
    text_hex(to, h->b, sizeof(h->b));
}

static void put_account(struct text *to, uint64_t seed, const char *name)
{
    char shown[SIM_ADDRESS_TEXT];

    if (!name)
        return;
    sim_account_address(seed, name, shown);
    text_str(to, shown);
}

static void put_wei(struct text *to, uint64_t gwei)
{
    if (gwei)
        text_printf(to, "%llu000000000", (unsigned long long)gwei);
    else
        text_char(to, '0');
}

static void put_word(struct text *to, uint64_t v)
{
    text_printf(to, "%064llx", (unsigned long long)v);
}

/* 32 bytes of a topic or a word that hold an account. */
static void put_topic(struct text *to, uint64_t seed, const char *name)
{
    struct key20 k = account(seed, name);

    text_printf(to, "%024d", 0);
    text_hex(to, k.b, sizeof(k.b));
}

static void trace_row(struct writer *w, const char *from, const char *into, uint64_t gwei,
                      const char *path, unsigned subtraces)
{
    struct text *to = &w->to[TABLE_TRACES];

    text_printf(to, "%u,", w->height);
    put_hash(to, &w->tx);
    text_printf(to, ",%u,", w->txs - 1);
    put_account(to, w->s->seed, from);
    text_char(to, ',');
    put_account(to, w->s->seed, into);
    text_char(to, ',');
    put_wei(to, gwei);
    text_printf(to, ",0x,0x,call,call,,100000,21000,%u,%s,,1,call_", subtraces, path);
    put_hash(to, &w->tx);
    text_printf(to, "_%s\n", path);
}

/* A transaction, which may call on with the same value (to next). */
static void send(struct writer *w, const struct hash32 *hash, const char *from, const char *into,
                 uint64_t gwei, uint64_t gas, const char *next)
{
    struct text *to = &w->to[TABLE_TXS];

    w->tx = hash ? *hash : name_hash(w->s->seed, "tx", (uint64_t)w->height << 16 | w->txs);
    put_hash(to, &w->tx);
    text_printf(to, ",%llu,", (unsigned long long)w->nonces++);
    put_hash(to, &w->block);
    text_printf(to, ",%u,%u,", w->height, w->txs++);
    put_account(to, w->s->seed, from);
    text_char(to, ',');
    put_account(to, w->s->seed, into);
    text_char(to, ',');
    put_wei(to, gwei);
    text_printf(to, ",%llu,%llu,0x,%u,0,%llu,1,%llu\n", (unsigned long long)gas,
                (unsigned long long)(GAS_PRICE * GWEI),
                SIM_GENESIS_TIME + w->height * BLOCK_SECONDS, (unsigned long long)gas,
                (unsigned long long)(GAS_PRICE * GWEI));
    w->gas_used += gas;
    trace_row(w, from, into, gwei, "", next != NULL);
    if (next)
        trace_row(w, into, next, gwei, "0", 0);
}

static void log_head(struct writer *w, const char *contract)
{
    struct text *to = &w->to[TABLE_LOGS];

    text_printf(to, "%u,", w->logs++);
    put_hash(to, &w->tx);
    text_printf(to, ",%u,", w->txs - 1);
    put_hash(to, &w->block);
    text_printf(to, ",%u,", w->height);
    put_account(to, w->s->seed, contract);
    text_str(to, ",0x");
}

/* from NULL: newly issued */
static void send_token(struct writer *w, const char *sender, const char *from, const char *into,
                       uint64_t units)
{
    struct text *to = &w->to[TABLE_LOGS];

    send(w, NULL, sender, "token", 0, GAS_TOKEN, NULL);
    log_head(w, "token");
    put_word(to, units);
    text_str(to, ",\"0x" TOPIC_TRANSFER ",0x");
    if (from)
        put_topic(to, w->s->seed, from);
    else
        put_word(to, 0);
    text_str(to, ",0x");
    put_topic(to, w->s->seed, into);
    text_str(to, "\"\n");
}

/* Deposit(to indexed, asset indexed, amount, memo): asset 0 is the native coin. */
static void send_router(struct writer *w, const char *from, uint64_t gwei)
{
    struct hash32 hash = sim_swap_tx(w->s->seed);
    struct text *to = &w->to[TABLE_LOGS];
    char memo[128];
    int n = snprintf(memo, sizeof(memo), "=:BTC.BTC:%s", w->s->payout);
    uint8_t words[128] = {0}, amount[U256_BYTES];
    struct u256 wei;

    u256_mul(u256_of(gwei), u256_of(GWEI), &wei);
    u256_to_be(wei, amount);
    memcpy(words, memo, (size_t)n);
    send(w, &hash, from, "router", gwei, GAS_ROUTER, "vault");
    log_head(w, "router");
    text_hex(to, amount, sizeof(amount));
    put_word(to, 64);
    put_word(to, (uint64_t)n);
    text_hex(to, words, ((size_t)n + 31) / 32 * 32);
    text_str(to, ",\"0x" TOPIC_DEPOSIT ",0x");
    put_topic(to, w->s->seed, "vault");
    text_str(to, ",0x");
    put_word(to, 0);
    text_str(to, "\"\n");
}

static const char *person(struct writer *w, uint64_t i, char ret[16])
{
    snprintf(ret, 16, "person %u", (unsigned)(i % PEOPLE));
    return ret;
}

/* The first block issues, the next ones hand out; then people pay each other and go to exchanges.
 */
static void ordinary(struct writer *w)
{
    char one[16], other[16];

    if (w->height == 2) {
        send(w, NULL, "treasury", "hot", 5000 * ETH, GAS_PLAIN, NULL);
        send_token(w, "treasury", NULL, "hot", 2000000 * USD);
    }
    for (uint64_t i = 0; w->height == 3 && i < PEOPLE; i++)
        send(w, NULL, "treasury", person(w, i, one), 50 * ETH, GAS_PLAIN, NULL);
    for (uint64_t n = dice_range(&w->dice, 2, 6); w->height > 3 && n; n--) {
        uint64_t from = dice_below(&w->dice, PEOPLE), amount = dice_range(&w->dice, 1, 40);

        person(w, from, one);
        if (dice_percent(&w->dice, 25))
            send(w, NULL, one, dice_percent(&w->dice, 50) ? "deposit 2" : "deposit 3",
                 amount * ETH / 100, GAS_PLAIN, NULL);
        else
            send(w, NULL, one, person(w, from + 1 + amount, other), amount * ETH / 100, GAS_PLAIN,
                 NULL);
    }
}

/* What the thief does, and what it comes to: the one place for both. */
#define TAKEN_ETH (60 * ETH)
#define TAKEN_USD (150000 * USD)
#define A_TO_B (55 * ETH)
#define B_TO_EXCHANGE (9 * ETH)
#define B_TO_C (12 * ETH)
#define B_TO_ROUTER (30 * ETH)
#define B_TO_E (60000 * USD)
#define B_TO_OTHER (30000 * USD)
#define A_FEES ((GAS_PLAIN + GAS_TOKEN) * (uint64_t)GAS_PRICE)
#define B_FEES ((2 * GAS_PLAIN + 2 * GAS_TOKEN + GAS_ROUTER) * (uint64_t)GAS_PRICE)

static void theft(struct writer *w)
{
    switch (w->height) {
    case THEFT_HEIGHT:
        send(w, NULL, "hot", "A", TAKEN_ETH, GAS_PLAIN, NULL);
        send_token(w, "hot", "hot", "A", TAKEN_USD);
        break;
    case THEFT_HEIGHT + 1:
        send(w, NULL, "A", "B", A_TO_B, GAS_PLAIN, NULL);
        send_token(w, "A", "A", "B", TAKEN_USD);
        break;
    case THEFT_HEIGHT + 2:
        send(w, NULL, "B", "deposit 0", B_TO_EXCHANGE, GAS_PLAIN, NULL);
        send(w, NULL, "B", "C", B_TO_C, GAS_PLAIN, NULL);
        break;
    case THEFT_HEIGHT + 3:
        send_token(w, "B", "B", "E", B_TO_E);
        break;
    case THEFT_HEIGHT + 4:
        send_token(w, "B", "B", "deposit 1", B_TO_OTHER);
        break;
    case SIM_SWAP_HEIGHT:
        send_router(w, "B", B_TO_ROUTER);
        break;
    default:
        break;
    }
}

static struct hash32 block_hash(uint64_t seed, uint32_t height)
{
    return name_hash(seed, "block", height);
}

static void write_block(struct writer *w, uint32_t height)
{
    struct text *to = &w->to[TABLE_BLOCKS];
    struct hash32 prev = block_hash(w->s->seed, height - 1);

    w->height = height;
    w->txs = w->logs = 0;
    w->gas_used = 0;
    w->block = block_hash(w->s->seed, height);
    theft(w);
    ordinary(w);
    text_printf(to, "%u,", height);
    put_hash(to, &w->block);
    text_char(to, ',');
    put_hash(to, &prev);
    text_char(to, ',');
    put_account(to, w->s->seed, "miner");
    text_printf(to, ",30000000,%llu,%u,%u,%llu\n", (unsigned long long)w->gas_used,
                SIM_GENESIS_TIME + height * BLOCK_SECONDS, w->txs,
                (unsigned long long)(BASE_FEE * GWEI));
    if (height != 1)
        return;
    to = &w->to[TABLE_TRACES]; /* all the coins that there are */
    text_str(to, "1,,,,");
    put_account(to, w->s->seed, "treasury");
    text_str(to, ",100000000000000000000000,,,reward,,block,,,0,,,1,reward_1_0\n");
}

static void path_of(const char *dir, int table, char ret[PATH_MAX])
{
    if (table < 0)
        snprintf(ret, PATH_MAX, "%s/accounts", dir);
    else
        snprintf(ret, PATH_MAX, "%s/accounts/%s", dir, table_names[table]);
}

static bool file_write(const char *path, struct text *t, struct err *err)
{
    FILE *file;
    bool ok;

    if (!text_string(t))
        return err_fail(err, ERR_NOMEM, "%s", path);
    file = fopen(path, "wb");
    if (!file)
        return err_system(err, "%s", path);
    ok = fwrite(t->p, 1, t->n, file) == t->n;
    return (!fclose(file) && ok) || err_system(err, "%s", path);
}

bool sim_accounts_write(const struct sim_accounts *s, const char *dir, struct err *err)
{
    struct writer w = {.s = s, .dice = dice_from(s->seed ^ 0x6163636f756e7473)};
    char path[PATH_MAX];
    bool ok = true;

    path_of(dir, -1, path);
    if (mkdir(path, 0777) && errno != EEXIST)
        return err_system(err, "%s", path);
    for (int i = 0; i < TABLES; i++) {
        w.to[i] = text_new((size_t)64 << 20);
        text_printf(&w.to[i], "%s\n", table_heads[i]);
    }
    for (uint32_t height = 1; height <= SIM_ACCOUNTS_BLOCKS; height++)
        write_block(&w, height);
    for (int i = 0; i < TABLES; i++) {
        path_of(dir, i, path);
        ok = ok && file_write(path, &w.to[i], err);
        text_free(&w.to[i]);
    }
    return ok;
}

void sim_accounts_remove(const char *dir)
{
    char path[PATH_MAX];

    for (int i = TABLES; i-- > -1;) {
        path_of(dir, i, path);
        if (i < 0)
            rmdir(path);
        else
            unlink(path);
    }
}

static void put_origin(struct json_out *j, const struct sim_accounts *s, uint32_t tx,
                       const char *which)
{
    struct hash32 h = name_hash(s->seed, "tx", (uint64_t)THEFT_HEIGHT << 16 | tx);
    char id[80] = "0x";

    for (size_t i = 0; i < sizeof(h.b); i++)
        snprintf(id + 2 + 2 * i, 3, "%02x", h.b[i]);
    snprintf(id + 66, sizeof(id) - 66, ":%s", which);
    json_object(j);
    json_put_string(j, "transfer", id);
    json_object_end(j);
}

void sim_accounts_origins(struct json_out *j, const struct sim_accounts *s)
{
    put_origin(j, s, 0, "v");
    put_origin(j, s, 1, "l0");
}

void sim_accounts_stops(struct json_out *j, const struct sim_accounts *s)
{
    static const char *const names[] = {"deposit 0", "deposit 1"};
    char shown[SIM_ADDRESS_TEXT];

    for (size_t i = 0; i < 2; i++) {
        sim_account_address(s->seed, names[i], shown);
        json_object(j);
        json_put_string(j, "address", shown);
        json_put_string(j, "name", s->exchanges[i]);
        json_put_string(j, "category", "exchange");
        json_put_string(j, "chain", SIM_ACCOUNTS_CHAIN);
        json_object_end(j);
    }
}

static void put_end(struct json_out *j, const struct sim_accounts *s, const char *kind,
                    const char *name, bool token, uint64_t amount, const char *service)
{
    char shown[SIM_ADDRESS_TEXT];
    struct text wei = text_new(64);

    put_wei(&wei, amount);
    json_object(j);
    json_key(j, "account");
    if (name)
        sim_account_address(s->seed, name, shown);
    json_string(j, name ? shown : NULL);
    json_key(j, "asset");
    if (token)
        sim_account_address(s->seed, "token", shown);
    json_string(j, token ? shown : "ETH");
    json_key(j, "value");
    if (token)
        json_decimal(j, amount);
    else
        json_string(j, text_string(&wei));
    json_put_string(j, "kind", kind);
    json_put_string(j, "service", service);
    json_object_end(j);
    text_free(&wei);
}

void sim_accounts_ends(struct json_out *j, const struct sim_accounts *s)
{
    put_end(j, s, "exchange-deposit", "deposit 0", false, B_TO_EXCHANGE, s->exchanges[0]);
    put_end(j, s, "exchange-deposit", "deposit 1", true, B_TO_OTHER, s->exchanges[1]);
    put_end(j, s, "held", "A", false, TAKEN_ETH - A_TO_B - A_FEES, NULL);
    put_end(j, s, "held", "B", false, A_TO_B - B_TO_EXCHANGE - B_TO_C - B_TO_ROUTER - B_FEES, NULL);
    put_end(j, s, "held", "C", false, B_TO_C, NULL);
    put_end(j, s, "held", "B", true, TAKEN_USD - B_TO_E - B_TO_OTHER, NULL);
    put_end(j, s, "held", "E", true, B_TO_E, NULL);
    put_end(j, s, "swap", "router", false, B_TO_ROUTER, NULL);
    put_end(j, s, "fee", NULL, false, A_FEES + B_FEES, NULL);
}
