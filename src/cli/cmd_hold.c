/* cordon hold: what a member does about an alert that it holds. */
#include "cli/alert_call.h"

static const struct alert_act acts[] = {
    {"soft", "alert.hold-soft", true, true, true},
    {"order", "alert.order", false, true, true},
    {"enforced", "alert.enforce", true, true, false},
    {"extend", "alert.extend", false, false, true},
    {"release", "alert.release", false, false, false},
    {"legal", "alert.legal", false, false, true},
    {"seized", "alert.seize", false, false, false},
    {"returned", "alert.return", false, false, false},
    {"void", "alert.void", false, false, false},
    {"notice", "alert.notice", false, false, false},
    {"defer", "alert.defer", false, false, true},
};

static bool is_held(const struct alert_now *n)
{
    return n->object->hold;
}

static bool list(struct call *c, struct group_log *l, struct err *err)
{
    return alerts_tell(c, l, "cordon.group-holds/1", is_held, err);
}

/* ---- what a withdrawal meets ---- */

static bool owner_of_home(struct call *c, struct group_log *l, const char **ret, struct err *err)
{
    struct signer by;
    bool ok;

    if (!fold_charter(group_log_fold(l)))
        return err_fail(err, ERR_NOT_FOUND, "no charter is adopted yet");
    if (!node_signer(c, &by, err))
        return false;
    ok = author_of(fold_charter(group_log_fold(l)), &by, ret, err);
    signer_end(&by);
    return ok;
}

#define MET_MAX 100

static void met_json(struct text *to, const struct alert_held *held, size_t n)
{
    struct json_out j = json_to(to, true);
    char time[ALERT_TIME_MAX];

    json_object(&j);
    json_put_string(&j, "schema", "cordon.hold-check/1");
    json_put_bool(&j, "held", n > 0);
    json_key(&j, "alerts");
    json_array(&j);
    for (size_t i = 0; i < n; i++) {
        json_object(&j);
        json_put_string(&j, "by", held[i].by);
        json_put_string(&j, "alert", held[i].alert);
        json_put_string(&j, "case", held[i].case_object);
        json_put_string(&j, "asset", held[i].asset);
        json_put_u256(&j, "amount", held[i].amount);
        json_put_string(&j, "expires", alert_time(held[i].expires, time));
        json_put_string(&j, "reason", held[i].reason);
        json_put_bool(&j, "verified", held[i].verified);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
}

static void met_text(struct text *to, const struct alert_held *held, size_t n)
{
    char time[ALERT_TIME_MAX];

    text_str(to, n ? "HOLD\n" : "nothing holds it\n");
    for (size_t i = 0; i < n; i++) {
        text_printf(to, "  by %s: alert %.12s of case %.12s, ", held[i].by,
                    strchr(held[i].alert, ':') + 1, strchr(held[i].case_object, ':') + 1);
        amount_put(to, held[i].amount);
        text_printf(to, " %s until %s%s\n", held[i].asset, alert_time(held[i].expires, time),
                    held[i].reason ? "" : ", by machine");
    }
}

static bool check(struct call *c, struct group_log *l, struct err *err)
{
    struct alert_asked q = {.chain = call_option(c, "chain"),
                            .address = call_option(c, "address"),
                            .account = call_option(c, "account"),
                            .output = call_option(c, "output")};
    struct alert_held held[MET_MAX];
    const struct alert_gate *g;
    const char *holder;
    size_t n;

    if (!q.address && !q.account && !q.output)
        return err_fail(err, ERR_USAGE, "check: --account, --address or --output is wanted");
    if (!owner_of_home(c, l, &holder, err) ||
        !alert_gate_make(l, c->arena, holder, now_ms(), &g, err))
        return false;
    n = alert_gate_ask(g, &q, now_ms(), held, MET_MAX);
    if (call_json(c))
        met_json(c->out, held, n);
    else
        met_text(c->out, held, n);
    return true;
}

/* ---- the command ---- */

static bool act_run(struct call *c, struct err *err)
{
    struct alert_act what;
    size_t i = 0;

    while (strcmp(acts[i].word, c->word->name) != 0)
        i++;
    what = acts[i];
    if (call_option(c, "part"))
        what.type = "alert.enforce-part";
    return alert_say(c, &what, alert_act, err);
}

static bool list_run(struct call *c, struct err *err)
{
    return group_tell(c, list, err);
}

static bool check_run(struct call *c, struct err *err)
{
    return group_tell(c, check, err);
}

static const struct word words[] = {
    {"list", NULL, NULL, list_run, "what is held, what of it is in force now, and why not"},
    {"check", NULL, "address output chain", check_run,
     "what a withdrawal meets that names an account, an address or a deposit"},
    {"soft", "ALERT", NULL, act_run, "by the node's key, for a short time"},
    {"order", "ALERT", "kind reason basis despite-handling despite-depth", act_run,
     "by a compliance officer"},
    {"enforced", "ALERT", "part", act_run, "the own system has done it"},
    {"extend", "ALERT", "basis", act_run, "for longer"},
    {"release", "ALERT", NULL, act_run, "it may be paid out"},
    {"legal", "ALERT", "basis instrument despite-depth", act_run,
     "an instrument has arrived, and it goes on by that"},
    {"seized", "ALERT", "instrument despite-depth", act_run,
     "an authority has taken it, by an instrument"},
    {"returned", "ALERT", "despite-depth", act_run, "to the victim"},
    {"void", "ALERT", "reason as-node", act_run, "take it back"},
    {"notice", "ALERT", NULL, act_run, "the account's owner was told"},
    {"defer", "ALERT", "reason", act_run, "the owner is told later, by which ground"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"amount", "N", "in base units (default: what is held, or all that is tainted)", false},
    {"for", "TIME",
     "how long from now: 90m, 24h, 3d (default: as long as charter or instrument grant)", false},
    {"kind", "WORD", "what is done to the account", false},
    {"reason", "WORD", "a word of a fixed list, told where it is missing", false},
    {"basis", "WORD", "on what ground", false},
    {"instrument", "ID", "the register's entry that it goes by, or is taken by", false},
    {"account", "REF", "what the own system calls the account; it stays at home", false},
    {"despite-handling", NULL, "although its case is to be observed, or left alone", false},
    {"despite-depth", NULL, "although its deposit is not deep enough", false},
    {"part", NULL, "only a part could be held", false},
    {"address", "ADDRESS", "that was paid, or that pays", false},
    {"output", "OUTPUT", "the deposit that is paid out", false},
    {"chain", "CHAIN", "of the address or output", false},
    OPTION_AUDIENCE("of the alert, where it was told to several"),
    OPTION_NOTE,
    OPTION_AS_NODE,
    OPTION_AS,
    OPTION_PASSPHRASE,
    OPTION_HOME,
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon hold soft 77c0 --account cust-81", "by machine, at once, for as long as it may"},
    {"cordon hold order 77c0 --kind account-restriction --reason theft --basis tos --for 24h",
     "by a compliance officer"},
    {"cordon hold enforced 77c0", "the own system has done it"},
    {"cordon hold check --account cust-81", "may it be paid out?"},
    {NULL, NULL},
};

const struct command cmd_hold = {
    .name = "hold",
    .words = words,
    .options = options,
    .summary = "hold what an alert is of: softly, by order, enforced, extended, released",
    .about = "Every hold has an end. Kinds, reasons and bases are fixed lists, told where one is "
             "missing.\n"
             "What is more than a soft hold waits until the deposit is six blocks deep. JSON:\n"
             "docs/schemas/group-holds.json, hold-check.json, group-said.json.",
    .examples = examples,
};
