/* Cases over one ledger or several, with what goes on by conversions and routes: a result each.
 *
 * Each ledger gets a document of its own, as a trace of it alone has; what came to it or left it by
 * a route is in its totals, and the routes stand beside the documents. A case that names one chain
 * and is followed in one ledger has one part, and is written as that document.
 *
 * Ownership: all in the arena; ledgers, case and stops are borrowed.
 * Errors:    ERR_LIMIT more than TRACE_REQUESTS_MAX cases; ERR_USAGE no ledger is of a chain that
 *            the case names; ERR_NOT_FOUND, ERR_INPUT of origins, conversions and stops, naming
 *            them; those of routes_run.
 * Threads:   ledgers may be shared. */
#ifndef CORDON_TRACE_LEDGERS_RUN_H
#define CORDON_TRACE_LEDGERS_RUN_H

#include "base/json.h"
#include "trace/account_run.h"
#include "trace/routes.h"
#include "trace/run.h"
#include "trace/verify.h"

#define LEDGERS_TRACE_SCHEMA "cordon.trace.ledgers/1"

struct trace_ledger { /* one of the two */
    const struct ledger *coins;
    const struct account_ledger *accounts;
};
const struct chain *trace_ledger_chain(const struct trace_ledger *l);

struct trace_part { /* one of the two; NULL both: nothing of the case is in that ledger */
    struct trace_doc *coins;
    struct account_doc *accounts;
};

struct ledgers_doc {
    const struct trace_ledger *ledgers; /* [ledgers_n] */
    const struct trace_part *parts;     /* [ledgers_n] */
    const uint32_t *blocks_n;           /* [ledgers_n] as of until */
    size_t ledgers_n;
    const char *case_id, *title;
    enum trace_policy policy;
    const struct case_conversion *conversions; /* asserted */
    const struct route_asserted *asserted;     /* [conversions_n] what they name in the ledgers */
    size_t conversions_n;
    const struct route_link *links;
    size_t links_n;
    const struct route_candidate *candidates;
    size_t candidates_n;
    struct trace_trusts trusts;
    bool exact;
};

struct ledgers_case { /* one on its way; the first four, and blocks_n, are the caller's to set */
    struct arena *a;
    const struct case_file *c;
    const struct trace_ledger *ledgers;
    size_t n;
    const uint32_t *blocks_n;    /* [n], or NULL: as the case says */
    bool units;                  /* cases may meet: tell which units are held */
    struct route_ledger *routes; /* [n] */
    /* [n] each: of a ledger of coins or of accounts, the other's is not used */
    struct trace_request *coin_requests;
    struct account_request *account_requests;
    struct trace_doc *coin_docs;
    struct account_doc *account_docs;
    struct trace_case *coin_cases;
    struct account_case *account_cases;
    struct coins *coins; /* as of until */
    struct route_asserted *asserted;
    const struct case_conversion *conversions; /* the case's, each side with its chain */
    const struct route_trust *trusts;
};
/* Everything that can be asked of a case before it is followed by routes_run. */
bool ledgers_case_prepare(struct ledgers_case *c, const struct trace_stop *more, size_t more_n,
                          struct err *err) MUST_USE;
/* Of that only where its origins and what it asserts are, in blocks_n blocks of each ledger. */
bool ledgers_case_places(struct ledgers_case *c, struct err *err) MUST_USE;

/* ret[cases_n]. blocks_n: [ledgers_n] how many blocks of each count, 0 all of them; NULL: as each
 * case's limits say. Cases that follow one another, end at the same blocks and assert nothing are
 * followed in one pass, where no ledger has events of contracts (whose word was taken is told of
 * each case alone); each result is the same alone or with others. Of several, units are told
 * (trace/confluence.h). */
bool ledgers_run(struct arena *a, const struct trace_ledger *ledgers, size_t ledgers_n,
                 const uint32_t *blocks_n, const struct case_file *cases, size_t cases_n,
                 const struct trace_stop *more, size_t more_n, struct ledgers_doc *ret,
                 struct err *err) MUST_USE;

/* Whose word a case says is to be taken, as routes_new reads it. */
bool ledgers_trusts(struct arena *a, const struct case_file *c, const struct route_trust **ret,
                    struct err *err) MUST_USE;

/* A document of accounts, or of several ledgers, computed again: as trace_verify does for coins.
 * Each ledger that the document names must be among those given. */
bool ledgers_verify(struct arena *a, const struct trace_ledger *ledgers, size_t ledgers_n,
                    struct bytes document, const struct trace_stop *stops, size_t stops_n,
                    struct verify_answer *ret, struct err *err) MUST_USE;

/* Of ledgers that have but a part of what the document's had: all that moved is compared, and
 * nothing of which other blocks and accounts there are. */
bool ledgers_verify_part(struct arena *a, const struct trace_ledger *ledgers, size_t ledgers_n,
                         struct bytes document, struct verify_answer *ret,
                         struct err *err) MUST_USE;
/* What another policy makes of a part, by all else that its document asks; ERR_USAGE if it cannot
 * be asked here. */
bool ledgers_by_policy(struct arena *a, const struct trace_ledger *ledgers, size_t ledgers_n,
                       struct bytes document, enum trace_policy policy, struct ledgers_doc *ret,
                       struct err *err) MUST_USE;

/* "json", "text", "csv", "graphml", "html"; ERR_USAGE: another. One ledger of accounts is written
 * as its own document. */
bool ledgers_write(struct arena *a, struct text *to, const struct ledgers_doc *d,
                   const char *format, struct err *err) MUST_USE;
void ledgers_write_json(struct text *to, const struct ledgers_doc *d);
bool ledgers_write_text(struct arena *a, struct text *to, const struct ledgers_doc *d,
                        struct err *err) MUST_USE;
/* One page for the browser, self-contained, with a lane a chain. */
bool ledgers_write_html(struct arena *a, struct text *to, const struct ledgers_doc *d,
                        struct err *err) MUST_USE;
void ledgers_write_csv(struct text *to, const struct ledgers_doc *d);
bool ledgers_write_graphml(struct arena *a, struct text *to, const struct ledgers_doc *d,
                           struct err *err) MUST_USE;

/* The members "routes" and "candidates" of a document. ledgers: what the legs count. */
void routes_put_links(struct json_out *j, const struct trace_ledger *ledgers,
                      const struct route_link *links, size_t n);
void routes_put_candidates(struct json_out *j, const struct trace_ledger *ledgers,
                           const struct route_candidate *candidates, size_t n);
/* The contracts whose word was taken, for people. */
void routes_text_trusts(struct text *to, const struct trace_trusts *t);
/* "1.5 ETH on ethereum (0xab..:v)": what went on, in the words of people. */
void routes_text_links(struct text *to, const struct trace_ledger *ledgers,
                       const struct route_link *links, size_t n);
void routes_text_candidates(struct text *to, const struct trace_ledger *ledgers,
                            const struct route_candidate *candidates, size_t n);

#endif
