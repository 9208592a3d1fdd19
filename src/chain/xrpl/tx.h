/* A transaction of the XRP Ledger with its metadata, from a server's JSON -> what it moves.
 *
 * What was paid is what balances say before and after (docs/xrpl.md): the amount of a partial
 * payment is what was delivered, whatever it asks for; issued currencies are followed along
 * every line of trust that a path went through; an escrow and a channel hold value themselves.
 *
 * - XRP is AccountRoot's Balance, an Escrow's Amount, a PayChannel's Amount less its Balance.
 * - What an account holds of an issued currency is a RippleState's balance: above zero the low
 *   side's, issued by the high side; below zero the other way.
 * - Of a Payment, delivered_amount goes from Account to Destination (v) as far as their balances
 *   say so. All else is paired by chain/balance_pairs.h (b, c).
 * - With a destination tag, what comes to the Destination goes to account and tag, and from
 *   there on to the account.
 * - A transaction whose result is not tesSUCCESS pays its fee, which is burned.
 *
 * Units:     drops; of issued currencies 10^-XRPL_DECIMALS.
 * Errors:    ERR_INPUT naming the member; ERR_LIMIT an amount past 2^256 units; ERR_NOMEM.
 * Threads:   one transaction a thread. */
#ifndef CORDON_CHAIN_XRPL_TX_H
#define CORDON_CHAIN_XRPL_TX_H

#include "base/arena.h"
#include "base/json.h"
#include "chain/transfers.h"

#define XRPL_DECIMALS 30u
#define XRPL_TRANSFERS_MAX 65536u
#define XRPL_EPOCH 946684800u /* 2000-01-01, from which the ledger counts seconds */

struct xrpl_tx {
    struct fact_tx fact; /* in the arena */
    uint64_t ledger, time, index;
    bool has_ledger, has_time, has_index;
};

/* j: {tx or tx_json or transaction, meta, ...}, or the transaction's own members with meta (or
 * metaData) among them. */
bool xrpl_tx_read(struct arena *a, const struct json *j, struct xrpl_tx *ret,
                  struct err *err) MUST_USE;

/* "12.5e-3" -> units; false: no number, below zero and not asked for (ret_minus NULL), or past
 * 2^256. Digits below a unit are cut off. */
bool xrpl_value(const char *p, size_t n, bool *ret_minus, struct u256 *ret);

#endif
