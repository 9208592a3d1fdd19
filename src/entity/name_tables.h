/* Tables made at build time by tools/name_tables.c from Debian's unicode-data and ICU: readings of
 * Han characters, and the sound of letters.
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

extern const struct han_row han_rows[]; /* sorted by c */
extern const uint32_t han_rows_n;
extern const char han_text[];
extern const struct letter_row letter_rows[]; /* sorted by c */
extern const uint32_t letter_rows_n;

#endif
