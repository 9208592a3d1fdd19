#include "screen/question.h"

#include "base/mem.h"
#include "screen/batch.h"

#include <stdio.h>
#include <stdlib.h>

#define FIELDS 5

/* ---- the form ---- */

static void put_word(struct json_out *j, const char *key, const char *word)
{
    if (word && *word)
        json_put_string(j, key, word);
}

static void born_json(struct json_out *j, const struct name_facts *f)
{
    char day[16];
    int n = snprintf(day, sizeof(day), "%04u", f->birth_year % 10000u);

    if (!f->birth_year)
        return;
    if (f->birth_month)
        n += snprintf(day + n, sizeof(day) - (size_t)n, "-%02u", f->birth_month % 100u);
    if (f->birth_month && f->birth_day)
        snprintf(day + n, sizeof(day) - (size_t)n, "-%02u", f->birth_day % 100u);
    json_put_string(j, "born", day);
}

static void facts_json(struct json_out *j, const struct name_facts *f)
{
    born_json(j, f);
    put_word(j, "nationality", f->nationality);
    if (f->ids_n == 1)
        json_put_string(j, "document", f->ids[0]);
    if (f->ids_n < 2)
        return;
    json_key(j, "documents");
    json_array(j);
    for (size_t i = 0; i < f->ids_n; i++)
        json_string(j, f->ids[i]);
    json_array_end(j);
}

static void form_json(struct json_out *j, const struct screen_question *q, const char *tx,
                      const char *address)
{
    json_object(j);
    switch (q->subject) {
    case SCREEN_OF_TRANSFER:
        json_put_string(j, "tx", tx);
        put_word(j, "address", address);
        put_word(j, "chain", q->chain);
        break;
    case SCREEN_OF_ADDRESS:
        json_put_string(j, "address", address);
        put_word(j, "chain", q->chain);
        break;
    case SCREEN_OF_NAME:
        json_put_string(j, "name", q->name);
        if (q->kind != NAME_UNKNOWN)
            json_put_string(j, "kind", name_kind_text(q->kind));
        if (q->mode == NAME_MODE_OFAC)
            json_put_string(j, "mode", "ofac");
        if (q->threshold)
            json_put_number(j, "threshold", q->threshold);
        facts_json(j, &q->facts);
        break;
    }
    json_put_string(j, "direction", screen_direction_name(q->direction));
    if (q->asset) {
        put_word(j, "asset", q->asset);
        json_put_number(j, "decimals", q->decimals);
        json_put_u256(j, "amount", q->amount);
    }
    json_object_end(j);
}

static bool form_of(struct arena *a, const struct screen_question *q, const char *tx,
                    const char *address, const char **ret, size_t *ret_n, struct err *err)
{
    struct text t = text_new(QUESTION_FORM_BYTES_MAX);
    struct json_out j = json_to(&t, false);
    bool ok;

    form_json(&j, q, tx, address);
    ok = text_end(&t, err) &&
         (utf8_valid(t.p, t.n) || err_fail(err, ERR_INPUT, "the question: not UTF-8"));
    if (ok) {
        *ret = arena_string(a, t.p, t.n);
        *ret_n = t.n;
        ok = *ret || err_fail(err, ERR_NOMEM, "a question");
    }
    text_free(&t);
    return ok;
}

static bool documents_read(struct arena *a, const struct json *list, struct name_facts *ret,
                           struct err *err)
{
    const char **ids = list ? ARENA_ARRAY(a, const char *, list->children_n) : NULL;
    size_t n = 0;

    if (!list)
        return true;
    if (!ids)
        return err_fail(err, ERR_NOMEM, "a question");
    for (const struct json *j = list->child; j; j = j->next)
        if (!json_text(j, "documents", &ids[n++], err))
            return false;
    ret->ids = ids;
    ret->ids_n = n;
    return true;
}

bool question_form_read(struct arena *a, const char *form, uint64_t now,
                        struct screen_question *ret, struct err *err)
{
    struct screen_question usual = {.kind = NAME_UNKNOWN, .now = now};
    const struct json *object, *threshold;
    const char *ref;
    uint64_t per_mille = 0;

    if (!json_read(a, form, strlen(form), &object, err) ||
        !screen_question_read(a, &usual, object, ret, &ref, err) ||
        !documents_read(a, json_get(object, "documents"), &ret->facts, err))
        goto bad;
    threshold = json_get(object, "threshold");
    if (threshold && (!json_u64(threshold, "threshold", &per_mille, err) || per_mille > 1000))
        goto bad;
    ret->threshold = (uint32_t)per_mille;
    if (json_is_string(json_get(object, "mode"), "ofac"))
        ret->mode = NAME_MODE_OFAC;
    return true;
bad:
    if (err->class == ERR_INPUT)
        err->class = ERR_CORRUPT;
    return err_in(err, "a kept question");
}

/* ---- what an answer rested on ---- */

/* Tabs and line ends part fields and lines. */
static void field(struct text *t, const char *word)
{
    for (; word && *word; word++)
        text_char(t, (unsigned char)*word < ' ' ? ' ' : *word);
}

static const char *how_listed(const struct screen_reason *r)
{
    return r->exact ? r->quiet ? "exact quiet" : "exact" : r->quiet ? "alike quiet" : "alike";
}

static void identity(struct text *t, const struct screen_reason *r)
{
    const char *by = r->list ? r->list : r->source, /* a list without its day */
        *what = r->evidence == SCREEN_LISTED ? r->entry : r->case_id;

    field(t, screen_evidence_name(r->evidence));
    text_char(t, '\t');
    field(t, r->category);
    text_char(t, '\t');
    field(t, by);
    text_char(t, '\t');
    field(t, what);
    text_char(t, '\t');
    switch (r->evidence) {
    case SCREEN_LISTED:
        field(t, how_listed(r));
        break;
    case SCREEN_TAGGED:
    case SCREEN_ENTITY:
        field(t, r->own ? "own" : r->state);
        break;
    case SCREEN_EXPOSED:
        text_printf(t, "%s %s ", r->direct ? "direct" : "indirect",
                    r->received ? "received" : "sent");
        if (r->chain) {
            field(t, r->chain);
            text_char(t, ' ');
        }
        field(t, r->asset);
        if (r->state)
            text_printf(t, ", %s", r->state);
        break;
    case SCREEN_HELD:
        break;
    }
    text_char(t, '\n');
}

static int line_order(const void *one, const void *other)
{
    const char *const *a = one, *const *b = other;

    return strcmp(*a, *b);
}

/* The lines of t, sorted, each once. */
static bool sorted(struct arena *a, struct text *t, size_t n, const char **ret, struct err *err)
{
    const char **lines = ARENA_ARRAY(a, const char *, n + 1);
    char *all = arena_alloc(a, t->n + 1), *to = all, *at = t->p;

    if (!lines || !all)
        return err_fail(err, ERR_NOMEM, "reasons");
    for (size_t i = 0; i < n; i++) {
        char *end = strchr(at, '\n');

        *end = 0;
        lines[i] = at;
        at = end + 1;
    }
    qsort(lines, n, sizeof(*lines), line_order);
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(lines[i]);

        if (i && !strcmp(lines[i], lines[i - 1]))
            continue;
        memcpy(to, lines[i], length);
        to[length] = '\n';
        to += length + 1;
    }
    *ret = all;
    return true;
}

struct hash32 question_stands(const struct hash32 *screener, const struct hash32 *cases)
{
    static const struct hash32 none;
    struct sha256_stream h;

    if (hash32_equal(cases, &none))
        return *screener;
    sha256_start(&h);
    sha256_add(&h, screener->b, sizeof(screener->b));
    sha256_add(&h, cases->b, sizeof(cases->b));
    return sha256_done(&h);
}

bool question_outcome_of(struct arena *a, const struct screener *s, const struct screen_answer *of,
                         struct question_outcome *ret, struct err *err)
{
    struct text t = text_new(QUESTION_REASONS_BYTES_MAX);
    struct screener_stands stands = screener_stands(s);
    bool ok;

    *ret = (struct question_outcome){.decision = of->verdict.decision,
                                     .by = of->verdict.by,
                                     .rule = of->verdict.rule ? of->verdict.rule : "",
                                     .reasons = "",
                                     .stands = question_stands(&stands.hash, &of->cases)};
    if (!of->facts.reasons_n) /* as with most */
        return true;
    for (size_t i = 0; i < of->facts.reasons_n; i++)
        identity(&t, &of->facts.reasons[i]);
    ok = text_string(&t) != NULL;
    ok = text_end(&t, err) && ok && sorted(a, &t, of->facts.reasons_n, &ret->reasons, err);
    text_free(&t);
    return ok;
}

/* Is it asked as it is kept? */
static bool is_canonical(const struct screen_question *q, const struct screen_answer *of)
{
    switch (q->subject) {
    case SCREEN_OF_ADDRESS:
        return !strcmp(q->address, of->key.text);
    case SCREEN_OF_NAME:
        return true;
    case SCREEN_OF_TRANSFER:
        return false;
    }
    return false;
}

bool question_asked_of(struct arena *a, const struct screener *s, const struct screen_question *q,
                       const struct screen_answer *of, const char *ref, struct question_asked *ret,
                       struct err *err)
{
    const char *canonical;
    struct hash32 subject, form;
    size_t n, form_n;

    *ret = (struct question_asked){.is_name = q->subject == SCREEN_OF_NAME, .at = q->now};
    ret->subject = ret->is_name ? q->name : of->tx ? of->tx : of->key.text;
    ret->subject = arena_string(a, ret->subject, strlen(ret->subject));
    ret->ref = ref ? arena_string(a, ref, strlen(ref)) : NULL;
    if (!ret->subject || (ref && !ret->ref))
        return err_fail(err, ERR_NOMEM, "a question");
    if (!form_of(a, q, q->tx, q->address, &ret->form, &form_n, err))
        return false;
    canonical = ret->form;
    n = form_n;
    if (!is_canonical(q, of) && !form_of(a, q, of->tx, of->key.text, &canonical, &n, err))
        return false;
    subject = sha256(ret->subject, strlen(ret->subject));
    form = sha256(canonical, n);
    memcpy(ret->key, subject.b, QUESTION_KEY_SUBJECT);
    memcpy(ret->key + QUESTION_KEY_SUBJECT, form.b, QUESTION_KEY_BYTES - QUESTION_KEY_SUBJECT);
    return question_outcome_of(a, s, of, &ret->outcome, err);
}

/* ---- differences ---- */

bool question_differs(const struct question_outcome *from, const struct question_outcome *to)
{
    return from->decision != to->decision || strcmp(from->reasons, to->reasons) != 0;
}

static size_t line_n(const char *at)
{
    const char *end = strchr(at, '\n');

    return end ? (size_t)(end - at) + 1 : strlen(at);
}

static int lines_compare(const char *a, size_t a_n, const char *b, size_t b_n)
{
    int by = memcmp(a, b, a_n < b_n ? a_n : b_n);

    return by ? by : (a_n > b_n) - (a_n < b_n);
}

static bool is_match(const char *line, size_t n)
{
    static const char quiet[] = " quiet\n";

    return !strncmp(line, "listed\t", 7) &&
           (n < sizeof(quiet) || memcmp(line + n - (sizeof(quiet) - 1), quiet, sizeof(quiet) - 1));
}

/* Both are in the order of strcmp without their ends; a line end sorts before all that a field may
 * hold but the tab, and no two lines differ by one alone. */
bool question_difference(struct arena *a, const char *from, const char *to,
                         struct question_difference *ret, struct err *err)
{
    char *added = arena_alloc(a, strlen(to) + 1), *removed = arena_alloc(a, strlen(from) + 1);

    if (!added || !removed)
        return err_fail(err, ERR_NOMEM, "reasons");
    *ret = (struct question_difference){added, removed, 0};
    while (*from || *to) {
        size_t from_n = line_n(from), to_n = line_n(to);
        int order = !*from ? 1 : !*to ? -1 : lines_compare(from, from_n, to, to_n);

        if (order < 0) {
            memcpy(removed, from, from_n);
            removed += from_n;
        } else if (order > 0) {
            memcpy(added, to, to_n);
            added += to_n;
            ret->matches += is_match(to, to_n);
        }
        from += order <= 0 ? from_n : 0;
        to += order >= 0 ? to_n : 0;
    }
    return true;
}

/* ---- written ---- */

struct fields {
    const char *at[FIELDS];
    size_t n[FIELDS];
};

/* The fields of a line; returns what is behind it. */
static const char *fields_of(const char *line, struct fields *ret)
{
    const char *end = line + line_n(line), *stop = end > line && end[-1] == '\n' ? end - 1 : end;

    for (size_t i = 0; i < FIELDS; i++) {
        const char *tab = memchr(line, '\t', (size_t)(stop - line));

        ret->at[i] = line;
        ret->n[i] = (size_t)((tab ? tab : stop) - line);
        line = tab ? tab + 1 : stop;
    }
    return end;
}

static bool is(const struct fields *f, size_t i, const char *word)
{
    return f->n[i] == strlen(word) && !memcmp(f->at[i], word, f->n[i]);
}

static void put_field(struct json_out *j, const char *key, const struct fields *f, size_t i)
{
    if (!f->n[i])
        return;
    json_key(j, key);
    json_string_n(j, f->at[i], f->n[i]);
}

static void reason_json(struct json_out *j, const struct fields *f)
{
    bool listed = is(f, 0, "listed");

    json_object(j);
    put_field(j, "evidence", f, 0);
    put_field(j, "category", f, 1);
    put_field(j, listed ? "list" : "source", f, 2);
    put_field(j, listed ? "entry" : "case", f, 3);
    if (listed) {
        json_put_bool(j, "exact", f->n[4] >= 5 && !memcmp(f->at[4], "exact", 5));
        json_put_bool(j, "false_positive", f->n[4] > 5);
    } else if (is(f, 4, "own") && !is(f, 0, "exposed")) {
        json_put_bool(j, "own", true);
    } else {
        put_field(j, "how", f, 4);
    }
    json_object_end(j);
}

void question_reasons_json(struct json_out *j, const char *reasons)
{
    json_array(j);
    while (*reasons) {
        struct fields f;

        reasons = fields_of(reasons, &f);
        reason_json(j, &f);
    }
    json_array_end(j);
}

void question_reasons_text(struct text *to, const char *mark, const char *reasons)
{
    while (*reasons) {
        struct fields f;

        reasons = fields_of(reasons, &f);
        text_str(to, mark);
        text_put(to, f.at[0], f.n[0]);
        for (size_t i = 4; i >= 2; i--) { /* how, what, who says so */
            size_t k = i == 4 ? 4 : i == 3 ? 2 : 3;

            if (f.n[k])
                text_str(to, i == 3 ? ": " : " ");
            text_put(to, f.at[k], f.n[k]);
        }
        text_str(to, " (");
        text_put(to, f.at[1], f.n[1]);
        text_str(to, ")\n");
    }
}
