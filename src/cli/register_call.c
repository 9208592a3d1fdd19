#include "cli/register_call.h"

#include "cli/group_show.h"
#include "group/alert.h"
#include "group/record_show.h"
#include "group/show.h"

const struct option register_options[] = {
    {"audience", "GROUP", "of import: which group of the charter is told (default: all)", false},
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

/* ---- taking in ---- */

static bool is_said(const struct fold *f, const char *object, const char *audience)
{
    const struct fold_object *o = fold_object(f, object, audience);

    return o && o->first;
}

/* Fills in who says it under which charter. */
static bool act_of(struct group_log *l, const struct record_kind *k, const char *word,
                   const struct signer *by, char type[OBJECT_NAME_MAX], struct group_log_act *ret,
                   struct err *err)
{
    const struct charter *charter = fold_charter(group_log_fold(l));

    if (!group_log_fold(l))
        return err_fail(err, ERR_NOT_FOUND, "this home is of no group yet");
    if (!charter)
        return err_fail(err, ERR_INPUT, "no charter is adopted yet");
    snprintf(type, OBJECT_NAME_MAX, "%s.%s", k->name, word);
    *ret = (struct group_log_act){
        .type = type, .by = by, .charter = &charter->hash, .now_ms = now_ms()};
    return author_of(charter, by, &ret->author, err);
}

static bool audience_of_call(struct call *c, const char **ret, struct err *err)
{
    *ret = call_option(c, "audience");
    if (!*ret)
        *ret = AUDIENCE_ALL;
    return group_name_valid(*ret) ||
           err_fail(err, ERR_USAGE, "--audience \"%s\": no name of a group", *ret);
}

static void taken_out(struct call *c, const struct record_kind *k, size_t taken, size_t known)
{
    struct json_out j = json_to(c->out, true);

    if (!call_json(c)) {
        text_printf(c->out, "%zu of kind %s stated, %zu known already\n", taken, k->name, known);
        return;
    }
    json_object(&j);
    json_put_string(&j, "schema", "cordon.register-import/1");
    json_put_string(&j, "kind", k->name);
    json_put_number(&j, "stated", taken);
    json_put_number(&j, "known", known);
    json_object_end(&j);
    text_char(c->out, '\n');
}

static bool rows_say(struct call *c, struct group_log *l, const struct record_kind *k,
                     struct bytes csv, const struct signer *by, struct err *err)
{
    char type[OBJECT_NAME_MAX];
    struct group_log_act act;
    size_t n, known = 0;
    struct record *rows;
    const char *audience;
    struct hash32 id;

    if (!audience_of_call(c, &audience, err) || !act_of(l, k, "state", by, type, &act, err) ||
        !record_csv(c->arena, k, group_log_group(l), csv, &rows, &n, err))
        return false;
    act.audience = audience;
    act.retention = "keep";
    for (size_t i = 0; i < n; i++) {
        act.object = rows[i].object;
        act.body = rows[i].body;
        if (is_said(group_log_fold(l), act.object, audience))
            known++;
        else if (!group_log_say(l, &act, &id, err))
            return err_in(err, "row %zu", i + 1);
    }
    if (!group_log_commit(l, err))
        return false;
    taken_out(c, k, n - known, known);
    return true;
}

/* With the log open for writing, and a key to sign with. */
typedef bool signed_fn(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                       struct err *err);

static bool record_signed_run(struct call *c, signed_fn *run, void *ctx, struct err *err)
{
    struct group_log *l;
    struct signer by;
    bool ok;

    if (!signer_of_call(c, &by, err))
        return false;
    ok = home_log_open(c, STORE_WRITE, &l, err);
    if (ok) {
        ok = run(c, l, &by, ctx, err);
        group_log_close(l);
    }
    signer_end(&by);
    return ok;
}

struct importing {
    const struct record_kind *kind;
    struct bytes csv;
};

static bool import_run(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                       struct err *err)
{
    const struct importing *in = ctx;

    return rows_say(c, l, in->kind, in->csv, by, err);
}

bool register_import(struct call *c, const char *path, struct err *err)
{
    struct importing in;

    return register_of_call(c, &in.kind, err) &&
           file_read(c->arena, path, RECORD_CSV_BYTES_MAX, &in.csv, err) &&
           (record_signed_run(c, import_run, &in, err) || err_in(err, "\"%s\"", path));
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

static bool act_run(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                    struct err *err)
{
    const struct acting *what = ctx;
    char type[OBJECT_NAME_MAX];
    struct hash32 after[2];
    struct group_log_act act;
    struct record r = {.object = NULL};

    if (!act_of(l, what->kind, what->word, by, type, &act, err))
        return false;
    if (what->path) {
        if (!record_make(c->arena, what->kind, group_log_group(l), what->fields, &r, err))
            return err_in(err, "\"%s\"", what->path);
        if (!outcome_check(c, l, &r, err))
            return false;
        act.body = r.body;
        act.retention = "keep";
    }
    if (what->id) {
        if (!act_on(c, l, what, &act, after, err))
            return false;
    } else {
        act.object = r.object;
        if (!audience_of_call(c, &act.audience, err))
            return false;
    }
    return say_and_commit(c, l, &act, NULL, err);
}

bool register_act(struct call *c, const char *word, const char *id, const char *path,
                  struct err *err)
{
    struct acting what = {.word = word, .id = id, .path = path};

    return register_of_call(c, &what.kind, err) &&
           (!path || file_read(c->arena, path, EVENT_BODY_BYTES_MAX, &what.fields, err)) &&
           record_signed_run(c, act_run, &what, err);
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
    for (size_t i = 0; i < of->n; i++)
        text_printf(to, "  %-16s %s\n", of->rows[i].member, clearance_name(of->rows[i].state));
    if (of->n)
        text_printf(to, "  %s\n", of->cleared ? "cleared by all" : "not cleared");
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
