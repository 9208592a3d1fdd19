#include "screen/screen_entity.h"

#include "base/mem.h"
#include "screen/screen_ledger_parts.h"

#include <stdlib.h>

struct screen_entities {
    struct clusters *clusters;
    struct screen_entity_row *rows; /* by root, label, script */
    size_t n;
    uint32_t blocks;          /* of the clusters */
    struct ledger_block last; /* of these */
};

static int row_order(const void *one, const void *other)
{
    const struct screen_entity_row *a = one, *b = other;

    if (a->root != b->root)
        return a->root < b->root ? -1 : 1;
    if (a->label != b->label)
        return a->label < b->label ? -1 : 1;
    return (a->script > b->script) - (a->script < b->script);
}

/* The first few of each entity and label stay, and know how many there were. */
static void rows_thin(struct screen_entities *e)
{
    size_t kept = 0;

    for (size_t i = 0, end; i < e->n; i = end) {
        size_t told;

        for (end = i + 1; end < e->n && e->rows[end].root == e->rows[i].root &&
                          e->rows[end].label == e->rows[i].label;)
            end++;
        told = end - i < SCREEN_ENTITY_TOLD ? end - i : SCREEN_ENTITY_TOLD;
        for (size_t k = 0; k < told; k++) {
            struct screen_entity_row row = e->rows[i + k];

            row.all = (uint32_t)(end - i);
            e->rows[kept++] = row;
        }
    }
    e->n = kept;
}

static bool rows_make(struct screen_entities *e, const struct screen_ledger *x, struct err *err)
{
    e->rows = mem_array(x->sources_n + 1, sizeof(*e->rows));
    if (!e->rows)
        return err_fail(err, ERR_NOMEM, "entities");
    for (size_t i = 0; i < x->sources_n; i++) {
        uint32_t script = (uint32_t)x->sources[i].owner, root = clusters_root(e->clusters, script);

        if (root == CLUSTER_NONE || clusters_size(e->clusters, root) < 2)
            continue;
        e->rows[e->n++] = (struct screen_entity_row){
            .root = root, .script = script, .label = x->sources[i].label};
    }
    if (e->n)
        qsort(e->rows, e->n, sizeof(*e->rows), row_order);
    rows_thin(e);
    return true;
}

bool screen_entities_make(const struct ledger *l, struct screen_ledger *x,
                          struct screen_entities **ret, struct err *err)
{
    struct screen_entities *e = mem_zero(sizeof(*e));
    bool ok;

    if (!e)
        return err_fail(err, ERR_NOMEM, "entities");
    ok = clusters_open(l, &e->clusters, err);
    if (ok) {
        pthread_rwlock_rdlock(&x->lock);
        ok = rows_make(e, x, err);
        pthread_rwlock_unlock(&x->lock);
        e->blocks = clusters_counts(e->clusters).blocks;
        if (e->blocks)
            e->last = ledger_block(l, e->blocks - 1);
    }
    if (!ok) {
        screen_entities_free(e);
        return false;
    }
    *ret = e;
    return true;
}

struct screen_entities *screen_entities_free(struct screen_entities *e)
{
    if (e) {
        clusters_close(e->clusters);
        mem_free(e->rows);
        mem_free(e);
    }
    return NULL;
}

const struct screen_entity_row *screen_entity_of(const struct screen_entities *e, uint32_t script,
                                                 size_t *ret_n)
{
    uint32_t root = clusters_root(e->clusters, script);
    size_t low = 0, high = e->n, end;

    *ret_n = 0;
    if (root == CLUSTER_NONE)
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (e->rows[middle].root < root)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < e->n && e->rows[end].root == root;)
        end++;
    *ret_n = end - low;
    return e->rows + low;
}

const struct clusters *screen_entities_clusters(const struct screen_entities *e)
{
    return e->clusters;
}

uint32_t screen_entities_blocks(const struct screen_entities *e)
{
    return e->blocks;
}

void screen_entities_stand(const struct screen_entities *e, struct screen_as_of *as_of)
{
    as_of->clusters = e && e->blocks;
    if (!as_of->clusters)
        return;
    as_of->clusters_height = e->last.height;
    as_of->clusters_time = e->last.time;
}
