/* What is asked of a ledger of accounts. The counterpart of run.h; ledgers_run.h follows it.
 *
 * Ownership: in the arena; the ledger and the case are borrowed.
 * Errors:    ERR_NOT_FOUND a block at or below until is not in the ledger; ERR_INPUT the case is of
 *            another chain.
 * Threads:   one ledger may serve many. */
#ifndef CORDON_TRACE_ACCOUNT_RUN_H
#define CORDON_TRACE_ACCOUNT_RUN_H

#include "trace/account_doc.h"
#include "trace/account_origins.h"

struct account_request {
    const char *case_id, *title; /* NULL: no case file */
    const struct case_origin *origins;
    size_t origins_n;
    const struct case_conversion *conversions;
    size_t conversions_n;
    enum trace_policy policy;
    struct u256 dust;
    uint32_t hops_max;       /* TRACE_HOPS_NONE */
    uint32_t hub_spends_max; /* 0: ACCOUNT_HUB_SPENDS_MAX */
    uint32_t blocks_n;       /* 0: to the ledger's tip; else only its first blocks_n blocks */
    const struct trace_stop *stops;
    size_t stops_n;
    struct look_rule look;
    const struct trace_token *tokens; /* sorted; of other chains, too */
    size_t tokens_n;
};

/* What a case file asks for, with fifo and no limits where it is silent; blocks_n from its limits.
 * Its stops may be joined with further ones (stop files), which stand after them. */
bool account_request_from_case(struct arena *a, const struct account_ledger *l,
                               const struct case_file *c, const struct trace_stop *more,
                               size_t more_n, struct account_request *ret,
                               struct err *err) MUST_USE;
/* How many blocks a case's limits leave; 0: all. ERR_NOT_FOUND if none is left. */
bool account_until_of_case(const struct account_ledger *l, const struct case_file *c,
                           uint32_t *ret_blocks_n, struct err *err) MUST_USE;

/* A document before its trace, for whoever follows several ledgers: origins and what
 * account_doc_complete fills in are left out. */
struct account_doc account_doc_of(const struct account_ledger *l, const struct account_request *r,
                                  const struct account_trace *t);

#endif
