/* docs/protocol.md has the table of machine.h to the letter. CORDON_GOLDEN=write puts it there. */
#include "group/machine.h"
#include "support.h"

#include <stdlib.h>

#define DOC CORDON_SOURCE "/docs/protocol.md"
#define DOC_BYTES ((size_t)1 << 20)

static void block_put(struct text *to, const char *kind)
{
    text_printf(to, "<!-- steps of %s -->\n```mermaid\n", kind);
    machine_diagram(to, kind);
    text_str(to, "```\n\n");
    machine_table(to, kind);
    text_str(to, "<!-- end -->");
}

static void block_write(const char *kind, const char *block)
{
    struct bytes doc = test_read(DOC);
    struct text start = text_new(DOC_BYTES), all = text_new(DOC_BYTES), to = text_new(DOC_BYTES);
    const char *from, *end;

    text_put(&all, (const char *)doc.p, doc.n);
    text_printf(&start, "<!-- steps of %s -->", kind);
    from = strstr(text_string(&all), text_string(&start));
    CHECK(from);
    end = strstr(from, "<!-- end -->");
    CHECK(end);
    text_put(&to, all.p, (size_t)(from - all.p));
    text_str(&to, block);
    text_str(&to, end + strlen("<!-- end -->"));
    test_write(DOC, to.p, to.n);
    text_free(&start);
    text_free(&all);
    text_free(&to);
}

static void document_and_table_agree(void **state)
{
    static const char *const kinds[] = {"charter", "key",  "case",     "alert",    "claim",
                                        "action",  "text", "handling", "preserve", "export"};
    const char *golden = getenv("CORDON_GOLDEN");

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct text block = text_new(DOC_BYTES), all = text_new(DOC_BYTES);
        struct bytes doc;

        block_put(&block, kinds[i]);
        if (golden && !strcmp(golden, "write"))
            block_write(kinds[i], text_string(&block));
        doc = test_read(DOC);
        text_put(&all, (const char *)doc.p, doc.n);
        test_row("%s", kinds[i]);
        CHECK(strstr(text_string(&all), text_string(&block)));
        text_free(&block);
        text_free(&all);
    }
}

/* Every state but "none" is reached, and every event's object is of its kind's states. */
static void every_state_is_reached(void **state)
{
    uint64_t reached = UINT64_C(1) << STATE_NONE;

    (void)state;
    for (size_t round = 0; round < STATES_N; round++)
        for (size_t i = 0; i < steps_n; i++)
            if (reached & UINT64_C(1) << steps[i].from)
                reached |= UINT64_C(1) << steps[i].to;
    CHECK_U(reached, (UINT64_C(1) << STATES_N) - 1);
}

/* "Nobody acts alone where two are asked": no way from a report to verified without another member,
 * nor past a revision. */
static void four_eyes(void **state)
{
    (void)state;
    for (size_t i = 0; i < steps_n; i++) {
        const struct step *s = &steps[i];

        if (s->to == CASE_VERIFIED)
            CHECK(s->conditions & IF_OTHER && s->conditions & IF_CURRENT &&
                  !(s->roles & ROLE_NODE));
        if (s->to == CASE_ACTIVE)
            CHECK(s->from == CASE_VERIFIED || s->from == CASE_CONTAINED);
        if (s->marks & STEP_REVISION && s->from > CASE_DRAFT)
            CHECK((s->to == CASE_REPORTED || s->to == RECORD_STATED || s->to == HANDLING_SET) &&
                  s->conditions & IF_OWN);
        CHECK(!(s->roles & ROLE_AUDITOR));
        if (s->marks & STEP_HOLD) /* every hold has an expiry, and is its holder's own */
            CHECK(s->conditions & IF_EXPIRES && s->conditions & IF_OWN &&
                  facts_of_type(s->type) & FACT_EXPIRES &&
                  s->conditions & (IF_AMOUNT | IF_RUNNING));
        if (s->to == ALERT_ORDERED && s->from != ALERT_ORDERED) /* never by machine */
            CHECK(!(s->roles & ROLE_NODE));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(document_and_table_agree),
        cmocka_unit_test(every_state_is_reached),
        cmocka_unit_test(four_eyes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
