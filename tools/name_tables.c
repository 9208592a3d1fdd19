/* Makes the tables that src/entity/name_tables.h declares, from what Debian ships of Unicode:
 *
 *     name_tables UNIHAN_READINGS.txt.bz2 UNIHAN_VARIANTS.txt.bz2 \
 *         UNIHAN_DICTIONARYLIKEDATA.txt.bz2 > name_tables.c
 *
 * Readings of Han characters (Unicode Standard Annex 38: kMandarin, kCantonese, kHangul,
 * kJapaneseOn, kJapaneseKun) without their tones, variants folded by kSimplifiedVariant and
 * kZVariant, and the Latin letters that ICU gives for each letter of the alphabets and syllabaries
 * that are not read otherwise; and from the rules of src/entity/name_rules.c, name_romans.c and
 * name_families.c what a syllable or a family name in Latin letters can stand for, by those
 * characters that are common (kFenn, kFrequency, kGradeLevel, kHKGlyph). The program of the user
 * needs neither the files nor ICU's rules. */
#include "entity/name_romans.h"
#include "entity/name_tables.h"

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
static char (*hangul_of_names)[READING_BYTES]; /* of characters taught, or allowed in names */
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
    hangul_of_names = calloc(CODE_POINTS, READING_BYTES);
    if (!hangul_of_names)
        fail("no memory");
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
                if (i == HANGUL && (strstr(w, ":0E") || strstr(w, ":0N")))
                    add_reading(hangul_of_names[c], plain);
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

/* Syllables and family names in Latin letters */

enum { SYLLABLES_MAX = 1024, TEXTS_MAX = 8192, LIST_MAX = 96, WAYS = 3 };

static bool common[CODE_POINTS];
static char pinyin[SYLLABLES_MAX][SPELT_TEXT * 2];
static unsigned pinyin_n;

struct text { /* a spelling, and what it stands for in each way */
    char text[ROMANS_SYLLABLE_MAX];
    uint16_t list[WAYS][LIST_MAX];
    unsigned n[WAYS];
};

static struct texts {
    struct text at[TEXTS_MAX];
    unsigned n;
} syllables, families;

static void read_common(const char *path)
{
    FILE *f = open_bz2(path);
    static char line[LINE_BYTES];

    while (fgets(line, sizeof(line), f)) {
        unsigned long c;
        char name[64];

        if (sscanf(line, "U+%lx\t%63s", &c, name) == 2 && c < CODE_POINTS)
            common[c] |= !strcmp(name, "kFenn") || !strcmp(name, "kFrequency") ||
                         !strcmp(name, "kGradeLevel") || !strcmp(name, "kHKGlyph");
    }
    if (pclose(f))
        fail("common characters cannot be read");
}

static uint16_t pinyin_id(const char *p, size_t n)
{
    unsigned i = 0;

    while (i < pinyin_n && (strlen(pinyin[i]) != n || memcmp(pinyin[i], p, n) != 0))
        i++;
    if (i == pinyin_n) {
        if (n >= sizeof(pinyin[0]) || pinyin_n == SYLLABLES_MAX)
            fail("too many syllables of Pinyin");
        memcpy(pinyin[pinyin_n++], p, n);
    }
    return (uint16_t)i;
}

static void stand_for(struct texts *all, const char *text, size_t n, int way, uint16_t id)
{
    struct text *t = all->at;
    unsigned k = 0;

    while (t < all->at + all->n && (strlen(t->text) != n || memcmp(t->text, text, n) != 0))
        t++;
    if (t == all->at + all->n) {
        if (all->n == TEXTS_MAX || n >= sizeof(t->text))
            fail("too many spellings");
        memcpy(t->text, text, n);
        all->n++;
    }
    while (k < t->n[way] && t->list[way][k] != id)
        k++;
    if (k == LIST_MAX)
        fail("a spelling stands for too many syllables");
    t->list[way][k] = id;
    t->n[way] += k == t->n[way];
}

/* As people write it: u with diaeresis is u, yu or v. */
static void mandarin_spellings(struct texts *all, const char *p, uint16_t id)
{
    char wade[ROMANS_SYLLABLE_MAX], text[2 * SPELT_TEXT + 2];
    const char *v = strchr(p, 'v');

    if (v) {
        snprintf(text, sizeof(text), "%.*su%s", (int)(v - p), p, v + 1);
        stand_for(all, text, strlen(text), 0, id);
        stand_for(all, wade, romans_wade_giles(text, strlen(text), wade), 1, id);
        snprintf(text, sizeof(text), "%.*syu%s", (int)(v - p), p, v + 1);
        stand_for(all, text, strlen(text), 0, id);
    }
    stand_for(all, p, strlen(p), 0, id);
    stand_for(all, wade, romans_wade_giles(p, strlen(p), wade), 1, id);
    if (!strcmp(p, "si")) /* the older form beside szu */
        stand_for(all, "ssu", 3, 1, id);
}

static void hong_kong(void *to, const char *p, size_t n)
{
    if (n < SPELT_TEXT)
        stand_for(&syllables, p, n, 2, *(uint16_t *)to);
}

static const char *next_word(const char *p, size_t *ret_n)
{
    p += *ret_n;
    p += *p == ' ';
    *ret_n = strcspn(p, " ");
    return p;
}

static void spell_syllables(void)
{
    for (uint32_t c = 0; c < CODE_POINTS; c++) {
        size_t n = 0, m = 0;

        if (!common[c])
            continue;
        for (const char *p = next_word(readings[MANDARIN][c], &n); *p; p = next_word(p, &n)) {
            uint16_t id = pinyin_id(p, n);

            m = 0;
            for (const char *q = next_word(readings[CANTONESE][c], &m); *q; q = next_word(q, &m))
                romans_cantonese(q, m, hong_kong, &id);
        }
    }
    for (unsigned i = 0; i < pinyin_n; i++)
        mandarin_spellings(&syllables, pinyin[i], (uint16_t)i);
}

static void spell_families(void)
{
    for (const struct romans_korean_family *row = romans_korean_families; row->c; row++) {
        size_t n = 0;

        for (const char *p = next_word(row->spellings, &n); *p; p = next_word(p, &n))
            stand_for(&families, p, n, 0, (uint16_t)(row->c - 0xac00));
    }
    for (const struct romans_family *row = romans_chinese_families; row->pinyin; row++) {
        uint16_t id = pinyin_id(row->pinyin, strlen(row->pinyin)) | FAMILY_CHINESE;
        size_t n = 0;

        mandarin_spellings(&families, row->pinyin, id);
        for (const char *p = next_word(row->others, &n); *p; p = next_word(p, &n))
            stand_for(&families, p, n, 2, id | FAMILY_DIALECT);
    }
}

static int by_text(const void *a, const void *b)
{
    const struct text *x = a, *y = b;

    return strcmp(x->text, y->text);
}

static void write_spellings(void)
{
    unsigned at = 0;

    qsort(syllables.at, syllables.n, sizeof(syllables.at[0]), by_text);
    printf("const struct spelt_row spelt_rows[] = {\n");
    for (unsigned i = 0; i < syllables.n; i++) {
        const struct text *t = &syllables.at[i];

        if (strlen(t->text) >= SPELT_TEXT)
            fail("a syllable too long");
        printf("{\"%s\",%u,%u,%u,%u},\n", t->text, at, t->n[0], t->n[1], t->n[2]);
        at += t->n[0] + t->n[1] + t->n[2];
    }
    printf("};\nconst uint32_t spelt_rows_n = %u;\nconst uint16_t spelt_lists[] = {", syllables.n);
    for (unsigned i = 0; i < syllables.n; i++)
        for (int way = 0; way < WAYS; way++)
            for (unsigned k = 0; k < syllables.at[i].n[way]; k++)
                printf("%u,", syllables.at[i].list[way][k]);
    printf("};\n");

    qsort(families.at, families.n, sizeof(families.at[0]), by_text);
    at = 0;
    printf("const struct family_row family_rows[] = {\n");
    for (unsigned i = 0; i < families.n; i++) {
        const struct text *t = &families.at[i];
        unsigned n = 0;

        if (strlen(t->text) >= FAMILY_TEXT)
            fail("a family name too long");
        for (int way = 0; way < WAYS; way++)
            n += t->n[way];
        printf("{\"%s\",%u,%u},\n", t->text, at, n);
        at += n;
    }
    printf("};\nconst uint32_t family_rows_n = %u;\nconst uint16_t family_ids[] = {", families.n);
    for (unsigned i = 0; i < families.n; i++)
        for (int way = 0; way < WAYS; way++)
            for (unsigned k = 0; k < families.at[i].n[way]; k++)
                printf("%u,", families.at[i].list[way][k]);
    printf("};\n");
}

/* Hangul readings are runs of three bytes, parted by blanks. */
static unsigned hangul_of(const char *p)
{
    return ((unsigned)((uint8_t)p[0] & 15) << 12 | (unsigned)((uint8_t)p[1] & 63) << 6 |
            ((uint8_t)p[2] & 63)) -
           0xac00;
}

static void write_links(const struct texts *linked, int way, const char *name, unsigned *at)
{
    unsigned rows = 0;

    printf("const struct link_row %s[] = {\n", name);
    for (unsigned i = 0; i < linked->n; i++) {
        const struct text *t = &linked->at[i];

        if (!t->n[way])
            continue;
        printf("{%lu,%u,%u},\n", strtoul(t->text, NULL, 10), *at, t->n[way]);
        *at += t->n[way];
        rows++;
    }
    printf("};\nconst uint32_t %s_n = %u;\n", name, rows);
}

static void write_korean(void)
{
    enum { SYLLABLES = 19 * 21 * 28 };
    /* of each coda of Hangul, what it sounds like at the end of a syllable */
    static const uint8_t codas[28] = {
        CODA_NONE, CODA_K,  CODA_K, CODA_K, CODA_N, CODA_N, CODA_N, CODA_T, CODA_L, CODA_K,
        CODA_M,    CODA_L,  CODA_L, CODA_L, CODA_L, CODA_L, CODA_M, CODA_P, CODA_P, CODA_T,
        CODA_T,    CODA_NG, CODA_T, CODA_T, CODA_K, CODA_T, CODA_P, CODA_T,
    };
    static uint8_t sino[19 * 21];
    static struct texts linked; /* texts are numbers here */
    unsigned at = 0;

    for (uint32_t c = 0; c < CODE_POINTS; c++) {
        size_t n = 0, m = 0;
        const char *mandarin = next_word(readings[MANDARIN][c], &m);

        for (const char *p = next_word(readings[HANGUL][c], &n); *p; p = next_word(p, &n)) {
            unsigned syllable = hangul_of(p);

            if (syllable < SYLLABLES)
                sino[syllable / 28] |= (uint8_t)(1u << codas[syllable % 28]);
        }
        n = 0;
        for (const char *p = next_word(hangul_of_names[c], &n); common[c] && m && *p;
             p = next_word(p, &n)) {
            char text[8];

            snprintf(text, sizeof(text), "%05u", hangul_of(p));
            stand_for(&linked, text, 5, 0, pinyin_id(mandarin, m));
        }
    }
    printf("const uint8_t sino_korean[19 * 21] = {");
    for (unsigned i = 0; i < 19 * 21; i++)
        printf("%u,", sino[i]);
    for (const struct romans_korean_family *row = romans_korean_families; row->c; row++) {
        char text[8];
        size_t n = 0;

        snprintf(text, sizeof(text), "%05u", (unsigned)row->c - 0xac00);
        for (const char *p = next_word(row->mandarin, &n); *p; p = next_word(p, &n))
            stand_for(&linked, text, 5, 1, pinyin_id(p, n));
    }
    printf("};\n");
    qsort(linked.at, linked.n, sizeof(linked.at[0]), by_text);
    write_links(&linked, 0, "link_rows", &at);
    write_links(&linked, 1, "family_link_rows", &at);
    printf("const uint16_t link_pinyin[] = {");
    for (int way = 0; way < 2; way++)
        for (unsigned i = 0; i < linked.n; i++)
            for (unsigned k = 0; k < linked.at[i].n[way]; k++)
                printf("%u,", linked.at[i].list[way][k]);
    printf("};\n");
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
    if (argc != 4)
        fail("usage: name_tables READINGS VARIANTS DICTIONARYLIKEDATA");
    read_readings(argv[1]);
    read_variants(argv[2]);
    read_common(argv[3]);
    spell_syllables(); /* before forms share readings, which would only repeat them */
    spell_families();
    share_readings();
    printf("#include \"entity/name_tables.h\"\n");
    write_han();
    write_letters();
    write_spellings();
    write_korean();
    return 0;
}
