/* What of a case came past a known service: an output that was paid by one, or a holding with what
 * one has spent of the case, and what is spent from there on. Whose it is after a service is for
 * the service to say, so that what is found there is of a lower grade.
 *
 * In one ledger: what goes on by a bridge, a router or a conversion leaves it behind. Places are
 * outputs, or holdings; each is noted with the output or transfer that made it so, in the order of
 * the ledger, so that the newest can be taken back. Up to WATCH_PASSED_MAX places a case, more are
 * not noted.
 *
 * Ownership: names of services are borrowed from whoever is asked.
 * Errors:    ERR_NOMEM.
 * Threads:   one owner. */
#ifndef CORDON_WATCH_PASSED_H
#define CORDON_WATCH_PASSED_H

#include "ledger/account_ledger.h"
#include "ledger/ledger.h"
#include "trace/account.h"
#include "trace/trace.h"
#include "watch/key_map.h"

#define WATCH_PASSED_MAX ((size_t)1 << 20)

/* The service that a script, or an account's key, is known to be of; NULL: none. */
typedef const char *watch_service_fn(void *ctx, const struct chain *chain, struct bytes script);

struct watch_services {
    watch_service_fn *of; /* NULL: none is known */
    void *ctx;
};

struct passed_place;
struct passed { /* zeros: nothing yet */
    struct passed_place *at;
    size_t n, size;
    struct key_map *places;
};

void passed_forget(struct passed *p); /* all of it; what it had is freed */
/* Outputs, or transfers, from one on are there no more. */
bool passed_back(struct passed *p, uint64_t from, struct err *err) MUST_USE;

/* A move: in the order of the ledger, each once. *ret: the service that it came past, or NULL. */
bool passed_move(struct passed *p, const struct account_ledger *l, const struct accounts *all,
                 const struct watch_services *services, const struct account_move *m,
                 const char **ret, struct err *err) MUST_USE;
/* Outputs that a case has reached: in the order of the ledger, each once. */
bool passed_outputs(struct passed *p, const struct ledger *l, const struct watch_services *services,
                    const struct trace_reached *r, size_t n, struct err *err) MUST_USE;
const char *passed_output(const struct passed *p, uint64_t output); /* NULL: past none */

#endif
