/* cordon case: what the group's members report to each other, and where each of it stands. */
#include "cli/case_findings.h"
#include "cli/group_show.h"

#include "base/json.h"
#include "group/disclosed.h"
#include "group/handling.h"
#include "group/quota.h"
#include "group/show.h"
#include "group/times.h"
#include "trace/routes.h"

/* What each word says, and what it is given. */
static const struct act {
    const char *word, *type;
    bool is_new, has_case;
} acts[] = {
    {"draft", "case.draft", true, true},       {"report", "case.report", true, true},
    {"revise", "case.revise", false, true},    {"verify", "case.verify", false, false},
    {"dispute", "case.dispute", false, false}, {"activate", "case.activate", false, false},
    {"contain", "case.contain", false, false}, {"close", "case.close", false, false},
    {"retract", "case.retract", false, false}, {"merge", "case.merge", false, false},
};

static const struct act *act_of(const char *word)
{
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
        if (!strcmp(acts[i].word, word))
            return &acts[i];
    return NULL;
}

/* ---- saying something ---- */

/* other: it is verified with another table of routes, which is named. */
static bool note_body(struct call *c, struct group_log_act *a, bool other, struct err *err)
{
    struct hash32 own = routes_trusts_hash();
    const char *note;
    struct text to;
    struct json_out j;
    bool ok;

    if (!note_of_call(c, &note, err))
        return false;
    if (!note && !other)
        return true;
    to = text_new(EVENT_BODY_BYTES_MAX);
    j = json_to(&to, false);
    json_object(&j);
    if (note)
        json_put_string(&j, "note", note);
    if (other)
        json_put_hex(&j, "routes_sha256", own.b, sizeof(own.b));
    json_object_end(&j);
    ok = text_end(&to, err);
    if (ok) {
        a->body = (struct bytes){(const uint8_t *)arena_string(c->arena, to.p, to.n), to.n};
        a->retention = "case";
        ok = a->body.p || err_fail(err, ERR_NOMEM, "a note");
    }
    text_free(&to);
    return ok;
}

static bool case_body(struct call *c, const char *path, struct group_log_act *a, struct err *err)
{
    struct report r;
    struct bytes in;

    if (!file_read(c->arena, path, EVENT_BODY_BYTES_MAX, &in, err))
        return false;
    if (!report_make(c->arena, in, &r, err))
        return err_in(err, "\"%s\"", path);
    a->body = r.body;
    a->retention = "case";
    return true;
}

/* Which contracts' word is taken is the program's, not the report's. */
static void routes_line(struct text *to, const struct report *r)
{
    struct hash32 own = routes_trusts_hash();

    if (!r->has_routes) {
        text_str(to, "  routes: the report names no table of bridges and pools\n");
        return;
    }
    text_str(to,
             "  routes: reported with another table of bridges and pools than this program's (");
    text_hex(to, r->routes.b, 4);
    text_str(to, ".., here ");
    text_hex(to, own.b, 4);
    text_str(to, "..): what goes on by them may be another trace here\n");
}

/* Whoever verifies has read what is reported, and it holds together; with another table of routes
 * that is said, to whoever does it and with the event. */
static bool may_verify(struct call *c, struct group_log *l, const struct fold_object *o,
                       bool *ret_other, struct err *err)
{
    enum body_state state;
    struct report r;

    if (!case_report(l, c->arena, o, &state, &r, err))
        return err_in(err, "\"%s\"", o->object);
    if (state != BODY_HERE)
        return err_fail(err, ERR_INPUT, "\"%s\": what is reported is %s", o->object,
                        body_state_name(state));
    *ret_other = report_routes(&r) != REPORT_ROUTES_SAME;
    if (*ret_other && !call_json(c))
        routes_line(c->out, &r);
    return true;
}

/* On an object that is there: after what it rests on. */
static bool act_on(struct call *c, struct group_log *l, const struct act *what,
                   struct group_log_act *a, struct hash32 after[2], bool *ret_other,
                   struct err *err)
{
    const char *id = call_arg(c, 1), *into = call_option(c, "into");
    const struct fold_object *o, *stays;

    if (!object_find(c, group_log_fold(l), "case", id, &o, err))
        return false;
    if (!strcmp(what->word, "merge") && !into)
        return err_fail(err, ERR_USAGE, "merge: --into is wanted");
    if (into && !object_find(c, group_log_fold(l), "case", into, &stays, err))
        return false;
    if (!strcmp(what->word, "verify") && !may_verify(c, l, o, ret_other, err))
        return false;
    a->object = o->object;
    a->audience = o->audience;
    a->into = into ? stays->object : NULL;
    after[0] = o->revision;
    after[1] = o->last->e.id;
    a->after = after;
    a->after_n = o->last->e.ms <= now_ms() + GROUP_LOG_AHEAD_MS ? 2 : 1;
    return true;
}

static bool act_say(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                    struct err *err)
{
    const struct act *what = act_of(c->word->name);
    const char *audience = call_option(c, "audience");
    struct group_log_act a = {
        .type = what->type, .by = by, .audience = audience ? audience : AUDIENCE_ALL};
    struct hash32 after[2];
    bool other = false;

    (void)ctx;
    if (!group_name_valid(a.audience))
        return err_fail(err, ERR_USAGE, "--audience \"%s\": no name of a group", a.audience);
    if (what->is_new) {
        a.object = object_new(c, "case");
        if (!a.object)
            return err_fail(err, ERR_NOMEM, "a case");
    } else if (!act_on(c, l, what, &a, after, &other, err)) {
        return false;
    }
    if (what->has_case ? !case_body(c, call_arg(c, what->is_new ? 1 : 2), &a, err)

                       : !note_body(c, &a, other, err))
        return false;
    return say_and_commit(c, l, &a, NULL, err);
}

static bool act_run(struct call *c, struct err *err)
{
    return signed_run(c, call_option(c, "as-node"), act_say, NULL, err);
}

/* ---- how it is handled ---- */

static bool is_handling(const char *word)
{
    for (const char *const *w = handling_words; *w; w++)
        if (!strcmp(*w, word))
            return true;
    return false;
}

static bool handling_say(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                         struct err *err)
{
    struct event_facts f = {.handling = call_arg(c, 2)};
    struct group_log_act a = {
        .type = "handling.set", .by = by, .audience = call_option(c, "to"), .facts = &f};
    char object[OBJECT_NAME_MAX];
    const struct fold_object *o;

    (void)ctx;
    if (!object_find(c, group_log_fold(l), "case", call_arg(c, 1), &o, err) ||
        !note_body(c, &a, false, err))
        return false;
    handling_object(o->object, object);
    a.object = object;
    act_after_last(group_log_fold(l), &a);
    return say_and_commit(c, l, &a, NULL, err);
}

static bool handling_run(struct call *c, struct err *err)
{
    const char *to = call_option(c, "to");

    if (!is_handling(call_arg(c, 2)))
        return err_fail(err, ERR_USAGE, "handling: hold, observe or none is wanted");
    if (!to || !group_name_valid(to))
        return err_fail(err, ERR_USAGE, "handling: --to is wanted: who is told, and nobody else");
    if (!strcmp(to, AUDIENCE_ALL) && strcmp(call_arg(c, 2), "hold") != 0)
        return err_fail(err, ERR_USAGE,
                        "handling: \"all\" is everybody: a group of the charter is wanted, which "
                        "alone learns of it");
    return signed_run(c, false, handling_say, NULL, err);
}

/* ---- telling ---- */

static void handling_text(struct text *to, const struct handling *h)
{
    if (h->said)
        text_printf(to, "  handling: %s, says %s to %s\n", handling_name(h->what),
                    h->said->e.author, h->said->e.audience);
}

static void case_line(struct text *to, struct group_log *l, const struct fold_object *o,
                      enum body_state state, const struct report *r)
{
    const char *title = state == BODY_HERE ? r->file.title : body_state_name(state);

    text_printf(to, "%.12s  %-9s  %-16s  ", strchr(o->object, ':') + 1, state_name(o->state),
                o->owner);
    show_ms(to, o->first->e.ms);
    text_printf(to, "  %s%s", title ? title : "",
                case_over_quota(group_log_fold(l), o) ? "  (over its member's quota)" : "");
    if (state == BODY_HERE && case_origins_cut(group_log_fold(l), r))
        text_printf(to, "  (its last %llu origins are over the quota)",
                    (unsigned long long)case_origins_cut(group_log_fold(l), r));
    text_char(to, '\n');
    if (state == BODY_HERE && report_routes(r) != REPORT_ROUTES_SAME)
        routes_line(to, r);
}

static bool list(struct call *c, struct group_log *l, struct err *err)
{
    struct json_out j = json_to(c->out, true);
    const struct fold_object *o;
    enum body_state state;
    struct report r;

    if (call_json(c)) {
        json_object(&j);
        json_put_string(&j, "schema", "cordon.group-cases/1");
        json_key(&j, "cases");
        json_array(&j);
    }
    for (size_t i = 0; (o = case_next(group_log_fold(l), &i));) {
        if (!case_report(l, c->arena, o, &state, &r, err))
            return err_in(err, "\"%s\"", o->object);
        if (call_json(c)) {
            json_object(&j);
            case_put(&j, group_log_fold(l), o, state, &r);
            json_object_end(&j);
        } else {
            case_line(c->out, l, o, state, &r);
        }
    }
    if (call_json(c)) {
        json_array_end(&j);
        json_object_end(&j);
        text_char(c->out, '\n');
    }
    return true;
}

static bool show_json(struct call *c, struct group_log *l, const struct fold_object *o,
                      enum body_state state, const struct report *r, struct err *err)
{
    struct json_out j = json_to(c->out, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.group-case/1");
    case_put(&j, group_log_fold(l), o, state, r);
    if (!case_story_put(&j, l, c->arena, o, state, r, err))
        return false;
    json_object_end(&j);
    text_char(c->out, '\n');
    return true;
}

/* What goes on from a withdrawal that the holder of an alert has disclosed, the newest one. */
static bool disclosed_find(struct call *c, struct group_log *l, const struct fold_object *o,
                           struct bytes *text, struct err *err)
{
    const char *alert = call_option(c, "disclosed");
    struct disclosed d = {.alert = NULL}, next;
    size_t n = strlen(alert);
    bool any = true;

    for (size_t at = 0; any;) {
        if (!disclosed_next(l, c->arena, &at, &next, &any, err))
            return false;
        if (any && !strcmp(next.case_object, o->object) &&
            (!strcmp(next.alert, alert) || !strncmp(strchr(next.alert, ':') + 1, alert, n)))
            d = next;
    }
    if (!d.alert)
        return err_fail(err, ERR_NOT_FOUND, "\"%s\": nothing that is disclosed of it is here",
                        alert);
    return disclosed_case(c->arena, *text, &d, text, err);
}

static bool case_file_out(struct call *c, struct group_log *l, const struct fold_object *o,
                          const struct report *r, struct err *err)
{
    struct bytes text = r->text;
    struct out_file out;

    if ((call_option(c, "disclosed") && !disclosed_find(c, l, o, &text, err)) ||
        !out_open(c, call_option(c, "out"), &out, err))
        return false;
    text_put(out.to, (const char *)text.p, text.n);
    text_char(out.to, '\n');
    return out_close(&out, true, err);
}

static bool show(struct call *c, struct group_log *l, struct err *err)
{
    const struct fold_object *o;
    struct handling handling;
    enum body_state state;
    struct report r;

    if (!object_find(c, group_log_fold(l), "case", call_arg(c, 1), &o, err) ||
        !case_report(l, c->arena, o, &state, &r, err))
        return false;
    if (call_option(c, "out"))
        return state == BODY_HERE ? case_file_out(c, l, o, &r, err)
                                  : err_fail(err, ERR_NOT_FOUND, "\"%s\": what was reported is %s",
                                             o->object, body_state_name(state));
    if (call_json(c))
        return show_json(c, l, o, state, &r, err);
    text_printf(c->out, "%s\n", o->object);
    if (strcmp(o->audience, AUDIENCE_ALL))
        text_printf(c->out, "  told to %s only\n", o->audience);
    if (o->state == CASE_MERGED)
        text_printf(c->out, "  goes on as %s\n", o->last->e.into);
    handling = handling_of(group_log_fold(l), o->object, NULL);
    handling_text(c->out, &handling);
    case_line(c->out, l, o, state, &r);
    return object_events(c, l, o, err);
}

static void seconds_put(struct text *to, uint64_t ms)
{
    text_printf(to, "%9llu.%03u s", (unsigned long long)(ms / 1000), (unsigned)(ms % 1000));
}

static bool times(struct call *c, struct group_log *l, struct err *err)
{
    struct receipts receipts;
    struct times_of of = {.receipts = &receipts};
    struct times_row *rows;
    size_t n;

    if (!group_log_receipts(l, c->arena, &receipts, err) ||
        !times_of(c->arena, group_log_fold(l), &of, &rows, &n, err))
        return false;
    if (call_json(c)) {
        times_json(c->out, rows, n, true);
        text_char(c->out, '\n');
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        text_printf(c->out, "%-16s  %-18s  %6llu  p50", rows[i].member, times_name(rows[i].kind),
                    (unsigned long long)rows[i].n);
        seconds_put(c->out, rows[i].p50_ms);
        text_str(c->out, "  p95");
        seconds_put(c->out, rows[i].p95_ms);
        text_char(c->out, '\n');
    }
    return true;
}

static bool list_run(struct call *c, struct err *err)
{
    return group_tell(c, list, err);
}

static bool show_run(struct call *c, struct err *err)
{
    return group_tell(c, show, err);
}

static bool times_run(struct call *c, struct err *err)
{
    return group_tell(c, times, err);
}

static const struct word words[] = {
    {"list", NULL, NULL, list_run, "all of them, and where each stands"},
    {"show", "CASE", "out disclosed", show_run, "one, with all that was said of it"},
    {"times", NULL, NULL, times_run, "how fast members report, receive, acknowledge, hold"},
    {"draft", "FILE", "as-node", act_run, "a case that its member has not reported yet"},
    {"report", "FILE", "as-node", act_run, "tell the group of a case"},
    {"revise", "CASE FILE", NULL, act_run, "report it anew"},
    {"verify", "CASE", NULL, act_run, "by an investigator of another member"},
    {"dispute", "CASE", NULL, act_run, "it is not so"},
    {"activate", "CASE", "as-node", act_run, "it is followed"},
    {"contain", "CASE", NULL, act_run, "what is left of it is held, or lost"},
    {"close", "CASE", NULL, act_run, "nothing more is to be done"},
    {"retract", "CASE", NULL, act_run, "it was reported in error"},
    {"merge", "CASE", "into", act_run, "it goes on as another"},
    {"handling", "CASE hold|observe|none", "to", handling_run,
     "an authority's word to one group, sealed to it"},
    {"findings", "CASE TRACE.json", "tlp", case_findings, "tell the group what a trace says of it"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"audience", "GROUP", "which group of the charter is told (default: all)", false},
    OPTION_NOTE,
    {"into", "CASE", "the case that stays", false},
    {"to", "GROUP", "who is told; nobody else learns of it", false},
    {"out", "FILE", "the case file alone, for cordon trace", false},
    {"disclosed", "ALERT", "with --out: what goes on from a withdrawal that is disclosed", false},
    {"tlp", "clear|green|amber|amber+strict|red", "how they are marked", false},
    OPTION_AS_NODE,
    OPTION_AS,
    OPTION_PASSPHRASE,
    OPTION_HOME,
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon case report theft.json", "tell the group of a theft"},
    {"cordon case verify 3f9a --note 'seen on chain'", "by an investigator of another member"},
    {"cordon case handling 3f9a observe --to two", "a controlled delivery"},
    {"cordon case show 3f9a --out case.json", "what cordon trace reads"},
    {"cordon case findings 3f9a trace.json", "tell the group what a trace says of it"},
    {NULL, NULL},
};

const struct command cmd_case = {
    .name = "case",
    .words = words,
    .options = options,
    .summary = "report cases to the group, verify or dispute those of others, and see them",
    .about =
        "A report is a case file as cordon trace reads it, with what its trace depends on pinned: "
        "policy,\n"
        "limits, version of the rules, hashes of the stops and of the known routes. Which step is\n"
        "allowed from which state, and to whom, stands in docs/protocol.md. What would have no "
        "effect is\n"
        "refused, with the reason; what others said without effect is shown with the reason.\n"
        "\n"
        "findings takes what cordon trace --format json says of the case, and tells the group the "
        "sums, the\n"
        "stops, the shapes and the largest ways (the register finding): the quarter's pack counts "
        "them.\n"
        "\n"
        "handling is an authority's word to one group of the charter, sealed to it: hold, observe\n"
        "(a controlled delivery: what comes to a member of that group is told to it alone, and "
        "held\n"
        "by no machine) or none (nothing is told, either).\n"
        "\n"
        "What is said here reaches other members by cordon log export and import. A case is named "
        "by its\n"
        "digits, or as many of the first as tell it from others. JSON: "
        "docs/schemas/group-case.json,\n"
        "group-cases.json.",
    .examples = examples,
};
