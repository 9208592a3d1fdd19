#include "base/unsaid.h"

#include <stddef.h>
#include <stdint.h>

#define SYLLABLE_FIRST 0xac00 /* Unicode, section 3.12: Hangul syllables from their letters */
#define LEAD_FIRST 0x1100
#define LEADS 19
#define VOWEL_FIRST 0x1161
#define VOWELS 21
#define TAIL_NONE 0x11a7
#define TAILS 28

/* The next character; a byte that is no UTF-8 stands for itself. 0: the end. */
static uint32_t next_read(const char **at)
{
    const unsigned char *s = (const unsigned char *)*at;
    unsigned n = s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : 3;
    uint32_t c = n ? s[0] & (0x3fU >> n) : s[0];

    for (unsigned i = 1; i <= n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            c = s[0];
            n = 0;
            break;
        }
        c = c << 6 | (s[i] & 0x3f);
    }
    *at += c || n ? n + 1 : 0;
    return c;
}

static bool is_in(uint32_t c, uint32_t first, uint32_t last)
{
    return c >= first && c <= last;
}

/* What is not seen: Default_Ignorable_Code_Point, and the byte order mark. */
static bool is_hidden(uint32_t c)
{
    return c == 0xad || c == 0x34f || c == 0x61c || is_in(c, 0x115f, 0x1160) ||
           is_in(c, 0x17b4, 0x17b5) || is_in(c, 0x180b, 0x180f) || is_in(c, 0x200b, 0x200f) ||
           is_in(c, 0x202a, 0x202e) || is_in(c, 0x2060, 0x206f) || c == 0x3164 ||
           is_in(c, 0xfe00, 0xfe0f) || c == 0xfeff || c == 0xffa0 || is_in(c, 0xe0000, 0xe0fff);
}

/* Alphabets of A to Z, or of that and a to z, which look like the plain one. */
static const struct {
    uint32_t first, last;
    unsigned small; /* begins with small letters */
} alphabets[] = {
    {0xff21, 0xff3a, 0},   {0xff41, 0xff5a, 1},   {0x249c, 0x24b5, 1},   {0x24b6, 0x24cf, 0},
    {0x24d0, 0x24e9, 1},   {0x1d400, 0x1d6a3, 0}, {0x1f110, 0x1f129, 0}, {0x1f130, 0x1f149, 0},
    {0x1f150, 0x1f169, 0}, {0x1f170, 0x1f189, 0}, {0x1f1e6, 0x1f1ff, 0},
};

/* Letters of others that look like those of the words below (Unicode's confusables), by those. */
static const struct {
    char like;
    uint32_t from[8]; /* up to the first 0 */
} lookalikes[] = {
    {'a', {0x251, 0x391, 0x3b1, 0x410, 0x430, 0x1d00}},
    {'c', {0x3f2, 0x3f9, 0x421, 0x441, 0x1d04}},
    {'i', {0x130, 0x131, 0x26a, 0x399, 0x3b9, 0x406, 0x456}},
    {'m', {0x39c, 0x41c, 0x43c, 0x1d0d}},
    {'n', {0x274, 0x39d}},
    {'o', {0x39f, 0x3bf, 0x41e, 0x43e, 0x1d0f}},
    {'p', {0x3a1, 0x3c1, 0x420, 0x440, 0x1d18}},
    {'r', {0x280, 0x433}},
    {'s', {0x17f, 0x405, 0x455, 0xa731}},
    {'t', {0x3a4, 0x3c4, 0x422, 0x442, 0x1d1b}},
    {'u', {0x3c5, 0x1d1c}},
};

/* As it looks: small plain letters. */
static uint32_t looks_like(uint32_t c)
{
    if (c < 0x80)
        return is_in(c, 'A', 'Z') ? c - 'A' + 'a' : c;
    if (c == 0xff0e)
        return '.';
    for (size_t i = 0; i < sizeof(alphabets) / sizeof(alphabets[0]); i++)
        if (is_in(c, alphabets[i].first, alphabets[i].last))
            return 'a' + (c - alphabets[i].first) % 26;
    for (size_t i = 0; i < sizeof(lookalikes) / sizeof(lookalikes[0]); i++)
        for (size_t k = 0; k < 8 && lookalikes[i].from[k]; k++)
            if (lookalikes[i].from[k] == c)
                return (unsigned char)lookalikes[i].like;
    return c;
}

static uint32_t next_seen(const char **at)
{
    uint32_t c;

    do
        c = next_read(at);
    while (is_hidden(c));
    return c;
}

/* A syllable of Hangul may be written by its letters, as some keyboards and file names do. */
static uint32_t next(const char **at)
{
    uint32_t c = next_seen(at), vowel, tail;
    const char *after = *at;

    if (!is_in(c, LEAD_FIRST, LEAD_FIRST + LEADS - 1))
        return looks_like(c);
    vowel = next_seen(&after);
    if (!is_in(vowel, VOWEL_FIRST, VOWEL_FIRST + VOWELS - 1))
        return c;
    *at = after;
    c = SYLLABLE_FIRST + ((c - LEAD_FIRST) * VOWELS + vowel - VOWEL_FIRST) * TAILS;
    tail = next_seen(&after);
    if (!is_in(tail, TAIL_NONE + 1, TAIL_NONE + TAILS - 1))
        return c;
    *at = after;
    return c + tail - TAIL_NONE;
}

static bool is_letter(uint32_t c)
{
    return c >= 'a' && c <= 'z';
}

/* What may stand between letters of a word, or characters of a part. */
static bool is_between(uint32_t c)
{
    static const uint32_t known[] = {' ',    '\t',   '\n',   '\r',   '.',    '-',    '_',
                                     '/',    '*',    0xa0,   0xb7,   0x2010, 0x2011, 0x2013,
                                     0x2022, 0x2027, 0x202f, 0x3000, 0x30fb, 0xff65};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i] == c)
            return true;
    return false;
}

/* One letter alone: what is spelled out goes on. */
static bool is_single(const char *s)
{
    return is_letter(next(&s)) && !is_letter(next(&s));
}

/* Does the text begin with the word, whole, its letters parted or not: by points, some or all, or
 * all by one and the same other mark? */
static bool is_word(const char *s, const char *word)
{
    const char *after = s;
    uint32_t c = next(&after), mark = 0;

    for (bool first = true; *word; word++) {
        if (c != (unsigned char)*word)
            return false;
        c = next(&after);
        if (!word[1])
            break;
        if (first)
            mark = is_between(c) && c != '.' ? c : 0;
        if (mark ? c != mark : c != '.' && is_between(c))
            return false;
        if (mark || c == '.')
            c = next(&after);
        first = false;
    }
    return !is_letter(c) && !(mark && c == mark && is_single(after));
}

/* With what it begins with, whatever stands between. */
static bool is_part(const char *s, const char *part)
{
    const char *after = s;

    for (uint32_t wanted = next(&part), c; wanted; wanted = next(&part)) {
        while (wanted == ' ')
            wanted = next(&part);
        do
            c = next(&after);
        while (is_between(c));
        if (c != wanted)
            return false;
    }
    return true;
}

static uint32_t first_of(const char *s)
{
    return next_read(&s);
}

bool unsaid_in(const char *s)
{
    static const char *const words[] = {"sar",   "sars",       "str",         "strs",
                                        "smr",   "smrs",       "suspicious",  "suspicion",
                                        "goaml", "suspicions", "suspiciously"};
    static const char *const parts[] = {"\uc758\uc2ec\uac70\ub798",
                                        "\uc758\uc2ec\uc2a4\ub7ec\uc6b4\uac70\ub798",
                                        "\ud610\uc758\uac70\ub798",
                                        "\uc758\uc2ec\ub418\ub294\uac70\ub798",
                                        "\uc218\uc0c1\ud55c\uac70\ub798",
                                        "\u7591\u308f\u3057\u3044\u53d6\u5f15",
                                        "\u7591\u308f\u3057\u304d\u53d6\u5f15",
                                        "\u7591\u3044\u306e\u3042\u308b\u53d6\u5f15",
                                        "\u3046\u305f\u304c\u308f\u3057\u3044\u53d6\u5f15",
                                        "\u7591\u53d6\u5c4a",
                                        "\u53ef\u7591\u4ea4\u6613",
                                        "\u53ef\u7591\u6d3b\u52a8",
                                        "\u53ef\u7591\u6d3b\u52d5",
                                        "unusual transaction report",
                                        "unusual activity report",
                                        "suspect transaction report"};
    bool in_word = false;

    for (const char *at = s; *at;) {
        const char *here = at;
        uint32_t c = next(&at);

        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
            if (c == first_of(parts[i]) && is_part(here, parts[i]))
                return true;
        for (size_t i = 0; !in_word && i < sizeof(words) / sizeof(words[0]); i++)
            if (c == first_of(words[i]) && is_word(here, words[i]))
                return true;
        in_word = is_letter(c);
    }
    return false;
}
