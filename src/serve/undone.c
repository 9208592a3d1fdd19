#include "serve/undone.h"

#include "base/mem.h"
#include "base/replace.h"
#include "group/facts.h"
#include "serve/deposit_place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BODY_BYTES_MAX ((size_t)8 << 20)
#define CHAIN_TEXT 64

struct deposit { /* of an alert that this node has told */
    char object[OBJECT_NAME_MAX], audience[GROUP_NAME_MAX + 1];
    char chain[CHAIN_TEXT], output[ALERT_TEXT_MAX + 1], block[65];
    uint32_t height, gone_tip; /* gone_tip: the newest block when it was gone first */
    bool gone, due, stays;     /* stays: it could not be said, and that was told */
    bool over;                 /* its alert has ended */
};

struct tip { /* of a ledger, when it was looked at last */
    const struct chain *chain;
    uint32_t blocks_n;
    struct hash32 hash;
};

struct undone {
    struct live_group *group;
    struct log *log;
    struct deposit *at;
    size_t n, size;
    uint64_t row; /* events of the log that were looked at */
    struct tip tips[LIVE_LEDGERS_MAX];
    size_t tips_n;
    bool added, full, later, changed; /* later: some could not be read; changed: since the file was
                                         written */
    bool unsure; /* blocks were undone, and of that height there is no other yet */
    struct undone_counts counts;
    char path[PATH_MAX];
    char *known; /* the file, as it was when the node started; NULL: there is none */
};

/* ---- since when they are gone ---- */

/* false: no memory */
static bool known_read(struct undone *u)
{
    struct text text = text_new(UNDONE_FILE_BYTES_MAX);
    int fd = open(u->path, O_RDONLY | O_CLOEXEC);
    char piece[4096];
    ssize_t n = -1;
    bool ok;

    while (fd >= 0 && (n = read(fd, piece, sizeof(piece))) > 0)
        text_put(&text, piece, (size_t)n);
    if (n < 0 && (fd >= 0 || errno != ENOENT))
        log_event(u->log, LOG_ERROR, "undone", NULL, "\"%s\" cannot be read: %s", u->path,
                  strerror(errno));
    if (fd >= 0)
        close(fd);
    if (n == 0 && !text.bad && (u->known = mem_alloc(text.n + 1)) != NULL) {
        if (text.n)
            memcpy(u->known, text.p, text.n);
        u->known[text.n] = 0;
    }
    ok = n != 0 || text.over || u->known;
    text_free(&text);
    return ok;
}

/* Was it gone when the node was stopped? */
static void known_find(const struct undone *u, struct deposit *d)
{
    char key[OBJECT_NAME_MAX + GROUP_NAME_MAX + 4];
    int n = snprintf(key, sizeof(key), "%s %s ", d->object, d->audience);
    const char *at = u->known;

    while (at && *at && strncmp(at, key, (size_t)n) != 0) {
        at = strchr(at, '\n');
        at += at != NULL;
    }
    if (!at || !*at || at[n] < '0' || at[n] > '9')
        return;
    d->gone = true;
    d->gone_tip = (uint32_t)strtoul(at + n, NULL, 10);
}

/* Before anything is said of it, so that whoever is killed then has it. */
static void known_write(struct undone *u)
{
    struct text text = text_new(UNDONE_FILE_BYTES_MAX);
    struct replace r;
    struct err err;
    bool ok;

    for (size_t i = 0; i < u->n; i++)
        if (u->at[i].gone && !u->at[i].over)
            text_printf(&text, "%s %s %u\n", u->at[i].object, u->at[i].audience, u->at[i].gone_tip);
    ok = text_end(&text, &err) && replace_begin(&r, u->path, &err) &&
         replace_end(&r, replace_put(&r, text.p, text.n, &err), &err);
    if (!ok)
        log_event(u->log, LOG_ERROR, "undone", NULL, "%s", err.text);
    u->changed = !ok;
    text_free(&text);
}

struct undone *undone_new(const char *home, struct live_group *group, struct log *log)
{
    struct undone *u = mem_zero(sizeof(*u));

    if (!u)
        return NULL;
    u->group = group;
    u->log = log;
    if (snprintf(u->path, sizeof(u->path), "%s/" UNDONE_FILE, home) >= (int)sizeof(u->path))
        return mem_free(u);
    return known_read(u) ? u : undone_free(u);
}

struct undone *undone_free(struct undone *u)
{
    if (!u)
        return NULL;
    mem_free(u->at);
    mem_free(u->known);
    return mem_free(u);
}

struct undone_counts undone_counts(const struct undone *u)
{
    return u->counts;
}

/* ---- which deposits there are ---- */

/* One that is told again stands there twice, until the older is over. false: there is no memory. */
static bool deposit_add(struct undone *u, const struct fold_object *o, const struct alert_body *of)
{
    struct deposit *d;

    if (u->n == u->size) {
        size_t size = u->size ? 2 * u->size : 64;
        struct deposit *grown;

        if (size > UNDONE_DEPOSITS_MAX) {
            u->full = true;
            return true;
        }
        grown = mem_grow(u->at, size * sizeof(*grown));
        if (!grown)
            return false;
        u->at = grown;
        u->size = size;
    }
    d = &u->at[u->n++];
    *d = (struct deposit){.height = (uint32_t)of->found->height};
    snprintf(d->object, sizeof(d->object), "%s", o->object);
    snprintf(d->audience, sizeof(d->audience), "%s", o->audience);
    snprintf(d->chain, sizeof(d->chain), "%s", of->chain);
    snprintf(d->output, sizeof(d->output), "%s", of->output);
    snprintf(d->block, sizeof(d->block), "%s", of->found->block);
    known_find(u, d);
    u->added = true;
    return true;
}

/* What this node has found itself: it alone has that body. false: it cannot be read now. */
static bool event_look(struct undone *u, struct group_log *l, const struct fold *f,
                       const struct fold_event *e)
{
    const struct fold_object *o;
    struct err err = {.class = ERR_NOMEM};
    struct alert_body of;
    struct arena *a;
    bool ok;

    if (e->effect != EFFECT_STEP || strcmp(e->e.type, "alert.detect") != 0)
        return true;
    o = fold_object(f, e->e.object, e->e.audience);
    if (!o || !o->told)
        return true;
    a = arena_new(NULL, BODY_BYTES_MAX);
    ok = a && alert_deposit_of(l, a, o, &of, &err);
    if (!ok)
        ok = err.class != ERR_NOMEM && err.class != ERR_SYSTEM;
    else if (of.output && of.found && strlen(of.found->block) < sizeof(u->at->block) &&
             strlen(of.chain) < CHAIN_TEXT)
        ok = deposit_add(u, o, &of);
    arena_free(a);
    return ok;
}

static void log_look(void *ctx, struct group_log *l, const struct fold *f)
{
    struct undone *u = ctx;
    const struct fold_event *e;

    for (; f && (e = fold_event_at(f, u->row)); u->row++)
        if (!event_look(u, l, f, e)) { /* the next turn goes on with it */
            if (!u->later)
                log_event(u->log, LOG_ERROR, "undone", NULL,
                          "no memory, or a file: deposits are not looked at yet");
            u->later = true;
            return;
        }
    u->later = false;
}

/* ---- where they are ---- */

static struct tip tip_of(const struct live_ledgers_one *one, uint32_t blocks_n)
{
    struct tip t = {.chain = one->chain, .blocks_n = blocks_n};

    if (blocks_n)
        t.hash = one->coins ? ledger_block(one->coins, blocks_n - 1).hash
                            : account_ledger_block(one->accounts, blocks_n - 1).hash;
    return t;
}

/* Is what was the newest block not there any more, or what comes in the place of such? The new one
 * is noted. */
static bool has_lost(struct undone *u, const struct live_ledgers_one *one)
{
    uint32_t n = (uint32_t)(one->coins ? ledger_counts(one->coins).blocks
                                       : account_ledger_counts(one->accounts).blocks);
    size_t i = 0;
    bool lost = true;

    while (i < u->tips_n && u->tips[i].chain != one->chain)
        i++;
    if (i < u->tips_n && u->tips[i].blocks_n <= n) {
        struct tip before = tip_of(one, u->tips[i].blocks_n);

        lost =
            !hash32_equal(&before.hash, &u->tips[i].hash) || (u->unsure && u->tips[i].blocks_n < n);
    }
    if (i == u->tips_n && i < LIVE_LEDGERS_MAX)
        u->tips_n++;
    if (i < u->tips_n)
        u->tips[i] = tip_of(one, n);
    return lost;
}

static bool any_lost(struct undone *u, const struct live_ledgers_view *v)
{
    bool lost = false;

    for (size_t i = 0; i < live_ledgers_n(v); i++) {
        struct live_ledgers_one one = live_ledgers_at(v, i);

        lost |= has_lost(u, &one);
    }
    return lost;
}

static void deposit_look(struct undone *u, const struct live_ledgers_view *v, struct deposit *d)
{
    struct alert_found_at found = {.block = d->block, .height = d->height};
    struct alert_body of = {.chain = d->chain, .output = d->output, .found = &found};
    struct alert_place at = deposit_place(v, &of);
    bool gone = at.at == ALERT_PLACE_UNDONE || (at.at == ALERT_PLACE_UNKNOWN && d->gone);

    if (gone && !d->gone) {
        d->gone_tip = at.tip;
        u->changed = true;
        log_event(u->log, LOG_WARNING, "undone", NULL,
                  "%.14s: its deposit's block was undone; void unless it is back within %u blocks",
                  d->object, UNDONE_BLOCKS);
    }
    if (!gone && d->gone) {
        d->stays = false;
        u->changed = true;
        log_event(u->log, LOG_INFO, "undone", NULL, "%.14s: its deposit is back", d->object);
    }
    d->gone = gone;
    d->due = gone && at.tip >= d->gone_tip + UNDONE_BLOCKS;
    u->unsure |= at.at == ALERT_PLACE_UNKNOWN && at.tip && at.tip < d->height;
    u->counts.gone += gone;
}

/* ---- void ---- */

static void ended_look(void *ctx, struct group_log *l, const struct fold *f)
{
    struct undone *u = ctx;

    (void)l;
    for (size_t i = 0; f && i < u->n; i++) {
        const struct fold_object *o = fold_object(f, u->at[i].object, u->at[i].audience);

        u->at[i].over = !o || o->state >= ALERT_DECLINED;
    }
}

static void deposit_void(struct undone *u, struct deposit *d)
{
    const struct event_facts facts = {.reason = REASON_REORGANISED};
    struct group_log_act act = {
        .type = "alert.void", .object = d->object, .audience = d->audience, .facts = &facts};
    struct hash32 id;
    struct err err;

    if (live_group_say(u->group, &act, &id, &err)) {
        d->over = true;
        u->changed = true;
        u->counts.voided++;
        u->counts.gone--;
        log_event(u->log, LOG_WARNING, "undone", NULL,
                  "%.14s: void, its deposit is not on the chain", d->object);
    } else if (!d->stays) {
        d->stays = true;
        log_event(u->log, LOG_ERROR, "undone", NULL,
                  "%.14s: its deposit is not on the chain, but it is not void: %s", d->object,
                  err.text);
    }
}

void undone_turn(struct undone *u, const struct live_ledgers_view *v)
{
    bool lost;
    size_t left = 0;

    u->added = u->full = false;
    if (live_group_version(u->group) != u->row)
        live_group_read(u->group, log_look, u);
    if (u->full)
        log_event(u->log, LOG_ERROR, "undone", NULL, "no room for another deposit");
    lost = any_lost(u, v);
    if (!lost && !u->added && !u->counts.gone)
        return;
    live_group_read(u->group, ended_look, u);
    u->counts.gone = 0;
    u->unsure = false;
    for (size_t i = 0; i < u->n; i++)
        if (!u->at[i].over)
            deposit_look(u, v, &u->at[i]);
    if (u->changed)
        known_write(u);
    for (size_t i = 0; i < u->n; i++)
        if (!u->at[i].over && u->at[i].due)
            deposit_void(u, &u->at[i]);
    for (size_t i = 0; i < u->n; i++)
        if (!u->at[i].over)
            u->at[left++] = u->at[i];
    u->n = left;
    u->counts.deposits = left;
    if (u->changed)
        known_write(u);
}
