/* Confluence: accounts where value of two or more cases meets, ranked, with the way that each came.
 *
 * Units:     taint in base units of the asset that came first.
 * Ownership: in the arena; the documents are borrowed.
 * Errors:    ERR_NOMEM, ERR_LIMIT (the arena's).
 * Order:     those of most cases first, then by ledger and account. The cases of a place are in the
 *            order of the documents, a way in the order of its transfers. */
#ifndef CORDON_TRACE_CONFLUENCE_H
#define CORDON_TRACE_CONFLUENCE_H

#include "trace/ledgers_run.h"

#define CONFLUENCE_SCHEMA "cordon.confluence/1"
#define CONFLUENCE_PATH_MAX 64 /* the last so many transfers of a way */

struct confluence_case {
    size_t doc;           /* which document */
    struct u256 taint;    /* all that came of the asset */
    const uint64_t *path; /* [path_n] transfers to the first that came */
    size_t path_n;
    uint32_t hop;
};

struct confluence {
    size_t ledger;
    uint64_t account;
    const struct confluence_case *cases; /* [cases_n] */
    size_t cases_n;
};

/* docs: of one set of ledgers. */
bool confluence_find(struct arena *a, const struct ledgers_doc *docs, size_t n,
                     const struct confluence **ret, size_t *ret_n, struct err *err) MUST_USE;
/* docs/schemas/confluence.json */
void confluence_write_json(struct text *to, const struct ledgers_doc *docs,
                           const struct confluence *at, size_t n);
void confluence_write_text(struct text *to, const struct ledgers_doc *docs,
                           const struct confluence *at, size_t n);

#endif
