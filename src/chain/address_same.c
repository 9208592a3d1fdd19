#include "chain/address_same.h"

#include "base/hash.h"
#include "base/text.h"
#include "chain/bitcoin/bech32.h"
#include "chain/bitcoin/cashaddr.h"
#include "chain/bitcoin/script.h"
#include "chain/evm/address.h"
#include "chain/tron/address.h"

#define SPEND_BYTES_MAX 34 /* OP_n, a length, 32 bytes */

struct found {
    const struct address_key *of;
    struct address_key *at; /* [ADDRESS_SAME_MAX] */
    size_t n;
};

static void found_put(struct found *f, enum address_space space, const char *text)
{
    struct address_key key;

    if (f->n == ADDRESS_SAME_MAX || !address_key_from(space, text, strlen(text), &key) ||
        address_key_equal(&key, f->of))
        return;
    for (size_t i = 0; i < f->n; i++)
        if (address_key_equal(&f->at[i], &key))
            return;
    f->at[f->n++] = key;
}

/* ---- coins ---- */

static const struct {
    enum address_space space;
    bool cash, witness; /* CashAddr; Bech32 */
} coins[] = {
    {SPACE_BITCOIN, false, true},    {SPACE_BITCOIN_CASH, true, false},
    {SPACE_BITCOIN_SV, true, false}, {SPACE_BITCOIN_GOLD, false, true},
    {SPACE_LITECOIN, false, true},   {SPACE_DOGECOIN, false, false},
    {SPACE_DASH, false, false},      {SPACE_ZCASH, false, false},
    {SPACE_VERGE, false, false},     {SPACE_DIGIBYTE, false, true},
};
#define COINS (sizeof(coins) / sizeof(coins[0]))

static void cash_put(struct found *f, enum address_space space, enum cashaddr_type type,
                     const uint8_t *hash, size_t n)
{
    struct cashaddr c = {.prefix = "bitcoincash", .type = type, .hash_n = n};
    char text[CASHADDR_TEXT_MAX];

    memcpy(c.hash, hash, n);
    cashaddr_write(&c, text);
    found_put(f, space, text);
}

static void script_put(struct found *f, size_t coin, struct bytes script)
{
    const struct chain *chain = address_space_coin(coins[coin].space);
    char text[ADDRESS_BYTES_MAX];

    if (chain && address_of_script(chain, script, text))
        found_put(f, coins[coin].space, text);
}

static void key_hash_put(struct found *f, size_t coin, const uint8_t *hash)
{
    uint8_t script[25] = {0x76, 0xa9, 20}; /* OP_DUP OP_HASH160 ... OP_EQUALVERIFY OP_CHECKSIG */

    memcpy(script + 3, hash, 20);
    script[23] = 0x88;
    script[24] = 0xac;
    if (coins[coin].cash)
        cash_put(f, coins[coin].space, CASHADDR_P2PKH, hash, 20);
    else
        script_put(f, coin, (struct bytes){script, sizeof(script)});
}

static void script_hash_put(struct found *f, size_t coin, const uint8_t *hash)
{
    uint8_t script[23] = {0xa9, 20}; /* OP_HASH160 ... OP_EQUAL */

    memcpy(script + 2, hash, 20);
    script[22] = 0x87;
    if (coins[coin].cash)
        cash_put(f, coins[coin].space, CASHADDR_P2SH, hash, 20);
    else
        script_put(f, coin, (struct bytes){script, sizeof(script)});
}

/* BIP 141: the program itself, and of version 0 the P2SH of it ("nested"). */
static void program_put(struct found *f, size_t coin, uint8_t version, const uint8_t *p, size_t n)
{
    uint8_t script[SPEND_BYTES_MAX] = {version ? (uint8_t)(0x50 + version) : 0, (uint8_t)n};
    struct hash20 nested;

    if (!coins[coin].witness)
        return;
    memcpy(script + 2, p, n);
    script_put(f, coin, (struct bytes){script, n + 2});
    nested = hash160(script, n + 2);
    if (!version)
        script_hash_put(f, coin, nested.b);
}

static void coins_put(struct found *f, enum script_class class, const uint8_t *p, size_t n)
{
    struct hash20 of_script = {{0}};

    if (class == SCRIPT_P2WSH)
        of_script = ripemd160_of(p, n);
    for (size_t i = 0; i < COINS; i++) {
        if (class == SCRIPT_P2PKH || class == SCRIPT_P2WPKH) {
            key_hash_put(f, i, p);
            program_put(f, i, 0, p, 20);
        } else if (class == SCRIPT_P2SH) {
            script_hash_put(f, i, p);
        } else if (class == SCRIPT_P2WSH) {
            program_put(f, i, 0, p, 32);
            script_hash_put(f, i, of_script.b);
        } else if (class == SCRIPT_P2TR) {
            program_put(f, i, 1, p, 32);
        }
    }
}

static void of_coin(struct found *f)
{
    const struct chain *chain = address_space_coin((enum address_space)f->of->space);
    uint8_t script[SCRIPT_FORM_MAX];
    enum script_class class;
    struct bytes payload;
    struct err ignored;
    struct cashaddr c;
    size_t n;
    bool known = false;

    for (size_t i = 0; i < COINS; i++) {
        if (coins[i].space != (enum address_space)f->of->space)
            continue;
        known = true;
        if (!coins[i].cash)
            continue;
        if (cashaddr_read(f->of->text, "bitcoincash", &c, &ignored) && c.hash_n == 20)
            coins_put(f, c.type == CASHADDR_P2SH ? SCRIPT_P2SH : SCRIPT_P2PKH, c.hash, 20);
        return;
    }
    if (known && chain && address_read(chain, f->of->text, script, &n, &ignored)) {
        class = script_classify((struct bytes){script, n}, &payload);
        coins_put(f, class, payload.p, payload.n);
    }
}

/* ---- accounts ---- */

/* Harmony, IoTeX, Injective, Evmos, OKX Chain, Canto, Dymension: SLIP-173 and the chains' own
 * documents; each a Bech32 of the 20 bytes that its EVM has. */
static void evm_put(struct found *f, const uint8_t key[EVM_ADDRESS_BYTES])
{
    static const char *const parts[] = {"one", "io", "inj", "evmos", "ex", "canto", "dym"};
    char evm[EVM_ADDRESS_TEXT_MAX], tron[TRON_ADDRESS_TEXT_MAX], text[BECH32_CHARS_MAX + 1];

    evm_address_write(key, evm);
    for (char *p = evm; *p; p++)
        if (*p >= 'A' && *p <= 'F')
            *p = (char)(*p - 'A' + 'a');
    found_put(f, SPACE_EVM, evm);
    tron_address_write(key, tron);
    found_put(f, SPACE_TRON, tron);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct bech32 b = {.kind = BECH32};

        memcpy(b.hrp, parts[i], strlen(parts[i]) + 1);
        b.values_n = bech32_from_bytes((struct bytes){key, EVM_ADDRESS_BYTES}, b.values);
        bech32_write(&b, text);
        found_put(f, SPACE_OTHER, text);
    }
}

size_t address_same(const struct address_key *key, struct address_key ret[ADDRESS_SAME_MAX])
{
    struct found f = {.of = key, .at = ret};
    uint8_t evm[EVM_ADDRESS_BYTES];
    struct err ignored;

    if ((key->space == SPACE_EVM && key->n == 42 &&
         hex_decode(key->text + 2, 40, evm, sizeof(evm))) ||
        (key->space == SPACE_TRON && tron_address_read(key->text, evm, &ignored)))
        evm_put(&f, evm);
    else
        of_coin(&f);
    return f.n;
}
