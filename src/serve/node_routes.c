/* The node's own routes: is it alive, is it ready, what does it know, and look-ups in its ledgers.
 *
 * A look-up's answer is as long as what was asked about is busy: look-ups run in workers, so that
 * none holds up a decision. */
#include "serve/node.h"

#include "api/account_answer.h"
#include "api/answer.h"
#include "base/json.h"
#include "cordon.h"
#include "serve/clock.h"
#include "serve/follow.h"
#include "serve/screen_routes.h"
#include "serve/screening.h"

static const char *const no_query[] = {NULL};

static bool healthz(struct http_job *job, struct err *err)
{
    (void)err;
    text_str(&job->response.body, "{\"status\":\"ok\"}");
    return true;
}

static void reasons(struct json_out *j, const char *lines)
{
    json_key(j, "reasons");
    json_array(j);
    while (lines && *lines) {
        const char *end = strchr(lines, '\n');

        json_string_n(j, lines, end ? (size_t)(end - lines) : strlen(lines));
        lines = end ? end + 1 : NULL;
    }
    json_array_end(j);
}

static bool readyz(struct http_job *job, struct err *err)
{
    struct text why = text_new(1 << 16);
    struct json_out j = json_to(&job->response.body, false);
    bool ready = node_ready(job->node, &why);

    (void)err;
    json_object(&j);
    json_put_bool(&j, "ready", ready);
    reasons(&j, text_string(&why));
    json_object_end(&j);
    job->response.status = ready ? 200 : 503;
    text_free(&why);
    return true;
}

static bool metrics(struct http_job *job, struct err *err)
{
    (void)err;
    job->response.type = "text/plain; version=0.0.4; charset=utf-8";
    node_metrics(job->node, &job->response.body);
    return true;
}

static bool openapi(struct http_job *job, struct err *err)
{
    (void)err;
    text_put(&job->response.body, (const char *)openapi_json, openapi_json_n);
    return true;
}

/* ---- ledgers ---- */

/* A member more of an answer, which is one object. */
static bool member_add(struct text *body, const char *key, const struct text *value,
                       struct err *err)
{
    if (!text_end(body, err))
        return false;
    while (body->n && body->p[body->n - 1] != '}')
        body->n--;
    if (!body->n)
        return err_fail(err, ERR_CORRUPT, "an answer that is no object");
    body->n--;
    while (body->n && body->p[body->n - 1] == '\n')
        body->n--;
    text_printf(body, ",\n  \"%s\": ", key);
    text_put(body, value->p, value->n);
    text_str(body, "\n}\n");
    return true;
}

/* How far the ledger is behind, where the node follows its chain. */
static bool following_add(struct node *n, struct text *body, const struct chain *chain,
                          struct err *err)
{
    struct text value = text_new(1 << 10);
    struct json_out j = json_to(&value, false);
    struct follow_status s;
    bool ok;

    if (!follow_status(node_opened(n, &follow_part), chain, &s))
        return true;
    json_object(&j);
    json_put_number_or_null(&j, "tip", s.tip, UINT64_MAX);
    json_put_number(&j, "behind", s.behind);
    json_put_number(&j, "nodes", s.nodes);
    json_put_number(&j, "up", s.up);
    json_put_bool(&j, "disagree", s.disagree);
    json_object_end(&j);
    ok = text_end(&value, err) && member_add(body, "following", &value, err);
    text_free(&value);
    return ok;
}

static bool info_of(struct node *n, struct json_out *j, struct live_ledgers_one one,
                    struct err *err)
{
    struct text body = text_new(HTTP_ANSWER_BYTES_MAX);
    bool ok;

    if (one.coins)
        answer_info(&body, one.coins);
    else
        answer_account_info(&body, one.accounts);
    ok = text_end(&body, err) && following_add(n, &body, one.chain, err);
    if (ok) {
        while (body.n && body.p[body.n - 1] == '\n')
            body.n--;
        json_raw(j, body.p, body.n);
    }
    text_free(&body);
    return ok;
}

static bool info(struct http_job *job, struct err *err)
{
    struct live_ledgers_view *v;
    struct json_out j = json_to(&job->response.body, false);
    char now[CLOCK_TEXT_MAX];
    bool ok = http_query_only(&job->request, no_query, err);

    if (!ok)
        return false;
    clock_text(now);
    v = live_ledgers_take(node_ledgers(job->node));
    json_object(&j);
    json_put_string(&j, "schema", "cordon.node/1");
    json_put_string(&j, "version", cordon_version());
    json_put_string(&j, "time", now);
    json_key(&j, "ledgers");
    json_array(&j);
    for (size_t i = 0; ok && i < live_ledgers_n(v); i++)
        ok = info_of(job->node, &j, live_ledgers_at(v, i), err);
    json_array_end(&j);
    json_object_end(&j);
    live_ledgers_drop(node_ledgers(job->node), v);
    return ok;
}

struct look_up {
    bool (*coins)(struct text *to, const struct ledger *l, const char *what, struct err *err);
    bool (*accounts)(struct text *to, const struct account_ledger *l, const char *what,
                     struct err *err);
};

static bool look_up(struct http_job *job, const struct look_up *how, struct err *err)
{
    const char *chain = job->request.params[0], *what = job->request.params[1];
    struct live_ledgers_view *v;
    struct live_ledgers_one one;
    bool ok;

    if (!http_query_only(&job->request, no_query, err))
        return false;
    v = live_ledgers_take(node_ledgers(job->node));
    if (live_ledgers_find(v, chain, &one)) {
        ok = (one.coins ? how->coins(&job->response.body, one.coins, what, err)
                        : how->accounts(&job->response.body, one.accounts, what, err)) &&
             following_add(job->node, &job->response.body, one.chain, err);
    } else if (live_ledgers_away(v)) {
        http_problem(&job->response, 503, "a ledger is being reorganised", job->request.id);
        ok = http_response_field(&job->response, "Retry-After", "1");
    } else {
        ok = err_fail(err, ERR_NOT_FOUND, "there is no ledger of \"%s\" here", chain);
    }
    live_ledgers_drop(node_ledgers(job->node), v);
    return ok;
}

/* What is decided about an address, as of a deposit from it, or about a transaction, as of an
 * inbound one. Books of banks have no addresses that lists or tags could name. */
static bool screened(struct http_job *job, enum screen_subject subject, struct err *err)
{
    struct screening *p = node_opened(job->node, &screen_part);
    bool tx = subject == SCREEN_OF_TRANSFER;
    struct screen_question q = {.subject = subject,
                                .address = tx ? "" : job->request.params[1],
                                .tx = tx ? job->request.params[1] : NULL,
                                .chain = job->request.params[0],
                                .name = "",
                                .kind = NAME_UNKNOWN,
                                .now = clock_seconds()};
    struct text answer = text_new(HTTP_ANSWER_BYTES_MAX);
    struct live_screener_view *v;
    struct screen_answer a;
    struct err ignored;
    bool ok;

    if (job->response.status || !(job->request.scopes & HTTP_SCREEN) || !p ||
        !address_chain_known(q.chain, &ignored))
        return true;
    v = screening_take(p);
    ok = screening_decide(job, p, live_screener_at(v), &q, NULL, &a, &answer, err) &&
         member_add(&job->response.body, "screening", &answer, err);
    screening_drop(p, v);
    text_free(&answer);
    return ok;
}

static bool address(struct http_job *job, struct err *err)
{
    static const struct look_up how = {answer_address, answer_account_address};

    return look_up(job, &how, err) && screened(job, SCREEN_OF_ADDRESS, err);
}

static bool transaction(struct http_job *job, struct err *err)
{
    static const struct look_up how = {answer_tx, answer_account_tx};

    return look_up(job, &how, err) && screened(job, SCREEN_OF_TRANSFER, err);
}

static bool block(struct http_job *job, struct err *err)
{
    static const struct look_up how = {answer_block, answer_account_block};

    return look_up(job, &how, err);
}

static const struct http_route routes[] = {
    {"GET", "/healthz", HTTP_PUBLIC, 0, 0, healthz},
    {"GET", "/readyz", HTTP_PUBLIC, 0, 0, readyz},
    {"GET", "/openapi.json", HTTP_PUBLIC, 0, 0, openapi},
    {"GET", "/metrics", HTTP_READ, 0, 0, metrics},
    {"GET", "/v1/info", HTTP_READ, HTTP_WORKER, 0, info},
    {"GET", "/v1/address/{chain}/{address}", HTTP_READ, HTTP_WORKER, 0, address},
    {"GET", "/v1/tx/{chain}/{tx}", HTTP_READ, HTTP_WORKER, 0, transaction},
    {"GET", "/v1/block/{chain}/{block}", HTTP_READ, HTTP_WORKER, 0, block},
};

const struct node_part node_own = {
    .name = "node",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
};
