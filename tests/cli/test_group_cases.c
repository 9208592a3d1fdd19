/* A group's cases, worked out once for a command that screens: whom they have reached, by hand over
 * the chainlet (tests/trace/chainlet.h), or the command fails. For want of memory nothing is left
 * out without a word. */
#include "cli/group_cases.h"

#include "../group/home.h"
#include "../trace/chainlet.h"
#include "base/text.h"
#include "cli/group_call.h"
#include "cli/ledger_any.h"
#include "group/report.h"

#include <stdio.h>
#include <string.h>

#define ARENA_BYTES ((size_t)600 << 20)
#define CASE_NAME "case:00000000000000000000000000000001"
#define PARTS 4

static struct test_random numbers = {7};
const struct group_random group_random = {world_fill, &numbers};

/* ---- a ledger of either shape ---- */

struct places {
    const char *at[2];
};

static bool opens(void *ctx)
{
    const struct places *p = ctx;
    struct err err;

    for (size_t i = 0; i < 2 && p->at[i]; i++) {
        struct trace_ledger l;

        if (!ledger_any_open(p->at[i], &l, &err)) {
            CHECK_U(err.class, ERR_NOMEM);
            return false;
        }
        CHECK(l.coins && !l.accounts);
        ledger_any_close(&l);
    }
    return true;
}

static void a_ledger_without_memory(void **state)
{
    struct places p = {{chainlet_ledger(0x7f)}};
    struct trace_ledger l;
    struct err err;

    (void)state;
    test_failed_allocations(opens, &p);
    CHECK(!ledger_any_open(test_dir(), &l, &err));
    CHECK(!l.coins && !l.accounts);
}

/* ---- cases ---- */

static const char *case_text(void)
{
    static char text[512];
    struct text id = text_new(200);

    text_hex_reversed(&id, chainlet()->t[0].b, 32);
    snprintf(text, sizeof(text),
             "{\"id\":\"C\",\"title\":\"A theft\",\"kind\":\"theft\",\"chain\":\"bitcoin:sim\","
             "\"origins\":[{\"output\":\"%s:0\"}],\"policy\":\"fifo\"}",
             text_string(&id));
    text_free(&id);
    return text;
}

struct of {
    const char *home;
    const char *place;
    struct trace_ledger ledger;
    uint64_t x; /* X's owner */
};

/* X has 20 of the theft, directly of nobody's. */
static bool told(void *ctx)
{
    const struct of *of = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct screen_case_part parts[PARTS];
    struct screen_cases *c = NULL;
    bool ok, more, whole = false;
    struct err err = {.class = ERR_NOMEM};

    ok = a && group_cases_open(a, of->home, &of->place, 1, &c, &err);
    CHECK(ok || err.class == ERR_NOMEM);
    if (ok) {
        CHECK(c);
        whole = screen_cases_lack(c, &of->ledger) == CASES_ALL;
    }
    if (whole) { /* else whoever asks is told that something is missing */
        CHECK_U(screen_cases_owners(c, &of->ledger, &of->x, 1, parts, PARTS, &more), 1);
        CHECK_U(parts[0].amount.w[0], 20);
        CHECK_S(parts[0].is.object, CASE_NAME);
        CHECK_S(parts[0].is.state, "verified");
        CHECK(parts[0].is.counts && parts[0].received);
    }
    screen_cases_free(c);
    arena_free(a);
    return whole;
}

static uint64_t owner_of(const struct ledger *l, char who)
{
    uint32_t twins[LEDGER_TWINS_MAX];
    uint8_t script[SCRIPT_FORM_MAX];
    size_t n;
    struct err err;

    CHECK_OK(address_read(chainlet_chain(), chainlet_address(who), script, &n, &err), err);
    CHECK(ledger_find_address(l, (struct bytes){script, n}, twins));
    return twins[0];
}

static void cases_without_memory(void **state)
{
    struct group_log_act act = {.type = "case.report", .object = CASE_NAME, .retention = "case"};
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    const char *text = case_text();
    struct of of = {.place = chainlet_ledger(0x7f)};
    struct report report;
    struct home h;
    struct hash32 id;
    struct err err;

    (void)state;
    world_start(&h.w);
    home_start(&h, 1);
    CHECK_OK(report_make(a, (struct bytes){(const uint8_t *)text, strlen(text)}, &report, &err),
             err);
    act.body = report.body;
    id = home_say(&h, 0, WORLD_INV, act);
    home_say(&h, 1, WORLD_INV,
             (struct group_log_act){
                 .type = "case.verify", .object = CASE_NAME, .after = &id, .after_n = 1});
    of.home = h.path;
    CHECK_OK(ledger_any_open(of.place, &of.ledger, &err), err);
    of.x = owner_of(of.ledger.coins, 'X');
    test_failed_allocations(told, &of);
    ledger_any_close(&of.ledger);
    arena_free(a);
    home_end(&h);
}

/* ---- no group ---- */

static void of_no_group(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const char *place = chainlet_ledger(0x7f);
    struct screen_cases *c;
    struct err err;

    (void)state;
    CHECK_OK(group_cases_open(a, test_dir(), &place, 1, &c, &err), err);
    CHECK(!c);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ledger_without_memory),
        cmocka_unit_test(cases_without_memory),
        cmocka_unit_test(of_no_group),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
