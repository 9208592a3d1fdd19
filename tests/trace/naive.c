#include "trace/naive.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_UNITS 8192

/* An output has been given taint: what becomes of it. */
static void settle(const struct world *w, const struct naive_ask *ask, struct naive *r, uint32_t o,
                   uint64_t taint, uint32_t hop)
{
    struct naive_output *out = &r->out[o];

    if (ask->origin[o]) {
        r->origin -= taint; /* it was counted whole, and so much of it was tainted already */
        return;
    }
    if (ask->mark[o]) {
        uint64_t inflow = taint;

        taint = 0;
        for (uint64_t u = 0; u < w->out[o]; u++) {
            out->unit[u] |= u < ask->mark[o];
            taint += out->unit[u];
        }
        if (ask->policy == NAIVE_POISON)
            taint = w->out[o];
        else if (ask->policy != NAIVE_FIFO && ask->policy != NAIVE_LIFO)
            taint = inflow + ask->mark[o] < w->out[o] ? inflow + ask->mark[o] : w->out[o];
        r->converted_in += taint - inflow;
        if (!inflow || ask->mark_hop[o] < hop)
            hop = ask->mark_hop[o];
    }
    if (!taint)
        return;
    if (ask->stop[o] < 0 && taint < ask->dust) {
        r->dust += taint;
        return;
    }
    out->listed = true;
    out->taint = taint;
    out->hop = hop;
    out->stop = ask->stop[o];
    if (out->stop >= 0)
        r->exits += taint;
    else if (w->spent_by[o] < 0)
        r->held += taint;
}

static bool flows(const struct naive *r, int32_t output)
{
    return output >= 0 && r->out[output].listed && r->out[output].stop < 0 && r->out[output].taint;
}

/* One unit after the other. */
static uint64_t by_units(const struct world *w, const struct world_tx *tx, bool from_back,
                         struct naive *r, uint64_t *share)
{
    static bool line[LINE_MAX_UNITS];
    size_t n = 0, front = 0;
    uint64_t fee = 0;

    for (uint32_t i = tx->in; i < tx->in + tx->in_n; i++)
        for (uint64_t u = 0; u < w->in_value[i]; u++)
            line[n++] = flows(r, w->in[i]) && r->out[w->in[i]].unit[u];
    for (uint32_t j = 0; j < tx->out_n; j++) {
        share[j] = 0;
        for (uint64_t u = 0; u < w->out[tx->out + j]; u++) {
            bool tainted = from_back ? line[--n] : line[front++];

            if (!r->out[tx->out + j].origin)
                r->out[tx->out + j].unit[u] = tainted;
            share[j] += tainted;
        }
    }
    while (front < n)
        fee += line[front++];
    return fee;
}

/* Everybody gets what divides evenly; then, one unit a time, whoever has the largest claim left. */
static uint64_t by_value(const struct world *w, const struct world_tx *tx, uint64_t sum,
                         uint64_t tainted, uint64_t *share)
{
    uint64_t value[WORLD_PARTS_MAX], claim[WORLD_PARTS_MAX], given = 0, paid = 0;

    for (uint32_t j = 0; j < tx->out_n; j++)
        paid += value[j] = w->out[tx->out + j];
    value[tx->out_n] = sum - paid;
    for (uint32_t j = 0; j <= tx->out_n; j++) {
        share[j] = tainted * value[j] / sum;
        claim[j] = tainted * value[j] - share[j] * sum;
        given += share[j];
    }
    while (given < tainted) {
        uint32_t best = 0;

        for (uint32_t j = 1; j <= tx->out_n; j++)
            if (claim[j] > claim[best])
                best = j;
        share[best]++;
        claim[best] = 0;
        given++;
    }
    return share[tx->out_n];
}

static uint64_t by_size(const struct world *w, const struct world_tx *tx, uint64_t tainted,
                        uint64_t *share)
{
    memset(share, 0, tx->out_n * sizeof(*share));
    for (; tainted; tainted--) { /* a unit to the largest output that is not full */
        int32_t best = -1;

        for (uint32_t j = 0; j < tx->out_n; j++)
            if (share[j] < w->out[tx->out + j] &&
                (best < 0 || w->out[tx->out + j] > w->out[tx->out + (uint32_t)best]))
                best = (int32_t)j;
        if (best < 0)
            break;
        share[best]++;
    }
    return tainted;
}

/* False: nothing was dealt to its outputs. */
static bool one_tx(const struct world *w, const struct naive_ask *ask, struct naive *r, uint32_t t)
{
    const struct world_tx *tx = &w->txs[t];
    uint64_t tainted = 0, sum = 0, paid = 0, share[WORLD_PARTS_MAX + 1], fee = 0;
    uint32_t hop = UINT32_MAX;
    bool known = true;

    for (uint32_t i = tx->in; i < tx->in + tx->in_n; i++) {
        if (w->in_value[i] == UINT64_MAX)
            known = false;
        else
            sum += w->in_value[i];
        if (flows(r, w->in[i])) {
            tainted += r->out[w->in[i]].taint;
            if (r->out[w->in[i]].hop < hop)
                hop = r->out[w->in[i]].hop;
        }
    }
    if (!tainted)
        return false;
    if (hop >= ask->hops_max) {
        r->cut += tainted;
        return false;
    }
    if (!known) {
        r->exact = false;
        if (ask->policy != NAIVE_POISON) {
            r->unresolved[t] = tainted;
            r->unresolved_sum += tainted;
            return false;
        }
    }
    for (uint32_t j = 0; j < tx->out_n; j++)
        share[j] = 0;
    if (ask->policy == NAIVE_FIFO || ask->policy == NAIVE_LIFO)
        fee = by_units(w, tx, ask->policy == NAIVE_LIFO, r, share);
    if (ask->policy == NAIVE_HAIRCUT)
        fee = by_value(w, tx, sum, tainted, share);
    if (ask->policy == NAIVE_TIHO)
        fee = by_size(w, tx, tainted, share);
    if (ask->policy == NAIVE_POISON) {
        for (uint32_t j = 0; j < tx->out_n; j++)
            paid += share[j] = w->out[tx->out + j];
        fee = known ? sum - paid : 0;
    }
    for (uint32_t j = 0; j < tx->out_n; j++)
        settle(w, ask, r, tx->out + j, share[j], hop + 1);
    r->fees += fee;
    return true;
}

void naive_trace(const struct world *w, const struct naive_ask *ask, struct naive *r)
{
    memset(r, 0, sizeof(*r));
    r->exact = true;
    for (uint32_t o = 0; o < w->outs_n; o++) {
        r->out[o].stop = -1;
        if (!ask->origin[o])
            continue;
        r->out[o].listed = r->out[o].origin = true;
        r->out[o].taint = w->out[o];
        r->origin += w->out[o];
        memset(r->out[o].unit, 1, w->out[o]);
        if (w->spent_by[o] < 0)
            r->held += w->out[o];
    }
    for (uint32_t t = 0; t < w->txs_n; t++) {
        const struct world_tx *tx = &w->txs[t];

        if (one_tx(w, ask, r, t))
            continue;
        for (uint32_t o = tx->out; o < tx->out + tx->out_n; o++)
            if (ask->mark[o])
                settle(w, ask, r, o, 0, 0);
    }
}

/* ---- backward ---- */

/* Which unit of the line each unit of an output is: from the front, or counted from the back. */
static void back_by_units(const struct world *w, const struct world_tx *tx, bool from_back,
                          uint64_t sum, bool unit[][NAIVE_UNITS_MAX], uint64_t *share)
{
    uint64_t at = 0;

    for (uint32_t j = 0; j < tx->out_n; j++)
        for (uint64_t u = 0; u < w->out[tx->out + j]; u++, at++) {
            uint64_t left = from_back ? sum - 1 - at : at;
            uint32_t i = tx->in;

            if (!unit[tx->out + j][u])
                continue;
            while (left >= w->in_value[i])
                left -= w->in_value[i++];
            share[i - tx->in]++;
            if (w->in[i] >= 0)
                unit[w->in[i]][left] = true;
        }
}

static void back_by_value(const struct world *w, const struct world_tx *tx, uint64_t sum,
                          uint64_t wanted, uint64_t *share)
{
    uint64_t claim[WORLD_PARTS_MAX], given = 0;

    for (uint32_t i = 0; i < tx->in_n; i++) {
        share[i] = sum ? wanted * w->in_value[tx->in + i] / sum : 0;
        claim[i] = sum ? wanted * w->in_value[tx->in + i] % sum : 0;
        given += share[i];
    }
    for (; given < wanted; given++) {
        uint32_t best = 0;

        for (uint32_t i = 1; i < tx->in_n; i++)
            if (claim[i] > claim[best])
                best = i;
        share[best]++;
        claim[best] = 0;
    }
}

void naive_back(const struct world *w, uint32_t output, enum naive_policy policy, uint32_t hops_max,
                struct naive_sources *r)
{
    static bool unit[WORLD_PARTS_MAX][NAIVE_UNITS_MAX];

    memset(r, 0, sizeof(*r));
    memset(unit, 0, sizeof(unit));
    memset(unit[output], 1, w->out[output]);
    r->amount[output] = w->out[output];
    for (uint32_t t = w->txs_n; t-- > 0;) {
        const struct world_tx *tx = &w->txs[t];
        uint64_t wanted = 0, sum = 0, share[WORLD_PARTS_MAX] = {0};
        uint32_t hop = UINT32_MAX;
        bool known = true;

        for (uint32_t o = tx->out; o < tx->out + tx->out_n; o++) {
            wanted += r->amount[o];
            if (r->amount[o] && r->hop[o] < hop)
                hop = r->hop[o];
        }
        for (uint32_t i = tx->in; i < tx->in + tx->in_n; i++) {
            known &= w->in_value[i] != UINT64_MAX;
            sum += w->in_value[i];
        }
        if (!wanted)
            continue;
        if (!tx->in_n) {
            r->coinbase += wanted;
            continue;
        }
        if (hop == hops_max) {
            r->cut += wanted;
            continue;
        }
        if (!known && policy != NAIVE_POISON) {
            r->unresolved += wanted;
            continue;
        }
        if (policy == NAIVE_FIFO || policy == NAIVE_LIFO)
            back_by_units(w, tx, policy == NAIVE_LIFO, sum, unit, share);
        if (policy == NAIVE_HAIRCUT)
            back_by_value(w, tx, sum, wanted, share);
        for (uint32_t i = 0; i < tx->in_n; i++) {
            uint64_t value = w->in_value[tx->in + i];

            if (policy == NAIVE_POISON)
                share[i] = value == UINT64_MAX ? 0 : value;
            if (w->in[tx->in + i] < 0) {
                r->outside[tx->in + i] += share[i];
                r->outside_sum += share[i];
            } else if (share[i]) {
                r->amount[w->in[tx->in + i]] = share[i];
                r->hop[w->in[tx->in + i]] = hop + 1;
            }
        }
    }
}
