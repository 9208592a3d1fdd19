/* A file of Tron's blocks. */
#include "chain/tron/source.h"
#include "transfer_blocks.h"

static bool open_it(const char *const *path, struct transfer_source *ret, struct err *err)
{
    return tron_blocks_open(path, 1, chain_by_name("tron"), ret, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return transfer_blocks_fuzz(data, size, open_it);
}
