/* The evidence pack of a case: all that a court, or the other side's examiner, asks of a trace, in
 * one document that is checked offline.
 *
 *     {"schema":"cordon.evidence-pack/1",
 *      "statement":{"case","examiner","policy_chosen","tool","acquisition","rules","trace",
 *                   "sensitivity","against","sources","not_proven","declarations"},
 *      "statement_sha256":"...",         of the statement in canonical JSON (RFC 8785)
 *      "evidence":{...},                 docs/evidence-format.md: proven from raw bytes alone
 *      "timestamps":[BASE64...]}         RFC 3161, over statement_sha256
 *
 * docs/evidence-pack.md. A statement is a function of what it is made from: no clock, no place.
 * What is proven is what the evidence proves; the rest is stated, each with its source.
 *
 * Errors:    ERR_INPUT naming the member; those of evidence.h; ERR_LIMIT, ERR_NOMEM.
 * Ownership: in the arena.
 * Threads:   safe. */
#ifndef CORDON_TRACE_EVIDENCE_PACK_H
#define CORDON_TRACE_EVIDENCE_PACK_H

#include "base/json.h"
#include "base/timestamp.h"
#include "trace/account_evidence.h"
#include "trace/evidence.h"
#include "trace/ledgers_evidence.h"

#define EVIDENCE_PACK_SCHEMA "cordon.evidence-pack/1"
#define EVIDENCE_PACK_TOKENS_MAX 16
#define EVIDENCE_PACK_TEXT_MAX 10000 /* bytes of what a person writes */

struct evidence_pack {
    struct bytes case_text; /* JSON of the case file */
    /* [docs_n] of one ledger: the policy that was chosen first, then others with all else alike */
    const struct trace_doc *docs;
    const struct account_doc *const *accounts; /* instead: of one ledger of accounts; NULL: coins */
    const struct route_asserted *asserted;     /* [asserted_n] of accounts: by the case */
    size_t asserted_n;
    /* instead: of several ledgers, or with conversions over coins; each has a part in the first */
    const struct ledgers_doc *const *several;
    const struct ledgers_evidence_from *several_from; /* [ledgers_n] */
    size_t docs_n;
    struct source *blocks; /* of coins */
    /* [from_n] of accounts: files and folders of raw blocks, by which transactions are proven */
    const char *const *from;
    size_t from_n;
    const char *examiner, *organisation, *qualification; /* NULL: not said */
    const char *why;                                     /* the policy was chosen */
    const char *const *against;                          /* [against_n] what speaks against it */
    size_t against_n;
    const char *const *sources; /* [sources_n] how each was acquired: from whom, when, its hash */
    size_t sources_n;
    const char *version; /* of the program */
};

bool evidence_pack_write(struct arena *a, struct text *to, const struct evidence_pack *p,
                         struct err *err) MUST_USE;
/* The same document with one token more, which must be over its statement. */
bool evidence_pack_attach(struct arena *a, struct text *to, struct bytes document,
                          struct bytes token, struct err *err) MUST_USE;

struct evidence_pack_answer {
    bool holds;
    char text[ERR_TEXT_MAX]; /* what does not, if not */
    struct hash32 statement;
    bool of_accounts, of_several; /* which of the three it is */
    struct evidence_answer evidence;
    struct account_evidence_answer accounts;
    struct ledgers_evidence_answer several;
    bool *sums_proven; /* [sums_n] rows of the sensitivity that follow from the evidence */
    size_t sums_n;
    const struct timestamp *timestamps; /* [timestamps_n] each over the statement */
    size_t timestamps_n;
    const struct json *document;
};

bool evidence_pack_check(struct arena *a, struct bytes document, struct evidence_pack_answer *ret,
                         struct err *err) MUST_USE;
/* What a statement lacks of what each has, or has beside; NULL: nothing (evidence_pack_shape.c). */
const char *evidence_pack_lacks(const struct json *statement);
void evidence_pack_write_answer(struct text *to, const struct evidence_pack_answer *a);
/* A page for people, of a document that was checked. */
void evidence_pack_html(struct text *to, const struct evidence_pack_answer *a);

#endif
