#include "block_proof.h"
#include "chain/xrpl/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    proof_fuzz(&xrpl_proofs, "xrpl", data, size);
    return 0;
}
