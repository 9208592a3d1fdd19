/* Stops from tags: which addresses of a ledger's chain are ends, because public tags say that a
 * service has them. */
#include "cli/cli.h"

#include "entity/tag_set.h"
#include "trace/case.h"

#include <stdio.h>
#include <strings.h>

#define SAID_MAX 4u          /* owners of one address that are named */
#define NAMES_BYTES_MAX 400u /* more are not named when that many bytes are written */
#define SERVICES "services"  /* every category of TAG_GROUP_SERVICE */

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

/* Who a tag says it is, as tags are compared: the actor, else the label. */
static const char *who(const struct tag *t)
{
    return t->actor && *t->actor ? t->actor : t->label;
}

/* "Binance 14" and "Binance" are one, where nobody names an actor. */
static bool same_who(const struct tag *a, const struct tag *b)
{
    size_t n;

    if (a->actor && *a->actor && b->actor && *b->actor)
        return !strcmp(a->actor, b->actor);
    n = strlen(who(a)) < strlen(who(b)) ? strlen(who(a)) : strlen(who(b));
    return !strncasecmp(who(a), who(b), n) || !strcmp(a->label, b->label);
}

/* The chosen tag and public ones beside it that say that it is somebody else. */
struct said {
    struct tag at[SAID_MAX];
    size_t n;
    bool more;
};

static void said_all(const struct tag_set *set, const struct tag_found *found, unsigned level_min,
                     struct said *s)
{
    for (size_t i = 0; i < found->tags_n; i++) {
        struct tag t;
        bool known = false;

        tag_set_tag(set, found, i, &t);
        for (size_t k = 0; k < s->n && !known; k++)
            known = same_who(&s->at[k], &t);
        if (known || t.private || tag_confidence_level(t.confidence) < level_min)
            continue;
        s->more |= s->n == SAID_MAX;
        if (s->n < SAID_MAX)
            s->at[s->n++] = t;
    }
}

/* "Binance, or Coinbase", and the packs that say so. */
static bool stop_say(struct call *c, const struct tag_set *set, const char *const *sources,
                     const struct said *s, const char **ret_name, const char **ret_source,
                     struct err *err)
{
    struct text name = text_new(2 * TAG_TEXT_MAX), from = text_new(2 * SAID_MAX * TAG_TEXT_MAX);
    bool more = s->more;

    for (size_t i = 0; i < s->n; i++) {
        bool again = false;

        if (i && name.n + strlen(s->at[i].label) > NAMES_BYTES_MAX) {
            more = true;
            continue;
        }
        text_printf(&name, "%s%s", i ? ", or " : "", s->at[i].label);
        for (size_t k = 0; k < i && !again; k++)
            again = !strcmp(s->at[k].pack, s->at[i].pack);
        if (!again)
            text_printf(&from, "%s%s", i ? "; " : "", source_of(set, sources, s->at[i].pack));
    }
    if (more)
        text_str(&name, ", or others");
    *ret_name = text_string(&name) ? arena_string(c->arena, name.p, name.n) : NULL;
    *ret_source = text_string(&from) ? arena_string(c->arena, from.p, from.n) : NULL;
    text_free(&name);
    text_free(&from);
    return (*ret_name && *ret_source) || err_fail(err, ERR_NOMEM, "stops from tags");
}

struct stops {
    struct trace_stop *at; /* [max] */
    size_t n, max;
};

static bool stop_add(struct call *c, struct stops *stops, const struct chain *chain,
                     const struct tag_found *found, const struct trace_stop *stop, struct err *err)
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
    *s = *stop;
    s->address = arena_string(c->arena, found->key, strlen(found->key));
    s->chain = chain->name;
    return s->address || err_fail(err, ERR_NOMEM, "stops from tags");
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
        struct trace_stop stop = {.name = NULL};
        struct said said = {.n = 1};
        size_t n;

        if (!tag_choose(set, &found, wanted, level_min, &said.at[0]) ||
            !address_key_from(found.space, found.key, strlen(found.key), &key) ||
            !address_key_on(&key, chain, on, &n))
            continue;
        said_all(set, &found, level_min, &said);
        stop.category = tag_category_name(said.at[0].category);
        if (!stop_say(c, set, sources, &said, &stop.name, &stop.source, err) ||
            !stop_add(c, stops, chain, &found, &stop, err))
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
