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
 * Units:     amounts are whole base units (satoshis, wei) as decimal strings in JSON, with
 *            "decimals" beside them; heights and counts are whole numbers; times are seconds since
 *            1970, UTC. Strings are UTF-8, end with NUL, and are not NULL unless that is said.
 * Shapes:    answers are JSON by the schema that each function names, in docs/schemas; installed
 *            in PREFIX/share/cordon/schemas.
 * Ownership: an answer is the caller's, who ends it with cordon_free; what is passed in is
 *            borrowed for the call alone. Options begin as zeros ({0}): later versions add members.
 * Errors:    a function that fails returns the class of the failure, fills error, and leaves its
 *            results alone. error may be NULL. Besides what each names: CORDON_SYSTEM where there
 *            is no memory or the disk fails, CORDON_INPUT where the ledger's own files are damaged.
 * Order:     nothing is printed, and no clock or random source is read: the same ledger and the
 *            same question give the same bytes.
 * Threads:   every function may be called by any thread, a ledger may be asked by many at once, and
 *            is closed when none asks. A ledger is a snapshot: what is ingested later shows when it
 *            is opened again. */
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
    char text[512]; /* one line for a person, lower case, ends with NUL */
};

/* The version of the library that is running, e.g. "0.1.0", by semver. It is never freed. */
CORDON_API const char *cordon_version(void);

/* ---- ledgers ---- */

struct cordon_ingest_options {
    uint64_t memory;        /* bytes that it may take; 0: 1 GiB */
    unsigned threads;       /* 0: one a processor */
    int check_full;         /* not 0: witnesses are checked, too (BIP 141) */
    const char *map;        /* columns of a list or a bank's table (docs/accounts.md); NULL: none */
    int (*stop)(void *ctx); /* NULL, or asked now and then, by the thread that called: not 0 ends
                               it early, and what is committed stays */
    void *ctx;
};

struct cordon_ingested { /* numbers of blocks */
    uint64_t added;      /* new */
    uint64_t undone;     /* of the ledger, for a better branch */
    uint64_t known;      /* there already */
    uint64_t stale;      /* of branches with less work */
    int stopped;         /* by stop: there was more to read */
};

/* Reads blocks into the ledger of a chain ("bitcoin", "bitcoin:regtest", ...) in the folder dir,
 * which is made if it is not there. Paths are blocks folders of Bitcoin Core, block files, or "-"
 * (the standard input); of a chain with accounts ("ethereum", "tron", "bank:NAME") tables, blocks,
 * answers, lists, messages (docs/accounts.md, docs/banks.md). It can be called again with more: it
 * goes on where it was. options and ret may be NULL.
 * CORDON_USAGE: an unknown chain or map. CORDON_INPUT: damaged blocks, or of another chain; those
 * before them are kept. CORDON_LIMIT: more than memory lets in. CORDON_SYSTEM: another process or
 * thread is writing this ledger. */
CORDON_API enum cordon_result cordon_ingest(const char *chain, const char *const *paths,
                                            size_t paths_n, const char *dir,
                                            const struct cordon_ingest_options *options,
                                            struct cordon_ingested *ret,
                                            struct cordon_error *error);

struct cordon_ledger;

/* Opens a ledger to be read; *ret is ended by cordon_ledger_close. CORDON_INPUT: there is none in
 * dir, or of another format ("ingest anew"). */
CORDON_API enum cordon_result cordon_ledger_open(const char *dir, struct cordon_ledger **ret,
                                                 struct cordon_error *error);
CORDON_API void cordon_ledger_close(struct cordon_ledger *ledger); /* NULL is fine */
/* The chain's name, e.g. "bitcoin"; borrowed until the ledger is closed. */
CORDON_API const char *cordon_ledger_chain(const struct cordon_ledger *ledger);

/* ---- look-ups ---- */

/* What the ledger holds and how far it reaches: info.json; of accounts info-accounts.json. */
CORDON_API enum cordon_result cordon_info(const struct cordon_ledger *ledger, char **ret,
                                          struct cordon_error *error);
/* A block by its height or hash: block.json, block-accounts.json. CORDON_USAGE: it is neither;
 * CORDON_INPUT: it is not in the ledger. */
CORDON_API enum cordon_result cordon_block(const struct cordon_ledger *ledger,
                                           const char *height_or_hash, char **ret,
                                           struct cordon_error *error);
/* A transaction by its id, as the chain writes it: tx.json, tx-accounts.json. Fails as
 * cordon_block does. */
CORDON_API enum cordon_result cordon_tx(const struct cordon_ledger *ledger, const char *txid,
                                        char **ret, struct cordon_error *error);
/* What an address received, spent and has, as the chain writes it: address.json,
 * address-accounts.json. One that was never paid is no error. CORDON_INPUT: it is no address of
 * the chain. */
CORDON_API enum cordon_result cordon_address(const struct cordon_ledger *ledger,
                                             const char *address, char **ret,
                                             struct cordon_error *error);

/* ---- who is who: docs/entities.md ---- */

/* Brings the clusters of a ledger of coins up to date, or makes them, in its folder; cordon_entity
 * sees them from then on, of ledgers opened before, too. CORDON_USAGE: a ledger of accounts, or
 * clusters made by other rules. CORDON_SYSTEM: another writer is at it. */
CORDON_API enum cordon_result cordon_entities_update(const struct cordon_ledger *ledger,
                                                     struct cordon_error *error);
/* Which addresses belong with one; why: NULL, or the address of which the chain of reasons is
 * asked. At most members_max of them are listed. Without clusters each address stands alone, and
 * the answer says that clustering is off. entity.json. CORDON_USAGE: a ledger of accounts;
 * CORDON_INPUT: no address of the chain. */
CORDON_API enum cordon_result cordon_entity(const struct cordon_ledger *ledger, const char *address,
                                            const char *why, uint64_t members_max, char **ret,
                                            struct cordon_error *error);

/* Of chains with accounts: whether an address is a deposit address of an exchange, and whom it
 * pays. wallets: the exchanges' known wallets, as the text of a stop file (see stops below).
 * deposit.json. CORDON_USAGE: a ledger of coins; CORDON_INPUT: no address, no such text. */
CORDON_API enum cordon_result cordon_deposit(const struct cordon_ledger *ledger,
                                             const char *address, const char *wallets, char **ret,
                                             struct cordon_error *error);

/* ---- traces ---- */

/* Members that are 0 or NULL leave it to the case file, and without one to: fifo, no dust, no limit
 * of hops, the ledger's end, no stops, JSON. The rules of each policy: docs/taint.md. */
struct cordon_trace_options {
    const char *case_json; /* the text of a case file (docs/schemas/case.json), or NULL and ... */
    const char *const *origins; /* ... "TXID:VOUT", "HASH:v", "TXID" or addresses */
    size_t origins_n;
    const char *policy; /* "fifo", "lifo", "haircut", "tiho", "poison"; of accounts "libr" */
    const char *stops;  /* the text of a stop file: CSV (RFC 4180) with the header
                           address,name,category; stops of the case file count, too */
    uint64_t dust;      /* taint below so many base units is not followed */
    const uint32_t *hops_max, *until; /* how many transactions; up to which height */
    const char *format;               /* "json", "text", "csv", "graphml", "html" */
};

/* Follows taint forward: trace.json; of a ledger of accounts trace-accounts.json. In another format
 * the answer is that text. CORDON_USAGE: neither a case nor origins, or both; an unknown policy or
 * format. CORDON_INPUT: a case or stop file that is none, an origin that is not in the ledger.
 * CORDON_LIMIT: a stated limit, which the text names. */
CORDON_API enum cordon_result cordon_trace(const struct cordon_ledger *ledger,
                                           const struct cordon_trace_options *options, char **ret,
                                           struct cordon_error *error);

/* The same through ledgers_n ledgers (at most 32) of coins and accounts, with what goes on from one
 * to another (docs/routes.md): trace-ledgers.json; of one ledger as of cordon_trace. With several a
 * case is wanted, whose origins name their chains. */
CORDON_API enum cordon_result cordon_trace_ledgers(const struct cordon_ledger *const *ledgers,
                                                   size_t ledgers_n,
                                                   const struct cordon_trace_options *options,
                                                   char **ret, struct cordon_error *error);

/* Computes a JSON trace anew from what it says it was computed from. CORDON_OK: the same;
 * CORDON_DIFFERS: the error's text says what differs. CORDON_INPUT: it is no such document. */
CORDON_API enum cordon_result cordon_verify(const struct cordon_ledger *ledger,
                                            const char *trace_json, struct cordon_error *error);

/* The same of a trace through several ledgers, in any order. */
CORDON_API enum cordon_result cordon_verify_ledgers(const struct cordon_ledger *const *ledgers,
                                                    size_t ledgers_n, const char *trace_json,
                                                    struct cordon_error *error);

/* Ends an answer. NULL is fine. */
CORDON_API void cordon_free(char *answer);

#ifdef __cplusplus
}
#endif

#endif
