/* Transactions of the world that somebody has labelled, as shapes: what the CoinJoin rules are
 * judged on. */
#ifndef CORDON_TESTS_CHAIN_JUDGE_H
#define CORDON_TESTS_CHAIN_JUDGE_H

#include "support.h"

#include "chain/bitcoin/shape.h"

struct labelled {
    const char *txid;     /* 64 hex digits, not NUL-terminated */
    const char **parents; /* [shape.inputs_n] likewise */
    struct tx_shape shape;
};

/* A file of Dumplings (nopara73/Dumplings, Rpc/RpcParser.cs): a transaction a line,
 * txid:::block:::position:::time:::inputs:::outputs, inputs joined by }{ as
 * txid-vout-value+script+type, outputs as value+script+type. Everything in the arena; the height is
 * reckoned from the time, for the file has none. */
struct labelled *labelled_read(struct arena *a, const char *file, size_t *ret_n);

/* Equal for equal scripts (FNV-1a): enough to tell the scripts of one transaction apart. */
uint64_t script_id(struct bytes script);

#endif
