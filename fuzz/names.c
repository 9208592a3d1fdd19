/* Any two lines compare without a crash, a name with itself is the same, the score does not depend
 * on which is asked about, parts lie within the names; an index of the lines finds the first. */
#include "entity/name_index.h"

#include "base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_parts(const struct name_score *s, const char *query, const char *listed)
{
    assert(s->per_mille <= 1000 && s->parts_n <= NAME_PARTS_MAX);
    for (uint32_t i = 0; i < s->parts_n; i++) {
        const struct name_part *p = &s->parts[i];

        assert((size_t)p->query_at + p->query_n <= strlen(query));
        assert((size_t)p->listed_at + p->listed_n <= strlen(listed));
    }
}

/* Whatever is put into English stays a text that can be compared, of its length. */
static void english(const char *name)
{
    char ret[NAME_BYTES_MAX];

    for (unsigned i = 0; name_english(name, i, ret); i++) {
        assert(i < NAME_ENGLISH_MAX && strlen(ret) < NAME_BYTES_MAX);
        assert(utf8_valid(ret, strlen(ret)));
    }
}

/* The names of one field are together no longer than it, and each is a text. */
static void several(const char *name)
{
    static char alone[NAME_SEVERAL_MAX][NAME_BYTES_MAX + 1];
    unsigned n = name_several(name, true, alone);

    assert(n <= NAME_SEVERAL_MAX);
    for (unsigned i = 0; i < n; i++)
        assert(strlen(alone[i]) == strlen(name) && utf8_valid(alone[i], strlen(alone[i])));
}

static void compare(enum name_kind kind, const char *one, const char *two)
{
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    struct name_score s, back;
    struct err err;

    if (a && name_compare(a, kind, one, one, NAME_MODE_CORDON, &s, &err))
        assert(s.per_mille == 1000);
    if (a && name_compare(a, kind, one, two, NAME_MODE_CORDON, &s, &err) &&
        name_compare(a, kind, two, one, NAME_MODE_CORDON, &back, &err)) {
        check_parts(&s, one, two);
        check_parts(&back, two, one);
        assert(s.per_mille == back.per_mille);
    }
    if (a && name_compare(a, kind, one, two, NAME_MODE_OFAC, &s, &err))
        check_parts(&s, one, two);
    arena_free(a);
}

static void search(enum name_kind kind, const char *one, const char *two)
{
    struct name_entry entries[] = {{two, 2, kind, false}, {one, 1, kind, false}};
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    struct name_query q = {.name = one, .kind = kind, .threshold = 1000};
    struct name_index *x;
    struct name_hit *hits;
    struct err err;
    size_t n;

    if (a && name_index_build(entries, 2, &x, &err)) {
        assert(name_index_search(x, a, &q, &hits, &n, &err));
        assert(n && hits[n - 1].subject == 1 && hits[n - 1].score.per_mille == 1000);
        name_index_free(x);
    }
    arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 1 ? memchr(data + 1, '\n', size - 1) : NULL;
    size_t n = end ? (size_t)(end - data) : 0;
    char *one, *two;

    if (!end || size > 2000)
        return 0;
    one = calloc(1, n);
    two = calloc(1, size - n);
    if (one && two) {
        enum name_kind kind = (enum name_kind)(data[0] % 5);

        memcpy(one, data + 1, n - 1);
        memcpy(two, data + n + 1, size - n - 1);
        english(one);
        several(one);
        compare(kind, one, two);
        search(kind, one, two);
    }
    free(one);
    free(two);
    return 0;
}
