/* What routes that ask questions share: the snapshot that they answer from, and deciding.
 *
 * Ownership: a view is let go of when its answer is written.
 * Threads:   any number. */
#ifndef CORDON_SERVE_SCREENING_H
#define CORDON_SERVE_SCREENING_H

#include "base/json.h"
#include "serve/audit.h"
#include "serve/http.h"
#include "serve/live_exposure.h"
#include "serve/live_screener.h"

#define QUESTION_BYTES_MAX ((uint64_t)64 << 10)
#define AUDITED_BYTES_MAX (AUDIT_LINE_BYTES_MAX / 2 - 4096) /* room for the line's other members */

struct screening; /* what screen_part has opened */

struct live_screener_view *screening_take(struct screening *p);
void screening_drop(struct screening *p, struct live_screener_view *v);
struct live_exposure *screening_exposure(struct screening *p);

/* A question is asked, its potential matches are written down, and the answer is written to *to.
 * job.later set: it has to be asked again where there is time to wait, and nothing was written. */
bool screening_answer(struct http_job *job, struct screening *p, const struct screener *s,
                      const struct screen_question *q, const char *ref, struct screen_answer *ret,
                      struct text *to, struct err *err) MUST_USE;
/* The same; counted and audited. */
bool screening_decide(struct http_job *job, struct screening *p, const struct screener *s,
                      const struct screen_question *q, const char *ref, struct screen_answer *ret,
                      struct text *to, struct err *err) MUST_USE;
/* What this node holds that a payment out of account, or of a deposit (output), would pay out, or
 * to the question's address, goes into the question. NULL: none is named. */
bool screening_held(struct screening *p, struct arena *a, const char *account, const char *output,
                    struct screen_question *q, struct err *err) MUST_USE;
/* What else a withdrawal from an account may meet: reasons of evidence SCREEN_HELD. f NULL: nothing
 * more. */
typedef bool screening_early_fn(void *ctx, struct arena *a, const char *account,
                                const struct screen_reason **ret, size_t *ret_n, struct err *err);
void screening_early(struct screening *p, screening_early_fn *f, void *ctx);
void screening_count(struct screening *p, const struct screen_answer *a);

/* {"event":...,"request_id":...,"key":..., and the object is left open */
struct json_out screening_audit_begin(const struct http_job *job, struct text *to,
                                      const char *event);

/* The body as an object of texts and numbers with no other members than these (NULL-terminated). */
bool screening_body(struct http_job *job, const char *const *known, const struct json **ret,
                    struct err *err) MUST_USE;

#endif
