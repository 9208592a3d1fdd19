/* cordon key: the API keys of this machine's node. */
#include "cli/cli.h"

#include "base/json.h"
#include "serve/clock.h"
#include "serve/config.h"
#include "serve/http.h"
#include "serve/keys.h"

#include <errno.h>
#include <sys/stat.h>

static bool keys_open(struct call *c, enum store_mode mode, struct store **ret, struct err *err)
{
    static const struct store_schema *const schemas[] = {&keys_schema};
    const char *home, *path;

    if (!home_of_call(c, &home, err) || !home_file(c, home, NODE_STORE, &path, err))
        return false;
    if (mode == STORE_WRITE && mkdir(home, 0700) && errno != EEXIST)
        return err_system(err, "\"%s\"", home);
    return store_open(path, mode, schemas, 1, ret, err);
}

static bool add(struct call *c, struct store *s, struct err *err)
{
    const char *scopes = call_option(c, "scope");
    char shown[KEY_TEXT_MAX];
    unsigned bits;

    if (!scopes)
        return err_fail(err, ERR_USAGE,
                        "--scope is wanted (screen, read, admin, group, bank, core, leads, act)");
    if (!scopes_from_text(scopes, &bits, err) ||
        !key_add(s, call_arg(c, 1), bits, clock_seconds(), shown, err))
        return false;
    text_printf(c->out, "%s\n", shown);
    return true;
}

static void scopes_text(struct text *to, unsigned scopes)
{
    bool any = false;

    for (unsigned bit = 1; scope_name(bit); bit <<= 1)
        if (scopes & bit) {
            text_printf(to, "%s%s", any ? "," : "", scope_name(bit));
            any = true;
        }
}

static void list_text(struct text *to, const struct keys *k)
{
    for (size_t i = 0; i < k->n; i++) {
        const struct key_row *row = &k->rows[i];

        text_printf(to, "%s  ", row->id);
        show_time(to, (uint32_t)row->made);
        text_printf(to, "  %-9s", row->revoked ? "revoked" : "");
        text_printf(to, "%s  ", row->name);
        scopes_text(to, row->scopes);
        text_char(to, '\n');
    }
}

static void list_json(struct text *to, const struct keys *k)
{
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.keys/1");
    json_key(&j, "keys");
    json_array(&j);
    for (size_t i = 0; i < k->n; i++) {
        json_object(&j);
        json_put_string(&j, "id", k->rows[i].id);
        json_put_string(&j, "name", k->rows[i].name);
        json_key(&j, "scopes");
        json_array(&j);
        for (unsigned bit = 1; scope_name(bit); bit <<= 1)
            if (k->rows[i].scopes & bit)
                json_string(&j, scope_name(bit));
        json_array_end(&j);
        json_put_number(&j, "made", k->rows[i].made);
        json_put_number_or_null(&j, "revoked", k->rows[i].revoked, 0);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
}

static bool list(struct call *c, struct store *s, struct err *err)
{
    struct keys k;

    if (!keys_read(c->arena, s, &k, err))
        return false;
    if (call_json(c))
        list_json(c->out, &k);
    else
        list_text(c->out, &k);
    return true;
}

static bool revoke(struct call *c, struct store *s, struct err *err)
{
    return key_revoke(s, call_arg(c, 1), clock_seconds(), err);
}

static bool with_keys(struct call *c, enum store_mode mode,
                      bool (*run)(struct call *, struct store *, struct err *), struct err *err)
{
    struct store *s;
    bool ok;

    if (!keys_open(c, mode, &s, err))
        return false;
    ok = run(c, s, err);
    store_close(s);
    return ok;
}

static bool add_run(struct call *c, struct err *err)
{
    return with_keys(c, STORE_WRITE, add, err);
}

static bool list_run(struct call *c, struct err *err)
{
    return with_keys(c, STORE_READ, list, err);
}

static bool revoke_run(struct call *c, struct err *err)
{
    return with_keys(c, STORE_WRITE, revoke, err);
}

static const struct word words[] = {
    {"add", "NAME", "scope", add_run, "make a key, and print it this one time"},
    {"list", NULL, NULL, list_run, "the keys, without themselves"},
    {"revoke", "NAME", NULL, revoke_run, "a running node refuses it within a second"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"scope", "SCOPE,...", "what it may do: screen, read, admin, group, bank, core, leads, act",
     false},
    {"home", "DIR", "the node's folder (default: $CORDON_HOME)", false},
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon key add exchange --scope screen,read", "make a key, and print it this one time"},
    {"cordon key revoke exchange", "a running node refuses it within a second"},
    {NULL, NULL},
};

const struct command cmd_key = {
    .name = "key",
    .words = words,
    .options = options,
    .summary = "make, list and revoke API keys of the node",
    .about =
        "A key is printed once, when it is made; the node keeps a hash of it, its name and its "
        "scopes.\n"
        "Who asks the node shows it as \"Authorization: Bearer KEY\" or \"X-API-Key: KEY\". A "
        "name\n"
        "stands for one key for ever, so that an audit line names who asked; a revoked name is "
        "not\n"
        "given again. JSON: docs/schemas/keys.json.",
    .examples = examples,
};
