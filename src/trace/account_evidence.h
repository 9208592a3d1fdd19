/* Evidence of a trace over accounts: the transfers that it rests on, from which anybody computes it
 * again without a ledger.
 *
 * It holds the transactions with an event of a holding that the trace came through and did not stop
 * at, each whole, in the blocks where they stood. Proving it puts them into a ledger of their own,
 * in a temporary folder, follows the case by what the document says, and compares every move,
 * balance, route and total. docs/evidence-format.md, "Accounts".
 *
 * With raw blocks at hand, chains that have proofs (chain/block_proof.h) have each transaction
 * proven to stand in its block, with all that its own bytes and its receipt say of it; of chains
 * whose transactions can be written again as they were signed (tx_signatures there) each has its
 * bytes with it, and who is told to have paid its fee is proven to have signed it. The answer
 * counts what is proven so. What such a file cannot prove, and the answer says so: that the blocks
 * are the chain's (compare their hashes with a node that you trust), what only a trace tells, and
 * that those accounts had no other transactions.
 *
 * Errors:    account_evidence_write: ERR_LIMIT more than ACCOUNT_EVIDENCE_TRANSFERS_MAX transfers;
 *            ERR_DIFFERS the raw blocks say other than the ledger; those of reading them.
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

/* What is proven of the transfers by the blocks that they are in, without looking at the trace. */
struct account_evidence_roots {
    size_t blocks_n, transactions_n, transfers_n; /* proven; of them headers may be alone */
    size_t named_n; /* of the blocks: signed by the key that the header names */
    /* not proven: what only a trace or a node tells; withdrawals and rewards; fees taken elsewhere
     * than in the header; all of transactions without a proof */
    size_t internals_n, outside_n, fees_n, without_n;
    /* transactions of which is proven but who signed them (tx_signatures), and their transfers with
     * parties and amount in what was signed */
    size_t signed_n, said_n;
};

#define ACCOUNT_POLICIES (TRACE_LIBR + 1)

/* What a policy makes of the same case, where it goes nowhere but where the evidence has all. */
struct account_evidence_sums {
    const char *row; /* as account_sums_put writes it; NULL: not known */
    bool converted;  /* something went on by a conversion, whose sides may lie beyond */
};

struct account_evidence_answer {
    bool proven;
    char text[ERR_TEXT_MAX]; /* what does not hold, if not proven */
    const char *case_id, *chain, *policy;
    size_t transfers_n, transactions_n, blocks_n;
    struct account_evidence_roots roots;
    struct hash32 fingerprint; /* of the blocks in canonical JSON (RFC 8785) */
    struct account_evidence_sums sums[ACCOUNT_POLICIES]; /* by policy */
};

/* The sums of a trace as an object; those of its assets, a row each, as the member "assets". */
void account_sums_put(struct json_out *j, const struct account_doc *d);
void account_assets_put(struct json_out *j, const struct account_doc *d, bool converted);

/* What evidence is made of besides the document. */
struct account_evidence_of {
    const char *const *from; /* [from_n] files, folders of raw blocks; none: no block is proven */
    size_t from_n;
    /* what the case asserts, followed or not: the accounts on both sides count, too */
    const struct route_asserted *asserted; /* [asserted_n] */
    size_t asserted_n;
    uint32_t ledger; /* which one of those that the legs name */
};
bool account_evidence_write(struct arena *a, struct text *to, const struct account_doc *d,
                            const struct account_evidence_of *of,
                            struct account_evidence_roots *ret_roots, struct err *err) MUST_USE;

/* trace: the document, docs/schemas/trace-accounts.json. */
bool account_evidence_prove(struct arena *a, const struct json *evidence, const struct json *trace,
                            struct account_evidence_answer *ret, struct err *err) MUST_USE;
/* What the evidence holds, made into a ledger in a new folder dir (whoever calls removes it), for a
 * trace that it is but a part of: what of that follows, the answer does not say. Not proven: there
 * may be none. */
bool account_evidence_ledger(struct arena *a, const struct json *evidence, const char *dir,
                             struct account_evidence_answer *ret, struct err *err) MUST_USE;
/* "transactions 12 of 14 ...": a line of words for people, of what is proven and what is not. */
void account_evidence_roots_text(struct text *to, const struct account_evidence_answer *e);
/* The same of what signatures prove, on chains where they could. */
bool account_evidence_signs(const struct account_evidence_answer *e);
void account_evidence_signed_text(struct text *to, const struct account_evidence_answer *e);
void account_evidence_write_answer(struct text *to, const struct account_evidence_answer *e);

#endif
