/* Where things are kept: ledgers at --ledger DIR, else a folder a chain in cordon's home; all other
 * records in one file of the home. */
#include "cli/cli.h"

#include "base/folder.h"
#include "chain/chain.h"

#include <limits.h>
#include <stdlib.h>

/* The first that is set: $CORDON_HOME, $XDG_DATA_HOME/cordon, ~/.local/share/cordon (XDG Base
 * Directory Specification: "All paths set in these environment variables must be absolute"). */
static bool home_folder(struct text *to, struct err *err)
{
    const char *own = getenv("CORDON_HOME"), *data = getenv("XDG_DATA_HOME"),
               *user = getenv("HOME");

    if (own && *own)
        text_str(to, own);
    else if (data && *data == '/')
        text_printf(to, "%s/cordon", data);
    else if (user && *user)
        text_printf(to, "%s/.local/share/cordon", user);
    else
        return err_fail(err, ERR_USAGE, "where is cordon's home? set CORDON_HOME");
    return true;
}

bool home_path(struct call *c, const char *name, const char **ret, struct err *err)
{
    struct text place = text_new(PATH_MAX);
    bool ok = home_folder(&place, err);

    if (ok) {
        text_printf(&place, "/%s", name);
        *ret = text_string(&place) ? arena_string(c->arena, place.p, place.n) : NULL;
        ok = *ret || err_fail(err, ERR_SYSTEM, "cordon's home has too long a name");
    }
    text_free(&place);
    return ok;
}

bool records_open(struct call *c, enum store_mode mode, const struct store_schema *const *schemas,
                  size_t schemas_n, struct store **ret, struct err *err)
{
    const char *folder, *file;

    if (!home_path(c, "", &folder, err) || !home_path(c, RECORDS_FILE, &file, err))
        return false;
    if (mode == STORE_WRITE && !folder_make(folder, 0700, err)) /* what is known is private */
        return err_in(err, "\"%s\"", folder);
    return store_open(file, mode, schemas, schemas_n, ret, err);
}

bool chain_from_name(const char *name, const struct chain **ret, struct err *err)
{
    struct text known = text_new(ERR_TEXT_MAX);
    size_t n;
    const struct chain *const *chains = chain_all(&n);
    const struct chain *accounts;

    *ret = chain_by_name(name);
    if (*ret)
        return true;
    for (size_t i = 0; i < n; i++)
        text_printf(&known, "%s%s", i ? ", " : "", chains[i]->name);
    accounts = chain_all_accounts(&n);
    for (size_t i = 0; i < n; i++)
        text_printf(&known, ", %s", accounts[i].name);
    text_str(&known, ", bank:NAME");
    err_fail(err, ERR_USAGE, "unknown chain \"%s\" (known: %s)", name,
             text_string(&known) ? known.p : "none");
    text_free(&known);
    return false;
}

bool home_of_call(struct call *c, const char **ret, struct err *err)
{
    struct text place = text_new(PATH_MAX);
    const char *given = call_option(c, "home");
    bool ok = given || home_folder(&place, err);

    *ret = given;
    if (!given && ok) {
        *ret = text_string(&place) ? arena_string(c->arena, place.p, place.n) : NULL;
        ok = *ret || err_fail(err, ERR_SYSTEM, "cordon's home has too long a name");
    }
    text_free(&place);
    return ok;
}

bool home_file(struct call *c, const char *home, const char *name, const char **ret,
               struct err *err)
{
    struct text path = text_new(PATH_MAX);

    text_printf(&path, "%s/%s", home, name);
    *ret = text_string(&path) ? arena_string(c->arena, path.p, path.n) : NULL;
    text_free(&path);
    return *ret || err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
}

bool ledger_place(struct call *c, const char *chain, const char **ret, struct err *err)
{
    struct text place = text_new(PATH_MAX);
    const char *given = call_option(c, "ledger");
    bool ok = given || home_folder(&place, err);

    *ret = given;
    if (!given && ok) {
        text_printf(&place, "/%s", chain);
        *ret = text_string(&place) ? arena_string(c->arena, place.p, place.n) : NULL;
        ok = *ret || err_fail(err, ERR_SYSTEM, "the ledger's place has too long a name");
    }
    text_free(&place);
    return ok;
}

/* The chain that is meant, if it is the ledger's; else what is wrong. */
static bool chain_fits(struct call *c, const struct chain *has, const char *place, struct err *err)
{
    const char *wanted = call_option(c, "chain");

    return !wanted || chain_by_name(wanted) == has ||
           err_fail(err, ERR_USAGE, "\"%s\" is a ledger of %s, not of %s", place, has->name,
                    wanted);
}

static bool place_of_call(struct call *c, const char *chain, const char **ret, struct err *err)
{
    const char *wanted = call_option(c, "chain");
    const struct chain *known;

    return chain_from_name(wanted ? wanted : chain, &known, err) &&
           ledger_place(c, known->name, ret, err);
}

bool any_ledger_of_call(struct call *c, const char *chain, struct err *err)
{
    const char *place;

    if (!place_of_call(c, chain, &place, err))
        return false;
    if (account_ledger_open(place, &c->accounts, err)) {
        if (chain_fits(c, account_ledger_chain(c->accounts), place, err))
            return true;
    } else if (err->class == ERR_INPUT) { /* it is of coins */
        if (!ledger_open(place, &c->ledger, err))
            return false;
        if (chain_fits(c, ledger_chain(c->ledger), place, err))
            return true;
    }
    ledgers_close(c);
    return false;
}

void ledgers_close(struct call *c)
{
    c->ledger = ledger_close(c->ledger);
    c->accounts = account_ledger_close(c->accounts);
}
