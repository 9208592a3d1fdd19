/* What a trace comes to, sorted for a reader: where each reached output's value went next, who
 * holds what is left, and which exits, addresses and lanes of a picture that makes.
 *
 * Units:     base units.
 * Ownership: in the arena; the document is borrowed, and names in the result are its own.
 * Errors:    ERR_NOMEM, ERR_LIMIT (the arena's), ERR_CORRUPT an output is spent before it is made.
 * Order:     rows and groups by amount, the largest first, ties by first output.
 * Threads:   safe. */
#ifndef CORDON_TRACE_ENDS_H
#define CORDON_TRACE_ENDS_H

#include "trace/doc.h"
#include "trace/flow.h"

#define ENDS_EXIT_LANES_MAX 10
#define ENDS_HELD_LANES_MAX 4

enum fate { FATE_EXIT, FATE_HELD, FATE_CUT, FATE_UNRESOLVED, FATE_FEES, FATE_MOVED };

/* What a writer asks a ledger for, so that a page can be made of a small world without one. */
struct page_names {
    void *ctx;
    const char *chain, *unit;
    unsigned decimals;
    struct ledger_block until, tip;
    struct hash32 (*txid)(void *ctx, uint32_t tx);
    struct ledger_block (*block)(void *ctx, uint32_t block);
    uint32_t (*block_of)(void *ctx, uint32_t tx);
    uint32_t (*script_of)(void *ctx, uint64_t output);                /* SCRIPT_NONE: not known */
    void (*script_show)(void *ctx, uint32_t script, struct text *to); /* as a person reads it */
};

struct ends_row { /* what ended in one way at one script */
    enum fate fate;
    int32_t stop; /* into doc->stops; -1 */
    uint32_t script;
    uint64_t amount, outputs_n;
    uint32_t first, lane; /* first: into reached[] */
};

struct ends_group { /* all exits of one name and category; all that is held; ... */
    enum fate fate;
    int32_t stop;
    uint64_t amount, outputs_n, rows_n;
    uint32_t first;
};

struct ends_lane {
    enum fate fate;
    int32_t stop;    /* an exit by name; -1 */
    uint32_t script; /* what one script holds; SCRIPT_NONE */
    uint64_t amount, outputs_n, rows_n, groups_n;
    bool others; /* what has no lane of its own */
};

struct ends {
    struct flow_world world; /* outputs[i] is reached[i] */
    const uint32_t *txs;    /* [world.txs_n] the ledger's number of each transaction of the world */
    const enum fate *fates; /* [reached_n] */
    struct ends_row *rows;
    struct ends_group *groups;
    struct ends_lane *lanes; /* [world.lanes_n] */
    size_t rows_n, groups_n;
    uint64_t origins_n, origins;        /* outputs and their whole value */
    uint32_t origin_first, origin_last; /* transactions of the ledger */
};

bool ends_sort(struct arena *a, const struct trace_doc *d, const struct page_names *names,
               struct ends *ret, struct err *err) MUST_USE;

#endif
