/* Worlds of several ledgers for tests of routes: ledgers of accounts on disk, ledgers of coins from
 * plain arrays, both written as text.
 *
 * Accounts, a transaction a line, parts between semicolons; the hash of the first is 01 01 01 ...,
 * of the next 02 02 02 ...:
 *
 *     fee A 1; v A>W 10; l 0>A 10 W 3; e wrap W 3     a fee, a value, a log of token W at index
 *                                                     3, and an event at log 3
 *     i P>A 5; e swap P 4 10 5                        an internal transfer; data after the log
 *
 * An account X has the key X, X, ... (20 times), 0 is the zero key, - is nobody, a word of 40
 * digits is itself. A transfer is named by transaction and place: route_transfer(w, ledger, 1, 0).
 *
 * Coins, as world.h writes them; scripts stand beside, an output each: a letter is paid by P2WPKH,
 * so are up to 20 letters behind a +, and "=..." and others are a memo. */
#ifndef CORDON_TESTS_TRACE_ROUTE_WORLD_H
#define CORDON_TESTS_TRACE_ROUTE_WORLD_H

#include "trace/routes.h"
#include "trace/world.h"

#define ROUTE_WORLD_LEDGERS 4

struct route_coins {
    struct world world;
    struct coins coins;
    const struct chain *chain;
    struct {
        uint8_t p[600];
        size_t n;
    } script[WORLD_PARTS_MAX];
};

struct route_world {
    struct route_ledger ledgers[ROUTE_WORLD_LEDGERS];
    struct account_ledger *accounts[ROUTE_WORLD_LEDGERS];
    struct route_coins *coins[ROUTE_WORLD_LEDGERS];
    size_t n;
    /* blocks from this one on have other hashes than those of another branch have */
    uint32_t branch_from;
    uint8_t branch; /* 0: the first */
};

void route_world_accounts(struct route_world *w, const char *chain, const char *text);
/* scripts: by output, between spaces; a memo's own spaces as _ */
void route_world_coins(struct route_world *w, const char *chain, const char *text,
                       const char *scripts);
void route_world_free(struct route_world *w);

uint64_t route_transfer(const struct route_world *w, size_t ledger, uint64_t tx, uint64_t place);
/* the address that a letter's script is shown as */
void route_address(const char *chain, char letter, char ret[ADDRESS_BYTES_MAX]);

#endif
