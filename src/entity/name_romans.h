/* Tables of spellings, for name_slots.c and name_abjad.c. Alternatives are parted by blanks; "-" is
 * nothing.
 *
 * Threads: constant. */
#ifndef CORDON_ENTITY_NAME_ROMANS_H
#define CORDON_ENTITY_NAME_ROMANS_H

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
