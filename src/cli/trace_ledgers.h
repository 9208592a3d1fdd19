/* cordon trace over ledgers of accounts, and over several of either shape. */
#ifndef CORDON_CLI_TRACE_LEDGERS_H
#define CORDON_CLI_TRACE_LEDGERS_H

#include "cli/cli.h"
#include "trace/ledgers_run.h"

/* The ledgers of a call: those of its --ledger options, else of chains (each once) in the home of
 * ledgers. What was opened is closed by ledger_set_close, also after an error. */
struct ledger_set {
    struct trace_ledger at[ROUTES_LEDGERS_MAX];
    size_t n;
};
bool ledger_set_open(struct call *c, const char *const *chains, size_t chains_n,
                     struct ledger_set *ret, struct err *err) MUST_USE;
void ledger_set_close(struct ledger_set *s);
/* The chains that a case names, and the one meant where it names none; at most max. */
size_t case_chains(const struct case_file *f, const char *other, const char **ret, size_t max);

bool trace_ledgers(struct call *c, const struct ledger_set *s, const struct case_file *cases,
                   size_t n, struct err *err) MUST_USE;

/* Behind the documents of several cases: where they meet. */
bool confluence_write(struct call *c, struct text *to, const struct ledgers_doc *docs, size_t n,
                      bool json, struct err *err) MUST_USE;

/* A document as one line of JSON. What write puts has line ends between words only. */
bool document_line(struct text *to, void (*write)(struct text *to, const void *doc),
                   const void *doc, struct err *err) MUST_USE;

#endif
