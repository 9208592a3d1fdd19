#include "serve/tron_tip.h"

#include <stdio.h>

bool tron_ask(struct rpc_client *c, const char *path, uint64_t height, unsigned *ret_ticket,
              struct err *err)
{
    char body[48] = "{}";

    if (height != TRON_TIP_NEWEST)
        snprintf(body, sizeof(body), "{\"num\":%llu}", (unsigned long long)height);
    return rpc_send_to(c, path, body, strlen(body), ret_ticket, err);
}

bool tron_ask_head(struct rpc_client *c, uint64_t height, struct tron_head *ret, struct err *err)
{
    const char *path = height == TRON_TIP_NEWEST ? TRON_PATH_NEWEST : TRON_PATH_BLOCK;
    struct bytes answer;
    unsigned ticket;
    bool ok;

    if (!tron_ask(c, path, height, &ticket, err) || !rpc_wait(c, ticket, &answer, err))
        return false;
    ok = tron_head_read(answer, ret, err);
    rpc_done(c, ticket);
    if (ok && height != TRON_TIP_NEWEST && ret->height != height)
        ok = err_fail(err, ERR_INPUT, "another block than was asked for");
    return ok || err_in(err, "%s", rpc_client_host(c));
}

bool tron_ask_chain(struct rpc_client *c, const struct chain *chain, struct err *err)
{
    struct tron_head first;

    if (!tron_ask_head(c, 0, &first, err))
        return err->class == ERR_NOT_FOUND
                   ? err_fail(err, ERR_INPUT,
                              "%s: the node does not have the first block, by which its chain is "
                              "known",
                              rpc_client_host(c))
                   : false;
    return tron_head_is_first(&first, chain) ||
           err_fail(err, ERR_INPUT, "%s: the node's first block is not that of %s",
                    rpc_client_host(c), chain->name);
}
