/* Many questions in a stream, an answer a line, in their order, without a cap.
 *
 * Bytes are fed as they come, in pieces of any size; the answers to all records that are whole by
 * then are written. What begins with "{" is JSON lines, else CSV with a header row. Columns, or
 * members:
 *
 *     address, or name     who is asked about; of both, the address
 *     tx                   a transfer that is asked about: TXID:VOUT, HASH:l3, or a transaction,
 *                          which an address beside it narrows
 *     chain                name, CAIP-2 or ticker
 *     direction            inbound or outbound
 *     kind                 person, organisation, vessel, aircraft
 *     born, nationality, document
 *     asset, amount, decimals    of the transfer; amount in base units
 *     ref                  given back as it is
 *
 * Others are passed over. A record that cannot be read or answered gets a line that says so, with
 * the decision UNKNOWN, and the stream goes on; only a header without address, name and tx, or a
 * record larger than SCREEN_RECORD_BYTES_MAX, ends it.
 *
 * Ownership: the screener and the pool are borrowed until screen_batch_free.
 * Errors:    ERR_INPUT, ERR_LIMIT, ERR_NOMEM: nothing can be fed any more.
 * Threads:   a batch belongs to one, and decides on a pool if it is given one. */
#ifndef CORDON_SCREEN_BATCH_H
#define CORDON_SCREEN_BATCH_H

#include "screen/answer.h"

#define SCREEN_RECORD_BYTES_MAX ((size_t)1 << 20)

struct screen_batch;

struct screen_counts {
    uint64_t asked, potential, bad; /* questions; those with potential matches; those unanswered */
    uint64_t decided[SCREEN_DECISIONS]; /* of those answered */
};

/* 1984-01-08, 1984-01 or 1984 */
bool screen_born_read(const char *text, struct name_facts *ret, struct err *err) MUST_USE;

/* One question out of a JSON object with the members above; *ret_ref NULL: none. Both point into
 * the object and the arena. */
bool screen_question_read(struct arena *a, const struct screen_question *usual,
                          const struct json *object, struct screen_question *ret,
                          const char **ret_ref, struct err *err) MUST_USE;

/* usual: what holds where a record says nothing. */
bool screen_batch_new(const struct screener *s, const struct screen_question *usual,
                      struct screen_batch **ret, struct err *err) MUST_USE;
/* Potential matches are written down there (screen_record), in a transaction a feed. */
void screen_batch_record(struct screen_batch *b, struct store *store);
/* Every answered question is handed to keep, with its ref or NULL, before its answer is written;
 * within: in a transaction of the store. false ends the stream. */
typedef bool screen_keep(void *ctx, struct arena *a, const struct screen_question *q,
                         const struct screen_answer *answer, const char *ref, struct err *err);
void screen_batch_keep(struct screen_batch *b, screen_keep *keep, void *ctx, bool within);
/* Large pieces are decided on it; NULL: in the caller's thread. */
struct pool;
void screen_batch_pool(struct screen_batch *b, struct pool *pool);
/* Asked from now on, in place of those of usual; borrowed until others are, or NULL. */
void screen_batch_ledgers(struct screen_batch *b, const struct screen_ledgers *ledgers);
struct screen_batch *screen_batch_free(struct screen_batch *b); /* takes NULL, returns NULL */
/* last: there is nothing behind it. */
bool screen_batch_feed(struct screen_batch *b, const char *p, size_t n, bool last, struct text *to,
                       struct err *err) MUST_USE;
struct screen_counts screen_batch_counts(const struct screen_batch *b);

#endif
