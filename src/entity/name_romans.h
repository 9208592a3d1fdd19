/* Tables of spellings, for name_slots.c and name_abjad.c. Alternatives are parted by blanks; "-" is
 * nothing.
 *
 * Threads: constant. */
#ifndef CORDON_ENTITY_NAME_ROMANS_H
#define CORDON_ENTITY_NAME_ROMANS_H

#include <stddef.h>
#include <stdint.h>

struct romans_syllable {
    uint32_t c; /* 0 ends a table */
    const char *spellings;
};
struct romans_pair {
    const char *from, *to; /* NULL ends a table */
};
struct romans_wade {
    const char *pinyin, *wade;
};
struct romans_kana {
    uint32_t c[2];
    const char *spellings; /* Hepburn first */
};

struct romans_korean_family {
    uint32_t c; /* in the form of the South; 0 ends a table */
    const char *spellings, *mandarin;
};
struct romans_family {
    const char *pinyin, *others;
};

/* A syllable of Pinyin (v: u with diaeresis) in Wade-Giles without marks; its length. */
enum { ROMANS_SYLLABLE_MAX = 32 };
size_t romans_wade_giles(const char *pinyin, size_t n, char ret[ROMANS_SYLLABLE_MAX]);
/* Every spelling of a syllable of Jyutping without its tone. */
typedef void romans_each(void *to, const char *p, size_t n);
void romans_cantonese(const char *jyutping, size_t n, romans_each *each, void *to);

/* name_families.c */
extern const struct romans_korean_family romans_korean_families[];
extern const struct romans_family romans_chinese_families[];

extern const char *const romans_onset[19], *const romans_vowel[21], *const romans_coda[28];
extern const struct romans_syllable romans_korean_common[]; /* family names as people spell them */
extern const struct romans_syllable romans_mandarin_surnames[]; /* read otherwise as surnames */
extern const struct romans_pair romans_wade_initials[], romans_wade_finals[];
extern const struct romans_wade romans_wade_whole[];
extern const struct romans_pair romans_cantonese_initials[], romans_cantonese_finals[];
extern const struct romans_pair romans_kunrei[], romans_voiced[];
extern const struct romans_syllable romans_japanese_names[]; /* readings in names */
extern const struct romans_kana romans_kana[];               /* two characters before one */
extern const uint32_t romans_shinjitai[];                    /* pairs: new form, old form; 0 ends */
extern const struct romans_syllable romans_abjad[];     /* with Thai, as it begins a syllable */
extern const struct romans_syllable romans_thai_last[]; /* as it ends one */

#endif
