/* A file of blocks of any form, kept in memory: opening it ends in an error or in blocks that can
 * be read, each as long as it says and with the hash of its header. */
#include "chain/bitcoin/source.h"

#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct chain easy = {.name = "easy",
                                  .genesis = {{1}},
                                  .magic = 0xdab5bffa,
                                  .bits_max = 0x207fffff,
                                  .money_max = 2100000000000000};

static void read_all(struct source *s)
{
    struct source_buffer buffer = {0};
    uint64_t bytes = 0;
    size_t n;
    const struct source_block *b = source_blocks(s, &n);
    struct bytes raw;
    struct err err;

    assert(n);
    for (size_t i = 0; i < n; i++) {
        struct hash32 hash;

        assert(source_read(s, i, &buffer, &raw, &err));
        assert(raw.n == b[i].size && raw.n > 80);
        hash = sha256d(raw.p, 80);
        assert(hash32_equal(&hash, &b[i].hash));
        bytes += raw.n;
    }
    assert(source_bytes(s) == bytes);
    source_buffer_free(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    char name[64];
    const char *path = name;
    struct source *s;
    struct err err;

    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    if (fd >= 0 && write(fd, data, size) == (ssize_t)size &&
        source_open(&path, 1, &easy, &s, &err)) {
        read_all(s);
        source_close(s);
    }
    if (fd >= 0)
        close(fd);
    return 0;
}
