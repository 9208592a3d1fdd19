/* One block, packed and keyed, by whichever worker has it. */
#include "ledger/batch.h"

#include "base/mem.h"

static void *cut(uint8_t **at, size_t n)
{
    void *p = *at;

    *at += (n + 15) & ~(size_t)15;
    return p;
}

static size_t segment_bytes(const struct block_facts *f, size_t heap_max)
{
    return f->txs_n * (32 + 4 + 4) + f->inputs_n * OUTPOINT_BYTES + f->outputs_n * (8 + 8 + 4) +
           heap_max + 8 * 16;
}

bool segment_fill(struct segment *s, const struct block_facts *f, struct err *err)
{
    enum { MANY = 64 };
    size_t heap_max = 0;
    uint8_t *at, forms[MANY][SCRIPT_FORM_MAX];

    for (size_t i = 0; i < f->outputs_n; i++)
        heap_max += f->outputs[i].script.n + 10;
    if (segment_bytes(f, heap_max) > s->room) {
        segment_free(s);
        s->room = segment_bytes(f, heap_max);
        s->p = mem_alloc(s->room);
        if (!s->p) {
            s->room = 0;
            return err_fail(err, ERR_NOMEM, "block of %zu outputs", f->outputs_n);
        }
    }
    at = s->p;
    s->heap_n = 0;
    memcpy(s->header, f->header, HEADER_BYTES);
    s->hash = f->hash;
    s->height = f->height;
    s->size = f->size;
    s->txs_n = f->txs_n;
    s->inputs_n = f->inputs_n;
    s->outputs_n = f->outputs_n;
    s->spent = f->spent;
    s->txids = cut(&at, f->txs_n * 32);
    s->tx_inputs_n = cut(&at, f->txs_n * 4);
    s->tx_outputs_n = cut(&at, f->txs_n * 4);
    s->outpoints = cut(&at, f->inputs_n * OUTPOINT_BYTES);
    s->values = cut(&at, f->outputs_n * 8);
    s->script_keys = cut(&at, f->outputs_n * 8);
    s->script_n = cut(&at, f->outputs_n * 4);
    s->heap = at;
    memcpy(s->txids, f->txids, f->txs_n * 32);
    memcpy(s->tx_inputs_n, f->tx_inputs_n, f->txs_n * 4);
    memcpy(s->tx_outputs_n, f->tx_outputs_n, f->txs_n * 4);
    for (size_t i = 0; i < f->inputs_n; i++)
        memcpy(s->outpoints + i * OUTPOINT_BYTES, f->inputs[i], OUTPOINT_BYTES);
    for (size_t i = 0; i < f->outputs_n; i += MANY) {
        size_t n = f->outputs_n - i < MANY ? f->outputs_n - i : MANY;
        struct bytes form[MANY];
        struct hash32 hash[MANY];

        for (size_t k = 0; k < n; k++) {
            s->values[i + k] = f->outputs[i + k].value;
            s->script_n[i + k] =
                (uint32_t)script_pack(f->outputs[i + k].script, s->heap + s->heap_n);
            s->heap_n += s->script_n[i + k];
            form[k] = script_address_form(f->outputs[i + k].script, forms[k]);
        }
        sha256_many(form, n, hash);
        for (size_t k = 0; k < n; k++)
            s->script_keys[i + k] = key_of_hash(hash[k].b);
    }
    return true;
}

void segment_free(struct segment *s)
{
    s->p = mem_free(s->p);
    s->room = 0;
}
