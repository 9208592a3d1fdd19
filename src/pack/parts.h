/* How the parts of a pack are put together, for the files of this room alone. After the first
 * failure nothing more is done; it is asked at the end (parts_end). */
#ifndef CORDON_PACK_PARTS_H
#define CORDON_PACK_PARTS_H

#include "group/alert.h"
#include "group/map.h"
#include "group/period.h"
#include "group/record_log.h"
#include "group/report.h"
#include "pack/pack.h"

struct making {
    struct group_log *log;
    const struct fold *fold;
    struct arena *a;
    struct pack *pack;
    struct period quarter;
    enum tlp widest; /* records narrower than that are left out */
    struct pack_section **sections_end;
    struct pack_object **behind_end;
    bool cell_asked; /* is the cell that was added last the figure that was asked for? */
    const char **sources;
    size_t sources_max;
    struct map source_numbers; /* by a hash of the text: struct source_number */
    struct records *seen;      /* [record_kinds_n] those that were asked for, at NULL before */
    uint64_t unread;
    uint64_t cut_off_ms; /* the newest clock of the audience's events that stand */
    uint64_t late_at;    /* of late_at(); 0: not asked for yet */
    struct rate *rates;  /* [rates_n] by asset and day; NULL: not asked for yet (money.c) */
    size_t rates_n;
    struct records findings;   /* .at NULL: not asked for yet */
    struct asset_fact *assets; /* [assets_n] by name, as findings tell them; NULL: not yet */
    size_t assets_n;
    const struct alert_now *alerts; /* [alerts_n] first told in the quarter; NULL: not yet */
    size_t alerts_n;
    struct denials *denials; /* NULL: not asked for yet (denials.c) */
    bool failed;
    struct err *err;
};

struct rate {
    const struct record_said *said;
    const char *asset;
    uint64_t from, micro_usd, decimals; /* of its day; of a whole unit */
    bool used;                          /* something was valued by it: the annex tells it */
};

struct asset_fact {
    const char *asset, *symbol; /* symbol NULL: not known */
    uint64_t decimals;          /* UINT64_MAX: not known */
    size_t from;                /* which finding */
};

struct pack_section *section_add(struct making *m, enum pack_word title);
void figure_add(struct making *m, struct pack_section *s, enum pack_word label, enum pack_how how,
                const char *value);
void figure_number(struct making *m, struct pack_section *s, enum pack_word label,
                   enum pack_how how, uint64_t value);
/* Was it asked what that figure is counted from? */
bool figure_asked(const struct making *m, enum pack_word label);
/* What it is counted from, where that was asked; in the order in which it is told. */
void behind(struct making *m, enum pack_word label, const char *object);
void behind_value(struct making *m, enum pack_word label, const char *object, const char *value);
void behind_part(struct making *m, enum pack_word label, const char *object, const char *value,
                 const char *whole);
void behind_u64(struct making *m, enum pack_word label, const char *object, uint64_t value);
/* columns end with PACK_WORDS_N */
struct pack_table *table_add(struct making *m, struct pack_section *s, enum pack_word title,
                             const char *query, const enum pack_word *columns);
void row_add(struct making *m, struct pack_table *t);
/* What its figures are named by, before its cells: words that no other row of the table has. Each
 * character that a shell or a name's parts could take for its own is written as %XX, a space as _.
 */
void row_name(struct making *m, struct pack_table *t, const char *a, const char *b, const char *c);
void row_name_object(struct making *m, struct pack_table *t, const char *object);
/* A cell behind the last one of the last row. NULL: nothing */
void cell_add(struct making *m, struct pack_table *t, const char *text);
void cell_number(struct making *m, struct pack_table *t, const char *digits);
/* A figure of its own, with a query. If it is the one that was asked for (the answer), cell_behind
 * tells what it is counted from. NULL or "": nothing, and no figure. */
bool cell_figure(struct making *m, struct pack_table *t, enum pack_how how, const char *digits);
bool cell_count(struct making *m, struct pack_table *t, uint64_t n);
bool cell_sum(struct making *m, struct pack_table *t, uint64_t sum);
bool cell_places(struct making *m, struct pack_table *t, enum pack_how how, const char *digits,
                 unsigned decimals);
/* Of one object that says so itself. */
void cell_stated(struct making *m, struct pack_table *t, const char *digits, const char *object);
void cell_behind(struct making *m, const char *object);
void cell_behind_u64(struct making *m, const char *object, uint64_t value);
void cell_behind_part(struct making *m, const char *object, const char *value, const char *whole);
/* A word of a list, in the reader's language where that is known. */
void cell_value(struct making *m, struct pack_table *t, const char *value);
void cell_word(struct making *m, struct pack_table *t, enum pack_word word);
void cell_source(struct making *m, struct pack_table *t, const char *source); /* its number */
const char *source_told(struct making *m, const char *source);                /* "[12]"; NULL: "" */
/* Shown as a duration; a figure. */
bool cell_seconds(struct making *m, struct pack_table *t, enum pack_how how, uint64_t ms);
/* "41.2", in hundreds of the whole; nothing where the whole is 0 */
const char *made_percent(struct making *m, struct u256 part, struct u256 whole);
const char *made_text(struct making *m, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* What stands in a text, which ends; "" if that was too long for it. */
const char *made_of(struct making *m, struct text *t);
void making_failed(struct making *m, enum err_class class, const char *what);

/* The records of a kind that this reader may see. */
void records_seen(struct making *m, const char *kind, struct records *ret);
/* The second at which it is asked what is late: the quarter's end, or where that is still to come
 * the newest clock of what this reader sees. */
uint64_t late_at(struct making *m);
/* Does an incident count as a loss: a theft or the like, but no wages? */
bool is_loss(const struct record_said *r);
/* Does a day (2025, 2025-02, 2025-02-21) fall into the quarter, whole? */
bool day_in_quarter(const struct making *m, const char *day);

/* The first 12 digits of an object's name. */
const char *id_of(struct making *m, const char *object);
const char *day_of(struct making *m, uint64_t ms);
/* By the short name that its reporter gave it, as findings do: "THEFT-1: a hot wallet". */
const char *case_title(struct making *m, const struct report *r);
bool is_of_audience(const struct making *m, const struct fold_object *o, const char *kind);
bool in_quarter(const struct making *m, uint64_t ms);
/* The items of a list of a record, parted by "; ". */
const char *list_of(struct making *m, const struct record_said *r, const char *name);

/* ---- money.c: amounts, what they are worth, and what became of them ---- */

struct worth {
    struct u256 usd; /* whole dollars */
    bool known;      /* a rate is on record */
};
/* On the day of that time. */
struct worth worth_of(struct making *m, const char *asset, struct u256 amount, uint64_t ms);
/* In whole units where the asset's decimals are known. */
const char *amount_text(struct making *m, const char *asset, struct u256 amount);
struct u256 sum_of(struct u256 a, struct u256 b); /* stays at the most */

enum fate {
    OPEN, /* nothing is held of it, and nobody has said what becomes of it */
    HELD,
    RAN_OUT, /* what held it came to its end, and no word was said behind it */
    RELEASED,
    RETURNED,
    SEIZED,
    ESCAPED,
    DECLINED,
    WITHDRAWN,
    FATES
};
enum fate fate_of(const struct alert_now *now);
/* Does a step say how much is held, and until when? */
bool says_what_is_held(const struct fold_event *e);
/* Of the full version: those that were first told in the quarter, into m->alerts. */
bool alerts_find(struct making *m);
/* Findings that were first said in the quarter: of one case, chain and asset the newest. */
void findings_seen(struct making *m, struct records *ret);

void pack_money_summary(struct making *m, struct pack_section *s);
void pack_money(struct making *m);
void pack_denied(struct making *m, struct pack_section *s);    /* of the deterrence section */
void pack_typologies(struct making *m);                        /* shapes.c */
void pack_rates(struct making *m, struct pack_section *s);     /* of the annex */
void pack_decisions(struct making *m, struct pack_section *s); /* decisions.c */

/* ---- denials.c ---- */

/* Two cells behind an attribution: who denies that theft, and who denies all or a total of its
 * time, each with day and source. NULL: nothing. */
void denial_cells(struct making *m, struct pack_table *t, const struct record_said *incident);

/* ---- registers.c, state.c: figures for the summary, and sections in order ---- */
void pack_registers_summary(struct making *m, struct pack_section *s);
void pack_incidents(struct making *m);
void pack_deterrence(struct making *m);
void pack_registers_behind(struct making *m); /* claims and all that follows */
void pack_state_summary(struct making *m, struct pack_section *s);
void pack_cases(struct making *m);
void pack_times(struct making *m);
void pack_quality(struct making *m);

#endif
