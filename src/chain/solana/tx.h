/* A transaction of Solana, read from JSON-RPC, and what it moves.
 *
 * Both encodings become one form: encoding "json" names accounts by index and has an instruction's
 * data in base 58, "jsonParsed" has addresses and fields by name. The account list is the message's
 * own, then what lookup tables load: writable, then read-only.
 *
 * What moves, and between whom (docs/solana.md has the rules for readers):
 *
 * - An account of the token programs belongs to its owner, with all that is in it: tokens, the
 *   lamports of its rent, and wrapped SOL, which is SOL. What moves within one owner moves nothing.
 * - What is confidential of a token (Token-2022) is held by an account that stands for all who have
 *   some of it: what comes in and out is told, and who has how much is not.
 * - Known instructions say who pays whom: the system, token, Token-2022, stake and vote programs,
 *   called from outside or from within.
 * - What they leave unexplained of a transaction's balances before and after is paired
 *   (chain/balance_pairs.h), payers and payees in the order of the account list.
 *
 * Units:     lamports, a token's base units.
 * Ownership: keys point into the arena given; text into the input.
 * Errors:    ERR_INPUT naming the member; ERR_LIMIT; ERR_NOMEM.
 * Threads:   one transaction a thread. */
#ifndef CORDON_CHAIN_SOLANA_TX_H
#define CORDON_CHAIN_SOLANA_TX_H

#include "base/arena.h"
#include "base/json_walk.h"
#include "chain/balance_pairs.h"
#include "chain/transfers.h"

#define SOLANA_KEY_BYTES 32
#define SOLANA_HIDDEN_BYTES 33 /* a mint and the mark: what is confidential of it */
#define SOLANA_HIDDEN_MARK 'c'
#define SOLANA_SIGNATURE_BYTES 64
#define SOLANA_ACCOUNTS_MAX 256u /* an index is a byte */
#define SOLANA_INSTRUCTIONS_MAX 65536u
#define SOLANA_NO_ACCOUNT UINT32_MAX

enum solana_op {
    SOLANA_LAMPORTS,  /* amount of a to b */
    SOLANA_ALL,       /* all lamports of a to b */
    SOLANA_CLOSE,     /* the same; a token account ends */
    SOLANA_NONCE,     /* a: the nonce account that is advanced */
    SOLANA_OPEN,      /* a becomes a token account of mint, key its owner */
    SOLANA_TOKENS,    /* amount of a to b, of which fee is withheld */
    SOLANA_MINT,      /* amount to b */
    SOLANA_BURN,      /* amount of a */
    SOLANA_SET_OWNER, /* token account a is key's from now on */
    SOLANA_FREEZE,
    SOLANA_THAW,
    SOLANA_WITHHELD, /* what was withheld of mint to b; nobody says how much */
    SOLANA_HIDE,     /* amount of a becomes confidential */
    SOLANA_SHOW,     /* amount is not confidential any more, in a */
    SOLANA_HIDDEN,   /* of what is confidential something of a to b; nobody sees how much */
};

struct solana_instruction {
    enum solana_op op;
    uint32_t outer, inner; /* from 1; inner 0: called from outside */
    uint32_t a, b;         /* accounts; SOLANA_NO_ACCOUNT */
    const uint8_t *mint, *key;
    uint64_t amount, fee;
    bool sent; /* by the system program's Transfer */
};

struct solana_token {            /* a token account's balance, before or after */
    const uint8_t *mint, *owner; /* mint NULL: it is none then; owner NULL: not told */
    uint64_t amount;
    bool withholds; /* of Token-2022 */
    uint8_t decimals;
    bool has_decimals;
};

struct solana_account {
    struct bytes text;  /* the address as it stands in the input */
    const uint8_t *key; /* 32 bytes */
    uint64_t before, after;
    struct solana_token token_before, token_after;
};

/* By a bridge's program: see bridges.h. Or a memo for a router, or of one: by its vault. */
struct solana_said {
    enum event_kind kind;            /* EVENT_BRIDGE_OUT, EVENT_BRIDGE_IN, EVENT_MEMO */
    const uint8_t *program, *holder; /* holder: who has what has left, or had what comes; NULL */
    struct bytes key;
    uint32_t outer, inner; /* the last instruction that ran before it was said, as above */
    uint32_t number;       /* as they were found */
};

struct solana_tx {
    uint8_t signature[SOLANA_SIGNATURE_BYTES];
    bool failed, inner_told; /* inner_told: the node recorded inner instructions */
    uint64_t fee;
    struct solana_account *accounts; /* [accounts_n]; the first pays the fee */
    size_t accounts_n;
    const struct solana_instruction *instructions; /* [instructions_n] as they ran; known ones */
    size_t instructions_n;
    const struct solana_said *said; /* [said_n] none of a transaction that failed */
    size_t said_n;
    const uint8_t *nonce; /* the first instruction advances this account: the transaction was signed
                             over a durable nonce, perhaps long before; NULL: it was not */
    /* of an answer to getTransaction */
    uint64_t slot, time, index;
    bool has_slot, has_time, has_index;
};

/* Scratch that is kept from transaction to transaction. */
struct solana_reader;
struct solana_reader *solana_reader_new(void); /* NULL: no memory */
struct solana_reader *solana_reader_free(struct solana_reader *r);
/* Another arena comes, or inputs read so far go. */
void solana_reader_start(struct solana_reader *r);

/* From now on each transaction but votes must be signed (block.h, solana_block_check). */
void solana_reader_check(struct solana_reader *r);

/* The next value of a walk, an object with "transaction" and "meta"; false: the walk is bad, its
 * err says why. What it returns lasts until the next call. */
bool solana_tx_read(struct solana_reader *r, struct json_walk *w, struct arena *a,
                    struct solana_tx *ret);

/* Room for what a transaction moves; kept, and cleared by whoever uses it. */
struct solana_moves {
    struct fact_transfer *at; /* [n] in the order of transfers.h */
    size_t n, size;
    struct balance_changes changes; /* scratch */
};

/* One more, zeroed; NULL: no memory. */
struct fact_transfer *solana_move_add(struct solana_moves *m);

/* Appended to moves: the fee, what instructions move (i), freezes and thaws, what was paired (b,
 * c). Keys and paths point into the arena or the transaction's keys. */
bool solana_moves(const struct solana_tx *tx, struct arena *a, struct solana_moves *to,
                  struct err *err) MUST_USE;

/* Programs and mints that are known here. */
enum solana_program {
    SOLANA_OTHER,
    SOLANA_SYSTEM,
    SOLANA_TOKEN,
    SOLANA_TOKEN_2022,
    SOLANA_STAKE,
    SOLANA_VOTE,
};
enum solana_program solana_program(const uint8_t key[SOLANA_KEY_BYTES]);
bool solana_is_native(const uint8_t mint[SOLANA_KEY_BYTES]); /* wrapped SOL */
bool solana_is_memo(const uint8_t program[SOLANA_KEY_BYTES]);

/* An instruction as the wire has it, or as a node has parsed it. */
struct solana_wire {
    enum solana_program program;
    struct bytes data;
    const uint32_t *accounts; /* [accounts_n]; SOLANA_NO_ACCOUNT: one that is not in the list */
    size_t accounts_n;
    uint8_t *room; /* for a key that is in data, as long as what is decoded; NULL: none can be */
};
struct solana_parsed {
    enum solana_program program;
    struct bytes type, authority_type;
    uint32_t account, source, destination; /* by whatever name they have */
    const uint8_t *mint, *owner, *new_authority;
    uint64_t amount, fee;
};
/* Several in one, of the token programs: *at and *account are 0 before the first of them. False:
 * there are no more, or it is none. */
bool solana_batch_next(const struct solana_wire *batch, size_t *at, size_t *account,
                       struct solana_wire *ret);
/* False: it moves nothing that is known. keys: of the account list. */
bool solana_decode(const struct solana_wire *w, const struct solana_account *accounts,
                   struct solana_instruction *ret);
bool solana_decode_parsed(const struct solana_parsed *p, struct solana_instruction *ret);

#endif
