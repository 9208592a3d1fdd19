/* A file of blocks of any form, kept in memory: opening it ends in an error or in blocks that can
 * be read, each as long as it says and with the hash of its header. */
#include "chain/bitcoin/source.h"
#include "input_file.h"

#include <assert.h>

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
    struct input_file file;
    const char *path = file.path;
    struct source *s;
    struct err err;

    if (input_file_open(&file, data, size) && source_open(&path, 1, &easy, &s, &err)) {
        read_all(s);
        source_close(s);
    }
    input_file_close(&file);
    return 0;
}
