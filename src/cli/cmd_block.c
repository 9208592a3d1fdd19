/* cordon block: one block, by height or by hash, with its transactions. */
#include "cli/cli.h"

#include "api/answer.h"
#include "cli/accounts.h"
#include "api/lookup.h"
#include "chain/bitcoin/block.h"

static void block_text(struct text *to, const struct ledger *l, const struct ledger_block *b)
{
    struct block_header header = header_read(b->header);

    text_str(to, "block         ");
    show_txid(to, &b->hash);
    text_str(to, "\nheight        ");
    show_height(to, b->height);
    text_str(to, "\ntime          ");
    show_time(to, b->time);
    text_str(to, "\nprevious      ");
    show_txid(to, &header.prev);
    text_printf(to, "\nsize          %u bytes\ntransactions  %u\n", b->size, b->txs_n);
    for (uint32_t i = 0; i < b->txs_n; i++) {
        struct hash32 txid = ledger_txid(l, b->tx_first + i);

        text_str(to, "  ");
        show_txid(to, &txid);
        text_char(to, '\n');
    }
}

static bool cmd_block_run(struct call *c, struct err *err)
{
    struct ledger_block b;
    uint32_t found;

    if (c->accounts)
        return account_cmd_block(c, err);
    if (call_json(c))
        return answer_block(c->out, c->ledger, call_arg(c, 0), err);
    if (!lookup_block(c->ledger, call_arg(c, 0), &found, err))
        return false;
    b = ledger_block(c->ledger, found);
    block_text(c->out, c->ledger, &b);
    return true;
}

static const struct option options[] = {
    OPTION_LEDGER, OPTION_CHAIN, OPTION_FORMAT, {NULL, NULL, NULL, false}};

static const struct example examples[] = {
    {"cordon block 170 --format json", "the block in which Satoshi paid Hal Finney"},
    {NULL, NULL},
};

const struct command cmd_block = {
    .name = "block",
    .args = "HEIGHT|HASH",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .needs = NEEDS_LEDGER,
    .run = cmd_block_run,
    .summary = "show a block and its transactions",
    .about = "The header of a block and the ids of its transactions in order. JSON: "
             "docs/schemas/block.json.",
    .examples = examples,
};
