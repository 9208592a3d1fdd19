/* Who has paid the origins of a group's case, kept up as a ledger grows (trace/senders.h): worked
 * out anew when there are other origins, or when one was paid. Of this folder alone, for
 * screen_cases.c.
 *
 * Ownership: a struct case_senders owns what it points to.
 * Threads:   whoever writes the cases. */
#ifndef CORDON_SCREEN_CASE_SENDERS_H
#define CORDON_SCREEN_CASE_SENDERS_H

#include "chain/address_key.h"
#include "trace/case.h"
#include "trace/senders.h"

struct case_stops { /* hashes of their keys */
    uint64_t *at;   /* [n] ascending */
    size_t n;
};
bool case_stops_make(const struct case_file *f, struct case_stops *ret); /* false: no memory */

struct case_senders {
    struct reach *sent; /* NULL: not known */
    struct sender_origin *origins;
    size_t origins_n, takers_n; /* of the takers so many owners are in the ledger */
    uint64_t newest;            /* senders_newest */
    bool stale;
};
void case_senders_end(struct case_senders *s);

/* A case, as far as it has been followed on one ledger. */
struct case_payees {
    const struct reach *reached;
    const struct address_key *takers; /* [takers_n] addresses that are origins */
    size_t takers_n;
    const struct case_stops *stops;
};
/* True: *ret_sent takes the place of s->sent, which is done by the caller; NULL: it cannot be told.
 * False: all is as it was. */
bool case_senders_look(struct case_senders *s, const struct case_payees *of,
                       const struct trace_ledger *at, uint32_t blocks_n, struct reach **ret_sent);

#endif
