#include "cli/alert_call.h"

#include "group/instrument.h"
#include "group/record_log.h"
#include "serve/deposit_place.h"

#define FOR_MAX 1000000
#define TAKES "court-order" /* a paper that gives no such ground takes nothing */

/* ---- options ---- */

bool amount_of_call(struct call *c, const char *name, struct u256 *ret, struct err *err)
{
    const char *s = call_option(c, name);

    return !s || (u256_from_text(s, strlen(s), ret) && !u256_zero(*ret)) ||
           err_fail(err, ERR_USAGE, "--%s \"%s\": a whole number of base units above 0 is wanted",
                    name, s);
}

/* --for 90m, 24h, 3d. */
static bool for_of_call(struct call *c, uint64_t *ret, struct err *err)
{
    static const struct {
        char unit;
        uint64_t ms;
    } units[] = {{'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    const char *s = call_option(c, "for");
    size_t n = s ? strlen(s) : 0;
    uint64_t v;

    if (!s)
        return true;
    for (size_t i = 0; n > 1 && i < sizeof(units) / sizeof(units[0]); i++)
        if (s[n - 1] == units[i].unit && u64_from_text(s, n - 1, &v) && v && v <= FOR_MAX) {
            *ret = v * units[i].ms;
            return true;
        }
    return err_fail(err, ERR_USAGE,
                    "--for \"%s\": minutes, hours or days are wanted (90m, 24h, 3d)", s);
}

/* A word of a fixed list. */
static bool listed(struct call *c, const char *name, const char *const *list, const char **ret,
                   struct err *err)
{
    const char *s = call_option(c, name);
    struct text all;

    for (size_t i = 0; s && list[i]; i++)
        if (!strcmp(list[i], s)) {
            *ret = list[i];
            return true;
        }
    all = text_new(ERR_TEXT_MAX);
    for (size_t i = 0; list[i]; i++)
        text_printf(&all, "%s%s", i ? ", " : "", list[i]);
    err_set(err, ERR_USAGE, "--%s: one of %s is wanted", name,
            text_string(&all) ? all.p : "a fixed list");
    text_free(&all);
    return false;
}

static bool words_of_call(struct call *c, const char *type, struct event_facts *f, struct err *err)
{
    unsigned wanted = facts_of_type(type);

    return (!(wanted & FACT_KIND) || listed(c, "kind", hold_kinds, &f->kind, err)) &&
           (!(wanted & FACT_BASIS) || listed(c, "basis", hold_bases, &f->basis, err)) &&
           (!(wanted & FACT_REASON) || listed(c, "reason", fact_reasons(type), &f->reason, err));
}

/* How much, and until when: as the options say, else what the hold or the alert is of, for as long
 * as the charter grants. */
static bool hold_of_call(struct call *c, struct group_log *l, const struct alert_act *what,
                         const struct fold_object *o, struct event_facts *f, struct err *err)
{
    const struct event_facts *was = o->hold ? o->hold->e.facts : NULL;
    const struct charter_quotas *q = &fold_charter(group_log_fold(l))->quotas;
    bool soft = !strcmp(what->type, "alert.hold-soft"), anew = soft || what->lasts;
    uint64_t now = now_ms(), ms = soft ? q->soft_minutes * 60000 : q->hold_hours * 3600000;

    f->amount = was && strcmp(what->word, "order") ? was->amount : o->told->e.facts->amount;
    f->expires = was ? was->expires : now + ms;
    if (!amount_of_call(c, "amount", &f->amount, err) || !for_of_call(c, &ms, err))
        return false;
    if (anew || call_option(c, "for"))
        f->expires = now + ms;
    return true;
}

/* Is what the act is to go by to be told? What goes by one already is taken by that, too. */
static bool wants_instrument(struct call *c, const char *type, const struct fold_object *o)
{
    return !strcmp(type, "alert.legal") ||
           (!strcmp(type, "alert.seize") &&
            (o->state != ALERT_LEGAL || call_option(c, "instrument")));
}

/* --instrument: what a hold by law goes by, and until when it may; or what takes the money. */
static bool instrument_of_call(struct call *c, struct group_log *l, const struct fold_object *o,
                               struct event_facts *f, const struct hash32 **ret_after,
                               struct err *err)
{
    const struct fold *fold = group_log_fold(l);
    struct instrument_act act = instrument_act_of(fold, o, f->basis ? f->basis : TAKES, now_ms());
    const struct fold_object *of;
    struct record_said said;
    uint64_t until;
    bool here;

    if (!call_option(c, "instrument"))
        return err_fail(err, ERR_USAGE,
                        "--instrument: by which %s? (cordon register state instrument)",
                        f->basis ? "does it go on" : "was it seized");
    if (!object_find(c, fold, "instrument", call_option(c, "instrument"), &of, err))
        return false;
    if (of->state != RECORD_STATED)
        return err_fail(err, ERR_INPUT, "\"%.24s\" was withdrawn", of->object);
    if (strcmp(of->audience, AUDIENCE_ALL) != 0 && strcmp(of->audience, o->audience) != 0)
        return err_fail(err, ERR_INPUT, "\"%.24s\" was told to %s, and the alert to %s", of->object,
                        of->audience, o->audience);
    if (!record_of(l, c->arena, record_kind("instrument"), of, &said, &here, err))
        return false;
    if (!here || !act.holder)
        return err_fail(err, ERR_NOT_FOUND, "\"%.24s\": what was written is not here", of->object);
    if (!instrument_binds(&said.record, &act, &until, err))
        return err_in(err, "\"%.24s\"", of->object);
    if (call_option(c, "for") && f->expires > until)
        return err_fail(err, ERR_INPUT, "\"%.24s\" expires with %s: no hold by it goes on beyond",
                        of->object, record_text(&said.record, "expires"));
    if (!call_option(c, "for"))
        f->expires = until;
    *ret_after = &of->revision;
    return true;
}

bool alert_body_of_call(struct call *c, const struct alert_body *b, const char *retention,
                        struct group_log_act *a, struct err *err)
{
    if (!b->account && !b->address && !b->chain && !b->note && !b->output && !b->salt &&
        !b->withdrawals_n)
        return true;
    a->retention = retention;
    return alert_body_make(c->arena, b, &a->body, err);
}

/* ---- saying ---- */

struct saying {
    const struct alert_act *what;
    alert_say_how *how;
};

static bool under_charter(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                          struct err *err)
{
    const struct saying *s = ctx;

    return fold_charter(group_log_fold(l))
               ? s->how(c, l, s->what, by, err)
               : err_fail(err, ERR_NOT_FOUND, "no charter is adopted yet");
}

bool alert_say(struct call *c, const struct alert_act *what, alert_say_how *how, struct err *err)
{
    struct saying s = {what, how};

    return signed_run(c, what->by_node || call_option(c, "as-node"), under_charter, &s, err);
}

bool alert_granted(const struct fold *f, const struct hash32 *id, struct err *err)
{
    const struct fold_event *e = fold_find(f, id);
    const struct fold_object *o = fold_object(f, e->e.object, e->e.audience);
    const struct basis_row *row;

    if (!strcmp(e->e.type, "alert.defer"))
        return alert_may_defer(f, o, e, e->e.facts->reason, e->e.facts->expires, err) ||
               err_in(err, "\"%.14s\"", o->object);
    return alert_basis(f, o, e, &row, err);
}

/* What an authority wants to go its way a machine does not stop, and a person only knowingly. */
static bool handling_lets(struct call *c, struct group_log *l, const char *type,
                          const struct fold_object *o, struct err *err)
{
    struct handling h = handling_of(group_log_fold(l), o->told->e.facts->case_object, o->owner);
    bool soft = !strcmp(type, "alert.hold-soft");

    if (h.what == HANDLING_HOLD || (!soft && strcmp(type, "alert.order") != 0) ||
        (!soft && call_option(c, "despite-handling")))
        return true;
    return err_fail(err, ERR_INPUT, "\"%.14s\": its case is handled as %s, says %s to %s%s",
                    o->object, handling_name(h.what), h.said->e.author, h.said->e.audience,
                    soft ? "" : ": --despite-handling, if it is to be stopped nevertheless");
}

struct alert_place alert_place_of(struct call *c, const struct alert_body *of)
{
    const struct chain *chain = of->chain ? chain_by_caip2(of->chain) : NULL;
    struct alert_place at = {.at = ALERT_PLACE_UNKNOWN};
    struct live_ledgers_one one = {.chain = chain};
    struct err none;

    if (!chain || !of->output || !any_ledger_of_call(c, chain->name, &none))
        return at;
    one.coins = c->ledger;
    one.accounts = c->accounts;
    at = deposit_place_in(&one, of);
    ledgers_close(c);
    return at;
}

/* A request is taken on by an authority of the holder's country: by no other, it would be none. */
static bool relay_lets(struct group_log *l, const char *type, const struct fold_object *o,
                       const struct signer *by, struct err *err)
{
    const struct charter *c = fold_charter(group_log_fold(l));
    const struct charter_key *key = charter_key(c, &by->key);
    int64_t holder = charter_member(c, o->owner);
    const struct charter_member *m = key ? &c->members[key->member] : NULL;

    if (strcmp(type, "alert.relay") != 0 || !m || holder < 0 ||
        (m->government && !strcmp(m->country, c->members[holder].country)))
        return true;
    return err_fail(err, ERR_INPUT,
                    "\"%.14s\": its holder is of %s, and %s is no authority there: nothing would "
                    "come of it",
                    o->object, c->members[holder].country, m->id);
}

/* What binds for days, or cannot be taken back. */
static bool is_heavy(const char *type)
{
    static const char *const types[] = {"alert.order", "alert.legal", "alert.seize",
                                        "alert.return"};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (!strcmp(types[i], type))
            return true;
    return false;
}

/* A deposit that is in a block is enough to be held softly; more waits until it is deep. Where the
 * home does not know how deep it is, whoever acts has to. */
static bool depth_lets(struct call *c, struct group_log *l, const char *type,
                       const struct fold_object *o, struct err *err)
{
    static const char nevertheless[] = "--despite-depth, if it cannot wait";
    struct alert_place at;
    struct alert_body of;

    if (!is_heavy(type) || call_option(c, "despite-depth"))
        return true;
    if (!alert_deposit_of(l, c->arena, o, &of, err))
        return err_in(err, "\"%s\"", o->object);
    at = alert_place_of(c, &of);
    if (at.at == ALERT_PLACE_UNDONE)
        return err_fail(
            err, ERR_INPUT,
            "\"%.14s\": its deposit's block was undone, and it is not on the chain now: "
            "%s",
            o->object, nevertheless);
    if (at.at == ALERT_PLACE_THERE && at.depth && at.depth < ALERT_DEPTH_HIGH)
        return err_fail(
            err, ERR_INPUT,
            "\"%.14s\": its deposit is %llu of %u blocks deep, and more than a soft hold "
            "waits for that: %s",
            o->object, (unsigned long long)at.depth, ALERT_DEPTH_HIGH, nevertheless);
    return true;
}

bool alert_act(struct call *c, struct group_log *l, const struct alert_act *what,
               const struct signer *by, struct err *err)
{
    struct alert_body body = {.account = call_option(c, "account")};
    struct event_facts f = {.asset = NULL};
    struct group_log_act a = {.type = what->type, .by = by};
    const struct hash32 *instrument = NULL;
    const struct fold_object *o;
    struct hash32 after[3];

    if (!object_find(c, group_log_fold(l), "alert", call_arg(c, 1), &o, err) ||
        !handling_lets(c, l, what->type, o, err) || !depth_lets(c, l, what->type, o, err) ||
        !words_of_call(c, what->type, &f, err) || !note_of_call(c, &body.note, err) ||
        !relay_lets(l, what->type, o, by, err) ||
        (facts_of_type(what->type) & FACT_EXPIRES && !hold_of_call(c, l, what, o, &f, err)) ||
        (wants_instrument(c, what->type, o) &&
         !instrument_of_call(c, l, o, &f, &instrument, err)) ||
        !alert_body_of_call(c, &body, what->own_body ? RETENTION_OWN : "case", &a, err))
        return false;
    a.facts = facts_of_type(what->type) ? &f : NULL;
    a.object = o->object;
    a.audience = o->audience;
    after[a.after_n++] = o->first->e.id;
    if (o->last->e.ms <= now_ms() + GROUP_LOG_AHEAD_MS)
        after[a.after_n++] = o->last->e.id;
    if (instrument)
        after[a.after_n++] = *instrument;
    a.after = after;
    return say_check_and_commit(c, l, &a, NULL, alert_granted, err);
}

/* ---- telling ---- */

static void hold_text(struct text *to, const struct alert_now *n)
{
    char time[ALERT_TIME_MAX];

    if (n->state == ALERT_TOO_LATE) {
        text_str(to, n->disclosed ? "  disclosed" : "  undisclosed");
        return;
    }
    if (!n->object->hold) {
        text_printf(to, "  %s", n->live ? "no hold" : alert_why_text(n->why));
        return;
    }
    text_str(to, n->soft ? "  softly holds " : "  holds ");
    amount_put(to, n->amount);
    text_printf(to, " until %s", alert_time(n->expires, time));
    if (n->why != ALERT_WHY_NOTHING)
        text_printf(to, " (%s)", alert_why_text(n->why));
}

void alert_line(struct text *to, const struct alert_now *n, const struct alert_body *of)
{
    text_printf(to, "%.12s  %-12s  %-16s  ", strchr(n->object->object, ':') + 1,
                state_name(n->state), n->told->holder);
    amount_put(to, n->told->amount);
    text_printf(to, " %s", n->told->asset);
    hold_text(to, n);
    text_printf(to, "  case %.12s%s%s%s\n", strchr(n->told->case_object, ':') + 1,
                n->verified ? "" : " (not verified)", of->output ? "  " : "",
                of->output ? of->output : "");
}

static bool each(struct call *c, struct group_log *l, const struct alert_book *b,
                 bool (*which)(const struct alert_now *n), struct json_out *j, struct err *err)
{
    uint64_t ms = now_ms();

    for (size_t i = 0; i < alert_book_n(b); i++) {
        struct alert_now n = alert_at(b, i, ms);
        struct alert_body of;

        if (which && !which(&n))
            continue;
        if (!alert_deposit_of(l, c->arena, n.object, &of, err))
            return err_in(err, "\"%s\"", n.object->object);
        if (j) {
            json_object(j);
            alert_json(j, &n, &of, NULL);
            json_object_end(j);
        } else {
            alert_line(c->out, &n, &of);
        }
    }
    return true;
}

bool alerts_tell(struct call *c, struct group_log *l, const char *schema,
                 bool (*which)(const struct alert_now *n), struct err *err)
{
    const struct alert_book *b = alert_book(c->arena, group_log_fold(l));
    struct json_out j = json_to(c->out, true);
    bool ok;

    if (!b)
        return err_fail(err, ERR_NOMEM, "alerts");
    if (!call_json(c))
        return each(c, l, b, which, NULL, err);
    json_object(&j);
    json_put_string(&j, "schema", schema);
    json_key(&j, "alerts");
    json_array(&j);
    ok = each(c, l, b, which, &j, err);
    json_array_end(&j);
    json_object_end(&j);
    text_char(c->out, '\n');
    return ok;
}
