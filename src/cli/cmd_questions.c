/* cordon questions: what was asked about whom, and what changed in the answers since. */
#include "base/time.h"
#include "cli/questions_again.h"

#define PAGE 1000

static const struct store_schema *const schemas[] = {&question_schema};

struct listing {
    struct call *c;
    struct json_out j;
    bool lines, json;
    uint64_t n;
};

static bool opened(struct call *c, enum store_mode mode, struct store **ret, struct err *err)
{
    if (records_open(c, mode, schemas, 1, ret, err))
        return true;
    return err->class == ERR_NOT_FOUND
               ? err_fail(err, ERR_NOT_FOUND, "nothing has been screened yet (cordon screen)")
               : false;
}

static struct listing begin(struct call *c, const char *schema, const char *what)
{
    const char *format = call_option(c, "format");
    struct listing l = {.c = c,
                        .j = json_to(c->out, true),
                        .lines = format && !strcmp(format, "jsonl"),
                        .json = call_json(c)};

    if (l.json) {
        json_object(&l.j);
        json_put_string(&l.j, "schema", schema);
        json_key(&l.j, what);
        json_array(&l.j);
    }
    return l;
}

static void end(struct listing *l, const char *none)
{
    if (l->json) {
        json_array_end(&l->j);
        json_object_end(&l->j);
        text_char(l->c->out, '\n');
    } else if (!l->lines && !l->n) {
        text_str(l->c->out, none);
    }
}

static void question_text(struct text *to, const struct question *q)
{
    text_printf(to, "%llu  %s  %s", (unsigned long long)q->id,
                screen_decision_name(q->outcome.decision), q->subject);
    if (*q->ref)
        text_printf(to, "  (%s)", q->ref);
    text_printf(to, "\n  asked %llu %s, last ", (unsigned long long)q->times,
                q->times == 1 ? "time" : "times");
    show_time(to, (uint32_t)q->last);
    text_char(to, '\n');
    question_reasons_text(to, "  ", q->outcome.reasons);
}

static void question_tell(struct listing *l, const struct question *q)
{
    l->n++;
    if (l->lines)
        l->j = json_to(l->c->out, false);
    if (l->lines || l->json)
        question_json(&l->j, q);
    else
        question_text(l->c->out, q);
    if (l->lines)
        text_char(l->c->out, '\n');
}

static void change_tell(struct listing *l, const struct question_change *x)
{
    l->n++;
    if (l->lines)
        l->j = json_to(l->c->out, false);
    if (l->lines || l->json) {
        question_change_json(&l->j, x);
    } else {
        text_printf(l->c->out, "%llu  ", (unsigned long long)x->id);
        show_time(l->c->out, (uint32_t)x->at);
        text_str(l->c->out, "  ");
        change_text(l->c->out, x);
    }
    if (l->lines)
        text_char(l->c->out, '\n');
}

/* A page at a time, each in an arena of its own. */
static bool questions_page(struct listing *l, struct store *s, struct question_filter *f,
                           bool *ret_more, struct err *err)
{
    struct arena *a = arena_new(l->c->arena, (size_t)4 << 30);
    const struct question *q;
    size_t n = 0;
    bool ok = a ? question_list(s, a, f, PAGE, &q, &n, err) : err_fail(err, ERR_NOMEM, "questions");

    for (size_t i = 0; ok && i < n; i++)
        question_tell(l, &q[i]);
    if (ok && n)
        f->after = q[n - 1].id;
    *ret_more = n == PAGE;
    arena_free(a);
    return ok;
}

static bool changes_page(struct listing *l, struct store *s, uint64_t *after, bool *ret_more,
                         struct err *err)
{
    struct arena *a = arena_new(l->c->arena, (size_t)4 << 30);
    const struct question_change *x;
    size_t n = 0;
    bool ok =
        a ? question_changes(s, a, *after, PAGE, &x, &n, err) : err_fail(err, ERR_NOMEM, "changes");

    for (size_t i = 0; ok && i < n; i++)
        change_tell(l, &x[i]);
    if (ok && n)
        *after = x[n - 1].id;
    *ret_more = n == PAGE;
    arena_free(a);
    return ok;
}

static bool run_list(struct call *c, struct err *err)
{
    struct question_filter f = {.subject = call_option(c, "subject")};
    struct address_key key;
    struct err told;
    struct listing l;
    struct store *s;
    bool more = true, ok = true;

    if (!time_of_call(c, "since", &f.since, err) || !opened(c, STORE_READ, &s, err))
        return false;
    if (f.subject && !call_option(c, "name") &&
        address_key_read(f.subject, strlen(f.subject), NULL, &key, &told))
        f.subject = key.text;
    l = begin(c, "cordon.questions/1", "questions");
    while (ok && more)
        ok = questions_page(&l, s, &f, &more, err);
    store_close(s);
    end(&l, "no such question\n");
    return ok;
}

static bool run_changes(struct call *c, struct err *err)
{
    struct listing l;
    struct store *s;
    uint64_t after;
    bool more = true, ok = true;

    if (!call_number(c, "after", INT64_MAX, 0, &after, err) || !opened(c, STORE_READ, &s, err))
        return false;
    l = begin(c, "cordon.screen-changes/1", "changes");
    while (ok && more)
        ok = changes_page(&l, s, &after, &more, err);
    store_close(s);
    end(&l, "nothing changed\n");
    return ok;
}

static bool run_forget(struct call *c, struct err *err)
{
    struct json_out j = json_to(c->out, true);
    struct store *s;
    uint64_t before, n;
    bool ok;

    if (!call_option(c, "before"))
        return err_fail(err, ERR_USAGE, "forget: --before which day?");
    if (!time_of_call(c, "before", &before, err) || !opened(c, STORE_WRITE, &s, err))
        return false;
    ok = question_forget(s, before, &n, err);
    store_close(s);
    if (!ok)
        return false;
    if (call_json(c)) {
        json_object(&j);
        json_put_string(&j, "schema", "cordon.questions-forget/1");
        json_put_number(&j, "forgotten", n);
        json_object_end(&j);
        text_char(c->out, '\n');
    } else {
        text_printf(c->out, "%llu forgotten\n", (unsigned long long)n);
    }
    return true;
}

static const struct word words[] = {
    {"", NULL, "subject name since", run_list, "all of them"},
    {"changes", NULL, "after", run_changes, "whose answer changed when it was asked again"},
    {"forget", NULL, "before", run_forget, "those of customers that nobody needs any more"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"subject", "SUBJECT", "only about that address, or that name as it was asked", false},
    {"name", NULL, "the subject is a name, whatever it looks like", false},
    {"since", "DAY", "only those that were asked since", false},
    {"after", "N", "only those behind that one", false},
    {"before", "DAY", "those that nobody has asked since", false},
    {"format", "text|json|jsonl", "how the answer is written (default: text)", false},
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon questions --subject 0x098B716B8Aaf21512996dC57EB0615e2383E2f96",
     "what was asked about an address, and answered"},
    {"cordon questions changes --after 1200", "whose answer changed since change 1200"},
    {"cordon questions forget --before 2025-01-01", "it is data of customers"},
    {NULL, NULL},
};

const struct command cmd_questions = {
    .name = "questions",
    .words = words,
    .options = options,
    .summary = "past questions, what changed in their answers, and forgetting them",
    .about = "Every question of cordon screen and of the node is kept in the records, once "
             "however often it is\n"
             "asked, with its last answer, so that it can be asked again: cordon screen --again, "
             "cordon lists\n"
             "import, and the node by itself. An answer whose decision or reasons are others than "
             "before is a\n"
             "change, with a number of its own. The node forgets what was not asked for 400 days "
             "(questions_keep\n"
             "in cordon.yaml). JSON: docs/schemas/questions.json, screen-changes.json, "
             "questions-forget.json.",
    .examples = examples,
};
