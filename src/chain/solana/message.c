/* JSON gives the parts in any order: each is written to a section of its own as it comes, and then
 * they are put together. */
#include "chain/solana/message.h"

#include "base/cursor.h"
#include "base/text.h"
#include "chain/bitcoin/base58.h"
#include "chain/solana/source.h"

#include <sodium.h>

#define VERSION_MARK 0x80u
#define ITEMS_MAX 64u        /* of version 1: instructions, and keys */
#define COMPACT_BYTES_MAX 3u /* of 16 bits */
#define COUNT_MAX UINT16_MAX
#define ADVANCE_NONCE 4u /* of the system program; a number of 4 bytes comes first */

_Static_assert(SOLANA_PACKET_MAX <= BASE58_LONG_MAX, "data of an instruction");

/* ---- writing ---- */

struct section {
    uint8_t at[SOLANA_PACKET_MAX];
    size_t n, items;
    bool over; /* more than a packet has room for */
};

static void put(struct section *s, const void *p, size_t n)
{
    s->over |= n > sizeof(s->at) - s->n;
    if (s->over || !n)
        return;
    memcpy(s->at + s->n, p, n);
    s->n += n;
}

static void put_compact(struct section *s, size_t v)
{
    uint8_t digits[COMPACT_BYTES_MAX];
    size_t n = 0;

    s->over |= v > COUNT_MAX;
    for (; v >= 0x80 && n < COMPACT_BYTES_MAX - 1; v >>= 7)
        digits[n++] = (uint8_t)(v | 0x80);
    digits[n++] = (uint8_t)v;
    put(s, digits, n);
}

/* A count, and what was counted. */
static void put_section(struct section *to, const struct section *s)
{
    to->over |= s->over;
    put_compact(to, s->items);
    put(to, s->at, s->n);
}

enum part { /* members, each once */
            PART_TRANSACTION = 1,
            PART_VERSION = 1 << 1,
            PART_SIGNATURES = 1 << 2,
            PART_MESSAGE = 1 << 3,
            PART_HEADER = 1 << 4,
            PART_KEYS = 1 << 5,
            PART_BLOCKHASH = 1 << 6,
            PART_INSTRUCTIONS = 1 << 7,
            PART_TABLES = 1 << 8,
            PART_PROGRAM = 1 << 9,
            PART_ACCOUNTS = 1 << 10,
            PART_DATA = 1 << 11,
            PART_WRITABLE = 1 << 12,
            PART_READONLY = 1 << 13,
            PART_KEY = 1 << 14,
            PART_SIGN = 1 << 15,
            PART_CONFIG = 1 << 16,
};

enum version { LEGACY, VERSION_0, VERSION_1 };

/* What a transaction of version 1 settles in its message, in the order of its bits. */
static const struct setting {
    const char *name;
    uint32_t bits;
    size_t n; /* bytes */
} settings[] = {
    {"priorityFee", 3, 8},
    {"computeUnitLimit", 1 << 2, 4},
    {"loadedAccountsDataSizeLimit", 1 << 3, 4},
    {"heapSize", 1 << 4, 4},
};
#define SETTINGS_N (sizeof(settings) / sizeof(settings[0]))

struct writing {
    struct json_walk *w;
    unsigned seen; /* of enum part, of the transaction */
    enum version version;
    bool set[SETTINGS_N]; /* what is settled, in version 1 */
    uint64_t value[SETTINGS_N];
    uint8_t header[3]; /* who signs, and who of each is only read */
    uint8_t blockhash[SOLANA_KEY_BYTES];
    struct section signatures, keys, instructions, tables, all;
    struct section heads, loads; /* of instructions, as version 1 has them */
};

static bool bad(struct writing *x, const char *what)
{
    if (!x->w->bad)
        err_set(x->w->err, ERR_INPUT, "%s", what);
    x->w->bad = true;
    return false;
}

static bool is(struct bytes text, const char *word)
{
    return text.n == strlen(word) && !memcmp(text.p, word, text.n);
}

static bool once(struct writing *x, unsigned *seen, enum part part)
{
    if (*seen & (unsigned)part)
        return bad(x, "a member of what is signed stands there twice");
    *seen |= (unsigned)part;
    return true;
}

static bool parsed(struct writing *x)
{
    return bad(x, "in encoding jsonParsed what was signed is not there: ask the node for encoding "
                  "json");
}

/* A number that is a byte on the wire. */
static uint8_t byte(struct writing *x)
{
    uint64_t v = 0;

    if (json_walk_type(x->w) != JSON_NUMBER || !json_walk_whole(x->w, &v) || v > UINT8_MAX)
        bad(x, "a number that has a byte is none, or has more");
    return (uint8_t)v;
}

static void base58(struct writing *x, uint8_t *ret, size_t n)
{
    if (json_walk_type(x->w) == JSON_OBJECT)
        parsed(x);
    else if (!base58_fixed(json_walk_string(x->w), ret, n))
        bad(x, "a key, hash or signature is not in base 58, or of another length");
}

static void bytes_in(struct writing *x, struct section *to)
{
    json_walk_array(x->w);
    while (json_walk_item(x->w)) {
        uint8_t v = byte(x);

        put(to, &v, 1);
        to->items++;
    }
}

/* Signatures or keys: n bytes each. */
static void fixed_in(struct writing *x, struct section *to, size_t n)
{
    uint8_t one[SOLANA_SIGNATURE_BYTES] = {0};

    json_walk_array(x->w);
    while (json_walk_item(x->w)) {
        base58(x, one, n);
        put(to, one, n);
        to->items++;
    }
}

static void header_in(struct writing *x)
{
    static const char *const names[] = {"numRequiredSignatures", "numReadonlySignedAccounts",
                                        "numReadonlyUnsignedAccounts"};
    unsigned seen = 0;
    struct bytes key;

    json_walk_object(x->w);
    while (json_walk_key(x->w, &key)) {
        size_t i = 0;

        while (i < 3 && !is(key, names[i]))
            i++;
        if (i == 3)
            json_walk_skip(x->w);
        else if (once(x, &seen, (enum part)(1 << i)))
            x->header[i] = byte(x);
    }
    if (seen != 7)
        bad(x, "\"header\": how many sign, or are only read, is missing");
}

static void data_in(struct writing *x, struct section *to)
{
    if (!base58_long(json_walk_string(x->w), to->at, sizeof(to->at), &to->n))
        bad(x, "\"data\": not in base 58, or more than a transaction has room for");
    to->items = to->n;
}

/* As older versions have it, and as version 1: which it is may be told later. */
static void put_instruction(struct writing *x, uint8_t program, const struct section *accounts,
                            const struct section *data)
{
    uint8_t head[4];

    store_le32(head, program | (uint32_t)(accounts->n & UINT8_MAX) << 8 | (uint32_t)data->n << 16);
    put(&x->instructions, &program, 1);
    put_section(&x->instructions, accounts);
    put_section(&x->instructions, data);
    x->instructions.items++;
    x->heads.over |= accounts->n > UINT8_MAX;
    put(&x->heads, head, sizeof(head));
    x->loads.over |= accounts->over | data->over;
    put(&x->loads, accounts->at, accounts->n);
    put(&x->loads, data->at, data->n);
}

static void instruction_in(struct writing *x)
{
    struct section accounts = {.n = 0}, data = {.n = 0};
    unsigned seen = 0;
    uint8_t program = 0;
    struct bytes key;

    json_walk_object(x->w);
    while (json_walk_key(x->w, &key)) {
        if (is(key, "parsed") || is(key, "programId")) {
            parsed(x);
        } else if (is(key, "programIdIndex")) {
            if (once(x, &seen, PART_PROGRAM))
                program = byte(x);
        } else if (is(key, "accounts")) {
            if (once(x, &seen, PART_ACCOUNTS))
                bytes_in(x, &accounts);
        } else if (is(key, "data")) {
            if (once(x, &seen, PART_DATA))
                data_in(x, &data);
        } else {
            json_walk_skip(x->w);
        }
    }
    if (seen != (PART_PROGRAM | PART_ACCOUNTS | PART_DATA))
        bad(x, "an instruction without its program, accounts or data");
    put_instruction(x, program, &accounts, &data);
}

static void table_in(struct writing *x)
{
    struct section writable = {.n = 0}, readonly = {.n = 0};
    uint8_t table[SOLANA_KEY_BYTES] = {0};
    unsigned seen = 0;
    struct bytes key;

    json_walk_object(x->w);
    while (json_walk_key(x->w, &key)) {
        if (is(key, "accountKey")) {
            if (once(x, &seen, PART_KEY))
                base58(x, table, sizeof(table));
        } else if (is(key, "writableIndexes")) {
            if (once(x, &seen, PART_WRITABLE))
                bytes_in(x, &writable);
        } else if (is(key, "readonlyIndexes")) {
            if (once(x, &seen, PART_READONLY))
                bytes_in(x, &readonly);
        } else {
            json_walk_skip(x->w);
        }
    }
    if (seen != (PART_KEY | PART_WRITABLE | PART_READONLY))
        bad(x, "a lookup table without its key or indices");
    put(&x->tables, table, sizeof(table));
    put_section(&x->tables, &writable);
    put_section(&x->tables, &readonly);
    x->tables.items++;
}

static void list_in(struct writing *x, void item(struct writing *x))
{
    if (json_walk_type(x->w) == JSON_NULL) {
        json_walk_skip(x->w);
        return;
    }
    json_walk_array(x->w);
    while (json_walk_item(x->w))
        item(x);
}

static void setting_in(struct writing *x, struct bytes key, unsigned *seen)
{
    size_t i = 0;

    while (i < SETTINGS_N && !is(key, settings[i].name))
        i++;
    if (i == SETTINGS_N) {
        bad(x, "\"transactionConfig\": a setting that is not known here");
        return;
    }
    if (!once(x, seen, (enum part)(1 << i)))
        return;
    if (json_walk_type(x->w) == JSON_NULL) {
        json_walk_skip(x->w);
        return;
    }
    x->set[i] =
        json_walk_whole(x->w, &x->value[i]) && (settings[i].n == 8 || x->value[i] <= UINT32_MAX);
    if (!x->set[i])
        bad(x, "\"transactionConfig\": a number is none, or too large");
}

static void config_in(struct writing *x)
{
    unsigned seen = 0;
    struct bytes key;

    if (json_walk_type(x->w) == JSON_NULL) { /* of other versions */
        json_walk_skip(x->w);
        return;
    }
    if (!once(x, &x->seen, PART_CONFIG))
        return;
    json_walk_object(x->w);
    while (json_walk_key(x->w, &key))
        setting_in(x, key, &seen);
}

static void message_in(struct writing *x)
{
    struct bytes key;

    json_walk_object(x->w);
    while (json_walk_key(x->w, &key)) {
        if (is(key, "header")) {
            if (once(x, &x->seen, PART_HEADER))
                header_in(x);
        } else if (is(key, "accountKeys")) {
            if (once(x, &x->seen, PART_KEYS))
                fixed_in(x, &x->keys, SOLANA_KEY_BYTES);
        } else if (is(key, "recentBlockhash")) {
            if (once(x, &x->seen, PART_BLOCKHASH))
                base58(x, x->blockhash, sizeof(x->blockhash));
        } else if (is(key, "instructions")) {
            if (once(x, &x->seen, PART_INSTRUCTIONS))
                list_in(x, instruction_in);
        } else if (is(key, "addressTableLookups")) {
            if (once(x, &x->seen, PART_TABLES))
                list_in(x, table_in);
        } else if (is(key, "transactionConfig")) {
            config_in(x);
        } else {
            json_walk_skip(x->w);
        }
    }
}

static void transaction_in(struct writing *x)
{
    struct bytes key;

    json_walk_object(x->w);
    while (json_walk_key(x->w, &key)) {
        if (is(key, "signatures")) {
            if (once(x, &x->seen, PART_SIGNATURES))
                fixed_in(x, &x->signatures, SOLANA_SIGNATURE_BYTES);
        } else if (is(key, "message")) {
            if (once(x, &x->seen, PART_MESSAGE))
                message_in(x);
        } else {
            json_walk_skip(x->w);
        }
    }
}

/* "legacy", 0 or 1. */
static void version_in(struct writing *x)
{
    struct bytes text =
        json_walk_type(x->w) == JSON_STRING ? json_walk_string(x->w) : json_walk_scalar(x->w);

    x->version = is(text, "1") ? VERSION_1 : is(text, "0") ? VERSION_0 : LEGACY;
    if (x->version == LEGACY && !is(text, "legacy"))
        bad(x, "\"version\": legacy, 0 or 1 is known here");
}

static void put_old(struct writing *x)
{
    static const uint8_t version_0 = VERSION_MARK;

    put_section(&x->all, &x->signatures);
    if (x->version == VERSION_0)
        put(&x->all, &version_0, 1);
    put(&x->all, x->header, sizeof(x->header));
    put_section(&x->all, &x->keys);
    put(&x->all, x->blockhash, sizeof(x->blockhash));
    put_section(&x->all, &x->instructions);
    if (x->version == VERSION_0)
        put_section(&x->all, &x->tables);
    x->all.over |= x->all.n > SOLANA_PACKET_OLD_MAX;
}

static void put_bytes(struct section *to, const struct section *s)
{
    to->over |= s->over;
    put(to, s->at, s->n);
}

static void put_new(struct writing *x)
{
    static const uint8_t version_1 = VERSION_MARK + 1;
    uint8_t number[8], counts[2] = {(uint8_t)x->instructions.items, (uint8_t)x->keys.items};
    uint32_t bits = 0;

    for (size_t i = 0; i < SETTINGS_N; i++)
        bits |= x->set[i] ? settings[i].bits : 0;
    x->all.over |= x->instructions.items > ITEMS_MAX || x->keys.items > ITEMS_MAX;
    put(&x->all, &version_1, 1);
    put(&x->all, x->header, sizeof(x->header));
    store_le32(number, bits);
    put(&x->all, number, 4);
    put(&x->all, x->blockhash, sizeof(x->blockhash));
    put(&x->all, counts, sizeof(counts));
    put_bytes(&x->all, &x->keys);
    for (size_t i = 0; i < SETTINGS_N; i++) {
        store_le64(number, x->value[i]);
        put(&x->all, number, x->set[i] ? settings[i].n : 0);
    }
    put_bytes(&x->all, &x->heads);
    put_bytes(&x->all, &x->loads);
    put_bytes(&x->all, &x->signatures);
}

static void put_all(struct writing *x)
{
    /* whoever asks a node without a word of versions is told none, of legacy ones alone */
    if (!(x->seen & PART_VERSION))
        x->version = x->tables.items ? VERSION_0 : LEGACY;
    if (x->version != VERSION_0 && x->tables.items)
        bad(x, "a transaction with lookup tables that is not of version 0");
    if ((x->version == VERSION_1) != !!(x->seen & PART_CONFIG))
        bad(x, "\"transactionConfig\": of version 1 it is missing, or of others it is there");
    if (x->version == VERSION_1)
        put_new(x);
    else
        put_old(x);
    if (x->all.over)
        bad(x, "it is longer than a transaction can be");
}

bool solana_packet_write(struct json_walk *w, struct solana_packet *ret)
{
    const unsigned wanted = PART_TRANSACTION | PART_SIGNATURES | PART_MESSAGE | PART_KEYS |
                            PART_BLOCKHASH | PART_INSTRUCTIONS;
    struct writing x = {.w = w};
    struct bytes key;

    json_walk_object(w);
    while (json_walk_key(w, &key)) {
        if (is(key, "transaction")) {
            if (once(&x, &x.seen, PART_TRANSACTION))
                transaction_in(&x);
        } else if (is(key, "version")) {
            if (once(&x, &x.seen, PART_VERSION))
                version_in(&x);
        } else {
            json_walk_skip(w);
        }
    }
    if (w->bad)
        return false;
    if ((x.seen & wanted) != wanted)
        return bad(&x, "what was signed is not all there");
    if (!(x.seen & PART_HEADER))
        return bad(&x, "\"header\" is missing: who had to sign is not told");
    put_all(&x);
    if (w->bad)
        return false;
    memcpy(ret->at, x.all.at, x.all.n);
    ret->n = x.all.n;
    return true;
}

/* ---- reading ---- */

static size_t compact(struct cursor *c)
{
    size_t v = 0;

    for (unsigned i = 0; i < COMPACT_BYTES_MAX; i++) {
        uint8_t digit = cursor_u8(c);

        v |= (size_t)(digit & 0x7f) << 7 * i;
        if (digit & 0x80)
            continue;
        c->bad |= (i && !digit) || v > COUNT_MAX; /* longer than it need be; more than 16 bits */
        return v;
    }
    c->bad = true;
    return 0;
}

struct instruction {
    uint8_t program;
    struct bytes accounts, data;
};

/* The next of a message's; loads: where version 1 has accounts and data. */
static struct instruction instruction_take(struct cursor *heads, struct cursor *loads, bool split)
{
    struct instruction in = {.program = cursor_u8(heads)};
    size_t accounts_n = split ? cursor_u8(heads) : compact(heads), data_n;

    if (!split)
        in.accounts = cursor_take(heads, accounts_n);
    data_n = split ? cursor_le16(heads) : compact(heads);
    if (split)
        in.accounts = cursor_take(loads, accounts_n);
    in.data = cursor_take(split ? loads : heads, data_n);
    return in;
}

/* Behind their count, and in version 1 behind the heads of all. */
static void instructions_skim(struct cursor *heads, struct cursor *loads, struct solana_message *m)
{
    for (size_t i = 0; i < m->instructions_n && !heads->bad && !loads->bad; i++) {
        struct instruction in = instruction_take(heads, loads, m->split);

        heads->bad |= in.program >= m->keys_n; /* no program comes from a table */
        if (heads->bad || loads->bad || i ||
            solana_program(m->keys + (size_t)in.program * SOLANA_KEY_BYTES) != SOLANA_SYSTEM ||
            in.data.n < 4 || load_le32(in.data.p) != ADVANCE_NONCE || !in.accounts.n)
            continue;
        m->over_nonce = true;
        if (in.accounts.p[0] < m->keys_n)
            m->nonce = m->keys + (size_t)in.accounts.p[0] * SOLANA_KEY_BYTES;
    }
    loads->bad |= heads->bad;
}

static void tables_skim(struct cursor *c, struct solana_message *m)
{
    size_t n = compact(c);

    for (size_t i = 0; i < n && !c->bad; i++) {
        cursor_skip(c, SOLANA_KEY_BYTES);
        m->writable_n += cursor_take(c, compact(c)).n;
        m->readonly_n += cursor_take(c, compact(c)).n;
    }
}

/* All but the signatures. */
static bool message_read(struct cursor *c, struct solana_message *m, struct err *err)
{
    uint8_t first = cursor_u8(c);
    bool has_version = first & VERSION_MARK;
    uint8_t signers = has_version ? cursor_u8(c) : first;

    if (has_version && first != VERSION_MARK)
        return err_fail(err, ERR_INPUT, "version %u is not known here", first & ~VERSION_MARK);
    cursor_skip(c, 2); /* how many are only read */
    m->keys_n = compact(c);
    m->keys = cursor_take(c, m->keys_n * SOLANA_KEY_BYTES).p;
    cursor_skip(c, SOLANA_KEY_BYTES);
    m->instructions_n = compact(c);
    m->instructions.p = c->at;
    instructions_skim(c, c, m);
    m->instructions.n = (size_t)(c->at - m->instructions.p);
    if (has_version)
        tables_skim(c, m);
    if (c->bad || cursor_left(c) || !m->keys || !m->signatures)
        return err_fail(err, ERR_INPUT, "what was signed is no message, or more than one");
    return (signers == m->signers_n && signers && signers <= m->keys_n) ||
           err_fail(err, ERR_INPUT, "%zu signatures where %u are wanted", m->signers_n, signers);
}

/* How many bytes the settings of those bits have; false: of a bit nobody knows what it says, or
 * of a number half. */
static bool settings_size(uint32_t bits, size_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < SETTINGS_N; i++) {
        if ((bits & settings[i].bits) == settings[i].bits)
            *ret += settings[i].n;
        else if (bits & settings[i].bits)
            return false;
        bits &= ~settings[i].bits;
    }
    return !bits;
}

/* Of version 1, behind its first byte: its signatures, too. */
static bool new_read(struct cursor *c, struct solana_message *m, struct err *err)
{
    struct cursor heads;
    size_t settled;

    m->split = true;
    m->signers_n = cursor_u8(c);
    cursor_skip(c, 2); /* how many are only read */
    if (!settings_size(cursor_le32(c), &settled))
        return err_fail(err, ERR_INPUT, "settings that are not known here");
    cursor_skip(c, SOLANA_KEY_BYTES);
    m->instructions_n = cursor_u8(c);
    m->keys_n = cursor_u8(c);
    c->bad |= m->instructions_n > ITEMS_MAX || m->keys_n > ITEMS_MAX;
    m->keys = cursor_take(c, m->keys_n * SOLANA_KEY_BYTES).p;
    cursor_skip(c, settled);
    m->instructions.p = c->at;
    heads.bad = true;
    if (!c->bad) {
        struct bytes all = cursor_take(c, 4 * m->instructions_n);

        heads = cursor_over(all.p, all.n);
    }
    if (!c->bad && m->instructions_n)
        instructions_skim(&heads, c, m);
    m->instructions.n = (size_t)(c->at - m->instructions.p);
    m->bytes.n = (size_t)(c->at - m->bytes.p);
    m->signatures = cursor_take(c, m->signers_n * SOLANA_SIGNATURE_BYTES).p;
    if (c->bad || cursor_left(c) || !m->keys || !m->signatures)
        return err_fail(err, ERR_INPUT, "what was signed is no message, or more than one");
    return (m->signers_n && m->signers_n <= m->keys_n) ||
           err_fail(err, ERR_INPUT, "%zu signatures of %zu accounts", m->signers_n, m->keys_n);
}

static bool old_read(struct cursor *c, struct solana_message *m, struct err *err)
{
    m->signers_n = compact(c);
    m->signatures = cursor_take(c, m->signers_n * SOLANA_SIGNATURE_BYTES).p;
    m->bytes = (struct bytes){c->at, cursor_left(c)};
    return message_read(c, m, err);
}

bool solana_packet_read(struct bytes packet, struct solana_message *ret, struct err *err)
{
    struct cursor c = cursor_over(packet.p, packet.n);
    bool is_new = packet.n && packet.p[0] == VERSION_MARK + 1;
    struct solana_message m = {.bytes = packet};

    if (packet.n > (is_new ? SOLANA_PACKET_MAX : SOLANA_PACKET_OLD_MAX))
        return err_fail(err, ERR_INPUT, "it is longer than a transaction can be");
    if (is_new)
        cursor_skip(&c, 1);
    if (!(is_new ? new_read(&c, &m, err) : old_read(&c, &m, err)))
        return false;
    *ret = m;
    return true;
}

bool solana_message_verify(const struct solana_message *m, struct err *err)
{
    if (sodium_init() < 0)
        return err_fail(err, ERR_SYSTEM, "libsodium cannot start");
    for (size_t i = 0; i < m->signers_n; i++)
        if (crypto_sign_verify_detached(m->signatures + i * SOLANA_SIGNATURE_BYTES, m->bytes.p,
                                        m->bytes.n, m->keys + i * SOLANA_KEY_BYTES))
            return err_fail(err, ERR_INPUT,
                            "signature %zu is not over this message, or not of "
                            "account %zu",
                            i + 1, i + 1);
    return true;
}

/* ---- evidence ---- */

static bool is_key(struct bytes told, const uint8_t *key)
{
    return told.n == SOLANA_KEY_BYTES && !memcmp(told.p, key, SOLANA_KEY_BYTES);
}

/* Its name is its first signature; a nonce is noted if it was signed over one. */
static bool events_hold(const struct solana_message *m, const struct fact_tx *told)
{
    bool named = false, nonce = false;

    for (size_t i = 0; i < told->events_n; i++) {
        const struct fact_event *e = &told->events[i];

        named |= e->kind == EVENT_NAME;
        nonce |= e->kind == EVENT_NONCE;
        if (e->kind == EVENT_NAME &&
            (e->data.n != SOLANA_SIGNATURE_BYTES ||
             memcmp(e->data.p, m->signatures, SOLANA_SIGNATURE_BYTES) != 0))
            return false;
        if (e->kind == EVENT_NONCE && m->nonce && !is_key(e->subject, m->nonce))
            return false;
    }
    return named && nonce == m->over_nonce;
}

/* The instruction of that number, from 1, if it is one of the system program that moves lamports.
 * Accounts that lookup tables have are past the message's own. */
static bool lamports_of(const struct solana_message *m, uint32_t number,
                        struct solana_instruction *ret)
{
    struct cursor heads = cursor_over(m->instructions.p, m->instructions.n), loads = heads;
    uint32_t accounts[SOLANA_ACCOUNTS_MAX];

    if (m->split)
        cursor_skip(&loads, 4 * m->instructions_n);
    for (size_t i = 1; i <= m->instructions_n; i++) {
        struct instruction in = instruction_take(&heads, &loads, m->split);
        const uint8_t *program = m->keys + (size_t)in.program * SOLANA_KEY_BYTES;
        struct solana_wire w = {.program = SOLANA_SYSTEM, .data = in.data, .accounts = accounts};

        if (i != number)
            continue;
        for (; w.accounts_n < in.accounts.n && w.accounts_n < SOLANA_ACCOUNTS_MAX; w.accounts_n++)
            accounts[w.accounts_n] = in.accounts.p[w.accounts_n];
        return solana_program(program) == SOLANA_SYSTEM && solana_decode(&w, NULL, ret) &&
               ret->op == SOLANA_LAMPORTS;
    }
    return false;
}

static bool is_account(const struct solana_message *m, struct bytes told, uint32_t account)
{
    return account < m->keys_n && is_key(told, m->keys + (size_t)account * SOLANA_KEY_BYTES);
}

/* What instructions themselves moved, and not calls within them, of lamports. Of a transfer to or
 * from somebody's token account the owner is told, and the account was signed: then who had it
 * stays unsaid. */
static bool transfers_hold(const struct solana_message *m, const struct fact_tx *told,
                           size_t *ret_said, struct err *err)
{
    *ret_said = 0;
    for (size_t i = 0; i < told->transfers_n; i++) {
        const struct fact_transfer *t = &told->transfers[i];
        struct solana_instruction in = {.op = SOLANA_NONCE};

        if (t->kind != TRANSFER_INTERNAL || t->path.n != 4 ||
            !lamports_of(m, load_le32(t->path.p), &in))
            continue;
        if (t->asset.n || !u256_equal(t->amount, u256_of(in.amount)))
            return err_fail(err, ERR_INPUT, "instruction %u: another amount was signed",
                            load_le32(t->path.p));
        *ret_said += is_account(m, t->from, in.a) && is_account(m, t->to, in.b);
    }
    return true;
}

static bool check(struct bytes signed_bytes, const struct fact_tx *told, size_t *ret_said,
                  struct err *err)
{
    struct solana_message m;
    struct hash32 hash;

    if (!solana_packet_read(signed_bytes, &m, err) || !solana_message_verify(&m, err))
        return false;
    hash = sha256(m.signatures, SOLANA_SIGNATURE_BYTES);
    if (!hash32_equal(&hash, &told->hash) || !events_hold(&m, told))
        return err_fail(err, ERR_INPUT, "it is named by another signature, or over another nonce");
    for (size_t i = 0; i < told->transfers_n; i++)
        if (told->transfers[i].kind == TRANSFER_FEE && !is_key(told->transfers[i].from, m.keys))
            return err_fail(err, ERR_INPUT, "its fee was paid by another than who signed first");
    return transfers_hold(&m, told, ret_said, err);
}

const struct tx_signatures solana_signatures = {
    .form = "answers",
    .unproven =
        "what a transaction did of which only who signed it is proven (by_roots, signed): whether "
        "it failed, what moved by calls within it and by programs, balances, whose a token account "
        "is, and which addresses lookup tables have, are the word of the node that told it",
    .make = solana_packets_find,
    .check = check,
};
