/* Money: what traces found (the register of findings), what reached members and what became of it
 * (alerts, of the full version alone), and what that was worth (the register of rates).
 *
 * Amounts are whole units of an asset where anybody told its decimals, else base units, marked with
 * a degree sign. A thing is valued by the newest rate of its asset on or before its day; of a day
 * with two rates the one that was first said. What has no rate is left out of sums of dollars, and
 * counted. */
#include "pack/parts.h"

#include "base/time.h"
#include "chain/chain.h"
#include "trace/account_show.h"

#include <stdlib.h>

#define USD_MICRO 1000000
#define DECIMALS_MAX 76 /* 10^76 is below 2^256 */
#define UNKNOWN UINT64_MAX

static const char alerts_query[] = "cordon alert list --format json";
static const char findings_query[] = "cordon register list finding --format json";
static const char rates_query[] = "cordon register list rate --format json";

struct u256 sum_of(struct u256 a, struct u256 b)
{
    struct u256 sum;

    return u256_add(a, b, &sum) ? sum
                                : (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
}

/* ---- rates ---- */

static int by_asset(const void *pa, const void *pb)
{
    const struct rate *a = pa, *b = pb;
    int order = strcmp(a->asset, b->asset);

    order = order ? order : (a->from > b->from) - (a->from < b->from);
    return order ? order : -event_order(&a->said->of->first->e, &b->said->of->first->e);
}

/* "97000.25", whose form was checked. */
static uint64_t micro_of(const char *usd)
{
    struct u256 v;

    return u256_from_decimal(usd, strlen(usd), 6, &v) ? v.w[0] : 0;
}

static void rates_find(struct making *m)
{
    struct records all;

    if (m->rates || m->failed)
        return;
    records_seen(m, "rate", &all);
    m->rates = ARENA_ARRAY(m->a, struct rate, all.n + 1);
    if (!m->rates) {
        making_failed(m, ERR_NOMEM, "a pack");
        return;
    }
    for (size_t i = 0; i < all.n; i++) {
        const struct record *r = &all.at[i].record;
        struct rate rate = {.said = &all.at[i], .asset = record_text(r, "asset")};
        struct period day;

        if (!period_read(record_text(r, "date"), &day) ||
            !record_number(r, "decimals", &rate.decimals) || rate.decimals > DECIMALS_MAX)
            continue;
        rate.from = day.from;
        rate.micro_usd = micro_of(record_text(r, "usd"));
        m->rates[m->rates_n++] = rate;
    }
    qsort(m->rates, m->rates_n, sizeof(*m->rates), by_asset);
}

/* The newest on or before that second; NULL: none. */
static struct rate *rate_at(struct making *m, const char *asset, uint64_t second)
{
    size_t low = 0, high;

    rates_find(m);
    high = m->rates_n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(m->rates[middle].asset, asset);

        if (order < 0 || (!order && m->rates[middle].from <= second))
            low = middle + 1;
        else
            high = middle;
    }
    return low && !strcmp(m->rates[low - 1].asset, asset) ? &m->rates[low - 1] : NULL;
}

static struct u256 ten_to(uint64_t n)
{
    struct u256 v = u256_of(1);

    while (n-- > 0)
        (void)u256_mul(v, u256_of(10), &v);
    return v;
}

struct worth worth_of(struct making *m, const char *asset, struct u256 amount, uint64_t ms)
{
    struct rate *r = m->failed ? NULL : rate_at(m, asset, ms / 1000);
    struct u256 micro, usd;

    if (!r || !u256_mul_div(amount, u256_of(r->micro_usd), ten_to(r->decimals), &micro) ||
        !u256_mul_div(micro, u256_of(1), u256_of(USD_MICRO), &usd))
        return (struct worth){.known = false};
    r->used = true;
    return (struct worth){usd, true};
}

void pack_rates(struct making *m, struct pack_section *s)
{
    static const enum pack_word columns[] = {PACK_C_ASSET,  PACK_C_DATE, PACK_C_UNIT_USD,
                                             PACK_C_SOURCE, PACK_C_ID,   PACK_WORDS_N};
    struct pack_table *t = table_add(m, s, PACK_RATES, rates_query, columns);

    for (size_t i = 0; i < m->rates_n; i++) {
        const struct record_said *r = m->rates[i].said;

        if (!m->rates[i].used)
            continue;
        row_add(m, t);
        cell_add(m, t, m->rates[i].asset);
        cell_add(m, t, record_text(&r->record, "date"));
        cell_number(m, t, record_text(&r->record, "usd"));
        cell_source(m, t, record_text(&r->record, "source"));
        cell_add(m, t, id_of(m, r->of->object));
    }
}

/* ---- amounts ---- */

static int by_name(const void *pa, const void *pb)
{
    const struct asset_fact *a = pa, *b = pb;
    int order = strcmp(a->asset, b->asset);

    return order ? order : (a->from > b->from) - (a->from < b->from);
}

/* What findings that are seen here say of their assets: the first of each. */
static void assets_find(struct making *m)
{
    struct records all;
    size_t n = 0;

    findings_seen(m, &all);
    if (m->assets || m->failed)
        return;
    m->assets = ARENA_ARRAY(m->a, struct asset_fact, all.n + 1);
    if (!m->assets) {
        making_failed(m, ERR_NOMEM, "a pack");
        return;
    }
    for (size_t i = 0; i < all.n; i++) {
        const struct record *r = &all.at[i].record;
        struct asset_fact f = {record_text(r, "asset"), record_text(r, "symbol"), UNKNOWN, i};

        if (!record_number(r, "decimals", &f.decimals) || f.decimals > DECIMALS_MAX)
            f.decimals = UNKNOWN;
        m->assets[n++] = f;
    }
    if (n)
        qsort(m->assets, n, sizeof(*m->assets), by_name);
    for (size_t i = 0; i < n; i++)
        if (!i || strcmp(m->assets[m->assets_n - 1].asset, m->assets[i].asset) != 0)
            m->assets[m->assets_n++] = m->assets[i];
}

static const struct asset_fact *fact_of(struct making *m, const char *asset)
{
    size_t low = 0, high;

    assets_find(m);
    high = m->failed ? 0 : m->assets_n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(m->assets[middle].asset, asset) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < m->assets_n && !strcmp(m->assets[low].asset, asset) ? &m->assets[low] : NULL;
}

/* Of a chain's own coin by its symbol; else what a rate or a finding that is seen here says. */
static uint64_t decimals_of(struct making *m, const char *asset)
{
    size_t n;
    const struct chain *const *coins = chain_all(&n);
    const struct asset_fact *fact;
    const struct chain *accounts;
    struct rate *r;

    for (size_t i = 0; i < n; i++)
        if (coins[i]->symbol && !strcmp(coins[i]->symbol, asset))
            return coins[i]->decimals;
    accounts = chain_all_accounts(&n);
    for (size_t i = 0; i < n; i++)
        if (accounts[i].symbol && !strcmp(accounts[i].symbol, asset))
            return accounts[i].decimals;
    r = rate_at(m, asset, UINT64_MAX);
    if (r)
        return r->decimals;
    fact = fact_of(m, asset);
    return fact ? fact->decimals : UNKNOWN;
}

const char *amount_text(struct making *m, const char *asset, struct u256 amount)
{
    uint64_t decimals = decimals_of(m, asset);
    struct text t = text_new(4 * U256_TEXT_MAX);
    const char *ret;

    text_u256(&t, amount, decimals == UNKNOWN ? 0 : (unsigned)decimals, 0);
    ret = made_text(m, "%s%s", text_string(&t) ? text_string(&t) : "",
                    decimals == UNKNOWN ? "\xc2\xb0" : "");
    text_free(&t);
    return ret;
}

static void cell_amount(struct making *m, struct pack_table *t, const char *asset,
                        struct u256 amount)
{
    cell_number(m, t, amount_text(m, asset, amount));
}

/* "0xdAC1...1ec7" says nothing to people: what it calls itself beside it. */
static const char *asset_name(struct making *m, const char *asset)
{
    const struct asset_fact *fact = fact_of(m, asset);

    return fact && fact->symbol && strcmp(fact->symbol, asset) != 0
               ? made_text(m, "%s %s", fact->symbol, asset)
               : asset;
}

static void cell_usd(struct making *m, struct pack_table *t, struct u256 usd, bool known)
{
    char digits[U256_TEXT_MAX];

    if (!known) {
        cell_number(m, t, NULL);
        return;
    }
    u256_to_text(usd, digits);
    cell_number(m, t, made_text(m, "%s", digits));
}

/* ---- findings ---- */

static const char *key_part(const struct record_said *r, unsigned i)
{
    static const char *const parts[] = {"case", "chain", "asset"};

    return record_text(&r->record, parts[i]);
}

static int by_key(const void *pa, const void *pb)
{
    const struct record_said *a = pa, *b = pb;

    for (unsigned i = 0; i < 3; i++) {
        int order = strcmp(key_part(a, i), key_part(b, i));

        if (order)
            return order;
    }
    return event_order(&a->of->first->e, &b->of->first->e);
}

static bool same_key(const struct record_said *a, const struct record_said *b)
{
    for (unsigned i = 0; i < 3; i++)
        if (strcmp(key_part(a, i), key_part(b, i)) != 0)
            return false;
    return true;
}

void findings_seen(struct making *m, struct records *ret)
{
    struct record_said *at;
    struct records all;
    size_t n = 0;

    *ret = (struct records){.n = 0};
    if (m->findings.at || m->failed) {
        *ret = m->findings;
        return;
    }
    records_seen(m, "finding", &all);
    at = arena_alloc(m->a, (all.n + 1) * sizeof(*at));
    if (!at) {
        making_failed(m, ERR_NOMEM, "a pack");
        return;
    }
    for (size_t i = 0; i < all.n; i++)
        if (in_quarter(m, all.at[i].of->first->e.ms))
            at[n++] = all.at[i];
    if (n)
        qsort(at, n, sizeof(*at), by_key);
    for (size_t i = 0; i < n; i++)
        if (i + 1 == n || !same_key(&at[i], &at[i + 1]))
            at[ret->n++] = at[i];
    ret->at = at;
    m->findings = *ret;
}

static struct u256 found(const struct record_said *r, const char *name)
{
    struct u256 v;

    return record_amount(&r->record, name, &v) ? v : u256_of(0);
}

static const char *case_of(struct making *m, const struct record_said *r)
{
    return m->pack->options.reader == PACK_READER_FULL ? id_of(m, key_part(r, 0)) : NULL;
}

static void traced(struct making *m, struct pack_section *s, const struct records *all)
{
    static const enum pack_word columns[] = {
        PACK_C_CASE, PACK_C_CHAIN, PACK_C_ASSET,  PACK_C_TRACED, PACK_C_STILL, PACK_C_WENT,
        PACK_C_LOST, PACK_C_USD,   PACK_C_POLICY, PACK_C_EXACT,  PACK_C_ID,    PACK_WORDS_N};
    struct pack_table *t = table_add(m, s, PACK_TRACED, findings_query, columns);

    for (size_t i = 0; i < all->n; i++) {
        const struct record_said *r = &all->at[i];
        const char *asset = key_part(r, 2);
        struct worth usd = worth_of(m, asset, found(r, "traced"), r->of->first->e.ms);

        row_add(m, t);
        cell_add(m, t, case_of(m, r));
        cell_add(m, t, key_part(r, 1));
        cell_add(m, t, asset_name(m, asset));
        cell_amount(m, t, asset, found(r, "traced"));
        cell_amount(m, t, asset, found(r, "held"));
        cell_amount(m, t, asset, found(r, "stopped"));
        cell_amount(m, t, asset, found(r, "lost"));
        cell_usd(m, t, usd.usd, usd.known);
        cell_add(m, t, record_text(&r->record, "policy"));
        cell_value(m, t, record_text(&r->record, "exact"));
        cell_add(m, t, id_of(m, r->of->object));
    }
}

struct place { /* where value went: by category, name and asset */
    const char *category, *name, *asset;
    struct u256 amount, usd;
    bool known;
};

static int by_place(const void *pa, const void *pb)
{
    const struct place *a = pa, *b = pb;
    int order = strcmp(a->category, b->category);

    order = order ? order : strcmp(a->name, b->name);
    return order ? order : strcmp(a->asset, b->asset);
}

static size_t items_of(const struct records *all, const char *name)
{
    size_t n = 0;

    for (size_t i = 0; i < all->n; i++) {
        const struct json *list = json_get(all->at[i].record.of, name);

        n += list ? list->children_n : 0;
    }
    return n;
}

/* "exchange, Harbour Coin": the category up to the first comma. */
static struct place place_read(struct making *m, const char *item, const char *asset, uint64_t ms)
{
    struct place p = {.asset = asset};
    const char *words = record_sum(item, &p.amount);
    size_t n = strcspn(words, ",");
    struct worth usd = worth_of(m, asset, p.amount, ms);

    p.category = made_text(m, "%.*s", (int)n, words);
    p.name = words[n] ? words[n + 1] == ' ' ? words + n + 2 : words + n + 1 : "";
    p.usd = usd.usd;
    p.known = usd.known;
    return p;
}

static void went(struct making *m, struct pack_section *s, const struct records *all)
{
    static const enum pack_word columns[] = {PACK_C_CATEGORY, PACK_C_NAME, PACK_C_ASSET,
                                             PACK_C_AMOUNT,   PACK_C_USD,  PACK_WORDS_N};
    struct pack_table *t = table_add(m, s, PACK_WENT, findings_query, columns);
    struct place *places = ARENA_ARRAY(m->a, struct place, items_of(all, "went") + 1);
    size_t n = 0, kept = 0;

    if (!places) {
        making_failed(m, ERR_NOMEM, "a pack");
        return;
    }
    for (size_t i = 0; i < all->n; i++) {
        const struct json *list = json_get(all->at[i].record.of, "went");

        for (const struct json *item = list ? list->child : NULL; item; item = item->next)
            places[n++] =
                place_read(m, item->text, key_part(&all->at[i], 2), all->at[i].of->first->e.ms);
    }
    if (n)
        qsort(places, n, sizeof(*places), by_place);
    for (size_t i = 0; i < n; i++)
        if (kept && !by_place(&places[kept - 1], &places[i])) {
            places[kept - 1].amount = sum_of(places[kept - 1].amount, places[i].amount);
            places[kept - 1].usd = sum_of(places[kept - 1].usd, places[i].usd);
            places[kept - 1].known = places[kept - 1].known && places[i].known;
        } else {
            places[kept++] = places[i];
        }
    for (size_t i = 0; i < kept; i++) {
        row_add(m, t);
        cell_value(m, t, places[i].category);
        cell_add(m, t, places[i].name);
        cell_add(m, t, asset_name(m, places[i].asset));
        cell_amount(m, t, places[i].asset, places[i].amount);
        cell_usd(m, t, places[i].usd, places[i].known);
    }
}

/* ---- at members ---- */

enum fate fate_of(const struct alert_now *now)
{
    static const struct {
        enum state state;
        enum fate fate;
    } ends[] = {{ALERT_DECLINED, DECLINED}, {ALERT_TOO_LATE, ESCAPED},  {ALERT_RELEASED, RELEASED},
                {ALERT_SEIZED, SEIZED},     {ALERT_RETURNED, RETURNED}, {ALERT_VOID, WITHDRAWN}};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (ends[i].state == now->state)
            return ends[i].fate;
    if (!now->live)
        return WITHDRAWN;
    return u256_zero(now->amount) ? OPEN : HELD;
}

bool alerts_find(struct making *m)
{
    const struct alert_book *book;
    struct alert_now *at;
    size_t n;

    if (m->alerts || m->failed)
        return !m->failed;
    book = alert_book(m->a, m->fold);
    n = book ? alert_book_n(book) : 0;
    at = ARENA_ARRAY(m->a, struct alert_now, n + 1);
    if (!book || !at) {
        making_failed(m, arena_limited(m->a) ? ERR_LIMIT : ERR_NOMEM, "a pack");
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        struct alert_now now = alert_at(book, i, m->cut_off_ms);

        if (is_of_audience(m, now.object, "alert") && in_quarter(m, now.object->first->e.ms))
            at[m->alerts_n++] = now;
    }
    m->alerts = at;
    return true;
}

struct sums { /* of one holder and asset; holder "" for all */
    const char *holder, *asset;
    struct u256 reached, by[FATES], usd;
    uint64_t n;
    bool known; /* a rate for each of them */
};

static void sums_add(struct making *m, struct sums *s, const struct alert_now *now)
{
    enum fate fate = fate_of(now);
    struct worth usd = worth_of(m, s->asset, now->told->amount, now->object->first->e.ms);

    s->n++;
    s->reached = sum_of(s->reached, now->told->amount);
    s->by[fate] = sum_of(s->by[fate], now->told->amount);
    s->usd = sum_of(s->usd, usd.usd);
    s->known = s->known && usd.known;
}

static int by_holder(const void *pa, const void *pb)
{
    const struct sums *a = pa, *b = pb;
    int order = strcmp(a->holder, b->holder);

    return order ? order : strcmp(a->asset, b->asset);
}

/* By holder and asset, or by asset alone; sorted. */
static struct sums *alerts_sum(struct making *m, bool by_asset_alone, size_t *ret_n)
{
    struct sums *all;
    size_t n = 0;

    *ret_n = 0;
    if (!alerts_find(m))
        return NULL;
    all = ARENA_ARRAY(m->a, struct sums, m->alerts_n + 1);
    if (!all) {
        making_failed(m, ERR_NOMEM, "a pack");
        return NULL;
    }
    for (size_t i = 0; i < m->alerts_n; i++) {
        const struct event_facts *told = m->alerts[i].told;
        const char *holder = by_asset_alone ? "" : told->holder;
        size_t k = 0;

        while (k < n &&
               (strcmp(all[k].holder, holder) != 0 || strcmp(all[k].asset, told->asset) != 0))
            k++;
        if (k == n)
            all[n++] = (struct sums){.holder = holder, .asset = told->asset, .known = true};
        sums_add(m, &all[k], &m->alerts[i]);
    }
    if (n)
        qsort(all, n, sizeof(*all), by_holder);
    *ret_n = n;
    return all;
}

static void at_members(struct making *m, struct pack_section *s)
{
    static const enum pack_word columns[] = {
        PACK_C_HOLDER,   PACK_C_ASSET,     PACK_C_N,        PACK_C_REACHED, PACK_C_OPEN,
        PACK_C_HELD,     PACK_C_RELEASED,  PACK_C_RETURNED, PACK_C_SEIZED,  PACK_C_ESCAPED,
        PACK_C_DECLINED, PACK_C_WITHDRAWN, PACK_C_USD,      PACK_WORDS_N};
    struct pack_table *t = table_add(m, s, PACK_AT_MEMBERS, alerts_query, columns);
    size_t n;
    struct sums *all = alerts_sum(m, false, &n);

    for (size_t i = 0; i < n; i++) {
        row_add(m, t);
        cell_add(m, t, all[i].holder);
        cell_add(m, t, asset_name(m, all[i].asset));
        cell_u64(m, t, all[i].n);
        cell_amount(m, t, all[i].asset, all[i].reached);
        for (unsigned fate = 0; fate < FATES; fate++)
            cell_amount(m, t, all[i].asset, all[i].by[fate]);
        cell_usd(m, t, all[i].usd, all[i].known);
    }
}

void pack_money(struct making *m)
{
    struct pack_section *s = section_add(m, PACK_MONEY);
    struct records all;

    findings_seen(m, &all);
    traced(m, s, &all);
    went(m, s, &all);
    if (m->pack->options.reader == PACK_READER_FULL)
        at_members(m, s);
}

/* ---- denied ---- */

static struct u256 denied(const struct sums *s)
{
    return sum_of(sum_of(s->by[HELD], s->by[RETURNED]), s->by[SEIZED]);
}

static struct u256 traced_of(const struct records *all, const char *asset)
{
    struct u256 sum = u256_of(0);

    for (size_t i = 0; i < all->n; i++)
        if (!strcmp(key_part(&all->at[i], 2), asset))
            sum = sum_of(sum, found(&all->at[i], "traced"));
    return sum;
}

void pack_denied(struct making *m, struct pack_section *s)
{
    static const enum pack_word columns[] = {PACK_C_ASSET,  PACK_C_TRACED,     PACK_C_REACHED,
                                             PACK_C_DENIED, PACK_C_OF_REACHED, PACK_C_OF_TRACED,
                                             PACK_WORDS_N};
    struct pack_table *t;
    struct records findings;
    struct sums *all;
    size_t n;

    if (m->pack->options.reader != PACK_READER_FULL)
        return;
    t = table_add(m, s, PACK_DENIED, alerts_query, columns);
    all = alerts_sum(m, true, &n);
    findings_seen(m, &findings);
    for (size_t i = 0; i < n; i++) {
        struct u256 traced_all = traced_of(&findings, all[i].asset);

        row_add(m, t);
        cell_add(m, t, asset_name(m, all[i].asset));
        cell_amount(m, t, all[i].asset, traced_all);
        cell_amount(m, t, all[i].asset, all[i].reached);
        cell_amount(m, t, all[i].asset, denied(&all[i]));
        cell_number(m, t, made_percent(m, denied(&all[i]), all[i].reached));
        cell_number(m, t, made_percent(m, denied(&all[i]), traced_all));
    }
}

/* ---- the summary ---- */

static void figure_usd(struct making *m, struct pack_section *s, enum pack_word label,
                       struct u256 usd, const char *query)
{
    char digits[U256_TEXT_MAX];

    u256_to_text(usd, digits);
    figure_add(m, s, label, made_text(m, "%s", digits), query);
}

/* In dollars of each day; what has no rate is counted beside it. */
void pack_money_summary(struct making *m, struct pack_section *s)
{
    struct u256 all_traced = u256_of(0), reached = u256_of(0), kept = u256_of(0);
    uint64_t unvalued = 0;
    struct records findings;

    findings_seen(m, &findings);
    for (size_t i = 0; i < findings.n; i++) {
        const struct record_said *r = &findings.at[i];
        struct worth usd = worth_of(m, key_part(r, 2), found(r, "traced"), r->of->first->e.ms);

        all_traced = sum_of(all_traced, usd.usd);
        unvalued += !usd.known && !u256_zero(found(r, "traced"));
    }
    if (findings.n)
        figure_usd(m, s, PACK_TRACED_USD, all_traced, findings_query);
    if (m->pack->options.reader == PACK_READER_FULL && alerts_find(m)) {
        for (size_t i = 0; i < m->alerts_n; i++) {
            enum fate fate = fate_of(&m->alerts[i]);
            struct worth usd = worth_of(m, m->alerts[i].told->asset, m->alerts[i].told->amount,
                                        m->alerts[i].object->first->e.ms);

            reached = sum_of(reached, usd.usd);
            if (fate == HELD || fate == RETURNED || fate == SEIZED)
                kept = sum_of(kept, usd.usd);
            unvalued += !usd.known;
        }
        figure_usd(m, s, PACK_REACHED_USD, reached, alerts_query);
        figure_usd(m, s, PACK_DENIED_USD, kept, alerts_query);
        if (!u256_zero(reached))
            figure_add(m, s, PACK_DENIED_SHARE, made_percent(m, kept, reached), alerts_query);
    }
    if (unvalued)
        figure_number(m, s, PACK_UNVALUED_N, unvalued, rates_query);
}
