/* What ask_ledger.c has found, as reasons: what, from whom, and by which way. Names are looked up
 * and ways walked here, once it is known that they are told. */
#include "screen/ask_ledger.h"

#include "screen/screen_ledger_parts.h"
#include "trace/account_show.h"

#include <stdio.h>

#define PATH_TOLD 32  /* transactions of a way that are told, the last ones */
#define PATH_HOPS 256 /* longer ways are not walked */
#define PAID_MAX 1000 /* outputs of a payment that are looked at for whom it paid */

/* The transactions of a way, and who is at its other end. */
struct way {
    const struct exposed *e;
    uint64_t at[PATH_TOLD]; /* of coins transactions, of accounts transfers */
    size_t n;
    uint64_t counterparty;
    bool has_counterparty;
};

static const char *kept(struct arena *a, const char *s)
{
    return s ? arena_string(a, s, strlen(s)) : NULL;
}

bool owner_has(const struct screen_ledger *x, uint64_t owner, uint16_t label)
{
    for (size_t i = screen_source_at(x, owner); i < x->sources_n && x->sources[i].owner == owner;
         i++)
        if (x->sources[i].label == label)
            return true;
    return false;
}

/* Whom the payment paid: the first that has the label. */
static void payee_find(struct way *w, uint32_t tx)
{
    const struct ledger *l = w->e->of->ledger.coins;
    struct coins_range out = coins_outputs(ledger_coins(l), tx);

    for (uint64_t i = 0; i < out.n && i < PAID_MAX; i++) {
        uint32_t script = ledger_script_of(l, out.first + i);

        if (script == SCRIPT_NONE || !owner_has(w->e->of->exposure, script, w->e->part.label))
            continue;
        w->counterparty = script;
        w->has_counterparty = true;
        return;
    }
}

static void coins_way(struct way *w, bool who)
{
    const struct exposed *e = w->e;
    const struct ledger *l = e->of->ledger.coins;
    uint32_t txs[PATH_TOLD], source;
    size_t n;

    if (!e->received && e->about == SCREEN_ABOUT_TRANSFER) {
        w->counterparty = ledger_script_of(l, e->move);
        w->has_counterparty = true;
        w->at[w->n++] = coins_maker(ledger_coins(l), e->move);
        return;
    }
    if (!e->received) {
        if (who && e->part.best < ledger_coins(l)->txs_n)
            payee_find(w, e->part.best);
        w->at[w->n++] = e->part.best;
        return;
    }
    n = exposure_path(e->of->exposure->coins, e->part.best, txs, who ? 0 : PATH_TOLD, &source);
    w->counterparty = source;
    w->has_counterparty = source != EXPOSURE_NONE;
    for (size_t i = 0; !who && i < n && i < PATH_TOLD; i++)
        w->at[w->n++] = txs[i];
}

static void accounts_way(struct way *w)
{
    const struct exposed *e = w->e;
    const struct accounts *a = account_ledger_accounts(e->of->ledger.accounts);
    uint64_t source = ACCOUNTS_NONE;
    const struct account_exposure *x = e->of->exposure->accounts;
    size_t n =
        e->about == SCREEN_ABOUT_TRANSFER
            ? account_exposure_transfer_path(x, a, e->move, &e->part, w->at, PATH_TOLD, &source)
            : account_exposure_path(x, a, e->part.best, w->at, PATH_TOLD, &source);

    w->n = n < PATH_TOLD ? n : PATH_TOLD;
    if (!e->received && w->n && w->at[w->n - 1] < a->transfers_n) {
        uint64_t to = accounts_transfer(a, w->at[w->n - 1]).to;

        source = to == ACCOUNTS_NONE ? ACCOUNTS_NONE : accounts_holding(a, to).account;
    }
    w->counterparty = source;
    w->has_counterparty = source != ACCOUNTS_NONE;
}

/* The pass goes on while somebody asks: what it knows of blocks that came after the ledger was
 * opened that the question is asked over is not told. */
static void way_within(struct way *w)
{
    const struct trace_ledger *of = &w->e->of->ledger;
    uint64_t all, owners;

    if (of->coins) {
        struct ledger_counts n = ledger_counts(of->coins);

        all = n.transactions;
        owners = n.scripts;
    } else {
        struct account_ledger_counts n = account_ledger_counts(of->accounts);

        all = n.transfers;
        owners = n.accounts;
    }
    for (size_t i = w->n; i-- > 0;)
        if (w->at[i] >= all)
            w->n = 0;
    if (w->counterparty >= owners)
        w->has_counterparty = false;
}

/* who: only who is at the other end is wanted; else only the way. */
static void way_find(const struct exposed *e, bool who, struct way *ret)
{
    ret->e = e;
    ret->n = 0;
    ret->counterparty = 0;
    ret->has_counterparty = false;
    if (e->part.hops > PATH_HOPS)
        return;
    if (e->of->exposure->coins)
        coins_way(ret, who);
    else
        accounts_way(ret);
    way_within(ret);
}

/* As it is shown: backwards. */
static void txid_text(const struct hash32 *txid, char ret[TX_NAME_MAX])
{
    for (size_t i = 0; i < 32; i++) {
        ret[2 * i] = "0123456789abcdef"[txid->b[31 - i] >> 4];
        ret[2 * i + 1] = "0123456789abcdef"[txid->b[31 - i] & 15];
    }
    ret[64] = 0;
}

static bool way_tell(struct arena *a, const struct way *w, struct screen_reason *r)
{
    const char **path = ARENA_ARRAY(a, const char *, w->n ? w->n : 1);

    if (!path)
        return false;
    for (size_t i = 0; w->e->of->exposure->coins && i < w->n; i++)
        ledger_txid_fetch(w->e->of->ledger.coins, (uint32_t)w->at[i]);
    for (size_t i = 0; i < w->n; i++) {
        char name[TRANSFER_NAME_MAX];

        if (w->e->of->exposure->coins) {
            struct hash32 txid = ledger_txid(w->e->of->ledger.coins, (uint32_t)w->at[i]);

            txid_text(&txid, name);
        } else {
            transfer_name(w->e->of->ledger.accounts, w->at[i], name);
        }
        path[i] = kept(a, name);
        if (!path[i])
            return false;
    }
    r->path = path;
    r->path_n = w->n;
    return true;
}

/* The tag that gives an address its category. */
static bool tag_of(const struct screener *s, const struct address_key *key, const char *category,
                   struct tag *ret)
{
    struct tag_found found;

    if (!s->tags || !tag_set_find(s->tags, key, &found))
        return false;
    for (size_t i = 0; i < found.tags_n; i++) {
        tag_set_tag(s->tags, &found, i, ret);
        if (!strcmp(tag_category_name(ret->abuse != TAG_UNKNOWN ? ret->abuse : ret->category),
                    category))
            return true;
    }
    return false;
}

static const char *listed_name(const struct screener *s, const struct address_key *key,
                               const char *list)
{
    size_t n;
    const struct list_hit *hits = list_addresses_find(&s->addresses, key, &n);

    for (size_t i = 0; hits && i < n; i++)
        if (!strcmp(hits[i].list->name, list))
            return hits[i].entry->name.text;
    return NULL;
}

/* "1NDy... (Binance hot wallet)", with others behind it, and who says so: a tag before a case. */
static bool address_say(const struct screener *s, struct arena *a,
                        const struct screen_labels *labels, const struct address_key *of,
                        const char *others, struct screen_reason *r)
{
    const struct address_key key = *of;
    struct screen_stop stop;
    struct tag tag;
    const char *name = NULL;
    char *label;
    size_t size;

    if (r->list) {
        name = listed_name(s, &key, r->list);
    } else if (!r->case_id && tag_of(s, &key, r->category, &tag)) {
        name = tag.label;
        r->source = tag.pack;
        r->own = tag.private;
        r->confidence = tag_confidence_level(tag.confidence);
    } else if (!r->case_id && screen_labels_stop(labels, &key, r->category, &stop)) {
        name = stop.name;
        r->source = kept(a, stop.source);
        if (r->evidence == SCREEN_ENTITY)
            r->confidence = 100;
        if (!r->source)
            return false;
    }
    size = key.n + (name ? strlen(name) : 0) + strlen(others) + sizeof(" ()");
    label = arena_alloc(a, size);
    if (label)
        snprintf(label, size, "%s%s%s%s%s", key.text, name && *name ? " (" : "", name ? name : "",
                 name && *name ? ")" : "", others);
    r->label = label;
    return label != NULL;
}

static bool asset_of(struct arena *a, const struct exposed *e, struct screen_reason *r)
{
    struct asset_facts facts;
    char name[ACCOUNT_NAME_MAX];

    if (e->of->ledger.coins) {
        r->asset = e->of->chain->symbol ? e->of->chain->symbol : "";
        r->decimals = e->of->chain->decimals;
        return true;
    }
    facts = asset_facts_of(e->of->ledger.accounts, e->asset);
    r->decimals = facts.decimals;
    r->asset = facts.symbol;
    if (facts.symbol)
        return true;
    asset_text(e->of->ledger.accounts, e->asset, name);
    r->asset = kept(a, name);
    return r->asset != NULL;
}

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "a question");
}

static bool reason_fill(struct arena *a, const struct exposed *e, struct screen_reason *r)
{
    struct screen_label label = screen_label(e->of->exposure->labels, e->part.label);
    bool of_tags = e->part.label < TAG_CATEGORIES; /* whose names are constants */

    r->evidence = SCREEN_EXPOSED;
    r->category = of_tags ? label.category : kept(a, label.category);
    r->source = label.source ? kept(a, label.source) : "tags";
    r->chain = e->of->chain->name;
    r->list = kept(a, label.list);
    r->case_id = kept(a, label.case_id);
    r->about = e->about;
    r->direct = e->part.direct;
    r->received = e->received;
    r->amount = e->part.amount;
    r->share_ppm = e->part.share_ppm;
    r->hops = e->part.hops;
    return r->category && r->source && (r->list || !label.list) && (r->case_id || !label.case_id) &&
           asset_of(a, e, r);
}

static bool cased_path(struct arena *a, struct screen_cases *cases, const struct cased *c,
                       struct screen_reason *r)
{
    struct exposed e = {.of = c->of};
    struct way w = {.e = &e};

    w.n = screen_cases_way(cases, &c->of->ledger, &c->part, c->about == SCREEN_ABOUT_TRANSFER, w.at,
                           PATH_TOLD);
    way_within(&w);
    return way_tell(a, &w, r);
}

static bool cased_fill(struct arena *a, struct screen_cases *cases, const struct cased *c,
                       struct screen_reason *r)
{
    const struct screen_case_is *is = &c->part.is;
    struct exposed e = {.of = c->of, .asset = c->part.asset};

    *r = (struct screen_reason){.evidence = SCREEN_EXPOSED,
                                .category = is->category,
                                .source = kept(a, is->object),
                                .case_id = kept(a, is->object),
                                .state = is->state,
                                .member = kept(a, is->member),
                                .policy = is->policy,
                                .unverified = !is->counts,
                                .chain = c->of->chain->name,
                                .about = c->about,
                                .direct = c->part.direct,
                                .received = c->part.received,
                                .amount = c->part.amount,
                                .share_ppm = c->share_ppm,
                                .hops = c->part.hops};
    return r->source && r->case_id && r->member && asset_of(a, &e, r) && cased_path(a, cases, c, r);
}

bool cased_reason(struct arena *a, struct screen_cases *cases, const struct cased *c,
                  struct screen_reason *ret, struct err *err)
{
    bool ok;

    pthread_rwlock_rdlock(&c->of->exposure->lock);
    ok = cased_fill(a, cases, c, ret);
    pthread_rwlock_unlock(&c->of->exposure->lock);
    return ok || no_memory(a, err);
}

bool exposed_reasons(struct arena *a, const struct exposed *e, size_t n, struct screen_reason *ret,
                     struct err *err)
{
    bool ok = true;
    size_t end;

    for (size_t i = 0; ok && i < n; i = end) { /* those of a ledger together */
        pthread_rwlock_rdlock(&e[i].of->exposure->lock);
        for (end = i; ok && end < n && e[end].of == e[i].of; end++)
            ok = reason_fill(a, &e[end], &ret[end]);
        pthread_rwlock_unlock(&e[i].of->exposure->lock);
    }
    return ok || no_memory(a, err);
}

bool exposed_who(const struct screener *s, struct arena *a, const struct exposed *e,
                 struct screen_reason *r, struct err *err)
{
    struct address_key key;
    struct way w;
    bool ok;

    pthread_rwlock_rdlock(&e->of->exposure->lock);
    way_find(e, true, &w);
    ok = !w.has_counterparty || !screen_owner_key(&e->of->ledger, w.counterparty, &key) ||
         address_say(s, a, e->of->exposure->labels, &key, "", r);
    pthread_rwlock_unlock(&e->of->exposure->lock);
    return ok || no_memory(a, err);
}

bool exposed_way(struct arena *a, const struct exposed *e, struct screen_reason *r, struct err *err)
{
    struct way w;

    pthread_rwlock_rdlock(&e->of->exposure->lock);
    way_find(e, false, &w);
    pthread_rwlock_unlock(&e->of->exposure->lock);
    return way_tell(a, &w, r) || no_memory(a, err);
}

static bool related_fill(const struct screener *s, struct arena *a, const struct related *of,
                         struct screen_reason *r)
{
    struct screen_label label = screen_label(of->of->exposure->labels, of->label);
    struct address_key key;
    char others[80] = "";

    *r = (struct screen_reason){
        .evidence = SCREEN_ENTITY,
        .category = kept(a, label.category),
        .source = label.source ? kept(a, label.source) : "tags",
        .chain = of->of->chain->name,
        .list = kept(a, label.list),
        .case_id = kept(a, label.case_id),
        .confidence = label.source ? 100 : 0,
        .about = of->about,
    };
    if (!r->category || !r->source || (label.list && !r->list) || (label.case_id && !r->case_id))
        return false;
    if (of->token)
        snprintf(others, sizeof(others), ", a token account of the address");
    else if (of->more)
        snprintf(others, sizeof(others), ", and %u more", of->more);
    else if (of->sweeps)
        snprintf(others, sizeof(others), ", to which a deposit address pays: %u of %u sweeps fit",
                 of->fitting, of->sweeps);
    return !screen_owner_key(&of->of->ledger, of->owner, &key) ||
           address_say(s, a, of->of->exposure->labels, &key, others, r);
}

bool related_reason(const struct screener *s, struct arena *a, const struct related *r,
                    struct screen_reason *ret, struct err *err)
{
    bool ok;

    pthread_rwlock_rdlock(&r->of->exposure->lock);
    ok = related_fill(s, a, r, ret);
    pthread_rwlock_unlock(&r->of->exposure->lock);
    return ok || no_memory(a, err);
}
