/* XML read straight through, a record at a time: the elements of the names asked for come as small
 * trees, the rest is passed over.
 *
 *     <list dateGenerated="2025-04-19">     a head: its attributes alone, when it starts
 *       <entry><name>KIM</name></entry>     a record: all below it, when it ends
 *     </list>
 *
 * Names are local names; namespaces are passed over. Text is kept of elements that hold no other
 * element. XML by expat: document type declarations are refused, and with them all entities but
 * XML's own five; depth and the size of a record have limits. An element that is asked for within a
 * record is part of that record.
 *
 * Ownership: a record is the reader's, until the callback returns.
 * Errors:    ERR_INPUT and ERR_LIMIT beginning "line 7: " (those of the callback, too); ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_BASE_XML_H
#define CORDON_BASE_XML_H

#include "base/bytes.h"
#include "base/err.h"

#define XML_DEPTH_MAX 64
#define XML_RECORD_NODES_MAX ((size_t)1 << 20)
#define XML_RECORD_BYTES_MAX ((size_t)64 << 20)

struct xml_attribute {
    const char *name, *value; /* name NULL ends the list */
};

struct xml_node {
    const char *name;
    const char *text; /* "" if there is none, never NULL; NUL-terminated after text_n bytes */
    size_t text_n;
    const struct xml_attribute *attributes;
    const struct xml_node *child, *next;
};

struct xml_wanted {
    const char *name; /* NULL ends the list */
    bool head;        /* its attributes alone */
};

typedef bool xml_record(void *to, const struct xml_node *record, struct err *err);

bool xml_records(struct bytes in, const struct xml_wanted *wanted, xml_record *each, void *to,
                 struct err *err) MUST_USE;

/* The first child of that name, from node on; NULL: none. Both take NULL. */
const struct xml_node *xml_child(const struct xml_node *parent, const char *name);
const struct xml_node *xml_next(const struct xml_node *node, const char *name);
/* Text of a child, or the value of an attribute; "" if there is none. */
const char *xml_text(const struct xml_node *parent, const char *name);
const char *xml_attribute(const struct xml_node *node, const char *name);

/* What every reader by expat shares: a parser with our own memory, which refuses document types,
 * and feeding it. Handlers are given the parser (XML_GetUserData); separator stands between
 * namespace and local name. A handler that stops the parser sets *stopped and has filled err. */
struct XML_ParserStruct *xml_parser(struct bytes in, char separator); /* NULL: no memory */
bool xml_feed(struct XML_ParserStruct *parser, struct bytes in, const bool *stopped,
              struct err *err) MUST_USE;

#endif
