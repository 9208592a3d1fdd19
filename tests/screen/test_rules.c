/* Rules: what a file may say, and what follows from it. Each row is a file and a question, worked
 * out by hand. */
#include "screen/rules.h"

#include "base/text.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#define ENDS                                                                                       \
    "outage: {inbound: REVIEW, outbound: HOLD}\n"                                                  \
    "old_data: {after: 30m, inbound: REVIEW, outbound: REJECT}\n"                                  \
    "no_ledger: {inbound: UNKNOWN, outbound: UNKNOWN}\n"                                           \
    "otherwise: {inbound: CREDIT, outbound: ALLOW}\n"

static const struct rules *read_rules(struct arena *a, const char *text)
{
    const struct rules *r = NULL;
    struct err err;

    CHECK_OK(rules_read(a, text, strlen(text), &r, &err), err);
    return r;
}

/* 0.3 of 1 BTC received came from a theft, three hops away */
static const struct screen_reason theft = {
    .evidence = SCREEN_EXPOSED,
    .category = "theft",
    .source = "case",
    .case_id = "T-1",
    .received = true,
    .asset = "BTC",
    .decimals = 8,
    .amount = {{30000000, 0, 0, 0}},
    .share_ppm = 300000,
    .hops = 3,
};
/* The same of a case of the group, which one member alone has told; then another has looked. */
static const struct screen_reason reported = {
    .evidence = SCREEN_EXPOSED,
    .category = "theft",
    .source = "case:aa",
    .case_id = "case:aa",
    .state = "reported",
    .unverified = true,
    .received = true,
    .asset = "BTC",
    .decimals = 8,
    .amount = {{30000000, 0, 0, 0}},
    .share_ppm = 300000,
    .hops = 3,
};
static const struct screen_reason verified = {
    .evidence = SCREEN_EXPOSED,
    .category = "theft",
    .source = "case:aa",
    .case_id = "case:aa",
    .state = "verified",
    .received = true,
    .asset = "BTC",
    .decimals = 8,
    .amount = {{30000000, 0, 0, 0}},
    .share_ppm = 300000,
    .hops = 3,
};
static const struct screen_reason mixer = {
    .evidence = SCREEN_TAGGED,
    .category = "mixer",
    .source = "pack",
    .confidence = 50,
};
static const struct screen_reason payer = {
    .evidence = SCREEN_TAGGED,
    .category = "mixer",
    .source = "pack",
    .about = SCREEN_ABOUT_PAYER,
};
static const struct screen_reason listed = {
    .evidence = SCREEN_LISTED,
    .category = "sanctions",
    .source = "OFAC",
    .list = "ofac-sdn",
    .exact = true,
};
static const struct screen_reason like = {
    .evidence = SCREEN_LISTED,
    .category = "sanctions",
    .source = "OFAC",
    .list = "ofac-sdn",
    .score = 930,
};
static const struct screen_reason held = {
    .evidence = SCREEN_HELD,
    .category = "theft",
    .source = "us",
    .case_id = "case:aa",
};
static const struct screen_reason like_quiet = {
    .evidence = SCREEN_LISTED,
    .category = "sanctions",
    .list = "ofac-sdn",
    .score = 930,
    .quiet = true,
};

static const struct {
    const char *name, *rules;
    enum screen_direction direction;
    const struct screen_reason *reason;
    const char *want, *by;
} rows[] = {
    {"nothing known", "", SCREEN_INBOUND, NULL, "CREDIT", "otherwise"},
    {"nothing known, out", "", SCREEN_OUTBOUND, NULL, "ALLOW", "otherwise"},
    {"no rule matches", "rules: [{id: a, mode: active, when: {category: mixer}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "CREDIT", "otherwise"},
    {"category", "rules: [{id: a, mode: active, when: {category: [x, theft]}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "BLOCK", "rule"},
    {"the first decides",
     "rules:\n  - {id: a, mode: active, when: {category: theft}, then: REVIEW}\n"
     "  - {id: b, mode: active, when: {category: theft}, then: BLOCK}\n",
     SCREEN_INBOUND, &theft, "REVIEW", "rule"},
    {"one word stands for the direction that it fits",
     "rules: [{id: a, mode: active, when: {category: theft}, then: REVIEW}]\n", SCREEN_OUTBOUND,
     &theft, "ALLOW", "otherwise"},
    {"a direction left out",
     "rules: [{id: a, mode: active, when: {category: theft}, then: {outbound: HOLD}}]\n",
     SCREEN_INBOUND, &theft, "CREDIT", "otherwise"},
    {"only outbound",
     "rules: [{id: a, mode: active, when: {direction: outbound, category: theft}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "CREDIT", "otherwise"},
    {"a rule of no condition", "rules: [{id: a, mode: active, then: UNKNOWN}]\n", SCREEN_INBOUND,
     NULL, "UNKNOWN", "rule"},
    {"shadow does not decide",
     "rules: [{id: a, mode: shadow, when: {category: theft}, then: BLOCK}]\n", SCREEN_INBOUND,
     &theft, "CREDIT", "otherwise"},
    {"share reached", "rules: [{id: a, mode: active, when: {share_min: 30 %}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "BLOCK", "rule"},
    {"share missed by a millionth",
     "rules: [{id: a, mode: active, when: {share_min: 300001 ppm}, then: BLOCK}]\n", SCREEN_INBOUND,
     &theft, "CREDIT", "otherwise"},
    {"a share with a fraction",
     "rules: [{id: a, mode: active, when: {share_min: 30.0001 %}, then: BLOCK}]\n", SCREEN_INBOUND,
     &theft, "CREDIT", "otherwise"},
    {"hops reached", "rules: [{id: a, mode: active, when: {hops_max: 3}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "BLOCK", "rule"},
    {"too many hops", "rules: [{id: a, mode: active, when: {hops_max: 2}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "CREDIT", "otherwise"},
    {"amount reached", "rules: [{id: a, mode: active, when: {amount_min: 0.3 BTC}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "BLOCK", "rule"},
    {"amount missed",
     "rules: [{id: a, mode: active, when: {amount_min: 0.30000001 BTC}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "CREDIT", "otherwise"},
    {"a finer amount than the asset has is rounded up",
     "rules: [{id: a, mode: active, when: {amount_min: 0.299999999 BTC}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "BLOCK", "rule"},
    {"a finer amount, missed",
     "rules: [{id: a, mode: active, when: {amount_min: 0.300000001 BTC}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "CREDIT", "otherwise"},
    {"of another asset",
     "rules: [{id: a, mode: active, when: {amount_min: 0.1 ETH}, then: BLOCK}]\n", SCREEN_INBOUND,
     &theft, "CREDIT", "otherwise"},
    {"direct", "rules: [{id: a, mode: active, when: {exposure: direct}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "CREDIT", "otherwise"},
    {"indirect", "rules: [{id: a, mode: active, when: {exposure: indirect}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "BLOCK", "rule"},
    {"sent", "rules: [{id: a, mode: active, when: {flow: sent}, then: BLOCK}]\n", SCREEN_INBOUND,
     &theft, "CREDIT", "otherwise"},
    {"case", "rules: [{id: a, mode: active, when: {case: T-1}, then: BLOCK}]\n", SCREEN_INBOUND,
     &theft, "BLOCK", "rule"},
    {"conditions of exposure are not met by a tag",
     "rules: [{id: a, mode: active, when: {share_min: 0 %, hops_max: 9}, then: BLOCK}]\n",
     SCREEN_INBOUND, &mixer, "CREDIT", "otherwise"},
    {"nobody vouches for it",
     "rules: [{id: a, mode: active, when: {category: theft}, then: BLOCK}]\n", SCREEN_INBOUND,
     &reported, "CREDIT", "otherwise"},
    {"a rule for what nobody vouches for",
     "rules: [{id: a, mode: active, when: {state: [disputed, reported]}, then: BLOCK}]\n",
     SCREEN_INBOUND, &reported, "BLOCK", "rule"},
    {"in another state", "rules: [{id: a, mode: active, when: {state: disputed}, then: BLOCK}]\n",
     SCREEN_INBOUND, &reported, "CREDIT", "otherwise"},
    {"verified", "rules: [{id: a, mode: active, when: {category: theft}, then: BLOCK}]\n",
     SCREEN_INBOUND, &verified, "BLOCK", "rule"},
    {"not verified any more",
     "rules: [{id: a, mode: active, when: {state: [reported, disputed]}, then: BLOCK}]\n",
     SCREEN_INBOUND, &verified, "CREDIT", "otherwise"},
    {"a case file has no state",
     "rules: [{id: a, mode: active, when: {state: [reported, verified]}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "CREDIT", "otherwise"},
    {"confidence", "rules: [{id: a, mode: active, when: {confidence_min: 50}, then: BLOCK}]\n",
     SCREEN_INBOUND, &mixer, "BLOCK", "rule"},
    {"too little confidence",
     "rules: [{id: a, mode: active, when: {confidence_min: 51}, then: BLOCK}]\n", SCREEN_INBOUND,
     &mixer, "CREDIT", "otherwise"},
    {"a public tag", "rules: [{id: a, mode: active, when: {tag: own}, then: BLOCK}]\n",
     SCREEN_INBOUND, &mixer, "CREDIT", "otherwise"},
    {"about the payer",
     "rules: [{id: a, mode: active, when: {about: [transfer, payer]}, then: BLOCK}]\n",
     SCREEN_INBOUND, &payer, "BLOCK", "rule"},
    {"about another", "rules: [{id: a, mode: active, when: {about: subject}, then: BLOCK}]\n",
     SCREEN_INBOUND, &payer, "CREDIT", "otherwise"},
    {"about the subject", "rules: [{id: a, mode: active, when: {about: subject}, then: BLOCK}]\n",
     SCREEN_INBOUND, &mixer, "BLOCK", "rule"},
    {"of an address",
     "rules: [{id: a, mode: active, when: {subject: [name, address]}, then: BLOCK}]\n",
     SCREEN_INBOUND, NULL, "BLOCK", "rule"},
    {"of a transfer", "rules: [{id: a, mode: active, when: {subject: transfer}, then: BLOCK}]\n",
     SCREEN_INBOUND, &mixer, "CREDIT", "otherwise"},
    {"listed, no rule", "", SCREEN_INBOUND, &listed, "BLOCK", "floor"},
    {"listed, out", "", SCREEN_OUTBOUND, &listed, "BLOCK", "floor"},
    {"listed, a rule that lets all pass", "rules: [{id: a, mode: active, then: CREDIT}]\n",
     SCREEN_INBOUND, &listed, "BLOCK", "floor"},
    {"listed, a rule about it that lets it pass",
     "rules: [{id: a, mode: active, when: {list: ofac-sdn}, then: {outbound: ALLOW}}]\n",
     SCREEN_OUTBOUND, &listed, "HOLD", "floor"},
    {"listed, a rule about it",
     "rules: [{id: a, mode: active, when: {list: ofac-sdn}, then: REVIEW}]\n", SCREEN_INBOUND,
     &listed, "REVIEW", "rule"},
    {"an exact match has every score",
     "rules: [{id: a, mode: active, when: {score_min: 1000}, then: BLOCK}]\n", SCREEN_INBOUND,
     &listed, "BLOCK", "rule"},
    {"exactly", "rules: [{id: a, mode: active, when: {match: exact}, then: BLOCK}]\n",
     SCREEN_INBOUND, &like, "REVIEW", "floor"},
    {"alike", "rules: [{id: a, mode: active, when: {match: alike}, then: BLOCK}]\n", SCREEN_INBOUND,
     &like, "BLOCK", "rule"},
    {"what is no match", "rules: [{id: a, mode: active, when: {match: alike}, then: BLOCK}]\n",
     SCREEN_INBOUND, &theft, "CREDIT", "otherwise"},
    {"held, no rule, out", "", SCREEN_OUTBOUND, &held, "HOLD", "floor"},
    {"held, no rule", "", SCREEN_INBOUND, &held, "REVIEW", "floor"},
    {"held, a rule that lets all pass", "rules: [{id: a, mode: active, then: {outbound: ALLOW}}]\n",
     SCREEN_OUTBOUND, &held, "HOLD", "floor"},
    {"held, a rule about it",
     "rules: [{id: a, mode: active, when: {evidence: held}, then: {outbound: REJECT}}]\n",
     SCREEN_OUTBOUND, &held, "REJECT", "rule"},
    {"like a listed name", "", SCREEN_INBOUND, &like, "REVIEW", "floor"},
    {"like a listed name, out", "", SCREEN_OUTBOUND, &like, "HOLD", "floor"},
    {"like it, score reached",
     "rules: [{id: a, mode: active, when: {score_min: 930}, then: BLOCK}]\n", SCREEN_INBOUND, &like,
     "BLOCK", "rule"},
    {"a false positive stays quiet",
     "rules: [{id: a, mode: active, when: {evidence: listed}, then: BLOCK}]\n", SCREEN_INBOUND,
     &like_quiet, "CREDIT", "otherwise"},
};

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, 1 << 20);
        char text[2048];
        struct screen_facts f = {.direction = rows[i].direction,
                                 .reasons = rows[i].reason,
                                 .reasons_n = rows[i].reason ? 1 : 0,
                                 .of_chain = true,
                                 .covered = true,
                                 .data_age = 60,
                                 .list_age = 60};
        struct verdict v;

        test_row("%s", rows[i].name);
        snprintf(text, sizeof(text), "%s%s", rows[i].rules, ENDS);
        v = rules_decide(read_rules(a, text), &f);
        CHECK_S(screen_decision_name(v.decision), rows[i].want);
        CHECK_S(verdict_by_name(v.by), rows[i].by);
        arena_free(a);
    }
}

static void what_is_not_known_is_decided_in_words(void **state)
{
    struct arena *a = arena_new(NULL, 1 << 20);
    const struct rules *r = read_rules(a, ENDS);
    struct screen_facts f = {.of_chain = true, .data_age = SCREEN_AGE_UNKNOWN};

    (void)state;
    CHECK_S(verdict_by_name(rules_decide(r, &f).by), "no_ledger");
    CHECK_U(rules_decide(r, &f).decision, SCREEN_UNKNOWN);
    f.covered = true;
    f.data_age = 1799;
    CHECK_S(verdict_by_name(rules_decide(r, &f).by), "otherwise");
    f.data_age = 1800;
    CHECK_S(verdict_by_name(rules_decide(r, &f).by), "old_data");
    CHECK_U(rules_decide(r, &f).decision, SCREEN_REVIEW);
    f.direction = SCREEN_OUTBOUND;
    CHECK_U(rules_decide(r, &f).decision, SCREEN_REJECT);
    f.outage = true;
    CHECK_S(verdict_by_name(rules_decide(r, &f).by), "outage");
    CHECK_U(rules_decide(r, &f).decision, SCREEN_HOLD);
    f.outage = f.of_chain = f.covered = false; /* a name has no chain */
    CHECK_U(rules_decide(r, &f).decision, SCREEN_ALLOW);
    arena_free(a);
}

static void ages_and_transfers(void **state)
{
    struct arena *a = arena_new(NULL, 1 << 20);
    const struct rules *r = read_rules(
        a,
        "rules:\n"
        "  - {id: lists, mode: active, when: {list_age_min: 2d}, then: UNKNOWN}\n"
        "  - {id: large, mode: active, when: {transfer_min: 10000 usdt}, then: {inbound: REVIEW,\n"
        "     outbound: HOLD}}\n" ENDS);
    struct screen_facts f = {.list_age = 172799, .asset = "USDT", .decimals = 6};

    (void)state;
    f.amount = u256_of(9999999999);
    CHECK_S(verdict_by_name(rules_decide(r, &f).by), "otherwise");
    f.amount = u256_of(10000000000);
    CHECK_S(rules_decide(r, &f).rule, "large");
    f.list_age = 172800;
    CHECK_S(rules_decide(r, &f).rule, "lists");
    f.list_age = SCREEN_AGE_UNKNOWN; /* no list: no age */
    CHECK_S(rules_decide(r, &f).rule, "large");
    arena_free(a);
}

static void shadows_are_written_down(void **state)
{
    struct arena *a = arena_new(NULL, 1 << 20);
    const struct rules *r = read_rules(
        a, "rules:\n"
           "  - {id: one, mode: shadow, when: {category: mixer}, then: BLOCK}\n"
           "  - {id: two, mode: shadow, when: {category: theft}, then: REVIEW}\n"
           "  - {id: three, mode: active, why: because, when: {case: T-1}, then: REVIEW}\n"
           "  - {id: four, mode: shadow, when: {category: theft}, then: BLOCK}\n" ENDS);
    struct screen_reason both[2] = {mixer, theft};
    struct screen_facts f = {.reasons = both, .reasons_n = 2};
    struct verdict v = rules_decide(r, &f);

    (void)state;
    CHECK_S(v.rule, "three");
    CHECK_S(v.why, "because");
    CHECK_U(v.reason, 1);
    CHECK_U(v.shadow_n, 2); /* four stands behind what decided */
    CHECK_S(v.shadow[0].rule, "one");
    CHECK_U(v.shadow[0].decision, SCREEN_BLOCK);
    CHECK_U(v.shadow[0].reason, 0);
    CHECK_S(v.shadow[1].rule, "two");
    CHECK_U(v.shadow[1].reason, 1);
    CHECK(!v.shadow_more);
    arena_free(a);
}

/* All conditions of a rule must hold of one reason, not each of another. */
static void one_reason_for_all(void **state)
{
    struct arena *a = arena_new(NULL, 1 << 20);
    const struct rules *r = read_rules(a, "rules: [{id: a, mode: active, when: {category: mixer, "
                                          "share_min: 1 %}, then: BLOCK}]\n" ENDS);
    struct screen_reason both[2] = {mixer, theft};
    struct screen_facts f = {.reasons = both, .reasons_n = 2};

    (void)state;
    CHECK_S(verdict_by_name(rules_decide(r, &f).by), "otherwise");
    arena_free(a);
}

static const struct {
    const char *name, *text, *want;
} refused[] = {
    {"not a mapping", "[]", "line 1: rules, outage, old_data, no_ledger and otherwise are wanted"},
    {"no outage", "otherwise: {inbound: CREDIT, outbound: ALLOW}",
     "line 1: outage is missing: say what is decided then"},
    {"half an answer", "outage: {inbound: REVIEW}", "line 1: both inbound and outbound are wanted"},
    {"no age",
     "outage: {inbound: REVIEW, outbound: HOLD}\n"
     "old_data: {inbound: REVIEW, outbound: HOLD}\n"
     "no_ledger: {inbound: REVIEW, outbound: HOLD}\n"
     "otherwise: {inbound: REVIEW, outbound: HOLD}\n",
     "line 2: old_data: after is wanted, as 30m"},
    {"wrong direction", "outage: {inbound: HOLD, outbound: HOLD}",
     "line 1: HOLD is no decision on what is inbound"},
    {"no decision", "outage: {inbound: PASS, outbound: HOLD}",
     "line 1: a decision is wanted: CREDIT, ALLOW, REVIEW, HOLD, REJECT, BLOCK, UNKNOWN"},
    {"a rule without a mode", "rules:\n  - {id: a, then: BLOCK}\n",
     "line 2: a rule has id, mode and then"},
    {"a mode that is none", "rules:\n  - {id: a, mode: on, then: BLOCK}\n",
     "line 2: active or shadow is wanted"},
    {"an id twice",
     "rules:\n  - {id: a, mode: active, then: BLOCK}\n  - {id: a, mode: shadow, then: BLOCK}\n",
     "line 3: the id \"a\" was given before"},
    {"evidence", "rules: [{id: a, mode: active, when: {evidence: [listed, seen]}, then: BLOCK}]",
     "line 1: evidence is listed, tagged, entity, exposed or held"},
    {"subject", "rules: [{id: a, mode: active, when: {subject: tx}, then: BLOCK}]",
     "line 1: subject is address, name or transfer"},
    {"about", "rules: [{id: a, mode: active, when: {about: owner}, then: BLOCK}]",
     "line 1: about is subject, payer, payee or transfer"},
    {"a state", "rules: [{id: a, mode: active, when: {state: retracted}, then: BLOCK}]\n" ENDS,
     "line 1: state is reported, verified, disputed, active or contained"},
    {"a share without a unit", "rules: [{id: a, mode: active, when: {share_min: 10}, then: BLOCK}]",
     "line 1: a share is wanted, as \"10 %\" or \"2500 ppm\""},
    {"more than all", "rules: [{id: a, mode: active, when: {share_min: 101 %}, then: BLOCK}]",
     "line 1: a share is wanted, as \"10 %\" or \"2500 ppm\""},
    {"an amount of nothing", "rules: [{id: a, mode: active, when: {amount_min: 5}, then: BLOCK}]",
     "line 1: an amount is wanted, as \"0.5 BTC\""},
    {"a time without a unit",
     "rules: [{id: a, mode: active, when: {data_age_min: 5}, then: BLOCK}]",
     "line 1: a time is wanted, as 90s, 30m, 12h or 2d"},
    {"hops", "rules: [{id: a, mode: active, when: {hops_max: few}, then: BLOCK}]",
     "line 1: a whole number up to 4294967294 is wanted"},
    {"a contradiction",
     "rules: [{id: a, mode: active, when: {evidence: tagged, share_min: 1 %}, then: BLOCK}]",
     "line 1: exposure, flow, amount_min, share_min and hops_max are of what is exposed"},
    {"decides nothing",
     "rules: [{id: a, mode: active, when: {direction: inbound}, then: {outbound: HOLD}}]",
     "line 1: it decides nothing of that direction"},
    {"no words", "rules: [{id: a, mode: active, when: {category: []}, then: BLOCK}]",
     "line 1: one to 64 words are wanted"},
};

static void complaints(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct arena *a = arena_new(NULL, 1 << 20);
        const struct rules *r;
        struct err err;

        test_row("%s", refused[i].name);
        CHECK(!rules_read(a, refused[i].text, strlen(refused[i].text), &r, &err));
        CHECK_S(err.text, refused[i].want);
        arena_free(a);
    }
}

static void unknown_keys_are_refused(void **state)
{
    static const char *const texts[] = {
        "rulez: []\n" ENDS,
        "rules: [{id: a, mode: active, wen: {}, then: BLOCK}]\n" ENDS,
        "rules: [{id: a, mode: active, when: {categori: x}, then: BLOCK}]\n" ENDS,
        "rules: []\noutage: {inbound: REVIEW, outbound: HOLD, after: 1h}\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct arena *a = arena_new(NULL, 1 << 20);
        const struct rules *r;
        struct err err;

        test_row("%s", texts[i]);
        CHECK(!rules_read(a, texts[i], strlen(texts[i]), &r, &err));
        CHECK_U(err.class, ERR_INPUT);
        arena_free(a);
    }
}

/* Who says what stands at the other end of what is exposed is looked up while deciding only where
 * a rule can turn on it. */
static void who_is_asked_for(void **state)
{
    static const struct {
        const char *name, *when;
        bool asks;
    } asked[] = {
        {"nothing", "{evidence: exposed, category: theft, share_min: 10 %}", false},
        {"a source", "{evidence: exposed, source: pack}", true},
        {"a source of anything", "{source: pack}", true},
        {"own tags", "{category: mixer, tag: own}", true},
        {"confidence", "{evidence: [tagged, exposed], confidence_min: 40}", true},
        {"a source of a tag", "{evidence: tagged, source: pack}", false},
        {"confidence of an entity", "{evidence: [tagged, entity], confidence_min: 40}", false},
        {"a case and a list", "{case: T-1, list: ofac-sdn}", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        struct arena *a = arena_new(NULL, (size_t)1 << 20);
        char text[1024];

        test_row("%s", asked[i].name);
        snprintf(text, sizeof(text),
                 "rules:\n  - {id: other, mode: active, when: {evidence: tagged}, then: REVIEW}\n"
                 "  - {id: this, mode: shadow, when: %s, then: REVIEW}\n" ENDS,
                 asked[i].when);
        CHECK_U(rules_ask_who(read_rules(a, text)), asked[i].asks);
        arena_free(a);
    }
}

static void too_many(void **state)
{
    struct arena *a = arena_new(NULL, 16 << 20);
    struct text t = text_new(1 << 20);
    const struct rules *r;
    struct err err;

    (void)state;
    text_str(&t, "rules:\n");
    for (int i = 0; i <= RULES_MAX; i++)
        text_printf(&t, "  - {id: r%d, mode: active, then: BLOCK}\n", i);
    text_str(&t, ENDS);
    CHECK(!rules_read(a, t.p, t.n, &r, &err));
    CHECK_U(err.class, ERR_LIMIT);
    text_free(&t);
    arena_free(a);
}

/* What ships decides nothing by itself, and says what it would. */
static void the_rules_that_ship(void **state)
{
    struct arena *a = arena_new(NULL, 1 << 20);
    size_t n;
    const char *text = rules_default(&n);
    const struct rules *r = NULL;
    struct screen_reason direct = theft;
    struct screen_facts f = {.reasons = &direct, .reasons_n = 1, .covered = true, .of_chain = true};
    struct err err;
    struct verdict v;

    (void)state;
    CHECK(!strstr(text, "mode: active\n"));
    CHECK_OK(rules_read(a, text, n, &r, &err), err);
    v = rules_decide(r, &f);
    CHECK_U(v.decision, SCREEN_CREDIT);
    CHECK_U(v.shadow_n, 1);
    CHECK_S(v.shadow[0].rule, "case-near");
    direct.direct = true;
    v = rules_decide(r, &f);
    CHECK_S(v.shadow[0].rule, "case-direct");
    direct.received = false; /* who has paid into a case is an accomplice, or its victim */
    v = rules_decide(r, &f);
    CHECK_U(v.shadow_n, 1);
    CHECK_S(v.shadow[0].rule, "case-paid");
    CHECK_U(v.shadow[0].decision, SCREEN_REVIEW);
    f.direction = SCREEN_OUTBOUND;
    v = rules_decide(r, &f);
    CHECK_U(v.shadow_n, 0);
    f.direction = SCREEN_INBOUND;
    f.reasons = &listed;
    v = rules_decide(r, &f);
    CHECK_U(v.decision, SCREEN_BLOCK);
    CHECK_S(v.shadow[0].rule, "listed");
    arena_free(a);
}

/* All of them active: what one member alone has told, whatever it is, is a look at most. */
static void one_word_is_no_hold(void **state)
{
    static const char *const kinds[] = {"theft", "payroll", "extortion", "intrusion"};
    struct text active = text_new((size_t)1 << 20);
    struct arena *a = arena_new(NULL, 1 << 20);
    size_t n;
    const char *text = rules_default(&n), *at;
    const struct rules *r;

    (void)state;
    for (; (at = strstr(text, "mode: shadow")) != NULL; text = at + strlen("mode: shadow")) {
        text_put(&active, text, (size_t)(at - text));
        text_str(&active, "mode: active");
    }
    text_str(&active, text);
    r = read_rules(a, text_string(&active));
    for (unsigned i = 0; i < 32; i++) {
        struct screen_reason x = i & 1 ? verified : reported;
        struct screen_facts f = {.reasons = &x, .reasons_n = 1, .covered = true, .of_chain = true};

        x.category = kinds[i / 8];
        x.direct = i & 2;
        if (i & 4) { /* an origin of the case */
            x.evidence = SCREEN_TAGGED;
            x.confidence = 100;
        }
        f.direction = SCREEN_INBOUND;
        CHECK_U(rules_decide(r, &f).decision, SCREEN_REVIEW);
        f.direction = SCREEN_OUTBOUND;
        CHECK_U(rules_decide(r, &f).decision, i & 1 ? SCREEN_HOLD : SCREEN_ALLOW);
    }
    text_free(&active);
    arena_free(a);
}

static bool read_default(void *ctx)
{
    struct arena *a = arena_new(NULL, 1 << 20);
    size_t n;
    const char *text = rules_default(&n);
    const struct rules *r;
    struct err err;
    bool ok = a && rules_read(a, text, n, &r, &err);

    (void)ctx;
    arena_free(a);
    return ok;
}

static void failed_allocations(void **state)
{
    (void)state;
    test_failed_allocations(read_default, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(what_is_not_known_is_decided_in_words),
        cmocka_unit_test(ages_and_transfers),
        cmocka_unit_test(shadows_are_written_down),
        cmocka_unit_test(one_reason_for_all),
        cmocka_unit_test(complaints),
        cmocka_unit_test(unknown_keys_are_refused),
        cmocka_unit_test(who_is_asked_for),
        cmocka_unit_test(too_many),
        cmocka_unit_test(the_rules_that_ship),
        cmocka_unit_test(one_word_is_no_hold),
        cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
