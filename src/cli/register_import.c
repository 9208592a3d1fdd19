/* Taking in a table of a register. A row is known when a record of its words stands; one that says
 * the same and is marked otherwise marks that record anew, and is no second one: a table that was
 * taken in, and comes again with a column of markings, must not be counted twice. */
#include "cli/register_call.h"

#include "group/map.h"

struct told { /* what is told to the audience, or a row of the table before */
    struct hash32 words;
    struct hash32 revision, last; /* what a revision of it follows */
    const char *object, *owner;
    enum tlp tlp;
    bool taken; /* a row of this table says so */
};

struct taking {
    struct call *c;
    struct group_log *log;
    const struct record_kind *kind;
    struct group_log_act state, revise;
    struct map told; /* of struct told */
    size_t stated, revised, known;
};

static bool told_put(struct taking *t, const struct told *s, struct err *err)
{
    struct told *one;

    if (map_get(&t->told, &s->words))
        return true; /* of two that say the same the first */
    one = arena_alloc(t->c->arena, sizeof(*one));
    if (!one)
        return err_fail(err, ERR_NOMEM, "a table");
    *one = *s;
    return map_put(&t->told, one) || err_fail(err, ERR_NOMEM, "a table");
}

static bool told_find(struct taking *t, struct err *err)
{
    struct records all;

    if (!records_of(t->log, t->c->arena, t->kind, &all, err))
        return false;
    for (size_t i = 0; i < all.n; i++) {
        const struct fold_object *o = all.at[i].of;
        struct told s = {
            record_words(&all.at[i].record), o->revision, o->last->e.id,
            all.at[i].record.object,         o->owner,    record_tlp(&all.at[i].record)};

        if (!strcmp(o->audience, t->state.audience) && !told_put(t, &s, err))
            return false;
    }
    return true;
}

static bool is_said(const struct taking *t, const char *object)
{
    const struct fold_object *o = fold_object(group_log_fold(t->log), object, t->state.audience);

    return o && o->first;
}

static bool row_state(struct taking *t, const struct record *r, struct err *err)
{
    struct told s = {
        .words = record_words(r), .object = r->object, .tlp = record_tlp(r), .taken = true};
    struct hash32 id;

    t->state.object = r->object;
    t->state.body = r->body;
    t->stated++;
    return group_log_say(t->log, &t->state, &id, err) && told_put(t, &s, err);
}

static bool row_revise(struct taking *t, const struct record *r, struct told *s, struct err *err)
{
    struct hash32 after[2] = {s->revision, s->last}, id;
    struct group_log_act act = t->revise;

    if (s->taken)
        return err_fail(err, ERR_INPUT, "as a row before it, and marked otherwise");
    if (strcmp(s->owner, t->state.author) != 0)
        return err_fail(err, ERR_INPUT, "\"%.20s\" is marked otherwise by %s, which alone may",
                        s->object, s->owner);
    act.object = s->object;
    act.body = r->body;
    act.after = after;
    act.after_n = 2;
    t->revised++;
    s->tlp = record_tlp(r);
    s->taken = true;
    return group_log_say(t->log, &act, &id, err);
}

static bool row_take(struct taking *t, const struct record *r, struct err *err)
{
    struct hash32 words = record_words(r);
    struct told *s = map_get(&t->told, &words);
    enum tlp tlp = record_tlp(r);

    if (s && tlp != TLP_NONE && tlp != s->tlp)
        return row_revise(t, r, s, err);
    if (!s && !is_said(t, r->object))
        return row_state(t, r, err);
    if (s)
        s->taken = true;
    t->known++;
    return true;
}

static void taken_out(const struct taking *t)
{
    struct json_out j = json_to(t->c->out, true);

    if (!call_json(t->c)) {
        text_printf(t->c->out, "%zu of kind %s stated, %zu known already", t->stated, t->kind->name,
                    t->known);
        if (t->revised)
            text_printf(t->c->out, ", %zu marked anew", t->revised);
        text_char(t->c->out, '\n');
        return;
    }
    json_object(&j);
    json_put_string(&j, "schema", "cordon.register-import/1");
    json_put_string(&j, "kind", t->kind->name);
    json_put_number(&j, "stated", t->stated);
    json_put_number(&j, "known", t->known);
    json_put_number(&j, "marked_anew", t->revised);
    json_object_end(&j);
    text_char(t->c->out, '\n');
}

static bool rows_mark(struct taking *t, struct record *rows, size_t n, struct err *err)
{
    const char *tlp = call_option(t->c, "tlp");
    enum tlp of;

    if (tlp && !tlp_read(tlp, strlen(tlp), &of))
        return err_fail(err, ERR_USAGE, "--tlp \"%s\": clear, green, amber, amber+strict or red",
                        tlp);
    for (size_t i = 0; tlp && i < n; i++)
        if (record_tlp(&rows[i]) == TLP_NONE &&
            !record_marked(t->c->arena, group_log_group(t->log), &rows[i], tlp_name(of), &rows[i],
                           err))
            return err_in(err, "row %zu", i + 1);
    return true;
}

static bool rows_take(struct taking *t, struct bytes csv, struct err *err)
{
    struct record *rows;
    size_t n;

    if (!record_csv(t->c->arena, t->kind, group_log_group(t->log), csv, &rows, &n, err) ||
        !rows_mark(t, rows, n, err) || !told_find(t, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!register_days_check(&rows[i], err) || !row_take(t, &rows[i], err))
            return err_in(err, "row %zu", i + 1);
    return group_log_commit(t->log, err);
}

struct importing {
    const struct record_kind *kind;
    struct bytes csv;
};

static bool import_run(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                       struct err *err)
{
    const struct importing *in = ctx;
    struct taking t = {.c = c, .log = l, .kind = in->kind};
    char state[OBJECT_NAME_MAX], revise[OBJECT_NAME_MAX];
    const char *audience;
    bool ok;

    if (!register_audience(c, &audience, err) ||
        !register_act_of(l, in->kind, "state", by, state, &t.state, err) ||
        !register_act_of(l, in->kind, "revise", by, revise, &t.revise, err))
        return false;
    t.state.audience = t.revise.audience = audience;
    t.state.retention = t.revise.retention = "keep";
    ok = rows_take(&t, in->csv, err);
    map_free(&t.told);
    if (ok)
        taken_out(&t);
    return ok;
}

bool register_import(struct call *c, struct err *err)
{
    const char *path = call_arg(c, call_args_n(c) - 1);
    struct importing in;

    return register_of_call(c, &in.kind, err) &&
           file_read(c->arena, path, RECORD_CSV_BYTES_MAX, &in.csv, err) &&
           (signed_run(c, false, import_run, &in, err) || err_in(err, "\"%s\"", path));
}
