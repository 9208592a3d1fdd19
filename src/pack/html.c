/* A pack as one page that needs nothing else, in the language of its readers. */
#include "pack/pack.h"

#include "paper_page.h" /* made from web/paper by tools/embed-page */

struct page {
    struct text *to;
    const struct pack *p;
    enum pack_language l;
};

static void escaped(const struct page *g, const char *s)
{
    text_html(g->to, s, strlen(s));
}

static void word(const struct page *g, enum pack_word w)
{
    escaped(g, pack_word(w, g->l));
}

/* 1650000000 -> 1,650,000,000; what is no whole number stays as it is. */
static void number(const struct page *g, const char *s)
{
    size_t n = strspn(s, "0123456789");

    if (s[n] || n < 5) {
        escaped(g, s);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            text_char(g->to, ',');
        text_char(g->to, s[i]);
    }
}

static void query(const struct page *g, const char *q)
{
    if (!q)
        return;
    text_str(g->to, "<p class=\"query\">");
    word(g, PACK_QUERY);
    text_str(g->to, ": <code>");
    escaped(g, q);
    text_str(g->to, "</code></p>\n");
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

static const char *marking(enum pack_reader r)
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

static void head(const struct page *g, bool draft)
{
    text_printf(g->to,
                "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src '%s'; base-uri 'none'; form-action 'none'\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
                pack_language_name(g->l), embedded_style_hash);
    word(g, PACK_TITLE);
    text_printf(g->to, " %s</title>\n<style>", g->p->quarter);
    text_str(g->to, embedded_style);
    text_printf(g->to, "</style>\n</head>\n<body>\n<header>\n<p class=\"mark\">%s</p>\n",
                marking(g->p->options.reader));
    if (draft) {
        text_str(g->to, "<p class=\"draft\">");
        word(g, PACK_DRAFT);
        text_str(g->to, "</p>\n");
    }
    text_str(g->to, "<h1>");
    word(g, PACK_TITLE);
    text_printf(g->to, " %s</h1>\n<p class=\"kind\">", g->p->quarter);
    escaped(g, g->p->group_name);
    text_str(g->to, " · ");
    word(g, reader_word(g->p->options.reader));
    text_str(g->to, "</p>\n<p class=\"hash\">SHA-256 <code>");
    text_hex(g->to, g->p->content.b, sizeof(g->p->content.b));
    text_str(g->to, "</code></p>\n</header>\n");
}

static void contents(const struct page *g)
{
    text_str(g->to, "<nav>\n<ol>\n");
    for (const struct pack_section *s = g->p->sections; s; s = s->next) {
        text_printf(g->to, "<li><a href=\"#%s\">", pack_word_id(s->title));
        word(g, s->title);
        text_str(g->to, "</a></li>\n");
    }
    text_str(g->to, "</ol>\n</nav>\n<main>\n");
}

static void figures(const struct page *g, const struct pack_section *s)
{
    if (!s->figures)
        return;
    text_str(g->to, "<dl>\n");
    for (const struct pack_figure *f = s->figures; f; f = f->next) {
        text_str(g->to, "<div><dt>");
        word(g, f->label);
        text_str(g->to, "</dt><dd>");
        number(g, f->value);
        text_str(g->to, "</dd>");
        if (f->query) {
            text_str(g->to, "<dd class=\"query\"><code>");
            escaped(g, f->query);
            text_str(g->to, "</code></dd>");
        }
        text_str(g->to, "</div>\n");
    }
    text_str(g->to, "</dl>\n");
}

static void cell(const struct page *g, const struct pack_cell *c)
{
    text_str(g->to, c->number ? "<td class=\"n\">" : "<td>");
    if (!c->text)
        word(g, c->word);
    else if (c->number)
        number(g, c->text);
    else
        escaped(g, c->text);
    text_str(g->to, "</td>");
}

static void table(const struct page *g, const struct pack_section *s, const struct pack_table *t)
{
    const struct pack_cell *c =
        t->rows ? t->rows->cells : NULL; /* its columns are like all rows' */

    if (t->title != s->title) {
        text_str(g->to, "<h3>");
        word(g, t->title);
        text_str(g->to, "</h3>\n");
    }
    if (!t->rows) {
        text_str(g->to, "<p class=\"none\">");
        word(g, PACK_NOTHING);
        text_str(g->to, "</p>\n");
        return;
    }
    text_str(g->to, "<div class=\"wide\"><table>\n<thead><tr>");
    for (size_t i = 0; i < t->columns_n && c; i++, c = c->next) {
        text_str(g->to, c->number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
        word(g, t->columns[i]);
        text_str(g->to, "</th>");
    }
    text_str(g->to, "</tr></thead>\n<tbody>\n");
    for (const struct pack_row *r = t->rows; r; r = r->next) {
        text_str(g->to, "<tr>");
        for (c = r->cells; c; c = c->next)
            cell(g, c);
        text_str(g->to, "</tr>\n");
    }
    text_str(g->to, "</tbody>\n</table></div>\n");
    query(g, t->query);
}

static void sources(const struct page *g)
{
    text_str(g->to, "<section id=\"sources\">\n<h2>");
    word(g, PACK_SOURCES);
    text_str(g->to, "</h2>\n<ol class=\"sources\">\n");
    for (size_t i = 0; i < g->p->sources_n; i++) {
        text_str(g->to, "<li>");
        escaped(g, g->p->sources[i]);
        text_str(g->to, "</li>\n");
    }
    text_str(g->to, "</ol>\n</section>\n");
}

void pack_html(struct text *to, const struct pack *p, enum pack_language l, bool draft)
{
    const struct page g = {.to = to, .p = p, .l = l};

    head(&g, draft);
    contents(&g);
    for (const struct pack_section *s = p->sections; s; s = s->next) {
        text_printf(to, "<section id=\"%s\">\n<h2>", pack_word_id(s->title));
        word(&g, s->title);
        text_str(to, "</h2>\n");
        figures(&g, s);
        for (const struct pack_table *t = s->tables; t; t = t->next)
            table(&g, s, t);
        text_str(to, "</section>\n");
    }
    if (p->sources_n)
        sources(&g);
    text_printf(to, "</main>\n<footer>%s</footer>\n</body>\n</html>\n", marking(p->options.reader));
}
