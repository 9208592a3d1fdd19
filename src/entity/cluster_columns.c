#include "entity/cluster_columns.h"

static const struct column_form columns[CLUSTER_COLUMNS_N] = {
    [CLUSTER_BLOCK] = {"block", CLUSTER_BLOCK_BYTES, CLUSTER_BLOCKS, false},
    [CLUSTER_MERGE] = {"merge", CLUSTER_MERGE_BYTES, CLUSTER_MERGES, false},
    [CLUSTER_REFUSAL] = {"refused", CLUSTER_REFUSED_BYTES, CLUSTER_REFUSED, false},
    [CLUSTER_RULES] = {"rules", 1, CLUSTER_RULE_BYTES, false},
    [CLUSTER_UP] = {"up", 4, CLUSTER_SCRIPTS, true},
    [CLUSTER_DOWN] = {"down", 4, CLUSTER_SCRIPTS, true},
};

static const struct count_form counts[CLUSTER_COUNTS_N] = {
    [CLUSTER_BLOCKS] = {"blocks", UINT32_MAX - 2},
    [CLUSTER_SCRIPTS] = {"scripts", UINT32_MAX - 2},
    [CLUSTER_MERGES] = {"merges", UINT32_MAX - 2},
    [CLUSTER_REFUSED] = {"refused", UINT32_MAX - 2},
    [CLUSTER_RULE_BYTES] = {"rule-bytes", UINT32_MAX},
    [CLUSTER_COINJOINS] = {"coinjoins", UINT32_MAX},
};

struct cluster_merge cluster_merge_load(const uint8_t *p)
{
    return (struct cluster_merge){load_le40(p), load_le32(p + 5), load_le32(p + 9),
                                  load_le32(p + 13), load_le32(p + 17)};
}

void cluster_merge_store(uint8_t *p, const struct cluster_merge *m)
{
    store_le40(p, m->reason);
    store_le32(p + 5, m->child);
    store_le32(p + 9, m->root);
    store_le32(p + 13, m->size);
    store_le32(p + 17, m->before);
}

struct cluster_refused cluster_refused_load(const uint8_t *p)
{
    return (struct cluster_refused){.reason = load_le40(p),
                                    .roots = {load_le32(p + 5), load_le32(p + 9)},
                                    .sizes = {load_le32(p + 13), load_le32(p + 17)},
                                    .kind = p[21]};
}

void cluster_refused_store(uint8_t *p, const struct cluster_refused *r)
{
    store_le40(p, r->reason);
    for (size_t i = 0; i < 2; i++) {
        store_le32(p + 5 + 4 * i, r->roots[i]);
        store_le32(p + 13 + 4 * i, r->sizes[i]);
    }
    p[21] = r->kind;
}

static uint64_t key_of(const struct columns *c, unsigned index, uint64_t id)
{
    return 0; /* no index */
}

/* What merge says. */
static void apply(const struct columns *c, const struct counts *from, const struct counts *to)
{
    uint8_t *up = columns_in_place(c, CLUSTER_UP), *down = columns_in_place(c, CLUSTER_DOWN);

    for (uint64_t i = from->n[CLUSTER_MERGES]; i < to->n[CLUSTER_MERGES]; i++) {
        struct cluster_merge m = cluster_merge_load(c->at[CLUSTER_MERGE] + i * CLUSTER_MERGE_BYTES);

        if (m.child >= to->n[CLUSTER_SCRIPTS] || m.root >= to->n[CLUSTER_SCRIPTS])
            continue; /* damaged */
        store_le32(up + (uint64_t)m.child * 4, (uint32_t)i + 1);
        store_le32(down + (uint64_t)m.root * 4, (uint32_t)i + 1);
    }
}

static void revert(const struct columns *c, const struct counts *to, const struct counts *from)
{
    uint8_t *up = columns_in_place(c, CLUSTER_UP), *down = columns_in_place(c, CLUSTER_DOWN);

    for (uint64_t i = from->n[CLUSTER_MERGES]; i-- > to->n[CLUSTER_MERGES];) {
        struct cluster_merge m = cluster_merge_load(c->at[CLUSTER_MERGE] + i * CLUSTER_MERGE_BYTES);

        if (m.child >= from->n[CLUSTER_SCRIPTS] || m.root >= from->n[CLUSTER_SCRIPTS])
            continue;
        store_le32(up + (uint64_t)m.child * 4, 0);
        store_le32(down + (uint64_t)m.root * 4, m.before);
    }
}

const struct ledger_shape cluster_shape = {
    .title = "cordon-entities",
    .columns = columns,
    .counts = counts,
    .columns_n = CLUSTER_COLUMNS_N,
    .counts_n = CLUSTER_COUNTS_N,
    .block_at_hash = 0,
    .block_at_counts = 32,
    .key_of = key_of,
    .apply = apply,
    .revert = revert,
};
