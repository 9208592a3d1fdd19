#include "chain/dialect.h"

#include "chain/bitcoin/base58.h"
#include "chain/solana/bridges.h"
#include "chain/solana/message.h"
#include "chain/solana/source.h"
#include "chain/solana/tx.h"

#include <string.h>

static bool hides(struct bytes key)
{
    return key.n == SOLANA_HIDDEN_BYTES && key.p[SOLANA_KEY_BYTES] == SOLANA_HIDDEN_MARK;
}

static bool write(struct bytes key, char ret[ACCOUNT_NAME_MAX])
{
    size_t n = 0;

    if (hides(key)) {
        key.n = SOLANA_KEY_BYTES;
        n = strlen(ACCOUNT_NAME_HIDDEN);
        memcpy(ret, ACCOUNT_NAME_HIDDEN, n);
    }
    if (key.n != SOLANA_KEY_BYTES)
        return false;
    base58_write(key, ret + n);
    return true;
}

static bool read(const char *text, uint8_t ret[ACCOUNT_KEY_MAX], size_t *ret_n, struct err *err)
{
    bool hidden = !strncmp(text, ACCOUNT_NAME_HIDDEN, strlen(ACCOUNT_NAME_HIDDEN));
    const char *key = hidden ? text + strlen(ACCOUNT_NAME_HIDDEN) : text;
    struct bytes in = {(const uint8_t *)key, strlen(key)};

    *ret_n = hidden ? SOLANA_HIDDEN_BYTES : SOLANA_KEY_BYTES;
    ret[SOLANA_KEY_BYTES] = SOLANA_HIDDEN_MARK;
    return base58_fixed(in, ret, SOLANA_KEY_BYTES) ||
           err_fail(err, ERR_INPUT, "address \"%.100s\": 32 bytes in base 58 are wanted", text);
}

static bool names_asset(const char *text)
{
    size_t n = strlen(text);

    return n >= 32 && n <= 44;
}

static bool answers_open(const char *const *paths, size_t paths_n, const struct chain *chain,
                         struct transfer_source *ret, struct err *err)
{
    (void)chain;
    return solana_open(paths, paths_n, ret, err);
}

static const struct dialect_form forms[] = {
    {"answers", solana_is, answers_open},
    {NULL, NULL, NULL},
};

const struct dialect dialect_solana = {
    .address_min = SOLANA_KEY_BYTES,
    .address_max = SOLANA_KEY_BYTES,
    .tx = TX_IS_SIGNATURE,
    .write = write,
    .read = read,
    .hides = hides,
    .names_asset = names_asset,
    .counts_moves = true,
    .key_here = solana_key_here,
    .forms = forms,
    .forms_text = "answers of a node to getBlock or getTransaction, ",
    .signatures = &solana_signatures,
};
