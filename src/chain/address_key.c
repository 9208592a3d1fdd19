/* A row says how a space is named and in which form its addresses come. An address is tried row by
 * row: a row takes it, says that it is one of its own with something wrong, or does not know it.
 * Base58 is decoded once for all rows.
 *
 * Version bytes: Bitcoin Core, Litecoin Core, Dogecoin Core, Dash Core, zcashd (base58Prefixes of
 * chainparams.cpp of each); SLIP-173 for the readable parts of Bech32. CAIP-2 names: the namespaces
 * bip122, eip155, solana, tron, xrpl of the Chain Agnostic namespaces; a chain of bip122 is named
 * by 32 hex digits of its genesis, or of the block at which it left another. */
#include "chain/address_key.h"

#include "base/text.h"
#include "chain/address_form.h"
#include "chain/bitcoin/base58.h"
#include "chain/bitcoin/bech32.h"
#include "chain/bitcoin/cashaddr.h"
#include "chain/bitcoin/pool.h"
#include "chain/bitcoin/script.h"
#include "chain/dialect.h"
#include "chain/evm/address.h"
#include "chain/monero_address.h"
#include "chain/solana/tx.h"
#include "chain/tron/address.h"
#include "chain/xrpl/address.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <strings.h>

enum reading {
    READING_DONE,
    READING_WRONG,   /* of that space, but for err */
    READING_UNKNOWN, /* nothing of that space; no err */
};

enum by {
    BY_ITSELF, /* nothing is known but the text */
    BY_FORM,   /* what is of several spaces' form is not decided */
    BY_TICKER, /* the row's coin was named */
    BY_CHAIN,  /* the row's chain was named */
};

/* The text, with what several rows ask of it. */
struct probe {
    const char *s;
    size_t n;
    bool is_base58;
    uint8_t raw[BASE58_BYTES_MAX]; /* Base58 undone */
    size_t raw_n;
};

struct row;
typedef enum reading row_reader(const struct row *row, const struct probe *p, enum by by,
                                struct address_key *ret, struct err *err);

static row_reader coin_read;    /* Base58Check of a byte and a hash; Bech32 of a witness program */
static row_reader cash_read;    /* Bitcoin Cash: Base58Check or CashAddr */
static row_reader zcash_read;   /* Base58Check of two bytes and a hash; Bech32, if shielded */
static row_reader monero_read;  /* or a payment id, 64 hex digits, if Monero is named */
static row_reader evm_read;     /* "xdc" may stand for "0x" */
static row_reader tron_read;    /* or hex, if the chain is named */
static row_reader solana_read;  /* 32 bytes in base 58 */
static row_reader xrp_read;     /* Base58Check with another order of the digits */
static row_reader checked_read; /* Bech32 or CashAddr of a chain without a row */

struct row {
    enum address_space space;
    row_reader *read;
    const char *name;
    const char *names;   /* of chains, with a space around each; CAIP-2 names, too */
    const char *prefix;  /* a CAIP-2 namespace that is all in this space; NULL: none */
    const char *tickers; /* native to it, with a space around each */
    struct chain coin;   /* of coins: version bytes and readable part */
};

#define NO_HRP " " /* no Bech32 string has a space */
#define COIN(n, pkh, sh, old, part)                                                                \
    {                                                                                              \
        .name = (n), .p2pkh = (pkh), .p2sh = (sh), .p2sh_old = (old), .hrp = (part)                \
    }

/* Where two rows read one text, the upper one has it. */
static const struct row rows[] = {
    {SPACE_BITCOIN, coin_read, "bitcoin", " bitcoin bip122:000000000019d6689c085ae165831e93 ", NULL,
     " BTC XBT OMNI ", COIN("bitcoin", 0, 5, 0, "bc")},
    {SPACE_BITCOIN_TEST, coin_read, "bitcoin-test",
     " bitcoin-test bitcoin:test bitcoin:signet bip122:000000000933ea01ad0ee984209779ba "
     "bip122:00000008819873e925422c1ff0f99f7c ",
     NULL, " TBTC ", COIN("bitcoin:test", 111, 196, 0, "tb")},
    {SPACE_BITCOIN_TEST, coin_read, "bitcoin-test",
     " bitcoin-test bitcoin:regtest bip122:0f9188f13cb7b2c71f2a335e3a4fc328 ", NULL, " ",
     COIN("bitcoin:regtest", 111, 196, 0, "bcrt")},
    {SPACE_BITCOIN_SIM, coin_read, "bitcoin:sim",
     " bitcoin:sim bip122:763d331ac67e410d9da444d0ecd04bb9 ", NULL, " ",
     COIN("bitcoin:sim", 63, 125, 0, "sim")},
    {SPACE_BITCOIN_CASH, cash_read, "bitcoin-cash",
     " bitcoin-cash bitcoin_cash bitcoincash bip122:000000000000000000651ef99cb9fcbe ", NULL,
     " BCH ", COIN("bitcoin-cash", 0, 5, 0, NO_HRP)},
    {SPACE_BITCOIN_SV, cash_read, "bitcoin-sv", " bitcoin-sv bitcoin_sv bitcoinsv ", NULL, " BSV ",
     COIN("bitcoin-sv", 0, 5, 0, NO_HRP)},
    {SPACE_BITCOIN_GOLD, coin_read, "bitcoin-gold", " bitcoin-gold bitcoin_gold ", NULL, " BTG ",
     COIN("bitcoin-gold", 38, 23, 0, "btg")},
    {SPACE_LITECOIN, coin_read, "litecoin", " litecoin bip122:12a765e31ffd4059bada1e25190f6e98 ",
     NULL, " LTC ", COIN("litecoin", 48, 50, 5, "ltc")},
    {SPACE_LITECOIN_TEST, coin_read, "litecoin:regtest",
     " litecoin:regtest bip122:530827f38f93b43ed12af0b3ad25a288 ", NULL, " ",
     COIN("litecoin:regtest", 111, 58, 196, "rltc")},
    {SPACE_LITECOIN_TEST, coin_read, "litecoin:regtest",
     " litecoin:test bip122:4966625a4b2851d9fdee139e56211a0d ", NULL, " ",
     COIN("litecoin:test", 111, 58, 196, "tltc")},
    {SPACE_DOGECOIN, coin_read, "dogecoin", " dogecoin bip122:1a91e3dace36e2be3bf030a65679fe82 ",
     NULL, " DOGE XDG ", COIN("dogecoin", 30, 22, 0, NO_HRP)},
    {SPACE_DOGECOIN, coin_read, "dogecoin",
     " dogecoin:regtest bip122:3d2160a3b5dc4a9d62e7e66a295f7031 ", NULL, " ",
     COIN("dogecoin:regtest", 111, 196, 0, NO_HRP)},
    {SPACE_DASH, coin_read, "dash", " dash bip122:00000ffd590b1485b3caadc19b22e637 ", NULL,
     " DASH ", COIN("dash", 76, 16, 0, NO_HRP)},
    {SPACE_ZCASH, zcash_read, "zcash", " zcash bip122:00040fe8ec8471911baa1db1266ea15d ", NULL,
     " ZEC ", COIN("zcash", 0x1cb8, 0x1cbd, 0, NO_HRP)},
    {SPACE_ZCASH, zcash_read, "zcash",
     " zcash:test zcash:regtest bip122:05a60a92d99d85997cce3b87616c089f "
     "bip122:029f11d80ef9765602235e1bc9727e3e ",
     NULL, " ", COIN("zcash:test", 0x1d25, 0x1cba, 0, NO_HRP)},
    {SPACE_VERGE, coin_read, "verge", " verge ", NULL, " XVG ", COIN("verge", 30, 33, 0, NO_HRP)},
    {SPACE_DIGIBYTE, coin_read, "digibyte", " digibyte ", NULL, " DGB ",
     COIN("digibyte", 30, 63, 0, "dgb")},
    {SPACE_MONERO, monero_read, "monero", " monero ", NULL, " XMR ", {0}},
    {SPACE_EVM,
     evm_read,
     "evm",
     " evm ethereum optimism bsc binance-smart-chain polygon base arbitrum avalanche fantom gnosis "
     "linea scroll zksync blast mantle celo moonbeam cronos ethereum-classic ethereum_classic "
     "evm:sim evm:dev ",
     "eip155:",
     " ETH ETC BNB BSC BEP20 ERC20 MATIC POL AVAX FTM ARB OP XDAI CRO CELO RBTC VET THETA SGB FLR "
     "CLO XDC ",
     {0}},
    {SPACE_TRON,
     tron_read,
     "tron",
     " tron tron:shasta tron:nile ",
     "tron:",
     " TRX TRON TRC20 ",
     {0}},
    {SPACE_SOLANA, solana_read, "solana", " solana ", "solana:", " SOL ", {0}},
    {SPACE_XRP, xrp_read, "xrp", " xrp xrpl ripple ", "xrpl:", " XRP ", {0}},
    {SPACE_OTHER, checked_read, "other", " other ", NULL, " ", {0}},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* Tokens of several chains: they say nothing of where. */
static const char tokens[] = " USDT USDC DAI TUSD USDP BUSD PYUSD FDUSD USDD USDE WBTC WETH LINK "
                             "UNI SHIB AAVE PAX GUSD XAUT ";

static bool is_hex(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isxdigit((unsigned char)s[i]))
            return false;
    return !s[n];
}

static enum reading done(const struct row *row, const char *text, struct address_key *ret)
{
    size_t n = strlen(text);

    *ret = (struct address_key){.space = (uint8_t)row->space, .n = (uint8_t)n};
    memcpy(ret->text, text, n);
    return READING_DONE;
}

static enum reading done_lower(const struct row *row, const char *text, struct address_key *ret)
{
    done(row, text, ret);
    for (size_t i = 0; i < ret->n; i++)
        if (ret->text[i] >= 'A' && ret->text[i] <= 'Z')
            ret->text[i] = (char)(ret->text[i] + 32);
    return READING_DONE;
}

static enum reading wrong_sum(const struct probe *p, struct err *err)
{
    err_set(err, ERR_INPUT, "address \"%s\": the checksum is wrong", p->s);
    return READING_WRONG;
}

static enum reading not_of(const struct row *row, const struct probe *p, struct err *err)
{
    err_set(err, ERR_INPUT, "address \"%s\" is none of %s", p->s, row->name);
    return READING_WRONG;
}

static bool has_hrp(const struct probe *p, const char *hrp)
{
    size_t n = strlen(hrp);

    return tolower((unsigned char)p->s[0]) == hrp[0] && !strncasecmp(p->s, hrp, n) &&
           p->s[n] == '1';
}

/* With the chain or its coin named, all that is wrong with the address is told. */
/* The name of a shielded pool of the row's chain, which stands where an address does. */
static bool is_pool(const struct row *row, const struct probe *p)
{
    const struct chain *chain =
        p->n > 5 && !strncmp(p->s, POOL_ADDRESS_PREFIX, 5) ? chain_by_name(row->coin.name) : NULL;

    for (uint32_t i = 0; chain && i < pools_count(chain); i++)
        if (!strcmp(p->s, pool_address(chain, i)))
            return true;
    return false;
}

static enum reading coin_named(const struct row *row, const struct probe *p,
                               struct address_key *ret, struct err *err)
{
    uint8_t script[SCRIPT_FORM_MAX];
    char text[ADDRESS_BYTES_MAX];
    size_t n;

    if (!address_read(&row->coin, p->s, script, &n, err))
        return READING_WRONG;
    if (has_hrp(p, row->coin.hrp) &&
        !(p->is_base58 && p->raw_n == 25)) /* a program has one spelling in lower case */
        return done_lower(row, p->s, ret);
    return address_of_script(&row->coin, (struct bytes){script, n}, text) ? done(row, text, ret)
                                                                          : not_of(row, p, err);
}

static enum reading coin_read(const struct row *row, const struct probe *p, enum by by,
                              struct address_key *ret, struct err *err)
{
    const struct chain *coin = &row->coin;
    bool mine =
        p->is_base58 && p->raw_n == 25 && (p->raw[0] == coin->p2pkh || p->raw[0] == coin->p2sh);

    if (is_pool(row, p))
        return done(row, p->s, ret);
    if (mine && by != BY_FORM && base58check_right((struct bytes){p->raw, p->raw_n}))
        return done(row, p->s, ret);
    if (by >= BY_TICKER || has_hrp(p, coin->hrp))
        return coin_named(row, p, ret, err);
    return mine && by == BY_ITSELF ? wrong_sum(p, err) : READING_UNKNOWN;
}

/* The two forms are one: CashAddr is what is kept. */
static enum reading cash_of_base58(const struct row *row, const struct probe *p,
                                   struct address_key *ret, struct err *err)
{
    struct cashaddr c = {.prefix = "bitcoincash", .hash_n = 20};
    char text[CASHADDR_TEXT_MAX];
    uint8_t script[SCRIPT_FORM_MAX];
    struct bytes payload;
    size_t n;

    if (!address_read(&row->coin, p->s, script, &n, err))
        return READING_WRONG;
    c.type = script_classify((struct bytes){script, n}, &payload) == SCRIPT_P2SH ? CASHADDR_P2SH
                                                                                 : CASHADDR_P2PKH;
    memcpy(c.hash, payload.p, 20);
    cashaddr_write(&c, text);
    return done(row, text, ret);
}

/* A hash of 20 bytes is 42 characters, one of 32 is 61; the version's first character is q, p, or
 * of those that may receive tokens z, r. */
static bool looks_like_cashaddr(const struct probe *p)
{
    return (p->n == 42 || p->n == 61) && strchr("qpzrQPZR", p->s[0]) &&
           strspn(p->s, "qpzry9x8gf2tvdw0s3jn54khce6mua7lQPZRYXGFTVDWSJNKHCEMUAL") == p->n;
}

static enum reading cash_read(const struct row *row, const struct probe *p, enum by by,
                              struct address_key *ret, struct err *err)
{
    bool prefix = !strncasecmp(p->s, "bitcoincash:", 12) || !strncasecmp(p->s, "simpleledger:", 13);
    char text[CASHADDR_TEXT_MAX];
    struct cashaddr c;

    if (by >= BY_TICKER && prefix && strspn(p->s + 12, base58_alphabet) == p->n - 12 &&
        strchr("13", p->s[12]))
        return cash_of_base58(row, &(struct probe){.s = p->s + 12, .n = p->n - 12}, ret, err);
    if (!prefix && !looks_like_cashaddr(p))
        return by >= BY_TICKER ? cash_of_base58(row, p, ret, err) : READING_UNKNOWN;
    if (!cashaddr_read(p->s, "bitcoincash", &c, err)) {
        if (!prefix && by < BY_TICKER) /* 42 characters may be anything */
            return READING_UNKNOWN;
        err_prefix(err, "address \"%s\"", p->s);
        return READING_WRONG;
    }
    memcpy(c.prefix, "bitcoincash", sizeof("bitcoincash"));
    c.type = c.type == CASHADDR_TOKEN_P2PKH  ? CASHADDR_P2PKH
             : c.type == CASHADDR_TOKEN_P2SH ? CASHADDR_P2SH
                                             : c.type;
    cashaddr_write(&c, text);
    return done(row, text, ret);
}

/* ZIP 320, "TEX Addresses": the hash of a transparent address, in Bech32m. */
static enum reading tex_read(const struct row *row, const struct probe *p, struct address_key *ret,
                             struct err *err)
{
    uint8_t script[25] = {0x76, 0xa9, 20}, hash[BECH32_CHARS_MAX];
    char text[ADDRESS_BYTES_MAX];
    struct bech32 b;
    size_t n;

    if (!bech32_read(p->s, &b, err) || b.kind != BECH32M ||
        !bech32_to_bytes(b.values, b.values_n, hash, &n) || n != 20)
        return wrong_sum(p, err);
    memcpy(script + 3, hash, 20);
    script[23] = 0x88;
    script[24] = 0xac;
    return address_of_script(&row->coin, (struct bytes){script, sizeof(script)}, text)
               ? done(row, text, ret)
               : not_of(row, p, err);
}

/* Zcash protocol, "Transparent Addresses": two bytes and a hash; a Sapling address is Bech32. */
static enum reading zcash_read(const struct row *row, const struct probe *p, enum by by,
                               struct address_key *ret, struct err *err)
{
    struct bech32 b;
    uint16_t version;

    if (is_pool(row, p))
        return done(row, p->s, ret);
    if (has_hrp(p, "zs")) {
        if (bech32_read(p->s, &b, err) && b.kind == BECH32)
            return done_lower(row, p->s, ret);
        return wrong_sum(p, err);
    }
    if (has_hrp(p, row->coin.p2pkh == 0x1cb8 ? "tex" : "textest"))
        return tex_read(row, p, ret, err);
    version = p->is_base58 && p->raw_n == 26 ? (uint16_t)(p->raw[0] << 8 | p->raw[1]) : 0;
    if (version && (version == row->coin.p2pkh || version == row->coin.p2sh))
        return base58check_right((struct bytes){p->raw, p->raw_n}) ? done(row, p->s, ret)
                                                                   : wrong_sum(p, err);
    return by >= BY_TICKER ? not_of(row, p, err) : READING_UNKNOWN;
}

static enum reading monero_read(const struct row *row, const struct probe *p, enum by by,
                                struct address_key *ret, struct err *err)
{
    bool looks = (p->n == MONERO_ADDRESS_CHARS || p->n == MONERO_INTEGRATED_ADDRESS_CHARS) &&
                 (p->s[0] == '4' || p->s[0] == '8');

    if (by >= BY_TICKER && p->n == 64 && is_hex(p->s, p->n))
        return done_lower(row, p->s, ret);
    if (by < BY_TICKER && !looks)
        return READING_UNKNOWN;
    if (monero_address_check(p->s, err))
        return done(row, p->s, ret);
    err_prefix(err, "address \"%s\"", p->s);
    return READING_WRONG;
}

/* Tables drop the "0x"; what lies in a log's topic or in call data is filled to 32 bytes. The least
 * addresses are left out of the latter: other chains have names for 32 bytes of such a form. */
static const char *evm_digits(const struct probe *p, enum by by)
{
    static const char zeros[] = "000000000000000000000000";
    bool marked = !strncasecmp(p->s, "0x", 2), named = by >= BY_TICKER || by == BY_ITSELF;
    const char *digits = p->s + (marked ? 2 : !strncasecmp(p->s, "xdc", 3) ? 3 : 0);
    size_t n = p->n - (size_t)(digits - p->s);

    if (!is_hex(digits, n))
        return NULL;
    if (n == 40 && (digits != p->s || named))
        return digits;
    return n == 64 && named && (marked || by >= BY_TICKER) && !strncmp(digits, zeros, 24) &&
                   strncmp(digits + 24, zeros, 8) != 0
               ? digits + 24
               : NULL;
}

static enum reading evm_read(const struct row *row, const struct probe *p, enum by by,
                             struct address_key *ret, struct err *err)
{
    const char *digits = evm_digits(p, by);
    uint8_t key[EVM_ADDRESS_BYTES];
    char text[ADDRESS_KEY_MAX] = "0x";

    if (!digits && by < BY_TICKER)
        return READING_UNKNOWN;
    if (digits)
        memcpy(text + 2, digits, strlen(digits) + 1);
    else
        memcpy(text, p->s, p->n + 1);
    return evm_address_read(text, key, err) ? done_lower(row, text, ret) : READING_WRONG;
}

/* What nodes of Tron answer, 41 and 40 digits, is of no other chain's form. */
static bool is_tron_hex(const struct probe *p)
{
    const char *digits = p->s + (!strncasecmp(p->s, "0x41", 4) ? 2 : 0);

    return !strncmp(digits, "41", 2) && strlen(digits) == 42 && is_hex(digits, 42);
}

static enum reading tron_read(const struct row *row, const struct probe *p, enum by by,
                              struct address_key *ret, struct err *err)
{
    char text[TRON_ADDRESS_TEXT_MAX];
    uint8_t key[TRON_ADDRESS_BYTES];

    if (p->is_base58 && p->raw_n == 25 && p->raw[0] == 0x41)
        return base58check_right((struct bytes){p->raw, p->raw_n}) ? done(row, p->s, ret)
                                                                   : wrong_sum(p, err);
    if (by != BY_FORM && is_tron_hex(p)) {
        if (!tron_address_read(p->s + p->n - 42, key, err))
            return READING_WRONG;
    } else if (by < BY_CHAIN) {
        return by == BY_TICKER ? not_of(row, p, err) : READING_UNKNOWN;
    } else if (!tron_address_read(p->s, key, err)) {
        return READING_WRONG;
    }
    tron_address_write(key, text);
    return done(row, text, ret);
}

static enum reading solana_read(const struct row *row, const struct probe *p, enum by by,
                                struct address_key *ret, struct err *err)
{
    if (p->is_base58 && p->raw_n == 32)
        return done(row, p->s, ret);
    return by >= BY_TICKER ? not_of(row, p, err) : READING_UNKNOWN;
}

/* An account, with a tag behind a colon or within an X-address. */
static enum reading xrp_read(const struct row *row, const struct probe *p, enum by by,
                             struct address_key *ret, struct err *err)
{
    uint8_t key[XRPL_KEY_MAX];
    char text[XRPL_NAME_MAX];
    const char *wrong;
    struct err ignored;
    size_t n;

    if (xrpl_read(p->s, key, &n, &ignored) && n <= XRPL_TAGGED_BYTES &&
        xrpl_name((struct bytes){key, n}, text))
        return done(row, text, ret);
    wrong = xrpl_wrong(p->s);
    if (wrong) {
        err_set(err, ERR_INPUT, "address \"%s\": %s", p->s, wrong);
        return READING_WRONG;
    }
    return by >= BY_TICKER ? not_of(row, p, err) : READING_UNKNOWN;
}

/* People's tables capitalise: the checksum says whether the text in lower case was meant. */
static enum reading checked_read(const struct row *row, const struct probe *p, enum by by,
                                 struct address_key *ret, struct err *err)
{
    struct address_key lower;
    struct bech32 b;
    struct cashaddr c;
    struct err ignored;

    (void)by;
    (void)err;
    done_lower(row, p->s, &lower);
    if (!bech32_read(lower.text, &b, &ignored) &&
        (!strchr(lower.text, ':') || !cashaddr_read(lower.text, "", &c, &ignored)))
        return READING_UNKNOWN;
    *ret = lower;
    return READING_DONE;
}

/* The first row that knows it. */
static enum reading any_read(const struct probe *p, enum by by, struct address_key *ret,
                             struct err *err)
{
    for (size_t i = 0; i < ROWS; i++) {
        enum reading r = rows[i].read(&rows[i], p, by, ret, err);

        if (r != READING_UNKNOWN)
            return r;
    }
    return READING_UNKNOWN;
}

/* Is word among those of list, which has a space around each? */
static bool has_word(const char *list, const char *word, size_t n)
{
    for (const char *p = list + 1; *p; p += strcspn(p, " ") + 1)
        if (!strncmp(p, word, n) && p[n] == ' ')
            return true;
    return false;
}

/* Every word that a hint may be, hashed without regard to case; of one word and kind, the upper
 * row's comes first. */
struct word {
    const char *p; /* NULL: none */
    size_t n;
    const struct row *row;
    enum word_kind { WORD_NAME, WORD_TICKER, WORD_TOKEN } kind;
};
#define WORDS 512 /* a power of two, more than twice as many as there are */
static struct word words[WORDS];
static pthread_once_t words_made = PTHREAD_ONCE_INIT;

static size_t word_at(const char *p, size_t n)
{
    uint32_t h = 2166136261; /* FNV-1a */

    for (size_t i = 0; i < n; i++)
        h = (h ^ (uint8_t)tolower((unsigned char)p[i])) * 16777619;
    return (h ^ h >> 16) % WORDS;
}

static void word_put(const char *p, size_t n, const struct row *row, enum word_kind kind)
{
    size_t at = word_at(p, n);

    while (words[at].p)
        at = (at + 1) % WORDS;
    words[at] = (struct word){p, n, row, kind};
}

static void words_put(const char *list, const struct row *row, enum word_kind kind)
{
    size_t n;

    for (const char *p = list + 1; *p; p += n + 1) {
        n = strcspn(p, " ");
        word_put(p, n, row, kind);
    }
}

static const struct row *row_of_caip2(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].prefix && !strncmp(name, rows[i].prefix, strlen(rows[i].prefix)))
            return &rows[i];
    return NULL;
}

/* Of the chains that ledgers can be of. */
#define CHAINS_MAX 64
static struct chain_space {
    const struct chain *chain;
    enum address_space space;
} chain_spaces[CHAINS_MAX];
static size_t chain_spaces_n;

static void chains_put(const struct row *row)
{
    char name[ADDRESS_CAIP2_MAX + CHAIN_BANK_NAME_MAX];
    size_t n;

    for (const char *p = row->names + 1; *p; p += n + 1) {
        const struct chain *chain;

        n = strcspn(p, " ");
        snprintf(name, sizeof(name), "%.*s", (int)n, p);
        chain = chain_by_name(name);
        if (chain && chain_spaces_n < CHAINS_MAX)
            chain_spaces[chain_spaces_n++] = (struct chain_space){chain, row->space};
    }
}

/* A chain of accounts is of the space whose namespace its CAIP-2 name is in, if no row names it. */
static void accounts_put(void)
{
    size_t n;
    const struct chain *chains = chain_all_accounts(&n);

    for (size_t i = 0; i < n; i++) {
        const struct row *row = row_of_caip2(chains[i].caip2);
        bool known = false;

        for (size_t k = 0; k < chain_spaces_n; k++)
            known = known || chain_spaces[k].chain == &chains[i];
        if (known || !row || chain_spaces_n == CHAINS_MAX)
            continue;
        chain_spaces[chain_spaces_n++] = (struct chain_space){&chains[i], row->space};
        word_put(chains[i].name, strlen(chains[i].name), row, WORD_NAME);
    }
}

static void words_make(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        words_put(rows[i].names, &rows[i], WORD_NAME);
        words_put(rows[i].tickers, &rows[i], WORD_TICKER);
        chains_put(&rows[i]);
    }
    words_put(tokens, NULL, WORD_TOKEN);
    accounts_put();
}

/* What a hint is. A name in lower case is a chain's before it is a ticker. */
struct hint {
    const struct row *row; /* NULL: it names none */
    enum by by;
    bool token;
};

static struct hint hint_of(const char *text)
{
    const struct word *name = NULL, *ticker = NULL, *spelled = NULL;
    struct hint h = {.by = BY_CHAIN};
    size_t n = strlen(text);

    pthread_once(&words_made, words_make);
    for (size_t at = word_at(text, n); words[at].p; at = (at + 1) % WORDS) {
        const struct word *w = &words[at];

        if (w->n != n || strncasecmp(w->p, text, n))
            continue;
        if (w->kind == WORD_TOKEN)
            h.token = true;
        else if (w->kind == WORD_TICKER)
            ticker = ticker ? ticker : w;
        else
            spelled = spelled ? spelled : w;
        if (!name && w->kind == WORD_NAME && !memcmp(w->p, text, n))
            name = w;
    }
    h.row = name ? NULL : row_of_caip2(text);
    if (h.row)
        return h;
    if (!name && ticker)
        h.by = BY_TICKER;
    if (!name)
        name = ticker ? ticker : spelled;
    h.row = name ? name->row : NULL;
    return h;
}

static bool is_ticker(const struct hint *h)
{
    return h->token || (h->row && h->by == BY_TICKER);
}

bool address_hint_is_ticker(const char *hint)
{
    struct hint h = hint_of(hint);

    return is_ticker(&h);
}

static enum reading other_key(const struct probe *p, struct address_key *ret)
{
    bool hex = !strncasecmp(p->s, "0x", 2) && is_hex(p->s + 2, p->n - 2);

    return hex ? done_lower(&rows[ROWS - 1], p->s, ret) : done(&rows[ROWS - 1], p->s, ret);
}

/* Says that a hint names nothing, and what chains are called here: of a row the first name, and all
 * that share EVM's form. */
static enum reading hint_unknown(const char *hint, struct err *err)
{
    char names[ERR_TEXT_MAX];
    size_t at = 0;

    for (size_t i = 0; i < ROWS; i++) {
        const char *p = rows[i].names + 1;

        if (i && rows[i].space == rows[i - 1].space)
            continue;
        do {
            int n = (int)strcspn(p, " ");

            at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%.*s", at ? ", " : "", n, p);
            p += n + 1;
        } while (*p && rows[i].read == evm_read && at < sizeof(names));
        if (at >= sizeof(names))
            break;
    }
    if (!utf8_valid(hint, strlen(hint)) || !text_is_plain(hint, strlen(hint)))
        hint = "";
    err_set(err, ERR_INPUT, "chain \"%.40s\" is not known; known are %s", hint, names);
    return READING_WRONG;
}

static enum reading hinted_read(const struct probe *p, const char *hint, const struct hint *h,
                                bool known, struct address_key *ret, struct err *err)
{
    enum by by = h->by;
    const struct row *row = h->row;
    enum reading r, alone;
    struct err of_row;

    if (!row && known)
        return hint_unknown(hint, err);
    if (!row) {
        r = any_read(p, BY_FORM, ret, err);
        return r == READING_UNKNOWN ? other_key(p, ret) : r;
    }
    if (row->space == SPACE_OTHER)
        return other_key(p, ret);
    r = row->read(row, p, by, ret, &of_row);
    if (r != READING_DONE && row[1].space == row->space &&
        has_word(row[1].names, hint, strlen(hint)))
        r = row[1].read(&row[1], p, by, ret, &of_row);
    if (r == READING_DONE)
        return r;
    alone = by == BY_CHAIN ? READING_UNKNOWN : any_read(p, BY_ITSELF, ret, err);
    if (alone == READING_UNKNOWN)
        *err = of_row;
    return alone == READING_DONE ? alone : r;
}

static bool probe_make(const char *s, size_t n, struct probe *p, struct err *err)
{
    struct err ignored;

    if (!n)
        return err_fail(err, ERR_INPUT, "address \"\": nothing");
    if (n >= ADDRESS_KEY_MAX)
        return err_fail(err, ERR_INPUT, "address: %zu characters are too many", n);
    p->is_base58 = true;
    p->raw[0] = 0;
    p->raw_n = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] <= 32 || s[i] >= 127) /* not repeated: it may do things to a terminal */
            return err_fail(err, ERR_INPUT, "address: character %zu is not one that addresses have",
                            i + 1);
        p->is_base58 = p->is_base58 && base58_digit(s[i]) >= 0;
    }
    p->s = s;
    p->n = n;
    p->is_base58 = p->is_base58 && base58_read(s, p->raw, &p->raw_n, &ignored);
    return true;
}

/* What is no account of a ledger, and is often asked about: payments to it are seen as payments to
 * the pool alone, or (ZIP 316) to another address that is within it. */
static const struct {
    const char *begins;
    size_t least, most; /* characters */
    const char *why;
} unseen[] = {
    {"ltcmweb1", 100, 140, "it is within MWEB, of which only pool:mweb is seen"},
    {"tmweb1", 100, 140, "it is within MWEB, of which only pool:mweb is seen"},
    {"u1", 100, 300, "a unified address: ask about its transparent one (t1..., t3...)"},
    {"utest1", 100, 300, "a unified address: ask about its transparent one (tm..., t2...)"},
    {"zc", 95, 95, "it is within Zcash's first pool, of which only pool:sprout is seen"},
};

static const char *why_unseen(const char *p, size_t n)
{
    for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
        if (n >= unseen[i].least && n <= unseen[i].most &&
            !strncasecmp(p, unseen[i].begins, strlen(unseen[i].begins)))
            return unseen[i].why;
    return NULL;
}

/* Letters and digits alone: nothing is around it. */
static bool is_bare(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)p[i]))
            return false;
    return true;
}

/* Which chain is meant: whoever asks says so, or else the form that the address came in. */
static const char *hint_with(const char *hint, const struct address_form *form)
{
    struct hint h = {.row = NULL};

    if (!*form->chain)
        return hint;
    if (!hint || !*hint)
        return form->chain;
    h = hint_of(hint);
    return h.token || (h.row && h.row->space == SPACE_OTHER) ? form->chain : hint;
}

#define FORMS_MAX 4

static bool key_read(const char *p, size_t n, const char *hint, bool known, struct address_key *ret,
                     struct err *err)
{
    char text[ADDRESS_KEY_MAX] = {0};
    struct hint h = {.row = NULL};
    struct address_form forms[FORMS_MAX]; /* one within another */
    const char *unseen_why;
    struct probe probe;
    enum reading r;

    for (size_t i = 0; !is_bare(p, n); i++) {
        if (n > ADDRESS_FORM_MAX || i == FORMS_MAX)
            return err_fail(err, ERR_INPUT, "address: %zu characters are too many", n);
        if (!address_form_read(p, n, &forms[i], err))
            return false;
        hint = hint_with(hint, &forms[i]);
        if (forms[i].n == n) /* nothing is around it that is no part of it */
            break;
        p = forms[i].p;
        n = forms[i].n;
    }
    if (address_is_domain(p, n))
        return err_fail(err, ERR_INPUT,
                        "address \"%.*s\" is a domain: ask about the address that it stands for",
                        n < 100 ? (int)n : 100, p);
    unseen_why = is_bare(p, n) ? why_unseen(p, n) : NULL;
    if (unseen_why)
        return err_fail(err, ERR_INPUT, "address \"%.30s...\": %s", p, unseen_why);
    memcpy(text, p, n < sizeof(text) ? n : 0);
    if (!probe_make(text, n, &probe, err))
        return false;
    if (hint && *hint)
        h = hint_of(hint);
    r = hint && *hint && !h.token ? hinted_read(&probe, hint, &h, known, ret, err)
                                  : any_read(&probe, BY_ITSELF, ret, err);
    switch (r) {
    case READING_DONE:
        return true;
    case READING_WRONG:
        return false;
    case READING_UNKNOWN:
        break;
    }
    return err_fail(err, ERR_INPUT, "address \"%s\" is of no chain that is known", text);
}

bool address_key_read(const char *p, size_t n, const char *hint, struct address_key *ret,
                      struct err *err)
{
    return key_read(p, n, hint, false, ret, err);
}

bool address_key_read_known(const char *p, size_t n, const char *hint, struct address_key *ret,
                            struct err *err)
{
    return key_read(p, n, hint, true, ret, err);
}

bool address_chain_known(const char *hint, struct err *err)
{
    struct hint h = hint_of(hint);

    return h.row || h.token || (hint_unknown(hint, err), false);
}

const char *address_space_name(enum address_space space)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].space == space)
            return rows[i].name;
    return "none";
}

/* Of the namespaces that are one space as a whole, the chain that is meant if none is named. */
static const struct {
    enum address_space space;
    const char *caip2;
} main_chains[] = {
    {SPACE_EVM, "eip155:1"},
    {SPACE_TRON, "tron:0x2b6653dc"},
    {SPACE_SOLANA, "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"},
    {SPACE_XRP, "xrpl:0"},
};

const struct chain *address_space_coin(enum address_space space)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].space == space && rows[i].coin.name)
            return &rows[i].coin;
    return NULL;
}

static const struct row *row_of_space(enum address_space space)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].space == space)
            return &rows[i];
    return NULL;
}

const char *address_space_caip2(enum address_space space, char ret[ADDRESS_CAIP2_MAX])
{
    const struct row *row = row_of_space(space);
    const char *name = row ? strstr(row->names, " bip122:") : NULL;

    snprintf(ret, ADDRESS_CAIP2_MAX, "%.*s", name ? (int)strcspn(name + 1, " ") : 0,
             name ? name + 1 : "");
    for (size_t i = 0; i < sizeof(main_chains) / sizeof(main_chains[0]); i++)
        if (main_chains[i].space == space)
            snprintf(ret, ADDRESS_CAIP2_MAX, "%s", main_chains[i].caip2);
    return ret;
}

const char *address_space_ticker(enum address_space space, char ret[ADDRESS_TICKER_MAX])
{
    const struct row *row = row_of_space(space);
    const char *first = row ? row->tickers + 1 : "";

    snprintf(ret, ADDRESS_TICKER_MAX, "%.*s", (int)strcspn(first, " "), first);
    return ret;
}

enum address_space address_space_by_name(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (!strcmp(rows[i].name, name))
            return rows[i].space;
    return SPACE_NONE;
}

bool address_key_untagged(const struct address_key *key, struct address_key *ret)
{
    const char *colon = key->space == SPACE_XRP ? strchr(key->text, ':') : NULL;

    return colon && address_key_from(SPACE_XRP, key->text, (size_t)(colon - key->text), ret);
}

int address_key_compare(const struct address_key *a, const struct address_key *b)
{
    int order = (a->space > b->space) - (a->space < b->space);

    return order ? order : strcmp(a->text, b->text);
}

bool address_key_from(enum address_space space, const char *p, size_t n, struct address_key *ret)
{
    if (space <= SPACE_NONE || space >= ADDRESS_SPACES || !n || n >= ADDRESS_KEY_MAX)
        return false;
    for (size_t i = 0; i < n; i++)
        if (p[i] <= 32 || p[i] >= 127)
            return false;
    *ret = (struct address_key){.space = (uint8_t)space, .n = (uint8_t)n};
    memcpy(ret->text, p, n);
    return true;
}

enum address_space address_space_of_chain(const struct chain *chain)
{
    pthread_once(&words_made, words_make);
    for (size_t i = 0; i < chain_spaces_n; i++)
        if (chain_spaces[i].chain == chain)
            return chain_spaces[i].space;
    return SPACE_NONE;
}

bool address_key_on(const struct address_key *key, const struct chain *chain,
                    uint8_t ret[ACCOUNT_KEY_MAX], size_t *ret_n)
{
    struct err ignored;

    if (address_space_of_chain(chain) != key->space)
        return false;
    if (!chain->dialect)
        return address_read(chain, key->text, ret, ret_n, &ignored);
    return chain->dialect->read(key->text, ret, ret_n, &ignored);
}

bool address_key_of(const struct chain *chain, struct bytes in, struct address_key *ret)
{
    enum address_space space = address_space_of_chain(chain);
    const struct dialect *d = chain->dialect;
    char text[ACCOUNT_NAME_MAX > ADDRESS_BYTES_MAX ? ACCOUNT_NAME_MAX : ADDRESS_BYTES_MAX];

    if (d ? space == SPACE_NONE || in.n < d->address_min || in.n > d->address_max ||
                !d->write(in, text)
          : !address_of_script(chain, in, text))
        return false;
    for (char *p = text; d && d->one_case && *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32);
    return address_key_from(space, text, strlen(text), ret);
}
