#include "chain/dialect.h"

#include "chain/bitcoin/base58.h"
#include "chain/solana/source.h"
#include "chain/solana/tx.h"

#include <string.h>

static bool write(struct bytes key, char ret[ACCOUNT_NAME_MAX])
{
    if (key.n != SOLANA_KEY_BYTES)
        return false;
    base58_write(key, ret);
    return true;
}

static bool read(const char *text, uint8_t ret[ACCOUNT_KEY_MAX], size_t *ret_n, struct err *err)
{
    struct bytes in = {(const uint8_t *)text, strlen(text)};

    *ret_n = SOLANA_KEY_BYTES;
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
    .names_asset = names_asset,
    .forms = forms,
    .forms_text = "answers of a node to getBlock or getTransaction, ",
};
