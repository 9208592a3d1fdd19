/* What opening a screener makes, and asking one reads: of this folder alone. */
#ifndef CORDON_SCREEN_SCREENER_PARTS_H
#define CORDON_SCREEN_SCREENER_PARTS_H

#include "entity/list_address.h"
#include "screen/screener.h"

#define SCREENER_BYTES_MAX ((size_t)8 << 30)
#define SCREEN_ENTRY_BYTES_MAX ((size_t)64 << 20)
#define SCREEN_SCRATCH_BYTES_MAX ((size_t)64 << 20)
#define DOCUMENT_MAX 40 /* characters that count */
#define DOCUMENT_MIN 5  /* shorter numbers are everybody's */

struct subject { /* an entry of a list */
    const struct list *list;
    const struct list_entry *entry;
    const char *source; /* "ofac-sdn 2024-03-28" */
    struct hash32 data; /* of all that the list says of it */
};

struct document {
    char text[DOCUMENT_MAX]; /* document_fold, then zeros */
    uint32_t subject;
};

struct screener {
    struct arena *arena, *scratch;
    const struct list_version *versions; /* [lists_n] */
    struct list *lists;
    const char **sources;
    size_t lists_n;
    uint64_t oldest;          /* the first second of the day that the oldest of them stands for */
    struct subject *subjects; /* by list, then by entry */
    size_t subjects_n;
    uint32_t *subject_first;               /* [lists_n] */
    struct list_addresses addresses, same; /* as lists have them, and by the same keys */
    const struct list_hit **by_text;       /* the same, by text as the list writes it */
    struct document *documents;            /* by text */
    size_t documents_n;
    struct name_entry *names;
    size_t names_n, names_left_out;
    struct name_index *index;
    struct tag_set *tags;
    const struct rules *rules;
    const struct clocks *clocks;
    struct hash32 rules_hash, hash, but_matches;
    struct match_quiet quiet;
};

/* What lists say of an address, whether they write it so or not. */
struct listed_address {
    const struct list_hit *hits, *same; /* of the key; of other addresses with the same key */
    size_t hits_n, same_n;
};
struct listed_address listed_find(const struct screener *s, const struct address_key *key);
/* Of a text that is no address of the chain that was named, or of none at all: one that is of
 * another chain, or that looks like a listed one (capitals, letters of other scripts, signs around
 * it). False: lists have nothing like it. */
bool listed_otherwise(const struct screener *s, const char *text, struct listed_address *ret,
                      struct address_key *ret_key);

const struct subject *screener_subject(const struct screener *s, const struct list *list,
                                       const struct list_entry *entry);
size_t document_fold(const char *from, char *ret, size_t max);
int document_order(const void *one, const void *other);

#endif
