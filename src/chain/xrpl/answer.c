#include "chain/xrpl/answer.h"

#include <stdio.h>

/* xrpl.org, "Universal Errors", and "ledger": what may pass by itself is asked again by whoever
 * asks. */
static bool error_told(const struct json *error, const struct json *words, struct err *err)
{
    const char *text = error->type == JSON_STRING ? error->text : "an error";

    if (!strcmp(text, "lgrNotFound") || !strcmp(text, "lgrNotValidated"))
        return err_fail(err, ERR_NOT_FOUND, "the server does not have that ledger");
    if (!text_is_plain(text, strlen(text)))
        text = "an error";
    if (words && words->type == JSON_STRING && text_is_plain(words->text, words->text_n))
        return err_fail(err, ERR_SYSTEM, "the server says: %.60s: %.200s", text, words->text);
    return err_fail(err, ERR_SYSTEM, "the server says: %.60s", text);
}

bool xrpl_answer_read(struct arena *a, struct bytes in, const struct json **ret, struct err *err)
{
    const struct json *j, *result, *error;

    if (!json_read(a, (const char *)in.p, in.n, &j, err))
        return false;
    result = json_get(j, "result");
    error = json_get(result ? result : j, "error");
    if (error)
        return error_told(error, json_get(result ? result : j, "error_message"), err);
    if (!result || result->type != JSON_OBJECT)
        return err_fail(err, ERR_INPUT, "an answer without a result");
    *ret = result;
    return true;
}

static bool validated(const struct json *result, struct err *err)
{
    const struct json *v = json_get(result, "validated");

    return (v && v->type == JSON_TRUE) ||
           err_fail(err, ERR_NOT_FOUND, "a ledger that is not validated");
}

bool xrpl_answer_head(struct bytes in, uint64_t *ret_index, struct hash32 *ret_hash,
                      struct err *err)
{
    struct arena *a = arena_new(NULL, XRPL_ANSWER_MEMORY);
    const struct json *result;
    struct xrpl_ledger l;
    bool ok;

    if (!a)
        return err_fail(err, ERR_NOMEM, "an answer");
    ok = xrpl_answer_read(a, in, &result, err) && validated(result, err) &&
         xrpl_ledger_head(result, &l, err) &&
         (l.hashed || err_fail(err, ERR_INPUT, "a ledger without all of its header"));
    if (ok) {
        *ret_index = l.number;
        *ret_hash = l.hash;
    }
    arena_free(a);
    return ok;
}

bool xrpl_answer_block(struct arena *a, struct bytes in, struct transfer_block *ret,
                       struct err *err)
{
    struct arena *tree = arena_new(NULL, XRPL_ANSWER_MEMORY);
    const struct json *result;
    struct xrpl_ledger l;
    bool ok;

    if (!tree)
        return err_fail(err, ERR_NOMEM, "an answer");
    ok = xrpl_answer_read(tree, in, &result, err) && validated(result, err) &&
         xrpl_ledger_read(a, result, &l, err) &&
         ((l.hashed && l.rooted) ||
          err_fail(err, ERR_INPUT,
                   "a ledger whose hashes cannot be checked: of its header or of a transaction not "
                   "all is told, or is known here")) &&
         xrpl_ledger_block(a, &l, ret, err);
    arena_free(tree);
    return ok;
}

bool xrpl_answer_server(struct bytes in, struct xrpl_server *ret, struct err *err)
{
    struct arena *a = arena_new(NULL, XRPL_ANSWER_MEMORY);
    const struct json *result, *info = NULL, *version, *network;
    bool ok;

    if (!a)
        return err_fail(err, ERR_NOMEM, "an answer");
    *ret = (struct xrpl_server){.network = 0};
    ok = xrpl_answer_read(a, in, &result, err);
    if (ok) {
        info = json_get(result, "info");
        ok = (info && info->type == JSON_OBJECT) ||
             err_fail(err, ERR_INPUT, "server_info without info");
    }
    network = ok ? json_get(info, "network_id") : NULL; /* left out by the main network's */
    if (network)
        ok = json_u64(network, "network_id", &ret->network, err);
    version = ok ? json_get(info, "build_version") : NULL;
    if (version && version->type == JSON_STRING && text_is_plain(version->text, version->text_n))
        snprintf(ret->client, sizeof(ret->client), "rippled %.40s", version->text);
    arena_free(a);
    return ok;
}
