/* Inside a source of blocks from a node: what its files share. rpc_source.c walks along the chain,
 * and back; what is asked and how is read is a dialect's, a row of rpc_dialects: rpc_evm.c,
 * rpc_solana.c, rpc_tron.c, rpc_xrpl.c. */
#ifndef CORDON_SERVE_RPC_SOURCE_PARTS_H
#define CORDON_SERVE_RPC_SOURCE_PARTS_H

#include "serve/rpc_source.h"

#define ASKED_MAX 3 /* questions about one block: itself, receipts, trace */
#define ID_STEP 4u  /* ids of one block's questions: a multiple of it, and 0, 1, 2 */
#define CLIENT_MAX 120
#define UNITS_MAX RPC_IN_FLIGHT_MAX

struct rpc_source;

/* Blocks that are asked for together: by one request, or without batches by one a question. */
struct unit {
    uint64_t first;
    unsigned n;
    unsigned tickets[ASKED_MAX];
    unsigned tickets_n;
    unsigned second; /* what another node was asked, if it was */
    bool has_second, loaded;
    struct bytes *answers; /* [RPC_BATCH_MAX * ID_STEP]; made when first used */
};

struct rpc_dialect {
    const struct dialect *of; /* whose nodes these are: chain/dialect.h */
    size_t answer_max;        /* bytes of one answer, unless options say less; 0: rpc_client.h's */
    size_t kept;              /* bytes of options.kept; 0: none */
    /* Nothing in a block commits to what a node tells beside it: another may be asked, too. */
    bool uncommitted;
    bool final; /* what nodes give is never undone: who has another block there is not believed */
    const char
        *news; /* said to a node's WebSocket, so that it tells of blocks; NULL: it has none */
    /* Short questions, by a client of their own; height: or RPC_TIP_NEWEST. */
    size_t tip_answer_max; /* bytes of an answer to one, at most; 0: as options say */
    bool (*tip_chain)(struct rpc_client *c, const struct chain *chain, struct err *err);
    bool (*tip_block)(struct rpc_client *c, uint64_t height, bool confirmed, uint64_t *ret_height,
                      struct hash32 *ret_hash, struct err *err);
    bool (*open)(struct rpc_source *s, struct err *err);
    void (*close)(struct rpc_source *s); /* also what open left half done */
    void (*check)(struct rpc_source *s); /* of transfer_source; NULL: all is checked */
    bool (*probe)(struct rpc_source *s, struct err *err); /* fills s->node */
    bool (*tip)(struct rpc_source *s, uint64_t *ret, struct err *err);
    bool (*hash)(struct rpc_source *s, uint64_t height, struct hash32 *ret, struct err *err);
    bool (*ask)(struct rpc_source *s, struct unit *u, struct err *err);
    /* *ret_refused: the node takes no batches. */
    bool (*load)(struct rpc_source *s, struct unit *u, bool *ret_refused, struct err *err);
    /* The block of s->height, from the unit; or s->skipped: there is none at that height. */
    bool (*read)(struct rpc_source *s, const struct unit *u, struct transfer_block *ret,
                 struct err *err);
    /* What was asked of others is not needed any more. NULL: nobody else is asked. */
    void (*drop)(struct rpc_source *s, struct unit *u);
    /* May the block that was read be given? NULL: any. */
    bool (*given)(struct rpc_source *s, struct err *err);
};
extern const struct rpc_dialect rpc_dialect_evm, rpc_dialect_solana, rpc_dialect_tron,
    rpc_dialect_xrpl;
const struct rpc_dialect *rpc_dialect_of(const struct chain *chain); /* NULL: none */

struct rpc_source {
    const struct rpc_dialect *d;
    struct rpc_client *client, *second; /* second: another node's, or NULL */
    const struct chain *chain;
    struct rpc_source_options o;
    struct rpc_node node;
    char client_name[CLIENT_MAX + 1];
    void *own;                    /* the dialect's */
    bool skipped;                 /* by the last read: an empty slot */
    uint64_t height, to, planned; /* next to give; last; next to ask for */
    uint64_t limit;               /* none is given or asked for above */
    unsigned batch;
    struct unit units[UNITS_MAX]; /* [units_n] from units_first, around */
    unsigned units_first, units_n;
    struct hash32 given[RPC_REORG_BLOCKS]; /* hashes of blocks given, by height mod its size */
    uint64_t given_from;                   /* those from here to height are there */
    unsigned reorgs, again;
};

/* A dialect's load, where a unit is one question. */
bool rpc_source_load_one(struct rpc_source *s, struct unit *u, bool *ret_refused,
                         struct err *err) MUST_USE;
bool rpc_source_in_node(const struct rpc_source *s, struct err *err);

#endif
