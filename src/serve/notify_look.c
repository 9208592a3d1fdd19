#include "serve/notify_look.h"

#include "base/mem.h"
#include "group/alert_show.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_BYTES_MAX ((size_t)1 << 20)
#define SHORT_ID 12

static struct hash32 thing_of(const char *topic, const struct fold_object *o)
{
    struct sha256_stream s;

    sha256_start(&s);
    sha256_add(&s, "cordon.told/1", 13);
    sha256_add(&s, topic, strlen(topic) + 1);
    sha256_add(&s, o->object, strlen(o->object) + 1);
    sha256_add(&s, o->audience, strlen(o->audience) + 1);
    return sha256_done(&s);
}

static const char *state_told(const struct look *x, const struct hash32 *thing,
                              uint64_t *ret_sequence)
{
    const struct look_thing *t = x->told(x->told_ctx, thing);

    *ret_sequence = t ? t->sequence : 0;
    return t ? t->state : "";
}

static void next_at(struct look *x, uint64_t ms)
{
    if (ms > x->ms && ms < x->next_ms)
        x->next_ms = ms;
}

/* Room for one more thing; NULL: not in this turn. */
static struct look_wanted *wanted_new(struct look *x, const struct hash32 *thing, const char *state,
                                      uint64_t sequence, const char *line, struct err *err)
{
    struct look_wanted *w = &x->wanted[x->n];
    const char *kept;

    x->more = x->n == LOOK_MAX;
    if (x->more) {
        err->class = ERR_NONE;
        return NULL;
    }
    kept = arena_string(x->arena, state, strlen(state));
    *w = (struct look_wanted){
        .told = {.thing = *thing, .sequence = sequence, .ms = x->ms, .state = kept},
        .line = arena_string(x->arena, line, strlen(line))};
    if (!kept || !w->line) {
        err_set(err, ERR_NOMEM, "a message");
        return NULL;
    }
    x->n++;
    return w;
}

/* The same each time for the same telling of a thing. */
static const char *id_of(struct look *x, const char *what, const struct hash32 *thing,
                         uint64_t sequence)
{
    char id[OUTBOX_ID_MAX];
    int n = snprintf(id, sizeof(id), "%s-", what);

    for (size_t i = 0; i < 16; i++, n += 2)
        snprintf(id + n, sizeof(id) - (size_t)n, "%02x", thing->b[i]);
    snprintf(id + n, sizeof(id) - (size_t)n, "-%llu", (unsigned long long)sequence);
    return arena_string(x->arena, id, strlen(id));
}

static const char *printed(struct look *x, const char *fmt, ...) PRINTF_LIKE(2, 3);

static const char *printed(struct look *x, const char *fmt, ...)
{
    char text[ERR_TEXT_MAX];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return arena_string(x->arena, text, strlen(text));
}

static const char *time_kept(struct look *x, uint64_t ms)
{
    char time[ALERT_TIME_MAX];

    return printed(x, "%s", alert_time(ms, time));
}

static bool is_restricted(const struct fold_object *o)
{
    return strcmp(o->audience, AUDIENCE_ALL) != 0;
}

static const char *digits(const char *object)
{
    return strchr(object, ':') + 1;
}

/* Who gets what is not said to a level: the first. */
static const char *on_duty(const struct look *x)
{
    const struct rota_person *p = rota_on_duty(x->rota, 1, x->ms);

    return p ? p->mail : NULL;
}

/* ---- holds ---- */

enum phase { PHASE_NONE, PHASE_SOFT, PHASE_ORDERED, PHASE_ENDED };
static const char *const phases[] = {"", "soft", "ordered", "ended"};

static enum phase phase_told(const char *state)
{
    for (int p = PHASE_SOFT; p <= PHASE_ENDED; p++)
        if (!strncmp(state, phases[p], strlen(phases[p])))
            return (enum phase)p;
    return PHASE_NONE;
}

static enum phase phase_now(const struct alert_now *n, enum phase told)
{
    if (!u256_zero(n->amount))
        return n->soft ? PHASE_SOFT : PHASE_ORDERED;
    return told == PHASE_NONE ? PHASE_NONE : PHASE_ENDED;
}

static uint64_t short_hash(const char *text)
{
    struct hash32 h = sha256(text, strlen(text));
    uint64_t ret;

    memcpy(&ret, h.b, sizeof(ret));
    return ret;
}

/* What is in force, in short: two that are the same need not be told twice. */
static uint64_t force_hash(const struct alert_now *n)
{
    char text[U256_TEXT_MAX + 32], amount[U256_TEXT_MAX];

    u256_to_text(n->amount, amount);
    snprintf(text, sizeof(text), "%s|%llu", amount, (unsigned long long)n->expires);
    return short_hash(text);
}

/* "soft 1 2 3": the phase, what is in force, the account, the newest event. */
static void hold_state(const struct alert_now *n, enum phase now, uint64_t account,
                       char ret[LOOK_STATE_MAX])
{
    uint64_t last;

    memcpy(&last, n->object->last->e.id.b, sizeof(last));
    if (now == PHASE_ENDED)
        snprintf(ret, LOOK_STATE_MAX, "%s", phases[now]);
    else
        snprintf(ret, LOOK_STATE_MAX, "%s %llx %llx %llx", phases[now],
                 (unsigned long long)force_hash(n), (unsigned long long)account,
                 (unsigned long long)last);
}

static bool is_same_but_last(const char *state, const char *was)
{
    const char *last = strrchr(state, ' ');

    return last && !strncmp(state, was, (size_t)(last - state) + 1);
}

static uint64_t account_told(const char *was)
{
    char phase[16];
    unsigned long long force, account;

    return sscanf(was, "%15s %llx %llx", phase, &force, &account) == 3 ? account : 0;
}

static const char *ended_kind(const struct alert_now *n)
{
    if (n->why == ALERT_WHY_CASE_GONE || n->state == ALERT_VOID)
        return "hold.void";
    if (n->state == ALERT_RELEASED)
        return "hold.released";
    if (n->state == ALERT_SEIZED)
        return "hold.seized";
    if (n->state == ALERT_RETURNED)
        return "hold.returned";
    if (n->state == ALERT_DECLINED)
        return "hold.declined";
    if (n->state == ALERT_TOO_LATE)
        return "hold.too-late";
    return n->why == ALERT_WHY_EXPIRED ? "hold.expired" : "hold.suspended";
}

static const char *hold_kind(const struct alert_now *n, enum phase told, enum phase now)
{
    if (now == PHASE_ENDED)
        return ended_kind(n);
    if (now == PHASE_SOFT)
        return told == PHASE_SOFT ? "hold.changed" : "hold.soft-held";
    if (told != PHASE_ORDERED)
        return "hold.ordered";
    return !strcmp(n->object->hold->e.type, "alert.extend") ? "hold.extended" : "hold.changed";
}

/* The core itself has said what is held now. */
static bool is_by_core(const struct alert_now *n, enum phase told, enum phase now)
{
    return told == PHASE_ORDERED && now == PHASE_ORDERED &&
           !strncmp(n->object->hold->e.type, "alert.enforce", 13);
}

static bool core_write(struct look *x, struct group_log *l, const struct alert_now *n,
                       const char *account, uint64_t sequence, struct outbox_message *m,
                       struct err *err)
{
    struct text t = text_new(BODY_BYTES_MAX);
    struct json_out j = json_to(&t, false);
    struct alert_body of;
    char time[ALERT_TIME_MAX];
    bool ok = alert_deposit_of(l, x->arena, n->object, &of, err);

    json_object(&j);
    json_put_string(&j, "type", m->kind);
    json_put_string(&j, "timestamp", alert_time(x->ms, time));
    json_key(&j, "data");
    json_object(&j);
    json_put_string(&j, "schema", "cordon.hold-notice/1");
    json_put_string(&j, "id", m->id);
    json_put_number(&j, "sequence", sequence);
    json_put_string(&j, "account", account);
    json_put_string(&j, "acknowledge",
                    n->state == ALERT_ORDERED && !u256_zero(n->amount)
                        ? printed(x, "/v1/holds/%s/enforced", n->object->object)
                        : NULL);
    json_key(&j, "alert");
    json_object(&j);
    if (ok)
        alert_json(&j, n, &of, NULL);
    json_object_end(&j);
    json_object_end(&j);
    json_object_end(&j);
    if (ok) {
        m->body = text_string(&t) ? arena_string(x->arena, t.p, t.n) : NULL;
        ok = m->body || err_fail(err, ERR_NOMEM, "a message");
    }
    text_free(&t);
    return ok;
}

static bool hold_notice(struct look *x, const struct alert_now *n, const char *kind,
                        struct outbox_message *m, struct err *err)
{
    bool ended = u256_zero(n->amount);
    struct notice notice = {
        .kind = "hold",
        .severity = ended ? SEVERITY_WARNING : SEVERITY_INFO,
        .object = n->object->object,
        .case_object = n->told->case_object,
        .state = state_name(n->state),
        .by = ended ? NULL : time_kept(x, n->expires),
        .to_do = "nothing",
        .restricted = is_restricted(n->object),
        .subject = printed(x, "%s: alert %.*s", kind, SHORT_ID, digits(n->object->object))};

    return (notice.subject || err_fail(err, ERR_NOMEM, "a notice")) &&
           notice_write(x->arena, &notice, m, err);
}

static bool hold_tell(struct look *x, struct group_log *l, const struct alert_now *n,
                      const char *kind, const char *account, struct look_wanted *w, struct err *err)
{
    const char *id = id_of(x, "hold", &w->told.thing, w->told.sequence),
               *people = id_of(x, "notice", &w->told.thing, w->told.sequence);

    if (!id || !people)
        return err_fail(err, ERR_NOMEM, "a message");
    w->messages_n = 2;
    w->messages[0] = (struct outbox_message){.id = id, .kind = kind, .ms = x->ms, .core = true};
    w->messages[1] = (struct outbox_message){.id = people, .ms = x->ms, .to = on_duty(x)};
    return core_write(x, l, n, account, w->told.sequence, &w->messages[0], err) &&
           hold_notice(x, n, kind, &w->messages[1], err);
}

/* The account is looked up where something has been said since; that nothing else has changed is
 * noted, and not told. */
static bool hold_changed(struct look *x, struct group_log *l, const struct alert_now *n,
                         const struct hash32 *thing, enum phase now, struct err *err)
{
    char state[LOOK_STATE_MAX];
    uint64_t sequence, hash;
    const char *was = state_told(x, thing, &sequence), *account = NULL;
    enum phase told = phase_told(was);
    struct look_wanted *w;
    bool silent;

    if (!alert_account_of(l, x->arena, n->object, &account, err))
        return false;
    hash = account ? short_hash(account) : 0;
    hold_state(n, now, hash, state);
    silent = is_by_core(n, told, now) || is_same_but_last(state, was);
    w = wanted_new(x, thing, state, sequence + !silent, n->object->object, err);
    if (!w || silent)
        return w || err->class == ERR_NONE;
    return hold_tell(x, l, n, hold_kind(n, told, now), account, w, err);
}

static bool hold_look(struct look *x, struct group_log *l, const struct alert_now *n,
                      struct err *err)
{
    struct hash32 thing = thing_of("hold", n->object);
    char state[LOOK_STATE_MAX];
    uint64_t sequence;
    const char *was = state_told(x, &thing, &sequence);
    enum phase told = phase_told(was), now = phase_now(n, told);

    if (!u256_zero(n->amount))
        next_at(x, n->expires);
    if (now == PHASE_NONE || (now == PHASE_ENDED && told == PHASE_ENDED))
        return true;
    hold_state(n, now, account_told(was), state);
    return !strcmp(state, was) || hold_changed(x, l, n, &thing, now, err);
}

/* ---- what waits ---- */

/* "person 1795219200000 2": what, since when, and the level that was called. */
static size_t level_told(const char *was, const char *of)
{
    size_t n = strlen(of);

    return !strncmp(was, of, n) && was[n] == ' ' ? (size_t)strtoull(was + n + 1, NULL, 10) : 0;
}

static void name_add(struct text *to, const char *s)
{
    text_printf(to, "%s%s", to->n ? ", " : "", s);
}

/* Who is called for the levels behind the one that was told; *ok false: no memory. */
static void called(struct look *x, size_t from, size_t level, const char **ret_people,
                   const char **ret_to, bool *ok)
{
    struct text people = text_new(BODY_BYTES_MAX), to = text_new(BODY_BYTES_MAX);

    for (size_t i = from + 1; i <= level; i++) {
        const struct rota_person *p = rota_on_duty(x->rota, i, x->ms);

        if (p)
            name_add(&people, p->name ? p->name : p->id);
        if (p && p->mail)
            text_printf(&to, "%s%s", to.n ? "," : "", p->mail);
    }
    *ok = !people.bad && !to.bad;
    *ret_people = *ok && people.n ? arena_string(x->arena, people.p, people.n) : NULL;
    *ret_to = *ok && to.n ? arena_string(x->arena, to.p, to.n) : NULL;
    *ok = *ok && !people.n == !*ret_people && !to.n == !*ret_to;
    text_free(&people);
    text_free(&to);
}

static bool wait_tell(struct look *x, const struct alert_now *n, const struct wait *wait,
                      size_t told, size_t level, struct look_wanted *w, struct err *err)
{
    struct outbox_message *m = &w->messages[0];
    struct notice notice = {.kind = wait->what == WAIT_PERSON && !told ? "alert" : "escalation",
                            .severity = level > 1 ? SEVERITY_CRITICAL : SEVERITY_WARNING,
                            .object = n->object->object,
                            .case_object = n->told->case_object,
                            .state = state_name(n->state),
                            .waits_for = wait_name(wait->what),
                            .since = time_kept(x, wait->since),
                            .by = wait->by ? time_kept(x, wait->by) : NULL,
                            .level = level,
                            .levels = x->rota->levels_n,
                            .to_do = wait_to_do(wait->what),
                            .restricted = is_restricted(n->object),
                            .subject =
                                printed(x, "alert %.*s waits for %s (%s), level %zu of %zu",
                                        SHORT_ID, digits(n->object->object), wait_name(wait->what),
                                        state_name(n->state), level, x->rota->levels_n)};
    bool ok;

    called(x, told, level, &notice.people, &m->to, &ok);
    m->id = id_of(x, "notice", &w->told.thing, w->told.sequence);
    m->ms = x->ms;
    w->messages_n = 1;
    if (!ok || !m->id || !notice.subject || !notice.since || (wait->by && !notice.by))
        return err_fail(err, ERR_NOMEM, "a notice");
    return notice_write(x->arena, &notice, m, err);
}

static bool wait_look(struct look *x, const struct alert_now *n, struct err *err)
{
    struct wait wait = alert_wait(n, x->core_ms, x->ms);
    char of[LOOK_STATE_MAX / 2], state[LOOK_STATE_MAX];
    size_t level, told;
    struct hash32 thing;
    uint64_t sequence;
    struct look_wanted *w;

    if (wait.what == WAIT_NOTHING)
        return true;
    level = rota_level(x->rota, wait.since, x->ms);
    next_at(x, wait.since);
    next_at(x, rota_next(x->rota, wait.since, x->ms));
    x->counts.waits[wait.what] += level > 0;
    if (!level)
        return true;
    thing = thing_of("wait", n->object);
    snprintf(of, sizeof(of), "%s %llu", wait_name(wait.what), (unsigned long long)wait.mark);
    told = level_told(state_told(x, &thing, &sequence), of);
    if (level <= told)
        return true;
    snprintf(state, sizeof(state), "%s %zu", of, level);
    w = wanted_new(x, &thing, state, sequence + 1, n->object->object, err);
    if (!w)
        return err->class == ERR_NONE;
    return wait_tell(x, n, &wait, told, level, w, err);
}

/* ---- cases ---- */

static bool case_tell(struct look *x, const struct fold_object *o, struct look_wanted *w,
                      struct err *err)
{
    struct outbox_message *m = &w->messages[0];
    bool less = o->state == CASE_RETRACTED || o->state == CASE_DISPUTED;
    struct notice notice = {.kind = "case",
                            .severity = less ? SEVERITY_WARNING : SEVERITY_INFO,
                            .object = o->object,
                            .case_object = o->object,
                            .state = state_name(o->state),
                            .to_do = "nothing",
                            .restricted = is_restricted(o),
                            .subject =
                                printed(x, "case %.*s of %s is %s", SHORT_ID, digits(o->object),
                                        o->first->e.author, state_name(o->state))};

    m->id = id_of(x, "notice", &w->told.thing, w->told.sequence);
    m->ms = x->ms;
    m->to = on_duty(x);
    w->messages_n = 1;
    return ((m->id && notice.subject) || err_fail(err, ERR_NOMEM, "a notice")) &&
           notice_write(x->arena, &notice, m, err);
}

static bool case_look(struct look *x, const struct fold_object *o, struct err *err)
{
    struct hash32 thing = thing_of("case", o);
    uint64_t sequence;
    const char *was = state_told(x, &thing, &sequence), *now = state_name(o->state);
    struct look_wanted *w;

    if (o->state == CASE_DRAFT || !strcmp(was, now))
        return true;
    w = wanted_new(x, &thing, now, sequence + 1, o->object, err);
    if (!w)
        return err->class == ERR_NONE;
    return x->quiet || case_tell(x, o, w, err);
}

/* ---- all of it ---- */

bool look_at_log(struct look *x, struct group_log *l, const struct fold *fold, struct err *err)
{
    struct arena *scratch = arena_new(NULL, LOG_FOLD_BYTES_MAX);
    const struct alert_book *book = scratch ? alert_book(scratch, fold) : NULL;
    const struct fold_object *o;
    bool ok = book || err_fail(err, ERR_NOMEM, "alerts");

    for (size_t i = 0; ok && !x->more && i < alert_book_n(book); i++) {
        struct alert_now n = alert_at(book, i, x->ms);

        if (!n.object->owner || strcmp(n.object->owner, x->member) != 0)
            continue;
        ok = hold_look(x, l, &n, err) && wait_look(x, &n, err);
    }
    for (size_t i = 0; ok && !x->more && (o = case_next(fold, &i));)
        ok = case_look(x, o, err);
    arena_free(scratch);
    return ok;
}
