/* The quarterly pack: what a group's secretary lays before its meeting, out of the log alone.
 *
 * A pack is a document of sections; a section has figures and tables, each with the query by which
 * anybody with the log finds it again. It is made for an audience of the charter and a reader:
 *
 *     full      cases, alerts and holds, and all records of that audience but TLP:RED
 *     partner   records marked GREEN or CLEAR
 *     public    records marked CLEAR
 *
 * What is not marked counts as AMBER+STRICT, and so do cases and alerts. What is left out is in no
 * field, no count and no name. A pack depends on the set of events of its audience alone: two homes
 * that have the same events make the same bytes, in whatever order they came.
 *
 * Ownership: all in the arena; texts are borrowed from the log's fold.
 * Errors:    ERR_USAGE no quarter; those of the log; ERR_LIMIT, ERR_NOMEM.
 * Threads:   as the log; a made pack is only read. */
#ifndef CORDON_PACK_PACK_H
#define CORDON_PACK_PACK_H

#include "base/json.h"
#include "group/log.h"
#include "pack/words.h"

#define PACK_COLUMNS_MAX 14
#define PACK_TREND_QUARTERS 8 /* quarters */

enum pack_reader { PACK_READER_FULL, PACK_READER_PARTNER, PACK_READER_PUBLIC };

struct pack_options {
    unsigned year, quarter; /* 1 to 4 */
    enum pack_reader reader;
    const char *audience;
    const char *version; /* of the program */
};

struct pack_cell {
    const char *text; /* "" for nothing; NULL: the word, in the reader's language */
    enum pack_word word;
    bool number, seconds; /* seconds: a duration, for people in their own units */
    struct pack_cell *next;
};
struct pack_row {
    struct pack_cell *cells;
    struct pack_row *next;
};
struct pack_figure {
    enum pack_word label;
    const char *value, *query;
    struct pack_figure *next;
};
struct pack_table {
    enum pack_word title;
    const char *query;
    enum pack_word columns[PACK_COLUMNS_MAX];
    const char *column_texts[PACK_COLUMNS_MAX]; /* instead, where it is no word: "2026Q3" */
    size_t columns_n, rows_n;
    struct pack_row *rows, **rows_end;
    struct pack_table *next;
};
struct pack_section {
    enum pack_word title;
    struct pack_figure *figures, **figures_end;
    struct pack_table *tables, **tables_end;
    struct pack_section *next;
};
struct pack {
    const char *title; /* NULL: a quarter's; else an advisory (advisory.h) */
    struct pack_options options;
    const char *group_name; /* of the charter */
    const char *quarter;    /* "2026Q4" */
    struct pack_section *sections;
    const char *const *sources; /* [sources_n] numbered from 1 */
    size_t sources_n;
    struct hash32 content; /* SHA-256 of its JSON without itself: what is cleared */
};

/* "2026Q4" */
bool pack_quarter_read(const char *s, unsigned *ret_year, unsigned *ret_quarter);
bool pack_reader_read(const char *s, enum pack_reader *ret);
const char *pack_reader_name(enum pack_reader r);

bool pack_of_quarter(struct group_log *l, struct arena *a, const struct pack_options *options,
                     struct pack *ret, struct err *err) MUST_USE;

/* Works content out, of all the rest. */
bool pack_content(struct pack *p, struct err *err) MUST_USE;

/* Writers: the same pack, the same bytes. A draft says so at its head. */
void pack_json(struct text *to, const struct pack *p);
void pack_csv(struct text *to, const struct pack *p);
void pack_html(struct text *to, const struct pack *p, enum pack_language l, bool draft);

#endif
