/* cordon tx: one transaction, with what it spends, what it pays, and who spent that. */
#include "cli/cli.h"

#include "api/answer.h"
#include "cli/accounts.h"
#include "api/lookup.h"

static void text_side(struct text *to, const struct ledger *l, uint64_t value, uint32_t id)
{
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes script;

    if (value == UINT64_MAX)
        text_str(to, "value unknown");
    else
        show_amount(to, value, ledger_chain(l)->decimals);
    text_str(to, "  ");
    if (id != SCRIPT_NONE && ledger_script(l, id, form, &script))
        script_show(to, ledger_chain(l), script);
}

static void tx_text(struct text *to, const struct ledger *l, uint32_t tx)
{
    const struct coins *coins = ledger_coins(l);
    struct coins_range in = coins_inputs(coins, tx), out = coins_outputs(coins, tx);
    struct ledger_block b = ledger_block(l, ledger_tx_block(l, tx));
    struct hash32 txid = ledger_txid(l, tx);
    uint64_t fee;

    text_str(to, "transaction  ");
    show_txid(to, &txid);
    text_str(to, "\nin           ");
    show_block(to, &b);
    if (lookup_fee(l, tx, &fee)) {
        text_str(to, "\nfee          ");
        show_amount(to, fee, ledger_chain(l)->decimals);
    }
    text_printf(to, "\n%s\n", in.n ? "spends" : "spends nothing: a coinbase");
    for (uint64_t i = 0; i < in.n; i++) {
        struct lookup_spent s = lookup_spent(l, in.first + i);

        text_str(to, "  ");
        if (s.pool) {
            text_printf(to, "%s  ", s.pool);
            show_amount(to, s.value, ledger_chain(l)->decimals);
            text_char(to, '\n');
            continue;
        }
        show_txid(to, &s.txid);
        text_printf(to, ":%u  ", s.vout);
        text_side(to, l, s.value, s.script);
        text_str(to, s.inside ? "\n" : "  (outside the ledger)\n");
    }
    text_str(to, "pays\n");
    for (uint64_t i = 0; i < out.n; i++) {
        struct lookup_output o = lookup_output(l, out.first + i);

        text_printf(to, "  %u  ", o.vout);
        text_side(to, l, o.value, ledger_script_of(l, out.first + i));
        if (o.spender != COINS_TX_NONE) {
            text_str(to, "\n     spent by ");
            show_txid(to, &o.spent_by);
        }
        text_char(to, '\n');
    }
}

static bool cmd_tx_run(struct call *c, struct err *err)
{
    uint32_t tx;

    if (c->accounts)
        return account_cmd_tx(c, err);
    if (call_json(c))
        return answer_tx(c->out, c->ledger, call_arg(c, 0), err);
    if (!lookup_tx(c->ledger, call_arg(c, 0), &tx, err))
        return false;
    tx_text(c->out, c->ledger, tx);
    return true;
}

static const struct option options[] = {
    OPTION_LEDGER, OPTION_CHAIN, OPTION_FORMAT, {NULL, NULL, NULL, false}};

static const struct example examples[] = {
    {"cordon tx f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",
     "the first payment between two people"},
    {NULL, NULL},
};

const struct command cmd_tx = {
    .name = "tx",
    .args = "TXID",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .needs = NEEDS_LEDGER,
    .run = cmd_tx_run,
    .summary = "show a transaction: what it spends, what it pays, and who spent that",
    .about = "What an input spends may lie outside the ledger; its value and script are then known "
             "only where\n"
             "undo data told them. Where two transactions share an id, the newest is shown. JSON:\n"
             "docs/schemas/tx.json.",
    .examples = examples,
};
