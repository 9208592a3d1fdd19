#include "cli/exposures.h"

#include "cli/group_cases.h"
#include "cli/ledger_any.h"
#include "cli/progress.h"
#include "ledger/places.h"
#include "screen/screen_entity.h"
#include "screen/screen_wallets.h"

#include <stdio.h>
#include <unistd.h>

#define STEP_TXS 65536u /* between two looks at the terminal */

static bool is_asked(const struct chain *chain, uint32_t spaces, const char *wanted)
{
    enum address_space space = address_space_of_chain(chain);
    const struct chain *only = wanted ? chain_by_name(wanted) : NULL;

    return space && spaces & 1u << space && (!only || only == chain);
}

/* To the end of its ledger. */
static bool bring_up(struct screen_ledger *x, const struct trace_ledger *at, struct err *err)
{
    char what[80];
    struct progress p;
    bool more = true, ok = true;
    uint64_t all = at->coins ? ledger_counts(at->coins).transactions
                             : account_ledger_counts(at->accounts).transactions;

    snprintf(what, sizeof(what), "exposure of %s", trace_ledger_chain(at)->name);
    p = progress_start(what, false);
    while (ok && more) {
        ok = screen_ledger_add(x, at, STEP_TXS, &more, err);
        progress_show(&p, screen_ledger_counts(x).txs, all);
    }
    progress_end(&p);
    return ok || err_in(err, "exposure of %s", trace_ledger_chain(at)->name);
}

/* Clusters that are not there, or of other blocks, are none: the answer says so. */
static bool entities_open(struct screen_ledger_at *to, struct err *err)
{
    struct screen_entities *e = NULL;
    struct screen_wallets *w = NULL;

    if (to->ledger.accounts && !screen_wallets_make(to->ledger.accounts, to->exposure, &w, err))
        return false;
    to->wallets = w;
    if (to->ledger.coins && !screen_entities_make(to->ledger.coins, to->exposure, &e, err) &&
        err->class != ERR_NOT_FOUND && err->class != ERR_INPUT)
        return false;
    to->entities = e;
    return true;
}

/* From where it was kept, and kept again if it has come further. Who may not write goes without. */
static bool pass_open(struct exposures *x, struct screen_ledger_at *to, const char *home,
                      struct err *err)
{
    struct err why, cannot;
    uint64_t before;
    int lock = -1;
    bool ok, may = screen_keep_lock(home, to->chain, &lock, &cannot);

    ok = screen_ledger_open(x->labels, &to->ledger, home, &to->exposure, &why, err);
    if (ok && why.class != ERR_NONE)
        fprintf(stderr, "cordon: exposure of %s is worked out anew: %s\n", to->chain->name,
                why.text);
    before = ok ? screen_ledger_counts(to->exposure).blocks : 0;
    ok = ok && bring_up(to->exposure, &to->ledger, err);
    if (ok && screen_ledger_counts(to->exposure).blocks != before) {
        may = may && screen_ledger_keep(to->exposure, home, &cannot);
        if (!may)
            fprintf(stderr, "cordon: exposure of %s is not kept: %s\n", to->chain->name,
                    cannot.text);
    }
    if (lock >= 0)
        close(lock);
    return ok && entities_open(to, err);
}

static bool one_add(struct exposures *x, const char *home, const char *place, uint32_t spaces,
                    const char *wanted, struct err *err)
{
    struct screen_ledger_at *to = &x->ledgers.at[x->ledgers.n];
    struct trace_ledger at;

    if (!ledger_any_open(place, &at, err))
        return false;
    if (!is_asked(trace_ledger_chain(&at), spaces, wanted)) {
        ledger_any_close(&at);
        return true;
    }
    if (x->ledgers.n == SCREEN_LEDGERS_MAX) {
        ledger_any_close(&at);
        return err_fail(err, ERR_LIMIT, "more than %d ledgers", SCREEN_LEDGERS_MAX);
    }
    *to = (struct screen_ledger_at){
        .chain = trace_ledger_chain(&at), .state = SCREEN_READY, .ledger = at};
    x->ledgers.n++;
    return pass_open(x, to, home, err);
}

bool exposures_open(struct call *c, const struct screener *s, uint32_t spaces, const char *chain,
                    struct exposures *ret, struct err *err)
{
    const char *const *places, *home, *tags, *cases;
    size_t n;

    ret->ledgers.n = 0;
    ret->ledgers.labels = NULL;
    ret->ledgers.cases = NULL;
    ret->labels = NULL;
    if (!home_path(c, "", &home, err) || !home_path(c, TAG_SET_FILE, &tags, err) ||
        !home_path(c, CASES_FOLDER, &cases, err) ||
        !ledger_places(c->arena, home, &places, &n, err))
        return false;
    if (!screen_labels_make(s, tags, cases, &ret->labels, err))
        return false;
    ret->ledgers.labels = ret->labels;
    if (!group_cases_open(c->arena, home, places, n, &ret->ledgers.cases, err))
        return err_in(err, "cases of the group");
    for (size_t i = 0; i < n; i++)
        if (!one_add(ret, home, places[i], spaces, chain, err))
            return false;
    return true;
}

void exposures_many(struct exposures *x)
{
    for (size_t i = 0; i < x->ledgers.n; i++)
        screen_ledger_seek(x->ledgers.at[i].exposure, &x->ledgers.at[i].ledger);
}

void exposures_close(struct exposures *x)
{
    for (size_t i = 0; i < x->ledgers.n; i++) {
        screen_entities_free((struct screen_entities *)x->ledgers.at[i].entities);
        screen_wallets_free((struct screen_wallets *)x->ledgers.at[i].wallets);
        screen_ledger_free(x->ledgers.at[i].exposure);
        ledger_any_close(&x->ledgers.at[i].ledger);
    }
    x->ledgers.n = 0;
    x->labels = screen_labels_free(x->labels);
    x->ledgers.cases = screen_cases_free(x->ledgers.cases);
}
