/* What a block of Tron commits to, as bytes: a header and transactions in Protocol Buffers'
 * encoding, written again from a full node's JSON, and read.
 *
 *     BlockHeader.raw   the block's id is its SHA-256, with the number in the first eight bytes; it
 *                       is what its representative signs
 *     Transaction       its name is the SHA-256 of raw_data, with its signatures and results it is
 *                       a leaf of the tree whose root is txTrieRoot
 *
 * What a transaction is, and whether it failed, is read from these bytes alone.
 *
 * Ownership: what is read is borrowed from the bytes; what is written is in the arena.
 * Errors:    ERR_INPUT naming the member; ERR_NOT_FOUND there is no such block; ERR_LIMIT;
 *            ERR_NOMEM.
 * Threads:   safe.
 * Sources:   java-tron protocol/core/Tron.proto; BlockCapsule, TransactionCapsule, MerkleTree. */
#ifndef CORDON_CHAIN_TRON_BYTES_H
#define CORDON_CHAIN_TRON_BYTES_H

#include "base/cursor.h"
#include "base/json.h"
#include "base/text.h"
#include "chain/tron/block.h"

#define TRON_KEY_BYTES 20u

enum tron_contract { /* Tron.proto, Transaction.Contract.ContractType */
                     CONTRACT_TRANSFER = 1,
                     CONTRACT_TRANSFER_ASSET = 2,
                     CONTRACT_WITHDRAW = 13,
                     CONTRACT_CREATE = 30,
                     CONTRACT_TRIGGER = 31,
};

struct tron_tx {
    struct hash32 hash;
    bool failed, told; /* told: whether it failed */
    uint64_t type;
    struct bytes owner; /* 20 bytes; none: somebody before the first block, or a shielded one */
    struct bytes value; /* the contract's message */
    struct bytes memo;  /* what is written beside it, if chain/memo.h says that it is sent */
};

/* From an answer, whose blockID must be the header's. raw: BlockHeader.raw. */
bool tron_head_told(struct arena *a, const struct json *block, struct tron_head *ret,
                    struct bytes *ret_raw, struct err *err) MUST_USE;
bool tron_head_parse(struct bytes raw, struct tron_head *ret, struct err *err) MUST_USE;
/* From a row of an answer, whose txID must be the transaction's. */
bool tron_tx_told(struct arena *a, const struct json *j, struct bytes *ret,
                  struct err *err) MUST_USE;
bool tron_tx_parse(struct bytes whole, struct tron_tx *ret, struct err *err) MUST_USE;
/* Over SHA-256 of transactions, which are overwritten; of none it is all zeros. */
struct hash32 tron_root(struct hash32 *leaves, size_t n);

/* What a transaction's own bytes say of its moves, without what a node tells beside them: no fee,
 * no logs, no internal transactions, no reward; ERR_INPUT where it makes a contract, whose address
 * is told there. Into the arena, and borrowed from tx. */
bool tron_tx_alone(struct arena *a, const struct chain *chain, struct tron_tx *tx,
                   struct fact_tx *ret, struct err *err) MUST_USE;

/* ---- the pieces ---- */

/* A node's answer, if it is no error. */
bool tron_answer_read(struct arena *a, struct bytes answer, const struct json **ret,
                      struct err *err) MUST_USE;

struct tron_field {
    uint64_t number, value;
    struct bytes bytes; /* .p NULL: it is a number */
};

/* False: there is none left, or it is damaged (c->bad). */
bool tron_field_next(struct cursor *c, struct tron_field *ret);
/* 20 bytes of an address; none if it is no address. */
struct bytes tron_key(struct bytes address);
/* Absent is 0, as proto3 has it; a sign is dropped by who asks for it. */
bool tron_number(const struct json *object, const char *name, uint64_t *ret,
                 struct err *err) MUST_USE;
/* Any number of bytes, into the arena; absent is none. */
bool tron_hex(struct arena *a, const struct json *j, const char *name, struct bytes *ret,
              struct err *err) MUST_USE;
bool tron_bad(const char *what, const char *why, struct err *err);
bool tron_no_memory(const struct arena *a, struct err *err);

#endif
