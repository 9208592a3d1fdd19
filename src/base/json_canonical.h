/* Canonical JSON: the one way to write a document, so that it can be hashed and signed.
 *
 * RFC 8785 (JCS), for documents whose numbers are whole: no white space, members sorted by the
 * UTF-16 code units of their names, strings with the fewest escapes. A number is an integer of at
 * most 2^53 - 1 either way, written plainly ("-0", "1.0" and "1e3" are refused, though RFC 8785
 * would write them anew): so nobody needs ECMAScript's rules for floating point. A name given
 * twice, what is not UTF-8 and half a surrogate pair are refused by the reader (json.h).
 *
 * Ownership: scratch and trees live in the arena; the input need not outlive the call.
 * Errors:    ERR_INPUT naming the byte, ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_BASE_JSON_CANONICAL_H
#define CORDON_BASE_JSON_CANONICAL_H

#include "base/json.h"

#define JSON_INTEGER_MAX ((uint64_t)9007199254740991) /* 2^53 - 1 (RFC 7493, section 2.2) */

/* Writes a tree that was read, wherever its members stood. */
bool json_canonical_put(struct arena *a, const struct json *root, struct text *to,
                        struct err *err) MUST_USE;
/* Reads what is canonical already, and refuses all else. */
bool json_canonical_read(struct arena *a, const char *p, size_t n, const struct json **ret,
                         struct err *err) MUST_USE;
/* <0, 0, >0: the order of members' names, which are UTF-8. */
int json_name_order(const char *a, size_t a_n, const char *b, size_t b_n);

#endif
