/* A found deposit: value of a case has come to an own address.
 *
 * Texts are good for as long as the call that tells it.
 *
 * Threads:   as whoever tells it. */
#ifndef CORDON_WATCH_FOUND_H
#define CORDON_WATCH_FOUND_H

#include "base/u256.h"
#include "ledger/ledger.h"
#include "trace/account.h"
#include "trace/account_show.h"
#include "trace/reach.h"
#include "watch/own.h"

#define WATCH_CASE_BYTES_MAX ((size_t)256 << 20)
#define WATCH_CASES_MAX 65536u

struct watch_found {
    const char *case_id; /* as the watcher was given it */
    const struct chain *chain;
    char place[TRANSFER_NAME_MAX];  /* "txid:vout", or what names a transfer */
    char address[ACCOUNT_NAME_MAX]; /* "": it has none */
    char asset[ACCOUNT_NAME_MAX];   /* the coin's symbol, a token's address, a currency */
    struct own_hit own;
    struct u256 amount, tainted;
    uint32_t share_ppm;   /* tainted of amount, rounded down */
    uint32_t hop, height; /* height: HEIGHT_UNKNOWN */
    struct hash32 block;
    enum trace_policy policy;
    enum move_grade grade;
    const char *service; /* known, which it came past; NULL: none */
    bool origin, exact;  /* exact: the case's trace is */
    bool spent;          /* of coins */
};
typedef void watch_found_fn(void *ctx, const struct watch_found *found);

/* Who wants to know whom cases reach, own address or not. All are called in a turn. Of a case all
 * that it has reached on a ledger so far, which takes the place of what was told before, and is the
 * listener's from then on (NULL: it cannot be told); what a block has added to it, ascending; and,
 * of all cases on that ledger, that outputs or transfers from one on are there no more. */
struct watch_reach {
    void (*whole)(void *ctx, const struct chain *chain, const char *case_id, struct reach *r);
    void (*more)(void *ctx, const struct chain *chain, const char *case_id,
                 const struct reach_move *moves, size_t n);
    void (*back)(void *ctx, const struct chain *chain, uint64_t moves_n);
    void *ctx;
    /* Does it want that case? It is asked before whole and more. NULL: it wants all. */
    bool (*wants)(void *ctx, const char *case_id);
};
static inline bool reach_wanted(const struct watch_reach *to, const char *case_id)
{
    return to->whole && (!to->wants || to->wants(to->ctx, case_id));
}

/* What an output, or a move, brought to whom; false: nothing, or to nobody. */
bool reach_of_output(const struct ledger *l, const struct trace_reached *r, struct reach_move *ret);
bool reach_of_transfer(const struct accounts *a, const struct account_move *m,
                       struct reach_move *ret);
/* All of them; NULL: too many. False only for want of memory. */
bool reach_of_outputs(const struct ledger *l, const struct trace_reached *r, size_t n,
                      struct reach **ret, struct err *err) MUST_USE;
bool reach_of_transfers(const struct accounts *a, const struct account_move *m, size_t n,
                        struct reach **ret, struct err *err) MUST_USE;
/* Told in pieces, one after the other. */
void reach_more_outputs(const struct watch_reach *to, const struct ledger *l, const char *case_id,
                        const struct trace_reached *r, size_t n);
void reach_more_transfers(const struct watch_reach *to, const struct chain *chain,
                          const struct accounts *a, const char *case_id,
                          const struct account_move *m, size_t n);

/* What has come to an own address, by a move or an output of a case; false: it is none, or without
 * value. case_id, policy, exact and service are the caller's. */
bool found_of_transfer(const struct account_ledger *l, const struct accounts *accounts,
                       const struct own_set *own, const struct account_move *m,
                       struct watch_found *f);
bool found_of_output(const struct ledger *l, const struct own_set *own,
                     const struct trace_reached *r, struct watch_found *f);

enum watch_state {
    WATCH_NEW,   /* the next turn follows it */
    WATCH_WAITS, /* for its origins, and what it waits for is told */
    WATCH_FOLLOWED,
    WATCH_CROSSES, /* to other ledgers, and somebody else follows it (watch/crossing.h) */
    WATCH_REFUSED, /* and why is told */
};

struct watch_counts {
    uint64_t blocks; /* it has come by */
    size_t cases, followed;
    uint64_t held, bytes, own; /* tainted unspent outputs, or holdings; of memory, about; own
                                  addresses */
};

static inline uint32_t watch_share(struct u256 part, struct u256 of)
{
    struct u256 share;

    return u256_mul_div(part, u256_of(1000000), of, &share) ? (uint32_t)share.w[0] : 0;
}

#endif
