/* Texts and sets of fields are kept once, in tables that open addressing serves; they grow by
 * doubling. Tables are keyed by the file's hash: whoever writes a file cannot choose texts that
 * meet in it. */
#include "entity/tag_build.h"

#include "base/mem.h"
#include "base/mix.h"
#include "base/sort.h"
#include "base/text.h"
#include "base/time.h"

#include <stdio.h>

struct table { /* of numbers from 1; 0: a free place */
    uint32_t *at;
    size_t size, n; /* size: a power of two, or 0 */
};

struct kept_text {
    const char *s;
    size_t n;
};

struct said { /* a set of fields as it stands */
    struct tag_fields f;
    size_t line, n; /* first line; how many tags */
    uint32_t what;
};

struct stated { /* a tag as it stands */
    const char *address;
    uint32_t said, line;
};

struct tag_build {
    struct arena *a;
    const char *pack;
    uint64_t seed;
    struct table texts_at, said_at, whats_at;
    struct kept_text *texts;
    struct said *said;
    struct tag *whats;
    struct stated *stated;
    struct tag_actor *actors;
    struct tag_problem *problems;
    size_t texts_n, said_n, whats_n, stated_n, actors_n, problems_n;
    size_t counts[TAG_PROBLEM_KINDS];
    bool free_words;
};

static bool no_memory(const struct tag_build *b, struct err *err)
{
    return arena_fail(b->a, err, "tags");
}

/* Room for one more behind n; arrays grow by doubling. */
static bool more(void **at, size_t n, size_t size)
{
    void *p;

    if (n & (n - 1))
        return true;
    p = mem_grow(*at, (n ? 2 * n : 1) * size);
    if (!p)
        return false;
    *at = p;
    return true;
}

#define MORE(at, n) more((void **)&(at), (n), sizeof(*(at)))

bool tag_build_new(struct arena *a, const char *pack, uint64_t seed, bool free_words,
                   struct tag_build **ret, struct err *err)
{
    struct tag_build *b = mem_zero(sizeof(*b));

    if (!b)
        return err_fail(err, ERR_NOMEM, "tags");
    b->a = a;
    b->pack = pack;
    b->seed = seed;
    b->free_words = free_words;
    *ret = b;
    return true;
}

void tag_build_free(struct tag_build *b)
{
    if (!b)
        return;
    mem_free(b->texts_at.at);
    mem_free(b->said_at.at);
    mem_free(b->whats_at.at);
    mem_free(b->texts);
    mem_free(b->said);
    mem_free(b->whats);
    mem_free(b->stated);
    mem_free(b->actors);
    mem_free(b->problems);
    mem_free(b);
}

typedef uint64_t number_hash(const struct tag_build *b, size_t number);

static uint64_t text_hash(const struct tag_build *b, size_t number)
{
    return mix_bytes(b->seed, b->texts[number].s, b->texts[number].n);
}

static uint64_t said_hash(const struct tag_build *b, size_t number)
{
    return mix_bytes(b->seed, &b->said[number].f, sizeof(b->said[number].f));
}

/* What two tags must have alike to say the same; their texts are kept ones. */
struct what_key {
    const char *texts[4];
    uint64_t lastmod;
    uint32_t category, abuse, confidence, cluster_definer;
};

static struct what_key key_of(const struct tag *t)
{
    return (struct what_key){.texts = {t->label, t->actor, t->source, t->network},
                             .lastmod = t->lastmod,
                             .category = t->category,
                             .abuse = t->abuse,
                             .confidence = t->confidence,
                             .cluster_definer = t->cluster_definer};
}

static uint64_t what_hash(const struct tag_build *b, size_t number)
{
    struct what_key key = key_of(&b->whats[number]);

    return mix_bytes(b->seed, &key, sizeof(key));
}

static bool table_ready(const struct tag_build *b, struct table *t, number_hash *hash)
{
    size_t size = t->size ? 2 * t->size : 64;
    uint32_t *at;

    if (2 * t->n < t->size)
        return true;
    at = mem_array(size, sizeof(*at));
    if (!at)
        return false;
    for (size_t i = 0; i < t->n; i++) {
        size_t place = hash(b, i) & (size - 1);

        while (at[place])
            place = (place + 1) & (size - 1);
        at[place] = (uint32_t)i + 1;
    }
    mem_free(t->at);
    t->at = at;
    t->size = size;
    return true;
}

/* White space at the ends is nobody's. */
static void trim(const char **p, size_t *n)
{
    while (*n && (**p == ' ' || **p == '\t' || **p == '\n' || **p == '\r')) {
        (*p)++;
        (*n)--;
    }
    while (*n && strchr(" \t\r\n", (*p)[*n - 1]))
        (*n)--;
}

static bool text_check(size_t line, const char *p, size_t n, struct err *err)
{
    if (n > TAG_TEXT_MAX)
        return err_fail(err, ERR_INPUT, "line %zu: a text of more than %d bytes", line,
                        TAG_TEXT_MAX);
    if (!utf8_valid(p, n))
        return err_fail(err, ERR_INPUT, "line %zu: not UTF-8", line);
    return true;
}

bool tag_build_text(struct tag_build *b, size_t line, const char *p, size_t n, const char **ret,
                    struct err *err)
{
    char *s;
    size_t place;

    trim(&p, &n);
    if (!text_check(line, p, n, err))
        return false;
    if (!table_ready(b, &b->texts_at, text_hash) || !MORE(b->texts, b->texts_n))
        return no_memory(b, err);
    for (place = mix_bytes(b->seed, p, n);; place++) {
        uint32_t number = b->texts_at.at[place & (b->texts_at.size - 1)];

        if (!number)
            break;
        if (b->texts[number - 1].n == n && !memcmp(b->texts[number - 1].s, p, n)) {
            *ret = b->texts[number - 1].s;
            return true;
        }
    }
    s = arena_string(b->a, p, n);
    if (!s)
        return no_memory(b, err);
    b->texts[b->texts_n++] = (struct kept_text){s, n};
    b->texts_at.at[place & (b->texts_at.size - 1)] = (uint32_t)b->texts_n;
    b->texts_at.n = b->texts_n;
    *ret = s;
    return true;
}

/* Texts of several lines (YAML's blocks) become one: whatever would move a terminal is a space. */
static bool plain(struct tag_build *b, const char **text, struct err *err)
{
    size_t n = strlen(*text);
    char one_line[TAG_TEXT_MAX + 1];

    if (text_is_plain(*text, n))
        return true;
    memcpy(one_line, *text, n);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)one_line[i] < 32 || one_line[i] == 127)
            one_line[i] = ' ';
    if (!text_is_plain(one_line, n)) /* the controls behind ASCII */
        for (size_t i = 0; i < n; i++)
            if ((unsigned char)one_line[i] >= 128)
                one_line[i] = '?';
    return tag_build_text(b, 0, one_line, n, text, err);
}

bool tag_build_plain(struct tag_build *b, size_t line, const char *p, size_t n, const char **ret,
                     struct err *err)
{
    return tag_build_text(b, line, p, n, ret, err) && plain(b, ret, err);
}

bool tag_build_word(struct tag_build *b, size_t line, const char *p, size_t n, const char **field,
                    struct err *err)
{
    char words[TAG_TEXT_MAX + 1];
    size_t had = *field ? strlen(*field) : 0;

    trim(&p, &n);
    if (!n)
        return true;
    if (had + n + 1 > TAG_TEXT_MAX)
        return err_fail(err, ERR_INPUT, "line %zu: words of more than %d bytes", line,
                        TAG_TEXT_MAX);
    if (had) {
        memcpy(words, *field, had);
        words[had++] = '|';
    }
    memcpy(words + had, p, n);
    return tag_build_text(b, line, words, had + n, field, err);
}

static bool said_number(struct tag_build *b, size_t line, const struct tag_fields *f, uint32_t *ret,
                        struct err *err)
{
    struct tag_fields key = *f;
    size_t place;

    key.at[TAG_FIELD_ADDRESS] = NULL;
    if (b->said_n && !memcmp(&b->said[b->said_n - 1].f, &key, sizeof(key))) { /* most often */
        *ret = (uint32_t)b->said_n - 1;
        return true;
    }
    if (!table_ready(b, &b->said_at, said_hash) || !MORE(b->said, b->said_n))
        return no_memory(b, err);
    for (place = mix_bytes(b->seed, &key, sizeof(key));; place++) {
        uint32_t number = b->said_at.at[place & (b->said_at.size - 1)];

        if (!number)
            break;
        if (!memcmp(&b->said[number - 1].f, &key, sizeof(key))) {
            *ret = number - 1;
            return true;
        }
    }
    b->said[b->said_n++] = (struct said){.f = key, .line = line};
    b->said_at.at[place & (b->said_at.size - 1)] = (uint32_t)b->said_n;
    b->said_at.n = b->said_n;
    *ret = (uint32_t)b->said_n - 1;
    return true;
}

bool tag_build_add(struct tag_build *b, size_t line, const char *address, size_t n,
                   const struct tag_fields *f, struct err *err)
{
    struct stated s = {.line = line < UINT32_MAX ? (uint32_t)line : UINT32_MAX};

    trim(&address, &n);
    if (!text_check(line, address, n, err))
        return false;
    if (b->stated_n == TAGS_MAX)
        return err_fail(err, ERR_LIMIT, "line %zu: more than %zu tags", line, TAGS_MAX);
    if (!said_number(b, line, f, &s.said, err))
        return false;
    s.address = arena_string(b->a, address, n);
    if (!s.address || !MORE(b->stated, b->stated_n))
        return no_memory(b, err);
    b->said[s.said].n++;
    b->stated[b->stated_n++] = s;
    return true;
}

bool tag_build_actor(struct tag_build *b, const struct tag_actor *actor, struct err *err)
{
    if (!MORE(b->actors, b->actors_n))
        return no_memory(b, err);
    b->actors[b->actors_n++] = *actor;
    return true;
}

bool tag_build_problem(struct tag_build *b, enum tag_problem_kind kind, size_t line, size_t times,
                       const char *text, struct err *err)
{
    const char *kept;

    b->counts[kind] += times;
    if (b->problems_n == TAG_PROBLEMS_MAX)
        return true;
    if (!tag_build_plain(b, line, text, strlen(text), &kept, err))
        return false;
    if (!MORE(b->problems, b->problems_n))
        return no_memory(b, err);
    b->problems[b->problems_n++] = (struct tag_problem){kind, line, kept};
    return true;
}

static bool problem_of_said(struct tag_build *b, enum tag_problem_kind kind, const struct said *s,
                            const char *what, const char *value, struct err *err)
{
    char text[400];

    snprintf(text, sizeof(text), "%s%s%.200s%s%s", what, value ? " \"" : "", value ? value : "",
             value ? "\"" : "", s->n > 1 ? " (and in further tags)" : "");
    return tag_build_problem(b, kind, s->line, s->n, text, err);
}

/* The first word of each sort decides; a word of abuse among categories is abuse, and the other way
 * round. */
static bool words_resolve(struct tag_build *b, const struct said *s, const char *words,
                          struct tag *t, const char **actor, struct err *err)
{
    for (const char *p = words; *p; p += strspn(p, "|")) {
        size_t n = strcspn(p, "|");
        enum tag_category c = tag_category_of_word(p, n);
        char word[101];

        snprintf(word, sizeof(word), "%.*s", (int)n, p);
        if (c == TAG_CATEGORIES) {
            if (!b->free_words &&
                !problem_of_said(b, TAG_PROBLEM_WORD, s, "no category is called", word, err))
                return false;
        } else if (tag_category_group(c) == TAG_GROUP_ABUSE) {
            t->abuse = t->abuse ? t->abuse : c;
        } else {
            t->category = t->category ? t->category : c;
        }
        if (b->free_words && !*actor && tag_word_is_actor(p, n) &&
            !tag_build_text(b, s->line, p, n, actor, err))
            return false;
        p += n;
    }
    return true;
}

static bool what_resolve(struct tag_build *b, const struct said *s, const struct tag_fields *header,
                         struct tag *t, struct err *err)
{
    const char *f[TAG_FIELDS], *first = NULL;

    for (int i = 0; i < TAG_FIELDS; i++) {
        f[i] = s->f.at[i] ? s->f.at[i] : header ? header->at[i] : NULL;
        f[i] = f[i] && *f[i] ? f[i] : NULL;
    }
    *t = (struct tag){.pack = b->pack, .lastmod = TAG_NO_DAY};
    if ((f[TAG_FIELD_CATEGORY] &&
         !words_resolve(b, s, f[TAG_FIELD_CATEGORY], t, &f[TAG_FIELD_ACTOR], err)) ||
        (f[TAG_FIELD_ABUSE] &&
         !words_resolve(b, s, f[TAG_FIELD_ABUSE], t, &f[TAG_FIELD_ACTOR], err)))
        return false;
    if (f[TAG_FIELD_CONFIDENCE]) {
        t->confidence = tag_confidence_by_name(f[TAG_FIELD_CONFIDENCE]);
        if (t->confidence == TAG_CONFIDENCES) {
            t->confidence = TAG_CONFIDENCE_UNKNOWN;
            if (!problem_of_said(b, TAG_PROBLEM_CONFIDENCE, s, "no confidence is called",
                                 f[TAG_FIELD_CONFIDENCE], err))
                return false;
        }
    }
    if (!f[TAG_FIELD_LASTMOD]) {
        if (!problem_of_said(b, TAG_PROBLEM_NO_DAY, s, "no lastmod", NULL, err))
            return false;
    } else if (!time_from_iso(f[TAG_FIELD_LASTMOD], strlen(f[TAG_FIELD_LASTMOD]), &t->lastmod)) {
        t->lastmod = TAG_NO_DAY;
        if (!problem_of_said(b, TAG_PROBLEM_DAY, s, "lastmod is not a day:", f[TAG_FIELD_LASTMOD],
                             err))
            return false;
    }
    if (!f[TAG_FIELD_SOURCE] &&
        !problem_of_said(b, TAG_PROBLEM_NO_SOURCE, s, "no source", NULL, err))
        return false;
    if (!f[TAG_FIELD_LABEL]) {
        first = f[TAG_FIELD_ABUSE]      ? f[TAG_FIELD_ABUSE]
                : f[TAG_FIELD_CATEGORY] ? f[TAG_FIELD_CATEGORY]
                                        : f[TAG_FIELD_ACTOR];
        if (!first && !problem_of_said(b, TAG_PROBLEM_NO_LABEL, s, "no label", NULL, err))
            return false;
        if (first &&
            !tag_build_text(b, s->line, first, strcspn(first, "|"), &f[TAG_FIELD_LABEL], err))
            return false;
    }
    t->cluster_definer = f[TAG_FIELD_CLUSTER] && strchr("tTyY1", f[TAG_FIELD_CLUSTER][0]);
    t->label = f[TAG_FIELD_LABEL] ? f[TAG_FIELD_LABEL] : "";
    t->actor = f[TAG_FIELD_ACTOR] ? f[TAG_FIELD_ACTOR] : "";
    t->source = f[TAG_FIELD_SOURCE] ? f[TAG_FIELD_SOURCE] : "";
    t->network = f[TAG_FIELD_NETWORK] ? f[TAG_FIELD_NETWORK] : "";
    return plain(b, &t->label, err) && plain(b, &t->actor, err) && plain(b, &t->source, err) &&
           plain(b, &t->network, err);
}

/* Texts that are alike must be one pointer, for what_key. */
static bool what_kept(struct tag_build *b, struct tag *t, struct err *err)
{
    const char **texts[] = {&t->label, &t->actor, &t->source, &t->network};

    for (size_t i = 0; i < 4; i++)
        if (!tag_build_text(b, 0, *texts[i], strlen(*texts[i]), texts[i], err))
            return false;
    return true;
}

static bool what_number(struct tag_build *b, const struct tag *t, uint32_t *ret, struct err *err)
{
    struct what_key key = key_of(t);
    size_t place;

    if (!table_ready(b, &b->whats_at, what_hash) || !MORE(b->whats, b->whats_n))
        return no_memory(b, err);
    for (place = mix_bytes(b->seed, &key, sizeof(key));; place++) {
        uint32_t number = b->whats_at.at[place & (b->whats_at.size - 1)];

        struct what_key other;

        if (!number)
            break;
        other = key_of(&b->whats[number - 1]);
        if (!memcmp(&other, &key, sizeof(key))) {
            *ret = number - 1;
            return true;
        }
    }
    b->whats[b->whats_n++] = *t;
    b->whats_at.at[place & (b->whats_at.size - 1)] = (uint32_t)b->whats_n;
    b->whats_at.n = b->whats_n;
    *ret = (uint32_t)b->whats_n - 1;
    return true;
}

static int by_key(const void *one, const void *other)
{
    const struct tag_entry *a = one, *b = other;
    int order = (a->space > b->space) - (a->space < b->space);

    if (!order)
        order = strcmp(a->key, b->key);
    if (!order)
        order = (a->what > b->what) - (a->what < b->what);
    return order ? order : (a->line > b->line) - (a->line < b->line);
}

static int by_line(const void *one, const void *other)
{
    const struct tag_problem *a = one, *b = other;

    return (a->line > b->line) - (a->line < b->line);
}

static int by_id(const void *one, const void *other)
{
    const struct tag_actor *a = one, *b = other;

    return strcmp(a->id, b->id);
}

static bool entry_make(struct tag_build *b, const struct stated *s, const struct tag_fields *header,
                       struct tag_entry *ret, bool *ret_good, struct err *err)
{
    const struct said *said = &b->said[s->said];
    const char *network = said->f.at[TAG_FIELD_NETWORK];
    struct address_key key;
    struct err wrong;
    char *text;

    if (!network && header)
        network = header->at[TAG_FIELD_NETWORK];
    *ret_good = address_key_read(s->address, strlen(s->address), network, &key, &wrong);
    if (!*ret_good)
        return tag_build_problem(b, TAG_PROBLEM_ADDRESS, s->line, 1, wrong.text, err);
    text = strcmp(s->address, key.text) != 0 ? arena_string(b->a, key.text, key.n) : NULL;
    *ret = (struct tag_entry){.key = text ? text : s->address,
                              .what = said->what,
                              .line = s->line,
                              .space = key.space,
                              .n = key.n};
    return text || !strcmp(s->address, key.text) || no_memory(b, err);
}

/* Sorted; what is said twice is told and dropped. */
static bool entries_make(struct tag_build *b, const struct tag_fields *header, struct tag_pack *ret,
                         struct err *err)
{
    struct tag_entry *all = ARENA_ARRAY(b->a, struct tag_entry, b->stated_n + 1);
    const void **order = mem_array(2 * b->stated_n + 1, sizeof(*order)); /* and scratch */
    struct tag_entry *tags = ARENA_ARRAY(b->a, struct tag_entry, b->stated_n + 1);
    size_t all_n = 0, n = 0;
    bool ok = all && order && tags;

    if (!ok)
        no_memory(b, err);
    for (size_t i = 0; ok && i < b->stated_n; i++) {
        bool good;

        ok = entry_make(b, &b->stated[i], header, &all[all_n], &good, err);
        if (ok && good) {
            order[all_n] = &all[all_n];
            all_n++;
        }
    }
    if (ok)
        sort_pointers(order, all_n, order + b->stated_n, by_key);
    for (size_t i = 0; ok && i < all_n; i++) {
        const struct tag_entry *e = order[i];

        if (n && tags[n - 1].space == e->space && tags[n - 1].what == e->what &&
            !strcmp(tags[n - 1].key, e->key)) {
            char text[ADDRESS_KEY_MAX + 64];

            snprintf(text, sizeof(text), "the same was said of \"%s\" in line %u", e->key,
                     tags[n - 1].line);
            ok = tag_build_problem(b, TAG_PROBLEM_TWICE, e->line, 1, text, err);
        } else {
            tags[n++] = *e;
        }
    }
    mem_free(order);
    ret->tags = tags;
    ret->tags_n = n;
    ret->stated_n = b->stated_n;
    return ok;
}

static bool sorted_copy(struct tag_build *b, const void *from, size_t n, size_t size,
                        int (*compare)(const void *, const void *), const void **ret,
                        struct err *err)
{
    const void **order = mem_array(2 * n + 1, sizeof(*order));
    char *to = arena_array(b->a, n + 1, size);

    *ret = to;
    for (size_t i = 0; order && to && i < n; i++)
        order[i] = (const char *)from + i * size;
    if (order && to) {
        sort_pointers(order, n, order + n, compare);
        for (size_t i = 0; i < n; i++)
            memcpy(to + i * size, order[i], size);
    }
    mem_free(order);
    return (order && to) || no_memory(b, err);
}

bool tag_build_end(struct tag_build *b, const struct tag_fields *header, struct tag_pack *ret,
                   struct err *err)
{
    const void *actors, *problems;

    for (size_t i = 0; i < b->said_n; i++) {
        struct tag t;

        if (!what_resolve(b, &b->said[i], header, &t, err) || !what_kept(b, &t, err) ||
            !what_number(b, &t, &b->said[i].what, err))
            return false;
    }
    if (!entries_make(b, header, ret, err) ||
        !sorted_copy(b, b->actors, b->actors_n, sizeof(*b->actors), by_id, &actors, err) ||
        !sorted_copy(b, b->problems, b->problems_n, sizeof(*b->problems), by_line, &problems, err))
        return false;
    ret->whats = arena_copy(b->a, b->whats, b->whats_n * sizeof(*b->whats));
    if (!ret->whats)
        return no_memory(b, err);
    ret->whats_n = b->whats_n;
    ret->actors = actors;
    ret->actors_n = b->actors_n;
    ret->problems = problems;
    ret->problems_n = b->problems_n;
    memcpy(ret->counts, b->counts, sizeof(ret->counts));
    return true;
}
