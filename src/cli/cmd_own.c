/* cordon own: which addresses this member says are its own. */
#include "cli/cli.h"

#include "base/folder.h"
#include "base/json.h"
#include "base/replace.h"
#include "chain/account_name.h"
#include "watch/own.h"

#include <ctype.h>
#include <string.h>

#define NAME_LETTERS_MAX 64

static bool is_name(const char *s, size_t n)
{
    bool ok = n && n <= NAME_LETTERS_MAX && s[0] != '.' && s[0] != '-';

    for (size_t i = 0; ok && i < n; i++)
        ok = isalnum((unsigned char)s[i]) || strchr("-_.", s[i]);
    return ok;
}

/* "lists/hot-wallets.csv" -> "hot-wallets.txt" */
static bool file_name(struct call *c, const char *from, const char **ret, struct err *err)
{
    const char *slash = strrchr(from, '/'), *as = call_option(c, "as"), *dot;
    char *name;
    size_t n;

    if (!as)
        as = slash ? slash + 1 : from;
    dot = strrchr(as, '.');
    n = dot ? (size_t)(dot - as) : strlen(as);
    if (!is_name(as, n))
        return err_fail(err, ERR_USAGE, "a name of letters and digits is wanted: --as NAME");
    name = arena_alloc(c->arena, n + sizeof(OWN_SUFFIX));
    if (!name)
        return err_fail(err, ERR_NOMEM, "own");
    memcpy(name, as, n);
    memcpy(name + n, OWN_SUFFIX, sizeof(OWN_SUFFIX));
    *ret = name;
    return true;
}

static bool place(struct call *c, const char *name, const char **ret, struct err *err)
{
    const char *home, *folder;
    struct text path = text_new(PATH_MAX);
    bool ok = home_of_call(c, &home, err) && home_file(c, home, OWN_FOLDER, &folder, err) &&
              folder_make(folder, 0700, err);

    if (ok) {
        text_printf(&path, "%s/%s", folder, name);
        ok = text_end(&path, err);
    }
    if (ok)
        *ret = arena_string(c->arena, path.p, path.n);
    text_free(&path);
    return ok && (*ret || err_fail(err, ERR_NOMEM, "own"));
}

/* The file is read as a node will read it, and then kept whole. */
static bool import(struct call *c, struct err *err)
{
    const char *from = call_arg(c, 1), *name, *path;
    struct bytes in;
    struct own *o;
    struct replace r;

    if (!file_name(c, from, &name, err) ||
        !file_read(c->arena, from, OWN_FILE_BYTES_MAX, &in, err) || !own_read(name, in, &o, err))
        return false;
    text_printf(c->out, "%s: %zu lines, %zu of them descriptors\n", name, own_file(o, 0).lines_n,
                own_file(o, 0).descriptors_n);
    own_free(o);
    return place(c, name, &path, err) && replace_begin(&r, path, err) &&
           replace_end(&r, replace_put(&r, in.p, in.n, err), err);
}

static bool open_own(struct call *c, struct own **ret, struct err *err)
{
    const char *home;

    return home_of_call(c, &home, err) && own_open(home, ret, err);
}

static void list_json(struct text *to, const struct own *o)
{
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.own/1");
    json_key(&j, "files");
    json_array(&j);
    for (size_t i = 0; i < own_files(o); i++) {
        struct own_file f = own_file(o, i);

        json_object(&j);
        json_put_string(&j, "name", f.name);
        json_put_number(&j, "lines", f.lines_n);
        json_put_number(&j, "descriptors", f.descriptors_n);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
}

static bool list(struct call *c, struct err *err)
{
    struct own *o;

    if (!open_own(c, &o, err))
        return false;
    if (call_json(c))
        list_json(c->out, o);
    for (size_t i = 0; !call_json(c) && i < own_files(o); i++) {
        struct own_file f = own_file(o, i);

        text_printf(c->out, "%-32s %9zu lines %6zu descriptors\n", f.name, f.lines_n,
                    f.descriptors_n);
    }
    own_free(o);
    return true;
}

/* The address on one chain: false if it is none of that chain's, or not own. */
static bool is_own(const struct own *o, const struct chain *chain, const char *address,
                   struct own_hit *ret, bool *ret_read, struct err *err)
{
    uint8_t key[ACCOUNT_KEY_MAX > SCRIPT_FORM_MAX ? ACCOUNT_KEY_MAX : SCRIPT_FORM_MAX];
    struct own_set *s;
    struct err no;
    size_t n;

    *ret_read = false;
    if (!(chain_has_accounts(chain) ? account_read(chain, address, key, &n, &no)
                                    : address_read(chain, address, key, &n, &no)))
        return true;
    if (!own_set_make(o, chain, &s, err))
        return false;
    *ret_read = own_set_find(s, (struct bytes){key, n}, ret);
    own_set_free(s);
    return true;
}

static void hit_show(struct text *to, const struct chain *chain, const char *address,
                     const struct own_hit *hit)
{
    text_printf(to, "%s on %s is own: %s", address, chain->name, own_role_name(hit->role));
    if (hit->account[0])
        text_printf(to, ", account %s", hit->account);
    if (hit->derived)
        text_printf(to, ", key %u", hit->index);
    text_char(to, '\n');
}

/* Without a ledger: of a descriptor only the first keys, up to its gap. */
static bool check(struct call *c, struct err *err)
{
    const char *address = call_arg(c, 1);
    const struct chain *const *coins;
    const struct chain *accounts;
    size_t coins_n, accounts_n, found = 0;
    struct own *o;
    bool ok = true;

    if (!open_own(c, &o, err))
        return false;
    coins = chain_all(&coins_n);
    accounts = chain_all_accounts(&accounts_n);
    for (size_t i = 0; ok && i < coins_n + accounts_n; i++) {
        const struct chain *chain = i < coins_n ? coins[i] : &accounts[i - coins_n];
        struct own_hit hit;
        bool is;

        ok = is_own(o, chain, address, &hit, &is, err);
        if (!ok || !is)
            continue;
        hit_show(c->out, chain, address, &hit);
        found++;
    }
    own_free(o);
    return ok && (found ||
                  err_fail(err, ERR_DIFFERS, "\"%.100s\" is not among the own addresses", address));
}

static const struct word words[] = {
    {"import", "FILE", "as", import, "a file of own addresses, for the one of its name before"},
    {"list", NULL, NULL, list, "the files, and what is in them"},
    {"check", "ADDRESS", NULL, check, "is it own, and whose"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"as", "NAME", "the name to keep it by (default: the file's)", false},
    {"home", "DIR", "the node's folder (default: $CORDON_HOME)", false},
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon own import deposits.txt", "a file of own addresses, in the place of the one before"},
    {"cordon own check bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "is it ours, and whose"},
    {NULL, NULL},
};

const struct command cmd_own = {
    .name = "own",
    .words = words,
    .options = options,
    .summary = "say which addresses are this member's own; they never leave its node",
    .about =
        "A line of a file: ADDRESS[:*]|DESCRIPTOR|XPUB [ACCOUNT] [chain=NAME] [gap=N] "
        "[role=deposit|hot|cold]\n"
        "ADDRESS:* is every tag of an account of the XRP Ledger, a customer each, with ACCOUNT and "
        "the tag\n"
        "as its reference. ACCOUNT is an opaque reference. Descriptors: pkh, wpkh, sh(wpkh) and tr "
        "of one\n"
        "key. A file of the same name takes the place of the one before; a running node reads it "
        "anew\n"
        "(docs/watch.md).\n"
        "\n"
        "check knows no ledger: of a descriptor it looks at the first keys, up to its gap.\n"
        "\n"
        "Exit 1: the address is not own. JSON: docs/schemas/own.json.",
    .examples = examples,
};
