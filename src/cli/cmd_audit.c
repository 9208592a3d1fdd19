/* cordon audit: is the audit log as the node wrote it, and the group's log as its members did? */
#include "cli/group_check.h"

#include "base/json.h"
#include "serve/audit.h"
#include "serve/config.h"

#include <unistd.h>

static void told_text(struct text *to, const struct audit_chain *chain)
{
    if (chain->before)
        text_printf(to, "lines up to %llu are in files that are not here\n",
                    (unsigned long long)chain->before);
    text_printf(to, "%llu lines are as they were written; the last has the hash\n",
                (unsigned long long)(chain->lines - chain->before));
    text_hex(to, chain->last.b, sizeof(chain->last.b));
    text_char(to, '\n');
}

static void told_json(struct text *to, const struct audit_chain *chain)
{
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.audit-verify/1");
    json_put_number(&j, "lines", chain->lines - chain->before);
    json_put_number(&j, "before", chain->before);
    json_put_hex(&j, "last", chain->last.b, sizeof(chain->last.b));
    json_object_end(&j);
    text_char(to, '\n');
}

/* The hash that somebody has kept of an earlier time must still stand in the log. */
static bool last_fits(struct call *c, const struct audit_chain *chain, struct err *err)
{
    const char *kept = call_option(c, "last");
    struct hash32 wanted;

    if (!kept)
        return true;
    if (!hex_decode(kept, strlen(kept), wanted.b, sizeof(wanted.b)) || strlen(kept) != 64)
        return err_fail(err, ERR_USAGE, "--last \"%s\": a hash of 64 digits is wanted", kept);
    return hash32_equal(&wanted, &chain->last) ||
           err_fail(err, ERR_DIFFERS, "the last line has not the hash %s", kept);
}

/* Those that are named, in that order; one alone, or none, with those that it follows. */
static bool files_of_call(struct call *c, const char *const **ret, size_t *ret_n, struct err *err)
{
    const char *path = call_arg(c, 1), *home;
    const char **files;

    if (!path && (!home_of_call(c, &home, err) || !home_file(c, home, NODE_AUDIT, &path, err)))
        return false;
    *ret_n = call_args_n(c) - 1;
    if (*ret_n < 2)
        return audit_files(c->arena, path, ret, ret_n, err);
    files = ARENA_ARRAY(c->arena, const char *, *ret_n);
    if (!files)
        return err_fail(err, ERR_NOMEM, "files");
    for (size_t i = 0; i < *ret_n; i++)
        files[i] = call_arg(c, i + 1);
    *ret = files;
    return true;
}

static bool chain_run(struct call *c, struct err *err)
{
    struct audit_chain chain = {.lines = 0};
    const char *const *files;
    size_t n;

    if (!files_of_call(c, &files, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!audit_check_next(files[i], &chain, err))
            return false;
    if (!last_fits(c, &chain, err))
        return false;
    if (call_json(c))
        told_json(c->out, &chain);
    else
        told_text(c->out, &chain);
    return true;
}

static bool group_run(struct call *c, struct err *err)
{
    struct group_log_checked checked;
    struct hash32 group;

    if (!group_check_home(c, &checked, &group, err))
        return err_in(err, "the group's log");
    if (call_json(c))
        group_check_json(c->out, &checked, &group);
    else
        group_check_text(c->out, &checked);
    return true;
}

static bool is_there(struct call *c, const char *name, bool *ret, struct err *err)
{
    const char *home, *path;

    if (!home_of_call(c, &home, err) || !home_file(c, home, name, &path, err))
        return false;
    *ret = !access(path, F_OK);
    return true;
}

/* Of a home, the two logs that it may have. */
static bool verify(struct call *c, struct err *err)
{
    bool group = false, audit = true;

    if (call_args_n(c) == 1 &&
        (!is_there(c, LOG_FILE, &group, err) || !is_there(c, NODE_AUDIT, &audit, err)))
        return false;
    return ((group && !audit) || chain_run(c, err)) && (!group || group_run(c, err));
}

static const struct word words[] = {
    {"verify", "[FILE...]", NULL, verify, "the node's logs of this machine, or such files"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"last", "HASH", "the hash that the last line must have", false},
    {"home", "DIR", "the node's folder (default: $CORDON_HOME)", false},
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon audit verify", "check both logs of the node on this machine"},
    {NULL, NULL},
};

const struct command cmd_audit = {
    .name = "audit",
    .words = words,
    .options = options,
    .summary = "check that no line of a node's logs was altered, removed or moved",
    .about =
        "Each line is bound to the one before it (docs/operations.md). The first that is not as "
        "it was\n"
        "written is named, with exit 1. A log in several files is checked as one: those that the "
        "file\n"
        "given follows, or several in the order given. Lines removed at the end leave no trace in "
        "the file:\n"
        "who keeps the last hash elsewhere gives it with --last. Without a FILE the group's log "
        "of the\n"
        "home is checked, too, as cordon log verify does. JSON: docs/schemas/audit-verify.json, "
        "and a\n"
        "second document, log-verify.json.",
    .examples = examples,
};
