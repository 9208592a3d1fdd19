/* Any bytes as messages that are handed in for a bank's book: refused, and nothing of them is in
 * the ledger; or taken, and then handed in again they add nothing. */
#include "serve/follow_folder.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCKS_MAX 64 /* then a new ledger */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char top[] = "/dev/shm/cordon-fuzz-XXXXXX";
static struct follow_ledger ledger;

static void remove_all(void)
{
    char command[200];

    follow_ledger_close(&ledger);
    snprintf(command, sizeof(command), "rm -rf %s", top);
    if (system(command)) /* NOLINT(cert-env33-c): a path of our own */
        abort();
}

static void start(void)
{
    static char dir[sizeof(top) + 8];

    if (ledger.dir) {
        char command[200];

        follow_ledger_close(&ledger);
        snprintf(command, sizeof(command), "rm -rf %s", dir);
        if (system(command)) /* NOLINT(cert-env33-c) */
            abort();
    } else {
        if (!mkdtemp(top) || atexit(remove_all))
            abort();
        snprintf(dir, sizeof(dir), "%s/ledger", top);
    }
    ledger = (struct follow_ledger){.chain = chain_by_name("bank:fuzz"), .dir = dir};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = {data, size};
    struct follow_took took, again;
    struct follow_grown grown, more;
    static uint64_t blocks;
    struct err err;

    if (!ledger.dir || blocks > BLOCKS_MAX) {
        start();
        blocks = 0;
    }
    if (!follow_messages_take(in, &ledger, &took, &grown, &err)) {
        assert(!grown.added);
        assert(err.class == ERR_INPUT || err.class == ERR_LIMIT || err.class == ERR_NOMEM);
        assert(!strstr(err.text, top) || memmem(data, size, top, sizeof(top) - 1));
        return 0;
    }
    assert(took.added <= took.payments);
    blocks += grown.added;
    if (!follow_messages_take(in, &ledger, &again, &more, &err))
        abort();
    assert(again.payments == took.payments && !again.added && !more.added);
    return 0;
}
