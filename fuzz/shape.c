/* What is called a CoinJoin has the equal outputs that it is said to have, by a naive count, and as
 * many inputs. */
#include "base/cursor.h"
#include "base/mem.h"
#include "chain/bitcoin/shape.h"

#include <assert.h>

#define COIN_BYTES 11 /* class, script, value */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct shape_coin coin_read(struct cursor *c)
{
    uint8_t class = cursor_u8(c);
    uint16_t script = cursor_le16(c);
    struct shape_coin coin = {.value = cursor_le64(c), .script = script, .class = class & 15};

    if (coin.class > SCRIPT_RETURN)
        coin.class = SCRIPT_OTHER;
    if (script == UINT16_MAX)
        coin.script = SHAPE_UNKNOWN;
    coin.coordinator = class >> 7;
    return coin;
}

static size_t outputs_of(const struct tx_shape *tx, uint64_t value)
{
    size_t n = 0;

    for (size_t i = 0; i < tx->outputs_n; i++)
        n += tx->outputs[i].value == value;
    return n;
}

static void judge(const struct tx_shape *tx, const struct shape_finding *found)
{
    if (found->kind == SHAPE_WHIRLPOOL_TX0)
        assert(found->equal_n && found->equal_n < tx->outputs_n && found->participants_n == 1);
    if (!shape_is_coinjoin(found->kind))
        return;
    assert(found->equal_n == outputs_of(tx, found->denomination));
    for (size_t i = 0; i < tx->outputs_n; i++)
        assert(outputs_of(tx, tx->outputs[i].value) <= found->equal_n);
    if (found->kind != SHAPE_WASABI2)
        assert(found->equal_n >= 3 && tx->inputs_n >= found->participants_n);
}

/* height, number of inputs, inputs and then outputs for as long as there are bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct shape_scratch scratch;
    struct cursor c = cursor_over(data, size);
    uint32_t height = cursor_le32(&c);
    size_t inputs_n = cursor_le16(&c), n = cursor_left(&c) / COIN_BYTES;
    struct shape_coin *coins = mem_array(n + 1, sizeof(*coins));
    struct shape_finding found;
    struct tx_shape tx;

    if (!coins)
        return 0;
    if (inputs_n > n)
        inputs_n = n;
    for (size_t i = 0; i < n; i++)
        coins[i] = coin_read(&c);
    tx = (struct tx_shape){height, coins, coins + inputs_n, inputs_n, n - inputs_n};
    found = shape_find(&scratch, &tx);
    judge(&tx, &found);
    mem_free(coins);
    return 0;
}
