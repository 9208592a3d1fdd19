/* What the node says to a peer to have of what that peer told it: a receipt, once a second at most.
 * It names the last events of streams that grew; what stands up to there is committed here. */
#include "serve/peer_parts.h"

#include "serve/clock.h"

struct fresh_pick {
    struct peer *p;
    struct hash32 group;
    struct hash32 events[RECEIPT_EVENTS_N];
    size_t n;
    bool any; /* this home is of a group */
};

/* Of each stream the last event that stands, the oldest first. */
static void fresh_pick(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct fresh_pick *k = ctx;

    k->any = fold != NULL;
    if (fold)
        k->group = *group_log_group(l);
    for (size_t i = 0; fold && i < k->p->fresh_n && k->n < RECEIPT_EVENTS_N; i++) {
        const struct fold_event *e = fold_find(fold, &k->p->fresh[i].id);

        if (e && e->standing == STANDING_GOOD)
            k->events[k->n++] = e->e.id;
    }
}

static void fresh_said(struct peer *p, const struct fresh_pick *k)
{
    size_t n = 0;

    for (size_t i = 0; i < p->fresh_n; i++) {
        bool said = false;

        for (size_t m = 0; m < k->n && !said; m++)
            said = hash32_equal(&p->fresh[i].id, &k->events[m]);
        if (!said)
            p->fresh[n++] = p->fresh[i];
    }
    p->fresh_n = n;
}

void peer_fresh_put(struct peer *p, const struct event *e)
{
    struct peer_fresh now = {e->stream, e->seq, e->id};
    size_t at = 0;

    while (at < p->fresh_n && memcmp(p->fresh[at].stream.b, e->stream.b, sizeof(e->stream.b)) != 0)
        at++;
    if (at < p->fresh_n) {
        if (p->fresh[at].seq < e->seq)
            p->fresh[at] = now;
        return;
    }
    if (p->fresh_n == PEER_FRESH_MAX) { /* the next event of that stream says it, too */
        memmove(p->fresh, p->fresh + 1, (PEER_FRESH_MAX - 1) * sizeof(p->fresh[0]));
        p->fresh_n--;
    }
    p->fresh[p->fresh_n++] = now;
}

/* What was not told before the node ended: how far each stream is that the peer may see. */
static void begin(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct peer *p = ctx;
    const struct charter *c = fold ? fold_charter(fold) : NULL;
    int64_t member = group_log_member(c, p->member);
    struct fold_stream s;

    (void)l;
    for (size_t i = 0; fold && fold_stream_at(fold, i, &s); i++)
        if (s.head && group_log_shows(c, member, s.head))
            peer_fresh_put(p, &s.head->e);
}

void peer_fresh_begin(struct peer *p)
{
    live_group_read(p->peers->group, begin, p);
}

bool peer_acknowledge(struct peer *p, struct peer_client *client, struct err *err)
{
    struct fresh_pick k = {.p = p};
    struct receipt receipt = {.ms = clock_ms()};
    struct text body = text_new(RECEIPT_BYTES_MAX);
    struct bytes bytes, ignored;
    bool ok;

    if (!strcmp(p->cursor.hex, p->acknowledged.hex) ||
        (p->receipt_us && clock_steady_us() - p->receipt_us < 1000000))
        return true;
    live_group_read(p->peers->group, fresh_pick, &k);
    if (!k.any)
        return true;
    memcpy(receipt.cursor, p->cursor.hex, sizeof(receipt.cursor));
    memcpy(receipt.events, k.events, sizeof(receipt.events));
    ok = receipt_put(&body, &p->peers->signer, &k.group, &receipt, err) && text_end(&body, err);
    bytes = (struct bytes){(const uint8_t *)body.p, body.n};
    ok = ok && peer_client_ask(client, "/group/v1/receipt", &bytes, &ignored, err);
    if (ok) {
        p->acknowledged = p->cursor;
        p->receipt_us = clock_steady_us();
        fresh_said(p, &k);
    }
    text_free(&body);
    return ok || err->class == ERR_LIMIT; /* the next one says it, too */
}
