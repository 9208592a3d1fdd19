/* What signers of Solana sign. Known answers are the signatures of the data: each holds over the
 * bytes that are written from its JSON, and over no others. Transactions that are made here are
 * written twice, as JSON and, by a second hand, as bytes, and signed over those. */
#include "support.h"

#include "base/text.h"
#include "chain/bitcoin/base58.h"
#include "chain/solana/block.h"
#include "chain/solana/message.h"
#include "chain/solana/source.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *file;
    size_t n; /* transactions in it: as the data's README counts them; of blocks by their list */
} signed_files[] = {
    {"solana/tx/misc-json.jsonl", 7},
    {"solana/tx/nftspam-json.jsonl", 25},
    {"solana/tx/phishing-json.jsonl", 23},
    {"solana/tx/rotki-json.jsonl", 27},
    {"solana/drift2026/update-admin-tx.json", 1},
    {"solana/blocks/client_block.json", 10},
    {"solana/blocks/parser_block_with_versioned_tx.json", 1},
    {"solana/blocks/parser_transaction_err.json", 3},
};
static const char *const parsed_files[] = {
    "solana/tx/hack-jsonparsed.jsonl",
    "solana/tx/nftspam-jsonparsed.jsonl.zst",
    "solana/tx/phishing-jsonparsed.jsonl.zst",
    "solana/blocks/parser_block_241043141_v2.json",
    "solana/blocks/parser_block_account_deletion.json",
};

/* A line, or all of a file that is one answer. */
static struct bytes next_answer(const char *name, struct bytes *in)
{
    const uint8_t *end = strstr(name, ".jsonl") ? memchr(in->p, '\n', in->n) : NULL;
    struct bytes one = {in->p, end ? (size_t)(end - in->p) : in->n};
    size_t step = one.n + (end != NULL);

    *in = (struct bytes){in->p + step, in->n - step};
    return one;
}

static bool holds(struct bytes packet, struct solana_message *ret, struct err *err)
{
    return solana_packet_read(packet, ret, err) && solana_message_verify(ret, err);
}

typedef void packet_fn(const struct solana_packet *p);

struct seen {
    size_t n;
    packet_fn *fn;
};

static bool see(struct json_walk *w, void *ctx)
{
    struct seen *seen = ctx;
    struct solana_packet p;
    struct solana_message m;

    if (!solana_packet_write(w, &p))
        return false;
    CHECK_OK(holds((struct bytes){p.at, p.n}, &m, w->err), *w->err);
    seen->n++;
    if (seen->fn)
        seen->fn(&p);
    return true;
}

/* Every transaction of the data; returns what fn was given. */
static void all_signed(packet_fn *fn)
{
    for (size_t i = 0; i < sizeof(signed_files) / sizeof(signed_files[0]); i++) {
        struct bytes in = test_data(signed_files[i].file);
        struct seen seen = {.fn = fn};
        struct err err;

        while (in.n) {
            test_row("%s, transaction %zu", signed_files[i].file, seen.n);
            CHECK_OK(solana_each_tx(next_answer(signed_files[i].file, &in), see, &seen, &err), err);
        }
        CHECK_U(seen.n, signed_files[i].n);
    }
}

static void data(void **state)
{
    all_signed(NULL);
}

/* One bit of each byte of each packet is another; a byte is missing, or one too many. */
static void change(const struct solana_packet *p)
{
    struct solana_message m;
    struct err err;

    for (size_t i = 0; i < p->n; i++) {
        struct solana_packet other = *p;

        other.at[i] ^= (uint8_t)(1 << i % 8);
        if (holds((struct bytes){other.at, other.n}, &m, &err))
            test_failed(__FILE__, __LINE__, "byte %zu may be another", i);
        CHECK(!holds((struct bytes){p->at, i}, &m, &err));
    }
    if (p->n < SOLANA_PACKET_MAX) {
        struct solana_packet longer = *p;

        longer.at[longer.n++] = 0;
        CHECK(!holds((struct bytes){longer.at, longer.n}, &m, &err));
    }
}

static void changed_bytes(void **state)
{
    all_signed(change);
}

static void parsed(void **state)
{
    for (size_t i = 0; i < sizeof(parsed_files) / sizeof(parsed_files[0]); i++) {
        struct bytes in = test_data(parsed_files[i]);
        struct err err;

        while (in.n) {
            struct seen seen = {.n = 0};

            test_row("%s", parsed_files[i]);
            CHECK(!solana_each_tx(next_answer(parsed_files[i], &in), see, &seen, &err));
            CHECK(err.class == ERR_INPUT && strstr(err.text, "in encoding jsonParsed"));
            CHECK_U(seen.n, 0);
        }
    }
}

/* ---- made here ---- */

struct made {
    unsigned version; /* 1: version 0; 2: version 1; 0: legacy */
    bool set[4];      /* in version 1: fee, units, loaded, heap */
    uint64_t value[4];
    size_t signers_n, keys_n, instructions_n, tables_n;
    uint8_t secret[4][crypto_sign_SECRETKEYBYTES], keys[12][32], header[2], blockhash[32];
    struct {
        uint8_t program, accounts[200], data[300];
        size_t accounts_n, data_n;
    } instructions[3];
    struct {
        uint8_t key[32], indices[2][9];
        size_t n[2];
    } tables[3];
    uint8_t bytes[4096], signatures[4][64];
    size_t n;
};

static void fill(struct test_random *r, uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)test_random(r);
}

static void make(struct test_random *r, struct made *m)
{
    memset(m, 0, sizeof(*m));
    m->version = (unsigned)test_below(r, 3);
    for (size_t i = 0; i < 4; i++) {
        m->set[i] = test_below(r, 2);
        m->value[i] = i && !test_below(r, 3) ? UINT32_MAX : test_random(r) >> (i ? 32 : 0);
    }
    m->signers_n = 1 + test_below(r, 4);
    m->keys_n = m->signers_n + test_below(r, 6);
    for (size_t i = 0; i < m->keys_n; i++) {
        uint8_t seed[crypto_sign_SEEDBYTES];

        fill(r, seed, sizeof(seed));
        fill(r, m->keys[i], 32);
        if (i < m->signers_n)
            crypto_sign_seed_keypair(m->keys[i], m->secret[i], seed);
    }
    fill(r, m->header, 2);
    fill(r, m->blockhash, 32);
    m->instructions_n = test_below(r, 4);
    for (size_t i = 0; i < m->instructions_n; i++) {
        m->instructions[i].program = (uint8_t)test_below(r, m->keys_n);
        m->instructions[i].accounts_n = test_below(r, test_below(r, 3) ? 5 : 200);
        m->instructions[i].data_n = test_below(r, test_below(r, 3) ? 20 : 300);
        fill(r, m->instructions[i].accounts, m->instructions[i].accounts_n);
        fill(r, m->instructions[i].data, m->instructions[i].data_n);
        if (test_below(r, 2))
            m->instructions[i].data[0] = 0;
    }
    m->tables_n = m->version == 1 ? test_below(r, 4) : 0;
    for (size_t i = 0; i < m->tables_n; i++) {
        fill(r, m->tables[i].key, 32);
        for (size_t k = 0; k < 2; k++) {
            m->tables[i].n[k] = test_below(r, 9);
            fill(r, m->tables[i].indices[k], m->tables[i].n[k]);
        }
    }
}

/* The second hand: numbers up to 16,383 have one byte, or two. */
static void wire_count(struct made *m, size_t v)
{
    if (v < 128) {
        m->bytes[m->n++] = (uint8_t)v;
        return;
    }
    m->bytes[m->n++] = (uint8_t)(v % 128 + 128);
    m->bytes[m->n++] = (uint8_t)(v / 128);
}

static void wire(struct made *m, const uint8_t *p, size_t n)
{
    memcpy(m->bytes + m->n, p, n);
    m->n += n;
}

static void wire_number(struct made *m, uint64_t v, size_t n)
{
    for (; n--; v >>= 8)
        m->bytes[m->n++] = (uint8_t)v;
}

/* SIMD-0385, "Transaction V1 Specification". */
static void wire_new(struct made *m)
{
    static const uint8_t mask[4] = {3, 4, 8, 16};
    unsigned bits = 0;

    for (size_t i = 0; i < 4; i++)
        bits += m->set[i] ? mask[i] : 0;
    m->bytes[m->n++] = 129;
    m->bytes[m->n++] = (uint8_t)m->signers_n;
    wire(m, m->header, 2);
    wire_number(m, bits, 4);
    wire(m, m->blockhash, 32);
    m->bytes[m->n++] = (uint8_t)m->instructions_n;
    m->bytes[m->n++] = (uint8_t)m->keys_n;
    for (size_t i = 0; i < m->keys_n; i++)
        wire(m, m->keys[i], 32);
    for (size_t i = 0; i < 4; i++)
        if (m->set[i])
            wire_number(m, m->value[i], i ? 4 : 8);
    for (size_t i = 0; i < m->instructions_n; i++) {
        m->bytes[m->n++] = m->instructions[i].program;
        m->bytes[m->n++] = (uint8_t)m->instructions[i].accounts_n;
        wire_number(m, m->instructions[i].data_n, 2);
    }
    for (size_t i = 0; i < m->instructions_n; i++) {
        wire(m, m->instructions[i].accounts, m->instructions[i].accounts_n);
        wire(m, m->instructions[i].data, m->instructions[i].data_n);
    }
}

static void wire_old(struct made *m)
{
    if (m->version)
        m->bytes[m->n++] = 128;
    m->bytes[m->n++] = (uint8_t)m->signers_n;
    wire(m, m->header, 2);
    wire_count(m, m->keys_n);
    for (size_t i = 0; i < m->keys_n; i++)
        wire(m, m->keys[i], 32);
    wire(m, m->blockhash, 32);
    wire_count(m, m->instructions_n);
    for (size_t i = 0; i < m->instructions_n; i++) {
        m->bytes[m->n++] = m->instructions[i].program;
        wire_count(m, m->instructions[i].accounts_n);
        wire(m, m->instructions[i].accounts, m->instructions[i].accounts_n);
        wire_count(m, m->instructions[i].data_n);
        wire(m, m->instructions[i].data, m->instructions[i].data_n);
    }
    if (m->version)
        wire_count(m, m->tables_n);
    for (size_t i = 0; i < m->tables_n; i++) {
        wire(m, m->tables[i].key, 32);
        for (size_t k = 0; k < 2; k++) {
            wire_count(m, m->tables[i].n[k]);
            wire(m, m->tables[i].indices[k], m->tables[i].n[k]);
        }
    }
}

static void wire_all(struct made *m)
{
    if (m->version == 2)
        wire_new(m);
    else
        wire_old(m);
    for (size_t i = 0; i < m->signers_n; i++)
        crypto_sign_detached(m->signatures[i], NULL, m->bytes, m->n, m->secret[i]);
}

/* Base 58 of any length by long division, a digit at a time. */
static void put_58(struct text *t, const uint8_t *p, size_t n)
{
    char digits[1024];
    uint8_t number[512];
    size_t used = 0, zeros = 0;

    while (zeros < n && !p[zeros])
        zeros++;
    memcpy(number, p, n);
    for (bool any = true; any;) {
        unsigned rest = 0;

        any = false;
        for (size_t i = 0; i < n; i++) {
            rest = rest * 256 + number[i];
            number[i] = (uint8_t)(rest / 58);
            rest %= 58;
            any |= number[i] != 0;
        }
        if (any || rest)
            digits[used++] = base58_alphabet[rest];
    }
    text_char(t, '"');
    for (size_t i = 0; i < zeros; i++)
        text_char(t, '1');
    while (used)
        text_char(t, digits[--used]);
    text_char(t, '"');
}

static void put_numbers(struct text *t, const char *name, const uint8_t *p, size_t n)
{
    text_printf(t, "\"%s\":[", name);
    for (size_t i = 0; i < n; i++)
        text_printf(t, "%s%u", i ? "," : "", p[i]);
    text_char(t, ']');
}

static void put_instructions(struct text *t, const struct made *m)
{
    text_str(t, "\"instructions\":[");
    for (size_t i = 0; i < m->instructions_n; i++) {
        text_str(t, i ? ",{" : "{");
        put_numbers(t, "accounts", m->instructions[i].accounts, m->instructions[i].accounts_n);
        text_str(t, ",\"data\":");
        put_58(t, m->instructions[i].data, m->instructions[i].data_n);
        text_printf(t, ",\"programIdIndex\":%u,\"stackHeight\":null}", m->instructions[i].program);
    }
    text_char(t, ']');
}

static void put_tables(struct text *t, const struct made *m)
{
    text_str(t, "\"addressTableLookups\":[");
    for (size_t i = 0; i < m->tables_n; i++) {
        text_str(t, i ? ",{\"accountKey\":" : "{\"accountKey\":");
        put_58(t, m->tables[i].key, 32);
        text_char(t, ',');
        put_numbers(t, "writableIndexes", m->tables[i].indices[0], m->tables[i].n[0]);
        text_char(t, ',');
        put_numbers(t, "readonlyIndexes", m->tables[i].indices[1], m->tables[i].n[1]);
        text_char(t, '}');
    }
    text_str(t, "],");
}

static void put_config(struct text *t, const struct made *m)
{
    static const char *const names[] = {"priorityFee", "computeUnitLimit",
                                        "loadedAccountsDataSizeLimit", "heapSize"};

    text_str(t, "\"transactionConfig\":{");
    for (size_t i = 0; i < 4; i++) {
        text_printf(t, "%s\"%s\":", i ? "," : "", names[i]);
        if (m->set[i])
            text_printf(t, "%llu", (unsigned long long)m->value[i]);
        else
            text_str(t, "null");
    }
    text_str(t, "},");
}

static void put_keys(struct text *t, const char *name, const uint8_t *p, size_t n, size_t each)
{
    text_printf(t, "\"%s\":[", name);
    for (size_t i = 0; i < n; i++) {
        if (i)
            text_char(t, ',');
        put_58(t, p + i * each, each);
    }
    text_char(t, ']');
}

/* In either order of its parts. */
static void json_of(struct text *t, const struct made *m, bool backward)
{
    text_str(t, "{\"transaction\":{");
    if (!backward) {
        put_keys(t, "signatures", m->signatures[0], m->signers_n, 64);
        text_char(t, ',');
    }
    text_str(t, "\"message\":{");
    if (m->version == 1)
        put_tables(t, m);
    if (m->version == 2)
        put_config(t, m);
    if (backward) {
        put_instructions(t, m);
        text_char(t, ',');
    }
    put_keys(t, "accountKeys", m->keys[0], m->keys_n, 32);
    text_printf(t,
                ",\"header\":{\"numReadonlySignedAccounts\":%u,\"numReadonlyUnsignedAccounts\":%u,"
                "\"numRequiredSignatures\":%zu},\"recentBlockhash\":",
                m->header[0], m->header[1], m->signers_n);
    put_58(t, m->blockhash, 32);
    if (!backward) {
        text_char(t, ',');
        put_instructions(t, m);
    }
    text_char(t, '}');
    if (backward) {
        text_char(t, ',');
        put_keys(t, "signatures", m->signatures[0], m->signers_n, 64);
    }
    text_printf(t, "},\"version\":%s}",
                m->version == 2   ? "1"
                : m->version == 1 ? "0"
                                  : "\"legacy\"");
}

/* From JSON: written, read and signed. */
static bool json_holds(const char *json, size_t n, struct solana_packet *p,
                       struct solana_message *ret, struct err *err)
{
    struct json_walk w;
    bool ok = json_walk_open(&w, json, n, err);

    if (!ok)
        return false;
    ok = solana_packet_write(&w, p) && json_walk_end(&w);
    json_walk_close(&w);
    return ok && holds((struct bytes){p->at, p->n}, ret, err);
}

/* Signatures come first, with their count, or in version 1 last. */
static void packet_is(const struct solana_packet *p, const struct made *m)
{
    size_t signed_n = 64 * m->signers_n;

    CHECK_U(p->n, signed_n + m->n + (m->version < 2));
    if (m->version < 2) {
        CHECK_U(p->at[0], m->signers_n);
        CHECK(!memcmp(p->at + 1, m->signatures, signed_n));
        CHECK(!memcmp(p->at + 1 + signed_n, m->bytes, m->n));
    } else {
        CHECK(!memcmp(p->at, m->bytes, m->n));
        CHECK(!memcmp(p->at + m->n, m->signatures, signed_n));
    }
}

static void at_random(void **state)
{
    struct test_random r = {test_seed()};
    static struct made m;
    size_t over = 0, new_ones = 0;

    for (unsigned i = 0; i < 2000; i++) {
        struct solana_packet p;
        struct solana_message got;
        struct text t = text_new(1 << 16);
        size_t writable = 0, readonly = 0;
        struct err err;
        bool fits;

        make(&r, &m);
        wire_all(&m);
        json_of(&t, &m, test_below(&r, 2));
        fits = m.version == 2 || 1 + 64 * m.signers_n + m.n <= 1232;
        over += !fits;
        test_row("transaction %u: %s", i, text_string(&t));
        if (!fits) {
            CHECK(!json_holds(text_string(&t), t.n, &p, &got, &err));
            CHECK_S(err.text, "it is longer than a transaction can be");
            text_free(&t);
            continue;
        }
        CHECK_OK(json_holds(text_string(&t), t.n, &p, &got, &err), err);
        packet_is(&p, &m);
        for (size_t k = 0; k < m.tables_n; k++) {
            writable += m.tables[k].n[0];
            readonly += m.tables[k].n[1];
        }
        CHECK(got.writable_n == writable && got.readonly_n == readonly);
        CHECK(got.signers_n == m.signers_n && got.keys_n == m.keys_n);
        CHECK(!memcmp(got.keys, m.keys, 32 * m.keys_n));
        CHECK_U(got.instructions_n, m.instructions_n);
        if (m.version == 2 && new_ones++ < 3) /* of which the data have none */
            change(&p);
        text_free(&t);
    }
    CHECK(over > 0 && over < 1000);
}

static bool packet_reads(struct bytes in, void *ctx)
{
    struct solana_message m;
    struct err err;

    (void)ctx;
    return solana_packet_read(in, &m, &err);
}

static bool json_reads(struct bytes in, void *ctx)
{
    struct solana_packet p;
    struct solana_message m;
    struct err err;

    (void)ctx;
    return json_holds((const char *)in.p, in.n, &p, &m, &err);
}

/* All versions, in both orders of JSON. */
static void truncations(void **state)
{
    struct test_random r = {4711};
    static struct made m;

    for (unsigned done = 0; done < 6;) {
        struct solana_packet p;
        struct solana_message got;
        struct text t = text_new(1 << 16);
        struct err err;

        make(&r, &m);
        wire_all(&m);
        json_of(&t, &m, done % 2);
        CHECK(text_string(&t));
        if (1 + 64 * m.signers_n + m.n <= 1232 && m.version == done / 2 && m.instructions_n) {
            CHECK_OK(json_holds(t.p, t.n, &p, &got, &err), err);
            test_truncations((struct bytes){p.at, p.n}, packet_reads, NULL);
            test_truncations((struct bytes){(const uint8_t *)t.p, t.n}, json_reads, NULL);
            done++;
        }
        text_free(&t);
    }
}

/* ---- by hand ---- */

#define KEY "11111111111111111111111111111111"
#define SIGNATURE "1111111111111111111111111111111111111111111111111111111111111111"
#define HEADER                                                                                     \
    "\"header\":{\"numRequiredSignatures\":1,\"numReadonlySignedAccounts\":0,"                     \
    "\"numReadonlyUnsignedAccounts\":1}"
#define ONE                                                                                        \
    "\"accountKeys\":[\"" KEY "\"],\"recentBlockhash\":\"" KEY "\"," HEADER ",\"instructions\":["  \
    "{\"programIdIndex\":0,\"accounts\":[],\"data\":\"\"}]"
#define AROUND(message, rest)                                                                      \
    "{\"transaction\":{\"signatures\":[\"" SIGNATURE "\"],\"message\":{" message "}}" rest "}"

static const struct {
    const char *name, *json, *want;
} refused_rows[] = {
    {"version 2", AROUND(ONE, ",\"version\":2"), "legacy, 0 or 1"},
    {"version 1 without its settings", AROUND(ONE, ",\"version\":1"), "it is missing"},
    {"settings of version 0", AROUND(ONE ",\"transactionConfig\":{}", ",\"version\":0"),
     "of others it is there"},
    {"settings twice", AROUND(ONE ",\"transactionConfig\":{},\"transactionConfig\":{}", ""),
     "twice"},
    {"a setting twice", AROUND(ONE ",\"transactionConfig\":{\"heapSize\":null,\"heapSize\":1}", ""),
     "twice"},
    {"a setting that nobody knows", AROUND(ONE ",\"transactionConfig\":{\"colour\":1}", ""),
     "not known here"},
    {"units past 32 bits",
     AROUND(ONE ",\"transactionConfig\":{\"computeUnitLimit\":4294967296}", ""), "too large"},
    {"version 1 with tables",
     AROUND(ONE ",\"transactionConfig\":{},\"addressTableLookups\":[{\"accountKey\":\"" KEY
                "\",\"writableIndexes\":[0],\"readonlyIndexes\":[]}]",
            ",\"version\":1"),
     "that is not of version 0"},
    {"a legacy one with tables",
     AROUND(ONE ",\"addressTableLookups\":[{\"accountKey\":\"" KEY
                "\",\"writableIndexes\":[0],\"readonlyIndexes\":[]}]",
            ",\"version\":\"legacy\""),
     "that is not of version 0"},
    {"keys twice", AROUND(ONE ",\"accountKeys\":[]", ""), "twice"},
    {"the message twice",
     "{\"transaction\":{\"signatures\":[],\"message\":{" ONE "},\"message\":{}}}", "twice"},
    {"the transaction twice",
     "{\"transaction\":{\"signatures\":[],\"message\":{" ONE "}},\"transaction\":{}}", "twice"},
    {"data twice",
     AROUND("\"instructions\":[{\"programIdIndex\":0,\"accounts\":[],\"data\":\"\",\"data\":\"\"}]",
            ""),
     "twice"},
    {"no header",
     AROUND("\"accountKeys\":[],\"recentBlockhash\":\"" KEY "\",\"instructions\":[]", ""),
     "header"},
    {"a header with less", AROUND("\"header\":{\"numRequiredSignatures\":1}", ""), "how many sign"},
    {"no blockhash", AROUND("\"accountKeys\":[]," HEADER ",\"instructions\":[]", ""),
     "not all there"},
    {"no instructions", AROUND("\"accountKeys\":[]," HEADER ",\"recentBlockhash\":\"" KEY "\"", ""),
     "not all there"},
    {"an instruction without data",
     AROUND("\"instructions\":[{\"programIdIndex\":0,\"accounts\":[]}]", ""),
     "without its program"},
    {"an account past a byte",
     AROUND("\"instructions\":[{\"programIdIndex\":0,\"accounts\":[256],\"data\":\"\"}]", ""),
     "a byte"},
    {"an account in quotes",
     AROUND("\"instructions\":[{\"programIdIndex\":0,\"accounts\":[\"0\"],\"data\":\"\"}]", ""),
     "a byte"},
    {"data that is no base 58",
     AROUND("\"instructions\":[{\"programIdIndex\":0,\"accounts\":[],\"data\":\"0\"}]", ""),
     "base 58"},
    {"data that is no text",
     AROUND("\"instructions\":[{\"programIdIndex\":0,\"accounts\":[],\"data\":5}]", ""),
     "a string is wanted"},
    {"parsed", AROUND("\"instructions\":[{\"parsed\":{}}]", ""), "jsonParsed"},
    {"keys with words", AROUND("\"accountKeys\":[{\"pubkey\":\"" KEY "\"}]", ""), "jsonParsed"},
    {"a short key", AROUND("\"accountKeys\":[\"111\"]", ""), "base 58"},
    {"in base 64", "{\"transaction\":[\"AQ==\",\"base64\"]}", ""},
    {"nothing", "{}", "not all there"},
};

static void refusals(void **state)
{
    struct solana_packet p;
    struct solana_message m;
    struct err err;

    for (size_t i = 0; i < sizeof(refused_rows) / sizeof(refused_rows[0]); i++) {
        test_row("%s", refused_rows[i].name);
        CHECK(!json_holds(refused_rows[i].json, strlen(refused_rows[i].json), &p, &m, &err));
        CHECK(err.class == ERR_INPUT);
        if (!strstr(err.text, refused_rows[i].want))
            test_failed(__FILE__, __LINE__, "\"%s\" without \"%s\"", err.text,
                        refused_rows[i].want);
    }
    /* whole, but signed by nobody: 64 bytes of 0 are no signature */
    CHECK(!json_holds(AROUND(ONE, ""), strlen(AROUND(ONE, "")), &p, &m, &err));
    CHECK_S(err.text, "signature 1 is not over this message, or not of account 1");
}

/* Numbers as Agave's short_vec has them: of a packet the first is how many have signed. */
static const struct {
    const char *hex, *want; /* want: how reading goes wrong at or behind the number */
} compact_rows[] = {
    {"00", "no message"},
    {"8000", "no message"},                   /* longer than it need be */
    {"818000", "no message"},                 /* the same */
    {"808004", "no message"},                 /* 65,536 */
    {"80808000", "no message"},               /* four digits */
    {"ff", "no message"},                     /* cut short */
    {"81", "no message"},                     /* of version 1 */
    {"81 010000 01000000", "not known here"}, /* half a number */
    {"81 010000 20000000", "not known here"}, /* a bit that says nothing yet */
};

static void compact(void **state)
{
    struct solana_message m;
    struct err err;

    for (size_t i = 0; i < sizeof(compact_rows) / sizeof(compact_rows[0]); i++) {
        test_row("%s", compact_rows[i].hex);
        CHECK(!solana_packet_read(test_hex(compact_rows[i].hex), &m, &err));
        CHECK(strstr(err.text, compact_rows[i].want));
    }
}

/* ---- as blocks are read ---- */

static bool all_read(struct bytes in, bool check, struct err *err)
{
    struct solana_text text = {"a", in};
    struct transfer_source s;
    struct transfer_block b;
    bool end = false, ok;

    if (!solana_from(&text, 1, &s, err))
        return false;
    if (check)
        s.check(s.self);
    do
        ok = s.next(s.self, &b, &end, err);
    while (ok && !end);
    s.free(s.self);
    return ok;
}

static char *edited(struct bytes in, const char *from, const char *to, size_t *ret_n)
{
    struct text t = text_new(in.n + 1024);
    const uint8_t *at = memmem(in.p, in.n, from, strlen(from));
    char *text;

    CHECK(at);
    text_put(&t, (const char *)in.p, (size_t)(at - in.p));
    text_str(&t, to);
    text_put(&t, (const char *)at + strlen(from), in.n - (size_t)(at - in.p) - strlen(from));
    text = strdup(text_string(&t));
    *ret_n = t.n;
    text_free(&t);
    return text;
}

#define VOTE_HASH "\"5MP52sdK3oeGihqmSKHU3xLTTcyf1MCk6yakZw2Q8VLQ\""
#define OTHER_HASH "\"JBtnR68eL5dCC7wwvKueCrL4D5suM3qNbKsunmfGtdxs\""

static const struct {
    const char *name, *file, *from, *to, *want; /* want NULL: it is not looked at */
} changed_rows[] = {
    {"one more is only read", "solana/drift2026/update-admin-tx.json",
     "\"numReadonlySignedAccounts\":", "\"numReadonlySignedAccounts\":1",
     "a line 1: signature 1 is not over"},
    {"another blockhash, in transaction 6", "solana/blocks/client_block.json", OTHER_HASH,
     VOTE_HASH, "transaction 6: signature 1 is not over"},
    {"the same in a vote", "solana/blocks/client_block.json", VOTE_HASH, OTHER_HASH, NULL},
};

/* What was read is what is checked, when it is asked for. */
static void in_blocks(void **state)
{
    for (size_t i = 0; i < sizeof(changed_rows) / sizeof(changed_rows[0]); i++) {
        struct bytes in = test_data(changed_rows[i].file);
        struct err err;
        char *text;
        size_t n;

        test_row("%s", changed_rows[i].name);
        CHECK_OK(all_read(in, true, &err), err);
        text = edited(in, changed_rows[i].from, changed_rows[i].to, &n);
        CHECK_OK(all_read((struct bytes){(uint8_t *)text, n}, false, &err), err);
        if (!changed_rows[i].want) {
            CHECK_OK(all_read((struct bytes){(uint8_t *)text, n}, true, &err), err);
        } else {
            CHECK(!all_read((struct bytes){(uint8_t *)text, n}, true, &err));
            CHECK(err.class == ERR_INPUT);
            if (!strstr(err.text, changed_rows[i].want))
                test_failed(__FILE__, __LINE__, "\"%s\"", err.text);
        }
        free(text);
    }
}

/* A lookup table's two addresses, of which the node tells one. */
static void loaded(void **state)
{
    struct test_random r = {test_seed()};
    struct text t = text_new(1 << 16);
    static struct made m;
    struct err err;

    do
        make(&r, &m);
    while (m.version != 1 || m.tables_n != 1 || m.instructions_n || !m.tables[0].n[0]);
    wire_all(&m);
    json_of(&t, &m, false);
    for (size_t less = 0; less < 2; less++) {
        size_t all = m.keys_n;
        struct text whole = text_new(1 << 16);

        text_put(&whole, t.p, t.n - 1);
        text_str(&whole, ",\"slot\":7,\"meta\":{\"err\":null,\"fee\":0,\"loadedAddresses\":{");
        for (size_t k = 0; k < 2; k++) {
            const size_t n = m.tables[0].n[k] - (k ? 0 : less);

            text_printf(&whole, "%s\"%s\":[", k ? "," : "", k ? "readonly" : "writable");
            for (size_t i = 0; i < n; i++)
                text_printf(&whole, "%s\"" KEY "\"", i ? "," : "");
            text_char(&whole, ']');
            all += n;
        }
        text_char(&whole, '}');
        for (size_t k = 0; k < 2; k++) {
            text_printf(&whole, ",\"%sBalances\":[1", k ? "post" : "pre");
            for (size_t i = 1; i < all; i++)
                text_str(&whole, ",1");
            text_char(&whole, ']');
        }
        text_str(&whole, "}}");
        test_row("%s", text_string(&whole));
        if (less) {
            CHECK(!all_read((struct bytes){(const uint8_t *)text_string(&whole), whole.n}, true,
                            &err));
            CHECK(strstr(err.text, "not as many as its lookup tables"));
        } else {
            CHECK_OK(
                all_read((struct bytes){(const uint8_t *)text_string(&whole), whole.n}, true, &err),
                err);
        }
        text_free(&whole);
    }
    text_free(&t);
}

/* ---- against what is told ---- */

struct telling {
    const struct fact_tx *at, *end;
    size_t said, changed;
};

static bool holds_of(struct bytes packet, const struct fact_tx *told, size_t *ret_said)
{
    struct err err;
    bool ok = solana_signatures.check(packet, told, ret_said, &err);

    CHECK(ok || err.class == ERR_INPUT);
    return ok;
}

/* Another name, payer, nonce or amount is not what was signed. */
static void change_told(struct telling *t, struct bytes packet, const struct fact_tx *told)
{
    static struct fact_transfer transfers[4096];
    static struct fact_event events[64];
    static const uint8_t other[64] = {1};
    struct fact_tx changed = *told;
    size_t said;

    CHECK(told->transfers_n < 4096 && told->events_n < 64);
    changed.hash.b[0] ^= 1;
    CHECK(!holds_of(packet, &changed, &said));
    changed = *told;
    memcpy(events, told->events, told->events_n * sizeof(*events));
    changed.events = events;
    for (size_t i = 0; i < told->events_n; i++) {
        if (events[i].kind == EVENT_NAME)
            events[i].data = (struct bytes){other, 64};
        else if (events[i].kind == EVENT_NONCE)
            events[i].subject = (struct bytes){other, 32};
        else
            continue;
        CHECK(!holds_of(packet, &changed, &said));
        events[i] = told->events[i];
    }
    changed = *told;
    changed.transfers = transfers;
    memcpy(transfers, told->transfers, told->transfers_n * sizeof(*transfers));
    for (size_t i = 0; i < told->transfers_n; i++) {
        bool fee = transfers[i].kind == TRANSFER_FEE;

        if (fee)
            transfers[i].from = (struct bytes){other, 32};
        else
            transfers[i].amount.w[0]++;
        if (!holds_of(packet, &changed, &said))
            t->changed++;
        else
            CHECK(!fee);
        transfers[i] = told->transfers[i];
    }
}

static bool tell(struct json_walk *w, void *ctx)
{
    struct telling *t = ctx;
    struct solana_packet p;
    size_t said;

    if (!solana_packet_write(w, &p))
        return false;
    CHECK(t->at < t->end);
    CHECK(holds_of((struct bytes){p.at, p.n}, t->at, &said));
    t->said += said;
    change_told(t, (struct bytes){p.at, p.n}, t->at++);
    return true;
}

/* All of the data. Of it 186 instructions of the system program move lamports between accounts that
 * are no token accounts by their balances; five of those are into a token account of the payer that
 * is opened and closed within the transaction, which moves nothing. */
static void told(void **state)
{
    size_t said = 0, changed = 0, txs = 0;

    for (size_t i = 0; i < sizeof(signed_files) / sizeof(signed_files[0]); i++) {
        struct bytes in = test_data(signed_files[i].file);

        while (in.n) {
            struct solana_text text = {"a", next_answer(signed_files[i].file, &in)};
            struct transfer_source s;
            struct transfer_block b;
            struct telling t = {.said = 0};
            struct err err;
            bool end;

            test_row("%s", signed_files[i].file);
            CHECK_OK(solana_from(&text, 1, &s, &err), err);
            CHECK_OK(s.next(s.self, &b, &end, &err), err);
            t.at = b.txs;
            t.end = b.txs + b.txs_n;
            CHECK_OK(solana_each_tx(text.in, tell, &t, &err), err);
            txs += (size_t)(t.at - b.txs);
            said += t.said;
            changed += t.changed;
            s.free(s.self);
        }
    }
    CHECK_U(txs, 83 + 14);
    CHECK_U(said, 186 - 5);
    CHECK(changed >= said + txs); /* and of those to token accounts of others */
}

static bool reads_again(void *ctx)
{
    const struct bytes *in = ctx;
    struct err err;
    bool ok = all_read(*in, true, &err);

    CHECK(ok || err.class == ERR_NOMEM || err.class == ERR_LIMIT);
    return ok;
}

static void failed_allocations(void **state)
{
    struct bytes drift = test_data("solana/drift2026/update-admin-tx.json");

    test_failed_allocations(reads_again, &drift);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(data),        cmocka_unit_test(changed_bytes),
        cmocka_unit_test(parsed),      cmocka_unit_test(at_random),
        cmocka_unit_test(refusals),    cmocka_unit_test(compact),
        cmocka_unit_test(in_blocks),   cmocka_unit_test(loaded),
        cmocka_unit_test(told),        cmocka_unit_test(failed_allocations),
        cmocka_unit_test(truncations),
    };

    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
