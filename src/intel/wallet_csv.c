/* Wallets as a table: what csv_put has made no formula, the reader takes for what it was. */
#include "base/csv.h"
#include "base/time.h"
#include "intel/indicators.h"
#include "intel/wallet.h"

#include <stdio.h>

#define COLUMNS_MAX 64

static void words_cell(struct text *to, const struct wallet *w)
{
    wallet_words(w, to);
    text_char(to, ',');
}

bool wallets_csv(struct text *to, struct arena *a, const struct wallet_sheet *sheet,
                 const struct wallet *w, size_t n, struct err *err)
{
    char day[TIME_DAY_MAX], level[8];
    struct wallet_uses uses;

    if (!wallet_uses_make(a, sheet, w, n, &uses, err))
        return false;
    text_str(to, INDICATORS_CSV_HEADER "\n");
    for (size_t i = 0; i < n; i++) {
        snprintf(level, sizeof(level), "%u", tag_confidence_level(w[i].confidence));
        csv_cell(to, wallet_chain(&w[i]), ',');
        csv_cell(to, w[i].key, ',');
        csv_cell(to, wallet_asset(&w[i]), ',');
        words_cell(to, &w[i]);
        csv_cell(to, w[i].label, ',');
        csv_cell(to, *w[i].source ? w[i].source : w[i].source_name, ',');
        csv_cell(to, w[i].day == WALLET_NO_DAY ? "" : time_day(w[i].day, day), ',');
        csv_cell(to, level, ',');
        csv_cell(to, tlp_name(sheet->mark.tlp), ',');
        csv_cell(to, uses.both[wallet_use_of(&uses, &w[i])], '\n');
    }
    return true;
}

/* ---- reading ---- */

enum column { CHAIN, ADDRESS, ASSET, CATEGORY, LABEL, SOURCE, FIRST_SEEN, CONFIDENCE, TLP, USE };
#define COLUMNS (USE + 1)

static const char *const names[COLUMNS] = {"chain", "address",      "asset",      "category",
                                           "label", "source",       "first_seen", "confidence",
                                           "tlp",   "permitted_use"};

struct table {
    struct csv csv;
    struct csv_field fields[COLUMNS_MAX];
    size_t n, column[COLUMNS]; /* CSV_NONE: not there */
};

static bool header_read(struct table *t, struct err *err)
{
    bool end;

    if (!csv_next(&t->csv, t->fields, COLUMNS_MAX, &t->n, &end, err))
        return false;
    if (end)
        return err_fail(err, ERR_INPUT, "there is nothing in it");
    for (int i = 0; i < COLUMNS; i++)
        t->column[i] = csv_column(t->fields, t->n, names[i]);
    return t->column[ADDRESS] != CSV_NONE ||
           err_fail(err, ERR_INPUT, "line 1: no column \"address\"");
}

/* The cell as it was meant; "" where there is no such column. */
static bool cell_read(struct arena *a, const struct table *t, enum column c, const char **ret,
                      struct err *err)
{
    const struct csv_field *f;
    char *s;
    size_t n;

    *ret = "";
    if (t->column[c] == CSV_NONE)
        return true;
    f = &t->fields[t->column[c]];
    s = arena_alloc(a, (size_t)f->n + 1);
    if (!s)
        return said_no_memory(a, err);
    n = csv_text(f, s);
    if (memchr(s, 0, n))
        return err_fail(err, ERR_INPUT, "line %zu: a NUL in a text", t->csv.line);
    *ret = csv_meant(s);
    return true;
}

static bool row_read(struct said_all *all, const struct table *t, struct err *err)
{
    const char *cells[COLUMNS];
    struct said s = {0};

    for (int i = 0; i < COLUMNS; i++)
        if (!cell_read(all->a, t, (enum column)i, &cells[i], err))
            return false;
    s.address = cells[ADDRESS];
    s.chain = cells[CHAIN];
    s.asset = cells[ASSET];
    s.words = cells[CATEGORY];
    s.label = cells[LABEL];
    s.source = cells[SOURCE];
    s.day = cells[FIRST_SEEN];
    s.confidence = cells[CONFIDENCE];
    s.use = cells[USE];
    if (*cells[TLP] && !tlp_read(cells[TLP], strlen(cells[TLP]), &s.tlp))
        s.tlp = said_unknown_mark(all);
    return said_add(all, &s, t->csv.line, err);
}

bool indicators_read_csv(struct said_all *all, struct bytes in, struct err *err)
{
    struct table t = {.csv = csv_over(in, ',')};
    size_t n;
    bool end;

    if (!header_read(&t, err))
        return false;
    for (;;) {
        if (!csv_next(&t.csv, t.fields, COLUMNS_MAX, &n, &end, err))
            return false;
        if (end)
            return true;
        if (n == 1 && !t.fields[0].n && t.n > 1) /* an empty line */
            continue;
        if (n != t.n)
            return err_fail(err, ERR_INPUT, "line %zu: %zu field%s, %zu are wanted", t.csv.line, n,
                            n == 1 ? "" : "s", t.n);
        if (!row_read(all, &t, err))
            return false;
    }
}
