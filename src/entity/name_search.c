/* Asking an index.
 *
 * Each word of the query adds to all names that have a word like it; from what was added, and from
 * the weight of the words that were not, follows what a name can score at most. Only names that
 * can reach the threshold are compared. Names of Korea and China in Latin letters are also found by
 * their family names, and compared by syllables. */
#include "entity/name_index_parts.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEARCH_BYTES_MAX = 8 << 20,
    ALIKE_MAX = 4096, /* words like one word of a query */
    SLACK = 40,       /* thousandths by which a name may do better than its words let expect */
    SLACK_SHARE = 8,  /* hundredths, likewise */
};

struct alike {
    uint32_t word;
    uint16_t sim;
};

struct tally { /* of one entry, for one search */
    uint16_t gain, mass;
    uint8_t word, chosen;
};

struct search {
    struct search *next; /* while it is nobody's */
    const struct name_index *x;
    const struct name_query *q;
    struct arena *scratch;
    struct name_ready ready;
    struct name_readings readings;
    struct spelt_reading spelt[SPELT_READINGS_MAX];
    struct ofac_name ofac;
    uint8_t *seen;         /* [x->folds_n]: the last word that met this fold, + 1 */
    struct tally *tallies; /* [x->n] */
    uint32_t *touched;     /* [x->n] */
    uint32_t touched_n;
    struct candidate {
        uint32_t entry, most;
    } * candidates; /* [x->n] */
    uint32_t candidates_n;
    struct alike alike[ALIKE_MAX];
    unsigned alike_n;
};

/* Searches that are over leave their room, clean, to those that come: to make it takes as long as a
 * search. There are as many as ever searched at once. */
struct name_rooms {
    pthread_mutex_t lock;
    struct search *first;
};

static void room_free(struct search *s)
{
    if (!s)
        return;
    mem_free(s->seen);
    mem_free(s->tallies);
    mem_free(s->touched);
    mem_free(s->candidates);
    mem_free(s);
}

struct name_rooms *name_rooms_new(void)
{
    struct name_rooms *r = mem_zero(sizeof(*r));

    if (r)
        pthread_mutex_init(&r->lock, NULL);
    return r;
}

void name_rooms_free(struct name_rooms *r)
{
    if (!r)
        return;
    while (r->first) {
        struct search *s = r->first;

        r->first = s->next;
        room_free(s);
    }
    pthread_mutex_destroy(&r->lock);
    mem_free(r);
}

static struct search *room_new(const struct name_index *x)
{
    struct search *s = mem_alloc(sizeof(*s));

    if (!s)
        return NULL;
    s->seen = mem_zero(x->folds_n);
    s->tallies = mem_array(x->n, sizeof(s->tallies[0]));
    s->touched = mem_alloc(x->n * sizeof(s->touched[0]));
    s->candidates = mem_alloc(x->n * sizeof(s->candidates[0]));
    if (s->seen && s->tallies && s->touched && s->candidates)
        return s;
    room_free(s);
    return NULL;
}

static struct search *search_begin(const struct name_index *x, const struct name_query *q)
{
    struct search *s;

    pthread_mutex_lock(&x->rooms->lock);
    s = x->rooms->first;
    if (s)
        x->rooms->first = s->next;
    pthread_mutex_unlock(&x->rooms->lock);
    if (!s && !(s = room_new(x)))
        return NULL;
    s->x = x;
    s->q = q;
    s->touched_n = s->candidates_n = 0;
    s->alike_n = 0;
    s->scratch = arena_new(NULL, SEARCH_BYTES_MAX);
    return s;
}

static void search_end(struct search *s)
{
    struct name_rooms *rooms = s->x->rooms;

    arena_free(s->scratch);
    memset(s->seen, 0, s->x->folds_n);
    for (uint32_t i = 0; i < s->touched_n; i++)
        s->tallies[s->touched[i]] = (struct tally){0};
    for (uint32_t i = 0; i < s->candidates_n; i++)
        s->tallies[s->candidates[i].entry] = (struct tally){0};
    pthread_mutex_lock(&rooms->lock);
    s->next = rooms->first;
    rooms->first = s;
    pthread_mutex_unlock(&rooms->lock);
}

static const struct fold *find_fold(const struct name_index *x, const struct name_word *w)
{
    uint32_t keys[KEYS_OF_FOLD_MAX];
    size_t n;
    const struct key_row *row;

    if (!w->fold_n)
        return NULL;
    keys_of_fold(w->fold, w->fold_n, keys); /* the first leaves nothing out */
    row = key_find(&x->by_fold, keys[0], &n);
    for (; n; n--, row++) {
        const struct fold *f = &x->folds[row->to];
        const char *text = f->n <= FOLD_TEXT ? f->text : x->words[f->words_at].fold;

        if (f->n == w->fold_n && !memcmp(text, w->fold, f->n))
            return f;
    }
    return NULL;
}

/* The query's words weigh as those of the lists that sound like them. */
static void weigh(const struct name_index *x, struct name_ready *r, struct name_word *words)
{
    r->weight = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        const struct fold *f;

        words[i] = *r->words[i];
        f = words[i].role == ROLE_WORD ? find_fold(x, &words[i]) : NULL;
        if (f)
            words[i].rare = rarity(x->n, f->entries);
        r->words[i] = &words[i];
        if (words[i].role == ROLE_WORD || words[i].role == ROLE_NUMBER)
            r->weight += word_weight(&words[i]);
    }
}

static void add_alike(struct search *s, uint32_t word, unsigned sim)
{
    if (sim && s->alike_n < ALIKE_MAX)
        s->alike[s->alike_n++] = (struct alike){word, (uint16_t)sim};
}

static int by_sim(const void *x, const void *y)
{
    const struct alike *a = x, *b = y;

    if (a->sim != b->sim)
        return (int)b->sim - (int)a->sim;
    return a->word < b->word ? -1 : a->word > b->word;
}

/* pattern: w's, or NULL of a word that is too long for one. */
static bool near(const struct name_index *x, const struct name_word *w,
                 const struct name_pattern *pattern, const struct fold *f)
{
    unsigned max = w->fold_n <= 4 || f->n <= 4 ? 1 : 2;
    const char *text = f->n <= FOLD_TEXT ? f->text : x->words[f->words_at].fold;

    if (f->n > w->fold_n + max || w->fold_n > f->n + max)
        return false;
    return (pattern ? name_pattern_edits(pattern, text, f->n)
                    : name_edits(w->fold, w->fold_n, text, f->n, max)) <= max;
}

/* Could the fold of that row be within so many edits? */
static bool row_within(const struct key_row *row, const struct name_word *w, int edits)
{
    int n = (int)(row->letters >> 27), m = w->fold_n < 31 ? w->fold_n : 31;
    uint32_t letters = row->letters & ((1u << 27) - 1);

    return n <= m + edits && m <= n + edits && letters_within(letters, w->letters, edits);
}

/* Words of the index that answer w by their letters. */
static void alike_by_fold(struct search *s, const struct name_word *w, unsigned word)
{
    const struct name_index *x = s->x;
    uint32_t keys[KEYS_OF_FOLD_MAX];
    unsigned n = w->fold_n ? keys_of_fold(w->fold, w->fold_n, keys) : 0;
    int apart = w->fold_n <= 4 ? 1 : 2;
    struct name_pattern pattern;
    bool fits = name_pattern(w->fold, w->fold_n, &pattern);

    for (int step = 0; step < 2; step++)
        for (unsigned k = 0; k < n; k++)
            key_prefetch(&x->by_fold, keys[k], step);
    for (unsigned k = 0; k < n; k++) {
        size_t rows;
        const struct key_row *row = key_find(&x->by_fold, keys[k], &rows);

        for (; rows; rows--, row++) {
            const struct fold *f = &x->folds[row->to];

            if (!row_within(row, w, apart) || s->seen[row->to] == word + 1)
                continue;
            s->seen[row->to] = (uint8_t)(word + 1);
            if (!near(x, w, fits ? &pattern : NULL, f))
                continue;
            for (uint32_t i = f->words_at; i < f->words_at + f->words_n; i++) {
                enum name_how how;

                add_alike(s, i, name_word_match(w, &x->words[i], &how));
            }
        }
    }
}

static void alike_by_key(struct search *s, const struct name_word *w, uint32_t key)
{
    size_t rows;
    const struct key_row *row = key_find(&s->x->by_bones, key, &rows);

    for (; rows; rows--, row++) {
        enum name_how how;

        add_alike(s, row->to, name_word_match(w, &s->x->words[row->to], &how));
    }
}

/* Words of firms and ships. */
static void alike_by_jamo(struct search *s, const struct name_word *w)
{
    size_t rows;
    const struct key_row *row =
        key_find(&s->x->by_bones, key_hash(KEY_OF_JAMO, &w->jamo, sizeof(w->jamo)), &rows);

    for (; rows; rows--, row++)
        add_alike(s, row->to, korean_words(w, &s->x->words[row->to]));
}

static uint16_t plus(uint16_t a, unsigned b)
{
    return (uint16_t)(a + b > UINT16_MAX ? UINT16_MAX : a + b);
}

static void touch(struct search *s, uint32_t entry)
{
    struct tally *t = &s->tallies[entry];

    if (!t->word) {
        t->word = 1;
        s->touched[s->touched_n++] = entry;
    }
}

/* joined: how alike they are counts in full, for the same words have been counted alone. */
static void tally_word(struct search *s, unsigned word, unsigned weight, bool joined)
{
    const struct name_index *x = s->x;

    qsort(s->alike, s->alike_n, sizeof(s->alike[0]), by_sim);
    for (unsigned k = 0; k < s->alike_n; k++) {
        uint32_t of = s->alike[k].word;
        unsigned gain = joined ? weight : weight * s->alike[k].sim / 1000;

        if (k && s->alike[k - 1].word == of)
            continue;
        for (uint32_t p = x->postings_at[of]; p < x->postings_at[of + 1]; p++) {
            struct tally *t = &s->tallies[x->postings[p]];

            touch(s, x->postings[p]);
            if (t->word == word + 2) /* by a likelier word already */
                continue;
            t->word = (uint8_t)(word + 2);
            t->gain = plus(t->gain, gain);
            t->mass = plus(t->mass, weight);
        }
    }
    s->alike_n = 0;
}

static void tally_query(struct search *s)
{
    for (unsigned i = 0; i < s->ready.n; i++) {
        const struct name_word *w = s->ready.words[i];

        if (w->role != ROLE_WORD && w->role != ROLE_NUMBER)
            continue;
        alike_by_fold(s, w, i);
        if (script_syllabic(w->script) || !w->fold_n)
            alike_by_key(s, w, key_of_own(w));
        if (w->script == SCRIPT_ABJAD) {
            char bones[8][NAME_LATIN_MAX];
            unsigned n = abjad_bones(w->own, w->own_n, bones, 8);

            for (unsigned k = 0; k < n; k++)
                alike_by_key(s, w, key_hash(KEY_OF_BONES, bones[k], strlen(bones[k])));
        } else if (w->bones_n) {
            alike_by_key(s, w, key_hash(KEY_OF_ABJAD, w->bones, w->bones_n));
        }
        if (w->jamo && s->q->kind != NAME_PERSON)
            alike_by_jamo(s, w);
        if (w->moras)
            alike_by_key(s, w, key_hash(KEY_OF_MORAS, &w->moras, sizeof(w->moras)));
        tally_word(s, i, word_weight(w), false);
    }
}

/* Names that have one word where the query has two, or two where it has one. */
static void tally_joined(struct search *s)
{
    const struct name_ready *r = &s->ready;
    size_t rows;

    for (unsigned i = 0; i < r->n; i++) {
        const struct name_word *w = r->words[i];
        const struct key_row *row;

        if (w->role != ROLE_WORD || w->latin_n < 4)
            continue;
        row = key_find(&s->x->by_joined, key_hash(KEY_OF_JOINED, w->fold, w->fold_n), &rows);
        for (; rows; rows--, row++) {
            struct tally *t = &s->tallies[row->to];

            touch(s, row->to);
            if (t->word != i + 2) {
                t->word = (uint8_t)(i + 2);
                t->gain = plus(t->gain, word_weight(w));
                t->mass = plus(t->mass, word_weight(w));
            }
        }
    }
    for (unsigned i = 0; i + 1 < r->n; i++)
        for (unsigned n = 2; n <= 3 && i + n <= r->n; n++)
            for (unsigned skip = 0; skip < n - 1; skip++) {
                char latin[NAME_LATIN_MAX], fold[NAME_LATIN_MAX];
                struct name_word one = *r->words[i];
                unsigned len = 0, weight = 0;
                bool fits = n == 2 || r->words[i + 1]->role == ROLE_PARTICLE;

                for (unsigned k = i; k < i + n && fits; k++) {
                    const struct name_word *w = r->words[k];

                    weight += word_weight(w);
                    if (skip && k == i + 1)
                        continue;
                    fits = !script_syllabic(w->script) && w->role != ROLE_NUMBER &&
                           w->role != ROLE_FORM && len + w->latin_n + 2 < NAME_LATIN_MAX;
                    if (fits)
                        memcpy(latin + len, w->latin, w->latin_n);
                    len += fits ? w->latin_n : 0;
                }
                if (!fits || len < 4)
                    continue;
                latin[len] = 0;
                one.latin = latin;
                one.latin_n = (uint8_t)len;
                one.fold = fold;
                one.fold_n = (uint8_t)name_fold(latin, len, fold);
                one.letters = letters_of(fold, one.fold_n);
                one.role = ROLE_WORD;
                one.moras = one.jamo = 0;
                if (one.script == SCRIPT_ABJAD)
                    one.script = SCRIPT_LETTERS;
                alike_by_fold(s, &one, r->n + i);
                tally_word(s, r->n + i, weight, true);
            }
}

static void choose_entry(struct search *s, uint32_t entry, uint32_t most)
{
    if (s->tallies[entry].chosen)
        return;
    s->tallies[entry].chosen = 1;
    s->candidates[s->candidates_n++] = (struct candidate){entry, most};
}

/* The score that words let expect, at most. */
static uint32_t most(const struct search *s, uint32_t entry)
{
    const struct tally *t = &s->tallies[entry];
    const struct indexed_entry *e = &s->x->entries[entry];
    uint32_t had = t->mass, of_query = s->ready.weight, of_entry = e->weight;
    uint32_t left_q = of_query > had ? of_query - had : 0;
    uint32_t left_e = of_entry > had ? of_entry - had : 0;
    uint32_t clash = left_q < left_e ? left_q : left_e;
    uint32_t excess = left_q < left_e ? left_e - left_q : left_q - left_e;
    bool persons = s->ready.kind == NAME_PERSON || e->kind == NAME_PERSON;
    uint32_t whole = had + 2 * clash + excess * (persons ? 16 : 60) / 100;
    uint32_t score = whole ? (uint32_t)((uint64_t)t->gain * 1000 / whole) : 0;

    return score + score * SLACK_SHARE / 100 + SLACK;
}

static void choose_tallied(struct search *s)
{
    for (uint32_t i = 0; i < s->touched_n; i++) {
        uint32_t at_most = most(s, s->touched[i]);

        if (at_most >= s->q->threshold)
            choose_entry(s, s->touched[i], at_most);
    }
}

static void choose_by(struct search *s, enum key_of of, const uint32_t *keys, unsigned n)
{
    for (unsigned k = 0; k < n; k++) {
        size_t rows;
        const struct key_row *row = key_find(&s->x->by_whole, key_of_whole(of, keys[k]), &rows);

        for (; rows; rows--, row++)
            choose_entry(s, row->to, 2000);
    }
}

/* Whole names in Hangul, Han and Kana, and names in letters that may be theirs. */
static void choose_whole(struct search *s)
{
    uint32_t keys[4 * NAME_KEYS_MAX];

    if (s->ready.all_syllabic) {
        choose_by(s, KEY_OF_OWN, keys,
                  keys_of_characters(&s->ready, keys, 4 * CHARACTERS_KEYS_MAX));
        choose_by(s, KEY_OF_LETTERS, keys, keys_of_slots(&s->readings, keys, 4 * NAME_KEYS_MAX));
    }
    choose_by(s, KEY_OF_SLOTS, keys, keys_of_letters(&s->ready, keys));
}

/* Names that are another romanisation of this one. */
static void choose_spelt(struct search *s)
{
    uint32_t keys[FAMILY_KEYS_MAX];
    const struct name_spelling *asked = &s->ready.spelling;
    unsigned n = keys_of_families(asked, false, keys);

    for (unsigned k = 0; k < n; k++) {
        size_t rows;
        const struct key_row *row = key_find(&s->x->by_family, keys[k], &rows);

        for (; rows; rows--, row++) {
            const struct name_spelling *listed = &s->x->spellings[s->x->entries[row->to].spelling];
            const struct spelt_reading *x, *y;
            enum name_how how;

            if (!s->tallies[row->to].chosen &&
                spellings_alike(asked, listed, &x, &y, &how) >= s->q->threshold)
                choose_entry(s, row->to, 2000);
        }
    }
}

static int by_most(const void *x, const void *y)
{
    const struct candidate *a = x, *b = y;

    if (a->most != b->most)
        return a->most < b->most ? 1 : -1;
    return a->entry < b->entry ? -1 : a->entry > b->entry;
}

static int by_score(const void *x, const void *y)
{
    const struct name_hit *a = x, *b = y;

    if (a->score.per_mille != b->score.per_mille)
        return a->score.per_mille < b->score.per_mille ? 1 : -1;
    return a->entry < b->entry ? -1 : a->entry > b->entry;
}

static bool kind_passes(enum name_kind asked, uint8_t kind)
{
    return asked == NAME_UNKNOWN || kind == NAME_UNKNOWN || asked == (enum name_kind)kind;
}

static bool score_entry(const struct name_index *x, struct arena *scratch,
                        const struct name_query *q, const struct name_ready *ready,
                        const struct ofac_name *ofac, uint32_t entry, struct name_score *ret)
{
    struct name_ready listed;
    struct ofac_name other;

    switch (q->mode) {
    case NAME_MODE_OFAC:
        ofac_read(x->names + x->entries[entry].name_at, &other);
        ofac_match(ofac, &other, ret);
        return true;
    case NAME_MODE_CORDON:
        listed = entry_ready(x, entry);
        if (!name_match(scratch, ready, &listed, ret))
            return false;
        break;
    }
    if (x->entries[entry].weak)
        ret->per_mille -= ret->per_mille < NAME_WEAK_LESS ? ret->per_mille : NAME_WEAK_LESS;
    return true;
}

/* A hit takes the place of the least of those kept, once there are enough. */
static void keep_hit(struct name_hit *hits, size_t *n, size_t limit, const struct name_hit *hit)
{
    size_t at;

    if (*n == limit && by_score(&hits[limit - 1], hit) <= 0)
        return;
    at = *n < limit ? (*n)++ : limit - 1;
    while (at && by_score(&hits[at - 1], hit) > 0) {
        hits[at] = hits[at - 1];
        at--;
    }
    hits[at] = *hit;
}

static bool score_candidates(struct search *s, struct arena *a, struct name_hit **ret,
                             size_t *ret_n, struct err *err)
{
    size_t limit = s->q->limit && s->q->limit < NAME_HITS_MAX ? s->q->limit : NAME_HITS_MAX;
    struct name_hit *hits, hit;
    size_t n = 0;

    if (limit > s->candidates_n)
        limit = s->candidates_n;
    hits = ARENA_ARRAY(a, struct name_hit, limit + 1);
    if (!hits)
        return err_fail(err, ERR_NOMEM, "hits of a search");
    qsort(s->candidates, s->candidates_n, sizeof(s->candidates[0]), by_most);
    for (uint32_t i = 0; i < s->candidates_n; i++) {
        uint32_t entry = s->candidates[i].entry;
        const struct indexed_entry *e = &s->x->entries[entry];

        if (n == limit && hits[n - 1].score.per_mille > s->candidates[i].most)
            break;
        if (!kind_passes(s->q->kind, e->kind))
            continue;
        hit = (struct name_hit){
            .entry = entry, .subject = e->subject, .weak = e->weak, .query = s->q->name};
        if (!score_entry(s->x, s->scratch, s->q, &s->ready, &s->ofac, entry, &hit.score))
            return err_fail(err, ERR_NOMEM, "readings of a name");
        if (hit.score.per_mille && hit.score.per_mille >= s->q->threshold)
            keep_hit(hits, &n, limit, &hit);
    }
    *ret = hits;
    *ret_n = n;
    return true;
}

bool name_index_search(const struct name_index *x, struct arena *a, const struct name_query *q,
                       struct name_hit **ret, size_t *ret_n, struct err *err)
{
    struct search *s = search_begin(x, q);
    struct name_word words[NAME_WORDS_MAX];
    bool ok = s && s->scratch;

    if (!ok)
        err_set(err, ERR_NOMEM, "a search for a name");
    ok = ok && name_ready(s->scratch, q->kind, q->name, &s->ready, err);
    if (ok) {
        switch (q->mode) {
        case NAME_MODE_OFAC:
            ofac_read(q->name, &s->ofac);
            for (uint32_t i = 0; i < x->n; i++)
                choose_entry(s, i, 2000);
            break;
        case NAME_MODE_CORDON:
            weigh(x, &s->ready, words);
            if (s->ready.all_syllabic) {
                ok = name_read_all(s->scratch, &s->ready, &s->readings);
                s->ready.readings = &s->readings;
            }
            s->ready.spelling = (struct name_spelling){s->spelt, 0};
            if (q->kind == NAME_PERSON || q->kind == NAME_UNKNOWN)
                s->ready.spelling.n = name_spelt(&s->ready, s->spelt);
            choose_spelt(s);
            tally_query(s);
            tally_joined(s);
            choose_tallied(s);
            if (ok)
                choose_whole(s);
            break;
        }
        ok = ok ? score_candidates(s, a, ret, ret_n, err)
                : err_fail(err, ERR_NOMEM, "readings of a name");
    }
    if (s)
        search_end(s);
    return ok;
}

bool name_index_score(const struct name_index *x, struct arena *a, const struct name_query *q,
                      uint32_t entry, struct name_score *ret, struct err *err)
{
    struct name_ready ready;
    struct name_word words[NAME_WORDS_MAX];
    struct ofac_name ofac;

    if (entry >= x->n)
        return err_fail(err, ERR_NOT_FOUND, "no name %u in the index", entry);
    if (!name_ready(a, q->kind, q->name, &ready, err))
        return false;
    weigh(x, &ready, words);
    ofac_read(q->name, &ofac);
    return score_entry(x, a, q, &ready, &ofac, entry, ret) ||
           err_fail(err, ERR_NOMEM, "readings of a name");
}
