/* Two spellings in Latin letters of one Korean, Chinese or Japanese name.
 *
 * A name is taken for such only if its first or last word is a known family name and all other
 * letters are one or two syllables of that language, however they are split or joined:
 *
 *     KIM, Jong Un      Kim Chŏng-ŭn      Jungeun Kim      Kim Jong-un
 *     family 김         family 김         family 김        + two syllables, each a set:
 *                                                          jong = {ㅈ}{ㅗ,ㅓ}ng, un = {}{ㅜ,ㅡ}n
 *
 * A Korean syllable is the sets of onsets and vowels that its letters stand for, of which Hangul
 * has to have one that Korean reads a Han character by; two syllables can be one where their sets
 * meet. A Chinese syllable is the set of syllables of Pinyin that it is as Pinyin, as Wade-Giles
 * without its marks, or as Hong Kong spells characters that Mandarin reads so.
 *
 * A Japanese name is compared word by word: what Hepburn, Kunrei and Nihon (ISO 3602) write of one
 * row of Kana is one, and o and u are short.
 *
 * Sources: McCune and Reischauer (1939), Revised Romanisation (MCT notice 2000-8), the DPRK's
 * system (1992), passports of the Republic of Korea; name_rules.c and name_families.c. */
#include "entity/name_parts.h"
#include "entity/name_tables.h"

#include <string.h>

enum {
    LEFT_OUT_LESS = 40, /* a word that only one has */
    JOINED_LESS = 20,   /* the family name is not parted from the given ones */
    SPELT_ONE = 885,    /* of one syllable beside the family name */
    SPELT_TWO = 950,    /* of two */
    HABIT_LESS = 15,    /* for each syllable that only a custom of passports makes the same */
    DIALECT_LESS = 15,  /* a family name of Hong Kong or the Straits before Pinyin */
    CANTONESE_ONE = 790,
    CANTONESE_TWO = 895,
    CANTONESE_WADE = 860, /* against Wade-Giles: both guessed, so below NAME_THRESHOLD */
    LINKED_TWO = 860,     /* likewise */
    KOREAN_LETTERS = 6,   /* of a word, so that Kamal and Gamal stay two */
    KOREAN_SYLLABLES = 4,
    KOREAN_SYLLABLE_LETTERS = 7,
    KOREAN_CUTS = 8,
    LETTERS_MOST = 24, /* of all given names together */
};

enum { WAY_PINYIN, WAY_WADE, WAY_CANTONESE, WAYS };

/* Jamo in the order of Hangul in Unicode. */
enum { G, KK, N, D, TT, R, M, B, PP, S, SS, NONE, J, JJ, CH, K, T, P, H };
enum { A, AE, YA, YAE, EO, E, YEO, YE, O, WA, WAE, OE, YO, U, WO, WE, WI, YU, EU, UI, I };
#define BIT(x) (1u << (x))
#define IOTISED (BIT(YA) | BIT(YAE) | BIT(YEO) | BIT(YE) | BIT(YO) | BIT(YU) | BIT(I))

static const struct onset_row {
    char text[4];
    uint32_t set;
} onset_rows[] = {
    /* longest first of those that begin alike */
    {"tch", BIT(JJ) | BIT(CH)},
    {"ts", BIT(CH) | BIT(J)},
    {"tt", BIT(TT)},
    {"th", BIT(T)},
    {"t", BIT(D) | BIT(T)},
    {"kk", BIT(KK)},
    {"kh", BIT(K)},
    {"k", BIT(G) | BIT(K)},
    {"gg", BIT(KK)},
    {"gh", BIT(G)},
    {"g", BIT(G)},
    {"dj", BIT(J)},
    {"dd", BIT(TT)},
    {"d", BIT(D)},
    {"pp", BIT(PP)},
    {"ph", BIT(P)},
    {"p", BIT(B) | BIT(P)},
    {"bb", BIT(PP)},
    {"b", BIT(B)},
    {"f", BIT(P)},
    {"v", BIT(B)},
    {"ss", BIT(SS)},
    {"sh", BIT(S)},
    {"s", BIT(S)},
    {"jj", BIT(JJ)},
    {"j", BIT(J)},
    {"z", BIT(J)},
    {"ch", BIT(J) | BIT(CH)},
    {"n", BIT(N)},
    {"m", BIT(M)},
    {"r", BIT(R)},
    {"l", BIT(R)},
    {"h", BIT(H)},
    {"", BIT(NONE)},
};

/* set: by the three systems, breves left out; any: also by custom, and as the North spells for
 * those who read French (tcheul, hy). */
static const struct vowel_row {
    char text[4];
    uint32_t set, any;
} vowel_rows[] = {
    {"ah", BIT(A), 0},
    {"ae", BIT(AE), 0},
    {"ai", 0, BIT(AE)},
    {"ay", 0, BIT(AE)},
    {"a", BIT(A), 0},
    {"eui", BIT(UI), 0},
    {"eo", BIT(EO), 0},
    {"eu", BIT(EU), BIT(EO)},
    {"ee", BIT(I), BIT(UI)},
    {"ey", 0, BIT(UI) | BIT(AE)},
    {"e", BIT(E), BIT(AE) | BIT(EO)},
    {"ie", 0, BIT(I)},
    {"i", BIT(I), BIT(UI)},
    {"oo", BIT(U), BIT(EU)},
    {"oe", BIT(OE), 0},
    {"oi", 0, BIT(OE)},
    {"oh", BIT(O), 0},
    {"ou", 0, BIT(U)},
    {"oa", 0, BIT(WA)},
    {"o", BIT(O) | BIT(EO), 0},
    {"ui", BIT(UI), BIT(WI) | BIT(I)},
    {"uh", BIT(EO), 0},
    {"u", BIT(U) | BIT(EU), BIT(EO)},
    {"wae", BIT(WAE), 0},
    {"wa", BIT(WA), 0},
    {"weo", BIT(WO), 0},
    {"we", BIT(WE), BIT(WAE) | BIT(WO)},
    {"wi", BIT(WI), 0},
    {"woo", BIT(U), 0},
    {"wo", BIT(WO), 0},
    {"wu", BIT(U), 0},
    {"yae", BIT(YAE), 0},
    {"ya", BIT(YA), 0},
    {"yeo", BIT(YEO), 0},
    {"ye", BIT(YE), BIT(YEO)},
    {"yi", 0, BIT(I) | BIT(UI)},
    {"yoo", BIT(YU), 0},
    {"you", 0, BIT(YEO) | BIT(YU) | BIT(YO)},
    {"yo", BIT(YO) | BIT(YEO), 0},
    {"yuh", BIT(YEO), 0},
    {"yu", BIT(YU), BIT(YEO)},
    {"y", 0, BIT(I) | BIT(UI)},
};

static const struct coda_row {
    char text[3];
    uint8_t coda;
} coda_rows[] = {
    {"", CODA_NONE}, {"ng", CODA_NG}, {"n", CODA_N}, {"m", CODA_M}, {"k", CODA_K}, {"g", CODA_K},
    {"ck", CODA_K},  {"l", CODA_L},   {"r", CODA_L}, {"p", CODA_P}, {"b", CODA_P}, {"t", CODA_T},
};

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

static bool begins(const char *p, unsigned n, const char *with, unsigned *ret_n)
{
    unsigned m = 0;

    while (with[m] && m < n && p[m] == with[m])
        m++;
    *ret_n = m;
    return !with[m];
}

/* Does Korean read any Han character as one of these? */
static bool sino(uint32_t onset, uint32_t vowel, unsigned coda)
{
    for (uint32_t o = onset; o; o &= o - 1)
        for (uint32_t v = vowel; v; v &= v - 1)
            if (sino_korean[__builtin_ctz(o) * 21 + __builtin_ctz(v)] >> coda & 1)
                return true;
    return false;
}

/* Reading */

static const struct family_row *find_family(const char *p, unsigned n)
{
    uint32_t low = 0, high = family_rows_n;
    char text[FAMILY_TEXT] = "";

    if (n >= FAMILY_TEXT)
        return NULL;
    memcpy(text, p, n);
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (memcmp(family_rows[mid].text, text, FAMILY_TEXT) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < family_rows_n && !memcmp(family_rows[low].text, text, FAMILY_TEXT)
               ? &family_rows[low]
               : NULL;
}

static const struct spelt_row *find_spelt(const char *p, unsigned n)
{
    uint32_t low = 0, high = spelt_rows_n;
    char text[SPELT_TEXT] = "";

    if (n >= SPELT_TEXT)
        return NULL;
    memcpy(text, p, n);
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (memcmp(spelt_rows[mid].text, text, SPELT_TEXT) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < spelt_rows_n && !memcmp(spelt_rows[low].text, text, SPELT_TEXT) ? &spelt_rows[low]
                                                                                 : NULL;
}

/* The n letters as one syllable. */
static bool korean_syllable(const char *p, unsigned n, struct spelt_syllable *ret)
{
    for (size_t o = 0; o < ROWS(onset_rows); o++) {
        unsigned on, vn;

        if (!begins(p, n, onset_rows[o].text, &on))
            continue;
        for (size_t v = 0; v < ROWS(vowel_rows); v++) {
            if (!begins(p + on, n - on, vowel_rows[v].text, &vn))
                continue;
            for (size_t c = 0; c < ROWS(coda_rows); c++) {
                uint32_t any = vowel_rows[v].set | vowel_rows[v].any;
                struct spelt_syllable s = {.coda = coda_rows[c].coda,
                                           .onset = onset_rows[o].set,
                                           .onset_any = onset_rows[o].set,
                                           .vowel = vowel_rows[v].set,
                                           .vowel_any = any};

                if (*vowel_rows[v].text == 'y' && vn == 1 && c) /* hy, but no Cheryl */
                    break;
                if (strlen(coda_rows[c].text) != n - on - vn ||
                    memcmp(p + on + vn, coda_rows[c].text, n - on - vn) != 0)
                    continue;
                /* the initial sound law, which the North does not have */
                if (s.onset & (BIT(R) | BIT(N)) && any & IOTISED)
                    s.onset_any |= BIT(NONE);
                if (s.onset & BIT(R))
                    s.onset_any |= BIT(N);
                if (!sino(s.onset_any, any, s.coda))
                    continue;
                *ret = s;
                return true;
            }
        }
    }
    return false;
}

static bool chinese_syllable(const char *p, unsigned n, struct spelt_syllable *ret)
{
    const struct spelt_row *row = find_spelt(p, n);

    if (row)
        *ret = (struct spelt_syllable){.row = (uint16_t)(row - spelt_rows)};
    return row != NULL;
}

static unsigned ways_of(const struct spelt_syllable *s)
{
    const struct spelt_row *row = &spelt_rows[s->row];

    return (row->pinyin_n ? 1u << WAY_PINYIN : 0) | (row->wade_n ? 1u << WAY_WADE : 0) |
           (row->cantonese_n ? 1u << WAY_CANTONESE : 0);
}

struct given {
    const struct name_word *words[GIVEN_MAX];
    uint8_t place[GIVEN_MAX]; /* in the name */
    unsigned n;
};

struct reader {
    struct spelt_reading *at; /* [SPELT_READINGS_MAX] */
    unsigned n;
};

static void add_reading(struct reader *ret, const struct spelt_reading *with)
{
    struct spelt_reading r = *with;

    if (r.joined && r.n < 2)
        return;
    if (r.chinese) {
        r.ways = (1u << WAYS) - 1;
        for (unsigned i = 0; i < r.n; i++)
            r.ways &= (uint8_t)ways_of(&r.given[i]);
        if (!r.ways)
            return;
    }
    if (ret->n < SPELT_READINGS_MAX)
        ret->at[ret->n++] = r;
}

static bool one_by_rule(bool chinese, const struct spelt_syllable *s)
{
    return chinese ? (ways_of(s) & ~(1u << WAY_CANTONESE)) != 0 : sino(s->onset, s->vowel, s->coda);
}

/* All ways to read the given names in one language: words of a syllable each, or one of two. */
static void read_given(const struct given *g, struct spelt_reading *r, struct reader *ret)
{
    bool (*read)(const char *, unsigned, struct spelt_syllable *) =
        r->chinese ? chinese_syllable : korean_syllable;
    const struct name_word *w = g->words[0];

    r->n = 0;
    for (unsigned i = 0; i < g->n; i++) {
        if (!read(g->words[i]->latin, g->words[i]->latin_n, &r->given[i]))
            break;
        r->given[i].word = g->place[i];
        r->n++;
    }
    if (r->n == g->n)
        add_reading(ret, r);
    /* what is one syllable by rule is not two: Xi'an has its mark */
    if (g->n > 1 || (r->n && one_by_rule(r->chinese, &r->given[0])))
        return;
    r->n = 2;
    for (unsigned cut = 1; cut < w->latin_n; cut++)
        if (read(w->latin, cut, &r->given[0]) &&
            read(w->latin + cut, w->latin_n - cut, &r->given[1])) {
            r->given[0].word = r->given[1].word = g->place[0];
            add_reading(ret, r);
        }
}

/* Those words that are no titles; false: it is no such name. Forms of firms are words, for Doo and
 * Sa are syllables where it is not known that the name is a person's. */
static bool own_words(const struct name_ready *r, uint8_t ret[SPELT_WORDS_MAX], unsigned *ret_n)
{
    unsigned n = 0, letters = 0;

    for (uint32_t i = 0; i < r->n; i++) {
        const struct name_word *w = r->words[i];

        if (w->role == ROLE_TITLE)
            continue;
        if (w->script != SCRIPT_LATIN || w->role == ROLE_NUMBER || n == SPELT_WORDS_MAX)
            return false;
        letters += w->latin_n;
        ret[n++] = (uint8_t)i;
    }
    *ret_n = n;
    return n > 0 && letters <= LETTERS_MOST;
}

/* One language at a time. */
static void read_as(const struct given *g, const struct family_row *row,
                    const struct spelt_reading *with, struct reader *ret)
{
    for (unsigned chinese = 0; chinese < 2; chinese++) {
        struct spelt_reading one = *with;

        one.chinese = (uint8_t)chinese;
        for (unsigned i = 0; i < row->n; i++) {
            uint16_t id = family_ids[row->at + i];

            if (((id & FAMILY_CHINESE) != 0) == chinese && one.families_n < FAMILIES_MAX)
                one.families[one.families_n++] = id;
        }
        if (one.families_n)
            read_given(g, &one, ret);
    }
}

/* A whole name as one word: kimjongun, or jongunkim. */
static void read_joined(const struct name_word *w, uint8_t place, struct reader *ret)
{
    struct spelt_reading one = {.joined = 1, .family_word = place};

    for (unsigned cut = 2; cut + 4 <= w->latin_n && cut < FAMILY_TEXT; cut++)
        for (int last = 0; last < 2; last++) {
            const char *family = last ? w->latin + w->latin_n - cut : w->latin;
            const struct family_row *row = find_family(family, cut);
            struct name_word rest = *w;
            struct given g = {.n = 1, .words = {&rest}, .place = {place}};

            rest.latin += last ? 0 : cut;
            rest.latin_n = (uint8_t)(w->latin_n - cut);
            if (row)
                read_as(&g, row, &one, ret);
        }
}

/* The family name is the word at, the others are given names. */
static void read_words(const struct name_ready *r, const uint8_t *place,
                       const struct family_row *const *family, unsigned n, unsigned at,
                       bool left_out, struct reader *ret)
{
    const struct family_row *row = family[at];
    struct given g = {.n = 0};

    if (!row || n > 1 + GIVEN_MAX)
        return;
    for (unsigned i = 0; i < n; i++)
        if (i != at) {
            g.place[g.n] = place[i];
            g.words[g.n++] = r->words[place[i]];
        }
    read_as(&g, row, &(struct spelt_reading){.family_word = place[at], .left_out = left_out}, ret);
}

/* A name of another language beside those of this one: no syllable of it. */
static bool foreign(const struct name_word *w)
{
    struct spelt_syllable s;

    return w->latin_n > 2 && !korean_syllable(w->latin, w->latin_n, &s) &&
           !chinese_syllable(w->latin, w->latin_n, &s);
}

unsigned name_spelt(const struct name_ready *r, struct spelt_reading ret[SPELT_READINGS_MAX])
{
    struct reader reader = {.at = ret};
    uint8_t place[SPELT_WORDS_MAX];
    const struct family_row *family[SPELT_WORDS_MAX] = {NULL};
    unsigned n;

    if (!own_words(r, place, &n))
        return 0;
    if (n == 1) {
        read_joined(r->words[place[0]], place[0], &reader);
        return reader.n;
    }
    for (unsigned i = 0; i < n; i++)
        family[i] = find_family(r->words[place[i]]->latin, r->words[place[i]]->latin_n);
    read_words(r, place, family, n, 0, false, &reader);
    read_words(r, place, family, n, n - 1, false, &reader);
    for (unsigned i = 0; i < n && n > 2 && !reader.n; i++) {
        uint8_t left[SPELT_WORDS_MAX];
        const struct family_row *left_family[SPELT_WORDS_MAX] = {NULL};
        bool husband = !i && n == SPELT_WORDS_MAX && family[0];

        if (!family[i ? 0 : 1] && !family[i == n - 1 ? n - 2 : n - 1])
            continue;
        if (!husband && !foreign(r->words[place[i]]))
            continue;
        for (unsigned k = 0, to = 0; k < n; k++)
            if (k != i) {
                left[to] = place[k];
                left_family[to++] = family[k];
            }
        read_words(r, left, left_family, n - 1, 0, true, &reader);
        if (!husband)
            read_words(r, left, left_family, n - 1, n - 2, true, &reader);
    }
    return reader.n;
}

/* Comparing */

/* How many steps of custom make the two one syllable; -1: none does. */
static int korean_apart(const struct spelt_syllable *a, const struct spelt_syllable *b)
{
    if (a->coda != b->coda)
        return -1;
    if (sino(a->onset & b->onset, a->vowel & b->vowel, a->coda))
        return 0;
    if (sino(a->onset & b->onset_any, a->vowel & b->vowel_any, a->coda) ||
        sino(a->onset_any & b->onset, a->vowel_any & b->vowel, a->coda))
        return 1;
    return sino(a->onset_any & b->onset_any, a->vowel_any & b->vowel_any, a->coda) ? 2 : -1;
}

unsigned spelt_class(const struct spelt_syllable *s)
{
    static const uint32_t classes[] = {BIT(N) | BIT(R) | BIT(NONE),
                                       BIT(G) | BIT(KK) | BIT(K),
                                       BIT(D) | BIT(TT) | BIT(T),
                                       BIT(B) | BIT(PP) | BIT(P),
                                       BIT(J) | BIT(JJ) | BIT(CH),
                                       BIT(S) | BIT(SS),
                                       BIT(M),
                                       BIT(H)};
    unsigned i = 0;

    while (i + 1 < ROWS(classes) && !(s->onset & classes[i]))
        i++;
    return i * 8 + s->coda;
}

static unsigned korean_alike(const struct spelt_reading *a, const struct spelt_reading *b)
{
    unsigned apart = 0;

    for (unsigned i = 0; i < a->n; i++) {
        int one = korean_apart(&a->given[i], &b->given[i]);

        if (one < 0)
            return 0;
        apart += (unsigned)one;
    }
    return (a->n == 1 ? SPELT_ONE : SPELT_TWO) - apart * HABIT_LESS;
}

static const uint16_t *list_of(const struct spelt_syllable *s, unsigned way, unsigned *ret_n)
{
    const struct spelt_row *row = &spelt_rows[s->row];
    const uint16_t *at = spelt_lists + row->at;

    switch (way) {
    case WAY_PINYIN:
        *ret_n = row->pinyin_n;
        return at;
    case WAY_WADE:
        *ret_n = row->wade_n;
        return at + row->pinyin_n;
    default:
        *ret_n = row->cantonese_n;
        return at + row->pinyin_n + row->wade_n;
    }
}

static bool meet(const uint16_t *a, unsigned n, const uint16_t *b, unsigned m)
{
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < m; k++)
            if (a[i] == b[k])
                return true;
    return false;
}

static bool chinese_meet(const struct spelt_reading *a, unsigned way_a,
                         const struct spelt_reading *b, unsigned way_b)
{
    for (unsigned i = 0; i < a->n; i++) {
        unsigned n, m;
        const uint16_t *la = list_of(&a->given[i], way_a, &n);
        const uint16_t *lb = list_of(&b->given[i], way_b, &m);

        if (!meet(la, n, lb, m))
            return false;
    }
    return true;
}

/* By which kinds of spelling two names share a family name: of dialects on one side, or both. */
enum { MEET = 1, MEET_A_PLAIN = 2, MEET_B_PLAIN = 4, MEET_PLAIN = 8 };

static unsigned families_meet(const struct spelt_reading *a, const struct spelt_reading *b)
{
    unsigned found = 0;

    for (unsigned i = 0; i < a->families_n; i++)
        for (unsigned k = 0; k < b->families_n; k++) {
            bool pa = !(a->families[i] & FAMILY_DIALECT), pb = !(b->families[k] & FAMILY_DIALECT);

            if (!((a->families[i] ^ b->families[k]) & ~FAMILY_DIALECT))
                found |= MEET | (pa ? MEET_A_PLAIN : 0) | (pb ? MEET_B_PLAIN : 0) |
                         (pa && pb ? MEET_PLAIN : 0);
        }
    return found;
}

static bool same_rows(const struct spelt_reading *a, const struct spelt_reading *b)
{
    for (unsigned i = 0; i < a->n; i++)
        if (a->given[i].row != b->given[i].row)
            return false;
    return true;
}

/* families: what families_meet found. A given name as Hong Kong spells it needs one of Mandarin,
 * with its family name, on the other side. */
static unsigned chinese_alike(const struct spelt_reading *a, const struct spelt_reading *b,
                              unsigned families)
{
    bool two = a->n > 1;
    unsigned letters = (two ? SPELT_TWO : SPELT_ONE) - (families & MEET_PLAIN ? 0 : DIALECT_LESS);
    unsigned best = 0;

    if (same_rows(a, b))
        return letters;
    for (unsigned x = 0; x < WAYS; x++)
        for (unsigned y = 0; y < WAYS; y++) {
            bool hong_kong = x == WAY_CANTONESE || y == WAY_CANTONESE;
            bool pinyin = x == WAY_PINYIN || y == WAY_PINYIN;
            unsigned score = !hong_kong ? letters
                             : !two     ? CANTONESE_ONE
                             : pinyin   ? CANTONESE_TWO
                                        : CANTONESE_WADE;

            if (!(a->ways >> x & 1) || !(b->ways >> y & 1) || x == y ||
                (x == WAY_CANTONESE && !(families & MEET_B_PLAIN)) ||
                (y == WAY_CANTONESE && !(families & MEET_A_PLAIN)))
                continue;
            if (score > best && chinese_meet(a, x, b, y))
                best = score;
        }
    return best;
}

/* Korean against Mandarin, by the characters that both read */

static const uint16_t *links_of(const struct link_row *rows, uint32_t rows_n, unsigned hangul,
                                unsigned *ret_n)
{
    uint32_t low = 0, high = rows_n;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (rows[mid].hangul < hangul)
            low = mid + 1;
        else
            high = mid;
    }
    *ret_n = low < rows_n && rows[low].hangul == hangul ? rows[low].n : 0;
    return *ret_n ? link_pinyin + rows[low].at : NULL;
}

const uint16_t *family_links(unsigned hangul, unsigned *ret_n)
{
    return links_of(family_link_rows, family_link_rows_n, hangul, ret_n);
}

static bool linked_families(const struct spelt_reading *korean, const struct spelt_reading *chinese)
{
    for (unsigned i = 0; i < korean->families_n; i++)
        for (unsigned k = 0; k < chinese->families_n; k++) {
            uint16_t pinyin = chinese->families[k] & (uint16_t)~FAMILY_CHINESE;
            unsigned n;
            const uint16_t *list = family_links(korean->families[i], &n);

            if (!(chinese->families[k] & FAMILY_DIALECT) && meet(list, n, &pinyin, 1))
                return true;
        }
    return false;
}

static bool linked_syllables(const struct spelt_syllable *korean,
                             const struct spelt_syllable *chinese)
{
    /* CODA_NONE, K, N, T, L, M, P, NG as the first coda of Hangul that sounds so */
    static const uint8_t codas[] = {0, 1, 4, 7, 8, 16, 17, 21};
    unsigned m;
    const uint16_t *pinyin = list_of(chinese, WAY_PINYIN, &m);

    for (uint32_t o = korean->onset; o; o &= o - 1)
        for (uint32_t v = korean->vowel; v; v &= v - 1) {
            unsigned n, at = ((unsigned)__builtin_ctz(o) * 21 + (unsigned)__builtin_ctz(v)) * 28;
            const uint16_t *list = links_of(link_rows, link_rows_n, at + codas[korean->coda], &n);

            if (meet(list, n, pinyin, m))
                return true;
        }
    return false;
}

static unsigned linked_alike(const struct spelt_reading *korean,
                             const struct spelt_reading *chinese)
{
    if (korean->n < 2 || !(chinese->ways >> WAY_PINYIN & 1) || !linked_families(korean, chinese))
        return 0;
    for (unsigned i = 0; i < korean->n; i++)
        if (!linked_syllables(&korean->given[i], &chinese->given[i]))
            return 0;
    return LINKED_TWO;
}

unsigned spellings_alike(const struct name_spelling *a, const struct name_spelling *b,
                         const struct spelt_reading **ret_a, const struct spelt_reading **ret_b,
                         enum name_how *ret_how)
{
    unsigned best = 0;

    for (unsigned i = 0; i < a->n; i++)
        for (unsigned k = 0; k < b->n; k++) {
            const struct spelt_reading *x = &a->at[i], *y = &b->at[k];
            unsigned score = 0, families;

            if (x->n != y->n || (x->left_out && y->left_out)) /* words_match knows better */
                continue;
            if (x->chinese != y->chinese)
                score = x->chinese ? linked_alike(y, x) : linked_alike(x, y);
            else if ((families = families_meet(x, y)))
                score = x->chinese ? chinese_alike(x, y, families) : korean_alike(x, y);
            if (score && (x->left_out || y->left_out))
                score -= LEFT_OUT_LESS;
            if (score && (x->joined || y->joined))
                score -= JOINED_LESS;
            if (score <= best)
                continue;
            best = score;
            *ret_a = x;
            *ret_b = y;
            *ret_how = x->chinese != y->chinese ? NAME_SPELT_LINKED
                       : x->chinese             ? NAME_SPELT_CHINESE
                                                : NAME_SPELT_KOREAN;
        }
    return best;
}

/* Korean words of firms and ships */

static bool is_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

/* What the spellings of one Hangul vowel share; y and w before it are consonants here. */
static char vowel_class(const char *p, unsigned n)
{
    static const struct {
        char text[3], class;
    } rows[] = {
        {"a", 'a'}, {"o", 'o'}, {"u", 'o'}, {"oo", 'o'}, {"ou", 'o'}, {"eo", 'o'}, {"eu", 'o'},
    };

    for (size_t i = 0; i < ROWS(rows); i++)
        if (strlen(rows[i].text) == n && !memcmp(rows[i].text, p, n))
            return rows[i].class;
    return n > 3 ? 0 : 'i'; /* the front ones, spelt in many ways */
}

/* Consonants that the systems confuse are one: g and k, j and ch, l and r and n. */
static char consonant_class(char c)
{
    static const char from[] = "bcdghjklmnprstwy", to[] = "pctkhcknmnpnstwy";
    const char *at = strchr(from, c);

    return at && c ? to[at - from] : 0;
}

/* Letters that only some systems write: h of aspirates, w of woo and wu, r and n before y and i at
 * the beginning. last: the class before, 0 at the beginning. */
static bool left_out(const char *p, unsigned n, char last)
{
    switch (*p) {
    case 'h':
        return last && !strchr("aoimn", last);
    case 'w':
        return n > 2 && (p[1] == 'u' || (p[1] == 'o' && p[2] == 'o'));
    case 'r':
    case 'l':
    case 'n':
        return !last && n > 1 && (p[1] == 'y' || p[1] == 'i');
    default:
        return false;
    }
}

uint32_t name_jamo(const char *latin, unsigned n)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    unsigned at = 0, syllables = 0;
    char last = 0;

    if (n < KOREAN_LETTERS)
        return 0;
    while (at < n) {
        const char *p = latin + at;
        unsigned m = 0;
        char c;

        while (at + m < n && is_vowel(p[m]))
            m++;
        syllables += m > 0;
        c = m ? vowel_class(p, m) : consonant_class(*p);
        if (!c)
            return 0;
        at += m ? m : 1;
        if (!m && left_out(p, n - (unsigned)(p - latin), last))
            continue;
        if (c != last || m) /* kk, and what meets: k g */
            hash = (hash ^ (uint8_t)c) * 16777619u;
        last = c;
    }
    return syllables < 2 ? 0 : hash ? hash : 1;
}

struct cuts { /* syllables of a word */
    struct spelt_syllable at[KOREAN_SYLLABLES];
    unsigned n;
};

/* The ways to cut a word into syllables, the shortest first ones first; how many. */
static unsigned all_cuts(const char *p, unsigned n, struct cuts ret[KOREAN_CUTS])
{
    uint8_t length[KOREAN_SYLLABLES] = {0};
    unsigned depth = 0, at = 0, found = 0;
    struct cuts now = {.n = 0};

    while (found < KOREAN_CUTS) {
        unsigned m = ++length[depth];

        if (at + m > n || m > KOREAN_SYLLABLE_LETTERS) { /* back to the one before */
            if (!depth)
                break;
            length[depth--] = 0;
            at -= length[depth];
            continue;
        }
        if (!korean_syllable(p + at, m, &now.at[depth]))
            continue;
        if (at + m == n) {
            now.n = depth + 1;
            ret[found++] = now;
        } else if (depth + 1 < KOREAN_SYLLABLES) {
            at += m;
            depth++;
        }
    }
    return found;
}

unsigned korean_words(const struct name_word *a, const struct name_word *b)
{
    struct cuts x[KOREAN_CUTS], y[KOREAN_CUTS];
    unsigned n, m, best = 0;

    if (!a->jamo || a->jamo != b->jamo || a->role != ROLE_WORD || b->role != ROLE_WORD ||
        !strcmp(a->latin, b->latin))
        return 0;
    n = all_cuts(a->latin, a->latin_n, x);
    m = all_cuts(b->latin, b->latin_n, y);
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < m; k++) {
            unsigned apart = 0, s = 0;

            if (x[i].n != y[k].n || x[i].n < 2)
                continue;
            for (; s < x[i].n; s++) {
                int one = korean_apart(&x[i].at[s], &y[k].at[s]);

                if (one < 0)
                    break;
                apart += (unsigned)one;
            }
            if (s == x[i].n && SPELT_TWO - apart * HABIT_LESS > best)
                best = SPELT_TWO - apart * HABIT_LESS;
        }
    return best;
}

/* Japanese */

/* Consonants before a vowel: how Hepburn and others write them, and what they are in Nihon. */
static const struct mora_row {
    char from[4], before_i[3], before_u[3], else_where[3];
} mora_rows[] = {
    {"chy", "ty", "ty", "ty"}, {"sh", "s", "sy", "sy"}, {"ch", "t", "ty", "ty"},
    {"ts", "t", "t", "t"},     {"dz", "z", "z", "z"},   {"jy", "zy", "zy", "zy"},
    {"j", "z", "zy", "zy"},    {"f", "h", "h", "h"},    {"d", "z", "z", "d"},
    {"l", "r", "r", "r"},
};

/* One consonant or none, or one and y. */
static unsigned mora_onset(const char *p, unsigned n, char ret[4])
{
    unsigned m = 0;

    for (size_t i = 0; i < ROWS(mora_rows); i++) {
        const struct mora_row *row = &mora_rows[i];
        const char *to;

        m = (unsigned)strlen(row->from);
        if (m >= n || memcmp(p, row->from, m) != 0 || !is_vowel(p[m]))
            continue;
        to = p[m] == 'i' ? row->before_i : p[m] == 'u' ? row->before_u : row->else_where;
        memcpy(ret, to, strlen(to) + 1);
        return m;
    }
    m = 0;
    while (m < n && m < 2 && !is_vowel(p[m])) {
        if (!strchr(m ? "y" : "kgsztdnhbpmyrw", p[m]))
            return UINT32_MAX;
        ret[m] = p[m];
        m++;
    }
    ret[m] = 0;
    return m;
}

uint32_t name_moras(const char *latin, unsigned n)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    unsigned at = 0, moras = 0;

    while (at < n) {
        const char *p = latin + at;
        char text[8], v;
        unsigned left = n - at, m, k;
        bool syllabic = (*p == 'n' && (left == 1 || (!is_vowel(p[1]) && p[1] != 'y'))) ||
                        (*p == 'm' && left > 1 && (p[1] == 'b' || p[1] == 'p' || p[1] == 'm'));

        if (syllabic) {
            memcpy(text, "n", 2);
            m = 1;
        } else if (left > 2 && !is_vowel(*p) && (p[0] == p[1] || (p[0] == 't' && p[1] == 'c'))) {
            memcpy(text, "-", 2); /* the consonant is long */
            m = 1;
        } else {
            m = mora_onset(p, left, text);
            if (m >= left)
                return 0;
            v = p[m++];
            if (!is_vowel(v))
                return 0;
            k = (unsigned)strlen(text);
            if (v == 'o' && !strcmp(text, "w"))
                k = 0;
            text[k] = v;
            text[k + 1] = 0;
            /* a long o or u, also as "oh" before a consonant or at the end */
            if (m < left &&
                ((v == 'o' && (p[m] == 'u' || p[m] == 'o')) || (v == 'u' && p[m] == 'u') ||
                 (v == 'o' && p[m] == 'h' && (m + 1 == left || !is_vowel(p[m + 1])))))
                m++;
        }
        for (k = 0; text[k]; k++)
            hash = (hash ^ (uint8_t)text[k]) * 16777619u;
        at += m;
        moras++;
    }
    return moras < 2 ? 0 : hash ? hash : 1;
}

bool moras_alike(const struct name_word *a, const struct name_word *b)
{
    struct spelt_syllable s;

    return a->moras && a->moras == b->moras &&
           !(chinese_syllable(a->latin, a->latin_n, &s) &&
             chinese_syllable(b->latin, b->latin_n, &s)); /* T'ien and Chien */
}
