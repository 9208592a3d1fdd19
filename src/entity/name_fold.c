/* What is left of a word when spellings of one sound are made one, and how many letters two words
 * differ by.
 *
 * The folding is no phonetic code of one language: it makes the same what the romanisations of
 * Arabic, Persian, Russian and the spellings of Europe differ in (o and u, e and i and y, w and v,
 * kh and k, doubled letters, silent h), and keeps the rest apart. */
#include "entity/name_parts.h"

#include <string.h>

static bool vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

static bool begins(const char *p, const char *end, const char *with)
{
    size_t n = strlen(with);

    return (size_t)(end - p) >= n && !memcmp(p, with, n);
}

/* Longest first: letters together that stand for one. */
static const struct {
    const char *from, *to;
} fold_rows[] = {
    {"tsch", "c"}, {"shch", "s"}, {"dzh", "j"}, {"sch", "s"}, {"tch", "c"}, {"kh", "k"},
    {"gh", "g"},   {"dh", "d"},   {"th", "t"},  {"bh", "b"},  {"ph", "f"},  {"zh", "z"},
    {"sh", "s"},   {"ch", "c"},   {"cz", "c"},  {"ck", "k"},  {"dj", "j"},  {"tz", "z"},
    {"ts", "z"},   {"qu", "k"},   {"ou", "u"},  {"oo", "u"},  {"ee", "i"},  {"ei", "i"},
    {"ey", "i"},   {"ai", "i"},   {"ay", "i"},  {"ie", "i"},  {"ye", "i"},  {"je", "i"},
    {"ue", "u"},   {"oe", "u"},   {"ae", "a"},
};

static unsigned fold_one(const char *p, const char *end, bool first, char *ret)
{
    for (size_t i = 0; i < sizeof(fold_rows) / sizeof(fold_rows[0]); i++)
        if (*p == fold_rows[i].from[0] && begins(p, end, fold_rows[i].from)) {
            *ret = fold_rows[i].to[0];
            return (unsigned)strlen(fold_rows[i].from);
        }
    *ret = *p;
    switch (*p) {
    case 'c':
        *ret = p + 1 < end && (p[1] == 'e' || p[1] == 'i' || p[1] == 'y') ? 's' : 'k';
        break;
    case 'x':
        *ret = first ? 's' : 'k'; /* the s of ks follows */
        break;
    case 'q':
        *ret = 'k';
        break;
    case 'w':
        *ret = 'v';
        break;
    case 'o':
        *ret = 'u';
        break;
    case 'e':
    case 'y':
        *ret = 'i';
        break;
    case 'h': /* silent at the end, after a vowel */
        if (!first && p + 1 == end && vowel(p[-1]))
            *ret = 0;
        break;
    }
    return 1;
}

unsigned name_fold(const char *latin, unsigned n, char *ret)
{
    const char *p = latin, *end = latin + n;
    unsigned out = 0;

    if (n > 3 && end[-1] == 'e' && !vowel(end[-2]))
        end--;
    while (p < end && out + 2 < NAME_LATIN_MAX) {
        char c;
        bool x = *p == 'x' && p > latin;

        p += fold_one(p, end, p == latin, &c);
        if (c && (!out || ret[out - 1] != c || (c >= '0' && c <= '9')))
            ret[out++] = c;
        if (x)
            ret[out++] = 's';
    }
    ret[out] = 0;
    return out;
}

uint32_t letters_of(const char *fold, unsigned n)
{
    uint32_t letters = 0;

    for (unsigned i = 0; i < n; i++)
        letters |= 1u << (fold[i] & 31);
    return letters;
}

/* Consonants only, those that scripts confuse made one. */
unsigned name_bones(const char *fold, unsigned n, char *ret)
{
    static const char from[] = "bcdfgjklmnprstvz0123456789";
    static const char to[] = "bstfkkklmnbrst-s0123456789";
    unsigned out = 0;

    for (unsigned i = 0; i < n; i++) {
        const char *at = strchr(from, fold[i]);
        char c = at ? to[at - from] : '-';

        if (c != '-' && (!out || ret[out - 1] != c))
            ret[out++] = c;
    }
    ret[out] = 0;
    return out;
}

/* What all romanisations of Chinese, Korean and Japanese leave of a name: the class of each
 * consonant that begins or ends a syllable. */
unsigned name_coarse(const char *latin, unsigned n, char *ret)
{
    unsigned out = 0;

    for (unsigned i = 0; i < n; i++) {
        char c = latin[i], next = i + 1 < n ? latin[i + 1] : 0;
        char to = 0;

        switch (c) {
        case 'b':
        case 'p':
        case 'f':
        case 'v':
            to = 'P';
            break;
        case 'd':
            to = next == 'z' || next == 'j' ? 0 : 'T';
            break;
        case 't':
            to = next == 's' || next == 'z' || next == 'c' ? 0 : 'T';
            if (next == 's' || next == 'z' || next == 'c') {
                to = 'C';
                i++;
            }
            break;
        case 'g':
            to = i && latin[i - 1] == 'n' ? 0 : 'K';
            break;
        case 'k':
            to = 'K';
            break;
        case 'l':
        case 'r':
            to = 'L';
            break;
        case 'm':
            to = 'M';
            break;
        case 'n':
            to = 'N';
            break;
        case 's':
        case 'x':
            to = 'S';
            break;
        case 'c':
        case 'j':
        case 'q':
        case 'z':
            to = 'C';
            break;
        case 'h':
            if (vowel(next) && (!i || vowel(latin[i - 1]) || latin[i - 1] == 'n' ||
                                latin[i - 1] == 'm' || latin[i - 1] == 'l'))
                to = 'H';
            break;
        }
        if (to && (!out || ret[out - 1] != to || vowel(i ? latin[i - 1] : 'a')))
            ret[out++] = to;
    }
    ret[out] = 0;
    return out;
}

static unsigned letter_place(char c)
{
    unsigned place = (unsigned)(c >= 'a' ? c - 'a' + 10 : c - '0');

    return place < NAME_LETTER_PLACES ? place : NAME_LETTER_PLACES - 1;
}

bool name_pattern(const char *a, unsigned n, struct name_pattern *ret)
{
    if (!n || n > 64)
        return false;
    memset(ret, 0, sizeof(*ret));
    ret->n = n;
    for (unsigned i = 0; i < n; i++)
        ret->has[letter_place(a[i])] |= 1ULL << i;
    return true;
}

/* A column of the table of distances in two words of bits (H. Hyyrö, "A bit-vector algorithm for
 * computing Levenshtein and Damerau edit distances", 2003). */
unsigned name_pattern_edits(const struct name_pattern *p, const char *b, unsigned m)
{
    uint64_t vp = ~0ULL, vn = 0, d0 = 0, before = 0, last = 1ULL << (p->n - 1);
    unsigned edits = p->n;

    for (unsigned j = 0; j < m; j++) {
        uint64_t now = p->has[letter_place(b[j])], swapped = ((~d0 & now) << 1) & before, hp, hn;

        d0 = (((now & vp) + vp) ^ vp) | now | vn | swapped;
        hp = vn | ~(d0 | vp);
        hn = d0 & vp;
        edits += (hp & last) != 0;
        edits -= (hn & last) != 0;
        hp = hp << 1 | 1;
        vp = hn << 1 | ~(d0 | hp);
        vn = hp & d0;
        before = now;
    }
    return edits;
}

/* Optimal string alignment, row by row. */
unsigned name_edits_wide(const uint32_t *a, unsigned n, const uint32_t *b, unsigned m, unsigned max)
{
    unsigned rows[3][NAME_LATIN_MAX + 1] = {{0}};
    unsigned *before = rows[0], *last = rows[1], *now = rows[2];

    if (n > NAME_LATIN_MAX || m > NAME_LATIN_MAX || n > m + max || m > n + max)
        return max + 1;
    for (unsigned j = 0; j <= m; j++)
        last[j] = j;
    for (unsigned i = 1; i <= n; i++) {
        unsigned *spare = before;

        now[0] = i;
        for (unsigned j = 1; j <= m; j++) {
            unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);

            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        before = last;
        last = now;
        now = spare;
    }
    return last[m] > max ? max + 1 : last[m];
}

unsigned name_edits(const char *a, unsigned n, const char *b, unsigned m, unsigned max)
{
    struct name_pattern p;
    unsigned edits;

    if (n > m + max || m > n + max)
        return max + 1;
    if (!name_pattern(a, n, &p)) {
        uint32_t wide[2][NAME_LATIN_MAX] = {{0}};

        for (unsigned i = 0; i < n && i < NAME_LATIN_MAX; i++)
            wide[0][i] = (uint8_t)a[i];
        for (unsigned i = 0; i < m && i < NAME_LATIN_MAX; i++)
            wide[1][i] = (uint8_t)b[i];
        return name_edits_wide(wide[0], n, wide[1], m, max);
    }
    edits = name_pattern_edits(&p, b, m);
    return edits > max ? max + 1 : edits;
}
