/* YAML, as configuration and rules are written in: one document, read into the tree of json.h, so
 * that the same accessors serve both.
 *
 * A plain scalar is null ("", "~", "null"), true or false, a number as JSON writes them, or a
 * string (YAML 1.2.2, section 10.2, "JSON schema", with the short forms of null); a quoted one, or
 * a block, is a string. A key is a scalar and stands once. Anchors, aliases, tags and further
 * documents are refused: a file that a person is to read says what it says.
 *
 * Ownership: the tree lives in the arena; the input need not outlive the call. offset in the tree
 *            is the line, counted from 1.
 * Errors:    ERR_INPUT, beginning "line 7: "; ERR_LIMIT deeper than JSON_DEPTH_MAX, or larger than
 *            YAML_BYTES_MAX; ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_BASE_YAML_H
#define CORDON_BASE_YAML_H

#include "base/json.h"

#define YAML_BYTES_MAX ((size_t)16 << 20)
#define YAML_KEYS_MAX 4096 /* of one mapping */

bool yaml_read(struct arena *a, const char *p, size_t n, const struct json **ret,
               struct err *err) MUST_USE;

#endif
