/* What a chain of accounts writes in a way of its own: how an account is shown and read, how a
 * transaction is named, and which files its reader knows. A dialect is defined beside its reader
 * (evm/dialect.c, ...) and named in rows of chain.c; nobody else asks which chain it is. What a
 * node is asked for is the like, in serve/rpc_source_parts.h.
 *
 * Threads:   the tables are constant; their functions are safe. */
#ifndef CORDON_CHAIN_DIALECT_H
#define CORDON_CHAIN_DIALECT_H

#include "chain/account_name.h"
#include "chain/block_proof.h"
#include "chain/pending.h"
#include "chain/transfer_source.h"

/* How people name a transaction. */
enum dialect_tx {
    TX_IS_HEX,       /* its hash, in hex */
    TX_IS_HEX_0X,    /* with 0x before it */
    TX_IS_SIGNATURE, /* EVENT_NAME, in base 58, which cannot be told from the hash */
};

#define DIALECT_KEY_MAX 512

/* Files that begin in a way by which they are known. */
struct dialect_form {
    const char *name; /* "answers": one form is one name; NULL ends a list of forms */
    bool (*is)(struct bytes beginning); /* unpacked */
    bool (*open)(const char *const *paths, size_t paths_n, const struct chain *chain,
                 struct transfer_source *ret, struct err *err);
};

struct dialect {
    size_t address_min, address_max; /* bytes of an account's key; others are assets, entries */
    bool one_case;      /* upper and lower case are one address: screening keeps the lower */
    size_t prefix;      /* characters that all addresses begin with: they make none alike */
    enum dialect_tx tx; /* names of transactions */
    /* False: a key of no length that this chain has. */
    bool (*write)(struct bytes key, char ret[ACCOUNT_NAME_MAX]);
    bool (*read)(const char *text, uint8_t ret[ACCOUNT_KEY_MAX], size_t *ret_n, struct err *err);
    /* A part of an account, which stands for a customer of whoever has it: the account's key,
     * inside of that one, and the part's number. False: it is none. NULL: accounts have none. */
    bool (*part)(struct bytes key, struct bytes *ret_whole, uint32_t *ret_number);
    /* Does this key stand for all confidential balances of a token, which come and go in sight, and
     * of which nobody sees whose they are? NULL: there are none. */
    bool (*hides)(struct bytes key);
    /* In a list of transfers: is this an asset's address, and not a symbol? NULL: lists are not
     * read. */
    bool (*names_asset)(const char *text);
    /* Internal transfers and what bridges say are numbered together, as they come, behind the
     * notes: what no event's log is, is a transfer's. */
    bool counts_moves;
    /* What programs here say for the key of a bridge that the other side says, where that is
     * another text: its length; 0: it is the same. NULL: it always is. */
    size_t (*key_here)(struct bytes key, char ret[DIALECT_KEY_MAX]);
    const struct dialect_form *forms; /* files, in the order in which they are looked for */
    const char *forms_text;           /* "answers of TronGrid, " for who has none of them */
    /* Instead of forms: it tells all its files apart by itself. */
    bool (*open)(const char *const *paths, size_t paths_n, const char *map,
                 const struct chain *chain, struct transfer_source *ret, struct err *err);
    pending_read_fn *pending; /* NULL: what is in no block yet is not read */
    /* NULL: nothing is proven from its blocks. */
    const struct block_proofs *proofs;
    /* NULL: nothing shows who signed. */
    const struct tx_signatures *signatures;
};

extern const struct dialect dialect_bank, dialect_evm, dialect_solana, dialect_tron, dialect_xrpl;

#endif
