/* The document for people: what was taken, where it is now, what came to whom, what is not certain
 * and why, and then the way it went.
 *
 * Lists show the largest amounts of each asset, and say how much is not shown; the whole is in the
 * other formats. */
#include "trace/account_doc.h"

#include "chain/facts.h"
#include "trace/ledgers_run.h"

#include <stdlib.h>

#define ROWS_MAX 30     /* of a list, an asset */
#define WAY_ROWS_MAX 60 /* of moves; beyond, a line a hop and asset */
#define BEYOND_ROWS_MAX 10

static void put_count(struct text *to, uint64_t n, const char *what, const char *ending)
{
    text_printf(to, "%llu %s%s", (unsigned long long)n, what, n == 1 ? "" : ending);
}

static void put_amount(struct text *to, const struct account_doc *d, uint64_t asset,
                       struct u256 amount)
{
    text_asset_amount(to, d->ledger, asset, amount);
}

static void put_block(struct text *to, const struct account_doc *d, uint32_t block)
{
    struct account_ledger_block b = account_ledger_block(d->ledger, block);

    if (b.height != HEIGHT_UNKNOWN)
        text_printf(to, "block %u, ", b.height);
    text_time(to, b.time);
}

/* "1.5 ETH, 20 USDC and 3 DAI": what of the totals is not 0. */
static void put_sums(struct text *to, const struct account_doc *d,
                     struct u256 (*of)(const struct account_totals *t))
{
    size_t n = 0, left = 0;

    for (size_t i = 0; i < d->trace->totals_n; i++)
        left += !u256_zero(of(&d->trace->totals[i]));
    for (size_t i = 0; i < d->trace->totals_n; i++) {
        const struct account_totals *t = &d->trace->totals[i];

        if (u256_zero(of(t)))
            continue;
        text_str(to, !n++ ? "" : left == 1 ? " and " : ", ");
        put_amount(to, d, t->asset, of(t));
        left--;
    }
    if (!n)
        text_str(to, "nothing");
}

static struct u256 origin_of(const struct account_totals *t)
{
    return t->origin;
}

/* Origins ascend, so the case's first transaction comes first. */
static void put_nonces(struct text *to, const struct account_doc *d)
{
    char name[TX_NAME_MAX], nonce[ACCOUNT_NAME_MAX];
    uint64_t before = ACCOUNTS_NONE;
    size_t shown = 0;

    for (size_t i = 0; i < d->origins_n && shown < ROWS_MAX; i++) {
        uint64_t tx = accounts_tx_of(&d->accounts, d->origins[i].transfer);

        if (tx == before || !tx_nonce(d->ledger, tx, nonce))
            continue;
        before = tx;
        tx_name(d->ledger, tx, name);
        text_printf(to,
                    "%s was signed over a durable nonce, perhaps long before it was sent: %s.\n",
                    name, nonce);
        shown++;
    }
}

static void put_head(struct text *to, const struct account_doc *d)
{
    size_t assets = 0;
    uint32_t hops = 0, tip = (uint32_t)account_ledger_counts(d->ledger).blocks - 1;

    for (size_t i = 0; i < d->trace->moves_n; i++)
        hops = d->trace->moves[i].hop > hops ? d->trace->moves[i].hop : hops;
    if (d->case_id || d->title)
        text_printf(to, "Case %s%s%s\n\n", d->case_id ? d->case_id : "",
                    d->case_id && d->title ? ": " : "", d->title ? d->title : "");
    put_count(to, d->origins_n, "transfer", "s");
    text_printf(to, " on %s %s followed with %s to ", account_ledger_chain(d->ledger)->name,
                d->origins_n == 1 ? "was" : "were", trace_policy_name(d->policy));
    put_block(to, d, d->blocks_n - 1);
    if (tip >= d->blocks_n) {
        text_str(to, " (the ledger reaches to ");
        put_block(to, d, tip);
        text_char(to, ')');
    }
    text_str(to, ".\n");
    if (d->hops_max != TRACE_HOPS_NONE)
        text_printf(to, "At most %u hop%s were followed.\n", d->hops_max,
                    d->hops_max == 1 ? "" : "s");
    if (u256_less(u256_of(1), d->dust)) {
        char digits[U256_TEXT_MAX];

        u256_to_text(d->dust, digits);
        text_printf(to, "Taint below %s base units of an asset was not followed.\n", digits);
    }
    for (size_t i = 0; i < d->trace->totals_n; i++)
        assets += !u256_zero(d->trace->totals[i].origin);
    put_sums(to, d, origin_of);
    text_str(to, assets > 1 ? " were marked; they moved in " : " was marked; it moved in ");
    put_count(to, d->trace->moves_n, "transfer", "s");
    text_str(to, " over ");
    put_count(to, hops, "hop", "s");
    text_str(to, d->exact ? ". Every unit is accounted for.\n"
                          : ". The trace is not exact; why is said below.\n");
    put_nonces(to, d);
    if (d->policy == TRACE_POISON)
        text_str(to, "Under poison whole balances are marked, so the amounts add up to more than "
                     "was taken.\n");
}

static void put_total(struct text *to, const struct account_doc *d, const struct account_totals *t,
                      const char *name, struct u256 amount, bool always)
{
    struct asset_facts facts = asset_facts_of(d->ledger, t->asset);
    struct u256 all, tenths;

    if (!always && u256_zero(amount))
        return;
    text_printf(to, "  %-22s", name);
    text_u256(to, amount, facts.has_decimals ? facts.decimals : 0, 28);
    if (d->policy != TRACE_POISON && u256_add(t->origin, t->converted_in, &all) &&
        u256_mul_div(amount, u256_of(1000), all, &tenths))
        text_printf(to, "  %3u.%u %%", (unsigned)(tenths.w[0] / 10), (unsigned)(tenths.w[0] % 10));
    text_char(to, '\n');
}

static void put_totals(struct text *to, const struct account_doc *d)
{
    for (size_t i = 0; i < d->trace->totals_n; i++) {
        const struct account_totals *t = &d->trace->totals[i];
        struct asset_facts facts = asset_facts_of(d->ledger, t->asset);
        char name[ACCOUNT_NAME_MAX];

        asset_text(d->ledger, t->asset, name);
        text_char(to, '\n');
        if (facts.symbol && strcmp(facts.symbol, name))
            text_printf(to, "%s (%s)\n", facts.symbol, name);
        else
            text_printf(to, "%s%s\n", name, facts.has_decimals ? "" : ", in base units");
        put_total(to, d, t, "came to stops", t->exits, true);
        put_total(to, d, t, "still held", t->held, true);
        put_total(to, d, t, "went on as another", t->converted_out, false);
        put_total(to, d, t, "fees", t->fees, false);
        put_total(to, d, t, "hop limit", t->cut, false);
        put_total(to, d, t, "dust", t->dust, false);
        put_total(to, d, t, "unresolved", t->unresolved, false);
        put_total(to, d, t, "marked", t->origin, u256_zero(t->converted_in));
        put_total(to, d, t, "came from another", t->converted_in, false);
    }
}

/* What ended, or is held: an asset after the other, the largest first. */
struct end_row {
    const struct account_balance *b;
    uint64_t asset;
    struct trace_stop stop;
    enum { END_EXIT, END_FROZEN, END_HELD } kind;
};

static int end_order(const void *pa, const void *pb)
{
    const struct end_row *x = pa, *y = pb;
    int order;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->asset != y->asset)
        return x->asset < y->asset ? -1 : 1;
    order = u256_compare(y->b->taint, x->b->taint);
    return order ? order : (x->b > y->b) - (x->b < y->b);
}

static void put_end(struct text *to, const struct account_doc *d, const struct end_row *r)
{
    struct asset_facts facts = asset_facts_of(d->ledger, r->asset);
    char account[ACCOUNT_NAME_MAX], asset[ACCOUNT_NAME_MAX];

    asset_text(d->ledger, r->asset, asset);
    holder_text(d->ledger, r->b->holding, account);
    text_u256(to, r->b->taint, facts.has_decimals ? facts.decimals : 0, 28);
    text_printf(to, " %-6s %5u  %s", facts.symbol ? facts.symbol : "units", r->b->hop,
                *account ? account : "nobody");
    if (r->kind == END_EXIT)
        text_printf(to, "  %s%s%s%s", r->stop.name,
                    *r->stop.category && strcmp(r->stop.category, r->stop.name) ? " (" : "",
                    strcmp(r->stop.category, r->stop.name) ? r->stop.category : "",
                    *r->stop.category && strcmp(r->stop.category, r->stop.name) ? ")" : "");
    text_char(to, '\n');
    if (!facts.symbol)
        text_printf(to, "%28s of %s\n", "", asset);
}

/* Rows of one kind; past ROWS_MAX of an asset, their sum. */
static void put_ends(struct text *to, const struct account_doc *d, const struct end_row *rows,
                     size_t n, const char *title)
{
    size_t shown = 0, more = 0;
    struct u256 rest = u256_of(0);

    if (!n)
        return;
    text_printf(to, "\n%s\n%28s %-6s %5s  %s\n", title, "amount", "", "hop", "account");
    for (size_t i = 0; i < n; i++) {
        bool last = i + 1 == n || rows[i + 1].asset != rows[i].asset;

        if (shown < ROWS_MAX) {
            put_end(to, d, &rows[i]);
            shown++;
        } else {
            u256_add(rest, rows[i].b->taint, &rest);
            more++;
        }
        if (last && more) {
            text_str(to, "    and ");
            put_amount(to, d, rows[i].asset, rest);
            text_str(to, " at ");
            put_count(to, more, "further account", "s");
            text_char(to, '\n');
        }
        if (last) {
            shown = more = 0;
            rest = u256_of(0);
        }
    }
}

struct stop_sum { /* all that came to one name, of one asset */
    const struct end_row *first;
    struct u256 amount;
    size_t accounts_n;
};

static bool same_stop(const struct end_row *x, const struct end_row *y)
{
    return x->asset == y->asset && !strcmp(x->stop.name, y->stop.name) &&
           !strcmp(x->stop.category, y->stop.category);
}

static int sum_order(const void *pa, const void *pb)
{
    const struct stop_sum *x = pa, *y = pb;
    int order;

    if (x->first->asset != y->first->asset)
        return x->first->asset < y->first->asset ? -1 : 1;
    order = u256_compare(y->amount, x->amount);
    return order ? order : (x->first > y->first) - (x->first < y->first);
}

/* Exits by name: a service has many addresses. */
static bool put_stops(struct arena *a, struct text *to, const struct account_doc *d,
                      const struct end_row *rows, size_t n)
{
    struct stop_sum *sums = ARENA_ARRAY(a, struct stop_sum, n);
    size_t sums_n = 0;

    if (!sums)
        return false;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;

        while (k < sums_n && !same_stop(sums[k].first, &rows[i]))
            k++;
        if (k == sums_n && sums_n < ROWS_MAX * 8)
            sums[sums_n++] = (struct stop_sum){.first = &rows[i]};
        if (k < sums_n) {
            u256_add(sums[k].amount, rows[i].b->taint, &sums[k].amount);
            sums[k].accounts_n++;
        }
    }
    if (!sums_n)
        return true;
    qsort(sums, sums_n, sizeof(*sums), sum_order);
    text_str(to, "\nCame to stops, by name\n");
    for (size_t k = 0; k < sums_n && k < ROWS_MAX; k++) {
        const struct trace_stop *stop = &sums[k].first->stop;

        text_str(to, "  ");
        put_amount(to, d, sums[k].first->asset, sums[k].amount);
        text_printf(to, "  %s%s%s%s, ", stop->name,
                    *stop->category && strcmp(stop->category, stop->name) ? " (" : "",
                    strcmp(stop->category, stop->name) ? stop->category : "",
                    *stop->category && strcmp(stop->category, stop->name) ? ")" : "");
        put_count(to, sums[k].accounts_n, "account", "s");
        text_char(to, '\n');
    }
    if (sums_n > ROWS_MAX)
        text_printf(to, "  and %zu more names\n", sums_n - ROWS_MAX);
    return true;
}

static bool put_where(struct arena *a, struct text *to, const struct account_doc *d)
{
    const struct account_trace *t = d->trace;
    struct end_row *rows = ARENA_ARRAY(a, struct end_row, t->balances_n);
    size_t kinds[3] = {0};

    if (!rows)
        return false;
    for (size_t i = 0; i < t->balances_n; i++) {
        const struct account_balance *b = &t->balances[i];

        rows[i] = (struct end_row){.b = b,
                                   .asset = accounts_holding(&d->accounts, b->holding).asset,
                                   .kind = b->stop == STOP_NONE     ? END_HELD
                                           : b->stop == STOP_FROZEN ? END_FROZEN
                                                                    : END_EXIT};
        if (b->stop != STOP_NONE)
            rows[i].stop = account_doc_stop(d, b->stop);
        kinds[rows[i].kind]++;
    }
    if (t->balances_n)
        qsort(rows, t->balances_n, sizeof(*rows), end_order);
    if (!put_stops(a, to, d, rows, kinds[END_EXIT]))
        return false;
    put_ends(to, d, rows, kinds[END_EXIT], "Came to stops, by account");
    put_ends(to, d, rows + kinds[END_EXIT], kinds[END_FROZEN], "Frozen by the issuer");
    put_ends(to, d, rows + kinds[END_EXIT] + kinds[END_FROZEN], kinds[END_HELD], "Still held");
    return true;
}

static void put_why(struct text *to, const struct account_doc *d)
{
    size_t beyond = 0, shown = 0;
    char id[TRANSFER_NAME_MAX];

    if (d->exact)
        return;
    text_str(to, "\nNot exact, because\n");
    if (d->unseen)
        text_str(to, "  - the ledger's source did not tell internal transfers: native coin can "
                     "have come and gone unseen\n");
    if (d->paired) {
        text_str(to, "  - ");
        put_count(to, d->paired, "move", "s");
        text_str(to, " (c) stand for what several gave and several got in one transaction: who "
                     "paid whom is a rule's word\n");
    }
    for (size_t i = 0; i < d->trace->moves_n; i++)
        beyond += d->trace->moves[i].beyond;
    if (beyond) {
        text_str(to, "  - ");
        put_count(to, beyond, "transfer", "s");
        text_str(to, " spent more than the sender's recorded balance; what is above it is of "
                     "unknown origin\n");
    }
    for (size_t i = 0; i < d->trace->moves_n && shown < BEYOND_ROWS_MAX; i++)
        if (d->trace->moves[i].beyond) {
            transfer_name(d->ledger, d->trace->moves[i].transfer, id);
            text_printf(to, "      %s\n", id);
            shown++;
        }
    if (beyond > shown)
        text_printf(to, "      and %zu more\n", beyond - shown);
    if (!d->trace->exact && !d->unseen && !beyond)
        text_str(to, "  - an account spent more than its recorded balance while it held some of "
                     "this\n");
}

static void put_move(struct text *to, const struct account_doc *d, const struct account_move *m)
{
    struct transfer t = accounts_transfer(&d->accounts, m->transfer);
    uint64_t asset = transfer_asset(&d->accounts, &t);
    char from[ACCOUNT_NAME_MAX], into[ACCOUNT_NAME_MAX], id[TRANSFER_NAME_MAX];

    holder_text(d->ledger, t.from, from);
    holder_text(d->ledger, t.to, into);
    transfer_name(d->ledger, m->transfer, id);
    text_str(to, "  ");
    text_time(to, account_doc_block(d, m->transfer).time);
    text_printf(to, "  hop %u  ", m->hop);
    put_amount(to, d, asset, m->taint);
    if (!u256_equal(m->taint, t.amount)) {
        text_str(to, " of ");
        put_amount(to, d, asset, t.amount);
    }
    if (m->grade != MOVE_PROVEN)
        text_printf(to, ", %s", move_grade_name(m->grade));
    text_printf(to, "\n    %s -> %s", *from ? from : "nobody", *into ? into : "nobody");
    if (m->stop != STOP_NONE)
        text_printf(to, "  %s", account_doc_stop(d, m->stop).name);
    text_printf(to, "\n    %s%s\n", id, m->beyond ? "  (beyond the recorded balance)" : "");
}

/* Many moves: a line a hop and asset. */
static bool put_hops(struct arena *a, struct text *to, const struct account_doc *d)
{
    const struct account_trace *t = d->trace;
    uint32_t hops = 0;

    for (size_t i = 0; i < t->moves_n; i++)
        hops = t->moves[i].hop > hops ? t->moves[i].hop : hops;
    text_str(to, "\nThe way, hop by hop\n");
    for (uint32_t hop = 0; hop <= hops && hop < ROWS_MAX; hop++)
        for (size_t k = 0; k < t->totals_n; k++) {
            struct u256 sum = u256_of(0);
            size_t n = 0;

            for (size_t i = 0; i < t->moves_n; i++)
                if (t->moves[i].hop == hop &&
                    account_doc_asset(d, &t->moves[i]) == t->totals[k].asset) {
                    u256_add(sum, t->moves[i].taint, &sum);
                    n++;
                }
            if (!n)
                continue;
            text_printf(to, "  hop %-3u  ", hop);
            put_amount(to, d, t->totals[k].asset, sum);
            text_str(to, " in ");
            put_count(to, n, "transfer", "s");
            text_char(to, '\n');
        }
    if (hops >= ROWS_MAX)
        text_printf(to, "  and %u further hops\n", hops - ROWS_MAX + 1);
    return true;
}

static void put_gaps(struct text *to, const struct account_doc *d)
{
    if (!d->gaps_n)
        return;
    text_str(to,
             "\nBlocks are missing from the ledger; what is held may have been spent in them\n");
    for (size_t i = 0; i < d->gaps_n && i < ROWS_MAX; i++) {
        text_str(to, "  after ");
        put_block(to, d, d->gaps[i].after);
        text_str(to, "; before ");
        put_block(to, d, d->gaps[i].before);
        text_char(to, '\n');
    }
    if (d->gaps_n > ROWS_MAX)
        text_printf(to, "  and %zu more\n", d->gaps_n - ROWS_MAX);
}

static void put_look_alikes(struct text *to, const struct account_doc *d)
{
    char name[ACCOUNT_NAME_MAX], like[ACCOUNT_NAME_MAX];

    if (!d->look_alikes_n)
        return;
    text_str(to, "\nMade to look like accounts of this trace, and not followed\n");
    for (size_t i = 0; i < d->look_alikes_n && i < ROWS_MAX; i++) {
        account_text(d->ledger, d->look_alikes[i].account, name);
        account_text(d->ledger, d->look_alikes[i].like, like);
        text_printf(to, "  %s\n  is not %s\n", name, like);
    }
    if (d->look_alikes_n > ROWS_MAX)
        text_printf(to, "  and %zu more\n", d->look_alikes_n - ROWS_MAX);
}

static void put_spoofs(struct text *to, const struct account_doc *d)
{
    char name[ACCOUNT_NAME_MAX];

    if (!d->spoofs_n)
        return;
    text_str(to, "\nTokens that call themselves what another is called, and not followed\n");
    for (size_t i = 0; i < d->spoofs_n && i < ROWS_MAX; i++) {
        const struct spoof *s = &d->spoofs[i];

        asset_text(d->ledger, s->asset, name);
        text_printf(to, "  %s calls itself ", name);
        spoof_symbol_text(to, s->told->symbol);
        spoof_meant_text(d->ledger, s, name);
        if (s->meant.native)
            text_printf(to, "\n  is not %s, the chain's own coin", name);
        else
            text_printf(to, "\n  is not %s, which is %s", s->meant.symbol, name);
        account_text(d->ledger, s->account, name);
        text_printf(to, "; seen at %s\n", name);
    }
    if (d->spoofs_n > ROWS_MAX)
        text_printf(to, "  and %zu more\n", d->spoofs_n - ROWS_MAX);
}

void account_text_traps(struct text *to, const struct account_doc *d)
{
    put_look_alikes(to, d);
    put_spoofs(to, d);
}

static void put_asserted(struct text *to, const struct account_doc *d)
{
    if (!d->conversions_n)
        return;
    text_str(to, "\nConversions that the case asserts\n");
    for (size_t i = 0; i < d->conversions_n && i < ROWS_MAX; i++) {
        const struct case_conversion *c = &d->conversions[i];

        text_printf(to, "  %s%s%s\n", c->note ? c->note : "", c->note ? " - " : "", c->source);
    }
}

bool account_write_text(struct arena *a, struct text *to, const struct account_doc *d,
                        struct err *err)
{
    const struct trace_ledger here = {.accounts = d->ledger};

    put_head(to, d);
    put_totals(to, d);
    if (!put_where(a, to, d))
        return arena_fail(a, err, "%zu balances", d->trace->balances_n);
    put_why(to, d);
    put_gaps(to, d);
    account_text_traps(to, d);
    put_asserted(to, d);
    routes_text_links(to, &here, d->links, d->links_n);
    routes_text_candidates(to, &here, d->candidates, d->candidates_n);
    if (d->trusts)
        routes_text_trusts(to, d->trusts);
    if (d->trace->moves_n > WAY_ROWS_MAX)
        return put_hops(a, to, d);
    text_str(to, "\nThe way, in order of time\n");
    for (size_t i = 0; i < d->trace->moves_n; i++)
        put_move(to, d, &d->trace->moves[i]);
    return true;
}
