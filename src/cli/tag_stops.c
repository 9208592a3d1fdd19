/* Stops from tags: which addresses of a ledger's chain are ends, because public tags say that a
 * service has them. */
#include "cli/cli.h"

#include "entity/tag_set.h"
#include "trace/case.h"

#include <stdio.h>

#define SERVICES "services" /* every category of TAG_GROUP_SERVICE */

/* The option's words as bits of categories. */
static bool categories_read(const char *words, uint64_t *ret, struct err *err)
{
    uint64_t bits = 0;

    for (const char *p = words; *p; p += strspn(p, ",")) {
        char word[64];
        size_t n = strcspn(p, ",");
        enum tag_category c;

        snprintf(word, sizeof(word), "%.*s", (int)(n < 63 ? n : 63), p);
        p += n;
        c = tag_category_by_name(word);
        if (!strcmp(word, SERVICES)) {
            for (c = TAG_UNKNOWN; c < TAG_CATEGORIES; c++)
                if (tag_category_group(c) == TAG_GROUP_SERVICE)
                    bits |= tag_category_bit(c);
        } else if (c == TAG_CATEGORIES || c == TAG_UNKNOWN ||
                   tag_category_group(c) == TAG_GROUP_ABUSE) {
            return err_fail(err, ERR_USAGE,
                            "--stops-from-tags \"%s\": services, or categories of docs/tags.md "
                            "that are no accusations, are wanted",
                            word);
        } else {
            bits |= tag_category_bit(c);
        }
    }
    *ret = bits;
    return true;
}

/* The surest public tag of those categories; the first pack's among equals. False: none, or a
 * public tag accuses whoever has the address, and a thief is no end. */
static bool tag_choose(const struct tag_set *set, const struct tag_found *found, uint64_t wanted,
                       unsigned level_min, struct tag *ret)
{
    bool chosen = false;

    if (!(found->categories_public & wanted))
        return false;
    for (size_t i = 0; i < found->tags_n; i++) {
        struct tag t;

        tag_set_tag(set, found, i, &t);
        if (t.private)
            continue;
        if (t.abuse)
            return false;
        if (!(tag_category_bit(t.category) & wanted) ||
            tag_confidence_level(t.confidence) < level_min)
            continue;
        if (!chosen || tag_confidence_level(t.confidence) > tag_confidence_level(ret->confidence))
            *ret = t;
        chosen = true;
    }
    return chosen;
}

/* What a trace's inputs say of where a stop is from: the pack, and which file it was. */
static bool sources_make(struct call *c, const struct tag_set *set, const char ***ret,
                         struct err *err)
{
    size_t n = tag_set_packs(set);
    const char **sources = ARENA_ARRAY(c->arena, const char *, n + 1);

    for (size_t i = 0; sources && i < n; i++) {
        struct tag_set_pack pack = tag_set_pack(set, i);
        struct text text = text_new(TAG_TEXT_MAX);

        text_printf(&text, "tags: %s, sha256 ", pack.name);
        text_hex(&text, pack.sha256.b, sizeof(pack.sha256.b));
        sources[i] = text_string(&text) ? arena_string(c->arena, text.p, text.n) : NULL;
        text_free(&text);
        if (!sources[i])
            return err_fail(err, ERR_NOMEM, "stops from tags");
    }
    *ret = sources;
    return sources || err_fail(err, ERR_NOMEM, "stops from tags");
}

static const char *source_of(const struct tag_set *set, const char *const *sources,
                             const char *pack)
{
    size_t low = 0, high = tag_set_packs(set);

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (strcmp(tag_set_pack(set, mid).name, pack) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return sources[low];
}

struct stops {
    struct trace_stop *at; /* [max] */
    size_t n, max;
};

static bool stop_add(struct call *c, struct stops *stops, const struct chain *chain,
                     const struct tag_found *found, const struct tag *t, const char *source,
                     struct err *err)
{
    struct trace_stop *s;

    if (stops->n == stops->max) {
        size_t max = stops->max < CASE_STOPS_MAX / 2 ? 2 * stops->max : CASE_STOPS_MAX;
        struct trace_stop *more;

        if (stops->n == CASE_STOPS_MAX)
            return err_fail(err, ERR_LIMIT, "more than %zu stops from tags", CASE_STOPS_MAX);
        more = ARENA_ARRAY(c->arena, struct trace_stop, max);
        if (!more)
            return err_fail(err, ERR_NOMEM, "stops from tags");
        memcpy(more, stops->at, stops->n * sizeof(*more));
        stops->at = more;
        stops->max = max;
    }
    s = &stops->at[stops->n++];
    *s = (struct trace_stop){.address = arena_string(c->arena, found->key, strlen(found->key)),
                             .name = arena_string(c->arena, t->label, strlen(t->label)),
                             .category = tag_category_name(t->category),
                             .source = source,
                             .chain = chain->name};
    return (s->address && s->name) || err_fail(err, ERR_NOMEM, "stops from tags");
}

static bool of_chain(struct call *c, const struct tag_set *set, const char *const *sources,
                     const struct chain *chain, uint64_t wanted, unsigned level_min,
                     struct stops *stops, struct err *err)
{
    enum address_space space = address_space_of_chain(chain);
    struct tag_found found;
    uint64_t at = 0;

    while (space && tag_set_next(set, space, &at, &found)) {
        uint8_t on[ACCOUNT_KEY_MAX];
        struct address_key key;
        struct tag t;
        size_t n;

        if (!tag_choose(set, &found, wanted, level_min, &t) ||
            !address_key_from(found.space, found.key, strlen(found.key), &key) ||
            !address_key_on(&key, chain, on, &n))
            continue;
        if (!stop_add(c, stops, chain, &found, &t, source_of(set, sources, t.pack), err))
            return false;
    }
    return true;
}

bool stops_from_tags(struct call *c, const struct chain *const *chains, size_t chains_n,
                     const struct trace_stop **ret, size_t *ret_n, struct err *err)
{
    const char *words = call_option(c, "stops-from-tags"), **sources;
    struct stops stops = {.n = *ret_n, .max = *ret_n + 1024};
    struct tag_set *set;
    uint64_t wanted, level_min;
    bool ok;

    if (!words)
        return true;
    stops.at = ARENA_ARRAY(c->arena, struct trace_stop, stops.max);
    if (!stops.at)
        return err_fail(err, ERR_NOMEM, "stops from tags");
    if (*ret_n)
        memcpy(stops.at, *ret, *ret_n * sizeof(*stops.at));
    if (!categories_read(words, &wanted, err) ||
        !call_number(c, "confidence", 100, 0, &level_min, err) || !tag_set_of_call(c, &set, err))
        return false;
    ok = sources_make(c, set, &sources, err);
    for (size_t i = 0; ok && i < chains_n; i++)
        ok = of_chain(c, set, sources, chains[i], wanted, (unsigned)level_min, &stops, err);
    tag_set_close(set);
    *ret = stops.at;
    *ret_n = stops.n;
    return ok;
}
