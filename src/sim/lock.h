/* Locks: what a simulated coin is locked with, as one number.
 *
 * The low three bits are the kind, the rest counts. Keys, hashes and programs are bytes drawn from
 * (world's key, lock), so that a lock needs no memory and shows the same key each time that it is
 * spent. Signatures are random bytes in the shape and length of real ones: no script of this chain
 * would verify, and everything around them is right. */
#ifndef CORDON_SIM_LOCK_H
#define CORDON_SIM_LOCK_H

#include "sim/random.h"

enum lock_kind {
    LOCK_P2WPKH,
    LOCK_P2TR,
    LOCK_P2PKH,
    LOCK_P2SH_P2WPKH,
    LOCK_P2SH_MULTISIG, /* 2 of 3, before segwit */
    LOCK_P2WSH,         /* 2 of 3 */
};
#define LOCK_KINDS 6

#define LOCK_SCRIPT_MAX 34
#define LOCK_UNDO_MAX 36
#define LOCK_SCRIPT_SIG_MAX 260
#define LOCK_WITNESS_MAX 260

static inline enum lock_kind lock_kind(uint32_t lock)
{
    return (enum lock_kind)(lock & 7);
}

static inline bool lock_is_segwit(uint32_t lock)
{
    return lock_kind(lock) != LOCK_P2PKH && lock_kind(lock) != LOCK_P2SH_MULTISIG;
}

size_t lock_script(uint64_t key, uint32_t lock,
                   uint8_t ret[LOCK_SCRIPT_MAX]); /* scriptPubKey; its length */
/* The same in Bitcoin Core's compressed form, as undo data holds it (compressor.cpp). */
size_t lock_undo(uint64_t key, uint32_t lock, uint8_t ret[LOCK_UNDO_MAX]);
/* What spends it. scriptSig with its length in front; witness stack with its count in front (one
 * byte 0 if none). */
size_t lock_script_sig(uint64_t key, uint32_t lock, struct dice *d,
                       uint8_t ret[LOCK_SCRIPT_SIG_MAX]);
size_t lock_witness(uint64_t key, uint32_t lock, struct dice *d, uint8_t ret[LOCK_WITNESS_MAX]);
/* Virtual bytes that an input and an output of this kind add, rounded up: what a fee is reckoned
 * from. */
unsigned lock_input_vbytes(enum lock_kind kind);
unsigned lock_output_vbytes(enum lock_kind kind);

#endif
