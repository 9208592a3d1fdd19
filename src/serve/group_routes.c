#include "serve/group_routes.h"

static bool part_open(struct node *n, void **ret, struct err *err)
{
    struct live_group *g;

    if (!live_group_open(node_home(n), node_log(n), &g, err))
        return false;
    *ret = g;
    return true;
}

static void part_close(void *part)
{
    live_group_close(part);
}

static bool part_tick(void *part, struct node *n, struct err *err)
{
    bool had_failed = live_group_failed(part);

    (void)n;
    return live_group_renew(part, err) || had_failed; /* told once */
}

static bool part_ready(void *part, struct text *why)
{
    if (live_group_failed(part))
        text_str(why, "the group's log cannot be read\n");
    return !live_group_failed(part);
}

const struct node_part group_part = {
    .name = "group",
    .open = part_open,
    .close = part_close,
    .tick = part_tick,
    .ready = part_ready,
};
