/* The page of an evidence pack: what was asked, by whom and how; what is proven; what other
 * policies would say; what speaks against it; what is not proven. */
#include "trace/evidence_pack.h"

#include "paper_page.h" /* made from web/paper by tools/embed-page */

#include <string.h>

struct page {
    struct text *to;
    const struct json *statement;
    unsigned decimals;
    bool accounts;
};

static void words(const struct page *g, const char *s)
{
    text_html(g->to, s, strlen(s));
}

/* A string or number as it is; nothing for null. */
static void value(const struct page *g, const struct json *v)
{
    if (v && (v->type == JSON_STRING || v->type == JSON_NUMBER))
        text_html(g->to, v->text, v->text_n);
    else if (v && v->type != JSON_NULL)
        text_str(g->to, v->type == JSON_TRUE ? "yes" : "no");
}

/* Of an asset of accounts, whose decimals stand beside it, if they are known. */
static void amount_in(const struct page *g, const struct json *v, const struct json *decimals)
{
    struct u256 n;
    uint64_t d = 0;
    struct err ignored;

    if (decimals && decimals->type == JSON_NUMBER && !json_u64(decimals, "", &d, &ignored))
        d = 0;
    if (v && v->type == JSON_STRING && u256_from_text(v->text, v->text_n, &n) && d < 78)
        text_u256(g->to, n, (unsigned)d, 0);
    else
        value(g, v);
}

static void amount(const struct page *g, const struct json *v)
{
    uint64_t n;

    if (v && v->type == JSON_STRING && u64_from_text(v->text, v->text_n, &n))
        text_amount(g->to, n, g->decimals, 0);
    else
        value(g, v);
}

static void section(const struct page *g, const char *title)
{
    text_printf(g->to, "<section>\n<h2>%s</h2>\n", title);
}

static void section_end(const struct page *g)
{
    text_str(g->to, "</section>\n");
}

static void fact(const struct page *g, const char *name, const struct json *v)
{
    if (!v || v->type == JSON_NULL)
        return;
    text_printf(g->to, "<tr><th scope=\"row\">%s</th><td>", name);
    value(g, v);
    text_str(g->to, "</td></tr>\n");
}

static void table(const struct page *g)
{
    text_str(g->to, "<div class=\"wide\"><table>\n");
}

static void table_end(const struct page *g)
{
    text_str(g->to, "</table></div>\n");
}

static void list(const struct page *g, const char *name, const char *none)
{
    const struct json *items = json_get(g->statement, name);

    if (!items || !items->child) {
        text_printf(g->to, "<p class=\"none\">%s</p>\n", none);
        return;
    }
    text_str(g->to, "<ul>\n");
    for (const struct json *item = items->child; item; item = item->next) {
        text_str(g->to, "<li>");
        value(g, item);
        text_str(g->to, "</li>\n");
    }
    text_str(g->to, "</ul>\n");
}

static void head(const struct page *g, const struct evidence_pack_answer *a)
{
    const struct json *of = json_get(g->statement, "case");
    const struct json *title = json_get(of, "title");

    text_str(
        g->to,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '");
    text_str(g->to, embedded_style_hash);
    text_str(g->to, "'; base-uri 'none'; form-action 'none'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<title>Evidence</title>\n<style>");
    text_str(g->to, embedded_style);
    text_str(g->to, "</style>\n</head>\n<body>\n<header>\n<p class=\"mark\">Evidence</p>\n<h1>");
    value(g, title && title->type == JSON_STRING ? title : json_get(of, "id"));
    text_str(g->to, "</h1>\n<p class=\"hash\">Statement, SHA-256 <code>");
    text_hex(g->to, a->statement.b, sizeof(a->statement.b));
    text_str(g->to, "</code><br>Evidence, fingerprint <code>");
    text_hex(g->to, a->of_accounts ? a->accounts.fingerprint.b : a->evidence.fingerprint.b,
             sizeof(a->evidence.fingerprint.b));
    text_str(g->to, "</code></p>\n");
    for (size_t i = 0; i < a->timestamps_n; i++) {
        text_str(g->to, "<p class=\"kind\">Time stamp ");
        words(g, a->timestamps[i].time);
        text_str(g->to, " by ");
        words(g, a->timestamps[i].by);
        text_str(g->to, "</p>\n");
    }
    if (!a->timestamps_n)
        text_str(g->to,
                 "<p class=\"kind\">No time stamp: nothing proves when this was made.</p>\n");
    text_str(g->to, "</header>\n<main>\n");
}

static void proven(const struct page *g, const struct evidence_pack_answer *a)
{
    struct text answer = text_new((size_t)64 << 10);

    if (a->of_accounts)
        account_evidence_write_answer(&answer, &a->accounts);
    else
        evidence_write_answer(&answer, &a->evidence);
    section(g, a->of_accounts ? "Proven from the transfers" : "Proven from raw blocks");
    text_str(g->to, "<pre>");
    words(g, text_string(&answer) ? text_string(&answer) : "");
    text_str(g->to, "</pre>\n");
    section_end(g);
    text_free(&answer);
}

static void examined(const struct page *g)
{
    const struct json *who = json_get(g->statement, "examiner");
    const struct json *policy = json_get(g->statement, "policy_chosen");
    const struct json *tool = json_get(g->statement, "tool");
    const struct json *got = json_get(g->statement, "acquisition");
    const struct json *last = json_get(got, "last");

    section(g, "Who, with what, from what");
    table(g);
    fact(g, "Examiner", json_get(who, "name"));
    fact(g, "Organisation", json_get(who, "organisation"));
    fact(g, "Qualification", json_get(who, "qualification"));
    fact(g, "Policy, chosen before the result", json_get(policy, "policy"));
    fact(g, "Why", json_get(policy, "why"));
    fact(g, "Tool", json_get(tool, "name"));
    fact(g, "Version", json_get(tool, "version"));
    fact(g, "Rules", json_get(tool, "rules"));
    fact(g, "Chain", json_get(got, "caip2"));
    fact(g, "Blocks", json_get(got, "blocks"));
    fact(g, "Up to height", json_get(last, "height"));
    fact(g, "Up to block", json_get(last, "hash"));
    fact(g, "Checked", json_get(got, "checked"));
    fact(g, "Internal transfers told", json_get(got, "internal_transfers_told"));
    fact(g, "Transfers", json_get(got, "transfers"));
    fact(g, "Source bytes", json_get(got, "source_bytes"));
    fact(g, "Source notes", json_get(got, "source_notes"));
    table_end(g);
    section_end(g);
}

static void sums_row(const struct page *g, const struct json *row, const struct json *sums,
                     const char *const *names)
{
    const struct json *decimals = json_get(sums, "decimals");

    text_str(g->to, "<tr><td>");
    value(g, json_get(row, "policy"));
    text_str(g->to, "</td>");
    if (g->accounts) {
        text_str(g->to, "<td><code class=\"long\">");
        value(g, json_get(sums, "asset"));
        text_str(g->to, "</code></td>");
    }
    text_str(g->to, "<td class=\"n\">");
    value(g, json_get(row, "reached"));
    text_str(g->to, "</td>");
    for (const char *const *s = names; *s; s++) {
        text_str(g->to, "<td class=\"n\">");
        if (g->accounts)
            amount_in(g, json_get(sums, *s), decimals);
        else
            amount(g, json_get(sums, *s));
        text_str(g->to, "</td>");
    }
    text_str(g->to, "</tr>\n");
}

static void sensitivity(const struct page *g)
{
    static const char *const sums[] = {"origin", "held",       "exits", "fees",
                                       "dust",   "unresolved", NULL};
    const struct json *rows = json_get(g->statement, "sensitivity");

    section(g, "The same case by every policy");
    text_str(g->to, "<p>The first is the one that was chosen.</p>\n");
    table(g);
    text_printf(g->to,
                "<thead><tr><th scope=\"col\">policy</th>%s<th class=\"n\" "
                "scope=\"col\">reached</th>",
                g->accounts ? "<th scope=\"col\">asset</th>" : "");
    for (const char *const *s = sums; *s; s++)
        text_printf(g->to, "<th class=\"n\" scope=\"col\">%s</th>", *s);
    text_str(g->to, "</tr></thead>\n<tbody>\n");
    for (const struct json *row = rows ? rows->child : NULL; row; row = row->next) {
        const struct json *assets = json_get(row, "assets");

        if (!g->accounts)
            sums_row(g, row, row, sums);
        for (const struct json *s = assets ? assets->child : NULL; s; s = s->next)
            sums_row(g, row, s, sums);
    }
    text_str(g->to, "</tbody>\n");
    table_end(g);
    section_end(g);
}

static void rules(const struct page *g)
{
    const struct json *rows = json_get(g->statement, "rules");

    section(g, "Rules that were used, and how often they err");
    table(g);
    text_str(g->to, "<thead><tr><th scope=\"col\">rule</th><th scope=\"col\">known error</th>"
                    "<th scope=\"col\">source</th></tr></thead>\n<tbody>\n");
    for (const struct json *row = rows ? rows->child : NULL; row; row = row->next) {
        text_str(g->to, "<tr><td>");
        value(g, json_get(row, "rule"));
        text_str(g->to, "</td><td>");
        value(g, json_get(row, "known_error"));
        text_str(g->to, "</td><td>");
        value(g, json_get(row, "source"));
        text_str(g->to, "</td></tr>\n");
    }
    text_str(g->to, "</tbody>\n");
    table_end(g);
    section_end(g);
}

#define ENDS_SHOWN 500

/* Where the value came to a stop or is still held: what a holder can act on. */
static void ends(const struct page *g)
{
    const struct json *reached = json_get(json_get(g->statement, "trace"), "reached");
    size_t shown = 0, left = 0;

    section(g, "Where it is");
    table(g);
    text_str(g->to, "<thead><tr><th scope=\"col\">address, output</th>"
                    "<th class=\"n\" scope=\"col\">tainted</th><th class=\"n\" "
                    "scope=\"col\">hops</th><th scope=\"col\">stop</th></tr></thead>\n<tbody>\n");
    for (const struct json *r = reached ? reached->child : NULL; r; r = r->next) {
        const struct json *stop = json_get(r, "stop"), *spent = json_get(r, "spent_by");

        if ((!stop || stop->type == JSON_NULL) && spent && spent->type != JSON_NULL)
            continue;
        if (shown == ENDS_SHOWN) {
            left++;
            continue;
        }
        shown++;
        text_str(g->to, "<tr><td><code>");
        value(g, json_get(r, "address"));
        text_str(g->to, "</code><br><code class=\"long\">");
        value(g, json_get(r, "output"));
        text_str(g->to, "</code></td><td class=\"n\">");
        amount(g, json_get(r, "taint"));
        text_str(g->to, "</td><td class=\"n\">");
        value(g, json_get(r, "hop"));
        text_str(g->to, "</td><td>");
        value(g, json_get(stop, "name"));
        text_str(g->to, "</td></tr>\n");
    }
    text_str(g->to, "</tbody>\n");
    table_end(g);
    if (left)
        text_printf(g->to, "<p class=\"none\">%zu more are in the document.</p>\n", left);
    section_end(g);
}

static const struct json *decimals_of(const struct page *g, const struct json *asset)
{
    const struct json *totals = json_get(json_get(g->statement, "trace"), "totals");

    for (const struct json *t = totals ? totals->child : NULL; t; t = t->next)
        if (asset && asset->type == JSON_STRING &&
            json_is_string(json_get(t, "asset"), asset->text))
            return json_get(t, "decimals");
    return NULL;
}

static void balances(const struct page *g)
{
    const struct json *all = json_get(json_get(g->statement, "trace"), "balances");
    size_t shown = 0, left = 0;

    section(g, "Where it is");
    table(g);
    text_str(g->to, "<thead><tr><th scope=\"col\">account</th><th scope=\"col\">asset</th>"
                    "<th class=\"n\" scope=\"col\">tainted</th><th class=\"n\" "
                    "scope=\"col\">hops</th><th scope=\"col\">stop</th></tr></thead>\n<tbody>\n");
    for (const struct json *r = all ? all->child : NULL; r; r = r->next) {
        if (shown == ENDS_SHOWN) {
            left++;
            continue;
        }
        shown++;
        text_str(g->to, "<tr><td><code>");
        value(g, json_get(r, "account"));
        text_str(g->to, "</code></td><td><code class=\"long\">");
        value(g, json_get(r, "asset"));
        text_str(g->to, "</code></td><td class=\"n\">");
        amount_in(g, json_get(r, "taint"), decimals_of(g, json_get(r, "asset")));
        text_str(g->to, "</td><td class=\"n\">");
        value(g, json_get(r, "hop"));
        text_str(g->to, "</td><td>");
        value(g, json_get(json_get(r, "stop"), "name"));
        text_str(g->to, "</td></tr>\n");
    }
    text_str(g->to, "</tbody>\n");
    table_end(g);
    if (left)
        text_printf(g->to, "<p class=\"none\">%zu more are in the document.</p>\n", left);
    section_end(g);
}

void evidence_pack_html(struct text *to, const struct evidence_pack_answer *a)
{
    const struct page g = {.to = to,
                           .statement = json_get(a->document, "statement"),
                           .decimals = a->evidence.decimals,
                           .accounts = a->of_accounts};

    head(&g, a);
    proven(&g, a);
    if (a->of_accounts)
        balances(&g);
    else
        ends(&g);
    examined(&g);
    sensitivity(&g);
    rules(&g);
    section(&g, "What speaks against it");
    list(&g, "against", "Nothing was put down.");
    section_end(&g);
    section(&g, "What is not proven");
    list(&g, "not_proven", "");
    section_end(&g);
    section(&g, "Declarations, to be filled in and signed");
    list(&g, "declarations", "");
    section_end(&g);
    text_str(to, "</main>\n</body>\n</html>\n");
}
