/* Whom a case has reached: by hand, and against a plain list of moves while blocks come and are
 * undone. */
#include "trace/reach.h"

#include "base/mem.h"
#include "support.h"

#define OWNERS 40u
#define MOVES 400u /* a step makes one at most */
#define STEPS MOVES
#define SUMS 12u

static void put(struct reach *r, uint64_t move, uint64_t owner, uint64_t taint, uint32_t hop)
{
    struct reach_move m = {move, owner, 0, u256_of(taint), hop};
    struct err err;

    CHECK_OK(reach_put(r, &m, &err), err);
}

static void is_sum(const struct reach_sum *s, bool direct, uint64_t amount, uint64_t best,
                   uint32_t hop)
{
    CHECK_U(s->direct, direct);
    CHECK_U(s->amount.w[0], amount);
    CHECK_U(s->best, best);
    CHECK_U(s->hop, hop);
}

/* The picture of reach.h: b has 47 of two moves; when the last is undone it has 40, and when both
 * are, nothing. */
static void by_hand(void **state)
{
    struct reach *r = reach_new();
    struct reach_sum sums[SUMS];
    struct reach_move m;

    (void)state;
    CHECK(r);
    CHECK_U(reach_of(r, 1, sums, SUMS), 0);
    put(r, 3, 1, 40, 2);
    put(r, 5, 2, 10, 1);
    put(r, 9, 1, 7, 4);
    put(r, 11, 1, 50, 0);
    CHECK_U(reach_of(r, 1, sums, SUMS), 2);
    is_sum(&sums[0], false, 47, 3, 2);
    is_sum(&sums[1], true, 50, 11, 0);
    CHECK_U(reach_of(r, 1, sums, 0), 2);
    CHECK_U(reach_of(r, 2, sums, SUMS), 1);
    is_sum(&sums[0], true, 10, 5, 1);
    CHECK_U(reach_of(r, 3, sums, SUMS), 0);
    CHECK(reach_move_of(r, 9, &m) && m.owner == 1 && m.taint.w[0] == 7 && m.hop == 4);
    CHECK(!reach_move_of(r, 8, &m) && !reach_move_of(r, 12, &m));
    reach_back(r, 9);
    CHECK_U(reach_of(r, 1, sums, SUMS), 1);
    is_sum(&sums[0], false, 40, 3, 2);
    CHECK(!reach_move_of(r, 9, &m));
    put(r, 9, 1, 60, 3); /* another block in its place */
    CHECK_U(reach_of(r, 1, sums, SUMS), 1);
    is_sum(&sums[0], false, 100, 9, 3);
    reach_back(r, 0);
    CHECK_U(reach_n(r), 0);
    CHECK_U(reach_of(r, 1, sums, SUMS), 0);
    CHECK_U(reach_of(r, 2, sums, SUMS), 0);
    reach_free(r);
}

/* ---- against a list ---- */

struct list {
    struct reach_move at[MOVES];
    size_t n;
};

static struct u256 taint_of(struct test_random *r)
{
    struct u256 t = u256_of(1 + test_below(r, 5));

    if (!test_below(r, 50)) /* two of them are more than fits */
        t.w[3] = UINT64_MAX;
    return t;
}

/* What the list says of one owner, asset and distance; false: nothing. */
static bool naive(const struct list *l, uint64_t owner, uint64_t asset, bool direct,
                  struct reach_sum *ret)
{
    struct u256 largest = u256_of(0);
    bool full = false;

    *ret = (struct reach_sum){.asset = asset, .direct = direct, .amount = u256_of(0)};
    for (size_t i = 0; i < l->n; i++) {
        const struct reach_move *m = &l->at[i];

        if (m->owner != owner || m->asset != asset || (m->hop <= 1) != direct)
            continue;
        full |= !u256_add(ret->amount, m->taint, &ret->amount);
        if (!u256_less(largest, m->taint))
            continue;
        largest = m->taint;
        ret->best = m->move;
        ret->hop = m->hop;
    }
    if (full)
        ret->amount = (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    return !u256_zero(largest);
}

struct origins {
    uint64_t moves[MOVES];
    size_t n;
};

static void origin(void *ctx, const struct reach_move *m)
{
    struct origins *o = ctx;

    CHECK(!m->hop);
    o->moves[o->n++] = m->move;
}

/* Its origins; and of what came to an owner before a move, by so many hops, the most. */
static void same_moves(const struct reach *r, const struct list *l, struct test_random *random)
{
    uint64_t owner = test_below(random, OWNERS), asset = test_below(random, 3),
             before = l->n ? l->at[test_below(random, l->n)].move : 0, looked = 0;
    uint32_t hop = (uint32_t)test_below(random, 4);
    struct u256 most = u256_of(0);
    struct origins o = {.n = 0};
    struct reach_move m;
    size_t n = 0;

    reach_origins(r, origin, &o);
    for (size_t i = 0; i < l->n; i++) {
        const struct reach_move *at = &l->at[i];

        if (!at->hop)
            CHECK(n < o.n && o.moves[n++] == at->move);
        if (at->owner == owner && at->asset == asset && at->hop == hop && at->move < before &&
            u256_less(most, at->taint))
            most = at->taint;
    }
    CHECK_U(n, o.n);
    CHECK(reach_into(r, owner, asset, before, hop, &looked, MOVES, &m) == !u256_zero(most));
    if (!u256_zero(most))
        CHECK(u256_equal(m.taint, most) && m.owner == owner && m.move < before && m.hop == hop);
}

static void same(const struct reach *r, const struct list *l, uint64_t owner)
{
    struct reach_sum sums[SUMS], wanted;
    size_t n = reach_of(r, owner, sums, SUMS), there = 0;

    for (uint64_t asset = 0; asset < 3; asset++)
        for (int direct = 0; direct < 2; direct++) {
            size_t found = 0;

            if (!naive(l, owner, asset, direct != 0, &wanted))
                continue;
            there++;
            for (size_t i = 0; i < n; i++)
                if (sums[i].asset == asset && sums[i].direct == (direct != 0)) {
                    found++;
                    CHECK(u256_equal(sums[i].amount, wanted.amount));
                    CHECK_U(sums[i].best, wanted.best);
                    CHECK_U(sums[i].hop, wanted.hop);
                }
            CHECK_U(found, 1);
        }
    CHECK_U(n, there);
}

static void as_a_list(void **state)
{
    struct test_random random = {test_seed()};

    (void)state;
    for (int round = 0; round < 60; round++) {
        struct reach *r = reach_new();
        struct list l = {.n = 0};
        uint64_t next = 0;

        CHECK(r);
        for (unsigned step = 0; step < STEPS; step++) {
            struct err err;

            if (!test_below(&random, 12)) {
                uint64_t gone = test_below(&random, (test_below(&random, 8) ? 20 : next) + 1),
                         to = gone < next ? next - gone : 0;

                reach_back(r, to);
                while (l.n && l.at[l.n - 1].move >= to)
                    l.n--;
                next = to;
            } else {
                l.at[l.n] =
                    (struct reach_move){next, test_below(&random, OWNERS), test_below(&random, 3),
                                        taint_of(&random), (uint32_t)test_below(&random, 4)};
                CHECK_OK(reach_put(r, &l.at[l.n++], &err), err);
                next += 1 + test_below(&random, 3);
            }
            if (test_below(&random, 8))
                continue;
            CHECK_U(reach_n(r), l.n);
            for (uint64_t owner = 0; owner <= OWNERS; owner++)
                same(r, &l, owner);
            same_moves(r, &l, &random);
            for (size_t i = 0; i < l.n; i++) {
                struct reach_move m;

                CHECK(reach_move_of(r, l.at[i].move, &m) && m.owner == l.at[i].owner);
            }
        }
        reach_free(r);
    }
}

/* Whatever cannot be had, what was there is told as before. */
static void no_memory(void **state)
{
    (void)state;
    for (int64_t fail = 0;; fail++) {
        struct reach *r;
        struct reach_sum sums[SUMS];
        size_t done = 0;
        bool ok = true;
        struct err err = {.class = ERR_NONE};

        mem_fail_from(fail);
        r = reach_new();
        for (uint64_t i = 0; r && ok && i < 100; i++) {
            ok = reach_put(r, &(struct reach_move){i, i, 0, u256_of(1), 1}, &err);
            done += ok;
        }
        mem_fail_from(-1);
        CHECK(!r || ok || err.class == ERR_NOMEM);
        for (uint64_t i = 0; r && i < 100; i++)
            CHECK_U(reach_of(r, i, sums, SUMS), i < done);
        reach_free(r);
        if (r && ok)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(as_a_list),
        cmocka_unit_test(no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
