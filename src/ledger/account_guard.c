#include "ledger/account_guard.h"

#include "base/mem.h"
#include "base/text.h"
#include "ledger/account_ledger.h"
#include "ledger/account_writer.h"

struct guard {
    struct transfer_source inner;
    struct account_ledger *ledger; /* as it was at the beginning */
    uint64_t last;                 /* time of its newest block */
};

static bool is_new(const struct guard *g, const struct transfer_block *b, struct err *err)
{
    for (size_t i = 0; i < b->txs_n; i++) {
        struct text hex = text_new(80);

        if (account_ledger_find_tx(g->ledger, &b->txs[i].hash) == ACCOUNTS_NONE)
            continue;
        text_hex(&hex, b->txs[i].hash.b, sizeof(b->txs[i].hash.b));
        err_set(err, ERR_INPUT,
                "payment %s is in the ledger already: what has come since can only be joined to it "
                "if all is ingested anew",
                text_string(&hex) ? text_string(&hex) : "");
        text_free(&hex);
        return false;
    }
    return true;
}

/* Of the newest time the ledger takes more blocks. */
static bool is_there(const struct guard *g, const struct transfer_block *b)
{
    struct hash32 digest = account_block_digest(b);

    return account_ledger_find_block(g->ledger, &digest) != BLOCK_NONE;
}

static bool guard_next(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct guard *g = self;

    return g->inner.next(g->inner.self, ret, ret_end, err) &&
           (*ret_end || ret->time < g->last || (ret->time == g->last && is_there(g, ret)) ||
            is_new(g, ret, err));
}

static void guard_free(void *self)
{
    struct guard *g = self;

    g->inner.free(g->inner.self);
    account_ledger_close(g->ledger);
    mem_free(g);
}

bool account_guard(const char *dir, struct transfer_source *source, struct err *err)
{
    struct account_ledger *ledger;
    struct guard *g;
    uint64_t n;

    if (!account_ledger_open(dir, &ledger, err))
        return err->class == ERR_NOT_FOUND; /* a new one */
    n = account_ledger_counts(ledger).blocks;
    if (!n) {
        account_ledger_close(ledger);
        return true;
    }
    g = mem_zero(sizeof(*g));
    if (!g) {
        account_ledger_close(ledger);
        return err_fail(err, ERR_NOMEM, "a source");
    }
    g->ledger = ledger;
    g->last = account_ledger_block(ledger, (uint32_t)n - 1).time;
    g->inner = *source;
    *source = (struct transfer_source){.next = guard_next,
                                       .free = guard_free,
                                       .self = g,
                                       .bytes_all = g->inner.bytes_all,
                                       .bytes_done = g->inner.bytes_done};
    return true;
}
