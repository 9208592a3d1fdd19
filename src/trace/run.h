/* From what was asked to whole documents: resolve origins and stops, follow, find patterns and
 * gaps.
 *
 * What cordon trace, cordon verify and libcordon share. Requests that end at the same block are
 * followed in one pass; each document is the same alone or with others.
 *
 * A trace over a ledger whose chain has shielded pools stops at each of them, asked or not.
 *
 * Ownership: documents live in the arena and borrow the ledger and the requests.
 * Errors:    ERR_NOT_FOUND an origin, or a block at or below until, is not in the ledger; ERR_INPUT
 *            an address is not one of this chain; those of trace_forward.
 * Threads:   one ledger may serve many. */
#ifndef CORDON_TRACE_RUN_H
#define CORDON_TRACE_RUN_H

#include "trace/case.h"
#include "trace/doc.h"

struct trace_request {
    const char *case_id, *title; /* NULL: no case file */
    const struct case_origin *origins;
    size_t origins_n;
    enum trace_policy policy;
    uint64_t dust;
    uint32_t hops_max; /* TRACE_HOPS_NONE */
    /* 0: to the ledger's tip; else only its first blocks_n blocks, see trace_until_height */
    uint32_t blocks_n;
    const struct trace_stop *stops;
    size_t stops_n;
};

#define TRACE_REQUESTS_MAX 1024

/* What a case file asks for, with fifo and no limits where it is silent; blocks_n from its
 * limits.until. Its stops may be joined with further ones (stop files), which stand after them. */
bool trace_request_from_case(struct arena *a, const struct ledger *l, const struct case_file *c,
                             const struct trace_stop *more, size_t more_n,
                             struct trace_request *ret, struct err *err) MUST_USE;
/* How many blocks stand at or below a height; ERR_NOT_FOUND if none does. */
bool trace_until_height(const struct ledger *l, uint32_t height, uint32_t *ret_blocks_n,
                        struct err *err) MUST_USE;
/* How many blocks stand before the first that is later than a time; ERR_NOT_FOUND if none does. */
bool trace_until_time(const struct ledger *l, uint64_t time, uint32_t *ret_blocks_n,
                      struct err *err) MUST_USE;
/* The columns as they were after the ledger's first blocks_n blocks. */
struct coins trace_coins_of(const struct ledger *l, uint32_t blocks_n);

/* A document before trace_doc_complete, for whoever follows several ledgers. */
struct trace_doc trace_doc_of(const struct ledger *l, const struct trace_request *r,
                              const struct trace *t);

bool trace_run(struct arena *a, const struct ledger *l, const struct trace_request *requests,
               size_t n, struct trace_doc *ret /* [n] */, struct err *err) MUST_USE;

#endif
