#include "serve/watch_alerts.h"

#include "base/mem.h"
#include "group/alert.h"
#include "group/quota.h"
#include "serve/clock.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_MS 60000u
#define WHOLE_PPM 1000000u

struct saying {
    const struct watch_alert *at;
    size_t n;
    struct watch_policy policy;
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

/* May the charter and this member's policy hold it softly? The fold asks once more. */
static bool is_enough(const struct fold *f, const struct watch_policy *p,
                      const struct watch_alert *a)
{
    const struct charter_quotas *q = &fold_charter(f)->quotas;
    const struct fold_object *o = fold_object(f, a->case_object, a->audience);
    uint64_t least = q->soft_share_ppm > p->share_ppm ? q->soft_share_ppm : p->share_ppm;
    struct u256 share;

    return p->soft && a->policy != TRACE_POISON &&
           (watch_alerts_verified(o) || q->soft_unverified) &&
           u256_mul_div(a->tainted, u256_of(WHOLE_PPM), a->received, &share) &&
           !u256_less(share, u256_of(least)) &&
           !u256_less(a->tainted, charter_least(fold_charter(f), a->asset));
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
    return o->state == ALERT_DETECTED && is_enough(f, &s->policy, a) ? TODO_HOLD : TODO_NOTHING;
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
    struct hash32 id;

    s->held[i] = todo != TODO_NOTHING && is_enough(f, &s->policy, a);
    if (todo != TODO_ALERT) {
        s->said->known++;
        return true;
    }
    if (!group_log_say(l, &act, &id, err))
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
    facts.expires = s->now_ms + fold_charter(f)->quotas.soft_minutes * MINUTE_MS;
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

bool watch_alerts_say(struct live_group *g, const char *home, const struct watch_alert *at,
                      size_t n, struct watch_policy policy, struct watch_said *ret, struct err *err)
{
    struct saying s = {.at = at, .n = n, .policy = policy, .said = ret, .now_ms = clock_ms()};
    struct counting c = {.s = &s};
    char keys[PATH_MAX];
    int keys_n = snprintf(keys, sizeof(keys), "%s/" KEYS_FOLDER, home);
    bool ok;

    *ret = (struct watch_said){0};
    if (keys_n < 0 || keys_n >= PATH_MAX)
        return err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
    if (!key_open(keys, NULL, (struct bytes){NULL, 0}, &s.node, err))
        return false;
    s.held = mem_array(n, sizeof(*s.held));
    ok = (s.held || err_fail(err, ERR_NOMEM, "alerts")) && store_key(keys, NULL, s.secret, err);
    if (ok)
        live_group_read(g, count_fresh, &c);
    ok = ok && (c.fresh ? say(g, &s, err) : true);
    if (ok && !c.fresh)
        ret->known = n;
    mem_free(s.held);
    signer_end(&s.node);
    sodium_memzero(s.secret, sizeof(s.secret));
    return ok;
}
