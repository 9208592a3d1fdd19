/* What one ledger tells screening: the exposure of its addresses by the labels of lists, tags and
 * cases, as far as it has been worked out.
 *
 * A pass over the ledger is gone on with in pieces (screen_ledger_add) while questions are asked;
 * a question waits for a piece of SCREEN_SLICE transactions at most. What is told is as of the last
 * whole block that the pass has come to; of a block that it is within, the first transactions may
 * be known already. The pass holds no ledger open: each call is given one, which must be the one
 * before and more (screen_ledger_fits). An address that comes into the ledger later has its labels
 * from its first transaction on.
 *
 * A label of a token account (Solana) is one of its owner, too, where all blocks name the same one:
 * nobody is accused by a token account that was made over to him. That may turn out when some of
 * his transfers have come by, or be over; then the pass is stale, and another one is wanted.
 *
 * Ownership: labels are borrowed, until others take their place or screen_ledger_free. Ledgers are
 *            borrowed for a call.
 * Errors:    those of exposure.h; ERR_INPUT a case that does not fit the ledger of its chain. After
 *            an error of screen_ledger_add only screen_ledger_free is left.
 * Threads:   one adds (also screen_ledger_labels), while any number ask. */
#ifndef CORDON_SCREEN_SCREEN_LEDGER_H
#define CORDON_SCREEN_SCREEN_LEDGER_H

#include "screen/screen_labels.h"
#include "trace/ledgers_run.h"

#define SCREEN_SLICE 128u

struct screen_ledger;

bool screen_ledger_new(const struct screen_labels *labels, const struct trace_ledger *at,
                       struct screen_ledger **ret, struct err *err) MUST_USE;
struct screen_ledger *screen_ledger_free(struct screen_ledger *x); /* takes NULL, returns NULL */
/* Labels with the same hash for its chain: only what they are called may differ. */
void screen_ledger_labels(struct screen_ledger *x, const struct screen_labels *labels);

/* From now on addresses are sought in memory (owner_table.h), which pays where many are asked
 * about: some 15 bytes an address. Where there is no memory for it, answers are the same and take
 * longer. */
void screen_ledger_seek(struct screen_ledger *x, const struct trace_ledger *at);

/* Does the ledger have all blocks that the pass has come by? An undo may have taken them. */
bool screen_ledger_fits(const struct screen_ledger *x, const struct trace_ledger *at);
/* Is there something that a pass from the beginning would know from the first transaction on? */
bool screen_ledger_stale(struct screen_ledger *x);
/* At most txs_max transactions further; *ret_more: the ledger has more. */
bool screen_ledger_add(struct screen_ledger *x, const struct trace_ledger *at, uint64_t txs_max,
                       bool *ret_more, struct err *err) MUST_USE;

/* Kept in a file, whole or not at all; only reads. And from it, for a ledger that has all blocks
 * that it has come by: ERR_NOT_FOUND no file, ERR_DIFFERS of other labels or other blocks,
 * ERR_CORRUPT damaged. */
bool screen_ledger_save(struct screen_ledger *x, const char *path, struct err *err) MUST_USE;
bool screen_ledger_load(const struct screen_labels *labels, const struct trace_ledger *at,
                        const char *path, struct screen_ledger **ret, struct err *err) MUST_USE;
/* The same from any of the two files that keep a pass, screen_keep_path of the home; else from the
 * beginning. *ret_why: what was wrong with a file that is there ("": nothing). */
bool screen_ledger_open(const struct screen_labels *labels, const struct trace_ledger *at,
                        const char *home, struct screen_ledger **ret, struct err *ret_why,
                        struct err *err) MUST_USE;
/* Kept in the home's folder, made if it is not there; what was kept before stays beside it. */
bool screen_ledger_keep(struct screen_ledger *x, const char *home, struct err *err) MUST_USE;
/* Who keeps a ledger's pass: one at a time. The lock ends with close(2). ERR_DIFFERS: somebody else
 * does. */
bool screen_keep_lock(const char *home, const struct chain *chain, int *ret,
                      struct err *err) MUST_USE;

struct screen_as_of { /* what an answer about exposure stands on */
    const struct chain *chain;
    bool any;             /* a block at all */
    uint32_t height;      /* of the last whole block; HEIGHT_UNKNOWN */
    uint64_t time;        /* seconds since 1970 */
    struct hash32 block;  /* its hash, of the wire; zeros where the source tells none */
    struct hash32 labels; /* screen_labels_hash */
    enum trace_policy policy;
    uint32_t cut_ppm;
    bool clusters; /* are kept, and have a block: that of the two below (screen_entity.h) */
    uint32_t clusters_height;
    uint64_t clusters_time;
};
struct screen_as_of screen_ledger_as_of(struct screen_ledger *x);

struct screen_ledger_counts {
    uint64_t txs, blocks, sources; /* come by; labelled addresses that the ledger has */
    uint64_t bytes;                /* of memory, about */
};
struct screen_ledger_counts screen_ledger_counts(struct screen_ledger *x);

/* ---- what a question is asked with ---- */

enum screen_ledger_state {
    SCREEN_READY,
    SCREEN_COMING, /* its first pass is not done */
    SCREEN_AWAY,   /* it is being undone */
    SCREEN_FAILED, /* its exposure cannot be worked out */
};

struct screen_cases; /* screen_cases.h */
struct screen_entities;
struct screen_wallets;

struct screen_ledger_at {
    const struct chain *chain;
    enum screen_ledger_state state;
    struct screen_ledger *exposure;         /* SCREEN_READY; else NULL */
    struct trace_ledger ledger;             /* SCREEN_READY: opened, and it fits */
    const struct screen_entities *entities; /* of coins; NULL: there are none */
    const struct screen_wallets *wallets;   /* of accounts; NULL: there are none */
};

#define SCREEN_LEDGERS_MAX 64
struct screen_ledgers {
    struct screen_ledger_at at[SCREEN_LEDGERS_MAX];
    size_t n;
    const struct screen_labels *labels; /* of which cases are asked, ledger or not; NULL: none */
    struct screen_cases *cases;         /* of a group; NULL: none */
};

#endif
