#include "serve/watch_alerts.h"

#include "base/io.h"
#include "base/mem.h"
#include "chain/facts.h"
#include "group/alert_log.h"
#include "group/alert_policy.h"
#include "serve/clock.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define BODY_BYTES_MAX ((size_t)1 << 20)
#define POLICY_BYTES_MAX ((size_t)64 << 10)

enum todo { TODO_NOTHING, TODO_ALERT, TODO_HOLD };

struct named { /* an alert */
    char object[OBJECT_NAME_MAX];
    struct hash32 deposit;
};

struct decided { /* what an alert would be told as, to whom, and whether it is to be */
    struct named named;
    char audience[OBJECT_NAME_MAX];
    struct alert_advice advice;
    enum todo todo;
    bool left_alone; /* nothing is said of what becomes of it */
};

struct saying {
    const struct watch_alert *at;
    size_t n;
    struct alert_policy policy;
    struct signer node;
    uint8_t secret[32];
    struct decided *decided; /* [n] */
    struct watch_said *said;
    uint64_t now_ms;
    size_t i; /* of the hold in hand */
};

static const char *member_of(const struct fold *f, const struct key32 *key)
{
    const struct charter *c = fold_charter(f);
    const struct charter_key *k = c ? charter_key(c, key) : NULL;

    return k ? c->members[k->member].id : NULL;
}

static struct named name_of(const struct saying *s, const struct watch_alert *a, const char *member)
{
    struct alert_key key = {.case_object = a->case_object,
                            .chain = a->chain,
                            .output = a->output,
                            .member = member,
                            .salt = alert_salt(s->secret, a->chain, a->output, member)};
    struct named ret;

    alert_object(&key, ret.object);
    ret.deposit = alert_deposit(&key);
    return ret;
}

/* What the charter and this member's policy say to it, by what its case is now (group/alert.h).
 * book NULL: for cases that are verified. */
static struct alert_advice advice_of(const struct saying *s, const struct fold *f,
                                     const struct alert_book *book, const struct watch_alert *a,
                                     const struct hash32 *deposit, const char *member)
{
    struct alert_case of = alert_case(book, f, a->case_object, a->audience, deposit, member);
    struct alert_found found = {.asset = a->asset,
                                .policy = a->policy,
                                .tainted = a->tainted,
                                .received = a->received,
                                .hops = a->hops,
                                .cut = a->cut,
                                .depth = a->depth,
                                .service = *a->service ? a->service : NULL};

    return alert_policy(&s->policy, fold_charter(f), &of, &found, s->now_ms);
}

/* One that was void because its deposit was undone is told again: it is on the chain. */
static bool is_told(const struct fold_object *o)
{
    return o && o->first &&
           (o->state != ALERT_VOID || strcmp(o->last->e.facts->reason, REASON_REORGANISED) != 0);
}

/* A node that ended between alert and hold says the hold when it finds the deposit again. */
static enum todo todo_of(const struct fold *f, const char *audience, const char *object,
                         const struct alert_advice *advice)
{
    const struct fold_object *o = fold_object(f, object, audience);

    if (!advice->tell)
        return TODO_NOTHING;
    if (!is_told(o))
        return TODO_ALERT;
    return o->state == ALERT_DETECTED && advice->hold ? TODO_HOLD : TODO_NOTHING;
}

/* One that is observed is told to whom its case's handling was told; what was told before, to whom
 * it was. */
static const char *told_to(const struct fold *f, const struct watch_alert *a, const char *object,
                           const struct handling *handling)
{
    return handling->what == HANDLING_OBSERVE && !is_told(fold_object(f, object, a->audience))
               ? handling->said->e.audience
               : a->audience;
}

static struct decided decide(const struct saying *s, const struct fold *f,
                             const struct alert_book *book, const struct watch_alert *a,
                             const char *member)
{
    struct decided d = {.named = name_of(s, a, member)};
    struct handling handling = handling_of(f, a->case_object, member);

    snprintf(d.audience, sizeof(d.audience), "%s", told_to(f, a, d.named.object, &handling));
    d.advice = advice_of(s, f, book, a, &d.named.deposit, member);
    d.todo = todo_of(f, d.audience, d.named.object, &d.advice);
    d.left_alone = handling.what != HANDLING_HOLD;
    return d;
}

/* All of them by the log as it is. Of cases that are verified nothing is counted. */
static bool decide_all(struct saying *s, const struct fold *f, const char *member, struct err *err)
{
    struct arena *arena = arena_new(NULL, LOG_FOLD_BYTES_MAX);
    const struct alert_book *book = NULL;
    bool counts = false, ok = arena;

    for (size_t i = 0; !counts && i < s->n; i++) {
        const struct watch_alert *a = &s->at[i];
        static const struct hash32 none;

        counts = !alert_case(NULL, f, a->case_object, a->audience, &none, member).verified;
    }
    if (ok && counts) {
        book = alert_book(arena, f);
        ok = book;
    }
    for (size_t i = 0; ok && i < s->n; i++)
        s->decided[i] = decide(s, f, book, &s->at[i], member);
    arena_free(arena);
    return ok || err_fail(err, ERR_NOMEM, "alerts");
}

/* What a body may have of a text; NULL: nothing. */
static const char *plain(const char *s)
{
    size_t n = strlen(s);

    return n && n <= ALERT_TEXT_MAX && text_is_plain(s, n) ? s : NULL;
}

/* Which deposit it is: for this home alone. */
static bool body_of(struct arena *arena, const struct watch_alert *a, struct group_log_act *act,
                    struct err *err)
{
    const struct alert_found_at found = {.block = a->block,
                                         .height = a->height,
                                         .hops = a->hops,
                                         .cut = a->cut,
                                         .service = plain(a->service)};
    struct alert_body b = {.account = plain(a->account),
                           .address = plain(a->address),
                           .chain = a->chain,
                           .output = a->output,
                           .found = a->height == HEIGHT_UNKNOWN ? NULL : &found};

    act->retention = RETENTION_OWN;
    return alert_body_make(arena, &b, &act->body, err);
}

static bool told(struct group_log *l, struct group_log_act *act, const struct watch_alert *a,
                 struct err *err)
{
    struct arena *arena = arena_new(NULL, BODY_BYTES_MAX);
    struct hash32 id;
    bool ok = arena ? body_of(arena, a, act, err) && group_log_say(l, act, &id, err)
                    : err_fail(err, ERR_NOMEM, "an alert");

    arena_free(arena);
    return ok;
}

static bool detect(struct saying *s, struct group_log *l, size_t i, const char *member,
                   struct err *err)
{
    const struct watch_alert *a = &s->at[i];
    const struct named named = s->decided[i].named;
    struct event_facts facts = {.amount = a->tainted,
                                .asset = a->asset,
                                .case_object = a->case_object,
                                .deposit = named.deposit,
                                .holder = member,
                                .policy = trace_policy_name(a->policy),
                                .received = a->received};
    struct group_log_act act = {.author = member,
                                .type = "alert.detect",
                                .object = named.object,
                                .audience = s->decided[i].audience,
                                .facts = &facts,
                                .by = &s->node,
                                .now_ms = s->now_ms};

    /* the second of one deposit in this list: the first has told it */
    if (s->decided[i].todo != TODO_ALERT ||
        is_told(fold_object(group_log_fold(l), named.object, s->decided[i].audience))) {
        s->said->known++;
        return true;
    }
    if (!told(l, &act, a, err))
        return false;
    s->said->alerts++;
    return true;
}

static bool detect_all(void *ctx, struct group_log *l, struct err *err)
{
    struct saying *s = ctx;
    const char *member = member_of(group_log_fold(l), &s->node.key);

    if (!member)
        return err_fail(err, ERR_NOT_FOUND, "this node's key is no member's in the charter");
    if (!decide_all(s, group_log_fold(l), member, err))
        return false;
    for (size_t i = 0; i < s->n; i++)
        if (!detect(s, l, i, member, err))
            return false;
    return true;
}

/* Decided once more: those said before it count. */
static bool hold(void *ctx, struct group_log *l, struct err *err)
{
    struct saying *one = ctx;
    const struct decided *d = one->decided;
    const char *member = member_of(group_log_fold(l), &one->node.key);
    struct event_facts facts;
    struct hash32 id;

    if (!member)
        return err_fail(err, ERR_NOT_FOUND, "this node's key is no member's in the charter");
    if (!decide_all(one, group_log_fold(l), member, err))
        return false;
    if (!d->advice.hold || d->todo != TODO_HOLD)
        return err_fail(err, ERR_NOT_FOUND, "%s", alert_not_text(d->advice.why));
    facts = (struct event_facts){.amount = d->advice.amount, .expires = d->advice.expires};
    return group_log_say(l,
                         &(struct group_log_act){.author = member,
                                                 .type = "alert.hold-soft",
                                                 .object = d->named.object,
                                                 .audience = d->audience,
                                                 .facts = &facts,
                                                 .by = &one->node,
                                                 .now_ms = one->now_ms},
                         &id, err);
}

/* Where it went stays at home: a person discloses it. */
static bool too_late(void *ctx, struct group_log *l, struct err *err)
{
    struct saying *one = ctx;
    const char *paid[WATCH_ALERT_PAID_MAX];
    struct alert_body b = {.account = plain(one->at->account), .withdrawals = paid};
    struct group_log_act act = {.type = "alert.too-late",
                                .object = one->decided->named.object,
                                .audience = one->decided->audience,
                                .retention = RETENTION_OWN,
                                .by = &one->node,
                                .now_ms = one->now_ms};
    struct arena *a = arena_new(NULL, BODY_BYTES_MAX);
    struct hash32 id;
    bool ok;

    act.author = member_of(group_log_fold(l), &one->node.key);
    for (size_t i = 0; i < WATCH_ALERT_PAID_MAX && plain(one->at->paid[i]); i++)
        paid[b.withdrawals_n++] = one->at->paid[i];
    ok = (a || err_fail(err, ERR_NOMEM, "an alert")) &&
         (act.author ||
          err_fail(err, ERR_NOT_FOUND, "this node's key is no member's in the charter")) &&
         alert_body_make(a, &b, &act.body, err) && group_log_say(l, &act, &id, err);
    arena_free(a);
    return ok;
}

static bool say(struct live_group *g, struct saying *s, struct err *err)
{
    struct err refused;

    if (!live_group_write(g, detect_all, s, err))
        return false;
    for (size_t i = 0; i < s->n; i++) {
        struct saying one = *s;

        one.at = s->at + i;
        one.decided = s->decided + i;
        one.n = 1;
        if (s->decided[i].left_alone)
            continue;
        if (s->decided[i].todo != TODO_NOTHING && s->at[i].paid_out)
            s->said->late += live_group_write(g, too_late, &one, &refused);
        else if (s->decided[i].todo != TODO_NOTHING && s->decided[i].advice.hold)
            s->said->holds += live_group_write(g, hold, &one, &refused);
    }
    return true;
}

/* ---- what is new ---- */

struct counting {
    struct saying *s;
    size_t fresh;
    struct err err;
    bool ok;
};

static void count_fresh(void *ctx, struct group_log *l, const struct fold *f)
{
    struct counting *c = ctx;
    const char *member = f ? member_of(f, &c->s->node.key) : NULL;

    (void)l;
    c->ok = !member || decide_all(c->s, f, member, &c->err);
    for (size_t i = 0; member && c->ok && i < c->s->n; i++)
        c->fresh += c->s->decided[i].todo != TODO_NOTHING;
}

/* HOME/group.yaml; without it nothing is held. */
bool watch_alerts_policy(struct arena *a, const char *home, struct alert_policy *ret,
                         struct err *err)
{
    char path[PATH_MAX];
    struct bytes yaml;

    if (snprintf(path, sizeof(path), "%s/" POLICY_FILE, home) >= (int)sizeof(path))
        return err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
    if (!file_load_if(a, path, POLICY_BYTES_MAX, &yaml, err))
        return false;
    if (!yaml.p)
        *ret = alert_policy_default();
    return !yaml.p || alert_policy_read(a, yaml, ret, err) || err_in(err, "\"%s\"", path);
}

bool watch_alerts_say(struct live_group *g, const char *home, const struct watch_alert *at,
                      size_t n, bool *waits, struct watch_said *ret, struct err *err)
{
    struct saying s = {.at = at, .n = n, .said = ret, .now_ms = clock_ms()};
    struct arena *a = arena_new(NULL, BODY_BYTES_MAX);
    struct counting c = {.s = &s};
    char keys[PATH_MAX];
    int keys_n = snprintf(keys, sizeof(keys), "%s/" KEYS_FOLDER, home);
    bool ok;

    *ret = (struct watch_said){0};
    memset(waits, 0, n * sizeof(*waits));
    if (keys_n < 0 || keys_n >= PATH_MAX)
        ok = err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
    else
        ok = (a || err_fail(err, ERR_NOMEM, "alerts")) &&
             watch_alerts_policy(a, home, &s.policy, err) &&
             key_open(keys, NULL, (struct bytes){NULL, 0}, &s.node, err);
    if (!ok) {
        arena_free(a);
        return false;
    }
    s.decided = mem_array(n, sizeof(*s.decided));
    ok = (s.decided || err_fail(err, ERR_NOMEM, "alerts")) && store_key(keys, NULL, s.secret, err);
    if (ok) {
        live_group_read(g, count_fresh, &c);
        ok = c.ok;
        if (!ok)
            *err = c.err;
    }
    ok = ok && (c.fresh ? say(g, &s, err) : true);
    if (ok && !c.fresh)
        ret->known = n;
    for (size_t i = 0; ok && i < n; i++)
        waits[i] = s.decided[i].advice.tell && s.decided[i].advice.why == ALERT_NOT_DEPTH;
    arena_free(a);
    mem_free(s.decided);
    signer_end(&s.node);
    sodium_memzero(s.secret, sizeof(s.secret));
    return ok;
}
