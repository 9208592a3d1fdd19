/* What exposure is computed of: labels, and which addresses and outputs have them.
 *
 * There is a label for each category of tags, for each sanctions list, and for each case file in
 * the folder `cases` of a home (the files that cordon trace reads). What a case calls a stop has
 * the label of that category, whoever else calls it so: the same exchange in ten cases is one
 * source. A category that tags do not know is a label that the cases share. An address has the
 * categories of its tags, private ones too (what it is accused of, where a tag accuses; else what
 * it is), the lists that name it, and the cases of which it is an origin without a beginning. A
 * service stops what comes to it, unless a tag accuses it; and so does a case's stop, unless a tag,
 * a list or a case accuses it. The other origins of cases are outputs and transfers.
 *
 * The hash of a chain says what a pass over its ledger stands on: policy, cut, the labels, and all
 * addresses of the chain's space that have one. What else tags and lists say is no part of it.
 *
 * Ownership: labels own what they need, a mapping of the tags among it.
 * Errors:    ERR_INPUT a case file that cannot be read, two cases of one id (naming the file);
 *            ERR_LIMIT more labels than exposure can have; ERR_SYSTEM, ERR_NOMEM; ERR_DIFFERS the
 *            tags are not those of the screener any more: open another.
 * Order:     labels: categories, lists, cases by file, each followed by categories of its stops
 *            that are new. Addresses: those of tags, then the rest.
 * Threads:   constant once made. */
#ifndef CORDON_SCREEN_SCREEN_LABELS_H
#define CORDON_SCREEN_SCREEN_LABELS_H

#include "screen/exposure_common.h"
#include "screen/screener.h"
#include "trace/case.h"

#define CASES_FOLDER "cases"           /* of a home; need not be there */
#define SCREEN_LABELS_OF_MAX 64        /* of one address */
#define SCREEN_CASE_CATEGORY "theft"   /* of a case that does not say its kind */
#define SCREEN_STOP_CATEGORY "service" /* of a stop that does not say its category */

struct screen_label {
    const char *category; /* "theft", "sanctions" */
    const char *list;     /* "ofac-sdn", or NULL */
    const char *case_id;  /* or NULL */
    const char *source;   /* "ofac-sdn 2024-03-28", the case; NULL: of tags, each has its pack, and
                             of the stops of cases */
};

struct screen_labels;

bool screen_labels_make(const struct screener *s, const char *tag_set, const char *cases,
                        struct screen_labels **ret, struct err *err) MUST_USE;
struct screen_labels *screen_labels_free(struct screen_labels *l); /* takes NULL, returns NULL */

/* Changes whenever a case file in that folder comes, goes or is written; nothing is read. */
struct hash32 screen_cases_stamp(const char *folder);

size_t screen_labels_n(const struct screen_labels *l);
struct screen_label screen_label(const struct screen_labels *l, uint16_t label);
enum trace_policy screen_labels_policy(const struct screen_labels *l);
uint32_t screen_labels_cut_ppm(const struct screen_labels *l);
struct hash32 screen_labels_hash(const struct screen_labels *l, const struct chain *chain);

struct screen_labelled { /* what one address has */
    uint16_t at[SCREEN_LABELS_OF_MAX];
    size_t n;
    bool stops;
};

/* n 0: nothing. */
void screen_labels_of(const struct screen_labels *l, const struct address_key *key,
                      struct screen_labelled *ret);
/* Who has an address that is a service: the actor of a tag, its label, or what a case calls it.
 * NULL: nobody says, or tags name two actors. Borrowed. */
const char *screen_labels_owner(const struct screen_labels *l, const struct address_key *key);
struct screen_stop {
    const char *name, *source; /* what it is called, or NULL; the case that says so */
};
/* The first case, by file, of which the address is a stop of that category. */
bool screen_labels_stop(const struct screen_labels *l, const struct address_key *key,
                        const char *category, struct screen_stop *ret);
/* ---- whose an address is by cases ---- */

struct screen_case {
    const char *category, *id;
};
/* Cases of which an address is an origin, from whatever time on and of whatever asset: at most max
 * of them, each once. Borrowed. */
size_t screen_labels_cases(const struct screen_labels *l, const struct address_key *key,
                           struct screen_case *ret, size_t max);
/* How many addresses of whatever space have labels, about. */
size_t screen_labels_addresses(const struct screen_labels *l);
/* Those of a space, one after another; an address that lists or cases name comes once more for
 * each. *at begins with 0; false: no more. */
bool screen_labels_next(const struct screen_labels *l, enum address_space space, uint64_t *at,
                        struct address_key *ret_key, struct screen_labelled *ret);

struct
    screen_origin { /* of a case: an output, a transaction, a transfer, an address from a day on */
    const struct case_origin *origin;
    const struct chain *chain; /* NULL: none is named, so any ledger may have it */
    uint16_t label;
};
const struct screen_origin *screen_labels_origins(const struct screen_labels *l, size_t *ret_n);

#endif
