/* What a transaction's signers have signed, byte for byte, as it goes over the wire
 * (https://solana.com/docs/core/transactions; Agave, VersionedTransaction):
 *
 *     compact-u16 n, n signatures of 64 bytes
 *     the message, which each of them is over:
 *       128 + version (1 byte), unless it is legacy
 *       3 bytes: how many sign; how many of those, and of the others, are only read
 *       compact-u16 n, n account keys; a recent block's hash, or a nonce (32)
 *       compact-u16 n, n instructions: program (1), compact-u16 n, n accounts, compact-u16 n, data
 *       of version 0: compact-u16 n, n lookup tables: key (32), and twice compact-u16 n, n indices
 *
 * and of version 1 (SIMD-0385), where the signatures come last:
 *
 *     129 (1 byte), the same 3 bytes
 *     which settings are there (le32: two bits a number of 8 bytes, one a number of 4)
 *     a recent block's hash, or a nonce (32); how many instructions, how many keys (a byte each)
 *     account keys (32 each); the settings, by their bits
 *     of each instruction: program (1), how many accounts (1), how much data (le16)
 *     of each: its accounts, its data
 *     signatures, of all that stands before them
 *
 * compact-u16 has digits of 7 bits, lowest first, in the shortest form alone. The first accounts
 * are who signs, in the order of the signatures; the first of them pays.
 *
 * Encoding "json" has all of it. "jsonParsed" has not: fields of an instruction that a node has
 * parsed stand there instead of its bytes.
 *
 * Which addresses lookup tables load, and what a transaction did, nobody has signed.
 *
 * Errors:    ERR_INPUT naming the member, or what does not hold; ERR_SYSTEM libsodium.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_SOLANA_MESSAGE_H
#define CORDON_CHAIN_SOLANA_MESSAGE_H

#include "base/json_walk.h"
#include "chain/block_proof.h"
#include "chain/solana/tx.h"

#define SOLANA_PACKET_MAX 4096u     /* SIMD-0296: no transaction is longer */
#define SOLANA_PACKET_OLD_MAX 1232u /* before version 1: Agave, PACKET_DATA_SIZE */

struct solana_packet {
    uint8_t at[SOLANA_PACKET_MAX];
    size_t n;
};

/* The next value of a walk, as solana_tx_read has it; false: the walk is bad, its err says why. No
 * member may stand there twice: whoever reads it otherwise would read something else. */
bool solana_packet_write(struct json_walk *w, struct solana_packet *ret);

struct solana_message {            /* points into the packet */
    const uint8_t *signatures;     /* [signers_n] of 64 bytes */
    const uint8_t *keys;           /* [keys_n] of 32 bytes: its own accounts, who signs first */
    size_t signers_n, keys_n;      /* at least 1 */
    size_t writable_n, readonly_n; /* what lookup tables load behind them */
    bool over_nonce;               /* the first instruction advances a nonce account: */
    const uint8_t *nonce;          /* this one; NULL: none, or one that a lookup table has */
    bool split;                    /* version 1: heads of all instructions, then what they have */
    size_t instructions_n;
    struct bytes instructions;
    struct bytes bytes; /* what is signed */
};
bool solana_packet_read(struct bytes packet, struct solana_message *ret, struct err *err) MUST_USE;
/* Each signature (RFC 8032; as Agave does, no key or point of small order, and of each number one
 * form alone). */
bool solana_message_verify(const struct solana_message *m, struct err *err) MUST_USE;

/* Evidence: such packets, out of a node's answers, against what is told of their transactions. */
extern const struct tx_signatures solana_signatures;

#endif
