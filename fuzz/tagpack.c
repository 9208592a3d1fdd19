/* What reads as a pack keeps its promises: tags in order and none twice, of what is said, with keys
 * that read again. The first byte chooses a map, which makes a table of what follows. */
#include "entity/tag_read.h"

#include <assert.h>

static void check_tags(const struct tag_pack *p)
{
    assert(p->tags_n <= p->stated_n);
    for (size_t i = 0; i < p->tags_n; i++) {
        const struct tag_entry *e = &p->tags[i], *before = i ? e - 1 : NULL;
        struct address_key key;
        struct err err;
        int order;

        assert(e->what < p->whats_n && strlen(e->key) == e->n);
        assert(address_key_read(e->key, e->n, address_space_name((enum address_space)e->space),
                                &key, &err));
        assert(!strcmp(key.text, e->key));
        if (!before)
            continue;
        order = before->space != e->space ? (before->space < e->space ? -1 : 1)
                                          : strcmp(before->key, e->key);
        assert(order < 0 || (!order && before->what < e->what));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    bool map = size && data[0] == 'm';
    struct tag_pack p;
    struct err err;

    if (a && size &&
        tag_pack_read(a, (struct bytes){data + 1, size - 1}, "fuzz",
                      map ? "address=a,label=b,category:exchange" : NULL, &p, &err)) {
        check_tags(&p);
        for (size_t i = 0; i < p.whats_n; i++)
            assert(p.whats[i].category < TAG_CATEGORIES &&
                   (!p.whats[i].abuse || tag_category_group(p.whats[i].abuse) == TAG_GROUP_ABUSE));
        for (size_t i = 1; i < p.actors_n; i++)
            assert(strcmp(p.actors[i - 1].id, p.actors[i].id) <= 0);
    }
    arena_free(a);
    return 0;
}
