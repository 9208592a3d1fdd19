/* Evidence of a trace over several ledgers: of each the part that the trace rests on, from which
 * anybody computes all of it again, the routes between them too, without a ledger.
 *
 * A part of accounts is as account_evidence.h has it, a part of coins what evidence_coins_write
 * writes: each proven as far as it can be alone. Proving all makes a small ledger of each in a
 * temporary folder, follows the case through them by what the document says, and compares: every
 * move, output, balance, total and route, with the keys by which two sides were found to be one.
 * docs/evidence-format.md, "Several ledgers".
 *
 * Errors:    as of account_evidence.h and evidence.h; ERR_USAGE a part of coins without its raw
 *            blocks; ERR_LIMIT more than ROUTES_LEDGERS_MAX parts.
 * Ownership: in the arena.
 * Threads:   safe. */
#ifndef CORDON_TRACE_LEDGERS_EVIDENCE_H
#define CORDON_TRACE_LEDGERS_EVIDENCE_H

#include "trace/account_evidence.h"
#include "trace/evidence.h"
#include "trace/ledgers_run.h"

#define LEDGERS_EVIDENCE_SCHEMA "cordon.evidence.ledgers/1"

struct ledgers_evidence_from { /* raw blocks of a ledger */
    struct source *coins;
    const char *const *paths; /* [paths_n] of accounts; none: no block is proven */
    size_t paths_n;
};

struct ledgers_evidence_answer {
    bool proven;
    char text[ERR_TEXT_MAX]; /* what does not hold, if not proven */
    const char *case_id, *policy;
    struct ledgers_evidence_part {
        bool of_coins;
        struct evidence_answer coins; /* of these blocks, transactions and claims alone count */
        struct account_evidence_answer accounts;
    } * parts; /* [parts_n] */
    size_t parts_n;
    size_t routes_n, routes_proven_n; /* from one part, or asset, to another */
    struct hash32 fingerprint;        /* SHA-256 of those of the parts */
};

/* from, ret_roots: [d->ledgers_n], of ledgers with a part alone. */
bool ledgers_evidence_write(struct arena *a, struct text *to, const struct ledgers_doc *d,
                            const struct ledgers_evidence_from *from,
                            struct account_evidence_roots *ret_roots, struct err *err) MUST_USE;
/* trace: docs/schemas/trace-ledgers.json. */
bool ledgers_evidence_prove(struct arena *a, const struct json *evidence, const struct json *trace,
                            struct ledgers_evidence_answer *ret, struct err *err) MUST_USE;
void ledgers_evidence_write_answer(struct text *to, const struct ledgers_evidence_answer *e);

#endif
