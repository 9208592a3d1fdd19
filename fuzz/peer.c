/* What another node of the group sends: an answer to a pull, a receipt. What is taken comes out
 * again as it stood. */
#include "serve/peer_wire.h"

#include "group/log.h"

#include <assert.h>
#include <string.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer(struct arena *a, struct bytes in)
{
    struct peer_answer got;
    struct group_line *lines;
    struct text again = text_new(PEER_ANSWER_BYTES_MAX);
    struct err err;
    size_t n;

    if (peer_answer_read(a, in, &got, &err)) {
        peer_head_put(&again, &got.group);
        text_put(&again, (const char *)got.lines.p, got.lines.n);
        peer_end_put(&again, &got.cursor, got.lines_n, got.more);
        assert(!again.bad && again.n == in.n && !memcmp(again.p, in.p, in.n));
        if (group_lines_read(a, got.lines, &got.group, &lines, &n, &err)) {
            assert(n == got.lines_n);
            for (size_t i = 0; i < n; i++)
                assert(
                    lines[i].is_checkpoint ||
                    (lines[i].reason ? lines[i].reason[0] != 0 : lines[i].line.event.text.n > 0));
        }
    }
    text_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct hash32 group = {{7}};
    static const uint8_t key[32] = {9};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct bytes in = {data, size};
    struct receipt receipt;
    struct peer_place place;
    struct err err;

    if (!a)
        return 0;
    answer(a, in);
    if (receipt_read(a, in, &group, &receipt, &err))
        assert(strlen(receipt.cursor) == PEER_CURSOR_N &&
               !peer_cursor_open(key, receipt.cursor, "us", &place));
    arena_free(a);
    return 0;
}
