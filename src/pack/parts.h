/* How the parts of a pack are put together, for the files of this room alone. After the first
 * failure nothing more is done; it is asked at the end (parts_end). */
#ifndef CORDON_PACK_PARTS_H
#define CORDON_PACK_PARTS_H

#include "group/map.h"
#include "group/period.h"
#include "group/record_log.h"
#include "pack/pack.h"

struct making {
    struct group_log *log;
    const struct fold *fold;
    struct arena *a;
    struct pack *pack;
    struct period quarter;
    enum tlp widest; /* records narrower than that are left out */
    struct pack_section **sections_end;
    const char **sources;
    size_t sources_max;
    struct map source_numbers; /* by a hash of the text: struct source_number */
    struct records *seen;      /* [record_kinds_n] those that were asked for, at NULL before */
    uint64_t unread;
    uint64_t cut_off_ms; /* the newest clock of the audience's events that stand */
    bool failed;
    struct err *err;
};

struct pack_section *section_add(struct making *m, enum pack_word title);
void figure_add(struct making *m, struct pack_section *s, enum pack_word label, const char *value,
                const char *query);
void figure_number(struct making *m, struct pack_section *s, enum pack_word label, uint64_t value,
                   const char *query);
/* columns end with PACK_WORDS_N */
struct pack_table *table_add(struct making *m, struct pack_section *s, enum pack_word title,
                             const char *query, const enum pack_word *columns);
void row_add(struct making *m, struct pack_table *t);
/* A cell behind the last one of the last row. NULL: nothing */
void cell_add(struct making *m, struct pack_table *t, const char *text);
void cell_number(struct making *m, struct pack_table *t, const char *digits);
void cell_u64(struct making *m, struct pack_table *t, uint64_t v);
/* A word of a list, in the reader's language where that is known. */
void cell_value(struct making *m, struct pack_table *t, const char *value);
void cell_word(struct making *m, struct pack_table *t, enum pack_word word);
void cell_source(struct making *m, struct pack_table *t, const char *source); /* its number */
const char *made_text(struct making *m, const char *fmt, ...) PRINTF_LIKE(2, 3);
void making_failed(struct making *m, enum err_class class, const char *what);

/* The records of a kind that this reader may see. */
void records_seen(struct making *m, const char *kind, struct records *ret);
/* Does a day (2025, 2025-02, 2025-02-21) fall into the quarter, whole? */
bool day_in_quarter(const struct making *m, const char *day);

/* registers.c, state.c: figures for the summary, and sections in order */
void pack_registers_summary(struct making *m, struct pack_section *s);
void pack_registers_before(struct making *m); /* incidents, deterrence */
void pack_registers_behind(struct making *m); /* claims and all that follows */
void pack_state_summary(struct making *m, struct pack_section *s);
void pack_state(struct making *m); /* cases, times, money, quality */

#endif
