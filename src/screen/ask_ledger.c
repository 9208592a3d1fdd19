#include "screen/ask_ledger.h"

#include "screen/screen_ledger_parts.h"
#include "screen/screen_wallets.h"
#include "trace/account_show.h"

#include <stdio.h>

#define PATH_TOLD 32  /* transactions of a way that are told, the last ones */
#define PATH_HOPS 256 /* longer ways are not walked */
#define PAID_MAX 1000 /* outputs of a payment that are looked at for whom it paid */

/* ---- what is there ---- */

void exposed_unknown(struct exposed_all *all, enum screen_unknown_of of, const char *chain)
{
    for (size_t i = 0; i < all->unknown_n; i++)
        if (all->unknown[i].of == of && all->unknown[i].chain == chain)
            return;
    if (all->unknown_n < EXPOSED_UNKNOWN)
        all->unknown[all->unknown_n++] = (struct screen_unknown){of, chain};
}

void exposed_put(struct exposed_all *all, const struct exposed *e)
{
    if (all->n == EXPOSED_MAX)
        exposed_unknown(all, UNKNOWN_MORE, NULL);
    else
        all->at[all->n++] = *e;
}

/* What several forms of one key have of one label and distance is one part. */
static size_t same_added(struct exposure_part *parts, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        size_t k = 0;

        while (k < kept && (parts[k].label != parts[i].label || parts[k].direct != parts[i].direct))
            k++;
        if (k == kept) {
            parts[kept++] = parts[i];
            continue;
        }
        if (u256_less(parts[k].amount, parts[i].amount)) {
            parts[k].best = parts[i].best;
            parts[k].hops = parts[i].hops;
        }
        if (!u256_add(parts[k].amount, parts[i].amount, &parts[k].amount))
            parts[k].amount = u256_of(UINT64_MAX);
    }
    return kept;
}

static void coins_flow(const struct screen_ledger_at *of, const uint64_t *scripts, size_t n,
                       bool received, enum screen_about about, struct exposed_all *all)
{
    const struct exposure *x = of->exposure->coins;
    struct exposure_part parts[LEDGER_TWINS_MAX * EXPOSED_PARTS], sorted[EXPOSED_PARTS];
    uint64_t total = 0;
    size_t parts_n = 0, sorted_n = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t script = (uint32_t)scripts[i];
        size_t there = received ? exposure_received(x, script, parts + parts_n, EXPOSED_PARTS)
                                : exposure_sent(x, script, parts + parts_n, EXPOSED_PARTS);

        if (there > EXPOSED_PARTS)
            exposed_unknown(all, UNKNOWN_MORE, NULL);
        parts_n += there < EXPOSED_PARTS ? there : EXPOSED_PARTS;
        if (__builtin_add_overflow(total,
                                   received ? exposure_received_total(x, script)
                                            : exposure_sent_total(x, script),
                                   &total))
            total = UINT64_MAX;
    }
    parts_n = same_added(parts, parts_n);
    for (size_t i = 0; i < parts_n; i++)
        exposure_part_put(sorted, &sorted_n, EXPOSED_PARTS, parts[i], u256_of(total));
    for (size_t i = 0; i < sorted_n; i++)
        exposed_put(all, &(struct exposed){
                             .of = of, .received = received, .part = sorted[i], .about = about});
}

static void holding_flow(const struct screen_ledger_at *of, uint64_t holding, uint64_t asset,
                         bool received, enum screen_about about, struct exposed_all *all)
{
    struct exposure_part parts[EXPOSED_PARTS];
    size_t n = account_exposure_holding(of->exposure->accounts, holding,
                                        received ? EXPOSURE_RECEIVED : EXPOSURE_SENT, parts,
                                        EXPOSED_PARTS);

    if (n > EXPOSED_PARTS) {
        exposed_unknown(all, UNKNOWN_MORE, NULL);
        n = EXPOSED_PARTS;
    }
    for (size_t i = 0; i < n; i++)
        exposed_put(all, &(struct exposed){of, received, parts[i], asset, about, 0});
}

/* The native coin first, then tokens that are known, then the rest, of which anybody can make as
 * many as they like. */
static void account_find_all(const struct screen_ledger_at *of, uint64_t account, bool received,
                             enum screen_about about, struct exposed_all *all)
{
    const struct account_ledger *l = of->ledger.accounts;
    const struct accounts *a = account_ledger_accounts(l);
    uint64_t native = account_ledger_find_holding(l, account, ACCOUNT_NOBODY);

    if (native < a->holdings_n)
        holding_flow(of, native, ACCOUNT_NOBODY, received, about, all);
    for (int known = 1; known >= 0; known--) {
        uint64_t next, looked = 0;

        for (uint64_t h = account_ledger_holding_last(l, account); h < a->holdings_n; h = next) {
            struct holding holding = accounts_holding(a, h);

            next = holding.before < h ? holding.before : ACCOUNTS_NONE;
            if (++looked > EXPOSED_HOLDINGS_MAX) {
                exposed_unknown(all, UNKNOWN_MORE, of->chain->name);
                break;
            }
            if (h != native && (asset_facts_of(l, holding.asset).symbol != NULL) == (known != 0))
                holding_flow(of, h, holding.asset, received, about, all);
        }
    }
}

static void related_put(struct exposed_all *all, const struct related *r)
{
    if (all->related_n < RELATED_MAX)
        all->related[all->related_n++] = *r;
    else
        exposed_unknown(all, UNKNOWN_MORE, r->of->chain->name);
}

/* Has it paid straight to a labelled account, as a deposit address has? That is known by now, and
 * saves looking at all events of most accounts. */
static bool has_sent(const struct exposed_all *all, const struct screen_ledger_at *of)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->at[i].of == of && !all->at[i].received)
            return true;
    return all->n == EXPOSED_MAX;
}

/* The wallet that the first sweep which fits went to tells of what kind the service is. */
static void deposit_related(const struct screen_ledger_at *of, uint64_t account,
                            enum screen_about about, struct exposed_all *all)
{
    const struct accounts *a = account_ledger_accounts(of->ledger.accounts);
    const struct screen_ledger *x = of->exposure;
    const struct deposit_rule *rule = of->wallets ? screen_wallets_rule(of->wallets) : NULL;
    struct related r = {.of = of, .about = about};
    struct deposit d;
    struct err err;
    uint64_t to;

    if (!rule || !rule->wallets_n || (about == SCREEN_ABOUT_SUBJECT && !has_sent(all, of)) ||
        !deposit_judge(of->ledger.accounts, rule, account, &d, &err) || !d.owner ||
        d.sweep >= a->transfers_n)
        return;
    to = accounts_transfer(a, d.sweep).to;
    r.owner = to < a->holdings_n ? accounts_holding(a, to).account : ACCOUNTS_NONE;
    r.sweeps = d.sweeps;
    r.fitting = d.fitting;
    for (size_t i = screen_source_at(x, r.owner);
         i < x->sources_n && x->sources[i].owner == r.owner; i++) {
        r.label = x->sources[i].label;
        related_put(all, &r);
    }
}

static void cluster_related(const struct screen_ledger_at *of, const uint64_t *scripts, size_t n,
                            enum screen_about about, struct exposed_all *all)
{
    const struct screen_entity_row *rows;
    size_t rows_n = 0;

    if (screen_entities_blocks(of->entities) < screen_blocks_of(&of->ledger))
        exposed_unknown(all, UNKNOWN_ENTITIES_OLD, of->chain->name);
    if (!n)
        return;
    rows = screen_entity_of(of->entities, (uint32_t)scripts[0], &rows_n);
    for (size_t i = 0; i < rows_n; i++) {
        struct related r = {
            .of = of,
            .owner = rows[i].script,
            .label = rows[i].label,
            .about = about,
            .more = rows[i].all > SCREEN_ENTITY_TOLD ? rows[i].all - SCREEN_ENTITY_TOLD : 0};
        bool own = false;

        for (size_t k = 0; k < n; k++)
            own |= r.owner == scripts[k];
        if (!own)
            related_put(all, &r);
    }
}

/* The labelled addresses of the entity, but for the forms of the one that is asked about. */
void owners_related(const struct screen_ledger_at *of, const uint64_t *owners, size_t n,
                    enum screen_about about, struct exposed_all *all)
{
    if (of->ledger.coins && !of->entities)
        exposed_unknown(all, UNKNOWN_ENTITIES, of->chain->name);
    else if (of->ledger.coins)
        cluster_related(of, owners, n, about, all);
    else if (n)
        deposit_related(of, owners[0], about, all);
}

void owners_exposed(const struct screen_ledger_at *of, const uint64_t *owners, size_t n,
                    enum screen_about about, struct exposed_all *all)
{
    for (int received = 1; received >= 0; received--) {
        if (of->exposure->coins)
            coins_flow(of, owners, n, received != 0, about, all);
        else
            account_find_all(of, owners[0], received != 0, about, all);
    }
}

void ledger_stands(const struct screen_ledger_at *of, struct exposed_all *all)
{
    const struct screen_ledger *x = of->exposure;

    if (x->blocks < screen_blocks_of(&of->ledger))
        exposed_unknown(all, UNKNOWN_BEHIND, of->chain->name);
    if (x->as_of.any && x->as_of.time < all->oldest)
        all->oldest = x->as_of.time;
    all->as_of[all->as_of_n] = x->as_of;
    screen_entities_stand(of->entities, &all->as_of[all->as_of_n++]);
}

/* A token account has nothing of its own: its owner stands for it. */
static void token_owner(const struct screen_ledger_at *of, uint64_t *owner, struct exposed_all *all)
{
    const struct account_ledger *l = of->ledger.accounts;
    uint64_t asset, account = *owner;

    if (account_ledger_owner(l, account_ledger_accounts(l), account, owner, &asset) &&
        !address_key_of(of->chain, account_ledger_key(l, *owner), &all->owner))
        all->owner.space = SPACE_NONE;
}

static void address_find_all(const struct screen_ledger_at *of, const struct address_key *key,
                             struct exposed_all *all)
{
    uint64_t owners[LEDGER_TWINS_MAX];
    struct screen_ledger *x = of->exposure;
    bool seen = false;
    size_t n;

    pthread_rwlock_rdlock(&x->lock);
    n = screen_owners_seek(x, &of->ledger, key, owners);
    if (n && of->ledger.accounts)
        token_owner(of, &owners[0], all);
    for (size_t i = 0; i < n; i++)
        seen |= owners[i] < x->owners_n;
    if (seen)
        owners_exposed(of, owners, n, SCREEN_ABOUT_SUBJECT, all);
    else
        exposed_unknown(all, UNKNOWN_NEVER_SEEN, of->chain->name);
    owners_related(of, owners, n, SCREEN_ABOUT_SUBJECT, all);
    ledger_stands(of, all);
    pthread_rwlock_unlock(&x->lock);
}

/* ---- which ledgers are asked ---- */

/* Nothing, a ticker, or the name of a space: any chain with such addresses may be meant. */
static bool is_any(const struct address_key *key, const char *hint)
{
    return !hint || !*hint || !strcmp(hint, address_space_name((enum address_space)key->space)) ||
           address_hint_is_ticker(hint);
}

static bool is_asked(const struct chain *chain, const struct address_key *key, const char *hint,
                     bool any)
{
    return address_space_of_chain(chain) == key->space &&
           (any || !strcmp(hint, chain->name) || !strcmp(hint, chain->caip2));
}

bool ledger_ready(const struct screen_ledger_at *of, struct exposed_all *all)
{
    enum screen_unknown_of why = UNKNOWN_FAILED;

    switch (of->state) {
    case SCREEN_READY:
        return true;
    case SCREEN_COMING:
        why = UNKNOWN_COMING;
        break;
    case SCREEN_AWAY:
        why = UNKNOWN_AWAY;
        break;
    case SCREEN_FAILED:
        break;
    }
    all->outage = true;
    exposed_unknown(all, why, of->chain->name);
    return false;
}

void exposed_none(struct exposed_all *all)
{
    all->n = all->as_of_n = all->unknown_n = all->related_n = 0;
    all->covered = all->outage = false;
    all->owner.space = SPACE_NONE;
    all->oldest = UINT64_MAX;
}

void exposed_find(const struct screen_ledgers *ledgers, const struct address_key *key,
                  const char *chain, struct exposed_all *ret)
{
    struct exposed_all *all = ret;
    bool found = false, any = is_any(key, chain);

    exposed_none(all);
    if (!ledgers) {
        exposed_unknown(all, UNKNOWN_NOT_ASKED, NULL);
        return;
    }
    for (size_t i = 0; i < ledgers->n; i++)
        if (is_asked(ledgers->at[i].chain, key, chain, any)) {
            found = true;
            if (!ledger_ready(&ledgers->at[i], all))
                continue;
            all->covered = true;
            address_find_all(&ledgers->at[i], key, all);
        }
    if (!found)
        exposed_unknown(all, UNKNOWN_NO_LEDGER, NULL);
    else if (key->space == SPACE_EVM && any)
        exposed_unknown(all, UNKNOWN_OTHER_CHAINS, NULL);
}

/* ---- sent for ahead ---- */

struct ahead { /* a question that asks the ledger */
    uint64_t like, owner;
    bool found;
};

/* A step after the other for all of them, so that what one step reads has come when it is read:
 * slots of the table; where an owner's script and its exposure lie; the script, and sums. */
static void ledger_ahead(const struct screen_ledger_at *of, struct ahead *at, size_t n)
{
    const struct screen_ledger *x = of->exposure;

    for (size_t i = 0; i < n; i++)
        owner_table_fetch(x->table, at[i].like);
    for (size_t i = 0; i < n; i++) {
        uint32_t place = 0;

        at[i].found = owner_table_next(x->table, at[i].like, &place, &at[i].owner);
        if (at[i].found && x->coins) {
            ledger_script_fetch(of->ledger.coins, (uint32_t)at[i].owner);
            exposure_fetch(x->coins, (uint32_t)at[i].owner);
        }
    }
    for (size_t i = 0; i < n; i++)
        if (at[i].found && x->coins) {
            ledger_script_fetch_bytes(of->ledger.coins, (uint32_t)at[i].owner);
            exposure_fetch_sums(x->coins, (uint32_t)at[i].owner);
        }
}

void exposed_ahead(const struct screen_question *q, size_t n)
{
    const struct screen_ledgers *ledgers = q->ledgers;

    for (size_t k = 0; k < ledgers->n; k++) {
        const struct screen_ledger_at *of = &ledgers->at[k];
        struct ahead ahead[SCREEN_AHEAD];
        size_t ahead_n = 0;

        if (of->state != SCREEN_READY)
            continue;
        pthread_rwlock_rdlock(&of->exposure->lock);
        for (size_t i = 0; i < n && ahead_n < SCREEN_AHEAD && of->exposure->table; i++)
            if (q[i].read &&
                is_asked(of->chain, q[i].read, q[i].chain, is_any(q[i].read, q[i].chain)) &&
                screen_owner_like(of->exposure, q[i].read, &ahead[ahead_n].like))
                ahead_n++;
        ledger_ahead(of, ahead, ahead_n);
        pthread_rwlock_unlock(&of->exposure->lock);
    }
}

/* ---- a reason ---- */

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
        if (who)
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

/* who: only who is at the other end is wanted; else only the way. */
static void way_find(const struct exposed *e, bool who, struct way *ret)
{
    ret->e = e;
    ret->n = 0;
    ret->has_counterparty = false;
    if (e->part.hops > PATH_HOPS)
        return;
    if (e->of->exposure->coins)
        coins_way(ret, who);
    else
        accounts_way(ret);
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
    return arena_limited(a) ? err_fail(err, ERR_LIMIT, "too large a question")
                            : err_fail(err, ERR_NOMEM, "question");
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
    if (of->more)
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
