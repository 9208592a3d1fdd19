/* Who is who on a chain of coins: scripts that are held to be under one control.
 *
 * An entity is a set of scripts: those that were spent together in one transaction (whoever signs
 * for all inputs has all keys), and those of one key, P2PK and P2PKH. CoinJoins are left out, and
 * some merges are refused, visibly (docs/entities.md). Each merge has its reason: the transaction
 * and two of its inputs.
 *
 * They are kept in the folder `entities` of the ledger, brought up to date with each block
 * (cluster_update.h), and follow from its blocks and the rules alone. Opening takes a snapshot, as
 * with a ledger: some of its blocks, from the first on.
 *
 * Ownership: the ledger is borrowed until clusters_close. What takes an arena answers in it.
 * Errors:    opening: ERR_NOT_FOUND there are none (clustering is off), or they are being made and
 *            have no block of a ledger that has some; ERR_INPUT they are of other
 *            blocks than the ledger, and want to be brought up to date; ERR_CORRUPT; ERR_SYSTEM.
 *            Damaged columns give ERR_CORRUPT, never a fault.
 * Order:     scripts ascend; so does what is refused.
 * Threads:   one struct clusters may serve many threads at once. */
#ifndef CORDON_ENTITY_CLUSTER_H
#define CORDON_ENTITY_CLUSTER_H

#include "base/arena.h"
#include "entity/cluster_rules.h"
#include "ledger/ledger.h"

#define CLUSTER_NONE UINT32_MAX

struct clusters;

bool clusters_open(const struct ledger *l, struct clusters **ret, struct err *err) MUST_USE;
struct clusters *clusters_close(struct clusters *c);

/* Another number whenever there is something else to open; 0: there are none. */
uint64_t clusters_stamp(const char *ledger_dir);

struct clusters_counts {
    uint32_t blocks, scripts, merges, refused;
    uint32_t coinjoins; /* transactions left out that would have joined something */
    uint64_t bytes;     /* of all files */
};

struct clusters_counts clusters_counts(const struct clusters *c);
const struct cluster_rules *clusters_rules(const struct clusters *c);
const struct ledger *clusters_ledger(const struct clusters *c);
const struct coins *clusters_coins(const struct clusters *c); /* of the snapshot's blocks */

/* The script that stands for the entity of a script; CLUSTER_NONE: it is not in the snapshot, or
 * the columns are damaged. */
uint32_t clusters_root(const struct clusters *c, uint32_t script);
uint32_t clusters_size(const struct clusters *c, uint32_t root); /* scripts, itself among them */
bool clusters_members(const struct clusters *c, struct arena *a, uint32_t root,
                      const uint32_t **ret, size_t *ret_n, struct err *err) MUST_USE;

/* The two inputs, or the two scripts of one key, that a reason names. */
enum cluster_link { LINK_SPENT_TOGETHER, LINK_SAME_KEY };
struct cluster_reason {
    enum cluster_link link;
    uint32_t scripts[2]; /* of the first known input, or the older; of the other */
    uint32_t tx;         /* LINK_SAME_KEY: COINS_TX_NONE */
    uint64_t inputs[2];  /* LINK_SAME_KEY: COINS_NONE */
};

bool cluster_reason(const struct ledger *l, const struct coins *coins, uint64_t reason,
                    struct cluster_reason *ret); /* false: damaged */

/* A merge that was refused: why, and what the two were then. */
enum cluster_refusal_kind { REFUSED_LARGE, REFUSED_ACTORS };
struct cluster_refusal {
    enum cluster_refusal_kind kind;
    struct cluster_reason reason;
    uint32_t sizes[2];
    uint32_t others[2]; /* their roots in this snapshot */
};

#define CLUSTER_REFUSALS_MAX 1000u /* in one answer; the oldest */
/* Those of an entity, with how many there are of them in all. */
bool clusters_refusals(const struct clusters *c, struct arena *a, uint32_t root,
                       const struct cluster_refusal **ret, size_t *ret_n, uint64_t *ret_all,
                       struct err *err) MUST_USE;

/* The m-th merge by which the entity of a script came to be, upwards from the script: for the chain
 * of reasons between two of its scripts (cluster_why.c). CLUSTER_NONE: it is a root. */
uint32_t clusters_up(const struct clusters *c, uint32_t script);
bool clusters_merge(const struct clusters *c, uint32_t merge, struct cluster_reason *ret,
                    uint32_t *ret_root); /* false: damaged */

/* When an entity was seen. The last block is that of the newest output of one of its scripts, or of
 * the newest spending of one; at most CLUSTER_OUTPUTS_MAX outputs are looked at, and complete says
 * whether those were all. */
#define CLUSTER_OUTPUTS_MAX 1000000u
struct cluster_seen {
    uint32_t block_first, block_last;
    uint64_t outputs_n; /* looked at */
    bool complete;
};

struct cluster_seen clusters_seen(const struct clusters *c, const uint32_t *members, size_t n);

#endif
