/* What the strict reader takes, the writer writes again byte for byte: there is one form alone. */
#include "chain/evm/rlp.h"

#include <assert.h>

enum { DEPTH_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rlp open[DEPTH_MAX] = {rlp_over((struct bytes){data, size})};
    size_t written[DEPTH_MAX], open_n = 1;
    struct rlp_out o = {0};
    bool bad = false;

    while (open_n && !bad) {
        struct rlp *r = &open[open_n - 1];

        if (!rlp_more(r)) {
            bad = r->bad;
            if (--open_n)
                rlp_close(&o, written[open_n]);
        } else if (rlp_next_is_list(r)) {
            bad = open_n == DEPTH_MAX;
            if (bad)
                break;
            open[open_n] = rlp_list(r);
            bad = r->bad;
            written[open_n++] = rlp_open(&o);
        } else {
            struct rlp again = *r;
            struct bytes s = rlp_string(r);
            struct u256 v = rlp_u256(&again);

            bad = r->bad;
            if (!again.bad)
                rlp_put_u256(&o, v);
            else if (!bad)
                rlp_put_string(&o, s.p, s.n);
        }
    }
    if (!bad && !o.bad)
        assert(o.n == size && (!size || !memcmp(o.p, data, size)));
    rlp_out_free(&o);
    return 0;
}
