/* Building an index: every different word once, and the keys by which it may be found. */
#include "entity/name_index_parts.h"
#include "entity/name_tables.h"

#include "base/mem.h"
#include "base/sort.h"

#include <string.h>

#define INDEX_BYTES_MAX ((size_t)8 << 30)
#define READ_BYTES_MAX ((size_t)2 << 20)

uint32_t key_hash(enum key_of of, const void *p, size_t n)
{
    uint64_t h = 0xcbf29ce484222325ULL ^ ((uint64_t)of + 1) * 0x9e3779b97f4a7c15ULL;
    const uint8_t *b = p;

    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * 0x100000001b3ULL;
    h ^= h >> 32;
    return (uint32_t)h * 0x9e3779b1u ^ (uint32_t)(h >> 17);
}

void key_prefetch(const struct key_table *t, uint32_t hash, int step)
{
    const uint32_t *low = &t->low[t->bits ? hash >> (32 - t->bits) : 0];

    if (!t->rows_n)
        return;
    if (step)
        __builtin_prefetch(&t->rows[*low]);
    else
        __builtin_prefetch(low);
}

const struct key_row *key_find(const struct key_table *t, uint32_t hash, size_t *ret_n)
{
    uint32_t at, end, upper;

    *ret_n = 0;
    if (!t->rows_n)
        return NULL;
    upper = t->bits ? hash >> (32 - t->bits) : 0;
    at = t->low[upper];
    end = t->low[upper + 1];
    while (at < end && t->rows[at].hash < hash)
        at++;
    while (at + *ret_n < end && t->rows[at + *ret_n].hash == hash)
        (*ret_n)++;
    return &t->rows[at];
}

/* Prefixes with none, one or two letters left out: two words within as many edits share one (after
 * W. Garbe's SymSpell, with its prefixes). */
unsigned keys_of_fold(const char *fold, unsigned n, uint32_t *ret)
{
    unsigned m = n < KEY_PREFIX ? n : KEY_PREFIX, keys = 0;
    char left[KEY_PREFIX];

    ret[keys++] = key_hash(KEY_OF_FOLD, fold, m);
    for (unsigned i = 0; i < m && m > 1; i++) {
        memcpy(left, fold, i);
        memcpy(left + i, fold + i + 1, m - i - 1);
        ret[keys++] = key_hash(KEY_OF_FOLD, left, m - 1);
        for (unsigned j = i; j + 1 < m && n > 4; j++) {
            char both[KEY_PREFIX];

            memcpy(both, left, j);
            memcpy(both + j, left + j + 1, m - 2 - j);
            ret[keys++] = key_hash(KEY_OF_FOLD, both, m - 2);
        }
    }
    return keys;
}

uint32_t key_of_own(const struct name_word *w)
{
    uint32_t plain[NAME_LETTERS_MAX];

    for (unsigned i = 0; i < w->own_n; i++)
        plain[i] = plain_character(w->own[i]);
    return key_hash(KEY_OF_OWN, plain, w->own_n * sizeof(plain[0]));
}

/* The characters, in the order given and with the last word first, and with one left out. Han also
 * as it is read in Korean. */
unsigned keys_of_characters(const struct name_ready *r, uint32_t *ret, unsigned max)
{
    unsigned keys = 0;

    for (int turn = 0; turn < (r->n > 1 ? 2 : 1); turn++)
        for (int read = 0; read < 2; read++) {
            uint32_t c[NAME_SLOTS_MAX], hangul[4];
            unsigned n = name_characters(r, turn, c);

            for (unsigned i = 0; i < n; i++) {
                if (read && han_hangul(c[i], hangul, 4))
                    c[i] = hangul[0];
                c[i] = plain_character(c[i]);
            }
            for (unsigned i = 0; i <= n && keys < max; i++) {
                uint32_t left[NAME_SLOTS_MAX];

                if (i < n && (n < 4 || n > 9))
                    continue;
                memcpy(left, c, i * sizeof(c[0]));
                if (i < n)
                    memcpy(left + i, c + i + 1, (n - i - 1) * sizeof(c[0]));
                ret[keys++] = key_hash(KEY_OF_OWN, left, (n - (i < n)) * sizeof(c[0]));
            }
        }
    return keys;
}

unsigned keys_of_letters(const struct name_ready *r, uint32_t *ret)
{
    unsigned keys = 0;

    for (int turn = 0; turn < (r->n > 1 ? 2 : 1) && r->n <= WHOLE_WORDS_MAX; turn++) {
        char letters[64], coarse[NAME_LATIN_MAX];
        uint64_t bounds;
        unsigned n = name_letters(r, turn, letters, &bounds);
        unsigned m = n ? name_coarse(letters, n, coarse) : 0;

        if (m)
            ret[keys++] = name_coarse_hash(coarse, m);
    }
    return keys;
}

unsigned keys_of_slots(const struct name_readings *readings, uint32_t *ret, unsigned max)
{
    unsigned keys = 0;

    for (int turn = 0; turn < 2; turn++)
        for (int l = 0; l < SLOT_LANGUAGES; l++) {
            const struct name_spelt *spelt = &readings->as[turn][l];
            uint32_t one[NAME_KEYS_MAX];
            unsigned found = spelt->n ? slots_keys(spelt->slots, spelt->n, one) : 0;

            for (unsigned i = 0; i < found; i++) {
                unsigned k = 0;

                while (k < keys && ret[k] != one[i])
                    k++;
                if (k == keys && keys < max)
                    ret[keys++] = one[i];
            }
        }
    return keys;
}

static void add_family(uint32_t *ret, unsigned *n, unsigned family, unsigned given, bool linked)
{
    uint32_t of[] = {family & ~(unsigned)FAMILY_DIALECT, given, linked};
    uint32_t key = key_hash(KEY_OF_FAMILY, of, sizeof(of));

    for (unsigned i = 0; i < *n; i++)
        if (ret[i] == key)
            return;
    if (*n < FAMILY_KEYS_MAX)
        ret[(*n)++] = key;
}

/* A Korean name meets a Chinese one by the characters of the family name: the Korean one has a key
 * of its own for that if it is listed, and has the Chinese one's if it is asked. */
unsigned keys_of_families(const struct name_spelling *s, bool listed, uint32_t ret[FAMILY_KEYS_MAX])
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->n; i++) {
        const struct spelt_reading *r = &s->at[i];

        for (unsigned k = 0; k < r->families_n; k++) {
            unsigned m = 0;
            const uint16_t *links = r->chinese ? NULL : family_links(r->families[k], &m);

            /* there are many of the name of Kim: of Korea also by what follows */
            add_family(ret, &n, r->families[k],
                       r->chinese ? r->n : r->n | (1 + spelt_class(&r->given[0])) << 8, false);
            for (unsigned j = 0; j < m; j++)
                add_family(ret, &n, links[j] | FAMILY_CHINESE, r->n, listed);
            if (r->chinese && !listed && !(r->families[k] & FAMILY_DIALECT))
                add_family(ret, &n, r->families[k], r->n, true);
        }
    }
    return n;
}

/* Thousandths of log2: linear between powers of two, near enough and the same everywhere. */
static uint32_t log2_milli(uint32_t v)
{
    unsigned whole = 31u - (unsigned)__builtin_clz(v | 1);

    return whole * 1000 + (uint32_t)(((uint64_t)v * 1000 >> whole) - 1000);
}

uint16_t rarity(uint32_t entries, uint32_t having)
{
    uint32_t all = log2_milli(entries < 4096 ? 4096 : entries);
    uint32_t had = log2_milli(having ? having : 1);

    return (uint16_t)(400 + (had >= all ? 0 : 600 * (all - had) / all));
}

struct name_ready entry_ready(const struct name_index *x, uint32_t entry)
{
    const struct indexed_entry *e = &x->entries[entry];
    struct name_ready r = {.kind = (enum name_kind)e->kind, .n = e->words_n, .all_syllabic = true};

    r.words = &x->entry_words[e->words_at];
    r.places = &x->entry_places[e->words_at];
    r.spelling = x->spellings[e->spelling];
    for (uint32_t i = 0; i < r.n; i++) {
        bool counts = r.words[i]->role == ROLE_WORD || r.words[i]->role == ROLE_NUMBER ||
                      r.words[i]->role == ROLE_INITIAL;

        if (script_syllabic(r.words[i]->script))
            r.syllabic += counts;
        else
            r.all_syllabic &= !counts;
    }
    r.all_syllabic &= r.syllabic > 0;
    return r;
}

/* Building */

struct key_list { /* grows; owned by the builder */
    struct keyed *at;
    size_t n, size;
};

struct builder {
    struct name_index *x;
    struct arena *scratch;
    struct name_word *words; /* in the order of their coming; grows */
    uint32_t words_n, words_size;
    uint32_t *slots; /* open addressing: word + 1 */
    uint32_t slots_n;
    uint32_t *entry_words; /* word of each place; grows */
    size_t places_n, places_size;
    struct name_place *places;
    struct key_list fold, bones, whole, joined, family;
    struct name_spelling *spellings; /* from 1; grows */
    size_t spellings_n, spellings_size;
};

static bool grow(void **p, size_t n, size_t *size, size_t of)
{
    size_t more = *size ? *size * 2 : 4096;
    void *at;

    if (n < *size)
        return true;
    at = mem_grow(*p, more * of);
    if (!at)
        return false;
    *p = at;
    *size = more;
    return true;
}

static bool add_key_with(struct key_list *l, uint32_t hash, uint32_t to, uint32_t letters)
{
    if (!grow((void **)&l->at, l->n, &l->size, sizeof(l->at[0])))
        return false;
    l->at[l->n++] = (struct keyed){.key = (uint64_t)hash << 32 | to, .index = to, .with = letters};
    return true;
}

static bool add_key(struct key_list *l, uint32_t hash, uint32_t to)
{
    return add_key_with(l, hash, to, 0);
}

static bool same_word(const struct name_word *a, const struct name_word *b)
{
    return a->script == b->script && a->code == b->code && a->role == b->role &&
           a->own_n == b->own_n && a->latin_n == b->latin_n &&
           !memcmp(a->latin, b->latin, a->latin_n) &&
           !memcmp(a->own, b->own, a->own_n * sizeof(a->own[0]));
}

static uint32_t hash_word(const struct name_word *w)
{
    uint32_t h = key_hash(KEY_OF_FOLD, w->latin, w->latin_n);

    return h ^ key_hash(KEY_OF_OWN, w->own, w->own_n * sizeof(w->own[0])) ^ w->role * 0x9e3779b9u;
}

static bool more_slots(struct builder *b)
{
    uint32_t size = b->slots_n ? b->slots_n * 2 : 8192;
    uint32_t *slots = mem_array(size, sizeof(slots[0]));

    if (!slots)
        return false;
    for (uint32_t i = 0; i < b->words_n; i++) {
        uint32_t at = hash_word(&b->words[i]) & (size - 1);

        while (slots[at])
            at = (at + 1) & (size - 1);
        slots[at] = i + 1;
    }
    mem_free(b->slots);
    b->slots = slots;
    b->slots_n = size;
    return true;
}

static bool keep_word(struct builder *b, const struct name_word *w, uint32_t *ret)
{
    uint32_t at;
    size_t size = b->words_size;
    struct name_word *kept;
    char *text;

    if (b->words_n * 2 >= b->slots_n && !more_slots(b))
        return false;
    for (at = hash_word(w) & (b->slots_n - 1); b->slots[at]; at = (at + 1) & (b->slots_n - 1))
        if (same_word(&b->words[b->slots[at] - 1], w)) {
            *ret = b->slots[at] - 1;
            return true;
        }
    if (!grow((void **)&b->words, b->words_n, &size, sizeof(b->words[0])))
        return false;
    b->words_size = (uint32_t)size;
    kept = &b->words[b->words_n];
    *kept = *w;
    text = arena_alloc(b->x->a, (size_t)w->latin_n + w->fold_n + w->bones_n + 3);
    kept->own = arena_copy(b->x->a, w->own, w->own_n * sizeof(w->own[0]));
    if (!text || !kept->own)
        return false;
    kept->latin = memcpy(text, w->latin, w->latin_n);
    kept->fold = memcpy(text + w->latin_n + 1, w->fold, w->fold_n);
    kept->bones = memcpy(text + w->latin_n + w->fold_n + 2, w->bones, w->bones_n);
    b->slots[at] = ++b->words_n;
    *ret = b->words_n - 1;
    return true;
}

static bool joined_keys(struct builder *b, const struct name_ready *r, uint32_t entry)
{
    for (uint32_t i = 0; i + 1 < r->n; i++)
        for (uint32_t n = 2; n <= 3 && i + n <= r->n; n++) {
            char latin[NAME_LATIN_MAX], fold[NAME_LATIN_MAX];
            unsigned len = 0;
            bool fits = n == 2 || r->words[i + 1]->role == ROLE_PARTICLE;

            for (uint32_t k = i; k < i + n && fits; k++) {
                const struct name_word *w = r->words[k];

                fits = !script_syllabic(w->script) && w->role != ROLE_FORM &&
                       w->role != ROLE_NUMBER && len + w->latin_n + 2 < NAME_LATIN_MAX;
                if (fits)
                    memcpy(latin + len, w->latin, w->latin_n);
                len += fits ? w->latin_n : 0;
            }
            if (!fits || len < 4)
                continue;
            latin[len] = 0;
            len = name_fold(latin, len, fold);
            if (!add_key(&b->joined, key_hash(KEY_OF_JOINED, fold, len), entry))
                return false;
        }
    return true;
}

static bool whole_keys(struct builder *b, const struct name_ready *r, uint32_t entry)
{
    uint32_t keys[4 * NAME_KEYS_MAX];
    struct name_readings readings;
    unsigned n = 0;

    if (r->all_syllabic) {
        n = keys_of_characters(r, keys, 4 * CHARACTERS_KEYS_MAX);
        for (unsigned i = 0; i < n; i++)
            if (!add_key(&b->whole, key_of_whole(KEY_OF_OWN, keys[i]), entry))
                return false;
        if (!name_read_all(b->scratch, r, &readings))
            return false;
        n = keys_of_slots(&readings, keys, 4 * NAME_KEYS_MAX);
        for (unsigned i = 0; i < n; i++)
            if (!add_key(&b->whole, key_of_whole(KEY_OF_SLOTS, keys[i]), entry))
                return false;
    }
    n = keys_of_letters(r, keys); /* none of Hangul and Han */
    for (unsigned i = 0; i < n; i++)
        if (!add_key(&b->whole, key_of_whole(KEY_OF_LETTERS, keys[i]), entry))
            return false;
    return true;
}

static bool spelling_keys(struct builder *b, const struct name_ready *r, uint32_t entry)
{
    static const struct spelt_reading none; /* of all that are no such names */
    struct spelt_reading at[SPELT_READINGS_MAX];
    struct name_spelling s = {at, name_spelt(r, at)};
    uint32_t keys[FAMILY_KEYS_MAX];
    unsigned n;

    if (!grow((void **)&b->spellings, b->spellings_n, &b->spellings_size, sizeof(s)))
        return false;
    if (!b->spellings_n)
        b->spellings[b->spellings_n++] = (struct name_spelling){&none, 0};
    if (!s.n)
        return true;
    n = keys_of_families(&s, true, keys);
    for (unsigned i = 0; i < n; i++)
        if (!add_key(&b->family, keys[i], entry))
            return false;
    s.at = arena_copy(b->x->a, at, s.n * sizeof(at[0]));
    b->x->entries[entry].spelling = (uint32_t)b->spellings_n;
    b->spellings[b->spellings_n++] = s;
    return s.at != NULL;
}

static bool read_entry(struct builder *b, const struct name_entry *e, uint32_t entry,
                       struct err *err)
{
    struct name_ready r;
    struct indexed_entry *to = &b->x->entries[entry];
    size_t size = b->places_size;

    if (!name_ready(b->scratch, e->kind, e->name, &r, err))
        return false;
    *to = (struct indexed_entry){.words_at = (uint32_t)b->places_n,
                                 .words_n = (uint16_t)r.n,
                                 .subject = e->subject,
                                 .kind = (uint8_t)e->kind,
                                 .weak = e->weak};
    for (uint32_t i = 0; i < r.n; i++) {
        uint32_t word;
        size_t places_size = b->places_size;

        size = b->places_size;
        if (!keep_word(b, r.words[i], &word) ||
            !grow((void **)&b->entry_words, b->places_n, &size, sizeof(b->entry_words[0])) ||
            !grow((void **)&b->places, b->places_n, &places_size, sizeof(b->places[0])))
            return err_fail(err, ERR_NOMEM, "an index of names");
        b->places_size = size;
        b->entry_words[b->places_n] = word;
        b->places[b->places_n++] = r.places[i];
    }
    if (!joined_keys(b, &r, entry) || !whole_keys(b, &r, entry) || !spelling_keys(b, &r, entry))
        return err_fail(err, ERR_NOMEM, "an index of names");
    return true;
}

static bool make_table(struct name_index *x, struct key_list *l, struct key_table *ret)
{
    struct keyed *scratch = mem_array(l->n, sizeof(scratch[0]));
    struct key_table t = {0};
    uint32_t upper = 0;

    if (!scratch)
        return false;
    sort_keyed(l->at, l->n, scratch);
    mem_free(scratch);
    while (t.bits < 24 && (size_t)2 << t.bits < l->n)
        t.bits++;
    t.rows = ARENA_ARRAY(x->a, struct key_row, l->n);
    t.low = ARENA_ARRAY(x->a, uint32_t, ((size_t)1 << t.bits) + 1);
    if (!t.rows || !t.low)
        return false;
    for (size_t i = 0; i < l->n; i++) {
        uint32_t hash = (uint32_t)(l->at[i].key >> 32);

        if (i && l->at[i].key == l->at[i - 1].key)
            continue;
        while (t.bits && upper < hash >> (32 - t.bits))
            t.low[++upper] = t.rows_n;
        t.rows[t.rows_n++] = (struct key_row){hash, l->at[i].index, l->at[i].with};
    }
    while (upper < 1u << t.bits)
        t.low[++upper] = t.rows_n;
    l->at = mem_free(l->at);
    l->n = l->size = 0;
    *ret = t;
    return true;
}

static int by_fold(const void *a, const void *b)
{
    const struct name_word *x = a, *y = b;
    unsigned n = x->fold_n < y->fold_n ? x->fold_n : y->fold_n;
    int order = memcmp(x->fold, y->fold, n);

    if (order)
        return order;
    if (x->fold_n != y->fold_n)
        return (int)x->fold_n - (int)y->fold_n;
    return x < y ? -1 : x > y; /* of one array, so stable */
}

static void start_fold(struct name_index *x, const struct name_word *w, uint32_t at)
{
    struct fold *f = &x->folds[x->folds_n++];

    f->words_at = at;
    f->n = w->fold_n;
    memcpy(f->text, w->fold, w->fold_n < FOLD_TEXT ? w->fold_n : FOLD_TEXT);
}

/* Words in the order of their folds, and where each has gone. */
static bool order_words(struct builder *b, uint32_t *to)
{
    struct name_index *x = b->x;
    const void **at = mem_array(b->words_n, sizeof(at[0]));
    const void **scratch = mem_array(b->words_n, sizeof(scratch[0]));
    bool ok = at && scratch;

    x->words = ARENA_ARRAY(x->a, struct name_word, b->words_n);
    x->folds = ARENA_ARRAY(x->a, struct fold, b->words_n);
    ok = ok && x->words && x->folds;
    if (ok) {
        for (uint32_t i = 0; i < b->words_n; i++)
            at[i] = &b->words[i];
        sort_pointers(at, b->words_n, scratch, by_fold);
        x->words_n = b->words_n;
        for (uint32_t i = 0; i < b->words_n; i++) {
            const struct name_word *w = at[i], *before = i ? &x->words[i - 1] : NULL;

            x->words[i] = *w;
            to[w - b->words] = i;
            if (!before || !w->fold_n || w->fold_n != before->fold_n ||
                memcmp(w->fold, before->fold, w->fold_n) != 0)
                start_fold(x, w, i);
            x->folds[x->folds_n - 1].words_n++;
        }
    }
    mem_free(at);
    mem_free(scratch);
    return ok;
}

static bool word_keys(struct builder *b)
{
    struct name_index *x = b->x;
    uint32_t keys[KEYS_OF_FOLD_MAX];

    for (uint32_t f = 0; f < x->folds_n; f++) {
        const struct name_word *w = &x->words[x->folds[f].words_at];
        unsigned n = w->fold_n ? keys_of_fold(w->fold, w->fold_n, keys) : 0;

        for (unsigned i = 0; i < n; i++)
            if (!add_key_with(&b->fold, keys[i], f, letters_and_length(w)))
                return false;
    }
    for (uint32_t i = 0; i < x->words_n; i++) {
        const struct name_word *w = &x->words[i];
        char bones[8][NAME_LATIN_MAX];
        unsigned n;

        if (w->role == ROLE_FORM)
            continue;
        if (script_syllabic(w->script) || !w->fold_n) {
            if (!add_key(&b->bones, key_of_own(w), i))
                return false;
            continue;
        }
        if (w->script != SCRIPT_ABJAD) {
            if (w->bones_n && !add_key(&b->bones, key_hash(KEY_OF_BONES, w->bones, w->bones_n), i))
                return false;
            if (w->moras &&
                !add_key(&b->bones, key_hash(KEY_OF_MORAS, &w->moras, sizeof(w->moras)), i))
                return false;
            if (w->jamo && !add_key(&b->bones, key_hash(KEY_OF_JAMO, &w->jamo, sizeof(w->jamo)), i))
                return false;
            continue;
        }
        n = abjad_bones(w->own, w->own_n, bones, 8);
        for (unsigned k = 0; k < n; k++)
            if (!add_key(&b->bones, key_hash(KEY_OF_ABJAD, bones[k], strlen(bones[k])), i))
                return false;
    }
    return true;
}

/* Which entries have each word, and how rare that makes it. */
static bool post(struct builder *b, const uint32_t *to)
{
    struct name_index *x = b->x;
    size_t total = b->places_n;
    uint32_t *fill;

    x->entry_words = ARENA_ARRAY(x->a, const struct name_word *, total);
    x->entry_places = arena_copy(x->a, b->places, total * sizeof(b->places[0]));
    x->postings_at = ARENA_ARRAY(x->a, uint32_t, (size_t)x->words_n + 1);
    x->postings = ARENA_ARRAY(x->a, uint32_t, total);
    fill = mem_array(x->words_n, sizeof(fill[0]));
    if (!x->entry_words || !x->entry_places || !x->postings_at || !x->postings || !fill) {
        mem_free(fill);
        return false;
    }
    for (size_t i = 0; i < total; i++) {
        uint32_t word = to[b->entry_words[i]];

        x->entry_words[i] = &x->words[word];
        x->postings_at[word + 1]++;
    }
    for (uint32_t i = 0; i < x->words_n; i++)
        x->postings_at[i + 1] += x->postings_at[i];
    for (uint32_t e = 0; e < x->n; e++)
        for (uint32_t i = 0; i < x->entries[e].words_n; i++) {
            uint32_t word = (uint32_t)(x->entry_words[x->entries[e].words_at + i] - x->words);

            x->postings[x->postings_at[word] + fill[word]++] = e;
        }
    mem_free(fill);
    for (uint32_t f = 0; f < x->folds_n; f++) {
        struct fold *fold = &x->folds[f];
        uint32_t end = fold->words_at + fold->words_n;

        fold->entries = x->postings_at[end] - x->postings_at[fold->words_at];
        for (uint32_t i = fold->words_at; i < end; i++)
            if (x->words[i].role == ROLE_WORD)
                x->words[i].rare = rarity(x->n, fold->entries);
    }
    for (uint32_t e = 0; e < x->n; e++)
        for (uint32_t i = 0; i < x->entries[e].words_n; i++) {
            const struct name_word *w = x->entry_words[x->entries[e].words_at + i];

            if (w->role == ROLE_WORD || w->role == ROLE_NUMBER)
                x->entries[e].weight += word_weight(w);
        }
    return true;
}

static bool keep_names(struct name_index *x, const struct name_entry *entries, size_t n)
{
    size_t bytes = 0;

    for (size_t i = 0; i < n; i++)
        bytes += strlen(entries[i].name) + 1;
    if (bytes > UINT32_MAX)
        return false;
    x->names = arena_alloc(x->a, bytes);
    if (!x->names)
        return false;
    bytes = 0;
    for (size_t i = 0; i < n; i++) {
        size_t m = strlen(entries[i].name) + 1;

        memcpy(x->names + bytes, entries[i].name, m);
        x->entries[i].name_at = (uint32_t)bytes;
        bytes += m;
    }
    return true;
}

static bool keep_spellings(struct builder *b)
{
    b->x->spellings = arena_copy(b->x->a, b->spellings, b->spellings_n * sizeof(b->spellings[0]));
    return b->x->spellings != NULL;
}

static bool build(struct builder *b, const struct name_entry *entries, size_t n, struct err *err)
{
    struct name_index *x = b->x;
    uint32_t *to;
    bool ok;

    x->entries = ARENA_ARRAY(x->a, struct indexed_entry, n);
    if (!x->entries)
        return err_fail(err, ERR_NOMEM, "an index of names");
    for (size_t i = 0; i < n; i++) {
        b->scratch = arena_new(NULL, READ_BYTES_MAX);
        if (!b->scratch)
            return err_fail(err, ERR_NOMEM, "an index of names");
        ok = read_entry(b, &entries[i], (uint32_t)i, err);
        b->scratch = arena_free(b->scratch);
        if (!ok)
            return err_in(err, "name %zu", i);
        x->n++;
    }
    to = mem_array(b->words_n, sizeof(to[0]));
    ok = to && order_words(b, to) && post(b, to) && word_keys(b) && keep_names(x, entries, n) &&
         keep_spellings(b) && make_table(x, &b->fold, &x->by_fold) &&
         make_table(x, &b->bones, &x->by_bones) && make_table(x, &b->whole, &x->by_whole) &&
         make_table(x, &b->joined, &x->by_joined) && make_table(x, &b->family, &x->by_family);
    mem_free(to);
    return ok || err_fail(err, ERR_NOMEM, "an index of names");
}

bool name_index_build(const struct name_entry *entries, size_t n, struct name_index **ret,
                      struct err *err)
{
    struct builder b = {0};
    bool ok;

    if (n > NAME_ENTRIES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %u names", NAME_ENTRIES_MAX);
    b.x = mem_zero(sizeof(*b.x));
    if (b.x)
        b.x->a = arena_new(NULL, INDEX_BYTES_MAX);
    if (b.x)
        b.x->rooms = name_rooms_new();
    ok = (b.x && b.x->a && b.x->rooms) || err_fail(err, ERR_NOMEM, "an index of names");
    ok = ok && build(&b, entries, n, err);
    mem_free(b.words);
    mem_free(b.slots);
    mem_free(b.entry_words);
    mem_free(b.places);
    mem_free(b.fold.at);
    mem_free(b.bones.at);
    mem_free(b.whole.at);
    mem_free(b.joined.at);
    mem_free(b.family.at);
    mem_free(b.spellings);
    if (!ok) {
        name_index_free(b.x);
        return false;
    }
    *ret = b.x;
    return true;
}

struct name_index *name_index_free(struct name_index *x)
{
    if (x) {
        name_rooms_free(x->rooms);
        arena_free(x->a);
    }
    mem_free(x);
    return NULL;
}

size_t name_index_bytes(const struct name_index *x)
{
    return sizeof(*x) + arena_used(x->a);
}
