/* The simulated world: wallets and what is in them, services with their addresses, and one
 * transaction being made.
 *
 * Coins live in a pool; each wallet keeps its own as a stack, newest on top; those of people also
 * stand in a log in order of age, from which the next spender is drawn, mostly from its recent end.
 * What a transaction pays arrives in its wallets at world_settle, when its id is known. A failed
 * allocation sets out_of_memory, asked once a block. Numbers: wallets, coins and services count
 * from 0; NONE is none. Values in satoshis. */
#ifndef CORDON_SIM_WORLD_H
#define CORDON_SIM_WORLD_H

#include "sim/build.h"

#define NONE UINT32_MAX
#define DUST 1000u /* no output is smaller */
#define BTC ((uint64_t)100000000)
#define MATURITY 100 /* blocks until a coinbase may be spent */

struct wallet {
    uint32_t coins, coins_n; /* the newest, how many */
    uint64_t value;
    uint32_t lock; /* where it was paid last; NONE: never */
    uint8_t kind;  /* enum lock_kind of its addresses */
    bool person;
};

enum desk_kind { DESK_DEPOSIT, DESK_HOT, DESK_COLD };
#define DESKS 3

struct desk {        /* a wallet with addresses that are known to be the service's */
    uint32_t wallet; /* NONE: it has no such desk */
    uint32_t *locks, locks_n, locks_max;
};

struct service {
    const char *name, *category;
    struct desk desk[DESKS];
};

struct pending {
    struct pay pay;
    uint32_t tx, vout;
};

struct world {
    uint64_t key;
    struct dice dice;
    struct build *build;
    struct draft draft;
    uint32_t height;
    uint64_t fee_rate; /* satoshis a virtual byte, of this block */

    struct coin *coins;
    uint32_t coins_n, coins_size, coins_free;
    uint32_t *log; /* coins of people, oldest first; NONE: spent */
    size_t log_n, log_size, log_live;

    struct wallet *wallets;
    uint32_t wallets_n, wallets_size, people, people_n;
    struct service *services;
    uint32_t services_n, exchanges_n; /* the exchanges come first */

    struct pending *pending;
    size_t pending_n, pending_size, wave_txs, wave_max;
    /* What the truth wants to know of an output with a mark, told when its id is known. */
    void (*told)(void *ctx, const struct pay *pay, const struct hash32 *txid, uint32_t vout);
    void *told_ctx;

    uint64_t locks_n, memos_n, txs_n, inputs_n, outputs_n; /* of the whole chain */
    bool out_of_memory;
};

struct world_size {
    uint32_t people, deposits; /* addresses of an exchange's deposits at most */
    size_t wave;               /* transactions between two settlements */
};

bool world_new(uint64_t seed, struct world_size size, struct world **ret, struct err *err) MUST_USE;
struct world *world_free(struct world *w);

uint32_t wallet_new(struct world *w, enum lock_kind kind, bool person);
uint32_t wallet_lock(struct world *w, uint32_t wallet); /* where to pay it: anew or as before */
uint32_t lock_new(struct world *w, enum lock_kind kind);
uint32_t desk_lock(struct world *w, struct desk *d);
uint32_t person_any(struct world *w);
uint32_t person_recent(struct world *w); /* one with a coin; NONE: nobody found */
void coin_arrive(struct world *w, struct coin coin);

/* The draft: start, take and pay as wanted, then draft_send, which is false where the money is too
 * little (what was taken is back in its wallet then). */
void draft_start(struct world *w);
bool draft_take(struct world *w,
                uint32_t wallet);            /* its newest coin; false: it has none, or no room */
uint64_t draft_value(const struct world *w); /* taken so far */
void draft_pay(struct world *w, uint32_t owner, uint32_t lock, uint64_t value);
void draft_mark(struct world *w, uint32_t mark); /* of the output paid last */
void draft_memo(struct world *w, unsigned bytes);
/* The same with words, at most MEMO_MAX bytes, which stay borrowed until draft_send. */
void draft_memo_text(struct world *w, const char *text);
uint64_t draft_fee(const struct world *w,
                   uint64_t more_vbytes); /* what it should cost as it stands */
/* change_owner NONE: nothing comes back, what is over goes into the last output. Returns the number
 * of the transaction in the block or 0. */
enum draft_order {
    ORDER_CHANGE_HIDDEN, /* as paid, but the last output is put anywhere */
    ORDER_SHUFFLED,      /* inputs and outputs alike */
};
size_t draft_send(struct world *w, uint32_t change_owner, uint32_t change_lock,
                  enum draft_order order);
/* Outputs as they are, what is over is the fee. */
size_t draft_send_exact(struct world *w);
void draft_drop(struct world *w);

void world_settle(struct world *w);

#endif
