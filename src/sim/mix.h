/* CoinJoins: many owners in one transaction. Four shapes, as docs/patterns.md describes them from
 * the real ones:
 *
 *   Wasabi 1    tenths of a bitcoin, all alike, change, and a fee to the coordinator; all P2WPKH
 *   Wasabi 2    everything cut into standard amounts, both sides sorted from the largest
 *   Whirlpool   five in, five out of one amount; newcomers come from a "tx0" that pays the pool's
 *               fee
 *   JoinMarket  a taker and its makers: each gets the same amount and its change
 *
 * Who takes part has withdrawn from an exchange before; what comes out belongs to people of the
 * world. */
#ifndef CORDON_SIM_MIX_H
#define CORDON_SIM_MIX_H

#include "sim/world.h"

enum mix_kind { MIX_WASABI1, MIX_WASABI2, MIX_WHIRLPOOL, MIX_JOINMARKET };
#define MIX_KINDS 4
#define GUEST_COINS_MAX 8

struct mixes {
    uint32_t waiting[MIX_KINDS]; /* wallets: coins about to be mixed */
    uint32_t remix;              /* of Whirlpool: coins that go round once more */
    uint32_t tx0;                /* of Whirlpool: what newcomers bring, before their tx0 */
    uint32_t coordinator;        /* the service that is paid for it */
    uint32_t period;             /* blocks between two rounds of a kind */
};

struct guest {         /* somebody whose coins take part and are watched */
    uint32_t from, to; /* wallets */
    size_t coins_max;
    uint32_t mark;                      /* of each output it gets */
    struct coin taken[GUEST_COINS_MAX]; /* filled in */
    size_t taken_n;
};

const char *mix_kind_name(enum mix_kind kind); /* "wasabi1", ... */
void mixes_new(struct world *w, uint32_t coordinator, uint32_t period, struct mixes *ret);
void mixes_open(struct world *w, struct mixes *m); /* at the start of a block */
/* One round; guest may be NULL; not for Whirlpool with a guest. */
bool mix_round(struct world *w, struct mixes *m, enum mix_kind kind, struct guest *guest);

#endif
