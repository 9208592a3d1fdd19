/* Small worlds of accounts for tests: a list of transfers, and the columns of ledger/accounts.h
 * made of it in the most obvious way. Nothing here is shared with the code under test.
 *
 * As text, a line a transaction:
 *
 *     t0: ->A 10, ->B 5 usd           from nobody; native units unless an asset is named
 *     t1: fee A>M 3/1, A>B 4          of the fee of 3 the proposer gets 1
 *     t2: freeze A usd, wipe A>- 4 usd, unfreeze A usd
 *
 * Accounts are letters A to Z, - is nobody, assets are usd, weth, ... in the order of first use.
 * A transfer is named 1.0: of transaction 1, the first. */
#ifndef CORDON_TESTS_TRACE_ACCOUNT_WORLD_H
#define CORDON_TESTS_TRACE_ACCOUNT_WORLD_H

#include "ledger/accounts.h"

#define AW_ACCOUNTS 32
#define AW_ASSETS 8
#define AW_NOBODY (-1)

struct aw_transfer {
    uint32_t tx;
    enum transfer_kind kind;
    int from, to, asset;
    struct u256 amount, credit;
};

struct account_world {
    struct aw_transfer *at;
    size_t n, size;
    uint32_t txs_n;
    char assets[AW_ASSETS][8];
    int assets_n;
    /* made by account_world_build */
    uint8_t *column[8];
    int64_t holding_of[AW_ACCOUNTS][AW_ASSETS]; /* -1: none */
};

void account_world_clear(struct account_world *w); /* zero it before the first time */
void account_world_free(struct account_world *w);
void account_world_tx(struct account_world *w);
void account_world_add(struct account_world *w, enum transfer_kind kind, int from, int to,
                       int asset, uint64_t amount);
void account_world_fee(struct account_world *w, int from, int to, uint64_t amount, uint64_t credit);
/* The columns, which are the world's until it changes. */
struct accounts account_world_build(struct account_world *w);

uint64_t aw_account(int account); /* ids in the columns */
uint64_t aw_asset(int asset);

/* NULL, or where it is wrong. */
const char *account_world_read(struct account_world *w, const char *text);
/* "1.0": its number onto *ret; what follows, or NULL. */
const char *account_world_transfer(const struct account_world *w, const char *s, uint64_t *ret);
void account_world_print(const struct account_world *w, char *to, size_t size);

#endif
