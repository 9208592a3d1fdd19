#include "cli/questions_again.h"

#include "base/time.h"
#include "cli/exposures.h"
#include "cli/screening.h"
#include "screen/answer.h"

#include <time.h>

#define TRIES_MAX 5

static const struct store_schema *const schemas[] = {&question_schema};

struct telling {
    struct call *c;
    struct json_out j;
    bool lines, json, changed_only;
};

/* ---- for people ---- */

void change_text(struct text *to, const struct question_change *c)
{
    text_printf(to, "%s -> %s  %s", screen_decision_name(c->from.decision),
                screen_decision_name(c->to.decision), c->question.subject);
    if (*c->question.ref)
        text_printf(to, "  (%s)", c->question.ref);
    text_char(to, '\n');
    question_reasons_text(to, "  + ", c->difference.added);
    question_reasons_text(to, "  - ", c->difference.removed);
}

void again_counts_text(struct text *to, const struct again_counts *n)
{
    text_printf(to, "%llu asked again, %llu changed, %llu with a new potential match",
                (unsigned long long)n->asked, (unsigned long long)n->changed,
                (unsigned long long)n->matched);
    if (n->failed)
        text_printf(to, ", %llu could not be asked", (unsigned long long)n->failed);
}

void again_counts_json(struct json_out *j, const struct again_counts *n)
{
    json_put_number(j, "asked", n->asked);
    json_put_number(j, "changed", n->changed);
    json_put_number(j, "new_potential_matches", n->matched);
    json_put_number(j, "failed", n->failed);
}

static void told_text(struct text *to, const struct again_told *t)
{
    if (t->error)
        text_printf(to, "not asked  %s: %s\n", t->question->subject, t->error);
    else if (t->change)
        change_text(to, t->change);
    else
        text_printf(to, "%s  %s\n", screen_decision_name(t->question->outcome.decision),
                    t->question->subject);
}

static void tell(void *ctx, const struct again_told *t)
{
    struct telling *x = ctx;

    if (x->changed_only && !t->change && !t->error)
        return;
    if (x->lines)
        x->j = json_to(x->c->out, false);
    if (!x->lines && !x->json)
        told_text(x->c->out, t);
    else if (t->change)
        question_change_json(&x->j, t->change);
    else
        question_brief_json(&x->j, t->question, t->error);
    if (x->lines)
        text_char(x->c->out, '\n');
}

/* ---- running ---- */

static bool run(struct call *c, struct again_options o, struct again_counts *ret, struct err *err)
{
    struct exposures x;
    struct again *r = NULL;
    bool more = true, ok = exposures_open(c, o.screener, UINT32_MAX, NULL, &x, err);

    o.ledgers = &x.ledgers;
    o.cases = x.ledgers.cases;
    ok = ok && again_new(&o, &r, err);
    while (ok && more)
        ok = again_step(r, &more, err);
    if (ok)
        *ret = again_counts(r);
    again_free(r);
    exposures_close(&x);
    return ok;
}

bool kept_totals(struct call *c, struct question_totals *ret, struct err *err)
{
    struct store *s;
    bool ok;

    *ret = (struct question_totals){.questions = 0};
    if (!records_open(c, STORE_WRITE, schemas, 1, &s, err))
        return false;
    ok = question_totals(s, ret, err);
    store_close(s);
    return ok;
}

static bool ask_all(struct call *c, bool names, struct again_counts *ret, struct err *err)
{
    struct screening s;
    bool ok;

    if (!screening_open(c, names, (struct list_day){0, 0, 0}, &s, err))
        return false;
    ok = run(c,
             (struct again_options){
                 .screener = s.screener, .store = s.store, .now = (uint64_t)time(NULL)},
             ret, err);
    screening_close(&s);
    return ok;
}

bool questions_again(struct call *c, struct asked_again *ret, struct err *err)
{
    struct question_totals t;
    bool ok = false;

    ret->any = false;
    if (call_option(c, "no-again"))
        return true;
    if (!kept_totals(c, &t, err))
        return false;
    ret->any = t.questions > 0;
    ret->after = t.changes_last;
    if (!ret->any)
        return true;
    /* Tags that another process replaces meanwhile are no fault of theirs. */
    for (unsigned i = 0; !ok && i < TRIES_MAX && (!i || err->class == ERR_DIFFERS); i++)
        ok = ask_all(c, t.names > 0, &ret->counts, err);
    return ok || err_in(err, "past questions");
}

void asked_again_text(struct text *to, const struct asked_again *again)
{
    if (!again->any)
        return;
    text_str(to, "past questions: ");
    again_counts_text(to, &again->counts);
    if (again->counts.changed)
        text_printf(to, " (cordon questions changes --after %llu)",
                    (unsigned long long)again->after);
    text_char(to, '\n');
}

void asked_again_json(struct json_out *j, const struct asked_again *again)
{
    json_key(j, "again");
    if (!again->any) {
        json_null(j);
        return;
    }
    json_object(j);
    again_counts_json(j, &again->counts);
    json_put_number(j, "changes_after", again->after);
    json_object_end(j);
}

static bool again_only(const struct call *c, struct err *err)
{
    static const char *const fit[] = {"again", "changed", "format"};

    if (call_args_n(c))
        return err_fail(err, ERR_USAGE, "--again asks all past questions, and no other");
    for (size_t i = 0; i < c->given_n; i++) {
        bool fits = false;

        for (size_t k = 0; k < sizeof(fit) / sizeof(fit[0]); k++)
            fits |= !strcmp(c->given[i].option->name, fit[k]);
        if (!fits)
            return err_fail(err, ERR_USAGE, "--again and --%s do not go together",
                            c->given[i].option->name);
    }
    return true;
}

static void begin(struct telling *x, const struct screener *s)
{
    if (!x->json)
        return;
    json_object(&x->j);
    json_put_string(&x->j, "schema", "cordon.screen-again/1");
    json_key(&x->j, "stands_on");
    screen_stands_json(&x->j, s, NULL);
    json_key(&x->j, "answers");
    json_array(&x->j);
}

static void end(struct telling *x, const struct again_counts *n)
{
    if (x->json) {
        json_array_end(&x->j);
        again_counts_json(&x->j, n);
        json_object_end(&x->j);
        text_char(x->c->out, '\n');
    } else if (!x->lines) {
        again_counts_text(x->c->out, n);
        text_char(x->c->out, '\n');
    }
}

bool screen_again(struct call *c, struct err *err)
{
    const char *format = call_option(c, "format");
    struct telling x = {.c = c,
                        .j = json_to(c->out, true),
                        .lines = format && !strcmp(format, "jsonl"),
                        .json = call_json(c),
                        .changed_only = call_option(c, "changed") != NULL};
    struct again_counts n = {.asked = 0};
    struct question_totals t;
    struct screening s;
    bool ok;

    if (!again_only(c, err) || !kept_totals(c, &t, err) ||
        !screening_open(c, t.names > 0, (struct list_day){0, 0, 0}, &s, err))
        return false;
    begin(&x, s.screener);
    ok = run(c,
             (struct again_options){.screener = s.screener,
                                    .store = s.store,
                                    .now = (uint64_t)time(NULL),
                                    .all = true,
                                    .tell = tell,
                                    .ctx = &x},
             &n, err);
    screening_close(&s);
    if (!ok)
        return false;
    end(&x, &n);
    if (n.matched)
        return err_fail(err, ERR_DIFFERS, "%s", "");
    return !n.failed ||
           err_fail(err, ERR_INPUT, "%llu of %llu questions could not be asked again",
                    (unsigned long long)n.failed, (unsigned long long)(n.failed + n.asked));
}

bool time_of_call(const struct call *c, const char *option, uint64_t *ret, struct err *err)
{
    const char *given = call_option(c, option);

    *ret = 0;
    return !given || time_from_iso(given, strlen(given), ret) ||
           err_fail(err, ERR_USAGE, "--%s \"%s\": a day is wanted, as 2024-03-28", option, given);
}
