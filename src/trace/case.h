/* Case files and stop files: what a person or another member says is to be followed, and where to
 * end.
 *
 * CASE.json: {"id","title","kind","chain",
 *     "origins":[{"output":"txid:vout"}|{"tx":"txid"}|{"address","from_height"}],
 *     "policy","limits":{"dust","hops_max","until"},
 *     "stops":[{"address","name","category"}],"sources":[...]};
 * docs/schemas/case.json. Stop file: CSV with the header address,name,category (RFC 4180 quoting).
 * Stops in canonical form, for their hash: rows sorted by address, each address,name,category in
 * RFC 4180 CSV with LF. Text that people will read (id, title, kind, names, categories, sources)
 * holds no control characters.
 *
 * Errors:    ERR_INPUT naming member or line; ERR_NOT_FOUND an origin that is not in the ledger.
 * Ownership: all in the arena.
 * Threads:   safe. */
#ifndef CORDON_TRACE_CASE_H
#define CORDON_TRACE_CASE_H

#include "trace/doc.h"

#define CASE_FILE_BYTES_MAX ((size_t)64 << 20)
#define CASE_ORIGINS_MAX ((size_t)1 << 20)
#define CASE_STOPS_MAX ((size_t)1 << 20)
#define CASE_SOURCES_MAX ((size_t)1 << 10)

enum origin_kind { ORIGIN_OUTPUT, ORIGIN_TX, ORIGIN_ADDRESS };

struct case_origin {
    enum origin_kind kind;
    struct hash32 txid;   /* order of the wire; ORIGIN_OUTPUT and ORIGIN_TX */
    uint32_t vout;        /* ORIGIN_OUTPUT */
    const char *address;  /* ORIGIN_ADDRESS */
    uint32_t from_height; /* ORIGIN_ADDRESS: 0 is always */
};

struct case_file {
    const char *id, *title, *kind, *chain; /* NULL where absent */
    const struct case_origin *origins;
    size_t origins_n;
    bool has_policy, has_dust, has_hops, has_until;
    enum trace_policy policy;
    uint64_t dust;
    uint32_t hops_max, until;
    const struct trace_stop *stops;
    size_t stops_n;
    const char *const *sources;
    size_t sources_n;
};

bool case_read(struct arena *a, struct bytes in, struct case_file *ret, struct err *err) MUST_USE;
bool stops_read(struct arena *a, struct bytes in, const char *source, const struct trace_stop **ret,
                size_t *ret_n, struct err *err) MUST_USE;
/* "TXID:VOUT", "TXID" or an address: what is typed instead of a case file. */
bool origin_from_text(struct arena *a, const char *s, struct case_origin *ret,
                      struct err *err) MUST_USE;

/* Origins -> output ids of this ledger, ascending, each once, within the snapshot coins. An address
 * stands for every output paid to it (or to the bare keys behind it) at or after from_height, later
 * than other origins too; blocks that prove no height count only where from_height is 0. */
bool origins_resolve(struct arena *a, const struct ledger *l, const struct coins *coins,
                     const struct case_origin *origins, size_t n, const uint64_t **ret,
                     size_t *ret_n, struct err *err) MUST_USE;

/* Stops ready to be asked by the engine: stop_of(ctx, output) gives the stop's place in stops,
 * which stays borrowed. A P2PKH address also stops outputs to its bare key. Addresses not in the
 * ledger count for the hash only; what is no address of the ledger's chain is ERR_INPUT. Of two
 * stops with one address the canonical order's first is named. */
struct stop_set;
bool stop_set_new(struct arena *a, const struct ledger *l, const struct trace_stop *stops, size_t n,
                  struct stop_set **ret, struct err *err) MUST_USE;
int32_t stop_set_of(void *set, uint64_t output);
/* SHA-256 of the canonical form; a row that is given twice counts once. */
bool stops_hash(struct arena *a, const struct trace_stop *stops, size_t n, struct hash32 *ret,
                struct err *err) MUST_USE;

#endif
