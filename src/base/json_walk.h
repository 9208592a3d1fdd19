/* JSON without a tree: straight through the tokens, for answers of many megabytes of which a few
 * fields are wanted.
 *
 * Where json.h builds a tree, this hands out one value after another as it stands in the input.
 * The whole grammar of RFC 8259 is held all the same, in what is skipped, too, but for
 * two things: strings come as they stand, with escapes that nobody has looked at (a hex string has
 * none), and a key given twice is given twice.
 *
 *     json_walk_object(w);
 *     while (json_walk_key(w, &key))
 *         if (key is "hash")  hash = json_walk_string(w);
 *         else                json_walk_skip(w);
 *
 * A walk stays bad once bad, with the first complaint in err, and is asked at the end; every loop
 * ends when it is bad. A copy of a struct json_walk is a place to come back to.
 *
 * Ownership: values point into the input. json_walk_close ends the tokens that json_walk_open
 * found.
 * Errors:    ERR_INPUT with the byte where it happened; ERR_LIMIT nested deeper than
 *            JSON_WALK_DEPTH_MAX, or too large; ERR_NOMEM.
 * Threads:   one owner. */
#ifndef CORDON_BASE_JSON_WALK_H
#define CORDON_BASE_JSON_WALK_H

#include "base/json.h"
#include "base/json_tokens.h"

#define JSON_WALK_DEPTH_MAX 4096 /* calls of contracts nest up to 1024, two levels each */

struct json_walk {
    const char *p;
    size_t n;
    struct json_tokens tokens;
    size_t next, here, end; /* the next token; byte of the last one; byte behind it */
    struct err *err;
    bool bad;
    unsigned depth;
    uint64_t object[JSON_WALK_DEPTH_MAX / 64]; /* a bit a level: an object, not an array */
};

bool json_walk_open(struct json_walk *w, const char *p, size_t n, struct err *err) MUST_USE;
void json_walk_close(struct json_walk *w);
/* Is it good, and all read? */
bool json_walk_end(struct json_walk *w) MUST_USE;

enum json_type json_walk_type(const struct json_walk *w); /* of the next value, by how it starts */
bool json_walk_object(struct json_walk *w);               /* goes into the next value */
bool json_walk_array(struct json_walk *w);
/* Is there another member, or item? Its value is next. Else the object or array is behind us. */
bool json_walk_key(struct json_walk *w, struct bytes *ret);
bool json_walk_item(struct json_walk *w);
/* A string without its quotes, and anything else that is not nested, as they stand; empty if the
 * next value is another. */
struct bytes json_walk_string(struct json_walk *w);
struct bytes json_walk_scalar(struct json_walk *w);
/* A whole number below 2^64 without a sign, bare or in quotes. False in a walk that is not bad:
 * what was taken is something else. */
bool json_walk_whole(struct json_walk *w, uint64_t *ret);
void json_walk_skip(struct json_walk *w);
/* The next value, nested or not, as it stands, for another reader: its grammar is held, too. */
struct bytes json_walk_value(struct json_walk *w);
/* Says what is wrong at the last token; returns false. */
bool json_walk_bad(struct json_walk *w, const char *what);

#endif
