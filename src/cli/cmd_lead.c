/* cordon lead: what outsiders have told the node, and what a person says of it. */
#include "cli/group_call.h"

#include "group/alert_show.h"
#include "serve/config.h"
#include "serve/lead_store.h"

#define LIST_MAX 100000

static bool leads_open(struct call *c, enum store_mode mode, struct store **ret, struct err *err)
{
    static const struct store_schema *const schemas[] = {&lead_schema};
    const char *home, *path;

    return home_of_call(c, &home, err) && home_file(c, home, NODE_STORE, &path, err) &&
           store_open(path, mode, schemas, 1, ret, err);
}

/* ---- told ---- */

static void line(struct text *to, const struct lead *l)
{
    char time[ALERT_TIME_MAX];

    text_printf(to, "%s  %s  %-11s  %-6s  %s  %s", l->id, alert_time(l->ms, time), l->status,
                l->action, l->chain, l->target);
    if (l->reached)
        text_printf(to, "  reached by %s", l->reached);
    if (l->disposition)
        text_printf(to, "  %s, by %s%s", l->disposition, l->by ? l->by : "nobody",
                    l->is_signed ? "" : " (not signed)");
    text_char(to, '\n');
}

static void or_nothing(struct text *to, const char *name, const char *value)
{
    if (value)
        text_printf(to, "  %-10s%s\n", name, value);
}

static bool show_one(struct call *c, struct store *s, const char *id, struct err *err)
{
    struct json_out j = json_to(c->out, true);
    struct lead l;

    if (!lead_find(s, c->arena, id, &l, err))
        return false;
    if (call_json(c)) {
        json_object(&j);
        json_put_string(&j, "schema", "cordon.lead-review/1");
        lead_json(&j, &l, true);
        json_object_end(&j);
        text_char(c->out, '\n');
        return true;
    }
    line(c->out, &l);
    or_nothing(c->out, "tx", l.tx);
    or_nothing(c->out, "note", l.note);
    or_nothing(c->out, "key", l.key);
    or_nothing(c->out, "as", l.duplicate_of);
    or_nothing(c->out, "remark", l.remark);
    return true;
}

static bool show(struct call *c, struct store *s, struct err *err)
{
    return show_one(c, s, call_arg(c, 1), err);
}

static bool list(struct call *c, struct store *s, struct err *err)
{
    struct lead *l = ARENA_ARRAY(c->arena, struct lead, LIST_MAX);
    struct json_out j = json_to(c->out, true);
    size_t n = 0;

    if (!l)
        return err_fail(err, ERR_NOMEM, "leads");
    if (!lead_list(s, c->arena, 0, call_option(c, "status"), l, LIST_MAX, &n, err))
        return false;
    if (!call_json(c)) {
        for (size_t i = 0; i < n; i++)
            line(c->out, &l[i]);
        return true;
    }
    leads_json(&j, l, n, 0);
    text_char(c->out, '\n');
    return true;
}

/* ---- reviewed ---- */

#define MAY_REVIEW (ROLE_INVESTIGATOR | ROLE_COMPLIANCE_OFFICER | ROLE_SUPERVISOR)

static bool signed_review(struct call *c, struct store *s, const struct signer *by, struct err *err)
{
    struct lead_review r = {.disposition = call_option(c, "disposition"),
                            .remark = call_option(c, "remark"),
                            .ms = now_ms()};
    const char *id = call_arg(c, 1);

    if (!person_of_signer(c, by, MAY_REVIEW, &r.person, err) || !store_begin(s, err))
        return false;
    if (!lead_review(s, id, &r, by, err) || !store_commit(s, err)) {
        store_rollback(s);
        return false;
    }
    return show_one(c, s, id, err);
}

static bool review(struct call *c, struct store *s, struct err *err)
{
    struct signer by;
    bool ok;

    if (!call_option(c, "disposition") || !call_option(c, "as"))
        return err_fail(err, ERR_USAGE,
                        "review: what it is (--disposition), and whose key says so (--as)?");
    if (!signer_of_call(c, &by, err))
        return false;
    ok = signed_review(c, s, &by, err);
    signer_end(&by);
    return ok;
}

static bool with_leads(struct call *c, enum store_mode mode,
                       bool (*run)(struct call *, struct store *, struct err *), struct err *err)
{
    struct store *s;
    bool ok;

    if (!leads_open(c, mode, &s, err))
        return false;
    ok = run(c, s, err);
    store_close(s);
    return ok;
}

static bool list_run(struct call *c, struct err *err)
{
    return with_leads(c, STORE_READ, list, err);
}

static bool show_run(struct call *c, struct err *err)
{
    return with_leads(c, STORE_READ, show, err);
}

static bool review_run(struct call *c, struct err *err)
{
    return with_leads(c, STORE_WRITE, review, err);
}

static const struct word words[] = {
    {"list", NULL, "status", list_run, "what outsiders have told, the oldest first"},
    {"show", "LEAD", NULL, show_run, "one"},
    {"review", "LEAD", "disposition remark as passphrase-file", review_run,
     "what a person says of it, signed"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"status", "WORD", "new, duplicate, not-reached or reviewed alone", false},
    {"disposition", "useful|noted|not-useful", "what it is; its teller is told", false},
    {"remark", "TEXT", "why; it stays here", false},
    {"as", "NAME", "whose key signs", false},
    OPTION_PASSPHRASE,
    OPTION_HOME,
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon lead list --status new", "what outsiders have told, and nobody has looked at"},
    {"cordon lead review 5f0c... --disposition useful --as inv", "a person has, with its key"},
    {NULL, NULL},
};

const struct command cmd_lead = {
    .name = "lead",
    .words = words,
    .options = options,
    .summary = "what outsiders have told the node of stolen value, and what came of it",
    .about = "Leads come in over HTTP (POST /v1/leads, docs/leads.md), and are judged by program:\n"
             "does a case that was told to all of the group reach their target? A person reviews\n"
             "those that are left, and signs: in a home of a group an investigator, compliance\n"
             "officer or supervisor of the member, as the charter says. A running node writes an\n"
             "audit line of it; a review that is not as it was signed is told with exit 3. JSON:\n"
             "docs/schemas/leads.json, lead-review.json.",
    .examples = examples,
};
