/* Screeners under a node that answers from them: what is imported comes into use by itself, what is
 * held stays as it was, and what cannot be opened changes nothing. */
#include "serve/live_screener.h"

#include "base/mem.h"
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 120000 /* of a millisecond, until something must have happened */
#define LISTED "0x1111111111111111111111111111111111111111"

static const char list[] = "1,\"SOME GROUP\",-0- ,\"CYBER2\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"
                           "\"Digital Currency Address - ETH " LISTED ".\"\r\n\x1a\r\n";

static char home[4096];
static struct log *log_of_test;
static int log_fd;

static struct live_screener *opened(void)
{
    struct live_screener *l = NULL;
    struct err err;

    snprintf(home, sizeof(home), "%s", test_dir());
    log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    CHECK(log_fd >= 0);
    CHECK_OK(log_open(log_fd, false, &log_of_test, &err), err);
    CHECK_OK(live_screener_open(home, log_of_test, &l, &err), err);
    return l;
}

static void closed(struct live_screener *l)
{
    live_screener_close(l);
    log_close(log_of_test);
    close(log_fd);
}

static void import(const struct live_screener *l)
{
    struct list_input in = {"sdn.csv", {(const uint8_t *)list, sizeof(list) - 1}};
    struct list_import how = {.files = &in, .files_n = 1, .as_of = {2024, 1, 2}, .now = 1704153600};
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    struct list_version version;
    struct store *store = NULL;
    struct err err;
    bool new;

    CHECK(a);
    CHECK_OK(live_screener_records(l, &store, &err), err);
    CHECK_OK(list_import(store, a, &how, &version, NULL, &new, &err), err);
    CHECK(new);
    store_close(store);
    arena_free(a);
}

static void wait_a_moment(void)
{
    const struct timespec ms = {0, 1000000};

    nanosleep(&ms, NULL);
}

static void until_loads(struct live_screener *l, uint64_t loads)
{
    for (unsigned i = 0; i < ROUNDS && live_screener_counts(l).loads < loads; i++)
        wait_a_moment();
    CHECK_U(live_screener_counts(l).loads, loads);
}

static size_t listed(const struct live_screener_view *v)
{
    return screener_stands(live_screener_at(v)).addresses_n;
}

static void what_is_held_stays(void **state)
{
    struct live_screener *l = opened();
    struct live_screener_view *held = live_screener_take(l), *now;

    (void)state;
    CHECK_U(listed(held), 0);
    CHECK_U(live_screener_counts(l).loads, 1);
    import(l);
    until_loads(l, 2);
    now = live_screener_take(l);
    CHECK(now != held);
    CHECK_U(listed(now), 1);
    CHECK_U(listed(held), 0);
    live_screener_drop(l, held);
    live_screener_renew(l); /* asked for: opened anew though nothing has changed */
    until_loads(l, 3);
    CHECK_U(listed(now), 1);
    live_screener_drop(l, now);
    closed(l);
}

static void what_cannot_be_opened_changes_nothing(void **state)
{
    struct live_screener *l = opened();
    struct live_screener_view *v;
    char rules[5000];

    (void)state;
    import(l);
    until_loads(l, 2);
    snprintf(rules, sizeof(rules), "%s/%s", home, RULES_FILE);
    test_write(rules, "no rules", 8);
    for (unsigned i = 0; i < ROUNDS && !live_screener_counts(l).failed; i++)
        wait_a_moment();
    CHECK(live_screener_counts(l).stale);
    v = live_screener_take(l);
    CHECK_U(listed(v), 1);
    live_screener_drop(l, v);
    CHECK(!unlink(rules)); /* which it may see by itself, too, and be asked for once more */
    live_screener_renew(l);
    for (unsigned i = 0; i < ROUNDS && live_screener_counts(l).stale; i++)
        wait_a_moment();
    CHECK(!live_screener_counts(l).stale);
    closed(l);
}

static void every_allocation_failed_in_turn(void **state)
{
    struct live_screener *l = opened();
    struct err err;
    bool ok = false;

    (void)state;
    live_screener_close(l);
    for (int64_t n = 0; !ok; n++) {
        l = NULL;
        mem_fail_from(n);
        ok = live_screener_open(home, log_of_test, &l, &err);
        mem_fail_from(-1);
        CHECK(ok || (err.class == ERR_NOMEM && !l));
    }
    closed(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_held_stays),
        cmocka_unit_test(what_cannot_be_opened_changes_nothing),
        cmocka_unit_test(every_allocation_failed_in_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
