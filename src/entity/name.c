/* Two names compared, and what the findings are called. */
#include "entity/name_parts.h"

static void known_frequencies(const struct name_ready *r, struct name_word *words)
{
    for (uint32_t i = 0; i < r->n; i++) {
        words[i] = *r->words[i];
        words[i].rare =
            words[i].role == ROLE_WORD ? (uint16_t)name_frequency(words[i].latin) : 1000;
        r->words[i] = &words[i];
    }
}

bool name_compare(struct arena *a, enum name_kind kind, const char *query, const char *listed,
                  enum name_mode mode, struct name_score *ret, struct err *err)
{
    struct name_ready q, l;
    struct name_word query_words[NAME_WORDS_MAX], listed_words[NAME_WORDS_MAX];
    struct ofac_name ofac[2];
    struct name_score score;

    if (!name_ready(a, kind, query, &q, err) || !name_ready(a, kind, listed, &l, err))
        return false;
    switch (mode) {
    case NAME_MODE_OFAC:
        ofac_read(query, &ofac[0]);
        ofac_read(listed, &ofac[1]);
        ofac_match(&ofac[0], &ofac[1], &score);
        break;
    case NAME_MODE_CORDON:
        known_frequencies(&q, query_words);
        known_frequencies(&l, listed_words);
        if (!name_match(a, &q, &l, &score))
            return err_fail(err, ERR_NOMEM, "readings of a name");
        break;
    }
    *ret = score;
    return true;
}

const char *name_how_text(enum name_how how)
{
    switch (how) {
    case NAME_SAME:
        return "the same";
    case NAME_SOUND:
        return "sounds alike";
    case NAME_TYPO:
        return "few letters differ";
    case NAME_INITIAL:
        return "an initial";
    case NAME_JOINED:
        return "one word for several";
    case NAME_ROMANISATION:
        return "transliterated";
    case NAME_READING_KOREAN:
        return "a Korean reading";
    case NAME_READING_MANDARIN:
        return "a Mandarin reading";
    case NAME_READING_CANTONESE:
        return "a Cantonese reading";
    case NAME_READING_JAPANESE:
        return "a Japanese reading";
    case NAME_SPELT_KOREAN:
        return "another romanisation, Korean";
    case NAME_SPELT_CHINESE:
        return "another romanisation, Chinese";
    case NAME_SPELT_JAPANESE:
        return "another romanisation, Japanese";
    case NAME_SPELT_LINKED:
        return "characters read in Korean and in Mandarin";
    case NAME_CHARACTERS:
        return "character by character";
    case NAME_ALIKE:
        return "Jaro-Winkler";
    }
    return "";
}

const char *name_kind_text(enum name_kind kind)
{
    switch (kind) {
    case NAME_PERSON:
        return "person";
    case NAME_ORGANISATION:
        return "organisation";
    case NAME_VESSEL:
        return "vessel";
    case NAME_AIRCRAFT:
        return "aircraft";
    case NAME_UNKNOWN:
        break;
    }
    return "unknown";
}
