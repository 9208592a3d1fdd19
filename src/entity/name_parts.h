/* What the files of names share: a name read into words, each in its own script and in Latin
 * letters, and the alternatives that a character can be read as.
 *
 * Threads: all functions are pure; what they return is the caller's or constant. */
#ifndef CORDON_ENTITY_NAME_PARTS_H
#define CORDON_ENTITY_NAME_PARTS_H

#include "entity/name.h"

#define NAME_LETTERS_MAX 40u /* of a word; what is longer is read as several words */
#define NAME_LATIN_MAX 80u
#define NAME_SLOTS_MAX 40u
#define NAME_KEYS_MAX 64u

enum name_script {
    SCRIPT_LATIN,
    SCRIPT_LETTERS, /* other alphabets, and the scripts of India and their kin */
    SCRIPT_ABJAD,   /* Arabic, Hebrew, Thai: short vowels are not written */
    SCRIPT_HANGUL,
    SCRIPT_HAN, /* also with Kana in it */
    SCRIPT_KANA,
};

enum name_role {
    ROLE_WORD,
    ROLE_PARTICLE, /* al, bin, de */
    ROLE_TITLE,    /* Dr, Hajji */
    ROLE_FORM,     /* Ltd, 有限公司 */
    ROLE_INITIAL,
    ROLE_NUMBER, /* digits, Roman numerals of firms: equal or other */
};

/* A word without its place: shared by all names that have it. latin and fold are NUL-ended ASCII;
 * own is empty for Latin. */
struct name_word {
    uint8_t script, code, role; /* code: ICU's UScriptCode */
    uint8_t own_n, latin_n, fold_n, bones_n;
    uint16_t weight;  /* before rarity */
    uint16_t rare;    /* per mille of the weight that rarity leaves */
    uint32_t letters; /* of fold, as letters_of */
    uint32_t moras;   /* of latin, as name_moras */
    uint32_t jamo;    /* likewise, as name_jamo */
    const uint32_t *own;
    const char *latin, *fold, *bones;
};

struct name_place {
    uint16_t at, n; /* bytes of the name */
};

struct name_slot;

/* A name in Latin letters as one of Korea or China: name_spelt.c. */
struct name_spelling {
    const struct spelt_reading *at; /* [n]; NULL: not looked at */
    unsigned n;                     /* 0: it cannot be such a name */
};

/* A syllabic name as it can be read in one language, in one order of its words. */
struct name_spelt {
    struct name_slot *slots;
    unsigned n;  /* 0: it cannot be read so */
    bool hangul; /* has no Han character */
};
enum slot_language { SLOT_KOREAN, SLOT_MANDARIN, SLOT_CANTONESE, SLOT_JAPANESE, SLOT_LANGUAGES };
struct name_readings {
    struct name_spelt as[2][SLOT_LANGUAGES]; /* [1]: the last word first, if there are several */
};

struct name_ready {
    enum name_kind kind;
    uint32_t n;
    const struct name_word **words; /* [n] */
    struct name_place *places;      /* [n] */
    uint32_t syllabic;              /* words of Hangul, Han or Kana that are not legal forms */
    bool all_syllabic;              /* and no others but forms, titles and particles */
    uint32_t weight;                /* of all words together */
    const struct name_readings *readings; /* or NULL: made when needed */
    struct name_spelling spelling;        /* likewise */
};

static inline bool script_syllabic(unsigned script)
{
    return script >= SCRIPT_HANGUL;
}

static inline unsigned word_weight(const struct name_word *w)
{
    return w->weight * w->rare / 1000u;
}

/* name_read.c */
bool name_ready(struct arena *a, enum name_kind kind, const char *name, struct name_ready *ret,
                struct err *err) MUST_USE;
/* name_forms.c */
/* How many characters at the beginning, or at the end, are a legal form in Hangul or Han; never all
 * of them unless there are no others. */
unsigned name_form_before(const uint32_t *own, unsigned n);
unsigned name_form_after(const uint32_t *own, unsigned n);
void name_roles(struct name_ready *r, struct name_word *words);
unsigned name_frequency(const char *latin); /* per mille of weight, for words known to be common */
/* name_fold.c: into ret[NAME_LATIN_MAX]; return their lengths */
unsigned name_fold(const char *latin, unsigned n, char *ret);
unsigned name_bones(const char *fold, unsigned n, char *ret);
/* A bit for each letter that occurs. An edit brings at most one letter and takes one. */
uint32_t letters_of(const char *fold, unsigned n);
static inline bool letters_within(uint32_t a, uint32_t b, int edits)
{
    uint32_t only_a = a & ~b, only_b = b & ~a;

    for (; edits; edits--) { /* the lowest bit of each goes */
        only_a &= only_a - 1;
        only_b &= only_b - 1;
    }
    return !(only_a | only_b);
}
unsigned name_coarse(const char *latin, unsigned n, char *ret);
/* Edits from one to the other (changed, added, left out, two swapped), or more than max. */
unsigned name_edits(const char *a, unsigned n, const char *b, unsigned m, unsigned max);
/* The same of one word with many: up to 64 letters, else false. */
enum { NAME_LETTER_PLACES = 37 }; /* digits, letters, and one for all else */
struct name_pattern {
    uint64_t has[NAME_LETTER_PLACES];
    unsigned n;
};
bool name_pattern(const char *a, unsigned n, struct name_pattern *ret);
unsigned name_pattern_edits(const struct name_pattern *p, const char *b, unsigned m);
unsigned name_edits_wide(const uint32_t *a, unsigned n, const uint32_t *b, unsigned m,
                         unsigned max);

/* name_slots.c: a name in Hangul, Han or Kana, character by character, each with what it can be
 * read as: pieces in a row, alternatives for each piece. */
enum { PIECES_MAX = 3, CHOICES_MAX = 40, SLOT_TEXT = 320 };
struct name_slot {
    uint32_t c;
    uint8_t pieces_n;
    uint8_t choices_n[PIECES_MAX];
    uint8_t extra_n; /* whole spellings, for family names */
    uint16_t choice[PIECES_MAX][CHOICES_MAX];
    uint16_t extra[CHOICES_MAX];
    uint16_t text_n;
    char text[SLOT_TEXT]; /* NUL-ended spellings */
};
/* The characters of all syllabic words, the last word first if rotated; at most NAME_SLOTS_MAX. */
unsigned name_characters(const struct name_ready *r, bool rotated, uint32_t *ret);
const char *name_han_reading(uint32_t c, unsigned field); /* enum han_field; "": none */
/* False: cannot be read so. */
bool name_spell(const uint32_t *chars, unsigned n, enum slot_language language,
                struct name_slot *ret, unsigned *ret_n);
/* All readings of a syllabic name, in memory of the arena. */
bool name_read_all(struct arena *a, const struct name_ready *r, struct name_readings *ret) MUST_USE;
enum name_how slot_how(enum slot_language language);
/* Costs in tenths of a character for reading all slots as latin[n]; bounds: bit i is set where a
 * word begins at letter i. */
unsigned slots_cost(const struct name_slot *slots, unsigned slots_n, const char *latin, unsigned n,
                    uint64_t bounds);
/* What name_coarse leaves of all its spellings, each hashed: [NAME_KEYS_MAX]. */
unsigned slots_keys(const struct name_slot *slots, unsigned slots_n, uint32_t *ret);
uint32_t name_coarse_hash(const char *coarse, unsigned n);

/* name_abjad.c: words of Arabic, Hebrew and Thai, of which vowels are not all written. */
enum { NAME_SPOKEN_MAX = 1024 };
/* The letters of one run, in place, in the order in which they are spoken: fewer, or as many. */
unsigned name_spoken(uint32_t *c, unsigned n);
bool name_thai(uint32_t c); /* also what name_spoken makes of Thai */
/* The likeliest spelling of a letter that name_spoken leaves; at most 7 letters. */
unsigned abjad_first(uint32_t c, char *ret);
/* Edits from the word to the Latin letters, in twentieths; beyond most, any number beyond it. */
unsigned abjad_cost(const uint32_t *letters, unsigned n, const char *latin, unsigned m,
                    unsigned most);
unsigned abjad_bones(const uint32_t *letters, unsigned n, char ret[][NAME_LATIN_MAX], unsigned max);
/* Hangul readings of a Han character, as syllables without the initial sound law's changes. */
unsigned han_hangul(uint32_t c, uint32_t *ret, unsigned max);
/* What all forms of a character share: variants of Han, the initial sound law of Hangul. */
uint32_t plain_character(uint32_t c);
bool same_character(uint32_t a, uint32_t b); /* also Hangul and a Han character read so */
/* The Latin letters of Kana by Hepburn. */
unsigned kana_latin(const uint32_t *own, unsigned n, char *ret, unsigned max);

/* name_spelt.c: persons of Korea and China in Latin letters: family name, one or two syllables. */
enum { GIVEN_MAX = 2, FAMILIES_MAX = 8, SPELT_READINGS_MAX = 12, SPELT_WORDS_MAX = 4 };
/* What a syllable can be. Korean: onsets and vowels of Hangul (a bit each) by the romanisations in
 * use and by the customs of passports, too. Chinese: a row of name_tables.h. */
struct spelt_syllable {
    uint8_t word, coda;
    uint16_t row;
    uint32_t onset, onset_any, vowel, vowel_any;
};
struct spelt_reading {
    uint8_t chinese, ways; /* ways: a bit for each of Pinyin, Wade-Giles, Cantonese */
    uint8_t family_word, n, families_n;
    uint8_t joined;   /* 1: all of it is one word */
    uint8_t left_out; /* 1: a word beside them, as a Christian name or a husband's family name */
    uint16_t families[FAMILIES_MAX]; /* as family_ids of name_tables.h */
    struct spelt_syllable given[GIVEN_MAX];
};
unsigned name_spelt(const struct name_ready *r, struct spelt_reading ret[SPELT_READINGS_MAX]);
/* Hash of what all romanisations of Japanese make of a word; 0: it is none of two syllables. */
uint32_t name_moras(const char *latin, unsigned n);
bool moras_alike(const struct name_word *a, const struct name_word *b);
/* Hash of what all romanisations of Korean make of a word of several syllables; 0: it is none.
 * Words that can be one share it; whether they are, per mille, is korean_words. */
uint32_t name_jamo(const char *latin, unsigned n);
unsigned korean_words(const struct name_word *a, const struct name_word *b);
/* What two Korean syllables that can be one share: the class of the onset, and the coda. */
unsigned spelt_class(const struct spelt_syllable *s);
/* As what Mandarin reads a Korean family name: Hangul less 0xac00. */
const uint16_t *family_links(unsigned hangul, unsigned *ret_n);
/* How alike, per mille, and by which readings; 0: they cannot be one name. */
unsigned spellings_alike(const struct name_spelling *a, const struct name_spelling *b,
                         const struct spelt_reading **ret_a, const struct spelt_reading **ret_b,
                         enum name_how *ret_how);

/* name_match.c */
enum { WORD_FLOOR = 700 };
unsigned name_word_match(const struct name_word *a, const struct name_word *b, enum name_how *ret);
/* False: the scratch has no room for readings. */
bool name_match(struct arena *scratch, const struct name_ready *a, const struct name_ready *b,
                struct name_score *ret) MUST_USE;
/* The letters of all words that are not forms or titles, joined; the last first if rotated. 0: too
 * many, or none. */
unsigned name_letters(const struct name_ready *r, bool rotated, char *ret, uint64_t *ret_bounds);

/* name_ofac.c: a name in capital letters, its words parted by one blank; what is beyond the limits
 * is left out. */
enum { OFAC_LETTERS_MAX = 256 };
struct ofac_name {
    uint32_t letters[OFAC_LETTERS_MAX];
    unsigned letters_n, words_n;
    struct ofac_word {
        unsigned letter, letters_n;
        uint16_t at, n; /* bytes of the name */
    } words[NAME_WORDS_MAX];
};
void ofac_read(const char *name, struct ofac_name *ret); /* UTF-8, checked */
void ofac_match(const struct ofac_name *q, const struct ofac_name *l, struct name_score *ret);

#endif
