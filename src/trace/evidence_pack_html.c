/* The page of an evidence pack: what was asked, by whom and how; what is proven; what other
 * policies would say; what speaks against it; what is not proven. */
#include "trace/evidence_pack.h"

#include "chain/dialect.h"

#include "paper_page.h" /* made from web/paper by tools/embed-page */

#include <string.h>

struct page {
    struct text *to;
    const struct json *statement;
    const bool *sums_proven; /* a row of the sensitivity */
    unsigned decimals;
    bool accounts, several;
    const struct json *trace; /* or of several ledgers the part at hand */
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

/* An asset; where its decimals are not known, amounts are in its smallest units. */
static void asset(const struct page *g, const struct json *v, const struct json *decimals)
{
    text_str(g->to, "<code class=\"long\">");
    value(g, v);
    text_str(g->to, "</code>");
    if (!decimals || decimals->type != JSON_NUMBER)
        text_str(g->to, "<br>in base units");
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

static bool is_told(const struct json *v)
{
    return v && v->type != JSON_NULL && (v->type != JSON_STRING || v->text_n);
}

static void fact(const struct page *g, const char *name, const struct json *v)
{
    if (!is_told(v))
        return;
    text_printf(g->to, "<tr><th scope=\"row\">%s</th><td>", name);
    value(g, v);
    text_str(g->to, "</td></tr>\n");
}

/* What a court asks for is seen to be missing. */
static void fact_or(const struct page *g, const char *name, const struct json *v, const char *none)
{
    fact(g, name, v);
    if (!is_told(v))
        text_printf(g->to, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", name, none);
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

static void case_name(const struct page *g, const char *before)
{
    const struct json *id = json_get(json_get(g->statement, "case"), "id");

    if (!id || id->type != JSON_STRING)
        return;
    text_str(g->to, before);
    value(g, id);
}

/* Of one ledger of coins: what its amounts are of; NULL: each row says it. */
static const char *unit_of(const struct page *g)
{
    const struct json *name = json_get(g->trace, "chain");
    const struct chain *chain =
        name && name->type == JSON_STRING ? chain_by_name(name->text) : NULL;

    return g->accounts || g->several || !chain ? NULL : chain->symbol;
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
                    "<title>Evidence");
    case_name(g, ": ");
    text_str(g->to, "</title>\n<style>");
    text_str(g->to, embedded_style);
    text_str(g->to, "</style>\n</head>\n<body>\n<header>\n<p class=\"mark\">Evidence");
    case_name(g, " in the case ");
    text_str(g->to, "</p>\n<h1>");
    value(g, title && title->type == JSON_STRING ? title : json_get(of, "id"));
    text_str(g->to, "</h1>\n");
    if (unit_of(g)) {
        text_str(g->to, "<p class=\"kind\">Amounts are in ");
        words(g, unit_of(g));
        text_str(g->to, ".</p>\n");
    }
    text_str(g->to, "<p class=\"hash\">Statement, SHA-256 <code>");
    text_hex(g->to, a->statement.b, sizeof(a->statement.b));
    text_str(g->to, "</code><br>Evidence, fingerprint <code>");
    text_hex(g->to,
             a->of_several    ? a->several.fingerprint.b
             : a->of_accounts ? a->accounts.fingerprint.b
                              : a->evidence.fingerprint.b,
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

    if (a->of_several)
        ledgers_evidence_write_answer(&answer, &a->several);
    else if (a->of_accounts)
        account_evidence_write_answer(&answer, &a->accounts);
    else
        evidence_write_answer(&answer, &a->evidence);
    section(g, a->of_several    ? "Proven from the parts of the ledgers"
               : a->of_accounts ? "Proven from the transfers"
                                : "Proven from raw blocks");
    text_str(g->to, "<pre>");
    words(g, text_string(&answer) ? text_string(&answer) : "");
    text_str(g->to, "</pre>\n");
    section_end(g);
    text_free(&answer);
}

/* Lists and books have none: their rows are parted by time, and that time's hash is of zeros. */
static bool has_blocks(const struct json *last)
{
    const struct json *hash = json_get(last, "hash");

    return !hash || hash->type != JSON_STRING || strspn(hash->text, "0") < hash->text_n;
}

static void acquired(const struct page *g, const struct json *got)
{
    const struct json *last = json_get(got, "last");

    fact(g, "Chain",
         json_get(got, "caip2") && json_get(got, "caip2")->type == JSON_STRING
             ? json_get(got, "caip2")
             : json_get(got, "chain"));
    if (has_blocks(last)) {
        fact(g, "Blocks", json_get(got, "blocks"));
        fact(g, "Up to height", json_get(last, "height"));
        fact(g, "Up to block", json_get(last, "hash"));
    }
    fact(g, "Checked", json_get(got, "checked"));
    fact(g, "Internal transfers told", json_get(got, "internal_transfers_told"));
    fact(g, "Transfers", json_get(got, "transfers"));
    fact(g, "Source bytes", json_get(got, "source_bytes"));
    fact(g, "Source notes", json_get(got, "source_notes"));
}

static void examined(const struct page *g)
{
    const struct json *who = json_get(g->statement, "examiner");
    const struct json *policy = json_get(g->statement, "policy_chosen");
    const struct json *tool = json_get(g->statement, "tool");
    const struct json *got = json_get(g->statement, "acquisition");

    section(g, "Who, with what, from what");
    table(g);
    fact_or(g, "Examiner", json_get(who, "name"), "nobody is named");
    fact(g, "Organisation", json_get(who, "organisation"));
    fact(g, "Qualification", json_get(who, "qualification"));
    fact(g, is_told(json_get(policy, "why")) ? "Policy, chosen before the result" : "Policy",
         json_get(policy, "policy"));
    fact_or(g, "Why", json_get(policy, "why"),
            "nothing was put down: nobody says that it was chosen before the result");
    fact(g, "Tool", json_get(tool, "name"));
    fact(g, "Version", json_get(tool, "version"));
    fact(g, "Rules", json_get(tool, "rules"));
    if (got && got->type == JSON_ARRAY)
        for (const struct json *one = got->child; one; one = one->next)
            acquired(g, one);
    else
        acquired(g, got);
    table_end(g);
    section_end(g);
}

/* part: the ledger's of several; else NULL. */
static void sums_row(const struct page *g, size_t i, const struct json *row,
                     const struct json *part, const struct json *sums, const char *const *names)
{
    const struct json *decimals = json_get(sums, "decimals");
    bool assets = g->accounts || g->several;

    text_str(g->to, "<tr><td>");
    value(g, json_get(row, "policy"));
    text_str(g->to, "</td>");
    if (part) {
        text_str(g->to, "<td>");
        value(g, json_get(part, "chain"));
        text_str(g->to, "</td>");
    }
    if (assets) {
        text_str(g->to, "<td>");
        asset(g, json_get(sums, "asset"), decimals);
        text_str(g->to, "</td>");
    }
    text_str(g->to, "<td class=\"n\">");
    value(g, json_get(part ? part : row, "reached"));
    text_str(g->to, "</td>");
    for (const char *const *s = names; *s; s++) {
        text_str(g->to, "<td class=\"n\">");
        if (assets)
            amount_in(g, json_get(sums, *s), decimals);
        else
            amount(g, json_get(sums, *s));
        text_str(g->to, "</td>");
    }
    text_printf(g->to, "<td>%s</td></tr>\n", g->sums_proven[i] ? "by this evidence" : "no, stated");
}

static void sensitivity(const struct page *g)
{
    static const char *const of_one[] = {"origin", "held", "exits",      "fees",
                                         "cut",    "dust", "unresolved", NULL};
    static const char *const of_several[] = {
        "origin", "converted_in", "converted_out", "held",       "exits",
        "fees",   "cut",          "dust",          "unresolved", NULL};
    const char *const *sums = g->several ? of_several : of_one;
    const struct json *rows = json_get(g->statement, "sensitivity");
    size_t i = 0;

    section(g, "The same case by every policy");
    text_str(g->to, "<p>The first is the one that was chosen. Sums that are stated need more than "
                    "this evidence has: whoever has a ledger can work them out.</p>\n");
    table(g);
    text_printf(g->to,
                "<thead><tr><th scope=\"col\">policy</th>%s%s<th class=\"n\" "
                "scope=\"col\">reached</th>",
                g->several ? "<th scope=\"col\">chain</th>" : "",
                g->accounts || g->several ? "<th scope=\"col\">asset</th>" : "");
    for (const char *const *s = sums; *s; s++)
        text_printf(g->to, "<th class=\"n\" scope=\"col\">%s</th>",
                    !strcmp(*s, "converted_in")    ? "came in"
                    : !strcmp(*s, "converted_out") ? "went on"
                                                   : *s);
    text_str(g->to, "<th scope=\"col\">proven</th></tr></thead>\n<tbody>\n");
    for (const struct json *row = rows ? rows->child : NULL; row; row = row->next, i++) {
        const struct json *assets = json_get(row, "assets"), *parts = json_get(row, "parts");

        if (!g->accounts && !g->several)
            sums_row(g, i, row, NULL, row, sums);
        for (const struct json *s = assets ? assets->child : NULL; s; s = s->next)
            sums_row(g, i, row, NULL, s, sums);
        for (const struct json *p = parts ? parts->child : NULL; p; p = p->next) {
            assets = json_get(p, "assets");
            for (const struct json *s = assets ? assets->child : NULL; s; s = s->next)
                sums_row(g, i, row, p, s, sums);
        }
    }
    text_str(g->to, "</tbody>\n");
    table_end(g);
    text_str(g->to, "<p>fifo: first in, first out. lifo: last in, first out. haircut: in "
                    "proportion. tiho: what is tainted goes to the largest outputs, or is spent "
                    "first. poison: whatever it touches is tainted whole. libr: what is clean is "
                    "spent first (docs/taint.md).</p>\n");
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

static void where_begin(const struct page *g)
{
    text_str(g->to, "<section>\n<h2>Where it is");
    if (g->several) {
        text_str(g->to, ": ");
        value(g, json_get(g->trace, "chain"));
    }
    text_str(g->to, "</h2>\n");
}

/* Which service, of what kind, and who says so; or that nothing went on from there. */
static void stop_cell(const struct page *g, const struct json *stop)
{
    static const char *const parts[] = {"name", "category", "source"};

    text_str(g->to, "</td><td>");
    if (!stop || stop->type == JSON_NULL)
        text_str(g->to, "held");
    for (size_t i = 0; stop && stop->type != JSON_NULL && i < 3; i++) {
        text_str(g->to, i == 0 ? "" : i == 1 ? ", " : "; named by: ");
        value(g, json_get(stop, parts[i]));
    }
    text_str(g->to, "</td></tr>\n");
}

/* Where the value came to a stop or is still held: what a holder can act on. */
static void ends(const struct page *g)
{
    const struct json *reached = json_get(g->trace, "reached");
    size_t shown = 0, left = 0;

    where_begin(g);
    table(g);
    text_str(g->to,
             "<thead><tr><th scope=\"col\">address, output</th>"
             "<th class=\"n\" scope=\"col\">tainted</th><th class=\"n\" "
             "scope=\"col\">hops</th><th scope=\"col\">stop, or held</th></tr></thead>\n<tbody>\n");
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
        stop_cell(g, stop);
    }
    text_str(g->to, "</tbody>\n");
    table_end(g);
    if (left)
        text_printf(g->to, "<p class=\"none\">%zu more are in the document.</p>\n", left);
    section_end(g);
}

static const struct json *decimals_of(const struct page *g, const struct json *asset)
{
    const struct json *totals = json_get(g->trace, "totals");

    for (const struct json *t = totals ? totals->child : NULL; t; t = t->next)
        if (asset && asset->type == JSON_STRING &&
            json_is_string(json_get(t, "asset"), asset->text))
            return json_get(t, "decimals");
    return NULL;
}

static void balances(const struct page *g)
{
    const struct json *all = json_get(g->trace, "balances");
    size_t shown = 0, left = 0;

    where_begin(g);
    if (!all || !all->child) {
        text_str(g->to, "<p class=\"none\">Nothing is left here.</p>\n");
        section_end(g);
        return;
    }
    table(g);
    text_str(g->to,
             "<thead><tr><th scope=\"col\">account</th><th scope=\"col\">asset</th>"
             "<th class=\"n\" scope=\"col\">tainted</th><th class=\"n\" "
             "scope=\"col\">hops</th><th scope=\"col\">stop, or held</th></tr></thead>\n<tbody>\n");
    for (const struct json *r = all ? all->child : NULL; r; r = r->next) {
        if (shown == ENDS_SHOWN) {
            left++;
            continue;
        }
        shown++;
        text_str(g->to, "<tr><td><code>");
        value(g, json_get(r, "account"));
        text_str(g->to, "</code></td><td>");
        asset(g, json_get(r, "asset"), decimals_of(g, json_get(r, "asset")));
        text_str(g->to, "</td><td class=\"n\">");
        amount_in(g, json_get(r, "taint"), decimals_of(g, json_get(r, "asset")));
        text_str(g->to, "</td><td class=\"n\">");
        value(g, json_get(r, "hop"));
        stop_cell(g, json_get(r, "stop"));
    }
    text_str(g->to, "</tbody>\n");
    table_end(g);
    if (left)
        text_printf(g->to, "<p class=\"none\">%zu more are in the document.</p>\n", left);
    section_end(g);
}

/* Blocks by which others can tell whether all this is of the chain. */
static void blocks_of(const struct page *g, const struct json *evidence, const char *chain,
                      bool coins, size_t *shown, size_t *left)
{
    const struct json *blocks = json_get(evidence, "blocks");

    for (const struct json *b = blocks ? blocks->child : NULL; b; b = b->next) {
        const struct json *height = json_get(b, "height");

        if (!height || height->type == JSON_NULL) /* a list's */
            continue;
        if (*shown == ENDS_SHOWN) {
            ++*left;
            continue;
        }
        ++*shown;
        text_str(g->to, "<tr><td>");
        words(g, chain);
        text_str(g->to, "</td><td class=\"n\">");
        value(g, height);
        text_str(g->to, "</td><td><code>");
        value(g, json_get(b, "hash"));
        text_printf(g->to, "</code></td><td>%s</td></tr>\n",
                    coins                  ? "proof of work, Merkle root"
                    : json_get(b, "proof") ? chain_by_name(chain)->dialect->proofs->by
                                           : "no: as the source told it");
    }
}

static void blocks(const struct page *g, const struct evidence_pack_answer *a)
{
    const struct json *evidence = json_get(a->document, "evidence"),
                      *parts = json_get(evidence, "parts");
    size_t shown = 0, left = 0, i = 0;

    section(g, "Blocks, to be compared with a node's");
    table(g);
    text_str(g->to, "<thead><tr><th scope=\"col\">chain</th><th class=\"n\" "
                    "scope=\"col\">height</th><th scope=\"col\">hash</th><th "
                    "scope=\"col\">proven by its own bytes</th></tr></thead>\n<tbody>\n");
    if (a->of_several)
        for (const struct json *p = parts ? parts->child : NULL; p && i < a->several.parts_n;
             p = p->next, i++) {
            const struct ledgers_evidence_part *part = &a->several.parts[i];

            blocks_of(g, p, part->of_coins ? part->coins.chain : part->accounts.chain,
                      part->of_coins, &shown, &left);
        }
    else
        blocks_of(g, evidence, a->of_accounts ? a->accounts.chain : a->evidence.chain,
                  !a->of_accounts, &shown, &left);
    text_str(g->to, "</tbody>\n");
    table_end(g);
    if (!shown)
        text_str(g->to, "<p class=\"none\">There are none: lists and books have no blocks.</p>\n");
    if (left)
        text_printf(g->to, "<p class=\"none\">%zu more are in the document.</p>\n", left);
    section_end(g);
}

/* The part of a trace over several ledgers that is of a chain; of one ledger all of it. */
static const struct json *part_of(const struct page *g, const struct json *chain)
{
    const struct json *trace = json_get(g->statement, "trace"), *parts = json_get(trace, "parts");

    if (!parts)
        return trace;
    for (const struct json *p = parts->child; p; p = p->next)
        if (chain && chain->type == JSON_STRING &&
            json_is_string(json_get(p, "chain"), chain->text))
            return p;
    return NULL;
}

static void leg(const struct page *g, const struct json *l, const struct json *taint)
{
    const struct json *chain = json_get(l, "chain"), *output = json_get(l, "output");
    const struct chain *known =
        chain && chain->type == JSON_STRING ? chain_by_name(chain->text) : NULL;
    struct page of = *g;

    of.trace = part_of(g, chain);
    of.decimals = known ? known->decimals : 0;
    if (output)
        amount(&of, taint);
    else
        amount_in(&of, taint, decimals_of(&of, json_get(l, "asset")));
    text_char(g->to, ' ');
    if (output)
        words(g, known ? known->symbol : "");
    else
        asset(&of, json_get(l, "asset"), decimals_of(&of, json_get(l, "asset")));
    text_str(g->to, " on ");
    value(g, chain);
    text_str(g->to, "<br><code class=\"long\">");
    value(g, output ? output : json_get(l, "transfer"));
    text_str(g->to, "</code>");
}

static void legs(const struct page *g, const struct json *list, const struct json *taint)
{
    text_str(g->to, "<td>");
    if (list && list->child)
        leg(g, list->child, taint);
    if (list && list->children_n > 1)
        text_printf(g->to, "<br>and %zu more", list->children_n - 1);
    text_str(g->to, "</td>");
}

/* How value went from one ledger, or asset, to another: by what rule, and by what key both sides
 * say it. */
static void crossings(const struct page *g)
{
    const struct json *routes = json_get(json_get(g->statement, "trace"), "routes");
    size_t shown = 0, left = 0;

    if (!routes || !routes->child)
        return;
    section(g, "How it went on");
    table(g);
    text_str(g->to, "<thead><tr><th scope=\"col\">rule</th><th scope=\"col\">grade</th><th "
                    "scope=\"col\">what left</th><th scope=\"col\">what came of it</th><th "
                    "scope=\"col\">key, or who states it</th></tr></thead>\n<tbody>\n");
    for (const struct json *k = routes->child; k; k = k->next) {
        if (shown == ENDS_SHOWN) {
            left++;
            continue;
        }
        shown++;
        text_str(g->to, "<tr><td>");
        value(g, json_get(k, "rule"));
        text_str(g->to, "</td><td>");
        value(g, json_get(k, "grade"));
        text_str(g->to, "</td>");
        legs(g, json_get(k, "from"), json_get(k, "taint_in"));
        legs(g, json_get(k, "to"), json_get(k, "taint_out"));
        text_str(g->to, "<td>");
        value(g, json_get(k, "source"));
        text_str(g->to, "</td></tr>\n");
    }
    text_str(g->to, "</tbody>\n");
    table_end(g);
    if (left)
        text_printf(g->to, "<p class=\"none\">%zu more are in the document.</p>\n", left);
    section_end(g);
}

static void where(const struct page *g, const struct evidence_pack_answer *a)
{
    const struct json *parts = json_get(g->trace, "parts");

    if (!a->of_several) {
        (a->of_accounts ? balances : ends)(g);
        return;
    }
    for (const struct json *p = parts ? parts->child : NULL; p; p = p->next) {
        const struct json *chain = json_get(p, "chain");
        const struct chain *known =
            chain && chain->type == JSON_STRING ? chain_by_name(chain->text) : NULL;
        struct page of = *g;

        of.trace = p;
        of.decimals = known ? known->decimals : 0;
        (json_is_string(json_get(p, "schema"), TRACE_SCHEMA) ? ends : balances)(&of);
    }
}

void evidence_pack_html(struct text *to, const struct evidence_pack_answer *a)
{
    static const char *const signed_by[] = {"Name and position", "Place and day", "Signature"};
    const struct page g = {.to = to,
                           .statement = json_get(a->document, "statement"),
                           .sums_proven = a->sums_proven,
                           .decimals = a->evidence.decimals,
                           .accounts = a->of_accounts,
                           .several = a->of_several,
                           .trace = json_get(json_get(a->document, "statement"), "trace")};

    head(&g, a);
    proven(&g, a);
    where(&g, a);
    crossings(&g);
    examined(&g);
    if (json_get(g.statement, "sources")) {
        section(&g, "How the sources were acquired");
        list(&g, "sources", "Nothing was put down.");
        section_end(&g);
    }
    blocks(&g, a);
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
    table(&g);
    for (size_t i = 0; i < sizeof(signed_by) / sizeof(signed_by[0]); i++)
        text_printf(to, "<tr><th scope=\"row\">%s</th><td></td></tr>\n", signed_by[i]);
    table_end(&g);
    section_end(&g);
    text_str(to, "</main>\n</body>\n</html>\n");
}
