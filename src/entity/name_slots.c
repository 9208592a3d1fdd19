/* Hangul, Han and Kana against Latin letters, character by character.
 *
 * A character is a slot; what it can be read as in one language is spelt by pieces in a row, each
 * with alternatives: a Hangul syllable by the spellings of its onset, vowel and coda, so that Kim
 * and Gim, Jong and Jeong and Chung are one look-up and no list of romanisations is ever complete
 * but this one is open-ended. Latin letters are walked once with the set of places that can be
 * reached (a bit each), so the cost does not grow with the number of spellings.
 *
 * Romanisations: Revised (Ministry of Culture and Tourism notice 2000-8), McCune-Reischauer without
 * marks, that of the DPRK (1992), the customs of passports; Hanyu Pinyin (ISO 7098) and Wade-Giles;
 * Jyutping and the spellings of the Hong Kong government; Hepburn, Kunrei (ISO 3602), Nihon. */
#include "entity/name_parts.h"
#include "entity/name_romans.h"
#include "entity/name_tables.h"

#include "base/bytes.h"

#include <stddef.h>
#include <string.h>

enum { COST_SLOT = 10, COST_EDIT = 6, COST_LETTER = 4, COST_SPLIT = 2, COST_NONE = 1000 };

static const struct han_row *find_han(uint32_t c)
{
    uint32_t low = 0, high = han_rows_n;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (han_rows[mid].c < c)
            low = mid + 1;
        else
            high = mid;
    }
    return low < han_rows_n && han_rows[low].c == c ? &han_rows[low] : NULL;
}

static uint32_t han_folded(uint32_t c)
{
    const struct han_row *row;

    for (size_t i = 0; romans_shinjitai[i]; i += 2)
        if (romans_shinjitai[i] == c) {
            c = romans_shinjitai[i + 1];
            break;
        }
    row = find_han(c);
    return row ? row->folded : c;
}

static const char *han_readings(uint32_t c, enum han_field field)
{
    const struct han_row *row = find_han(c);
    const char *p = row ? han_text + row->text : "";

    for (int i = 0; row && i < (int)field; i++)
        p += strlen(p) + 1;
    return p;
}

const char *name_han_reading(uint32_t c, unsigned field)
{
    return han_readings(c, (enum han_field)field);
}

unsigned name_characters(const struct name_ready *r, bool rotated, uint32_t *ret)
{
    unsigned n = 0;
    uint32_t last = r->n;

    while (last &&
           (!script_syllabic(r->words[last - 1]->script) || r->words[last - 1]->role == ROLE_FORM))
        last--;
    for (uint32_t k = 0; k < last; k++) {
        const struct name_word *w = r->words[rotated ? (k + last - 1) % last : k];

        if (!script_syllabic(w->script) || w->role == ROLE_FORM)
            continue;
        for (unsigned i = 0; i < w->own_n && n < NAME_SLOTS_MAX; i++)
            ret[n++] = w->own[i];
    }
    return n;
}

/* Building slots */

static uint16_t put(struct name_slot *s, const char *text, size_t n)
{
    uint16_t at = s->text_n;

    if (s->text_n + n + 1 > SLOT_TEXT)
        return UINT16_MAX;
    memcpy(s->text + at, text, n);
    s->text[at + n] = 0;
    s->text_n = (uint16_t)(at + n + 1);
    return at;
}

static bool has(const struct name_slot *s, const uint16_t *list, unsigned n, const char *text,
                size_t len)
{
    for (unsigned i = 0; i < n; i++)
        if (!strncmp(s->text + list[i], text, len) && !s->text[list[i] + len])
            return true;
    return false;
}

static void choose(struct name_slot *s, unsigned piece, const char *text, size_t n)
{
    uint16_t at;

    if (s->choices_n[piece] == CHOICES_MAX ||
        has(s, s->choice[piece], s->choices_n[piece], text, n))
        return;
    at = put(s, text, n);
    if (at == UINT16_MAX)
        return;
    s->choice[piece][s->choices_n[piece]++] = at;
    if (s->pieces_n <= piece)
        s->pieces_n = (uint8_t)(piece + 1);
}

static void extra(struct name_slot *s, const char *text, size_t n)
{
    uint16_t at;

    if (s->extra_n == CHOICES_MAX || has(s, s->extra, s->extra_n, text, n))
        return;
    at = put(s, text, n);
    if (at != UINT16_MAX)
        s->extra[s->extra_n++] = at;
}

/* "a b c": each a choice; "-" is the empty one. */
static void choose_each(struct name_slot *s, unsigned piece, const char *words)
{
    while (*words) {
        size_t n = strcspn(words, " ");

        if (n == 1 && *words == '-')
            choose(s, piece, "", 0);
        else if (n)
            choose(s, piece, words, n);
        words += n + (words[n] == ' ');
    }
}

static void extra_each(struct name_slot *s, const char *words)
{
    while (*words) {
        size_t n = strcspn(words, " ");

        if (n)
            extra(s, words, n);
        words += n + (words[n] == ' ');
    }
}

/* Korean */

static bool iotised(unsigned vowel) /* i and y: before them the initial sound law drops r and n */
{
    return vowel == 2 || vowel == 3 || vowel == 6 || vowel == 7 || vowel == 12 || vowel == 17 ||
           vowel == 20;
}

static uint32_t hangul_plain(uint32_t c)
{
    unsigned at, onset, vowel;

    if (c < 0xac00 || c > 0xd7a3)
        return c;
    at = c - 0xac00;
    onset = at / 588;
    vowel = at % 588 / 28;
    if (onset == 5) /* r */
        onset = iotised(vowel) ? 11 : 2;
    else if (onset == 2 && iotised(vowel))
        onset = 11;
    return 0xac00 + onset * 588 + at % 588;
}

static void korean_syllable(struct name_slot *s, uint32_t c, bool first)
{
    unsigned at = c - 0xac00, onset = at / 588, vowel = at % 588 / 28, coda = at % 28;

    choose_each(s, 0, romans_onset[onset]);
    if (onset == 11 && iotised(vowel))
        choose_each(s, 0, "r l y");
    if (first && onset == 2)
        choose_each(s, 0, "r l rh");
    choose_each(s, 1, romans_vowel[vowel]);
    choose_each(s, 2, romans_coda[coda]);
    if (first)
        for (const struct romans_syllable *row = romans_korean_common; row->c; row++)
            if (row->c == c)
                extra_each(s, row->spellings);
}

uint32_t plain_character(uint32_t c)
{
    return c >= 0xac00 && c <= 0xd7a3 ? hangul_plain(c) : c >= 0x3400 ? han_folded(c) : c;
}

unsigned han_hangul(uint32_t c, uint32_t *ret, unsigned max)
{
    const char *p = han_readings(c, HAN_HANGUL);
    unsigned n = 0;

    while (*p && n < max) { /* syllables of three bytes */
        if ((uint8_t)*p == ' ') {
            p++;
            continue;
        }
        ret[n++] = (uint32_t)((uint8_t)p[0] & 15) << 12 | (uint32_t)((uint8_t)p[1] & 63) << 6 |
                   ((uint8_t)p[2] & 63);
        p += 3;
    }
    return n;
}

bool same_character(uint32_t a, uint32_t b)
{
    bool hangul_a = a >= 0xac00 && a <= 0xd7a3, hangul_b = b >= 0xac00 && b <= 0xd7a3;
    uint32_t read[4];
    unsigned n;

    if (a == b || plain_character(a) == plain_character(b))
        return true;
    if (hangul_a == hangul_b)
        return false;
    n = han_hangul(hangul_a ? b : a, read, 4);
    for (unsigned i = 0; i < n; i++)
        if (hangul_plain(read[i]) == hangul_plain(hangul_a ? a : b))
            return true;
    return false;
}

static bool slot_korean(uint32_t c, bool first, struct name_slot *s)
{
    uint32_t syllables[4];
    unsigned n;

    if (c >= 0xac00 && c <= 0xd7a3) {
        korean_syllable(s, c, first);
        return true;
    }
    n = han_hangul(c, syllables, 4);
    if (!n)
        return false;
    for (unsigned i = 0; i < n; i++) {
        struct name_slot one = {0};

        /* Each reading is spelt out whole, so that parts of two never mix. */
        korean_syllable(&one, syllables[i], first);
        for (unsigned o = 0; o < one.choices_n[0]; o++)
            for (unsigned v = 0; v < one.choices_n[1] && v < 4; v++)
                for (unsigned k = 0; k < one.choices_n[2]; k++) {
                    char whole[32];
                    size_t m = 0;
                    const uint16_t parts[3] = {one.choice[0][o], one.choice[1][v],
                                               one.choice[2][k]};

                    for (int q = 0; q < 3; q++) {
                        size_t w = strlen(one.text + parts[q]);

                        memcpy(whole + m, one.text + parts[q], w);
                        m += w;
                    }
                    choose(s, 0, whole, m);
                }
        for (unsigned k = 0; k < one.extra_n; k++)
            extra(s, one.text + one.extra[k], strlen(one.text + one.extra[k]));
    }
    return s->pieces_n > 0;
}

/* Mandarin */

static void mandarin_reading(struct name_slot *s, const char *p, size_t n)
{
    char text[24];
    char wade[ROMANS_SYLLABLE_MAX];

    if (!n || n + 2 > sizeof(text))
        return;
    memcpy(text, p, n);
    text[n] = 0;
    for (size_t i = 0; i < n; i++)
        if (text[i] == 'v') { /* u with diaeresis: lu, lyu, lue */
            text[i] = 'u';
            choose(s, 0, text, n);
            memmove(text + i + 1, text + i, n - i);
            text[i] = 'y';
            choose(s, 0, text, n + 1);
            return;
        }
    choose(s, 0, text, n);
    choose(s, 0, wade, romans_wade_giles(text, n, wade));
}

static bool slot_mandarin(uint32_t c, bool first, struct name_slot *s)
{
    const char *p = han_readings(c, HAN_MANDARIN);

    for (const struct romans_syllable *row = romans_mandarin_surnames; row->c; row++)
        if (row->c == c) { /* as a surname, and as the character is read otherwise */
            const char *w = row->spellings;

            while (*w) {
                size_t n = strcspn(w, " ");

                mandarin_reading(s, w, n);
                w += n + (w[n] == ' ');
            }
        }
    (void)first;
    while (*p) {
        size_t n = strcspn(p, " ");

        mandarin_reading(s, p, n);
        p += n + (p[n] == ' ');
    }
    return s->pieces_n > 0;
}

/* Cantonese */

static void choose_first(void *to, const char *p, size_t n)
{
    choose(to, 0, p, n);
}

static bool slot_cantonese(uint32_t c, bool first, struct name_slot *s)
{
    const char *p = han_readings(c, HAN_CANTONESE);

    (void)first;
    while (*p) {
        size_t n = strcspn(p, " ");

        romans_cantonese(p, n, choose_first, s);
        p += n + (p[n] == ' ');
    }
    return s->pieces_n > 0;
}

/* Japanese */

/* One reading in Hepburn letters with all vowels written, and what becomes of it: long vowels
 * short or with h, Kunrei's and Nihon's consonants. */
static void japanese_reading(struct name_slot *s, const char *p, size_t n, bool voiced)
{
    char forms[4][32], kunrei[32];
    unsigned forms_n = 0;
    size_t m = 0;

    if (!n || n >= 24)
        return;
    memcpy(forms[0], p, n);
    forms[0][n] = 0;
    if (voiced) {
        const struct romans_pair *row = romans_voiced;

        while (row->from && strncmp(p, row->from, strlen(row->from)) != 0)
            row++;
        if (!row->from)
            return;
        strcpy(forms[0], row->to); /* NOLINT(bugprone-*,clang-analyzer-*): one or two letters */
        memcpy(forms[0] + strlen(row->to), p + strlen(row->from), n - strlen(row->from));
        n = strlen(row->to) + n - strlen(row->from);
        forms[0][n] = 0;
    }
    forms_n = 1;
    for (size_t i = 0; i + 1 < n; i++) { /* "ou", "uu", "oo" */
        const char *f = forms[0];

        if ((f[i] == 'o' || f[i] == 'u') && (f[i + 1] == 'u' || (f[i] == 'o' && f[i + 1] == 'o'))) {
            memcpy(forms[1], f, i + 1);
            memcpy(forms[1] + i + 1, f + i + 2, n - i - 1);
            forms_n = 2;
            if (f[i] == 'o') {
                memcpy(forms[2], f, i + 1);
                forms[2][i + 1] = 'h';
                memcpy(forms[2] + i + 2, f + i + 2, n - i - 1);
                forms_n = 3;
            }
            break;
        }
    }
    for (unsigned k = 0; k < forms_n; k++) {
        const char *f = forms[k];

        choose(s, 0, f, strlen(f));
        m = 0;
        while (*f && m + 3 < sizeof(kunrei)) {
            const struct romans_pair *row = romans_kunrei;

            while (row->from && strncmp(f, row->from, strlen(row->from)) != 0)
                row++;
            if (row->from) {
                size_t w = strlen(row->to);

                memcpy(kunrei + m, row->to, w);
                m += w;
                f += strlen(row->from);
            } else {
                kunrei[m++] = *f++;
            }
        }
        choose(s, 0, kunrei, m);
    }
}

static void japanese_readings(struct name_slot *s, const char *p, bool first)
{
    while (*p) {
        size_t n = strcspn(p, " ");

        japanese_reading(s, p, n, false);
        if (!first)
            japanese_reading(s, p, n, true);
        p += n + (p[n] == ' ');
    }
}

static bool slot_japanese(uint32_t c, bool first, struct name_slot *s)
{
    for (const struct romans_syllable *row = romans_japanese_names; row->c; row++)
        if (row->c == c)
            japanese_readings(s, row->spellings, first);
    japanese_readings(s, han_readings(c, HAN_KUN), first);
    japanese_readings(s, han_readings(c, HAN_ON), first);
    return s->pieces_n > 0;
}

static bool is_kana(uint32_t c)
{
    return (c >= 0x3041 && c <= 0x3096) || c == 0x30fc;
}

/* A unit of Kana is one character, or one and a small one after it. */
static unsigned slot_kana(const uint32_t *c, unsigned n, struct name_slot *s)
{
    for (const struct romans_kana *row = romans_kana; row->c[0]; row++) {
        unsigned m = row->c[1] ? 2 : 1;

        if (m <= n && row->c[0] == c[0] && (m == 1 || row->c[1] == c[1])) {
            choose_each(s, 0, row->spellings);
            return m;
        }
    }
    choose(s, 0, "", 0);
    return 1;
}

unsigned kana_latin(const uint32_t *own, unsigned n, char *ret, unsigned max)
{
    unsigned out = 0;

    for (unsigned i = 0; i < n;) {
        struct name_slot s = {0};
        size_t m;
        const char *text;

        i += slot_kana(own + i, n - i, &s);
        text = s.text + s.choice[0][0];
        m = strlen(text);
        if (out + m + 1 >= max)
            break;
        memcpy(ret + out, text, m);
        out += (unsigned)m;
    }
    ret[out] = 0;
    return out;
}

bool name_spell(const uint32_t *chars, unsigned n, enum slot_language language,
                struct name_slot *ret, unsigned *ret_n)
{
    static bool (*const read[])(uint32_t c, bool first, struct name_slot *s) = {
        slot_korean, slot_mandarin, slot_cantonese, slot_japanese};
    unsigned slots = 0;

    for (unsigned i = 0; i < n;) {
        struct name_slot *s = &ret[slots];

        memset(s, 0, offsetof(struct name_slot, text));
        s->c = chars[i];
        if (language == SLOT_JAPANESE && is_kana(chars[i])) {
            i += slot_kana(chars + i, n - i, s);
        } else {
            if (!read[language](chars[i], slots == 0, s))
                return false;
            i++;
        }
        slots++;
    }
    *ret_n = slots;
    return slots > 0;
}

bool name_read_all(struct arena *a, const struct name_ready *r, struct name_readings *ret)
{
    *ret = (struct name_readings){0};
    for (int turn = 0; turn < (r->n > 1 ? 2 : 1); turn++) {
        uint32_t c[NAME_SLOTS_MAX];
        unsigned n = name_characters(r, turn, c);

        for (int l = 0; l < SLOT_LANGUAGES; l++) {
            struct name_slot slots[NAME_SLOTS_MAX];
            struct name_spelt *to = &ret->as[turn][l];

            if (!name_spell(c, n, (enum slot_language)l, slots, &to->n)) {
                to->n = 0;
                continue;
            }
            to->hangul = true;
            for (unsigned i = 0; i < n; i++)
                to->hangul &= c[i] < 0x3400 || c[i] >= 0xac00;
            to->slots = arena_copy(a, slots, to->n * sizeof(slots[0]));
            if (!to->slots)
                return false;
        }
    }
    return true;
}

enum name_how slot_how(enum slot_language language)
{
    switch (language) {
    case SLOT_KOREAN:
        return NAME_READING_KOREAN;
    case SLOT_MANDARIN:
        return NAME_READING_MANDARIN;
    case SLOT_CANTONESE:
        return NAME_READING_CANTONESE;
    case SLOT_JAPANESE:
    case SLOT_LANGUAGES:
        break;
    }
    return NAME_READING_JAPANESE;
}

/* Walking */

/* Places reached from `from` by one of the spellings. */
static uint64_t walk_list(const struct name_slot *s, const uint16_t *list, unsigned list_n,
                          const char *latin, unsigned n, uint64_t from)
{
    uint64_t to = 0;

    for (unsigned i = 0; i < list_n; i++) {
        const char *text = s->text + list[i];

        for (uint64_t left = from; left; left &= left - 1) {
            unsigned at = (unsigned)__builtin_ctzll(left), m = 0;

            while (text[m] && at + m < n && latin[at + m] == text[m])
                m++;
            if (!text[m])
                to |= 1ULL << (at + m);
        }
    }
    return to;
}

/* From one place: all places that the slot reaches as it is spelt (ret[0]), and with one letter
 * changed, added or left out (ret[1]). */
static void walk_slot(const struct name_slot *s, const char *latin, unsigned n, unsigned at,
                      uint64_t ret[2])
{
    uint64_t exact = 1ULL << at, near = 0;

    for (unsigned p = 0; p < s->pieces_n; p++) {
        uint64_t next = walk_list(s, s->choice[p], s->choices_n[p], latin, n, exact);
        uint64_t then = walk_list(s, s->choice[p], s->choices_n[p], latin, n, near);

        if (s->pieces_n > 1)
            then |= exact | exact << 1; /* the piece is missing, or is another letter */
        near = then;
        exact = next;
    }
    if (s->pieces_n == 1)
        for (unsigned i = 0; i < s->choices_n[0]; i++) {
            const char *text = s->text + s->choice[0][i];
            unsigned m = (unsigned)strlen(text), same = 0, tail = 0;

            if (m < 3)
                continue;
            while (same < m && at + same < n && latin[at + same] == text[same])
                same++;
            /* what is left after one letter changed, left out, or added */
            for (unsigned k = 0; k < 3 && same < m; k++) {
                unsigned in_text = same + (k != 2), in_latin = at + same + (k != 1);

                tail = m - in_text;
                if (in_latin + tail <= n && !memcmp(latin + in_latin, text + in_text, tail))
                    near |= 1ULL << (in_latin + tail);
            }
        }
    exact |= walk_list(s, s->extra, s->extra_n, latin, n, 1ULL << at);
    ret[0] = exact;
    ret[1] = near & ~exact & (n < 63 ? (1ULL << (n + 1)) - 1 : ~0ULL);
}

unsigned slots_cost(const struct name_slot *slots, unsigned slots_n, const char *latin, unsigned n,
                    uint64_t bounds)
{
    uint16_t now[64], next[64];
    unsigned most = COST_SLOT * slots_n / 2; /* half of it wrong is all of it wrong */

    for (unsigned i = 0; i <= n; i++)
        now[i] = (uint16_t)(i * COST_LETTER);
    for (unsigned k = 0; k < slots_n; k++) {
        unsigned least = UINT16_MAX;

        for (unsigned i = 0; i <= n; i++)
            next[i] = (uint16_t)(now[i] + COST_SLOT);
        for (unsigned i = 0; i <= n; i++) {
            uint64_t reach[2];
            uint64_t blind;

            if (now[i] > most)
                continue;
            walk_slot(&slots[k], latin, n, i, reach);
            blind = i < n ? (2ULL << (i + 5 < n ? i + 5 : n)) - (2ULL << i) : 0;
            for (uint64_t all = reach[0] | reach[1] | blind; all; all &= all - 1) {
                unsigned to = (unsigned)__builtin_ctzll(all);
                unsigned cost = now[i];

                if (reach[0] >> to & 1)
                    cost += 0;
                else if (reach[1] >> to & 1)
                    cost += COST_EDIT;
                else
                    cost += COST_SLOT;
                /* a word begins within the character */
                if (to > i + 1 && bounds & ((1ULL << to) - (2ULL << i)))
                    cost += COST_SPLIT;
                if (cost < next[to])
                    next[to] = (uint16_t)cost;
            }
        }
        for (unsigned i = 0; i < n; i++)
            if (next[i] + COST_LETTER < next[i + 1])
                next[i + 1] = (uint16_t)(next[i] + COST_LETTER);
        for (unsigned i = 0; i <= n; i++)
            least = next[i] < least ? next[i] : least;
        if (least > most)
            return COST_NONE;
        memcpy(now, next, (n + 1) * sizeof(now[0]));
    }
    return now[n] > most ? COST_NONE : now[n];
}

uint32_t name_coarse_hash(const char *coarse, unsigned n)
{
    uint64_t h = 0xcbf29ce484222325ULL;

    for (unsigned i = 0; i < n; i++)
        h = (h ^ (uint8_t)coarse[i]) * 0x100000001b3ULL;
    return (uint32_t)(h ^ h >> 32);
}

/* One spelling for each different class of consonants that a slot can have. */
static unsigned representatives(const struct name_slot *s, char ret[][32], unsigned max)
{
    char seen[16][32];
    unsigned n = 0;
    unsigned whole = s->extra_n;

    for (unsigned p = 0, total = 1; p < s->pieces_n; p++) {
        total *= s->choices_n[p];
        whole = s->extra_n + total;
    }
    for (unsigned i = 0; i < whole && n < max; i++) {
        char text[96], coarse[NAME_LATIN_MAX];
        size_t m = 0;
        unsigned left = i, k;

        if (i < s->extra_n) {
            m = strlen(s->text + s->extra[i]);
            memcpy(text, s->text + s->extra[i], m);
        } else {
            left = i - s->extra_n;
            for (unsigned p = 0; p < s->pieces_n; p++) {
                const char *t = s->text + s->choice[p][left % s->choices_n[p]];
                size_t w = strlen(t);

                left /= s->choices_n[p];
                memcpy(text + m, t, w);
                m += w;
            }
        }
        if (m >= 32)
            continue;
        text[m] = 0;
        name_coarse(text, (unsigned)m, coarse);
        for (k = 0; k < n && strcmp(seen[k], coarse) != 0; k++)
            ;
        if (k < n)
            continue;
        memcpy(seen[n], coarse, strlen(coarse) + 1);
        memcpy(ret[n++], text, m + 1);
    }
    return n;
}

unsigned slots_keys(const struct name_slot *slots, unsigned slots_n, uint32_t *ret)
{
    char spellings[16][32];
    char lists[NAME_KEYS_MAX][NAME_SLOTS_MAX * 2 + 32];
    unsigned lists_n = 1;
    unsigned keys = 0;

    lists[0][0] = 0;
    for (unsigned k = 0; k < slots_n; k++) {
        unsigned n = representatives(&slots[k], spellings, 16), had = lists_n;

        if (!n)
            return 0;
        for (unsigned i = 1; i < n; i++)
            for (unsigned j = 0; j < had && lists_n < NAME_KEYS_MAX; j++) {
                if (strlen(lists[j]) + strlen(spellings[i]) + 1 > sizeof(lists[0]))
                    return 0;
                strcpy(lists[lists_n], lists[j]);       /* NOLINT: sizes checked */
                strcat(lists[lists_n++], spellings[i]); /* NOLINT */
            }
        for (unsigned j = 0; j < had; j++) {
            if (strlen(lists[j]) + strlen(spellings[0]) + 1 > sizeof(lists[0]))
                return 0;
            strcat(lists[j], spellings[0]); /* NOLINT: size checked */
        }
    }
    for (unsigned j = 0; j < lists_n; j++) {
        char coarse[sizeof(lists[0])];
        unsigned n = name_coarse(lists[j], (unsigned)strlen(lists[j]), coarse), i;
        uint32_t key = name_coarse_hash(coarse, n);

        for (i = 0; i < keys && ret[i] != key; i++)
            ;
        if (n && i == keys)
            ret[keys++] = key;
    }
    return keys;
}
