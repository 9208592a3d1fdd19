#include "facts.h"

#include <stdlib.h>

/* Room for one more, twice as much whenever n is a power of two: under a sanitizer every realloc
 * copies. */
static void *grown(void *p, size_t n, size_t size)
{
    return n & (n - 1) ? p : realloc(p, (n ? 2 * n : 1) * size);
}

static void *own(struct maker *m, size_t n)
{
    m->blobs = grown(m->blobs, m->blobs_n, sizeof(*m->blobs));
    return m->blobs[m->blobs_n++] = calloc(1, n ? n : 1);
}

void maker_start(struct maker *m, uint64_t seed)
{
    memset(m, 0, sizeof(*m));
    m->r.s = seed;
    m->blocks = NULL;
}

static struct bytes new_script(struct maker *m)
{
    static const struct {
        uint8_t n, head_n, head[3], tail_n, tail[2];
    } forms[] = {
        {25, 3, {0x76, 0xa9, 0x14}, 2, {0x88, 0xac}}, /* P2PKH */
        {22, 2, {0x00, 0x14}, 0, {0}},                /* P2WPKH */
        {34, 2, {0x51, 0x20}, 0, {0}},                /* P2TR */
        {23, 2, {0xa9, 0x14}, 1, {0x87}},             /* P2SH */
        {35, 2, {0x21, 0x02}, 1, {0xac}},             /* P2PK */
        {9, 1, {0x6a}, 0, {0}},                       /* OP_RETURN */
        {5, 0, {0}, 0, {0}},                          /* something else */
    };
    size_t f = test_below(&m->r, sizeof(forms) / sizeof(forms[0]));
    uint8_t *p = own(m, forms[f].n);

    for (size_t i = 0; i < forms[f].n; i++)
        p[i] = (uint8_t)test_random(&m->r);
    memcpy(p, forms[f].head, forms[f].head_n);
    memcpy(p + forms[f].n - forms[f].tail_n, forms[f].tail, forms[f].tail_n);
    m->scripts = grown(m->scripts, m->scripts_n, sizeof(*m->scripts));
    return m->scripts[m->scripts_n++] = (struct bytes){p, forms[f].n};
}

/* The P2PKH of a P2PK among the scripts, now and then: two scripts of one address. */
static struct bytes twin_script(struct maker *m, struct bytes of)
{
    struct hash20 h;
    uint8_t *p;

    if (of.n != 35)
        return of;
    h = hash160(of.p + 1, 33);
    p = own(m, 25);
    memcpy(p, "\x76\xa9\x14", 3);
    memcpy(p + 3, h.b, 20);
    memcpy(p + 23, "\x88\xac", 2);
    return (struct bytes){p, 25};
}

static struct bytes any_script(struct maker *m)
{
    struct bytes old;

    if (!m->scripts_n || test_below(&m->r, 10) < 4)
        return new_script(m);
    old = m->scripts[test_below(&m->r, m->scripts_n)];
    return test_below(&m->r, 20) ? old : twin_script(m, old);
}

static struct maker_output *unspent(struct maker *m)
{
    for (unsigned try = 0; m->outputs_n && try < 20; try++) {
        size_t back = test_below(&m->r, 4)
                          ? test_below(&m->r, m->outputs_n < 300 ? m->outputs_n : 300)
                          : test_below(&m->r, m->outputs_n);
        struct maker_output *o = &m->outputs[m->outputs_n - 1 - back];

        if (!o->spent)
            return o;
    }
    return NULL;
}

static void one_block(struct maker *m, size_t txs_max)
{
    enum { INS_MAX = 5, OUTS_MAX = 6 };
    size_t txs_n = 1 + test_below(&m->r, txs_max);
    struct block_facts f = {
        .txs_n = txs_n, .height = m->blocks_n ? HEIGHT_UNKNOWN : 0, .size = 1000};
    struct hash32 *txids = own(m, txs_n * 32);
    uint32_t *ins = own(m, txs_n * 4), *outs = own(m, txs_n * 4);
    const uint8_t **inputs = own(m, txs_n * INS_MAX * sizeof(*inputs));
    struct fact_output *outputs = own(m, txs_n * OUTS_MAX * sizeof(*outputs));
    struct fact_spent *spent = own(m, txs_n * INS_MAX * sizeof(*spent));

    for (size_t t = 0; t < txs_n; t++) {
        size_t in_n = t ? 1 + test_below(&m->r, INS_MAX) : 0;

        for (size_t i = 0; i < sizeof(txids[t].b); i++)
            txids[t].b[i] = (uint8_t)test_random(&m->r);
        for (; in_n; in_n--) {
            uint8_t *outpoint = own(m, OUTPOINT_BYTES);
            struct maker_output *o = unspent(m);

            if (test_below(&m->r, 1000) < m->outside_in_1000) {
                for (size_t k = 0; k < 32; k++)
                    outpoint[k] = (uint8_t)test_random(&m->r);
                spent[f.inputs_n].value = test_below(&m->r, 1000);
                spent[f.inputs_n].script = any_script(m);
            } else if (o) {
                memcpy(outpoint, o->txid.b, 32);
                store_le32(outpoint + 32, o->vout);
                spent[f.inputs_n].value = o->value;
                spent[f.inputs_n].script = o->script;
                o->spent = true;
            } else {
                continue;
            }
            inputs[f.inputs_n++] = outpoint;
            ins[t]++;
        }
        outs[t] = (uint32_t)(1 + test_below(&m->r, OUTS_MAX));
        for (uint32_t v = 0; v < outs[t]; v++) {
            outputs[f.outputs_n].value = test_below(&m->r, 100000);
            outputs[f.outputs_n].script = any_script(m);
            m->outputs = grown(m->outputs, m->outputs_n, sizeof(*m->outputs));
            m->outputs[m->outputs_n++] = (struct maker_output){txids[t],
                                                               v,
                                                               outputs[f.outputs_n].value,
                                                               outputs[f.outputs_n].script,
                                                               (uint32_t)m->blocks_n,
                                                               false};
            f.outputs_n++;
        }
    }
    f.txids = txids;
    f.tx_inputs_n = ins;
    f.tx_outputs_n = outs;
    f.inputs = inputs;
    f.outputs = outputs;
    f.spent = m->undo_data ? spent : NULL;
    for (size_t i = 0; i < 80; i++)
        f.header[i] = (uint8_t)test_random(&m->r);
    if (m->blocks_n)
        f.prev = m->blocks[m->blocks_n - 1].hash;
    memcpy(f.header + 4, f.prev.b, 32);
    f.hash = sha256d(f.header, 80);
    f.time = load_le32(f.header + 68);
    m->blocks = grown(m->blocks, m->blocks_n, sizeof(*m->blocks));
    m->blocks[m->blocks_n++] = f;
}

void maker_blocks(struct maker *m, size_t blocks, size_t txs_max)
{
    while (blocks--)
        one_block(m, txs_max);
}

void maker_drop(struct maker *m, size_t blocks_n)
{
    for (size_t b = blocks_n; b < m->blocks_n; b++)
        for (size_t i = 0; i < m->blocks[b].inputs_n; i++)
            for (size_t o = 0; o < m->outputs_n; o++)
                if (!memcmp(m->outputs[o].txid.b, m->blocks[b].inputs[i], 32) &&
                    m->outputs[o].vout == load_le32(m->blocks[b].inputs[i] + 32))
                    m->outputs[o].spent = false;
    while (m->outputs_n && m->outputs[m->outputs_n - 1].block >= blocks_n)
        m->outputs_n--;
    m->blocks_n = blocks_n;
}

void maker_end(struct maker *m)
{
    for (size_t i = 0; i < m->blobs_n; i++)
        free(m->blobs[i]);
    free(m->blobs);
    free(m->blocks);
    free(m->outputs);
    free(m->scripts);
}
