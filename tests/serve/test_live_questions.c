/* Questions of a node whose records somebody else writes without an end: as many wait as may; who
 * comes behind them waits once, and no more; when the records are free all are kept again. */
#include "serve/live_questions.h"

#include "base/mem.h"
#include "base/text.h"
#include "support.h"

#include <stdio.h>
#include <time.h>

#define FAILED_MAX 16 /* allocations that fail in turn: more than two questions take */
#define ROUNDS 120000 /* of a millisecond, until something must have happened */

static struct log *log_of_test;
static struct live_ledgers *ledgers;
static struct live_screener *screener;
static struct live_exposure *exposure;
static struct live_questions *questions;
static FILE *told;

static void make(void)
{
    const char *home = test_dir();
    struct err err;

    told = tmpfile();
    CHECK(told);
    CHECK_OK(log_open(fileno(told), false, &log_of_test, &err), err);
    CHECK_OK(live_ledgers_open(NULL, 0, &ledgers, &err), err);
    CHECK_OK(live_screener_open(home, log_of_test, &screener, &err), err);
    CHECK_OK(live_exposure_open(home, ledgers, screener, false, log_of_test, &exposure, &err), err);
    CHECK_OK(live_questions_open(screener, exposure, log_of_test, 30, &questions, &err), err);
}

static void end(void)
{
    questions = live_questions_close(questions);
    live_exposure_close(exposure);
    live_screener_close(screener);
    live_ledgers_close(ledgers);
    log_close(log_of_test);
    fclose(told);
}

static void put(uint32_t number)
{
    struct question_asked q = {.subject = "0x1111111111111111111111111111111111111111",
                               .form = "{}",
                               .at = 1704153600,
                               .outcome = {.rule = "", .reasons = ""}};

    store_le32(q.key, number);
    live_questions_put(questions, &q);
}

static void until_waiting(uint64_t most)
{
    const struct timespec ms = {0, 1000000};

    for (unsigned i = 0; i < ROUNDS && live_questions_counts(questions).waiting > most; i++)
        nanosleep(&ms, NULL);
    CHECK(live_questions_counts(questions).waiting <= most);
}

/* How often the log says that they are not kept. */
static unsigned told_n(void)
{
    char line[1024];
    unsigned n = 0;

    rewind(told);
    while (fgets(line, sizeof(line), told))
        n += strstr(line, "wait to be kept") != NULL;
    return n;
}

static void who_comes_behind_a_full_queue(void **state)
{
    struct store *other = NULL;
    struct err err;
    uint32_t number = 0;

    make();
    CHECK_OK(live_screener_records(screener, &other, &err), err);
    CHECK_OK(store_begin(other, &err), err);
    while (live_questions_counts(questions).waiting < QUESTIONS_WAITING_MAX)
        put(number++);
    CHECK_U(live_questions_counts(questions).lost, 0);
    CHECK(live_questions_full(questions));

    put(number++); /* waits its time out */
    CHECK_U(live_questions_counts(questions).lost, 1);
    CHECK(!live_questions_full(questions)); /* nobody waits any more: */
    for (unsigned i = 0; i < 10000; i++)    /* or this would take five hours */
        put(number++);
    CHECK_U(live_questions_counts(questions).lost, 10001);
    CHECK_U(told_n(), 1);

    store_rollback(other);
    until_waiting(0);
    CHECK_U(live_questions_counts(questions).kept, number - 10001);
    put(number++);
    until_waiting(0);
    CHECK_U(live_questions_counts(questions).kept, number - 10001);
    CHECK_U(live_questions_counts(questions).lost, 10001);
    store_close(other);
    end();
}

/* Whichever allocation fails in whichever thread, a question is kept or counted as lost, and when
 * there is memory again none waits. */
static void without_memory(void **state)
{
    static void (*const fails[])(int64_t) = {mem_fail_from, mem_fail_at};
    struct live_questions_counts c;
    uint32_t number = 0;

    (void)state;
    make();
    for (size_t f = 0; f < sizeof(fails) / sizeof(fails[0]); f++)
        for (int64_t i = 0; i < FAILED_MAX; i++) {
            test_row("allocation %lld %s", (long long)i, f ? "alone" : "and all after it");
            fails[f](i);
            put(number++);
            put(number++);
            mem_fail_from(-1);
            until_waiting(0);
            c = live_questions_counts(questions);
            CHECK_U(c.kept + c.lost, number);
        }
    put(number++);
    until_waiting(0);
    c = live_questions_counts(questions);
    CHECK_U(c.kept + c.lost, number);
    CHECK(c.lost >= 2); /* with the first of all */
    end();
}

/* A screener and its questions do not open without memory, or do all that they should. */
static bool opens(void *home)
{
    struct live_questions *q = NULL;
    struct err err;
    bool ok = live_questions_open(screener, exposure, log_of_test, 30, &q, &err);

    (void)home;
    CHECK(ok || err.class == ERR_NOMEM);
    live_questions_close(q);
    return ok;
}

static void opened_without_memory(void **state)
{
    (void)state;
    make();
    questions = live_questions_close(questions);
    for (int64_t i = 0;; i++) {
        bool hit;

        test_row("allocation %lld", (long long)i);
        mem_fail_from(i);
        opens(NULL);
        hit = mem_fail_hit();
        mem_fail_from(-1);
        if (!hit || i == FAILED_MAX) /* its thread goes on asking for some */
            break;
    }
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_behind_a_full_queue),
        cmocka_unit_test(without_memory),
        cmocka_unit_test(opened_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
