/* What bridges' programs say on Solana: events and log lines as their published layouts have them,
 * written by hand; and what is said by others, or where nobody may. */
#include "support.h"

#include "base/text.h"
#include "chain/bitcoin/base58.h"
#include "chain/solana/block.h"
#include "chain/solana/bridges.h"
#include "chain/solana/derived.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_MAX ((size_t)1 << 24)
#define MINTER "CCTPiPYPc6AsJuwueEnWgSgucamXDZwBd53dQ11YiKX3"
#define TRANSMITTER "CCTPmbSD7gX1bxKPAmg77w8oFzNFpaQiQUWD43TKaecd"
#define MINTER_2 "CCTPV2vPZJS2u2BBsUoscuikbYjnpFmbFsvVuJdgUMQe"
#define SOURCE "src5qyZHqTqecJV4aY6Cb6zDZLMDzrDKKezs22MPHr4"
#define DESTINATION "dst5MGcFPoBeREFAA5E3tU5ij8m5uVYwkzkSAbsLbNo"
#define TRANSMITTER_2 "CCTPV2Sm4AdWt5296sk4P66VBZ7bEhcARwFaaS9YPbeC"
#define SPOKE "DLv3NggMiSaef97YCkew5xKUHDh13tVGZ7tydt3ZeAru"
#define CORE "worm2ZoG2kUd4vFXhvjh93UUH596ayRfgQ2MgjNMTth"
#define TOKENS "wormDTUJ6AWPNvk59vGQbDvGJmqbDTdgWgAqcLBCgUb"
#define EVIL "Evi1111111111111111111111111111111111111111"
#define PAYER "Payer11111111111111111111111111111111111111"
#define EMITTER "Gv1KWf8DT1jKv5pKBmGaTmVszqa56Xn8YGx2Pg7i7qAk" /* of Wormhole's token bridge */
#define STATE "State11111111111111111111111111111111111111"

#define SIGNATURE                                                                                  \
    "Signature111111111111111111111111111111111111111111111111111"                                 \
    "111111111111111111111111111"
#define KEY_11 "1111111111111111111111111111111111111111111111111111111111111111"
#define KEY_22 "2222222222222222222222222222222222222222222222222222222222222222"
#define KEY_33 "3333333333333333333333333333333333333333333333333333333333333333"
#define KEY_44 "4444444444444444444444444444444444444444444444444444444444444444"
#define BODY_132 KEY_11 KEY_11 KEY_11 KEY_11 "11111111"

/* The mark of an event, its discriminator, its fields. */
#define MARK "e445a52e51cb9a1d"
#define BURN_1                                                                                     \
    "90fc9192064aa7eb"                                                                             \
    "0700000000000000" KEY_22 "6400000000000000" KEY_33 KEY_44 "00000000" KEY_11 KEY_11
#define BURN_2                                                                                     \
    "90fc9192064aa7eb" KEY_22 "6400000000000000" KEY_33 KEY_44 "06000000" KEY_11 KEY_11            \
    "0000000000000000"                                                                             \
    "d0070000"                                                                                     \
    "00000000"
#define RECEIVED_1                                                                                 \
    "e7442f4dadf19da6" KEY_11 "03000000"                                                           \
    "0900000000000000" KEY_22 "84000000" BODY_132

/* version, token, recipient, amount (big-endian), sender, and four words that follow */
#define RECEIVED_2                                                                                 \
    "e7442f4dadf19da6" KEY_11 "06000000" KEY_22 KEY_33 "d0070000"                                  \
    "e4000000"                                                                                     \
    "00000001" KEY_11 KEY_44 "0000000000000000000000000000000000000000000000000000000000000064"    \
    "000000000000000000000000112233445566778899aabbccddeeff0011223344" KEY_11 KEY_11 KEY_11
/* Discriminators as the program's IDL has them. Tokens, amounts, chain 1, deposit 258; the same
 * with chains 8453 and 1 */
#define DEPOSIT_258 "0000000000000000000000000000000000000000000000000000000000000102"
#define DEPOSITED                                                                                  \
    "9dd1645f3b640344" KEY_11 KEY_22 "6400000000000000" KEY_33 "0100000000000000" DEPOSIT_258      \
    "000000000000000000000000" KEY_11 KEY_22 KEY_33 "00000000"
#define FILLED                                                                                     \
    "193ab6003263a075" KEY_11 KEY_22 KEY_33 "6400000000000000"                                     \
    "0521000000000000"                                                                             \
    "0100000000000000" DEPOSIT_258 "0000000000000000" KEY_11 KEY_22 KEY_33 KEY_44 KEY_11

/* "CreatedOrderId" of 32 bytes of 0x22, "Fulfilled" of the same and a taker, in base 64 */
#define CREATED "uykbSQw/DVQiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIg=="
#define FULFILLED                                                                                  \
    "0q6D1Si2U24iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIjMzMzMz"                                 \
    "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMz"

static const struct {
    const char *name;
    const char *outer, *outer_data, *inner, *inner_data; /* programs; data in hex */
    const char *log;                                     /* lines, between | */
    bool failed;
    const char *want; /* "out KEY by PROGRAM[ holder ACCOUNT]\n" */
} rows[] = {
    {"burned for CCTP", MINTER, "01", MINTER, MARK BURN_1, "", false,
     "out cctp:5:7 by " MINTER "\n"},
    {"received", TRANSMITTER, "01", TRANSMITTER, MARK RECEIVED_1, "", false,
     "in cctp:3:9 by " TRANSMITTER " holder DBD8hAwLDRQkTsu6EqviaYNGKPnsAMmQonxf7AH8ZcFY\n"},
    {"called by nobody", EVIL, "01", MINTER, MARK BURN_1, "", false, ""},
    {"received by the second CCTP", TRANSMITTER_2, "01", TRANSMITTER_2, MARK RECEIVED_2, "", false,
     "in ~cctp2:6:5:0x" KEY_44 ":100:0x112233445566778899aabbccddeeff0011223344 by " TRANSMITTER_2
     " holder E1bQJ8eMMn3zmeSewW3HQ8zmJr7KR75JonbwAtWx2bux\n"},
    {"deposited with Across", SPOKE, "01", SPOKE, MARK DEPOSITED, "", false,
     "out across:34268394551451:258 by " SPOKE
     " holder 3tzNXZAnJaCVikmENJSnJFAzkAnediKTxH3ot9Hiwnkz\n"},
    {"filled by Across", SPOKE, "01", SPOKE, MARK FILLED, "", false,
     "in across:1:258 by " SPOKE " holder " PAYER "\n"},
    {"burned for the second CCTP", MINTER_2, "01", MINTER_2, MARK BURN_2, "", false,
     "out ~cctp2:5:6:0x" KEY_44 ":100:0x" KEY_33 " by " MINTER_2 "\n"},
    {"another program's", EVIL, "01", EVIL, MARK BURN_1, "", false, ""},
    {"another program of CCTP", MINTER, "01", TRANSMITTER, MARK BURN_1, "", false, ""},
    {"without its mark", MINTER, "01", MINTER, BURN_1, "", false, ""},
    {"from outside", MINTER, MARK BURN_1, EVIL, "01", "", false, ""},
    {"cut short", MINTER, "01", MINTER, MARK "90fc9192064aa7eb07000000000000", "", false, ""},
    {"failed", MINTER, "01", MINTER, MARK BURN_1, "", true, ""},
    {"an order of deBridge", SOURCE, "01", EVIL, "01",
     "Program " SOURCE " invoke [1]|Program " EVIL " invoke [2]|Program " EVIL
     " success|Program data: " CREATED "|Program " SOURCE " success",
     false, "out dln:0x" KEY_22 " by " SOURCE " holder " STATE "\n"},
    {"fulfilled", EVIL, "01", DESTINATION, "01",
     "Program " EVIL " invoke [1]|Program " DESTINATION " invoke [2]|Program data: " FULFILLED
     "|Program " DESTINATION " success|Program " EVIL " success",
     false, "in dln:0x" KEY_22 " by " DESTINATION " holder " EVIL "\n"},
    {"an order that another program writes", EVIL, "01", SOURCE, "01",
     "Program " EVIL " invoke [1]|Program " SOURCE " invoke [2]|Program " SOURCE
     " success|Program data: " CREATED "|Program " EVIL " success",
     false, ""},
    {"one that it calls", SOURCE, "01", EVIL, "01",
     "Program " SOURCE " invoke [1]|Program " EVIL " invoke [2]|Program data: " CREATED
     "|Program " EVIL " success|Program " SOURCE " success",
     false, ""},
    {"words that look like the runtime's", EVIL, "01", SOURCE, "01",
     "Program " EVIL " invoke [1]|Program log: Program " SOURCE " invoke [2]|Program data: " CREATED
     "|Program " EVIL " success",
     false, ""},
    {"a log that is cut", SOURCE, "01", EVIL, "01",
     "Program " SOURCE " invoke [1]|Log truncated|Program data: " CREATED, false, ""},
    {"a call that is no instruction's", EVIL, "01", EVIL, "01",
     "Program " SOURCE " invoke [1]|Program data: " CREATED "|Program " SOURCE " success", false,
     ""},
    {"a depth that cannot be", SOURCE, "01", EVIL, "01",
     "Program " SOURCE " invoke [3]|Program data: " CREATED "|Program " SOURCE " success", false,
     ""},
    {"no base 64", SOURCE, "01", EVIL, "01",
     "Program " SOURCE " invoke [1]|Program data: ?|Program data: |Program data: uykb", false, ""},
    {"a message of Wormhole", EVIL, "01", CORE, "0100",
     "Program " EVIL " invoke [1]|Program " CORE
     " invoke [2]|Program log: Sequence: 1234|Program " CORE
     " success|Program log: Sequence: 5|Program " EVIL " success",
     false,
     "out wormhole:1:0xec7372995d5cc8732397fb0ad35c0121e0eaa90d26f828a534cab54391b3a4f5:1234 "
     "by " CORE " holder GugU1tP7doLeTw9hQP51xRJyS8Da1fWxuiy2rVrnMD2m\n"},
    {"words of Wormhole's that are of no message", CORE, "0200", EVIL, "01",
     "Program " CORE " invoke [1]|Program log: Sequence: 1234|Program " CORE " success", false, ""},
    {"paid by Wormhole's token bridge", TOKENS, "02", EVIL, "01", "", false,
     "in wormhole-claim:" STATE " by " TOKENS
     " holder GugU1tP7doLeTw9hQP51xRJyS8Da1fWxuiy2rVrnMD2m\n"},
    {"minted by it, called by another", EVIL, "01", TOKENS, "03", "", false,
     "in wormhole-claim:" STATE " by " TOKENS
     " holder GugU1tP7doLeTw9hQP51xRJyS8Da1fWxuiy2rVrnMD2m\n"},
    {"with words for who gets it", TOKENS, "09", TOKENS, "0a", "", false,
     "in wormhole-claim:" STATE " by " TOKENS
     " holder GugU1tP7doLeTw9hQP51xRJyS8Da1fWxuiy2rVrnMD2m\n"
     "in wormhole-claim:" STATE " by " TOKENS
     " holder GugU1tP7doLeTw9hQP51xRJyS8Da1fWxuiy2rVrnMD2m\n"},
    {"what leaves by it, and what does nothing", TOKENS, "0500", TOKENS, "", "", false, ""},
    {"zero is no call of a row", TOKENS, "00", CORE, "02", "", false, ""},
    {"paid in a transaction that failed", TOKENS, "02", EVIL, "01", "", true, ""},
};
#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

static void put_data(struct text *t, const char *hex)
{
    struct bytes in = test_hex(hex);
    size_t n = 0, leading = 0;
    uint8_t digits[600]; /* the plain long division */

    while (leading < in.n && !in.p[leading])
        leading++;
    for (size_t i = 0; i < in.n; i++) {
        unsigned carry = in.p[i];

        for (size_t k = 0; k < n || carry; k++) {
            CHECK(k < sizeof(digits));
            if (k == n)
                digits[n++] = 0;
            carry += 256u * digits[k];
            digits[k] = (uint8_t)(carry % 58);
            carry /= 58;
        }
    }
    while (leading--)
        text_char(t, '1');
    while (n--)
        text_char(t, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[digits[n]]);
}

static void put_log(struct text *t, const char *lines)
{
    text_str(t, "[");
    for (const char *at = lines; *at;) {
        size_t n = strcspn(at, "|");

        text_printf(t, "%s\"%.*s\"", at == lines ? "" : ",", (int)n, at);
        at += n + (at[n] == '|');
    }
    text_str(t, "]");
}

/* Instructions have the accounts payer, the other program, the emitter, the order's state. */
static char *answer(size_t i)
{
    struct text t = text_new(1 << 16);
    char *ret;

    text_printf(
        &t,
        "{\"result\":{\"slot\":5,\"blockTime\":9,\"meta\":{\"err\":%s,\"fee\":5,\"logMessages\":",
        rows[i].failed ? "{}" : "null");
    put_log(&t, rows[i].log);
    text_str(&t, ",\"innerInstructions\":[{\"index\":0,\"instructions\":[{\"programIdIndex\":2,"
                 "\"accounts\":[0,5,3,4],\"data\":\"");
    put_data(&t, rows[i].inner_data);
    text_printf(&t,
                "\"}]}],\"preBalances\":[9,0,0,0,0,0],\"postBalances\":[4,0,0,0,0,0]},"
                "\"transaction\":{\"signatures\":[\"%s\"],\"message\":{\"accountKeys\":[\"%s\","
                "\"%s\",\"%s\",\"%s\",\"%s\",\"%s\"],\"instructions\":[{\"programIdIndex\":1,"
                "\"accounts\":[0,5,3,4],\"data\":\"",
                SIGNATURE, PAYER, rows[i].outer, rows[i].inner, EMITTER, STATE, EVIL);
    put_data(&t, rows[i].outer_data);
    text_str(&t, "\"}]}}}}\n");
    ret = strdup(text_string(&t));
    CHECK(ret);
    text_free(&t);
    return ret;
}

static void put_key(struct text *t, struct bytes key)
{
    char text[BASE58_TEXT_MAX];

    base58_write(key, text);
    text_str(t, text);
}

static void said(struct text *t, const struct fact_tx *tx)
{
    for (size_t i = 0; i < tx->events_n; i++) {
        const struct fact_event *e = &tx->events[i];
        bool out = e->kind == EVENT_BRIDGE_OUT;

        if (!out && e->kind != EVENT_BRIDGE_IN)
            continue;
        text_printf(t, "%s %.*s by ", out ? "out" : "in", (int)e->data.n, (const char *)e->data.p);
        put_key(t, e->subject);
        if (i + 1 < tx->events_n && e[1].kind == EVENT_HOLDER) {
            CHECK_U(e[1].log, e->log);
            text_str(t, " holder ");
            put_key(t, e[1].subject);
        }
        text_str(t, "\n");
    }
}

static bool facts_of(struct solana_block *b, struct bytes in, struct transfer_block *ret,
                     struct err *err)
{
    return solana_block_start(b, err) && solana_block_add(b, in, err) &&
           solana_block_facts(b, ret, err);
}

static void by_hand(void **state)
{
    struct solana_block *b = solana_block_new();

    (void)state;
    CHECK(b);
    for (size_t i = 0; i < ROWS_N; i++) {
        struct text t = text_new(1 << 12);
        struct transfer_block block;
        char *text = answer(i);
        struct err err;

        test_row("%s", rows[i].name);
        CHECK_OK(facts_of(b, (struct bytes){(const uint8_t *)text, strlen(text)}, &block, &err),
                 err);
        CHECK_U(block.txs_n, 1);
        said(&t, &block.txs[0]);
        CHECK_S(text_string(&t) ? text_string(&t) : "", rows[i].want);
        text_free(&t);
        free(text);
    }
    solana_block_free(b);
}

static struct bytes key_of(const char *text, uint8_t key[SOLANA_KEY_BYTES])
{
    CHECK(base58_fixed((struct bytes){(const uint8_t *)text, strlen(text)}, key, SOLANA_KEY_BYTES));
    return (struct bytes){key, SOLANA_KEY_BYTES};
}

/* Addresses as Wormhole publishes them (wormhole-solana-consts), with the seeds of its programs. */
static void derived_addresses(void **state)
{
    static const struct {
        const char *program, *seed, *want;
    } published[] = {
        {TOKENS, "custody_signer", "GugU1tP7doLeTw9hQP51xRJyS8Da1fWxuiy2rVrnMD2m"},
        {TOKENS, "emitter", EMITTER},
        {TOKENS, "mint_signer", "BCD75RNBHrJJpW4dXVagL5mPjzRLnVZq4YirJdjEYMV7"},
        {TOKENS, "authority_signer", "7oPa2PHQdZmjSPqvpZN7MQxnC7Dcf3uL4oLqknGLk2S3"},
        {CORE, "Bridge", "2yVjuQwpsvdsrywzsJJVs9Ueh4zayyo5DYJbBNc3DDpn"},
        {CORE, "fee_collector", "9bFNrXNb2WTx8fMHXCheaZqkLZ3YCCaiqTftHxeintHy"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
        struct bytes seed = {(const uint8_t *)published[i].seed, strlen(published[i].seed)};
        uint8_t program[SOLANA_KEY_BYTES], got[SOLANA_KEY_BYTES];
        char text[BASE58_TEXT_MAX];

        test_row("%s", published[i].seed);
        key_of(published[i].program, program);
        CHECK(solana_derived(seed, program, got));
        base58_write((struct bytes){got, sizeof(got)}, text);
        CHECK_S(text, published[i].want);
    }
}

#define TOKENS_ETH "0x0000000000000000000000003ee18b2214aff97000d974cf647e7c347e8fa585"

/* Claims of messages of Ethereum's token bridge, worked out apart: numbers whose bumps are 252,
 * 255, 253, 246 and 254. */
static void keys_here(void **state)
{
    static const struct {
        const char *key, *want; /* NULL: it is the same */
    } keys[] = {
        {"wormhole:2:" TOKENS_ETH ":0", "9L2r5BhtGUEHgg2ckVky4fguxXcVTphWZsxoSk5cZwod"},
        {"wormhole:2:" TOKENS_ETH ":1", "3is6Nb7qkveacFJja7sGSyWsDj1FMhxM1wRuLpXb3eap"},
        {"wormhole:2:" TOKENS_ETH ":258", "GyEY1fLYC7q1KTq3cDih9GhTUHEyv1EgWZXfBSVCbDxk"},
        {"wormhole:2:" TOKENS_ETH ":123456", "87arMtxXvug6We72sR84hcd2rnDW5UJcvpLNXo62isJ1"},
        {"wormhole:2:" TOKENS_ETH ":18446744073709551615",
         "3uBpDDGCh7AHTUArAEe87L2GbM4YZD6UaCmoABH5zuzU"},
        {"wormhole:2:" TOKENS_ETH ":18446744073709551616", NULL},
        {"wormhole:65536:" TOKENS_ETH ":1", NULL},
        {"wormhole:2:0x3ee18b2214aff97000d974cf647e7c347e8fa585:1", NULL},
        {"wormhole:2:" TOKENS_ETH, NULL},
        {"wormhole:2:" TOKENS_ETH ":", NULL},
        {"wormhole:2:" TOKENS_ETH ":1:1", NULL},
        {"wormhole-claim:2", NULL},
        {"wormhole:", NULL},
        {"wormhole", NULL},
        {"cctp:0:1", NULL},
        {":", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct bytes key = {(const uint8_t *)keys[i].key, strlen(keys[i].key)};
        char got[SOLANA_KEY_HERE_MAX], want[SOLANA_KEY_HERE_MAX];

        test_row("%s", keys[i].key);
        snprintf(want, sizeof(want), "wormhole-claim:%s", keys[i].want ? keys[i].want : "");
        CHECK_U(solana_key_here(key, got), keys[i].want ? strlen(want) : 0);
        if (keys[i].want)
            CHECK_S(got, want);
    }
}

static bool says(const char *program, const char *event)
{
    for (size_t i = 0; i < solana_bridge_rows(); i++) {
        struct solana_bridge_row row = solana_bridge_row(i);

        if (row.event && !strcmp(row.program, program) && !strcmp(row.event, event))
            return true;
    }
    return false;
}

/* A row's real event, said by each other program that is known: nothing but where it is that
 * program's own event, too. */
static void said_by_others(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_MAX);
    uint8_t data[16 + 400] = {0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d};

    (void)state;
    CHECK(a);
    for (size_t i = 0; i < solana_bridge_rows(); i++) {
        struct solana_bridge_row row = solana_bridge_row(i);

        if (!row.event)
            continue;
        memcpy(data + 8, row.discriminator, 8);
        for (size_t k = 0; k < solana_bridge_rows(); k++) {
            struct solana_bridge_row other = solana_bridge_row(k);
            struct bytes key = test_hex(other.program);
            struct solana_call call = {.program = solana_bridge(key.p)};
            struct solana_said ret;
            bool nomem = false, own;

            test_row("%s of %s by %s", row.event, row.program, other.program);
            own = says(other.program, row.event);
            CHECK(call.program > 0);
            CHECK_U(solana_called(a, &call, (struct bytes){data, sizeof(data)}, &ret, &nomem), own);
            CHECK(!nomem && (!own || !memcmp(ret.program, key.p, SOLANA_KEY_BYTES)));
        }
    }
    CHECK_U(solana_bridge(test_hex(KEY_11).p), 0);
    arena_free(a);
}

/* Anchor: the first 8 bytes of sha256("event:<Name>"). */
static void discriminators(void **state)
{
    (void)state;
    for (size_t i = 0; i < solana_bridge_rows(); i++) {
        struct solana_bridge_row row = solana_bridge_row(i);
        char name[80];
        struct hash32 hash;

        if (!row.event)
            continue;
        snprintf(name, sizeof(name), "event:%s", row.event);
        hash = sha256((const uint8_t *)name, strlen(name));
        CHECK(!memcmp(hash.b, row.discriminator, 8));
    }
}

/* Memos beside transfers, as thornode reads them: instructions of a transaction of accounts payer,
 * vault, another, the system program (3), the memo program (4) and EVIL (5). */
#define MEMO "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"
#define VAULT "Vau1t11111111111111111111111111111111111111"
#define SENDS(to) "{\"programIdIndex\":3,\"accounts\":[0," to "],\"data\":\"3Bxs41hAcYbghSB9\"}"
#define SAYS_MEMO(json) "{\"programId\":\"" MEMO "\",\"program\":\"spl-memo\",\"parsed\":" json "}"
#define SAYS_58(text) "{\"programIdIndex\":4,\"accounts\":[0],\"data\":\"" text "\"}"
#define ASK_58 "66nmbnfGykBdcq4Ggh" /* "=:b:bc1qother" */
#define TXID_64 "50AD5CFE4AFB72D6096DAE8968F1A25B23F65285D0DEB26EB8BA9710C176B5CE"

static const struct {
    const char *name, *outer, *inner;
    bool failed;
    const char *want; /* "TEXT by ACCOUNT" */
} memos[] = {
    {"asked, the memo first", SAYS_58(ASK_58) "," SENDS("1"), "", false, "=:b:bc1qother by " VAULT},
    {"asked, the memo last", SENDS("1") "," SAYS_58(ASK_58), "", false, "=:b:bc1qother by " VAULT},
    {"asked, parsed", SENDS("1") "," SAYS_MEMO("\"=:b:bc1q\""), "", false, "=:b:bc1q by " VAULT},
    {"parsed, with an escape", SENDS("1") "," SAYS_MEMO("\"\\u003d:b:bc1q:1:\\\"\""), "", false,
     "=:b:bc1q:1:\" by " VAULT},
    {"paid", SENDS("1") "," SAYS_MEMO("\"OUT:" TXID_64 "\""), "", false,
     "OUT:" TXID_64 " by " PAYER},
    {"paid for one of Solana's own", SENDS("1") "," SAYS_MEMO("\"REFUND:" SIGNATURE "\""), "",
     false, "REFUND:" SIGNATURE " by " PAYER},
    {"the last memo counts", SAYS_MEMO("\"=:e:0x1\"") "," SENDS("1") "," SAYS_58(ASK_58), "", false,
     "=:b:bc1qother by " VAULT},
    {"and it alone", SAYS_58(ASK_58) "," SENDS("1") "," SAYS_MEMO("\"hello\""), "", false, ""},
    {"two transfers", SENDS("1") "," SENDS("2") "," SAYS_58(ASK_58), "", false, ""},
    {"none", SAYS_58(ASK_58), "", false, ""},
    {"a transfer by another program", "{\"programIdIndex\":5,\"accounts\":[0]}," SAYS_58(ASK_58),
     SENDS("1"), false, ""},
    {"a memo by another program", SENDS("1") ",{\"programIdIndex\":5,\"accounts\":[0]}",
     SAYS_58(ASK_58), false, ""},
    {"another program's words",
     SENDS("1") ",{\"programIdIndex\":5,\"accounts\":[],\"data\":\"" ASK_58 "\"}", "", false, ""},
    {"failed", SENDS("1") "," SAYS_58(ASK_58), "", true, ""},
    {"no base 58", SENDS("1") "," SAYS_58("0OIl"), "", false, ""},
    {"nothing", SENDS("1") "," SAYS_58("") "," SAYS_MEMO("\"\""), "", false, ""},
    {"no text", SENDS("1") "," SAYS_MEMO("[]") "," SAYS_MEMO("7"), "", false, ""},
};
#define MEMOS_N (sizeof(memos) / sizeof(memos[0]))

static char *memo_answer(size_t i)
{
    struct text t = text_new(1 << 16);
    char *ret;

    text_printf(
        &t,
        "{\"slot\":5,\"meta\":{\"err\":%s,\"fee\":5,\"innerInstructions\":[{\"index\":1,"
        "\"instructions\":[%s]}],\"preBalances\":[99,0,0,0,0,0],\"postBalances\":[94,0,0,0,0,"
        "0]},\"transaction\":{\"signatures\":[\"%s\"],\"message\":{\"accountKeys\":[\"%s\","
        "\"%s\",\"%s\",\"11111111111111111111111111111111\",\"%s\",\"%s\"],"
        "\"instructions\":[%s]}}}",
        memos[i].failed ? "{}" : "null", memos[i].inner, SIGNATURE, PAYER, VAULT, STATE, MEMO, EVIL,
        memos[i].outer);
    ret = strdup(text_string(&t));
    CHECK(ret);
    text_free(&t);
    return ret;
}

static void memos_by_hand(void **state)
{
    struct solana_block *b = solana_block_new();

    (void)state;
    CHECK(b);
    for (size_t i = 0; i < MEMOS_N; i++) {
        struct text t = text_new(1 << 12);
        char *text = memo_answer(i);
        struct transfer_block block;
        struct err err;

        test_row("%s", memos[i].name);
        CHECK_OK(facts_of(b, (struct bytes){(const uint8_t *)text, strlen(text)}, &block, &err),
                 err);
        for (size_t k = 0; k < block.txs[0].events_n; k++) {
            const struct fact_event *e = &block.txs[0].events[k];

            if (e->kind != EVENT_MEMO)
                continue;
            text_printf(&t, "%.*s by ", (int)e->data.n, (const char *)e->data.p);
            put_key(&t, e->subject);
        }
        CHECK_S(text_string(&t) ? text_string(&t) : "", memos[i].want);
        text_free(&t);
        free(text);
    }
    solana_block_free(b);
}

static bool reads(struct bytes in, void *ctx)
{
    struct transfer_block block;
    struct err err;

    return facts_of(ctx, in, &block, &err);
}

static void truncations(void **state)
{
    struct solana_block *b = solana_block_new();

    (void)state;
    CHECK(b);
    for (size_t i = 0; i < ROWS_N; i += 10) {
        char *text = answer(i);

        test_truncations((struct bytes){(const uint8_t *)text, strlen(text) - 1}, reads, b);
        free(text);
    }
    for (size_t i = 0; i < MEMOS_N; i += 3) {
        char *text = memo_answer(i);

        test_truncations((struct bytes){(const uint8_t *)text, strlen(text)}, reads, b);
        free(text);
    }
    solana_block_free(b);
}

static bool reads_again(void *ctx)
{
    struct solana_block *b = solana_block_new();
    const char *text = ctx;
    bool ok = b && reads((struct bytes){(const uint8_t *)text, strlen(text)}, b);

    solana_block_free(b);
    return ok;
}

static void failed_allocations(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N; i += 10) {
        char *text = answer(i);

        test_failed_allocations(reads_again, text);
        free(text);
    }
    for (size_t i = 0; i < MEMOS_N; i += 3) {
        char *text = memo_answer(i);

        test_failed_allocations(reads_again, text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),       cmocka_unit_test(said_by_others),
        cmocka_unit_test(memos_by_hand), cmocka_unit_test(derived_addresses),
        cmocka_unit_test(keys_here),     cmocka_unit_test(discriminators),
        cmocka_unit_test(truncations),   cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
