/* A small list in a ledger: its document written in every form and computed again, with every
 * allocation failed in turn, and every truncation of the document refused. */
#include "support.h"

#include "chain/list.h"
#include "ledger/account_ingest.h"
#include "trace/ledgers_run.h"

#include <stdio.h>

#define ARENA_BYTES ((size_t)256 << 20)
#define A "0x00000000000000000000000000000000000000aa"
#define B "0x00000000000000000000000000000000000000bb"
#define C "0x00000000000000000000000000000000000000cc"
#define D "0x00000000000000000000000000000000000000dd"

static const char list[] = "time,from,to,amount\n"
                           "2024-01-01T00:00:00Z," A "," B ",10.0\n"
                           "2024-01-01T00:01:00Z," B "," C ",4.0\n"
                           "2024-01-01T00:02:00Z," C "," D ",6.0\n";

static const char case_text[] =
    "{\"id\":\"c\",\"chain\":\"ethereum\",\"origins\":[{\"address\":\"" B "\"}],"
    "\"stops\":[{\"address\":\"" D "\",\"name\":\"Ex\",\"category\":\"exchange\"}],"
    "\"conversions\":[{\"from\":{\"address\":\"" B "\"},\"to\":{\"beyond\":\"" C "\"},"
    "\"source\":\"s\"}]}";

struct scene {
    struct account_ledger *ledger;
    struct text document;
};

static bool ledger_make(const char *dir, struct err *err)
{
    const struct list_file file = {"list.csv", {(const uint8_t *)list, sizeof(list) - 1}};
    const struct chain *chain = chain_by_name("ethereum");
    struct account_ingest_options o = {.stop = NULL};
    struct account_ingest_result r;
    struct transfer_source s;
    bool ok;

    if (!list_from(&file, 1, "time=time,from=from,to=to,amount=amount,decimals=18", chain, &s, err))
        return false;
    ok = account_ingest(dir, chain, &s, &o, &r, err);
    s.free(s.self);
    return ok;
}

static bool run(struct arena *a, const struct scene *s, struct ledgers_doc *ret, struct err *err)
{
    struct trace_ledger *set = ARENA_NEW(a, struct trace_ledger);
    struct bytes in = {(const uint8_t *)case_text, sizeof(case_text) - 1};
    struct case_file c;

    if (!set)
        return err_fail(err, ERR_NOMEM, "set");
    set->accounts = s->ledger;
    return case_read(a, in, &c, err) && ledgers_run(a, set, 1, NULL, &c, 1, NULL, 0, ret, err);
}

static bool write_all(struct arena *a, const struct ledgers_doc *d, struct err *err)
{
    static const char *const formats[] = {"json", "text", "csv", "graphml", "html"};
    bool ok = true;

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]) && ok; i++) {
        struct text t = text_new((size_t)64 << 20);

        ok = ledgers_write(a, &t, d, formats[i], err) && text_end(&t, err);
        text_free(&t);
    }
    return ok;
}

static bool verify(struct arena *a, const struct scene *s, struct bytes document,
                   struct verify_answer *ret, struct err *err)
{
    const struct trace_ledger set = {.accounts = s->ledger};

    return ledgers_verify(a, &set, 1, document, NULL, 0, ret, err);
}

static struct bytes document_of(const struct scene *s)
{
    return (struct bytes){(const uint8_t *)s->document.p, s->document.n};
}

static void set_up(struct scene *s)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const char *dir = test_dir();
    char path[512];
    struct ledgers_doc d;
    struct err err;

    snprintf(path, sizeof(path), "%s/ledger", dir);
    CHECK_OK(ledger_make(path, &err), err);
    CHECK_OK(account_ledger_open(path, &s->ledger, &err), err);
    CHECK_OK(run(a, s, &d, &err), err);
    s->document = text_new((size_t)64 << 20);
    CHECK_OK(ledgers_write(a, &s->document, &d, "json", &err), err);
    CHECK(text_string(&s->document));
    arena_free(a);
}

static void tear_down(struct scene *s)
{
    text_free(&s->document);
    account_ledger_close(s->ledger);
}

/* Ten came to B, four of them went to C, which paid six: its recorded four, tainted, and two more,
 * which the case asserts to be the ten. By the conversion the ten leave B. */
static void amounts(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct verify_answer answer;
    struct ledgers_doc d;
    struct scene s;
    struct err err;

    set_up(&s);
    CHECK_OK(run(a, &s, &d, &err), err);
    CHECK_U(d.parts[0].accounts->trace->totals_n, 1);
    CHECK(u256_equal(d.parts[0].accounts->trace->totals[0].converted_in,
                     u256_of(2000000000000000000)));
    CHECK(u256_equal(d.parts[0].accounts->trace->totals[0].exits, u256_of(2000000000000000000)));
    CHECK_U(d.links_n, 1);
    CHECK(!d.exact);
    CHECK_OK(verify(a, &s, document_of(&s), &answer, &err), err);
    CHECK_S(answer.text, "same");
    arena_free(a);
    tear_down(&s);
}

static bool take(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct verify_answer answer;
    struct err err;
    bool ok = verify(a, ctx, in, &answer, &err);

    arena_free(a);
    return ok;
}

static void truncations(void **state)
{
    struct scene s;
    struct bytes whole;

    set_up(&s);
    whole = document_of(&s);
    whole.n--; /* without the line end, which nothing needs */
    test_truncations(whole, take, &s);
    tear_down(&s);
}

static bool with_allocations(void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct scene *s = ctx;
    struct verify_answer answer;
    struct ledgers_doc d;
    struct err err = {ERR_NONE, ""};
    bool ok = a && run(a, s, &d, &err) && write_all(a, &d, &err) &&
              verify(a, s, document_of(s), &answer, &err);

    CHECK(ok || !a || err.class == ERR_NOMEM);
    arena_free(a);
    return ok;
}

static void failed_allocations(void **state)
{
    struct scene s;

    set_up(&s);
    test_failed_allocations(with_allocations, &s);
    tear_down(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts),
        cmocka_unit_test(truncations),
        cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
