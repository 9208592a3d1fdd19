/* Registers: a table becomes bodies, a body is read as it was made; periods in a source's words. */
#include "group/period.h"
#include "group/record_show.h"

#include <assert.h>
#include <stdlib.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_again(struct arena *a, const struct record *r)
{
    struct record again;
    struct err err;

    assert(record_read(a, r->kind, r->body, &again, &err));
    assert(bytes_equal(again.body, r->body));
    (void)record_tlp(&again);
}

/* As a table it is the same record. */
static void there_and_back(struct arena *a, const struct hash32 *group, const struct record *r)
{
    struct text csv = text_new((size_t)16 << 20);
    struct record *rows;
    struct err err;
    size_t n;

    record_csv_put(&csv, r);
    if (!text_end(&csv, &err)) {
        text_free(&csv);
        return;
    }
    if (record_csv(a, r->kind, group, (struct bytes){(const uint8_t *)csv.p, csv.n}, &rows, &n,
                   &err))
        assert(n == 1 && bytes_equal(rows[0].body, r->body));
    else
        assert(err.class != ERR_INPUT);
    text_free(&csv);
}

static void period(const uint8_t *data, size_t size)
{
    char *words = malloc(size + 1);
    struct period p;

    if (!words)
        return;
    memcpy(words, data, size);
    words[size] = '\0';
    assert(!period_read(words, &p) || p.from < p.to);
    free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct hash32 group = {{1}};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct record_kind *k = &record_kinds[size ? data[0] % record_kinds_n : 0];
    struct bytes in = {size ? data + 1 : data, size ? size - 1 : 0};
    struct record r, *rows;
    struct err err;
    size_t n;

    if (a && record_csv(a, k, &group, in, &rows, &n, &err))
        for (size_t i = 0; i < n; i++) {
            same_again(a, &rows[i]);
            there_and_back(a, &group, &rows[i]);
        }
    if (a && (record_read(a, k, in, &r, &err) || record_make(a, k, &group, in, &r, &err))) {
        same_again(a, &r);
        there_and_back(a, &group, &r);
    }
    period(in.p, in.n);
    arena_free(a);
    return 0;
}
