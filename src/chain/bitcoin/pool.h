/* Shielded pools as a ledger of coins sees them: an address, "pool:sapling".
 *
 * What goes into a pool is an output to the pool's script. What comes out is an input of the value
 * that came out; instead of a transaction's output it names the pool:
 *
 *     24 zero bytes | value le64 | 0xffffff00 + number of the pool le32
 *
 * No transaction can have such an id. Zcash tells no more than these values, and both stand after
 * a transaction's other inputs and outputs. In Litecoin a pool's money is in outputs that are
 * there: those to a HogAddr and those that peg in have the pool's script here instead of their own.
 *
 * A pool's script is OP_RETURN and the pool's name: whoever pays to these bytes burns his money.
 *
 * Threads:   safe. */
#ifndef CORDON_CHAIN_BITCOIN_POOL_H
#define CORDON_CHAIN_BITCOIN_POOL_H

#include "chain/chain.h"
#include "chain/facts.h"

#define POOL_NONE UINT32_MAX
#define POOL_VOUT 0xffffff00u
#define POOL_ADDRESS_PREFIX "pool:"

static inline uint32_t pools_count(const struct chain *c)
{
    uint32_t n = 0;

    while (c->pools && c->pools[n])
        n++;
    return n;
}

static inline struct bytes pool_script(const struct chain *c, uint32_t pool)
{
    return (struct bytes){(const uint8_t *)c->pools[pool], strlen(c->pools[pool])};
}

static inline const char *pool_address(const struct chain *c, uint32_t pool) /* "pool:sapling" */
{
    return c->pools[pool] + 2;
}

static inline uint32_t pool_of_script(const struct chain *c, struct bytes script)
{
    for (uint32_t i = 0; c->pools && c->pools[i]; i++)
        if (bytes_equal(pool_script(c, i), script))
            return i;
    return POOL_NONE;
}

static inline void pool_outpoint_write(uint8_t ret[OUTPOINT_BYTES], uint32_t pool, uint64_t value)
{
    memset(ret, 0, 24);
    store_le64(ret + 24, value);
    store_le32(ret + 32, POOL_VOUT + pool);
}

/* POOL_NONE: an output of a transaction. */
static inline uint32_t pool_of_outpoint(const uint8_t outpoint[OUTPOINT_BYTES], uint64_t *ret_value)
{
    uint32_t vout = load_le32(outpoint + 32);

    if (vout < POOL_VOUT || vout == UINT32_MAX ||
        load_le64(outpoint) | load_le64(outpoint + 8) | load_le64(outpoint + 16))
        return POOL_NONE;
    *ret_value = load_le64(outpoint + 24);
    return vout - POOL_VOUT;
}

#endif
