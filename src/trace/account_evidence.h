/* Evidence of a trace over accounts: the transfers that it rests on, from which anybody computes it
 * again without a ledger.
 *
 * It holds every event of each holding that the trace came through and did not stop at, with all
 * transfers of the transactions that carried taint, in the blocks where they stood. Proving it puts
 * them into a ledger of their own, in a temporary folder, follows the case by what the document
 * says, and compares every move, balance, route and total. docs/evidence-format.md, "Accounts".
 *
 * What such a file cannot prove, and the answer says so: that the chain has these transfers
 * (compare the transactions' hashes with a node that you trust), and that those accounts had no
 * others.
 *
 * Errors:    account_evidence_write: ERR_LIMIT more than ACCOUNT_EVIDENCE_TRANSFERS_MAX transfers.
 *            account_evidence_prove: ERR_INPUT it is no such file (text names the member); what is
 *            one and does not hold is proven = false; ERR_SYSTEM, ERR_NOMEM.
 * Ownership: in the arena.
 * Threads:   safe. */
#ifndef CORDON_TRACE_ACCOUNT_EVIDENCE_H
#define CORDON_TRACE_ACCOUNT_EVIDENCE_H

#include "base/json.h"
#include "trace/account_doc.h"

#define ACCOUNT_EVIDENCE_SCHEMA "cordon.evidence.accounts/1"
#define ACCOUNT_EVIDENCE_TRANSFERS_MAX ((size_t)1 << 21)

bool account_evidence_write(struct arena *a, struct text *to, const struct account_doc *d,
                            struct err *err) MUST_USE;

struct account_evidence_answer {
    bool proven;
    char text[ERR_TEXT_MAX]; /* what does not hold, if not proven */
    const char *case_id, *chain, *policy;
    size_t transfers_n, transactions_n, blocks_n;
    struct hash32 fingerprint; /* of the blocks in canonical JSON (RFC 8785) */
};

/* trace: the document, docs/schemas/trace-accounts.json. */
bool account_evidence_prove(struct arena *a, const struct json *evidence, const struct json *trace,
                            struct account_evidence_answer *ret, struct err *err) MUST_USE;
void account_evidence_write_answer(struct text *to, const struct account_evidence_answer *e);

#endif
