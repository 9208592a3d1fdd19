/* Early warnings: tainted outputs that move in transactions which are in no block yet, as a node's
 * memory pool tells them.
 *
 * Nobody has checked such a transaction: it may never be in a block, pay somebody else in the end,
 * or be made up. So a warning is told to people (and may meet a withdrawal at this node alone, if
 * the member wants that), and is never an event of the group. What of an output is tainted cannot
 * be known before its block; what is told is the most that it can be. Outputs of transactions that
 * were warned of are followed on, as far as they are remembered.
 *
 * All is bounded: transactions that wait, those that were warned of, outputs that are remembered
 * (in a table in which a new one may take another's place). Warnings end when their transaction is
 * in the ledger, or after EARLY_HOURS.
 *
 * Ownership: what is handed in is copied.
 * Threads:   early_take, early_all, early_last, early_counts: any; the rest one. */
#ifndef CORDON_SERVE_EARLY_H
#define CORDON_SERVE_EARLY_H

#include "base/json.h"
#include "watch/accounts.h"
#include "watch/coins.h"
#include "watch/crossing.h"

#define EARLY_WAITING_MAX 1000u /* transactions */
#define EARLY_WAITING_BYTES_MAX ((size_t)16 << 20)
#define EARLY_TX_BYTES_MAX ((size_t)400000) /* Core's standard 400,000 of weight */
#define EARLY_MAX 1000u
#define EARLY_OUTPUTS 16384u
#define EARLY_HOURS 24u
#define EARLY_CASE_MAX 256u
#define EARLY_TEXT_MAX 160u

struct early_warning {
    uint64_t number, ms; /* from 1; when it was seen, since 1970 */
    const struct chain *chain;
    struct hash32 txid;
    char case_id[EARLY_CASE_MAX]; /* as the watch has it */
    struct u256 tainted_max;      /* that the transaction spends */
    char asset[EARLY_TEXT_MAX];   /* the coin's symbol, or a token's address */
    bool arrives;                 /* the rest: at an own address */
    uint32_t vout;                /* of coins */
    struct u256 amount, amount_tainted_max;
    char address[EARLY_TEXT_MAX], account[EARLY_TEXT_MAX];
};

struct early_counts {
    uint64_t seen, warned, dropped; /* dropped: transactions for want of room, or of memory */
    size_t now;
};

struct early;
struct early *early_new(void);             /* NULL: no memory */
struct early *early_free(struct early *e); /* takes NULL, returns NULL */
void early_take(struct early *e, const struct chain *chain, struct bytes raw);
struct early_watch { /* who holds what, as of this turn; NULL: nobody */
    const struct watch_coins *coins;
    const struct watch_accounts *accounts;
    const struct watch_crossing *crossing;
    const struct own_set *own;
};
/* Those of a chain that wait. True: there are new warnings. */
bool early_turn(struct early *e, const struct early_watch *w, const struct ledger *l,
                uint64_t now_ms);
/* The same for a ledger of accounts, where its dialect reads such transactions (chain/pending.h).
 * Where such value goes on to is not followed before its block. */
bool early_turn_accounts(struct early *e, const struct early_watch *w,
                         const struct account_ledger *l, uint64_t now_ms);
/* Those above a number, in order, up to max. */
size_t early_all(struct early *e, uint64_t above, struct early_warning *ret, size_t max);
uint64_t early_last(struct early *e); /* the newest number; 0: none yet */
struct early_counts early_counts(struct early *e);
/* Members of an object that is begun. */
void early_json(struct json_out *j, const struct early_warning *w);

#endif
