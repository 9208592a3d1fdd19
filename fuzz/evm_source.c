/* A file of blocks of an EVM chain, in either form. */
#include "chain/evm/source.h"
#include "transfer_blocks.h"

static bool open_it(const char *const *path, struct transfer_source *ret, struct err *err)
{
    return evm_blocks_open(chain_by_name("ethereum"), path, 1, ret, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return transfer_blocks_fuzz(data, size, open_it);
}
