/* The quarterly pack: figures worked out by hand; golden pages in three languages; nothing above a
 * reader's marking in any byte; the same bytes in whatever order a home came by its events. */
#include "pack/pack.h"

#include "group/alert.h"
#include "group/record_log.h"
#include "group/report.h"

#include "group/world.h"

#include <stdio.h>
#include <stdlib.h>

#define MS(day) ((uint64_t)(day)*86400000)
#define Q4 20362 /* 2025-10-01, days since 1970 */
#define ARENA_BYTES ((size_t)256 << 20)

/* ---- a home with a group ---- */

static void fill(void *ctx, void *p, size_t n)
{
    struct test_random *r = ctx;
    uint8_t *to = p;

    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)test_random(r);
}

struct home {
    struct world w;
    struct test_random r;
    struct group_random random;
    struct group_log *log;
    char *dir;
    uint64_t ms;
};

static void say(struct home *h, unsigned member, enum world_key key, struct group_log_act act)
{
    struct signer by = world_signer(member, key);
    struct hash32 id;
    struct err err;

    act.author = world_members[member];
    act.by = &by;
    act.charter = &h->w.group;
    act.now_ms = h->ms += 1000;
    if (!act.audience)
        act.audience = "all";
    CHECK_OK(group_log_say(h->log, &act, &id, &err), err);
}

static void start(struct home *h)
{
    struct err err;

    memset(h, 0, sizeof(*h));
    world_start(&h->w);
    h->r.s = 4711;
    h->random = (struct group_random){fill, &h->r};
    h->dir = test_dir();
    h->ms = MS(Q4) - 3600000;
    CHECK_OK(group_log_open(h->dir, STORE_WRITE, &h->random, &h->log, &err), err);
    CHECK_OK(group_log_join(h->log, &h->w.group, &err), err);
    say(h, 0, WORLD_HEAD,
        (struct group_log_act){.type = "charter.propose",
                               .object = world_object(&h->w, &h->w.group),
                               .retention = "keep",
                               .body = h->w.charter.text});
    for (unsigned m = 0; m < 2; m++)
        say(h, m, WORLD_HEAD,
            (struct group_log_act){.type = "charter.sign",
                                   .object = world_object(&h->w, &h->w.group)});
    h->ms = MS(Q4);
}

static void finish(struct home *h)
{
    h->log = group_log_close(h->log);
    world_end(&h->w);
}

static const char *record_say(struct home *h, const char *kind, const char *fields,
                              const char *audience)
{
    char type[64];
    struct record r;
    struct err err;

    CHECK_OK(record_make(h->w.arena, record_kind(kind), &h->w.group,
                         (struct bytes){(const uint8_t *)fields, strlen(fields)}, &r, &err),
             err);
    snprintf(type, sizeof(type), "%s.state", kind);
    say(h, 0, WORLD_HEAD,
        (struct group_log_act){.type = type,
                               .object = r.object,
                               .audience = audience,
                               .retention = "keep",
                               .body = r.body});
    return r.object;
}

#define CASE_A "case:000000000000000000000000000000aa"
#define TXID "00000000000000000000000000000000000000000000000000000000000000ab"

static void case_say(struct home *h, const char *object, const char *title)
{
    struct text t = text_new(10000);
    struct report r;
    struct err err;

    text_printf(&t,
                "{\"id\":\"A\",\"title\":\"%s\",\"kind\":\"theft\",\"chain\":\"bitcoin\","
                "\"origins\":[{\"output\":\"" TXID ":0\"}]}",
                title);
    CHECK_OK(report_make(h->w.arena, (struct bytes){(const uint8_t *)t.p, t.n}, &r, &err), err);
    say(h, 0, WORLD_INV,
        (struct group_log_act){
            .type = "case.report", .object = object, .retention = "case", .body = r.body});
    text_free(&t);
}

static void alert_say(struct home *h, const char *object, const char *type, enum world_key key,
                      struct event_facts facts, bool has_facts)
{
    say(h, 2, key,
        (struct group_log_act){.type = type, .object = object, .facts = has_facts ? &facts : NULL});
}

/* jp finds 600 of 1,000 and 50 of 100 BTC: the first is held softly for 30 minutes and released by
 * an officer after 10, the second turns out to be nothing and is void. */
static void alerts_say(struct home *h)
{
    static const uint64_t amounts[] = {600, 50}, received[] = {1000, 100};

    for (unsigned i = 0; i < 2; i++) {
        struct alert_key k = {.case_object = CASE_A,
                              .chain = "bip122:000000000019d6689c085ae165831e93",
                              .output = i ? TXID ":2" : TXID ":1",
                              .member = "jp"};
        char object[OBJECT_NAME_MAX];
        struct event_facts told = {.amount = u256_of(amounts[i]),
                                   .asset = "BTC",
                                   .case_object = CASE_A,
                                   .deposit = alert_deposit(&k),
                                   .holder = "jp",
                                   .policy = "fifo",
                                   .received = u256_of(received[i])};
        struct event_facts hold = {.amount = u256_of(amounts[i])};

        alert_object(&k, object);
        alert_say(h, object, "alert.detect", WORLD_NODE, told, true);
        hold.expires = h->ms + 30 * 60000;
        alert_say(h, object, "alert.hold-soft", WORLD_NODE, hold, true);
        h->ms += 10 * 60000 - 1000;
        if (i)
            alert_say(h, object, "alert.void", WORLD_DESK,
                      (struct event_facts){.reason = "evidence-insufficient"}, true);
        else
            alert_say(h, object, "alert.release", WORLD_DESK, hold, false);
    }
}

#define FOUND                                                                                      \
    "\"case\":\"" CASE_A                                                                           \
    "\",\"policy\":\"fifo\",\"until\":\"9\",\"exact\":\"yes\",\"document\":\"" TXID "\","

/* 5 BTC of a case, of which 1 went to an exchange and 2 through a mixer, in two traces of which the
 * newer counts; and a token that partners may know of. */
static void findings_say(struct home *h)
{
    record_say(h, "finding",
               "{" FOUND "\"chain\":\"bitcoin\",\"asset\":\"BTC\",\"traced\":\"1\",\"held\":\"1\","
               "\"stopped\":\"0\",\"lost\":\"0\"}",
               NULL);
    record_say(h, "finding",
               "{" FOUND
               "\"chain\":\"bitcoin\",\"asset\":\"BTC\",\"symbol\":\"BTC\",\"decimals\":\"8\","
               "\"traced\":\"500000000\",\"held\":\"199999000\",\"stopped\":\"300000000\","
               "\"lost\":\"1000\",\"went\":[\"100000000 exchange, KEPT Exchange\",\"200000000 "
               "mixer, KEPT Mixer\"],\"shapes\":[\"3 peel-chain\",\"1 wasabi1\"],\"paths\":["
               "\"exchange, KEPT Exchange: a > b > c\"],\"meets\":[\"KEPT-place: OTHER-CASE\"]}",
               NULL);
    record_say(h, "finding",
               "{" FOUND "\"chain\":\"ethereum\",\"asset\":\"SHADEGREEN-token\",\"decimals\":\"6\","
               "\"traced\":\"2500000\",\"held\":\"2500000\",\"stopped\":\"0\",\"lost\":\"0\","
               "\"shapes\":[\"2 peel-chain\"],\"tlp\":\"green\"}",
               NULL);
}

/* A seizure 40 days after a theft of an earlier quarter, and a designation that answers a theft
 * which partners do not see. */
static void acts_say(struct home *h)
{
    char fields[400];
    const char *open = record_say(h, "incident",
                                  "{\"date\":\"2025-09-21\",\"victim\":\"OPENCLEAR robbed\","
                                  "\"source\":\"source one\",\"tlp\":\"clear\"}",
                                  NULL);
    const char *kept = record_say(h, "incident",
                                  "{\"date\":\"2025-09-01\",\"victim\":\"KEPT robbed\","
                                  "\"source\":\"source KEPT\"}",
                                  NULL);

    snprintf(fields, sizeof(fields),
             "{\"date\":\"2025-10-31\",\"title\":\"OPENCLEAR seized\",\"kind\":\"seizure\","
             "\"about\":\"%s\",\"source\":\"source one\",\"tlp\":\"clear\"}",
             open);
    record_say(h, "incident", fields, NULL);
    snprintf(fields, sizeof(fields),
             "{\"date\":\"2025-10-31\",\"title\":\"OPENCLEAR listed\",\"kind\":\"designation\","
             "\"about\":\"%s\",\"source\":\"source one\",\"tlp\":\"clear\"}",
             kept);
    record_say(h, "incident", fields, NULL);
    record_say(h, "obligation",
               "{\"instrument\":\"UNSCR 2270\",\"programme\":\"DPRK\",\"date\":\"2025-10-02\","
               "\"requires\":\"assets are frozen\",\"listings\":[\"Firm A\",\"Firm B\"],"
               "\"member\":\"us\",\"source\":\"source one\",\"tlp\":\"clear\"}",
               NULL);
    record_say(h, "obligation",
               "{\"instrument\":\"UNSCR 2270\",\"date\":\"2025-10-02\","
               "\"requires\":\"assets are frozen\",\"member\":\"kr\",\"reported\":\"2025-12-01\","
               "\"report\":\"S/AC.49/2025/1\",\"source\":\"source one\",\"tlp\":\"clear\"}",
               NULL);
}

/* A quarter with something in each section; names tell the marking. */
static void quarter_say(struct home *h)
{
    case_say(h, CASE_A, "KEPT a hot wallet");
    h->ms += 4000; /* verified 5 s after the report */
    say(h, 1, WORLD_INV,
        (struct group_log_act){.type = "case.verify",
                               .object = CASE_A,
                               .after =
                                   &fold_object(group_log_fold(h->log), CASE_A, "all")->revision,
                               .after_n = 1});
    alerts_say(h);
    record_say(h, "incident",
               "{\"date\":\"2025-10-03\",\"victim\":\"OPENCLEAR Ltd\",\"amount_usd\":\"1000000\","
               "\"attributed_by\":\"FBI\",\"attributed_on\":[\"2025-10-08\"],\"source\":\"source "
               "one\",\"tlp\":\"clear\"}",
               NULL);
    record_say(h, "incident",
               "{\"date\":\"2025-11\",\"victim\":\"SHADEGREEN Ltd\",\"amount_usd\":\"20\","
               "\"source\":\"source two\",\"tlp\":\"green\"}",
               NULL);
    record_say(
        h, "incident",
        "{\"date\":\"2025-12-31\",\"victim\":\"KEPT unmarked Ltd\",\"source\":\"source KEPT\"}",
        NULL);
    record_say(
        h, "incident",
        "{\"date\":\"2025-12-31\",\"victim\":\"HIDDENRED Ltd\",\"source\":\"s\",\"tlp\":\"red\"}",
        NULL);
    record_say(
        h, "incident",
        "{\"date\":\"2025-12-30\",\"victim\":\"HIDDENTWO Ltd\",\"source\":\"s\",\"tlp\":\"clear\"}",
        "two");
    record_say(h, "incident",
               "{\"date\":\"2026-01-01\",\"victim\":\"OPENCLEAR later\",\"source\":\"s\",\"tlp\":"
               "\"clear\"}",
               NULL);
    record_say(h, "incident",
               "{\"date\":\"2025-11-04\",\"title\":\"OPENCLEAR eight bankers\",\"kind\":"
               "\"designation\",\"source\":\"source one\",\"tlp\":\"clear\"}",
               NULL);
    record_say(h, "claim",
               "{\"subject\":\"total\",\"claimant\":\"Firm <one>\",\"published\":\"2025-12\","
               "\"period\":\"2025\",\"amount_usd_low\":\"2020000000\",\"stance\":\"asserting\","
               "\"tlp\":\"clear\"}",
               NULL);
    record_say(h, "claim",
               "{\"subject\":\"any\",\"claimant\":\"The Ministry\",\"published\":\"2025-11\","
               "\"period\":\"any\",\"stance\":\"denying\",\"tlp\":\"clear\"}",
               NULL);
    record_say(h, "obligation",
               "{\"instrument\":\"UNSCR 2397\",\"date\":\"2025-10-30\",\"requires\":\"workers are "
               "sent home\",\"source\":\"source one\",\"tlp\":\"clear\"}",
               NULL);
    record_say(h, "outreach",
               "{\"firm\":\"SHADEGREEN Exchange\",\"about\":\"false CVs\",\"date\":\"2025-10-10\","
               "\"acknowledged\":\"2025-10-11\",\"tlp\":\"green\"}",
               NULL);
    record_say(
        h, "complaint",
        "{\"alert\":\"alert:00000000000000000000000000000001\",\"received\":\"2025-11-11\","
        "\"answer_due\":\"2025-12-11\",\"grounds\":\"my own wages\",\"answered\":\"2025-11-12\","
        "\"outcome\":\"released\",\"reasons\":\"he is right\"}",
        NULL);
    record_say(h, "complaint",
               "{\"alert\":\"alert:00000000000000000000000000000002\",\"received\":\"2025-11-12\","
               "\"answer_due\":\"2025-12-12\",\"grounds\":\"KEPT\"}",
               NULL);
    record_say(
        h, "meeting",
        "{\"series\":\"trilateral\",\"ordinal\":\"5\",\"date\":\"2025-12-02\",\"host\":\"us\","
        "\"decisions\":[\"KEPT meet again\"]}",
        NULL);
    record_say(h, "rate",
               "{\"asset\":\"BTC\",\"decimals\":\"8\",\"date\":\"2025-09-30\",\"usd\":\"120000.5\","
               "\"source\":\"source rates\",\"tlp\":\"clear\"}",
               NULL);
    record_say(h, "rate",
               "{\"asset\":\"BTC\",\"decimals\":\"8\",\"date\":\"2025-12-30\",\"usd\":\"1\","
               "\"source\":\"s\",\"tlp\":\"clear\"}",
               NULL);
    findings_say(h);
    acts_say(h);
    record_say(h, "action",
               "{\"text\":\"KEPT send the list\",\"owner\":\"kr\",\"due\":\"2025-12-15\"}", NULL);
    record_say(h, "action",
               "{\"text\":\"OPENCLEAR publish\",\"owner\":\"us\",\"due\":\"2026-03-15\","
               "\"tlp\":\"clear\"}",
               NULL);
}

static struct pack pack_of(struct home *h, struct arena *a, enum pack_reader reader)
{
    struct pack_options o = {2025, 4, reader, "all", "0"};
    struct pack p;
    struct err err;

    CHECK_OK(pack_of_quarter(h->log, a, &o, &p, &err), err);
    return p;
}

/* ---- figures ---- */

static const char *figure(const struct pack *p, enum pack_word label)
{
    for (const struct pack_section *s = p->sections; s; s = s->next)
        for (const struct pack_figure *f = s->figures; f; f = f->next)
            if (f->label == label)
                return f->value;
    return "(none)";
}

static const struct pack_table *table(const struct pack *p, enum pack_word title)
{
    for (const struct pack_section *s = p->sections; s; s = s->next)
        for (const struct pack_table *t = s->tables; t; t = t->next)
            if (t->title == title)
                return t;
    return NULL;
}

static const char *cell(const struct pack_table *t, size_t row, size_t column)
{
    const struct pack_row *r = t->rows;
    const struct pack_cell *c;

    for (; row; row--)
        r = r->next;
    c = r->cells;
    for (; column; column--)
        c = c->next;
    return c->text                                           ? c->text
           : c->word > PACK_V_FIRST && c->word < PACK_V_LAST ? pack_word_id(c->word)
                                                             : pack_word(c->word, PACK_EN);
}

static const struct {
    enum pack_word label;
    const char *full, *partner, *public;
} figure_rows[] = {
    {PACK_CASES_REPORTED, "1", "(none)", "(none)"},
    {PACK_CASES_VERIFIED, "1", "(none)", "(none)"},
    {PACK_PAYROLL_CASES_N, "0", "(none)", "(none)"},
    {PACK_ALERTS_TOLD, "2", "(none)", "(none)"},
    {PACK_ALERTS_HELD, "0", "(none)", "(none)"},
    {PACK_THEFTS_N, "3", "2", "1"},
    {PACK_THEFTS_USD, "1000020", "1000020", "1000000"},
    {PACK_THEFTS_UNSTATED, "1", "0", "0"},
    {PACK_OPEN_N, "2", "1", "1"},
    {PACK_OVERDUE_N, "1", "0", "0"},
    {PACK_ATTRIBUTED_N, "1", "1", "1"},
    {PACK_DAYS_ATTRIBUTION, "5", "5", "5"},
    {PACK_DESIGNATIONS_N, "2", "2", "2"},
    {PACK_DAYS_DESIGNATION, "60", "(none)", "(none)"}, /* 1 September to 31 October */
    {PACK_SEIZURES_N, "1", "1", "1"},
    {PACK_DAYS_SEIZURE, "40", "40", "40"},
    {PACK_TRACED_USD, "600002", "0", "(none)"},  /* 5 x 120000.5 */
    {PACK_REACHED_USD, "0", "(none)", "(none)"}, /* 600 and 50 satoshis: 0.72 and 0.06 */
    {PACK_UNVALUED_N, "1", "1", "(none)"},
    {PACK_PAYROLL_N, "0", "0", "0"},
    {PACK_COMPLAINTS_N, "2", "0", "0"},
    {PACK_COMPLAINTS_OPEN, "1", "0", "0"},
    {PACK_COMPLAINTS_RELEASED, "1", "0", "0"},
    {PACK_ALERTS_VOID, "1", "(none)", "(none)"},
    {PACK_WRONG_HOURS, "0.16", "(none)", "(none)"}, /* 9 min 59 s and 1 s */
};

static size_t governments(const struct home *h)
{
    const struct charter *c = fold_charter(group_log_fold(h->log));
    size_t n = 0;

    for (uint32_t i = 0; i < c->members_n; i++)
        n += c->members[i].government && !c->members[i].suspended;
    return n;
}

/* Two quarters later the open ones are still there, and say for how long. */
static void carried_over(struct home *h)
{
    struct pack_options o = {2026, 2, PACK_READER_FULL, "all", "0"};
    const struct pack_table *t;
    struct pack p;
    struct err err;

    CHECK_OK(pack_of_quarter(h->log, h->w.arena, &o, &p, &err), err);
    t = table(&p, PACK_ACTIONS_OPEN);
    CHECK_U(t->rows_n, 2);
    CHECK_S(cell(t, 0, 4), "2");
    CHECK_S(figure(&p, PACK_OVERDUE_N), "2");
    CHECK_U(table(&p, PACK_TRACED)->rows_n, 0);
}

static void figures(void **state)
{
    struct home h;
    struct pack full, partner, public;
    const struct pack_table *t;

    (void)state;
    start(&h);
    quarter_say(&h);
    full = pack_of(&h, h.w.arena, PACK_READER_FULL);
    partner = pack_of(&h, h.w.arena, PACK_READER_PARTNER);
    public = pack_of(&h, h.w.arena, PACK_READER_PUBLIC);
    for (size_t i = 0; i < sizeof(figure_rows) / sizeof(figure_rows[0]); i++) {
        test_row("%s", pack_word_id(figure_rows[i].label));
        CHECK_S(figure(&full, figure_rows[i].label), figure_rows[i].full);
        CHECK_S(figure(&partner, figure_rows[i].label), figure_rows[i].partner);
        CHECK_S(figure(&public, figure_rows[i].label), figure_rows[i].public);
    }
    test_row("money");
    t = table(&full, PACK_AT_MEMBERS);
    CHECK_U(t->rows_n, 1);
    CHECK_S(cell(t, 0, 0), "jp");
    CHECK_S(cell(t, 0, 3), "0.0000065");  /* reached: 650 satoshis */
    CHECK_S(cell(t, 0, 6), "0.000006");   /* released */
    CHECK_S(cell(t, 0, 11), "0.0000005"); /* withdrawn */
    t = table(&full, PACK_TRACED);
    CHECK_U(t->rows_n, 2);
    CHECK_S(cell(t, 0, 3), "5");
    CHECK_S(cell(t, 0, 4), "1.99999");
    CHECK_S(cell(t, 0, 5), "3");
    CHECK_S(cell(t, 0, 6), "0.00001");
    CHECK_S(cell(t, 0, 7), "600002");
    CHECK_S(cell(t, 1, 3), "2.5");
    CHECK_S(cell(t, 1, 7), ""); /* no rate */
    CHECK_U(table(&partner, PACK_TRACED)->rows_n, 1);
    CHECK_U(table(&public, PACK_TRACED)->rows_n, 0);
    t = table(&full, PACK_WENT);
    CHECK_U(t->rows_n, 2);
    CHECK_S(cell(t, 1, 0), "mixer");
    CHECK_S(cell(t, 1, 1), "KEPT Mixer");
    CHECK_S(cell(t, 1, 3), "2");
    CHECK_S(cell(t, 1, 4), "240001");
    test_row("shapes");
    t = table(&full, PACK_SHAPES);
    CHECK_U(t->rows_n, 2);
    CHECK_S(cell(t, 0, 0), "peel-chain");
    CHECK_S(cell(t, 0, 1), "1"); /* both traces are of one case */
    CHECK_S(cell(t, 0, 2), "5");
    CHECK_S(cell(table(&full, PACK_WAYS), 0, 3), "a > b > c");
    CHECK_S(cell(table(&full, PACK_MEETS), 0, 3), "OTHER-CASE");
    test_row("denied");
    t = table(&full, PACK_DENIED);
    CHECK_S(cell(t, 0, 1), "5");
    CHECK_S(cell(t, 0, 3), "0"); /* the one is released, the other void */
    CHECK_S(cell(t, 0, 4), "0.0");
    test_row("acts");
    t = table(&full, PACK_ACTS);
    CHECK_U(t->rows_n, 3);
    CHECK_S(cell(t, 1, 3), "KEPT robbed");
    CHECK_S(cell(table(&public, PACK_ACTS), 1, 3), "");
    CHECK_S(cell(table(&public, PACK_ACTS), 1, 5), "");
    test_row("obligations");
    CHECK_U(table(&full, PACK_LISTINGS)->rows_n, 2);
    CHECK_S(cell(table(&full, PACK_LISTINGS), 1, 3), "Firm B");
    t = table(&public, PACK_REPORTS);
    CHECK_U(t->rows_n, 2);
    CHECK_S(cell(t, 0, 1), "us");
    CHECK_S(cell(t, 0, 2), "not reported");
    CHECK_S(cell(t, 1, 2), "2025-12-01");
    /* 2397 of no government, 2270 of all but two */
    CHECK_U(table(&full, PACK_REPORTS)->rows_n, 2 + governments(&h) + governments(&h) - 2);
    test_row("quality");
    t = table(&full, PACK_BY_REPORTER);
    CHECK_U(t->rows_n, 1);
    CHECK_S(cell(t, 0, 1), "2");
    CHECK_S(cell(t, 0, 2), "1");
    CHECK_S(cell(t, 0, 4), "50.0");
    CHECK_S(cell(t, 0, 5), "0.16");
    CHECK_S(cell(table(&full, PACK_BY_POLICY), 0, 0), "fifo");
    test_row("carried over");
    CHECK_S(cell(table(&full, PACK_ACTIONS_OPEN), 0, 4), "0");
    carried_over(&h);
    test_row("rates");
    t = table(&full, PACK_RATES);
    CHECK_U(t->rows_n, 1); /* the other is of a later day */
    CHECK_S(cell(t, 0, 2), "120000.5");
    test_row("decisions");
    t = table(&full, PACK_DECISIONS);
    CHECK_U(t->rows_n, 2); /* a complaint and an action */
    CHECK_S(cell(t, 0, 1), "KEPT");
    CHECK_S(cell(t, 1, 2), "kr");
    CHECK_U(table(&public, PACK_DECISIONS)->rows_n, 0);
    test_row("times");
    t = table(&full, PACK_RESPONSE);
    CHECK_S(cell(t, 0, 0), "jp");
    CHECK_S(cell(t, t->rows_n - 1, 0), "kr");
    CHECK_S(cell(t, t->rows_n - 1, 1), "report-to-verify");
    CHECK_S(cell(t, t->rows_n - 1, 3), "5.000");
    CHECK_U(table(&full, PACK_TREND)->rows_n, t->rows_n);
    CHECK_S(table(&full, PACK_TREND)->column_texts[9], "2025Q4");
    CHECK_S(table(&full, PACK_TREND)->column_texts[2], "2024Q1");
    CHECK_S(cell(table(&full, PACK_TREND), t->rows_n - 1, 9), "5.000");
    CHECK_S(cell(table(&full, PACK_TREND), t->rows_n - 1, 8), "");
    CHECK_U(table(&public, PACK_INCIDENTS)->rows_n, 1);
    CHECK(!table(&public, PACK_AT_MEMBERS));
    finish(&h);
}

/* ---- markings ---- */

static void all_forms(struct text *to, const struct pack *p)
{
    pack_json(to, p);
    pack_csv(to, p);
    for (unsigned l = 0; l < PACK_LANGUAGES; l++)
        pack_html(to, p, (enum pack_language)l, false);
}

static bool has(struct text *t, const char *s)
{
    return strstr(text_string(t), s) != NULL;
}

static void nothing_above_the_marking(void **state)
{
    static const struct {
        enum pack_reader reader;
        const char *has[3], *hides[5];
    } rows[] = {
        {PACK_READER_FULL, {"OPENCLEAR", "SHADEGREEN", "KEPT"}, {"HIDDEN"}},
        {PACK_READER_PARTNER, {"OPENCLEAR", "SHADEGREEN"}, {"HIDDEN", "KEPT", "bitcoin", "BTC"}},
        {PACK_READER_PUBLIC, {"OPENCLEAR"}, {"HIDDEN", "KEPT", "SHADEGREEN", "BTC"}},
    };
    struct home h;

    (void)state;
    start(&h);
    quarter_say(&h);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pack p = pack_of(&h, h.w.arena, rows[i].reader);
        struct text t = text_new((size_t)64 << 20);

        all_forms(&t, &p);
        test_row("%s", pack_reader_name(rows[i].reader));
        for (size_t k = 0; k < 3 && rows[i].has[k]; k++)
            CHECK(has(&t, rows[i].has[k]));
        for (size_t k = 0; k < 5 && rows[i].hides[k]; k++)
            CHECK(!has(&t, rows[i].hides[k]));
        CHECK(!has(&t, "Firm <one>") || !has(&t, "<td>Firm <one>")); /* escaped in the page */
        text_free(&t);
    }
    finish(&h);
}

/* What others may not see changes no byte of what they are given. */
static void secrets_change_nothing(void **state)
{
    struct text before = text_new((size_t)64 << 20), behind = text_new((size_t)64 << 20);
    struct pack p;
    struct home h;

    (void)state;
    start(&h);
    quarter_say(&h);
    p = pack_of(&h, h.w.arena, PACK_READER_PUBLIC);
    all_forms(&before, &p);
    p = pack_of(&h, h.w.arena, PACK_READER_PARTNER);
    all_forms(&before, &p);
    case_say(&h, "case:000000000000000000000000000000bb", "another");
    record_say(&h, "incident", "{\"date\":\"2025-12-05\",\"victim\":\"A\",\"source\":\"new\"}",
               NULL);
    record_say(
        &h, "claim",
        "{\"subject\":\"total\",\"claimant\":\"B\",\"published\":\"2025\",\"period\":\"2025\","
        "\"stance\":\"asserting\",\"tlp\":\"amber\"}",
        NULL);
    record_say(&h, "action", "{\"text\":\"c\",\"owner\":\"kr\",\"due\":\"2025-12-15\"}", "two");
    p = pack_of(&h, h.w.arena, PACK_READER_PUBLIC);
    all_forms(&behind, &p);
    p = pack_of(&h, h.w.arena, PACK_READER_PARTNER);
    all_forms(&behind, &p);
    CHECK_U(before.n, behind.n);
    CHECK(!memcmp(before.p, behind.p, before.n));
    text_free(&before);
    text_free(&behind);
    finish(&h);
}

/* ---- random markings: what a reader may not see is as if it had never been said ---- */

#define RANDOM_RECORDS 60
#define RANDOM_ROUNDS 12

struct random_record {
    const char *kind;
    char fields[700];
    enum tlp tlp;
};

static const enum tlp markings[] = {TLP_NONE,  TLP_CLEAR,        TLP_GREEN,
                                    TLP_AMBER, TLP_AMBER_STRICT, TLP_RED};

/* Words tell the marking: "mark3n17" is of the record 17, whose marking is the third. */
static void record_draw(struct test_random *r, unsigned n, const char *about,
                        struct random_record *ret)
{
    static const char *const forms[][2] = {
        {"incident",
         "\"date\":\"2025-10-%02u\",\"victim\":\"%s\",\"amount_usd\":\"%u\",\"source\":\"%s\","
         "\"attributed_on\":[\"2025-11-01\"]"},
        {"incident",
         "\"date\":\"2025-11-%02u\",\"title\":\"%s\",\"notes\":\"%u\",\"source\":\"%s\","
         "\"kind\":\"seizure\""},
        {"claim", "\"published\":\"2025-12-%02u\",\"claimant\":\"%s\",\"amount_usd_low\":\"%u\","
                  "\"reported_by\":\"%s\",\"subject\":\"total\",\"period\":\"2025\",\"stance\":"
                  "\"asserting\""},
        {"obligation",
         "\"date\":\"2025-10-%02u\",\"instrument\":\"%s\",\"requires\":\"%u\",\"source\":\"%s\","
         "\"member\":\"kr\",\"listings\":[\"a\",\"b\"]"},
        {"outreach", "\"date\":\"2025-12-%02u\",\"firm\":\"%s\",\"act\":\"%u\",\"about\":\"%s\""},
        {"action", "\"due\":\"2025-12-%02u\",\"text\":\"%s\",\"notes\":\"%u %s\",\"owner\":\"kr\""},
        {"meeting", "\"date\":\"2025-10-%02u\",\"host\":\"%s\",\"ordinal\":\"%u\",\"place\":\"%s\","
                    "\"series\":\"s\""},
        {"commitment",
         "\"made\":\"2025-10-%02u\",\"text\":\"%s\",\"notes\":\"%u\",\"source\":\"%s\","
         "\"progress\":\"kept\""},
        {"complaint", "\"received\":\"2025-10-%02u\",\"grounds\":\"%s\",\"notes\":\"%u %s\","
                      "\"answer_due\":\"2025-11-01\","
                      "\"alert\":\"alert:00000000000000000000000000000001\""},
        {"rate", "\"date\":\"2025-09-%02u\",\"notes\":\"%s\",\"usd\":\"%u\",\"source\":\"%s\","
                 "\"asset\":\"BTC\",\"decimals\":\"8\""},
        {"finding",
         "\"until\":\"%02u\",\"paths\":[\"%s: a > b\"],\"traced\":\"%u00000000\","
         "\"meets\":[\"p: %s\"],\"case\":\"" CASE_A "\",\"chain\":\"bitcoin\","
         "\"asset\":\"BTC\",\"policy\":\"fifo\",\"exact\":\"no\",\"document\":\"" TXID "\","
         "\"held\":\"1\",\"stopped\":\"7\",\"lost\":\"0\",\"went\":[\"7 exchange, E\"],"
         "\"shapes\":[\"2 peel-chain\"]"}};
    size_t form = (size_t)test_below(r, sizeof(forms) / sizeof(forms[0]));
    unsigned mark = (unsigned)test_below(r, sizeof(markings) / sizeof(markings[0]));
    bool marked = markings[mark] != TLP_NONE;
    char token[32], fields[500];

    ret->kind = forms[form][0];
    ret->tlp = mark_effective(markings[mark]);
    snprintf(token, sizeof(token), "mark%un%u", (unsigned)ret->tlp, n);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(fields, sizeof(fields), forms[form][1], 1 + (unsigned)test_below(r, 28), token,
             1 + (unsigned)test_below(r, 1000), token);
#pragma GCC diagnostic pop
    snprintf(ret->fields, sizeof(ret->fields), "{%s%s%s%s%s%s%s}", fields,
             about && form == 1 ? ",\"about\":\"" : "", about && form == 1 ? about : "",
             about && form == 1 ? "\"" : "", marked ? ",\"tlp\":\"" : "",
             marked ? tlp_name(markings[mark]) : "", marked ? "\"" : "");
}

/* What is not for the widest marking is left out, and its time passes all the same. */
static void random_home(struct home *h, uint64_t seed, enum tlp widest_said)
{
    struct test_random r = {seed};
    const char *about = NULL;

    start(h);
    for (unsigned n = 0; n < RANDOM_RECORDS; n++) {
        struct random_record rec;
        struct record made;
        struct err err;

        record_draw(&r, n, about, &rec);
        CHECK_OK(record_make(h->w.arena, record_kind(rec.kind), &h->w.group,
                             (struct bytes){(const uint8_t *)rec.fields, strlen(rec.fields)}, &made,
                             &err),
                 err);
        if (!strcmp(rec.kind, "incident"))
            about = made.object;
        if (rec.tlp <= widest_said)
            record_say(h, rec.kind, rec.fields, NULL);
        else
            h->ms += 1000;
    }
    if (widest_said < TLP_AMBER_STRICT)
        return;
    case_say(h, CASE_A, "mark9n0"); /* cases and alerts are for the full version alone */
    alerts_say(h);
}

static void random_markings(void **state)
{
    static const struct {
        enum pack_reader reader;
        enum tlp widest;
    } readers[] = {{PACK_READER_PARTNER, TLP_GREEN}, {PACK_READER_PUBLIC, TLP_CLEAR}};
    uint64_t seed = test_seed();

    (void)state;
    for (unsigned round = 0; round < RANDOM_ROUNDS; round++) {
        struct home all, few;

        test_row("round %u", round);
        random_home(&all, seed + round, TLP_RED);
        for (size_t i = 0; i < 2; i++) {
            struct text with = text_new((size_t)64 << 20), without = text_new((size_t)64 << 20);
            struct pack p = pack_of(&all, all.w.arena, readers[i].reader);

            all_forms(&with, &p);
            random_home(&few, seed + round, readers[i].widest);
            p = pack_of(&few, few.w.arena, readers[i].reader);
            all_forms(&without, &p);
            finish(&few);
            for (unsigned tlp = readers[i].widest + 1; tlp <= 9; tlp++) {
                char token[16];

                snprintf(token, sizeof(token), "mark%un", tlp);
                CHECK(!has(&with, token));
            }
            CHECK(has(&with, "mark1n") || has(&with, "mark2n")); /* of 60 some are wide enough */
            CHECK_U(with.n, without.n);
            CHECK(!memcmp(with.p, without.p, with.n));
            text_free(&with);
            text_free(&without);
        }
        finish(&all);
    }
}

/* ---- the same bytes ---- */

static void any_order(void **state)
{
    struct text file = text_new((size_t)4 << 20), lines[2];
    struct group_random none = {fill, &(struct test_random){1}};
    struct home h;
    struct err err;

    (void)state;
    start(&h);
    quarter_say(&h);
    for (uint64_t row = 1; row <= group_log_rows(h.log); row++) {
        const struct fold_event *e = fold_event_at(group_log_fold(h.log), row - 1);

        CHECK_OK(group_log_line_put(h.log, e, &file, &err), err);
        text_char(&file, '\n');
    }
    for (unsigned backward = 0; backward < 2; backward++) {
        struct group_sender *from = calloc(1, sizeof(*from));
        struct group_log_counts counts = {0};
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct group_line *all;
        struct group_log *l;
        char *dir = test_dir();
        struct pack p;
        size_t n;

        lines[backward] = text_new((size_t)64 << 20);
        CHECK_OK(group_log_open(dir, STORE_WRITE, &none, &l, &err), err);
        CHECK_OK(group_log_join(l, &h.w.group, &err), err);
        CHECK_OK(group_lines_read(a, (struct bytes){(const uint8_t *)file.p, file.n}, &h.w.group,
                                  &all, &n, &err),
                 err);
        for (size_t i = 0; i < n; i++)
            CHECK_OK(
                group_log_take_lines(l, from, &all[backward ? n - 1 - i : i], 1, &counts, &err),
                err);
        CHECK_OK(group_log_commit(l, &err), err);
        CHECK_OK(pack_of_quarter(
                     l, a, &(struct pack_options){2025, 4, PACK_READER_FULL, "all", "0"}, &p, &err),
                 err);
        all_forms(&lines[backward], &p);
        group_log_close(l);
        arena_free(a);
        free(from);
    }
    CHECK_U(lines[0].n, lines[1].n);
    CHECK(!memcmp(lines[0].p, lines[1].p, lines[0].n));
    text_free(&file);
    text_free(&lines[0]);
    text_free(&lines[1]);
    finish(&h);
}

static void golden_pages(const struct pack *p, const char *of)
{
    for (unsigned l = 0; l < PACK_LANGUAGES; l++) {
        struct text t = text_new((size_t)16 << 20);
        char name[64];

        pack_html(&t, p, (enum pack_language)l, false);
        snprintf(name, sizeof(name), "pack/%s-%s.html", of,
                 pack_language_name((enum pack_language)l));
        test_golden(name, t.p, t.n);
        text_free(&t);
    }
}

static void golden(void **state)
{
    struct home h;
    struct pack p;

    (void)state;
    start(&h);
    quarter_say(&h);
    p = pack_of(&h, h.w.arena, PACK_READER_FULL);
    golden_pages(&p, "full");
    finish(&h);
}

/* ---- the registers of the world: thefts by quarter, counted with awk ---- */

static void real_registers(void **state)
{
    static const struct {
        unsigned year, quarter;
        const char *n, *usd;
    } rows[] = {
        {2024, 2, "3", "351530000"}, {2025, 1, "3", "1756085704"}, {2025, 4, "2", "42971369"}};
    static const char *const files[][2] = {{"incident", "thefts/thefts.csv"},
                                           {"claim", "thefts/claims.csv"}};
    struct home h;
    struct err err;

    (void)state;
    start(&h);
    for (size_t f = 0; f < 2; f++) {
        struct bytes csv = test_data(files[f][1]);
        struct record *all;
        char type[64];
        size_t n;

        CHECK_OK(record_csv(h.w.arena, record_kind(files[f][0]), &h.w.group, csv, &all, &n, &err),
                 err);
        snprintf(type, sizeof(type), "%s.state", files[f][0]);
        for (size_t i = 0; i < n; i++)
            say(&h, 0, WORLD_INV,
                (struct group_log_act){.type = type,
                                       .object = all[i].object,
                                       .retention = "keep",
                                       .body = all[i].body});
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pack_options o = {rows[i].year, rows[i].quarter, PACK_READER_FULL, "all", "0"};
        struct pack p;

        CHECK_OK(pack_of_quarter(h.log, h.w.arena, &o, &p, &err), err);
        test_row("%uQ%u", rows[i].year, rows[i].quarter);
        CHECK_S(figure(&p, PACK_THEFTS_N), rows[i].n);
        CHECK_S(figure(&p, PACK_THEFTS_USD), rows[i].usd);
        CHECK(table(&p, PACK_DENIALS)->rows_n >= 2); /* the standing denial, twice */
        if (rows[i].year == 2025 && rows[i].quarter == 4)
            golden_pages(&p, "thefts");
    }
    finish(&h);
}

static void quarters_from_text(void **state)
{
    static const struct {
        const char *s;
        unsigned year, quarter; /* 0: none */
    } rows[] = {{"2026Q4", 2026, 4}, {"1970Q1", 1970, 1}, {"2026Q0", 0, 0}, {"2026Q5", 0, 0},
                {"2026q4", 0, 0},    {"1969Q4", 0, 0},    {"2026", 0, 0},   {"20264Q", 0, 0},
                {"2026Q4 ", 0, 0},   {"", 0, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned year = 0, quarter = 0;

        test_row("%s", rows[i].s);
        CHECK_U(pack_quarter_read(rows[i].s, &year, &quarter), rows[i].quarter != 0);
        if (rows[i].quarter)
            CHECK(year == rows[i].year && quarter == rows[i].quarter);
    }
}

/* Every word is there in every language. */
static void words(void **state)
{
    (void)state;
    for (unsigned w = 0; w < PACK_WORDS_N; w++)
        for (unsigned l = 0; l < PACK_LANGUAGES; l++)
            if (w != PACK_V_FIRST && w != PACK_V_LAST) {
                const char *s = pack_word((enum pack_word)w, (enum pack_language)l);

                test_row("%s, %u", pack_word_id((enum pack_word)w), l);
                CHECK(s && *s && utf8_valid(s, strlen(s)));
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures),
        cmocka_unit_test(nothing_above_the_marking),
        cmocka_unit_test(secrets_change_nothing),
        cmocka_unit_test(random_markings),
        cmocka_unit_test(any_order),
        cmocka_unit_test(golden),
        cmocka_unit_test(real_registers),
        cmocka_unit_test(quarters_from_text),
        cmocka_unit_test(words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
