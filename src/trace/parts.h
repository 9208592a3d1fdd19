/* One transaction as a trace needs it: what goes in, what comes out, the fee; read from the columns
 * and checked.
 *
 * Errors:    ERR_CORRUPT ids out of range, an input that names a later output, sums past 64 bits,
 *            more out than in; ERR_LIMIT more than PARTS_MAX inputs or outputs; ERR_NOMEM. Texts
 *            name the transaction's id.
 * Ownership: the arrays are used again by the next read.
 * Threads:   one owner. */
#ifndef CORDON_TRACE_PARTS_H
#define CORDON_TRACE_PARTS_H

#include "base/err.h"
#include "ledger/coins.h"

#define PARTS_MAX ((size_t)1 << 22) /* ten times what fits in a block of any coins chain */

struct parts {
    uint32_t tx;
    struct coins_range in, out;
    uint64_t *in_output; /* [in.n] COINS_NONE: outside the ledger */
    uint64_t *in_value;  /* [in.n] UINT64_MAX where it is unknown */
    /* [out.n + 1] the fee last; 0 where an input is unknown, and for a coinbase */
    uint64_t *out_value;
    uint64_t in_sum; /* of the known */
    bool known;      /* every input's value */
    size_t in_size, out_size;
};

bool parts_read(struct parts *p, const struct coins *coins, uint32_t tx, struct err *err) MUST_USE;
void parts_free(struct parts *p);

#endif
