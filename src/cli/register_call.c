#include "cli/register_call.h"

#include "base/time.h"
#include "cli/group_show.h"
#include "group/alert.h"
#include "group/alert_show.h"
#include "group/instrument.h"
#include "group/period.h"
#include "group/record_show.h"
#include "group/show.h"

const struct option register_options[] = {
    {"audience", "GROUP", "which group of the charter is told (default: all)", false},
    OPTION_REGISTER_TLP,
    OPTION_AS,
    OPTION_PASSPHRASE,
    OPTION_HOME,
    OPTION_REGISTER_FORMAT,
    {NULL, NULL, NULL, false},
};

bool register_of_call(struct call *c, const struct record_kind **ret, struct err *err)
{
    const char *command = c->command->name, *word = call_arg(c, 1);
    const char *name = !strcmp(command, "claims")  ? "claim"
                       : !strcmp(command, "cases") ? "incident"
                                                   : word;
    struct text all;

    *ret = name ? record_kind(name) : NULL;
    if (*ret)
        return true;
    all = text_new(ERR_TEXT_MAX);
    for (size_t i = 0; i < record_kinds_n; i++)
        text_printf(&all, "%s%s", i ? ", " : "", record_kinds[i].name);
    err_set(err, ERR_USAGE, "\"%s\" is no register: %s", name ? name : "", text_string(&all));
    text_free(&all);
    return false;
}

bool register_act_of(struct group_log *l, const struct record_kind *k, const char *word,
                     const struct signer *by, char type[OBJECT_NAME_MAX], struct group_log_act *ret,
                     struct err *err)
{
    const struct charter *charter = fold_charter(group_log_fold(l));

    if (!charter)
        return err_fail(err, ERR_INPUT, "no charter is adopted yet");
    snprintf(type, OBJECT_NAME_MAX, "%s.%s", k->name, word);
    *ret = (struct group_log_act){
        .type = type, .by = by, .charter = &charter->hash, .now_ms = now_ms()};
    return author_of(charter, by, &ret->author, err);
}

#define AHEAD_SECONDS ((uint64_t)366 * 86400)

bool register_days_check(const struct record *r, struct err *err)
{
    return record_has_been(r, now_ms() / 1000 + AHEAD_SECONDS, err);
}

bool register_audience(struct call *c, const char **ret, struct err *err)
{
    *ret = call_option(c, "audience");
    if (!*ret)
        *ret = AUDIENCE_ALL;
    return group_name_valid(*ret) ||
           err_fail(err, ERR_USAGE, "--audience \"%s\": no name of a group", *ret);
}

/* ---- one ---- */

struct acting {
    const struct record_kind *kind;
    const char *word, *id, *path;
    struct bytes fields;
};

/* What is acted on, and what the act follows. */
static bool act_on(struct call *c, struct group_log *l, const struct acting *what,
                   struct group_log_act *act, struct hash32 after[2], struct err *err)
{
    const struct fold_object *o;

    if (!object_find(c, group_log_fold(l), what->kind->name, what->id, &o, err))
        return false;
    act->object = o->object;
    act->audience = o->audience;
    after[0] = o->revision;
    after[1] = o->last->e.id;
    act->after = after;
    act->after_n = 2;
    return true;
}

/* A complaint that ended in release, while the alert holds? */
static bool outcome_check(struct call *c, struct group_log *l, const struct record *r,
                          struct err *err)
{
    const char *outcome = r->kind ? record_text(r, "outcome") : NULL;
    const struct alert_book *b;

    if (!outcome || strcmp(r->kind->name, "complaint") != 0 || strcmp(outcome, "released") != 0)
        return true;
    b = alert_book(c->arena, group_log_fold(l));
    if (!b)
        return err_fail(err, ERR_NOMEM, "alerts");
    for (size_t i = 0; i < alert_book_n(b); i++) {
        struct alert_now n = alert_at(b, i, now_ms());

        if (!strcmp(n.object->object, record_text(r, "alert")) && !u256_zero(n.amount))
            return err_fail(err, ERR_INPUT, "outcome: \"%.20s\" still holds (cordon hold release)",
                            n.object->object);
    }
    return true;
}

/* An instrument that a hold goes by, revised so that it would not bind it for as long as is told?
 * Others see how long the hold lasts, and rely on the paper for no less. */
static bool instrument_check(struct call *c, struct group_log *l, const struct record *r,
                             const char *object, struct err *err)
{
    const struct alert_book *b;
    char until_text[ALERT_TIME_MAX];

    if (!r->kind || strcmp(r->kind->name, "instrument") != 0)
        return true;
    b = alert_book(c->arena, group_log_fold(l));
    if (!b)
        return err_fail(err, ERR_NOMEM, "alerts");
    for (size_t i = 0; i < alert_book_n(b); i++) {
        struct alert_now n = alert_at(b, i, now_ms());
        struct instrument_act act;
        uint64_t until;

        if (!n.instrument || strcmp(n.instrument, object) != 0 || n.expires <= now_ms())
            continue;
        act = instrument_act_of(group_log_fold(l), n.object, n.object->hold->e.facts->basis,
                                now_ms());
        if (!act.holder)
            continue;
        if (!instrument_binds(r, &act, &until, err))
            return err_in(err, "\"%.14s\" is held by it", n.object->object);
        if (until < n.expires)
            return err_fail(err, ERR_INPUT,
                            "\"%.14s\" is held by it until %s: hold legal for less before that, or "
                            "withdraw it",
                            n.object->object, alert_time(n.expires, until_text));
    }
    return true;
}

/* A notice that is put off for longer than the matrix lets the alert's own wait? */
static bool deferral_check(struct group_log *l, const struct record *r, struct err *err)
{
    bool is = r->kind && !strcmp(r->kind->name, "notice");
    const char *until = is ? record_text(r, "deferred_until") : NULL;
    const char *by = is ? record_text(r, "deferral_basis") : NULL;
    const struct fold_object *o;
    struct period p;

    if (!until)
        return true;
    for (size_t i = 0; (o = alert_named(group_log_fold(l), record_text(r, "alert"), i)); i++)
        if (!alert_may_defer(group_log_fold(l), o, NULL, by ? by : "what is not said",
                             period_read(until, &p) ? p.to * 1000 - 1 : UINT64_MAX, err))
            return err_in(err, "deferred_until: \"%.14s\"", o->object);
    return true;
}

static bool act_run(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                    struct err *err)
{
    const struct acting *what = ctx;
    char type[OBJECT_NAME_MAX];
    struct hash32 after[2];
    struct group_log_act act;
    struct record r = {.object = NULL};

    if (!register_act_of(l, what->kind, what->word, by, type, &act, err))
        return false;
    if (what->path) {
        if (!record_make(c->arena, what->kind, group_log_group(l), what->fields, &r, err))
            return err_in(err, "\"%s\"", what->path);
        if (!register_days_check(&r, err))
            return err_in(err, "\"%s\"", what->path);
        if (!outcome_check(c, l, &r, err) || !deferral_check(l, &r, err))
            return false;
        act.body = r.body;
        act.retention = call_option(c, "own") ? RETENTION_OWN : "keep";
    }
    if (what->id) {
        if (!act_on(c, l, what, &act, after, err) || !instrument_check(c, l, &r, act.object, err))
            return false;
    } else {
        act.object = r.object;
        if (!register_audience(c, &act.audience, err))
            return false;
    }
    return say_and_commit(c, l, &act, NULL, err);
}

bool register_act(struct call *c, const char *word, const char *id, const char *path,
                  struct err *err)
{
    struct acting what = {.word = word, .id = id, .path = path};

    if (!register_of_call(c, &what.kind, err))
        return false;
    if (call_option(c, "own") && !record_is_of_holds(what.kind))
        return err_fail(err, ERR_USAGE, "--own is of instrument, notice and complaint");
    if (!strcmp(word, "withdraw") && !strcmp(what.kind->name, "complaint"))
        return err_fail(err, ERR_USAGE, "a complaint is answered (revise), and not withdrawn");
    return (!path || file_read(c->arena, path, EVENT_BODY_BYTES_MAX, &what.fields, err)) &&
           signed_run(c, false, act_run, &what, err);
}

/* ---- telling ---- */

/* What stands first in a line: its day, and who or what it is about. */
static const char *const heads[] = {"date", "published", "made", "due"};
static const char *const names[] = {"victim", "title",      "claimant", "series",
                                    "text",   "instrument", "firm"};

static const char *first_of(const struct record *r, const char *const *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (record_text(r, fields[i]))
            return record_text(r, fields[i]);
    return "";
}

static void share_put(struct text *to, const struct record *r)
{
    const char *low = record_text(r, "share_low"), *high = record_text(r, "share_high");

    if (low && high && !strcmp(low, high))
        text_printf(to, " %s %%", low);
    else if (low && high)
        text_printf(to, " %s to %s %%", low, high);
    else if (low || high)
        text_printf(to, " %s %s %%", low ? "at least" : "up to", low ? low : high);
    if (low || high)
        text_printf(to, " of %s", record_text(r, "share_of"));
}

static void claim_put(struct text *to, const struct record *r)
{
    uint64_t low, high;
    bool has_low = record_number(r, "amount_usd_low", &low);
    bool has_high = record_number(r, "amount_usd_high", &high);

    text_printf(to, "  %s, %s: %s", record_text(r, "subject"), record_text(r, "period"),
                record_text(r, "stance"));
    if (has_low && has_high && low == high)
        text_printf(to, " %llu USD", (unsigned long long)low);
    else if (has_low && has_high)
        text_printf(to, " %llu to %llu USD", (unsigned long long)low, (unsigned long long)high);
    else if (has_low || has_high)
        text_printf(to, " %s %llu USD", has_low ? "at least" : "up to",
                    (unsigned long long)(has_low ? low : high));
    share_put(to, r);
    if (record_text(r, "measure") && !strcmp(record_text(r, "measure"), "comparison"))
        text_str(to, " a comparison, no number");
}

void record_line_put(struct text *to, const struct record_said *r)
{
    const char *digits = strchr(r->of->object, ':') + 1;
    uint64_t usd;

    text_printf(to, "%.12s  %-10s  %-10s  %s", digits, r->of->owner,
                first_of(&r->record, heads, sizeof(heads) / sizeof(heads[0])),
                first_of(&r->record, names, sizeof(names) / sizeof(names[0])));
    if (!strcmp(r->record.kind->name, "claim"))
        claim_put(to, &r->record);
    if (record_number(&r->record, "amount_usd", &usd))
        text_printf(to, "  %llu USD", (unsigned long long)usd);
    if (r->of->state == RECORD_DONE)
        text_str(to, "  (done)");
    text_char(to, '\n');
}

static bool list(struct call *c, struct group_log *l, struct err *err)
{
    struct json_out j = json_to(c->out, true);
    const char *format = call_option(c, "format");
    const struct record_kind *k;
    struct records r;

    if (!register_of_call(c, &k, err) || !records_of(l, c->arena, k, &r, err))
        return false;
    if (call_json(c)) {
        register_put(&j, k, &r, UINT64_MAX);
        text_char(c->out, '\n');
    } else if (format && !strcmp(format, "csv")) {
        register_csv_put(c->out, k, &r);
    } else {
        for (size_t i = 0; i < r.n; i++)
            record_line_put(c->out, &r.at[i]);
    }
    return true;
}

bool register_list(struct call *c, struct err *err)
{
    return group_tell(c, list, err);
}

static void fields_text(struct text *to, const struct record *r)
{
    for (const struct json *value = r->of->child; value; value = value->next) {
        if (value->type == JSON_STRING)
            text_printf(to, "  %-16s %s\n", value->key, value->text);
        for (const struct json *item = value->child; item; item = item->next)
            text_printf(to, "  %-16s %s\n", item == value->child ? value->key : "", item->text);
    }
}

static void clearance_text(struct text *to, const struct clearance *of)
{
    uint64_t second = of->silent_from_ms / 1000 + (of->silent_from_ms % 1000 != 0);
    char day[TIME_DAY_MAX];

    if (!of->n)
        return;
    for (size_t i = 0; i < of->n; i++)
        text_printf(to, "  %-16s %s\n", of->rows[i].member, clearance_name(of->rows[i].state));
    text_printf(to, "  %s; ", of->cleared ? "cleared by all" : "not cleared");
    if (!of->witnessed)
        text_str(to,
                 "nobody is silent before more than half of the others have countersigned it\n");
    else if (of->silent_from_ms == CLEARANCE_NEVER_SILENT)
        text_str(to, "nobody is silent, ever\n");
    else
        text_printf(to, "who says nothing is silent from %s %02u:%02u:%02u UTC\n",
                    time_day(second, day), (unsigned)(second / 3600 % 24),
                    (unsigned)(second / 60 % 60), (unsigned)(second % 60));
}

static bool show_one(struct call *c, struct group_log *l, struct err *err)
{
    struct json_out j = json_to(c->out, true);
    const struct record_kind *k;
    const struct fold_object *o;
    struct record_said said;
    struct clearance clearance = {.n = 0};
    bool here;

    if (!register_of_call(c, &k, err) ||
        !object_find(c, group_log_fold(l), k->name, call_arg(c, call_args_n(c) - 1), &o, err) ||
        !record_of(l, c->arena, k, o, &said, &here, err))
        return false;
    if (!here)
        return err_fail(err, ERR_NOT_FOUND, "\"%s\": what was written is not here", o->object);
    if (!strcmp(k->name, "text") && !clearance_of(l, c->arena, &said, now_ms(), &clearance, err))
        return false;
    if (!call_json(c)) {
        text_printf(c->out, "%s\n", o->object);
        fields_text(c->out, &said.record);
        clearance_text(c->out, &clearance);
        return object_events(c, l, o, err);
    }
    json_object(&j);
    json_put_string(&j, "schema", "cordon.register-record/1");
    json_key(&j, "record");
    record_put(&j, &said);
    clearance_put(&j, &clearance);
    if (!events_put(&j, l, c->arena, o, err))
        return false;
    json_object_end(&j);
    text_char(c->out, '\n');
    return true;
}

bool register_show(struct call *c, struct err *err)
{
    return group_tell(c, show_one, err);
}
