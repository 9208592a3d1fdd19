/* Another service's word about addresses and names, against what is decided here: a table as such
 * services export it.
 *
 *     address, or name     who it is about; of both, the address
 *     chain, direction     may be missing
 *     decision             what the service decided; else
 *     risk, risk_level     how grave it says that it is; else
 *     category             what it says that the subject is
 *
 * Other columns are passed over. A row counts as flagged if its decision is REVIEW, HOLD, REJECT or
 * BLOCK. Words become decisions by against_word, in any case of letters; an own map goes before.
 *
 * Ownership: a row told is borrowed for the call, and so is what the options name.
 * Errors:    ERR_INPUT no table, or one without the columns; ERR_USAGE a map that cannot be read;
 *            ERR_NOMEM. A row that cannot be read or asked is told with its error.
 * Order:     as in the table.
 * Threads:   safe. */
#ifndef CORDON_SCREEN_AGAINST_H
#define CORDON_SCREEN_AGAINST_H

#include "screen/screener.h"

#define AGAINST_BYTES_MAX ((size_t)4 << 30)
#define AGAINST_MAP_MAX 256

struct against_map { /* word=DECISION */
    const char *words[AGAINST_MAP_MAX];
    size_t words_n[AGAINST_MAP_MAX];
    enum screen_decision decisions[AGAINST_MAP_MAX];
    size_t n;
};

/* "high=HOLD" */
bool against_map_add(struct against_map *m, const char *text, struct err *err) MUST_USE;

enum against_column { AGAINST_DECISION, AGAINST_RISK, AGAINST_CATEGORY };

/* What a word of that column means without a map; false: it is not known. */
bool against_word(enum against_column column, const char *word, enum screen_decision *ret);
bool against_flags(enum screen_decision d);

enum against_where { AGAINST_BOTH, AGAINST_OURS, AGAINST_THEIRS, AGAINST_NEITHER, AGAINST_UNREAD };
#define AGAINST_WHERES 5

struct against_row {
    uint64_t line;
    enum against_where where;
    struct screen_question question;
    struct screen_answer answer; /* its verdict is that of the rules asked */
    const char *word;            /* theirs, as it stands there */
    enum screen_decision theirs;
    const char *error; /* AGAINST_UNREAD */
};

struct against_options {
    const struct screener *screener;
    const struct screen_ledgers *ledgers; /* that are asked; NULL: none */
    const struct rules *rules;            /* NULL: the screener's */
    const struct against_map *map;
    enum screen_direction direction; /* where a row names none */
    uint64_t now;
    bool (*tell)(void *ctx, struct arena *a, const struct against_row *row, struct err *err);
    void *ctx;
};

/* ret[where]: how many rows. */
bool against_table(const struct against_options *o, struct bytes csv, uint64_t ret[AGAINST_WHERES],
                   struct err *err) MUST_USE;

#endif
