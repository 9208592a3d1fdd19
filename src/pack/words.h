/* What a pack says, in the languages of its readers: one table.
 * Threads: safe, all constant. */
#ifndef CORDON_PACK_WORDS_H
#define CORDON_PACK_WORDS_H

#include <stdbool.h>

enum pack_language { PACK_EN, PACK_KO, PACK_JA };
#define PACK_LANGUAGES 3

enum pack_word {
#define W(name, id, en, ko, ja) PACK_##name,
#include "pack/words.def"
#undef W
    PACK_WORDS_N
};

const char *pack_word_id(enum pack_word w);
/* In TITLE, @ stands for the year and # for the quarter. */
const char *pack_word(enum pack_word w, enum pack_language l);
/* A value that is told in the reader's language; PACK_WORDS_N: as it is. */
enum pack_word pack_word_of(const char *value);
bool pack_language_read(const char *s, enum pack_language *ret); /* "en", "ko", "ja" */
const char *pack_language_name(enum pack_language l);

#endif
