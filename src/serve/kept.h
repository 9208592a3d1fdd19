/* Answers that are kept for an Idempotency-Key: who sends a request again with the same key, within
 * KEPT_SECONDS, gets the same answer, and nothing is done twice.
 *
 * An answer is kept in the same transaction in which its route has stored what it registers, with
 * its audit entries, which are put again with it: a crash between the two can double an audit
 * line, never lose one.
 *
 * Errors:    ERR_LIMIT the key was used for another request; those of the store. */
#ifndef CORDON_SERVE_KEPT_H
#define CORDON_SERVE_KEPT_H

#include "serve/http.h"
#include "store/store.h"

#define KEPT_SECONDS 86400
#define KEPT_KEY_MAX 128

extern const struct store_schema kept_schema;

bool kept_key_fits(const char *key); /* visible ASCII, 1 to KEPT_KEY_MAX */
/* *ret_found: the job's response is the kept one. */
bool kept_find(struct store *s, struct http_job *job, const char *key, uint64_t now,
               bool *ret_found, struct err *err) MUST_USE;
bool kept_put(struct store *s, const struct http_job *job, const char *key, uint64_t now,
              struct err *err) MUST_USE;
/* Forgets what is older than KEPT_SECONDS. */
bool kept_purge(struct store *s, uint64_t now, struct err *err) MUST_USE;

#endif
