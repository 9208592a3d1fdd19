/* A transfer that is asked about, as the ledgers know it: which outputs or transfers it is, who
 * paid and who was paid, and what exposure it brought. Of this folder alone.
 *
 * A transaction stands for what it moved, of coins its outputs, of accounts its transfers but the
 * fee; narrowed to what an address paid or was paid, where one is named that did.
 *
 * Ownership: in the arena given.
 * Errors:    ERR_INPUT a text that names no transfer, or no chain; ERR_NOMEM, ERR_LIMIT.
 * Threads:   any number may ask; ledgers are looked at within their read locks. */
#ifndef CORDON_SCREEN_ASK_TRANSFER_H
#define CORDON_SCREEN_ASK_TRANSFER_H

#include "screen/ask_ledger.h"

#define MOVES_MAX 64    /* of one transaction that are told */
#define PAYERS_MAX 4096 /* inputs that are looked at */

struct moved {
    const struct screen_ledger_at *of; /* NULL: no ledger has it */
    uint64_t at[MOVES_MAX];            /* outputs, or transfers */
    size_t n;
    uint64_t *payers; /* [payers_n] owners, ascending, each once */
    size_t payers_n;
    uint64_t payees[MOVES_MAX]; /* likewise */
    size_t payees_n;
    const struct address_key *other; /* the address that is named, where it is no party to it */
    bool one_asset;                  /* of all: asset and amount are what was moved */
    const char *asset;
    unsigned decimals;
    struct u256 amount;
};

/* key: the address that is named with it, or NULL. */
bool moved_find(struct arena *a, const struct screen_question *q, const struct address_key *key,
                struct exposed_all *all, struct moved *ret, struct err *err) MUST_USE;

#endif
