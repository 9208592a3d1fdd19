/* The shape of a transaction in a ledger: shape.h asked with the values and scripts that the ledger
 * has of its inputs and outputs.
 *
 * The rules know when each protocol was in use on Bitcoin's main chain; on other chains heights are
 * not asked (docs/patterns.md).
 *
 * Threads:   one struct ledger_shapes a thread. */
#ifndef CORDON_LEDGER_TX_SHAPE_H
#define CORDON_LEDGER_TX_SHAPE_H

#include "chain/bitcoin/shape.h"
#include "ledger/ledger.h"

struct ledger_shapes { /* room for one transaction; about half a megabyte */
    struct shape_scratch scratch;
    struct shape_coin inputs[SHAPE_COINS_MAX], outputs[SHAPE_COINS_MAX];
};

/* coins: the ledger's, or its beginning. tx < coins->txs_n */
struct shape_finding ledger_tx_shape(const struct ledger *l, const struct coins *coins, uint32_t tx,
                                     struct ledger_shapes *s);

/* The script that an input spends, as far as it is known: SCRIPT_NONE. */
uint32_t ledger_input_script(const struct ledger *l, const struct coins *coins, uint64_t input);

#endif
