/* One node of a chain that is followed: how far it is, and blocks from it into the ledger.
 *
 * Chains of coins are asked as bitcoin_rpc.h says, those of accounts as rpc_source.h does. Short
 * questions (the tip, a hash) and blocks go by connections of their own: the former have a short
 * time and no second try, since another node may be asked instead.
 *
 * Ownership: options and chain are borrowed until the end.
 * Errors:    as those two; the ledger's have ret_broken: its writer has been closed.
 * Threads:   one caller. */
#ifndef CORDON_SERVE_FOLLOW_NODE_H
#define CORDON_SERVE_FOLLOW_NODE_H

#include "ledger/account_writer.h"
#include "serve/bitcoin_rpc.h"

#include <stdatomic.h>

#define FOLLOW_TIP_MS 3000u /* for an answer to a short question */
#define FOLLOW_IDLE_MS 20000u
#define FOLLOW_MEMORY ((uint64_t)256 << 20) /* of a ledger's writer */

/* The ledger, which this process writes. */
struct follow_ledger {
    const struct chain *chain;
    const char *dir;
    uint64_t from; /* where an empty one begins */
    struct ledger_writer *coins;
    struct account_ledger_writer *accounts;
    void *kept; /* what is known of the blocks so far (rpc_source.h); or NULL */
};

bool follow_ledger_open(struct follow_ledger *l,
                        struct err *err) MUST_USE; /* does nothing if open */
void follow_ledger_close(struct follow_ledger *l);

struct follow_node_options {
    const char *url, *cookie;
    const struct chain *chain;
    const atomic_bool *stop;
    bool confirmed; /* follow what is confirmed, not only what is finalized (rpc_source.h) */
    bool check;     /* all that can be: witnesses of coins, and who signed on Solana */
};

struct follow_grown {
    uint64_t added, undone;
    bool more;   /* there is more to do up to the height asked for */
    bool broken; /* filled on failure, too */
};

struct follow_node;

bool follow_node_open(const struct follow_node_options *o, struct follow_node **ret,
                      struct err *err) MUST_USE;
struct follow_node *follow_node_close(struct follow_node *n);
/* Another node is used for blocks from now on: what was asked for ahead is let go. */
void follow_node_rest(struct follow_node *n);

bool follow_node_tip(struct follow_node *n, uint64_t *ret_height, struct hash32 *ret_hash,
                     struct err *err) MUST_USE;
/* ERR_NOT_FOUND: its chain does not reach so far. */
bool follow_node_hash(struct follow_node *n, uint64_t height, struct hash32 *ret,
                      struct err *err) MUST_USE;
/* Next blocks up to a height, committed and visible. hash is that height's, as was agreed on.
 * second: another node, which must tell the same beside the blocks; borrowed until the next
 * call; NULL: none. */
bool follow_node_grow(struct follow_node *n, struct follow_ledger *l, uint64_t height,
                      const struct hash32 *hash, const char *second, struct follow_grown *ret,
                      struct err *err) MUST_USE;

#endif
