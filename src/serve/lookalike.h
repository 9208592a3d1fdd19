/* Questions that come in another service's words: several of them, as one search. Each is asked as
 * any other, and audited; what they find is put together, an entry of a list once, by its best
 * score.
 *
 * Ownership: what is found lives as long as the job's arena and the screener.
 * Errors:    ERR_LIMIT more than LOOKALIKE_QUESTIONS_MAX questions in a request; those of
 *            screening_answer.
 * Threads:   a search belongs to one. */
#ifndef CORDON_SERVE_LOOKALIKE_H
#define CORDON_SERVE_LOOKALIKE_H

#include "serve/screening.h"

#define LOOKALIKE_QUESTIONS_MAX 500 /* of one request */
#define LOOKALIKES_MAX 500          /* of one search */

struct lookalike {
    const struct screen_reason *reason;
    const struct screen_match *match;
};

struct lookalikes {
    struct http_job *job;
    struct screening *screening;
    const struct screener *screener;
    const char *event; /* of the audit log */
    struct text audit;
    struct json_out line;
    bool open; /* a line of the audit log has been begun */
    size_t questions;
    struct lookalike *found; /* [found_n] the best first, once sorted */
    size_t found_n;
};

/* Ends with lookalikes_end, whether it went well or not. */
bool lookalikes_begin(struct lookalikes *l, struct http_job *job, struct screening *p,
                      const struct screener *s, const char *event, struct err *err) MUST_USE;
/* Another search of the same request: what was found is forgotten. */
void lookalikes_next(struct lookalikes *l);
bool lookalikes_ask(struct lookalikes *l, const struct screen_question *q,
                    struct err *err) MUST_USE;
/* One question a name; without names what else is known is asked, where numbers of papers are. */
bool lookalikes_ask_names(struct lookalikes *l, struct screen_question q, const char *const *names,
                          size_t n, struct err *err) MUST_USE;
/* An address with the chain or ticker that somebody else gives it: one that is not known, or does
 * not fit, is left away. */
bool lookalikes_ask_address(struct lookalikes *l, const char *address, const char *chain,
                            uint64_t now, struct err *err) MUST_USE;
void lookalikes_sort(struct lookalikes *l);
/* Puts the last line of the audit log. */
bool lookalikes_done(struct lookalikes *l, struct err *err) MUST_USE;
void lookalikes_end(struct lookalikes *l);

/* "0.85" -> 850: from 0 to 1, what is behind the third digit is left away; NULL: unchanged. */
bool score_read(const char *text, const char *what, uint32_t *ret, struct err *err) MUST_USE;
/* 850 -> 0.85 */
void score_json(struct json_out *j, uint32_t per_mille);

#endif
