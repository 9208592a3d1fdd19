/* A wallet as it goes from one party to another: an address, what somebody says of it, and under
 * which marking. The three formats that carry it are written and read here and in the files beside:
 *
 *     STIX 2.1     a bundle: a cryptocurrency-wallet, an indicator with a pattern, markings
 *     MISP         an event with a coin-address object a wallet, and tags
 *     CSV          a table that a spreadsheet opens
 *
 * What is written follows from the wallets and the sheet alone: ids are UUIDs of version 5 over
 * what they name, days are those of what is said, and no clock is asked. What is said anew in other
 * words, or under another marking, has another id, for a copy of an id and a day must never say two
 * things (STIX 2.1, section 3.6.2).
 *
 * Order:     wallets_sort: by key, then by what is said; what is the same twice is there once.
 * Ownership: borrowed.
 * Threads:   safe.
 * Sources:   docs/indicators.md says which field becomes what. */
#ifndef CORDON_INTEL_WALLET_H
#define CORDON_INTEL_WALLET_H

#include "base/text.h"
#include "base/uuid.h"
#include "chain/address_key.h"
#include "entity/tag.h"
#include "mark/mark.h"

#define WALLET_NO_DAY TAG_NO_DAY
#define WALLETS_MAX ((size_t)1 << 24)

struct wallet {
    const char *key; /* canonical text (address_key.h) */
    enum address_space space;
    const char *network; /* chain or ticker as its source has it, or "" */
    const char *label;
    const char *source;      /* who says so: a URL, a pack, an entry of a list */
    const char *source_name; /* of the pack or list that it came by */
    const char *external_id; /* of a list's entry, else "" */
    enum tag_category category, abuse;
    enum tag_confidence confidence;
    uint64_t day;    /* seconds since 1970; WALLET_NO_DAY */
    const char *use; /* its own permitted use, beside the sheet's; "" */
};

void wallets_sort(struct arena *a, struct wallet *w, size_t *n, bool *ret_ok);

/* What holds for all that is written at once. */
struct wallet_sheet {
    const char *producer; /* who says all this */
    struct mark mark;     /* of everything; never TLP_NONE */
    const char *draft;    /* STIX: what a marking of everything says beside it; NULL: nothing */
};

bool wallets_stix(struct text *to, struct arena *a, const struct wallet_sheet *sheet,
                  const struct wallet *w, size_t n, struct err *err) MUST_USE;
bool wallets_misp(struct text *to, struct arena *a, const struct wallet_sheet *sheet,
                  const struct wallet *w, size_t n, struct err *err) MUST_USE;
bool wallets_csv(struct text *to, struct arena *a, const struct wallet_sheet *sheet,
                 const struct wallet *w, size_t n, struct err *err) MUST_USE;

/* What the writers share. */

#define WALLET_TIME_MAX 32

/* The chain: as its source named it, if that is a chain, else the space's name. The asset: the
 * ticker that its source gives, else "". */
const char *wallet_chain(const struct wallet *w);
const char *wallet_asset(const struct wallet *w);
/* The chain's CAIP-2 name, where it is known which chain is meant; else as wallet_chain: an EVM key
 * is its owner's on every such chain. */
const char *wallet_caip2(const struct wallet *w, char ret[ADDRESS_CAIP2_MAX]);
/* "2024-03-28T00:00:00.000Z"; without a day, the first one of 1970 */
const char *wallet_time(uint64_t day, char ret[WALLET_TIME_MAX]);
/* "exchange", "exchange|theft", "" */
void wallet_words(const struct wallet *w, struct text *to);
/* Of the space in which ids of this program are, over a kind and the texts given. */
struct uuid wallet_uuid(const char *kind, const char *const *texts, size_t n);
/* Is it of the kind that a defender looks for: accused, or of a mixer? */
bool wallet_is_bad(const struct wallet *w);
/* Of what it says: two that differ in any of it have two ids. */
struct uuid wallet_id(const char *kind, const struct wallet_sheet *sheet, const struct wallet *w,
                      const char *use);

/* Each permitted use of the wallets, joined with the sheet's. */
#define WALLET_USES_MAX 4096
struct wallet_uses {
    const char **own, **both; /* [n] */
    size_t n;
};
bool wallet_uses_make(struct arena *a, const struct wallet_sheet *sheet, const struct wallet *w,
                      size_t n, struct wallet_uses *ret, struct err *err) MUST_USE;
size_t wallet_use_of(const struct wallet_uses *u, const struct wallet *w); /* its number */

#endif
