/* The score of two names that have been read.
 *
 * Words answer words, at most one each, the weightiest pairs first; what is left over on both sides
 * is a contradiction and counts twice, what is left over on one side only is something left out
 * and counts little, so that a father's name may be missing but may not be another. Persons of
 * Korea and China in Latin letters are also compared by syllables. Names in
 * Hangul, Han and Kana are compared character by character, with each other as characters and with
 * letters by their readings. */
#include "entity/name_parts.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uscript.h>

enum {
    SOUND_LESS = 350,    /* for a name of different letters throughout */
    OTHER_LETTERS = 200, /* a letter that differs without a difference in sound */
    MORAS = 970,         /* one Japanese word by two romanisations */
    ROMANISED = 980,     /* of 1,000: another alphabet */
    ABJAD = 950,         /* of 1,000: short vowels guessed; less for few letters */
    ABJAD_SHORT = 20,
    SPOKEN_SHORT = 15, /* of Hebrew and Thai, which write more of the vowels */
    ABJAD_COST = 50,   /* for each twentieth of a letter, of a word of one letter less */
    INITIAL = 800,
    JOINED_LEAST = 880,
    JOINED_LESS = 20,
    ORDER_LESS = 20,    /* words in an order that is no turn of the other's */
    EXCESS_PERSON = 40, /* hundredths: words that only one has, once two agree */
    PATRONYMIC = 40,
    EXCESS_ONE = 80, /* while only one agrees */
    EXCESS_FIRM = 60,
    CLASH = 200,
    JAPANESE_LETTERS = 8,
};

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Latin letters of both, different. */
static unsigned spelling_match(const struct name_word *a, const struct name_word *b,
                               enum name_how *ret)
{
    unsigned len = larger(a->latin_n, b->latin_n), shorter = smaller(a->fold_n, b->fold_n);
    unsigned sound, letters, cost, max = shorter <= 4 ? 1 : 2;

    if (!a->fold_n || !b->fold_n || a->fold_n > b->fold_n + max || b->fold_n > a->fold_n + max ||
        !letters_within(a->letters, b->letters, (int)max))
        return 0;
    if (len <= 4 && a->fold[0] != b->fold[0] &&
        !(a->fold[0] == b->fold[1] && a->fold[1] == b->fold[0]))
        return 0;
    if (a->fold_n == b->fold_n && *a->fold == *b->fold && !memcmp(a->fold, b->fold, a->fold_n)) {
        letters = name_edits(a->latin, a->latin_n, b->latin, b->latin_n, 6);
        *ret = NAME_SOUND;
        return 1000 - SOUND_LESS * smaller(letters, len) / len;
    }
    sound = name_edits(a->fold, a->fold_n, b->fold, b->fold_n, max);
    if (sound > max)
        return 0;
    letters = name_edits(a->latin, a->latin_n, b->latin, b->latin_n, 6);
    cost = sound * 1000 + (letters > sound ? (letters - sound) * OTHER_LETTERS : 0);
    if (cost >= len * 1000)
        return 0;
    *ret = NAME_TYPO;
    return 1000 - cost / len;
}

static unsigned own_match(const struct name_word *a, const struct name_word *b, enum name_how *ret)
{
    unsigned len = larger(a->own_n, b->own_n), edits,
             max = smaller(a->own_n, b->own_n) <= 4 ? 1 : 2;

    edits = name_edits_wide(a->own, a->own_n, b->own, b->own_n, max);
    *ret = edits ? NAME_TYPO : NAME_SAME;
    return edits > max || len <= edits * 3 ? 0 : 1000 - edits * 1000 / len;
}

static unsigned abjad_match(const struct name_word *abjad, const struct name_word *other,
                            enum name_how *ret)
{
    unsigned n = abjad->own_n, cost, less,
             few = abjad->code == USCRIPT_ARABIC ? ABJAD_SHORT : SPOKEN_SHORT;
    unsigned most = smaller(8 * n, (ABJAD - WORD_FLOOR) * (n + 1) / ABJAD_COST);

    if (!other->latin_n || other->latin_n > 4 * n + 4)
        return 0;
    cost = abjad_cost(abjad->own, n, other->latin, other->latin_n, most);
    *ret = NAME_ROMANISATION;
    if (cost > most || (n <= 2 && cost > 6))
        return 0;
    less = cost * ABJAD_COST / (n + 1) + (n < 5 ? 5u - n : 0) * few;
    return ABJAD - smaller(less, ABJAD);
}

unsigned name_word_match(const struct name_word *a, const struct name_word *b, enum name_how *ret)
{
    unsigned sim;

    if (a == b) {
        *ret = NAME_SAME;
        return 1000;
    }
    if (script_syllabic(a->script) || script_syllabic(b->script)) {
        *ret = NAME_CHARACTERS;
        if (a->script != b->script || a->own_n != b->own_n)
            return 0;
        for (unsigned i = 0; i < a->own_n; i++)
            if (!same_character(a->own[i], b->own[i]))
                return 0;
        return 1000;
    }
    if (a->script == SCRIPT_LATIN && b->script == SCRIPT_LATIN) {
        if (a->latin_n == b->latin_n && *a->latin == *b->latin &&
            !memcmp(a->latin, b->latin, a->latin_n)) {
            *ret = NAME_SAME;
            return 1000;
        }
        if (a->role == ROLE_NUMBER || b->role == ROLE_NUMBER)
            return 0;
        sim = spelling_match(a, b, ret);
        if (sim < MORAS && moras_alike(a, b)) {
            *ret = NAME_SPELT_JAPANESE;
            sim = MORAS;
        }
    } else if (a->code == b->code && a->script == b->script) {
        sim = own_match(a, b, ret);
    } else if (a->script == SCRIPT_ABJAD && b->script != SCRIPT_ABJAD) {
        sim = abjad_match(a, b, ret);
    } else if (b->script == SCRIPT_ABJAD && a->script != SCRIPT_ABJAD) {
        sim = abjad_match(b, a, ret);
    } else {
        if (a->latin_n == b->latin_n && !memcmp(a->latin, b->latin, a->latin_n))
            sim = 1000;
        else
            sim = spelling_match(a, b, ret);
        sim = sim * ROMANISED / 1000;
        *ret = NAME_ROMANISATION;
    }
    return sim < WORD_FLOOR ? 0 : sim;
}

/* Words */

struct answer {
    uint32_t gain, mass;
    uint16_t sim;
    uint8_t a, b, a_n, b_n;
    uint8_t how;
};

struct matching {
    const struct name_ready *a, *b;
    struct answer taken[NAME_WORDS_MAX];
    unsigned taken_n;
    uint64_t free_a, free_b;
    bool persons;
};

static int by_gain(const void *x, const void *y)
{
    const struct answer *a = x, *b = y;
    int da = abs((int)a->a - (int)a->b), db = abs((int)b->a - (int)b->b);

    if (a->gain != b->gain)
        return a->gain < b->gain ? 1 : -1;
    if (a->a + a->b != b->a + b->b)
        return a->a + a->b < b->a + b->b ? -1 : 1;
    if (da != db)
        return da - db;
    return (int)a->a - (int)b->a;
}

static void take(struct matching *m, const struct answer *x)
{
    uint64_t in_a = ((1ULL << x->a_n) - 1) << x->a, in_b = ((1ULL << x->b_n) - 1) << x->b;

    if (m->taken_n == NAME_WORDS_MAX)
        return;
    m->free_a &= ~in_a;
    m->free_b &= ~in_b;
    m->taken[m->taken_n++] = *x;
}

static bool initials(const struct name_word *a, const struct name_word *b)
{
    return a->role == ROLE_INITIAL && b->role != ROLE_INITIAL && b->role != ROLE_NUMBER &&
           b->latin_n > 1 && a->latin_n == 1 && a->latin[0] == b->latin[0];
}

static void match_words(struct matching *m)
{
    enum { MOST = NAME_WORDS_MAX * NAME_WORDS_MAX };
    struct answer found[MOST];
    unsigned n = 0;

    for (unsigned i = 0; i < m->a->n; i++)
        for (unsigned j = 0; j < m->b->n && n < MOST; j++) {
            const struct name_word *a = m->a->words[i], *b = m->b->words[j];
            enum name_how how = NAME_SAME;
            unsigned sim, korean;

            if (m->persons && (initials(a, b) || initials(b, a))) {
                sim = INITIAL;
                how = NAME_INITIAL;
            } else {
                sim = name_word_match(a, b, &how);
                korean = m->persons ? 0 : korean_words(a, b); /* persons: spelt_match */
                if (korean > sim && (!sim || how != NAME_SOUND)) {
                    sim = korean;
                    how = NAME_SPELT_KOREAN;
                }
            }
            if (sim) {
                unsigned mass = (word_weight(a) + word_weight(b)) / 2;

                found[n++] = (struct answer){.gain = mass * sim,
                                             .mass = mass,
                                             .sim = (uint16_t)sim,
                                             .a = (uint8_t)i,
                                             .b = (uint8_t)j,
                                             .a_n = 1,
                                             .b_n = 1,
                                             .how = (uint8_t)how};
            }
        }
    qsort(found, n, sizeof(found[0]), by_gain);
    for (unsigned i = 0; i < n; i++)
        if (m->free_a >> found[i].a & 1 && m->free_b >> found[i].b & 1)
            take(m, &found[i]);
}

/* Two or three words as if they were written as one; skip leaves the middle one out. */
static bool join(const struct name_ready *r, unsigned at, unsigned n, bool skip,
                 struct name_word *ret, uint32_t own[2 * NAME_LETTERS_MAX + 4],
                 char text[3][NAME_LATIN_MAX])
{
    unsigned own_n = 0, latin_n = 0;

    *ret = *r->words[at];
    for (unsigned i = at; i < at + n; i++) {
        const struct name_word *w = r->words[i];

        if (skip && i == at + 1)
            continue;
        if (w->script != ret->script || w->role == ROLE_NUMBER || script_syllabic(w->script) ||
            own_n + w->own_n > 2 * NAME_LETTERS_MAX || latin_n + w->latin_n + 2 > NAME_LATIN_MAX)
            return false;
        memcpy(own + own_n, w->own, w->own_n * sizeof(own[0]));
        memcpy(text[0] + latin_n, w->latin, w->latin_n);
        own_n += w->own_n;
        latin_n += w->latin_n;
    }
    text[0][latin_n] = 0;
    ret->role = ROLE_WORD;
    ret->own = own;
    ret->latin = text[0];
    ret->fold = text[1];
    ret->bones = text[2];
    ret->own_n = (uint8_t)own_n;
    ret->latin_n = (uint8_t)latin_n;
    ret->fold_n = (uint8_t)name_fold(text[0], latin_n, text[1]);
    ret->letters = letters_of(text[1], ret->fold_n);
    ret->bones_n = 0;
    ret->moras = ret->jamo = 0;
    text[2][0] = 0;
    return true;
}

/* One word of b as several of a that stand together. */
static void match_joined_of(struct matching *m, bool swapped)
{
    const struct name_ready *a = swapped ? m->b : m->a, *b = swapped ? m->a : m->b;
    const uint64_t *free_a = swapped ? &m->free_b : &m->free_a;
    const uint64_t *free_b = swapped ? &m->free_a : &m->free_b;

    for (unsigned j = 0; j < b->n; j++) {
        struct answer best = {0};

        if (!(*free_b >> j & 1) || b->words[j]->role == ROLE_FORM || b->words[j]->latin_n < 4)
            continue;
        for (unsigned i = 0; i + 1 < a->n; i++)
            for (unsigned n = 2; n <= 3 && i + n <= a->n; n++)
                for (unsigned skip = 0; skip < n - 1; skip++) {
                    struct name_word one;
                    uint32_t own[2 * NAME_LETTERS_MAX + 4];
                    char text[3][NAME_LATIN_MAX];
                    enum name_how how;
                    unsigned sim, mass = 0, letters = 0, left = 0;

                    for (unsigned k = i; k < i + n; k++) {
                        const struct name_word *w = a->words[k];

                        letters += w->latin_n;
                        if (*free_a >> k & 1)
                            left++;
                        else if (w->role != ROLE_PARTICLE)
                            left = 99;
                        mass += word_weight(w);
                    }
                    if (!left || left > n || (n == 3 && a->words[i + 1]->role != ROLE_PARTICLE) ||
                        letters + 3 < b->words[j]->latin_n || letters > b->words[j]->latin_n + 4u ||
                        !join(a, i, n, skip != 0, &one, own, text))
                        continue;
                    sim = name_word_match(&one, b->words[j], &how);
                    if (sim < JOINED_LEAST)
                        continue;
                    sim -= JOINED_LESS;
                    mass = (mass + word_weight(b->words[j])) / 2;
                    if (mass * sim > best.gain)
                        best = (struct answer){.gain = mass * sim,
                                               .mass = mass,
                                               .sim = (uint16_t)sim,
                                               .a = (uint8_t)(swapped ? j : i),
                                               .b = (uint8_t)(swapped ? i : j),
                                               .a_n = (uint8_t)(swapped ? 1 : n),
                                               .b_n = (uint8_t)(swapped ? n : 1),
                                               .how = NAME_JOINED};
                }
        if (best.gain)
            take(m, &best);
    }
}

/* A particle that was taken before it was joined gives way. */
static void drop_overlaps(struct matching *m)
{
    unsigned out = 0;

    for (unsigned i = 0; i < m->taken_n; i++) {
        bool covered = false;

        for (unsigned k = 0; k < m->taken_n; k++) {
            const struct answer *x = &m->taken[i], *y = &m->taken[k];

            if (k != i && y->a_n + y->b_n > 2 && x->a_n + x->b_n == 2 &&
                ((x->a >= y->a && x->a < y->a + y->a_n) || (x->b >= y->b && x->b < y->b + y->b_n)))
                covered = true;
        }
        if (covered) {
            m->free_a |= 1ULL << m->taken[i].a;
            m->free_b |= 1ULL << m->taken[i].b;
        }
        if (!covered)
            m->taken[out++] = m->taken[i];
    }
    m->taken_n = out;
    for (unsigned i = 0; i < out; i++) {
        const struct answer *x = &m->taken[i];

        m->free_a &= ~(((1ULL << x->a_n) - 1) << x->a);
        m->free_b &= ~(((1ULL << x->b_n) - 1) << x->b);
    }
}

static int by_a(const void *x, const void *y)
{
    const struct answer *a = x, *b = y;

    return (int)a->a - (int)b->a;
}

static bool tells(const struct name_word *w)
{
    return w->role == ROLE_WORD || w->role == ROLE_NUMBER || w->role == ROLE_INITIAL;
}

/* Are the words of b in the order of those of a, wherever one begins? */
static bool turned(const struct matching *m)
{
    unsigned falls = 0, n = 0, first = 0, last = 0;

    for (unsigned i = 0; i < m->taken_n; i++) {
        const struct answer *x = &m->taken[i];

        if (!tells(m->a->words[x->a]) && !tells(m->b->words[x->b]))
            continue;
        if (n++)
            falls += x->b < last;
        else
            first = x->b;
        last = x->b;
    }
    falls += n > 1 && first < last; /* closing the circle */
    return falls <= 1 || n < 3;
}

/* Names after the father, which most papers leave out. */
static bool patronymic(const struct name_word *w)
{
    static const char *const ends[] = {"ovich", "evich", "ovna", "evna", "ovych", "ivna",
                                       "ogly",  "oglu",  "uulu", "kyzy", "yevich"};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t n = strlen(ends[i]);

        if (w->latin_n > n + 2 && !memcmp(w->latin + w->latin_n - n, ends[i], n))
            return true;
    }
    return false;
}

static unsigned left_over(const struct name_ready *r, uint64_t left, bool forms)
{
    unsigned weight = 0;

    for (unsigned i = 0; i < r->n; i++) {
        const struct name_word *w = r->words[i];

        if (left >> i & 1 && !(forms && w->role == ROLE_FORM))
            weight += patronymic(w) ? word_weight(w) * PATRONYMIC / 100 : word_weight(w);
    }
    return weight;
}

static void add_part(struct name_score *ret, const struct name_ready *a, unsigned ai, unsigned an,
                     const struct name_ready *b, unsigned bi, unsigned bn, enum name_how how,
                     unsigned per_mille)
{
    const struct name_place *pa = &a->places[ai], *ea = &a->places[ai + an - 1];
    const struct name_place *pb = &b->places[bi], *eb = &b->places[bi + bn - 1];

    if (ret->parts_n == NAME_PARTS_MAX)
        return;
    ret->parts[ret->parts_n++] = (struct name_part){
        .query_at = pa->at,
        .query_n = (uint16_t)(ea->at + ea->n - pa->at),
        .listed_at = pb->at,
        .listed_n = (uint16_t)(eb->at + eb->n - pb->at),
        .how = how,
        .per_mille = (uint16_t)per_mille,
    };
}

static void words_match(const struct name_ready *a, const struct name_ready *b,
                        struct name_score *ret)
{
    struct matching m = {.a = a, .b = b};
    uint64_t mass = 0, gain = 0, left_a, left_b, clash, excess, whole;
    unsigned agree = 0;
    bool forms = a->kind != NAME_PERSON || b->kind != NAME_PERSON;
    unsigned share;

    m.persons = a->kind == NAME_PERSON || b->kind == NAME_PERSON;
    m.free_a = a->n < 64 ? (1ULL << a->n) - 1 : ~0ULL;
    m.free_b = b->n < 64 ? (1ULL << b->n) - 1 : ~0ULL;
    match_words(&m);
    if (m.free_a || m.free_b) {
        match_joined_of(&m, false);
        match_joined_of(&m, true);
        drop_overlaps(&m);
    }
    for (unsigned i = 0; i < m.taken_n; i++) {
        const struct answer *x = &m.taken[i];

        mass += x->mass;
        gain += (uint64_t)x->mass * x->sim;
        if (x->how != NAME_INITIAL && (tells(a->words[x->a]) || tells(b->words[x->b])))
            agree += x->a_n > x->b_n ? x->a_n : x->b_n;
    }
    if (!agree)
        return;
    left_a = left_over(a, m.free_a, forms);
    left_b = left_over(b, m.free_b, forms);
    clash = left_a < left_b ? left_a : left_b;
    excess = left_a < left_b ? left_b - left_a : left_a - left_b;
    share = !m.persons ? EXCESS_FIRM : agree > 1 ? EXCESS_PERSON : EXCESS_ONE;
    whole = mass + clash * CLASH / 100 + excess * share / 100;
    ret->per_mille = whole ? (uint32_t)(gain / whole) : 0;
    qsort(m.taken, m.taken_n, sizeof(m.taken[0]), by_a);
    if (ret->per_mille > ORDER_LESS && !turned(&m))
        ret->per_mille -= ORDER_LESS;
    for (unsigned i = 0; i < m.taken_n; i++)
        add_part(ret, a, m.taken[i].a, m.taken[i].a_n, b, m.taken[i].b, m.taken[i].b_n,
                 (enum name_how)m.taken[i].how, m.taken[i].sim);
}

/* Two romanisations */

static bool same_words(const struct name_ready *a, unsigned ai, unsigned an,
                       const struct name_ready *b, unsigned bi, unsigned bn)
{
    return an == 1 && bn == 1 && !strcmp(a->words[ai]->latin, b->words[bi]->latin);
}

static void spelt_part(struct name_score *ret, const struct name_ready *a, unsigned ai, unsigned an,
                       const struct name_ready *b, unsigned bi, unsigned bn, enum name_how how,
                       unsigned per_mille)
{
    bool same = same_words(a, ai, an, b, bi, bn);

    add_part(ret, a, ai, an, b, bi, bn, same ? NAME_SAME : how, same ? 1000 : per_mille);
}

/* Takes the place of what the words said if it says more. */
static void spelt_match(const struct name_ready *a, const struct name_ready *b,
                        struct name_score *ret)
{
    struct spelt_reading made[2][SPELT_READINGS_MAX];
    struct name_spelling sa = a->spelling, sb = b->spelling;
    const struct spelt_reading *x, *y;
    enum name_how how;
    unsigned score, apart;

    if (!sa.at)
        sa = (struct name_spelling){made[0], name_spelt(a, made[0])};
    if (!sa.n)
        return;
    if (!sb.at)
        sb = (struct name_spelling){made[1], name_spelt(b, made[1])};
    score = spellings_alike(&sa, &sb, &x, &y, &how);
    if (score <= ret->per_mille)
        return;
    *ret = (struct name_score){.per_mille = score};
    if (x->joined || y->joined) {
        add_part(ret, a, 0, a->n, b, 0, b->n, how, score);
        return;
    }
    apart =
        x->given[0].word != x->given[x->n - 1].word && y->given[0].word != y->given[y->n - 1].word;
    for (unsigned part = 0; part < 2; part++)
        if ((part == 0) == (x->family_word <= x->given[0].word)) {
            spelt_part(ret, a, x->family_word, 1, b, y->family_word, 1, how, score);
        } else if (apart) {
            for (unsigned i = 0; i < x->n; i++)
                spelt_part(ret, a, x->given[i].word, 1, b, y->given[i].word, 1, how, score);
        } else {
            unsigned xn = x->given[x->n - 1].word - x->given[0].word + 1u;
            unsigned yn = y->given[y->n - 1].word - y->given[0].word + 1u;

            spelt_part(ret, a, x->given[0].word, xn, b, y->given[0].word, yn, how, score);
        }
}

/* Characters */

/* Of n characters, cost tenths are wrong: short names forgive nothing. */
static unsigned characters_score(unsigned cost, unsigned n, unsigned most)
{
    unsigned right;

    if (cost >= 10 * n)
        return 0;
    right = 1000 - cost * 100 / n;
    return right * right / 1000 * most / 1000; /* one of three wrong: 444; one of four: 562 */
}

static unsigned jamo_apart(uint32_t a, uint32_t b)
{
    unsigned x = a - 0xac00, y = b - 0xac00;

    return (x / 588 != y / 588) + (x % 588 / 28 != y % 588 / 28) + (x % 28 != y % 28);
}

static unsigned character_cost(uint32_t a, uint32_t b, bool longer)
{
    if (same_character(a, b))
        return 0;
    if (longer && a >= 0xac00 && a <= 0xd7a3 && b >= 0xac00 && b <= 0xd7a3 && jamo_apart(a, b) == 1)
        return 5;
    return 10;
}

static unsigned characters_cost(const uint32_t *a, unsigned n, const uint32_t *b, unsigned m)
{
    unsigned now[NAME_SLOTS_MAX + 1], next[NAME_SLOTS_MAX + 1];
    bool longer = smaller(n, m) > 4;

    for (unsigned j = 0; j <= m; j++)
        now[j] = 10 * j;
    for (unsigned i = 0; i < n; i++) {
        next[0] = now[0] + 10;
        for (unsigned j = 0; j < m; j++) {
            unsigned best = now[j] + character_cost(a[i], b[j], longer);

            best = smaller(best, now[j + 1] + 10);
            next[j + 1] = smaller(best, next[j] + 10);
        }
        memcpy(now, next, (m + 1) * sizeof(now[0]));
    }
    return now[m];
}

static void whole_part(const struct name_ready *a, const struct name_ready *b, enum name_how how,
                       struct name_score *ret)
{
    if (ret->per_mille)
        add_part(ret, a, 0, a->n, b, 0, b->n, how, ret->per_mille);
}

static void characters_match(const struct name_ready *a, const struct name_ready *b,
                             struct name_score *ret)
{
    uint32_t ca[NAME_SLOTS_MAX], cb[NAME_SLOTS_MAX];
    unsigned n, m = name_characters(b, false, cb), best = UINT32_MAX;

    for (int turn = 0; turn < 3; turn++) {
        unsigned cost;

        if ((turn == 1 && a->n < 2) || (turn == 2 && b->n < 2))
            continue;
        n = name_characters(a, turn == 1, ca);
        m = name_characters(b, turn == 2, cb);
        cost = characters_cost(ca, n, cb, m);
        if (cost < best)
            best = cost;
    }
    n = name_characters(a, false, ca);
    ret->per_mille = characters_score(best, larger(n, m), 1000);
    whole_part(a, b, best ? NAME_CHARACTERS : NAME_SAME, ret);
}

unsigned name_letters(const struct name_ready *r, bool rotated, char *ret, uint64_t *ret_bounds)
{
    unsigned n = 0;

    *ret_bounds = 0;
    for (uint32_t k = 0; k < r->n; k++) {
        const struct name_word *w = r->words[rotated ? (k + r->n - 1) % r->n : k];

        if (w->role == ROLE_FORM || w->role == ROLE_TITLE)
            continue;
        if (!w->latin_n || n + w->latin_n > 62)
            return 0;
        *ret_bounds |= 1ULL << n;
        memcpy(ret + n, w->latin, w->latin_n);
        n += w->latin_n;
    }
    ret[n] = 0;
    return n;
}

/* How much a reading can say: the fewer characters, the more people are read so. */
static unsigned reading_most(bool hangul, enum slot_language language, unsigned slots,
                             unsigned letters)
{
    static const unsigned most_hangul[] = {0, 700, 900, 970, 980};
    static const unsigned most_han[SLOT_LANGUAGES][5] = {
        [SLOT_KOREAN] = {0, 700, 840, 950, 960},
        [SLOT_MANDARIN] = {0, 700, 880, 950, 960},
        [SLOT_CANTONESE] = {0, 700, 840, 950, 960},
        [SLOT_JAPANESE] = {0, 700, 840, 950, 960},
    };

    /* two characters of several syllables each say as much as three */
    if (language == SLOT_JAPANESE && slots == 2 && letters >= JAPANESE_LETTERS)
        slots = 3;
    return (hangul ? most_hangul : most_han[language])[smaller(slots, 4)];
}

static bool readings_match(struct arena *scratch, const struct name_ready *syllabic,
                           const struct name_ready *other, const struct name_ready *a,
                           const struct name_ready *b, struct name_score *ret)
{
    enum name_how how = NAME_READING_KOREAN;
    struct name_readings made;
    const struct name_readings *readings = syllabic->readings;
    unsigned best = 0;
    char latin[2][64];
    uint64_t bounds[2];
    unsigned letters[2];

    letters[0] = name_letters(other, false, latin[0], &bounds[0]);
    letters[1] = other->n > 1 ? name_letters(other, true, latin[1], &bounds[1]) : 0;
    if (!letters[0])
        return true;
    if (!readings) {
        if (!name_read_all(scratch, syllabic, &made))
            return false;
        readings = &made;
    }
    for (int turn = 0; turn < 2; turn++)
        for (int l = 0; l < SLOT_LANGUAGES; l++) {
            const struct name_spelt *spelt = &readings->as[turn][l];

            for (int k = 0; k < 2 && spelt->n; k++) {
                unsigned cost, score;
                enum slot_language language = (enum slot_language)l;

                if (!letters[k] || letters[k] > 8 * spelt->n || (turn && k))
                    continue;
                cost = slots_cost(spelt->slots, spelt->n, latin[k], letters[k], bounds[k]);
                score = characters_score(
                    cost, spelt->n, reading_most(spelt->hangul, language, spelt->n, letters[k]));
                if (score > best) {
                    best = score;
                    how = slot_how(language);
                }
            }
        }
    ret->per_mille = best;
    whole_part(a, b, how, ret);
    return true;
}

static bool all_kana(const struct name_ready *r)
{
    for (uint32_t i = 0; i < r->n; i++)
        if (r->words[i]->script != SCRIPT_KANA)
            return false;
    return true;
}

bool name_match(struct arena *scratch, const struct name_ready *a, const struct name_ready *b,
                struct name_score *ret)
{
    *ret = (struct name_score){0};
    if (a->all_syllabic && b->all_syllabic) {
        if (all_kana(a) != all_kana(b))
            return all_kana(a) ? readings_match(scratch, b, a, a, b, ret)
                               : readings_match(scratch, a, b, a, b, ret);
        characters_match(a, b, ret);
        return true;
    }
    if (a->all_syllabic)
        return readings_match(scratch, a, b, a, b, ret);
    if (b->all_syllabic)
        return readings_match(scratch, b, a, a, b, ret);
    words_match(a, b, ret);
    if (ret->per_mille < 1000 && (a->kind == NAME_PERSON || b->kind == NAME_PERSON))
        spelt_match(a, b, ret);
    return true;
}
