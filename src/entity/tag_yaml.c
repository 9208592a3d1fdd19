/* TagPacks and ActorPacks, by libyaml's events: one event is held at a time, and only what a tag
 * needs is kept. */
#include "base/text.h"
#include "entity/tag_build.h"

#include <yaml.h>

struct anchor {
    const char *name;
    const char *text; /* a scalar's text, or a list's words with '|' between */
};

struct reader {
    struct arena *a;
    struct tag_build *b;
    struct tag_pack *pack;
    struct err *err;
    yaml_parser_t parser;
    yaml_event_t e; /* zeroed: none */
    unsigned depth;
    struct anchor anchors[TAG_ALIASES_MAX];
    size_t anchors_n;
    struct tag_fields header;
    bool has_tags, has_actors;
};

static size_t line_of(const struct reader *r)
{
    return r->e.start_mark.line + 1;
}

static bool bad(const struct reader *r, const char *what)
{
    return err_fail(r->err, ERR_INPUT, "line %zu: %s", line_of(r), what);
}

/* The next event, in r->e. */
static bool next(struct reader *r)
{
    yaml_event_delete(&r->e);
    memset(&r->e, 0, sizeof(r->e));
    if (!yaml_parser_parse(&r->parser, &r->e)) {
        if (r->parser.error == YAML_MEMORY_ERROR)
            return err_fail(r->err, ERR_NOMEM, "yaml");
        return err_fail(r->err, ERR_INPUT, "line %zu: %s", r->parser.problem_mark.line + 1,
                        r->parser.problem ? r->parser.problem : "not YAML");
    }
    if (r->e.type == YAML_MAPPING_START_EVENT || r->e.type == YAML_SEQUENCE_START_EVENT)
        r->depth++;
    if (r->e.type == YAML_MAPPING_END_EVENT || r->e.type == YAML_SEQUENCE_END_EVENT)
        r->depth--;
    if (r->depth > TAG_DEPTH_MAX)
        return err_fail(r->err, ERR_LIMIT, "line %zu: nested more than %d deep", line_of(r),
                        TAG_DEPTH_MAX);
    return true;
}

/* Passes over the value that begins with r->e. */
static bool skip(struct reader *r)
{
    unsigned outside = r->depth - 1;

    if (r->e.type != YAML_MAPPING_START_EVENT && r->e.type != YAML_SEQUENCE_START_EVENT)
        return true;
    while (r->depth > outside)
        if (!next(r))
            return false;
    return true;
}

static bool anchor_keep(struct reader *r, const yaml_char_t *name, const char *text)
{
    struct anchor kept = {.text = text};

    if (!name)
        return true;
    if (r->anchors_n == TAG_ALIASES_MAX)
        return err_fail(r->err, ERR_LIMIT, "line %zu: more than %d anchors", line_of(r),
                        TAG_ALIASES_MAX);
    if (!tag_build_text(r->b, line_of(r), (const char *)name, strlen((const char *)name),
                        &kept.name, r->err))
        return false;
    r->anchors[r->anchors_n++] = kept;
    return true;
}

/* "A later anchor of one name is meant from there on" (YAML 1.2.2, 7.1). */
static bool anchor_find(struct reader *r, const char **ret)
{
    for (size_t i = r->anchors_n; i-- > 0;)
        if (!strcmp(r->anchors[i].name, (const char *)r->e.data.alias.anchor)) {
            *ret = r->anchors[i].text;
            return true;
        }
    return bad(r, "an alias stands for a word or a flat list before it, and this one does not");
}

static bool is_null(const yaml_event_t *e)
{
    const char *p = (const char *)e->data.scalar.value;

    return e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!*p || !strcmp(p, "~") || !strcmp(p, "null"));
}

/* One word or text; NULL for null. */
static bool scalar(struct reader *r, const char **ret)
{
    const char *text = NULL;

    if (r->e.type == YAML_ALIAS_EVENT)
        return anchor_find(r, ret);
    if (memchr(r->e.data.scalar.value, 0, r->e.data.scalar.length))
        return bad(r, "a NUL in a text");
    if (!is_null(&r->e) && !tag_build_text(r->b, line_of(r), (const char *)r->e.data.scalar.value,
                                           r->e.data.scalar.length, &text, r->err))
        return false;
    *ret = text;
    return anchor_keep(r, r->e.data.scalar.anchor, text);
}

/* A value: a scalar; a flat list, its words joined; NULL for null and for a mapping, which is
 * passed over. separator: between the words. */
static bool value(struct reader *r, const char **ret)
{
    const char *words = NULL, *anchor = NULL;

    *ret = NULL;
    if (r->e.type == YAML_SCALAR_EVENT || r->e.type == YAML_ALIAS_EVENT)
        return scalar(r, ret);
    if (r->e.type != YAML_SEQUENCE_START_EVENT)
        return skip(r);
    if (r->e.data.sequence_start.anchor &&
        !tag_build_text(r->b, line_of(r), (const char *)r->e.data.sequence_start.anchor,
                        strlen((const char *)r->e.data.sequence_start.anchor), &anchor, r->err))
        return false;
    while (next(r) && r->e.type != YAML_SEQUENCE_END_EVENT) {
        const char *word = NULL;

        if (r->e.type == YAML_SCALAR_EVENT || r->e.type == YAML_ALIAS_EVENT) {
            if (!scalar(r, &word) ||
                (word && !tag_build_word(r->b, line_of(r), word, strlen(word), &words, r->err)))
                return false;
        } else if (!skip(r)) {
            return false;
        }
    }
    *ret = words;
    return r->e.type == YAML_SEQUENCE_END_EVENT &&
           anchor_keep(r, (const yaml_char_t *)anchor, words);
}

/* The members of the mapping that r->e has begun: member is called at each value with its key, and
 * leaves r->e at the value's end. */
static bool members(struct reader *r, bool (*member)(struct reader *, const char *key, void *to),
                    void *to)
{
    char key[64];

    if (r->e.type != YAML_MAPPING_START_EVENT)
        return bad(r, "a mapping is wanted (key: value)");
    for (;;) {
        if (!next(r))
            return false;
        if (r->e.type == YAML_MAPPING_END_EVENT)
            return true;
        if (r->e.type != YAML_SCALAR_EVENT)
            return bad(r, "a key must be a word");
        if (r->e.data.scalar.length >= sizeof(key) ||
            strlen((const char *)r->e.data.scalar.value) != r->e.data.scalar.length)
            return bad(r, "a key of more than 63 characters");
        memcpy(key, r->e.data.scalar.value, r->e.data.scalar.length + 1);
        if (!next(r) || !member(r, key, to))
            return false;
    }
}

/* The items of the list that r->e has begun. */
static bool items(struct reader *r, bool (*item)(struct reader *))
{
    if (r->e.type != YAML_SEQUENCE_START_EVENT)
        return bad(r, "a list is wanted");
    for (;;) {
        if (!next(r))
            return false;
        if (r->e.type == YAML_SEQUENCE_END_EVENT)
            return true;
        if (!item(r))
            return false;
    }
}

static const struct {
    const char *key;
    enum tag_field field;
} tag_keys[] = {
    {"currency", TAG_FIELD_NETWORK},
    {"network", TAG_FIELD_NETWORK},
    {"label", TAG_FIELD_LABEL},
    {"category", TAG_FIELD_CATEGORY},
    {"concepts", TAG_FIELD_CATEGORY},
    {"abuse", TAG_FIELD_ABUSE},
    {"actor", TAG_FIELD_ACTOR},
    {"source", TAG_FIELD_SOURCE},
    {"confidence", TAG_FIELD_CONFIDENCE},
    {"lastmod", TAG_FIELD_LASTMOD},
    {"is_cluster_definer", TAG_FIELD_CLUSTER},
};

/* Keys of the format that say nothing which is kept. */
static bool is_passed_over(const char *key)
{
    static const char *const known[] = {"context",  "uri",         "tagpack_uri", "is_public",
                                        "tag_type", "tx_hash",     "entity",      "aliases",
                                        "creator",  "description", "title"};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (!strcmp(known[i], key))
            return true;
    return false;
}

static bool field_put(struct reader *r, enum tag_field field, const char *key,
                      struct tag_fields *to)
{
    size_t line = line_of(r);
    const char *text;

    if (!value(r, &text))
        return false;
    if (!text)
        return true;
    if (field == TAG_FIELD_CATEGORY && to->at[field]) /* concepts beside a category */
        return tag_build_word(r->b, line, text, strlen(text), &to->at[field], r->err);
    if (field == TAG_FIELD_NETWORK && to->at[field]) /* a network beside a currency: the chain */
        text = !strcmp(key, "network") ? text : to->at[field];
    else if (to->at[field])
        return err_fail(r->err, ERR_INPUT, "line %zu: \"%s\" is given twice", line, key);
    to->at[field] = text;
    return true;
}

/* A key of the header or of a tag. */
static bool known_member(struct reader *r, const char *key, struct tag_fields *to)
{
    char text[100];

    for (size_t i = 0; i < sizeof(tag_keys) / sizeof(tag_keys[0]); i++)
        if (!strcmp(tag_keys[i].key, key))
            return field_put(r, tag_keys[i].field, key, to);
    snprintf(text, sizeof(text), "\"%s\" is no field that is known", key);
    return (is_passed_over(key) ||
            tag_build_problem(r->b, TAG_PROBLEM_FIELD, line_of(r), 1, text, r->err)) &&
           skip(r);
}

struct tag_so_far {
    struct tag_fields f;
    const char *address;
};

static bool tag_member(struct reader *r, const char *key, void *to)
{
    struct tag_so_far *t = to;

    if (strcmp(key, "address") != 0)
        return known_member(r, key, &t->f);
    if (t->address)
        return bad(r, "\"address\" is given twice");
    return value(r, &t->address);
}

static bool tag_item(struct reader *r)
{
    struct tag_so_far t = {0};
    size_t line = line_of(r);

    if (!members(r, tag_member, &t))
        return false;
    if (!t.address)
        return tag_build_problem(r->b, TAG_PROBLEM_ADDRESS, line, 1, "a tag without an address",
                                 r->err);
    return tag_build_add(r->b, line, t.address, strlen(t.address), &t.f, r->err);
}

static bool actor_member(struct reader *r, const char *key, void *to)
{
    struct tag_actor *actor = to;
    const char *text;

    if (strcmp(key, "id") != 0 && strcmp(key, "label") != 0 && strcmp(key, "uri") != 0 &&
        strcmp(key, "jurisdictions") != 0 && strcmp(key, "categories") != 0)
        return skip(r);
    if (!value(r, &text))
        return false;
    if (!text)
        return true;
    if (!strcmp(key, "categories")) {
        for (const char *p = text; *p && !actor->category; p += strspn(p, "|")) {
            size_t n = strcspn(p, "|");
            enum tag_category c = tag_category_of_word(p, n);

            actor->category = c == TAG_CATEGORIES ? TAG_UNKNOWN : c;
            p += n;
        }
        return true;
    }
    if (!tag_build_plain(r->b, line_of(r), text, strlen(text), &text, r->err))
        return false;
    *(!strcmp(key, "id")      ? &actor->id
      : !strcmp(key, "label") ? &actor->label
      : !strcmp(key, "uri")   ? &actor->uri
                              : &actor->jurisdictions) = text;
    return true;
}

static bool actor_item(struct reader *r)
{
    struct tag_actor actor = {.label = "", .uri = "", .jurisdictions = ""};
    size_t line = line_of(r);

    if (!members(r, actor_member, &actor))
        return false;
    if (!actor.id)
        return err_fail(r->err, ERR_INPUT, "line %zu: an actor without an id", line);
    return tag_build_actor(r->b, &actor, r->err);
}

static bool top_text(struct reader *r, const char **ret)
{
    const char *text;

    return value(r, &text) &&
           (!text || tag_build_plain(r->b, line_of(r), text, strlen(text), ret, r->err));
}

static bool top_member(struct reader *r, const char *key, void *to)
{
    struct tag_pack *pack = r->pack;

    if (!strcmp(key, "tags") || !strcmp(key, "actors")) {
        bool *has = *key == 't' ? &r->has_tags : &r->has_actors;

        if (*has)
            return bad(r, "the list is given twice");
        *has = true;
        return items(r, *key == 't' ? tag_item : actor_item);
    }
    if (!strcmp(key, "title"))
        return top_text(r, &pack->title);
    if (!strcmp(key, "creator"))
        return top_text(r, &pack->creator);
    if (!strcmp(key, "description"))
        return top_text(r, &pack->description);
    return known_member(r, key, &r->header);
}

static bool document(struct reader *r)
{
    do {
        if (!next(r))
            return false;
    } while (r->e.type == YAML_STREAM_START_EVENT || r->e.type == YAML_DOCUMENT_START_EVENT);
    if (r->e.type == YAML_STREAM_END_EVENT)
        return bad(r, "there is nothing in it");
    if (!members(r, top_member, NULL))
        return false;
    do {
        if (!next(r))
            return false;
    } while (r->e.type == YAML_DOCUMENT_END_EVENT);
    if (r->e.type != YAML_STREAM_END_EVENT)
        return bad(r, "a second document");
    if (!r->has_tags && !r->has_actors)
        return err_fail(r->err, ERR_INPUT, "neither \"tags\" nor \"actors\"");
    r->pack->format = r->has_tags ? "tagpack" : "actorpack";
    if (r->header.at[TAG_FIELD_LASTMOD])
        r->pack->version = r->header.at[TAG_FIELD_LASTMOD];
    return true;
}

bool tag_read_yaml(struct arena *a, struct bytes in, struct tag_pack *ret, struct err *err)
{
    struct reader r = {.a = a, .pack = ret, .err = err};
    bool ok;

    if (!utf8_valid((const char *)in.p, in.n))
        return err_fail(err, ERR_INPUT, "not UTF-8");
    if (!tag_build_new(a, ret->name, load_le64(ret->sha256.b), false, &r.b, err))
        return false;
    if (!yaml_parser_initialize(&r.parser)) {
        tag_build_free(r.b);
        return err_fail(err, ERR_NOMEM, "yaml");
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, in.p, in.n);
    ok = document(&r) && tag_build_end(r.b, &r.header, ret, err);
    yaml_event_delete(&r.e);
    yaml_parser_delete(&r.parser);
    tag_build_free(r.b);
    return ok;
}
