#include "serve/watch_alerts.h"

#include "base/mem.h"
#include "group/alert_log.h"
#include "group/alert_policy.h"
#include "group/quota.h"
#include "serve/clock.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define BODY_BYTES_MAX ((size_t)1 << 20)
#define POLICY_BYTES_MAX ((size_t)64 << 10)

struct saying {
    const struct watch_alert *at;
    size_t n;
    struct alert_policy policy;
    struct signer node;
    uint8_t secret[32];
    bool *held; /* [n] of which a soft hold is to be said */
    struct watch_said *said;
    uint64_t now_ms;
    size_t i; /* of the hold in hand */
};

struct named { /* an alert */
    char object[OBJECT_NAME_MAX];
    struct hash32 deposit;
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

static bool is_followed(const struct fold *f, const struct watch_alert *a)
{
    const struct fold_object *o = fold_object(f, a->case_object, a->audience);

    return o && case_is_live(o) && !case_over_quota(f, o);
}

bool watch_alerts_verified(const struct fold_object *o)
{
    return o->state == CASE_VERIFIED || o->state == CASE_ACTIVE || o->state == CASE_CONTAINED;
}

/* What the charter and this member's policy say to it. The fold asks once more. */
static struct alert_advice advice_of(const struct saying *s, const struct fold *f,
                                     const struct watch_alert *a)
{
    const struct fold_object *o = fold_object(f, a->case_object, a->audience);
    struct alert_case of = {.live = true, .verified = watch_alerts_verified(o)};
    struct alert_found found = {.asset = a->asset,
                                .policy = a->policy,
                                .tainted = a->tainted,
                                .received = a->received,
                                .hops = a->hops,
                                .cut = a->cut};

    return alert_policy(&s->policy, fold_charter(f), &of, &found, s->now_ms);
}

enum todo { TODO_NOTHING, TODO_ALERT, TODO_HOLD };

/* A node that ended between alert and hold says the hold when it finds the deposit again. */
static enum todo todo_of(const struct saying *s, const struct fold *f, const struct watch_alert *a,
                         const char *object)
{
    const struct fold_object *o = fold_object(f, object, a->audience);

    if (!is_followed(f, a))
        return TODO_NOTHING;
    if (!o)
        return TODO_ALERT;
    return o->state == ALERT_DETECTED && advice_of(s, f, a).hold ? TODO_HOLD : TODO_NOTHING;
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
    struct alert_body b = {.account = plain(a->account),
                           .address = plain(a->address),
                           .chain = a->chain,
                           .output = a->output};

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
    struct named named = name_of(s, a, member);
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
                                .audience = a->audience,
                                .facts = &facts,
                                .by = &s->node,
                                .now_ms = s->now_ms};
    const struct fold *f = group_log_fold(l);
    enum todo todo = todo_of(s, f, a, named.object);

    s->held[i] = todo != TODO_NOTHING && advice_of(s, f, a).hold;
    if (todo != TODO_ALERT) {
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
    for (size_t i = 0; i < s->n; i++)
        if (!detect(s, l, i, member, err))
            return false;
    return true;
}

static bool hold(void *ctx, struct group_log *l, struct err *err)
{
    struct saying *s = ctx;
    const struct watch_alert *a = &s->at[s->i];
    const struct fold *f = group_log_fold(l);
    const char *member = member_of(f, &s->node.key);
    struct event_facts facts = {.amount = a->tainted};
    struct named named;
    struct hash32 id;

    if (!member)
        return err_fail(err, ERR_NOT_FOUND, "this node's key is no member's in the charter");
    named = name_of(s, a, member);
    facts.expires = advice_of(s, f, a).expires;
    return group_log_say(l,
                         &(struct group_log_act){.author = member,
                                                 .type = "alert.hold-soft",
                                                 .object = named.object,
                                                 .audience = a->audience,
                                                 .facts = &facts,
                                                 .by = &s->node,
                                                 .now_ms = s->now_ms},
                         &id, err);
}

static bool say(struct live_group *g, struct saying *s, struct err *err)
{
    struct err refused;

    if (!live_group_write(g, detect_all, s, err))
        return false;
    for (s->i = 0; s->i < s->n; s->i++)
        if (s->held[s->i])
            s->said->holds += live_group_write(g, hold, s, &refused);
    return true;
}

/* ---- what is new ---- */

struct counting {
    struct saying *s;
    size_t fresh;
};

static void count_fresh(void *ctx, struct group_log *l, const struct fold *f)
{
    struct counting *c = ctx;
    const char *member = f ? member_of(f, &c->s->node.key) : NULL;

    (void)l;
    for (size_t i = 0; member && i < c->s->n; i++) {
        const struct watch_alert *a = &c->s->at[i];
        struct named named = name_of(c->s, a, member);

        c->fresh += todo_of(c->s, f, a, named.object) != TODO_NOTHING;
    }
}

/* HOME/group.yaml; without it nothing is held. */
static bool policy_of(struct arena *a, const char *home, struct alert_policy *ret, struct err *err)
{
    char path[PATH_MAX];
    uint8_t *bytes = arena_alloc(a, POLICY_BYTES_MAX);
    int n = snprintf(path, sizeof(path), "%s/" POLICY_FILE, home);
    FILE *in;
    size_t got;
    int unread;

    if (!bytes)
        return err_fail(err, ERR_NOMEM, "alerts");
    if (n < 0 || n >= PATH_MAX)
        return err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
    in = fopen(path, "re");
    if (!in && errno == ENOENT) {
        *ret = alert_policy_default();
        return true;
    }
    if (!in)
        return err_system(err, "\"%s\"", path);
    got = fread(bytes, 1, POLICY_BYTES_MAX, in);
    unread = ferror(in);
    fclose(in);
    if (unread)
        return err_fail(err, ERR_SYSTEM, "\"%s\": cannot be read", path);
    if (got == POLICY_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "\"%s\": too large", path);
    return alert_policy_read(a, (struct bytes){bytes, got}, ret, err) ||
           err_in(err, "\"%s\"", path);
}

bool watch_alerts_say(struct live_group *g, const char *home, const struct watch_alert *at,
                      size_t n, struct watch_said *ret, struct err *err)
{
    struct saying s = {.at = at, .n = n, .said = ret, .now_ms = clock_ms()};
    struct arena *a = arena_new(NULL, BODY_BYTES_MAX);
    struct counting c = {.s = &s};
    char keys[PATH_MAX];
    int keys_n = snprintf(keys, sizeof(keys), "%s/" KEYS_FOLDER, home);
    bool ok;

    *ret = (struct watch_said){0};
    if (keys_n < 0 || keys_n >= PATH_MAX)
        ok = err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
    else
        ok = (a || err_fail(err, ERR_NOMEM, "alerts")) && policy_of(a, home, &s.policy, err) &&
             key_open(keys, NULL, (struct bytes){NULL, 0}, &s.node, err);
    if (!ok) {
        arena_free(a);
        return false;
    }
    s.held = mem_array(n, sizeof(*s.held));
    ok = (s.held || err_fail(err, ERR_NOMEM, "alerts")) && store_key(keys, NULL, s.secret, err);
    if (ok)
        live_group_read(g, count_fresh, &c);
    ok = ok && (c.fresh ? say(g, &s, err) : true);
    if (ok && !c.fresh)
        ret->known = n;
    arena_free(a);
    mem_free(s.held);
    signer_end(&s.node);
    sodium_memzero(s.secret, sizeof(s.secret));
    return ok;
}
