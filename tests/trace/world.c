#include "trace/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void world_clear(struct world *w)
{
    w->txs_n = w->ins_n = w->outs_n = w->ext_n = 0;
}

void world_tx(struct world *w)
{
    if (w->txs_n == WORLD_TXS_MAX)
        abort();
    w->txs[w->txs_n++] = (struct world_tx){w->ins_n, 0, w->outs_n, 0};
}

static void input(struct world *w, int32_t output, uint64_t value)
{
    if (w->ins_n == WORLD_PARTS_MAX)
        abort();
    w->in[w->ins_n] = output;
    w->in_value[w->ins_n++] = value;
    w->txs[w->txs_n - 1].in_n++;
}

void world_in(struct world *w, uint32_t output)
{
    w->spent_by[output] = (int32_t)w->txs_n - 1;
    input(w, (int32_t)output, w->out[output]);
}

void world_outside(struct world *w, uint64_t value)
{
    w->ext_n++;
    input(w, -1, value);
}

void world_out(struct world *w, uint64_t value)
{
    if (w->outs_n == WORLD_PARTS_MAX)
        abort();
    w->spent_by[w->outs_n] = -1;
    w->out[w->outs_n++] = value;
    w->txs[w->txs_n - 1].out_n++;
}

struct coins world_coins(struct world *w)
{
    uint8_t *tx_first = w->columns, *out_value = tx_first + WORLD_TXS_MAX * TX_FIRST_BYTES;
    uint8_t *out_spent = out_value + WORLD_PARTS_MAX * 8,
            *in_source = out_spent + WORLD_PARTS_MAX * 4;
    uint8_t *ext_value = in_source + WORLD_PARTS_MAX * ID_BYTES;
    uint32_t ext = 0;

    for (uint32_t t = 0; t < w->txs_n; t++) {
        store_le40(tx_first + t * TX_FIRST_BYTES, w->txs[t].out);
        store_le40(tx_first + t * TX_FIRST_BYTES + ID_BYTES, w->txs[t].in);
    }
    for (uint32_t o = 0; o < w->outs_n; o++) {
        store_le64(out_value + o * 8, w->out[o]);
        store_le32(out_spent + o * 4, (uint32_t)(w->spent_by[o] + 1));
    }
    for (uint32_t i = 0; i < w->ins_n; i++) {
        if (w->in[i] < 0)
            store_le64(ext_value + ext * 8, w->in_value[i]);
        store_le40(in_source + i * ID_BYTES,
                   w->in[i] < 0 ? COINS_OUTSIDE | ext++ : (uint64_t)w->in[i]);
    }
    return (struct coins){w->txs_n,  w->outs_n, w->ins_n,  w->ext_n, tx_first,
                          out_value, out_spent, in_source, ext_value};
}

static const char *skip(const char *s)
{
    while (*s == ' ' || *s == '\n' || *s == '/')
        s++;
    return s;
}

const char *world_output(const struct world *w, const char *s, uint64_t *ret)
{
    char *end;
    unsigned long tx = strtoul(s, &end, 10), vout;

    if (end == s || *end != '.' || tx >= w->txs_n)
        return NULL;
    s = end + 1;
    vout = strtoul(s, &end, 10);
    if (end == s || vout >= w->txs[tx].out_n)
        return NULL;
    *ret = w->txs[tx].out + vout;
    return end;
}

/* Inputs up to the arrow; then outputs up to what is not a number. */
static const char *transaction(struct world *w, const char *s)
{
    char *end;
    uint64_t output;

    for (s = skip(s); strncmp(s, "->", 2); s = skip(s)) {
        if (*s == '?') {
            world_outside(w, UINT64_MAX);
            s++;
        } else if (*s == '+') {
            world_outside(w, strtoull(s + 1, &end, 10));
            s = end;
        } else {
            const char *after = world_output(w, s, &output);

            if (!after)
                return s;
            world_in(w, (uint32_t)output);
            s = after;
        }
    }
    for (s = skip(s + 2); *s >= '0' && *s <= '9'; s = skip(end))
        world_out(w, strtoull(s, &end, 10));
    return s;
}

const char *world_read(struct world *w, const char *text)
{
    const char *s = skip(text);
    char name[16];

    world_clear(w);
    while (*s) {
        snprintf(name, sizeof(name), "t%u:", w->txs_n);
        if (strncmp(s, name, strlen(name)))
            return s;
        world_tx(w);
        s = transaction(w, s + strlen(name));
    }
    return NULL;
}

void world_print(const struct world *w, char *to, size_t size)
{
    size_t n = 0;

#define PUT(...) (n += n < size ? (size_t)snprintf(to + n, size - n, __VA_ARGS__) : 0)
    for (uint32_t t = 0; t < w->txs_n; t++) {
        PUT("%st%u:", t ? " / " : "", t);
        for (uint32_t i = w->txs[t].in; i < w->txs[t].in + w->txs[t].in_n; i++) {
            uint32_t maker = 0;

            if (w->in[i] < 0) {
                PUT(w->in_value[i] == UINT64_MAX ? " ?" : " +%llu",
                    (unsigned long long)w->in_value[i]);
                continue;
            }
            while (w->txs[maker].out + w->txs[maker].out_n <= (uint32_t)w->in[i])
                maker++;
            PUT(" %u.%u", maker, (uint32_t)w->in[i] - w->txs[maker].out);
        }
        PUT(" ->");
        for (uint32_t o = w->txs[t].out; o < w->txs[t].out + w->txs[t].out_n; o++)
            PUT(" %llu", (unsigned long long)w->out[o]);
    }
#undef PUT
}
