/* Evidence: a file from which anybody can prove a trace's path without a ledger.
 * docs/evidence-format.md.
 *
 * It holds every transaction on the paths from the origins to the chosen ends ("followed"), every
 * transaction whose outputs those spend, for each its place under a Merkle root, the block headers
 * with their proof of work, and what is stated: rules, policy, limits, stops, origins, ends with
 * their taint. Proving it computes all hashes anew, follows the taint through the raw transactions
 * with the same engine, and compares.
 *
 * What no such file can prove, and the answer says so: that its blocks belong to the best chain,
 * that what is held is still unspent, and that what came in beside the paths was clean.
 *
 * Errors:    evidence_write: ERR_NOT_FOUND a block is not among the sources; ERR_USAGE an end was
 *            not reached, or there is none. evidence_prove: ERR_INPUT it is no evidence file (text
 *            names the member); what is one and does not hold is proven = false.
 * Ownership: in the arena.
 * Threads:   safe. */
#ifndef CORDON_TRACE_EVIDENCE_H
#define CORDON_TRACE_EVIDENCE_H

#include "base/json.h"
#include "chain/bitcoin/source.h"
#include "trace/doc.h"
#include "trace/routes.h"

#define EVIDENCE_SCHEMA "cordon.evidence/1"
#define EVIDENCE_COINS_SCHEMA "cordon.evidence.coins/1"
#define EVIDENCE_POLICIES (TRACE_POISON + 1)
#define EVIDENCE_TXS_MAX ((size_t)1 << 22)

/* ends: output ids that the trace has reached, any order; NULL: all that are held or at a stop. */
bool evidence_write(struct arena *a, struct text *to, const struct trace_doc *d,
                    struct source *blocks, const uint64_t *ends, size_t ends_n,
                    struct err *err) MUST_USE;

/* What another policy makes of the same case, out of the transactions of the file alone. */
struct evidence_sums {
    /* it goes nowhere but where the file has all that it needs: whatever it leaves unspent is
     * something that the document says is unspent, or at a stop */
    bool whole;
    bool exact;
    size_t reached_n;
    struct trace_totals totals;
};

struct evidence_answer {
    bool proven;
    char text[ERR_TEXT_MAX]; /* what does not hold, if not proven */
    const char *case_id, *chain;
    enum trace_policy policy;
    unsigned decimals;
    size_t origins_n, ends_n, followed_n, transactions_n, blocks_n;
    /* input values that rest on undo data: their transactions are not in the file */
    size_t claimed_n;
    uint64_t taint;                               /* of all ends together */
    struct evidence_sums sums[EVIDENCE_POLICIES]; /* by policy, where there is a document */
    struct hash32 fingerprint; /* of the manifest: names the whole file in a few words */
};

bool evidence_prove(struct arena *a, struct bytes file, struct evidence_answer *ret,
                    struct err *err) MUST_USE;
/* The same, and that a document of the trace (docs/schemas/trace.json; NULL: none) says of each
 * output that the file has what follows from it, and has no end that the file has not. */
bool evidence_prove_trace(struct arena *a, struct bytes file, const struct json *trace,
                          struct evidence_answer *ret, struct err *err) MUST_USE;
/* Of a part of a trace over several ledgers (trace/ledgers_evidence.h), whose taint no part proves
 * alone: all that made what was reached, all that spent it, and what those spend; likewise of what
 * the case asserts of this ledger (legs of that number); proven to be in their blocks. */
bool evidence_coins_write(struct arena *a, struct text *to, const struct trace_doc *d,
                          struct source *blocks, const struct route_asserted *asserted,
                          size_t asserted_n, uint32_t ledger, struct err *err) MUST_USE;
/* Proven so, as blocks of facts in ledger order, with the transactions that are there. */
struct block_facts;
bool evidence_coins_read(struct arena *a, const struct json *part, struct evidence_answer *ret,
                         const struct block_facts **ret_blocks, size_t *ret_n,
                         struct err *err) MUST_USE;
/* In sentences for people: what is proven, or what does not hold, and what is not proven. */
void evidence_write_answer(struct text *to, const struct evidence_answer *e);

#endif
