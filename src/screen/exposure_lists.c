#include "screen/exposure_lists.h"

#include <string.h>

static uint16_t key_of(const uint8_t *element)
{
    uint16_t key;

    memcpy(&key, element, sizeof(key));
    return key;
}

/* An element is whole words. */
static void move(uint8_t *to, const uint8_t *from, size_t element)
{
    for (size_t i = 0; i < element; i += 8)
        memcpy(to + i, from + i, 8);
}

static void start(uint8_t *to, uint16_t key, size_t element)
{
    uint64_t word = key;

    for (size_t i = 0; i < element; i += 8, word = 0)
        memcpy(to + i, &word, 8);
}

static unsigned size_at_most(uint32_t room) /* room > 0 */
{
    return 31 - (unsigned)__builtin_clz(room);
}

static bool piece_take(struct exposure_lists *l, unsigned size, uint32_t *ret, struct err *err)
{
    if (l->left[size]) {
        *ret = l->left[size] - 1;
        memcpy(&l->left[size], l->p + (size_t)*ret * l->element, sizeof(*ret));
        return true;
    }
    if (l->max - l->end < 1u << size)
        return err_fail(err, ERR_LIMIT, "exposure: more than %u sums", l->max);
    *ret = l->end;
    l->end += 1u << size;
    return true;
}

static bool list_room(struct exposure_lists *l, struct exposure_list *list, size_t n,
                      struct err *err)
{
    unsigned size = n > 1 ? size_at_most((uint32_t)n - 1) + 1 : 0;
    uint8_t *was = exposure_list_at(l, list);
    uint32_t at;

    if (n <= list->room)
        return true;
    if (!piece_take(l, size, &at, err))
        return false;
    memcpy(l->p + (size_t)at * l->element, was, list->n * l->element);
    if (list->room) {
        unsigned old = size_at_most(list->room);

        memcpy(was, &l->left[old], sizeof(l->left[old]));
        l->left[old] = list->at + 1;
    }
    list->at = at;
    list->room = (uint16_t)(1u << size);
    return true;
}

bool exposure_list_put(struct exposure_lists *l, struct exposure_list *list, const uint16_t *keys,
                       size_t n, struct err *err)
{
    const uint8_t *p = exposure_list_at(l, list);
    size_t fresh = 0, left = list->n, to;
    uint8_t *at;

    for (size_t i = 0, k = 0; k < n; k++) {
        while (i < left && key_of(p + i * l->element) < keys[k])
            i++;
        fresh += i == left || key_of(p + i * l->element) != keys[k];
    }
    if (!fresh)
        return true;
    if (!list_room(l, list, left + fresh, err))
        return false;
    at = exposure_list_at(l, list);
    for (to = left + fresh; to > left; to--) {
        uint8_t *before = at + left * l->element - l->element, *into = at + (to - 1) * l->element;

        if (left && key_of(before) >= keys[n - 1]) {
            n -= key_of(before) == keys[n - 1];
            move(into, before, l->element);
            left--;
        } else {
            start(into, keys[--n], l->element);
        }
    }
    list->n = (uint16_t)(list->n + fresh);
    l->n += (uint32_t)fresh;
    return true;
}

static const struct exposure_list *list_at(const struct exposure_lists_saved *s)
{
    return (const struct exposure_list *)(s->lists + s->i * s->stride);
}

void exposure_lists_fill(struct exposure_lists_saved *s, void *to, size_t n)
{
    size_t element = s->l->element;

    for (uint8_t *p = to; n; p += element, n -= element) {
        for (; s->at == list_at(s)->n; s->i++)
            s->at = 0;
        memcpy(p, (const uint8_t *)exposure_list_at(s->l, list_at(s)) + s->at++ * element, element);
    }
}

void exposure_lists_tidy(struct exposure_lists_saved *s, struct exposure_list *list)
{
    list->at = list->n ? s->running : 0;
    list->room = list->n;
    s->running += list->n;
}

bool exposure_lists_tidied(struct exposure_lists_saved *s, const struct exposure_list *list)
{
    struct exposure_list tidy = *list;

    exposure_lists_tidy(s, &tidy);
    return tidy.at == list->at && tidy.room == list->room && s->running >= list->n &&
           s->running <= s->l->n;
}
