/* The reached outputs for a spreadsheet. */
#include "base/csv.h"
#include "chain/facts.h"
#include "trace/doc.h"

static void put_number(struct text *to, uint64_t v)
{
    text_u64(to, v);
    text_char(to, ',');
}

static void put_row(struct text *to, const struct trace_doc *d, const struct trace_reached *r)
{
    char output[OUTPOINT_TEXT_MAX], address[ADDRESS_BYTES_MAX], spender[TXID_TEXT_MAX] = "";
    uint32_t height =
        ledger_block(d->ledger, ledger_tx_block(d->ledger, trace_doc_maker(d, r))).height;

    trace_doc_outpoint(d, r->output, output);
    trace_doc_address(d, r->output, address);
    if (r->spent_by != COINS_TX_NONE)
        trace_doc_txid(d, r->spent_by, spender);
    csv_put(to, d->case_id);
    text_printf(to, ",%s,", output);
    if (height != HEIGHT_UNKNOWN)
        text_u64(to, height);
    text_printf(to, ",%s,", address);
    put_number(to, coins_value(&d->coins, r->output));
    put_number(to, r->taint);
    put_number(to, r->hop);
    text_printf(to, "%s,", spender);
    if (r->stop >= 0)
        csv_put(to, d->stops[r->stop].name);
    text_char(to, ',');
    if (r->stop >= 0)
        csv_put(to, d->stops[r->stop].category);
    text_char(to, ',');
    if (r->stop >= 0)
        csv_put(to, d->stops[r->stop].source);
    text_str(to, "\r\n");
}

void trace_write_csv(struct text *to, const struct trace_doc *d)
{
    text_str(to, "case,output,height,address,value,taint,hop,spent_by,stop,category,source\r\n");
    for (size_t i = 0; i < d->trace->reached_n; i++)
        put_row(to, d, &d->trace->reached[i]);
}
