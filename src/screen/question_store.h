/* Questions that were asked, so that they can be asked again when lists, tags or rules change, and
 * what changed in their answers.
 *
 * A question is one row however often it is asked, with its last answer. An answer that differs
 * from the one before, in its decision or in what it rests on, makes a row of the changes: numbers
 * of changes ascend and are never given twice, so that a reader can go on where it was. Both are
 * data of customers: question_forget removes what was not asked since a day.
 *
 * Who asks again does that outside of a transaction, and question_answered takes the answer only if
 * the row is still as it was read.
 *
 * Ownership: results live in the arena given. A writer borrows the store, and is freed before it.
 * Errors:    the store's; ERR_CORRUPT a row that contradicts itself.
 * Order:     by number.
 * Threads:   as the store's. */
#ifndef CORDON_SCREEN_QUESTION_STORE_H
#define CORDON_SCREEN_QUESTION_STORE_H

#include "screen/question.h"

extern const struct store_schema question_schema;

struct question {
    uint64_t id;
    bool is_name;
    const char *subject, *form, *ref; /* ref "": none */
    uint64_t first, last, times;      /* asked: seconds since 1970, and how often */
    uint64_t checked;                 /* last asked again, or asked */
    struct question_outcome outcome;
};

struct question_change {
    uint64_t id; /* 0: it has none */
    uint64_t at;
    bool again;                       /* else somebody asked */
    struct question question;         /* as it is now */
    struct question_outcome from, to; /* their reasons and stands are not kept: "" and zeros */
    struct question_difference difference;
};

struct question_writer;

bool question_writer_new(struct store *s, struct question_writer **ret, struct err *err) MUST_USE;
struct question_writer *question_writer_free(struct question_writer *w); /* takes NULL */

/* Within a transaction of the caller, both. */
bool question_keep(struct question_writer *w, struct arena *a, const struct question_asked *asked,
                   struct err *err) MUST_USE;
/* Of a question as it was read: its answer at that time. d NULL: the same as before. Nothing is
 * written if somebody was faster. *ret_change: the change that was written; 0: none. */
bool question_answered(struct question_writer *w, const struct question *q,
                       const struct question_outcome *to, const struct question_difference *d,
                       uint64_t now, uint64_t *ret_change, struct err *err) MUST_USE;

struct question_filter {
    uint64_t after;                  /* numbers above it */
    uint64_t since;                  /* asked at or after that time */
    const char *subject;             /* NULL: any */
    const struct hash32 *not_stands; /* whose answer does not stand on it; NULL: any */
};

bool question_list(struct store *s, struct arena *a, const struct question_filter *f, size_t max,
                   const struct question **ret, size_t *ret_n, struct err *err) MUST_USE;
struct question_totals {
    uint64_t questions, names; /* all; those about names */
    uint64_t changes_last;     /* the number of the newest change; 0: none */
};
bool question_totals(struct store *s, struct question_totals *ret, struct err *err) MUST_USE;
bool question_changes(struct store *s, struct arena *a, uint64_t after, size_t max,
                      const struct question_change **ret, size_t *ret_n, struct err *err) MUST_USE;
/* Those not asked since that time, with their changes. A transaction of its own for each thousand,
 * so that nobody waits long. */
bool question_forget(struct store *s, uint64_t before, uint64_t *ret_n, struct err *err) MUST_USE;

/* A run of asking again that was begun and not ended: from which change on its changes are; else it
 * is begun now. Each a transaction of its own. */
bool question_run_begin(struct store *s, uint64_t *ret_changes_after, bool *ret_resumed,
                        struct err *err) MUST_USE;
bool question_run_end(struct store *s, struct err *err) MUST_USE;

/* One object each: docs/schemas/questions.json, docs/schemas/screen-changes.json. */
void question_json(struct json_out *j, const struct question *q);
/* error: why it could not be asked, or NULL */
void question_brief_json(struct json_out *j, const struct question *q, const char *error);
void question_change_json(struct json_out *j, const struct question_change *c);

#endif
