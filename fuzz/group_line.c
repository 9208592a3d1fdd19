/* Lines of the group's log. A line that is taken is written again to the letter; its event fits its
 * own id, and its body the commitment. */
#include "group/event.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text to = text_new(2 * EVENT_LINE_BYTES_MAX);
    struct hash32 group = {{0}};
    struct event_line line;
    struct event again;
    struct err err;

    if (a && event_line_read(a, (struct bytes){data, size}, &group, &line, &err)) {
        event_line_put(&to, &line);
        assert(to.n == size && !memcmp(to.p, data, size));
        again = line.event;
        assert(event_make(a, &group, &again, &err));
        assert(hash32_equal(&again.id, &line.event.id));
        assert(!line.has_body || event_has_body(&line.event));
        assert(line.event.seq && line.event.after_n <= EVENT_AFTER_MAX);
    }
    text_free(&to);
    arena_free(a);
    return 0;
}
