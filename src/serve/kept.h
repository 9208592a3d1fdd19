/* Answers that are kept for an Idempotency-Key: who sends a request again with the same key, within
 * KEPT_SECONDS, gets the same answer, and nothing is done twice. All that are kept take
 * KEPT_BYTES_MAX at most: then no more are taken until the oldest are past their time.
 *
 * An answer is kept in the same transaction in which its route has stored what it registers, with
 * its audit entries, which are put again with it: a crash between the two can double an audit
 * line, never lose one.
 *
 * Errors:    kept_find: ERR_LIMIT the key was used for another request. kept_put: ERR_NOMEM too
 *            much is kept. Those of the store.
 * Sources:   draft-ietf-httpapi-idempotency-key-header, section 2. */
#ifndef CORDON_SERVE_KEPT_H
#define CORDON_SERVE_KEPT_H

#include "serve/http.h"
#include "store/store.h"

#define KEPT_SECONDS 86400
#define KEPT_KEY_MAX 128
#define KEPT_BYTES_MAX ((uint64_t)1 << 30)
#define KEPT_ROW_BYTES 256 /* counted for each, beside its answer and audit entries */

extern const struct store_schema kept_schema;

bool kept_key_fits(const char *key); /* visible ASCII, 1 to KEPT_KEY_MAX */
/* *ret_found: the job's response is the kept one. */
bool kept_find(struct store *s, struct http_job *job, const char *key, uint64_t now,
               bool *ret_found, struct err *err) MUST_USE;
bool kept_put(struct store *s, const struct http_job *job, const char *key, uint64_t now,
              struct err *err) MUST_USE;
bool kept_bytes(struct store *s, uint64_t *ret, struct err *err) MUST_USE;
/* Forgets what is older than KEPT_SECONDS. Within a transaction of the caller, as kept_put. */
bool kept_purge(struct store *s, uint64_t now, struct err *err) MUST_USE;

#endif
