/* Small worlds for the page, without a ledger: every coin of them comes from the origins, so that
 * under each rule an output's taint is its value, and what a page must say can be counted by hand.
 */
#ifndef CORDON_TESTS_TRACE_SMALL_WORLD_H
#define CORDON_TESTS_TRACE_SMALL_WORLD_H

#include "support.h"

#include "trace/page.h"

#define WORLD_MAX 16384

struct world {
    uint8_t tx_first[WORLD_MAX * TX_FIRST_BYTES], out_value[WORLD_MAX * 8],
        out_spent[WORLD_MAX * 4], in_source[WORLD_MAX * ID_BYTES];
    uint32_t height[WORLD_MAX], script[WORLD_MAX];
    int32_t stop[WORLD_MAX];
    struct coins coins;
    uint32_t origins_n; /* the first outputs */
    struct trace_reached reached[WORLD_MAX];
    struct trace_stop stops[64];
    size_t stops_n;
    struct trace trace;
    struct trace_doc doc;
    struct page_names names;
};

struct world *world_new(void);
void world_free(struct world *w);
uint32_t world_tx(struct world *w, uint32_t height);
uint64_t world_out(struct world *w, uint64_t value,
                   uint32_t script);             /* of the newest transaction */
void world_in(struct world *w, uint64_t output); /* the newest spends it */
int32_t world_stop(struct world *w, const char *name, const char *category);
void world_finish(struct world *w); /* follows all from the first transaction's outputs */

/* The three that are looked at: a theft of 5 hops, a peel chain of 86, and one of 2,000 outputs. */
struct world *world_five_hops(void);
struct world *world_peel_chain(void);
struct world *world_many(unsigned outputs_n, uint64_t seed);

#endif
