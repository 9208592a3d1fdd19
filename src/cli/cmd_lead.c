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
        text_printf(to, "  %s, by %s", l->disposition, l->by ? l->by : "nobody");
    text_char(to, '\n');
}

static void or_nothing(struct text *to, const char *name, const char *value)
{
    if (value)
        text_printf(to, "  %-10s%s\n", name, value);
}

static bool show(struct call *c, struct store *s, struct err *err)
{
    struct json_out j = json_to(c->out, true);
    struct lead l;

    if (!lead_find(s, c->arena, call_arg(c, 1), &l, err))
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

static bool review(struct call *c, struct store *s, struct err *err)
{
    const char *id = call_arg(c, 1), *by = call_option(c, "by"), *as = call_option(c, "as");

    if (!by || !as)
        return err_fail(err, ERR_USAGE, "review: --as and --by are wanted");
    if (!store_begin(s, err))
        return false;
    if (!lead_review(s, id, as, by, call_option(c, "remark"), now_ms(), false, err) ||
        !store_commit(s, err)) {
        store_rollback(s);
        return false;
    }
    text_printf(c->out, "%s  %s\n", id, as);
    return true;
}

static bool cmd_lead_run(struct call *c, struct err *err)
{
    const char *word = call_arg(c, 0);
    bool lists = !strcmp(word, "list"), shows = !strcmp(word, "show"), ok;
    struct store *s;

    if (!lists && !shows && strcmp(word, "review") != 0)
        return err_fail(err, ERR_USAGE, "\"%s\": list, show or review is wanted", word);
    if (lists != !call_arg(c, 1))
        return err_fail(err, ERR_USAGE, "%s: an argument %s", word,
                        lists ? "too many" : "is missing");
    if (!leads_open(c, lists || shows ? STORE_READ : STORE_WRITE, &s, err))
        return false;
    if (lists)
        ok = list(c, s, err);
    else
        ok = shows ? show(c, s, err) : review(c, s, err);
    store_close(s);
    return ok;
}

static const struct option options[] = {
    {"status", "WORD", "of list: new, duplicate, not-reached or reviewed alone", false},
    {"as", "WORD", "of review: useful, noted or not-useful; its teller is told", false},
    {"by", "NAME", "of review: who says so", false},
    {"remark", "TEXT", "of review: why; it stays here", false},
    OPTION_HOME,
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon lead list --status new", "what outsiders have told, and nobody has looked at"},
    {"cordon lead review 5f0c... --as useful --by inv", "a person has"},
    {NULL, NULL},
};

const struct command cmd_lead = {
    .name = "lead",
    .args = "list | show LEAD | review LEAD",
    .args_min = 1,
    .args_max = 2,
    .options = options,
    .needs = NEEDS_NOTHING,
    .run = cmd_lead_run,
    .summary = "what outsiders have told the node of stolen value, and what came of it",
    .about = "Leads come in over HTTP (POST /v1/leads, docs/leads.md), and are judged by program:\n"
             "does a case that was told to all of the group reach their target? A person reviews\n"
             "those that are left; a running node writes an audit line of it. JSON:\n"
             "docs/schemas/leads.json, lead-review.json.",
    .examples = examples,
};
