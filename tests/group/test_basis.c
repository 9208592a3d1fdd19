/* The basis matrix: rows as a charter has them; what they grant, against a second way to look; and
 * holds in a group that has one. */
#include "group/alert.h"
#include "support.h"
#include "world.h"

#define HOUR ((uint64_t)3600000)
#define Y2026 ((uint64_t)20454 * 86400000) /* 2026-01-01, days since 1970 */

static struct bytes bytes_of(const char *s)
{
    return (struct bytes){(const uint8_t *)s, strlen(s)};
}

static bool read_list(struct arena *a, const char *s, struct basis_matrix *ret, struct err *err)
{
    const struct json *o;

    return json_read(a, (const char *)bytes_of(s).p, strlen(s), &o, err) &&
           basis_read(a, o, ret, err);
}

#define ROW(act, rc, rk, hc, hk, bases, hours, from, to)                                           \
    "{\"act\":\"" act "\",\"requester\":{\"country\":\"" rc "\",\"kind\":\"" rk                    \
    "\"},\"holder\":{\"country\":\"" hc "\",\"kind\":\"" hk "\"},\"bases\":[" bases                \
    "],\"hours_max\":" hours ",\"notice_hours\":null,\"from\":\"" from "\",\"to\":" to "}"

#define PUT_OFF(notice, rest)                                                                      \
    "[{\"act\":\"order\",\"requester\":{\"country\":\"*\",\"kind\":\"*\"},\"holder\":{"            \
    "\"country\":"                                                                                 \
    "\"*\",\"kind\":\"*\"},\"bases\":[\"tos\"],\"hours_max\":72,\"notice_hours\":" notice          \
    ",\"from\":\"1970-01-01\",\"to\":null" rest "}]"

#define IN_ALL(act, total)                                                                         \
    "[" ROW(act, "*", "*", "*", "*", "\"tos\"", "72,\"hours_total\":" total, "1970-01-01",         \
            "null") "]"

static const struct {
    const char *list, *complaint; /* NULL: it is right */
} read_rows[] = {
    {PUT_OFF("48", ",\"defer_hours\":48"), NULL},
    {PUT_OFF("48", ",\"defer_hours\":1000000,\"defer_by\":[\"safety\",\"court-order\"]"), NULL},
    {PUT_OFF("48", ",\"defer_by\":[]"), NULL},
    {PUT_OFF("48", ",\"defer_hours\":47"), "bases[0]: defer_hours: less than notice_hours"},
    {PUT_OFF("48", ",\"defer_hours\":1000001"), "bases[0]: defer_hours: at most 1000000"},
    {PUT_OFF("48", ",\"defer_hours\":null"), "bases[0]: defer_hours: a number is wanted"},
    {PUT_OFF("48", ",\"defer_hours\":\"96\""), "bases[0]: defer_hours: a number is wanted"},
    {PUT_OFF("48", ",\"defer_by\":\"safety\""), "bases[0]: defer_by: a list is wanted"},
    {PUT_OFF("48", ",\"defer_by\":[\"whim\"]"), "bases[0]: defer_by: \"whim\" is none"},
    {PUT_OFF("null", ",\"defer_hours\":96"),
     "bases[0]: defer_hours: without notice_hours there is nothing to put off"},
    {PUT_OFF("null", ",\"defer_by\":[\"safety\"]"),
     "bases[0]: defer_by: without notice_hours there is nothing to put off"},
    {IN_ALL("order", "72"), NULL},
    {IN_ALL("extend", "1000000"), NULL},
    {IN_ALL("legal", "null"), NULL},
    {IN_ALL("extend", "71"), "bases[0]: hours_total: less than hours_max"},
    {IN_ALL("extend", "1000001"), "bases[0]: hours_total: at most 1000000"},
    {IN_ALL("extend", "\"72\""), "bases[0]: hours_total: a number is wanted"},
    {IN_ALL("extend", "-1"), "bases[0]: hours_total: a whole number is wanted"},
    {IN_ALL("disclose", "72"), "bases[0]: hours_total: a disclosure holds nothing"},
    {IN_ALL("disclose", "null"), "bases[0]: hours_total: a disclosure holds nothing"},
    {"[]", NULL},
    {"[" ROW("order", "KR", "agency", "US", "*", "\"tos\"", "72", "2026-01-01", "null") "]", NULL},
    {"{}", "bases: a list of at most 10000 is wanted"},
    {"[" ROW("seize", "KR", "*", "US", "*", "\"tos\"", "72", "2026-01-01", "null") "]",
     "bases[0]: act: order, extend, legal or disclose is wanted"},
    {"[" ROW("order", "KR", "*", "US", "*", "\"whim\"", "72", "2026-01-01", "null") "]",
     "bases[0]: bases: \"whim\" is none"},
    {"[" ROW("order", "KR", "*", "US", "*", "", "72", "2026-01-01", "null") "]",
     "bases[0]: bases: a list is wanted"},
    {"[" ROW("order", "KR", "*", "US", "*", "\"tos\"", "\"72\"", "2026-01-01", "null") "]",
     "bases[0]: hours_max: a number is wanted"},
    {"[" ROW("order", "KR", "*", "US", "*", "\"tos\"", "72", "2026-1-1", "null") "]",
     "bases[0]: from: a day, as 2026-01-01, is wanted"},
    {"[" ROW("order", "KR", "*", "US", "*", "\"tos\"", "72", "2026-01-02", "\"2026-01-02\"") "]",
     "bases[0]: to: not after from"},
    {"[" ROW("order", "KR", "*", "US", "*", "\"tos\"", "72", "2026-01-01", "null") ",{}]",
     "bases[1]: act: missing"},
};

static void rows_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(read_rows) / sizeof(read_rows[0]); i++) {
        struct arena *a = arena_new(NULL, SIZE_MAX);
        struct err err = {.class = ERR_NONE};
        struct basis_matrix m;
        bool ok = read_list(a, read_rows[i].list, &m, &err);

        test_row("%zu", i);
        CHECK_U(ok, !read_rows[i].complaint);
        if (!ok)
            CHECK_S(err.text, read_rows[i].complaint);
        arena_free(a);
    }
}

static const char matrix[] = "[" ROW(
    "order", "*", "*", "US", "vasp", "\"tos\",\"internal-aml\"", "72", "2026-01-01",
    "null") "," ROW("order", "US", "agency", "US", "vasp", "\"le-request\"", "240", "2026-01-01",
                    "\"2027-01-01\"") "," ROW("order", "KR", "agency", "US", "vasp",
                                              "\"le-request\"", "24", "2026-01-01", "null") "]";

static const struct {
    struct basis_act act;
    const char *complaint;
} grant_rows[] = {
    {{"order", {"KR", "fiu"}, {"US", "vasp"}, "tos", Y2026, 72, false}, NULL},
    {{"order", {"KR", "fiu"}, {"US", "vasp"}, "tos", Y2026, 73, false},
     "no row of the basis matrix: act order, requester KR fiu, holder US vasp, basis tos, 73 "
     "hours, "
     "on 2026-01-01"},
    {{"order", {"KR", "fiu"}, {"US", "vasp"}, "tos", Y2026 - 1, 72, false},
     "no row of the basis matrix: act order, requester KR fiu, holder US vasp, basis tos, 72 "
     "hours, "
     "on 2025-12-31"},
    {{"order", {"KR", "fiu"}, {"US", "bank"}, "tos", Y2026, 1, false},
     "no row of the basis matrix: act order, requester KR fiu, holder US bank, basis tos, 1 hours, "
     "on 2026-01-01"},
    {{"extend", {"KR", "fiu"}, {"US", "vasp"}, "tos", Y2026, 1, false},
     "no row of the basis matrix: act extend, requester KR fiu, holder US vasp, basis tos, 1 "
     "hours, "
     "on 2026-01-01"},
    {{"order", {"US", "agency"}, {"US", "vasp"}, "le-request", Y2026, 240, false}, NULL},
    {{"order", {"US", "agency"}, {"US", "vasp"}, "le-request", Y2026 + 365 * 24 * HOUR, 1, false},
     "no row of the basis matrix: act order, requester US agency, holder US vasp, basis "
     "le-request, "
     "1 hours, on 2027-01-01"},
    {{"order", {"KR", "agency"}, {"US", "vasp"}, "le-request", Y2026, 24, false},
     "no authority of US has taken the request of KR on (relay): le-request does not serve"},
    {{"order", {"KR", "agency"}, {"US", "vasp"}, "le-request", Y2026, 24, true}, NULL},
    {{"order", {"KR", "agency"}, {"US", "vasp"}, "court-order", Y2026, 24, true},
     "no row of the basis matrix: act order, requester KR agency, holder US vasp, basis "
     "court-order, "
     "24 hours, on 2026-01-01"},
};

static void rows_grant(void **state)
{
    struct arena *a = arena_new(NULL, SIZE_MAX);
    struct basis_matrix m, none = {.there = false};
    const struct basis_row *row;
    struct err err;

    (void)state;
    CHECK_OK(read_list(a, matrix, &m, &err), err);
    for (size_t i = 0; i < sizeof(grant_rows) / sizeof(grant_rows[0]); i++) {
        bool ok = basis_grants(&m, &grant_rows[i].act, &row, &err);

        test_row("%zu", i);
        CHECK_U(ok, !grant_rows[i].complaint);
        CHECK_U(row != NULL, ok);
        if (!ok)
            CHECK_S(err.text, grant_rows[i].complaint);
        CHECK(basis_grants(&none, &grant_rows[i].act, &row, &err) && !row);
    }
    arena_free(a);
}

/* The shipped example grants nothing, whatever is asked of it. */
static void the_example_grants_nothing(void **state)
{
    struct arena *a = arena_new(NULL, SIZE_MAX);
    struct bytes in = test_read(CORDON_SOURCE "/examples/bases.json");
    static const char *const acts[] = {"order", "extend", "legal", "disclose"};
    const struct json *o;
    struct basis_matrix m;
    struct err err;

    (void)state;
    CHECK_OK(json_read(a, (const char *)in.p, in.n, &o, &err), err);
    CHECK_OK(basis_read(a, json_get(o, "bases"), &m, &err), err);
    CHECK(m.n >= 4);
    for (size_t i = 0; i < m.n; i++)
        for (size_t k = 0; k < 4; k++)
            for (const char *const *basis = hold_bases; *basis; basis++) {
                struct basis_act act = {acts[k], m.rows[i].requester, m.rows[i].holder,
                                        *basis,  m.rows[i].from_ms,   1,
                                        true};
                const struct basis_row *row;

                CHECK(!basis_grants(&m, &act, &row, &err) && !row);
            }
    arena_free(a);
}

/* ---- in a group ---- */

#define CASE_A "case:000000000000000000000000000000aa"
#define ALERT_A "alert:0000000000000000000000000000000000000000000000000000000000000001"
#define PAPER "instrument:00000000000000000000000000000000000000000000000000000000000000ff"
#define ORDER_HOURS 24

static const struct { /* us reports, jp holds; who relays before the order: -1 nobody */
    const char *bases, *basis;
    int relays;
    uint64_t held;
    enum alert_why why;
} hold_rows[] = {
    {NULL, "court-order", -1, 600, ALERT_WHY_NOTHING},
    {"[]", "tos", -1, 0, ALERT_WHY_NO_HOLD},
    {"[" ROW("order", "US", "agency", "JP", "*", "\"tos\"", "24", "1970-01-01", "null") "]", "tos",
     -1, 600, ALERT_WHY_NOTHING},
    {"[" ROW("order", "US", "agency", "JP", "*", "\"tos\"", "23", "1970-01-01", "null") "]", "tos",
     -1, 0, ALERT_WHY_NO_HOLD},
    {"[" ROW("order", "KR", "agency", "JP", "*", "\"tos\"", "24", "1970-01-01", "null") "]", "tos",
     -1, 0, ALERT_WHY_NO_HOLD},
    {"[" ROW("order", "*", "*", "*", "*", "\"court-order\"", "24", "1970-01-01", "null") "]",
     "court-order", -1, 0, ALERT_WHY_NO_HOLD},
    {"[" ROW("order", "*", "*", "*", "*", "\"court-order\"", "24", "1970-01-01", "null") "]",
     "court-order", 1, 0, ALERT_WHY_NO_HOLD}, /* kr is no authority of Japan's */
};

static struct world_event *step(struct world *w, unsigned member, enum world_key key,
                                const char *type, uint64_t ms, const struct event_facts *facts,
                                const struct world_event *prev)
{
    bool of_case = !strncmp(type, "case.", 5);

    return world_say(w, (struct world_say){.member = member,
                                           .key = key,
                                           .stream = 5,
                                           .object = of_case ? CASE_A : ALERT_A,
                                           .type = type,
                                           .ms = ms,
                                           .facts = facts,
                                           .prev = prev});
}

static void holds_want_a_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hold_rows) / sizeof(hold_rows[0]); i++) {
        struct event_facts told = world_alert(CASE_A, "jp");
        struct event_facts order = world_order(hold_rows[i].basis, 1000 + ORDER_HOURS * HOUR);
        const struct world_event *prev;
        const struct alert_book *book;
        struct alert_now now;
        struct world w;
        struct fold *f;

        test_row("%zu", i);
        world_start_bases(&w, hold_rows[i].bases);
        world_found(&w);
        step(&w, 0, WORLD_INV, "case.report", 100, NULL, NULL);
        prev = step(&w, 2, WORLD_NODE, "alert.detect", 200, &told, NULL);
        if (hold_rows[i].relays >= 0)
            step(&w, (unsigned)hold_rows[i].relays, WORLD_HEAD, "alert.relay", 300, NULL, NULL);
        prev = step(&w, 2, WORLD_DESK, "alert.acknowledge", 400, NULL, prev);
        step(&w, 2, WORLD_DESK, "alert.order", 1000, &order, prev);
        f = world_fold(&w, NULL, w.n);
        book = alert_book(w.arena, f);
        CHECK(book);
        CHECK(alert_now(book, fold_object(f, ALERT_A, "all"), 2000, &now));
        CHECK_U(now.why, hold_rows[i].why);
        CHECK(!u256_less(now.amount, u256_of(hold_rows[i].held)) &&
              !u256_less(u256_of(hold_rows[i].held), now.amount));
        fold_free(f);
        world_end(&w);
    }
}

/* A charter without a matrix is no way round a later one that has no row. */
static void an_older_charter(void **state)
{
    static const struct {
        uint64_t ms;
        bool granted;
    } rows[] = {{HOUR - 1, true}, {HOUR + 1, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct event_facts told = world_alert(CASE_A, "jp");
        struct event_facts order = world_order("tos", 3 * HOUR);
        struct text draft = text_new((size_t)64 << 10);
        const struct world_event *prev;
        struct charter second;
        struct alert_now now;
        struct world w;
        struct fold *f;

        test_row("%zu", i);
        world_start_bases(&w, NULL);
        world_found(&w);
        text_printf(&draft, "{\"bases\":[],%s", (const char *)w.charter.text.p + 1);
        CHECK(text_string(&draft));
        world_second(&w, draft.p, HOUR - 2, &second); /* adopted at HOUR */
        text_free(&draft);
        step(&w, 0, WORLD_INV, "case.report", 100, NULL, NULL);
        prev = step(&w, 2, WORLD_NODE, "alert.detect", 200, &told, NULL);
        prev = step(&w, 2, WORLD_DESK, "alert.acknowledge", 400, NULL, prev);
        step(&w, 2, WORLD_DESK, "alert.order", rows[i].ms, &order, prev); /* names the first */
        f = world_fold(&w, NULL, w.n);
        CHECK_U(fold_charter(f)->version, 2);
        CHECK(alert_now(alert_book(w.arena, f), fold_object(f, ALERT_A, "all"), 2 * HOUR, &now));
        CHECK_U(now.why, rows[i].granted ? ALERT_WHY_NOTHING : ALERT_WHY_NO_HOLD);
        fold_free(f);
        world_end(&w);
    }
}

/* Nor are its longer hours, or a role that the later one takes from a key. */
static void less_by_a_newer_charter(void **state)
{
    static const struct {
        const char *was, *is;
        uint64_t ms;
        enum effect effect;
        unsigned unmet;
    } rows[] = {
        {"\"hold_hours\":72", "\"hold_hours\":10", HOUR - 1, EFFECT_STEP, 0},
        {"\"hold_hours\":72", "\"hold_hours\":10", HOUR + 1, EFFECT_CONDITION, IF_HOLD_TIME},
        {"\"hold_hours\":72", "\"hold_hours\":30", HOUR + 1, EFFECT_STEP, 0},
        {"[\"compliance-officer\"]", "[\"investigator\"]", HOUR - 1, EFFECT_STEP, 0},
        {"[\"compliance-officer\"]", "[\"investigator\"]", HOUR + 1, EFFECT_ROLE, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct event_facts told = world_alert(CASE_A, "jp");
        struct event_facts order = world_order("tos", 20 * HOUR);
        struct text draft = text_new((size_t)64 << 10);
        const struct world_event *prev;
        const char *at, *next;
        struct charter second;
        struct world w;
        struct fold *f;

        test_row("%zu", i);
        world_start_bases(&w, NULL);
        world_found(&w);
        for (at = (const char *)w.charter.text.p; (next = strstr(at, rows[i].was));
             at = next + strlen(rows[i].was)) {
            text_put(&draft, at, (size_t)(next - at));
            text_str(&draft, rows[i].is);
        }
        text_str(&draft, at);
        CHECK(text_string(&draft));
        world_second(&w, draft.p, HOUR - 2, &second); /* adopted at HOUR */
        text_free(&draft);
        step(&w, 0, WORLD_INV, "case.report", 100, NULL, NULL);
        prev = step(&w, 2, WORLD_NODE, "alert.detect", 200, &told, NULL);
        prev = step(&w, 2, WORLD_DESK, "alert.acknowledge", 400, NULL, prev);
        prev = step(&w, 2, WORLD_DESK, "alert.order", rows[i].ms, &order, prev);
        f = world_fold(&w, NULL, w.n); /* which names the first */
        CHECK_U(fold_charter(f)->version, 2);
        CHECK_U(fold_find(f, &prev->e.id)->effect, rows[i].effect);
        CHECK_U(fold_find(f, &prev->e.id)->unmet, rows[i].unmet);
        fold_free(f);
        world_end(&w);
    }
}

/* Extensions of extensions, by hand: an order at hour 1 until 21, and rows that let one extension
 * last 10 hours. */
#define LONGER(bases, total)                                                                       \
    ROW("extend", "*", "*", "*", "*", bases, "10,\"hours_total\":" total, "1970-01-01", "null")
#define ORDERS ROW("order", "*", "*", "*", "*", "\"tos\"", "20", "1970-01-01", "null")

static void extensions_end(void **state)
{
    static const char no_more[] =
        "bases[1] of the basis matrix (extend, * * asks * *) lets such acts hold for 10 hours in "
        "all from the first of them, and no longer";
    static const struct {
        const char *bases;
        struct {
            uint64_t at, until;
            const char *basis, *complaint;
        } acts[4]; /* at 0: no more */
    } told[] = {
        /* what a draft does not say: in all as long as one */
        {"[" ORDERS
         "," ROW("extend", "*", "*", "*", "*", "\"tos\"", "10", "1970-01-01", "null") "]",
         {{20, 30, "tos", NULL}, {28, 31, "tos", no_more}, {29, 30, "tos", NULL}}},
        {"[" ORDERS "," LONGER("\"tos\"", "10") "]",
         {{3, 13, "tos", NULL}, {12, 14, "tos", no_more}}},
        {"[" ORDERS "," LONGER("\"tos\"", "15") "]",
         {{20, 30, "tos", NULL}, {29, 35, "tos", NULL}, {34, 35, "tos", NULL}}},
        /* a charter may say that it has no end, and one of before does */
        {"[" ORDERS "," LONGER("\"tos\"", "null") "]",
         {{20, 30, "tos", NULL}, {29, 39, "tos", NULL}, {38, 48, "tos", NULL}}},
        /* two rows, and two bases of one */
        {"[" ORDERS "," LONGER("\"tos\"", "10") "," LONGER("\"sanctions\"", "10") "]",
         {{20, 30, "tos", NULL},
          {29, 39, "sanctions", NULL},
          {37, 40, "tos", no_more},
          {38, 39, "sanctions", NULL}}},
        {"[" ORDERS "," LONGER("\"tos\",\"sanctions\"", "10") "]",
         {{20, 30, "tos", NULL}, {29, 31, "sanctions", no_more}}},
        /* a row that lets it go on */
        {"[" ORDERS "," LONGER("\"tos\"", "10") "," LONGER("\"tos\"", "11") "]",
         {{20, 30, "tos", NULL}, {29, 31, "tos", NULL}, {30, 32, "tos", no_more}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        struct event_facts of = world_alert(CASE_A, "jp");
        struct event_facts hold[5] = {{.amount = u256_of(600),
                                       .expires = 21 * HOUR,
                                       .kind = hold_kinds[1],
                                       .reason = hold_reasons[0],
                                       .basis = "tos"}};
        const struct world_event *prev, *said[4];
        uint64_t until = 21;
        struct alert_now now;
        struct world w;
        struct fold *f;

        world_start_bases(&w, told[i].bases);
        world_found(&w);
        step(&w, 0, WORLD_INV, "case.report", 100, NULL, NULL);
        prev = step(&w, 2, WORLD_NODE, "alert.detect", 200, &of, NULL);
        prev = step(&w, 2, WORLD_DESK, "alert.acknowledge", 400, NULL, prev);
        prev = step(&w, 2, WORLD_DESK, "alert.order", HOUR, &hold[0], prev);
        for (size_t k = 0; k < 4 && told[i].acts[k].at; k++) {
            hold[1 + k] = (struct event_facts){.amount = u256_of(600),
                                               .expires = told[i].acts[k].until * HOUR,
                                               .basis = told[i].acts[k].basis};
            prev = said[k] = step(&w, 2, WORLD_DESK, "alert.extend", told[i].acts[k].at * HOUR,
                                  &hold[1 + k], prev);
        }
        f = world_fold(&w, NULL, w.n);
        for (size_t k = 0; k < 4 && told[i].acts[k].at; k++) {
            const struct fold_event *e = fold_find(f, &said[k]->e.id);
            struct text why = text_new(ERR_TEXT_MAX);

            test_row("%zu/%zu", i, k);
            CHECK_U(e->effect, told[i].acts[k].complaint ? EFFECT_CONDITION : EFFECT_STEP);
            effect_put(&why, f, e);
            if (told[i].acts[k].complaint)
                CHECK_S(text_string(&why), told[i].acts[k].complaint);
            else
                until = told[i].acts[k].until;
            text_free(&why);
        }
        CHECK(alert_now(alert_book(w.arena, f), fold_object(f, ALERT_A, "all"), HOUR, &now));
        CHECK_U(now.expires, until * HOUR);
        fold_free(f);
        world_end(&w);
    }
}

/* What is void as its deposit left the chain, and told anew, is not held from the beginning. */
static void a_hold_begins_once(void **state)
{
    static const struct {
        uint64_t until;
        enum effect effect;
    } again[] = {{21, EFFECT_STEP}, {22, EFFECT_CONDITION}};

    (void)state;
    for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
        struct event_facts of = world_alert(CASE_A, "jp");
        struct event_facts gone = {.reason = REASON_REORGANISED}, order[2];
        const struct world_event *prev;
        struct world w;
        struct fold *f;

        test_row("%zu", i);
        order[0] = (struct event_facts){.amount = u256_of(600),
                                        .expires = 21 * HOUR,
                                        .kind = hold_kinds[1],
                                        .reason = hold_reasons[0],
                                        .basis = "tos"};
        order[1] = order[0];
        order[1].expires = again[i].until * HOUR;
        world_start_bases(&w, "[" ORDERS "]");
        world_found(&w);
        step(&w, 0, WORLD_INV, "case.report", 100, NULL, NULL);
        prev = step(&w, 2, WORLD_NODE, "alert.detect", 200, &of, NULL);
        prev = step(&w, 2, WORLD_DESK, "alert.acknowledge", 400, NULL, prev);
        prev = step(&w, 2, WORLD_DESK, "alert.order", HOUR, &order[0], prev);
        prev = step(&w, 2, WORLD_NODE, "alert.void", 2 * HOUR, &gone, prev);
        prev = step(&w, 2, WORLD_NODE, "alert.detect", 3 * HOUR, &of, prev);
        prev = step(&w, 2, WORLD_DESK, "alert.acknowledge", 3 * HOUR + 1, NULL, prev);
        prev = step(&w, 2, WORLD_DESK, "alert.order", 4 * HOUR, &order[1], prev);
        f = world_fold(&w, NULL, w.n);
        CHECK_U(fold_find(f, &prev->e.id)->effect, again[i].effect);
        fold_free(f);
        world_end(&w);
    }
}

/* When an account's owner has to be told, by hand: order within 48 hours, legal 24, extend none. */
static void notices(void **state)
{
    static const char rows_of[] =
        "[{\"act\":\"order\",\"requester\":{\"country\":\"*\",\"kind\":\"*\"},\"holder\":{"
        "\"country\":\"*\","
        "\"kind\":\"*\"},\"bases\":[\"tos\"],\"hours_max\":72,\"notice_hours\":48,\"from\":\"1970-"
        "01-01\","
        "\"to\":null},{\"act\":\"legal\",\"requester\":{\"country\":\"*\",\"kind\":\"*\"},"
        "\"holder\":{"
        "\"country\":\"*\",\"kind\":\"*\"},\"bases\":[\"tos\"],\"hours_max\":9000,\"notice_hours\":"
        "24,"
        "\"from\":\"1970-01-01\",\"to\":null},{\"act\":\"extend\",\"requester\":{\"country\":\"*\","
        "\"kind\":"
        "\"*\"},\"holder\":{\"country\":\"*\",\"kind\":\"*\"},\"bases\":[\"tos\"],\"hours_max\":72,"
        "\"notice_hours\":null,\"from\":\"1970-01-01\",\"to\":null}]";
    static const struct {
        const char *acts[4]; /* from hour 1 on, an hour each: order, enforce, then these */
        uint64_t due, deferred, given;
    } told[] = {
        {{NULL}, 49, 0, 0},
        {{"alert.extend"}, 49, 0, 0},
        {{"alert.legal"}, 27, 0, 0}, /* at hour 3: sooner than 49 */
        {{"alert.defer"}, 49, 103, 0},
        {{"alert.defer", "alert.defer"}, 49, 104, 0},
        {{"alert.defer", "alert.notice"}, 49, 103, 4},
        {{"alert.notice"}, 49, 0, 3},
        {{"alert.release", "alert.notice"}, 49, 0, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        struct event_facts of = world_alert(CASE_A, "jp");
        struct event_facts hold[8];
        const struct world_event *prev, *paper;
        struct alert_now now;
        struct world w;
        struct fold *f;

        test_row("%zu", i);
        world_start_bases(&w, rows_of);
        world_found(&w);
        step(&w, 0, WORLD_INV, "case.report", 100, NULL, NULL);
        prev = step(&w, 2, WORLD_NODE, "alert.detect", 200, &of, NULL);
        prev = step(&w, 2, WORLD_DESK, "alert.acknowledge", 400, NULL, prev);
        hold[0] = (struct event_facts){.amount = u256_of(600),
                                       .expires = 51 * HOUR,
                                       .kind = hold_kinds[1],
                                       .reason = hold_reasons[0],
                                       .basis = "tos"};
        paper = world_say(
            &w, (struct world_say){2, WORLD_DESK, 6, PAPER, "instrument.state", .ms = 150});
        prev = step(&w, 2, WORLD_DESK, "alert.order", HOUR, &hold[0], prev);
        hold[1] = (struct event_facts){.amount = u256_of(600), .expires = 51 * HOUR};
        prev = step(&w, 2, WORLD_NODE, "alert.enforce", 2 * HOUR, &hold[1], prev);
        for (size_t k = 0; k < 4 && told[i].acts[k]; k++) {
            const char *type = told[i].acts[k];

            hold[2 + k] = strcmp(type, "alert.defer")
                              ? (struct event_facts){.amount = u256_of(600),
                                                     .expires = (51 + k) * HOUR,
                                                     .basis = "tos"}
                              : (struct event_facts){.expires = (103 + k) * HOUR,
                                                     .reason = deferral_bases[0]};
            prev = world_say(
                &w, (struct world_say){2, WORLD_DESK, 5, ALERT_A, type, .ms = (3 + k) * HOUR,
                                       .facts = facts_of_type(type) ? &hold[2 + k] : NULL,
                                       .after = {strcmp(type, "alert.legal") ? NULL : &paper->e.id},
                                       .prev = prev});
        }
        f = world_fold(&w, NULL, w.n);
        CHECK_U(fold_find(f, &prev->e.id)->effect, EFFECT_STEP);
        CHECK(alert_now(alert_book(w.arena, f), fold_object(f, ALERT_A, "all"), 5 * HOUR, &now));
        CHECK_U(now.notice.due, told[i].due * HOUR);
        CHECK_U(now.notice.deferred, told[i].deferred * HOUR);
        CHECK_U(now.notice.given, told[i].given * HOUR);
        CHECK_U(alert_notice_owed(&now.notice, 102 * HOUR), !told[i].given && !told[i].deferred);
        fold_free(f);
        world_end(&w);
    }
}

/* By hand: an order at hour 1, told within 48 hours, put off for 100 at most, by a court alone. */
static void deferrals_end(void **state)
{
    static const char rows_of[] =
        PUT_OFF("48", ",\"defer_hours\":100,\"defer_by\":[\"court-order\"]");
    static const char too_long[] =
        "bases[0] of the basis matrix (order, * * asks * *) lets the notice wait for 100 hours "
        "from the act, until 1970-01-05T05:00:00.000Z, and no longer";
    static const char no_ground[] =
        "bases[0] of the basis matrix (order, * * asks * *) lets the notice be put off by "
        "court-order, and not by safety";
    static const struct {
        uint64_t until;
        unsigned ground; /* 1: court-order, 3: safety */
        const char *complaint;
    } said[] = {
        {101 * HOUR - 1, 1, NULL},     {101 * HOUR, 1, NULL},     {101 * HOUR + 1, 1, too_long},
        {EVENT_MS_MAX, 1, too_long},   {49 * HOUR - 1, 3, NULL},  {49 * HOUR, 3, NULL},
        {49 * HOUR + 1, 3, no_ground}, {60 * HOUR, 3, no_ground},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        struct event_facts of = world_alert(CASE_A, "jp");
        struct event_facts order = {.amount = u256_of(600),
                                    .expires = 51 * HOUR,
                                    .kind = hold_kinds[1],
                                    .reason = hold_reasons[0],
                                    .basis = "tos"};
        struct event_facts first = {.expires = 60 * HOUR, .reason = deferral_bases[1]};
        struct event_facts again = {.expires = said[i].until,
                                    .reason = deferral_bases[said[i].ground]};
        const struct fold_object *o;
        const struct world_event *prev;
        struct alert_notice n;
        struct world w;
        struct fold *f;
        struct err err;

        test_row("%zu", i);
        world_start_bases(&w, rows_of);
        world_found(&w);
        step(&w, 0, WORLD_INV, "case.report", 100, NULL, NULL);
        prev = step(&w, 2, WORLD_NODE, "alert.detect", 200, &of, NULL);
        prev = step(&w, 2, WORLD_DESK, "alert.acknowledge", 400, NULL, prev);
        prev = step(&w, 2, WORLD_DESK, "alert.order", HOUR, &order, prev);
        prev = step(&w, 2, WORLD_DESK, "alert.defer", 2 * HOUR, &first, prev);
        prev = step(&w, 2, WORLD_DESK, "alert.defer", 48 * HOUR, &again, prev); /* once more */
        f = world_fold(&w, NULL, w.n);
        o = fold_object(f, ALERT_A, "all");
        CHECK_U(alert_may_defer(f, o, fold_find(f, &prev->e.id), again.reason, again.expires, &err),
                !said[i].complaint);
        if (said[i].complaint)
            CHECK_S(err.text, said[i].complaint);
        n = alert_notice(f, o);
        CHECK_U(n.deferred, said[i].complaint ? 60 * HOUR : said[i].until);
        CHECK_S(n.by, said[i].complaint ? "court-order" : again.reason);
        CHECK_U(alert_notice_owed(&n, n.deferred - 1), 0);
        CHECK_U(alert_notice_owed(&n, n.deferred), 1);
        CHECK_U(alert_notice_by(&n), n.deferred > 49 * HOUR ? n.deferred : 49 * HOUR);
        fold_free(f);
        world_end(&w);
    }
}

/* A disclosure that no row grants is none. */
static void disclosures(void **state)
{
    static const struct {
        const char *bases;
        bool disclosed;
    } told[] = {
        {NULL, true},
        {"[]", false},
        {"[" ROW("disclose", "US", "*", "JP", "*", "\"tos\"", "1", "1970-01-01", "null") "]", true},
        {"[" ROW("disclose", "US", "*", "JP", "*", "\"internal-aml\"", "1", "1970-01-01",
                 "null") "]",
         false},
        {"[" ROW("order", "US", "*", "JP", "*", "\"tos\"", "1", "1970-01-01", "null") "]", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        struct event_facts of = world_alert(CASE_A, "jp");
        struct event_facts by = {.basis = "tos"};
        const struct world_event *prev;
        struct alert_now now;
        struct world w;
        struct fold *f;

        test_row("%zu", i);
        world_start_bases(&w, told[i].bases);
        world_found(&w);
        step(&w, 0, WORLD_INV, "case.report", 100, NULL, NULL);
        prev = step(&w, 2, WORLD_NODE, "alert.detect", 200, &of, NULL);
        prev = step(&w, 2, WORLD_DESK, "alert.too-late", 300, NULL, prev);
        step(&w, 2, WORLD_DESK, "alert.disclose", 400, &by, prev);
        f = world_fold(&w, NULL, w.n);
        CHECK(alert_now(alert_book(w.arena, f), fold_object(f, ALERT_A, "all"), 500, &now));
        CHECK_U(now.disclosed, told[i].disclosed);
        fold_free(f);
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read),
        cmocka_unit_test(rows_grant),
        cmocka_unit_test(the_example_grants_nothing),
        cmocka_unit_test(holds_want_a_row),
        cmocka_unit_test(extensions_end),
        cmocka_unit_test(a_hold_begins_once),
        cmocka_unit_test(notices),
        cmocka_unit_test(deferrals_end),
        cmocka_unit_test(an_older_charter),
        cmocka_unit_test(disclosures),
        cmocka_unit_test(less_by_a_newer_charter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
