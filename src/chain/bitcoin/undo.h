/* What undo.c does for source.c, with memory that the caller has.
 *
 * Errors:    ERR_INPUT a record that is cut or damaged, or says other counts than the block.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_BITCOIN_UNDO_H
#define CORDON_CHAIN_BITCOIN_UNDO_H

#include "chain/bitcoin/source.h"

#define UNDO_SCRIPT_MAX 67 /* the longest script that a compressed form stands for */

/* room: UNDO_SCRIPT_MAX bytes an input. Scripts lie there or in raw. */
bool undo_decode(const struct chain *chain, struct bytes raw, const uint32_t *tx_inputs_n,
                 size_t txs_n, uint8_t *room, struct fact_spent *ret, struct err *err) MUST_USE;

#endif
