#include "block_proof.h"
#include "chain/evm/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    proof_fuzz(&evm_proofs, "ethereum", data, size);
    return 0;
}
