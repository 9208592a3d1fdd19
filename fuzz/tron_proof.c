#include "block_proof.h"
#include "chain/tron/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    proof_fuzz(&tron_proofs, "tron", data, size);
    return 0;
}
