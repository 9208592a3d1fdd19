/* How alike two names are, across scripts and spellings, with the reasons.
 *
 * A name is read in its own script and, beside it, in Latin letters: alphabets by their letters,
 * Hangul by the romanisations in use (Revised, McCune-Reischauer, that of the DPRK, passports), Han
 * by its readings in Mandarin (Pinyin, Wade-Giles), Cantonese, Korean and Japanese, Kana by
 * Hepburn, Kunrei and Nihon. Two names of one script are compared in that script; of two scripts,
 * by the readings that they share. Words match as the same, by sound, with few letters changed, as
 * an initial, or as one word written as two; legal forms, titles and particles weigh next to
 * nothing, frequent words little.
 *
 * Units:     scores and weights in thousandths; 1,000 is the same name.
 * Errors:    ERR_INPUT  a name that is not UTF-8 or has no letter or digit
 *            ERR_LIMIT  a name of more than NAME_BYTES_MAX bytes or NAME_WORDS_MAX words
 * Order:     symmetrical: which name is asked about and which is listed does not change the score
 *            in NAME_MODE_CORDON. Parts are in the order of the query.
 * Threads:   all functions are pure. */
#ifndef CORDON_ENTITY_NAME_H
#define CORDON_ENTITY_NAME_H

#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>

/* From here a score of NAME_MODE_CORDON is worth a look: docs/names.md says what that costs. */
#define NAME_THRESHOLD 870

#define NAME_BYTES_MAX 1024
#define NAME_WORDS_MAX 48
#define NAME_PARTS_MAX 16 /* parts that a score tells of; what is beyond counts all the same */

enum name_kind { NAME_PERSON, NAME_ORGANISATION, NAME_VESSEL, NAME_AIRCRAFT, NAME_UNKNOWN };

enum name_mode {
    NAME_MODE_CORDON,
    NAME_MODE_OFAC /* as the official Sanctions List Search of OFAC scores */
};

/* As what a part of one name answers a part of the other. */
enum name_how {
    NAME_SAME,         /* the same letters, case and marks aside */
    NAME_SOUND,        /* spelt otherwise, sounding alike: Mohamed, Muhammad */
    NAME_TYPO,         /* letters changed, added, left out or swapped */
    NAME_INITIAL,      /* J. and John */
    NAME_JOINED,       /* one word in one name, two in the other */
    NAME_ROMANISATION, /* letters of another script, by its transliteration */
    NAME_READING_KOREAN,
    NAME_READING_MANDARIN,
    NAME_READING_CANTONESE,
    NAME_READING_JAPANESE,
    NAME_SPELT_KOREAN,  /* two romanisations of one Korean name: Lee, Ri */
    NAME_SPELT_CHINESE, /* of one Chinese name: Zhang, Chang, Cheung */
    NAME_SPELT_JAPANESE,
    NAME_SPELT_LINKED, /* Han characters that are read so in Korean and in Mandarin */
    NAME_CHARACTERS,   /* compared character by character: Hangul, Han, Kana */
    NAME_ALIKE,        /* Jaro-Winkler, in NAME_MODE_OFAC */
};

struct name_part {
    uint16_t query_at, query_n;   /* bytes in the query */
    uint16_t listed_at, listed_n; /* bytes in the listed name */
    enum name_how how;
    uint16_t per_mille; /* how alike the parts are */
};

struct name_score {
    uint32_t per_mille;
    uint32_t parts_n;
    struct name_part parts[NAME_PARTS_MAX];
};

bool name_compare(struct arena *a, enum name_kind kind, const char *query, const char *listed,
                  enum name_mode mode, struct name_score *ret, struct err *err) MUST_USE;

/* A firm's name in Korean, Chinese, Japanese, Russian or Arabic with the words that firms share in
 * English, and the rest in Latin letters; which: one spelling of several, from 0. False: there is
 * no such, or none of those words says that it is a firm's. */
#define NAME_ENGLISH_MAX 2
bool name_english(const char *name, unsigned which, char ret[NAME_BYTES_MAX]);

/* Several names in one field, in several scripts, in brackets or after "a.k.a.": each alone, at the
 * bytes at which it stood, blanks for the others. person: brackets count, and not only scripts and
 * a.k.a. Returns how many; 0: it is one name. Half a name (one word, one character) is left out. */
#define NAME_SEVERAL_MAX 4
unsigned name_several(const char *name, bool person,
                      char ret[NAME_SEVERAL_MAX][NAME_BYTES_MAX + 1]);

const char *name_how_text(enum name_how how); /* "sounds alike" */
const char *name_kind_text(enum name_kind kind);

/* What is known of somebody beside the name; 0 and NULL: nothing. */
struct name_facts {
    uint16_t birth_year;
    uint8_t birth_month, birth_day; /* 0: only the year, or year and month, are known */
    const char *nationality;        /* compared but for case */
    const char *const *ids;         /* [ids_n] numbers of documents, compared without blanks */
    size_t ids_n;
};

enum name_fact {
    NAME_FACT_BIRTH_SAME,
    NAME_FACT_BIRTH_YEAR_SAME,
    NAME_FACT_BIRTH_NEAR, /* a year apart, or day and month swapped */
    NAME_FACT_BIRTH_OTHER_DAY,
    NAME_FACT_BIRTH_OTHER,
    NAME_FACT_NATIONALITY_SAME,
    NAME_FACT_NATIONALITY_OTHER,
    NAME_FACT_ID_SAME,
};
#define NAME_FACTS_MAX 3

struct name_adjusted {
    uint32_t per_mille;
    uint32_t facts_n;
    enum name_fact facts[NAME_FACTS_MAX];
};

/* A score of names with what else is known. A listed subject may have several dates of birth and
 * nationalities, each a struct of its own: the one that leaves the highest score counts. What
 * differs lowers a score and never excludes; what agrees raises it a little, and the same number of
 * a document to 990. */
struct name_adjusted name_adjust(uint32_t per_mille, const struct name_facts *query,
                                 const struct name_facts *listed, size_t listed_n);
const char *name_fact_text(enum name_fact fact);

#endif
