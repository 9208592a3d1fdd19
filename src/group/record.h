/* Registers: what members write down beside cases and alerts. Incidents of any kind, what was
 * claimed of them and by whom, meetings and what came of them, obligations, outreach.
 *
 * A record is an object of its register's kind. Its body is {"KIND":{FIELD:VALUE,...}} in canonical
 * JSON; which fields a kind has, of which form, stands in one table, by which bodies are read, rows
 * of CSV become bodies, and docs/registers.md is checked. The object's name is
 *
 *     KIND ":" hex of SHA-256("cordon.record/1" | hash of the first charter | body)
 *
 * of the body that it began with, so that the same row, taken in twice or by two members, is one
 * record. A figure is never put right here: what was said wrongly stays as it was said, marked.
 *
 * Ownership: all in the arena.
 * Errors:    ERR_INPUT naming the field (of CSV: "line 7: published: ..."); ERR_LIMIT; ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_GROUP_RECORD_H
#define CORDON_GROUP_RECORD_H

#include "base/json.h"
#include "group/event.h"
#include "mark/mark.h"

#define RECORD_FIELDS_MAX 24
#define RECORD_TEXT_MAX 2000        /* bytes */
#define RECORD_LONG_MAX (64U << 10) /* bytes; may have lines */
#define RECORD_LIST_MAX 1000        /* items of RECORD_TEXT_MAX */
#define RECORD_ROWS_MAX 100000      /* of a CSV */
#define RECORD_CSV_BYTES_MAX ((size_t)64 << 20)

enum record_form {
    RECORD_TEXT,
    RECORD_LONG,
    RECORD_WORD,   /* a-z, 0-9 and -: an open list */
    RECORD_CHOICE, /* one of the field's words */
    RECORD_DAY,    /* 2025, 2025-02 or 2025-02-21; "by " before it: no later than */
    RECORD_USD,    /* a whole number of US dollars, a decimal string in JSON */
    RECORD_NUMBER,
    RECORD_LIST, /* of texts; in CSV parted by ";", with \ before one that does not part */
    RECORD_DAYS, /* a list of days */
    RECORD_TLP,
    RECORD_OBJECT, /* "case:3f9a...": another object of the log */
    RECORD_SHA256,
    RECORD_AMOUNT,  /* of an asset, in its base units: a decimal string below 2^256 */
    RECORD_DECIMAL, /* "97000.25": at most 12 digits, a point, 6 more */
    RECORD_SUMS,    /* a list: an amount, a space, and what it is of: "120000000 exchange" */
};

struct record_field {
    const char *name, *csv; /* csv: another name of its column; NULL: none */
    enum record_form form;
    bool wanted;
    const char *const *words; /* of RECORD_CHOICE, NULL-terminated */
};

struct record_kind {
    const char *name;
    struct record_field fields[RECORD_FIELDS_MAX]; /* ends with a name of NULL */
};

extern const struct record_kind record_kinds[];
extern const size_t record_kinds_n;
const struct record_kind *record_kind(const char *name); /* NULL: none */
const struct record_field *record_field(const struct record_kind *k, const char *name); /* NULL */
bool record_field_is_list(const struct record_field *f); /* in JSON; in a table parted by ";" */

/* Is it about somebody's money that is held: instrument, notice, complaint? */
bool record_is_of_holds(const struct record_kind *k);

struct record {
    const struct record_kind *kind;
    const char *object;    /* as its body names it; NULL: of record_read */
    struct bytes body;     /* canonical */
    const struct json *of; /* the fields */
};

/* From what a person wrote: the fields, as an object. */
bool record_make(struct arena *a, const struct record_kind *k, const struct hash32 *group,
                 struct bytes fields, struct record *ret, struct err *err) MUST_USE;
/* From a body of the log; which object it is of, whoever has the event knows. */
bool record_read(struct arena *a, const struct record_kind *k, struct bytes body,
                 struct record *ret, struct err *err) MUST_USE;
/* The same with another marking, which is one of TLP's. */
bool record_marked(struct arena *a, const struct hash32 *group, const struct record *r,
                   const char *tlp, struct record *ret, struct err *err) MUST_USE;
/* Over all that it says but its marking: two that differ in nothing else say the same. */
struct hash32 record_words(const struct record *r);
/* Is no day that it tells of later than that second? Of what is to come (due, expires) it may be.
 * ERR_INPUT: the field, and the day. */
bool record_has_been(const struct record *r, uint64_t second, struct err *err) MUST_USE;
/* From a table: a header that names columns, a record a row. A column that the kind does not have
 * is an error. */
bool record_csv(struct arena *a, const struct record_kind *k, const struct hash32 *group,
                struct bytes csv, struct record **ret, size_t *ret_n, struct err *err) MUST_USE;

const char *record_text(const struct record *r, const char *field); /* NULL: not said */
bool record_amount(const struct record *r, const char *field, struct u256 *ret); /* RECORD_AMOUNT */
/* An item of RECORD_SUMS, which was checked: the words behind the amount. */
const char *record_sum(const char *item, struct u256 *ret);
bool record_number(const struct record *r, const char *field, uint64_t *ret); /* also RECORD_USD */
enum tlp record_tlp(const struct record *r); /* TLP_NONE: not marked */

#endif
