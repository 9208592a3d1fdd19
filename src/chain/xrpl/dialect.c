#include "chain/dialect.h"

#include "base/text.h"
#include "chain/xrpl/address.h"
#include "chain/xrpl/proof.h"
#include "chain/xrpl/source.h"

#include <string.h>

static bool write(struct bytes key, char ret[ACCOUNT_NAME_MAX])
{
    return xrpl_name(key, ret);
}

static bool part(struct bytes key, struct bytes *ret_whole, uint32_t *ret_number)
{
    if (key.n != XRPL_TAGGED_BYTES)
        return false;
    *ret_whole = (struct bytes){key.p, XRPL_ACCOUNT_BYTES};
    *ret_number = xrpl_tag(key.p);
    return true;
}

/* CURRENCY.rISSUER, or the issuance of a multi-purpose token. */
static bool names_asset(const char *text)
{
    uint8_t id[XRPL_TOKEN_ID_BYTES];

    return strchr(text, '.') != NULL || hex_decode(text, strlen(text), id, sizeof(id));
}

static bool answers_open(const char *const *paths, size_t paths_n, const struct chain *chain,
                         struct transfer_source *ret, struct err *err)
{
    (void)chain;
    return xrpl_open(paths, paths_n, ret, err);
}

static const struct dialect_form forms[] = {
    {"answers", xrpl_is, answers_open},
    {NULL, NULL, NULL},
};

const struct dialect dialect_xrpl = {
    .address_min = XRPL_ACCOUNT_BYTES,
    .address_max = XRPL_TAGGED_BYTES,
    .prefix = 1, /* r */
    .tx = TX_IS_HEX,
    .write = write,
    .read = xrpl_read,
    .part = part,
    .hides = xrpl_hides,
    .names_asset = names_asset,
    .forms = forms,
    .forms_text = "answers of a server, ",
    .proofs = &xrpl_proofs,
};
