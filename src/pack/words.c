#include "pack/words.h"

#include <string.h>

static const struct {
    const char *id, *in[PACK_LANGUAGES];
} words[] = {
#define W(name, id, en, ko, ja) [PACK_##name] = {id, {en, ko, ja}},
#include "pack/words.def"
#undef W
};

static const char *const languages[] = {[PACK_EN] = "en", [PACK_KO] = "ko", [PACK_JA] = "ja"};

const char *pack_word_id(enum pack_word w)
{
    return words[w].id;
}

const char *pack_word(enum pack_word w, enum pack_language l)
{
    return words[w].in[l];
}

enum pack_word pack_word_of(const char *value)
{
    for (unsigned w = PACK_V_FIRST + 1; w < PACK_V_LAST; w++)
        if (!strcmp(words[w].id, value))
            return (enum pack_word)w;
    return PACK_WORDS_N;
}

bool pack_language_read(const char *s, enum pack_language *ret)
{
    for (unsigned i = 0; i < PACK_LANGUAGES; i++)
        if (!strcmp(languages[i], s)) {
            *ret = (enum pack_language)i;
            return true;
        }
    return false;
}

const char *pack_language_name(enum pack_language l)
{
    return languages[l];
}
