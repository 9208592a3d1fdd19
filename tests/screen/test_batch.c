/* Questions in a stream: whatever pieces it comes in, the answers are the same, in order. The
 * screener has neither lists nor tags here, so that every answer is by the rules for what is not
 * known. */
#include "base/pool.h"
#include "screen/batch.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#define OUT_MAX ((size_t)1 << 20)

static const char csv[] = "ref,address,name,chain,kind,born\r\n"
                          "1,0x00000000219ab540356cBB839Cbe05303d7705Fa,,ethereum,,\r\n"
                          "2,,\"Kim, \"\"Chol\"\"\nSu\",,person,1960-01-08\r\n"
                          "\r\n"
                          "3,0x00,,,,\n"
                          "4,,,,,\n"
                          "5,,Kim,,ship,\n"
                          "6,,Kim,,,1960-13-01\n"
                          "7,\"broken\"x,\n"
                          "8,,Kim,,vessel,1960";

static struct screener *opened(void)
{
    struct screener_options o = {.names = true};
    struct screener *s = NULL;
    struct err err;

    CHECK_OK(screener_open(&o, &s, &err), err);
    return s;
}

/* Fed in pieces of n bytes. */
static char *answers(const struct screener *s, const char *in, size_t in_n, size_t n,
                     struct screen_counts *ret)
{
    struct screen_question usual = {.kind = NAME_UNKNOWN, .now = 1};
    struct text out = text_new(OUT_MAX);
    struct screen_batch *b = NULL;
    struct err err;
    char *copy;

    CHECK_OK(screen_batch_new(s, &usual, &b, &err), err);
    for (size_t at = 0; at < in_n; at += n)
        CHECK_OK(screen_batch_feed(b, in + at, in_n - at < n ? in_n - at : n, false, &out, &err),
                 err);
    CHECK_OK(screen_batch_feed(b, "", 0, true, &out, &err), err);
    *ret = screen_batch_counts(b);
    screen_batch_free(b);
    copy = strdup(text_string(&out));
    text_free(&out);
    CHECK(copy);
    return copy;
}

static const char *nth(const char *lines, unsigned n)
{
    static char line[4096];
    const char *end;

    for (; n; n--) {
        lines = strchr(lines, '\n');
        CHECK(lines);
        lines++;
    }
    end = strchr(lines, '\n');
    CHECK(end && (size_t)(end - lines) < sizeof(line));
    memcpy(line, lines, (size_t)(end - lines));
    line[end - lines] = 0;
    return line;
}

static void a_table(void **state)
{
    struct screener *s = opened();
    struct screen_counts n;
    char *whole = answers(s, csv, sizeof(csv) - 1, sizeof(csv), &n);
    static const struct {
        const char *ref, *says;
    } want[] = {
        {"1", "\"chain\":\"evm\""},
        {"2", "\"name\":\"Kim, \\\"Chol\\\"\\nSu\",\"kind\":\"person\""},
        {"3", "\"error\":\"line 6: "}, /* the second record takes two lines */
        {"4", "\"error\":\"line 7: neither address nor name nor tx\""},
        {"5", "\"error\":\"line 8: kind \\\"ship\\\": person, organisation, vessel or aircraft\""},
        {"6", "\"error\":\"line 9: born \\\"1960-13-01\\\""},
        {NULL, "\"error\":\"line 10: no row of a table\""},
        {"8", "\"decided_by\":\"outage\""},
    };

    (void)state;
    CHECK_U(n.asked, 8);
    CHECK_U(n.bad, 5);
    CHECK_U(n.potential, 0);
    for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        char ref[16];

        test_row("line %u", i);
        snprintf(ref, sizeof(ref), "{\"ref\":\"%s\",", want[i].ref ? want[i].ref : "");
        CHECK(!want[i].ref || !strncmp(nth(whole, i), ref, strlen(ref)));
        CHECK(strstr(nth(whole, i), want[i].says));
    }
    free(whole);
    screener_close(s);
}

static void pieces_of_any_size(void **state)
{
    struct screener *s = opened();
    struct screen_counts n;
    char *whole = answers(s, csv, sizeof(csv) - 1, sizeof(csv), &n);

    (void)state;
    for (size_t piece = 1; piece < sizeof(csv); piece++) {
        char *other = answers(s, csv, sizeof(csv) - 1, piece, &n);

        test_row("pieces of %zu", piece);
        CHECK_S(other, whole);
        free(other);
    }
    free(whole);
    screener_close(s);
}

/* A long table on a pool: as line by line, and kept in order. */
#define LONG_ROWS 9000u
#define LONG_BYTES_MAX ((size_t)64 << 20)

static char *long_table(void)
{
    struct text t = text_new(LONG_BYTES_MAX);
    char *copy;

    text_str(&t, "ref,address,name\n");
    for (unsigned i = 0; i < LONG_ROWS; i++)
        if (i % 7 == 3)
            text_printf(&t, "%u,0x00,\n", i); /* none */
        else if (i % 1000 == 5)
            text_printf(&t, "%u,,\"Kim,\nSu\"\n", i);
        else
            text_printf(&t, "%u,0x%040x,\n", i, i);
    copy = strdup(text_string(&t));
    text_free(&t);
    CHECK(copy);
    return copy;
}

static bool keep_in_order(void *ctx, struct arena *a, const struct screen_question *q,
                          const struct screen_answer *answer, const char *ref, struct err *err)
{
    unsigned *next = ctx;

    (void)a;
    (void)q;
    (void)answer;
    (void)err;
    *next += *next % 7 == 3; /* had no answer */
    CHECK_U(strtoul(ref, NULL, 10), (*next)++);
    return true;
}

static void on_a_pool(void **state)
{
    static const size_t pieces[] = {50, 4096, 100001, SIZE_MAX / 2};
    struct screener *s = opened();
    struct screen_question usual = {.kind = NAME_UNKNOWN, .now = 1};
    struct pool *pool = pool_new(4);
    char *in = long_table(), *whole = NULL;
    size_t in_n = strlen(in);

    (void)state;
    CHECK(pool);
    for (unsigned i = 0; i < 2 * sizeof(pieces) / sizeof(pieces[0]); i++) {
        size_t piece = pieces[i / 2];
        struct text out = text_new(LONG_BYTES_MAX);
        struct screen_batch *b = NULL;
        struct err err;
        unsigned kept = 0;

        test_row("pieces of %zu, %s", piece, i % 2 ? "on a pool" : "alone");
        CHECK_OK(screen_batch_new(s, &usual, &b, &err), err);
        screen_batch_pool(b, i % 2 ? pool : NULL);
        if (i % 3)
            screen_batch_keep(b, keep_in_order, &kept, false);
        for (size_t at = 0; at < in_n; at += piece)
            CHECK_OK(screen_batch_feed(b, in + at, in_n - at < piece ? in_n - at : piece,
                                       in_n - at <= piece, &out, &err),
                     err);
        CHECK_U(screen_batch_counts(b).asked, LONG_ROWS);
        CHECK_U(screen_batch_counts(b).bad, 1286); /* of 9000, those 3 above a multiple of 7 */
        screen_batch_free(b);
        if (whole)
            CHECK_S(text_string(&out), whole);
        else
            whole = strdup(text_string(&out));
        text_free(&out);
    }
    free(whole);
    free(in);
    pool_free(pool);
    screener_close(s);
}

static void lines_of_json(void **state)
{
    static const char lines[] = "{\"ref\":7,\"name\":\"\\uAE40\",\"amount\":\"5\",\"x\":[1]}\n"
                                "\n{\"name\":\n[]\nnull\n{\"address\":\"0x00\"}";
    struct screener *s = opened();
    struct screen_counts n;
    char *out = answers(s, lines, sizeof(lines) - 1, sizeof(lines), &n);

    (void)state;
    CHECK_U(n.asked, 5);
    CHECK_U(n.bad, 4);
    CHECK(!strncmp(nth(out, 0), "{\"ref\":\"7\",\"name\":\"김\"", 20));
    CHECK(strstr(nth(out, 1), "line 3: no JSON object"));
    CHECK(strstr(nth(out, 3), "line 5: no JSON object"));
    CHECK(strstr(nth(out, 4), "line 6: "));
    free(out);
    screener_close(s);
}

static void what_ends_it(void **state)
{
    struct screener *s = opened();
    struct screen_question usual = {.kind = NAME_UNKNOWN};
    struct text out = text_new(OUT_MAX);
    struct screen_batch *b = NULL;
    struct err err;
    char *large = calloc(1, SCREEN_RECORD_BYTES_MAX);

    (void)state;
    CHECK(large);
    CHECK_OK(screen_batch_new(s, &usual, &b, &err), err);
    CHECK(!screen_batch_feed(b, "ref,what\n", 9, false, &out, &err));
    CHECK_S(err.text, "line 1: a header is wanted, with a column address, name or tx");
    screen_batch_free(b);
    memset(large, 'a', SCREEN_RECORD_BYTES_MAX);
    CHECK_OK(screen_batch_new(s, &usual, &b, &err), err);
    CHECK_OK(screen_batch_feed(b, large, SCREEN_RECORD_BYTES_MAX, false, &out, &err), err);
    CHECK(!screen_batch_feed(b, large, 1, false, &out, &err));
    CHECK_U(err.class, ERR_LIMIT);
    screen_batch_free(b);
    CHECK_OK(screen_batch_new(s, &usual, &b, &err), err);
    CHECK_OK(screen_batch_feed(b, "", 0, true, &out, &err), err); /* nothing asked, nothing said */
    CHECK_U(out.n, 0);
    screen_batch_free(b);
    free(large);
    text_free(&out);
    screener_close(s);
}

/* Want of memory is no fault of the record. */
static bool a_line_of_json(void *ctx)
{
    struct screen_question usual = {.kind = NAME_UNKNOWN};
    struct text out = text_new(OUT_MAX);
    struct screen_batch *b = NULL;
    struct err err;
    bool ok = screen_batch_new(ctx, &usual, &b, &err) &&
              screen_batch_feed(b, "{\"name\":\"Kim\"}\n", 15, true, &out, &err);

    CHECK(!ok || !out.p || !strstr(text_string(&out) ? out.p : "", "no JSON object"));
    ok = ok && !screen_batch_counts(b).bad && text_end(&out, &err);
    screen_batch_free(b);
    text_free(&out);
    return ok;
}

static bool all_of_it(void *ctx)
{
    struct screen_question usual = {.kind = NAME_UNKNOWN};
    struct text out = text_new(OUT_MAX);
    struct screen_batch *b = NULL;
    struct err err;
    bool ok = screen_batch_new(ctx, &usual, &b, &err) &&
              screen_batch_feed(b, "name\nKi", 7, false, &out, &err) &&
              screen_batch_feed(b, "m\n", 2, true, &out, &err);

    ok = ok && !screen_batch_counts(b).bad && text_end(&out, &err);
    screen_batch_free(b);
    text_free(&out);
    return ok;
}

static void failed_allocations(void **state)
{
    struct screener *s = opened();

    (void)state;
    test_failed_allocations(all_of_it, s);
    test_failed_allocations(a_line_of_json, s);
    screener_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table),      cmocka_unit_test(pieces_of_any_size),
        cmocka_unit_test(on_a_pool),    cmocka_unit_test(lines_of_json),
        cmocka_unit_test(what_ends_it), cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
