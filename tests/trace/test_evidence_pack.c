/* Evidence packs of accounts and of several ledgers, as bytes from outside: the corpus of their
 * fuzz target holds, no prefix of it is taken, and want of memory is told. What they prove is in
 * tests/cli/test_evidence_pack.sh and test_evidence_leaves.sh. */
#include "support.h"

#include "trace/evidence_pack.h"

#include <stdio.h>

#define ARENA_BYTES ((size_t)256 << 20)

static struct bytes seed(const char *name)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/fuzz/corpus/evidence_pack/%s", CORDON_SOURCE, name);
    return test_read(path);
}

static bool check(struct bytes in, struct err *err, struct evidence_pack_answer *ret)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    bool ok = a && evidence_pack_check(a, in, ret, err);

    if (!a)
        err_fail(err, ERR_NOMEM, "arena");
    ret->document = NULL; /* it is gone with the arena */
    arena_free(a);
    return ok;
}

static void hold(void **state)
{
    static const char *const names[] = {"roots",       "trees",   "lists",
                                        "withdrawals", "several", "coins"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct evidence_pack_answer answer;
        struct err err;

        test_row("%s", names[i]);
        CHECK_OK(check(seed(names[i]), &err, &answer), err);
        CHECK_S(answer.text, "");
        CHECK(answer.holds);
        CHECK(answer.of_several == (i > 3));
        CHECK(answer.of_accounts == (i < 4));
    }
}

static bool holds(struct bytes in, void *ctx)
{
    struct evidence_pack_answer answer;
    struct err err;

    if (!check(in, &err, &answer)) {
        CHECK_U(err.class, ERR_INPUT);
        return false;
    }
    return answer.holds;
}

static void truncations(void **state)
{
    static const char *const names[] = {"roots", "trees"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct bytes in = seed(names[i]);

        test_row("%s", names[i]);
        while (in.n && in.p[in.n - 1] == '\n') /* without it, it is whole, too */
            in.n--;
        test_truncations(in, holds, NULL);
    }
}

static bool with_allocations(void *ctx)
{
    struct evidence_pack_answer answer;
    struct err err;
    bool ok = check(*(struct bytes *)ctx, &err, &answer);

    if (ok)
        CHECK_S(answer.text, "");
    else
        CHECK_U(err.class, ERR_NOMEM);
    return ok;
}

static void allocations(void **state)
{
    static const char *const names[] = {"roots", "trees", "coins"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct bytes in = seed(names[i]);

        test_row("%s", names[i]);
        test_failed_allocations(with_allocations, &in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hold),
        cmocka_unit_test(truncations),
        cmocka_unit_test(allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
