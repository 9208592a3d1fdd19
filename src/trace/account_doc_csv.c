/* The moves for a spreadsheet. */
#include "base/csv.h"
#include "chain/facts.h"
#include "trace/account_doc.h"

static void put_amount(struct text *to, struct u256 amount)
{
    char digits[U256_TEXT_MAX];

    text_put(to, digits, u256_to_text(amount, digits));
    text_char(to, ',');
}

static void put_row(struct text *to, const struct account_doc *d, const struct account_move *m)
{
    struct transfer t = accounts_transfer(&d->accounts, m->transfer);
    struct account_ledger_block b = account_doc_block(d, m->transfer);
    struct trace_stop stop = {"", "", "", "", NULL};
    char name[ACCOUNT_NAME_MAX], id[TRANSFER_NAME_MAX];

    if (m->stop != STOP_NONE)
        stop = account_doc_stop(d, m->stop);
    transfer_name(d->ledger, m->transfer, id);
    csv_cell(to, d->case_id, ',');
    csv_cell(to, account_ledger_chain(d->ledger)->name, ',');
    csv_cell(to, id, ',');
    if (b.height != HEIGHT_UNKNOWN)
        text_u64(to, b.height);
    text_char(to, ',');
    text_u64(to, b.time);
    text_char(to, ',');
    holder_text(d->ledger, t.from, name);
    csv_cell(to, name, ',');
    holder_text(d->ledger, t.to, name);
    csv_cell(to, name, ',');
    asset_text(d->ledger, transfer_asset(&d->accounts, &t), name);
    csv_cell(to, name, ',');
    put_amount(to, t.amount);
    put_amount(to, m->taint);
    text_printf(to, "%u,%s,", m->hop, move_grade_name(m->grade));
    csv_cell(to, stop.name, ',');
    csv_cell(to, stop.category, ',');
    csv_put(to, stop.source);
    text_str(to, "\r\n");
}

void account_write_csv_header(struct text *to)
{
    text_str(to, "case,chain,transfer,height,time,from,to,asset,amount,taint,hop,grade,stop,"
                 "category,source\r\n");
}

void account_write_csv_rows(struct text *to, const struct account_doc *d)
{
    for (size_t i = 0; i < d->trace->moves_n; i++)
        put_row(to, d, &d->trace->moves[i]);
}
