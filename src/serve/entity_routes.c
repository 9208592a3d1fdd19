/* The entity of an address, a page of its members at a time, with what is said of each of them. On
 * chains of accounts, whose deposit address it is. Of followed ledgers they are kept up to date. */
#include "serve/entity_routes.h"

#include "api/deposit_answer.h"
#include "api/entity.h"
#include "base/mem.h"
#include "entity/tag_json.h"
#include "screen/screen_entity.h"
#include "screen/screen_wallets.h"
#include "serve/live_entities.h"
#include "serve/metrics.h"
#include "serve/screen_routes.h"
#include "serve/screening.h"

#include <string.h>

#define MEMBERS_MAX 1000

struct entities { /* what the part has opened */
    struct screening *screening;
    struct live_entities *live; /* NULL: nothing is followed */
};

/* ---- the part ---- */

static void part_close(void *part)
{
    struct entities *p = part;

    live_entities_close(p->live);
    mem_free(p);
}

static bool live_open(struct node *n, struct entities *p, struct err *err)
{
    const struct config *c = node_config(n);
    const struct chain *chains[CONFIG_FOLLOW_MAX];

    for (size_t i = 0; i < c->follow_n; i++) /* as the followers read them before */
        chains[i] = chain_by_name(c->follow[i].chain);
    return !c->follow_n ||
           live_entities_open(node_ledgers(n), chains, c->follow_n, node_log(n), &p->live, err);
}

static bool part_open(struct node *n, void **ret, struct err *err)
{
    struct entities *p = mem_zero(sizeof(*p));

    if (!p)
        return err_fail(err, ERR_NOMEM, "entities");
    p->screening = node_opened(n, &screen_part);
    if (!(p->screening || err_fail(err, ERR_SYSTEM, "no screening")) || !live_open(n, p, err)) {
        part_close(p);
        return false;
    }
    *ret = p;
    return true;
}

static bool part_tick(void *part, struct node *n, struct err *err)
{
    struct entities *p = part;

    (void)n;
    (void)err;
    if (p->live)
        live_entities_tick(p->live);
    return true;
}

static uint64_t behind_of(const struct live_entities_one *e)
{
    return e->blocks_all > e->blocks ? e->blocks_all - e->blocks : 0;
}

static uint64_t undone_of(const struct live_entities_one *e)
{
    return e->undone;
}

static uint64_t took_of(const struct live_entities_one *e)
{
    return e->took_ms;
}

static uint64_t failed_of(const struct live_entities_one *e)
{
    return e->failed;
}

struct told {
    struct live_entities_one at[LIVE_LEDGERS_MAX];
    size_t n;
};

static void put(const struct told *t, struct text *to, const char *name,
                uint64_t (*of)(const struct live_entities_one *e))
{
    for (size_t i = 0; i < t->n; i++)
        metric_u64(to, name, "chain", t->at[i].chain->name, of(&t->at[i]));
}

static void part_metrics(void *part, struct text *to)
{
    const struct entities *p = part;
    struct told t = {.n = 0};

    if (p->live)
        t.n = live_entities_all(p->live, t.at, LIVE_LEDGERS_MAX);
    metric_head(to, "cordon_entities_behind_blocks", "gauge",
                "Blocks of a followed ledger that its clusters lack.");
    put(&t, to, "cordon_entities_behind_blocks", behind_of);
    metric_head(to, "cordon_entities_renew_ms", "gauge",
                "What bringing clusters up to date took last.");
    put(&t, to, "cordon_entities_renew_ms", took_of);
    metric_head(to, "cordon_entities_undone_total", "counter", "Blocks taken back from clusters.");
    put(&t, to, "cordon_entities_undone_total", undone_of);
    metric_head(to, "cordon_entities_failed", "gauge", "1: clusters cannot be brought up to date.");
    put(&t, to, "cordon_entities_failed", failed_of);
}

/* ---- what is asked ---- */

static struct screening *screening_of(const struct http_job *job)
{
    const struct entities *p = job->part;

    return p->screening;
}

static bool options_read(const struct http_request *r, struct entity_options *o, struct err *err)
{
    static const char *const known[] = {"why", "after", "limit", NULL};
    const char *limit = http_query(r, "limit");

    *o = (struct entity_options){.why = http_query(r, "why"),
                                 .after = http_query(r, "after"),
                                 .members = ENTITY_MEMBERS_SHOWN};
    if (!http_query_only(r, known, err))
        return false;
    return !limit ||
           (u64_from_text(limit, strlen(limit), &o->members) && o->members <= MEMBERS_MAX) ||
           err_fail(err, ERR_INPUT, "limit: a number up to %d is wanted", MEMBERS_MAX);
}

/* ---- tags ---- */

static bool member_key(const struct entity *e, uint32_t script, struct address_key *ret,
                       struct err *err)
{
    struct text t = text_new((size_t)1 << 20);
    const struct chain *chain = ledger_chain(e->ledger);
    bool ok;

    entity_show_script(&t, e->ledger, script);
    ok = text_string(&t) && address_key_read(t.p, t.n, chain->name, ret, err);
    text_free(&t);
    return ok && ret->space == address_space_of_chain(chain);
}

/* Of the members that are shown; those of which nobody says anything are left away. */
static void tags_json(struct json_out *j, const struct tag_set *set, const struct entity *e)
{
    json_key(j, "tags");
    json_array(j);
    for (size_t i = 0; set && i < e->shown_n; i++) {
        struct tag_found found;
        struct address_key key;
        struct err ignored;

        if (member_key(e, e->members[e->shown + i], &key, &ignored) &&
            tag_set_find(set, &key, &found))
            tag_found_json(j, set, &found);
    }
    json_array_end(j);
}

/* ---- the answer ---- */

static void after_json(struct json_out *j, const struct entity *e)
{
    struct text t = text_new((size_t)1 << 20);

    json_key(j, "after");
    if (e->script != SCRIPT_NONE && e->shown_n && e->shown + e->shown_n < e->members_n) {
        entity_show_script(&t, e->ledger, e->members[e->shown + e->shown_n - 1]);
        json_string_n(j, t.p ? t.p : "", t.n);
    } else {
        json_null(j);
    }
    text_free(&t);
}

/* found ends with a newline; the object is left open. */
static bool found_json(struct json_out *j, struct text *found, struct err *err)
{
    if (!text_end(found, err))
        return false;
    json_object(j);
    json_put_string(j, "schema", "cordon.entity-tags/1");
    json_key(j, "found");
    json_raw(j, found->p, found->n - 1);
    return true;
}

static bool answer(struct http_job *job, const struct entity *e, struct err *err)
{
    struct screening *p = screening_of(job);
    struct json_out j = json_to(&job->response.body, false);
    struct text found = text_new(HTTP_ANSWER_BYTES_MAX);
    struct live_screener_view *v;
    bool ok;

    answer_entity(&found, e);
    ok = found_json(&j, &found, err);
    if (ok) {
        v = screening_take(p);
        tags_json(&j, screener_tags(live_screener_at(v)), e);
        after_json(&j, e);
        json_object_end(&j);
        screening_drop(p, v);
    }
    text_free(&found);
    return ok;
}

/* ---- accounts ---- */

static void address_tags_json(struct http_job *job, struct json_out *j, const struct chain *chain)
{
    const char *address = job->request.params[1];
    struct live_screener_view *v = screening_take(screening_of(job));
    const struct tag_set *set = screener_tags(live_screener_at(v));
    struct tag_found found;
    struct address_key key;
    struct err ignored;

    json_key(j, "tags");
    json_array(j);
    if (set && address_key_read(address, strlen(address), chain->name, &key, &ignored) &&
        tag_set_find(set, &key, &found))
        tag_found_json(j, set, &found);
    json_array_end(j);
    screening_drop(screening_of(job), v);
}

static bool of_wallets(struct http_job *job, const struct screen_ledger_at *at, struct err *err)
{
    struct json_out j = json_to(&job->response.body, false);
    struct text text = text_new(HTTP_ANSWER_BYTES_MAX);
    struct deposit_found found;
    bool ok = deposit_find(job->arena, at->ledger.accounts, screen_wallets_rule(at->wallets),
                           job->request.params[1], &found, err);

    if (ok) {
        answer_deposit(&text, &found);
        ok = found_json(&j, &text, err);
    }
    if (ok) {
        address_tags_json(job, &j, at->chain);
        json_key(&j, "after");
        json_null(&j);
        json_object_end(&j);
    }
    text_free(&text);
    return ok;
}

/* As screening asks it; NULL: it is not ready. */
static const struct screen_ledger_at *ledger_of(const struct live_exposure_view *v,
                                                const char *chain)
{
    const struct screen_ledgers *all = live_exposure_at(v);

    for (size_t i = 0; i < all->n; i++)
        if (!strcmp(all->at[i].chain->name, chain) && all->at[i].exposure)
            return &all->at[i];
    return NULL;
}

/* Wallets are known once exposure is. */
static bool of_accounts(struct http_job *job, const char *chain, struct err *err)
{
    static const char *const of_coins[] = {"why", "after", "limit"};
    struct live_exposure *x = screening_exposure(screening_of(job));
    struct live_exposure_view *v = live_exposure_take(x);
    const struct screen_ledger_at *at = ledger_of(v, chain);
    bool ok = true;

    for (size_t i = 0; ok && i < sizeof(of_coins) / sizeof(of_coins[0]); i++)
        ok = !http_query(&job->request, of_coins[i]) ||
             err_fail(err, ERR_INPUT, "%s is of chains of coins", of_coins[i]);
    if (ok && at && at->wallets) {
        ok = of_wallets(job, at, err);
    } else if (ok) {
        http_problem(&job->response, 503, "wallets of services are not known yet", job->request.id);
        ok = http_response_field(&job->response, "Retry-After", "1");
    }
    live_exposure_drop(x, v);
    return ok;
}

/* ---- coins ---- */

/* Clusters of other blocks than the ledger's are no fault of who asks. */
static bool of_opened(struct http_job *job, const struct ledger *l, const struct entity_options *o,
                      struct err *err)
{
    struct clusters *clusters = NULL;
    struct entity e;
    bool ok;

    if (!clusters_open(l, &clusters, err)) {
        if (err->class == ERR_INPUT) {
            http_problem(&job->response, 503, err->text, job->request.id);
            return http_response_field(&job->response, "Retry-After", "1");
        }
        if (err->class != ERR_NOT_FOUND)
            return false;
        clusters = NULL; /* nobody has asked for them: clustering is off */
    }
    ok = entity_find(job->arena, l, clusters, job->request.params[1], o, &e, err) &&
         answer(job, &e, err);
    clusters_close(clusters);
    return ok;
}

/* By the clusters that screening has open, where it has some: opening them for each request takes
 * the longest. */
static bool of_coins(struct http_job *job, const struct ledger *l, const struct entity_options *o,
                     struct err *err)
{
    struct live_exposure *x = screening_exposure(screening_of(job));
    struct live_exposure_view *v = live_exposure_take(x);
    const struct screen_ledger_at *at = ledger_of(v, ledger_chain(l)->name);
    struct entity e;
    bool ok;

    if (at && at->entities)
        ok = entity_find(job->arena, at->ledger.coins, screen_entities_clusters(at->entities),
                         job->request.params[1], o, &e, err) &&
             answer(job, &e, err);
    else
        ok = of_opened(job, l, o, err);
    live_exposure_drop(x, v);
    return ok;
}

static bool entity(struct http_job *job, struct err *err)
{
    const char *chain = job->request.params[0];
    struct live_ledgers *ledgers = node_ledgers(job->node);
    struct live_ledgers_view *v;
    struct live_ledgers_one one;
    struct entity_options o;
    bool ok;

    if (!options_read(&job->request, &o, err))
        return false;
    v = live_ledgers_take(ledgers);
    if (!live_ledgers_find(v, chain, &one) && live_ledgers_away(v)) {
        http_problem(&job->response, 503, "a ledger is being reorganised", job->request.id);
        ok = http_response_field(&job->response, "Retry-After", "1");
    } else if (!live_ledgers_find(v, chain, &one)) {
        ok = err_fail(err, ERR_NOT_FOUND, "there is no ledger of \"%s\" here", chain);
    } else if (!one.coins) {
        ok = of_accounts(job, chain, err);
    } else {
        ok = of_coins(job, one.coins, &o, err);
    }
    live_ledgers_drop(ledgers, v);
    return ok;
}

static const struct http_route routes[] = {
    {"GET", "/v1/entity/{chain}/{address}", HTTP_READ, HTTP_WORKER, 0, entity},
};

const struct node_part entity_part = {
    .name = "entity",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .open = part_open,
    .close = part_close,
    .tick = part_tick,
    .metrics = part_metrics,
};
