#include "small_world.h"

#include "base/mem.h"

#include <stdlib.h>

static char *page(struct world *w, size_t *ret_n) /* to be freed */
{
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    struct text to = text_new((size_t)64 << 20);
    struct err err;
    char *copy;

    CHECK_OK(page_write(a, &to, &w->doc, &w->names, &err), err);
    CHECK(text_string(&to));
    copy = malloc(to.n + 1);
    CHECK(copy);
    memcpy(copy, to.p, to.n + 1);
    if (ret_n)
        *ret_n = to.n;
    text_free(&to);
    arena_free(a);
    return copy;
}

static void has(const char *html, const char *what)
{
    if (!strstr(html, what))
        test_failed(__FILE__, __LINE__, "the page lacks \"%s\"", what);
}

/* 42.00012345 and 12 reached exits; 39 + 3.9998 + 2.9998 is held; the rest of 100 are fees. */
static void five_hops(void **state)
{
    struct world *w = world_five_hops();
    size_t n;
    char *html = page(w, &n);

    test_golden("trace/five-hops.html", html, n);
    has(html, "Of <strong>100\xc2\xa0"
              "BTC</strong> taken in 1 output on 2024-05-31, "
              "<strong>42.00012345\xc2\xa0"
              "BTC</strong> (42\xc2\xa0%) reached Bourse of Examples and "
              "<strong>12\xc2\xa0"
              "BTC</strong> (12\xc2\xa0%) reached Mixer M; "
              "<strong>45.99935\xc2\xa0"
              "BTC</strong> (45.9\xc2\xa0%) is still held at 3 addresses, 39\xc2\xa0"
              "BTC of it");
    has(html, "; 0.00052655\xc2\xa0"
              "BTC went to fees.");
    free(html);
    world_free(w);
}

static void same_document_same_bytes(void **state)
{
    struct world *w = world_many(600, 3);
    char *first = page(w, NULL), *again = page(w, NULL);

    CHECK_S(again, first);
    free(first);
    free(again);
    world_free(w);
}

static void sizes_are_bounded(void **state)
{
    static const struct {
        unsigned outputs_n;
        size_t bytes_max;
    } rows[] = {{2000, 1000000}, {12000, 2500000}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct world *w = world_many(rows[i].outputs_n, 7);
        size_t n;
        char *html = page(w, &n);

        test_row("%u outputs, %zu bytes", rows[i].outputs_n, n);
        CHECK(n < rows[i].bytes_max);
        has(html, "--format csv");
        free(html);
        world_free(w);
    }
}

/* One transaction with 2,000 outputs: five lanes for what is held, and the rest counted in words.
 */
static void many_outputs_are_bundled(void **state)
{
    struct world *w = world_new();
    uint64_t at;
    char *html;

    world_tx(w, 846000);
    at = world_out(w, 2001000, 1);
    world_tx(w, 846001);
    world_in(w, at);
    for (uint32_t i = 1; i <= 2000; i++)
        world_out(w, i, 10 + i);
    world_finish(w);
    html = page(w, NULL);
    has(html, "and 1,995 more, 0.0199101\xc2\xa0"
              "BTC"); /* 1 + .. + 1995 */
    has(html, "Held at 1,996 addresses");
    has(html, "no exits were given to look for");
    free(html);
    world_free(w);
}

static void hostile_words(void **state)
{
    struct world *w = world_five_hops();
    char *html;

    w->doc.title = "</title><script>alert(1)</script>\" onload='x' &amp; \xe2\x80\xae"
                   "gnp.exe \xff\x01\xc2\x9f end";
    w->doc.case_id = "<b>";
    w->stops[0].name = "<img src=x onerror=alert(1)> & \"Sons\"";
    w->stops[0].category = "</td></table><svg/onload=alert(1)>";
    html = page(w, NULL);
    has(html,
        "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; &amp;amp; "
        "\xef\xbf\xbdgnp.exe \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd end");
    has(html, "case &lt;b&gt;");
    CHECK(!strstr(html, "<img"));
    CHECK(!strstr(html, "<svg/"));
    CHECK(!strstr(html, "<script>alert"));
    CHECK(!strstr(html, "\xe2\x80\xae"));
    CHECK(!strstr(html, " style="));
    CHECK(!strstr(html, "http://"));
    CHECK(!strstr(html, "https://"));
    free(html);
    world_free(w);
}

static void other_ends(void **state)
{
    static const struct trace_gap gap = {846100, 846200};
    struct world *w = world_five_hops();
    struct trace_unresolved lost = {5, 2499992000};
    char *html;

    /* Transaction 5 has an input of unknown value: what it was paid ends there. */
    for (uint64_t o = w->coins.outputs_n; o-- > 0;)
        if (coins_maker(&w->coins, o) == 5 || coins_maker(&w->coins, o) == 6) {
            memmove(&w->reached[o], &w->reached[o + 1],
                    (w->trace.reached_n - o - 1) * sizeof(*w->reached));
            w->trace.reached_n--;
        }
    w->trace.unresolved = &lost;
    w->trace.unresolved_n = 1;
    w->trace.exact = false;
    w->doc.gaps = &gap;
    w->doc.gaps_n = 1;
    w->doc.policy = TRACE_POISON;
    html = page(w, NULL);
    has(html, "<strong>24.99992\xc2\xa0"
              "BTC</strong> is unresolved");
    has(html, "Unresolved transactions");
    has(html, "after block 846,100, before block 846,200");
    has(html, "The rule poison marks");
    has(html, "Not exact");
    free(html);
    w->doc.policy = TRACE_FIFO;
    w->doc.hops_max = 1; /* hop 1 is the last that is listed, and what spends it is cut */
    w->trace.unresolved_n = 0;
    w->trace.reached_n = 3;
    html = page(w, NULL);
    has(html, "<strong>99.99995\xc2\xa0"
              "BTC</strong> (99.9\xc2\xa0%) lies beyond the hop limit");
    free(html);
    world_free(w);
}

static bool page_made(void *ctx)
{
    struct world *w = ctx;
    struct arena *a = arena_new(NULL, (size_t)8 << 20);
    struct text to = text_new((size_t)8 << 20);
    struct err err;
    bool ok = a && page_write(a, &to, &w->doc, &w->names, &err) && text_end(&to, &err);

    text_free(&to);
    arena_free(a);
    return ok;
}

static void failed_allocations(void **state)
{
    struct world *w = world_five_hops();

    test_failed_allocations(page_made, w);
    world_free(w);
}

static void limits(void **state)
{
    struct world *w = world_peel_chain();
    bool ok = false;

    for (size_t max = 0; !ok; max += 4096) {
        struct arena *a = arena_new(NULL, max);
        struct text to = text_new((size_t)8 << 20);
        struct err err;

        CHECK(a);
        ok = page_write(a, &to, &w->doc, &w->names, &err);
        if (!ok)
            CHECK_U(err.class, ERR_LIMIT);
        text_free(&to);
        arena_free(a);
    }
    world_free(w);
}

static void spent_before_made(void **state)
{
    struct world *w = world_five_hops();
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct text to = text_new((size_t)1 << 20);
    struct err err;

    w->reached[3].spent_by = 0;
    CHECK(!page_write(a, &to, &w->doc, &w->names, &err));
    CHECK_U(err.class, ERR_CORRUPT);
    text_free(&to);
    arena_free(a);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_hops),          cmocka_unit_test(same_document_same_bytes),
        cmocka_unit_test(sizes_are_bounded),  cmocka_unit_test(many_outputs_are_bundled),
        cmocka_unit_test(hostile_words),      cmocka_unit_test(other_ends),
        cmocka_unit_test(failed_allocations), cmocka_unit_test(limits),
        cmocka_unit_test(spent_before_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
