#include "screen/replay.h"

#include <stdlib.h>

#define PIECE 256
#define PIECE_BYTES_MAX ((size_t)1 << 30)

struct replaying {
    struct arena *a;
    const struct replay_options *o;
    struct replay_row *rows; /* [REPLAY_ROWS_MAX] */
    struct replay r;
};

static struct replay_side side_of(const struct verdict *v)
{
    return (struct replay_side){v->decision, v->by, v->rule ? v->rule : ""};
}

static int side_order(const struct replay_side *a, const struct replay_side *b)
{
    return a->by != b->by ? (a->by > b->by) - (a->by < b->by) : strcmp(a->rule, b->rule);
}

static int row_order(const void *one, const void *other)
{
    const struct replay_row *a = one, *b = other;

    if (a->from.decision != b->from.decision)
        return a->from.decision > b->from.decision ? 1 : -1;
    if (a->to.decision != b->to.decision)
        return a->to.decision > b->to.decision ? 1 : -1;
    if (side_order(&a->from, &b->from))
        return side_order(&a->from, &b->from);
    return side_order(&a->to, &b->to);
}

static bool count(struct replaying *x, const struct replay_row *as, const char *subject,
                  struct err *err)
{
    struct replay_row *row = x->rows, *end = x->rows + x->r.rows_n;

    while (row < end && row_order(row, as))
        row++;
    if (row == end) {
        if (x->r.rows_n == REPLAY_ROWS_MAX)
            return err_fail(err, ERR_LIMIT, "more than %d kinds of decisions", REPLAY_ROWS_MAX);
        *row = *as;
        x->r.rows_n++;
    }
    if (row->n < REPLAY_EXAMPLES) {
        row->examples[row->n] = arena_string(x->a, subject, strlen(subject));
        if (!row->examples[row->n])
            return err_fail(err, ERR_NOMEM, "rules");
    }
    row->n++;
    return true;
}

static bool decide(struct replaying *x, struct arena *a, const struct question *q, struct err *err)
{
    struct screen_question question;
    struct screen_answer answer;
    struct replay_row row = {.n = 0};
    struct verdict to;
    struct err why;

    bool read = question_form_read(a, q->form, x->o->now, &question, &why);

    if (read)
        question.ledgers = x->o->ledgers;
    if (!read || !screen_decide(x->o->screener, a, &question, &answer, &why) ||
        (rules_ask_who(x->o->others) && !screen_tell(x->o->screener, a, &answer, &why))) {
        x->r.failed++;
        if (why.class != ERR_NOMEM)
            return true;
        *err = why;
        return false;
    }
    to = rules_decide(x->o->others, &answer.facts);
    row.from = side_of(&answer.verdict);
    row.to = side_of(&to);
    x->r.asked++;
    x->r.differ += row.from.decision != row.to.decision;
    return count(x, &row, q->subject, err);
}

static bool piece(struct replaying *x, struct question_filter *f, bool *ret_more, struct err *err)
{
    struct arena *a = arena_new(NULL, PIECE_BYTES_MAX);
    const struct question *q;
    size_t n = 0;
    bool ok = a ? question_list(x->o->store, a, f, PIECE, &q, &n, err)
                : err_fail(err, ERR_NOMEM, "rules");

    for (size_t i = 0; ok && i < n; i++)
        ok = decide(x, a, &q[i], err);
    if (ok && n)
        f->after = q[n - 1].id;
    *ret_more = n == PIECE;
    arena_free(a);
    return ok;
}

bool replay_rules(struct arena *a, const struct replay_options *o, struct replay *ret,
                  struct err *err)
{
    struct replaying x = {.a = a, .o = o};
    struct question_filter f = {.since = o->since};
    bool more = true;

    x.rows = ARENA_ARRAY(a, struct replay_row, REPLAY_ROWS_MAX);
    if (!x.rows)
        return err_fail(err, ERR_NOMEM, "rules");
    while (more)
        if (!piece(&x, &f, &more, err))
            return false;
    qsort(x.rows, x.r.rows_n, sizeof(*x.rows), row_order);
    x.r.rows = x.rows;
    *ret = x.r;
    return true;
}
