/* All names of all lists, to be asked thousands of times a second which of them a name is.
 *
 * Every different word of the names is kept once, with how many names have it: a rare word weighs
 * more. Words that may answer a word of the query are found by what is left of them when up to two
 * of their folded letters are left out, by their consonants, and whole names in Hangul, Han and
 * Kana by the consonants of their readings; what they can add up to decides which names are
 * compared. docs/names.md says what that leaves out, measured.
 *
 * Ownership: the index owns a copy of all it needs. Hits live in the arena given.
 * Errors:    as name.h; building names the entry ("name 17: ..."). An entry that name.h refuses
 *            fails the whole.
 * Order:     hits by score, best first, then by entry.
 * Threads:   immutable once built: any number may search at once. */
#ifndef CORDON_ENTITY_NAME_INDEX_H
#define CORDON_ENTITY_NAME_INDEX_H

#include "entity/name.h"

#define NAME_ENTRIES_MAX 4000000u
#define NAME_HITS_MAX 1000u

struct name_entry {
    const char *name;
    uint32_t subject; /* the caller's */
    enum name_kind kind;
    bool weak; /* a weak alias: its score is lowered by NAME_WEAK_LESS */
};
#define NAME_WEAK_LESS 50u

struct name_query {
    const char *name;
    enum name_kind kind; /* NAME_UNKNOWN: any; else entries of other kinds are passed over,
                            but for those of NAME_UNKNOWN */
    enum name_mode mode;
    uint32_t threshold; /* per mille; hits below are left out */
    uint32_t limit;     /* at most so many hits; 0: NAME_HITS_MAX */
};

struct name_hit {
    uint32_t entry, subject;
    bool weak;
    struct name_score score;
    const char *query; /* the query's name, of which score.parts tell; borrowed */
};

struct name_index;

bool name_index_build(const struct name_entry *entries, size_t n, struct name_index **ret,
                      struct err *err) MUST_USE;
struct name_index *name_index_free(struct name_index *x); /* takes NULL, returns NULL */
size_t name_index_bytes(const struct name_index *x);
bool name_index_search(const struct name_index *x, struct arena *a, const struct name_query *q,
                       struct name_hit **ret, size_t *ret_n, struct err *err) MUST_USE;
/* The score that a search gives that entry, however low, found or not. */
bool name_index_score(const struct name_index *x, struct arena *a, const struct name_query *q,
                      uint32_t entry, struct name_score *ret, struct err *err) MUST_USE;

#endif
