/* Files of blocks of chains with accounts: blocks ascend, or an error ends it. */
#ifndef CORDON_FUZZ_TRANSFER_BLOCKS_H
#define CORDON_FUZZ_TRANSFER_BLOCKS_H

#include "chain/transfers.h"
#include "input_file.h"

#include <assert.h>

/* One path, which is borrowed until the source is freed. */
typedef bool transfer_blocks_open(const char *const *path, struct transfer_source *ret,
                                  struct err *err);

static inline void transfer_blocks_read(struct transfer_source *s)
{
    struct transfer_block f;
    uint32_t last = 0;
    bool end = false, any = false;
    struct err err;

    while (s->next(s->self, &f, &end, &err) && !end) {
        assert(!any || f.height > last);
        last = f.height;
        any = true;
    }
}

static inline int transfer_blocks_fuzz(const uint8_t *data, size_t size, transfer_blocks_open *open)
{
    struct transfer_source s;
    struct input_file file;
    const char *path = file.path;
    struct err err;

    if (input_file_open(&file, data, size) && open(&path, &s, &err)) {
        transfer_blocks_read(&s);
        s.free(s.self);
    }
    input_file_close(&file);
    return 0;
}

#endif
