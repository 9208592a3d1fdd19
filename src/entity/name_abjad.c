/* Scripts that leave vowels out: Arabic and Hebrew write few of them, Thai leaves short ones
 * understood. A word is a row of letters, each with its spellings; between them vowels are free.
 *
 * Before that a word is put in the order in which it is spoken, and letters that together are one
 * sound become one, with a number of its own (the AS_ONE below, of the private use area, which no
 * name has). Hebrew: doubled yod and vav are one consonant, a last he is a vowel. Thai, by the
 * Royal Thai General System of Transcription (1999): vowels written before a consonant are spoken
 * after it, tone marks go, what carries a thanthakhat is silent, and a consonant sounds otherwise
 * at the end of a syllable. People spell their own names less strictly, so more spellings than the
 * system's are there. */
#include "entity/name_parts.h"
#include "entity/name_romans.h"

#include <string.h>

enum {
    AS_ONE = 0xe000,
    HEBREW_YOD_TWICE = AS_ONE,
    HEBREW_VAV_TWICE,
    HEBREW_HE_LAST,
    THAI_AO,
    THAI_IA,
    THAI_UEA,
    THAI_OE,
    THAI_AM,
    THAI_UA,
    THAI_AN,
    THAI_O,
    SILENT = 0xe100, /* and the last byte of a Thai consonant: may be silent */
};

enum { /* Thai letters with parts of their own */
       KO_KAI = 0xe01,
       NGO_NGU = 0xe07,
       YO_YAK = 0xe22,
       RO_RUEA = 0xe23,
       WO_WAEN = 0xe27,
       HO_HIP = 0xe2b,
       O_ANG = 0xe2d,
       HO_NOK_HUK = 0xe2e,
       SARA_A = 0xe30,
       SARA_AA = 0xe32,
       SARA_I = 0xe34,
       SARA_II = 0xe35,
       SARA_UEE = 0xe37,
       SARA_UU = 0xe39,
       SARA_E = 0xe40,
       SARA_AE = 0xe41,
       SARA_O = 0xe42,
       SARA_AI_LAST = 0xe44,
       MAI_HAN_AKAT = 0xe31,
       THANTHAKHAT = 0xe4c,
       NIKHAHIT = 0xe4d,
};

bool name_thai(uint32_t c)
{
    return (c >= KO_KAI && c <= 0xe5b) || (c >= THAI_AO && c <= THAI_O) ||
           (c >= SILENT && c <= SILENT + 0xff);
}

static bool consonant(uint32_t c)
{
    return c >= KO_KAI && c <= HO_NOK_HUK;
}

static bool follows(uint32_t c) /* a vowel written behind, above or below */
{
    return c >= SARA_A && c <= SARA_UU;
}

static bool leads(uint32_t c)
{
    return c >= SARA_E && c <= SARA_AI_LAST;
}

static bool among(uint32_t c, const uint32_t *list)
{
    for (; *list; list++)
        if (*list == c)
            return true;
    return false;
}

/* Two consonants that begin one syllable. */
static bool cluster(uint32_t first, uint32_t second)
{
    if (first == HO_HIP)
        return among(second, U"งญนมยรลว");
    return (among(first, U"กขคตปผพทจสศ") && among(second, U"รลว")) ||
           (first == O_ANG && second == YO_YAK);
}

/* Marks go; what is not spoken is said to be so. In place. */
static unsigned thai_marks(uint32_t *c, unsigned n)
{
    unsigned out = 0;

    for (unsigned i = 0; i < n; i++) {
        if (c[i] == THANTHAKHAT) {
            if (out && follows(c[out - 1]))
                out--;
            if (out && consonant(c[out - 1])) {
                bool r = c[out - 1] == RO_RUEA;

                c[out - 1] = SILENT | (c[out - 1] & 0xff);
                if (r && out > 2 && consonant(c[out - 2])) /* of chanthr- both */
                    c[out - 2] = SILENT | (c[out - 2] & 0xff);
            }
        } else if (c[i] == NIKHAHIT && i + 1 < n && c[i + 1] == SARA_AA) {
            c[out++] = THAI_AM; /* as NFKC leaves sara am */
            i++;
        } else if (consonant(c[i]) || follows(c[i]) || leads(c[i])) {
            c[out++] = c[i];
        }
    }
    return out;
}

struct spoken {
    const uint32_t *c;
    unsigned n, at, ret_n;
    uint32_t ret[NAME_SPOKEN_MAX]; /* no more than n of them */
};

static uint32_t peek(const struct spoken *s, unsigned further)
{
    return s->at + further < s->n ? s->c[s->at + further] : 0;
}

static void say(struct spoken *s, uint32_t c)
{
    s->ret[s->ret_n++] = c;
}

/* What begins with sara e: it may be a part of another vowel. */
static void vowel_of_e(struct spoken *s)
{
    uint32_t a = peek(s, 0), b = peek(s, 1);
    uint32_t vowel = SARA_E;
    unsigned took = 0;

    if (a == SARA_AA) {
        vowel = b == SARA_A ? THAI_O : THAI_AO;
        took = b == SARA_A ? 2 : 1;
    } else if (a == SARA_II && b == YO_YAK) {
        vowel = THAI_IA;
        took = 2;
    } else if (a == SARA_UEE && b == O_ANG) {
        vowel = THAI_UEA;
        took = 2;
    } else if (a == SARA_I || (a == O_ANG && !follows(b))) {
        vowel = THAI_OE;
        took = 1;
    } else if (a == YO_YAK && !follows(b)) {
        vowel = THAI_OE;
    }
    s->at += took;
    say(s, vowel);
}

static void leading(struct spoken *s)
{
    uint32_t vowel = s->c[s->at++], first = peek(s, 0);

    if (!consonant(first)) {
        say(s, vowel);
        return;
    }
    if (cluster(first, peek(s, 1)) && (consonant(peek(s, 2)) || follows(peek(s, 2)))) {
        if (first != HO_HIP && first != O_ANG)
            say(s, first);
        say(s, peek(s, 1));
        s->at += 2;
    } else {
        if (first != O_ANG)
            say(s, first);
        s->at++;
    }
    if (vowel == SARA_E)
        vowel_of_e(s);
    else
        say(s, vowel);
    if (peek(s, 0) == SARA_A) /* makes it short */
        s->at++;
}

static void thai_letter(struct spoken *s)
{
    uint32_t c = s->c[s->at], next = peek(s, 1);
    uint32_t before = s->ret_n ? s->ret[s->ret_n - 1] : 0;
    unsigned took = 1;

    if (c == MAI_HAN_AKAT && next == WO_WAEN) {
        c = THAI_UA;
        took = 2;
    } else if (c == RO_RUEA && next == RO_RUEA) {
        c = THAI_AN;
        took = 2;
    } else if (c == O_ANG && (follows(next) || next == THAI_AM || before == SARA_UEE)) {
        c = 0; /* it carries the vowel */
    } else if (c == HO_HIP && cluster(c, next)) {
        c = SILENT | (HO_HIP & 0xff);
    }
    if (c)
        say(s, c);
    s->at += took;
}

static unsigned thai_spoken(const uint32_t *c, unsigned n, uint32_t *ret)
{
    struct spoken s;

    s.c = c;
    s.n = n;
    s.at = s.ret_n = 0;
    while (s.at < n)
        if (leads(c[s.at]))
            leading(&s);
        else
            thai_letter(&s);
    memcpy(ret, s.ret, s.ret_n * sizeof(*ret));
    return s.ret_n;
}

static unsigned hebrew_spoken(const uint32_t *c, unsigned n, uint32_t *ret)
{
    unsigned out = 0;

    for (unsigned i = 0; i < n; i++) {
        bool twice = i + 1 < n && c[i + 1] == c[i];

        if (c[i] == 0x5d9 && twice) {
            ret[out++] = HEBREW_YOD_TWICE;
            i++;
        } else if (c[i] == 0x5d5 && twice) {
            ret[out++] = HEBREW_VAV_TWICE;
            i++;
        } else {
            ret[out++] = c[i] == 0x5d4 && i + 1 == n && i ? (uint32_t)HEBREW_HE_LAST : c[i];
        }
    }
    return out;
}

unsigned name_spoken(uint32_t *c, unsigned n)
{
    uint32_t ret[NAME_SPOKEN_MAX];
    unsigned out = 0;

    if (n > NAME_SPOKEN_MAX)
        return n;
    for (unsigned i = 0, end; i < n; i = end) {
        bool thai = name_thai(c[i]), hebrew = c[i] >= 0x5d0 && c[i] <= 0x5ea;

        for (end = i + 1; end < n && name_thai(c[end]) == thai &&
                          (c[end] >= 0x5d0 && c[end] <= 0x5ea) == hebrew;)
            end++;
        if (thai) {
            out += thai_spoken(c + i, thai_marks(c + i, end - i), ret + out);
        } else if (hebrew) {
            out += hebrew_spoken(c + i, end - i, ret + out);
        } else {
            memcpy(ret + out, c + i, (end - i) * sizeof(*c));
            out += end - i;
        }
    }
    memcpy(c, ret, out * sizeof(*c));
    return out;
}

/* ---- spellings ---- */

struct spellings {
    const char *of[2]; /* the second may be NULL */
    bool silent;       /* may also be nothing, at no cost */
};

static const char *row_of(const struct romans_syllable *row, uint32_t c)
{
    for (; row->c; row++)
        if (row->c == c)
            return row->spellings;
    return NULL;
}

/* Of the k-th of n letters. A Thai consonant before a vowel begins a syllable, the last one ends
 * one, and the others may do either. */
static struct spellings spellings_of(const uint32_t *letters, unsigned n, unsigned k)
{
    uint32_t c = letters[k], next = k + 1 < n ? letters[k + 1] : 0;
    struct spellings s = {.of = {NULL, NULL}};

    if (c >= SILENT && c <= SILENT + 0xff) {
        s.silent = true;
        c = 0xe00 | (c & 0xff);
    }
    s.of[0] = row_of(romans_abjad, c);
    if (!s.of[0])
        s.of[0] = "-";
    if (!k && n > 1 && (c == 0x5d0 || c == 0x5e2)) { /* alef, ayin: some vowel begins the word */
        s.of[0] = "a e i o u";
        s.silent = next == 0x5d5 || next == 0x5d9 || next == HEBREW_YOD_TWICE;
    }
    if (!consonant(c))
        return s;
    s.of[1] = row_of(romans_thai_last, c);
    if (follows(next) || leads(next) || (next >= THAI_AO && next <= THAI_O))
        s.of[1] = NULL;
    else if (!next && s.of[1]) {
        s.of[0] = s.of[1];
        s.of[1] = NULL;
    }
    return s;
}

unsigned abjad_first(uint32_t c, char *ret)
{
    struct spellings s = spellings_of(&c, 1, 0);
    size_t n;

    if (consonant(c)) /* as it begins a syllable */
        s.of[0] = row_of(romans_abjad, c);
    n = !s.of[0] || s.silent || *s.of[0] == '-' ? 0 : strcspn(s.of[0], " ");
    memcpy(ret, s.of[0] ? s.of[0] : "", n);
    ret[n] = 0;
    return (unsigned)n;
}

static bool free_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

/* Short vowels between letters cost next to nothing, but not nothing: of two words with the same
 * consonants the one with fewer is likelier. Hebrew and Thai write more of the vowels than Arabic,
 * so that what they leave out is surer. */
enum {
    ABJAD_LETTER = 20,
    ABJAD_VOWEL = 2,
    SPOKEN_VOWEL = 1,
    ABJAD_VOWEL_MORE = 10,
    ABJAD_SILENT = 6,
};

static void spell_letter(const char *words, const uint16_t *now, uint16_t *next, const char *latin,
                         unsigned m)
{
    while (words && *words) {
        unsigned len = 0;

        while (words[len] && words[len] != ' ')
            len++;
        if (*words == '-')
            for (unsigned i = 0; i <= m; i++)
                next[i] =
                    now[i] + ABJAD_SILENT < next[i] ? (uint16_t)(now[i] + ABJAD_SILENT) : next[i];
        else
            for (unsigned i = 0; i + len <= m; i++) {
                if (latin[i] != *words || (len > 1 && memcmp(latin + i, words, len) != 0))
                    continue;
                if (now[i] < next[i + len])
                    next[i + len] = now[i];
                if (i + len < m && latin[i + len] == latin[i + len - 1] &&
                    now[i] < next[i + len + 1])
                    next[i + len + 1] = now[i]; /* doubled */
            }
        words += len + (words[len] == ' ');
    }
}

unsigned abjad_cost(const uint32_t *letters, unsigned n, const char *latin, unsigned m,
                    unsigned most)
{
    uint16_t now[NAME_LATIN_MAX + 1], next[NAME_LATIN_MAX + 1];
    unsigned vowel = n && letters[0] >= 0x600 && letters[0] < 0x700 ? ABJAD_VOWEL : SPOKEN_VOWEL;

    now[0] = 0;
    for (unsigned i = 1; i <= m; i++)
        now[i] =
            (uint16_t)(now[i - 1] + (free_vowel(latin[i - 1]) ? ABJAD_VOWEL_MORE : ABJAD_LETTER));
    for (unsigned k = 0; k < n; k++) {
        struct spellings s = spellings_of(letters, n, k);
        unsigned least = UINT16_MAX;

        for (unsigned i = 0; i <= m; i++)
            next[i] = (uint16_t)(now[i] + (s.silent ? 0 : ABJAD_LETTER)); /* not spelt */
        for (unsigned i = 0; i < m; i++)
            if (now[i] + ABJAD_LETTER < next[i + 1])
                next[i + 1] = (uint16_t)(now[i] + ABJAD_LETTER); /* another letter */
        spell_letter(s.of[0], now, next, latin, m);
        spell_letter(s.of[1], now, next, latin, m);
        for (unsigned i = m; i-- > 0;) { /* one short vowel */
            unsigned cost = next[i] + (free_vowel(latin[i]) ? vowel : ABJAD_LETTER);

            if (cost < next[i + 1])
                next[i + 1] = (uint16_t)cost;
        }
        for (unsigned i = 0; i < m; i++) { /* and more */
            unsigned cost = next[i] + (free_vowel(latin[i]) ? ABJAD_VOWEL_MORE : ABJAD_LETTER);

            if (cost < next[i + 1])
                next[i + 1] = (uint16_t)cost;
        }
        for (unsigned i = 0; i <= m; i++)
            least = next[i] < least ? next[i] : least;
        if (least > most)
            return most + 1;
        memcpy(now, next, (m + 1) * sizeof(now[0]));
    }
    return now[m];
}

/* ---- keys ---- */

enum { SEEN_MAX = 8 };

/* The first bone of each spelling, or 0 for none. */
static void bones_seen(const char *words, char *seen, unsigned *n)
{
    while (words && *words) {
        size_t w = strcspn(words, " ");
        char fold[NAME_LATIN_MAX], bones[NAME_LATIN_MAX];
        unsigned m = *words == '-' ? 0 : name_fold(words, (unsigned)w, fold);
        char c = m && name_bones(fold, m, bones) ? bones[0] : 0;

        if (*n < SEEN_MAX && !memchr(seen, c, *n))
            seen[(*n)++] = c;
        words += w + (words[w] == ' ');
    }
}

/* The consonants that Latin letters would be left with by name_bones; letters that are read two
 * ways make two lists. */
unsigned abjad_bones(const uint32_t *letters, unsigned n, char ret[][NAME_LATIN_MAX], unsigned max)
{
    unsigned lists = 1;
    unsigned len[8] = {0};

    if (max > 8)
        max = 8;
    for (unsigned k = 0; k < n; k++) {
        struct spellings s = spellings_of(letters, n, k);
        char seen[SEEN_MAX];
        unsigned seen_n = 0, had = lists;

        if (s.silent)
            seen[seen_n++] = 0;
        bones_seen(s.of[0], seen, &seen_n);
        bones_seen(s.of[1], seen, &seen_n);
        for (unsigned i = 1; i < seen_n; i++)
            for (unsigned j = 0; j < had && lists < max; j++) {
                memcpy(ret[lists], ret[j], len[j]);
                len[lists] = len[j];
                if (seen[i] && (!len[lists] || ret[lists][len[lists] - 1] != seen[i]))
                    ret[lists][len[lists]++] = seen[i];
                lists++;
            }
        for (unsigned j = 0; j < had && seen_n; j++)
            if (seen[0] && (!len[j] || ret[j][len[j] - 1] != seen[0]))
                ret[j][len[j]++] = seen[0];
    }
    for (unsigned j = 0; j < lists; j++)
        ret[j][len[j]] = 0;
    return lists;
}
