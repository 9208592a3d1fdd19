/* What the files of the routes share: see routes.h for the rules.
 *
 * routes_tx.c reads one transaction, routes_legs.c says which of its transfers are legs of what,
 * routes_keys.c has the keys that all events say, routes_links.c finds the other side by them,
 * routes_trust.c knows contracts, routes.c answers traces, routes_run.c follows.
 *
 * Ownership, errors, threads: as routes.h; what is of the transaction in hand ends with the
 * next. */
#ifndef CORDON_TRACE_ROUTES_PARTS_H
#define CORDON_TRACE_ROUTES_PARTS_H

#include "chain/memo.h"
#include "trace/routes.h"

#define ROUND_BYTES_MAX ((size_t)1 << 46) /* the arena's own limit counts */

/* A transfer as legs are told from it. Nobody and the zero key are both ACCOUNTS_NONE. */
struct moved {
    uint64_t transfer, from, to, asset;
    struct u256 amount; /* what comes to to */
    enum transfer_kind kind;
    uint32_t log;                  /* its place among events' logs; UINT32_MAX: none */
    uint32_t in, out;              /* groups of conversions that it is a leg of, or LEG_FREE */
    bool relayed_to, relayed_from; /* to sends that asset on; from was given it */
};
#define LEG_FREE UINT32_MAX

struct route_key {
    uint64_t hash, event, tx;
    uint32_t ledger;
    bool out, payment; /* payment: a router's, kept by the transaction that it names */
};

struct key_list { /* by hash, ledger, event */
    struct route_key *at;
    size_t n, size;
};

struct route_keys {
    struct key_list old, young; /* young: of the newest blocks; few, so that a block costs little */
    uint64_t events_n[ROUTES_LEDGERS_MAX]; /* read of each ledger */
    bool begun;
};

struct routes {
    const struct route_ledger *ledgers;
    size_t ledgers_n;
    const struct route_trust *trusts;
    size_t trusts_n;
    const struct route_asserted *asserted;
    size_t asserted_n;
    struct route_keys *keys; /* NULL: not asked for yet */
    struct route_keys *lent; /* whose keys they are; NULL: its own */
    void (*on_ask)(void *ctx, uint64_t key);
    void *on_ask_ctx;
    bool alone, asked; /* routes_alone */
    bool unsteady;

    /* Of the transaction in hand, used again for each. */
    uint32_t tx_ledger;
    uint64_t tx;
    struct moved *moved;
    size_t moved_n, moved_size;
    struct account_ledger_event *events;
    size_t events_n, events_size;
    uint64_t sender; /* who pays the fee; ACCOUNTS_NONE */
    bool too_many;
    struct account_conversion *conversions;
    size_t conversions_n, conversions_size;
    enum route_rule *rules; /* [groups_n] */
    size_t rules_size;
    uint32_t groups_n;
    struct route_leg *legs;
    size_t legs_n, legs_size;
    enum move_grade legs_word;           /* of who takes them, beside who says so */
    struct account_conversion *answer;   /* what was asked for last */
    size_t answer_size, answer_asserted; /* from there on by assertions */
    struct route_used *used;             /* [used_n] as they were met */
    size_t used_n, used_size;
    bool used_lost;          /* no memory for one */
    uint32_t leaving_ledger; /* whose transaction leaving is of */
    uint64_t leaving_tx;
    uint64_t *leaving;
    size_t leaving_n, leaving_size;
};

static inline bool routes_nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "routes");
}

/* ---- routes_tx.c ---- */

/* The transaction's transfers and events, and its conversions within the ledger. A transaction
 * that is in hand already is not read again. */
bool routes_read_tx(struct routes *r, uint32_t ledger, uint64_t tx, struct err *err) MUST_USE;

/* ---- routes_legs.c ---- */

/* The conversions of the transaction in hand: wraps, swaps, loans. */
bool routes_find_conversions(struct routes *r, struct err *err) MUST_USE;
/* The group whose legs were added is whole. */
bool routes_end_group(struct routes *r, enum route_rule rule, struct err *err) MUST_USE;
bool routes_add_leg(struct routes *r, size_t moved, bool out, bool collateral, bool leaves,
                    enum move_grade grade, struct err *err) MUST_USE;
/* The transfers that an event of the transaction in hand means, into r->legs: which leave, or which
 * have come; r->legs_word is the word of a taker that is not who says so. False in ret_clear: it is
 * not clear. */
bool routes_event_legs(struct routes *r, const struct account_ledger_event *e, bool out,
                       bool *ret_clear, struct err *err) MUST_USE;
bool routes_push_leg(struct routes *r, struct route_leg leg, struct err *err) MUST_USE;

/* ---- routes_trust.c ---- */

/* What a contract's word is worth: proven (it is known), stated (the caller names it), candidate.
 * One whose word is taken is kept for routes_used. */
enum move_grade routes_word_of(struct routes *r, uint32_t ledger, struct bytes contract);
/* Whether the word of an account would be taken. */
bool routes_knows(const struct routes *r, uint32_t ledger, uint64_t account);
/* The same word of a pool of two tokens, known too if a known factory made it. */
enum move_grade routes_word_of_pool(struct routes *r, uint32_t ledger, struct bytes pool,
                                    struct bytes one, struct bytes other);

/* ---- routes_keys.c ---- */

/* The memo of a transaction of coins, out of all its outputs; empty: none. Borrowed from room. */
struct bytes routes_coins_memo(const struct route_ledger *l, uint64_t tx,
                               struct memo_outputs *room);
/* Before a key is asked for; most traces come to none, and all events are read for them. Does
 * nothing the second time. */
bool routes_read_keys(struct routes *r, struct err *err) MUST_USE;
/* The entries that may be of a key: ask routes_key_is of each. NULL: no more. */
struct route_key *routes_key_first(const struct routes *r, struct bytes key);
struct route_key *routes_key_next(const struct routes *r, const struct route_key *k);
bool routes_key_is(const struct routes *r, const struct route_key *k, struct bytes key,
                   bool payment);

/* ---- routes_links.c ---- */

/* The outputs of a transaction of coins that go on by a router: [*ret_n] ascending, borrowed until
 * the next call. */
bool routes_leaving_outputs(struct routes *r, uint32_t ledger, uint64_t tx, const uint64_t **ret,
                            size_t *ret_n, struct err *err) MUST_USE;

#endif
