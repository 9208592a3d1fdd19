/* Alerts: traced value has reached a member. What names them, and what each is at a time.
 *
 *     alert id = SHA-256("cordon.alert/1" | salt | case | 0 | chain | 0 | output | 0 | member)
 *     deposit  = SHA-256("cordon.deposit/1" | salt | chain | 0 | output | 0 | member)
 *
 * chain is a CAIP-2 name, output "txid:vout" or what names a transfer there. The salt is zeros
 * where another member tells, so that the same alert told twice is one object. A member that finds
 * its own deposit takes a salt that only it knows (alert_salt), so that neither name tells which
 * output it is; alert.open tells that to one audience.
 *
 * The fold of an alert alone (group/machine.h) does not know its case, the time or other alerts of
 * the same deposit. alert_now puts them together, the same everywhere: docs/protocol.md, "Alerts at
 * a time".
 *
 * Ownership: a book borrows from the fold, until that changes; its lists live in the arena.
 * Errors:    ERR_NOMEM, ERR_LIMIT.
 * Threads:   a book is only read. */
#ifndef CORDON_GROUP_ALERT_H
#define CORDON_GROUP_ALERT_H

#include "group/alert_notice.h"
#include "group/grounds.h"
#include "group/handling.h"

struct alert_key { /* what the names are made of */
    const char *case_object, *chain, *output, *member;
    struct salt32 salt; /* zeros: open */
};

struct hash32 alert_deposit(const struct alert_key *k);
/* "alert:" and 64 digits */
void alert_object(const struct alert_key *k, char ret[OBJECT_NAME_MAX]);
/* Only who has the key can work it out; secret: the home's store key. */
struct salt32 alert_salt(const uint8_t secret[32], const char *chain, const char *output,
                         const char *member);

/* ---- at a time ---- */

enum alert_why { /* why there is no hold in force, or less than was said */
                 ALERT_WHY_NOTHING,
                 ALERT_WHY_NO_CASE,    /* its case is not here, or a draft */
                 ALERT_WHY_CASE_GONE,  /* retracted, or merged into one that was */
                 ALERT_WHY_NO_HOLD,    /* none is said, or it was ended */
                 ALERT_WHY_AHEAD,      /* its clock is more than a day ahead */
                 ALERT_WHY_EXPIRED,    /* of a soft hold: */
                 ALERT_WHY_QUOTA,      /* its case is over its member's quota */
                 ALERT_WHY_UNVERIFIED, /* its case is not verified, and has had as many as it may */
                 ALERT_WHY_SECOND_SOFT, /* its deposit has had one on a case that is not verified */
                 ALERT_WHY_ACCOUNTS,    /* beyond the accounts that may be restricted for a case */
                 ALERT_WHY_RECEIVED,    /* other holds of the deposit leave no more */
                 ALERT_WHY_INSTRUMENT,  /* by an instrument that was withdrawn since */
                 ALERT_WHY_HANDLING,    /* a machine's: its case is not to be held (handling.h) */
};

struct alert_now {
    const struct fold_object *object;
    const struct event_facts *told;  /* of its first event */
    const struct event_facts *order; /* of the hold, by a person; NULL: none */
    enum state state, case_state;    /* of a merged case: the state it goes on with */
    bool live;                       /* its case stands, and it has not ended */
    bool verified;                   /* its case is */
    bool soft;                       /* the hold is a machine's */
    bool disclosed;     /* too late: where it went on to, to somebody, as is seen here */
    struct u256 amount; /* held now; 0: there is no hold in force */
    uint64_t expires;   /* of the hold that was said last; 0: none */
    enum alert_why why;
    const char *instrument;   /* that the hold goes by; NULL: by none that stands */
    struct handling handling; /* of its case, as the holder is told, and as is seen here */
    struct alert_notice notice;
};

struct alert_book;

/* Of all alerts of the fold. NULL: no memory. */
const struct alert_book *alert_book(struct arena *a, const struct fold *f);
size_t alert_book_n(const struct alert_book *b);
/* By number below that, in the order of their first events. */
struct alert_now alert_at(const struct alert_book *b, size_t i, uint64_t ms);
/* false: no such alert */
bool alert_now(const struct alert_book *b, const struct fold_object *o, uint64_t ms,
               struct alert_now *ret);

/* The i-th object of an alert by its name or the digits of that; it has one for each audience that
 * was told. NULL: no more. */
const struct fold_object *alert_named(const struct fold *f, const char *id, size_t i);

/* What a case is for a deposit that has been found, before it is told. book NULL: the last two are
 * not counted, which matter only where it is not verified. */
struct alert_case {
    bool live; /* reported, verified, disputed, active or contained */
    bool verified, disputed, over_quota;
    uint64_t soft_n;          /* soft holds that it has had, told to that audience */
    bool deposit_had_soft;    /* on a case that is not verified */
    struct handling handling; /* as the holder is told */
};
struct alert_case alert_case(const struct alert_book *b, const struct fold *f,
                             const char *case_object, const char *audience,
                             const struct hash32 *deposit, const char *holder);

/* What it goes on as, if it was merged. NULL: as nothing. */
const struct fold_object *alert_case_now(const struct fold *f, const char *name,
                                         const char *audience);
/* Has somebody else than its reporter vouched for a case? */
bool case_is_verified(enum state s);

const char *alert_why_text(enum alert_why why); /* "" for nothing */

#endif
