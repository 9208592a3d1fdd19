/* The quarterly pack: figures worked out by hand; golden pages in three languages; nothing above a
 * reader's marking in any byte; the same bytes in whatever order a home came by its events. */
#include "pack/advisory.h"
#include "pack/cleared.h"

#include "base/time.h"
#include "group/alert.h"
#include "group/record_log.h"
#include "group/report.h"
#include "trace/account_show.h"

#include "group/world.h"

#include <stdio.h>
#include <stdlib.h>

#define MS(day) ((uint64_t)(day)*86400000)
#define Q4 20362 /* 2025-10-01, days since 1970 */
#define ARENA_BYTES ((size_t)256 << 20)

/* ---- a home with a group ---- */

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
    h->random = (struct group_random){world_fill, &h->r};
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

/* What us has said is countersigned by both others, now. */
static void witness(struct home *h)
{
    struct group_log_cosigned did;
    uint64_t n;
    struct err err;

    for (unsigned m = 0; m < WORLD_MEMBERS; m++) {
        struct signer by = world_signer(m, WORLD_NODE);
        struct group_log_cosign how = {.member = world_members[m], .by = &by, .now = h->ms / 1000};

        if (m)
            CHECK_OK(group_log_cosign(h->log, &how, &did, &err), err);
        else
            CHECK_OK(group_log_checkpoint(h->log, &how, &n, &err), err);
    }
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

/* Other words for a text, which its member says of the newest that there are. */
static void record_revise(struct home *h, const char *object, const char *fields)
{
    const struct fold_object *o = fold_object(group_log_fold(h->log), object, "all");
    struct record r;
    struct err err;

    CHECK_OK(record_make(h->w.arena, record_kind("text"), &h->w.group,
                         (struct bytes){(const uint8_t *)fields, strlen(fields)}, &r, &err),
             err);
    say(h, 0, WORLD_HEAD,
        (struct group_log_act){.type = "text.revise",
                               .object = object,
                               .after = &o->revision,
                               .after_n = 1,
                               .retention = "keep",
                               .body = r.body});
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
    record_say(
        h, "claim",
        "{\"subject\":\"OPENCLEAR Ltd\",\"claimant\":\"SHADEGREEN Scholar\",\"published\":"
        "\"2025-11-02\",\"period\":\"2025-10\",\"stance\":\"denying\",\"reported_by\":\"source "
        "SHADEGREEN\",\"tlp\":\"green\"}",
        NULL);
    record_say(h, "claim",
               "{\"subject\":\"total\",\"claimant\":\"KEPT Ministry\",\"published\":\"2025-11-03\","
               "\"period\":\"2025\",\"stance\":\"denying\",\"reported_by\":\"source KEPT too\"}",
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
               "{\"text\":\"KEPT send the list\",\"owner\":\"kr\",\"due\":\"2025-09-15\"}", NULL);
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
    {PACK_YEAR_USD, "1000020", "1000020", "1000000"},
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
    CHECK_S(cell(t, 0, 5), "2");
    CHECK_S(figure(&p, PACK_OVERDUE_N), "1"); /* the other is due in March, and it is October */
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
    CHECK_S(cell(t, 0, 7), "0.000006");   /* released */
    CHECK_S(cell(t, 0, 12), "0.0000005"); /* withdrawn */
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
    CHECK_S(cell(table(&full, PACK_WAYS), 0, 2), "exchange");
    CHECK_S(cell(table(&full, PACK_WAYS), 0, 3), "KEPT Exchange");
    CHECK_S(cell(table(&full, PACK_WAYS), 0, 4), "a > b > c");
    CHECK_S(cell(table(&full, PACK_MEETS), 0, 3), "OTHER-CASE");
    test_row("denied");
    t = table(&full, PACK_DENIED);
    CHECK_S(cell(t, 0, 1), "5");
    CHECK_S(cell(t, 0, 3), "0"); /* the one is released, the other void */
    CHECK_S(cell(t, 0, 4), "0.0");
    test_row("acts");
    t = table(&full, PACK_ACTS);
    CHECK_U(t->rows_n, 3);
    CHECK_S(cell(t, 0, 4), "KEPT robbed");
    CHECK_S(cell(t, 1, 0), "2025-11-04"); /* told before it */
    CHECK_S(cell(table(&public, PACK_ACTS), 0, 4), "");
    CHECK_S(cell(table(&public, PACK_ACTS), 0, 6), "");
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
    CHECK_S(cell(table(&full, PACK_ACTIONS_OPEN), 0, 5), "0");
    carried_over(&h);
    test_row("rates");
    t = table(&full, PACK_RATES);
    CHECK_U(t->rows_n, 1); /* the other is of a later day */
    CHECK_S(cell(t, 0, 2), "120000.5");
    test_row("decisions");
    t = table(&full, PACK_DECISIONS);
    CHECK_U(t->rows_n, 1); /* an action; a complaint is to be answered in December */
    CHECK_S(cell(t, 0, 1), "KEPT send the list");
    CHECK_S(cell(t, 0, 2), "kr");
    CHECK_U(table(&public, PACK_DECISIONS)->rows_n, 0);
    test_row("times");
    t = table(&full, PACK_RESPONSE);
    CHECK_S(cell(t, 0, 0), "All members");
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

/* ---- a denial stands beside a claim ---- */

/* Of its victim, its object, a total of its time or everything; of each claimant the newest. */
static void denied(void **state)
{
    static const char *const said[][6] = {
        /* subject, claimant, published, period, reported_by, stance */
        {"Vault", "Owner", "2025-12-02", "2025-10", "paper one", "denying"},
        {"Vault", "Owner (spokesman)", "2025-12-09", "2025-10", "paper two", "denying"},
        {"Vault", "Owner", "by 2025-12", "2025-10", "paper one", "denying"},
        {"Vault", "Lawyer", "2025-11-01", "2024", "paper three", "denying"}, /* another time's */
        {"Vault 2025", "Scholar", "2025-11-05", "it is not said when", NULL, "denying"},
        {"Vault", "Countering", "2025-11-05", "2025", NULL, "countering"},
        {"Vaults", "Other", "2025-11-05", "2025", NULL, "denying"},
        {"any", "State", "2023-11-06", "any", "paper four", "denying"},
        {"total", "Ministry", "2025-10-30", "2025", "paper <one>", "denying"},
        {"total", "Ministry", "2025-10-31", "2026", "paper one", "denying"},
        {"total", "Ministry", "2025-10-31", "some time", "paper one", "denying"}};
    const struct pack_table *t;
    const char *incident;
    char fields[600];
    struct pack p;
    struct home h;
    struct text html = text_new((size_t)16 << 20);

    (void)state;
    start(&h);
    incident = record_say(&h, "incident",
                          "{\"date\":\"2025-10-04\",\"victim\":\"Vault\",\"attributed_by\":\"FBI\","
                          "\"case\":\"" CASE_A "\",\"source\":\"s\"}",
                          NULL);
    record_say(&h, "incident", "{\"date\":\"2025-10-05\",\"victim\":\"Nobody's\",\"source\":\"s\"}",
               NULL);
    case_say(&h, CASE_A, "the vault");
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        snprintf(fields, sizeof(fields),
                 "{\"subject\":\"%s\",\"claimant\":\"%s\",\"published\":\"%s\",\"period\":\"%s\","
                 "\"stance\":\"%s\"%s%s%s}",
                 said[i][0], said[i][1], said[i][2], said[i][3], said[i][5],
                 said[i][4] ? ",\"reported_by\":\"" : "", said[i][4] ? said[i][4] : "",
                 said[i][4] ? "\"" : "");
        record_say(&h, "claim", fields, NULL);
    }
    p = pack_of(&h, h.w.arena, PACK_READER_FULL);
    t = table(&p, PACK_CASES);
    CHECK_S(cell(t, 0, 9), "Owner (spokesman), 2025-12-09 [1]; Scholar, 2025-11-05");
    CHECK_S(cell(t, 0, 10), "Ministry, 2025-10-30 [2]; State, 2023-11-06 [3]");
    t = table(&p, PACK_INCIDENTS);
    CHECK_S(cell(t, 0, 9), "Owner (spokesman), 2025-12-09 [1]; Scholar, 2025-11-05");
    CHECK_S(cell(t, 0, 10), "Ministry, 2025-10-30 [2]; State, 2023-11-06 [3]");
    CHECK_S(cell(t, 1, 9), "");
    CHECK_S(cell(t, 1, 10), ""); /* nobody is accused */
    CHECK_S(p.sources[1], "paper <one>");
    pack_html(&html, &p, PACK_JA);
    CHECK(strstr(text_string(&html), "Ministry, 2025-10-30 <a href=\"#s2\">[2]</a>; State"));
    test_row("named by object, and how many more there are");
    for (unsigned i = 0; i < 5; i++) {
        snprintf(fields, sizeof(fields),
                 "{\"subject\":\"it\",\"claimant\":\"Firm %u [9]\",\"published\":\"2026-01-0%u\","
                 "\"period\":\"2019\",\"stance\":\"denying\",\"incident\":\"%s\"}",
                 i, i + 1, incident);
        record_say(&h, "claim", fields, NULL);
    }
    p = pack_of(&h, h.w.arena, PACK_READER_FULL);
    CHECK_S(cell(table(&p, PACK_INCIDENTS), 0, 9),
            "Firm 4 [9], 2026-01-05; Firm 3 [9], 2026-01-04; Firm 2 [9], 2026-01-03; Firm 1 [9], "
            "2026-01-02; +3");
    text_free(&html);
    html = text_new((size_t)16 << 20);
    pack_html(&html, &p, PACK_EN);
    CHECK(!strstr(text_string(&html), "#s9")); /* there are not so many sources */
    text_free(&html);
    finish(&h);
}

/* Told in whatever order, tables of registers stand by day; sources are numbered as they are read.
 */
static void tables_by_day(void **state)
{
    static const char *const days[] = {"2025-12-01", "2025-10-02", "2025-11", "2025-11-01"};
    static const char *const wanted[] = {"2025-10-02", "2025-11", "2025-11-01", "2025-12-01"};
    const struct pack_table *t;
    char fields[300], number[8];
    struct pack p;
    struct home h;

    (void)state;
    start(&h);
    for (size_t i = 0; i < 4; i++) {
        snprintf(fields, sizeof(fields),
                 "{\"date\":\"%s\",\"victim\":\"V\",\"source\":\"source of %s\"}", days[i],
                 days[i]);
        record_say(&h, "incident", fields, NULL);
        snprintf(fields, sizeof(fields), "{\"text\":\"A\",\"owner\":\"kr\",\"due\":\"%s\"}",
                 days[i]);
        record_say(&h, "action", fields, NULL);
    }
    p = pack_of(&h, h.w.arena, PACK_READER_FULL);
    for (size_t i = 0; i < 4; i++) {
        t = table(&p, PACK_INCIDENTS);
        CHECK_S(cell(t, i, 0), wanted[i]);
        snprintf(number, sizeof(number), "[%zu]", i + 1);
        CHECK_S(cell(t, i, 11), number);
        CHECK_S(cell(table(&p, PACK_ACTIONS_OPEN), i, 0), wanted[i]);
    }
    finish(&h);
}

static void ask_figure(struct home *h, const struct pack *p, const char *name, const char *value);

/* ---- from a summit to actions, and briefings ---- */

static const char *commitment_say(struct home *h, const char *text, const char *under)
{
    char fields[500];

    snprintf(fields, sizeof(fields),
             "{\"text\":\"%s\",\"made\":\"2023-08-18\",\"progress\":\"under-way\",\"source\":\"s\""
             "%s%s%s}",
             text, under ? ",\"under\":\"" : "", under ? under : "", under ? "\"" : "");
    return record_say(h, "commitment", fields, NULL);
}

static const char *action_say(struct home *h, const char *text, const char *commitment)
{
    char fields[500];

    snprintf(fields, sizeof(fields),
             "{\"text\":\"%s\",\"owner\":\"kr\",\"due\":\"2026-03-01\",\"commitment\":\"%s\"}",
             text, commitment);
    return record_say(h, "action", fields, NULL);
}

static void from_summit_to_actions(void **state)
{
    const char *summit, *initiative, *done;
    const struct pack_table *t;
    struct pack p;
    struct home h;

    (void)state;
    start(&h);
    summit = commitment_say(&h, "Camp David", NULL);
    initiative = commitment_say(&h, "a working group", summit);
    done = action_say(&h, "terms are drafted", initiative);
    action_say(&h, "a chair is found", initiative);
    say(&h, 0, WORLD_HEAD,
        (struct group_log_act){.type = "action.done",
                               .object = done,
                               .after = &fold_object(group_log_fold(h.log), done, "all")->revision,
                               .after_n = 1});
    record_say(&h, "outreach",
               "{\"firm\":\"A\",\"about\":\"x\",\"date\":\"2025-10-10\",\"acknowledged\":"
               "\"2025-10-11\",\"acted\":\"2026-01-05\",\"act\":\"accounts closed\"}",
               NULL);
    record_say(&h, "outreach", "{\"firm\":\"B\",\"about\":\"x\",\"date\":\"2025-12-31\"}", NULL);
    record_say(&h, "outreach",
               "{\"firm\":\"C\",\"about\":\"x\",\"date\":\"2026-01-01\",\"acknowledged\":"
               "\"2026-01-01\"}",
               NULL);
    p = pack_of(&h, h.w.arena, PACK_READER_FULL);
    t = table(&p, PACK_COMMITMENTS);
    CHECK_U(t->rows_n, 2);
    CHECK_S(cell(t, 0, 2), "");
    CHECK_S(cell(t, 0, 3), "");
    CHECK_S(cell(t, 1, 2), "Camp David");
    CHECK_S(cell(t, 1, 3), "1/2");
    CHECK_U(table(&p, PACK_ACTIONS_OPEN)->rows_n, 1);
    CHECK_U(table(&p, PACK_ACTIONS_DONE)->rows_n, 1);
    CHECK_S(figure(&p, PACK_OUTREACH_N), "2");
    CHECK_S(figure(&p, PACK_OUTREACH_ACKNOWLEDGED), "1");
    CHECK_S(figure(&p, PACK_OUTREACH_ACTED), "1");
    CHECK_S(cell(table(&p, PACK_OUTREACH), 0, 7), "accounts closed");
    finish(&h);
}

static struct pack pack_in(struct home *h, unsigned year, unsigned quarter)
{
    struct pack_options o = {year, quarter, PACK_READER_FULL, "all", "0"};
    struct pack p = {.quarter = NULL};
    struct err err;

    CHECK_OK(pack_of_quarter(h->log, h->w.arena, &o, &p, &err), err);
    return p;
}

/* What was done behind a quarter's end is no longer open in its pack, and is told with its day; of
 * a quarter that had ended before it was written down it is not. Commitments stand by the day on
 * which they were made. */
static void done_since(void **state)
{
    static const struct {
        unsigned year, quarter;
        size_t done;
    } rows[] = {{2025, 3, 0}, {2025, 4, 1}, {2026, 1, 1}, {2026, 2, 0}};
    const struct pack_table *t;
    const char *action;
    char fields[300];
    struct pack p;
    struct home h;

    (void)state;
    start(&h);
    commitment_say(&h, "the later", NULL);
    record_say(
        &h, "commitment",
        "{\"text\":\"the earlier\",\"made\":\"2019-01\",\"progress\":\"kept\",\"source\":\"s\"}",
        NULL);
    snprintf(fields, sizeof(fields),
             "{\"text\":\"A\",\"owner\":\"kr\",\"due\":\"2026-03-01\",\"tlp\":\"clear\","
             "\"meeting\":\"%s\"}",
             record_say(&h, "meeting",
                        "{\"series\":\"trilateral\",\"ordinal\":\"6\",\"date\":\"2025-09-20\","
                        "\"host\":\"us\"}",
                        NULL));
    action = record_say(&h, "action", fields, NULL);
    h.ms = MS(Q4 + 92 + 9); /* 2026-01-10 */
    say(&h, 0, WORLD_HEAD,
        (struct group_log_act){.type = "action.done",
                               .object = action,
                               .after =
                                   &fold_object(group_log_fold(h.log), action, "all")->revision,
                               .after_n = 1});
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        p = pack_in(&h, rows[i].year, rows[i].quarter);
        test_row("%u Q%u", rows[i].year, rows[i].quarter);
        CHECK_U(table(&p, PACK_ACTIONS_OPEN)->rows_n, 0);
        t = table(&p, PACK_ACTIONS_DONE);
        CHECK_U(t->rows_n, rows[i].done);
        if (!rows[i].done)
            continue;
        CHECK_S(cell(t, 0, 3), "trilateral 6");
        CHECK_S(cell(t, 0, 5), "2026-01-10");
    }
    t = table(&p, PACK_COMMITMENTS);
    CHECK_S(cell(t, 0, 1), "the earlier");
    CHECK_S(cell(t, 1, 1), "the later");
    p = pack_of(&h, h.w.arena, PACK_READER_PUBLIC); /* which does not see the meeting */
    CHECK_S(cell(table(&p, PACK_ACTIONS_DONE), 0, 3), "");
    finish(&h);
}

/* Wages are no loss: 100 stolen and a sum not stated, 40 of wages, 7 of what was seized. */
static void sums_apart(void **state)
{
    static const struct {
        const char *kind, *usd;
    } rows[] = {{"theft", "60"},   {"extortion", "40"}, {"intrusion", NULL}, {"payroll", "40"},
                {"payroll", NULL}, {"seizure", "7"},    {"seizure", NULL},   {"designation", "1"}};
    static const struct {
        enum pack_word label;
        const char *value;
    } wanted[] = {{PACK_THEFTS_N, "3"},   {PACK_THEFTS_UNSTATED, "1"},  {PACK_THEFTS_USD, "100"},
                  {PACK_PAYROLL_N, "2"},  {PACK_PAYROLL_UNSTATED, "1"}, {PACK_PAYROLL_USD, "40"},
                  {PACK_SEIZURES_N, "2"}, {PACK_SEIZED_USD, "7"},       {PACK_DESIGNATIONS_N, "1"}};
    const struct pack_table *t;
    char fields[300];
    struct pack p;
    struct home h;

    (void)state;
    start(&h);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(
            fields, sizeof(fields),
            "{\"kind\":\"%s\",\"date\":\"2025-10-%02zu\",\"title\":\"T\",\"source\":\"s\"%s%s%s}",
            rows[i].kind, i + 1, rows[i].usd ? ",\"amount_usd\":\"" : "",
            rows[i].usd ? rows[i].usd : "", rows[i].usd ? "\"" : "");
        record_say(&h, "incident", fields, NULL);
    }
    p = pack_of(&h, h.w.arena, PACK_READER_FULL);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        test_row("%s", pack_word_id(wanted[i].label));
        CHECK_S(figure(&p, wanted[i].label), wanted[i].value);
        ask_figure(&h, &p, pack_word_id(wanted[i].label), wanted[i].value);
    }
    t = table(&p, PACK_LOSSES_BY_QUARTER);
    CHECK_S(cell(t, t->rows_n - 1, 1), "3");
    CHECK_S(cell(t, t->rows_n - 1, 2), "100");
    CHECK_S(cell(table(&p, PACK_LOSSES_BY_ACTOR), 0, 2), "100");
    CHECK_U(table(&p, PACK_INCIDENTS)->rows_n, 5);
    t = table(&p, PACK_ACTS);
    CHECK_S(cell(t, 1, 3), "7");
    CHECK_S(cell(t, 2, 3), "");
    CHECK_S(cell(table(&p, PACK_EVENTS), 0, 4), "7");
    finish(&h);
}

/* Of one day and victim, in whatever letters, or of one case. Wages are not, nor is a day apart. */
static void on_record_twice(void **state)
{
    static const char *const rows[] = {
        "\"date\":\"2025-10-02\",\"victim\":\"Exchange A\",\"amount_usd\":\"5\"",
        "\"date\":\"2025-10-02\",\"victim\":\"exchange a\",\"amount_usd\":\"6\"",
        "\"date\":\"2025-10-03\",\"victim\":\"Exchange A\"",
        "\"date\":\"2025-10-02\",\"victim\":\"Exchange A\",\"kind\":\"payroll\"",
        ("\"date\":\"2025-10-05\",\"victim\":\"B\",\"case\":\"" CASE_A "\""),
        ("\"date\":\"2025-11\",\"victim\":\"Bee\",\"case\":\"" CASE_A "\""),
        "\"date\":\"2025-10-09\",\"title\":\"no victim\"",
        "\"date\":\"2025-10-09\",\"title\":\"none either\"",
        "\"date\":\"2025-09-30\",\"victim\":\"C\"",
        "\"date\":\"2025-09-30\",\"victim\":\"C\",\"notes\":\"in another quarter\"",
    };
    const struct pack_table *t;
    const char *first = NULL;
    char fields[300];
    struct pack p;
    struct home h;

    (void)state;
    start(&h);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *object;

        snprintf(fields, sizeof(fields), "{%s,\"source\":\"s\",\"tlp\":\"clear\"}", rows[i]);
        object = record_say(&h, "incident", fields, NULL);
        first = first ? first : object;
    }
    p = pack_of(&h, h.w.arena, PACK_READER_FULL);
    t = table(&p, PACK_DECISIONS);
    CHECK_U(t->rows_n, 2);
    snprintf(fields, sizeof(fields), "exchange a; %.12s", strchr(first, ':') + 1);
    CHECK_S(cell(t, 0, 1), fields);
    CHECK_S(cell(t, 0, 2), "us");
    CHECK_S(cell(t, 0, 3), "2025-10-02");
    CHECK(!strncmp(cell(t, 1, 1), "Bee; ", 5));
    p = pack_of(&h, h.w.arena, PACK_READER_PUBLIC);
    CHECK_U(table(&p, PACK_DECISIONS)->rows_n, 0);
    /* of the quarters before it no reader but the full version's is told that there was nothing */
    CHECK_U(table(&p, PACK_LOSSES_BY_QUARTER)->rows_n, 2);
    finish(&h);
}

/* Where there is nothing, the full page says of what there is none, in each language. */
static void nothing_yet(void **state)
{
    static const char *const wanted[PACK_LANGUAGES][3] = {
        {"Nothing waits for a decision.", "No case was reported in the quarter.",
         "No alert was told in the quarter."},
        {"결정을 기다리는 사항 없음.", "이번 분기에 보고된 사건 없음.",
         "이번 분기에 통지된 경보 없음."},
        {"決定を待つ事項なし。", "当四半期に報告された事案なし。",
         "当四半期に通知された警報なし。"}};
    struct home h;
    struct pack full, public;

    (void)state;
    start(&h);
    full = pack_of(&h, h.w.arena, PACK_READER_FULL);
    public = pack_of(&h, h.w.arena, PACK_READER_PUBLIC);
    for (unsigned l = 0; l < PACK_LANGUAGES; l++) {
        struct text t = text_new((size_t)1 << 20), narrow = text_new((size_t)1 << 20);

        pack_html(&t, &full, (enum pack_language)l);
        pack_html(&narrow, &public, (enum pack_language)l);
        for (size_t i = 0; i < 3; i++) {
            test_row("%s", wanted[l][i]);
            CHECK(strstr(text_string(&t), wanted[l][i]) != NULL);
            CHECK(!strstr(text_string(&narrow), wanted[l][i]));
        }
        text_free(&t);
        text_free(&narrow);
    }
    finish(&h);
}

/* A word of a table that is longer than a hash may end in the next line, between characters and
 * never within one; a shorter one may not. */
static void long_words(void **state)
{
#define ABC "abcdefghijklmnopqrstuvwxyz12"
#define HAN "가나다라마바사아자차카타파하"
#define DUE "\",\"owner\":\"kr\",\"due\":\"2026-01\"}"
    struct text t = text_new((size_t)1 << 20);
    struct home h;
    struct pack p;

    (void)state;
    start(&h);
    record_say(&h, "action", "{\"text\":\"" ABC ABC "90 " ABC ABC ABC "345" DUE, NULL);
    record_say(&h, "action", "{\"text\":\"" HAN HAN HAN HAN HAN DUE, NULL);
    p = pack_of(&h, h.w.arena, PACK_READER_FULL);
    pack_html(&t, &p, PACK_EN);
    CHECK(
        strstr(text_string(&t), "<td>" ABC ABC "90 " ABC "<wbr>" ABC "<wbr>" ABC "<wbr>345</td>"));
    CHECK(strstr(text_string(&t), "<td>" HAN HAN "<wbr>" HAN HAN "<wbr>" HAN "</td>"));
    text_free(&t);
    finish(&h);
}

/* What is published in the quarter stands in its pack, whatever time it is of: a share of years
 * that are over, and the denial of an old figure. */
static void said_in_the_quarter(void **state)
{
    static const struct {
        const char *published, *period, *measure;
        enum pack_word where;
    } rows[] = {
        {"2025-10-05", "2019", "\"stance\":\"asserting\",\"amount_usd_low\":\"5\"",
         PACK_CLAIMS_SAID},
        {"2025-11", "2019", "\"stance\":\"denying\"", PACK_CLAIMS_SAID},
        {"2025-11-01", "some years", "\"stance\":\"asserting\"", PACK_CLAIMS_SAID},
        {"2025-12-31", "2017-2023",
         "\"stance\":\"asserting\",\"measure\":\"share\",\"share_of\":\"it\",\"share_low\":\"40\"",
         PACK_CLAIMS_SHARES},
        {"2025-10-01", "2025", "\"stance\":\"asserting\"", PACK_CLAIMS},
        {"2025-10-01", "2025", "\"stance\":\"denying\"", PACK_DENIALS},
        {"2025-09-30", "2019", "\"stance\":\"asserting\"", PACK_WORDS_N},
        {"by 2025-11", "2019", "\"stance\":\"asserting\"", PACK_WORDS_N},
        {"2025", "2019", "\"stance\":\"asserting\"", PACK_WORDS_N},
    };
    static const enum pack_word tables[] = {PACK_CLAIMS, PACK_CLAIMS_WIDER, PACK_CLAIMS_SHARES,
                                            PACK_DENIALS, PACK_CLAIMS_SAID};
    char fields[400], claimant[8];
    struct pack p;
    struct home h;

    (void)state;
    start(&h);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(fields, sizeof(fields),
                 "{\"subject\":\"total\",\"claimant\":\"C%zu\",\"published\":\"%s\",\"period\":\"%"
                 "s\",%s}",
                 i, rows[i].published, rows[i].period, rows[i].measure);
        record_say(&h, "claim", fields, NULL);
    }
    p = pack_of(&h, h.w.arena, PACK_READER_FULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(claimant, sizeof(claimant), "C%zu", i);
        test_row("%s", claimant);
        for (size_t k = 0; k < sizeof(tables) / sizeof(tables[0]); k++) {
            const struct pack_table *t = table(&p, tables[k]);
            bool there = false;

            for (size_t r = 0; r < t->rows_n; r++)
                there = there || !strcmp(cell(t, r, 1), claimant);
            CHECK_U(there, tables[k] == rows[i].where);
        }
    }
    finish(&h);
}

/* Late matters first; an action that is asked for there does not come again. */
static void agenda(void **state)
{
    struct text t = text_new((size_t)1 << 20);
    struct home h;
    struct pack p;

    (void)state;
    start(&h);
    commitment_say(&h, "Camp David", NULL);
    record_say(&h, "action", "{\"text\":\"send the list\",\"owner\":\"kr\",\"due\":\"2025-12-15\"}",
               NULL);
    record_say(&h, "action", "{\"text\":\"publish\",\"owner\":\"us\",\"due\":\"2026-03-15\"}",
               NULL);
    record_say(&h, "obligation",
               "{\"instrument\":\"UNSCR 2397\",\"date\":\"2025-10-30\",\"requires\":\"r\","
               "\"member\":\"jp\",\"source\":\"s\"}",
               NULL);
    record_say(&h, "complaint",
               "{\"alert\":\"alert:00000000000000000000000000000002\",\"received\":\"2025-11-12\","
               "\"answer_due\":\"2025-12-12\",\"grounds\":\"my wages\"}",
               NULL);
    p = pack_of(&h, h.w.arena, PACK_READER_FULL);
    CHECK_U(table(&p, PACK_DECISIONS)->rows_n, 0); /* it is still October */
    CHECK_S(figure(&p, PACK_OVERDUE_N), "0");
    h.ms = MS(Q4 + 76); /* 2025-12-16, a second too late */
    record_say(&h, "outreach", "{\"firm\":\"A\",\"about\":\"x\",\"date\":\"2025-12-15\"}", NULL);
    p = pack_of(&h, h.w.arena, PACK_READER_PARTNER); /* who sees none of it */
    pack_agenda(&t, &p, PACK_EN);
    CHECK_U(t.n, 0);
    p = pack_of(&h, h.w.arena, PACK_READER_FULL);
    pack_agenda(&t, &p, PACK_JA);
    CHECK_S(text_string(&t), "期限内に未回答の異議申立て："
                             "my wages（us、2025-12-12）\n"
                             "期限を過ぎたフォローアップ事項："
                             "send the list（kr、2025-12-15）\n"
                             "未了のフォローアップ事項（繰越し）："
                             "publish（us、2026-03-15）\n"
                             "参加機関別の履行報告：UNSCR 2397（jp、未報告）\n"
                             "参加機関別の履行報告：UNSCR 2397（us、未報告）\n"
                             "参加機関別の履行報告：UNSCR 2397（kr、未報告）\n"
                             "合意事項：Camp David（進行中）\n");
    text_free(&t);
    finish(&h);
}

/* ---- losses ---- */

/* Of four quarters and two actors; of one theft nobody says who did it, of one only the year. */
static void losses_side_by_side(void **state)
{
    static const struct {
        const char *date, *usd, *actor;
    } rows[] = {{"2025-10-01", "100", "A"}, {"2025-12", "20", "B"},   {"2025-12-31", NULL, "B"},
                {"2025-11-11", "3", NULL},  {"2025", "5000", "A"},    {"2025-09-30", "7", "A"},
                {"2024-01-01", "9", "A"},   {"2023-12-31", "11", "A"}};
    static const char *const quarters[][4] = {
        {"2024Q1", "1", "9", "0"}, {"2024Q2", "0", "0", "0"},  {"2024Q3", "0", "0", "0"},
        {"2024Q4", "0", "0", "0"}, {"2025Q1", "0", "0", "0"},  {"2025Q2", "0", "0", "0"},
        {"2025Q3", "1", "7", "0"}, {"2025Q4", "4", "123", "1"}};
    static const char *const actors[][4] = {
        {"A", "1", "100", "0"}, {"B", "2", "20", "1"}, {"not stated", "1", "3", "0"}};
    const struct pack_table *t;
    struct pack p;
    struct home h;

    (void)state;
    start(&h);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text f = text_new(500);

        text_printf(&f, "{\"date\":\"%s\",\"victim\":\"v%zu\",\"source\":\"s\"", rows[i].date, i);
        if (rows[i].usd)
            text_printf(&f, ",\"amount_usd\":\"%s\"", rows[i].usd);
        if (rows[i].actor)
            text_printf(&f, ",\"actor\":\"%s\"", rows[i].actor);
        text_char(&f, '}');
        record_say(&h, "incident", text_string(&f), NULL);
        text_free(&f);
    }
    p = pack_of(&h, h.w.arena, PACK_READER_FULL);
    t = table(&p, PACK_LOSSES_BY_QUARTER);
    CHECK_U(t->rows_n, 8);
    for (size_t i = 0; i < 8; i++)
        for (size_t k = 0; k < 4; k++)
            CHECK_S(cell(t, i, k), quarters[i][k]);
    t = table(&p, PACK_LOSSES_BY_ACTOR);
    CHECK_U(t->rows_n, 3);
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 4; k++)
            CHECK_S(cell(t, i, k), actors[i][k]);
    finish(&h);
}

/* ---- hours wrongly held ---- */

#define CASE_B "case:000000000000000000000000000000bb"
#define HOURS(h) ((uint64_t)((h)*3600000))

/* The next event is that many hours after the quarter's second day began. */
static void until(struct home *h, double hours)
{
    h->ms = MS(Q4 + 1) + HOURS(hours) - 1000;
}

static void case_verified(struct home *h, const char *object, unsigned by, unsigned verifier)
{
    const struct hash32 *revision;
    struct report r;
    struct err err;
    static const char text[] = "{\"id\":\"B\",\"origins\":[{\"output\":\"" TXID ":0\"}]}";

    CHECK_OK(report_make(h->w.arena, (struct bytes){(const uint8_t *)text, strlen(text)}, &r, &err),
             err);
    say(h, by, WORLD_INV,
        (struct group_log_act){
            .type = "case.report", .object = object, .retention = "case", .body = r.body});
    revision = &fold_object(group_log_fold(h->log), object, "all")->revision;
    say(h, verifier, WORLD_INV,
        (struct group_log_act){
            .type = "case.verify", .object = object, .after = revision, .after_n = 1});
}

/* jp finds 100 BTC of the case; n tells its deposits apart. */
static const char *alert_found(struct home *h, double hours, const char *of, unsigned n)
{
    char output[128], object[OBJECT_NAME_MAX];
    struct alert_key k = {.case_object = of,
                          .chain = "bip122:000000000019d6689c085ae165831e93",
                          .output = output,
                          .member = "jp"};
    struct event_facts told = {.amount = u256_of(100),
                               .asset = "BTC",
                               .case_object = of,
                               .holder = "jp",
                               .policy = "fifo",
                               .received = u256_of(100)};

    snprintf(output, sizeof(output), "%s:%u", TXID, n);
    alert_object(&k, object);
    told.deposit = alert_deposit(&k);
    until(h, hours);
    alert_say(h, object, "alert.detect", WORLD_NODE, told, true);
    return arena_string(h->w.arena, object, strlen(object));
}

static void step_of(struct home *h, double hours, const char *alert, const char *type,
                    double expires, const char *reason, uint64_t amount)
{
    bool node = !strcmp(type, "alert.hold-soft") || !strcmp(type, "alert.enforce");
    unsigned wants = facts_of_type(type);
    struct event_facts facts = {.basis = wants & FACT_BASIS ? "tos" : NULL,
                                .kind = wants & FACT_KIND ? "account-restriction" : NULL,
                                .reason = reason};
    const struct fold_object *o;

    if (wants & FACT_AMOUNT)
        facts.amount = u256_of(amount);
    if (wants & FACT_EXPIRES)
        facts.expires = MS(Q4 + 1) + HOURS(expires);
    until(h, hours);
    alert_say(h, alert, type, node ? WORLD_NODE : WORLD_DESK, facts, wants != 0);
    o = fold_object(group_log_fold(h->log), alert, "all");
    test_row("%s at %.2f", type, hours);
    CHECK_S(o->last->e.type, type); /* it took its step */
}

static void step(struct home *h, double hours, const char *alert, const char *type, double expires,
                 const char *reason)
{
    step_of(h, hours, alert, type, expires, reason, 100);
}

static void complaint_say(struct home *h, unsigned member, const char *alert, const char *outcome)
{
    char fields[600];
    struct record r;
    struct err err;

    snprintf(fields, sizeof(fields),
             "{\"alert\":\"%s\",\"received\":\"2025-10-03\",\"answer_due\":\"2025-10-20\","
             "\"grounds\":\"my own wages\",\"answered\":\"2025-10-04\",\"outcome\":\"%s\","
             "\"reasons\":\"so it is\"}",
             alert, outcome);
    CHECK_OK(record_make(h->w.arena, record_kind("complaint"), &h->w.group,
                         (struct bytes){(const uint8_t *)fields, strlen(fields)}, &r, &err),
             err);
    say(h, member, WORLD_HEAD,
        (struct group_log_act){
            .type = "complaint.state", .object = r.object, .retention = "keep", .body = r.body});
}

/* By an instrument, which us has stated and takes back. */
static void legal_until(struct home *h, double hours, const char *alert, double expires,
                        double withdrawn)
{
    static const char paper[] =
        "instrument:00000000000000000000000000000000000000000000000000000000000000ff";
    struct event_facts facts = {
        .amount = u256_of(100), .expires = MS(Q4 + 1) + HOURS(expires), .basis = "court-order"};
    const struct hash32 *stated;

    until(h, hours - 0.1);
    say(h, 0, WORLD_HEAD, (struct group_log_act){.type = "instrument.state", .object = paper});
    stated = &fold_object(group_log_fold(h->log), paper, "all")->revision;
    until(h, hours);
    say(h, 2, WORLD_DESK,
        (struct group_log_act){.type = "alert.legal",
                               .object = alert,
                               .facts = &facts,
                               .after = stated,
                               .after_n = 1});
    until(h, withdrawn);
    say(h, 0, WORLD_HEAD, (struct group_log_act){.type = "instrument.withdraw", .object = paper});
}

/* us reports case A, kr case B; jp holds what it finds of both. */
static void wrongly_held(struct home *h)
{
    const char *gap, *overlap, *otherwise, *upheld, *declined, *ordered, *expired, *by_law;

    case_verified(h, CASE_A, 0, 1);
    case_verified(h, CASE_B, 1, 0);
    gap = alert_found(h, 0, CASE_A, 1);
    step(h, 1, gap, "alert.hold-soft", 2, NULL); /* an hour, and three of nothing */
    overlap = alert_found(h, 2.5, CASE_A, 2);
    step(h, 3, overlap, "alert.hold-soft", 4, NULL);
    step(h, 3.5, overlap, "alert.order", 10, "theft");
    step(h, 5, gap, "alert.order", 29, "theft");
    step(h, 6, gap, "alert.defer", 500, "investigation"); /* of the notice, not of the hold */
    otherwise = alert_found(h, 6.5, CASE_A, 3);
    step(h, 7, otherwise, "alert.hold-soft", 8, NULL);
    step(h, 7.5, otherwise, "alert.order", 12, "theft");
    step(h, 8, overlap, "alert.release", 0, NULL); /* upon a complaint: 3 to 8 */
    complaint_say(h, 2, overlap, "released");
    step(h, 9, otherwise, "alert.release", 0, NULL); /* of itself */
    complaint_say(h, 0, otherwise, "released");      /* says a member that is not the holder */
    upheld = alert_found(h, 9.5, CASE_A, 4);
    step(h, 10, upheld, "alert.hold-soft", 11, NULL);
    complaint_say(h, 2, upheld, "upheld");
    step(h, 10.5, upheld, "alert.release", 0, NULL);
    ordered = alert_found(h, 12, CASE_B, 5);
    step(h, 13, ordered, "alert.hold-soft", 14, NULL);
    step(h, 13.25, ordered, "alert.order", 20, "theft");
    expired = alert_found(h, 13.5, CASE_B, 6);
    step(h, 14, expired, "alert.hold-soft", 15, NULL); /* 14 to 15, and nothing said behind it */
    declined = alert_found(h, 14.5, CASE_A, 7);
    step(h, 15, declined, "alert.hold-soft", 16, NULL);
    step(h, 15.5, declined, "alert.decline", 0, "customer-verified");
    until(h, 18); /* 13 to 18 */
    say(h, 1, WORLD_INV, (struct group_log_act){.type = "case.retract", .object = CASE_B});
    step(h, 20, gap, "alert.extend", 44, NULL);
    step(h, 21, gap, "alert.enforce", 44, NULL);
    step(h, 30, gap, "alert.void", 0, "evidence-insufficient"); /* 1 to 2 and 5 to 30 */
    by_law = alert_found(h, 30.5, CASE_A, 8);
    step(h, 31, by_law, "alert.hold-soft", 32, NULL);
    step(h, 31.5, by_law, "alert.order", 36, "theft");
    step(h, 32, by_law, "alert.enforce", 36, NULL);
    legal_until(h, 33, by_law, 500, 35); /* 31 to 35, when the paper was taken back */
    step(h, 50, by_law, "alert.release", 0, NULL);
    complaint_say(h, 2, by_law, "released");
}

static void wrong_hours(void **state)
{
    static const struct {
        const char *reporter, *n, *withdrawn, *declined, *hours;
    } rows[] = {
        {"kr", "2", "2", "0", "6.00"},  /* 5 and 1 */
        {"us", "6", "1", "1", "35.00"}, /* 26, 5 and 4 */
    };
    struct home h;
    struct pack full;
    const struct pack_table *t;

    (void)state;
    start(&h);
    wrongly_held(&h);
    full = pack_of(&h, h.w.arena, PACK_READER_FULL);
    CHECK_S(figure(&full, PACK_WRONG_HOURS), "41.00");
    t = table(&full,
              PACK_RESPONSE); /* kr has verified A and us B, each a second behind its report */
    CHECK_S(cell(t, 0, 0), "All members");
    CHECK_S(cell(t, 0, 1), "report-to-verify");
    CHECK_S(cell(t, 0, 2), "2");
    CHECK_S(cell(t, 0, 3), "1.000");
    ask_figure(&h, &full, "response.~:report-to-verify.n", "2");
    t = table(&full, PACK_BY_REPORTER);
    CHECK_U(t->rows_n, 2);
    for (size_t i = 0; i < t->rows_n; i++) {
        test_row("%s", rows[i].reporter);
        CHECK_S(cell(t, i, 0), rows[i].reporter);
        CHECK_S(cell(t, i, 1), rows[i].n);
        CHECK_S(cell(t, i, 2), rows[i].withdrawn);
        CHECK_S(cell(t, i, 3), rows[i].declined);
        CHECK_S(cell(t, i, 5), rows[i].hours);
    }
    test_row("each of them");
    t = table(&full, PACK_ALERTS_TAKEN_BACK);
    CHECK_U(t->rows_n, 6);
    CHECK_S(cell(t, 0, 4), "evidence-insufficient");
    CHECK_S(cell(t, 0, 5), "26.00");
    CHECK_S(cell(t, 1, 3), "released");
    CHECK_S(cell(t, 1, 4), "Complaints");
    CHECK_S(cell(t, 1, 5), "5.00");
    CHECK_S(cell(t, 2, 5), "5.00");
    CHECK_S(cell(t, 3, 5), "1.00");
    CHECK_S(cell(t, 4, 5), "0.00"); /* declined */
    CHECK_S(cell(t, 5, 5), "4.00");
    finish(&h);
}

/* Of four deposits of 100: 40 are held still, 60 were held and let go, one whole until the time ran
 * out, and of the last nobody has said anything. What was not held of the first two is not held. */
static void held_in_part(void **state)
{
    static const char *const at_members[] = {"jp",        "BTC", "4", "0.000004", "0.000002",
                                             "0.0000004", /* held */
                                             "0.000001",  /* ran out */
                                             "0.0000006", /* released */
                                             "0",         "0",   "0", "0",        "0"};
    const char *held, *released, *ran_out;
    const struct pack_table *t;
    struct pack full;
    struct home h;

    (void)state;
    start(&h);
    case_verified(&h, CASE_A, 0, 1);
    held = alert_found(&h, 0, CASE_A, 1);
    step_of(&h, 1, held, "alert.hold-soft", 2, NULL, 40);
    step_of(&h, 1.5, held, "alert.order", 40, "theft", 40);
    released = alert_found(&h, 2, CASE_A, 2);
    step_of(&h, 3, released, "alert.hold-soft", 4, NULL, 60);
    step(&h, 3.5, released, "alert.release", 0, NULL);
    ran_out = alert_found(&h, 4, CASE_A, 3);
    step(&h, 5, ran_out, "alert.hold-soft", 6, NULL);
    (void)alert_found(&h, 8, CASE_A, 4);
    full = pack_of(&h, h.w.arena, PACK_READER_FULL);
    CHECK_S(figure(&full, PACK_ALERTS_TOLD), "4");
    CHECK_S(figure(&full, PACK_ALERTS_HELD), "1");
    CHECK_S(figure(&full, PACK_ALERTS_RAN_OUT), "1");
    t = table(&full, PACK_AT_MEMBERS);
    for (size_t i = 0; i < sizeof(at_members) / sizeof(at_members[0]); i++) {
        test_row("%s", pack_column_id(t, i));
        CHECK_S(cell(t, 0, i), at_members[i]);
    }
    test_row("denied");
    t = table(&full, PACK_DENIED);
    CHECK_S(cell(t, 0, 2), "0.000004");
    CHECK_S(cell(t, 0, 3), "0.0000004");
    CHECK_S(cell(t, 0, 4), "10.0");
    finish(&h);
}

/* ---- figures and what is behind them ---- */

static uint64_t u64(const char *s)
{
    uint64_t v = 0;

    CHECK(s && u64_from_text(s, strlen(s), &v));
    return v;
}

static int by_u64(const void *pa, const void *pb)
{
    const uint64_t *a = pa, *b = pb;

    return (*a > *b) - (*a < *b);
}

/* What the objects come to, as docs/pack.md says, by nothing but what is told of them. */
static const char *come_to(struct arena *a, const struct pack *p)
{
    uint64_t n = 0, sum = 0, whole = 0, values[1000] = {0}, greatest = 0, told;
    enum pack_how how = p->asked.how;
    bool bare = how == PACK_COUNT || how == PACK_HASH || how == PACK_STATED;
    struct text t = text_new(1000);
    struct sha256_stream hash;
    char day[TIME_DAY_MAX];
    struct hash32 id, all;
    const char *ret;

    sha256_start(&hash);
    for (const struct pack_object *o = p->asked.behind; o; o = o->next) {
        CHECK(n < sizeof(values) / sizeof(values[0]));
        CHECK(bare == !o->value);
        CHECK((how == PACK_SHARE) == (o->whole != NULL));
        values[n] = o->value ? u64(o->value) : 0;
        sum += values[n];
        whole += o->whole ? u64(o->whole) : 0;
        greatest = values[n] > greatest ? values[n] : greatest;
        n++;
        if (how == PACK_HASH) {
            CHECK(hex_decode(o->name, strlen(o->name), id.b, sizeof(id.b)));
            sha256_add(&hash, id.b, sizeof(id.b));
        }
    }
    all = sha256_done(&hash);
    qsort(values, n, sizeof(*values), by_u64);
    switch (how) {
    case PACK_SAID:
        break;
    case PACK_COUNT:
        text_u64(&t, n);
        break;
    case PACK_STATED: /* tests/cli/quarter.py looks whether it does */
        CHECK_U(n, 1);
        text_str(&t, p->asked.value);
        break;
    case PACK_SUM:
        text_u256(&t, u256_of(sum), p->asked.decimals, 0);
        if (strstr(p->asked.value, "\xc2\xb0"))
            text_str(&t, "\xc2\xb0");
        break;
    case PACK_MEDIAN:
    case PACK_P95:
        told = values[(n * (how == PACK_P95 ? 95 : 50) + 99) / 100 - 1];
        if (p->asked.decimals == 3)
            text_printf(&t, "%u.%03u", (unsigned)(told / 1000), (unsigned)(told % 1000));
        else
            text_u64(&t, told);
        break;
    case PACK_OF:
        text_printf(&t, "%u/%u", (unsigned)sum, (unsigned)n);
        break;
    case PACK_DAYS:
        text_u64(&t, (values[n - 1] - values[0]) / 86400);
        break;
    case PACK_SINCE: /* "2025-10-01": the quarter of a month */
        time_day(values[0] / 1000, day);
        told = (uint64_t)(day[2] - '0') * 40 + (uint64_t)(day[3] - '0') * 4 +
               (uint64_t)((day[5] - '0') * 10 + day[6] - '0' - 1) / 3;
        text_u64(&t, 25 * 4 + 3 - told);
        break;
    case PACK_SHARE:
        CHECK(whole);
        text_printf(&t, "%u.%u", (unsigned)(sum * 1000 / whole / 10),
                    (unsigned)(sum * 1000 / whole % 10));
        break;
    case PACK_HOURS:
        text_printf(&t, "%u.%02u", (unsigned)(sum / 3600000),
                    (unsigned)(sum % 3600000 * 100 / 3600000));
        break;
    case PACK_NEWEST:
        text_printf(&t, "%s %02u:%02u:%02u.%03u UTC", time_day(greatest / 1000, day),
                    (unsigned)(greatest / 3600000 % 24), (unsigned)(greatest / 60000 % 60),
                    (unsigned)(greatest / 1000 % 60), (unsigned)(greatest % 1000));
        break;
    case PACK_HASH:
        text_hex(&t, all.b, sizeof(all.b));
        break;
    }
    ret = arena_string(a, t.p, t.n);
    text_free(&t);
    return ret;
}

/* jp finds 3 BTC, and holds them; and 1 BTC, of which nothing is decided. */
static void large_alerts_say(struct home *h)
{
    for (unsigned i = 0; i < 2; i++) {
        struct alert_key k = {.case_object = CASE_A,
                              .chain = "bip122:000000000019d6689c085ae165831e93",
                              .output = i ? TXID ":3" : TXID ":4",
                              .member = "jp"};
        char object[OBJECT_NAME_MAX];
        struct event_facts told = {.amount = u256_of(i ? 300000000 : 100000000),
                                   .asset = "BTC",
                                   .case_object = CASE_A,
                                   .deposit = alert_deposit(&k),
                                   .holder = "jp",
                                   .policy = "fifo",
                                   .received = u256_of(300000000)};
        struct event_facts hold = {.amount = told.amount, .expires = h->ms + 30 * 60000};

        alert_object(&k, object);
        alert_say(h, object, "alert.detect", WORLD_NODE, told, true);
        if (i)
            alert_say(h, object, "alert.hold-soft", WORLD_NODE, hold, true);
    }
}

/* The same pack, in which that figure is asked for: it is the same to the byte, and what its figure
 * is counted from comes to it. */
static void ask_figure(struct home *h, const struct pack *p, const char *name, const char *value)
{
    struct pack_options o = p->options;
    struct pack q;
    struct err err;

    test_row("%s of %s", name, pack_reader_name(o.reader));
    CHECK(pack_figure_valid(name));
    o.figure = name;
    CHECK_OK(pack_of_quarter(h->log, h->w.arena, &o, &q, &err), err);
    CHECK(hash32_equal(&q.content, &p->content));
    CHECK_S(q.asked.value, value);
    if (q.asked.how != PACK_SAID)
        CHECK_S(come_to(h->w.arena, &q), value);
}

typedef void each_figure(struct home *h, const struct pack *p, const char *name, const char *value,
                         void *to);

/* Of a table: cells that are numbers all are figures, but for those of the rules' error rates. */
static size_t table_figures(struct home *h, const struct pack *p, const struct pack_table *t,
                            each_figure *f, void *to)
{
    size_t n = 0;

    for (const struct pack_row *r = t->rows; r; r = r->next) {
        const struct pack_cell *c = r->cells;

        for (size_t i = 0; c; i++, c = c->next) {
            struct text name = text_new(10000);

            CHECK(c->how != PACK_SAID || !c->number || !*c->text || t->title == PACK_ERROR_RATES);
            if (c->how != PACK_SAID) {
                pack_figure_name(&name, t, r, i);
                f(h, p, text_string(&name), c->text, to);
                n++;
            }
            text_free(&name);
        }
    }
    return n;
}

/* Each figure of a pack, and of its tables. */
static size_t figures_each(struct home *h, const struct pack *p, each_figure *f, void *to)
{
    size_t n = 0;

    for (const struct pack_section *s = p->sections; s; s = s->next) {
        for (const struct pack_figure *one = s->figures; one; one = one->next) {
            CHECK_U(one->how == PACK_SAID, !one->query);
            CHECK_U(one->how == PACK_SAID,
                    one->label == PACK_VERSION || one->label == PACK_UNREAD_N);
            f(h, p, pack_word_id(one->label), one->value, to);
            n++;
        }
        for (const struct pack_table *t = s->tables; t; t = t->next)
            n += table_figures(h, p, t, f, to);
    }
    return n;
}

static void ask_each(struct home *h, const struct pack *p, const char *name, const char *value,
                     void *to)
{
    (void)to;
    ask_figure(h, p, name, value);
}

/* Each figure of each version, and nothing else in the pack is another one for being asked. */
static void behind_figures(void **state)
{
    static const size_t least[] = {120, 40, 25};
    struct home h;

    (void)state;
    start(&h);
    quarter_say(&h);
    large_alerts_say(&h);
    for (unsigned reader = PACK_READER_FULL; reader <= PACK_READER_PUBLIC; reader++) {
        struct pack p = pack_of(&h, h.w.arena, (enum pack_reader)reader);

        /* 360,001 of 480,001 dollars; what else there is are satoshis */
        CHECK_S(figure(&p, PACK_DENIED_SHARE), reader == PACK_READER_FULL ? "75.0" : "(none)");
        CHECK(figures_each(&h, &p, ask_each, NULL) > least[reader]);
    }
    finish(&h);
}

/* A table's figures are named by words that stand in their rows; what a shell or the name's own
 * parts would take for theirs is written so that it is neither, and no two words become one. */
static void names_of_figures(void **state)
{
    static const struct {
        const char *actor, *name;
    } rows[] = {{"Lazarus Group", "Lazarus_Group"},
                {"Lazarus_Group", "Lazarus%5FGroup"},
                {"a.b:c", "a%2Eb%3Ac"},
                {"~", "%7E"},
                {"$(reboot) 'x' \\\"", "%24%28reboot%29_%27x%27_%22"},
                {"라자루스", "라자루스"}};
    char fields[400], name[200];
    struct home h;
    struct pack p;

    (void)state;
    start(&h);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(fields, sizeof(fields),
                 "{\"date\":\"2025-10-03\",\"victim\":\"A\",\"amount_usd\":\"%zu\","
                 "\"actor\":\"%s\",\"source\":\"s\"}",
                 i + 1, rows[i].actor);
        record_say(&h, "incident", fields, NULL);
    }
    record_say(&h, "incident",
               "{\"date\":\"2025-10-03\",\"victim\":\"A\",\"amount_usd\":\"77\",\"source\":\"s\"}",
               NULL);
    p = pack_of(&h, h.w.arena, PACK_READER_FULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(fields, sizeof(fields), "%zu", i + 1);
        snprintf(name, sizeof(name), "losses-by-actor.%s.usd", rows[i].name);
        ask_figure(&h, &p, name, fields);
    }
    ask_figure(&h, &p, "losses-by-actor.~.usd", "77");
    CHECK(!pack_figure_valid("losses-by-actor"));
    CHECK(!pack_figure_valid("losses-by-actor.~"));
    CHECK(!pack_figure_valid("losses-by-actor..usd"));
    CHECK(!pack_figure_valid("losses-by-actor.~."));
    CHECK(!pack_figure_valid("no-such.~.usd"));
    CHECK(!pack_figure_valid(""));
    finish(&h);
}

/* ---- markings ---- */

static void all_forms(struct text *to, const struct pack *p)
{
    pack_json(to, p);
    pack_csv(to, p);
    for (unsigned l = 0; l < PACK_LANGUAGES; l++)
        pack_html(to, p, (enum pack_language)l);
}

static void figure_forms(struct home *h, const struct pack *p, const char *name, const char *value,
                         void *ctx)
{
    struct pack_options o = p->options;
    struct text *to = ctx;
    struct pack q;
    struct err err;

    (void)value;
    o.figure = name;
    CHECK_OK(pack_of_quarter(h->log, h->w.arena, &o, &q, &err), err);
    pack_figure_text(to, &q);
    pack_figure_json(to, &q);
    pack_figure_csv(to, &q);
}

/* And what each of its figures is counted from. */
static void figures_forms(struct home *h, struct text *to, const struct pack *p)
{
    (void)figures_each(h, p, figure_forms, to);
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
            figures_forms(&all, &with, &p);
            random_home(&few, seed + round, readers[i].widest);
            p = pack_of(&few, few.w.arena, readers[i].reader);
            all_forms(&without, &p);
            figures_forms(&few, &without, &p);
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

/* ---- clearance ---- */

#define SILENCE_MS ((uint64_t)72 * 3600000)

static const char *text_fields(struct arena *a, const struct pack *p, const char *until)
{
    struct text t = text_new(1000);
    const char *ret;

    text_str(&t, "{\"title\":\"T\",\"sha256\":\"");
    text_hex(&t, p->content.b, sizeof(p->content.b));
    text_printf(&t, "\",\"silence_until\":\"%s\"}", until);
    ret = arena_string(a, t.p, t.n);
    text_free(&t);
    return ret;
}

static const struct fold_object *text_said(struct home *h, const char *object, const char *audience)
{
    return fold_object(group_log_fold(h->log), object, audience);
}

/* A government's word on what it has seen: revision NULL for the newest. */
static void text_act(struct home *h, unsigned member, const char *object, const char *type,
                     const struct hash32 *revision)
{
    const struct fold_object *o = text_said(h, object, "all");

    say(h, member, WORLD_HEAD,
        (struct group_log_act){.type = type,
                               .object = object,
                               .after = revision ? revision : &o->revision,
                               .after_n = 1});
}

/* The complaint without the text's name; "" where it is cleared. */
static const char *uncleared(struct home *h, const struct pack *p, const struct fold_object *o,
                             uint64_t ms)
{
    bool any = false;
    struct err err;

    CHECK_OK(pack_cleared_by_any(h->log, h->w.arena, p, ms, &any, &err), err);
    if (pack_cleared(h->log, h->w.arena, p, o, ms, &err)) {
        CHECK(any);
        return "";
    }
    CHECK_U(err.class, ERR_DIFFERS);
    CHECK(!any);
    return arena_string(h->w.arena, strstr(err.text, "\": ") + 3,
                        strlen(strstr(err.text, "\": ") + 3));
}

/* To the millisecond: the end of the day that the text names, 72 hours from its newest words. */
static void silence(void **state)
{
    const uint64_t day = MS(20374); /* 2025-10-13 begins: the 12th is over */
    const struct fold_object *o;
    const char *object, *fields;
    struct hash32 first;
    struct pack p;
    struct home h;

    (void)state;
    start(&h);
    quarter_say(&h);
    p = pack_of(&h, h.w.arena, PACK_READER_PUBLIC);
    object = record_say(&h, "text", text_fields(h.w.arena, &p, "2025-10-12"), NULL);
    o = text_said(&h, object, "all");
    CHECK(o->last->e.ms + SILENCE_MS < day);
    test_row("nobody is silent on what nobody else has signed to have");
    CHECK_S(uncleared(&h, &p, o, day), "jp waits");
    CHECK_S(uncleared(&h, &p, o, 10 * day), "jp waits");
    test_row("the end of the day");
    witness(&h);
    CHECK_S(uncleared(&h, &p, o, day - 1000), "jp waits");
    CHECK_S(uncleared(&h, &p, o, day - 1), "jp waits");
    CHECK_S(uncleared(&h, &p, o, day), "");
    CHECK_S(uncleared(&h, &p, o, day + 1000), "");
    test_row("two have cleared it, the third objects and is not silent");
    text_act(&h, 0, object, "text.clear", NULL);
    text_act(&h, 1, object, "text.clear", NULL);
    CHECK_S(uncleared(&h, &p, o, day - 1), "jp waits");
    text_act(&h, 2, object, "text.object", NULL);
    CHECK_S(uncleared(&h, &p, o, day), "jp objected");
    text_act(&h, 2, object, "text.clear", NULL);
    CHECK_S(uncleared(&h, &p, o, day - 1), "");
    test_row("other words: nobody has cleared them, and 72 hours begin anew");
    first = o->revision;
    h.ms = day + 5000;
    fields = text_fields(h.w.arena, &p, "2025-10-11");
    record_revise(&h, object, fields);
    o = text_said(&h, object, "all");
    CHECK(!hash32_equal(&o->revision, &first));
    witness(&h);
    CHECK_S(uncleared(&h, &p, o, h.ms + SILENCE_MS - 1), "jp waits");
    text_act(&h, 2, object, "text.clear", &first); /* who had not seen them */
    CHECK_S(uncleared(&h, &p, o, o->last->e.ms + SILENCE_MS - 2000), "jp waits");
    CHECK_S(
        uncleared(&h, &p, o, fold_find(group_log_fold(h.log), &o->revision)->e.ms + SILENCE_MS - 1),
        "jp waits");
    CHECK_S(uncleared(&h, &p, o, fold_find(group_log_fold(h.log), &o->revision)->e.ms + SILENCE_MS),
            "");
    finish(&h);
}

/* What two have heard of is cleared for what is of these two. */
static void cleared_for_whom(void **state)
{
    struct pack_options of_two = {2025, 4, PACK_READER_PUBLIC, "two", "0"};
    const char *object;
    struct pack p, two;
    struct home h;
    struct err err;

    (void)state;
    start(&h);
    quarter_say(&h);
    p = pack_of(&h, h.w.arena, PACK_READER_PUBLIC);
    CHECK_OK(pack_of_quarter(h.log, h.w.arena, &of_two, &two, &err), err);
    object = record_say(&h, "text", text_fields(h.w.arena, &p, "2025-10-12"), "two");
    CHECK_S(uncleared(&h, &p, text_said(&h, object, "two"), MS(22000)),
            "told to \"two\" alone, this is of \"all\"");
    object = record_say(&h, "text", text_fields(h.w.arena, &two, "2025-10-12"), "two");
    witness(&h);
    CHECK_S(uncleared(&h, &two, text_said(&h, object, "two"), MS(22000)), "");
    CHECK_S(uncleared(&h, &two, text_said(&h, object, "two"), h.ms), "kr waits");
    finish(&h);
}

/* ---- the same bytes ---- */

static void any_order(void **state)
{
    struct text file = text_new((size_t)4 << 20), lines[2];
    struct group_random none = {world_fill, &(struct test_random){1}};
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

/* The hash over the events' ids, and so the page's own, change with whatever the events are made
 * of: what pages look like does not hang on that. */
static void hashes_hide(struct pack *p)
{
    struct err err;

    for (struct pack_section *s = p->sections; s; s = s->next)
        for (struct pack_figure *f = s->figures; f; f = f->next)
            if (f->label == PACK_LOG_SHA256)
                f->value = TXID;
    p->content = (struct hash32){{0}};
    CHECK_OK(pack_content(p, &err), err);
}

static void golden_pages(struct pack *p, const char *of)
{
    hashes_hide(p);
    for (unsigned l = 0; l < PACK_LANGUAGES; l++) {
        struct text t = text_new((size_t)16 << 20);
        char name[64];

        pack_html(&t, p, (enum pack_language)l);
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

/* ---- whatever cannot be had ---- */

struct made {
    struct home *h;
    struct pack_options options;
    struct hash32 content; /* as it is with all that there is */
};

/* Each pack that is made, and each page of it, is whole. */
static bool makes(void *ctx)
{
    const struct made *x = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text html = text_new((size_t)16 << 20), csv = text_new((size_t)16 << 20);
    struct pack p;
    struct err err = {.class = ERR_NOMEM};
    bool ok = a && pack_of_quarter(x->h->log, a, &x->options, &p, &err);

    CHECK(ok || err.class == ERR_NOMEM);
    if (ok) {
        CHECK(hash32_equal(&p.content, &x->content));
        pack_html(&html, &p, PACK_KO);
        pack_csv(&csv, &p);
        ok = text_end(&html, &err) && text_end(&csv, &err);
    }
    text_free(&html);
    text_free(&csv);
    arena_free(a);
    return ok;
}

static void every_allocation(void **state)
{
    struct home h;
    struct made x = {.h = &h, .options = {2025, 4, PACK_READER_FULL, "all", "0"}};

    (void)state;
    start(&h);
    quarter_say(&h);
    x.content = pack_of(&h, h.w.arena, PACK_READER_FULL).content;
    test_failed_allocations(makes, &x);
    x.options.figure = "thefts-usd";
    x.options.reader = PACK_READER_PARTNER;
    x.content = pack_of(&h, h.w.arena, PACK_READER_PARTNER).content;
    test_failed_allocations(makes, &x);
    finish(&h);
}

/* ---- an advisory ---- */

struct advised {
    struct home *h;
    struct advisory_options options;
    struct hash32 content, cleared, draft; /* as they are with all that there is */
};

static struct hash32 hash_of(const struct text *t)
{
    return sha256(t->p, t->n);
}

/* What is made is whole: the page, the hash on it, and both bundles. */
static bool advises(void *ctx)
{
    const struct advised *x = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct advisory_bundles stix = {text_new((size_t)16 << 20), text_new((size_t)16 << 20)};
    struct text html = text_new((size_t)16 << 20);
    struct err err = {.class = ERR_NOMEM};
    struct hash32 cleared, draft;
    struct pack p;
    bool ok = a && advisory_make(x->h->log, a, &x->options, &p, &stix, &err);

    CHECK(ok || err.class == ERR_NOMEM);
    if (ok) {
        CHECK(hash32_equal(&p.content, &x->content));
        CHECK(!stix.cleared.bad && !stix.draft.bad);
        cleared = hash_of(&stix.cleared);
        draft = hash_of(&stix.draft);
        CHECK(hash32_equal(&cleared, &x->cleared));
        CHECK(hash32_equal(&draft, &x->draft));
        pack_html(&html, &p, PACK_JA);
        ok = text_end(&html, &err);
    }
    text_free(&html);
    text_free(&stix.cleared);
    text_free(&stix.draft);
    arena_free(a);
    return ok;
}

/* A denial among the facts is one, and says of what. */
static void advisory_with_a_denial(void **state)
{
    struct home h;
    struct advisory_options o = {.title = "Vault", .producer = "P", .version = "0"};
    struct advisory_bundles stix = {text_new((size_t)16 << 20), text_new((size_t)16 << 20)};
    const struct pack_table *t;
    struct records claims;
    struct pack p;
    struct err err;

    (void)state;
    start(&h);
    record_say(&h, "claim",
               "{\"subject\":\"Vault\",\"claimant\":\"The Ministry\",\"published\":\"2025-11\","
               "\"period\":\"2025-10\",\"stance\":\"denying\",\"reported_by\":\"paper\",\"tlp\":"
               "\"clear\"}",
               NULL);
    CHECK_OK(records_of(h.log, h.w.arena, record_kind("claim"), &claims, &err), err);
    o.facts = claims.at;
    o.facts_n = claims.n;
    CHECK_OK(advisory_make(h.log, h.w.arena, &o, &p, &stix, &err), err);
    t = table(&p, PACK_FACTS);
    CHECK_U(t->rows_n, 1);
    CHECK_S(cell(t, 0, 0), "2025-11");
    CHECK_S(cell(t, 0, 1), "denying");
    CHECK_S(cell(t, 0, 2), "The Ministry (Vault, 2025-10)");
    CHECK_S(cell(t, 0, 7), "[1]");
    CHECK_U(stix.cleared.n, 0);
    text_free(&stix.cleared);
    text_free(&stix.draft);
    finish(&h);
}

static void advisory_every_allocation(void **state)
{
    static const char *const facts[] = {
        "{\"date\":\"2025-10-03\",\"victim\":\"Vault\",\"chains\":[\"ethereum\"],\"addresses\":["
        "\"0x098b716b8aaf21512996dc57eb0615e2383e2f96\","
        "\"0x0d043128146654c7683fbf30ac98d7b2285ded00\"],\"source\":\"source one\",\"tlp\":"
        "\"clear\"}",
        "{\"date\":\"2025-10-04\",\"victim\":\"Nobody\",\"source\":\"source two\",\"tlp\":"
        "\"clear\"}"};
    struct home h;
    struct advised x = {.h = &h, .options = {.title = "Vault", .producer = "P", .version = "0"}};
    struct advisory_bundles stix = {text_new((size_t)16 << 20), text_new((size_t)16 << 20)};
    struct records all;
    struct pack p;
    struct err err;

    (void)state;
    start(&h);
    for (size_t i = 0; i < 2; i++)
        record_say(&h, "incident", facts[i], NULL);
    CHECK_OK(records_of(h.log, h.w.arena, record_kind("incident"), &all, &err), err);
    x.options.facts = all.at;
    x.options.facts_n = all.n;
    CHECK_OK(advisory_make(h.log, h.w.arena, &x.options, &p, &stix, &err), err);
    x.content = p.content;
    x.cleared = hash_of(&stix.cleared);
    x.draft = hash_of(&stix.draft);
    CHECK_U(table(&p, PACK_INDICATORS)->rows_n, 2);
    text_free(&stix.cleared);
    text_free(&stix.draft);
    test_failed_allocations(advises, &x);
    finish(&h);
}

/* ---- the registers of the world: thefts by quarter, counted with awk ---- */

static void real_registers(void **state)
{
    static const struct {
        unsigned year, quarter;
        const char *n, *usd, *since;
        const char *denied; /* in general, of the first theft: claims.csv, kind = denial */
    } rows[] = {
        {2018, 2, "3", "302500000", "302500000",
         "DPRK (standing position), 2023-12-09 [1]; DPRK National Coordination Committee "
         "(by KCNA), 2019-09-01 [2]"},
        {2021, 4, "2", "79100000", "517002000",
         "DPRK (standing position), 2023-12-09 [1]; DPRK foreign ministry, 2022-02 [2]"},
        {2024, 2, "3", "351530000", "549930000", "DPRK (standing position), 2023-12-09 [1]"},
        {2025, 1, "3", "1756085704", "1756085704", "DPRK (standing position), 2023-12-09 [1]"},
        {2025, 4, "2", "42971369", "1998791044",
         "DPRK (standing position), 2023-12-09 [1]"}}; /* by awk over the table */
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
        CHECK_S(figure(&p, PACK_YEAR_USD), rows[i].since);
        CHECK(table(&p, PACK_DENIALS)->rows_n >= 2); /* the standing denial, twice */
        CHECK_S(cell(table(&p, PACK_INCIDENTS), 0, 9), "");
        CHECK_S(cell(table(&p, PACK_INCIDENTS), 0, 10), rows[i].denied);
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

/* Every word is there in every language, with the brackets of its script. */
static void words(void **state)
{
    (void)state;
    for (unsigned w = 0; w < PACK_WORDS_N; w++)
        for (unsigned l = 0; l < PACK_LANGUAGES; l++)
            if (w != PACK_V_FIRST && w != PACK_V_LAST) {
                const char *s = pack_word((enum pack_word)w, (enum pack_language)l);

                test_row("%s, %u", pack_word_id((enum pack_word)w), l);
                CHECK(s && *s && utf8_valid(s, strlen(s)));
                CHECK(!strpbrk(s, l == PACK_JA ? "()%:" : ""));
                CHECK(l == PACK_JA || !strstr(s, "\uff08"));
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures),
        cmocka_unit_test(wrong_hours),
        cmocka_unit_test(held_in_part),
        cmocka_unit_test(from_summit_to_actions),
        cmocka_unit_test(done_since),
        cmocka_unit_test(sums_apart),
        cmocka_unit_test(on_record_twice),
        cmocka_unit_test(nothing_yet),
        cmocka_unit_test(long_words),
        cmocka_unit_test(said_in_the_quarter),
        cmocka_unit_test(agenda),
        cmocka_unit_test(losses_side_by_side),
        cmocka_unit_test(denied),
        cmocka_unit_test(tables_by_day),
        cmocka_unit_test(behind_figures),
        cmocka_unit_test(names_of_figures),
        cmocka_unit_test(nothing_above_the_marking),
        cmocka_unit_test(secrets_change_nothing),
        cmocka_unit_test(random_markings),
        cmocka_unit_test(silence),
        cmocka_unit_test(cleared_for_whom),
        cmocka_unit_test(any_order),
        cmocka_unit_test(golden),
        cmocka_unit_test(every_allocation),
        cmocka_unit_test(advisory_with_a_denial),
        cmocka_unit_test(advisory_every_allocation),
        cmocka_unit_test(real_registers),
        cmocka_unit_test(quarters_from_text),
        cmocka_unit_test(words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
