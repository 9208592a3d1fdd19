#include "chain/tron/solid.h"

static const struct tron_head *known(const struct tron_solid *s, uint32_t height)
{
    return height >= s->first && height - s->first < s->n ? &s->at[height % TRON_SOLID_BLOCKS]
                                                          : NULL;
}

void tron_solid_add(struct tron_solid *s, const struct tron_head *h)
{
    const struct tron_head *there = known(s, h->height),
                           *before = h->height ? known(s, h->height - 1) : NULL;

    if (there && hash32_equal(&there->id, &h->id))
        return;
    if (!before || !hash32_equal(&before->id, &h->parent)) {
        s->first = h->height;
        s->n = 0;
    }
    s->n = h->height - s->first + 1;
    if (s->n > TRON_SOLID_BLOCKS) {
        s->n = TRON_SOLID_BLOCKS;
        s->first = h->height - TRON_SOLID_BLOCKS + 1;
    }
    s->at[h->height % TRON_SOLID_BLOCKS] = *h;
}

bool tron_solid_breaks(const struct tron_solid *s, const struct tron_head *h)
{
    const struct tron_head *there = known(s, h->height);
    const uint8_t *makers[TRON_SOLID];
    unsigned n = 0;

    if (!there || hash32_equal(&there->id, &h->id))
        return false;
    for (uint32_t at = h->height; n < TRON_SOLID && (there = known(s, at)); at++) {
        unsigned i = 0;

        while (i < n && memcmp(makers[i], there->witness, sizeof(there->witness)))
            i++;
        if (i == n)
            makers[n++] = there->witness;
    }
    return n == TRON_SOLID;
}
