/* Confluence: places where value of two or more cases meets, ranked, with the way that each came.
 *
 * Rules: docs/taint.md, "Where cases meet". A place is
 *   account      of a ledger of accounts, that transfers of two cases came to
 *   address      of a ledger of coins, that outputs of two cases were paid to (P2PK and P2PKH of
 *                one key are one); an output that has no address is a place of its own
 *   transaction  of a ledger of coins that spends outputs of two cases, and no one output of all
 *                the cases that are in it: there they were put together
 * What is burned came to nobody, and has no place.
 *
 * Rank: by number of cases; then by the meeting amount, in the asset that most of the cases have
 * there (ties: the lower asset id, the native coin being the lowest): the least that any of those
 * cases brought of it. Amounts of different assets are not compared: the largest of each asset come
 * first, then the second of each, and so on. Then by ledger, asset, kind, and number in the ledger.
 *
 * Held: what of it still lies there. Tainted by any case: under fifo and lifo the union of the
 * units, if all cases there have one policy and were asked as of one block, else min(value, sum).
 * Cases share that in proportion, by largest remainder, ties to the lower case id, then to the
 * lower number.
 *
 * Units:     base units; sums of hostile tokens stay at 2^256 - 1.
 * Ownership: in the arena; the documents are borrowed.
 * Errors:    ERR_NOMEM, ERR_LIMIT (the arena's, or 2^32 steps); ERR_CORRUPT.
 * Order:     places by rank, their cases in the order of the documents, amounts by asset, a way
 *            in the order in which it was gone.
 * Cost:      grows with the traces as sorting does, not with the ledgers.
 * Threads:   safe. */
#ifndef CORDON_TRACE_CONFLUENCE_H
#define CORDON_TRACE_CONFLUENCE_H

#include "trace/ledgers_run.h"

#define CONFLUENCE_SCHEMA "cordon.confluence/1"
#define CONFLUENCE_PATH_MAX 64     /* the last so many steps of a way */
#define CONFLUENCE_PLACES_MAX 1000 /* are told, the first by rank; all are counted */

enum confluence_kind {
    CONFLUENCE_ACCOUNT,
    CONFLUENCE_ADDRESS,
    CONFLUENCE_OUTPUT,
    CONFLUENCE_TRANSACTION,
};
const char *confluence_kind_name(enum confluence_kind kind); /* "account", ... */

struct confluence_amount { /* of a case, and of an asset: an account, or 0 over coins */
    uint64_t asset;
    struct u256 taint; /* all that came */
    struct u256 held;  /* of it, still there */
    struct u256 share; /* of what any case has there */
};

struct confluence_asset { /* of all cases */
    uint64_t asset;
    struct u256 meeting; /* 0: one case alone has it there */
    struct u256 held;    /* tainted by any */
};

struct confluence_step {
    uint32_t ledger;
    uint64_t id; /* a transfer, or an output */
};

struct confluence_case {
    size_t doc;                              /* which document */
    const struct confluence_amount *amounts; /* [amounts_n] */
    size_t amounts_n;
    const struct confluence_step *path; /* [path_n] to the first that came */
    size_t path_n;
    uint32_t hop;    /* the least of what came */
    bool path_whole; /* from an origin on */
};

struct confluence {
    size_t ledger;
    enum confluence_kind kind;
    uint64_t id;                         /* an account, an output there, or a transaction */
    const struct confluence_case *cases; /* [cases_n] */
    size_t cases_n;
    const struct confluence_asset *assets; /* [assets_n] */
    size_t assets_n;
};

struct confluences {
    const struct confluence *places; /* [places_n] */
    size_t places_n, all_n;          /* all_n: those that are not told, too */
};

/* docs: of one set of ledgers. For "held" of fifo and lifo the traces were asked for units. */
bool confluence_find(struct arena *a, const struct ledgers_doc *docs, size_t n,
                     struct confluences *ret, struct err *err) MUST_USE;
/* docs/schemas/confluence.json */
void confluence_write_json(struct text *to, const struct ledgers_doc *docs,
                           const struct confluences *c);
void confluence_write_text(struct text *to, const struct ledgers_doc *docs,
                           const struct confluences *c);

#endif
