/* The insides of an index of names, which building and searching share.
 *
 * Ownership: all is the index's.
 * Threads:   one builds; then it is only read, by any number. */
#ifndef CORDON_ENTITY_NAME_INDEX_PARTS_H
#define CORDON_ENTITY_NAME_INDEX_PARTS_H

#include "entity/name_index.h"
#include "entity/name_parts.h"

enum {
    KEY_PREFIX = 7, /* of a fold, the letters of which some are left out */
    KEYS_OF_FOLD_MAX = 32,
    FOLD_TEXT = 19,
    WHOLE_WORDS_MAX = 6, /* names of more words are no romanised names of East Asia */
    CHARACTERS_KEYS_MAX = 12,
};

/* What is looked up: hashes of different things never meet. */
enum key_of {
    KEY_OF_FOLD,
    KEY_OF_BONES,
    KEY_OF_ABJAD,
    KEY_OF_LETTERS,
    KEY_OF_SLOTS,
    KEY_OF_OWN,
    KEY_OF_JOINED,
    KEY_OF_FAMILY,
    KEY_OF_MORAS,
    KEY_OF_JAMO
};

struct key_table { /* sorted by hash; low[]: where hashes of these upper bits begin */
    struct key_row {
        uint32_t hash, to, letters; /* letters: of a fold, letters_and_length */
    } * rows;
    uint32_t rows_n;
    uint32_t *low;
    unsigned bits;
};

struct indexed_entry {
    uint32_t words_at, weight; /* weight: of words and numbers, with rarity */
    uint32_t subject;
    uint32_t name_at;
    uint32_t spelling; /* in spellings, or 0: it is no name of Korea or China */
    uint16_t words_n;
    uint8_t kind;
    bool weak;
};

struct name_index {
    struct arena *a;
    struct indexed_entry *entries;
    uint32_t n;
    char *names; /* NUL-ended, one after another */
    const struct name_word **entry_words;
    struct name_place *entry_places;
    struct name_word *words; /* words of one fold stand together */
    uint32_t words_n;
    uint32_t *postings_at, *postings; /* entries of each word, ascending */
    struct fold {
        uint32_t words_at, words_n, entries;
        uint8_t n;
        char text[FOLD_TEXT]; /* its first letters, here so that one look is enough */
    } * folds;
    uint32_t folds_n;
    struct key_table by_fold;        /* -> fold */
    struct key_table by_bones;       /* -> word */
    struct key_table by_whole;       /* -> entry */
    struct key_table by_joined;      /* -> entry */
    struct key_table by_family;      /* -> entry */
    struct name_spelling *spellings; /* from 1 */
    struct name_rooms *rooms;        /* of searches that are over, for those that come */
};

/* name_search.c */
struct name_rooms *name_rooms_new(void); /* NULL: no memory */
void name_rooms_free(struct name_rooms *r);

/* letters_of, with the length in the bits above those of z. */
static inline uint32_t letters_and_length(const struct name_word *w)
{
    return w->letters | (w->fold_n < 31u ? w->fold_n : 31u) << 27;
}
void key_prefetch(const struct key_table *t, uint32_t hash, int step); /* 0, then 1 */
uint32_t key_hash(enum key_of of, const void *p, size_t n);
const struct key_row *key_find(const struct key_table *t, uint32_t hash, size_t *ret_n);
unsigned keys_of_fold(const char *fold, unsigned n, uint32_t *ret); /* [KEYS_OF_FOLD_MAX] */
/* Hashes of names as characters, letters and slots; the latter two meet where a name in letters can
 * be one in characters, and are kept apart by what they came from. */
static inline uint32_t key_of_whole(enum key_of of, uint32_t hash)
{
    return (hash ^ ((uint32_t)of + 1) * 0x85ebca6bu) * 0x9e3779b1u;
}
uint32_t key_of_own(const struct name_word *w); /* of a word without Latin letters */
unsigned keys_of_characters(const struct name_ready *r, uint32_t *ret, unsigned max);
unsigned keys_of_letters(const struct name_ready *r, uint32_t *ret); /* at most 2 */
unsigned keys_of_slots(const struct name_readings *readings, uint32_t *ret, unsigned max);
/* Of the family names that a name in Latin letters can have: a name that is listed and one that is
 * asked share a key if they can be one. */
enum { FAMILY_KEYS_MAX = 96 };
unsigned keys_of_families(const struct name_spelling *s, bool listed,
                          uint32_t ret[FAMILY_KEYS_MAX]);
uint16_t rarity(uint32_t entries, uint32_t having);
struct name_ready entry_ready(const struct name_index *x, uint32_t entry);

#endif
