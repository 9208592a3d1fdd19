/* Where the tokens of a JSON text start: the one thing that is asked of simdjson.
 *
 * simdjson reads in two stages; the first, which its DOM and its On-Demand parsers share, finds the
 * byte at which each token starts (braces, brackets, colons, commas, strings, everything else) and
 * refuses bad UTF-8, control characters within strings and a string without an end. Only that stage
 * is used: it is chosen for the processor at run time, never reads past the text, and leaves
 * grammar, numbers and limits to json.c.
 *
 * Ownership: mem_free ends at. No C++ exception leaves.
 * Threads:   safe. */
#ifndef CORDON_BASE_JSON_TOKENS_H
#define CORDON_BASE_JSON_TOKENS_H

#include <stddef.h>
#include <stdint.h>

enum json_tokens_result {
    JSON_TOKENS_OK,
    JSON_TOKENS_BAD, /* not JSON: empty, or one of the three faults above */
    JSON_TOKENS_NOMEM,
};

struct json_tokens {
    uint32_t *at; /* [n] offsets, ascending */
    size_t n;
};

#ifdef __cplusplus
extern "C" {
#endif
enum json_tokens_result json_tokens_find(const char *p, uint32_t n, struct json_tokens *ret);
#ifdef __cplusplus
}
#endif

#endif
