#include "serve/xrpl_tip.h"

#include <stdio.h>

#define BODY_MAX 192

bool xrpl_ask_ledger(struct rpc_client *c, uint64_t index, bool whole, unsigned *ret_ticket,
                     struct err *err)
{
    char body[BODY_MAX], which[24] = "\"validated\"";
    int n;

    if (index != XRPL_TIP_NEWEST)
        snprintf(which, sizeof(which), "%llu", (unsigned long long)index);
    n = snprintf(body, sizeof(body),
                 "{\"method\":\"ledger\",\"params\":[{\"ledger_index\":%s,\"binary\":true%s}]}",
                 which, whole ? ",\"transactions\":true,\"expand\":true" : "");
    return rpc_send(c, body, (size_t)n, ret_ticket, err);
}

static bool in_server(const struct rpc_client *c, struct err *err)
{
    return err_in(err, "%s", rpc_client_host(c));
}

bool xrpl_ask_head(struct rpc_client *c, uint64_t index, uint64_t *ret_index,
                   struct hash32 *ret_hash, struct err *err)
{
    struct bytes answer;
    unsigned ticket;
    bool ok;

    if (!xrpl_ask_ledger(c, index, false, &ticket, err) || !rpc_wait(c, ticket, &answer, err))
        return false;
    ok = xrpl_answer_head(answer, ret_index, ret_hash, err);
    rpc_done(c, ticket);
    if (ok && index != XRPL_TIP_NEWEST && *ret_index != index)
        ok = err_fail(err, ERR_INPUT, "another ledger than was asked for");
    return ok || in_server(c, err);
}

bool xrpl_ask_server(struct rpc_client *c, const struct chain *chain, struct xrpl_server *ret,
                     struct err *err)
{
    static const char body[] = "{\"method\":\"server_info\",\"params\":[{}]}";
    char caip2[32];
    struct bytes answer;
    unsigned ticket;
    bool ok;

    if (!rpc_send(c, body, sizeof(body) - 1, &ticket, err) || !rpc_wait(c, ticket, &answer, err))
        return false;
    ok = xrpl_answer_server(answer, ret, err);
    rpc_done(c, ticket);
    if (!ok)
        return in_server(c, err);
    snprintf(caip2, sizeof(caip2), "xrpl:%llu", (unsigned long long)ret->network);
    return !strcmp(caip2, chain->caip2) ||
           err_fail(err, ERR_INPUT, "%s: the server is of network %llu, which is not %s",
                    rpc_client_host(c), (unsigned long long)ret->network, chain->name);
}
