/* Case files and stop files: what a person or another member says is to be followed, and where to
 * end.
 *
 * CASE.json: {"id","title","kind","chain",
 *     "origins":[{"output":"txid:vout"}|{"tx":"txid"}|{"transfer":"HASH:v"}|
 *                {"address","from_height","from_time"}, each with "chain" and "asset" if need be],
 *     "policy","limits":{"dust","hops_max","until","until_time"},
 *     "stops":[{"address","name","category","chain"}],
 *     "conversions":[{"from","to","amount","source","note"}],
 *     "tokens":[{"address","symbol","source","chain"}],"look_alike":{"head","tail"},
 *     "trusts":[{"chain","contract","name","source"}],"sources":[...]};
 * docs/schemas/case.json. Stop file: CSV with the header address,name,category or
 * address,name,category,chain (RFC 4180 quoting). Stops in canonical form, for their hash: rows
 * sorted by address, each address,name,category (and chain, if it has one) in RFC 4180 CSV with LF.
 * Text that people will read (id, title, kind, names, categories, sources) holds no control
 * characters.
 *
 * A conversion is what an investigator says: value that came by "from" went on as "to". Both are
 * written as origins are, one or a list of them; to may also be {"beyond":ADDRESS}: what this
 * account spends above its recorded balance, which is how value shows whose arrival is in no data.
 *
 * Errors:    ERR_INPUT naming member or line; ERR_NOT_FOUND an origin that is not in the ledger.
 * Ownership: all in the arena.
 * Threads:   safe. */
#ifndef CORDON_TRACE_CASE_H
#define CORDON_TRACE_CASE_H

#include "base/u256.h"
#include "chain/transfers.h"
#include "trace/doc.h"

#define CASE_FILE_BYTES_MAX ((size_t)64 << 20)
#define CASE_ORIGINS_MAX ((size_t)1 << 20)
#define CASE_STOPS_MAX ((size_t)1 << 20)
#define CASE_SOURCES_MAX ((size_t)1 << 10)
#define CASE_CONVERSIONS_MAX ((size_t)1 << 16)
#define CASE_TOKENS_MAX ((size_t)1 << 20)
#define CASE_TRUSTS_MAX ((size_t)1 << 12)
#define CASE_TIME_MAX ((uint64_t)253402300799) /* the last second of 9999 */

enum origin_kind {
    ORIGIN_OUTPUT, /* of coins */
    ORIGIN_TX,
    ORIGIN_ADDRESS,
    ORIGIN_TRANSFER, /* of accounts */
    ORIGIN_BEYOND,   /* a conversion's to: what address spends above its recorded balance */
};

struct case_origin {
    enum origin_kind kind;
    const char *chain;    /* NULL: the case's */
    struct hash32 txid;   /* ORIGIN_OUTPUT, ORIGIN_TX, ORIGIN_TRANSFER: reversed from as written */
    uint32_t vout;        /* ORIGIN_OUTPUT */
    const char *transfer; /* ORIGIN_TRANSFER: what follows the hash: "v", "l3", "i0_1" */
    const char *address;  /* ORIGIN_ADDRESS, ORIGIN_BEYOND */
    uint32_t from_height; /* of an address: 0 is always */
    uint64_t from_time;   /* of an address: seconds since 1970; 0 is always */
    /* of accounts: the native coin's symbol, a token's address or a currency; NULL: any */
    const char *asset;
};

struct case_conversion {
    const struct case_origin *from, *to; /* [from_n], [to_n] */
    size_t from_n, to_n;
    bool has_amount;
    struct u256 amount;        /* at most so many units of what to is of, in ledger order */
    const char *source, *note; /* who says so; note may be NULL */
};

/* What a token calls itself (trace/token_list.h). */
struct trace_token {
    const char *address, *symbol, *source;
    const char *chain; /* NULL: any that has such addresses */
};

/* How many digits of an address are compared, from its start and from its end, to tell look-alikes
 * (trace/look_alikes.h). Both 0: the default. */
struct look_rule {
    unsigned head, tail;
};
#define LOOK_HEAD 3
#define LOOK_TAIL 4
#define LOOK_DIGITS_MIN 4 /* together: fewer are met by chance */
#define LOOK_DIGITS_MAX 16
/* "3,4"; ERR_USAGE */
bool look_rule_from_text(const char *s, struct look_rule *ret, struct err *err) MUST_USE;

/* A contract of a bridge or a router whose word is taken, since somebody says that it can be. */
struct case_trust {
    const char *chain, *contract, *name, *source;
};

struct case_file {
    const char *id, *title, *kind, *chain; /* NULL where absent */
    const struct case_origin *origins;
    size_t origins_n;
    bool has_policy, has_dust, has_hops, has_until, has_until_time;
    enum trace_policy policy;
    struct u256 dust;
    uint32_t hops_max, until;
    uint64_t until_time; /* seconds since 1970; not with until */
    const struct trace_stop *stops;
    size_t stops_n;
    const struct case_conversion *conversions;
    size_t conversions_n;
    const struct trace_token *tokens;
    size_t tokens_n;
    struct look_rule look;
    const struct case_trust *trusts;
    size_t trusts_n;
    const char *const *sources;
    size_t sources_n;
    size_t reached_max; /* not in the file: what is past it is cut, in each ledger; 0: no limit */
};

bool case_read(struct arena *a, struct bytes in, struct case_file *ret, struct err *err) MUST_USE;
bool stops_read(struct arena *a, struct bytes in, const char *source, const struct trace_stop **ret,
                size_t *ret_n, struct err *err) MUST_USE;
/* "TXID:VOUT", "HASH:v", "TXID" or an address, with its tag if need be: typed instead of a case. */
bool origin_from_text(struct arena *a, const char *s, struct case_origin *ret,
                      struct err *err) MUST_USE;
/* "ADDRESS" or "ADDRESS@HEIGHT": the account as a taker, from that height on. */
bool origin_from_account(struct arena *a, const char *s, struct case_origin *ret,
                         struct err *err) MUST_USE;

/* Origins -> output ids of this ledger, ascending, each once, within the snapshot coins. An address
 * stands for every output paid to it (or to the bare keys behind it) at or after from_height, later
 * than other origins too; blocks that prove no height count only where from_height is 0. */
bool origins_resolve(struct arena *a, const struct ledger *l, const struct coins *coins,
                     const struct case_origin *origins, size_t n, const uint64_t **ret,
                     size_t *ret_n, struct err *err) MUST_USE;

/* Stops ready to be asked by the engine: stop_of(ctx, output) gives the stop's place in stops,
 * which stays borrowed. A P2PKH address also stops outputs to its bare key. Addresses not in the
 * ledger and stops of another chain count for the hash only; what is no address of the ledger's
 * chain is ERR_INPUT. Of two stops with one address the canonical order's first is named. */
struct stop_set;
bool stop_set_new(struct arena *a, const struct ledger *l, const struct trace_stop *stops, size_t n,
                  struct stop_set **ret, struct err *err) MUST_USE;
int32_t stop_set_of(void *set, uint64_t output);
/* SHA-256 of the canonical form; a row that is given twice counts once. */
bool stops_hash(struct arena *a, const struct trace_stop *stops, size_t n, struct hash32 *ret,
                struct err *err) MUST_USE;

#endif
