#include "serve/bank_routes.h"

#include "base/json.h"
#include "serve/follow.h"

#include <stdio.h>
#include <sys/mman.h>

#define NAME_MAX_BYTES 100

static bool part_open(struct node *n, void **ret, struct err *err)
{
    (void)err;
    *ret = node_opened(n, &follow_part);
    return true;
}

static bool chain_of(const char *name, const struct chain **ret, struct err *err)
{
    char full[NAME_MAX_BYTES + sizeof("bank:")];

    *ret = NULL;
    if (strlen(name) <= NAME_MAX_BYTES) {
        snprintf(full, sizeof(full), "bank:%s", name);
        *ret = chain_by_name(full);
    }
    return *ret || err_fail(err, ERR_NOT_FOUND, "no book of that name takes messages here");
}

static bool audited(struct http_job *job, const struct chain *chain, const struct hash32 *hash,
                    const struct follow_took *took, struct err *err)
{
    struct text line = text_new(AUDIT_LINE_BYTES_MAX);
    struct json_out j = json_to(&line, false);
    bool ok;

    json_object(&j);
    json_put_string(&j, "event", "bank-messages");
    json_put_string(&j, "request_id", job->request.id);
    json_put_string(&j, "key", job->request.key);
    json_put_string(&j, "chain", chain->name);
    json_put_hex(&j, "sha256", hash->b, sizeof(hash->b));
    json_put_number(&j, "payments", took->payments);
    json_put_number(&j, "added", took->added);
    json_object_end(&j);
    ok = text_end(&line, err) && http_audit(job, line.p, line.n, err);
    text_free(&line);
    return ok;
}

static bool take(struct http_job *job, struct bytes messages, struct err *err)
{
    struct json_out j = json_to(&job->response.body, false);
    const struct chain *chain;
    struct follow_took took;
    struct hash32 hash;

    if (!chain_of(job->request.params[0], &chain, err) ||
        !follow_take(job->part, chain, messages, &took, err))
        return false;
    hash = sha256(messages.p, messages.n);
    job->response.status = took.added ? 201 : 200;
    json_object(&j);
    json_put_string(&j, "schema", "cordon.bank-messages/1");
    json_put_string(&j, "chain", chain->name);
    json_put_hex(&j, "sha256", hash.b, sizeof(hash.b));
    json_put_number(&j, "payments", took.payments);
    json_put_number(&j, "added", took.added);
    json_object_end(&j);
    return audited(job, chain, &hash, &took, err);
}

static bool messages_post(struct http_job *job, struct err *err)
{
    static const char *const known[] = {NULL};
    const struct http_body *body = &job->request.body;
    void *mapped;
    bool ok;

    if (!http_query_only(&job->request, known, err))
        return false;
    if (!body->n)
        return err_fail(err, ERR_INPUT, "messages: a body is wanted");
    if (body->p)
        return take(job, (struct bytes){body->p, body->n}, err);
    mapped = mmap(NULL, body->n, PROT_READ, MAP_PRIVATE, body->fd, 0);
    if (mapped == MAP_FAILED)
        return err_system(err, "messages");
    ok = take(job, (struct bytes){mapped, body->n}, err);
    munmap(mapped, body->n);
    return ok;
}

static const struct http_route routes[] = {
    {"POST", "/v1/bank/{name}/messages", HTTP_BANK, HTTP_WORKER | HTTP_SPOOLS, BANK_BODY_BYTES_MAX,
     messages_post},
};

const struct node_part bank_part = {
    .name = "bank",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .open = part_open,
};
