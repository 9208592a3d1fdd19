/* cordon trace --backward: where the value of outputs came from. */
#include "cli/backward.h"

#include "chain/bitcoin/pool.h"
#include "cli/cli.h"
#include "trace/backward.h"
#include "trace/run.h"

static void sum_line(struct text *to, const struct source_doc *d, const char *what, uint64_t value)
{
    if (!value)
        return;
    text_printf(to, "  %-22s ", what);
    show_amount(to, value, ledger_chain(d->ledger)->decimals);
    text_char(to, '\n');
}

static const char *end_in_words(enum trace_source_end end)
{
    switch (end) {
    case SOURCE_GOES_ON:
        return "";
    case SOURCE_COINBASE:
        return "newly made";
    case SOURCE_POOL:
        return "out of a shielded pool";
    case SOURCE_CUT:
        return "beyond the hop limit";
    case SOURCE_UNRESOLVED:
        return "unresolved";
    }
    return "";
}

static void source_line(struct text *to, const struct source_doc *d, const struct trace_source *s)
{
    const struct trace_doc names = {.ledger = d->ledger, .coins = d->coins};
    char outpoint[OUTPOINT_TEXT_MAX], address[ADDRESS_BYTES_MAX];

    trace_doc_outpoint(&names, s->output, outpoint);
    trace_doc_address(&names, s->output, address);
    text_str(to, "  ");
    show_amount(to, s->amount, ledger_chain(d->ledger)->decimals);
    text_printf(to, "  hop %u  %s  %s  %s\n", s->hop, end_in_words(s->end), address, outpoint);
}

static void outside_line(struct text *to, const struct source_doc *d, const struct trace_outside *o)
{
    uint32_t script;
    const uint8_t *outpoint = ledger_outside(d->ledger, o->input, &script);
    const char *pool = ledger_input_pool(d->ledger, o->input);

    if (!outpoint)
        return;
    text_str(to, "  ");
    show_amount(to, o->amount, ledger_chain(d->ledger)->decimals);
    if (pool) {
        text_printf(to, "  hop %u  out of %s\n", o->hop, pool);
        return;
    }
    text_printf(to, "  hop %u  outside the ledger  ", o->hop);
    text_hex_reversed(to, outpoint, sizeof(struct hash32));
    text_printf(to, ":%u\n", load_le32(outpoint + sizeof(struct hash32)));
}

static void sources_text(struct text *to, const struct source_doc *d)
{
    const struct trace_sources *s = d->sources;
    struct ledger_block until = ledger_block(d->ledger, d->blocks_n - 1);

    text_printf(to, "Followed back on %s with %s, as of ", ledger_chain(d->ledger)->name,
                trace_policy_name(d->policy));
    show_block(to, &until);
    text_printf(to, ".\n%zu outputs contributed.%s\n\n", s->sources_n,
                s->exact ? "" : " An input of unknown value lies on the way.");
    sum_line(to, d, "asked for", s->totals.target);
    sum_line(to, d, "newly made", s->totals.coinbase);
    sum_line(to, d, "outside the ledger", s->totals.outside);
    if (ledger_chain(d->ledger)->pools)
        sum_line(to, d, "out of shielded pools", s->totals.pool);
    sum_line(to, d, "beyond the hop limit", s->totals.cut);
    sum_line(to, d, "unresolved", s->totals.unresolved);
    text_str(to, "\nWhere the way back ends\n");
    for (size_t i = 0; i < s->sources_n; i++)
        if (s->sources[i].end != SOURCE_GOES_ON)
            source_line(to, d, &s->sources[i]);
    for (size_t i = 0; i < s->outside_n; i++)
        outside_line(to, d, &s->outside[i]);
}

static bool write(struct call *c, const struct source_doc *d, struct err *err)
{
    struct out_file out;

    if (!out_open(c, call_option(c, "out"), &out, err))
        return false;
    if (call_json(c))
        trace_source_write_json(out.to, d);
    else
        sources_text(out.to, d);
    return out_close(&out, true, err);
}

static bool pool_output(void *ctx, uint64_t output)
{
    const struct ledger *l = ctx;
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes script;

    return ledger_script(l, ledger_script_of(l, output), form, &script) &&
           pool_of_script(ledger_chain(l), script) != POOL_NONE;
}

static bool pool_input(void *ctx, uint64_t input)
{
    return ledger_input_pool(ctx, input) != NULL;
}

bool backward(struct call *c, const struct case_file *f, struct err *err)
{
    const char *format = call_option(c, "format");
    struct trace_target target = {
        .policy = f->has_policy ? f->policy : TRACE_FIFO,
        .hops_max = f->has_hops ? f->hops_max : TRACE_HOPS_NONE,
        .pool_ctx = (void *)c->ledger,
    };
    struct source_doc d = {
        .ledger = c->ledger,
        .blocks_n = (uint32_t)ledger_counts(c->ledger).blocks,
        .policy = target.policy,
        .hops_max = target.hops_max,
    };
    struct trace_sources sources;

    if (format && strcmp(format, "json") && strcmp(format, "text"))
        return err_fail(err, ERR_USAGE, "--backward writes text or json");
    if (call_option(c, "stop") || call_option(c, "stops-from-tags") || call_option(c, "dust") ||
        call_option(c, "evidence"))
        return err_fail(err, ERR_USAGE, "--backward goes without --stop, --dust and --evidence");
    if (f->has_until && !trace_until_height(c->ledger, f->until, &d.blocks_n, err))
        return false;
    if (f->has_until_time && !trace_until_time(c->ledger, f->until_time, &d.blocks_n, err))
        return false;
    if (ledger_chain(c->ledger)->pools) {
        target.pool_output = pool_output;
        target.pool_input = pool_input;
    }
    d.coins = trace_coins_of(c->ledger, d.blocks_n);
    d.sources = &sources;
    return origins_resolve(c->arena, c->ledger, &d.coins, f->origins, f->origins_n, &target.outputs,
                           &target.outputs_n, err) &&
           trace_backward(c->arena, &d.coins, &target, &sources, err) && write(c, &d, err);
}
