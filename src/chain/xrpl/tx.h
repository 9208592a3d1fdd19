/* A transaction of the XRP Ledger with its metadata, as a server tells it (chain/xrpl/form.h) ->
 * what it moves.
 *
 * What was paid is what balances say before and after (docs/xrpl.md): the amount of a partial
 * payment is what was delivered, whatever it asks for; issued currencies are followed along
 * every line of trust that a path went through; an escrow and a channel hold value themselves.
 *
 * - XRP is AccountRoot's Balance, an Escrow's Amount, a PayChannel's Amount less its Balance.
 * - A multi-purpose token (XLS-33) is MPToken's MPTAmount; what is made confidential (XLS-96) is
 *   held by the token's own entry.
 * - What an account holds of an issued currency is a RippleState's balance: above zero the low
 *   side's, issued by the high side; below zero the other way.
 * - Of a Payment, delivered_amount (where it is not told: what was asked for) goes from Account to
 *   Destination (v) as far as their balances say so. All else is paired by chain/balance_pairs.h
 *   (b, c).
 * - With a destination tag, what comes to the Destination goes to account and tag, and from
 *   there on to the account. The tag is the transaction's, or that of the escrow, check or channel
 *   that it pays out.
 * - A memo of a payment that a router is asked by, or says what it pays for (chain/memo.h), is the
 *   event of the vault: of Destination, or of Account.
 * - A transaction whose result is not tesSUCCESS pays its fee, which is burned.
 *
 * Units:     drops; of what accounts issue 10^-XRPL_DECIMALS: of a token, of its smallest part.
 * Errors:    ERR_INPUT naming the member; ERR_LIMIT an amount past 2^256 units; ERR_NOMEM.
 * Threads:   one transaction a thread. */
#ifndef CORDON_CHAIN_XRPL_TX_H
#define CORDON_CHAIN_XRPL_TX_H

#include "base/arena.h"
#include "base/json.h"
#include "chain/transfers.h"
#include "chain/xrpl/hashes.h"

#define XRPL_DECIMALS 30u
#define XRPL_TRANSFERS_MAX 65536u
#define XRPL_EPOCH 946684800u /* 2000-01-01, from which the ledger counts seconds */

struct xrpl_tx {
    struct fact_tx fact; /* in the arena */
    uint64_t ledger, time, index;
    bool has_ledger, has_time, has_index;
    bool checked; /* its hash is that of its bytes */
};

/* From a form that was found. */
struct xrpl_form;
bool xrpl_tx_of(struct arena *a, const struct xrpl_form *f, struct xrpl_tx *ret,
                struct err *err) MUST_USE;
bool xrpl_tx_read(struct arena *a, const struct json *j, struct xrpl_tx *ret,
                  struct err *err) MUST_USE;
/* Of a whole ledger: its leaf, too. leaf: NULL, it is not wanted; *has_leaf false: not all of its
 * bytes are known. */
bool xrpl_tx_read_leaf(struct arena *a, const struct json *j, struct xrpl_tx *ret,
                       struct xrpl_leaf *leaf, bool *has_leaf, struct err *err) MUST_USE;

/* "12.5e-3" -> units; false: no number, below zero and not asked for (ret_minus NULL), or past
 * 2^256. Digits below a unit are cut off. */
bool xrpl_value(const char *p, size_t n, bool *ret_minus, struct u256 *ret);

#endif
