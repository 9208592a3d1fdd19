/* A question and its answer as they are kept: what was asked, in one form for all ways of asking
 * it, and what the answer rested on, by name.
 *
 * The form is a JSON object with the members that screen_question_read reads, and "mode",
 * "threshold" and, of more than one, "documents". What is not told has no member. Its key is of it
 * with the address in its canonical text, so that one address written in two ways is one question:
 * 8 bytes of the SHA-256 of the subject, so that those about one subject lie together, and 16 of
 * the form's.
 *
 * What an answer rested on is a text of lines, sorted, none twice, an identity of a reason each,
 * its five fields parted by tabs:
 *
 *     listed   sanctions  ofac-sdn  17766  exact          list and entry; or "alike", and behind
 *                                                         either "quiet": a false positive
 *     tagged   mixer      packname         own            who says so; "own": a private tag
 *     entity   theft      source
 *     exposed  theft      source    CASE   direct received bitcoin BTC: a list, where one is
 *                                          behind it, is the source; behind it the state of a
 *                                          group's case, which of what is tagged stands alone
 *     held     theft      source    CASE
 *
 * Amounts, shares and scores are not in it: they differ from block to block, and are no other
 * reason.
 *
 * Ownership: in the arena given; what is read from a form points into that arena, too.
 * Errors:    ERR_CORRUPT a kept form that cannot be read; ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_SCREEN_QUESTION_H
#define CORDON_SCREEN_QUESTION_H

#include "base/json.h"
#include "screen/screener.h"

#define QUESTION_FORM_BYTES_MAX ((size_t)8 << 20) /* whatever a record can hold */
#define QUESTION_KEY_BYTES 24
#define QUESTION_KEY_SUBJECT 8
#define QUESTION_REASONS_BYTES_MAX ((size_t)4 << 20)

struct question_outcome { /* of an answer, once it is over */
    enum screen_decision decision;
    enum verdict_by by;
    const char *rule;    /* "": none */
    const char *reasons; /* identities */
    struct hash32 stands;
};

struct question_asked {
    uint8_t key[QUESTION_KEY_BYTES];
    bool is_name;
    const char *subject; /* the address in its canonical text, or the name */
    const char *form;
    const char *ref; /* as the asker calls it, or NULL */
    uint64_t at;     /* seconds since 1970 */
    struct question_outcome outcome;
};

/* What an answer stands on, beside the screener: what cases of the group say in it. cases zeros:
 * nothing. */
struct hash32 question_stands(const struct hash32 *screener, const struct hash32 *cases);
bool question_outcome_of(struct arena *a, const struct screener *s, const struct screen_answer *of,
                         struct question_outcome *ret, struct err *err) MUST_USE;
bool question_asked_of(struct arena *a, const struct screener *s, const struct screen_question *q,
                       const struct screen_answer *of, const char *ref, struct question_asked *ret,
                       struct err *err) MUST_USE;
/* The question out of its form, to be asked at that time. */
bool question_form_read(struct arena *a, const char *form, uint64_t now,
                        struct screen_question *ret, struct err *err) MUST_USE;

/* Those of one that the other has not; both as texts of lines. matches: of those that came, how
 * many are potential matches. */
struct question_difference {
    const char *added, *removed;
    uint64_t matches;
};
bool question_differs(const struct question_outcome *from, const struct question_outcome *to);
bool question_difference(struct arena *a, const char *from, const char *to,
                         struct question_difference *ret, struct err *err) MUST_USE;

/* An array of objects: docs/schemas/screen-changes.json. */
void question_reasons_json(struct json_out *j, const char *reasons);
/* For people, a line each, behind the mark: "  + listed exact: ofac-sdn 17766 (sanctions)" */
void question_reasons_text(struct text *to, const char *mark, const char *reasons);

#endif
