#include "screen/ask_ledger.h"

#include "screen/screen_ledger_parts.h"
#include "screen/screen_wallets.h"
#include "trace/account_show.h"

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

/* His token accounts that have labels. */
static void token_related(const struct screen_ledger_at *of, uint64_t owner,
                          enum screen_about about, struct exposed_all *all)
{
    const struct screen_ledger *x = of->exposure;

    for (size_t i = screen_token_at(x, owner); i < x->tokens_n && x->tokens[i].owner == owner; i++)
        for (size_t k = screen_source_at(x, x->tokens[i].account);
             k < x->sources_n && x->sources[k].owner == x->tokens[i].account; k++)
            related_put(all, &(struct related){.of = of,
                                               .owner = x->tokens[i].account,
                                               .label = x->sources[k].label,
                                               .about = about,
                                               .token = true});
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
    else if (n) {
        token_related(of, owners[0], about, all);
        deposit_related(of, owners[0], about, all);
    }
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

/* ---- cases of the group ---- */

/* What cases know of blocks behind the ledger in hand may be of an asset that it has not. */
static bool is_asset_of(const struct screen_ledger_at *of, uint64_t asset)
{
    return of->ledger.coins || asset == ACCOUNT_NOBODY ||
           asset < account_ledger_accounts(of->ledger.accounts)->accounts_n;
}

static uint32_t share_of(struct u256 amount, struct u256 all)
{
    struct u256 share;

    if (u256_zero(all) || !u256_less(amount, all))
        return EXPOSURE_PPM;
    return u256_mul_div(amount, u256_of(EXPOSURE_PPM), all, &share) ? (uint32_t)share.w[0] : 0;
}

/* All that owners received, or sent, of the asset. */
static struct u256 flow_of(const struct screen_ledger_at *of, const uint64_t *owners, size_t n,
                           uint64_t asset, bool received)
{
    const struct exposure *x = of->exposure->coins;
    struct u256 all = u256_of(0);

    if (of->ledger.accounts) {
        struct account_exposure_totals totals = account_exposure_totals(
            of->exposure->accounts,
            account_ledger_find_holding(of->ledger.accounts, owners[0], asset));

        return received ? totals.received : totals.sent;
    }
    for (size_t i = 0; i < n; i++)
        if (!u256_add(all,
                      u256_of(received ? exposure_received_total(x, (uint32_t)owners[i])
                                       : exposure_sent_total(x, (uint32_t)owners[i])),
                      &all))
            break; /* cannot be: 64 bits each */
    return all;
}

static void cased_put(struct exposed_all *all, const struct cased *c)
{
    if (all->cased_n < CASED_MAX)
        all->cased[all->cased_n++] = *c;
    else
        exposed_unknown(all, UNKNOWN_MORE, NULL);
}

void owners_cased(const struct screen_ledger_at *of, const uint64_t *owners, size_t n,
                  enum screen_about about, struct exposed_all *all)
{
    struct screen_case_part parts[CASED_MAX];
    bool more;
    size_t parts_n =
        screen_cases_owners(all->cases, &of->ledger, owners, n, parts, CASED_MAX, &more);

    for (size_t i = 0; i < parts_n; i++)
        if (is_asset_of(of, parts[i].asset))
            cased_put(all, &(struct cased){
                               of, parts[i],
                               share_of(parts[i].amount,
                                        flow_of(of, owners, n, parts[i].asset, parts[i].received)),
                               about});
    if (more)
        exposed_unknown(all, UNKNOWN_MORE, of->chain->name);
}

void moves_cased(const struct screen_ledger_at *of, const uint64_t *moves, size_t n,
                 struct u256 (*moved)(const void *ctx, uint64_t asset), const void *ctx,
                 struct exposed_all *all)
{
    struct screen_case_part parts[CASED_MAX];
    bool more;
    size_t parts_n = screen_cases_moves(all->cases, &of->ledger, moves, n, parts, CASED_MAX, &more);

    for (size_t i = 0; i < parts_n; i++)
        cased_put(all, &(struct cased){of, parts[i],
                                       share_of(parts[i].amount, moved(ctx, parts[i].asset)),
                                       SCREEN_ABOUT_TRANSFER});
    if (more)
        exposed_unknown(all, UNKNOWN_MORE, of->chain->name);
}

/* What is asked is no newer than the ledger of the view, where the pass has gone on beyond it. */
static struct screen_as_of stands_as_of(const struct screen_ledger_at *of)
{
    const struct screen_ledger *x = of->exposure;
    uint64_t blocks = screen_blocks_of(&of->ledger);
    struct screen_as_of r = x->as_of;

    if (r.any && blocks && x->blocks > blocks) {
        struct screen_block b = screen_block_at(&of->ledger, (uint32_t)(blocks - 1));

        r.height = b.height;
        r.time = b.time;
        r.block = b.hash;
    }
    return r;
}

void ledger_stands(const struct screen_ledger_at *of, struct exposed_all *all)
{
    const struct screen_ledger *x = of->exposure;
    struct screen_as_of as_of;

    switch (screen_cases_lack(all->cases, &of->ledger)) {
    case CASES_ALL:
        break;
    case CASES_BEHIND:
        exposed_unknown(all, UNKNOWN_CASES_BEHIND, of->chain->name);
        break;
    case CASES_SOME:
        exposed_unknown(all, UNKNOWN_CASES, of->chain->name);
        break;
    }

    if (x->blocks < screen_blocks_of(&of->ledger))
        exposed_unknown(all, UNKNOWN_BEHIND, of->chain->name);
    as_of = stands_as_of(of);
    if (as_of.any && as_of.time < all->oldest)
        all->oldest = as_of.time;
    all->as_of[all->as_of_n] = as_of;
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

/* What is asked about by itself is not told as another. */
static void related_drop(struct exposed_all *all, size_t first, uint64_t owner)
{
    size_t n = first;

    for (size_t i = first; i < all->related_n; i++)
        if (!all->related[i].token || all->related[i].owner != owner)
            all->related[n++] = all->related[i];
    all->related_n = n;
}

static size_t owners_find(const struct screen_ledger_at *of, const struct address_key *key,
                          uint64_t owners[LEDGER_TWINS_MAX], uint64_t *ret_asked,
                          struct exposed_all *all)
{
    size_t n = screen_owners_seek(of->exposure, &of->ledger, key, owners);

    *ret_asked = n ? owners[0] : 0;
    if (n && of->ledger.accounts)
        token_owner(of, &owners[0], all);
    return n;
}

static void address_find_all(const struct screen_ledger_at *of, const struct address_key *key,
                             struct exposed_all *all)
{
    uint64_t owners[LEDGER_TWINS_MAX], asked;
    struct screen_ledger *x = of->exposure;
    bool seen = false;
    size_t n, related_n = all->related_n;

    pthread_rwlock_rdlock(&x->lock);
    n = owners_find(of, key, owners, &asked, all);
    for (size_t i = 0; i < n; i++)
        seen |= owners[i] < x->owners_n;
    if (seen)
        owners_exposed(of, owners, n, SCREEN_ABOUT_SUBJECT, all);
    if (n)
        owners_cased(of, owners, n, SCREEN_ABOUT_SUBJECT, all);
    if (!seen)
        exposed_unknown(all, UNKNOWN_NEVER_SEEN, of->chain->name);
    owners_related(of, owners, n, SCREEN_ABOUT_SUBJECT, all);
    related_drop(all, related_n, asked);
    ledger_stands(of, all);
    pthread_rwlock_unlock(&x->lock);
}

static void address_find_cased(const struct screen_ledger_at *of, const struct address_key *key,
                               struct exposed_all *all)
{
    uint64_t owners[LEDGER_TWINS_MAX], asked;
    size_t n;

    pthread_rwlock_rdlock(&of->exposure->lock);
    n = owners_find(of, key, owners, &asked, all);
    if (n)
        owners_cased(of, owners, n, SCREEN_ABOUT_SUBJECT, all);
    pthread_rwlock_unlock(&of->exposure->lock);
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

void exposed_none(struct exposed_all *all, const struct screen_ledgers *ledgers)
{
    all->cases = ledgers ? ledgers->cases : NULL;
    all->cased_n = 0;
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

    exposed_none(all, ledgers);
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

void cased_find(const struct screen_ledgers *ledgers, const struct address_key *key,
                const char *chain, struct exposed_all *ret)
{
    exposed_none(ret, ledgers);
    for (size_t i = 0; ledgers && i < ledgers->n; i++)
        if (is_asked(ledgers->at[i].chain, key, chain, is_any(key, chain)) &&
            ledger_ready(&ledgers->at[i], ret))
            address_find_cased(&ledgers->at[i], key, ret);
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
