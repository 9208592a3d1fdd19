/* A pack as one page that needs nothing else, in the language of its readers. */
#include "pack/pack.h"

#include "paper_page.h" /* made from web/paper by tools/embed-page */

/* Commands that figures and tables were counted from, numbered as they first come. */
#define QUERIES_MAX 256 /* other than that they are told where they stand */

struct page {
    struct text *to;
    const struct pack *p;
    enum pack_language l;
    const char *queries[QUERIES_MAX];
    size_t queries_n;
    size_t figures_n; /* of tables, so far: f1, f2 ... are where their names stand */
};

static void escaped(const struct page *g, const char *s)
{
    text_html(g->to, s, strlen(s));
}

static void word(const struct page *g, enum pack_word w)
{
    escaped(g, pack_word(w, g->l));
}

/* 1650000000 -> 1,650,000,000, and 1234.5 -> 1,234.5; what is no number stays as it is. */
static void number(const struct page *g, const char *s)
{
    size_t n = strspn(s, "0123456789");

    if ((s[n] && s[n] != '.') || n < 4) {
        escaped(g, s);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            text_char(g->to, ',');
        text_char(g->to, s[i]);
    }
    escaped(g, s + n);
}

/* A part of a duration: "12 min", with the next smaller one behind it. */
static void two_parts(const struct page *g, uint64_t great, enum pack_word great_unit,
                      uint64_t small, enum pack_word small_unit)
{
    text_u64(g->to, great);
    word(g, great_unit);
    if (!small)
        return;
    if (g->l != PACK_JA)
        text_char(g->to, ' ');
    text_u64(g->to, small);
    word(g, small_unit);
}

/* "725.000" -> 12 min 5 s; below a minute with a tenth. */
static void duration(const struct page *g, const char *s)
{
    size_t n = strspn(s, "0123456789");
    uint64_t all;

    if (!u64_from_text(s, n, &all))
        escaped(g, s);
    else if (all < 60) {
        text_printf(g->to, "%llu.%c", (unsigned long long)all, s[n] ? s[n + 1] : '0');
        word(g, PACK_SECONDS_S);
    } else if (all < 3600)
        two_parts(g, all / 60, PACK_SECONDS_M, all % 60, PACK_SECONDS_S);
    else if (all < 2 * 86400)
        two_parts(g, all / 3600, PACK_SECONDS_H, all / 60 % 60, PACK_SECONDS_M);
    else
        two_parts(g, all / 86400, PACK_SECONDS_D, all / 3600 % 24, PACK_SECONDS_H);
}

/* From 1; 0: none, or there is no room. */
static size_t query_number(const struct page *g, const char *q)
{
    for (size_t i = 0; q && i < g->queries_n; i++)
        if (!strcmp(g->queries[i], q))
            return i + 1;
    return 0;
}

static void query_add(struct page *g, const char *q)
{
    if (q && !query_number(g, q) && g->queries_n < QUERIES_MAX)
        g->queries[g->queries_n++] = q;
}

static void queries_find(struct page *g)
{
    for (const struct pack_section *s = g->p->sections; s; s = s->next) {
        for (const struct pack_figure *f = s->figures; f; f = f->next)
            query_add(g, f->query);
        for (const struct pack_table *t = s->tables; t; t = t->next)
            query_add(g, t->query);
    }
}

/* A link to where the command stands in full; no letter before it, Q4 is a quarter. */
static void query(const struct page *g, const char *q)
{
    size_t n = query_number(g, q);

    if (!n)
        return;
    text_printf(g->to, " <a class=\"q\" href=\"#q%zu\" aria-label=\"", n);
    word(g, PACK_QUERY);
    text_printf(g->to, " %zu\">&gt;%zu</a>", n, n);
}

static enum pack_word reader_word(enum pack_reader r)
{
    switch (r) {
    case PACK_READER_FULL:
        return PACK_FULL;
    case PACK_READER_PARTNER:
        return PACK_PARTNER;
    case PACK_READER_PUBLIC:
        break;
    }
    return PACK_PUBLIC;
}

static void title(const struct page *g)
{
    if (g->p->title) {
        escaped(g, g->p->title);
        return;
    }
    for (const char *s = pack_word(PACK_TITLE, g->l); *s; s++)
        if (*s == '@')
            text_u64(g->to, g->p->options.year);
        else if (*s == '#')
            text_u64(g->to, g->p->options.quarter);
        else
            text_char(g->to, *s);
}

static void head(const struct page *g)
{
    text_printf(g->to,
                "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src '%s'; base-uri 'none'; form-action 'none'\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
                pack_language_name(g->l), embedded_style_hash);
    title(g);
    text_printf(g->to, " (%s)", pack_marking(g->p->options.reader));
    text_str(g->to, "</title>\n<style>");
    text_str(g->to, embedded_style);
    text_printf(g->to,
                "</style>\n</head>\n<body class=\"%s\">\n<header>\n"
                "<p class=\"mark\">%s</p>\n",
                pack_reader_name(g->p->options.reader), pack_marking(g->p->options.reader));
    if (g->p->draft) {
        text_str(g->to, "<p class=\"draft\">");
        word(g, PACK_DRAFT);
        text_str(g->to, "</p>\n");
    }
    text_str(g->to, "<h1>");
    title(g);
    text_str(g->to, "</h1>\n<p class=\"kind\">");
    escaped(g, g->p->group_name);
    text_str(g->to, " · ");
    word(g, g->p->title ? PACK_ADVISORY : reader_word(g->p->options.reader));
    text_str(g->to, "</p>\n<p class=\"hash\">SHA-256 <code>");
    text_hex(g->to, g->p->content.b, sizeof(g->p->content.b));
    text_str(g->to, "</code></p>\n</header>\n");
}

/* "Nothing on record" is news to members; others are not told of what there is not. */
static bool is_shown(const struct page *g, const struct pack_section *s)
{
    bool any = s == g->p->sections || g->p->options.reader == PACK_READER_FULL;

    for (const struct pack_figure *f = s->figures; f && !any; f = f->next)
        any = strcmp(f->value, "0") != 0;
    for (const struct pack_table *t = s->tables; t && !any; t = t->next)
        any = t->rows_n > 0;
    return any;
}

static void contents(const struct page *g)
{
    text_str(g->to, "<nav>\n<ol>\n");
    for (const struct pack_section *s = g->p->sections; s; s = s->next) {
        if (!is_shown(g, s))
            continue;
        text_printf(g->to, "<li><a href=\"#%s\">", pack_word_id(s->title));
        word(g, s->title);
        text_str(g->to, "</a></li>\n");
    }
    text_str(g->to, "</ol>\n</nav>\n<main>\n");
}

/* "of these ..." of the figure before it: they stand together. */
static bool is_part(enum pack_word label)
{
    static const enum pack_word parts[] = {
        PACK_CASES_VERIFIED,  PACK_PAYROLL_CASES_N,     PACK_ALERTS_HELD,
        PACK_ALERTS_RAN_OUT,  PACK_ALERTS_ESCAPED,      PACK_THEFTS_UNSTATED,
        PACK_YEAR_USD,        PACK_PAYROLL_UNSTATED,    PACK_OVERDUE_N,
        PACK_COMPLAINTS_OPEN, PACK_COMPLAINTS_RELEASED, PACK_OUTREACH_ACKNOWLEDGED,
        PACK_OUTREACH_ACTED,  PACK_SEIZED_USD};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i] == label)
            return true;
    return false;
}

#define LONG 40 /* bytes of a value that has a row of its own: a hash */

static void figures(const struct page *g, const struct pack_section *s)
{
    if (!s->figures)
        return;
    text_str(g->to, "<dl>\n");
    for (const struct pack_figure *f = s->figures; f; f = f->next) {
        bool part = is_part(f->label) && f != s->figures;

        text_str(g->to, part                       ? "<dt class=\"part\">"
                        : strlen(f->value) >= LONG ? "<div class=\"span\"><dt>"
                                                   : "<div><dt>");
        word(g, f->label);
        text_str(g->to, part ? "</dt><dd class=\"part\">" : "</dt><dd>");
        number(g, f->value);
        query(g, f->query);
        text_str(g->to, "</dd>");
        if (!f->next || !is_part(f->next->label))
            text_str(g->to, "</div>\n");
    }
    text_str(g->to, "</dl>\n");
}

/* "2025-02-21", "2025-02", "by 2024-02": in one piece. */
static bool is_day(const char *s)
{
    size_t n;

    s += strncmp(s, "by ", 3) ? 0 : 3;
    n = strspn(s, "0123456789-");
    return !s[n] && (n == 7 || n == 10) && s[4] == '-';
}

/* "[12]" in a column of sources: a link to where it stands. */
static bool source_link(const struct page *g, const char *s, enum pack_word column)
{
    uint64_t number;
    size_t n = strlen(s);

    if (column != PACK_C_SOURCE || n < 3 || s[0] != '[' || s[n - 1] != ']' ||
        !u64_from_text(s + 1, n - 2, &number))
        return false;
    text_printf(g->to, "<a href=\"#s%llu\">%s</a>", (unsigned long long)number, s);
    return true;
}

/* What a cell's class is: numbers to the right, days and ids in one piece. */
static const char *class_of(const struct pack_cell *c, enum pack_word column)
{
    if (c->number)
        return " class=\"n\"";
    if (column == PACK_C_ID || column == PACK_C_CASE)
        return " class=\"i\"";
    return c->text && is_day(c->text) ? " class=\"d\"" : "";
}

/* A word that is longer than a hash or an address may be parted, each so many characters: of a
 * table that is wider than the paper, columns would be cut off. Shorter ones are found by whoever
 * looks for them in the page's bytes. */
#define WORD_MAX 66
#define PART 28

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

/* In characters. */
static size_t word_length(const char *s, const char *end)
{
    size_t n = 0;

    for (; s < end && *s != ' '; s++)
        n += begins_character(*s);
    return n;
}

static void escaped_parted(const struct page *g, const char *s, size_t n)
{
    size_t from = 0, run = 0, i = 0;
    bool parted = false;

    for (; i < n; i++) {
        if (s[i] == ' ')
            run = 0;
        if (s[i] == ' ' || !begins_character(s[i]))
            continue;
        if (!run)
            parted = word_length(s + i, s + n) > WORD_MAX;
        if (parted && run && run % PART == 0) {
            text_html(g->to, s + from, i - from);
            text_str(g->to, "<wbr>");
            from = i;
        }
        run++;
    }
    text_html(g->to, s + from, i - from);
}

/* Of "[12]" that is a source's number the digits; 0: it is none. */
static size_t source_digits(const struct page *g, const char *s)
{
    size_t n = *s == '[' ? strspn(s + 1, "0123456789") : 0;
    uint64_t number;

    return n && s[n + 1] == ']' && u64_from_text(s + 1, n, &number) && number &&
                   number <= g->p->sources_n
               ? n
               : 0;
}

/* "The Ministry, 2025-11 [3]; ...": each number links to where the source stands. */
static void sources_linked(const struct page *g, const char *s)
{
    const char *from = s;

    while (*s) {
        size_t n = source_digits(g, s);

        if (!n) {
            s++;
            continue;
        }
        escaped_parted(g, from, (size_t)(s - from));
        text_printf(g->to, "<a href=\"#s%.*s\">[%.*s]</a>", (int)n, s + 1, (int)n, s + 1);
        s += n + 2;
        from = s;
    }
    escaped_parted(g, from, (size_t)(s - from));
}

static void cell_value(const struct page *g, const struct pack_cell *c, enum pack_word column)
{
    if (!c->text)
        word(g, c->word);
    else if (c->seconds)
        duration(g, c->text);
    else if (c->number && !strcmp(c->text, "0"))
        text_str(g->to, "\xe2\x80\x93"); /* a table of zeros hides what is none */
    else if (c->number)
        number(g, c->text);
    else if (column == PACK_C_DENIED_BY || column == PACK_C_DENIED_IN_GENERAL)
        sources_linked(g, c->text);
    else if (!source_link(g, c->text, column))
        escaped_parted(g, c->text, strlen(c->text));
}

/* A figure links to its name, with which its query asks for it. */
static void cell(struct page *g, const struct pack_cell *c, enum pack_word column)
{
    text_printf(g->to, "<td%s>", class_of(c, column));
    if (c->how != PACK_SAID)
        text_printf(g->to, "<a href=\"#f%zu\">", ++g->figures_n);
    cell_value(g, c, column);
    text_str(g->to, c->how != PACK_SAID ? "</a></td>" : "</td>");
}

/* Below a table, closed until a figure of it is followed: the command, and each figure's name. */
static void names(const struct page *g, const struct pack_table *t, size_t n)
{
    if (!t->figures)
        return;
    text_str(g->to, "<details><summary>");
    word(g, PACK_FIGURES);
    text_str(g->to, "</summary>\n<p><code>");
    escaped(g, t->figures);
    text_str(g->to, " \xe2\x80\xa6</code></p>\n<ul>\n");
    for (const struct pack_row *r = t->rows; r; r = r->next) {
        const struct pack_cell *c = r->cells;

        for (size_t i = 0; c && i < t->columns_n; i++, c = c->next) {
            if (c->how == PACK_SAID)
                continue;
            text_printf(g->to, "<li id=\"f%zu\"><code>", ++n);
            pack_figure_name(g->to, t, r, i); /* has nothing that HTML takes for its own */
            text_str(g->to, "</code></li>\n");
        }
    }
    text_str(g->to, "</ul></details>\n");
}

/* Why a table has no rows. */
static enum pack_word empty_word(enum pack_word table)
{
    static const struct {
        enum pack_word table, why;
    } reasons[] = {
        {PACK_DECISIONS, PACK_EMPTY_DECISIONS}, {PACK_CASES, PACK_EMPTY_CASES},
        {PACK_INCIDENTS, PACK_EMPTY_INCIDENTS}, {PACK_LOSSES_BY_ACTOR, PACK_EMPTY_INCIDENTS},
        {PACK_RESPONSE, PACK_EMPTY_TIMES},      {PACK_TREND, PACK_EMPTY_TIMES},
        {PACK_TRACED, PACK_EMPTY_FINDINGS},     {PACK_WENT, PACK_EMPTY_FOUND},
        {PACK_SHAPES, PACK_EMPTY_FOUND},        {PACK_WAYS, PACK_EMPTY_FOUND},
        {PACK_MEETS, PACK_EMPTY_FOUND},         {PACK_AT_MEMBERS, PACK_EMPTY_ALERTS},
        {PACK_DENIED, PACK_EMPTY_ALERTS},       {PACK_BY_REPORTER, PACK_EMPTY_ALERTS},
        {PACK_BY_POLICY, PACK_EMPTY_ALERTS},    {PACK_ALERTS_TAKEN_BACK, PACK_EMPTY_TAKEN_BACK},
        {PACK_ACTS, PACK_EMPTY_ACTS},           {PACK_CLAIMS, PACK_EMPTY_CLAIMS},
        {PACK_DENIALS, PACK_EMPTY_DENIALS},     {PACK_ACTIONS_OPEN, PACK_EMPTY_OPEN},
        {PACK_RATES, PACK_EMPTY_RATES},
    };

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].table == table)
            return reasons[i].why;
    return PACK_NOTHING;
}

#define NARROW_MAX 9 /* columns that fit a sheet of paper in type of the usual size */

static void table(struct page *g, const struct pack_section *s, const struct pack_table *t)
{
    const struct pack_cell *c =
        t->rows ? t->rows->cells : NULL; /* its columns are like all rows' */
    size_t before = g->figures_n;

    if (!t->rows && g->p->options.reader != PACK_READER_FULL)
        return;
    if (t->title != s->title) {
        text_str(g->to, "<h3>");
        word(g, t->title);
        query(g, t->query);
        text_str(g->to, "</h3>\n");
    } else if (t->query) {
        text_str(g->to, "<p class=\"query\">");
        query(g, t->query);
        text_str(g->to, "</p>\n");
    }
    if (!t->rows) {
        text_str(g->to, "<p class=\"none\">");
        word(g, empty_word(t->title));
        text_str(g->to, "</p>\n");
        return;
    }
    text_printf(g->to, "<div class=\"%s role=\"region\" aria-label=\"",
                t->columns_n > NARROW_MAX ? "wide many\" tabindex=\"0\"" : "wide\"");
    word(g, t->title);
    text_str(g->to, "\"><table>\n<thead><tr>");
    for (size_t i = 0; i < t->columns_n && c; i++, c = c->next) {
        text_str(g->to, c->number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
        if (t->column_texts[i])
            escaped(g, t->column_texts[i]);
        else
            word(g, t->columns[i]);
        text_str(g->to, "</th>");
    }
    text_str(g->to, "</tr></thead>\n<tbody>\n");
    for (const struct pack_row *r = t->rows; r; r = r->next) {
        text_str(g->to, "<tr>");
        c = r->cells;
        for (size_t i = 0; c && i < t->columns_n; i++, c = c->next)
            cell(g, c, t->columns[i]);
        text_str(g->to, "</tr>\n");
    }
    text_str(g->to, "</tbody>\n</table></div>\n");
    names(g, t, before);
}

static void queries(const struct page *g)
{
    text_str(g->to, "<section id=\"queries\">\n<h2>");
    word(g, PACK_QUERIES);
    text_str(g->to, "</h2>\n<ol class=\"queries\">\n");
    for (size_t i = 0; i < g->queries_n; i++) {
        text_printf(g->to, "<li id=\"q%zu\"><code>", i + 1);
        escaped(g, g->queries[i]);
        text_str(g->to, "</code></li>\n");
    }
    text_str(g->to, "</ol>\n</section>\n");
}

static void sources(const struct page *g)
{
    text_str(g->to, "<section id=\"sources\">\n<h2>");
    word(g, PACK_SOURCES);
    text_str(g->to, "</h2>\n<ol class=\"sources\">\n");
    for (size_t i = 0; i < g->p->sources_n; i++) {
        text_printf(g->to, "<li id=\"s%zu\">", i + 1);
        escaped(g, g->p->sources[i]);
        text_str(g->to, "</li>\n");
    }
    text_str(g->to, "</ol>\n</section>\n");
}

void pack_html(struct text *to, const struct pack *p, enum pack_language l)
{
    struct page g = {.to = to, .p = p, .l = l};

    queries_find(&g);
    head(&g);
    contents(&g);
    for (const struct pack_section *s = p->sections; s; s = s->next) {
        if (!is_shown(&g, s))
            continue;
        text_printf(to, "<section id=\"%s\">\n<h2>", pack_word_id(s->title));
        word(&g, s->title);
        text_str(to, "</h2>\n");
        figures(&g, s);
        for (const struct pack_table *t = s->tables; t; t = t->next)
            table(&g, s, t);
        text_str(to, "</section>\n");
    }
    if (g.queries_n)
        queries(&g);
    if (p->sources_n)
        sources(&g);
    text_printf(to, "</main>\n<footer>%s</footer>\n</body>\n</html>\n",
                pack_marking(p->options.reader));
}
