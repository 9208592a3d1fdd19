#include "chain/dialect.h"

#include "chain/tron/address.h"
#include "chain/tron/grid.h"
#include "chain/tron/proof.h"
#include "chain/tron/source.h"

#include <string.h>

static bool write(struct bytes key, char ret[ACCOUNT_NAME_MAX])
{
    if (key.n != TRON_ADDRESS_BYTES)
        return false;
    tron_address_write(key.p, ret);
    return true;
}

static bool read(const char *text, uint8_t ret[ACCOUNT_KEY_MAX], size_t *ret_n, struct err *err)
{
    *ret_n = TRON_ADDRESS_BYTES;
    return tron_address_read(text, ret, err);
}

static bool names_asset(const char *text)
{
    size_t n = strlen(text);

    return (n == 34 && *text == 'T') || (n == 42 && !strncmp(text, "41", 2));
}

static const struct dialect_form forms[] = {
    {"blocks", tron_blocks_is, tron_blocks_open},
    {"TronGrid", tron_is, tron_open},
    {NULL, NULL, NULL},
};

const struct dialect dialect_tron = {
    .address_min = TRON_ADDRESS_BYTES,
    .address_max = TRON_ADDRESS_BYTES,
    .prefix = 1, /* T */
    .tx = TX_IS_HEX,
    .write = write,
    .read = read,
    .names_asset = names_asset,
    .forms = forms,
    .forms_text = "blocks as a full node answers, answers of TronGrid, ",
    .proofs = &tron_proofs,
};
