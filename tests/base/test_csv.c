/* Tables as text: RFC 4180's own examples, what must be refused, and random tables against a reader
 * that goes byte by byte. */
#include "support.h"

#include "base/csv.h"

#include <stdio.h>
#include <stdlib.h>

#define FIELDS_MAX 8

/* What a table reads as: fields in brackets, records parted by '|', an error in its words. */
static void shown(struct bytes in, char separator, char *ret, size_t size)
{
    struct csv c = csv_over(in, separator);
    struct csv_field f[FIELDS_MAX];
    struct err err;
    size_t n, at = 0;
    bool end;

    *ret = 0;
    for (;;) {
        if (!csv_next(&c, f, FIELDS_MAX, &n, &end, &err)) {
            snprintf(ret, size, "%s", err.text);
            return;
        }
        if (end)
            return;
        for (size_t i = 0; i < n; i++) {
            CHECK(at + f[i].n + 4 < size);
            ret[at++] = '[';
            at += csv_text(&f[i], ret + at);
            ret[at++] = ']';
        }
        ret[at++] = '|';
        ret[at] = 0;
    }
}

static const struct {
    const char *name, *in, *want;
} rows[] = {
    {"nothing", "", ""},
    {"RFC 4180, 2.1", "aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", "[aaa][bbb][ccc]|[zzz][yyy][xxx]|"},
    {"RFC 4180, 2.2: no last line end", "aaa,bbb\r\nzzz,yyy", "[aaa][bbb]|[zzz][yyy]|"},
    {"RFC 4180, 2.5", "\"aaa\",\"bbb\"\r\nzzz,yyy", "[aaa][bbb]|[zzz][yyy]|"},
    {"RFC 4180, 2.6", "\"aaa\",\"b\r\nbb\"\r\nzzz,yyy", "[aaa][b\r\nbb]|[zzz][yyy]|"},
    {"RFC 4180, 2.7", "\"aaa\",\"b\"\"bb\"", "[aaa][b\"bb]|"},
    {"spaces are part of a field", " a , b ", "[ a ][ b ]|"},
    {"line feeds alone", "a,b\nc,d\n", "[a][b]|[c][d]|"},
    {"empty fields", ",\n,,\n", "[][]|[][][]|"},
    {"an empty line is an empty field", "a\n\nb\n", "[a]|[]|[b]|"},
    {"a comma last", "a,", "[a][]|"},
    {"quotes around nothing", "\"\",\"\"\n", "[][]|"},
    {"quotes alone", "\"\"\"\"\n\"\"\"\"\"\"", "[\"]|[\"\"]|"},
    {"commas in quotes", "\"a,b\",c", "[a,b][c]|"},
    {"a byte order mark", "\xef\xbb\xbf\"a\",b", "[a][b]|"},
    {"a carriage return that ends no line", "a\rb,c\r", "[a\rb][c\r]|"},
    {"eight fields", "1,2,3,4,5,6,7,8", "[1][2][3][4][5][6][7][8]|"},
    {"nine fields", "1,2,3,4,5,6,7,8,9", "line 1: more than 8 fields"},
    {"a quote within", "a\nb\"c\n", "line 2: a quote within a field"},
    {"more after a quote", "a\n\"b\"c\n", "line 2: more after a closing quote"},
    {"more after a quote: a return alone", "\"b\"\r", "line 1: more after a closing quote"},
    {"a quote that does not end", "a\nb\n\"c\n", "line 3: a quote that does not end"},
    {"a quote alone", "\"", "line 1: a quote that does not end"},
    {"lines within quotes count", "\"a\n\nb\"\n\"", "line 4: a quote that does not end"},
};

static void examples(void **state)
{
    char got[256];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n = strlen(rows[i].in);
        uint8_t *p = malloc(n ? n : 1); /* exactly that size */

        test_row("%s", rows[i].name);
        if (n)
            memcpy(p, rows[i].in, n);
        shown((struct bytes){p, n}, ',', got, sizeof(got));
        free(p);
        CHECK_S(got, rows[i].want);
    }
}

static void another_separator(void **state)
{
    char got[64];

    shown((struct bytes){(const uint8_t *)"1,5;\"a;b\"\n", 10}, ';', got, sizeof(got));
    CHECK_S(got, "[1,5][a;b]|");
}

static void separators(void **state)
{
    static const struct {
        const char *in;
        char all, header;
    } headers[] = {
        {"", ',', ','},
        {"address\n", ',', ','},
        {"a;b\r\n1,2;3\r\n", ';', ';'},
        {"a,b\n1;2;3;4\n", ';', ','},
        {"a\tb\tc,d", '\t', '\t'},
        {"a,b;c\n", ',', ','}, /* as often: the first of them */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        struct bytes in = {(const uint8_t *)headers[i].in, strlen(headers[i].in)};

        test_row("%s", headers[i].in);
        CHECK_U((unsigned char)csv_separator(in), (unsigned char)headers[i].all);
        CHECK_U((unsigned char)csv_separator_header(in), (unsigned char)headers[i].header);
    }
}

static void columns(void **state)
{
    static const char text[] = "time,\"from\",to\n";
    struct csv c = csv_over((struct bytes){(const uint8_t *)text, sizeof(text) - 1}, ',');
    struct csv_field f[3];
    struct err err;
    size_t n;
    bool end;

    CHECK_OK(csv_next(&c, f, 3, &n, &end, &err), err);
    CHECK_U(n, 3);
    CHECK_U(csv_column(f, n, "from"), 1);
    CHECK(csv_column(f, n, "fro") == CSV_NONE);
    CHECK(csv_is(&f[0], "time"));
    CHECK_OK(csv_next(&c, f, 3, &n, &end, &err), err);
    CHECK(end);
}

/* Random fields, written as RFC 4180 has it and read back; long enough to cross blocks. */
static void read_back(void **state)
{
    static const char letters[] = {'a', 'b', ',', '"', '\n', '\r', 'c', ' '};
    struct test_random r = {test_seed()};
    static char text[1 << 16], want[1 << 16], got[1 << 17];

    for (unsigned round = 0; round < 2000; round++) {
        size_t n = 0, want_n = 0, records = test_below(&r, 6);
        uint8_t *p;

        for (size_t i = 0; i < records; i++) {
            size_t fields = 1 + test_below(&r, FIELDS_MAX);

            for (size_t k = 0; k < fields; k++) {
                size_t length = test_below(&r, test_below(&r, 4) ? 6 : 300);
                bool quote = test_below(&r, 2);

                want[want_n++] = '[';
                if (k)
                    text[n++] = ',';
                if (quote)
                    text[n++] = '"';
                for (size_t m = 0; m < length; m++) {
                    char c = quote ? letters[test_below(&r, sizeof(letters))]
                                   : (char)('a' + test_below(&r, 26));

                    want[want_n++] = c;
                    text[n++] = c;
                    if (c == '"')
                        text[n++] = c;
                }
                if (quote)
                    text[n++] = '"';
                want[want_n++] = ']';
            }
            want[want_n++] = '|';
            if (test_below(&r, 2))
                text[n++] = '\r';
            text[n++] = '\n';
        }
        want[want_n] = 0;
        p = malloc(n ? n : 1);
        memcpy(p, text, n);
        shown((struct bytes){p, n}, ',', got, sizeof(got));
        free(p);
        test_row("round %u", round);
        CHECK_S(got, want);
    }
}

/* Cells by hand, after RFC 4180 and OWASP's list of what begins a formula. */
static void cells(void **state)
{
    static const struct {
        const char *meant, *cell;
    } cell_rows[] = {
        {"", ""},
        {"a b", "a b"},
        {"a,b", "\"a,b\""},
        {"a;b\tc", "\"a;b\tc\""},
        {"say \"a\"", "\"say \"\"a\"\"\""},
        {"two\r\nlines", "\"two\r\nlines\""},
        {"=1+1", "'=1+1"},
        {"1+1=2", "1+1=2"},
        {"-1,5", "\"'-1,5\""},
        {"@a", "'@a"},
        {"\t=1", "\"'\t=1\""},
        {"\n=1", "\"'\n=1\""},
        {"\uff1d1", "'\uff1d1"},
        {"'t Hof", "'t Hof"},
        {"''=1", "'''=1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cell_rows) / sizeof(cell_rows[0]); i++) {
        struct text to = text_new(64);
        char meant[64];
        struct csv_field f;
        struct err err;
        struct csv c;
        bool end;
        size_t n;

        test_row("%s", cell_rows[i].cell);
        csv_cell(&to, cell_rows[i].meant, '\n');
        CHECK(strlen(cell_rows[i].cell) + 1 == to.n && !memcmp(to.p, cell_rows[i].cell, to.n - 1));
        c = csv_over((struct bytes){(const uint8_t *)to.p, to.n}, ',');
        CHECK_OK(csv_next(&c, &f, 1, &n, &end, &err), err);
        meant[csv_text(&f, meant)] = '\0';
        CHECK_S(csv_meant(meant), cell_rows[i].meant);
        text_free(&to);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),   cmocka_unit_test(another_separator),
        cmocka_unit_test(separators), cmocka_unit_test(columns),
        cmocka_unit_test(read_back),  cmocka_unit_test(cells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
