/* The page of a trace over accounts, or over several chains: one sentence that says it all, where
 * the value is, the picture with a lane a chain, the moves, and what all this was computed from.
 * Its style, its script and its manners (details as targets of links, keys, no network) are those
 * of html.c. */
#include "chain/facts.h"
#include "trace/lanes.h"
#include "trace/page.h"

#include "trace_page.h" /* made from web/trace by tools/embed-page */

#include <stdlib.h>

#define MOVES_MAX 400 /* rows of the table of moves, a part */
#define ENDS_FIRST 10 /* of them at once */
#define ENDS_MAX 300  /* rows of where it is now, a part */
#define NAMED_MAX 4   /* sums named in the sentence */
#define DETAIL_ROWS 14
#define DETAILS_MAX 4000 /* rows of all details together */

struct lanes_page {
    struct arena *a;
    struct text *to;
    const struct ledgers_doc *d;
    struct lanes l;
    uint32_t details_left;
};

static const struct account_doc *accounts_of(const struct lanes_page *p, uint32_t ledger)
{
    return p->d->parts[ledger].accounts;
}

static void put_words(struct lanes_page *p, const char *s, size_t max)
{
    page_words(p->to, s, max);
}

/* "1,234.5 ETH" of a ledger's asset. */
static void put_amount(struct lanes_page *p, uint32_t ledger, uint64_t asset, struct u256 amount)
{
    const struct trace_ledger *l = &p->d->ledgers[ledger];
    struct text shown = text_new(1024);

    if (l->accounts && !asset_facts_of(l->accounts, asset).has_decimals) {
        char name[ACCOUNT_NAME_MAX];

        asset_text(l->accounts, asset, name);
        text_u256(&shown, amount, 0, 0);
        text_printf(&shown, strlen(name) > 18 ? " units of %.8s…%s" : " units of %s%s", name,
                    strlen(name) > 18 ? name + strlen(name) - 6 : "");
    } else if (l->accounts) {
        text_asset_amount(&shown, l->accounts, asset, amount);
    } else {
        text_u256(&shown, amount, ledger_chain(l->coins)->decimals, 0);
        text_printf(&shown, " %s", ledger_chain(l->coins)->symbol);
    }
    if (text_string(&shown))
        page_words(p->to, shown.p, 0);
    else
        p->to->bad = true;
    text_free(&shown);
}

/* Head and tail of a long name, as people compare them. */
static void put_place(struct lanes_page *p, const struct lanes_place *x, bool brief)
{
    struct text shown = text_new((size_t)64 << 10);
    const char *s;

    lanes_place_text(&p->d->ledgers[x->key.ledger], x->key, &shown);
    s = text_string(&shown);
    if (!s) {
        p->to->bad = true;
    } else if (!brief || shown.n <= 18) {
        page_words(p->to, s, brief ? 18 : 0);
    } else {
        char head[9] = "";

        memcpy(head, s, 8);
        page_words(p->to, utf8_valid(head, 8) ? head : "", 0);
        text_str(p->to, "…");
        page_words(p->to, utf8_valid(s + shown.n - 6, 6) ? s + shown.n - 6 : "", 0);
    }
    text_free(&shown);
}

/* --- the head --- */

static void title(struct lanes_page *p)
{
    bool some = false;

    if (p->d->title) {
        put_words(p, p->d->title, 200);
        return;
    }
    text_str(p->to, "Trace on ");
    for (size_t i = 0; i < p->d->ledgers_n; i++)
        if (p->d->parts[i].accounts || p->d->parts[i].coins) {
            text_str(p->to, some ? " and " : "");
            text_str(p->to, trace_ledger_chain(&p->d->ledgers[i])->name);
            some = true;
        }
}

struct sum {
    uint32_t ledger;
    uint64_t asset;
    const char *name; /* of a stop */
    struct u256 amount;
    size_t places;
};

static void sum_add(struct sum *sums, size_t *n, size_t max, struct sum one)
{
    size_t i = 0;

    while (i < *n && (sums[i].ledger != one.ledger || sums[i].asset != one.asset ||
                      strcmp(sums[i].name, one.name)))
        i++;
    if (i == *n) {
        if (*n == max)
            return;
        sums[(*n)++] = (struct sum){one.ledger, one.asset, one.name, u256_of(0), 0};
    }
    u256_add(sums[i].amount, one.amount, &sums[i].amount);
    sums[i].places++;
}

static void strong(struct lanes_page *p, const struct sum *s)
{
    text_str(p->to, "<strong>");
    put_amount(p, s->ledger, s->asset, s->amount);
    text_str(p->to, "</strong>");
}

static void say_sums(struct lanes_page *p, const struct sum *sums, size_t n, bool names)
{
    for (size_t i = 0; i < n && i < NAMED_MAX; i++) {
        text_str(p->to, !i ? "" : i + 1 == n ? " and " : ", ");
        strong(p, &sums[i]);
        if (names) {
            text_str(p->to, " reached ");
            put_words(p, sums[i].name, PAGE_NAME_MAX);
        }
    }
    if (n > NAMED_MAX)
        text_printf(p->to, " and more (%zu in all)", n);
}

#define SUMS_MAX 256

/* Origins, exits by name, and what is held, of all parts. */
static void sums_of(const struct lanes_page *p, struct sum *taken, size_t *taken_n,
                    struct sum *exits, size_t *exits_n, struct sum *held, size_t *held_n)
{
    for (uint32_t i = 0; i < p->d->ledgers_n; i++) {
        const struct account_doc *a = p->d->parts[i].accounts;
        const struct trace_doc *c = p->d->parts[i].coins;

        for (size_t k = 0; a && k < a->trace->totals_n; k++) {
            const struct account_totals *t = &a->trace->totals[k];

            if (!u256_zero(t->origin))
                sum_add(taken, taken_n, SUMS_MAX, (struct sum){i, t->asset, "", t->origin, 0});
            if (!u256_zero(t->held))
                sum_add(held, held_n, SUMS_MAX, (struct sum){i, t->asset, "", t->held, 0});
        }
        for (size_t k = 0; a && k < a->trace->balances_n; k++) {
            const struct account_balance *b = &a->trace->balances[k];

            if (b->stop != STOP_NONE)
                sum_add(exits, exits_n, SUMS_MAX,
                        (struct sum){i, accounts_holding(&a->accounts, b->holding).asset,
                                     account_doc_stop(a, b->stop).name, b->taint, 0});
        }
        if (!c)
            continue;
        if (c->trace->totals.held)
            sum_add(held, held_n, SUMS_MAX,
                    (struct sum){i, 0, "", u256_of(c->trace->totals.held), 0});
        for (size_t k = 0; k < c->trace->reached_n; k++) {
            const struct trace_reached *r = &c->trace->reached[k];

            if (r->stop >= 0)
                sum_add(exits, exits_n, SUMS_MAX,
                        (struct sum){i, 0, c->stops[r->stop].name, u256_of(r->taint), 0});
        }
    }
}

static void sentence(struct lanes_page *p)
{
    struct sum *sums = ARENA_ARRAY(p->a, struct sum, 3 * SUMS_MAX);
    struct sum *taken = sums, *exits = sums ? sums + SUMS_MAX : NULL,
               *held = sums ? sums + 2 * SUMS_MAX : NULL;
    size_t taken_n = 0, exits_n = 0, held_n = 0;

    text_str(p->to, "<p class=\"lead\" id=\"sentence\">");
    if (sums) {
        sums_of(p, taken, &taken_n, exits, &exits_n, held, &held_n);
        text_str(p->to, "Of ");
        say_sums(p, taken, taken_n, false);
        text_str(p->to, taken_n ? " taken, " : "nothing new taken, ");
        say_sums(p, exits, exits_n, true);
        text_str(p->to, exits_n ? "; " : "nothing has reached a stop; ");
        say_sums(p, held, held_n, false);
        text_str(p->to, held_n ? " is still held." : "nothing is still held.");
    } else {
        p->to->bad = true;
    }
    text_str(p->to, "</p>\n");
}

static void part_note(struct lanes_page *p, uint32_t i)
{
    const struct account_doc *a = p->d->parts[i].accounts;

    text_str(p->to, "<p class=\"note\">");
    text_str(p->to, trace_ledger_chain(&p->d->ledgers[i])->name);
    text_str(p->to, ": as of ");
    if (a) {
        struct account_ledger_block b = account_ledger_block(a->ledger, a->blocks_n - 1);

        if (b.height != HEIGHT_UNKNOWN) {
            page_height(p->to, b.height);
            text_str(p->to, ", ");
        }
        text_time(p->to, b.time);
        text_str(p->to, " UTC");
    } else {
        const struct trace_doc *c = p->d->parts[i].coins;

        page_height(p->to, ledger_block(c->ledger, c->blocks_n - 1).height);
    }
    text_printf(p->to, ", by the rule <b>%s</b>.</p>\n", trace_policy_name(p->d->policy));
    if (a && a->unseen)
        text_str(p->to,
                 "<p class=\"note warn\">Not exact: the ledger's source did not tell internal "
                 "transfers, so native coin can have come and gone unseen.</p>\n");
    if (a && !a->trace->exact)
        text_str(p->to, "<p class=\"note warn\">Not exact: an account spent more than its recorded "
                        "balance while it held some of this; what is above it is of unknown "
                        "origin.</p>\n");
}

static void top(struct lanes_page *p)
{
    struct text *to = p->to;

    text_printf(to,
                "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src '%s' '%s'; script-src '%s'; base-uri 'none'; form-action 'none'\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n"
                "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
                embedded_style_hash, embedded_lanes_hash, embedded_script_hash);
    title(p);
    text_str(to, "</title>\n<style>");
    text_str(to, embedded_style);
    text_str(to, "</style>\n<style>");
    text_str(to, embedded_lanes);
    text_str(to, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#picture\">Skip to the "
                 "picture</a>\n<header>\n<p class=\"kind\">cordon · trace of stolen value");
    if (p->d->case_id) {
        text_str(to, " · case ");
        put_words(p, p->d->case_id, PAGE_NAME_MAX);
    }
    text_str(to, "</p>\n<h1>");
    title(p);
    text_str(to, "</h1>\n");
    sentence(p);
    for (uint32_t i = 0; i < p->d->ledgers_n; i++)
        if (p->d->parts[i].accounts || p->d->parts[i].coins)
            part_note(p, i);
    text_str(to, "</header>\n<main>\n");
}

/* --- where it is now --- */

struct end_row {
    uint32_t ledger;
    uint64_t asset;
    struct u256 taint;
    int32_t stop;
    struct lanes_place place; /* its key alone counts */
    uint32_t hop;
};

static int end_order(const void *pa, const void *pb)
{
    const struct end_row *x = pa, *y = pb;
    int order;

    if (x->ledger != y->ledger)
        return x->ledger < y->ledger ? -1 : 1;
    if (x->asset != y->asset)
        return x->asset < y->asset ? -1 : 1;
    order = u256_compare(y->taint, x->taint);
    if (order)
        return order;
    return (x->place.key.id > y->place.key.id) - (x->place.key.id < y->place.key.id);
}

static size_t ends_of(const struct lanes_page *p, struct end_row *rows)
{
    size_t n = 0;

    for (uint32_t i = 0; i < p->d->ledgers_n; i++) {
        const struct account_doc *a = p->d->parts[i].accounts;
        const struct trace_doc *c = p->d->parts[i].coins;

        for (size_t k = 0; a && k < a->trace->balances_n; k++) {
            const struct account_balance *b = &a->trace->balances[k];
            struct holding h = accounts_holding(&a->accounts, b->holding);

            rows[n++] =
                (struct end_row){.ledger = i,
                                 .asset = h.asset,
                                 .taint = b->taint,
                                 .stop = b->stop,
                                 .hop = b->hop,
                                 .place = {.key = {i, PLACE_ACCOUNT, h.account}, .stop = b->stop}};
        }
        for (size_t k = 0; c && k < c->trace->reached_n; k++) {
            const struct trace_reached *r = &c->trace->reached[k];

            if (r->stop < 0 && !trace_doc_held(r))
                continue;
            rows[n++] = (struct end_row){
                .ledger = i,
                .taint = u256_of(r->taint),
                .stop = r->stop,
                .hop = r->hop,
                .place = {.key = {i, PLACE_SCRIPT, ledger_script_of(c->ledger, r->output)},
                          .stop = r->stop}};
        }
    }
    if (n)
        qsort(rows, n, sizeof(*rows), end_order);
    return n;
}

static void put_end(struct lanes_page *p, const struct end_row *r)
{
    const char *stop = lanes_stop_name(p->d, &r->place);

    text_str(p->to, "<tr><td class=\"n\">");
    put_amount(p, r->ledger, r->asset, r->taint);
    text_printf(p->to, "<td>%s<td>", trace_ledger_chain(&p->d->ledgers[r->ledger])->name);
    if (stop) {
        text_str(p->to, "<i class=\"m ex\">▲</i> ");
        put_words(p, stop, PAGE_NAME_MAX);
    } else {
        text_str(p->to, "<i class=\"m he\">■</i> still held");
    }
    text_str(p->to, "<td><code class=\"c\">");
    put_place(p, &r->place, false);
    text_printf(p->to, "</code><td class=\"n\">%u\n", r->hop);
}

static void ends_table(struct lanes_page *p, const struct end_row *rows, size_t n,
                       const char *caption)
{
    text_printf(p->to,
                "<div class=\"wide\"><table class=\"rows\"><caption>%s</caption>\n"
                "<thead><tr><th scope=\"col\" class=\"n\">Amount<th scope=\"col\">Chain<th "
                "scope=\"col\">What<th scope=\"col\">Account<th scope=\"col\" class=\"n\">Hop"
                "</thead>\n<tbody>\n",
                caption);
    for (size_t i = 0; i < n; i++)
        put_end(p, &rows[i]);
    text_str(p->to, "</tbody></table></div>\n");
}

static bool ends(struct lanes_page *p)
{
    size_t max = 0, n;
    struct end_row *rows;

    for (size_t i = 0; i < p->d->ledgers_n; i++) {
        if (p->d->parts[i].accounts)
            max += p->d->parts[i].accounts->trace->balances_n;
        if (p->d->parts[i].coins)
            max += p->d->parts[i].coins->trace->reached_n;
    }
    rows = ARENA_ARRAY(p->a, struct end_row, max);
    if (!rows)
        return false;
    n = ends_of(p, rows);
    text_str(p->to, "<section id=\"ends\">\n<h2>Where it is now</h2>\n");
    ends_table(p, rows, n < ENDS_FIRST ? n : ENDS_FIRST,
               "Exits and holders by chain, asset and amount.");
    if (n > ENDS_FIRST) {
        text_str(p->to, "<details class=\"more\"><summary>and ");
        page_count(p->to, n - ENDS_FIRST);
        text_str(p->to, " more</summary>\n");
        ends_table(p, rows + ENDS_FIRST, (n < ENDS_MAX ? n : ENDS_MAX) - ENDS_FIRST, "The others.");
        if (n > ENDS_MAX) {
            text_str(p->to, "<p class=\"note\">and ");
            page_count(p->to, n - ENDS_MAX);
            text_str(p->to, " more, in <code>--format json</code></p>\n");
        }
        text_str(p->to, "</details>\n");
    }
    text_str(p->to, "</section>\n");
    return true;
}

/* --- the picture --- */

static const char *grade_class(enum move_grade grade)
{
    switch (grade) {
    case MOVE_PROVEN:
        return "proven";
    case MOVE_STATED:
        return "stated";
    case MOVE_CANDIDATE:
        return "candidate";
    }
    return "";
}

static void put_band_words(struct lanes_page *p, const struct lanes_band *b)
{
    put_amount(p, b->ledger, b->asset, b->taint);
    if (b->route)
        text_printf(p->to, " by %s", route_rule_name(b->rule));
    else if (b->transfers > 1)
        text_printf(p->to, " in %u transfers", b->transfers);
    if (b->grade != MOVE_PROVEN)
        text_printf(p->to, ", %s", grade_class(b->grade));
}

/* To the right with an S; back, or within a column, around with a loop below. */
static void draw_band(struct lanes_page *p, const struct lanes_band *b)
{
    const struct lanes_place *from = &p->l.places[b->from], *to = &p->l.places[b->to];
    int32_t x0 = from->x + LANES_BOX_WIDTH, y0 = from->y + LANES_BOX_HEIGHT / 2, x1 = to->x,
            y1 = to->y + LANES_BOX_HEIGHT / 2, bend = (x1 - x0) / 2;

    if (b->from == b->to)
        return;
    text_printf(p->to,
                "<path class=\"b %s%s%s\" data-a=\"%u\" data-b=\"%u\" stroke-width=\"%u.%u\" ",
                grade_class(b->grade), b->route ? " route" : "",
                to->exit && !b->route   ? " to-ex"
                : to->held && !b->route ? " to-he"
                                        : "",
                b->from, b->to, b->width / 10, b->width % 10);
    if (x1 > x0)
        text_printf(p->to, "d=\"M%d %dC%d %d %d %d %d %d\">", x0, y0, x0 + bend, y0, x1 - bend, y1,
                    x1, y1);
    else
        text_printf(p->to, "d=\"M%d %dC%d %d %d %d %d %d\">", x0, y0, x0 + 60, y0 + 30, x1 - 60,
                    y1 + 30, x1, y1);
    text_str(p->to, "<title>");
    put_band_words(p, b);
    text_str(p->to, "</title></path>\n");
}

/* The places that the widest band leads to, and comes from: where arrow keys go. */
static void widest(const struct lanes_page *p, uint32_t place, uint32_t *ret_right,
                   uint32_t *ret_left)
{
    uint32_t right = 0, left = 0;

    *ret_right = *ret_left = UINT32_MAX;
    for (size_t i = 0; i < p->l.bands_n; i++) {
        const struct lanes_band *b = &p->l.bands[i];

        if (b->from == place && b->to != place && b->width > right &&
            p->l.places[b->to].column > p->l.places[place].column) {
            right = b->width;
            *ret_right = b->to;
        }
        if (b->to == place && b->from != place && b->width > left &&
            p->l.places[b->from].column < p->l.places[place].column) {
            left = b->width;
            *ret_left = b->from;
        }
    }
}

static void put_place_name(struct lanes_page *p, const struct lanes_place *x, bool brief)
{
    if (x->folded) {
        page_count(p->to, x->folded);
        text_str(p->to, x->key.kind == PLACE_TX ? " transactions" : " accounts");
    } else {
        put_place(p, x, brief);
    }
}

static void put_place_end(struct lanes_page *p, const struct lanes_place *x, size_t max)
{
    const char *stop = x->folded ? NULL : lanes_stop_name(p->d, x);

    if (stop) {
        text_str(p->to, "▲ ");
        put_words(p, stop, max);
    } else if (x->exit && x->held) {
        text_str(p->to, "▲ ■ ends and holders");
    } else if (x->exit) {
        text_str(p->to, "▲ exits");
    } else if (x->held) {
        text_str(p->to, "■ holds some");
    } else {
        text_str(p->to, x->key.kind == PLACE_TX ? "transaction" : "passed on");
    }
}

static void draw_place(struct lanes_page *p, uint32_t i)
{
    const struct lanes_place *x = &p->l.places[i];
    uint32_t right, left;

    widest(p, i, &right, &left);
    text_printf(p->to, "<a class=\"n%s\" href=\"#m-d%u\" data-k=\"%u\" data-c=\"%u\" data-y=\"%d\"",
                x->exit   ? " ex"
                : x->held ? " he"
                          : "",
                i, i, x->column, x->y);
    if (right != UINT32_MAX)
        text_printf(p->to, " data-r=\"%u\"", right);
    if (left != UINT32_MAX)
        text_printf(p->to, " data-l=\"%u\"", left);
    text_str(p->to, " aria-label=\"");
    put_place_name(p, x, false);
    text_str(p->to, ", ");
    put_place_end(p, x, PAGE_NAME_MAX);
    text_printf(p->to,
                "\"><rect class=\"box\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"/>"
                "<rect class=\"halo\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"7\"/>"
                "<text x=\"%d\" y=\"%d\">",
                x->x, x->y, LANES_BOX_WIDTH, LANES_BOX_HEIGHT, x->x - 3, x->y - 3,
                LANES_BOX_WIDTH + 6, LANES_BOX_HEIGHT + 6, x->x + 8, x->y + 14);
    put_place_name(p, x, true);
    text_printf(p->to, "</text><text class=\"sub\" x=\"%d\" y=\"%d\">", x->x + 8, x->y + 28);
    put_place_end(p, x, 20);
    text_str(p->to, "</text></a>\n");
}

static void detail_rows(struct lanes_page *p, uint32_t place, bool out, const char *caption)
{
    size_t shown = 0, n = 0;

    for (size_t i = 0; i < p->l.bands_n; i++) {
        const struct lanes_band *b = &p->l.bands[i];

        if ((out ? b->from : b->to) != place || b->from == b->to)
            continue;
        if (!n++)
            text_printf(p->to, "<table><caption>%s</caption>\n", caption);
        if (shown == DETAIL_ROWS || !p->details_left)
            continue;
        shown++;
        p->details_left--;
        text_str(p->to, "<tr><td><code>");
        put_place_name(p, &p->l.places[out ? b->to : b->from], false);
        text_str(p->to, "</code><td class=\"n\">");
        put_band_words(p, b);
        text_char(p->to, '\n');
    }
    if (n > shown) {
        text_str(p->to, "<tr><td colspan=\"2\">and ");
        page_count(p->to, n - shown);
        text_str(p->to, " more\n");
    }
    if (n)
        text_str(p->to, "</table>\n");
}

static void place_detail(struct lanes_page *p, uint32_t i)
{
    const struct lanes_place *x = &p->l.places[i];

    text_printf(p->to,
                "<section class=\"d\" id=\"m-d%u\" role=\"dialog\" aria-labelledby=\"m-h%u\">"
                "<a class=\"x\" href=\"#m\" aria-label=\"Close\">×</a><h3 id=\"m-h%u\">",
                i, i, i);
    put_place_end(p, x, PAGE_NAME_MAX);
    text_printf(p->to, " on %s</h3><p>", trace_ledger_chain(&p->d->ledgers[x->key.ledger])->name);
    if (x->folded)
        text_str(p->to, "The least of this column, folded into one.");
    else {
        text_str(p->to, "<code class=\"c\">");
        put_place(p, x, false);
        text_str(p->to, "</code>");
    }
    text_str(p->to, "</p>\n");
    detail_rows(p, i, false, "Comes in");
    detail_rows(p, i, true, "Goes out");
    text_str(p->to, "</section>\n");
}

static int drawn_order(const void *pa, const void *pb)
{
    const struct lanes_place *x = *(const struct lanes_place *const *)pa,
                             *y = *(const struct lanes_place *const *)pb;

    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->y != y->y ? (x->y < y->y ? -1 : 1) : 0;
}

static void legend(struct lanes_page *p)
{
    static const char *const rows[][2] = {{"proven", "proven by the chain"},
                                          {"stated", "stated: by somebody, or by a router"},
                                          {"candidate", "candidate"},
                                          {"route", "by a route or a conversion"}};

    text_str(p->to, "<ul class=\"legend\">\n");
    for (size_t i = 0; i < 4; i++)
        text_printf(p->to,
                    "<li><svg width=\"44\" height=\"10\" aria-hidden=\"true\"><path class=\"%s\" "
                    "d=\"M2 5H42\"/></svg>%s\n",
                    rows[i][0], rows[i][1]);
    text_str(p->to, "</ul>\n");
}

static void svg(struct lanes_page *p, const struct lanes_place **drawn, size_t drawn_n)
{
    text_printf(p->to,
                "<svg class=\"flow\" role=\"group\" aria-label=\"The flow of value\" width=\"%d\" "
                "height=\"%d\" viewBox=\"0 0 %d %d\">\n",
                p->l.width, p->l.height, p->l.width, p->l.height);
    for (size_t i = 0; i < p->d->ledgers_n; i++)
        if (p->l.lane_h[i])
            text_printf(
                p->to,
                "<rect class=\"lane\" x=\"0\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>"
                "<text class=\"lane-name\" x=\"%d\" y=\"%d\">%s</text>\n",
                p->l.lane_y[i], p->l.width, p->l.lane_h[i], LANES_X, p->l.lane_y[i] + 18,
                trace_ledger_chain(&p->d->ledgers[i])->name);
    text_str(p->to, "<g class=\"ax\" aria-hidden=\"true\">");
    for (uint32_t c = 1; c < p->l.columns_n; c++)
        text_printf(p->to, "<text x=\"%d\" y=\"16\">hop %u</text>",
                    LANES_X + (int32_t)c * LANES_STEP, c - 1);
    text_str(p->to, "</g>\n<g>\n");
    for (size_t i = 0; i < p->l.bands_n; i++)
        draw_band(p, &p->l.bands[i]);
    text_str(p->to, "</g>\n");
    for (size_t i = 0; i < drawn_n; i++)
        draw_place(p, (uint32_t)(drawn[i] - p->l.places));
    text_str(p->to, "</svg>\n");
}

static bool picture(struct lanes_page *p)
{
    const struct lanes_place **drawn = ARENA_ARRAY(p->a, const struct lanes_place *, p->l.places_n);
    size_t n = 0;

    if (!drawn)
        return false;
    for (size_t i = 0; i < p->l.places_n; i++)
        if (p->l.places[i].drawn == i)
            drawn[n++] = &p->l.places[i];
    if (n)
        qsort(drawn, n, sizeof(const struct lanes_place *), drawn_order);
    text_str(p->to,
             "<section id=\"picture\">\n<h2>How it went</h2>\n<p class=\"note\">Each chain is a "
             "lane; value goes from left to right, hop by hop. The wider a line, the larger "
             "its share of what was marked of its asset; its style is the grade of what is "
             "known of it. ▲ is an exit, ■ is still held. <span class=\"keys\">Click for "
             "details, or use the keyboard: arrow keys follow the widest line, Enter opens, "
             "Esc closes.</span></p>\n");
    legend(p);
    text_str(p->to, "<figure id=\"m\">\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
                    "aria-label=\"The flow of value\">\n");
    svg(p, drawn, n);
    text_str(p->to, "</div>\n");
    for (size_t i = 0; i < n; i++)
        place_detail(p, (uint32_t)(drawn[i] - p->l.places));
    text_str(p->to, "</figure>\n</section>\n");
    return true;
}

/* --- moves, routes, inputs --- */

static void put_move(struct lanes_page *p, uint32_t ledger, const struct account_doc *d,
                     const struct account_move *m)
{
    struct transfer t = accounts_transfer(&d->accounts, m->transfer);
    char name[ACCOUNT_NAME_MAX], id[TRANSFER_NAME_MAX];

    text_str(p->to, "<tr><td>");
    text_time(p->to, account_doc_block(d, m->transfer).time);
    text_printf(p->to, "<td class=\"n\">%u<td class=\"n\">", m->hop);
    put_amount(p, ledger, transfer_asset(&d->accounts, &t), m->taint);
    text_str(p->to, "<td><code>");
    holder_text(d->ledger, t.from, name);
    put_words(p, *name ? name : "nobody", 0);
    text_str(p->to, "</code><br>to <code>");
    holder_text(d->ledger, t.to, name);
    put_words(p, *name ? name : "nobody", 0);
    text_printf(p->to, "</code><td>%s%s<td><code class=\"c\">", grade_class(m->grade),
                m->beyond ? ", beyond the recorded balance" : "");
    transfer_name(d->ledger, m->transfer, id);
    put_words(p, id, 0);
    text_str(p->to, "</code>\n");
}

static void moves(struct lanes_page *p, uint32_t ledger)
{
    const struct account_doc *d = accounts_of(p, ledger);
    size_t n = d->trace->moves_n;

    text_str(p->to, "<section>\n<details><summary><h2>");
    text_printf(p->to, "Moves on %s, in order (", account_ledger_chain(d->ledger)->name);
    page_count(p->to, n);
    text_str(
        p->to,
        ")</h2></summary>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Time (UTC)"
        "<th scope=\"col\" class=\"n\">Hop<th scope=\"col\" class=\"n\">Amount<th "
        "scope=\"col\">From and to<th scope=\"col\">Grade<th scope=\"col\">Transfer</thead>\n"
        "<tbody>\n");
    for (size_t i = 0; i < n && i < MOVES_MAX; i++)
        put_move(p, ledger, d, &d->trace->moves[i]);
    text_str(p->to, "</tbody></table></div>\n");
    if (n > MOVES_MAX) {
        text_str(p->to, "<p class=\"note\">and ");
        page_count(p->to, n - MOVES_MAX);
        text_str(p->to, " more, in <code>--format json</code></p>\n");
    }
    text_str(p->to, "</details>\n</section>\n");
}

/* As the text for people says it, between pre. */
static void put_pre(struct lanes_page *p,
                    void (*write)(struct text *to, const struct ledgers_doc *d), const char *id)
{
    struct text shown = text_new((size_t)16 << 20);

    write(&shown, p->d);
    if (!text_string(&shown))
        p->to->bad = true;
    else if (shown.n) {
        text_printf(p->to, "<section id=\"%s\"><pre><code>", id);
        for (char *line = shown.p, *end; *line; line = end) {
            end = strchrnul(line, '\n');
            if (*end)
                *end++ = 0;
            page_words(p->to, line, 0);
            text_char(p->to, '\n');
        }
        text_str(p->to, "</code></pre></section>\n");
    }
    text_free(&shown);
}

static void write_links(struct text *to, const struct ledgers_doc *d)
{
    routes_text_links(to, d->ledgers, d->links, d->links_n);
}

static void write_candidates(struct text *to, const struct ledgers_doc *d)
{
    routes_text_candidates(to, d->ledgers, d->candidates, d->candidates_n);
}

static void write_trusts(struct text *to, const struct ledgers_doc *d)
{
    routes_text_trusts(to, &d->trusts);
}

static void write_traps(struct text *to, const struct ledgers_doc *d)
{
    for (size_t i = 0; i < d->ledgers_n; i++)
        if (d->parts[i].accounts)
            account_text_traps(to, d->parts[i].accounts);
}

static void inputs(struct lanes_page *p)
{
    struct text *to = p->to;

    text_str(to,
             "<section id=\"inputs\">\n<h2>Computed from</h2>\n<p class=\"note\">Whoever has the "
             "same chains and these inputs computes the same trace, to the last unit.</p>\n<dl>\n");
    text_printf(to, "<dt>Policy<dd>%s\n<dt>Rules<dd>%s\n<dt>Exact<dd>%s\n",
                trace_policy_name(p->d->policy), TRACE_RULES, p->d->exact ? "yes" : "no");
    for (uint32_t i = 0; i < p->d->ledgers_n; i++) {
        const struct account_doc *a = p->d->parts[i].accounts;
        const struct trace_doc *c = p->d->parts[i].coins;

        if (!a && !c)
            continue;
        text_printf(to, "<dt>%s<dd>until ", trace_ledger_chain(&p->d->ledgers[i])->name);
        if (a) {
            struct account_ledger_block b = account_ledger_block(a->ledger, a->blocks_n - 1);
            char hash[TX_NAME_MAX];

            tx_name_of(account_ledger_chain(a->ledger), &b.hash, hash);
            text_time(to, b.time);
            text_printf(to, "<br><code class=\"c\">%s</code>", hash);
        } else {
            struct ledger_block b = ledger_block(c->ledger, c->blocks_n - 1);

            page_height(to, b.height);
            text_str(to, "<br><code class=\"c\">");
            text_hex_reversed(to, b.hash.b, sizeof(b.hash.b));
            text_str(to, "</code>");
        }
        text_str(to, "<br>stops, SHA-256 <code class=\"c\">");
        text_hex(to, a ? a->stops_sha256.b : c->stops_sha256.b, sizeof(a->stops_sha256.b));
        text_str(to, "</code>\n");
        if (a) {
            text_printf(to,
                        "<br>look-alikes by %u and %u digits; tokens' symbols, SHA-256 "
                        "<code class=\"c\">",
                        a->look.head, a->look.tail);
            text_hex(to, a->tokens_sha256.b, sizeof(a->tokens_sha256.b));
            text_str(to, "</code>\n");
        }
    }
    text_str(to, "</dl>\n</section>\n");
}

bool ledgers_write_html(struct arena *a, struct text *to, const struct ledgers_doc *d,
                        struct err *err)
{
    struct lanes_page p = {.a = a, .to = to, .d = d, .details_left = DETAILS_MAX};

    if (!lanes_lay_out(a, d, &p.l, err))
        return false;
    top(&p);
    if (!ends(&p) || !picture(&p))
        return arena_fail(a, err, "a page");
    put_pre(&p, write_links, "routes");
    put_pre(&p, write_candidates, "candidates");
    put_pre(&p, write_trusts, "trusts");
    put_pre(&p, write_traps, "traps");
    for (uint32_t i = 0; i < d->ledgers_n; i++)
        if (accounts_of(&p, i))
            moves(&p, i);
    inputs(&p);
    text_str(to, "</main>\n<footer>Made by cordon from public data. This page loads nothing from "
                 "anywhere. Amounts are exact.</footer>\n<script>");
    text_str(to, embedded_script);
    text_str(to, "</script>\n</body>\n</html>\n");
    return true;
}
