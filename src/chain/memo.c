/* Fields are cut at colons first, then each is read for itself; nothing is looked at twice. */
#include "chain/memo.h"

#include "base/text.h"

#define OP_RETURN 0x6a
#define OP_PUSHDATA1 0x4c
#define OP_PUSHDATA2 0x4d
#define TXID_DIGITS 64
#define EXPONENT_MAX 77 /* 10^77 is below 2^256 */

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
    case MEMO_MIGRATE:
        return "migrate";
    }
    return "";
}

/* thornode, x/thorchain/memo/memo.go, stringToTxTypeMap; a refund is one of its outbound memos */
static const struct {
    const char *name;
    enum memo_kind kind;
} functions[] = {
    {"swap", MEMO_SWAP},         {"s", MEMO_SWAP},          {"=", MEMO_SWAP},
    {"limito", MEMO_SWAP},       {"lo", MEMO_SWAP},         {"=<", MEMO_SWAP},
    {"out", MEMO_OUT},           {"outbound", MEMO_OUT},    {"refund", MEMO_REFUND},
    {"add", MEMO_ADD},           {"a", MEMO_ADD},           {"+", MEMO_ADD},
    {"withdraw", MEMO_WITHDRAW}, {"wd", MEMO_WITHDRAW},     {"-", MEMO_WITHDRAW},
    {"loan+", MEMO_LOAN_OPEN},   {"$+", MEMO_LOAN_OPEN},    {"loan-", MEMO_LOAN_REPAY},
    {"$-", MEMO_LOAN_REPAY},     {"donate", MEMO_DONATE},   {"d", MEMO_DONATE},
    {"%", MEMO_DONATE},          {"migrate", MEMO_MIGRATE},
};

/* thornode, common/asset.go, ShortCode; a coin may also be called by its chain alone. */
static const struct {
    const char *code, *chain, *ticker;
} short_codes[] = {
    {"a", "AVAX", "AVAX"}, {"b", "BTC", "BTC"},   {"c", "BCH", "BCH"},      {"d", "DOGE", "DOGE"},
    {"e", "ETH", "ETH"},   {"g", "GAIA", "ATOM"}, {"l", "LTC", "LTC"},      {"n", "BNB", "BNB"},
    {"r", "THOR", "RUNE"}, {"s", "BSC", "BNB"},   {"RUNE", "THOR", "RUNE"},
};

static const struct {
    const char *code, *name;
} chains[] = {
    {"BTC", "bitcoin"}, {"ETH", "ethereum"}, {"BSC", "bsc"},     {"AVAX", "avalanche"},
    {"BASE", "base"},   {"ARB", "arbitrum"}, {"POL", "polygon"}, {"TRON", "tron"},
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

bool memo_read(struct bytes text, struct memo *ret)
{
    struct bytes rest = text, function = cut(&rest, ':'), id;
    size_t i = 0, n = sizeof(functions) / sizeof(functions[0]);

    *ret = (struct memo){.kind = MEMO_SWAP};
    if (function.n == text.n || text.n > MEMO_BYTES_MAX) /* no colon: any word might be text */
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
        id = cut(&rest, ':');
        if (id.n == TXID_DIGITS + 2 && id.p[0] == '0' && lower(id.p[1]) == 'x')
            id = (struct bytes){id.p + 2, TXID_DIGITS};
        return id.n == TXID_DIGITS &&
               hex_decode((const char *)id.p, id.n, ret->txid.b, sizeof(ret->txid.b));
    case MEMO_ADD:
    case MEMO_WITHDRAW:
    case MEMO_DONATE:
        ret->asset = asset_read(cut(&rest, ':'));
        return true;
    case MEMO_MIGRATE:
        return true;
    }
    return false;
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

const char *memo_chain_name(struct bytes chain)
{
    for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
        if (same_word(chain, chains[i].code))
            return chains[i].name;
    return NULL;
}
