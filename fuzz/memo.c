/* A memo that is read lies within its text; what a script pushes, within the script; what outputs
 * say together, within its bounds. */
#include "chain/memo.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool constant(struct bytes b)
{
    return b.n <= 4; /* a short code's full name */
}

static void within(struct bytes b, const uint8_t *data, size_t size)
{
    assert(!b.n || (b.p >= data && b.n <= size && (size_t)(b.p - data) <= size - b.n));
}

/* Scripts, each with a byte of length. */
static void of_outputs(const uint8_t *data, size_t size)
{
    struct memo_outputs m = {.n = 0};
    struct bytes text;

    while (size) {
        size_t n = data[0] < size - 1 ? data[0] : size - 1;

        memo_outputs_add(&m, (struct bytes){data + 1, n});
        data += 1 + n;
        size -= 1 + n;
    }
    text = memo_outputs_end(&m);
    assert(text.n <= sizeof(m.text));
    for (size_t i = 0; i < text.n; i++)
        assert(text.p[i] >= ' ' && text.p[i] <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = {data, size};
    struct memo m;

    of_outputs(data, size);
    assert(memo_behind(in).n <= size);
    memo_in_script(in, &in);
    within(in, data, size);
    if (!memo_read(in, &m))
        return 0;
    within(m.destination, data, size);
    within(m.refund, data, size);
    within(m.interval, data, size);
    within(m.quantity, data, size);
    within(m.affiliate, data, size);
    within(m.affiliate_points, data, size);
    within(m.asset.contract, data, size);
    if (!constant(m.asset.chain))
        within(m.asset.chain, data, size);
    if (!constant(m.asset.ticker))
        within(m.asset.ticker, data, size);
    assert(*memo_kind_name(m.kind));
    assert(m.has_limit || u256_zero(m.limit));
    return 0;
}
