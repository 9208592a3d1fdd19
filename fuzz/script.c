/* Bytes as a script: packed and unpacked it is the same script, and its address, if it has one,
 * reads as its address form. Bytes as a packed script: what unpacks packs to the same bytes. */
#include "chain/bitcoin/script.h"

#include <assert.h>
#include <stdlib.h>

#define SHOWN_BYTES ((size_t)16 << 20)

static void as_script(struct bytes script)
{
    uint8_t *packed = malloc(script.n + 10), out[SCRIPT_FORM_MAX];
    size_t n, used;
    struct bytes got;

    if (!packed)
        return;
    n = script_pack(script, packed);
    assert(n <= script.n + 10);
    assert(script_unpack((struct bytes){packed, n}, out, &got, &used));
    assert(used == n && bytes_equal(got, script));
    free(packed);
}

static void as_address(const struct chain *chain, struct bytes script)
{
    struct bytes payload, form;
    uint8_t form_room[SCRIPT_FORM_MAX], read[SCRIPT_FORM_MAX];
    char address[ADDRESS_BYTES_MAX];
    struct text shown = text_new(SHOWN_BYTES);
    struct err err;
    size_t n;
    bool has = address_of_script(chain, script, address);

    assert(has == script_has_address(script_classify(script, &payload)));
    form = script_address_form(script, form_room);
    if (has) {
        assert(address_read(chain, address, read, &n, &err));
        assert(bytes_equal(form, (struct bytes){read, n}));
    }
    script_show(&shown, chain, script);
    assert(!has || !strcmp(text_string(&shown), address));
    text_free(&shown);
}

static void as_packed(struct bytes in)
{
    uint8_t out[SCRIPT_FORM_MAX], *again;
    struct bytes script;
    size_t used;

    if (!script_unpack(in, out, &script, &used))
        return;
    again = malloc(script.n + 10);
    if (again)
        assert(script_pack(script, again) == used && !memcmp(again, in.p, used));
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = {data, size};

    as_script(in);
    as_address(chain_by_name("bitcoin"), in);
    as_address(chain_by_name("litecoin:regtest"), in);
    as_packed(in);
    return 0;
}
