/* What a log says, whatever it holds, has keys of 20 bytes, amounts above 0 but for freezes, and
 * data within its limit; said twice, it is the same. */
#include "base/cursor.h"
#include "base/mem.h"
#include "chain/evm/log.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct evm_said *said)
{
    assert(said->transfers_n <= 2 && said->events_n <= 2);
    for (size_t i = 0; i < said->transfers_n; i++) {
        const struct fact_transfer *t = &said->transfers[i];
        bool act = t->kind == TRANSFER_FREEZE || t->kind == TRANSFER_UNFREEZE;

        assert(t->from.n == 0 || t->from.n == EVM_KEY_BYTES);
        assert(t->to.n == 0 || t->to.n == EVM_KEY_BYTES);
        assert(t->from.n || t->to.n);
        assert(u256_zero(t->amount) == act && u256_equal(t->amount, t->credit));
        assert(t->asset.n == EVM_KEY_BYTES && !t->path.n);
    }
    for (size_t i = 0; i < said->events_n; i++)
        assert(said->events[i].data.n <= EVENT_DATA_MAX &&
               said->events[i].subject.n == EVM_KEY_BYTES);
}

/* chain, row and number of topics, a byte each; the contract's key; the topics but for the first;
 * then data. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const chains[] = {"ethereum", "tron", "evm:dev", "bsc", "arbitrum"};
    static const struct hash32 tx = {{1}};
    static struct evm_said said, again;
    struct cursor c = cursor_over(data, size);
    const struct chain *chain = chain_by_name(chains[cursor_u8(&c) % 5]);
    struct evm_log_row row = evm_log_row(cursor_u8(&c) % evm_log_rows());
    struct evm_log log = {.topics_n = cursor_u8(&c) % (EVM_TOPICS_MAX + 1)};
    uint8_t(*topics)[32] = mem_array(EVM_TOPICS_MAX + 1, 32);

    log.address = cursor_take(&c, EVM_KEY_BYTES);
    if (!topics || c.bad) {
        mem_free(topics);
        return 0;
    }
    memcpy(topics[0], row.topic, 32);
    for (size_t i = 1; i < log.topics_n; i++) {
        struct bytes topic = cursor_take(&c, 32);

        if (topic.p)
            memcpy(topics[i], topic.p, 32);
        else
            log.topics_n = i;
    }
    log.topics = (const uint8_t(*)[32])topics;
    log.data = (struct bytes){c.at, cursor_left(&c)};
    evm_log_read(chain, &tx, &log, &said);
    judge(&said);
    evm_log_read(chain, &tx, &log, &again);
    assert(said.transfers_n == again.transfers_n && said.events_n == again.events_n);
    mem_free(topics);
    return 0;
}
