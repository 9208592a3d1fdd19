/* The page, from top to bottom: one sentence that says it all, a bar and a list of where the value
 * is, the addresses, the picture, what is folded in it, and what all this was computed from. */
#include "trace/page.h"

#include "trace/patterns.h"
#include "trace_page.h" /* made from web/trace by tools/embed-page */

#include <stdio.h>

#define ROWS_FIRST 8     /* addresses that are shown at once */
#define ROWS_MAX 300     /* and when asked for */
#define LIST_MAX 40      /* gaps, unresolved transactions, patterns */
#define SUM_MAX 9        /* exits in the list below the bar */
#define NAMED_MAX 3      /* exits named in the sentence */
#define DETAILS_MAX 1800 /* rows of all details together */
#define FOLDS_MAX 12     /* that can be opened */
#define FOLDS_NODES_MAX 160
#define UNFOLDED_MAX 24 /* transactions that are all drawn, chains or not */

static const struct flow_limits main_limits = {.columns_max = 32, .nodes_max = 140, .chain_min = 6};
static const struct flow_limits fold_limits = {
    .columns_max = 100, .nodes_max = 120, .chain_min = 0};

static const char *const head =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '%s'; "
    "script-src '%s'; "
    "base-uri 'none'; form-action 'none'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" "
    "content=\"no-referrer\">\n<title>";

static bool no_room(const struct page *p, struct err *err)
{
    return arena_fail(p->a, err, "a page");
}

static bool conserved(const struct page *p)
{
    return p->d->policy != TRACE_POISON;
}

static uint64_t fate_sum(const struct page *p, enum fate fate)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < p->ends.groups_n; i++)
        if (p->ends.groups[i].fate == fate)
            sum += p->ends.groups[i].amount;
    return sum;
}

static uint64_t lost(const struct page *p)
{
    return p->d->trace->totals.fees + p->d->trace->totals.dust;
}

static void title(struct page *p)
{
    const struct trace *t = p->d->trace;

    if (p->d->title) {
        page_words(p->to, p->d->title, 200);
        return;
    }
    text_str(p->to, "Trace of ");
    for (size_t i = 0; i < t->reached_n; i++)
        if (t->reached[i].origin) {
            page_outpoint(p, t->reached[i].output, true);
            break;
        }
    if (p->ends.origins_n > 1) {
        text_str(p->to, " and ");
        page_count(p->to, p->ends.origins_n - 1);
        text_str(p->to, " more");
    }
}

static void style_and_title(struct page *p)
{
    text_printf(p->to, head, embedded_style_hash, embedded_script_hash);
    title(p);
    text_str(p->to, "</title>\n<style>");
    text_str(p->to, embedded_style);
    text_str(
        p->to,
        "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#picture\">Skip to the picture</a>\n");
}

/* --- the sentence --- */

static void strong(struct page *p, uint64_t amount)
{
    text_str(p->to, "<strong>");
    page_amount_unit(p, amount);
    text_str(p->to, "</strong>");
}

static void with_share(struct page *p, uint64_t amount)
{
    strong(p, amount);
    if (!conserved(p) || !amount)
        return;
    text_str(p->to, " (");
    page_share(p->to, amount, p->d->trace->totals.origin);
    text_char(p->to, ')');
}

static void say_origin(struct page *p)
{
    uint32_t first = page_block_of(p, p->ends.origin_first).time,
             last = page_block_of(p, p->ends.origin_last).time;

    text_str(p->to, "Of ");
    strong(p, p->d->trace->totals.origin);
    text_str(p->to, " taken in ");
    page_counted(p->to, p->ends.origins_n, "output", "outputs");
    if (p->ends.origins_n && first) {
        text_str(p->to, first / 86400 == last / 86400 ? " on " : " from ");
        page_date(p->to, first);
        if (first / 86400 != last / 86400) {
            text_str(p->to, " to ");
            page_date(p->to, last);
        }
    }
    text_str(p->to, ", ");
}

static void say_exits(struct page *p)
{
    size_t exits = 0, named = 0;
    uint64_t others = 0;

    for (size_t i = 0; i < p->ends.groups_n; i++)
        exits += p->ends.groups[i].fate == FATE_EXIT;
    if (!exits) {
        text_str(p->to, p->d->stops_n ? "nothing has reached any of the "
                                      : "no exits were given to look for");
        if (p->d->stops_n)
            page_counted(p->to, p->d->stops_n, "exit that is known", "exits that are known");
        return;
    }
    for (size_t i = 0; i < p->ends.groups_n; i++) {
        const struct ends_group *g = &p->ends.groups[i];

        if (g->fate != FATE_EXIT)
            continue;
        if (named == NAMED_MAX && exits > NAMED_MAX) {
            others += g->amount;
            continue;
        }
        text_str(p->to, !named ? "" : named + 1 == exits ? " and " : ", ");
        with_share(p, g->amount);
        text_str(p->to, " reached ");
        page_words(p->to, p->d->stops[g->stop].name, PAGE_NAME_MAX);
        named++;
    }
    if (exits > named) {
        text_str(p->to, " and ");
        with_share(p, others);
        text_str(p->to, " reached ");
        page_counted(p->to, exits - named, "other exit", "other exits");
    }
}

static void say_held(struct page *p)
{
    const struct ends_row *most = NULL;
    uint64_t rows = 0, held = fate_sum(p, FATE_HELD);

    for (size_t i = 0; i < p->ends.rows_n; i++)
        if (p->ends.rows[i].fate == FATE_HELD && !rows++)
            most = &p->ends.rows[i];
    text_str(p->to, "; ");
    if (!most) {
        text_str(p->to, "nothing is still held");
        return;
    }
    with_share(p, held);
    text_str(p->to, " is still held at ");
    if (rows > 1) {
        page_counted(p->to, rows, "address", "addresses");
        text_str(p->to, ", ");
        page_amount_unit(p, most->amount);
        text_str(p->to, " of it at ");
    }
    text_str(p->to, "<code>");
    page_script(p, most->script, 0);
    text_str(p->to, "</code>");
}

static void say_rest(struct page *p)
{
    uint64_t cut = fate_sum(p, FATE_CUT), unresolved = fate_sum(p, FATE_UNRESOLVED);

    if (cut) {
        text_str(p->to, "; ");
        with_share(p, cut);
        text_str(p->to, " lies beyond the hop limit");
    }
    if (unresolved) {
        text_str(p->to, "; ");
        with_share(p, unresolved);
        text_str(p->to, " is unresolved");
    }
    if (conserved(p)) {
        text_str(p->to, lost(p) ? "; " : "; nothing went to fees");
        if (lost(p)) {
            page_amount_unit(p, lost(p));
            text_str(p->to, p->d->trace->totals.dust ? " went to fees and dust" : " went to fees");
        }
    }
    text_str(p->to, ".");
}

static void as_of(struct page *p)
{
    text_str(p->to, "<p class=\"note\">As of ");
    page_height(p->to, p->names->until.height);
    if (p->names->until.time) {
        text_str(p->to, ", ");
        page_moment(p->to, p->names->until.time);
    }
    text_printf(p->to, ", followed by the rule <b>%s</b> on ", trace_policy_name(p->d->policy));
    page_words(p->to, p->names->chain, PAGE_NAME_MAX);
    text_str(p->to, ".</p>\n");
    if (!conserved(p))
        text_str(
            p->to,
            "<p class=\"note warn\">The rule poison marks every output of a transaction whole "
            "once any input is "
            "marked: these amounts can be more than was taken, and do not add up to it.</p>\n");
    if (!p->d->trace->exact)
        text_str(p->to, "<p class=\"note warn\">Not exact: the trace met transactions with an "
                        "input of unknown value; they "
                        "are listed below.</p>\n");
}

/* --- the bar and its list --- */

static const enum fate bar_order[] = {FATE_EXIT, FATE_HELD, FATE_CUT, FATE_UNRESOLVED, FATE_FEES};

static uint64_t bar_amount(const struct page *p, enum fate fate)
{
    return fate == FATE_FEES ? (conserved(p) ? lost(p) : 0) : fate_sum(p, fate);
}

static void bar(struct page *p)
{
    uint64_t total = 0, at = 0;

    for (size_t i = 0; i < sizeof(bar_order) / sizeof(bar_order[0]); i++)
        total += bar_amount(p, bar_order[i]);
    text_str(p->to, "<svg class=\"bar\" viewBox=\"0 0 10000 20\" preserveAspectRatio=\"none\" "
                    "aria-hidden=\"true\">");
    for (size_t i = 0; i < sizeof(bar_order) / sizeof(bar_order[0]) && total; i++) {
        uint64_t amount = bar_amount(p, bar_order[i]);
        unsigned x = (unsigned)((unsigned __int128)at * 10000 / total), to;

        at += amount;
        to = (unsigned)((unsigned __int128)at * 10000 / total);
        if (to > x)
            text_printf(p->to, "<rect class=\"%s\" x=\"%u\" width=\"%u\" height=\"20\"/>",
                        page_fate_class(bar_order[i]), x, to - x);
    }
    text_str(p->to, "</svg>\n");
}

static void sum_close(struct page *p, uint64_t amount)
{
    text_str(p->to, "</small></span><span class=\"much\">");
    page_amount_unit(p, amount);
    text_str(p->to, "<small>");
    if (conserved(p))
        page_share(p->to, amount, p->d->trace->totals.origin);
    text_str(p->to, "</small></span></li>\n");
}

static void sum_open(struct page *p, enum fate fate)
{
    text_printf(p->to, "<li><i class=\"m %s\" aria-hidden=\"true\">%s</i><span class=\"what\">",
                page_fate_class(fate), page_fate_mark(fate));
}

static void outputs_and_addresses(struct page *p, uint64_t outputs, uint64_t rows)
{
    page_counted(p->to, outputs, "output", "outputs");
    text_str(p->to, ", ");
    page_counted(p->to, rows, "address", "addresses");
}

static void sum_group(struct page *p, const struct ends_group *g)
{
    static const char *const names[] = {[FATE_HELD] = "Still held",
                                        [FATE_CUT] = "Beyond the hop limit",
                                        [FATE_UNRESOLVED] = "Unresolved"};

    sum_open(p, g->fate);
    if (g->fate == FATE_EXIT)
        page_words(p->to, p->d->stops[g->stop].name, PAGE_NAME_MAX);
    else
        text_str(p->to, names[g->fate]);
    text_str(p->to, "<small>");
    if (g->fate == FATE_EXIT) {
        text_str(p->to, "exit, ");
        page_words(p->to, p->d->stops[g->stop].category, PAGE_NAME_MAX);
        text_str(p->to, " · ");
    }
    outputs_and_addresses(p, g->outputs_n, g->rows_n);
    sum_close(p, g->amount);
}

/* The largest first, exits past the first few in one; what was lost on the way comes last. */
static void sums(struct page *p)
{
    struct ends_group others = {0};
    size_t exits = 0;

    for (size_t i = 0; i < p->ends.groups_n; i++) {
        const struct ends_group *g = &p->ends.groups[i];

        if (g->fate != FATE_EXIT || ++exits <= SUM_MAX) {
            sum_group(p, g);
            continue;
        }
        others.amount += g->amount;
        others.outputs_n += g->outputs_n;
        others.rows_n += g->rows_n;
    }
    if (exits > SUM_MAX) {
        sum_open(p, FATE_EXIT);
        page_counted(p->to, exits - SUM_MAX, "other exit", "other exits");
        text_str(p->to, "<small>");
        outputs_and_addresses(p, others.outputs_n, others.rows_n);
        sum_close(p, others.amount);
    }
    if (!conserved(p) || !lost(p))
        return;
    sum_open(p, FATE_FEES);
    text_str(p->to, p->d->trace->totals.dust ? "Fees and dust<small>" : "Fees<small>");
    if (p->d->trace->totals.dust) {
        text_str(p->to, "dust: ");
        page_amount_unit(p, p->d->trace->totals.dust);
    }
    sum_close(p, lost(p));
}

static void top(struct page *p)
{
    text_str(p->to, "<header>\n<p class=\"kind\">cordon · trace of stolen value");
    if (p->d->case_id) {
        text_str(p->to, " · case ");
        page_words(p->to, p->d->case_id, PAGE_NAME_MAX);
    }
    text_str(p->to, "</p>\n<h1>");
    title(p);
    text_str(p->to, "</h1>\n<p class=\"lead\" id=\"sentence\">");
    say_origin(p);
    say_exits(p);
    say_held(p);
    say_rest(p);
    text_str(p->to, "</p>\n");
    as_of(p);
    bar(p);
    text_str(p->to, "<ul class=\"sum\">\n");
    sums(p);
    text_str(p->to, "</ul>\n</header>\n<main>\n");
}

/* --- addresses --- */

static void row_what(struct page *p, const struct ends_row *r)
{
    text_printf(p->to, "<i class=\"m %s\">%s</i> ", page_fate_class(r->fate),
                page_fate_mark(r->fate));
    switch (r->fate) {
    case FATE_EXIT:
        page_words(p->to, p->d->stops[r->stop].name, PAGE_NAME_MAX);
        text_str(p->to, " (");
        page_words(p->to, p->d->stops[r->stop].category, PAGE_NAME_MAX);
        text_char(p->to, ')');
        return;
    case FATE_HELD:
        text_str(p->to, "still held");
        return;
    case FATE_CUT:
        text_str(p->to, "beyond the hop limit");
        return;
    case FATE_UNRESOLVED:
        text_str(p->to, "unresolved");
        return;
    case FATE_FEES:
    case FATE_MOVED:
        return;
    }
}

static void rows(struct page *p, size_t from, size_t to, const char *caption)
{
    text_printf(p->to,
                "<div class=\"wide\"><table class=\"rows\"><caption>%s</caption>\n<thead><tr><th "
                "scope=\"col\" "
                "class=\"n\">Amount (%s)"
                "<th scope=\"col\" class=\"n\">Share<th scope=\"col\">What<th scope=\"col\">Address"
                "<th scope=\"col\" class=\"n\">Outputs<th scope=\"col\">First</thead>\n<tbody>\n",
                caption, p->names->unit);
    for (size_t i = from; i < to; i++) {
        const struct ends_row *r = &p->ends.rows[i];
        struct ledger_block b =
            page_block_of(p, coins_maker(&p->d->coins, p->d->trace->reached[r->first].output));

        text_str(p->to, "<tr><td class=\"n\">");
        page_amount_full(p, r->amount);
        text_str(p->to, "<td class=\"n\">");
        if (conserved(p))
            page_share(p->to, r->amount, p->d->trace->totals.origin);
        text_str(p->to, "<td>");
        row_what(p, r);
        text_str(p->to, "<td><code class=\"c\">");
        page_script(p, r->script, 0);
        text_str(p->to, "</code><td class=\"n\">");
        page_count(p->to, r->outputs_n);
        text_str(p->to, "<td>");
        if (b.time)
            page_date(p->to, b.time);
        text_char(p->to, '\n');
    }
    text_str(p->to, "</tbody></table></div>\n");
}

static uint64_t rows_sum(const struct page *p, size_t from)
{
    uint64_t sum = 0;

    for (size_t i = from; i < p->ends.rows_n; i++)
        sum += p->ends.rows[i].amount;
    return sum;
}

static void addresses(struct page *p)
{
    size_t n = p->ends.rows_n, first = n <= ROWS_FIRST + 4 ? n : ROWS_FIRST,
           second = n < ROWS_MAX ? n : ROWS_MAX;

    text_str(p->to, "<section id=\"ends\">\n<h2>Where it is now</h2>\n");
    rows(p, 0, first, "Exits and holders by amount, the largest first.");
    if (n > first) {
        text_str(p->to, "<details class=\"more\"><summary>and ");
        page_count(p->to, n - first);
        text_str(p->to, " more addresses, ");
        page_amount_unit(p, rows_sum(p, first));
        text_str(p->to, "</summary>\n");
        rows(p, first, second, "The next by amount.");
        if (n > second) {
            text_str(p->to, "<p>and ");
            page_count(p->to, n - second);
            text_str(p->to, " more, ");
            page_amount_unit(p, rows_sum(p, second));
            text_str(p->to, ": all are in the same trace written with <code>--format csv</code> or "
                            "<code>--format json</code>.</p>\n");
        }
        text_str(p->to, "</details>\n");
    }
    text_str(p->to, "</section>\n");
}

/* --- the picture and its folds --- */

/* Which folds are opened: in order, as long as what they may draw is not too much. */
static bool *folds_choose(struct page *p, const struct flow *f)
{
    bool *opened = ARENA_ARRAY(p->a, bool, f->nodes_n);
    size_t n = 0, nodes = 0;

    for (size_t i = 0; opened && i < f->nodes_n; i++) {
        uint32_t txs_n = f->nodes[i].txs_n;

        if (txs_n < 2 || n == FOLDS_MAX || nodes > FOLDS_NODES_MAX)
            continue;
        opened[i] = true;
        n++;
        nodes += txs_n < fold_limits.nodes_max ? txs_n : fold_limits.nodes_max;
    }
    return opened;
}

static bool fold(struct page *p, const struct flow_node *n, uint32_t number, struct err *err)
{
    struct picture q = {.inside = true, .rows_max = 3};
    uint32_t *txs = ARENA_ARRAY(p->a, uint32_t, n->txs_n);
    char id[16], name[32];

    if (!txs)
        return no_room(p, err);
    snprintf(id, sizeof(id), "f%u", number);
    snprintf(name, sizeof(name), "Inside fold %u", number);
    for (uint32_t k = 0; k < n->txs_n; k++)
        txs[k] = p->ends.txs[n->txs[k]];
    q.txs = txs;
    q.id = id;
    if (!flow_inside(p->a, &p->ends.world, n, &q.w, err) ||
        !flow_lay_out(p->a, &q.w, fold_limits, &q.f, err))
        return false;
    text_printf(p->to, "<details class=\"fold-in\" id=\"s%u\"><summary>Inside: ", number);
    page_node_name(p, &(struct picture){.txs = p->ends.txs}, n);
    text_str(p->to, ", ");
    page_amount_unit(p, n->in);
    text_printf(p->to, "</summary><div id=\"%s\">\n", id);
    if (!page_picture(p, &q, name, err))
        return false;
    text_str(p->to, "</div></details>\n");
    return true;
}

static bool folds(struct page *p, const struct picture *q, struct err *err)
{
    size_t left = 0;

    for (uint32_t i = 0; i < q->f.nodes_n; i++) {
        left += q->f.nodes[i].txs_n > 1 && !q->opened[i];
        if (q->opened[i] && !fold(p, &q->f.nodes[i], i, err))
            return false;
    }
    if (!left)
        return true;
    text_str(p->to, "<p class=\"note\">");
    page_counted(p->to, left, "more fold is", "more folds are");
    text_str(p->to, " counted in the picture but not opened here; <code>--format graphml</code> "
                    "has every hop.</p>\n");
    return true;
}

static bool picture(struct page *p, struct err *err)
{
    struct picture q = {.w = p->ends.world, .txs = p->ends.txs, .id = "m", .rows_max = 5};
    struct flow_limits limits = main_limits;

    if (q.w.txs_n <= UNFOLDED_MAX)
        limits.chain_min = 0;
    if (!flow_lay_out(p->a, &q.w, limits, &q.f, err))
        return false;
    q.opened = folds_choose(p, &q.f);
    if (!q.opened)
        return no_room(p, err);
    text_str(p->to, "<section id=\"picture\">\n<h2>How it went</h2>\n<p class=\"note\">From left "
                    "to right in time; "
                    "widths are amounts. A dark bar is a transaction, a framed one a fold of many. "
                    "Bands that end at the "
                    "right are exits (▲), what is still held (■) and fees (·). ");
    text_str(p->to, q.f.by_time
                        ? "Each column is later than the one before it."
                        : "Each column is one step further; every band goes forward in time.");
    text_str(p->to, " <span class=\"keys\">Click for details, or use the keyboard: arrow keys "
                    "follow the widest band, Enter opens, "
                    "Esc closes.</span></p>\n<figure id=\"m\">\n");
    if (!page_picture(p, &q, "The flow of value", err))
        return false;
    text_str(p->to, "</figure>\n");
    if (!folds(p, &q, err))
        return false;
    text_str(p->to, "</section>\n");
    return true;
}

/* --- what it was computed from --- */

static void block_fact(struct page *p, const char *name, const struct ledger_block *b)
{
    text_printf(p->to, "<dt>%s<dd>", name);
    page_height(p->to, b->height);
    if (b->time) {
        text_str(p->to, ", ");
        page_moment(p->to, b->time);
    }
    text_str(p->to, "<br><code class=\"c\">");
    text_hex_reversed(p->to, b->hash.b, sizeof(b->hash.b));
    text_str(p->to, "</code>\n");
}

static void inputs(struct page *p)
{
    struct text *to = p->to;

    text_str(to, "<section id=\"inputs\">\n<h2>Computed from</h2>\n<p class=\"note\">Whoever has "
                 "the same chain and these inputs "
                 "computes the same trace, to the last unit.</p>\n<dl>\n<dt>Chain<dd>");
    page_words(to, p->names->chain, PAGE_NAME_MAX);
    text_printf(to, "\n<dt>Policy<dd>%s\n<dt>Rules<dd>%s\n<dt>Exact<dd>%s\n<dt>Dust limit<dd>",
                trace_policy_name(p->d->policy), TRACE_RULES, p->d->trace->exact ? "yes" : "no");
    if (p->d->dust > 1)
        page_amount_unit(p, p->d->dust);
    else
        text_str(to, "none");
    text_str(to, "\n<dt>Hop limit<dd>");
    if (p->d->hops_max == TRACE_HOPS_NONE)
        text_str(to, "none");
    else
        page_count(to, p->d->hops_max);
    text_char(to, '\n');
    block_fact(p, "Followed until", &p->names->until);
    block_fact(p, "Data as of", &p->names->tip);
    text_str(to, "<dt>Exits looked for<dd>");
    page_counted(to, p->d->stops_n, "address", "addresses");
    text_str(to, "<br>SHA-256 <code class=\"c\">");
    text_hex(to, p->d->stops_sha256.b, sizeof(p->d->stops_sha256.b));
    text_str(to, "</code>\n<dt>Reached<dd>");
    page_counted(to, p->d->trace->reached_n, "output", "outputs");
    text_str(to, " in ");
    page_counted(to, p->ends.world.txs_n, "transaction", "transactions");
    text_str(to, "\n</dl>\n</section>\n");
}

static void and_more(struct page *p, size_t n)
{
    if (n <= LIST_MAX)
        return;
    text_str(p->to, "<li>and ");
    page_count(p->to, n - LIST_MAX);
    text_str(p->to, " more, in <code>--format json</code>\n");
}

static void gaps(struct page *p)
{
    if (!p->d->gaps_n)
        return;
    text_str(p->to, "<section id=\"gaps\">\n<h2>Gaps in the data</h2>\n<p class=\"note\">Blocks "
                    "are missing here: what is held "
                    "before a gap may have moved within it.</p>\n<ul>\n");
    for (size_t i = 0; i < p->d->gaps_n && i < LIST_MAX; i++) {
        struct ledger_block after = p->names->block(p->names->ctx, p->d->gaps[i].after);
        struct ledger_block before = p->names->block(p->names->ctx, p->d->gaps[i].before);

        text_str(p->to, "<li>after ");
        page_height(p->to, after.height);
        text_str(p->to, ", before ");
        page_height(p->to, before.height);
        text_char(p->to, '\n');
    }
    and_more(p, p->d->gaps_n);
    text_str(p->to, "</ul>\n</section>\n");
}

static void unresolved(struct page *p)
{
    const struct trace *t = p->d->trace;

    if (!t->unresolved_n)
        return;
    text_str(p->to, "<section id=\"unresolved\">\n<h2>Unresolved transactions</h2>\n<p "
                    "class=\"note\">One of their inputs has an "
                    "unknown value, so what became of the value is not guessed.</p>\n<ul>\n");
    for (size_t i = 0; i < t->unresolved_n && i < LIST_MAX; i++) {
        text_str(p->to, "<li>");
        page_amount_unit(p, t->unresolved[i].taint);
        text_str(p->to, " in <code class=\"c\">");
        page_tx(p, t->unresolved[i].tx);
        text_str(p->to, "</code>\n");
    }
    and_more(p, t->unresolved_n);
    text_str(p->to, "</ul>\n</section>\n");
}

static void pattern(struct page *p, const struct pattern *x)
{
    text_printf(p->to, "<li><b>%s</b>", pattern_kind_name(x->kind));
    if (x->coinjoin) {
        text_str(p->to, " (");
        page_words(p->to, x->coinjoin, PAGE_NAME_MAX);
        text_char(p->to, ')');
    }
    text_str(p->to, ": ");
    page_counted(p->to, x->txs_n, "transaction", "transactions");
    if (x->inputs_n || x->outputs_n) {
        text_str(p->to, ", ");
        page_counted(p->to, x->inputs_n, "input", "inputs");
        text_str(p->to, ", ");
        page_counted(p->to, x->outputs_n, "output", "outputs");
    }
    if (x->txs_n) {
        text_str(p->to, ", ");
        page_height(p->to, page_block_of(p, x->txs[0]).height);
        text_str(p->to, ", first <code class=\"c\">");
        page_tx(p, x->txs[0]);
        text_str(p->to, "</code>");
    }
    text_char(p->to, '\n');
}

static void patterns(struct page *p)
{
    if (!p->d->patterns_n)
        return;
    text_str(p->to, "<section id=\"patterns\">\n<h2>Patterns</h2>\n<p class=\"note\">Shapes that "
                    "transactions have; they "
                    "change nothing in the amounts.</p>\n<ul>\n");
    for (size_t i = 0; i < p->d->patterns_n && i < LIST_MAX; i++)
        pattern(p, &p->d->patterns[i]);
    and_more(p, p->d->patterns_n);
    text_str(p->to, "</ul>\n</section>\n");
}

bool page_write(struct arena *a, struct text *to, const struct trace_doc *d,
                const struct page_names *names, struct err *err)
{
    struct page p = {.a = a, .to = to, .d = d, .names = names, .details_left = DETAILS_MAX};

    if (!ends_sort(a, d, names, &p.ends, err))
        return false;
    style_and_title(&p);
    top(&p);
    addresses(&p);
    if (!picture(&p, err))
        return false;
    inputs(&p);
    gaps(&p);
    unresolved(&p);
    patterns(&p);
    text_str(to, "</main>\n<footer>Made by cordon from public chain data. This page loads nothing "
                 "from anywhere. Amounts are exact.</footer>\n"
                 "<script>");
    text_str(to, embedded_script);
    text_str(to, "</script>\n</body>\n</html>\n");
    return true;
}

/* --- names from a ledger --- */

static struct hash32 ledger_name_txid(void *ctx, uint32_t tx)
{
    return ledger_txid(ctx, tx);
}

static struct ledger_block ledger_name_block(void *ctx, uint32_t block)
{
    return ledger_block(ctx, block);
}

static uint32_t ledger_name_block_of(void *ctx, uint32_t tx)
{
    return ledger_tx_block(ctx, tx);
}

static uint32_t ledger_name_script(void *ctx, uint64_t output)
{
    return ledger_script_of(ctx, output);
}

static void ledger_name_show(void *ctx, uint32_t script, struct text *to)
{
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct bytes b;

    if (ledger_script(ctx, script, buffer, &b))
        script_show(to, ledger_chain(ctx), b);
}

bool trace_write_html(struct arena *a, struct text *to, const struct trace_doc *d, struct err *err)
{
    const struct chain *chain = ledger_chain(d->ledger);
    struct page_names names = {
        .ctx = (void *)d->ledger, /* only read */
        .chain = chain->name,
        .unit = chain->symbol,
        .decimals = chain->decimals,
        .until = ledger_block(d->ledger, d->blocks_n ? d->blocks_n - 1 : 0),
        .tip = ledger_block(d->ledger, (uint32_t)ledger_counts(d->ledger).blocks - 1),
        .txid = ledger_name_txid,
        .block = ledger_name_block,
        .block_of = ledger_name_block_of,
        .script_of = ledger_name_script,
        .script_show = ledger_name_show,
    };

    return page_write(a, to, d, &names, err);
}
