#include "serve/lookalike.h"

#include <stdio.h>
#include <stdlib.h>

bool lookalikes_begin(struct lookalikes *l, struct http_job *job, struct screening *p,
                      const struct screener *s, const char *event, struct err *err)
{
    *l = (struct lookalikes){.job = job,
                             .screening = p,
                             .screener = s,
                             .event = event,
                             .audit = text_new(AUDIT_LINE_BYTES_MAX),
                             .found = ARENA_ARRAY(job->arena, struct lookalike, LOOKALIKES_MAX)};
    return l->found || err_fail(err, ERR_NOMEM, "a search");
}

void lookalikes_end(struct lookalikes *l)
{
    text_free(&l->audit);
}

void lookalikes_next(struct lookalikes *l)
{
    l->found_n = 0;
}

/* ---- the audit log ---- */

bool lookalikes_done(struct lookalikes *l, struct err *err)
{
    if (!l->open)
        return true;
    l->open = false;
    json_array_end(&l->line);
    json_object_end(&l->line);
    return text_end(&l->audit, err) && http_audit(l->job, l->audit.p, l->audit.n, err);
}

/* As many answers in a line as it takes; one that is too long by its hash. */
static bool audit_put_answer(struct lookalikes *l, const struct text *answer, struct err *err)
{
    bool whole = answer->n <= AUDITED_BYTES_MAX;
    struct hash32 hash;

    if (l->open && l->audit.n + answer->n > AUDITED_BYTES_MAX && !lookalikes_done(l, err))
        return false;
    if (!l->open) {
        l->audit.n = 0;
        l->line = screening_audit_begin(l->job, &l->audit, l->event);
        l->open = true;
        json_key(&l->line, "answers");
        json_array(&l->line);
    }
    if (whole) {
        json_raw(&l->line, answer->p, answer->n);
        return true;
    }
    hash = sha256(answer->p, answer->n);
    json_object(&l->line);
    json_put_number(&l->line, "answer_bytes", answer->n);
    json_put_hex(&l->line, "answer_sha256", hash.b, sizeof(hash.b));
    json_object_end(&l->line);
    return true;
}

/* ---- asking ---- */

static void put(struct lookalikes *l, const struct screen_reason *r, const struct screen_match *m)
{
    for (size_t i = 0; i < l->found_n; i++)
        if (l->found[i].match->entry == m->entry) {
            if (r->score > l->found[i].reason->score)
                l->found[i] = (struct lookalike){r, m};
            return;
        }
    if (l->found_n < LOOKALIKES_MAX)
        l->found[l->found_n++] = (struct lookalike){r, m};
}

bool lookalikes_ask(struct lookalikes *l, const struct screen_question *q, struct err *err)
{
    struct text text = text_new(HTTP_ANSWER_BYTES_MAX);
    struct screen_answer a;
    bool ok;

    if (l->questions++ == LOOKALIKE_QUESTIONS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d names and addresses in a request",
                        LOOKALIKE_QUESTIONS_MAX);
    ok = screening_answer(l->job, l->screening, l->screener, q, NULL, &a, &text, err) &&
         audit_put_answer(l, &text, err);
    text_free(&text);
    if (!ok)
        return false;
    screening_count(l->screening, &a);
    for (size_t i = 0; i < a.matches_n; i++)
        put(l, &a.reasons[i], &a.matches[i]);
    return true;
}

bool lookalikes_ask_names(struct lookalikes *l, struct screen_question q, const char *const *names,
                          size_t n, struct err *err)
{
    if (!n)
        return !q.facts.ids_n || lookalikes_ask(l, &q, err);
    for (size_t i = 0; i < n; i++) {
        q.name = names[i];
        if (!lookalikes_ask(l, &q, err))
            return false;
    }
    return true;
}

bool lookalikes_ask_address(struct lookalikes *l, const char *address, const char *chain,
                            uint64_t now, struct err *err)
{
    struct screen_question q = {.subject = SCREEN_OF_ADDRESS,
                                .address = address,
                                .name = "",
                                .kind = NAME_UNKNOWN,
                                .chain = chain,
                                .now = now};
    struct address_key key;

    if (chain && !address_key_read_known(address, strlen(address), chain, &key, err))
        q.chain = NULL;
    return lookalikes_ask(l, &q, err);
}

static int by_score(const void *a, const void *b)
{
    const struct lookalike *x = a, *y = b;
    int order = (x->reason->score < y->reason->score) - (x->reason->score > y->reason->score);

    if (!order)
        order = strcmp(x->match->list->name, y->match->list->name);
    return order ? order : list_id_order(x->match->entry->id, y->match->entry->id);
}

void lookalikes_sort(struct lookalikes *l)
{
    qsort(l->found, l->found_n, sizeof(l->found[0]), by_score);
}

/* ---- scores ---- */

bool score_read(const char *text, const char *what, uint32_t *ret, struct err *err)
{
    const char *p = text;
    uint32_t v = 0, unit = 1000;

    if (!text)
        return true;
    for (; *p >= '0' && *p <= '9' && v <= 1000; p++)
        v = v * 10 + (uint32_t)(*p - '0') * 1000;
    if (*p == '.')
        for (p++; *p >= '0' && *p <= '9'; p++) {
            unit /= 10;
            v += (uint32_t)(*p - '0') * unit;
        }
    if (!*text || *p || v > 1000 || (p == text + 1 && *text == '.'))
        return err_fail(err, ERR_INPUT, "%s: a number from 0 to 1 is wanted", what);
    *ret = v;
    return true;
}

void score_json(struct json_out *j, uint32_t per_mille)
{
    char text[16];
    int n = snprintf(text, sizeof(text), "%u.%03u", per_mille / 1000, per_mille % 1000);

    while (text[n - 1] == '0' && text[n - 2] != '.')
        n--;
    json_raw(j, text, (size_t)n);
}
