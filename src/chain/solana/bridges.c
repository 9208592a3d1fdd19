/* Two tables, of programs and of what they say, and a small reader of them. */
#include "chain/solana/bridges.h"

#include "base/text.h"
#include "base/u256.h"
#include "chain/bitcoin/base58.h"
#include "chain/solana/derived.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#define KEY_TEXT_MAX 260
#define EVENT_BYTES_MAX 1024
#define DISCRIMINATOR_BYTES 8
#define ADDRESS_PAD 12 /* zeros before an address of 20 bytes */
#define NO_ACCOUNT SOLANA_CALL_ACCOUNTS
#define CALLS_OF_ROW 4
#define POST_MESSAGE 1
#define POST_MESSAGE_UNRELIABLE 8

enum program {
    CCTP_MINTER = 1,
    CCTP_TRANSMITTER,
    CCTP2_MINTER,
    CCTP2_TRANSMITTER,
    DLN_SOURCE,
    DLN_DESTINATION,
    ACROSS,
    WORMHOLE,
    WORMHOLE_TOKENS
};

/* Circle, "Solana programs"; deBridge, "trusted smart contracts"; Wormhole, "contract
 * addresses". */
static const char *const programs[] = {
    /* CCTPiPYPc6AsJuwueEnWgSgucamXDZwBd53dQ11YiKX3 */
    [CCTP_MINTER] = "a65fc943419a5ad590042fd67c9791fd015acf53a54cc823edb8ff81b9ed722e",
    /* CCTPmbSD7gX1bxKPAmg77w8oFzNFpaQiQUWD43TKaecd */
    [CCTP_TRANSMITTER] = "a65fc989db5f5d42759f3a546058efcdcdc0bf3c1898072d8eb45dd1d80508ce",
    /* CCTPV2vPZJS2u2BBsUoscuikbYjnpFmbFsvVuJdgUMQe */
    [CCTP2_MINTER] = "a65fc81d0fefa8860cb3b83f089b0224be8a6687b7ae49f594c0b9b4d7e93893",
    /* CCTPV2Sm4AdWt5296sk4P66VBZ7bEhcARwFaaS9YPbeC */
    [CCTP2_TRANSMITTER] = "a65fc81ce19edcd2d2c340b02fa61be1d5badde1592833ddf92009d8cf685455",
    /* src5qyZHqTqecJV4aY6Cb6zDZLMDzrDKKezs22MPHr4 */
    [DLN_SOURCE] = "0d0720fe448de59d8811e24d6df917dc8d0d98b392ddf4dd2b622a747a60fded",
    /* dst5MGcFPoBeREFAA5E3tU5ij8m5uVYwkzkSAbsLbNo */
    [DLN_DESTINATION] = "097270a4617fcfdc55d7fbbada94193630b31b4d4c77d2f9cac2c2edb3c1e0d0",
    /* DLv3NggMiSaef97YCkew5xKUHDh13tVGZ7tydt3ZeAru */
    [ACROSS] = "b7664086de37ee70821c10445b162f2c7ec8795bd0800c1462949e2328d1dd5a",
    /* worm2ZoG2kUd4vFXhvjh93UUH596ayRfgQ2MgjNMTth */
    [WORMHOLE] = "0e0a589a41a55fbd66c52a475f2d92a6d3dc9b4747114cb9af825a98b545d3ce",
    /* wormDTUJ6AWPNvk59vGQbDvGJmqbDTdgWgAqcLBCgUb */
    [WORMHOLE_TOKENS] = "0e0a589e6488147a94dcfa592b90fdd41152bb2ca77bf6016758a6f4df9d21b4",
};
#define PROGRAMS_N (sizeof(programs) / sizeof(programs[0]))

/* Accounts of programs that hold what others are paid from, or what has left: addresses that follow
 * from program and seeds. */
/* seed "token_minter" of the first and second CCTP: DBD8hAwLDRQkTsu6EqviaYNGKPnsAMmQonxf7AH8ZcFY,
 * E1bQJ8eMMn3zmeSewW3HQ8zmJr7KR75JonbwAtWx2bux */
static const char cctp_holder[] =
    "b4e9c5059b4c802b52611072842ee1dd053a913b3f27ae0d116913419d0110e7";
static const char cctp2_holder[] =
    "c14ed3febff31b8949c9d4112029bc5d3eff50dab32f41648bd613937333e1bf";
/* seeds "state", 0 of Across: 3tzNXZAnJaCVikmENJSnJFAzkAnediKTxH3ot9Hiwnkz */
static const char across_holder[] =
    "2b08dd69042fdafc2be3cbe3970ffdcbd0e3cf965a88d3bad9ed8b8b7a7932cb";
/* seed "custody_signer" of Wormhole's token bridge: GugU1tP7doLeTw9hQP51xRJyS8Da1fWxuiy2rVrnMD2m */
static const char wormhole_holder[] =
    "ec5e214c1b838fb77d38634531798e11fd817095aa8adb9b5362d174f0e96f26";

#define CLAIM "wormhole-claim:"

/* A pattern writes text: %u8/4; is the number that is little-endian in 4 bytes from byte 8 of the
 * fields on, %b one that is big-endian, %x the bytes in hex, %k the same but for an address of 20
 * bytes behind zeros, which is written as that. %e is the second account of a message of Wormhole,
 * its emitter, and %n its number; %c the account that is made when one is paid, in base 58. */
struct row {
    enum program program;
    enum event_kind kind;
    const char *event; /* NULL: calls, or "Sequence: <number>" in the log */
    const char *pattern;
    const char *holder;          /* or NULL */
    unsigned holder_account;     /* of the instruction, or NO_ACCOUNT */
    uint8_t calls[CALLS_OF_ROW]; /* what is said by being called so: first bytes; 0: none */
};

/* CCTP: solana-cctp-contracts, events.rs of both versions; in the second, message bodies as in
 * BurnMessageV2.sol. Domain 5 is Solana. deBridge: IDL of dln_src and dln_dst; what is given lies
 * with the order's account, and who takes an order pays it. Across: IDL of svm_spoke; its number of
 * Solana, and who signs a fill pays it. Wormhole: solana/bridge/program, api/post_message.rs; chain
 * 1 is Solana; its token bridge, api/complete_transfer.rs and complete_transfer_payload.rs, whose
 * fourth account cannot be another than that of the message (solana_key_here). */
static const struct row rows[] = {
    {CCTP_MINTER, EVENT_BRIDGE_OUT, "DepositForBurn", "cctp:5:%u0/8;", NULL, NO_ACCOUNT, {0}},
    {CCTP_TRANSMITTER,
     EVENT_BRIDGE_IN,
     "MessageReceived",
     "cctp:%u32/4;:%u36/8;",
     cctp_holder,
     NO_ACCOUNT,
     {0}},
    {CCTP2_MINTER,
     EVENT_BRIDGE_OUT,
     "DepositForBurn",
     "~cctp2:5:%u104/4;:%x72/32;:%u32/8;:%k40/32;",
     NULL,
     NO_ACCOUNT,
     {0}},
    {CCTP2_TRANSMITTER,
     EVENT_BRIDGE_IN,
     "MessageReceived",
     "~cctp2:%u32/4;:5:%x144/32;:%b176/32;:%k208/32;",
     cctp2_holder,
     NO_ACCOUNT,
     {0}},
    {ACROSS,
     EVENT_BRIDGE_OUT,
     "FundsDeposited",
     "across:34268394551451:%b112/32;",
     across_holder,
     NO_ACCOUNT,
     {0}},
    {ACROSS, EVENT_BRIDGE_IN, "FilledRelay", "across:%u112/8;:%b120/32;", NULL, 0, {0}},
    {DLN_SOURCE, EVENT_BRIDGE_OUT, "CreatedOrderId", "dln:%x0/32;", NULL, 3, {0}},
    {DLN_DESTINATION, EVENT_BRIDGE_IN, "Fulfilled", "dln:%x0/32;", NULL, 1, {0}},
    {WORMHOLE, EVENT_BRIDGE_OUT, NULL, "wormhole:1:%e:%n", wormhole_holder, NO_ACCOUNT, {0}},
    {WORMHOLE_TOKENS,
     EVENT_BRIDGE_IN,
     NULL,
     CLAIM "%c",
     wormhole_holder,
     NO_ACCOUNT,
     {2, 3, 9, 10}},
};
#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

/* sha256("anchor:event"), as a number that is little-endian */
static const uint8_t called_itself[] = {0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d};

static struct {
    uint8_t program[PROGRAMS_N][SOLANA_KEY_BYTES];
    uint8_t holder[ROWS_N][SOLANA_KEY_BYTES];
    uint8_t discriminator[ROWS_N][DISCRIMINATOR_BYTES];
} table;

static void key_read(const char *hex, uint8_t to[SOLANA_KEY_BYTES])
{
    if (!hex_decode(hex, (size_t)2 * SOLANA_KEY_BYTES, to, SOLANA_KEY_BYTES))
        abort();
}

static void table_make(void)
{
    for (size_t i = 1; i < PROGRAMS_N; i++)
        key_read(programs[i], table.program[i]);
    for (size_t i = 0; i < ROWS_N; i++) {
        char name[64] = "event:";
        struct hash32 hash;

        if (rows[i].holder)
            key_read(rows[i].holder, table.holder[i]);
        if (!rows[i].event)
            continue;
        memcpy(name + 6, rows[i].event, strlen(rows[i].event) + 1);
        hash = sha256((const uint8_t *)name, strlen(name));
        memcpy(table.discriminator[i], hash.b, DISCRIMINATOR_BYTES);
    }
}

static void table_ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, table_make);
}

size_t solana_bridge(const uint8_t key[SOLANA_KEY_BYTES])
{
    table_ready();
    for (size_t i = 1; i < PROGRAMS_N; i++)
        if (table.program[i][0] == key[0] && !memcmp(table.program[i], key, SOLANA_KEY_BYTES))
            return i;
    return 0;
}

/* ---- keys ---- */

struct writing {
    char text[KEY_TEXT_MAX];
    size_t n;
    struct bytes fields;          /* of the event */
    const struct solana_call *by; /* who says it */
    struct bytes number;          /* of a message, in digits */
    bool bad;
};

static void put(struct writing *w, const char *p, size_t n)
{
    if (n > sizeof(w->text) - w->n) {
        w->bad = true;
        return;
    }
    memcpy(w->text + w->n, p, n);
    w->n += n;
}

static void put_hex(struct writing *w, struct bytes b)
{
    static const char digit[] = "0123456789abcdef";

    put(w, "0x", 2);
    for (size_t i = 0; i < b.n; i++)
        put(w, (const char[]){digit[b.p[i] >> 4], digit[b.p[i] & 15]}, 2);
}

static void put_number(struct writing *w, struct bytes b, bool little)
{
    uint8_t big[SOLANA_KEY_BYTES] = {0};
    char text[U256_TEXT_MAX];
    struct u256 v;

    for (size_t i = 0; i < b.n && i < sizeof(big); i++)
        big[i] = b.p[little ? b.n - 1 - i : i];
    if (b.n > sizeof(big) || !u256_from_be(big, b.n, &v))
        w->bad = true;
    else
        put(w, text, u256_to_text(v, text));
}

static struct bytes without_pad(struct bytes b)
{
    static const uint8_t zeros[ADDRESS_PAD];

    return b.n == SOLANA_KEY_BYTES && !memcmp(b.p, zeros, ADDRESS_PAD)
               ? (struct bytes){b.p + ADDRESS_PAD, b.n - ADDRESS_PAD}
               : b;
}

static size_t digits(const char **p)
{
    size_t n = 0;

    while (**p >= '0' && **p <= '9')
        n = 10 * n + (size_t)(*(*p)++ - '0');
    return n;
}

/* A field: of the event at *p, which is left behind it. */
static void put_field(struct writing *w, const char **p)
{
    char how = *(*p)++;
    size_t at = digits(p), n;
    struct bytes b;

    ++*p; /* / */
    n = digits(p);
    ++*p; /* ; */
    if (at > w->fields.n || n > w->fields.n - at) {
        w->bad = true;
        return;
    }
    b = (struct bytes){w->fields.p + at, n};
    if (how == 'u' || how == 'b')
        put_number(w, b, how == 'u');
    else
        put_hex(w, how == 'k' ? without_pad(b) : b);
}

static void put_claim(struct writing *w)
{
    const uint8_t *claim = w->by->accounts[3];
    char text[BASE58_TEXT_MAX];

    w->bad |= !claim;
    if (!claim)
        return;
    base58_write((struct bytes){claim, SOLANA_KEY_BYTES}, text);
    put(w, text, strlen(text));
}

static void put_part(struct writing *w, const char **p)
{
    const uint8_t *emitter = w->by->accounts[2];

    if (**p == 'e') {
        ++*p;
        w->bad |= !emitter;
        if (emitter)
            put_hex(w, (struct bytes){emitter, SOLANA_KEY_BYTES});
    } else if (**p == 'n') {
        ++*p;
        put(w, (const char *)w->number.p, w->number.n);
    } else if (**p == 'c') {
        ++*p;
        put_claim(w);
    } else {
        put_field(w, p);
    }
}

static bool say(struct arena *a, size_t row, struct writing *w, struct solana_said *ret,
                bool *ret_nomem)
{
    const struct row *r = &rows[row];
    const uint8_t *key;

    for (const char *p = r->pattern; *p;)
        if (*p == '%') {
            p++;
            put_part(w, &p);
        } else {
            put(w, p++, 1);
        }
    if (w->bad)
        return false;
    key = arena_copy(a, w->text, w->n);
    *ret_nomem |= !key;
    *ret = (struct solana_said){.kind = r->kind,
                                .program = table.program[r->program],
                                .holder = r->holder ? table.holder[row] : NULL,
                                .key = {key, w->n}};
    if (r->holder_account != NO_ACCOUNT)
        ret->holder = w->by->accounts[r->holder_account];
    return key != NULL;
}

/* An event: its discriminator and fields. */
static bool event_said(struct arena *a, const struct solana_call *call, struct bytes event,
                       struct solana_said *ret, bool *ret_nomem)
{
    struct writing w = {.by = call};

    if (event.n < DISCRIMINATOR_BYTES)
        return false;
    w.fields = (struct bytes){event.p + DISCRIMINATOR_BYTES, event.n - DISCRIMINATOR_BYTES};
    for (size_t i = 0; i < ROWS_N; i++)
        if (rows[i].program == call->program && rows[i].event &&
            !memcmp(table.discriminator[i], event.p, DISCRIMINATOR_BYTES))
            return say(a, i, &w, ret, ret_nomem);
    return false;
}

bool solana_called(struct arena *a, const struct solana_call *call, struct bytes data,
                   struct solana_said *ret, bool *ret_nomem)
{
    size_t n = sizeof(called_itself);

    return data.n > n && !memcmp(data.p, called_itself, n) &&
           event_said(a, call, (struct bytes){data.p + n, data.n - n}, ret, ret_nomem);
}

bool solana_call_says(struct arena *a, const struct solana_call *call, struct solana_said *ret,
                      bool *ret_nomem)
{
    struct writing w = {.by = call};

    for (size_t i = 0; i < ROWS_N; i++)
        if (rows[i].program == call->program && call->first &&
            memchr(rows[i].calls, call->first, CALLS_OF_ROW))
            return say(a, i, &w, ret, ret_nomem);
    return false;
}

/* ---- keys that are another on this side ---- */

/* Up to c, which is taken away with it; all, if c is not there. */
static struct bytes cut(struct bytes *rest, char c)
{
    const uint8_t *end = rest->n ? memchr(rest->p, c, rest->n) : NULL;
    struct bytes ret = {rest->p, end ? (size_t)(end - rest->p) : rest->n};

    *rest = (struct bytes){rest->p + ret.n + (end != NULL), rest->n - ret.n - (end != NULL)};
    return ret;
}

/* Wormhole, accounts/claim.rs: emitter, its chain and the message's number, big end first. */
size_t solana_key_here(struct bytes key, char ret[SOLANA_KEY_HERE_MAX])
{
    struct bytes protocol = cut(&key, ':'), chain = cut(&key, ':'), emitter = cut(&key, ':'), seed;
    uint8_t seeds[SOLANA_KEY_BYTES + 2 + 8], claim[SOLANA_KEY_BYTES];
    uint64_t id, number;

    table_ready();
    if (protocol.n != 8 || memcmp(protocol.p, "wormhole", 8) != 0 ||
        !u64_from_text((const char *)chain.p, chain.n, &id) || id > UINT16_MAX ||
        emitter.n != 2 + (size_t)2 * SOLANA_KEY_BYTES ||
        !hex_decode((const char *)emitter.p + 2, emitter.n - 2, seeds, SOLANA_KEY_BYTES) ||
        !u64_from_text((const char *)key.p, key.n, &number))
        return 0;
    for (size_t i = 0; i < 2; i++)
        seeds[SOLANA_KEY_BYTES + i] = (uint8_t)(id >> (8 - 8 * i));
    for (size_t i = 0; i < 8; i++)
        seeds[SOLANA_KEY_BYTES + 2 + i] = (uint8_t)(number >> (56 - 8 * i));
    seed = (struct bytes){seeds, sizeof(seeds)};
    if (!solana_derived(seed, table.program[WORMHOLE_TOKENS], claim))
        return 0;
    memcpy(ret, CLAIM, strlen(CLAIM));
    base58_write((struct bytes){claim, sizeof(claim)}, ret + strlen(CLAIM));
    return strlen(ret);
}

/* ---- logs ---- */

static bool begins(struct bytes *line, const char *with)
{
    size_t n = strlen(with);

    if (line->n < n || memcmp(line->p, with, n) != 0)
        return false;
    *line = (struct bytes){line->p + n, line->n - n};
    return true;
}

static bool ends(struct bytes line, const char *with)
{
    size_t n = strlen(with);

    return line.n >= n && !memcmp(line.p + line.n - n, with, n);
}

/* "<address> invoke [2]" */
static bool invoked(struct solana_log *l, struct bytes line)
{
    static const char word[] = " invoke [";
    uint8_t key[SOLANA_KEY_BYTES];
    uint64_t depth = 0;
    size_t n = 0, program;

    while (n < line.n && line.p[n] != ' ')
        n++;
    if (line.n < n + sizeof(word) || memcmp(line.p + n, word, sizeof(word) - 1) != 0 ||
        line.p[line.n - 1] != ']')
        return false;
    l->over |= !u64_from_text((const char *)line.p + n + sizeof(word) - 1,
                              line.n - n - sizeof(word), &depth) ||
               depth != l->depth + 1 || depth > SOLANA_CALLS_MAX ||
               !base58_fixed((struct bytes){line.p, n}, key, sizeof(key));
    if (l->over)
        return true;
    program = solana_bridge(key);
    l->depth++;
    l->running[l->depth] = 0;
    l->since++;
    if (!program)
        return true;
    l->over = l->next == l->calls_n || l->calls[l->next].program != program;
    if (!l->over) {
        l->running[l->depth] = ++l->next;
        l->since = 0;
    }
    return true;
}

static bool data_said(struct solana_log *l, const struct solana_call *call, struct bytes line,
                      struct solana_said *ret)
{
    uint8_t event[EVENT_BYTES_MAX];
    size_t n;

    return !sodium_base642bin(event, sizeof(event), (const char *)line.p, line.n, NULL, &n, NULL,
                              sodium_base64_VARIANT_ORIGINAL) &&
           event_said(l->a, call, (struct bytes){event, n}, ret, &l->nomem);
}

static bool words_said(struct solana_log *l, const struct solana_call *call, struct bytes line,
                       struct solana_said *ret)
{
    struct writing w = {.by = call};
    uint64_t number;

    if (!begins(&line, "Sequence: ") || !u64_from_text((const char *)line.p, line.n, &number) ||
        (call->first != POST_MESSAGE && call->first != POST_MESSAGE_UNRELIABLE))
        return false;
    w.number = line;
    for (size_t i = 0; i < ROWS_N; i++)
        if (rows[i].program == call->program && !rows[i].event && !rows[i].calls[0])
            return say(l->a, i, &w, ret, &l->nomem);
    return false;
}

/* Instructions of a transaction run one after another: what is said now is behind the newest known
 * one and those that began since. */
static bool now(const struct solana_log *l, struct solana_said *ret)
{
    const struct solana_call *newest = &l->calls[l->next - 1];

    ret->outer = newest->outer;
    ret->inner = newest->inner + l->since;
    return true;
}

bool solana_log_line(struct solana_log *l, struct bytes line, struct solana_said *ret)
{
    const struct solana_call *call = NULL;

    if (l->over)
        return false;
    if (!begins(&line, "Program ")) {
        l->over = begins(&line, "Log truncated");
        return false;
    }
    if (l->depth && l->running[l->depth])
        call = &l->calls[l->running[l->depth] - 1];
    if (begins(&line, "data: "))
        return call && data_said(l, call, line, ret) && now(l, ret);
    if (begins(&line, "log: "))
        return call && words_said(l, call, line, ret) && now(l, ret);
    if (begins(&line, "return: ") || begins(&line, "consumption: ") || invoked(l, line))
        return false;
    if (ends(line, " success")) {
        l->over = !l->depth;
        l->depth -= !l->over;
    }
    return false;
}

size_t solana_bridge_rows(void)
{
    return ROWS_N;
}

struct solana_bridge_row solana_bridge_row(size_t i)
{
    struct solana_bridge_row ret = {.program = programs[rows[i].program], .event = rows[i].event};

    table_ready();
    memcpy(ret.discriminator, table.discriminator[i], sizeof(ret.discriminator));
    return ret;
}
