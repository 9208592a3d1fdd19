#include "chain/account_name.h"

#include "base/text.h"
#include "chain/bitcoin/base58.h"
#include "chain/evm/address.h"
#include "chain/solana/tx.h"
#include "chain/tron/address.h"
#include "chain/xrpl/address.h"

static void hex_name(struct bytes key, char ret[ACCOUNT_NAME_MAX])
{
    static const char digit[] = "0123456789abcdef";
    size_t n = 0;

    ret[n++] = '0';
    ret[n++] = 'x';
    for (size_t i = 0; i < key.n && i < ACCOUNT_KEY_MAX; i++) {
        ret[n++] = digit[key.p[i] >> 4];
        ret[n++] = digit[key.p[i] & 15];
    }
    ret[n] = 0;
}

static void bank_name(struct bytes key, char ret[ACCOUNT_NAME_MAX])
{
    size_t n = key.n < ACCOUNT_KEY_MAX ? key.n : ACCOUNT_KEY_MAX;
    bool utf8 = utf8_valid((const char *)key.p, n);

    for (size_t i = 0; i < n; i++) {
        bool plain = key.p[i] >= 0x20 && key.p[i] != 0x7f && (key.p[i] < 0x80 || utf8);

        ret[i] = plain ? (char)key.p[i] : '?';
    }
    ret[n] = 0;
}

void account_name(const struct chain *chain, struct bytes key, char ret[ACCOUNT_NAME_MAX])
{
    ret[0] = 0;
    if (!key.n)
        return;
    switch (chain->family) {
    case CHAIN_EVM:
        if (key.n == EVM_ADDRESS_BYTES)
            evm_address_write(key.p, ret);
        else
            hex_name(key, ret);
        return;
    case CHAIN_TRON:
        if (key.n == TRON_ADDRESS_BYTES)
            tron_address_write(key.p, ret);
        else
            hex_name(key, ret);
        return;
    case CHAIN_SOLANA:
        if (key.n == SOLANA_KEY_BYTES)
            base58_write(key, ret);
        else
            hex_name(key, ret);
        return;
    case CHAIN_XRPL:
        if (!xrpl_name(key, ret))
            hex_name(key, ret);
        return;
    case CHAIN_BANK:
        bank_name(key, ret);
        return;
    case CHAIN_BITCOIN: /* has no accounts */
        hex_name(key, ret);
        return;
    }
}

static bool bank_read(const char *text, uint8_t ret[ACCOUNT_KEY_MAX], size_t *ret_n,
                      struct err *err)
{
    size_t n = strlen(text);

    if (!n || n > ACCOUNT_KEY_MAX)
        return err_fail(err, ERR_INPUT, "account \"%.100s\": 1 to %d bytes are wanted", text,
                        ACCOUNT_KEY_MAX);
    if (!utf8_valid(text, n))
        return err_fail(err, ERR_INPUT, "account: not UTF-8");
    memcpy(ret, text, n);
    *ret_n = n;
    return true;
}

bool account_read(const struct chain *chain, const char *text, uint8_t ret[ACCOUNT_KEY_MAX],
                  size_t *ret_n, struct err *err)
{
    switch (chain->family) {
    case CHAIN_EVM:
        *ret_n = EVM_ADDRESS_BYTES;
        return evm_address_read(text, ret, err);
    case CHAIN_TRON:
        *ret_n = TRON_ADDRESS_BYTES;
        return tron_address_read(text, ret, err);
    case CHAIN_SOLANA:
        *ret_n = SOLANA_KEY_BYTES;
        return base58_fixed((struct bytes){(const uint8_t *)text, strlen(text)}, ret,
                            SOLANA_KEY_BYTES) ||
               err_fail(err, ERR_INPUT, "address \"%.100s\": 32 bytes in base 58 are wanted", text);
    case CHAIN_XRPL:
        return xrpl_read(text, ret, ret_n, err);
    case CHAIN_BANK:
        return bank_read(text, ret, ret_n, err);
    case CHAIN_BITCOIN:
        break;
    }
    return err_fail(err, ERR_INPUT, "%s has no accounts", chain->name);
}
