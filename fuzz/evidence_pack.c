/* Evidence packs and time stamps: whatever bytes come, an answer or a complaint; what holds makes a
 * page. */
#include "trace/evidence_pack.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct bytes in = {data, size};
    struct evidence_pack_answer answer;
    struct text said = text_new((size_t)16 << 20);
    struct timestamp stamp;
    struct err err;

    if (a && evidence_pack_check(a, in, &answer, &err)) {
        assert(answer.holds == !answer.text[0]);
        evidence_pack_write_answer(&said, &answer);
        if (answer.holds)
            evidence_pack_html(&said, &answer);
        assert(said.n);
    }
    if (a && timestamp_read(a, in, &stamp, &err))
        assert(stamp.time && stamp.by && stamp.serial);
    text_free(&said);
    arena_free(a);
    return 0;
}
