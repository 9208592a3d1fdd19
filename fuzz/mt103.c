/* Any bytes as a file of FIN messages: an error, or payments whose legs are whole. */
#include "bank.h"
#include "chain/bank/mt103.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_bank(mt103_read, (struct bytes){data, size});
    return 0;
}
