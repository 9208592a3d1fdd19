/* A table of another service: every row is counted once, told ones have their place and their
 * words, and what is read is read alike a second time. */
#include "screen/against.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool told(void *ctx, struct arena *a, const struct against_row *row, struct err *err)
{
    uint64_t *rows = ctx;

    (void)a;
    (void)err;
    assert(row->line > 1 && row->where < AGAINST_WHERES);
    assert((row->error != NULL) == (row->where == AGAINST_UNREAD));
    assert(row->error || (*row->word && (*row->question.address || *row->question.name)));
    ++*rows;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct screener *s;
    struct screener_options o = {.names = true};
    struct against_map map = {.n = 0};
    uint64_t n[2][AGAINST_WHERES], rows[2] = {0, 0}, sum = 0;
    bool ok[2];
    struct err err;

    if (!s && !screener_open(&o, &s, &err))
        return 0;
    if (!against_map_add(&map, "medium=ALLOW", &err))
        return 0;
    for (int i = 0; i < 2; i++)
        ok[i] = against_table(
            &(struct against_options){.screener = s, .map = &map, .tell = told, .ctx = &rows[i]},
            (struct bytes){data, size}, n[i], &err);
    assert(ok[0] == ok[1] && rows[0] == rows[1] && !memcmp(n[0], n[1], sizeof(n[0])));
    for (int i = 0; i < AGAINST_WHERES; i++)
        sum += n[0][i];
    assert(sum == rows[0]);
    return 0;
}
