/* cordon ingest of a chain that has accounts: any source of transfers -> its ledger. */
#include "cli/ingest_accounts.h"

#include "base/json.h"
#include "chain/bitcoin/block.h"
#include "chain/transfer_source.h"
#include "cli/ingest_node.h"
#include "cli/progress.h"
#include "ledger/account_guard.h"
#include "ledger/account_ingest.h"

static void tell_progress(void *ctx, const struct ingest_progress *p)
{
    progress_show(ctx, p->bytes_done, p->bytes_all);
}

static void tell_json(struct call *c, const char *chain, const char *place,
                      const struct account_ingest_result *r, const char *note)
{
    struct json_out j = json_to(c->out, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.ingest/1");
    json_put_string(&j, "chain", chain);
    json_put_string(&j, "ledger", place);
    json_put_number(&j, "added", r->blocks.added);
    json_put_number(&j, "undone", r->blocks.undone);
    json_put_number(&j, "known", r->blocks.known);
    json_put_number(&j, "stale", r->blocks.stale);
    json_put_number(&j, "without_undo", 0);
    json_put_number(&j, "transfers", r->blocks.transfers);
    json_put_bool(&j, "stopped", r->stopped);
    json_put_string(&j, "notes", note);
    json_object_end(&j);
    text_char(c->out, '\n');
}

static void tell(struct call *c, const char *place, const struct account_ingest_result *r,
                 const char *note)
{
    text_printf(c->out, "%s: %llu blocks added, %llu transfers", place,
                (unsigned long long)r->blocks.added, (unsigned long long)r->blocks.transfers);
    if (r->blocks.undone)
        text_printf(c->out, ", %llu undone for another branch",
                    (unsigned long long)r->blocks.undone);
    if (r->blocks.known)
        text_printf(c->out, ", %llu there already", (unsigned long long)r->blocks.known);
    if (r->blocks.stale)
        text_printf(c->out, ", %llu of branches that ended passed over",
                    (unsigned long long)r->blocks.stale);
    text_str(c->out, r->stopped ? "; stopped, the same command goes on\n" : "\n");
    if (*note)
        text_printf(c->out, "note: %s\n", note);
}

bool ingest_accounts(struct call *c, const struct ingest_options *o, const char *place,
                     struct err *err)
{
    struct progress p = progress_start("ingested", true);
    struct account_ingest_options options = {
        .ledger = o->ledger, .stop = o->stop, .progress = tell_progress, .ctx = &p};
    struct account_ingest_result result;
    struct transfer_source_options source = {.map = call_option(c, "map")};
    struct transfer_source s;
    const char *note = "";
    bool ok;

    ok = ingest_from_node(o)
             ? ingest_node_open(c, o, place, &s, &note, err)
             : transfer_source_open(o->chain, o->paths, o->paths_n, &source, &s, err);
    if (!ok)
        return false;
    if (o->checks == BLOCK_CHECK_FULL && s.check)
        s.check(s.self);
    if (o->chain->shape == CHAIN_BANK && !account_guard(place, &s, err)) {
        s.free(s.self);
        return false;
    }
    ok = account_ingest(place, o->chain, &s, &options, &result, err);
    progress_end(&p);
    s.free(s.self);
    if (ok && call_json(c))
        tell_json(c, o->chain->name, place, &result, note);
    else if (ok)
        tell(c, place, &result, note);
    return ok;
}
