#include "cli/case_findings.h"

#include "cli/group_show.h"
#include "group/finding.h"
#include "group/show.h"

static bool case_of(struct call *c, struct group_log *l, const struct fold_object **ret,
                    struct finding_of *of, struct err *err)
{
    enum body_state state;
    struct report r;

    if (!object_find(c, group_log_fold(l), "case", call_arg(c, 1), ret, err) ||
        !case_report(l, c->arena, *ret, &state, &r, err))
        return false;
    if (state != BODY_HERE)
        return err_fail(err, ERR_NOT_FOUND, "\"%s\": what was reported is %s", (*ret)->object,
                        body_state_name(state));
    of->case_object = (*ret)->object;
    of->case_id = r.file.id;
    return of->case_id ||
           err_fail(err, ERR_INPUT, "\"%s\": its case file has no id", (*ret)->object);
}

/* Those that are in the log already are left alone. */
static bool rows_say(struct group_log *l, struct group_log_act *act, const struct record *rows,
                     size_t n, size_t *known, struct err *err)
{
    struct hash32 id;

    for (size_t i = 0; i < n; i++) {
        const struct fold_object *o = fold_object(group_log_fold(l), rows[i].object, act->audience);

        act->object = rows[i].object;
        act->body = rows[i].body;
        if (o && o->first)
            ++*known;
        else if (!group_log_say(l, act, &id, err))
            return err_in(err, "finding %zu", i + 1);
    }
    return group_log_commit(l, err);
}

static bool findings_say(struct call *c, struct group_log *l, const struct signer *by, void *ctx,
                         struct err *err)
{
    const struct bytes *in = ctx;
    struct finding_of of = {.tlp = call_option(c, "tlp"), .notes = call_option(c, "note")};
    struct group_log_act act = {
        .type = "finding.state", .by = by, .retention = "keep", .now_ms = now_ms()};
    const struct charter *charter;
    const struct fold_object *o;
    struct record *rows;
    size_t n, known = 0;

    charter = fold_charter(group_log_fold(l));
    if (!charter)
        return err_fail(err, ERR_INPUT, "no charter is adopted yet");
    act.charter = &charter->hash;
    if (!author_of(charter, by, &act.author, err) || !case_of(c, l, &o, &of, err))
        return false;
    act.audience = o->audience;
    if (!findings_of_trace(c->arena, group_log_group(l), *in, &of, &rows, &n, err))
        return err_in(err, "\"%s\"", call_arg(c, 2));
    if (!rows_say(l, &act, rows, n, &known, err))
        return false;
    text_printf(c->out, "%zu finding%s stated, %zu known already\n", n - known,
                n - known == 1 ? "" : "s", known);
    return true;
}

bool case_findings(struct call *c, struct err *err)
{
    struct bytes in;

    return file_read(c->arena, call_arg(c, 2), FINDING_BYTES_MAX, &in, err) &&
           signed_run(c, false, findings_say, &in, err);
}
