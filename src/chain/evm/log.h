/* What a log says, by a table of rows: token transfers, an issuer's acts, and what routes need.
 *
 * A row is an event's signature with how many topics it has, the contracts that it counts at (most:
 * any), where in topics and data its accounts and amounts stand, and how the key is written that
 * the other side of a bridge has too. To know another event is to add a row. A log that does not
 * fit its row in every field (an address with high bytes, a string past the end) says nothing.
 *
 * ERC-721's Transfer has a fourth topic and is no amount of a token: left out, as is an amount of
 * 0. What is said twice is taken once: mint and burn events that come beside a Transfer have no
 * row.
 *
 * Bridges' keys are text: "cctp:<source domain>:<nonce>", "across:<origin chain>:<deposit id>",
 * "hop:<transfer id>", "op-message:<hash>", "op-withdrawal:<hash>", "lz2-guid:<guid>", ...; what
 * begins with ~ is no key, as another payment may say it, too: see docs/routes.md. A swap's data is
 * "<amount in> <amount out>". That anybody can write an event is not judged here: trace/routes asks
 * who said it.
 *
 * Ownership: what is said borrows from the log and from struct evm_said itself: do not copy it.
 * Bounds:    linear in the log; a log's data beyond what its row needs is not read.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_EVM_LOG_H
#define CORDON_CHAIN_EVM_LOG_H

#include "chain/chain.h"
#include "chain/transfers.h"

#define EVM_KEY_BYTES 20
#define EVM_TOPICS_MAX 4
#define EVM_SAID_TEXT_MAX 400

struct evm_log {
    struct bytes address; /* key of the contract: 20 bytes, of Tron too */
    const uint8_t (*topics)[32];
    size_t topics_n;
    struct bytes data;
    uint32_t index; /* in the transaction */
};

struct evm_said {
    struct fact_transfer transfers[2];
    size_t transfers_n;
    struct fact_event events[2];
    size_t events_n;
    char text[2][EVM_SAID_TEXT_MAX]; /* of keys that had to be written */
};

/* chain: of accounts with keys of 20 bytes; tx: the hash of the transaction, as it is shown. */
void evm_log_read(const struct chain *chain, const struct hash32 *tx, const struct evm_log *log,
                  struct evm_said *ret);

/* A memo that is a transaction's whole input, sent with native coin to a vault or by one: subject
 * is the vault. No contract is called, so nobody says it but the sender. False: no such memo. */
bool evm_input_read(const uint8_t from[EVM_KEY_BYTES], const uint8_t to[EVM_KEY_BYTES],
                    struct bytes input, struct fact_event *ret);

/* "op SentMessage(address,address,bytes,uint256,uint256)": the protocol and signature of the row
 * that a log fits by its topics; NULL: none. */
const char *evm_log_name(const struct evm_log *log, const char **ret_signature);

/* The rows, for tests and documents. */
struct evm_log_row {
    const char *protocol, *signature;
    uint8_t topic[32]; /* keccak256 of the signature */
    unsigned topics_n;
};
size_t evm_log_rows(void);
struct evm_log_row evm_log_row(size_t i); /* i < evm_log_rows() */

#endif
