/* What several nodes agree on: a row says what each has, a letter a block from height 0 on; nodes
 * whose letters are the same at a height have the same block there. */
#include "support.h"

#include "serve/follow_agree.h"

#include <string.h>

struct world {
    const char *chains[FOLLOW_NODES_MAX];
    unsigned mute; /* bits: these answer nothing but their tip */
};

static struct hash32 block(const char *chain, uint64_t height)
{
    struct hash32 h = {{0}};

    for (uint64_t i = 0; i <= height; i++) /* a block is all before it, too */
        h.b[i % 32] = (uint8_t)(h.b[i % 32] * 31 + chain[i]);
    return h;
}

static bool ask(void *ctx, unsigned node, uint64_t height, struct hash32 *ret)
{
    const struct world *w = ctx;

    CHECK(height < strlen(w->chains[node]));
    if (w->mute >> node & 1)
        return false;
    *ret = block(w->chains[node], height);
    return true;
}

static const struct {
    const char *name;
    struct world w; /* "": it is down */
    unsigned least;
    int64_t height; /* -1: none */
    unsigned with, against;
    bool deep;
} rows[] = {
    {"one node", {{"aaaa"}, 0}, 1, 3, 1, 0, false},
    {"nobody is up", {{""}, 0}, 1, -1, 0, 0, false},
    {"two that are the same", {{"aaaa", "aaaa"}, 0}, 1, 3, 3, 0, false},
    {"the faster one leads", {{"aaaa", "aaa"}, 0}, 1, 3, 1, 0, false},
    {"unless two are wanted", {{"aaaa", "aaa"}, 0}, 2, 2, 3, 0, false},
    {"two wanted, one up", {{"aaaa", ""}, 0}, 2, -1, 0, 0, false},
    {"tips differ", {{"aaab", "aaac"}, 0}, 1, 2, 3, 3, false},
    {"three blocks differ", {{"abbb", "accc"}, 0}, 1, 0, 3, 3, true},
    {"the slower one is another", {{"aaaaa", "aab"}, 0}, 1, 1, 3, 3, false},
    {"the slower one is quite another", {{"aaaaaaa", "abbbbb"}, 0}, 1, 0, 3, 3, true},
    {"two are slower, one of them another", {{"aaaaa", "aab", "aaa"}, 0}, 1, 4, 1, 2, false},
    {"two against one", {{"aaab", "aaac", "aaac"}, 0}, 1, 3, 6, 1, false},
    {"two against one that lies long", {{"abbbbb", "aaaaaa", "aaaaaa"}, 0}, 1, 5, 6, 1, true},
    {"three of three kinds", {{"aaab", "aaac", "aaad"}, 0}, 1, 2, 7, 7, false},
    {"all but the first", {{"bbbb", "cccc"}, 0}, 1, -1, 0, 3, true},
    {"one does not say more than its tip", {{"aaaab", "aaaac"}, 2}, 1, 3, 1, 3, false},
    {"far below",
     {{"aaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbb", "aaaaaaaaaacccccccccccccccccccccccccc"}, 0},
     1,
     9,
     3,
     3,
     true},
};

static void agreed(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct follow_seen seen[FOLLOW_NODES_MAX] = {{.up = false}};
        struct world w = rows[i].w;
        struct follow_agreed got;
        unsigned n = 0;

        test_row("%s", rows[i].name);
        for (; n < FOLLOW_NODES_MAX && w.chains[n]; n++) {
            size_t length = strlen(w.chains[n]);

            seen[n].up = length > 0;
            seen[n].height = length ? length - 1 : 0;
            if (length)
                seen[n].hash = block(w.chains[n], length - 1);
        }
        got = follow_agree(seen, n, rows[i].least, ask, &w);
        CHECK_U(got.any, rows[i].height >= 0);
        if (got.any) {
            struct hash32 want;

            CHECK_U(got.height, rows[i].height);
            CHECK_U(got.with, rows[i].with);
            for (unsigned k = 0; k < n; k++)
                if (got.with >> k & 1) {
                    want = block(w.chains[k], got.height);
                    CHECK(hash32_equal(&want, &got.hash));
                }
        }
        CHECK_U(got.against, rows[i].against);
        CHECK_U(got.deep, rows[i].deep);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agreed)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
