#include "cli/screening.h"

#include "cli/clocks.h"
#include "screen/due_store.h"

#include <unistd.h>

static const struct store_schema *const schemas[] = {&list_schema, &tag_schema, &match_schema,
                                                     &question_schema, &due_schema};

bool rules_of_call(struct call *c, struct bytes *ret, struct err *err)
{
    const char *path = call_option(c, "rules");

    *ret = (struct bytes){NULL, 0};
    if (!path && !home_path(c, RULES_FILE, &path, err))
        return false;
    if (!call_option(c, "rules") && access(path, F_OK))
        return true;
    return file_read(c->arena, path, RULES_BYTES_MAX, ret, err);
}

bool screening_open(struct call *c, bool names, struct list_day as_of, struct screening *ret,
                    struct err *err)
{
    struct screener_options o = {.names = names, .as_of = as_of};
    struct bytes rules, clocks;

    if (!rules_of_call(c, &rules, err) || !clocks_text_of_call(c, &clocks, err) ||
        !home_path(c, TAG_SET_FILE, &o.tag_set, err) ||
        !records_open(c, STORE_WRITE, schemas, sizeof(schemas) / sizeof(schemas[0]), &o.store, err))
        return false;
    o.rules = (const char *)rules.p;
    o.rules_n = rules.n;
    o.clocks = (const char *)clocks.p;
    o.clocks_n = clocks.n;
    *ret = (struct screening){.store = o.store};
    if (screener_open(&o, &ret->screener, err) && question_writer_new(o.store, &ret->keeper, err))
        return true;
    screening_close(ret);
    return false;
}

bool screening_keep(void *screening, struct arena *a, const struct screen_question *q,
                    const struct screen_answer *answer, const char *ref, struct err *err)
{
    struct screening *s = screening;
    struct question_asked asked;

    return question_asked_of(a, s->screener, q, answer, ref, &asked, err) &&
           question_keep(s->keeper, a, &asked, err);
}

void screening_close(struct screening *s)
{
    s->keeper = question_writer_free(s->keeper);
    s->screener = screener_close(s->screener);
    s->store = store_close(s->store);
}
