/* Clusters of scripts: worlds worked out by hand, random ledgers against a naive union-find, and
 * files that are the same however they came to be. */
#include "../ledger/facts.h"
#include "../ledger/files.h"
#include "story.h"

#include "entity/cluster.h"
#include "entity/cluster_columns.h"
#include "entity/cluster_deposit.h"
#include "entity/cluster_update.h"
#include "entity/cluster_why.h"
#include "ledger/writer.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct ledger_options small = {.memory = LEDGER_MEMORY_MIN, .threads = 1};

static const struct chain *sim(void)
{
    return chain_by_name("bitcoin:sim");
}

static void append(const char *dir, const struct block_facts *blocks, size_t n)
{
    struct ledger_writer *w;
    struct err err;

    CHECK_OK(ledger_writer_open(dir, sim(), small, &w, &err), err);
    CHECK_OK(ledger_append(w, blocks, n, &err), err);
    ledger_writer_close(w);
}

static void undo(const char *dir, uint32_t blocks_n)
{
    struct ledger_writer *w;
    struct err err;

    CHECK_OK(ledger_writer_open(dir, sim(), small, &w, &err), err);
    CHECK_OK(ledger_undo(w, blocks_n, &err), err);
    ledger_writer_close(w);
}

static struct clusters_updated update(const char *dir, const struct cluster_rules *rules)
{
    struct clusters_update_options o = {.rules = rules};
    struct clusters_updated done;
    struct ledger *l;
    struct err err;

    CHECK_OK(ledger_open(dir, &l, &err), err);
    CHECK_OK(clusters_update(l, &o, &done, &err), err);
    ledger_close(l);
    return done;
}

static const char *columns_of(const char *dir) /* good for the next three calls */
{
    static char paths[4][PATH_MAX + 16];
    static unsigned n;
    char *path = paths[n++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", dir, CLUSTER_FOLDER);
    return path;
}

struct world { /* a ledger and its clusters, open */
    struct ledger *l;
    struct clusters *c;
    struct arena *a;
};

static struct world world_open(const char *dir)
{
    struct world w = {.a = arena_new(NULL, (size_t)1 << 30)};
    struct err err;

    CHECK_OK(ledger_open(dir, &w.l, &err), err);
    CHECK_OK(clusters_open(w.l, &w.c, &err), err);
    return w;
}

static void world_close(struct world *w)
{
    clusters_close(w->c);
    ledger_close(w->l);
    arena_free(w->a);
}

static uint32_t id(const struct world *w, const char *who)
{
    uint32_t script = ledger_find_script(w->l, story_script(who));

    CHECK(script != SCRIPT_NONE);
    return script;
}

static uint32_t root(const struct world *w, const char *who)
{
    return clusters_root(w->c, id(w, who));
}

static void check_members(struct world *w, const char *const *who, size_t n)
{
    const uint32_t *members;
    size_t members_n;
    struct err err;

    CHECK_U(clusters_size(w->c, root(w, who[0])), n);
    CHECK_OK(clusters_members(w->c, w->a, root(w, who[0]), &members, &members_n, &err), err);
    CHECK_U(members_n, n);
    for (size_t i = 0; i < n; i++) {
        bool found = false;

        for (size_t k = 0; k < n; k++)
            found |= members[k] == id(w, who[i]);
        CHECK(found);
        CHECK(!i || members[i] > members[i - 1]);
    }
}

/* A and B are spent together; a's key and its hash are one; those and D are spent together. Five
 * mix in a Whirlpool, which joins nobody. */
static void a_world_by_hand(void **state)
{
    static const char *const ab[] = {"A", "B"}, *const da[] = {"D", "a", "=a"}, *const c[] = {"C"},
                             *const m[] = {"M"};
    static struct story s;
    char *dir = test_dir_sub();
    struct clusters_updated done;
    struct cluster_why why;
    struct world w;
    struct err err;
    struct cluster_seen seen;
    const uint32_t *members;
    size_t n;

    story_start(&s, 0);
    story_block(&s);
    story_tx(&s, "", "A10 B10 C10 a10 M5000000 N5000000 O5000000 P5000100 Q5000200");
    story_block(&s);
    story_tx(&s, "", "Z1");
    story_tx(&s, "0 1", "D15"); /* output 10 */
    story_tx(&s, "2", "=a9");   /* 11 */
    story_block(&s);
    story_tx(&s, "", "Z1");
    story_tx(&s, "10 3", "E20"); /* 13 */
    story_tx(&s, "4 5 6 7 8", "R5000000 S5000000 T5000000 U5000000 V5000000");
    append(dir, s.blocks, s.blocks_n);
    done = update(dir, NULL);
    CHECK_U(done.blocks_added, 3);
    CHECK_U(done.merges, 3);
    CHECK_U(done.coinjoins, 1);
    CHECK_U(done.refused, 0);
    w = world_open(dir);
    check_members(&w, ab, 2);
    check_members(&w, da, 3);
    check_members(&w, c, 1);
    check_members(&w, m, 1);
    CHECK(root(&w, "A") != root(&w, "D") && root(&w, "M") != root(&w, "N"));
    CHECK_U(clusters_counts(w.c).coinjoins, 1);
    CHECK_U(clusters_counts(w.c).blocks, 3);

    CHECK_OK(clusters_why(w.c, w.a, id(&w, "D"), id(&w, "=a"), 0, &why, &err), err);
    CHECK_U(why.n, 2);
    CHECK(why.shortest);
    CHECK_U(why.steps[0].link, LINK_SPENT_TOGETHER);
    CHECK_U(why.steps[0].tx, 5);
    CHECK_U(why.steps[0].inputs[0], 3); /* D's, of all inputs in order: 0 1, 2, 10 3 */
    CHECK_U(why.steps[0].inputs[1], 4);
    CHECK_U(why.steps[0].scripts[1], id(&w, "a"));
    CHECK_U(why.steps[1].link, LINK_SAME_KEY);
    CHECK_U(why.steps[1].scripts[0], id(&w, "a"));
    CHECK_U(why.steps[1].scripts[1], id(&w, "=a"));
    CHECK(!clusters_why(w.c, w.a, id(&w, "A"), id(&w, "M"), 0, &why, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    CHECK_OK(clusters_why(w.c, w.a, id(&w, "A"), id(&w, "A"), 0, &why, &err), err);
    CHECK_U(why.n, 0);

    /* =a is paid in block 1 and never spends; a is of block 0 and spends in block 2. */
    CHECK_OK(clusters_members(w.c, w.a, root(&w, "a"), &members, &n, &err), err);
    seen = clusters_seen(w.c, members, n);
    CHECK_U(seen.block_first, 0);
    CHECK_U(seen.block_last, 2);
    CHECK_U(seen.outputs_n, 3);
    CHECK(seen.complete);
    world_close(&w);
    CHECK_OK(clusters_check(dir, &err), err);
}

/* A-B, B-C, C-D were joined first; then A-X, and X was spent with D, which joined nothing new. */
static void the_shortest_chain(void **state)
{
    static struct story s;
    char *dir = test_dir_sub();
    struct cluster_why why;
    struct world w;
    struct err err;

    story_start(&s, 1);
    story_block(&s);
    story_tx(&s, "", "A1 A1 B1 B1 C1 C1 D1 D1 X1 X1");
    story_block(&s);
    story_tx(&s, "", "Z1");
    story_tx(&s, "0 2", "Y1");
    story_tx(&s, "3 4", "Y1");
    story_tx(&s, "5 6", "Y1");
    story_tx(&s, "1 8", "Y1");
    story_tx(&s, "9 7", "Y1"); /* the 7th transaction */
    append(dir, s.blocks, s.blocks_n);
    CHECK_U(update(dir, NULL).merges, 4);
    w = world_open(dir);
    CHECK_OK(clusters_why(w.c, w.a, id(&w, "A"), id(&w, "D"), 0, &why, &err), err);
    CHECK(why.shortest);
    CHECK_U(why.n, 2);
    CHECK_U(why.steps[0].tx, 5);
    CHECK_U(why.steps[0].scripts[1], id(&w, "X"));
    CHECK_U(why.steps[1].tx, 6);
    CHECK_U(why.steps[1].scripts[0], id(&w, "X"));
    CHECK_U(why.steps[1].scripts[1], id(&w, "D"));
    CHECK_OK(clusters_why(w.c, w.a, id(&w, "D"), id(&w, "A"), 1, &why, &err), err);
    CHECK(!why.shortest);
    CHECK_U(why.n, 3);
    CHECK_U(why.steps[0].scripts[0], id(&w, "D"));
    CHECK_U(why.steps[0].tx, 4);
    CHECK_U(why.steps[1].tx, 3);
    CHECK_U(why.steps[2].tx, 2);
    CHECK_U(why.steps[2].scripts[1], id(&w, "A"));
    world_close(&w);
}

/* Clusters of two are large here: AB and CD stay two, with the transaction that would have joined
 * them; E goes to the first input's. */
static void large_clusters_stay_apart(void **state)
{
    static const char *const abe[] = {"A", "B", "E"}, *const cd[] = {"C", "D"};
    static struct story s;
    char *dir = test_dir_sub();
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    const struct cluster_refusal *refused;
    struct cluster_rules rules;
    struct world w;
    struct err err;
    uint64_t all;
    size_t n;

    CHECK_OK(cluster_rules_make(a, 2, NULL, 0, &rules, &err), err);
    story_start(&s, 2);
    story_block(&s);
    story_tx(&s, "", "A1 A1 B1 C1 C1 D1 D1 E1");
    story_tx(&s, "0 2", "Y1");
    story_tx(&s, "3 5", "Y1");
    story_tx(&s, "1 4 6 7", "Y1");
    append(dir, s.blocks, s.blocks_n);
    CHECK_U(update(dir, &rules).refused, 1);
    w = world_open(dir);
    check_members(&w, abe, 3);
    check_members(&w, cd, 2);
    CHECK_OK(clusters_refusals(w.c, w.a, root(&w, "D"), &refused, &n, &all, &err), err);
    CHECK_U(n, 1);
    CHECK_U(all, 1);
    CHECK_U(refused[0].kind, REFUSED_LARGE);
    CHECK_U(refused[0].reason.tx, 3);
    CHECK_U(refused[0].reason.scripts[0], id(&w, "A"));
    CHECK_U(refused[0].reason.scripts[1], id(&w, "C"));
    CHECK_U(refused[0].sizes[0], 2);
    CHECK_U(refused[0].sizes[1], 2);
    CHECK_U(refused[0].others[0], root(&w, "B"));
    CHECK_U(refused[0].others[1], root(&w, "C"));
    CHECK_OK(clusters_refusals(w.c, w.a, root(&w, "Y"), &refused, &n, &all, &err), err);
    CHECK_U(all, 0);
    CHECK_U(clusters_rules(w.c)->join_max, 2);
    world_close(&w);
    arena_free(a);
}

/* Two known actors are never one, however small; a stranger's script goes to the first. Other rules
 * than those that are there are refused, none are those. */
static void actors_stay_apart(void **state)
{
    static const char *const ax[] = {"A", "X"}, *const bc[] = {"b", "=b", "C"};
    static struct story s;
    char *dir = test_dir_sub();
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct cluster_actor actors[] = {{story_script("A"), "Alder"},
                                     {story_script("=b"), "Birch & Co"},
                                     {story_script("C"), "Birch & Co"},
                                     {story_script("D"), "Alder"},
                                     {story_script("D"), "Birch & Co"}};
    struct clusters_update_options other = {0};
    const struct cluster_refusal *refused;
    struct cluster_rules rules, again;
    struct clusters_updated done;
    struct world w;
    struct err err;
    uint64_t all;
    size_t n;

    CHECK_OK(cluster_rules_make(a, CLUSTER_JOIN_MAX, actors, 5, &rules, &err), err);
    CHECK_U(rules.actors_n, 3); /* D has two names */
    CHECK_OK(cluster_rules_read(a, rules.text, &again, &err), err);
    CHECK(bytes_equal(again.text, rules.text));
    CHECK_S(cluster_actor_of(&again, story_script("b"))->name, "Birch & Co");
    CHECK(!cluster_actor_of(&again, story_script("D")));
    story_start(&s, 3);
    story_block(&s);
    story_tx(&s, "", "A1 b1 b1 C1 X1");
    story_block(&s);
    story_tx(&s, "", "=b1");
    story_tx(&s, "2 3", "Y1"); /* b and C: the same actor */
    append(dir, s.blocks, 2);
    update(dir, &rules);
    story_block(&s);
    story_tx(&s, "", "Z1");
    story_tx(&s, "0 1 4", "Y1"); /* A with b, and X */
    append(dir, s.blocks + 2, 1);
    CHECK_U(update(dir, NULL).refused, 1);
    w = world_open(dir);
    check_members(&w, ax, 2);
    check_members(&w, bc, 3);
    CHECK_OK(clusters_refusals(w.c, w.a, root(&w, "A"), &refused, &n, &all, &err), err);
    CHECK_U(n, 1);
    CHECK_U(refused[0].kind, REFUSED_ACTORS);
    CHECK_U(refused[0].others[1], root(&w, "C"));
    CHECK_OK(cluster_rules_make(a, 7, NULL, 0, &again, &err), err);
    other.rules = &again;
    clusters_close(w.c);
    CHECK(!clusters_update(w.l, &other, &done, &err));
    CHECK_U(err.class, ERR_USAGE);
    w.c = NULL;
    world_close(&w);
    arena_free(a);
}

static struct cluster_deposit deposit_of(struct world *w, const char *who)
{
    const struct cluster_known *known;
    const uint32_t *members;
    struct err err;
    size_t n;

    CHECK_OK(cluster_known_make(w->c, w->a, &known, &err), err);
    CHECK_OK(clusters_members(w->c, w->a, root(w, who), &members, &n, &err), err);
    return cluster_deposit_judge(w->c, known, members, n);
}

/* H is Alder's, K is Birch's. A goes to H; B to both; C to a stranger; D and E, spent together, to
 * H and back to D. */
static void what_goes_on_to_one_actor(void **state)
{
    static struct story s;
    char *dir = test_dir_sub();
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct cluster_actor actors[] = {{story_script("H"), "Alder"}, {story_script("K"), "Birch"}};
    struct cluster_rules rules;
    struct world w;
    struct err err;

    CHECK_OK(cluster_rules_make(a, CLUSTER_JOIN_MAX, actors, 2, &rules, &err), err);
    story_start(&s, 4);
    story_block(&s);
    story_tx(&s, "", "A1 B1 B1 C1 D1 E1");
    story_tx(&s, "0", "H1"); /* output 6 */
    story_tx(&s, "1", "H1");
    story_tx(&s, "2", "K1");
    story_tx(&s, "3", "X1");
    story_tx(&s, "4 5", "H1 D1");
    story_tx(&s, "6", "X1");
    append(dir, s.blocks, s.blocks_n);
    update(dir, &rules);
    w = world_open(dir);
    CHECK_S(deposit_of(&w, "A").actor, "Alder");
    CHECK_U(deposit_of(&w, "A").swept, 1);
    CHECK(!deposit_of(&w, "B").actor);
    CHECK(!deposit_of(&w, "C").actor);
    CHECK_S(deposit_of(&w, "E").actor, "Alder");
    CHECK_U(deposit_of(&w, "D").swept, 2);
    CHECK(!deposit_of(&w, "H").actor); /* its own */
    CHECK(!deposit_of(&w, "X").actor); /* never spends */
    world_close(&w);
    arena_free(a);
}

/* ---- against a naive union-find ---- */

struct naive {
    struct bytes *scripts;
    uint32_t *group;
    size_t n, size;
};

static uint32_t naive_id(struct naive *v, struct bytes script)
{
    for (size_t i = 0; i < v->n; i++)
        if (bytes_equal(v->scripts[i], script))
            return (uint32_t)i;
    v->scripts[v->n] = script;
    v->group[v->n] = (uint32_t)v->n;
    return (uint32_t)v->n++;
}

static void naive_join(struct naive *v, uint32_t a, uint32_t b)
{
    uint32_t from = v->group[b], to = v->group[a];

    for (size_t i = 0; i < v->n; i++)
        if (v->group[i] == from)
            v->group[i] = to;
}

static struct bytes naive_spent(const struct maker *m, const uint8_t *outpoint)
{
    for (size_t i = 0; i < m->outputs_n; i++)
        if (m->outputs[i].vout == load_le32(outpoint + 32) &&
            !memcmp(m->outputs[i].txid.b, outpoint, 32))
            return m->outputs[i].script;
    return (struct bytes){NULL, 0};
}

static struct naive naive_of(const struct maker *m)
{
    size_t most = 4 * m->outputs_n + 64;
    struct naive v = {calloc(most, sizeof(struct bytes)), calloc(most, sizeof(uint32_t)), 0, most};

    for (size_t b = 0; b < m->blocks_n; b++) {
        const struct block_facts *f = &m->blocks[b];
        size_t in = 0, out = 0;

        for (size_t t = 0; t < f->txs_n; t++) {
            uint32_t first = UINT32_MAX;

            for (uint32_t i = 0; i < f->tx_inputs_n[t]; i++, in++) {
                struct bytes script = naive_spent(m, f->inputs[in]);
                uint32_t one;

                if (!script.p && f->spent)
                    script = f->spent[in].script;
                if (!script.p)
                    continue;
                one = naive_id(&v, script);
                if (first == UINT32_MAX)
                    first = one;
                naive_join(&v, first, one);
            }
            for (uint32_t i = 0; i < f->tx_outputs_n[t]; i++, out++)
                naive_id(&v, f->outputs[out].script);
        }
    }
    for (uint32_t i = 0; i < v.n; i++)
        for (uint32_t k = 0; k < i; k++) {
            uint8_t one[SCRIPT_FORM_MAX], two[SCRIPT_FORM_MAX];

            if (bytes_equal(script_address_form(v.scripts[i], one),
                            script_address_form(v.scripts[k], two)))
                naive_join(&v, k, i);
        }
    return v;
}

static void naive_free(struct naive *v)
{
    free(v->scripts);
    free(v->group);
}

/* Each step spends two scripts in one transaction that the ledger has, and ends where the next
 * begins. */
static void check_why(struct world *w, uint32_t from, uint32_t to, uint32_t looks)
{
    struct cluster_why why;
    struct err err;
    uint32_t at = from;

    CHECK_OK(clusters_why(w->c, w->a, from, to, looks, &why, &err), err);
    for (size_t i = 0; i < why.n; i++) {
        const struct cluster_reason *r = &why.steps[i];

        CHECK_U(r->scripts[0], at);
        CHECK(r->scripts[1] != at);
        at = r->scripts[1];
        if (r->link == LINK_SAME_KEY) {
            uint8_t a[SCRIPT_FORM_MAX], b[SCRIPT_FORM_MAX], x[SCRIPT_FORM_MAX], y[SCRIPT_FORM_MAX];
            struct bytes one, two;

            CHECK(ledger_script(w->l, r->scripts[0], a, &one) &&
                  ledger_script(w->l, r->scripts[1], b, &two));
            CHECK(bytes_equal(script_address_form(one, x), script_address_form(two, y)));
            continue;
        }
        for (unsigned k = 0; k < 2; k++) {
            struct coins_range in = coins_inputs(ledger_coins(w->l), r->tx);
            uint64_t value, source = coins_source(ledger_coins(w->l), r->inputs[k], &value);
            uint32_t script;

            CHECK(r->inputs[k] >= in.first && r->inputs[k] < in.first + in.n);
            if (source == COINS_NONE)
                ledger_outside(w->l, r->inputs[k], &script);
            else
                script = ledger_script_of(w->l, source);
            CHECK_U(script, r->scripts[k]);
        }
    }
    CHECK_U(at, to);
}

static void check_against_naive(const char *dir, const struct maker *m, struct test_random *r)
{
    struct naive v = naive_of(m);
    struct world w = world_open(dir);
    uint32_t *ids = calloc(v.n + 1, sizeof(*ids)), *sizes = calloc(v.n + 1, sizeof(*sizes));

    CHECK_U(clusters_counts(w.c).scripts, v.n);
    CHECK_U(clusters_counts(w.c).coinjoins, 0);
    for (size_t i = 0; i < v.n; i++) {
        ids[i] = ledger_find_script(w.l, v.scripts[i]);
        sizes[v.group[i]]++;
    }
    for (size_t i = 0; i < v.n; i++) {
        CHECK_U(clusters_size(w.c, clusters_root(w.c, ids[i])), sizes[v.group[i]]);
        CHECK_U(clusters_root(w.c, ids[i]), clusters_root(w.c, ids[v.group[i]]));
    }
    for (unsigned k = 0; k < 30; k++) {
        size_t i = test_below(r, v.n), j = v.group[i];
        const uint32_t *members;
        struct err err;
        size_t n;

        CHECK_OK(clusters_members(w.c, w.a, clusters_root(w.c, ids[i]), &members, &n, &err), err);
        CHECK_U(n, sizes[j]);
        for (size_t x = 0; x < n; x++)
            CHECK_U(clusters_root(w.c, members[x]), clusters_root(w.c, ids[i]));
        check_why(&w, ids[i], members[test_below(r, n)], k % 2);
    }
    world_close(&w);
    free(ids);
    free(sizes);
    naive_free(&v);
}

static void equals_a_naive_union_find(void **state)
{
    for (unsigned round = 0; round < 16; round++) {
        struct maker m;
        char *dir = test_dir_sub();

        test_row("round %u", round);
        maker_start(&m, test_seed() + round);
        m.outside_in_1000 = round % 3 ? 0 : 200;
        m.undo_data = round % 2;
        maker_blocks(&m, 1 + test_below(&m.r, 6), 1 + test_below(&m.r, 25));
        append(dir, m.blocks, m.blocks_n);
        update(dir, NULL);
        check_against_naive(dir, &m, &m.r);
        maker_end(&m);
    }
}

/* After each block, brought up to date or made from the first on: the same files. */
static void as_from_the_first_block(void **state)
{
    for (unsigned round = 0; round < 4; round++) {
        struct maker m;
        char *steps = test_dir_sub();
        struct arena *a = arena_new(NULL, (size_t)1 << 24);
        struct cluster_actor actors[6];
        struct cluster_rules rules;
        struct err err;

        test_row("round %u", round);
        maker_start(&m, test_seed() + 100 + round);
        m.outside_in_1000 = 50;
        m.undo_data = true;
        maker_blocks(&m, 5, 25);
        for (size_t i = 0; i < 6; i++)
            actors[i] = (struct cluster_actor){m.scripts[test_below(&m.r, m.scripts_n)],
                                               i % 2 ? "Alder" : "Birch"};
        CHECK_OK(cluster_rules_make(a, round ? 3 : CLUSTER_JOIN_MAX, actors, round > 1 ? 6 : 0,
                                    &rules, &err),
                 err);
        for (size_t b = 0; b < m.blocks_n; b++) {
            char *whole = test_dir_sub();

            append(steps, m.blocks + b, 1);
            CHECK_U(update(steps, b ? NULL : &rules).blocks_added, 1);
            append(whole, m.blocks, b + 1);
            update(whole, &rules);
            check_same(columns_of(steps), columns_of(whole));
        }
        CHECK_OK(clusters_check(steps, &err), err);
        arena_free(a);
        maker_end(&m);
    }
}

/* As they are while they are made for the first time: of no block of a ledger that has some. They
 * say nothing of anybody, and are there as soon as they have one. */
static void none_of_a_block_yet(void **state)
{
    char *dir = test_dir_sub();
    struct clusters *c;
    struct world w;
    struct maker m;
    struct ledger *l;
    struct err err;

    (void)state;
    maker_start(&m, test_seed() + 300);
    maker_blocks(&m, 3, 20);
    append(dir, m.blocks, 0);
    update(dir, NULL);
    w = world_open(dir);
    CHECK_U(clusters_counts(w.c).blocks, 0);
    world_close(&w);
    append(dir, m.blocks, m.blocks_n);
    CHECK_OK(ledger_open(dir, &l, &err), err);
    CHECK(!clusters_open(l, &c, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    ledger_close(l);
    CHECK_U(update(dir, NULL).blocks_added, m.blocks_n);
    check_against_naive(dir, &m, &m.r);
    maker_end(&m);
}

/* The ledger gives up its newest blocks for others: so do the clusters. */
static void undone_with_the_ledger(void **state)
{
    for (unsigned round = 0; round < 6; round++) {
        struct maker m;
        char *undone = test_dir_sub(), *never = test_dir_sub();
        struct ledger *l;
        struct clusters *c;
        struct err err;
        size_t keep;

        test_row("round %u", round);
        maker_start(&m, test_seed() + 200 + round);
        maker_blocks(&m, 2 + test_below(&m.r, 6), 20);
        append(undone, m.blocks, m.blocks_n);
        update(undone, NULL);
        keep = test_below(&m.r, m.blocks_n);
        keep = keep ? keep : 1;
        undo(undone, (uint32_t)keep);
        CHECK_OK(ledger_open(undone, &l, &err), err);
        CHECK(!clusters_open(l, &c, &err));
        CHECK_U(err.class, ERR_INPUT);
        ledger_close(l);
        append(never, m.blocks, keep);
        if (round % 2) {
            CHECK_U(update(undone, NULL).blocks_undone, m.blocks_n - keep);
            update(never, NULL);
            check_same(columns_of(undone), columns_of(never));
        }
        maker_drop(&m, keep);
        maker_blocks(&m, 4, 20);
        append(undone, m.blocks + keep, m.blocks_n - keep);
        append(never, m.blocks + keep, m.blocks_n - keep);
        CHECK_U(update(undone, NULL).blocks_added, m.blocks_n - keep);
        update(never, NULL);
        check_same(columns_of(undone), columns_of(never));
        check_against_naive(undone, &m, &m.r);
        maker_end(&m);
    }
}

/* Killed at random moments, with a commit after each merge, while the ledger grows and shrinks. */
static void killed_at_any_moment(void **state)
{
    struct clusters_update_options often = {.batch_merges = 1};
    struct maker m;
    struct test_random r = {test_seed() + 4};
    char *dir = test_dir_sub(), *calm = test_dir_sub();
    struct err err;

    maker_start(&m, test_seed() + 3);
    maker_blocks(&m, 40, 40);
    append(calm, m.blocks, m.blocks_n);
    update(calm, NULL);
    append(dir, m.blocks, m.blocks_n);
    for (unsigned kills = 0; kills < 24; kills++) {
        pid_t child = fork();

        if (!child) {
            struct clusters_updated done;
            struct ledger *l;

            if (kills % 4 == 3)
                undo(dir, 10);
            if (kills % 4 == 0)
                append(dir, m.blocks + 10, kills ? m.blocks_n - 10 : 0);
            CHECK_OK(ledger_open(dir, &l, &err), err);
            CHECK_OK(clusters_update(l, &often, &done, &err), err);
            _exit(0);
        }
        if (kills % 4 == 3 || kills % 4 == 0) {
            int status;

            waitpid(child, &status, 0); /* the ledger itself is whole; its own tests kill it */
            CHECK_U(status, 0);
            if (kills % 4 == 0)
                CHECK_OK(clusters_remove(dir, &err), err);
            continue;
        }
        usleep((useconds_t)test_below(&r, 20000));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    undo(dir, 10);
    append(dir, m.blocks + 10, m.blocks_n - 10);
    update(dir, NULL);
    check_same(columns_of(dir), columns_of(calm));
    CHECK_OK(clusters_check(dir, &err), err);
    maker_end(&m);
}

/* Whatever byte is changed, or file cut, the check says so; a reader says what it says without a
 * fault. */
static void damaged_columns(void **state)
{
    struct maker m;
    char *dir = test_dir_sub();
    struct test_random r = {test_seed() + 21};
    struct err err;

    maker_start(&m, test_seed() + 20);
    maker_blocks(&m, 8, 30);
    append(dir, m.blocks, m.blocks_n);
    update(dir, NULL);
    for (unsigned i = 0; i <= CLUSTER_COLUMNS_N; i++) {
        char path[PATH_MAX + 64];
        struct bytes was;

        snprintf(path, sizeof(path), "%s/%s", columns_of(dir),
                 i < CLUSTER_COLUMNS_N ? cluster_shape.columns[i].name : "head");
        was = test_read(path);
        test_row("%s", path);
        for (unsigned k = 0; was.n && k < 30; k++) {
            struct arena *a = arena_new(NULL, (size_t)1 << 28);
            size_t at = test_below(&r, was.n);
            uint8_t *p = malloc(was.n);
            struct clusters *c;
            struct ledger *l;

            memcpy(p, was.p, was.n);
            p[at] ^= (uint8_t)(1u << test_below(&r, 8));
            test_write(path, p, k < 29 ? was.n : at);
            free(p);
            CHECK(!clusters_check(dir, &err));
            CHECK_OK(ledger_open(dir, &l, &err), err);
            if (clusters_open(l, &c, &err)) {
                for (uint32_t s = 0; s < clusters_counts(c).scripts; s += 3) {
                    uint32_t to = clusters_root(c, s);
                    const struct cluster_refusal *refused;
                    const uint32_t *members;
                    struct cluster_why why;
                    uint64_t all;
                    size_t n;

                    if (to == CLUSTER_NONE)
                        continue;
                    if (clusters_members(c, a, to, &members, &n, &err))
                        clusters_seen(c, members, n);
                    if (!clusters_why(c, a, s, to, s % 2, &why, &err))
                        CHECK(err.class == ERR_CORRUPT || err.class == ERR_NOT_FOUND ||
                              err.class == ERR_LIMIT);
                    if (!clusters_refusals(c, a, to, &refused, &n, &all, &err))
                        CHECK_U(err.class, ERR_CORRUPT);
                }
                clusters_close(c);
            }
            ledger_close(l);
            arena_free(a);
        }
        test_write(path, was.p, was.n);
    }
    CHECK_OK(clusters_check(dir, &err), err);
    maker_end(&m);
}

static char *torture_dir;

static bool made_anew(void *ctx)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 26);
    struct clusters_updated done;
    struct clusters *c = NULL;
    struct ledger *l = NULL;
    struct cluster_why why;
    struct err err;
    bool ok = a && ledger_open(torture_dir, &l, &err);

    ok = ok && (!clusters_there(torture_dir) || clusters_remove(torture_dir, &err)) &&
         clusters_update(l, NULL, &done, &err) && clusters_open(l, &c, &err);
    for (uint32_t s = 0; ok && s < 40 && s < clusters_counts(c).scripts; s++)
        ok = clusters_why(c, a, s, clusters_root(c, s), s % 2, &why, &err);
    clusters_close(c);
    ledger_close(l);
    arena_free(a);
    return ok;
}

static void every_failed_allocation(void **state)
{
    struct maker m;

    torture_dir = test_dir_sub();
    maker_start(&m, test_seed() + 30);
    maker_blocks(&m, 3, 12);
    append(torture_dir, m.blocks, m.blocks_n);
    test_failed_allocations(made_anew, NULL);
    maker_end(&m);
}

/* A reader keeps its snapshot while the clusters grow. */
static void readers_keep_their_snapshot(void **state)
{
    struct maker m;
    char *dir = test_dir_sub(), *old = test_dir_sub();
    struct world w, then;

    maker_start(&m, test_seed() + 9);
    maker_blocks(&m, 12, 30);
    append(dir, m.blocks, 6);
    append(old, m.blocks, 6);
    update(dir, NULL);
    update(old, NULL);
    w = world_open(dir);
    append(dir, m.blocks + 6, 6);
    update(dir, NULL);
    then = world_open(old);
    for (uint32_t s = 0; s < clusters_counts(then.c).scripts; s++) {
        const uint32_t *a, *b;
        struct err err;
        size_t n, k;

        CHECK_U(clusters_root(w.c, s), clusters_root(then.c, s));
        CHECK_OK(clusters_members(w.c, w.a, clusters_root(w.c, s), &a, &n, &err), err);
        CHECK_OK(clusters_members(then.c, then.a, clusters_root(then.c, s), &b, &k, &err), err);
        CHECK(n == k && !memcmp(a, b, n * sizeof(*a)));
    }
    world_close(&w);
    world_close(&then);
    maker_end(&m);
}

static bool rules_of(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct cluster_rules rules;
    struct err err;
    bool ok = cluster_rules_read(a, in, &rules, &err);

    arena_free(a);
    return ok;
}

static void rules_as_they_are_written(void **state)
{
    static const char *const wrong[] = {
        "",
        "join-max 1",
        "join-max 01\n",
        "join-max 4294967296\n",
        "actor 51 A\n",
        "join-max 1\nactor 5 A\n",
        "join-max 1\nactor 51 \n",
        "join-max 1\nactor 51\n",
        "join-max 1\nactor 52 A\nactor 51 A\n",
        "join-max 1\nactor 51 A\nactor 51 B\n",
        "join-max 1\nactor 5A A\n",
        "join-max 1\nactor 51 A\x7f\n",
        "join-max 1\n\n",
    };
    static const char right[] = "join-max 1\nactor 51 A b\nactor 52 A b\n";

    CHECK(rules_of((struct bytes){(const uint8_t *)right, sizeof(right) - 1}, NULL));
    CHECK(rules_of((struct bytes){(const uint8_t *)right, 11}, NULL));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        test_row("%zu", i);
        CHECK(!rules_of((struct bytes){(const uint8_t *)wrong[i], strlen(wrong[i])}, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_world_by_hand),           cmocka_unit_test(the_shortest_chain),
        cmocka_unit_test(large_clusters_stay_apart), cmocka_unit_test(actors_stay_apart),
        cmocka_unit_test(what_goes_on_to_one_actor), cmocka_unit_test(equals_a_naive_union_find),
        cmocka_unit_test(as_from_the_first_block),   cmocka_unit_test(undone_with_the_ledger),
        cmocka_unit_test(killed_at_any_moment),      cmocka_unit_test(damaged_columns),
        cmocka_unit_test(every_failed_allocation),   cmocka_unit_test(readers_keep_their_snapshot),
        cmocka_unit_test(rules_as_they_are_written), cmocka_unit_test(none_of_a_block_yet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
