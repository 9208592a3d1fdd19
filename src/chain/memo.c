/* Fields are cut at colons first, then each is read for itself; nothing is looked at twice. */
#include "chain/memo.h"

#include "base/text.h"
#include "chain/bitcoin/base58.h"
#include "chain/bitcoin/script.h"

#define OP_RETURN 0x6a
#define OP_PUSHDATA1 0x4c
#define OP_PUSHDATA2 0x4d
#define TXID_DIGITS 64
#define SIGNATURE_BYTES 64
#define EXPONENT_MAX 77 /* 10^77 is below 2^256 */
#define REFERENCE_DIGITS_MAX 19
#define BEHIND '|'
#define GOES_ON '^'
#define SENT_BYTES_MAX 250 /* thornode, MaxMemoSize */
#define HASH_BYTES 20

const char *memo_kind_name(enum memo_kind kind)
{
    switch (kind) {
    case MEMO_SWAP:
        return "swap";
    case MEMO_OUT:
        return "out";
    case MEMO_REFUND:
        return "refund";
    case MEMO_ADD:
        return "add";
    case MEMO_WITHDRAW:
        return "withdraw";
    case MEMO_LOAN_OPEN:
        return "loan-open";
    case MEMO_LOAN_REPAY:
        return "loan-repay";
    case MEMO_DONATE:
        return "donate";
    case MEMO_KEEP:
        return "keep";
    case MEMO_REFERENCE:
        return "reference";
    case MEMO_OTHER:
        return "other";
    case MEMO_MIGRATE:
        return "migrate";
    }
    return "";
}

/* thornode, x/thorchain/memo/memo.go, stringToTxTypeMap, of all its versions; a refund is one of
 * its outbound memos */
static const struct {
    const char *name;
    enum memo_kind kind;
} functions[] = {
    {"swap", MEMO_SWAP},
    {"s", MEMO_SWAP},
    {"=", MEMO_SWAP},
    {"limito", MEMO_SWAP},
    {"lo", MEMO_SWAP},
    {"=<", MEMO_SWAP},
    {"out", MEMO_OUT},
    {"outbound", MEMO_OUT},
    {"refund", MEMO_REFUND},
    {"add", MEMO_ADD},
    {"a", MEMO_ADD},
    {"+", MEMO_ADD},
    {"withdraw", MEMO_WITHDRAW},
    {"wd", MEMO_WITHDRAW},
    {"-", MEMO_WITHDRAW},
    {"loan+", MEMO_LOAN_OPEN},
    {"$+", MEMO_LOAN_OPEN},
    {"loan-", MEMO_LOAN_REPAY},
    {"$-", MEMO_LOAN_REPAY},
    {"donate", MEMO_DONATE},
    {"d", MEMO_DONATE},
    {"%", MEMO_DONATE},
    {"trade+", MEMO_KEEP},
    {"secure+", MEMO_KEEP},
    {"x", MEMO_KEEP},
    {"exec", MEMO_KEEP},
    {"switch", MEMO_KEEP},
    {"r", MEMO_REFERENCE},
    {"reference", MEMO_OTHER},
    {"m=<", MEMO_OTHER},
    {"trade-", MEMO_OTHER},
    {"secure-", MEMO_OTHER},
    {"pool+", MEMO_OTHER},
    {"pool-", MEMO_OTHER},
    {"tcy", MEMO_OTHER},
    {"tcy+", MEMO_OTHER},
    {"tcy-", MEMO_OTHER},
    {"name", MEMO_OTHER},
    {"n", MEMO_OTHER},
    {"~", MEMO_OTHER},
    {"bond", MEMO_OTHER},
    {"unbond", MEMO_OTHER},
    {"rebond", MEMO_OTHER},
    {"leave", MEMO_OTHER},
    {"operator", MEMO_OTHER},
    {"maint", MEMO_OTHER},
    {"reserve", MEMO_OTHER},
    {"noop", MEMO_OTHER},
    {"migrate", MEMO_MIGRATE},
    {"ragnarok", MEMO_MIGRATE},
    {"consolidate", MEMO_MIGRATE},
};

/* thornode, common/asset.go, ShortCode; a coin may also be called by its chain alone. */
static const struct {
    const char *code, *chain, *ticker;
} short_codes[] = {
    {"a", "AVAX", "AVAX"}, {"b", "BTC", "BTC"},   {"c", "BCH", "BCH"},      {"d", "DOGE", "DOGE"},
    {"e", "ETH", "ETH"},   {"g", "GAIA", "ATOM"}, {"l", "LTC", "LTC"},      {"n", "BNB", "BNB"},
    {"r", "THOR", "RUNE"}, {"s", "BSC", "BNB"},   {"RUNE", "THOR", "RUNE"}, {"f", "BASE", "ETH"},
    {"p", "POL", "POL"},   {"x", "XRP", "XRP"},   {"tr", "TRON", "TRX"},    {"o", "SOL", "SOL"},
    {"z", "ZEC", "ZEC"},
};

static char lower(uint8_t c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool same_word(struct bytes a, const char *b)
{
    size_t n = strlen(b);

    if (a.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower(a.p[i]) != lower((uint8_t)b[i]))
            return false;
    return true;
}

/* What stands before c, which is taken away with it; all, if c is not there. */
static struct bytes cut(struct bytes *rest, char c)
{
    size_t n = 0;
    struct bytes ret;

    while (n < rest->n && rest->p[n] != (uint8_t)c)
        n++;
    ret = (struct bytes){rest->p, n};
    n += n < rest->n;
    *rest = (struct bytes){rest->p ? rest->p + n : NULL, rest->n - n};
    return ret;
}

static bool is_word(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (!(b.p[i] >= '0' && b.p[i] <= '9') && !(lower(b.p[i]) >= 'a' && lower(b.p[i]) <= 'z'))
            return false;
    return b.n > 0;
}

static struct bytes word(const char *s)
{
    return (struct bytes){(const uint8_t *)s, strlen(s)};
}

/* A name of one word: a short code, or a chain for its own coin. */
static struct memo_asset asset_named(struct bytes name)
{
    struct memo_asset ret = {.where = '.'};

    for (size_t i = 0; i < sizeof(short_codes) / sizeof(short_codes[0]); i++)
        if (same_word(name, short_codes[i].code)) {
            ret.chain = word(short_codes[i].chain);
            ret.ticker = word(short_codes[i].ticker);
            return ret;
        }
    ret.chain = ret.ticker = name;
    return ret;
}

static struct memo_asset asset_read(struct bytes in)
{
    struct memo_asset ret = {.where = '.'};
    struct bytes rest = in;
    size_t n = 0;

    while (n < in.n && in.p[n] != '.' && in.p[n] != '/' && in.p[n] != '~' && in.p[n] != '-')
        n++;
    if (n == in.n)
        return is_word(in) ? asset_named(in) : ret;
    ret.where = (char)in.p[n];
    ret.chain = cut(&rest, ret.where);
    ret.ticker = cut(&rest, '-');
    ret.contract = rest;
    if (!is_word(ret.chain) || !is_word(ret.ticker))
        return (struct memo_asset){.where = '.'};
    return ret;
}

/* A whole number, or one with an exponent: "12e6" */
static bool limit_read(struct bytes in, struct u256 *ret)
{
    struct bytes rest = in, digits = cut(&rest, 'e');
    uint64_t exponent = 0;

    if (digits.n == in.n) {
        rest = in;
        digits = cut(&rest, 'E');
    }
    if (!u256_from_text((const char *)digits.p, digits.n, ret))
        return false;
    if (digits.n == in.n)
        return true;
    if (!u64_from_text((const char *)rest.p, rest.n, &exponent) || exponent > EXPONENT_MAX)
        return false;
    for (uint64_t i = 0; i < exponent; i++)
        if (!u256_mul(*ret, u256_of(10), ret))
            return false;
    return true;
}

/* Swaps and loans: asset, destination and refund, limits, affiliate, its points. */
static void asked_read(struct bytes rest, struct memo *ret)
{
    struct bytes destination, limits;

    ret->asset = asset_read(cut(&rest, ':'));
    destination = cut(&rest, ':');
    limits = cut(&rest, ':');
    ret->affiliate = cut(&rest, ':');
    ret->affiliate_points = cut(&rest, ':');
    ret->destination = cut(&destination, '/');
    ret->refund = destination;
    ret->has_limit = limit_read(cut(&limits, '/'), &ret->limit);
    ret->interval = cut(&limits, '/');
    ret->quantity = cut(&limits, '/');
    if (!ret->has_limit)
        ret->limit = u256_of(0);
}

/* Digits alone: a word and a colon begin many a text. */
static bool is_reference(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] < '0' || b.p[i] > '9')
            return false;
    return b.n > 0 && b.n <= REFERENCE_DIGITS_MAX;
}

/* A transaction's id, as its chain writes it: 64 digits, with 0x before them or not; of Solana its
 * signature in base 58 (thornode, common/tx.go), whose SHA-256 stands for it. */
static bool txid_read(struct bytes id, struct hash32 *ret)
{
    uint8_t signature[SIGNATURE_BYTES];

    if (id.n == TXID_DIGITS + 2 && id.p[0] == '0' && lower(id.p[1]) == 'x')
        id = (struct bytes){id.p + 2, TXID_DIGITS};
    if (id.n == TXID_DIGITS && hex_decode((const char *)id.p, id.n, ret->b, sizeof(ret->b)))
        return true;
    if (!base58_fixed(id, signature, sizeof(signature)))
        return false;
    *ret = sha256(signature, sizeof(signature));
    return true;
}

bool memo_read(struct bytes text, struct memo *ret)
{
    struct bytes rest = text, memo = cut(&rest, BEHIND), function;
    size_t i = 0, n = sizeof(functions) / sizeof(functions[0]);

    rest = memo;
    function = cut(&rest, ':');
    *ret = (struct memo){.kind = MEMO_SWAP};
    if (function.n == memo.n || text.n > MEMO_BYTES_MAX) /* no colon: any word might be text */
        return false;
    while (i < n && !same_word(function, functions[i].name))
        i++;
    if (i == n)
        return false;
    ret->kind = functions[i].kind;
    switch (ret->kind) {
    case MEMO_SWAP:
    case MEMO_LOAN_OPEN:
    case MEMO_LOAN_REPAY:
        asked_read(rest, ret);
        return true;
    case MEMO_OUT:
    case MEMO_REFUND:
        return txid_read(cut(&rest, ':'), &ret->txid);
    case MEMO_ADD:
    case MEMO_WITHDRAW:
    case MEMO_DONATE:
        ret->asset = asset_read(cut(&rest, ':'));
        return true;
    case MEMO_KEEP:
        ret->destination = cut(&rest, ':');
        return is_word(ret->destination);
    case MEMO_REFERENCE:
        return is_reference(cut(&rest, ':'));
    case MEMO_OTHER:
    case MEMO_MIGRATE:
        return true;
    }
    return false;
}

bool memo_asks(enum memo_kind kind)
{
    return kind == MEMO_SWAP || kind == MEMO_LOAN_OPEN || kind == MEMO_LOAN_REPAY ||
           kind == MEMO_KEEP || kind == MEMO_REFERENCE;
}

bool memo_comes_in(enum memo_kind kind)
{
    return kind != MEMO_OUT && kind != MEMO_REFUND && kind != MEMO_MIGRATE;
}

struct bytes memo_behind(struct bytes text)
{
    struct bytes rest = text, memo = cut(&rest, BEHIND);

    return (struct bytes){memo.p + memo.n, text.n - memo.n};
}

bool memo_is_sent(struct bytes input, struct memo *ret)
{
    return input.n && input.n <= MEMO_BYTES_MAX && input.p[0] > ' ' && input.p[0] < 0x7f &&
           memo_read(input, ret) &&
           (memo_asks(ret->kind) || ret->kind == MEMO_OUT || ret->kind == MEMO_REFUND);
}

bool memo_in_script(struct bytes script, struct bytes *ret)
{
    size_t at = 2, n;

    if (script.n < 2 || script.p[0] != OP_RETURN)
        return false;
    n = script.p[1];
    if (n == OP_PUSHDATA1 && script.n > 2) {
        n = script.p[2];
        at = 3;
    } else if (n == OP_PUSHDATA2 && script.n > 3) {
        n = load_le16(script.p + 2);
        at = 4;
    } else if (!n || n >= OP_PUSHDATA1) {
        return false;
    }
    if (n > script.n - at)
        return false;
    *ret = (struct bytes){script.p + at, n};
    return true;
}

static void take(struct memo_outputs *m, struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        m->bad |= b.p[i] < ' ' || b.p[i] > '~';
    if (b.n > sizeof(m->text) - m->n) {
        m->bad = true;
        return;
    }
    memcpy(m->text + m->n, b.p, b.n);
    m->n += b.n;
}

/* The place of the last ^, where that says that more follows; else n. */
static size_t goes_on_at(const struct memo_outputs *m)
{
    size_t i = m->n;

    while (i-- > 0 && m->text[i] != GOES_ON)
        ;
    return i != SIZE_MAX && i + 1 >= MEMO_RETURN_MAX ? i : m->n;
}

bool memo_outputs_add(struct memo_outputs *m, struct bytes script)
{
    enum script_class class;
    struct bytes b;

    if (m->whole)
        return false;
    if (memo_in_script(script, &b)) {
        take(m, b);
        return true;
    }
    class = script_classify(script, &b);
    if ((class != SCRIPT_P2WPKH && class != SCRIPT_P2PKH) || b.n != HASH_BYTES ||
        goes_on_at(m) == m->n)
        return false;
    while (b.n && !b.p[b.n - 1])
        b.n--;
    take(m, b);
    m->whole = b.n < HASH_BYTES || m->n >= SENT_BYTES_MAX;
    return true;
}

struct bytes memo_outputs_end(struct memo_outputs *m)
{
    size_t at = 0;

    if (m->bad)
        return (struct bytes){NULL, 0};
    if (goes_on_at(m) < m->n) { /* the first ^ is taken out, whichever said so */
        while (m->text[at] != GOES_ON)
            at++;
        memmove(m->text + at, m->text + at + 1, m->n - at - 1);
        m->n--;
    }
    return (struct bytes){m->text, m->n};
}
