/* From UTF-8 to words.
 *
 * Letters and digits make words; what lies between parts them, but for apostrophes, which are left
 * out ("O'Brien", "Sa'ad"), and for full stops between single letters, which of a firm make one
 * word ("S.A.R.L.") and of a person initials ("J.P."). Each word is folded by NFKC_Casefold
 * (Unicode Standard, section 3.13, and UAX 44) and loses its marks where they are ornaments. */
#include "entity/name_parts.h"
#include "entity/name_tables.h"

#include "base/text.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

enum { RAW_MAX = 160 }; /* code points of one run; the words made of it are shorter */

struct reader {
    struct arena *a;
    const char *name;
    size_t n;
    enum name_kind kind;
    struct name_word *words;
    struct name_place *places;
    uint32_t words_n;
    bool full, nomem;
};

/* Valid UTF-8 only. */
static uint32_t next_char(const char *p, size_t n, size_t *at)
{
    UChar32 c;

    U8_NEXT_UNSAFE((const uint8_t *)p, *at, c); /* NOLINT: checked as a whole before */
    (void)n;
    return (uint32_t)c;
}

static bool apostrophe(uint32_t c)
{
    return c == '\'' || c == '`' || c == 0xb4 || (c >= 0x2b9 && c <= 0x2cb) ||
           (c >= 0x2018 && c <= 0x201b) || c == 0x2032 || c == 0xff07 || c == 0xa78c ||
           c == 0x5f3 || c == 0x5f4;
}

static bool word_char(uint32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (apostrophe(c) || c == 0x30fb || c == 0xb7)
        return false;
    return (U_GET_GC_MASK((UChar32)c) &
            (U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK | U_GC_NL_MASK)) != 0 ||
           c == 0x200c || c == 0x200d || c == 0x640;
}

static bool is_cjk(uint32_t c, uint8_t *ret_script, uint8_t *ret_code)
{
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode s;

    if (c == 0x3005 || c == 0x3007) { /* repeats a character; zero */
        *ret_script = SCRIPT_HAN;
        *ret_code = USCRIPT_HAN;
        return true;
    }
    if (c == 0x30fc || c == 0xff70) {
        *ret_script = SCRIPT_KANA;
        *ret_code = USCRIPT_HIRAGANA;
        return true;
    }
    s = c < 0x1100 ? USCRIPT_COMMON : uscript_getScript((UChar32)c, &status);
    *ret_code = (uint8_t)(s == USCRIPT_KATAKANA ? USCRIPT_HIRAGANA : s);
    if (s == USCRIPT_HANGUL)
        *ret_script = SCRIPT_HANGUL;
    else if (s == USCRIPT_HAN)
        *ret_script = SCRIPT_HAN;
    else if (s == USCRIPT_HIRAGANA || s == USCRIPT_KATAKANA)
        *ret_script = SCRIPT_KANA;
    else
        return false;
    return true;
}

static const struct letter_row *find_letter(uint32_t c)
{
    uint32_t low = 0, high = letter_rows_n;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (letter_rows[mid].c < c)
            low = mid + 1;
        else
            high = mid;
    }
    return low < letter_rows_n && letter_rows[low].c == c ? &letter_rows[low] : NULL;
}

/* Cyrillic as English spells it (BGN/PCGN, without its marks): ICU's own rules are scholarly. */
static const char *cyrillic(uint32_t c)
{
    static const char *const rows[] = {"a",  "b",  "v",  "g",  "d",  "e",    "zh", "z",  "i", "y",
                                       "k",  "l",  "m",  "n",  "o",  "p",    "r",  "s",  "t", "u",
                                       "f",  "kh", "ts", "ch", "sh", "shch", "",   "y",  "",  "e",
                                       "yu", "ya", "e",  "yo", "dj", "g",    "ye", "dz", "i", "yi",
                                       "j",  "lj", "nj", "c",  "k",  "i",    "u",  "dz"};

    if (c == 0x491)
        return "g";
    return c >= 0x430 && c <= 0x45f ? rows[c - 0x430] : NULL;
}

/* Spellings of one Arabic letter, and of its Persian and Urdu twins. */
static uint32_t arabic_folded(uint32_t c)
{
    switch (c) {
    case 0x622:
    case 0x623:
    case 0x625:
    case 0x671:
        return 0x627;
    case 0x624:
        return 0x648;
    case 0x626:
    case 0x649:
    case 0x6cc:
    case 0x6d0:
    case 0x6d2:
    case 0x6d3:
        return 0x64a;
    case 0x629:
    case 0x6be:
    case 0x6c0:
    case 0x6c1:
    case 0x6c2:
    case 0x6c3:
    case 0x6d5:
        return 0x647;
    case 0x6a9:
    case 0x6aa:
        return 0x643;
    case 0x621:
    case 0x640:
        return 0;
    }
    return c;
}

static bool india(int code)
{
    return code == USCRIPT_DEVANAGARI || code == USCRIPT_BENGALI || code == USCRIPT_GURMUKHI ||
           code == USCRIPT_GUJARATI || code == USCRIPT_ORIYA || code == USCRIPT_TAMIL ||
           code == USCRIPT_TELUGU || code == USCRIPT_KANNADA || code == USCRIPT_MALAYALAM ||
           code == USCRIPT_SINHALA || code == USCRIPT_MYANMAR || code == USCRIPT_KHMER ||
           code == USCRIPT_TIBETAN;
}

struct spelling {
    uint32_t own[NAME_LETTERS_MAX + 8];
    char latin[NAME_LATIN_MAX];
    unsigned own_n, latin_n;
    uint8_t script, code;
};

static void spell(struct spelling *s, const char *latin)
{
    for (; *latin && s->latin_n + 1 < NAME_LATIN_MAX; latin++)
        s->latin[s->latin_n++] = *latin;
}

/* An understood vowel goes where a sign follows, and at the end of a word. */
static void drop_vowel(struct spelling *s, bool understood)
{
    if (understood && s->latin_n && s->latin[s->latin_n - 1] == 'a')
        s->latin_n--;
}

static bool fits(const struct spelling *s)
{
    return s->own_n < NAME_LETTERS_MAX && s->latin_n + 8 < NAME_LATIN_MAX;
}

static void keep(struct reader *r, struct spelling *s, size_t at, size_t end)
{
    struct name_word *w;
    char fold[NAME_LATIN_MAX], bones[NAME_LATIN_MAX];
    unsigned fold_n, bones_n;
    char *text;

    s->latin[s->latin_n] = 0;
    if (s->script >= SCRIPT_HANGUL) /* their Latin letters depend on language: name_slots.c */
        s->latin_n =
            s->script == SCRIPT_KANA ? kana_latin(s->own, s->own_n, s->latin, NAME_LATIN_MAX) : 0;
    if (!s->own_n && !s->latin_n)
        return;
    if (r->words_n == NAME_WORDS_MAX) {
        r->full = true;
        return;
    }
    w = &r->words[r->words_n];
    fold_n = name_fold(s->latin, s->latin_n, fold);
    bones_n = name_bones(fold, fold_n, bones);
    text = arena_alloc(r->a, s->latin_n + fold_n + bones_n + 3);
    w->own = arena_copy(r->a, s->own, s->own_n * sizeof(s->own[0]));
    if (!text || !w->own) {
        r->nomem = true;
        return;
    }
    w->script = s->script;
    w->code = s->code;
    w->own_n = (uint8_t)s->own_n;
    w->latin = memcpy(text, s->latin, s->latin_n);
    w->fold = memcpy(text + s->latin_n + 1, fold, fold_n);
    w->bones = memcpy(text + s->latin_n + fold_n + 2, bones, bones_n);
    w->latin_n = (uint8_t)s->latin_n;
    w->fold_n = (uint8_t)fold_n;
    w->bones_n = (uint8_t)bones_n;
    w->rare = 1000;
    w->letters = letters_of(fold, fold_n);
    w->moras = s->script == SCRIPT_LATIN ? name_moras(s->latin, s->latin_n) : 0;
    w->jamo = s->script == SCRIPT_LATIN ? name_jamo(s->latin, s->latin_n) : 0;
    r->places[r->words_n++] = (struct name_place){(uint16_t)at, (uint16_t)(end - at)};
}

/* A word of Hangul or Han that begins or ends with a legal form is two. */
static void keep_apart(struct reader *r, struct spelling *s, size_t at, size_t end)
{
    unsigned before = name_form_before(s->own, s->own_n);
    unsigned after = name_form_after(s->own + before, s->own_n - before);
    unsigned cuts[4] = {0, before, s->own_n - after, s->own_n};

    for (int i = 0; i < 3; i++) {
        struct spelling part = {.script = s->script, .code = s->code};

        part.own_n = cuts[i + 1] - cuts[i];
        memcpy(part.own, s->own + cuts[i], part.own_n * sizeof(part.own[0]));
        if (part.own_n)
            keep(r, &part, at, end);
    }
}

struct letter { /* a code point as it is spelt */
    uint32_t own;
    const char *latin;
    const struct letter_row *row; /* NULL: none is needed, or it has none */
    uint8_t script, code;
    char text[8]; /* of latin, where it is made */
};

/* By ICU's script and our table. False: it spells nothing. */
static bool letter_by_row(uint32_t c, struct letter *l)
{
    UErrorCode status = U_ZERO_ERROR;

    l->row = find_letter(c);
    l->code = (uint8_t)uscript_getScript((UChar32)c, &status);
    if (l->code == USCRIPT_ARABIC || l->code == USCRIPT_HEBREW) {
        l->script = SCRIPT_ABJAD;
        l->own = arabic_folded(c);
        if (!l->own || u_charType((UChar32)c) == U_NON_SPACING_MARK)
            return false;
        if (l->own != c)
            l->row = find_letter(l->own);
    } else if (l->code != USCRIPT_LATIN) {
        l->script = SCRIPT_LETTERS;
    }
    l->latin = l->code == USCRIPT_CYRILLIC ? cyrillic(c) : NULL;
    if (!l->latin)
        l->latin = l->row ? l->row->latin : "";
    if (!l->row && (l->code == USCRIPT_INHERITED || l->code == USCRIPT_COMMON))
        return false; /* an ornament */
    return l->code != USCRIPT_LATIN || *l->latin;
}

/* Behind what is spelt already. False: it spells nothing. */
static bool letter_of(const struct spelling *s, uint32_t c, struct letter *l)
{
    l->own = c;
    l->latin = l->text;
    l->row = NULL;
    l->script = SCRIPT_LATIN;
    l->code = USCRIPT_LATIN;
    if (c < 0x80) {
        l->text[0] = (char)c;
        l->text[1] = 0;
        return true;
    }
    if (is_cjk(c, &l->script, &l->code)) {
        l->latin = "";
        if (l->script == SCRIPT_KANA && c >= 0x30a1 && c <= 0x30f6)
            l->own = c - 0x60;
        else if (c == 0x3005 && s->own_n)
            l->own = s->own[s->own_n - 1];
        return true;
    }
    if (!name_thai(c) && (c < 0xe000 || c > 0xf8ff))
        return letter_by_row(c, l);
    abjad_first(c, l->text); /* by name_spoken */
    l->script = SCRIPT_ABJAD;
    l->code = (uint8_t)(name_thai(c) ? USCRIPT_THAI : USCRIPT_HEBREW);
    return true;
}

/* Of what a letter spells, its last vowel is understood: a sign takes its place. */
static bool is_understood(const struct letter *l)
{
    size_t n = strlen(l->latin);

    return l->row && !l->row->sign && india(l->code) && n > 1 && l->latin[n - 1] == 'a';
}

static void keep_word(struct reader *r, struct spelling *s, size_t at, size_t end)
{
    if (script_syllabic(s->script))
        keep_apart(r, s, at, end);
    else
        keep(r, s, at, end);
}

/* The Arabic article is a word of its own. */
static void article_apart(struct reader *r, struct spelling *s, size_t at, size_t end)
{
    struct spelling article = {.own = {0x627, 0x644},
                               .latin = "al",
                               .own_n = 2,
                               .latin_n = 2,
                               .script = SCRIPT_ABJAD,
                               .code = s->code};

    if (s->script != SCRIPT_ABJAD || s->own_n <= 4 || s->own[0] != 0x627 || s->own[1] != 0x644)
        return;
    keep(r, &article, at, end);
    memmove(s->own, s->own + 2, (s->own_n - 2) * sizeof(s->own[0]));
    s->own_n -= 2;
    if (s->latin_n > 1 && s->latin[0] == 'l') { /* the alif has no letter of its own */
        memmove(s->latin, s->latin + 1, s->latin_n - 1);
        s->latin_n--;
    } else if (s->latin_n > 2) {
        memmove(s->latin, s->latin + 2, s->latin_n - 2);
        s->latin_n -= 2;
    }
}

/* Folded code points of one run of one kind of script into words. */
static void words_of(struct reader *r, const uint32_t *c, unsigned n, size_t at, size_t end)
{
    const struct spelling none = {.script = SCRIPT_LATIN, .code = USCRIPT_LATIN};
    struct spelling s = none;
    bool understood = false;

    for (unsigned i = 0; i < n; i++) {
        struct letter l;

        if (!letter_of(&s, c[i], &l))
            continue;
        if ((s.own_n || s.latin_n) &&
            (!fits(&s) || script_syllabic(l.script) != script_syllabic(s.script))) {
            drop_vowel(&s, understood);
            keep_word(r, &s, at, end);
            s = none;
        }
        if (l.script > s.script) {
            s.script = l.script;
            s.code = l.code;
        }
        if (l.row && l.row->sign)
            drop_vowel(&s, understood);
        understood = is_understood(&l);
        spell(&s, l.latin);
        s.own[s.own_n++] = l.own;
    }
    drop_vowel(&s, understood);
    if (s.script == SCRIPT_LATIN)
        s.own_n = 0;
    article_apart(r, &s, at, end);
    keep_word(r, &s, at, end);
}

/* Vowel signs of Hebrew. */
static bool ornament(uint32_t c)
{
    return c >= 0x591 && c <= 0x5c7;
}

/* One run of letters and digits, folded. */
static void run_end(struct reader *r, const uint32_t *raw, unsigned n, size_t at, size_t end)
{
    UChar wide[2 * RAW_MAX], folded[6 * RAW_MAX];
    uint32_t c[6 * RAW_MAX];
    int32_t wide_n = 0, folded_n, i = 0;
    unsigned out = 0;
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfkc_cf;
    bool ascii = true;

    for (unsigned k = 0; k < n; k++)
        ascii &= raw[k] < 0x80;
    if (ascii) {
        for (unsigned k = 0; k < n; k++)
            c[k] = raw[k] >= 'A' && raw[k] <= 'Z' ? raw[k] + 32 : raw[k];
        words_of(r, c, n, at, end);
        return;
    }
    for (unsigned k = 0; k < n; k++)
        U16_APPEND_UNSAFE(wide, wide_n, raw[k]);
    nfkc_cf = unorm2_getNFKCCasefoldInstance(&status);
    folded_n = unorm2_normalize(nfkc_cf, wide, wide_n, folded, 6 * RAW_MAX, &status);
    if (U_FAILURE(status)) { /* grows beyond all measure: taken as it is */
        words_of(r, raw, n, at, end);
        return;
    }
    while (i < folded_n) {
        UChar32 one;

        U16_NEXT(folded, i, folded_n, one);
        if (word_char((uint32_t)one) && !ornament((uint32_t)one))
            c[out++] = (uint32_t)one;
    }
    words_of(r, c, name_spoken(c, out), at, end);
}

/* "S.A.R.L.": single letters with full stops between; returns where it ends, 0 if it is none. */
static size_t acronym(const char *p, size_t n, size_t at, uint32_t *ret, unsigned *ret_n)
{
    unsigned letters = 0;
    size_t end = 0;

    while (at < n && letters < RAW_MAX) {
        size_t next = at;
        uint32_t c = next_char(p, n, &next);

        if (!word_char(c) || (next < n && p[next] != '.'))
            break;
        ret[letters++] = c;
        at = end = next + (next < n);
    }
    if (at < n) { /* "A.B.Smith": what follows is a word */
        size_t next = at;

        if (word_char(next_char(p, n, &next)) && letters < 2)
            return 0;
    }
    *ret_n = letters;
    return letters >= 2 ? end : 0;
}

static void read_words(struct reader *r)
{
    uint32_t raw[RAW_MAX];
    size_t at = 0;

    while (at < r->n && !r->full && !r->nomem) {
        size_t start = at, end = at;
        uint32_t c = next_char(r->name, r->n, &at);
        unsigned n = 0;

        if (!word_char(c))
            continue;
        end = acronym(r->name, r->n, start, raw, &n);
        if (end) {
            at = end;
            if (r->kind == NAME_PERSON)
                for (unsigned i = 0; i < n; i++)
                    run_end(r, raw + i, 1, start, end);
            else
                run_end(r, raw, n, start, end);
            continue;
        }
        n = 0;
        raw[n++] = c;
        end = at;
        while (at < r->n && n < RAW_MAX) {
            size_t next = at;

            c = next_char(r->name, r->n, &next);
            if (apostrophe(c)) {
                at = next;
                continue;
            }
            if (!word_char(c))
                break;
            raw[n++] = c;
            at = end = next;
        }
        run_end(r, raw, n, start, end);
    }
}

bool name_ready(struct arena *a, enum name_kind kind, const char *name, struct name_ready *ret,
                struct err *err)
{
    size_t n = strlen(name);
    struct name_word words[NAME_WORDS_MAX];
    struct name_place places[NAME_WORDS_MAX];
    struct reader r = {.a = a, .name = name, .n = n, .kind = kind};
    struct name_word *kept;
    struct name_ready ready = {.kind = kind};

    if (n > NAME_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "a name of more than %d bytes", NAME_BYTES_MAX);
    if (!utf8_valid(name, n))
        return err_fail(err, ERR_INPUT, "a name that is not UTF-8");
    memset(words, 0, sizeof(words));
    r.words = words;
    r.places = places;
    read_words(&r);
    if (r.nomem)
        return err_fail(err, ERR_NOMEM, "a name");
    if (r.full)
        return err_fail(err, ERR_LIMIT, "a name of more than %d words", NAME_WORDS_MAX);
    if (!r.words_n)
        return err_fail(err, ERR_INPUT, "a name without letters or digits");
    kept = arena_copy(a, words, r.words_n * sizeof(words[0]));
    ready.words = ARENA_ARRAY(a, const struct name_word *, r.words_n);
    ready.places = arena_copy(a, places, r.words_n * sizeof(places[0]));
    if (!kept || !ready.words || !ready.places)
        return err_fail(err, ERR_NOMEM, "a name");
    ready.n = r.words_n;
    for (uint32_t i = 0; i < ready.n; i++)
        ready.words[i] = &kept[i];
    name_roles(&ready, kept);
    *ret = ready;
    return true;
}
