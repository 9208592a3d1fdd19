#include "pack/parts.h"

#include "base/time.h"

static const char *const readers[] = {[PACK_READER_FULL] = "full",
                                      [PACK_READER_PARTNER] = "partner",
                                      [PACK_READER_PUBLIC] = "public"};

bool pack_quarter_read(const char *s, unsigned *ret_year, unsigned *ret_quarter)
{
    uint64_t year;
    struct period p;

    if (strlen(s) != 6 || !u64_from_text(s, 4, &year) || s[4] != 'Q' || s[5] < '1' || s[5] > '4')
        return false;
    *ret_year = (unsigned)year;
    *ret_quarter = (unsigned)(s[5] - '0');
    return period_of_quarter(*ret_year, *ret_quarter, &p);
}

#define DAY_TEXT 10      /* bytes of "2027-01-12" */
#define MS_TEXT_LEAST 12 /* digits: fewer are no time of a log in milliseconds */

bool pack_until_read(const char *s, uint64_t *ret_ms)
{
    uint64_t second;
    size_t n = strlen(s);

    if (n >= MS_TEXT_LEAST && u64_from_text(s, n, ret_ms))
        return true;
    if (!time_from_iso(s, n, &second))
        return false;
    *ret_ms = (second + (n == DAY_TEXT ? 86400 : 1)) * 1000 - 1;
    return true;
}

bool pack_reader_read(const char *s, enum pack_reader *ret)
{
    for (unsigned i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
        if (!strcmp(readers[i], s)) {
            *ret = (enum pack_reader)i;
            return true;
        }
    return false;
}

const char *pack_reader_name(enum pack_reader r)
{
    return readers[r];
}

const char *pack_marking(enum pack_reader r)
{
    switch (r) {
    case PACK_READER_FULL:
        return "TLP:AMBER+STRICT";
    case PACK_READER_PARTNER:
        return "TLP:GREEN";
    case PACK_READER_PUBLIC:
        break;
    }
    return "TLP:CLEAR";
}

static enum tlp widest(enum pack_reader r)
{
    switch (r) {
    case PACK_READER_FULL:
        return TLP_AMBER_STRICT;
    case PACK_READER_PARTNER:
        return TLP_GREEN;
    case PACK_READER_PUBLIC:
        break;
    }
    return TLP_CLEAR;
}

/* ---- the annex ---- */

static const char *event_name(struct making *m, const struct fold_event *e)
{
    struct text hex = text_new(4 * sizeof(e->e.id.b));

    text_hex(&hex, e->e.id.b, sizeof(e->e.id.b));
    return made_of(m, &hex);
}

static void event_counts(struct making *m, const struct fold_event *e)
{
    static const enum pack_word labels[] = {PACK_EVENTS_N, PACK_LOG_SHA256, PACK_CUT_OFF};

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (figure_asked(m, labels[i]) && labels[i] == PACK_CUT_OFF)
            behind_u64(m, labels[i], event_name(m, e), e->e.ms);
        else if (figure_asked(m, labels[i]))
            behind(m, labels[i], event_name(m, e));
}

/* What stands for the audience, and what it hashes to: the same in every home that has it. */
static void cut_off(struct making *m, uint64_t *ret_n, struct hash32 *ret)
{
    const struct fold_event **events;
    struct sha256_stream hash;
    size_t n;

    events = fold_ordered(m->fold, m->a, &n);
    if (!events) {
        making_failed(m, ERR_NOMEM, "a pack");
        return;
    }
    sha256_start(&hash);
    *ret_n = 0;
    for (size_t i = 0; i < n; i++) {
        if (events[i]->standing != STANDING_GOOD ||
            strcmp(events[i]->e.audience, m->pack->options.audience) != 0)
            continue;
        sha256_add(&hash, events[i]->e.id.b, sizeof(events[i]->e.id.b));
        ++*ret_n;
        event_counts(m, events[i]);
        if (events[i]->e.ms > m->cut_off_ms)
            m->cut_off_ms = events[i]->e.ms;
    }
    *ret = sha256_done(&hash);
}

static void words_table(struct making *m, struct pack_section *s, enum pack_word title,
                        const enum pack_word *rows, size_t n, bool named)
{
    static const enum pack_word two[] = {PACK_C_TERM, PACK_C_MEANING, PACK_WORDS_N};
    static const enum pack_word one[] = {PACK_C_MEANING, PACK_WORDS_N};
    struct pack_table *t = table_add(m, s, title, NULL, named ? two : one);

    for (size_t i = 0; i < n; i++) {
        row_add(m, t);
        if (named)
            cell_word(m, t, rows[i * 2]);
        cell_word(m, t, rows[named ? i * 2 + 1 : i]);
    }
}

static void annex(struct making *m, uint64_t events_n, const struct hash32 *hash)
{
    static const enum pack_word methods[] = {
        PACK_M_COUNT, PACK_M_LOSSES, PACK_M_MONEY,   PACK_M_FOUND, PACK_M_DENIED, PACK_M_TIMES,
        PACK_M_DAYS,  PACK_M_CLAIMS, PACK_M_DENIALS, PACK_M_MARKS, PACK_M_FIGURES};
    static const enum pack_word glossary[] = {
        PACK_CASES,      PACK_G_CASE,    PACK_ALERTS_TOLD,  PACK_G_ALERT,      PACK_C_TRACED,
        PACK_G_TRACED,   PACK_C_REACHED, PACK_G_REACHED,    PACK_C_HELD,       PACK_G_HOLD,
        PACK_C_RELEASED, PACK_G_RELEASE, PACK_C_RAN_OUT,    PACK_G_RAN_OUT,    PACK_C_RETURNED,
        PACK_G_RETURN,   PACK_C_SEIZED,  PACK_G_SEIZE,      PACK_C_ESCAPED,    PACK_G_ESCAPED,
        PACK_C_STILL,    PACK_G_STILL,   PACK_C_LOST,       PACK_G_LOST,       PACK_C_DENIED,
        PACK_G_DENIED,   PACK_C_POLICY,  PACK_G_POLICY,     PACK_V_PEEL,       PACK_G_PEEL,
        PACK_V_FAN_OUT,  PACK_G_FAN_OUT, PACK_V_FAN_IN,     PACK_G_FAN_IN,     PACK_V_COINJOIN,
        PACK_G_COINJOIN, PACK_V_BRIDGE,  PACK_G_BRIDGE,     PACK_V_PAYROLL,    PACK_G_PAYROLL,
        PACK_CLAIMS,     PACK_G_CLAIM,   PACK_C_CONFIDENCE, PACK_G_CONFIDENCE, PACK_V_OTC,
        PACK_G_OTC,      PACK_C_P95,     PACK_G_P95,        PACK_C_TLP,        PACK_G_TLP,
        PACK_C_SHA256,   PACK_G_SHA256};
    struct pack_section *s = section_add(m, PACK_ANNEX);
    struct text hex = text_new(4 * sizeof(hash->b));
    char day[TIME_DAY_MAX];

    if (m->pack->options.reader == PACK_READER_FULL) {
        figure_number(m, s, PACK_EVENTS_N, PACK_COUNT, events_n);
        figure_add(m, s, PACK_CUT_OFF, PACK_NEWEST,
                   made_text(m, "%s %02u:%02u:%02u.%03u UTC", time_day(m->cut_off_ms / 1000, day),
                             (unsigned)(m->cut_off_ms / 3600000 % 24),
                             (unsigned)(m->cut_off_ms / 60000 % 60),
                             (unsigned)(m->cut_off_ms / 1000 % 60),
                             (unsigned)(m->cut_off_ms % 1000)));
        text_hex(&hex, hash->b, sizeof(hash->b));
        figure_add(m, s, PACK_LOG_SHA256, PACK_HASH, made_of(m, &hex));
        figure_number(m, s, PACK_UNREAD_N, PACK_SAID, m->unread);
    }
    figure_add(m, s, PACK_VERSION, PACK_SAID, m->pack->options.version);
    pack_rates(m, s);
    words_table(m, s, PACK_METHODS, methods, sizeof(methods) / sizeof(methods[0]), false);
    words_table(m, s, PACK_GLOSSARY, glossary, sizeof(glossary) / sizeof(glossary[0]) / 2, true);
}

/* ---- all of it ---- */

static bool begin(struct making *m, struct group_log *l, const struct pack_options *options,
                  struct err *err)
{
    if (!period_of_quarter(options->year, options->quarter, &m->quarter))
        return err_fail(err, ERR_USAGE, "no quarter from 1970 on");
    if (!m->fold || !fold_charter(m->fold))
        return err_fail(err, ERR_NOT_FOUND, "no charter is adopted yet");
    m->sources_max = fold_events_n(m->fold) + 1;
    m->sources = ARENA_ARRAY(m->a, const char *, m->sources_max);
    m->seen = ARENA_ARRAY(m->a, struct records, record_kinds_n);
    if (!m->sources || !m->seen)
        return arena_fail(m->a, err, "a pack");
    m->log = l;
    m->widest = widest(options->reader);
    m->sections_end = &m->pack->sections;
    m->behind_end = &m->pack->asked.behind;
    m->pack->group_name = fold_charter(m->fold)->name;
    m->pack->quarter = made_text(m, "%uQ%u", options->year, options->quarter);
    return true;
}

bool pack_content(struct pack *p, struct err *err)
{
    struct text to = text_new(SIZE_MAX / 2);
    bool ok;

    pack_json(&to, p);
    ok = text_end(&to, err);
    if (ok)
        p->content = sha256(to.p, to.n);
    text_free(&to);
    return ok;
}

bool pack_of_quarter(struct group_log *l, struct arena *a, const struct pack_options *options,
                     struct pack *ret, struct err *err)
{
    struct pack p = {.options = *options};
    struct making m = {.fold = group_log_fold(l), .a = a, .pack = &p, .err = err};
    struct pack_section *summary;
    struct hash32 hash = {{0}};
    uint64_t events_n = 0;

    if (!begin(&m, l, options, err))
        return false;
    cut_off(&m, &events_n, &hash);
    summary = section_add(&m, PACK_SUMMARY);
    pack_state_summary(&m, summary);
    pack_registers_summary(&m, summary);
    pack_money_summary(&m, summary);
    pack_decisions(&m, summary);
    pack_cases(&m);
    pack_incidents(&m);
    pack_times(&m);
    pack_money(&m);
    pack_deterrence(&m);
    pack_quality(&m);
    pack_typologies(&m);
    pack_registers_behind(&m);
    annex(&m, events_n, &hash);
    map_free(&m.source_numbers);
    p.sources = m.sources;
    if (m.failed || !pack_content(&p, err))
        return false;
    p.draft = options->reader == PACK_READER_PUBLIC;
    *ret = p;
    return true;
}
