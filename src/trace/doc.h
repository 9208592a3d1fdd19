/* One trace with everything that a reader of it wants to know: what its writers (text, JSON, CSV, GraphML, HTML) share.
 *
 * A document names what it was computed from (inputs), so that another member computes the same: rules, policy,
 * dust, hop limit, until, stops. Everything is borrowed. The writers are pure: same document, same bytes. */
#ifndef CORDON_TRACE_DOC_H
#define CORDON_TRACE_DOC_H

#include "base/text.h"
#include "ledger/ledger.h"
#include "trace/trace.h"

struct trace_stop {
    const char *address, *name, *category, *source; /* source: e.g. the stop file's name as given */
};

struct trace_gap { /* blocks missing between two runs that the trace's unspent value may have crossed */
    uint32_t after, before; /* block numbers of the ledger: last of a run, first of the next */
};

struct trace_doc {
    const struct ledger *ledger;
    struct coins coins;           /* as of until */
    uint32_t blocks_n;            /* as of until: the last of them is "until" and "data_as_of" is the ledger's tip */
    const char *case_id, *title;  /* NULL: no case file */
    enum trace_policy policy;
    uint64_t dust;
    uint32_t hops_max;            /* TRACE_HOPS_NONE */
    const struct trace_stop *stops; /* all that were given; reached[].stop counts from here */
    size_t stops_n;
    struct hash32 stops_sha256;   /* of the stop list in canonical form; see trace/case.h */
    const struct trace *trace;
    const struct trace_gap *gaps;
    size_t gaps_n;
    const struct pattern *patterns; /* trace/patterns.h */
    size_t patterns_n;
};

/* Each returns when all is in to; the caller asks text_end. */
void trace_write_text(struct text *to, const struct trace_doc *d);
void trace_write_json(struct text *to, const struct trace_doc *d);    /* docs/schemas/trace.json, "cordon.trace/1" */
void trace_write_csv(struct text *to, const struct trace_doc *d);
void trace_write_graphml(struct text *to, const struct trace_doc *d);
bool trace_write_html(struct arena *a, struct text *to, const struct trace_doc *d, struct err *err) MUST_USE;

#endif
