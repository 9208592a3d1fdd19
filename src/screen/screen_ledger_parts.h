/* What working exposure out and asking for it share: of this folder alone. */
#ifndef CORDON_SCREEN_SCREEN_LEDGER_PARTS_H
#define CORDON_SCREEN_SCREEN_LEDGER_PARTS_H

#include "screen/account_exposure.h"
#include "screen/exposure.h"
#include "screen/owner_table.h"
#include "screen/screen_ledger.h"
#include "screen/screener_parts.h"

#include <pthread.h>

/* A token account with labels, which are its owner's, too: all blocks say that it is his. */
struct screen_token {
    uint64_t owner, account;
};

struct screen_ledger {
    pthread_rwlock_t lock; /* what questions read: the exposure, sources, labels, as_of */
    const struct chain *chain;
    const struct screen_labels *labels;
    struct exposure *coins; /* one of the two */
    struct account_exposure *accounts;
    struct exposure_source *sources; /* by owner, then label */
    size_t sources_n, sources_room;
    struct screen_token *tokens; /* [tokens_n] by owner, then account */
    size_t tokens_n, tokens_room;
    bool stale; /* a label is by now somebody's whose transfers have come by without it */
    struct screen_as_of as_of;
    uint64_t txs;    /* come by */
    uint32_t blocks; /* whole ones */
    /* of the first owners_n owners; NULL: they are sought in the ledger */
    struct owner_table *table;
    uint64_t owners_n, moves_n; /* scripts and outputs, accounts and transfers whose labels and
                                       origins are known */
    uint64_t begun_first;       /* of the block that it is within: its first transaction */
    struct hash32 begun;        /* and hash */
    bool within;
};

struct screen_block { /* of a ledger of either shape */
    struct hash32 hash;
    uint32_t height;
    uint64_t time, tx_first, txs_n;
};
uint64_t screen_blocks_of(const struct trace_ledger *at);
struct screen_block screen_block_at(const struct trace_ledger *at, uint32_t block);

/* A pass without an exposure, which screen_labels_take makes where x has none: from a file, or from
 * the beginning (path NULL); where it has one it gets the labels of what is new in the ledger. */
bool screen_ledger_make(const struct screen_labels *labels, const struct chain *chain,
                        struct screen_ledger **ret, struct err *err) MUST_USE;
bool screen_labels_take(struct screen_ledger *x, const struct trace_ledger *at, const char *path,
                        struct err *err) MUST_USE;
/* Transfers in the first txs_n transactions. */
uint64_t screen_transfers_first(const struct trace_ledger *at, uint64_t txs_n);
uint64_t screen_txs_of(const struct trace_ledger *at);
uint64_t screen_owners_of(const struct trace_ledger *at); /* scripts, or accounts */
uint64_t screen_moves_of(const struct trace_ledger *at);  /* outputs, or transfers */
/* Each owner from first on, by the key that stands for its address in the table. */
void screen_owner_keys(const struct trace_ledger *at, uint64_t first, ledger_key_put *put,
                       void *ctx);
/* The owners behind an address: of coins the forms of one key. How many. */
size_t screen_owners_find(const struct trace_ledger *at, const struct address_key *key,
                          uint64_t ret[LEDGER_TWINS_MAX]);
/* The same within the lock, from memory where it is there. */
size_t screen_owners_seek(const struct screen_ledger *x, const struct trace_ledger *at,
                          const struct address_key *key, uint64_t ret[LEDGER_TWINS_MAX]);
/* What the table has instead of an address; false: it is none of the ledger's. */
bool screen_owner_like(const struct screen_ledger *x, const struct address_key *key, uint64_t *ret);
/* The key of an owner; false: it has no address. */
bool screen_owner_key(const struct trace_ledger *at, uint64_t owner, struct address_key *ret);
/* The sources of an owner begin there; sources_n: it has none. */
size_t screen_source_at(const struct screen_ledger *x, uint64_t owner);
/* The labelled token accounts of an owner begin there; tokens_n: he has none. */
size_t screen_token_at(const struct screen_ledger *x, uint64_t owner);
/* Of those whose owners are among the first owners_n: a pass that is gone on with has the same. */
struct hash32 screen_tokens_hash(const struct screen_ledger *x, uint64_t owners_n);

static inline uint32_t exposure_script_of(const void *ledger, uint64_t output)
{
    uint32_t script = ledger_script_of(ledger, output);

    return script == SCRIPT_NONE ? EXPOSURE_NONE : script;
}

#endif
