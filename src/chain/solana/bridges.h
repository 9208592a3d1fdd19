/* What programs of bridges say, as the keys that the other side has too: CCTP, deBridge, Across,
 * Wormhole.
 *
 * A program of Anchor says an event by calling itself, with e445a52e51cb9a1d, the first 8 bytes of
 * SHA-256 of "event:<Name>", and the event's fields in Borsh; or, without the first 8, in base 64
 * as "Program data: " of the log. Wormhole's core says a message's number in its log alone; what
 * its token bridge pays is told by how it was called: the account that it makes, so that a message
 * is paid once, follows from the message, and so from its key (solana_key_here). Only
 * the runtime writes which program a line of the log is of ("Program <address> invoke [1]" to
 * "Program <address> success"): what programs say comes behind "Program log: " or "Program data: ",
 * so that none can speak for another. A log may be cut short; what it does not say is not said.
 *
 * To know another event is to add a row.
 *
 * Ownership: keys of what is said point into the arena given, or are constant.
 * Bounds:    linear in the log, of which lines beyond what a row needs are only looked at.
 * Threads:   safe; a struct solana_log belongs to its caller. */
#ifndef CORDON_CHAIN_SOLANA_BRIDGES_H
#define CORDON_CHAIN_SOLANA_BRIDGES_H

#include "chain/dialect.h"
#include "chain/solana/tx.h"

#define SOLANA_CALL_ACCOUNTS 4 /* of an instruction, that rows may name */
#define SOLANA_CALLS_MAX 10    /* deep; the runtime has 5 and 9 (SIMD-0268) */

/* An instruction of a bridge's program. */
struct solana_call {
    size_t program;                                /* from 1: of solana_bridge */
    const uint8_t *accounts[SOLANA_CALL_ACCOUNTS]; /* NULL: there is none */
    uint8_t first;                                 /* byte of its data; 0: none */
    uint32_t outer, inner;                         /* as of an instruction */
};

/* The place of a program among those that are known, from 1; 0: none. */
size_t solana_bridge(const uint8_t key[SOLANA_KEY_BYTES]);
/* What an instruction says that such a program calls itself with; call: the one that it does so in.
 * False: nothing that is known, or ret_nomem. */
bool solana_called(struct arena *a, const struct solana_call *call, struct bytes data,
                   struct solana_said *ret, bool *ret_nomem);

/* What is said by calling it. False: nothing, or ret_nomem. */
bool solana_call_says(struct arena *a, const struct solana_call *call, struct solana_said *ret,
                      bool *ret_nomem);

/* What programs here say for a key of the other side. 0: the same. */
#define SOLANA_KEY_HERE_MAX DIALECT_KEY_MAX
size_t solana_key_here(struct bytes key, char ret[SOLANA_KEY_HERE_MAX]);

/* A log, line after line as JSON has them, beside the instructions of bridges as they ran. */
struct solana_log {
    struct arena *a;
    const struct solana_call *calls; /* [calls_n] */
    size_t calls_n;
    size_t next;                          /* the first that has not begun */
    size_t running[SOLANA_CALLS_MAX + 1]; /* by depth: calls, from 1; 0: another program's */
    size_t depth;
    uint32_t since; /* calls of any program since the newest of those */
    bool over, nomem;
};
/* True: something was said. */
bool solana_log_line(struct solana_log *l, struct bytes line, struct solana_said *ret);

/* The rows, for tests: program and event, and what it is said of. */
struct solana_bridge_row {
    const char *program, *event; /* its key in hex; NULL: told by the log's words */
    uint8_t discriminator[8];
};
size_t solana_bridge_rows(void);
struct solana_bridge_row solana_bridge_row(size_t i);

#endif
