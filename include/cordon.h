/* libcordon: ledgers of coins and of accounts, and where stolen value went.
 *
 *     struct cordon_trace_options options = {.origins = origins, .origins_n = 1};
 *
 *     if (cordon_ingest("bitcoin", paths, paths_n, "my-ledger", NULL, NULL, &error) ||
 *         cordon_ledger_open("my-ledger", &ledger, &error) ||
 *         cordon_trace(ledger, &options, &trace, &error))
 *         errx(1, "%s", error.text);
 *     puts(trace);
 *     cordon_free(trace);
 *     cordon_ledger_close(ledger);
 *
 * Strings are UTF-8 and end with NUL. Answers are JSON by the schemas in docs/schemas, and belong
 * to the caller: end them with cordon_free. A function that fails returns what class of failure it
 * was, fills the error, and leaves its results alone. Nothing is printed, and no clock or random
 * source is read: the same ledger and the same question give the same bytes.
 *
 * Threads:   a ledger may be asked by many threads at once. A ledger is a snapshot: what is
 *            ingested later shows when it is opened again. */
#ifndef CORDON_H
#define CORDON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CORDON_API __attribute__((visibility("default")))

/* The classes are the exit codes of the program. */
enum cordon_result {
    CORDON_OK = 0,
    CORDON_DIFFERS = 1, /* cordon_verify: it was computed anew, and is not the same */
    CORDON_USAGE = 2,   /* an unknown chain, policy or format, a malformed id */
    CORDON_INPUT = 3,   /* damaged blocks or files; what was asked for is not there */
    CORDON_SYSTEM = 4,  /* disk, memory, permission */
    CORDON_LIMIT = 5,   /* a stated limit was reached */
};

struct cordon_error {
    char text[512]; /* one line for a person, lower case */
};

/* The version of the library that is running, e.g. "0.1.0". */
CORDON_API const char *cordon_version(void);

/* ---- ledgers ---- */

struct cordon_ingest_options {
    uint64_t memory;        /* bytes that it may take; 0: 1 GiB */
    unsigned threads;       /* 0: one a processor */
    int check_full;         /* witnesses, too */
    const char *map;        /* columns of a list or a bank's table (docs/accounts.md); NULL: none */
    int (*stop)(void *ctx); /* NULL, or asked now and then: not 0 ends it early, and what is
                               committed stays */
    void *ctx;
};

struct cordon_ingested {
    uint64_t added, undone, known,
        stale; /* blocks: new; undone for a better branch; there already; of worse branches */
    int stopped;
};

/* Reads blocks into the ledger of a chain ("bitcoin", "bitcoin:regtest", ...) in the folder dir,
 * which is made if it is not there. Paths are blocks folders of Bitcoin Core, block files, or "-";
 * of a chain with accounts ("ethereum", "tron", "bank:NAME") tables, blocks, answers, lists,
 * messages. One writer a ledger at a time. options and ret may be NULL. */
CORDON_API enum cordon_result cordon_ingest(const char *chain, const char *const *paths,
                                            size_t paths_n, const char *dir,
                                            const struct cordon_ingest_options *options,
                                            struct cordon_ingested *ret,
                                            struct cordon_error *error);

struct cordon_ledger;

CORDON_API enum cordon_result cordon_ledger_open(const char *dir, struct cordon_ledger **ret,
                                                 struct cordon_error *error);
CORDON_API void cordon_ledger_close(struct cordon_ledger *ledger); /* NULL is fine */
CORDON_API const char *cordon_ledger_chain(const struct cordon_ledger *ledger);

/* ---- look-ups: docs/schemas/info.json, block.json, tx.json, address.json; of accounts
 * info-accounts.json and so on ---- */

CORDON_API enum cordon_result cordon_info(const struct cordon_ledger *ledger, char **ret,
                                          struct cordon_error *error);
CORDON_API enum cordon_result cordon_block(const struct cordon_ledger *ledger,
                                           const char *height_or_hash, char **ret,
                                           struct cordon_error *error);
CORDON_API enum cordon_result cordon_tx(const struct cordon_ledger *ledger, const char *txid,
                                        char **ret, struct cordon_error *error);
CORDON_API enum cordon_result cordon_address(const struct cordon_ledger *ledger,
                                             const char *address, char **ret,
                                             struct cordon_error *error);

/* ---- who is who: docs/entities.md ---- */

/* Brings the clusters of a ledger of coins up to date, or makes them, beside it: for ledgers opened
 * after as for those that are open. */
CORDON_API enum cordon_result cordon_entities_update(const struct cordon_ledger *ledger,
                                                     struct cordon_error *error);
/* Which addresses belong with one; why: NULL, or the address of which the chain of reasons is
 * asked. At most members_max of them are listed. Without clusters each address stands alone, and
 * the answer says that clustering is off. docs/schemas/entity.json. */
CORDON_API enum cordon_result cordon_entity(const struct cordon_ledger *ledger, const char *address,
                                            const char *why, uint64_t members_max, char **ret,
                                            struct cordon_error *error);

/* Of chains with accounts: whether an address is a deposit address of an exchange, and which it
 * pays to. wallets: the exchanges' known wallets, as the text of a stop file.
 * docs/schemas/deposit.json. */
CORDON_API enum cordon_result cordon_deposit(const struct cordon_ledger *ledger,
                                             const char *address, const char *wallets, char **ret,
                                             struct cordon_error *error);

/* ---- traces ---- */

/* Members that are 0 or NULL leave it to the case file, and without one to: fifo, no dust, no limit
 * of hops, the ledger's end, no stops, JSON. */
struct cordon_trace_options {
    const char *case_json; /* the text of a case file (docs/schemas/case.json), or NULL and ... */
    const char *const *origins; /* ... "TXID:VOUT", "HASH:v", "TXID" or addresses */
    size_t origins_n;
    const char *policy; /* "fifo", "lifo", "haircut", "tiho", "poison"; of accounts "libr" */
    const char *stops;  /* the text of a stop file: CSV with the header address,name,category */
    uint64_t dust;      /* taint below so many base units is not followed */
    const uint32_t *hops_max, *until; /* how many transactions; up to which height */
    const char *format;               /* "json", "text", "csv", "graphml", "html" */
};

/* Follows taint forward: docs/taint.md, docs/schemas/trace.json. */
CORDON_API enum cordon_result cordon_trace(const struct cordon_ledger *ledger,
                                           const struct cordon_trace_options *options, char **ret,
                                           struct cordon_error *error);

/* The same through several ledgers, coins and accounts, with what goes on from one to another:
 * docs/schemas/trace-ledgers.json. Of one ledger of accounts: trace-accounts.json. */
CORDON_API enum cordon_result cordon_trace_ledgers(const struct cordon_ledger *const *ledgers,
                                                   size_t ledgers_n,
                                                   const struct cordon_trace_options *options,
                                                   char **ret, struct cordon_error *error);

/* Computes a JSON trace anew. CORDON_OK: the same; CORDON_DIFFERS: the error's text says what
 * differs. */
CORDON_API enum cordon_result cordon_verify(const struct cordon_ledger *ledger,
                                            const char *trace_json, struct cordon_error *error);

CORDON_API enum cordon_result cordon_verify_ledgers(const struct cordon_ledger *const *ledgers,
                                                    size_t ledgers_n, const char *trace_json,
                                                    struct cordon_error *error);

CORDON_API void cordon_free(char *answer); /* NULL is fine */

#ifdef __cplusplus
}
#endif

#endif
