/* The store of leads, whose answers are counted on: what memory is wanting for fails and says so,
 * what was said to be kept is kept by whoever is killed at any write, and on a full or broken disk
 * nothing is taken that is not kept. How leads are told and judged: tests/serve/test_leads.sh. */
#include "serve/lead_store.h"

#include "../group/world.h"
#include "../store/failing.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARENA_BYTES ((size_t)16 << 20)
#define ALL 8
#define DEEDS 5

static const char body[] =
    "{\"chain\":\"bitcoin\",\"target\":\"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\",\"action\":\"trace\","
    "\"tx\":\"t\",\"note\":\"n\"}";
static const char *const ids[] = {"00000000000000000000000000000001",
                                  "00000000000000000000000000000002"};
static const struct lead_review useful = {"useful", "kim", "thanks", 7};

static bool open_store(const char *path, struct store **ret, struct err *err)
{
    static const struct store_schema *const schemas[] = {&lead_schema};

    return store_open(path, STORE_WRITE, schemas, 1, ret, err);
}

static char *new_path(void)
{
    static const char *dir;
    static char path[4200];
    static unsigned n;

    dir = dir ? dir : test_dir();
    snprintf(path, sizeof(path), "%s/%u.sqlite", dir, n++);
    return path;
}

static bool tell(struct store *s, struct arena *a, unsigned which, struct err *err)
{
    struct lead l;

    if (!lead_read(a, (struct bytes){(const uint8_t *)body, sizeof(body) - 1}, &l, err))
        return false;
    l.id = ids[which];
    l.key = "outsider";
    l.ms = 1 + which;
    return lead_put(s, a, &l, err);
}

/* ---- memory ---- */

/* The life of a lead, and of another about the same, in a transaction that is never committed. */
static bool a_life(void *path)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct signer by = world_signer(0, WORLD_DESK);
    struct store *s = NULL;
    struct lead all[ALL], one;
    size_t n = 0;
    struct err err = {.class = ERR_NOMEM};
    bool ok = a && open_store(path, &s, &err) && store_begin(s, &err);

    ok = ok && tell(s, a, 0, &err) && tell(s, a, 1, &err) &&
         lead_list(s, a, 0, NULL, all, ALL, &n, &err);
    if (ok) {
        CHECK_U(n, 2);
        CHECK_S(all[0].status, "new");
        CHECK_S(all[1].status, "duplicate");
        CHECK_S(all[1].duplicate_of, ids[0]);
        CHECK_S(all[0].note, "n");
        CHECK(lead_same_target(&all[0], &all[1]));
    }
    ok = ok && lead_unjudged(s, a, all, ALL, &n, &err);
    if (ok) {
        CHECK_U(n, 1);
        CHECK_S(all[0].id, ids[0]);
    }
    ok = ok && lead_judged(s, all[0].number, true, "case:1", &err) &&
         lead_review(s, ids[0], &useful, &by, &err) && lead_find(s, a, ids[0], &one, &err);
    if (ok) {
        CHECK_S(one.status, "reviewed");
        CHECK_S(one.reached, "case:1");
        CHECK_S(one.by, "kim");
        CHECK(one.is_signed);
    }
    ok = ok && lead_unaudited(s, a, all, ALL, &n, &err);
    if (ok)
        CHECK_U(n, 1);
    ok = ok && lead_audited(s, all[0].number, &err) && lead_unaudited(s, a, all, ALL, &n, &err);
    if (ok)
        CHECK_U(n, 0);
    ok = ok && lead_purge(s, 2, &err) && lead_list(s, a, 0, NULL, all, ALL, &n, &err);
    if (ok) {
        CHECK_U(n, 1);
        CHECK_S(all[0].id, ids[1]);
    }
    store_close(s);
    arena_free(a);
    CHECK(ok || err.class == ERR_NOMEM);
    return ok;
}

static void no_memory(void **state)
{
    char *path = new_path();
    struct store *s = NULL;
    struct err err;

    (void)state;
    CHECK_OK(open_store(path, &s, &err), err);
    store_close(s);
    test_failed_allocations(a_life, path);
}

/* ---- writes ---- */

/* One of DEEDS, each of which is kept when it returns. */
static bool deed(struct store *s, unsigned i, struct err *err)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct signer by = world_signer(0, WORLD_DESK);
    bool ok = false;

    CHECK(a);
    switch (i) {
    case 0:
        ok = tell(s, a, 0, err);
        break;
    case 1:
        ok = tell(s, a, 1, err);
        break;
    case 2:
        ok = lead_judged(s, 1, true, "case:1", err);
        break;
    case 3:
        ok = lead_review(s, ids[0], &useful, &by, err);
        break;
    case 4:
        ok = lead_audited(s, 1, err);
        break;
    }
    arena_free(a);
    return ok;
}

/* How many of the deeds are done; each is whole. */
static unsigned done_in(struct store *s)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct lead all[ALL], none[ALL];
    size_t n, unaudited;
    unsigned done;
    struct err err;

    CHECK(a);
    CHECK_OK(lead_list(s, a, 0, NULL, all, ALL, &n, &err), err);
    CHECK_OK(lead_unaudited(s, a, none, ALL, &unaudited, &err), err);
    done = (unsigned)n;
    if (n == 2 && all[0].judged) {
        CHECK_S(all[0].reached, "case:1");
        done = 3;
    }
    if (n && all[0].disposition) {
        CHECK_U(done, 3);
        CHECK_S(all[0].remark, "thanks");
        CHECK(all[0].is_signed);
        done = unaudited ? 4 : 5;
    }
    arena_free(a);
    return done;
}

/* In the child: each deed is told when it is done. */
static void act(const char *path, int told)
{
    struct store *s = NULL;
    struct err err;

    if (!open_store(path, &s, &err))
        _exit(1);
    for (unsigned i = 0; i < DEEDS; i++)
        if (!deed(s, i, &err) || write(told, "", 1) != 1)
            _exit(2);
    store_close(s);
    _exit(0);
}

static void killed_at_each_write(void **state)
{
    unsigned killed = 0;

    (void)state;
    for (int64_t at = 0;; at++) {
        char *path = new_path(), told[DEEDS];
        struct store *s = NULL;
        int status = 0, ends[2];
        unsigned done = 0, is;
        struct err err;
        pid_t child;
        ssize_t n;

        test_row("write %lld", (long long)at);
        CHECK(!pipe(ends));
        child = fork();
        CHECK(child >= 0);
        if (!child) {
            failing_writes(at / 2, at % 2 ? FAILING_TEARS : FAILING_KILLS);
            act(path, ends[1]);
        }
        close(ends[1]);
        while ((n = read(ends[0], told, sizeof(told))) > 0)
            done += (unsigned)n;
        close(ends[0]);
        CHECK(waitpid(child, &status, 0) == child);
        CHECK_OK(open_store(path, &s, &err), err);
        is = done_in(s);
        CHECK(is == done || is == done + 1);  /* it may have been killed before it could say so */
        for (unsigned i = is; i < DEEDS; i++) /* and it goes on from there */
            CHECK_OK(deed(s, i, &err), err);
        CHECK_U(done_in(s), DEEDS);
        store_close(s);
        if (WIFEXITED(status)) {
            CHECK_U(WEXITSTATUS(status), 0);
            CHECK_U(done, DEEDS);
            break;
        }
        CHECK(WIFSIGNALED(status));
        killed++;
    }
    CHECK(killed > 2 * DEEDS);
}

/* What was not kept was refused, and is taken when there is room again. */
static void a_disk_that_fails(void **state)
{
    static const enum failing_how hows[] = {FAILING_FULL, FAILING_IO};

    (void)state;
    for (size_t h = 0; h < sizeof(hows) / sizeof(hows[0]); h++)
        for (int64_t at = 0;; at++) {
            char *path = new_path();
            struct store *s = NULL;
            unsigned done = 0;
            struct err err;
            bool ok, hit;

            test_row("%s from write %lld on", h ? "an error" : "no space", (long long)at);
            failing_writes(at, hows[h]);
            ok = open_store(path, &s, &err);
            while (ok && done < DEEDS && (ok = deed(s, done, &err)))
                done++;
            hit = failing_hit();
            failing_writes(-1, FAILING_FULL);
            CHECK(ok || (hit && err.class == ERR_SYSTEM));
            if (!s)
                CHECK_OK(open_store(path, &s, &err), err);
            CHECK_U(done_in(s), done);
            for (unsigned i = done; i < DEEDS; i++)
                CHECK_OK(deed(s, i, &err), err);
            CHECK_U(done_in(s), DEEDS);
            store_close(s);
            if (!hit)
                break;
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_memory),
        cmocka_unit_test(killed_at_each_write),
        cmocka_unit_test(a_disk_that_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
