/* What a trace of the simulator's thefts says, in words, and whether that is what truly happened.
 *
 * Both are JSON as the program has written it: a trace (docs/schemas/trace.json,
 * trace-ledgers.json) and the truth (docs/schemas/truth.json).
 *
 * Ownership: texts are appended to; the trees are borrowed.
 * Threads:   safe. */
#ifndef CORDON_CLI_DEMO_TRUTH_H
#define CORDON_CLI_DEMO_TRUTH_H

#include "base/json.h"

/* Satoshis of a decimal string, or 0. */
uint64_t demo_units(const struct json *amount);
void demo_coins(struct text *to, uint64_t units); /* 1.50000000 */

/* "The trace went through 4 hops to 9 outputs. ..." */
void demo_tell(struct text *to, const struct json *trace);

/* A line each where trace and truth differ; how many. Each end of the truth must be there, wholly
 * tainted, at the service that got it, unspent, or spent by the CoinJoin; where some policy should
 * agree altogether, the totals must, too. */
unsigned demo_differ(struct text *to, const struct json *trace, const struct json *theft);
/* Of the theft that crosses chains: what each account has of each asset, what went on by the swap
 * and into fees. part: of the account chain. What became of it elsewhere is compared as any theft
 * of that chain is. */
unsigned demo_differ_swap(struct text *to, const struct json *part, const struct json *swap);

#endif
