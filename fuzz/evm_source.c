/* A file of blocks in either form, kept in memory: blocks ascend, or an error ends it. */
#include "chain/evm/source.h"

#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static void read_all(struct transfer_source *s)
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    char name[64];
    const char *path = name;
    struct transfer_source s;
    struct err err;

    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    if (fd >= 0 && write(fd, data, size) == (ssize_t)size &&
        evm_blocks_open(chain_by_name("ethereum"), &path, 1, &s, &err)) {
        read_all(&s);
        s.free(s.self);
    }
    if (fd >= 0)
        close(fd);
    return 0;
}
