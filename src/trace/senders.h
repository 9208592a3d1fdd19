/* Who has paid the origins of a case: whom it is of, as far as one ledger knows them.
 *
 *     A -> X -> T, whom the case is of      X paid T, directly; A did through X, two hops away
 *
 * A case's own trace says where its value went. This is the other way round: what others *sent*,
 * as docs/exposure.md calls it. Of coins it is a trace backward (trace/backward.h) by haircut, from
 * all that came to the origins, which ends at the case's stops, at whoever is paid as often as
 * services are, and after SENDERS_HOPS_MAX hops, or as many as fit. Of accounts, whose balances
 * mix, it is who paid them straight.
 *
 * What came to the owner of an origin that is but an output or a transfer counts, too, unless he is
 * a stop or paid that often; what came to an address that the case itself calls an origin always
 * does. What origins pay each other, and an owner's own change, is no payment.
 *
 * The payments are kept as a reach (trace/reach.h): of coins the outputs that were spent for them,
 * and under SENDERS_NOBODY what lies on the way; of accounts the transfers. hop: 1 a payment to an
 * origin; 0 (of coins) what it brought.
 *
 * Ownership: all is borrowed for the call; the reach is the caller's.
 * Errors:    ERR_NOMEM, ERR_CORRUPT; ERR_LIMIT more than SENDERS_DIRECT_MAX a hop away.
 * Threads:   as the ledger's readers. */
#ifndef CORDON_TRACE_SENDERS_H
#define CORDON_TRACE_SENDERS_H

#include "trace/ledgers_run.h"
#include "trace/reach.h"

#define SENDERS_HOPS_MAX 8u
#define SENDERS_OUTPUTS_MAX 4096u            /* of more than one hop */
#define SENDERS_DIRECT_MAX ((size_t)1 << 20) /* of one */
#define SENDERS_BUSY 512u                    /* paid more often than that is a service */
#define SENDERS_NOBODY UINT64_MAX

struct sender_origin {
    uint64_t owner;
    bool named; /* the case calls the address itself an origin */
};

struct senders_asked {
    const struct trace_ledger *at;
    uint32_t blocks_n;                   /* that count */
    const struct sender_origin *origins; /* [origins_n] ascending, each once */
    size_t origins_n;
    const uint64_t *moves; /* [moves_n] ascending: outputs or transfers that are origins */
    size_t moves_n;
    bool (*stops)(void *ctx, uint64_t owner);
    void *ctx;
};

/* Behind the newest payment that came to any of them: while it is the same, so are the senders. */
uint64_t senders_newest(const struct senders_asked *asked);
bool senders_find(const struct senders_asked *asked, struct reach **ret, struct err *err) MUST_USE;

/* The way of what was put in for a move: transactions of coins, transfers of accounts, to the
 * origin. made: from the one that made the move on, else from the one that spent it. At most max,
 * the last ones; how many. */
size_t senders_way(const struct trace_ledger *at, const struct reach *senders, uint64_t move,
                   bool made, uint64_t *ret, size_t max);

#endif
