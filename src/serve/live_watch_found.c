/* What was found at own addresses: it waits until it is said, or until it is
 * deep enough to be held. */
#include "base/mem.h"
#include "base/text.h"
#include "serve/clock.h"
#include "serve/deposit_place.h"
#include "serve/live_watch_parts.h"

#include <stdio.h>
#include <string.h>

#define SAY_AGAIN_MS 5000u
#define SAY_AT_ONCE 512u
#define TOLD_AT_ONCE 100u /* lines of the log */

/* One that finds none is lost where there are too many; else it is found again in a while. */
static bool room_for(struct live_watch *x, struct watch_alert **list, size_t n, size_t *size)
{
    if (n < *size)
        return true;
    if (n >= LIVE_WATCH_QUEUE_MAX)
        x->lost_turn++;
    else if (mem_room((void **)list, size, n + 1, sizeof(**list)))
        return true;
    else
        live_watch_no_memory(x);
    return false;
}

static void home_found(const struct live_watch *x, const struct watch_found *found)
{
    const struct chain *chain = found->chain;
    bool native = chain->symbol && !strcmp(found->asset, chain->symbol);
    struct text t = text_new((size_t)4 << 10);

    text_printf(&t, "case %s: ", found->case_id + strlen(HOME_PREFIX));
    text_u256(&t, found->tainted, native ? chain->decimals : 0, 0);
    text_str(&t, " of ");
    text_u256(&t, found->amount, native ? chain->decimals : 0, 0);
    text_printf(&t, " %s at %s on %s, %u hops", found->asset, found->place, chain->name,
                found->hop);
    if (!t.bad)
        log_event(x->log, LOG_INFO, "deposit", NULL, "%s", text_string(&t));
    text_free(&t);
}

/* All of it, or nothing. */
static void text_fit(char *to, size_t room, const char *from)
{
    size_t n = strlen(from);

    if (n < room)
        memcpy(to, from, n + 1);
}

static uint64_t depth_of(const struct live_watch *x, const struct watch_found *found)
{
    if (found->height == HEIGHT_UNKNOWN)
        return ALERT_DEPTH_FINAL;
    return x->tip >= found->height ? x->tip - found->height + 1 : 1;
}

void live_watch_found(void *ctx, const struct watch_found *found)
{
    struct live_watch *x = ctx;
    const char *space = strchr(found->case_id, ' ');
    struct watch_alert *a;
    struct err err;

    x->found_turn++;
    if (!strncmp(found->case_id, HOME_PREFIX, strlen(HOME_PREFIX))) {
        if (x->found_turn <= TOLD_AT_ONCE)
            home_found(x, found);
        return;
    }
    if (!space || strlen(found->place) >= sizeof(a->output) ||
        strlen(found->asset) >= sizeof(a->asset)) {
        x->lost_turn++;
        return;
    }
    if (!room_for(x, &x->queue, x->queue_n, &x->queue_size))
        return;
    a = &x->queue[x->queue_n++];
    *a = (struct watch_alert){.chain = found->chain->caip2,
                              .received = found->amount,
                              .tainted = found->tainted,
                              .policy = found->policy,
                              .hops = found->hop,
                              .height = found->height,
                              .depth = depth_of(x, found),
                              .cut = !found->exact || live_watch_is_cut(x, found->case_id)};
    deposit_block_name(found->chain, &found->block, a->block);
    if (found->service)
        text_fit(a->service, sizeof(a->service), found->service);
    text_fit(a->address, sizeof(a->address), found->address);
    text_fit(a->account, sizeof(a->account), found->own.account);
    snprintf(a->case_object, sizeof(a->case_object), "%.*s", (int)(space - found->case_id),
             found->case_id);
    snprintf(a->audience, sizeof(a->audience), "%.*s", (int)strcspn(space + 1, " "), space + 1);
    snprintf(a->asset, sizeof(a->asset), "%s", found->asset);
    snprintf(a->output, sizeof(a->output), "%s", found->place);
    if (x->paid && !x->paid(x->paid_ctx, &x->one, a, &err))
        log_event(x->log, LOG_ERROR, "watch", NULL, "%s: was it paid out? %s", a->output, err.text);
}

/* ---- deposits that are held once they are deeper ---- */

static void shallow_add(struct live_watch *x, const struct watch_alert *at, const bool *waits,
                        size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (waits[i] && room_for(x, &x->shallow, x->shallow_n, &x->shallow_size))
            x->shallow[x->shallow_n++] = at[i];
}

/* With each turn that has new blocks all of them are asked about again. One that was undone is let
 * go: when it is back it is found again. */
void live_watch_shallow(struct live_watch *x, const struct live_ledgers_view *v)
{
    size_t n = x->shallow_n;

    x->shallow_n = 0;
    for (size_t i = 0; i < n; i++) {
        struct watch_alert *a = &x->shallow[i];
        struct alert_body of = {.chain = a->chain, .output = a->output};
        struct alert_place at = deposit_place(v, &of);

        if (at.at != ALERT_PLACE_THERE)
            continue;
        a->depth = at.depth;
        if (room_for(x, &x->queue, x->queue_n, &x->queue_size))
            x->queue[x->queue_n++] = *a;
        else
            x->shallow[x->shallow_n++] = *a;
    }
}

/* What cannot be said now stays in the queue for a while; a home without a node's key says
 * nothing. */
struct watch_said live_watch_say(struct live_watch *x)
{
    struct watch_said all = {0};
    bool waits[SAY_AT_ONCE];
    size_t i = 0, n = 0;

    if (x->say_again_ms && clock_steady_ms() < x->say_again_ms)
        return all;
    x->say_again_ms = 0;
    for (; x->group && i < x->queue_n && !x->say_again_ms; i += n) {
        struct watch_said said;
        struct err err;

        n = x->queue_n - i < SAY_AT_ONCE ? x->queue_n - i : SAY_AT_ONCE;
        if (watch_alerts_say(x->group, x->home, x->queue + i, n, waits, &said, &err)) {
            all.alerts += said.alerts;
            all.holds += said.holds;
            all.late += said.late;
            shallow_add(x, x->queue + i, waits, n);
        } else if (err.class != ERR_NOT_FOUND) {
            log_event(x->log, LOG_ERROR, "watch", NULL, "%zu deposits are not told yet: %s",
                      x->queue_n - i, err.text);
            x->say_again_ms = clock_steady_ms() + SAY_AGAIN_MS;
            n = 0;
        }
    }
    x->queue_n = x->say_again_ms ? x->queue_n - i : 0;
    if (x->queue_n && i)
        memmove(x->queue, x->queue + i, x->queue_n * sizeof(*x->queue));
    if (all.alerts)
        log_event(x->log, LOG_WARNING, "alert", NULL,
                  "%zu deposits of stolen value have come to own addresses, %zu are held softly, "
                  "%zu were paid out before",
                  all.alerts, all.holds, all.late);
    return all;
}
