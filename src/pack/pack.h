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
    uint64_t until_ms;   /* what the log was cut off at, for queries; 0: nowhere */
    const char *figure;  /* what it is counted from is wanted, too; NULL: of none */
};

/* How a figure comes from the objects behind it. */
enum pack_how {
    PACK_SAID,   /* from none */
    PACK_COUNT,  /* how many they are */
    PACK_STATED, /* the object says it itself */
    PACK_SUM,    /* of their values */
    PACK_MEDIAN, /* of their values, by nearest rank */
    PACK_P95,    /* of 100 of their values that many are at most so great, by nearest rank */
    PACK_SHARE,  /* their values of their wholes, in percent with a tenth, cut off */
    PACK_OF,     /* the sum of their values, "/", how many they are */
    PACK_DAYS,   /* from the least of their values to the greatest, seconds since 1970 */
    PACK_SINCE,  /* quarters that began after its value, milliseconds since 1970, till this one */
    PACK_HOURS,  /* the sum of their values, milliseconds, with two places, cut off */
    PACK_NEWEST, /* the greatest of their values, milliseconds since 1970, with its day */
    PACK_HASH,   /* SHA-256 over their names, bytes, in this order */
};
/* An event or an object of the log that a figure is counted from. */
struct pack_object {
    const char *name;
    const char *value, *whole; /* decimal; NULL: not of this figure */
    struct pack_object *next;
};

struct pack_cell {
    const char *text; /* "" for nothing; NULL: the word, in the reader's language */
    enum pack_word word;
    bool number, seconds; /* seconds: a duration, for people in their own units */
    enum pack_how how;    /* PACK_SAID: no figure */
    struct pack_cell *next;
};
struct pack_row {
    const char *name; /* of its figures: "TABLE.NAME.COLUMN"; NULL: it has none */
    struct pack_cell *cells;
    struct pack_row *next;
};
struct pack_figure {
    enum pack_word label;
    enum pack_how how;
    const char *value, *query; /* query NULL: PACK_SAID */
    struct pack_figure *next;
};
struct pack_table {
    enum pack_word title;
    const char *query;
    const char *figures; /* the command that answers with one of them, but for its name; NULL */
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
/* The figure that options.figure names, and what it is counted from. */
struct pack_asked {
    const char *value; /* NULL: this pack has none of that name */
    enum pack_how how;
    unsigned decimals; /* places of what comes of the objects' values that stand behind the point */
    struct pack_object *behind;
};
struct pack {
    const char *title; /* NULL: a quarter's; else an advisory (advisory.h) */
    struct pack_options options;
    const char *group_name; /* of the charter */
    const char *quarter;    /* "2026Q4" */
    struct pack_section *sections;
    const char *const *sources; /* [sources_n] numbered from 1 */
    size_t sources_n;
    struct pack_asked asked;
    struct hash32 content; /* SHA-256 of its JSON without itself and draft: what is cleared */
    bool draft;            /* of a public one: not cleared yet, and says so in each form */
};

/* "2026Q4" */
bool pack_quarter_read(const char *s, unsigned *ret_year, unsigned *ret_quarter);
/* A day with all of it, a time with its whole second, or milliseconds since 1970. */
bool pack_until_read(const char *s, uint64_t *ret_ms);
bool pack_reader_read(const char *s, enum pack_reader *ret);
const char *pack_reader_name(enum pack_reader r);

bool pack_of_quarter(struct group_log *l, struct arena *a, const struct pack_options *options,
                     struct pack *ret, struct err *err) MUST_USE;

/* Works content out, of all the rest. */
bool pack_content(struct pack *p, struct err *err) MUST_USE;

/* Writers: the same pack, the same bytes. */
void pack_json(struct text *to, const struct pack *p);
void pack_csv(struct text *to, const struct pack *p);
void pack_html(struct text *to, const struct pack *p, enum pack_language l);

/* A line for each open matter, for the agenda of the next meeting. */
void pack_agenda(struct text *to, const struct pack *p, enum pack_language l);

/* "TLP:GREEN": what such a pack is marked, in each form. */
const char *pack_marking(enum pack_reader r);

/* Is it a figure's name, as packs write it: "thefts-usd", "losses-by-actor.Lazarus.usd"? */
bool pack_figure_valid(const char *s);
/* The name of a cell's figure. */
void pack_figure_name(struct text *to, const struct pack_table *t, const struct pack_row *r,
                      size_t column);
const char *pack_column_id(const struct pack_table *t, size_t column);

/* Writers of options.figure, where the pack has it (asked.value). */
void pack_figure_text(struct text *to, const struct pack *p);
void pack_figure_json(struct text *to, const struct pack *p);
void pack_figure_csv(struct text *to, const struct pack *p);

#endif
