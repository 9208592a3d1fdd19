/* Tables made at build time by tools/name_tables.c from Debian's unicode-data and ICU: readings of
 * Han characters, the sound of letters, and what syllables and family names in Latin letters can
 * stand for.
 *
 * Threads: constant. */
#ifndef CORDON_ENTITY_NAME_TABLES_H
#define CORDON_ENTITY_NAME_TABLES_H

#include <stdint.h>

enum han_field { HAN_MANDARIN, HAN_CANTONESE, HAN_HANGUL, HAN_ON, HAN_KUN };

struct han_row {
    uint32_t c, folded; /* folded: what all variants of the character share */
    uint32_t text;      /* in han_text: a NUL-ended string of readings for each han_field */
};

struct letter_row {
    uint32_t c;
    uint8_t sign;  /* a vowel sign or virama, which takes the place of an understood vowel */
    char latin[8]; /* NUL-ended */
};

/* A syllable in Latin letters and which of Pinyin it can be: as Pinyin, as Wade-Giles without
 * marks, as Hong Kong spells a character that Mandarin reads so. In that order in spelt_lists. */
enum { SPELT_TEXT = 8 };
struct spelt_row {
    char text[SPELT_TEXT]; /* NUL-ended */
    uint16_t at;
    uint8_t pinyin_n, wade_n, cantonese_n;
};

/* A family name in Latin letters, and which it can be: a Hangul syllable less 0xac00, or
 * FAMILY_CHINESE with a syllable of Pinyin (also of two: Ouyang), FAMILY_DIALECT where its spelling
 * is none of Mandarin. */
enum { FAMILY_CHINESE = 0x4000, FAMILY_DIALECT = 0x8000, FAMILY_TEXT = 12 };
struct family_row {
    char text[FAMILY_TEXT];
    uint16_t at, n; /* in family_ids */
};

struct link_row {    /* syllables of Pinyin that read a character which Korean reads so */
    uint16_t hangul; /* less 0xac00 */
    uint16_t at, n;  /* in link_pinyin */
};

extern const struct spelt_row spelt_rows[]; /* sorted by text */
extern const uint32_t spelt_rows_n;
extern const uint16_t spelt_lists[];
extern const struct family_row family_rows[]; /* sorted by text */
extern const uint32_t family_rows_n;
extern const uint16_t family_ids[];
extern const struct link_row link_rows[]; /* sorted by hangul */
extern const uint32_t link_rows_n;
extern const struct link_row family_link_rows[]; /* the same of family names */
extern const uint32_t family_link_rows_n;
extern const uint16_t link_pinyin[];
/* Of each onset and vowel, the codas (a bit each: enum korean_coda) with which Korean reads any Han
 * character so. */
enum korean_coda { CODA_NONE, CODA_K, CODA_N, CODA_T, CODA_L, CODA_M, CODA_P, CODA_NG };
extern const uint8_t sino_korean[19 * 21];

extern const struct han_row han_rows[]; /* sorted by c */
extern const uint32_t han_rows_n;
extern const char han_text[];
extern const struct letter_row letter_rows[]; /* sorted by c */
extern const uint32_t letter_rows_n;

#endif
