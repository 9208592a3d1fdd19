/* A bundle's objects come in any order, so markings, wallets and indicators are gathered first and
 * put together at the end: a wallet that an indicator speaks of is told by the indicator, under the
 * markings of both; one that stands alone is told as it is. */
#include "intel/indicators.h"

#include "base/sort.h"
#include "base/text.h"

#include <stdlib.h>

#define NO_DAY_TEXT "1970-01-01" /* what a writer puts where a day must stand and none is known */

struct definition { /* a marking-definition of the bundle, or an identity */
    const char *id;
    enum tlp tlp;     /* TLP_NONE: it is none of TLP */
    const char *text; /* of a statement; of an identity its name; NULL: none */
    bool identity;
};

struct gathered {
    const char *value;
    struct said said;
    const char *by;          /* created_by_ref */
    const char *const *refs; /* [refs_n] ids of markings */
    size_t refs_n, number;   /* of the object in the bundle */
    bool indicator;
};

struct bundle {
    struct said_all *all;
    struct definition *definitions;
    struct gathered *gathered;
    size_t definitions_n, definitions_size, gathered_n, gathered_size, number;
};

/* Room for one more; what it grows out of stays in the arena. */
static bool more(struct arena *a, void **at, size_t n, size_t *size, size_t each)
{
    void *p;

    if (n < *size)
        return true;
    *size = *size ? 2 * *size : 64;
    p = arena_array(a, *size, each);
    if (!p)
        return false;
    if (n)
        memcpy(p, *at, n * each);
    *at = p;
    return true;
}

static bool definition_add(struct bundle *b, struct definition d, struct err *err)
{
    if (!d.id)
        return true;
    if (!more(b->all->a, (void **)&b->definitions, b->definitions_n, &b->definitions_size,
              sizeof(d)))
        return said_no_memory(b->all->a, err);
    if (!said_keep(b->all, &d.id, err) || !said_keep(b->all, &d.text, err))
        return false;
    b->definitions[b->definitions_n++] = d;
    return true;
}

/* "tlp_2_0" of whichever extension has it, or TLP 1's definition. */
static enum tlp tlp_of_definition(const struct json *o)
{
    const struct json *extensions = json_get(o, "extensions");
    const char *word = said_text(json_get(o, "definition"), "tlp");
    enum tlp t = TLP_NONE;

    if (extensions && extensions->type == JSON_OBJECT)
        for (const struct json *e = extensions->child; e && !word; e = e->next)
            word = said_text(e, "tlp_2_0");
    if (word && !tlp_read(word, strlen(word), &t))
        return TLP_RED;
    return t;
}

static bool marking_take(struct bundle *b, const struct json *o, struct err *err)
{
    struct definition d = {.id = said_text(o, "id"), .tlp = tlp_of_definition(o)};

    d.text = said_text(json_get(o, "definition"), "statement");
    return definition_add(b, d, err);
}

static bool identity_take(struct bundle *b, const struct json *o, struct err *err)
{
    return definition_add(b,
                          (struct definition){.id = said_text(o, "id"),
                                              .text = said_text(o, "name"),
                                              .identity = true},
                          err);
}

/* Of a property that has its own marking, the whole object has it. */
static size_t refs_count(const struct json *o, const char **ret)
{
    const struct json *refs = json_get(o, "object_marking_refs"),
                      *granular = json_get(o, "granular_markings");
    size_t n = 0;

    for (const struct json *r = refs && refs->type == JSON_ARRAY ? refs->child : NULL; r;
         r = r->next, n++)
        if (ret)
            ret[n] = r->type == JSON_STRING ? r->text : "";
    for (const struct json *g = granular && granular->type == JSON_ARRAY ? granular->child : NULL;
         g; g = g->next) {
        const char *ref = said_text(g, "marking_ref");

        if (!ref) /* of a language: no marking */
            continue;
        if (ret)
            ret[n] = ref;
        n++;
    }
    return n;
}

static bool refs_keep(struct bundle *b, const struct json *o, struct gathered *g, struct err *err)
{
    const char **refs;

    g->refs_n = refs_count(o, NULL);
    refs = ARENA_ARRAY(b->all->a, const char *, g->refs_n + 1);
    if (!refs)
        return said_no_memory(b->all->a, err);
    refs_count(o, refs);
    for (size_t i = 0; i < g->refs_n; i++)
        if (!said_keep(b->all, &refs[i], err))
            return false;
    g->refs = refs;
    return true;
}

/* Every word of the list, with bars between, as much of them as a tag has. */
static bool words_of(struct bundle *b, const struct json *list, const char **ret, struct err *err)
{
    struct text t = text_new(TAG_TEXT_MAX + 1);
    bool ok = true;

    for (const struct json *j = list && list->type == JSON_ARRAY ? list->child : NULL; j;
         j = j->next)
        if (j->type == JSON_STRING && !memchr(j->text, 0, j->text_n) &&
            t.n + j->text_n + 1 <= TAG_TEXT_MAX) {
            if (t.n)
                text_char(&t, '|');
            text_str(&t, j->text);
        }
    if (t.n) {
        *ret = text_string(&t);
        ok = *ret ? said_keep(b->all, ret, err) : said_no_memory(b->all->a, err);
    }
    text_free(&t);
    return ok;
}

/* Where it was said: the first reference with an address, else with a text. */
static const char *source_of(const struct json *o)
{
    const struct json *refs = json_get(o, "external_references");
    const char *text = NULL;

    for (const struct json *r = refs && refs->type == JSON_ARRAY ? refs->child : NULL; r;
         r = r->next) {
        const char *url = said_text(r, "url");

        if (url)
            return url;
        text = text ? text : said_text(r, "description");
        text = text ? text : said_text(r, "source_name");
    }
    return text;
}

static const char *day_of(const struct json *o)
{
    const char *day = said_text(o, "modified");

    day = day ? day : said_text(o, "created");
    return day && strncmp(day, NO_DAY_TEXT, sizeof(NO_DAY_TEXT) - 1) != 0 ? day : NULL;
}

/* A chain's name stands in an extension of ours; in others' bundles the address decides. */
static void chain_of(const struct json *o, struct said *s)
{
    const struct json *extensions = json_get(o, "extensions");

    if (extensions && extensions->type == JSON_OBJECT)
        for (const struct json *e = extensions->child; e; e = e->next) {
            s->chain = s->chain ? s->chain : said_text(e, "chain");
            s->asset = s->asset ? s->asset : said_text(e, "network");
        }
}

static bool gathered_add(struct bundle *b, const struct gathered *g, struct err *err)
{
    if (!more(b->all->a, (void **)&b->gathered, b->gathered_n, &b->gathered_size, sizeof(*g)))
        return said_no_memory(b->all->a, err);
    b->gathered[b->gathered_n++] = *g;
    return true;
}

/* What wallets and indicators have alike. */
static bool common_take(struct bundle *b, const struct json *o, struct gathered *g, struct err *err)
{
    const struct json *confidence = json_get(o, "confidence");
    struct said *s = &g->said;

    g->by = said_text(o, "created_by_ref");
    s->source = source_of(o);
    s->confidence = confidence && confidence->type == JSON_NUMBER ? confidence->text : NULL;
    chain_of(o, s);
    return refs_keep(b, o, g, err) && words_of(b, json_get(o, "labels"), &s->words, err) &&
           said_keep(b->all, &g->by, err) && said_keep(b->all, &s->source, err) &&
           said_keep(b->all, &s->confidence, err) && said_keep(b->all, &s->chain, err) &&
           said_keep(b->all, &s->asset, err);
}

static bool wallet_take(struct bundle *b, const struct json *o, struct err *err)
{
    struct gathered g = {.value = said_text(o, "value"), .number = b->number};

    g.value = g.value ? g.value : said_text(o, "address");
    if (!g.value) {
        b->all->told.others++;
        return true;
    }
    return common_take(b, o, &g, err) && said_keep(b->all, &g.value, err) &&
           gathered_add(b, &g, err);
}

static bool values_add(struct bundle *b, const struct json *o, const char **values, size_t n,
                       struct err *err)
{
    struct gathered g = {.number = b->number, .indicator = true};

    g.said.label = said_text(o, "name");
    g.said.label = g.said.label ? g.said.label : said_text(o, "description");
    g.said.day = day_of(o);
    if (!common_take(b, o, &g, err) || !said_keep(b->all, &g.said.label, err) ||
        !said_keep(b->all, &g.said.day, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        g.value = values[i];
        if (!gathered_add(b, &g, err))
            return false;
    }
    return true;
}

static bool indicator_take(struct bundle *b, const struct json *o, struct err *err)
{
    const char *values[PATTERN_VALUES_MAX], *pattern = said_text(o, "pattern"),
                                            *language = said_text(o, "pattern_type");
    const struct json *revoked = json_get(o, "revoked");
    size_t n;

    if (!pattern || (language && strcmp(language, "stix") != 0)) {
        b->all->told.others++;
        return true;
    }
    switch (stix_pattern_wallets(b->all->a, pattern, values, &n)) {
    case PATTERN_OTHER:
        b->all->told.others++;
        return true;
    case PATTERN_UNREAD:
        b->all->told.patterns++;
        return true;
    case PATTERN_NOMEM:
        return said_no_memory(b->all->a, err);
    case PATTERN_WALLETS:
        break;
    }
    if (revoked && revoked->type == JSON_TRUE) {
        b->all->told.revoked++;
        return true;
    }
    return values_add(b, o, values, n, err);
}

static bool object_take(struct bundle *b, const struct json *o, struct err *err)
{
    const char *type = said_text(o, "type");

    b->number++;
    if (type && !strcmp(type, "marking-definition"))
        return marking_take(b, o, err);
    if (type && !strcmp(type, "identity"))
        return identity_take(b, o, err);
    if (type && !strcmp(type, "indicator"))
        return indicator_take(b, o, err);
    if (type && (!strcmp(type, "cryptocurrency-wallet") ||
                 !strcmp(type, "x-opencti-cryptocurrency-wallet")))
        return wallet_take(b, o, err);
    if (!type || strcmp(type, "extension-definition") != 0)
        b->all->told.others++;
    return true;
}

static bool next_take(struct bundle *b, struct json_walk *w, struct err *err)
{
    struct arena *scratch = arena_new(NULL, 64 * INDICATORS_OBJECT_MAX);
    const struct json *o = NULL;
    bool ok = scratch ? said_object(scratch, w, &o, err) : err_fail(err, ERR_NOMEM, "an object");

    if (ok && o)
        ok = object_take(b, o, err);
    else if (ok)
        b->all->told.others++;
    arena_free(scratch);
    return ok;
}

/* ---- what it comes to ---- */

static int definition_order(const void *a, const void *b)
{
    return strcmp(((const struct definition *)a)->id, ((const struct definition *)b)->id);
}

/* By value; what tells of a wallet alone before what an indicator says. */
static int gathered_order(const void *one, const void *other)
{
    const struct gathered *a = one, *b = other;
    int order = strcmp(a->value, b->value);

    order = order ? order : (int)a->indicator - (int)b->indicator;
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

static const struct definition *definition_of(const struct bundle *b, const char *id)
{
    struct definition key = {.id = id};

    return id && b->definitions_n
               ? bsearch(&key, b->definitions, b->definitions_n, sizeof(key), definition_order)
               : NULL;
}

/* An id that everybody knows means what everybody knows, whatever the bundle says of it. */
static bool marks_add(struct bundle *b, const struct gathered *g, struct said *s, struct err *err)
{
    for (size_t i = 0; i < g->refs_n; i++) {
        const struct definition *d = definition_of(b, g->refs[i]);
        enum tlp t = TLP_NONE;

        if (!tlp_of_id(g->refs[i], &t) && d && !d->identity)
            t = d->tlp;
        if (t == TLP_NONE && (!d || d->identity || !d->text))
            t = said_unknown_mark(b->all);
        if (t != TLP_NONE)
            s->tlp = s->tlp == TLP_NONE ? t : tlp_narrower(s->tlp, t);
        if (d && !d->identity && d->text) {
            const char *text = d->text;

            text += strncmp(text, "Permitted use: ", 15) ? 0 : 15;
            if (!mark_use_both(b->all->a, s->use, text, &s->use, err))
                return false;
        }
    }
    return true;
}

/* first: the wallet's own objects, n of them, before what is told. */
static bool one_say(struct bundle *b, const struct gathered *first, size_t n,
                    const struct gathered *g, struct err *err)
{
    struct said s = g->said;
    const struct definition *by = definition_of(b, g->by);

    s.address = g->value;
    s.use = "";
    if (!s.source && by && by->identity)
        s.source = by->text;
    for (size_t i = 0; i < n; i++) {
        s.chain = s.chain ? s.chain : first[i].said.chain;
        s.asset = s.asset ? s.asset : first[i].said.asset;
        if (!marks_add(b, &first[i], &s, err))
            return false;
    }
    return (!g->indicator || marks_add(b, g, &s, err)) && said_add(b->all, &s, g->number, err);
}

/* All that is gathered of one value: from here, n of them. */
static bool value_say(struct bundle *b, const struct gathered *g, size_t n, struct err *err)
{
    size_t wallets = 0;

    while (wallets < n && !g[wallets].indicator)
        wallets++;
    if (wallets == n)
        return one_say(b, g, n, g, err);
    for (size_t i = wallets; i < n; i++)
        if (!one_say(b, g, wallets, &g[i], err))
            return false;
    return true;
}

static bool all_say(struct bundle *b, struct err *err)
{
    const struct gathered *g = b->gathered;
    size_t n = b->gathered_n;

    if (b->definitions_n)
        qsort(b->definitions, b->definitions_n, sizeof(*b->definitions), definition_order);
    if (n)
        qsort(b->gathered, n, sizeof(*g), gathered_order);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && !strcmp(g[end].value, g[i].value); end++)
            ;
        if (!value_say(b, &g[i], end - i, err))
            return false;
    }
    return true;
}

static bool key_is(struct bytes key, const char *name)
{
    return key.n == strlen(name) && !memcmp(key.p, name, key.n);
}

/* A bundle, or one object alone. */
static bool top_take(struct bundle *b, struct json_walk *w, struct err *err)
{
    struct json_walk alone = *w;
    struct bytes key, type = {0};
    bool bundle = false;

    json_walk_object(w);
    while (json_walk_key(w, &key)) {
        if (key_is(key, "type") && json_walk_type(w) == JSON_STRING) {
            type = json_walk_string(w);
        } else if (key_is(key, "objects") && json_walk_type(w) == JSON_ARRAY) {
            bundle = true;
            json_walk_array(w);
            while (json_walk_item(w))
                if (!next_take(b, w, err))
                    return false;
        } else {
            json_walk_skip(w);
        }
    }
    if (w->bad || bundle || key_is(type, "bundle"))
        return !w->bad;
    *w = alone;
    return next_take(b, w, err);
}

bool indicators_read_stix(struct said_all *all, struct json_walk *w, struct err *err)
{
    struct bundle b = {.all = all};

    return top_take(&b, w, err) && all_say(&b, err);
}
