#include "watch/found.h"

#include <stdio.h>

bool found_of_transfer(const struct account_ledger *l, const struct accounts *accounts,
                       const struct own_set *own, const struct account_move *m,
                       struct watch_found *f)
{
    struct transfer t = accounts_transfer(accounts, m->transfer);
    struct account_ledger_block block;
    uint64_t account;

    if (t.to == ACCOUNTS_NONE || u256_zero(m->taint))
        return false;
    account = accounts_holding(accounts, t.to).account;
    if (!own_set_find(own, account_ledger_key(l, account), &f->own))
        return false;
    block =
        account_ledger_block(l, account_ledger_tx_block(l, accounts_tx_of(accounts, m->transfer)));
    f->chain = account_ledger_chain(l);
    transfer_name(l, m->transfer, f->place);
    account_text(l, account, f->address);
    asset_text(l, transfer_asset(accounts, &t), f->asset);
    f->height = block.height;
    f->block = block.hash;
    f->amount = t.credit;
    f->tainted = m->taint;
    f->share_ppm = watch_share(m->taint, t.credit);
    f->hop = m->hop;
    f->grade = m->grade;
    f->origin = m->origin;
    f->spent = false;
    return true;
}

static void place_text(const struct ledger *l, const struct coins *coins, uint64_t output,
                       uint32_t maker, char ret[TRANSFER_NAME_MAX])
{
    struct hash32 txid = ledger_txid(l, maker);
    struct text t = text_new(TRANSFER_NAME_MAX);

    text_hex_reversed(&t, txid.b, sizeof(txid.b));
    text_printf(&t, ":%llu", (unsigned long long)(output - coins_outputs(coins, maker).first));
    snprintf(ret, TRANSFER_NAME_MAX, "%s", t.bad ? "" : text_string(&t));
    text_free(&t);
}

bool found_of_output(const struct ledger *l, const struct own_set *own,
                     const struct trace_reached *r, struct watch_found *f)
{
    const struct coins *coins = ledger_coins(l);
    uint32_t script_id = ledger_script_of(l, r->output), maker;
    uint8_t buffer[SCRIPT_FORM_MAX];
    char address[ADDRESS_BYTES_MAX];
    struct ledger_block block;
    struct bytes script;

    if (!r->taint || script_id == SCRIPT_NONE || !ledger_script(l, script_id, buffer, &script) ||
        !own_set_find(own, script, &f->own))
        return false;
    maker = coins_maker(coins, r->output);
    block = ledger_block(l, ledger_tx_block(l, maker));
    f->chain = ledger_chain(l);
    f->address[0] = 0;
    if (address_of_script(f->chain, script, address))
        snprintf(f->address, sizeof(f->address), "%s", address);
    snprintf(f->asset, sizeof(f->asset), "%s", f->chain->symbol);
    place_text(l, coins, r->output, maker, f->place);
    f->height = block.height;
    f->block = block.hash;
    f->amount = u256_of(coins_value(coins, r->output));
    f->tainted = u256_of(r->taint);
    f->share_ppm = watch_share(f->tainted, f->amount);
    f->grade = MOVE_PROVEN;
    f->hop = r->hop;
    f->origin = r->origin;
    f->spent = r->spent_by != COINS_TX_NONE;
    return true;
}
