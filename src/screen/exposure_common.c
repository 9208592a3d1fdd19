#include "screen/exposure_common.h"

#include "base/mem.h"

#include <stdlib.h>

#define SETS_MAX 65535u

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
static bool set_find(const struct exposure_labels *l, const struct exposure_set *want,
                     uint32_t *ret)
{
    size_t n = l->sets_n;

    for (size_t i = 0; i < n && i < 256; i++) {
        const struct exposure_set *s = &l->sets[i < 128 ? i : n - 1 - (i - 128)];

        if (s->n == want->n && s->stops == want->stops &&
            !memcmp(s->labels, want->labels, want->n * sizeof(*want->labels))) {
            *ret = (uint32_t)(s - l->sets);
            return true;
        }
    }
    return false;
}

/* There is room in both arrays. */
static bool sets_make(struct exposure_labels *l, const struct exposure_source *sorted, size_t n,
                      struct err *err)
{
    for (size_t i = 0, end; i < n; i = end) {
        struct exposure_set made = {.labels = l->labels + l->labels_n};
        uint32_t set;

        for (end = i; end < n && sorted[end].owner == sorted[i].owner; end++) {
            made.stops |= sorted[end].stops;
            if (end == i || sorted[end].label != sorted[end - 1].label)
                l->labels[l->labels_n + made.n++] = sorted[end].label;
        }
        if (!set_find(l, &made, &set)) {
            if (l->sets_n == SETS_MAX)
                return err_fail(err, ERR_LIMIT, "exposure: more than %u sets of labels", SETS_MAX);
            set = (uint32_t)l->sets_n++;
            l->sets[set] = made;
            l->labels_n += made.n;
        }
        l->set_of[sorted[i].owner] = (uint16_t)(set + 1);
    }
    return true;
}

static void origins_make(struct exposure_labels *l)
{
    size_t n = 0;

    if (l->origins_n)
        qsort(l->origins, l->origins_n, sizeof(*l->origins), by_id);
    for (size_t i = 0; i < l->origins_n; i++)
        if (!n || by_id(&l->origins[n - 1], &l->origins[i]))
            l->origins[n++] = l->origins[i];
    l->origins_n = n;
}

/* For so many more sources and origins; sets point into the labels, which may move. */
static bool room(struct exposure_labels *l, size_t sources_n, size_t origins_n, struct err *err)
{
    size_t sets = l->sets_n + (sources_n < SETS_MAX ? sources_n + 1 : SETS_MAX),
           labels = l->labels_n + sources_n + 1;
    struct exposure_origin *origins;

    if (sets > SETS_MAX)
        sets = SETS_MAX;
    if (sets > l->sets_room) {
        struct exposure_set *at = mem_grow(l->sets, 2 * sets * sizeof(*at));

        if (!at)
            return err_fail(err, ERR_NOMEM, "exposure");
        l->sets = at;
        l->sets_room = 2 * sets;
    }
    if (labels > l->labels_room) {
        uint16_t *at = mem_array(2 * labels, sizeof(*at));

        if (!at)
            return err_fail(err, ERR_NOMEM, "exposure");
        if (l->labels_n)
            memcpy(at, l->labels, l->labels_n * sizeof(*at));
        for (size_t i = 0; i < l->sets_n; i++)
            l->sets[i].labels = at + (l->sets[i].labels - l->labels);
        mem_free(l->labels);
        l->labels = at;
        l->labels_room = 2 * labels;
    }
    if (l->origins && !origins_n)
        return true;
    origins = mem_grow(l->origins, (l->origins_n + origins_n + 1) * sizeof(*origins));
    if (!origins)
        return err_fail(err, ERR_NOMEM, "exposure");
    l->origins = origins;
    return true;
}

static bool copy(struct exposure_labels *l, const struct exposure_asked *o,
                 struct exposure_source *sorted, struct err *err)
{
    for (size_t i = 0; i < o->sources_n; i++) {
        if (o->sources[i].label >= l->labels_of_n || o->sources[i].owner >= l->owners_max)
            return err_fail(err, ERR_USAGE, "exposure: a source of no label or owner");
        sorted[i] = o->sources[i];
    }
    for (size_t i = 0; i < o->origins_n; i++)
        if (o->origins[i].label >= l->labels_of_n)
            return err_fail(err, ERR_USAGE, "exposure: an origin of no label");
    for (size_t i = 0; i < o->origins_n; i++)
        l->origins[l->origins_n++] = o->origins[i];
    return true;
}

bool exposure_labels_more(struct exposure_labels *l, const struct exposure_asked *o,
                          struct err *err)
{
    struct exposure_source *sorted = mem_array(o->sources_n + 1, sizeof(*sorted));
    bool ok = (sorted || err_fail(err, ERR_NOMEM, "exposure")) &&
              room(l, o->sources_n, o->origins_n, err) && copy(l, o, sorted, err);

    if (ok) {
        qsort(sorted, o->sources_n, sizeof(*sorted), by_owner);
        if (o->origins_n)
            origins_make(l);
        ok = sets_make(l, sorted, o->sources_n, err);
    }
    mem_free(sorted);
    return ok;
}

bool exposure_labels_read(struct exposure_labels *l, const struct exposure_asked *o,
                          uint64_t owners_max, struct err *err)
{
    if (o->policy != TRACE_HAIRCUT && o->policy != TRACE_TIHO && o->policy != TRACE_POISON)
        return err_fail(err, ERR_USAGE, "exposure is by haircut, tiho or poison");
    if (o->labels_n > EXPOSURE_LABELS_MAX)
        return err_fail(err, ERR_LIMIT, "exposure: more than %u labels", EXPOSURE_LABELS_MAX);
    if (o->cut_ppm > EXPOSURE_PPM)
        return err_fail(err, ERR_USAGE, "exposure: a cut of more than all");
    l->labels_of_n = o->labels_n;
    l->owners_max = owners_max;
    l->set_of = mem_reserve(owners_max * sizeof(*l->set_of));
    if (!l->set_of)
        return err_fail(err, ERR_NOMEM, "exposure");
    return exposure_labels_more(l, o, err);
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

static bool is_u64(const struct u256 *v)
{
    return !(v->w[1] | v->w[2] | v->w[3]);
}

/* In parts per million, rounded down, at most all; of nothing none. */
static uint32_t share_of(struct u256 amount, struct u256 all)
{
    struct u256 share;

    if (is_u64(&amount) && is_u64(&all)) { /* coins */
        if (amount.w[0] >= all.w[0])
            return all.w[0] ? EXPOSURE_PPM : 0;
        return amount.w[0] <= UINT64_MAX / EXPOSURE_PPM
                   ? (uint32_t)(amount.w[0] * EXPOSURE_PPM / all.w[0])
                   : (uint32_t)((unsigned __int128)amount.w[0] * EXPOSURE_PPM / all.w[0]);
    }
    if (!u256_mul_div(amount, u256_of(EXPOSURE_PPM), all, &share))
        return 0;
    return u256_less(share, u256_of(EXPOSURE_PPM)) ? (uint32_t)share.w[0] : EXPOSURE_PPM;
}

void exposure_part_put(struct exposure_part *ret, size_t *n, size_t max, struct exposure_part part,
                       struct u256 all)
{
    size_t at = *n < max ? (*n)++ : max;

    part.share_ppm = share_of(part.amount, all);
    if (at == max && (!max || part_order(&part, &ret[max - 1]) > 0))
        return;
    for (at = at < max ? at : max - 1; at && part_order(&part, &ret[at - 1]) < 0; at--)
        ret[at] = ret[at - 1];
    ret[at] = part;
}
