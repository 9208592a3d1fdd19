/* cordon alert: traced value has come to a member; told, seen, declined. */
#include "cli/alert_call.h"
#include "cli/cli.h"
#include "serve/deposit_place.h"

#include "trace/trace.h"

/* ---- a new one ---- */

static bool plain_of_call(struct call *c, const char *name, bool wanted, const char **ret,
                          struct err *err)
{
    *ret = call_option(c, name);
    if (!*ret)
        return !wanted || err_fail(err, ERR_USAGE, "--%s is wanted", name);
    return (**ret && strlen(*ret) <= ALERT_TEXT_MAX && text_is_plain(*ret, strlen(*ret)) &&
            utf8_valid(*ret, strlen(*ret))) ||
           err_fail(err, ERR_USAGE, "--%s: empty, too long, or with control characters", name);
}

/* Chain, output and address. */
static bool where_of_call(struct call *c, struct alert_body *b, struct err *err)
{
    return plain_of_call(c, "chain", true, &b->chain, err) &&
           plain_of_call(c, "output", true, &b->output, err) &&
           plain_of_call(c, "address", false, &b->address, err);
}

static bool told_of_call(struct call *c, struct event_facts *f, struct err *err)
{
    const char *policy = call_option(c, "policy");
    enum trace_policy p;

    f->policy = policy ? policy : trace_policy_name(TRACE_FIFO);
    f->asset = call_option(c, "asset");
    if (!call_option(c, "amount"))
        return err_fail(err, ERR_USAGE, "--amount is wanted");
    if (!trace_policy_from_name(f->policy, &p))
        return err_fail(err, ERR_USAGE, "--policy \"%s\": none", policy);
    if (!f->asset || !fact_asset_valid(f->asset))
        return err_fail(err, ERR_USAGE,
                        "--asset: the coin's symbol, a token or a currency is wanted");
    if (!amount_of_call(c, "amount", &f->amount, err))
        return false;
    f->received = f->amount;
    return amount_of_call(c, "received", &f->received, err);
}

/* The alert's names, from what the call says of the deposit. */
static bool named(struct call *c, struct group_log *l, const char *author, struct event_facts *f,
                  const struct alert_body *b, struct group_log_act *a, struct err *err)
{
    struct alert_key k = {f->case_object, b->chain, b->output, f->holder, {{0}}};
    char name[OBJECT_NAME_MAX];

    if (!strcmp(author, f->holder))
        k.salt = group_log_salt(l, b->chain, b->output, author);
    f->deposit = alert_deposit(&k);
    alert_object(&k, name);
    a->object = arena_string(c->arena, name, strlen(name));
    return a->object || err_fail(err, ERR_NOMEM, "an alert");
}

/* To another member, or of a deposit of one's own. */
static bool send(struct call *c, struct group_log *l, const struct alert_act *what,
                 const struct signer *by, struct err *err)
{
    const char *author, *audience = call_option(c, "audience");
    struct group_log_act a = {.by = by};
    struct event_facts f = {.asset = NULL};
    struct alert_body b = {.account = NULL};
    const struct fold_object *of;

    (void)what;
    if (!author_of(fold_charter(group_log_fold(l)), by, &author, err) ||
        !object_find(c, group_log_fold(l), "case", call_arg(c, 1), &of, err) ||
        !where_of_call(c, &b, err) || !told_of_call(c, &f, err) || !note_of_call(c, &b.note, err))
        return false;
    f.case_object = of->object;
    f.holder = call_option(c, "holder") ? call_option(c, "holder") : author;
    a.type = strcmp(f.holder, author) ? "alert.send" : "alert.detect";
    a.facts = &f;
    a.audience = audience ? audience : of->audience;
    if (!group_name_valid(a.audience) || !group_name_valid(f.holder))
        return err_fail(err, ERR_USAGE, "--audience, --holder: a name is wanted");
    a.after = &of->revision;
    a.after_n = 1;
    return named(c, l, author, &f, &b, &a, err) &&
           alert_body_of_call(c, &b, strcmp(f.holder, author) ? "case" : RETENTION_OWN, &a, err) &&
           say_and_commit(c, l, &a, NULL, err);
}

/* ---- which deposit it is, and where it went on to ---- */

static bool open_alert(struct call *c, struct group_log *l, const struct alert_act *what,
                       const struct signer *by, struct err *err)
{
    const char *audience = call_option(c, "to");
    struct group_log_act a = {.type = "alert.open", .by = by};
    const struct fold_object *o;
    struct alert_body b;
    struct salt32 salt;

    (void)what;
    if (!object_find(c, group_log_fold(l), "alert", call_arg(c, 1), &o, err) ||
        !alert_deposit_of(l, c->arena, o, &b, err))
        return false;
    if (!b.output)
        return err_fail(err, ERR_NOT_FOUND, "\"%s\": which deposit it is is not known here",
                        o->object);
    salt = group_log_salt(l, b.chain, b.output, o->owner);
    b.salt = b.salt ? b.salt : &salt;
    b.note = NULL;
    a.object = o->object;
    a.audience = audience ? audience : o->audience;
    if (!group_name_valid(a.audience))
        return err_fail(err, ERR_USAGE, "--to \"%s\": no name of a group", a.audience);
    if (!strcmp(o->audience, a.audience) || !strcmp(o->audience, AUDIENCE_ALL)) {
        a.after = &o->first->e.id;
        a.after_n = 1;
    }
    return alert_body_of_call(c, &b, "case", &a, err) && say_and_commit(c, l, &a, NULL, err);
}

/* What the first of two would tell is told by the second alone: until then it stays at home. */
static const char *disclosed_as(const struct fold *f, const struct group_log_act *a)
{
    const struct charter *c = fold_charter(f);
    const struct charter_key *key = charter_key(c, &a->by->key);
    struct fold_event act = {.e = {.type = a->type, .facts = a->facts, .key = a->by->key}};

    if (!charter_wants_two(c, a->type) || !key)
        return "case";
    act.e.author = c->members[key->member].id;
    act.person = key->person;
    return fold_is_second(f, fold_object(f, a->object, a->audience), &act) ? "case" : RETENTION_OWN;
}

/* A ground is there, and no one person tells it. */
static bool may_disclose(const struct fold *f, const struct hash32 *id, struct err *err)
{
    const struct fold_event *e = fold_find(f, id);

    if (fold_waits_for_second(e) == !strcmp(e->e.retention, RETENTION_OWN))
        return alert_granted(f, id, err);
    return err_fail(err, ERR_DIFFERS,
                    "\"%.14s\": what is disclosed changed meanwhile: say it again", e->e.object);
}

static bool disclose(struct call *c, struct group_log *l, const struct alert_act *what,
                     const struct signer *by, struct err *err)
{
    const char *audience = call_option(c, "to"), *withdrawal = call_option(c, "withdrawal");
    struct group_log_act a = {.type = "alert.disclose", .by = by};
    struct alert_body b = {.withdrawals = &withdrawal, .withdrawals_n = withdrawal != NULL};
    struct event_facts f = {.basis = call_option(c, "basis")};
    const struct fold_object *o;

    (void)what;
    if (!f.basis)
        return err_fail(err, ERR_USAGE, "disclose: --basis is wanted");
    if (!object_find(c, group_log_fold(l), "alert", call_arg(c, 1), &o, err) ||
        (!withdrawal && !alert_paid_out(l, c->arena, o, &b, err)) || !note_of_call(c, &b.note, err))
        return false;
    if (!b.withdrawals_n)
        return err_fail(err, ERR_USAGE, "disclose: --withdrawal is wanted: none is known here");
    a.object = o->object;
    a.facts = &f;
    a.audience = audience ? audience : o->audience;
    return alert_body_of_call(c, &b, disclosed_as(group_log_fold(l), &a), &a, err) &&
           say_check_and_commit(c, l, &a, NULL, may_disclose, err);
}

/* ---- telling ---- */

static bool list(struct call *c, struct group_log *l, struct err *err)
{
    return alerts_tell(c, l, "cordon.group-alerts/1", NULL, err);
}

static void grade_text(struct text *to, unsigned doubts)
{
    const char *sep = ": ";

    text_printf(to, "  grade %s", alert_grade_name(alert_grade(doubts)));
    for (unsigned d = 1; d <= DOUBT_LAST; d <<= 1)
        if (doubts & d) {
            text_printf(to, "%s%s", sep, alert_doubt_text((enum alert_doubt)d));
            sep = "; ";
        }
    text_char(to, '\n');
}

static bool show_json(struct call *c, struct group_log *l, const struct alert_now *n,
                      const struct alert_body *of, const struct alert_place *at, struct err *err)
{
    struct json_out j = json_to(c->out, true);
    bool ok;

    json_object(&j);
    json_put_string(&j, "schema", "cordon.group-alert/1");
    alert_json(&j, n, of, at);
    ok = events_put(&j, l, c->arena, n->object, err);
    json_object_end(&j);
    text_char(c->out, '\n');
    return ok;
}

static void notice_text(struct text *to, const struct alert_notice *n)
{
    char time[ALERT_TIME_MAX];

    if (n->due)
        text_printf(to, "  notice to the account's owner is due %s", alert_time(n->due, time));
    if (n->by)
        text_printf(to, "%s until %s, %s", n->due ? ", deferred" : "  notice deferred",
                    alert_time(n->deferred, time), n->by);
    if (n->given)
        text_printf(to, "%s %s", n->due || n->by ? ", given" : "  notice given",
                    alert_time(n->given, time));
    if (n->due || n->by || n->given)
        text_printf(to, "%s\n",
                    n->due && !n->given && alert_notice_by(n) < now_ms() ? " (OVERDUE)" : "");
}

static bool show(struct call *c, struct group_log *l, struct err *err)
{
    const struct alert_book *b = alert_book(c->arena, group_log_fold(l));
    const struct fold_object *o;
    struct alert_place at;
    struct alert_body of;
    struct alert_now n;

    if (!b)
        return err_fail(err, ERR_NOMEM, "alerts");
    if (!object_find(c, group_log_fold(l), "alert", call_arg(c, 1), &o, err) ||
        !alert_deposit_of(l, c->arena, o, &of, err))
        return false;
    if (!alert_now(b, o, now_ms(), &n))
        return err_fail(err, ERR_NOT_FOUND, "\"%s\"", o->object);
    at = alert_place_of(c, &of);
    if (call_json(c))
        return show_json(c, l, &n, &of, &at, err);
    text_printf(c->out, "%s\n", o->object);
    if (strcmp(o->audience, AUDIENCE_ALL))
        text_printf(c->out, "  told to %s only\n", o->audience);
    alert_line(c->out, &n, &of);
    notice_text(c->out, &n.notice);
    if (at.at == ALERT_PLACE_UNDONE)
        text_str(c->out, "  its deposit's block was undone, and it is not on the chain now\n");
    if (n.live)
        grade_text(c->out, alert_doubts_now(&n, &of, &at));
    return object_events(c, l, o, err);
}

static const struct {
    struct alert_act what;
    alert_say_how *how;
} acts[] = {
    {{"send", "alert.send", false, false, false}, send},
    {{"detect", "alert.detect", true, true, false}, send},
    {{"open", "alert.open", false, false, false}, open_alert},
    {{"disclose", "alert.disclose", false, false, false}, disclose},
    {{"acknowledge", "alert.acknowledge", false, false, false}, alert_act},
    {{"decline", "alert.decline", false, false, false}, alert_act},
    {{"repair", "alert.repair", false, false, false}, alert_act},
    {{"relay", "alert.relay", false, false, false}, alert_act},
    {{"too-late", "alert.too-late", false, false, false}, alert_act},
    {{"void", "alert.void", false, false, false}, alert_act},
};

static bool act_run(struct call *c, struct err *err)
{
    size_t i = 0;

    while (strcmp(acts[i].what.word, c->word->name) != 0)
        i++;
    return alert_say(c, &acts[i].what, acts[i].how, err);
}

static bool list_run(struct call *c, struct err *err)
{
    return group_tell(c, list, err);
}

static bool show_run(struct call *c, struct err *err)
{
    return group_tell(c, show, err);
}

#define DEPOSIT "chain output address asset amount received policy"

static const struct word words[] = {
    {"list", NULL, NULL, list_run, "all of them, and where each stands"},
    {"show", "ALERT", NULL, show_run, "one, with all that was said of it"},
    {"send", "CASE", "holder as-node " DEPOSIT, act_run, "tell a member that it has the money"},
    {"detect", "CASE", DEPOSIT, act_run, "a deposit of one's own; the node does it by itself"},
    {"open", "ALERT", "to as-node", act_run, "tell which deposit it is"},
    {"acknowledge", "ALERT", NULL, act_run, "a person of the holder has seen it"},
    {"decline", "ALERT", "reason", act_run, "nothing is held, and why not"},
    {"repair", "ALERT", NULL, act_run, "what the own system says is not what was said"},
    {"relay", "ALERT", NULL, act_run, "the holder's own authority makes it its request"},
    {"too-late", "ALERT", "as-node", act_run, "the money is gone"},
    {"disclose", "ALERT", "to withdrawal basis", act_run, "where it went on to"},
    {"void", "ALERT", "reason as-node", act_run, "take it back"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"holder", "MEMBER", "who has the money", false},
    {"chain", "CAIP2", "which chain", false},
    {"output", "OUTPUT", "txid:vout, or the transfer's name", false},
    {"address", "ADDRESS", "that the output paid", false},
    {"asset", "ASSET", "the coin's symbol, a token or a currency", false},
    {"amount", "N", "what of it is tainted, in base units", false},
    {"received", "N", "the whole deposit (default: the amount)", false},
    {"policy", "RULE", "the rule of taint (default: fifo)", false},
    OPTION_AUDIENCE("who is told (default: whom the case was told), or was"),
    {"to", "GROUP", "who is told (default: whom the alert was told)", false},
    {"withdrawal", "OUTPUT", "where the money went on to (default: as the node found)", false},
    {"reason", "WORD", "a word of a fixed list, told where it is missing", false},
    {"basis", "WORD", "on what ground", false},
    {"account", "REF", "what the own system calls the account; it stays at home", true},
    OPTION_NOTE,
    OPTION_AS_NODE,
    OPTION_AS,
    OPTION_PASSPHRASE,
    OPTION_HOME,
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon alert send 3f9a --holder exchange --chain CAIP2 --output TXID:0 --asset BTC --amount "
     "9",
     "tell an exchange"},
    {"cordon alert acknowledge 77c0", "a person of the holder has seen it"},
    {"cordon alert decline 77c0 --reason not-our-address", "and why not"},
    {NULL, NULL},
};

const struct command cmd_alert = {
    .name = "alert",
    .words = words,
    .options = options,
    .summary = "tell members that stolen value has come to them, and answer what one is told",
    .about =
        "An alert is of one case, one deposit and the member that holds it. detect is signed by "
        "the\n"
        "node: which deposit it is stays at home until open tells it, to one audience. relay: an\n"
        "authority of the holder's country takes on a request from another country. What disclose\n"
        "tells is customer data: to one audience, with a basis. What the holder does is told by\n"
        "cordon hold. Which step is allowed from which state, and to whom, stands in "
        "docs/protocol.md.\n"
        "\n"
        "list and show tell each alert as it is now: with its case, and with what is held. JSON:\n"
        "docs/schemas/group-alerts.json, group-alert.json, group-said.json.",
    .examples = examples,
};
