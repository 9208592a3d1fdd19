/* One trace with everything that a reader of it wants to know: what its writers (text, JSON, CSV,
 * GraphML, HTML) share.
 *
 * A document names what it was computed from (inputs), so that another member computes the same:
 * rules, policy, dust, hop limit, until, stops. trace_run (trace/run.h) makes whole documents;
 * trace_doc_complete fills in what follows from the rest. Everything is borrowed. The writers are
 * pure: same document, same bytes.
 *
 * Units:     amounts in base units.
 * Errors:    ERR_NOMEM, ERR_LIMIT (the arena's); those of patterns.h.
 * Threads:   safe, on documents that nobody changes. */
#ifndef CORDON_TRACE_DOC_H
#define CORDON_TRACE_DOC_H

#include "base/text.h"
#include "ledger/ledger.h"
#include "trace/trace.h"

#define TRACE_SCHEMA "cordon.trace/1"

struct trace_stop {
    const char *address, *name, *category, *source; /* source: e.g. the stop file's name as given */
    const char *chain; /* whose address it is; NULL: any chain's that has such addresses */
};

/* blocks missing between two runs that the trace's unspent value may have crossed */
struct trace_gap {
    uint32_t after, before; /* block numbers of the ledger: last of a run, first of the next */
};

struct trace_doc {
    const struct ledger *ledger;
    struct coins coins; /* as of until */
    /* as of until: the last of them is "until" and "data_as_of" is the ledger's tip */
    uint32_t blocks_n;
    const char *case_id, *title; /* NULL: no case file */
    enum trace_policy policy;
    uint64_t dust;
    uint32_t hops_max;              /* TRACE_HOPS_NONE */
    const struct trace_stop *stops; /* all that were given; reached[].stop counts from here */
    size_t stops_n;
    const uint32_t *stops_used; /* [stops_used_n] those that were reached, in canonical order */
    size_t stops_used_n;
    struct hash32 stops_sha256; /* of the stop list in canonical form; see trace/case.h */
    const struct trace *trace;
    const struct trace_gap *gaps;
    size_t gaps_n;
    const struct pattern *patterns; /* trace/patterns.h */
    size_t patterns_n;
};

/* Fills stops_used, stops_sha256, gaps and patterns from the other members. A gap is listed if it
 * lies after value that is still held: blocks that are missing there may have spent it. */
bool trace_doc_complete(struct arena *a, struct trace_doc *d, struct err *err) MUST_USE;

/* What the writers say of one output. */
/* transaction id */
uint32_t trace_doc_maker(const struct trace_doc *d, const struct trace_reached *r);
bool trace_doc_held(const struct trace_reached *r); /* unspent as of until, and at no stop */
/* false: none, and "" */
bool trace_doc_address(const struct trace_doc *d, uint64_t output, char ret[ADDRESS_BYTES_MAX]);

#define OUTPOINT_TEXT_MAX 80
#define TXID_TEXT_MAX 65
/* TXID:VOUT */
void trace_doc_outpoint(const struct trace_doc *d, uint64_t output, char ret[OUTPOINT_TEXT_MAX]);
void trace_doc_txid(const struct trace_doc *d, uint32_t tx, char ret[TXID_TEXT_MAX]);

/* Where an output stands in reached[]: the first at or after it; or exactly it, else reached_n. */
size_t trace_reached_from(const struct trace *t, uint64_t output);
size_t trace_reached_find(const struct trace *t, uint64_t output);
/* Whole coins with all their decimals, right-aligned to width. */
void text_amount(struct text *to, uint64_t amount, unsigned decimals, int width);

/* Each returns when all is in to; the caller asks text_end. */
void trace_write_text(struct text *to, const struct trace_doc *d);
/* docs/schemas/trace.json, "cordon.trace/1" */
void trace_write_json(struct text *to, const struct trace_doc *d);
/* One row a reached output, RFC 4180, with the header
 * case,output,height,address,value,taint,hop,spent_by,stop,category,source; no text of it is a
 * formula. */
void trace_write_csv(struct text *to, const struct trace_doc *d);
/* Transactions as nodes, tainted outputs as edges; an output that ends (held, stop) leads to a leaf
 * of its own. */
void trace_write_graphml(struct text *to, const struct trace_doc *d);
bool trace_write_html(struct arena *a, struct text *to, const struct trace_doc *d,
                      struct err *err) MUST_USE;

#endif
