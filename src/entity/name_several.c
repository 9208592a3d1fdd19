/* Names that stand together in one field: "Kim Jong Un (김정은)", "A a.k.a. B". */
#include "entity/name.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>
#include <unicode/utf8.h>

enum letters { NO_LETTER, ALPHABET, HANGUL, HAN };

static enum letters letters_of_char(UChar32 c)
{
    if ((c >= 0xac00 && c <= 0xd7a3) || (c >= 0x1100 && c <= 0x11ff))
        return HANGUL;
    if ((c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff) ||
        (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff) || c == 0x3005)
        return HAN;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c < 0x2000))
        return ALPHABET;
    return NO_LETTER;
}

/* What parts two names between words, and how long it is; 0: nothing does. */
static size_t between(const char *p, bool begins)
{
    static const char *const words[] = {"a.k.a.", "f.k.a.", "n.k.a.", "a/k/a", "f/k/a",
                                        "a.k.a",  "f.k.a",  "aka",    "fka",   "alias"};

    for (size_t i = 0; begins && i < sizeof(words) / sizeof(words[0]); i++) {
        size_t n = strlen(words[i]);

        if (!strncasecmp(p, words[i], n) && strchr(" :", p[n])) /* also its end */
            return n;
    }
    return 0;
}

static bool bracket(UChar32 c)
{
    return (c < 0x80 && strchr("()[]/;|", (int)c)) || c == 0xff08 || c == 0xff09 || c == 0xff0f ||
           c == 0x3001;
}

struct part {
    size_t at, end;
    unsigned words, characters; /* of alphabets; of Hangul and Han */
};

struct parts {
    struct part at[NAME_SEVERAL_MAX];
    struct part now;
    unsigned n;
    bool parted; /* there is more than one, or something in brackets */
};

/* Half a name is none. */
static void part_end(struct parts *s)
{
    if ((s->now.words > 1 || s->now.characters > 1) && s->n < NAME_SEVERAL_MAX)
        s->at[s->n++] = s->now;
    s->now = (struct part){.at = 0};
}

unsigned name_several(const char *name, bool person, char ret[NAME_SEVERAL_MAX][NAME_BYTES_MAX + 1])
{
    size_t n = strlen(name), at = 0;
    struct parts s = {.n = 0};
    enum letters last = NO_LETTER, kind = NO_LETTER; /* of the letter before; of this part */

    if (n > NAME_BYTES_MAX || !utf8_valid(name, n))
        return 0;
    while (at < n) {
        size_t start = at, skip = between(name + at, last == NO_LETTER);
        enum letters of;
        UChar32 c;

        U8_NEXT_UNSAFE((const uint8_t *)name, at, c); /* NOLINT: checked as a whole before */
        if (skip || (person && bracket(c))) {
            s.parted = true;
            at = skip ? start + skip : at;
            part_end(&s);
            last = kind = NO_LETTER;
            continue;
        }
        of = letters_of_char(c);
        /* Hangul after Han is one name unless there is a blank between */
        if (of && kind && of != kind && (of == ALPHABET || kind == ALPHABET || !last)) {
            s.parted = true;
            part_end(&s);
            last = NO_LETTER;
        }
        if (of) {
            if (!s.now.end)
                s.now.at = start;
            s.now.words += of == ALPHABET && last != ALPHABET;
            s.now.characters += of != ALPHABET;
            s.now.end = at;
            kind = of;
        }
        last = of;
    }
    part_end(&s);
    for (unsigned i = 0; s.parted && i < s.n; i++) {
        memset(ret[i], ' ', n);
        memcpy(ret[i] + s.at[i].at, name + s.at[i].at, s.at[i].end - s.at[i].at);
        ret[i][n] = 0;
    }
    return s.parted ? s.n : 0;
}
