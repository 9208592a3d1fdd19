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
        row_name_object(m, t, r->of->object);
        cell_add(m, t, m->rates[i].asset);
        cell_add(m, t, record_text(&r->record, "date"));
        cell_stated(m, t, record_text(&r->record, "usd"), r->of->object);
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

    text_u256(&t, amount, decimals == UNKNOWN ? 0 : (unsigned)decimals, 0);
    text_str(&t, decimals == UNKNOWN ? "\xc2\xb0" : "");
    return made_of(m, &t);
}

static bool cell_amount(struct making *m, struct pack_table *t, const char *asset,
                        struct u256 amount)
{
    uint64_t decimals = decimals_of(m, asset);

    return cell_places(m, t, PACK_SUM, amount_text(m, asset, amount),
                       decimals == UNKNOWN ? 0 : (unsigned)decimals);
}

static const char *whole_text(struct making *m, struct u256 v)
{
    char digits[U256_TEXT_MAX];

    u256_to_text(v, digits);
    return made_text(m, "%s", digits);
}

static void amount_behind(struct making *m, const char *object, struct u256 amount)
{
    if (m->cell_asked)
        cell_behind_part(m, object, whole_text(m, amount), NULL);
}

/* "0xdAC1...1ec7" says nothing to people: what it calls itself beside it. */
static const char *asset_name(struct making *m, const char *asset)
{
    const struct asset_fact *fact = fact_of(m, asset);

    return fact && fact->symbol && strcmp(fact->symbol, asset) != 0
               ? made_text(m, "%s %s", fact->symbol, asset)
               : asset;
}

static bool cell_usd(struct making *m, struct pack_table *t, struct u256 usd, bool known)
{
    return cell_figure(m, t, PACK_SUM, known ? whole_text(m, usd) : NULL);
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

static void traced(struct making *m, struct pack_section *s, const struct records *all)
{
    static const enum pack_word columns[] = {
        PACK_C_CASE, PACK_C_CHAIN, PACK_C_ASSET,  PACK_C_TRACED, PACK_C_STILL, PACK_C_WENT,
        PACK_C_LOST, PACK_C_USD,   PACK_C_POLICY, PACK_C_EXACT,  PACK_C_ID,    PACK_WORDS_N};
    static const char *const sums[] = {"traced", "held", "stopped", "lost"};
    bool full = m->pack->options.reader == PACK_READER_FULL; /* others are told of no case */
    struct pack_table *t =
        table_add(m, s, PACK_TRACED, findings_query, full ? columns : columns + 1);

    for (size_t i = 0; i < all->n; i++) {
        const struct record_said *r = &all->at[i];
        const char *asset = key_part(r, 2);
        struct worth usd = worth_of(m, asset, found(r, "traced"), r->of->first->e.ms);

        row_add(m, t);
        row_name_object(m, t, r->of->object);
        if (full)
            cell_add(m, t, id_of(m, key_part(r, 0)));
        cell_add(m, t, key_part(r, 1));
        cell_add(m, t, asset_name(m, asset));
        for (size_t k = 0; k < sizeof(sums) / sizeof(sums[0]); k++)
            if (cell_amount(m, t, asset, found(r, sums[k])))
                amount_behind(m, r->of->object, found(r, sums[k]));
        if (cell_usd(m, t, usd.usd, usd.known))
            amount_behind(m, r->of->object, usd.usd);
        cell_add(m, t, record_text(&r->record, "policy"));
        cell_value(m, t, record_text(&r->record, "exact"));
        cell_add(m, t, id_of(m, r->of->object));
    }
}

struct place {          /* where value went: by category, name and asset */
    const char *object; /* the finding that says so */
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
static struct place place_read(struct making *m, const char *item, const struct record_said *r)
{
    struct place p = {.object = r->of->object, .asset = key_part(r, 2)};
    const char *words = record_sum(item, &p.amount);
    size_t n = strcspn(words, ",");
    struct worth usd = worth_of(m, p.asset, p.amount, r->of->first->e.ms);

    p.category = made_text(m, "%.*s", (int)n, words);
    p.name = words[n] ? words[n + 1] == ' ' ? words + n + 2 : words + n + 1 : "";
    p.usd = usd.usd;
    p.known = usd.known;
    return p;
}

/* Each place that a finding tells, sorted. */
static struct place *places_of(struct making *m, const struct records *all, size_t *ret_n)
{
    struct place *places = ARENA_ARRAY(m->a, struct place, items_of(all, "went") + 1);
    size_t n = 0;

    *ret_n = 0;
    if (!places) {
        making_failed(m, ERR_NOMEM, "a pack");
        return NULL;
    }
    for (size_t i = 0; i < all->n; i++) {
        const struct json *list = json_get(all->at[i].record.of, "went");

        for (const struct json *item = list ? list->child : NULL; item; item = item->next)
            places[n++] = place_read(m, item->text, &all->at[i]);
    }
    if (n)
        qsort(places, n, sizeof(*places), by_place);
    *ret_n = n;
    return places;
}

/* n findings of one place. */
static void place_row(struct making *m, struct pack_table *t, const struct place *at, size_t n)
{
    struct place all = at[0];

    for (size_t i = 1; i < n; i++) {
        all.amount = sum_of(all.amount, at[i].amount);
        all.usd = sum_of(all.usd, at[i].usd);
        all.known = all.known && at[i].known;
    }
    row_add(m, t);
    row_name(m, t, all.category, all.name, all.asset);
    cell_value(m, t, all.category);
    cell_add(m, t, all.name);
    cell_add(m, t, asset_name(m, all.asset));
    if (cell_amount(m, t, all.asset, all.amount))
        for (size_t i = 0; i < n; i++)
            amount_behind(m, at[i].object, at[i].amount);
    if (cell_usd(m, t, all.usd, all.known))
        for (size_t i = 0; i < n; i++)
            amount_behind(m, at[i].object, at[i].usd);
}

static void went(struct making *m, struct pack_section *s, const struct records *all)
{
    static const enum pack_word columns[] = {PACK_C_CATEGORY, PACK_C_NAME, PACK_C_ASSET,
                                             PACK_C_AMOUNT,   PACK_C_USD,  PACK_WORDS_N};
    struct pack_table *t = table_add(m, s, PACK_WENT, findings_query, columns);
    size_t n, end;
    const struct place *places = places_of(m, all, &n);

    for (size_t i = 0; i < n; i = end) {
        for (end = i + 1; end < n && !by_place(&places[i], &places[end]);)
            end++;
        place_row(m, t, &places[i], end - i);
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
    if (!u256_zero(now->amount))
        return HELD;
    return now->why == ALERT_WHY_EXPIRED ? RAN_OUT : OPEN;
}

bool says_what_is_held(const struct fold_event *e)
{
    unsigned both = FACT_AMOUNT | FACT_EXPIRES;

    return (facts_of_type(e->e.type) & both) == both;
}

/* Of an alert whose hold is over: how much it was last said to be of. */
static struct u256 was_held(const struct alert_now *now)
{
    struct u256 held = now->told->amount;
    const struct fold_event *e;

    for (size_t i = 0; (e = fold_event_of(now->object, i)); i++)
        if (e->effect == EFFECT_STEP && says_what_is_held(e))
            held = u256_min(e->e.facts->amount, now->told->amount);
    return held;
}

/* How much of what reached there came to the end that the alert came to. */
static struct u256 part_of(const struct alert_now *now)
{
    switch (fate_of(now)) {
    case HELD:
        return u256_min(now->amount, now->told->amount);
    case RAN_OUT:
    case RELEASED:
    case RETURNED:
    case SEIZED:
        return was_held(now);
    case OPEN:
    case ESCAPED:
    case DECLINED:
    case WITHDRAWN:
    case FATES:
        break;
    }
    return now->told->amount;
}

/* How much came to one of these ends; what was left out of a hold is open. */
static struct u256 amount_at(const struct alert_now *now, unsigned fates)
{
    struct u256 sum = u256_of(0), part = part_of(now), rest;

    if (fates >> fate_of(now) & 1)
        sum = part;
    if (fates >> OPEN & 1 && u256_sub(now->told->amount, part, &rest))
        sum = sum_of(sum, rest);
    return sum;
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
        making_failed(m, arena_class(m->a), "a pack");
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

static struct worth alert_worth(struct making *m, const struct alert_now *now)
{
    return worth_of(m, now->told->asset, now->told->amount, now->object->first->e.ms);
}

static void sums_add(struct making *m, struct sums *s, const struct alert_now *now)
{
    struct worth usd = alert_worth(m, now);

    s->n++;
    s->reached = sum_of(s->reached, now->told->amount);
    for (unsigned fate = 0; fate < FATES; fate++)
        s->by[fate] = sum_of(s->by[fate], amount_at(now, 1U << fate));
    s->usd = sum_of(s->usd, usd.usd);
    s->known = s->known && usd.known;
}

static bool is_of_sums(const struct sums *s, const struct alert_now *now)
{
    return (!*s->holder || !strcmp(s->holder, now->told->holder)) &&
           !strcmp(s->asset, now->told->asset);
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

        while (k < n && !is_of_sums(&all[k], &m->alerts[i]))
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

#define ALL_FATES ((1U << FATES) - 1)
#define FATES_DENIED (1U << HELD | 1U << RETURNED | 1U << SEIZED)

static void sums_count(struct making *m, const struct sums *s)
{
    for (size_t i = 0; i < m->alerts_n; i++)
        if (is_of_sums(s, &m->alerts[i]))
            cell_behind(m, m->alerts[i].object->object);
}

/* What reached there, of alerts that came to one of these ends. */
static void sums_behind(struct making *m, const struct sums *s, unsigned fates)
{
    for (size_t i = 0; i < m->alerts_n; i++) {
        struct u256 amount = amount_at(&m->alerts[i], fates);

        if (is_of_sums(s, &m->alerts[i]) && !u256_zero(amount))
            amount_behind(m, m->alerts[i].object->object, amount);
    }
}

static void sums_worth(struct making *m, const struct sums *s)
{
    for (size_t i = 0; i < m->alerts_n; i++)
        if (is_of_sums(s, &m->alerts[i]))
            amount_behind(m, m->alerts[i].object->object, alert_worth(m, &m->alerts[i]).usd);
}

static void at_members(struct making *m, struct pack_section *s)
{
    static const enum pack_word columns[] = {
        PACK_C_HOLDER,  PACK_C_ASSET,    PACK_C_N,         PACK_C_REACHED,  PACK_C_OPEN,
        PACK_C_HELD,    PACK_C_RAN_OUT,  PACK_C_RELEASED,  PACK_C_RETURNED, PACK_C_SEIZED,
        PACK_C_ESCAPED, PACK_C_DECLINED, PACK_C_WITHDRAWN, PACK_C_USD,      PACK_WORDS_N};
    struct pack_table *t = table_add(m, s, PACK_AT_MEMBERS, alerts_query, columns);
    size_t n;
    struct sums *all = alerts_sum(m, false, &n);

    for (size_t i = 0; i < n; i++) {
        row_add(m, t);
        row_name(m, t, all[i].holder, all[i].asset, NULL);
        cell_add(m, t, all[i].holder);
        cell_add(m, t, asset_name(m, all[i].asset));
        if (cell_count(m, t, all[i].n))
            sums_count(m, &all[i]);
        if (cell_amount(m, t, all[i].asset, all[i].reached))
            sums_behind(m, &all[i], ALL_FATES);
        for (unsigned fate = 0; fate < FATES; fate++)
            if (cell_amount(m, t, all[i].asset, all[i].by[fate]))
                sums_behind(m, &all[i], 1U << fate);
        if (cell_usd(m, t, all[i].usd, all[i].known))
            sums_worth(m, &all[i]);
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

static void traced_behind(struct making *m, const struct records *all, const char *asset)
{
    for (size_t i = 0; i < all->n; i++)
        if (!strcmp(key_part(&all->at[i], 2), asset))
            amount_behind(m, all->at[i].of->object, found(&all->at[i], "traced"));
}

static void traced_wholes(struct making *m, const struct records *all, const char *asset)
{
    for (size_t i = 0; i < all->n; i++)
        if (!strcmp(key_part(&all->at[i], 2), asset))
            cell_behind_part(m, all->at[i].of->object, "0",
                             whole_text(m, found(&all->at[i], "traced")));
}

/* What was denied of each alert, with what reached there as its whole, or none. */
static void denied_parts(struct making *m, const struct sums *s, bool wholes)
{
    for (size_t i = 0; i < m->alerts_n; i++) {
        const struct alert_now *now = &m->alerts[i];

        if (is_of_sums(s, now))
            cell_behind_part(m, now->object->object, whole_text(m, amount_at(now, FATES_DENIED)),
                             wholes ? whole_text(m, now->told->amount) : "0");
    }
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
        row_name(m, t, all[i].asset, NULL, NULL);
        cell_add(m, t, asset_name(m, all[i].asset));
        if (cell_amount(m, t, all[i].asset, traced_all))
            traced_behind(m, &findings, all[i].asset);
        if (cell_amount(m, t, all[i].asset, all[i].reached))
            sums_behind(m, &all[i], ALL_FATES);
        if (cell_amount(m, t, all[i].asset, denied(&all[i])))
            sums_behind(m, &all[i], FATES_DENIED);
        if (cell_figure(m, t, PACK_SHARE, made_percent(m, denied(&all[i]), all[i].reached)))
            denied_parts(m, &all[i], true);
        if (cell_figure(m, t, PACK_SHARE, made_percent(m, denied(&all[i]), traced_all))) {
            denied_parts(m, &all[i], false);
            traced_wholes(m, &findings, all[i].asset);
        }
    }
}

/* ---- the summary ---- */

static void worth_behind(struct making *m, enum pack_word label, const char *object,
                         struct worth usd)
{
    if (usd.known && figure_asked(m, label))
        behind_value(m, label, object, whole_text(m, usd.usd));
}

static struct u256 findings_worth(struct making *m, const struct records *findings,
                                  uint64_t *unvalued)
{
    struct u256 sum = u256_of(0);

    for (size_t i = 0; i < findings->n; i++) {
        const struct record_said *r = &findings->at[i];
        struct worth usd = worth_of(m, key_part(r, 2), found(r, "traced"), r->of->first->e.ms);

        sum = sum_of(sum, usd.usd);
        worth_behind(m, PACK_TRACED_USD, r->of->object, usd);
        if (usd.known || u256_zero(found(r, "traced")))
            continue;
        ++*unvalued;
        behind(m, PACK_UNVALUED_N, r->of->object);
    }
    return sum;
}

/* Of what reached members, in dollars: all, and what is denied. */
static void alerts_worth(struct making *m, struct u256 *reached, struct u256 *kept,
                         uint64_t *unvalued)
{
    for (size_t i = 0; i < m->alerts_n; i++) {
        const struct alert_now *now = &m->alerts[i];
        const char *object = now->object->object;
        bool denies = FATES_DENIED >> fate_of(now) & 1;
        struct worth usd = alert_worth(m, now);
        struct worth of =
            worth_of(m, now->told->asset, amount_at(now, FATES_DENIED), now->object->first->e.ms);

        *reached = sum_of(*reached, usd.usd);
        worth_behind(m, PACK_REACHED_USD, object, usd);
        *kept = sum_of(*kept, of.usd);
        if (denies)
            worth_behind(m, PACK_DENIED_USD, object, of);
        if (usd.known && figure_asked(m, PACK_DENIED_SHARE))
            behind_part(m, PACK_DENIED_SHARE, object, whole_text(m, of.usd),
                        whole_text(m, usd.usd));
        if (usd.known)
            continue;
        ++*unvalued;
        behind(m, PACK_UNVALUED_N, object);
    }
}

/* In dollars of each day; what has no rate is counted beside it. */
void pack_money_summary(struct making *m, struct pack_section *s)
{
    struct u256 all_traced, reached = u256_of(0), kept = u256_of(0);
    uint64_t unvalued = 0;
    struct records findings;

    findings_seen(m, &findings);
    all_traced = findings_worth(m, &findings, &unvalued);
    if (findings.n)
        figure_add(m, s, PACK_TRACED_USD, PACK_SUM, whole_text(m, all_traced));
    if (m->pack->options.reader == PACK_READER_FULL && alerts_find(m)) {
        alerts_worth(m, &reached, &kept, &unvalued);
        figure_add(m, s, PACK_REACHED_USD, PACK_SUM, whole_text(m, reached));
        figure_add(m, s, PACK_DENIED_USD, PACK_SUM, whole_text(m, kept));
        if (!u256_zero(reached))
            figure_add(m, s, PACK_DENIED_SHARE, PACK_SHARE, made_percent(m, kept, reached));
    }
    if (unvalued)
        figure_number(m, s, PACK_UNVALUED_N, PACK_COUNT, unvalued);
}
