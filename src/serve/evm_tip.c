#include "serve/evm_tip.h"

#include "base/json.h"
#include "chain/evm/rpc.h"

#include <stdio.h>

#define MEMORY_MAX ((size_t)64 << 20)

static bool quantity(const struct json *j, uint64_t *ret)
{
    uint64_t v = 0;

    if (!j || j->type != JSON_STRING || j->text_n < 3 || j->text_n > 18 || memcmp(j->text, "0x", 2))
        return false;
    for (size_t i = 2; i < j->text_n; i++) {
        const char *digits = "0123456789abcdef", *at = strchr(digits, j->text[i]);

        if (!j->text[i] || !at)
            return false;
        v = v << 4 | (uint64_t)(at - digits);
    }
    *ret = v;
    return true;
}

static bool block_of(const struct json *tree, uint64_t *ret_height, struct hash32 *ret_hash,
                     struct err *err)
{
    const struct json *result = json_get(tree, "result"), *hash = json_get(result, "hash");
    const struct json *words = json_get(json_get(tree, "error"), "message");

    if (json_get(tree, "error"))
        return err_fail(err, ERR_SYSTEM, "the node says: %.200s",
                        words && words->type == JSON_STRING &&
                                text_is_plain(words->text, words->text_n)
                            ? words->text
                            : "an error without words");
    if (result && result->type == JSON_NULL)
        return err_fail(err, ERR_NOT_FOUND, "there is no such block");
    if (!quantity(json_get(result, "number"), ret_height) || !hash || hash->type != JSON_STRING ||
        hash->text_n != 66 || memcmp(hash->text, "0x", 2) ||
        !hex_decode(hash->text + 2, 64, ret_hash->b, 32))
        return err_fail(err, ERR_INPUT, "a block without number and hash");
    return true;
}

bool evm_tip_read(struct bytes answer, uint64_t *ret_height, struct hash32 *ret_hash,
                  struct err *err)
{
    struct arena *a = arena_new(NULL, MEMORY_MAX);
    const struct json *tree;
    bool ok;

    if (!a)
        return err_fail(err, ERR_NOMEM, "an answer");
    ok = json_read(a, (const char *)answer.p, answer.n, &tree, err) &&
         block_of(tree, ret_height, ret_hash, err);
    arena_free(a);
    return ok;
}

static bool call(struct rpc_client *c, const char *method, const char *params, unsigned *ret_ticket,
                 struct bytes *ret, struct err *err)
{
    char body[200];
    int n = snprintf(body, sizeof(body),
                     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":[%s]}", method,
                     params);

    return rpc_send(c, body, (size_t)n, ret_ticket, err) && rpc_wait(c, *ret_ticket, ret, err);
}

bool evm_ask_head(struct rpc_client *c, uint64_t height, uint64_t *ret_height,
                  struct hash32 *ret_hash, struct err *err)
{
    struct bytes answer;
    char params[48];
    unsigned ticket;
    bool ok;

    if (height == EVM_TIP_NEWEST)
        snprintf(params, sizeof(params), "\"latest\",false");
    else
        snprintf(params, sizeof(params), "\"0x%llx\",false", (unsigned long long)height);
    if (!call(c, evm_method_name(EVM_BLOCK_BY_NUMBER), params, &ticket, &answer, err))
        return false;
    ok = evm_tip_read(answer, ret_height, ret_hash, err);
    rpc_done(c, ticket);
    if (ok && height != EVM_TIP_NEWEST && *ret_height != height)
        ok = err_fail(err, ERR_INPUT, "another block than was asked for");
    return ok || err_in(err, "%s", rpc_client_host(c));
}

bool evm_ask_chain(struct rpc_client *c, const struct chain *chain, struct err *err)
{
    struct bytes answer;
    uint64_t id = 0;
    unsigned ticket;
    bool ok;

    if (!call(c, evm_method_name(EVM_CHAIN_ID), "", &ticket, &answer, err))
        return false;
    ok = evm_rpc_quantity(answer, &id, err);
    rpc_done(c, ticket);
    if (ok && id != chain->evm_id)
        ok = err_fail(err, ERR_INPUT, "the node is of chain %llu, not of %s",
                      (unsigned long long)id, chain->name);
    return ok || err_in(err, "%s", rpc_client_host(c));
}
