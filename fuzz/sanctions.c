/* Any bytes as the files of a sanctions list, parted by zero bytes: an error, or entries in order,
 * each with an id and a name, all of it plain text. */
#include "base/text.h"
#include "entity/list_read.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void line(void *to, const char *label, const char *text)
{
    assert(*label && *text);
    assert(!utf8_valid(text, strlen(text)) || text_is_plain(text, strlen(text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct list_input files[LIST_FILES_MAX];
    const uint8_t *end = data + size;
    struct list l;
    struct err err;
    size_t n = 0;

    for (const uint8_t *at = data, *stop; n < LIST_FILES_MAX && (at < end || !n); at = stop + 1) {
        stop = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
        stop = stop ? stop : end;
        files[n++] = (struct list_input){"fuzz", {at, (size_t)(stop - at)}};
        if (stop == end)
            break;
    }
    if (a && list_read(a, files, n, NULL, NULL, &l, &err))
        for (size_t i = 0; i < l.entries_n; i++) {
            assert(*l.entries[i].id && *l.entries[i].name.text);
            assert(!i || list_id_order(l.entries[i - 1].id, l.entries[i].id) < 0);
            assert(list_find(&l, l.entries[i].id) == &l.entries[i]);
            list_entry_lines(&l.entries[i], line, NULL);
        }
    arena_free(a);
    return 0;
}
