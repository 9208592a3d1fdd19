/* The CoinJoin rules judged on transactions of the world. Prints what docs/patterns.md tells, and
 * asserts it as floors.
 *
 * What counts as truth differs by file. Lists of Dumplings are made by rules much like ours, so
 * agreeing with them shows that we read the rules alike, not that either is right; lists by lineage
 * (a tx0 feeds a mix) and by hand (false positives, coordinators) are independent of the shape. A
 * post-mix file holds whatever spends a mix, so most of it is plain, but further mixes are in it
 * too: a mix found there counts against us unless its lineage proves it. */
#include "judge.h"

#include "base/text.h"
#include "chain/bitcoin/block.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KINDS (SHAPE_JOINMARKET + 1)
#define ARENA_MAX ((size_t)1 << 30)

static struct shape_scratch scratch;

enum {
    WASABI1,
    WASABI1_POST,
    WASABI2,
    WASABI2_POST,
    WHIRLPOOL,
    WHIRLPOOL_POST,
    TX0,
    JOINMARKET,
    JOINMARKET_POST,
    LISTS_N
};

static const char *const names[LISTS_N] = {
    "wasabi1-coinjoins", "wasabi1-postmix",      "wasabi2-coinjoins",
    "wasabi2-postmix",   "whirlpool-coinjoins",  "whirlpool-postmix",
    "whirlpool-tx0",     "joinmarket-coinjoins", "joinmarket-postmix",
};

struct list {
    struct labelled *at;
    size_t n;
    enum shape_kind *found; /* [n] */
};

static struct arena *arena;
static struct list lists[LISTS_N];

struct txids { /* sorted */
    const char **at;
    size_t n;
};

static int by_txid(const void *a, const void *b)
{
    return memcmp(*(const char *const *)a, *(const char *const *)b, 64);
}

static bool has(const struct txids *set, const char *txid)
{
    return set->n && bsearch(&txid, set->at, set->n, sizeof(*set->at), by_txid);
}

static struct txids txids_new(size_t max)
{
    struct txids set = {ARENA_ARRAY(arena, const char *, max ? max : 1), 0};

    CHECK(set.at);
    return set;
}

static struct txids txids_sorted(struct txids set)
{
    qsort(set.at, set.n, sizeof(*set.at), by_txid);
    return set;
}

/* Every run of 64 hex digits between quotes. */
static struct txids txids_quoted(const char *file)
{
    struct bytes raw = test_data(file);
    struct txids set = txids_new(raw.n / 64);
    uint8_t bytes[32];

    for (size_t i = 0; i + 66 <= raw.n; i++)
        if (raw.p[i] == '"' && raw.p[i + 65] == '"' &&
            hex_decode((const char *)raw.p + i + 1, 64, bytes, sizeof(bytes)))
            set.at[set.n++] = (const char *)raw.p + i + 1;
    return txids_sorted(set);
}

static bool has_return(const struct tx_shape *tx)
{
    for (size_t i = 0; i < tx->outputs_n; i++)
        if (tx->outputs[i].class == SCRIPT_RETURN)
            return true;
    return false;
}

static int lists_read(void **state)
{
    arena = arena_new(NULL, ARENA_MAX);
    assert_non_null(arena);
    return 0;
}

static int lists_end(void **state)
{
    arena_free(arena);
    return 0;
}

static void lists_need(void)
{
    if (lists[0].at)
        return;
    for (size_t f = 0; f < LISTS_N; f++) {
        char path[128];
        struct list *l = &lists[f];

        snprintf(path, sizeof(path), "bitcoin/cases/%s.txt.zst", names[f]);
        l->at = labelled_read(arena, path, &l->n);
        l->found = ARENA_ARRAY(arena, enum shape_kind, l->n);
        CHECK(l->found);
        for (size_t i = 0; i < l->n; i++)
            l->found[i] = shape_find(&scratch, &l->at[i].shape).kind;
    }
}

static size_t count(const struct list *l, enum shape_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < l->n; i++)
        n += l->found[i] == kind;
    return n;
}

static void kinds_print(const char *name, size_t n, const size_t counts[KINDS])
{
    print_message("%-24s %7zu  %7zu %7zu %7zu %9zu %6zu %10zu\n", name, n, counts[SHAPE_PLAIN],
                  counts[SHAPE_WASABI1], counts[SHAPE_WASABI2], counts[SHAPE_WHIRLPOOL],
                  counts[SHAPE_WHIRLPOOL_TX0], counts[SHAPE_JOINMARKET]);
}

static void header_print(void)
{
    print_message("%-24s %7s  %7s %7s %7s %9s %6s %10s\n", "", "txs", "plain", "wasabi1", "wasabi2",
                  "whirlpool", "tx0", "joinmarket");
}

/* What every list is called. */
static void lists_called(void **state)
{
    lists_need();
    header_print();
    for (size_t f = 0; f < LISTS_N; f++) {
        size_t counts[KINDS];

        for (int k = 0; k < KINDS; k++)
            counts[k] = count(&lists[f], (enum shape_kind)k);
        kinds_print(names[f], lists[f].n, counts);
    }
}

/* The same without a word about inputs: what a ledger without undo data can say. */
static void lists_called_by_outputs(void **state)
{
    lists_need();
    header_print();
    for (size_t f = 0; f < LISTS_N; f++) {
        size_t counts[KINDS] = {0};

        for (size_t i = 0; i < lists[f].n; i++) {
            struct tx_shape shape = lists[f].at[i].shape;
            struct shape_coin *inputs = ARENA_ARRAY(arena, struct shape_coin, shape.inputs_n);

            CHECK(inputs);
            for (size_t k = 0; k < shape.inputs_n; k++)
                inputs[k] = shape_coin_unknown(SHAPE_UNKNOWN);
            shape.inputs = inputs;
            counts[shape_find(&scratch, &shape).kind]++;
        }
        kinds_print(names[f], lists[f].n, counts);
        CHECK_U(counts[SHAPE_JOINMARKET], 0);
        CHECK(counts[SHAPE_WASABI1] >= (f == WASABI1 ? lists[f].n : 0));
        CHECK(counts[SHAPE_WASABI2] >= (f == WASABI2 ? 20u : 0u));
        CHECK(counts[SHAPE_WHIRLPOOL] >= (f == WHIRLPOOL ? lists[f].n : 0));
    }
}

struct score {
    size_t truth, right, elsewhere; /* elsewhere: called so though no list says it */
};

static void score_print(const char *name, struct score s)
{
    print_message(
        "%-14s truth %4zu  found %4zu  recall %.4f  elsewhere %3zu  precision at least %.4f\n",
        name, s.truth, s.right, (double)s.right / (double)s.truth, s.elsewhere,
        (double)s.right / (double)(s.right + s.elsewhere));
}

/* Called so in the lists that are not about it. */
static size_t elsewhere(enum shape_kind kind, unsigned about)
{
    size_t n = 0;

    for (size_t f = 0; f < LISTS_N; f++)
        if (!(about >> f & 1))
            n += count(&lists[f], kind);
    return n;
}

static void wasabi1_judged(void **state)
{
    struct score s;

    lists_need();
    s = (struct score){lists[WASABI1].n, count(&lists[WASABI1], SHAPE_WASABI1),
                       elsewhere(SHAPE_WASABI1, 1u << WASABI1)};
    score_print("wasabi1", s);
    CHECK_U(s.truth, 117);
    CHECK(s.right >= 117 && s.elsewhere == 0);
}

static void wasabi2_judged(void **state)
{
    struct txids wrong, coordinated;
    struct score s = {0, 0, 0};
    size_t confirmed = 0, confirmed_n = 0, fooled = 0, wrong_n = 0;

    lists_need();
    wrong = txids_quoted("bitcoin/cases/wasabi2-false-positives.json.zst");
    coordinated = txids_quoted("bitcoin/cases/wasabi2-txid-coordinator.json.zst");
    CHECK_U(wrong.n, 517 + 744);
    CHECK(coordinated.n >= 32682);
    for (size_t i = 0; i < lists[WASABI2].n; i++) {
        bool ours = lists[WASABI2].found[i] == SHAPE_WASABI2;
        const char *txid = lists[WASABI2].at[i].txid;

        if (has(&wrong, txid)) {
            wrong_n++;
            fooled += ours;
            continue;
        }
        s.truth++;
        s.right += ours;
        confirmed_n += has(&coordinated, txid);
        confirmed += ours && has(&coordinated, txid);
    }
    s.elsewhere = fooled + elsewhere(SHAPE_WASABI2, 1u << WASABI2);
    score_print("wasabi2", s);
    print_message("               named by a coordinator: %zu of %zu; on the list of false "
                  "positives: %zu of %zu\n",
                  confirmed, confirmed_n, fooled, wrong_n);
    CHECK_U(s.truth, 20);
    CHECK(s.right >= 20 && fooled == 0 && confirmed >= 2 && s.elsewhere <= 1);
}

/* The parents of a list's transactions: what it spends outputs of. */
static struct txids parents_of(const struct list *l)
{
    size_t n = 0;
    struct txids set;

    for (size_t i = 0; i < l->n; i++)
        n += l->at[i].shape.inputs_n;
    set = txids_new(n);
    for (size_t i = 0; i < l->n; i++)
        for (size_t k = 0; k < l->at[i].shape.inputs_n; k++)
            set.at[set.n++] = l->at[i].parents[k];
    return txids_sorted(set);
}

static bool enters_from(const struct labelled *tx, const struct txids *tx0s)
{
    for (size_t i = 0; i < tx->shape.inputs_n; i++)
        if (tx->shape.inputs[i].value > tx->shape.outputs[0].value && has(tx0s, tx->parents[i]))
            return true;
    return false;
}

/* The tx0 list holds every ancestor of a mix that is not on the list of mixes. With an OP_RETURN it
 * is a tx0; without one it is a mix that Dumplings' rule for outputs did not take. Neither is
 * chosen by the shape that we ask for. */
static void whirlpool_judged(void **state)
{
    struct txids tx0s, mixed;
    struct score mix, tx0 = {0, 0, 0};
    size_t ancestors = 0, proven = 0;

    lists_need();
    mix = (struct score){lists[WHIRLPOOL].n, count(&lists[WHIRLPOOL], SHAPE_WHIRLPOOL),
                         elsewhere(SHAPE_WHIRLPOOL, 1u << WHIRLPOOL | 1u << TX0)};
    tx0s = txids_new(lists[TX0].n);
    for (size_t i = 0; i < lists[TX0].n; i++) {
        const struct labelled *tx = &lists[TX0].at[i];

        if (has_return(&tx->shape)) {
            tx0s.at[tx0s.n++] = tx->txid;
            tx0.truth++;
            tx0.right += lists[TX0].found[i] == SHAPE_WHIRLPOOL_TX0;
        } else {
            ancestors++;
            mix.truth++;
            mix.right += lists[TX0].found[i] == SHAPE_WHIRLPOOL;
        }
    }
    tx0s = txids_sorted(tx0s);
    mixed = parents_of(&lists[WHIRLPOOL]);
    for (size_t i = 0; i < lists[WHIRLPOOL_POST].n; i++) {
        const struct labelled *tx = &lists[WHIRLPOOL_POST].at[i];

        proven += lists[WHIRLPOOL_POST].found[i] == SHAPE_WHIRLPOOL &&
                  (has(&mixed, tx->txid) || enters_from(tx, &tx0s));
    }
    mix.elsewhere -= proven;
    mix.truth += proven;
    mix.right += proven;
    tx0.elsewhere = elsewhere(SHAPE_WHIRLPOOL_TX0, 1u << TX0);
    score_print("whirlpool", mix);
    print_message("               of these %zu are ancestors of mixes, %zu among post-mix are "
                  "proven by lineage\n",
                  ancestors, proven);
    score_print("whirlpool-tx0", tx0);
    CHECK_U(tx0.truth, 430);
    CHECK(tx0.right >= 430 && tx0.elsewhere <= 1);
    CHECK_U(ancestors, 110);
    CHECK(mix.right >= 950 + 51 && mix.right == mix.truth && mix.elsewhere <= 95);
}

static size_t equal_outputs(const struct tx_shape *tx)
{
    size_t most = 0;

    for (size_t i = 0; i < tx->outputs_n; i++) {
        size_t same = 0;

        for (size_t k = 0; k < tx->outputs_n; k++)
            same += tx->outputs[i].value == tx->outputs[k].value;
        most = same > most ? same : most;
    }
    return most;
}

/* Two lists of June 2024, neither of them truth. What can be asked without the shape: does it spend
 * from, or is it spent by, another one? Makers' coins go from one JoinMarket transaction to the
 * next. */
static void joinmarket_judged(void **state)
{
    static const size_t both[] = {JOINMARKET, JOINMARKET_POST};
    struct txids ours;
    size_t linked[2] = {0, 0}, n[2] = {0, 0}, three = 0;

    lists_need();
    ours = txids_new(lists[JOINMARKET].n + lists[JOINMARKET_POST].n);
    for (size_t f = 0; f < 2; f++)
        for (size_t i = 0; i < lists[both[f]].n; i++)
            if (lists[both[f]].found[i] == SHAPE_JOINMARKET)
                ours.at[ours.n++] = lists[both[f]].at[i].txid;
    ours = txids_sorted(ours);
    for (size_t f = 0; f < 2; f++)
        for (size_t i = 0; i < lists[both[f]].n; i++) {
            const struct labelled *tx = &lists[both[f]].at[i];
            bool mine = lists[both[f]].found[i] == SHAPE_JOINMARKET, link = false;

            for (size_t k = 0; k < tx->shape.inputs_n; k++)
                link |= has(&ours, tx->parents[k]);
            n[mine]++;
            linked[mine] += link;
        }
    for (size_t i = 0; i < lists[JOINMARKET].n; i++)
        three += equal_outputs(&lists[JOINMARKET].at[i].shape) >= 3;
    print_message(
        "joinmarket     list: %zu of %zu, of which %zu have three equal outputs or more; post-mix: "
        "%zu of %zu\n"
        "               spend from another one: %zu of %zu; so do %zu of the %zu not called so\n",
        count(&lists[JOINMARKET], SHAPE_JOINMARKET), lists[JOINMARKET].n, three,
        count(&lists[JOINMARKET_POST], SHAPE_JOINMARKET), lists[JOINMARKET_POST].n, linked[1], n[1],
        linked[0], n[0]);
    CHECK(count(&lists[JOINMARKET], SHAPE_JOINMARKET) >= 24);
    CHECK(count(&lists[JOINMARKET_POST], SHAPE_JOINMARKET) >= 64);
}

/* Fills coins from facts; inputs stay unknown. */
static struct tx_shape shape_of_outputs(struct arena *a, const struct fact_output *outputs,
                                        size_t outputs_n, size_t inputs_n, uint32_t height,
                                        struct shape_coin **ret_inputs)
{
    struct shape_coin *coins = ARENA_ARRAY(a, struct shape_coin, inputs_n + outputs_n + 1);

    CHECK(coins);
    for (size_t i = 0; i < inputs_n; i++)
        coins[i] = shape_coin_unknown(SHAPE_UNKNOWN);
    for (size_t i = 0; i < outputs_n; i++)
        coins[inputs_n + i] =
            shape_coin_of(outputs[i].value, outputs[i].script, script_id(outputs[i].script));
    *ret_inputs = coins;
    return (struct tx_shape){height, coins, coins + inputs_n, inputs_n, outputs_n};
}

/* "value:script" or, in prevouts, fields 4 and 7 of the line. */
static struct shape_coin spent_coin(struct arena *a, const char *value, const char *hex)
{
    size_t n = strspn(hex, "0123456789abcdef") / 2;
    uint8_t *script = arena_alloc(a, n ? n : 1);

    CHECK(script && hex_decode(hex, 2 * n, script, n));
    return shape_coin_of(strtoull(value, NULL, 10), (struct bytes){script, n},
                         script_id((struct bytes){script, n}));
}

/* Early 2024, as its source has them, every prevout known. Nobody has labelled them. */
static void mempool_called(void **state)
{
    struct bytes raw = test_data("bitcoin/graph/mempool-2024.tsv.zst");
    struct arena *a = arena_new(NULL, ARENA_MAX);
    char *text = arena_string(a, (const char *)raw.p, raw.n), *line;
    size_t counts[KINDS] = {0}, n = 0;

    CHECK(text);
    while ((line = strsep(&text, "\n"))) {
        struct arena *job = arena_new(a, ARENA_MAX);
        struct shape_coin *inputs;
        struct tx_shape shape;
        struct err err;
        struct tx tx;
        uint8_t *bytes;
        char *hex;

        if (strlen(line) > 64 && *line != '#') {
            strsep(&line, "\t");
            strsep(&line, "\t");
            hex = strsep(&line, "\t");
            bytes = arena_alloc(job, strlen(hex) / 2);
            CHECK(bytes && hex_decode(hex, strlen(hex), bytes, strlen(hex) / 2));
            CHECK_OK(tx_read(job, chain_by_name("bitcoin"), (struct bytes){bytes, strlen(hex) / 2},
                             &tx, &err),
                     err);
            shape = shape_of_outputs(job, tx.outputs, tx.outputs_n, tx.inputs_n, 830000, &inputs);
            for (size_t i = 0; i < tx.inputs_n; i++) {
                char *coin = strsep(&line, ";");

                CHECK(coin && strchr(coin, ':'));
                inputs[i] = spent_coin(job, coin, strchr(coin, ':') + 1);
            }
            counts[shape_find(&scratch, &shape).kind]++;
            n++;
        }
        arena_free(job);
    }
    arena_free(a);
    header_print();
    kinds_print("mempool-2024", n, counts);
    CHECK_U(n, 5417);
    CHECK(counts[SHAPE_PLAIN] >= 5414 && counts[SHAPE_WHIRLPOOL] <= 3);
}

#define BLOCKS_MAX 200

struct block_file {
    char name[64];
    uint32_t height; /* HEIGHT_UNKNOWN */
};

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static size_t block_files(struct block_file files[BLOCKS_MAX])
{
    DIR *dir = opendir(test_data_path("bitcoin/blocks"));
    struct dirent *entry;
    size_t n = 0;

    CHECK(dir);
    while ((entry = readdir(dir)) && n < BLOCKS_MAX)
        if (strstr(entry->d_name, ".blk.zst")) {
            snprintf(files[n].name, sizeof(files[n].name), "%.63s", entry->d_name);
            files[n].height =
                *entry->d_name == 'u' ? HEIGHT_UNKNOWN : (uint32_t)atoi(entry->d_name);
            n++;
        }
    closedir(dir);
    qsort(files, n, sizeof(*files), by_name);
    return n;
}

/* The spent outputs of a block, in the order of its inputs; NULL where nobody has written them
 * down. */
static char *prevouts_of(struct arena *a, uint32_t height)
{
    static const uint32_t here[] = {57043,  116928, 150013, 210000, 277647,
                                    300025, 478558, 757739, 866342};

    for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++)
        if (here[i] == height) {
            struct bytes raw;
            char path[64], *text;

            snprintf(path, sizeof(path), "bitcoin/prevouts/%06u.csv.zst", height);
            raw = test_data(path);
            text = arena_string(a, (const char *)raw.p, raw.n);
            CHECK(text && strsep(&text, "\n"));
            return text;
        }
    return NULL;
}

static struct shape_coin prevout(struct arena *a, char **prevouts)
{
    char *line = strsep(prevouts, "\n"), *field[8];

    for (size_t i = 0; i < 8; i++)
        CHECK((field[i] = strsep(&line, ",")));
    return spent_coin(a, field[4], field[7]);
}

struct blocks_seen {
    size_t txs, counts[KINDS]; /* with their heights, as anybody would ask */
    size_t early_txs[KINDS]; /* in blocks from before a kind existed; JoinMarket: prevouts known */
    size_t early[KINDS];     /* of these called so, height withheld: each is an error */
    size_t labelled, agreed; /* rows of equal-output-txs.tsv of a known kind */
};

static uint32_t first_block_of(enum shape_kind kind)
{
    static const uint32_t first[KINDS] = {0, 530500, 741213, 570000, 570000, 336861};

    return first[kind];
}

static const char *label_of(const char *table, const struct hash32 *txid)
{
    static char label[16];
    struct text hex = text_new(128);
    const char *at;

    text_hex_reversed(&hex, txid->b, 32);
    at = strstr(table, text_string(&hex));
    text_free(&hex);
    if (!at)
        return NULL;
    while (at > table && at[-1] != '\n')
        at--;
    snprintf(label, sizeof(label), "%.*s", (int)strcspn(at, "\t"), at);
    return label;
}

static void block_look(struct arena *a, const struct block_facts *b, uint32_t height,
                       const char *table, struct blocks_seen *seen)
{
    char *prevouts = prevouts_of(a, height);
    bool prevouts_known = prevouts;
    size_t in = 0, out = 0;

    for (size_t t = 0; t < b->txs_n; t++) {
        struct shape_coin *inputs;
        struct tx_shape shape = shape_of_outputs(a, b->outputs + out, b->tx_outputs_n[t],
                                                 b->tx_inputs_n[t], height, &inputs);
        const char *label = label_of(table, &b->txids[t]);
        enum shape_kind kind;

        for (size_t i = 0; prevouts && i < shape.inputs_n; i++)
            inputs[i] = prevout(a, &prevouts);
        kind = shape_find(&scratch, &shape).kind;
        seen->counts[kind]++;
        if (label) {
            print_message("  block %u: %zu in, %zu out, labelled %s: %s\n", height, shape.inputs_n,
                          shape.outputs_n, label, shape_kind_name(kind));
            seen->labelled += !strcmp(label, "wasabi1");
            seen->agreed += !strcmp(label, "wasabi1") && kind == SHAPE_WASABI1;
        } else if (kind != SHAPE_PLAIN) {
            print_message("  block %u: %zu in, %zu out, no label: %s\n", height, shape.inputs_n,
                          shape.outputs_n, shape_kind_name(kind));
        }
        shape.height = HEIGHT_UNKNOWN;
        kind = shape_find(&scratch, &shape).kind;
        seen->early[kind] += height < first_block_of(kind);
        for (int k = SHAPE_PLAIN + 1; k < KINDS; k++)
            seen->early_txs[k] += height < first_block_of((enum shape_kind)k) &&
                                  (k != SHAPE_JOINMARKET || prevouts_known);
        in += b->tx_inputs_n[t];
        out += b->tx_outputs_n[t];
    }
    seen->txs += b->txs_n;
    CHECK_U(in, b->inputs_n);
}

static void blocks_called(void **state)
{
    struct bytes table = test_data("bitcoin/cases/equal-output-txs.tsv");
    struct arena *a = arena_new(NULL, ARENA_MAX);
    char *labels = arena_string(a, (const char *)table.p, table.n);
    struct block_scratch *blocks = block_scratch_new();
    struct block_file files[BLOCKS_MAX] = {0};
    struct blocks_seen seen = {0};
    size_t n = block_files(files);

    CHECK(labels && blocks);
    for (size_t i = 0; i < n; i++) {
        struct arena *job = arena_new(a, ARENA_MAX);
        struct block_facts facts;
        struct err err;
        char path[128];

        snprintf(path, sizeof(path), "bitcoin/blocks/%.63s", files[i].name);
        test_row("%s", path);
        CHECK_OK(block_read(blocks, chain_by_name("bitcoin"), test_data(path), 0, &facts, &err),
                 err);
        block_look(job, &facts, files[i].height, labels, &seen);
        arena_free(job);
    }
    block_scratch_free(blocks);
    arena_free(a);
    header_print();
    kinds_print("blocks", seen.txs, seen.counts);
    kinds_print("called so before its time", 0, seen.early);
    kinds_print("  among", 0, seen.early_txs);
    for (int k = SHAPE_PLAIN + 1; k < KINDS; k++)
        CHECK_U(seen.early[k], 0);
    CHECK_U(n, 84);
    CHECK(seen.labelled == 2 && seen.agreed == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_called),     cmocka_unit_test(lists_called_by_outputs),
        cmocka_unit_test(wasabi1_judged),   cmocka_unit_test(wasabi2_judged),
        cmocka_unit_test(whirlpool_judged), cmocka_unit_test(joinmarket_judged),
        cmocka_unit_test(mempool_called),   cmocka_unit_test(blocks_called),
    };

    return cmocka_run_group_tests_name("coinjoins", tests, lists_read, lists_end);
}
