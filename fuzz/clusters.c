/* The clusters of a small ledger whose files are patched by the input, then opened and asked: no
 * fault, no endless walk; and the rules as text: what is taken is written the same again.
 * Input: the first byte even: records of {file, offset le16, byte}; odd: a text of rules. */
#include "base/mem.h"
#include "entity/cluster_columns.h"
#include "entity/cluster_update.h"
#include "entity/cluster_why.h"
#include "ledger/writer.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_BYTES_MAX 4096
#define BLOCKS 4

static char dir[64];
static uint8_t *was[CLUSTER_COLUMNS_N];
static size_t was_n[CLUSTER_COLUMNS_N];
static struct ledger *ledger;

static void put(unsigned i, const uint8_t *p, size_t n)
{
    char path[160];
    int fd;

    snprintf(path, sizeof(path), "%s/%s/%s", dir, CLUSTER_FOLDER, cluster_shape.columns[i].name);
    fd = open(path, O_WRONLY | O_TRUNC);
    if (fd < 0 || write(fd, p, n) != (ssize_t)n)
        abort();
    close(fd);
}

static void keep(unsigned i)
{
    char path[160];
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "%s/%s/%s", dir, CLUSTER_FOLDER, cluster_shape.columns[i].name);
    was[i] = malloc(FILE_BYTES_MAX);
    fd = open(path, O_RDONLY);
    n = was[i] && fd >= 0 ? read(fd, was[i], FILE_BYTES_MAX) : -1;
    if (n < 0)
        abort();
    was_n[i] = (size_t)n;
    close(fd);
}

/* Each block's second transaction spends both outputs of its coinbase: two scripts that become one,
 * and one of them comes again in the next. Clusters of two are large. */
static void start(void)
{
    struct ledger_options o = {.memory = LEDGER_MEMORY_MIN, .threads = 1};
    struct clusters_update_options u = {0};
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct hash32 prev = {{0}};
    struct clusters_updated done;
    struct cluster_rules rules;
    struct ledger_writer *w;
    struct err err;

    snprintf(dir, sizeof(dir), "/tmp/cordon-fuzz-XXXXXX");
    if (!a || !mkdtemp(dir) || !ledger_writer_open(dir, chain_by_name("bitcoin:sim"), o, &w, &err))
        abort();
    for (uint8_t b = 0; b < BLOCKS; b++) {
        static const uint8_t order[BLOCKS][2] = {{0, 1}, {1, 2}, {3, 4}, {2, 3}};
        uint8_t scripts[2][22] = {{0, 20, order[b][0]}, {0, 20, order[b][1]}};
        struct hash32 txids[2] = {{{b, 1}}, {{b, 2}}};
        uint32_t ins[2] = {0, 2}, outs[2] = {2, 1};
        uint8_t spend[2][OUTPOINT_BYTES] = {{b, 1}, {b, 1}};
        const uint8_t *inputs[2] = {spend[0], spend[1]};
        struct fact_output outputs[3] = {
            {9, {scripts[0], 22}}, {9, {scripts[1], 22}}, {18, {scripts[0], 22}}};
        struct block_facts f = {.prev = prev,
                                .height = b ? HEIGHT_UNKNOWN : 0,
                                .txs_n = 2,
                                .inputs_n = 2,
                                .outputs_n = 3,
                                .txids = txids,
                                .tx_inputs_n = ins,
                                .tx_outputs_n = outs,
                                .inputs = inputs,
                                .outputs = outputs};

        spend[1][32] = 1;
        f.header[0] = b;
        prev = f.hash = sha256d(f.header, 80);
        if (!ledger_append(w, &f, 1, &err))
            abort();
    }
    ledger_writer_close(w);
    if (!cluster_rules_make(a, 2, NULL, 0, &rules, &err) || !ledger_open(dir, &ledger, &err))
        abort();
    u.rules = &rules;
    if (!clusters_update(ledger, &u, &done, &err) || !done.merges || !done.refused)
        abort();
    for (unsigned i = 0; i < CLUSTER_COLUMNS_N; i++)
        keep(i);
    arena_free(a);
}

static void ask(void)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 26);
    struct clusters *c;
    struct err err;

    if (a && clusters_open(ledger, &c, &err)) {
        for (uint32_t s = 0; s < clusters_counts(c).scripts; s++) {
            uint32_t root = clusters_root(c, s);
            const struct cluster_refusal *refused;
            const uint32_t *members;
            struct cluster_why why;
            uint64_t all;
            size_t n;

            if (root == CLUSTER_NONE)
                continue;
            if (clusters_members(c, a, root, &members, &n, &err))
                clusters_seen(c, members, n);
            if (clusters_why(c, a, s, root, s % 2, &why, &err) && why.n)
                assert(why.steps[0].scripts[0] == s && why.steps[why.n - 1].scripts[1] == root);
            if (clusters_refusals(c, a, root, &refused, &n, &all, &err))
                assert(n <= all);
        }
        clusters_close(c);
    }
    arena_free(a);
}

static void rules(struct bytes in)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 24);
    struct cluster_rules r;
    struct err err;

    if (a && cluster_rules_read(a, in, &r, &err))
        assert(bytes_equal(r.text, in));
    arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *now[CLUSTER_COLUMNS_N];

    if (!size)
        return 0;
    if (*data & 1) {
        rules((struct bytes){data + 1, size - 1});
        return 0;
    }
    if (!ledger)
        start();
    for (unsigned i = 0; i < CLUSTER_COLUMNS_N; i++) {
        now[i] = malloc(was_n[i] + 1);
        if (!now[i])
            abort();
        memcpy(now[i], was[i], was_n[i]);
    }
    for (size_t at = 1; at + 4 <= size; at += 4) {
        unsigned i = data[at] % CLUSTER_COLUMNS_N;

        if (was_n[i])
            now[i][(size_t)load_le16(data + at + 1) % was_n[i]] = data[at + 3];
    }
    for (unsigned i = 0; i < CLUSTER_COLUMNS_N; i++)
        put(i, now[i], was_n[i]);
    ask();
    for (unsigned i = 0; i < CLUSTER_COLUMNS_N; i++)
        free(now[i]);
    return 0;
}
