/* What the files that prove evidence of coins share: see evidence.h.
 *
 * evidence_hashes.c computes every hash of a file anew and finds its transactions, evidence.c
 * follows the taint through them, evidence_part.c makes them blocks of a small ledger.
 *
 * Ownership: in the arena of the proof, and in the file's tree, which is borrowed.
 * Errors:    in p->err. That something does not hold is none: it ends the proof
 *            (coins_proof_fails).
 * Threads:   a proof belongs to one. */
#ifndef CORDON_TRACE_EVIDENCE_PARTS_H
#define CORDON_TRACE_EVIDENCE_PARTS_H

#include "base/sort.h"
#include "chain/bitcoin/block.h"
#include "trace/evidence.h"
#include "trace/stops.h"

struct one_tx {
    struct tx tx;
    bool followed;
    uint64_t first_output;
    uint64_t block, position;
};

struct claim {
    uint8_t outpoint[OUTPOINT_BYTES];
    uint64_t value; /* UINT64_MAX: unknown */
};

struct stop_form { /* a stop's script in address form */
    uint8_t script[SCRIPT_FORM_MAX];
    size_t n;
    int32_t stop;
};

struct coins_proof {
    struct arena *a;
    struct err *err;
    struct evidence_answer *answer;
    const struct json *statement, *blocks, *transactions, *manifest, *fingerprint;
    const struct chain *chain;
    struct block_facts *facts; /* [blocks_n] of a part; NULL: headers alone matter */
    const struct json *trace;  /* a document to hold to it; NULL: none */
    bool *unspent;             /* [outputs_n] the document says so of them */
    struct trace_case what;
    const struct trace_stop *stops;
    size_t stops_n;
    const struct stop_form **forms; /* [stops_n] sorted */
    struct claim *claims;
    const struct claim **claims_sorted;
    size_t claims_n;
    struct hash32 *roots; /* [blocks_n] Merkle roots, once their headers hold */
    uint8_t *depths;      /* [blocks_n] of their trees, + 1; 0: not yet known */
    struct one_tx *txs;   /* [txs_n] */
    size_t txs_n;
    struct keyed *by_txid; /* [txs_n] */
    struct bytes *scripts; /* [outputs_n] */
    struct coins coins;
    struct hash32 *items;
    size_t items_n;
};

/* What does not hold: the proof ends, and the call succeeds. Always false. */
bool coins_proof_fails(struct coins_proof *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool coins_proof_no_memory(struct coins_proof *p); /* always false */

/* Members. NULL, false: it is none, which is an error. shown: as people see hashes, reversed. */
const struct json *coins_proof_list(struct coins_proof *p, const struct json *j, const char *name);
bool coins_proof_hash(struct coins_proof *p, const struct json *j, const char *name, bool shown,
                      struct hash32 *ret);
bool coins_proof_hash_text(const char *s, bool shown, struct hash32 *ret);
bool coins_proof_outpoint(struct coins_proof *p, const struct json *j, const char *name,
                          uint8_t ret[OUTPOINT_BYTES]);

/* The file from its statement to its manifest, in this order. */
bool coins_proof_room(struct coins_proof *p); /* once the lists are known: for their items */
bool coins_proof_statement(struct coins_proof *p);
bool coins_proof_claims(struct coins_proof *p, const struct json *list);
bool coins_proof_blocks(struct coins_proof *p);
bool coins_proof_txs(struct coins_proof *p);
bool coins_proof_manifest(struct coins_proof *p);
bool coins_proof_index(struct coins_proof *p);

/* An outpoint -> the output's number in the small columns, or COINS_NONE; then that of its claim,
 * claims_n if there is none. */
uint64_t coins_proof_output(const struct coins_proof *p, const uint8_t *outpoint);
size_t coins_proof_claim(const struct coins_proof *p, const uint8_t *outpoint);

#endif
