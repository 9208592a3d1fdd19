/* What the files of evidence over accounts share: see account_evidence.h.
 *
 * account_evidence_write.c chooses what a trace rests on and writes it, account_evidence_read.c
 * reads it and holds it to its blocks' roots, account_evidence.c follows it again, and
 * account_evidence_text.c tells people.
 *
 * Ownership: in the arena of the reading.
 * Errors:    in its err. That something does not hold is none (evidence_fails).
 * Threads:   a reading belongs to one. */
#ifndef CORDON_TRACE_ACCOUNT_EVIDENCE_PARTS_H
#define CORDON_TRACE_ACCOUNT_EVIDENCE_PARTS_H

#include "chain/block_proof.h"
#include "chain/dialect.h"
#include "trace/account_evidence.h"

#define EVIDENCE_BYTES_MAX ((size_t)4 << 30) /* as JSON */

bool evidence_no_memory(const struct arena *a, struct err *err); /* returns false */
/* Sorted, each once; returns how many there are. */
size_t evidence_unique(uint64_t *at, size_t n);
/* The holdings that a trace came through and did not stop at, into room for 2 moves_n + balances_n;
 * returns how many, in no order and some twice. */
size_t evidence_holdings(const struct account_doc *d, uint64_t *to);
/* SHA-256 of the blocks in canonical JSON. */
bool evidence_fingerprint(struct arena *a, const struct json *blocks, struct hash32 *ret,
                          struct err *err) MUST_USE;

struct evidence_reading {
    struct arena *a;
    struct account_evidence_answer *answer;
    struct err *err;
    const struct chain *chain;
    struct block_prover *prover; /* NULL: none was needed yet */
    bool said_where;             /* which block it is that does not hold */
};

/* What was read does not hold, and why; returns true: that is no failure. */
bool evidence_fails(struct account_evidence_answer *r, const char *what);
/* Each block with its proof, into at[]; those that do not hold say where. */
bool evidence_blocks(struct evidence_reading *r, const struct json *blocks,
                     struct transfer_block *at) MUST_USE;
/* The blocks of the evidence, proven as far as they are; not if they do not hold. */
bool evidence_read(struct evidence_reading *r, const struct json *evidence,
                   struct transfer_block **ret) MUST_USE;
void evidence_read_end(struct evidence_reading *r);

#endif
