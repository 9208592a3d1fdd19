/* libyaml tells events; here they become a tree, on a stack of our own. */
#include "base/yaml.h"

#include <yaml.h>

struct reader {
    struct arena *a;
    struct err *err;
    yaml_parser_t parser;
    struct json *root, *key; /* key: a member whose value is still to come */
    struct {
        struct json *node, *last;
    } open[JSON_DEPTH_MAX];
    size_t open_n;
    bool ended;
};

static size_t line_of(const yaml_event_t *e)
{
    return e->start_mark.line + 1;
}

static bool bad(struct reader *r, const yaml_event_t *e, const char *what)
{
    return err_fail(r->err, ERR_INPUT, "line %zu: %s", line_of(e), what);
}

static bool no_memory(struct reader *r)
{
    return arena_fail(r->a, r->err, "yaml");
}

static bool is(const yaml_event_t *e, const char *word)
{
    return e->data.scalar.length == strlen(word) &&
           !memcmp(e->data.scalar.value, word, e->data.scalar.length);
}

/* RFC 8259, section 6, which YAML's JSON schema takes over: -? (0 | [1-9][0-9]*) frac? exp? */
static bool is_number(const char *p)
{
    p += *p == '-';
    if (*p == '0')
        p++;
    else if (strspn(p, "0123456789"))
        p += strspn(p, "0123456789");
    else
        return false;
    if (*p == '.') {
        size_t digits = strspn(++p, "0123456789");

        if (!digits)
            return false;
        p += digits;
    }
    if (*p == 'e' || *p == 'E') {
        size_t digits;

        p++;
        p += *p == '-' || *p == '+';
        digits = strspn(p, "0123456789");
        if (!digits)
            return false;
        p += digits;
    }
    return !*p;
}

static enum json_type type_of(const yaml_event_t *e)
{
    if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return JSON_STRING;
    if (is(e, "") || is(e, "~") || is(e, "null"))
        return JSON_NULL;
    if (is(e, "true"))
        return JSON_TRUE;
    if (is(e, "false"))
        return JSON_FALSE;
    return is_number((const char *)e->data.scalar.value) ? JSON_NUMBER : JSON_STRING;
}

static struct json *parent(const struct reader *r)
{
    return r->open_n ? r->open[r->open_n - 1].node : NULL;
}

static bool node_new(struct reader *r, const yaml_event_t *e, enum json_type type,
                     struct json **ret)
{
    struct json *in = parent(r), *j = r->key ? r->key : ARENA_NEW(r->a, struct json);

    if (!j)
        return no_memory(r);
    j->type = type;
    j->offset = line_of(e);
    if (in) {
        struct json **last = &r->open[r->open_n - 1].last;

        if (*last)
            (*last)->next = j;
        else
            in->child = j;
        *last = j;
        in->children_n++;
    } else {
        r->root = j;
    }
    r->key = NULL;
    *ret = j;
    return true;
}

static bool key(struct reader *r, const yaml_event_t *e)
{
    const char *p = (const char *)e->data.scalar.value;
    size_t n = e->data.scalar.length;
    struct json *j;

    if (memchr(p, 0, n))
        return bad(r, e, "a key with a NUL in it");
    if (parent(r)->children_n == YAML_KEYS_MAX)
        return err_fail(r->err, ERR_LIMIT, "line %zu: more than %d keys", line_of(e),
                        YAML_KEYS_MAX);
    if (json_get(parent(r), p))
        return bad(r, e, "a key that was given before");
    j = ARENA_NEW(r->a, struct json);
    if (!j)
        return no_memory(r);
    j->key = arena_string(r->a, p, n);
    j->key_n = n;
    r->key = j;
    return j->key || no_memory(r);
}

static bool scalar(struct reader *r, const yaml_event_t *e)
{
    struct json *j;

    if (e->data.scalar.anchor || e->data.scalar.tag)
        return bad(r, e, "anchors and tags are not read here");
    if (parent(r) && parent(r)->type == JSON_OBJECT && !r->key)
        return key(r, e);
    if (!node_new(r, e, type_of(e), &j))
        return false;
    if (j->type != JSON_STRING && j->type != JSON_NUMBER)
        return true;
    j->text = arena_string(r->a, (const char *)e->data.scalar.value, e->data.scalar.length);
    j->text_n = e->data.scalar.length;
    return j->text || no_memory(r);
}

static bool opened(struct reader *r, const yaml_event_t *e, enum json_type type, bool marked)
{
    struct json *j;

    if (marked)
        return bad(r, e, "anchors and tags are not read here");
    if (parent(r) && parent(r)->type == JSON_OBJECT && !r->key)
        return bad(r, e, "a key must be a word");
    if (r->open_n == JSON_DEPTH_MAX)
        return err_fail(r->err, ERR_LIMIT, "line %zu: nested more than %d deep", line_of(e),
                        JSON_DEPTH_MAX);
    if (!node_new(r, e, type, &j))
        return false;
    r->open[r->open_n].node = j;
    r->open[r->open_n++].last = NULL;
    return true;
}

static bool event(struct reader *r, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        return !r->root || bad(r, e, "a second document");
    case YAML_ALIAS_EVENT:
        return bad(r, e, "aliases are not read here");
    case YAML_SCALAR_EVENT:
        return scalar(r, e);
    case YAML_SEQUENCE_START_EVENT:
        return opened(r, e, JSON_ARRAY,
                      e->data.sequence_start.anchor || e->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return opened(r, e, JSON_OBJECT, e->data.mapping_start.anchor || e->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        r->open_n--;
        return true;
    case YAML_STREAM_END_EVENT:
        r->ended = true;
        return r->root || bad(r, e, "there is nothing in it");
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return true;
    }
    return true;
}

static bool complain(struct reader *r)
{
    if (r->parser.error == YAML_MEMORY_ERROR)
        return err_fail(r->err, ERR_NOMEM, "yaml");
    return err_fail(r->err, ERR_INPUT, "line %zu: %s", r->parser.problem_mark.line + 1,
                    r->parser.problem ? r->parser.problem : "not YAML");
}

bool yaml_read(struct arena *a, const char *p, size_t n, const struct json **ret, struct err *err)
{
    struct reader r = {.a = a, .err = err};
    bool ok = true;

    if (n > YAML_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "yaml: more than %zu bytes", YAML_BYTES_MAX);
    if (!utf8_valid(p, n))
        return err_fail(err, ERR_INPUT, "line 1: not UTF-8");
    if (!yaml_parser_initialize(&r.parser))
        return err_fail(err, ERR_NOMEM, "yaml");
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)p, n);
    while (ok && !r.ended) {
        yaml_event_t e;

        if (!yaml_parser_parse(&r.parser, &e)) {
            ok = complain(&r);
            break;
        }
        ok = event(&r, &e);
        yaml_event_delete(&e);
    }
    yaml_parser_delete(&r.parser);
    if (ok)
        *ret = r.root;
    return ok;
}
