/* Any bytes as a table of payments: an error, or payments whose legs are whole. The first line is
 * the map of columns. */
#include "bank.h"
#include "chain/bank/table.h"

static char map[256];

static bool read_mapped(struct bank_messages *m, const char *name, struct bytes in, struct err *err)
{
    return table_read(m, name, in, map, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t n = end ? (size_t)(end - data) : 0;

    if (!end || n >= sizeof(map))
        return 0;
    memcpy(map, data, n);
    map[n] = 0;
    fuzz_bank(read_mapped, (struct bytes){data + n + 1, size - n - 1});
    return 0;
}
