/* One trace over accounts with everything that a reader of it wants to know: what its writers
 * (text, JSON, CSV, GraphML, HTML) share. The counterpart of doc.h, which is of coins.
 *
 * A document names what it was computed from (inputs), so that another member computes the same.
 * account_run (trace/account_run.h) makes whole documents; account_doc_complete fills in what
 * follows from the rest. Everything is borrowed. The writers are pure: same document, same bytes.
 *
 * Exact: a trace is exact where every unit that it followed was seen to come and go. It is not
 *   - where an account spent more than its recorded balance while it held tainted value, and
 *   - where tainted native coin moved or is held on a chain with contracts (EVM, Tron) and the
 *     ledger has blocks, from the first such move on, whose source did not tell internal transfers:
 *     native coin can then have come and gone unseen at any account, a contract or not, since
 *     contracts pay whom they like. Tokens move by events, which every source tells.
 *
 * Errors:    ERR_NOMEM, ERR_LIMIT (the arena's).
 * Threads:   safe, on documents that nobody changes. */
#ifndef CORDON_TRACE_ACCOUNT_DOC_H
#define CORDON_TRACE_ACCOUNT_DOC_H

#include "ledger/account_ledger.h"
#include "trace/account.h"
#include "trace/account_show.h"
#include "trace/case.h"
#include "trace/doc.h"
#include "trace/look_alikes.h"
#include "trace/routes.h"
#include "trace/spoofs.h"

#define ACCOUNT_TRACE_SCHEMA "cordon.trace.accounts/1"

/* Whose word routes took: what the case names, and what was asked. */
struct trace_trusts {
    const struct case_trust *stated; /* [stated_n] */
    size_t stated_n;
    const struct trace_trust_used {
        const char *chain, *contract, *name;
        enum move_grade grade;
    } * used; /* [used_n] by ledger, then contract */
    size_t used_n;
};

struct account_doc {
    const struct account_ledger *ledger;
    struct accounts accounts;    /* as of until */
    uint32_t blocks_n;           /* as of until: the last of them is "until" */
    const char *case_id, *title; /* NULL: no case file */
    enum trace_policy policy;
    struct u256 dust;
    uint32_t hops_max, hub_spends_max; /* TRACE_HOPS_NONE; 0: ACCOUNT_HUB_SPENDS_MAX */
    const struct trace_stop *stops;    /* all that were given; moves[].stop counts from here */
    size_t stops_n;
    const struct case_conversion *conversions; /* as an investigator asserted them */
    size_t conversions_n;
    struct look_rule look;
    const struct trace_token *tokens; /* [tokens_n] what tokens call themselves, sorted */
    size_t tokens_n;
    const struct account_origin *origins; /* [origins_n] resolved, but what came by a conversion */
    size_t origins_n;
    const struct account_trace *trace;
    const struct route_link *links; /* [links_n] of a trace of this ledger alone */
    size_t links_n;
    const struct route_candidate *candidates; /* [candidates_n] not followed, and why */
    size_t candidates_n;
    const struct trace_trusts *trusts; /* NULL: they stand beside the documents of several */

    /* what account_doc_complete fills in */
    const uint32_t *stops_used; /* [stops_used_n] those that were reached, in canonical order */
    size_t stops_used_n;
    struct hash32 stops_sha256;
    const struct trace_gap *gaps;
    size_t gaps_n;
    const struct look_alike *look_alikes; /* [look_alikes_n] reported, never followed */
    size_t look_alikes_n;
    const struct spoof *spoofs; /* [spoofs_n] likewise */
    size_t spoofs_n;
    struct hash32 tokens_sha256;
    bool internals; /* told by every block up to until */
    size_t paired;  /* moves whose two sides a rule has paired (TRANSFER_PAIRED) */
    bool unseen;    /* native coin may have moved unseen: internal transfers are missing */
    bool exact;
};

bool account_doc_complete(struct arena *a, struct account_doc *d, struct err *err) MUST_USE;

/* A stop as writers show it: one of the list, or one of the rules ("burned", "frozen", "hub"). */
struct trace_stop account_doc_stop(const struct account_doc *d, int32_t stop); /* not STOP_NONE */
struct account_ledger_block account_doc_block(const struct account_doc *d, uint64_t transfer);
/* a move's or a balance's asset */
uint64_t account_doc_asset(const struct account_doc *d, const struct account_move *m);

/* Each returns when all is in to; the caller asks text_end. */
bool account_write_text(struct arena *a, struct text *to, const struct account_doc *d,
                        struct err *err) MUST_USE;
/* Of that text: look-alikes and spoof tokens, or nothing. */
void account_text_traps(struct text *to, const struct account_doc *d);
/* docs/schemas/trace-accounts.json */
void account_write_json(struct text *to, const struct account_doc *d);
/* One row a move, RFC 4180; the header is case,chain,transfer,height,time,from,to,asset,amount,
 * taint,hop,grade,stop,category,source; no text of it is a formula. */
void account_write_csv_header(struct text *to);
void account_write_csv_rows(struct text *to, const struct account_doc *d);
/* Accounts as nodes, moves as edges. */
bool account_write_graphml(struct arena *a, struct text *to, const struct account_doc *d,
                           struct err *err) MUST_USE;
/* The data of the edge of a move. */
void account_graphml_move(struct text *to, const struct account_doc *d,
                          const struct account_move *m);

#endif
