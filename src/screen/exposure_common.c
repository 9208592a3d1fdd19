#include "screen/exposure_common.h"

#include "base/mem.h"

#include <stdlib.h>

#define SETS_MAX 65535u
#define PPM 1000000u

static int by_owner(const void *one, const void *other)
{
    const struct exposure_source *a = one, *b = other;

    if (a->owner != b->owner)
        return a->owner < b->owner ? -1 : 1;
    return a->label < b->label ? -1 : a->label > b->label;
}

static int by_id(const void *one, const void *other)
{
    const struct exposure_origin *a = one, *b = other;

    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return a->label < b->label ? -1 : a->label > b->label;
}

/* Only the first sets and the last are looked at: few are common, and a set made twice costs
 * nothing but its place. */
static bool set_find(const struct exposure_labels *l, uint32_t sets_n,
                     const struct exposure_set *want, uint32_t *ret)
{
    for (uint32_t i = 0; i < sets_n && i < 256; i++) {
        const struct exposure_set *s = &l->sets[i < 128 ? i : sets_n - 1 - (i - 128)];

        if (s->n == want->n && s->stops == want->stops &&
            !memcmp(s->labels, want->labels, want->n * sizeof(*want->labels))) {
            *ret = (uint32_t)(s - l->sets);
            return true;
        }
    }
    return false;
}

static bool sets_make(struct exposure_labels *l, const struct exposure_source *sorted, size_t n,
                      struct err *err)
{
    uint32_t sets_n = 0, labels_n = 0;

    for (size_t i = 0, end; i < n; i = end) {
        struct exposure_set made = {.labels = l->labels + labels_n};
        uint32_t set;

        for (end = i; end < n && sorted[end].owner == sorted[i].owner; end++) {
            made.stops |= sorted[end].stops;
            if (end == i || sorted[end].label != sorted[end - 1].label)
                l->labels[labels_n + made.n++] = sorted[end].label;
        }
        if (!set_find(l, sets_n, &made, &set)) {
            if (sets_n == SETS_MAX)
                return err_fail(err, ERR_LIMIT, "exposure: more than %u sets of labels", SETS_MAX);
            set = sets_n++;
            l->sets[set] = made;
            labels_n += made.n;
        }
        l->set_of[sorted[i].owner] = (uint16_t)(set + 1);
    }
    return true;
}

static void origins_make(struct exposure_labels *l)
{
    size_t n = 0;

    qsort(l->origins, l->origins_n, sizeof(*l->origins), by_id);
    for (size_t i = 0; i < l->origins_n; i++)
        if (!i || by_id(&l->origins[i - 1], &l->origins[i]))
            l->origins[n++] = l->origins[i];
    l->origins_n = n;
}

static bool copy(struct exposure_labels *l, const struct exposure_asked *o,
                 struct exposure_source *sorted, struct err *err)
{
    for (size_t i = 0; i < o->sources_n; i++) {
        if (o->sources[i].label >= o->labels_n || o->sources[i].owner >= l->owners_max)
            return err_fail(err, ERR_USAGE, "exposure: a source of no label or owner");
        sorted[i] = o->sources[i];
    }
    for (size_t i = 0; i < o->origins_n; i++) {
        if (o->origins[i].label >= o->labels_n)
            return err_fail(err, ERR_USAGE, "exposure: an origin of no label");
        l->origins[l->origins_n++] = o->origins[i];
    }
    return true;
}

bool exposure_labels_read(struct exposure_labels *l, const struct exposure_asked *o,
                          uint64_t owners_max, struct err *err)
{
    struct exposure_source *sorted;
    bool ok;

    if (o->policy != TRACE_HAIRCUT && o->policy != TRACE_TIHO && o->policy != TRACE_POISON)
        return err_fail(err, ERR_USAGE, "exposure is by haircut, tiho or poison");
    if (o->labels_n > EXPOSURE_LABELS_MAX)
        return err_fail(err, ERR_LIMIT, "exposure: more than %u labels", EXPOSURE_LABELS_MAX);
    l->owners_max = owners_max;
    l->set_of = mem_reserve(owners_max * sizeof(*l->set_of));
    l->sets = mem_array(o->sources_n < SETS_MAX ? o->sources_n + 1 : SETS_MAX, sizeof(*l->sets));
    l->labels = mem_array(o->sources_n + 1, sizeof(*l->labels));
    l->origins = mem_array(o->origins_n + 1, sizeof(*l->origins));
    sorted = mem_array(o->sources_n + 1, sizeof(*sorted));
    ok = (l->set_of && l->sets && l->labels && l->origins && sorted) ||
         err_fail(err, ERR_NOMEM, "exposure");
    if (ok && copy(l, o, sorted, err)) {
        qsort(sorted, o->sources_n, sizeof(*sorted), by_owner);
        origins_make(l);
        ok = sets_make(l, sorted, o->sources_n, err);
    } else {
        ok = false;
    }
    mem_free(sorted);
    return ok;
}

void exposure_labels_free(struct exposure_labels *l)
{
    mem_unreserve(l->set_of, l->owners_max * sizeof(*l->set_of));
    mem_free(l->sets);
    mem_free(l->labels);
    mem_free(l->origins);
}

size_t exposure_origin_at(const struct exposure_labels *l, uint64_t id)
{
    size_t low = 0, high = l->origins_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (l->origins[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool exposure_origin_is(const struct exposure_labels *l, uint64_t id, uint16_t label)
{
    for (size_t at = exposure_origin_at(l, id); at < l->origins_n && l->origins[at].id == id; at++)
        if (l->origins[at].label == label)
            return true;
    return false;
}

static int part_order(const struct exposure_part *a, const struct exposure_part *b)
{
    int amounts = u256_compare(b->amount, a->amount);

    if (amounts)
        return amounts;
    if (a->label != b->label)
        return a->label < b->label ? -1 : 1;
    return (int)b->direct - (int)a->direct;
}

void exposure_part_put(struct exposure_part *ret, size_t *n, size_t max, struct exposure_part part,
                       struct u256 all)
{
    size_t at = *n < max ? (*n)++ : max;
    struct u256 share;

    part.share_ppm = 0;
    if (u256_mul_div(part.amount, u256_of(PPM), all, &share))
        part.share_ppm = u256_less(share, u256_of(PPM)) ? (uint32_t)share.w[0] : PPM;
    if (at == max && (!max || part_order(&part, &ret[max - 1]) > 0))
        return;
    for (at = at < max ? at : max - 1; at && part_order(&part, &ret[at - 1]) < 0; at--)
        ret[at] = ret[at - 1];
    ret[at] = part;
}
