/* Questions to a ledger of accounts in the words of a person. The counterpart of lookup.h.
 *
 * Ownership: what is returned by value is a copy; the ledger is borrowed.
 * Errors:    ERR_USAGE what was typed is no such thing, ERR_NOT_FOUND it is not in the ledger,
 *            ERR_INPUT an address is not one of this chain.
 * Threads:   one ledger may serve many. */
#ifndef CORDON_API_ACCOUNT_LOOKUP_H
#define CORDON_API_ACCOUNT_LOOKUP_H

#include "ledger/account_ledger.h"

bool lookup_account_block(const struct account_ledger *l, const char *height_or_hash, uint32_t *ret,
                          struct err *err) MUST_USE;
bool lookup_account_tx(const struct account_ledger *l, const char *txid, uint64_t *ret,
                       struct err *err) MUST_USE;
/* The holdings of an address, the one made last first: start with *ret, go on with holding.before.
 * ACCOUNTS_NONE: never seen, which is an answer; but a block's hash is none to a question about an
 * address. */
bool lookup_holdings(const struct account_ledger *l, const char *address, uint64_t *ret,
                     struct err *err) MUST_USE;
/* Of a token account (of Solana): whose it is, and the holding of his whose tokens are in it, or
 * ACCOUNTS_NONE. False: it is none that is known. */
bool lookup_token_account(const struct account_ledger *l, const char *address, uint64_t *ret_owner,
                          uint64_t *ret_holding);
/* Has a holding nothing but notes? What they say is told elsewhere. */
bool lookup_only_notes(const struct account_ledger *l, uint64_t holding);
const char *lookup_transfer_kind(enum transfer_kind kind); /* "value", "token", "fee", ... */
const char *lookup_event_kind(enum event_kind kind);

/* The events of one holding in order, with its sums so far: received is sums.in, balance is
 * sums.balance, what was spent of what came is the difference. */
struct lookup_holding {
    const struct account_ledger *ledger;
    uint64_t holding, next;
    struct holding_sums sums;
    struct u256 beyond; /* spent above the recorded balance, in all */
    uint64_t events_n, first, last;
};
struct lookup_holding lookup_holding(const struct account_ledger *l, uint64_t holding);
/* Notes are passed over. False: no more. */
bool lookup_holding_next(struct lookup_holding *h, uint64_t *ret_transfer);

#endif
