#include "group/event.h"

/* ---- spelling ---- */

static bool is_word(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(s[i] >= 'a' && s[i] <= 'z') && (!i || s[i] != '-'))
            return false;
    return n > 0;
}

bool group_name_valid(const char *s)
{
    size_t n = strlen(s);

    for (size_t i = 0; i < n; i++)
        if (!(s[i] >= 'a' && s[i] <= 'z') && !(s[i] >= '0' && s[i] <= '9') && (!i || s[i] != '-'))
            return false;
    return n && n <= GROUP_NAME_MAX;
}

bool hex_exact(const char *s, size_t n, uint8_t *ret, size_t ret_n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] >= 'A' && s[i] <= 'F')
            return false;
    return hex_decode(s, n, ret, ret_n);
}

bool hash_from_hex(const char *s, struct hash32 *ret)
{
    return hex_exact(s, strlen(s), ret->b, sizeof(ret->b));
}

bool object_is(const char *object, const char *kind)
{
    size_t n = strlen(kind);

    return !strncmp(object, kind, n) && object[n] == ':';
}

/* A kind, a colon, and 128 or 256 bits. */
bool object_valid(const char *s)
{
    const char *colon = strchr(s, ':');
    uint8_t bits[32];

    return colon && colon - s <= 16 && is_word(s, (size_t)(colon - s)) &&
           (hex_exact(colon + 1, strlen(colon + 1), bits, 16) ||
            hex_exact(colon + 1, strlen(colon + 1), bits, 32));
}

/* The object's kind, a dot, a word. */
static bool type_valid(const char *s, const char *object)
{
    size_t kind = strcspn(object, ":"), n = strlen(s);

    return n <= 48 && n > kind + 1 && !memcmp(s, object, kind) && s[kind] == '.' &&
           is_word(s + kind + 1, n - kind - 1);
}

static struct hash32 event_id(const struct hash32 *group, struct bytes text)
{
    struct sha256_stream s;

    sha256_start(&s);
    sha256_add(&s, EVENT_TAG, strlen(EVENT_TAG));
    sha256_add(&s, group->b, sizeof(group->b));
    sha256_add(&s, text.p, text.n);
    return sha256_done(&s);
}

struct hash32 body_commitment(const struct salt32 *salt, struct bytes body)
{
    static const char tag[] = "cordon.body/1";
    struct sha256_stream s;

    sha256_start(&s);
    sha256_add(&s, tag, sizeof(tag) - 1);
    sha256_add(&s, salt->b, sizeof(salt->b));
    sha256_add(&s, body.p, body.n);
    return sha256_done(&s);
}

bool event_has_body(const struct event *e)
{
    return strcmp(e->retention, "none") != 0;
}

bool event_body_travels(const struct event *e)
{
    return event_has_body(e) && strcmp(e->retention, RETENTION_OWN) != 0;
}

/* ---- reading ---- */

bool hex_member(const struct json *o, const char *name, uint8_t *ret, size_t ret_n, struct err *err)
{
    const char *s;

    return json_text(json_get(o, name), name, &s, err) &&
           (hex_exact(s, strlen(s), ret, ret_n) ||
            err_fail(err, ERR_INPUT, "%s: %zu digits in lower case are wanted", name, 2 * ret_n));
}

static bool integer(const struct json *j, const char *what, uint64_t max, uint64_t *ret,
                    struct err *err)
{
    if (j && j->type != JSON_NUMBER)
        return err_fail(err, ERR_INPUT, "%s: a number is wanted", what);
    return json_u64(j, what, ret, err) &&
           (*ret <= max || err_fail(err, ERR_INPUT, "%s: too large", what));
}

static bool clock_read(const struct json *o, struct event *e, struct err *err)
{
    const struct json *clock = json_get(o, "clock");

    if (!clock || clock->type != JSON_ARRAY || clock->children_n != 2)
        return err_fail(err, ERR_INPUT, "clock: two numbers are wanted");
    return integer(clock->child, "clock", EVENT_MS_MAX, &e->ms, err) &&
           integer(clock->child->next, "clock", JSON_INTEGER_MAX, &e->n, err);
}

static bool after_read(struct arena *a, const struct json *o, struct event *e, struct err *err)
{
    const struct json *after = json_get(o, "after");
    struct hash32 *list;

    if (!after || after->type != JSON_ARRAY || after->children_n > EVENT_AFTER_MAX)
        return err_fail(err, ERR_INPUT, "after: a list of at most %d ids is wanted",
                        EVENT_AFTER_MAX);
    list = ARENA_ARRAY(a, struct hash32, after->children_n);
    if (!list)
        return err_fail(err, ERR_NOMEM, "after");
    for (const struct json *j = after->child; j; j = j->next, e->after_n++) {
        const char *s;

        if (!json_text(j, "after", &s, err))
            return false;
        if (!hash_from_hex(s, &list[e->after_n]))
            return err_fail(err, ERR_INPUT, "after: 64 digits in lower case are wanted");
        if (e->after_n && memcmp(list[e->after_n - 1].b, list[e->after_n].b, 32) >= 0)
            return err_fail(err, ERR_INPUT, "after: not ascending");
    }
    e->after = list;
    return true;
}

static bool name_read(const struct json *o, const char *name, const char **ret, struct err *err)
{
    return json_text(json_get(o, name), name, ret, err) &&
           (group_name_valid(*ret) || err_fail(err, ERR_INPUT, "%s: not a name", name));
}

static bool names_read(const struct json *o, struct event *e, struct err *err)
{
    if (!name_read(o, "author", &e->author, err) || !name_read(o, "audience", &e->audience, err) ||
        !name_read(o, "retention", &e->retention, err) ||
        !json_text(json_get(o, "object"), "object", &e->object, err) ||
        !json_text(json_get(o, "type"), "type", &e->type, err))
        return false;
    if (!object_valid(e->object))
        return err_fail(err, ERR_INPUT, "object: a kind, a colon and 32 or 64 digits are wanted");
    if (!type_valid(e->type, e->object))
        return err_fail(err, ERR_INPUT, "type: not one of the object's kind");
    return true;
}

/* "into" is there for case.merge, and only for it. */
static bool into_read(const struct json *o, struct event *e, struct err *err)
{
    const struct json *into = json_get(o, "into");
    bool wanted = !strcmp(e->type, "case.merge");

    if (wanted != (into != NULL))
        return err_fail(err, ERR_INPUT, "into: %s", wanted ? "missing" : "of case.merge only");
    if (!wanted)
        return true;
    return json_text(into, "into", &e->into, err) &&
           ((object_valid(e->into) && object_is(e->into, "case") && strcmp(e->into, e->object)) ||
            err_fail(err, ERR_INPUT, "into: another case is wanted"));
}

/* null stands for none, and has its own conditions. */
static bool hash_or_null(const struct json *o, const char *name, bool wanted, struct hash32 *ret,
                         struct err *err)
{
    const struct json *j = json_get(o, name);

    if (wanted)
        return hex_member(o, name, ret->b, sizeof(ret->b), err);
    return (j && j->type == JSON_NULL) || err_fail(err, ERR_INPUT, "%s: null is wanted", name);
}

static bool members_read(struct arena *a, const struct json *o, struct event *e, struct err *err)
{
    static const char *const known[] = {
        "after", "audience", "author", "body",      "charter", "clock",  "facts", "into",
        "key",   "object",   "prev",   "retention", "seq",     "stream", "type",  NULL};

    return json_only(o, "event", known, err) && names_read(o, e, err) && into_read(o, e, err) &&
           facts_read(a, json_get(o, "facts"), e->type, &e->facts, err) && clock_read(o, e, err) &&
           after_read(a, o, e, err) &&
           integer(json_get(o, "seq"), "seq", JSON_INTEGER_MAX, &e->seq, err) &&
           (e->seq || err_fail(err, ERR_INPUT, "seq: counts from 1")) &&
           hash_or_null(o, "prev", e->seq > 1, &e->prev, err) &&
           hash_or_null(o, "body", event_has_body(e), &e->body, err) &&
           hex_member(o, "charter", e->charter.b, sizeof(e->charter.b), err) &&
           hex_member(o, "key", e->key.b, sizeof(e->key.b), err) &&
           hex_member(o, "stream", e->stream.b, sizeof(e->stream.b), err);
}

bool event_read(struct arena *a, struct bytes text, const struct hash32 *group, struct event *ret,
                struct err *err)
{
    struct event e = {.seq = 0};
    const struct json *o;

    if (text.n > EVENT_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "an event of more than %zu bytes", EVENT_BYTES_MAX);
    if (!json_canonical_read(a, (const char *)text.p, text.n, &o, err) ||
        !members_read(a, o, &e, err))
        return false;
    e.text = (struct bytes){(const uint8_t *)arena_string(a, (const char *)text.p, text.n), text.n};
    if (!e.text.p)
        return err_fail(err, ERR_NOMEM, "an event");
    e.id = event_id(group, e.text);
    *ret = e;
    return true;
}

/* ---- writing: members in the order of their names ---- */

static void hash_or_null_put(struct json_out *j, const char *name, bool there,
                             const struct hash32 *h)
{
    json_key(j, name);
    if (there)
        json_hex(j, h->b, sizeof(h->b));
    else
        json_null(j);
}

static void event_put(struct text *to, const struct event *e)
{
    struct json_out j = json_to(to, false);

    json_object(&j);
    json_key(&j, "after");
    json_array(&j);
    for (size_t i = 0; i < e->after_n; i++)
        json_hex(&j, e->after[i].b, sizeof(e->after[i].b));
    json_array_end(&j);
    json_put_string(&j, "audience", e->audience);
    json_put_string(&j, "author", e->author);
    hash_or_null_put(&j, "body", event_has_body(e), &e->body);
    json_put_hex(&j, "charter", e->charter.b, sizeof(e->charter.b));
    json_key(&j, "clock");
    json_array(&j);
    json_number(&j, e->ms);
    json_number(&j, e->n);
    json_array_end(&j);
    if (e->facts) {
        json_key(&j, "facts");
        facts_put(&j, e->type, e->facts);
    }
    if (e->into)
        json_put_string(&j, "into", e->into);
    json_put_hex(&j, "key", e->key.b, sizeof(e->key.b));
    json_put_string(&j, "object", e->object);
    hash_or_null_put(&j, "prev", e->seq > 1, &e->prev);
    json_put_string(&j, "retention", e->retention);
    json_put_number(&j, "seq", e->seq);
    json_put_hex(&j, "stream", e->stream.b, sizeof(e->stream.b));
    json_put_string(&j, "type", e->type);
    json_object_end(&j);
}

/* What was made is read again: a caller's mistake is no event. */
bool event_make(struct arena *a, const struct hash32 *group, struct event *e, struct err *err)
{
    struct text to = text_new(2 * EVENT_BYTES_MAX);
    struct event again;
    bool ok;

    event_put(&to, e);
    ok = text_end(&to, err) &&
         event_read(a, (struct bytes){(const uint8_t *)to.p, to.n}, group, &again, err);
    text_free(&to);
    if (ok) {
        e->text = again.text;
        e->id = again.id;
    }
    return ok;
}

/* ---- lines ---- */

/* The canonical bytes of a part of what was read. */
static bool part_text(struct arena *a, const struct json *part, size_t bytes_max, struct bytes *ret,
                      struct err *err)
{
    struct text to = text_new(bytes_max);
    bool ok = json_canonical_put(a, part, &to, err);

    if (ok) {
        *ret = (struct bytes){(const uint8_t *)arena_string(a, to.p, to.n), to.n};
        ok = ret->p || err_fail(err, ERR_NOMEM, "%zu bytes", to.n);
    }
    text_free(&to);
    return ok;
}

static bool line_body(struct arena *a, const struct json *o, struct event_line *l, struct err *err)
{
    const struct json *body = json_get(o, "body"), *salt = json_get(o, "salt");
    struct hash32 is;

    if (!body && !salt)
        return true;
    if (!body || !salt || !event_has_body(&l->event))
        return err_fail(err, ERR_INPUT, "a body, its salt and its commitment go together");
    if (body->type != JSON_OBJECT)
        return err_fail(err, ERR_INPUT, "body: an object is wanted");
    if (!hex_member(o, "salt", l->salt.b, sizeof(l->salt.b), err) ||
        !part_text(a, body, EVENT_BODY_BYTES_MAX, &l->body, err))
        return err_in(err, "body");
    is = body_commitment(&l->salt, l->body);
    if (!hash32_equal(&is, &l->event.body))
        return err_fail(err, ERR_INPUT, "body: not the one that was signed");
    l->has_body = true;
    return true;
}

bool event_line_read(struct arena *a, struct bytes line, const struct hash32 *group,
                     struct event_line *ret, struct err *err)
{
    static const char *const known[] = {"body", "event", "salt", "signature", NULL};
    struct event_line l = {.has_body = false};
    struct bytes text;
    const struct json *o;

    if (line.n > EVENT_LINE_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "a line of more than %zu bytes", EVENT_LINE_BYTES_MAX);
    if (!json_canonical_read(a, (const char *)line.p, line.n, &o, err) ||
        !json_only(o, "line", known, err))
        return false;
    if (!json_get(o, "event"))
        return err_fail(err, ERR_INPUT, "event: missing");
    if (!part_text(a, json_get(o, "event"), EVENT_BYTES_MAX, &text, err) ||
        !event_read(a, text, group, &l.event, err) ||
        !hex_member(o, "signature", l.event.signature.b, sizeof(l.event.signature.b), err) ||
        !line_body(a, o, &l, err))
        return false;
    *ret = l;
    return true;
}

void event_line_put(struct text *to, const struct event_line *l)
{
    struct json_out j = json_to(to, false);

    json_object(&j);
    if (l->has_body) {
        json_key(&j, "body");
        json_raw(&j, (const char *)l->body.p, l->body.n);
    }
    json_key(&j, "event");
    json_raw(&j, (const char *)l->event.text.p, l->event.text.n);
    if (l->has_body)
        json_put_hex(&j, "salt", l->salt.b, sizeof(l->salt.b));
    json_put_hex(&j, "signature", l->event.signature.b, sizeof(l->event.signature.b));
    json_object_end(&j);
}

/* ---- order ---- */

static int order_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int clock_order(const struct event *a, const struct event *b)
{
    int order = order_u64(a->ms, b->ms);

    return order ? order : order_u64(a->n, b->n);
}

bool event_clock_after(const struct event *a, const struct event *b)
{
    return clock_order(a, b) > 0;
}

int event_order(const struct event *a, const struct event *b)
{
    int order = clock_order(a, b);

    if (!order)
        order = strcmp(a->author, b->author);
    if (!order)
        order = order_u64(a->seq, b->seq);
    return order ? order : memcmp(a->id.b, b->id.b, sizeof(a->id.b));
}
