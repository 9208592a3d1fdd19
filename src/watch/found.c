#include "watch/found.h"

#include "chain/dialect.h"

#include <stdio.h>

#define NOTES_LOOKED 2048u /* transactions of a block, back from the deposit's */

/* By the notes of one transaction, which stand last in it: an own token account of whom it came to,
 * with that asset. */
static bool own_token_in(const struct account_ledger *l, const struct accounts *a,
                         const struct own_set *own, uint64_t tx, struct holding to,
                         struct own_hit *ret)
{
    struct accounts_range range = accounts_tx(a, tx);
    struct account_ledger_event e;

    for (uint64_t i = range.first + range.n; i > range.first; i--) {
        struct transfer t = accounts_transfer(a, i - 1);

        if (t.kind != TRANSFER_NOTE)
            return false;
        if (t.from < a->holdings_n && accounts_holding(a, t.from).asset == to.asset &&
            account_ledger_note(l, i - 1, EVENT_OWNER, &e) && e.subject == to.account &&
            own_set_find(own, account_ledger_key(l, accounts_holding(a, t.from).account), ret))
            return true;
    }
    return false;
}

/* A token account is noted once a block, in the first transaction that it is in. */
static bool own_token(const struct account_ledger *l, const struct accounts *a,
                      const struct own_set *own, uint64_t tx, struct holding to,
                      struct own_hit *ret)
{
    const struct dialect *d = account_ledger_chain(l)->dialect;
    uint64_t first = account_ledger_block(l, account_ledger_tx_block(l, tx)).tx_first;

    if (!d || d->tx != TX_IS_SIGNATURE) /* only Solana has them */
        return false;
    for (unsigned i = 0; i < NOTES_LOOKED && tx >= first + i; i++)
        if (own_token_in(l, a, own, tx - i, to, ret))
            return true;
    return false;
}

bool found_of_transfer(const struct account_ledger *l, const struct accounts *accounts,
                       const struct own_set *own, const struct account_move *m,
                       struct watch_found *f)
{
    struct transfer t = accounts_transfer(accounts, m->transfer);
    struct account_ledger_block block;
    struct holding to;

    if (t.to == ACCOUNTS_NONE || u256_zero(m->taint))
        return false;
    to = accounts_holding(accounts, t.to);
    if (!own_set_find(own, account_ledger_key(l, to.account), &f->own) &&
        !own_token(l, accounts, own, accounts_tx_of(accounts, m->transfer), to, &f->own))
        return false;
    block =
        account_ledger_block(l, account_ledger_tx_block(l, accounts_tx_of(accounts, m->transfer)));
    f->chain = account_ledger_chain(l);
    transfer_name(l, m->transfer, f->place);
    account_text(l, to.account, f->address);
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

/* ---- whom cases reach ---- */

#define PIECE 64u

bool reach_of_output(const struct ledger *l, const struct trace_reached *r, struct reach_move *ret)
{
    uint32_t script = ledger_script_of(l, r->output);

    *ret = (struct reach_move){r->output, script, 0, u256_of(r->taint), r->hop};
    return r->taint && script != SCRIPT_NONE;
}

bool reach_of_transfer(const struct accounts *a, const struct account_move *m,
                       struct reach_move *ret)
{
    struct transfer t = accounts_transfer(a, m->transfer);
    struct holding to;

    if (t.to == ACCOUNTS_NONE || t.to == t.from || u256_zero(m->taint))
        return false;
    to = accounts_holding(a, t.to);
    *ret = (struct reach_move){m->transfer, to.account, to.asset, m->taint, m->hop};
    return true;
}

/* Of too many the listener is told that there are none. */
static bool reach_end(struct reach *r, bool ok, struct reach **ret, struct err *err)
{
    if (r && !ok)
        r = reach_free(r);
    *ret = r;
    return ok || err->class == ERR_LIMIT;
}

bool reach_of_outputs(const struct ledger *l, const struct trace_reached *r, size_t n,
                      struct reach **ret, struct err *err)
{
    struct reach *to = reach_new();
    bool ok = to || err_fail(err, ERR_NOMEM, "reach");
    struct reach_move move;

    for (size_t i = 0; ok && i < n; i++)
        ok = !reach_of_output(l, &r[i], &move) || reach_put(to, &move, err);
    return reach_end(to, ok, ret, err);
}

bool reach_of_transfers(const struct accounts *a, const struct account_move *m, size_t n,
                        struct reach **ret, struct err *err)
{
    struct reach *to = reach_new();
    bool ok = to || err_fail(err, ERR_NOMEM, "reach");
    struct reach_move move;

    for (size_t i = 0; ok && i < n; i++)
        ok = !reach_of_transfer(a, &m[i], &move) || reach_put(to, &move, err);
    return reach_end(to, ok, ret, err);
}

void reach_more_outputs(const struct watch_reach *to, const struct ledger *l, const char *case_id,
                        const struct trace_reached *r, size_t n)
{
    struct reach_move piece[PIECE];
    size_t piece_n = 0;

    for (size_t i = 0; i < n; i++) {
        piece_n += reach_of_output(l, &r[i], &piece[piece_n]);
        if (piece_n == PIECE || (piece_n && i + 1 == n)) {
            to->more(to->ctx, ledger_chain(l), case_id, piece, piece_n);
            piece_n = 0;
        }
    }
}

void reach_more_transfers(const struct watch_reach *to, const struct chain *chain,
                          const struct accounts *a, const char *case_id,
                          const struct account_move *m, size_t n)
{
    struct reach_move piece[PIECE];
    size_t piece_n = 0;

    for (size_t i = 0; i < n; i++) {
        piece_n += reach_of_transfer(a, &m[i], &piece[piece_n]);
        if (piece_n == PIECE || (piece_n && i + 1 == n)) {
            to->more(to->ctx, chain, case_id, piece, piece_n);
            piece_n = 0;
        }
    }
}
