/* Wallet indicators from others -> a pack of tags: a STIX 2.1 bundle, an event of MISP, or a table.
 *
 * What names a wallet is taken, whoever wrote it: cryptocurrency-wallet objects (also in the older
 * form with "address", and as OpenCTI had them), indicators whose pattern is about nothing else,
 * attributes of type btc, xmr and dash, coin-address objects, rows. The rest is counted. A pack has
 * one marking: the narrowest of all that its wallets came under (mark/mark.h), and the permitted
 * uses of all of them; it is private unless that marking is TLP:CLEAR.
 *
 * Ownership: all in the arena.
 * Errors:    ERR_INPUT with the place, for what is none of the three; ERR_LIMIT, ERR_NOMEM. Where
 *            an address cannot be read, it is left out and counted, as in any pack.
 * Order:     the pack's is that of entity/tag_read.h: the same bytes, the same pack.
 * Threads:   safe. */
#ifndef CORDON_INTEL_INDICATORS_H
#define CORDON_INTEL_INDICATORS_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/json_walk.h"
#include "entity/tag_build.h"
#include "mark/mark.h"

#define INDICATORS_BYTES_MAX ((size_t)1 << 30)
#define INDICATORS_OBJECT_MAX ((size_t)1 << 20) /* a larger object is counted, and not read */
#define INDICATORS_CSV_HEADER                                                                      \
    "chain,address,asset,category,label,source,first_seen,confidence,tlp,permitted_use"

struct indicators_told {
    size_t wallets;       /* that something was said of */
    size_t others;        /* objects, attributes: no wallet */
    size_t revoked;       /* withdrawn by who made them */
    size_t patterns;      /* about wallets, in ways that are not read */
    size_t marks_unknown; /* taken as TLP:RED */
};

bool indicators_read(struct arena *a, struct bytes in, const char *name, struct tag_pack *ret,
                     struct indicators_told *ret_told, struct err *err) MUST_USE;

/* What the readers share: what is said of one wallet, as it was written. */

struct said { /* NULL or "": not told */
    const char *address, *chain, *asset, *words, *label, *source, *day, *confidence, *use;
    enum tlp tlp;
};

struct said_all {
    struct arena *a;
    struct tag_build *b;
    struct mark mark;
    struct indicators_told told;
};

bool said_no_memory(struct arena *a, struct err *err);
enum tlp said_unknown_mark(struct said_all *all); /* TLP_RED, counted */
bool said_add(struct said_all *all, const struct said *s, size_t line, struct err *err) MUST_USE;

bool indicators_read_csv(struct said_all *all, struct bytes in, struct err *err) MUST_USE;
/* w: at the start of the document. */
bool indicators_read_stix(struct said_all *all, struct json_walk *w, struct err *err) MUST_USE;
bool indicators_read_misp(struct said_all *all, struct json_walk *w, struct err *err) MUST_USE;
/* The next value as a tree in a. *ret NULL: larger than INDICATORS_OBJECT_MAX. */
bool said_object(struct arena *a, struct json_walk *w, const struct json **ret,
                 struct err *err) MUST_USE;
/* A member that is a text without a NUL, else NULL. */
const char *said_text(const struct json *object, const char *name);
/* A copy in the arena. */
bool said_keep(struct said_all *all, const char **s, struct err *err) MUST_USE;

/* Strings that a pattern says a wallet's value may be, decoded: into ret[max], *ret_n of them.
 * PATTERN_OTHER: it is not about wallets. PATTERN_NOMEM: there was no memory to say. */
enum pattern_reading { PATTERN_WALLETS, PATTERN_OTHER, PATTERN_UNREAD, PATTERN_NOMEM };
#define PATTERN_VALUES_MAX 256
enum pattern_reading stix_pattern_wallets(struct arena *a, const char *pattern,
                                          const char *ret[PATTERN_VALUES_MAX], size_t *ret_n);

#endif
