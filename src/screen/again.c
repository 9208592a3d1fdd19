#include "screen/again.h"

#include "base/mem.h"
#include "screen/screen_cases.h"

#define PIECE_BYTES_MAX ((size_t)1 << 30)

struct again {
    struct again_options o;
    struct question_writer *writer;
    struct hash32 stands; /* of the screener */
    struct again_counts counts;
    uint64_t after;       /* the last question asked */
    uint64_t told, until; /* changes of an earlier run: the last one told, the last of them */
};

struct asked_again { /* beside the question of the same number */
    struct screen_answer answer;
    struct question_outcome to;
    const char *error; /* NULL: it has been answered */
    bool passed;       /* over: its answer cannot be another one */
    bool kept;         /* and stands on what it should */
    bool differs;
    struct question_difference difference;
    uint64_t change; /* 0: none, or another run's */
};

bool again_new(const struct again_options *o, struct again **ret, struct err *err)
{
    struct again *r = mem_zero(sizeof(*r));
    struct question_totals totals = {.changes_last = 0};
    bool resumed = false;

    if (!r)
        return err_fail(err, ERR_NOMEM, "asking again");
    r->o = *o;
    r->stands = screener_stands(o->screener).hash;
    if (!question_run_begin(o->store, &r->told, &resumed, err) ||
        (resumed && !question_totals(o->store, &totals, err)) ||
        !question_writer_new(o->store, &r->writer, err)) {
        mem_free(r);
        return false;
    }
    r->until = resumed ? totals.changes_last : r->told;
    *ret = r;
    return true;
}

struct again *again_free(struct again *r)
{
    if (r) {
        question_writer_free(r->writer);
        mem_free(r);
    }
    return NULL;
}

void again_ledgers(struct again *r, const struct screen_ledgers *ledgers)
{
    r->o.ledgers = ledgers;
}

struct again_counts again_counts(const struct again *r)
{
    return r->counts;
}

static void tell(struct again *r, const struct again_told *told)
{
    r->counts.asked += !told->error;
    r->counts.failed += told->error != NULL;
    if (told->change) {
        r->counts.changed++;
        r->counts.matched += told->change->difference.matches > 0;
    }
    if (r->o.tell)
        r->o.tell(r->o.ctx, told);
}

/* ---- what a run that was killed had found ---- */

static bool earlier(struct again *r, struct arena *a, struct err *err)
{
    const struct question_change *changes;
    size_t n;

    if (!question_changes(r->o.store, a, r->told, AGAIN_PIECE, &changes, &n, err))
        return false;
    for (size_t i = 0; i < n && changes[i].id <= r->until; i++)
        if (changes[i].again)
            tell(r, &(struct again_told){&changes[i].question, &changes[i], NULL});
    r->told = n ? changes[n - 1].id : r->until;
    return true;
}

/* ---- a piece ---- */

/* What of cases it would stand on now. */
static bool cases_of(struct again *r, struct arena *a, const struct question *q,
                     const struct screen_question *question, struct hash32 *ret, struct err *err)
{
    struct screen_answer answer;

    *ret = (struct hash32){{0}};
    if (q->is_name || screen_ask_cases(question, ret))
        return true;
    if (!screen_decide(r->o.screener, a, question, &answer, err))
        return false;
    *ret = answer.cases;
    return true;
}

/* Does its answer stand on this screener, and on what cases say of it? Or on another one that
 * differs by false positives alone, of which it has none? */
static void pass_over(const struct again *r, const struct question *q, const struct hash32 *cases,
                      struct asked_again *x)
{
    struct hash32 stands = question_stands(&r->stands, cases), but_matches;

    x->kept = !r->o.all && hash32_equal(&q->outcome.stands, &stands);
    x->passed = x->kept;
    if (x->kept || !r->o.but_matches || strstr(q->outcome.reasons, "listed\t"))
        return;
    but_matches = question_stands(r->o.but_matches, cases);
    x->passed = hash32_equal(&q->outcome.stands, &but_matches);
    x->to = q->outcome;
    x->to.stands = stands;
}

static bool ask_anew(struct again *r, struct arena *a, const struct question *q,
                     const struct screen_question *question, struct asked_again *x,
                     struct err *ret_why, struct err *err)
{
    if (!screen_ask(r->o.screener, a, question, &x->answer, ret_why))
        return false;
    if (!question_outcome_of(a, r->o.screener, &x->answer, &x->to, err))
        return false;
    x->differs = question_differs(&q->outcome, &x->to);
    return !x->differs ||
           question_difference(a, q->outcome.reasons, x->to.reasons, &x->difference, err);
}

static bool ask(struct again *r, struct arena *a, const struct question *q, struct asked_again *x,
                struct err *err)
{
    struct err why = {.class = ERR_NONE}, failed = {.class = ERR_NONE};
    struct screen_question question;
    struct hash32 cases;

    if (q->is_name && !r->o.all && hash32_equal(&q->outcome.stands, &r->stands)) {
        x->kept = x->passed = true; /* no case says anything of a name */
        return true;
    }
    if (question_form_read(a, q->form, r->o.now, &question, &why)) {
        question.ledgers = r->o.ledgers;
        if (cases_of(r, a, q, &question, &cases, &why)) {
            pass_over(r, q, &cases, x);
            if (x->passed || ask_anew(r, a, q, &question, x, &why, &failed))
                return true;
        }
    }
    if (failed.class != ERR_NONE || why.class == ERR_NOMEM) {
        *err = failed.class != ERR_NONE ? failed : why;
        return false;
    }
    x->error = arena_string(a, why.text, strlen(why.text));
    return x->error || err_fail(err, ERR_NOMEM, "asking again");
}

static bool written(struct again *r, const struct question *q, struct asked_again *x, size_t n,
                    struct err *err)
{
    bool any = false;

    for (size_t i = 0; i < n; i++)
        any |= !x[i].error && !x[i].kept;
    if (!any)
        return true;
    if (!store_begin(r->o.store, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!x[i].error && !x[i].kept &&
            (!question_answered(r->writer, &q[i], &x[i].to, x[i].differs ? &x[i].difference : NULL,
                                r->o.now, &x[i].change, err) ||
             !screen_record(r->o.store, NULL, r->o.now, &x[i].answer, err)))
            return false;
    return store_commit(r->o.store, err);
}

/* A change that another run was faster to write is one all the same. */
static void told(struct again *r, const struct question *q, const struct asked_again *x)
{
    struct question_change c = {.id = x->change,
                                .at = r->o.now,
                                .again = true,
                                .question = *q,
                                .from = q->outcome,
                                .to = x->to,
                                .difference = x->difference};

    tell(r, &(struct again_told){q, x->differs ? &c : NULL, x->error});
}

static bool piece(struct again *r, struct arena *a, bool *ret_more, struct err *err)
{
    bool cases = screen_cases_any(r->o.cases); /* what stands on none may stand on one now */
    struct question_filter f = {.after = r->after,
                                .not_stands = r->o.all || cases ? NULL : &r->stands};
    const struct question *q;
    struct asked_again *x;
    size_t n;

    if (!question_list(r->o.store, a, &f, AGAIN_PIECE, &q, &n, err))
        return false;
    *ret_more = n > 0;
    x = ARENA_ARRAY(a, struct asked_again, n);
    if (!x)
        return err_fail(err, ERR_NOMEM, "asking again");
    for (size_t i = 0; i < n; i++)
        if (!ask(r, a, &q[i], &x[i], err))
            return false;
    if (n && !written(r, q, x, n, err)) {
        store_rollback(r->o.store);
        return false;
    }
    for (size_t i = 0; i < n; i++)
        if (!x[i].passed)
            told(r, &q[i], &x[i]);
    r->after = n ? q[n - 1].id : r->after;
    return true;
}

bool again_step(struct again *r, bool *ret_more, struct err *err)
{
    struct arena *a = arena_new(NULL, PIECE_BYTES_MAX);
    bool ok = a || err_fail(err, ERR_NOMEM, "asking again");

    *ret_more = true;
    if (ok && r->told < r->until)
        ok = earlier(r, a, err);
    else
        ok = ok && piece(r, a, ret_more, err);
    arena_free(a);
    return ok && (*ret_more || question_run_end(r->o.store, err));
}
