/* What the log keeps of alerts beside the fold: the bodies of their events, and what a node can
 * tell by them of a withdrawal that it is asked about.
 *
 *     {"account","address","chain","found","note","output","salt","withdrawals"}, each where it is
 *     said
 *
 * docs/schemas/alert-body.json. chain, output and address say which deposit it is: of alert.send,
 * of alert.detect (a body that stays at home), and with the salt of alert.open. account is an
 * opaque name that the holder's own system gives an account. found, which stays at home too, is
 * what the finder's trace said.
 *
 * Ownership: all in the arena, but for what is borrowed from the log until that changes.
 * Errors:    ERR_INPUT a body that is none; those of the log.
 * Threads:   as the log. */
#ifndef CORDON_GROUP_ALERT_LOG_H
#define CORDON_GROUP_ALERT_LOG_H

#include "group/alert.h"
#include "group/log.h"

#define ALERT_TEXT_MAX 200 /* bytes of an account, address, chain or output */
#define ALERT_NOTE_MAX 10000
#define ALERT_WITHDRAWALS_MAX 1000

struct alert_found_at { /* the block, as the chain shows its hash, and what the trace said */
    const char *block;
    uint64_t height, hops;
    bool cut;            /* the case's trace is not whole */
    const char *service; /* NULL: none is known on the way */
};

struct alert_body { /* NULL: not said */
    const char *account, *address, *chain, *note, *output;
    const struct salt32 *salt;
    const struct alert_found_at *found;
    const char *const *withdrawals; /* [withdrawals_n] */
    size_t withdrawals_n;
};

bool alert_body_make(struct arena *a, const struct alert_body *b, struct bytes *ret,
                     struct err *err) MUST_USE;
bool alert_body_read(struct arena *a, struct bytes body, struct alert_body *ret,
                     struct err *err) MUST_USE;

/* This home's own salt for a deposit. */
struct salt32 group_log_salt(const struct group_log *l, const char *chain, const char *output,
                             const char *member);

/* Which deposit an alert is of: a body that is here, whose names make the alert's, from any
 * audience. *ret->output is NULL where none says so. */
bool alert_deposit_of(struct group_log *l, struct arena *a, const struct fold_object *o,
                      struct alert_body *ret, struct err *err) MUST_USE;

/* What the holder's newest act says of the account; *ret NULL: nothing that is here. */
bool alert_account_of(struct group_log *l, struct arena *a, const struct fold_object *o,
                      const char **ret, struct err *err) MUST_USE;
/* The withdrawals that the holder's node knew of when it said that it was too late, or none. */
bool alert_paid_out(struct group_log *l, struct arena *a, const struct fold_object *o,
                    struct alert_body *ret, struct err *err) MUST_USE;

/* ---- asked about a withdrawal ---- */

struct alert_gate; /* owns all that it tells, but for its arena */

struct alert_held { /* NULL: not known */
    const char *alert, *case_object, *told_by, *asset;
    const char *account, *chain, *output;
    const struct alert_found_at *found;
    const char *reason; /* of an order; NULL: by machine */
    struct u256 amount; /* in force */
    uint64_t expires;
    bool verified;
    const char *by; /* what of the question it is: "account", "output", "address" */
};

/* Of the alerts whose holder is this member, those of which a hold is in force at a time. */
bool alert_gate_make(struct group_log *l, struct arena *a, const char *holder, uint64_t ms,
                     const struct alert_gate **ret, struct err *err) MUST_USE;
size_t alert_gate_n(const struct alert_gate *g);
/* The first time after that at which another one is in force, or another amount. */
uint64_t alert_gate_until(const struct alert_gate *g);

struct alert_asked {     /* NULL: not said */
    const char *chain;   /* of address and output: a name, CAIP-2 or ticker */
    const char *address; /* that was paid, or that pays */
    const char *account, *output;
};
/* Those that fit the question and have not expired, by the order of the alerts, up to max. */
size_t alert_gate_ask(const struct alert_gate *g, const struct alert_asked *q, uint64_t ms,
                      struct alert_held *ret, size_t max);

#endif
