/* Checkpoints of a running node: what its own streams have become, and its word on what others have
 * signed, every so many seconds; and who has shown two histories, told as soon as it is seen. */
#include "serve/peer_parts.h"

#include "serve/clock.h"

#include <sodium.h>
#include <stdio.h>

#define NOTES_RETRY_MS 1000
#define WHOLE_US ((uint64_t)4 * 3600 * 1000000) /* long streams are signed to their end */
#define SPLITS_TOLD_MAX 20                      /* at once; how many there are, the metric says */

/* ---- signing ---- */

struct noting {
    struct peers *p;
    bool spaced;
    uint64_t signed_n, pruned;
    struct group_log_cosigned did;
};

/* Whose node this is, by the charter in force; NULL: nobody's. */
static const char *own_member(const struct peers *p, const struct fold *f)
{
    const struct charter *c = fold_charter(f);
    const struct charter_key *k = c ? charter_key(c, &p->signer.key) : NULL;

    return k && !k->person && !c->members[k->member].suspended ? c->members[k->member].id : NULL;
}

static bool sign(void *ctx, struct group_log *l, struct err *err)
{
    struct noting *n = ctx;
    struct group_log_cosign how = {.member = own_member(n->p, group_log_fold(l)),
                                   .by = &n->p->signer,
                                   .now = clock_ms() / 1000,
                                   .spaced = n->spaced};

    return !how.member || (group_log_checkpoint(l, &how, &n->signed_n, err) &&
                           group_log_cosign(l, &how, &n->did, err) &&
                           (n->spaced || group_log_prune(l, how.now, &n->pruned, err)));
}

static bool round_of_notes(struct peers *p, bool spaced, struct err *err)
{
    struct noting n = {.p = p, .spaced = spaced};

    if (!live_group_write(p->group, sign, &n, err))
        return err->class == ERR_NOT_FOUND; /* no group yet */
    atomic_fetch_add(&p->notes_signed, n.signed_n);
    atomic_fetch_add(&p->notes_countersigned, n.did.cosigned);
    return true;
}

static void rest(struct peers *p, uint64_t ms)
{
    struct timespec until;

    clock_steady_in_ms(&until, ms);
    pthread_mutex_lock(&p->lock);
    while (!atomic_load(&p->stopping) && !pthread_cond_timedwait(&p->wake, &p->lock, &until))
        continue;
    pthread_mutex_unlock(&p->lock);
}

void *peer_notes_run(void *peers)
{
    struct peers *p = peers;
    uint64_t period = node_config(p->node)->group.checkpoint_seconds * 1000;
    char told[ERR_TEXT_MAX] = "";
    uint64_t whole_us = 0; /* when the last of all streams were signed, and old ones went */

    while (!atomic_load(&p->stopping)) {
        bool spaced = whole_us && clock_steady_us() - whole_us < WHOLE_US;
        struct err err;
        bool ok = round_of_notes(p, spaced, &err);

        if (ok && !spaced)
            whole_us = clock_steady_us();

        if (!ok && strcmp(told, err.text) != 0)
            log_event(p->log, LOG_ERROR, "checkpoints", NULL, "%s", err.text);
        snprintf(told, sizeof(told), "%s", ok ? "" : err.text);
        rest(p, ok ? period : NOTES_RETRY_MS);
    }
    return NULL;
}

/* ---- two histories ---- */

struct looking {
    struct peers *p;
    size_t n;
};

static void split_tell(const struct peers *p, const struct fold_stream *s)
{
    char stream[2 * sizeof(s->stream.b) + 1];

    sodium_bin2hex(stream, sizeof(stream), s->stream.b, sizeof(s->stream.b));
    log_event(p->log, LOG_ERROR, "group", NULL,
              "%s has shown two histories of its stream %s for %s: %s %llu", s->author, stream,
              s->audience ? s->audience : "nobody that is known",
              s->parted ? "a checkpoint of size" : "two events with the number",
              (unsigned long long)(s->parted ? s->parted : s->forked));
}

static void splits_find(void *ctx, struct group_log *l, const struct fold *f)
{
    struct looking *k = ctx;
    struct fold_stream s;
    size_t told = 0;

    (void)l;
    if (!f || fold_split_n(f) == k->n)
        return;
    for (size_t i = 0; fold_split_n(f) > k->n && fold_stream_at(f, i, &s); i++)
        if ((s.parted || s.forked) && told++ < SPLITS_TOLD_MAX)
            split_tell(k->p, &s);
    k->n = fold_split_n(f);
}

/* Whenever there are more than were told of. */
void peer_splits_look(struct peers *p)
{
    struct looking k = {.p = p};

    pthread_mutex_lock(&p->lock);
    k.n = p->split_n;
    pthread_mutex_unlock(&p->lock);
    live_group_read(p->group, splits_find, &k);
    pthread_mutex_lock(&p->lock);
    p->split_n = k.n;
    pthread_mutex_unlock(&p->lock);
}
