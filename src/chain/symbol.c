#include "chain/symbol.h"

#include "base/text.h"

/* n characters from first on: letter, and from one to the next step letters further. */
static const struct run {
    uint32_t first;
    uint8_t n;
    char letter;
    uint8_t step;
} runs[] = {
#include "chain/symbol_table.inc"
};

/* Beside the letters: marks, spaces, punctuation, and what has no width. Blocks as a whole, for
 * none of their characters is read as a letter. */
static const struct {
    uint32_t first, last;
} unseen[] = {
    {0x00, 0x2f},       {0x3a, 0x40},       {0x5b, 0x60},     {0x7b, 0xbf},     {0x2b0, 0x36f},
    {0x483, 0x489},     {0x591, 0x5bd},     {0x610, 0x61c},   {0x64b, 0x65f},   {0x115f, 0x1160},
    {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x2000, 0x206f},
    {0x20d0, 0x20ff},   {0x2122, 0x2122},   {0x2800, 0x2800}, {0x3000, 0x3004}, {0x3164, 0x3164},
    {0xfe00, 0xfe0f},   {0xfe20, 0xfe2f},   {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
    {0x1f000, 0x1faff}, {0xe0000, 0xe0fff},
};

uint32_t symbol_next(const uint8_t **at)
{
    static const uint8_t lead[] = {0x7f, 0x1f, 0x0f, 0x07};
    const uint8_t *p = *at;
    size_t more = *p < 0xc0 ? 0 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
    uint32_t c = *p & lead[more];

    for (size_t i = 1; i <= more; i++)
        c = c << 6 | (p[i] & 0x3f);
    *at = p + 1 + more;
    return c;
}

static char from_table(uint32_t c)
{
    size_t low = 0, high = sizeof(runs) / sizeof(runs[0]);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (runs[middle].first + runs[middle].n <= c)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == sizeof(runs) / sizeof(runs[0]) || c < runs[low].first)
        return 0;
    return (char)(runs[low].letter + (int)(c - runs[low].first) * runs[low].step);
}

/* The letter of the one form, or 0. */
static char letter_of(uint32_t c)
{
    static const char from[] = "01L25$8", to[] = "OIIZSSB";
    char letter = c >= 0x80 ? from_table(c) : (char)c;
    const char *alike;

    if (letter >= 'a' && letter <= 'z')
        letter = (char)(letter - 'a' + 'A');
    alike = letter ? strchr(from, letter) : NULL;
    if (alike)
        return to[alike - from];
    return (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ? letter : 0;
}

static bool is_unseen(uint32_t c)
{
    for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
        if (c >= unseen[i].first && c <= unseen[i].last)
            return true;
    return false;
}

bool symbol_fold(const char *s, size_t n, char ret[SYMBOL_FOLD_MAX])
{
    const uint8_t *at = (const uint8_t *)s, *end = at + n;
    size_t made = 0;

    if (!utf8_valid(s, n))
        return false;
    while (at < end) {
        uint32_t c = symbol_next(&at);
        char letter = letter_of(c);

        if (!letter && is_unseen(c))
            continue;
        if (!letter || made + 1 == SYMBOL_FOLD_MAX)
            return false;
        ret[made++] = letter;
    }
    ret[made] = 0;
    return made;
}
