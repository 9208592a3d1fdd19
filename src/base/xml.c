/* Nodes, attributes and text of a record lie in three growing blocks, by index until the record is
 * whole; then indexes become pointers, once. */
#include "base/xml.h"

#include "base/hash.h"
#include "base/mem.h"

#include <expat.h>

#define SEPARATOR '\n' /* stands in no name and no namespace */
#define PIECE_BYTES (1 << 20)
#define NONE SIZE_MAX

struct place { /* of a node, while pointers may still move */
    size_t name, text, attribute, child, child_last, next;
    bool parent; /* holds elements: its text is white space between them */
};

struct block {
    void *p;
    size_t n, size;
};

struct reader {
    XML_Parser parser;
    const struct xml_wanted *wanted;
    xml_record *each;
    void *to;
    struct err *err;
    bool failed;
    size_t depth, record; /* record: depth of the one that is being read; 0: none */
    size_t open[XML_DEPTH_MAX + 1];
    struct block places, attributes, bytes, nodes; /* attributes: struct at */
};

struct at {
    size_t name, value; /* in bytes; name NONE ends a list */
};

static bool reader_fail(struct reader *r)
{
    if (!r->failed)
        err_prefix(r->err, "line %lu", (unsigned long)XML_GetCurrentLineNumber(r->parser));
    r->failed = true;
    XML_StopParser(r->parser, XML_FALSE);
    return false;
}

#define fail(r, class, ...) (err_set((r)->err, (class), __VA_ARGS__), reader_fail(r))

/* Room for n more; the block may move. */
static bool room(struct reader *r, struct block *b, size_t n, size_t size, size_t max)
{
    size_t want = b->n + n, grown = b->size ? b->size : 256;
    void *p;

    if (want > max)
        return fail(r, ERR_LIMIT, "an element of more than %zu %s", max,
                    size == 1 ? "bytes" : "parts");
    if (want <= b->size)
        return true;
    while (grown < want)
        grown *= 2;
    p = mem_grow(b->p, grown * size);
    if (!p)
        return fail(r, ERR_NOMEM, "XML");
    b->p = p;
    b->size = grown;
    return true;
}

static bool put_bytes(struct reader *r, const char *p, size_t n)
{
    if (!room(r, &r->bytes, n, 1, XML_RECORD_BYTES_MAX))
        return false;
    memcpy((char *)r->bytes.p + r->bytes.n, p, n);
    r->bytes.n += n;
    return true;
}

static const char *local_name(const char *name)
{
    const char *local = strchr(name, SEPARATOR);

    return local ? local + 1 : name;
}

static bool put_attributes(struct reader *r, const XML_Char **attributes)
{
    for (size_t i = 0;; i += 2) {
        struct at at = {NONE, NONE};
        const char *name = attributes[i] ? local_name(attributes[i]) : NULL;

        if (name) {
            at.name = r->bytes.n;
            if (!put_bytes(r, name, strlen(name) + 1))
                return false;
            at.value = r->bytes.n;
            if (!put_bytes(r, attributes[i + 1], strlen(attributes[i + 1]) + 1))
                return false;
        }
        if (!room(r, &r->attributes, 1, sizeof(at), XML_RECORD_NODES_MAX))
            return false;
        ((struct at *)r->attributes.p)[r->attributes.n++] = at;
        if (!name)
            return true;
    }
}

/* A node below the one that is open, if one is. */
static bool put_node(struct reader *r, const char *local, const XML_Char **attributes)
{
    struct place place = {.child = NONE, .child_last = NONE, .next = NONE};
    size_t index = r->places.n;

    if (r->depth > r->record) {
        struct place *parent = (struct place *)r->places.p + r->open[r->depth - 1];

        if (!parent->parent) /* what was text so far is space before a child */
            r->bytes.n = parent->text;
        parent->parent = true;
        if (parent->child == NONE)
            parent->child = index;
        else
            ((struct place *)r->places.p)[parent->child_last].next = index;
        parent->child_last = index;
    }
    place.attribute = r->attributes.n;
    place.name = r->bytes.n;
    if (!put_bytes(r, local, strlen(local) + 1) || !put_attributes(r, attributes))
        return false;
    place.text = r->bytes.n;
    if (!room(r, &r->places, 1, sizeof(place), XML_RECORD_NODES_MAX))
        return false;
    ((struct place *)r->places.p)[r->places.n++] = place;
    r->open[r->depth] = index;
    return true;
}

/* Indexes become pointers; texts are NUL-terminated already. */
static bool record_give(struct reader *r)
{
    const char *bytes;
    struct xml_node *nodes;
    struct xml_attribute *attributes;
    const struct at *at = r->attributes.p;
    size_t n = r->places.n;

    r->nodes.n = 0;
    if (!room(r, &r->nodes, n * sizeof(*nodes) + r->attributes.n * sizeof(*attributes), 1,
              SIZE_MAX / 4))
        return false;
    bytes = r->bytes.p;
    nodes = r->nodes.p;
    attributes = (struct xml_attribute *)(nodes + n);
    for (size_t i = 0; i < r->attributes.n; i++)
        attributes[i] = at[i].name == NONE
                            ? (struct xml_attribute){NULL, NULL}
                            : (struct xml_attribute){bytes + at[i].name, bytes + at[i].value};
    for (size_t i = 0; i < n; i++) {
        const struct place *p = (const struct place *)r->places.p + i;

        nodes[i] = (struct xml_node){
            .name = bytes + p->name,
            .text = p->parent ? "" : bytes + p->text,
            .attributes = attributes + p->attribute,
            .child = p->child == NONE ? NULL : nodes + p->child,
            .next = p->next == NONE ? NULL : nodes + p->next,
        };
        nodes[i].text_n = strlen(nodes[i].text);
    }
    return r->each(r->to, nodes, r->err) ? true : reader_fail(r);
}

static void record_drop(struct reader *r)
{
    r->record = 0;
    r->places.n = 0;
    r->attributes.n = 0;
    r->bytes.n = 0;
}

static const struct xml_wanted *wanted_find(const struct reader *r, const char *local)
{
    for (const struct xml_wanted *w = r->wanted; w->name; w++)
        if (!strcmp(w->name, local))
            return w;
    return NULL;
}

static void XMLCALL on_start(void *parser, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = XML_GetUserData(parser);
    const char *local = local_name(name);
    const struct xml_wanted *wanted;

    if (r->failed)
        return;
    if (++r->depth > XML_DEPTH_MAX) {
        fail(r, ERR_LIMIT, "elements are nested deeper than %d", XML_DEPTH_MAX);
        return;
    }
    if (r->record) {
        put_node(r, local, attributes);
        return;
    }
    wanted = wanted_find(r, local);
    if (!wanted)
        return;
    r->record = r->depth;
    if (!put_node(r, local, attributes) || !wanted->head)
        return;
    if (put_bytes(r, "", 1))
        record_give(r);
    record_drop(r);
}

static void XMLCALL on_end(void *parser, const XML_Char *name)
{
    struct reader *r = XML_GetUserData(parser);

    if (r->failed)
        return;
    if (r->record) {
        const struct place *p = (const struct place *)r->places.p + r->open[r->depth];

        if (!p->parent && !put_bytes(r, "", 1))
            return;
    }
    if (r->record && r->record == r->depth) {
        if (!record_give(r))
            return;
        record_drop(r);
    }
    r->depth--;
}

static void XMLCALL on_text(void *parser, const XML_Char *p, int n)
{
    struct reader *r = XML_GetUserData(parser);

    if (r->failed || !r->record || ((struct place *)r->places.p)[r->open[r->depth]].parent)
        return;
    put_bytes(r, p, (size_t)n);
}

static void XMLCALL on_doctype(void *parser, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int internal)
{
    XML_StopParser(parser, XML_FALSE);
}

static void *xml_alloc(size_t n)
{
    return mem_alloc(n);
}

static void *xml_grow(void *p, size_t n)
{
    return mem_grow(p, n);
}

static void xml_free(void *p)
{
    mem_free(p);
}

XML_Parser xml_parser(struct bytes in, char separator)
{
    static const XML_Memory_Handling_Suite memory = {xml_alloc, xml_grow, xml_free};
    const char separators[] = {separator, 0};
    XML_Parser parser = XML_ParserCreate_MM(NULL, &memory, separators);
    struct hash32 salt;

    if (!parser)
        return NULL;
    /* the library asks no source of chance, and nobody can choose names by the hash of them all */
    salt = sha256(in.p, in.n);
    XML_SetHashSalt(parser, (unsigned long)load_le64(salt.b) | 1);
    XML_UseParserAsHandlerArg(parser);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    return parser;
}

bool xml_feed(XML_Parser parser, struct bytes in, const bool *stopped, struct err *err)
{
    bool last;

    do {
        size_t n = in.n < PIECE_BYTES ? in.n : PIECE_BYTES;
        enum XML_Error code;
        unsigned long line;

        last = n == in.n;
        if (XML_Parse(parser, (const char *)in.p, (int)n, last) == XML_STATUS_ERROR) {
            if (*stopped)
                return false;
            code = XML_GetErrorCode(parser);
            line = XML_GetCurrentLineNumber(parser);
            if (code == XML_ERROR_NO_MEMORY)
                return err_fail(err, ERR_NOMEM, "line %lu: XML", line);
            return err_fail(err, ERR_INPUT, "line %lu: %s", line,
                            code == XML_ERROR_ABORTED ? "a document type declaration is refused"
                                                      : XML_ErrorString(code));
        }
        in.p = last ? in.p : in.p + n;
        in.n -= n;
    } while (!last);
    return true;
}

bool xml_records(struct bytes in, const struct xml_wanted *wanted, xml_record *each, void *to,
                 struct err *err)
{
    struct reader r = {.wanted = wanted, .each = each, .to = to, .err = err};
    bool good;

    r.parser = xml_parser(in, SEPARATOR);
    if (!r.parser)
        return err_fail(err, ERR_NOMEM, "XML");
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_start, on_end);
    XML_SetCharacterDataHandler(r.parser, on_text);
    good = xml_feed(r.parser, in, &r.failed, err) && !r.failed;
    XML_ParserFree(r.parser);
    mem_free(r.places.p);
    mem_free(r.attributes.p);
    mem_free(r.bytes.p);
    mem_free(r.nodes.p);
    return good;
}

const struct xml_node *xml_next(const struct xml_node *node, const char *name)
{
    while (node && strcmp(node->name, name))
        node = node->next;
    return node;
}

const struct xml_node *xml_child(const struct xml_node *parent, const char *name)
{
    return parent ? xml_next(parent->child, name) : NULL;
}

const char *xml_text(const struct xml_node *parent, const char *name)
{
    const struct xml_node *child = xml_child(parent, name);

    return child ? child->text : "";
}

const char *xml_attribute(const struct xml_node *node, const char *name)
{
    for (const struct xml_attribute *a = node ? node->attributes : NULL; a && a->name; a++)
        if (!strcmp(a->name, name))
            return a->value;
    return "";
}
