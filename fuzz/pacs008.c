/* Any bytes as an ISO 20022 file: an error, or payments whose legs are whole. */
#include "bank.h"
#include "chain/bank/pacs008.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_bank(pacs008_read, (struct bytes){data, size});
    return 0;
}
