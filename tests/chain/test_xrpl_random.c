/* Random transactions of the XRP Ledger: a generator that knows each balance before and after
 * writes the metadata, as rippled leaves out what is 0 or has not changed; a naive second
 * implementation says what moves, in whole small numbers; and nobody's balance may be left
 * unexplained. */
#include "support.h"

#include "chain/xrpl/address.h"
#include "chain/xrpl/tx.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 4000u
#define ACCOUNTS 5u
#define CHANGES_MAX 64u
#define MOVES_MAX 256u
#define HELD_MAX XRPL_NAME_MAX
#define VALUE_MAX 20
#define FEE 10

struct change { /* of what one holds, in the order in which they are first named */
    char holder[HELD_MAX], asset[HELD_MAX], issuer[HELD_MAX];
    int64_t more; /* below zero: less */
};

struct move {
    char kind, from[HELD_MAX], to[HELD_MAX], asset[HELD_MAX];
    int64_t amount;
};

struct world {
    struct test_random r;
    uint8_t key[ACCOUNTS][XRPL_ACCOUNT_BYTES];
    char name[ACCOUNTS][HELD_MAX], token[ACCOUNTS][HELD_MAX]; /* token: an issuance of each */
    int64_t issued[ACCOUNTS];                                 /* how much more there is of it */
    bool has_token[ACCOUNTS], doubt[ACCOUNTS];
    bool used[ACCOUNTS][ACCOUNTS], root[ACCOUNTS], holds[ACCOUNTS][ACCOUNTS];
    struct change changes[CHANGES_MAX], late[ACCOUNTS];
    size_t changes_n, late_n, entries;
    struct text nodes;
};

static int64_t below(struct world *w, int64_t n)
{
    return (int64_t)test_below(&w->r, (uint64_t)n);
}

/* ---- what changes ---- */

static void change_put(struct change *at, size_t *n, const char *holder, const char *asset,
                       const char *issuer, int64_t more)
{
    size_t i = 0;

    while (i < *n && (strcmp(at[i].holder, holder) || strcmp(at[i].asset, asset)))
        i++;
    CHECK(i < CHANGES_MAX);
    if (i == *n) {
        memset(&at[(*n)++], 0, sizeof(*at));
        snprintf(at[i].holder, HELD_MAX, "%s", holder);
        snprintf(at[i].asset, HELD_MAX, "%s", asset);
        snprintf(at[i].issuer, HELD_MAX, "%s", issuer);
    }
    at[i].more += more;
}

static void change(struct world *w, const char *holder, const char *asset, const char *issuer,
                   int64_t more)
{
    change_put(w->changes, &w->changes_n, holder, asset, issuer, more);
}

static void node(struct world *w, const char *how, const char *type, const char *index)
{
    text_printf(&w->nodes, "%s{\"%sNode\":{\"LedgerEntryType\":\"%s\",\"LedgerIndex\":\"%s\",",
                w->nodes.n ? "," : "", how, type, index);
}

static void index_next(struct world *w, char ret[HELD_MAX])
{
    snprintf(ret, HELD_MAX, "%064X", (unsigned)(0xE000 + w->entries++));
}

/* ---- entries ---- */

static void root_put(struct world *w, unsigned who, int64_t fee)
{
    int64_t before = below(w, VALUE_MAX) + FEE, more = below(w, VALUE_MAX) - (before - FEE);

    if (w->root[who])
        return;
    w->root[who] = true;
    change(w, w->name[who], "", "", more);
    if (before == before + more - fee) {
        node(w, "Modified", "AccountRoot", "00");
        text_printf(&w->nodes,
                    "\"FinalFields\":{\"Account\":\"%s\",\"Balance\":\"%" PRId64
                    "\"},\"PreviousFields\":{\"OwnerCount\":1}}}",
                    w->name[who], before);
    } else if (!fee && test_below(&w->r, 4) == 0) { /* made by this transaction */
        change(w, w->name[who], "", "", before);
        node(w, "Created", "AccountRoot", "00");
        text_printf(&w->nodes, "\"NewFields\":{\"Account\":\"%s\",\"Balance\":\"%" PRId64 "\"}}}",
                    w->name[who], before + more);
    } else {
        node(w, "Modified", "AccountRoot", "00");
        text_printf(&w->nodes,
                    "\"FinalFields\":{\"Account\":\"%s\",\"Balance\":\"%" PRId64
                    "\"},\"PreviousFields\":{\"Balance\":\"%" PRId64 "\"}}}",
                    w->name[who], before + more - fee, before);
    }
}

static void side(struct world *w, unsigned low, unsigned high, int64_t balance, bool after)
{
    unsigned holder = balance < 0 ? high : low, issuer = balance < 0 ? low : high;
    char asset[HELD_MAX];

    snprintf(asset, sizeof(asset), "USD.%.70s", w->name[issuer]);
    change(w, w->name[holder], asset, w->name[issuer],
           (after ? 1 : -1) * (balance < 0 ? -balance : balance));
}

/* A line of trust; its balance is below zero where the high side holds. */
static void line_put(struct world *w)
{
    unsigned a = (unsigned)below(w, ACCOUNTS), b = (unsigned)below(w, ACCOUNTS), low, high;
    int64_t before = below(w, 2 * VALUE_MAX) - VALUE_MAX,
            after = below(w, 2 * VALUE_MAX) - VALUE_MAX;
    bool made = test_below(&w->r, 5) == 0;

    low = memcmp(w->key[a], w->key[b], XRPL_ACCOUNT_BYTES) < 0 ? a : b;
    high = low == a ? b : a;
    if (a == b || w->used[low][high])
        return;
    w->used[low][high] = true;
    if (!made)
        side(w, low, high, before, false);
    side(w, low, high, after, true);
    node(w, made ? "Created" : "Modified", "RippleState", "00");
    text_printf(&w->nodes,
                "\"%sFields\":{\"Balance\":{\"currency\":\"USD\",\"issuer\":"
                "\"rrrrrrrrrrrrrrrrrrrrBZbvji\",\"value\":\"%" PRId64
                "\"},\"LowLimit\":{\"currency\":\"USD\",\"issuer\":\"%s\",\"value\":\"0\"},"
                "\"HighLimit\":{\"currency\":\"USD\",\"issuer\":\"%s\",\"value\":\"9\"}}",
                made ? "New" : "Final", after, w->name[low], w->name[high]);
    if (!made && before != after)
        text_printf(&w->nodes,
                    ",\"PreviousFields\":{\"Balance\":{\"currency\":\"USD\",\"issuer\":"
                    "\"rrrrrrrrrrrrrrrrrrrrBZbvji\",\"value\":\"%" PRId64 "\"}}",
                    before);
    text_str(&w->nodes, "}}");
}

/* What is 0 is left out, before and after. One balance of a token may be in doubt. */
static void token_put(struct world *w)
{
    unsigned who = (unsigned)below(w, ACCOUNTS), of = (unsigned)below(w, ACCOUNTS);
    int64_t before = test_below(&w->r, 3) ? below(w, VALUE_MAX) : 0, after = below(w, VALUE_MAX);
    bool doubt =
        !w->doubt[of] && test_below(&w->r, 3) == 0 && (!before || before == after) && after;

    if (who == of || w->holds[who][of])
        return;
    w->holds[who][of] = w->has_token[of] = true;
    w->issued[of] += after - before;
    if (doubt) {
        w->doubt[of] = true;
        change_put(w->late, &w->late_n, w->name[who], w->token[of], w->name[of], after - before);
    } else {
        change(w, w->name[who], w->token[of], w->name[of], after - before);
    }
    node(w, "Modified", "MPToken", "00");
    text_printf(&w->nodes, "\"FinalFields\":{\"Account\":\"%s\",\"MPTokenIssuanceID\":\"%s\"",
                w->name[who], w->token[of]);
    if (after)
        text_printf(&w->nodes, ",\"MPTAmount\":\"%" PRId64 "\"", after);
    text_str(&w->nodes, "}");
    if (doubt)
        text_str(&w->nodes, ",\"PreviousFields\":{\"LockedAmount\":\"3\"}");
    else if (before != after && before)
        text_printf(&w->nodes, ",\"PreviousFields\":{\"MPTAmount\":\"%" PRId64 "\"}", before);
    else if (before != after)
        text_str(&w->nodes, ",\"PreviousFields\":{}");
    text_str(&w->nodes, "}}");
}

static void issuances_put(struct world *w)
{
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        if (!w->has_token[i])
            continue;
        node(w, "Modified", "MPTokenIssuance", "00");
        text_printf(
            &w->nodes,
            "\"FinalFields\":{\"Issuer\":\"%s\",\"Sequence\":%u,\"OutstandingAmount\":\"%" PRId64
            "\"}%s",
            w->name[i], 7 + i, 1000 + w->issued[i],
            w->issued[i] ? ",\"PreviousFields\":{\"OutstandingAmount\":\"1000\"}" : "");
        text_str(&w->nodes, "}}");
    }
}

/* An amount of any kind: its asset, issuer and JSON. */
static void amount_of(struct world *w, int64_t v, char asset[HELD_MAX], char issuer[HELD_MAX],
                      char json[3 * HELD_MAX], unsigned *ret_token)
{
    unsigned of = (unsigned)below(w, ACCOUNTS);

    *asset = *issuer = 0;
    *ret_token = ACCOUNTS;
    switch (test_below(&w->r, 3)) {
    case 0:
        snprintf(json, 3 * HELD_MAX, "\"%" PRId64 "\"", v);
        return;
    case 1:
        snprintf(asset, HELD_MAX, "USD.%.70s", w->name[of]);
        snprintf(json, 3 * HELD_MAX,
                 "{\"currency\":\"USD\",\"issuer\":\"%s\",\"value\":\"%" PRId64 "\"}", w->name[of],
                 v);
        break;
    default:
        snprintf(asset, HELD_MAX, "%s", w->token[of]);
        snprintf(json, 3 * HELD_MAX, "{\"mpt_issuance_id\":\"%s\",\"value\":\"%" PRId64 "\"}",
                 w->token[of], v);
        *ret_token = of;
    }
    snprintf(issuer, HELD_MAX, "%s", w->name[of]);
}

static void escrow_put(struct world *w)
{
    char index[HELD_MAX], asset[HELD_MAX], issuer[HELD_MAX], json[3 * HELD_MAX];
    bool made = test_below(&w->r, 2) == 0;
    int64_t v = 1 + below(w, VALUE_MAX);
    unsigned token;

    index_next(w, index);
    amount_of(w, v, asset, issuer, json, &token);
    if (token < ACCOUNTS) {
        w->issued[token] += made ? v : -v;
        w->has_token[token] = true;
    }
    change(w, index, asset, issuer, made ? v : -v);
    node(w, made ? "Created" : "Deleted", "Escrow", index);
    text_printf(&w->nodes,
                "\"%sFields\":{\"Account\":\"%s\",\"Destination\":\"%s\",\"Amount\":%s}}}",
                made ? "New" : "Final", w->name[0], w->name[1], json);
}

/* What is left in a channel: all that was put in less what was paid out. */
static void channel_put(struct world *w)
{
    int64_t paid = below(w, VALUE_MAX), all = paid + 1 + below(w, VALUE_MAX), more = below(w, 9),
            out = below(w, all - paid + 1);
    unsigned how = (unsigned)below(w, 3);
    char index[HELD_MAX];

    index_next(w, index);
    if (how == 0) {
        change(w, index, "", "", all);
        node(w, "Created", "PayChannel", index);
        text_printf(&w->nodes, "\"NewFields\":{\"Amount\":\"%" PRId64 "\"}}}", all);
        return;
    }
    change(w, index, "", "", how == 1 ? more - out : -(all - paid));
    node(w, how == 1 ? "Modified" : "Deleted", "PayChannel", index);
    text_printf(&w->nodes,
                "\"FinalFields\":{\"Amount\":\"%" PRId64 "\",\"Balance\":\"%" PRId64
                "\"},\"PreviousFields\":{",
                all + more, paid + out);
    text_printf(&w->nodes, "\"Balance\":\"%" PRId64 "\",\"Amount\":\"%" PRId64 "\"}}}", paid, all);
}

/* ---- naive: what moves ---- */

struct naive {
    struct move at[MOVES_MAX];
    size_t n;
    const char *destination; /* NULL: it has no tag */
    char tagged[HELD_MAX];
};

static void say(struct naive *v, char kind, const char *from, const char *to, const char *asset,
                int64_t amount)
{
    struct move *m = &v->at[v->n++];

    CHECK(v->n < MOVES_MAX);
    m->kind = kind;
    snprintf(m->from, HELD_MAX, "%s", from);
    snprintf(m->to, HELD_MAX, "%s", to);
    snprintf(m->asset, HELD_MAX, "%s", asset);
    m->amount = amount;
}

static void told(struct naive *v, char kind, const char *from, const char *to, const char *asset,
                 int64_t amount)
{
    if (!strcmp(from, to))
        return;
    if (!v->destination || strcmp(to, v->destination)) {
        say(v, kind, from, to, asset, amount);
        return;
    }
    say(v, kind, from, v->tagged, asset, amount);
    say(v, 'b', v->tagged, to, asset, amount);
}

static void pay(struct naive *v, char kind, struct change *from, struct change *to, int64_t amount)
{
    from->more += amount;
    to->more -= amount;
    told(v, kind, from->holder, to->holder, from->asset, amount);
}

/* One asset: equal ones first, then in order, then those whom nobody is opposite. */
static void pairs(struct naive *v, struct change *c, size_t n, const char *asset)
{
    struct change *mine[CHANGES_MAX];
    size_t k = 0, payers = 0, payees = 0;
    char kind;

    for (size_t i = 0; i < n; i++)
        if (!strcmp(c[i].asset, asset) && c[i].more) {
            mine[k++] = &c[i];
            payers += c[i].more < 0;
            payees += c[i].more > 0;
        }
    kind = payers < 2 || payees < 2 ? 'b' : 'c';
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            if (mine[i]->more < 0 && mine[i]->more == -mine[j]->more)
                pay(v, kind, mine[i], mine[j], mine[j]->more);
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            if (mine[i]->more < 0 && mine[j]->more > 0)
                pay(v, kind, mine[i], mine[j],
                    -mine[i]->more < mine[j]->more ? -mine[i]->more : mine[j]->more);
    for (size_t i = 0; i < k; i++) {
        if (mine[i]->more < 0)
            told(v, 'b', mine[i]->holder, mine[i]->issuer, asset, -mine[i]->more);
        else if (mine[i]->more > 0)
            told(v, 'b', "", mine[i]->holder, asset, mine[i]->more);
        mine[i]->more = 0;
    }
}

static void delivered(struct naive *v, struct change *c, size_t n, const char *from, const char *to,
                      const char *asset, int64_t amount)
{
    struct change *payer = NULL, *payee = NULL;

    for (size_t i = 0; i < n; i++)
        if (!strcmp(c[i].asset, asset)) {
            payer = !strcmp(c[i].holder, from) ? &c[i] : payer;
            payee = !strcmp(c[i].holder, to) ? &c[i] : payee;
        }
    if (!payer || !payee || payer->more >= 0 || payee->more <= 0)
        return;
    amount = amount < -payer->more ? amount : -payer->more;
    amount = amount < payee->more ? amount : payee->more;
    if (amount)
        pay(v, 'v', payer, payee, amount);
}

/* ---- both together ---- */

static void world_begin(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof(*w));
    w->r.s = seed;
    w->nodes = text_new((size_t)1 << 20);
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        uint8_t id[XRPL_TOKEN_ID_BYTES] = {0, 0, 0, (uint8_t)(7 + i)};
        uint8_t key[XRPL_TOKEN_BYTES];
        char name[XRPL_NAME_MAX];

        for (unsigned k = 0; k < XRPL_ACCOUNT_BYTES; k++)
            w->key[i][k] = (uint8_t)test_random(&w->r);
        CHECK(xrpl_name((struct bytes){w->key[i], XRPL_ACCOUNT_BYTES}, name));
        snprintf(w->name[i], HELD_MAX, "%.79s", name);
        memcpy(id + 4, w->key[i], XRPL_ACCOUNT_BYTES);
        xrpl_token_key(id, key);
        CHECK(xrpl_name((struct bytes){key, sizeof(key)}, name));
        snprintf(w->token[i], HELD_MAX, "%.79s", name);
    }
}

static void entries_put(struct world *w)
{
    static void (*const puts[])(struct world * w) = {line_put, token_put, escrow_put, channel_put};
    size_t n = test_below(&w->r, 12);

    change(w, w->name[0], "", "", 0); /* who pays the fee is named first */
    for (size_t i = 0; i < n; i++) {
        size_t which = test_below(&w->r, 6);

        if (which < 4)
            puts[which](w);
        else
            root_put(w, 1 + (unsigned)below(w, ACCOUNTS - 1), 0);
        if (i == n / 2)
            root_put(w, 0, FEE);
    }
    root_put(w, 0, FEE);
    issuances_put(w);
    for (size_t i = 0; i < w->late_n; i++) /* what was in doubt is named last */
        change(w, w->late[i].holder, w->late[i].asset, w->late[i].issuer, w->late[i].more);
}

static void move_of(const struct fact_transfer *t, struct move *ret)
{
    char amount[U256_TEXT_MAX];
    size_t n = u256_to_text(t->amount, amount);

    memset(ret, 0, sizeof(*ret));
    ret->kind = (char)t->kind;
    if (t->from.n)
        CHECK(xrpl_name(t->from, ret->from));
    if (t->to.n)
        CHECK(xrpl_name(t->to, ret->to));
    if (t->asset.n) {
        CHECK(xrpl_name(t->asset, ret->asset));
        CHECK(n > XRPL_DECIMALS);
        amount[n - XRPL_DECIMALS] = 0;
    }
    ret->amount = strtoll(amount, NULL, 10);
}

/* What each has more of, by the moves: the same as was made. */
static void check_balances(const struct world *w, const struct fact_tx *tx)
{
    static struct change sums[CHANGES_MAX * 4];
    size_t n = 0;

    for (size_t i = 0; i < w->changes_n; i++)
        change_put(sums, &n, w->changes[i].holder, w->changes[i].asset, w->changes[i].issuer,
                   w->changes[i].more);
    for (size_t i = 0; i < tx->transfers_n; i++) {
        struct move m;

        move_of(&tx->transfers[i], &m);
        if (m.kind == 'f')
            continue;
        if (*m.from)
            change_put(sums, &n, m.from, m.asset, "", m.amount);
        if (*m.to)
            change_put(sums, &n, m.to, m.asset, "", -m.amount);
    }
    for (size_t i = 0; i < n; i++) {
        bool issuer = *sums[i].asset && (strstr(sums[i].asset, sums[i].holder) != NULL);

        for (unsigned k = 0; k < ACCOUNTS; k++)
            issuer = issuer ||
                     (!strcmp(sums[i].asset, w->token[k]) && !strcmp(sums[i].holder, w->name[k]));
        if (!issuer && sums[i].more)
            test_failed(__FILE__, __LINE__, "%s: %s is not explained: %" PRId64, sums[i].holder,
                        *sums[i].asset ? sums[i].asset : "XRP", sums[i].more);
    }
}

static void check_moves(const struct naive *v, const struct fact_tx *tx)
{
    for (size_t i = 0; i < v->n && i < tx->transfers_n; i++) {
        const struct move *want = &v->at[i];
        struct move got;

        move_of(&tx->transfers[i], &got);
        if (got.kind != want->kind || strcmp(got.from, want->from) || strcmp(got.to, want->to) ||
            strcmp(got.asset, want->asset) || got.amount != want->amount)
            test_failed(__FILE__, __LINE__,
                        "move %zu: %c %s > %s %" PRId64 " %s, want %c %s > %s %" PRId64 " %s", i,
                        got.kind, got.from, got.to, got.amount, got.asset, want->kind, want->from,
                        want->to, want->amount, want->asset);
    }
    CHECK_U(tx->transfers_n, v->n);
}

static void one(uint64_t seed, size_t *by_rule)
{
    static struct world w;
    static struct naive v;
    struct change c[CHANGES_MAX];
    char asset[HELD_MAX], issuer[HELD_MAX], json[3 * HELD_MAX], tag[HELD_MAX] = "";
    struct arena *a = arena_new(NULL, (size_t)1 << 26);
    struct text t = text_new((size_t)1 << 21);
    const struct json *tree;
    struct xrpl_tx tx;
    unsigned ignored;
    int64_t amount;
    struct err err;

    world_begin(&w, seed);
    entries_put(&w);
    amount = below(&w, VALUE_MAX + 5);
    amount_of(&w, amount, asset, issuer, json, &ignored);
    memset(&v, 0, sizeof(v));
    if (test_below(&w.r, 2)) {
        v.destination = w.name[1];
        snprintf(v.tagged, sizeof(v.tagged), "%.60s:7", w.name[1]);
        snprintf(tag, sizeof(tag), "\"DestinationTag\":7,");
    }
    text_printf(
        &t,
        "{\"tx\":{\"TransactionType\":\"Payment\",\"Account\":\"%s\",\"Destination\":\"%s\",%s"
        "\"Fee\":\"%d\",\"Amount\":%s,\"hash\":\"%064d\",\"date\":1,\"ledger_index\":1},"
        "\"meta\":{\"TransactionResult\":\"tesSUCCESS\",\"TransactionIndex\":0,"
        "\"delivered_amount\":%s,\"AffectedNodes\":[%s]}}",
        w.name[0], w.name[1], tag, FEE, json, 1, json, text_string(&w.nodes));
    CHECK_OK(json_read(a, text_string(&t), t.n, &tree, &err), err);
    CHECK_OK(xrpl_tx_read(a, tree, &tx, &err), err);
    say(&v, 'f', w.name[0], "", "", FEE);
    memcpy(c, w.changes, sizeof(c));
    delivered(&v, c, w.changes_n, w.name[0], w.name[1], asset, amount);
    for (size_t i = 0; i < w.changes_n; i++)
        if (c[i].more)
            pairs(&v, c, w.changes_n, c[i].asset);
    check_moves(&v, &tx.fact);
    check_balances(&w, &tx.fact);
    for (size_t i = 0; i < v.n; i++)
        *by_rule += v.at[i].kind == 'c';
    text_free(&w.nodes);
    text_free(&t);
    arena_free(a);
}

static void random_transactions(void **state)
{
    struct test_random seeds = {test_seed()};
    size_t by_rule = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        test_row("transaction %u", i);
        one(test_random(&seeds), &by_rule);
    }
    CHECK(by_rule > ROUNDS / 100); /* the rule has been asked, too */
    printf("%u transactions; %zu moves paired by rule alone\n", ROUNDS, by_rule);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(random_transactions)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
