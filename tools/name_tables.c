/* Makes the tables that src/entity/name_tables.h declares, from what Debian ships of Unicode:
 *
 *     name_tables UNIHAN_READINGS.txt.bz2 UNIHAN_VARIANTS.txt.bz2 > name_tables.c
 *
 * Readings of Han characters (Unicode Standard Annex 38: kMandarin, kCantonese, kHangul,
 * kJapaneseOn, kJapaneseKun) without their tones, variants folded by kSimplifiedVariant and
 * kZVariant, and the Latin letters that ICU gives for each letter of the alphabets and syllabaries
 * that are not read otherwise. The program of the user needs neither the files nor ICU's rules. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/utrans.h>
#include <unicode/ustring.h>

enum { CODE_POINTS = 0x32000, READING_BYTES = 96, LINE_BYTES = 4096, LATIN_BYTES = 16 };

enum field { MANDARIN, CANTONESE, HANGUL, ON, KUN, FIELDS };

static const char *const field_names[FIELDS] = {"kMandarin", "kCantonese", "kHangul", "kJapaneseOn",
                                                "kJapaneseKun"};
static char (*readings[FIELDS])[READING_BYTES];
static uint32_t folded[CODE_POINTS];

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "name_tables: %s\n", what);
    exit(1);
}

static FILE *open_bz2(const char *path)
{
    char command[1024];
    FILE *f;

    if (strchr(path, '\'') ||
        snprintf(command, sizeof(command), "bzip2 -dc '%s'", path) >= (int)sizeof(command))
        fail("no such path");
    f = popen(command, "r"); /* NOLINT(bugprone-command-processor): a path of the build */
    if (!f)
        fail("bzip2 does not run");
    return f;
}

/* One reading without its tone: letters in lower case, u with diaeresis as v, digits dropped;
 * Hangul stays. */
static void plain_reading(const char *from, size_t n, char *ret, size_t size)
{
    UChar wide[64], apart[256];
    int32_t wide_n = 0, apart_n, at = 0;
    size_t out = 0;
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&status);

    u_strFromUTF8(wide, 64, &wide_n, from, (int32_t)n, &status);
    apart_n = unorm2_normalize(nfd, wide, wide_n, apart, 256, &status);
    if (U_FAILURE(status))
        fail("a reading cannot be read");
    if (n >= 3 && wide[0] >= 0xac00 && wide[0] <= 0xd7a3) { /* "김:0N": the syllable alone */
        snprintf(ret, size, "%.3s", from);
        return;
    }
    while (at < apart_n && out + 1 < size) {
        UChar32 c;

        U16_NEXT(apart, at, apart_n, c);
        if (c == 0x308 && out)
            ret[out - 1] = 'v';
        else if (c < 0x80 && u_isalpha(c))
            ret[out++] = (char)u_tolower(c);
    }
    ret[out] = 0;
}

static void add_reading(char *to, const char *reading)
{
    size_t n = strlen(to), m = strlen(reading);
    char both[READING_BYTES + 3], one[READING_BYTES + 3];

    snprintf(both, sizeof(both), " %s ", to);
    snprintf(one, sizeof(one), " %s ", reading);
    if (!m || n + m + 2 > READING_BYTES || strstr(both, one))
        return;
    if (n)
        to[n++] = ' ';
    memcpy(to + n, reading, m + 1);
}

static void read_readings(const char *path)
{
    FILE *f = open_bz2(path);
    static char line[LINE_BYTES];

    for (int i = 0; i < FIELDS; i++) {
        readings[i] = calloc(CODE_POINTS, READING_BYTES);
        if (!readings[i])
            fail("no memory");
    }
    while (fgets(line, sizeof(line), f)) {
        char *end, *value = strrchr(line, '\t'), *name = strchr(line, '\t');
        unsigned long c;

        if (strncmp(line, "U+", 2) || !value || name == value)
            continue;
        c = strtoul(line + 2, &end, 16);
        *value++ = 0;
        for (int i = 0; i < FIELDS; i++) {
            if (c >= CODE_POINTS || strcmp(name + 1, field_names[i]))
                continue;
            for (char *w = strtok(value, " \n"); w; w = strtok(NULL, " \n")) {
                char plain[READING_BYTES];

                plain_reading(w, strlen(w), plain, sizeof(plain));
                add_reading(readings[i][c], plain);
            }
        }
    }
    if (pclose(f))
        fail("readings cannot be read");
}

/* A character stands for its simplified form, unless it is its own, or else for its Z-variant. */
static void read_variants(const char *path)
{
    FILE *f = open_bz2(path);
    static char line[LINE_BYTES];

    while (fgets(line, sizeof(line), f)) {
        unsigned long c, to;
        char name[64];
        char self[16];

        if (sscanf(line, "U+%lx\t%63s\tU+%lx", &c, name, &to) != 3 || c >= CODE_POINTS ||
            to >= CODE_POINTS)
            continue;
        snprintf(self, sizeof(self), "U+%lX", c);
        if (!strcmp(name, "kSimplifiedVariant") && !strstr(line + 3, self))
            folded[c] = (uint32_t)to;
        else if (!strcmp(name, "kZVariant") && !folded[c] && !folded[to] && to < c)
            folded[c] = (uint32_t)to;
    }
    if (pclose(f))
        fail("variants cannot be read");
}

static uint32_t class_of(uint32_t c)
{
    uint32_t to = folded[c] ? folded[c] : c;

    return folded[to] ? folded[to] : to; /* one step more: what two forms stand for is one */
}

/* A simplified form has no reading in Korean or Japanese: it takes that of its full form. */
static void share_readings(void)
{
    for (int i = 0; i < FIELDS; i++)
        for (uint32_t c = 0; c < CODE_POINTS; c++) {
            uint32_t to = class_of(c);

            if (to != c && readings[i][c][0] && !readings[i][to][0])
                memcpy(readings[i][to], readings[i][c], READING_BYTES);
        }
    for (int i = 0; i < FIELDS; i++)
        for (uint32_t c = 0; c < CODE_POINTS; c++)
            if (folded[c] && !readings[i][c][0])
                memcpy(readings[i][c], readings[i][class_of(c)], READING_BYTES);
}

static void write_han(void)
{
    size_t n = 0, at = 0;

    printf("const struct han_row han_rows[] = {\n");
    for (uint32_t c = 0; c < CODE_POINTS; c++) {
        uint32_t to = class_of(c);

        if (!readings[MANDARIN][c][0] && !readings[CANTONESE][c][0] && !readings[HANGUL][c][0] &&
            !readings[ON][c][0] && !readings[KUN][c][0] && to == c)
            continue;
        printf("{%u,%u,%zu},\n", c, to, at);
        for (int i = 0; i < FIELDS; i++)
            at += strlen(readings[i][c]) + 1;
        n++;
    }
    printf("};\nconst uint32_t han_rows_n = %zu;\nconst char han_text[] =\n", n);
    for (uint32_t c = 0; c < CODE_POINTS; c++) {
        bool any = class_of(c) != c;

        for (int i = 0; i < FIELDS; i++)
            any |= readings[i][c][0] != 0;
        if (!any)
            continue;
        for (int i = 0; i < FIELDS; i++)
            printf("\"%s\\0\"", readings[i][c]);
        printf("\n");
    }
    printf(";\n");
}

static bool read_by_letters(UScriptCode s)
{
    return s != USCRIPT_COMMON && s != USCRIPT_INHERITED && s != USCRIPT_HAN &&
           s != USCRIPT_HANGUL && s != USCRIPT_HIRAGANA && s != USCRIPT_KATAKANA &&
           s != USCRIPT_BRAILLE && s != USCRIPT_YI && s != USCRIPT_BOPOMOFO;
}

/* What a letter sounds like, and whether its vowel is only understood: in the scripts of India and
 * their kin a consonant brings an "a", which a vowel sign replaces and a virama takes away. */
static void write_letters(void)
{
    static const char rules[] = "Any-Latin; Latin-ASCII; Lower; NFD; [:Mn:] Remove";
    UChar id[sizeof(rules)];
    UErrorCode status = U_ZERO_ERROR;
    UTransliterator *to_latin;
    size_t n = 0;

    u_uastrcpy(id, rules);
    to_latin = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    if (U_FAILURE(status))
        fail(u_errorName(status));
    printf("const struct letter_row letter_rows[] = {\n");
    for (UChar32 c = 0x80; c < 0x1e000; c++) {
        UChar text[64];
        int32_t len = 0, limit;
        char latin[LATIN_BYTES], only[LATIN_BYTES];
        size_t out = 0;
        bool sign;
        int8_t type = u_charType(c);
        UScriptCode script = uscript_getScript(c, &status);

        if (!read_by_letters(script) ||
            !(u_isalpha(c) || type == U_NON_SPACING_MARK || type == U_COMBINING_SPACING_MARK))
            continue;
        sign = type == U_NON_SPACING_MARK || type == U_COMBINING_SPACING_MARK;
        U16_APPEND_UNSAFE(text, len, c);
        limit = len;
        utrans_transUChars(to_latin, text, &len, 64, 0, &limit, &status);
        if (U_FAILURE(status))
            fail(u_errorName(status));
        u_strToUTF8(latin, sizeof(latin), NULL, text, len, &status);
        if (U_FAILURE(status)) { /* ligatures that stand for sentences */
            status = U_ZERO_ERROR;
            continue;
        }
        for (const char *p = latin; *p && out < 7; p++)
            if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9'))
                only[out++] = *p;
        only[out] = 0;
        if (!out && !sign && script != USCRIPT_ARABIC && script != USCRIPT_HEBREW)
            continue;
        printf("{%d,%d,\"%s\"},\n", c, sign, only);
        n++;
    }
    printf("};\nconst uint32_t letter_rows_n = %zu;\n", n);
    utrans_close(to_latin);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        fail("usage: name_tables READINGS VARIANTS");
    read_readings(argv[1]);
    read_variants(argv[2]);
    share_readings();
    printf("#include \"entity/name_tables.h\"\n");
    write_han();
    write_letters();
    return 0;
}
