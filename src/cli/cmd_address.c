/* cordon address: every output that was ever paid to an address, newest first as it is found, and
 * then the sums. */
#include "cli/cli.h"

#include "api/answer.h"
#include "cli/accounts.h"
#include "api/lookup.h"

static void row_text(struct text *to, const struct lookup_output *r, unsigned decimals)
{
    show_time(to, r->block.time);
    text_str(to, "  ");
    show_txid(to, &r->txid);
    text_printf(to, ":%u  ", r->vout);
    show_amount(to, r->value, decimals);
    if (r->spender != COINS_TX_NONE) {
        text_str(to, "  spent by ");
        show_txid(to, &r->spent_by);
    }
    text_char(to, '\n');
}

static void sum_line(struct call *c, const char *what, uint64_t value)
{
    text_printf(c->out, "%-11s ", what);
    show_amount(c->out, value, ledger_chain(c->ledger)->decimals);
    text_char(c->out, '\n');
}

static void seen_line(struct call *c, const char *what, uint32_t tx)
{
    struct ledger_block b = ledger_block(c->ledger, ledger_tx_block(c->ledger, tx));

    text_printf(c->out, "%-11s ", what);
    show_block(c->out, &b);
    text_char(c->out, '\n');
}

static bool address_text(struct call *c, const char *address, struct err *err)
{
    struct lookup_address w;
    struct lookup_output o;
    bool more;

    if (!lookup_address(c->ledger, address, &w, err))
        return false;
    do {
        if (!lookup_address_next(&w, &o, &more, err))
            return false;
        if (more)
            row_text(c->out, &o, ledger_chain(c->ledger)->decimals);
    } while (more && !c->out->bad);
    text_printf(c->out, "%-11s %s\n%-11s %llu\n", "address", address, "outputs",
                (unsigned long long)w.outputs_n);
    sum_line(c, "received", w.received);
    sum_line(c, "spent", w.spent);
    sum_line(c, "balance", w.received - w.spent);
    if (!w.outputs_n)
        return true;
    seen_line(c, "first seen", w.tx_first);
    seen_line(c, "last seen", w.tx_last);
    return true;
}

static bool cmd_address_run(struct call *c, struct err *err)
{
    if (c->accounts)
        return account_cmd_address(c, err);
    return call_json(c) ? answer_address(c->out, c->ledger, call_arg(c, 0), err)
                        : address_text(c, call_arg(c, 0), err);
}

static const struct option options[] = {
    OPTION_LEDGER, OPTION_CHAIN, OPTION_FORMAT, {NULL, NULL, NULL, false}};

static const struct example examples[] = {
    {"cordon address 12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S",
     "what was ever paid to it, newest first, and the sums"},
    {NULL, NULL},
};

const struct command cmd_address = {
    .name = "address",
    .args = "ADDRESS",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .needs = NEEDS_LEDGER,
    .run = cmd_address_run,
    .summary = "show all outputs of an address, what it received, spent and has left",
    .about = "Outputs come newest first, as they are found; the sums follow them. Outputs paid to "
             "a public key\n"
             "count for the address of that key's hash. An address that the ledger has never seen "
             "has no\n"
             "outputs and received nothing. JSON: docs/schemas/address.json.",
    .examples = examples,
};
