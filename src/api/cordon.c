/* What include/cordon.h promises, on top of the rooms: each call has an arena of its own, and hands
 * out one text. */
#include "cordon.h"

#include "api/account_answer.h"
#include "api/answer.h"
#include "api/deposit_answer.h"
#include "api/entity.h"
#include "base/mem.h"
#include "chain/bitcoin/block.h"
#include "chain/transfer_source.h"
#include "entity/cluster_update.h"
#include "ledger/account_ingest.h"
#include "ledger/ingest.h"
#include "trace/ledgers_run.h"
#include "trace/run.h"
#include "trace/verify.h"

#include <stdatomic.h>
#include <stdio.h>

#define CALL_BYTES_MAX ((size_t)64 << 30)
#define ANSWER_BYTES_MAX ((size_t)16 << 30)

struct cordon_ledger { /* one of the two */
    struct ledger *ledger;
    struct account_ledger *accounts;
};

static enum cordon_result failed(const struct err *err, struct cordon_error *error)
{
    if (error)
        snprintf(error->text, sizeof(error->text), "%s", err->text);
    return (enum cordon_result)err_exit_code(err);
}

/* Ends a text as an answer: its bytes are the caller's now. */
static enum cordon_result answered(bool ok, struct text *t, char **ret, struct err *err,
                                   struct cordon_error *error)
{
    if (ok && text_string(t)) {
        *ret = t->p;
        return CORDON_OK;
    }
    if (ok)
        ok = text_end(t, err);
    text_free(t);
    return failed(err, error);
}

void cordon_free(char *answer)
{
    mem_free(answer);
}

struct asked { /* whether to stop, asked of the caller whenever progress is told */
    const struct cordon_ingest_options *options;
    atomic_bool stop;
};

static void ask(void *ctx, const struct ingest_progress *p)
{
    struct asked *asked = ctx;

    if (asked->options->stop(asked->options->ctx))
        asked->stop = true;
}

static bool ingest_accounts(const char *dir, const struct ingest_options *o, const char *map,
                            struct ingest_result *ret, struct err *err)
{
    struct transfer_source_options from = {.map = map};
    struct account_ingest_options options = {
        .ledger = o->ledger, .stop = o->stop, .progress = o->progress, .ctx = o->ctx};
    struct account_ingest_result r;
    struct transfer_source source;
    bool ok;

    if (!transfer_source_open(o->chain, o->paths, o->paths_n, &from, &source, err))
        return false;
    ok = account_ingest(dir, o->chain, &source, &options, &r, err);
    source.free(source.self);
    if (ok)
        *ret = (struct ingest_result){.added = r.blocks.added,
                                      .undone = r.blocks.undone,
                                      .known = r.blocks.known,
                                      .stale = r.blocks.stale,
                                      .stopped = r.stopped};
    return ok;
}

enum cordon_result cordon_ingest(const char *chain, const char *const *paths, size_t paths_n,
                                 const char *dir, const struct cordon_ingest_options *options,
                                 struct cordon_ingested *ret, struct cordon_error *error)
{
    static const struct cordon_ingest_options plain;
    struct asked asked = {.options = options ? options : &plain};
    struct ingest_options o = {.paths = paths, .paths_n = paths_n, .chain = chain_by_name(chain)};
    struct ingest_result result;
    struct err err;

    if (!o.chain) {
        err_fail(&err, ERR_USAGE, "unknown chain \"%s\"", chain);
        return failed(&err, error);
    }
    o.ledger =
        (struct ledger_options){.memory = asked.options->memory, .threads = asked.options->threads};
    o.checks = asked.options->check_full ? BLOCK_CHECK_FULL : 0;
    if (asked.options->stop) {
        o.progress = ask;
        o.ctx = &asked;
        o.stop = &asked.stop;
    }
    if (chain_has_accounts(o.chain) ? !ingest_accounts(dir, &o, asked.options->map, &result, &err)
                                    : !ingest(dir, &o, &result, &err))
        return failed(&err, error);
    if (ret)
        *ret = (struct cordon_ingested){result.added, result.undone, result.known, result.stale,
                                        result.stopped};
    return CORDON_OK;
}

enum cordon_result cordon_ledger_open(const char *dir, struct cordon_ledger **ret,
                                      struct cordon_error *error)
{
    struct cordon_ledger *l = mem_zero(sizeof(*l));
    struct err err;

    if (!l) {
        err_fail(&err, ERR_NOMEM, "ledger");
        return failed(&err, error);
    }
    if (!account_ledger_open(dir, &l->accounts, &err) &&
        (err.class != ERR_INPUT || !ledger_open(dir, &l->ledger, &err))) { /* it is of coins */
        mem_free(l);
        return failed(&err, error);
    }
    *ret = l;
    return CORDON_OK;
}

void cordon_ledger_close(struct cordon_ledger *ledger)
{
    if (ledger) {
        ledger_close(ledger->ledger);
        account_ledger_close(ledger->accounts);
    }
    mem_free(ledger);
}

const char *cordon_ledger_chain(const struct cordon_ledger *ledger)
{
    return ledger->accounts ? account_ledger_chain(ledger->accounts)->name
                            : ledger_chain(ledger->ledger)->name;
}

enum cordon_result cordon_info(const struct cordon_ledger *ledger, char **ret,
                               struct cordon_error *error)
{
    struct text t = text_new(ANSWER_BYTES_MAX);
    struct err err;

    if (ledger->accounts)
        answer_account_info(&t, ledger->accounts);
    else
        answer_info(&t, ledger->ledger);
    return answered(true, &t, ret, &err, error);
}

enum cordon_result cordon_block(const struct cordon_ledger *ledger, const char *height_or_hash,
                                char **ret, struct cordon_error *error)
{
    struct text t = text_new(ANSWER_BYTES_MAX);
    struct err err;
    bool ok = ledger->accounts ? answer_account_block(&t, ledger->accounts, height_or_hash, &err)
                               : answer_block(&t, ledger->ledger, height_or_hash, &err);

    return answered(ok, &t, ret, &err, error);
}

enum cordon_result cordon_tx(const struct cordon_ledger *ledger, const char *txid, char **ret,
                             struct cordon_error *error)
{
    struct text t = text_new(ANSWER_BYTES_MAX);
    struct err err;
    bool ok = ledger->accounts ? answer_account_tx(&t, ledger->accounts, txid, &err)
                               : answer_tx(&t, ledger->ledger, txid, &err);

    return answered(ok, &t, ret, &err, error);
}

enum cordon_result cordon_address(const struct cordon_ledger *ledger, const char *address,
                                  char **ret, struct cordon_error *error)
{
    struct text t = text_new(ANSWER_BYTES_MAX);
    struct err err;
    bool ok = ledger->accounts ? answer_account_address(&t, ledger->accounts, address, &err)
                               : answer_address(&t, ledger->ledger, address, &err);

    return answered(ok, &t, ret, &err, error);
}

static enum cordon_result accounts_refused(struct cordon_error *error)
{
    struct err err;

    err_fail(&err, ERR_USAGE, "a ledger of accounts, which are not clustered");
    return failed(&err, error);
}

enum cordon_result cordon_entities_update(const struct cordon_ledger *ledger,
                                          struct cordon_error *error)
{
    struct clusters_updated done;
    struct err err;

    if (ledger->accounts)
        return accounts_refused(error);
    return clusters_update(ledger->ledger, NULL, &done, &err) ? CORDON_OK : failed(&err, error);
}

enum cordon_result cordon_entity(const struct cordon_ledger *ledger, const char *address,
                                 const char *why, uint64_t members_max, char **ret,
                                 struct cordon_error *error)
{
    struct entity_options options = {.why = why, .members = members_max};
    struct text t = text_new(ANSWER_BYTES_MAX);
    struct clusters *clusters = NULL;
    struct arena *a;
    struct entity e;
    struct err err;
    bool ok;

    if (ledger->accounts)
        return accounts_refused(error);
    a = arena_new(NULL, CALL_BYTES_MAX);
    ok = a || err_fail(&err, ERR_NOMEM, "entity");
    ok = ok && (clusters_open(ledger->ledger, &clusters, &err) || err.class == ERR_NOT_FOUND) &&
         entity_find(a, ledger->ledger, clusters, address, &options, &e, &err);
    if (ok)
        answer_entity(&t, &e);
    clusters_close(clusters);
    arena_free(a);
    return answered(ok, &t, ret, &err, error);
}

static struct bytes bytes_of(const char *s)
{
    return (struct bytes){(const uint8_t *)s, strlen(s)};
}

/* The case file, or the origins as one; then what the options say instead. */
static bool case_of(struct arena *a, const struct cordon_trace_options *o, struct case_file *ret,
                    struct err *err)
{
    struct case_origin *origins = ARENA_ARRAY(a, struct case_origin, o->origins_n);

    *ret = (struct case_file){0};
    if (!origins)
        return err_fail(err, ERR_NOMEM, "%zu origins", o->origins_n);
    if (!o->case_json == !o->origins_n)
        return err_fail(err, ERR_USAGE, "either a case or origins are wanted");
    if (o->case_json && !case_read(a, bytes_of(o->case_json), ret, err))
        return err_in(err, "case");
    for (size_t i = 0; i < o->origins_n; i++)
        if (!origin_from_text(a, o->origins[i], &origins[i], err))
            return false;
    if (o->origins_n) {
        ret->origins = origins;
        ret->origins_n = o->origins_n;
    }
    if (o->policy && !trace_policy_from_name(o->policy, &ret->policy))
        return err_fail(err, ERR_USAGE, "unknown policy \"%s\"", o->policy);
    ret->has_policy |= o->policy != NULL;
    if (o->dust) {
        ret->has_dust = true;
        ret->dust = u256_of(o->dust);
    }
    if (o->hops_max) {
        ret->has_hops = true;
        ret->hops_max = *o->hops_max;
    }
    if (o->until) {
        ret->has_until = true;
        ret->until = *o->until;
    }
    return true;
}

static bool deposit_to(struct arena *a, struct text *to, const struct account_ledger *l,
                       const char *address, const char *wallets, struct err *err)
{
    const struct trace_stop *stops = NULL;
    struct deposit_found found;
    struct deposit_rule rule;
    size_t n = 0;

    if (!stops_read(a, bytes_of(wallets), "wallets", &stops, &n, err) ||
        !deposit_rule_of_stops(a, l, stops, n, &rule, err))
        return err_in(err, "wallets");
    if (!deposit_find(a, l, &rule, address, &found, err))
        return false;
    answer_deposit(to, &found);
    return true;
}

enum cordon_result cordon_deposit(const struct cordon_ledger *ledger, const char *address,
                                  const char *wallets, char **ret, struct cordon_error *error)
{
    struct text t = text_new(ANSWER_BYTES_MAX);
    struct arena *a = arena_new(NULL, CALL_BYTES_MAX);
    struct err err;
    bool ok = a || err_fail(&err, ERR_NOMEM, "deposit");

    if (ok && !ledger->accounts)
        ok = err_fail(&err, ERR_USAGE, "a ledger of coins: see cordon_entity");
    ok = ok && deposit_to(a, &t, ledger->accounts, address, wallets, &err);
    arena_free(a);
    return answered(ok, &t, ret, &err, error);
}

static bool write_as(struct arena *a, const char *format, struct text *to,
                     const struct trace_doc *d, struct err *err)
{
    if (!format || !strcmp(format, "json"))
        trace_write_json(to, d);
    else if (!strcmp(format, "text"))
        trace_write_text(to, d);
    else if (!strcmp(format, "csv"))
        trace_write_csv(to, d);
    else if (!strcmp(format, "graphml"))
        trace_write_graphml(to, d);
    else if (!strcmp(format, "html"))
        return trace_write_html(a, to, d, err);
    else
        return err_fail(err, ERR_USAGE, "unknown format \"%s\"", format);
    return true;
}

static bool trace_to(struct arena *a, struct text *to, const struct ledger *l,
                     const struct cordon_trace_options *o, struct err *err)
{
    const struct trace_stop *stops = NULL;
    struct trace_request request;
    struct case_file file;
    struct trace_doc doc;
    size_t stops_n = 0;

    if (o->stops && !stops_read(a, bytes_of(o->stops), "stops", &stops, &stops_n, err))
        return err_in(err, "stops");
    return case_of(a, o, &file, err) &&
           trace_request_from_case(a, l, &file, stops, stops_n, &request, err) &&
           trace_run(a, l, &request, 1, &doc, err) && write_as(a, o->format, to, &doc, err);
}

static bool set_of(struct arena *a, const struct cordon_ledger *const *ledgers, size_t n,
                   struct trace_ledger **ret, struct err *err)
{
    *ret = ARENA_ARRAY(a, struct trace_ledger, n);
    if (!*ret)
        return err_fail(err, ERR_NOMEM, "%zu ledgers", n);
    if (!n || n > ROUTES_LEDGERS_MAX)
        return err_fail(err, n ? ERR_LIMIT : ERR_USAGE, "from 1 to %d ledgers are wanted",
                        ROUTES_LEDGERS_MAX);
    for (size_t i = 0; i < n; i++)
        (*ret)[i] =
            (struct trace_ledger){.coins = ledgers[i]->ledger, .accounts = ledgers[i]->accounts};
    return true;
}

static bool trace_all_to(struct arena *a, struct text *to,
                         const struct cordon_ledger *const *ledgers, size_t n,
                         const struct cordon_trace_options *o, struct err *err)
{
    const struct trace_stop *stops = NULL;
    struct trace_ledger *set;
    struct ledgers_doc doc;
    struct case_file file;
    size_t stops_n = 0;

    if (o->stops && !stops_read(a, bytes_of(o->stops), "stops", &stops, &stops_n, err))
        return err_in(err, "stops");
    return set_of(a, ledgers, n, &set, err) && case_of(a, o, &file, err) &&
           ledgers_run(a, set, n, NULL, &file, 1, stops, stops_n, &doc, err) &&
           ledgers_write(a, to, &doc, o->format ? o->format : "json", err);
}

enum cordon_result cordon_trace_ledgers(const struct cordon_ledger *const *ledgers,
                                        size_t ledgers_n,
                                        const struct cordon_trace_options *options, char **ret,
                                        struct cordon_error *error)
{
    struct arena *a = arena_new(NULL, CALL_BYTES_MAX);
    struct text t = text_new(ANSWER_BYTES_MAX);
    struct err err;
    bool ok = a ? trace_all_to(a, &t, ledgers, ledgers_n, options, &err)
                : err_fail(&err, ERR_NOMEM, "trace");

    arena_free(a);
    return answered(ok, &t, ret, &err, error);
}

static bool verify_all(struct arena *a, const struct cordon_ledger *const *ledgers, size_t n,
                       const char *trace_json, struct verify_answer *ret, struct err *err)
{
    struct trace_ledger *set;

    return set_of(a, ledgers, n, &set, err) &&
           ledgers_verify(a, set, n, bytes_of(trace_json), NULL, 0, ret, err);
}

enum cordon_result cordon_verify_ledgers(const struct cordon_ledger *const *ledgers,
                                         size_t ledgers_n, const char *trace_json,
                                         struct cordon_error *error)
{
    struct arena *a = arena_new(NULL, CALL_BYTES_MAX);
    struct verify_answer answer;
    struct err err;
    bool ok = a ? verify_all(a, ledgers, ledgers_n, trace_json, &answer, &err)
                : err_fail(&err, ERR_NOMEM, "trace");

    arena_free(a);
    if (ok && answer.outcome != VERIFY_SAME)
        ok = err_fail(&err, ERR_DIFFERS, "%s", answer.text);
    return ok ? CORDON_OK : failed(&err, error);
}

static enum cordon_result trace_coins(const struct cordon_ledger *ledger,
                                      const struct cordon_trace_options *options, char **ret,
                                      struct cordon_error *error)
{
    struct arena *a = arena_new(NULL, CALL_BYTES_MAX);
    struct text t = text_new(ANSWER_BYTES_MAX);
    struct err err;
    bool ok =
        a ? trace_to(a, &t, ledger->ledger, options, &err) : err_fail(&err, ERR_NOMEM, "trace");

    arena_free(a);
    return answered(ok, &t, ret, &err, error);
}

enum cordon_result cordon_trace(const struct cordon_ledger *ledger,
                                const struct cordon_trace_options *options, char **ret,
                                struct cordon_error *error)
{
    if (ledger->accounts)
        return cordon_trace_ledgers(&ledger, 1, options, ret, error);
    return trace_coins(ledger, options, ret, error);
}

enum cordon_result cordon_verify(const struct cordon_ledger *ledger, const char *trace_json,
                                 struct cordon_error *error)
{
    struct arena *a;
    struct verify_answer answer;
    struct err err;
    bool ok;

    if (ledger->accounts)
        return cordon_verify_ledgers(&ledger, 1, trace_json, error);
    a = arena_new(NULL, CALL_BYTES_MAX);
    ok = a ? trace_verify(a, ledger->ledger, bytes_of(trace_json), NULL, 0, &answer, &err)
           : err_fail(&err, ERR_NOMEM, "trace");

    arena_free(a);
    if (ok && answer.outcome != VERIFY_SAME)
        ok = err_fail(&err, ERR_DIFFERS, "%s", answer.text);
    return ok ? CORDON_OK : failed(&err, error);
}
