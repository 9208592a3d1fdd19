/* Facts: what an event about an alert, or how a case is handled, says in the open, for the fold to
 * go by when bodies are withheld or erased. A flat object of the members that its type wants, no
 * more and no less:
 *
 *     {"amount":"1500","expires":1795000900000}
 *
 * Amounts are whole base units. Accounts are never among facts.
 *
 * Ownership: texts are the tree's or the arena's, or from the fixed lists.
 * Errors:    ERR_INPUT naming the member; ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_GROUP_FACTS_H
#define CORDON_GROUP_FACTS_H

#include "base/hash.h"
#include "base/json.h"

#define FACT_ASSET_MAX 64

enum fact {
    FACT_AMOUNT = 1,      /* of the alert: tainted, of the case; of a hold: what it stops */
    FACT_ASSET = 2,       /* as in a case file: the coin's symbol, a token's address, a currency */
    FACT_BASIS = 4,       /* of hold_bases */
    FACT_CASE = 8,        /* the object that the alert is of */
    FACT_DEPOSIT = 16,    /* alert_deposit: the same for all alerts of one deposit */
    FACT_EXPIRES = 32,    /* milliseconds since 1970 */
    FACT_HOLDER = 64,     /* the member that has the money */
    FACT_KIND = 128,      /* of hold_kinds */
    FACT_POLICY = 256,    /* the rule of taint that gave the amount */
    FACT_REASON = 512,    /* of the list of its type */
    FACT_RECEIVED = 1024, /* the whole deposit */
    FACT_HANDLING = 2048, /* of handling_words */
};

struct event_facts { /* what is not of its type is NULL or 0 */
    const char *asset, *basis, *case_object, *holder, *kind, *policy, *reason;
    const char *handling;
    struct hash32 deposit;
    struct u256 amount, received;
    uint64_t expires;
};

#define REASON_REORGANISED "reorganised" /* of alert.void */

/* NULL-terminated */
extern const char *const hold_kinds[], *const hold_reasons[], *const hold_bases[];
extern const char *const decline_reasons[], *const void_reasons[];
extern const char *const handling_words[], *const deferral_bases[];

/* Of enum fact: what a type wants; 0: it has no facts. */
unsigned facts_of_type(const char *type);
/* NULL: a type without reasons. */
const char *const *fact_reasons(const char *type);
/* o NULL: there are none. *ret is NULL where the type has none. */
bool facts_read(struct arena *a, const struct json *o, const char *type,
                const struct event_facts **ret, struct err *err) MUST_USE;
/* Members in the order of their names. */
void facts_put(struct json_out *j, const char *type, const struct event_facts *f);
const struct event_facts *facts_copy(struct arena *a, const struct event_facts *f); /* NULL */
/* At most FACT_ASSET_MAX of printable ASCII, no space. */
bool fact_asset_valid(const char *s);

#endif
