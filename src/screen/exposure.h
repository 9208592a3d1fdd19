/* Exposure on ledgers of coins: what each address has received, and paid, of the value of each
 * labelled source, so that a question is a look-up.
 *
 * One pass over the transactions, in ledger order, carries every label forward under a policy that
 * shares by amount (haircut, tiho, poison: docs/taint.md), and goes on with each new block. A label
 * is a category of tags, a list, or a case. Its sources are what its addresses pay out, less change
 * to themselves: an input that a labelled address owns is of that label, whole; what comes back to
 * an address of the label is not counted. A service ends what came to it: what a stopping address
 * pays out is of its own labels and no other.
 *
 *     L ---5---> a ---3---> b      a received 5 of L, directly; b 3 of L, two hops away
 *
 * With a cut a label goes no further from an output that has less than so many parts per million of
 * it; what the output and its address have received stays as it is.
 *
 * An output keeps a record for each label and for whether it is direct; an address the sums of its
 * outputs' records, over all time. A transaction with an input of unknown value carries nothing on,
 * under the policies that conserve, and is counted.
 *
 * Units:     amounts in base units; sums that do not fit stay at 2^64 - 1. Shares in parts per
 *            million, rounded down, of all that the address received or paid.
 * Ownership: an exposure owns what it needs; answers are copies. The view is borrowed for a call.
 * Errors:    ERR_NOMEM; ERR_LIMIT more records than records_max; ERR_CORRUPT from the ledger;
 *            ERR_USAGE policies that keep no shares. After an error only exposure_free is left.
 * Order:     answers by amount, largest first, then label, direct before indirect.
 * Threads:   one writer (exposure_add), or any number of readers. */
#ifndef CORDON_SCREEN_EXPOSURE_H
#define CORDON_SCREEN_EXPOSURE_H

#include "ledger/coins.h"
#include "screen/exposure_common.h"

#define EXPOSURE_NONE UINT32_MAX

/* A ledger, or a world of a test. scripts_n and what script_of tells below coins.outputs_n. */
struct exposure_view {
    struct coins coins;
    uint32_t (*script_of)(const void *ledger, uint64_t output); /* EXPOSURE_NONE: not known */
    const void *ledger;
    /* Does an input come out of a shielded pool (chain/bitcoin/pool.h), whose script is *ret or
     * EXPOSURE_NONE? What it brings is then of pool_label. NULL: there are none. */
    bool (*from_pool)(const void *ledger, uint64_t input, uint32_t *ret);
    uint16_t pool_label;
};

struct exposure_options {
    struct exposure_asked asked;       /* owners are scripts, origins outputs */
    uint32_t records_max, scripts_max; /* 0: as many as 32 bits can number; only what is used is
                                          memory */
};

struct exposure_counts {
    uint64_t txs, records, sums, unresolved; /* unresolved: transactions that carried nothing on */
    uint64_t cut;                            /* labels of outputs that went no further */
    uint64_t bytes;                          /* of memory in use, about */
};

struct exposure_cut { /* of one label */
    uint64_t parts, amount;
};

struct exposure;

bool exposure_new(const struct exposure_options *options, struct exposure **ret,
                  struct err *err) MUST_USE;
struct exposure *exposure_free(struct exposure *x); /* takes NULL, returns NULL */
/* More sources and origins, between two calls of exposure_add: only of scripts and outputs that
 * no transaction so far has had, and of a script all at once. Policy and number of labels stay. */
bool exposure_more(struct exposure *x, const struct exposure_asked *more, struct err *err) MUST_USE;
/* Into a file, whole or not at all, and from it: exposure_add then goes on as if it had never
 * stopped. of: a hash of all that it stands on, labels and ledger. Options are those of
 * exposure_new, with all the sources and origins so far. ERR_NOT_FOUND: there is no file;
 * ERR_DIFFERS: it is of something else; ERR_CORRUPT: it is damaged. Counts say how far it had come;
 * whether the ledger's history is still the same is for the caller to see, who may keep a note for
 * that. Saving only reads. */
bool exposure_save(const struct exposure *x, const char *path, const struct hash32 *of,
                   struct err *err) MUST_USE;
bool exposure_load(const char *path, const struct exposure_options *options,
                   const struct hash32 *of, struct exposure **ret, struct err *err) MUST_USE;
struct exposure_note *exposure_note(struct exposure *x); /* saved and loaded with the rest */
/* Goes on to the end of the view, which is the one before and more. */
bool exposure_add(struct exposure *x, const struct exposure_view *view, struct err *err) MUST_USE;
struct exposure_counts exposure_counts(const struct exposure *x);
struct exposure_cut exposure_cut(const struct exposure *x, uint16_t label); /* no label: nothing */

/* At most max parts; returns how many there are. A script past those seen has none. best: of what
 * was received a record, of what was sent the transaction. */
size_t exposure_received(const struct exposure *x, uint32_t script, struct exposure_part *ret,
                         size_t max);
/* Paid straight to labelled addresses. */
size_t exposure_sent(const struct exposure *x, uint32_t script, struct exposure_part *ret,
                     size_t max);
size_t exposure_output(const struct exposure *x, const struct coins *coins, uint64_t output,
                       struct exposure_part *ret, size_t max);
/* It will be asked about: its memory is sent for, and then, when that is there, its sums. */
void exposure_fetch(const struct exposure *x, uint32_t script);
void exposure_fetch_sums(const struct exposure *x, uint32_t script);
uint64_t exposure_received_total(const struct exposure *x, uint32_t script);
uint64_t exposure_sent_total(const struct exposure *x, uint32_t script);

/* The way of the largest contributions to a record, from its source on: transactions, the last of
 * which made the record's output. At most max, the last ones, and no more are looked at; returns
 * how many hops there are, EXPOSURE_HOPS_MAX where there are more.
 * *ret_source: the script that paid first (EXPOSURE_NONE: an origin). */
size_t exposure_path(const struct exposure *x, uint32_t record, uint32_t *ret_txs, size_t max,
                     uint32_t *ret_source);

#endif
