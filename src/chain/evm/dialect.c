#include "chain/dialect.h"

#include "chain/evm/address.h"
#include "chain/evm/etl.h"
#include "chain/evm/pending.h"
#include "chain/evm/proof.h"
#include "chain/evm/source.h"

#include <strings.h>

static bool write(struct bytes key, char ret[ACCOUNT_NAME_MAX])
{
    if (key.n != EVM_ADDRESS_BYTES)
        return false;
    evm_address_write(key.p, ret);
    return true;
}

static bool read(const char *text, uint8_t ret[ACCOUNT_KEY_MAX], size_t *ret_n, struct err *err)
{
    *ret_n = EVM_ADDRESS_BYTES;
    return evm_address_read(text, ret, err);
}

static bool names_asset(const char *text)
{
    return !strncasecmp(text, "0x", 2);
}

static bool blocks_open(const char *const *paths, size_t paths_n, const struct chain *chain,
                        struct transfer_source *ret, struct err *err)
{
    return evm_blocks_open(chain, paths, paths_n, ret, err);
}

static const struct dialect_form forms[] = {
    {"ethereum-etl", etl_is, etl_open},
    {"blocks", evm_blocks_like, blocks_open},
    {NULL, NULL, NULL},
};

const struct dialect dialect_evm = {
    .address_min = EVM_ADDRESS_BYTES,
    .address_max = EVM_ADDRESS_BYTES,
    .one_case = true,
    .prefix = 2, /* 0x */
    .tx = TX_IS_HEX_0X,
    .write = write,
    .read = read,
    .names_asset = names_asset,
    .forms = forms,
    .pending = evm_pending_read,
    .proofs = &evm_proofs,
    .forms_text = "tables of ethereum-etl, blocks in RLP, recorded answers of a node, ",
};
