/* Everything that a decision stands on, as of one moment: lists with their names and addresses,
 * tags, rules, false positives. And the question itself.
 *
 * A screener is opened from the records of a home and never changes: whoever imports a list opens
 * another one beside it, and swaps. What it stands on has one hash, which every answer names, so
 * that an answer can be asked for again as it was.
 *
 * A question is about an address, about a name with what else is known of its owner, or about a
 * transfer: an output of a chain of coins, a transfer of a chain of accounts, or a transaction and
 * what it moved. Of a transfer the payers and payees are looked up as addresses are, and exposure
 * is what that transfer itself brought; where no ledger has it, the address that is named with it
 * is asked about.
 *
 * The reasons come in this order: what is listed (exact ones first, then by likeness), tags,
 * entities, exposure (ledger by ledger; received, then sent; largest first).
 *
 * Units:     as screen/reason.h; thresholds in per mille.
 * Ownership: the screener owns all that answers point to, but for the arena's: an answer lives as
 *            long as both.
 * Errors:    ERR_INPUT an address that is none, a name without a letter; ERR_LIMIT of
 *            the arena, too long a name; those of the store. No more than SCREEN_REASONS_MAX
 *            reasons are told.
 * Threads:   a screener is constant once open: any number of threads may ask.
 * Sources:   docs/screening.md. */
#ifndef CORDON_SCREEN_SCREENER_H
#define CORDON_SCREEN_SCREENER_H

#include "chain/address_key.h"
#include "entity/list_store.h"
#include "entity/name_index.h"
#include "entity/tag_set.h"
#include "screen/clocks.h"
#include "screen/match_store.h"
#include "screen/rules.h"

#define SCREEN_REASONS_MAX 512
#define SCREEN_TEXT_MAX 1024
#define SCREEN_HITS_MAX 50              /* potential matches of a name */
#define SCREEN_THRESHOLD NAME_THRESHOLD /* of names: docs/names.md */

#define RECORDS_FILE "records.sqlite" /* files of a home: lists, tags and matches */
#define TAG_SET_FILE "tags.set"
#define RULES_FILE "rules.yaml" /* need not be there */
#define RULES_BYTES_MAX ((size_t)1 << 20)
#define CLOCKS_FILE "clocks.yaml" /* need not be there */

struct screener;
struct screen_ledgers; /* screen_ledger.h */
struct screen_as_of;

struct screener_options {
    struct store *store; /* NULL: no records at all */
    const char *tag_set; /* where the compiled tags rest (entity/tag_set.h) */
    const char *rules;   /* the text of a rule file; NULL: those that ship */
    size_t rules_n;
    const char *clocks; /* of a file of report clocks; NULL: those that ship */
    size_t clocks_n;
    struct list_day as_of; /* year 0: the newest of each list */
    bool names;            /* index the names, too: without it only addresses can be asked */
};

bool screener_open(const struct screener_options *options, struct screener **ret,
                   struct err *err) MUST_USE;
struct screener *screener_close(struct screener *s); /* takes NULL, returns NULL */

struct screener_stands {       /* what it stands on */
    struct hash32 hash;        /* of all that follows, and of false positives */
    struct hash32 but_matches; /* the same without the false positives */
    const struct list_version *lists;
    size_t lists_n;
    struct hash32 tags, rules;
    size_t packs_n, tags_n, addresses_n, names_n;
    size_t names_left_out; /* of lists: too long, or without a letter */
};
struct screener_stands screener_stands(const struct screener *s);
const struct clocks *screener_clocks(const struct screener *s);
const struct tag_set *screener_tags(const struct screener *s); /* NULL: opened without */

struct screen_question {
    enum screen_direction direction;
    enum screen_subject subject;
    const char *address, *chain;    /* chain: name, CAIP-2 or ticker; NULL: the address decides */
    const struct address_key *read; /* what address says (screen_ahead); NULL: it is still text */
    const char *tx;   /* of a transfer: TXID:VOUT, HASH:l3, or a transaction, which address, if it
                       is not "", narrows to what it pays or is paid */
    const char *name; /* "": only the documents of facts are looked up */
    enum name_kind kind;
    enum name_mode mode;
    struct name_facts facts; /* of the name's owner */
    uint32_t threshold;      /* 0: SCREEN_THRESHOLD */
    const char *asset;       /* of the transfer, or NULL */
    unsigned decimals;
    struct u256 amount;
    uint64_t now;                         /* seconds since 1970: ages are counted from it */
    const struct screen_ledgers *ledgers; /* that may be asked; NULL: none are */
    const struct screen_reason *held;     /* [held_n] holds that it meets */
    size_t held_n;
};

struct screen_match { /* of the first reasons, which are about what is listed */
    const struct list *list;
    const struct list_entry *entry;
    struct match_of of;      /* for match_found */
    struct name_score score; /* of a name */
    struct name_adjusted adjusted;
    const char *name;  /* the listed name that is like it */
    const char *asked; /* what score.parts are of: the name asked about, or what it is in English */
    uint64_t id;       /* in the store, once recorded; else 0 */
};

/* What is not known, of a chain where one is named. */
enum screen_unknown_of {
    UNKNOWN_NOT_ASKED,    /* exposure was not asked for */
    UNKNOWN_NO_LEDGER,    /* of its chain, or of any with such addresses */
    UNKNOWN_OTHER_CHAINS, /* the address is of others too, of which there is no ledger */
    UNKNOWN_COMING,       /* the first pass over the ledger is not done */
    UNKNOWN_AWAY,         /* the ledger is being undone */
    UNKNOWN_FAILED,       /* exposure cannot be worked out */
    UNKNOWN_BEHIND,       /* the ledger has newer blocks */
    UNKNOWN_NEVER_SEEN,   /* the address, on this ledger */
    UNKNOWN_MORE,         /* exposure that is not told */
    UNKNOWN_ENTITIES,     /* of the ledger no clusters are kept */
    UNKNOWN_ENTITIES_OLD, /* they have fewer blocks than the ledger */
    UNKNOWN_CASES_BEHIND, /* of the group, on the ledger, which has newer blocks */
    UNKNOWN_CASES,        /* one of them is not followed there, or not yet */
    UNKNOWN_TX,           /* the transfer was never seen */
    UNKNOWN_TX_BEHIND,    /* exposure has not come to it */
    UNKNOWN_TX_OLD,       /* what it brought is not kept any more: the payers' stands for it */
    UNKNOWN_TX_INPUTS,    /* who paid an input, or how much */
    UNKNOWN_TX_NOTHING,   /* it moved nothing */
    UNKNOWN_TX_OTHERS,    /* it is between others than the address named */
};

struct screen_unknown {
    enum screen_unknown_of of;
    const char *chain; /* or NULL */
};

struct screen_answer {
    struct address_key key; /* SPACE_NONE: of a name, or of a transfer without an address */
    const char *tx, *chain; /* of a transfer: as it is kept, and the ledger that has it; or NULL */
    const char *owner; /* of the token account that was asked about, as ledgers know; or NULL */
    struct screen_facts facts;
    struct screen_reason *reasons; /* facts.reasons */
    struct screen_match *matches;  /* [matches_n], beside the reason of the same number */
    size_t matches_n;
    struct verdict verdict;
    size_t potential;                 /* matches that are not quiet */
    size_t tags_more;                 /* tags beyond those that are told */
    const struct screen_as_of *as_of; /* [as_of_n] ledgers that were asked */
    size_t as_of_n;
    const struct screen_unknown *unknown; /* [unknown_n] of exposure */
    size_t unknown_n;
    struct hash32 cases;          /* of what cases of the group say in it; zeros: nothing */
    struct screen_untold *untold; /* of screen_decide: for screen_tell; else NULL */
};

static inline const struct screen_match *screen_match_of(const struct screen_answer *a,
                                                         size_t reason) /* NULL: none */
{
    return reason < a->matches_n ? &a->matches[reason] : NULL;
}

/* The decision and its reasons, with all that a decision can rest on. What only a reader wants is
 * left out of those about exposure, for it is most of the work: the way, the address at its other
 * end, and, unless a rule of the screener asks for it, who says what that is (source, own,
 * confidence). screen_tell adds it, while the ledgers that were asked are held. */
bool screen_decide(const struct screener *s, struct arena *a, const struct screen_question *q,
                   struct screen_answer *ret, struct err *err) MUST_USE;
bool screen_tell(const struct screener *s, struct arena *a, struct screen_answer *answer,
                 struct err *err) MUST_USE;
/* Both. */
bool screen_ask(const struct screener *s, struct arena *a, const struct screen_question *q,
                struct screen_answer *ret, struct err *err) MUST_USE;
/* What the answer's cases would be, without asking for anything else. False: it has to be asked. */
bool screen_ask_cases(const struct screen_question *q, struct hash32 *ret);
/* Before SCREEN_AHEAD questions, or fewer, of the same ledgers are asked one after the other: their
 * addresses are read, into keys[n], which they borrow, and memory that they will look at, which is
 * seldom warm, is sent for, of all of them before any is waited for. Answers are the same. */
#define SCREEN_AHEAD 16
void screen_ahead(const struct screener *s, struct screen_question *q, size_t n,
                  struct address_key *keys);
/* Writes its potential matches down, so that persons can dispose of them, and gives them their
 * numbers; a BLOCK or REJECT starts the report clocks of those that are not quiet (due_store.h;
 * NULL: it starts none). Within a transaction of the caller. */
bool screen_record(struct store *store, const struct clocks *clocks, uint64_t now,
                   struct screen_answer *a, struct err *err) MUST_USE;

#endif
