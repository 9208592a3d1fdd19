/* What reads as an address is shown again as the same address, but for its case and for the P2SH
 * version that Litecoin has given up; and what is shown reads as the same script. The first byte
 * chooses the chain. */
#include "chain/bitcoin/script.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t chains_n, n, again_n;
    const struct chain *const *chains = chain_all(&chains_n);
    const struct chain *chain = chains[size ? data[0] % chains_n : 0];
    uint8_t script[SCRIPT_FORM_MAX], again[SCRIPT_FORM_MAX];
    char shown[ADDRESS_BYTES_MAX];
    char *s = size ? strndup((const char *)data + 1, size - 1) : NULL;
    struct err err;

    if (s && address_read(chain, s, script, &n, &err)) {
        assert(address_of_script(chain, (struct bytes){script, n}, shown));
        assert(chain->p2sh_old || !strcasecmp(s, shown));
        assert(address_read(chain, shown, again, &again_n, &err));
        assert(bytes_equal((struct bytes){script, n}, (struct bytes){again, again_n}));
    }
    free(s);
    return 0;
}
